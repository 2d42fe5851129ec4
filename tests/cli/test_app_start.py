"""An app that was started for a person says how to get in."""

from __future__ import annotations

import json
import signal
import urllib.request
from pathlib import Path

import pytest
from cli_command import Command

from ostinato.phone.apps.app import app_names, get_app


def _get(address: str, cookie: str | None) -> tuple[str, str]:
    """Where the address leads to, and what is shown there."""
    asked = urllib.request.Request(address, headers={"Cookie": cookie} if cookie else {})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=30) as answer:
        return answer.url, answer.read().decode()


@pytest.mark.app
def test_a_started_app_says_how_to_get_in_and_saves_a_login_that_holds(ostinato: Command) -> None:
    get_app("ihatemoney").install()
    with ostinato.begin("app", "start", "ihatemoney", "--save-login", "login.json", PYTHONUNBUFFERED="1") as process:
        assert process.stdout is not None
        try:
            where, how, saved = (process.stdout.readline().strip() for _ in range(3))
            address = where.split()[3]
            state = json.loads((ostinato.folder / "login.json").read_text())
            [cookie] = state["cookies"]
            outside, _ = _get(address, None)
            inside, page = _get(address, f"{cookie['name']}={cookie['value']}")
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
    assert rest == "stopped\n"
    assert process.returncode == 0
    assert how == "to get in: project flat, private code flat-share" and "login.json" in saved
    assert outside != address, "without the login the page is shown, so that the login proves nothing"
    assert inside == address
    assert "Electricity" in page
    assert (ostinato.folder / "login.json").stat().st_mode & 0o077 == 0, "others can read the login"


def test_an_app_without_a_login_saves_none(ostinato: Command, tmp_path: Path) -> None:
    said = ostinato("app", "start", "tiddlywiki", "--save-login", "login.json", code=2, OSTINATO_CACHE=str(tmp_path))
    assert "tiddlywiki has no login to save" in said.err and not (ostinato.folder / "login.json").exists()


@pytest.mark.parametrize("name", app_names())
def test_every_app_says_whether_there_is_a_login(name: str, tmp_path: Path) -> None:
    assert (get_app(name, tmp_path).sign_in is not None) == (name in ("ihatemoney", "oscar"))
