"""Find the values that differ from recording to recording and stand in the tasks' own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ostinato.errors import LearnError
from ostinato.trace.moments import as_clock, as_day, clocks_in, days_in
from ostinato.trace.values import (
    Kind,
    as_number,
    holds_value,
    kind_of,
    normal,
    number_places,
    numbers_in,
    same_value,
)

_MOST_WAYS = 500


@dataclass(frozen=True)
class Found:
    """A slot: its name, and its value as each task writes it."""

    name: str
    values: tuple[str, ...]


def values_of(slots: Sequence[Found], j: int) -> dict[str, str]:
    """The slots' values in task `j`, by name."""
    return {s.name: s.values[j] for s in slots}


def in_task(task: str, value: str) -> str | None:
    """The value as the task writes it (`42.50` for a typed `42.5`), or None when the task does not say it."""
    if not value.strip() or not holds_value(task, value):
        return None
    number = as_number(value)
    if number is not None:
        equal = [n for n in numbers_in(task) if as_number(n) == number]
        return value if value in equal else next(iter(equal), None)
    said = [task[at : at + len(value)] for at in places_of(task, value)] or _moments(task, value)
    return value if value in said else next(iter(said), value)


def _moments(task: str, value: str) -> list[str]:
    """Where a date or a time stands in a task in another writing: as written there."""
    day, clock = as_day(value), as_clock(value)
    written = [text for text, found in days_in(task) if found == day]
    return written or [text for text, found in clocks_in(task) if found == clock]


def ground(tasks: Sequence[str], values: Sequence[str]) -> tuple[str, ...] | None:
    """Each value as its task writes it; None when one of them is not said or when they do not differ."""
    if all(same_value(values[0], v) for v in values[1:]):
        return None
    said = [in_task(task, value) for task, value in zip(tasks, values, strict=True)]
    if any(s is None for s in said):
        return None
    return tuple(s for s in said if s is not None)


def differing(tasks: Sequence[str], slots: Sequence[Found]) -> list[tuple[str, ...]]:
    """What else differs between two tasks: the words at each place where they are not the same and no slot stands."""
    if len(tasks) != 2:
        return []
    masked = [mask(" ".join(task.split()), values_of(slots, j)).split() for j, task in enumerate(tasks)]
    found: list[tuple[str, ...]] = []
    for kind, a, b, c, d in SequenceMatcher(None, masked[0], masked[1], autojunk=False).get_opcodes():
        if kind == "replace":
            said = [" ".join(words[i:j]).strip(",.;:!?\"“”'") for words, i, j in ((masked[0], a, b), (masked[1], c, d))]
            if all(said) and not any("{" in part for part in said):
                found.append(tuple(said))
    return found


def unexplained(tasks: Sequence[str], slots: Sequence[Found]) -> tuple[str, str] | None:
    """What looks like a value (a name, a figure) and differs between two tasks though no slot stands for it; None where
    they differ in wording alone."""
    for j in range(1, len(tasks)):
        pair = [Found(slot.name, (slot.values[0], slot.values[j])) for slot in slots]
        for one, other in differing([tasks[0], tasks[j]], pair):
            if _is_value(one, tasks[0]) and _is_value(other, tasks[j]):
                return one, other
    return None


def _is_value(said: str, task: str) -> bool:
    """Whether words hold a figure, or a name that does not begin the task."""
    named = [word for word in said.split() if word[:1].isupper() and not task.lstrip("\"“'").startswith(word)]
    return bool(named) or any(letter.isdigit() for letter in said)


def generalise(texts: Sequence[str], slots: Sequence[Found]) -> str | None:
    """One pattern that all texts are instances of: equal texts as they are, else slot values replaced by `{slot}` (in a
    single text, which is equal to itself alone, and where the values are equal too, in turns of one recording). None
    when that does not make them equal."""
    if len(texts) > 1 and all(normal(t) == normal(texts[0]) for t in texts[1:]):
        slots = [slot for slot in slots if len(set(slot.values)) == 1]
        if not slots:
            return texts[0]
    for slot in slots:
        if all(same_value(t, v) for t, v in zip(texts, slot.values, strict=True)):
            return "{" + slot.name + "}"
    masked = [mask(text, {s.name: s.values[j] for s in slots}) for j, text in enumerate(texts)]
    return masked[0] if all(normal(m) == normal(masked[0]) for m in masked[1:]) else None


