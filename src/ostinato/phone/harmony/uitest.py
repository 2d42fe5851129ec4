"""The line to a HarmonyOS phone: the program `hdc`, and the agent that uitest runs on the phone.

The agent and what it understands come from hmdriver2. Its own client is not used for the calls: it reads no more than
4,096 bytes of an answer, waits for ever for `hdc`, and pauses after every touch. Here a call is made again only when
nothing of it was sent, or when it only reads.
"""

from __future__ import annotations

import hashlib
import json
import re
import select
import shlex
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ostinato.errors import ActionFailed, PageGone, PageHung, PhoneError, SetupError
from ostinato.phone.harmony.hdc import BROKEN, NotSent, listed, program, ready, run

INSTALL = "a HarmonyOS phone needs an extra: pip install 'ostinato-agents[harmony]' (6 MB)"
_PORT = 8012  # where the agent listens on the phone
_AGENT = "/data/local/tmp/agent.so"
_PROGRAM = "uitest_agent_v1.1.0.so"  # as it is in hmdriver2
_DAEMON = "uitest start-daemon singleness"
_END = "ostinato-end:"  # and the exit code: without it the answer of a shell was cut off
_LOST = "17000004"  # what uitest says when a component is gone
_START_SECONDS = 15.0
_SEND_SECONDS = 60.0

Message = dict[str, Any]


def _agent() -> Path:
    """The agent's file, of hmdriver2 as it is installed; its code is not loaded."""
    found = find_spec("hmdriver2")
    for folder in found.submodule_search_locations or () if found is not None else ():
        if (Path(folder) / "assets" / _PROGRAM).is_file():
            return Path(folder) / "assets" / _PROGRAM
    raise SetupError(INSTALL)


def reachable() -> list[str]:
    """The phones that hdc lists, in words (see `listed`). SetupError without hdc or the extra."""
    _agent()
    return listed()


