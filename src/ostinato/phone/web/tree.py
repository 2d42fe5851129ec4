"""What is on a page: from Chromium's raw answers to elements.

The DOM snapshot says where things are and what is painted over what, the accessibility tree says what they
are. Everything here is a pure function of those answers; no page is asked anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ostinato.phone.veil import BULLET
from ostinato.trace.screen import Box, Element

STYLES = (
    "visibility", "pointer-events", "opacity", "overflow-x", "overflow-y", "position", "display",
    "border-left-width", "border-top-width", "padding-left", "padding-top",
)  # fmt: skip
Corners = tuple[float, float, float, float]  # left, top, right, bottom

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
_REPLACED = {"IMG", "INPUT", "BUTTON", "SELECT", "TEXTAREA", "IFRAME", "VIDEO", "CANVAS", "OBJECT", "EMBED"}
_NOT_TEXT_FIELDS = {"button", "submit", "reset", "image", "checkbox", "radio", "file", "hidden"}
_PLAIN_FIELDS = {"text", "password", "search"}  # a field of another type takes its own form only: a date, a number
_WORDLESS = {"img", "generic", "button", "link", "graphics-symbol", "graphics-document"}
# What many classes of pictures begin with, whatever they show.
_EVERY_ICON = {"icon", "icons", "fa", "fas", "far", "fab", "glyphicon", "mdi", "bi", "ui", "btn", "button", "img"}
_FEW_NODES, _LONGEST_HINT = 6, 60
_SEARCHES = re.compile(r"\W*(?:search|find|filter|suchen|rechercher|buscar|cerca|搜索|検索|검색)\b", re.IGNORECASE)
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


@dataclass
class _Document:
    """One frame's part of the snapshot, unpacked. Boxes are in CSS px of the main document."""

    data: dict[str, Any]
    strings: list[str]
    dx: float
    dy: float
    clip: Corners
    host: tuple[_Document, int] | None = None
    parent: list[int] = field(init=False)
    end: list[int] = field(init=False)
    names: list[str] = field(init=False)
    backend: list[int] = field(init=False)
    frame: str = field(init=False)
    attributes: list[list[int]] = field(init=False)
    layout_of: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        nodes, strings = self.data["nodes"], self.strings
        self.frame = strings[self.data["frameId"]]
        self.parent = nodes["parentIndex"]
        self.names = [strings[i] for i in nodes["nodeName"]]
        self.backend = nodes["backendNodeId"]
        self.attributes = nodes["attributes"]
        self.end = list(range(1, len(self.parent) + 1))
        for i in range(len(self.parent) - 1, 0, -1):
            p = self.parent[i]
            if p >= 0 and self.end[p] < self.end[i]:
                self.end[p] = self.end[i]
        self.layout_of = {}
        for i, n in enumerate(self.data["layout"]["nodeIndex"]):
            self.layout_of.setdefault(n, i)
        self._lay_out()

    def _lay_out(self) -> None:
        """Each node's box as it lies and as it shows (cut by whatever scrolls or hides its overflow)."""
        layout, strings = self.data["layout"], self.strings
        n = len(layout["nodeIndex"])
        self.boxes: list[Corners] = [(0.0, 0.0, 0.0, 0.0)] * n
        self.shown = list(self.boxes)
        self.hittable = [False] * n
        self.visible = [False] * n
        self.clear = [False] * n  # nothing of it is seen: opacity 0, its own or inherited
        self.styles: list[list[str]] = [[]] * n
        inside = [self.clip] * n  # what a child in the normal flow is cut by
        placed = [self.clip] * n  # what an absolutely placed child is cut by
        for i in range(n):
            node = layout["nodeIndex"][i]
            x, y, w, h = layout["bounds"][i]
            box = (x + self.dx, y + self.dy, x + self.dx + w, y + self.dy + h)
            self.boxes[i] = box
            up = self.parent[node]
            while up >= 0 and up not in self.layout_of:
                up = self.parent[up]
            p = self.layout_of[up] if up >= 0 else -1
            if p >= i:
                p = -1
            style = [strings[s] if s >= 0 else "" for s in layout["styles"][i]]
            if not style:
                cut = inside[p] if p >= 0 else self.clip
                self.styles[i] = self.styles[p] if p >= 0 else []
                self.shown[i], inside[i], placed[i] = _cut(box, cut), cut, placed[p] if p >= 0 else self.clip
                self.hittable[i], self.visible[i] = (self.hittable[p], self.visible[p]) if p >= 0 else (True, True)
                self.clear[i] = self.clear[p] if p >= 0 else False
                continue
            self.styles[i] = style
            visibility, pointer, opacity, over_x, over_y, position = style[:6]
            if p < 0 or position == "fixed":
                cut = self.clip
            else:
                cut = placed[p] if position == "absolute" else inside[p]
            self.shown[i] = _cut(box, cut)
            self.visible[i] = visibility == "visible" or not visibility
            self.hittable[i] = self.visible[i] and pointer != "none"
            self.clear[i] = opacity == "0" or (p >= 0 and self.clear[p])
            top = self.names[node] in ("HTML", "BODY", "#document")
            inside[i] = cut if top or (over_x == "visible" and over_y == "visible") else _cut(box, cut)
            placed[i] = placed[p] if position == "static" and p >= 0 else inside[i]

    def word(self, node: int, key: str) -> str | None:
        flat = self.attributes[node]
        for k in range(0, len(flat), 2):
            if self.strings[flat[k]] == key:
                return _at(self.strings, flat[k + 1])
        return None

    def tag(self, node: int) -> str:
        return self.names[node]

    def ancestor(self, node: int, tag: str) -> int:
        while node >= 0 and self.names[node] != tag:
            node = self.parent[node]
        return node

    def contains(self, outer: int, inner: int) -> bool:
        return outer <= inner < self.end[outer]

    def top_nodes(self, points_P2: np.ndarray) -> list[int]:
        """The node that a touch at each point would hit in this document, or -1."""
        if not hasattr(self, "_hit_boxes"):
            self._prepare_hits()
        if not len(self._hit_nodes) or not len(points_P2):
            return [-1] * len(points_P2)
        x, y = points_P2[:, :1], points_P2[:, 1:]
        b = self._hit_boxes
        inside_PN = (b[:, 0] <= x) & (x < b[:, 2]) & (b[:, 1] <= y) & (y < b[:, 3])
        last_P = inside_PN.shape[1] - 1 - np.argmax(inside_PN[:, ::-1], axis=1)
        hit_P = inside_PN[np.arange(len(last_P)), last_P]
        return [int(self._hit_nodes[k]) if h else -1 for k, h in zip(last_P, hit_P, strict=True)]

    def _prepare_hits(self) -> None:
        """All touchable boxes, undermost first. Words count line by line; an inline box is only its words."""
        layout = self.data["layout"]
        rows: list[tuple[int, int, Corners, int]] = []
        folded = {i for i, node in enumerate(layout["nodeIndex"]) if self.hittable[i] and self._is_folded(node)}
        for i, node in enumerate(layout["nodeIndex"]):
            name = self.names[node]
            if not self.hittable[i] or i in folded or name in ("#text", "g"):
                continue
            style = self.styles[i]
            if style and style[6] == "inline" and name not in _REPLACED and not name.islower():
                continue
            rows.append((layout["paintOrders"][i], i, self.shown[i], node))
        texts = self.data["textBoxes"]
        for i, (x, y, w, h) in zip(texts["layoutIndex"], texts["bounds"], strict=True):
            if self.hittable[i] and i not in folded:
                box = (x + self.dx, y + self.dy, x + self.dx + w, y + self.dy + h)
                node = layout["nodeIndex"][i]
                rows.append((layout["paintOrders"][i], i, _cut(box, self.shown[i]), node))
        rows.sort(key=lambda row: row[:2])
        self._hit_boxes = np.array([row[2] for row in rows], dtype=float).reshape(-1, 4)
        self._hit_nodes = np.array([row[3] for row in rows], dtype=int)

    def _is_folded(self, node: int) -> bool:
        """Whether a node is inside closed details: it keeps a box (the snapshot lists it) but is not painted."""
        details = self.ancestor(node, "DETAILS")
        if details < 0 or details == node or self.word(details, "open") is not None:
            return False
        return self.ancestor(node, "SUMMARY") < 0

    def lines(self, node: int) -> list[Corners]:
        """The boxes of the lines of words in a node, the largest first."""
        texts, index = self.data["textBoxes"], self.data["layout"]["nodeIndex"]
        found = [
            (x + self.dx, y + self.dy, x + self.dx + w, y + self.dy + h)
            for i, (x, y, w, h) in zip(texts["layoutIndex"], texts["bounds"], strict=True)
            if self.contains(node, index[i])
        ]
        return sorted(found, key=lambda b: (b[0] - b[2]) * (b[3] - b[1]))

    def takes_touch(self, target: int, hit: int) -> bool:
        """Whether a touch that lands on `hit` acts on `target`."""
        if hit < 0:
            return False
        if self.contains(target, hit):
            return True
        if self.contains(hit, target):
            return self.names[target] == "#text" or self.names[hit] in ("LABEL", "A", "BUTTON", "SUMMARY")
        label = self.ancestor(hit, "LABEL")
        if label < 0:
            return False
        wanted = self.word(label, "for")
        return self.contains(label, target) or (wanted is not None and wanted == self.word(target, "id"))


