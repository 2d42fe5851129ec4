"""A run that is told its actions from outside: the same run as any other, one step at a time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from bills import Bills

from ostinato.agent.decider import Decider
from ostinato.agent.loop import Limits, Loop
from ostinato.envs.episode import Episode
from ostinato.errors import StoreError, UsageError
from ostinato.house import Finished
from ostinato.trace.action import Action, Done, Tap
from ostinato.trace.record import Result
from ostinato.trace.screen import Element, Screen
from ostinato.trace.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert not [t.name for t in threading.enumerate() if t.name == "ostinato-episode"]


def episode(store: Store, app: Bills, over: bool = False) -> Episode:
    def work(decider: Decider) -> Finished:
        writer = store.begin(task="Add a bill", phone="memory", agent=decider.name)
        ended = Loop(app, [decider], writer, lambda action, screen: False, Limits(10, 60, 0.1)).run("Add a bill")
        trace = writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=None)
        return Finished(trace, None, None)

    return Episode(work, lambda: over)


def tap(screen: Screen | None, name: str) -> Tap:
    assert screen is not None
    element: Element = next(e for e in screen.elements if e.name == name)
    return Tap(point=element.box.center, element=element)


def test_what_is_told_is_done_and_what_follows_is_shown(store: Store) -> None:
    run = episode(store, Bills())
    first = run.begin()
    assert first.screen is not None and first.screen.text.startswith("Bills") and first.finished is None
    second = run.act(tap(first.screen, "Add a bill"), "open the form")
    assert second.screen is not None and "New bill" in second.screen.text and len(second.steps) == 1
    wrong = run.act(tap(second.screen, "New bill").model_copy(update={"element": None}))
    assert "nothing here to tap" in wrong.problem and wrong.finished is None
    last = run.act(Done(message="enough"))
    assert last.finished is not None and last == run.last
    trace = store.load(last.finished.trace.id)
    assert trace.outcome is not None and (trace.outcome.claimed, trace.outcome.reason) == ("done", "enough")
    assert trace.steps[0].decision.text == "open the form" and trace.agent == "environment"
    with pytest.raises(UsageError, match="this episode is over"):
        run.act(Done())


def test_a_refused_commit_ends_it_with_the_reason(store: Store) -> None:
    app = Bills(form={"What?": "Tea", "How much?": "1", "Payer": "Bob"})
    run = episode(store, app)
    turn = run.act(tap(run.begin().screen, "Save"))
    assert turn.finished is not None and turn.finished.trace.outcome is not None
    assert "was not allowed" in turn.finished.trace.outcome.reason and app.commits == []


def test_it_ends_by_itself_when_the_task_is_over(store: Store) -> None:
    run = episode(store, Bills(), over=True)
    turn = run.act(tap(run.begin().screen, "Add a bill"))
    assert turn.finished is not None and [s.action.kind for s in turn.finished.trace.steps] == ["tap", "done"]


def test_it_can_be_left_at_any_time(store: Store) -> None:
    run = episode(store, Bills())
    run.stop("not begun")
    run.begin()
    run.stop("no time")
    run.stop("again")
    finished = run.last.finished
    assert finished is not None and finished.trace.outcome is not None
    assert (finished.trace.outcome.claimed, finished.trace.outcome.reason) == ("stopped", "no time")


def test_ctrl_c_while_it_acts_ends_it_and_nothing_late_is_taken_for_an_answer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Bills()
    run = episode(store, app)
    first = run.begin()
    act = app.act

    def interrupted(action: Action) -> Result:
        signal.raise_signal(signal.SIGINT)
        return act(action)

    monkeypatch.setattr(app, "act", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.act(tap(first.screen, "Add a bill"))
    with pytest.raises(UsageError, match="this episode is over"):
        run.act(Done())
    run.stop()
    assert len(app.acts) == 1
    trace = store.load("last")
    assert trace.outcome is not None and trace.outcome.reason == "interrupted while an action was under way"


def test_what_goes_wrong_with_the_run_is_raised_where_it_is_told(store: Store) -> None:
    def work(decider: Decider) -> Finished:
        raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="the disk is full"):
        Episode(work).begin()
