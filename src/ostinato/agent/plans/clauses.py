"""The words of a task that asks for several things: its clauses, which of them only look something up, and what the
later ones mean by “the amount” or “it”."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ostinato.agent.plans.subtasks import ArtefactType

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»")
_STRONG = re.compile(
    r"\s*[;.]?\s*[,;.]\s*(?:and\s+)?(?:then|after that|afterwards|finally)\s*,?\s+|\s+and\s+then\s+", re.I
)
_SENTENCE = re.compile(r"(?<=[^\W\d]{2})[.;]\s+(?=[A-Z])|\n+")
_WEAK = re.compile(r"\s*,\s*and\s+|\s+and\s+|\s*,\s+", re.I)
_LOOK_UP = re.compile(
    r"^(?:please\s+)?(?:look up|look at|find out|find|check|read|see|get|tell me)\s+"
    r"(?P<what>(?:what|how much|how many|who|when|where|which|the)\b.+)$"
    r"|^(?P<question>(?:what|how much|how many|who|when|where|which)\b.+)$",
    re.IGNORECASE | re.DOTALL,
)
# What a question is about, by its words, the first that fit.
_TYPES: tuple[tuple[str, ArtefactType, str], ...] = (
    (r"\bhow many\b|\bnumber of\b|\bcount\b", "number", "number"),
    (r"\b(?:costs?|amounts?|prices?|how much|total|sum|balance|owes?|paid for)\b", "money", "amount"),
    (r"\bwhen\b|\bdates?\b|\bday\b", "date", "date"),
    (r"\bwhich (?:items|things|people|names|notes)\b|\blist\b|\bitems\b|\ball (?:the )?\w+s\b", "list", "items"),
    (r"\bwho\b|\bnames?\b", "text", "name"),
    (r"\bwhere\b|\baddress\b|\bplace\b", "text", "place"),
)  # fmt: skip
# What later words call an artefact of a type.
_CALLED: dict[ArtefactType, str] = {
    "money": r"amount|costs?|price|sum|total|balance|figure|value|number|money",
    "number": r"number|count|figure|value|amount",
    "date": r"date|day|time",
    "list": r"list|items|names|things",
    "text": r"name|text|title|place|address|value|word|person|answer",
}
_NO_VERB = re.compile(r"(?:the|a|an|my|your|its|their)\s", re.IGNORECASE)
_DETERMINED = r"(?:the|that|this)"


@dataclass(frozen=True)
class Question:
    """What a clause looks up: its words, the type of the answer, and a name for it."""

    about: str
    type: ArtefactType
    name: str


def question_in(clause: str) -> Question | None:
    """What a clause only looks up; None for one that asks for something to be done."""
    found = _LOOK_UP.match(clause.strip())
    if found is None:
        return None
    about = (found["what"] or found["question"]).strip(" .?!")
    for pattern, kind, name in _TYPES:
        if re.search(pattern, about, re.IGNORECASE):
            return Question(about, kind, name)
    return Question(about, "text", "answer")


def referring(clause: str, kind: ArtefactType, name: str) -> list[str]:
    """The clause with `{name}` at each place where it may speak of an artefact of that type: “the amount”, “that name”,
    “it”. What stands in quotation marks speaks of nothing."""
    pattern = re.compile(
        rf"\b{_DETERMINED}\s+(?:{_CALLED[kind]}|result|answer)\b|(?<=\s)(?:it|them)(?=\s+(?:in|into|to|on|as|for|with)\b)",
        re.IGNORECASE,
    )
    places = (found for start, end in _outside(clause) for found in pattern.finditer(clause, start, end))
    return [clause[: found.start()] + "{" + name + "}" + clause[found.end() :] for found in places]


def sentences_of(task: str) -> tuple[str, ...]:
    """A task taken apart where it surely is several: between sentences, at “, then” and “; afterwards”. Nothing is
    taken apart within quotation marks."""
    words = " ".join(task.split())
    return _clean(part for sentence in _parted(words, _SENTENCE) for part in _parted(sentence, _STRONG))


def splits(sentences: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Ways to take one of these further apart: at each “and”, then at each comma. “Delete the bill and the note” is
    also “Delete the bill”, “Delete the note”."""
    for n, sentence in enumerate(sentences):
        for first, second in _pairs(sentence):
            ways = [second]
            if _NO_VERB.match(second.strip()) and (verb := re.match(r"\w+", first.strip())) is not None:
                ways.append(f"{verb[0]} {second.strip()}")
            for way in ways:
                kept = _clean([*sentences[:n], first, way, *sentences[n + 1 :]])
                if len(kept) > len(sentences):
                    yield kept


def has_joint(text: str) -> bool:
    """Whether a text could be taken apart at an “and” or a comma."""
    return bool(_pairs(text))


def _clean(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(clean for part in parts if (clean := part.strip(" ,;").removesuffix(".")))


def _parted(text: str, pattern: re.Pattern[str]) -> list[str]:
    """The text between the places of a pattern that lie outside of quotation marks."""
    parts, last = [], 0
    for found in pattern.finditer(text):
        if any(start <= found.start() and found.end() <= end for start, end in _outside(text)):
            parts.append(text[last : found.start()])
            last = found.end()
    return [part for part in [*parts, text[last:]] if part.strip()]


def _pairs(text: str) -> list[tuple[str, str]]:
    """The text in two, at each of its weak joints: at the ands first."""
    joints = [
        found
        for found in _WEAK.finditer(text)
        if any(start <= found.start() and found.end() <= end for start, end in _outside(text))
    ]
    joints.sort(key=lambda found: "and" not in found.group().lower())
    return [(text[: found.start()], text[found.end() :]) for found in joints]


def _outside(text: str) -> list[tuple[int, int]]:
    """The spans of a text outside of quotation marks."""
    spans, last = [], 0
    for found in _QUOTED.finditer(text):
        spans.append((last, found.start()))
        last = found.end()
    return [*spans, (last, len(text))]
