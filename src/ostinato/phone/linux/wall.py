"""The home screen of a Linux phone: a picture behind all windows, with a tile for each application."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from PIL import Image, ImageDraw, ImageFont

from ostinato.phone.linux.look import LinuxLook
from ostinato.trace.screen import Box, Element, Point

_TITLE = "All apps"
_INK, _GROUND, _TILE = "#ffffff", "#20304a", "#3a5078"
_MARGIN, _GAP, _TALL, _TOP = 24, 16, 96, 112


class Wall:
    """`apps` are ids and names; two tiles a row."""

    def __init__(self, apps: Sequence[tuple[str, str]], width: int, height: int) -> None:
        self._apps, self._width, self._height = tuple(apps), width, height

    def _boxes(self) -> list[Box]:
        wide = (self._width - 2 * _MARGIN - _GAP) / 2
        return [
            Box(left=_MARGIN + (k % 2) * (wide + _GAP), top=_TOP + (k // 2) * (_TALL + _GAP), width=wide, height=_TALL)
            for k in range(len(self._apps))
        ]

    @cached_property
    def look(self) -> LinuxLook:
        """What is on the home screen."""
        title = Box(left=_MARGIN, top=40, width=self._width - 2 * _MARGIN, height=40)
        elements = [Element(role="heading", name=_TITLE, box=title, path="heading")]
        for k, (box, (_, name)) in enumerate(zip(self._boxes(), self._apps, strict=True), 1):
            path = "button" if k == 1 else f"button[{k}]"
            elements.append(Element(role="button", name=name, box=box, path=path))
        return LinuxLook(self._width, self._height, tuple(elements), title=_TITLE)

    def app_at(self, point: Point) -> str | None:
        """The application whose tile is at a point."""
        return next((app for box, (app, _) in zip(self._boxes(), self._apps, strict=True) if box.contains(point)), None)

    @cached_property
    def picture(self) -> Image.Image:
        image = Image.new("RGB", (self._width, self._height), _GROUND)
        draw = ImageDraw.Draw(image)
        draw.text((_MARGIN, 44), _TITLE, fill=_INK, font=ImageFont.load_default(28))
        for box, (_, name) in zip(self._boxes(), self._apps, strict=True):
            corners = (box.left, box.top, box.left + box.width, box.top + box.height)
            draw.rounded_rectangle(corners, radius=16, fill=_TILE)
            draw.text((box.center.x, box.center.y), name, fill=_INK, anchor="mm", font=ImageFont.load_default(20))
        return image
