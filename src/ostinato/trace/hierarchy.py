"""The uiautomator hierarchy of an Android screen, as XML, and its elements."""

from __future__ import annotations

import re
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


@dataclass
class _Open:
    """A node whose end tag is still to come."""

    path: str
    children: dict[str, int] = field(default_factory=dict)


def read_hierarchy(path: Path) -> tuple[Element, ...]:
    """The elements, in tree order. A document type, an entity, bad bounds or bad XML is a FormatError."""
    elements: list[Element] = []
    stack = [_Open("")]
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise FormatError(path, f"line {parser.CurrentLineNumber}", "document types and entities are refused")

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag != "node":
            stack.append(_Open(stack[-1].path, stack[-1].children))
            return
        if len(stack) > _DEEPEST:
            raise FormatError(path, f"line {parser.CurrentLineNumber}", f"nested deeper than {_DEEPEST}")
        element = _element(path, parser.CurrentLineNumber, attributes, stack[-1])
        elements.append(element)
        stack.append(_Open(element.path))

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: stack.pop()
    try:
        if path.stat().st_size > _LARGEST:
            raise FormatError(path, "size", f"larger than {_LARGEST >> 20} MiB")
        parser.Parse(path.read_bytes(), True)
    except OSError as error:
        raise FormatError(path, "file", str(error.strerror)) from error
    except (expat.ExpatError, ValueError) as error:
        raise FormatError(path, "XML", str(error)) from error
    return tuple(elements)


def _element(path: Path, line: int, attributes: dict[str, str], parent: _Open) -> Element:
    found = _BOUNDS.fullmatch(attributes.get("bounds", ""))
    if found is None:
        raise FormatError(
            path,
            f"line {line}: bounds",
            f"expected [left,top][right,bottom], found {attributes.get('bounds')!r}",
        )
    left, top, right, bottom = map(int, found.groups())
    flag = {key: value == "true" for key, value in attributes.items()}
    role = _ROLES.get(attributes.get("class", "").rpartition(".")[2], "generic")
    if role in ("generic", "img", "text") and flag.get("clickable", False):
        role = "button"
    parent.children[role] = parent.children.get(role, 0) + 1
    place = role if parent.children[role] == 1 else f"{role}[{parent.children[role]}]"
    text, words = attributes.get("text", ""), attributes.get("content-desc", "")
    editable, password = role in _EDITABLE, flag.get("password", False)
    return Element(
        role=role,
        name=words if editable else text or words,
        value=text if editable and not password else None,
        id=attributes.get("resource-id") or None,
        box=Box(left=left, top=top, width=right - left, height=bottom - top),
        enabled=flag.get("enabled", True),
        checked=flag.get("checked", False) if flag.get("checkable", False) else None,
        focused=flag.get("focused", False),
        editable=editable,
        password=password,
        reachable=right > left and bottom > top,
        path=f"{parent.path}/{place}" if parent.path else place,
    )


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
