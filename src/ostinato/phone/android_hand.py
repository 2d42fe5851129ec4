"""What a hand does on an Android phone: look where the target is now, touch, type, choose, scroll, open."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from typing import Any

from ostinato.errors import ActionFailed, PhoneError, UsageError
from ostinato.phone.adb import Line
from ostinato.phone.keycode import BACK, ENTER, HOME, key_code
from ostinato.phone.look import Look, called
from ostinato.trace.action import (
    Action,
    Back,
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
from ostinato.trace.screen import Box, Element, Point

_PACKAGE = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+(/[\w.$]+)?", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_REFUSED_SCHEMES = frozenset({"javascript", "intent", "android-app"})  # these start more than a view of what is named
_EFFECT_SECONDS = 3.0  # how long a field may take to get the focus, a list to open
_PAUSE_SECONDS = 0.1
_STEPS_A_SECOND = 200  # of uiautomator's swipes
_SCROLL_PART = 0.6  # of what scrolls: how far one finger goes, away from the edges and their gestures
_SCROLL_STEPS = 60  # slow enough that the content does not run on
_MOST_SCROLLS = 20


class AndroidHand:
    """Performs actions. `look` reads the screen anew; `seen` is what was last observed, `spoken` the secrets that were
    typed. What is sent is counted by the line (`Line.touched`)."""

    def __init__(self, line: Line, look: Callable[[], Look], secrets: Callable[[str], str] | None) -> None:
        self._line, self._look, self._secrets = line, look, secrets
        self.seen: Look | None = None
        self.spoken: set[str] = set()

    def perform(self, action: Action) -> None:
        match action:
            case Tap():
                self._tap(*self._aim(action.point, action.element))
            case DoubleTap():
                x, y = self._aim(action.point, action.element)
                self._tap(x, y)
                self._tap(x, y)
            case LongPress():
                x, y = self._aim(action.point, action.element)
                self._feel("click", x, y, round(action.seconds * 1000), more=action.seconds)
            case Type():
                self._type(action)
            case Select():
                self._select(action.element, action.option)
            case Swipe():
                start, end = self._aim(action.start, None), self._aim(action.end, None)
                self._swipe(start, end, round(action.seconds * _STEPS_A_SECOND))
            case Scroll():
                self._scroll(action)
            case Drag():
                start, end = self._aim(action.start, action.element), self._aim(action.end, None)
                self._feel("drag", *start, *end, _SCROLL_STEPS)
            case Key():
                code, held = key_code(action.key)
                self._press(code, held)
            case Back():
                self._press(BACK)
            case Home():
                self._press(HOME)
            case Open():
                self._open(action.url)
            case Wait():
                time.sleep(action.seconds)

    def _feel(self, method: str, *parameters: Any, more: float = 0.0) -> None:
        if self._line.call(method, *parameters, touches=True, more=more) is False:
            raise PhoneError(f"the phone says that {method} had no effect")

    def _tap(self, x: int, y: int) -> None:
        self._feel("click", x, y)

    def _press(self, code: int, held: int = 0) -> None:
        # by its code: by its name the service would wait for what the key sets off, and say so when nothing came
        self._feel("pressKeyCode", code, *([held] if held else ()))

    def _swipe(self, start: tuple[int, int], end: tuple[int, int], steps: int) -> None:
        steps = max(2, steps)
        self._feel("swipe", *start, *end, steps, more=steps / _STEPS_A_SECOND)

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
        text = self._words(action)
        look = self._look()
        field = self._field(look, action.element)
        clear = action.clear and action.element is not None
        if not clear and field.password and field.value:
            raise ActionFailed(f"{called(field)} holds a secret, to which nothing can be added; clear it")
        if not field.focused:
            field = self._focus(look, field)
        wanted = text if clear else (field.value or "") + text
        if clear or text:
            words = self._line.focused_field()
            done = self._line.call("setText", words, wanted, touches=True) if wanted else self._empty(words)
            if done is False:
                raise PhoneError(f"{called(field)} did not take the text")
        if action.enter:
            self._press(ENTER)

    def _empty(self, words: Any) -> Any:
        self._line.call("clearTextField", words, touches=True)
        return True

    def _words(self, action: Type) -> str:
        if action.secret is None:
            return action.text
        if self._secrets is None:
            raise UsageError(f"the secret “{action.secret}” is asked for, but this phone has no secrets")
        text = self._secrets(action.secret)
        if text:
            self.spoken.add(text)
        return text

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

    def _focus(self, look: Look, field: Element) -> Element:
        """The field, with the focus after a tap on it."""
        self._tap(*look.place(field.box.center, field, look))
        ready = self._until(lambda now: any(e.focused and _is(e, field) for e in now.elements))
        if ready is None:
            raise PhoneError(f"{called(field)} does not get the focus")
        return next(e for e in ready.elements if e.focused and _is(e, field))

    # ---- lists ----------------------------------------------------------------------------------------

    def _select(self, element: Element, option: str) -> None:
        before = self._look()
        field = before.find(element, self.seen)
        if field.role != "combobox":
            raise ActionFailed(f"{called(field)} is no list to choose from")
        if not field.enabled:
            raise ActionFailed(f"{called(field)} is disabled")
        self._tap(*before.place(field.box.center, field, before))
        shown = {(e.path, e.name, e.box) for e in before.elements}
        open_ = self._until(lambda now: any((e.path, e.name, e.box) not in shown and e.name for e in now.elements))
        for _ in range(_MOST_SCROLLS):
            if open_ is None:
                break
            fresh = [e for e in open_.elements if (e.path, e.name, e.box) not in shown and e.reachable]
            named = sorted((e for e in fresh if _one_line(e.name) == _one_line(option)), key=lambda e: e.role == "text")
            if named:
                self._tap(*open_.place(named[0].box.center, named[0], open_))
                return
            lists = [open_.nodes[e.path].element for e in fresh if open_.nodes[e.path].scrollable]
            if not lists:
                break
            self._finger(max((e.box for e in lists), key=lambda box: box.area), 0, 1)
            moved = self._look()
            if moved.elements == open_.elements:
                break
            open_ = moved
        self._press(BACK)
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
        self._swipe(start, end, _SCROLL_STEPS)

    # ---- apps -----------------------------------------------------------------------------------------

    def _open(self, url: str) -> None:
        if _PACKAGE.fullmatch(url):
            command = ["am", "start", "-n", self._activity(url)]
        elif _ADDRESS.fullmatch(url) and url.partition(":")[0].lower() not in _REFUSED_SCHEMES:
            command = ["am", "start", "-a", "android.intent.action.VIEW", "-d", url]
        else:
            raise ActionFailed(f"“{url}” is neither a package such as com.android.settings nor an address")
        before = self._line.touched
        said = self._line.shell(command, touches=True)
        if re.search(r"^(Error|Exception|java\.lang\.\w+Exception)\b", said, re.MULTILINE):
            self._line.touched = before  # Android says that it started nothing
            raise ActionFailed(f"{url} does not open: {said.splitlines()[-1]}")

    def end(self, url: str) -> None:
        """End the app that an address names as a package; of other addresses it is not known whose they are."""
        if _PACKAGE.fullmatch(url):
            self._line.shell(["am", "force-stop", url.partition("/")[0]], touches=True)

    def _activity(self, name: str) -> str:
        """`package/activity`; without an activity the one that the launcher starts."""
        if "/" in name:
            return name
        asked = ["cmd", "package", "resolve-activity", "--brief", "-a", "android.intent.action.MAIN"]
        said = self._line.shell([*asked, "-c", "android.intent.category.LAUNCHER", name])
        last = (said.splitlines() or [""])[-1].strip()
        if not last.startswith(name + "/"):
            raise ActionFailed(f"the app {name} is not installed, or has nothing to start")
        return last


def _is(now: Element, field: Element) -> bool:
    """Whether it is the same field: a keyboard that opened may have moved it, the tree is the same."""
    return (now.role, now.id, now.path) == (field.role, field.id, field.path) or (
        field.id is not None and (now.role, now.id) == (field.role, field.id)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
