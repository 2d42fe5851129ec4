"""What a phone shows at one moment: boxes, elements, the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from ostinato.trace.values import holds_value


class Record(BaseModel):
    """A frozen value that survives a JSON round trip unchanged; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other fields; what was worked out from the old ones is not carried along."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


class Point(Record):
    """A point in pixels of the stored screenshot."""

    x: float
    y: float


class Box(Record):
    """A rectangle in pixels of the stored screenshot."""

    left: float
    top: float
    width: float
    height: float

    @property
    def center(self) -> Point:
        return Point(x=self.left + self.width / 2, y=self.top + self.height / 2)

    def contains(self, point: Point) -> bool:
        return self.left <= point.x <= self.left + self.width and self.top <= point.y <= self.top + self.height

    @property
    def area(self) -> float:
        return self.width * self.height


class Element(Record):
    """One thing on a screen.

    `role` is an ARIA role; plain text is role `text`. `id` is the app's own (HTML `data-testid`, `id` or
    `name`; Android resource id). `path` is the position in the accessibility tree, such as
    `main/table/row[2]/cell[5]/link`: the elements whose path continues it are its descendants.
    `reachable` says that a touch at its centre would hit it now (in view, not covered). `submits` says that it
    sends a form that changes something (HTTP POST). `options` are the labels of a choice list. `hint` is what the
    app's own code says of a thing that does not say it itself: the class or file of a picture without a name
    (`trash`), the type of a field that takes one form only (`date`). `missing` says that a form waits for this: it must
    be filled in, ticked or chosen before the form is sent (HTML `required`, ARIA the same), and it is not.
    """

    role: str
    name: str = ""
    value: str | None = None
    placeholder: str | None = None
    id: str | None = None
    box: Box
    enabled: bool = True
    checked: bool | None = None
    focused: bool = False
    editable: bool = False
    password: bool = False
    reachable: bool = True
    submits: bool = False
    missing: bool = False
    options: tuple[str, ...] = ()
    hint: str | None = None
    path: str

    def is_inside(self, path: str) -> bool:
        return self.path == path or self.path.startswith(path + "/")


class Screen(Record):
    """What the phone showed: `width` and `height` in pixels of the stored screenshot, `scale` of those pixels
    per CSS (or density-independent) pixel. `screenshot` and `tree` are blobs by sha256; the tree blob holds
    `elements` as JSON, so a journal line stays short. `keyboard` says that typing would go somewhere."""

    url: str | None = None
    package: str | None = None
    title: str = ""
    width: int
    height: int
    scale: float = 1.0
    elements: tuple[Element, ...] = ()
    keyboard: bool = False
    dialog: str | None = None
    screenshot: str | None = None
    tree: str | None = None
    taken: datetime

    @cached_property
    def _by_path(self) -> dict[str, Element]:
        return {element.path: element for element in self.elements}

    @cached_property
    def _within(self) -> dict[str, list[Element]]:
        """By path, all that lie deeper."""
        found: dict[str, list[Element]] = {}
        for element in self.elements:
            path = element.path
            while "/" in path:
                path = path.rsplit("/", 1)[0]
                found.setdefault(path, []).append(element)
        return found

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {}

    @property
    def origin(self) -> str:
        """The site (scheme, host, port) or the package that is shown."""
        if self.url is None:
            return self.package or ""
        found = re.match(r"[a-z+.-]+://[^/?#]*", self.url, re.IGNORECASE)
        return found.group() if found else self.url

    @cached_property
    def _places_by_role(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, element in enumerate(self.elements):
            found.setdefault(element.role, []).append(place)
        return found

    def of_roles(self, roles: frozenset[str]) -> list[Element]:
        """The elements of these roles, in tree order."""
        places = sorted(place for role in roles for place in self._places_by_role.get(role, ()))
        return [self.elements[place] for place in places]

    def at_path(self, path: str) -> Element | None:
        return self._by_path.get(path)

    def at_point(self, point: Point) -> Element | None:
        """The smallest reachable element under a point that is not plain text inside a control."""
        hits = [e for e in self.elements if e.reachable and e.box.contains(point)]
        if not hits:
            return None
        return min(hits, key=lambda e: (e.role == "text", e.box.area, -len(e.path)))

    def ancestors(self, element: Element) -> Iterator[Element]:
        """From the parent outwards."""
        path = element.path
        while "/" in path:
            path = path.rsplit("/", 1)[0]
            found = self.at_path(path)
            if found is not None:
                yield found

    def inside(self, element: Element) -> list[Element]:
        """All descendants, in tree order."""
        return self._within.get(element.path, [])

    def text_of(self, element: Element) -> str:
        """The words of an element and all that is in it, in tree order, each part on a line of its own: `3` beside
        `120` is not 3120."""
        if self.at_path(element.path) is not element:
            return self._joined(element)
        if element.path not in self._texts:
            self._texts[element.path] = self._joined(element)
        return self._texts[element.path]

    def _joined(self, element: Element) -> str:
        words: list[str] = []
        for part in [element, *self.inside(element)]:
            for word in (part.name, part.value if not part.password else None):
                if word and not (words and word in words[-1] and holds_value(words[-1], word)):
                    words.append(word)
        return "\n".join(words)

    @cached_property
    def text(self) -> str:
        """All words on the screen, in tree order."""
        return "\n".join(word for e in self.elements for word in (e.name, e.value) if word and not e.password)
