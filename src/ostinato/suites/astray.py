"""Deciders that do a task's script in another way: for tasks whose page makes up what may be chosen."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from ostinato.agent.decider import Choice, Decider, Handover
from ostinato.suites.mutant import Values, misspelt
from ostinato.trace.action import Action, Select, Tap, Type
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen
from ostinato.trace.values import normal


@dataclass(frozen=True)
class Silent:
    """Never says that it is done."""

    decider: Decider
    name: str = "script"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        choice = self.decider.decide(screen, goal, history)
        return None if isinstance(choice, Choice) and choice.action.kind == "done" else choice


@dataclass(frozen=True)
class Insisting:
    """Does as a person would: the loop lets nobody else send the same twice."""

    decider: Decider
    name: str = "script"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        choice = self.decider.decide(screen, goal, history)
        if isinstance(choice, Choice):
            return replace(choice, decision=choice.decision.model_copy(update={"source": "human"}))
        return choice


@dataclass(frozen=True)
class Astray:
    """Takes another of the things that can be chosen, or types something else, wherever the script uses a value of the
    task. `changes` says which of the two."""

    decider: Decider
    values: Values
    changes: str
    seed: int
    name: str = "script"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        choice = self.decider.decide(screen, goal, history)
        if not isinstance(choice, Choice):
            return choice
        rng = random.Random(f"{self.seed}-{len(history)}")
        return replace(choice, action=self._other(choice.action, screen, rng))

    def _other(self, action: Action, screen: Screen, rng: random.Random) -> Action:
        said = {normal(value) for value in self.values.values()}
        match action:
            case Type(secret=None) if self.changes == "wrong_value" and normal(action.text) in said:
                return action.model_copy(update={"text": misspelt(action.text, rng)})
            case Select() if self.changes == "wrong_choice" and normal(action.option) in said:
                options = action.element.options if action.element is not None else ()
                others = [option for option in options if normal(option) not in said]
                return action.model_copy(update={"option": rng.choice(others)}) if others else action
            case Tap() if self.changes == "wrong_choice" and action.element is not None:
                touched = action.element
                others_there = [
                    e
                    for e in screen.elements
                    if e.role == touched.role and e.reachable and e.name and normal(e.name) not in said
                ]
                if normal(touched.name) in said and others_there:
                    other = rng.choice(others_there)
                    return Tap(point=other.box.center, element=other)
        return action
