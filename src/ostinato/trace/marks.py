"""Marks that stand for texts which are not kept: the same text has the same mark, and nothing can be read from it."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ostinato.errors import StoreError
from ostinato.trace.blobs import disk_errors
from ostinato.trace.data import AppData, Cell, Table

MARK = re.compile(r"⟦[0-9a-f]{16}⟧")
_KEY = "privacy.key"
_BYTES = 32


class Marks:
    """Marks by the key of one store. What was marked here is remembered for as long as this lives, so that it can be
    told what a mark stands for; on disk it is nowhere."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}

    def of(self, text: str) -> str:
        """The mark of exactly this text."""
        digest = hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]
        mark = f"⟦{digest}⟧"
        self._known[mark] = text
        return mark

    def restored(self, text: str) -> str:
        """The text with what its marks stand for; a mark of something that was not marked here stays."""
        return MARK.sub(lambda found: self._known.get(found.group(), found.group()), text)


def marks_in(folder: Path, *, make: bool = False) -> Marks | None:
    """Marks by the key in a folder, readable by its owner alone; None where there is none, unless it is to be made.
    Raises StoreError when it cannot be read or is no key."""
    path = folder / _KEY
    with disk_errors(folder):
        if make and not path.exists():
            _make(path)
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            return None
    if len(key) != _BYTES:
        raise StoreError(
            f"{path}: is not a key of {_BYTES} bytes; restore it from a backup, or remove it: what was kept under the "
            "old one can then no longer be compared with new runs"
        )
    return Marks(key)


def marked(data: AppData, marks: Marks) -> AppData:
    """Data with a mark for every cell that holds something but true or false, and for its files."""
    files = data.files
    return data.model_copy(
        update={
            "tables": {
                name: table.model_copy(
                    update={"rows": tuple(tuple(_cell(c, marks) for c in row) for row in table.rows)}
                )
                for name, table in data.tables.items()
            },
            "files": {marks.of(path): marks.of(text) for path, text in files.items()} if files is not None else None,
        }
    )


def restored(data: AppData, now: AppData | None, values: Iterable[str], marks: Marks) -> AppData:
    """Data in which every mark is what it stands for, as far as the data of `now` or the values tell; the others stay
    marks."""
    known: dict[object, Cell] = {marks.of(value): value for value in values}
    for name, table in now.tables.items() if now is not None else ():
        for row in table.rows:
            for column, cell in zip(table.columns, row, strict=True):
                known[name, column, _cell(cell, marks)] = known[_cell(cell, marks)] = cell
    for path, text in ((now.files or {}) if now is not None else {}).items():
        known |= {marks.of(path): path, marks.of(text): text}

    def one(name: str, column: str, value: Cell) -> Cell:
        return known.get((name, column, value), known.get(value, value)) if isinstance(value, str) else value

    def whole(name: str, table: Table) -> Table:
        rows = (tuple(one(name, c, v) for c, v in zip(table.columns, row, strict=True)) for row in table.rows)
        return table.model_copy(update={"rows": tuple(rows)})

    files = data.files
    return data.model_copy(
        update={
            "tables": {name: whole(name, table) for name, table in data.tables.items()},
            "files": (
                {str(known.get(p, p)): str(known.get(t, t)) for p, t in files.items()} if files is not None else None
            ),
        }
    )


def holds_marks(cells: Iterable[Cell]) -> bool:
    """Whether some of these cells are marks of what is not known any more."""
    return any(isinstance(cell, str) and MARK.fullmatch(cell) for cell in cells)


def _cell(cell: Cell, marks: Marks) -> Cell:
    return cell if cell is None or isinstance(cell, bool) or cell == "" else marks.of(str(cell))


def _make(path: Path) -> None:
    """A key of its own, whole or not at all, also when two commands make it at once."""
    partial = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    handle = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)
