"""What can be done to an Android phone: each a call of uiautomator2's service, or a command."""

from __future__ import annotations

import re
from typing import Any

from ostinato.errors import ActionFailed, PhoneError
from ostinato.phone.address import APP
from ostinato.phone.android.adb import Line
from ostinato.phone.android.keycode import BACK, HOME, key_code
from ostinato.trace.hierarchy import Node

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
REFUSED_SCHEMES = frozenset({"javascript", "intent", "android-app"})  # these start more than a view of what is named
_STEPS_A_SECOND = 200  # of uiautomator's swipes
_DRAG_STEPS = 60


class AndroidDevice:
    """A `Device` over a line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    @property
    def touched(self) -> bool:
        return self._line.touched

    @touched.setter
    def touched(self, value: bool) -> None:
        self._line.touched = value

    def tap(self, x: int, y: int) -> None:
        self._feel("click", x, y)

    def double_tap(self, x: int, y: int) -> None:
        self.tap(x, y)
        self.tap(x, y)

    def hold(self, x: int, y: int, seconds: float) -> None:
        self._feel("click", x, y, round(seconds * 1000), more=seconds)

    def swipe(self, start: tuple[int, int], end: tuple[int, int], seconds: float) -> None:
        steps = max(2, round(seconds * _STEPS_A_SECOND))
        self._feel("swipe", *start, *end, steps, more=steps / _STEPS_A_SECOND)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self._feel("drag", *start, *end, _DRAG_STEPS)

    def press(self, key: str) -> None:
        self._press(*key_code(key))

    def back(self) -> None:
        self._press(BACK)

    def home(self) -> None:
        self._press(HOME)

    def takes_lines(self, field: Node) -> None:
        """Not told. What is set is text: no key is pressed for it."""

    def write(self, field: Node, text: str) -> bool:
        words = self._line.focused_field(field.kind, field.element.id)
        found = self._line.call("count", words)
        if found != 1:
            raise ActionFailed(f"the phone found {found or 'nothing'} to write into that has the focus")
        if text:
            return self._line.call("setText", words, text, touches=True) is not False
        self._line.call("clearTextField", words, touches=True)
        return True

    def open(self, url: str) -> None:
        if APP.fullmatch(url):
            command = ["am", "start", "-n", self._activity(url)]
        elif ADDRESS.fullmatch(url) and url.partition(":")[0].lower() not in REFUSED_SCHEMES:
            command = ["am", "start", "-a", "android.intent.action.VIEW", "-d", url]
        else:
            raise ActionFailed(f"“{url}” is neither a package such as com.android.settings nor an address")
        before = self._line.touched
        said = self._line.shell(command, touches=True)
        if re.search(r"^(Error|Exception|java\.lang\.\w+Exception)\b", said, re.MULTILINE):
            self._line.touched = before  # Android says that it started nothing
            raise ActionFailed(f"{url} does not open: {said.splitlines()[-1]}")

    def end(self, url: str) -> None:
        if APP.fullmatch(url):
            self._line.shell(["am", "force-stop", url.partition("/")[0]], touches=True)

    def _feel(self, method: str, *parameters: Any, more: float = 0.0) -> None:
        if self._line.call(method, *parameters, touches=True, more=more) is False:
            raise PhoneError(f"the phone says that {method} had no effect")

    def _press(self, code: int, held: int = 0) -> None:
        # by its code: by its name the service would wait for what the key sets off, and say so when nothing came
        self._feel("pressKeyCode", code, *([held] if held else ()))

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
