"""Replay on real apps: what was recorded once is done again, beside other ways to do it again, and on changed apps.

    python -m benchmarks.replay [--quick] [--measured] [--json FILE] [--data DIR] [--only PART …] [--keep]

Every task of the suites is recorded twice by its script and learnt. Truth is the app's own data, read by oracles that
were written by hand; the denominator is all tasks, also those that nothing was learnt of. Columns: the words of a
recording again, new values, near-misses, and tasks as if they had not been learnt. Beside the replays run the others
(`benchmarks.replay_baselines`), interleaved, each before the same agent; then come changed apps (`benchmarks.drift`),
one app in other frameworks (`benchmarks.frameworks`), and pages of MiniWoB++ learnt from people's demonstrations, which
are in DIR (stanfordnlp/miniwob-plusplus-demos) and of which nothing is kept. A full run keeps each part in
`build/replay/parts.jsonl` and goes on from there after an interruption. Needs: pip install --no-deps -r
benchmarks/requirements.txt
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks import ablation, canaries, crowd, demonstrations, drift, frameworks, replay_figures
from benchmarks.figures import Figures
from benchmarks.parts import Parts, progress
from benchmarks.replay_baselines import available
from benchmarks.replay_columns import beside, columns
from benchmarks.replay_runs import SUITES, Parted, Stage
from benchmarks.runs import beside_script, caught
from benchmarks.scripts import SCRIPTS
from ostinato.errors import SetupError
from ostinato.house import House
from ostinato.phone.apps.app import get_app
from ostinato.phone.web.chromium import find_chromium
from ostinato.settings import load_settings
from ostinato.suites.faulty_ihatemoney import all_faults
from ostinato.suites.ihatemoney import ADD_EXPENSE
from ostinato.suites.task import Task

STATE = Path("build/replay/parts.jsonl")
DATA = Path("../shared/data")
# What was measured holds as long as these are as they were.
STAND_ON = (
    "src/ostinato/replay", "src/ostinato/house", "src/ostinato/judge", "src/ostinato/trace", "src/ostinato/phone",
    "src/ostinato/agent", "src/ostinato/suites", "benchmarks",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How much is done: apps and tasks of each, runs of each column, rounds beside the others, runs of each and the
    methods that take part, cells of drift and pairs of frameworks (None: all), pages and runs of demonstrations and how
    many are read of each, planted secrets, experiences in a crowd and looks at it, seeded faults, turns beside a
    script."""

    apps: tuple[str, ...] = ("ihatemoney", "tiddlywiki", "oscar", "gnome")
    tasks: int = 100
    exact: int = 4
    new: int = 22
    near: int = 21
    unseen: int = 3
    linux: int = 6  # of exact and new together, where a look takes longer
    rounds: int = 1
    draws: int = 5
    methods: tuple[str, ...] = ()
    drifts: int | None = None
    frameworks: int | None = None
    pages: int = 100
    page_runs: int = 4
    demos: int | None = None
    secrets: int = 200
    crowd: int = 10_000
    looks: int = 500
    seeded: int = 60
    turns: int = 15


FULL = Size()
QUICK = Size(
    apps=("ihatemoney",), tasks=1, exact=0, new=1, near=3, unseen=1, draws=1, methods=("ours", "always_agent"),
    drifts=1, frameworks=1, pages=1, page_runs=1, demos=4, secrets=2, crowd=500, looks=20, seeded=1, turns=0,
)  # fmt: skip
QUICK_PAGES = ("enter-text",)


def parts_of(stage: Stage, size: Size, data: Path) -> dict[str, Callable[[], Any]]:
    """What is measured, by name, in the order in which it is."""
    how: dict[str, Callable[[], Any]] = {}
    for app in size.apps:
        if not get_app(app, stage.house.settings.cache).is_installed():
            progress(f"{app} is not installed and left out: ostinato app install {app}")
            continue
        suite = SUITES[app][: size.tasks]
        for task in suite:
            counts = (size.exact, size.new, size.near, size.unseen)
            if app == "gnome":
                counts = (1, size.linux - 1, size.near, 1)
            how[f"columns {app} {task.name}"] = partial(columns, stage, suite, task, *counts)
        if app == "gnome":
            continue
        for task in suite:
            how[f"beside {app} {task.name}"] = partial(
                beside, stage, suite, task, size.rounds, size.methods or available(), size.draws
            )
        cells = drift.cells([task for task in SUITES[app] if task.name in drift.TASKS[app]])
        for task, fault, strength in cells if size.drifts is None else cells[3 : 3 + size.drifts]:
            how[f"drift {fault} {strength} {app}/{task.name}"] = partial(drift.drifted, stage, task, fault, strength)
        for task in suite:
            if task.name in SCRIPTS and size.turns:
                how[f"wall {task.name}"] = partial(_wall, stage, task, size.turns)
    if not get_app(frameworks.APP, stage.house.settings.cache).is_installed():
        progress(f"{frameworks.APP} is not installed and left out: ostinato app install {frameworks.APP}")
    else:
        lists = frameworks.Lists(stage)
        for source, target in frameworks.pairs(most=size.frameworks):
            how[f"todomvc {source} {target}"] = partial(lists.met, source, target, size.tasks)
    how |= {
        f"demo {page}": partial(demonstrations.demonstrated, stage, data, page, size.page_runs, size.demos)
        for page in (demonstrations.pages(data) if size is FULL else QUICK_PAGES)[: size.pages]
    }
    hard = [task for app in ("ihatemoney", "oscar") for task in SUITES[app] if task.name in ablation.TASKS]
    for setting in (*ablation.SETTINGS, *(f"threshold_{one}" for one in ablation.THRESHOLDS)) if size is FULL else ():
        how[f"ablation {setting}"] = partial(ablation.ablated, stage, hard, setting)
    how["canaries"] = partial(canaries.leaks, size.secrets)
    how["match"] = lambda: crowd.matched(stage.house.settings.home / "crowd", size.crowd, size.looks)
    how["seeded"] = partial(_seeded, stage, size.seeded)
    return how


