"""Going round in circles: the same on the same screen, two things by turns, much done and nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.sight import is_bare
from ostinato.judge.untrusted import harmless
from ostinato.trace.action import Action, Done, Wait, describe, target_of
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Point, Screen

# So often the same may be done on the same screen; who decides is told, and one more time ends its turn.
MOST_ALIKE = 3
MOST_ROUNDS = 3  # of two, three or four things by turns
MOST_IDLE = 6  # things that were done one after the other and left the screen as it was
LONGEST_ROUND = 4
_SOME_MORE = 2  # before the run is ended, whoever decides
_NEAR = 12.0  # pixels: touches as near as that are the same


@dataclass(frozen=True)
class Repetition:
    """Ends a run that goes round in circles although it was told so. Asked before a model and the words of a task; an
    agent of one's own may have a reason to do the same again, and has the bounds of the run."""

    name: str = "repetition"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        steps = [step for step in history if not step.decision.aside and step.decision.source != "human"]
        why = _round_in(steps, screen, MOST_ROUNDS + _SOME_MORE) or _idle_in(steps, screen, MOST_IDLE + _SOME_MORE)
        if why is None:
            repeated = circling(screen, steps, MOST_ALIKE + _SOME_MORE)
            why = f"{describe(repeated[0])} was done again and again on the same screen" if repeated else None
        if why is None:
            return None
        text = f"went round in circles: {why}"
        return Choice(Done(success=False, message=text), Decision(source="script", text=text))


def notes(screen: Screen, history: Sequence[Step]) -> list[str]:
    """What who decides is to be told, in words that a page cannot break out of; empty where all goes on."""
    steps = [step for step in history if not step.decision.aside]
    said = [
        f"You did this {MOST_ALIKE} times on this very screen, and it is as it was: {harmless(describe(action))}."
        for action in circling(screen, steps)
    ]
    if not said and (why := _round_in(steps, screen, MOST_ROUNDS) or _idle_in(steps, screen, MOST_IDLE)):
        said = [f"You go round in circles: {why}."]
    return [f"{text} Do something else." for text in said]


def circling(screen: Screen, history: Sequence[Step], most: int = MOST_ALIKE) -> list[Action]:
    """The actions that were done on this very screen so often."""
    here = [step.action for step in history if same_screen(step.before, screen)]
    return [a for n, a in enumerate(here) if sum(alike(a, b) for b in here[: n + 1]) == most]


def _round_in(steps: Sequence[Step], screen: Screen, most: int) -> str | None:
    """The round that the last steps went so often, in words: back on a screen where it began."""
    for length in range(2, LONGEST_ROUND + 1):
        last = steps[-length * most :]
        if len(last) < length * most or not same_screen(last[0].before, screen):
            continue
        first = last[:length]
        if all(alike(a.action, b.action) for a, b in pairwise(first)):
            continue  # one thing, many times: it may count something up
        if all(
            alike(step.action, first[n % length].action) and same_screen(step.before, first[n % length].before)
            for n, step in enumerate(last)
        ):
            return f"{most} times " + ", then ".join(harmless(describe(step.action)) for step in first)
    return None


def _idle_in(steps: Sequence[Step], screen: Screen, most: int) -> str | None:
    """That the last steps changed nothing that is to be seen, in words."""
    last = steps[-most:]
    acted = [step for step in last if not isinstance(step.action, Wait)]
    if len(last) < most or len(acted) < most:
        return None
    if all(same_screen(step.before, screen) for step in last):
        return f"the last {most} things that were done changed nothing on the screen"
    return None


def same_screen(one: Screen, other: Screen) -> bool:
    """Whether two screens show the same; where there are no elements that tell it the pictures do."""
    if (one.url, one.dialog, one.elements) != (other.url, other.dialog, other.elements):
        return False
    return one.screenshot == other.screenshot or (bool(one.elements) and not is_bare(one))


def alike(one: Action, other: Action) -> bool:
    """Whether two actions do the same: to the same element, or at nearly the same place. An element may have moved."""
    first, second = target_of(one), target_of(other)
    if (first and first.path) != (second and second.path) or not same_deed(one, other):
        return False
    return all(_near(a, b) for a, b in zip(_places(one), _places(other), strict=True))


def same_deed(one: Action, other: Action) -> bool:
    """Whether two actions are the same but for what they touch, and where."""
    return one.kind == other.kind and one.model_dump(exclude=_WHERE) == other.model_dump(exclude=_WHERE)


_WHERE = {"point", "start", "end", "element", "target"}


def _places(action: Action) -> list[Point]:
    """The places of an action, each as seen from the corner of what lies there, where that is known."""
    known = {"point": "element", "start": "element", "end": "target"}
    found = []
    for name, of in known.items():
        place, held = getattr(action, name, None), getattr(action, of, None)
        if place is not None:
            found.append(Point(x=place.x - held.box.left, y=place.y - held.box.top) if held is not None else place)
    return found


def _near(one: Point, other: Point) -> bool:
    return abs(one.x - other.x) <= _NEAR and abs(one.y - other.y) <= _NEAR
