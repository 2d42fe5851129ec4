"""Kinds of slots: what may be bound to them, and how it is entered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bills import BREAD, MUSEUM, TASK, Recorder, adding
from hypothesis import given
from hypothesis import strategies as st
from screens import element, screen

from ostinato.agent.script import Do, on
from ostinato.errors import MatchError
from ostinato.judge.change import Expectation, compare
from ostinato.replay.experience import Experience, Slot
from ostinato.replay.kinds import takes, to_enter
from ostinato.replay.learn import learn
from ostinato.replay.match import match
from ostinato.replay.repository import read
from ostinato.trace.action import Type
from ostinato.trace.data import AppData, Table
from ostinato.trace.moments import rewritten
from ostinato.trace.record import Trace
from ostinato.trace.screen import Screen


def kinds(made: Experience) -> dict[str, str]:
    return {slot.name: slot.kind for slot in made.slots}


def test_a_field_for_amounts_takes_money_and_one_that_asks_who_a_person_of_its_list(recorder: Recorder) -> None:
    made = learn([recorder(TASK.format(**v), adding(v)) for v in (BREAD, MUSEUM)], recorder.data)
    assert kinds(made) == {"what": "text", "how_much": "money", "payer": "person"}
    assert made.slot("payer").options == ("Alice", "Bob", "Carol", "דנה")


def test_a_list_that_asks_nothing_of_people_takes_a_choice(recorder: Recorder) -> None:
    def coloured(trace: Trace) -> Trace:
        def painted(seen: Screen) -> Screen:
            named = (e.model_copy(update={"name": "Colour"}) if e.name == "Payer" else e for e in seen.elements)
            return seen.model_copy(update={"elements": tuple(named)})

        steps = [s.model_copy(update={"before": painted(s.before)}) for s in trace.steps]
        chosen = next(n for n, s in enumerate(steps) if s.action.kind == "select")
        target = next(e for e in steps[chosen].before.elements if e.name == "Colour")
        action = steps[chosen].action.model_copy(update={"element": target})
        steps[chosen] = steps[chosen].model_copy(update={"action": action})
        return trace.model_copy(update={"steps": tuple(steps)})

    made = learn([coloured(recorder(TASK.format(**v), adding(v))) for v in (BREAD, MUSEUM)], recorder.data)
    assert kinds(made)["colour"] == "choice"


def test_of_two_readings_the_one_that_chooses_what_the_list_has_is_taken(recorder: Recorder) -> None:
    task = "Note {what} of {payer}: {amount}"
    made = learn([recorder(task.format(**v), adding(v)) for v in (BREAD, MUSEUM)], recorder.data)
    found = match("Note A loaf of bread of Bob: 3", [made], "bills")
    assert (found.values["what"], found.values["payer"]) == ("A loaf of bread", "Bob")


# ---------------------------------------------------------------------------------------------- money
@pytest.mark.parametrize(
    ("value", "fits"), [("12", True), ("€12", True), ("12 EUR", False), ("$12", False), ("twelve", True)]
)
def test_money_takes_no_currency_that_it_does_not_know(value: str, fits: bool) -> None:
    slot = Slot(name="amount", kind="money", examples=("€3.20", "€4"), options=("€",))
    assert takes(slot, value) == fits
    assert takes(slot.model_copy(update={"options": ()}), value) == (value in ("12", "twelve"))


def test_a_task_with_another_currency_is_not_matched(recorder: Recorder) -> None:
    made = learn([recorder(TASK.format(**v), adding(v)) for v in (BREAD, MUSEUM)], recorder.data)
    assert match("Add a bill: Tea, 4.10, paid by Bob", [made], "bills").values["how_much"] == "4.10"
    for amount in ("$4.10", "4.10 USD"):
        with pytest.raises(MatchError):
            match(f"Add a bill: Tea, {amount}, paid by Bob", [made], "bills")


# ---------------------------------------------------------------------------------------------- writings
def dated(recorder: Recorder, said: str, typed: str) -> Trace:
    """A recording that types a date into the first field."""
    script: list[Do] = [
        on("tap", "link", "Add a bill"),
        on("type", "textbox", "What?", text=typed),
        on("tap", "button", "Save"),
    ]
    return recorder(f"Open the books for {said}", script)


@given(st.dates(), st.sampled_from(["3 May 2026", "May 3, 2026", "3.5.2026", "2026-05-03"]))
def test_a_date_is_entered_in_the_writing_of_the_recordings(day: object, said: str) -> None:
    recorder = Recorder()
    pair = [("3 May 2026", "03.05.2026"), ("May 30, 2027", "30.05.2027")]
    made = learn([dated(recorder, *one) for one in pair], recorder.data)
    [slot] = made.slots
    assert slot.kind == "date" and made.nodes[1].written == "03.05.2026"
    wanted = rewritten(str(day), said)
    found = match(f"Open the books for {wanted}", [made], "bills")
    assert found.values == {slot.name: wanted}
    typed = to_enter(wanted, made.nodes[1].text or "", made.nodes[1].written, made.slots)
    assert typed == rewritten(str(day), "03.05.2026")


def test_a_day_that_the_app_keeps_in_another_writing_is_judged_as_that_day() -> None:
    row = {"id": 1, "when": "2026-05-03"}
    tables = [{"note": Table(columns=tuple(row), key=("id",), rows=rows)} for rows in ((), (tuple(row.values()),))]
    before, after = (AppData(app="x", tables=found) for found in tables)
    expected = (Expectation(table="note", operation="added", cells={"when": "{when}"}),)
    assert compare(before, after, expected, {"when": "May 3, 2026"})[0] == "true"
    assert compare(before, after, expected, {"when": "May 4, 2026"})[0] == "false"


def test_what_was_learnt_before_writings_were_kept_is_entered_as_its_examples_are() -> None:
    old = Slot(name="when", kind="date", examples=("2026-01-31", "2026-02-01"))
    assert to_enter("3 May 2026", "{when}", None, [old]) == "2026-05-03"
    assert to_enter("on 3 May 2026", "on {when}", None, [old]) == "on 3 May 2026"


def test_a_replay_types_the_date_as_the_app_wants_it_and_judges_it_as_the_same_day(recorder: Recorder) -> None:
    from ostinato.agent.decider import Choice
    from ostinato.judge.evidence import Evidence, evaluate_all
    from ostinato.replay.replayer import Replayer

    pair = [("3 May 2026", "2026-05-03"), ("May 30, 2027", "2027-05-30")]
    made = learn([dated(recorder, *one) for one in pair], recorder.data)
    values = {made.slots[0].name: "1.6.2028"}
    form = screen(
        element("heading", "New bill", "main/heading"), element("form", "", "main/form"),
        element("textbox", "What?", "main/form/textbox", value="", editable=True),
        element("button", "Save", "main/form/button", submits=True), url="http://here:5000/bills/new",
    )  # fmt: skip
    said = Replayer(made, values)._play(made.nodes[1], form)
    assert isinstance(said, Choice) and isinstance(said.action, Type) and said.action.text == "2028-06-01"
    filled = [e.model_copy(update={"value": "2028-06-01"}) if e.name == "What?" else e for e in form.elements]
    after = form.model_copy(update={"elements": tuple(filled)})
    assert all(c.value == "true" for c in evaluate_all(made.nodes[1].post, Evidence(after=after, values=values)))


def test_an_experience_of_before_opens_and_says_the_same(tmp_path: Path, recorder: Recorder) -> None:
    made = learn([recorder(TASK.format(**v), adding(v)) for v in (BREAD, MUSEUM)], recorder.data)
    body = json.loads(made.model_dump_json())
    for node in body["nodes"]:
        del node["written"]
    for slot, kind in zip(body["slots"], ("text", "number", "text"), strict=True):
        slot["kind"] = kind
        del slot["options"]
    path = tmp_path / "old.v1.json"
    path.write_text(json.dumps(body))
    old = read(path)
    assert match("Add a bill: Tea, 4.10, paid by Bob", [old], "bills").values["how_much"] == "4.10"
