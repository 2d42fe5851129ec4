"""How much of real screens is read by OCR, and how surely icons are found.

    python -m benchmarks.pictures [--quick] [--json FILE] [--keep]

The truth comes from the page itself: the texts that it draws, and where which icon stands. Texts are asked as the
judge asks them (`ocr_has`: of all lines, spaces aside; `text_has`: of one line); a text with one letter or figure
changed, which the page does not show, must not be found. An icon is cut from a screenshot at scale 1 and sought where
it stands (on other pages, larger, on a dark ground) and where it does not: on pages of other apps, and on its own page
with every such icon hidden and all the others left.

What is chosen (the detector's picture size, the threshold of icons) is chosen by the figures of two apps; those of the
third had no part in it and are told apart (its screens were seen when faults of the truth were mended). A full run
keeps each part and each screenshot in `build/pictures` and goes on from there after an interruption, at the same commit
(with --keep at any). It needs the apps: ostinato app install ihatemoney, and so on.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.figures import Figures
from benchmarks.parts import Parts, progress
from ostinato.judge.check import UNSURE, Check, OcrHas, TextHas
from ostinato.judge.evidence import Evidence, answer
from ostinato.judge.icon import likeness
from ostinato.model.ocr import DETECTOR, Side, joined, read_lines
from ostinato.phone import ChromiumPhone, find_chromium
from ostinato.phone.apps.app import get_app
from ostinato.trace.action import Open
from ostinato.trace.screen import Screen

CHOSEN_ON, APART = ("ihatemoney", "tiddlywiki"), ("oscar",)
APPS = (*CHOSEN_ON, *APART)
LOOKS: dict[str, tuple[float, bool]] = {
    "at 1": (1.0, False), "at 1.5": (1.5, False), "at 2": (2.0, False), "dark": (1.0, True),
}  # fmt: skip
NOT_THERE = ("hidden", "other app")
THRESHOLDS = tuple(n / 40 for n in range(28, 40))
MOST_WRONG = 0.02  # of the places where an icon is not: the threshold is the least that sees it in no more of them
SIDES: dict[str, Side] = {"max 640": ("max", 640), "max 1280": ("max", 1280), "min 736": ("min", 736)}
STATE = Path("build/pictures")
_PAGES = 5
_HIDDEN = 2  # pages on which each icon is hidden, at each scale
_ICONS_OF_APP = 20
_PLACES = 2  # where each icon is sought, of each kind
_TUNED = 3  # pages of each app and look on which the detector's sizes are compared
# What is drawn of a page: for each text node or field its words, where every piece of it can be seen.
_TEXTS = r"""(() => {
  const at = r => document.elementFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2);
  const seen = (r, e) => r.width > 3 && r.height > 5 && r.left >= 0 && r.top >= 0 && r.right <= visualViewport.width + 1
    && r.bottom <= visualViewport.height + 1 && (h => h && (e.contains(h) || h.contains(e)))(at(r));
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
    if (hide.includes(key)) {
      e.style.setProperty('visibility', 'hidden', 'important'); (window.__hidden ??= []).push(e); continue;
    }
    if (r.width < 10 || r.height < 10 || r.width > 64 || r.height > 64) continue;
    if (r.left < 2 || r.top < 2 || r.right > visualViewport.width - 2 || r.bottom > visualViewport.height - 2) continue;
    const hit = document.elementFromPoint((r.left + r.right) / 2, (r.top + r.bottom) / 2);
    if (!hit || !(e.contains(hit) || hit.contains(e))) continue;
    if (!e.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    found.push({key, box: [r.left, r.top, r.right, r.bottom]});
  }
  return found;
})"""
# What is done on an app's first page to come to more of it: its lists and tools, and the bar above a text.
_PRESS = (
    "const press = name => [...document.querySelectorAll('button')].find(b => b.title === name"
    " || b.innerText.trim() === name).click(), later = (n, what) => setTimeout(what, 400 * n);"
)
_TOOLS = "press('Show sidebar'); later(1, () => press('Tools'));"
_MORE = {
    "tiddlywiki": (
        "press('Show sidebar');",
        f"{_TOOLS} later(2, () => document.querySelector('.tc-sidebar-lists').scrollIntoView());",
        f"{_TOOLS} later(2, () => {{document.querySelector('.tc-sidebar-lists').scrollIntoView(); scrollBy(0, 600)}});",
        "press('More actions');",
        "press('Edit this tiddler');",
    )
}
_SHOW_AGAIN = "for (const e of window.__hidden ?? []) e.style.removeProperty('visibility'); window.__hidden = []; 0"
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

    def bytes(self, folder: Path) -> bytes:
        return (folder / self.picture).read_bytes()


def capture(app_name: str, look: str, folder: Path, most: int) -> list[dict[str, Any]]:
    """Screenshots of an app's pages in one look; at scale 1 and 2 also without each of its icons in turn."""
    scale, dark = LOOKS[look]
    app = get_app(app_name)
    pictures = Pictures()
    shots: list[dict[str, Any]] = []
    program = _dark_chromium(folder) if dark else None
    app.start()
    try:
        with ChromiumPhone(pictures, scale=scale, login=app.login, start_url=app.url, executable=program) as phone:
            phone.quiet(10)
            for number, (url, script) in enumerate(_pages(app_name, app.url, phone)[:most]):
                _open(phone, url, script)
                shot = {"app": app_name, "page": f"{app_name} {number}", "look": look}
                name = f"{app_name}-{look}-{number}".replace(" ", "-")
                shots.append({**shot, **_shot(phone, pictures, folder / f"{name}.jpg"), "hidden": None})
                keys = sorted({key for key, _ in shots[-1]["icons"]}) if look in ("at 1", "at 2") else []
                for n, key in enumerate(keys):
                    if sum(s["hidden"] == key for s in shots) < _HIDDEN:
                        phone.ask(f"{_ICONS}({json.dumps([key])})")
                        more = _shot(phone, pictures, folder / f"{name}-without-{n}.jpg")
                        phone.ask(_SHOW_AGAIN)
                        shots.append({**shot, **more, "hidden": key})
    finally:
        app.stop()
    return shots


