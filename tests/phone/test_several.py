"""Several apps on one phone: a home screen with a link to each, and their data read together."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostinato.agent.script import Do, ScriptDecider, on
from ostinato.errors import AppError, UsageError
from ostinato.house import House
from ostinato.phone.apps.app import get_app
from ostinato.settings import load_settings
from ostinato.suites.cross import PERSON_AND_TAG


def test_an_app_is_there_once_and_needs_no_phone_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="each app can be there once"):
        get_app("ihatemoney+ihatemoney", tmp_path)
    with pytest.raises(UsageError, match="needs a phone of its own"):
        get_app("ihatemoney+miniwob", tmp_path)
    with pytest.raises(UsageError, match="No app is called 'notes'"):
        get_app("ihatemoney+notes", tmp_path)


def test_it_has_no_address_before_it_runs(tmp_path: Path) -> None:
    with pytest.raises(AppError, match="is not running"):
        _ = get_app("ihatemoney+tiddlywiki", tmp_path).url


@pytest.mark.app
@pytest.mark.browser
def test_a_task_across_two_apps_is_done_and_its_data_are_read_together() -> None:
    settings = load_settings()
    for name in ("ihatemoney", "tiddlywiki"):
        get_app(name, settings.cache).install()
    house = House(settings)
    values = {"name": "Eva B12", "note": "Recipes", "tag": "winter34"}
    with house.app("ihatemoney+tiddlywiki") as app, house.phone(app) as phone:
        done = house.perform(
            PERSON_AND_TAG.words(values),
            phone=phone,
            deciders=[ScriptDecider([*PERSON_AND_TAG.script(values), Do("home"), on("tap", "link", "ihatemoney")])],
            app=app,
            app_name=app.name,
            approve=lambda action, screen: True,
        )
        before, after = done.trace.data.before, done.trace.data.after
        assert before is not None and after is not None
        assert done.trace.status == "done", done.trace.outcome
        assert PERSON_AND_TAG.wrong(house.store.data(before), house.store.data(after), values) == []
        app.reset()
        assert app.data() == house.store.data(before)
        assert done.trace.steps[0].before.title == "Home"
