"""What `ostinato record` says when a recording ends, and with which exit code."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from ostinato.collect.scripted_person import play
from ostinato.house import House
from ostinato.settings import load_settings

pytestmark = pytest.mark.browser
SHOP = (Path(__file__).parent / "pages" / "shop.html").as_uri()


@dataclass
class Said:
    code: int
    out: str

    @property
    def id(self) -> str:
        found = re.search(r"recorded (\S+):", self.out)
        assert found, self.out
        return found.group(1)


def record(task: str, person: Callable[[str, subprocess.Popen[str]], None]) -> Said:
    """What the command says and its exit code, with `person` at the address of its page."""
    command = [sys.executable, "-m", "ostinato", "record", "--url", SHOP, task]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stderr is not None
            person(next(line for line in process.stderr if "http://" in line).split()[-1], process)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert "Traceback" not in out + err, out + err
    return Said(process.returncode, out)


@contextmanager
def first_turn(url: str, chromium: Path) -> Iterator[Page]:
    """The page in a browser, when it waits for the person to do something on the first screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector('body[data-number="1"][data-waiting="true"]')
        yield page
        browser.close()


def test_ctrl_c_at_a_terminal_ends_a_recording_with_its_own_exit_code(chromium: Path, ostinato_home: Path) -> None:
    def person(url: str, process: subprocess.Popen[str]) -> None:
        with first_turn(url, chromium):
            os.killpg(process.pid, signal.SIGINT)  # a terminal tells all who work in it, the phone's browser too

    said = record("Shop for Ann", person)
    assert said.code == 130 and "interrupted, 0 steps" in said.out and "ostinato learn" not in said.out
    assert House(load_settings()).store.load(said.id).status == "interrupted"


@pytest.mark.nightly
def test_a_recording_that_was_given_up_ends_with_one(chromium: Path, ostinato_home: Path) -> None:
    def person(url: str, process: subprocess.Popen[str]) -> None:
        with first_turn(url, chromium) as page, page.expect_response("**/event/*"):
            page.get_by_role("button", name="Give up").click()

    said = record("Shop for Ann", person)
    assert (said.code, "ostinato learn" in said.out) == (1, False)


@pytest.mark.nightly
def test_the_end_of_a_recording_says_what_to_do_with_it(chromium: Path, ostinato_home: Path) -> None:
    def shop_for(name: str) -> Said:
        return record(f"Shop for {name}", lambda url, process: play(url, chromium, [("type", "person", name)]))

    first = shop_for("Ann")
    assert first.code == 0 and "done, 1 steps" in first.out
    assert f"record it once more with other values, then: ostinato learn {first.id} ID2" in first.out
    second = shop_for("Bob")
    assert f"next: ostinato learn {first.id} {second.id}\n" in second.out
    House(load_settings()).learn([first.id, second.id])
    third = shop_for("Carol")
    assert f"ostinato learn {third.id} ID2" in third.out


def test_the_end_of_a_recording_names_the_password_that_a_replay_will_need(chromium: Path, ostinato_home: Path) -> None:
    said = record("Log in", lambda url, process: play(url, chromium, [("type", "code", "tr0ub4dor")]))
    assert "export OSTINATO_SECRET_PASSWORD_1=…" in said.out and "tr0ub4dor" not in said.out


@pytest.mark.parametrize("task", ["", "  "])
def test_a_task_without_words_is_refused(ostinato_home: Path, task: str) -> None:
    command = [sys.executable, "-m", "ostinato", "record", "--url", SHOP, task]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "the task is empty" in done.stderr
    assert not House(load_settings()).store.list()
