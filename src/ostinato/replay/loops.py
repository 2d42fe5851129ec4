"""Steps that are done once for each item of a list: learnt from recordings in turns, and played as steps of their own.

Every turn becomes nodes with numbers and slots of its own (`{item}` of the second turn is `{item__2}`) as soon as the
items are known. So what holds for any node holds for each turn: what is sent is sent once, what was done is gone on
with, and the expected change names every item."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from ostinato.errors import LearnError, MatchError
from ostinato.judge.change import Expectation
from ostinato.judge.check import Check
from ostinato.replay.experience import Experience, Loop, Node, Slot
from ostinato.replay.goals import goals_of
from ostinato.trace.listing import bare, items_of, joined
from ostinato.trace.locator import Locator
from ostinato.trace.reading import readings
from ostinato.trace.recordings import Recording, Row
from ostinato.trace.repeats import listed
from ostinato.trace.screen import Record
from ostinato.trace.slots import Found
from ostinato.trace.values import Kind, fill, holds_value, slots_in

R = TypeVar("R", bound=Record)


def in_turns(recordings: Sequence[Recording]) -> list[Recording] | None:
    """The recordings with one for each turn, where there is one that does several things which its task lists; None
    where none does."""
    found: list[Recording] = []
    several = False
    for whole in recordings:
        known = listed(whole.steps, whole.task)
        if known is None:
            found.append(whole)
            continue
        several = True
        repeat = known.repeat
        for number, task in enumerate(known.tasks):
            turn = whole.steps[repeat.turn(number)]
            steps = (*whole.steps[: repeat.first], *turn, *whole.steps[repeat.end :])
            tail = repeat.tail if len(turn) == repeat.length else 0
            found.append(
                replace(whole, task=task, steps=steps, turn=range(repeat.first, repeat.first + len(turn)), tail=tail)
            )
    return found if several else None


def looped(
    made: Experience, recordings: Sequence[Recording], rows: Sequence[Row], slots: Sequence[Found]
) -> Experience:
    """What was learnt from recordings in turns, as a loop over the list that the tasks say. Raises LearnError where the
    turns do not stand together, or the templates do not say each item in the same words."""
    inside = {id(step) for r in recordings for step, _ in r.steps[r.turn.start : r.turn.stop]}
    outside = {id(step) for r in recordings if r.turn for step, _ in r.steps} - inside
    own = [n for n, row in enumerate(rows) if any(id(step) in inside for step in row.steps if step is not None)]
    mixed = any(id(step) in outside for n in own for step in rows[n].steps if step is not None)
    if mixed or own != list(range(own[0], own[-1] + 1)):
        raise LearnError("what is done for each item of the list is not done in one go")
    tails = [n for n in own if any(id(s) in _leading(recordings) for s in rows[n].steps if s is not None)]
    turns = _of_one_run(recordings)
    varying = [s.name for s in slots if any(len({s.values[j] for j in turn}) > 1 for turn in turns)]
    for node in (*made.nodes[: own[0]], *made.nodes[own[-1] + 1 :]):
        alone = node.model_copy(update={"pre": (), "commit": (), "post": (), "around": None})
        if {*varying} & {*slots_in(alone.model_dump_json())}:
            raise LearnError(f"“{node.primitive}” is about one item of the list, and is not done for each of them")
    phrases = {_phrase(template, varying) for template in made.templates}
    if len(phrases) != 1:
        raise LearnError("the tasks word the items of their lists in different ways; word them alike")
    phrase = phrases.pop()
    name = _list_name([slot.name for slot in made.slots])
    mine = tuple(slot for slot in made.slots if slot.name in slots_in(phrase))
    loop = Loop(first=own[0], last=own[-1], tail=len(tails), slot=name, phrase=phrase, slots=mine)
    firsts = [turn[0] for turn in turns]
    kept = []
    for slot in made.slots:
        if slot.name in slots_in(phrase):
            continue
        examples = tuple(slot.examples[j] for j in firsts)
        kept.append(slot.model_copy(update={"examples": examples}))
    said = tuple(joined([_item(phrase, slots, j) for j in turn]) for turn in turns)
    templates = [template.replace(phrase, "{" + name + "}") for template in made.templates]
    templates = [said for template in templates for said in (template, *_of_one(template, name))]
    told = {value for slot in mine for value in slot.examples}
    return made.model_copy(
        update={
            "templates": tuple(dict.fromkeys(templates)),
            "nodes": tuple(_of_no_turn(node, told) if node.index > own[-1] else node for node in made.nodes),
            "success": _unspoken(made.success, told),
            "slots": (*kept, Slot(name=name, kind="list", examples=said)),
            "loops": (loop,),
            "data": None if _unsure(made.data, mine) else made.data,
        }
    )


def _of_no_turn(node: Node, values: Collection[str]) -> Node:
    return node.model_copy(
        update={phase: _unspoken(getattr(node, phase), values) for phase in ("pre", "commit", "post")}
    )


def _unspoken(checks: Sequence[Check], values: Collection[str]) -> tuple[Check, ...]:
    """The checks without those that speak of one turn where no slot does: what came of the last one is all that some
    screens show."""
    return tuple(c for c in checks if not any(holds_value(text, v) for text in _texts(c) for v in values))


def _texts(check: Check) -> list[str]:
    target = getattr(check, "target", None)
    known = [getattr(check, name, None) for name in ("text", "value", "texts")]
    named = [target.name, target.value] if isinstance(target, Locator) else []
    return [text for text in (*known, *named) if isinstance(text, str)]


def _leading(recordings: Sequence[Recording]) -> set[int]:
    return {id(s) for r in recordings if r.tail for s, _ in r.steps[r.turn.stop - r.tail : r.turn.stop]}


def _of_one_run(recordings: Sequence[Recording]) -> list[list[int]]:
    """The numbers of the recordings that are turns of one."""
    found: dict[str, list[int]] = {}
    for j, recording in enumerate(recordings):
        found.setdefault(recording.trace.id, []).append(j)
    return list(found.values())


def _phrase(template: str, varying: Sequence[str]) -> str:
    """How a template says one item: from the first to the last slot that differs from turn to turn."""
    places = [m for m in re.finditer(r"\{([^\W\d]\w*)\}", template) if m.group(1) in varying]
    if not places:
        raise LearnError("the tasks do not say what differs from turn to turn")
    phrase = template[places[0].start() : places[-1].end()]
    if set(slots_in(phrase)) != set(varying) or len(places) > len(varying) or template.count(phrase) > 1:
        raise LearnError(f"in “{template}” the items of the list do not stand by themselves")
    return phrase


def _item(phrase: str, slots: Sequence[Found], j: int) -> str:
    return fill(phrase, {slot.name: slot.values[j] for slot in slots})


def _of_one(template: str, name: str) -> list[str]:
    """The template as one says it of one thing: “delete the notes {items}” is “delete the note {items}”."""
    several = re.search(r"(?<=[a-z])(?<!s)s(?= \{" + name + r"\})", template)
    return [template[: several.start()] + template[several.end() :]] if several else []


def _list_name(taken: Sequence[str]) -> str:
    return next(name for name in ("items", *(f"items_{n}" for n in range(2, 99))) if name not in taken)


def _unsure(expected: Sequence[Expectation] | None, slots: Sequence[Slot]) -> bool:
    """Whether the expected change cannot be told for any number of items: one row of which several items are parts."""
    names = {slot.name for slot in slots}
    return any(
        _is_joint(row, names) and any(names & {*slots_in(text)} for text in (*row.holds.values(), *row.copies.values()))
        for row in expected or ()
    )


def _is_joint(row: Expectation, names: set[str]) -> bool:
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


def in_full(experience: Experience, values: dict[str, str]) -> tuple[Experience, dict[str, str]]:
    """An experience with the turns of its loop as nodes of their own, and the values with those of each turn; as it is
    where it has no loop, or was made so before. Raises MatchError for a list that cannot be read."""
    if not experience.loops:
        return experience, values
    loop = experience.loops[0]
    each = turns(loop, values[loop.slot])
    if each is None:
        raise MatchError(f"“{values[loop.slot]}” is no list of things like {loop.phrase}")
    names = [slot.name for slot in loop.slots]
    numbers = range(1, len(each) + 1)
    body = experience.nodes[loop.first : loop.last + 1]
    nodes = [_around(node, names, numbers) for node in experience.nodes[: loop.first]]
    for number in numbers:
        turn = body if number < len(each) or not loop.tail else body[: -loop.tail]
        for node in turn:
            between = node.index > loop.last - loop.tail
            nodes.append(_of_turn(node if not between else node.model_copy(update={"optional": False}), names, number))
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
    return full, {**values, loop.slot: joined(items_of(values[loop.slot]) or ()), **own}


def _around(node: Node, names: Sequence[str], numbers: range) -> Node:
    """A node before or after the turns: what it asks of one it asks of each."""
    return node.model_copy(
        update={phase: _of_turns(getattr(node, phase), names, numbers) for phase in ("pre", "commit", "post")}
    )


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
        found += [_of_all(row, names, numbers)] if _is_joint(row, {*names}) else _of_turns([row], names, numbers)
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
