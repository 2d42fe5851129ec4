"""Stops a browser's pages at the border: before a document is asked for, the browser asks whether it may be."""

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
_PAGES = {"discover": True, "filter": [{"type": "page", "exclude": False}, {"exclude": True}]}


class Watchman:
    """Watches all pages of a browser. `stopped` are the reasons of what was stopped since they were last taken; `drop`
    is told the target of a tab that was opened only to go beyond the border, before the reason stands there, and says
    whether to close it.

    The browser itself is asked, not each page: a page that has only just been opened can go somewhere before anyone is
    attached to it, and one that waits until somebody is may be let go by another who is attached, as Playwright is."""

    def __init__(self, wire: Wire, border: Border, drop: Callable[[str], bool]) -> None:
        self.border: Border | None = border
        self.drop = drop
        self.stopped: list[str] = []
        self.wire = wire
        self._new: dict[str, bool] = {}  # by target: whether the page has shown nothing yet
        self._tasks: set[asyncio.Future[Any]] = set()

    async def begin(self) -> None:
        """From now on every page is watched; those that are open, too."""
        self.wire.hear = self._heard
        await self.wire.call("Target.setDiscoverTargets", _PAGES)
        self._new = dict.fromkeys(self._new, False)
        await self.wire.call("Fetch.enable", _ASK)

    def _heard(self, event: dict[str, Any]) -> None:
        given = event.get("params", {})
        match event["method"]:
            case "Target.targetCreated":
                self._new[given["targetInfo"]["targetId"]] = True
            case "Target.targetDestroyed":
                self._new.pop(given["targetId"], None)
            case "Fetch.requestPaused":
                task = asyncio.ensure_future(self._asked(given))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _asked(self, given: dict[str, Any]) -> None:
        """A document is about to be asked for. One in a frame of a page may come from anywhere, and send nowhere."""
        request, frame = given["request"], given.get("frameId", "")
        in_front = await self._is_page(frame)
        why = None
        if self.border is not None and (in_front or request["method"] != "GET"):
            why = self.border.objection(request["url"])
        with suppress(PlaywrightError):  # the page is gone, and with it what it asked for
            if why is None:
                if in_front:
                    self._new[frame] = False
                await self.wire.call("Fetch.continueRequest", {"requestId": given["requestId"]})
                return
            empty = in_front and self._new.get(frame, True) and self.drop(frame)  # it would lie over the page
            self.stopped.append(why)
            await self.wire.call("Fetch.failRequest", {"requestId": given["requestId"], "errorReason": "Aborted"})
            if empty:
                await self.wire.call("Target.closeTarget", {"targetId": frame})

    async def _is_page(self, frame: str) -> bool:
        """Whether a frame is a whole page: the target of a page is named as its outermost frame is. What the browser
        asks without naming a frame is taken for a page, as is anything when the browser does not say."""
        if not frame or frame in self._new:
            return True
        try:
            known = await self.wire.call("Target.getTargets", {"filter": _PAGES["filter"]})
        except PlaywrightError:
            return True
        return any(target["targetId"] == frame for target in known["targetInfos"])