def _at(strings: list[str], index: int) -> str:
    return strings[index] if index >= 0 else ""


def _cut(box: Corners, by: Corners) -> Corners:
    return max(box[0], by[0]), max(box[1], by[1]), min(box[2], by[2]), min(box[3], by[3])


def _rare(data: dict[str, Any] | None) -> dict[int, int]:
    return dict(zip(data["index"], data["value"], strict=True)) if data else {}


def _words(text: str) -> str:
    return " ".join(text.split())


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
        builder.read(_Document(snapshot["documents"][0], strings, 0.0, 0.0, endless), 0, "")
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
        self.places: list[tuple[_Document, int]] = []
        self.nodes: dict[str, int] = {}
        self.frames: dict[str, str] = {}
        self.counts: Counter[tuple[str, str]] = Counter()

    def read(self, doc: _Document, start: int, under: str) -> None:
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

    def _frame(self, doc: _Document, node: int, index: int, path: str) -> None:
        i = doc.layout_of.get(node)
        if i is None or not doc.visible[i]:
            return
        data = self.snapshot["documents"][index]
        box, style = doc.boxes[i], doc.styles[i]
        border_x, border_y, padding_x, padding_y = (_pixels(s) for s in style[7:11]) if style else (0.0,) * 4
        x, y = box[0] + border_x + padding_x, box[1] + border_y + padding_y
        inner = _Document(
            data, self.snapshot["strings"], x - data.get("scrollOffsetX", 0.0), y - data.get("scrollOffsetY", 0.0),
            doc.shown[i], (doc, node),
        )  # fmt: skip
        self.read(inner, 0, path)

    def _clickable(self, doc: _Document) -> set[int]:
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
        self, doc: _Document, node: int, path: str, parent: dict[str, Any] | None,
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
        name = _words(known["name"].get("value", "")) if known and "name" in known else ""
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

    def _inner_words(self, doc: _Document, node: int) -> str:
        text = doc.data["layout"]["text"]
        parts = (
            doc.strings[text[doc.layout_of[k]]]
            for k in range(node, doc.end[node])
            if k in doc.layout_of and doc.names[k] == "#text" and text[doc.layout_of[k]] >= 0
        )
        return _words(" ".join(parts))[:200]

    def _fill(
        self, element: dict[str, Any], doc: _Document, node: int, known: dict[str, Any],
        inputs: dict[int, int], texts: dict[int, int],
    ) -> None:  # fmt: skip
        flat = doc.attributes[node]
        strings = doc.strings
        word = {strings[flat[k]]: _at(strings, flat[k + 1]) for k in range(0, len(flat), 2)}
        said = {p["name"]: p["value"].get("value") for p in known.get("properties", ())}
        tag, role = doc.names[node], element["role"]
        kind = word.get("type", "text").lower() if tag == "INPUT" else ""
        identity = word.get("data-testid") or word.get("id") or word.get("name")
        if identity:
            element["id"] = identity
        if word.get("placeholder"):
            element["placeholder"] = _words(word["placeholder"])
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
            self._choices(element, doc, node)
        elif field:
            index = inputs.get(node, texts.get(node))
            value = _at(strings, index) if index is not None else ""
            element["value"] = BULLET * len(value) if kind == "password" else value
        elif role in _WITH_VALUE and "value" in known:
            element["value"] = str(known["value"].get("value", ""))
        elif rich:
            element["value"] = str(known.get("value", {}).get("value", self._inner_words(doc, node)))
        if (tag == "BUTTON" and word.get("type", "submit").lower() == "submit") or kind in ("submit", "image"):
            form = self._form(doc, node, word.get("form"))
            element["submits"] = form >= 0 and self._sends(doc, form, word, element["name"])

    def _picture_words(self, doc: _Document, node: int) -> str | None:
        """What the page's own code calls a picture: its file, else the class of what draws it."""
        for k in range(node, min(doc.end[node], node + _FEW_NODES)):
            file = (doc.word(k, "src") or "").rsplit("/", 1)[-1].split("?")[0]
            named = file.rsplit(".", 1)[0] if "." in file and not file.startswith("data:") else ""
            words = [w for w in re.split(r"[\W_\d]+", f"{doc.word(k, 'class') or ''} {named}".lower()) if len(w) > 1]
            told = [word for word in dict.fromkeys(words) if word not in _EVERY_ICON]
            if told:
                return " ".join(told)[:_LONGEST_HINT]
        return None

    def _sends(self, doc: _Document, form: int, button: dict[str, str], name: str) -> bool:
        """Whether a button of a form sends something that changes something: by POST, or to the page's own script,
        which may do anything. What is got from an address is looked for, and so is what the page calls a search."""
        method = button.get("formmethod") or doc.word(form, "method")
        if method is not None:
            return method.strip().lower() == "post"
        address = (button.get("formaction") or doc.word(form, "action") or "").strip().lower()
        scripted = address.startswith(("#", "javascript:")) or doc.word(form, "onsubmit") is not None
        told = "formaction" in button or doc.word(form, "action") is not None
        return (scripted or not told) and not (_SEARCHES.match(name) or self._is_search(doc, form))

    def _is_search(self, doc: _Document, form: int) -> bool:
        landmark = doc.ancestor(form, "SEARCH") >= 0 or any(
            doc.word(n, "role") == "search" for n in (form, doc.parent[form]) if n >= 0
        )
        return landmark or any(
            doc.word(n, "role") == "searchbox" or (doc.names[n] == "INPUT" and doc.word(n, "type") == "search")
            for n in range(form, doc.end[form])
        )

    def _form(self, doc: _Document, node: int, named: str | None) -> int:
        if named is None:
            return doc.ancestor(node, "FORM")
        for n, tag in enumerate(doc.names):
            if tag == "FORM" and doc.word(n, "id") == named:
                return n
        return -1

    def _choices(self, element: dict[str, Any], doc: _Document, select: int) -> None:
        nodes = doc.data["nodes"]
        chosen = set(nodes["optionSelected"]["index"]) if "optionSelected" in nodes else set()
        labels, shown = [], []
        for n in range(select + 1, doc.end[select]):
            if doc.names[n] != "OPTION":
                continue
            label = doc.word(n, "label") or _words(
                " ".join(doc.strings[nodes["nodeValue"][k]] for k in range(n, doc.end[n]) if doc.names[k] == "#text")
            )
            labels.append(label)
            if n in chosen:
                shown.append(label)
        element["options"] = tuple(labels)
        element["value"] = ", ".join(shown)

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

    def _reached(self, places: list[tuple[_Document, int]], points_P2: np.ndarray) -> list[bool]:
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
