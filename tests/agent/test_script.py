from __future__ import annotations

from datetime import UTC, datetime

import pytest
from screens import element, row, screen

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.script import Do, ScriptDecider, action_of, on
from ostinato.errors import UsageError
from ostinato.trace.action import Back, Done, DoubleTap, Drag, Key, LongPress, Open, Select, Tap, Type
from ostinato.trace.locator import Locator
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Screen

SAVE = element("button", "Save", "main/form/button")
NAME = element("textbox", "Name", "main/form/textbox")
FORM = screen(NAME, SAVE)


def history(length: int) -> tuple[Step, ...]:
    return tuple(
        Step(index=n, before=FORM, decision=Decision(source="script"), action=Back(), risk="read",
             started=datetime.now(UTC))
        for n in range(length)
    )  # fmt: skip


def decided(steps: list[Do], seen: Screen = FORM, played: int = 0) -> Choice:
    said = ScriptDecider(steps).decide(seen, "the goal", history(played))
    assert isinstance(said, Choice), said
    return said


def test_the_steps_are_played_in_order_and_then_it_is_done() -> None:
    steps = [on("type", "textbox", "Name", text="Tea"), on("tap", "button", "Save"), Do("back")]
    kinds = [decided(steps, played=n).action for n in range(4)]
    assert [type(action) for action in kinds] == [Type, Tap, Back, Done]
    assert decided(steps, played=9).action == Done() == decided([]).action


@pytest.mark.parametrize(
    ("step", "action"),
    [
        (on("tap", "button", "Save"), Tap),
        (on("double_tap", "button", "Save"), DoubleTap),
        (on("long_press", "button", "Save"), LongPress),
        (on("type", "textbox", "Name", text="Tea"), Type),
        (on("enter", "textbox", "Name", text="Tea"), Type),
        (on("select", "button", "Save", text="Tea"), Select),
        (Do("drag", Locator(role="button", name="Save"), destination=Locator(role="textbox", name="Name")), Drag),
        (Do("key", text="Tab"), Key),
        (Do("open", text="http://here/"), Open),
        (Do("back"), Back),
    ],
    ids=lambda value: value.kind if isinstance(value, Do) else "",
)
def test_each_kind_of_step_is_an_action_on_the_element_of_now(step: Do, action: type) -> None:
    moved = screen(element("text", "news", "main/text"), *FORM.elements)
    for seen in (FORM, moved):
        choice = decided([step], seen)
        assert isinstance(choice.action, action) and choice.decision.source == "script"
        target = getattr(choice.action, "element", None)
        if target is not None:
            assert target in seen.elements
            assert getattr(choice.action, "point", target.box.center) == target.box.center


def test_only_enter_sends() -> None:
    typed, sent = (decided([on(kind, "textbox", "Name", text="Tea")]).action for kind in ("type", "enter"))
    assert isinstance(typed, Type) and isinstance(sent, Type)
    assert (typed.text, typed.enter, sent.text, sent.enter) == ("Tea", False, "Tea", True)


def test_what_is_not_there_is_handed_over_with_the_reason() -> None:
    said = ScriptDecider([on("tap", "button", "Pay")]).decide(FORM, "the goal", ())
    assert isinstance(said, Handover) and (said.level, said.goal) == ("operation", "the goal")
    assert "button “Pay” is not on the screen" in said.reason


def test_two_that_fit_are_handed_over_and_a_row_settles_it() -> None:
    bills = screen(*row(1, "Tea", control="Delete"), *row(2, "Rice", control="Delete"))
    said = ScriptDecider([on("tap", "button", "Delete")]).decide(bills, "g", ())
    assert isinstance(said, Handover) and "more than one" in said.reason
    for words, path in (("Tea", "row[1]"), ("Rice", "row[2]")):
        action = decided([on("tap", "button", "Delete", row=words)], bills).action
        assert isinstance(action, Tap) and action.element is not None and path in action.element.path


def test_a_step_is_ready_when_the_next_target_is_there() -> None:
    first = decided([on("tap", "button", "Save"), on("tap", "button", "Pay")])
    assert first.ready is not None and not first.ready(FORM)
    assert first.ready(screen(element("button", "Pay", "main/button")))
    assert decided([on("tap", "button", "Save"), Do("back")]).ready is None
    assert decided([on("tap", "button", "Save")]).ready is None


def test_words_with_braces_are_words_in_a_script() -> None:
    braces = screen(element("button", "{x}", "main/button"), element("button", "y", "main/button[2]"))
    action = decided([on("tap", "button", "{x}")], braces).action
    assert isinstance(action, Tap) and action.element is not None and action.element.name == "{x}"
    assert decided([on("type", "textbox", "Name", text="{x}")]).action.text == "{x}"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Do("tap"), "a script's tap needs a target"),
        (Do("swipe", Locator(role="button", name="Save")), "cannot do 'swipe'"),
        (Do("drag", Locator(role="button", name="Save")), "cannot do 'drag'"),
    ],
)
def test_a_step_that_cannot_be_is_a_clear_error(step: Do, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        ScriptDecider([step]).decide(FORM, "g", ())


def test_a_place_to_drag_to_that_is_not_there_is_handed_over_like_a_target() -> None:
    gone = Do("drag", Locator(role="button", name="Save"), destination=Locator(role="list", name="Basket"))
    said = ScriptDecider([gone]).decide(FORM, "g", ())
    assert isinstance(said, Handover) and "list “Basket” is not on the screen" in said.reason


def test_an_action_without_a_target_needs_none() -> None:
    assert action_of(Do("key", text="Enter"), None, None) == Key(key="Enter")
