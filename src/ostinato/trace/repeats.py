"""Steps that a recording does again and again, once for each thing that its task lists: “tick Bread, Tea and Milk”."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ostinato.trace.action import target_of
from ostinato.trace.align import step_likeness
from ostinato.trace.listing import is_separator, unquoted
from ostinato.trace.locator import REPEATED, container_of
from ostinato.trace.record import Step
from ostinato.trace.recordings import Taken, entered, place_of
from ostinato.trace.risk import risk_of
from ostinato.trace.screen import Element
from ostinato.trace.slots import in_task, places_of
from ostinato.trace.values import same_value

_ALSO = re.compile(r"\s*,?\s+(?:and|&|und|et|y|or)\s", re.IGNORECASE)


@dataclass(frozen=True)
class Repeat:
    """`count` turns of `length` steps from the step `first` on; the last turn lacks `tail` steps, which only lead from
    one turn to the next."""

    first: int
    length: int
    count: int
    tail: int

    @property
    def end(self) -> int:
        """The step behind the last turn."""
        return self.first + self.length * self.count - self.tail

    def turn(self, number: int) -> slice:
        start = self.first + self.length * number
        return slice(start, min(start + self.length, self.end))


@dataclass(frozen=True)
class Listed:
    """A repeat, and the task as it would be for each turn alone, in the order of the turns."""

    repeat: Repeat
    tasks: tuple[str, ...]


def listed(steps: Sequence[Taken], task: str) -> Listed | None:
    """The repeat of a recording whose turns are each about one thing of a list in the task's words; None where there
    is none. Of several the one that explains most steps."""
    best: Listed | None = None
    for repeat in _repeats([step for step, _ in steps]):
        if best is not None and repeat.end - repeat.first <= best.repeat.end - best.repeat.first:
            continue
        tasks = _apart([[step for step, _ in steps[repeat.turn(n)]] for n in range(repeat.count)], task)
        best = Listed(repeat, tasks) if tasks is not None else best
    return best


def row_repeats(steps: Sequence[Taken]) -> list[Repeat]:
    """The repeats of a recording whose turns begin in rows of a list, whatever these are called; those of most steps
    first."""
    found = [
        repeat
        for repeat in _repeats([step for step, _ in steps])
        if all(row_of(steps[repeat.turn(n).start][0]) is not None for n in range(repeat.count))
    ]
    return sorted(found, key=lambda repeat: repeat.first - repeat.end)


def _repeats(steps: Sequence[Step]) -> list[Repeat]:
    """Every repeat that is as long as it can be, the shortest turns first."""
    found: list[Repeat] = []
    for length in range(1, len(steps) // 2 + 2):
        for first in range(len(steps) - length):
            if first and any(r.length == length and r.first == first - length for r in found):
                continue  # it goes on with one that was found
            end = first + length
            while end < len(steps) and _alike(steps[end - length], steps[end]):
                end += 1
            count, over = divmod(end - first, length)
            if count > 1:
                found.append(Repeat(first, length, count, 0))
            tail = length - over
            if over and all(_leads(step) for step in steps[first + over : first + length]):
                found.append(Repeat(first, length, count + 1, tail))
    return found


def _alike(one: Step, other: Step) -> bool:
    """Whether two steps may be the same step of two turns: of two things in one list the same part is touched, however
    it is called."""
    likeness = step_likeness(one, other)
    if likeness > 0:
        return True
    first, second = target_of(one.action), target_of(other.action)
    return likeness > -1 and first is not None and second is not None and place_of(first) == place_of(second)


def _leads(step: Step) -> bool:
    """Whether a step only leads to another screen."""
    return risk_of(step.action, step.before) == "read" and step.risk == "read"


def row_of(step: Step) -> Element | None:
    """The row (or list item, …) that a step's target is, or stands in."""
    element = target_of(step.action)
    if element is None:
        return None
    return element if element.role in REPEATED else container_of(element, step.before, REPEATED)


def _apart(turns: Sequence[Sequence[Step]], task: str) -> tuple[str, ...] | None:
    """The task of each turn alone; None where its words do not list what the turns are about."""
    words = " ".join(task.split())
    told = [values for steps in zip(*turns, strict=False) for values in _told(steps, words)]
    naming = next((values for values in told if _all_differ(values)), None)
    if naming is None:
        return None
    order = sorted(range(len(turns)), key=lambda n: words.casefold().find(naming[n].casefold()))
    every = [places for values in told if (places := _places(values, words, order)) is not None]
    if not every:
        return None
    phrases = [(min(at[n][0] for at in every), max(at[n][1] for at in every)) for n in range(len(turns))]
    ordered = sorted(phrases)
    if any(a[1] > b[0] or not is_separator(words[a[1] : b[0]]) for a, b in pairwise(ordered)):
        return None
    start, end = ordered[0][0], ordered[-1][1]
    ended = _ALSO.match(words, ordered[-2][1]) is not None
    if _ALSO.match(words, end) or (words[end : end + 1] == "," and not ended) or is_separator(words[:start][-2:]):
        return None  # it lists more than was done
    return tuple(words[:start] + unquoted(words[a:b]) + words[end:] for a, b in phrases)


def _told(steps: Sequence[Step], task: str) -> list[list[str]]:
    """What the same step of each turn is about, as the task says it, where it differs from turn to turn."""
    elements = [target_of(step.action) for step in steps]
    seen: list[list[str | None]] = [[entered(step) for step in steps]]
    if all(e is not None for e in elements):
        seen.append([e.name if e else None for e in elements])
        seen.append([e.value if e else None for e in elements])
        seen += [list(names) for names in _cells(steps)]
    found: list[list[str]] = []
    for values in seen:
        said = [in_task(task, value) if value else None for value in values]
        known = [value for value in said if value is not None]
        if len(known) == len(steps) and any(not same_value(known[0], value) for value in known):
            found.append(known)
    return found


def _all_differ(values: Sequence[str]) -> bool:
    return not any(same_value(a, b) for n, a in enumerate(values) for b in values[n + 1 :])


def _cells(steps: Sequence[Step]) -> list[tuple[str, ...]]:
    """The names at each place of the rows that the steps' targets stand in."""
    columns: list[dict[str, str]] = []
    for step in steps:
        element = target_of(step.action)
        row = container_of(element, step.before, REPEATED) if element is not None else None
        if row is None:
            return []
        columns.append({e.path[len(row.path) :]: e.name for e in (row, *step.before.inside(row)) if e.name})
    return [tuple(c[place] for c in columns) for place in columns[0] if all(place in c for c in columns)]


def _places(values: Sequence[str], task: str, order: Sequence[int]) -> list[tuple[int, int]] | None:
    """Where the value of each turn stands in the task, with its quotation marks, one after the other in this order;
    None where one cannot be found in this writing."""
    found: dict[int, tuple[int, int]] = {}
    behind = 0
    for n in order:
        start = next((at for at in places_of(task, values[n]) if at >= behind), None)
        if start is None:
            return None
        behind = end = start + len(values[n])
        if start and end < len(task) and task[start - 1] + task[end] in ('""', "“”", "«»"):
            start, end = start - 1, end + 1
        found[n] = (start, end)
    return [found[n] for n in range(len(values))]
