"""An index of the templates of all experiences, so that one among ten thousand is found in milliseconds.

It is made from the repository's files and follows them; it can be thrown away. A template is found by its rarest word:
a task that it explains has that word, so none is missed, and few others have it. What the files say is read again
before anything is played."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ostinato.errors import StoreError
from ostinato.replay.experience import USABLE, migrated
from ostinato.replay.standing import Standing
from ostinato.trace.blobs import disk_errors
from ostinato.trace.values import Kind, address, normal

_VERSION = 3
_TABLES = """
drop table if exists file; drop table if exists template; drop table if exists often;
drop table if exists template_words;
create table file (name text primary key, stamp text not null);
create table template (
  number integer primary key, name text not null, experience text not null, version integer not null, app text,
  place text, text text not null, kinds text not null, key text not null, status text not null,
  usable integer not null);
create index template_key on template (key);
create index template_name on template (name);
create index template_experience on template (experience, version);
create table often (word text primary key, times integer not null);
create virtual table template_words using fts5(said, tokenize = "unicode61 remove_diacritics 2");
create table folder (name text primary key, stamp text not null);
"""
_SLOT = re.compile(r"\{[^\W\d]\w*\}")
_SETTLED = 2.0  # seconds after which a folder's time of change is not given to a later change, too
_MOST_TERMS = 8
_LEAST_TERMS = 2
_MOST_ROWS = 2000  # templates that are rated for one question
_COLUMNS = "experience, version, app, text, kinds"


@dataclass(frozen=True)
class Template:
    """A template of the newest version of an experience that may be matched, and the kinds of its slots."""

    experience: str
    version: int
    app: str | None
    text: str
    kinds: dict[str, Kind]


class Templates:
    """The index in `file` of the experiences in `folder`; `standing` says which may be matched."""

    def __init__(self, folder: Path, file: Path, standing: Standing | None = None) -> None:
        self.folder, self.file, self.standing = folder, file, standing
        self._texts: tuple[tuple[object, ...], dict[int, str]] | None = None

    def holding(self, words: str, apps: Sequence[str] | None = None) -> list[Template]:
        """Every template whose rarest word is among these, in these apps: those that may explain them."""
        terms = sorted({*_terms(words), ""})
        with self._open() as base:
            marks = ", ".join("?" * len(terms))
            where, places = _in(apps)
            rows = base.execute(
                f"select {_COLUMNS} from template where key in ({marks}){where} and {_NEWEST}", [*terms, *places]
            ).fetchall()
        return [_template(row) for row in rows]

    def like(self, words: str, apps: Sequence[str] | None = None, most: int = 20) -> list[Template]:
        """The templates that share most words with these, rare words first."""
        with self._open() as base:
            terms = _terms(words)
            marks = ", ".join("?" * len(terms))
            known = dict(base.execute(f"select word, times from often where word in ({marks})", terms).fetchall())
            chosen: list[str] = []
            rows_met = 0
            for term in sorted(known, key=lambda term: int(known[term]))[:_MOST_TERMS]:
                rows_met += known[term]
                if len(chosen) >= _LEAST_TERMS and rows_met > _MOST_ROWS:  # a word that half of them have tells little
                    break
                chosen.append(term)
            if not chosen:
                return []
            where, places = _in(apps)
            query = " OR ".join(f'"{term}"' for term in chosen)
            rows = base.execute(
                f"select {', '.join(f'template.{name}' for name in _COLUMNS.split(', '))} from template_words "
                f"join template on template.number = template_words.rowid where template_words match ?{where} "
                f"and {_NEWEST} order by rank limit ?",
                [query, *places, most],
            ).fetchall()
        return [_template(row) for row in rows]

    def texts(self, apps: Sequence[str] | None = None) -> dict[int, str]:
        """The words of every template in these apps, by its number in the index; the same mapping again as long as
        the index did not change."""
        with self._open() as base:
            stamp = (_changed(self.file), apps if apps is None else tuple(apps))
            if self._texts is None or self._texts[0] != stamp:
                where, places = _in(apps)
                rows = base.execute(f"select number, text from template where {_NEWEST}{where} order by number", places)
                self._texts = (stamp, dict(rows.fetchall()))
            return self._texts[1]

    def numbered(self, numbers: Sequence[int]) -> list[Template]:
        """The templates of these numbers, in this order."""
        with self._open() as base:
            marks = ", ".join("?" * len(numbers))
            rows = base.execute(f"select number, {_COLUMNS} from template where number in ({marks})", list(numbers))
            found = {row[0]: _template(row[1:]) for row in rows.fetchall()}
        return [found[number] for number in numbers if number in found]

    def count(self) -> int:
        """How many experiences there are."""
        with self._open() as base:
            return int(base.execute("select count(distinct experience) from template").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The index, as the folder is now. One that cannot be read is made anew; StoreError when that fails, too."""
        with disk_errors(self.file.parent):
            self.file.parent.mkdir(parents=True, exist_ok=True)
        base = sqlite3.connect(self.file, timeout=10.0, isolation_level="IMMEDIATE")
        try:
            try:
                self._follow(base)
            except sqlite3.DatabaseError:  # also one of another version of this program
                base.close()
                with disk_errors(self.file.parent):
                    self.file.unlink(missing_ok=True)
                base = sqlite3.connect(self.file, timeout=10.0, isolation_level="IMMEDIATE")
                self._follow(base)
            yield base
        except sqlite3.Error as error:
            raise StoreError(f"{self.file}: the index of experiences cannot be used: {error}") from error
        finally:
            base.close()

    def _follow(self, base: sqlite3.Connection) -> None:
        """Take in what came, changed and went since the last time, and what may be matched now. A folder that did not
        change is not read, nor statuses that did not."""
        if base.execute("pragma user_version").fetchone()[0] != _VERSION:
            base.executescript(f"drop table if exists folder;{_TABLES}pragma user_version = {_VERSION};")
        now, changed = time.time_ns(), {"files": _changed(self.folder)}
        changed["standing"] = _changed(self.standing.file) if self.standing is not None else 0
        known = dict(base.execute("select name, stamp from folder").fetchall())
        new = [name for name, when in changed.items() if known.get(name) != str(when)]
        if not new:
            return
        with base:
            if "files" in new:
                self._take_all_in(base)
            self._rate(base)
            for name in new:
                base.execute("delete from folder where name = ?", (name,))
                if now - changed[name] > _SETTLED * 1e9:
                    base.execute("insert into folder (name, stamp) values (?, ?)", (name, str(changed[name])))

    def _take_all_in(self, base: sqlite3.Connection) -> None:
        """The files as they are now."""
        here = {entry.name: f"{state.st_mtime_ns} {state.st_size}" for entry, state in _files(self.folder)}
        old = dict(base.execute("select name, stamp from file").fetchall())
        for name in [name for name in old if here.get(name) != old[name]]:
            _remove(base, name)
        often = dict(base.execute("select word, times from often").fetchall())
        for name in [name for name in here if old.get(name) != here[name]]:
            base.execute("insert into file (name, stamp) values (?, ?)", (name, here[name]))
            _take_in(base, name, _read(self.folder / name), often)
        base.executemany("insert or replace into often (word, times) values (?, ?)", often.items())

    def _rate(self, base: sqlite3.Connection) -> None:
        """Mark what may be matched now."""
        became = self.standing.statuses() if self.standing is not None else {}
        rows = base.execute("select distinct experience, version, status, usable from template").fetchall()
        for experience, version, status, usable in rows:
            may = became.get((experience, version), status) in USABLE
            if may != bool(usable):
                base.execute(
                    "update template set usable = ? where experience = ? and version = ?", (may, experience, version)
                )


