"""An Android phone, over adb and uiautomator2 (extra `android`).

It was tried against a fake of adb's server and of uiautomator2's service (tests/phone/fake_adb.py): that tests our side
of the wire, not Android. No real phone was tried yet; `pytest -m device` does it where one is connected.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self

from ostinato.errors import PhoneError, SetupError, UsageError
from ostinato.phone.android.adb import Line
from ostinato.phone.android.device import AndroidDevice
from ostinato.phone.app_hand import AppHand
from ostinato.phone.border import Border
from ostinato.phone.look import ASKING, Look, read_look
from ostinato.phone.veil import masked
from ostinato.trace.action import Action, Wait
from ostinato.trace.record import Result
from ostinato.trace.screen import Screen

__all__ = ["AndroidPhone"]

_DEEPEST = 80  # nested views that are told of
_FOCUS = "dumpsys window displays | grep -E 'mCurrentFocus|mFocusedApp' || dumpsys window | grep mCurrentFocus"
_FOCUSED = re.compile(r"\s([A-Za-z][\w.]*)/([\w.$]+)[\s}]", re.ASCII)


class Blobs(Protocol):
    def put(self, data: bytes) -> str: ...


class AndroidPhone:
    """A `Phone` on a real or emulated Android device. An open address or package is `Open`; `Screen.title` is the
    activity in front.

    `serial` names the device (as `adb devices` does), otherwise ANDROID_SERIAL, otherwise the only one that is ready.
    `secrets` gives the text of a named secret; `answer_seconds` is how long the phone may take for one call; `host` and
    `port` are those of adb's server. Raises SetupError when there is no such device, or without the extra."""

    def __init__(
        self,
        blobs: Blobs,
        *,
        serial: str | None = None,
        secrets: Callable[[str], str] | None = None,
        answer_seconds: float = 10.0,
        host: str | None = None,
        port: int | None = None,
    ) -> None:
        self._blobs = blobs
        self._line = Line(serial, answer_seconds=answer_seconds, host=host, port=port)
        self._hand = AppHand(AndroidDevice(self._line), self._look, secrets)
        self._keyboard_package = ""
        self._events: list[str] = []
        self._asked: str | None = None
        try:
            self._begin()
        except BaseException as error:
            self.close()
            if isinstance(error, PhoneError):
                raise SetupError(f"the Android device {self._line.serial} does not answer: {error}") from error
            raise

    def _begin(self) -> None:
        about = self._line.call("deviceInfo")
        try:
            width, height = int(about["displayWidth"]), int(about["displayHeight"])
            turned = int(about.get("displayRotation", 0)) % 2 == 1
            self._density = width / (int(about.get("displaySizeDpX", 0)) or width)
            self._model = str(about.get("productName") or "phone")
        except (KeyError, TypeError, ValueError) as error:
            raise PhoneError(f"it does not say how large its screen is: {about}") from error
        self._size = (height, width) if turned else (width, height)
        if not about.get("screenOn", True):
            self._line.call("wakeUp", touches=True)
        method = self._line.shell(["settings", "get", "secure", "default_input_method"])
        self._keyboard_package = method.partition("/")[0]

    # ---- the face -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return f"android {self._model} {self._size[0]}x{self._size[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def observe(self, screenshot: bool = True) -> Screen:
        look = self._look()
        package, activity = self._front(look)
        self._hand.seen = look
        screen = Screen(
            package=package, title=activity, width=look.width, height=look.height, scale=round(self._density, 4),
            elements=look.elements, taken=datetime.now(UTC),
            keyboard=look.keyboard is not None or any(e.focused and e.editable for e in look.elements),
        )  # fmt: skip
        return self.photograph(screen) if screenshot else screen

    def photograph(self, screen: Screen) -> Screen:
        data = self._line.call("takeScreenshot", 1, 80)
        picture = base64.b64decode(data) if data else self._line.screencap()
        try:
            stored = masked(picture, (screen.width, screen.height), screen.elements)
        except OSError as error:
            raise PhoneError(f"the phone sent a screenshot that is no picture: {error}") from error
        return screen.model_copy(update={"screenshot": self._blobs.put(stored)})

    def act(self, action: Action) -> Result:
        self._hand.act(action)
        if not isinstance(action, Wait):
            with suppress(PhoneError):  # what was done is done; the next look will say what is wrong
                self._watch()
        events, self._events = tuple(self._events), []
        return Result(ok=True, events=events)

    def keep_within(self, border: Border | None) -> None:
        """From now on open nothing beyond this border. Where a touch leads cannot be stopped here: the run loop sees
        what comes to the front, and goes back."""
        self._hand.border = border

    def quiet(self, timeout: float) -> bool:
        return self._hand.quiet(timeout)

    def begin(self, start: str) -> None:
        self._hand.begin(start)

    def turn(self, way: str) -> None:
        """Turn the screen: `natural`, `left` or `right`; it stays so. PhoneError when the phone refuses."""
        if way not in ("natural", "left", "right"):
            raise UsageError(f"a phone is turned natural, left or right, not “{way}”")
        self._line.call("setOrientation", way, touches=True)

    def close(self) -> None:
        self._line.close()

    # ---- seeing ---------------------------------------------------------------------------------------

    def _look(self) -> Look:
        xml = self._line.call("dumpWindowHierarchy", False, _DEEPEST)
        look = read_look(str(xml), size=self._size, keyboard_package=self._keyboard_package, spoken=self._hand.spoken)
        self._tell(look.asked)
        return look

    def _front(self, look: Look) -> tuple[str, str]:
        """Package and activity that have the focus."""
        found = _FOCUSED.search(self._line.shell(_FOCUS) + "\n")
        if found:
            return found.group(1), found.group(2).removeprefix(found.group(1))
        return (look.packages or [""])[0], ""

    def _watch(self) -> None:
        """Did what was done make an app ask for a permission?"""
        found = _FOCUSED.search(self._line.shell(_FOCUS) + "\n")
        if found and found.group(1) in ASKING:
            self._look()

    def _tell(self, asked: str | None) -> None:
        if asked is not None and asked != self._asked:
            self._events.append(f"a permission is asked: {asked}")
        self._asked = asked
