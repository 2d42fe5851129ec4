"""What each part of a replay is worth: the same hard cases without one kind of checks, and with other thresholds.

The cases are changed apps (`benchmarks.drift`), where a replay that asks nothing goes wrong: things that are missing, a
login, a new field, another order, other labels. A setting either leaves out the checks of one phase, the repairs, or
all of it; or it moves the score from which on an element is taken for the one that was recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

from benchmarks import drift
from benchmarks.figures import Figures
from benchmarks.replay_baselines import bare
from benchmarks.replay_runs import Stage
from ostinato.agent.decider import Decider
from ostinato.replay.match import Match
from ostinato.replay.replayer import Replayer
from ostinato.suites.task import Task
from ostinato.trace import locator

_PHASES = ("pre", "commit", "post", "success")
THRESHOLDS = (0.3, 0.5, 0.7, 0.9, 0.97)
SETTINGS = ("whole", *(f"no_{phase}" for phase in _PHASES), "no_repair", "no_checks")
CELLS = (
    ("item_missing", "gone"), ("logged_out", "before"), ("new_field", "text"), ("list_reordered", "reversed"),
    ("moved", "elsewhere"), ("renamed", "one"), ("popup", "modal"),
)  # fmt: skip
TASKS = ("add_expense", "change_amount", "delete_bill", "change_quantity", "put_in_basket")


def ablated(stage: Stage, tasks: Sequence[Task], setting: str) -> list[dict[str, Any]]:
    """Runs of every case that makes sense for a task, with one setting."""
    told = []
    known = drift.cells(tasks)
    with _threshold(setting):
        for task, fault, strength in known:
            if (fault, strength) in CELLS:
                told += drift.drifted(stage, task, fault, strength, player=_player(setting), halves=("seen",))
    return told


def _player(setting: str) -> Callable[[Match], Decider]:
    def make(found: Match) -> Decider:
        experience = found.experience
        if setting == "no_checks":
            return Replayer(bare(experience), found.values, heals=False)
        if setting.startswith("no_") and setting != "no_repair":
            kept = [phase for phase in _PHASES if phase != setting.removeprefix("no_")]
            experience = bare(experience, but=kept)
        return Replayer(experience, found.values, heals=setting not in ("no_repair",) and "threshold" not in setting)

    return make


def _threshold(setting: str) -> contextlib.AbstractContextManager[Any]:
    if not setting.startswith("threshold_"):
        return contextlib.nullcontext()
    return mock.patch.object(locator, "THRESHOLD", float(setting.removeprefix("threshold_")))


def report(figures: Figures, found: dict[str, list[dict[str, Any]]]) -> None:
    """How much is done, and how much goes wrong, with each setting."""
    for setting, every in found.items():
        runs = [run for run in every if run["met"]]
        said = [run for run in runs if run["claimed"]]
        key = "risk" if setting.startswith("threshold") else "ablation"
        name = setting.replace(".", "_")
        note = f"of {len(runs)} runs on changed apps"
        figures.share(f"{key}_{name}_right", sum(run["good"] for run in runs), len(runs), note)
        figures.share(f"{key}_{name}_coverage", len(said), len(runs), "done is said")
        wrong = sum(not run["good"] for run in said)
        figures.share(f"{key}_{name}_wrong", wrong, len(said), "of those, wrong by the app's data")
        figures.add(f"{key}_{name}_wrong_commits", sum(run["wrong_commit"] for run in runs), "runs", n=len(runs))
