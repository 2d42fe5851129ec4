from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trace_strategies import NOW

from ostinato.trace.locator import MARGIN, Container, Locator, find, locate, why_not
from ostinato.trace.screen import Box, Element, Screen


def element(role: str, name: str, path: str, top: float = 0, **more: Any) -> Element:
    return Element(role=role, name=name, path=path, box=Box(left=10, top=top, width=80, height=30), **more)


def screen(*elements: Element) -> Screen:
    return Screen(width=390, height=844, elements=elements, taken=NOW)


BILLS = screen(
    element("table", "Bills", "main/table"),
    element("row", "", "main/table/row"),
    element("cell", "Bread", "main/table/row/cell"),
    element("button", "edit", "main/table/row/button", 10),
    element("row", "", "main/table/row[2]"),
    element("cell", "Brown bread", "main/table/row[2]/cell"),
    element("button", "edit", "main/table/row[2]/button", 60),
)


def test_a_row_is_known_by_the_value_that_stands_in_it() -> None:
    wanted = Locator(role="button", name="edit", container=Container(role="row", texts=("{what}",)))
    found = find(wanted, BILLS, {"what": "Brown bread"})
    assert found is not None and found.path == "main/table/row[2]/button"


def test_two_that_fit_alike_are_none() -> None:
    wanted = Locator(role="button", name="edit", container=Container(role="row", texts=("{what}",)))
    assert find(wanted, BILLS, {"what": "bread"}) is None
    assert "more than one" in why_not(wanted, BILLS, {"what": "bread"})
    assert find(Locator(role="button", name="edit"), BILLS, {}) is None


def test_a_slot_must_match_wholly_however_well_the_rest_fits() -> None:
    shown = screen(element("link", "Bill 12", "main/link", id="bill"))
    wanted = Locator(role="link", name="Bill {number}", id="bill", path="main/link")
    assert find(wanted, shown, {"number": "12"}) is not None
    assert locate(wanted, shown, {"number": "13"}) is None
    assert "not on the screen" in why_not(wanted, shown, {"number": "13"})


@pytest.mark.parametrize(
    "changed",
    [{"path": "main/div/form/button"}, {"name": "SUBMIT…"}, {"role": "link"}],
    ids=["moved", "written otherwise", "a link now"],
)
def test_one_attribute_may_change(changed: dict[str, str]) -> None:
    known = {"role": "button", "name": "Submit", "path": "main/form/button", "id": "submit"}
    wanted = Locator(**known)
    shown = screen(element("button", "Cancel", "main/form/button[2]", 50), element(**{**known, **changed}))
    found = find(wanted, shown, {})
    assert found is not None and found.box.top == 0


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [("Activate", "Deactivate"), ("Subscribe", "Unsubscribe"), ("Lock", "Unlock"), ("Delete", "Delete all"),
     ("Payment received", "Payment failed"), ("Order placed", "Order not placed"), ("Send", "Resend"), ("+", "-")],
)  # fmt: skip
def test_what_is_only_alike_is_never_taken_however_alone_it_stands(wanted: str, seen: str) -> None:
    for one, other in ((wanted, seen), (seen, wanted)):
        shown = screen(element("button", other, "main/button", id="toggle"))
        assert find(Locator(role="button", name=one, path="main/button"), shown, {}) is None
        assert find(Locator(role="button", name=one, id="toggle", path="main/button"), shown, {}) is None
        assert f"nearest is button “{other}”" in why_not(Locator(role="button", name=one), shown, {})


def test_of_two_that_differ_in_case_the_one_written_like_the_value_is_meant() -> None:
    shown = screen(element("button", "SAVE", "main/button"), element("button", "Save", "main/button[2]", 50))
    wanted = Locator(role="button", name="{what}")
    for value, top in (("Save", 50), ("SAVE", 0)):
        found = find(wanted, shown, {"what": value})
        assert found is not None and found.box.top == top
    assert find(wanted, shown, {"what": "save"}) is None
    alone = screen(element("button", "SAVE", "main/button"))
    assert find(wanted, alone, {"what": "save"}) is not None


def test_another_id_of_the_app_is_another_element() -> None:
    shown = screen(element("button", "Submit", "main/form/button", id="other"))
    assert find(Locator(role="button", name="Submit", id="submit"), shown, {}) is None


def test_what_became_something_else_is_not_taken() -> None:
    wanted = Locator(role="button", name="Submit", id="submit", path="main/form/button")
    shown = screen(element("button", "Delete all", "main/form/button", id="delete"))
    assert find(wanted, shown, {}) is None
    assert "nearest is button “Delete all”" in why_not(wanted, shown, {})
    assert find(wanted, screen(element("textbox", "Submit", "main/form/button", id="submit")), {}) is None


def test_cells_beside_each_other_are_told_apart_in_a_row() -> None:
    cells = ("3", "120.00", "Bobby", "Bob", "112", "12")
    shown = screen(
        element("row", "", "t/row"),
        *(element("cell", text, f"t/row/cell[{place}]") for place, text in enumerate(cells)),
        element("button", "edit", "t/row/button"),
    )
    for value in ("3", "120", "Bob", "Bobby", "12", "112"):
        row = Container(role="row", texts=("{value}",))
        assert find(Locator(role="button", name="edit", container=row), shown, {"value": value}), value
    row = Container(role="row", texts=("{value}",))
    assert find(Locator(role="button", name="edit", container=row), shown, {"value": "3120"}) is None


def test_the_nearest_row_counts_not_one_around_it() -> None:
    inner = element("button", "edit", "list/listitem/list/listitem/button")
    shown = screen(
        element("listitem", "", "list/listitem"),
        element("text", "Bread", "list/listitem/text"),
        element("listitem", "Tea", "list/listitem/list/listitem"),
        inner,
    )
    item = Container(role="listitem", texts=("{what}",))
    assert find(Locator(role="button", container=item), shown, {"what": "Tea"}) == inner
    assert find(Locator(role="button", container=item), shown, {"what": "Bread"}) is None


def test_a_runner_up_that_is_too_near_makes_it_nobody() -> None:
    near = (element("button", "Save", "form/button"), element("button", "Saved", "form/button[2]"))
    assert find(Locator(role="button", name="Save"), screen(*near), {}) == near[0]
    alike = [element("button", "Save", f"main/form/div/button{place}") for place in ("", "[2]")]
    wanted = Locator(role="button", name="Save", path=alike[0].path)
    known = locate(wanted, screen(*alike), {})
    assert known is not None and known.runner_up == alike[1] and 0 < known.margin < MARGIN
    assert find(wanted, screen(*alike), {}) is None and find(wanted, screen(alike[0]), {}) == alike[0]


@given(st.permutations(range(7)))
def test_the_order_of_elements_does_not_decide(order: list[int]) -> None:
    shown = screen(*(BILLS.elements[i] for i in order))
    wanted = Locator(role="button", name="edit", container=Container(role="row", texts=("{what}",)))
    found = find(wanted, shown, {"what": "Brown bread"})
    assert found is not None and found.path == "main/table/row[2]/button"
    assert find(wanted, shown, {"what": "bread"}) is None


def test_a_password_is_not_a_word_of_its_row() -> None:
    secret = element("textbox", "PIN", "form/group/textbox", value="hunter2", password=True)
    shown = screen(element("group", "", "form/group"), secret)
    held = Locator(role="textbox", container=Container(role="group", texts=("{pin}",)))
    assert find(held, shown, {"pin": "hunter2"}) is None and "hunter2" not in shown.text
