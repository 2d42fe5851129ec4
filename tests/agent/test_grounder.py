"""Grounding by words: roles, names, rows, numbers, sides, neighbours, and saying when it is unsure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ostinato.agent.grounder import LexicalGrounder, same_things, unsure
from ostinato.model.ocr import Line
from ostinato.trace.screen import Box, Element, Screen


def screen(*elements: Element) -> Screen:
    return Screen(width=390, height=844, elements=elements, taken=datetime(2026, 1, 1, tzinfo=UTC))


def thing(
    role: str,
    name: str,
    path: str,
    left: float = 20,
    top: float = 20,
    width: float = 100,
    height: float = 30,
    placeholder: str | None = None,
    value: str | None = None,
) -> Element:
    box = Box(left=left, top=top, width=width, height=height)
    return Element(role=role, name=name, path=path, box=box, placeholder=placeholder, value=value)


BILLS = screen(
    thing("searchbox", "", "searchbox", top=10, width=300, placeholder="Search bills"),
    thing("heading", "Expenses", "heading", top=60),
    *(
        element
        for number, (what, top) in enumerate((("Taxi", 100), ("Hotel", 150), ("Lunch", 200)), start=1)
        for row in [f"table/row[{number}]"]
        for element in (
            thing("row", "", row, 0, top, 390, 40),
            thing("cell", what, f"{row}/cell", 10, top),
            thing("button", "Delete", f"{row}/button", 200, top, 60),
            thing("button", "Edit", f"{row}/button[2]", 300, top, 60),
        )
    ),
    thing("text", "Amount", "text", 10, 300, 80),
    thing("textbox", "", "textbox", 120, 300, 150),
    thing("text", "Payer", "text[2]", 10, 350, 80),
    thing("textbox", "", "textbox[2]", 120, 350, 150),
    thing("checkbox", "Private", "checkbox", top=400),
    thing("button", "Save", "button", 20, 500),
    thing("button", "Cancel", "button[2]", 200, 500),
    thing("link", "Saved searches", "link", 20, 600),
)


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("the Save button", "button"),
        ("Save", "button"),
        ('the button labelled "Cancel"', "button[2]"),
        ("link called Saved searches", "link"),
        ("the saved search link", "link"),
        ("the search field at the top", "searchbox"),
        ("search bills", "searchbox"),
        ("the amount field", "textbox"),
        ("the second text box", "textbox"),
        ("the last text box", "textbox[2]"),
        ("field for payer", "textbox[2]"),
        ("the row of Hotel", "table/row[2]"),
        ("Delete in the row of Lunch", "table/row[3]/button"),
        ("the Delete button for Taxi", "table/row[1]/button"),
        ("the 2nd Edit button", "table/row[2]/button[2]"),
        ("the last Delete button", "table/row[3]/button"),
        ("the button to the right of Save", "button[2]"),
        ("the text box below Amount", "textbox[2]"),
        ("the text box above Payer", "textbox"),
        ("the checkbox", "checkbox"),
        ("the button at the bottom left", "button"),
    ],
)
def test_words_find_their_thing(words: str, path: str) -> None:
    found = LexicalGrounder().ground(words, BILLS)
    assert found is not None and found.element is not None
    assert found.element.path == path
    assert not unsure(found), found


@pytest.mark.parametrize("words", ["the Delete button", "the button", "the purple elephant", "Archive"])
def test_what_fits_several_things_or_none_is_unsure(words: str) -> None:
    assert unsure(LexicalGrounder().ground(words, BILLS))


def test_a_number_beyond_the_last_names_nothing() -> None:
    assert unsure(LexicalGrounder().ground("the 9th Delete button", BILLS))


def test_nothing_is_found_for_no_words_or_on_an_empty_screen() -> None:
    assert LexicalGrounder().ground("  ", BILLS) is None
    assert LexicalGrounder().ground("Save", screen()) is None


def test_a_tab_and_the_link_in_it_are_one_thing() -> None:
    both = screen(thing("tab", "News", "tab"), thing("link", "News", "tab/link"), thing("tab", "Sport", "tab[2]", 200))
    assert not unsure(LexicalGrounder().ground("News", both))


def test_labels_below_their_fields_are_told_from_labels_above() -> None:
    form = screen(
        *(
            element
            for number, name in enumerate(("Genre", "Year", "Director"), start=1)
            for element in (
                thing("textbox", "", f"textbox[{number}]", 20, 100 * number, 300, 40),
                thing("text", name, f"text[{number}]", 20, 100 * number + 42, 80, 24),
            )
        )
    )
    found = LexicalGrounder().ground("the year field", form)
    assert found is not None and found.element is not None and found.element.path == "textbox[2]"


def test_capital_letters_decide_between_two_that_are_else_the_same() -> None:
    both = screen(thing("button", "SAVE", "button"), thing("button", "Save", "button[2]", 200))
    found = LexicalGrounder().ground("the Save button", both)
    assert found is not None and found.element is not None and found.element.path == "button[2]"


def test_all_things_of_a_description_are_given_from_the_top() -> None:
    assert [e.path for e in same_things("all Delete buttons", BILLS)] == [f"table/row[{n}]/button" for n in (1, 2, 3)]


def test_a_picture_without_a_tree_is_read() -> None:
    lines = (Line("Inbox", (10, 10, 80, 20), 0.9), Line("Send", (300, 800, 60, 24), 0.9))
    found = LexicalGrounder(read=lambda seen: lines).ground("the Send button", screen())
    assert found is not None and found.element is None and found.box is not None
    assert (found.box.left, found.box.top) == (300, 800) and "picture" in found.how


class Meaning:
    """An embedder that knows that a cart is a basket."""

    name = "meaning"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        near = {"cart": 0, "basket": 0}
        rows = np.zeros((len(texts), 50), np.float32)
        for number, text in enumerate(texts):
            rows[number, near.get(text.lower(), 1 + number)] = 1
        return rows


def test_another_word_for_the_same_is_found_by_meaning_alone() -> None:
    shop = screen(thing("button", "Cart", "button"), thing("button", "Checkout", "button[2]", 200))
    assert LexicalGrounder().ground("the basket button", shop) is None
    found = LexicalGrounder(Meaning()).ground("the basket button", shop)
    assert found is not None and found.element is not None and found.element.path == "button" and not unsure(found)


@given(st.text(max_size=40))
def test_any_words_give_a_score_and_a_margin_or_nothing(words: str) -> None:
    found = LexicalGrounder().ground(words, BILLS)
    if found is not None:
        assert 0 <= found.margin <= found.score <= 1 and found.element in BILLS.elements
