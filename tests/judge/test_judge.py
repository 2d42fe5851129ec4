"""Verdicts on stored traces: from the data and the screens, never from what the run said of itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screens import element, screen

from ostinato.errors import FormatError, StoreError
from ostinato.judge.change import Expectation
from ostinato.judge.check import (
    Changed,
    Check,
    Count,
    DataChange,
    Did,
    Exists,
    Kept,
    Sent,
    TextHas,
    TextLacks,
    ValueEquals,
    Was,
)
from ostinato.judge.evidence import Answer, Evidence
from ostinato.judge.judge import judge
from ostinato.judge.substate import Rules, Substate, load_rules, without_data
from ostinato.trace.action import Action, Back, Done, Tap
from ostinato.trace.data import AppData, Table
from ostinato.trace.locator import Locator
from ostinato.trace.record import Cost, Decision, Outcome, Result, Risk, Step, Trace
from ostinato.trace.screen import Point, Screen
from ostinato.trace.store import Store


def page(*texts: str) -> Screen:
    return screen(*(element("text", text, f"main/text[{n}]") for n, text in enumerate(texts, start=1)))


def bills(*rows: tuple[int, str]) -> AppData:
    return AppData(app="bills", tables={"bill": Table(columns=("id", "what"), key=("id",), rows=rows)})


EMPTY, TEA, JAM = bills(), bills((1, "Tea")), bills((1, "Jam"))
ADDED = DataChange(expected=(Expectation(table="bill", operation="added", cells={"what": "{what}"}),))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def run(
    store: Store, *screens: Screen, claimed: str = "done", before: AppData | None = EMPTY, after: AppData | None = TEA
) -> Trace:
    """A stored run that saw these screens, the last of them at its end."""
    writer = store.begin(task="add Tea", app="bills", data_before=before)
    for number, seen in enumerate(screens[:-1]):
        step = Step(index=number, before=seen, decision=Decision(source="model"), action=Done(), risk="read",
                    started=datetime.now(UTC))  # fmt: skip
        writer.intent(step)
        writer.result(number, Result(ok=True), datetime.now(UTC), ())
    outcome = Outcome.model_validate({"claimed": claimed, "reason": "I did it, trust me"})
    return writer.end(outcome=outcome, final=screens[-1] if screens else None, cost=Cost(), data_after=after)


def rules(*checks: Check, when: str = "final", **values: str) -> Rules:
    made = tuple(
        Substate.model_validate({"id": f"s{number}", "when": when, "checks": (check,)})
        for number, check in enumerate(checks)
    )
    return Rules(values=values, substates=made)


# ---------------------------------------------------------------------------------------------- what is believed
@pytest.mark.parametrize("claimed", ["done", "failed", "stopped", "interrupted"])
def test_the_data_decide_whatever_the_run_claims(store: Store, claimed: str) -> None:
    asked = rules(ADDED, what="Tea")
    good = judge(run(store, page("x"), claimed=claimed), asked, store.data)
    bad = judge(run(store, page("Tea was added"), claimed=claimed, after=JAM), asked, store.data)
    assert (good.value, bad.value) == ("yes", "no")
    assert "not expected: bill added: id=1, what='Jam'" in bad.reasons[0]
    assert bad.changes == ("bill added: id=1, what='Jam'",)


def test_every_rule_must_hold(store: Store) -> None:
    trace = run(store, page("start"), page("Tea"))
    assert judge(trace, rules(ADDED, TextHas(text="{what}"), what="Tea"), store.data).value == "yes"
    verdict = judge(trace, rules(ADDED, TextHas(text="Jam"), what="Tea"), store.data)
    assert verdict.value == "no" and verdict.reasons == ("“Jam” is shown: false",)


def test_a_warning_decides_nothing_alone_and_changes_nothing(store: Store) -> None:
    trace = run(store, page("Tea"))
    warn = TextHas(text="Jam", severity="warn")
    assert judge(trace, rules(TextHas(text="Tea"), warn), store.data).value == "yes"
    alone = judge(trace, rules(warn), store.data)
    assert (alone.value, alone.reasons) == ("uncertain", ("no rule was asked",))
    assert judge(trace, Rules(), store.data).value == "uncertain"


def test_what_was_not_kept_is_uncertain_and_a_broken_rule_still_says_no(store: Store) -> None:
    bare = run(store, before=None, after=None)
    assert judge(bare, rules(ADDED, what="Tea"), store.data).value == "uncertain"
    assert judge(bare, rules(TextHas(text="Tea")), store.data).value == "uncertain"
    half = run(store, page("Tea"), after=None)
    assert judge(half, rules(ADDED, TextHas(text="Jam"), what="Tea"), store.data).value == "no"


def test_a_slot_without_a_value_is_uncertain(store: Store) -> None:
    verdict = judge(run(store, page("Tea")), rules(TextHas(text="{what}")), store.data)
    assert verdict.value == "uncertain" and "no value for what" in verdict.reasons[0]


# ---------------------------------------------------------------------------------------------- damage
def test_lost_data_are_uncertain_and_said(store: Store) -> None:
    trace = run(store, page("Tea"))
    store.blobs.delete(str(trace.data.after))
    verdict = judge(store.load(trace.id), rules(ADDED, what="Tea"), store.data)
    assert verdict.value == "uncertain" and any("missing" in reason for reason in verdict.reasons)


@pytest.mark.parametrize(
    "check", [TextHas(text="Tea"), TextLacks(text="Jam"), Exists(target=Locator(role="text", name="Tea"))]
)
@pytest.mark.parametrize("when", ["final", "ever", "never"])
def test_a_screen_whose_elements_were_lost_speaks_neither_for_nor_against(
    store: Store, check: Check, when: str
) -> None:
    trace = run(store, page("Tea"))
    assert trace.final is not None
    store.blobs.delete(str(trace.final.tree))
    verdict = judge(store.load(trace.id), rules(check, when=when), store.data)
    assert verdict.value == "uncertain" and any("the trace is damaged" in reason for reason in verdict.reasons)


# ---------------------------------------------------------------------------------------------- when
@pytest.mark.parametrize(
    ("when", "seen", "value"),
    [
        ("final", ["a", "b", "Tea"], "yes"),
        ("final", ["Tea", "b", "c"], "no"),
        ("ever", ["a", "Tea", "c"], "yes"),
        ("ever", ["a", "b", "Tea"], "yes"),
        ("ever", ["a", "b", "c"], "no"),
        ("ever", [], "uncertain"),
        ("never", ["a", "b", "c"], "yes"),
        ("never", ["Tea", "b", "c"], "no"),
        ("never", ["a", "b", "Tea"], "no"),
        ("never", [], "uncertain"),
        ("final", [], "uncertain"),
    ],
)  # fmt: skip
def test_a_rule_is_asked_of_the_last_of_one_or_of_all_screens(
    store: Store, when: str, seen: list[str], value: str
) -> None:
    trace = run(store, *(page(text) for text in seen))
    verdict = judge(trace, rules(TextHas(text="Tea"), when=when), store.data)
    assert verdict.value == value
    if when != "final" and "Tea" in seen:
        assert f"on screen {seen.index('Tea') + 1}" in verdict.substates[0].evidence


def test_a_change_is_seen_between_the_first_screen_and_the_last(store: Store) -> None:
    assert judge(run(store, page("a"), page("b"), page("c")), rules(Changed()), store.data).value == "yes"
    assert judge(run(store, page("a"), page("b"), page("a")), rules(Changed()), store.data).value == "no"


def test_today_is_the_day_of_the_run_not_of_the_judge(store: Store) -> None:
    trace = run(store, page("x"))
    old = trace.model_copy(update={"started": trace.started - timedelta(days=40)})
    day = old.started.astimezone().date().isoformat()
    old = old.model_copy(update={"final": page(f"on {day}")})
    assert judge(old, rules(TextHas(text="{today}")), store.data).value == "yes"


@given(st.lists(st.sampled_from(["Tea", "Jam", ""]), min_size=1, max_size=4), st.sampled_from(["Tea", "Jam"]))
def test_never_is_the_opposite_of_ever(seen: list[str], text: str) -> None:
    steps = tuple(
        Step(index=n, before=page(t), decision=Decision(source="model"), action=Done(), risk="read",
             started=datetime.now(UTC))
        for n, t in enumerate(seen)
    )  # fmt: skip
    trace = Trace(id="20260131-120000-000001", task="t", started=datetime.now(UTC), steps=steps)
    said = {when: judge(trace, rules(TextHas(text=text), when=when), _no_data).value for when in ("ever", "never")}
    assert set(said.values()) == {"yes", "no"} and (said["ever"] == "yes") == (text in seen)


def _no_data(sha: str) -> AppData:
    raise StoreError(f"{sha} is missing")


# ---------------------------------------------------------------------------------------------- the verdict
def test_a_verdict_is_stored_under_what_was_asked(store: Store) -> None:
    trace = run(store, page("Tea"))
    for asked in (rules(TextHas(text="Tea")), rules(TextHas(text="Jam")), rules(TextHas(text="Tea"))):
        store.add_verdict(judge(trace, asked, store.data))
    assert sorted(v.value for v in store.verdicts(trace.id)) == ["no", "yes"]
    digests = {rules(check, **values).digest for check in (TextHas(text="a"), TextHas(text="a", severity="warn"))
               for values in ({}, {"a": "b"})}  # fmt: skip
    assert len(digests) == 4 and rules(TextHas(text="a")).digest == rules(TextHas(text="a")).digest


# ---------------------------------------------------------------------------------------------- rules in a file
# ---------------------------------------------------------------------------------------------- the end of a page
ON_LIST = Substate(id="list", kind="page", checks=(TextHas(text="Bills"),))
TEA_IN_LIST = Substate(id="tea", kind="unit", parent="list", when="final", checks=(TextHas(text="Tea"),))


def seen(store: Store, *shown: tuple[str, ...], acts: str, autosave: bool = False) -> str:
    """The answer to "Tea stands in the list at the end"; `acts` are the risks of the steps between the screens."""
    writer = store.begin(task="add Tea", app="bills")
    for number, risk in enumerate(acts):
        step = Step(
            index=number, before=page(*shown[number]), decision=Decision(source="model"), action=Back(),
            risk=RISKS[risk], started=datetime.now(UTC),
        )  # fmt: skip
        writer.intent(step)
        writer.result(number, Result(ok=True), datetime.now(UTC), ())
    outcome = Outcome(claimed="done")
    trace = writer.end(outcome=outcome, final=page(*shown[-1]), cost=Cost(), data_after=None)
    return judge(trace, Rules(substates=(ON_LIST, TEA_IN_LIST), autosave=autosave), store.data).value


RISKS: dict[str, Risk] = {"r": "read", "e": "edit", "c": "commit"}
EMPTY_LIST, FULL_LIST, FORM_OF_TEA = ("Bills",), ("Bills", "Tea"), ("New", "Tea")


@pytest.mark.parametrize(
    ("shown", "acts", "answer"),
    [
        ((EMPTY_LIST, FORM_OF_TEA, FULL_LIST), "rc", "yes"),
        ((EMPTY_LIST, FORM_OF_TEA, FULL_LIST, ("Menu",)), "rcr", "yes"),  # only looked at something else since
        ((EMPTY_LIST, FORM_OF_TEA, EMPTY_LIST), "rc", "no"),
        ((FULL_LIST, FORM_OF_TEA, EMPTY_LIST), "rc", "no"),  # it was there, and is not any more
        ((EMPTY_LIST, FORM_OF_TEA), "e", "uncertain"),  # the right words on the right form, and not known if saved
        ((EMPTY_LIST, FULL_LIST), "e", "uncertain"),  # the form is in the list, and what it holds was not sent
        ((EMPTY_LIST, FULL_LIST, FULL_LIST), "ec", "yes"),
        ((EMPTY_LIST, FORM_OF_TEA, ("Please wait",)), "rc", "uncertain"),
        ((EMPTY_LIST, FORM_OF_TEA, FULL_LIST, ("Menu",)), "rcc", "uncertain"),
        ((FORM_OF_TEA, ("Menu",)), "r", "no"),  # the page was never seen
    ],
)
def test_what_a_page_shows_at_the_end_is_known_only_if_it_was_seen_after_the_last_change(
    store: Store, shown: tuple[tuple[str, ...], ...], acts: str, answer: str
) -> None:
    assert seen(store, *shown, acts=acts) == answer


def test_what_an_app_keeps_as_it_is_entered_needs_no_sending(store: Store) -> None:
    assert seen(store, EMPTY_LIST, FULL_LIST, acts="e", autosave=True) == "yes"
    assert seen(store, FULL_LIST, EMPTY_LIST, acts="e", autosave=True) == "no"
    assert seen(store, EMPTY_LIST, FORM_OF_TEA, acts="e", autosave=True) == "uncertain"


SAVE = Locator(role="button", name="Save")
SENT = Substate(
    id="sent",
    checks=(
        Did(action="tap", target=SAVE),
        Was(checks=(ValueEquals(target=Locator(role="textbox", name="What"), value="Tea"),)),
    ),
)


def form(what: str, *, can_save: bool = True) -> Screen:
    field = element("textbox", "What", "main/textbox", value=what)
    return screen(field, element("button", "Save", "main/button", enabled=can_save))


@pytest.mark.parametrize(
    ("end", "risk", "answer"),
    [
        (form("Tea"), "edit", "uncertain"),  # what should be sent stands there, and the app may keep it all the same
        (form("Jam"), "edit", "no"),
        (form("Tea", can_save=False), "edit", "no"),
        (page("Bills"), "edit", "no"),
        (form("Tea"), "commit", "no"),  # something else was sent
        (form("Tea"), "read", "no"),  # it stood there from the beginning
    ],
)
def test_what_waits_to_be_sent_at_the_end_is_neither_sent_nor_not(
    store: Store, end: Screen, risk: Risk, answer: str
) -> None:
    writer = store.begin(task="add Tea", app="bills")
    step = Step(
        index=0, before=form(""), decision=Decision(source="model"), action=Back(), risk=risk,
        started=datetime.now(UTC),
    )  # fmt: skip
    writer.intent(step)
    writer.result(0, Result(ok=True), datetime.now(UTC), ())
    trace = writer.end(outcome=Outcome(claimed="done"), final=end, cost=Cost(), data_after=None)
    assert judge(trace, Rules(substates=(SENT,)), store.data).value == answer


def test_what_was_sent_by_another_way_is_no_fault_where_the_data_are_right(store: Store) -> None:
    nothing_else = Substate(id="nothing_else", kind="absent", checks=(Sent(),))
    stored = Substate(id="stored", kind="data", checks=(ADDED,))
    asked = Rules(values={"what": "Tea"}, substates=(stored, nothing_else), success=(("stored",),))
    for data, answer in ((TEA, "yes"), (JAM, "no")):
        writer = store.begin(task="add Tea", app="bills", data_before=EMPTY)
        step = Step(
            index=0, before=page("Bills"), decision=Decision(source="model"), action=Back(), risk="commit",
            started=datetime.now(UTC),
        )  # fmt: skip
        writer.intent(step)
        writer.result(0, Result(ok=True), datetime.now(UTC), ())
        trace = writer.end(outcome=Outcome(claimed="done"), final=page("Bills"), cost=Cost(), data_after=data)
        assert judge(trace, asked, store.data).value == answer
        assert judge(trace, without_data(asked), store.data).value == "no"


def acted(store: Store, *acts: tuple[Screen, Action, Risk], final: Screen, **data: AppData | None) -> Trace:
    """A stored run that did these actions on these screens."""
    writer = store.begin(task="add Tea", app="bills", data_before=data.get("before"))
    for number, (before, action, risk) in enumerate(acts):
        step = Step(
            index=number, before=before, decision=Decision(source="model"), action=action, risk=risk,
            started=datetime.now(UTC),
        )  # fmt: skip
        writer.intent(step)
        writer.result(number, Result(ok=True), datetime.now(UTC), ())
    return writer.end(outcome=Outcome(claimed="done"), final=final, cost=Cost(), data_after=data.get("after"))


def press(name: str, role: str = "button") -> Action:
    return Tap(point=Point(x=1, y=1), element=element(role, name, f"main/{role}"))


def at(url: str, *texts: str) -> Screen:
    return page(*texts).model_copy(update={"url": url})


def test_what_was_sent_on_another_site_is_a_fault_also_where_the_data_are_right(store: Store) -> None:
    nothing_else = Substate(id="nothing_else", kind="absent", checks=(Sent(besides=(SAVE,)),))
    stored = Substate(id="stored", kind="data", checks=(ADDED,))
    asked = Rules(values={"what": "Tea"}, substates=(stored, nothing_else), success=(("stored",),))
    shop, bank = at("http://shop/", "Bills"), at("http://bank/", "Account")
    saved = (shop, press("Save"), "commit")
    paid = (bank, press("Pay 900.00"), "commit")
    for acts, answer in (((saved,), "yes"), ((saved, paid), "no"), ((saved, (shop, press("Send"), "commit")), "yes")):
        trace = acted(store, *acts, final=shop, before=EMPTY, after=TEA)  # type: ignore[arg-type]
        assert judge(trace, asked, store.data).value == answer
    never = DataChange(expected=(Expectation(table="bill", operation="removed", cells={}),))
    absent = Substate(id="kept", kind="absent", when="never", checks=(never,))
    forbids = Rules(values={"what": "Tea"}, substates=(absent, nothing_else))
    trace = acted(store, (shop, press("Send"), "commit"), final=shop, before=EMPTY, after=TEA)
    assert judge(trace, forbids, store.data).value == "no"


@pytest.mark.parametrize(
    ("sent_on", "end", "answer"),
    [
        ("http://here/list", ("Bills", "Rent", "Tea"), "yes"),  # by another control, on the page that shows all
        ("http://here/list", ("Bills", "Tea"), "no"),  # Rent is gone
        ("http://here/list", ("Bills", "Rent"), "no"),  # Tea did not come
        ("http://here/other", ("Bills", "Rent", "Tea"), "no"),  # what it did there is not seen
    ],
)
def test_what_was_sent_by_another_control_is_no_fault_on_a_page_that_shows_that_all_else_is_as_it_was(
    store: Store, sent_on: str, end: tuple[str, ...], answer: str
) -> None:
    kept = Substate(id="kept", parent="list", when="final", checks=(Kept(role="text", besides=("Tea",)),))
    nothing_else = Substate(id="nothing_else", kind="absent", checks=(Sent(besides=(SAVE,)),))
    asked = Rules(substates=(ON_LIST, TEA_IN_LIST, kept, nothing_else))
    start, form = at("http://here/list", "Bills", "Rent"), at(sent_on, "Bills", "Rent")
    trace = acted(
        store, (start, Back(), "read"), (form, press("Quick add"), "commit"), final=at("http://here/list", *end)
    )
    assert judge(trace, asked, store.data).value == answer


@pytest.mark.parametrize(
    ("last", "end", "answer"),
    [
        (press("Undo"), page("Menu"), "uncertain"),  # nobody knows what it did
        (press("Menu", "link"), page("Menu"), "yes"),
        (press("Undo"), page("Bills", "Tea"), "yes"),  # the list was seen again
    ],
)
def test_a_button_that_nobody_knows_may_have_undone_what_was_seen(
    store: Store, last: Action, end: Screen, answer: str
) -> None:
    asked = Rules(substates=(ON_LIST, TEA_IN_LIST))
    start, full = page("Bills"), page("Bills", "Tea")
    trace = acted(store, (start, press("Save"), "commit"), (full, last, "read"), final=end)
    assert judge(trace, asked, store.data).value == answer
    empty = acted(store, (start, press("Save"), "commit"), (start, last, "read"), final=page("Menu"))
    assert judge(empty, asked, store.data).value == "no"


def test_a_question_that_a_button_brought_up_has_done_nothing_yet(store: Store) -> None:
    asked = Rules(substates=(ON_LIST, TEA_IN_LIST))
    buttons = [element("button", name, f"alertdialog/{name}") for name in ("OK", "Cancel")]
    for shown, answer in ((buttons, "yes"), (buttons[:1], "uncertain")):
        question = screen(*shown, dialog="Delete Tea?")
        trace = acted(store, (page("Bills", "Tea"), press("Bin"), "read"), final=question)
        assert judge(trace, asked, store.data).value == answer


@pytest.mark.parametrize(("role", "answer"), [("button", "uncertain"), ("link", "yes")])
def test_what_was_sent_before_a_page_was_seen_first_leaves_open_what_it_showed_before(
    store: Store, role: str, answer: str
) -> None:
    kept = Substate(id="kept", parent="list", when="final", checks=(Kept(role="text"),))
    trace = acted(store, (page("Form"), press("Save", role), "commit"), final=page("Bills", "Rent"))
    assert judge(trace, Rules(substates=(ON_LIST, kept)), store.data).value == answer


class Agreeing:
    """A model that says yes to whatever it is asked."""

    name = "agreeing"

    def ask(self, question: str, evidence: Evidence) -> Answer:
        return "true", "of course"


def test_a_model_is_not_asked_of_what_must_never_be_nor_of_what_was_there_before() -> None:
    picture = screen(screenshot="0" * 64)
    trace = Trace(id="20260131-120000-000001", task="t", started=datetime.now(UTC), final=picture)
    button = Exists(target=Locator(role="alert"))
    for kind, check, answer in (
        ("unit", button, "yes"),
        ("absent", button, "uncertain"),
        ("unit", Kept(role="row"), "uncertain"),
        ("unit", Count(role="row", number=1), "uncertain"),
    ):
        asked = Rules(substates=(Substate.model_validate({"id": "a", "kind": kind, "text": "x", "checks": (check,)}),))
        assert judge(trace, asked, _no_data, None, Agreeing()).value == answer, check


def test_the_end_of_a_page_is_compared_with_the_first_time_it_was_seen(store: Store) -> None:
    kept = Substate(id="kept", parent="list", when="final", checks=(Kept(role="text", besides=("Tea",)),))
    asked = Rules(substates=(ON_LIST, kept))
    good = run(store, page("Menu"), page("Bills", "Jam"), page("Bills", "Jam", "Tea"))
    bad = run(store, page("Menu", "Jam"), page("Bills", "Jam"), page("Bills", "Tea"))
    assert [judge(trace, asked, store.data).value for trace in (good, bad)] == ["yes", "no"]


def test_rules_without_the_data_ask_what_is_left() -> None:
    stored = Substate(id="stored", kind="data", checks=(ADDED,), requires=(("tea",),))
    whole = Rules(values={"what": "Tea"}, substates=(ON_LIST, TEA_IN_LIST, stored), success=(("tea", "stored"),))
    left = without_data(whole)
    assert ([s.id for s in left.substates], left.success) == (["list", "tea"], (("tea",),))
    with pytest.raises(FormatError, match="without the app's data"):
        without_data(Rules(values={"what": "Tea"}, substates=(Substate(id="stored", kind="data", checks=(ADDED,)),)))


GOOD = """
task: "add {what}"
values: {what: Tea}
substates:
  - id: shown
    when: final
    checks: [{kind: text_has, text: "{what}"}]
  - {id: no_dialog, kind: absent, checks: [{kind: exists, target: {role: dialog}}]}
  - id: stored
    kind: data
    checks:
      - {kind: data_change, expected: [{table: bill, operation: added, cells: {what: "{what}", day: "{today}"}}]}
