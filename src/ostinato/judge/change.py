"""What changed in an app's data between two moments, and whether it is exactly what was expected."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ostinato.trace.data import AppData, Cell, Table
from ostinato.trace.moments import as_clock, as_day
from ostinato.trace.record import Truth
from ostinato.trace.screen import Record
from ostinato.trace.values import as_number, fill, holds_value, normal, same_text, same_value, slots_in

Operation = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Change:
    """One row that differs. `before` is None for an added row, `after` for a removed one."""

    table: str
    operation: Operation
    before: dict[str, Cell] | None
    after: dict[str, Cell] | None

    @property
    def row(self) -> dict[str, Cell]:
        """The row as it is now, or as it was if it is gone."""
        return self.after if self.after is not None else (self.before or {})

    @property
    def columns_changed(self) -> tuple[str, ...]:
        if self.before is None or self.after is None:
            return tuple(self.row)
        return tuple(c for c in self.after if self.before.get(c) != self.after[c])

    def words(self) -> str:
        if self.before is not None and self.after is not None:
            what = ", ".join(f"{c}: {self.before.get(c)!r} → {self.after[c]!r}" for c in self.columns_changed)
            kept = (v for c, v in self.after.items() if c not in self.columns_changed and isinstance(v, str))
            named = next(kept, "")
            return f"{self.table} changed ({named}): {what}"
        cells = (f"{c}={v!r}" for c, v in self.row.items() if v not in ("", None))
        return f"{self.table} {self.operation}: " + ", ".join(cells)


class Expectation(Record):
    """One expected row: `cells` of the row as it will be (as it was, when removed), by column, as patterns with
    slots; `was` pins cells of a changed row before the change. A column not named may hold anything when a row is
    added or removed, and must not change when a row is changed, unless it is in `free`; `holds` names cells that must
    contain some words. In a changed row `gains` and `loses` name cells whose words are those before, with some more or
    without some; in an added row `copies` names cells that are as in a row that had this value in one of its cells."""

    table: str
    operation: Operation
    cells: dict[str, str] = {}
    was: dict[str, str] = {}
    holds: dict[str, str] = {}
    gains: dict[str, str] = {}
    loses: dict[str, str] = {}
    copies: dict[str, str] = {}
    free: tuple[str, ...] = ()

    @property
    def slots(self) -> tuple[str, ...]:
        """Every slot that it speaks of."""
        parts = (self.cells, self.was, self.holds, self.gains, self.loses, self.copies)
        return tuple(dict.fromkeys(slot for part in parts for text in part.values() for slot in slots_in(text)))

    def words(self) -> str:
        cells = ", ".join(
            [
                *(f"{c}={v}" for c, v in self.cells.items()),
                *(f"{c} with {v}" for c, v in self.holds.items()),
                *(f"{c} and {v}" for c, v in self.gains.items()),
                *(f"{c} without {v}" for c, v in self.loses.items()),
                *(f"{c} as that of {v}" for c, v in self.copies.items()),
            ]
        )
        before = ", ".join(f"{c} was {v}" for c, v in self.was.items())
        return f"{self.table} {self.operation} ({cells}{'; ' + before if before else ''})"


def changes(before: AppData, after: AppData) -> tuple[Change, ...]:
    """Every row added, removed or changed, by key. The app's files, if it keeps any, are the rows of `files`."""
    found: list[Change] = []
    tables = [{**data.tables, **_files(data)} for data in (before, after)]
    for name in sorted({*tables[0], *tables[1]}):
        old, new = (known[name].by_key() if name in known else {} for known in tables)
        found += [Change(name, "removed", row, None) for key, row in old.items() if key not in new]
        found += [Change(name, "added", None, row) for key, row in new.items() if key not in old]
        found += [Change(name, "changed", old[key], row) for key, row in new.items() if key in old and old[key] != row]
    return tuple(found)


def _files(data: AppData) -> dict[str, Table]:
    if data.files is None:
        return {}
    return {"files": Table(columns=("path", "text"), key=("path",), rows=tuple(data.files.items()))}


def unexpected(
    before: AppData, after: AppData, expected: tuple[Expectation, ...], values: dict[str, str]
) -> tuple[Change, ...]:
    """The changes that none of the expected rows explains."""
    made = changes(before, after)
    taken = _assigned([[k for k, change in enumerate(made) if fits(e, change, values, before)] for e in expected])
    return tuple(change for k, change in enumerate(made) if k not in taken)


