"""Words that point at something: their readings, and the name that an item is known by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.agent.phrase import known_by, readings


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("the email by Ann", "Ann"),
        ("Ann's latest email", "Ann"),
        ("all of Chris's mails", "Chris"),
        ("the message you got from Ann-Kathrin", "Ann-Kathrin"),
        ("an e-mail I received from Ann", "Ann"),
        ("posts by @ann", "@ann"),
        ("the expense called Taxi", "Taxi"),
        ('the note titled "To do"', "To do"),
        ("Ann in the contact book", "Ann"),
        ("Taxi", "Taxi"),
        ("the red bicycle", "the red bicycle"),
    ],
)
def test_an_item_is_known_by_a_name(words: str, name: str) -> None:
    assert known_by(words) == name


@pytest.mark.parametrize(
    ("words", "ordinal"),
    [
        ("the second expense", 2),
        ("the 21st row", 21),
        ("the last bill", -1),
        ("the second to last bill", -2),
        ("the last but one bill", -2),
        ("the third from last row", -3),
        ("the third bill from the bottom", -3),
        ("the first row counting from the end", -1),
        ("row number 4", 4),
        ("tab #3", 3),
        ("the save button", None),
        ("the second hand shop", 2),
    ],
)
def test_numbers_are_read_from_either_end(words: str, ordinal: int | None) -> None:
    assert ordinal in [one.ordinal for one in readings(words)]
    if ordinal is None:
        assert {one.ordinal for one in readings(words)} == {None}


def test_a_counted_thing_need_not_be_called_so() -> None:
    assert any(not one.name and one.noun == "expense" and one.ordinal == 2 for one in readings("the second expense"))
    assert not any(one.noun for one in readings("Delete in the second expense") if not one.anchor)
    assert not any(one.noun for one in readings("the expense"))


@given(st.text(max_size=40) | st.text("the first2nd last button of in\"’s#'", max_size=40))
def test_any_words_have_readings_or_none(words: str) -> None:
    for one in readings(words):
        assert 0 <= one.doubt < 1 and "\x01" not in one.name + one.anchor
    assert isinstance(known_by(words), str)
