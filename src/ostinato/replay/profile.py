"""The preferences of a person, in a file of their own: added with consent, found by their words, really deleted.

One SQLite file with a full-text index. What is forgotten is overwritten there; backups, and traces of runs in which a
value was used, are others' business (`ostinato trace delete`)."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ostinato.agent.confidential import secret_in
from ostinato.agent.memory import Consent, Preference
from ostinato.errors import StoreError, UsageError
from ostinato.trace.blobs import disk_errors
from ostinato.trace.values import address, normal

MOST_LETTERS = 300
_TABLES = """
create table if not exists preference (
  number integer primary key, id text unique not null, key text not null, value text not null, app text,
  added text not null, consent text not null);
create virtual table if not exists preference_words using fts5(said, tokenize = "unicode61 remove_diacritics 2");
"""
_COLUMNS = "id, key, value, app, added, consent"
_MOST_WORDS = 12


class Profile:
    """`file` is made at the first preference, for its owner alone."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def add(self, key: str, value: str, app: str | None = None, *, consent: Consent) -> Preference:
        """Keep a preference; one about the same in the same app is replaced. Raises UsageError for what looks like a
        secret, and for what is empty or too long."""
        key, value = " ".join(key.split()), " ".join(value.split())
        for name, text in (("key", key), ("value", value)):
            if not text:
                raise UsageError(f"the {name} of a preference is empty; write: ostinato memory add KEY VALUE")
            if len(text) > MOST_LETTERS:
                raise UsageError(f"the {name} of a preference has {len(text)} letters; at most {MOST_LETTERS} are kept")
        kind = secret_in(key, value)
        if kind is not None:
            raise UsageError(
                f"this looks like {kind}, and secrets are not kept in memory; a password is set for one run as "
                "OSTINATO_SECRET_NAME (docs/record.md)"
            )
        place = address(app) if app else None
        kept = Preference(
            id=secrets.token_hex(3), key=key, value=value, app=place, added=datetime.now(UTC), consent=consent
        )
        with self._open(create=True) as base:
            for old in self._all(base):
                if old.is_about(key) and old.app == place:
                    self._delete(base, [old.id])
            number = base.execute(
                f"insert into preference ({_COLUMNS}) values (?, ?, ?, ?, ?, ?)",
                (kept.id, kept.key, kept.value, kept.app, kept.added.isoformat(), kept.consent),
            ).lastrowid
            base.execute("insert into preference_words (rowid, said) values (?, ?)", (number, _indexed(kept)))
        return kept

    def forget(self, ids: Sequence[str]) -> None:
        """Delete preferences, their words in the index, and what the file still held of them."""
        if not self.file.exists():
            return
        with self._open() as base:
            self._delete(base, ids)
        with self._open() as base:
            base.execute("insert into preference_words (preference_words) values ('rebuild')")
        with self._open(isolated=False) as base:
            base.execute("vacuum")

    def all(self) -> list[Preference]:
        """Every preference, the oldest first."""
        if not self.file.exists():
            return []
        with self._open() as base:
            return self._all(base)

    def get(self, text: str) -> list[Preference]:
        """Those of this id, of an id that begins so, or about this key. Raises UsageError where there is none."""
        found = [one for one in self.all() if one.id == text or one.is_about(text)]
        found = found or [one for one in self.all() if one.id.startswith(text)]
        if not found:
            raise UsageError(f"nothing is remembered as {text!r}; see: ostinato memory list")
        return found

    def about(self, key: str, app: str | None = None) -> Preference | None:
        """The preference about this key: of the app, otherwise the one that holds everywhere."""
        place = address(app) if app else None
        mine = [one for one in self._found(key, app, 50) if one.is_about(key)]
        return next((one for one in mine if one.app == place), next((one for one in mine if one.app is None), None))

    def find(self, words: str, app: str | None = None, most: int = 5) -> list[Preference]:
        """Those that words speak of, the nearest first; of this app (None: of all), and those that hold everywhere."""
        return self._found(words, app, most)

    def _found(self, words: str, app: str | None, most: int) -> list[Preference]:
        terms = list(dict.fromkeys(re.findall(r"\w+", normal(words.replace("_", " ")))))[:_MOST_WORDS]
        if not terms or not self.file.exists():
            return []
        query = " OR ".join(f'"{term}"' for term in terms)
        columns = ", ".join(f"preference.{name}" for name in _COLUMNS.split(", "))
        where = "" if app is None else "and (preference.app is null or preference.app = ?) "
        given: list[object] = [query, *([] if app is None else [address(app)]), most]
        with self._open() as base:
            rows = base.execute(
                f"select {columns} from preference_words join preference on preference.number = preference_words.rowid "
                f"where preference_words match ? {where}order by rank limit ?",
                given,
            ).fetchall()
        return [_preference(row) for row in rows]

    def _all(self, base: sqlite3.Connection) -> list[Preference]:
        return [_preference(row) for row in base.execute(f"select {_COLUMNS} from preference order by number")]

    def _delete(self, base: sqlite3.Connection, ids: Sequence[str]) -> None:
        for one in ids:
            mine = "select number from preference where id = ?"
            base.execute(f"delete from preference_words where rowid in ({mine})", (one,))
            base.execute("delete from preference where id = ?", (one,))

    @contextmanager
    def _open(self, *, create: bool = False, isolated: bool = True) -> Iterator[sqlite3.Connection]:
        """The file, what is done in one transaction (`isolated`). StoreError where it cannot be read or written."""
        with disk_errors(self.file.parent):
            if create:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self.file.touch(mode=0o600)
        base = sqlite3.connect(self.file, timeout=10.0, isolation_level="IMMEDIATE" if isolated else None)
        try:
            base.execute("pragma secure_delete = on")
            if create:
                base.executescript(_TABLES)
            with base:
                yield base
        except sqlite3.Error as error:
            raise StoreError(
                f"{self.file}: the memory cannot be used ({error}); free the disk, or move the file away to begin anew"
            ) from error
        finally:
            base.close()


def _preference(row: Sequence[object]) -> Preference:
    return Preference.model_validate(dict(zip(_COLUMNS.split(", "), row, strict=True)))


def _indexed(one: Preference) -> str:
    return normal(f"{one.key.replace('_', ' ')} {one.value} {one.app or ''}")
