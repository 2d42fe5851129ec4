"""An agent that was written for BrowserGym as a decider: it gets observations and answers in action strings."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from PIL import Image

from ostinato.agent.decider import Choice, Handover
from ostinato.envs.bids import Bids
from ostinato.envs.browsergym_actions import Finger
from ostinato.envs.browsergym_observation import observation
from ostinato.envs.calls import Call
from ostinato.envs.chat import message, spoken
from ostinato.errors import ModelError, OstinatoError, UsageError
from ostinato.session import open_store
from ostinato.trace.action import Action, Done
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Screen

# So many answers in a row that nothing can be done with end an agent's turn.
MOST_ANSWERS = 3


class Agent(Protocol):
    """What BrowserGym asks of an agent. `obs_preprocessor(obs)` is used where an agent has one."""

    def get_action(self, obs: Any, /) -> Any:
        """An action string, or None to give up; alone or as the first of a tuple whose second part is not used."""
        ...


class BrowserGymDecider:
    """Asks an agent on every screen: `ostinato.run(task, app=…, agent=BrowserGymDecider(agent))`. `picture` gives the
    screenshot of a sha256, as `Store.blobs.get` does; without it, that of the store of the settings.

    Several actions in one answer are done one after the other, without asking in between; when one does not work the
    rest is left. An answer that cannot be read goes back as `last_action_error`; after `MOST_ANSWERS` of these the
    decider hands over. An agent of BrowserGym has no word for “done”: with `ends_on_message` a message to the user ends
    the run as done, without it the run goes on until a bound is reached. One decider does one run at a time."""

    def __init__(
        self,
        agent: Agent,
        picture: Callable[[str], bytes] | None = None,
        *,
        ends_on_message: bool = True,
        name: str | None = None,
    ) -> None:
        if not callable(getattr(agent, "get_action", None)):
            raise UsageError(f"{type(agent).__name__} is no agent of BrowserGym: it has no get_action(obs)")
        self.name = name or f"{getattr(agent, 'name', None) or type(agent).__name__} (browsergym)"
        self._agent, self._picture, self._ends = agent, picture, ends_on_message
        self._begin("")

    def _begin(self, goal: str) -> None:
        self._bids = Bids()
        self._finger = Finger(self._bids, self._ends)
        self._goal, self._began = goal, time.time()
        self._messages = [message("user", goal)]
        self._calls: list[Call] = []
        self._actions: list[Action] = []
        self._last, self._error = "", ""
        self._decision = Decision(source="model")

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        """The agent's next action; a handover when it gives none that can be done. Raises ModelError when the agent
        itself fails."""
        if not history:
            self._begin(goal)
        self._goal = goal
        result = history[-1].result if history else None
        if result is not None and not result.ok:
            self._drop(result.error or "it did not work")
        for asked in range(MOST_ANSWERS + 1):
            action = self._next(screen)
            if action is not None:
                return Choice(action, self._decision)
            if asked < MOST_ANSWERS:
                self._ask(screen)
        return Handover("operation", goal, self._error or f"{self.name} says nothing that can be done")

    def _next(self, screen: Screen) -> Action | None:
        """The next action of the answer that is being done; None when nothing of it is left."""
        while not self._actions and self._calls:
            call = self._calls.pop(0)
            try:
                self._actions = list(self._finger.actions(call, screen))
            except UsageError as error:
                self._drop(str(error))
                return None
            self._messages += spoken(self._actions)
            self._decision = self._decision.model_copy(update={"text": " ".join(call.text.split())})
        return self._actions.pop(0) if self._actions else None

    def _drop(self, error: str) -> None:
        self._error = error
        self._calls.clear()
        self._actions.clear()

    def _ask(self, screen: Screen) -> None:
        started = time.monotonic()
        said = self._said(self._observed(screen))
        self._decision = Decision(source="model", raw=said, seconds=time.monotonic() - started)
        self._last, self._error = said or "", ""
        if said is None:
            self._actions = [Done(success=False, message=f"{self.name} gave up")]
            return
        try:
            self._calls = self._finger.read(said)
        except UsageError as error:
            self._drop(str(error))

    def _observed(self, screen: Screen) -> dict[str, Any]:
        return observation(
            screen,
            self._pixels(screen),
            self._bids,
            goal=self._goal,
            messages=self._messages,
            last_action=self._last,
            last_action_error=self._error,
            elapsed=time.time() - self._began,
        )

    def _pixels(self, screen: Screen) -> np.ndarray[Any, Any]:
        if screen.screenshot is None:
            return np.zeros((screen.height, screen.width, 3), np.uint8)
        if self._picture is None:
            self._picture = open_store().blobs.get
        with Image.open(io.BytesIO(self._picture(screen.screenshot))) as image:
            return np.asarray(image.convert("RGB"), dtype=np.uint8).copy()

    def _said(self, seen: dict[str, Any]) -> str | None:
        preprocess = getattr(self._agent, "obs_preprocessor", None)
        try:
            shown = preprocess(seen) if callable(preprocess) else seen
            said = self._agent.get_action(shown)
        except OstinatoError:
            raise
        except Exception as error:
            raise ModelError(f"the agent {self.name} failed: {type(error).__name__}: {error}") from error
        said = said[0] if isinstance(said, tuple) else said
        if said is not None and not isinstance(said, str):
            raise ModelError(f"the agent {self.name} answered {type(said).__name__}, where text or None was expected")
        return said
