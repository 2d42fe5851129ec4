"""A phone as a Gymnasium environment: an assignment on it, in one language of observations and actions."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import gymnasium
import numpy as np
from PIL import Image

from ostinato.agent.decider import Decider
from ostinato.agent.loop import Limits
from ostinato.envs.assignment import Assignment, Desk
from ostinato.envs.episode import Episode, Turn
from ostinato.errors import OstinatoError, UsageError
from ostinato.house import Finished, House
from ostinato.phone.apps.app import InPage
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.session import changed
from ostinato.settings import Settings, load_settings
from ostinato.trace.action import Action
from ostinato.trace.screen import Screen

_NO_LIMIT = float("inf")


class Language(Protocol):
    """How an environment shows screens, and how it is told actions."""

    observation_space: gymnasium.Space[Any]
    action_space: gymnasium.Space[Any]

    def begin(self, goal: str) -> None:
        """A new task with these words."""
        ...

    def observation(self, screen: Screen, picture: np.ndarray[Any, Any], action: object, problem: str) -> Any:
        """What is seen after `action` (None at first), which had this `problem`."""
        ...

    def read(self, action: Any) -> list[Callable[[Screen], Sequence[Action]]]:
        """What to do, one after the other, each on the screen of its time. Raises UsageError, as the parts may."""
        ...


class PhoneEnv(gymnasium.Env[Any, Any]):
    """One phone (Chromium) with one app. The first `reset` starts both, `close` ends them.

    An episode is a run of Ostinato: it is terminated when the task has ended by itself or the agent said that it is
    done, truncated after `max_steps` actions, or when it could not go on (`info["stopped"]` says why: the page died, a
    commit was refused because it was done before). The reward comes with the end; it is 0 until then.

    An action that cannot be done (no such element, text for what is no field) changes nothing and counts as a step;
    `info["problem"]` says what is wrong. `keep` keeps traces and screenshots in the store of the settings instead of a
    temporary one; `finished` is the last run that ended, `desk` the app and the phone once they are open.
    `step_timeout` is how long the effect of an action may take, in seconds.

    Raises SetupError where the app or Chromium is not installed, UsageError for wrong use."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 2}

    def __init__(
        self,
        assignment: Assignment,
        language: Callable[[int, int], Language],
        *,
        render_mode: str | None = None,
        max_steps: int = 30,
        keep: bool = False,
        settings: Settings | None = None,
        width: int | None = None,
        height: int | None = None,
        scale: float | None = None,
        step_timeout: float | None = None,
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise UsageError(f"render_mode {render_mode!r} is not known; it is 'rgb_array' or None")
        if max_steps < 1:
            raise UsageError(f"max_steps must be at least 1, not {max_steps}")
        # what an agent sends is not measured against the task: the app goes with the environment, the reward tells
        given = {"width": width, "height": height, "scale": scale, "step_timeout": step_timeout}
        self._settings = changed(settings or load_settings(), {**given, "beyond_task": True})
        self.assignment = assignment
        self.language = language(
            round(self._settings.width * self._settings.scale), round(self._settings.height * self._settings.scale)
        )
        self.observation_space = self.language.observation_space
        self.action_space = self.language.action_space
        self.render_mode = render_mode
        self.finished: Finished | None = None
        self._max_steps, self._keep = max_steps, keep
        self._stack = contextlib.ExitStack()
        self.desk: Desk | None = None
        self._episode: Episode | None = None
        self._turn = Turn(None)
        self._steps = 0
        self._picture: np.ndarray[Any, Any] | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin the next task. The same seed makes the same task."""
        super().reset(seed=seed)
        self._leave("the environment was reset")
        desk = self._open()
        words = self.assignment.begin(desk, self.np_random)
        self.language.begin(words)
        self._steps = 0
        self._episode = Episode(lambda decider: self._work(desk, words, decider), lambda: self.assignment.over(desk))
        self._turn = self._episode.begin()
        if self._turn.finished is not None:
            outcome = self._turn.finished.trace.outcome
            raise UsageError(f"the task ended before it began: {outcome.reason if outcome else 'no outcome'}")
        return self._seen(None, ""), {"goal": words}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Do one action. Raises UsageError when no episode has begun, or this one is over."""
        episode, desk = self._episode, self.desk
        if episode is None or desk is None or episode.ended:
            raise UsageError("no episode has begun; call reset first")
        self._steps += 1
        problem = ""
        try:
            problem = self._do(episode, action)
        except UsageError as error:
            problem = str(error)
        if self._turn.finished is None and self._steps >= self._max_steps:
            episode.stop(f"stopped after {self._steps} steps, the bound of this environment")
            self._turn = episode.last
        return self._result(desk, action, problem)

    def _do(self, episode: Episode, action: Any) -> str:
        """Do all parts of an action until one does not work; gives why."""
        for part in self.language.read(action):
            assert self._turn.screen is not None
            for one in part(self._turn.screen):
                self._turn = episode.act(one)
                if self._turn.finished is not None or self._turn.problem:
                    return self._turn.problem
        return ""

    def _result(self, desk: Desk, action: Any, problem: str) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        info: dict[str, Any] = {"problem": problem} if problem else {}
        finished = self._turn.finished
        if finished is None:
            return self._seen(action, problem), 0.0, False, False, info
        self.finished = finished
        worth = self.assignment.worth(desk, finished)
        outcome = finished.trace.outcome
        ended = outcome is not None and outcome.claimed in ("done", "failed") and _said(finished)
        info |= worth.told()
        if not ended and outcome is not None:
            info["stopped"] = outcome.reason
        return self._seen(action, problem), worth.reward, ended, not ended, info

    def render(self) -> Any:
        """The screen as it was last seen, uint8, height x width x 3; None without render_mode or before a reset."""
        return self._picture.copy() if self.render_mode == "rgb_array" and self._picture is not None else None

    def close(self) -> None:
        """End the phone, its browser and the app. May be called twice."""
        self._leave("the environment was closed")
        self.desk = None
        self._stack.close()

    def _open(self) -> Desk:
        """The app on its phone, started when they are first needed."""
        if self.desk is not None:
            return self.desk
        with contextlib.ExitStack() as stack:
            home = self._settings
            if not self._keep:
                home = home.in_folder(Path(stack.enter_context(tempfile.TemporaryDirectory())))
            house = House(home)
            stack.callback(house.store.close)
            app = stack.enter_context(house.app(self.assignment.app))
            settings = self._settings
            phone = ChromiumPhone(
                house.blobs,
                width=settings.width,
                height=settings.height,
                scale=settings.scale,
                executable=settings.chromium,
            )
            stack.callback(phone.close)
            if isinstance(app, InPage):
                app.shown_on(phone)
            self.desk = Desk(house, app, phone)
            self._stack = stack.pop_all()
        return self.desk

    def _work(self, desk: Desk, words: str, decider: Decider) -> Finished:
        return desk.house.perform(
            words,
            phone=desk.phone,
            deciders=[decider],
            app=desk.app,
            app_name=self.assignment.app,
            approve=lambda action, screen: True,
            limits=Limits(10**9, _NO_LIMIT, self._settings.step_timeout),
            meta={"environment": type(self.assignment).__name__},
        )

    def _seen(self, action: object, problem: str) -> Any:
        screen = self._turn.screen
        if screen is None:
            raise OstinatoError("the phone shows nothing: it ended before its first screen was seen")
        if screen.screenshot is not None and self.desk is not None:
            self._picture = _pixels(self.desk.house.blobs.get(screen.screenshot))
        assert self._picture is not None
        return self.language.observation(screen, self._picture.copy(), action, problem)

    def _leave(self, why: str) -> None:
        """End the episode, if there is one."""
        episode, self._episode = self._episode, None
        if episode is not None:
            episode.stop(why)


def _said(finished: Finished) -> bool:
    """Whether it ended with a word that it is over, and not because something failed."""
    steps = finished.trace.steps
    return bool(steps) and steps[-1].action.kind == "done"


def _pixels(picture: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(picture)) as image:
        return np.asarray(image.convert("RGB"), dtype=np.uint8)
