from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.judge.change import Expectation, changes, compare
from ostinato.trace.data import AppData, Cell, Table

Row = tuple[Cell, ...]
COLUMNS = ("id", "what", "amount", "paid")
rows = st.dictionaries(
    st.integers(1, 6), st.tuples(st.sampled_from(["Bread", "Tea", ""]), st.sampled_from([1.0, 2.5]), st.booleans()),
    max_size=5,
)  # fmt: skip


def data(bills: Iterable[Row]) -> AppData:
    return AppData(app="shop", tables={"bill": Table(columns=COLUMNS, key=("id",), rows=tuple(bills))})


def of(bills: dict[int, tuple[str, float, bool]]) -> AppData:
    return data((key, *cells) for key, cells in bills.items())


BEFORE = data([(1, "Bread", 3.2, True), (2, "Tea", 4.0, False)])
TEA = {"what": "Tea", "amount": "5"}
ADDED = (Expectation(table="bill", operation="added", cells={"what": "{what}", "amount": "{amount}"}),)


@given(rows, rows)
def test_the_changes_lead_from_before_to_after(before: dict[int, tuple], after: dict[int, tuple]) -> None:  # type: ignore[type-arg]
    rebuilt = dict(before)
    for change in changes(of(before), of(after)):
        key = change.row["id"]
        assert isinstance(key, int)
        rebuilt.pop(key, None)
        if change.after is not None:
            rebuilt[key] = tuple(change.after[c] for c in COLUMNS[1:])  # type: ignore[assignment]
    assert rebuilt == after


@given(rows, rows)
def test_expecting_nothing_is_true_only_of_equal_data(before: dict[int, tuple], after: dict[int, tuple]) -> None:  # type: ignore[type-arg]
    said, _ = compare(of(before), of(after), (), {})
    assert (said == "true") == (before == after)


def test_exactly_the_expected_row_and_nothing_else() -> None:
    after = data([(1, "Bread", 3.2, True), (2, "Tea", 4.0, False), (3, "Tea", 5.0, True)])
    assert compare(BEFORE, after, ADDED, TEA)[0] == "true"


@pytest.mark.parametrize(
    "after",
    [
        [(1, "Bread", 3.2, True), (2, "Tea", 4.0, False)],
        [(1, "Bread", 3.2, True), (2, "Tea", 4.0, False), (3, "Tea", 5.01, True)],
        [(1, "Bread", 3.2, True), (2, "Tea", 4.0, False), (3, "Teas", 5.0, True)],
        [(1, "Bread", 3.2, True), (2, "Tea", 4.0, False), (3, "Tea", 5.0, True), (4, "Tea", 5.0, True)],
        [(1, "Bread", 3.3, True), (2, "Tea", 4.0, False), (3, "Tea", 5.0, True)],
        [(2, "Tea", 4.0, False), (3, "Tea", 5.0, True)],
        [(1, "Bread", 3.2, True), (2, "Tea", 5.0, False)],
    ],
    ids=["dropped", "altered", "misspelt", "doubled", "another changed", "another deleted", "changed instead"],
)
def test_whatever_else_happened_is_false_and_said(after: list[Row]) -> None:
    said, why = compare(BEFORE, data(after), ADDED, TEA)
    assert said == "false" and ("expected but not there" in why or "not expected" in why)


def test_of_a_changed_row_only_the_named_cells_may_differ() -> None:
    changed = (Expectation(table="bill", operation="changed", cells={"amount": "9"}, was={"what": "Tea"}),)
    assert compare(BEFORE, data([(1, "Bread", 3.2, True), (2, "Tea", 9.0, False)]), changed, {})[0] == "true"
    assert compare(BEFORE, data([(1, "Bread", 3.2, True), (2, "Tea", 9.0, True)]), changed, {})[0] == "false"
    assert compare(BEFORE, data([(1, "Bread", 9.0, True), (2, "Tea", 4.0, False)]), changed, {})[0] == "false"
    free = (changed[0].model_copy(update={"free": ("paid",)}),)
    assert compare(BEFORE, data([(1, "Bread", 3.2, True), (2, "Tea", 9.0, True)]), free, {})[0] == "true"


