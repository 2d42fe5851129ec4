"""What a page shows of the task itself: its words name everything, and are nothing that is meant by them."""

from __future__ import annotations

import re

from ostinato.agent.sight import was_read
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import normal

_SAYING = {"text", "generic", "heading", "strong", "emphasis"}
_PART = 0.5  # of the goal's letters that must stand in one place


def without_echo(screen: Screen, goal: str) -> tuple[Element, ...]:
    """The elements but for those that together spell the goal, or most of it."""
    wanted = _letters(goal)
    said: set[str] = set()
    saying = [e for e in screen.elements if e.role in _SAYING and _letters(e.name) and not was_read(e)]
    start = 0
    while start < len(saying):
        end, run = start, ""
        while end < len(saying) and run + _letters(saying[end].name) in wanted:
            run += _letters(saying[end].name)
            end += 1
        if run and len(run) >= max(8, _PART * len(wanted)):
            said |= {e.path for e in saying[start:end]}
            start = end
        else:
            start += 1
    return tuple(e for e in screen.elements if e.path not in said)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", normal(text))
