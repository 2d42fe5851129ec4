"""Goals in plain words as demands, and values that they only point at."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.agent.words.calendar import day_of, month_shown
from ostinato.agent.words.echo import without_echo
from ostinato.agent.words.goal import demands
from ostinato.agent.words.quote import resolve
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
        ("Tap Settings > Display", [("tap", "Settings", None), ("tap", "Display", None)]),
        ("Find the note and open it", [("find", "the note", None), ("tap", "it", None)]),
        ("Find the note and star it", [("find", "the note", None), ("tap", "star", None)]),
        ("Find it and mark it as read", [("find", "it", None), ("unknown", "mark it as read", None)]),
        ("Scroll to the bottom of the page", [("scroll", "page", "bottom")]),
        ("How many apples are there?", [("unknown", "How many apples are there", None)]),
    ],
)  # fmt: skip
def test_a_goal_is_read_in_order(goal: str, wanted: list[tuple[str, str, str | None]]) -> None:
    assert [
        (kind, target.removeprefix("the ") if kind == "scroll" else target, value) for kind, target, value in said(goal)
    ] == wanted


@pytest.mark.parametrize(
    ("goal", "verb", "thing", "whom", "words"),
    [
        ("Forward the mail from Ann to Bo", "forward", "the mail from Ann", "Bo", None),
        ("forward any email from Ann to Bo.", "forward", "any email from Ann", "Bo", None),
        ("Forward Bo the email from Ann", "forward", "the email from Ann", "Bo", None),
        ("Send to Bo the note you got from Ann", "send", "the note you got from Ann", "Bo", None),
        ("Give Bo the message you received from Ann", "forward", "the message you received from Ann", "Bo", None),
        ("The mail by Ann should be forwarded to Bo.", "forward", "The mail by Ann", "Bo", None),
        ("I need to forward Ann's e-mail to Bo", "forward", "Ann's e-mail", "Bo", None),
        ("Could you send it on to Bo, please", "send", "", "Bo", None),
        ('Reply to Ann with "see you"', "reply", "Ann", "", "see you"),
        ('Reply "see you" to Ann', "reply", "Ann", "", "see you"),
        ('Reply to the message from Ann saying "see you"', "reply", "the message from Ann", "", "see you"),
        ('Please reply to them with the text "see you".', "reply", "", "", "see you"),
    ],
)
def test_what_is_passed_on_to_whom_and_with_which_words(
    goal: str, verb: str, thing: str, whom: str, words: str | None
) -> None:
    [one] = demands(goal)
    assert (one.kind, one.verb, one.target, one.whom, one.value) == ("send", verb, thing, whom, words)


@pytest.mark.parametrize(
    ("goal", "target", "way"),
    [
        ("Drag Milk up by one position", "Milk", "up 1"),
        ("Move the card down by 2 rows", "the card", "down 2"),
        ("Move Milk to the 3rd position", "Milk", "#3"),
        ("Move Milk to the first place of the list", "Milk", "#1"),
        ("Drag Milk to the bottom", "Milk", "#-1"),
        ("Move Milk to the top of the list", "Milk", "#1"),
        ("Drag the circle right", "the circle", "right"),
        ("Drag the item to the left", "the item", "left"),
    ],
)
def test_where_to_a_thing_is_moved(goal: str, target: str, way: str) -> None:
    [one] = demands(goal)
    assert (one.kind, one.target, one.way) == ("drag", target, way)


@pytest.mark.parametrize(
    ("goal", "what", "parts"),
    [
        ("Add an expense: Taxi, 12.50, paid by Ann", "expense", ("Taxi", "12.50", "paid by Ann")),
        ("Please create a new task called Buy milk", "task", ("Buy milk",)),
        ("Add Ann to the group", "group", ("Ann",)),
        ('Write a note "Trip, 2" that says "one, two"', "note", ('"Trip, 2"', 'that says "one, two"')),
        ('Create a note called "Trip" with the tag home', "note", ('"Trip"', "with the tag home")),
    ],
)
def test_a_new_thing_is_read_with_its_values(goal: str, what: str, parts: tuple[str, ...]) -> None:
    [one] = demands(goal)
    assert (one.kind, one.target, one.parts) == ("add", what, parts)


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("Change the amount of Taxi to 14", ("change", "Taxi", "14", "amount")),
        ("Change Taxi's amount to 14", ("change", "Taxi", "14", "amount")),
        ("Rename Taxi to Bus", ("change", "Taxi", "Bus", "name")),
        ('Rename the way to work to "Home"', ("change", "the way to work", "Home", "name")),
        ("Change the language to German", ("choose", "the language", "German", "")),
    ],
)
def test_a_change_is_read_with_its_field(goal: str, wanted: tuple[str, ...]) -> None:
    [one] = demands(goal)
    assert (one.kind, one.target, one.value, one.way) == wanted


def test_a_deed_to_several_things_is_one_for_each() -> None:
    assert [one.target for one in demands("Delete the expenses Taxi, Bus and Hotel")] == [
        "the expense Taxi", "the expense Bus", "the expense Hotel",
    ]  # fmt: skip


def test_how_many_of_several_are_meant_and_in_which_order() -> None:
    [every] = demands('Tap the "Like" button on all posts by @ann')
    assert (every.every, every.count, every.target) == (True, None, 'the "Like" button in the row of posts by @ann')
    [some] = demands("Tap Delete in 3 rows of Hotel")
    assert (some.every, some.count) == (True, 3)
    [rising] = demands("Tap the numbers in ascending order")
    assert (rising.target, rising.way, rising.every) == ("the numbers", "ascending", True)
    [sort] = demands("Sort the tasks in reverse alphabetical order, please")
    assert (sort.kind, sort.target, sort.way) == ("sort", "the tasks", "reverse alphabetical")


@pytest.mark.parametrize(
    "goal",
    ["Juggle the notes, then press Save", "The printer is out of paper", "Using the pen, give it a frame and tap OK"],
)
def test_what_is_not_understood_is_said_and_not_left_out(goal: str) -> None:
    assert "unknown" in [one.kind for one in demands(goal)]


_PLAIN = (
    "Open the menu",
    "Tap Save",
    'Enter "tea" into the search field',
    "Select Rome from the list",
    "Buy the cheapest ticket",
)


@given(
    st.sampled_from(["", "Please ", "Can you ", "could you please ", "I want to ", "You need to ", "I'd like to "]),
    st.sampled_from(_PLAIN),
    st.sampled_from(["", ".", "!", "  "]),
)
def test_being_polite_changes_nothing(before: str, goal: str, after: str) -> None:
    polite = before + (goal[0].lower() + goal[1:] if before else goal) + after
    assert demands(polite) == demands(goal)


@given(
    st.lists(st.sampled_from(_PLAIN), min_size=1, max_size=3),
    st.sampled_from([". ", " and then ", ", then ", "\n"]),
)
def test_demands_one_after_the_other_are_read_as_each_alone(goals: list[str], link: str) -> None:
    later = [goal if link in (". ", "\n") else goal[0].lower() + goal[1:] for goal in goals[1:]]
    assert demands(link.join([goals[0], *later])) == tuple(one for goal in goals for one in demands(goal))


@given(
    st.text(st.characters(blacklist_characters='"“”\n\x01', blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20)
)
def test_a_quoted_value_is_taken_to_the_letter(value: str) -> None:
    value = " ".join(value.split())
    if value:
        [one] = demands(f'Enter "{value}" into the name field')
        assert (one.value, one.target, one.quoted) == (value, "the name field", True)


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


def test_a_value_may_stand_under_its_label_where_its_line_ends() -> None:
    card = screen(
        ("text", "Email:", 10, 10),
        ("link", "ann@example.org", 10, 32),
        ("text", "City:", 10, 60),
        ("link", "Oslo", 80, 60),
    )
    assert resolve("the value of Email", card, "") == "ann@example.org"
    assert resolve("the value of City", card, "") == "Oslo"


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
