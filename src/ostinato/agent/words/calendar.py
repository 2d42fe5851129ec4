"""Choosing a day where a field opens a sheet of days: turn to the month, touch the day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from ostinato.agent.likeness import tokens
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import as_date, normal

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DAYS = {"link", "button", "gridcell", "cell", "generic", "text"}


def day_of(text: str) -> date | None:
    """An ISO date, or one that is written month/day/year."""
    found = _SLASHED.fullmatch(text.strip())
    if not found:
        return as_date(text)
    try:
        return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        return None


def month_shown(elements: Sequence[Element]) -> tuple[int, int] | None:
    """The year and month that a sheet is headed with: `April 2016`, or both in elements of their own."""
    words: list[str] = []
    for element in elements:
        if element.role in ("text", "heading", "generic", "button", "columnheader") and len(element.name) <= 20:
            words += [word for word in tokens(element.name) if word in MONTHS or re.fullmatch(r"(19|20)\d\d", word)]
    for one, other in pairwise(words):
        if one in MONTHS and other.isdigit():
            return int(other), MONTHS.index(one) + 1
    return None


def next_touch(screen: Screen, day: date, elements: Sequence[Element]) -> tuple[Element, bool] | None:
    """What to touch to get to a day, and whether that is the day itself; None where there is no sheet of days."""
    shown = month_shown(elements)
    if shown is None:
        return None
    if shown == (day.year, day.month):
        days = [e for e in elements if e.role in _DAYS and normal(e.name) == str(day.day) and e.enabled]
        days.sort(key=lambda e: e.role in ("text", "cell"))
        return (days[0], True) if days else None
    ahead = (day.year, day.month) > shown
    wanted = {"next"} if ahead else {"prev", "previous"}
    turns = [e for e in elements if e.reachable and e.role in _DAYS and wanted & set(tokens(e.name))]
    return (turns[0], False) if turns else None
