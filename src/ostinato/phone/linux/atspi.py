"""What an application tells of its windows over AT-SPI, read through D-Bus.

GTK 4 answers one call with all that it has told of before (`Cache.GetItems`); what it has not is asked for node by
node. It calls everything visible, also a page that lies hidden in a stack. Whether a thing is drawn, and what lies over
it, comes from the toolkit's own picking: `GetAccessibleAtPoint` asked of the thing itself answers with nothing unless
it is drawn, asked of its window it names what a touch at that point would hit.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from ostinato.errors import PageHung, PhoneError
from ostinato.phone.linux.accessible import HOLDERS, WHOLE, Accessible

__all__ = ["AtSpi", "Window"]

_ACCESSIBLE = "org.a11y.atspi.Accessible"
_COMPONENT = "org.a11y.atspi.Component"
_TEXT = "org.a11y.atspi.Text"
_VALUE = "org.a11y.atspi.Value"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ROOT = "/org/a11y/atspi/accessible/root"
_NULL = "/org/a11y/atspi/null"
_ACTIVE = 1 << 1  # among the states
_OF_WINDOW = 1  # coordinates from the window's corner
_AT_ONCE = 40  # calls on their way: with many more a socket's buffer is full
_DEEPEST = 80  # nested things that are told of
_PAGE = 0.2  # of its window: what is as large may be a page of a stack
_LONGEST_TEXT = 20_000  # characters of one field

T = TypeVar("T")


@dataclass(frozen=True)
class Window:
    """A window of an application: where to ask about it. `active` says that it takes the keys."""

    application: str
    path: str
    title: str
    role: int
    size: tuple[int, int] = (0, 0)
    active: bool = False


class AtSpi:
    """A line to the accessibility bus of one phone. Raises PageHung when an application does not answer within
    `answer_seconds`, PhoneError when the bus is gone."""

    def __init__(self, session_bus: str, answer_seconds: float = 10.0) -> None:
        self._seconds = answer_seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="atspi", daemon=True)
        self._thread.start()
        self._bus: MessageBus | None = None
        self._session: MessageBus | None = None
        self._pids: dict[str, int] = {}
        try:
            self._bus, self._sem = self._wait(self._connect(session_bus))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """May be called twice."""
        for bus in (self._bus, self._session):
            if bus is not None and self._thread.is_alive():
                self._loop.call_soon_threadsafe(bus.disconnect)
        self._bus = self._session = None
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)
        if not self._loop.is_closed() and not self._loop.is_running():
            self._loop.close()

    # ---- asking ---------------------------------------------------------------------------------------

    def applications(self) -> dict[int, str]:
        """The names on the bus of all applications that tell of themselves, by their process ids."""
        return self._wait(self._applications())

    def owner(self, name: str) -> int | None:
        """The process that has a name on the session's bus, such as an application's id."""
        return self._wait(self._owner(name))

    def windows(self, application: str) -> list[Window]:
        """The windows of an application, in its own order."""
        return self._wait(self._windows(application))

    def tree(self, window: Window, sift: bool = True) -> Accessible:
        """All of a window with boxes and texts; what takes no room is left out with all that is in it. Without `sift`
        nothing is picked: everything is there that the application calls visible, and `drawn` is None."""
        return self._wait(self._tree(window, sift))

    def _wait(self, asked: Coroutine[Any, Any, T]) -> T:
        if self._loop.is_closed():
            asked.close()
            raise PhoneError("the phone is switched off")
        future = asyncio.run_coroutine_threadsafe(asked, self._loop)
        try:
            return future.result(self._seconds)
        except TimeoutError:
            future.cancel()
            raise PageHung(f"the application did not answer within {self._seconds:g} s") from None
        except (EOFError, OSError) as error:
            raise PhoneError(f"the phone's accessibility bus is gone: {error}") from error
        except (ValueError, TypeError, LookupError, AttributeError) as error:  # what it says has another form
            raise PhoneError(f"the application tells of itself what cannot be read: {error!r}") from error

    async def _connect(self, session_bus: str) -> tuple[MessageBus, asyncio.Semaphore]:
        session = await MessageBus(bus_address=session_bus, bus_type=BusType.SESSION).connect()
        self._session = session
        message = Message(
            destination="org.a11y.Bus", path="/org/a11y/bus", interface="org.a11y.Bus", member="GetAddress"
        )
        answer = await session.call(message)
        if answer is None or answer.message_type == MessageType.ERROR:
            raise PhoneError(f"the phone has no accessibility bus: {answer.body if answer else 'no answer'}")
        bus = await MessageBus(bus_address=str(answer.body[0]), bus_type=BusType.SESSION).connect()
        return bus, asyncio.Semaphore(_AT_ONCE)

    async def _call(
        self, where: str, path: str, interface: str, member: str, signature: str = "", body: Sequence[Any] = ()
    ) -> Any:
        """The answer of one call; None when it was answered with an error (a thing that is gone, or cannot do that)."""
        if self._bus is None:
            raise PhoneError("the phone is switched off")
        message = Message(
            destination=where, path=path, interface=interface, member=member, signature=signature, body=list(body)
        )
        async with self._sem:
            answer = await self._bus.call(message)
        if answer is None or answer.message_type == MessageType.ERROR:
            return None
        return answer.body[0] if len(answer.body) == 1 else answer.body

    async def _property(self, where: str, path: str, interface: str, name: str) -> Any:
        answer = await self._call(where, path, _PROPERTIES, "Get", "ss", [interface, name])
        return None if answer is None else answer.value

    async def _applications(self) -> dict[int, str]:
        known = await self._call("org.a11y.atspi.Registry", _ROOT, _ACCESSIBLE, "GetChildren") or []
        names = [name for name, _ in known]
        asked = [name for name in names if name not in self._pids]
        pids = await asyncio.gather(*(
            self._call(
                "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                "s", [name],
            )
            for name in asked
        ))  # fmt: skip
        self._pids.update({name: pid for name, pid in zip(asked, pids, strict=True) if pid is not None})
        return {self._pids[name]: name for name in names if name in self._pids}

    async def _owner(self, name: str) -> int | None:
        assert self._session is not None
        message = Message(
            destination="org.freedesktop.DBus", path="/org/freedesktop/DBus", interface="org.freedesktop.DBus",
            member="GetConnectionUnixProcessID", signature="s", body=[name],
        )  # fmt: skip
        answer = await self._session.call(message)
        return None if answer is None or answer.message_type == MessageType.ERROR else int(answer.body[0])

    async def _windows(self, application: str) -> list[Window]:
        children = await self._call(application, _ROOT, _ACCESSIBLE, "GetChildren") or []

        async def one(where: str, path: str) -> Window:
            name, role, box, states = await asyncio.gather(
                self._property(where, path, _ACCESSIBLE, "Name"), self._call(where, path, _ACCESSIBLE, "GetRole"),
                self._call(where, path, _COMPONENT, "GetExtents", "u", [_OF_WINDOW]),
                self._call(where, path, _ACCESSIBLE, "GetState"),
            )  # fmt: skip
            size = (box[2], box[3]) if box is not None else (0, 0)
            return Window(where, path, name or "", role or 0, size, bool(states and states[0] & _ACTIVE))

        return list(await asyncio.gather(*(one(where, path) for where, path in children)))

    # ---- the tree -------------------------------------------------------------------------------------

    async def _tree(self, window: Window, sift: bool) -> Accessible:
        where = window.application
        known = await self._items(where)
        if window.path not in known:
            raise PhoneError(f"the window “{window.title}” is gone")
        root = known[window.path]
        level = [root]
        for _ in range(_DEEPEST):
            if not level:
                break
            boxes = asyncio.gather(*(self._box(where, node) for node in level))
            # The cache knows parents too, but names some that are no widgets (the pages of a stack).
            families = asyncio.gather(*(self._family(where, node) for node in level))
            below: list[tuple[Accessible, list[str]]] = []
            for node, box, family in zip(level, await boxes, await families, strict=True):
                node.box = box
                if box is not None:
                    below.append((node, family))
            if any(path not in known for _, paths in below for path in paths):
                known = {**await self._items(where), **known}  # what was asked for is in the cache from then on
            for node, paths in below:
                node.children = [known[path] for path in paths if path in known]
            if sift:
                await self._turn_to_front([node for node, _ in below], where, root)
            level = [child for node, _ in below for child in node.children]
        if root.box is None:
            raise PhoneError(f"the window “{window.title}” is gone")
        _without_room(root)
        if sift:
            await self._pick(where, root)
        await self._read(where, root)
        return root

    async def _box(self, where: str, node: Accessible) -> tuple[int, int, int, int] | None:
        """Where it lies in its window; None when it takes no room."""
        if node.box is not None:
            return node.box
        box = await self._call(where, node.path, _COMPONENT, "GetExtents", "u", [_OF_WINDOW])
        return (box[0], box[1], box[2], box[3]) if box is not None and box[2] > 0 and box[3] > 0 else None

    async def _turn_to_front(self, nodes: list[Accessible], where: str, root: Accessible) -> None:
        """Leave out the pages of a stack that are not shown: of several large children that lie over each other, or
        beside the window, those in which nothing is picked, where something is in another."""
        stacks = [node for node in nodes if len(node.children) > 1 and _is_large(node, root)]
        pages = [page for node in stacks for page in node.children]
        for page, box in zip(pages, await asyncio.gather(*(self._box(where, page) for page in pages)), strict=True):
            page.box = box
        for node in stacks:
            large = [page for page in node.children if _is_large(page, root)]
            if len(large) < 2:
                continue
            shown = await asyncio.gather(*(self._shows(where, page) for page in large))
            front = [page for page, seen in zip(large, shown, strict=True) if seen]
            hidden = {
                page.path
                for page, seen in zip(large, shown, strict=True)
                if not seen and front and (_is_beside(page, root) or any(_overlap(page, other) for other in front))
            }
            node.children = [page for page in node.children if page.path not in hidden]

    async def _shows(self, where: str, page: Accessible) -> bool:
        """Whether anything is picked at nine points of a page."""
        assert page.box is not None
        left, top, width, height = page.box
        points = [(left + width * x // 8, top + height * y // 8) for x in (1, 4, 7) for y in (1, 4, 7)]
        return any(path != _NULL for path in await asyncio.gather(*(self._at(where, page.path, p) for p in points)))

    async def _family(self, where: str, node: Accessible) -> list[str]:
        if not node.count:
            return []
        return [path for _, path in await self._call(where, node.path, _ACCESSIBLE, "GetChildren") or ()]

    async def _items(self, where: str) -> dict[str, Accessible]:
        """All nodes that the application told of, by their paths, without children and places."""
        items = await self._call(where, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems") or []
        known: dict[str, Accessible] = {}
        for item in items:
            if len(item) not in (9, 10):
                raise PhoneError(f"the application tells of its things in a form of {len(item)} parts, not 9 or 10")
            # Qt lists the children where GTK says the place in the parent and how many there are.
            count = item[4] if len(item) == 10 else len(item[3])
            (_, path), (interfaces, name, role, description, states) = item[0], item[-5:]
            told = frozenset(i.rpartition(".")[2] for i in interfaces)
            bits = sum(part << 32 * k for k, part in enumerate(states[:2]))
            known[path] = Accessible(path, role, name, description, bits, told, count=count)
        return known

    async def _pick(self, where: str, root: Accessible) -> None:
        """Set `drawn` and `hit` of what somebody may want to touch or read."""
        asked: list[tuple[Accessible, str]] = []  # with the surface it is on: its window, or the menu over it

        def gather(node: Accessible, surface: str) -> None:
            surface = node.path if node.is_popup else surface
            if node.role not in HOLDERS:
                asked.append((node, surface))
            for child in node.children:
                gather(child, surface)

        gather(root, root.path)

        async def one(node: Accessible, surface: str) -> None:
            assert node.box is not None
            left, top, width, height = node.box
            middle = left + width // 2, top + height // 2
            own, over = await asyncio.gather(self._at(where, node.path, middle), self._at(where, surface, middle))
            node.drawn = own != _NULL
            if not node.drawn:  # a button's margin, where nothing within it lies
                node.drawn = await self._at(where, node.path, (left - 2, top - 2)) != _NULL
            within = {n.path for n in node.walk()}
            # Both may hit a part that the application does not tell of, such as the picture in a button.
            inside = 0 <= middle[0] < root_width and 0 <= middle[1] < root_height
            hits[node.path] = (over in within or own == over == _NULL) and (inside or surface != root.path)
            node.hit = node.drawn and hits[node.path]
            parts = not node.children or "EditableText" in node.interfaces
            if not node.drawn and parts and over == _NULL and node.role not in WHOLE:
                # It may be filled by such a part, and not only in its middle. On a page that is not shown something
                # else is there, or nothing: that is for the eye to say.
                corners = [(left + width * x // 8, top + height * y // 8) for x in (3, 5) for y in (3, 5)]
                found = await asyncio.gather(*(self._at(where, surface, corner) for corner in corners))
                if all(path == _NULL or path in within for path in found):
                    node.drawn = node.hit = None

        hits: dict[str, bool] = {}
        assert root.box is not None
        root_width, root_height = root.box[2:]
        await asyncio.gather(*(one(node, surface) for node, surface in asked))
        for node, _ in reversed(asked):  # what holds something drawn is drawn
            if node.drawn is False and any(n.drawn for n in node.walk()):
                node.drawn, node.hit = True, hits[node.path]
        _doubt_disabled(root)

    async def _at(self, where: str, path: str, point: tuple[int, int]) -> str:
        """What a touch at a point of the window hits within a thing; `_NULL` when that is nothing the bus knows."""
        answer = await self._call(where, path, _COMPONENT, "GetAccessibleAtPoint", "iiu", [*point, _OF_WINDOW])
        return _NULL if answer is None else str(answer[1])

    async def _read(self, where: str, root: Accessible) -> None:
        """The texts of fields and the values of sliders."""

        async def text(node: Accessible) -> None:
            count, told = await asyncio.gather(
                self._property(where, node.path, _TEXT, "CharacterCount"),
                self._call(where, node.path, _ACCESSIBLE, "GetAttributes"),
            )
            end = min(int(count or 0), _LONGEST_TEXT)
            node.placeholder = str((told or {}).get("placeholder-text", ""))
            node.text = str(await self._call(where, node.path, _TEXT, "GetText", "ii", [0, end]) or "")

        async def value(node: Accessible) -> None:
            node.value = await self._property(where, node.path, _VALUE, "CurrentValue")

        asked = [text(n) for n in root.walk() if n.drawn is not False and "EditableText" in n.interfaces]
        asked += [value(n) for n in root.walk() if n.drawn is not False and "Value" in n.interfaces]
        await asyncio.gather(*asked)


def _is_large(node: Accessible, root: Accessible) -> bool:
    if node.box is None or root.box is None:
        return False
    return node.box[2] * node.box[3] >= _PAGE * root.box[2] * root.box[3]


def _is_beside(page: Accessible, root: Accessible) -> bool:
    """Whether it was moved out of its window to the left or right."""
    assert page.box is not None and root.box is not None
    inside = min(page.box[0] + page.box[2], root.box[2]) - max(page.box[0], 0)
    return inside < page.box[2] * 0.1


def _overlap(page: Accessible, other: Accessible) -> bool:
    assert page.box is not None and other.box is not None
    (x, y, w, h), (left, top, width, height) = page.box, other.box
    across, down = min(x + w, left + width) - max(x, left), min(y + h, top + height) - max(y, top)
    return across > 0 and down > 0 and across * down >= 0.5 * min(w * h, width * height)


def _doubt_disabled(node: Accessible) -> bool:
    """Nothing picks what is disabled: where something beside it is drawn, it is for the eye to say. True when
    anything within is drawn."""
    drawn = [_doubt_disabled(child) for child in node.children]
    if any(drawn):
        for child in node.children:
            for inner in (child, *child.children):
                if inner.drawn is False and inner.disabled:
                    inner.drawn = inner.hit = None
    return any(drawn) or bool(node.drawn)


def _without_room(node: Accessible) -> None:
    node.children = [child for child in node.children if child.box is not None]
    for child in node.children:
        _without_room(child)
