"""The pieces that a task and a template are cut into to be compared: words, quoted texts, numbers, dates, slots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from ostinato.agent.guards import verbs
from ostinato.replay.senses import FILLERS, INTRODUCING, PHRASES, POLITE, RELATIONS
from ostinato.trace.values import Kind, as_date, normal, slots_in

Piece = Literal["word", "mark", "quoted", "number", "date", "time", "slot"]

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in _MONTHS)
_CUT = re.compile(
    r"(?P<quoted>" + verbs.QUOTED.pattern + r")"
    r"|(?P<slot>\{[^\W\d]\w*\})"
    r"|(?P<date>\b\d{4}-\d\d-\d\d\b"
    rf"|\b(?:{_MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\.? (?:of )?(?:{_MONTH})\.?,? \d{{4}}\b)"
    r"|(?P<time>(?<![\w.,:])\d{1,2}:\d\d(?: ?[ap]\.?m\b\.?)?(?![\w:])|(?<![\w.,:])\d{1,2} ?[ap]m\b)"
    r"|(?P<number>(?<![\w.,])[€$£¥]? ?[+-]?\d+(?:[.,]\d+)*"
    r"(?: ?(?:€|\$|£|¥|euros?\b|dollars?\b|pounds?\b))?(?![\w]|[.,]\d))"
    r"|(?P<mark>(?<=\w)['’]s\b|[^\w\s])"
    r"|(?P<word>\w(?:(?:(?!['’]s\b)[\w'’&/.:@-])*\w)?)",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"[€$£¥]|\b(?:euros?|dollars?|pounds?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Bit:
    """One piece of a text: `said` as it stands, `bare` folded; `value` of what is quoted, a number or a date."""

    kind: Piece
    said: str
    bare: str
    start: int
    end: int
    value: str = ""


@dataclass(frozen=True)
class SlotShape:
    """What is known of a slot: its kind, the values it had, and whether it is typed (else it names what is there)."""

    name: str
    kind: Kind
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Held:
    """A value and the pieces first..last (inclusive) that it is."""

    slot: str
    value: str
    first: int
    last: int


@lru_cache(maxsize=1 << 12)
def simplified(text: str) -> str:
    """A text with the phrases that are said for one word replaced by it; what is quoted stays."""
    parts: list[str] = []
    end = 0
    text = " ".join(text.split())
    for pattern in POLITE:
        text = pattern.sub("", text, count=1)
    for quoted in verbs.QUOTED.finditer(text):
        parts += [_phrased(text[end : quoted.start()]), quoted.group()]
        end = quoted.end()
    return "".join([*parts, _phrased(text[end:])])


def _phrased(text: str) -> str:
    for pattern, said in PHRASES:
        text = pattern.sub(said, text)
    return text


@lru_cache(maxsize=1 << 12)
def cut(text: str) -> tuple[Bit, ...]:
    """The pieces of a text. A slot of a template within quotation marks is a slot."""
    found: list[Bit] = []
    for piece in _CUT.finditer(text):
        kind: Piece = piece.lastgroup  # type: ignore[assignment]
        said = piece.group()
        start, end = piece.span()
        if kind == "quoted" and slots_in(said):
            name = slots_in(said)[0]
            found.append(Bit("slot", said, name, start, end))
            continue
        if kind == "slot":
            found.append(Bit("slot", said, said[1:-1], start, end))
            continue
        value = ""
        if kind == "quoted":
            value = said[1:-1]
        elif kind == "number":
            value = _CURRENCY.sub("", said).strip()
        elif kind == "time":
            value = said
        elif kind == "date":
            day = _day(said)
            kind, value = ("date", day.isoformat()) if day is not None else ("word", "")
        found.append(Bit(kind, said, normal(said).replace("’", "'"), start, end, value))
    return tuple(found)


def _day(said: str) -> date | None:
    """A day with its year, in ISO or with the month in words."""
    if as_date(said) is not None:
        return as_date(said)
    month = next((n for n, name in enumerate(_MONTHS, 1) if name[:3] in normal(said)), None)
    numbers = [int(one) for one in re.findall(r"\d+", said)]
    if month is None or len(numbers) != 2:
        return None
    try:
        return date(numbers[1], month, numbers[0])
    except ValueError:
        return None


def telling(bits: Sequence[Bit]) -> tuple[str, ...]:
    """The words of a template that a paraphrase must mean."""
    return tuple(
        bit.bare
        for bit in bits
        if bit.kind == "word" and bit.bare not in FILLERS | INTRODUCING and bit.bare not in RELATIONS
    )


def sort_of(kind: Kind) -> str:
    """The pieces that values of a kind are: numbers, dates, times; text for all others."""
    written = {"number": "number", "money": "number", "date": "date", "time": "time"}
    return written.get(kind, "text")
