"""Values with which an experience is tried: those of its recordings, and values that no recording had together."""

from __future__ import annotations

from decimal import Decimal

from ostinato.replay.experience import Experience
from ostinato.trace.locator import Locator
from ostinato.trace.values import as_number, fill, slots_in


def trials(experience: Experience, times: int) -> list[dict[str, str]]:
    """`times` sets of values: first as recorded, then mixed, and so on by turns, each set once as long as there are
    others.

    Only what is just typed, and named by no place on a screen, is mixed: of a row that is to be deleted, name and
    amount belong together. Where one recording is all there is, a number that is just typed becomes another one. Empty
    where a slot has no example."""
    examples = {slot.name: slot.examples for slot in experience.slots}
    if not all(examples.values()):
        return []
    recorded = [
        {name: values[number] for name, values in examples.items()}
        for number in range(min((len(values) for values in examples.values()), default=1))
    ]
    loose = sorted(_loose(experience))
    others = [_mixed(experience, recorded, number, loose) for number in range(len(recorded))]
    turns = [values for pair in zip(recorded, others, strict=True) for values in pair]
    every = [values for n, values in enumerate(turns) if values not in turns[:n]]
    return [every[number % len(every)] for number in range(times)]


def _mixed(experience: Experience, recorded: list[dict[str, str]], number: int, loose: list[str]) -> dict[str, str]:
    values = dict(recorded[number])
    for place, name in enumerate(loose):
        other = recorded[(number + 1 + place % max(len(recorded) - 1, 1)) % len(recorded)][name]
        if len(recorded) == 1 and as_number(other) is not None:
            other = _another(other)
        values[name] = other
    return values


def _another(number: str) -> str:
    """Another number in the same writing: its first digit counts on, 9 to 1."""
    place = next((n for n, c in enumerate(number) if c in "123456789"), None)
    if place is None:
        return number
    digit = "1" if number[place] == "9" else str(int(number[place]) + 1)
    changed = number[:place] + digit + number[place + 1 :]
    return changed if as_number(changed) not in (None, as_number(number), Decimal(0)) else number


def _loose(experience: Experience) -> set[str]:
    """The slots that are typed somewhere, and neither chosen from a list nor in the words of a target."""
    typed: set[str] = set()
    bound: set[str] = set()
    for node in experience.nodes:
        names = set(slots_in(node.text or ""))
        (typed if node.kind == "type" else bound).update(names)
        for target in (node.target, node.destination):
            bound |= set(target.slots) if isinstance(target, Locator) else set()
    for row in experience.data or ():
        if row.operation != "added":  # what is there before a run says which row is meant
            before = {**row.was, **row.copies, **(row.cells if row.operation == "removed" else {})}
            bound |= {name for pattern in before.values() for name in slots_in(pattern)}
    return (typed & {slot.name for slot in experience.slots}) - bound


def words(experience: Experience, values: dict[str, str]) -> str:
    """The task of one trial."""
    return fill(experience.templates[0], values)
