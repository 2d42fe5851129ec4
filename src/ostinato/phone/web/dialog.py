"""A page's alert, confirm or prompt, shown as a screen of its own: where its buttons are and how it looks."""

from __future__ import annotations

import io
import textwrap

from PIL import Image, ImageDraw, ImageFont

from ostinato.trace.screen import Box, Element

BOX = "alertdialog"


def dialog_elements(kind: str, message: str, typed: str, *, width: int, height: int) -> tuple[Element, ...]:
    """The dialog, its words, for a prompt its text field, Cancel (not for an alert) and OK. Pixels of the
    screenshot."""
    margin = width * 0.08
    lines = _lines(message, width)
    line, field, button = 20.0, 40.0 if kind == "prompt" else 0.0, 44.0
    tall = min(height - 2 * margin, 24 + line * len(lines) + field + button + 24)
    left, top, wide = margin, (height - tall) / 2, width - 2 * margin
    elements = [
        Element(role="alertdialog", name=message, box=Box(left=left, top=top, width=wide, height=tall), path=BOX),
        Element(
            role="text", name=message, path=f"{BOX}/text",
            box=Box(left=left + 16, top=top + 12, width=wide - 32, height=max(line, tall - 36 - field - button)),
        ),
    ]  # fmt: skip
    bottom = top + tall - 12
    if kind == "prompt":
        place = Box(left=left + 16, top=bottom - button - field, width=wide - 32, height=field - 8)
        elements.append(
            Element(role="textbox", value=typed, box=place, editable=True, focused=True, path=f"{BOX}/textbox")
        )
    names = ["OK"] if kind == "alert" else ["Cancel", "OK"]
    for k, name in enumerate(names):
        right = left + wide - 16 - (len(names) - 1 - k) * 96
        place = Box(left=right - 88, top=bottom - button, width=88, height=button)
        elements.append(
            Element(role="button", name=name, box=place, path=f"{BOX}/button" + (f"[{k + 1}]" if k else ""))
        )
    return tuple(elements)


def draw_dialog(under: bytes | None, elements: tuple[Element, ...], *, width: int, height: int) -> bytes:
    """A JPEG of the dialog over the last screenshot."""
    picture = Image.open(io.BytesIO(under)).convert("RGB") if under else Image.new("RGB", (width, height), "white")
    picture = Image.blend(picture.resize((width, height)), Image.new("RGB", (width, height), "black"), 0.4)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(16)
    for element in elements:
        box = element.box
        corner = (box.left, box.top, box.left + box.width, box.top + box.height)
        if element.role == "alertdialog":
            draw.rounded_rectangle(corner, 10, fill="white")
        elif element.role == "text":
            draw.multiline_text((box.left, box.top), "\n".join(_lines(element.name, width)), "black", font, spacing=2)
        elif element.role == "textbox":
            draw.rectangle(corner, outline="gray")
            draw.text((box.left + 6, box.top + 6), element.value or "", "black", font)
        else:
            draw.rounded_rectangle(corner, 6, outline="#1a73e8")
            draw.text((box.center.x, box.center.y), element.name, "#1a73e8", font, anchor="mm")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _lines(message: str, width: int) -> list[str]:
    room = max(10, int(width * 0.84 / 9))
    lines = [part for line in message.splitlines() or [""] for part in textwrap.wrap(line, room) or [""]]
    return lines[:24]
