from __future__ import annotations

import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.trace.values import (
    address,
    as_date,
    as_number,
    canonical,
    fill,
    holds_value,
    kind_of,
    number_places,
    numbers_in,
    same_text,
    same_value,
    slots_in,
)

words = st.text(string.ascii_letters + "äñ寿🍣 '-", min_size=1, max_size=12).filter(lambda t: t.strip())


@pytest.mark.parametrize(
    ("text", "number"),
    [("42.50", "42.5"), ("42,5", "42.5"), ("1,234.00", "1234"), ("1 234", "1234"), ("€ 12", "12"), ("-3", "-3"),
     ("0,125", "0.125"), ("1,234", "1234"), ("12,345,678", "12345678"), ("1.234,56", "1234.56"),
     ("1.234.567,8", "1234567.8"), ("1 234,567", "1234.567"), ("1'234.5", "1234.5"), ("１２", "12"), ("+7", "7")],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, number: str) -> None:
    assert as_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "12a", "1e5", "1.2.3", "12 apples", "--3", "1,23,456", "٣٤٥x", "1,234,5", "12%", "(12)", "1.234.567"]
)
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


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1.234,56 € and 1 234.5", ["1.234,56", "1 234.5"]),
        ("version 1.2.3, 192.168.0.1, 28.2.2026", []),
        ("a1 1b _2_ 5-12 A-7 -7", ["2", "5", "-7"]),
        ("3 1200, 1 2345; 7.", ["3", "1200", "1", "2345", "7"]),
        ("on 2026-01-31 at 9", ["9"]),
    ],
)
def test_only_whole_numbers_are_found_in_a_text(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == numbers
    assert [text[at:].startswith(n) for n in numbers for at in number_places(text, n)] == [True] * len(numbers)


@given(st.decimals(0, 10**9, places=2, allow_nan=False), st.text(max_size=9), st.text(max_size=9))
def test_a_number_alone_between_blanks_is_found_in_any_text(number: Decimal, before: str, after: str) -> None:
    for written in (f"{number:.2f}", f"{number:,.2f}", f"{number:,.2f}".translate(str.maketrans(",.", ".,"))):
        assert holds_value(f"{before}\n{written}\n{after}", f"{number:.2f}")


def test_ten_thousand_characters_are_a_value_like_any_other() -> None:
    long = "x" * 9_999 + "y"
    assert holds_value(f"it says {long}.", long) and not holds_value(long, long[1:]) and same_value(long, long.upper())
    assert as_number("1" * 10_000) == Decimal("1" * 10_000) and numbers_in("9" * 10_000 + "x") == []


def test_case_width_white_space_and_direction_marks_do_not_count() -> None:
    assert (
        same_value("\u200fשלום  עולם\u200e", "שלום עולם") and same_value("ＡＢＣ", "abc") and same_value("a\nb", "A b")
    )
    assert not same_value("naïve", "naive") and not same_value("👨\u200d👩", "👨👩")


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


@pytest.mark.parametrize(("one", "other"), [("007", "7"), ("01234", "1234"), ("+49", "49"), ("-01", "-1")])
def test_a_number_that_is_the_name_of_something_is_kept_to_the_letter(one: str, other: str) -> None:
    assert same_value(one, other), "as a day of the month"
    assert not same_text(one, other) and not same_text(other, one)
    assert same_text(one, one) and same_text(other, f" {other} ")
    assert kind_of(one) == "text" and kind_of(other) == "number"
    assert canonical(one) != canonical(other)


@given(st.decimals(min_value=0, max_value=99999, places=2))
def test_every_writing_of_an_amount_has_one_canonical_form(amount: Decimal) -> None:
    plain = f"{amount:.2f}"
    writings = {plain, plain.replace(".", ","), f"{amount:,.2f}", f"€ {plain}"}
    assert {canonical(text) for text in writings} == {canonical(plain)}
    assert canonical("0.50") == "0.5" and canonical(" Bob ") == canonical("bob")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Shop.Example", "http://shop.example/"),
        ("HTTPS://shop.example:443", "https://shop.example/"),
        ("127.0.0.1:8123", "http://127.0.0.1:8123/"),
        ("http://[::1]:5000", "http://[::1]:5000/"),
        ("http://Ann:Secret@shop.example/A?b=C#/Inbox", "http://Ann:Secret@shop.example/A?b=C#/Inbox"),
        ("http://shop.example:8080/a/", "http://shop.example:8080/a/"),
        ("ihatemoney", "ihatemoney"),
        ("miniwob/click-button/7", "miniwob/click-button/7"),
    ],
)
def test_an_address_loses_nothing_but_its_spelling(text: str, same: str) -> None:
    assert address(text) == same == address(same)
