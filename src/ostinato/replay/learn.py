"""Learn an experience from two or more recordings of one kind of task.

Drop what had no effect, align the rest, generalise what differs into slots grounded in the tasks' words, and derive
checks from what all recordings share. Nothing is guessed: a typed value that differs and that no task says is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from ostinato.agent.risk import ORDER, higher, risk_of
from ostinato.errors import LearnError
from ostinato.judge.change import Change, Expectation, changes
from ostinato.judge.check import (
    Check,
    CheckedIs,
    Enabled,
    Evidence,
    Exists,
    TextHas,
    TextLacks,
    Together,
    UrlLike,
    ValueEquals,
    evaluate,
    path_of,
)
from ostinato.replay.experience import Experience, Node, NodeKind, Slot
from ostinato.trace.action import Drag, Key, Open, Select, Tap, Type, describe, target_of
from ostinato.trace.align import align, step_likeness
from ostinato.trace.data import AppData
from ostinato.trace.locator import REPEATED, Container, Locator, container_of, find
from ostinato.trace.record import Risk, Step, Trace
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, generalise, ground, mask, slot_kind, slot_name, templates
from ostinato.trace.values import as_date, as_number, fill, holds_value, normal

_WATCHED = frozenset({"checkbox", "radio", "switch", "combobox", "textbox", "spinbutton", "searchbox"})
_SIGNS = frozenset(
    {"heading", "dialog", "alertdialog", "alert", "status", "textbox", "button", "link", "combobox", "text"}
)
_MOST_SIGNS = 3


@dataclass(frozen=True)
class _Aligned:
    """One step as all recordings have it: `steps[j]` of recording j (None where it lacks it), and the screen after."""

    steps: tuple[Step | None, ...]
    after: tuple[Screen | None, ...]

    @property
    def everywhere(self) -> bool:
        return all(self.steps)


def learn(traces: Sequence[Trace], data: Callable[[str], AppData]) -> Experience:
    """An experience from recordings of one app; `data` reads a data blob by its hash.

    Raises LearnError, naming the step, when the recordings do not fit together."""
    if len(traces) < 2:
        raise LearnError("one recording cannot show which values may differ; record the task once more with others")
    if len({t.app for t in traces}) > 1:
        raise LearnError("the recordings are of different apps: " + ", ".join(sorted({t.app or "-" for t in traces})))
    for trace in traces:
        if trace.status != "done":
            raise LearnError(f"recording {trace.id} did not end well ({trace.status}); learn from whole recordings")
    rows = _align([prepare(trace) for trace in traces], traces)
    if not rows:
        raise LearnError("the recordings hold no step that changed anything")
    tasks = [trace.task for trace in traces]
    slots = _find_slots(rows, tasks)
    worded = templates(tasks, slots)
    nodes = tuple(_node(i, rows, slots) for i in range(len(rows)))
    finals = [trace.final for trace in traces]
    success = _success(rows, [f for f in finals if f is not None], slots) if all(finals) else ()
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
        data=_data(traces, slots, data),
        recordings=tuple(t.id for t in traces),
        learnt=datetime.now(UTC),
    )


def prepare(trace: Trace) -> list[tuple[Step, Screen | None]]:
    """The steps that matter, each with the screen after it: no waiting, no scrolling (targets are brought into view
    by the phone), no tap that only gave a field the focus, no typing that was typed over, nothing that failed."""
    screens = [step.before for step in trace.steps[1:]] + [trace.final]
    kept: list[tuple[Step, Screen | None]] = []
    for step, after in zip(trace.steps, screens, strict=True):
        if step.action.kind not in get_args(NodeKind) or step.action.kind == "done":
            continue
        if step.result is None or not step.result.ok:
            continue
        if isinstance(step.action, Tap) and after is not None and _same(step.before, after):
            continue
        if kept and _replaces(step, kept[-1][0]):
            kept.pop()
        kept.append((step, after))
    return kept


def _same(before: Screen, after: Screen) -> bool:
    return (before.url, before.dialog) == (after.url, after.dialog) and _state(before) == _state(after)


def _state(screen: Screen) -> list[tuple[object, ...]]:
    return [(e.path, e.name, e.value, e.checked, e.reachable) for e in screen.elements]


def _replaces(step: Step, earlier: Step) -> bool:
    """Whether the earlier step was only the way to this one: a tap that gave the focus, or typing over typing."""
    target, before = target_of(step.action), target_of(earlier.action)
    if target is None or before is None or target.path != before.path:
        return False
    if isinstance(step.action, Type) and step.action.clear:
        return (isinstance(earlier.action, Tap) and before.editable) or isinstance(earlier.action, Type)
    return isinstance(step.action, Select) and isinstance(earlier.action, Tap | Select)


def _align(recordings: list[list[tuple[Step, Screen | None]]], traces: Sequence[Trace]) -> list[_Aligned]:
    """Align every recording with the first; a step that only some have is kept where it changes nothing for good."""
    width = len(recordings)
    rows = [
        _Aligned((step,) + (None,) * (width - 1), (after,) + (None,) * (width - 1)) for step, after in recordings[0]
    ]
    for j, recording in enumerate(recordings[1:], start=1):
        merged: list[_Aligned] = []
        kept = [next(s for s in row.steps if s is not None) for row in rows]
        for a, b in align(kept, [step for step, _ in recording], step_likeness):
            if a is not None:
                row = rows[a]
                steps, after = list(row.steps), list(row.after)
            else:
                steps, after = [None] * width, [None] * width
            if b is not None:
                steps[j], after[j] = recording[b]
            merged.append(_Aligned(tuple(steps), tuple(after)))
        rows = merged
    for row in rows:
        if not row.everywhere:
            step = next(s for s in row.steps if s is not None)
            if target_of(step.action) is None or ORDER[_risk(row)] > ORDER["read"]:
                lacks = next(t.id for t, s in zip(traces, row.steps, strict=True) if s is None)
                raise LearnError(
                    f"“{describe(step.action)}” is in some recordings and not in {lacks}; "
                    "they must do the same thing with different values"
                )
    return rows


def _risk(row: _Aligned) -> Risk:
    found: Risk = "read"
    for step in row.steps:
        if step is not None:
            found = higher(higher(step.risk, found), risk_of(step.action, step.before))
    return found


def _find_slots(rows: list[_Aligned], tasks: Sequence[str]) -> list[Found]:
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
        texts = [_text(s) for s in steps]
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
        for cells in _cells(steps):
            add(_column(cells), [c.name for c in cells])
    return slots


def _text(step: Step) -> str | None:
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


def _label(element: Element | None) -> str:
    return (element.name or element.placeholder or element.id or element.role) if element else "value"


def _column(cells: Sequence[Element]) -> str:
    return "item" if cells[0].role in ("text", "cell", "gridcell", "heading") else cells[0].role


def _cells(steps: Sequence[Step]) -> list[list[Element]]:
    """Elements at the same place in the row (or list item, …) that each step's target stands in."""
    elements = [e for step in steps if (e := target_of(step.action)) is not None]
    return _beside(elements, [step.before for step in steps]) if len(elements) == len(steps) else []


