"""The tabs of one episode: which is in front, what happened beside, and calls to a page that cannot hang."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Download, Page, Request
from playwright.async_api import Error as PlaywrightError

from ostinato.errors import PageGone, PageHung
from ostinato.phone.web.browser import Engine
from ostinato.phone.web.script import ASKED
from ostinato.phone.web.wire import Session

T = TypeVar("T")
_NEWS_SECONDS = 0.05  # a failed call may come before the news of why it failed


class DialogOpened(Exception):
    """A dialog came up: the page answers nothing until it is answered."""


def _reserved(folder: Path, name: str) -> Path:
    """An empty file of this name, or of the name with a number where there is one: of two downloads at once none takes
    the other's place."""
    for number in count():
        path = folder / (f"{Path(name).stem} ({number}){Path(name).suffix}" if number else name)
        with suppress(FileExistsError):
            path.touch(exist_ok=False)
            return path
    raise AssertionError


class Downloads:
    """Where the files lie that pages gave: in the folder that was named, or in one that `clean` removes with them."""

    def __init__(self, named: Path | None) -> None:
        self._named = named
        self._temporary: Path | None = None

    def folder(self) -> Path:
        """Made when it is needed; OSError when it cannot be."""
        if self._named is None:
            self._temporary = self._temporary or Path(tempfile.mkdtemp(prefix="ostinato-downloads-"))
            return self._temporary
        self._named.mkdir(parents=True, exist_ok=True)
        return self._named.absolute()

    def clean(self) -> None:
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None


