"""Fingers, mouse and keys, in CSS px of the viewport, over the Chrome DevTools Protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Send = Callable[[str, dict[str, Any]], Awaitable[Any]]
_STEP_SECONDS = 1 / 60


async def _touch(send: Send, kind: str, *points: tuple[float, float]) -> None:
    await send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


async def tap(send: Send, x: float, y: float) -> None:
    await _touch(send, "touchStart", (x, y))
    await _touch(send, "touchEnd")


async def long_press(send: Send, x: float, y: float, seconds: float) -> None:
    """Hold a finger; after it has been held, the page gets `contextmenu` as from a phone, and no click."""
    await _touch(send, "touchStart", (x, y))
    await asyncio.sleep(seconds)
    await _mouse(send, "mousePressed", x, y, button="right", clickCount=1)
    await _mouse(send, "mouseReleased", x, y, button="right", clickCount=1)
    await _touch(send, "touchCancel")


async def swipe(send: Send, start: tuple[float, float], end: tuple[float, float], seconds: float) -> None:
    steps = max(4, round(seconds / _STEP_SECONDS))
    await _touch(send, "touchStart", start)
    for k in range(1, steps + 1):
        await asyncio.sleep(seconds / steps)
        part = k / steps
        await _touch(send, "touchMove", (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part))
    await _touch(send, "touchEnd")


async def _mouse(send: Send, kind: str, x: float, y: float, **more: Any) -> None:
    await send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **more})


async def type_text(send: Send, text: str) -> None:
    """Put text where the caret is, as a phone's keyboard does: one unidentified key around the input."""
    key = {"key": "Unidentified", "windowsVirtualKeyCode": 229}
    await send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    await send("Input.insertText", {"text": text})
    await send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
