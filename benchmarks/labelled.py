"""Traces with labels: oracle runs and re-executed mutants of the suites' tasks, labelled by the suites' own data diff.

What was run is kept in a file of lines beside the store, so that an interrupted run goes on.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.parts import Parts, progress
from benchmarks.runs import begin
from ostinato.agent.decider import Decider
from ostinato.agent.script import ScriptDecider
from ostinato.errors import OstinatoError
from ostinato.house import House
from ostinato.phone.apps.app import App
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.suites.astray import Astray, Insisting, Silent
from ostinato.suites.faulty_ihatemoney import Fault, seed_fault
from ostinato.suites.miniwob import PageTask
from ostinato.suites.miniwob_mistakes import Mistaken, Unfinished
from ostinato.suites.miniwob_solver import SolvedTask, Solver
from ostinato.suites.task import Task, Values

_MOST_TRIES = 4
# Mutants that the app makes: a trigger in its database spoils what is saved, or something beside it.
HELD_OUT_KINDS: dict[str, tuple[str, ...]] = {
    "altered_by_app": ("amount_altered", "wrong_payer", "wrong_owers", "wrong_text", "wrong_date", "amount_rounded"),
    "spoilt_by_app": ("save_doubled", "other_bill_changed", "other_bill_deleted", "save_dropped"),
}
_SPOILT_TASKS = ("add_expense", "add_dated_expense", "add_for_one", "add_linked_expense")


@dataclass(frozen=True)
class Plan:
    """One run to make."""

    task: str
    app: str
    kind: str
    seed: int


@dataclass(frozen=True)
class Labelled:
    """One run that was made: its trace, and whether the task is done, by the data. `wrong` says what is not."""

    plan: Plan
    trace: str
    values: Values
    done: bool
    wrong: tuple[str, ...]
    seconds: float
    commit: str = ""


def plans(tasks: Sequence[Task], per_kind: int) -> list[Plan]:
    """As many oracle runs as runs of each kind of mutant; a kind goes round the tasks that have it."""
    made: list[Plan] = []
    for kind in dict.fromkeys(kind for task in tasks for kind in kinds_of(task)):
        having = [task for task in tasks if kind in kinds_of(task)]
        for number in range(per_kind):
            task = having[number % len(having)]
            made.append(Plan(task.name, task.app, kind, number // len(having)))
    return made


def kinds_of(task: Task) -> list[str]:
    """The kinds of runs that a task has. Those of a page are found in its script: the page makes up what can be
    chosen, and its end is the end of everything."""
    if not isinstance(task, PageTask):
        return ["oracle", *task.mutants, *(HELD_OUT_KINDS if task.name in _SPOILT_TASKS else ())]
    if isinstance(task, SolvedTask):
        return ["oracle", *task.kinds, "no_done"]
    values = {name: f"<{name}>" for name in re.compile(task.pattern).groupindex}
    steps = task.script({**values, "seed": "0", "words": ""})
    said = set(values.values())
    typed = [step for step in steps if step.kind == "type" and step.text in said]
    chosen = [
        s for s in steps if (s.kind == "select" and s.text in said) or (s.target is not None and s.target.name in said)
    ]
    plain = len(steps) > 1 and steps[-1] not in chosen
    named = {"wrong_value": typed, "wrong_choice": chosen, "unsaved": plain, "no_done": True}
    return ["oracle", *(kind for kind, found in named.items() if found)]


class Shelf:
    """The labelled traces that were made so far."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.found: dict[Plan, Labelled] = {}
        if file.exists():
            for line in file.read_text("utf-8").splitlines():
                content = json.loads(line)
                plan = Plan(**content.pop("plan"))
                content["wrong"] = tuple(content["wrong"])
                self.found[plan] = Labelled(plan=plan, **content)

    def add(self, labelled: Labelled) -> None:
        self.found[labelled.plan] = labelled
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(labelled)) + "\n")


def make(house: House, app: App, phone: ChromiumPhone, task: Task, plan: Plan) -> Labelled:
    """Run one plan and label it. OstinatoError when it cannot be run."""
    rng = random.Random(f"{plan.task}-{plan.kind}-{plan.seed}")
    values = begin(app, phone, task, rng)
    started = time.perf_counter()
    with _spoilt(app, plan):
        done = house.perform(
            task.words(values),
            phone=phone,
            deciders=[make_decider(task, plan.kind, values, rng)],
            app=app,
            app_name=task.app,
            approve=lambda action, screen: True,
            meta={"recorded_by": "script", "kind": plan.kind},
        )
    seconds = time.perf_counter() - started
    before, after = done.trace.data.before, done.trace.data.after
    assert before is not None and after is not None
    wrong = task.wrong(house.store.data(before), house.store.data(after), values)
    outcome = done.trace.outcome
    silent = outcome is not None and outcome.claimed == "stopped" and "no decider knows" in outcome.reason
    if not (silent if plan.kind == "no_done" else outcome is not None and outcome.claimed == "done"):
        raise OstinatoError(f"{plan}: the script did not come to its end: {done.trace.outcome}")
    if plan.kind == "wrong_choice" and not wrong:
        raise OstinatoError(f"{plan}: there was nothing else to choose")
    return Labelled(plan, done.trace.id, values, not wrong, tuple(wrong), seconds, Parts(None).commit)


