"""Four agents on one suite, judged alike: the oracle's script, a replay, one that does what the words say (neither
with a model), and one that is flawed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from benchmarks.figures import Figures
from benchmarks.labelled import kinds_of, make_decider
from benchmarks.parts import Parts, progress
from benchmarks.runs import begin, oracle, play
from ostinato.agent.decider import Decider
from ostinato.agent.roles import open_words
from ostinato.errors import OstinatoError
from ostinato.house import House
from ostinato.judge.judge import judge
from ostinato.judge.substate import Rules
from ostinato.judge.taxonomy import MEANING, failure
from ostinato.phone.apps.app import App
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.suites.task import Task, Values

AGENTS = {
    "oracle": "the script that knows every task",
    "replay": "a replay of two recordings, without a model",
    "words": "the decider that does what the words of the task say, without a model",
    "flawed": "a script that goes astray in about two of three runs",
}
_RUNS, _QUICK_RUNS = 2, 1


def compare_agents(
    figures: Figures,
    house: House,
    tasks: Sequence[Task],
    recordings: Callable[[Task], Sequence[str]],
    rules: Callable[[Task, Values], Rules | None],
    parts: Parts,
) -> None:
    """How often each agent is judged to be done, and how it fails otherwise, on tasks with values of their own.
    `recordings` are the traces that replay learns a task from, `rules` those of a task, bound to its values."""
    found: dict[str, Counter[str]] = {agent: Counter() for agent in AGENTS}
    examples: dict[str, str] = {}
    right = total = 0
    for task in tasks:
        compare = partial(_compare, house, task, recordings(task), rules, figures.quick)
        told = parts.measure(f"agents {task.name}", compare)
        for run in told:
            found[run["agent"]][run["kind"]] += 1
            examples.setdefault(run["kind"], f"{run['task']} ({run['agent']}): {run['said']}")
            right += (run["kind"] == "done") == run["right"]
            total += 1
    for agent, kinds in found.items():
        runs = sum(kinds.values())
        figures.share(f"agent_{agent}_done", kinds["done"], runs, "judged with the app's data")
        for kind in MEANING:
            if kind != "done":
                figures.add(f"agent_{agent}_{kind.replace(' ', '_')}", kinds[kind], "runs", n=runs, note=MEANING[kind])
    for kind, example in examples.items():
        if kind != "done":
            figures.add(f"agent_example_{kind.replace(' ', '_')}", 1, "run", note=example)
    figures.share("agents_judged_right", right, total, "done or not, as the oracle says")


def _compare(
    house: House, task: Task, recordings: Sequence[str], rules: Callable[[Task, Values], Rules | None], quick: bool
) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    try:
        house.learn(list(recordings))
    except OstinatoError as error:
        progress(f"{task.name} is not learnt: {error}")
    with house.app(task.app) as app, house.phone(app) as phone:
        rng = random.Random(f"agents-{task.name}")
        for _ in range(_QUICK_RUNS if quick else _RUNS):
            seed = rng.randrange(1 << 30)
            for agent in AGENTS:
                told.append(_run(house, app, phone, task, rules, agent, seed))
    return told


def _run(
    house: House,
    app: App,
    phone: ChromiumPhone,
    task: Task,
    rules: Callable[[Task, Values], Rules | None],
    agent: str,
    seed: int,
) -> dict[str, Any]:
    """One run of an agent, the kind of its verdict and its first reason, and whether it is done by the data."""
    values = begin(app, phone, task, random.Random(seed))
    words = task.words(values)
    try:
        if agent == "replay":
            done = play(house, app, phone, task, values)
        else:
            done = house.perform(
                words,
                phone=phone,
                deciders=[open_words(house.settings) if agent == "words" else _script(task, values, agent)],
                app=app,
                app_name=task.app,
                approve=lambda action, screen: True,
            )
    except OstinatoError as error:  # nothing that was learnt fits the words
        return {"task": words, "agent": agent, "kind": "not begun", "said": str(error), "right": False}
    asked = rules(task, values)
    if asked is None:
        return {"task": words, "agent": agent, "kind": "cannot be told", "said": "there are no rules", "right": True}
    verdict = judge(done.trace, asked, house.store.data)
    broken = next((s for s in verdict.substates if s.required and s.value != "yes"), None)
    said = f"{broken.text}: {broken.evidence}" if broken is not None else "; ".join(verdict.reasons)
    right = not oracle(house, done, task, values)
    return {"task": words, "agent": agent, "kind": failure(verdict), "said": said[:160], "right": right}


def _script(task: Task, values: Values, agent: str) -> Decider:
    """The flawed agent does two of three tasks in one of the wrong ways."""
    rng = random.Random(repr(sorted(values.items())))
    kinds = [kind for kind in kinds_of(task) if kind in task.mutants and kind not in ("no_done", "other_path")]
    kind = rng.choice(kinds) if kinds and agent == "flawed" and rng.random() < 0.7 else "oracle"
    return make_decider(task, kind, values, rng)
