"""Goals in plain words as demands, and values that they only point at."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.agent.calendar import day_of, month_shown
from ostinato.agent.echo import without_echo
from ostinato.agent.goal import demands
from ostinato.agent.quote import resolve
from ostinato.trace.screen import Box, Element, Screen


def said(goal: str) -> list[tuple[str, str, str | None]]:
    return [(one.kind, one.target, one.value) for one in demands(goal)]


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ('Click on the "Next" button.', [("tap", 'the "Next" button', None)]),
        ("Open the menu, then tap Settings", [("tap", "the menu", None), ("tap", "Settings", None)]),
        ('Enter "Bob, the builder" into the name field and press Save.',
         [("enter", "the name field", "Bob, the builder"), ("tap", "Save", None)]),
        ('Enter the user "ann" and the password "x y" and log in',
         [("enter", "user", "ann"), ("enter", "password", "x y")]),
        ("Type 12.50 into the amount field", [("enter", "the amount field", "12.50")]),
        ("Select Rome from the list and click OK", [("choose", "the list", "Rome"), ("tap", "OK", None)]),
        ("Set the currency to EUR", [("choose", "the currency", "EUR")]),
        ("Close the window by clicking the cross", [("tap", "the cross", None)]),
        ("Use the search box to enter \"tea\" and press Go", [("enter", "the search box", "tea"), ("tap", "Go", None)]),
        ("Tap the star to mark it as important. Press OK when done.", [("tap", "the star", None), ("tap", "OK", None)]),
        ("Wait 3 seconds, then press the Enter key", [("wait", "", "3"), ("key", "", "Enter")]),
        ("Drag the card onto the board", [("drag", "the card", "the board")]),
        ("Scroll to the bottom of the page", [("scroll", "page", "bottom")]),
        ("How many apples are there?", []),
    ],
)  # fmt: skip
def test_a_goal_is_read_in_order(goal: str, wanted: list[tuple[str, str, str | None]]) -> None:
    assert [
        (kind, target.removeprefix("the ") if kind == "scroll" else target, value) for kind, target, value in said(goal)
    ] == wanted


def test_how_a_value_is_written_and_how_it_ends_is_kept() -> None:
    [upper, _] = demands('Type "ann" in all upper case letters into the field and press OK')
    assert (upper.value, upper.case, upper.target) == ("ann", "upper", "the field")
    [ending] = demands('Enter a country that starts with "Par" and ends with "guay"')
    assert (ending.value, ending.ending) == ("Par", "guay")


@given(st.text(max_size=80) | st.text("enter the into and,. click\"' select for", max_size=80))
def test_any_goal_is_read_without_an_error(goal: str) -> None:
    for one in demands(goal):
        assert one.target or one.value


def screen(*named: tuple[str, str, float, float]) -> Screen:
    elements = tuple(
        Element(role=role, name=name if role != "textbox" else "", value=name if role == "textbox" else None,
                path=f"{role}[{number}]", box=Box(left=left, top=top, width=10 * len(name), height=20))
        for number, (role, name, left, top) in enumerate(named)
    )  # fmt: skip
    return Screen(width=390, height=844, elements=elements, taken=datetime(2026, 1, 1, tzinfo=UTC))


PAGE = screen(
    ("text", "Gender", 10, 10), ("text", "Female", 200, 10), ("text", "City", 10, 40), ("text", "Oslo", 200, 40)
)


def test_a_value_that_is_pointed_at_is_read_from_the_screen() -> None:
    assert resolve("the value of Gender", PAGE, "") == "Female"
    assert resolve("the value of Age", PAGE, "") is None
    assert resolve("it", PAGE, "held") == "held" and resolve("it", PAGE, "") is None
    assert resolve("the 2nd word in the paragraph", PAGE, "") == "Female"
    assert resolve("the last word in the page", PAGE, "") == "Oslo"
    assert resolve("the text in the text area", screen(("textbox", "one two", 10, 10)), "") == "one two"
    assert resolve("plain", PAGE, "") == "plain"
    assert resolve("the number of blocks", PAGE, "") is None


def test_the_task_on_the_page_is_not_taken_for_a_thing() -> None:
    page = screen(
        ("text", "Click on the", 0, 0), ("text", "Save", 0, 0), ("text", "button.", 0, 0), ("button", "Save", 0, 90)
    )
    assert [e.role for e in without_echo(page, "Click on the Save button.")] == ["button"]
    assert len(without_echo(page, "Something else entirely")) == 4


def test_days_and_months_are_read() -> None:
    assert str(day_of("12/09/2016")) == "2016-12-09" and day_of("13/40/2016") is None and day_of("soon") is None
    assert month_shown(screen(("text", "April", 0, 0), ("text", "2016", 50, 0)).elements) == (2016, 4)
    assert month_shown(PAGE.elements) is None