def mask(text: str, values: dict[str, str]) -> str:
    """Replace each slot's value in a text by `{slot}`, longest values first, each at its first whole-word place."""
    spans: list[tuple[int, int, str]] = []
    for name, value in sorted(values.items(), key=lambda item: -len(item[1])):
        for start in places_of(text, value):
            end = start + len(value)
            if all(end <= a or start >= b for a, b, _ in spans):
                spans.append((start, end, name))
                break
    return _replaced(text, spans)


def templates(tasks: Sequence[str], slots: Sequence[Found]) -> tuple[str, ...]:
    """The tasks with `{slot}` for each value, each wording once. A value that stands in a task more than once (`from
    the bread shop, bread`) is taken where most of the tasks agree.

    Raises LearnError when that does not settle it, or when a value could not be told apart from the words."""
    ways = [_ways(" ".join(task.split()), {s.name: s.values[j] for s in slots}) for j, task in enumerate(tasks)]
    found: list[str] = []
    for j, mine in enumerate(ways):
        others = [{normal(way) for way in theirs} for k, theirs in enumerate(ways) if k != j]
        agreeing = [sum(normal(way) in theirs for theirs in others) for way in mine]
        best = [way for way, number in zip(mine, agreeing, strict=True) if number == max(agreeing)]
        if len(tasks) == 1:  # no other tells which place is meant: a new task must say it at every one
            most = max(way.count("{") for way in best)
            best = [way for way in best if way.count("{") == most]
        lost = [slot.name for slot in slots if "{" + slot.name + "}" not in best[0]]
        if lost:
            raise LearnError(f"the value of “{lost[0]}” could not be told apart in the words of “{tasks[j]}”")
        if len(best) > 1:
            raise LearnError(
                f"in “{tasks[j]}” a value stands more than once, and it is not clear which of them may differ "
                f"({' or '.join(f'“{way}”' for way in best[:3])}); word the tasks alike, or with each value once"
            )
        found += best
    return tuple(dict.fromkeys(found))


def _ways(text: str, values: dict[str, str]) -> list[str]:
    """Every way to replace each value at one of its places, or at all of them, longest values first."""
    ways: list[tuple[tuple[int, int, str], ...]] = [()]
    for name, value in sorted(values.items(), key=lambda item: -len(item[1])):
        longer: list[tuple[tuple[int, int, str], ...]] = []
        for spans in ways:
            free = [
                (start, start + len(value), name)
                for start in places_of(text, value)
                if all(start + len(value) <= a or start >= b for a, b, _ in spans)
            ]
            picks = [(place,) for place in free] + ([tuple(free)] if len(free) != 1 else [])
            longer += [(*spans, *pick) for pick in picks]
        ways = longer[:_MOST_WAYS]
    return list(dict.fromkeys(_replaced(text, spans) for spans in ways))


def slot_name(label: str, taken: Sequence[str]) -> str:
    """A name for people and patterns from a field's label: `How much?` becomes `how_much`."""
    bare = "_".join(re.findall(r"[a-z0-9]+", normal(label)))[:30].strip("_") or "value"
    bare = bare if not bare[0].isdigit() else f"value_{bare}"
    name, number = bare, 2
    while name in taken or name == "today":
        name, number = f"{bare}_{number}", number + 1
    return name


def slot_kind(values: Sequence[str]) -> Kind:
    kinds = {kind_of(v) for v in values}
    return kinds.pop() if len(kinds) == 1 else "text"


def _replaced(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    for start, end, name in sorted(spans, reverse=True):
        text = text[:start] + "{" + name + "}" + text[end:]
    return text


def places_of(text: str, value: str) -> list[int]:
    """Every whole-word place of a value in a text, ignoring case (of a number, where it stands as a whole number)."""
    if not value:
        return []
    if value in numbers_in(value):
        return number_places(text, value)
    left = r"(?<!\w)" if value[0].isalnum() else ""
    right = r"(?!\w)" if value[-1].isalnum() else ""
    return [m.start() for m in re.finditer(left + re.escape(value) + right, text, re.IGNORECASE)]
