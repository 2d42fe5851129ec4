"""The language of BrowserGym for an environment: its observations, its action strings."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces

from ostinato.envs.bids import Bids
from ostinato.envs.browsergym_actions import Finger
from ostinato.envs.browsergym_observation import observation
from ostinato.envs.calls import MOST_CHARACTERS, Call
from ostinato.envs.chat import message, spoken
from ostinato.envs.loose import Anything, Unicode
from ostinato.trace.action import Action
from ostinato.trace.screen import Screen


class BrowserGym:
    """What is shown and understood in one environment. `ends_on_message` as of `Finger`."""

    def __init__(self, width: int, height: int, ends_on_message: bool = False) -> None:
        self._ends = ends_on_message
        words = Unicode(MOST_CHARACTERS)
        self.action_space: spaces.Space[Any] = words
        self.observation_space: spaces.Space[Any] = spaces.Dict(
            {
                "chat_messages": Anything(tuple),
                "goal": words,
                "goal_object": Anything(tuple),
                "open_pages_urls": Anything(tuple),
                "open_pages_titles": Anything(tuple),
                "active_page_index": spaces.Box(0, 255, (1,), np.int64),
                "url": words,
                "screenshot": spaces.Box(0, 255, (height, width, 3), np.uint8),
                "dom_object": Anything(dict),
                "axtree_object": Anything(dict),
                "extra_element_properties": Anything(dict),
                "focused_element_bid": words,
                "last_action": words,
                "last_action_error": words,
                "elapsed_time": spaces.Box(0, np.inf, (1,), np.float64),
            }
        )

    def begin(self, goal: str) -> None:
        self._goal = goal
        self._bids = Bids()
        self._finger = Finger(self._bids, self._ends)
        self._began = time.time()
        self._messages = [message("user", goal)]

    def observation(
        self, screen: Screen, picture: np.ndarray[Any, Any], action: object, problem: str
    ) -> dict[str, Any]:
        return observation(
            screen,
            picture,
            self._bids,
            goal=self._goal,
            messages=self._messages,
            last_action="" if action is None else str(action)[:MOST_CHARACTERS],
            last_action_error=problem,
            elapsed=time.time() - self._began,
        )

    def read(self, action: Any) -> list[Callable[[Screen], Sequence[Action]]]:
        return [partial(self._do, call) for call in self._finger.read(action)]

    def _do(self, call: Call, screen: Screen) -> Sequence[Action]:
        actions = self._finger.actions(call, screen)
        self._messages += spoken(actions)
        return actions
