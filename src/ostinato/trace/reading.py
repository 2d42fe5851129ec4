"""Read a task's words with templates: every slot bound, nothing left over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ostinato.trace.listing import items_of
from ostinato.trace.moments import as_clock, as_day
from ostinato.trace.values import Kind, as_money, as_number, normal

_MOST_READINGS = 20
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"))


def readings(task: str, templates: Sequence[str], kinds: Mapping[str, Kind]) -> list[dict[str, str]]:
    """Every way to read a task with one of the templates, each once; `kinds` bound what a slot may be. One that tears
    a pair of quotation marks apart counts only when no other does."""
    words = " ".join(task.split())
    every: list[dict[str, str]] = []
    for torn in (False, True):
        every = every or [v for template in templates for v in _readings(words, template, kinds, torn)]
    found: list[dict[str, str]] = []
    for values in every:
        bare = {name: value if kinds[name] == "list" else _unquoted(value) for name, value in values.items()}
        if bare not in found:
            found.append(bare)
    return found


def _readings(task: str, template: str, kinds: Mapping[str, Kind], torn: bool) -> list[dict[str, str]]:
    parts = re.split(r"\{(\w+)\}", " ".join(template.split()))
    results: list[dict[str, str]] = []

    def read(position: int, part: int, values: dict[str, str]) -> None:
        if len(results) >= _MOST_READINGS:
            return
        literal = parts[part]
        piece = task[position : position + len(literal)]
        if normal(piece) != normal(literal) or piece.startswith(" ") != literal.startswith(" "):
            return
        position += len(literal)
        if part + 1 == len(parts):
            if position == len(task):
                results.append(values)
            return
        name, following = parts[part + 1], parts[part + 2]
        ends = (
            [m.start() for m in re.finditer(f"(?={re.escape(following)})", task[position + 1 :], re.IGNORECASE)]
            if following
            else [len(task) - position - 1]
        )
        for end in ends:
            value = task[position : position + 1 + end]
            if not may_be(value, kinds[name]) or values.get(name, value) != value:
                continue
            if _is_torn(value) and not torn:
                continue
            read(position + len(value), part + 2, {**values, name: value})

    read(0, 0, {})
    return results


def may_be(value: str, kind: Kind) -> bool:
    """Whether a text may be the value of a slot of this kind."""
    if value != value.strip() or not value:
        return False
    bare = _unquoted(value)
    match kind:
        case "number":
            return as_number(bare) is not None
        case "money":
            return as_money(bare) is not None
        case "date":
            return as_day(bare) is not None
        case "time":
            return as_clock(bare) is not None
        case "list":
            return items_of(value) is not None
    return True


def quoted_in(task: str) -> list[str]:
    """What stands in quotation marks, without them."""
    found: list[str] = []
    for left, right in _QUOTES:
        found += re.findall(f"{left}([^{left}{right}]*){right}", task)
    return found


def _unquoted(value: str) -> str:
    """Without the quotation marks around it; `"a" or "b"` is not quoted as a whole."""
    for left, right in _QUOTES:
        inner = value[1:-1]
        if inner and (value[0], value[-1]) == (left, right) and left not in inner and right not in inner:
            return inner
    return value


def _is_torn(value: str) -> bool:
    return any(
        value.count(left) % 2 if left == right else value.count(left) != value.count(right) for left, right in _QUOTES
    )
