"""A script that plays the person at the recording page: real mouse and keys on the real page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from ostinato.errors import UsageError


def play(url: str, chromium: Path, steps: Sequence[tuple[str, str, str]]) -> None:
    """Do `steps` at the recording page, then press Done. A step is (what, the element's name or id, text); what is
    tap, type or select. Raises UsageError when an element is not on the mirrored screen."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--headless=new", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=str(chromium), args=flags)
        try:
            page = browser.new_page(viewport={"width": 900, "height": 960})
            page.goto(url)
            for number, (what, name, text) in enumerate(steps, start=1):
                _turn(page, number)
                _do(page, what, name, text)
            _turn(page, len(steps) + 1)
            with page.expect_response("**/event/*"):
                page.get_by_role("button", name="Done").click()
        finally:
            browser.close()


def _turn(page: Page, number: int) -> None:
    """Wait until the phone shows its n-th screen and waits for the person."""
    page.wait_for_selector(f'body[data-number="{number}"][data-waiting="true"]', timeout=30_000)
    page.wait_for_function("document.getElementById('picture').complete")


def _do(page: Page, what: str, name: str, text: str) -> None:
    state: dict[str, Any] = page.evaluate("state")
    found = [e for e in state["elements"] if name in (e["name"], e["id"]) and e["reachable"] and e["role"] != "text"]
    if not found:
        raise UsageError(f"{name!r} is not on the mirrored screen")
    box, shown = found[0]["box"], page.locator("#picture").bounding_box()
    assert shown is not None
    scale = shown["width"] / state["width"]
    x = shown["x"] + (box["left"] + box["width"] / 2) * scale
    y = shown["y"] + (box["top"] + box["height"] / 2) * scale
    page.mouse.click(x, y)
    if what == "type":
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    elif what == "select":
        page.locator("#entry select").select_option(label=text)
