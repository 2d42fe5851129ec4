"""What only runs that failed have shown: an error, a warning, a page that one should not be on.

A replay that meets one of these signs does not go on: it hands over, and says which."""

from __future__ import annotations

from collections.abc import Sequence

from ostinato.judge.check import Absent, Check, TextLacks
from ostinato.judge.evidence import Evidence, evaluate
from ostinato.trace.locator import REPEATED, Locator, container_of
from ostinato.trace.record import Trace
from ostinato.trace.screen import Element, Screen

# The roles that tell that something went wrong, the clearest first.
_TELLING = ("alert", "alertdialog", "dialog", "status", "heading", "text")
_MOST_SIGNS = 5
_MOST_SCREENS = 3  # of the end of a run that failed
_LONGEST = 120


def forbidden_signs(good: Sequence[Trace], failed: Sequence[Trace]) -> tuple[Check, ...]:
    """Signs that stand on the last screens of failed runs and on no screen of a good one; the clearest of each run
    first, five at most. What shows figures, or is one of many rows, is no sign; nor is what the tasks say."""
    seen = [screen for trace in good for screen in _screens(trace)]
    said = [trace.task for trace in (*good, *failed)]
    found: list[Check] = []
    for trace in failed:
        signs = [e for screen in _screens(trace)[-_MOST_SCREENS:] for e in screen.elements if _tells(e, screen, said)]
        for element in sorted(signs, key=lambda e: _TELLING.index(e.role)):
            check = _lacks(element)
            if check not in found and all(evaluate(check, Evidence(after=s)).value == "true" for s in seen):
                found.append(check)
    return tuple(found[:_MOST_SIGNS])


def _screens(trace: Trace) -> list[Screen]:
    return [*(step.before for step in trace.steps), *([trace.final] if trace.final is not None else [])]


def _tells(element: Element, screen: Screen, said: Sequence[str]) -> bool:
    name = element.name.strip()
    if element.role not in _TELLING or not name or len(name) > _LONGEST or any(c.isdigit() for c in name):
        return False
    if any(name.casefold() in task.casefold() for task in said) or "{" in name:
        return False
    return container_of(element, screen, REPEATED) is None


def _lacks(element: Element) -> Check:
    if element.role in ("alert", "status", "text"):
        return TextLacks(text=element.name)
    return Absent(target=Locator(role=element.role, name=element.name))
