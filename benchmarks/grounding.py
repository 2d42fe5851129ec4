"""Finding what words name on real screens, without a model that sees.

    python -m benchmarks.grounding [--quick] [--json FILE]

Screens of four apps are taken once and kept in `build/grounding/`; words for their elements are made by templates
(`benchmarks/expressions.py`). Screens are split by the hash of their names into those that were looked at while the
grounder was written and those held out. A grounding that is sure and wrong is what matters: one that is unsure can be
passed on to somebody who sees. Words taken from another app's screen name nothing: there, being sure is wrong.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.expressions import Expression, digest, expressions, hits
from benchmarks.figures import Figures
from benchmarks.parts import Parts, progress
from benchmarks.runs import fresh
from ostinato.agent.grounder import LexicalGrounder, unsure
from ostinato.errors import OstinatoError, SetupError
from ostinato.house import House
from ostinato.model.embed import Embedder, MiniLM
from ostinato.phone.apps.miniwob import MiniWoB
from ostinato.settings import load_settings
from ostinato.trace.action import Tap
from ostinato.trace.screen import Screen

STATE = Path("build/grounding")
APPS = ("ihatemoney", "tiddlywiki", "oscar")
_LINKS = 8
_PAGES = 60
_ABSENT = 6


@dataclass
class Counted:
    """What became of the words of one kind."""

    n: int = 0
    right: int = 0
    sure: int = 0
    wrong: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="end within 50 s: two apps, words only")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--wrong", action="store_true", help="show what is wrong on the screens that were looked at")
    options = parser.parse_args()
    started = time.monotonic()
    figures = Figures("grounding", options.quick)
    screens = take(options.quick)
    try:
        embedder: Embedder | None = MiniLM()
    except SetupError as error:
        progress(f"without embeddings: {error}")
        embedder = None
    for suffix, given in (("", embedder), ("_words_only", None)):
        if suffix == "" and given is None:
            continue
        measure(figures, screens, given, suffix, options.wrong)
    figures.commits = {Parts(None).commit}
    figures.seconds = time.monotonic() - started
    figures.show()
    if options.json:
        figures.write(options.json)


def held_out(name: str) -> bool:
    """By the hash of the screen's name."""
    return int(digest(f"grounding {name}")[:8], 16) % 2 == 1


def measure(figures: Figures, screens: dict[str, Screen], embedder: Embedder | None, suffix: str, show: bool) -> None:
    """All words on all screens with one grounder."""
    grounder = LexicalGrounder(embedder)
    counted: dict[tuple[bool, str], Counted] = {}
    times: list[float] = []
    for name, screen in screens.items():
        for one in [*expressions(screen), *absent(name, screens)]:
            at = time.perf_counter()
            found = grounder.ground(one.words, screen)
            times.append(1000 * (time.perf_counter() - at))
            right = found is not None and found.element is not None and hits(screen, one.path, found.element)
            sure = not unsure(found)
            count = counted.setdefault((held_out(name), one.kind), Counted())
            count.n, count.right = count.n + 1, count.right + right
            count.sure, count.wrong = count.sure + sure, count.wrong + (sure and not right)
            if show and not held_out(name) and (sure if not one.path else not right):
                got = found and found.element and (found.element.role, found.element.name[:30], found.element.path)
                said = f"{found.score:.2f} {found.margin:.2f}" if found else "nothing"
                print(f"{name} | {one.kind} | {one.words} | {one.path} | {got} {said}{' SURE' if sure else ''}")
    _figures(figures, counted, times, suffix)


