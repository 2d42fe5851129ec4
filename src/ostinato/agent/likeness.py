"""How alike two short texts are by their words: `Save` and `Saved changes`, `log in` and `Login`, 0..1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from ostinato.trace.values import normal

# Signs that controls are drawn with, and the words people say for them.
SIGNS = {
    "x": "close", "×": "close", "✕": "close", "✖": "close", "+": "add", "＋": "add", "-": "less", "−": "less",
    "☰": "menu", "≡": "menu", "⋮": "more", "…": "more", "...": "more", "▾": "dropdown", "▼": "dropdown",
    ">": "next", "›": "next", "»": "next", "→": "next", "<": "previous", "‹": "previous", "«": "previous",
    "←": "back", "✓": "ok", "✔": "ok", "★": "star", "☆": "star", "🔍": "search", "🗑": "delete",
}  # fmt: skip
# Too common to tell one thing from another.
SMALL = {
    "the", "a", "an", "of", "to", "in", "on", "at", "by", "for", "with", "and", "or", "your", "my", "this", "that",
    "its", "is", "are", "please",
}  # fmt: skip
_SMALL_WEIGHT = 0.15
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_ENDINGS = ("ings", "ing", "edly", "ied", "ed", "ies", "es", "s")
_SHORTEST_STEM = 4
_LEAST_ALIKE = 0.8


@lru_cache(maxsize=1 << 16)
def tokens(text: str) -> tuple[str, ...]:
    """The words of a text in small letters, `dueDate` and `due-date` as two; a lone sign as the word for it."""
    bare = text.strip()
    if bare in SIGNS and not bare.isalnum():
        return (SIGNS[bare],)
    return tuple(_WORD.findall(normal(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare))))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A word without the endings of number and tense: `directed` and `director` stay apart, `items` is `item`."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM - (ending == "s"):
            return word[: -len(ending)] + ("y" if ending.startswith("ie") else "")
    return word


@lru_cache(maxsize=1 << 16)
def same_word(one: str, other: str) -> float:
    """1 for the same word, less for another form or a misspelling of it, 0 for others. Numbers are equal or not."""
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    if stem(one) == stem(other):
        return 0.95
    if min(len(one), len(other)) < _SHORTEST_STEM:
        return 0.0
    if one.startswith(other) or other.startswith(one):
        return 0.75
    alike = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return 0.9 * alike if alike >= _LEAST_ALIKE else 0.0


def _weight(word: str) -> float:
    return _SMALL_WEIGHT if word in SMALL else 1.0


def covered(words: Sequence[str], by: Sequence[str]) -> float:
    """How much of some words is among others, 0..1. A word among the others stands for one of them only."""
    whole = sum(map(_weight, words))
    if not whole:
        return 0.0
    left, found = list(by), 0.0
    for word in words:
        alike, place = max(((same_word(word, other), -n) for n, other in enumerate(left)), default=(0.0, 0))
        if alike:
            left.pop(-place)
            found += _weight(word) * alike
    return found / whole


@lru_cache(maxsize=1 << 17)
def likeness(said: str, label: str) -> float:
    """How well a label is what was said, 0..1: 1 only for the same text."""
    if not said.strip() or not label.strip():
        return 0.0
    if normal(said) == normal(label):
        return 1.0
    mine, theirs = tokens(said), tokens(label)
    if not mine or not theirs:
        return 0.0
    if mine == theirs:
        return 0.98
    if "".join(mine) == "".join(theirs):  # `log in`, `Login`
        return 0.95
    if SIGNS.get(normal(said)) == theirs[0] and len(theirs) == 1:
        return 0.9
    alike = 0.65 * covered(mine, theirs) + 0.35 * covered(theirs, mine)
    if _stands_in(normal(label), normal(said)):  # letter by letter, signs too: (-1,0) is not (0,-1)
        alike += (1 - alike) * 0.5 * len(label) / len(said)
    return 0.95 * min(1.0, alike)


def _stands_in(part: str, whole: str) -> bool:
    """Whether a text stands in another as it is, its words whole."""
    return re.search(rf"(?<![^\W_]){re.escape(part)}(?![^\W_])", whole) is not None


def named_in(label: str, said: str) -> float:
    """How sure a longer text names what has this label: all of the label's words stand in it."""
    return covered(tokens(label), tokens(said))
