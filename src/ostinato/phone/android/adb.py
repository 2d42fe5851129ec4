"""The line to an Android phone: adb's server, and the service that uiautomator2 runs on the phone.

uiautomator2's own calls are repeated behind the caller's back when a connection breaks: a tap could happen twice. Here
a call is made again only when nothing of it was sent, or when it only reads.
"""

from __future__ import annotations

import atexit
import http.client
import json
import os
import shlex
import socket
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

from ostinato.errors import ActionFailed, PageGone, PageHung, PhoneError, SetupError
from ostinato.phone.devices import Devices

INSTALL = "an Android phone needs an extra: pip install 'ostinato-agents[android]' (20 MB)"
_PORT = 9008  # where the service listens on the phone
_END = "ostinato-end:"  # and the exit code: without it the answer of a shell was cut off
_HEADERS = {"User-Agent": "ostinato", "Accept-Encoding": "", "Content-Type": "application/json"}
_CONNECT_SECONDS = 5.0
_DEAD = ("UiAutomation not connected", "DeadObjectException", "DeadSystemRuntimeException")
_STATES = {
    "unauthorized": "does not trust this computer yet: allow USB debugging on its screen",
    "authorizing": "is asking whether to trust this computer: allow USB debugging on its screen",
    "offline": "is offline: unlock it, plug it in again, or run `adb reconnect offline`",
    "no": "may not be used by this user: add a udev rule for it, or join the group plugdev",
    "recovery": "is in recovery: start it normally",
    "bootloader": "is in its bootloader: start it normally",
}
ANDROID = Devices("Android", "device", _STATES, look="adb devices", connect="adb connect HOST:PORT")


def _clients() -> tuple[Any, Any]:
    try:
        import adbutils
        import uiautomator2
    except ImportError as error:
        raise SetupError(INSTALL) from error
    return adbutils, uiautomator2


def devices() -> list[tuple[str, str]]:
    """Serials and states of the phones that adb lists. SetupError without the extra, or when no server answers."""
    adbutils, _ = _clients()
    return _listed(adbutils.AdbClient(socket_timeout=_CONNECT_SECONDS))


def reachable() -> list[str]:
    """The phones that adb lists, in words, with what is wrong with those that are not ready. It starts no server.
    SetupError without the extra or a server."""
    adbutils, _ = _clients()
    client = adbutils.AdbClient()
    with socket.socket() as server:
        server.settimeout(_CONNECT_SECONDS)
        if server.connect_ex((client.host, client.port)) != 0:
            raise SetupError(f"no adb server runs at {client.host}:{client.port}; start one with: adb start-server")
    return ANDROID.told(devices())


def ready(serial: str | None) -> str:
    """The serial of the phone to use (see `Devices.choose`), of those that adb lists now."""
    return ANDROID.choose(devices(), serial or os.environ.get("ANDROID_SERIAL"))


def _listed(client: Any) -> list[tuple[str, str]]:
    adbutils, _ = _clients()
    try:
        return [(found.serial, found.state) for found in client.list()]
    except (adbutils.AdbError, OSError, EOFError, ValueError, subprocess.SubprocessError) as error:
        raise SetupError(
            f"no adb server answers at {client.host}:{client.port} ({error}): install adb and try `adb devices`"
        ) from error


def _timed_out(error: Exception) -> bool:
    """adbutils has an error of its own for it, which is only told from its others by name or words."""
    return isinstance(error, TimeoutError) or type(error).__name__ == "AdbTimeout"


