"""SELECTs on an app's tables, which are copied into memory for it: nothing else can be reached or changed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing

from ostinato.errors import UsageError
from ostinato.trace.data import AppData, Table
from ostinato.trace.values import fill, slots_in

_SECONDS = 2.0
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def first_cell(query: str, before: AppData | None, after: AppData, values: dict[str, str]) -> str:
    """The first cell that a query gives, as text. Tables are those of `after`; those of `before` are in the schema
    `before`. A `{slot}` becomes a parameter of the query, never a part of its text. UsageError says what is wrong."""
    bound = {slot: values[slot] for slot in slots_in(query)}
    text = fill(query, {slot: f":{slot}" for slot in bound})
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        try:
            _copy(connection, {"main": after, "before": before})
        except (sqlite3.Error, OverflowError) as problem:
            raise UsageError(f"the app's tables cannot be asked by a query: {problem}") from None
        connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
        end = time.monotonic() + _SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
        try:
            row = connection.execute(text, bound).fetchone()
        except (sqlite3.Error, OverflowError) as problem:
            raise UsageError(f"the query {' '.join(query.split())!r} was not answered: {problem}") from None
    if row is None:
        return ""
    return "" if row[0] is None else str(row[0])


def _copy(connection: sqlite3.Connection, schemas: Mapping[str, AppData | None]) -> None:
    """The tables of the data of each schema."""
    connection.execute("ATTACH ':memory:' AS before")
    for schema, data in schemas.items():
        for name, table in data.tables.items() if data is not None else ():
            columns = ", ".join(f"{_quoted(c)} {_affinity(table, n)}" for n, c in enumerate(table.columns))
            connection.execute(f"CREATE TABLE {schema}.{_quoted(name)} ({columns})")
            places = ", ".join("?" * len(table.columns))
            connection.executemany(f"INSERT INTO {schema}.{_quoted(name)} VALUES ({places})", table.rows)


def _affinity(table: Table, place: int) -> str:
    """NUMERIC where a column holds numbers, so that a slot's text `3.50` is compared as the number it is."""
    cells = [row[place] for row in table.rows if row[place] is not None]
    return "NUMERIC" if cells and not any(isinstance(cell, str) for cell in cells) else "TEXT"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
