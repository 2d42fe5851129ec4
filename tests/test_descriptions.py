"""Statements that were made are matched with milestones one to one, by what they say; abstentions cover nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.descriptions import (
    Described,
    Made,
    Matcher,
    Milestone,
    anew,
    compare,
    describe,
    features,
    handwritten_tasks,
    make,
    mobiflow_tasks,
    neighbours,
    open_model,
    stranger_to,
    strangers,
)
from benchmarks.figures import Figure, Figures
from benchmarks.parts import Parts
from ostinato.errors import ModelError, SetupError
from ostinato.judge.decompose import StateDecomposer
from ostinato.model.chat import Message, Reply


def task(name: str, *milestones: tuple[str, str], apps: str = "shop") -> Described:
    return Described(name, frozenset(apps.split("+")), f"task {name}", tuple(Milestone(*m) for m in milestones))


TEA = task("tea", ("The basket holds tea", "basket tea price"), ("The list of kettles is open", "kettles sorted"))
BILL = task("bill", ("The bill of Carol is listed", "bill Carol amount"), ("The sum is 18", "sum 18"), apps="bills")
BOTH = task("both", ("A bill for tea", "tea bill"), apps="shop+bills")


def of(figures: Figures) -> dict[str, Figure]:
    return {figure.key: figure for figure in figures.found}


# ------------------------------------------------------------------------------------------------ the matcher
def test_words_are_one_in_their_forms_and_scripts_without_spaces_go_by_pairs() -> None:
    assert features("Searching is shown") == features("the search") != features("the basket")
    assert features("茶壶茶") == {"茶壶", "壶茶"}


def test_a_statement_fits_what_asks_enough_of_it_and_rare_words_count_more() -> None:
    matcher = Matcher([TEA, BILL, BOTH], least=0.5)
    assert matcher.likeness("The basket holds tea", "basket tea price") == 1
    assert matcher.likeness("basket bill", "basket") > matcher.likeness("basket bill", "bill") > 0
    assert matcher.likeness("it is shown", "basket") == 0
    assert matcher.fits("tea basket", "the basket") and not matcher.fits("the garden and the tea", "tea")


def test_a_statement_covers_one_milestone_and_a_milestone_is_covered_once() -> None:
    matcher = Matcher([TEA, BILL], least=0.5)
    asked = ["basket tea", "basket tea price", "kettles"]
    assert matcher.matched(["basket tea"], asked) == 1
    assert matcher.matched(["basket tea", "basket tea"], asked) == 2
    assert matcher.matched(["basket tea"] * 5, asked) == 2
    assert matcher.matched(["basket kettles", "kettles"], ["kettles", "basket"]) == 2  # the first gives way
    assert matcher.matched([], asked) == 0


def test_how_much_is_enough_is_learned_so_that_few_of_other_apps_fit_and_not_from_those_held_out() -> None:
    seen = [name for name in map(str, range(99)) if not task(name).held_out]
    held = [name for name in map(str, range(99)) if task(name).held_out]
    apart = [task(name, ("red tea", "red tea"), apps=name) for name in seen[:1]]
    apart += [task(name, ("blue bill", "blue bill"), apps=name) for name in seen[1:2]]
    alike = [task(name, (f"blue w{name}", f"bill w{name}"), apps=name) for name in held[:9]]
    assert Matcher(apart + alike).least == 0.01  # nothing fits by chance
    near = [
        task(name, (f"{c} w{name}", f"{c} w{name}"), apps=name)
        for name, c in zip(seen[:8], ["blue", "red"] * 4, strict=True)
    ]
    found = Matcher(near).least
    assert 0.1 < found < 0.5 and Matcher(near).likeness("blue", "blue w1") > found


def test_strangers_are_of_other_apps_and_neighbours_of_the_same_task_none_written_alike() -> None:
    twin = task("twin", ("The basket holds tea", "other words"), apps="bills")
    assert {name for name, _ in strangers([TEA, BOTH])} == set()
    pairs = list(strangers([TEA, BILL, twin]))
    assert ("The basket holds tea", BILL.human[0].whole) in pairs and len(pairs) == 2 * (4 + 2) - 2
    assert list(neighbours([TEA, BOTH])) == [
        (TEA.human[0].name, TEA.human[1].whole), (TEA.human[1].name, TEA.human[0].whole),
    ]  # fmt: skip
    assert stranger_to(TEA, [TEA, BOTH, BILL]) is BILL and stranger_to(BOTH, [TEA, BOTH, BILL]) is None


def test_milestones_of_our_own_tasks_match_themselves_and_those_worded_anew_far_more_than_others() -> None:
    tasks = handwritten_tasks()
    assert len(tasks) >= 30 and not any("{" in milestone.name for found in tasks for milestone in found.human)
    matcher = Matcher(tasks, least=0.2)
    assert all(matcher.fits(m.whole, m.whole) for found in tasks for m in found.human)
    pairs, others = list(anew(tasks)), list(strangers(tasks))
    assert len(pairs) == 20 and sum(matcher.fits(*pair) for pair in pairs) >= 0.8 * len(pairs)
    assert sum(matcher.fits(*pair) for pair in others) <= 0.1 * len(others)


# ------------------------------------------------------------------------------------------------ what is made
class Says:
    """A model that always says the same, in the brief form."""

    name = "scripted"
    sees = False

    def __init__(self, *pages: str, values: Sequence[str] = ()) -> None:
        said = {"values": list(values), "pages": [{"page": page, "shows": []} for page in pages]}
        self.said, self.asked = json.dumps(said), 0

    def reply(self, messages: Sequence[Message], **_: Any) -> Reply:
        self.asked += 1
        return Reply(self.said, self.name, 0.0)


def test_what_a_model_makes_is_its_statements_and_nothing_usable_is_an_abstention() -> None:
    made = make(StateDecomposer(Says("The basket is open"), brief=True), TEA)
    assert (made["statements"], made["abstained"]) == (["The basket is open"], "")
    none = make(StateDecomposer(Says("done"), brief=True), TEA)
    assert none["statements"] == [] and "no usable substates" in none["abstained"]


def test_a_model_that_is_gone_is_no_abstention() -> None:
    class Gone(Says):
        def reply(self, *_: Any, **__: Any) -> Reply:
            raise ModelError("nobody answers")

    with pytest.raises(ModelError, match="nobody answers"):
        make(StateDecomposer(Gone(), brief=True), TEA)


def test_abstentions_stay_in_the_denominator_and_what_covers_nothing_is_redundant() -> None:
    figures = Figures("x", quick=True)
    made = [Made(("The basket holds tea", "The garden is open", "茶壶"), "", 2.0), Made((), "no answer", 4.0)]
    compare(figures, [TEA, BILL], made, Matcher([TEA, BILL], least=0.5), "scripted", "")
    found = of(figures)
    assert (found["coverage_description_only"].value, found["coverage_description_only"].n) == (1 / 4, 4)
    assert (
        "scripted" in found["coverage_description_only"].note
        and "1 abstention" in found["coverage_description_only"].note
    )
    assert (found["description_redundancy"].value, found["description_redundancy"].n) == (2 / 3, 3)
    assert (found["description_abstained"].value, found["description_abstained"].n) == (1 / 2, 2)
    assert found["description_other_script"].value == 1 / 3
    theirs = task("壶", ("茶壶", "the picture says “茶壶” and a great many words more"))
    compare(
        figures, [theirs], [Made(("A pot", "A jug", "茶壶"), "", 1.0)], Matcher([theirs], least=0.5), "scripted", "_壶"
    )
    assert of(figures)["description_other_script_壶"].value == 2 / 3
    assert (found["coverage_description_only_chance"].value, found["coverage_description_only_chance"].n) == (0, 4)
    assert found["description_seconds"].value == 3.0


RULES = """
description: put tea into the basket
nodes:
- {id: a, name: basket, condition: {type: llm, params: {prompt: "does the basket fit `{task_description}`?"}}}
- {id: b, name: till, condition: {type: ocr_match, params: {any: [pay, till]}}}
success: {all_of: [a, b]}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for app, text in (("shop", RULES), ("bills", RULES.replace("basket", "bill")), ("odd", "nodes: []")):
        folder = tmp_path / "mobiflow_rules" / "task_rules" / app
        folder.mkdir(parents=True)
        (folder / f"{app}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_task_is_a_files_description_and_its_milestones_do_not_hold_it(data: Path) -> None:
    bills, shop = mobiflow_tasks(data)
    assert (shop.name, shop.apps, shop.task) == ("shop", frozenset({"shop"}), "put tea into the basket")
    assert [m.name for m in shop.human] == ["basket", "till"] and "pay" in shop.human[1].asks
    assert "tea" not in shop.human[0].asks and bills.task == "put tea into the bill"


def test_the_quick_form_tries_the_matcher_alone_and_a_model_that_is_not_there_is_said(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for quick in (True, False):
        figures = Figures("x", quick)
        describe(figures, Parts(None), data, quick, model=str(data / "none.gguf"))
        found = of(figures)
        assert "coverage_description_only" not in found
        for end in ("", "_english"):
            assert found[f"description_matcher_same{end}"].value == 1
            assert {f"description_matcher_{key}{end}" for key in ("self", "shuffled", "neighbours")} < set(found)
    assert "none.gguf is neither a file nor one of" in capsys.readouterr().err


def test_a_model_of_the_catalogue_is_asked_in_the_brief_form_and_loaded_when_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "small.gguf"
    loads: list[dict[str, Any]] = []
    model = Says("The basket is open")

    def load(path: Path, **options: Any) -> Says:
        loads.append(options)
        return model

    monkeypatch.setattr("benchmarks.descriptions.path_of", lambda _: file if file.exists() else None)
    monkeypatch.setattr("benchmarks.descriptions.Gguf", load)
    monkeypatch.setattr("benchmarks.descriptions.find_spec", lambda _: object())
    with pytest.raises(SetupError, match="ostinato model install smollm2-135m"):
        open_model("smollm2-135m")
    file.touch()
    name, decomposer = open_model("smollm2-135m")
    assert name == "small" and not loads
    assert decomposer() is decomposer() and [options["threads"] for options in loads] == [1]
    assert make(decomposer(), TEA)["statements"] == ["The basket is open"] and model.asked == 1
    monkeypatch.setattr("benchmarks.descriptions.find_spec", lambda _: None)
    with pytest.raises(SetupError, match="gguf"):
        open_model("smollm2-135m")


def test_an_interrupted_run_goes_on_with_what_was_made(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [Says("The basket is open"), Says("The till is open")]
    parts = tmp_path / "parts.jsonl"
    values = []
    for model in models:
        decomposer = StateDecomposer(model, brief=True)
        monkeypatch.setattr("benchmarks.descriptions.open_model", lambda _, d=decomposer: ("m", lambda: d))
        figures = Figures("x", quick=False)
        describe(figures, Parts(parts, keep=True), data, False)  # another commit may come between
        values.append([(f.key, f.value) for f in figures.found])
    assert models[0].asked > 30 and models[1].asked == 0 and values[0] == values[1]
    assert dict(values[0])["coverage_description_only_english"] >= 0
