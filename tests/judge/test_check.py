"""What each check says of a screen: true, false, or unknown where it cannot know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from screens import NOW, element, row, screen

from ostinato.errors import SetupError
from ostinato.judge.change import Expectation
from ostinato.judge.check import (
    Absent,
    AllOf,
    AnyOf,
    Asked,
    Changed,
    Check,
    CheckedIs,
    Count,
    DataChange,
    Delta,
    Did,
    Enabled,
    Exists,
    FileHas,
    Icon,
    Kept,
    OcrHas,
    Rows,
    Sent,
    Sql,
    TextHas,
    TextLacks,
    TextLike,
    Together,
    UrlLike,
    ValueEquals,
    Was,
    check_adapter,
    words,
)
from ostinato.judge.evidence import Evidence, evaluate, evaluate_all, passed, path_of, shows
from ostinato.trace.action import Action, Tap, Type
from ostinato.trace.data import AppData, Table
from ostinato.trace.locator import Container, Locator
from ostinato.trace.record import CheckResult, Decision, Result, Step
from ostinato.trace.screen import Point, Screen

SAVE = Locator(role="button", name="Save")
AMOUNT = Locator(role="spinbutton", name="How much?")
SHARED = Locator(role="checkbox", name="Shared")
PIN = Locator(role="textbox", name="PIN")
FORM = screen(
    element("heading", "New bill", "main/heading"),
    element("spinbutton", "How much?", "main/form/spinbutton", value="1,200.00"),
    element("checkbox", "Shared", "main/form/checkbox", checked=True),
    element("textbox", "PIN", "main/form/textbox", value="4711", password=True),
    element("button", "Save", "main/form/button", enabled=False),
    *row(1, "Bread", "3", "120.00"),
    *row(2, "Brown bread", "12", "7.50"),
    url="http://here:5000/project/bills/7?edit=1#top",
)
EVERY: list[Check] = [
    Exists(target=SAVE), Absent(target=SAVE), Enabled(target=SAVE), ValueEquals(target=AMOUNT, value="{amount}"),
    CheckedIs(target=SHARED, checked=True), TextHas(text="{what}"), TextLacks(text="{what}"), UrlLike(pattern="/*"),
    Together(role="row", texts=("{what}", "3")), Count(role="row", name="{what}", number=2), Changed(),
    DataChange(expected=(Expectation(table="bill", operation="added", cells={"what": "{what}"}),)),
    TextLike(pattern=r"\d\d.*{what}"), OcrHas(all=("{what}",), any=("3", "{amount}"), pattern="{what}$"),
    Icon(image="cart.png"), Did(action="type", target=AMOUNT, text="{amount}"), Delta(table="bill", added=1),
    Rows(table="bill", cells={"what": "{what}"}), Sql(query="SELECT count(*) FROM bill", equals="{amount}"),
    FileHas(path="notes/{what}.txt", text="{what}"), Asked(question="Is {what} paid?"),
    Kept(role="row", within=SAVE, besides=("{what}",)), Sent(besides=(SAVE, Locator(role="button", name="{what}"))),
    Was(checks=(TextHas(text="{what}"),)),
    AnyOf(checks=(TextHas(text="{what}"), Changed())), AllOf(checks=(TextHas(text="{what}"), Changed())),
]  # fmt: skip


def said(check: Check, seen: Screen | None = FORM, **values: str) -> str:
    return evaluate(check, Evidence(after=seen, values=values)).value


# ---------------------------------------------------------------------------------------------- each kind
@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (Exists(target=SAVE), "true"),
        (Exists(target=Locator(role="button", name="Cancel")), "false"),
        (Absent(target=SAVE), "false"),
        (Absent(target=Locator(role="button", name="Cancel")), "true"),
        (Enabled(target=AMOUNT), "true"),
        (Enabled(target=SAVE), "false"),
        (Enabled(target=Locator(role="button", name="Cancel")), "false"),
        (ValueEquals(target=AMOUNT, value="1200"), "true"),
        (ValueEquals(target=AMOUNT, value="120"), "false"),
        (ValueEquals(target=Locator(role="textbox", name="Note"), value=""), "false"),
        (ValueEquals(target=PIN, value="4711"), "unknown"),
        (CheckedIs(target=SHARED, checked=True), "true"),
        (CheckedIs(target=SHARED, checked=False), "false"),
        (CheckedIs(target=SAVE, checked=True), "unknown"),
        (CheckedIs(target=Locator(role="checkbox", name="Paid"), checked=False), "unknown"),
        (TextHas(text="brown BREAD"), "true"),
        (TextHas(text="Brow"), "false"),
        (TextHas(text="1200"), "true"),
        (TextHas(text="4711"), "false"),
        (TextHas(text="Bread 3"), "false"),
        (TextHas(text="3", target=Locator(role="cell", name="3")), "true"),
        (TextHas(text="7", target=Locator(role="cell", name="3")), "false"),
        (TextHas(text="7", target=Locator(role="cell", name="?")), "false"),
        (TextLacks(text="Tea"), "true"),
        (TextLacks(text="bread"), "false"),
        (UrlLike(pattern="/project/bills/*"), "true"),
        (UrlLike(pattern="/*/bills/7"), "true"),
        (UrlLike(pattern="/project/*"), "false"),
        (UrlLike(pattern="/project/bills/"), "false"),
        (UrlLike(pattern="/project/bil.s/7"), "false"),
        (Together(role="row", texts=("Bread", "120")), "true"),
        (Together(role="row", texts=("Bread", "3", "120")), "true"),
        (Together(role="row", texts=("Bread", "3120")), "false"),
        (Together(role="row", texts=("Brown bread", "120")), "false"),
        (Together(role="listitem", texts=("Bread",)), "false"),
        (Together(role="row", texts=("bread",), number=2), "true"),
        (Together(role="row", texts=("bread",), number=1), "false"),
        (Count(role="row", number=2), "true"),
        (Count(role="row", number=3), "false"),
        (Count(role="cell", name="12.0", number=1), "true"),
        (Count(role="img", number=0), "true"),
        (Count(role="row", showing=("bread",), number=2), "true"),
        (Count(role="row", showing=("brown", "7.5", "tea"), number=1), "true"),
        (Count(role="row", showing=("tea",), number=1), "false"),
        (Count(role="cell", within=Locator(role="heading", name="New bill"), number=0), "true"),
        (Count(role="cell", within=Locator(role="form"), number=0), "unknown"),
    ],
    ids=lambda value: words(value) if not isinstance(value, str) else value,
)
def test_a_check_of_one_screen(check: Check, answer: str) -> None:
    result = evaluate(check, Evidence(after=FORM))
    assert (result.value, result.label) == (answer, words(check))
    assert said(check, None) == "unknown"


def test_two_that_fit_alike_are_not_there_clearly_and_not_absent_either() -> None:
    twins = screen(*(element("button", "Save", f"main/a/b/c/button{n}") for n in ("", "[2]")))
    assert said(Exists(target=SAVE), twins) == "false" == said(Absent(target=SAVE), twins)
    assert "more than one" in evaluate(Exists(target=SAVE), Evidence(after=twins)).evidence


def test_a_locator_in_a_row_is_bound_to_the_value() -> None:
    bills = screen(*row(1, "Tea", control="edit"), *row(2, "Rice", control="edit"))
    check = Exists(target=Locator(role="button", name="edit", container=Container(role="row", texts=("{what}",))))
    assert [said(check, bills, what=w) for w in ("Rice", "Jam")] == ["true", "false"]


def test_words_in_a_dialog_are_shown() -> None:
    asked = FORM.model_copy(update={"dialog": "Leave this page?"})
    assert shows(asked, "this page") and not shows(FORM, "this page")
    assert said(TextLacks(text="Leave"), asked) == "false"


def test_a_screen_without_an_address_has_no_known_address() -> None:
    assert said(UrlLike(pattern="/"), screen(url=None)) == "unknown"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://h:1/a/b?c#d", "/a/b"),
        ("https://h", "/"),
        ("HTTP://h/?q=/x", "/"),
        ("file:///tmp/a.html", "/tmp/a.html"),
    ],
)
def test_of_an_address_only_the_path_counts(url: str, path: str) -> None:
    assert path_of(url) == path and said(UrlLike(pattern=path), screen(url=url)) == "true"


@pytest.mark.parametrize(
    "update",
    [
        {"url": "http://here:5000/other"},
        {"dialog": "Sure?"},
        {"elements": FORM.elements[:-1]},
        {"elements": (FORM.elements[0].model_copy(update={"name": "Edit bill"}), *FORM.elements[1:])},
        {"elements": (FORM.elements[0].model_copy(update={"value": "x"}), *FORM.elements[1:])},
        {"elements": (FORM.elements[0].model_copy(update={"checked": True}), *FORM.elements[1:])},
    ],
    ids=["address", "dialog", "one less", "name", "value", "box"],
)
def test_any_difference_is_a_change_and_the_time_of_day_is_none(update: dict[str, Any]) -> None:
    later = FORM.model_copy(update={"taken": FORM.taken.replace(hour=23), "screenshot": "0" * 64})
    after = later.model_copy(update=update)
    assert evaluate(Changed(), Evidence(before=FORM, after=after)).value == "true"
    assert evaluate(Changed(), Evidence(before=FORM, after=later)).value == "false"
    assert evaluate(Changed(), Evidence(after=after)).value == "unknown"


def test_data_are_judged_only_when_both_were_kept() -> None:
    check, none = DataChange(expected=()), AppData(app="bills")
    assert evaluate(check, Evidence(data_before=none, data_after=none)).value == "true"
    assert evaluate(check, Evidence(data_before=none)).value == "unknown"
    assert evaluate(check, Evidence(data_after=none, after=FORM)).value == "unknown"


# ---------------------------------------------------------------------------------------------- all kinds
@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.kind)
def test_a_check_survives_json_and_can_be_said_in_words(check: Check) -> None:
    assert check_adapter.validate_json(check.model_dump_json()) == check
    assert words(check) and "{" not in evaluate(check, Evidence(values={"what": "Tea", "amount": "3"})).label


BILLS = Table(columns=("id", "what", "amount"), key=("id",))
OLD = AppData(app="bills", tables={"bill": BILLS.model_copy(update={"rows": ((1, "Bread", 3.0),)})})
NEW = AppData(
    app="bills",
    tables={"bill": BILLS.model_copy(update={"rows": ((1, "Bread", 4.0), (2, "O'Hara; DROP", 12.5))})},
    files={"notes/Tea.txt": "green tea", "log.txt": ""},
)
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n"


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (Delta(table="bill", added=1), "true"),
        (Delta(table="bill", added=1, changed=0), "false"),
        (Delta(table="bill", removed=0, changed=1), "true"),
        (Delta(table="bills", added=0), "unknown"),
        (Rows(table="bill", cells={"amount": "12,50"}), "true"),
        (Rows(table="bill", cells={"what": "{what}"}, number=1), "true"),
        (Rows(table="bill", cells={"what": "Jam"}), "false"),
        (Rows(table="bill", number=2), "true"),
        (Rows(table="bill", cells={"wat": "Jam"}), "unknown"),
        (Sql(query="SELECT sum(amount) FROM bill", equals="16.5"), "true"),
        (Sql(query="SELECT b.amount - a.amount FROM bill b JOIN before.bill a USING (id)", equals="1"), "true"),
        (Sql(query="SELECT count(*) FROM bill WHERE what = {what}", equals="1"), "true"),
        (Sql(query="SELECT amount FROM bill WHERE id = 9", equals="1"), "false"),
        (Sql(query="SELECT what FROM bill WHERE amount = {amount}", equals="Bread"), "true"),
        (Sql(query="DELETE FROM bill", equals=""), "unknown"),
        (Sql(query="ATTACH 'x.db' AS x", equals=""), "unknown"),
        (Sql(query="SELECT load_extension('x')", equals=""), "unknown"),
        (Sql(query="SELECT amuont FROM bill", equals=""), "unknown"),
        (FileHas(path="notes/*.txt", text="black", there=False), "true"),
        (FileHas(path="notes/*.txt", text="green tea", there=False), "false"),
        (Sql(query=ENDLESS, equals="1"), "unknown"),
        (FileHas(path="notes/*.txt", text="green tea"), "true"),
        (FileHas(path="notes/*.txt", text="black"), "false"),
        (FileHas(path="gone.txt", there=False), "true"),
        (FileHas(path="log.txt", there=False), "false"),
    ],
)  # fmt: skip
def test_the_apps_data_are_asked(check: Check, answer: str) -> None:
    evidence = Evidence(data_before=OLD, data_after=NEW, values={"what": "O'Hara; DROP", "amount": "4.00"})
    assert evaluate(check, evidence).value == answer
    assert evaluate(check, Evidence(values={"what": "x"})).value == "unknown"


def test_tables_that_no_query_can_hold_are_unknown() -> None:
    for name, cell in (("bill", 2**70), ("sqlite_x", 1)):
        data = AppData(app="a", tables={name: Table(columns=("id",), key=("id",), rows=((cell,),))})
        asked = Sql(query="SELECT count(*) FROM bill", equals="1")
        assert evaluate(asked, Evidence(data_before=data, data_after=data)).value == "unknown"


@pytest.mark.parametrize("query", ["", "  ", "SELECT 1 WHERE 'x' = '{what}'"])
def test_a_query_that_asks_nothing_or_quotes_a_slot_is_refused(query: str) -> None:
    with pytest.raises(ValidationError):
        Sql(query=query, equals="")


def test_a_pattern_that_the_values_spoil_is_unknown() -> None:
    assert said(TextLike(pattern=r"\{what}"), what="Tea") == "unknown"


@pytest.mark.parametrize(
    ("texts", "answer"),
    [
        (("Bread", "3", "120"), "true"),
        (("Bread", "120", "3"), "false"),
        (("Bread", "Bread"), "true"),
        (("120",), "true"),
        (("3", "7"), "false"),
    ],
)
def test_words_of_a_row_may_have_to_stand_in_their_order(texts: tuple[str, ...], answer: str) -> None:
    assert said(Together(role="row", texts=texts, in_order=True)) == answer


@pytest.mark.parametrize(("number", "answer"), [(1, "true"), (2, "false"), (0, "false")])
def test_more_rows_are_counted_beside_those_before(number: int, answer: str) -> None:
    before, after = (screen(*(e for n in range(1, rows + 1) for e in row(n, "Tea", "3"))) for rows in (2, 3))
    check = Count(role="row", showing=("tea",), number=number, more=True)
    assert evaluate(check, Evidence(before=before, after=after)).value == answer
    assert evaluate(check, Evidence(after=after)).value == "unknown"


def _step(action: Action, ok: bool | None = True, touched: bool = True) -> Step:
    result = None if ok is None else Result(ok=ok, touched=touched, error=None if ok else "covered")
    return Step(index=0, before=FORM, decision=Decision(source="model", text="I paid the bill"), action=action,
                risk="edit", started=NOW, result=result)  # fmt: skip


FIELD = next(e for e in FORM.elements if e.role == "spinbutton")
SAVED = Tap(point=Point(x=1, y=1), element=next(e for e in FORM.elements if e.role == "button"))


@pytest.mark.parametrize(
    ("check", "step", "answer"),
    [
        (Did(action="type"), _step(Type(text="12.50", element=FIELD)), "true"),
        (Did(action="type", target=AMOUNT, text="12,5"), _step(Type(text="12.50", element=FIELD)), "true"),
        (Did(action="type", target=SHARED), _step(Type(text="12.50", element=FIELD)), "false"),
        (Did(action="type", text="13"), _step(Type(text="12.50", element=FIELD)), "false"),
        (Did(action="type", text="13"), _step(Type(text="", secret="pin", element=FIELD)), "unknown"),
        (Did(action="tap"), _step(Type(text="12.50")), "false"),
        (Did(action="tap", target=SAVE), _step(Tap(point=Point(x=1, y=1))), "false"),
        (Did(action="tap", target=Locator(role="button", name="Unsave")), _step(SAVED), "false"),
        (Did(action="tap", target=SAVE), _step(SAVED), "true"),
        (Did(action="type"), _step(Type(text="a"), ok=None), "unknown"),
        (Did(action="type"), _step(Type(text="a"), ok=False), "unknown"),
        (Did(action="type"), _step(Type(text="a"), ok=False, touched=False), "false"),
    ],
)
def test_what_was_done_is_asked_of_the_step_not_of_its_words(check: Check, step: Step, answer: str) -> None:
    assert evaluate(check, Evidence(after=FORM, step=step)).value == answer
    assert evaluate(check, Evidence(after=FORM)).value == "unknown"
    assert evaluate(check, Evidence(after=FORM, first=True)).value == "false"


@pytest.mark.parametrize(("sent", "answer"), [(1, "true"), (2, "false"), (0, "false"), (None, "unknown")])
def test_how_often_a_run_sent_something_is_asked_of_the_run(sent: int | None, answer: str) -> None:
    evidence = Evidence(after=FORM, step=_step(SAVED), sent=sent)
    assert evaluate(Did(action="tap", target=SAVE, sends=1), evidence).value == answer


class Reading:
    """Eyes that read these lines."""

    name = "reading"

    def __init__(self, *lines: str) -> None:
        self.lines = lines

    def read(self, screen: Screen) -> Sequence[str]:
        if not self.lines:
            raise SetupError("nothing here can read pictures")
        return self.lines

    def find_icon(self, screen: Screen, image: str) -> float:
        return 0.9 if image in self.lines else 0.84


PICTURE = screen(screenshot="0" * 64)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (TextHas(text="Total 12"), "true"),
        (TextHas(text="1"), "false"),
        (TextLacks(text="Total"), "false"),
        (TextHas(text="tot al"), "unknown"),  # words that OCR broke, or others?
        (TextHas(text="now Total"), "unknown"),
        (TextHas(text="Paid n"), "unknown"),
        (TextLacks(text="to tal"), "unknown"),
        (TextHas(text="2"), "false"),
        (TextLacks(text="Tea"), "true"),
        (TextLike(pattern=r"^Total \d{2}$"), "false"),
        (TextLike(pattern=r"(?m)^Total \d{2}$"), "true"),
        (OcrHas(all=("total12",), any=("no", "paid now")), "true"),
        (OcrHas(any=("not", "nothing")), "false"),
        (OcrHas(pattern="Pa.d"), "true"),
        (OcrHas(all=("12",)), "true"),
        (OcrHas(all=("1",)), "false"),  # a part of a number is another number
        (Icon(image="Total 12", threshold=0.9), "true"),
        (Icon(image="Total 12"), "unknown"),
        (Icon(image="Total 12", threshold=0.96), "false"),
        (Icon(image="cart.png"), "false"),
        (Exists(target=SAVE), "unknown"),
        (Count(role="row", number=0), "unknown"),
    ],
)
def test_a_picture_without_a_tree_is_read_where_somebody_can(check: Check, answer: str) -> None:
    assert evaluate(check, Evidence(after=PICTURE, eyes=Reading("Paid", "now", "Total 12"))).value == answer
    assert evaluate(check, Evidence(after=PICTURE)).value == "unknown"
    if not isinstance(check, Icon):
        assert evaluate(check, Evidence(after=PICTURE, eyes=Reading())).value == "unknown"


@pytest.mark.parametrize(
    ("text", "lines", "answer"),
    [
        ("2026-11-22", ["When? 2026-11-22 2026-12-24"], "true"),  # two cells that were read as one line
        ("2026-12-24", ["When? 2026-11-22 2026-12-24"], "true"),
        ("2026-11-22", ["2026-", "11-22"], "true"),
        ("2026-11-2", ["2026-11-22"], "false"),
        ("18.00", ["1 8 . 00"], "true"),
        ("18.00", ["3 18.00"], "false"),  # 318.00?
        ("18", ["18 000"], "false"),
        ("18", ["18", "000"], "true"),
    ],
)
def test_a_space_ends_a_date_but_may_stand_within_a_number(text: str, lines: list[str], answer: str) -> None:
    assert evaluate(OcrHas(all=(text,)), Evidence(after=PICTURE, eyes=Reading(*lines))).value == answer


@pytest.mark.parametrize(
    ("answers", "either", "both"),
    [("tt", "true", "true"), ("tf", "true", "false"), ("tu", "true", "unknown"), ("fu", "unknown", "false"),
     ("ff", "false", "false"), ("uu", "unknown", "unknown")],
)  # fmt: skip
def test_several_checks_are_one_with_three_values(answers: str, either: str, both: str) -> None:
    kinds = {"t": TextHas(text="Bread"), "f": TextHas(text="Jam"), "u": Asked(question="Is it paid?")}
    for order in (answers, answers[::-1]):
        checks = tuple(kinds[c] for c in order)
        assert (said(AnyOf(checks=checks)), said(AllOf(checks=checks))) == (either, both)


LIST = screen(
    element("table", "", "main/table"),
    *row(1, "Bread", "3", "120.00"),
    *row(2, "Tea", "1", "2.00"),
    element("table", "", "aside/table"),
    element("row", "Alice +3", "aside/table/row"),
)


@pytest.mark.parametrize(
    ("rows", "check", "answer"),
    [
        ([("Tea", "1", "2.00"), ("Bread", "3", "120.00")], Kept(role="row"), "true"),
        ([("Bread", "3", "120.00"), ("Tea", "1", "2.10")], Kept(role="row"), "false"),
        ([("Bread", "3", "120.00"), ("Tea", "1", "2.10")], Kept(role="row", besides=("tea",)), "true"),
        ([("Bread", "3", "120.00"), ("Tea", "1", "2.10")], Kept(role="row", numbers=False), "true"),
        ([("Bread", "3", "120.00")], Kept(role="row", besides=("Jam",)), "false"),
        ([("Bread", "3", "120.00")] * 2, Kept(role="row", besides=("Tea",)), "false"),
        ([("Bread", "3", "1"), ("Tea", "1", "2.00")],
         Kept(role="row", within=Locator(role="table", path="aside/table")), "true"),
        ([], Kept(role="row", within=Locator(role="dialog", name="Bills")), "unknown"),
    ],
)  # fmt: skip
def test_what_else_is_shown_must_be_as_it_was(rows: list[tuple[str, ...]], check: Kept, answer: str) -> None:
    shown = [cell for number, cells in enumerate(rows, start=1) for cell in row(number, *cells)]
    now = screen(element("table", "", "main/table"), *shown, *LIST.elements[-2:])
    assert evaluate(check, Evidence(after=now, before=LIST)).value == answer
    assert evaluate(check, Evidence(after=now)).value == "unknown"


@pytest.mark.parametrize(
    ("risk", "touched", "besides", "answer"),
    [
        ("commit", True, (), "true"),
        ("commit", True, (Locator(role="button", name="Cancel"),), "true"),
        ("commit", True, (SAVE,), "false"),
        ("commit", False, (), "false"),
        ("edit", True, (), "false"),
    ],
)
def test_what_was_sent_beside_what_may_be(
    risk: Literal["edit", "commit"], touched: bool, besides: tuple[Locator, ...], answer: str
) -> None:
    button = next(e for e in FORM.elements if e.name == "Save")
    step = Step(
        index=0, before=FORM, decision=Decision(source="model", text="I only looked"), risk=risk, started=NOW,
        action=Tap(point=button.box.center, element=button), result=Result(ok=touched, touched=touched),
    )  # fmt: skip
    assert evaluate(Sent(besides=besides), Evidence(after=FORM, step=step)).value == answer
    assert evaluate(Sent(besides=besides), Evidence(after=FORM)).value == "unknown"
    assert evaluate(Sent(besides=besides), Evidence(after=FORM, first=True)).value == "false"


def test_what_a_form_held_when_it_was_sent_is_asked_of_the_screen_before() -> None:
    ended = screen(element("text", "END", "main/text"))
    sent = Was(checks=(ValueEquals(target=AMOUNT, value="1200"), Exists(target=SAVE)))
    assert evaluate(sent, Evidence(after=ended, before=FORM)).value == "true"
    assert evaluate(sent, Evidence(after=FORM, before=ended)).value == "false"
    assert evaluate(sent, Evidence(after=FORM)).value == "unknown"
    assert evaluate(sent, Evidence(after=FORM, first=True)).value == "false"


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="is no regular expression"):
        TextLike(pattern="(")


def test_every_kind_of_check_is_tried_here() -> None:
    assert {type(check) for check in EVERY} == set(get_args(get_args(Check)[0]))


@pytest.mark.parametrize("check", [c for c in EVERY if c.slots], ids=lambda check: check.kind)
def test_a_slot_without_a_value_is_unknown_and_said(check: Check) -> None:
    result = evaluate(check, Evidence(after=FORM, before=FORM))
    assert result.value == "unknown" and result.evidence == f"no value for {', '.join(check.slots)}"


@given(st.text(max_size=30))
def test_a_value_is_never_read_as_a_pattern(value: str) -> None:
    shown = screen(element("textbox", "Note", "main/textbox", value=value))
    check = ValueEquals(target=Locator(role="textbox", name="Note"), value="{note}")
    assert said(check, shown, note=value) == "true"
    assert said(check, shown, note=value + "x") == "false"


@pytest.mark.parametrize("value", ["*", ".*", "[a-z]+", "a|b"])
def test_a_value_in_an_address_stands_for_itself(value: str) -> None:
    assert said(UrlLike(pattern="/*/{note}"), screen(url="http://h/x/a"), note=value) == "false"
    assert said(UrlLike(pattern="/*/{note}"), screen(url=f"http://h/x/{value}"), note=value) == "true"


@given(st.text(max_size=20), st.sampled_from(EVERY))
def test_no_value_makes_a_check_fail_to_answer(value: str, check: Check) -> None:
    for seen in (FORM, screen()):
        evidence = Evidence(after=seen, before=seen, values={"what": value, "amount": value})
        assert evaluate(check, evidence).value in ("true", "false", "unknown")


def test_today_is_known_without_being_bound_unless_it_is() -> None:
    shown = screen(element("text", f"on {date.today().isoformat()}", "main/text"))
    assert said(TextHas(text="{today}"), shown) == "true"
    assert said(TextHas(text="{today}"), shown, today="2020-01-01") == "false"


def test_ten_thousand_characters_are_answered_in_a_few_words() -> None:
    long = "x" * 10_000
    shown = screen(element("textbox", "Note", "main/textbox", value=long))
    check = ValueEquals(target=Locator(role="textbox", name="Note"), value="{note}")
    result = evaluate(check, Evidence(after=shown, values={"note": long[:-1]}))
    assert result.value == "false" and len(result.evidence) == 500
    assert said(check, shown, note=long) == "true"


def result(value: str, severity: str = "must") -> CheckResult:
    return CheckResult.model_validate({"label": "x", "value": value, "severity": severity})


def test_unknown_never_passes_and_a_warning_never_stops() -> None:
    assert passed(()) and passed((result("true"), result("false", "warn"), result("unknown", "warn")))
    assert not passed((result("true"), result("unknown"))) and not passed((result("false"),))


def test_results_come_in_the_order_of_the_checks_with_phase_and_severity() -> None:
    checks = (TextHas(text="Tea", severity="warn"), Exists(target=SAVE))
    results = evaluate_all(checks, Evidence(after=FORM), "commit")
    assert [(r.value, r.severity, r.phase) for r in results] == [
        ("false", "warn", "commit"),
        ("true", "must", "commit"),
    ]
