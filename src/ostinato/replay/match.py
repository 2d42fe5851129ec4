"""Read a new task with the templates that experiences carry: every slot bound, nothing left over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.errors import AmbiguousTask, MatchError
from ostinato.replay.experience import Experience
from ostinato.trace.values import address, as_date, as_number, normal

_MOST_READINGS = 20
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"))


@dataclass(frozen=True)
class Match:
    """An experience and the values a task gives its slots."""

    experience: Experience
    values: dict[str, str]


def match(task: str, experiences: Sequence[Experience], app: str | None) -> Match:
    """The one experience and the one reading that explain every word of the task.

    Of two experiences that read it alike, the one learnt last is taken. Raises MatchError when there is none,
    AmbiguousTask when two readings differ in what would be done."""
    here = [e for e in experiences if (e.app and address(e.app)) == (app and address(app))]
    found = [Match(experience, values) for experience in here for values in readings(task, experience)]
    if not found:
        raise MatchError(f"no experience fits “{task}”; " + (_nearest(task, here) or _known(here, experiences)))
    newest = max(found, key=lambda m: m.experience.learnt)
    if any(not _alike(m, newest) for m in found):
        one = len({m.experience.id for m in found}) == 1
        shown = " or ".join(sorted({_said(m.values) + ("" if one else f" ({m.experience.id})") for m in found}))
        way = "put quotation marks around the values"
        raise AmbiguousTask(
            f"“{task}” can be read in more than one way: {shown}; "
            + (way if one else f"{way}, or remove one of these experiences: ostinato experience delete ID")
        )
    return newest


def _alike(one: Match, other: Match) -> bool:
    """Whether two readings bind the same: by name in one experience, in the order of the words between two."""
    if one.experience.id == other.experience.id:
        return one.values == other.values
    return list(one.values.values()) == list(other.values.values())


def _said(values: dict[str, str]) -> str:
    return ", ".join(f"{name}: “{value}”" for name, value in values.items()) or "as it stands"


def _known(here: Sequence[Experience], every: Sequence[Experience]) -> str:
    templates = sorted({t for e in here for t in e.templates})
    if templates:
        return "known here: " + " | ".join(templates)
    places = sorted({e.app for e in every if e.app})
    return "none is known here" + (f" (there are some for {', '.join(places)})" if places else "")


def _nearest(task: str, here: Sequence[Experience]) -> str:
    """What keeps a task from being read by a template whose words it has; empty when it has none of them."""
    wanted = {"number": "a number", "date": "a date like 2026-01-31"}
    for experience in here:
        loose = [slot.model_copy(update={"kind": "text"}) for slot in experience.slots]
        for values in readings(task, experience.model_copy(update={"slots": tuple(loose)})):
            for slot in experience.slots:
                if not _may_be(values[slot.name], slot.kind):
                    is_none = f"{{{slot.name}}} is {wanted[slot.kind]}, and “{values[slot.name]}” is none"
                    return f"the nearest is “{experience.templates[0]}”, but {is_none}"
    return ""


def readings(task: str, experience: Experience) -> list[dict[str, str]]:
    """Every way to read a task with one of the experience's templates, each once. One that tears a pair of
    quotation marks apart counts only when no other does."""
    words = " ".join(task.split())
    every: list[dict[str, str]] = []
    for torn in (False, True):
        every = every or [v for template in experience.templates for v in _readings(words, template, experience, torn)]
    found: list[dict[str, str]] = []
    for values in every:
        bare = {name: _unquoted(value) for name, value in values.items()}
        if bare not in found:
            found.append(bare)
    return found


def _readings(task: str, template: str, experience: Experience, torn: bool) -> list[dict[str, str]]:
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
            if not _may_be(value, experience.slot(name).kind) or values.get(name, value) != value:
                continue
            if _is_torn(value) and not torn:
                continue
            read(position + len(value), part + 2, {**values, name: value})

    read(0, 0, {})
    return results


def _may_be(value: str, kind: str) -> bool:
    if value != value.strip() or not value:
        return False
    if kind == "number":
        return as_number(_unquoted(value)) is not None
    return as_date(_unquoted(value)) is not None if kind == "date" else True


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
