"""What one recording can show and what not: of the checks and the expected change, those parts that would be there
another time as well. Times, counters, keys and what differs between two screens of the recording are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostinato.judge.change import Expectation
from ostinato.judge.check import Check, CheckedIs, Exists, TextHas, UrlLike, ValueEquals
from ostinato.replay.experience import Node
from ostinato.trace.action import target_of
from ostinato.trace.data import AppData
from ostinato.trace.locator import Locator, find
from ostinato.trace.record import Trace
from ostinato.trace.recordings import entered
from ostinato.trace.slots import Found, values_of
from ostinato.trace.values import as_date, holds_value, same_value, slots_in

_CLOCK = re.compile(r"\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2}|\d{10,}")
_TOKEN = re.compile(r"(?=\S*\d)(?=\S*[a-zA-Z])[0-9a-zA-Z_-]{8,}")
_PASSING = re.compile(
    r"\b(now|ago|today|yesterday|tomorrow|(mon|tues|wednes|thurs|fri|satur|sun)day|seconds?|minutes?|hours?)\b", re.I
)


class Steady:
    """Tells what of one recording may be asked again. `slots` are those that it proposes."""

    def __init__(self, trace: Trace, slots: Sequence[Found]) -> None:
        self.screens = [*(step.before for step in trace.steps), *([trace.final] if trace.final else [])]
        self.values = values_of(slots, 0)
        self._touched = [e for step in trace.steps if (e := target_of(step.action)) is not None]
        self._entered = [text for step in trace.steps if (text := entered(step)) is not None]

    def nodes(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        """The nodes with checks that can hold another time, and targets that are not known by a number that an app
        gave. Once a thing was picked by a value of the task, fields that nobody touched may hold what is its own."""
        found: list[Node] = []
        picked = False
        for node in nodes:
            kept = {phase: self.checks(getattr(node, phase)) for phase in ("pre", "commit", "post")}
            if picked:
                kept["commit"] = tuple(c for c in kept["commit"] if not self._is_own(c))
            target = self._without_number(node.target) if node.target is not None else None
            found.append(node.model_copy(update={**kept, "target": target}))
            picked = picked or (target is not None and bool(target.slots))
        return tuple(found)

    def _is_own(self, check: Check) -> bool:
        return isinstance(check, ValueEquals | CheckedIs) and not _told(check) and not self._is_touched(check.target)

    def checks(self, checks: Sequence[Check]) -> tuple[Check, ...]:
        return tuple(dict.fromkeys(kept for check in checks if (kept := self._check(check)) is not None))

    def _check(self, check: Check) -> Check | None:
        match check:
            case UrlLike():
                return check.model_copy(update={"pattern": self._address(check.pattern)})
            case ValueEquals() | CheckedIs() if not _told(check):
                return check if self._is_touched(check.target) or self._stays(check.target) else None
            case TextHas() if not check.slots and _PASSING.search(check.text):
                return None
            case Exists() if not check.slots and _PASSING.search(check.target.name or ""):
                return None
        return check

    def _address(self, pattern: str) -> str:
        """An address whose numbers, and whose parts that hold a slot's value, may be others."""
        parts = pattern.split("/")
        spoken = [
            any(holds_value(re.sub(r"[-_+%]|%20", " ", part), value) for value in self.values.values())
            for part in parts
        ]
        return "/".join(
            "*" if told or any(c.isdigit() for c in part) else part for part, told in zip(parts, spoken, strict=True)
        )

    def _is_touched(self, target: Locator) -> bool:
        return any((e.role, e.name or None) == (target.role, target.name) for e in self._touched)

    def _stays(self, target: Locator) -> bool:
        """Whether a field holds the same on every screen of the recording that shows it."""
        seen = [e for screen in self.screens if (e := find(target, screen, self.values)) is not None]
        return len({(e.value, e.checked) for e in seen}) <= 1

    def _without_number(self, target: Locator) -> Locator:
        """The target without an id that looks counted, where it is found as clearly without it."""
        if target.id is None or not re.search(r"\d", target.id) or not (target.name or target.placeholder):
            return target
        bare = target.model_copy(update={"id": None})
        both = [(find(target, screen, self.values), find(bare, screen, self.values)) for screen in self.screens]
        return bare if all(one is None or (two is not None and two.path == one.path) for one, two in both) else target

    def expected(self, expectation: Expectation, before: AppData) -> Expectation:
        """The expected row without the cells that only this run could have: keys and times."""
        fleeting = [
            column
            for column, pattern in expectation.cells.items()
            if not slots_in(pattern) and not self._is_said(pattern) and _is_time_or_key(pattern)
        ]
        counted = [
            column
            for column, pattern in expectation.cells.items()
            if not slots_in(pattern) and not self._is_said(pattern) and _is_distinct(before, expectation.table, column)
        ]
        gone = {*fleeting, *counted}
        if len(gone) == len(expectation.cells) and not (expectation.holds or expectation.gains or expectation.loses):
            gone = set(fleeting)
        cells = {column: pattern for column, pattern in expectation.cells.items() if column not in gone}
        free = expectation.free
        if expectation.operation == "changed":
            free = tuple(dict.fromkeys((*free, *(column for column in expectation.cells if column in gone))))
        return expectation.model_copy(update={"cells": cells, "free": free})

    def _is_said(self, text: str) -> bool:
        """Whether the recording itself entered it: then a replay enters it, too."""
        return any(same_value(text, entry) for entry in self._entered)


def _told(check: ValueEquals | CheckedIs) -> bool:
    """Whether a value of the task tells what is asked."""
    return bool(check.target.slots if isinstance(check, CheckedIs) else check.slots)


def _is_time_or_key(text: str) -> bool:
    return bool(_CLOCK.search(text) or _TOKEN.fullmatch(text)) or as_date(text) is not None


def _is_distinct(before: AppData, table: str, column: str) -> bool:
    """Whether every row of a table has a cell of its own in a column, as only names and numbers of rows are."""
    known = before.tables.get(table)
    cells = [row.get(column) for row in known.by_key().values()] if known is not None else []
    return len(cells) > 1 and len({str(cell) for cell in cells}) == len(cells)
