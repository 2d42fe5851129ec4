"""The box of the recording page that takes text: nothing a person did at it is lost, and a refusal ends nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from recording_desk import Desk, browser, desk, finish, site, spot, turn

from ostinato.trace.record import Trace

__all__ = ["desk", "site"]  # fixtures
pytestmark = pytest.mark.browser


def did(trace: Trace) -> list[tuple[str, str]]:
    """Kind and text of each step; of a tap, what it touched."""
    shown = []
    for step in trace.steps:
        element = getattr(step.action, "element", None)
        text = getattr(step.action, "text", None)
        shown.append((step.action.kind, text if text is not None else element.name if element else ""))
    return shown


def record(desk: Desk, chromium: Path, person: Callable[[Page], None]) -> Trace:
    def work(url: str) -> None:
        with browser(url, chromium) as page:
            turn(page, 1)
            person(page)

    return desk.record("order.html", work)


def open_box(page: Page, name: str, text: str) -> None:
    page.mouse.click(*spot(page, name))
    page.locator("#entry input").fill(text)


@pytest.mark.nightly
def test_a_click_beside_an_open_box_puts_the_text_in_and_counts_itself(desk: Desk, chromium: Path) -> None:
    def person(page: Page) -> None:
        where = spot(page, "Send")
        open_box(page, "What", "Tea")
        page.mouse.click(*where)
        finish(page, 3)

    trace = record(desk, chromium, person)
    assert did(trace) == [("type", "Tea"), ("tap", "Send"), ("done", "")]
    assert trace.final is not None and "Tea / none /" in trace.final.text


def test_from_one_box_to_the_next_nothing_is_lost(desk: Desk, chromium: Path) -> None:
    def person(page: Page) -> None:
        where = spot(page, "Note")
        open_box(page, "What", "Tea")
        page.mouse.click(*where)
        turn(page, 2)
        page.locator("#entry input").fill("green")
        page.keyboard.press("Enter")
        finish(page, 3)

    assert did(record(desk, chromium, person)) == [("type", "Tea"), ("type", "green"), ("done", "")]


@pytest.mark.parametrize("button", ["Done", "Back"])
def test_a_button_of_the_page_waits_for_the_text_of_an_open_box(desk: Desk, chromium: Path, button: str) -> None:
    def person(page: Page) -> None:
        open_box(page, "What", "Tea")
        with page.expect_response("**/event/2"):
            page.get_by_role("button", name=button).click()
        if button == "Back":
            finish(page, 3)

    wanted = [("type", "Tea"), ("back", "")] if button == "Back" else [("type", "Tea")]
    assert did(record(desk, chromium, person)) == [*wanted, ("done", "")]


def test_a_click_beside_the_phone_puts_the_text_in(desk: Desk, chromium: Path) -> None:
    def person(page: Page) -> None:
        open_box(page, "What", "Tea")
        page.locator("#task").click()
        finish(page, 2)

    assert did(record(desk, chromium, person)) == [("type", "Tea"), ("done", "")]


@pytest.mark.nightly
def test_escape_leaves_the_field_as_it_was(desk: Desk, chromium: Path) -> None:
    def person(page: Page) -> None:
        open_box(page, "What", "Tea")
        page.keyboard.press("Escape")
        page.locator("#task").click()
        finish(page, 1)

    assert did(record(desk, chromium, person)) == [("done", "")]


def test_typing_goes_into_the_field_that_has_the_focus_on_the_phone(desk: Desk, chromium: Path) -> None:
    def person(page: Page) -> None:
        open_box(page, "Note", "green")
        page.keyboard.press("Enter")
        turn(page, 2)
        page.keyboard.type("black", delay=20)
        page.keyboard.press("Enter")
        finish(page, 3)

    assert did(record(desk, chromium, person)) == [("type", "green"), ("type", "black"), ("done", "")]


def test_a_text_that_a_field_refuses_is_said_and_the_person_goes_on(desk: Desk, chromium: Path) -> None:
    seen: list[str] = []

    def person(page: Page) -> None:
        open_box(page, "Day", "01/09/2027")
        page.keyboard.press("Enter")
        turn(page, 2)
        seen.append(page.locator("#note").inner_text())
        seen.append(page.locator("#steps li").inner_text())
        open_box(page, "Day", "2027-01-09")
        page.keyboard.press("Enter")
        finish(page, 3)

    trace = record(desk, chromium, person)
    assert trace.status == "done" and did(trace) == [("type", "01/09/2027"), ("type", "2027-01-09"), ("done", "")]
    assert [s.result.ok for s in trace.steps if s.result] == [False, True, True]
    assert seen[0].startswith("Not done: ") and "date" in seen[0] and seen[1].endswith("not done")


@pytest.mark.nightly
def test_what_was_to_follow_a_refused_text_is_left_out(desk: Desk, chromium: Path) -> None:
    def person(page: Page) -> None:
        open_box(page, "Day", "01/09/2027")
        page.get_by_role("button", name="Done").click()
        turn(page, 2)
        finish(page, 2)

    assert did(record(desk, chromium, person)) == [("type", "01/09/2027"), ("done", "")]


@pytest.mark.nightly
def test_the_phone_fits_a_low_window(desk: Desk, chromium: Path) -> None:
    heights: list[float] = []

    def person(page: Page) -> None:
        page.set_viewport_size({"width": 1200, "height": 650})
        box = page.locator("#phone").bounding_box()
        assert box is not None
        heights.append(box["y"] + box["height"])
        finish(page, 1)

    record(desk, chromium, person)
    assert heights[0] <= 650
