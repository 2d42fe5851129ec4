"""Checks that hold in every recording: before a step, after it, before it is sent, and at the end."""

from __future__ import annotations

from collections.abc import Sequence

from ostinato.errors import LearnError
from ostinato.judge.check import (
    Check,
    CheckedIs,
    Enabled,
    Exists,
    TextHas,
    TextLacks,
    Together,
    UrlLike,
    ValueEquals,
)
from ostinato.judge.evidence import Evidence, evaluate, path_of
from ostinato.replay.recordings import Row, entered
from ostinato.replay.targets import locate
from ostinato.trace.action import target_of
from ostinato.trace.locator import REPEATED, Locator, container_of, find
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, generalise, mask, values_of
from ostinato.trace.values import as_date, as_number, holds_value

_WATCHED = frozenset({"checkbox", "radio", "switch", "combobox", "textbox", "spinbutton", "searchbox"})
_SIGNS = frozenset(
    {"heading", "dialog", "alertdialog", "alert", "status", "textbox", "button", "link", "combobox", "text"}
)
_MOST_SIGNS = 3


def before_step(screens: Sequence[Screen], target: Locator | None) -> tuple[Check, ...]:
    """The page the step is taken on, and that its target can be touched."""
    found: list[Check] = []
    pattern = _url_pattern(screens)
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
    pattern = _url_pattern(afters)
    if pattern is not None and pattern != _url_pattern(befores):
        found.append(UrlLike(pattern=pattern))
    kind = next(s.action.kind for s in row.steps if s is not None)
    if target is not None and text is not None and kind in ("type", "select"):
        check: Check = ValueEquals(target=target, value=text)
        if _holds(check, afters, slots):
            return (*found, check)
    if target is not None and kind == "tap":
        states = {e.checked for a, e in ((a, find(target, a, values_of(slots, j))) for j, a in enumerate(afters)) if e}
        if len(states) == 1 and (state := states.pop()) is not None and _all_found(target, afters, slots):
            return (*found, CheckedIs(target=target, checked=state))
    return (*found, *_appeared(_earlier(rows), afters, slots))


def before_commit(earlier: list[Row], row: Row, slots: list[Found]) -> tuple[Check, ...]:
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
        texts = [entered(s) for s in did]
        value = generalise([t or "" for t in texts], slots) if all(t is not None for t in texts) else None
        try:
            target = locate(elements, [s.before for s in did], slots, "")
        except LearnError:
            continue
        for j, screen in enumerate(screens):
            if (there := find(target, screen, values_of(slots, j))) is not None:
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


def _appeared(earlier: Sequence[Sequence[Screen]], afters: Sequence[Screen], slots: list[Found]) -> list[Check]:
    """Signs that came with this step in every recording: elements known by role and name that no earlier screen of
    the recording had. What shows figures or dates that no slot explains, or is one of many rows, is no sign."""
    signs: list[Check] = []
    for element in sorted(afters[0].elements, key=lambda e: (e.role == "text", e.role in ("link", "button"))):
        if element.role not in _SIGNS or not element.name or len(element.name) > 120:
            continue
        name = mask(element.name, values_of(slots, 0))
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
            evaluate(check, Evidence(after=screen, values=values_of(slots, j))).value == "true"
            for j, screens in enumerate(earlier)
            for screen in screens
        ):
            continue
        signs.append(check)
        if len(signs) == _MOST_SIGNS:
            break
    return signs


def _earlier(rows: Sequence[Row]) -> list[list[Screen]]:
    """For each recording, the screens before each of these steps."""
    return [[s.before for row in rows if (s := row.steps[j]) is not None] for j in range(len(rows[0].steps))]


def _all_found(target: Locator, screens: Sequence[Screen], slots: list[Found]) -> bool:
    return all(find(target, s, values_of(slots, j)) is not None for j, s in enumerate(screens))


def _url_pattern(screens: Sequence[Screen]) -> str | None:
    paths = [path_of(s.url).split("/") for s in screens if s.url is not None]
    if len(paths) != len(screens) or len({len(p) for p in paths}) != 1 or screens[0].url is None:
        return None
    if screens[0].url.startswith("file:"):
        return None
    parts = ["*" if len(set(column)) > 1 or column[0].isdigit() else column[0] for column in zip(*paths, strict=True)]
    return "/".join(parts)


def _holds(check: Check, screens: Sequence[Screen], slots: list[Found]) -> bool:
    return all(
        evaluate(check, Evidence(after=s, values=values_of(slots, j))).value == "true" for j, s in enumerate(screens)
    )
