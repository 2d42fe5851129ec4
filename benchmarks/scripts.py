"""The scripts that replays are measured beside: what a careful person writes with Playwright for the same task.

They wait for what they need by themselves, as Playwright does; there are no sleeps, no screenshots, no checks.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

Values = dict[str, str]


def add_expense(page: Page, values: Values) -> None:
    page.get_by_role("link", name="Add a new bill").tap()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What?").fill(values["what"])
    dialog.get_by_label("Who paid?").select_option(label=values["payer"])
    dialog.get_by_label("How much?").fill(values["amount"])
    dialog.get_by_role("button", name="Submit", exact=True).tap()
    expect(page.get_by_role("row").filter(has_text=values["what"])).to_be_visible()


def change_amount(page: Page, values: Values) -> None:
    page.get_by_role("row").filter(has_text=values["bill"]).get_by_role("link", name="edit").tap()
    page.get_by_label("How much?").fill(values["amount"])
    page.get_by_role("button", name="Submit", exact=True).tap()
    expect(page.get_by_role("row").filter(has_text=values["amount"])).to_be_visible()


def delete_bill(page: Page, values: Values) -> None:
    row = page.get_by_role("row").filter(has_text=values["bill"])
    row.get_by_role("button", name="delete").tap()
    row.get_by_role("button", name="Are you sure?").tap()
    expect(row).to_have_count(0)


def new_note(page: Page, values: Values) -> None:
    page.get_by_role("button", name="new tiddler").first.tap()
    page.locator("input.tc-titlebar").fill(values["title"])
    page.get_by_placeholder("Type the text for this tiddler").fill(values["text"])
    page.get_by_role("button", name="Confirm changes to this tiddler").tap()
    expect(page.get_by_role("heading", name=values["title"])).to_be_visible()


def rewrite_note(page: Page, values: Values) -> None:
    note = page.locator("[data-tiddler-title]").filter(has=page.get_by_role("heading", name=values["note"]))
    note.get_by_role("button", name="Edit this tiddler").tap()
    page.get_by_placeholder("Type the text for this tiddler").fill(values["text"])
    page.get_by_role("button", name="Confirm changes to this tiddler").tap()
    expect(page.get_by_text(values["text"])).to_be_visible()


SCRIPTS: dict[str, Callable[[Page, Values], None]] = {
    "add_expense": add_expense,
    "change_amount": change_amount,
    "delete_bill": delete_bill,
    "new_note": new_note,
    "rewrite_note": rewrite_note,
}
