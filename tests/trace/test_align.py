from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.trace.action import Action, Back, Key, Tap, Type
from ostinato.trace.align import GAP, align, step_likeness
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Box, Element, Point, Screen

NOW = datetime(2026, 1, 31, tzinfo=UTC)

letters = st.text("abc", max_size=6)


def likeness(one: str, other: str) -> float:
    return 1.0 if one == other else -1.0


def total(one: str, other: str, pairs: list[tuple[int | None, int | None]]) -> float:
    return sum(GAP if i is None or j is None else likeness(one[i], other[j]) for i, j in pairs)


def best(one: str, other: str) -> float:
    """By trying every way to pair."""
    found = GAP * (len(one) + len(other))
    for k in range(1, min(len(one), len(other)) + 1):
        for left in combinations(range(len(one)), k):
            for right in combinations(range(len(other)), k):
                paired = sum(likeness(one[i], other[j]) for i, j in zip(left, right, strict=True))
                found = max(found, paired + GAP * (len(one) + len(other) - 2 * k))
    return found


@given(letters, letters)
def test_every_step_stands_once_in_order_and_the_sum_is_the_best(one: str, other: str) -> None:
    pairs = align(one, other, likeness)
    assert [i for i, _ in pairs if i is not None] == list(range(len(one)))
    assert [j for _, j in pairs if j is not None] == list(range(len(other)))
    assert abs(total(one, other, pairs) - best(one, other)) < 1e-9


@given(letters, letters)
def test_what_is_never_the_same_is_never_paired(one: str, other: str) -> None:
    pairs = align(one, other, likeness)
    assert all(one[i] == other[j] for i, j in pairs if i is not None and j is not None)


def test_an_extra_step_is_a_gap() -> None:
    assert align("abd", "abcd", likeness) == [(0, 0), (1, 1), (None, 2), (2, 3)]


@given(letters, letters)
def test_the_other_way_round_pairs_as_many(one: str, other: str) -> None:
    there, back = align(one, other, likeness), align(other, one, likeness)
    assert abs(total(one, other, there) - total(other, one, back)) < 1e-9


@given(st.text("abc", max_size=6), st.integers(0, 6), st.text("de", min_size=1, max_size=3))
def test_steps_put_into_a_recording_are_the_gaps(steps: str, place: int, more: str) -> None:
    longer = steps[:place] + more + steps[place:]
    pairs = align(steps, longer, likeness)
    assert [longer[j] for i, j in pairs if i is None and j is not None] == list(more)
    assert all(j is not None and steps[i] == longer[j] for i, j in pairs if i is not None)


# ---------------------------------------------------------------------------------------------- steps
SCREEN = Screen(width=390, height=844, taken=NOW)
KNOWN = {"role": "textbox", "name": "What?", "path": "main/form/textbox", "id": "what"}


def step(action: Action) -> Step:
    return Step(index=0, before=SCREEN, decision=Decision(source="human"), action=action, risk="edit", started=NOW)


def typed(text: str = "Tea", **update: Any) -> Step:
    box = Box(left=0, top=0, width=9, height=9)
    return step(Type(text=text, element=Element(box=box, **{**KNOWN, **update})))


def test_the_values_of_steps_do_not_count() -> None:
    assert step_likeness(typed("Tea"), typed("Rice")) == step_likeness(typed(), typed()) == 1.0


@pytest.mark.parametrize(
    "update",
    [{"name": "What else?"}, {"id": "other"}],
    ids=["name", "id"],
)
def test_what_differs_in_one_thing_is_alike_but_less(update: dict[str, str]) -> None:
    assert 0 < step_likeness(typed(), typed(**update)) < 1


def test_of_two_fields_with_neither_name_nor_id_the_one_at_the_same_place_is_meant() -> None:
    bare = {"name": "", "id": None}
    here, there = typed(**bare), typed(**bare, path="main/form/textbox[2]")
    assert align([here, there], [there], step_likeness) == [(0, None), (1, 0)]
    assert align([here, there], [here], step_likeness) == [(0, 0), (1, None)]


def test_entries_of_a_list_that_the_app_numbers_are_not_the_same_for_their_number() -> None:
    one = [
        typed(name="apples", id="entry1", path="main/textbox"),
        typed(name="pears", id="entry4", path="main/textbox[4]"),
    ]
    other = [
        typed(name="figs", id="entry4", path="main/textbox[4]"),
        typed(name="plums", id="entry6", path="main/textbox[6]"),
    ]
    assert align(one, other, step_likeness) == [(0, 0), (1, 1)]


@pytest.mark.parametrize(
    "other",
    [
        step(Tap(point=Point(x=1, y=1), element=Element(box=Box(left=0, top=0, width=9, height=9), **KNOWN))),
        typed(role="combobox"),
        step(Type(text="Tea")),
        step(Back()),
    ],
    ids=["a tap", "another role", "no element", "another kind"],
)
def test_what_is_done_otherwise_or_to_something_else_is_never_the_same_step(other: Step) -> None:
    assert step_likeness(typed(), other) == -1.0 == step_likeness(other, typed())


def test_steps_without_an_element_are_alike_by_their_kind() -> None:
    assert step_likeness(step(Back()), step(Back())) == step_likeness(step(Key(key="a")), step(Key(key="b"))) == 0.5
    assert step_likeness(step(Back()), step(Key(key="a"))) == -1.0


@given(st.sampled_from([typed(), typed(name="x"), step(Back()), typed(role="link")]),
       st.sampled_from([typed(), typed(id="y", name=""), step(Key(key="x")), typed(path="z")]))  # fmt: skip
def test_likeness_is_the_same_both_ways_and_within_its_bounds(one: Step, other: Step) -> None:
    assert -1 <= step_likeness(one, other) == step_likeness(other, one) <= 1
