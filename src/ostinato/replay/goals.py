"""The plan of an experience: its steps in sub-goals, each in words that another decider can be given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ostinato.judge.check import Check, Exists, UrlLike
from ostinato.trace.screen import Record

if TYPE_CHECKING:
    from ostinato.replay.experience import Node

_MOST_STEPS = 8  # of one sub-goal: more are no single thing to ask for


class Goal(Record):
    """The steps `first` to `last`, and what they are for, in words that may hold `{slot}`."""

    first: int
    last: int
    words: str


def goals_of(nodes: Sequence[Node]) -> tuple[Goal, ...]:
    """A sub-goal ends where something is sent, and where another page is gone to; its words are those of its steps."""
    found: list[Goal] = []
    begun = 0
    for node in nodes:
        ends = node.risk == "commit" or _leads_on(node) or node.index + 1 == len(nodes)
        if ends or node.index + 1 - begun >= _MOST_STEPS:
            part = [one for one in nodes[begun : node.index + 1] if not one.optional]
            words = ", then ".join(one.primitive for one in part)
            if words:
                found.append(Goal(first=begun, last=node.index, words=words))
            begun = node.index + 1
    return tuple(found)


def _leads_on(node: Node) -> bool:
    """Whether a step only goes to another page: to another address, or to what has another heading."""
    return node.kind in ("open", "back", "home") or (node.risk == "read" and any(map(_tells_of_a_page, node.post)))


def _tells_of_a_page(check: Check) -> bool:
    return isinstance(check, UrlLike) or (isinstance(check, Exists) and check.target.role in ("heading", "dialog"))
