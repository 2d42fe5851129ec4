"""The main job on the real app, in a real browser: learn from the shipped recordings, play, judge, refuse."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ostinato.errors import CommitRefused, MatchError
from ostinato.phone.apps.app import App, get_app
from ostinato.phone.chromium import ChromiumPhone
from ostinato.replay.experience import Experience
from ostinato.replay.match import match
from ostinato.replay.replayer import Replayer
from ostinato.run import Finished, House
from ostinato.settings import load_settings
from ostinato.suites.ihatemoney import ADD_EXPENSE
from ostinato.trace.archive import import_

pytestmark = [pytest.mark.browser, pytest.mark.app]


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    found = get_app("ihatemoney")
    found.install()
    found.start()
    yield found
    found.stop()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(load_settings().model_copy(update={"home": tmp_path, "step_timeout": 6.0}))


@pytest.fixture
def experience(house: House) -> Experience:
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        return house.learn(import_(house.store, archive))


@pytest.fixture
def phone(house: House, app: App) -> Iterator[ChromiumPhone]:
    app.reset()
    with house.phone(app) as found:
        yield found


def _play(house: House, phone: ChromiumPhone, app: App, task: str, again: bool = False) -> Finished:
    return house.replay(task, phone=phone, app=app, app_name=app.name, approve=lambda a, s: True, again=again)


@pytest.mark.parametrize(
    ("what", "amount", "payer"),
    [
        ("Night train", "127.80", "Dan"),
        ("'; DROP TABLE bill; --", "1", "Alice"),
        ("Sushi 🍣 & 寿司", "0.01", "Bob"),
        ("عشاء في المطعم", "12.5", "Carol"),
        ("{what} of {braces}", "3", "Dan"),
    ],
)
def test_new_values_are_entered_and_the_database_says_so(
    house: House, experience: Experience, phone: ChromiumPhone, app: App, what: str, amount: str, payer: str
) -> None:
    done = _play(house, phone, app, f"Add an expense: {what}, {amount}, paid by {payer}")
    assert done.trace.status == "done", done.trace.outcome
    assert done.verdict is not None and done.verdict.value == "yes", done.verdict.reasons
    before, after = done.trace.data.before, done.trace.data.after
    assert before and after
    values = {"what": what, "amount": amount, "payer": payer}
    assert ADD_EXPENSE.wrong(house.store.data(before), house.store.data(after), values) == []
    assert all(step.before.screenshot for step in done.trace.steps)


def test_a_person_who_is_not_a_choice_stops_the_replay_before_anything_is_sent(
    house: House, experience: Experience, phone: ChromiumPhone, app: App
) -> None:
    before = app.data()
    done = _play(house, phone, app, "Add an expense: Bread, 3.20, paid by Zoe")
    assert done.trace.status == "stopped"
    assert done.trace.outcome is not None and "Zoe" in done.trace.outcome.reason
    assert app.data() == before
    assert done.verdict is not None and done.verdict.value == "no"


def test_without_leave_nothing_irreversible_is_done(
    house: House, experience: Experience, phone: ChromiumPhone, app: App
) -> None:
    before = app.data()
    done = house.replay(
        "Add an expense: Bread, 3.20, paid by Bob", phone=phone, app=app, app_name=app.name, approve=lambda a, s: False
    )
    assert done.trace.status == "stopped"
    assert done.trace.outcome is not None and "--commits" in done.trace.outcome.reason
    assert app.data() == before


def test_a_run_cut_off_after_sending_is_not_repeated(
    house: House, experience: Experience, phone: ChromiumPhone, app: App
) -> None:
    task = "Add an expense: Rope, 9.90, paid by Carol"
    chosen = match(task, [experience], app.name)

    class Cut(Replayer):
        def decide(self, screen, goal, history):  # type: ignore[no-untyped-def]
            if history and history[-1].risk == "commit":
                raise KeyboardInterrupt
            return super().decide(screen, goal, history)

    cut = house.perform(
        task,
        phone=phone,
        deciders=[Cut(experience, chosen.values)],
        app=app,
        app_name=app.name,
        approve=lambda a, s: True,
        chosen=chosen,
    )
    assert cut.trace.status == "interrupted"
    with pytest.raises(CommitRefused, match="again"):
        _play(house, phone, app, task)
    assert sum("Rope" in row for row in app.data().tables["bill"].rows) == 1


def test_a_task_that_nothing_fits_names_both_ways_out(house: House, experience: Experience) -> None:
    with pytest.raises(MatchError, match="Two ways out"):
        house.find("Cancel the expense: Bread, 3.20, paid by Bob", "ihatemoney")


def test_an_expired_login_is_told_apart(house: House, experience: Experience, app: App) -> None:
    before = app.data()
    with house.phone(None, app.url) as stranger:
        done = _play(house, stranger, app, "Add an expense: Bread, 3.20, paid by Bob")
    assert done.trace.status == "stopped"
    assert done.trace.outcome is not None and "the address is like" in done.trace.outcome.reason
    assert app.data() == before


def test_an_app_that_is_down_is_a_clear_error_and_the_trace_is_kept(
    house: House, experience: Experience, tmp_path: Path
) -> None:
    gone = get_app("ihatemoney")
    gone.start(tmp_path / "app")
    with house.phone(gone) as phone:
        chosen = house.find("Add an expense: Bread, 3.20, paid by Bob", "ihatemoney")

        class Stopping(Replayer):
            def decide(self, screen, goal, history):  # type: ignore[no-untyped-def]
                if len(history) == 4:
                    gone.stop()
                return super().decide(screen, goal, history)

        done = house.perform(
            chosen.experience.templates[0],
            phone=phone,
            deciders=[Stopping(experience, chosen.values)],
            app=None,
            app_name="ihatemoney",
            approve=lambda a, s: True,
        )
    assert done.trace.status in ("stopped", "failed")
    assert done.trace.open_commit is not None
    assert house.store.load(done.trace.id).steps[-1].risk == "commit"
