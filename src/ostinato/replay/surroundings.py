"""What stood around a step's target in the recordings: it tells what a renamed control cannot be."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ostinato.trace.locator import REPEATED, container_of
from ostinato.trace.screen import Element, Record, Screen
from ostinato.trace.values import normal

CONTROLS = frozenset(
    {
        "button", "link", "textbox", "searchbox", "combobox", "spinbutton", "checkbox", "radio", "switch", "slider",
        "tab", "menuitem", "listbox",
    }
)  # fmt: skip
_MOST_NAMES = 80


class Surroundings(Record):
    """`shape` is the same for two screens that have the same kinds of controls in the same order, whatever they are
    called (None where the recordings differ); `names` tell whether a control of the recordings was called so, and not
    how: a page may show what is nobody else's business. What stands in rows, list items, … is left out of both: their
    number differs from day to day."""

    shape: str | None = None
    names: tuple[str, ...] = ()

    def knew(self, name: str) -> bool:
        """Whether a control of this name was there."""
        return _mark(name) in self.names

    def still_there(self, screen: Screen) -> float:
        """The share (0..1) of the names that a screen still shows; 1 where none are known."""
        now = {_mark(e.name) for e in controls(screen)}
        return sum(name in now for name in self.names) / len(self.names) if self.names else 1.0


def surroundings(screens: Sequence[Screen]) -> Surroundings:
    """Those of one step, from the screen before it in every recording."""
    shapes = {shape(screen) for screen in screens}
    named = [e.name for screen in screens for e in controls(screen) if e.name.strip()]
    marks = tuple(dict.fromkeys(map(_mark, named)))[:_MOST_NAMES]
    return Surroundings(shape=shapes.pop() if len(shapes) == 1 else None, names=marks)


def _mark(name: str) -> str:
    return hashlib.sha256(normal(name).encode()).hexdigest()[:8]


def shape(screen: Screen) -> str:
    """A short name for the kinds of the controls of a screen, in their order."""
    kinds = " ".join(f"{e.role}{'!' if e.submits else ''}" for e in controls(screen))
    return hashlib.sha256(kinds.encode()).hexdigest()[:12]


def controls(screen: Screen) -> list[Element]:
    """The controls of a screen that stand in no row, list item, …"""
    return [e for e in screen.of_roles(CONTROLS) if container_of(e, screen, REPEATED) is None]
