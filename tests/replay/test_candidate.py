"""What one recording teaches: slots that its task says, a candidate, and no check of what passes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from bills import BREAD, MUSEUM, TASK, Bills, Recorder, adding
from hypothesis import assume, given
from hypothesis import strategies as st
from screens import element, row, screen

from ostinato.agent.script import Do, on
from ostinato.errors import LearnError
from ostinato.judge.change import compare
from ostinato.judge.check import CheckedIs, TextHas, UrlLike, ValueEquals
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn, learn_once
from ostinato.trace.action import Tap
from ostinato.trace.proposal import chosen_among, telling_cells
from ostinato.trace.record import Trace
from ostinato.trace.screen import Element, Point, Screen


def candidate(recorder: Recorder, task: str, script: list[Do], app: Bills | None = None) -> Experience:
    return learn([recorder(task, script, app)], recorder.data)


def test_one_recording_teaches_what_two_do_as_a_candidate(recorder: Recorder) -> None:
    pair = [recorder(TASK.format(**values), adding(values)) for values in (BREAD, MUSEUM)]
    one, two = learn(pair[:1], recorder.data), learn(pair, recorder.data)
    assert one.status == "candidate" and two.status == "learnt"
    assert one.templates == two.templates
    assert [(s.name, s.kind) for s in one.slots] == [(s.name, s.kind) for s in two.slots]
    assert [(n.kind, n.text, n.risk, n.primitive) for n in one.nodes] == [
        (n.kind, n.text, n.risk, n.primitive) for n in two.nodes
    ]
    assert one.data == two.data is not None


word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9)


@given(word, word, st.decimals(1, 999, places=2).map(str), st.sampled_from(["Alice", "Carol", "דנה"]))
def test_what_is_learnt_from_one_judges_another_run_as_two_would(one: str, other: str, amount: str, payer: str) -> None:
    assume(not {one, other} & {"add", "bill", "paid", "and", "the"} and one != other)
    recorder = Recorder()
    task = "Add a bill: {what}, {amount}, paid by {payer}"
    first = {"what": one, "amount": "7.10", "payer": "Bob"}
    made = candidate(recorder, task.format(**first), adding(first))
    assert made.templates == ("Add a bill: {what}, {how_much}, paid by {payer}",)
    second = {"what": other, "amount": amount, "payer": payer}
    run = recorder(task.format(**second), adding(second))
    assert made.data is not None
    values = {"what": other, "how_much": amount, "payer": payer}
    before, after = recorder.data(run.data.before or ""), recorder.data(run.data.after or "")
    assert compare(before, after, made.data, values)[0] == "true"
    assert compare(before, after, made.data, {**values, "what": one})[0] == "false"


def test_the_row_is_named_by_what_is_its_own_and_not_by_what_every_row_has(recorder: Recorder) -> None:
    app = Bills([(1, "Rent", "900.00", "Alice", True), (2, "Tea", "3.20", "Bob", True)])
    made = candidate(recorder, "Delete the bill Tea", [on("tap", "button", "Delete", row="Tea")], app)
    assert made.templates == ("Delete the bill {item}",)
    target = made.nodes[0].target
    assert target is not None and target.container is not None and target.container.texts == ("{item}",)
    assert made.data is not None and made.data[0].cells == {"what": "{item}"}


def test_in_a_list_of_one_row_the_words_name_it_and_the_controls_do_not(recorder: Recorder) -> None:
    made = candidate(recorder, "Delete the bill Rent", [on("tap", "button", "Delete", row="Rent")])
    assert made.templates == ("Delete the bill {item}",)


def touching(*elements: Element, at: int) -> Trace:
    shown = screen(*elements)
    trace = Recorder()("Delete the bill Rent", [on("tap", "button", "Delete", row="Rent")])
    action = Tap(point=Point(x=1, y=1), element=shown.elements[at])
    return trace.model_copy(update={"steps": (trace.steps[0].model_copy(update={"before": shown, "action": action}),)})


@pytest.mark.parametrize(
    ("names", "told"),
    [(("Dark mode", "Sounds"), "Dark mode"), (("Dark mode",), None), (("Dark mode", "Dark mode"), None)],
)
def test_a_choice_is_one_of_several_that_are_called_otherwise(names: Sequence[str], told: str | None) -> None:
    boxes = [element("checkbox", name, f"main/checkbox[{n}]") for n, name in enumerate(names, start=1)]
    found = chosen_among(touching(*boxes, at=0).steps[0])
    assert (found.name if found else None) == told


def test_the_cells_that_tell_a_row_are_those_that_others_have_not() -> None:
    rows = [*row(1, "Rent", "Alice", control="edit"), *row(2, "Tea", "Alice", control="edit")]
    step = touching(*rows, at=len(rows) - 1).steps[0]
    assert [cell.name for cell in telling_cells(step)] == ["Tea"]


# ---------------------------------------------------------------------------------------------- what passes
def test_an_address_and_an_id_with_numbers_are_not_asked_again(recorder: Recorder) -> None:
    def numbered(seen: Screen) -> Screen:
        named = tuple(e.model_copy(update={"id": "what-81"}) if e.name == "What?" else e for e in seen.elements)
        url = (seen.url or "") + "/c81/Bread"
        return seen.model_copy(update={"elements": named, "url": url})

    made = candidate(recorder, TASK.format(**BREAD), adding(BREAD), Bills(spoil=numbered))
    asked = {c.pattern for node in made.nodes for c in (*node.pre, *node.post) if isinstance(c, UrlLike)}
    assert asked == {"/bills/*/*", "/bills/new/*/*"}
    assert made.nodes[1].target is not None and made.nodes[1].target.id is None
    once = learn_once(recorder(TASK.format(**BREAD), adding(BREAD), Bills(spoil=numbered)), recorder.data)
    assert once.nodes[1].target is not None and once.nodes[1].target.id == "what-81"


def test_a_field_that_changes_by_itself_is_not_asked_before_a_commit(recorder: Recorder) -> None:
    looks = iter(range(100))

    def ticking(seen: Screen) -> Screen:
        if all(e.name != "Save" for e in seen.elements):
            return seen
        clock = element("textbox", "Mood", "main/form/textbox[9]", value="xyz"[next(looks) % 3], editable=True)
        still = element("textbox", "Note", "main/form/textbox[8]", value="none", editable=True)
        return seen.model_copy(update={"elements": (*seen.elements, clock, still)})

    made = candidate(recorder, TASK.format(**BREAD), adding(BREAD), Bills(spoil=ticking))
    held = {c.target.name: c.value for c in made.nodes[-1].commit if isinstance(c, ValueEquals)}
    assert held["Note"] == "none" and "Mood" not in held
    assert any(isinstance(c, CheckedIs) and c.target.name == "Shared" for c in made.nodes[-1].commit)


def test_a_sign_that_tells_a_time_is_none(recorder: Recorder) -> None:
    made = candidate(recorder, TASK.format(**BREAD), adding(BREAD), Bills(says="Saved a moment ago"))
    assert not any(isinstance(c, TextHas) and "ago" in c.text for c in (*made.success, *made.nodes[-1].post))
    plain = candidate(recorder, TASK.format(**BREAD), adding(BREAD))
    assert TextHas(text="The bill was added") in (*plain.success, *plain.nodes[-1].post)


# ---------------------------------------------------------------------------------------------- not to be learnt
def test_words_that_hold_braces_of_their_own_are_refused(recorder: Recorder) -> None:
    with pytest.raises(LearnError, match="hold braces"):
        candidate(recorder, TASK.format(**BREAD) + " for {who}", adding(BREAD))


def test_a_value_that_the_task_says_twice_is_to_be_said_twice_again(recorder: Recorder) -> None:
    made = candidate(recorder, "Add Bread: 3.20, paid by Bob, who bakes Bread", adding(BREAD))
    assert made.templates == ("Add {what}: {how_much}, paid by {payer}, who bakes {what}",)


def test_what_was_typed_and_not_said_stays_as_it_was(recorder: Recorder) -> None:
    made = candidate(recorder, "Add the usual bread, 3.20", adding({**BREAD, "what": "Rye"}))
    assert made.templates == ("Add the usual bread, {how_much}",)
    assert [n.text for n in made.nodes] == [None, "Rye", "{how_much}", "Bob", None]
    assert made.data is not None and made.data[0].cells["what"] == "Rye"