class Line:
    """One connected phone. `answer_seconds` is how long it may take to answer one call.

    `touched` says whether something was sent since it was last set to False that the phone may have felt. `host` and
    `port` are adb's server, otherwise ANDROID_ADB_SERVER_HOST and ANDROID_ADB_SERVER_PORT, otherwise 127.0.0.1:5037.
    Raises SetupError without the extra, without a server, without a phone to choose, or when its service does not
    start."""

    def __init__(
        self, serial: str | None, *, answer_seconds: float = 10.0, host: str | None = None, port: int | None = None
    ) -> None:
        adbutils, uiautomator2 = _clients()
        broken = (adbutils.AdbError, uiautomator2.exceptions.BaseException)
        self._broken = (*broken, OSError, EOFError, ValueError, http.client.HTTPException, subprocess.SubprocessError)
        self._seconds = answer_seconds
        self._closed = False
        self.touched = False
        client = adbutils.AdbClient(host, port, socket_timeout=answer_seconds)
        self._client = client
        self.serial = ANDROID.choose(_listed(client), serial or os.environ.get("ANDROID_SERIAL"))
        self._device = client.device(self.serial)
        try:
            self._service = uiautomator2.Device(self._device, port=_PORT)
        except self._broken as error:
            raise SetupError(f"uiautomator2 does not start on {self.serial}: {error}") from error
        self._service.jsonrpc_call = lambda method, params=None, timeout=0: self.call(method, *(params or ()))

    def call(self, method: str, *parameters: Any, touches: bool = False, more: float = 0.0) -> Any:
        """What the service answers. `touches`: the phone may feel it, so it is sent at most once; `more` is how many
        seconds longer than others it takes.

        PageGone when the phone cannot be reached even after connecting anew, PageHung when it does not answer in time,
        ActionFailed when it says that there was nothing to act on, another PhoneError for what else it says."""
        what = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        before, again = self.touched, True
        while True:
            channel, again = self._connected(self._channel, again)
            self.touched |= touches
            try:
                with closing(channel):
                    answer = self._exchange(channel, json.dumps(what).encode(), self._seconds + more)
                if "error" not in answer:
                    return answer["result"]
            except TimeoutError as error:
                raise PageHung(f"{self.serial} did not answer {method} within {self._seconds + more:g} s") from error
            except (*self._broken, KeyError, TypeError) as error:
                if touches or not again:
                    raise PageGone(f"the connection to {self.serial} broke during {method}: {error!r}") from error
                self._revive()
            else:
                told = str(answer["error"])
                if "UiObjectNotFoundException" in told:
                    self.touched = before
                    raise ActionFailed(f"the phone found nothing to {method}")
                if touches or not again or not any(word in told for word in _DEAD):
                    raise PhoneError(f"the phone refused {method}: {told[:300]}")
                self._revive(ended=True)
            again = False

    def shell(self, command: list[str] | str, *, touches: bool = False) -> str:
        """What a command prints; a list is quoted. Errors as of `call`; the exit code does not count."""
        words = command if isinstance(command, str) else shlex.join(command)
        again = True
        while True:
            line, again = self._connected(lambda: self._device.open_transport(timeout=self._seconds), again)
            self.touched |= touches
            try:
                with line:
                    line.send_command(f"shell:{words}; echo {_END}$?")
                    line.check_okay()
                    said, end, _ = line.read_until_close().rpartition(_END)
                if end:
                    return str(said).strip()
                why = "the answer was cut off"
            except self._broken as error:
                if _timed_out(error):
                    raise PageHung(f"{self.serial} did not answer {words} within {self._seconds:g} s") from error
                why = repr(error)
            if touches or not again:
                raise PageGone(f"the connection to {self.serial} broke during {words}: {why}")
            self._revive()
            again = False

    def screencap(self) -> bytes:
        """A screenshot as PNG, by Android's own program: where the service has none."""
        try:
            return bytes(self._device.shell(["screencap", "-p"], encoding=None, timeout=self._seconds))
        except self._broken as error:
            raise PageGone(f"{self.serial} gives no screenshot: {error!r}") from error

    def focused_field(self, kind: str, id: str | None) -> Any:
        """The service's words for “the field of this class and id that has the focus”: what holds a field, such as a
        web view, may have it as well."""
        return self._service(focused=True, className=kind, **({"resourceId": id} if id else {})).selector

    def close(self) -> None:
        """End the service, when we started it. May be called twice."""
        if self._closed:
            return
        self._closed = True
        with suppress(*self._broken):
            self._service.stop_uiautomator(wait=False)
        atexit.unregister(self._service.stop_uiautomator)

    def _channel(self) -> Any:
        """A socket to the service on the phone."""
        line = self._device.open_transport(timeout=self._seconds)
        try:
            line.send_command(f"tcp:{_PORT}")
            line.check_okay()
        except BaseException:
            line.close()
            raise
        return line.conn

    def _connected(self, connect: Callable[[], Any], again: bool) -> tuple[Any, bool]:
        """A connection over which nothing was sent yet, and whether there may be a second try after this."""
        if self._closed:
            raise PageGone("this phone was closed")
        try:
            return connect(), again
        except self._broken as error:
            if _timed_out(error):  # adb's server hangs: to ask it again would only take longer
                raise PageHung(f"adb's server gave no connection to {self.serial} in time") from error
            if not again:
                raise PageGone(f"{self.serial} cannot be reached: {error}") from error
        self._revive()
        try:
            return connect(), False
        except self._broken as error:
            raise PageGone(f"{self.serial} cannot be reached: {error}") from error

    def _exchange(self, channel: socket.socket, body: bytes, seconds: float) -> dict[str, Any]:
        channel.settimeout(seconds)
        connection = http.client.HTTPConnection("localhost", _PORT)
        connection.sock = channel
        connection.request("POST", "/jsonrpc/0", body, _HEADERS)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(f"HTTP {answer.status} {answer.reason}")
        said = json.loads(data)
        if not isinstance(said, dict):
            raise ValueError("the answer is no JSON object")
        return said

    def _revive(self, *, ended: bool = False) -> None:
        """Connect anew, and start the service again when it does not run; also when it runs and says that it ended."""
        try:
            if ":" in self.serial:  # a phone on the network: adb forgets it when the connection breaks
                self._client.connect(self.serial, timeout=_CONNECT_SECONDS)
            if ended:
                self._service.stop_uiautomator()
            self._service.start_uiautomator()
        except self._broken as error:
            raise PageGone(f"{self.serial} cannot be reached: {error}") from error
