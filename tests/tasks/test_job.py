"""What a model takes to read what a sub-task gives: within the bounds of the settings, and counted."""

from __future__ import annotations

import json
from pathlib import Path

from model.fake_server import serving
from screens import NOW, element, screen

from ostinato.agent.plans.subtasks import Subtask, Wanted
from ostinato.house import House
from ostinato.settings import Settings
from ostinato.tasks.job import _reader, done_of
from ostinato.trace.record import Outcome, Trace

PART = Subtask(
    id="look", app="a", task="Look",
    gives={name: Wanted(type="money", about=f"what the {name} burn") for name in ("lamps", "stoves")},
)  # fmt: skip
SHOWN = screen(element("text", "oil 12.50", "main/text"))
RUN = Trace(id="20260131-120000-000000", task="Look", started=NOW, final=SHOWN, outcome=Outcome(claimed="done"))


def test_reading_is_bounded_by_the_settings_and_its_cost_is_kept(tmp_path: Path) -> None:
    with serving(json.dumps({"found": True, "values": ["12.50"]})) as server:
        settings = Settings(home=tmp_path, model_url=server.url, model_max_calls=1, model_price=1_000_000)
        rooms = House(settings)
        done = done_of(PART, RUN, None, _reader(rooms, None, True, lambda text: None))
        rooms.store.close()
    assert "the budget of the model is spent: 1 of 1 calls" in done.problem
    assert len(server.asked) == 1 and (done.reading.calls, done.reading.tokens.prompt, done.reading.money) == (
        1,
        7,
        7.0,
    )
