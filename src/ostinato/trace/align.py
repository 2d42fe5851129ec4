"""Needleman–Wunsch over step signatures: which step of one recording is which step of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ostinato.trace.action import target_of
from ostinato.trace.record import Step
from ostinato.trace.values import normal

T = TypeVar("T")
GAP = -0.45  # two gaps cost less than a pair of likeness -1, so what is never the same is never paired


def align(
    one: Sequence[T], other: Sequence[T], likeness: Callable[[T, T], float]
) -> list[tuple[int | None, int | None]]:
    """Pairs of indexes, None for a gap, that maximise the summed likeness (Needleman & Wunsch 1970, linear gaps).

    `likeness` gives -1 (never the same) to 1 (surely the same)."""
    rows, columns = len(one), len(other)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(1, rows + 1):
        best[i][0] = best[i - 1][0] + GAP  # summed as below, so that the way back meets equal numbers
    for j in range(1, columns + 1):
        best[0][j] = best[0][j - 1] + GAP
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            best[i][j] = max(
                best[i - 1][j - 1] + likeness(one[i - 1], other[j - 1]),
                best[i - 1][j] + GAP,
                best[i][j - 1] + GAP,
            )
    pairs: list[tuple[int | None, int | None]] = []
    i, j = rows, columns
    while i or j:
        if i and j and best[i][j] == best[i - 1][j - 1] + likeness(one[i - 1], other[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif not j or (i and best[i][j] == best[i - 1][j] + GAP):
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def step_likeness(one: Step, other: Step) -> float:
    """How alike two steps are, without their values: the same kind of action on the same kind of element."""
    if one.action.kind != other.action.kind:
        return -1.0
    first, second = target_of(one.action), target_of(other.action)
    if first is None or second is None:
        return 0.5 if first is second else -1.0
    if first.role != second.role:
        return -1.0
    points = 0.2
    named = normal(first.name) == normal(second.name)
    if first.id or second.id:  # of a list, an app may number the entries: the id of the first is not that of the same
        points += (0.5 if named else 0.2) if first.id == second.id else -0.2
    if first.name or second.name:
        points += 0.4 if named else -0.1
    if first.path == second.path:
        points += 0.2
    return max(-1.0, min(1.0, points))
