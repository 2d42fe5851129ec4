"""Checks that hold in every recording: before a step, after it, before it is sent, and at the end."""

from __future__ import annotations

from collections.abc import Sequence

from ostinato.errors import LearnError
from ostinato.judge.check import (
    Absent,
    AnyOf,
    Check,
    CheckedIs,
    Enabled,
    TextHas,
    TextLacks,
    Together,
    UrlLike,
    ValueEquals,
)
from ostinato.judge.signs import appeared, earlier, holds, url_pattern
from ostinato.trace.action import target_of
from ostinato.trace.locator import Locator, container_of, find
from ostinato.trace.recordings import Row, entered, place_of
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, generalise, values_of
from ostinato.trace.targets import locate
from ostinato.trace.values import as_date, as_number, holds_value, slots_in

_WATCHED = frozenset({"checkbox", "radio", "switch", "combobox", "textbox", "spinbutton", "searchbox"})
_SIGNS = frozenset(
    {"heading", "dialog", "alertdialog", "alert", "status", "textbox", "button", "link", "combobox", "text"}
)
_MOST_SIGNS = 3


def before_step(screens: Sequence[Screen], target: Locator | None) -> tuple[Check, ...]:
    """The page the step is taken on, and that its target can be touched."""
    found: list[Check] = []
    pattern = url_pattern(screens)
    if pattern is not None:
        found.append(UrlLike(pattern=pattern))
    if target is not None:
        found.append(Enabled(target=target))
    return tuple(found)


def after_step(rows: Sequence[Row], target: Locator | None, text: str | None, slots: list[Found]) -> tuple[Check, ...]:
    """What the last of these steps did to its target; else what came with it."""
    row = rows[-1]
    afters = [a for a in row.after if a is not None]
    befores = [s.before for s in row.steps if s is not None]
    found: list[Check] = []
    pattern = url_pattern(afters)
    if pattern is not None and pattern != url_pattern(befores):
        found.append(UrlLike(pattern=pattern))
    kind = next(s.action.kind for s in row.steps if s is not None)
    if target is not None and text is not None and kind in ("type", "select"):
        check: Check = ValueEquals(target=target, value=text)
        if holds(check, afters, slots):
            return (*found, check)
    if target is not None and kind == "tap":
        states = {e.checked for a, e in ((a, find(target, a, values_of(slots, j))) for j, a in enumerate(afters)) if e}
        if len(states) == 1 and (state := states.pop()) is not None and _all_found(target, afters, slots):
            return (*found, CheckedIs(target=target, checked=state))
    return (*found, *appeared(earlier(rows), afters, slots))


def before_commit(earlier: list[Row], row: Row, slots: list[Found]) -> tuple[Check, ...]:
    """What must stand on the screen before an irreversible step: every value entered so far, in its field where the
    field is still there; and the fields nobody touched, as they were in every recording. Of boxes side by side of which
    some are chosen, those of a thing that the task picked say nothing: another thing has others on."""
    steps = [s for s in row.steps if s is not None]
    screens = [s.before for s in steps]
    found: list[Check] = []
    touched: list[set[str]] = [set() for _ in steps]
    choices: dict[tuple[str, str], list[str]] = {}  # by role and place, what the chosen ones are called
    picked = False
    for past in earlier:
        if not past.everywhere:
            found += [check for check in _if_there(past, slots) if holds(check, screens, slots)]
            continue
        did = [s for s in past.steps if s is not None]
        elements = [e for s in did if (e := target_of(s.action)) is not None]
        if len(elements) != len(did):
            continue
        texts = [entered(s) for s in did]
        value = generalise([t or "" for t in texts], slots) if all(t is not None for t in texts) else None
        try:
            target = locate(elements, [s.before for s in did], slots, "")
        except LearnError:
            continue
        if target.name and slots_in(target.name):
            choices.setdefault((elements[0].role, place_of(elements[0])), []).append(target.name)
        picked = picked or (bool(target.slots) and elements[0].role not in _WATCHED)
        for j, screen in enumerate(screens):
            if (there := find(target, screen, values_of(slots, j))) is not None:
                touched[j].add(there.path)
        if value is not None:
            check: Check = ValueEquals(target=target, value=value)
            if holds(check, screens, slots):
                found.append(check)
    for slot in slots:
        shown = TextHas(text="{" + slot.name + "}")
        if not any("{" + slot.name + "}" in c.model_dump_json() for c in found) and holds(shown, screens, slots):
            found.append(shown)
    around = [container_of(e, s) for e, s in zip((target_of(s.action) for s in steps), screens, strict=True) if e]
    for element in screens[0].elements:
        if element.role not in _WATCHED or element.password or element.path in touched[0]:
            continue
        if around and around[0] is not None and not element.is_inside(around[0].path):
            continue
        watch = _unchanged(element, screens, slots)
        chosen = choices.get((element.role, place_of(element)))
        if isinstance(watch, CheckedIs) and chosen and picked:
            continue
        if isinstance(watch, CheckedIs) and chosen:  # of boxes side by side another may be the one that is chosen
            watch = watch.model_copy(update={"unless": tuple(dict.fromkeys(chosen))})
        if watch is not None:
            found.append(watch)
    return tuple(found)


def _if_there(past: Row, slots: list[Found]) -> list[Check]:
    """That what only some recordings had to enter is entered wherever there is a field for it."""
    pairs = [(j, s) for j, s in enumerate(past.steps) if s is not None]
    here = [Found(slot.name, tuple(slot.values[j] for j, _ in pairs)) for slot in slots]
    elements = [e for _, s in pairs if (e := target_of(s.action)) is not None]
    texts = [text for _, s in pairs if s.action.kind in ("type", "select") and (text := entered(s)) is not None]
    value = generalise(texts, here) if len(texts) == len(elements) == len(pairs) else None
    if value is None:
        return []
    try:
        target = locate(elements, [s.before for _, s in pairs], here, "")
    except LearnError:
        return []
    return [AnyOf(checks=(Absent(target=target), ValueEquals(target=target, value=value)))]


def _unchanged(element: Element, screens: Sequence[Screen], slots: list[Found]) -> Check | None:
    there = [screen.at_path(element.path) for screen in screens]
    steady = all(e is not None and (e.role, e.name) == (element.role, element.name) for e in there)
    target = Locator(
        role=element.role,
        name=element.name or None,
        id=element.id,
        placeholder=element.placeholder,
        path=element.path if steady else None,
    )
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
    return check if holds(check, screens, slots) else None


def at_the_end(rows: list[Row], finals: Sequence[Screen], slots: list[Found]) -> tuple[Check, ...]:
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
            fresh = last.action.kind != "tap" or not holds(check, befores, slots)
            if holds(check, finals, slots) and fresh:
                found.append(check)
                break
    seen = earlier(rows)
    firsts = [screens[0] for screens in seen]
    for slot in slots:
        gone = TextLacks(text="{" + slot.name + "}")
        if holds(TextHas(text="{" + slot.name + "}"), firsts, slots) and holds(gone, finals, slots):
            found.append(gone)
    return (*found, *appeared(seen, finals, slots))


def _all_found(target: Locator, screens: Sequence[Screen], slots: list[Found]) -> bool:
    return all(find(target, s, values_of(slots, j)) is not None for j, s in enumerate(screens))
