"""The main job: learn a task from two recordings, play it with new values, judge it by the app's data.

    python -m benchmarks.main_job [--quick] [--json FILE]

Recordings are made by each task's own script on the real app; oracles are written by hand and read the app's data.
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
from dataclasses import replace
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.faults import Aftermath, all_faults, strike
from benchmarks.figures import Figures, upper_of_none
from ostinato.agent.script import ScriptDecider
from ostinato.errors import OstinatoError
from ostinato.phone.apps.app import App
from ostinato.phone.apps.ihatemoney import IHateMoney
from ostinato.phone.chromium import ChromiumPhone, find_chromium
from ostinato.replay.experience import Experience
from ostinato.run import Finished, House
from ostinato.settings import load_settings
from ostinato.suites.faulty_ihatemoney import all_faults as seeded_faults
from ostinato.suites.faulty_ihatemoney import seed_fault
from ostinato.suites.ihatemoney import TASKS as IHATEMONEY
from ostinato.suites.task import Task, Values
from ostinato.trace.record import Cost, Outcome
from ostinato.trace.store import Store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="end within about 50 s")
    parser.add_argument("--data", type=Path, help="not used: this benchmark makes its own data")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--runs", type=int, help="replays per task")
    parser.add_argument("--faults", type=int, help="how many run faults")
    wanted = parser.parse_args()
    runs = wanted.runs or (2 if wanted.quick else 78)
    figures = Figures("main_job", wanted.quick)
    with tempfile.TemporaryDirectory(prefix="ostinato-bench-") as folder:
        settings = load_settings().model_copy(update={"home": Path(folder)})
        house = House(settings)
        app_tasks = list(IHATEMONEY[: 2 if wanted.quick else None])
        with house.app("ihatemoney") as app, house.phone(app) as phone:
            learnt = _tasks(figures, house, app, phone, app_tasks, runs)
            _seeded(figures, house, app, phone, learnt, 6 if wanted.quick else 10_000)
            _observe(figures, app, phone, 20 if wanted.quick else 200)
            _memory(figures)
            _script_ratio(figures, house, app, phone, learnt, 3 if wanted.quick else 20)
        _store_list(figures, Path(folder) / "large", 500 if wanted.quick else 10_000)
        experience = next(e for e in house.repository.newest() if "expense: " in e.templates[0])
        _faults(figures, house, experience, wanted.faults or (4 if wanted.quick else 300))
    if not wanted.quick:
        _demo(figures)
    figures.show()
    if wanted.json:
        figures.write(wanted.json)


def _progress(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def _fresh(app: App, phone: ChromiumPhone) -> None:
    app.reset()
    phone.new_episode(login=app.login, start_url=app.url, init_script=app.init_script)


def _teach(house: House, app: App, phone: ChromiumPhone, task: Task, rng: random.Random) -> Experience:
    """Two recordings by the task's script, with values that all differ; what is learnt from them."""
    ids: list[str] = []
    last: Values = {}
    while len(ids) < 2:
        values = task.generate(rng)
        if any(values[k] == last.get(k) for k in values):
            continue
        last = values
        _fresh(app, phone)
        done = house.perform(
            task.words(values),
            phone=phone,
            deciders=[ScriptDecider(task.script(values))],
            app=app,
            app_name=task.app,
            approve=lambda a, s: True,
            meta={"recorded_by": "script"},
        )
        wrong = _wrong(house, done, task, values)
        if done.trace.status != "done" or wrong:
            raise SystemExit(f"the oracle's own script failed on {task.name}: {done.trace.outcome} {wrong}")
        ids.append(done.trace.id)
    return house.learn(ids)


def _wrong(house: House, done: Finished, task: Task, values: Values) -> list[str]:
    before, after = done.trace.data.before, done.trace.data.after
    if before is None or after is None:
        return ["the app's data was not read"]
    return task.wrong(house.store.data(before), house.store.data(after), values)


