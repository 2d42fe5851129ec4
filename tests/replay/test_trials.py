"""What an experience is tried with, and what a try shows: only runs that were right on a reset app prove anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bills import Books, Recorder, adding, as_if
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import UsageError
from ostinato.house import House, expectation
from ostinato.house.verification import Verification, verify
from ostinato.judge.check import Exists
from ostinato.replay.experience import Experience, Node, Slot
from ostinato.replay.learn import learn
from ostinato.replay.trials import trials
from ostinato.settings import Settings
from ostinato.trace.locator import Locator
from ostinato.trace.values import as_number, slots_in

TEMPLATE = "Add a bill: {what}, {amount}, paid by {payer}"
EVERY = (("Tea", "3", "Bob"), ("Jam", "4.50", "Alice"))


@pytest.fixture(scope="module")
def learnt() -> Experience:
    recorder = Recorder()
    traces = []
    for what, amount, payer in EVERY:
        values = {"what": what, "amount": amount, "payer": payer}
        traces.append(recorder(TEMPLATE.format(**values), adding(values)))
    return learn(traces, recorder.data)


@pytest.fixture(autouse=True)
def an_app_that_writes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectation, "DATA_TIMEOUT", 0.3)
    monkeypatch.setattr(expectation, "STEADY", 0.02)


# -------------------------------------------------------------------------------------------------- values
def test_what_is_only_typed_is_mixed_and_what_is_chosen_stays_with_its_recording(learnt: Experience) -> None:
    names = slots_in(learnt.templates[0])
    tried = [tuple(values[name] for name in names) for values in trials(learnt, 5)]
    assert tried == [
        ("Tea", "3", "Bob"),
        ("Jam", "4.50", "Bob"),
        ("Jam", "4.50", "Alice"),
        ("Tea", "3", "Alice"),
        ("Tea", "3", "Bob"),
    ]


def test_of_one_recording_another_number_is_tried(learnt: Experience) -> None:
    once = learnt.model_copy(
        update={"slots": tuple(s.model_copy(update={"examples": s.examples[:1]}) for s in learnt.slots)}
    )
    names = slots_in(learnt.templates[0])
    assert [[values[name] for name in names] for values in trials(once, 2)] == [
        ["Tea", "3", "Bob"],
        ["Tea", "4", "Bob"],
    ]


def test_a_value_that_names_a_row_is_never_mixed() -> None:
    row = Locator(role="button", name="Delete {what}")
    typed = Node(index=0, kind="type", target=Locator(role="textbox", name="?"), text="{what} {amount}")
    pressed = Node(index=1, kind="tap", target=row)
    slots = (
        Slot(name="what", kind="text", examples=("a", "b")),
        Slot(name="amount", kind="text", examples=("1", "2")),
    )
    known = experience(slots, (typed, pressed))
    assert trials(known, 4) == [
        {"what": "a", "amount": "1"},
        {"what": "a", "amount": "2"},
        {"what": "b", "amount": "2"},
        {"what": "b", "amount": "1"},
    ]
    assert trials(experience((Slot(name="what", kind="text"),), ()), 2) == [], "there is no example"
    assert trials(experience((), ()), 2) == [{}, {}]


@given(
    st.lists(st.tuples(st.text(min_size=1), st.from_regex(r"[0-9]{1,3}([.,][0-9]{2})?", fullmatch=True)), min_size=1)
)
def test_every_trial_has_a_value_for_every_slot_and_a_number_stays_one(rows: list[tuple[str, str]]) -> None:
    slots = tuple(
        Slot(name=name, kind=kind, examples=tuple(values))  # type: ignore[arg-type]
        for name, kind, values in zip(("what", "amount"), ("text", "number"), zip(*rows, strict=True), strict=True)
    )
    field = Locator(role="textbox", name="?")
    known = experience(slots, (Node(index=0, kind="type", target=field, text="{what}{amount}"),))
    found = trials(known, 6)
    assert found[0] == dict(zip(("what", "amount"), rows[0], strict=True)) and len(found) == 6
    for values in found:
        assert values["what"] in slots[0].examples and as_number(values["amount"]) is not None


def experience(slots: tuple[Slot, ...], nodes: tuple[Node, ...]) -> Experience:
    from bills import NOW

    return Experience(id="aa", app="bills", templates=("x",), slots=slots, nodes=nodes, learnt=NOW)


# -------------------------------------------------------------------------------------------------- runs
def tried(home: Path, known: Experience, books: Books | None = None, **more: Any) -> tuple[House, Verification, Books]:
    house, app = House(Settings(home=home, step_timeout=0.02)), books or Books()
    saved = house.repository.save(known)
    found = verify(
        house, house.repository.get(f"{saved.id}.v{saved.version}"), phone=app, app=app, app_name="bills",  # type: ignore[arg-type]
        approve=lambda *_: True, **more,
    )  # fmt: skip
    house.store.close()
    return house, found, app


def candidate(known: Experience, **more: Any) -> Experience:
    return known.model_copy(update={"status": "candidate", **more})


def test_a_candidate_that_is_right_each_time_on_a_reset_app_is_used_from_then_on(
    learnt: Experience, tmp_path: Path
) -> None:
    house, found, app = tried(tmp_path, candidate(learnt), times=3)
    assert found.verified and app.resets == 2 and [row[1] for row in app.rows] == ["Rent", "Jam"]
    [used] = house.repository.newest()
    assert used.status == "verified" and house.repository.standing is not None
    assert [c.reason for c in house.repository.standing.changes(used.id)] == ["3 clean runs on bills"]
    assert house.repository.standing.played() == {}, "trials are no use of it"


@pytest.mark.parametrize(
    ("books", "said"),
    [
        (Books(enter=lambda text: text.replace("3", "33")), "3"),
        (Books(enter=lambda text: text.replace("3", "33"), spoil=as_if("33", "3")), "judged no"),
        (Books(saves=False), "0 of 1"),
        (Books(says=None), "is shown"),
        (Books(spoil=lambda seen: seen.model_copy(update={"elements": seen.elements[:1]})), "is not on the screen"),
    ],
    ids=["typed otherwise", "shown right and stored wrong", "nothing stored", "no sign of the end", "nothing there"],
)
def test_one_run_that_is_not_clean_keeps_it_a_candidate_and_says_why(
    learnt: Experience, tmp_path: Path, books: Books, said: str
) -> None:
    house, found, _ = tried(tmp_path, candidate(learnt), books)
    assert not found.verified and len(found.trials) == 1 and said in " ".join(found.trials[0].problems)
    assert [one.status for one in house.repository.latest()] == ["candidate"] and house.repository.newest() == []


def test_to_change_data_without_saying_so_is_not_clean(learnt: Experience, tmp_path: Path) -> None:
    _, found, _ = tried(tmp_path, candidate(learnt, data=None))
    assert not found.verified and "does not say so: bill added" in found.trials[0].problems[0]


def test_what_nothing_can_judge_is_not_tried(learnt: Experience, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="knows no sign of the end"):
        tried(tmp_path, candidate(learnt, data=None, success=()))
    slots = tuple(slot.model_copy(update={"examples": ()}) for slot in learnt.slots)
    with pytest.raises(UsageError, match="no example"):
        tried(tmp_path, candidate(learnt, slots=slots))


def test_what_was_learnt_can_be_verified_too_and_a_quarantine_is_not_ended_by_that(
    learnt: Experience, tmp_path: Path
) -> None:
    house, found, _ = tried(tmp_path, learnt)
    assert found.verified and house.repository.newest()[0].status == "verified"
    assert house.repository.standing is not None
    house.repository.standing.put(learnt.id, 1, "quarantined", "x")
    house, found, _ = tried(tmp_path, learnt)
    assert found.verified and house.repository.get(learnt.id).status == "quarantined"


def test_a_sign_that_never_comes_is_named(learnt: Experience, tmp_path: Path) -> None:
    never = Exists(target=Locator(role="heading", name="Never"))
    _, found, _ = tried(tmp_path, candidate(learnt, success=(*learnt.success, never)))
    assert any("Never" in problem for problem in found.trials[0].problems)
