"""What a hand does on a Linux phone: look where the target is now, touch, type, choose, scroll."""

from __future__ import annotations

import time
from collections.abc import Callable

from ostinato.errors import ActionFailed, PhoneError, UsageError
from ostinato.phone.linux.display import Display
from ostinato.phone.linux.look import LinuxLook
from ostinato.phone.linux.touch import Finger, Keys
from ostinato.phone.look import called
from ostinato.phone.veil import words_of
from ostinato.phone.writing import plain_text
from ostinato.trace.action import Action, DoubleTap, Drag, Key, LongPress, Scroll, Select, Swipe, Tap, Type, Wait
from ostinato.trace.screen import Box, Element, Point

_EFFECT_SECONDS = 3.0  # how long a field may take to get the focus, a list to open
_FOCUS_SECONDS = 0.4  # after which a field is taken for one that does not tell of its focus
_WRITTEN_SECONDS = 1.0  # how long a text may take to stand in its field
_PAUSE_SECONDS = 0.03
_DOUBLE_SECONDS = 0.08
_SCROLL_PART = 0.6  # of what scrolls: how far one finger goes
_SCROLL_SPEED = 900.0  # pixels a second
_SCROLL_HOLD = 0.12  # seconds that the finger rests before it is lifted, so that the content does not run on
_SLACK = 9.0  # pixels that a finger moves before the content follows
_MOST_SCROLLS = 20
_LIFT_SECONDS = 0.5  # how long a thing is held before it can be dragged


