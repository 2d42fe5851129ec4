"""Rows of a list, a table, a feed: what they say, and which one was touched."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostinato.trace.action import DoubleTap, Home, LongPress, Open, Tap, target_of
from ostinato.trace.locator import REPEATED, container_of
from ostinato.trace.record import Step
from ostinato.trace.risk import deed_in
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import normal

_INDEX = re.compile(r"\[\d+\]")
_TOUCHES = (Tap, DoubleTap, LongPress)
_STATES = frozenset({"checkbox", "radio", "switch", "slider", "textbox", "combobox", "spinbutton", "searchbox"})


def is_control(element: Element) -> bool:
    """Whether an element of a row offers to do something with it, rather than being what it is called."""
    return element.role == "button" or (element.role in ("link", "menuitem") and deed_in(element.name) is not None)


def peers(row: Element, screen: Screen) -> list[Element]:
    """The rows of the same list, this one among them."""
    shape = _INDEX.sub("", row.path)
    return [e for e in screen.of_roles(frozenset({row.role})) if _INDEX.sub("", e.path) == shape]


def names(row: Element, screen: Screen, typed: frozenset[str] = frozenset()) -> frozenset[str]:
    """All that a row says, but for the fields at the paths `typed`."""
    inside = [e for e in (row, *screen.inside(row)) if e.path not in typed]
    words = [word for e in inside for word in (e.name, e.value) if word and not e.password]
    return frozenset(map(normal, words))


def row_words(element: Element, screen: Screen) -> str:
    """The row of an element, for people: the first of its words."""
    row = container_of(element, screen, REPEATED)
    words = " ".join(screen.text_of(row).split()) if row is not None else ""
    return f"“{words[:60]}”"


def last_row(since: Sequence[tuple[int, Step]]) -> tuple[Element, Screen] | None:
    """The last touch of something in a row on the way here, if it was not a mere state."""
    for _, step in reversed(since):
        if isinstance(step.action, Open | Home):
            return None
        element = target_of(step.action)
        if isinstance(step.action, _TOUCHES) and element is not None and element.role not in _STATES:
            row = container_of(element, step.before, REPEATED)
            if row is not None and (step.result is None or step.result.touched):
                return element, step.before
    return None
