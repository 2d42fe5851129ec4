"""Import of Playwright-codegen scripts. The files in `codegen/` were written by Playwright's own recorder (1.65) while
real mouse and keys worked on ihatemoney and on `pages/shop.html`."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.collect.codegen import Script, parse, read_codegen
from ostinato.collect.codegen_player import CodegenDecider, Passwords
from ostinato.collect.codegen_steps import Line
from ostinato.errors import FormatError, SetupError, UsageError
from ostinato.house import House
from ostinato.phone.apps.app import App, get_app
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.phone.web.named import Call
from ostinato.replay.playwright_script import to_playwright
from ostinato.settings import load_settings
from ostinato.suites.ihatemoney import ADD_EXPENSE
from ostinato.trace.archive import import_
from ostinato.trace.record import Trace

HERE = Path(__file__).parent
CODEGEN = HERE / "codegen"


def script(*lines: str) -> str:
    """A script of codegen with these lines on its page."""
    body = "".join(f"    {line}\n" for line in lines)
    return (
        "import re\nfrom playwright.sync_api import Playwright, sync_playwright, expect\n\n\n"
        "def run(playwright: Playwright) -> None:\n"
        "    browser = playwright.chromium.launch(headless=False)\n"
        '    context = browser.new_context(**playwright.devices["iPhone 13"])\n'
        "    page = context.new_page()\n"
        f"{body}    context.close()\n    browser.close()\n\n\n"
        "with sync_playwright() as playwright:\n    run(playwright)\n"
    )


FIRST = 9  # the line of the first line given to `script`


def done(*lines: str) -> list[Line]:
    return list(parse(script(*lines)).lines)


def by_role(role: str, **options: object) -> tuple[Call, ...]:
    return (Call("get_by_role", (role,), tuple(options.items())),)


# ---- reading -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", ["sync", "async", "pytest"])
def test_every_flavour_of_a_real_script_is_the_same_steps(flavour: str) -> None:
    read = read_codegen(CODEGEN / f"{flavour}.txt")
    what, amount = by_role("textbox", name="What?"), by_role("textbox", name="How much?")
    assert [(line.kind, line.text, line.target) for line in read.placed("http://here/flat/")] == [
        ("tap", "", by_role("link", name="Add a new bill")),
        ("tap", "", what),
        ("type", "Taxi to airport", what),
        ("select_value", "3", (Call("get_by_label", ("Payer",)),)),
        ("tap", "", amount),
        ("type", "42.50", amount),
        ("tap", "", by_role("button", name="Submit", exact=True)),
    ]
    assert any("Tab only moves the focus" in note for note in read.notes)


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        ('page.locator("#a").click()', "tap", ""),
        ('page.locator("#a").tap(timeout=500)', "tap", ""),
        ('page.locator("#a").click(button="left")', "tap", ""),
        ('page.locator("#a").click(trial=False)', "tap", ""),
        ('page.locator("#a").click(delay=800)', "long_press", ""),
        ('page.locator("#a").click(click_count=2)', "double_tap", ""),
        ('page.locator("#a").dblclick()', "double_tap", ""),
        ('page.locator("#a").fill("x")', "type", "x"),
        ('page.locator("#a").clear()', "type", ""),
        ('page.locator("#a").type("x", delay=20)', "append", "x"),
        ('page.locator("#a").press_sequentially("x")', "append", "x"),
        ('page.locator("#a").check()', "check", ""),
        ('page.locator("#a").uncheck()', "uncheck", ""),
        ('page.locator("#a").select_option("3")', "select_value", "3"),
        ('page.locator("#a").select_option(["3"])', "select_value", "3"),
        ('page.locator("#a").select_option(value="3")', "select_value", "3"),
        ('page.locator("#a").select_option(label="Bob")', "select", "Bob"),
        ('page.locator("#a").fill(os.environ["OSTINATO_SECRET_PIN"])', "secret", "PIN"),
        ('page.get_by_role("button").press("Enter")', "tap", ""),
        ('page.get_by_role("checkbox").press("Space")', "tap", ""),
    ],
)
def test_a_call_on_an_element_is_one_step(code: str, kind: str, text: str) -> None:
    [line] = done(code)
    assert (line.number, line.kind, line.text) == (FIRST, kind, text)
    assert line.target


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        ('page.goto("http://a/b")', "open", "http://a/b"),
        ('page.goto(os.environ["START_URL"])', "home", ""),
        ("page.go_back()", "back", ""),
        ('page.keyboard.press("Escape")', "key", "Escape"),
        ('page.locator("body").press("ControlOrMeta+a")', "key", "ControlOrMeta+a"),
    ],
)
def test_a_call_on_the_page_is_one_step(code: str, kind: str, text: str) -> None:
    assert [(line.kind, line.text, line.target) for line in done('page.locator("#a").click()', code)[1:]] == [
        (kind, text, ())
    ]


def test_a_chain_of_locators_is_kept_as_it_is_written() -> None:
    [line] = done(
        'page.get_by_role("row", name=re.compile(r"^In\\w+", re.IGNORECASE)).filter(has_text="a \\"b\\"").first'
        '.locator("td", has_text="c").nth(-1).get_by_label("d", exact=True).click()'
    )
    assert line.target == (
        Call("get_by_role", ("row",), (("name", re.compile(r"^In\w+", re.IGNORECASE)),)),
        Call("filter", (), (("has_text", 'a "b"'),)),
        Call("first"),
        Call("locator", ("td",), (("has_text", "c"),)),
        Call("nth", (-1,)),
        Call("get_by_label", ("d",), (("exact", True),)),
    )


def test_enter_after_filling_a_field_belongs_to_the_typing() -> None:
    fill, other = 'page.locator("#a").fill("x")', 'page.locator("#b")'
    assert [line.kind for line in done(fill, 'page.locator("#a").press("Enter")')] == ["enter"]
    assert [line.kind for line in done(fill, f'{other}.press("Enter")')] == ["type", "tap", "key"]
    assert [line.kind for line in done(fill, 'page.locator("#a").press("Escape")')] == ["type", "key"]


def test_tab_is_kept_only_where_the_focus_matters() -> None:
    tab = 'page.locator("#a").press("Tab")'
    assert [line.kind for line in done('page.locator("#a").fill("x")', tab, 'page.locator("#b").click()')] == [
        "type",
        "tap",
    ]
    assert [line.text for line in done('page.locator("#a").click()', tab, 'page.keyboard.press("Enter")')] == [
        "",
        "Tab",
        "Enter",
    ]


def test_what_only_looks_is_passed_over_with_a_note() -> None:
    read = parse(
        script(
            'page.locator("#a").click()',
            'expect(page.locator("#a")).to_have_value("1")',
            'page.locator("#a").hover()',
            'page.wait_for_url("**/x")',
        )
    )
    assert [line.kind for line in read.lines] == ["tap"]
    assert [note.split(":")[0] for note in read.notes] == [f"line {FIRST + n}" for n in (1, 2, 3)]


def test_a_dialog_is_answered_after_the_step_that_brings_it() -> None:
    lines = done(
        'page.once("dialog", lambda dialog: dialog.accept())',
        'page.locator("#a").click()',
        'page.locator("#b").click()',
    )
    assert [(line.kind, line.text) for line in lines] == [("tap", ""), ("dialog", "accept"), ("tap", "")]


def test_a_handler_that_stays_answers_every_dialog_of_its_page() -> None:
    lines = done(
        'page.locator("#a").click()',
        'page.on("dialog", lambda dialog: dialog.dismiss())',
        'page.locator("#b").click()',
        'page.locator("#c").click()',
    )
    assert [(line.kind, line.answer) for line in lines] == [("tap", ""), ("tap", "dismiss"), ("tap", "dismiss")]


def test_a_popup_is_left_by_going_back() -> None:
    popup = (
        "with page.expect_popup() as page1_info:",
        '    page.locator("#a").click()',
        "page1 = page1_info.value",
        'page1.locator("#b").click()',
    )
    assert [line.kind for line in done(*popup, "page1.close()", 'page.locator("#c").click()')] == [
        "tap",
        "tap",
        "back",
        "tap",
    ]
    with pytest.raises(FormatError, match=rf"line {FIRST + 4}: goes on in a tab"):
        done(*popup, 'page.locator("#c").click()')


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('page.locator("#a").set_input_files("x.png")', r"set_input_files\(\) is not understood"),
        ('page.locator("#a").evaluate("1")', r"evaluate\(\) is not understood"),
        ('page.locator("#a").click(button="right")', "no right button"),
        ('page.locator("#a").click(position={"x": 1, "y": 2})', "position="),
        ('page.locator("#a").click(modifiers=["Shift"])', "modifiers="),
        ('page.locator("#a").click(trial=True)', "only tries and touches nothing"),
        ('page.on("dialog", lambda d: d.accept()); page.on("dialog", lambda d: d.dismiss())', "a second time"),
        ('page.locator("#a").click("now")', r"click\(\) with 'now'"),
        ('page.locator("#a").fill(42)', r"fill\(\) without a text"),
        ('page.locator("#a").fill(os.environ["HOME"])', "HOME is not known"),
        ('page.locator("#a").select_option(["1", "2"])', "one value or label"),
        ('page.locator("#a").select_option(index=2)', "one value or label"),
        ('page.locator("#a").drag_to("#b")', "without a place"),
        ('page.get_by_role("row").filter(has=["#a"]).click()', "codegen writes"),
        ("page.mouse.move(1, 2)", "codegen writes"),
        ('page.evaluate("1")', r"page.evaluate\(\) is not understood"),
        ('page.on("dialog", print)', "codegen writes"),
        ("for i in range(3): page.reload()", "codegen writes"),
        ("if 1 < 2: page.reload()", "codegen writes"),
        ("nothing.click()", "codegen writes"),
        ("open('/etc/passwd').read()", "codegen writes"),
        ('page.get_by_role("a", name=re.compile("(")).click()', "is no pattern"),
        ("page2 = context.new_page()", "second page"),
    ],
)
def test_a_line_that_is_not_understood_is_named(code: str, said: str) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        done('page.goto("http://a/")', 'page.locator("#a").click()', code)
    assert caught.value.field == f"line {FIRST + 2}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "does nothing on a page"),
        ("print('hello')", "does nothing on a page"),
        ("def run(playwright):\n    pass\n", "does nothing on a page"),
        ("def test_a(page): page.go_back()\ndef test_b(page): page.go_back()\n", "one of 2 tests"),
        ("def a():\n    a()\na()", "line 2: a\\(\\) calls itself"),
        ("import { test } from '@playwright/test';", "line 1: is not Python"),
        ("x = 'a\0b'", "."),
        ("(" * 5000, "."),
    ],
)
def test_a_file_that_is_no_such_script_is_told(source: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        parse(source)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.py"):
        read_codegen(tmp_path / "none.py")
    (tmp_path / "picture.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError, match="UTF-8"):
        read_codegen(tmp_path / "picture.py")


def test_nothing_of_a_script_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(FormatError):
        parse(f"open({str(mark)!r}, 'w')\n" + script('page.locator("#a").click()'))
    parse("import shutil, nowhere\n" + script('page.locator("#a").click()'))
    assert not mark.exists()


def test_addresses_of_the_recorded_site_become_addresses_of_this_one() -> None:
    read = parse(
        script(
            'page.goto("http://127.0.0.1:5000/flat/?a=1")',
            'page.goto("http://127.0.0.1:5000/flat/x#y")',
            'page.goto("https://other.org/")',
            "page.go_back()",
        )
    )
    assert [line.text for line in read.placed("https://here:81/flat/?a=1")] == [
        "https://here:81/flat/x#y",
        "https://other.org/",
        "",
    ]
    assert read.placed("https://here:81/")[0].text == "https://here:81/flat/?a=1"


# What codegen writes, written again: JSON strings, one call a line.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
words = st.text(min_size=1, max_size=12)
calls = st.one_of(
    st.builds(lambda t, e: Call("get_by_text", (t,), (("exact", True),) if e else ()), texts, st.booleans()),
    st.builds(lambda t: Call("get_by_test_id", (t,)), texts),
    st.builds(lambda t: Call("get_by_role", ("button",), (("name", t),)), texts),
    st.builds(lambda t: Call("filter", (), (("has_text", t),)), texts),
    st.builds(lambda n: Call("nth", (n,)), st.integers(-3, 30)),
    st.just(Call("first")),
)
chains = st.lists(calls, min_size=1, max_size=4).map(lambda links: (Call("locator", ("main",)), *links))
METHODS: dict[str, Callable[[str], str]] = {
    "tap": lambda text: "click()",
    "double_tap": lambda text: "dblclick()",
    "long_press": lambda text: "click(delay=600)",
    "check": lambda text: "check()",
    "uncheck": lambda text: "uncheck()",
    "type": lambda text: f"fill({text})",
    "append": lambda text: f"press_sequentially({text})",
    "select_value": lambda text: f"select_option({text})",
    "select": lambda text: f"select_option(label={text})",
}
WITH_TEXT = {"type", "append", "select_value", "select"}
steps = st.one_of(
    st.builds(lambda k, c, t: Line(0, k, t if k in WITH_TEXT else "", c), st.sampled_from([*METHODS]), chains, texts),
    st.builds(lambda c, d: Line(0, "drag", "", c, d), chains, chains),
    st.builds(lambda k: Line(0, "key", k), words.filter(lambda k: not k.endswith("Tab"))),
    st.just(Line(0, "back")),
)


def written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def chain_code(chain: tuple[Call, ...]) -> str:
    code = "page"
    for call in chain:
        given = [written(a) for a in call.arguments or ()] + [f"{key}={written(v)}" for key, v in call.options]
        code += f".{call.name}" + ("" if call.arguments is None else f"({', '.join(given)})")
    return code


def code(line: Line) -> str:
    if line.kind == "key":
        return f"page.keyboard.press({written(line.text)})"
    if line.kind == "back":
        return "page.go_back()"
    if line.kind == "drag":
        return f"{chain_code(line.target)}.drag_to({chain_code(line.destination)})"
    return f"{chain_code(line.target)}.{METHODS[line.kind](written(line.text))}"


@given(st.lists(steps, min_size=1, max_size=8))
def test_steps_written_as_codegen_does_are_read_back(lines: list[Line]) -> None:
    read = parse(script(*(code(line) for line in lines)))
    assert [line.number for line in read.lines] == [FIRST + n for n in range(len(lines))]
    assert [(r.kind, r.text, r.target, r.destination) for r in read.lines] == [
        (line.kind, line.text, line.target, line.destination) for line in lines
    ]


@given(st.text(max_size=200))
def test_no_text_is_anything_but_read_or_refused(source: str) -> None:
    for tried in (source, script(*source.splitlines())):
        try:
            assert parse(tried).lines
        except FormatError as error:
            assert re.fullmatch(r"line \d+|file", error.field)


# ---- playing -------------------------------------------------------------------------------------------------


@dataclass
class Table:
    """A phone and a store, and the scripts that are played on them."""

    house: House
    phone: ChromiumPhone
    passwords: Passwords
    url: str
    app: App | None = None

    def play(self, read: Script, task: str = "Shop") -> Trace:
        if self.app is not None:
            self.app.reset()
        self.phone.new_episode(login=self.app.login if self.app else None, start_url=self.url)
        finished = self.house.perform(
            task,
            phone=self.phone,
            deciders=[CodegenDecider(read.placed(self.url), self.phone.named, self.passwords)],
            app=self.app,
            app_name=self.app.name if self.app else self.url,
            approve=lambda action, screen: True,
            meta={"recorded_by": "codegen"},
        )
        return self.house.store.load(finished.trace.id)


@contextlib.contextmanager
def table(home: Path, url: str, app: App | None = None) -> Iterator[Table]:
    house = House(load_settings().model_copy(update={"home": home, "step_timeout": 6.0 if app else 1.5}))
    passwords = Passwords()
    with house.phone(app, url, secrets=passwords.secret) as phone:
        yield Table(house, phone, passwords, url, app)


@pytest.fixture(scope="module")
def shop(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(HERE / "pages")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with table(tmp_path_factory.mktemp("shop"), f"http://127.0.0.1:{server.server_port}/shop.html") as found:
        yield found
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def flat(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    app = get_app("ihatemoney")
    app.install()
    app.start()
    try:
        with table(tmp_path_factory.mktemp("flat"), app.url, app) as found:
            yield found
    finally:
        app.stop()


@pytest.mark.browser
def test_a_real_script_with_lists_dialogs_popups_and_passwords_is_played(shop: Table) -> None:
    trace = shop.play(read_codegen(CODEGEN / "shop.txt"))
    assert trace.status == "done", trace.outcome
    assert trace.final is not None
    shown = {e.id: e for e in trace.final.elements if e.id}
    assert "pear card kept agreed apple" in trace.final.text
    assert (shown["person"].value, shown["size"].value, shown["seek"].value) == ("Ann", "Large", "pears “big”\\n")
    assert (shown["gift"].checked, shown["news"].checked) == (False, True)
    stored = b"".join(path.read_bytes() for path in shop.house.settings.home.rglob("*") if path.is_file())
    assert b"tr0ub4dor" not in stored
    assert [s.action.secret for s in trace.steps if s.action.kind == "type" and s.action.secret] == ["PASSWORD_1"]


@pytest.mark.browser
def test_a_box_that_is_as_it_should_be_is_left_alone(shop: Table) -> None:
    trace = shop.play(parse(script('page.get_by_role("checkbox", name="Gift wrap").check()')))
    assert trace.status == "done" and trace.final is not None
    assert [e.checked for e in trace.final.elements if e.id == "gift"] == [True]


@pytest.mark.browser
def test_what_is_only_there_sometimes_is_passed_over(shop: Table) -> None:
    trace = shop.play(
        parse(
            script(
                'if page.get_by_role("button", name="Accept cookies").is_visible():',
                '    page.get_by_role("button", name="Accept cookies").click()',
                'page.get_by_role("listitem").filter(has=page.get_by_text("Pear")).get_by_role("button").click()',
                'page.get_by_role("button").and_(page.locator("li:first-child button")).click()',
            )
        )
    )
    assert trace.status == "done", trace.outcome
    assert trace.final is not None and "pear apple" in trace.final.text


@pytest.mark.browser
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('page.get_by_role("button", name="Order").click()', "is not on the page"),
        ('page.get_by_role("button", name="Take").click()', "names 2 things at once"),
        ('page.get_by_label("Size").select_option("s9")', "has no option 's9'"),
        ('page.get_by_role("button", name="Empty").check()', "has no on or off"),
        ('page.locator("##").click()', "cannot be looked for"),
    ],
)
def test_a_line_that_fits_nothing_stops_the_import_and_is_named(shop: Table, code: str, said: str) -> None:
    trace = shop.play(parse(script('page.get_by_role("textbox", name="Name").fill("Ann")', code)))
    assert trace.status == "stopped" and trace.outcome is not None
    assert f"line {FIRST + 1} of the script" in trace.outcome.reason and said in trace.outcome.reason


@pytest.mark.browser
def test_a_dialog_that_the_script_does_not_answer_stops_the_import(shop: Table) -> None:
    empty = 'page.get_by_role("button", name="Empty").click()'
    trace = shop.play(parse(script(empty, 'page.get_by_role("link", name="Terms").click()')))
    assert trace.outcome is not None and "Empty the basket?" in trace.outcome.reason
    accepted = shop.play(parse(script('page.once("dialog", lambda dialog: dialog.accept())', empty)))
    assert accepted.final is not None and "emptied" in accepted.final.text


@pytest.mark.browser
@pytest.mark.parametrize(("said", "shown"), [("accept", "emptied wrapped"), ("dismiss", "kept bare")])
def test_a_handler_that_stays_is_played_for_every_dialog_even_after_the_last_line(
    shop: Table, said: str, shown: str
) -> None:
    trace = shop.play(
        parse(
            script(
                f'page.on("dialog", lambda dialog: dialog.{said}())',
                'page.get_by_role("button", name="Empty").click()',
                'page.get_by_role("textbox", name="Name").fill("Ann")',
                'page.get_by_role("button", name="Wrap").click()',
            )
        )
    )
    assert trace.status == "done", trace.outcome
    assert trace.final is not None and shown in trace.final.text
    answers = [step for step in trace.steps if step.before.dialog is not None]
    assert (len(answers), len(trace.steps)) == (2, 6)  # with the last word


def test_a_secret_that_nobody_gave_is_asked_for_by_name() -> None:
    with pytest.raises(SetupError, match="OSTINATO_SECRET_PIN"):
        Passwords().secret("pin")


@pytest.mark.browser
@pytest.mark.app
def test_imports_teach_an_experience_whose_export_can_be_imported_again(flat: Table) -> None:
    traces = []
    for name, task in (
        ("sync", "Add an expense: Taxi to airport, 42.50, paid by Carol"),
        ("groceries", "Add an expense: Groceries, 18.20, paid by Dan"),
    ):
        trace = flat.play(read_codegen(CODEGEN / f"{name}.txt"), task)
        assert trace.status == "done", trace.outcome
        assert trace.meta["recorded_by"] == "codegen"
        assert all(step.before.screenshot for step in trace.steps)
        traces.append(trace.id)
    experience = flat.house.learn(traces)
    [template] = experience.templates
    assert re.fullmatch(r"Add an expense: \{\w+\}, \{\w+\}, paid by \{\w+\}", template)

    values = {
        slot: {"Groceries": "Night train", "18.20": "12.5", "Dan": "Alice"}[seen]
        for slot, seen in ((slot.name, slot.examples[1]) for slot in experience.slots)
    }
    exported = to_playwright(experience, values, "http://127.0.0.1:5000/flat/")
    again = flat.play(parse(exported), "Add an expense: Night train, 12.5, paid by Alice")
    assert again.status == "done", again.outcome
    assert again.data.before and again.data.after
    before, after = flat.house.store.data(again.data.before), flat.house.store.data(again.data.after)
    assert ADD_EXPENSE.wrong(before, after, {"what": "Night train", "amount": "12.5", "payer": "Alice"}) == []


@pytest.mark.browser
@pytest.mark.app
def test_an_import_and_a_recording_of_the_page_teach_together(flat: Table) -> None:
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        recorded = import_(flat.house.store, archive)[0]
    imported = flat.play(read_codegen(CODEGEN / "groceries.txt"), "Add an expense: Groceries, 18.20, paid by Dan")
    assert len(flat.house.learn([recorded, imported.id]).slots) == 3
