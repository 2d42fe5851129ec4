"""Learn an experience from two or more recordings of one kind of task.

Drop what had no effect, align the rest, generalise what differs into slots grounded in the tasks' words, and derive
checks from what all recordings share. Nothing is guessed: a typed value that differs and that no task says is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ostinato.errors import LearnError
from ostinato.judge.change import Change, Expectation, changes
from ostinato.replay.experience import Experience, Node, Slot
from ostinato.replay.recordings import Row, align_recordings, entered
from ostinato.replay.signs import after_step, at_the_end, before_commit, before_step
from ostinato.replay.targets import beside, locate
from ostinato.trace.action import Drag, Type, describe, target_of
from ostinato.trace.data import AppData
from ostinato.trace.record import Risk, Step, Trace
from ostinato.trace.screen import Element
from ostinato.trace.slots import Found, generalise, ground, slot_kind, slot_name, templates, values_of
from ostinato.trace.values import address, fill, holds_value, normal


def learn(traces: Sequence[Trace], data: Callable[[str], AppData]) -> Experience:
    """An experience from recordings of one app; `data` reads a data blob by its hash.

    Raises LearnError, naming the step, when the recordings do not fit together."""
    if len(traces) < 2:
        raise LearnError("one recording cannot show which values may differ; record the task once more with others")
    if len({t.id for t in traces}) < len(traces):
        raise LearnError("the same recording is given twice; record the task once more with other values")
    if len({t.app and address(t.app) for t in traces}) > 1:
        raise LearnError("the recordings are of different apps: " + ", ".join(sorted({t.app or "-" for t in traces})))
    for trace in traces:
        if trace.status != "done":
            raise LearnError(f"recording {trace.id} did not end well ({trace.status}); learn from whole recordings")
    rows = align_recordings(traces)
    if not rows:
        raise LearnError("the recordings hold no step that changed anything")
    tasks = [trace.task for trace in traces]
    slots = _find_slots(rows, tasks)
    worded = templates(tasks, slots)
    expected = _data(traces, slots, data)
    sends = _sending(rows) if expected else None
    nodes = tuple(_node(i, rows, slots, "commit" if i == sends else rows[i].risk) for i in range(len(rows)))
    finals = [trace.final for trace in traces]
    success = at_the_end(rows, [f for f in finals if f is not None], slots) if all(finals) else ()
    first = traces[0]
    made_of = "\n".join(sorted(worded)) + (first.app or "")
    return Experience(
        id=hashlib.sha256(made_of.encode()).hexdigest()[:12],
        app=first.app,
        templates=worded,
        slots=tuple(
            Slot.model_validate({"name": s.name, "kind": slot_kind(s.values), "examples": s.values}) for s in slots
        ),
        nodes=nodes,
        success=success,
        data=expected,
        origins=_origins(traces),
        recordings=tuple(t.id for t in traces),
        learnt=datetime.now(UTC),
    )


def _find_slots(rows: list[Row], tasks: Sequence[str]) -> list[Found]:
    slots: list[Found] = []

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
            label = _label(elements[0])
            if not add(label, values) and any(normal(v) != normal(values[0]) for v in values):
                raise LearnError(
                    f"what goes into “{label}” differs ({', '.join(map(repr, values))}) and the tasks do not say it"
                )
        there = [e for e in elements if e is not None]
        for named in ([e.name for e in there], [e.value or "" for e in there]):
            if len(named) == len(steps) and all(named):
                add(there[0].role, named)
        for cells in cells_of(steps):
            add(_column(cells), [c.name for c in cells])
    return slots


def _label(element: Element | None) -> str:
    return (element.name or element.placeholder or element.id or element.role) if element else "value"


def _column(cells: Sequence[Element]) -> str:
    return "item" if cells[0].role in ("text", "cell", "gridcell", "heading") else cells[0].role


def cells_of(steps: Sequence[Step]) -> list[list[Element]]:
    """Elements at the same place in the row (or list item, …) that each step's target stands in."""
    elements = [e for step in steps if (e := target_of(step.action)) is not None]
    return beside(elements, [step.before for step in steps]) if len(elements) == len(steps) else []


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


