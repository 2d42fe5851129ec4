"""Deciders for pages on which one has to look: what is done next depends on what the screen shows.

A solver is a generator. It gets the first screen and the values, yields what to do, and gets the screen after it:

    def greatest(screen: Screen, values: Values) -> Steps:
        cards = named(screen, "generic")
        screen = yield tap(max(cards, key=lambda card: int(card.name)), among=cards)
        yield press(screen, "Submit")

It knows nothing but screens, so it is run anew from the first screen at every step: nothing is kept between two
decisions, and a decider stays a value. A LookupError in it means that what it looks for is not shown (yet); the loop
waits for it as it waits for the next target of a script.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

from ostinato.agent.decider import Choice, Decider, Handover
from ostinato.agent.script import Do
from ostinato.errors import UsageError
from ostinato.suites.miniwob import PageTask, solved
from ostinato.suites.mutant import Kind
from ostinato.suites.task import Values
from ostinato.trace.action import Action, Done, describe
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Element, Screen


@dataclass(frozen=True)
class Move:
    """What to do, and what one could do in its place by mistake (for mutants)."""

    action: Action
    others: tuple[Action, ...] = ()


_STILL = 4  # equal looks in a row; an animation on a busy machine shows two that are equal while it runs
Steps = Generator[Move, Screen, None]
Solve = Callable[[Screen, Values], Steps]


@dataclass(frozen=True)
class Solver:
    """Does what a generator yields, then says Done."""

    solve: Solve
    values: Values
    name: str = "script"

    def moves(self, screens: Sequence[Screen]) -> list[Move | None]:
        """What is done on each of these screens; None where all is done. LookupError when the last screen does not
        show what is needed, or shows it in another form."""
        steps = self.solve(screens[0], self.values)
        found: list[Move | None] = []
        for number, screen in enumerate(screens):
            try:
                found.append(next(steps) if number == 0 else steps.send(screen))
            except StopIteration:
                return found + [None] * (len(screens) - number)
            except ValueError as unread:  # half a table, a number that is none: the page is on its way
                raise LookupError(f"the screen cannot be read: {unread}") from unread
        return found

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        screens = seen(screen, history)
        try:
            move = self.moves(screens)[-1]
        except LookupError as missing:
            return Handover("operation", goal, str(missing))
        return DONE if move is None else self.choice(move.action, screens)

    def choice(self, action: Action, screens: Sequence[Screen]) -> Choice:
        return Choice(action, Decision(source="script", text=describe(action)), ready=self._ready(screens))

    def _ready(self, screens: Sequence[Screen]) -> Callable[[Screen], bool]:
        """Whether the page holds still and shows what the next step needs."""
        looks: list[tuple[Element, ...]] = []

        def ready(later: Screen) -> bool:
            if looks and looks[-1] != later.elements:
                looks.clear()
            looks.append(later.elements)
            return len(looks) >= _STILL and self.can_go_on(screens, later)

        return ready

    def can_go_on(self, screens: Sequence[Screen], later: Screen) -> bool:
        """Whether there is something to do, or all is done, when this screen follows those."""
        try:
            self.moves([*screens, later])
        except LookupError:
            return False
        return True

    def ends_with(self, screens: Sequence[Screen]) -> bool:
        """Whether nothing is left to do after the step on the last of these screens, whatever follows it."""
        try:
            return self.moves([*screens, screens[-1]])[-1] is None
        except LookupError:
            return False


DONE = Choice(Done(), Decision(source="script", text="done"))


def seen(screen: Screen, history: tuple[Step, ...]) -> list[Screen]:
    """All screens of a run until now."""
    return [*(step.before for step in history), screen]


@dataclass(frozen=True)
class SolvedTask(PageTask):
    """A task that no fixed script does. `kinds` are the mutants that make sense beside one that says nothing at the
    end; `cut` is the step before which an unfinished one ends, where the last step is not known beforehand."""

    solve: Solve = field(kw_only=True)
    kinds: tuple[Kind, ...] = ()
    cut: int | None = None

    def decider(self, values: Values) -> Decider:
        return Solver(self.solve, values)


def solved_task(
    page: str, pattern: str, solve: Solve, kinds: tuple[Kind, ...] = ("unfinished",), cut: int | None = None
) -> SolvedTask:
    """A task of a page on which one has to look."""
    return SolvedTask(
        name=page,
        app=f"miniwob/{page}",
        template="{words}",
        generate=lambda rng: {"seed": str(rng.randrange(1_000_000))},
        script=_no_script,
        oracle=solved,
        pattern=pattern,
        solve=solve,
        kinds=kinds,
        cut=cut,
    )


def _no_script(values: Values) -> Sequence[Do]:
    raise UsageError("this task has no fixed script: what is done depends on the screen; take its decider")
