"""One frame of a page as Chromium's DOM snapshot tells it: where its boxes lie and show, and what a touch would hit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

Corners = tuple[float, float, float, float]  # left, top, right, bottom

_REPLACED = {"IMG", "INPUT", "BUTTON", "SELECT", "TEXTAREA", "IFRAME", "VIDEO", "CANVAS", "OBJECT", "EMBED"}


@dataclass
class Document:
    """One frame's part of the snapshot, unpacked. Boxes are in CSS px of the main document."""

    data: dict[str, Any]
    strings: list[str]
    dx: float
    dy: float
    clip: Corners
    host: tuple[Document, int] | None = None
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
                return at(self.strings, flat[k + 1])
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


def at(strings: list[str], index: int) -> str:
    """A string of the snapshot; empty where it has none."""
    return strings[index] if index >= 0 else ""


def _cut(box: Corners, by: Corners) -> Corners:
    return max(box[0], by[0]), max(box[1], by[1]), min(box[2], by[2]), min(box[3], by[3])


def one_line(text: str) -> str:
    """Words with single spaces between them."""
    return " ".join(text.split())
