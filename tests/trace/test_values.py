from __future__ import annotations

import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.trace.values import as_date, as_number, fill, holds_value, kind_of, same_value, slots_in

words = st.text(string.ascii_letters + "äñ寿🍣 '-", min_size=1, max_size=12).filter(lambda t: t.strip())


@pytest.mark.parametrize(
    ("text", "number"),
    [("42.50", "42.5"), ("42,5", "42.5"), ("1,234.00", "1234"), ("1 234", "1234"), ("€ 12", "12"), ("-3", "-3"),
     ("0,125", "0.125"), ("1,234", "1234"), ("12,345,678", "12345678")],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, number: str) -> None:
    assert as_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "12a", "1e5", "1.2.3", "12 apples", "--3", "1,23,456", "٣٤٥x"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert as_number(text) is None


def test_dates_are_real_days() -> None:
    assert as_date("2026-02-28") is not None
    assert as_date("2026-02-30") is None and as_date("28.2.2026") is None
    assert [kind_of(t) for t in ("2026-02-28", "12", "twelve")] == ["date", "number", "text"]


def test_a_number_is_never_found_inside_another() -> None:
    assert not holds_value("total 120", "12") and not holds_value("1.25", "25") and not holds_value("A12", "12")
    assert holds_value("paid 1,200.00 €", "1200") and holds_value("12, 13", "13")
    assert not holds_value("on 2026-01-12", "12")


def test_a_word_is_never_found_inside_another() -> None:
    assert not holds_value("Bobby paid", "Bob") and holds_value("(Bob)", "bob")
    assert not holds_value("anything", "") and not holds_value("anything", " ")


@given(st.decimals(0, 10**6, places=2, allow_nan=False))
def test_a_number_is_itself_in_every_spelling(number: Decimal) -> None:
    plain = f"{number:.2f}"
    assert same_value(plain, f"{number:,.2f}") and same_value(plain, plain.replace(".", ","))
    assert same_value(plain, f"€ {plain}") and not same_value(plain, f"{number + 1:.2f}")


@given(words, words, words)
def test_a_value_is_found_where_it_stands_as_a_whole(left: str, value: str, right: str) -> None:
    assert holds_value(f"{left} {value} {right}", value)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=6)), st.text(max_size=20))
def test_filling_touches_slots_only(values: dict[str, str], rest: str) -> None:
    pattern = "{a}" + rest.replace("{", "").replace("}", "") + "{b} {d}"
    filled = fill(pattern, values)
    assert filled.startswith(values.get("a", "{a}")) and filled.endswith(values.get("b", "{b}") + " {d}")
    assert slots_in(pattern) == ("a", "b", "d")


def test_a_value_that_looks_like_a_slot_is_not_filled_again() -> None:
    assert fill("{a} {b}", {"a": "{b}", "b": "x"}) == "{b} x"