def _node(index: int, rows: list[Row], slots: list[Found], risk: Risk) -> Node:
    row = rows[index]
    pairs = [(j, s) for j, s in enumerate(row.steps) if s is not None]
    steps = [s for _, s in pairs]
    here = [Found(s.name, tuple(s.values[j] for j, _ in pairs)) for s in slots]
    first = steps[0]
    screens = [s.before for s in steps]
    target = None
    elements = [e for s in steps if (e := target_of(s.action)) is not None]
    if len(elements) == len(steps):
        target = locate(elements, screens, here, f"step {index + 1}")
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
    post = after_step(rows[: index + 1], target, text, here) if row.everywhere and len(afters) == len(steps) else ()
    primitive = generalise([describe(s.action) for s in steps], here) or describe(first.action)
    return Node.model_validate(
        {
            "index": index,
            "kind": first.action.kind,
            "target": target,
            "destination": destination,
            "text": text,
            "enter": isinstance(first.action, Type) and first.action.enter,
            "secret": first.action.secret if isinstance(first.action, Type) else None,
            "risk": risk,
            "primitive": primitive,
            "pre": before_step(screens, target),
            "commit": before_commit(rows[:index], row, slots) if risk == "commit" and row.everywhere else (),
            "post": post,
            "optional": not row.everywhere,
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


def _data(
    traces: Sequence[Trace], slots: list[Found], data: Callable[[str], AppData]
) -> tuple[Expectation, ...] | None:
    """The change of the app's data that all recordings made, with slots; None when it was not kept or differs.

    Raises LearnError for a new or changed row of which nothing is known: such an expectation would take any row."""
    seen: list[list[Change]] = []
    for trace in traces:
        if trace.data.before is None or trace.data.after is None:
            return None
        made = changes(data(trace.data.before), data(trace.data.after))
        seen.append(sorted(made, key=lambda c: (c.table, c.operation, repr(sorted(c.row.items(), key=str)))))
    if len({tuple((c.table, c.operation) for c in made) for made in seen}) != 1:
        return None
    before = data(traces[0].data.before or "")
    days = [t.started.astimezone().date().isoformat() for t in traces]
    found: list[Expectation] = []
    for group in _paired(seen, slots):
        table = before.tables.get(group[0].table)
        expected = _expectation(group, table.key if table else (), slots, days)
        if group[0].operation != "removed" and group[0].row and not (expected.cells or expected.holds):
            raise LearnError(
                f"the recordings {group[0].operation} a row of {group[0].table} in which nothing is alike and nothing "
                "is said by the tasks; say in the task what goes into it"
            )
        found.append(expected)
    return tuple(found)


def _paired(seen: list[list[Change]], slots: list[Found]) -> list[list[Change]]:
    """Which change of each recording is which change of the first: those whose cells the slots explain best."""
    groups = [[change] for change in seen[0]]
    for j, made in enumerate(seen[1:], start=1):
        two = [Found(s.name, (s.values[0], s.values[j])) for s in slots]
        pairs = [(i, k) for i in range(len(groups)) for k in range(len(made)) if _kind(groups[i][0]) == _kind(made[k])]
        taken: set[int] = set()
        for i, k in sorted(pairs, key=lambda pair: -_explained(groups[pair[0]][0], made[pair[1]], two)):
            if len(groups[i]) == j and k not in taken:
                groups[i].append(made[k])
                taken.add(k)
    return groups


def _kind(change: Change) -> tuple[str, str]:
    return change.table, change.operation


def _explained(one: Change, other: Change, slots: list[Found]) -> int:
    """How many cells of two rows are the same or differ as the slots do."""
    pairs = [[_written(one.row.get(column)), _written(other.row.get(column))] for column in one.row]
    return sum(generalise(pair, slots) is not None for pair in pairs)


def _expectation(group: Sequence[Change], key: tuple[str, ...], slots: list[Found], days: list[str]) -> Expectation:
    cells: dict[str, str] = {}
    was: dict[str, str] = {}
    holds: dict[str, str] = {}
    free: list[str] = []
    operation = group[0].operation
    moved = {c for change in group for c in change.columns_changed} if operation == "changed" else set()
    fixed: dict[str, str] = {}
    for column in group[0].row:
        raw = [change.row.get(column) for change in group]
        if column in key and all(isinstance(v, int) for v in raw):
            continue
        texts = [_written(v) for v in raw]
        pattern = "{today}" if texts == days else generalise(texts, slots)
        changed = operation == "changed"
        if pattern is None:
            said = _contained(group, column, slots)
            holds.update({column: said} if said else {})
            free += [column] if column in moved else []
        elif operation == "added" or (changed and column in moved) or "{" in pattern:
            cells[column] = pattern
        else:
            fixed[column] = pattern
        if changed and column in moved:
            old = generalise([_written((change.before or {}).get(column)) for change in group], slots)
            if old is not None and "{" in old:
                was[column] = old
    named = [pattern for column, pattern in cells.items() if column not in moved and "{" in pattern]
    if operation != "added" and not named and not was and len({tuple(c.row.get(k) for k in key) for c in group}) == 1:
        cells |= fixed  # the tasks do not say which row it is: it is always this one
    return Expectation(table=group[0].table, operation=operation, cells=cells, was=was, holds=holds, free=tuple(free))


def _contained(group: Sequence[Change], column: str, slots: list[Found]) -> str | None:
    """A slot whose value every recording's cell holds now and did not hold before."""
    for slot in slots:
        if all(
            holds_value(_written(change.row.get(column)), value)
            and not (change.before and holds_value(_written(change.before.get(column)), value))
            for change, value in zip(group, slot.values, strict=True)
        ):
            return "{" + slot.name + "}"
    return None


def _written(cell: object) -> str:
    return "" if cell is None else ("true" if cell else "false") if isinstance(cell, bool) else str(cell)
