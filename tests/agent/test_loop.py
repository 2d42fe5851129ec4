"""The run loop on a phone of a few screens held in memory, with a real store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ostinato.agent.decider import Choice, Decider, Handover, beside
from ostinato.agent.loop import POINTS, Ended, Limits, Loop
from ostinato.errors import ActionFailed, Covered, PageGone, PageHung, SetupError, StoreError, UsageError
from ostinato.judge.check import TextHas
from ostinato.trace.action import Action, Answer, Done, Key, Tap, Wait, describe
from ostinato.trace.record import Decision, Result, Risk, Step, Tokens, Trace
from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.store import Store
from ostinato.trace.writer import TraceWriter


def button(name: str, submits: bool = False) -> Element:
    box = Box(left=10, top=10, width=80, height=30)
    return Element(role="button", name=name, path=f"main/{name}", box=box, submits=submits)


@dataclass
class Counter:
    """A phone whose only button counts up; the number is the text on its screen."""

    label: str = "Next"
    count: int = 0
    acts: list[str] = field(default_factory=list)
    name = "memory"

    def observe(self, screenshot: bool = True) -> Screen:
        shown = Element(
            role="text", name=f"count {self.count}", path="main/text", box=Box(left=0, top=50, width=9, height=9)
        )
        return Screen(width=390, height=844, taken=datetime.now(UTC), elements=(button(self.label), shown))

    def photograph(self, screen: Screen) -> Screen:
        return screen

    def act(self, action: Action) -> Result:
        self.acts.append(describe(action))
        self.count += 1
        return Result(ok=True)

    def quiet(self, timeout: float) -> bool:
        return True

    def close(self) -> None:
        pass


@dataclass
class Presser:
    """Presses the button so many times, then says done."""

    times: int
    post: str | None = None
    name: str = "presser"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        said = Decision(source="script", text=goal)
        if len(history) >= self.times:
            return Choice(Done(), said)
        target = next(e for e in screen.elements if e.role == "button")
        post = (TextHas(text=self.post),) if self.post else ()
        return Choice(Tap(point=target.box.center, element=target), said, post=post)


@dataclass
class Speaker:
    """Says one thing, whatever it sees."""

    says: Choice | Handover | None
    name: str = "speaker"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        return self.says


class Runner:
    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.phone = Counter()
        self.approve: Callable[[Action, Screen], bool] = lambda action, screen: True
        self.at: Callable[[str, int], None] = lambda point, step: None
        self.limits = Limits(max_steps=10, max_seconds=20, step_timeout=0.2)
        self.objection: Callable[[Action, Screen, Sequence[Step]], str | None] = lambda action, screen, history: None
        self.past: tuple[Step, ...] = ()

    def run(self, *deciders: Decider, task: str = "count") -> tuple[Ended, Trace]:
        writer = self.store.begin(task=task, app="counter")
        loop = Loop(self.phone, deciders, writer, self.approve, self.limits, at=self.at)
        loop.objection, loop.past = self.objection, self.past
        ended = loop.run(task)
        return ended, writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=None)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_each_point_is_passed_in_order_and_the_last_word_touches_nothing(runner: Runner) -> None:
    seen: list[tuple[int, str]] = []
    runner.at = lambda point, step: seen.append((step, point))
    ended, trace = runner.run(Presser(2))
    acting = [p for p in POINTS if p != "done"]
    last = [p for p in acting if p not in ("acted", "settled")]
    assert seen == [*((0, p) for p in acting), *((1, p) for p in acting), *((2, p) for p in last), (3, "done")]
    assert (ended.outcome.claimed, len(runner.phone.acts), len(trace.steps)) == ("done", 2, 3)


def test_the_intent_is_on_disk_before_the_action_runs(runner: Runner) -> None:
    at_disk: list[int] = []

    def look(action: Action) -> Result:
        [summary] = runner.store.list()
        at_disk.append(len(runner.store.load(summary.id).steps))
        return Result(ok=True)

    runner.phone.act = look  # type: ignore[method-assign]
    runner.run(Presser(3))
    assert at_disk == [1, 2, 3]


def test_what_is_not_allowed_is_not_done_and_not_begun(runner: Runner) -> None:
    runner.phone.label = "Delete account"
    runner.approve = lambda action, screen: False
    ended, trace = runner.run(Presser(1))
    assert (ended.outcome.claimed, runner.phone.acts, trace.steps) == ("stopped", [], ())
    assert "--commits" in ended.outcome.reason


def test_the_same_irreversible_action_is_not_done_twice_in_a_run(runner: Runner) -> None:
    runner.phone.label = "Pay"
    ended, trace = runner.run(Presser(2))
    assert (ended.outcome.claimed, len(runner.phone.acts)) == ("stopped", 1)
    assert "never repeated" in ended.outcome.reason and trace.unsettled


@pytest.mark.parametrize(
    ("limits", "said"), [(Limits(max_steps=3, step_timeout=0.2), "3 steps"), (Limits(max_seconds=0), "0 s")]
)
def test_a_run_ends_at_its_bounds(runner: Runner, limits: Limits, said: str) -> None:
    runner.limits = limits
    ended, _ = runner.run(Presser(99))
    assert ended.outcome.claimed == "stopped" and said in ended.outcome.reason


def test_a_check_that_fails_after_a_step_is_kept_with_the_step(runner: Runner) -> None:
    _, trace = runner.run(Presser(2, post="count 1"))
    assert [[c.value for c in step.checks] for step in trace.steps] == [["true"], ["false"], []]


def test_a_handover_narrows_the_goal_for_the_next_decider(runner: Runner) -> None:
    _, trace = runner.run(Speaker(Handover("operation", "press it", "not found")), Presser(1))
    assert [step.decision.text for step in trace.steps] == ["press it", "press it"]


def test_when_nobody_can_go_on_every_reason_is_said(runner: Runner) -> None:
    deciders = [
        Speaker(Handover("plan", "x", "first why"), "one"),
        Speaker(None),
        Speaker(Handover("plan", "x", "second"), "two"),
    ]
    ended, _ = runner.run(*deciders)
    assert (ended.outcome.claimed, ended.outcome.reason) == ("stopped", "one: first why; two: second")


def test_an_answer_is_kept(runner: Runner) -> None:
    class Answering(Presser):
        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            said = Decision(source="script")
            return Choice(Done(), said) if history else Choice(Answer(text="forty-two"), said)

    ended, _ = runner.run(Answering(0))
    assert (ended.outcome.claimed, ended.outcome.answer, runner.phone.acts) == ("done", "forty-two", [])


@pytest.mark.parametrize(
    ("error", "touched"),
    [
        (ActionFailed("button “Uncovered” is disabled"), False),
        (SetupError("the secret 'pin' is not set"), False),
        (UsageError("this phone has no secrets"), False),
        (PageGone("the browser has ended"), True),
    ],
)
def test_a_failed_action_stops_the_run_and_the_trace_says_whether_something_was_touched(
    runner: Runner, error: Exception, touched: bool
) -> None:
    tries: list[Action] = []

    def fail(action: Action) -> Result:
        tries.append(action)
        raise error

    runner.phone.label, runner.phone.act = "Pay", fail  # type: ignore[method-assign]
    ended, trace = runner.run(Presser(1))
    assert len(tries) == 1
    assert ended.outcome.claimed == "stopped" and str(error) in ended.outcome.reason
    assert trace.steps[0].result is not None and trace.steps[0].result.touched is touched
    assert [t.id for t in runner.store.open_commits("count", "counter")] == [trace.id] * touched


def test_ctrl_c_leaves_a_trace_that_says_so(runner: Runner) -> None:
    def interrupt(point: str, step: int) -> None:
        if (point, step) == ("acted", 1):
            raise KeyboardInterrupt

    runner.at = interrupt
    ended, trace = runner.run(Presser(5))
    assert ended.outcome.claimed == "interrupted" == trace.status
    assert len(trace.steps) == 2 and trace.steps[1].result is None


def test_a_store_that_fails_is_not_hidden_in_an_outcome(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError("no space left")

    monkeypatch.setattr(TraceWriter, "intent", full)
    with pytest.raises(StoreError, match="no space"):
        runner.run(Presser(1))
    assert runner.phone.acts == []


@pytest.mark.parametrize("point", [p for p in POINTS if p != "done"])
def test_a_run_ended_at_any_point_is_on_disk_with_all_that_was_begun(runner: Runner, point: str) -> None:
    def end(here: str, step: int) -> None:
        if (here, step) == (point, 1):
            raise SystemExit  # as a kill would: nothing after this point is written

    runner.at = end
    with pytest.raises(SystemExit):
        runner.run(Presser(3))
    trace = runner.store.load("last")
    begun = 1 if point in ("observed", "decided") else 2
    assert (trace.status, len(trace.steps), len(runner.phone.acts)) == (
        "interrupted", begun, 1 if point in ("observed", "decided", "intent") else 2
    )  # fmt: skip
    assert (trace.steps[-1].result is None) == (point in ("intent", "acted", "settled"))


@pytest.mark.parametrize("where", ["decide", "observe", "act", "settle"])
def test_ctrl_c_anywhere_ends_the_run_as_interrupted(runner: Runner, where: str) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    decider = Presser(2)
    if where == "decide":
        decider.decide = interrupt  # type: ignore[method-assign]
    elif where == "observe":
        runner.phone.observe = interrupt  # type: ignore[method-assign]
    elif where == "act":
        runner.phone.act = interrupt  # type: ignore[method-assign]
    else:
        runner.phone.quiet = lambda timeout: not runner.phone.acts or interrupt()  # type: ignore[method-assign]
    ended, trace = runner.run(decider)
    assert (ended.outcome.claimed, trace.status) == ("interrupted", "interrupted")
    assert "Ctrl-C" in ended.outcome.reason


def test_what_is_begun_but_not_ended_may_have_been_sent(runner: Runner) -> None:
    def interrupt(action: Action) -> Result:
        raise KeyboardInterrupt

    runner.phone.label, runner.phone.act = "Pay", interrupt  # type: ignore[method-assign]
    _, trace = runner.run(Presser(1))
    assert trace.open_commit is not None and [t.id for t in runner.store.open_commits("count", "counter")] == [trace.id]


def test_a_store_that_fails_after_the_action_is_not_hidden_either(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("no space left")

    monkeypatch.setattr(TraceWriter, "result", full)
    with pytest.raises(StoreError, match="no space"):
        runner.run(Presser(1))
    assert len(runner.phone.acts) == 1 and runner.store.load("last").steps[0].result is None


# ---------------------------------------------------------------------------------------------- leave to do things
def test_the_graver_of_the_two_readings_of_a_step_asks_for_leave(runner: Runner) -> None:
    asked: list[str] = []

    def approve(action: Action, screen: Screen) -> bool:
        asked.append(describe(action))
        return False

    @dataclass
    class Careful(Presser):
        risk: Risk = "commit"

        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            said = super().decide(screen, goal, history)
            return replace(said, risk=self.risk) if isinstance(said, Choice) else said

    runner.approve = approve
    for label, risk in (("Next", "commit"), ("Pay", "read")):
        runner.phone = Counter(label)
        ended, _ = runner.run(Careful(1, risk=risk))  # type: ignore[arg-type]
        assert (ended.outcome.claimed, runner.phone.acts) == ("stopped", [])
    assert asked == ["tap button “Next”", "tap button “Pay”"]


def test_what_is_harmless_needs_no_leave(runner: Runner) -> None:
    runner.approve = lambda action, screen: False
    ended, _ = runner.run(Presser(2))
    assert (ended.outcome.claimed, len(runner.phone.acts)) == ("done", 2)


def test_the_same_button_is_another_step_when_the_fields_differ(runner: Runner) -> None:
    class Form(Counter):
        def observe(self, screenshot: bool = True) -> Screen:
            seen = super().observe(screenshot)
            box = Box(left=0, top=90, width=9, height=9)
            note = Element(role="textbox", name="Note", value=f"{self.count}", path="main/note", box=box)
            return seen.model_copy(update={"elements": (*seen.elements, note)})

    runner.phone = Form("Pay")
    ended, _ = runner.run(Presser(3))
    assert (ended.outcome.claimed, len(runner.phone.acts)) == ("done", 3)


def test_the_same_answer_to_another_question_is_another_step(runner: Runner) -> None:
    class Asking(Counter):
        questions = ("Delete A?", "Delete B?", "Delete B?")

        def observe(self, screenshot: bool = True) -> Screen:
            seen = super().observe(screenshot)
            return seen.model_copy(update={"dialog": self.questions[min(self.count, 2)], "elements": seen.elements[:1]})

    class Grave(Presser):
        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            said = super().decide(screen, goal, history)
            return replace(said, risk="commit") if isinstance(said, Choice) else said

    runner.phone = Asking("OK")
    ended, _ = runner.run(Grave(3))
    assert (ended.outcome.claimed, len(runner.phone.acts)) == ("stopped", 2)
    assert "never repeated" in ended.outcome.reason


@dataclass
class Moving(Counter):
    """A form that a banner pushes down after the first press; with `inside` the banner brings a button of its own."""

    inside: bool = False

    def observe(self, screenshot: bool = True) -> Screen:
        down = 40.0 * min(self.count, 1)
        number = "[2]" if self.inside and self.count else ""
        at = Box(left=10, top=10 + down, width=80, height=30)
        shown = [Element(role="button", name=self.label, path=f"main/button{number}", box=at)]
        if number:
            shown.insert(0, Element(role="button", name="Close", path="main/button", box=at))
        shown.append(Element(role="textbox", name="Note", value="x", path="main/textbox", box=at))
        return Screen(width=390, height=844, taken=datetime.now(UTC), elements=tuple(shown))


@pytest.mark.parametrize("inside", [False, True])
def test_a_form_that_moved_is_not_sent_again(runner: Runner, inside: bool) -> None:
    class Payer(Presser):
        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            pay = tuple(e for e in screen.elements if e.name != "Close")
            return super().decide(screen.model_copy(update={"elements": pay}), goal, history)

    runner.phone = Moving("Pay", inside=inside)
    ended, _ = runner.run(Payer(2))
    assert ended.outcome.claimed == "stopped" and "never repeated" in ended.outcome.reason
    assert len(runner.phone.acts) == 1


@dataclass
class Asking(Counter):
    """A button that asks in its own place before it does anything."""

    def observe(self, screenshot: bool = True) -> Screen:
        named = "Really delete?" if self.count % 2 else "Delete"
        pressed = button(named).model_copy(update={"path": "main/button", "focused": True})
        return super().observe().model_copy(update={"elements": (pressed,)})


@dataclass
class Keying:
    """Presses Enter on whatever has the focus so many times, then says done."""

    times: int
    name = "keys"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        action = Key(key="Enter") if len(history) < self.times else Done()
        return Choice(action, Decision(source="replay"))


@pytest.mark.parametrize("keys", [False, True])
def test_a_button_that_asks_in_its_own_place_is_pressed_twice_and_no_more(runner: Runner, keys: bool) -> None:
    for times, claimed in ((2, "done"), (3, "stopped")):
        runner.phone = Asking("Delete")
        ended, _ = runner.run(Keying(times) if keys else Presser(times))
        assert (ended.outcome.claimed, len(runner.phone.acts)) == (claimed, 2), ended.outcome


@dataclass
class Listing(Counter):
    """A list whose first row has a button; what the row shows after each press."""

    rows: tuple[tuple[str, ...], ...] = ()

    def observe(self, screenshot: bool = True) -> Screen:
        at = Box(left=10, top=10, width=80, height=30)
        cells = [
            Element(role="cell", name=name, path=f"main/row[1]/cell[{n}]", box=at)
            for n, name in enumerate(self.rows[min(self.count, len(self.rows) - 1)], 1)
        ]
        press = Element(role="button", name=self.label, path="main/row[1]/button", box=at)
        other = Element(role="cell", name="Alice", path="main/row[2]/cell[1]", box=at)
        row = Element(role="row", path="main/row[1]", box=at)
        return Screen(width=390, height=844, taken=datetime.now(UTC), elements=(press, row, *cells, other))


@pytest.mark.parametrize(
    ("rows", "times"),
    [
        ((("Taxi", "Alice"), ("Rent", "Alice")), 2),  # the first row is gone, the next one came up
        ((("Taxi", "Alice"), ("Taxi", "Alice")), 1),
        ((("Taxi", "Alice"), ("Taxi", "paid", "Alice")), 1),
        ((("Alice", "10.00"), ("Alice", "20.00")), 1),  # what tells the row apart is a figure, and pressing changed it
        ((("Alice",), ("Alice", "sent")), 1),
    ],
)
def test_another_row_in_the_place_of_one_that_is_gone_may_be_touched(
    runner: Runner, rows: tuple[tuple[str, ...], ...], times: int
) -> None:
    runner.phone = Listing("Delete", rows=rows)
    runner.run(Presser(2))
    assert len(runner.phone.acts) == times


# ---------------------------------------------------------------------------------------------- touching and waiting
def test_what_is_covered_for_a_moment_is_touched_once_when_it_is_free(runner: Runner) -> None:
    tries: list[str] = []
    act = runner.phone.act

    def covered(action: Action) -> Result:
        tries.append(describe(action))
        if len(tries) < 3:
            raise Covered("button “Next” lies under dialog “Loading”")
        return act(action)

    runner.phone.act = covered  # type: ignore[method-assign]
    ended, trace = runner.run(Presser(1))
    assert (ended.outcome.claimed, len(tries), len(runner.phone.acts), len(trace.steps)) == ("done", 3, 1, 2)


def test_the_next_decision_waits_until_what_must_follow_is_there(runner: Runner) -> None:
    class Late(Counter):
        looks = 0

        def observe(self, screenshot: bool = True) -> Screen:
            self.looks += 1
            seen = super().observe(screenshot)
            stale = self.acts and self.looks < 6
            return seen.model_copy(update={"elements": seen.elements[:1]}) if stale else seen

    @dataclass
    class Waiting(Presser):
        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            said = super().decide(screen, goal, history)
            ready = lambda later: len(later.elements) == 2  # noqa: E731
            return replace(said, ready=ready) if isinstance(said, Choice) and not history else said

    for decider in (Waiting(1), Presser(1, post="count 1")):
        runner.phone = Late()
        runner.limits = Limits(step_timeout=30.0)
        ended, trace = runner.run(decider)
        assert ended.outcome.claimed == "done" and len(trace.steps[1].before.elements) == 2
        assert runner.phone.looks >= 6


def test_a_page_that_dies_after_the_touch_is_a_step_that_may_have_worked(runner: Runner) -> None:
    def observe(screenshot: bool = True) -> Screen:
        if runner.phone.acts:
            raise PageHung("the page does not answer")
        return Counter.observe(runner.phone, screenshot)

    runner.phone.observe = observe  # type: ignore[method-assign]
    ended, trace = runner.run(Presser(2))
    result = trace.steps[0].result
    assert ended.outcome.claimed == "stopped" and result is not None
    assert (result.ok, result.touched, result.error) == (False, True, "after the action: the page does not answer")


def test_a_phone_that_shows_nothing_at_all_fails_with_its_reason(runner: Runner) -> None:
    def gone(screenshot: bool = True) -> Screen:
        raise PageGone("the browser has ended")

    runner.phone.observe = gone  # type: ignore[method-assign]
    ended, trace = runner.run(Presser(1))
    assert (ended.outcome.claimed, ended.outcome.reason, trace.steps) == ("failed", "the browser has ended", ())


# ---------------------------------------------------------------------------------------------- what is told
def test_giving_up_is_a_failure_with_its_reason(runner: Runner) -> None:
    giving_up = Choice(Done(success=False, message="no such bill"), Decision(source="model"))
    ended, trace = runner.run(Speaker(giving_up))
    assert (ended.outcome.claimed, ended.outcome.reason, trace.status) == ("failed", "no such bill", "failed")


def test_every_step_is_shown_as_it_was_stored_and_the_cost_is_summed(runner: Runner) -> None:
    seen: list[Step] = []
    tokens = Tokens(prompt=10, image=3, output=2)
    said = Decision(source="model", tokens=tokens)

    class Model(Presser):
        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            choice = super().decide(screen, goal, history)
            return replace(choice, decision=said) if isinstance(choice, Choice) and len(history) < 2 else choice

    writer = runner.store.begin(task="count", app="counter")
    loop = Loop(runner.phone, [Model(2)], writer, runner.approve, runner.limits, watch=seen.append)
    ended = loop.run("count")
    trace = writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=None)
    assert tuple(seen) == ended.steps == trace.steps
    assert (trace.cost.calls, trace.cost.tokens) == (2, Tokens(prompt=20, image=6, output=4))
    assert trace.final is not None and [e.name for e in trace.final.elements] == ["Next", "count 2"]


def as_model(presser: Presser) -> Decider:
    class Model(Presser):
        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            said = super().decide(screen, goal, history)
            assert isinstance(said, Choice)
            return replace(said, decision=said.decision.model_copy(update={"source": "model"}))

    return Model(presser.times)


def test_what_a_task_does_not_ask_for_is_held_back_told_and_then_ends_the_run(runner: Runner) -> None:
    runner.phone.label = "Pay"
    asked: list[str] = []
    runner.approve = lambda action, screen: bool(asked.append(describe(action))) or True
    runner.objection = lambda action, screen, history: "it is not asked for"
    ended, trace = runner.run(as_model(Presser(3)))
    assert runner.phone.acts == [] and asked == [] and trace.unsettled is None
    assert [step.result and step.result.error for step in trace.steps] == ["held back: it is not asked for"]
    assert ended.outcome.claimed == "stopped" and "--beyond-task" in ended.outcome.reason


def test_scripts_are_not_held_to_the_words_of_a_task(runner: Runner) -> None:
    runner.phone.label = "Pay"
    runner.objection = lambda action, screen, history: "it is not asked for"
    ended, _ = runner.run(Presser(1))
    assert ended.outcome.claimed == "done" and len(runner.phone.acts) == 1


def test_what_is_done_beside_the_task_does_not_count_against_its_steps(runner: Runner) -> None:
    runner.limits = Limits(max_steps=3, step_timeout=0.2)

    class Waiter:
        name = "waiter"

        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            return beside(Wait(seconds=0.0), "wait") if len(history) < 5 else None

    class Later(Presser):
        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
            return super().decide(screen, goal, tuple(step for step in history if not step.decision.aside))

    ended, trace = runner.run(Waiter(), Later(2))
    assert ended.outcome.claimed == "done" and len(trace.steps) == 8


def test_a_run_that_goes_on_with_another_sends_nothing_that_was_sent(runner: Runner) -> None:
    runner.phone.label = "Pay"
    _, first = runner.run(Presser(1))
    runner.past = first.steps[:1]
    ended, second = runner.run(Presser(2))
    assert ended.outcome.claimed == "stopped" and "never repeated" in ended.outcome.reason
    assert len(runner.phone.acts) == 1 and second.steps == ()
