from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.trace.action import (
    Action,
    Answer,
    Back,
    Done,
    DoubleTap,
    Drag,
    Home,
    Key,
    LongPress,
    Open,
    Scroll,
    Select,
    Swipe,
    Tap,
    Type,
    Wait,
)
from ostinato.trace.record import Risk
from ostinato.trace.risk import ORDER, higher, risk_of
from ostinato.trace.screen import Box, Element, Point, Screen

BOX = Box(left=0, top=0, width=100, height=40)


def element(role: str, name: str = "", submits: bool = False) -> Element:
    return Element(role=role, name=name, path="main/it", box=BOX, submits=submits)


def screen(*elements: Element) -> Screen:
    return Screen(width=390, height=844, elements=elements, taken=datetime.now(UTC))


def tapped(found: Element) -> str:
    return risk_of(Tap(point=BOX.center, element=found), screen(found))


@pytest.mark.parametrize(
    ("found", "risk"),
    [
        (element("button", "Delete"), "commit"),
        (element("link", "Save and add another"), "commit"),
        (element("button", "OK", submits=True), "commit"),
        (element("link", "Savings"), "read"),
        (element("heading", "Delete"), "read"),
        (element("checkbox", "Delete old ones"), "edit"),
        (element("button", "Next"), "read"),
    ],
    ids=lambda value: f"{value.role} {value.name}" if isinstance(value, Element) else "",
)
def test_a_tap_is_as_grave_as_what_it_presses(found: Element, risk: str) -> None:
    assert tapped(found) == risk


def test_a_tap_on_a_bare_point_counts_as_one_on_what_lies_there() -> None:
    shown = screen(element("button", "Pay"))
    assert risk_of(Tap(point=Point(x=10, y=10)), shown) == "commit"
    assert risk_of(Tap(point=Point(x=300, y=700)), shown) == "read"


def test_enter_sends_where_a_form_can_be_sent() -> None:
    form, plain = screen(element("button", "OK", submits=True)), screen(element("button", "OK"))
    field = element("textbox", "Name")
    for action in (Key(key="Enter"), Type(text="x", element=field, enter=True)):
        assert (risk_of(action, form), risk_of(action, plain)) == ("commit", "edit")
    assert risk_of(Type(text="x", element=field), form) == "edit"


def test_looking_around_is_harmless() -> None:
    shown = screen(element("button", "Pay"))
    assert {risk_of(action, shown) for action in (Back(), Scroll(dx=0, dy=100))} == {"read"}
    assert risk_of(Select(element=element("combobox"), option="x"), shown) == "edit"


def test_the_graver_of_two_counts() -> None:
    assert [higher("edit", other) for other in ("read", "edit", "commit", None)] == ["edit", "edit", "commit", "edit"]


@pytest.mark.parametrize("word", ["save", "Send", "PAY", "Place order", "Sign up", "unsubscribe", "erase", "confirm"])
@pytest.mark.parametrize("role", ["button", "link", "menuitem", "option", "tab", "img", "generic"])
def test_a_word_that_cannot_be_taken_back_counts_on_everything_that_can_be_pressed(word: str, role: str) -> None:
    for name in (word, f"{word}!", f"✓ {word} all", f"({word.lower()})"):
        assert tapped(element(role, name)) == "commit", name


@pytest.mark.parametrize("name", ["Undeleted", "Postcode", "Saved", "Orders", "Bookmarks", "Payer", "Resettle", ""])
def test_a_word_that_only_begins_like_one_does_not_count(name: str) -> None:
    assert tapped(element("button", name)) == "read"


@pytest.mark.parametrize("name", ["Jetzt kaufen", "支付", "提交订单", "Supprimer", "Cancel subscription", "Withdraw"])
def test_the_words_of_other_languages_count(name: str) -> None:
    assert tapped(element("button", name)) == "commit"


@pytest.mark.parametrize(
    ("buttons", "pressed", "risk"),
    [(("Cancel", "OK"), "OK", "commit"), (("Cancel", "OK"), "Cancel", "read"), (("OK",), "OK", "read")],
)
def test_the_ok_of_a_question_is_grave_and_that_of_a_notice_is_not(
    buttons: tuple[str, ...], pressed: str, risk: str
) -> None:
    asked = screen(*(element("button", name) for name in buttons)).model_copy(update={"dialog": "Really?"})
    [button] = [e for e in asked.elements if e.name == pressed]
    assert risk_of(Tap(point=button.box.center, element=button), asked) == risk


def test_a_long_or_double_press_is_as_grave_as_a_tap() -> None:
    found = element("button", "Delete")
    for press in (Tap, DoubleTap, LongPress):
        assert risk_of(press(point=BOX.center, element=found), screen(found)) == "commit"
        assert risk_of(press(point=BOX.center), screen(found)) == "commit"


def test_of_what_lies_over_each_other_the_smallest_is_pressed() -> None:
    small = element("button", "Pay").model_copy(update={"box": Box(left=40, top=10, width=20, height=20)})
    shown = screen(element("generic", "Basket"), small)
    assert risk_of(Tap(point=BOX.center), shown) == "commit"
    hidden = small.model_copy(update={"reachable": False})
    assert risk_of(Tap(point=BOX.center), screen(element("generic", "Basket"), hidden)) == "read"


def test_a_field_that_sends_when_it_is_chosen_is_grave_whatever_it_is() -> None:
    assert [tapped(element(role, "x", submits=True)) for role in ("checkbox", "textbox", "heading")] == ["commit"] * 3


def test_every_action_has_a_class_and_only_touching_changes_anything() -> None:
    shown, point, found = screen(element("button", "OK", submits=True)), Point(x=300, y=700), element("listitem", "x")
    looking: list[Action] = [Back(), Home(), Open(url="http://here/"), Wait(), Answer(text="x"), Done(),
                             Swipe(start=point, end=point), Scroll(), Tap(point=point)]  # fmt: skip
    changing: list[Action] = [Drag(start=point, end=point, element=found, target=found), Key(key="a"),
                              Key(key="Backspace"), Select(element=found, option="x"), Type(text="x")]  # fmt: skip
    assert {risk_of(action, shown) for action in looking} == {"read"}
    assert {risk_of(action, shown) for action in changing} == {"edit"}


@given(st.lists(st.sampled_from(["read", "edit", "commit"]), min_size=1, max_size=4))
def test_the_order_of_opinions_does_not_matter(risks: list[Risk]) -> None:
    found = reduce(higher, risks)
    assert found == reduce(higher, risks[::-1]) == max(risks, key=lambda risk: ORDER[risk])
