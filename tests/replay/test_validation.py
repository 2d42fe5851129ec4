"""Leave one out: what the others teach does the one that was left out, or the reason is said."""

from __future__ import annotations

import pytest
from bills import BREAD, MUSEUM, TASK, TAXI, Bills, Recorder, adding, recordings
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from screens import element

from ostinato.agent.script import on
from ostinato.errors import LearnError
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.replay.validation import why_not_done
from ostinato.trace.action import Tap, Type
from ostinato.trace.record import Trace
from ostinato.trace.screen import Screen


@pytest.fixture
def made(recorder: Recorder) -> Experience:
    return learn(recordings(recorder, BREAD, MUSEUM), recorder.data)


def test_recordings_that_do_the_same_are_all_done_by_what_the_others_teach(recorder: Recorder) -> None:
    made = learn(traces := recordings(recorder, BREAD, MUSEUM, TAXI), recorder.data)
    assert [(one.recording, one.reason) for one in made.held_out] == [(trace.id, "") for trace in traces]


def test_one_recording_is_not_held_out(recorder: Recorder) -> None:
    assert learn(recordings(recorder, BREAD), recorder.data).held_out == ()


word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9)
bill = st.fixed_dictionaries(
    {
        "what": word,
        "amount": st.decimals(1, 999, places=2).map(str),
        "payer": st.sampled_from(["Bob", "Alice", "Carol"]),
    }
)


@settings(max_examples=12)
@given(bill, bill, bill)
def test_any_other_recording_would_be_done(one: dict[str, str], two: dict[str, str], three: dict[str, str]) -> None:
    assume(all(one[key] != two[key] for key in one))
    assume(not {one["what"], two["what"], three["what"]} & {"add", "bill", "paid"})
    recorder = Recorder()
    made = learn(recordings(recorder, one, two), recorder.data)
    assert why_not_done(made, recordings(recorder, three)[0], recorder.data) == ""


def test_a_recording_that_entered_something_else_than_its_task_says_is_not_done(
    made: Experience, recorder: Recorder
) -> None:
    other = recorder(TASK.format(**TAXI), adding(TAXI | {"amount": "24"}))
    assert "it would enter “42”" in why_not_done(made, other, recorder.data)


def test_a_recording_that_touched_something_else_is_not_done(made: Experience, recorder: Recorder) -> None:
    trace = recordings(recorder, TAXI)[0]
    seen = trace.steps[1].before
    wrong = next(e for e in seen.elements if e.name == "How much?")
    action = trace.steps[1].action
    assert isinstance(action, Type)
    steps = list(trace.steps)
    steps[1] = steps[1].model_copy(update={"action": action.model_copy(update={"element": wrong})})
    reason = why_not_done(made, trace.model_copy(update={"steps": tuple(steps)}), recorder.data)
    assert "step 3" in reason and "textbox “What?” is another element" in reason


def test_a_recording_whose_screens_say_otherwise_is_not_done(made: Experience, recorder: Recorder) -> None:
    quiet = recorder(TASK.format(**TAXI), adding(TAXI), Bills(says="Something went wrong"))
    assert "“The bill was added” is shown" in why_not_done(made, quiet, recorder.data)
    lost = recorder(TASK.format(**TAXI), adding(TAXI), Bills(saves=False))
    assert why_not_done(made, lost, recorder.data) != ""


def test_a_recording_whose_data_changed_otherwise_is_not_done(made: Experience, recorder: Recorder) -> None:
    trace, other = recordings(recorder, TAXI, BREAD)
    mixed = trace.model_copy(update={"data": other.data})
    assert why_not_done(made, mixed, recorder.data).startswith("the app's data: expected but not there")


@pytest.mark.parametrize(("steps", "said"), [(slice(0, 4), "it lacks “tap button “Save””"), (slice(1, 5), "step 2")])
def test_a_recording_that_lacks_a_step_is_not_done(
    made: Experience, recorder: Recorder, steps: slice, said: str
) -> None:
    trace = recordings(recorder, TAXI)[0]
    short = trace.model_copy(update={"steps": trace.steps[steps], "final": trace.steps[4].before})
    assert said in why_not_done(made, short, recorder.data)


def test_a_recording_in_words_of_its_own_is_said_to_be(recorder: Recorder) -> None:
    other = recorder("Put {what} at {amount} on the list, {payer} paid".format(**TAXI), adding(TAXI))
    made = learn([*recordings(recorder, BREAD, MUSEUM), other], recorder.data)
    assert [one.reason for one in made.held_out] == ["", "", "its task is not read by the templates"]


def test_what_the_others_cannot_teach_is_said(recorder: Recorder) -> None:
    def deleting(what: str) -> Trace:
        rows = [(n, name, str(n), "Bob", True) for n, name in enumerate(("Rent", "Tea", "Jam"), start=1)]
        return recorder(f"Delete the bill {what}", [on("tap", "button", "Delete", row=what)], Bills(rows))

    made = learn([deleting("Tea"), deleting("Tea"), deleting("Jam")], recorder.data)
    assert [bool(one.reason) for one in made.held_out] == [False, False, True]
    assert made.held_out[2].reason == "its task is not read by the templates"


def test_a_tap_that_only_one_has_is_passed_over_where_it_is_not(recorder: Recorder) -> None:
    def with_hint(trace: Trace) -> Trace:
        hint = element("button", "Got it", "main/dialog/button")
        shown: Screen = trace.steps[0].before
        shown = shown.model_copy(update={"elements": (*shown.elements, hint)})
        tap = Tap(point=hint.box.center, element=hint)
        extra = trace.steps[0].model_copy(update={"action": tap, "before": shown, "risk": "read"})
        return trace.model_copy(update={"steps": (extra, *trace.steps)})

    one, two, three, four = recordings(recorder, BREAD, MUSEUM, TAXI, BREAD | {"what": "Milk", "amount": "2"})
    made = learn([with_hint(one), two, with_hint(three), four], recorder.data)
    assert [one.reason for one in made.held_out] == ["", "", "", ""]


def test_learning_still_fails_where_the_recordings_do_not_fit(recorder: Recorder) -> None:
    silent = recorder("Add a bill: Museum, paid by Carol", adding(MUSEUM | {"what": "Museum"}))
    with pytest.raises(LearnError):
        learn([*recordings(recorder, BREAD), silent], recorder.data)
