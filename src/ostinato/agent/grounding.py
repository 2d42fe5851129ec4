"""Where on a screen something is that is known in words: what whoever looks for it says, and the protocol to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ostinato.trace.screen import Box, Element, Point, Screen


@dataclass(frozen=True)
class Grounding:
    """What was meant by some words: an element, or a box in pixels of the screenshot where there is none.

    `score` is how well it fits, 0..1, `margin` how much better than the next best (as much as the score when there is
    no other), `how` in which way it was found, for records: `words`, `model`."""

    element: Element | None = None
    box: Box | None = None
    score: float = 1.0
    margin: float = 1.0
    how: str = ""

    def __post_init__(self) -> None:
        if self.element is None and self.box is None:
            raise ValueError("a grounding is an element or a box")

    @property
    def point(self) -> Point:
        """Where to touch: the middle."""
        box = self.element.box if self.element is not None else self.box
        assert box is not None
        return box.center


class Grounder(Protocol):
    """Finds on a screen what words name."""

    def ground(self, words: str, screen: Screen) -> Grounding | None:
        """The place that fits best, with how sure that is; None when nothing fits at all."""
        ...
