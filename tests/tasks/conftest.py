"""A home that has learnt to add an expense (ihatemoney) and to write a note (TiddlyWiki)."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ostinato.agent.script import ScriptDecider
from ostinato.house import House
from ostinato.phone.apps.app import get_app
from ostinato.settings import load_settings
from ostinato.suites import tiddlywiki
from ostinato.trace.archive import import_


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home: Path = tmp_path_factory.mktemp("plans") / "home"
    rooms = House(load_settings().model_copy(update={"home": home}))
    for name in ("ihatemoney", "tiddlywiki"):
        get_app(name, rooms.settings.cache).install()
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        rooms.learn(import_(rooms.store, archive))
    ids = []
    with rooms.app("tiddlywiki") as app, rooms.phone(app) as phone:
        for title, text in (("Lamp oil", "oil 12.50"), ("Rope and tea", "tea 3")):
            rooms.begin_again(phone, app, None, None)
            done = rooms.perform(
                f'Write {text} into a note called "{title}"',
                phone=phone,
                deciders=[ScriptDecider(tiddlywiki.new(title, text))],
                app=app,
                app_name="tiddlywiki",
                approve=lambda action, screen: True,
            )
            ids.append(done.trace.id)
    rooms.learn(ids)
    rooms.store.close()
    return home


@pytest.fixture
def rooms(taught: Path, tmp_path: Path) -> House:
    shutil.copytree(taught, tmp_path / "home")
    return House(load_settings().model_copy(update={"home": tmp_path / "home"}))
