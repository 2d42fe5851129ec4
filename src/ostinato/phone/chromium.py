"""A phone made of Chromium: a touch screen of 390 x 844, one tab in front, one task at a time."""

from __future__ import annotations

import asyncio
import base64
import io
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import urlsplit

from PIL import Image, ImageDraw
from playwright.async_api import (
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Dialog,
    Download,
    Page,
    Request,
)
from playwright.async_api import Error as PlaywrightError

from ostinato.errors import ActionFailed, PageGone, PageHung, PhoneError, UsageError
from ostinato.phone import gesture
from ostinato.phone.browser import Engine, Loop, find_chromium
from ostinato.phone.dialog import BOX, dialog_elements, draw_dialog
from ostinato.phone.tree import BULLET, STYLES, Tree, read_tree
from ostinato.trace.action import (
    Action,
    Answer,
    Back,
    Done,
    DoubleTap,
    Drag,
    Home,
    Key,
    LongPress,
    Open,
    Scroll,
    Select,
    Swipe,
    Tap,
    Type,
    Wait,
)
from ostinato.trace.record import Result
from ostinato.trace.screen import Element, Point, Screen

__all__ = ["ChromiumPhone", "find_chromium"]

T = TypeVar("T")
_SCHEMES = ("http", "https", "file", "about")
_QUIET_SECONDS = 0.1
_NAVIGATION_SECONDS = 20.0
_ASKED = "ostinato permission asked: "
_SNAPSHOT = {"computedStyles": list(STYLES), "includePaintOrder": True}
_QUIET_SNAPSHOT = {"computedStyles": ["visibility", "opacity"]}

# A page that asks for a permission is told no, at once, and the phone hears of it.
_PERMISSIONS = """(() => {
  const say = console.debug.bind(console), told = what => say('%s' + what);
  const no = () => new DOMException('Permission denied', 'NotAllowedError');
  const denied = {code: 1, message: 'User denied the request', PERMISSION_DENIED: 1, POSITION_UNAVAILABLE: 2,
    TIMEOUT: 3};
  const put = (thing, name, f) => { if (thing && thing[name]) try {
    Object.defineProperty(thing, name, {value: f, configurable: true, writable: true}) } catch {} };
  const locate = (yes, no) => { told('geolocation'); if (no) setTimeout(() => no(denied)); return 0 };
  put(navigator.geolocation, 'getCurrentPosition', locate);
  put(navigator.geolocation, 'watchPosition', locate);
  put(window.Notification, 'requestPermission', callback => {
    told('notifications'); if (callback) callback('denied'); return Promise.resolve('denied') });
  put(navigator.mediaDevices, 'getUserMedia', wanted => {
    told([wanted && wanted.video && 'camera', wanted && wanted.audio && 'microphone'].filter(Boolean).join(' and '));
    return Promise.reject(no()) });
  put(navigator.clipboard, 'readText', () => { told('clipboard'); return Promise.reject(no()) });
})()""" % _ASKED

