"""Find the values that differ from recording to recording and stand in the tasks' own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.trace.values import as_number, holds_value, kind_of, normal, number_places, numbers_in, same_value


@dataclass(frozen=True)
class Found:
    """A slot: its name, and its value as each task writes it."""

    name: str
    values: tuple[str, ...]


def in_task(task: str, value: str) -> str | None:
    """The value as the task writes it (`42.50` for a typed `42.5`), or None when the task does not say it."""
    if not value.strip() or not holds_value(task, value):
        return None
    number = as_number(value)
    if number is not None:
        return next((n for n in numbers_in(task) if as_number(n) == number), None)
    at = _find(task, value)
    return task[at : at + len(value)] if at is not None else value


def ground(tasks: Sequence[str], values: Sequence[str]) -> tuple[str, ...] | None:
    """Each value as its task writes it; None when one of them is not said or when they do not differ."""
    if all(same_value(values[0], v) for v in values[1:]):
        return None
    said = [in_task(task, value) for task, value in zip(tasks, values, strict=True)]
    if any(s is None for s in said):
        return None
    return tuple(s for s in said if s is not None)


def generalise(texts: Sequence[str], slots: Sequence[Found]) -> str | None:
    """One pattern that all texts are instances of: equal texts as they are, else slot values replaced by `{slot}`.
    None when that does not make them equal."""
    if all(normal(t) == normal(texts[0]) for t in texts[1:]):
        return texts[0]
    for slot in slots:
        if all(same_value(t, v) for t, v in zip(texts, slot.values, strict=True)):
            return "{" + slot.name + "}"
    masked = [mask(text, {s.name: s.values[j] for s in slots}) for j, text in enumerate(texts)]
    return masked[0] if all(normal(m) == normal(masked[0]) for m in masked[1:]) else None


def mask(text: str, values: dict[str, str]) -> str:
    """Replace each slot's value in a text by `{slot}`, longest values first, each at its first whole-word place."""
    spans: list[tuple[int, int, str]] = []
    for name, value in sorted(values.items(), key=lambda item: -len(item[1])):
        for start in _places(text, value):
            end = start + len(value)
            if all(end <= a or start >= b for a, b, _ in spans):
                spans.append((start, end, name))
                break
    for start, end, name in sorted(spans, reverse=True):
        text = text[:start] + "{" + name + "}" + text[end:]
    return text


def slot_name(label: str, taken: Sequence[str]) -> str:
    """A name for people and patterns from a field's label: `How much?` becomes `how_much`."""
    bare = "_".join(re.findall(r"[a-z0-9]+", normal(label)))[:30].strip("_") or "value"
    bare = bare if not bare[0].isdigit() else f"value_{bare}"
    name, number = bare, 2
    while name in taken or name == "today":
        name, number = f"{bare}_{number}", number + 1
    return name


def slot_kind(values: Sequence[str]) -> str:
    kinds = {kind_of(v) for v in values}
    return kinds.pop() if len(kinds) == 1 else "text"


def _places(text: str, value: str) -> list[int]:
    """Every whole-word place of a value in a text, ignoring case (of a number, where it stands as a whole number)."""
    if not value:
        return []
    if value in numbers_in(value):
        return number_places(text, value)
    left = r"(?<!\w)" if value[0].isalnum() else ""
    right = r"(?!\w)" if value[-1].isalnum() else ""
    return [m.start() for m in re.finditer(left + re.escape(value) + right, text, re.IGNORECASE)]


def _find(text: str, value: str) -> int | None:
    places = _places(text, value)
    return places[0] if places else None
