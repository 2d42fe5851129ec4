"""Teach a task from two recordings, play it with new values, ask the oracle; play it beside a script."""

from __future__ import annotations

import random
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from playwright.sync_api import Browser

from benchmarks.parts import progress
from benchmarks.scripts import SCRIPTS
from ostinato.agent.script import ScriptDecider
from ostinato.errors import OstinatoError
from ostinato.house import Finished, House
from ostinato.phone.apps.app import App
from ostinato.phone.apps.miniwob import MiniWoB
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.replay.experience import Experience
from ostinato.suites.faulty_ihatemoney import Fault, seed_fault
from ostinato.suites.miniwob import PageTask
from ostinato.suites.task import Task, Values

_MOST_TRIES = 5


@dataclass
class Played:
    """What became of the replays of one task. `silent` are those that said done while the oracle says wrong."""

    runs: int = 0
    good: int = 0
    silent: int = 0
    steps: int = 0
    replayed: int = 0
    unsure: int = 0
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def fresh(app: App, phone: ChromiumPhone) -> None:
    """The app as it was installed, on a phone that has just been taken out of the pocket."""
    app.reset()
    phone.new_episode(login=app.login, start_url=app.url, init_script=app.init_script)


def begin(app: App, phone: ChromiumPhone, task: Task, rng: random.Random) -> Values:
    """A fresh app that shows the start of the task, and new values for it."""
    values = task.generate(rng)
    if isinstance(task, PageTask):
        assert isinstance(app, MiniWoB)
        return task.begin(app, phone, int(values["seed"]))
    fresh(app, phone)
    return values


def teach(house: House, app: App, phone: ChromiumPhone, task: Task) -> Experience:
    """Two recordings by the task's script, with values that all differ; what is learnt from them."""
    return house.learn([id for id, _ in record_twice(house, app, phone, task)])


def record_twice(house: House, app: App, phone: ChromiumPhone, task: Task) -> list[tuple[str, Values]]:
    """Two recordings by the task's script, with values that all differ: the traces' ids and the values."""
    rng = random.Random(f"teach-{task.name}")
    made: list[tuple[str, Values]] = []
    tried: list[Values] = []
    last: Values = {}
    while len(made) < 2:
        values = begin(app, phone, task, rng)
        if any(values[key] == last.get(key) for key in values):
            continue
        last = values
        done = house.perform(
            task.words(values),
            phone=phone,
            deciders=[ScriptDecider(task.script(values))],
            app=app,
            app_name=task.app,
            approve=lambda action, screen: True,
            meta={"recorded_by": "script"},
        )
        wrong = oracle(house, done, task, values)
        if done.trace.status == "stopped" and isinstance(task, PageTask) and len(tried) < _MOST_TRIES:
            tried.append(values)  # a page may show what a script cannot tell apart
            continue
        if done.trace.status != "done" or wrong:
            raise SystemExit(f"the oracle's own script failed on {task.name}: {done.trace.outcome} {wrong}")
        made.append((done.trace.id, values))
    return made


def oracle(house: House, done: Finished, task: Task, values: Values) -> list[str]:
    """What is wrong with the app's data, by the hand-written oracle."""
    before, after = done.trace.data.before, done.trace.data.after
    if before is None or after is None:
        return ["the app's data was not read"]
    return task.wrong(house.store.data(before), house.store.data(after), values)


def play(house: House, app: App, phone: ChromiumPhone, task: Task, values: Values) -> Finished:
    """One replay with these values on an app that shows the start of the task."""
    return house.replay(
        task.words(values),
        phone=phone,
        app=app,
        app_name=task.app,
        approve=lambda action, screen: True,
        again=True,
    )


def play_often(house: House, app: App, phone: ChromiumPhone, task: Task, runs: int) -> Played:
    """Replays of one task with new values each time."""
    played = Played()
    rng = random.Random(f"main-job-{task.name}")
    for _ in range(runs):
        values = begin(app, phone, task, rng)
        played.runs += 1
        try:
            done = play(house, app, phone, task, values)
        except OstinatoError as error:
            played.failures.append(f"{values}: {error}")
            progress(f"{task.name} {values}: {error}")
            continue
        wrong = oracle(house, done, task, values)
        claimed = done.trace.status == "done"
        played.good += claimed and not wrong
        played.silent += claimed and bool(wrong)
        played.unsure += not wrong and (done.verdict is None or done.verdict.value != "yes")
        played.steps += len(done.trace.steps)
        played.replayed += sum(step.decision.source == "replay" for step in done.trace.steps)
        played.seconds.append(done.trace.cost.seconds)
        if not claimed or wrong:
            said = f"{values}: {done.trace.outcome and done.trace.outcome.reason} {wrong}"
            played.failures.append(said)
            progress(f"{task.name} {said}")
    progress(f"{task.name}: {played.good} of {played.runs}")
    return played


def caught(house: House, app: App, phone: ChromiumPhone, task: Task, faults: list[Fault]) -> dict[str, int]:
    """Replays while the app's database spoils what is saved: how many the oracle sees, how many our verdict."""
    by_oracle = by_verdict = 0
    rng = random.Random("seeded")
    for fault in faults:
        values = begin(app, phone, task, rng)
        with seed_fault(fault, app):
            done = play(house, app, phone, task, values)
        wrong = oracle(house, done, task, values)
        by_oracle += bool(wrong)
        by_verdict += done.verdict is None or done.verdict.value != "yes"
        if not wrong:
            progress(f"not caught: {fault}")
    app.reset()
    return {"faults": len(faults), "oracle": by_oracle, "verdict": by_verdict}


def beside_script(
    house: House, app: App, phone: ChromiumPhone, browser: Browser, task: Task, runs: int
) -> dict[str, list[float]]:
    """Seconds of a replay and of the script for the same task and values, turn by turn, from the first look at the
    open app to done."""
    ours: list[float] = []
    script: list[float] = []
    rng = random.Random(f"ratio-{task.name}")
    for _ in range(runs):
        values = task.generate(rng)
        app.reset()
        context = browser.new_context(
            viewport={"width": 390, "height": 844},
            is_mobile=True,
            has_touch=True,
            storage_state=app.login,  # type: ignore[arg-type]
        )
        page = context.new_page()
        page.goto(app.url)
        started = time.perf_counter()
        SCRIPTS[task.name](page, values)
        script.append(time.perf_counter() - started)
        context.close()
        fresh(app, phone)
        done = play(house, app, phone, task, values)
        if done.trace.status == "done":
            ours.append(done.trace.cost.seconds)
        else:
            script.pop()
    return {"ours": ours, "script": script}
