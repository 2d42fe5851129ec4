"""The uiautomator hierarchy of an Android screen, as XML, and its elements."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from ostinato.errors import FormatError
from ostinato.trace.screen import Box, Element, Screen

_LARGEST = 32 << 20  # bytes of one file
_DEEPEST = 400  # nested nodes of one hierarchy
_BOUNDS = re.compile(r"\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]")
_ROLES = {
    "Button": "button",
    "ImageButton": "button",
    "FloatingActionButton": "button",
    "EditText": "textbox",
    "AutoCompleteTextView": "textbox",
    "MultiAutoCompleteTextView": "textbox",
    "SearchView": "searchbox",
    "CheckBox": "checkbox",
    "Switch": "switch",
    "ToggleButton": "switch",
    "RadioButton": "radio",
    "RadioGroup": "radiogroup",
    "TextView": "text",
    "CheckedTextView": "option",
    "ImageView": "img",
    "Spinner": "combobox",
    "SeekBar": "slider",
    "ProgressBar": "progressbar",
    "ListView": "list",
    "RecyclerView": "list",
    "GridView": "grid",
    "WebView": "document",
    "TabWidget": "tablist",
    "Toolbar": "toolbar",
}
_CLASSES = {role: name for name, role in reversed(_ROLES.items())}
_EDITABLE = frozenset({"textbox", "searchbox"})
Skip = Callable[[str, Box], bool]


@dataclass(frozen=True)
class Node:
    """An element, and what else the hierarchy says of it. `filled` is how many characters stand in a field, `kind` what
    the phone itself calls such a thing. Of two that overlap in one window (the first number of `order` counts windows),
    the one of the later order is on top."""

    element: Element
    package: str
    clickable: bool
    scrollable: bool
    filled: int
    order: tuple[int, ...]
    kind: str = ""


@dataclass(frozen=True)
class Hierarchy:
    """All nodes in tree order, and by how many quarters the screen is turned."""

    nodes: tuple[Node, ...]
    rotation: int


def read_hierarchy(path: Path) -> tuple[Element, ...]:
    """The elements, in tree order. A document type, an entity, bad bounds or bad XML is a FormatError."""
    try:
        if path.stat().st_size > _LARGEST:
            raise FormatError(path, "size", f"larger than {_LARGEST >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(path, "file", str(error.strerror)) from error
    return tuple(node.element for node in read_nodes(data, path).nodes)


def read_nodes(data: bytes, source: object, skip: Skip | None = None) -> Hierarchy:
    """All nodes, without those windows that `skip` leaves out (it is told a window's package and box). FormatError as
    of `read_hierarchy`; `source` is what it calls the file."""
    return _Reader(source, skip).read(data)


@dataclass
class _Open:
    """A node whose end tag is still to come."""

    path: str
    order: tuple[int, ...] = ()
    children: dict[str, int] = field(default_factory=dict)


class _Reader:
    def __init__(self, source: object, skip: Skip | None) -> None:
        self._source, self._skip = source, skip
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._stack = [_Open("")]
        self._nodes: list[Node] = []
        self._rotation = 0
        self._skipped = 0  # open tags within a window that is left out

    def read(self, data: bytes) -> Hierarchy:
        try:
            self._parser.Parse(data, True)
        except (expat.ExpatError, ValueError) as error:
            raise FormatError(self._source, "XML", str(error)) from error
        return Hierarchy(tuple(self._nodes), self._rotation)

    def _problem(self, problem: str, field_name: str = "") -> FormatError:
        return FormatError(self._source, f"line {self._parser.CurrentLineNumber}{field_name}", problem)

    def _refuse(self, *_: object) -> None:
        raise self._problem("document types and entities are refused")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._skipped:
            self._skipped += 1
            return
        parent = self._stack[-1]
        if tag != "node":
            if tag == "hierarchy":
                turned = attributes.get("rotation", "")
                self._rotation = int(turned) % 4 if turned.isascii() and turned.isdigit() else 0
            self._stack.append(_Open(parent.path, parent.order, parent.children))
            return
        if (
            not parent.path
            and self._skip is not None
            and self._skip(attributes.get("package", ""), self._box(attributes))
        ):
            self._skipped = 1
            return
        if len(self._stack) > _DEEPEST:
            raise self._problem(f"nested deeper than {_DEEPEST}")
        drawn = attributes.get("drawing-order", "")
        place = (int(drawn) if drawn.isascii() and drawn.isdigit() and parent.path else 0, len(self._nodes))
        node = self._node(attributes, parent, (*parent.order, *(place if parent.path else place[1:])))
        self._nodes.append(node)
        self._stack.append(_Open(node.element.path, node.order))

    def _end(self, _: str) -> None:
        if self._skipped:
            self._skipped -= 1
        else:
            self._stack.pop()

    def _node(self, attributes: dict[str, str], parent: _Open, order: tuple[int, ...]) -> Node:
        flag = {key: value == "true" for key, value in attributes.items()}
        role = _ROLES.get(attributes.get("class", "").rpartition(".")[2], "generic")
        if role in ("generic", "img", "text") and flag.get("clickable", False):
            role = "button"
        parent.children[role] = parent.children.get(role, 0) + 1
        place = role if parent.children[role] == 1 else f"{role}[{parent.children[role]}]"
        text, words, hint = (attributes.get(name, "") for name in ("text", "content-desc", "hint"))
        editable, password = role in _EDITABLE, flag.get("password", False)
        held = "" if editable and text == hint else text  # an empty field says its hint as its text
        box = self._box(attributes)
        element = Element(
            role=role,
            name=words if editable else text or words,
            value=held if editable and not password else None,
            placeholder=hint or None if editable else None,
            id=attributes.get("resource-id") or None,
            box=box,
            enabled=flag.get("enabled", True),
            checked=flag.get("checked", False) if flag.get("checkable", False) else None,
            focused=flag.get("focused", False),
            editable=editable,
            password=password,
            reachable=box.width > 0 and box.height > 0 and flag.get("visible-to-user", True),
            path=f"{parent.path}/{place}" if parent.path else place,
        )
        package, clickable = attributes.get("package", ""), flag.get("clickable", False)
        scrollable, filled = flag.get("scrollable", False), len(held) if editable else 0
        return Node(element, package, clickable, scrollable, filled, order, attributes.get("class", ""))

    def _box(self, attributes: dict[str, str]) -> Box:
        found = _BOUNDS.fullmatch(attributes.get("bounds", ""))
        if found is None:
            problem = f"expected [left,top][right,bottom], found {attributes.get('bounds')!r}"
            raise self._problem(problem, ": bounds")
        left, top, right, bottom = map(int, found.groups())
        return Box(left=left, top=top, width=right - left, height=bottom - top)


def write_hierarchy(screen: Screen) -> bytes:
    """The elements as a uiautomator hierarchy, nested as their paths are."""
    root = ElementTree.Element("hierarchy", rotation="0")
    nodes: dict[str, ElementTree.Element] = {}
    for element in screen.elements:
        parent = next((nodes[a.path] for a in screen.ancestors(element) if a.path in nodes), root)
        box = element.box
        right, bottom = box.left + box.width, box.top + box.height
        text = element.value if element.role in _EDITABLE else element.name
        nodes[element.path] = ElementTree.SubElement(
            parent,
            "node",
            {
                "text": _xml_text("" if element.password else text or ""),
                "content-desc": _xml_text(element.name if element.role in _EDITABLE else ""),
                "resource-id": _xml_text(element.id or ""),
                "class": "android.widget." + _CLASSES.get(element.role, "FrameLayout"),
                "checkable": _word(element.checked is not None),
                "checked": _word(bool(element.checked)),
                "enabled": _word(element.enabled),
                "focused": _word(element.focused),
                "password": _word(element.password),
                "bounds": f"[{box.left:.0f},{box.top:.0f}][{right:.0f},{bottom:.0f}]",
            },
        )
    data: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _word(value: bool) -> str:
    return "true" if value else "false"


def _xml_text(text: str) -> str:
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
