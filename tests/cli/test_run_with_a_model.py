"""`ostinato run` with a model: alone, after an experience, and what is said where it cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from cli_command import Command
from model.fake_server import serving

from ostinato.phone.apps.app import get_app
from ostinato.trace.store import Store

TASK = "Put Lamp oil for 12.50 on the list, Bob paid"
# What to do by role and name, as one who reads the list would; then it is done.
STEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("link", "Add a new bill", {"action": "tap"}),
    ("textbox", "What?", {"action": "type", "text": "Lamp oil"}),
    ("combobox", "Who paid?", {"action": "select", "option": "Bob"}),
    ("textbox", "How much?", {"action": "type", "text": 12.50, "enter": False}),
    ("button", "Submit", {"action": "tap"}),
]


def reader(steps: list[tuple[str, str, dict[str, Any]]]) -> Callable[[dict[str, Any]], str]:
    """A model that reads the list it is shown and finds the number of what it wants next."""
    left = list(steps)

    def says(asked: dict[str, Any]) -> str:
        if not left:
            return json.dumps({"reason": "all is entered", "action": "done", "success": True, "text": ""})
        role, name, answer = left.pop(0)
        shown = asked["messages"][-1]["content"].rpartition("The screen now:")[2]
        found = re.search(rf'^\[(\d+)\] {role} "{re.escape(name)}"', shown, re.MULTILINE)
        assert found is not None, shown
        return json.dumps({"reason": f"{name} is next", "element": int(found.group(1)), **answer})

    return says


@pytest.mark.nightly
@pytest.mark.browser
@pytest.mark.app
def test_a_task_that_no_experience_fits_is_done_by_the_model(ostinato: Command) -> None:
    get_app("ihatemoney").install()
    with serving(says=reader(STEPS)) as server:
        told = {"OSTINATO_MODEL_URL": server.url, "OSTINATO_MODEL": "tiny", "OSTINATO_MODEL_PRICE": "1000"}
        said = ostinato("run", TASK, "--app", "ihatemoney", "--commits", "allow", code=1, **told).out
    [trace] = [Store(ostinato.home / "store").load(i) for i in Store(ostinato.home / "store").ids()]
    before, after = (Store(ostinato.home / "store").data(sha) for sha in (trace.data.before, trace.data.after) if sha)
    [bill] = set(after.tables["bill"].rows) - set(before.tables["bill"].rows)
    assert "Lamp oil" in bill and 12.5 in bill
    assert trace.status == "done" and trace.agent == "tiny (element_index)" and trace.meta["model"] == "tiny"
    assert (trace.cost.calls, trace.cost.tokens.prompt, trace.cost.tokens.output) == (6, 42, 18)
    assert trace.cost.money == pytest.approx(0.042)
    for words in ("by tiny (element_index)", "What? is next", "type “Lamp oil” into textbox “What?”", "6 calls of the "
                  "model, 42 + 18 tokens", "not judged: no experience says how the end looks"):  # fmt: skip
        assert words in said, said


@pytest.mark.browser
@pytest.mark.app
def test_where_a_check_stops_the_experience_the_model_goes_on(taught: Command) -> None:
    get_app("ihatemoney").install()
    task = "Add an expense: Rope, 3, paid by Zoe"  # there is no Zoe: the list does not have her
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("combobox", "Who paid?", {"action": "select", "option": "Dan"}),
        ("textbox", "How much?", {"action": "type", "text": "3"}),
        STEPS[-1],
    ]
    with serving(says=reader(steps)) as server:
        told = {"OSTINATO_MODEL_URL": server.url}
        run = ["run", task, "--app", "ihatemoney", "--commits", "allow"]
        alone = taught(*run, code=1, **told).out
        assert server.asked == [] and "Zoe" in alone, "an experience that fits is not mixed with a model unasked"
        said = taught(*run, "--model", "--again", code=1, **told).out
    store = Store(taught.home / "store")
    trace = store.load(store.ids()[-1])
    sources = [step.decision.source for step in trace.steps]
    assert set(sources[:2]) == {"replay"} and sources[-4:] == ["model"] * 4, said
    first = server.asked[0]["messages"][-1]["content"]
    assert f"(This is one step of a larger task: {task})" in first and "Zoe" in first
    second = server.asked[1]["messages"][-1]["content"]
    assert "The task: select “Zoe” in combobox “Who paid?”, then " in second and "“Submit”" in second
    assert f"The task: {task}\n" in server.asked[-1]["messages"][-1]["content"]
    assert "verdict no" in said, "Dan is not Zoe, whatever the model says"


def test_what_is_missing_is_said_before_anything_is_begun(ostinato: Command) -> None:
    run = ["run", TASK, "--app", "ihatemoney"]
    calls: list[tuple[list[str], dict[str, str]]] = [
        ([*run, "--model"], {}),
        (run, {"OSTINATO_MODEL_URL": "http://127.0.0.1:9/v1", "OSTINATO_AGENT_FORMAT": "ui_tars"}),
    ]
    none, blind = ostinato.each(calls, code=1)
    assert "no model is set" in none.err and "OSTINATO_MODEL_URL" in none.err
    assert "ui_tars shows pictures" in blind.err and "OSTINATO_MODEL_SEES=true" in blind.err
    odd = {"OSTINATO_MODEL_URL": "http://127.0.0.1:9/v1", "OSTINATO_AGENT_FORMAT": "morse"}
    assert "no format 'morse'; known: element_index" in ostinato(*run, code=2, **odd).err
    assert Store(ostinato.home / "store").ids() == []


@pytest.mark.browser
@pytest.mark.app
def test_without_a_model_the_words_of_the_task_are_followed(ostinato: Command) -> None:
    get_app("ihatemoney").install()
    place = ["--app", "ihatemoney", "--commits", "allow"]
    task = "Add a new bill: Tea, 3, paid by Bob"
    refused = ostinato("run", task, *place, code=2).err
    assert "--words" in refused
    said = ostinato("run", task, *place, "--words", code=1).out
    assert "by the words of the task" in said and "not judged" in said
    store = Store(ostinato.home / "store")
    trace = store.load("last")
    assert trace.status == "done" and trace.agent == "lexical" and trace.data.before and trace.data.after
    before, after = store.data(trace.data.before), store.data(trace.data.after)
    [bill] = set(after.tables["bill"].rows) - set(before.tables["bill"].rows)
    assert "Tea" in bill and 3.0 in bill
    assert "exclude each other" in ostinato("run", task, *place, "--words", "--model", code=2).err
