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
        beside = self.beside(element) if element.role in FIELDS and not element.name.strip() else ""
        if beside:
            found.append((beside, 0.96))
        if element.id and not element.id.isdigit():
            found.append((element.id, 0.75))
        if element.value and not element.password and element.role in FIELDS:
            found.append((element.value, 0.8))
        if element.password:
            found.append(("password", 0.9))
        return found

    def beside(self, element: Element) -> str:
        """The words that stand left of an element on its line, else close above it."""
        box = element.box
        left = [
            (box.left - _right(e.box), e.name)
            for e in self._words
            if same_line(e.box, box) and -2 <= box.left - _right(e.box) <= _FAR and not e.is_inside(element.path)
        ]
        if left:
            return min(left)[1]
        above = [
            (box.top - _bottom(e.box), abs(box.left - e.box.left), e.name)
            for e in self._words
            if -2 <= box.top - _bottom(e.box) <= _LINES * min(box.height, e.box.height)
            and e.box.left < _right(box)
            and box.left < _right(e.box)
        ]
        between = [e for e in self._fields if e.path != element.path]
        for gap, _, name in sorted(above):
            if not any(
                box.top - gap - 2 <= e.box.top and _bottom(e.box) <= box.top + 2 for e in between if over(e, box)
            ):
                return name
        return ""

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
