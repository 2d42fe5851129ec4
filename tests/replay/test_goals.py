"""The plan of an experience, and the signs that only failed runs have shown."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from bills import HOST, Bills, Recorder, adding
from screens import element, screen

from ostinato.agent.decider import Handover
from ostinato.judge.check import Absent, Exists, TextLacks
from ostinato.replay.experience import Experience
from ostinato.replay.goals import goals_of
from ostinato.replay.learn import learn
from ostinato.replay.rejoining import left_to_do
from ostinato.replay.replayer import Replayer
from ostinato.trace.locator import Locator
from ostinato.trace.screen import Screen

MUSEUM = {"what": "Museum", "how_much": "18", "payer": "Carol"}
EVERY = [{"what": "Bread", "amount": "3.20", "payer": "Bob"}, {"what": "Tea", "amount": "12.50", "payer": "Alice"}]


def said(values: dict[str, str]) -> str:
    return "Add a bill: {what}, {amount}, paid by {payer}".format(**values)


@dataclass
class Warning(Bills):
    """The app, which warns of something on one of its pages, with figures and without."""

    warns: bool = True

    def observe(self, screenshot: bool = True) -> Screen:
        seen = super().observe(screenshot)
        told = element("alert", "The project is locked", "main/alert"), element("text", "12 days left", "main/text[9]")
        if not self.warns or self.form is None:
            return seen
        return seen.model_copy(update={"elements": (*seen.elements, *told)})


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def experience(recorder: Recorder) -> Experience:
    return learn([recorder(said(v), adding(v)) for v in EVERY], recorder.data)


def test_sub_goals_end_where_another_page_begins_and_where_something_is_sent(experience: Experience) -> None:
    assert [(goal.first, goal.last) for goal in experience.goals] == [(0, 0), (1, 4)]
    assert "{what}" in experience.goals[1].words and "Save" in experience.goals[1].words


def test_a_page_with_another_heading_begins_a_sub_goal_also_at_the_same_address(experience: Experience) -> None:
    heading = Exists(target=Locator(role="heading", name="New bill"))
    button = Exists(target=Locator(role="button", name="Save"))
    for sign, goals in ((heading, 2), (button, 1)):
        first = experience.nodes[0].model_copy(update={"post": (sign,)})
        assert len(goals_of((first, *experience.nodes[1:]))) == goals


def test_a_step_that_sends_ends_a_sub_goal_and_a_long_way_is_cut(experience: Experience) -> None:
    nodes = [
        experience.nodes[1].model_copy(update={"index": n, "risk": "commit" if n == 2 else "edit"}) for n in range(14)
    ]
    assert [(goal.first, goal.last) for goal in goals_of(nodes)] == [(0, 2), (3, 10), (11, 13)]


def test_what_is_handed_over_is_the_sub_goal_in_its_own_words_until_a_part_of_it_is_done(
    experience: Experience,
) -> None:
    goal = experience.goals[1].model_copy(update={"words": "enter {what} for {payer} and save it"})
    named = experience.model_copy(update={"goals": (experience.goals[0], goal)})
    app = Bills(form={"What?": "", "How much?": "", "Payer": "Alice"})
    assert left_to_do(named, MUSEUM, 0, [], app.observe()) == "enter Museum for Carol and save it"
    app.form = {"What?": "Museum", "How much?": "", "Payer": "Alice"}
    left = left_to_do(named, MUSEUM, 0, [], app.observe())
    assert left.startswith("type “18”") and "Museum" not in left and "Save" in left
    assert "Add a bill" in left_to_do(named, MUSEUM, -1, [], Bills().observe())


def test_signs_of_failed_runs_stop_a_replay(recorder: Recorder) -> None:
    failed = recorder(said(EVERY[0]), adding(EVERY[0])[:3], Warning())
    learnt = learn([recorder(said(v), adding(v)) for v in EVERY], recorder.data, [failed])
    assert learnt.forbidden == (TextLacks(text="The project is locked"),)  # figures are no sign
    app = Warning(form={"What?": "", "How much?": "", "Payer": "Alice"})
    stopped = Replayer(learnt, MUSEUM).decide(app.observe(), "the goal", ())
    assert isinstance(stopped, Handover) and "as in runs that failed" in stopped.reason and stopped.level == "plan"
    app.warns = False
    assert "failed" not in str(Replayer(learnt, MUSEUM).decide(app.observe(), "the goal", ()))


def test_what_a_good_run_shows_too_is_no_sign(recorder: Recorder) -> None:
    failed = recorder(said(EVERY[0]), adding(EVERY[0])[:3], Warning())
    good = [recorder(said(v), adding(v), Warning()) for v in EVERY]
    assert learn(good, recorder.data, [failed]).forbidden == ()


def test_a_dialog_is_a_sign_by_its_name_and_what_the_tasks_say_is_none(recorder: Recorder) -> None:
    shown = screen(
        element("dialog", "Session is over", "dialog"), element("heading", "Bread", "main/heading"),
        element("row", "", "main/row"), element("text", "Sold out", "main/row/text"), url=f"{HOST}/bills",
    )  # fmt: skip
    failed = recorder(said(EVERY[0]), adding(EVERY[0])[:2]).model_copy(update={"final": shown})
    learnt = learn([recorder(said(v), adding(v)) for v in EVERY], recorder.data, [failed])
    assert next(c for c in learnt.forbidden if isinstance(c, Absent)).target.name == "Session is over"
    assert "Bread" not in str(learnt.forbidden) and "Sold out" not in str(learnt.forbidden)
