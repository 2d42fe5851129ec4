"""A desk to record at: a phone, the recording page, and a browser in which a person uses it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from ostinato.collect.human import HumanDecider, Pressed
from ostinato.collect.page import RecordingPage
from ostinato.house import House
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.settings import load_settings
from ostinato.trace.record import Trace

PAGES = Path(__file__).parent / "pages"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(PAGES)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@dataclass
class Desk:
    """A phone, whose passwords come from whoever records."""

    house: House
    site: str
    human: HumanDecider
    phone: ChromiumPhone

    def record(self, file: str, person: Callable[[str], None]) -> Trace:
        """What is recorded while `person` works at the address of the recording page."""
        self.human = HumanDecider()
        self.phone.new_episode(start_url=f"{self.site}/{file}")
        page = RecordingPage(self.human, "Shop for Ann", self.house.store.blobs.get)
        troubles: list[BaseException] = []

        def work() -> None:
            try:
                person(page.url)
            except BaseException as trouble:
                troubles.append(trouble)
                self.human.events.put(Pressed(kind="give_up"))

        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        try:
            finished = self.house.perform(
                "Shop for Ann",
                phone=self.phone,
                deciders=[self.human],
                app=None,
                app_name=self.site,
                approve=lambda action, screen: True,
            )
        finally:
            worker.join(timeout=30)
            page.close()
        if troubles:
            raise troubles[0]
        return self.house.store.load(finished.trace.id)


@pytest.fixture(scope="module")
def desk(site: str, chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("desk")
    house = House(load_settings().model_copy(update={"home": home, "step_timeout": 6.0}))
    made: list[Desk] = []

    def secret(name: str) -> str:
        return made[0].human.secret(name)

    with house.phone(None, f"{site}/shop.html", secrets=secret) as phone:
        made.append(Desk(house, site, HumanDecider(), phone))
        yield made[0]


@contextlib.contextmanager
def browser(url: str, chromium: Path) -> Iterator[Page]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--headless=new", "--disable-gpu"]
        )
        try:
            page = started.new_page(viewport={"width": 900, "height": 960})
            page.goto(url)
            yield page
        finally:
            started.close()


def turn(page: Page, number: int) -> None:
    page.wait_for_selector(f'body[data-number="{number}"][data-waiting="true"]')


def spot(page: Page, name: str) -> tuple[float, float]:
    """Where the element of that name or id is on the mirrored picture."""
    page.wait_for_function("document.getElementById('picture').complete")
    state = page.evaluate("state")
    box = next(e["box"] for e in state["elements"] if name in (e["name"], e["id"]) and e["role"] != "text")
    shown = page.locator("#picture").bounding_box()
    assert shown is not None
    scale = shown["width"] / state["width"]
    return (
        shown["x"] + (box["left"] + box["width"] / 2) * scale,
        shown["y"] + (box["top"] + box["height"] / 2) * scale,
    )


def finish(page: Page, number: int) -> None:
    turn(page, number)
    with page.expect_response("**/event/*"):
        page.get_by_role("button", name="Done").click()
