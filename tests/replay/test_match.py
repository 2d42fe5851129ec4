from __future__ import annotations

import re
import string
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ostinato.errors import AmbiguousTask, MatchError
from ostinato.replay.experience import Experience, Node, Slot
from ostinato.replay.match import match
from ostinato.trace.reading import readings
from ostinato.trace.values import fill

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def known(template: str, key: str = "add", **slots: str) -> Experience:
    return Experience(
        id=key, app="shop", templates=(template,), nodes=(), learnt=NOW,
        slots=tuple(Slot.model_validate({"name": name, "kind": kind}) for name, kind in slots.items()),
    )  # fmt: skip


ADD = known("Add {what}, {amount}, paid by {payer}", what="text", amount="number", payer="text")
KINDS = {slot.name: slot.kind for slot in ADD.slots}
value = st.text(string.ascii_letters + string.digits + " '\"&;-éß寿🍣עב", min_size=1, max_size=15)


@given(value, st.integers(0, 10**6), value)
def test_what_was_filled_in_is_read_out(what: str, amount: int, payer: str) -> None:
    assume(what == what.strip() and payer == payer.strip() and "  " not in what + payer)
    values = {"what": what, "amount": str(amount), "payer": payer}
    quoted = {n for n, v in values.items() if len(v) > 2 and v[0] == v[-1] == '"' and v.count('"') == 2}
    wanted = {n: v[1:-1] if n in quoted else v for n, v in values.items()}
    assert wanted in readings(fill(ADD.templates[0], values), ADD.templates, KINDS)


@pytest.mark.parametrize(
    "task",
    [
        "Add bread, 3, paid by Bob please, and tell Ana",
        "Add bread, three, paid by Bob",
        "Add bread, 3",
        "Please add bread, 3, paid by Bob",
        "Add , 3, paid by Bob",
        "Remove bread, 3, paid by Bob",
        "",
    ],
)
def test_a_task_that_is_not_explained_completely_fits_nothing(task: str) -> None:
    with pytest.raises(MatchError):
        match(task, [ADD], "shop")


def test_words_after_the_template_fit_nothing() -> None:
    asked = known("Add {what} please", what="text")
    assert match("Add tea please", [asked], "shop").values == {"what": "tea"}
    for task in ("Add tea please now", "Add tea please please now"):
        with pytest.raises(MatchError):
            match(task, [asked], "shop")


def test_two_readings_are_refused_until_quotation_marks_settle_them() -> None:
    both = known("Add {what}, {amount}, paid by {payer}", what="text", amount="number", payer="text")
    with pytest.raises(AmbiguousTask, match="more than one way"):
        match("Add bread, 3, paid by Ana, 4, paid by Bob", [both], "shop")
    pair = known("Move {what} to {place}", what="text", place="text")
    with pytest.raises(AmbiguousTask, match="quotation marks"):
        match("Move notes to self to the desk", [pair], "shop")
    with pytest.raises(MatchError, match="quotation marks"):
        match("Move a to to b", [pair], "shop")
    for marks in ('""', "“”", "«»"):
        task = f"Move {marks[0]}notes to self{marks[1]} to the desk"
        assert match(task, [pair], "shop").values == {"what": "notes to self", "place": "the desk"}
    task = 'Add "bread, 3, paid by Ana", 4, paid by Bob'
    assert match(task, [both], "shop").values == {"what": "bread, 3, paid by Ana", "amount": "4", "payer": "Bob"}
    assert match('Add "bread", "3", paid by “Bob”', [both], "shop").values == {
        "what": "bread", "amount": "3", "payer": "Bob",
    }  # fmt: skip
    many = "a" + " to b" * 30
    assert match(f'Move "{many}" to c', [pair], "shop").values == {"what": many, "place": "c"}


@given(value, value)
def test_quotation_marks_settle_every_value_that_has_none_of_its_own(what: str, place: str) -> None:
    assume('"' not in what + place and not any(v != " ".join(v.split()) for v in (what, place)))
    pair = known("Move {what} to {place}", what="text", place="text")
    for joined in (what, f"{what} to {place}"):
        found = match(f'Move "{joined}" to "{place}"', [pair], "shop")
        assert found.values == {"what": joined, "place": place}


def test_quotation_marks_that_belong_to_the_value_stay() -> None:
    say = known("Write {words}", words="text")
    for words in ('5" pipe', "'quoted'", "it's", '""'):
        assert match(f"Write {words}", [say], "shop").values == {"words": words}


@pytest.mark.parametrize(
    "what", ["x" * 10_000, "a & c; <b>", "שלום עולם", "👨\u200d👩\u200d👧 🍣", "{amount}", "\\d+ .*"]
)
def test_a_value_is_taken_as_it_is_written(what: str) -> None:
    found = match(f"Add {what}, 3, paid by Bob", [ADD], "shop").values
    assert found == {"what": what, "amount": "3", "payer": "Bob"}


