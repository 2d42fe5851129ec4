"""The house on AndroidPhone: recorded through the run loop, learned, replayed. The phone is the fake, not Android."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contract_app import ContractApp
from fake_adb import FakeAdb
from fake_android import FakePhone

from ostinato.agent.decider import Decider
from ostinato.agent.loop import Ended, Limits, Loop
from ostinato.agent.script import Do, ScriptDecider, on
from ostinato.phone import AndroidPhone
from ostinato.replay.learn import learn
from ostinato.replay.match import match
from ostinato.replay.replayer import Replayer
from ostinato.trace.record import Trace
from ostinato.trace.store import Store

TASK = "Write “{note}” in {colour}"


class House:
    """One store and one fake phone with the contract's app."""

    def __init__(self, folder: Path) -> None:
        self.store, self.adb, fake = Store(folder), FakeAdb(), FakePhone()
        app = fake.install(ContractApp)
        assert isinstance(app, ContractApp)
        self.app = app
        self.device = self.adb.add("fake-1", fake)
        self.phone = AndroidPhone(self.store.blobs, host="127.0.0.1", port=self.adb.port)

    def run(self, task: str, decider: Decider) -> tuple[Ended, Trace]:
        self.app.reset()
        self.app.phone.front = [f"{self.app.package}/.Main"]
        with self.store.begin(task=task, app="contract", phone=self.phone.name) as writer:
            limits = Limits(max_steps=12, max_seconds=60, step_timeout=5)
            ended = Loop(self.phone, [decider], writer, lambda action, screen: True, limits).run(task)
            return ended, writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=None)

    def record(self, note: str, colour: str) -> Trace:
        steps: list[Do] = [
            on("type", "textbox", id=self.app.id("note"), text=note),
            on("select", "combobox", id=self.app.id("colour"), text=colour),
            on("tap", "button", "Add"),
        ]
        ended, trace = self.run(TASK.format(note=note, colour=colour), ScriptDecider(steps))
        assert ended.outcome.claimed == "done", ended.outcome.reason
        return self.store.load(trace.id)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.phone.close()
    made.adb.close()


def test_what_was_recorded_twice_is_replayed_with_new_values(house: House) -> None:
    traces = [house.record("milk", "green"), house.record("rye bread", "blue")]
    assert traces[0].steps[0].before.package == house.app.package and traces[0].phone.startswith("android fake")
    experience = learn(traces, house.store.data)
    task = TASK.format(note="salt", colour="red")
    found = match(task, [experience], "contract")
    assert set(found.values.values()) == {"salt", "red"}
    ended, _ = house.run(task, Replayer(experience, found.values))
    assert ended.outcome.claimed == "done", ended.outcome.reason
    app = house.app
    assert (app.phone.fields[app.id("note")], app.colour, app.count) == ("salt", "red", 1)


def test_a_choice_that_a_list_does_not_have_ends_the_replay_and_leaves_the_list_closed(house: House) -> None:
    experience = learn([house.record("milk", "green"), house.record("rye bread", "blue")], house.store.data)
    found = match(TASK.format(note="salt", colour="mauve"), [experience], "contract")
    ended, _ = house.run("play", Replayer(experience, found.values))
    assert ended.outcome.claimed == "stopped" and "has no option “mauve”" in ended.outcome.reason
    assert (house.app.colour, house.app.count, house.app.phone.popup) == ("red", 0, None)
