"""Learn an experience from recordings of one kind of task.

Drop what had no effect, align the rest, generalise what differs into slots grounded in the tasks' words, and derive
checks from what all recordings share. Nothing is guessed: a typed value that differs and that no task says is an error.
One recording cannot show what may differ: its slots are proposed, and what is learnt stays a candidate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from ostinato.errors import LearnError
from ostinato.judge.check import Check, ValueEquals
from ostinato.judge.expect import expected_change
from ostinato.judge.signs import holds
from ostinato.replay.experience import Branch, Experience, Node, Slot
from ostinato.replay.folding import ABOUT, in_rows, in_turns, looped
from ostinato.replay.forbidden import forbidden_signs
from ostinato.replay.goals import goals_of
from ostinato.replay.kinds import slot_of, written
from ostinato.replay.picks import giving, shown_cells
from ostinato.replay.signs import after_step, at_the_end, before_commit, before_step
from ostinato.replay.steady import Steady
from ostinato.replay.surroundings import surroundings
from ostinato.replay.validation import held_out
from ostinato.trace.action import Drag, Type, describe, target_of
from ostinato.trace.data import AppData
from ostinato.trace.proposal import proposed_slots
from ostinato.trace.record import Step, Trace
from ostinato.trace.recordings import (
    Recording,
    Row,
    Way,
    align_recordings,
    alternatives,
    check_recordings,
    entered,
    find_slots,
)
from ostinato.trace.slots import Found, generalise, mask, slot_name, templates, unexplained, values_of
from ostinato.trace.targets import locate
from ostinato.trace.values import fill, same_value, slots_in


def learn(traces: Sequence[Trace], data: Callable[[str], AppData], failed: Sequence[Trace] = ()) -> Experience:
    """An experience from recordings of one app; `data` reads a data blob by its hash. From one recording it is a
    candidate with slots that its task says. Runs that `failed` tell which signs a replay must not meet.

    Raises LearnError, naming the step, when the recordings do not fit together."""
    check_recordings(traces, least=1)
    found = _from(traces, data)
    tried = held_out(traces, lambda others: _from(others, data), data)
    return found.model_copy(
        update={"held_out": tried, "forbidden": forbidden_signs(traces, failed) if failed else ()},
    )


def _from(traces: Sequence[Trace], data: Callable[[str], AppData]) -> Experience:
    whole = [Recording.whole(trace) for trace in traces]
    turns = in_turns(whole) or in_rows(whole)
    if turns is None:
        return _from_all(whole, data)
    try:
        return _from_all(turns, data)
    except LearnError as error:
        try:  # the task has an “and” or an “all”, and is no list
            return _from_all(whole, data)
        except LearnError:
            raise error from None


def _from_all(recordings: Sequence[Recording], data: Callable[[str], AppData]) -> Experience:
    if len({recording.trace.id for recording in recordings}) > 1:
        return _learnt(recordings, data)
    return _candidate(recordings, data)


def _candidate(recordings: Sequence[Recording], data: Callable[[str], AppData]) -> Experience:
    """From one recording; of one in turns, what differs from turn to turn is known."""
    trace = recordings[0].trace
    proposed = proposed_slots(align_recordings(recordings[:1]), recordings[0].task)
    slots = _widened(proposed, recordings) if len(recordings) > 1 else proposed
    made = _learnt(recordings, data, slots)
    known = {slot.name for slot in slots} | {slot.name for slot in made.slots}
    unknown = [name for text in made.templates for name in slots_in(text) if name not in known]
    if unknown:
        raise LearnError(f"the words of recording {trace.id} hold braces; “{unknown[0]}” would be taken for a slot")
    steady = Steady(trace, slots)
    expected = made.data
    if expected is not None and trace.data.before is not None:
        before = data(trace.data.before)
        expected = tuple(steady.expected(one, before) for one in expected)
    return made.model_copy(
        update={
            "nodes": steady.nodes(made.nodes),
            "success": steady.checks(made.success),
            "data": expected,
            "status": "candidate",
        }
    )


def learn_once(trace: Trace, data: Callable[[str], AppData]) -> Experience:
    """What one run did, to be played again for the very same words: no value may differ, and the screens must show what
    they showed then, near each target and at the end.

    Raises LearnError for a run that did not end well, or whose words hold braces, which would be slots."""
    if trace.status != "done":
        raise LearnError(f"run {trace.id} did not end well ({trace.status}); only what was done can be played again")
    if slots_in(trace.task):
        raise LearnError(f"the words of run {trace.id} hold braces; they would be taken for slots")
    return _learnt([Recording.whole(trace)], data)


def _widened(proposed: Sequence[Found], recordings: Sequence[Recording]) -> list[Found]:
    """What one turn proposes, and what differs from turn to turn, as values of all turns."""
    differing = find_slots(align_recordings(recordings), [recording.task for recording in recordings])
    same = [slot for slot in proposed if not any(same_value(slot.values[0], s.values[0]) for s in differing)]
    taken = [slot.name for slot in differing]
    return [*differing, *(Found(slot_name(s.name, taken), s.values * len(recordings)) for s in same)]


def _learnt(
    recordings: Sequence[Recording], data: Callable[[str], AppData], proposed: list[Found] | None = None
) -> Experience:
    rows = align_recordings(recordings)
    if not rows:
        raise LearnError("the recordings hold no step that changed anything")
    traces = [recording.trace for recording in recordings]
    tasks = [recording.task for recording in recordings]
    slots = find_slots(rows, tasks) if proposed is None else proposed
    worded = templates(tasks, slots)
    if (said_only := unexplained(tasks, slots)) is not None:
        raise LearnError(
            f"the tasks differ in “{said_only[0]}” and “{said_only[1]}”, and no step of the recordings does; record it "
            "so that what is said is done, or word the tasks alike"
        )
    if recordings[0].about:
        slots = [*slots, Found(ABOUT, tuple(recording.about for recording in recordings))]
    kinds = tuple(slot_of(slot, rows) for slot in slots)
    said = tasks if proposed is not None or len(traces) > 1 else ()  # of the very same words nothing is described
    ways = {n: way for way in alternatives(rows) for n in way.rows}
    nodes = tuple(
        _node_of(ways, n, rows, slots, kinds, said) if n in ways else _node(n, rows, slots, kinds, said)
        for n in range(len(rows))
    )
    cells = shown_cells(nodes, rows, slots)
    told = [c.found for c in cells] if cells is not None else None
    expected = expected_change(traces, slots, data, told, turns=any(r.turn for r in recordings))
    nodes = giving(nodes, cells or (), expected or ())
    sends = _sending(rows) if expected else None
    if sends is not None:
        nodes = (*nodes[:sends], _as_commit(nodes[sends], rows, slots), *nodes[sends + 1 :])
    finals = [trace.final for trace in traces]
    success = at_the_end(rows, [f for f in finals if f is not None], slots) if all(finals) else ()
    made = Experience(
        id="",
        app=traces[0].app,
        templates=worded,
        slots=kinds,
        nodes=nodes,
        goals=goals_of(nodes),
        success=success,
        data=expected,
        origins=_origins(traces),
        recordings=tuple(dict.fromkeys(t.id for t in traces)),
        learnt=datetime.now(UTC),
    )
    if any(recording.turn for recording in recordings):
        made = looped(made, recordings, rows, slots)
    made_of = "\n".join(sorted(made.templates)) + (made.app or "")
    return made.model_copy(update={"id": hashlib.sha256(made_of.encode()).hexdigest()[:12]})


def _origins(traces: Sequence[Trace]) -> tuple[str, ...]:
    """The other sites that every recording went to."""
    every = []
    for trace in traces:
        screens = [*(step.before for step in trace.steps), *([trace.final] if trace.final else [])]
        every.append({screen.origin for screen in screens} - {screens[0].origin})
    return tuple(sorted(set.intersection(*every)))


def _sending(rows: list[Row]) -> int | None:
    """The step that must have changed the data when none looks as if it did: the last one that pressed something."""
    if any(row.risk == "commit" for row in rows):
        return None
    pressing = ("tap", "double_tap", "long_press", "key", "drag", "select", "type")
    found = [i for i, row in enumerate(rows) if any(s is not None and s.action.kind in pressing for s in row.steps)]
    return found[-1] if found else None


def _as_commit(node: Node, rows: list[Row], slots: list[Found]) -> Node:
    """A node that cannot be taken back, though it does not look like it."""
    row = rows[node.index]
    checks = before_commit(rows[: node.index], row, slots) if row.everywhere else ()
    return node.model_copy(update={"risk": "commit", "commit": checks})


def _node_of(
    ways: Mapping[int, Way],
    index: int,
    rows: list[Row],
    slots: list[Found],
    kinds: Sequence[Slot],
    tasks: Sequence[str],
) -> Node:
    """A node of one of several ways, as the recordings that went this way have it."""
    way, went = ways[index], ways[index].recordings
    own = [Row(tuple(row.steps[j] for j in went), tuple(row.after[j] for j in went)) for row in rows]
    here = [Found(slot.name, tuple(slot.values[j] for j in went)) for slot in slots]
    known = [n for n, row in enumerate(own) if any(row.steps)]
    node = _node(known.index(index), [own[n] for n in known], here, kinds, [tasks[j] for j in went if tasks])
    group = list(dict.fromkeys(one for one in ways.values() if one.group == way.group))
    branch = Branch(group=way.group, number=group.index(way))
    return node.model_copy(update={"index": index, "optional": True, "branch": branch})


def _node(index: int, rows: list[Row], slots: list[Found], kinds: Sequence[Slot], tasks: Sequence[str]) -> Node:
    row = rows[index]
    risk = row.risk
    pairs = [(j, s) for j, s in enumerate(row.steps) if s is not None]
    steps = [s for _, s in pairs]
    here = [Found(s.name, tuple(s.values[j] for j, _ in pairs)) for s in slots]
    first = steps[0]
    screens = [s.before for s in steps]
    target = None
    elements = [e for s in steps if (e := target_of(s.action)) is not None]
    if len(elements) == len(steps):
        said = [mask(tasks[j], values_of(slots, j)) for j, _ in pairs] if tasks else ()
        target = locate(elements, screens, here, f"step {index + 1}", said)
    elif elements or first.action.kind in ("tap", "double_tap", "long_press"):
        raise LearnError(f"step {index + 1} touches a place with no element under it; such a step cannot be replayed")
    destination = None
    if isinstance(first.action, Drag):
        ends = [s.action.target for s in steps if isinstance(s.action, Drag) and s.action.target is not None]
        if len(ends) != len(steps) or target is None:
            raise LearnError(f"step {index + 1}: a drag that does not go from one element to another")
        destination = locate(ends, screens, here, f"step {index + 1}")
    text = None
    texts = [entered(s) for s in steps]
    if all(t is not None for t in texts):
        text = generalise([t or "" for t in texts], here)
        if text is None:
            raise LearnError(f"step {index + 1}: the texts {texts} have no common pattern")
        if first.action.kind == "type":
            _as_said(text, steps, here, f"step {index + 1}")
    afters = [a for a in row.after if a is not None]
    post: tuple[Check, ...] = ()
    if row.everywhere and len(afters) == len(steps):
        post = after_step(rows[: index + 1], target, text, here)
    if not row.everywhere and len(afters) == len(steps) and target is not None and text is not None:
        stands = ValueEquals(target=target, value=text)
        post = (stands,) if first.action.kind in ("type", "select") and holds(stands, afters, here) else ()
    primitive = generalise([describe(s.action) for s in steps], here) or describe(first.action)
    if target is not None and target.pick is not None:
        primitive = f"{first.action.kind.replace('_', '-')} {target.words()}"
    return Node.model_validate(
        {
            "index": index,
            "kind": first.action.kind,
            "target": target,
            "destination": destination,
            "text": text,
            "written": written([t or "" for t in texts], text, kinds),
            "enter": isinstance(first.action, Type) and first.action.enter,
            "secret": first.action.secret if isinstance(first.action, Type) else None,
            "risk": risk,
            "primitive": primitive,
            "pre": before_step(screens, target),
            "commit": before_commit(rows[:index], row, slots) if risk == "commit" and row.everywhere else (),
            "post": post,
            "optional": not row.everywhere,
            "around": surroundings(elements, screens) if target is not None else None,
        }
    )


def _as_said(pattern: str, steps: Sequence[Step], slots: list[Found], where: str) -> None:
    """Raise LearnError when a recording typed BOB where its task says Bob: a replay types what the task says."""
    for j, step in enumerate(steps):
        typed = " ".join((entered(step) or "").split())
        said = " ".join(fill(pattern, values_of(slots, j)).split())
        if "{" in pattern and typed != said and typed.casefold() == said.casefold():
            raise LearnError(
                f"{where}: “{typed}” was typed where the task says “{said}”; write it in the task as it is to be typed"
            )
