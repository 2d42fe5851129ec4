"""An app's SQLite file: read at one moment, and put back to its first state under SQLite's own locks."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from ostinato.errors import AppError
from ostinato.trace.data import Cell

RESTORE_SECONDS = 10.0


def put_back(name: str, snapshot: Path, live: Path) -> None:
    """Copy the snapshot's pages into the live file: all of them or none. AppError where there is no such file, and
    where it stays locked."""
    if not live.is_file():
        raise AppError(
            f"{live.parent} holds no data of {name} (no {live.name}), so nothing was changed; "
            f"name the folder that {name} was started in."
        )
    end = time.monotonic() + RESTORE_SECONDS

    def give_up(status: int, remaining: int, total: int) -> None:
        if time.monotonic() > end:
            raise AppError(f"{live} stays locked; it was not reset.")

    try:
        with (
            closing(sqlite3.connect(f"{snapshot.as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(live, timeout=RESTORE_SECONDS)) as target,
        ):
            source.backup(target, progress=give_up, sleep=0.01)
    except sqlite3.Error as problem:
        raise AppError(f"{name} was not reset in {live.parent}: {problem}") from None


def read(name: str, database: Path, queries: Mapping[str, str]) -> dict[str, list[tuple[Cell, ...]]]:
    """The rows of each query, all at one moment. AppError where the file cannot be read."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            connection.execute("BEGIN")
            return {table: connection.execute(query).fetchall() for table, query in queries.items()}
    except sqlite3.Error as problem:
        raise AppError(f"The database of {name} cannot be read: {problem}") from None
