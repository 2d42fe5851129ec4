"""What is kept of screens, addresses and sentences: the app's own words, and of all else only marks."""

from __future__ import annotations

import io
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from screens import NOW, element, row, screen

from ostinato.trace.action import Answer, Open, Select, Tap, Type
from ostinato.trace.data import AppData, Table
from ostinato.trace.marks import MARK, Marks, marked, marks_in, restored
from ostinato.trace.privacy import Mode, Privacy, restored_action
from ostinato.trace.record import CheckResult, Decision, Result, Step, Verdict
from ostinato.trace.screen import Box, Element, Screen

MARKS = Marks(b"k" * 32)
MODES: tuple[Mode, ...] = ("redacted", "structure")
CANARY = "zqx"


def kept(shown: Screen, mode: Mode = "redacted", *values: str, own: tuple[str, ...] = ()) -> Screen:
    return Privacy(mode, MARKS, values, own).screen(shown)


def names(shown: Screen) -> list[str]:
    return [e.name for e in shown.elements]


def test_a_key_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    assert marks_in(tmp_path) is None
    made = marks_in(tmp_path, make=True)
    again = marks_in(tmp_path, make=True)
    assert made is not None and again is not None and made.of("Tea") == again.of("Tea") != made.of("tea")
    assert (tmp_path / "privacy.key").stat().st_mode & 0o777 == 0o600
    assert Marks(b"other").of("Tea") != made.of("Tea")
    assert made.restored(f"add {made.of('Tea')} and ⟦0123456789abcdef⟧") == "add Tea and ⟦0123456789abcdef⟧"


def test_the_apps_own_words_stay_and_data_do_not() -> None:
    shown = screen(
        element("heading", "Bills", "main/heading"),
        element("button", "Save", "main/button"),
        element("text", "What was it?", "main/text"),
        element("textbox", "Purpose", "main/textbox", value="Alice's pills", editable=True),
        element("combobox", "Payer", "main/combobox", value="Alice", options=("Alice", "Bob")),
        element("textbox", "PIN", "main/textbox[2]", value="•••••••", password=True, editable=True),
        *row(1, "Pills", "12.50", control="Delete"),
        element("article", "", "main/article"),
        element("text", "Dear Alice", "main/article/text"),
        title="Bills of Alice",
        dialog="Delete “Pills” of Alice?",
        url="http://host:5000/bills/57/edit?who=Alice#top",
    )
    said = kept(shown)
    assert names(said)[:6] == ["Bills", "Save", "What was it?", "Purpose", "Payer", "PIN"]
    assert all(MARK.fullmatch(name) or not name for name in names(said)[6:])
    assert [e.value for e in said.elements[3:6]] == [MARKS.of("Alice's pills"), MARKS.of("Alice"), "••••"]
    assert said.elements[4].options == (MARKS.of("Alice"), MARKS.of("Bob"))
    pills, alice = MARKS.of("Pills"), MARKS.of("Alice")
    assert (said.title, said.dialog) == (f"Bills of {alice}", f"Delete “{pills}” of {alice}?")
    assert said.url == f"http://host:5000/bills/{MARKS.of('57')}/edit?who={MARKS.of('Alice')}#{MARKS.of('top')}"
    assert [e.path for e in said.elements] == [e.path for e in shown.elements]
    assert [e.box for e in said.elements] == [e.box for e in shown.elements]


def test_structure_keeps_the_names_of_controls_that_are_known_to_be_the_apps() -> None:
    shown = screen(
        element("heading", "Settle", "main/heading"),
        element("button", "Save", "main/button"),
        element("button", "Frobnicate", "main/button[2]"),
        element("text", "What was it?", "main/text"),
        screenshot="0" * 64,
    )
    said = kept(shown, "structure", own=("Frobnicate",))
    assert names(said) == [MARKS.of("Settle"), "Save", "Frobnicate", MARKS.of("What was it?")]
    assert said.screenshot is None


def test_a_control_that_is_called_as_somebody_in_a_list_is_none_of_the_apps_own_words() -> None:
    shown = screen(
        element("checkbox", "Alice", "main/checkbox"),
        element("checkbox", "Save", "main/checkbox[2]"),
        element("combobox", "Payer", "main/combobox", options=("Alice", "Save")),
    )
    assert names(kept(shown)) == [MARKS.of("Alice"), "Save", "Payer"]


