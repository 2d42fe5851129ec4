"""Which apps an MCP server offers on which phone, and where a task is done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ostinato.errors import UsageError
from ostinato.phone.apps.gnome import APPS
from ostinato.settings import Settings
from ostinato.studio import mcp_server
from ostinato.studio.mcp_server import Allowed, _Desk


def desk(home: Path, phone: str, *apps: str) -> _Desk:
    return _Desk(Settings(home=home, cache=home / "cache", phone=phone), Allowed(apps=apps or None))


def listed(one: _Desk) -> dict[str, bool | None]:
    return {app.name: app.installed for app in asyncio.run(one.list_apps())}


@pytest.mark.parametrize(
    ("app", "phone"),
    [(None, "linux:clocks"), ("calendar", "linux:calendar"), ("gnome/contacts", "linux:contacts"),
     ("org.gnome.Calculator", "linux:calculator")],
)  # fmt: skip
def test_a_linux_phone_is_named_with_its_app(tmp_path: Path, app: str | None, phone: str) -> None:
    on, place, address = desk(tmp_path, "linux:clocks")._place(app, None)
    assert (str(on), place, address) == (phone, None, None)


@pytest.mark.parametrize(("app", "url"), [(None, "http://a.example/"), ("ihatemoney", None), ("calendar", None)])
def test_what_a_linux_phone_does_not_have_is_said(tmp_path: Path, app: str | None, url: str | None) -> None:
    with pytest.raises(UsageError, match=r"opens no address|this server has no app"):
        desk(tmp_path, "linux:clocks", "gnome/clocks")._place(app, url)


def test_apps_are_those_of_the_phone(tmp_path: Path) -> None:
    assert listed(desk(tmp_path, "linux:clocks")) == dict.fromkeys(APPS, False)
    assert listed(desk(tmp_path, "linux:clocks", "gnome/clocks")) == {"clocks": False}
    assert listed(desk(tmp_path, "linux:gedit"))["gedit"] is None
    assert "ihatemoney" in listed(desk(tmp_path, "chromium"))
    assert listed(desk(tmp_path, "android")) == {}
    assert listed(desk(tmp_path, "android", "org.example.notes")) == {"org.example.notes": None}
    on, place, _ = desk(tmp_path, "android", "org.example.notes")._place("org.example.notes", None)
    assert (str(on), place) == ("android", "org.example.notes")


def test_experiences_are_listed_without_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def must_not(settings: Settings) -> None:
        raise AssertionError("a house was opened")

    monkeypatch.setattr(mcp_server, "House", must_not)
    assert asyncio.run(desk(tmp_path, "chromium").list_experiences()) == []
