"""Ostinato from a Python program: one task, some on one phone, an agent of one's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import psutil
import pytest

import ostinato
from ostinato.agent.decider import Choice
from ostinato.errors import AppError, CommitRefused, FormatError, MatchError, SetupError, UsageError
from ostinato.house import House
from ostinato.phone.apps.app import get_app
from ostinato.settings import load_settings
from ostinato.trace.action import Action, Done, Tap
from ostinato.trace.archive import import_
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Point, Screen

TASK = "Add an expense: {}, paid by Bob"


@pytest.fixture
def taught(ostinato_home: Path) -> House:
    """The experience of the demo, in a home of its own."""
    get_app("ihatemoney").install()
    house = House(load_settings())
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        house.learn(import_(house.store, archive))
    return house


@pytest.fixture
def nothing_left() -> Iterator[None]:
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    yield
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert not psutil.wait_procs(left, timeout=15)[1]


def test_importing_it_takes_nothing_along_and_run_stays_a_function() -> None:
    code = (
        "import sys, ostinato; assert not {'pydantic', 'playwright', 'sqlalchemy', 'typer'} & set(sys.modules);"
        "assert {'run', 'Session', 'open_store', 'Finished', 'Bounds'} <= set(dir(ostinato));"
        "import ostinato.house;"
        "assert callable(ostinato.run) and ostinato.run.__name__ == 'run', ostinato.run;"
        "assert ostinato.Finished.__name__ == 'Finished'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'walk'"):
        _ = ostinato.walk  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "say where"),
        ({"app": "ihatemoney", "url": "http://a.example"}, "say where"),
        ({"app": "ihatemony"}, "Did you mean ihatemoney"),
        ({"url": "http://a.example", "folder": "x"}, "folder keeps the data of a named app"),
        ({"app": "ihatemoney", "agent": "words", "model": True}, "an agent or a model, not both"),
        ({"app": "ihatemoney", "commits": "ask"}, "commits='ask' is 'refuse', 'allow' or a function"),
        ({"app": "ihatemoney", "max_steps": 0}, "max_steps=0 cannot be"),
        ({"app": "ihatemoney", "budget": ostinato.Bounds(calls=0)}, "model_max_calls=0 cannot be"),
        ({"app": "ihatemoney", "phone": "banana"}, "there is no phone 'banana'"),
        ({"app": "com.example", "phone": "android:1", "folder": "x"}, "folder keeps the data of a named app"),
        ({"app": "com.example", "phone": "android:1", "headless": False}, "are for Chromium"),
    ],
)
def test_wrong_use_is_said_at_once(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        ostinato.Session(**given)


@pytest.mark.parametrize(
    ("steps", "budget", "held"),
    [
        (5, None, 5),
        (5, ostinato.Bounds(calls=3), 5),
        (5, ostinato.Bounds(steps=9), 5),
        (9, ostinato.Bounds(steps=5), 5),
        (None, ostinato.Bounds(steps=5), 5),
        (None, ostinato.Bounds(calls=3), 40),
    ],
)
def test_a_budget_lifts_no_other_bound(steps: int | None, budget: ostinato.Bounds | None, held: int) -> None:
    session = ostinato.Session(app="ihatemoney", max_steps=steps, budget=budget)
    assert session.house.settings.max_steps == held
    session.close()


def test_what_is_missing_is_said_before_anything_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="the task is empty"):
        ostinato.run(" ", app="ihatemoney")
    with pytest.raises(MatchError, match="no experience fits"):
        ostinato.run("Sing", app="ihatemoney")
    with pytest.raises(SetupError, match="no model is set"):
        ostinato.run("Sing", app="ihatemoney", replay=False)
    (tmp_path / "login.json").write_text("{}")
    with pytest.raises(FormatError, match="cookies: is missing"):
        ostinato.run("Sing", url="http://a.example", login=tmp_path / "login.json")
    monkeypatch.setenv("OSTINATO_CACHE", str(tmp_path))
    with pytest.raises(AppError, match="ostinato app install ihatemoney"):
        ostinato.run("Sing", app="ihatemoney", agent="words")
    assert ostinato.open_store().ids() == []


@pytest.mark.browser
@pytest.mark.app
def test_tasks_are_done_one_after_the_other_and_nothing_is_printed(
    taught: House, chromium: Path, nothing_left: None, capfd: pytest.CaptureFixture[str]
) -> None:
    seen: list[Step] = []
    asked: list[str] = []

    def may(action: Action, screen: Screen) -> bool:
        asked.append(action.kind)
        return True

    with ostinato.Session(app="ihatemoney", commits=may) as session:
        assert session.phone is None, "nothing is started before it is needed"
        first = session.run(TASK.format("Rope, 3"), watch=seen.append)
        second = session.run(TASK.format("Tea, 2"))
        third = session.run(TASK.format("Soap, 2"), stop=lambda: True)
        assert session.look().text.count("Tea") == 1, "what was done is shown"
        phone = session.phone
    assert first.succeeded and "added" in str(first.verdict and first.verdict.changes) and len(seen) == 6
    assert repr(first).startswith(f"<Finished {first.trace.id}: done, verdict yes, all steps played")
    assert second.succeeded and asked == ["tap", "tap"]
    assert third.trace.status == "stopped" and third.trace.steps == () and "stopped by the program" in repr(third)
    assert phone is not None and session.phone is None
    assert ostinato.open_store().load(first.trace.id).task == TASK.format("Rope, 3")
    assert capfd.readouterr() == ("", "")


@pytest.mark.browser
@pytest.mark.app
def test_a_preference_says_what_the_words_leave_out(taught: House, chromium: Path) -> None:
    with pytest.raises(MatchError):
        ostinato.run("Add an expense: Rope, 3", app="ihatemoney")
    kept = taught.memories.profile.add("who paid", "Bob", "ihatemoney", consent="command")
    done = ostinato.run("Add an expense: Rope, 3", app="ihatemoney", commits="allow")
    assert done.succeeded and done.trace.slots["who_paid"] == "Bob"
    assert done.trace.meta["preferences"] == kept.id and done.told()["preferences"] == [kept.id]


@pytest.mark.browser
@pytest.mark.app
def test_what_may_have_happened_is_not_done_again(taught: House, chromium: Path, tmp_path: Path) -> None:
    place: dict[str, Any] = {"app": "ihatemoney", "folder": tmp_path / "data", "commits": "allow"}

    def cut_off(step: Step) -> None:
        if step.risk == "commit":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ostinato.run(TASK.format("Rope, 3"), watch=cut_off, **place)
    trace = ostinato.open_store().load("last")
    assert trace.status == "interrupted" and trace.outcome is not None and trace.open_commit is not None
    with pytest.raises(CommitRefused, match="Use --again"):
        ostinato.run(TASK.format("Rope, 3"), **place)


class Once:
    """Touches the only button, as an agent of one's own would."""

    name = "once"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice:
        said = Decision(source="model", text=goal)
        if history:
            return Choice(Done(), said)
        button = next(e for e in screen.elements if e.role == "button")
        return Choice(Tap(point=button.box.center, element=button), said)


def test_nobody_is_asked_where_commits_are_refused_or_allowed() -> None:
    tap = Tap(point=Point(x=1, y=1))
    shown = Screen(width=1, height=1, taken=datetime.now(UTC))
    for given, expected in ((None, False), ("refuse", False), ("allow", True), (lambda action, screen: 1, False)):
        session = ostinato.Session(app="ihatemoney", commits=given)  # type: ignore[arg-type]
        assert session.approve(tap, shown) is expected


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.parametrize(
    "agent", [pytest.param(Once, marks=pytest.mark.nightly), lambda: "words"], ids=["own", "words"]
)
def test_an_agent_of_ones_own_decides_alone(agent: Callable[[], Any], chromium: Path, nothing_left: None) -> None:
    get_app("miniwob").install()
    done = ostinato.run("Click the button.", app="miniwob/click-test/1", agent=agent(), commits="allow")
    assert done.trace.status == "done" and done.verdict is None and not done.succeeded
    data = ostinato.open_store().data(done.trace.data.after or "")
    [row] = data.tables["episode"].by_key().values()
    assert row["raw_reward"] == 1.0 and done.trace.agent in ("once", "lexical")
