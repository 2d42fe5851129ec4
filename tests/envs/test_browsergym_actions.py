"""BrowserGym's actions on a phone: what each becomes, and what a finger cannot do."""

from __future__ import annotations

import pytest
from screens import element, screen

from ostinato.envs.bids import Bids
from ostinato.envs.browsergym_actions import Finger
from ostinato.errors import UsageError
from ostinato.trace.action import Action, Drag, LongPress, Scroll, Select, Tap, Type, describe
from ostinato.trace.screen import Point

SHOWN = screen(
    element("button", "Go", "main/button"),
    element("textbox", "Name", "main/textbox", editable=True),
    element("textbox", "Mail", "main/textbox[2]", editable=True, focused=True, value="a@b"),
    element("combobox", "Size", "main/combobox", options=("S", "M")),
    element("checkbox", "News", "main/checkbox", checked=True),
    element("text", "Hello", "main/text"),
)
GO, NAME, MAIL, SIZE, NEWS, HELLO = "123456"


def finger(ends: bool = False) -> Finger:
    bids = Bids()
    bids.see(SHOWN)
    return Finger(bids, ends)


def done(text: str, ends: bool = False) -> list[Action]:
    hand = finger(ends)
    return [action for call in hand.read(text) for action in hand.actions(call, SHOWN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"click('{GO}')", ["tap button “Go”"]),
        (f"click('{GO}', 'right')", ["long-press button “Go”"]),
        (f"dblclick('{HELLO}')", ["double-tap text “Hello”"]),
        (f"fill('{NAME}', 'Ann')", ["type “Ann” into textbox “Name”"]),
        (f"fill('{NAME}', 'Ann', True)", ["type “Ann” into textbox “Name”"]),
        (f"clear('{MAIL}')", ["type “” into textbox “Mail”"]),
        (f"select_option('{SIZE}', 'M')", ["select “M” in combobox “Size”"]),
        (f"select_option('{SIZE}', ['S', 'M'])", ["select “S” in combobox “Size”", "select “M” in combobox “Size”"]),
        (f"check('{NEWS}') uncheck('{NEWS}')", ["tap checkbox “News”"]),
        (f"press('{MAIL}', 'Enter')", ["press Enter"]),
        (f"press('{NAME}', 'Control+a')", ["tap textbox “Name”", "press Control+a"]),
        (f"press('{GO}', 'Enter')", ["tap button “Go”"]),
        (f"focus('{NAME}') focus('{MAIL}')", ["tap textbox “Name”"]),
        (f"drag_and_drop('{GO}', '{SIZE}')", ["drag button “Go” from (110, 15) to (110, 135)"]),
        ("scroll(0, 200)", ["scroll by (0, 200)"]),
        ("noop() noop(500)", ["wait 1 s", "wait 0.5 s"]),
        ("goto('http://a.example/')", ["open http://a.example/"]),
        ("go_back() tab_focus(0)", ["back"]),
        ("keyboard_press('Tab') keyboard_type('x')", ["press Tab", "type “x”"]),
        ("mouse_click(7, 8)", ["tap at (7, 8)"]),
        ("mouse_down(10, 10) mouse_move(20, 20) mouse_up(50, 60)", ["drag from (10, 10) to (50, 60)"]),
        ("mouse_down(10, 10) mouse_up(11, 10)", ["tap at (11, 10)"]),
        ("mouse_drag_and_drop(1, 2, 3, 4)", ["drag from (1, 2) to (3, 4)"]),
        ("send_msg_to_user('It is 7.')", ["answer “It is 7.”"]),
        ("report_infeasible('no such field')", ["give up: no such field"]),
    ],
)
def test_an_action_is_done_with_a_finger(text: str, expected: list[str]) -> None:
    assert [describe(action) for action in done(text)] == expected