def _spoilt(app: App, plan: Plan) -> AbstractContextManager[None]:
    """The app as it is, or with a fault while a task is done."""
    if plan.kind not in HELD_OUT_KINDS:
        return nullcontext()
    faults = HELD_OUT_KINDS[plan.kind]
    place = _SPOILT_TASKS.index(plan.task) + len(_SPOILT_TASKS) * plan.seed
    return seed_fault(Fault(faults[place % len(faults)], place % 6), app)


def make_decider(task: Task, kind: str, values: Values, rng: random.Random) -> Decider:
    if isinstance(task, SolvedTask):
        return _make_solver(task, kind, values, rng)
    whole = ScriptDecider(task.script(values))
    if kind in ("oracle", "recording", *HELD_OUT_KINDS):
        return whole
    if isinstance(task, PageTask):
        if kind in ("wrong_value", "wrong_choice"):
            return Astray(whole, values, kind, rng.randrange(1 << 30))
        return Silent(whole) if kind == "no_done" else ScriptDecider(task.script(values)[:-1])
    script = ScriptDecider(task.mutants[kind](values, rng))  # type: ignore[index]
    if kind == "twice":
        return Insisting(script)
    return Silent(script) if kind == "no_done" else script


def _make_solver(task: SolvedTask, kind: str, values: Values, rng: random.Random) -> Decider:
    whole = Solver(task.solve, values)
    match kind:
        case "wrong_value" | "wrong_choice":
            return Mistaken(whole, kind, rng.randrange(1 << 30))
        case "unfinished" | "unsaved":
            return Unfinished(whole, task.cut)
        case "no_done":
            return Silent(whole)
    return whole


def make_all(house: House, shelf: Shelf, tasks: Sequence[Task], per_kind: int, every: int = 1) -> list[Labelled]:
    """Every planned run of the tasks of one app, made now or before. A plan that cannot be run is tried with other
    seeds, then left out. `every` thins the plans for a quick look."""
    by_name = {task.name: task for task in tasks}
    wanted = plans(tasks, per_kind)[::every]
    if any(plan not in shelf.found for plan in wanted):
        with house.app(tasks[0].app) as app, house.phone(app) as phone:
            for number, plan in enumerate(wanted):
                if plan not in shelf.found:
                    _try(house, shelf, app, phone, by_name[plan.task], plan)
                if number % 10 == 9:
                    progress(f"{plan.app}: {number + 1} of {len(wanted)}")
    return [shelf.found[plan] for plan in wanted if plan in shelf.found]


def record_all(house: House, shelf: Shelf, tasks: Sequence[Task]) -> dict[str, list[Labelled]]:
    """Two recordings of every task of one app by its own script, with values that all differ."""
    if any(not _recorded(shelf, task) for task in tasks):
        with house.app(tasks[0].app) as app, house.phone(app) as phone:
            for task in tasks:
                _record(house, shelf, app, phone, task)
    return {task.name: [shelf.found[plan] for plan in _recorded(shelf, task)] for task in tasks}


def _recorded(shelf: Shelf, task: Task) -> list[Plan]:
    found = [plan for plan in shelf.found if (plan.task, plan.app, plan.kind) == (task.name, task.app, "recording")]
    return found if len(found) == 2 else []


def _record(house: House, shelf: Shelf, app: App, phone: ChromiumPhone, task: Task) -> None:
    made = [found for plan, found in shelf.found.items() if (plan.task, plan.kind) == (task.name, "recording")]
    for seed in range(100, 200):
        if len(made) == 2:
            return
        plan = Plan(task.name, task.app, "recording", seed)
        try:
            found = make(house, app, phone, task, plan)
        except OstinatoError as error:
            progress(f"{plan}: {error}")
            continue
        if not found.done:
            raise SystemExit(f"the oracle's own script failed on {task.name}: {found.wrong}")
        if not made or all(found.values[key] != made[0].values[key] for key in found.values):
            shelf.add(found)
            made.append(found)
    raise SystemExit(f"no two recordings of {task.name} with values that all differ")


def _try(house: House, shelf: Shelf, app: App, phone: ChromiumPhone, task: Task, plan: Plan) -> None:
    for tried in range(_MOST_TRIES):
        try:
            found = make(house, app, phone, task, replace(plan, seed=plan.seed + 1000 * tried))
        except OstinatoError as error:
            progress(f"{plan}: {error}")
            continue
        shelf.add(replace(found, plan=plan))
        return
