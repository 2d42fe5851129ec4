from __future__ import annotations

import pytest
from trace_strategies import NOW

from ostinato.trace.locator import Container, Locator, find, locate, why_not
from ostinato.trace.screen import Box, Element, Screen


def element(role: str, name: str, path: str, top: float = 0, **more: str) -> Element:
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
    [{"path": "main/div/form/button"}, {"name": "Submit now"}, {"role": "link"}],
    ids=["moved", "renamed", "a link now"],
)
def test_one_attribute_may_change(changed: dict[str, str]) -> None:
    known = {"role": "button", "name": "Submit", "path": "main/form/button", "id": "submit"}
    wanted = Locator(**known)
    shown = screen(element("button", "Cancel", "main/form/button[2]", 50), element(**{**known, **changed}))
    found = find(wanted, shown, {})
    assert found is not None and found.box.top == 0


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
