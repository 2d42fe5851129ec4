"""What several recordings of one kind of task did, step beside step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.errors import LearnError
from ostinato.trace.action import Key, Open, Select, Tap, Type, describe, target_of
from ostinato.trace.align import align, step_likeness
from ostinato.trace.record import Risk, Step, Trace
from ostinato.trace.risk import ORDER, higher, risk_of
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, differing, ground, slot_name
from ostinato.trace.targets import beside
from ostinato.trace.values import address, holds_value, normal

# A step that is learnt from, and the screen after it.
Taken = tuple[Step, Screen | None]

# What can be done again: no waiting, no scrolling (targets are brought into view), no word that it is done.
_DOING = frozenset({"tap", "double_tap", "long_press", "type", "select", "drag", "key", "back", "home", "open"})


@dataclass(frozen=True)
class Row:
    """One step as all recordings have it: `steps[j]` of recording j (None where it lacks it), and the screen after."""

    steps: tuple[Step | None, ...]
    after: tuple[Screen | None, ...]

    @property
    def everywhere(self) -> bool:
        return all(self.steps)

    @property
    def risk(self) -> Risk:
        found: Risk = "read"
        for step in self.steps:
            if step is not None:
                found = higher(higher(step.risk, found), risk_of(step.action, step.before))
        return found


def check_recordings(traces: Sequence[Trace], least: int = 2) -> None:
    """Raise LearnError unless these are whole recordings of one app, and as many as are needed."""
    if not traces:
        raise LearnError("there is no recording to learn from; record the task first: ostinato record")
    for trace in traces:
        if trace.private:
            raise LearnError(
                f"recording {trace.id} was kept without its values (privacy: {trace.meta['privacy']}), and without "
                "them nothing can be learnt: record it with --privacy full, learn from that, and delete the recordings "
                "then (ostinato trace delete)"
            )
    if len(traces) < least:
        raise LearnError("one recording cannot show which values may differ; record the task once more with others")
    if len({t.id for t in traces}) < len(traces):
        raise LearnError("the same recording is given twice; record the task once more with other values")
    if len({t.app and address(t.app) for t in traces}) > 1:
        raise LearnError("the recordings are of different apps: " + ", ".join(sorted({t.app or "-" for t in traces})))
    for trace in traces:
        if trace.status != "done":
            raise LearnError(f"recording {trace.id} did not end well ({trace.status}); learn from whole recordings")


@dataclass(frozen=True)
class Recording:
    """What is learnt from: a trace, the words of the task and the steps that matter. Where the trace does something in
    turns, one recording is as if it had done one of them alone: of `steps` those of `turn` are what differs from turn
    to turn, of which the last `tail` lead to the next one; `about` is what the screen calls the thing that it is about,
    where the task does not say it."""

    trace: Trace
    task: str
    steps: tuple[Taken, ...]
    turn: range = range(0)
    tail: int = 0
    about: str = ""

    @classmethod
    def whole(cls, trace: Trace) -> Recording:
        return cls(trace, trace.task, tuple(prepare(trace)))


def align_recordings(recordings: Sequence[Recording]) -> list[Row]:
    """The steps of every recording, aligned with the first's; a step that only some have is kept where it changes
    nothing for good, or where the others had nothing to take it on: then its being there tells when to take it.
    Raises LearnError for any other step that is missing in some."""
    rows = _aligned(recordings)
    leading = {id(s) for r in recordings if r.tail for s, _ in r.steps[r.turn.stop - r.tail : r.turn.stop]}
    traces = [recording.trace for recording in recordings]
    told = {n for way in alternatives(rows) for n in way.rows}
    for n, row in enumerate(rows):
        if not row.everywhere and n not in told and not any(id(s) in leading for s in row.steps if s is not None):
            step = next(s for s in row.steps if s is not None)
            target = target_of(step.action)
            seen = target is not None and ORDER[row.risk] < ORDER["commit"] and _nowhere(row, traces)
            if target is None or (ORDER[row.risk] > ORDER["read"] and not seen):
                lacks = next(t.id for t, s in zip(traces, row.steps, strict=True) if s is None)
                raise LearnError(
                    f"“{describe(step.action)}” is in some recordings and not in {lacks}; "
                    "they must do the same thing with different values"
                )
    return rows


@dataclass(frozen=True)
class Way:
    """One of several ways between two steps that all recordings have: its rows, and the recordings that went it. Those
    of one `group` exclude each other."""

    group: int
    rows: range
    recordings: tuple[int, ...]


def alternatives(rows: Sequence[Row]) -> list[Way]:
    """Where every recording went one of several ways, and the screen told which: what a way begins with was not on the
    screens on which the others began. A way that sends something was gone by two recordings at least."""
    found: list[Way] = []
    at = 0
    while at < len(rows):
        if rows[at].everywhere:
            at += 1
            continue
        end = next((n for n in range(at, len(rows)) if rows[n].everywhere), len(rows))
        ways = _ways(rows, range(at, end), len(found))
        if len(ways) > 1 and _told_apart(rows, ways):
            found += ways
        at = end
    return found


def _ways(rows: Sequence[Row], among: range, group: int) -> list[Way]:
    """The rows that belong together by the recordings that have them; empty where not every recording has just one."""
    found: list[Way] = []
    for n in among:
        having = tuple(j for j, step in enumerate(rows[n].steps) if step is not None)
        if found and found[-1].recordings == having:
            found[-1] = Way(group, range(found[-1].rows.start, n + 1), having)
        else:
            found.append(Way(group, range(n, n + 1), having))
    shared_out = sorted(j for way in found for j in way.recordings) == list(range(len(rows[among.start].steps)))
    return found if shared_out else []


def _told_apart(rows: Sequence[Row], ways: Sequence[Way]) -> bool:
    for way in ways:
        firsts = [step for j in way.recordings if (step := rows[way.rows.start].steps[j]) is not None]
        touched = [target_of(step.action) for step in firsts]
        if any(element is None for element in touched):
            return False
        if len(way.recordings) < 2 and any(rows[n].risk == "commit" for n in way.rows):
            return False
        for other in ways:
            if other is way:
                continue
            screens = [step.before for j in other.recordings if (step := rows[other.rows.start].steps[j]) is not None]
            if any(_alike(e, t) for screen in screens for e in screen.elements for t in touched if t is not None):
                return False
    return True


def _aligned(recordings: Sequence[Recording]) -> list[Row]:
    width = len(recordings)
    said = {id(step): recording.task for recording in recordings for step, _ in recording.steps}
    first = recordings[0].steps
    rows = [Row((step,) + (None,) * (width - 1), (after,) + (None,) * (width - 1)) for step, after in first]

    def likeness(one: Step, other: Step) -> float:
        return -1.0 if _of_other_ways(one, other, (said[id(one)], said[id(other)])) else step_likeness(one, other)

    for j, recording in enumerate(recordings[1:], start=1):
        merged: list[Row] = []
        kept = [next(s for s in row.steps if s is not None) for row in rows]
        for a, b in align(kept, [step for step, _ in recording.steps], likeness):
            if a is not None:
                row = rows[a]
                steps, after = list(row.steps), list(row.after)
            else:
                steps, after = [None] * width, [None] * width
            if b is not None:
                steps[j], after[j] = recording.steps[b]
            merged.append(Row(tuple(steps), tuple(after)))
        rows = merged
    return rows


def _of_other_ways(one: Step, other: Step, tasks: tuple[str, str]) -> bool:
    """Whether two steps are surely not the same one: what each touches is called otherwise, stands elsewhere, is not
    said by its task, and is not on the screen of the other."""
    first, second = target_of(one.action), target_of(other.action)
    if first is None or second is None or not (first.name and second.name) or normal(first.name) == normal(second.name):
        return False
    if place_of(first) == place_of(second) or holds_value(tasks[0], first.name) or holds_value(tasks[1], second.name):
        return False
    crossed = ((first, other.before), (second, one.before))
    return not any(_alike(e, element) for element, screen in crossed for e in screen.elements)


def place_of(element: Element) -> str:
    """Where an element stands, without the numbers that tell it from others beside it."""
    return re.sub(r"\[\d+\]", "", element.path)


def _nowhere(row: Row, traces: Sequence[Trace]) -> bool:
    """Whether no recording that lacks a step ever showed what it touches."""
    touched = [e for step in row.steps if step is not None and (e := target_of(step.action)) is not None]
    for trace, step in zip(traces, row.steps, strict=True):
        if step is None:
            screens = [*(other.before for other in trace.steps), *([trace.final] if trace.final is not None else [])]
            if any(_alike(e, target) for screen in screens for e in screen.elements for target in touched):
                return False
    return True


def _alike(one: Element, other: Element) -> bool:
    """Whether two elements may be the same thing on two screens."""
    if one.role != other.role:
        return False
    if one.id is not None and one.id == other.id:
        return True
    if one.name or other.name:
        return normal(one.name) == normal(other.name)
    return one.path == other.path or (one.placeholder is not None and one.placeholder == other.placeholder)


def prepare(trace: Trace) -> list[Taken]:
    """The steps that matter, each with the screen after it: no waiting, no scrolling (targets are brought into view
    by the phone), no tap that changed nothing (but a button, once), no typing that was typed over, no way out and back,
    nothing that failed. What may have sent something stays, also where no screen shows it."""
    screens = [step.before for step in trace.steps[1:]] + [trace.final]
    kept: list[Taken] = []
    for step, after in zip(trace.steps, screens, strict=True):
        if step.action.kind not in _DOING:
            continue
        if step.result is None or not step.result.ok:
            continue
        if isinstance(step.action, Tap) and after is not None and _same(step.before, after):
            came = bool(kept) and _came_with(step, kept[-1][0])  # a note that is closed may take its time to go
            if not came and not _may_send(step) and not _pressed_once(step, kept):
                continue
        if kept and _replaces(step, kept[-1][0]):
            kept.pop()
        kept.append((step, after))
    return _without_detours(kept)


def _without_detours(steps: list[Taken]) -> list[Taken]:
    """The steps without those of which, as the screens show, nothing came: a menu that was opened and closed, a wrong
    page and the way back. Never what may have sent something, nor how a recording ends; and only where something looks
    as if it was sent, for otherwise nobody knows which step it was."""
    if not any(_may_send(step) for step, _ in steps):
        return steps
    kept: list[Taken] = []
    at = 0
    while at < len(steps):
        start, back = steps[at][0].before, None
        for end in range(at, len(steps) - 1):
            step, after = steps[end]
            if _may_send(step):
                break
            if end > at and after is not None and _same(start, after):
                back = end
        if back is None:
            kept.append(steps[at])
        at = at + 1 if back is None else back + 1
    return kept


def _may_send(step: Step) -> bool:
    return higher(step.risk, risk_of(step.action, step.before)) == "commit"


def _came_with(step: Step, earlier: Step) -> bool:
    """Whether what a step touches is a button that was not there before the earlier step."""
    target = target_of(step.action)
    if target is None or target.role not in ("button", "link"):
        return False
    return not any((e.role, e.name) == (target.role, target.name) for e in earlier.before.elements)


def _same(before: Screen, after: Screen) -> bool:
    return (before.url, before.dialog) == (after.url, after.dialog) and _state(before) == _state(after)


def _state(screen: Screen) -> list[tuple[object, ...]]:
    return [(e.path, e.name, e.value, e.checked, e.reachable) for e in screen.elements]


def _pressed_once(step: Step, kept: Sequence[Taken]) -> bool:
    """Whether a button was pressed that shows nothing of it, for the first time: an app may count it all the same."""
    target = target_of(step.action)
    if target is None or target.role != "button" or not target.enabled:
        return False
    before = target_of(kept[-1][0].action) if kept else None
    return before is None or before.path != target.path


def _replaces(step: Step, earlier: Step) -> bool:
    """Whether the earlier step was only the way to this one: a tap that gave the focus, or typing over typing."""
    target, before = target_of(step.action), target_of(earlier.action)
    if target is None or before is None or target.path != before.path:
        return False
    if isinstance(earlier.action, Type) and earlier.action.enter:  # that was sent, and this is another text
        return False
    if isinstance(step.action, Type) and step.action.clear:
        return (isinstance(earlier.action, Tap) and before.editable) or isinstance(earlier.action, Type)
    return isinstance(step.action, Select) and isinstance(earlier.action, Tap | Select)


def entered(step: Step) -> str | None:
    """What the step typed, chose, opened or pressed; None for others, and for secrets."""
    match step.action:
        case Type(secret=None):
            return step.action.text
        case Select():
            return step.action.option
        case Open():
            return step.action.url
        case Key():
            return step.action.key
        case _:
            return None


def find_slots(rows: list[Row], tasks: Sequence[str], whole: bool = True) -> list[Found]:
    """The values that differ and that the tasks say: what was entered, and what names the targets or their rows.

    Raises LearnError for a text that differs and that the tasks do not say. Unless `whole`, what else differs in the
    tasks is a value too, and so is a text of which they do not even say a part."""
    slots: list[Found] = []
    partly: list[tuple[str, Sequence[str]]] = []

    def add(label: str, values: Sequence[str]) -> bool:
        if any(all(normal(a) == normal(b) for a, b in zip(s.values, values, strict=True)) for s in slots):
            return True
        said = ground(tasks, values)
        if said is None:
            return False
        if not any(all(normal(a) == normal(b) for a, b in zip(s.values, said, strict=True)) for s in slots):
            slots.append(Found(slot_name(label, [s.name for s in slots]), said))
        return True

    for row in rows:
        steps = [s for s in row.steps if s is not None]
        if not row.everywhere:
            continue
        elements = [target_of(s.action) for s in steps]
        texts = [entered(s) for s in steps]
        if all(t is not None for t in texts):
            values = [t or "" for t in texts]
            label = label_of(elements[0])
            if not add(label, values) and any(normal(v) != normal(values[0]) for v in values):
                partly.append((label, values))
                if whole:
                    raise _unsaid(label, values)
        there = [e for e in elements if e is not None]
        for named in ([e.name for e in there], [e.value or "" for e in there]):
            if len(named) == len(steps) and all(named):
                add(there[0].role, named)
        for cells in cells_of(steps):
            add(column_of(cells[0]), [c.name for c in cells])
    if not whole:
        for said in differing(tasks, slots):
            add("value", said)
    for label, unsaid in partly:
        if not any(all(holds_value(v, s) for v, s in zip(unsaid, slot.values, strict=True)) for slot in slots):
            slots.append(Found(slot_name(label, [s.name for s in slots]), tuple(unsaid)))
    return slots


def _unsaid(label: str, values: Sequence[str]) -> LearnError:
    return LearnError(f"what goes into “{label}” differs ({', '.join(map(repr, values))}) and the tasks do not say it")


def label_of(element: Element | None) -> str:
    """What a field is called, to name a slot after it."""
    return (element.name or element.placeholder or element.id or element.role) if element else "value"


def column_of(cell: Element) -> str:
    """What the values at a place of a row are called, to name a slot after them."""
    return "item" if cell.role in ("text", "cell", "gridcell", "heading") else cell.role


def cells_of(steps: Sequence[Step]) -> list[list[Element]]:
    """Elements at the same place in the row (or list item, …) that each step's target stands in."""
    elements = [e for step in steps if (e := target_of(step.action)) is not None]
    return beside(elements, [step.before for step in steps]) if len(elements) == len(steps) else []
