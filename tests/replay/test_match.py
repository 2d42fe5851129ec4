from __future__ import annotations

import string
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ostinato.errors import AmbiguousTask, MatchError
from ostinato.replay.experience import Experience, Slot
from ostinato.replay.match import match, readings
from ostinato.trace.values import fill

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def known(template: str, key: str = "add", **slots: str) -> Experience:
    return Experience(
        id=key, app="shop", templates=(template,), nodes=(), learnt=NOW,
        slots=tuple(Slot.model_validate({"name": name, "kind": kind}) for name, kind in slots.items()),
    )  # fmt: skip


ADD = known("Add {what}, {amount}, paid by {payer}", what="text", amount="number", payer="text")
value = st.text(string.ascii_letters + string.digits + " '\"&;-éß寿🍣עב", min_size=1, max_size=15)


@given(value, st.integers(0, 10**6), value)
def test_what_was_filled_in_is_read_out(what: str, amount: int, payer: str) -> None:
    assume(what == what.strip() and payer == payer.strip() and "  " not in what + payer)
    values = {"what": what, "amount": str(amount), "payer": payer}
    wanted = {n: v[1:-1] if len(v) > 2 and v[0] == v[-1] == '"' else v for n, v in values.items()}
    assert wanted in readings(fill(ADD.templates[0], values), ADD)


@pytest.mark.parametrize(
    "task",
    [
        "Add bread, 3, paid by Bob please, and tell Ana" + "\n" + "x" * 0,
        "Add bread, three, paid by Bob",
        "Add bread, 3",
        "Please add bread, 3, paid by Bob",
        "Add , 3, paid by Bob",
        "Remove bread, 3, paid by Bob",
        "",
    ],
)
def test_a_task_that_is_not_explained_completely_fits_nothing_or_keeps_its_rest(task: str) -> None:
    if "please, and" in task:  # the last slot takes the rest; nothing is silently dropped
        assert match(task, [ADD], "shop").values["payer"] == "Bob please, and tell Ana"
        return
    with pytest.raises(MatchError):
        match(task, [ADD], "shop")


def test_two_readings_are_refused_until_quotation_marks_settle_them() -> None:
    both = known("Add {what}, {amount}, paid by {payer}", what="text", amount="number", payer="text")
    with pytest.raises(AmbiguousTask, match="more than one way"):
        match("Add bread, 3, paid by Ana, 4, paid by Bob", [both], "shop")
    pair = known("Move {what} to {place}", what="text", place="text")
    with pytest.raises(AmbiguousTask, match="quotation marks"):
        match("Move notes to self to the desk", [pair], "shop")


def test_an_experience_of_another_app_does_not_count() -> None:
    assert match("Add bread, 3, paid by Bob", [ADD], "shop").values["amount"] == "3"
    with pytest.raises(MatchError, match="none is known here"):
        match("Add bread, 3, paid by Bob", [ADD], "wiki")


def test_two_experiences_that_fit_are_refused_even_with_the_same_values() -> None:
    other = known("Add {what}, {amount}, paid by {payer}", "other", what="text", amount="number", payer="text")
    with pytest.raises(AmbiguousTask, match="more than one way"):
        match("Add bread, 3, paid by Bob", [ADD, other], "shop")


def test_a_slot_named_twice_must_be_bound_alike() -> None:
    twice = known("Rename {a} to {b}, then open {b}", a="text", b="text")
    assert match("Rename x to y, then open y", [twice], "shop").values == {"a": "x", "b": "y"}
    with pytest.raises(MatchError):
        match("Rename x to y, then open z", [twice], "shop")