def test_every_order_of_expectations_finds_its_rows() -> None:
    after = data([*BEFORE.tables["bill"].rows, (3, "Tea", 5.0, True), (4, "Jam", 5.0, True), (5, "Jam", 6.0, True)])
    loose = Expectation(table="bill", operation="added")
    five = Expectation(table="bill", operation="added", cells={"amount": "5"})
    tea = Expectation(table="bill", operation="added", cells={"what": "Tea"})
    for expected in permutations((loose, five, tea)):
        assert compare(BEFORE, after, expected, {})[0] == "true", expected
        assert compare(BEFORE, after, (*expected, tea), {})[0] == "false"
    assert "not expected: bill added: id=" in compare(BEFORE, after, (tea, five), {})[1]


def test_a_removed_row_is_known_by_what_it_was() -> None:
    gone = (Expectation(table="bill", operation="removed", cells={"what": "{what}"}),)
    after = data([(1, "Bread", 3.2, True)])
    assert compare(BEFORE, after, gone, {"what": "Tea"})[0] == "true"
    said, why = compare(BEFORE, after, gone, {"what": "Bread"})
    assert said == "false" and "expected but not there: bill removed (what=Bread)" in why


def test_a_cell_that_must_hold_words_may_hold_more() -> None:
    holds = (Expectation(table="bill", operation="added", holds={"what": "{what}"}),)
    for cell, answer in (("Green tea, loose", "true"), ("Steam", "false"), ("", "false")):
        after = data([*BEFORE.tables["bill"].rows, (3, cell, 5.0, True)])
        assert compare(BEFORE, after, holds, TEA)[0] == answer


def test_cells_are_compared_as_what_they_are() -> None:
    after = data([*BEFORE.tables["bill"].rows, (3, None, 1200.0, True)])
    for cells, answer in (
        ({"amount": "1,200.00", "paid": "true"}, "true"), ({"what": ""}, "true"), ({"paid": "1"}, "false"),
        ({"paid": "false"}, "false"), ({"what": "None"}, "false"), ({"colour": "red"}, "false"),
    ):  # fmt: skip
        wanted = (Expectation(table="bill", operation="added", cells=cells),)
        assert compare(BEFORE, after, wanted, {})[0] == answer, cells


def test_a_table_that_came_or_went_is_all_its_rows() -> None:
    empty = AppData(app="shop")
    assert [c.operation for c in changes(empty, BEFORE)] == ["added", "added"]
    assert [c.operation for c in changes(BEFORE, empty)] == ["removed", "removed"]


def test_a_change_in_words_names_the_row_and_what_differs() -> None:
    [change] = changes(BEFORE, data([(1, "Bread", 3.2, True), (2, "Tea", 9.0, False)]))
    assert change.words() == "bill changed (Tea): amount: 4.0 → 9.0" and change.columns_changed == ("amount",)


@pytest.mark.parametrize(
    ("saved", "verdict"),
    [
        ("Tea", "true"),
        ("tea", "unknown"),
        ("TEA", "unknown"),
        (" Tea ", "true"),
        ("Te\u200fa", "true"),
        ("Teas", "false"),
    ],
)
def test_what_differs_only_in_case_is_left_to_a_person(saved: str, verdict: str) -> None:
    after = data([(1, "Bread", 3.2, True), (2, "Tea", 4.0, False), (3, saved, 5.0, True)])
    said, why = compare(BEFORE, after, ADDED, TEA)
    assert said == verdict
    assert verdict != "unknown" or f"bill.what is {saved!r}, expected 'Tea'" in why


def test_files_are_data_too() -> None:
    one, other = (AppData(app="a", files={"a.txt": text, "b.txt": ""}) for text in ("tea", "jam"))
    gone = AppData(app="a", files={"b.txt": ""})
    assert compare(one, one, (), {})[0] == "true"
    assert compare(one, other, (), {})[0] == compare(one, gone, (), {})[0] == "false"
    wanted = Expectation(table="files", operation="removed", cells={"path": "{name}.txt"})
    assert compare(one, gone, (wanted,), {"name": "a"})[0] == "true"


@pytest.mark.parametrize("key", [(), ("what",)])
def test_rows_that_their_key_does_not_tell_apart_are_compared_whole(key: tuple[str, ...]) -> None:
    def data(*rows: tuple[str, int]) -> AppData:
        return AppData(app="a", tables={"bill": Table(columns=("what", "amount"), key=key, rows=rows)})

    before = data(("Tea", 1), ("Tea", 2))
    assert compare(before, data(("Tea", 2), ("Tea", 1)), (), {})[0] == "true"
    for after in (data(("Tea", 1), ("Tea", 3)), data(("Tea", 2)), data(("Tea", 1), ("Tea", 2), ("Tea", 2))):
        assert compare(before, after, (), {})[0] == "false"
