"""What a format is: how a model is shown a screen and asked for the next action, and how its answer is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ostinato.agent.intention import Intention, intention_of
from ostinato.judge.untrusted import fenced, harmless
from ostinato.model.chat import Message
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen

MOST_HISTORY = 20
_MOST_SAID = 300


class Format(Protocol):
    """`needs_picture` says that a model must see to use it. What `written` makes of an intention, `parse` reads as
    the same."""

    @property
    def name(self) -> str: ...

    @property
    def needs_picture(self) -> bool: ...

    def messages(
        self, goal: str, screen: Screen, history: Sequence[Step], picture: bytes | None = None, scale: float = 1.0
    ) -> list[Message]:
        """What a model is asked. `picture` is the screenshot as it is shown, `scale` its size as a share of it."""
        ...

    def schema(self, screen: Screen) -> dict[str, Any] | None:
        """The JSON schema of an answer, for an engine that can hold to one; None for answers that are no JSON."""
        ...

    def parse(self, text: str, screen: Screen, scale: float = 1.0) -> Intention:
        """What the model means. Raises ModelAnswerError, and nothing else, saying what is wrong with the answer."""
        ...

    def written(self, intention: Intention, screen: Screen, scale: float = 1.0) -> str:
        """An intention in the format's own words, as it stands in a history."""
        ...


def remembered(format: Format, history: Sequence[Step], scale: float) -> list[str]:
    """What was done so far, in the format's own words, the last steps; a step that failed says so."""
    said = []
    for step in history[-MOST_HISTORY:]:
        reason = shortened(harmless(step.decision.text))
        if step.result is not None and not step.result.ok:
            reason = f"(this did not work) {reason}"
        said.append(format.written(intention_of(step.action, reason), step.before, scale))
    return said


def past(lines: Sequence[str]) -> str:
    """The lines of a history, fenced: names of a page stand in them."""
    return fenced("\n".join(f"{n}. {line}" for n, line in enumerate(lines, start=1)) or "(nothing yet)")


def shortened(text: str) -> str:
    return text if len(text) <= _MOST_SAID else text[: _MOST_SAID - 1] + "…"