def _tasks(
    figures: Figures, house: House, app: App, phone: ChromiumPhone, tasks: list[Task], runs: int
) -> dict[str, tuple[Task, Experience]]:
    learnt: dict[str, tuple[Task, Experience]] = {}
    good = total = silent = steps = replayed = 0
    seconds: list[float] = []
    for task in tasks:
        rng = random.Random(f"main-job-{task.name}")
        learnt[task.name] = (task, _teach(house, app, phone, task, rng))
        well = 0
        for _ in range(runs):
            values = task.generate(rng)
            _fresh(app, phone)
            try:
                done = house.replay(
                    task.words(values), phone=phone, app=app, app_name=task.app, approve=lambda a, s: True, again=True
                )
            except OstinatoError as error:
                _progress(f"{task.name}: {error}")
                total += 1
                continue
            wrong = _wrong(house, done, task, values)
            claimed = done.trace.status == "done"
            total += 1
            well += claimed and not wrong
            silent += claimed and bool(wrong)
            steps += len(done.trace.steps)
            replayed += sum(s.decision.source == "replay" for s in done.trace.steps)
            seconds.append(done.trace.cost.seconds)
            if not claimed or wrong:
                _progress(f"{task.name} {values}: {done.trace.outcome} {wrong}")
        good += well
        figures.share(f"success_rate_{task.name}", well, runs)
        _progress(f"{task.name}: {well} of {runs}")
    figures.share("success_rate", good, total)
    figures.add("silent_wrong", silent, "runs", n=total)
    figures.add("silent_wrong_upper95", upper_of_none(total) if silent == 0 else silent / total, "share", n=total)
    figures.add("step_replay_rate", replayed / max(steps, 1), "share", n=steps)
    figures.middle("app_task_seconds", seconds, "s", "first observation to done")
    return learnt


def _seeded(
    figures: Figures,
    house: House,
    app: App,
    phone: ChromiumPhone,
    learnt: dict[str, tuple[Task, Experience]],
    most: int,
) -> None:
    """Faults in the real app during a replay of `add_expense`: does the oracle see them, does our verdict?"""
    task, _ = learnt["add_expense"]
    faults = seeded_faults()[:most]
    caught = judged = 0
    rng = random.Random("seeded")
    for fault in faults:
        values = task.generate(rng)
        _fresh(app, phone)
        with seed_fault(fault, app):
            done = house.replay(
                task.words(values), phone=phone, app=app, app_name=task.app, approve=lambda a, s: True, again=True
            )
        caught += bool(_wrong(house, done, task, values))
        judged += done.verdict is not None and done.verdict.value != "yes"
        if not _wrong(house, done, task, values):
            _progress(f"not caught: {fault}")
    app.reset()
    figures.share("seeded_faults_caught", caught, len(faults), "by the hand-written oracle")
    figures.share("seeded_faults_caught_by_verdict", judged, len(faults), "by the change learnt from two recordings")


def _observe(figures: Figures, app: App, phone: ChromiumPhone, n: int) -> None:
    _fresh(app, phone)
    phone.quiet(5.0)
    whole, tree = [], []
    for _ in range(n):
        started = time.perf_counter()
        phone.observe()
        whole.append(1000 * (time.perf_counter() - started))
        started = time.perf_counter()
        phone.observe(screenshot=False)
        tree.append(1000 * (time.perf_counter() - started))
    figures.middle("observe_ms", whole, "ms", "tree and screenshot, ihatemoney's list of bills")
    figures.middle("observe_tree_ms", tree, "ms", "tree alone")


def _memory(figures: Figures) -> None:
    """Peak is not kept by the kernel for PSS; this is the PSS of Python and Playwright's driver after the runs."""
    me = psutil.Process()
    total = me.memory_full_info().pss
    for child in me.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "node" in child.name() and "tiddlywiki" not in " ".join(child.cmdline()):
                total += child.memory_full_info().pss
    figures.add("runner_mb", total / 1e6, "MB", note="PSS of Python and Playwright's driver, after all runs")


