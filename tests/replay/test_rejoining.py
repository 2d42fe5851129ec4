"""A replay that another decider helped: it goes on as soon as a later node is there, and never leaves anything out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from bills import Bills
from hypothesis import given
from hypothesis import strategies as st
from screens import NOW

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.loop import Ended, Limits, Loop
from ostinato.agent.script import Do, ScriptDecider, on
from ostinato.replay.experience import Experience
from ostinato.replay.replayer import Replayer
from ostinato.trace.action import Done, Wait
from ostinato.trace.locator import Locator
from ostinato.trace.record import Decision, Result, Step
from ostinato.trace.risk import risk_of
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store

MUSEUM = {"what": "Museum", "how_much": "18", "payer": "Carol"}
OPEN, WHAT, HOW_MUCH, PAYER, SAVE = (
    on("tap", "link", "Add a bill"), on("type", "textbox", "What?", text="Museum"),
    on("type", "spinbutton", "How much?", text="18"), on("select", "combobox", "Payer", text="Carol"),
    on("tap", "button", "Save"),
)  # fmt: skip


@dataclass
class Helper:
    """Who is asked when the replay hands over: it does one step of its script, and keeps the goals it was given."""

    steps: list[Do]
    goals: list[str] = field(default_factory=list)
    name: str = "helper"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        self.goals.append(goal)
        if not self.steps:
            return Handover("plan", goal, "knows no more")
        said = ScriptDecider([self.steps[0]]).decide(screen, goal, ())
        self.steps.pop(0)
        return said


def play(store: Store, app: Bills, experience: Experience, helper: Helper) -> Ended:
    with store.begin(task="play", app="bills") as writer:
        limits = Limits(max_steps=15, max_seconds=20, step_timeout=0.02)
        deciders = [Replayer(experience, MUSEUM), helper]
        return Loop(app, deciders, writer, lambda action, seen: True, limits).run("play")


def lost(experience: Experience, *indexes: int) -> Experience:
    """The experience, which does not find what these nodes touch any more."""
    gone = Locator(role="button", name="Gone")
    nodes = [n.model_copy(update={"target": gone} if n.index in indexes else {}) for n in experience.nodes]
    return experience.model_copy(update={"nodes": tuple(nodes)})


def sources(ended: Ended) -> str:
    return "".join("r" if step.experience is not None else "h" for step in ended.steps)


@pytest.mark.parametrize(
    ("gone", "helped", "played"),
    [
        ((0,), [OPEN], "hrrrrr"),
        ((1,), [WHAT], "rhrrrr"),
        ((1, 2), [WHAT, HOW_MUCH], "rhhrrr"),
        ((2,), [HOW_MUCH], "rrhrrr"),
        ((3,), [PAYER], "rrrhrr"),
        ((1, 3), [WHAT, PAYER], "rhrhrr"),
        ((2,), [on("type", "spinbutton", "How much?", text="17"), HOW_MUCH], "rrhhrrr"),
    ],
)  # fmt: skip
def test_what_is_lost_is_handed_over_and_the_rest_is_played(
    store: Store, experience: Experience, gone: tuple[int, ...], helped: list[Do], played: str
) -> None:
    app = Bills()
    ended = play(store, app, lost(experience, *gone), Helper(list(helped)))
    assert (ended.outcome.claimed, sources(ended)) == ("done", played), ended.outcome
    assert app.rows[1:] == [(2, "Museum", "18", "Carol", True)] and app.commits == ["Save"]


def test_one_step_is_handed_over_first_then_the_goal_then_the_task(store: Store, experience: Experience) -> None:
    wrong = [on("type", "spinbutton", "How much?", text=str(n)) for n in range(7)]
    helper = Helper(wrong)
    ended = play(store, Bills(), lost(experience, 2), helper)
    assert ended.outcome.claimed == "stopped"
    one, goal = "type “18” into spinbutton “How much?”", "select “Carol” in combobox “Payer”"
    assert helper.goals[0] == one
    assert helper.goals[1].startswith(one) and goal in helper.goals[1] and "“Save”" in helper.goals[1]
    assert helper.goals[-1] == "play" and helper.goals.index("play") == 6


def test_what_the_other_sent_is_not_sent_again(store: Store, experience: Experience) -> None:
    app = Bills()
    ended = play(store, app, lost(experience, 4), Helper([SAVE]))
    assert app.commits == ["Save"] and ended.outcome.claimed == "stopped"


def test_after_something_else_was_sent_nothing_of_the_experience_is_played(
    store: Store, experience: Experience
) -> None:
    app = Bills()
    helper = Helper([on("tap", "button", "Delete"), OPEN])
    ended = play(store, app, lost(experience, 0), helper)
    assert (ended.outcome.claimed, sources(ended)) == ("stopped", "hh") and app.commits == ["Delete"]


def test_what_the_other_sent_by_the_control_that_is_meant_counts(experience: Experience) -> None:
    app = Bills()
    steps = ScriptDecider([OPEN, WHAT, HOW_MUCH, PAYER, SAVE])
    history: list[Step] = []
    replayer = Replayer(lost(experience, 1), MUSEUM)
    for _ in range(5):
        shown = app.observe()
        choice = steps.decide(shown, "x", tuple(history))
        assert isinstance(choice, Choice)
        risk = risk_of(choice.action, shown)
        history.append(
            Step(index=len(history), before=shown, decision=Decision(source="model"), action=choice.action, risk=risk,
                 started=NOW, result=Result(ok=True))
        )  # fmt: skip
        app.act(choice.action)
    said = replayer.decide(app.observe(), "the goal", tuple(history))
    assert isinstance(said, Choice) and isinstance(said.action, Done) and said.action.success
    early = replayer.decide(app.observe(), "the goal", (*history[:3], history[4].model_copy(update={"index": 3})))
    assert isinstance(early, Handover)  # nobody chose the payer


def test_an_experience_of_which_nothing_is_there_is_not_done(experience: Experience) -> None:
    only_leads = experience.model_copy(update={"nodes": (lost(experience, 0).nodes[0],), "success": ()})
    app = Bills()
    strange = Step(
        index=0, before=app.observe(), decision=Decision(source="model"), action=Wait(seconds=1), risk="read",
        started=NOW, result=Result(ok=True),
    )  # fmt: skip
    assert isinstance(Replayer(only_leads, MUSEUM).decide(app.observe(), "the goal", (strange,)), Handover)


WRONG = on("type", "textbox", "What?", text="Musical")


@given(st.sets(st.integers(0, 4)), st.lists(st.sampled_from([OPEN, WHAT, WRONG, HOW_MUCH, PAYER, SAVE]), max_size=8))
def test_whatever_the_other_does_nothing_is_sent_twice_and_done_means_done(
    store: Store, experience: Experience, gone: set[int], helped: list[Do]
) -> None:
    app = Bills()
    ended = play(store, app, lost(experience, *gone), Helper(list(helped)))
    by = [source for source, step in zip(sources(ended), ended.steps, strict=True) if step.risk == "commit"]
    assert "r" not in by[1:] and by.count("r") <= 1
    if ended.outcome.claimed == "done":
        assert app.rows[1:] == [(2, "Museum", "18", "Carol", True)]