def _beside(elements: Sequence[Element], screens: Sequence[Screen]) -> list[list[Element]]:
    """For each place in the rows that the elements stand in, what all recordings have there."""
    columns: list[dict[str, Element]] = []
    for element, screen in zip(elements, screens, strict=True):
        row = container_of(element, screen, REPEATED)
        if row is None:
            return []
        columns.append({e.path[len(row.path) :]: e for e in screen.inside(row) if e.name})
    shared = [place for place in columns[0] if all(place in column for column in columns)]
    return [[column[place] for column in columns] for place in shared]


def _node(index: int, rows: list[_Aligned], slots: list[Found]) -> Node:
    row = rows[index]
    pairs = [(j, s) for j, s in enumerate(row.steps) if s is not None]
    steps = [s for _, s in pairs]
    here = [Found(s.name, tuple(s.values[j] for j, _ in pairs)) for s in slots]
    first = steps[0]
    screens = [s.before for s in steps]
    target = None
    elements = [e for s in steps if (e := target_of(s.action)) is not None]
    if len(elements) == len(steps):
        target = _locator(elements, screens, here, f"step {index + 1}")
    elif elements or first.action.kind in ("tap", "double_tap", "long_press"):
        raise LearnError(f"step {index + 1} touches a place with no element under it; such a step cannot be replayed")
    destination = None
    if isinstance(first.action, Drag):
        ends = [s.action.target for s in steps if isinstance(s.action, Drag) and s.action.target is not None]
        if len(ends) != len(steps) or target is None:
            raise LearnError(f"step {index + 1}: a drag that does not go from one element to another")
        destination = _locator(ends, screens, here, f"step {index + 1}")
    text = None
    texts = [_text(s) for s in steps]
    if all(t is not None for t in texts):
        text = generalise([t or "" for t in texts], here)
        if text is None:
            raise LearnError(f"step {index + 1}: the texts {texts} have no common pattern")
        if first.action.kind == "type":
            _as_said(text, steps, here, f"step {index + 1}")
    risk = _risk(row)
    afters = [a for a in row.after if a is not None]
    post = _post(rows[: index + 1], target, text, here) if row.everywhere and len(afters) == len(steps) else ()
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
            "pre": _pre(screens, target),
            "commit": _commit(rows[:index], row, slots) if risk == "commit" and row.everywhere else (),
            "post": post,
            "optional": not row.everywhere,
        }
    )


