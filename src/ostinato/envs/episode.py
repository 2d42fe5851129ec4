"""A run whose decisions come from outside, one at a time: what an environment needs.

The run loop asks its deciders; an environment is told what to do. So the loop works in a thread of its own, and its one
decider waits for what it is told. An episode is a run like any other: with its intents on disk, risks,
settling, a trace, and the app's data before and after.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from ostinato.agent.decider import Choice, Decider
from ostinato.errors import RunStopped, UsageError
from ostinato.house import Finished
from ostinato.trace.action import Action, Done, describe
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Screen

# How long a run that is told to stop may take to end its last action, in seconds.
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Turn:
    """What there is to see after an action: the screen, all steps so far, and the run once it ended."""

    screen: Screen | None
    steps: tuple[Step, ...] = ()
    finished: Finished | None = None

    @property
    def problem(self) -> str:
        """Why the last action did not work; empty when it did."""
        result = self.steps[-1].result if self.steps else None
        return (result.error or "it did not work") if result is not None and not result.ok else ""


@dataclass(frozen=True)
class _Told:
    action: Action
    words: str


class Episode:
    """One run, step by step. `work(decider)` is the whole run; `over()` says, after each step, that the task has ended
    by itself: then the run is done. The name is that of the agent in the trace.

    `last` is the last turn, `ended` says that nothing more can be told. Not to be used from two threads at once."""

    def __init__(
        self, work: Callable[[Decider], Finished], over: Callable[[], bool] = lambda: False, name: str = "environment"
    ) -> None:
        self._work = work
        self._decider = _Waiting(name, over)
        self._thread = threading.Thread(target=self._run, name="ostinato-episode", daemon=True)
        self.ended = False
        self.last = Turn(None)

    def begin(self) -> Turn:
        """Start the run; gives the first screen. Raises what the run raises."""
        self._thread.start()
        return self._next()

    def act(self, action: Action, words: str = "") -> Turn:
        """Do one action and give what follows. UsageError when the episode is over."""
        if self.ended:
            raise UsageError("this episode is over; reset the environment")
        self._decider.told.put(_Told(action, words or describe(action)))
        return self._next()

    def stop(self, why: str = "the environment was told to stop") -> None:
        """End the run, if it goes on: its trace says that it was stopped, and `last` is how it ended. May be called
        twice. A run that does not end in time is left to itself."""
        if self._thread.ident is None:  # not begun
            return
        if not self.ended:
            self.ended = True
            self._decider.told.put(RunStopped(why))
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        while not self._decider.seen.empty():
            found = self._decider.seen.get()
            if isinstance(found, Turn):
                self.last = found

    def _next(self) -> Turn:
        try:
            found = self._decider.seen.get()
        except BaseException:  # Ctrl-C: what comes of the action now is not to be taken for the next one's
            self.ended = True
            self._decider.told.put(RunStopped("interrupted while an action was under way"))
            raise
        if isinstance(found, BaseException):
            self.ended = True
            raise found
        self.ended = found.finished is not None
        self.last = found
        return found

    def _run(self) -> None:
        try:
            finished = self._work(self._decider)
        except BaseException as error:
            self._decider.seen.put(error)
        else:
            self._decider.seen.put(Turn(finished.trace.final, finished.trace.steps, finished))


class _Waiting:
    """The decider of an episode: shows what is there, then waits for what it is told."""

    def __init__(self, name: str, over: Callable[[], bool]) -> None:
        self.name = name
        self.seen: queue.SimpleQueue[Turn | BaseException] = queue.SimpleQueue()
        self.told: queue.SimpleQueue[_Told | RunStopped] = queue.SimpleQueue()
        self._over = over

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice:
        if history and self._over():
            return Choice(Done(), Decision(source="script", text="the page has ended its task"))
        self.seen.put(Turn(screen, history))
        told = self.told.get()
        if isinstance(told, RunStopped):
            raise told
        return Choice(told.action, Decision(source="model", text=told.words))
