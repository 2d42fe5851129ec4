"""A script as a decider: an oracle for a suite, or a stand-in for a person who records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.agent.decider import Choice, Handover
from ostinato.errors import UsageError
from ostinato.trace import locator as locating
from ostinato.trace.action import (
    Action,
    Back,
    Done,
    DoubleTap,
    Drag,
    Home,
    Key,
    LongPress,
    Open,
    Select,
    Tap,
    Type,
    Wait,
    describe,
)
from ostinato.trace.locator import Container, Locator
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Element, Screen


@dataclass(frozen=True)
class Do:
    """One step of a script: what to do to which element, with which text."""

    kind: str
    target: Locator | None = None
    text: str = ""
    destination: Locator | None = None


def on(
    kind: str,
    role: str,
    name: str | None = None,
    *,
    id: str | None = None,
    text: str = "",
    row: str | None = None,
    row_role: str = "row",
) -> Do:
    """A step on an element known by role and name or id, or by the row that shows some words."""
    container = Container(role=row_role, texts=(row,)) if row is not None else None
    return Do(kind, Locator(role=role, name=name, id=id, container=container), text)


@dataclass(frozen=True)
class ScriptDecider:
    """Plays its steps in order, each as soon as its target is there, then says Done."""

    steps: Sequence[Do]
    name: str = "script"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        taken = sum(not step.decision.aside for step in history)
        if taken >= len(self.steps):
            return Choice(action=Done(), decision=Decision(source="script", text="done"))
        step = self.steps[taken]
        element = locating.find(step.target, screen, {}) if step.target else None
        if step.target is not None and element is None:
            return Handover("operation", goal, locating.why_not(step.target, screen, {}))
        end = locating.find(step.destination, screen, {}) if step.destination else None
        if step.destination is not None and end is None:
            return Handover("operation", goal, locating.why_not(step.destination, screen, {}))
        action = action_of(step, element, end)
        following = self.steps[taken + 1] if taken + 1 < len(self.steps) else None
        ready = None
        if following is not None and following.target is not None:
            target = following.target
            ready = lambda later: locating.find(target, later, {}) is not None  # noqa: E731
        return Choice(action=action, decision=Decision(source="script", text=describe(action)), ready=ready)


def action_of(step: Do, element: Element | None, end: Element | None) -> Action:
    """The action of a step on its element. Raises UsageError when a script cannot do such a thing."""
    match step.kind:
        case "key":
            return Key(key=step.text)
        case "open":
            return Open(url=step.text)
        case "back":
            return Back()
        case "home":
            return Home()
        case "wait":
            return Wait(seconds=float(step.text))
    if element is None:
        raise UsageError(f"a script's {step.kind} needs a target")
    match step.kind:
        case "tap":
            return Tap(point=element.box.center, element=element)
        case "double_tap":
            return DoubleTap(point=element.box.center, element=element)
        case "long_press":
            return LongPress(point=element.box.center, element=element)
        case "type":
            return Type(text=step.text, element=element)
        case "enter":
            return Type(text=step.text, element=element, enter=True)
        case "select":
            return Select(element=element, option=step.text)
        case "drag" if end is not None:
            return Drag(start=element.box.center, end=end.box.center, element=element, target=end)
    raise UsageError(f"a script cannot do {step.kind!r}")