def _as_said(pattern: str, steps: Sequence[Step], slots: list[Found], where: str) -> None:
    """Raise LearnError when a recording typed BOB where its task says Bob: a replay types what the task says."""
    for j, step in enumerate(steps):
        typed = " ".join((_text(step) or "").split())
        said = " ".join(fill(pattern, _values(slots, j)).split())
        if "{" in pattern and typed != said and typed.casefold() == said.casefold():
            raise LearnError(
                f"{where}: “{typed}” was typed where the task says “{said}”; write it in the task as it is to be typed"
            )


def _locator(elements: Sequence[Element], screens: Sequence[Screen], slots: list[Found], where: str) -> Locator:
    """What the elements share, with just enough more that it finds each of them, clearly, on its own screen."""
    name = _shared([e.name for e in elements], slots)
    identity = _shared([e.id for e in elements], slots)
    placeholder = _shared([e.placeholder for e in elements], slots)
    plain = Locator(
        role=elements[0].role,
        name=name,
        id=identity if identity and "{" not in identity else None,
        placeholder=placeholder,
        path=elements[0].path if len({e.path for e in elements}) == 1 else None,
        box=elements[0].box if len({e.path for e in elements}) == 1 else None,
    )
    loose = plain.model_copy(update={"path": None, "box": None})
    value = _shared([e.value for e in elements], slots)
    holder = _container(elements, screens, slots)
    tries = [loose.model_copy(update={"container": holder})] if holder and holder.texts else []
    if holder and not (name or plain.id or placeholder) and (labels := _labels(elements, screens)):
        labelled = holder.model_copy(update={"texts": (*holder.texts, *labels)})
        tries.append(loose.model_copy(update={"container": labelled}))
    tries += [plain] if not plain.slots else [loose]
    if holder:
        tries.append(loose.model_copy(update={"container": holder}))
    if value:
        tries.append(loose.model_copy(update={"value": value}))
    for locator in tries:
        if all(_finds(locator, e, screens[j], slots, j) for j, e in enumerate(elements)):
            return locator
    raise LearnError(f"{where}: {elements[0].role} “{elements[0].name}” cannot be told apart from others on its screen")


def _finds(locator: Locator, element: Element, screen: Screen, slots: list[Found], j: int) -> bool:
    found = find(locator, screen, {s.name: s.values[j] for s in slots})
    return found is not None and found.path == element.path


def _shared(texts: Sequence[str | None], slots: list[Found]) -> str | None:
    known = [t for t in texts if t]
    return generalise(known, slots) if known and len(known) == len(texts) else None


def _container(elements: Sequence[Element], screens: Sequence[Screen], slots: list[Found]) -> Container | None:
    """The rows (or list items, …) the elements stand in, with the slots whose values mark them."""
    holders = [container_of(e, s, REPEATED) or container_of(e, s) for e, s in zip(elements, screens, strict=True)]
    if any(h is None for h in holders) or len({h.role for h in holders if h}) != 1:
        return None
    if holders[0] is not None and holders[0].role not in REPEATED:
        return Container(role=holders[0].role)
    words = [s.text_of(h) for h, s in zip(holders, screens, strict=True) if h is not None]
    role = next(h.role for h in holders if h is not None)
    texts = tuple(
        "{" + slot.name + "}"
        for slot in slots
        if all(holds_value(w, v) for w, v in zip(words, slot.values, strict=True))
    )
    return Container(role=role, texts=texts)


def _labels(elements: Sequence[Element], screens: Sequence[Screen]) -> tuple[str, ...]:
    """The words beside the elements in their rows (or list items, …) that all recordings share: for elements without
    a name, a better sign than their position."""
    found: list[str] = []
    for cells in _beside(elements, screens):
        name = cells[0].name
        if all(normal(c.name) == normal(name) for c in cells) and cells[0].path != elements[0].path:
            found.append(name)
    return tuple(dict.fromkeys(found))


def _url_pattern(screens: Sequence[Screen]) -> str | None:
    paths = [path_of(s.url).split("/") for s in screens if s.url is not None]
    if len(paths) != len(screens) or len({len(p) for p in paths}) != 1 or screens[0].url is None:
        return None
    if screens[0].url.startswith("file:"):
        return None
    parts = ["*" if len(set(column)) > 1 or column[0].isdigit() else column[0] for column in zip(*paths, strict=True)]
    return "/".join(parts)


