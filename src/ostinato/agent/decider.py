"""Deciders: whoever says what to do next. A replayer, a model, a person at the recording page, a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ostinato.judge.check import Check
from ostinato.trace.action import Action
from ostinato.trace.record import CheckResult, Decision, ExperienceRef, Level, Risk, Step
from ostinato.trace.screen import Screen


@dataclass(frozen=True)
class Choice:
    """The next action, why, and what must be true after it.

    `checked` are checks answered before the action (they go into the step's record). `post` are asked after it: the
    loop waits for all of them, and for `ready`, before it observes again. `risk` overrides
    the loop's own reading when it is higher. `allowed` says that a standing order of the user allows it: nobody is
    asked again."""

    action: Action
    decision: Decision
    post: tuple[Check, ...] = ()
    checked: tuple[CheckResult, ...] = ()
    ready: Callable[[Screen], bool] | None = None
    risk: Risk | None = None
    experience: ExperienceRef | None = None
    values: dict[str, str] = field(default_factory=dict)
    allowed: bool = False


def beside(action: Action, text: str, *, allowed: bool = False) -> Choice:
    """Something that is done beside the task, so that it can go on: a pop-up is closed, a page is waited for."""
    return Choice(action, Decision(source="script", text=text, aside=True), allowed=allowed)


@dataclass(frozen=True)
class Handover:
    """A decider cannot go on: at which level it stopped, the narrower goal for the next decider, and why."""

    level: Level
    goal: str
    reason: str
    checked: tuple[CheckResult, ...] = ()


class Decider(Protocol):
    @property
    def name(self) -> str: ...

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        """The next action, a handover, or None when this decider has nothing to say here."""
        ...
