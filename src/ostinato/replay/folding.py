"""Recordings that do something in turns, folded into a loop: once for each thing that their tasks list, or once for
every row of a list on the screen."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from ostinato.errors import LearnError
from ostinato.judge.change import Expectation
from ostinato.judge.check import Check
from ostinato.replay.experience import Every, Experience, Loop, Node, Slot
from ostinato.replay.loops import is_joint, rows_called
from ostinato.replay.loops import turns as turns_of
from ostinato.trace.action import target_of
from ostinato.trace.listing import joined
from ostinato.trace.locator import Locator
from ostinato.trace.record import Step
from ostinato.trace.recordings import Recording, Row
from ostinato.trace.repeats import Repeat, listed, row_of, row_repeats
from ostinato.trace.slots import Found
from ostinato.trace.values import fill, holds_value, kind_of, slots_in

ABOUT = "row_item"  # the slot of what the screen calls a row
_ALL = re.compile(
    r"\b(all|every|each|both|everything|everyone|everybody|alle[nsr]?|jede[nrsm]?|tous|toutes|todos los|todas las)\b",
    re.I,
)  # `todos` alone are things to do


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
        found += [_turn(whole, known.repeat, number, task=task) for number, task in enumerate(known.tasks)]
    return found if several else None


def in_rows(recordings: Sequence[Recording]) -> list[Recording] | None:
    """The recordings with one for each turn, where all did the same to every row of a list and their tasks say “all”;
    None where one did not."""
    if not all(_ALL.search(whole.task) for whole in recordings):
        return None
    ways = [_ways(whole) for whole in recordings]
    shared = [every for every in ways[0] if all(every in others for others in ways)]
    if not shared:
        return None
    runs = list(zip(recordings, ways, strict=True))
    best = max(shared, key=lambda every: _telling([_firsts(w, way[every]) for w, way in runs], every))
    found: list[Recording] = []
    for whole, way in runs:
        repeat = way[best]
        for number, first in enumerate(_firsts(whole, repeat)):
            found.append(_turn(whole, repeat, number, about=_name(first, best.name)))
    return found


def _turn(whole: Recording, repeat: Repeat, number: int, **more: Any) -> Recording:
    """A recording as if it had done one turn alone."""
    turn = whole.steps[repeat.turn(number)]
    steps = (*whole.steps[: repeat.first], *turn, *whole.steps[repeat.end :])
    tail = repeat.tail if len(turn) == repeat.length else 0
    own = range(repeat.first, repeat.first + len(turn))
    return replace(whole, steps=steps, turn=own, tail=tail, **more)


def _firsts(whole: Recording, repeat: Repeat) -> list[Step]:
    """The first step of each turn."""
    return [whole.steps[repeat.turn(number).start][0] for number in range(repeat.count)]


def _ways(whole: Recording) -> dict[Every, Repeat]:
    """The lists of which a recording did all rows in turns."""
    found: dict[Every, Repeat] = {}
    for repeat in row_repeats(whole.steps):
        for every in _every(_firsts(whole, repeat)):
            found.setdefault(every, repeat)
    return found


def _every(firsts: Sequence[Step]) -> list[Every]:
    """The rows of a list of which the first steps of some turns touched all, as they stood before the first of them; of
    those with boxes to tick, all that were ticked alike: what is ticked already is not touched again. One for each
    place that tells the rows apart."""
    touched, row = target_of(firsts[0].action), row_of(firsts[0])
    if touched is None or row is None:
        return []
    screen, part = firsts[0].before, touched.path[len(row.path) :]
    found: list[Every] = []
    for name in dict.fromkeys(["", *(e.path[len(row.path) :] for e in screen.inside(row))]):
        called = [_name(step, name) for step in firsts]
        every = Every(row=row.role, role=touched.role, target=part, name=name, checked=touched.checked)
        rows = rows_called(every, screen)
        if not isinstance(rows, str) and all(called) and sorted(rows) == sorted(called):
            found.append(every)
    return found


def _telling(runs: Sequence[Sequence[Step]], every: Every) -> tuple[int, float]:
    """How well a place names its rows: words do so better than figures and days, long ones better than short ones."""
    names = [_name(step, every.name) for firsts in runs for step in firsts]
    worded = sum(kind_of(name) == "text" and not any(c.isdigit() for c in name) for name in names)
    return round(10 * worded / len(names)), sum(map(len, names)) / len(names)


def _name(step: Step, place: str) -> str:
    row = row_of(step)
    cell = step.before.at_path(row.path + place) if row is not None else None
    return cell.name if cell is not None else ""


def every_of(recordings: Sequence[Recording]) -> Every:
    """The rows that all recordings in turns are about."""
    runs = [[recordings[j] for j in turns] for turns in _of_one_run(recordings)]
    for every in _every([turn.steps[turn.turn.start][0] for turn in runs[0]]):
        if all(_name(turn.steps[turn.turn.start][0], every.name) == turn.about for run in runs for turn in run):
            return every
    raise LearnError("the recordings are about all rows of lists that are not alike")


def looped(
    made: Experience, recordings: Sequence[Recording], rows: Sequence[Row], slots: Sequence[Found]
) -> Experience:
    """What was learnt from recordings in turns, as a loop over the list that the tasks say, or over every row. Raises
    LearnError where the turns do not stand together, or the templates do not say each item in the same words."""
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
    every = every_of(recordings) if recordings[0].about else None
    phrases = {"{" + ABOUT + "}"} if every else {_phrase(template, varying) for template in made.templates}
    if len(phrases) != 1:
        raise LearnError("the tasks word the items of their lists in different ways; word them alike")
    phrase = phrases.pop()
    if every is not None and varying != [ABOUT]:
        raise LearnError("the tasks are about all rows, and what was entered differs from row to row")
    name = "" if every is not None else _list_name([slot.name for slot in made.slots])
    mine = tuple(slot for slot in made.slots if slot.name in slots_in(phrase))
    loop = Loop(first=own[0], last=own[-1], tail=len(tails), slot=name, every=every, phrase=phrase, slots=mine)
    firsts = [turn[0] for turn in turns]
    kept = []
    for slot in made.slots:
        if slot.name in slots_in(phrase):
            continue
        examples = tuple(slot.examples[j] for j in firsts)
        kept.append(slot.model_copy(update={"examples": examples}))
    said = tuple(joined([_item(phrase, slots, j) for j in turn]) for turn in turns)
    lists = (Slot(name=name, kind="list", examples=said),) if name else ()
    for text, turn in zip(said, turns, strict=True):
        if name and len(turns_of(loop, text) or ()) != len(turn):
            raise LearnError(f"“{text}” cannot be read as a list of things like {phrase}; word the list with an “and”")
    templates = list(made.templates)
    if name:
        templates = [template.replace(phrase, "{" + name + "}") for template in made.templates]
        templates = [said for template in templates for said in (template, *_of_one(template, name))]
    told = {value for slot in mine for value in slot.examples}
    return made.model_copy(
        update={
            "templates": tuple(dict.fromkeys(templates)),
            "nodes": tuple(_of_no_turn(node, told) if node.index > own[-1] else node for node in made.nodes),
            "success": _unspoken(made.success, told),
            "slots": (*kept, *lists),
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
    known = [getattr(check, name, None) for name in ("text", "value")]
    named = [target.name, target.value] if isinstance(target, Locator) else []
    return [text for text in (*known, *named, *getattr(check, "texts", ())) if isinstance(text, str)]


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
        is_joint(row, names) and any(names & {*slots_in(text)} for text in (*row.holds.values(), *row.copies.values()))
        for row in expected or ()
    )