def _pre(screens: Sequence[Screen], target: Locator | None) -> tuple[Check, ...]:
    found: list[Check] = []
    pattern = _url_pattern(screens)
    if pattern is not None:
        found.append(UrlLike(pattern=pattern))
    if target is not None:
        found.append(Enabled(target=target))
    return tuple(found)


def _earlier(rows: Sequence[_Aligned]) -> list[list[Screen]]:
    """For each recording, the screens before each of these steps."""
    return [[s.before for row in rows if (s := row.steps[j]) is not None] for j in range(len(rows[0].steps))]


def _post(rows: Sequence[_Aligned], target: Locator | None, text: str | None, slots: list[Found]) -> tuple[Check, ...]:
    row = rows[-1]
    afters = [a for a in row.after if a is not None]
    befores = [s.before for s in row.steps if s is not None]
    found: list[Check] = []
    pattern = _url_pattern(afters)
    if pattern is not None and pattern != _url_pattern(befores):
        found.append(UrlLike(pattern=pattern))
    kind = next(s.action.kind for s in row.steps if s is not None)
    if target is not None and text is not None and kind in ("type", "select"):
        check: Check = ValueEquals(target=target, value=text)
        if _holds(check, afters, slots):
            return (*found, check)
    if target is not None and kind == "tap":
        states = {e.checked for a, e in ((a, find(target, a, _values(slots, j))) for j, a in enumerate(afters)) if e}
        if len(states) == 1 and (state := states.pop()) is not None and _all_found(target, afters, slots):
            return (*found, CheckedIs(target=target, checked=state))
    return (*found, *_appeared(_earlier(rows), afters, slots))


def _all_found(target: Locator, screens: Sequence[Screen], slots: list[Found]) -> bool:
    return all(find(target, s, _values(slots, j)) is not None for j, s in enumerate(screens))


def _appeared(earlier: Sequence[Sequence[Screen]], afters: Sequence[Screen], slots: list[Found]) -> list[Check]:
    """Signs that came with this step in every recording: elements known by role and name that no earlier screen of
    the recording had. What shows figures or dates that no slot explains, or is one of many rows, is no sign."""
    signs: list[Check] = []
    for element in sorted(afters[0].elements, key=lambda e: (e.role == "text", e.role in ("link", "button"))):
        if element.role not in _SIGNS or not element.name or len(element.name) > 120:
            continue
        name = mask(element.name, _values(slots, 0))
        if any(c.isdigit() for c in name):
            continue
        if "{" not in name and container_of(element, afters[0], REPEATED) is not None:
            continue
        check: Check
        if element.role in ("text", "alert", "status"):
            check = TextHas(text=name)
        else:
            check = Exists(target=Locator(role=element.role, name=name))
        if check in signs or not _holds(check, afters, slots):
            continue
        if any(
            evaluate(check, Evidence(after=screen, values=_values(slots, j))).value == "true"
            for j, screens in enumerate(earlier)
            for screen in screens
        ):
            continue
        signs.append(check)
        if len(signs) == _MOST_SIGNS:
            break
    return signs


def _commit(earlier: list[_Aligned], row: _Aligned, slots: list[Found]) -> tuple[Check, ...]:
    """What must stand on the screen before an irreversible step: every value entered so far, in its field where the
    field is still there; and the fields nobody touched, as they were in every recording."""
    steps = [s for s in row.steps if s is not None]
    screens = [s.before for s in steps]
    found: list[Check] = []
    touched: list[set[str]] = [set() for _ in steps]
    for past in earlier:
        if not past.everywhere:
            continue
        did = [s for s in past.steps if s is not None]
        elements = [e for s in did if (e := target_of(s.action)) is not None]
        if len(elements) != len(did):
            continue
        texts = [_text(s) for s in did]
        value = generalise([t or "" for t in texts], slots) if all(t is not None for t in texts) else None
        try:
            target = _locator(elements, [s.before for s in did], slots, "")
        except LearnError:
            continue
        for j, screen in enumerate(screens):
            if (there := find(target, screen, _values(slots, j))) is not None:
                touched[j].add(there.path)
        if value is not None:
            check: Check = ValueEquals(target=target, value=value)
            if _holds(check, screens, slots):
                found.append(check)
    for slot in slots:
        shown = TextHas(text="{" + slot.name + "}")
        if not any("{" + slot.name + "}" in c.model_dump_json() for c in found) and _holds(shown, screens, slots):
            found.append(shown)
    around = [container_of(e, s) for e, s in zip((target_of(s.action) for s in steps), screens, strict=True) if e]
    for element in screens[0].elements:
        if element.role not in _WATCHED or element.password or element.path in touched[0]:
            continue
        if around and around[0] is not None and not element.is_inside(around[0].path):
            continue
        watch = _unchanged(element, screens, slots)
        if watch is not None:
            found.append(watch)
    return tuple(found)


