"""What a model means to do next, before it is tied to what is on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ostinato.judge.untrusted import harmless
from ostinato.trace.action import (
    Action,
    Answer,
    Done,
    DoubleTap,
    Drag,
    Key,
    LongPress,
    Open,
    Scroll,
    Select,
    Swipe,
    Tap,
    Type,
    Wait,
)
from ostinato.trace.screen import Box, Element, Point

Kind = Literal[
    "tap", "double_tap", "long_press", "type", "select", "swipe", "scroll", "drag", "key", "back", "home", "open",
    "wait", "answer", "done",
]  # fmt: skip
Direction = Literal["up", "down", "left", "right"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


@dataclass(frozen=True)
class Intention:
    """One thing to do. Where: `target` in words, or `box` or `point` in pixels of the screenshot, or `index` in the
    listing of the screen's elements; `end` is where a swipe or a drag ends. What: `text` to type, to answer, to open,
    or the DOM name of a key; `option` of a list; `enter` sends what was typed.

    `direction` is for a swipe the way the finger goes, for a scroll the part that shall come into view. `success` and
    `text` say how the task ended, where kind is `done`."""

    kind: Kind
    reason: str = ""
    target: str = ""
    box: Box | None = None
    point: Point | None = None
    index: int | None = None
    end: Point | None = None
    text: str = ""
    option: str = ""
    direction: Direction | None = None
    enter: bool = False
    success: bool = True

    @property
    def place(self) -> Point | None:
        """The point that is meant, where one is told."""
        return self.point if self.box is None else self.box.center


def intention_of(action: Action, reason: str = "") -> Intention:
    """An action that was taken, as it might have been meant: for a model's history, whoever took it. What comes from
    the page (an element's name) is made harmless."""
    element: Element | None = getattr(action, "element", None)
    target = called(element) if element is not None else ""
    match action:
        case Tap() | DoubleTap() | LongPress():
            return Intention(action.kind, reason, target, point=action.point)
        case Type():
            place = element.box.center if element is not None else None
            text = action.text if action.secret is None else f"(the secret {action.secret})"
            return Intention("type", reason, target, point=place, text=text, enter=action.enter)
        case Select():
            option = harmless(action.option)  # the page wrote it
            return Intention("select", reason, target, point=action.element.box.center, option=option)
        case Swipe():
            return Intention("swipe", reason, point=action.start, end=action.end, direction=_way(action))
        case Drag():
            return Intention("drag", reason, target, point=action.start, end=action.end)
        case Scroll():
            across = abs(action.dx) > abs(action.dy)
            way: Direction = ("right" if action.dx > 0 else "left") if across else "up" if action.dy < 0 else "down"
            return Intention("scroll", reason, target, direction=way)
        case Key():
            return Intention("key", reason, text=action.key)
        case Open():
            return Intention("open", reason, text=action.url)
        case Answer():
            return Intention("answer", reason, text=action.text)
        case Done():
            return Intention("done", reason, text=action.message, success=action.success)
        case Wait():
            return Intention("wait", reason)
        case _:
            return Intention(action.kind, reason)


def called(element: Element) -> str:
    """What an element is, in words that a page cannot break out of: `button 'Save'`."""
    name = element.name or element.placeholder or element.id or ""
    return harmless(f"{element.role} '{name}'" if name else element.role)


def _way(action: Swipe) -> Direction:
    across, down = action.end.x - action.start.x, action.end.y - action.start.y
    if abs(across) > abs(down):
        return "right" if across > 0 else "left"
    return "down" if down > 0 else "up"