class Tabs:
    """The last of `pages` is in front. `dialog` is the dialog that is open, `typed` what stands in its field;
    `events` is what has happened since they were last taken."""

    def __init__(self, context: BrowserContext, engine: Engine, downloads: Downloads, seconds: float) -> None:
        self.pages: list[tuple[Page, Session]] = []
        self.events: list[str] = []
        self.dialog: Dialog | None = None
        self.typed = ""
        self.gone: str | None = None
        self.requests: set[Request] = set()
        self.requested = asyncio.Event()
        self._context, self._engine = context, engine
        self._downloads, self._timeout = downloads, seconds
        self._tasks: set[asyncio.Future[Any]] = set()
        self._dropped: set[str] = set()
        self._trouble: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        context.on("request", self._request_began)
        context.on("requestfinished", self._request_ended)
        context.on("requestfailed", self._request_ended)
        context.on("dialog", self._dialog_opened)
        context.on("console", self._console)
        context.on("page", lambda page: self.keep(self.adopt(page)))
        if context.browser is not None:
            context.browser.on("disconnected", lambda *_: self.is_gone("the browser has ended"))

    async def adopt(self, page: Page) -> None:
        """Put a new page in front."""
        if any(page is known for known, _ in self.pages):
            return
        first = not self.pages
        page.on("close", self._page_closed)
        page.on("crash", lambda page: self._page_gone(page, "the page crashed"))
        page.on("download", lambda download: self.keep(self._download(download)))
        page.on("filechooser", lambda _: self.events.append("the page asked for a file; none was chosen"))
        try:
            own = await self._context.new_cdp_session(page)
            about = await own.send("Target.getTargetInfo")
            session = await self._engine.wire.attach(about["targetInfo"]["targetId"])
            await own.detach()
        except PlaywrightError:
            return
        if any(page is known for known, _ in self.pages) or page.is_closed() or session.target in self._dropped:
            return
        self.pages.append((page, session))
        if not first:
            self.events.append(f"a new tab opened: {page.url}")

    def drop(self, target: str) -> bool:
        """This page is about to be closed: it is in front no longer, nor will it be if it has only just been opened.
        False when it is the only one, which stays."""
        others = [(page, session) for page, session in self.pages if session.target != target]
        if not others:
            return False
        self._dropped.add(target)
        self.pages = others
        return True

    def _page_closed(self, page: Page) -> None:
        self.pages = [(known, session) for known, session in self.pages if known is not page]
        self.requests = {r for r in self.requests if not _is_of(r, page)}
        if self.dialog is not None and self.dialog.page is page:
            self.dialog = None
        if self.pages and self.gone is None:
            self.events.append("a tab closed")
            self.keep(self.pages[-1][0].bring_to_front())
        elif not self.pages:
            self.is_gone("the page was closed")

    def _page_gone(self, page: Page, why: str) -> None:
        if any(known is page for known, _ in self.pages):
            self.is_gone(why)

    def is_gone(self, why: str) -> None:
        if self.gone is None:
            self.gone = why
        self._disturb()

    def _disturb(self) -> None:
        """Wake every call that waits for the page."""
        if not self._trouble.done():
            self._trouble.set_result(None)

    def _dialog_opened(self, dialog: Dialog) -> None:
        self.dialog = dialog
        self.typed = dialog.default_value or ""
        self.events.append(f"{dialog.type}: {dialog.message}")
        self._disturb()

    def _console(self, message: ConsoleMessage) -> None:
        if message.text.startswith(ASKED):
            self.events.append(f"the page asked for {message.text.removeprefix(ASKED)}; denied")

    async def _download(self, download: Download) -> None:
        name = Path(download.suggested_filename).name or "download"
        path: Path | None = None
        try:
            path = _reserved(self._downloads.folder(), name)
            await download.save_as(path)
        except (PlaywrightError, OSError) as error:
            if path is not None:
                path.unlink(missing_ok=True)
            self.events.append(f"the download of {name} failed: {first_line(error)}")
            return
        self.events.append(f"downloaded {path.name}, {path.stat().st_size} bytes, as {path}")

    def _request_began(self, request: Request) -> None:
        if request.resource_type not in ("eventsource", "websocket", "media", "ping"):
            self.requests.add(request)

    def _request_ended(self, request: Request) -> None:
        self.requests.discard(request)
        self.requested.set()

    def keep(self, work: Awaitable[Any]) -> None:
        """Let work go on beside, and forget what becomes of it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

    def front(self) -> tuple[Page, Session]:
        if self.gone is not None or not self.pages:
            raise PageGone(f"{self.gone or 'there is no page'}; begin a new episode")
        return self.pages[-1]

    async def guard(self, work: Awaitable[T], seconds: float | None = None) -> T:
        """The result of a call to the page, unless a dialog opens, the page goes or does not answer in time."""
        task = asyncio.ensure_future(work)
        if self._trouble.done() and self.dialog is None and self.gone is None:
            self._trouble = asyncio.get_running_loop().create_future()
        limit = self._timeout if seconds is None else seconds
        try:
            pending: set[asyncio.Future[Any]] = {task, self._trouble}
            await asyncio.wait(pending, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            task.cancel()
            raise
        if task.done():
            try:
                return task.result()
            except Exception as error:
                if not isinstance(error, PlaywrightError) or "closed" in str(error) or "crash" in str(error):
                    await asyncio.sleep(_NEWS_SECONDS)
                    if self.gone is not None or not self.pages or not self._engine.alive():
                        raise PageGone(f"{self.gone or first_line(error)}; begin a new episode") from error
                raise
        self.keep(task)
        if self.gone is not None or not self._engine.alive():
            raise PageGone(f"{self.gone or 'the browser has ended'}; begin a new episode")
        if self.dialog is not None:
            raise DialogOpened
        raise PageHung(f"{self.pages[-1][0].url if self.pages else 'the page'} did not answer for {limit:g} s")

    async def send(self, method: str, parameters: dict[str, Any] | None = None) -> Any:
        _, session = self.front()
        return await self.guard(session.send(method, parameters))

    def answered(self) -> Dialog:
        """Take the dialog away: it is being answered."""
        dialog, self.dialog = self.dialog, None
        assert dialog is not None
        self._trouble = asyncio.get_running_loop().create_future()
        return dialog


def _is_of(request: Request, page: Page) -> bool:
    try:
        return request.frame.page is page
    except PlaywrightError:
        return False


def first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].split(": ", 1)[-1] if lines[0].startswith(("Page.", "CDPSession.")) else lines[0]