def _seeded(stage: Stage, count: int) -> dict[str, int]:
    """Faults of the app's data while a replay runs: how many the oracle sees, and how many the verdict."""
    stage.recorded(ADD_EXPENSE)
    app, phone = stage.at(ADD_EXPENSE.app)
    assert isinstance(phone, Parted)
    every = all_faults()
    return caught(stage.house, app, phone, ADD_EXPENSE, every[:: -(len(every) // count)])


def _wall(stage: Stage, task: Task, turns: int) -> dict[str, list[float]]:
    stage.recorded(task)
    app, phone = stage.at(task.app)
    assert isinstance(phone, Parted)
    with sync_playwright() as playwright:
        program = str(find_chromium())
        flags = ["--no-sandbox", "--disable-gpu", "--headless=new"]
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        found = beside_script(stage.house, app, phone, browser, task, turns)
        browser.close()
        return found


def report(figures: Figures, measured: dict[str, Any]) -> None:
    """All figures, from what was measured by part."""

    def of(begin: str) -> dict[str, Any]:
        return {name[len(begin) + 1 :]: found for name, found in measured.items() if name.startswith(begin + " ")}

    if columns_found := of("columns"):
        replay_figures.of_columns(figures, columns_found)
    if "seeded" in measured:
        seeded = measured["seeded"]
        figures.share("seeded_faults_caught", seeded["oracle"], seeded["faults"], "by the hand-written oracle")
        note = "by the change of data learnt from two recordings"
        figures.share("seeded_faults_caught_by_verdict", seeded["verdict"], seeded["faults"], note)
    if "canaries" in measured:
        found = measured["canaries"]
        note = f"secrets that were typed and are found in what is kept or told {found['places'] or ''}; "
        note += "what is no secret is found" if found["control"] else "WHAT IS NO SECRET IS NOT FOUND EITHER"
        figures.add("canary_leaks", found["leaked"], "secrets", n=found["planted"], note=note)
    if "match" in measured:
        found = measured["match"]
        figures.middle("match_ms_10k", found["words"], "ms", "by the words of a template, among ten thousand")
        figures.middle("match_meaning_ms_10k", found["meaning"], "ms", "in other words: the embedding is asked")
        figures.add("match_mb_10k", found["mb"], "MB", note="that came with the first look-ups, the model's too")
        figures.share("match_found_10k", found["right"], len(found["words"]), "an experience is found")
    ablation.report(figures, of("ablation"))
    replay_figures.of_drift(figures, of("drift"))
    replay_figures.of_frameworks(figures, of("todomvc"))
    replay_figures.of_demonstrations(figures, of("demo"))
    replay_figures.of_baselines(figures, of("beside"))
    replay_figures.wall(figures, of("wall"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="end within 50 s: one task, a run of each kind")
    parser.add_argument("--measured", action="store_true", help="run nothing: the figures of what was measured so far")
    parser.add_argument("--data", type=Path, default=DATA, help=f"the folder that holds miniwob_demos ({DATA})")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--only", nargs="+", default=[], metavar="PART", help="measure only parts that begin so")
    parser.add_argument("--keep", action="store_true", help="keep parts that were measured at other commits")
    wanted = parser.parse_args()
    try:
        demonstrations.folder_in(wanted.data)
    except SetupError as error:
        raise SystemExit(str(error)) from None
    size = QUICK if wanted.quick else FULL
    parts = Parts(None if wanted.quick else STATE, wanted.keep, STAND_ON)
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="ostinato-bench-") as folder:
        stage = Stage(House(load_settings().in_folder(Path(folder))))
        try:
            for name, how in parts_of(stage, size, wanted.data).items():
                if wanted.only and not name.startswith(tuple(wanted.only)):
                    continue
                if not wanted.measured or name in parts:
                    measured[name] = parts.measure(name, how)
        finally:
            stage.close()
    figures = Figures("replay", wanted.quick)
    report(figures, measured)
    figures.seconds, figures.commits = parts.seconds, parts.commits
    figures.show()
    if wanted.json:
        figures.write(wanted.json)


if __name__ == "__main__":
    main()
