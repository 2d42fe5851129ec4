"""An application on an accessibility bus of its own, which tells of itself as GTK 4.8 does.

It calls everything visible, also what is not drawn; it answers `GetAccessibleAtPoint` by picking, with nothing where a
part was hit that it does not tell of.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from ostinato.phone.linux.session import listens

ROOT, NULL = "/org/a11y/atspi/accessible/root", "/org/a11y/atspi/null"
VISIBLE = 1 << 30
SENSITIVE = 1 << 24
EDITABLE = 1 << 7


@dataclass
class Widget:
    """`told` False: it is drawn and can be hit, and the bus does not know it. `mapped` False: it is not drawn. `page`:
    it is in the cache as what holds the children of its parent, as the pages of a stack are."""

    role: int
    name: str = ""
    box: tuple[int, int, int, int] = (0, 0, 390, 844)
    children: list[Widget] = field(default_factory=list)
    description: str = ""
    told: bool = True
    mapped: bool = True
    states: int = VISIBLE | SENSITIVE
    margin: int = 0
    text: str | None = None
    value: float | None = None
    path: str = ""

    def walk(self) -> Iterator[Widget]:
        yield self
        for child in self.children:
            yield from child.walk()

    def pick(self, x: int, y: int) -> Widget | None:
        """The innermost drawn thing under a point, as a toolkit finds it; what is disabled is passed over."""
        left, top, width, height = self.box
        grown = self.margin
        inside = left - grown <= x < left + width + grown and top - grown <= y < top + height + grown
        if not self.mapped or not inside or not self.states & SENSITIVE:
            return None
        for child in reversed(self.children):
            found = child.pick(x, y)
            if found is not None:
                return found
        return self


class FakeApplication:
    """One process with one or more windows, on a bus in `folder`. `form` is how its cache tells of things: as `gtk`
    does, as `qt`, or in an `odd` one."""

    def __init__(self, folder: Path, windows: list[Widget], pid: int | None = None) -> None:
        self.windows = windows
        self.address = f"unix:path={folder}/bus"
        self.calls: list[str] = []
        self.silent = False
        self.form = "gtk"
        self._daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={self.address}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not listens(folder / "bus"):
            time.sleep(0.005)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)

    async def _serve(self) -> None:
        self._bus = await MessageBus(bus_address=self.address).connect()
        self._bus.add_message_handler(self._handle)
        for name in ("org.a11y.Bus", "org.a11y.atspi.Registry"):
            await self._bus.request_name(name)
        self.name = self._bus.unique_name or ""

    @property
    def pid(self) -> int:
        return os.getpid()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._bus.disconnect)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._daemon.terminate()
        self._daemon.wait()

    def _known(self) -> dict[str, Widget]:
        known = {}
        for number, window in enumerate(self.windows):
            for k, widget in enumerate(w for w in window.walk()):
                widget.path = f"/app/w{number}_{k}"
                if widget.told:
                    known[widget.path] = widget
        return known

    def _children(self, widget: Widget) -> list[list[str]]:
        return [[self.name, child.path] for child in widget.children if child.told]

    def _handle(self, message: Message) -> Message | bool | None:
        if message.message_type != MessageType.METHOD_CALL or self.silent:
            return self.silent
        answer = self._answer(message)
        if answer is None:
            return None
        self.calls.append(message.member or "")
        return Message.new_method_return(message, *answer)

    def _answer(self, message: Message) -> tuple[str, list[Any]] | None:
        known, path, member, body = self._known(), message.path or "", message.member, message.body
        if member == "GetAddress":
            return "s", [self.address]
        if path == ROOT and member == "GetChildren":
            asked = message.destination == "org.a11y.atspi.Registry"
            return "a(so)", [[[self.name, ROOT]] if asked else [[self.name, w.path] for w in self.windows]]
        if member == "GetItems":
            items = [
                [[self.name, p], [self.name, ROOT], [self.name, ROOT], 0, sum(c.told for c in w.children), _kinds(w),
                 w.name, w.role, w.description, [w.states & 0xFFFFFFFF, w.states >> 32]]
                for p, w in known.items()
            ]  # fmt: skip
            if self.form == "qt":  # the children where GTK has the place and their number
                told = [[*item[:3], self._children(known[item[0][1]]), *item[5:]] for item in items]
                return "a((so)(so)(so)a(so)assusau)", [told]
            if self.form == "odd":
                return "a((so)s)", [[[item[0], item[6]] for item in items]]
            return "a((so)(so)(so)iiassusau)", [items]
        widget = known.get(path)
        if widget is None:
            return None
        match member:
            case "GetChildren":
                return "a(so)", [self._children(widget)]
            case "GetExtents":
                return "(iiii)", [list(widget.box)]
            case "GetRole":
                return "u", [widget.role]
            case "GetState":
                return "au", [[widget.states & 0xFFFFFFFF, widget.states >> 32]]
            case "GetAttributes":
                return "a{ss}", [{"toolkit": "GTK", "placeholder-text": "hint"}]
            case "GetText":
                return "s", [(widget.text or "")[body[0] : body[1]]]
            case "GetAccessibleAtPoint":
                found = widget.pick(body[0], body[1])
                return "(so)", [[self.name, found.path] if found is not None and found.told else [self.name, NULL]]
            case "Get":
                value = {"Name": ("s", widget.name), "CharacterCount": ("i", len(widget.text or "")),
                         "CurrentValue": ("d", widget.value or 0.0)}[body[1]]  # fmt: skip
                return "v", [Variant(*value)]
        return None


def _kinds(widget: Widget) -> list[str]:
    kinds = ["Accessible", "Component", "Action"]
    kinds += ["Text", "EditableText"] if widget.text is not None else []
    kinds += ["Value"] if widget.value is not None else []
    return [f"org.a11y.atspi.{kind}" for kind in kinds]