def _pages(app_name: str, url: str, phone: ChromiumPhone) -> list[tuple[str, str]]:
    """Addresses of an app, and what is done there first."""
    links = [link for link in phone.ask(_LINKS) if link.startswith(url.split("#")[0].rsplit("/", 1)[0])]
    others = [k for k in links if k != url and not any(word in k for word in ("logout", "delete", "export", "static"))]
    return [(page, "") for page in [url, *others][:_PAGES]] + [(url, script) for script in _MORE.get(app_name, ())]


def _open(phone: ChromiumPhone, url: str, script: str) -> None:
    """A page from its beginning: another part of one document is loaded anew too."""
    phone.act(Open(url="about:blank"))
    phone.act(Open(url=url))
    phone.quiet(10)
    if script:
        phone.ask(f"(() => {{ {_PRESS} {script} }})()")
        time.sleep(1.5)  # the scripts wait themselves before they scroll
        phone.quiet(10)


def _dark_chromium(folder: Path) -> Path:
    """A program that starts Chromium with every page made dark."""
    program = folder.resolve() / "dark-chromium"
    program.write_text(f'#!/bin/sh\nexec "{find_chromium()}" "$@" --blink-settings=forceDarkModeEnabled=true\n')
    program.chmod(0o755)
    return program


def _shot(phone: ChromiumPhone, pictures: Pictures, file: Path) -> dict[str, Any]:
    screen = phone.observe()
    file.write_bytes(pictures.pop(screen.screenshot or ""))
    icons = [(icon["key"], icon["box"]) for icon in phone.ask(f"{_ICONS}([])")]
    return {"texts": phone.ask(_TEXTS), "icons": icons, "picture": file.name}


class _Read:
    """Eyes that have read these lines."""

    name = "read before"

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    def read(self, screen: Screen) -> Sequence[str]:
        return self.lines

    def find_icon(self, screen: Screen, image: str) -> float:
        return 0.0


