"""What a finger and keys send to the X server's input sockets, against a server of our own that only listens."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import PhoneError
from ostinato.phone.linux.touch import Finger, Keys

VERSION, SYNC, KEY, TOUCH = 0, 1, 5, 6
BEGIN, UPDATE, END = 18, 19, 20


class Server:
    """Answers as the driver does: a version with a version, a wait with a word that all is done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[tuple[int, bytes]] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line, line.makefile("rb") as reader:
                while head := reader.read(8):
                    length, kind = struct.unpack("=II", head)
                    self.heard.append((kind, reader.read(length - 8)))
                    if kind == VERSION:
                        line.sendall(struct.pack("=IIHH", 12, 0, 1, 1))
                    elif kind == SYNC:
                        line.sendall(struct.pack("=II", 8, 1))

    def touches(self) -> list[tuple[int, float, float]]:
        """Kind and place of every touch that was heard, the place in parts of the screen."""
        found = []
        for kind, body in self.heard:
            if kind == TOUCH:
                _, touch, _, mask = struct.unpack_from("=III8s", body)
                assert len(body) == 8 + 16 + 2 * 64 * 8 and mask == b"\x03" + bytes(7)
                found.append((touch, *(part / 0xFFFF for part in struct.unpack_from("=2d", body, 24))))
        return found

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("x") / "finger")
    yield server
    server.close()


@given(st.floats(0, 389), st.floats(0, 843))
def test_a_tap_goes_down_and_up_in_one_place(server: Server, x: float, y: float) -> None:
    server.heard.clear()
    finger = Finger(server.path, 390, 844)
    finger.tap(x, y)
    finger.close()
    (down, *place), (up, *again) = server.touches()
    assert (down, up) == (BEGIN, END) and place == again
    assert place == pytest.approx([(x + 0.5) / 390, (y + 0.5) / 844])


def test_a_swipe_is_one_finger_that_moves_evenly(server: Server) -> None:
    server.heard.clear()
    finger = Finger(server.path, 100, 100)
    finger.move((10, 90), (10, 10), 0.08)
    finger.close()
    kinds, _, down = zip(*server.touches(), strict=True)
    assert kinds == (BEGIN, *[UPDATE] * (len(kinds) - 2), END) and len(kinds) >= 6
    steps = [a - b for a, b in pairwise(down[:-1])]
    assert steps == pytest.approx([steps[0]] * len(steps)) and steps[0] > 0


def test_keys_are_held_around_the_one_that_is_pressed(server: Server) -> None:
    server.heard.clear()
    keys = Keys(server.path)
    keys.press(38, (37, 50))
    keys.close()
    pressed = [struct.unpack("=iI", body) for kind, body in server.heard if kind == KEY]
    assert pressed == [(37, 1), (50, 1), (38, 1), (38, 0), (50, 0), (37, 0)]


def test_a_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PhoneError, match="finger cannot be used"):
        Finger(tmp_path / "finger", 390, 844)


def test_a_server_that_goes_is_an_error(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "keys"))
        listening.listen()

        def serve() -> None:
            line, _ = listening.accept()
            line.recv(12)
            line.sendall(struct.pack("=IIHH", 12, 0, 1, 1))
            line.close()

        thread = threading.Thread(target=serve)
        thread.start()
        keys = Keys(tmp_path / "keys")
        thread.join()
        with pytest.raises(PhoneError, match=r"takes no input|display"):
            keys.press(38)
            keys.press(38)
        keys.close()
