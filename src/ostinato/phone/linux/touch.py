"""A finger and a keyboard on an X server whose devices are sockets (xf86-input-inputtest, protocol 1.1).

Every call waits until the server has handed its events to the applications' queues.
"""

from __future__ import annotations

import socket
import struct
import time
from pathlib import Path

from ostinato.errors import PhoneError

_VERSION, _SYNC, _KEY, _TOUCH = 0, 1, 5, 6  # kinds of events
_SYNCED = 1  # a kind of answer
_BEGIN, _UPDATE, _END = 18, 19, 20  # XI2's touches
_FULL = 0xFFFF  # the far end of the touch screen's axes
_VALUATORS = 64
_ANSWER_SECONDS = 5.0
_STEP_SECONDS = 1 / 60


class Device:
    """One input device. Raises PhoneError when the server does not answer."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_ANSWER_SECONDS)
        try:
            self._socket.connect(str(path))
            self._send(_VERSION, struct.pack("=HH", 1, 1))
            self._answer()
        except (OSError, PhoneError) as error:
            self.close()
            raise PhoneError(f"the phone's {path.name} cannot be used: {error}") from error

    def _send(self, kind: int, body: bytes = b"") -> None:
        try:
            self._socket.sendall(struct.pack("=II", 8 + len(body), kind) + body)
        except OSError as error:
            raise PhoneError(f"the phone takes no input any more: {error}") from error

    def _answer(self) -> int:
        length, kind = struct.unpack("=II", self._exactly(8))
        self._exactly(length - 8)
        return int(kind)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            try:
                part = self._socket.recv(size - len(data))
            except OSError as error:
                raise PhoneError(f"the phone's display does not answer: {error}") from error
            if not part:
                raise PhoneError("the phone's display is gone")
            data += part
        return data

    def sync(self) -> None:
        """Wait until the server has read what was sent."""
        self._send(_SYNC)
        while self._answer() != _SYNCED:
            pass

    def close(self) -> None:
        self._socket.close()


class Finger(Device):
    """One finger on the touch screen, in pixels of a screen of `width` and `height`."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        super().__init__(path)
        self._width, self._height = width, height
        self._number = 0

    def tap(self, x: float, y: float, seconds: float = 0.0) -> None:
        """Put the finger down and lift it after so many seconds."""
        self._touch(_BEGIN, x, y)
        self.sync()
        if seconds:
            time.sleep(seconds)
        self._lift(x, y)

    def move(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        seconds: float,
        hold: float = 0.0,
        rest: float = 0.0,
    ) -> None:
        """Put the finger down, let it rest, move it evenly, hold it still at the end, and lift it."""
        self._touch(_BEGIN, *start)
        self.sync()
        if rest:
            time.sleep(rest)
        steps = max(4, round(seconds / _STEP_SECONDS))
        for k in range(1, steps + 1):
            time.sleep(seconds / steps)
            part = k / steps
            self._touch(_UPDATE, start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
            self.sync()
        if hold:
            time.sleep(hold)
        self._lift(*end)

    def _lift(self, x: float, y: float) -> None:
        self._touch(_END, x, y)
        self.sync()
        self._number = (self._number + 1) % 1000

    def _touch(self, kind: int, x: float, y: float) -> None:
        places = [0.0] * _VALUATORS
        places[0] = (x + 0.5) / self._width * _FULL
        places[1] = (y + 0.5) / self._height * _FULL
        mask = bytes([0b11]) + bytes(_VALUATORS // 8 - 1)
        valuators = struct.pack(f"=I8s4x{_VALUATORS}d{_VALUATORS}d", 0, mask, *places, *([0.0] * _VALUATORS))
        self._send(_TOUCH, struct.pack("=II", self._number, kind) + valuators)


class Keys(Device):
    """The keys, by their X key codes."""

    def press(self, code: int, held: tuple[int, ...] = ()) -> None:
        """Press a key and let it go, while others are held."""
        for other in held:
            self._key(other, True)
        self._key(code, True)
        self._key(code, False)
        for other in reversed(held):
            self._key(other, False)
        self.sync()

    def _key(self, code: int, down: bool) -> None:
        self._send(_KEY, struct.pack("=iI", code, down))
