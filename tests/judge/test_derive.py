"""Rules made from recordings: they say yes to what was recorded and to the same with other values, and to nothing
else."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from bills import Bills, Recorder, Values, adding
from hypothesis import given
from hypothesis import strategies as st
from screens import NOW, element, row, screen

from ostinato.agent.script import Do, on
from ostinato.errors import LearnError, UsageError
from ostinato.judge.derive import derive_rules
from ostinato.judge.judge import judge
from ostinato.judge.pages import pages_of
from ostinato.judge.substate import Rules, bound_to, check_rules, load_rules, without_data, write_rules
from ostinato.trace.action import Tap, Type
from ostinato.trace.record import Outcome, Trace
from ostinato.trace.screen import Point, Screen

ADD = "Add {what} for {amount}, paid by {payer}"
TEA = {"what": "Tea", "amount": "3.50", "payer": "Bob"}
JAM = {"what": "Jam jar", "amount": "12.00", "payer": "Carol"}
PIE = {"what": "Apple pie", "amount": "7.25", "payer": "Alice"}
RENT = {"what": "Rent", "amount": "900.00", "payer": "Alice"}
Script = Callable[[Values], list[Do]]
NOWHERE, NUMBERS = Point(x=1, y=1), count(1)


def words(values: Values) -> str:
    return ADD.format(**values)


def recorded(recorder: Recorder, *values: Values, script: Script = adding) -> list[Trace]:
    return [recorder(words(v), script(v)) for v in values]


def made(recorder: Recorder, screens_only: bool = False) -> Rules:
    return derive_rules(recorded(recorder, TEA, JAM), None if screens_only else recorder.data)


def verdict(recorder: Recorder, rules: Rules, script: list[Do], values: Values = PIE, app: Bills | None = None) -> str:
    trace = recorder(words(values), script, app)
    return judge(trace, bound_to(rules, trace.task), recorder.data).value


def delete(what: str) -> Do:
    return on("tap", "button", "Delete", row=what)


# ---------------------------------------------------------------------------------------------- what is made
def test_they_hold_the_pages_what_was_entered_what_is_shown_at_the_end_and_the_data() -> None:
    rules = made(Recorder())
    assert (rules.task, rules.app, rules.steps) == ("Add {what} for {how_much}, paid by {payer}", "bills", 5)
    pages = [s for s in rules.substates if s.kind == "page"]
    assert [page.parent for page in pages] == [None, pages[0].id]
    units = {s.id: s for s in rules.substates if s.kind == "unit"}
    assert {"what", "how_much", "payer"} <= set(units)
    assert all(units[name].parent == pages[1].id and not units[name].required for name in ("what", "how_much", "payer"))
    shown = [s for s in units.values() if s.when == "final"]
    assert shown and all(s.required and s.parent == pages[0].id for s in shown)
    assert (rules.success, rules.substates[-1].kind) == ((("stored",),), "data")
    assert not list(check_rules(rules)) and all(s.source == "recordings" for s in rules.substates)


def test_they_are_the_same_after_a_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    rules = made(Recorder())
    (tmp_path / "rules.yaml").write_text(write_rules(rules), encoding="utf-8")
    assert load_rules(tmp_path / "rules.yaml") == rules


def test_without_data_they_are_what_is_left_without_them() -> None:
    recorder = Recorder()
    seen = made(recorder, screens_only=True)
    assert seen == without_data(made(recorder))
    assert not any(s.of_data for s in seen.substates)


def test_recordings_that_end_on_an_entry_which_shows_at_once_tell_of_an_app_that_keeps_it() -> None:
    assert not made(Recorder()).autosave
    rules = derive_rules([kept_at_once("Buy tea", "tea"), kept_at_once("Buy jam", "jam")], None)
    assert rules.autosave
    for entered, answer in (("pie", "yes"), ("pies", "no")):
        trace = kept_at_once("Buy pie", entered)
        assert judge(trace, bound_to(rules, trace.task), Recorder().data).value == answer


def kept_at_once(task: str, what: str) -> Trace:
    """A list that takes what is typed below it, letter by letter."""

    def shown(*items: str) -> Screen:
        rows = [element("listitem", item, f"main/list/listitem[{n}]") for n, item in enumerate(items, 1)]
        field = element("textbox", "New", "main/textbox", value=items[-1] if len(items) > 1 else "")
        return screen(element("list", "To buy", "main/list"), *rows, field)

    start = shown("bread")
    action = Type(text=what, element=start.elements[-1])
    step = {"index": 0, "before": start, "decision": {"source": "human"}, "action": action, "risk": "edit",
            "started": NOW, "result": {"ok": True}}  # fmt: skip
    known = {"id": f"20260131-120000-{next(NUMBERS):06x}", "task": task, "started": NOW,
             "outcome": Outcome(claimed="done")}  # fmt: skip
    return Trace.model_validate({**known, "steps": [step], "final": shown("bread", what)})


# ---------------------------------------------------------------------------------------------- what they say
MUTANTS: dict[str, tuple[Callable[[Values], list[Do]], str, str]] = {
    # what is done instead, the answer with the data, and from screens alone
    "the same": (adding, "yes", "yes"),
    "another amount": (lambda v: adding({**v, "amount": "7.26"}), "no", "no"),
    "ten times as much": (lambda v: adding({**v, "amount": "72.50"}), "no", "no"),
    "another payer": (lambda v: adding({**v, "payer": "Bob"}), "no", "no"),
    "a word more": (lambda v: adding({**v, "what": v["what"] + " x"}), "no", "no"),
    "a letter less": (lambda v: adding({**v, "what": v["what"][:-1]}), "no", "no"),
    "not saved": (lambda v: adding(v)[:-1], "no", "uncertain"),
    "taken back": (lambda v: [*adding(v), delete(v["what"])], "no", "no"),
    "and another deleted": (lambda v: [*adding(v), delete("Rent")], "no", "no"),
    "twice": (lambda v: [*adding(v), *adding(v)], "no", "no"),
    "again with another amount": (lambda v: [*adding(v), *adding({**v, "amount": "7.26"})], "no", "no"),
    "fields in another order": (lambda v: [adding(v)[n] for n in (0, 3, 2, 1, 4)], "yes", "yes"),
    "nothing": (lambda v: [], "no", "no"),
}


@pytest.mark.parametrize("kind", MUTANTS)
def test_what_was_done_instead_is_told_apart(kind: str) -> None:
    script, full, seen = MUTANTS[kind]
    recorder = Recorder()
    rules = made(recorder)
    assert verdict(recorder, rules, script(PIE)) == full
    assert verdict(recorder, without_data(rules), script(PIE)) == seen


def test_what_the_app_did_not_save_is_seen_in_the_list_that_lacks_it() -> None:
    recorder = Recorder()
    rules = made(recorder)
    assert verdict(recorder, rules, adding(PIE), app=Bills(saves=False)) == "no"
    assert verdict(recorder, without_data(rules), adding(PIE), app=Bills(saves=False)) == "no"


def test_what_no_page_shows_must_at_least_have_been_sent() -> None:
    """A choice that the list does not show: shared or not."""

    def unshared(values: Values) -> list[Do]:
        return [*adding(values)[:-1], on("tap", "checkbox", "Shared"), adding(values)[-1]]

    recorder = Recorder()
    rules = derive_rules([recorder(words(v), unshared(v)) for v in (TEA, JAM)], recorder.data)
    assert verdict(recorder, rules, unshared(PIE)) == "yes"
    assert verdict(recorder, rules, adding(PIE)) == "no"
    assert verdict(recorder, without_data(rules), unshared(PIE)) == "yes"
    assert verdict(recorder, without_data(rules), adding(PIE)) == "no"
    assert verdict(recorder, without_data(rules), unshared(PIE)[:-1]) == "uncertain"


def test_cells_that_changed_alike_in_every_recording_are_left_out_and_the_others_kept() -> None:
    """A person more: every bill is shared by more people now, and is else as it was."""

    def shown(people: list[str], amount: str = "3.00") -> Screen:
        shared = "Everyone" if len(people) == 1 else "Some of them"
        cells = [e for n, what in enumerate(("Tea", "Rent"), 1) for e in row(n, what, amount, shared)]
        members = [element("listitem", name, f"main/list/listitem[{n}]") for n, name in enumerate(people, 1)]
        return screen(
            element("list", "People", "main/list"), *members, element("textbox", "Name", "main/textbox", value=""),
            element("button", "Add", "main/button", submits=True), element("table", "Bills", "main/table"), *cells,
        )  # fmt: skip

    def trace(name: str, end: Screen | None = None) -> Trace:
        start = shown(["Ada"])
        field, button = (next(e for e in start.elements if e.role == role) for role in ("textbox", "button"))
        typed = Screen.model_validate(
            {**start.model_dump(), "elements": [e.model_copy(update={"value": name}) if e == field else e
                                                 for e in start.elements]}
        )  # fmt: skip
        acts = [(start, Type(text=name, element=field), "edit"), (typed, Tap(point=NOWHERE, element=button), "commit")]
        steps = [
            {"index": n, "before": before, "decision": {"source": "human"}, "action": action, "risk": risk,
             "started": NOW, "result": {"ok": True}}
            for n, (before, action, risk) in enumerate(acts)
        ]  # fmt: skip
        known = {"id": f"20260131-120000-{next(NUMBERS):06x}", "task": f"Add the person {name}", "started": NOW,
                 "outcome": Outcome(claimed="done")}  # fmt: skip
        return Trace.model_validate({**known, "steps": steps, "final": end or shown(["Ada", name])})

    rules = derive_rules([trace("Grace"), trace("Linus")], None)
    good, spoilt = trace("Edsger"), trace("Edsger", shown(["Ada", "Edsger"], amount="3.01"))
    assert [judge(t, bound_to(rules, t.task), Recorder().data).value for t in (good, spoilt)] == ["yes", "no"]


def test_values_that_changed_places_in_a_row_are_wrong() -> None:
    """Who pays whom is told by the column alone."""

    def shown(*rows: tuple[str, str, str]) -> Screen:
        cells = [e for n, cells in enumerate(rows, 1) for e in row(n, *cells)]
        return screen(
            element("button", "Send", "main/button", submits=True), element("table", "", "main/table"), *cells
        )

    def sent(task: tuple[str, str, str], done: tuple[str, str, str]) -> Trace:
        amount, payer, receiver = task
        start, old = shown(("1.00", "Zoe", "Yan")), ("1.00", "Zoe", "Yan")
        act = {"index": 0, "before": start, "decision": {"source": "human"}, "risk": "commit", "started": NOW,
               "action": Tap(point=NOWHERE, element=start.elements[0]), "result": {"ok": True}}  # fmt: skip
        known = {"id": f"20260131-120000-{next(NUMBERS):06x}", "task": f"Send {amount} from {payer} to {receiver}",
                 "started": NOW, "outcome": Outcome(claimed="done")}  # fmt: skip
        return Trace.model_validate({**known, "steps": [act], "final": shown(old, done)})

    recorded = [("3.10", "Bob", "Alice"), ("8.20", "Carol", "Dan")]
    rules = derive_rules([sent(values, values) for values in recorded], None)
    asked = ("5.55", "Eve", "Finn")
    for done, answer in ((asked, "yes"), (("5.55", "Finn", "Eve"), "no")):
        trace = sent(asked, done)
        assert judge(trace, bound_to(rules, trace.task), Recorder().data).value == answer


def test_an_older_row_with_the_same_words_is_no_fault() -> None:
    recorder = Recorder()
    rules = made(recorder, screens_only=True)
    again = {"what": "Rent", "amount": "5.00", "payer": "Bob"}
    assert verdict(recorder, rules, adding(again), values=again) == "yes"
    assert verdict(recorder, rules, [*adding(again), *adding({**again, "amount": "5.01"})], values=again) == "no"


def test_an_app_that_was_sent_something_keeps_nothing_by_itself() -> None:
    """A search after all was sent is an entry too."""

    def searching(values: Values) -> list[Do]:
        return [*adding(values), on("tap", "link", "Add a bill"), on("type", "textbox", "What?", text="x")]

    recorder = Recorder()
    rules = derive_rules(recorded(recorder, TEA, JAM, script=searching), None)
    assert not rules.autosave


def test_a_row_that_goes_is_told_from_one_that_stays() -> None:
    recorder = Recorder()
    rows = [(1, "Rent", "900.00", "Alice", True), (2, "Tea", "3.50", "Bob", True), (3, "Jam jar", "12.00", "Bob", True)]
    traces = [recorder(f"Delete {what}", [delete(what)], Bills(rows=list(rows))) for what in ("Tea", "Jam jar")]
    rules = derive_rules(traces, recorder.data)
    for asked, values in ((rules, ("yes", "no", "no")), (without_data(rules), ("yes", "no", "no"))):
        said = []
        for script in ([delete("Rent")], [delete("Tea")], []):
            trace = recorder("Delete Rent", script, Bills(rows=list(rows)))
            said.append(judge(trace, bound_to(asked, trace.task), recorder.data).value)
        assert tuple(said) == values


text = st.text("abcdefg hi", min_size=3, max_size=9).map(str.strip).filter(lambda t: len(t) > 2 and "  " not in t)
money = st.integers(100, 99_999).map(lambda cents: f"{cents / 100:.2f}")


@given(st.tuples(text, money), st.tuples(text, money))
def test_other_values_are_right_and_differing_ones_wrong(asked: tuple[str, str], entered: tuple[str, str]) -> None:
    recorder = Recorder()
    wanted, done = ({"what": w, "amount": a, "payer": "Carol"} for w, a in (asked, entered))
    rules = made(recorder, screens_only=True)
    same = (wanted["what"], float(wanted["amount"])) == (done["what"], float(done["amount"]))
    assert verdict(recorder, rules, adding(done), values=wanted) == ("yes" if same else "no")


# ---------------------------------------------------------------------------------------------- what is refused
def test_recordings_that_do_not_fit_are_refused() -> None:
    recorder = Recorder()
    tea, jam = recorded(recorder, TEA, JAM)
    with pytest.raises(LearnError, match="one recording cannot show"):
        derive_rules([tea], recorder.data)
    with pytest.raises(LearnError, match="given twice"):
        derive_rules([tea, tea], recorder.data)
    stopped = jam.model_copy(update={"outcome": Outcome(claimed="stopped")})
    with pytest.raises(LearnError, match="did not end well"):
        derive_rules([tea, stopped], recorder.data)


def test_what_the_words_do_not_say_must_be_given() -> None:
    """A text that is looked up somewhere: recordings show that it differs, and not what it will be."""
    recorder = Recorder()
    looked_up = {"Tea": "from China", "Jam jar": "of plums", "Apple pie": "with cream"}

    def script(values: Values) -> list[Do]:
        return adding({**values, "what": looked_up[values["what"]]})

    rules = derive_rules(recorded(recorder, TEA, JAM, script=script), recorder.data)
    assert rules.open == ("what_2",) or rules.open == ("what",)
    trace = recorder(words(PIE), script(PIE))
    with pytest.raises(UsageError, match="do not say"):
        bound_to(rules, trace.task)
    for text, answer in (("with cream", "yes"), ("with ice", "no")):
        asked = bound_to(rules, trace.task, {rules.open[0]: text})
        assert judge(trace, asked, recorder.data).value == answer


# ---------------------------------------------------------------------------------------------- pages
def test_pages_are_told_apart_by_what_can_be_used_on_them() -> None:
    recorder = Recorder()
    pages = pages_of(recorded(recorder, TEA, JAM))
    assert [{shot.screen.url.split("/")[-1] for shot in page.shots if shot.screen.url} for page in pages] == [
        {"bills"},
        {"new"},
    ]
    assert [[shot.place for shot in page.of(1)] for page in pages] == [[0, 5, 6], [1, 2, 3, 4]]