_PICTURE = Screen(width=390, height=844, screenshot="0" * 64, taken=datetime(2026, 1, 31, tzinfo=UTC))


def _says(check: Check, lines: Sequence[str]) -> bool:
    return answer(check, Evidence(after=_PICTURE, eyes=_Read(lines)))[0] == "true"


def reading(shots: Sequence[Shot], folder: Path, detector: Side = DETECTOR) -> Iterator[dict[str, Any]]:
    """For each whole screenshot which of its texts are missed, which are said to be there and are not, and how long
    it took: seconds, and seconds of processors."""
    for shot in shots:
        started, busy = time.perf_counter(), time.process_time()
        lines = read_lines(shot.bytes(folder), detector=detector)
        seconds, busy = time.perf_counter() - started, time.process_time() - busy
        whole, plain = joined(lines), [line.text for line in lines]
        texts = [text for text in dict.fromkeys(shot.texts) if sum(map(str.isalnum, text)) > 1 and "{" not in text]
        others = [other for text in texts if (other := _altered(text, shot.texts)) is not None]
        yield {
            "texts": len(texts), "altered": len(others), "seconds": seconds, "busy": busy,
            "missed": [text for text in texts if not _says(OcrHas(all=(text,)), whole)],
            "not in a line": [text for text in texts if not _says(TextHas(text=text), whole)],
            "not in a line unjoined": [text for text in texts if not _says(TextHas(text=text), plain)],
            "wrongly": [text for text in others if _says(OcrHas(all=(text,)), whole)],
        }  # fmt: skip


