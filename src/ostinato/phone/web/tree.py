"""What is on a page: from Chromium's raw answers to elements.

The DOM snapshot says where things are and what is painted over what, the accessibility tree says what they
are. Everything here is a pure function of those answers; no page is asked anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ostinato.phone.veil import BULLET
from ostinato.phone.web.document import Corners, Document, at, one_line
from ostinato.phone.web.forms import choices, is_missing, sends
from ostinato.trace.screen import Box, Element

STYLES = (
    "visibility", "pointer-events", "opacity", "overflow-x", "overflow-y", "position", "display",
    "border-left-width", "border-top-width", "padding-left", "padding-top",
)  # fmt: skip

_ARIA_OF = {
    "StaticText": "text", "image": "img", "Canvas": "img", "Date": "textbox", "DateTime": "textbox",
    "InputTime": "textbox", "Month": "textbox", "Week": "textbox", "ColorWell": "textbox",
    "DisclosureTriangle": "button", "DisclosureTriangleGrouped": "button", "ToggleButton": "button",
    "PopUpButton": "combobox", "MenuListOption": "option", "ListBoxOption": "option", "Details": "group",
    "Iframe": "document", "TextField": "textbox", "SearchBox": "searchbox", "EmbeddedObject": "img",
}  # fmt: skip
_PRUNED = {
    "none", "generic", "presentation", "paragraph", "strong", "emphasis", "code", "mark", "deletion",
    "insertion", "subscript", "superscript", "time", "rowgroup", "blockquote", "suggestion", "sectionheader",
    "sectionfooter", "caption", "term", "definition",
}  # fmt: skip
_NAMED_BY_CONTENT = {
    "button", "link", "heading", "cell", "gridcell", "columnheader", "rowheader", "option", "tab", "menuitem",
    "menuitemcheckbox", "menuitemradio", "checkbox", "radio", "switch", "treeitem", "tooltip", "generic",
}  # fmt: skip
_CONTROLS = _NAMED_BY_CONTENT - {"heading", "cell", "gridcell", "columnheader", "rowheader", "generic", "tooltip"} | {
    "textbox", "searchbox", "combobox", "listbox", "slider", "spinbutton",
}  # fmt: skip
_WITH_VALUE = {"textbox", "searchbox", "combobox", "slider", "spinbutton", "progressbar", "meter", "scrollbar"}
_NOT_TEXT_FIELDS = {"button", "submit", "reset", "image", "checkbox", "radio", "file", "hidden"}
_PLAIN_FIELDS = {"text", "password", "search"}  # a field of another type takes its own form only: a date, a number
_WORDLESS = {"img", "generic", "button", "link", "graphics-symbol", "graphics-document"}
# What many classes of pictures begin with, whatever they show.
_EVERY_ICON = {"icon", "icons", "fa", "fas", "far", "fab", "glyphicon", "mdi", "bi", "ui", "btn", "button", "img"}
_FEW_NODES, _LONGEST_HINT = 6, 60
_NEVER_BARE = {"HTML", "BODY", "LABEL", "#document", "#text"}
_HIDDEN_REASONS = {"ariaHiddenElement", "ariaHiddenSubtree", "inertElement", "inertSubtree", "activeModalDialog"}


@dataclass(frozen=True)
class Tree:
    """The elements in tree order; `nodes` maps an element's path to its backendDOMNodeId and
    `frames` to the id of the frame it is in."""

    elements: tuple[Element, ...]
    nodes: dict[str, int]
    frames: dict[str, str]
    title: str = ""


def _rare(data: dict[str, Any] | None) -> dict[int, int]:
    return dict(zip(data["index"], data["value"], strict=True)) if data else {}


def _pixels(length: str) -> float:
    try:
        return float(length.removesuffix("px"))
    except ValueError:
        return 0.0


def read_tree(
    snapshot: dict[str, Any],
    accessibility: Iterable[dict[str, Any]],
    metrics: dict[str, Any],
    *,
    width: int,
    height: int,
    scale: float = 1.0,
) -> Tree:
    """Elements of a page.

    `snapshot` is the answer of DOMSnapshot.captureSnapshot with `STYLES` and paint order; `accessibility` the
    nodes of Accessibility.getFullAXTree of all frames; `metrics` the answer of Page.getLayoutMetrics. `width`
    and `height` are the viewport in CSS px at page scale 1; `scale` is screenshot pixels per such px.
    """
    strings = snapshot["strings"]
    view = metrics["cssVisualViewport"]
    zoom = view["scale"] * scale
    left, top = view["pageX"], view["pageY"]
    known = {node["backendDOMNodeId"]: node for node in accessibility if "backendDOMNodeId" in node}
    builder = _Builder(snapshot, known, left, top, zoom, width * scale, height * scale)
    endless = (-1e9, -1e9, 1e9, 1e9)
    if snapshot["documents"]:
        builder.read(Document(snapshot["documents"][0], strings, 0.0, 0.0, endless), 0, "")
    builder.judge_reach()
    title = strings[snapshot["documents"][0]["title"]] if snapshot["documents"] else ""
    return Tree(tuple(Element(**e) for e in builder.found), builder.nodes, builder.frames, title)


class _Builder:
    """Walks documents in tree order and gathers elements."""

    def __init__(
        self, snapshot: dict[str, Any], known: dict[int, dict[str, Any]],
        left: float, top: float, zoom: float, width: float, height: float,
    ) -> None:  # fmt: skip
        self.snapshot, self.known = snapshot, known
        self.left, self.top, self.zoom, self.width, self.height = left, top, zoom, width, height
        self.found: list[dict[str, Any]] = []
        self.places: list[tuple[Document, int]] = []
        self.nodes: dict[str, int] = {}
        self.frames: dict[str, str] = {}
        self.counts: Counter[tuple[str, str]] = Counter()

    def read(self, doc: Document, start: int, under: str) -> None:
        nodes = doc.data["nodes"]
        self._inputs = _rare(nodes.get("inputValue"))
        inputs, texts = self._inputs, _rare(nodes.get("textValue"))
        frames = _rare(nodes.get("contentDocumentIndex"))
        clickable = self._clickable(doc)
        stack: list[tuple[int, str, dict[str, Any] | None]] = []  # (end of subtree, path, element)
        skip_until = 0
        for node in range(start, len(doc.parent)):
            if node < skip_until:
                continue
            while stack and node >= stack[-1][0]:
                stack.pop()
            path, parent = (stack[-1][1], stack[-1][2]) if stack else (under, None)
            name = doc.names[node]
            kept = self._element(doc, node, path, parent, clickable, inputs, texts)
            if kept is not None:
                stack.append((doc.end[node], kept["path"], kept))
                path = kept["path"]
            if name in ("SELECT", "TEXTAREA"):
                skip_until = doc.end[node]
            elif node in frames:
                self._frame(doc, node, frames[node], path)

    def _frame(self, doc: Document, node: int, index: int, path: str) -> None:
        i = doc.layout_of.get(node)
        if i is None or not doc.visible[i]:
            return
        data = self.snapshot["documents"][index]
        box, style = doc.boxes[i], doc.styles[i]
        border_x, border_y, padding_x, padding_y = (_pixels(s) for s in style[7:11]) if style else (0.0,) * 4
        x, y = box[0] + border_x + padding_x, box[1] + border_y + padding_y
        inner = Document(
            data, self.snapshot["strings"], x - data.get("scrollOffsetX", 0.0), y - data.get("scrollOffsetY", 0.0),
            doc.shown[i], (doc, node),
        )  # fmt: skip
        self.read(inner, 0, path)

    def _clickable(self, doc: Document) -> set[int]:
        """Nodes that answer a touch without saying so to the accessibility tree, and hold no control."""
        rare = doc.data["nodes"].get("isClickable")
        candidates = []
        busy = [0] * (len(doc.parent) + 1)
        marked = set(rare["index"]) if rare else set()
        for node in range(len(doc.parent)):
            known = self.known.get(doc.backend[node])
            role = known["role"]["value"] if known and not known.get("ignored") else ""
            control = _ARIA_OF.get(role, role) in _CONTROLS or doc.names[node] == "IFRAME"
            bare = not control and node in marked and doc.names[node] not in _NEVER_BARE
            if bare and not (known and _is_hidden(known)) and (not role or role in _PRUNED or role[0].isupper()):
                candidates.append(node)
            busy[node + 1] = busy[node] + (control or bare)
        return {n for n in candidates if busy[doc.end[n]] == busy[n + 1]}

    def _element(
        self, doc: Document, node: int, path: str, parent: dict[str, Any] | None,
        clickable: set[int], inputs: dict[int, int], texts: dict[int, int],
    ) -> dict[str, Any] | None:  # fmt: skip
        known = self.known.get(doc.backend[node])
        i = doc.layout_of.get(node)
        if i is None or not doc.visible[i]:
            return None
        if known is None or known.get("ignored"):
            if node not in clickable:
                return None
            role = "generic"
        else:
            role = known["role"]["value"]
            role = _ARIA_OF.get(role, role)
            if role in _PRUNED or role[:1].isupper():
                if node not in clickable:
                    return None
                role = "generic"
        left, top, right, bottom = doc.boxes[i]
        if right <= left or bottom <= top:
            if role in _CONTROLS or role in ("text", "generic", "img"):
                return None
        elif doc.clear[i] and role not in _CONTROLS:
            return None
        name = one_line(known["name"].get("value", "")) if known and "name" in known else ""
        if role == "text":
            if not name or doc.names[node] != "#text" or (parent is not None and _says(parent, name)):
                return None
        elif role == "generic" and not name:
            name = self._inner_words(doc, node)
        elif role == "img" and not name and parent is not None and parent["role"] in _CONTROLS:
            return None
        element: dict[str, Any] = {"role": role, "name": name}
        if role != "text":
            self._fill(element, doc, node, known or {}, inputs, texts)
        step = role
        self.counts[path, role] += 1
        if self.counts[path, role] > 1:
            step += f"[{self.counts[path, role]}]"
        element["path"] = f"{path}/{step}" if path else step
        element["box"] = self._box(doc.boxes[i])
        self.found.append(element)
        self.places.append((doc, node))
        self.nodes[element["path"]] = doc.backend[node]
        self.frames[element["path"]] = doc.frame
        return element

    def _inner_words(self, doc: Document, node: int) -> str:
        text = doc.data["layout"]["text"]
        parts = (
            doc.strings[text[doc.layout_of[k]]]
            for k in range(node, doc.end[node])
            if k in doc.layout_of and doc.names[k] == "#text" and text[doc.layout_of[k]] >= 0
        )
        return one_line(" ".join(parts))[:200]

    def _fill(
        self, element: dict[str, Any], doc: Document, node: int, known: dict[str, Any],
        inputs: dict[int, int], texts: dict[int, int],
    ) -> None:  # fmt: skip
        flat = doc.attributes[node]
        strings = doc.strings
        word = {strings[flat[k]]: at(strings, flat[k + 1]) for k in range(0, len(flat), 2)}
        said = {p["name"]: p["value"].get("value") for p in known.get("properties", ())}
        tag, role = doc.names[node], element["role"]
        kind = word.get("type", "text").lower() if tag == "INPUT" else ""
        identity = word.get("data-testid") or word.get("id") or word.get("name")
        if identity:
            element["id"] = identity
        if word.get("placeholder"):
            element["placeholder"] = one_line(word["placeholder"])
        if tag == "TEXTAREA":
            element["hint"] = "textarea"
        elif kind not in _NOT_TEXT_FIELDS | _PLAIN_FIELDS:
            element["hint"] = kind or None
        if not element["name"] and role in _WORDLESS:
            element["hint"] = self._picture_words(doc, node)
        if said.get("disabled"):
            element["enabled"] = False
        if said.get("focused"):
            element["focused"] = True
        for key in ("checked", "pressed", "selected"):
            state = said.get(key)
            if state is None or (key == "selected" and role not in ("option", "tab", "treeitem")):
                continue
            if state != "mixed":
                element["checked"] = state in (True, "true")
            break
        if said.get("hasPopup") not in (None, "false") or said.get("expanded") is False:
            element["hint"] = element.get("hint") or "collapsed"
        field = tag == "TEXTAREA" or (tag == "INPUT" and kind not in _NOT_TEXT_FIELDS)
        rich = said.get("editable") == "richtext" and "contenteditable" in word
        if (field or rich) and not said.get("disabled") and not said.get("readonly") and "readonly" not in word:
            element["editable"] = True
        if kind == "password":
            element["password"] = True
            element["role"] = "textbox"
        if tag == "SELECT":
            element["options"], element["value"] = choices(doc, node)
        elif field:
            index = inputs.get(node, texts.get(node))
            value = at(strings, index) if index is not None else ""
            element["value"] = BULLET * len(value) if kind == "password" else value
        elif role in _WITH_VALUE and "value" in known:
            element["value"] = str(known["value"].get("value", ""))
        elif rich:
            element["value"] = str(known.get("value", {}).get("value", self._inner_words(doc, node)))
        if (tag == "BUTTON" and word.get("type", "submit").lower() == "submit") or kind in ("submit", "image"):
            element["submits"] = sends(doc, node, element["name"])
        elif is_missing(doc, node, element, said):
            element["missing"] = True

    def _picture_words(self, doc: Document, node: int) -> str | None:
        """What the page's own code calls a picture: its file, else the class of what draws it."""
        for k in range(node, min(doc.end[node], node + _FEW_NODES)):
            file = (doc.word(k, "src") or "").rsplit("/", 1)[-1].split("?")[0]
            named = file.rsplit(".", 1)[0] if "." in file and not file.startswith("data:") else ""
            words = [w for w in re.split(r"[\W_\d]+", f"{doc.word(k, 'class') or ''} {named}".lower()) if len(w) > 1]
            told = [word for word in dict.fromkeys(words) if word not in _EVERY_ICON]
            if told:
                return " ".join(told)[:_LONGEST_HINT]
        return None

    def _box(self, box: Corners) -> Box:
        zoom = self.zoom
        return Box(
            left=round((box[0] - self.left) * zoom, 2), top=round((box[1] - self.top) * zoom, 2),
            width=round((box[2] - box[0]) * zoom, 2), height=round((box[3] - box[1]) * zoom, 2),
        )  # fmt: skip

    def judge_reach(self) -> None:
        """Set `reachable`: is the centre in view, and does a touch there hit the element?"""
        centers = []
        for doc, node in self.places:
            a, b, c, d = doc.boxes[doc.layout_of[node]]
            centers.append(((a + c) / 2, (b + d) / 2))
        reach = self._reached(self.places, np.array(centers).reshape(-1, 2))
        for k, element in enumerate(self.found):
            doc, node = self.places[k]
            if not reach[k]:
                i = doc.layout_of[node]
                center = element["box"].center
                inline = (doc.styles[i] and doc.styles[i][6] == "inline") or doc.names[node] == "#text"
                lines = doc.lines(node) if inline and self._in_view(center.x, center.y) else []
                for line in lines[:3] if len(lines) > 1 else ():
                    middle = np.array([((line[0] + line[2]) / 2, (line[1] + line[3]) / 2)])
                    if self._reached([(doc, node)], middle)[0]:
                        element["box"], reach[k] = self._box(line), True
                        break
            element["reachable"] = reach[k]

    def _in_view(self, x: float, y: float) -> bool:
        return 0 <= x < self.width and 0 <= y < self.height

    def _reached(self, places: list[tuple[Document, int]], points_P2: np.ndarray) -> list[bool]:
        reach = [self._in_view((x - self.left) * self.zoom, (y - self.top) * self.zoom) for x, y in points_P2.tolist()]
        while True:
            groups: dict[int, list[int]] = {}
            for k, (doc, _) in enumerate(places):
                if reach[k]:
                    groups.setdefault(id(doc), []).append(k)
            outer = list(places)
            again = False
            for ks in groups.values():
                doc = places[ks[0]][0]
                for k, hit in zip(ks, doc.top_nodes(points_P2[ks]), strict=True):
                    reach[k] = doc.takes_touch(places[k][1], hit)
                if doc.host is not None:
                    again = True
                    for k in ks:
                        outer[k] = doc.host
            if not again:
                return reach
            # what is left is hit in its frame: is the frame hit in the document that holds it?
            done = [k for k, place in enumerate(places) if reach[k] and outer[k] is place]
            kept = set(done)
            todo = [k for k in range(len(places)) if reach[k] and k not in kept]
            if todo:
                inner = self._reached([outer[k] for k in todo], points_P2[todo])
                for k, ok in zip(todo, inner, strict=True):
                    reach[k] = ok
            return reach


def _is_hidden(known: dict[str, Any]) -> bool:
    return any(reason["name"] in _HIDDEN_REASONS for reason in known.get("ignoredReasons", ()))


def _says(parent: dict[str, Any], words: str) -> bool:
    """Whether a parent's own name or value already carries these words."""
    if parent.get("editable"):
        return True
    return parent["role"] in _NAMED_BY_CONTENT and words in parent["name"]