_NEWEST = (
    "usable and version = "
    "(select max(version) from template as other where other.experience = template.experience and other.usable)"
)


def _changed(path: Path) -> int:
    """When a file or folder changed last, in nanoseconds; 0 where it is not there."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _in(apps: Sequence[str] | None) -> tuple[str, list[str]]:
    if apps is None:
        return "", []
    return f" and place in ({', '.join('?' * len(apps))})", [address(app) for app in apps]


def _files(folder: Path) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".json") and not entry.name.startswith("."):
                    yield entry, entry.stat()
    except FileNotFoundError:
        return


def _read(path: Path) -> dict[str, Any] | None:
    """What an experience file says; None for one that is damaged, which the repository names."""
    try:
        found = migrated(json.loads(path.read_bytes()))
        kinds = {slot["name"]: slot["kind"] for slot in found["slots"]}
        texts = [text for text in found["templates"] if isinstance(text, str)]
        return {
            "experience": str(found["id"]),
            "version": int(found["version"]),
            "app": found["app"],
            "texts": texts,
            "kinds": kinds,
            "status": str(found.get("status", "learnt")),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _take_in(base: sqlite3.Connection, name: str, found: dict[str, Any] | None, often: dict[str, int]) -> None:
    if found is None:
        return
    for text in found["texts"]:
        words = _certain(text)
        key = min(words, key=lambda word: (often.get(word, 0), -len(word), word), default="")
        for word in set(_terms(_SLOT.sub(" ", text))):
            often[word] = often.get(word, 0) + 1
        row = (name, found["experience"], found["version"], found["app"], address(found["app"] or ""), text)
        number = base.execute(
            "insert into template (name, experience, version, app, place, text, kinds, key, status, usable) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, json.dumps(found["kinds"]), key, found["status"], found["status"] in USABLE),
        ).lastrowid
        base.execute("insert into template_words (rowid, said) values (?, ?)", (number, normal(_SLOT.sub(" ", text))))


def _remove(base: sqlite3.Connection, name: str) -> None:
    base.execute("delete from template_words where rowid in (select number from template where name = ?)", (name,))
    base.execute("delete from template where name = ?", (name,))
    base.execute("delete from file where name = ?", (name,))


def _terms(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"\w+", normal(text))))


def _certain(text: str) -> list[str]:
    """The words that every task of a template has as words of their own: not what a slot's value could grow onto."""
    return _terms(re.sub(r"\w*\x00\w*", " ", _SLOT.sub("\x00", normal(text))))


def _template(row: Sequence[Any]) -> Template:
    return Template(row[0], row[1], row[2], row[3], json.loads(row[4]))