def _unchanged(element: Element, screens: Sequence[Screen], slots: list[Found]) -> Check | None:
    target = Locator(role=element.role, name=element.name or None, id=element.id, placeholder=element.placeholder)
    if not (element.name or element.id):
        return None
    check: Check
    if element.checked is not None:
        check = CheckedIs(target=target, checked=element.checked)
    else:
        value = element.value or ""
        if as_number(value) is not None or as_date(value) is not None or len(value) > 60:
            return None
        check = ValueEquals(target=target, value=value)
    return check if _holds(check, screens, slots) else None


def _success(rows: list[_Aligned], finals: Sequence[Screen], slots: list[Found]) -> tuple[Check, ...]:
    """Signs of the end: one row that shows the new values, or the values themselves, if every recording ended so."""
    last = next(s for s in rows[-1].steps if s is not None)
    befores = [s.before for s in rows[-1].steps if s is not None]
    found: list[Check] = []
    for role in ("row", "listitem", "article"):
        shown = [
            slot
            for slot in slots
            if all(
                any(holds_value(f.text_of(e), v) for e in f.elements if e.role == role)
                for f, v in zip(finals, slot.values, strict=True)
            )
        ]
        if shown:
            check = Together(role=role, texts=tuple("{" + s.name + "}" for s in shown))
            fresh = last.action.kind != "tap" or not _holds(check, befores, slots)
            if _holds(check, finals, slots) and fresh:
                found.append(check)
                break
    earlier = _earlier(rows)
    firsts = [screens[0] for screens in earlier]
    for slot in slots:
        gone = TextLacks(text="{" + slot.name + "}")
        if _holds(TextHas(text="{" + slot.name + "}"), firsts, slots) and _holds(gone, finals, slots):
            found.append(gone)
    return (*found, *_appeared(earlier, finals, slots))


def _holds(check: Check, screens: Sequence[Screen], slots: list[Found]) -> bool:
    return all(
        evaluate(check, Evidence(after=s, values=_values(slots, j))).value == "true" for j, s in enumerate(screens)
    )


def _values(slots: list[Found], j: int) -> dict[str, str]:
    return {s.name: s.values[j] for s in slots}


def _data(
    traces: Sequence[Trace], slots: list[Found], data: Callable[[str], AppData]
) -> tuple[Expectation, ...] | None:
    """The change of the app's data that all recordings made, with slots; None when it was not kept or differs."""
    seen: list[list[Change]] = []
    for trace in traces:
        if trace.data.before is None or trace.data.after is None:
            return None
        made = changes(data(trace.data.before), data(trace.data.after))
        seen.append(sorted(made, key=lambda c: (c.table, c.operation, repr(sorted(c.row.items(), key=str)))))
    if len({tuple((c.table, c.operation) for c in made) for made in seen}) != 1:
        return None
    before = data(traces[0].data.before or "")
    found: list[Expectation] = []
    for group in zip(*seen, strict=True):
        key = before.tables[group[0].table].key if group[0].table in before.tables else ()
        cells: dict[str, str] = {}
        was: dict[str, str] = {}
        holds: dict[str, str] = {}
        free: list[str] = []
        moved = {c for change in group for c in change.columns_changed}
        for column in group[0].row:
            raw = [change.row.get(column) for change in group]
            if column in key and all(isinstance(v, int) for v in raw):
                continue
            days = [t.started.astimezone().date().isoformat() for t in traces]
            texts = [_written(v) for v in raw]
            pattern = "{today}" if texts == days else generalise(texts, slots)
            changed = group[0].operation == "changed"
            if pattern is None:
                said = _contained(group, column, slots)
                holds.update({column: said} if said else {})
                free += [column] if column in moved else []
            elif group[0].operation == "added" or (changed and column in moved) or "{" in pattern:
                cells[column] = pattern
            if changed and column in moved:
                old = generalise([_written((change.before or {}).get(column)) for change in group], slots)
                if old is not None and "{" in old:
                    was[column] = old
        found.append(
            Expectation(
                table=group[0].table, operation=group[0].operation, cells=cells, was=was, holds=holds, free=tuple(free)
            )
        )
    return tuple(found)


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
