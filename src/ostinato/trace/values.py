"""When two written values mean the same: text, numbers, dates and times as people and apps write them.

Nothing here guesses across kinds: `1,5` and `1.5` are one number, `Bob` and `bob` one word, but `12` is never
found inside `120`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from ostinato.trace.moments import as_clock, as_day, clocks_in, days_in

Kind = Literal["number", "date", "text", "money", "time", "choice", "person", "list"]

_WRITTEN = (
    r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?"  # 1,234.50
    r"|\d{1,3}(?:\.\d{3})+,\d+"  # 1.234,50
    r"|\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?"  # 1 234,50
    r"|\d+(?:[.,]\d+)?)"
)
_NUMBER = re.compile(_WRITTEN)
# Never a part of a word, of another number, or of what is no number at all (`1.2.3`).
_WHOLE_NUMBER = re.compile(rf"(?<![^\W_])(?<![^\W_][+-])(?<!\d[.,']){_WRITTEN}(?![^\W_]|[.,']\d)")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SLOT = re.compile(r"\{([^\W\d]\w*)\}")  # `{4}` is a count in a regular expression, no slot
_CURRENCY = "€$£¥ "
_CODES = "EUR|USD|GBP|CHF|JPY|CNY|RMB|INR|SEK|NOK|DKK|PLN|CZK|HUF|CAD|AUD|NZD|BRL|MXN|ZAR|TRY|ILS|KRW|SGD|HKD|XXX"
_MONEY = re.compile(
    rf"(?P<before>[€$£¥]|(?:{_CODES})\b)?\s?(?P<number>{_WRITTEN})\s?(?P<after>[€$£¥]|\b(?:{_CODES}))?(?!\w)"
)


@lru_cache(maxsize=1 << 16)  # a screen's words are compared again and again
def normal(text: str) -> str:
    """Case, width, and white space folded; invisible direction marks removed."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(c for c in text if unicodedata.category(c) != "Cf" or c == "\u200d")
    return " ".join(text.split())


@lru_cache(maxsize=1 << 15)
def as_number(text: str) -> Decimal | None:
    """`42.50`, `42,5`, `1,234.00`, `1.234,00`, `€ 12`: the number; None when the text is anything else."""
    bare = normal(text).strip(_CURRENCY)
    if not _NUMBER.fullmatch(bare):
        return None
    grouped = bare.replace(" ", "").replace("'", "")
    whole, _, tail = grouped.rpartition(",")
    thousands = grouped == bare and len(tail) == 3 and whole.strip("+-") != "0"  # 1,234
    if "." in whole or (grouped.count(",") == 1 and "." not in tail and not thousands):
        bare = f"{whole.replace('.', '')}.{tail}"
    else:
        bare = grouped.replace(",", "")
    try:
        return Decimal(bare)
    except InvalidOperation:
        return None


def as_date(text: str) -> date | None:
    """An ISO date; None when the text is anything else."""
    bare = text.strip()
    if not _ISO_DATE.fullmatch(bare):
        return None
    try:
        return date.fromisoformat(bare)
    except ValueError:
        return None


def as_money(text: str) -> tuple[Decimal, str | None] | None:
    """An amount and its currency (a sign or a code), where it is written; None when the text is anything else."""
    found = _MONEY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None or (found["before"] and found["after"]):
        return None
    amount = as_number(found["number"])
    return (amount, found["before"] or found["after"]) if amount is not None else None


def bare_amount(text: str) -> str:
    """An amount without its currency; what is none as it is."""
    found = _MONEY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return found["number"] if found is not None else text


def kind_of(text: str) -> Kind:
    """Which kind of value a text is written as: a number, a date, a time or a text."""
    if as_day(text) is not None:
        return "date"
    if as_clock(text) is not None:
        return "time"
    return "number" if as_number(text) is not None and not _is_code(text) else "text"


