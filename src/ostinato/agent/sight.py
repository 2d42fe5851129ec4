"""Screens without a tree (a canvas, a game, an app that tells nothing of itself): the words in the picture stand in for
their elements.

What is read has a place and no more: an action on it is a touch at that place, and nobody looks for it in a tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ostinato.agent.decider import Choice
from ostinato.model.ocr import INSTALL, can_read, read_lines
from ostinato.trace.action import Action, target_of
from ostinato.trace.risk import risk_of
from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.values import normal

UNREADABLE = f"the screen is a picture that tells nothing of what is on it, and {INSTALL}"
_PICTURES = frozenset({"img", "image", "canvas", "graphics-document", "generic"})
_MOST = 0.5  # of the screen: as much is covered by a picture that stands for all
_FEW = 2  # names beside it, such as a title
_READ = "read["
_KEPT = 50  # screens


class Read(Protocol):
    """Words read in a picture: model/ocr.Line has these."""

    @property
    def text(self) -> str: ...
    @property
    def box(self) -> tuple[float, float, float, float]: ...


@dataclass
class Sight:
    """`picture` gives the screenshot of a sha256; `read` its lines, None where nothing can read them. A picture is read
    once."""

    picture: Callable[[str], bytes]
    read: Callable[[bytes], Sequence[Read]] | None = field(default_factory=lambda: read_lines if can_read() else None)
    _known: dict[str, Sequence[Read]] = field(default_factory=dict, init=False)

    def seen(self, screen: Screen) -> Screen:
        """The screen, where it has no tree with what is read in its picture. Raises ModelError for a picture that
        cannot be read."""
        if self.read is None or screen.screenshot is None or not is_bare(screen):
            return screen
        if screen.screenshot not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[screen.screenshot] = self.read(self.picture(screen.screenshot))
        named = {normal(e.name) for e in screen.elements}
        lines = [line for line in self._known[screen.screenshot] if normal(line.text) not in named]
        read = tuple(_element(number, line) for number, line in enumerate(lines, start=1))
        return screen.model_copy(update={"elements": (*screen.elements, *read)})

    def lacks(self, screen: Screen) -> bool:
        """Whether a screen would have to be read, and cannot be."""
        return self.read is None and is_bare(screen)


def is_bare(screen: Screen) -> bool:
    """Whether a screen tells nothing of what it shows: it has no tree, or little more than a picture over most of
    it."""
    if screen.dialog is not None or (screen.url or "").startswith("about:"):
        return False
    shown = [e for e in screen.elements if e.box.area > 0 and e.box.top < screen.height]
    if any(e.editable or e.options for e in shown) or sum(bool(e.name.strip()) for e in shown) > _FEW:
        return False
    if any(e.name.strip() and e.reachable and e.role not in ("text", "heading", *_PICTURES) for e in shown):
        return False
    whole = screen.width * screen.height
    return not shown or any(e.role in _PICTURES and e.box.area >= _MOST * whole for e in shown)


def was_read(element: Element) -> bool:
    """Whether an element is words that were read in a picture."""
    return element.path.startswith(_READ)


def untied(action: Action) -> Action:
    """An action without the elements that were only read."""
    tied = [name for name in ("element", "target") if (e := getattr(action, name, None)) and was_read(e)]
    return action.model_copy(update=dict.fromkeys(tied)) if tied else action


def touching(choice: Choice, seen: Screen) -> Choice:
    """A choice that was made on what was read, as it can be done. What is touched may be a button: its risk is that of
    one with these words."""
    action = untied(choice.action)
    if action is choice.action:
        return choice
    touched = target_of(choice.action)
    as_button = touched.model_copy(update={"role": "button"}) if touched is not None and was_read(touched) else touched
    return replace(choice, action=action, risk=risk_of(choice.action.model_copy(update={"element": as_button}), seen))


def _element(number: int, line: Read) -> Element:
    left, top, width, height = line.box
    return Element(
        role="text", name=line.text, box=Box(left=left, top=top, width=width, height=height), path=f"{_READ}{number}]"
    )
