"""What the templates mean, as rows of small numbers in a file beside their index, so that all are compared at once.

A row is made once for each text and kept by it, so that an index that is made anew costs no second time. The file is a
cache: it can be thrown away, and two processes may fill it at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ostinato.errors import StoreError
from ostinato.model.embed import Embedder
from ostinato.trace.blobs import disk_errors

_SCALE = 127.0  # rows are of length 1, so that no number is beyond ±1
_VERSION = 1
_TABLES = (
    "drop table if exists meaning",
    "create table meaning (number integer primary key, model text not null, text text not null, row blob not null, "
    "unique (model, text))",
    f"pragma user_version = {_VERSION}",
)


@dataclass
class Meanings:
    """Rows of `embedder`, kept in `file` as int8."""

    file: Path
    embedder: Embedder
    _known: dict[str, NDArray[np.int8]] = field(default_factory=dict)
    _last: int = 0  # the last row of the file that was read
    _stacked: tuple[tuple[str, ...], NDArray[np.float32]] | None = None  # of the texts that were asked for last

    def likeness(self, words: str, texts: tuple[str, ...], most_new: int | None = None) -> NDArray[np.float32]:
        """How near some words are to each text, (n,), -1..1. Of texts whose rows are not made yet, `most_new` are made
        now, the first ones first; the others get -1 until they are."""
        rows_nD = self._rows(texts, most_new)
        row_D = self.embedder.embed([words])[0]
        alike_n: NDArray[np.float32] = rows_nD @ row_D
        alike_n[np.abs(rows_nD[:, :8]).max(axis=1, initial=0.0) == 0] = -1.0
        return alike_n

    def near(self, words: str, text: str) -> float:
        """How near some words are to one text, -1..1."""
        self.prepare([text])
        row_D = self._known[text].astype(np.float32) / _SCALE
        return float(row_D @ self.embedder.embed([words])[0])

    def prepare(self, texts: Sequence[str]) -> int:
        """Make the rows of all texts that have none; how many that were."""
        missing = self._missing(texts)
        self._make(missing)
        return len(missing)

    def _missing(self, texts: Sequence[str]) -> list[str]:
        """The texts without a row, here and in the file."""
        if any(text not in self._known for text in texts):
            self._read()
        return [text for text in dict.fromkeys(texts) if text not in self._known]

    def _rows(self, texts: tuple[str, ...], most_new: int | None) -> NDArray[np.float32]:
        if self._stacked is not None and self._stacked[0] is texts:
            return self._stacked[1]
        missing = self._missing(texts)
        made = missing if most_new is None else missing[:most_new]
        self._make(made)
        width = len(next(iter(self._known.values()), ()))
        none = np.zeros(width, np.int8)
        rows_nD = np.zeros((len(texts), width), np.float32)
        for n, text in enumerate(texts):
            rows_nD[n] = self._known.get(text, none)
        rows_nD /= _SCALE
        if len(made) == len(missing):
            self._stacked = (texts, rows_nD)
        return rows_nD

    def _make(self, texts: Sequence[str]) -> None:
        if not texts:
            return
        made = [(text, _small(self.embedder.embed([text])[0])) for text in texts]
        with self._open() as base, base:
            base.executemany(
                "insert or ignore into meaning (model, text, row) values (?, ?, ?)",
                [(self.embedder.name, text, row.tobytes()) for text, row in made],
            )
        self._known.update(made)

    def _read(self) -> None:
        """Take in what came into the file since the last time."""
        with self._open() as base:
            rows = base.execute(
                "select number, text, row from meaning where number > ? and model = ? order by number",
                (self._last, self.embedder.name),
            ).fetchall()
        self._known.update((text, np.frombuffer(row, np.int8)) for _, text, row in rows)
        self._last = rows[-1][0] if rows else self._last

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The file. One that is damaged is made anew; StoreError where that fails, too."""
        with disk_errors(self.file.parent):
            self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            base = self._opened()
            with closing(base):
                yield base
        except sqlite3.Error as error:
            raise StoreError(f"{self.file}: the meanings of templates cannot be used: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        base = sqlite3.connect(self.file, timeout=10.0)
        try:
            _prepare(base)
        except sqlite3.OperationalError:  # busy for too long, or a disk that cannot be written
            base.close()
            raise
        except sqlite3.DatabaseError:
            base.close()
            with disk_errors(self.file.parent):
                self.file.unlink(missing_ok=True)
            base = sqlite3.connect(self.file, timeout=10.0)
            _prepare(base)
        return base


def _prepare(base: sqlite3.Connection) -> None:
    """Make the table, unless it is there or another is just making it."""
    if _is_ready(base):
        return
    base.execute("begin immediate")
    if not _is_ready(base):
        for statement in _TABLES:
            base.execute(statement)
    base.commit()


def _is_ready(base: sqlite3.Connection) -> bool:
    return bool(base.execute("pragma user_version").fetchone()[0] == _VERSION)


def _small(row_D: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.clip(np.round(row_D * _SCALE), -127, 127).astype(np.int8)
