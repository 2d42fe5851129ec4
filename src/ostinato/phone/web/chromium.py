"""A phone made of Chromium: a touch screen of 390 x 844, one tab in front, one task at a time."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from ostinato.errors import ActionFailed, OffLimits, OstinatoError, PageGone, PhoneError, UsageError
from ostinato.phone.border import Border
from ostinato.phone.veil import hidden, hidden_in_address, hush, masked, veiled
from ostinato.phone.web.browser import Engine, EventLoop, find_chromium
from ostinato.phone.web.dialog import dialog_elements, draw_dialog
from ostinato.phone.web.hand import Hand
from ostinato.phone.web.named import Chain, Named, named
from ostinato.phone.web.script import MAY, PERMISSIONS, PERMISSIONS_ASKED
from ostinato.phone.web.tabs import DialogOpened, Downloads, Tabs, first_line
from ostinato.phone.web.tree import STYLES, Tree, read_tree
from ostinato.phone.web.watchman import Watchman
from ostinato.phone.web.wire import together
from ostinato.trace.action import Action, Answer, Back, Done, Home, Open, Wait
from ostinato.trace.record import Result
from ostinato.trace.screen import Element, Screen

__all__ = ["ChromiumPhone", "find_chromium"]

T = TypeVar("T")
_QUIET_SECONDS = 0.1
_PICTURE_TRIES, _PICTURE_PAUSE = 3, 0.05
_FOR_EVER = 86400.0  # the caller's own limit ends it
_GRANTS = {
    "geolocation": "geolocation", "notifications": "notifications", "camera": "camera", "microphone": "microphone",
    "clipboard": "clipboard-read",
}  # fmt: skip
_SNAPSHOT = {"computedStyles": list(STYLES), "includePaintOrder": True}
_QUIET_SNAPSHOT = {"computedStyles": ["visibility", "opacity"]}


class Blobs(Protocol):
    def put(self, data: bytes) -> str: ...


class ChromiumPhone:
    """A `Phone` in headless Chromium.

    `login` is a Playwright storage state; `secrets` gives the text of a named secret; `page_timeout` is how
    long a page may not answer, in seconds; `downloads` is the folder for what pages give to keep (without it they
    last until the phone is closed); `border` is where it may go (None: anywhere); `may` says whether a page gets a
    permission (what it asks for, and its origin; None: never). Raises SetupError when no browser starts, PhoneError
    when `start_url` does not open.
    """

    def __init__(
        self,
        blobs: Blobs,
        *,
        width: int = 390,
        height: int = 844,
        scale: float = 1.0,
        executable: Path | None = None,
        headless: bool = True,
        login: dict[str, Any] | None = None,
        start_url: str | None = None,
        home_url: str | None = None,
        secrets: Callable[[str], str] | None = None,
        downloads: Path | None = None,
        page_timeout: float = 5.0,
        init_script: str | None = None,
        border: Border | None = None,
        may: Callable[[str, str], bool] | None = None,
    ) -> None:
        self._blobs = blobs
        self._width, self._height, self._scale = width, height, scale
        self._home = home_url or start_url
        self._fixed_home = home_url
        self._secrets = secrets
        self._downloads = Downloads(downloads)
        self._timeout = page_timeout
        self._engine = Engine(find_chromium(executable), headless)
        self._loop = EventLoop()
        self._context: BrowserContext | None = None
        self._tabs: Tabs
        self._hand: Hand
        self._last: bytes | None = None
        self._border = border
        self._may = may
        self._watchman: Watchman | None = None
        try:
            self._run(self._begin(login, start_url, init_script))
        except BaseException:
            self.close()
            raise

    # ---- the face -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return f"chromium {self._width}x{self._height}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def new_episode(
        self,
        *,
        login: dict[str, Any] | None = None,
        start_url: str | None = None,
        init_script: str | None = None,
    ) -> None:
        """Forget everything (cookies, storage, tabs) and begin anew, in a new browser when the old one died."""
        if start_url is not None:
            self._home = self._fixed_home or start_url
        self._run(self._begin(login, start_url, init_script))

    def observe(self, screenshot: bool = True) -> Screen:
        return self._run(self._observe(screenshot))

    def photograph(self, screen: Screen) -> Screen:
        return self._run(self._photograph(screen))

    def act(self, action: Action) -> Result:
        if isinstance(action, Done | Answer):
            raise UsageError(f"“{action.kind}” is for the run loop, not for a phone")
        return self._run(self._act(action))

    def quiet(self, timeout: float) -> bool:
        return self._run(self._quiet(timeout))

    def keep_within(self, border: Border | None) -> None:
        """From now on go nowhere beyond this border. What is stopped there is told as OffLimits by the next call."""
        self._border = border
        self._run(self._watch())

    def named(self, chain: Chain) -> Named:
        """The element of the last screen that a chain of Playwright's locator calls names, or why there is none."""
        return self._run(named(chain, self._tabs, self._hand.tree, self._hand.zoom))

    def ask(self, expression: str) -> Any:
        """What a JavaScript expression gives in the page: for a harness that reads an app's data, never for a decider.
        PhoneError when the page does not answer or the expression throws."""
        return self._run(self._ask(expression))

    def storage_state(self) -> dict[str, Any]:
        """Cookies and local storage, to be given as `login` later."""
        return self._run(self._storage_state())

    def processes(self) -> list[int]:
        """Process ids of the driver, the browser and its children."""
        return self._engine.processes()

    def close(self) -> None:
        with suppress(Exception):
            self._run(self._end())
        self._loop.close()
        self._downloads.clean()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run(work)
        except DialogOpened as error:
            raise PhoneError("a dialog is open; answer it first") from error
        except PlaywrightError as error:
            why = hidden(first_line(error), self._spoken)
            raise PageGone(f"the page went away meanwhile: {why}") from error
        except OstinatoError as error:
            hush(error, self._spoken)
            raise

    @property
    def _spoken(self) -> set[str]:
        hand: Hand | None = getattr(self, "_hand", None)
        return hand.spoken if hand is not None else set()

    # ---- beginning and end ----------------------------------------------------------------------------

    async def _begin(self, login: dict[str, Any] | None, start_url: str | None, init_script: str | None) -> None:
        if self._context is not None:
            if self._tabs.dialog is not None:
                self._tabs.keep(self._tabs.answered().dismiss())
            try:
                await asyncio.wait_for(self._context.close(), 3)
            except (TimeoutError, PlaywrightError):
                await self._engine.end()
        self._last = None
        browser = await self._engine.browser()
        await self._watch()
        self._context = context = await browser.new_context(
            viewport={"width": self._width, "height": self._height},
            device_scale_factor=self._scale,
            is_mobile=True,
            has_touch=True,
            accept_downloads=True,
            storage_state=login,  # type: ignore[arg-type]
        )
        self._tabs = Tabs(context, self._engine, self._downloads, self._timeout)
        self._hand = Hand(self._tabs, self._secrets, self._home)
        if self._may is None:
            await context.add_init_script(PERMISSIONS)
        else:
            await context.expose_binding(MAY, self._asked_for)
            await context.add_init_script(PERMISSIONS_ASKED)
        if init_script:
            await context.add_init_script(init_script)
        page = await context.new_page()
        await self._tabs.adopt(page)
        if start_url:
            with suppress(DialogOpened):
                await self._hand.open(start_url)

    async def _watch(self) -> None:
        """Post a watchman at the border. It is the browser's: a new browser needs a new one."""
        if self._watchman is not None and self._watchman.wire is self._engine.wire:
            self._watchman.border = self._border
        elif self._border is not None:
            self._watchman = Watchman(self._engine.wire, self._border, self._drop)
            await self._watchman.begin()

    def _drop(self, target: str) -> bool:
        return self._tabs.drop(target)  # of the episode that is on: the watchman outlives it

    def _tell_of_stops(self) -> None:
        if self._watchman is not None and self._watchman.stopped:
            said = "; ".join(dict.fromkeys(self._watchman.stopped))
            self._watchman.stopped.clear()
            raise OffLimits(f"stopped at the border, before anything was sent: {said}")

    async def _asked_for(self, source: dict[str, Any], what: str) -> bool:
        """A page asks for a permission: whoever decides is asked, while the page waits."""
        parts = [_GRANTS[part] for part in str(what).split(" and ") if part in _GRANTS]
        assert self._may is not None and self._context is not None
        origin = Screen(url=source["frame"].url, width=1, height=1, taken=datetime.now(UTC)).origin
        good = bool(parts) and await asyncio.to_thread(self._may, str(what), origin)
        if good:
            await self._context.grant_permissions(parts, origin=origin)
        self._tabs.events.append(f"the page asked for {str(what)[:80]}; {'granted' if good else 'denied'}")
        return good

    async def _end(self) -> None:
        await self._engine.end()

    async def _ask(self, expression: str) -> Any:
        answer = await self._tabs.send("Runtime.evaluate", {"expression": expression, "returnByValue": True})
        if "exceptionDetails" in answer:
            raise PhoneError(f"the page cannot say it: {answer['exceptionDetails'].get('text', '')}")
        return answer["result"].get("value")

    async def _storage_state(self) -> dict[str, Any]:
        self._tabs.front()
        assert self._context is not None
        return dict(await self._tabs.guard(self._context.storage_state()))

    # ---- seeing ---------------------------------------------------------------------------------------

    async def _observe(self, screenshot: bool) -> Screen:
        self._tell_of_stops()
        for _ in range(3):
            self._tabs.front()
            if self._tabs.dialog is not None:
                break
            try:
                return await self._read(screenshot)
            except DialogOpened:
                break
            except PlaywrightError:  # the page moved on while it was read
                continue
        if self._tabs.dialog is not None:
            return self._dialog_screen(screenshot)
        return await self._read(screenshot)

    async def _read(self, screenshot: bool) -> Screen:
        page, _ = self._tabs.front()
        calls = [
            self._tabs.send("DOMSnapshot.captureSnapshot", _SNAPSHOT),
            self._tabs.send("Accessibility.getFullAXTree"),
            self._tabs.send("Page.getLayoutMetrics"),
        ]
        if screenshot:
            calls.append(self._tabs.send("Page.captureScreenshot", {"format": "jpeg", "quality": 80}))
        snapshot, accessibility, metrics, *pictures = await together(calls)
        nodes = list(accessibility["nodes"])
        frames = [snapshot["strings"][document["frameId"]] for document in snapshot["documents"][1:]]
        if frames:
            for answer in await together(
                [self._tabs.send("Accessibility.getFullAXTree", {"frameId": frame}) for frame in frames]
            ):
                nodes += answer["nodes"]
        # Playwright hears of a new page a moment after the browser shows it: the address is that of what was read.
        url = snapshot["strings"][snapshot["documents"][0]["documentURL"]] or page.url
        tree = read_tree(snapshot, nodes, metrics, width=self._width, height=self._height, scale=self._scale)
        tree = self._veil(tree)
        self._hand.tree = tree
        self._hand.zoom = metrics["cssVisualViewport"]["scale"] * self._scale
        picture = self._store(base64.b64decode(pictures[0]["data"]), tree.elements) if screenshot else None
        return Screen(
            url=hidden_in_address(url, self._spoken), title=hidden(tree.title, self._spoken),
            width=self._pixels(self._width), height=self._pixels(self._height),
            scale=self._hand.zoom, elements=tree.elements, screenshot=picture, taken=datetime.now(UTC),
            keyboard=any(e.focused and e.editable for e in tree.elements),
        )  # fmt: skip

    def _pixels(self, length: int) -> int:
        return round(length * self._scale)

    def _veil(self, tree: Tree) -> Tree:
        """A secret that stands in a field that is no password field is hidden all the same."""
        if not self._hand.spoken:
            return tree
        elements = tuple(veiled(e, self._hand.spoken) for e in tree.elements)
        return Tree(elements, tree.nodes, tree.frames, tree.title)

    def _store(self, jpeg: bytes, elements: tuple[Element, ...]) -> str:
        """Store a screenshot in its right size, without any password."""
        self._last = masked(jpeg, (self._pixels(self._width), self._pixels(self._height)), elements)
        return self._blobs.put(self._last)

    async def _photograph(self, screen: Screen) -> Screen:
        self._tabs.front()
        elements = screen.elements
        if self._tabs.dialog is None:
            with suppress(DialogOpened):
                stored = self._store(await self._picture(), elements)
                return screen.model_copy(update={"screenshot": stored})
        return screen.model_copy(update={"screenshot": self._dialog_picture(elements)})

    async def _picture(self) -> bytes:
        """A screenshot of the page in front; a page that is just being opened has none for a moment."""
        for _ in range(_PICTURE_TRIES):
            try:
                return await self._shot()
            except PlaywrightError:
                await asyncio.sleep(_PICTURE_PAUSE)
        return await self._shot()

    async def _shot(self) -> bytes:
        picture = await self._tabs.send("Page.captureScreenshot", {"format": "jpeg", "quality": 80})
        return base64.b64decode(picture["data"])

    def _dialog_screen(self, screenshot: bool) -> Screen:
        assert self._tabs.dialog is not None
        page, _ = self._tabs.front()
        message = hidden(self._tabs.dialog.message, self._spoken)
        told = dialog_elements(
            self._tabs.dialog.type, message, self._tabs.typed,
            width=self._pixels(self._width), height=self._pixels(self._height),
        )  # fmt: skip
        elements = tuple(veiled(e, self._spoken) for e in told)
        return Screen(
            url=hidden_in_address(page.url, self._spoken), width=self._pixels(self._width),
            height=self._pixels(self._height), scale=self._scale,
            elements=elements, dialog=message or self._tabs.dialog.type, taken=datetime.now(UTC),
            keyboard=any(e.focused for e in elements),
            screenshot=self._dialog_picture(elements) if screenshot else None,
        )  # fmt: skip

    def _dialog_picture(self, elements: tuple[Element, ...]) -> str:
        width, height = self._pixels(self._width), self._pixels(self._height)
        return self._blobs.put(draw_dialog(self._last, elements, width=width, height=height))

    # ---- waiting --------------------------------------------------------------------------------------

    async def _quiet(self, timeout: float) -> bool:
        try:
            settled = await asyncio.wait_for(self._settle(), timeout)
        except (TimeoutError, DialogOpened):
            settled = self._tabs.dialog is not None
        self._tell_of_stops()
        return settled

    async def _settle(self) -> bool:
        """Nothing loads for a while, and two looks at the page are equal."""
        seen: Any = None
        while self._tabs.dialog is None:
            while self._tabs.requests:
                self._tabs.requested.clear()
                seen = None
                await self._tabs.guard(self._tabs.requested.wait(), _FOR_EVER)
            page, session = self._tabs.front()
            try:
                with suppress(PlaywrightError):
                    await self._tabs.guard(page.wait_for_load_state("load", timeout=0), _FOR_EVER)
                now = await self._tabs.guard(session.send("DOMSnapshot.captureSnapshot", _QUIET_SNAPSHOT))
            except PlaywrightError:
                seen = None
                continue
            if now == seen and not self._tabs.requests:
                return True
            seen = now
            await asyncio.sleep(_QUIET_SECONDS)
        return True

    # ---- acting ---------------------------------------------------------------------------------------

    async def _act(self, action: Action) -> Result:
        self._tabs.front()
        if isinstance(action, Open) and self._border is not None:
            why = self._border.objection_to_open(action.url)
            if why is not None:
                raise ActionFailed(why)
        try:
            if self._tabs.dialog is not None:
                await self._hand.answer_dialog(action, self._dialog_screen(False))
            else:
                await self._hand.perform(action)
            if self._tabs.dialog is None and not isinstance(action, Wait | Open | Home | Back):
                # one round trip, so that what the action set off has been heard of
                with suppress(PlaywrightError, PageGone):
                    await self._tabs.send("Page.getLayoutMetrics")
        except DialogOpened as error:
            if not self._hand.touched:
                raise ActionFailed(f"a dialog opened before {action.kind} was begun; answer it first") from error
        except (PlaywrightError, ActionFailed) as error:
            why = first_line(error)
            if self._hand.touched:  # never ActionFailed: what was sent may have been the whole of it
                raise PhoneError(f"{action.kind} was begun, then: {why}; it may have had its effect") from error
            if isinstance(error, ActionFailed):
                raise
            raise ActionFailed(f"{action.kind} failed: {why}") from error
        self._tell_of_stops()
        events, self._tabs.events = tuple(hidden(said, self._spoken) for said in self._tabs.events), []
        return Result(ok=True, events=events)