def _figures(figures: Figures, counted: dict[tuple[bool, str], Counted], times: list[float], suffix: str) -> None:
    for group, out in (("", False), ("_heldout", True)):
        named = [c for (where, kind), c in counted.items() if where is out and kind != "absent"]
        n, sure = sum(c.n for c in named), sum(c.sure for c in named)
        figures.share(f"grounding_top1{group}{suffix}", sum(c.right for c in named), n, "the first is the one meant")
        figures.share(f"wrong_when_sure{group}{suffix}", sum(c.wrong for c in named), sure, "of those it is sure of")
        figures.share(f"unsure{group}{suffix}", n - sure, n, "left to somebody who sees")
        nothing = counted.get((out, "absent"), Counted())
        figures.share(f"absent_taken{group}{suffix}", nothing.sure, nothing.n, "words for what is not on the screen")
    for (_, kind), count in sorted((item for item in counted.items() if item[0][0]), key=lambda item: item[0][1]):
        if kind != "absent":
            note = f"held out; sure and wrong: {count.wrong} of {count.sure}"
            figures.share(f"top1_{kind}{suffix}", count.right, count.n, note)
    figures.middle(f"ground_ms{suffix}", times, "ms", "one text on one screen")


def absent(name: str, screens: dict[str, Screen]) -> list[Expression]:
    """Names from screens of other apps that do not stand on this one, in no form."""
    here = screens[name].text.lower()
    others = [screen for other, screen in screens.items() if other.split("/")[0] != name.split("/")[0]]
    words = {e.words for other in others for e in expressions(other) if e.kind == "name"}
    named = [text for text in words if not any(part in here for part in text.lower().split() if len(part) > 3)]
    return [Expression("absent", text, "") for text in sorted(named, key=lambda t: digest(name + t))[:_ABSENT]]


def take(quick: bool) -> dict[str, Screen]:
    """The screens by name, taken now or before."""
    file = STATE / ("quick.json" if quick else "screens.json")
    if not file.exists():
        found: dict[str, Screen] = {}
        with tempfile.TemporaryDirectory() as home:
            house = House(load_settings().in_folder(Path(home)))
            for app in APPS[:1] if quick else APPS:
                found |= _of_app(house, app)
            found |= _of_pages(house, 12 if quick else _PAGES)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({name: screen.model_dump(mode="json") for name, screen in found.items()}))
    return {name: Screen.model_validate(content) for name, content in json.loads(file.read_text()).items()}


def _of_app(house: House, app_name: str) -> dict[str, Screen]:
    """The start of an app, and where its links and buttons lead."""
    found: dict[str, Screen] = {}
    with house.app(app_name) as app, house.phone(app) as phone:
        fresh(app, phone)
        phone.quiet(5.0)
        start = found[f"{app_name}/start"] = phone.observe(screenshot=False)
        ways = [e for e in start.elements if e.role in ("link", "button", "tab") and e.reachable and e.name]
        for way in sorted(ways, key=lambda e: digest(app_name + e.path))[:_LINKS]:
            progress(f"{app_name}: {way.name}")
            try:
                fresh(app, phone)
                phone.quiet(5.0)
                again = phone.observe(screenshot=False).at_path(way.path)
                if again is None:
                    continue
                phone.act(Tap(point=again.box.center, element=again))
                phone.quiet(5.0)
                found[f"{app_name}/{way.name}"] = phone.observe(screenshot=False)
            except OstinatoError as error:
                progress(f"{app_name}: {way.name}: {error}")
    return found


def _of_pages(house: House, number: int) -> dict[str, Screen]:
    """Pages of MiniWoB++, without those that nobody looks at (`benchmarks/agent.py`)."""
    from benchmarks.agent_pages import unseen

    found: dict[str, Screen] = {}
    with house.app("miniwob") as app:
        assert isinstance(app, MiniWoB)
        pages = [page for page in app.pages() if page not in unseen(app.pages())]
        app.choose(pages[0], 1)
        with house.phone(app) as phone:
            for page in sorted(pages, key=lambda p: digest(f"grounding {p}"))[:number]:
                app.choose(page, 1)
                phone.new_episode(start_url=app.url, init_script=app.init_script)
                app.words()
                found[f"miniwob/{page}"] = phone.observe(screenshot=False)
    return found


if __name__ == "__main__":
    main()
