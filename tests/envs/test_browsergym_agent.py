"""An agent written for BrowserGym decides for us: what it is shown, what becomes of its answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bills import Bills

from ostinato.agent.loop import Ended, Limits, Loop
from ostinato.envs.browsergym_agent import MOST_ANSWERS, BrowserGymDecider
from ostinato.errors import UsageError
from ostinato.trace.action import describe
from ostinato.trace.record import Trace
from ostinato.trace.store import Store

TASK = "Add a bill: Tea, 3.50, paid by Bob"
Seen = dict[str, Any]


class Scripted:
    """Answers in turn; where an answer is a function it is asked with what the agent sees."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.seen: list[Seen] = []

    def get_action(self, obs: Seen) -> Any:
        self.seen.append(obs)
        answer = self.answers.pop(0) if self.answers else None
        return answer(obs) if callable(answer) else answer


def bid(seen: Seen, role: str, name: str) -> str:
    return next(
        str(node["browsergym_id"])
        for node in seen["axtree_object"]["nodes"]
        if (node["role"]["value"], node["name"]["value"]) == (role, name)
    )


def fill_in(seen: Seen) -> str:
    return (
        "I fill in the form:\n"
        f"fill('{bid(seen, 'textbox', 'What?')}', 'Tea')\n"
        f"fill('{bid(seen, 'spinbutton', 'How much?')}', '3.50')\n"
        f"select_option('{bid(seen, 'combobox', 'Payer')}', 'Bob')\n"
    )


def click(role: str, name: str) -> Callable[[Seen], tuple[str, dict[str, Any]]]:
    return lambda seen: (f"click('{bid(seen, role, name)}')", {"think": "as it should be"})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def run(agent: Any, store: Store, app: Bills | None = None, **more: Any) -> tuple[Ended, Trace]:
    decider = BrowserGymDecider(agent, store.blobs.get, **more)
    writer = store.begin(task=TASK, phone="memory", agent=decider.name)
    loop = Loop(app or Bills(), [decider], writer, lambda action, screen: True, Limits(15, 60, 0.1))
    ended = loop.run(TASK)
    return ended, writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=None)


def test_an_agent_does_a_task_in_its_own_words(store: Store) -> None:
    app = Bills()
    agent = Scripted(click("link", "Add a bill"), fill_in, click("button", "Save"), "send_msg_to_user('Tea is in.')")
    ended, trace = run(agent, store, app)
    assert app.rows[-1] == (2, "Tea", "3.50", "Bob", True)
    assert ended.outcome.claimed == "done" and ended.outcome.answer == "Tea is in."
    assert len(agent.seen) == 4, "three actions of one answer are one question"
    assert trace.agent == "Scripted (browsergym)"
    assert [step.decision.source for step in trace.steps] == ["model"] * len(trace.steps)
    decided = trace.steps[1].decision
    assert decided.text.endswith(", 'Tea')") and "I fill in the form" in (decided.raw or "")
    first, *_, last = agent.seen
    assert first["goal"] == TASK and first["goal_object"] == ({"type": "text", "text": TASK},)
    assert first["last_action"] == first["last_action_error"] == "" and first["url"].endswith("/bills")
    assert first["screenshot"].shape == (844, 390, 3) and first["screenshot"].dtype == np.uint8
    assert [m["role"] for m in last["chat_messages"]] == ["user"]
    assert last["last_action"].startswith("click(") and last["elapsed_time"].shape == (1,)


def test_what_does_not_work_comes_back_as_an_error(store: Store) -> None:
    app = Bills()

    def too_much(seen: Seen) -> str:
        return f"hover('{bid(seen, 'link', 'Add a bill')}')\nclick('{bid(seen, 'link', 'Add a bill')}')"

    agent = Scripted("I don't know", too_much, lambda seen: f"fill('{bid(seen, 'heading', 'Bills')}', 'x')",
                     "report_infeasible('no idea')")  # fmt: skip
    ended, _ = run(agent, store, app)
    errors = [seen["last_action_error"] for seen in agent.seen]
    assert errors[0] == "" and "there is no action in" in errors[1] and "does not hover" in errors[2]
    assert errors[3] == "nothing here to type: Bills"
    assert ended.outcome.claimed == "failed" and ended.outcome.reason == "no idea"
    assert app.form is None, "the rest of an answer is left when a part of it cannot be done"


def test_an_answer_meant_for_something_that_went_is_left(store: Store) -> None:
    app = Bills()

    def both(seen: Seen) -> str:  # the second is not there any more when the first is done
        return f"click('{bid(seen, 'link', 'Add a bill')}') click('{bid(seen, 'button', 'Delete')}')"

    agent = Scripted(both, None)
    ended, trace = run(agent, store, app)
    assert [describe(step.action) for step in trace.steps[:-1]] == ["tap link “Add a bill”"]
    assert "no element with the bid" in agent.seen[1]["last_action_error"] and len(app.rows) == 1
    assert ended.outcome.claimed == "failed" and "gave up" in ended.outcome.reason


def test_an_agent_that_says_nothing_useful_ends_its_turn(store: Store) -> None:
    agent = Scripted(*["?"] * 20)
    ended, _ = run(agent, store)
    assert len(agent.seen) == MOST_ANSWERS
    assert ended.outcome.claimed == "stopped" and "there is no action in" in ended.outcome.reason


class Broken:
    def get_action(self, obs: Seen) -> Any:
        raise ZeroDivisionError("nothing left")


class Wrong:
    name = "wrong"

    def obs_preprocessor(self, obs: Seen) -> str:
        return str(obs["goal"])

    def get_action(self, obs: str) -> Any:
        return len(obs)


def test_a_broken_agent_is_named(store: Store) -> None:
    ended, _ = run(Broken(), store)
    assert ended.outcome.reason == "the agent Broken (browsergym) failed: ZeroDivisionError: nothing left"
    ended, _ = run(Wrong(), store)
    assert ended.outcome.reason == "the agent wrong (browsergym) answered int, where text or None was expected"
    with pytest.raises(UsageError, match="object is no agent of BrowserGym"):
        BrowserGymDecider(object(), store.blobs.get)  # type: ignore[arg-type]


def test_one_decider_does_one_run_after_the_other(store: Store) -> None:
    agent = Scripted(click("link", "Add a bill"), "send_msg_to_user('1')", click("link", "Add a bill"), None)
    decider = BrowserGymDecider(agent, store.blobs.get)
    for _ in range(2):
        with store.begin(task=TASK, phone="memory", agent=decider.name) as writer:
            Loop(Bills(), [decider], writer, lambda action, screen: True, Limits(9, 60, 0.1)).run(TASK)
    assert [len(seen["chat_messages"]) for seen in agent.seen] == [1, 1, 1, 1]
    assert [seen["last_action"] == "" for seen in agent.seen] == [True, False, True, False]
