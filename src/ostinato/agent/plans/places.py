"""Which app words are about: the one that they name, or the one whose description has their words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostinato.agent.formats.planner import Place
from ostinato.agent.likeness import SMALL, same_word, tokens
from ostinato.agent.memory import Memory
from ostinato.model.embed import Embedder

_LEAST = 0.75  # one word of the description, or nearly
_MARGIN = 0.4
_LEAST_MEANT = 0.35
_MARGIN_MEANT = 0.08
# Words of tasks that say nothing of an app.
_SMALL = SMALL | {
    "was", "were", "be", "it", "i", "me", "we", "he", "she", "they", "them", "what", "who", "when", "where", "how",
    "much", "many", "which", "new", "one", "all", "up", "out", "look", "find", "tell", "see", "get", "set", "make",
    "do", "did", "has", "have",
}  # fmt: skip


def named_place(words: str, places: Sequence[Place]) -> tuple[Place | None, str]:
    """The app that words name (`in TiddlyWiki`, `with ihatemoney:`), and the words without that."""
    for place in sorted(places, key=lambda one: -len(one.name)):
        name = re.escape(place.name)
        pattern = rf"(?:^(?:in|on|with|using)\s+(?:the\s+)?{name}(?:\s+app)?\s*[,:]\s*)|"
        pattern += rf"(?:\s*,?\s+(?:in|on|with|using)\s+(?:the\s+)?{name}(?:\s+app)?\s*(?=[.!?]?$))"
        found = re.search(pattern, words, re.IGNORECASE)
        if found is not None:
            return place, (words[: found.start()] + words[found.end() :]).strip()
    return None, words


def place_for(words: str, places: Sequence[Place], memory: Memory, embedder: Embedder | None = None) -> Place | None:
    """The app that words are clearly about; None where none is, or two are alike."""
    said = [word for word in tokens(words) if word not in _SMALL]
    if not said or not places:
        return None
    own = {place.name: set(tokens(f"{place.name} {place.about}")) - _SMALL for place in places}
    near = {one.app: one.likeness for one in reversed(memory.like(words, [p.name for p in places]))}
    rated = sorted(
        ((_shared(said, own[place.name], list(own.values())) + near.get(place.name, 0.0), place) for place in places),
        key=lambda pair: -pair[0],
    )
    if rated[0][0] >= _LEAST and (len(rated) == 1 or rated[0][0] - rated[1][0] >= _MARGIN):
        return rated[0][1]
    return _meant(words, places, embedder) if embedder is not None else None


def _shared(said: Sequence[str], own: set[str], every: Sequence[set[str]]) -> float:
    """How many of the words a description has, each the less the more other descriptions have it."""
    total = 0.0
    for word in said:
        fit = max((same_word(word, other) for other in own), default=0.0)
        holders = sum(any(same_word(word, other) >= 0.75 for other in one) for one in every)
        total += fit / holders if fit >= 0.75 else 0.0
    return total


def _meant(words: str, places: Sequence[Place], embedder: Embedder) -> Place | None:
    rows = embedder.embed([words, *(f"{place.name}: {place.about}" for place in places)])
    rated = sorted(zip((rows[1:] @ rows[0]).tolist(), range(len(places)), strict=True), reverse=True)
    if rated[0][0] < _LEAST_MEANT or (len(rated) > 1 and rated[0][0] - rated[1][0] < _MARGIN_MEANT):
        return None
    return places[rated[0][1]]
