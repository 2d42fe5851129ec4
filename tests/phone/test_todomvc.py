"""TodoMVC as an app: which frameworks there are, what is read of their storage, and a list in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ostinato.agent.script import Do, ScriptDecider, on
from ostinato.errors import AppError, SetupError, UsageError
from ostinato.house import House
from ostinato.phone.apps.app import get_app
from ostinato.phone.apps.todomvc import FRAMEWORKS, LEFT_OUT, TodoMVC, _unpack
from ostinato.settings import load_settings
from ostinato.trace.locator import Locator


class Page:
    """A phone whose page says this of its storage."""

    def __init__(self, said: Any) -> None:
        self.said = said

    def ask(self, expression: str) -> Any:
        assert "localStorage" in expression
        return self.said


def test_entries_are_read_by_their_titles_and_those_of_one_title_are_numbered(tmp_path: Path) -> None:
    app = TodoMVC(tmp_path, "react")
    with pytest.raises(AppError, match="not on a phone yet"):
        app.data()
    app.shown_on(Page([["b", True], ["a", False], ["b", False]]))
    assert app.data().tables["todo"].rows == (("a", 1, False), ("b", 1, False), ("b", 2, True))
    assert (app.name, TodoMVC(tmp_path).name) == ("todomvc/react", "todomvc")


def test_a_framework_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean react"):
        get_app("todomvc/reakt", tmp_path)
    with pytest.raises(UsageError, match=r"no framework 'zzz'\. There are: agilityjs"):
        TodoMVC(tmp_path).choose("zzz")
    for name, why in LEFT_OUT.items():
        with pytest.raises(UsageError, match=why):
            get_app(f"todomvc/{name}", tmp_path)
    with pytest.raises(SetupError, match="ostinato app install todomvc"):
        TodoMVC(tmp_path, "vue").start()


def test_what_is_not_the_package_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "x.tgz").write_bytes(b"else")
    with pytest.raises(AppError, match="not what it should be"):
        _unpack(tmp_path / "x.tgz", tmp_path)
    assert len(set(FRAMEWORKS)) == len(FRAMEWORKS) >= 40


@pytest.mark.app
def test_every_example_of_the_package_is_an_app_or_left_out(tmp_path: Path) -> None:
    app = TodoMVC(load_settings().cache)
    app.install()
    examples = {folder.name for folder in app.examples.iterdir() if folder.is_dir()}
    assert examples == {*FRAMEWORKS, *LEFT_OUT} and not {*FRAMEWORKS} & {*LEFT_OUT}


@pytest.mark.nightly
@pytest.mark.browser
@pytest.mark.app
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_is_put_on_the_list_and_ticked_is_in_the_storage(chromium: Path, tmp_path: Path, framework: str) -> None:
    rooms = House(load_settings().model_copy(update={"home": tmp_path / "home"}))
    app = TodoMVC(rooms.settings.cache, framework)
    app.install()
    app.start()
    try:
        with rooms.chromium(app) as phone:
            field = Locator(role="textbox", placeholder="What needs to be done?")
            tick = on("tap", "checkbox", row="Buy milk", row_role="listitem")
            steps = [Do("enter", field, "Buy milk"), Do("enter", field, "Call Ann"), tick]
            done = rooms.perform(
                "x", phone=phone, deciders=[ScriptDecider(steps)], app=app, app_name="todomvc",
                approve=lambda action, screen: True,
            )  # fmt: skip
        assert done.trace.status == "done", done.trace.outcome
        kept = rooms.store.data(done.trace.data.after or "").tables["todo"].rows
        assert kept == (("Buy milk", 1, True), ("Call Ann", 1, False))
    finally:
        app.stop()
        rooms.store.close()