# Whether a touch that lands on `hit` acts on `this`: itself, something in it, its label, or for words what holds them.
_TAKES = """function(hit) {
  const up = n => n.assignedSlot || n.parentNode || n.host, control = /^(LABEL|A|BUTTON|SUMMARY)$/;
  for (let n = hit; n; n = up(n)) if (n === this) return true;
  for (let n = this; n; n = up(n)) if (n === hit) return this.nodeType === 3 || control.test(hit.nodeName);
  const label = (hit.nodeType === 1 ? hit : hit.parentElement)?.closest('label');
  return !!label && (label.control === this || label.contains(this));
}"""
_DESCRIBE = """function() {
  const e = this.nodeType === 1 ? this : this.parentElement;
  if (!e) return this.nodeName;
  const words = (e.getAttribute('aria-label') || e.innerText || e.id || e.className?.toString() || '').trim();
  return e.nodeName.toLowerCase() + (words ? ' “' + words.slice(0, 40).replace(/\\s+/g, ' ') + '”' : '');
}"""
_NATIVE_LIST = """function() {
  const e = this.nodeType === 1 ? this : this.parentElement;
  return !!e && !!e.closest('select');
}"""
_FIELD = """function() {
  const e = this.nodeType === 1 ? this : this.parentElement, tag = e ? e.nodeName : '';
  const rich = !!e && e.isContentEditable, type = tag === 'INPUT' ? e.type : '';
  const plain = tag === 'TEXTAREA' || (tag === 'INPUT' && !/^(button|submit|reset|image|checkbox|radio|file|hidden)$/.test(type));
  let active = e && e.getRootNode().activeElement;
  return {field: plain || rich, off: plain && (e.matches(':disabled')), fixed: plain && e.readOnly,
    native: /^(date|time|datetime-local|month|week|color|range)$/.test(type), type, rich,
    focused: !!active && (active === e || (rich && active.contains(e))) && e.ownerDocument.hasFocus()};
}"""
_MARK_ALL = """function() {
  const e = this.nodeType === 1 ? this : this.parentElement;
  if (e.select && !e.isContentEditable) { e.select(); return !!e.value || (e.validity && e.validity.badInput) }
  const host = e.closest('[contenteditable]') || e, range = document.createRange();
  range.selectNodeContents(host);
  const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range);
  return !!host.textContent;
}"""
_SET = """function(value) {
  const view = this.ownerDocument.defaultView;
  Object.getOwnPropertyDescriptor(view.HTMLInputElement.prototype, 'value').set.call(this, value);
  this.dispatchEvent(new view.Event('input', {bubbles: true, composed: true}));
  this.dispatchEvent(new view.Event('change', {bubbles: true}));
  return this.value;
}"""
_CHOOSE = """function(wanted) {
  if (this.nodeName !== 'SELECT') return {problem: 'is no list to select from'};
  const tidy = s => s.replace(/\\s+/g, ' ').trim();
  const name = o => tidy(o.label || o.text);
  if (this.matches(':disabled')) return {problem: 'is disabled'};
  const all = [...this.options], at = all.findIndex(o => name(o) === tidy(wanted));
  if (at < 0) return {options: all.map(name)};
  if (all[at].matches(':disabled')) return {problem: 'has that option disabled'};
  this.focus();
  if (this.multiple) all[at].selected = true; else this.selectedIndex = at;
  const view = this.ownerDocument.defaultView;
  this.dispatchEvent(new view.Event('input', {bubbles: true, composed: true}));
  this.dispatchEvent(new view.Event('change', {bubbles: true}));
  return {};
}"""
_SCROLL = """function(dx, dy) {
  const root = document.scrollingElement || document.documentElement;
  const moves = (e, x, y) => {
    const a = e.scrollLeft, b = e.scrollTop;
    e.scrollBy({left: x, top: y, behavior: 'instant'});
    return e.scrollLeft !== a || e.scrollTop !== b;
  };
  for (let e = this.nodeType === 1 ? this : this.parentElement; e; e = e.parentElement || e.getRootNode().host) {
    if (e === root || e === document.body) continue;
    const style = getComputedStyle(e);
    if (/auto|scroll/.test(style.overflowX + style.overflowY) && moves(e, dx, dy)) return true;
  }
  return moves(root, dx, dy);
}"""


class Blobs(Protocol):
    def put(self, data: bytes) -> str: ...


class _DialogOpened(Exception):
    """A dialog came up: the page answers nothing until it is answered."""


