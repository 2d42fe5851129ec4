"""`ostinato plan` and `run --plan`: a plan for a person to edit, done, stopped by Ctrl-C, gone on with."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import psutil
import pytest
import yaml
from cli_command import Command
from model.fake_server import serving

from ostinato.agent.plans.subtasks import load_plan
from ostinato.phone.apps.app import get_app
from ostinato.trace.store import Store

TASK = "Add an expense: Tea, 4.50, then look up who paid Internet"


@pytest.fixture(autouse=True)
def apps() -> None:
    for name in ("ihatemoney", "tiddlywiki"):
        get_app(name).install()


def test_a_plan_is_written_and_says_what_is_filled_from_memory_and_what_nobody_knows(
    taught: Command, tmp_path: Path
) -> None:
    file = tmp_path / "plan.yaml"
    add = ["memory", "add", "who_paid", "Carol", "--app", "ihatemoney"]
    calls = [["plan", TASK], add, ["plan", TASK, "-o", str(file)], ["plan", "Write a note", "--json"]]
    open_, _, said, draft = taught.each([(c, {}) for c in calls], code=0)
    assert "needs who_paid; say it in the task, or: ostinato memory add who_paid VALUE" in " ".join(open_.err.split())
    first, second = load_plan(file).subtasks
    assert (first.task, second.gives["name"].type) == ("Add an expense: Tea, 4.50, paid by Carol", "text")
    assert "filled from memory" in said.err and "ostinato run --plan" in said.out
    assert draft.json["subtasks"][0]["app"] == "tiddlywiki" and "no experience is known for" in draft.err
    wrong = [["plan", TASK, "-o", str(file)], ["plan", "Sing"], ["plan", "Sing", "--app", "bank"]]
    there, unclear, unknown = (one.err for one in taught.each([(c, {}) for c in wrong], code=2))
    assert "is there already; --force writes over it" in there
    assert "not clear in which app" in unclear and "No app is called 'bank'" in unknown


def test_the_model_of_the_settings_plans_what_words_leave_open(taught: Command) -> None:
    answer = {
        "reasoning": "r",
        "app_name": "tiddlywiki",
        "package_name": "",
        "final_task_description": "Sing in a note",
    }
    with serving(json.dumps(answer)) as server:
        told = {"OSTINATO_PLANNER_URL": server.url, "OSTINATO_PLANNER_FORMAT": "mobimind_planner"}
        said = taught("plan", "Sing", **told)
    odd = taught("plan", "Sing", code=2, OSTINATO_PLANNER_FORMAT="morse")
    assert yaml.safe_load(said.out)["subtasks"] == [{"id": "only", "app": "tiddlywiki", "task": "Sing in a note"}]
    assert "no form 'morse' for planners; known: plan, mobimind_planner" in odd.err
    assert "- ihatemoney: shared expenses" in server.asked[0]["messages"][1]["content"]


PLAN = """task: Both
subtasks:
- {id: expense, app: ihatemoney, task: "Add an expense: Ferry, 64.10, paid by Carol"}
- {id: see, app: tiddlywiki, task: What is on the Shopping list, gives: {things: {type: list, row: Shopping list}}}
"""


def _begun(traces: Path, known: set[Path]) -> bool:
    """Whether a new run has taken a step."""
    return any(b'"intent"' in trace.read_bytes() for trace in set(traces.iterdir()) - known)


@pytest.mark.nightly
@pytest.mark.app
@pytest.mark.browser
def test_ctrl_c_ends_all_processes_keeps_their_traces_and_the_same_command_goes_on(
    taught: Command, tmp_path: Path
) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    run = ["run", "--plan", "plan.yaml", "--folder", "data", "--commits", "allow"]
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    before_it = set((taught.home / "store" / "traces").iterdir())
    with taught.begin(*run) as process:
        traces = taught.home / "store" / "traces"
        give_up = time.monotonic() + 60
        while not _begun(traces, before_it) and process.poll() is None and time.monotonic() < give_up:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in out + err, out + err
    assert "the same command goes on" in out
    left = {child for child in psutil.Process().children(recursive=True) if child.pid not in before}
    assert not [child for child in left if child.status() != psutil.STATUS_ZOMBIE]
    store = Store(taught.home / "store")
    assert {store.load(trace).status for trace in store.ids()} <= {"done", "interrupted"}
    said = taught(*run, "--json").json
    assert said["certain"] is True and [part["status"] for part in said["subtasks"]] == ["done", "done"]
    assert said["subtasks"][1]["artefacts"]["things"]["value"] == "bread, coffee, apples"
    runs = [store.load(trace) for trace in store.ids()]
    expenses = [one for one in runs if one.meta.get("subtask") == "expense" and one.status == "done"]
    assert len(expenses) == 1, "it is done once"


def test_what_does_not_go_together_is_said(taught: Command, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "odd.yaml").write_text("task: x\nsubtasks: [{id: a, app: ihatemoney, task: 'Add {x}'}]\n")
    calls: list[list[str]] = [
        ["run", "Tea", "--plan", "plan.yaml"],
        ["run", "--plan", "plan.yaml", "--app", "ihatemoney"],
        ["run", "--plan", "plan.yaml", "--commits", "ask"],
    ]
    said = [one.err for one in taught.each([(c, {}) for c in calls], code=2)]
    assert "TASK does not go with --plan" in said[0] and "--app does not go with --plan" in said[1]
    assert "needs a terminal" in said[2]
    files = [["run", "--plan", "odd.yaml"], ["run", "--plan", "none.yaml"]]
    odd, none = (one.err for one in taught.each([(c, {}) for c in files], code=1))
    assert "odd.yaml: subtasks.0.task: nothing gives {x}" in odd and "cannot read" in none
