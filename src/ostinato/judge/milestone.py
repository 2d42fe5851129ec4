"""Where in a run each substate may have been reached.

MobiFlow keeps one frame per milestone, and a later hit of a parent destroys what came after it. Here every feasible
screen is kept; since what follows only asks for a screen that is not earlier (or one that is later), the earliest
feasible one of what goes before decides, and an order that exists is always found. It is done twice: with what is
certain, and with what is possible, where an unknown answer may be true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.judge.substate import Rules, Substate, in_order
from ostinato.trace.record import Answer, Truth


@dataclass(frozen=True)
class Reached:
    """The screens on which a substate holds in its order, for certain (`sure`) and at most (`possible`)."""

    sure: tuple[int, ...]
    possible: tuple[int, ...]

    @property
    def value(self) -> Answer:
        if self.sure:
            return "yes"
        return "uncertain" if self.possible else "no"


def follow(rules: Rules, truths: dict[str, Sequence[Truth]]) -> dict[str, Reached]:
    """Where each substate was reached, by its id. `truths` has for each one the answer on every screen, without the
    order; those that are never to be are not followed."""
    sure: dict[str, tuple[int, ...]] = {}
    possible: dict[str, tuple[int, ...]] = {}
    for substate in in_order(rules):
        if substate.when == "never":
            continue
        answers = truths[substate.id]
        holds = [t for t, truth in enumerate(answers) if truth == "true"]
        may = [t for t, truth in enumerate(answers) if truth != "false"]
        sure[substate.id] = _after(substate, holds, sure, len(answers))
        possible[substate.id] = _after(substate, may, possible, len(answers))
    return {name: Reached(sure[name], possible[name]) for name in sure}


def _after(substate: Substate, holds: list[int], reached: dict[str, tuple[int, ...]], screens: int) -> tuple[int, ...]:
    earliest = 0
    if substate.parent is not None:
        above = reached[substate.parent]
        if substate.kind == "unit":
            holds = [t for t in holds if t in above]
        earliest = above[0] if above else screens
    if substate.requires:
        groups = [[reached[name][0] if reached[name] else screens for name in group] for group in substate.requires]
        earliest = max(earliest, min(max(group) for group in groups) + (substate.later and bool(substate.checks)))
    return tuple(t for t in holds if t >= earliest)
