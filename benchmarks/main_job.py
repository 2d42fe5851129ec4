"""The main job: learn a task from two recordings, play it with new values, judge it by the app's data.

    python -m benchmarks.main_job [--quick] [--json FILE] [--only PART …]

Recordings are made by each task's own script on the real app; oracles are written by hand and read the app's data
(MiniWoB++: the page's own raw reward). A full run keeps each part in `build/main_job.jsonl` and goes on from there
after an interruption, at the same commit (with --keep at any; the results name them all).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.faults import all_faults, can_break_disks, strike
from benchmarks.figures import Figures, upper_of_none
from benchmarks.memory import Peak
from benchmarks.parts import Parts, progress
from benchmarks.runs import Played, beside_script, caught, fresh, play_often, teach
from benchmarks.scripts import SCRIPTS
from ostinato.house import House
from ostinato.phone.apps.app import App
from ostinato.phone.apps.ihatemoney import IHateMoney
from ostinato.phone.web.chromium import ChromiumPhone, find_chromium
from ostinato.replay.experience import Experience
from ostinato.settings import load_settings
from ostinato.suites import ihatemoney, miniwob, tiddlywiki
from ostinato.suites.faulty_ihatemoney import all_faults as seeded_faults
from ostinato.suites.task import Task
from ostinato.trace.record import Cost, Outcome
from ostinato.trace.store import Store

SUITES: dict[str, tuple[Task, ...]] = {
    "ihatemoney": ihatemoney.TASKS,
    "tiddlywiki": tiddlywiki.TASKS,
    "miniwob": (*miniwob.TASKS, *miniwob.AMBIGUOUS_TASKS),
}
STATE = Path("build/main_job.jsonl")
ADD_EXPENSE = ihatemoney.ADD_EXPENSE


@dataclass(frozen=True)
class Size:
    """How much is done: replays per app task and per MiniWoB page, seeded and injected faults, tasks that
    are played beside their script and their turns, looks at a screen, traces in a store, tasks in a row."""

    tasks: int
    runs: int
    pages: int
    page_runs: int
    seeded: int
    faults: int
    scripts: int
    turns: int
    looks: int
    traces: int
    in_a_row: int


FULL = Size(
    tasks=100,
    runs=50,
    pages=100,
    page_runs=20,
    seeded=60,
    faults=300,
    scripts=5,
    turns=15,
    looks=200,
    traces=10_000,
    in_a_row=10,
)
QUICK = Size(
    tasks=1, runs=1, pages=1, page_runs=1, seeded=1, faults=1, scripts=1, turns=1, looks=20, traces=500, in_a_row=1
)


class Bench:
    """The parts of the benchmark; each method measures one and gives JSON values."""

    def __init__(self, folder: Path, size: Size) -> None:
        self.folder = folder
        self.size = size
        self.house = House(load_settings().in_folder(folder))
        self._open: tuple[App, ChromiumPhone] | None = None
        self._stack = contextlib.ExitStack()
        self._learnt: dict[str, Experience] = {}

    def phone(self, name: str) -> tuple[App, ChromiumPhone]:
        """An app and a phone that shows it, kept for the parts that follow on the same app."""
        if self._open is None or self._open[0].name.partition("/")[0] != name.partition("/")[0]:  # pages share a phone
            self.close()
            app = self._stack.enter_context(self.house.app(name))
            self._open = app, self._stack.enter_context(self.house.phone(app))
        return self._open

    def close(self) -> None:
        self._open = None
        self._stack.close()

    def learn(self, task: Task) -> Experience:
        """What is learnt from two recordings of a task, which are made the first time."""
        if task.name not in self._learnt:
            self._learnt[task.name] = teach(self.house, *self.phone(task.app), task)
        return self._learnt[task.name]

    def task(self, task: Task) -> dict[str, Any]:
        self.learn(task)
        runs = self.size.page_runs if task.app.startswith("miniwob/") else self.size.runs
        return play_often(self.house, *self.phone(task.app), task, runs).as_json()

    def seeded(self) -> dict[str, int]:
        self.learn(ADD_EXPENSE)
        faults = seeded_faults()[:: -(60 // self.size.seeded)]
        return caught(self.house, *self.phone("ihatemoney"), ADD_EXPENSE, faults)

    def observe(self) -> dict[str, list[float]]:
        whole, tree = [], []
        app, phone = self.phone("ihatemoney")
        fresh(app, phone)
        phone.quiet(5.0)
        for _ in range(self.size.looks):
            started = time.perf_counter()
            phone.observe()
            whole.append(1000 * (time.perf_counter() - started))
            started = time.perf_counter()
            phone.observe(screenshot=False)
            tree.append(1000 * (time.perf_counter() - started))
        return {"whole": whole, "tree": tree}

    def beside(self, task: Task) -> dict[str, list[float]]:
        self.learn(task)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(find_chromium()), args=["--no-sandbox", "--disable-gpu", "--headless=new"]
            )
            found = beside_script(self.house, *self.phone(task.app), browser, task, self.size.turns)
            browser.close()
            return found

    def memory(self) -> float:
        """Megabytes: the peak of a user's own command that does tasks in a row."""
        self.learn(ADD_EXPENSE)
        self.close()
        rng = random.Random("memory")
        tasks = [ADD_EXPENSE.words(ADD_EXPENSE.generate(rng)) for _ in range(self.size.in_a_row)]
        table = self.folder / "tasks.csv"
        table.write_text("task\n" + "".join('"' + t.replace('"', '""') + '"\n' for t in tasks), encoding="utf-8")
        command = [sys.executable, "-m", "ostinato", "run", "--csv", str(table), "--app", "ihatemoney", "--json"]
        environment = {**os.environ, "OSTINATO_HOME": str(self.folder), "OSTINATO_COMMITS": "allow"}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            peak = Peak(process.pid)
            while process.poll() is None:
                peak.look()
                time.sleep(0.05)
        if process.returncode:
            raise SystemExit("the command whose memory is measured failed")
        return peak.bytes / 1e6

    def store(self) -> list[float]:
        store = Store(self.folder / "large")
        for number in range(self.size.traces):
            writer = store.begin(task=f"task {number}", app="bench", phone="none", agent="none")
            writer.end(outcome=Outcome(claimed="done"), final=None, cost=Cost(), data_after=None)
        times = []
        for page in range(41):
            started = time.perf_counter()
            store.list(limit=50, text="task" if page % 2 else None)
            times.append(1000 * (time.perf_counter() - started))
        return times

    def faults(self, first: int, count: int) -> list[dict[str, Any]]:
        faults = all_faults()
        random.Random("faults").shuffle(faults)
        experience = self.learn(ADD_EXPENSE)
        self.close()
        found = []
        with self.house.app("ihatemoney", self.folder / f"app-{first}") as app:
            assert isinstance(app, IHateMoney)
            for number in range(first, first + count):
                app.reset()
                after = strike(replace(faults[number % len(faults)], seed=number), experience, app)
                if after.traces_lost or after.commits > 1 or after.leftovers or not after.struck:
                    progress(f"{after}")
                found.append(asdict(after))
        return found

    def demo(self) -> list[float]:
        """Seconds of the demo's first and second run, as a user starts it."""
        command = [sys.executable, "-m", "ostinato", "demo"]
        folder = self.folder / "demo"
        command += ["--out", str(folder / "out"), "--report", str(folder / "report.html")]
        seconds = []
        for _ in range(2):
            started = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.monotonic() - started)
        return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="end within 50 s")
    parser.add_argument("--data", type=Path, help="not used: this benchmark makes its own data")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--only", nargs="+", default=[], metavar="PART", help="measure only parts that begin so")
    parser.add_argument("--keep", action="store_true", help="keep parts that were measured at other commits")
    wanted = parser.parse_args()
    size = QUICK if wanted.quick else FULL
    parts = Parts(None if wanted.quick else STATE, wanted.keep)
    with tempfile.TemporaryDirectory(prefix="ostinato-bench-") as folder:
        bench = Bench(Path(folder), size)
        try:
            measured = _measure(bench, parts, size, tuple(wanted.only))
        finally:
            bench.close()
    if wanted.only:
        return
    figures = Figures("main_job", wanted.quick)
    _report(figures, measured)
    figures.seconds, figures.commits = parts.seconds, parts.commits
    figures.show()
    if wanted.json:
        figures.write(wanted.json)


