"""The chat between an agent and its user, as BrowserGym keeps it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from ostinato.trace.action import Action


def message(role: str, text: str) -> dict[str, Any]:
    """A message of the chat. The roles are `user`, `assistant` and `infeasible`."""
    return {"role": role, "timestamp": time.time(), "message": text}


def spoken(actions: Sequence[Action]) -> list[dict[str, Any]]:
    """The messages that actions are to the user."""
    said = [message("assistant", action.text) for action in actions if action.kind == "answer"]
    return said + [message("infeasible", a.message) for a in actions if a.kind == "done" and not a.success]
