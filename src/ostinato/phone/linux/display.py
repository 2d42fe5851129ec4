"""The display of a Linux phone: its picture, its windows, the letters on its keys."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PIL import Image
from Xlib import XK, X, error
from Xlib.display import Display as Connection
from Xlib.protocol import event

from ostinato.errors import ActionFailed, PhoneError
from ostinato.phone.linux.session import Session
from ostinato.trace.screen import Box

__all__ = ["Display", "Shown"]

_CONNECTING = threading.Lock()
_UNICODE = 0x01000000
_NAMES = {
    "Enter": "Return", "Backspace": "BackSpace", "ArrowUp": "Up", "ArrowDown": "Down", "ArrowLeft": "Left",
    "ArrowRight": "Right", "PageUp": "Prior", "PageDown": "Next", " ": "space", "Space": "space",
    "ContextMenu": "Menu", "CapsLock": "Caps_Lock",
}  # fmt: skip
_PLAIN = frozenset({"Tab", "Escape", "Delete", "Insert", "Home", "End", *(f"F{k}" for k in range(1, 13))})
_HELD = {"Shift": "Shift_L", "Control": "Control_L", "Alt": "Alt_L", "Meta": "Super_L"}


@dataclass(frozen=True)
class Shown:
    """A window on the display: who drew it, its title and class, where it lies."""

    window: int
    pid: int
    title: str
    kind: str
    box: Box


class Display:
    """A connection to the display of a session. Everything raises PhoneError when the display is gone."""

    def __init__(self, session: Session) -> None:
        self.width, self.height = session.width, session.height
        with _CONNECTING:  # the library takes the key to the display from the environment alone
            before = os.environ.get("XAUTHORITY")
            os.environ["XAUTHORITY"] = str(session.authority)
            try:
                self._x = Connection(session.display)
            except (error.DisplayError, OSError) as problem:
                raise PhoneError(f"the phone's display cannot be reached: {problem}") from problem
            finally:
                if before is None:
                    del os.environ["XAUTHORITY"]
                else:
                    os.environ["XAUTHORITY"] = before
        self._x.set_error_handler(lambda *_: None)  # of requests without an answer: the window is gone by now
        self._root = self._x.screen().root
        self._open = True
        self._codes: dict[int, tuple[int, bool]] = {}
        self._spare: list[int] = []
        self._lent: dict[int, int] = {}
        self._read_keys()

    def close(self) -> None:
        """May be called twice."""
        if self._open:
            self._open = False
            with suppress(error.ConnectionClosedError, OSError):
                self._x.close()

    def _checked(self) -> Connection:
        if not self._open:
            raise PhoneError("the phone is switched off")
        return self._x

    # ---- picture --------------------------------------------------------------------------------------

    def image(self, pixels: bytes) -> Image.Image:
        """The picture of what `pixels` gave."""
        return Image.frombytes("RGB", (self.width, self.height), pixels, "raw", "BGRX")

    def pixels(self) -> bytes:
        """What is on the display now, as rows of blue, green, red, nothing."""
        self._checked()
        try:
            image = self._root.get_image(0, 0, self.width, self.height, X.ZPixmap, 0xFFFFFFFF)
        except (error.XError, error.ConnectionClosedError, OSError) as problem:
            raise PhoneError(f"the phone's display gave no picture: {problem}") from problem
        return bytes(image.data)

    def paint_wall(self, picture: Image.Image) -> None:
        """Show a picture behind all windows."""
        self._checked()
        pixmap = self._root.create_pixmap(self.width, self.height, self._x.screen().root_depth)
        gc = pixmap.create_gc()
        rows = picture.convert("RGB").tobytes("raw", "BGRX")
        step = 50  # rows: one request may have some 256 KB
        stride = self.width * 4
        for top in range(0, self.height, step):
            count = min(step, self.height - top)
            part = rows[top * stride : (top + count) * stride]
            pixmap.put_image(gc, 0, top, self.width, count, X.ZPixmap, self._x.screen().root_depth, 0, part)
        self._root.change_attributes(background_pixmap=pixmap)
        self._root.clear_area(0, 0, 0, 0)
        gc.free()
        pixmap.free()
        self._x.sync()

    def park(self) -> None:
        """Move the pointer, which follows the finger, to where nothing explains itself under it."""
        self._checked()
        self._root.warp_pointer(0, self.height - 1)
        self._x.flush()

    # ---- windows --------------------------------------------------------------------------------------

    def windows(self) -> list[Shown]:
        """The windows of applications that are on the display, the one in front last."""
        self._checked()
        try:
            found = []
            for window in self._ids("_NET_CLIENT_LIST_STACKING"):
                shown = self._shown(self._x.create_resource_object("window", window))
                if shown is not None:
                    found.append(shown)
            active = (self._ids("_NET_ACTIVE_WINDOW") or [0])[0]
            return sorted(found, key=lambda s: s.window == active)  # stable: otherwise as stacked
        except (error.ConnectionClosedError, OSError) as problem:
            raise PhoneError(f"the phone's display is gone: {problem}") from problem

    def popups(self) -> list[Shown]:
        """Menus and lists that are open over the windows, the one in front last."""
        self._checked()
        try:
            found = []
            for window in self._root.query_tree().children:
                try:
                    own = window.get_attributes().override_redirect
                except error.XError:
                    continue
                if own and (shown := self._shown(window)) is not None and shown.pid:
                    found.append(shown)
            return found
        except (error.ConnectionClosedError, OSError) as problem:
            raise PhoneError(f"the phone's display is gone: {problem}") from problem

    def _shown(self, window: Any) -> Shown | None:
        try:
            if window.get_attributes().map_state != X.IsViewable:
                return None
            size, place = window.get_geometry(), self._root.translate_coords(window, 0, 0)
            title = self._property(window, "_NET_WM_NAME")
            pid = self._property(window, "_NET_WM_PID")
            kind = window.get_wm_class()
        except error.XError:  # gone by now
            return None
        box = Box(left=place.x, top=place.y, width=size.width, height=size.height)
        return Shown(
            window.id, int(pid[0]) if pid else 0, bytes(title or b"").decode(errors="replace"),
            kind[1] if kind else "", box,
        )  # fmt: skip

    def _property(self, window: Any, name: str) -> Any:
        found = window.get_full_property(self._x.intern_atom(name), X.AnyPropertyType)
        return found.value if found else None

    def _ids(self, name: str) -> list[int]:
        return [int(number) for number in self._property(self._root, name) or ()]

    def bring(self, window: int) -> None:
        """Ask for a window to be in front."""
        self._tell(window, "_NET_ACTIVE_WINDOW", 2, 0, 0)

    def put_away(self, window: int) -> None:
        """Take a window off the display; its application goes on."""
        self._tell(window, "WM_CHANGE_STATE", 3)

    def _tell(self, window: int, message: str, *data: int) -> None:
        self._checked()
        target = self._x.create_resource_object("window", window)
        told = event.ClientMessage(
            window=target, client_type=self._x.intern_atom(message), data=(32, [*data, *([0] * (5 - len(data)))])
        )
        self._root.send_event(told, event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask)
        self._x.sync()

    # ---- keys -----------------------------------------------------------------------------------------

    def _read_keys(self) -> None:
        low, high = self._x.display.info.min_keycode, self._x.display.info.max_keycode
        for code, symbols in enumerate(self._x.get_keyboard_mapping(low, high - low + 1), low):
            used = [s for s in symbols[:2] if s != X.NoSymbol]
            if not any(s != X.NoSymbol for s in symbols):
                self._spare.append(code)
            for level, symbol in enumerate(symbols[:2]):
                if used and symbol != X.NoSymbol:
                    self._codes.setdefault(symbol, (code, level == 1))

    def key(self, name: str) -> tuple[int, tuple[int, ...]]:
        """The code of a key such as `Enter`, `a` or `Control+A`, and of those held with it. ActionFailed when there is
        no such key."""
        *held, last = ("+",) if name == "+" else name.split("+") if name[-2:] != "++" else [*name[:-2].split("+"), "+"]
        if any(h not in _HELD for h in held):
            raise _unknown(name)
        if len(last) == 1 and last.isprintable() and last != " ":
            letter = last.lower() if held else last
            code, shift = self._codes.get(_keysym(letter), (0, False))
        elif last in _NAMES or last in _PLAIN:
            code, shift = self._codes.get(XK.string_to_keysym(_NAMES.get(last, last)), (0, False))
        else:
            raise _unknown(name)
        if not code:
            raise _unknown(name)
        names = [*held, *(["Shift"] if shift and "Shift" not in held else [])]
        return code, tuple(self._codes[XK.string_to_keysym(_HELD[h])][0] for h in names)

    def letters(self, text: str) -> list[tuple[int, tuple[int, ...]]]:
        """The keys that write a text. Letters that no key has are put on spare keys first."""
        symbols = [_keysym(letter) for letter in text]
        for symbol in symbols:
            if symbol in self._lent:
                self._lent[symbol] = self._lent.pop(symbol)  # the last to give its key back
        self._lend({s for s in symbols if s not in self._codes})
        shift = self._codes[XK.string_to_keysym("Shift_L")][0]
        found: list[tuple[int, tuple[int, ...]]] = []
        for symbol in symbols:
            code, shifted = self._codes[symbol]
            found.append((code, (shift,) if shifted else ()))
        return found

    def parts(self, text: str) -> list[str]:
        """A text in parts that each need no more new letters than there are spare keys."""
        parts, fresh = [""], set[int]()
        for letter in text:
            symbol = _keysym(letter)
            if symbol not in self._codes or symbol in self._lent:
                if symbol not in fresh and len(fresh) == len(self._spare) + len(self._lent):
                    parts.append("")
                    fresh = set()
                fresh.add(symbol)
            parts[-1] += letter
        return parts

    def _lend(self, symbols: set[int]) -> None:
        for symbol in sorted(symbols):
            if not self._spare:  # the letter that was lent first gives its key back
                oldest = next(iter(self._lent))
                self._spare.append(self._lent.pop(oldest))
                del self._codes[oldest]
            code = self._spare.pop()
            self._checked().change_keyboard_mapping(code, [[symbol, symbol]])
            self._lent[symbol] = code
            self._codes[symbol] = (code, False)
        if symbols:
            self._x.sync()


def _keysym(letter: str) -> int:
    number = ord(letter)
    return number if 0x20 <= number <= 0x7E or 0xA0 <= number <= 0xFF else _UNICODE + number


def _unknown(key: str) -> ActionFailed:
    return ActionFailed(f"there is no key “{key}”; use DOM names such as Enter or ArrowDown")
