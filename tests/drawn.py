"""Small pages as a real Chromium draws them, for the tests that read pictures."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from ostinato.phone import ChromiumPhone
from ostinato.trace.action import Open

WIDTH, HEIGHT = 240, 200
_STAR = "M32 4 L40 24 L60 24 L44 38 L50 60 L32 47 L14 60 L20 38 L4 24 L24 24 Z M32 30 L36 36 L28 36 Z"
_OTHERS = ("M8 28 L56 28 L56 36 L8 36 Z", "M32 6 A26 26 0 1 0 33 6 Z M32 16 A16 16 0 1 1 31 16 Z",
           "M6 30 L32 8 L58 30 L50 30 L50 58 L14 58 L14 30 Z")  # fmt: skip


def _svg(path: str, size: int, colour: str) -> str:
    drawn = f'<path fill-rule="evenodd" fill="{colour}" d="{path}"/>'
    return f'<svg width="{size}" height="{size}" viewBox="0 0 64 64">{drawn}</svg>'


def _icons(size: int, star: bool = True, ink: str = "#222", ground: str = "white") -> str:
    """A bar of icons, the star among them, over some words."""
    paths = [*_OTHERS[:2], *([_STAR] if star else []), _OTHERS[2]]
    drawn = "&nbsp;".join(_svg(path, size, ink) for path in paths)
    return f'<body style="margin:0;background:{ground};color:{ink};font:16px sans-serif">{drawn}<p>Notes and more</p>'


_PHONE = "<!doctype html><meta name=viewport content='width=device-width'>"
_STYLE = "<body style='margin:8px;font:16px sans-serif'>"
PAGES = {
    "bills": f"{_STYLE}<b>Bills</b><table style='border-spacing:14px 6px'><tr><th>When?<th>What?<th>Amount"
    "<tr><td style='width:50px'>2026-<br>11-22<td>Museum<td>18.00"
    "<tr><td>2026-<br>12-24<td>Lemon<br>cake<td>7.35</table>",
    "login": f"{_STYLE}<p>Alice</p><input style='font:16px sans-serif' value='Swordfish'><p>Sign in</p>",
    "dark": _icons(32, ink="#eee", ground="#1d2125"),
    "none": _icons(32, star=False),
    **{f"star {size}": _icons(size) for size in (16, 32, 46, 64)},
    "star": f"<body style='margin:0'>{_svg(_STAR, 32, '#222')}",
}


def draw_all(chromium: Path) -> dict[str, bytes]:
    """Every page as a JPEG file, and `star`: the icon alone, cut from its page as a PNG file."""
    files: dict[str, bytes] = {}

    class Files:
        def put(self, data: bytes) -> str:
            files["last"] = data
            return "0" * 64

    with ChromiumPhone(Files(), width=WIDTH, height=HEIGHT, executable=chromium, start_url="about:blank") as phone:
        for name, page in PAGES.items():
            phone.act(Open(url="about:blank"))
            phone.ask(f"document.write({_PHONE + page!r}), document.close()")
            phone.quiet(10)
            phone.observe()
            files[name] = files["last"]
    out = io.BytesIO()
    Image.open(io.BytesIO(files.pop("star"))).crop((0, 0, 32, 32)).save(out, "PNG")
    del files["last"]
    return {**files, "star": out.getvalue()}
