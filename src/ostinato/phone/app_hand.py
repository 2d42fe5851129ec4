"""What a hand does on a phone with apps of its own: look where the target is now, touch, type, choose, scroll."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

from ostinato.errors import ActionFailed, PageHung, PhoneError, UsageError
from ostinato.phone.address import written
from ostinato.phone.border import Border
from ostinato.phone.look import Look, called
from ostinato.phone.veil import hush, words_of
from ostinato.phone.writing import plain_text
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
    Open,
    Scroll,
    Select,
    Swipe,
    Tap,
    Type,
    Wait,
)
from ostinato.trace.hierarchy import Node
from ostinato.trace.screen import Box, Element, Point

_EFFECT_SECONDS = 3.0  # how long a field may take to get the focus, a list to open
_PAUSE_SECONDS = 0.1
_QUIET_SECONDS = 0.1
_SCROLL_PART = 0.6  # of what scrolls: how far one finger goes, away from the edges and their gestures
_SCROLL_SECONDS = 0.3  # slow enough that the content does not run on
_MOST_SCROLLS = 20


class Device(Protocol):
    """What can be done to a phone, in pixels of its display and seconds. Whatever it may feel is sent at most once.

    `touched` says whether something was sent since it was last set to False that the phone may have felt. Errors as of
    `Phone.act`."""

    touched: bool

    def tap(self, x: int, y: int) -> None: ...

    def double_tap(self, x: int, y: int) -> None: ...

    def hold(self, x: int, y: int, seconds: float) -> None: ...

    def swipe(self, start: tuple[int, int], end: tuple[int, int], seconds: float) -> None: ...

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None: ...

    def press(self, key: str) -> None:
        """Press a key by its DOM name. ActionFailed when there is no such key."""
        ...

    def back(self) -> None: ...

    def home(self) -> None: ...

    def takes_lines(self, field: Node) -> bool | None:
        """Whether a field takes several lines; None where the phone does not tell, and a line break is always text."""
        ...

    def write(self, field: Node, text: str) -> bool:
        """Make a text all that stands in the field that has the focus; False when the phone says that it does not."""
        ...

    def open(self, url: str) -> None:
        """Open a package, a package with the name of a screen, or an address."""
        ...

    def end(self, url: str) -> None:
        """End the app that an address names as a package; of other addresses it is not known whose they are."""
        ...


class AppHand:
    """Performs actions. `look` reads the screen anew; `seen` is what was last observed, `spoken` the secrets that were
    typed. Nothing beyond the `border` is opened; where a touch leads is not known here."""

    def __init__(self, device: Device, look: Callable[[], Look], secrets: Callable[[str], str] | None) -> None:
        self._device, self._look, self._secrets = device, look, secrets
        self.border: Border | None = None
        self.seen: Look | None = None
        self.spoken: set[str] = set()

    def act(self, action: Action) -> None:
        """Perform one action; errors as of `Phone.act`."""
        if isinstance(action, Done | Answer):
            raise UsageError(f"“{action.kind}” is for the run loop, not for a phone")
        if isinstance(action, Open) and self.border is not None:
            why = self.border.objection_to_open(action.url)
            if why is not None:
                raise ActionFailed(why)
            action = Open(url=written(action.url))
        self._device.touched = False
        try:
            self._perform(action)
        except PhoneError as error:
            hush(error, self.spoken)
            if not self._device.touched:
                if isinstance(error, ActionFailed):
                    raise
                raise ActionFailed(f"{action.kind} was not begun: {error}") from error
            kind = type(error) if isinstance(error, PageHung) else PhoneError
            raise kind(f"{action.kind} was begun, then: {error}; it may have had its effect") from error

    def begin(self, start: str) -> None:
        """Show the first screen of an app, which is ended before; an address is only opened."""
        self._device.end(start)
        self.act(Open(url=start))

    def quiet(self, timeout: float) -> bool:
        """Two looks, a moment apart, saw the same: what only moves within its own picture is not noticed."""
        give_up = time.monotonic() + timeout
        seen: object = None
        while True:
            now = self._look().elements
            if now == seen:
                return True
            if time.monotonic() + _QUIET_SECONDS > give_up:
                return False
            seen = now
            time.sleep(_QUIET_SECONDS)

    def _perform(self, action: Action) -> None:
        match action:
            case Tap():
                self._device.tap(*self._aim(action.point, action.element))
            case DoubleTap():
                self._device.double_tap(*self._aim(action.point, action.element))
            case LongPress():
                self._device.hold(*self._aim(action.point, action.element), action.seconds)
            case Type():
                self._type(action)
            case Select():
                self._select(action.element, action.option)
            case Swipe():
                start, end = self._aim(action.start, None), self._aim(action.end, None)
                self._device.swipe(start, end, action.seconds)
            case Scroll():
                self._scroll(action)
            case Drag():
                start, end = self._aim(action.start, action.element), self._aim(action.end, None)
                self._device.drag(start, end)
            case Key():
                self._device.press(action.key)
            case Back():
                self._device.back()
            case Home():
                self._device.home()
            case Open():
                self._device.open(action.url)
            case Wait():
                time.sleep(action.seconds)

    def _aim(self, point: Point, element: Element | None) -> tuple[int, int]:
        look = self._look()
        if element is not None:
            return look.place(point, element, self.seen)
        if not (0 <= point.x < look.width and 0 <= point.y < look.height):
            raise ActionFailed(f"({point.x:.0f}, {point.y:.0f}) is not on the screen of {look.width}x{look.height}")
        return int(point.x), int(point.y)

    def _until(self, holds: Callable[[Look], bool]) -> Look | None:
        """The first look for which it holds; None when it did not within some seconds."""
        give_up = time.monotonic() + _EFFECT_SECONDS
        while True:
            look = self._look()
            if holds(look):
                return look
            if time.monotonic() > give_up:
                return None
            time.sleep(_PAUSE_SECONDS)

    # ---- text -----------------------------------------------------------------------------------------

    def _type(self, action: Type) -> None:
        text = words_of(action, self._secrets, self.spoken)
        look = self._look()
        field = self._field(look, action.element)
        text = plain_text(text, called(field), lines=self._device.takes_lines(look.nodes[field.path]))
        clear = action.clear and action.element is not None
        if not clear and field.password and field.value:
            raise ActionFailed(f"{called(field)} holds a secret, to which nothing can be added; clear it")
        if not field.focused:
            look, field = self._focus(look, field)
        wanted = text if clear else (field.value or "") + text
        if (clear or text) and not self._device.write(look.nodes[field.path], wanted):
            raise PhoneError(f"{called(field)} did not take the text")
        if action.enter:
            self._device.press("Enter")

    def _field(self, look: Look, element: Element | None) -> Element:
        """The field to type into: the one that is named, otherwise the one that has the focus."""
        if element is None:
            focused = [e for e in look.elements if e.focused and e.editable]
            if not focused:
                raise ActionFailed("no field has the focus; name one, or tap it first")
            return focused[0]
        field = look.find(element, self.seen)
        if not field.editable:
            raise ActionFailed(f"{called(field)} takes no text")
        if not field.enabled:
            raise ActionFailed(f"{called(field)} is disabled")
        return field

    def _focus(self, look: Look, field: Element) -> tuple[Look, Element]:
        """The field, with the focus after a tap on it, and the look that saw it."""
        self._device.tap(*look.place(field.box.center, field, look))
        ready = self._until(lambda now: any(e.focused and _is(e, field) for e in now.elements))
        if ready is None:
            raise PhoneError(f"{called(field)} does not get the focus")
        return ready, next(e for e in ready.elements if e.focused and _is(e, field))

    # ---- lists ----------------------------------------------------------------------------------------

    def _select(self, element: Element, option: str) -> None:
        before = self._look()
        field = before.find(element, self.seen)
        if field.role != "combobox":
            raise ActionFailed(f"{called(field)} is no list to choose from")
        if not field.enabled:
            raise ActionFailed(f"{called(field)} is disabled")
        self._device.tap(*before.place(field.box.center, field, before))
        shown = {(e.path, e.name, e.box) for e in before.elements}
        open_ = self._until(lambda now: any((e.path, e.name, e.box) not in shown and e.name for e in now.elements))
        for _ in range(_MOST_SCROLLS):
            if open_ is None:
                break
            fresh = [e for e in open_.elements if (e.path, e.name, e.box) not in shown and e.reachable]
            named = sorted((e for e in fresh if _one_line(e.name) == _one_line(option)), key=lambda e: e.role == "text")
            if named:
                self._device.tap(*open_.place(named[0].box.center, named[0], open_))
                return
            lists = [open_.nodes[e.path].element for e in fresh if open_.nodes[e.path].scrollable]
            if not lists:
                break
            self._finger(max((e.box for e in lists), key=lambda box: box.area), 0, 1)
            moved = self._look()
            if moved.elements == open_.elements:
                break
            open_ = moved
        self._device.back()
        raise PhoneError(f"{called(field)} has no option “{option}”; its list was opened and closed again")

    # ---- scrolling ------------------------------------------------------------------------------------

    def _scroll(self, action: Scroll) -> None:
        box = self._look().scroller(action.element)
        for length, room, across in ((action.dx, box.width, True), (action.dy, box.height, False)):
            most = room * _SCROLL_PART
            times = math.ceil(abs(length) / most) if most >= 1 else 0
            for _ in range(min(times, _MOST_SCROLLS)):
                part = length / times / most
                self._finger(box, part if across else 0, 0 if across else part)

    def _finger(self, box: Box, right: float, down: float) -> None:
        """Move what is in a box by parts of the way that one finger can go."""
        middle, wide, tall = box.center, box.width * _SCROLL_PART / 2, box.height * _SCROLL_PART / 2
        start = int(middle.x + right * wide), int(middle.y + down * tall)
        end = int(middle.x - right * wide), int(middle.y - down * tall)
        self._device.swipe(start, end, _SCROLL_SECONDS)


def _is(now: Element, field: Element) -> bool:
    """Whether it is the same field: a keyboard that opened may have moved it, the tree is the same."""
    return (now.role, now.id, now.path) == (field.role, field.id, field.path) or (
        field.id is not None and (now.role, now.id) == (field.role, field.id)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
