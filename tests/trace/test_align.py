from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from ostinato.trace.align import GAP, align

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


def test_an_extra_step_is_a_gap() -> None:
    assert align("abd", "abcd", likeness) == [(0, 0), (1, 1), (None, 2), (2, 3)]