@pytest.mark.parametrize("text", ["TEA", "Green tea, 3", "te\u200ea", "ｔｅａ"])
def test_what_holds_a_value_of_the_task_is_marked_wherever_it_stands(text: str) -> None:
    shown = screen(element("button", text, "main/button"), element("heading", text, "main/heading"))
    assert all(MARK.fullmatch(name) for name in names(kept(shown, "redacted", "Tea")))


def test_what_the_phone_typed_and_chose_is_marked() -> None:
    field = element("textbox", "What?", "main/textbox", value="Tea", editable=True)
    shown, privacy = screen(field), Privacy("redacted", MARKS)
    typed = privacy.action(Type(text="Tea", element=field), shown)
    assert isinstance(typed, Type) and typed.text == MARKS.of("Tea") and typed.element is not None
    assert (typed.element.name, typed.element.value) == ("What?", MARKS.of("Tea"))
    assert privacy.action(Select(element=field, option="Bob"), shown).option == MARKS.of("Bob")  # type: ignore[union-attr]
    assert privacy.action(Answer(text="42"), shown).text == MARKS.of("42")  # type: ignore[union-attr]
    assert privacy.action(Open(url="http://a/list?name=Bob"), shown).url == f"http://a/list?name={MARKS.of('Bob')}"  # type: ignore[union-attr]
    assert restored_action(typed, privacy.screen(shown), shown, MARKS) == Type(text="Tea", element=field)


def test_a_sentence_keeps_its_plain_words() -> None:
    privacy = Privacy("redacted", MARKS, ("Add",), own=("Bill added",))
    said = privacy.words("step 3: “Green Tea” is not on the screen; bill added")
    assert said == f"step 3: “{MARKS.of('Green Tea')}” is not on the screen; bill {MARKS.of('add')}ed"
    assert privacy.words("add 42.50") == MARKS.of("add 42.50")
    assert privacy.task("add it") == f"{MARKS.of('add')} it"
    known = Privacy("redacted", MARKS, ("Tea",), template="Spend on {what}", slots={"what": "Tea"})
    assert known.task("spend on tea") == f"Spend on {MARKS.of('Tea')}"


def test_a_picture_shows_nothing_but_what_is_kept() -> None:
    save = Element(role="button", name="Save", box=Box(left=10, top=10, width=60, height=20), path="button")
    cell = Element(role="cell", name="Rent", box=Box(left=10, top=50, width=60, height=20), path="row/cell")
    line = Element(role="row", box=Box(left=0, top=45, width=200, height=30), path="row")
    over = cell.model_copy(update={"box": Box(left=60, top=10, width=40, height=20), "path": "row/cell[2]"})
    shown = Screen(width=200, height=100, elements=(save, line, cell, over), taken=NOW)
    image = Image.new("RGB", (200, 100), "black")
    ImageDraw.Draw(image).rectangle((10, 10, 69, 29), fill="red")
    out = io.BytesIO()
    image.save(out, "PNG")
    privacy = Privacy("redacted", MARKS)
    with Image.open(io.BytesIO(privacy.picture(out.getvalue(), shown, privacy.screen(shown)))) as made:
        pixels = made.convert("RGB")
    assert pixels.size == (200, 100)
    assert pixels.getpixel((20, 20))[0] > 200 > 100 > pixels.getpixel((20, 20))[1]  # type: ignore[index]
    for dark in ((65, 20), (20, 60), (150, 90), (150, 60)):  # covered by a cell; a cell; nothing known; a row
        assert min(pixels.getpixel(dark)) > 120  # type: ignore[arg-type]


