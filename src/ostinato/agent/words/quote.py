"""Values that a goal does not say but points at: `it`, `the text below`, `the value of Gender`, `the last word`."""

from __future__ import annotations

import re

from ostinato.agent.grounder import rate
from ostinato.agent.labels import FIELDS, Labels, same_line
from ostinato.agent.likeness import likeness
from ostinato.agent.order import in_reading_order
from ostinato.agent.phrase import ORDINALS
from ostinato.agent.words.sums import answer
from ostinato.trace.screen import Element, Screen

_IT = re.compile(r"(?:it|that|this|them|the (?:copied )?(?:text|value|word|result)|(?:your|the) answer)", re.I)
_TEXT = re.compile(
    r"(?:the |all (?:of )?the )?(?:text|contents?|words)"
    r"(?: (?:in|from|of|inside) (?P<where>.+)| (?:below|above|shown))",
    re.I,
)
_WORD = re.compile(
    r"(?:the )?(?:(?P<digits>\d+)(?:st|nd|rd|th)|(?P<word>[a-z]+)) word (?:in|of|from) (?P<where>.+)", re.I
)
_VALUE = re.compile(r"(?:the )?(?:values?|text|number|amount) (?:of|for|beside|next to) (?P<what>.+)", re.I)


def resolve(words: str, screen: Screen, held: str) -> str | None:
    """The value that words point at. Words that point at nothing are the value themselves; None where what they
    point at is not there."""
    said = words.strip()
    if _IT.fullmatch(said):
        return held or (answer(e.name for e in screen.elements) if "answer" in said else None)
    word = _WORD.fullmatch(said)
    if word:
        which = int(word["digits"]) if word["digits"] else ORDINALS.get(word["word"].lower())
        return None if which is None else _nth(_text(word["where"], screen), which)
    text = _TEXT.fullmatch(said)
    if text:
        return _text(text["where"] or "", screen) or None
    value = _VALUE.fullmatch(said)
    if value:
        return _beside(value["what"], screen)
    return said if not re.match(r"(?:the|an?|your) ", said) else None


def _nth(text: str, which: int) -> str | None:
    """The nth word without the marks around it; from the end where the number is below 0."""
    found = re.findall(r"[^\s]+", text)
    place = which - 1 if which > 0 else len(found) + which
    return found[place].strip('.,;:!?"“”()') if 0 <= place < len(found) else None


def _text(where: str, screen: Screen) -> str:
    """The words in a field, or the text of a screen where no field is named."""
    where = re.sub(r"\s+(?:below|above)$", "", where)
    fields = tuple(e for e in screen.elements if e.role in FIELDS and e.value)
    if where and not re.search(r"\b(?:paragraph|page|text below)\b", where):
        rated = rate(where, screen.model_copy(update={"elements": fields}), None, Labels(screen))
        if rated and rated[0][1] >= 0.45:
            return rated[0][0].value or ""
    texts = [e for e in screen.elements if e.role == "text" and e.name.strip()]
    joined, last = "", None
    for element in in_reading_order(texts):
        joined += ("" if last is None or _touching(last, element) else " ") + element.name
        last = element
    return joined


def _touching(one: Element, other: Element) -> bool:
    """Whether two texts are parts of one word: side by side with no space between."""
    gap = other.box.left - one.box.left - one.box.width
    return same_line(one.box, other.box) and gap < 0.1 * one.box.height and len(other.name) == 1


def right_of(label: Element, screen: Screen) -> Element | None:
    """What stands behind a label on its line; where nothing does, what begins right under it."""
    right = [
        e
        for e in screen.elements
        if same_line(e.box, label.box) and e.box.left >= label.box.left + label.box.width - 2 and (e.name or e.value)
    ]
    if right:
        return min(right, key=lambda e: (e.box.left, e.role != "text"))
    end, near = label.box.top + label.box.height, 0.5 * label.box.height
    under = [
        e
        for e in screen.elements
        if (e.name or e.value)
        and -2 <= e.box.top - end <= near
        and abs(e.box.left - label.box.left) <= label.box.height
    ]
    return min(under, key=lambda e: (e.box.top, e.role == "text"), default=None)


def _beside(what: str, screen: Screen) -> str | None:
    """The words behind a label."""
    labels = [e for e in screen.elements if likeness(what, e.name.rstrip(": ")) >= 0.95]
    for label in labels:
        right = right_of(label, screen)
        if right is not None:
            return right.name or right.value
    return None
