"""Rules written by hand: each is of a task, can be read, and has a value for every slot it speaks of."""

from __future__ import annotations

import random

import pytest

from ostinato.suites import cross, ihatemoney, ihatemoney_more, miniwob, tiddlywiki
from ostinato.suites.handwritten import FOLDER, handwritten
from ostinato.suites.task import Task

TASKS = [
    *ihatemoney.TASKS,
    *ihatemoney_more.MORE_TASKS,
    *tiddlywiki.TASKS,
    *tiddlywiki.MORE_TASKS,
    *cross.TASKS,
]
WRITTEN = [task for task in TASKS if handwritten(task) is not None]


def test_every_task_of_the_apps_has_rules_and_every_file_has_a_task() -> None:
    assert [task.name for task in TASKS if task not in WRITTEN] == []
    pages = [task for task in miniwob.TASKS if handwritten(task) is not None]
    assert len(list(FOLDER.glob("*.yaml"))) == len(WRITTEN) + len(pages) >= 30


@pytest.mark.parametrize("task", WRITTEN, ids=lambda task: task.name)
def test_rules_speak_of_the_values_of_their_task(task: Task) -> None:
    values = task.generate(random.Random(7))
    rules = handwritten(task, values)
    assert rules is not None
    assert (rules.task, rules.app) == (task.template, task.app)
    assert rules.values == {name: values[name] for name in rules.values}
    assert rules.success == (("stored",),)
    assert any(s.required for s in rules.substates if not s.of_data and s.when != "never")
