from __future__ import annotations

from collections.abc import Iterable

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
