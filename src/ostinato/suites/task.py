"""A task of a suite: a template, generated values, the script that does it, and the oracle that knows the truth."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ostinato.agent.script import Do
from ostinato.judge.change import Change, changes
from ostinato.trace.data import AppData
from ostinato.trace.values import fill

Values = dict[str, str]


@dataclass(frozen=True)
class Task:
    """`script` and `oracle` are written by hand and know nothing of what replay learns. `oracle` gets every changed
    row and the values, and says what is wrong; an empty list means done, exactly."""

    name: str
    app: str
    template: str
    generate: Callable[[random.Random], Values]
    script: Callable[[Values], Sequence[Do]]
    oracle: Callable[[list[Change], Values], list[str]]

    def words(self, values: Values) -> str:
        return fill(self.template, values)

    def wrong(self, before: AppData, after: AppData, values: Values) -> list[str]:
        return self.oracle(list(changes(before, after)), values)


def only(found: list[Change], table: str, operation: str, **cells: object) -> list[str]:
    """What is wrong when exactly one row of a table should have been added, removed or changed to these cells."""
    said = [f"unexpected: {c.words()}" for c in found if (c.table, c.operation) != (table, operation)]
    rows = [c for c in found if (c.table, c.operation) == (table, operation)]
    if len(rows) != 1:
        return [*said, f"{len(rows)} rows of {table} {operation}, expected 1"]
    for column, wanted in cells.items():
        seen = rows[0].row.get(column)
        if seen != wanted:
            said.append(f"{table}.{column} is {seen!r}, expected {wanted!r}")
    return said


def changed_only(found: list[Change], *columns: str) -> list[str]:
    """What is wrong when nothing but these columns of one row may differ."""
    return [f"{c.table}.{column} changed" for c in found for column in c.columns_changed if column not in columns]