def _measure(bench: Bench, parts: Parts, size: Size, only: tuple[str, ...]) -> dict[str, Any]:
    how: dict[str, Callable[[], Any]] = {}
    beside = list(SCRIPTS)[: size.scripts]
    for suite in reversed(SUITES.values()):
        tasks = suite[: size.pages if suite[0].app.startswith("miniwob/") else size.tasks]
        how |= {f"task {t.app} {t.name}": _bind(bench.task, t) for t in tasks}
        how |= {f"beside {t.name}": _bind(bench.beside, t) for t in tasks if t.name in beside}
    how |= {"observe": bench.observe, "seeded": bench.seeded, "memory": bench.memory, "store": bench.store}
    chunk = min(10, size.faults)
    for first in range(0, size.faults, chunk):
        how[f"faults {first}"] = _bind(bench.faults, first, chunk)
    if (not only and size is FULL) or "demo" in only:
        how["demo"] = bench.demo
    return {name: parts.measure(name, run) for name, run in how.items() if not only or name.startswith(only)}


def _bind(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    return lambda: function(*arguments)


def _report(figures: Figures, measured: dict[str, Any]) -> None:
    _tasks(figures, {name: Played(**found) for name, found in measured.items() if name.startswith("task ")})
    seeded = measured["seeded"]
    figures.share("seeded_faults_caught", seeded["oracle"], seeded["faults"], "by the hand-written oracle")
    note = "by the change of data learnt from two recordings"
    figures.share("seeded_faults_caught_by_verdict", seeded["verdict"], seeded["faults"], note)
    _beside(figures, {name[7:]: found for name, found in measured.items() if name.startswith("beside ")})
    figures.middle("observe_ms", measured["observe"]["whole"], "ms", "tree and screenshot, ihatemoney's bills")
    figures.middle("observe_tree_ms", measured["observe"]["tree"], "ms", "tree alone")
    note = "peak PSS of `ostinato run --csv`, tasks in a row: Python and Playwright's driver, every 50 ms"
    figures.add("runner_mb", measured["memory"], "MB", note=note)
    figures.middle("store_list_ms_10k", measured["store"], "ms", "a page of 50, every other one filtered by words")
    _faults(figures, [after for name, found in measured.items() if name.startswith("faults ") for after in found])
    if "demo" in measured:
        figures.add("demo_second_run_seconds", measured["demo"][1], "s", note="the first run right before it")


def _tasks(figures: Figures, played: dict[str, Played]) -> None:
    total = sum(p.runs for p in played.values())
    figures.share("success_rate", sum(p.good for p in played.values()), total, "done, and right by the oracle")
    silent = sum(p.silent for p in played.values())
    figures.add("silent_wrong", silent, "runs", n=total, note="done was said, the oracle says wrong")
    upper = upper_of_none(total) if silent == 0 else figures.upper(silent, total)
    figures.add("silent_wrong_upper95", upper, "share", n=total)
    unsure = sum(p.unsure for p in played.values())
    figures.share("right_but_not_judged_so", unsure, total, "the verdict was no or uncertain, the oracle says right")
    steps = sum(p.steps for p in played.values())
    figures.share("step_replay_rate", sum(p.replayed for p in played.values()), steps, "no model is asked")
    for name, p in played.items():
        _, app, task = name.split(" ")
        figures.share(f"success_rate_{app.partition('/')[0]}_{task}", p.good, p.runs)
    for app in SUITES:
        seconds = [s for name, p in played.items() if name.split(" ")[1].startswith(app) for s in p.seconds]
        if app == "miniwob":
            note = "an episode of MiniWoB++, first look to done"
            figures.middle("miniwob_ms", [1000 * s for s in seconds], "ms", note)
        else:
            figures.middle(f"{app}_task_seconds", seconds, "s", "first look to done")


def _beside(figures: Figures, found: dict[str, dict[str, list[float]]]) -> None:
    ratios = {
        name: [ours / script for ours, script in zip(pair["ours"], pair["script"], strict=True)]
        for name, pair in found.items()
    }
    together = [r for each in ratios.values() for r in each]
    figures.middle("wall_ratio_vs_script", together, "x", "all tasks; first look to done, no reset")
    for name, each in ratios.items():
        script = median(found[name]["script"])
        figures.middle(f"wall_ratio_{name}", each, "x", f"median script {script:.2f} s")


def _faults(figures: Figures, found: list[dict[str, Any]]) -> None:
    struck = [after for after in found if after["struck"]]
    note = "" if can_break_disks() else "no disk faults: they take root and a loop device"
    figures.add("faults_injected", len(struck), "faults", n=len(found), note=note or "those that struck")
    figures.add("traces_lost", sum(after["traces_lost"] for after in found), "traces", n=len(found))
    figures.add("double_commits", sum(after["commits"] > 1 for after in found), "runs", n=len(found))
    note = "still there ten seconds after the run ended"
    figures.add("leftover_processes", sum(after["leftovers"] for after in found), "processes", n=len(found), note=note)


if __name__ == "__main__":
    main()