def _altered(text: str, shown: Sequence[str]) -> str | None:
    """The text with one figure, else one letter, changed; None where the page shows that too, or it is too short."""
    places = [n for n, c in enumerate(text) if c.isdigit()] or [n for n, c in enumerate(text) if c.isalpha()]
    if sum(map(str.isalnum, text)) < 4 or not places:
        return None
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    place = places[number % len(places)]
    kind = "0123456789" if text[place].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    letters = [c for c in kind if c != text[place].casefold()]
    other = text[:place] + letters[number // 97 % len(letters)] + text[place + 1 :]
    return None if _squeezed([other]) in _squeezed(shown) else other


def _squeezed(texts: Sequence[str]) -> str:
    return "".join("".join(texts).split()).casefold()


def seeking(shots: Sequence[Shot], app: str, folder: Path) -> Iterator[dict[str, Any]]:
    """The likeness of icons of one app in screenshots where they stand and where they do not."""
    whole = [shot for shot in shots if shot.hidden is None]
    icons: dict[str, tuple[Shot, bytes]] = {}
    for shot in whole:
        if shot.app == app and shot.look == "at 1":
            for key, box in shot.icons:
                if key not in icons and (icon := _cut(shot, box, folder)) is not None:
                    icons[key] = shot, icon
    for key in sorted(icons, key=_short)[:_ICONS_OF_APP]:
        home, icon = icons[key]
        asked: dict[str, list[Shot]] = defaultdict(list)
        for shot in whole:
            there = any(k == key for k, _ in shot.icons)
            if shot.app == app and there and not (shot.look == "at 1" and shot.page == home.page):
                asked[shot.look].append(shot)
            if shot.app != app and shot.look in ("at 1", "at 2"):
                asked["other app"].append(shot)
        asked["hidden"] = [s for s in shots if s.hidden == key and s.app == app and all(k != key for k, _ in s.icons)]
        for kind, found in asked.items():
            for shot in _spread(found, 2 * _PLACES if kind in NOT_THERE else _PLACES):
                score = likeness(icon, shot.bytes(folder))
                yield {"app": app, "icon": _short(key), "kind": kind, "picture": shot.picture, "score": score}


def _short(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _spread(shots: Sequence[Shot], most: int) -> Sequence[Shot]:
    return shots[:: max(1, -(-len(shots) // most))] if shots else ()


def _cut(shot: Shot, box: Sequence[float], folder: Path) -> bytes | None:
    """The icon with one pixel of its ground around it; None where nothing is drawn."""
    left, top, right, bottom = box
    out = io.BytesIO()
    with Image.open(folder / shot.picture) as picture:
        icon = picture.crop((round(left - 1), round(top - 1), round(right + 1), round(bottom + 1)))
        low, high = icon.convert("L").getextrema()
        icon.save(out, "PNG")
    return out.getvalue() if high - low > 40 else None


def chosen(sought: Sequence[dict[str, Any]]) -> float:
    """The least threshold at which, on these apps, icons are seen where they are not in at most 2 % of the places."""
    wrong = [s["score"] for s in sought if s["kind"] in NOT_THERE]
    fits = [t for t in THRESHOLDS if sum(score >= t for score in wrong) <= MOST_WRONG * len(wrong)]
    return min(fits, default=THRESHOLDS[-1])


def add_reading(figures: Figures, read: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
    for app in APPS:
        for look in LOOKS:
            if found := read.get((app, look)):
                texts = sum(r["texts"] for r in found)
                key = f"{_key(app)}_{_key(look)}"
                figures.share(f"ocr_has_{key}", texts - _count(found, "missed"), texts, "drawn texts that are found")
    every = [r for found in read.values() for r in found]
    for name, apps in _groups():
        found = [r for (app, _), parts in read.items() if app in apps for r in parts]
        if not found:
            continue
        texts, altered = sum(r["texts"] for r in found), sum(r["altered"] for r in found)
        figures.share(f"ocr_has_{name}", texts - _count(found, "missed"), texts, "all looks")
        figures.share(f"text_has_{name}", texts - _count(found, "not in a line"), texts, "in one line as it was joined")
        unjoined = texts - _count(found, "not in a line unjoined")
        figures.share(f"text_has_unjoined_{name}", unjoined, texts, "in one line as it was read")
        figures.share(f"ocr_has_wrongly_{name}", _count(found, "wrongly"), altered, "texts with one character changed")
    for look in LOOKS:
        found = [r for (_, of), parts in read.items() if of == look for r in parts]
        figures.middle(f"ocr_busy_seconds_{_key(look)}", [r["busy"] for r in found], "s", "of processors, one picture")
    figures.middle("ocr_seconds", [r["seconds"] for r in every], "s", "one picture, with all else that ran here")


def add_sides(figures: Figures, tried: dict[str, list[dict[str, Any]]]) -> None:
    for name, found in tried.items():
        texts = sum(r["texts"] for r in found)
        figures.share(f"detector_{_key(name)}_ocr_has", texts - _count(found, "missed"), texts, "the same pictures")
        figures.share(f"detector_{_key(name)}_text_has", texts - _count(found, "not in a line"), texts)
        figures.middle(f"detector_{_key(name)}_busy_seconds", [r["busy"] for r in found], "s")


def add_seeking(figures: Figures, sought: Sequence[dict[str, Any]]) -> None:
    threshold = chosen([s for s in sought if s["app"] in CHOSEN_ON])
    figures.add("icon_threshold", threshold, "", note=f"least with at most {MOST_WRONG:.0%} seen wrongly, on two apps")

    def share(key: str, apps: Sequence[str], kinds: Sequence[str], low: float, high: float, note: str) -> None:
        scores = [s["score"] for s in sought if s["app"] in apps and s["kind"] in kinds]
        if scores:
            figures.share(key, sum(low <= score < high for score in scores), len(scores), note)

    least = threshold - UNSURE
    for name, apps in _groups():
        for kind in LOOKS:
            share(f"icon_seen_{_key(kind)}_{name}", apps, (kind,), threshold, 2, f"where it stands, at {threshold:g}")
        share(f"icon_seen_{name}", apps, tuple(LOOKS), threshold, 2, "of all places where it stands")
        share(f"icon_missed_{name}", apps, tuple(LOOKS), -1, least, f"below {least:g}; between them neither")
        for kind in NOT_THERE:
            share(f"icon_seen_wrongly_{_key(kind)}_{name}", apps, (kind,), threshold, 2, "where it does not stand")
        share(f"icon_seen_wrongly_{name}", apps, NOT_THERE, threshold, 2, "of all places where it does not stand")
        share(f"icon_unsure_{name}", apps, NOT_THERE, least, threshold, "of these, neither seen nor not seen")
    for at in THRESHOLDS:
        share(f"icon_seen_at_{at:g}_chosen_on", CHOSEN_ON, tuple(LOOKS), at, 2, "")
        share(f"icon_seen_wrongly_at_{at:g}_chosen_on", CHOSEN_ON, NOT_THERE, at, 2, "")


def _groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("chosen_on", CHOSEN_ON), ("apart", APART)


def _count(found: Sequence[dict[str, Any]], field: str) -> int:
    return sum(len(r[field]) for r in found)


def _key(text: str) -> str:
    return text.replace(" ", "_").replace(".", "_")


def run(figures: Figures, parts: Parts, folder: Path, quick: bool) -> None:
    """Measure all, or in a hurry one page of one app and a few icons."""
    apps, looks, most = (APPS[:1], ("at 1", "dark"), 1) if quick else (APPS, tuple(LOOKS), 99)
    shots = {}
    for app in apps:
        for look in looks:
            found = parts.measure(f"capture {app} {look}", lambda app=app, look=look: capture(app, look, folder, most))
            shots[app, look] = [_shot_of(shot) for shot in found]
    whole = {key: [shot for shot in found if shot.hidden is None] for key, found in shots.items()}
    sought = []
    for app in apps:
        every = [shot for found in shots.values() for shot in found]
        found = parts.measure(f"seek {app}", lambda app=app, every=every: list(seeking(every, app, folder)))
        sought += [trial for trial in found if not _is_there(trial, every)]
    read = {
        key: parts.measure(f"read {' '.join(key)}", lambda found=found: list(reading(found, folder)))
        for key, found in whole.items()
    }
    tuned = [shot for app in CHOSEN_ON for look in ("at 1", "at 2") for shot in whole.get((app, look), ())[:_TUNED]]
    tried = {}
    for name, side in SIDES.items() if not quick else ():
        tried[name] = parts.measure(f"detector {name}", lambda side=side: list(reading(tuned, folder, side)))
    if tried:
        ours = [r for app in CHOSEN_ON for look in ("at 1", "at 2") for r in read[app, look][:_TUNED]]
        tried[" ".join(map(str, DETECTOR))] = ours
    figures.seconds, figures.commits = parts.seconds, parts.commits
    add_reading(figures, read)
    add_sides(figures, tried)
    add_seeking(figures, sought)


def _is_there(trial: dict[str, Any], shots: Sequence[Shot]) -> bool:
    """Whether the very icon stands on the other app's page where it should not be."""
    shot = next(shot for shot in shots if shot.picture == trial["picture"])
    return trial["kind"] == "other app" and any(_short(key) == trial["icon"] for key, _ in shot.icons)


def _shot_of(shot: dict[str, Any]) -> Shot:
    icons = tuple((_drawing(key), tuple(box)) for key, box in shot["icons"])
    hidden = shot["hidden"] and _drawing(shot["hidden"])
    return Shot(**{**shot, "texts": tuple(shot["texts"]), "icons": icons, "hidden": hidden})


def _drawing(key: str) -> str:
    """The lines of an icon that stands in the style sheet: the same drawing is the same icon, in every app."""
    found = re.search(r"data:image/svg.* d='([^']+)'", key)
    return found[1] if found else key


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="end within 50 s")
    parser.add_argument("--data", type=Path, help="not used: this benchmark makes its own data")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--keep", action="store_true", help="keep parts that were measured at other commits")
    asked = parser.parse_args()
    figures = Figures("pictures", asked.quick)
    if asked.quick:
        with tempfile.TemporaryDirectory() as folder:
            run(figures, Parts(None), Path(folder), quick=True)
    else:
        STATE.mkdir(parents=True, exist_ok=True)
        run(figures, Parts(STATE / "parts.jsonl", asked.keep), STATE, quick=False)
    figures.show()
    if asked.json is not None:
        figures.write(asked.json)
        progress(f"wrote {asked.json}")


if __name__ == "__main__":
    main()
