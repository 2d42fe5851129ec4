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
from ostinato.agent.likeness import covered, likeness
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
        ("the second expense", "table/row[2]"),
        ("the first bill", "table/row[1]"),
        ("the last expense", "table/row[3]"),
        ("the second expense from the bottom", "table/row[2]"),
        ("the third to last row", "table/row[1]"),
        ("Delete in the second expense", "table/row[2]/button"),
        ("the Edit button of the last expense", "table/row[3]/button[2]"),
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


@pytest.mark.parametrize("words", ["the 9th Delete button", "the fourth expense", "the second banana"])
def test_a_number_beyond_the_last_names_nothing(words: str) -> None:
    assert unsure(LexicalGrounder().ground(words, BILLS))


def listed_screen(before: Sequence[Element], names: Sequence[str]) -> Screen:
    head = thing("columnheader", "What", "table/row/columnheader", 10, 100)
    rows = [thing("row", "", "table/row", 0, 100, 390, 40), head]
    for number, name in enumerate(names, start=2):
        rows += [thing("row", "", f"table/row[{number}]", 0, 100 + 50 * number, 390, 40),
                 thing("cell", name, f"table/row[{number}]/cell", 10, 100 + 50 * number)]  # fmt: skip
    return screen(*before, *rows)


def test_the_head_of_a_table_and_the_ways_through_an_app_are_not_counted() -> None:
    bar = thing("navigation", "", "navigation", 0, 0, 390)
    ways = [thing("listitem", "", f"navigation/list/listitem[{n}]", 90 * n, 5, 80) for n in range(4)]
    links = [thing("link", name, f"navigation/list/listitem[{n}]/link", 90 * n, 5, 80)
             for n, name in enumerate(("Bills", "Settle", "Members", "Export"))]  # fmt: skip
    seen = listed_screen([thing("heading", "Bills", "heading", top=0), bar, *ways, *links], ["Taxi", "Hotel"])
    found = LexicalGrounder().ground("the second bill", seen)
    assert found is not None and found.element is not None and found.element.path == "table/row[3]"


@given(st.lists(st.sampled_from(["Taxi", "Hotel", "Lunch", "Rent"]), min_size=1, max_size=6), st.data())
def test_counting_from_either_end_meets(names: list[str], data: st.DataObject) -> None:
    seen = listed_screen([thing("heading", "Expenses", "heading", top=60)], names)
    place = data.draw(st.integers(1, len(names)))
    back = len(names) - place + 1
    words = (f"expense number {place}", f"the {_nth(place)} expense", f"the {_nth(back)} expense from the bottom")
    for one in words[1:]:
        found = LexicalGrounder().ground(one, seen)
        assert found is not None and found.element is not None and found.element.path == f"table/row[{place + 1}]", one


def _nth(number: int) -> str:
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"


def test_an_icon_is_found_by_what_the_page_calls_it() -> None:
    seen = screen(
        *(
            element
            for number, name in enumerate(("Ann", "Bo"))
            for element in (
                thing("text", name, f"text[{number + 1}]", 10, 100 + 50 * number),
                thing("img", "", f"img[{2 * number + 1}]", 200, 100 + 50 * number, 20),
                thing("img", "", f"img[{2 * number + 2}]", 230, 100 + 50 * number, 20),
            )
        )
    )
    hints = {"img[1]": "trash", "img[2]": "star", "img[3]": "trash", "img[4]": "star clicked"}
    seen = screen(*(e.model_copy(update={"hint": hints.get(e.path)}) for e in seen.elements))
    found = LexicalGrounder().ground("the trash icon in the row of the mail by Bo", seen)
    assert found is not None and found.element is not None and found.element.path == "img[3]"
    assert [e.path for e in same_things("the trash icon", seen)] == ["img[1]", "img[3]"]


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


def test_a_word_on_a_label_stands_for_one_of_those_that_were_said() -> None:
    assert covered(("2", "2"), ("2",)) == 0.5 and covered(("2", "2"), ("2", "2")) == 1
    assert likeness("cell (2,2)", "(2,2)") > likeness("cell (2,2)", "2")
    assert likeness("cell (-1,0)", "(-1,0)") > likeness("cell (-1,0)", "(0,-1)")


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
