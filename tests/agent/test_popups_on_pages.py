"""Pop-ups as real pages make them: found, closed, and what lay under them can be touched again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostinato.agent.decider import Choice
from ostinato.agent.guards.popup import Popups
from ostinato.phone import ChromiumPhone

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><meta charset=utf-8><meta name=viewport content="width=device-width"><title>Bills</title>
<main><h1>Bills</h1><a href="#add" id=add style="position:absolute;top:{top}px">Add a bill</a>
<p style="height:2000px">Nothing is owed.</p></main>"""
CLOSES = "this.closest('.over').remove()"
OVER = {
    "a cookie banner at the foot": (
        780,
        f"""<div class=over style="position:fixed;bottom:0;left:0;right:0;height:120px;background:#eee">
        <p>We and our 312 partners use cookies.</p><button>Accept all</button>
        <button onclick="{CLOSES}">Reject all</button>
        </div>""",
    ),
    "a newsletter over all": (
        100,
        f"""<div class=over style="position:fixed;inset:0;background:#0008"><div role=dialog aria-modal=true
        style="margin:200px 20px;background:white;padding:20px"><h2>Join our newsletter</h2><input type=email>
        <button>Subscribe</button><button aria-label="Close" onclick="{CLOSES}">&times;</button></div></div>""",
    ),
    "a plain box that asks for a rating": (
        200,
        f"""<div class=over style="position:fixed;top:150px;left:20px;right:20px;background:white;padding:20px">
        <b>Enjoying Bills?</b><p>Rate us!</p><a href="#rate">Rate</a>
        <a href="#no" onclick="{CLOSES}">Not now</a></div>""",
    ),
}


class Blobs:
    def put(self, data: bytes) -> str:
        return "0" * 64


@pytest.fixture(scope="module")
def phone(chromium: Path) -> Iterator[ChromiumPhone]:
    with ChromiumPhone(Blobs(), executable=chromium) as opened:
        yield opened


@pytest.mark.parametrize("kind", OVER)
def test_it_is_closed_and_the_page_is_free(kind: str, phone: ChromiumPhone, tmp_path: Path) -> None:
    top, over = OVER[kind]
    (tmp_path / "page.html").write_text(PAGE.format(top=top) + over, encoding="utf-8")
    phone.new_episode(start_url=(tmp_path / "page.html").as_uri())
    phone.quiet(3)
    screen = phone.observe(screenshot=False)
    link = next(e for e in screen.elements if e.name == "Add a bill")
    assert not link.reachable
    said = Popups().decide(screen, "Add a bill", ())
    assert isinstance(said, Choice), [e.name for e in screen.elements]
    phone.act(said.action)
    phone.quiet(3)
    after = phone.observe(screenshot=False)
    assert next(e for e in after.elements if e.name == "Add a bill").reachable
    assert Popups().decide(after, "Add a bill", ()) is None