@pytest.mark.parametrize("amount", ["42.50", "42,5", "1,234.00", "1.234,00", "1 234", "-3", "€ 12"])
def test_a_number_may_be_written_in_any_notation_and_stays_as_written(amount: str) -> None:
    assert match(f"Add bread, {amount}, paid by Bob", [ADD], "shop").values["amount"] == amount


def test_a_date_slot_takes_real_days_only() -> None:
    due = known("Pay by {day}", day="date")
    assert match("Pay by 2026-02-28", [due], "shop").values == {"day": "2026-02-28"}
    for day in ("2026-02-30", "02/03/2026", "tomorrow", "30 Feb 2026", "May 2026"):
        with pytest.raises(MatchError, match="no experience fits"):
            match(f"Pay by {day}", [due], "shop")


@given(st.text(max_size=12), st.text(max_size=12))
def test_whatever_is_read_filled_in_again_is_the_task(before: str, after: str) -> None:
    pair = known("Move {what} to {place}", what="text", place="text")
    task = f"Move {before} to {after}"
    for values in readings(task, pair.templates, {slot.name: slot.kind for slot in pair.slots}):
        marks = str.maketrans("", "", '"“”«»')
        written = fill(pair.templates[0], values)
        assert written.translate(marks) == " ".join(task.split()).translate(marks)


def test_case_and_spaces_of_the_template_do_not_count_those_of_a_value_do() -> None:
    found = match("  ADD   brown \n BREAD,  3, Paid By bob  ", [ADD], "shop")
    assert found.values == {"what": "brown BREAD", "amount": "3", "payer": "bob"}


def test_an_experience_of_another_app_does_not_count() -> None:
    assert match("Add bread, 3, paid by Bob", [ADD], "shop").values["amount"] == "3"
    with pytest.raises(MatchError, match="none is known here"):
        match("Add bread, 3, paid by Bob", [ADD], "wiki")


def test_of_two_experiences_that_read_it_alike_the_one_learnt_last_is_taken() -> None:
    other = known("Add {item}, {amount}, paid by {who}", "other", item="text", amount="number", who="text")
    later = other.model_copy(update={"learnt": NOW.replace(year=2027)})
    for both in ([ADD, later], [later, ADD]):
        assert match("Add bread, 3, paid by Bob", both, "shop").experience.id == "other"


def test_two_experiences_that_read_it_otherwise_are_named() -> None:
    said = known("Add bread, 3, paid by {who}", "said", who="text")
    with pytest.raises(AmbiguousTask, match=r"\(add\) or .*\(said\).*experience delete ID"):
        match("Add bread, 3, paid by Bob", [ADD, said], "shop")


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("Add bread, much, paid by Bob", r"nearest is “Add \{what\}.*\{amount\} is a number, and “much” is none"),
        ("Sing a song", "known here: Add {what}"),
    ],
)
def test_what_keeps_a_task_from_fitting_is_said(task: str, said: str) -> None:
    with pytest.raises(MatchError) as caught:
        match(task, [ADD], "shop")
    assert re.search(said.replace("{what}", r"\{what\}") if "known" in said else said, str(caught.value))


def test_an_address_is_the_same_in_any_spelling() -> None:
    here = ADD.model_copy(update={"app": "http://shop.example"})
    for spelling in ("http://shop.example/", "shop.example", "HTTP://SHOP.example:80/"):
        assert match("Add bread, 3, paid by Bob", [here], spelling)
    for other in ("https://shop.example/", "http://shop.example:81/", "http://shop.example/other", "shop"):
        with pytest.raises(MatchError, match=r"there are some for http://shop\.example"):
            match("Add bread, 3, paid by Bob", [here], other)


def test_a_slot_named_twice_must_be_bound_alike() -> None:
    twice = known("Rename {a} to {b}, then open {b}", a="text", b="text")
    assert match("Rename x to y, then open y", [twice], "shop").values == {"a": "x", "b": "y"}
    with pytest.raises(MatchError):
        match("Rename x to y, then open z", [twice], "shop")


def test_of_two_readings_the_one_that_names_what_was_there_is_taken() -> None:
    slots = (
        Slot(name="bill", kind="text", examples=("Electricity", "Internet")),
        Slot(name="title", kind="text", examples=("Power", "Line")),
    )
    nodes = (Node(index=0, kind="tap"), Node(index=1, kind="type", text="{title}"))
    known = Experience(id="aa", app="a", templates=("Rename {bill} to {title}",), slots=slots, nodes=nodes, learnt=NOW)
    found = match("Rename Electricity to Taxi to airport", [known], "a")
    assert found.values == {"bill": "Electricity", "title": "Taxi to airport"}
    with pytest.raises(AmbiguousTask):
        match("Rename Water to Taxi to airport", [known], "a")
