"""What a hand does on a page: find the place, see that nothing lies over it, touch, type, choose, drag."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from ostinato.errors import ActionFailed, Covered, PhoneError
from ostinato.phone.veil import words_of
from ostinato.phone.web import gesture, script
from ostinato.phone.web.dialog import BOX
from ostinato.phone.web.tabs import Tabs, first_line
from ostinato.phone.web.tree import Tree
from ostinato.phone.web.wire import Session, together
from ostinato.phone.writing import plain_text
from ostinato.trace.action import (
    Action,
    Back,
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
from ostinato.trace.screen import Element, Point, Screen

_SCHEMES = ("http", "https", "file", "about")
_NAVIGATION_SECONDS = 20.0
_FOCUS_TRIES = 3
_NO_KEY = {"key": "Unidentified"}


class Hand:
    """Performs actions, each on the page that was in front when it began. `tree` is what was last seen, `zoom` its
    screenshot pixels per CSS px, `spoken` the secrets that were typed; `touched` says whether the last action came so
    far that the page may have noticed: what fails from there on may have had its effect all the same."""

    def __init__(self, tabs: Tabs, secrets: Callable[[str], str] | None, home: str | None) -> None:
        self._tabs, self._secrets, self.home = tabs, secrets, home
        self.tree: Tree | None = None
        self.zoom = 1.0
        self.spoken: set[str] = set()
        self.touched = False
        self._front: tuple[Page, Session]
        self._worlds: dict[str, int] = {}  # of one action, by frame

    async def perform(self, action: Action) -> None:
        self.touched = False
        self._front = self._tabs.front()
        self._worlds.clear()
        match action:
            case Tap() | DoubleTap() | LongPress():
                x, y = await self._aim(action.point, action.element)
                if isinstance(action, LongPress):
                    await gesture.long_press(self._input, x, y, action.seconds)
                    return
                await gesture.tap(self._input, x, y)
                if isinstance(action, DoubleTap):
                    await gesture.tap(self._input, x, y)
            case Type():
                await self._type(action)
            case Select():
                await self._select(action.element, action.option)
            case Swipe():
                await gesture.swipe(self._input, self._css(action.start), self._css(action.end), action.seconds)
            case Scroll():
                await self._scroll(action)
            case Drag():
                await self._drag(action)
            case Key():
                await self._press(action.key)
            case Back():
                await self._back()
            case Home():
                if not self.home:
                    raise ActionFailed("this phone has no home page; give home_url or start_url")
                await self.open(self.home)
            case Open():
                await self.open(action.url)
            case Wait():
                await asyncio.sleep(action.seconds)

    async def _input(self, method: str, parameters: dict[str, Any] | None = None) -> Any:
        """A call that the page may notice, to the page the action began on: half a gesture never lands in another."""
        self.touched = True
        return await self._tabs.guard(self._front[1].send(method, parameters))

    def _css(self, point: Point) -> tuple[float, float]:
        return point.x / self.zoom, point.y / self.zoom

    async def _node(self, element: Element) -> tuple[str, str]:
        """Object id, in an isolated world of its frame, of an element of the last screen; and the frame."""
        backend = self.tree.nodes.get(element.path) if self.tree else None
        if backend is None or self.tree is None:
            raise ActionFailed(f"{_called(element)} is not on the screen")
        frame = self.tree.frames[element.path]
        try:
            return await self._resolve(backend, frame), frame
        except PlaywrightError as error:
            raise ActionFailed(f"{_called(element)} is not on the page any more") from error

    async def _resolve(self, backend: int, frame: str) -> str:
        """A node in our own world of its frame, which is asked for once in an action."""
        if frame not in self._worlds:
            world = await self._tabs.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "ostinato"})
            self._worlds[frame] = int(world["executionContextId"])
        try:
            return await self._object(backend, self._worlds[frame])
        except PlaywrightError:  # the frame shows another page since then
            world = await self._tabs.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "ostinato"})
            self._worlds[frame] = int(world["executionContextId"])
            return await self._object(backend, self._worlds[frame])

    async def _object(self, backend: int, world: int) -> str:
        found = await self._tabs.send("DOM.resolveNode", {"backendNodeId": backend, "executionContextId": world})
        return str(found["object"]["objectId"])

    async def _call(self, object_id: str, function: str, *arguments: Any) -> Any:
        """Run our own function on a node, out of the page's sight. A {"objectId"} argument is a node."""
        answer = await self._tabs.send(
            "Runtime.callFunctionOn",
            {
                "objectId": object_id, "functionDeclaration": function, "returnByValue": True, "userGesture": True,
                "arguments": [a if isinstance(a, dict) and "objectId" in a else {"value": a} for a in arguments],
            },
        )  # fmt: skip
        if "exceptionDetails" in answer:
            raise PlaywrightError(str(answer["exceptionDetails"].get("exception", {}).get("description", "")))
        return answer["result"].get("value")

    async def _aim(self, point: Point, element: Element | None, *, lists: bool = False) -> tuple[float, float]:
        """Where to touch, in CSS px of the viewport; ActionFailed when the touch would hit something else."""
        if element is None:
            x, y = self._css(point)
            hit, frame = await self._hit(x, y)
            if hit and await self._call(await self._resolve(hit, frame), script.NATIVE_LIST):
                raise ActionFailed("this is a native list, which a touch cannot open here; use Select with an option")
            return x, y
        node, frame = await self._node(element)
        if lists:
            x, y = await self._place(point, element, node)
        else:  # asked at once, answered in this order: a round trip is a good part of what a touch takes
            calls = [self._call(node, script.NATIVE_LIST), self._place(point, element, node)]
            native, (x, y) = await together(calls)
            if native:
                choices = list(element.options)
                raise ActionFailed(f"{_called(element)} is a native list; use Select with one of {choices}")
        problem = await self._in_the_way(x, y, element, node, frame)
        if problem is not None:  # a bar that stays at an edge of the screen covers little of its middle
            with suppress(PlaywrightError):
                await self._call(node, script.TO_THE_MIDDLE)
            x, y = await self._place(point, element, node)
            problem = await self._in_the_way(x, y, element, node, frame)
        if problem is not None:
            raise Covered(f"{_called(element)} is covered by {problem}; nothing was touched")
        return x, y

    async def _place(self, point: Point, element: Element, node: str) -> tuple[float, float]:
        """Where a point of an element is now, in CSS px of the viewport, after it was scrolled into view."""
        try:
            shown = {"objectId": node}
            calls = [self._tabs.send(f"DOM.{name}", shown) for name in ("scrollIntoViewIfNeeded", "getContentQuads")]
            _, found = await together(calls)
        except PlaywrightError as error:
            raise ActionFailed(f"{_called(element)} is not shown any more") from error
        quads = found["quads"]
        if not quads:
            raise ActionFailed(f"{_called(element)} has no place on the screen")
        quad = max(quads, key=_area)
        box = element.box
        if len(quads) == 1 and box.contains(point) and box.width and box.height:
            across, down = (point.x - box.left) / box.width, (point.y - box.top) / box.height
        else:
            across = down = 0.5
        return (
            quad[0] + (quad[2] - quad[0]) * across + (quad[6] - quad[0]) * down,
            quad[1] + (quad[3] - quad[1]) * across + (quad[7] - quad[1]) * down,
        )

    async def _in_the_way(self, x: float, y: float, element: Element, node: str, frame: str) -> str | None:
        """What a touch would hit instead of the element, in words; None when it hits the element."""
        hit, place = await self._hit(x, y)
        if place != frame and element.role == "document":  # a frame is touched by touching what is in it
            return None
        problem = "something that takes no touch"
        if hit:
            with suppress(PlaywrightError):
                other = await self._resolve(hit, place)
                if place == frame and await self._call(node, script.TAKES, {"objectId": other}, x, y):
                    return None
                problem = str(await self._call(other, script.DESCRIBE) or problem)
        return problem

    async def _hit(self, x: float, y: float) -> tuple[int, str]:
        """The node that a touch would hit, and its frame."""
        view = (await self._tabs.send("Page.getLayoutMetrics"))["cssVisualViewport"]
        try:
            found = await self._tabs.send(
                "DOM.getNodeForLocation", {"x": round(x + view["pageX"]), "y": round(y + view["pageY"])}
            )
        except PlaywrightError:
            return 0, ""
        return int(found["backendNodeId"]), str(found["frameId"])

    async def _type(self, action: Type) -> None:
        text = words_of(action, self._secrets, self.spoken)
        if action.element is not None:
            await self._type_into(action.element, text, action.clear)
        elif text:
            await gesture.type_text(self._input, plain_text(text, "what has the focus", lines=await self._in_lines()))
        if action.enter:
            await self._press("Enter")

    async def _in_lines(self) -> bool:
        """Whether what has the focus takes several lines, as far as it is a field of the last screen."""
        focused = [e for e in self.tree.elements if e.focused and e.editable] if self.tree is not None else []
        if len(focused) != 1:
            return False
        node, _ = await self._node(focused[0])
        field = await self._call(node, script.FIELD)
        return bool(field["focused"] and field["lines"])

    async def _type_into(self, element: Element, text: str, clear: bool) -> None:
        node, _ = await self._node(element)
        field = await self._call(node, script.FIELD)
        if not field["field"]:
            raise ActionFailed(f"{_called(element)} takes no text")
        if field["off"] or field["fixed"]:
            raise ActionFailed(f"{_called(element)} is {'disabled' if field['off'] else 'read-only'}")
        text = plain_text(text, _called(element), lines=field["lines"])
        if field["native"]:
            await self._aim(element.box.center, element, lists=True)
            for function in (script.WOULD_BE, script.SET):
                self.touched = function is script.SET
                kept = await self._call(node, function, text)
                if kept != text and not (field["type"] in ("color", "range") or kept.startswith(text)):
                    raise ActionFailed(f"{_called(element)} of type {field['type']} does not take “{text}”")
            return
        if not field["focused"]:
            x, y = await self._aim(element.box.center, element, lists=True)
            await gesture.tap(self._input, x, y)
        self.touched = True
        for _ in range(_FOCUS_TRIES):
            if not (await self._call(node, script.FIELD))["focused"]:
                await self._input("DOM.focus", {"objectId": node})
            if await self._put(node, text, clear):
                return
        raise ActionFailed(f"{_called(element)} loses the focus as soon as text is typed")

    async def _put(self, node: str, text: str, clear: bool) -> bool:
        """Text into the field that has the focus. False when the page gave the focus away meanwhile, as a dialog does
        at the end of its opening; what another field got then is taken back."""
        if clear:
            if await self._call(node, script.MARK_ALL) and not text:
                key = {"key": "Backspace", "code": "Backspace", "windowsVirtualKeyCode": 8}
                await self._input("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
                await self._input("Input.dispatchKeyEvent", {"type": "keyUp", **key})
        else:
            await self._input(
                "Input.dispatchKeyEvent", {"type": "rawKeyDown", **_NO_KEY, "commands": ["moveToEndOfDocument"]}
            )
        if not text:
            return True
        await self._call(node, script.LISTEN)
        await gesture.type_text(self._input, text)
        try:
            found = await self._call(node, script.HEARD)
        except PlaywrightError:  # the text led to another page
            return True
        if found["took"] == "another":
            await self._input("Input.dispatchKeyEvent", {"type": "rawKeyDown", **_NO_KEY, "commands": ["undo"]})
        return bool(found["took"] == "this" or (found["focused"] and found["took"] != "another"))

    async def _select(self, element: Element, option: str) -> None:
        node, _ = await self._node(element)
        await self._aim(element.box.center, element, lists=True)
        self.touched = True
        answer = await self._call(node, script.CHOOSE, option)
        self.touched = not answer  # it tells a problem before it touches anything
        if answer and "problem" in answer:
            raise ActionFailed(f"{_called(element)} {answer['problem']}")
        if answer and "options" in answer:
            raise ActionFailed(f"{_called(element)} has no option “{option}”; it has {answer['options']}")

    async def _scroll(self, action: Scroll) -> None:
        if action.element is not None:
            node, _ = await self._node(action.element)
        else:
            view = (await self._tabs.send("Page.getLayoutMetrics"))["cssVisualViewport"]
            hit, frame = await self._hit(view["clientWidth"] / 2, view["clientHeight"] / 2)
            if not hit:
                raise ActionFailed("there is nothing to scroll")
            node = await self._resolve(hit, frame)
        self.touched = True
        await self._call(node, script.SCROLL, action.dx / self.zoom, action.dy / self.zoom)

    async def _drag(self, action: Drag) -> None:
        page, _ = self._front
        x, y = await self._aim(action.start, action.element) if action.element else self._css(action.start)
        to_x, to_y = self._css(action.end)
        self.touched = True
        await self._tabs.guard(page.mouse.move(x, y))
        await self._tabs.guard(page.mouse.down())
        await self._tabs.guard(page.mouse.move(x + (to_x - x) / 4, y + (to_y - y) / 4, steps=4))
        await self._tabs.guard(page.mouse.move(to_x, to_y, steps=8))
        await self._tabs.guard(page.mouse.move(to_x, to_y))
        await self._tabs.guard(page.mouse.up())

    async def _press(self, key: str) -> None:
        before, self.touched = self.touched, True
        try:
            await self._tabs.guard(self._front[0].keyboard.press(key))
        except PlaywrightError as error:
            if "Unknown key" not in str(error):
                raise
            self.touched = before or "+" in key  # the keys held with it went down first
            raise ActionFailed(f"there is no key “{key}”; use DOM names such as Enter or ArrowDown") from error

    async def _back(self) -> None:
        page, session = self._front
        if len(self._tabs.pages) > 1:
            self.touched = True
            await self._tabs.guard(page.close())
            return
        history = await self._tabs.guard(session.send("Page.getNavigationHistory"))
        at = history["currentIndex"] - 1
        if at < 0 or (at == 0 and history["entries"][0]["url"] == "about:blank"):
            raise ActionFailed("there is no page to go back to")
        await self._input("Page.navigateToHistoryEntry", {"entryId": history["entries"][at]["id"]})

    async def open(self, url: str) -> None:
        if urlsplit(url).scheme.lower() not in _SCHEMES:
            raise ActionFailed(f"“{url}” is no address to open; it begins with one of {', '.join(_SCHEMES)}")
        page, _ = self._tabs.front()
        limit = _NAVIGATION_SECONDS
        self.touched = True
        try:
            await self._tabs.guard(page.goto(url, wait_until="commit", timeout=limit * 1000), limit + 1)
        except PlaywrightError as error:
            if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
                return
            raise PhoneError(f"{url} does not open: {first_line(error)}") from error

    async def answer_dialog(self, action: Action, shown: Screen) -> None:
        """A dialog takes a tap on its buttons, text for its field, Enter, Escape and Back; nothing else."""
        self.touched = False
        dialog = self._tabs.dialog
        assert dialog is not None
        accept: bool | None = None
        match action:
            case Tap():
                element = action.element or shown.at_point(action.point)
                path = element.path if element else ""
                found = shown.at_path(path)
                if found is None or found.role != "button":
                    raise ActionFailed(f"a dialog is open (“{dialog.message}”); tap one of its buttons")
                accept = found.name == "OK"
            case Type() if dialog.type == "prompt" and (
                action.element is None or action.element.path == f"{BOX}/textbox"
            ):
                text = plain_text(words_of(action, self._secrets, self.spoken), "the dialog", lines=False)
                self._tabs.typed = text if action.clear else self._tabs.typed + text
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
        typed = self._tabs.typed if dialog.type == "prompt" else None
        self._tabs.answered()
        answer = (
            dialog.accept(typed) if accept and typed is not None else dialog.accept() if accept else dialog.dismiss()
        )
        self.touched = True
        await self._tabs.guard(answer)


def _area(quad: list[float]) -> float:
    return abs((quad[2] - quad[0]) * (quad[5] - quad[1]))


def _called(element: Element) -> str:
    return f"{element.role} “{element.name or element.placeholder or element.id or element.path}”"
