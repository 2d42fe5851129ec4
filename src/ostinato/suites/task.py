"""A task of a suite: a template, generated values, the script that does it, and the oracle that knows the truth."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ostinato.agent.script import Do
from ostinato.suites.mutant import Mutations, Values
from ostinato.suites.truth import Difference, differences
from ostinato.trace.data import AppData
from ostinato.trace.values import fill

__all__ = ["Task", "Values", "changed_only", "only"]


@dataclass(frozen=True)
class Task:
    """`script` and `oracle` are written by hand and know nothing of what replay learns or a judge asks. `oracle` gets
    every row that differs and the values, and says what is wrong; an empty list means done, exactly. `mutants` are
    scripts that do something else, by their kind."""

    name: str
    app: str
    template: str
    generate: Callable[[random.Random], Values]
    script: Callable[[Values], Sequence[Do]]
    oracle: Callable[[list[Difference], Values], list[str]]
    mutants: Mutations = field(default_factory=dict, compare=False)

    def words(self, values: Values) -> str:
        return fill(self.template, values)

    def wrong(self, before: AppData, after: AppData, values: Values) -> list[str]:
        return self.oracle(differences(before, after), values)


def only(found: list[Difference], table: str, operation: str, **cells: object) -> list[str]:
    """What is wrong when exactly one row of a table should have been added, removed or changed to these cells."""
    return each(found, table, operation, [cells])


def each(found: list[Difference], table: str, operation: str, expected: Sequence[dict[str, object]]) -> list[str]:
    """What is wrong when exactly these rows of a table should have been added, removed or changed to these cells."""
    said = [f"unexpected: {d.words()}" for d in found if (d.table, d.operation) != (table, operation)]
    rows = [d for d in found if (d.table, d.operation) == (table, operation)]
    if len(rows) != len(expected):
        return [*said, f"{len(rows)} rows of {table} {operation}, expected {len(expected)}"]
    for cells in expected:
        best = min(rows, key=lambda d: len(_off(d, cells)))
        rows.remove(best)
        said += [
            f"{table}.{column} is {best.row.get(column)!r}, expected {cells[column]!r}" for column in _off(best, cells)
        ]
    return said


def _off(found: Difference, cells: dict[str, object]) -> list[str]:
    return [column for column, wanted in cells.items() if found.row.get(column) != wanted]


def changed_only(found: list[Difference], *columns: str) -> list[str]:
    """What is wrong when nothing but these columns of a row may differ."""
    return [f"{d.table}.{column} changed" for d in found for column in d.columns_changed if column not in columns]
