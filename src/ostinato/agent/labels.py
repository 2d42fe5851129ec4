"""What a thing on a screen is called: its name, what stands in it, and the words that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ostinato.trace.locator import REPEATED
from ostinato.trace.screen import Box, Element, Screen

FIELDS = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "listbox", "slider"})
_WITH_TEXT = REPEATED | {"dialog", "alertdialog"}
_SAYING = frozenset({"text", "heading", "cell", "columnheader", "rowheader", "generic"})
_FAR = 160.0  # pixels at which words beside a field do not speak of it any more
_LINES = 2.2  # how many of its own heights above a field the words for it may end


@dataclass(frozen=True)
class Labels:
    """The labels of a screen's elements."""

    screen: Screen
    _known: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict, repr=False, compare=False)

    def of(self, element: Element) -> tuple[tuple[str, float], ...]:
        """What an element may be called, each with how good a name that is, 0..1."""
        if element.path not in self._known:
            self._known[element.path] = tuple(self._of(element))
        return self._known[element.path]

    def _of(self, element: Element) -> list[tuple[str, float]]:
        found = [(element.name, 1.0)] if element.name.strip() else []
        if element.placeholder and element.placeholder != element.name:
            found.append((element.placeholder, 0.98))
        beside = self._words_for.get(element.path, "")
        if beside:
            found.append((beside, 0.96))
        if element.id and not element.id.isdigit():
            found.append((element.id, 0.75))
        if element.hint:
            words = [element.hint] if element.role in FIELDS else element.hint.split()
            found += [(word, 0.9) for word in words if word != element.id]
        if element.value and not element.password and element.role in FIELDS:
            found.append((element.value, 0.8))
        if element.password:
            found.append(("password", 0.9))
        return found

    @cached_property
    def _words_for(self) -> dict[str, str]:
        """By path, the words beside each field without a name: left of it on its line, else close above it; below it
        where that is how all of them are labelled."""
        nameless = [e for e in self._fields if not e.name.strip()]
        beside = {e.path: self._left(e) or self._above(e) for e in nameless}
        below = {e.path: self._below(e) for e in nameless}
        if len(nameless) > 1 and all(below.values()) and not all(beside.values()):
            return below
        return beside

    def _left(self, element: Element) -> str:
        box = element.box
        left = [
            (box.left - _right(e.box), e.name)
            for e in self._words
            if same_line(e.box, box) and -2 <= box.left - _right(e.box) <= _FAR and not e.is_inside(element.path)
        ]
        return min(left)[1] if left else ""

    def _above(self, element: Element) -> str:
        box = element.box
        return self._nearest([(box.top - _bottom(e.box), e) for e in self._words], element, box.top)

    def _below(self, element: Element) -> str:
        box = element.box
        return self._nearest([(e.box.top - _bottom(box), e) for e in self._words], element, _bottom(box))

    def _nearest(self, gaps: list[tuple[float, Element]], element: Element, edge: float) -> str:
        """The nearest words over or under an element's edge, with no other field between."""
        box = element.box
        near = [(gap, e) for gap, e in gaps if -2 <= gap <= _LINES * min(box.height, e.box.height) and over(e, box)]
        if not near:
            return ""
        _, words = min(near, key=lambda pair: (pair[0], abs(box.left - pair[1].box.left)))
        low, high = sorted((edge, words.box.center.y))
        others = [e for e in self._fields if e.path != element.path and over(e, box)]
        return "" if any(low - 2 <= e.box.center.y <= high + 2 for e in others) else words.name

    def label(self, element: Element) -> str:
        """The best of its names, or nothing."""
        return max(self.of(element), key=lambda pair: pair[1], default=("", 0.0))[0]

    def inner(self, element: Element) -> str:
        """The words of a row, a card or a dialog; nothing for others."""
        return self.screen.text_of(element) if element.role in _WITH_TEXT else ""

    @cached_property
    def _words(self) -> list[Element]:
        return [e for e in self.screen.of_roles(_SAYING) if e.name.strip() and len(e.name) <= 60]

    @cached_property
    def _fields(self) -> list[Element]:
        return self.screen.of_roles(FIELDS)


def same_line(one: Box, other: Box) -> bool:
    """Whether two boxes stand side by side: the lower of them overlaps the other by half of its height."""
    shared = min(_bottom(one), _bottom(other)) - max(one.top, other.top)
    return shared >= 0.5 * min(one.height, other.height) > 0


def over(element: Element, box: Box) -> bool:
    """Whether an element stands in the columns of a box."""
    return element.box.left < _right(box) and box.left < _right(element.box)


def _right(box: Box) -> float:
    return box.left + box.width


def _bottom(box: Box) -> float:
    return box.top + box.height