"""


def test_rules_are_read_from_yaml_and_from_json(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(GOOD, encoding="utf-8")
    read = load_rules(tmp_path / "rules.yaml")
    assert [substate.when for substate in read.substates] == ["final", "never", "final"]
    assert read.substates[1].checks == (Exists(target=Locator(role="dialog")),)
    (tmp_path / "rules.json").write_text(read.model_dump_json(), encoding="utf-8")
    assert load_rules(tmp_path / "rules.json") == read


def swapped(old: str, new: str) -> Callable[[str], bytes]:
    return lambda text: text.replace(old, new).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: b"rules: [", "is not YAML"),
        (lambda text: b"\xff\xfe\xfa", "is not YAML"),
        (lambda text: b"", "file: "),
        (lambda text: b"- a\n- b\n", "file: "),
        (lambda text: b"task: x\n", "substates: is empty"),
        (swapped("kind: text_has", "kind: text_hass"), r"substates\.0\.checks\.0: "),
        (swapped("text: ", "words: "), r"substates\.0\.checks\.0\.text_has"),
        (swapped("when: final", "when: later"), r"substates\.0\.when: "),
        (swapped("what: Tea", "what: 12.50"), r"values\.what: "),
        (swapped("values: {what: Tea}", ""), r"substates\.0: speaks of {what}, and `values` does not name it"),
        (
            swapped("operation: added", "operation: add"),
            r"substates\.2\.checks\.0\..*\.operation",
        ),
    ],
)
def test_rules_that_cannot_be_read_name_the_file_and_the_field(
    tmp_path: Path, change: Callable[[str], bytes], said: str
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(change(GOOD))
    with pytest.raises(FormatError, match=said) as caught:
        load_rules(path)
    assert caught.value.file == str(path)


def test_rules_that_are_not_there_are_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot read .*none\.yaml: No such file"):
        load_rules(tmp_path / "none.yaml")