class HarmonyLine:
    """One connected phone. `answer_seconds` is how long it may take to answer one call.

    `touched` says whether something was sent since it was last set to False that the phone may have felt. Raises
    SetupError without the extra, without hdc, without a phone to choose, or when the agent does not start."""

    def __init__(self, serial: str | None, *, answer_seconds: float = 10.0) -> None:
        self._agent_file = _agent()
        self.serial = ready(serial)
        self._command = [*program(), "-t", self.serial]
        self._seconds = answer_seconds
        self._socket: socket.socket | None = None
        self._port: int | None = None
        self._driver = ""
        self._started = self._closed = False
        self._file = f"/data/local/tmp/ostinato_{uuid.uuid4().hex[:12]}"  # what is put there while it works
        self._lays_out = True
        self.touched = False
        try:
            self._revive()
        except (PhoneError, *BROKEN) as error:
            self.close()
            raise SetupError(f"uitest's agent does not start on {self.serial}: {error}") from error
        except BaseException:  # Ctrl-C, too: the port would stay forwarded
            self.close()
            raise

    # ---- the agent ------------------------------------------------------------------------------------

    def call(self, api: str, *arguments: Any, this: str | None = None, touches: bool = False, more: float = 0.0) -> Any:
        """What the agent answers to a call of uitest's API, on the driver or on `this`. `touches`: the phone may feel
        it, so it is sent at most once; `more` is how many seconds longer than others it takes.

        PageGone when the phone cannot be reached even after connecting anew, PageHung when it does not answer in time,
        ActionFailed when it says that there was nothing to act on, another PhoneError for what else it says."""
        return self._ask(api, lambda: _called(api, this or self._driver, *arguments), touches, more)

    def layout(self) -> Any:
        """All that is on the screen, as JSON or what it holds. Errors as of `call`."""
        if self._lays_out:
            try:
                return self._ask("captureLayout", lambda: _message("Captures", {"api": "captureLayout", "args": []}))
            except (PageGone, PageHung):
                raise
            except PhoneError:  # an agent that does not know it
                self._lays_out = False
        return self.shell(f"uitest dumpLayout -p {self._file}.json > /dev/null && cat {self._file}.json")

    def _ask(self, api: str, asked: Callable[[], Message], touches: bool = False, more: float = 0.0) -> Any:
        before, again = self.touched, True
        while True:
            channel, again = self._connected(again)
            self.touched |= touches
            try:
                answer = _exchange(channel, asked(), self._seconds + more)
            except TimeoutError as error:
                self._drop()
                raise PageHung(f"{self.serial} did not answer {api} within {self._seconds + more:g} s") from error
            except BROKEN as error:
                self._drop()
                if touches or not again:
                    raise PageGone(f"the connection to {self.serial} broke during {api}: {error!r}") from error
                again = False
                continue
            told = answer.get("exception")
            if not told and "result" in answer:
                return answer["result"]
            words = told if isinstance(told, str) else json.dumps(told or answer, ensure_ascii=False)
            if _LOST in words:
                self.touched = before
                raise ActionFailed(f"the phone found nothing to {api}")
            raise PhoneError(f"the phone refused {api}: {words[:300]}")

    def _connected(self, again: bool) -> tuple[socket.socket, bool]:
        """A connection that still stands, and whether there may be a second try after this."""
        if self._closed:
            raise PageGone("this phone was closed")
        if self._socket is not None and _stands(self._socket):
            return self._socket, again
        self._drop()
        try:
            return self._connect(), again
        except TimeoutError as error:
            raise PageHung(f"the agent on {self.serial} gave no connection in time") from error
        except (PhoneError, *BROKEN) as error:
            if not again:
                raise PageGone(f"{self.serial} cannot be reached: {error}") from error
        try:
            return self._revive(), False
        except (PhoneError, *BROKEN) as error:
            raise PageGone(f"{self.serial} cannot be reached: {error}") from error

    def _connect(self) -> socket.socket:
        """A new connection to the agent that runs, with a driver of its own."""
        if self._port is None:
            self._forward()
        channel = socket.create_connection(("127.0.0.1", self._port), timeout=self._seconds)
        try:
            answer = _exchange(channel, _called("Driver.create", None), self._seconds)
            driver = answer.get("result")
            if not isinstance(driver, str):
                raise PhoneError(f"the agent gave no driver: {str(answer)[:200]}")
        except BaseException:
            channel.close()
            raise
        self._socket, self._driver = channel, driver
        return channel

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _revive(self) -> socket.socket:
        """Connect anew, after starting the agent again when it does not answer."""
        self._drop()
        if ":" in self.serial:  # a phone on the network: hdc forgets it when the connection breaks
            run([*program(), "tconn", self.serial], self._seconds)
        self._unforward()
        running = self._daemons()
        if running:
            with suppress(PhoneError, *BROKEN):
                return self._connect()
        self._start_agent(running)
        give_up = time.monotonic() + _START_SECONDS
        while True:
            try:
                return self._connect()
            except (PhoneError, *BROKEN):
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)

    def _start_agent(self, running: list[str]) -> None:
        """Start it in place of those that run and do not answer."""
        for pid in running:
            self._hdc("shell", f"kill -9 {pid}")
        wanted = hashlib.md5(self._agent_file.read_bytes(), usedforsecurity=False).hexdigest()
        if not self._hdc("shell", f"md5sum {_AGENT}").startswith(wanted):
            said = self._hdc("file", "send", str(self._agent_file), _AGENT, more=_SEND_SECONDS)
            if "FileTransfer finish" not in said:
                raise PhoneError(f"the agent cannot be put on the phone: {said.strip()[:200]}")
        self._hdc("shell", f"chmod +x {_AGENT} && {_DAEMON}")
        self._started = True

    def _daemons(self) -> list[str]:
        lines = [line.split() for line in self._hdc("shell", "ps -ef").splitlines() if _DAEMON in line]
        return [words[1] for words in lines if len(words) > 1 and words[1].isdecimal()]

    # ---- commands -------------------------------------------------------------------------------------

    def shell(self, command: list[str] | str, *, touches: bool = False) -> str:
        """What a command prints; a list is quoted. Errors as of `call`; the exit code does not count."""
        words = command if isinstance(command, str) else shlex.join(command)
        again = True
        while True:
            if self._closed:
                raise PageGone("this phone was closed")
            before = self.touched
            self.touched |= touches
            try:
                said, end, _ = self._hdc("shell", f"{words}; echo {_END}$?").rpartition(_END)
                if end:
                    return said.strip()
                why, sent = "the answer was cut off", True
            except subprocess.TimeoutExpired as error:
                raise PageHung(f"{self.serial} did not answer {words} within {self._seconds:g} s") from error
            except BROKEN as error:
                why, sent = str(error), not isinstance(error, NotSent)
            if not sent:
                self.touched = before
            if not again or (touches and sent):
                raise PageGone(f"the connection to {self.serial} broke during {words}: {why}")
            self._again()
            again = False

    def screenshot(self) -> bytes:
        """What is on the display, as JPEG. Errors as of `call`."""
        said = self.shell(["snapshot_display", "-f", f"{self._file}.jpeg"])
        if "success" not in said:
            raise PhoneError(f"the phone takes no screenshot: {said[:300]}")
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder, "screen.jpeg")
            try:
                self._hdc("file", "recv", f"{self._file}.jpeg", str(local))
                return local.read_bytes()
            except subprocess.TimeoutExpired as error:
                raise PageHung(f"{self.serial} sent no screenshot within {self._seconds:g} s") from error
            except BROKEN as error:
                raise PageGone(f"{self.serial} gives no screenshot: {error}") from error

    def close(self) -> None:
        """End the agent, when we started it, and take away what was put on the phone for it to work. May be called
        twice."""
        if self._closed:
            return
        self._closed = True
        self._drop()
        with suppress(*BROKEN):
            self._unforward()
        with suppress(*BROKEN):
            self._hdc("shell", f"rm -f {self._file}.jpeg {self._file}.json")
            if self._started:
                for pid in self._daemons():
                    self._hdc("shell", f"kill -9 {pid}")

    def _again(self) -> None:
        if ":" in self.serial:
            with suppress(*BROKEN):
                run([*program(), "tconn", self.serial], self._seconds)

    def _hdc(self, *words: str, more: float = 0.0) -> str:
        return run([*self._command, *words], self._seconds + more)

    def _forward(self) -> None:
        """Let a port of this machine lead to the agent. It is known before it does, so that it is taken back."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        self._port = port
        said = self._hdc("fport", f"tcp:{port}", f"tcp:{_PORT}")
        if "OK" not in said:
            self._port = None
            raise OSError(f"hdc does not forward a port: {said.strip()[:200]}")

    def _unforward(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            with suppress(*BROKEN):
                self._hdc("fport", "rm", f"tcp:{port}", f"tcp:{_PORT}")


def _message(method: str, params: Message) -> Message:
    about = {"module": "com.ohos.devicetest.hypiumApiHelper", "request_id": uuid.uuid4().hex}
    return {**about, "method": method, "params": params}


def _called(api: str, this: str | None, *arguments: Any) -> Message:
    params = {"api": api, "this": this, "args": list(arguments), "message_type": "hypium"}
    return _message("callHypiumApi", params)


def _exchange(channel: socket.socket, message: Message, seconds: float) -> Message:
    """Send one message and read its answer, however many parts it comes in. TimeoutError when it takes longer."""
    give_up = time.monotonic() + seconds
    channel.settimeout(seconds)
    channel.sendall(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    data = bytearray()
    while True:
        left = give_up - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(left)
        part = channel.recv(1 << 16)
        if not part:
            raise EOFError("it was closed")
        data += part
        if re.search(rb"\}\s*\Z", data[-16:]):
            with suppress(ValueError):  # a brace within the answer: the rest is still to come
                answer = json.loads(data)
                if not isinstance(answer, dict):
                    raise EOFError("the answer is no JSON object")
                return answer


def _stands(channel: socket.socket) -> bool:
    """Whether a connection was not closed, and nothing waits on it that belongs to an earlier call."""
    return not select.select([channel], [], [], 0)[0]
