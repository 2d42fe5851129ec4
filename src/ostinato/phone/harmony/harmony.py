"""A HarmonyOS phone, over hdc and uitest's agent (extra `harmony`).

It was tried against a fake of the program hdc and of the agent (tests/phone/fake_hdc.py): that tests our side of the
wire, not HarmonyOS. No real phone was tried yet; `pytest -m device` does it where one is connected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self

from ostinato.errors import FormatError, PhoneError, SetupError, UsageError
from ostinato.phone.app_hand import AppHand
from ostinato.phone.border import Border
from ostinato.phone.harmony.arkui import Layout, read_layout
from ostinato.phone.harmony.device import HarmonyDevice
from ostinato.phone.harmony.uitest import HarmonyLine
from ostinato.phone.look import Look, Windows, see
from ostinato.phone.veil import masked
from ostinato.trace.action import Action, Wait
from ostinato.trace.record import Result
from ostinato.trace.screen import Screen

__all__ = ["HarmonyPhone"]

_KEYBOARD = re.compile(r"inputmethod|keyboard|\.ime\b", re.IGNORECASE)  # bundles that are keyboards
_ABOUT = "param get const.product.model; hidumper -s PowerManagerService -a -s"
_ROTATIONS = {"natural": 0, "left": 1, "right": 3}


class Blobs(Protocol):
    def put(self, data: bytes) -> str: ...


class HarmonyPhone:
    """A `Phone` on a HarmonyOS (NEXT) or OpenHarmony device. An open address or bundle is `Open`; `Screen.title` is the
    ability in front.

    `serial` names the device (as `hdc list targets` does), otherwise HDC_SERIAL, otherwise the only one that is ready.
    `secrets` gives the text of a named secret; `answer_seconds` is how long the phone may take for one call. Raises
    SetupError when there is no such device, without hdc, or without the extra."""

    def __init__(
        self,
        blobs: Blobs,
        *,
        serial: str | None = None,
        secrets: Callable[[str], str] | None = None,
        answer_seconds: float = 10.0,
    ) -> None:
        self._blobs = blobs
        self._line = HarmonyLine(serial, answer_seconds=answer_seconds)
        self._hand = AppHand(HarmonyDevice(self._line), self._look, secrets)
        self._events: list[str] = []
        self._asked: str | None = None
        try:
            self._begin()
        except BaseException as error:
            self.close()
            if isinstance(error, PhoneError):
                raise SetupError(f"the HarmonyOS device {self._line.serial} does not answer: {error}") from error
            raise

    def _begin(self) -> None:
        size = self._line.call("Driver.getDisplaySize")
        turned = self._line.call("Driver.getDisplayRotation")
        density = self._line.call("Driver.getDisplayDensity")
        try:
            width, height = int(size["x"]), int(size["y"])
            self._size = (height, width) if int(turned) % 2 else (width, height)
            self._density = (float(density["x"]) or 160) / 160
        except (KeyError, TypeError, ValueError) as error:
            raise PhoneError(f"it does not say how large its screen is: {size}, {turned}, {density}") from error
        model, _, power = self._line.shell(_ABOUT).partition("\n")
        self._model = model.strip() or "phone"
        state = re.search(r"Current State:\s*(\w+)", power)
        if state is not None and state.group(1) != "AWAKE":
            self._line.shell("power-shell wakeup", touches=True)

    # ---- the face -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return f"harmony {self._model} {self._size[0]}x{self._size[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def observe(self, screenshot: bool = True) -> Screen:
        look, layout = self._seen()
        self._hand.seen = look
        screen = Screen(
            package=layout.bundle, title=layout.ability, width=look.width, height=look.height,
            scale=round(self._density, 4), elements=look.elements, taken=datetime.now(UTC),
            keyboard=look.keyboard is not None or any(e.focused and e.editable for e in look.elements),
        )  # fmt: skip
        return self.photograph(screen) if screenshot else screen

    def photograph(self, screen: Screen) -> Screen:
        try:
            stored = masked(self._line.screenshot(), (screen.width, screen.height), screen.elements)
        except OSError as error:
            raise PhoneError(f"the phone sent a screenshot that is no picture: {error}") from error
        return screen.model_copy(update={"screenshot": self._blobs.put(stored)})

    def act(self, action: Action) -> Result:
        self._hand.act(action)
        if not isinstance(action, Wait):
            with suppress(PhoneError):  # what was done is done; the next look will say what is wrong
                self._look()  # did it make an app ask for a permission?
        events, self._events = tuple(self._events), []
        return Result(ok=True, events=events)

    def quiet(self, timeout: float) -> bool:
        """Two looks, a moment apart, saw the same: what only moves within its own picture is not noticed."""
        return self._hand.quiet(timeout)

    def keep_within(self, border: Border | None) -> None:
        """From now on open nothing beyond this border. Where a touch leads cannot be stopped here: the run loop sees
        what comes to the front, and goes back."""
        self._hand.border = border

    def begin(self, start: str) -> None:
        self._hand.begin(start)

    def turn(self, way: str) -> None:
        """Turn the screen: `natural`, `left` or `right`; it stays so. PhoneError when the phone refuses."""
        if way not in _ROTATIONS:
            raise UsageError(f"a phone is turned natural, left or right, not “{way}”")
        self._line.call("Driver.setDisplayRotation", _ROTATIONS[way], touches=True)

    def close(self) -> None:
        self._line.close()

    # ---- seeing ---------------------------------------------------------------------------------------

    def _look(self) -> Look:
        return self._seen()[0]

    def _seen(self) -> tuple[Look, Layout]:
        windows = Windows(lambda bundle: _KEYBOARD.search(bundle) is not None, max(self._size))
        try:
            layout = read_layout(self._line.layout(), "the screen's layout", windows.skip)
        except FormatError as error:
            raise PhoneError(f"the phone sent a layout that cannot be read: {error}") from error
        look = see(layout.turned(self._size), self._size, windows.keyboard, self._hand.spoken)
        if look.asked is not None and look.asked != self._asked:
            self._events.append(f"a permission is asked: {look.asked}")
        self._asked = look.asked
        return look, layout