class LinuxHand:
    """Performs actions on what `look` sees. `seen` is what was last observed, `spoken` the secrets that were typed;
    `touched` counts what was sent. `entered` is the path of the field that was tapped last, until something else is:
    some fields do not tell that they have the focus."""

    def __init__(
        self, display: Display, finger: Finger, keys: Keys, look: Callable[[], LinuxLook],
        secrets: Callable[[str], str] | None,
    ) -> None:  # fmt: skip
        self._display, self._finger, self._keys, self._look, self._secrets = display, finger, keys, look, secrets
        self.seen: LinuxLook | None = None
        self.spoken: set[str] = set()
        self.entered: str | None = None
        self.touched = 0

    def perform(self, action: Action) -> None:
        match action:
            case Tap():
                self._tap(*self._aim(action.point, action.element))
            case DoubleTap():
                x, y = self._aim(action.point, action.element)
                self._finger.tap(x, y)
                time.sleep(_DOUBLE_SECONDS)
                self._tap(x, y)
            case LongPress():
                self._tap(*self._aim(action.point, action.element), action.seconds)
            case Type():
                self._type(action)
            case Select():
                self._select(action.element, action.option)
            case Swipe():
                self._move(self._aim(action.start, None), self._aim(action.end, None), action.seconds)
            case Scroll():
                self._scroll(action)
            case Drag():
                start, end = self._aim(action.start, action.element), self._aim(action.end, None)
                self._move(start, end, 0.6, _LIFT_SECONDS, _SCROLL_HOLD)
            case Key():
                self.press(action.key)
            case Wait():
                time.sleep(action.seconds)
            case _:
                raise UsageError(f"a hand cannot do “{action.kind}”")

    def press(self, key: str) -> None:
        """Press a key by its DOM name. ActionFailed when there is none."""
        code, held = self._display.key(key)
        self.touched += 1
        self._keys.press(code, held)

    def tap(self, element: Element) -> None:
        """Tap an element of the look that was just taken."""
        middle = element.box.center
        self._tap(middle.x, middle.y)

    def _tap(self, x: float, y: float, seconds: float = 0.0) -> None:
        self.touched += 1
        self.entered = None
        self._finger.tap(x, y, seconds)
        self._display.park()

    def _move(
        self, start: tuple[float, float], end: tuple[float, float], seconds: float, lift: float = 0.0, hold: float = 0.0
    ) -> None:
        self.touched += 1
        self._finger.move(start, end, seconds, hold, lift)
        self._display.park()

    def _aim(self, point: Point, element: Element | None) -> tuple[float, float]:
        if element is not None:
            return self._shown(element).place(point, element, self.seen)
        if not (0 <= point.x < self._display.width and 0 <= point.y < self._display.height):
            raise ActionFailed(
                f"({point.x:.0f}, {point.y:.0f}) is not on the screen of {self._display.width}x{self._display.height}"
            )
        return point.x, point.y

    def _shown(self, element: Element) -> LinuxLook:
        """A look in which the element is in view; what scrolls around it is scrolled until it is."""
        look = self._look()
        now = look.find(element, self.seen)
        for _ in range(_MOST_SCROLLS):
            around = [box for path, box in look.scrollers if now.is_inside(path)]
            if look.in_view(now) or not around:
                break
            before, box, middle = look, around[-1], now.box.center
            down = middle.y - box.center.y
            self._by_finger(box, 0.0, max(-1.0, min(1.0, down / (box.height * _SCROLL_PART))))
            look = self._settled(look)
            now = look.find(element, self.seen)
            if look.elements == before.elements:
                break
        return look

    def _settled(self, before: LinuxLook) -> LinuxLook:
        """A look after things have moved: two alike that differ from the one before, or what there is in the end."""
        give_up = time.monotonic() + _EFFECT_SECONDS / 4
        last = self._look()
        while time.monotonic() < give_up:
            time.sleep(_PAUSE_SECONDS)
            now = self._look()
            if now.elements == last.elements and now.elements != before.elements:
                return now
            last = now
        return last

    def _until(self, holds: Callable[[LinuxLook], bool], seconds: float = _EFFECT_SECONDS) -> LinuxLook | None:
        """The first look for which it holds; None when it did not within some seconds."""
        give_up = time.monotonic() + seconds
        while True:
            look = self._look()
            if holds(look):
                return look
            if time.monotonic() > give_up:
                return None
            time.sleep(_PAUSE_SECONDS)

    # ---- text -----------------------------------------------------------------------------------------

    def _type(self, action: Type) -> None:
        look = self._look() if action.element is None else self._shown(action.element)
        field = self._field(look, action.element)
        said = words_of(action, self._secrets, self.spoken)
        text = plain_text(said, called(field), lines=field.path in look.of_lines, tabs=False)
        clear = action.clear and action.element is not None
        if not clear and field.password and field.value:
            raise ActionFailed(f"{called(field)} holds a secret, to which nothing can be added; clear it")
        if not field.focused:
            field = self._focus(look, field)
        if clear:
            self.press("Control+a")
            if field.value and not text:
                self.press("Backspace")
        elif action.element is not None:
            self.press("Control+End")
        self._write(text)
        wanted = text if clear else (field.value or "") + text
        self._until(lambda now: _holds(now, field, wanted), _WRITTEN_SECONDS)
        if action.enter:
            self.press("Enter")

    def _write(self, text: str) -> None:
        for number, line in enumerate(text.split("\n")):
            if number:
                if not text.isascii():
                    time.sleep(_PAUSE_SECONDS * 5)  # as between the parts of a line
                self.press("Shift+Enter")  # a line break also where Enter alone sends
            self._write_line(line)

    def _write_line(self, text: str) -> None:
        for part in self._display.parts(text):
            letters = self._display.letters(part)
            self.touched += len(letters)
            for code, held in letters:
                self._keys.press(code, held)
            if len(part) < len(text):
                time.sleep(_PAUSE_SECONDS * 5)  # until the letters were read before their keys get others

    def _field(self, look: LinuxLook, element: Element | None) -> Element:
        """The field to type into: the one that is named, otherwise the one that has the focus."""
        if element is None:
            focused = [e for e in look.elements if e.focused and e.editable]
            if not focused:
                raise ActionFailed("no field has the focus; name one, or tap it first")
            return focused[-1]
        field = look.find(element, self.seen)
        if not field.editable:
            raise ActionFailed(f"{called(field)} takes no text")
        if not field.enabled:
            raise ActionFailed(f"{called(field)} is disabled")
        return field

    def _focus(self, look: LinuxLook, field: Element) -> Element:
        """The field, with the focus after a tap on it."""
        self._tap(*look.place(field.box.center, field, look))

        def focused(now: LinuxLook) -> Element | None:
            return next((e for e in now.elements if e.focused and e.editable and e.path == field.path), None)

        ready = self._until(lambda now: focused(now) is not None, _FOCUS_SECONDS)
        if ready is None:
            self.entered = field.path
            ready = self._until(lambda now: focused(now) is not None)
        if ready is None:
            self.entered = None
            raise PhoneError(f"{called(field)} does not get the focus")
        found = focused(ready)
        assert found is not None
        return found

    # ---- lists ----------------------------------------------------------------------------------------

    def _select(self, element: Element, option: str) -> None:
        before = self._shown(element)
        field = before.find(element, self.seen)
        if field.role != "combobox":
            raise ActionFailed(f"{called(field)} is no list to choose from")
        if not field.enabled:
            raise ActionFailed(f"{called(field)} is disabled")
        self._tap(*before.place(field.box.center, field, before))
        open_ = self._until(lambda now: now.popup and bool(_options(now)))
        for _ in range(_MOST_SCROLLS):
            if open_ is None:
                break
            named = [e for e in _options(open_) if _one_line(e.name) == _one_line(option)]
            if named and named[0].reachable:
                self.tap(named[0])
                self._until(lambda now: not now.popup)
                return
            boxes = [box for path, box in open_.scrollers if any(e.is_inside(path) for e in _options(open_))]
            if not boxes or all(e.reachable for e in _options(open_)):
                break  # a finger on a list that cannot scroll would choose
            self._by_finger(boxes[-1], 0.0, 1.0)
            moved = self._settled(open_)
            if moved.elements == open_.elements:
                break
            open_ = moved
        self.press("Escape")
        self._until(lambda now: not now.popup)
        raise PhoneError(f"{called(field)} has no option “{option}”; its list was opened and closed again")

    # ---- scrolling ------------------------------------------------------------------------------------

    def _scroll(self, action: Scroll) -> None:
        box = self._look().scroller(action.element)
        for length, room, across in ((action.dx, box.width, True), (action.dy, box.height, False)):
            most = room * _SCROLL_PART
            times = int(-(-abs(length) // most)) if most >= 1 else 0
            for _ in range(min(times, _MOST_SCROLLS)):
                part = length / times / most
                self._by_finger(box, part if across else 0.0, 0.0 if across else part)

    def _by_finger(self, box: Box, right: float, down: float) -> None:
        """Move what is in a box by parts of the way that one finger can go."""
        middle = box.center
        way_x, way_y = box.width * _SCROLL_PART * right, box.height * _SCROLL_PART * down
        way_x += _SLACK * (way_x > 0) - _SLACK * (way_x < 0)
        way_y += _SLACK * (way_y > 0) - _SLACK * (way_y < 0)
        start, end = (middle.x + way_x / 2, middle.y + way_y / 2), (middle.x - way_x / 2, middle.y - way_y / 2)
        self._move(start, end, max(abs(way_x), abs(way_y)) / _SCROLL_SPEED + 0.05, hold=_SCROLL_HOLD)


def _options(look: LinuxLook) -> list[Element]:
    return [e for e in look.elements if e.role in ("option", "listitem", "menuitemradio") and e.name]


def _holds(look: LinuxLook, field: Element, wanted: str) -> bool:
    now = next((e for e in look.elements if e.path == field.path and e.role == field.role), None)
    if now is None:
        return True  # what was typed led elsewhere
    return now.value == wanted or (now.password and len(now.value or "") == len(wanted))


def _one_line(text: str) -> str:
    return " ".join(text.split())