def _script_ratio(
    figures: Figures, house: House, app: App, phone: ChromiumPhone, learnt: dict[str, tuple[Task, Experience]], n: int
) -> None:
    """Replay beside a published auto-waiting Playwright script, turn by turn, on the same task and values."""
    task, _ = learnt["add_expense"]
    ours: list[float] = []
    script: list[float] = []
    rng = random.Random("ratio")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_chromium()), args=["--no-sandbox", "--disable-gpu", "--headless=new"]
        )
        for _ in range(n):
            values = task.generate(rng)
            app.reset()
            context = browser.new_context(
                viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, storage_state=app.login
            )  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(app.url)
            started = time.perf_counter()
            add_expense(page, values)
            script.append(time.perf_counter() - started)
            context.close()
            _fresh(app, phone)
            done = house.replay(
                task.words(values), phone=phone, app=app, app_name=task.app, approve=lambda a, s: True, again=True
            )
            ours.append(done.trace.cost.seconds)
        browser.close()
    ratios = [a / b for a, b in zip(ours, script, strict=True)]
    figures.middle("wall_ratio_vs_script", ratios, "x", "add_expense; first observation to done, no reset")
    figures.middle("script_seconds", script, "s", "the auto-waiting script")


def add_expense(page: Page, values: Values) -> None:
    """The script: what a careful person writes with Playwright, no sleeps, no screenshots."""
    page.get_by_role("link", name="Add a new bill").tap()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What?").fill(values["what"])
    dialog.get_by_label("Who paid?").select_option(label=values["payer"])
    dialog.get_by_label("How much?").fill(values["amount"])
    dialog.get_by_role("button", name="Submit", exact=True).tap()
    expect(page.get_by_role("row").filter(has_text=values["what"])).to_be_visible()


def _store_list(figures: Figures, folder: Path, traces: int) -> None:
    store = Store(folder)
    for number in range(traces):
        writer = store.begin(task=f"task {number}", app="bench", phone="none", agent="none")
        writer.end(outcome=Outcome(claimed="done"), final=None, cost=Cost(), data_after=None)
    times = []
    for _ in range(21):
        started = time.perf_counter()
        store.list(limit=50)
        times.append(1000 * (time.perf_counter() - started))
    figures.middle("store_list_ms_10k", times, "ms", f"a page of 50 in a store of {traces}")


def _faults(figures: Figures, house: House, experience: Experience, n: int) -> None:
    faults = all_faults()
    random.Random("faults").shuffle(faults)
    faults = [replace(f, seed=seed) for seed, f in enumerate((faults * (n // len(faults) + 1))[:n])]
    found: list[Aftermath] = []
    with house.app("ihatemoney", house.settings.home / "faults") as app:
        assert isinstance(app, IHateMoney)
        for number, fault in enumerate(faults):
            app.reset()
            after = strike(fault, experience, app)
            found.append(after)
            if after.traces_lost or after.commits > 1 or after.leftovers or not after.struck:
                _progress(f"{after}")
            if number % 20 == 19:
                _progress(f"{number + 1} faults")
    struck = [a for a in found if a.struck]
    figures.add("faults_injected", len(struck), "faults", n=len(found), note="those that struck")
    figures.add("traces_lost", sum(a.traces_lost for a in found), "traces", n=len(found))
    figures.add("double_commits", sum(a.commits > 1 for a in found), "runs", n=len(found))
    figures.add("leftover_processes", sum(a.leftovers for a in found), "processes", n=len(found))


def _demo(figures: Figures) -> None:
    """The demo's second run, as a user starts it."""
    with tempfile.TemporaryDirectory(prefix="ostinato-demo-") as folder:
        command = [
            sys.executable,
            "-m",
            "ostinato",
            "demo",
            "--out",
            f"{folder}/out",
            "--report",
            f"{folder}/report.html",
        ]
        seconds = []
        for _ in range(2):
            started = time.monotonic()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=dict(os.environ))
            seconds.append(time.monotonic() - started)
    figures.add("demo_second_run_seconds", seconds[1], "s")


if __name__ == "__main__":
    main()
