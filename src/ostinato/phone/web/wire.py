"""A line of our own to the browser's DevTools protocol, for the many small calls of a phone.

Playwright's driver is a process between us and the browser that reads and writes every answer once more; a look at a
page takes half as long without it. Playwright still starts the browser, makes contexts and pages, and hears dialogs.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil
from playwright.async_api import Error as PlaywrightError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

_START_SECONDS = 10.0


class Wire:
    """One WebSocket to a browser. Failures are Playwright errors, as those of Playwright's own sessions are."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._calls: dict[int, tuple[asyncio.Future[Any], str, str | None]] = {}
        self._last = 0
        self.hear: Callable[[dict[str, Any]], None] = lambda event: None  # is told of every event
        self._reader = asyncio.ensure_future(self._read())

    @classmethod
    async def open(cls, browser_pid: int) -> Wire:
        """The line to the browser process `browser_pid`, which listens on a port of 127.0.0.1.

        Raises OSError or TimeoutError when it does not."""
        async with asyncio.timeout(_START_SECONDS):
            while not (ports := _listening(browser_pid)):
                await asyncio.sleep(0.02)
            address = await asyncio.to_thread(_address, ports[0])
            return cls(await connect(address, max_size=None, compression=None, ping_interval=None))

    async def attach(self, target: str) -> Session:
        """A session with a page, by its target id."""
        answer = await self.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        return Session(self, str(answer["sessionId"]), target)

    async def call(self, method: str, parameters: dict[str, Any] | None = None, session: str | None = None) -> Any:
        """The result of one call."""
        if self._reader.done():
            raise PlaywrightError(f"{method}: the connection to the browser is closed")
        self._last += 1
        number = self._last
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls[number] = (answer, method, session)
        message = {"id": number, "method": method, "params": parameters or {}}
        if session is not None:
            message["sessionId"] = session
        try:
            await self._socket.send(json.dumps(message))
            return await answer
        except (WebSocketException, OSError) as error:
            raise PlaywrightError(f"{method}: the connection to the browser is closed") from error
        finally:
            self._calls.pop(number, None)

    async def close(self) -> None:
        self._reader.cancel()
        with suppress(WebSocketException, OSError, asyncio.CancelledError):
            await self._socket.close()

    async def _read(self) -> None:
        try:
            async for raw in self._socket:
                self._take(json.loads(raw))
        except (WebSocketException, OSError):
            pass
        finally:
            self._fail("the connection to the browser is closed", None)

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message:
            if message["method"] == "Target.detachedFromTarget":
                self._fail("the page is closed", message["params"]["sessionId"])
            self.hear(message)
        answer, method, _ = self._calls.get(message.get("id", 0), (None, "", None))
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(PlaywrightError(f"{method}: {message['error'].get('message', message['error'])}"))
        else:
            answer.set_result(message["result"])

    def _fail(self, why: str, session: str | None) -> None:
        """End the calls of a session, or all of them."""
        for answer, method, of in list(self._calls.values()):
            if (session is None or of == session) and not answer.done():
                answer.set_exception(PlaywrightError(f"{method}: {why}"))


@dataclass(frozen=True)
class Session:
    """Calls to one page."""

    wire: Wire
    number: str
    target: str

    async def send(self, method: str, parameters: dict[str, Any] | None = None) -> Any:
        return await self.wire.call(method, parameters, self.number)


def _listening(pid: int) -> list[int]:
    """The ports on which a process waits for connections."""
    process = psutil.Process(pid)
    connections = process.net_connections(kind="tcp")
    return [c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN]


def _address(port: int) -> str:
    about = f"http://127.0.0.1:{port}/json/version"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(about, timeout=_START_SECONDS) as answer:
        return str(json.loads(answer.read())["webSocketDebuggerUrl"])


async def together(calls: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """All results of calls that are made at once, which the browser takes in this order; the first trouble when all
    have ended, so that nothing is left running."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return list(answers)
