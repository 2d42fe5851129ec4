"""The plain language of an environment: elements by their number in a list, or places on the screen.

An observation is a dict: `goal`, `url`, `dialog` (the question in front of the page, or empty), `screenshot` (uint8,
height x width x 3), `elements` (a tuple, one dict an element; `box` is left, top, width, height in pixels of the
screenshot). An action is a dict, too; what a kind does not need is ignored. Places are shares of the screen's width and
height, from 0 to 1:

| kind | element | point, end | text |
|---|---|---|---|
| tap, double_tap, long_press | which, or -1 for a place | where | |
| type | the field, or -1 for what has the focus | | replaces what stands there |
| select | the list | | the option's words |
| drag | what, or -1 for a place | from, to | |
| scroll | the area, or -1 for the page | `end` - `point` is how far, right and down | |
| key | | | a DOM name: Enter, Escape, ArrowDown, Control+a |
| back, home, wait | | | |
| answer | | | what the user asked for |
| done, give_up | | | |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from ostinato.envs.loose import Unicode
from ostinato.errors import UsageError
from ostinato.trace.action import (
    Action,
    Answer,
    Back,
    Done,
    DoubleTap,
    Drag,
    Home,
    Key,
    LongPress,
    Scroll,
    Select,
    Tap,
    Type,
    Wait,
)
from ostinato.trace.screen import Element, Point, Screen

KINDS = (
    "tap",
    "double_tap",
    "long_press",
    "type",
    "select",
    "drag",
    "scroll",
    "key",
    "back",
    "home",
    "wait",
    "answer",
    "done",
    "give_up",
)
NOTHING = -1
WAIT_SECONDS = 0.5
_MOST_TEXT = 10_000
_PLAIN = frozenset({"text", "generic", "img", "image", "heading", "paragraph"})
_FAR = 1e6  # pixels: a box may lie far out of sight


class Indices:
    """`width` and `height` are those of the screenshot in pixels; at most `most_elements` are listed."""

    def __init__(self, width: int, height: int, most_elements: int) -> None:
        self._most = most_elements
        self._width, self._height = width, height
        self.observation_space: spaces.Space[Any] = spaces.Dict(
            {
                "goal": Unicode(_MOST_TEXT),
                "url": Unicode(_MOST_TEXT),
                "dialog": Unicode(_MOST_TEXT),
                "screenshot": spaces.Box(0, 255, (height, width, 3), np.uint8),
                "elements": spaces.Sequence(
                    spaces.Dict(
                        {
                            "role": Unicode(100),
                            "name": Unicode(_MOST_TEXT),
                            "value": Unicode(_MOST_TEXT),
                            "options": Unicode(_MOST_TEXT),
                            "box": spaces.Box(-_FAR, _FAR, (4,), np.float32),
                            "enabled": spaces.Discrete(2),
                            "reachable": spaces.Discrete(2),
                            "editable": spaces.Discrete(2),
                            "focused": spaces.Discrete(2),
                            "checked": spaces.Discrete(3, start=-1),
                        }
                    )
                ),
            }
        )
        self.action_space: spaces.Space[Any] = spaces.Dict(
            {
                "kind": spaces.Discrete(len(KINDS)),
                "element": spaces.Discrete(most_elements + 1, start=NOTHING),
                "text": Unicode(_MOST_TEXT),
                "point": spaces.Box(0, 1, (2,), np.float32),
                "end": spaces.Box(0, 1, (2,), np.float32),
            }
        )

    def begin(self, goal: str) -> None:
        self._goal = goal

    def observation(
        self, screen: Screen, picture: np.ndarray[Any, Any], action: object, problem: str
    ) -> dict[str, Any]:
        return {
            "goal": _cut(self._goal),
            "url": _cut(screen.url or screen.package or ""),
            "dialog": _cut(screen.dialog or ""),
            "screenshot": picture,
            "elements": tuple(_told(element) for element in listed(screen, self._most)),
        }

    def read(self, action: Any) -> list[Callable[[Screen], Sequence[Action]]]:
        return [lambda screen: [self._action(action, screen)]]

    def _action(self, told: Any, screen: Screen) -> Action:
        """What an action means on a screen. Raises UsageError that says what is wrong with it."""
        try:
            chosen, number, text = int(told["kind"]), int(told["element"]), str(told["text"])
            point, end = self._point(told["point"]), self._point(told["end"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise UsageError(f"this is no action: {error!r}; see the action space") from None
        if not 0 <= chosen < len(KINDS):
            raise UsageError(f"there is no kind {chosen}; kinds go from 0 (tap) to {len(KINDS) - 1} (give_up)")
        kind = KINDS[chosen]
        shown = listed(screen, self._most)
        if not NOTHING <= number < len(shown):
            raise UsageError(f"there is no element {number}; the list has {len(shown)}")
        element = shown[number] if number != NOTHING else None
        place = element.box.center if element is not None else point
        match kind:
            case "tap":
                return Tap(point=place, element=element)
            case "double_tap":
                return DoubleTap(point=place, element=element)
            case "long_press":
                return LongPress(point=place, element=element)
            case "type":
                return Type(text=text, element=element)
            case "select":
                if element is None:
                    raise UsageError("select needs the list as its element")
                return Select(element=element, option=text)
            case "drag":
                return Drag(start=place, end=end, element=element)
            case "scroll":
                return Scroll(dx=end.x - point.x, dy=end.y - point.y, element=element)
            case "key":
                if not text:
                    raise UsageError("key needs the name of a key as its text, such as Enter")
                return Key(key=text)
            case "back":
                return Back()
            case "home":
                return Home()
            case "wait":
                return Wait(seconds=WAIT_SECONDS)
            case "answer":
                return Answer(text=text)
        return Done(success=kind == "done", message=text)

    def _point(self, pair: Any) -> Point:
        x, y = (float(number) for number in pair)
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise ValueError("a place is two numbers from 0 to 1")
        return Point(x=x * self._width, y=y * self._height)


def listed(screen: Screen, most: int) -> list[Element]:
    """The elements in their order; where there are more than `most`, plain words are left out first, from the end."""
    if len(screen.elements) <= most:
        return list(screen.elements)
    ranked = sorted(range(len(screen.elements)), key=lambda n: (_is_plain(screen.elements[n]), n))
    kept = sorted(ranked[:most])
    return [screen.elements[n] for n in kept]


def _is_plain(element: Element) -> bool:
    return (element.role in _PLAIN and not element.editable) or not element.reachable


def _told(element: Element) -> dict[str, Any]:
    box = np.array([element.box.left, element.box.top, element.box.width, element.box.height], np.float32)
    return {
        "role": element.role[:100],
        "name": _cut(element.name or element.placeholder or ""),
        "value": _cut("" if element.password else element.value or ""),
        "options": _cut("\n".join(element.options)),
        "box": box.clip(-_FAR, _FAR),
        "enabled": int(element.enabled),
        "reachable": int(element.reachable),
        "editable": int(element.editable),
        "focused": int(element.focused),
        "checked": NOTHING if element.checked is None else int(element.checked),
    }


def _cut(text: str) -> str:
    return text[:_MOST_TEXT]
