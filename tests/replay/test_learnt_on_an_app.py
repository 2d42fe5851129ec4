"""What is learnt from recordings of a real app is played there with other values, and its data tell what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ostinato.agent.script import Do, ScriptDecider
from ostinato.house import Finished, House
from ostinato.phone.apps.app import App, get_app
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.replay.experience import Experience
from ostinato.replay.match import match
from ostinato.settings import load_settings
from ostinato.suites.ihatemoney_steps import (
    CLOSE,
    SUBMIT,
    add,
    add_person,
    delete,
    edit,
    open_form,
    set_amount,
    set_date,
    set_ower,
    set_payer,
    set_what,
)
from ostinato.suites.truth import Difference, differences
from ostinato.trace.record import Trace


class Desk:
    """The app on a phone, to record on and to play on, each time as it was installed."""

    def __init__(self, rooms: House, app: App, phone: ChromiumPhone) -> None:
        self.rooms, self.app, self.phone = rooms, app, phone

    def fresh(self, *first: Do) -> None:
        self.app.reset()
        self._begin()
        if first:
            self._record("first", first)
            self._begin()

    def _begin(self) -> None:
        self.phone.new_episode(login=self.app.login, start_url=self.app.url, init_script=self.app.init_script)

    def record(self, task: str, steps: Sequence[Do], *first: Do) -> Trace:
        self.fresh(*first)
        return self._record(task, steps)

    def _record(self, task: str, steps: Sequence[Do]) -> Trace:
        done = self.rooms.perform(
            task, phone=self.phone, deciders=[ScriptDecider(steps)], app=self.app, app_name="ihatemoney",
            approve=lambda action, screen: True,
        )  # fmt: skip
        assert done.trace.status == "done", done.trace.outcome
        return done.trace

    def play(self, task: str, learnt: Experience, *first: Do) -> Finished:
        self.fresh(*first)
        chosen = match(task, [learnt.model_copy(update={"status": "verified"})], "ihatemoney")
        return self.rooms.replay(
            task, phone=self.phone, app=self.app, app_name="ihatemoney", approve=lambda action, screen: True,
            chosen=chosen,
        )  # fmt: skip

    def made(self, done: Finished) -> list[Difference]:
        kept = done.trace.data
        return differences(self.rooms.store.data(kept.before or ""), self.rooms.store.data(kept.after or ""))


@pytest.fixture(scope="module")
def desk(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    rooms = House(load_settings().model_copy(update={"home": tmp_path_factory.mktemp("learnt") / "home"}))
    get_app("ihatemoney", rooms.settings.cache).install()
    with rooms.app("ihatemoney") as app, rooms.phone(app) as phone:
        yield Desk(rooms, app, phone)
    rooms.store.close()


def paying(what: str, amount: str, payer: str, date: str) -> list[Do]:
    return [open_form(), set_what(what), set_date(date), set_payer(payer), set_amount(amount), SUBMIT]


def test_one_recording_is_played_with_other_values_and_a_date_in_another_writing(desk: Desk) -> None:
    task = 'Note that {} paid {} for "{}" on {}'
    shown = desk.record(
        task.format("Bob", "17.48", "Tea cups", "12 January 2025"), paying("Tea cups", "17.48", "Bob", "2025-01-12")
    )
    learnt = desk.rooms.learn([shown.id])
    assert learnt.status == "candidate"
    assert {s.kind for s in learnt.slots} == {"text", "date", "person", "money"}
    done = desk.play(task.format("Carol", "3.20", "Café au lait", "May 3, 2025"), learnt)
    assert done.trace.status == "done" and done.verdict is not None and done.verdict.value == "yes"
    [row] = desk.made(done)
    assert row.operation == "added"
    assert (row.row["what"], row.row["amount"], row.row["payer"]) == ("Café au lait", 3.2, "Carol")
    assert row.row["date"] == "2025-05-03"


@pytest.mark.nightly
def test_the_cheapest_is_deleted_whichever_it_is_and_a_tie_is_handed_over(desk: Desk) -> None:
    task = "Delete the cheapest expense"
    gum = add({"what": "Gum", "amount": "1.10", "payer": "Dan"})
    pair = [desk.record(task, delete("Cleaning supplies")), desk.record(task, delete("Gum"), *gum)]
    learnt = desk.rooms.learn([trace.id for trace in pair])
    assert [one.reason for one in learnt.held_out] == ["", ""]
    pen = add({"what": "Pen", "amount": "0.90", "payer": "Bob"})
    done = desk.play(task, learnt, *pen)
    assert done.verdict is not None and done.verdict.value == "yes"
    assert [(d.operation, d.row["what"]) for d in desk.made(done)] == [("removed", "Pen")]
    tie = desk.play(task, learnt, *add({"what": "Pen", "amount": "12.40", "payer": "Bob"}))
    assert tie.trace.status == "stopped" and desk.made(tie) == []
    assert tie.trace.outcome is not None and "more than one row has the lowest value" in tie.trace.outcome.reason


def each(*scripts: Sequence[Do], between: Sequence[Do] = ()) -> list[Do]:
    """One script after the other."""
    steps = [step for script in scripts for step in (*script, *between)]
    return steps[: len(steps) - len(between)]


def learnt_of(desk: Desk, *shown: tuple[str, list[Do]]) -> Experience:
    found = desk.rooms.learn([desk.record(task, steps).id for task, steps in shown])
    assert found.loops and [one.reason for one in found.held_out] == ["", ""]
    return found


def test_as_many_people_are_added_as_the_task_lists(desk: Desk) -> None:
    learnt = learnt_of(
        desk,
        ("Add the people Eva and Farid", each(add_person("Eva"), add_person("Farid"))),
        ("Add the people Grace, Hugo and Ines", each(*map(add_person, ("Grace", "Hugo", "Ines")))),
    )
    done = desk.play("Add the people Jonas, Kofi, “Lena and Mei” and Nils", learnt)
    assert done.verdict is not None and done.verdict.value == "yes"
    assert [d.row["name"] for d in desk.made(done)] == ["Jonas", "Kofi", "Lena and Mei", "Nils"]


@pytest.mark.nightly
def test_several_expenses_each_with_its_amount_are_added(desk: Desk) -> None:
    def bills(payer: str, *pairs: tuple[str, str]) -> list[Do]:
        return each(*(add({"what": w, "amount": a, "payer": payer}) for w, a in pairs), between=[CLOSE])

    learnt = learnt_of(
        desk,
        ("Add the expenses Milk for 3.20 and Taxi for 14.50, paid by Bob",
         bills("Bob", ("Milk", "3.20"), ("Taxi", "14.50"))),
        ("Add the expenses Wine for 9.90, Soap for 2 and Ferry for 31, paid by Dan",
         bills("Dan", ("Wine", "9.90"), ("Soap", "2"), ("Ferry", "31"))),
    )  # fmt: skip
    done = desk.play("Add the expenses Petrol for 40.10, Cinema for 12 and Flowers for 7.35, paid by Carol", learnt)
    assert done.verdict is not None and done.verdict.value == "yes"
    assert [(d.row["what"], d.row["amount"], d.row["payer"]) for d in desk.made(done)] == [
        ("Petrol", 40.1, "Carol"), ("Cinema", 12.0, "Carol"), ("Flowers", 7.35, "Carol")
    ]  # fmt: skip


@pytest.mark.nightly
def test_several_people_are_left_out_of_one_expense(desk: Desk) -> None:
    def without(bill: str, *names: str) -> tuple[str, list[Do]]:
        return f"Leave {' and '.join(names)} out of {bill}", [edit(bill), *map(set_ower, names), SUBMIT]

    learnt = learnt_of(desk, without("Electricity", "Bob", "Carol"), without("Internet", "Dan", "Carol"))
    done = desk.play("Leave Bob and Dan out of Cleaning supplies", learnt)
    assert done.verdict is not None and done.verdict.value == "yes"
    assert [(d.row["what"], d.row["owers"]) for d in desk.made(done)] == [("Cleaning supplies", "Alice, Carol")]


@pytest.mark.nightly
def test_all_expenses_are_deleted_however_many_there_are(desk: Desk) -> None:
    bills = ["Cleaning supplies", "Internet", "Electricity"]
    gum = add({"what": "Gum", "amount": "1.10", "payer": "Dan"})
    task = "Delete all expenses"
    pair = [desk.record(task, each(*map(delete, bills))), desk.record(task, each(*map(delete, ["Gum", *bills])), *gum)]
    learnt = desk.rooms.learn([trace.id for trace in pair])
    assert [one.reason for one in learnt.held_out] == ["", ""]
    pen, pin = (add({"what": what, "amount": "0.90", "payer": "Bob"}) for what in ("Pen", "Pin"))
    done = desk.play(task, learnt, *each(pen, pin, between=[CLOSE]))
    assert done.verdict is not None and done.verdict.value == "yes"
    assert {d.row["what"] for d in desk.made(done)} == {*bills, "Pen", "Pin"}
