"""A screen as a numbered list: what has a number, what is left out, and that numbers stay the same."""

from __future__ import annotations

from screens import element, row, screen

from ostinato.agent.formats.element_index import ElementIndex
from ostinato.agent.formats.listing import heading, listing, numbered

BILLS = screen(
    element("heading", "Bills", "main/heading"),
    element("table", "", "main/table"),
    *row(1, "Rent", "900", control="Delete"),
    element("button", "Next", "main/button", reachable=False),
    element("button", "Pay", "main/button[2]", enabled=False),
    element("generic", "", "main/generic"),
    element("textbox", "Search", "main/textbox", value="x" * 400, editable=True, focused=True, placeholder="words"),
    element("textbox", "Password", "main/textbox[2]", value="hunter2", editable=True, password=True),
    element("text", "Search", "main/textbox/text"),
    element("text", "Shared", "main/text"),
    element("checkbox", "Shared", "main/checkbox", checked=True),
    element("text", "Shared", "main/text[2]"),
)


def test_what_a_touch_reaches_has_a_number_and_the_rest_is_words() -> None:
    lines = listing(BILLS).lines
    assert lines[:2] == ('[0] heading "Bills"', "- table")
    assert lines[2:6] == ("- row", '[1] cell "Rent"', '[2] cell "900"', '[3] button "Delete"')
    assert lines[6:8] == ('- button "Next" (not in view)', '- button "Pay" (cannot be used)')
    assert lines[8].startswith('[4] textbox "Search" = "xxx') and lines[8].endswith('…" (focused)')
    assert lines[9] == '[5] textbox "Password" = "••••"' and len(lines) == 11
    assert [numbered(BILLS, n) for n in listing(BILLS).elements] == list(listing(BILLS).elements.values())
    assert numbered(BILLS, 7) is None


def test_where_there_is_no_room_words_go_before_controls_and_numbers_stay() -> None:
    pairs = [
        (element("text", f"a line of words, number {n}", f"main/text[{n}]"), element("button", f"B{n}", f"main/b[{n}]"))
        for n in range(40)
    ]
    many = screen(*(one for pair in pairs for one in pair))
    whole, part, few = listing(many), listing(many, 2000), listing(many, 300)
    assert len(whole.lines) == 80 and not whole.left_out
    assert sum("] button" in line for line in part.lines) == 40 and 0 < part.left_out < 40
    assert few.left_out + len(few.lines) == 80 and all("] button" in line for line in few.lines)
    for n, shown in few.elements.items():
        assert whole.elements[n] == shown == numbered(many, n)
    assert f"… ({few.left_out} more lines are not shown)" in few.text
    assert sum(len(line) + 1 for line in part.lines) <= 2000
    schema = ElementIndex(most=300).schema(many) or {}
    assert schema["anyOf"][0]["properties"]["element"] == {"enum": list(few.elements)}


def test_which_page_it_is_and_what_is_asked_before_it_is_said_without_what_an_address_carries() -> None:
    shown = BILLS.model_copy(
        update={"title": 'Bills "of"\nall', "url": "http://here:5000/b/1?token=abc#x", "dialog": "Leave?"}
    )
    assert heading(shown) == [
        "title: Bills 'of' all", "address: http://here:5000/b/1", "a question in front of the page: Leave?",
    ]  # fmt: skip


def test_a_screen_without_anything_has_a_list_of_nothing() -> None:
    empty = screen()
    assert listing(empty).lines == () and listing(empty).elements == {}
    kinds = {
        kind for way in (ElementIndex().schema(empty) or {})["anyOf"] for kind in way["properties"]["action"]["enum"]
    }
    assert kinds == {"scroll", "key", "back", "wait", "answer", "done"}
