"""Lists in words: `Bread, Tea and Milk`, and what stands between their items."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostinato.trace.values import normal

MOST_ITEMS = 50
_LAST = r"(?:and|&|und|et|y)"
_SEPARATOR = re.compile(rf"\s*[,;]\s+(?:{_LAST}\s+)?|\s+{_LAST}\s+", re.IGNORECASE)
_LEFT_OVER = re.compile(rf"(?:{_LAST}|or)(?:\s|$)|.*\s(?:{_LAST}|or)$|.*[,;]$", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|«[^»]*»')


def is_separator(text: str) -> bool:
    """Whether a text is just what may stand between two items."""
    return _SEPARATOR.fullmatch(text) is not None


def items_of(text: str) -> tuple[str, ...] | None:
    """The items of a list, in order, with their quotation marks; a text without a separator is a list of one.

    None where it is no list, or can be read in more than one way: an item is empty or stands twice, or an `and` that
    may belong to an item stands before another separator (`bread and butter and tea`, unless it is quoted)."""
    hidden = _QUOTED.sub(lambda found: "\0" * len(found.group()), text)
    if _LEFT_OVER.match(hidden):  # something was to stand before it, or behind it
        return None
    cuts = list(_SEPARATOR.finditer(hidden))
    ends = [0, *(place for cut in cuts for place in cut.span()), len(text)]
    items = [text[ends[n] : ends[n + 1]] for n in range(0, len(ends), 2)]
    if len(items) > MOST_ITEMS or any(not item.strip() or item != item.strip() for item in items):
        return None
    if len({normal(bare(item)) for item in items}) < len(items):
        return None
    plain = [n for n, item in enumerate(items) if not _QUOTED.fullmatch(item)]
    early = [n for n, cut in enumerate(cuts[:-1]) if not cut.group().strip().startswith((",", ";"))]
    if any(n in plain or n + 1 in plain for n in early):
        return None
    return tuple(items)


def bare(item: str) -> str:
    """An item without the quotation marks around it."""
    return item[1:-1] if _QUOTED.fullmatch(item) and len(item) > 2 else item


def unquoted(text: str) -> str:
    """A text without quotation marks around any part of it."""
    return _QUOTED.sub(lambda found: found.group()[1:-1], text)


def joined(items: Sequence[str]) -> str:
    """A list in one writing; an item that could be taken for several is quoted."""
    said = [f"“{item}”" if items_of(item) != (item,) and not _QUOTED.fullmatch(item) else item for item in items]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
