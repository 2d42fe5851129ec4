"""The run loop on a phone of a few screens held in memory, with a real store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ostinato.agent.decider import Choice, Decider, Handover
from ostinato.agent.loop import POINTS, Ended, Limits, Loop
from ostinato.errors import ActionFailed, PageGone, StoreError
from ostinato.judge.check import TextHas
from ostinato.trace.action import Action, Answer, Done, Tap, describe
from ostinato.trace.record import Decision, Result, Step, Trace
from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.store import Store, TraceWriter


def button(name: str, submits: bool = False) -> Element:
    box = Box(left=10, top=10, width=80, height=30)
    return Element(role="button", name=name, path=f"main/{name}", box=box, submits=submits)


@dataclass
class Counter:
    """A phone whose only button counts up; the number is the text on its screen."""

    label: str = "Next"
    count: int = 0
    acts: list[str] = field(default_factory=list)
    fails: Exception | None = None
    name = "memory"

    def observe(self, screenshot: bool = True) -> Screen:
        shown = Element(
            role="text", name=f"count {self.count}", path="main/text", box=Box(left=0, top=50, width=9, height=9)
        )
        return Screen(width=390, height=844, taken=datetime.now(UTC), elements=(button(self.label), shown))

    def photograph(self, screen: Screen) -> Screen:
        return screen

    def act(self, action: Action) -> Result:
        if self.fails is not None:
            raise self.fails
        self.acts.append(describe(action))
        self.count += 1
        return Result(ok=True)

    def quiet(self, timeout: float) -> bool:
        return True

    def close(self) -> None:
        pass


@dataclass
class Presser:
    """Presses the button so many times, then says done."""

    times: int
    post: str | None = None
    name: str = "presser"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        said = Decision(source="script", text=goal)
        if len(history) >= self.times:
            return Choice(Done(), said)
        target = next(e for e in screen.elements if e.role == "button")
        post = (TextHas(text=self.post),) if self.post else ()
        return Choice(Tap(point=target.box.center, element=target), said, post=post)


@dataclass
class Speaker:
    """Says one thing, whatever it sees."""

    says: Choice | Handover | None
    name: str = "speaker"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        return self.says


class Runner:
    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.phone = Counter()
        self.approve: Callable[[Action, Screen], bool] = lambda action, screen: True
        self.at: Callable[[str, int], None] = lambda point, step: None
        self.limits = Limits(max_steps=10, max_seconds=20, step_timeout=0.2)

    def run(self, *deciders: Decider, task: str = "count") -> tuple[Ended, Trace]:
        writer = self.store.begin(task=task, app="counter")
        loop = Loop(self.phone, deciders, writer, self.approve, self.limits, at=self.at)
        ended = loop.run(task)
        return ended, writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=None)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_each_point_is_passed_in_order_and_the_last_word_touches_nothing(runner: Runner) -> None:
    seen: list[tuple[int, str]] = []
    runner.at = lambda point, step: seen.append((step, point))
    ended, trace = runner.run(Presser(2))
    acting = [p for p in POINTS if p != "done"]
    last = [p for p in acting if p not in ("acted", "settled")]
    assert seen == [*((0, p) for p in acting), *((1, p) for p in acting), *((2, p) for p in last), (3, "done")]
    assert (ended.outcome.claimed, len(runner.phone.acts), len(trace.steps)) == ("done", 2, 3)


def test_the_intent_is_on_disk_before_the_action_runs(runner: Runner) -> None:
    at_disk: list[int] = []

    def look(action: Action) -> Result:
        [summary] = runner.store.list()
        at_disk.append(len(runner.store.load(summary.id).steps))
        return Result(ok=True)

    runner.phone.act = look  # type: ignore[method-assign]
    runner.run(Presser(3))
    assert at_disk == [1, 2, 3]


def test_what_is_not_allowed_is_not_done_and_not_begun(runner: Runner) -> None:
    runner.phone.label = "Delete account"
    runner.approve = lambda action, screen: False
    ended, trace = runner.run(Presser(1))
    assert (ended.outcome.claimed, runner.phone.acts, trace.steps) == ("stopped", [], ())
    assert "--commits" in ended.outcome.reason


def test_the_same_irreversible_action_is_not_done_twice_in_a_run(runner: Runner) -> None:
    runner.phone.label = "Pay"
    ended, trace = runner.run(Presser(2))
    assert (ended.outcome.claimed, len(runner.phone.acts)) == ("stopped", 1)
    assert "never repeated" in ended.outcome.reason and trace.unsettled


@pytest.mark.parametrize(
    ("limits", "said"), [(Limits(max_steps=3, step_timeout=0.2), "3 steps"), (Limits(max_seconds=0), "0 s")]
)
def test_a_run_ends_at_its_bounds(runner: Runner, limits: Limits, said: str) -> None:
    runner.limits = limits
    ended, _ = runner.run(Presser(99))
    assert ended.outcome.claimed == "stopped" and said in ended.outcome.reason


def test_a_check_that_fails_after_a_step_is_kept_with_the_step(runner: Runner) -> None:
    _, trace = runner.run(Presser(2, post="count 1"))
    assert [[c.value for c in step.checks] for step in trace.steps] == [["true"], ["false"], []]


def test_a_handover_narrows_the_goal_for_the_next_decider(runner: Runner) -> None:
    _, trace = runner.run(Speaker(Handover("operation", "press it", "not found")), Presser(1))
    assert [step.decision.text for step in trace.steps] == ["press it", "press it"]


def test_when_nobody_can_go_on_every_reason_is_said(runner: Runner) -> None:
    deciders = [
        Speaker(Handover("plan", "x", "first why"), "one"),
        Speaker(None),
        Speaker(Handover("plan", "x", "second"), "two"),
    ]
    ended, _ = runner.run(*deciders)
    assert (ended.outcome.claimed, ended.outcome.reason) == ("stopped", "one: first why; two: second")


def test_an_answer_is_kept(runner: Runner) -> None:
    class Answering(Presser):
        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            said = Decision(source="script")
            return Choice(Done(), said) if history else Choice(Answer(text="forty-two"), said)

    ended, _ = runner.run(Answering(0))
    assert (ended.outcome.claimed, ended.outcome.answer, runner.phone.acts) == ("done", "forty-two", [])


@pytest.mark.parametrize(
    ("error", "touched"), [(ActionFailed("it is disabled"), False), (PageGone("the browser has ended"), True)]
)
def test_a_failed_action_stops_the_run_and_the_trace_says_whether_something_was_touched(
    runner: Runner, error: Exception, touched: bool
) -> None:
    runner.phone.fails = error
    ended, trace = runner.run(Presser(1))
    assert ended.outcome.claimed == "stopped" and str(error) in ended.outcome.reason
    assert trace.steps[0].result is not None and trace.steps[0].result.touched is touched


def test_ctrl_c_leaves_a_trace_that_says_so(runner: Runner) -> None:
    def interrupt(point: str, step: int) -> None:
        if (point, step) == ("acted", 1):
            raise KeyboardInterrupt

    runner.at = interrupt
    ended, trace = runner.run(Presser(5))
    assert ended.outcome.claimed == "interrupted" == trace.status
    assert len(trace.steps) == 2 and trace.steps[1].result is None


def test_a_store_that_fails_is_not_hidden_in_an_outcome(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("no space left")

    monkeypatch.setattr(TraceWriter, "intent", full)
    with pytest.raises(StoreError, match="no space"):
        runner.run(Presser(1))
    assert runner.phone.acts == []
