"""An app's own data at one moment, as rows a judge can compare."""

from __future__ import annotations

from collections import Counter

from pydantic import model_validator

from ostinato.trace.screen import Record

Cell = str | int | float | bool | None


class Table(Record):
    """Rows under named columns; `key` names the columns that identify a row."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()

    @model_validator(mode="after")
    def _shape(self) -> Table:
        for column in self.key:
            if column not in self.columns:
                raise ValueError(f"key column {column!r} is not among the columns {self.columns}")
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells, expected {len(self.columns)}")
        return self

    def by_key(self) -> dict[tuple[Cell, ...], dict[str, Cell]]:
        """Each row under its key; rows that the key does not tell apart under all of their cells, and their number
        among those alike."""
        places = [self.columns.index(column) for column in self.key]
        keys = [tuple(row[p] for p in places) for row in self.rows]
        if len(set(keys)) < len(keys) or not places:
            seen: Counter[tuple[Cell, ...]] = Counter()
            for number, row in enumerate(self.rows):
                seen[row] += 1
                keys[number] = (*row, seen[row])
        return {key: dict(zip(self.columns, row, strict=True)) for key, row in zip(keys, self.rows, strict=True)}


class AppData(Record):
    """All tables of an app that a judge may see, and the texts of its files by their paths, if it keeps any. What an
    app changes by itself (history, sessions) is left out by the app's own description."""

    app: str
    tables: dict[str, Table] = {}
    files: dict[str, str] | None = None
