"""An experience as a Playwright script: it is really run, and no value can break out of it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.house import House
from ostinato.judge.check import TextHas, Together, ValueEquals
from ostinato.phone.apps.app import App, get_app
from ostinato.replay.experience import Experience, Node, Slot
from ostinato.replay.playwright_script import to_playwright
from ostinato.settings import load_settings
from ostinato.suites.ihatemoney import ADD_EXPENSE
from ostinato.trace.archive import import_
from ostinato.trace.data import AppData
from ostinato.trace.locator import Container, Locator

URL = "http://127.0.0.1:5000/"


def experience(*nodes: Node, template: str = "do it", slots: tuple[str, ...] = (), **more: object) -> Experience:
    return Experience.model_validate(
        {
            "id": "e", "app": "a", "templates": (template,), "nodes": nodes, "learnt": datetime.now(UTC),
            "slots": tuple(Slot(name=name, kind="text", examples=("one", "two")) for name in slots), **more,
        }
    )  # fmt: skip


def tap(**target: object) -> Node:
    return Node(index=0, kind="tap", target=Locator.model_validate({"role": "button", **target}))


def typed(text: str, **more: object) -> Node:
    return Node.model_validate(
        {"index": 0, "kind": "type", "target": Locator(role="textbox", name="What?"), "text": text, **more}
    )


def texts_in(source: str) -> set[str]:
    return {n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def calls_in(source: str) -> list[str]:
    """The calls of `play`, one per statement, as Python writes them."""
    [play] = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    return [ast.unparse(statement) for statement in play.body]


# ---- writing -------------------------------------------------------------------------------------------------

HOSTILE = ["it's", 'say "hi"', "back\\slash", "two\nlines", "🍣 寿司", '"""', "'''", "{braces}", "{", "a{what}b{",
           "\\N{", "\x00\x1b", "\u2028", "عشاء", "#", "\ud800"]  # fmt: skip
texts = st.one_of(st.text(max_size=30), st.sampled_from(HOSTILE), st.lists(st.sampled_from(HOSTILE)).map("".join))


@given(texts, texts, texts, texts)
def test_any_text_is_held_as_it_is_and_the_script_compiles(value: str, name: str, identity: str, words: str) -> None:
    node = tap(name=name or None, id=identity or None, container=Container(role="row", texts=(words,)))
    check = TextHas(text=words)
    node = node.model_copy(update={"primitive": words, "post": (check, Together(role="row", texts=(words,)))})
    learnt = experience(node, typed("{slot}"), template=f"{words} {{slot}}", slots=("slot",), success=(check,))
    source = to_playwright(learnt, {"slot": value}, URL + words)
    compile(source, "script.py", "exec")
    assert {value, words, URL + words} <= texts_in(source)
    assert not name or name in texts_in(source)


@given(texts, texts)
def test_a_slot_within_other_words_is_filled_in_and_no_other_brace_is(before: str, after: str) -> None:
    before, after = before.replace("{slot}", ""), after.replace("{slot}", "")
    source = to_playwright(experience(typed(f"{before}{{slot}}{after}"), slots=("slot",)), {"slot": "VALUE"}, URL)
    [play] = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    [fill] = [n for n in ast.walk(play) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "fill"]
    said = eval(compile(ast.Expression(fill.args[0]), "", "eval"), {}, {"slot": "VALUE"})
    assert said == f"{before}VALUE{after}"


@pytest.mark.parametrize("name", ["for", "class", "page", "os", "expect", "str"])
def test_a_slot_called_like_a_word_of_python_is_an_argument_all_the_same(name: str) -> None:
    source = to_playwright(experience(typed("{" + name + "}"), slots=(name,)), None, URL)
    compile(source, "script.py", "exec")
    assert f"{name}_='one'" in source and f".fill({name}_)" in source


def test_without_values_the_first_examples_are_used() -> None:
    learnt = experience(typed("{a}"), typed("{b}"), slots=("a", "b"))
    assert "play(page, a='one', b='two')" in to_playwright(learnt, {"b": "two"}, URL)


@pytest.mark.parametrize(
    ("node", "written"),
    [
        (tap(name="Add"), "page.get_by_role('button', name='Add', exact=True).tap()"),
        (tap(placeholder="Find"), "page.get_by_placeholder('Find', exact=True).tap()"),
        (tap(role="text", name="Soup"), "page.get_by_text('Soup', exact=True).tap()"),
        (
            tap(name="edit", container=Container(role="row", texts=("Soup",))),
            "page.get_by_role('row').filter(has_text='Soup').get_by_role('button', name='edit', exact=True).tap()",
        ),
        (typed("x"), "page.get_by_role('textbox', name='What?', exact=True).fill('x')"),
        (
            typed("", secret="my pin"),
            "page.get_by_role('textbox', name='What?', exact=True).fill(os.environ['OSTINATO_SECRET_MY_PIN'])",
        ),
        (
            Node(index=0, kind="select", target=Locator(role="combobox", name="Who?"), text="Bob"),
            "page.get_by_role('combobox', name='Who?', exact=True).select_option(label='Bob')",
        ),
        (Node(index=0, kind="key", text="Escape"), "page.keyboard.press('Escape')"),
        (Node(index=0, kind="open", text="http://x/"), "page.goto('http://x/')"),
        (Node(index=0, kind="back"), "page.go_back()"),
        (Node(index=0, kind="home"), f"page.goto(os.environ.get('START_URL', '{URL}'))"),
        (
            Node(index=0, kind="double_tap", target=Locator(role="row", name="A")),
            "page.get_by_role('row', name='A', exact=True).dblclick()",
        ),
        (
            Node(index=0, kind="long_press", target=Locator(role="row", name="A")),
            "page.get_by_role('row', name='A', exact=True).click(delay=800)",
        ),
    ],
)
def test_a_step_is_one_call(node: Node, written: str) -> None:
    assert calls_in(to_playwright(experience(node), None, URL)) == [written]


def test_a_step_with_an_id_never_takes_the_first_of_several() -> None:
    [call] = calls_in(to_playwright(experience(tap(name="Add", id='a"b')), None, URL))
    assert call.startswith("page.get_by_role('button', name='Add').and_(page.locator(") and ".first" not in call
    assert '[data-testid="a\\\\22 b"], [id="a\\\\22 b"], [name="a\\\\22 b"]' in call


def test_a_step_that_only_some_recordings_had_is_taken_when_it_can_be() -> None:
    node = tap(name="OK").model_copy(update={"optional": True})
    [statement] = calls_in(to_playwright(experience(node), None, URL))
    assert statement.startswith("if page.get_by_role('button', name='OK', exact=True).is_visible():")


def test_enter_follows_the_text() -> None:
    assert calls_in(to_playwright(experience(typed("x", enter=True)), None, URL))[1].endswith(".press('Enter')")


def test_checks_are_expectations() -> None:
    check = ValueEquals(target=Locator(role="textbox", name="What?"), value="{a}")
    node = typed("{a}").model_copy(update={"post": (check,)})
    assert calls_in(to_playwright(experience(node, slots=("a",)), None, URL))[1] == (
        "expect(page.get_by_role('textbox', name='What?', exact=True)).to_have_value(a)"
    )


# ---- running -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    found = get_app("ihatemoney")
    found.install()
    found.start()
    yield found
    found.stop()


@pytest.fixture
def learnt(tmp_path: Path) -> Experience:
    house = House(load_settings().model_copy(update={"home": tmp_path / "home"}))
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        return house.learn(import_(house.store, archive))


def run(source: str, app: App, chromium: Path, tmp_path: Path) -> tuple[subprocess.CompletedProcess[str], AppData]:
    """The script in a process of its own, on the freshly reset app; and the app's data after it."""
    app.reset()
    (tmp_path / "script.py").write_text(source, encoding="utf-8")
    (tmp_path / "login.json").write_text(json.dumps(app.login))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")],
        env=os.environ
        | {
            "START_URL": app.url,
            "CHROMIUM": str(chromium),
            "CHROMIUM_ARGS": "--no-sandbox --disable-gpu --disable-background-networking",
            "STORAGE_STATE": str(tmp_path / "login.json"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done, app.data()


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.parametrize(
    ("what", "amount", "payer"),
    [("Night train", "127.80", "Dan"), ("""it's "so" \\n {what} 🍣 ;--""", "0.5", "Alice")],
)
def test_the_script_adds_exactly_the_expense(
    learnt: Experience, app: App, chromium: Path, tmp_path: Path, what: str, amount: str, payer: str
) -> None:
    values = {"what": what, "amount": amount, "payer": payer}
    by_example = dict(zip(("Taxi to airport", "42.50", "Alice"), values, strict=True))
    given = {slot.name: values[by_example[slot.examples[0]]] for slot in learnt.slots}
    app.reset()
    before = app.data()
    done, after = run(to_playwright(learnt, given, URL), app, chromium, tmp_path)
    assert done.returncode == 0, done.stderr
    assert ADD_EXPENSE.wrong(before, after, values) == []


@pytest.mark.browser
@pytest.mark.app
def test_a_script_whose_check_fails_ends_with_an_error(
    learnt: Experience, app: App, chromium: Path, tmp_path: Path
) -> None:
    source = to_playwright(learnt, None, URL)
    missing = 'expect(page.get_by_role("row").filter(has_text="Zeppelin").first).to_be_visible(timeout=500)'
    wrong = source.replace("\n\n\nif __name__", f"\n    {missing}\n\n\nif __name__")
    done, _ = run(wrong, app, chromium, tmp_path)
    assert done.returncode != 0 and "Zeppelin" in done.stderr
