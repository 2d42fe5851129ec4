"""Days and times of day as people and apps write them, and the writing that they use.

Read are ISO dates, `3 May 2026`, `May 3, 2026`, `3.5.2026`, and with slashes what can be one day only; `14:30` and
`2:30 pm`. What could be two days (`03/05/2026`) is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from functools import lru_cache

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH = "|".join(m[:3] + (f"(?:{m[3:]})?" if m[3:] else "") for m in MONTHS).replace("Sep(", "Sept?(")
_NTH = r"(?:st|nd|rd|th)?"
_DAY = re.compile(
    r"(?<![\w.,/-])(?:"
    r"(?P<y1>\d{4})[-/](?P<m1>\d{1,2})[-/](?P<d1>\d{1,2})"
    rf"|(?P<d2>\d{{1,2}}){_NTH}\.? (?P<n2>{_MONTH})\.?,? (?P<y2>\d{{4}})"
    rf"|(?P<n3>{_MONTH})\.? (?P<d3>\d{{1,2}}){_NTH},? (?P<y3>\d{{4}})"
    r"|(?P<d4>\d{1,2})\.\s?(?P<m4>\d{1,2})\.\s?(?P<y4>\d{4})"
    r"|(?P<a5>\d{1,2})/(?P<b5>\d{1,2})/(?P<y5>\d{4})"
    r")(?![\w/]|[.,-]\d)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\w:.,])(?:(?P<h1>\d{1,2}):(?P<m1>[0-5]\d)(?::(?P<s1>[0-5]\d))?(?:\s?(?P<p1>[ap])\.?m\b\.?)?"
    r"|(?P<h2>\d{1,2})\s?(?P<p2>[ap])\.?m\b\.?)(?![\w:]|[.,]\d)",
    re.IGNORECASE,
)
_LONGEST = 40

# How a writing puts a day or a time, by its name. A writing that is never ambiguous comes before one that is.
_DAYS = ("2026-05-03", "2026/05/03", "3 May 2026", "3 Feb 2026", "May 3, 2026", "Feb 3, 2026", "03.05.2026", "3.5.2026")
_SLASHED = ("dd/mm/yyyy", "d/m/yyyy", "mm/dd/yyyy", "m/d/yyyy")
_CLOCKS = ("14:30", "4:30", "14:30:00", "2:30 pm", "2:30 PM", "02:30 PM", "2:30pm", "2:30PM")


@lru_cache(maxsize=1 << 14)
def as_day(text: str) -> date | None:
    """The day that a text is, and nothing else; None when it is none, or could be two."""
    bare = text.strip()
    if len(bare) > _LONGEST or not any(c.isdigit() for c in bare):
        return None
    found = _DAY.fullmatch(bare)
    return _day(found) if found is not None else None


@lru_cache(maxsize=1 << 14)
def as_clock(text: str) -> time | None:
    """The time of day that a text is, and nothing else."""
    bare = text.strip()
    if len(bare) > _LONGEST or not any(c.isdigit() for c in bare):
        return None
    found = _CLOCK.fullmatch(bare)
    return _time(found) if found is not None else None


def days_in(text: str) -> Iterator[tuple[str, date]]:
    """Each day that stands in a text, as written and as it is."""
    for found in _DAY.finditer(text):
        if (day := _day(found)) is not None:
            yield found.group(), day


def clocks_in(text: str) -> Iterator[tuple[str, time]]:
    """Each time of day that stands in a text, as written and as it is."""
    for found in _CLOCK.finditer(text):
        if (clock := _time(found)) is not None:
            yield found.group(), clock


def writing_of(texts: Sequence[str]) -> str | None:
    """The name of a writing that all these days, or times, are in; None where they are neither, or in several.
    `25/12/2026` says in which order the others are, too."""
    fitting = [
        writing
        for writing in (*_DAYS, *_SLASHED, *_CLOCKS)
        if texts and all(rewritten(text, writing) == text and _is_in(text, writing) for text in texts)
    ]
    orders = {writing.replace("mm", "m").replace("dd", "d")[0] for writing in fitting if writing in _SLASHED}
    return fitting[0] if fitting and len(orders) < 2 else None


def rewritten(text: str, writing: str) -> str:
    """The same day or time in another writing; a text that is none, or is no day where a day is wanted, as it is."""
    day, clock = as_day(text), as_clock(text)
    if day is not None and writing in (*_DAYS, *_SLASHED):
        return _written_day(day, writing)
    if clock is not None and writing in _CLOCKS and (not clock.second or writing == "14:30:00"):
        return _written_clock(clock, writing)
    return text


def _is_in(text: str, writing: str) -> bool:
    return as_clock(text) is not None if writing in _CLOCKS else as_day(text) is not None


def _day(found: re.Match[str]) -> date | None:
    part = found.groupdict()
    if part["a5"] is not None:
        one, other = int(part["a5"]), int(part["b5"])
        if one <= 12 and other <= 12 and one != other:
            return None  # the third of May, or the fifth of March
        day, month = (one, other) if other <= 12 else (other, one)
        return _date(part["y5"], month, day)
    if part["n2"] is not None:
        return _date(part["y2"], _number(part["n2"]), int(part["d2"]))
    if part["n3"] is not None:
        return _date(part["y3"], _number(part["n3"]), int(part["d3"]))
    if part["d4"] is not None:
        return _date(part["y4"], int(part["m4"]), int(part["d4"]))
    return _date(part["y1"], int(part["m1"]), int(part["d1"]))


def _number(month: str) -> int:
    return next(n for n, name in enumerate(MONTHS, start=1) if name[:3].casefold() == month[:3].casefold())


def _date(year: str, month: int, day: int) -> date | None:
    try:
        return date(int(year), month, day)
    except ValueError:
        return None


def _time(found: re.Match[str]) -> time | None:
    hour, half = int(found["h1"] or found["h2"]), (found["p1"] or found["p2"] or "").casefold()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, int(found["m1"] or 0), int(found["s1"] or 0)) if hour < 24 else None


def _written_day(day: date, writing: str) -> str:
    month = MONTHS[day.month - 1]
    return {
        "2026-05-03": f"{day.year:04d}-{day.month:02d}-{day.day:02d}",
        "2026/05/03": f"{day.year:04d}/{day.month:02d}/{day.day:02d}",
        "3 May 2026": f"{day.day} {month} {day.year:04d}",
        "3 Feb 2026": f"{day.day} {month[:3]} {day.year:04d}",
        "May 3, 2026": f"{month} {day.day}, {day.year:04d}",
        "Feb 3, 2026": f"{month[:3]} {day.day}, {day.year:04d}",
        "03.05.2026": f"{day.day:02d}.{day.month:02d}.{day.year:04d}",
        "3.5.2026": f"{day.day}.{day.month}.{day.year:04d}",
        "dd/mm/yyyy": f"{day.day:02d}/{day.month:02d}/{day.year:04d}",
        "d/m/yyyy": f"{day.day}/{day.month}/{day.year:04d}",
        "mm/dd/yyyy": f"{day.month:02d}/{day.day:02d}/{day.year:04d}",
        "m/d/yyyy": f"{day.month}/{day.day}/{day.year:04d}",
    }[writing]


def _written_clock(clock: time, writing: str) -> str:
    half, hour = "pm" if clock.hour >= 12 else "am", (clock.hour - 1) % 12 + 1
    return {
        "14:30": f"{clock.hour:02d}:{clock.minute:02d}",
        "4:30": f"{clock.hour}:{clock.minute:02d}",
        "14:30:00": f"{clock.hour:02d}:{clock.minute:02d}:{clock.second:02d}",
        "2:30 pm": f"{hour}:{clock.minute:02d} {half}",
        "2:30 PM": f"{hour}:{clock.minute:02d} {half.upper()}",
        "02:30 PM": f"{hour:02d}:{clock.minute:02d} {half.upper()}",
        "2:30pm": f"{hour}:{clock.minute:02d}{half}",
        "2:30PM": f"{hour}:{clock.minute:02d}{half.upper()}",
    }[writing]
