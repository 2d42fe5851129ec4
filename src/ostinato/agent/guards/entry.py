"""What stands filled in before something is sent: typed, spelt out key by key, chosen from a list, ticked by a touch.

What a field shows after a step tells more than the step: a day that is touched in a calendar is a date in its field,
and an entry of a list that the page draws itself is the value of what opened it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.agent.labels import same_line
from ostinato.agent.likeness import tokens
from ostinato.trace.action import (
    Action,
    Back,
    DoubleTap,
    Drag,
    Home,
    Key,
    LongPress,
    Open,
    Select,
    Tap,
    Type,
    target_of,
)
from ostinato.trace.record import Step
from ostinato.trace.risk import focused, is_search
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import normal

_CHOSEN = frozenset({"checkbox", "radio", "switch", "option", "menuitemcheckbox", "menuitemradio"})
_OF_MANY = frozenset({"checkbox", "switch", "menuitemcheckbox"})  # more than one may be chosen
_TOGGLED = frozenset({"checkbox", "switch", "menuitemcheckbox", "button"})  # a second touch takes it back
_FIELDS = frozenset({"textbox", "combobox", "spinbutton", "slider", "listbox"})
_STEPPED = frozenset({"spinbutton", "slider"})  # set by touches that do not say what they set
_GROUPS = frozenset({"radiogroup", "group", "form", "dialog", "region"})
_BESIDE = 160.0  # pixels: how far from a box without a name its words may stand
# Ticked because nothing goes on without it, whatever the task is.
_TERMS = re.compile(
    r"\b(?:terms|conditions|privacy|agb|datenschutz\w*|nutzungsbedingungen|condizioni|condiciones)\b|条款|利用規約|약관",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Entry:
    """Something that was filled in: where, what, what stood there before, and at which step of the run. A `choice` is
    one of some: `others` are the rest, as far as they are known, `about` is what their group is called, `begun` what
    was typed to find it, and `of_many` says that several may be chosen."""

    path: str
    text: str
    before: str
    index: int
    choice: bool = False
    others: tuple[str, ...] = ()
    about: str = ""
    begun: str = ""
    of_many: bool = False


def entries(action: Action, steps: Sequence[Step], screen: Screen, first: int) -> list[Entry]:
    """What `steps`, and `action` on the screen after them, leave filled in; `first` is the place of the first of them
    in the run. Of a field that was filled twice the last counts. Where a page was left by its address, or back, what
    was filled in there counts only as far as it still stands somewhere. A search is none."""
    found: dict[str, Entry] = {}
    standing = {normal(e.value) for e in screen.elements if e.editable and e.value}
    shown = [*(step.before for step in steps), screen]
    for n, before in enumerate(shown):
        step = steps[n] if n < len(steps) else None
        if step is not None and step.result is not None and not step.result.touched:
            continue
        after = shown[n + 1] if n + 1 < len(shown) else None
        _add(found, step.action if step is not None else action, before, after, first + n, standing)
    return [one for one in found.values() if not _taken_back(one, screen)]


def _add(
    found: dict[str, Entry], action: Action, before: Screen, after: Screen | None, index: int, standing: set[str]
) -> None:
    match action:
        case Open() | Home() | Back():
            left = {path: one for path, one in found.items() if normal(one.text) in standing}
            found.clear()
            found.update(left)
        case Type(secret=None):
            field = action.element or _field(before)
            if field is None or not is_search(field, before):
                path = field.path if field is not None else f"focus {index}"
                old = "" if action.clear else _stands(found, path, field)
                _enter(found, path, field, old + action.text, index)
        case Select():
            others = tuple(option for option in action.element.options if option != action.option)
            found[action.element.path] = Entry(action.element.path, action.option, "", index, True, others)
        case Key():
            field = _field(before)
            focus = focused(before)
            if field is not None or (focus is None and before.keyboard):
                _spell(found, action.key, field, before, after, index)
            elif action.key == " " and focus is not None:
                _touch(found, focus, before, after, index)
        case Tap() | DoubleTap() | LongPress():
            touched = target_of(action) or before.at_point(action.point)
            if touched is not None:
                _touch(found, touched, before, after, index)
        case Drag():
            for field in _changed(before, after):
                if field.role in _STEPPED:
                    found[field.path] = Entry(field.path, field.value or "", "", index)


def _enter(found: dict[str, Entry], path: str, field: Element | None, text: str, index: int) -> None:
    first = found.get(path)
    before = first.before if first is not None else (field.value or "" if field is not None else "")
    found[path] = Entry(path, text, before, index)


def _spell(
    found: dict[str, Entry], key: str, field: Element | None, before: Screen, after: Screen | None, index: int
) -> None:
    """One key in a field; what the field shows after it is what stands there, where it shows anything."""
    if field is not None and (field.password or is_search(field, before)):
        return
    path = field.path if field is not None else "keys"
    stood = _stands(found, path, field)
    text = stood + key if len(key) == 1 else stood[:-1] if key == "Backspace" else stood
    shown = next((e.value for e in _changed(before, after) if e.path == path), None)
    if (shown or text) != stood:
        _enter(found, path, field, shown or text, index)


def _touch(found: dict[str, Entry], touched: Element, before: Screen, after: Screen | None, index: int) -> None:
    """A choice by a touch: of what shows it afterwards, a field, else of what was touched."""
    name = _called(touched, before)
    told = set(_figures(name))
    by_name = False
    for field in _changed(before, after):
        value = field.value or ""
        if field.path == touched.path or is_search(field, before):
            continue
        if told & set(_figures(value)):
            typed = found.get(field.path)
            begun = typed.text if typed is not None and not typed.choice else ""
            found[field.path] = Entry(field.path, value, "", index, True, begun=begun)
            by_name = True
        elif field.role in _STEPPED:
            found[field.path] = Entry(field.path, value, "", index)
    if by_name or not name or not (touched.role in _CHOSEN or touched.checked is not None):
        return
    if touched.role in _TOGGLED and touched.checked:
        found.pop(touched.path, None)
    elif not (touched.role == "checkbox" and _TERMS.search(name)):
        shape = touched.path.rpartition("/")[0]
        peers = [e for e in before.elements if e.role == touched.role and e.path.rpartition("/")[0] == shape]
        others = tuple(_called(e, before) for e in peers if e.path != touched.path)
        about = " ".join(e.name for e in before.ancestors(touched) if e.role in _GROUPS and e.name)
        found[touched.path] = Entry(
            touched.path, name, "", index, True, others, about, of_many=touched.role in _OF_MANY
        )


def _changed(before: Screen, after: Screen | None) -> list[Element]:
    """The fields of a page whose value is another after a step that did not leave it, as they are then."""
    if after is None or (before.url, before.package) != (after.url, after.package):
        return []
    found = []
    for field in after.elements:
        if (field.editable or field.role in _FIELDS) and field.value and not field.password:
            old = before.at_path(field.path)
            same = old is not None and (old.role, old.id, old.placeholder) == (field.role, field.id, field.placeholder)
            if same and old is not None and old.value != field.value:
                found.append(field)
    return found


def _taken_back(one: Entry, screen: Screen) -> bool:
    """Whether the screen shows that a choice is none any more."""
    now = screen.at_path(one.path) if one.choice else None
    return (
        now is not None
        and now.role in _CHOSEN
        and now.checked is False
        and _called(now, screen) == one.text
        and (now.role not in _TOGGLED)
    )


def _field(screen: Screen) -> Element | None:
    """The field that typing goes into."""
    focus = focused(screen)
    return focus if focus is not None and focus.editable else None


def _stands(found: dict[str, Entry], path: str, field: Element | None) -> str:
    if path in found:
        return found[path].text
    return (field.value or "") if field is not None and not field.password else ""


def _called(element: Element, screen: Screen) -> str:
    """The name of a box to tick, or the words beside it."""
    if element.name.strip():
        return element.name
    inner = " ".join(e.name for e in screen.inside(element) if e.name.strip())
    if inner:
        return inner
    box, gaps = element.box, []
    for words in screen.elements:
        if words.role in ("text", "cell", "generic") and words.name.strip() and same_line(words.box, box):
            right, left = words.box.left - box.left - box.width, box.left - words.box.left - words.box.width
            if -2 <= max(right, left) <= _BESIDE:
                gaps.append((max(right, left), left > right, words.name))
    return min(gaps)[2] if gaps else ""


def _figures(text: str) -> list[str]:
    """The words of a text, numbers without zeros before them: a calendar says 5 where a date says 05."""
    return [word.lstrip("0") or word for word in tokens(text)]
