"""What differs between an app's data before and after, for labels that owe nothing to the judge they measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ostinato.trace.data import AppData, Cell


@dataclass(frozen=True)
class Difference:
    """One row that is not as it was. `old` is None for a new row, `new` for one that is gone."""

    table: str
    operation: Literal["added", "removed", "changed"]
    old: dict[str, Cell] | None
    new: dict[str, Cell] | None

    @property
    def row(self) -> dict[str, Cell]:
        return self.new or self.old or {}

    @property
    def columns_changed(self) -> tuple[str, ...]:
        return tuple(column for column, cell in self.row.items() if (self.old or {}).get(column) != cell)

    def words(self) -> str:
        return f"{self.table} {self.operation}: {self.old} → {self.new}"


def differences(before: AppData, after: AppData) -> list[Difference]:
    """Every row that came, went or changed, table by table."""
    return [found for table in sorted({*before.tables, *after.tables}) for found in _of_table(table, before, after)]


def _of_table(name: str, before: AppData, after: AppData) -> Iterator[Difference]:
    old, new = _rows(name, before), _rows(name, after)
    for key in [*old, *(key for key in new if key not in old)]:
        was, is_now = old.get(key), new.get(key)
        if was == is_now:
            continue
        operation: Literal["added", "removed", "changed"] = (
            "added" if was is None else "removed" if is_now is None else "changed"
        )
        yield Difference(name, operation, was, is_now)


def _rows(name: str, data: AppData) -> dict[str, dict[str, Cell]]:
    table = data.tables.get(name)
    if table is None:
        return {}
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return {repr([row[column] for column in table.key]): row for row in rows}