def same_value(one: str, other: str) -> bool:
    """Equal as numbers, dates or times when both are, else equal as normalised text."""
    if normal(one) == normal(other):
        return True
    first, second = as_number(one), as_number(other)
    if first is not None or second is not None:
        return first == second
    return _same_moment(one, other)


def _same_moment(one: str, other: str) -> bool:
    day, clock = as_day(one), as_clock(one)
    return (day is not None and day == as_day(other)) or (clock is not None and clock == as_clock(other))


def same_text(one: str, other: str) -> bool:
    """The same where text is kept: amounts in any spelling, but 007 and +49 are names, and not 7 and 49."""
    if not same_value(one, other):
        return False
    return normal(one) == normal(other) or not (_is_code(one) or _is_code(other)) or _same_moment(one, other)


def canonical(text: str) -> str:
    """One writing for all that mean the same: `42,50` and `42.5`, `Bob` and `bob`, `3 May 2026` and `2026-05-03`."""
    moment = as_day(text) or as_clock(text)
    if moment is not None:
        return moment.isoformat()
    number = as_number(text)
    if number is None or _is_code(text):
        return normal(text)
    return f"{number.normalize():f}"


def _is_code(text: str) -> bool:
    """Whether a number is written as the name of something: a postcode, a telephone number."""
    bare = normal(text).strip(_CURRENCY)
    return re.match(r"\+|-?0\d", bare) is not None


def holds_value(text: str, value: str) -> bool:
    """Whether `value` stands in `text` as whole words (a number as a whole number, a date or a time as one, in any
    spelling)."""
    wanted = normal(value)
    if not wanted:
        return False
    number = as_number(value)
    if number is not None:
        return any(as_number(found) == number for found in numbers_in(text))
    if (day := as_day(value)) is not None and any(found == day for _, found in days_in(text)):
        return True
    if (clock := as_clock(value)) is not None and any(found == clock for _, found in clocks_in(text)):
        return True
    body = normal(text)
    start = body.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        left_open = start == 0 or not (body[start - 1].isalnum() and wanted[0].isalnum())
        right_open = end == len(body) or not (body[end].isalnum() and wanted[-1].isalnum())
        if left_open and right_open:
            return True
        start = body.find(wanted, start + 1)
    return False


def numbers_in(text: str) -> list[str]:
    """Every whole number written in a text, as written (dates are not numbers)."""
    return _WHOLE_NUMBER.findall(_without_dates(unicodedata.normalize("NFKC", text)))


def number_places(text: str, number: str) -> list[int]:
    """Where exactly this writing of a number stands in a text as a whole number."""
    return [found.start() for found in _WHOLE_NUMBER.finditer(_without_dates(text)) if found.group() == number]


def _without_dates(text: str) -> str:
    return _ISO_DATE.sub(lambda found: " " * len(found.group()), text)


def address(text: str) -> str:
    """One writing of a web address: `site.example` and `HTTP://Site.example:80` are `http://site.example/`. Anything
    else (the name of an app) stays as it is."""
    bare = text.strip()
    if not re.match(r"(?i)https?://|[\w.-]+:\d+(/|$)|(\w[\w-]*\.)+[a-z]{2,}(:\d+)?(/|$)", bare):
        return text
    parts = urlsplit(bare if "://" in bare else f"http://{bare}")
    who, at, place = parts.netloc.rpartition("@")
    place = place.lower().removesuffix({"http": ":80", "https": ":443"}[parts.scheme])
    return urlunsplit((parts.scheme, who + at + place, parts.path or "/", parts.query, parts.fragment))


def fill(pattern: str, values: dict[str, str]) -> str:
    """Replace each `{slot}` by its value; braces that name no slot stay as they are."""
    return _SLOT.sub(lambda m: values.get(m.group(1), m.group(0)), pattern)


def slots_in(pattern: str) -> tuple[str, ...]:
    """The names of the slots in a pattern, in order, each once."""
    return tuple(dict.fromkeys(_SLOT.findall(pattern)))
