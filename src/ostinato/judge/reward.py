"""A reward for training, from a verdict: the same code path, in numbers, each component apart."""

from __future__ import annotations

from collections.abc import Callable

from ostinato.judge.judge import judge
from ostinato.judge.substate import Rules
from ostinato.trace.data import AppData
from ostinato.trace.record import Trace, Verdict
from ostinato.trace.screen import Record


class Weights(Record):
    """How much each component counts. `success` and `progress` add up to the most that can be had; the others are
    taken off it."""

    success: float = 0.7
    progress: float = 0.3
    side_effects: float = 0.5
    false_done: float = 0.2
    detour: float = 0.1


class Reward(Record):
    """`value` in [-1, 1] is the weighted sum of the components, each in 0..1: `success`; `progress`, the share of the
    required substates; `side_effects`, 1 when the data hold what nobody asked for; `false_done`, 1 when the run
    claimed what is not; `detour`, the share of its steps that were not needed, of a run that succeeded.

    `known` is False where the verdict is uncertain: such a run should not train anything."""

    value: float
    known: bool
    success: float
    progress: float
    side_effects: float
    false_done: float
    detour: float


def reward(trace: Trace, rules: Rules, data: Callable[[str], AppData], weights: Weights | None = None) -> Reward:
    """The reward of a stored trace under some rules. `data` reads a data blob by its hash; no model is asked."""
    return reward_of(judge(trace, rules, data), weights)


def reward_of(verdict: Verdict, weights: Weights | None = None) -> Reward:
    """The reward that a verdict stands for."""
    weights = weights or Weights()
    success = float(verdict.value == "yes")
    progress = 1.0 if success else min(verdict.progress or 0.0, 1.0)
    side_effects = float(bool(verdict.side_effects))
    false_done = float(verdict.false_done)
    detour = 0.0
    if success and verdict.oracle_steps is not None and verdict.steps:
        detour = max(0.0, 1.0 - verdict.oracle_steps / verdict.steps)
    value = weights.success * success + weights.progress * progress
    value -= weights.side_effects * side_effects + weights.false_done * false_done + weights.detour * detour
    return Reward(
        value=max(-1.0, min(1.0, value)),
        known=verdict.value != "uncertain",
        success=success,
        progress=progress,
        side_effects=side_effects,
        false_done=false_done,
        detour=detour,
    )