def compare(
    before: AppData, after: AppData, expected: tuple[Expectation, ...], values: dict[str, str]
) -> tuple[Truth, str]:
    """True when the changes are exactly the expected ones: each expected row once, and no other. Unknown when they
    are, but for the case of letters: whether `bread` will do for `Bread` only a person knows."""
    made = changes(before, after)
    bound = {"today": date.today().isoformat(), **values}
    taken = _assigned([[k for k, change in enumerate(made) if fits(e, change, bound, before)] for e in expected])
    missing = [expectation for i, expectation in enumerate(expected) if i not in taken.values()]
    left = [change for k, change in enumerate(made) if k not in taken]
    if not missing and not left:
        other = [said for k, i in sorted(taken.items()) for said in _other_letters(expected[i], made[k], bound)]
        if other:
            return "unknown", "; ".join(other)
        return "true", "; ".join(c.words() for c in made) or "nothing changed"
    said = [f"expected but not there: {fill(m.words(), bound)}" for m in missing]
    said += [f"not expected: {c.words()}" for c in left]
    return "false", "; ".join(said)


def _assigned(fitting: list[list[int]]) -> dict[int, int]:
    """As many expectations as can be, each with a change of its own out of those that fit it (augmenting paths):
    which expectation each change was taken for."""
    taken: dict[int, int] = {}

    def take(expectation: int, tried: set[int]) -> bool:
        for change in fitting[expectation]:
            if change not in tried:
                tried.add(change)
                if change not in taken or take(taken[change], tried):
                    taken[change] = expectation
                    return True
        return False

    for expectation in range(len(fitting)):
        take(expectation, set())
    return taken


def fits(expectation: Expectation, change: Change, values: dict[str, str], before: AppData) -> bool:
    """Whether one change of the data `before` is the expected one."""
    if (expectation.table, expectation.operation) != (change.table, change.operation):
        return False
    if not row_is(change.row, expectation.cells, values):
        return False
    if not all(holds_value(str(change.row.get(c) or ""), fill(v, values)) for c, v in expectation.holds.items()):
        return False
    for column, pattern in expectation.copies.items():
        if not is_copied(change.row.get(column), change.table, column, fill(pattern, values), before):
            return False
    if change.operation != "changed":
        return True
    old = change.before or {}
    if not row_is(old, expectation.was, values):
        return False
    for named, more, less in ((expectation.gains, change.row, old), (expectation.loses, old, change.row)):
        if not all(differ_by(more.get(c), less.get(c), fill(v, values)) for c, v in named.items()):
            return False
    told = {*expectation.cells, *expectation.gains, *expectation.loses, *expectation.free}
    return set(change.columns_changed) <= told


def is_copied(cell: Cell, table: str, column: str, named: str, before: AppData) -> bool:
    """Whether a cell is that of a row which had this value in one of its cells."""
    rows = before.tables[table].by_key().values() if table in before.tables else ()
    return any(row.get(column) == cell for row in rows if any(_cell_is(other, named) for other in row.values()))


def differ_by(more: Cell, less: Cell, words: str) -> bool:
    """Whether one cell has all the words of the other, and just these as well."""
    return Counter(_words(more)) == Counter(_words(less)) + Counter(_words(words)) and bool(_words(words))


def _words(cell: Cell) -> list[str]:
    return re.findall(r"\w+", normal(str(cell or "")))


def row_is(row: dict[str, Cell], cells: dict[str, str], values: dict[str, str]) -> bool:
    """Whether a row holds these cells, given as patterns with slots."""
    return all(_cell_is(row.get(column), fill(pattern, values)) for column, pattern in cells.items())


def _other_letters(expectation: Expectation, change: Change, values: dict[str, str]) -> list[str]:
    """The cells that are as expected only when capital and small letters, or lines and spaces, are taken for the
    same."""
    said = []
    for column, pattern in expectation.cells.items():
        cell, wanted = change.row.get(column), fill(pattern, values)
        as_words = as_number(wanted) is None and as_day(wanted) is None and as_clock(wanted) is None
        if isinstance(cell, str) and as_words and _letters(cell) != _letters(wanted):
            said.append(f"{change.table}.{column} is {cell!r}, expected {wanted!r}")
    return said


def _letters(text: str) -> str:
    """The text with what `normal` folds but case and lines."""
    folded = unicodedata.normalize("NFKC", text).replace("\r\n", "\n")
    return "".join(c for c in folded if normal(c) or c.isspace()).strip()


def _cell_is(cell: Cell, wanted: str) -> bool:
    if isinstance(cell, bool):
        return wanted == ("true" if cell else "false")
    if isinstance(cell, str):
        return same_text(cell, wanted)
    return same_value("" if cell is None else str(cell), wanted)
