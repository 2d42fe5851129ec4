"""Steps that only some recordings have, and ways out and back again."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from bills import Bills, Recorder, adding
from hypothesis import given, settings
from hypothesis import strategies as st
from screens import element
from test_rejoining import Helper

from ostinato.agent.decider import Choice
from ostinato.agent.loop import Limits, Loop
from ostinato.agent.script import Do, on
from ostinato.errors import LearnError
from ostinato.judge.check import AnyOf
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.replay.replayer import Replayer
from ostinato.replay.validation import why_not_done
from ostinato.trace.action import Action, Tap, Type, target_of
from ostinato.trace.locator import Locator
from ostinato.trace.record import Decision, Result, Step, Trace
from ostinato.trace.recordings import prepare
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store

TASK = "Add a bill: {what}, {amount}, paid by {payer}"
BREAD = {"what": "Bread", "amount": "3.20", "payer": "Bob"}
MUSEUM = {"what": "Museum & tea", "amount": "120", "payer": "Carol"}
TAXI = {"what": "Taxi", "amount": "42", "payer": "דנה"}


@dataclass
class Asking(Bills):
    """Asks for a reason where an amount is high, or always."""

    always: bool = False
    reason: str = ""

    def act(self, action: Action) -> Result:
        target = target_of(action)
        if isinstance(action, Type) and target is not None and target.name == "Why?":
            self.reason = action.text
            return Result(ok=True)
        return super().act(action)

    def _form(self) -> Screen:
        seen = super()._form()
        high = float((self.form or {}).get("How much?") or 0) >= 100
        if not (high or self.always):
            return seen
        why = element("textbox", "Why?", "main/form/textbox[2]", value=self.reason, editable=True, top=600.0)
        return seen.model_copy(update={"elements": (*seen.elements, why)})


def giving(values: dict[str, str], reason: str | None) -> list[Do]:
    steps = adding(values)
    return steps if reason is None else [*steps[:4], on("type", "textbox", "Why?", text=reason), steps[4]]


def recording(recorder: Recorder, values: dict[str, str], reason: str | None, always: bool = False) -> Trace:
    return recorder(TASK.format(**values), giving(values, reason), Asking(always=always))


def played(made: Experience, values: dict[str, str]) -> tuple[list[str], Asking]:
    """What a replay does on a fresh app: its primitives, and the app."""
    app = Asking()
    steps: list[Step] = []
    said: list[str] = []
    replayer = Replayer(made, {"what": values["what"], "how_much": values["amount"], "payer": values["payer"]})
    for _ in range(12):
        choice = replayer.decide(app.observe(), "", tuple(steps))
        assert isinstance(choice, Choice), choice
        if choice.action.kind == "done":
            return said, app
        said.append(choice.decision.text)
        before = app.observe()
        app.act(choice.action)
        step = Step(
            index=len(steps),
            before=before,
            decision=Decision(source="replay"),
            action=choice.action,
            risk=choice.risk,
            started=before.taken,
            result=Result(ok=True),
            experience=choice.experience,
        )
        steps.append(step)
    raise AssertionError("no end")


def test_an_edit_that_only_some_had_to_make_is_made_where_it_can_be(recorder: Recorder) -> None:
    pair = [recording(recorder, BREAD, None), recording(recorder, MUSEUM, "guests")]
    made = learn(pair, recorder.data)
    assert [(n.kind, n.optional) for n in made.nodes if n.kind == "type"][-1] == ("type", True)
    assert any(isinstance(check, AnyOf) for check in made.nodes[-1].commit)
    assert [why_not_done(made, trace, recorder.data) for trace in pair] == ["", ""]
    said, app = played(made, TAXI | {"amount": "7"})
    assert not any("Why?" in text for text in said) and app.rows[-1][1] == "Taxi"
    said, app = played(made, TAXI | {"amount": "700"})
    assert sum("Why?" in text for text in said) == 1 and app.reason == "guests" and app.rows[-1][1] == "Taxi"


def test_an_edit_that_another_could_have_made_and_did_not_is_an_error(recorder: Recorder) -> None:
    pair = [recording(recorder, BREAD, None, always=True), recording(recorder, MUSEUM, "guests")]
    with pytest.raises(LearnError, match="“type “guests” into textbox “Why\\?”” is in some recordings"):
        learn(pair, recorder.data)


def test_what_cannot_be_taken_back_is_never_a_step_of_some(recorder: Recorder) -> None:
    def twice(trace: Trace) -> Trace:
        shown = trace.steps[-1].before
        button = element("button", "Send to all", "main/button", submits=True)
        shown = shown.model_copy(update={"elements": (*shown.elements, button)})
        extra = trace.steps[-2].model_copy(
            update={"before": shown, "action": Tap(point=button.box.center, element=button), "risk": "commit"}
        )
        return trace.model_copy(update={"steps": (*trace.steps[:-1], extra, trace.steps[-1])})

    pair = [recording(recorder, BREAD, None), twice(recording(recorder, MUSEUM, None))]
    with pytest.raises(LearnError, match="“tap button “Send to all”” is in some recordings"):
        learn(pair, recorder.data)


# ------------------------------------------------------------------------------------------------ ways
@dataclass
class Approving(Bills):
    """High amounts are not saved but asked for: another button, and the name of who approves."""

    approver: str = ""
    both: bool = False

    def act(self, action: Action) -> Result:
        target = target_of(action)
        if isinstance(action, Type) and target is not None and target.name == "Approver":
            self.approver = action.text
            return Result(ok=True)
        if isinstance(action, Tap) and target is not None and target.name == "Ask for it" and self.form is not None:
            self.acts.append(action)
            self._save(self.form)
            return Result(ok=True)
        return super().act(action)

    def _form(self) -> Screen:
        seen = super()._form()
        if float((self.form or {}).get("How much?") or 0) < 100:
            return seen
        asked = (
            element("textbox", "Approver", "main/form/group/textbox", value=self.approver, editable=True, top=600.0),
            element("button", "Ask for it", "main/form/group/button", submits=True, top=640.0),
        )
        kept = seen.elements if self.both else tuple(e for e in seen.elements if e.name != "Save")
        return seen.model_copy(update={"elements": (*kept, *asked)})


def went(recorder: Recorder, values: dict[str, str]) -> Trace:
    asks = [on("type", "textbox", "Approver", text="the boss"), on("tap", "button", "Ask for it")]
    steps = adding(values)
    return recorder(
        TASK.format(**values), [*steps[:-1], *asks] if float(values["amount"]) >= 100 else steps, Approving()
    )


CAR = {"what": "Car", "amount": "9000", "payer": "Alice"}
SEEN = [BREAD, MUSEUM, TAXI, CAR]


def test_of_two_ways_the_one_that_the_screen_shows_is_gone(recorder: Recorder, store: Store) -> None:
    made = learn([went(recorder, values) for values in SEEN], recorder.data)
    ways = [(node.branch.number, node.kind, node.risk) for node in made.nodes if node.branch is not None]
    assert ways == [(0, "type", "edit"), (0, "tap", "commit"), (1, "tap", "commit")]
    assert all(node.commit for node in made.nodes if node.risk == "commit")
    assert [why_not_done(made, went(recorder, values), recorder.data) for values in SEEN] == [""] * 4
    for amount, pressed in (("7", "Save"), ("700", "Ask for it")):
        app = Approving()
        values = {"what": "Wine", "how_much": amount, "payer": "Bob"}
        with store.begin(task="play", app="bills") as writer:
            limits = Limits(max_steps=12, max_seconds=20, step_timeout=0.02)
            ended = Loop(app, [Replayer(made, values)], writer, lambda action, seen: True, limits).run("play")
        assert ended.outcome.claimed == "done", ended.outcome.reason
        assert [row[1:4] for row in app.rows[1:]] == [("Wine", amount, "Bob")]
        assert app.approver == ("the boss" if pressed == "Ask for it" else "")
        sent = [target_of(s.action) for s in ended.steps if s.risk == "commit"]
        assert [e.name for e in sent if e is not None] == [pressed]


@pytest.mark.parametrize(("both", "said"), [(True, "more than one way"), (False, "“Approver” is not on the screen")])
def test_where_the_screen_shows_both_ways_or_none_it_is_handed_over(
    both: bool, said: str, recorder: Recorder, store: Store
) -> None:
    made = learn([went(recorder, values) for values in SEEN], recorder.data)
    app = Approving(both=both, spoil=lambda seen: seen if both else without(seen, "Save", "Approver", "Ask for it"))
    with store.begin(task="play", app="bills") as writer:
        limits = Limits(max_steps=12, max_seconds=20, step_timeout=0.02)
        replayer = Replayer(made, {"what": "Wine", "how_much": "700", "payer": "Bob"})
        ended = Loop(app, [replayer], writer, lambda action, seen: True, limits).run("play")
    assert ended.outcome.claimed == "stopped" and said in ended.outcome.reason
    assert len(app.rows) == 1


def without(seen: Screen, *names: str) -> Screen:
    return seen.model_copy(update={"elements": tuple(e for e in seen.elements if e.name not in names)})


def test_a_way_that_sends_and_was_gone_once_is_not_learnt(recorder: Recorder) -> None:
    with pytest.raises(LearnError, match="in some recordings"):
        learn([went(recorder, values) for values in (BREAD, TAXI, CAR)], recorder.data)


def test_ways_that_no_screen_tells_apart_are_not_learnt(recorder: Recorder) -> None:
    def either(values: dict[str, str], ask: bool) -> Trace:
        asks = [on("type", "textbox", "Approver", text="the boss"), on("tap", "button", "Ask for it")]
        steps = adding(values)
        return recorder(TASK.format(**values), [*steps[:-1], *asks] if ask else steps, Approving(both=True))

    high = [{**values, "amount": amount} for values, amount in zip(SEEN, ("100", "200", "300", "400"), strict=True)]
    with pytest.raises(LearnError):
        learn(
            [either(values, ask) for values, ask in zip(high, (True, False, True, False), strict=True)], recorder.data
        )


@pytest.mark.parametrize(
    ("helped", "asked_by"),
    [
        ([on("select", "combobox", "Payer", text="Bob")], "r"),
        ([on("select", "combobox", "Payer", text="Bob"), on("type", "textbox", "Approver", text="the boss"),
          on("tap", "button", "Ask for it")], "h"),
    ],
)  # fmt: skip
def test_a_replay_that_was_helped_goes_on_with_the_way_that_is_open(
    helped: list[Do], asked_by: str, recorder: Recorder, store: Store
) -> None:
    made = learn([went(recorder, values) for values in SEEN], recorder.data)
    gone = Locator(role="button", name="Gone")
    lost = (3,) if asked_by == "r" else (3, 4, 5, 6)  # the payer, and both ways
    nodes = tuple(n.model_copy(update={"target": gone} if n.index in lost else {}) for n in made.nodes)
    made = made.model_copy(update={"nodes": nodes})
    app = Approving()
    values = {"what": "Wine", "how_much": "700", "payer": "Bob"}
    with store.begin(task="play", app="bills") as writer:
        limits = Limits(max_steps=12, max_seconds=20, step_timeout=0.02)
        deciders = [Replayer(made, values), Helper(list(helped))]
        ended = Loop(app, deciders, writer, lambda action, seen: True, limits).run("play")
    assert [row[1:4] for row in app.rows[1:]] == [("Wine", "700", "Bob")], ended.outcome
    sent = [step.experience is not None for step in ended.steps if step.risk == "commit"]
    assert sent == [asked_by == "r"] and app.approver == "the boss"
    assert ended.outcome.claimed == (
        "done" if asked_by == "r" else "stopped"
    )  # what was sent by a lost button is unsure


# ---------------------------------------------------------------------------------------------- detours
def menu(trace: Trace, at: int, names: list[str], back: bool = True) -> Trace:
    """The recording with taps that open one menu after another at a step, and one that closes them all again."""
    before = trace.steps[at].before
    shown = [before]
    for depth in range(1, len(names) + 1):
        items = [element("button", name, f"main/menu/button[{n}]", top=700.0) for n, name in enumerate(names[:depth])]
        shown.append(before.model_copy(update={"elements": (*before.elements, *items)}))
    opener = element("button", "Menu", "main/button[9]")
    steps = [
        trace.steps[at].model_copy(
            update={"before": screen, "action": Tap(point=opener.box.center, element=opener), "risk": "read"}
        )
        for screen in (shown if back else shown[:-1])
    ]
    return trace.model_copy(update={"steps": (*trace.steps[:at], *steps, *trace.steps[at:])})


@settings(max_examples=25)
@given(st.integers(0, 4), st.lists(st.sampled_from(["Help", "About", "More"]), min_size=1, max_size=3, unique=True))
def test_a_menu_that_was_opened_and_closed_is_left_out(at: int, names: list[str]) -> None:
    recorder = Recorder()
    trace = recorder(TASK.format(**BREAD), adding(BREAD))
    longer = menu(trace, at, names)
    assert len(longer.steps) == len(trace.steps) + len(names) + 1
    assert [s.action for s, _ in prepare(longer)] == [s.action for s, _ in prepare(trace)]
    other = recorder(TASK.format(**MUSEUM), adding(MUSEUM))
    assert learn([longer, other], recorder.data).nodes == learn([trace, other], recorder.data).nodes


def test_a_way_that_does_not_lead_back_stays(recorder: Recorder) -> None:
    trace = recorder(TASK.format(**BREAD), adding(BREAD))
    longer = menu(trace, 1, ["Help", "About"], back=False)
    opened = element("button", "About", "main/menu/button", top=700.0)
    later = [
        s.model_copy(update={"before": s.before.model_copy(update={"elements": (*s.before.elements, opened)})})
        for s in longer.steps[3:]
    ]
    left_open = longer.model_copy(update={"steps": (*longer.steps[:3], *later)})
    assert len(prepare(left_open)) > len(prepare(trace))


def test_nothing_is_left_out_across_what_was_sent_or_where_nothing_was(recorder: Recorder) -> None:
    trace = menu(recorder(TASK.format(**BREAD), adding(BREAD)), 1, ["Help"])
    sent = trace.steps[2].model_copy(update={"risk": "commit"})
    across = trace.model_copy(update={"steps": (*trace.steps[:2], sent, *trace.steps[3:])})
    assert len(prepare(across)) > len(prepare(trace))
    silent = trace.model_copy(update={"steps": trace.steps[:4], "final": trace.steps[4].before})
    assert len(prepare(silent)) == 4
