"""How much of real screens is read by OCR, and how surely icons are found: python -m benchmarks.pictures

The truth comes from the page itself: the texts that it draws, and where which icon stands. An icon is cut from a
screenshot at scale 1 and sought where it stands (on other pages, larger, on a dark ground) and where it does not: on
pages of other apps, and on its own page with every such icon hidden and all the others left.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.figures import Figures
from benchmarks.parts import Parts, progress
from ostinato.judge.icon import likeness
from ostinato.model.ocr import joined, read_lines
from ostinato.phone import ChromiumPhone
from ostinato.phone.apps.app import get_app
from ostinato.trace.action import Open

APPS = ("ihatemoney", "tiddlywiki", "oscar")
LOOKS: dict[str, tuple[float, bool]] = {
    "at 1": (1.0, False), "at 1.5": (1.5, False), "at 2": (2.0, False), "dark": (1.0, True), "dark at 2": (2.0, True),
}  # fmt: skip
THRESHOLDS = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
_PAGES = 6
# What is drawn of a page: for each text node or field its words, where every piece of it can be seen.
_TEXTS = r"""(() => {
  const at = r => document.elementFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2);
  const seen = (r, e) => r.width > 3 && r.height > 5 && r.left >= 0 && r.top >= 0 && r.right <= innerWidth + 1
    && r.bottom <= innerHeight + 1 && (h => h && (e.contains(h) || h.contains(e)))(at(r));
  const texts = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, text = node.data.replace(/\s+/g, ' ').trim(), e = node.parentElement;
    if (!text || ['SCRIPT', 'STYLE', 'OPTION', 'NOSCRIPT'].includes(e.nodeName)) continue;
    if (!e.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const range = document.createRange(); range.selectNodeContents(node);
    const rects = [...range.getClientRects()];
    if (rects.length && rects.every(r => seen(r, e))) texts.push(text);
  }
  for (const e of document.querySelectorAll('input, textarea, select')) {
    const text = e.nodeName === 'SELECT' ? (e.selectedOptions[0] || {}).text
      : ['checkbox', 'radio', 'password', 'date', 'hidden'].includes(e.type) ? '' : e.value;
    if (text && text.trim() && seen(e.getBoundingClientRect(), e)) texts.push(text.replace(/\s+/g, ' ').trim());
  }
  return texts;
})()"""
# Every icon that is seen: what makes it this one, and its box in CSS pixels. `hide` are those to be hidden.
_ICONS = r"""(hide => {
  const found = [];
  for (const e of document.querySelectorAll('svg, img, i, span, a, button')) {
    const r = e.getBoundingClientRect(), style = getComputedStyle(e);
    const named = /icon|glyph|\bfa/.test(String(e.className.baseVal ?? e.className));
    const drawn = named || style.backgroundImage !== 'none';
    if (!['svg', 'IMG'].includes(e.nodeName) && (!drawn || e.innerText.trim() || e.querySelector('svg'))) continue;
    const key = e.nodeName === 'svg' ? e.innerHTML : e.nodeName === 'IMG' ? e.src
      : e.className + '|' + style.backgroundImage;
    if (hide.includes(key)) { e.style.setProperty('visibility', 'hidden', 'important'); continue; }
    if (r.width < 10 || r.height < 10 || r.width > 64 || r.height > 64) continue;
    if (r.left < 2 || r.top < 2 || r.right > innerWidth - 2 || r.bottom > innerHeight - 2) continue;
    const hit = document.elementFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2);
    if (!hit || !(e.contains(hit) || hit.contains(e))) continue;
    if (!e.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    found.push({key, box: [r.left, r.top, r.right, r.bottom]});
  }
  return found;
})"""
# What is done on an app's first page to come to more icons: its list of tools, and the bar above a text.
_MORE = {
    "tiddlywiki": (
        "[...document.querySelectorAll('button')].find(b => b.innerText.trim() === 'Tools').click();"
        "setTimeout(() => document.querySelector('.tc-sidebar-lists').scrollIntoView(), 300)",
        "[...document.querySelectorAll('button')].find(b => b.innerText.trim() === 'Tools').click();"
        "setTimeout(() => {document.querySelector('.tc-sidebar-lists').scrollIntoView(); scrollBy(0, 600)}, 300)",
        "document.querySelector('button[title=\"Edit this tiddler\"]').click();"
        "setTimeout(() => document.querySelector('.tc-editor-toolbar').scrollIntoView(), 600)",
    )
}
_LINKS = "[...new Set([...document.links].map(a => a.href))]"


class Pictures(dict[str, bytes]):
    """Screenshots in memory."""

    def put(self, data: bytes) -> str:
        self[name := str(len(self))] = data
        return name


@dataclass(frozen=True)
class Shot:
    """One screenshot with what its page says of it: texts, and icons as key and box. `hidden` is the icon that was
    taken away, if one was."""

    app: str
    page: str
    look: str
    picture: str
    texts: tuple[str, ...]
    icons: tuple[tuple[str, tuple[float, ...]], ...]
    hidden: str | None = None


def capture(app_name: str, folder: Path) -> list[dict[str, Any]]:
    """Screenshots of an app's pages in every look, and at scale 1 and 2 with each of its icons hidden in turn."""
    app = get_app(app_name)
    app.start()
    shots: list[dict[str, Any]] = []
    try:
        for look, (scale, dark) in LOOKS.items():
            pictures = Pictures()
            with ChromiumPhone(pictures, scale=scale, login=app.login, start_url=app.url) as phone:
                phone.quiet(10)
                links = [link for link in phone.ask(_LINKS) if link.startswith(app.url.split("#")[0].rsplit("/", 1)[0])]
                others = [k for k in links if k != app.url and not any(word in k for word in ("logout", "delete"))]
                pages = [(page, "") for page in [app.url, *others][:_PAGES]]
                pages += [(app.url, script) for script in _MORE.get(app_name, ())]
                for number, page in enumerate(pages):
                    _open(phone, page, dark)
                    shots.append(_shot(phone, pictures, folder, f"{app_name}-{look}-{number}", app_name, number, look))
                    keys = sorted({key for key, _ in shots[-1]["icons"]}) if look in ("at 1", "at 2") else []
                    for n, key in enumerate(keys):
                        _open(phone, page, dark)
                        phone.ask(f"{_ICONS}({json.dumps([key])})")
                        name = f"{app_name}-{look}-{number}-without-{n}"
                        shots.append(_shot(phone, pictures, folder, name, app_name, number, look, key))
    finally:
        app.stop()
    return shots


