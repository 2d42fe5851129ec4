"""Steps that are done once for each item of a list: learnt from recordings in turns, and played as steps of their own.

Every turn becomes nodes with numbers and slots of its own (`{item}` of the second turn is `{item__2}`) as soon as the
items are known. So what holds for any node holds for each turn: what is sent is sent once, what was done is gone on
with, and the expected change names every item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ostinato.errors import MatchError
from ostinato.judge.change import Expectation
from ostinato.judge.check import CheckedIs
from ostinato.replay.experience import Every, Experience, Loop, Node, Slot
from ostinato.replay.goals import goals_of
from ostinato.trace.listing import MOST_ITEMS, bare, items_of, joined
from ostinato.trace.pick import goes_on
from ostinato.trace.reading import readings
from ostinato.trace.record import Step
from ostinato.trace.screen import Element, Record, Screen
from ostinato.trace.values import Kind, fill, normal, slots_in

R = TypeVar("R", bound=Record)


def is_joint(row: Expectation, names: set[str]) -> bool:
    """Whether all turns are about one row, which gains or loses every item."""
    told = {slot for text in (*row.cells.values(), *row.was.values()) for slot in slots_in(text)}
    return row.operation == "changed" and bool(names & {*row.slots}) and not names & told


def turns(loop: Loop, text: str) -> list[dict[str, str]] | None:
    """The values of each turn, of a list as a task says it; None where an item is not written as in the recordings."""
    items = items_of(text)
    kinds: dict[str, Kind] = {slot.name: slot.kind for slot in loop.slots}
    found: list[dict[str, str]] = []
    for item in items or ():
        read = readings(item if loop.phrase.count("{") > 1 else bare(item), [loop.phrase], kinds)
        if len(read) != 1:
            return None
        found.append(read[0])
    return found or None


def rows_called(every: Every, screen: Screen) -> list[str] | str:
    """What the rows are called that a loop is done for, in the order of the screen; why that is not known, in words."""
    rows: list[tuple[Element, Element]] = []
    for row in screen.of_roles(frozenset({every.row})):
        touched = screen.at_path(row.path + every.target)
        if touched is not None and touched.role == every.role:
            rows.append((row, touched))
    if len({row.path.rpartition("/")[0] for row, _ in rows}) > 1:
        return "there is more than one list of such rows"
    if goes_on(screen):
        return "the list goes on where the screen does not show it"
    called = [e.name if (e := screen.at_path(row.path + every.name)) is not None else "" for row, _ in rows]
    if not all(called) or len({normal(name) for name in called}) < len(called):
        return "not every row has a name of its own"
    meant = [n for n, (_, e) in zip(called, rows, strict=True) if every.checked is None or e.checked == every.checked]
    if not meant:
        return f"there is no {every.words().removeprefix('every ')} on the screen"
    return meant if len(meant) <= MOST_ITEMS else f"there are {len(meant)} of them; at most {MOST_ITEMS} are done"


def begun(experience: Experience, steps: Sequence[Step]) -> Screen | None:
    """The screen on which a run of an experience began its loop."""
    for loop in experience.loops:
        for step in steps:
            ref = step.experience
            if ref is not None and ref.id == experience.id and ref.node >= loop.first and not step.decision.aside:
                return step.before
    return None


def in_full(
    experience: Experience, values: dict[str, str], screen: Screen | None = None
) -> tuple[Experience, dict[str, str]]:
    """An experience with the turns of its loop as nodes of their own, and the values with those of each turn; as it is
    where it has no loop, or was made so before, and where it is done for every row, as long as there is no `screen` on
    which the loop begins. Raises MatchError for a list that cannot be read."""
    if not experience.loops or (experience.loops[0].every is not None and screen is None):
        return experience, values
    loop = experience.loops[0]
    each: list[dict[str, str]] | None
    if loop.every is not None and screen is not None:
        called = rows_called(loop.every, screen)
        if isinstance(called, str):
            raise MatchError(called)
        each = [{loop.slots[0].name: name} for name in called]
    else:
        each = turns(loop, values[loop.slot])
        if each is None:
            raise MatchError(f"“{values[loop.slot]}” is no list of things like {loop.phrase}")
        values = {**values, loop.slot: joined(items_of(values[loop.slot]) or ())}
    names = [slot.name for slot in loop.slots]
    numbers = range(1, len(each) + 1)
    body = experience.nodes[loop.first : loop.last + 1]
    nodes = [_around(node, names, numbers) for node in experience.nodes[: loop.first]]
    for number in numbers:
        turn = body if number < len(each) or not loop.tail else body[: -loop.tail]
        for node in turn:
            between = node.index > loop.last - loop.tail
            node = node.model_copy(update={"turn": number, "optional": node.optional and not between})
            if node.branch is not None:  # each turn goes its own way
                own_group = node.branch.model_copy(update={"group": len(experience.nodes) * number + node.branch.group})
                node = node.model_copy(update={"branch": own_group})
            nodes.append(_of_turn(node, names, number))
    nodes += [_around(node, names, numbers) for node in experience.nodes[loop.last + 1 :]]
    numbered = tuple(node.model_copy(update={"index": index}) for index, node in enumerate(nodes))
    slots = [_renamed(slot, number) for number in numbers for slot in loop.slots]
    full = experience.model_copy(
        update={
            "nodes": numbered,
            "slots": (*experience.slots, *slots),
            "loops": (),
            "goals": goals_of(numbered),
            "success": _of_turns(experience.success, names, numbers),
            "data": _expected(experience.data, names, numbers),
        }
    )
    own = {_own(name, number): turn[name] for number, turn in enumerate(each, start=1) for name in names}
    return full, {**values, **own}


def _around(node: Node, names: Sequence[str], numbers: range) -> Node:
    """A node before or after the turns: what it asks of one it asks of each."""
    return node.model_copy(
        update={phase: _of_turns(getattr(node, phase), names, numbers) for phase in ("pre", "commit", "post")}
    )


def of_turn(rows: Sequence[Expectation], number: int) -> tuple[Expectation, ...]:
    """The expected rows that are about one turn alone."""
    own = [{int(turn) for slot in row.slots if (turn := slot.rpartition("__")[2]).isdecimal()} for row in rows]
    return tuple(row for row, turns in zip(rows, own, strict=True) if turns == {number})


def _own(name: str, number: int) -> str:
    return f"{name}__{number}"


def _renamed(slot: Slot, number: int) -> Slot:
    return slot.model_copy(update={"name": _own(slot.name, number)})


def _of_turn(record: R, names: Sequence[str], number: int) -> R:
    """A record whose patterns name the slots of one turn."""
    body = record.model_dump_json()
    for name in names:
        body = body.replace("{" + name + "}", "{" + _own(name, number) + "}")
    return type(record).model_validate_json(body)


def _of_turns(records: Sequence[R], names: Sequence[str], numbers: range) -> tuple[R, ...]:
    """Each record that names a slot of the turns once for each of them; the others as they are."""
    found: list[R] = []
    for record in records:
        if isinstance(record, CheckedIs) and record.unless:  # of all that are chosen none is asked
            every = [_pattern(text, names, number) for text in record.unless for number in numbers]
            record = record.model_copy(update={"unless": tuple(dict.fromkeys(every))})
        body = record.model_dump_json()
        if any("{" + name + "}" in body for name in names):
            found += [_of_turn(record, names, number) for number in numbers]
        else:
            found.append(record)
    return tuple(found)


def _expected(
    rows: Sequence[Expectation] | None, names: Sequence[str], numbers: range
) -> tuple[Expectation, ...] | None:
    if rows is None:
        return None
    found: list[Expectation] = []
    for row in rows:
        found += [_of_all(row, names, numbers)] if is_joint(row, {*names}) else _of_turns([row], names, numbers)
    return tuple(found)


def _of_all(row: Expectation, names: Sequence[str], numbers: range) -> Expectation:
    """One row that gains or loses the words of every item."""
    told = {
        part: {
            column: " ".join(_pattern(pattern, names, number) for number in numbers)
            if any(name in slots_in(pattern) for name in names)
            else pattern
            for column, pattern in getattr(row, part).items()
        }
        for part in ("gains", "loses")
    }
    return row.model_copy(update=told)


def _pattern(pattern: str, names: Sequence[str], number: int) -> str:
    return fill(pattern, {name: "{" + _own(name, number) + "}" for name in names})
