"""Substates that were written by hand for tasks of the suites: one file of rules per task, in `rules/`."""

from __future__ import annotations

from pathlib import Path

from ostinato.judge.substate import Rules, load_rules
from ostinato.suites.task import Task, Values

FOLDER = Path(__file__).with_name("rules")


def handwritten(task: Task, values: Values | None = None) -> Rules | None:
    """The rules of a task with these values; None where nobody has written any."""
    file = FOLDER / f"{_name(task)}.yaml"
    if not file.is_file():
        return None
    rules = load_rules(file)
    return rules if values is None else rules.bound({name: values[name] for name in rules.values})


def _name(task: Task) -> str:
    app = task.app.partition("/")[0]
    return f"{app}-{task.name}"
