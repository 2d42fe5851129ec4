"""Mutants of tasks that are done by looking: one that takes the wrong thing, one that ends too early.

Whether the task is done after it is not taken from its kind: the page's reward says so.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.agent.decider import Choice, Handover
from ostinato.suites.miniwob_solver import DONE, Move, Solver, seen
from ostinato.suites.mutant import Kind, misspelt
from ostinato.trace.action import Action, Type, describe
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen

_AGAIN = 1 / 3


@dataclass(frozen=True)
class Mistaken:
    """Takes something else the first time there is a choice, and now and then later; `kind` says whether it taps (or
    drags) or types the wrong thing. Lost after that, it says done."""

    solver: Solver
    kind: Kind
    seed: int
    name: str = "script"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        screens = seen(screen, history)
        try:
            moves = self.solver.moves(screens)
        except LookupError as missing:
            earlier = self.solver.moves(screens[:-1]) if history else []
            went_astray = any(self._others(move) for move in earlier)
            return DONE if went_astray else Handover("operation", goal, str(missing))
        move = moves[-1]
        return DONE if move is None else self.solver.choice(self._action(move, moves[:-1]), screens)

    def _action(self, move: Move, earlier: Sequence[Move | None]) -> Action:
        what = describe(move.action)
        rng = random.Random(f"{self.seed}-{what}")  # what has to be done twice is mistaken twice in the same way
        others = self._others(move)
        first = not any(one and self._others(one) and describe(one.action) != what for one in earlier)
        return rng.choice(others) if others and (first or rng.random() < _AGAIN) else move.action

    def _others(self, move: Move | None) -> Sequence[Action]:
        """What can be done by this kind of mistake in place of a move."""
        if move is None or isinstance(move.action, Type) != (self.kind == "wrong_value"):
            return ()
        if move.others or not isinstance(move.action, Type):
            return move.others
        text = misspelt(move.action.text, random.Random(f"{self.seed}-{move.action.text}"))
        return (move.action.model_copy(update={"text": text}),)


@dataclass(frozen=True)
class Unfinished:
    """Ends before the last step, or before step number `cut` when that comes first."""

    solver: Solver
    cut: int | None = None
    name: str = "script"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        choice = self.solver.decide(screen, goal, history)
        if not isinstance(choice, Choice):
            return choice
        return DONE if len(history) == self.cut or self.solver.ends_with(seen(screen, history)) else choice
