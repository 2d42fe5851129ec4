"""The replay benchmark: its figures from made-up runs, its words, how demonstrations are read, and one quick run."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import demonstrations, drift, frameworks, replay, replay_baselines, replay_figures
from benchmarks.figures import Figures
from benchmarks.misses import misses
from benchmarks.replay_columns import COLUMNS
from benchmarks.replay_runs import SUITES, Recorded, Run, Stage, _is_part
from ostinato.agent.decider import Choice, Decider, Handover
from ostinato.agent.script import ScriptDecider
from ostinato.errors import FormatError, SetupError
from ostinato.house import House
from ostinato.settings import load_settings
from ostinato.suites.ihatemoney import ADD_EXPENSE, DELETE_BILL
from ostinato.suites.task import Task
from ostinato.trace.action import Back, Done
from ostinato.trace.data import AppData, Table
from ostinato.trace.record import Decision, Outcome, Result, Step, Trace
from ostinato.trace.screen import Screen
from ostinato.trace.values import slots_in

NOW = datetime(2026, 1, 31, tzinfo=UTC)
VALUES = {"what": "Ferry", "amount": "12.50", "payer": "Dan"}


def run(**more: Any) -> dict[str, Any]:
    return {**Run("add_expense", "words", claimed=True, good=True, steps=5, replayed=5).as_json(), **more}


def values(figures: Figures) -> dict[str, tuple[float, int]]:
    return {figure.key: (figure.value, figure.n) for figure in figures.found}


def part(**columns: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "commits": True,
        "learnt": True,
        "why": "",
        **{name: columns.get(name, []) for name in COLUMNS},
    }


def test_columns_count_all_tasks_also_those_that_nothing_was_learnt_of() -> None:
    figures = Figures("replay", False)
    found = {
        "ihatemoney one": part(
            new=[run(), run(good=False, silent=True, wrong_commit=True)], near=[run(task="hidden x")]
        ),
        "ihatemoney two": {**part(new=[run(claimed=False, good=False, refused=True)]), "learnt": False},
    }
    replay_figures.of_columns(figures, found)
    told = values(figures)
    assert told["new_value_success"] == (1 / 3, 3) and told["new_value_success_learnt"] == (0.5, 2)
    assert told["silent_wrong"] == (1, 4) and told["wrong_commits"] == (1, 4) and told["runs"] == (3, 4)
    assert told["near_miss_refused_hidden"] == (1.0, 1) and told["learnt"] == (0.5, 2)


def test_calls_are_saved_only_by_what_ended_right() -> None:
    figures = Figures("replay", False)
    alone = [run(calls=6, replayed=0), run(calls=6, replayed=0)]
    found = {"ihatemoney one": {"always_agent new": alone, "ours new": [run(), run(good=False, silent=True)]}}
    replay_figures.of_baselines(figures, found)
    told = values(figures)
    assert told["calls_saved_share_of_ideal"] == (0.5, 12) and told["break_even_runs"] == (4.0, 2)
    assert told["baseline_ours_silent_wrong"] == (1, 2) and told["baseline_always_agent_calls"] == (6.0, 2)


def test_drift_tells_what_can_be_repaired_from_what_is_to_be_refused() -> None:
    figures = Figures("replay", False)
    found = {
        "renamed one ihatemoney/add_expense": [run(met=True, hidden=False), run(met=True, hidden=True, good=False)],
        "new_field text ihatemoney/add_expense": [run(met=True, good=False, claimed=True, wrong_commit=True)],
        "slow 3s ihatemoney/add_expense": [run(met=False)],
    }
    replay_figures.of_drift(figures, found)
    told = values(figures)
    assert told["drift_recovered"] == (0.5, 2) and told["drift_recovered_hidden_words"] == (0.0, 1)
    assert told["drift_refused_right"] == (0.0, 1) and told["drift_wrong_commits"] == (1, 4)
    assert told["drift_met"] == (0.75, 4)


def test_what_was_only_begun_is_told_from_what_is_wrong() -> None:
    assert _is_part("1 rows of bill added, expected 2")
    assert not _is_part("2 rows of bill added, expected 1") and not _is_part("bill.what is 'a', expected 'b'")


def test_near_words_ask_for_something_else_and_keep_to_the_values() -> None:
    for suite in SUITES.values():
        for task in suite:
            made = misses(task, task.generate(random.Random(3)), random.Random(4))
            assert made and task.words(task.generate(random.Random(3))) not in [words for _, words in made]
            assert not any(slots_in(words) for _, words in made), made


def test_a_label_has_one_name_that_may_be_looked_at_and_others_that_may_not() -> None:
    for label, words in drift.SYNONYMS.items():
        seen, hidden = drift.synonyms(label, False), drift.synonyms(label, True)
        assert len(seen) == 1 and not {*seen} & {*hidden} and {*seen, *hidden} == {*words} and label not in words
    assert drift.renamed(["Submit", "Ferry"], "one", "1", False).keys() == {"Submit"}
    assert len(drift.renamed(["Submit"], "all", "1", True)) == len(drift.SYNONYMS)


def test_a_developers_pattern_reads_only_its_own_task() -> None:
    words = ADD_EXPENSE.words(VALUES)
    assert replay_baselines.read_by_developer(ADD_EXPENSE, words) == VALUES
    assert replay_baselines.read_by_developer(DELETE_BILL, words) is None


class Letters:
    """A stand-in for MiniLM, where only which decider is asked matters: other texts are other directions."""

    name = "letters"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [np.random.default_rng([*text.split(":")[-1].encode()]).normal(size=16) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32)


class Asked:
    """A stage that only tells which deciders would play."""

    def performed(self, words: str, app_name: str, deciders: Sequence[Decider]) -> Sequence[Decider]:
        return deciders


def test_acttree_knows_the_recordings_and_is_asked_before_the_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(url="http://x.example/", width=400, height=800, taken=NOW)
    steps = tuple(
        Step(index=n, before=screen, decision=Decision(source="script"), action=action, risk="read", started=NOW,
             ended=NOW, result=Result(ok=True))
        for n, action in enumerate((Back(), Done()))
    )  # fmt: skip
    trace = Trace(id="t", task="Go back", started=NOW, steps=steps, outcome=Outcome(claimed="done"))
    library = [Recorded(ADD_EXPENSE, (trace,), (VALUES,), None)]
    agent = ScriptDecider([])
    monkeypatch.setattr(replay_baselines, "_embedder", Letters)
    assert "acttree" in replay_baselines.available()
    for words, answer in (("Go back", Choice), ("Sell a horse", Handover)):
        tree, last = replay_baselines.play_by("acttree", Asked(), library, words, "ihatemoney", None, agent)  # type: ignore
        assert last is agent and isinstance(tree.decide(screen, words, ()), answer)
    monkeypatch.setattr(replay_baselines, "_embedder", lambda: None)
    assert "acttree" not in replay_baselines.available()


# ---- demonstrations ----------------------------------------------------------------------------------------


def node(tag: str, ref: int, *children: dict[str, Any], **more: Any) -> dict[str, Any]:
    box = {"left": 0, "top": 0, "width": 20, "height": 10}
    return {"tag": tag, "ref": ref, "id": "", "children": list(children), **box, **more}


def moment(kind: str | None, *children: dict[str, Any], **action: Any) -> dict[str, Any]:
    told = {"type": kind, "timing": 1, "x": 5, "y": 5, **action} if kind else None
    return {"time": 0, "action": told, "dom": node("BODY", 1, node("DIV", 2, *children, id="area"))}


def field(value: str, **more: Any) -> dict[str, Any]:
    return node("INPUT_text", 3, value=value, **more)


def test_touches_and_typing_are_read_in_order() -> None:
    button = {"text": "Submit", "recordingTarget": True}
    states = [
        moment(None, field("")),
        moment("mousedown", field("", recordingTarget=True)),
        moment("keydown", field("", focused=True), keyCode=65),
        moment("keyup", field("a", focused=True), keyCode=65),
        moment("keydown", field("a", focused=True), keyCode=66),
        moment("keyup", field("ab", focused=True), keyCode=66),
        moment("mousedown", field("ab"), node("BUTTON", 4, **button)),
        moment("mouseup", field("ab"), node("BUTTON", 4, **button)),
    ]
    found = [(deed.kind, deed.ref, deed.text) for deed in demonstrations.deeds(states)]
    assert found == [("tap", 3, ""), ("type", 3, "ab"), ("tap", 4, "")]


def test_an_option_is_chosen_in_its_list_and_a_label_is_what_it_names() -> None:
    options = [node("OPTION", 5, text="one"), node("OPTION", 6, text="two", recordingTarget=True)]
    box = node("LABEL", 7, node("INPUT_checkbox", 8), recordingTarget=True)
    states = [moment("mousedown", node("SELECT", 4, *options)), moment("mousedown", box)]
    found = [(deed.kind, deed.ref, deed.text) for deed in demonstrations.deeds(states)]
    assert found == [("select", 4, "two"), ("tap", 8, "")]


def test_what_goes_to_the_page_itself_is_no_deed() -> None:
    states = [moment("mousedown")]
    states[0]["dom"]["children"][0]["recordingTarget"] = True
    with pytest.raises(demonstrations.Unread, match="nothing was done"):
        demonstrations.deeds(states)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", gzip.compress(b"[]"), gzip.compress(b'{"utterance": "x", "states": []}')],
    ids=["empty", "not compressed", "no object", "no states"],
)
def test_a_damaged_demonstration_is_named(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "0.json.gz"
    file.write_bytes(data)
    with pytest.raises(FormatError, match=r"0\.json\.gz"):
        demonstrations.read(file)


def test_a_folder_without_demonstrations_says_where_they_come_from(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="miniwob-plusplus-demos"):
        demonstrations.pages(tmp_path)


# ---- running -----------------------------------------------------------------------------------------------


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(House(load_settings().in_folder(tmp_path)))
    yield made
    made.close()


def demos(folder: Path) -> Path:
    (folder / "miniwob_demos" / "click-test").mkdir(parents=True)
    return folder


@pytest.mark.app
def test_a_full_run_has_every_part_and_a_quick_one_few(stage: Stage, tmp_path: Path) -> None:
    full = [name.split(" ")[0] for name in replay.parts_of(stage, replay.FULL, demos(tmp_path))]
    assert {"columns", "beside", "drift", "wall", "demo", "ablation", "canaries", "match", "seeded"} <= {*full}
    assert full.count("columns") >= 40
    assert len(replay.parts_of(stage, replay.QUICK, tmp_path)) < 10


@pytest.mark.nightly
@pytest.mark.browser
@pytest.mark.app
def test_a_replay_on_a_changed_page_is_counted(stage: Stage) -> None:
    [moved] = drift.drifted(stage, DELETE_BILL, "list_reordered", "reversed")
    assert moved["met"] and moved["good"] and moved["replayed"] == 2, moved
    [gone] = drift.drifted(stage, DELETE_BILL, "item_missing", "gone")
    assert gone["good"] and not gone["claimed"] and not gone["wrong_commit"], gone


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.nightly
def test_the_quick_run_ends_with_figures(tmp_path: Path) -> None:
    data = Path(os.environ.get("DATA", ""))
    if not (data / "miniwob_demos").is_dir():
        pytest.skip("needs the demonstrations: DATA names the folder that has miniwob_demos")
    out = tmp_path / "replay.json"
    command = [sys.executable, "-m", "benchmarks.replay", "--quick", "--data", str(data), "--json", str(out)]
    subprocess.run(command, check=True, cwd=Path(replay.__file__).parents[1], capture_output=True)
    keys = {figure["key"] for figure in json.loads(out.read_text("utf-8"))["figures"]}
    wanted = {"new_value_success", "silent_wrong", "drift_recovered", "demo_success", "canary_leaks", "match_ms_10k"}
    assert wanted <= keys


def test_what_other_frameworks_make_of_it_is_counted_by_task_framework_and_reason() -> None:
    figures = Figures("replay", False)
    stopped = run(good=False, claimed=False, said="stopped: replay of 0 v1: step 2: false: “x” is shown | []")
    unlearnt = run(good=False, claimed=False, refused=True, said="nothing was learnt: the recordings differ")
    found = {
        "vanillajs react": {"add": run(repaired=True), "tick": stopped, "clear": unlearnt},
        "vanillajs vue": {"add": run(good=False, silent=True)},
    }
    replay_figures.of_frameworks(figures, found)
    told = values(figures)
    assert told["todomvc_success"] == (0.25, 4) and told["todomvc_task_add"] == (0.5, 2)
    assert told["todomvc_to_react"] == (1 / 3, 3) and told["todomvc_from_vanillajs"] == (0.25, 4)
    assert told["todomvc_silent_wrong"] == (1, 4) and told["todomvc_handed_over"] == (0.5, 4)
    assert told["todomvc_healed"] == (0.25, 4)
    assert told["todomvc_stopped_check_false"] == told["todomvc_stopped_not_learnt"] == (1, 4)


def test_each_framework_is_met_by_what_two_others_teach() -> None:
    found = frameworks.pairs()
    assert len(found) == len({*found}) == 2 * (len(frameworks.FRAMEWORKS) - 1)
    assert {source for source, _ in found} == {*frameworks.SOURCES} <= {*frameworks.FRAMEWORKS}
    assert all(source != target for source, target in found) and len(frameworks.pairs(most=1)) == 1


@pytest.mark.parametrize("task", frameworks.TASKS, ids=lambda task: task.name)
def test_the_oracle_of_a_list_tells_what_was_asked_from_anything_else(task: Task) -> None:
    v = {"a": "Buy milk A10", "b": "Call Ann B20", "c": "Fix the bike C30", "d": "Book a room D40"}
    count, ticked = frameworks._BEFORE.get(task.name, 0), task.name in frameworks._TICKED
    old = {v[key]: ticked and key == "a" for key in "abc"[:count]}
    after = {
        "add": {v["a"]: False}, "tick": {**old, v["a"]: True}, "several": dict.fromkeys([v[k] for k in "abc"], False),
        "rename": {**{t: done for t, done in old.items() if t != v["a"]}, v["d"]: False},
    }.get(task.name, {title: done for title, done in old.items() if title != v["a"]})  # fmt: skip
    assert task.wrong(listed(old), listed(after), v) == []
    for wrong in (old, {**after, "Water the plants": False}, {t: not done for t, done in after.items()}):
        assert task.wrong(listed(old), listed(wrong), v), wrong


def listed(entries: dict[str, bool]) -> AppData:
    rows = tuple((title, 1, done) for title, done in sorted(entries.items()))
    return AppData(
        app="todomvc",
        tables={"todo": Table(columns=("title", "number", "completed"), key=("title", "number"), rows=rows)},
    )


def test_a_power_law_weighs_exact_repeats_and_new_values() -> None:
    figures = Figures("replay", False)
    never = [run(good=False, calls=6, replayed=0), run(calls=6, replayed=0)]
    columns = {"exact exact": [run(calls=0)], "exact new": never, "always_agent new": never}
    replay_figures.of_baselines(figures, {"ihatemoney one": columns})
    told, share = values(figures), replay_figures.repeats()
    assert told["baseline_exact_power_law_success"] == (pytest.approx(share + (1 - share) / 2), 3)
    assert told["baseline_exact_power_law_calls"] == (pytest.approx((1 - share) * 6), 3)
    assert "baseline_always_agent_power_law_success" not in told, "one of its columns was not measured"
    [shown] = [figure for figure in figures.found if figure.key == "baseline_exact_power_law_success"]
    assert shown.kind == "simulated"


def test_tasks_that_come_again_and_again_are_as_many_as_in_the_paper() -> None:
    assert 0.58 < replay_figures.repeats() < 0.62