def test_data_can_be_compared_by_their_marks_and_come_back_from_what_is_there_now() -> None:
    rows = ((1, "Rent", 900.5, True, None, ""), (2, "Tea", 3.0, False, "x", "y"))
    before = AppData(app="a", tables={"bill": Table(columns=tuple("abcdef"), key=("a",), rows=rows)}, files={"g": "t"})
    hidden = marked(before, MARKS)
    assert hidden == marked(before, MARKS)
    text = hidden.model_dump_json()
    assert not any(word in text for word in ("Rent", "Tea", "900.5", '"x"', '"g"', '"t"'))
    assert restored(hidden, before, (), MARKS) == before
    less = before.model_copy(update={"tables": {"bill": before.tables["bill"].model_copy(update={"rows": rows[:1]})}})
    again = restored(hidden, less, ("Tea",), MARKS).tables["bill"].rows
    assert again[0] == rows[0] and again[1][1] == "Tea" and MARK.fullmatch(str(again[1][2]))


texts = st.text(string.ascii_lowercase, min_size=1, max_size=6).map(lambda end: CANARY + end)
roles = st.sampled_from(["row", "cell", "listitem", "article", "option", "text", "textbox", "status", "menuitem"])


@st.composite
def planted(draw: st.DrawFn) -> tuple[Screen, list[str]]:
    """A screen with canaries where data stand, and all of them."""
    found: list[str] = []

    def plant() -> str:
        found.append(draw(texts))
        return draw(st.sampled_from(["{}", "Total: {}", "{} (3)", "a {} b"])).format(found[-1])

    elements: list[Element] = []
    for number in range(draw(st.integers(1, 6))):
        role, path = draw(roles), f"main/{draw(st.sampled_from(['row', 'listitem', 'article', 'option']))}[{number}]"
        elements.append(element(path.split("/")[1].split("[")[0], plant(), path))
        field = element("textbox", "Name", f"main/textbox[{number}]", value=plant(), placeholder="Name", editable=True)
        elements.append(field.model_copy(update={"options": (plant(),)}))
        inside = element(role, plant(), f"{path}/{role}", value=plant(), id=plant(), hint=plant(), placeholder=plant())
        elements.append(inside)
        elements.append(element("status", plant(), f"main/status[{number}]"))
    url = f"http://here:5000/list/{plant().replace(' ', '%20')}?q={plant()}#{plant()}"
    return screen(*elements, title=plant(), dialog=plant(), url=url), found


@pytest.mark.parametrize("mode", MODES)
@given(planted())
def test_no_canary_of_a_screen_is_kept(mode: Mode, given: tuple[Screen, list[str]]) -> None:
    shown, _ = given
    said = kept(shown, mode)
    assert CANARY not in said.model_dump_json()
    assert [(e.role, e.path, e.box, e.enabled, e.checked) for e in said.elements] == [
        (e.role, e.path, e.box, e.enabled, e.checked) for e in shown.elements
    ]


@given(planted())
def test_equal_texts_have_equal_marks_and_others_do_not(given: tuple[Screen, list[str]]) -> None:
    shown, _ = given
    pairs = {(old.value, new.value) for old, new in zip(shown.elements, kept(shown).elements, strict=True) if old.value}
    assert len({old for old, _ in pairs}) == len({new for _, new in pairs}) == len(pairs)


@pytest.mark.parametrize("mode", MODES)
@given(planted(), texts)
def test_no_canary_of_a_step_or_a_verdict_is_kept(mode: Mode, given: tuple[Screen, list[str]], word: str) -> None:
    shown, _ = given
    privacy = Privacy(mode, MARKS, (word,))
    aim = shown.elements[0]
    check = CheckResult(label=f"“{word}” is there", value="true", evidence=f"found {word}")
    for action in (Tap(point=aim.box.center, element=aim), Type(text=word, element=aim), Answer(text=word)):
        step = Step(
            index=0, before=shown, decision=Decision(source="model", text=f"type {word}", raw=word, sample="1" * 64),
            action=action, risk="edit", started=NOW, checks=(check,),
            result=Result(ok=False, error=f"{word}: gone", events=(f"a dialog: {word}",)),
        )  # fmt: skip
        assert CANARY not in privacy.step(step, privacy.screen(shown)).model_dump_json()
    verdict = Verdict(
        trace="t", rules=word, value="no", reasons=(f"bill added: what={word!r}",), checks=(check,),
        changes=(f"bill added: {word}",), side_effects=(word,), judged=NOW,
    )  # fmt: skip
    said = privacy.verdict(verdict)
    assert CANARY not in said.model_dump_json() and said.value == "no"
