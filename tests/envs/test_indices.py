"""Elements by their numbers: what is listed, and what a dict of numbers means on a screen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from screens import element, screen

from ostinato.envs.indices import KINDS, Indices, listed
from ostinato.envs.loose import Anything, Unicode
from ostinato.errors import UsageError
from ostinato.trace.action import Action, describe

SHOWN = screen(
    element("heading", "Tea", "main/heading"),
    element("text", "דנה 🍵", "main/text"),
    element("textbox", "Name", "main/textbox", editable=True, value="x" * 20_000),
    element("textbox", "Code", "main/textbox[2]", editable=True, password=True, value="••"),
    element("combobox", "Size", "main/combobox", options=("S", "M")),
    element("button", "Go", "main/button", reachable=False),
    dialog="Sure?",
)
PICTURE = np.zeros((844, 390, 3), np.uint8)


def told(kind: str, element: int = -1, text: str = "", point: Any = (0, 0), end: Any = (0, 0)) -> dict[str, Any]:
    return {"kind": KINDS.index(kind), "element": element, "text": text, "point": point, "end": end}


def done(action: Any, most: int = 10) -> Action:
    [part] = Indices(390, 844, most).read(action)
    [found] = part(SHOWN)
    return found


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (told("tap", 0), "tap heading “Tea”"),
        (told("tap", point=(0.5, 0.25)), "tap at (195, 211)"),
        (told("double_tap", 1), "double-tap text “דנה 🍵”"),
        (told("long_press", point=np.array([1, 1], np.float32)), "long-press at (390, 844)"),
        (told("type", 2, "Ann"), "type “Ann” into textbox “Name”"),
        (told("type", text="Ann"), "type “Ann”"),
        (told("select", 4, "M"), "select “M” in combobox “Size”"),
        (told("drag", 0, end=(1, 0)), "drag heading “Tea” from (110, 15) to (390, 0)"),
        (told("scroll", point=(0, 0.5), end=(0, 0)), "scroll by (0, -422)"),
        (told("key", text="Enter"), "press Enter"),
        (told("back"), "back"),
        (told("home"), "home"),
        (told("wait"), "wait 0.5 s"),
        (told("answer", text="7"), "answer “7”"),
        (told("done"), "done"),
        (told("give_up", text="no"), "give up: no"),
    ],
)
def test_numbers_mean_actions(action: dict[str, Any], expected: str) -> None:
    assert describe(done(action)) == expected


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        (told("tap", 6), "there is no element 6; the list has 6"),
        (told("select"), "select needs the list"),
        (told("key"), "key needs the name of a key"),
        ({"kind": 99, "element": 0, "text": "", "point": (0, 0), "end": (0, 0)}, "there is no kind 99"),
        ({"kind": 0}, "this is no action"),
        ({**told("tap"), "kind": -1}, "there is no kind -1"),
        ({**told("tap"), "kind": -len(KINDS)}, "there is no kind -14"),
        (told("tap", point=(0, 1.5)), "from 0 to 1"),
        (told("tap", point=(0, float("nan"))), "from 0 to 1"),
        (told("tap", point=(0,)), "this is no action"),
        (17, "this is no action"),
    ],
)
def test_what_means_nothing_is_said(action: Any, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        done(action)


def test_every_drawn_action_means_something_or_says_why() -> None:
    language = Indices(390, 844, 10)
    language.action_space.seed(3)
    for _ in range(300):
        action = language.action_space.sample()
        assert action in language.action_space
        try:
            done(action)
        except UsageError as error:
            assert "element" in str(error) or "needs" in str(error)


def test_an_observation_is_in_its_space_and_keeps_no_password() -> None:
    language = Indices(390, 844, 10)
    language.begin("Make tea")
    seen = language.observation(SHOWN, PICTURE, None, "")
    assert seen in language.observation_space
    assert seen["goal"] == "Make tea" and seen["dialog"] == "Sure?" and len(seen["elements"]) == 6
    assert [one["value"] for one in seen["elements"]][3] == "" and len(seen["elements"][2]["value"]) == 10_000
    assert seen["elements"][4]["options"] == "S\nM" and seen["elements"][0]["box"].tolist() == [10, 0, 200, 30]


def test_where_there_is_too_much_words_are_left_out_first() -> None:
    assert [e.name for e in listed(SHOWN, 4)] == ["Tea", "Name", "Code", "Size"]
    assert [e.name for e in listed(SHOWN, 2)] == ["Name", "Code"]
    assert listed(SHOWN, 6) == list(SHOWN.elements)


@given(st.text(max_size=30))
def test_any_writing_is_a_text(text: str) -> None:
    assert Unicode(30).contains(text) and not Unicode(30).contains(text + "x" * 31)


def test_loose_spaces_draw_what_they_hold() -> None:
    space = Unicode(5, seed=1)
    assert (
        all(space.contains(space.sample()) for _ in range(50)) and Unicode(5, seed=1).sample() == Unicode(5, 1).sample()
    )
    assert space == Unicode(5) != Unicode(6) and repr(space) == "Unicode(5)" and not space.contains(3)
    assert Anything(dict).sample() == {} and Anything(dict) == Anything(dict) != Anything(tuple)