def _open(phone: ChromiumPhone, page: tuple[str, str], dark: bool) -> None:
    """A page from its beginning: another part of one document is loaded anew too."""
    url, script = page
    phone.ask("location.href = 'about:blank'")
    phone.quiet(10)
    phone.act(Open(url=url))
    phone.quiet(10)
    phone._run(phone._tabs.send("Emulation.setAutoDarkModeOverride", {"enabled": dark}))
    if script:
        phone.ask(f"new Promise(done => {{ {script}; setTimeout(done, 1500) }})")
    phone.quiet(10)


def _shot(
    phone: ChromiumPhone, pictures: Pictures, folder: Path, name: str, app: str, page: int, look: str, hidden: str = ""
) -> dict[str, Any]:
    screen = phone.observe()
    file = folder / f"{name}.jpg"
    file.write_bytes(pictures[screen.screenshot or ""])
    icons = [(icon["key"], icon["box"]) for icon in phone.ask(f"{_ICONS}([])")]
    shown = {"texts": phone.ask(_TEXTS), "icons": icons, "hidden": hidden or None}
    return {"app": app, "page": f"{app} {page}", "look": look, "picture": str(file), **shown}


def reading(shots: Sequence[Shot]) -> Iterator[dict[str, Any]]:
    """For each screenshot how many of its texts are read, and the seconds."""
    for shot in shots:
        if shot.hidden is None:
            started = time.perf_counter()
            lines = read_lines(Path(shot.picture).read_bytes())
            seconds = time.perf_counter() - started
            plain, whole = _squeezed([line.text for line in lines]), _squeezed(joined(lines))
            missed = [text for text in shot.texts if _squeezed([text]) not in whole]
            split = sum(_squeezed([text]) in plain for text in shot.texts)
            yield {
                "app": shot.app, "look": shot.look, "texts": len(shot.texts), "missed": missed, "unjoined": split,
                "seconds": seconds,
            }  # fmt: skip


