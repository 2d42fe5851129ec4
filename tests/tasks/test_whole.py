"""The trace of a whole plan: the answer is the last one that was given, the cost that of all, with reading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from screens import NOW, screen

from ostinato.agent.plans.subtasks import Plan, Subtask
from ostinato.house import House
from ostinato.settings import Settings
from ostinato.tasks.whole import whole_trace
from ostinato.trace.record import Cost, Outcome, Tokens, Trace


def traces(answers: Sequence[str | None]) -> list[Trace]:
    return [
        Trace(
            id=f"20260131-12000{n}-000000", task="x", app=f"app{n}", phone="memory", started=NOW, final=screen(),
            outcome=Outcome(claimed="done", answer=answer), cost=Cost(calls=2),
        )
        for n, answer in enumerate(answers)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "whole"),
    [(["30.50", None], "30.50"), (["1", "2", None], "2"), ([None, "3"], "3"), ([None, None], None)],
)
def test_the_answer_of_a_whole_is_the_last_that_was_given(
    tmp_path: Path, answers: list[str | None], whole: str | None
) -> None:
    rooms = House(Settings(home=tmp_path))
    plan = Plan(task="x", subtasks=(Subtask(id="a", app="app0", task="x"),))
    found = whole_trace(rooms, plan, traces(answers), {}, "run", [Cost(calls=3, tokens=Tokens(prompt=5))])
    rooms.store.close()
    assert found.outcome is not None and found.outcome.answer == whole
    assert found.cost.calls == 2 * len(answers) + 3 and found.cost.tokens.prompt == 5
