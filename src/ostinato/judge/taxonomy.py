"""How runs fail: one kind for each verdict, so that agents can be compared by more than a rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from ostinato.trace.record import Verdict

Failure = Literal[
    "done",
    "not begun",
    "stopped on the way",
    "something else as well",
    "wrong result",
    "not saved",
    "cannot be told",
]
MEANING: dict[Failure, str] = {
    "done": "everything that is required was reached, and nothing else happened",
    "not begun": "nothing that is required was reached",
    "stopped on the way": "the run ended before it said that it was done, and it was not",
    "something else as well": "what was asked for is there, and something that nobody asked for",
    "wrong result": "it said that it was done, and the result is another one",
    "not saved": "it said that it was done, and nothing in the data changed",
    "cannot be told": "the evidence does not decide",
}


def failure(verdict: Verdict) -> Failure:
    """The kind of a verdict, the first that fits."""
    if verdict.value == "yes":
        return "done"
    if verdict.value == "uncertain":
        return "cannot be told"
    broken = [s for s in verdict.substates if s.required and s.value == "no"]
    never = [s for s in broken if s.checks and all(check.label.startswith("never: ") for check in s.checks)]
    if (verdict.side_effects and verdict.progress == 1.0) or (broken and broken == never):
        return "something else as well"
    if not verdict.progress and not verdict.said_done:
        return "not begun"
    if not verdict.said_done:
        return "stopped on the way"
    known = verdict.side_effects is not None
    return "not saved" if known and not verdict.changes else "wrong result"


def counts(verdicts: Iterable[Verdict]) -> dict[Failure, int]:
    """How often each kind occurs, all kinds named."""
    found = Counter(failure(verdict) for verdict in verdicts)
    return {kind: found[kind] for kind in MEANING}
