"""A row that a task describes: learnt, found again, and the data tell whether it was that one."""

from __future__ import annotations

import pytest
from bills import Bills, Recorder
from hypothesis import assume, given
from hypothesis import strategies as st

from ostinato.agent.script import on
from ostinato.errors import LearnError, UsageError
from ostinato.house.expectation import as_chosen
from ostinato.judge.change import compare
from ostinato.judge.expect import UNTOLD
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn, learn_once
from ostinato.replay.match import Match
from ostinato.replay.playwright_script import to_playwright
from ostinato.replay.replayer import Replayer
from ostinato.trace.data import AppData
from ostinato.trace.locator import find
from ostinato.trace.record import ExperienceRef, Trace

TASK = "Delete the cheapest bill"


def bills(*amounts: str) -> Bills:
    return Bills([(n, f"Thing {n}", amount, "Bob", True) for n, amount in enumerate(amounts, start=1)])


def deleting(recorder: Recorder, what: str, *amounts: str, task: str = TASK) -> Trace:
    return recorder(task, [on("tap", "button", "Delete", row=what)], bills(*amounts))


def learnt(recorder: Recorder) -> Experience:
    pair = [deleting(recorder, "Thing 2", "9", "3", "5"), deleting(recorder, "Thing 1", "2.50", "12")]
    return learn(pair, recorder.data)


def as_played(trace: Trace, made: Experience) -> Trace:
    """The trace as a replay of the experience would have left it."""
    steps = [
        s.model_copy(update={"experience": ExperienceRef(id=made.id, version=1, node=n)})
        for n, s in enumerate(trace.steps)
    ]
    return trace.model_copy(update={"steps": tuple(steps)})


def judged(recorder: Recorder, made: Experience, trace: Trace) -> str:
    assert made.data is not None
    values = as_chosen(Match(made, {}), as_played(trace, made).steps)
    before, after = recorder.data(trace.data.before or ""), recorder.data(trace.data.after or "")
    return compare(before, after, made.data, values)[0]


@given(st.lists(st.decimals("0.01", 999, places=2).map(str), min_size=2, max_size=6))
def test_the_cheapest_is_found_among_any_and_judged_by_the_data(amounts: list[str]) -> None:
    assume(len(set(amounts)) == len(amounts))
    recorder = Recorder()
    made = learnt(recorder)
    best = min(range(len(amounts)), key=lambda n: float(amounts[n]))
    target = made.nodes[0].target
    assert target is not None and target.pick is not None
    found = find(target, bills(*amounts).observe(), {})
    assert found is not None and found.path == f"main/table/row[{best + 1}]/button"
    assert judged(recorder, made, deleting(recorder, f"Thing {best + 1}", *amounts)) == "true"


def test_a_replay_that_deleted_another_row_than_it_touched_is_judged_wrong(recorder: Recorder) -> None:
    made = learnt(recorder)
    right = deleting(recorder, "Thing 2", "9", "3", "5")
    wrong = deleting(recorder, "Thing 3", "9", "3", "5")
    mixed = right.model_copy(update={"data": wrong.data})
    assert judged(recorder, made, right) == "true" and judged(recorder, made, mixed) == "false"


def test_two_that_are_equally_cheap_are_handed_over(recorder: Recorder) -> None:
    made = learnt(recorder)
    said = Replayer(made, {}).decide(bills("3", "3", "5").observe(), TASK, ())
    assert said is not None and "more than one row has the lowest value" in getattr(said, "reason", "")


def test_equal_tasks_on_equal_data_still_teach_the_description(recorder: Recorder) -> None:
    pair = [deleting(recorder, "Thing 2", "9", "3", "5") for _ in range(2)]
    made = learn(pair, recorder.data)
    assert made.nodes[0].target is not None and made.nodes[0].target.pick is not None
    assert made.data is not None and "picked_row" in made.data[0].slots
    assert judged(recorder, made, deleting(recorder, "Thing 1", "1", "3")) == "true"


def test_one_recording_teaches_it_as_a_candidate_and_the_very_same_words_do_not(recorder: Recorder) -> None:
    trace = deleting(recorder, "Thing 2", "9", "3", "5")
    made = learn([trace], recorder.data)
    assert made.status == "candidate" and made.nodes[0].target is not None and made.nodes[0].target.pick is not None
    with pytest.raises(LearnError, match="cannot be told apart"):
        learn_once(trace, recorder.data)


def test_a_word_that_is_not_true_teaches_nothing(recorder: Recorder) -> None:
    pair = [deleting(recorder, "Thing 2", "9", "3", "5"), deleting(recorder, "Thing 2", "2.50", "12")]
    with pytest.raises(LearnError, match="cannot be told apart"):
        learn(pair, recorder.data)


def test_where_the_screen_does_not_tell_which_row_of_the_data_goes_nobody_knows(recorder: Recorder) -> None:
    """The rows of the data have none of the words of the rows on the screen."""

    def hidden(data: AppData) -> AppData:
        table = data.tables["bill"]
        rows = tuple((r[0], f"#{r[0]}", None, None, r[4]) for r in table.rows)
        return data.model_copy(update={"tables": {"bill": table.model_copy(update={"rows": rows})}})

    pair = [deleting(recorder, "Thing 2", "9", "3", "5"), deleting(recorder, "Thing 1", "2.50", "12")]
    made = learn(pair, lambda sha: hidden(recorder.data(sha)))
    assert made.data is not None and UNTOLD in made.data[0].slots


def test_a_value_that_names_the_row_goes_before_a_description(recorder: Recorder) -> None:
    task = "Delete {}, the cheapest bill"
    pair = [
        deleting(recorder, "Thing 2", "9", "3", "5", task=task.format("Thing 2")),
        deleting(recorder, "Thing 1", "2.50", "12", task=task.format("Thing 1")),
    ]
    made = learn(pair, recorder.data)
    target = made.nodes[0].target
    assert target is not None and target.pick is None and target.slots == ("item",)


def test_a_script_does_not_compare_rows(recorder: Recorder) -> None:
    with pytest.raises(UsageError, match="does not compare rows"):
        to_playwright(learnt(recorder), None, "http://here:5000/")
