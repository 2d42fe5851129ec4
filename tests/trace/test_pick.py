"""Which row a task describes: read from the screen, refused where it does not tell."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screens import element, row, screen

from ostinato.errors import LearnError
from ostinato.trace.columns import cell_under, heading_of
from ostinato.trace.locator import Locator, find, why_not
from ostinato.trace.pick import How, Pick, measure
from ostinato.trace.screen import Element, Screen
from ostinato.trace.superlatives import described


def table(*rows: tuple[str, ...], more: tuple[Element, ...] = ()) -> Screen:
    """Rows of what, how much and when, with a button each, under headings."""
    heads = [
        element("columnheader", text, f"main/table/row[1]/columnheader[{n}]")
        for n, text in enumerate(("What", "Price", "When"), start=1)
    ]
    cells = [e for n, texts in enumerate(rows, start=2) for e in row(n, *texts, control="delete")]
    return screen(element("table", "", "main/table"), element("row", "", "main/table/row[1]"), *heads, *cells, *more)


def touched(shown: Screen, number: int) -> tuple[Element, Element]:
    """The button of a row, and the row."""
    path = f"main/table/row[{number + 2}]"
    found = shown.at_path(path + "/button"), shown.at_path(path)
    assert found[0] is not None and found[1] is not None
    return found[0], found[1]


prices = st.lists(st.decimals(0, 9999, places=2, allow_nan=False), min_size=2, max_size=6)
PICK = Pick(how="lowest", row="row", column="Price", target="/button")


@given(prices, st.sampled_from(["lowest", "highest"]))
def test_the_lowest_or_highest_is_found_and_a_tie_is_refused(values: list[Decimal], how: How) -> None:
    shown = table(*[(f"Thing {n}", f"{value} EUR", "2026-01-31") for n, value in enumerate(values)])
    locator = Locator(role="button", name="delete", pick=PICK.model_copy(update={"how": how}))
    best = min(values) if how == "lowest" else max(values)
    found = find(locator, shown, {})
    if values.count(best) > 1:
        assert found is None and f"more than one row has the {how} value" in why_not(locator, shown, {})
    else:
        assert found is not None and found.path == f"main/table/row[{values.index(best) + 2}]/button"


@given(prices)
def test_what_is_learnt_finds_what_was_touched(values: list[Decimal]) -> None:
    shown = table(*[(f"Thing {n}", str(value), f"2026-01-{n + 1:02d}") for n, value in enumerate(values)])
    button, holder = touched(shown, values.index(min(values)))
    pick = described([button], [holder], [shown], ["Delete the cheapest thing"])
    if values.count(min(values)) > 1:
        assert pick is None
    else:
        assert pick is not None and (pick.how, pick.column) == ("lowest", "Price")
        assert find(Locator(role="button", name="delete", pick=pick), shown, {}) == button


@pytest.mark.parametrize(
    ("task", "number", "how", "column"),
    [
        ("Delete the first thing", 0, "first", None),
        ("Remove the last one", 2, "last", None),
        ("Delete the newest thing", 1, "highest", "When"),
        ("Delete the oldest thing", 0, "lowest", "When"),
        ("Delete the most expensive thing", 2, "highest", "Price"),
        ("Delete the least expensive thing", 1, "lowest", "Price"),
        ("Lösche das billigste", 1, "lowest", "Price"),
        ("Delete the most recent thing", 1, "highest", "When"),
        ("Delete the cheapest thing", 0, None, None),
        ("Delete the newest thing", 2, None, None),
        ("Delete a thing", 0, None, None),
        ("Delete Firstborn", 0, None, None),
    ],
)
def test_a_task_describes_a_row_by_a_word_that_is_true_of_it(
    task: str, number: int, how: How | None, column: str | None
) -> None:
    shown = table(("Tea", "3.20", "2026-01-01"), ("Jam", "2", "2026-03-01"), ("Rice", "4", "2026-02-01"))
    button, holder = touched(shown, number)
    pick = described([button], [holder], [shown], [task])
    assert (pick.how, pick.column) == (how, column) if pick else how is None


def test_it_must_be_true_in_every_recording_and_said_in_every_task() -> None:
    one = table(("Tea", "3.20", "2026-01-01"), ("Jam", "2", "2026-03-01"))
    other = table(("Tea", "3.20", "2026-01-01"), ("Jam", "5", "2026-03-01"))
    pairs = [touched(one, 1), touched(other, 1)]
    elements, holders = [p[0] for p in pairs], [p[1] for p in pairs]
    assert described(elements, holders, [one, other], ["the cheapest", "the cheapest"]) is None
    assert described(elements, holders, [one, other], ["the newest", "the last"]) is None
    both = described(elements, holders, [one, other], ["the newest", "the newest"])
    assert both is not None and both.column == "When"


def test_one_row_alone_shows_nothing() -> None:
    shown = table(("Tea", "3.20", "2026-01-01"))
    button, holder = touched(shown, 0)
    assert described([button], [holder], [shown], ["the first and cheapest"]) is None


def test_two_columns_that_would_do_are_an_error_unless_the_task_names_one() -> None:
    heads = [element("columnheader", t, f"main/table/row[1]/columnheader[{n}]") for n, t in ((1, "Price"), (2, "Tax"))]
    cells = [*row(2, "1", "0.1", control="delete"), *row(3, "2", "0.2", control="delete")]
    shown = screen(element("table", "", "main/table"), element("row", "", "main/table/row[1]"), *heads, *cells)
    button, holder = touched(shown, 0)
    with pytest.raises(LearnError, match=r"more than one column \(Price, Tax\)"):
        described([button], [holder], [shown], ["Delete the lowest"])
    named = described([button], [holder], [shown], ["Delete the one with the lowest tax"])
    assert named is not None and named.column == "Tax"


@pytest.mark.parametrize("name", ["Next", "Load more", "›"])
def test_of_a_list_that_goes_on_only_the_first_is_known(name: str) -> None:
    rows = (("Tea", "3.20", "2026-01-01"), ("Jam", "2", "2026-03-01"))
    shown = table(*rows, more=(element("link", name, "main/link"),))
    for how in ("last", "lowest"):
        locator = Locator(role="button", name="delete", pick=PICK.model_copy(update={"how": how}))
        assert find(locator, table(*rows), {}) is not None
        assert find(locator, shown, {}) is None and "goes on" in why_not(locator, shown, {})
    first = Locator(role="button", name="delete", pick=PICK.model_copy(update={"how": "first"}))
    assert find(first, shown, {}) is not None


def test_a_row_without_a_value_that_can_be_read_picks_none() -> None:
    shown = table(("Tea", "3.20", "2026-01-01"), ("Jam", "on request", "2026-03-01"))
    assert find(Locator(role="button", name="delete", pick=PICK), shown, {}) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("12.40 (3.10 each)", "12.40"), ("€ 3", "3"), ("up to 3", None), ("tea", None), ("", None), ("1 to 3 May", "1")],
)
def test_a_cell_is_measured_by_the_number_that_it_begins_with(text: str, value: str | None) -> None:
    found = measure(element("cell", text))
    assert found == (Decimal(value) if value else None)


def test_a_cell_stands_under_its_heading() -> None:
    shown = table(("Tea", "3.20", "2026-01-01"))
    cell = shown.at_path("main/table/row[2]/cell[2]")
    assert cell is not None and heading_of(cell, shown) == "Price"
    holder = shown.at_path("main/table/row[2]")
    assert holder is not None and cell_under("price", holder, shown) == cell
    assert cell_under("Colour", holder, shown) is None
