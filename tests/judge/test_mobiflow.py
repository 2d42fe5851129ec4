"""Rules of MobiFlow: what they mean here, the seven faults that they do not have here, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from screens import element, screen

from ostinato.errors import FormatError, SetupError, StoreError
from ostinato.judge.evidence import Answer, Evidence
from ostinato.judge.judge import judge
from ostinato.judge.mobiflow import import_rules
from ostinato.judge.reasoner import Reasoner
from ostinato.judge.substate import Rules, load_rules, write_rules
from ostinato.model.chat import Message, Reply
from ostinato.trace.mobiagent import import_mobiagent
from ostinato.trace.record import Decision, Outcome, Result, Step, Trace
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store

HEAD = "task_id: t\napp_id: shop\ntask_type: demo\ndescription: put tea into the basket\nnodes:\n"


def words(kind: str, *texts: str) -> str:
    return f"{{type: escalate, params: {{ocr: {{{kind}: {json.dumps(texts, ensure_ascii=False)}}}}}}}"


HOME = f"- {{id: home, condition: {words('all', 'home')}, next: [basket]}}\n"
BASKET = f"- {{id: basket, score: 30, condition: {words('all', 'basket')}}}\n"
SHOP = HOME + BASKET + "success: {any_of: [basket]}\n"


class Reading:
    """Eyes that see icons of the names which a screen shows, and read its words."""

    name = "reading"

    def read(self, shown: Screen) -> Sequence[str]:
        return [e.name for e in shown.elements]

    def find_icon(self, shown: Screen, image: str) -> float:
        return float(any(e.name == image for e in shown.elements))


class Blind:
    name = "blind"

    def read(self, shown: Screen) -> Sequence[str]:
        raise SetupError("nothing here can read")

    def find_icon(self, shown: Screen, image: str) -> float:
        raise SetupError("nothing here can see")


class Knowing:
    name = "knowing"

    def ask(self, question: str, evidence: Evidence) -> Answer:
        return ("true" if evidence.after is not None and question in evidence.after.text else "false"), "seen"


@pytest.fixture
def load(tmp_path: Path):  # type: ignore[no-untyped-def]
    def loaded(text: str, head: str = HEAD, task: str | None = None) -> Rules:
        file = tmp_path / "rules.yaml"
        file.write_text(head + text, encoding="utf-8")
        return import_rules(file, task)

    return loaded


def run(*frames: str, said: str = "") -> Trace:
    """A run that showed these frames, each some words; at every step the agent said something."""
    shown = [
        screen(*(element("text", word, f"main/text[{n}]") for n, word in enumerate(frame.split(), start=1)))
        for frame in frames
    ]
    steps = tuple(
        Step.model_validate(
            {
                "index": n, "before": before, "decision": Decision(source="model", text=said),
                "action": {"kind": "back"}, "risk": "read", "started": before.taken, "result": Result(ok=True),
            }
        )
        for n, before in enumerate(shown[:-1])
    )  # fmt: skip
    return Trace(
        id="20260131-120000-000001", task="put tea into the basket", started=shown[0].taken, steps=steps,
        final=shown[-1], outcome=Outcome(claimed="done", reason=said),
    )  # fmt: skip


def no_data(sha: str) -> None:
    raise StoreError("no data")


def value(rules: Rules, trace: Trace, eyes: object = Reading(), model: object = Knowing()) -> str:
    return judge(trace, rules, no_data, eyes, model).value  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------- what they mean
def test_milestones_are_reached_in_their_order_and_weighed(load) -> None:  # type: ignore[no-untyped-def]
    rules = load(SHOP)
    assert value(rules, run("home", "tea", "basket tea")) == "yes"
    assert value(rules, run("basket", "tea", "home")) == "no"
    verdict = judge(run("home", "tea", "tea"), rules, no_data, Reading(), Knowing())  # type: ignore[arg-type]
    assert (verdict.value, verdict.score) == ("no", 10 / 40)
    assert rules.values == {"task_description": "put tea into the basket"} and rules.app == "shop"


def test_deps_are_all_needed_and_next_is_one_way(load) -> None:  # type: ignore[no-untyped-def]
    both = load(
        f"- {{id: a, condition: {words('all', 'a')}}}\n- {{id: b, condition: {words('all', 'b')}}}\n"
        f"- {{id: c, deps: [a, b], condition: {words('all', 'c')}}}\n"
    )
    assert [value(both, run(*frames)) for frames in (("a", "b", "c"), ("b", "a", "c"), ("a", "c", "c"))] == [
        "yes", "yes", "no",
    ]  # fmt: skip
    either = load(
        f"- {{id: a, next: [c], condition: {words('all', 'a')}}}\n"
        f"- {{id: b, next: [c], condition: {words('all', 'b')}}}\n"
        f"- {{id: c, condition: {words('all', 'c')}}}\n"
    )
    assert [value(either, run(*frames)) for frames in (("a", "c"), ("b", "c"), ("c", "c"))] == ["yes", "yes", "no"]


def test_success_is_any_all_or_every_end(load) -> None:  # type: ignore[no-untyped-def]
    nodes = f"- {{id: a, condition: {words('any', 'a')}}}\n- {{id: b, condition: {words('any', 'b')}}}\n"
    frames = {"both": run("a", "b"), "one": run("a", "x"), "none": run("x", "x")}
    answers = {
        "": ("yes", "yes", "no"),
        "success: {any_of: [a, b]}\n": ("yes", "yes", "no"),
        "success: {all_of: [a, b]}\n": ("yes", "no", "no"),
        "success: {any_of: [b]}\n": ("yes", "no", "no"),
    }
    for success, expected in answers.items():
        assert tuple(value(load(nodes + success), trace) for trace in frames.values()) == expected, success


def test_no_frame_earns_two_milestones_of_which_one_comes_before_the_other(load) -> None:  # type: ignore[no-untyped-def]
    assert value(load(SHOP), run("tea", "home basket")) == "no"
    assert value(load(SHOP), run("home basket", "basket")) == "yes"
    between = HOME.replace("[basket]", "[between]") + "- {id: between, next: [basket]}\n" + BASKET
    assert value(load(between), run("tea", "home basket")) == "no"
    unknown = load(
        SHOP.replace("ocr", "llm").replace('all: ["home"]', "prompt: home").replace('all: ["basket"]', "prompt: b")
    )
    assert value(unknown, run("x"), model=None) == "no"  # one frame, whatever it shows


def test_words_are_parts_of_words_in_any_language(load) -> None:  # type: ignore[no-untyped-def]
    rules = load(f"- {{id: a, condition: {words('all', '搜索', '历史')}}}\n")
    assert value(rules, run("请搜索历史记录")) == "yes"
    assert value(rules, run("请搜索")) == "no"
    pattern = load('- {id: a, condition: {type: ocr_match, params: {pattern: "(购物车|cart)"}}}\n')
    assert [value(pattern, run(text)) for text in ("加入购物车", "cart", "car")] == ["yes", "yes", "no"]
    either = '- {id: a, condition: {type: regex_match, params: {pattern: "CART", ignore_case: %s}}}\n'
    assert [value(load(either % case), run("cart")) for case in ("true", "false")] == ["yes", "no"]


def test_a_model_is_asked_with_the_words_of_the_task(load) -> None:  # type: ignore[no-untyped-def]
    node = '- {id: a, condition: {type: escalate, params: {llm: {prompt: "{task_description}", expected_true: %s}}}}\n'
    assert value(load(node % "true", task="tea"), run("tea")) == "yes"
    assert value(load(node % "true", task="jam"), run("tea")) == "no"
    assert value(load(node % "false", task="jam"), run("tea")) == "yes"


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("Is {task_description} shown?", "Is {task_description} shown?"),
        ("Is `{{task_description}}` shown?", "Is `{task_description}` shown?"),
        ("茶壶合乎任务task_description吗？", "茶壶合乎任务{task_description}吗？"),
        ("茶壶合乎任务吗？", "茶壶合乎任务吗？ (task: {task_description})"),
        ("Is what the task names shown?", "Is what the task names shown? (task: {task_description})"),
        ("看得见茶壶吗？", "看得见茶壶吗？"),
    ],
)  # fmt: skip
def test_what_a_prompt_means_by_the_task_is_asked_with_its_words(load, prompt: str, asked: str) -> None:  # type: ignore[no-untyped-def]
    node = {"id": "a", "condition": {"type": "llm", "params": {"prompt": prompt}}}
    (check,) = load(f"- {json.dumps(node, ensure_ascii=False)}\n").substates[0].checks
    assert check.question == asked


class Honest:
    """A model that says yes of a claim with tea in it where a line shows tea."""

    name = "honest"
    sees = False

    def reply(self, messages: Sequence[Message], *, schema: Any = None, **_: Any) -> Reply:
        shown, _, claim = messages[1].text.rpartition("\n\n")
        hit = "green tea" if "green tea" in shown and "tea" in claim else ""
        said = {"words": hit, "proof": "shown" if hit else "not_shown"}
        if "proof" not in schema["properties"]:
            said = {"reason": "", "quote": hit or "basket", "verdict": "yes" if hit else "no"}
        return Reply(json.dumps(said), self.name, 0.0)


def test_the_sentence_of_the_task_need_not_stand_on_the_screen_but_what_it_quotes(load) -> None:  # type: ignore[no-untyped-def]
    node = "- {id: a, condition: {type: llm, params: {prompt: 'Is `task_description` what is shown?'}}}\n"
    shown = screen(element("text", "basket"), element("text", "1 green tea", "main/text[2]"))
    trace = Trace(id="x", task="", started=shown.taken, final=shown)
    assert value(load(node, task="put tea into the basket"), trace, model=Reasoner(Honest())) == "yes"
    assert value(load(node, task="put 2 teas into the basket"), trace, model=Reasoner(Honest())) == "uncertain"
    assert value(load(node, task="put 'black tea' into the basket"), trace, model=Reasoner(Honest())) == "uncertain"


def test_actions_are_those_that_were_recorded(load) -> None:  # type: ignore[no-untyped-def]
    rules = load("- {id: a, condition: {type: action_match, params: {type: back}}}\n")
    assert value(rules, run("a", "b")) == "yes"
    assert value(rules, run("a")) == "no"
    assert value(load("- {id: a, condition: {type: action_match, params: {type: click}}}\n"), run("a", "b")) == "no"
    inner = "{type: action_match, params: {type: input, contains: {text: tea}}}"
    (check,) = load(f"- {{id: a, condition: {{type: escalate, params: {{action: {inner}}}}}}}\n").substates[0].checks
    assert (check.kind, check.action, check.text) == ("did", "type", "tea")


def test_they_can_be_written_as_rules_of_ours(load, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rules = load(SHOP)
    (tmp_path / "ours.yaml").write_text(write_rules(rules), encoding="utf-8")
    assert load_rules(tmp_path / "ours.yaml") == rules


# ---------------------------------------------------------------------------------------------- the seven faults
def test_1_a_page_that_is_seen_again_later_takes_nothing_away(load) -> None:  # type: ignore[no-untyped-def]
    assert value(load(SHOP), run("home", "basket home", "x", "home")) == "yes"
    deps = f"- {{id: home, condition: {words('all', 'home')}}}\n"
    deps += f"- {{id: basket, deps: [home], condition: {words('all', 'basket')}}}\n"
    assert value(load(deps), run("home", "basket", "x", "home")) == "yes"


def test_2_a_node_without_a_condition_is_reached_with_what_comes_before(load) -> None:  # type: ignore[no-untyped-def]
    text = HOME.replace("[basket]", "[between]") + "- {id: between, next: [basket]}\n" + BASKET
    assert value(load(text), run("home", "basket")) == "yes"
    assert value(load(text), run("x", "basket")) == "no"


def test_3_an_icon_that_is_not_seen_ends_nothing(load) -> None:  # type: ignore[no-untyped-def]
    text = "- {id: a, condition: {type: escalate, params: {icons: {any: [bag]}, ocr: {all: [basket]}}}}\n"
    assert value(load(text), run("basket")) == "yes"
    assert value(load(text), run("bag")) == "yes"
    assert value(load(text), run("x")) == "no"


def test_4_words_that_depend_on_the_task_are_asked_in_escalate_too(load) -> None:  # type: ignore[no-untyped-def]
    patterns = "{kind: {trigger_keywords: [Tea, infusion], verify_keywords: [green, black]}}"
    dynamic = f"{{extract_from: task_description, condition_patterns: {patterns}}}"
    text = f"- {{id: a, condition: {{type: escalate, params: {{dynamic_match: {dynamic}, ocr: {{all: [basket]}}}}}}}}\n"
    assert value(load(text), run("green")) == "yes"
    assert value(load(text), run("white")) == "no"
    assert value(load(text, task="put jam into it"), run("green")) == "no"
    with pytest.raises(FormatError, match="name a task"):  # the file's own description brings up nothing
        load(text.replace("Tea, infusion", "Coffee"))
    fallback = text.replace("condition_patterns", "fallback_llm: true, condition_patterns")
    fallback = fallback.replace("[green, black]", "[green, black], llm_prompt: white")
    assert [value(load(fallback), run(shown)) for shown in ("white", "red")] == ["yes", "no"]


def test_5_of_what_must_hold_together_nothing_is_dropped(load) -> None:  # type: ignore[no-untyped-def]
    text = (
        "- {id: a, condition: {type: juxtaposition, params: "
        "{text: {all: [paid]}, icons: {all: [tick]}, llm: {prompt: paid}}}}\n"
    )
    assert value(load(text), run("paid tick")) == "yes"
    assert value(load(text), run("paid")) == "no"
    assert value(load(text), run("paid tick"), eyes=Blind()) == "uncertain"
    assert value(load(text), run("paid tick"), eyes=None) == "uncertain"
    assert value(load(text), run("paid tick"), model=None) == "uncertain"


def test_6_what_the_agent_says_of_itself_is_no_evidence(load) -> None:  # type: ignore[no-untyped-def]
    trace = run("home", "x", "x", said="I opened the basket and put the tea into it")
    assert value(load(SHOP), trace) == "no"


def test_7_an_end_that_nobody_knows_is_refused(load) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FormatError, match=r"success\.any_of: there is no node 'paid'"):
        load(SHOP.replace("any_of: [basket]", "any_of: [paid]"))


# ---------------------------------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nodes: is missing or empty"),
        ("- {name: x}\n", r"nodes\.0: has no id"),
        ("- {id: a, cond: {}}\n", r"nodes\.0\.cond: is no field of a node"),
        ("- {id: a, deps: [b], condition: {type: ocr_match, params: {all: [x]}}}\n", "0.deps: there is no node 'b'"),
        ("- {id: a, next: b, condition: {type: ocr_match, params: {all: [x]}}}\n", r"nodes\.0\.next: is no list"),
        ("- {id: a}\n", r"nodes\.0\.checks: is empty"),
        ("- {id: a, condition: {type: llm, params: {prompt: x}}}\nsucess: {any_of: [a]}\n", "sucess: is no field"),
        ("- {id: a, condition: {type: escalate, llm: {prompt: x}}}\n", r"condition\.llm: is no field of a condition"),
        ("- {id: a, condition: {type: escalate, params: {llm: {prompt: x}}, ocr: {all: [x]}}}\n", r"condition\.ocr: "),
        ("- {id: a, condition: {type: dynamic_match, params: {extract_from: task_description}}}\n", "s: is missing"),
        ("- {id: a, condition: {type: dynamic_match, params: {extract_from: reasoning}}}\n", "is no evidence"),
        ("- {id: a, condition: {type: dynamic_match, params: {tea: [green]}}}\n", "tea: is not known here"),
        ("- {id: a, condition: {type: ocr_match, params: {ignore_case: true}}}\n", "beside a pattern"),
        ("- {id: a, condition: {type: action_match, params: {type: click, contains: {x: 1}}}}\n", r"contains\.x: "),
        ("- {id: a, condition: {type: escalate}}\n", r"nodes\.0\.condition: needs a type and params"),
        ("- {id: a, condition: {type: telepathy, params: {x: 1}}}\n", "'telepathy' is no type of condition"),
        ("- {id: a, condition: {type: escalate, params: {smell: {all: [x]}}}}\n", "'smell' is no check"),
        ("- {id: a, condition: {type: escalate, params: {ocr: {'all:': [x]}}}}\n", r"all:: is not known here"),
        ("- {id: a, condition: {type: ocr_match, params: {all: []}}}\n", "is no list of words"),
        ("- {id: a, condition: {type: ocr_match, params: {pattern: '('}}}\n", "is no regular expression"),
        ("- {id: a, condition: {type: llm, params: {expected_true: true}}}\n", "needs a prompt"),
        ("- {id: a, condition: {type: icons_match, params: {all: [x], threshold: 7}}}\n", "less than or equal to 1"),
        ("- {id: a, condition: {type: action_match, params: {type: jump}}}\n", "'jump' is no action"),
        ("- {id: a, condition: {type: ui_flag, params: {x: true}}}\n", "is not guessed"),
        ("- {id: a, score: -1, condition: {type: ocr_match, params: {all: [x]}}}\n", "-1 is no score"),
        ("- {id: a, condition: {type: ocr_match, params: {all: [x]}}}\n" * 2, "is there twice"),
        (HOME.replace("[basket]", "[home]"), "go in a circle"),
        (SHOP.replace("any_of: [basket]", "most_of: [basket]"), "must be any_of or all_of"),
        (SHOP.replace("any_of: [basket]", "any_of: []"), "is empty"),
        ("- id: a\n  name: b: c\n", r"line \d+, column \d+: is not YAML"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_meant_is_refused_with_its_fault(load, text: str, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FormatError, match=said):
        load(text)


# ---------------------------------------------------------------------------------------------- traces of MobiAgent
def test_a_trace_in_mobiagents_format_is_judged_by_its_pictures_words(load, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "shop" / "demo" / "1"
    folder.mkdir(parents=True)
    for number in (1, 2, 3):
        Image.new("RGB", (200, 400), "white").save(folder / f"{number}.jpg")
    node = '<node text="{}" class="android.widget.TextView" bounds="[0,0][100,50]" clickable="true" enabled="true"/>'
    for number, text in enumerate(("home", "tea", "basket"), start=1):
        (folder / f"{number}.xml").write_text(f"<hierarchy>{node.format(text)}</hierarchy>", encoding="utf-8")
    click = {"type": "click", "position_x": 10, "position_y": 10, "bounds": [0, 0, 100, 50]}
    actions = [{**click, "action_index": 1}, {**click, "action_index": 2}, {"type": "done", "action_index": 3}]
    content = {
        "app_name": "shop", "task_type": "demo", "old_task_description": "",
        "task_description": "put tea into the basket", "action_count": 3, "actions": actions,
    }  # fmt: skip
    (folder / "actions.json").write_text(json.dumps(content), encoding="utf-8")
    store = Store(tmp_path / "store")
    trace = store.load(import_mobiagent(store, tmp_path / "shop")[0])
    assert value(load(SHOP), trace) == "yes"
    assert value(load(SHOP.replace("basket", "till")), trace) == "no"
