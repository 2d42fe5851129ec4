"""Stops a browser's pages at the border: every page waits until it is watched, and asks before it goes anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.async_api import Error as PlaywrightError

from ostinato.phone.border import Border
from ostinato.phone.web.wire import Wire

# Only documents are asked about: what a page loads into itself is not slowed down.
_ASK = {"patterns": [{"urlPattern": "*", "resourceType": "Document", "requestStage": "Request"}]}
_ATTACH = {
    "autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True,
    "filter": [{"type": "page", "exclude": False}, {"exclude": True}],
}  # fmt: skip


class Watchman:
    """Watches all pages of a browser. `stopped` are the reasons of what was stopped since they were last taken; `drop`
    is told the target of a tab that was opened only to go beyond the border, before the reason stands there."""

    def __init__(self, wire: Wire, border: Border, drop: Callable[[str], None]) -> None:
        self.border: Border | None = border
        self.drop = drop
        self.stopped: list[str] = []
        self.wire = wire
        self._pages: dict[str, tuple[str, bool]] = {}  # by session: the page's target, and whether it is a new one
        self._tasks: set[asyncio.Future[Any]] = set()

    async def begin(self) -> None:
        """From now on every page is watched; those that are open, too."""
        self.wire.hear = self._heard
        await self.wire.call("Target.setAutoAttach", _ATTACH)
        for session in list(self._pages):
            await self._watch(session, waits=False)

    def _heard(self, event: dict[str, Any]) -> None:
        given = event.get("params", {})
        match event["method"]:
            case "Target.attachedToTarget" if given["targetInfo"]["type"] == "page":
                waits = bool(given.get("waitingForDebugger"))
                self._pages[given["sessionId"]] = (given["targetInfo"]["targetId"], waits)
                self._beside(self._watch(given["sessionId"], waits))
            case "Target.detachedFromTarget":
                self._pages.pop(given["sessionId"], None)
            case "Fetch.requestPaused" if event.get("sessionId") in self._pages:
                self._beside(self._asked(event["sessionId"], given))

    def _beside(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self, session: str, waits: bool) -> None:
        with suppress(PlaywrightError):
            await self.wire.call("Fetch.enable", _ASK, session)
        if waits:
            with suppress(PlaywrightError):
                await self.wire.call("Runtime.runIfWaitingForDebugger", None, session)

    async def _asked(self, session: str, given: dict[str, Any]) -> None:
        """A document is about to be asked for. One in a frame of a page may come from anywhere, and send nowhere."""
        if session not in self._pages:  # the page is gone, and with it what it asked for
            return
        target, new = self._pages[session]
        request = given["request"]
        in_front = given.get("frameId") == target
        why = None
        if self.border is not None and (in_front or request["method"] != "GET"):
            why = self.border.objection(request["url"])
        with suppress(PlaywrightError):
            if why is None:
                self._pages[session] = (target, False)
                await self.wire.call("Fetch.continueRequest", {"requestId": given["requestId"]}, session)
                return
            empty = in_front and new  # it would lie over the page
            if empty:
                self.drop(target)
            self.stopped.append(why)
            stop = {"requestId": given["requestId"], "errorReason": "Aborted"}
            await self.wire.call("Fetch.failRequest", stop, session)
            if empty:
                await self.wire.call("Target.closeTarget", {"targetId": target})
