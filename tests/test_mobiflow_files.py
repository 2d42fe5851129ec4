"""The made-up runs that MobiFlow's rule files are tried on: they pass, fail cut short, and show what a file lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.figures import Figures
from benchmarks.mobiflow import Tried, lost_in, measure, reasons, try_file, write_run
from ostinato.judge.check import AllOf
from ostinato.judge.mobiflow import import_rules
from ostinato.judge.substate import read_yaml
from ostinato.trace.mobiagent import import_mobiagent
from ostinato.trace.store import Store

GOOD = """
task_id: t
app_id: shop
description: put tea into the basket
nodes:
- {id: home, next: [tea], condition: {type: escalate, params: {
   ocr: {any: ["tea & <pot>", kettle]}, llm: {prompt: is it home?}}}}
- {id: tea, next: [basket], condition: {type: juxtaposition, params: {
   ocr: {all: [green, black], pattern: "(1 kg|2 kg)"}, icons: {any: [leaf]}, llm: {prompt: is it what the task asks?}}}}
- {id: basket, condition: {type: ocr_match, params: {any: [green]}}}
success: {any_of: [basket]}
"""


def written(folder: Path, text: str, name: str = "rules.yaml") -> Path:
    file = folder / "mobiflow_rules" / "task_rules" / "shop" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_passes_its_run_and_fails_the_shorter_one_and_each_that_lacks_a_part(tmp_path: Path) -> None:
    tried = try_file(written(tmp_path, GOOD), tmp_path / "work")
    assert tried.right and (tried.passing, tried.failing) == ("yes", "no")
    assert len(tried.partial) == 3 and "yes" not in tried.partial
    assert (tried.asked, tried.lost) == (9, ())


def test_a_file_that_says_yes_too_early_is_seen(tmp_path: Path) -> None:
    early = GOOD.replace(
        "{type: ocr_match, params: {any: [green]}}", "{type: llm, params: {prompt: x, expected_true: false}}"
    )
    tried = try_file(written(tmp_path, early.replace("next: [basket]", "next: []")), tmp_path / "work")
    assert tried.failing == "yes" and not tried.right


def test_a_run_is_written_as_mobiagent_writes_it(tmp_path: Path) -> None:
    rules = import_rules(written(tmp_path, GOOD))
    write_run(tmp_path / "runs" / "1", rules, rules.substates, said="teapot & <green>")
    store = Store(tmp_path / "store")
    trace = store.load(import_mobiagent(store, tmp_path / "runs")[0])
    assert [[e.name for e in step.before.elements if e.name] for step in trace.steps] == [
        [], ["tea & <pot>"], ["green", "black", "1 kg", "leaf"], ["green"],
    ]  # fmt: skip
    assert [step.action.kind for step in trace.steps] == ["tap", "tap", "tap", "done"]
    assert trace.task == "put tea into the basket" and trace.steps[0].decision.text == "teapot & <green>"


def test_a_condition_that_was_lost_is_found(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    rules, content = import_rules(file), read_yaml(file)
    assert list(lost_in(content, rules)) == []
    home, tea, basket = rules.substates
    (together,) = tea.checks
    assert isinstance(together, AllOf)
    for number, lost in enumerate(
        (["tea: green", "tea: black", "tea: (1 kg|2 kg)"], ["tea: leaf"], ["tea: is it what the task"])
    ):
        left = AllOf(checks=tuple(c for n, c in enumerate(together.checks) if n != number))
        less = rules.model_copy(update={"substates": (home, tea.model_copy(update={"checks": (left,)}), basket)})
        found = list(lost_in(content, less))
        assert [what[: len(name)] for what, name in zip(found, lost, strict=False)] == lost
        assert found[-1] == "tea: asks less than ocr, icons, llm together"


def test_refusals_are_told_by_their_reason_and_never_count_as_accepted(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    written(tmp_path, GOOD.replace("any_of: [basket]", "any_of: [till]"), "a.yaml")
    written(tmp_path, GOOD.replace("next: [tea]", "next: [till]"), "b.yaml")
    written(tmp_path, GOOD.replace("ocr_match", "smell"), "c.yaml")
    figures = Figures("x", quick=False)
    measure(figures, tmp_path)
    found = {figure.key: figure for figure in figures.found}
    assert (found["mobiflow_rules_accepted"].value, found["mobiflow_rules_refused"].value) == (1, 3)
    note = found["mobiflow_rules_refused"].note
    assert "there is no node: a.yaml (success.any_of), b.yaml (nodes.0.next); " in note and "c.yaml" in note
    assert (found["mobiflow_pass_and_fail"].value, found["mobiflow_pass_and_fail"].n) == (1, 1)
    assert (found["mobiflow_conditions_dropped"].value, found["mobiflow_conditions_dropped"].n) == (0, 9)
    assert (found["mobiflow_parts_needed"].value, found["mobiflow_parts_needed"].n) == (1, 3)
    assert reasons([Tried("x", ("nodes", "is missing or empty; more"))]) == "is missing or empty: x (nodes)"


def test_the_quick_form_reads_all_files_and_makes_runs_for_some(tmp_path: Path) -> None:
    for number in range(9):
        written(tmp_path, GOOD, f"{number}.yaml")
    figures = Figures("x", quick=True)
    measure(figures, tmp_path)
    found = {figure.key: figure for figure in figures.found}
    assert found["mobiflow_rules_accepted"].value == 9 and found["mobiflow_conditions_dropped"].n == 81
    assert (found["mobiflow_pass_and_fail"].value, found["mobiflow_pass_and_fail"].n) == (1, 2)


def test_without_the_data_it_says_where_it_is_from(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="IPADS-SAI/MobiAgent"):
        measure(Figures("x", quick=True), tmp_path)
