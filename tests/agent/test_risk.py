from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ostinato.agent.risk import higher, risk_of
from ostinato.trace.action import Back, Key, Scroll, Select, Tap, Type
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
