"""The layout of a HarmonyOS screen as uitest tells it (JSON), and its nodes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ostinato.errors import FormatError
from ostinato.trace.hierarchy import Hierarchy, Node
from ostinato.trace.screen import Box, Element

_DEEPEST = 400  # nested components of one layout
_BOUNDS = re.compile(r"\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]")
_ROLES = {
    "Button": "button", "Chip": "button", "TextInput": "textbox", "TextArea": "textbox", "RichEditor": "textbox",
    "Search": "searchbox", "SearchField": "searchbox", "Checkbox": "checkbox", "CheckboxGroup": "checkbox",
    "Toggle": "switch", "Switch": "switch", "Radio": "radio", "Text": "text", "Span": "text", "Marquee": "text",
    "Option": "option", "MenuItem": "menuitem", "Image": "img", "ImageAnimator": "img", "SymbolGlyph": "img",
    "Select": "combobox", "Slider": "slider", "Progress": "progressbar", "LoadingProgress": "progressbar",
    "List": "list", "Grid": "grid", "WaterFlow": "grid", "Web": "document", "Tabs": "tablist", "Menu": "menu",
    "Dialog": "dialog", "AlertDialog": "dialog", "TitleBar": "toolbar",
}  # fmt: skip
_EDITABLE = frozenset({"textbox", "searchbox"})
# uitest does not say which field is for a password: the text of one is told as such marks, and its hint or id says it.
_MASKS = frozenset("*•●·")
_SECRET = re.compile(r"pass ?(?:word|code|wort)|(?<![a-z])pin(?![a-z])|密码|密碼|口令", re.IGNORECASE)
Skip = Callable[[str, Box], bool]


@dataclass(frozen=True)
class Layout:
    """All nodes in tree order, without the windows that were left out. `bundle`, `ability` and `page` are those of the
    window in front, `box` is what all windows take."""

    nodes: tuple[Node, ...]
    box: Box
    bundle: str
    ability: str
    page: str

    def turned(self, size: tuple[int, int]) -> Hierarchy:
        """The nodes, and whether the screen lies the other way than `size`, its width and height upright."""
        across = self.box.width > self.box.height
        return Hierarchy(self.nodes, int(across != (size[0] > size[1])))


def read_layout(told: object, source: object, skip: Skip | None = None) -> Layout:
    """The layout from JSON, or from what it holds. Windows that `skip` says so of (it is told an app's bundle and the
    window's box) are left out. FormatError when it is no layout; `source` is what it calls it."""
    return _Reader(source, skip).read(told)


@dataclass
class _Above:
    """Where a component is nested."""

    path: str = ""
    order: tuple[int, ...] = ()
    package: str = ""
    names: dict[str, int] = field(default_factory=dict)


class _Reader:
    def __init__(self, source: object, skip: Skip | None) -> None:
        self._source, self._skip = source, skip
        self._nodes: list[Node] = []

    def read(self, told: object) -> Layout:
        if isinstance(told, str | bytes):
            try:
                told = json.loads(told)
            except (ValueError, RecursionError) as error:
                raise FormatError(self._source, "JSON", str(error)) from error
        root, windows = self._parts(told, "the root")
        above, front = _Above(), None
        for number, window in enumerate(windows):
            about, _ = self._parts(window, f"window {number}")
            package, box = _word(about, "bundleName"), self._box(about, f"window {number}")
            if self._skip is not None and self._skip(package, box):
                continue
            front = front or about
            # the window in front is told first
            self._walk(window, _Above("", (-number,), package, above.names), f"window {number}", 1)
        front = front or {}
        return Layout(
            tuple(self._nodes), self._box(root, "the root"),
            _word(front, "bundleName"), _word(front, "abilityName"), _word(front, "pagePath"),
        )  # fmt: skip

    def _parts(self, told: object, where: str) -> tuple[dict[str, Any], list[Any]]:
        """The attributes and the children of a component."""
        if not isinstance(told, dict) or not isinstance(told.get("attributes"), dict):
            raise FormatError(self._source, f"{where}: attributes", f"expected a component, found {str(told)[:60]}")
        children = told.get("children") or []
        if not isinstance(children, list):
            raise FormatError(self._source, f"{where}: children", f"expected a list, found {str(children)[:60]}")
        return told["attributes"], children

    def _walk(self, told: object, above: _Above, where: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise FormatError(self._source, where, f"nested deeper than {_DEEPEST}")
        about, children = self._parts(told, where)
        raised = _word(about, "zIndex")
        place = (int(raised) if re.fullmatch(r"-?\d{1,6}", raised, re.ASCII) else 0, len(self._nodes))
        node = self._node(about, above, (*above.order, *place), where)
        self._nodes.append(node)
        within = _Above(node.element.path, node.order, above.package)
        for number, child in enumerate(children):
            self._walk(child, within, f"{where}.{number}", depth + 1)

    def _node(self, about: dict[str, Any], above: _Above, order: tuple[int, ...], where: str) -> Node:
        kind, clickable = _word(about, "type"), _flag(about, "clickable")
        role = _ROLES.get(kind, "generic")
        if role in ("generic", "img", "text") and clickable:
            role = "button"
        above.names[role] = above.names.get(role, 0) + 1
        step = role if above.names[role] == 1 else f"{role}[{above.names[role]}]"
        text, words, hint = (_word(about, name) for name in ("text", "description", "hint"))
        editable, box = role in _EDITABLE, self._box(about, where)
        name = _word(about, "id") or _word(about, "key")
        masked = bool(text) and set(text) <= _MASKS
        password = editable and (masked or any(_SECRET.search(said) for said in (hint, words, name)))
        value = text if editable and not password else (text or None) if role == "combobox" else None
        element = Element(
            role=role,
            name=words if editable or role == "combobox" else text or words,
            value=value,
            placeholder=hint or None if editable else None,
            id=name or None,
            box=box,
            enabled=_flag(about, "enabled", True),
            checked=_flag(about, "checked") if _flag(about, "checkable") else None,
            focused=_flag(about, "focused"),
            editable=editable,
            password=password,
            reachable=box.area > 0 and _flag(about, "visible", True),
            path=f"{above.path}/{step}" if above.path else step,
        )
        touched, filled = clickable or editable, len(text) if editable else 0
        return Node(element, above.package, touched, _flag(about, "scrollable"), filled, order, kind)

    def _box(self, about: dict[str, Any], where: str) -> Box:
        found = _BOUNDS.fullmatch(_word(about, "bounds"))
        if found is None:
            problem = f"expected [left,top][right,bottom], found {about.get('bounds')!r}"
            raise FormatError(self._source, f"{where}: bounds", problem)
        left, top, right, bottom = map(int, found.groups())
        return Box(left=left, top=top, width=max(0, right - left), height=max(0, bottom - top))


def _word(about: dict[str, Any], name: str) -> str:
    found = about.get(name, "")
    return found if isinstance(found, str) else str(found) if isinstance(found, int | float) else ""


def _flag(about: dict[str, Any], name: str, otherwise: bool = False) -> bool:
    found = about.get(name, "")
    return otherwise if found == "" else found is True or found == "true"