def test_actions_keep_their_numbers_and_elements() -> None:
    [typed, scrolled, tapped, pressed, dragged, chosen] = done(
        f"keyboard_insert_text('x') scroll_at(50, 25, -3, 4) click('{GO}') mouse_click(5, 6, 'right') "
        f"drag_and_drop('{GO}', '{NAME}') select_option('{SIZE}', 'S')"
    )
    assert isinstance(typed, Type) and typed.element is None and not typed.clear
    assert isinstance(scrolled, Scroll) and (scrolled.dx, scrolled.dy) == (-3, 4) and scrolled.element is not None
    assert isinstance(tapped, Tap) and tapped.element == SHOWN.elements[0]
    assert isinstance(pressed, LongPress) and pressed.point == Point(x=5, y=6)
    assert isinstance(dragged, Drag) and dragged.target == SHOWN.elements[1]
    assert isinstance(chosen, Select) and chosen.element == SHOWN.elements[3]
    assert [action.kind for action in done("send_msg_to_user('7')", ends=True)] == ["answer", "done"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("click('99')", "no element with the bid '99'"),
        ("click('a1')", "no element with the bid 'a1'"),
        ("click(1)", "click: 0: Input should be a valid string"),
        ("click()", "click: bid: Missing required argument"),
        ("click('1', colour='red')", "click: colour: Unexpected keyword argument"),
        ("click('1', 'up')", "click: 1: Input should be 'left', 'middle' or 'right'"),
        ("click('1', 'middle')", "a finger has no middle button"),
        ("click('1', modifiers=['Shift'])", "with Shift held"),
        ("click('1', modifiers=['Hyper'])", "click: modifiers.0: Input should be 'Alt'"),
        ("hover('1')", "a finger does not hover"),
        ("mouse_move(1, 2)", "a finger does not hover"),
        ("mouse_up(1, 2)", "mouse_up without mouse_down"),
        ("mouse_click(1000, 2)", r"\(1000, 2\) is not on the screen, which is 390 x 844"),
        ("press('6', 'Enter')", "which takes no text"),
        ("focus('1')", "takes no text"),
        ("check('1')", "cannot be checked"),
        ("select_option('4', [])", "needs an option"),
        ("upload_file('1', 'x')", "chooses no files"),
        ("keyboard_down('Shift')", "keys cannot be held"),
        ("new_tab()", "one page at a time"),
        ("tab_focus(2)", "there is no tab 2"),
        ("tab_focus('0')", "tab_focus: 0: Input should be a valid integer"),
        ("go_forward()", "goes back only"),
        ("noop(1e9)", "noop waits from 0 to 60000 ms"),
        ("scroll('a', 1)", "scroll: 0: Input should be a valid number"),
        ("read('x')", "no action 'read'"),
        ("_find('1')", "no action '_find'"),
        ("__class__()", "no action '__class__'"),
    ],
)
def test_what_cannot_be_done_says_why(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        done(text)


def test_an_id_stays_with_its_place_and_is_not_taken_by_something_else() -> None:
    bids = Bids()
    bids.see(SHOWN)
    hand = Finger(bids)
    [call] = hand.read(f"click('{GO}')")
    moved = SHOWN.model_copy(update={"elements": (element("button", "Delete all", "main/button"), *SHOWN.elements[1:])})
    with pytest.raises(UsageError, match="what had the bid '1' is not there any more"):
        hand.actions(call, moved)
    bids.see(moved)  # the agent was shown it
    assert describe(hand.actions(call, moved)[0]) == "tap button “Delete all”"
    more = SHOWN.model_copy(update={"elements": (element("link", "New", "main/link"), *SHOWN.elements)})
    bids.see(more)
    assert [bids.of(e) for e in more.elements] == ["7", *"123456"]
    with pytest.raises(UsageError, match="no element with the bid '1'"):
        hand.actions(call, screen(element("link", "New", "main/link")))


@pytest.mark.parametrize(
    ("options", "turned"),
    [("['S', 'M']", ["L", "M"]), ("'M'", ["S", "L", "M"]), ("['S', 'L']", []), ("[]", ["S", "L"])],
)
def test_of_a_list_of_several_choices_those_are_chosen_that_are_named(options: str, turned: list[str]) -> None:
    several = screen(element("listbox", "Sizes", "main/listbox", options=("S", "M", "L"), value="S, L"))
    bids = Bids()
    bids.see(several)
    hand = Finger(bids)
    [call] = hand.read(f"select_option('{bids.of(several.elements[0])}', {options})")
    assert [describe(action) for action in hand.actions(call, several)] == [
        f"select “{option}” in listbox “Sizes”" for option in turned
    ]