def _squeezed(texts: Sequence[str]) -> str:
    return "".join("".join(texts).split()).casefold()


def seeking(shots: Sequence[Shot]) -> Iterator[dict[str, Any]]:
    """The likeness of every icon in screenshots where it stands and where it does not."""
    whole = [shot for shot in shots if shot.hidden is None]
    icons: dict[tuple[str, str], tuple[Shot, bytes]] = {}
    for shot in whole:
        if shot.look == "at 1":
            for key, box in shot.icons:
                icons.setdefault((shot.app, key), (shot, _cut(shot, box)))
    for (app, key), (home, icon) in icons.items():
        asked: dict[str, list[Shot]] = defaultdict(list)
        for shot in whole:
            there = any(k == key for k, _ in shot.icons)
            if shot.app == app and there and not (shot.look == "at 1" and shot.page == home.page):
                asked[shot.look].append(shot)
            if shot.app != app and shot.look in ("at 1", "at 2", "dark"):
                asked["other app"].append(shot)
        asked["hidden"] = [s for s in shots if s.hidden == key and s.app == app and all(k != key for k, _ in s.icons)]
        for kind, found in asked.items():
            for shot in found[:: max(1, len(found) // 3)][:3]:
                score = likeness(icon, Path(shot.picture).read_bytes())
                yield {
                    "app": app,
                    "icon": hashlib.sha256(key.encode()).hexdigest()[:8],
                    "kind": kind,
                    "picture": shot.picture,
                    "score": score,
                }


def _cut(shot: Shot, box: Sequence[float]) -> bytes:
    left, top, right, bottom = box
    out = io.BytesIO()
    with Image.open(shot.picture) as picture:
        picture.crop((round(left - 1), round(top - 1), round(right + 1), round(bottom + 1))).save(out, "PNG")
    return out.getvalue()


def add_figures(figures: Figures, read: Sequence[dict[str, Any]], sought: Sequence[dict[str, Any]]) -> None:
    for look in LOOKS:
        of_look = [r for r in read if r["look"] == look]
        texts = sum(r["texts"] for r in of_look)
        figures.share(f"texts_read_{_key(look)}", texts - sum(len(r["missed"]) for r in of_look), texts, "drawn texts")
    at_1 = [r for r in read if r["look"] == "at 1"]
    figures.share("texts_read_at_1_unjoined", sum(r["unjoined"] for r in at_1), sum(r["texts"] for r in at_1), "")
    figures.middle("ocr_seconds_390x844", [r["seconds"] for r in at_1], "s", "one picture, both cores")
    for threshold in THRESHOLDS:
        for kind in (*LOOKS, "hidden", "other app"):
            scores = [s["score"] for s in sought if s["kind"] == kind]
            if scores:
                key = f"icon_{'seen' if kind in LOOKS else 'seen_wrongly'}_{_key(kind)}_at_{threshold:g}"
                figures.share(key, sum(score >= threshold for score in scores), len(scores))


def _key(text: str) -> str:
    return text.replace(" ", "_").replace(".", "_")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--folder", type=Path, default=Path("build/pictures"), help="where the screenshots are kept")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    parts = Parts(asked.folder / "parts.jsonl", keep=True)
    found = [shot for app in APPS for shot in parts.measure(app, lambda app=app: capture(app, asked.folder))]
    shots = [
        Shot(**{**shot, "texts": tuple(shot["texts"]), "icons": tuple((k, tuple(b)) for k, b in shot["icons"])})
        for shot in found
    ]
    progress(f"{len(shots)} screenshots")
    read = parts.measure("reading", lambda: list(reading(shots)))
    sought = parts.measure("seeking", lambda: list(seeking(shots)))
    figures = Figures("pictures", quick=False, seconds=parts.seconds, commits=parts.commits)
    add_figures(figures, read, sought)
    figures.show()
    if asked.json is not None:
        figures.write(asked.json)


if __name__ == "__main__":
    main()
