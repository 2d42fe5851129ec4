"""What became of the versions of experiences: their status, and how their runs ended.

The file of a version never changes; this does, in a small SQLite file of its own. Statuses are kept as a history: the
last change of a version counts, and one without a status leaves it what its file says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from ostinato.errors import StoreError
from ostinato.replay.experience import Experience, Status
from ostinato.trace.blobs import disk_errors
from ostinato.trace.record import Step, Trace, Verdict

End = Literal["right", "wrong", "handed_over", "unjudged"]
MOST_WRONG = 2  # runs that were judged wrong, after which a version is played no more
_TABLES = """
create table if not exists change (
  number integer primary key, experience text not null, version integer not null, status text, reason text not null,
  at text not null, runs integer not null);
create index if not exists change_version on change (experience, version);
create table if not exists run (
  number integer primary key, trace text unique not null, experience text not null, version integer not null,
  ended text not null, at text not null);
create index if not exists run_version on run (experience, version);
"""


@dataclass(frozen=True)
class Change:
    """A status that a version was given, when and why; None gave it back what its file says."""

    version: int
    status: Status | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class Played:
    """How many runs of a version ended how, and when the last one did. `handed_over`: it could not go on, and another
    did or nobody; `unjudged`: it came to its end, and nothing told whether that was right."""

    right: int = 0
    wrong: int = 0
    handed_over: int = 0
    unjudged: int = 0
    last: datetime | None = None

    @property
    def uses(self) -> int:
        return self.right + self.wrong + self.handed_over + self.unjudged

    def words(self) -> str:
        """In a line, for people."""
        if not self.uses:
            return "not played yet"
        counts = {"right": self.right, "wrong": self.wrong, "handed over": self.handed_over, "unjudged": self.unjudged}
        return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


@dataclass(frozen=True)
class Standing:
    """`file` is made with the first change; any number of processes may use it at once."""

    file: Path

    def statuses(self) -> dict[tuple[str, int], Status]:
        """The status of every version that has another one than its file says."""
        with self._open() as base:
            rows = base.execute(
                "select experience, version, status from change where number in "
                "(select max(number) from change group by experience, version) and status is not null"
            ).fetchall()
        return {(row[0], row[1]): cast(Status, row[2]) for row in rows}

    def changes(self, experience: str) -> list[Change]:
        """Every change of status of an experience, oldest first."""
        with self._open() as base:
            rows = base.execute(
                "select version, status, reason, at from change where experience = ? order by number", (experience,)
            ).fetchall()
        return [Change(row[0], row[1], row[2], datetime.fromisoformat(row[3])) for row in rows]

    def put(self, experience: str, version: int, status: Status, reason: str) -> None:
        """Give a version a status. Wrong runs before it count no more."""
        with self._open(write=True) as base:
            _put(base, experience, version, status, reason)

    def lift(self, experience: str, version: int, reason: str) -> None:
        """End a quarantine: the version is again what it was before."""
        with self._open(write=True) as base:
            row = base.execute(
                "select status from change where experience = ? and version = ? and status is not 'quarantined' "
                "order by number desc limit 1",
                (experience, version),
            ).fetchone()
            _put(base, experience, version, row[0] if row is not None else None, reason)

    def note(self, experience: str, version: int, trace: str, end: End) -> bool:
        """Count a run, once; True when it was one wrong run too many, and the version is in quarantine now."""
        with self._open(write=True) as base:
            added = base.execute(
                "insert or ignore into run (trace, experience, version, ended, at) values (?, ?, ?, ?, ?)",
                (trace, experience, version, end, datetime.now(UTC).isoformat()),
            ).rowcount
            if not added or end != "wrong":
                return False
            last = base.execute(
                "select status, runs from change where experience = ? and version = ? order by number desc limit 1",
                (experience, version),
            ).fetchone() or (None, 0)
            wrong = base.execute(
                "select trace from run where experience = ? and version = ? and ended = 'wrong' and number > ?",
                (experience, version, last[1]),
            ).fetchall()
            if last[0] == "quarantined" or len(wrong) < MOST_WRONG:
                return False
            _put(base, experience, version, "quarantined", "wrong runs: " + ", ".join(row[0] for row in wrong))
            return True

    def played(self) -> dict[tuple[str, int], Played]:
        """How the runs of each version that was played ended."""
        with self._open() as base:
            rows = base.execute(
                "select experience, version, sum(ended = 'right'), sum(ended = 'wrong'), sum(ended = 'handed_over'), "
                "sum(ended = 'unjudged'), max(at) from run group by experience, version"
            ).fetchall()
        return {
            (name, version): Played(right, wrong, handed, unjudged, datetime.fromisoformat(last))
            for name, version, right, wrong, handed, unjudged, last in rows
        }

    def forget(self, experience: str) -> None:
        """Drop all that is known of an experience."""
        if self.file.exists():
            with self._open(write=True) as base:
                for table in ("change", "run"):
                    base.execute(f"delete from {table} where experience = ?", (experience,))

    @contextmanager
    def _open(self, write: bool = False) -> Iterator[sqlite3.Connection]:
        """The file in one transaction. To read one that is not there makes none."""
        if write:
            with disk_errors(self.file.parent):
                self.file.parent.mkdir(parents=True, exist_ok=True)
        there = write or self.file.exists()
        try:
            base = sqlite3.connect(self.file if there else ":memory:", timeout=10.0, isolation_level=None)
            try:
                if write or not there:
                    base.executescript(_TABLES)
                base.execute("begin immediate" if write else "begin")
                yield base
                base.execute("commit")
            finally:
                base.close()
        except sqlite3.Error as error:
            raise StoreError(
                f"{self.file}: what became of experiences cannot be read or kept: {error}; if it is damaged, move it "
                "away: experiences then have the status of their files"
            ) from error


def _put(base: sqlite3.Connection, experience: str, version: int, status: Status | None, reason: str) -> None:
    runs = base.execute("select coalesce(max(number), 0) from run").fetchone()[0]
    base.execute(
        "insert into change (experience, version, status, reason, at, runs) values (?, ?, ?, ?, ?, ?)",
        (experience, version, status, reason, datetime.now(UTC).isoformat(), runs),
    )


def end_of(trace: Trace, verdict: Verdict | None, experience: Experience) -> End | None:
    """How a run of an experience ended; None where it says nothing of it: it was cut off, or refused.

    A run in which another decider took a step is handed over, however it was judged. One that stopped after the
    experience sent something is wrong when the data show that it was not what is expected."""
    if trace.status in ("interrupted", "damaged"):
        return None
    own = [step for step in trace.steps if _is_of(step, experience)]
    if any(not _is_of(s, experience) and not s.decision.aside and s.action.kind != "done" for s in trace.steps):
        return "handed_over"
    judged = verdict.value if verdict is not None else None
    if trace.status == "done":
        return {"yes": "right", "no": "wrong"}.get(judged or "", "unjudged")  # type: ignore[return-value]
    sent = any(s.risk == "commit" and (s.result is None or s.result.touched) for s in own)
    if sent and verdict is not None and judged == "no" and verdict.changes:
        return "wrong"
    stopped = trace.outcome.reason if trace.outcome is not None else ""
    return "handed_over" if f"replay of {experience.id} v{experience.version}: " in stopped else None


def _is_of(step: Step, experience: Experience) -> bool:
    found = step.experience
    return found is not None and (found.id, found.version) == (experience.id, experience.version)
