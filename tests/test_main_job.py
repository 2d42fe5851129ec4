"""The main job on the real app, in a real browser: learn from the shipped recordings, play, judge, refuse."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ostinato.errors import CommitRefused, MatchError
from ostinato.house import Finished, House
from ostinato.phone.apps.app import App, get_app
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.replay.experience import Experience
from ostinato.replay.match import match
from ostinato.replay.replayer import Replayer
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


def test_a_choice_counts_as_the_list_writes_it(
    house: House, experience: Experience, phone: ChromiumPhone, app: App
) -> None:
    done = _play(house, phone, app, "Add an expense: Bread, 3.20, paid by bob")
    assert done.trace.status == "done" and done.verdict is not None
    assert done.verdict.value == "yes", done.verdict.reasons


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


def test_the_data_settle_what_became_of_a_doubtful_run(
    house: House, experience: Experience, phone: ChromiumPhone, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = "Add an expense: Rope, 9.90, paid by Carol"
    chosen = match(task, [experience], app.name)

    class Cut(Replayer):
        def decide(self, screen, goal, history):  # type: ignore[no-untyped-def]
            if history and history[-1].risk == "commit":
                raise KeyboardInterrupt
            return super().decide(screen, goal, history)

    def do(words: str, place: str) -> Finished:
        return house.replay(words, phone=phone, app=app, app_name=app.name, approve=lambda a, s: True, place=place)

    house.perform(task, phone=phone, deciders=[Cut(experience, chosen.values)], app=app, app_name=app.name,
                  approve=lambda a, s: True, chosen=chosen, place="here")  # fmt: skip
    with pytest.raises(CommitRefused, match=r"since then bill added.*Rope"):
        do("Add an expense: ROPE, 9.9, paid by Carol", "here")
    app.reset()
    phone.new_episode(login=app.login, start_url=app.url)
    with pytest.raises(CommitRefused, match="it may have happened"):  # what was sent may still be under way
        do(task, "here")
    monkeypatch.setattr("ostinato.house.doubt.SETTLED", -1e6)
    assert do(task, "here").trace.status == "done"
    assert sum("Rope" in row for row in app.data().tables["bill"].rows) == 1


def test_a_task_that_nothing_fits_names_both_ways_out(house: House, experience: Experience) -> None:
    with pytest.raises(MatchError, match="The ways out"):
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


def test_an_amount_that_the_form_refuses_ends_in_a_named_stop(
    house: House, experience: Experience, phone: ChromiumPhone, app: App
) -> None:
    before = app.data()
    done = _play(house, phone, app, "Add an expense: The moon, 9999999999999999999, paid by Bob")
    assert done.trace.status == "stopped"
    assert done.trace.outcome is not None and "step 5" in done.trace.outcome.reason
    assert app.data() == before
    assert done.verdict is not None and done.verdict.value == "no"


def test_an_empty_value_fits_no_experience(house: House, experience: Experience) -> None:
    with pytest.raises(MatchError):
        house.find("Add an expense: Bread, , paid by Bob", "ihatemoney")


def test_ten_thousand_characters_are_saved_exactly_or_not_said_to_be(
    house: House, experience: Experience, phone: ChromiumPhone, app: App
) -> None:
    what = "long " * 1999 + "story"
    before = app.data()
    done = _play(house, phone, app, f"Add an expense: {what}, 7, paid by Bob")
    values = {"what": what, "amount": "7", "payer": "Bob"}
    if done.trace.status == "done":
        assert ADD_EXPENSE.wrong(before, app.data(), values) == []
        assert done.verdict is not None and done.verdict.value == "yes"
    else:
        assert done.trace.outcome is not None and done.trace.outcome.reason
        assert done.verdict is not None and done.verdict.value == "no"


def test_an_app_that_is_slow_to_answer_is_waited_for(
    house: House, experience: Experience, phone: ChromiumPhone, app: App
) -> None:
    def freeze(point: str, step: int) -> None:
        if (point, step) == ("intent", 4):
            for pid in app.pids():
                os.kill(pid, signal.SIGSTOP)
            threading.Timer(2.0, lambda: [os.kill(pid, signal.SIGCONT) for pid in app.pids()]).start()

    house.at = freeze
    done = _play(house, phone, app, "Add an expense: Slow food, 21, paid by Carol")
    assert done.trace.status == "done", done.trace.outcome
    assert done.verdict is not None and done.verdict.value == "yes"
    assert done.trace.cost.seconds > 2.0


@pytest.mark.nightly
def test_two_phones_share_one_store(experience: Experience, house: House, tmp_path: Path) -> None:
    environment = {**os.environ, "OSTINATO_HOME": str(house.settings.home), "OSTINATO_COMMITS": "allow"}
    house.store.close()
    tables = []
    for phone, payer in enumerate(("Bob", "Carol")):
        tables.append(tmp_path / f"{phone}.csv")
        rows = "".join(f"Round {phone} {number},{number + 1},{payer}\n" for number in range(3))
        tables[-1].write_text(f"what,how_much,who_paid\n{rows}", encoding="utf-8")
    template = "Add an expense: {what}, {how_much}, paid by {who_paid}"
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "ostinato", "run", template, "--csv", table, "--app", "ihatemoney", "--json"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for table in tables
    ]  # fmt: skip
    for process in running:
        said, problem = process.communicate(timeout=120)
        assert process.returncode == 0, problem + said
        assert [run["status"] for run in json.loads(said)] == ["done"] * 3
    assert len(house.store.list(status="done", text="Round")) == 6
    assert house.store.rebuild() == 8  # the two recordings too
