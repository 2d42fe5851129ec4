"""BrowserGym's high-level actions, done with a finger.

All names and signatures of its sets `chat`, `infeas`, `bid`, `coord`, `nav` and `tab` are known. What a phone cannot do
(hover, a second button of a mouse, held keys, choosing a file, several tabs side by side) is an error that says so,
which an agent reads as `last_action_error`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import ConfigDict, ValidationError, validate_call

from ostinato.envs.bids import Bids
from ostinato.envs.calls import Call, calls
from ostinato.errors import UsageError
from ostinato.trace.action import (
    Action,
    Answer,
    Back,
    Done,
    DoubleTap,
    Drag,
    Key,
    LongPress,
    Open,
    Scroll,
    Select,
    Tap,
    Type,
    Wait,
)
from ostinato.trace.screen import Element, Point, Screen

Button = Literal["left", "middle", "right"]
Modifiers = list[Literal["Alt", "Control", "ControlOrMeta", "Meta", "Shift"]]
Actions = Sequence[Action]

_NO_HOVER = "a finger does not hover; use click"
_NO_TABS = "a phone shows one page at a time; use goto and go_back"
_NO_FILES = "this phone chooses no files"
_NO_HELD_KEYS = "keys cannot be held; use keyboard_press with a combination, such as 'Control+a'"
_PRESSED = frozenset({"button", "link", "menuitem", "tab", "option", "checkbox", "radio", "switch"})
_SAME_PLACE = 3.0  # pixels


class Finger:
    """Turns calls into actions on a screen. It keeps where a mouse was pressed down until it is let go.

    A message to the user does not end an episode by itself; with `ends_on_message` it does, as in tasks whose answer is
    a message."""

    def __init__(self, bids: Bids, ends_on_message: bool = False) -> None:
        self._bids = bids
        self._ends = ends_on_message
        self._down: Point | None = None
        self.known: dict[str, Callable[..., Actions]] = {
            name: _checked(function)
            for name, function in inspect.getmembers(self, inspect.ismethod)
            if not name.startswith("_") and name not in ("read", "actions")
        }
        self._screen: Screen

    def read(self, text: object) -> list[Call]:
        """The calls in an agent's words. Raises UsageError."""
        if not isinstance(text, str):
            raise UsageError(f"an action is text such as click('12'), not {type(text).__name__}")
        return calls(text, self.known)

    def actions(self, call: Call, screen: Screen) -> Actions:
        """What a call means on a screen. Raises UsageError that says why it cannot be done."""
        self._screen = screen
        try:
            return self.known[call.name](*call.arguments, **call.named)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UsageError(f"{call.name}: {where}: {first['msg']}") from None

    # ---- chat, infeas ---------------------------------------------------------------------------------

    def send_msg_to_user(self, text: str) -> Actions:
        return [Answer(text=text), Done()] if self._ends else [Answer(text=text)]

    def report_infeasible(self, reason: str) -> Actions:
        return [Done(success=False, message=reason)]

    def noop(self, wait_ms: float = 1000) -> Actions:
        if not 0 <= wait_ms <= 60_000:
            raise UsageError(f"noop waits from 0 to 60000 ms, not {wait_ms:g}")
        return [Wait(seconds=wait_ms / 1000)]

    # ---- bid ------------------------------------------------------------------------------------------

    def fill(self, bid: str, value: str, enable_autocomplete_menu: bool = False) -> Actions:
        return [Type(text=value, element=self._find(bid))]

    def check(self, bid: str) -> Actions:
        return self._switched(self._find(bid), True)

    def uncheck(self, bid: str) -> Actions:
        return self._switched(self._find(bid), False)

    def select_option(self, bid: str, options: str | list[str]) -> Actions:
        element = self._find(bid)
        chosen = [options] if isinstance(options, str) else options
        if not chosen and element.role != "listbox":
            raise UsageError("select_option needs an option; to select none is not possible")
        if element.role != "listbox":
            return [Select(element=element, option=option) for option in chosen]
        # in a list of several choices `Select` turns one over: what is chosen and not named is turned first
        now = [option for option in element.options if option in (element.value or "").split(", ")]
        other = [option for option in now if option not in chosen] + [one for one in chosen if one not in now]
        return [Select(element=element, option=option) for option in other]

    def click(self, bid: str, button: Button = "left", modifiers: Modifiers = []) -> Actions:  # noqa: B006
        element = self._find(bid)
        return self._touched(element.box.center, element, button, modifiers)

    def dblclick(self, bid: str, button: Button = "left", modifiers: Modifiers = []) -> Actions:  # noqa: B006
        _only_left(button, modifiers)
        element = self._find(bid)
        return [DoubleTap(point=element.box.center, element=element)]

    def hover(self, bid: str) -> Actions:
        self._find(bid)
        raise UsageError(_NO_HOVER)

    def press(self, bid: str, key_comb: str) -> Actions:
        element = self._find(bid)
        if element.focused:
            return [Key(key=key_comb)]
        if element.editable:
            return [_tap(element), Key(key=key_comb)]
        if element.role in _PRESSED and key_comb in ("Enter", "Space", " "):
            return [_tap(element)]
        raise UsageError(f"a key cannot be pressed on {element.role} “{element.name}”, which takes no text; use click")

    def focus(self, bid: str) -> Actions:
        element = self._find(bid)
        if not element.editable:
            raise UsageError(f"{element.role} “{element.name}” takes no text; a finger focuses by touching: use click")
        return [] if element.focused else [_tap(element)]

    def clear(self, bid: str) -> Actions:
        return [Type(text="", element=self._find(bid))]

    def drag_and_drop(self, from_bid: str, to_bid: str) -> Actions:
        start, end = self._find(from_bid), self._find(to_bid)
        return [Drag(start=start.box.center, end=end.box.center, element=start, target=end)]

    def scroll(self, delta_x: float, delta_y: float) -> Actions:
        return [Scroll(dx=delta_x, dy=delta_y)]

    def upload_file(self, bid: str, file: str | list[str]) -> Actions:
        raise UsageError(_NO_FILES)

    # ---- coord ----------------------------------------------------------------------------------------

    def scroll_at(self, x: float, y: float, dx: float, dy: float) -> Actions:
        return [Scroll(dx=dx, dy=dy, element=self._screen.at_point(self._at(x, y)))]

    def mouse_move(self, x: float, y: float) -> Actions:
        if self._down is None:
            raise UsageError(_NO_HOVER)
        return []  # on the way of a drag: only where it ends counts

    def mouse_down(self, x: float, y: float, button: Button = "left") -> Actions:
        _only_left(button, [])
        self._down = self._at(x, y)
        return []

    def mouse_up(self, x: float, y: float, button: Button = "left") -> Actions:
        _only_left(button, [])
        start, end, self._down = self._down, self._at(x, y), None
        if start is None:
            raise UsageError("mouse_up without mouse_down")
        if abs(start.x - end.x) <= _SAME_PLACE and abs(start.y - end.y) <= _SAME_PLACE:
            return [Tap(point=end)]
        return [Drag(start=start, end=end)]

    def mouse_click(self, x: float, y: float, button: Button = "left") -> Actions:
        return self._touched(self._at(x, y), None, button, [])

    def mouse_dblclick(self, x: float, y: float, button: Button = "left") -> Actions:
        _only_left(button, [])
        return [DoubleTap(point=self._at(x, y))]

    def mouse_drag_and_drop(self, from_x: float, from_y: float, to_x: float, to_y: float) -> Actions:
        return [Drag(start=self._at(from_x, from_y), end=self._at(to_x, to_y))]

    def mouse_upload_file(self, x: float, y: float, file: str | list[str]) -> Actions:
        raise UsageError(_NO_FILES)

    def keyboard_press(self, key: str) -> Actions:
        return [Key(key=key)]

    def keyboard_type(self, text: str) -> Actions:
        return [Type(text=text, clear=False)]

    def keyboard_insert_text(self, text: str) -> Actions:
        return [Type(text=text, clear=False)]

    def keyboard_down(self, key: str) -> Actions:
        raise UsageError(_NO_HELD_KEYS)

    def keyboard_up(self, key: str) -> Actions:
        raise UsageError(_NO_HELD_KEYS)

    # ---- nav, tab -------------------------------------------------------------------------------------

    def goto(self, url: str) -> Actions:
        return [Open(url=url)]

    def go_back(self) -> Actions:
        return [Back()]

    def go_forward(self) -> Actions:
        raise UsageError("a phone goes back only; use goto")

    def new_tab(self) -> Actions:
        raise UsageError(_NO_TABS)

    def tab_close(self) -> Actions:
        raise UsageError(_NO_TABS)

    def tab_focus(self, index: int) -> Actions:
        if index != 0:
            raise UsageError(f"there is no tab {index}; {_NO_TABS}")
        return []

    # ---- parts ----------------------------------------------------------------------------------------

    def _find(self, bid: str) -> Element:
        return self._bids.find(bid, self._screen)

    def _at(self, x: float, y: float) -> Point:
        if not (0 <= x <= self._screen.width and 0 <= y <= self._screen.height):
            raise UsageError(
                f"({x:g}, {y:g}) is not on the screen, which is {self._screen.width} x {self._screen.height} pixels"
            )
        return Point(x=x, y=y)

    def _touched(self, point: Point, element: Element | None, button: Button, modifiers: Modifiers) -> Actions:
        if button == "right" and not modifiers:
            return [LongPress(point=point, element=element)]
        _only_left(button, modifiers)
        return [Tap(point=point, element=element)]

    def _switched(self, element: Element, on: bool) -> Actions:
        if element.checked is None:
            raise UsageError(f"{element.role} “{element.name}” cannot be checked")
        return [] if element.checked is on else [_tap(element)]


def _tap(element: Element) -> Tap:
    return Tap(point=element.box.center, element=element)


def _only_left(button: str, modifiers: Sequence[str]) -> None:
    if button != "left" or modifiers:
        held = f" with {'+'.join(modifiers)} held" if modifiers else ""
        raise UsageError(f"a finger has no {button} button{held}; a right click is a long press")


def _checked(function: Callable[..., Actions]) -> Callable[..., Actions]:
    """The same with its arguments checked, and nothing taken for what it is not."""
    return validate_call(config=ConfigDict(strict=True))(function)
