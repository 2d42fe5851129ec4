"""A Chromium and the Playwright driver that speaks to it: found, started, and ended for certain."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import threading
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil
from playwright.async_api import Browser, Playwright, async_playwright

from ostinato.errors import PageGone, SetupError
from ostinato.phone.web.wire import Wire

T = TypeVar("T")
_log = logging.getLogger(__name__)
FLAGS = (
    "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
    # frames of other sites stay in the page's process, so that one tree and one hit test see them all
    "--disable-site-isolation-trials",
)  # fmt: skip
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_END_SECONDS = 3.0
_KILL_SECONDS = 2.0


def find_chromium(explicit: Path | None = None) -> Path:
    """The Chromium to use: the one named, OSTINATO_CHROMIUM, one on the PATH, or Playwright's own."""
    named = explicit or (Path(os.environ["OSTINATO_CHROMIUM"]) if os.environ.get("OSTINATO_CHROMIUM") else None)
    if named is not None:
        if named.is_file() and os.access(named, os.X_OK):
            return named
        raise SetupError(f"{named} is not a program that can be run; name a Chromium, or unset OSTINATO_CHROMIUM")
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    own = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    if own:
        return own[-1]
    raise SetupError(
        "no Chromium was found. Install one (`apt-get install chromium`, or `playwright install chromium`), "
        "or name it in OSTINATO_CHROMIUM"
    )


class EventLoop:
    """An asyncio loop in a thread of its own, so that a page's events arrive while nobody calls."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        # futures that the driver leaves behind when it dies concern nobody: the calls themselves tell
        self._loop.set_exception_handler(lambda _, context: _log.debug("%s", context.get("message")))
        self._thread = threading.Thread(target=self._loop.run_forever, name="ostinato-phone", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; when the caller is interrupted, the work is cancelled too."""
        if self._loop.is_closed():
            work.close()
            raise PageGone("this phone was closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        if self._loop.is_closed():
            return
        with suppress(Exception):
            self.run(_cancel_rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_END_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


async def _cancel_rest() -> None:
    rest = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=1)
    for task in rest:
        if task.done() and not task.cancelled():
            task.exception()
    await asyncio.get_running_loop().shutdown_default_executor()


class Engine:
    """One driver and one browser, started when needed and again after they died."""

    def __init__(self, executable: Path, headless: bool) -> None:
        self._executable = executable
        self._headless = headless
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._wire: Wire | None = None
        self._pids: list[int] = []

    def processes(self) -> list[int]:
        """The driver, the browser and its children, as far as they live."""
        return [process.pid for process in self._living()]

    def _living(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for pid in self._pids:
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                found += [process, *process.children(recursive=True)]
        return [process for process in dict.fromkeys(found) if _runs(process)]

    def alive(self) -> bool:
        """Whether driver and browser both still run."""
        if self._browser is None or not self._browser.is_connected():
            return False
        try:
            return all(_runs(psutil.Process(pid)) for pid in self._pids)
        except psutil.Error:
            return False

    async def browser(self) -> Browser:
        if self._browser is not None and self.alive():
            return self._browser
        await self.end()
        flags = list(FLAGS) if self._headless else [f for f in FLAGS if not f.startswith("--headless")]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            flags.append("--no-sandbox")
        try:
            self._playwright = await async_playwright().start()
            self._browser = await self._playwright.chromium.launch(
                executable_path=self._executable, args=flags, headless=self._headless,
                handle_sigint=False, handle_sigterm=False, handle_sighup=False,
            )  # fmt: skip
            session = await self._browser.new_browser_cdp_session()
            about = await session.send("SystemInfo.getProcessInfo")
            await session.detach()
            pid = next(p["id"] for p in about["processInfo"] if p["type"] == "browser")
            self._pids = [psutil.Process(pid).ppid(), pid]
            self._wire = await Wire.open(pid)
        except Exception as error:
            await self.end()
            text = str(error).strip().splitlines() or [repr(error)]
            raise SetupError(f"{self._executable} does not start: {text[0]}; try it by hand") from error
        return self._browser

    @property
    def wire(self) -> Wire:
        """The line to the browser, which was started."""
        assert self._wire is not None
        return self._wire

    async def end(self) -> None:
        """Close what can be closed; kill the rest."""
        left = self._living()
        if self._wire is not None:
            with suppress(Exception):
                await asyncio.wait_for(self._wire.close(), 0.5)
        self._wire = None
        for part in (self._browser and self._browser.close, self._playwright and self._playwright.stop):
            if part:
                with suppress(Exception):
                    await asyncio.wait_for(part(), _END_SECONDS if self.alive() else 0.5)
        self._browser = self._playwright = None
        self._pids = []
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        give_up = time.monotonic() + _KILL_SECONDS
        while any(_runs(process) for process in left) and time.monotonic() < give_up:
            await asyncio.sleep(0.01)


def _runs(process: psutil.Process) -> bool:
    """Whether it has not ended; a zombie has, however late its parent asks for it."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
