"""Three agents on one suite, judged alike: the oracle's script, a replay without a model, and one that is flawed."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from benchmarks.figures import Figures
from benchmarks.labelled import kinds_of, make_decider
from benchmarks.parts import Parts
from benchmarks.runs import begin, play, teach
from ostinato.agent.decider import Decider
from ostinato.errors import OstinatoError
from ostinato.judge.judge import judge
from ostinato.judge.taxonomy import MEANING, failure
from ostinato.run import House, rules_of
from ostinato.suites import ihatemoney
from ostinato.suites.task import Task, Values

AGENTS = ("oracle", "replay", "flawed")
_RUNS, _QUICK_RUNS = 4, 1


def compare_agents(figures: Figures, house: House, parts: Parts, quick: bool) -> None:
    """How often each agent is judged to be done, and how it fails, on tasks with values of their own."""
    tasks = ihatemoney.TASKS[3:4] if quick else ihatemoney.TASKS
    found: dict[str, Counter[str]] = {agent: Counter() for agent in AGENTS}
    for task in tasks:
        told = parts.measure(f"agents {task.name}", lambda task=task: _compare(house, task, quick))
        for agent, kinds in told.items():
            found[agent].update(kinds)
    for agent, kinds in found.items():
        total = sum(kinds.values())
        shown = "; ".join(f"{kind}: {kinds[kind]}" for kind in MEANING if kinds[kind])
        figures.share(f"agent_{agent}_done", kinds["done"], total, shown)


def _compare(house: House, task: Task, quick: bool) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {agent: [] for agent in AGENTS}
    with house.app(task.app) as app, house.phone(app) as phone:
        experience = teach(house, app, phone, task)
        rng = random.Random(f"agents-{task.name}")
        for _ in range(_QUICK_RUNS if quick else _RUNS):
            seed = rng.randrange(1 << 30)
            for agent in AGENTS:
                values = begin(app, phone, task, random.Random(seed))
                try:
                    told[agent].append(_kind(house, app, phone, task, values, agent, experience.id))
                except OstinatoError:
                    told[agent].append("not begun")
    return told


def _kind(house: House, app: Any, phone: Any, task: Task, values: Values, agent: str, experience: str) -> str:
    """One run of an agent, and the kind of its verdict."""
    if agent == "replay":
        done = play(house, app, phone, task, values)
    else:
        done = house.perform(
            task.words(values),
            phone=phone,
            deciders=[_script(task, values, agent)],
            app=app,
            app_name=task.app,
            approve=lambda action, screen: True,
        )
    match = house.find(task.words(values), task.app)
    rules = rules_of(match, done.trace.steps)
    assert rules is not None and match.experience.id == experience
    return failure(judge(done.trace, rules, house.store.data))


def _script(task: Task, values: Values, agent: str) -> Decider:
    """The flawed agent does every second task in one of the wrong ways."""
    rng = random.Random(repr(sorted(values.items())))
    kinds = [kind for kind in kinds_of(task) if kind not in ("oracle", "no_done", "other_path")]
    kind = rng.choice(kinds) if agent == "flawed" and rng.random() < 0.7 else "oracle"
    return make_decider(task, kind, values, rng)
