"""A plan whose parts are on phones with apps of their own, against the fakes of adb and uiautomator2."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from contract_app import ContractApp
from fake_adb import FakeAdb
from fake_android import FakePhone
from model.fake_server import serving

from ostinato.agent.plans.subtasks import Plan, Subtask, Wanted
from ostinato.errors import SetupError
from ostinato.house import House
from ostinato.settings import load_settings
from ostinato.tasks.runner import Ways, run_plan

APP = ContractApp.package


def says(asked: dict[str, Any]) -> str:
    """A model that types what it is told to write."""
    told = asked["messages"][-1]["content"]
    wanted = re.search(r"Write (\S+) down", told)
    shown = told.rpartition("The screen now:")[2]
    field = re.search(r'^\[(\d+)\] textbox.*= "(?P<value>[^"]*)"', shown, re.MULTILINE)
    assert wanted is not None and field is not None, told
    if field["value"] == wanted[1]:
        return json.dumps({"reason": "it is there", "action": "done", "success": True, "text": ""})
    return json.dumps({"reason": "next", "action": "type", "element": int(field[1]), "text": wanted[1], "enter": False})


def test_what_a_phone_shows_is_entered_on_it_by_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adb, fake = FakeAdb(), FakePhone()
    app = fake.install(ContractApp)
    assert isinstance(app, ContractApp)
    app.count = 7
    adb.add("fake-1", fake)
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb.port))
    plan = Plan(
        task="Look up the count and write it down",
        subtasks=(
            Subtask(
                id="look", app=APP, task="Look up the count", gives={"count": Wanted(type="number", label="Count")}
            ),
            Subtask(id="write", app=APP, task="Write {count} down"),
        ),
    )
    try:
        with serving(says=says) as server:
            settings = load_settings().model_copy(update={"home": tmp_path, "model_url": server.url})
            rooms = House(settings)
            ended = run_plan(rooms, plan, Ways(policy="allow", phone="android"), key="x")
            with pytest.raises(SetupError, match="no Android device “gone” is connected"):
                run_plan(rooms, plan, Ways(phone="android:gone"), key="y")
    finally:
        adb.close()
    assert ended.stopped == {} and not ended.is_certain, "nobody judged what the model wrote"
    assert ended.artefacts["count"].value == "7" and fake.fields[app.id("note")] == "7"
    traces = [rooms.store.load(ended.done[name].trace) for name in ("look", "write")]
    assert {trace.place for trace in traces} == {"android:fake-1"}
    assert ended.whole is not None and ended.whole.app == APP and ended.whole.data.before is None