class ChromiumPhone:
    """A `Phone` in headless Chromium.

    `login` is a Playwright storage state; `secrets` gives the text of a named secret; `page_timeout` is how
    long a page may not answer, in seconds. Raises SetupError when no browser starts, PhoneError when
    `start_url` does not open.
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
    ) -> None:
        self._blobs = blobs
        self._width, self._height, self._scale = width, height, scale
        self._home = home_url or start_url
        self._fixed_home = home_url
        self._secrets = secrets
        self._downloads = downloads
        self._timeout = page_timeout
        self._engine = Engine(find_chromium(executable), headless)
        self._loop = Loop()
        self._context: BrowserContext | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._clear()
        try:
            self._run(self._begin(login, start_url, init_script))
        except BaseException:
            self.close()
            raise

    def _clear(self) -> None:
        self._pages: list[tuple[Page, CDPSession]] = []
        self._events: list[str] = []
        self._dialog: Dialog | None = None
        self._typed = ""
        self._last: bytes | None = None
        self._tree: Tree | None = None
        self._zoom = 1.0
        self._gone: str | None = None
        self._trouble: asyncio.Future[None] | None = None
        self._requests: set[Request] = set()
        self._requested = asyncio.Event()
        self._spoken: set[str] = set()

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

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    # ---- beginning and end ----------------------------------------------------------------------------

    async def _begin(self, login: dict[str, Any] | None, start_url: str | None, init_script: str | None) -> None:
        if self._context is not None:
            try:
                await asyncio.wait_for(self._context.close(), 3)
            except (TimeoutError, PlaywrightError):
                await self._engine.end()
        self._clear()
        self._trouble = asyncio.get_running_loop().create_future()
        browser = await self._engine.browser()
        self._context = context = await browser.new_context(
            viewport={"width": self._width, "height": self._height},
            device_scale_factor=self._scale, is_mobile=True, has_touch=True, accept_downloads=True,
            storage_state=login,  # type: ignore[arg-type]
        )  # fmt: skip
        browser.on("disconnected", lambda *_: self._is_gone(context, "the browser has ended"))
        await context.add_init_script(_PERMISSIONS)
        if init_script:
            await context.add_init_script(init_script)
        context.on("request", self._request_began)
        context.on("requestfinished", self._request_ended)
        context.on("requestfailed", self._request_ended)
        context.on("dialog", self._dialog_opened)
        context.on("console", self._console)
        context.on("page", lambda page: self._keep(self._adopt(page)))
        page = await context.new_page()
        await self._adopt(page)
        if start_url:
            await self._open(start_url)

    async def _end(self) -> None:
        self._gone = "this phone was closed"
        await self._engine.end()

    async def _storage_state(self) -> dict[str, Any]:
        self._front()
        assert self._context is not None
        return dict(await self._guard(self._context.storage_state()))

    # ---- what happens beside --------------------------------------------------------------------------

    async def _adopt(self, page: Page) -> None:
        """Put a new page in front."""
        if any(page is known for known, _ in self._pages):
            return
        first = not self._pages
        page.on("close", self._page_closed)
        page.on("crash", lambda page: self._page_gone(page, "the page crashed"))
        page.on("download", lambda download: self._keep(self._download(download)))
        page.on("filechooser", lambda _: self._events.append("the page asked for a file; none was chosen"))
        assert self._context is not None
        try:
            session = await self._context.new_cdp_session(page)
        except PlaywrightError:
            return
        if any(page is known for known, _ in self._pages) or page.is_closed():
            return
        self._pages.append((page, session))
        if not first:
            self._events.append(f"a new tab opened: {page.url}")

    def _page_closed(self, page: Page) -> None:
        self._pages = [(known, session) for known, session in self._pages if known is not page]
        self._requests = {r for r in self._requests if not _is_of(r, page)}
        if self._dialog is not None and self._dialog.page is page:
            self._dialog = None
        if self._pages and self._gone is None:
            self._events.append("a tab closed")
            self._keep(self._pages[-1][0].bring_to_front())
        elif not self._pages:
            self._is_gone(None, "the page was closed")

    def _page_gone(self, page: Page, why: str) -> None:
        if any(known is page for known, _ in self._pages):
            self._is_gone(None, why)

    def _is_gone(self, context: BrowserContext | None, why: str) -> None:
        if context is not None and context is not self._context:
            return
        if self._gone is None:
            self._gone = why
        self._disturb()

    def _disturb(self) -> None:
        """Wake every call that waits for the page."""
        if self._trouble is not None and not self._trouble.done():
            self._trouble.set_result(None)

    def _dialog_opened(self, dialog: Dialog) -> None:
        self._dialog = dialog
        self._typed = dialog.default_value or ""
        self._events.append(f"{dialog.type}: {dialog.message}")
        self._disturb()

    def _console(self, message: ConsoleMessage) -> None:
        if message.text.startswith(_ASKED):
            self._events.append(f"the page asked for {message.text.removeprefix(_ASKED)}; denied")

    async def _download(self, download: Download) -> None:
        folder = self._downloads or Path(tempfile.mkdtemp(prefix="ostinato-downloads-"))
        name = Path(download.suggested_filename).name or "download"
        path, k = folder / name, 1
        while path.exists():
            path, k = folder / f"{Path(name).stem} ({k}){Path(name).suffix}", k + 1
        try:
            folder.mkdir(parents=True, exist_ok=True)
            await download.save_as(path)
        except (PlaywrightError, OSError) as error:
            self._events.append(f"the download of {name} failed: {_first_line(error)}")
            return
        self._events.append(f"downloaded {path.name}, {path.stat().st_size} bytes")

    def _request_began(self, request: Request) -> None:
        if request.resource_type not in ("eventsource", "websocket", "media", "ping"):
            self._requests.add(request)

    def _request_ended(self, request: Request) -> None:
        self._requests.discard(request)
        self._requested.set()

    def _keep(self, work: Awaitable[Any]) -> None:
        """Let work go on beside, and forget what becomes of it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # type: ignore[arg-type]
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)  # type: ignore[arg-type]
        if not task.cancelled():
            task.exception()

    # ---- calls that cannot hang -----------------------------------------------------------------------

    def _front(self) -> tuple[Page, CDPSession]:
        if self._gone is not None or not self._pages:
            raise PageGone(f"{self._gone or 'there is no page'}; begin a new episode")
        return self._pages[-1]

    async def _guard(self, work: Awaitable[T], seconds: float | None = None) -> T:
        """The result of a call to the page, unless a dialog opens, the page goes or does not answer in time."""
        task = asyncio.ensure_future(work)
        if self._trouble is None or (self._trouble.done() and self._dialog is None and self._gone is None):
            self._trouble = asyncio.get_running_loop().create_future()
        limit = self._timeout if seconds is None else seconds
        try:
            await asyncio.wait({task, self._trouble}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            task.cancel()
            raise
        if task.done():
            try:
                return task.result()
            except PlaywrightError as error:
                if self._gone is not None or "closed" in str(error) or "crash" in str(error):
                    await asyncio.sleep(0)
                    raise PageGone(f"{self._gone or _first_line(error)}; begin a new episode") from error
                raise
        self._keep(task)
        if self._gone is not None or not self._engine.alive():
            raise PageGone(f"{self._gone or 'the browser has ended'}; begin a new episode")
        if self._dialog is not None:
            raise _DialogOpened
        raise PageHung(f"{self._pages[-1][0].url if self._pages else 'the page'} did not answer for {limit:g} s")

    async def _send(self, method: str, parameters: dict[str, Any] | None = None) -> Any:
        _, session = self._front()
        return await self._guard(session.send(method, parameters))

    # ---- seeing ---------------------------------------------------------------------------------------

    async def _observe(self, screenshot: bool) -> Screen:
        for _ in range(3):
            self._front()
            if self._dialog is not None:
                break
            try:
                return await self._read(screenshot)
            except _DialogOpened:
                break
            except PlaywrightError:  # the page moved on while it was read
                continue
        if self._dialog is not None:
            return self._dialog_screen(screenshot)
        return await self._read(screenshot)

    async def _read(self, screenshot: bool) -> Screen:
        page, _ = self._front()
        calls = [
            self._send("DOMSnapshot.captureSnapshot", _SNAPSHOT),
            self._send("Accessibility.getFullAXTree"),
            self._send("Page.getLayoutMetrics"),
        ]
        if screenshot:
            calls.append(self._send("Page.captureScreenshot", {"format": "jpeg", "quality": 80}))
        snapshot, accessibility, metrics, *pictures = await _together(calls)
        nodes = list(accessibility["nodes"])
        frames = [snapshot["strings"][document["frameId"]] for document in snapshot["documents"][1:]]
        if frames:
            for answer in await _together(
                [self._send("Accessibility.getFullAXTree", {"frameId": frame}) for frame in frames]
            ):
                nodes += answer["nodes"]
        tree = read_tree(snapshot, nodes, metrics, width=self._width, height=self._height, scale=self._scale)
        tree = self._veil(tree)
        self._tree = tree
        self._zoom = metrics["cssVisualViewport"]["scale"] * self._scale
        picture = self._store(base64.b64decode(pictures[0]["data"]), tree.elements) if screenshot else None
        return Screen(
            url=page.url, title=tree.title, width=self._pixels(self._width), height=self._pixels(self._height),
            scale=self._zoom, elements=tree.elements, screenshot=picture, taken=datetime.now(UTC),
            keyboard=any(e.focused and e.editable for e in tree.elements),
        )  # fmt: skip

    def _pixels(self, length: int) -> int:
        return round(length * self._scale)

    def _veil(self, tree: Tree) -> Tree:
        """A secret that stands in a field that is no password field is hidden all the same."""
        if not self._spoken:
            return tree
        elements = []
        for e in tree.elements:
            if any(secret in (e.value or "") or secret in e.name for secret in self._spoken):
                e = e.model_copy(
                    update={"value": BULLET * len(e.value or e.name), "name": e.name if e.editable else "", "password": True}
                )
            elements.append(e)
        return Tree(tuple(elements), tree.nodes, tree.frames, tree.title)

    def _store(self, jpeg: bytes, elements: tuple[Element, ...]) -> str:
        """Store a screenshot in its right size, without any password."""
        hidden = [e.box for e in elements if e.password and e.value]
        picture = Image.open(io.BytesIO(jpeg))
        size = (self._pixels(self._width), self._pixels(self._height))
        if hidden or picture.size != size:
            picture = picture.convert("RGB")
            if picture.size != size:
                picture = picture.resize(size)  # type: ignore[assignment]
            draw = ImageDraw.Draw(picture)
            for box in hidden:
                draw.rectangle((box.left, box.top, box.left + box.width, box.top + box.height), fill="#9aa0a6")
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=80)
            jpeg = out.getvalue()
        self._last = jpeg
        return self._blobs.put(jpeg)

    async def _photograph(self, screen: Screen) -> Screen:
        self._front()
        elements = screen.elements
        if self._dialog is None:
            with suppress(_DialogOpened):
                picture = await self._send("Page.captureScreenshot", {"format": "jpeg", "quality": 80})
                stored = self._store(base64.b64decode(picture["data"]), elements)
                return screen.model_copy(update={"screenshot": stored})
        return screen.model_copy(update={"screenshot": self._dialog_picture(elements)})

    def _dialog_screen(self, screenshot: bool) -> Screen:
        assert self._dialog is not None
        page, _ = self._front()
        elements = dialog_elements(
            self._dialog.type, self._dialog.message, self._typed,
            width=self._pixels(self._width), height=self._pixels(self._height),
        )  # fmt: skip
        return Screen(
            url=page.url, width=self._pixels(self._width), height=self._pixels(self._height), scale=self._scale,
            elements=elements, dialog=self._dialog.message or self._dialog.type, taken=datetime.now(UTC),
            keyboard=any(e.focused for e in elements),
            screenshot=self._dialog_picture(elements) if screenshot else None,
        )  # fmt: skip

    def _dialog_picture(self, elements: tuple[Element, ...]) -> str:
        width, height = self._pixels(self._width), self._pixels(self._height)
        return self._blobs.put(draw_dialog(self._last, elements, width=width, height=height))

    # ---- waiting --------------------------------------------------------------------------------------

    async def _quiet(self, timeout: float) -> bool:
        try:
            return await asyncio.wait_for(self._settle(), timeout)
        except (TimeoutError, _DialogOpened):
            return self._dialog is not None

    async def _settle(self) -> bool:
        """Nothing loads for a while, and two looks at the page are equal."""
        seen: Any = None
        while self._dialog is None:
            while self._requests:
                self._requested.clear()
                seen = None
                await self._requested.wait()
            page, session = self._front()
            try:
                with suppress(PlaywrightError):
                    await page.wait_for_load_state("load", timeout=0)
                now = await self._guard(session.send("DOMSnapshot.captureSnapshot", _QUIET_SNAPSHOT))
            except PlaywrightError:
                seen = None
                continue
            if now == seen and not self._requests:
                return True
            seen = now
            await asyncio.sleep(_QUIET_SECONDS)
        return True

    # ---- acting ---------------------------------------------------------------------------------------

    async def _act(self, action: Action) -> Result:
        self._front()
        try:
            if self._dialog is not None:
                await self._answer_dialog(action)
            else:
                await self._perform(action)
            if self._dialog is None and not isinstance(action, Wait | Open | Home | Back):
                # one round trip, so that what the action set off has been heard of
                with suppress(PlaywrightError, PageGone):
                    await self._send("Page.getLayoutMetrics")
        except _DialogOpened:
            pass
        except PlaywrightError as error:
            raise ActionFailed(f"{action.kind} failed: {_first_line(error)}") from error
        events, self._events = tuple(self._events), []
        return Result(ok=True, events=events)

    async def _perform(self, action: Action) -> None:
        match action:
            case Tap() | DoubleTap() | LongPress():
                x, y = await self._aim(action.point, action.element)
                if isinstance(action, LongPress):
                    await gesture.long_press(self._send, x, y, action.seconds)
                    return
                await gesture.tap(self._send, x, y)
                if isinstance(action, DoubleTap):
                    await gesture.tap(self._send, x, y)
            case Type():
                await self._type(action)
            case Select():
                await self._select(action.element, action.option)
            case Swipe():
                await gesture.swipe(self._send, self._css(action.start), self._css(action.end), action.seconds)
            case Scroll():
                await self._scroll(action)
            case Drag():
                await self._drag(action)
            case Key():
                await self._press(action.key)
            case Back():
                await self._back()
            case Home():
                if not self._home:
                    raise ActionFailed("this phone has no home page; give home_url or start_url")
                await self._open(self._home)
            case Open():
                await self._open(action.url)
            case Wait():
                await asyncio.sleep(action.seconds)

    def _css(self, point: Point) -> tuple[float, float]:
        return point.x / self._zoom, point.y / self._zoom

    async def _node(self, element: Element) -> tuple[str, str]:
        """Object id, in an isolated world of its frame, of an element of the last screen; and the frame."""
        if self._tree is None:
            await self._read(False)
        assert self._tree is not None
        backend = self._tree.nodes.get(element.path)
        if backend is None:
            raise ActionFailed(f"{_called(element)} is not on the screen")
        frame = self._tree.frames[element.path]
        try:
            return await self._resolve(backend, frame), frame
        except PlaywrightError as error:
            raise ActionFailed(f"{_called(element)} is not on the page any more") from error

    async def _resolve(self, backend: int, frame: str) -> str:
        world = await self._send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "ostinato"})
        found = await self._send(
            "DOM.resolveNode", {"backendNodeId": backend, "executionContextId": world["executionContextId"]}
        )
        return str(found["object"]["objectId"])

    async def _call(self, object_id: str, function: str, *arguments: Any) -> Any:
        """Run our own function on a node, out of the page's sight. A {"objectId"} argument is a node."""
        answer = await self._send(
            "Runtime.callFunctionOn",
            {
                "objectId": object_id, "functionDeclaration": function, "returnByValue": True, "userGesture": True,
                "arguments": [a if isinstance(a, dict) and "objectId" in a else {"value": a} for a in arguments],
            },
        )  # fmt: skip
        if "exceptionDetails" in answer:
            raise PlaywrightError(str(answer["exceptionDetails"].get("exception", {}).get("description", "")))
        return answer["result"].get("value")

    async def _aim(self, point: Point, element: Element | None, *, typing: bool = False) -> tuple[float, float]:
        """Where to touch, in CSS px of the viewport; ActionFailed when the touch would hit something else."""
        if element is None:
            x, y = self._css(point)
            hit, frame = await self._hit(x, y)
            if hit and await self._call(await self._resolve(hit, frame), _NATIVE_LIST):
                raise ActionFailed("this is a native list, which a touch cannot open here; use Select with an option")
            return x, y
        node, frame = await self._node(element)
        if not typing and await self._call(node, _NATIVE_LIST):
            raise ActionFailed(f"{_called(element)} is a native list; use Select with one of {list(element.options)}")
        try:
            await self._send("DOM.scrollIntoViewIfNeeded", {"objectId": node})
            quads = (await self._send("DOM.getContentQuads", {"objectId": node}))["quads"]
        except PlaywrightError as error:
            raise ActionFailed(f"{_called(element)} is not shown any more") from error
        if not quads:
            raise ActionFailed(f"{_called(element)} has no place on the screen")
        quad = max(quads, key=_area)
        box = element.box
        if len(quads) == 1 and box.contains(point) and box.width and box.height:
            across, down = (point.x - box.left) / box.width, (point.y - box.top) / box.height
        else:
            across = down = 0.5
        x = quad[0] + (quad[2] - quad[0]) * across + (quad[6] - quad[0]) * down
        y = quad[1] + (quad[3] - quad[1]) * across + (quad[7] - quad[1]) * down
        hit, _ = await self._hit(x, y)
        problem = "something that is not of its page"
        if hit:
            with suppress(PlaywrightError):
                other = await self._resolve(hit, frame)
                if await self._call(node, _TAKES, {"objectId": other}):
                    return x, y
                problem = await self._call(other, _DESCRIBE)
        raise ActionFailed(f"{_called(element)} is covered by {problem}; nothing was touched")

    async def _hit(self, x: float, y: float) -> tuple[int, str]:
        """The node that a touch would hit, and its frame."""
        view = (await self._send("Page.getLayoutMetrics"))["cssVisualViewport"]
        try:
            found = await self._send(
                "DOM.getNodeForLocation", {"x": round(x + view["pageX"]), "y": round(y + view["pageY"])}
            )
        except PlaywrightError:
            return 0, ""
        return int(found["backendNodeId"]), str(found["frameId"])

    async def _type(self, action: Type) -> None:
        text = action.text
        if action.secret is not None:
            if self._secrets is None:
                raise UsageError(f"the secret “{action.secret}” is asked for, but this phone has no secrets")
            text = self._secrets(action.secret)
            if text:
                self._spoken.add(text)
        if action.element is not None:
            await self._type_into(action.element, text, action.clear)
        elif text:
            await gesture.type_text(self._send, text)
        if action.enter:
            await self._press("Enter")

    async def _type_into(self, element: Element, text: str, clear: bool) -> None:
        node, _ = await self._node(element)
        field = await self._call(node, _FIELD)
        if not field["field"]:
            raise ActionFailed(f"{_called(element)} takes no text")
        if field["off"] or field["fixed"]:
            raise ActionFailed(f"{_called(element)} is {'disabled' if field['off'] else 'read-only'}")
        if field["native"]:
            await self._aim(element.box.center, element, typing=True)
            kept = await self._call(node, _SET, text)
            if kept != text and not (field["type"] in ("color", "range") or kept.startswith(text)):
                raise ActionFailed(f"{_called(element)} of type {field['type']} does not take “{text}”")
            return
        if not field["focused"]:
            x, y = await self._aim(element.box.center, element, typing=True)
            await gesture.tap(self._send, x, y)
            if not (await self._call(node, _FIELD))["focused"]:
                await self._send("DOM.focus", {"objectId": node})
        if clear:
            if await self._call(node, _MARK_ALL) and not text:
                key = {"key": "Backspace", "code": "Backspace", "windowsVirtualKeyCode": 8}
                await self._send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
                await self._send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
        else:
            await self._send(
                "Input.dispatchKeyEvent",
                {"type": "rawKeyDown", "key": "Unidentified", "commands": ["moveToEndOfDocument"]},
            )
        if text:
            await gesture.type_text(self._send, text)

    async def _select(self, element: Element, option: str) -> None:
        node, _ = await self._node(element)
        await self._send("DOM.scrollIntoViewIfNeeded", {"objectId": node})
        answer = await self._call(node, _CHOOSE, option)
        if answer and "problem" in answer:
            raise ActionFailed(f"{_called(element)} {answer['problem']}")
        if answer and "options" in answer:
            raise ActionFailed(f"{_called(element)} has no option “{option}”; it has {answer['options']}")

    async def _scroll(self, action: Scroll) -> None:
        if action.element is not None:
            node, _ = await self._node(action.element)
        else:
            view = (await self._send("Page.getLayoutMetrics"))["cssVisualViewport"]
            hit, frame = await self._hit(view["clientWidth"] / 2, view["clientHeight"] / 2)
            if not hit:
                raise ActionFailed("there is nothing to scroll")
            node = await self._resolve(hit, frame)
        await self._call(node, _SCROLL, action.dx / self._zoom, action.dy / self._zoom)

    async def _drag(self, action: Drag) -> None:
        page, _ = self._front()
        x, y = await self._aim(action.start, action.element) if action.element else self._css(action.start)
        to_x, to_y = self._css(action.end)
        await self._guard(page.mouse.move(x, y))
        await self._guard(page.mouse.down())
        await self._guard(page.mouse.move(x + (to_x - x) / 4, y + (to_y - y) / 4, steps=4))
        await self._guard(page.mouse.move(to_x, to_y, steps=8))
        await self._guard(page.mouse.move(to_x, to_y))
        await self._guard(page.mouse.up())

    async def _press(self, key: str) -> None:
        page, _ = self._front()
        try:
            await self._guard(page.keyboard.press(key))
        except PlaywrightError as error:
            raise ActionFailed(f"there is no key “{key}”; use DOM names such as Enter or ArrowDown") from error

    async def _back(self) -> None:
        page, session = self._front()
        if len(self._pages) > 1:
            await self._guard(page.close())
            return
        history = await self._guard(session.send("Page.getNavigationHistory"))
        at = history["currentIndex"] - 1
        if at < 0 or (at == 0 and history["entries"][0]["url"] == "about:blank"):
            raise ActionFailed("there is no page to go back to")
        await self._guard(session.send("Page.navigateToHistoryEntry", {"entryId": history["entries"][at]["id"]}))

    async def _open(self, url: str) -> None:
        if urlsplit(url).scheme.lower() not in _SCHEMES:
            raise ActionFailed(f"“{url}” is no address to open; it begins with one of {', '.join(_SCHEMES)}")
        page, _ = self._front()
        limit = max(_NAVIGATION_SECONDS, self._timeout)
        try:
            await self._guard(page.goto(url, wait_until="commit", timeout=limit * 1000), limit + 1)
        except PlaywrightError as error:
            if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
                return
            raise PhoneError(f"{url} does not open: {_first_line(error)}") from error

    async def _answer_dialog(self, action: Action) -> None:
        """A dialog takes a tap on its buttons, text for its field, Enter, Escape and Back; nothing else."""
        dialog = self._dialog
        assert dialog is not None
        accept: bool | None = None
        match action:
            case Tap():
                shown = self._dialog_screen(False)
                element = action.element or shown.at_point(action.point)
                path = element.path if element else ""
                found = shown.at_path(path)
                if found is None or found.role != "button":
                    raise ActionFailed(f"a dialog is open (“{dialog.message}”); tap one of its buttons")
                accept = found.name == "OK"
            case Type() if dialog.type == "prompt" and (action.element is None or action.element.path == f"{BOX}/textbox"):
                text = self._secrets(action.secret) if action.secret and self._secrets else action.text
                self._typed = text if action.clear else self._typed + text
                accept = True if action.enter else None
            case Key(key="Enter"):
                accept = True
            case Key(key="Escape") | Back():
                accept = False
            case Wait():
                await asyncio.sleep(action.seconds)
            case _:
                raise ActionFailed(f"a dialog is open (“{dialog.message}”); answer it first")
        if accept is None:
            return
        typed = self._typed if dialog.type == "prompt" else None
        self._dialog = None
        self._trouble = asyncio.get_running_loop().create_future()
        answer = dialog.accept(typed) if accept and typed is not None else dialog.accept() if accept else dialog.dismiss()
        await self._guard(answer)


async def _together(calls: list[Coroutine[Any, Any, Any]]) -> list[Any]:
    """All results; the first trouble when all have ended, so that nothing is left running."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return list(answers)


def _is_of(request: Request, page: Page) -> bool:
    try:
        return request.frame.page is page
    except PlaywrightError:
        return False


def _area(quad: list[float]) -> float:
    return abs((quad[2] - quad[0]) * (quad[5] - quad[1]))


def _called(element: Element) -> str:
    return f"{element.role} “{element.name or element.placeholder or element.id or element.path}”"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].split(": ", 1)[-1] if lines[0].startswith(("Page.", "CDPSession.")) else lines[0]
