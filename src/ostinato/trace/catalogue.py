"""The index of a store, kept up to date with its files: it may be thrown away, and is made anew from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from ostinato.errors import StoreError
from ostinato.trace.index import Index, Row, storable
from ostinato.trace.record import Trace
from ostinato.trace.values import normal

if TYPE_CHECKING:
    from ostinato.trace.store import Store

T = TypeVar("T")


class Catalogue:
    """What the index knows of a store's traces."""

    def __init__(self, store: Store, index: Index, journals: Path) -> None:
        self._store = store
        self._journals = journals
        self.index = index

    def rebuild(self) -> int:
        """Make the index anew from the files; how many traces it holds."""
        return self.asked(self._rebuild)

    def _rebuild(self) -> int:
        self.index.recreate()
        rows = self._rows(self._store.ids())
        self.index.replace_all(rows)
        return len(rows)

    def asked(self, question: Callable[[], T]) -> T:
        """An answer from the index: rebuilt when it is corrupt, kept in memory when it is read-only."""
        try:
            try:
                return question()
            except OperationalError as error:
                if "locked" in str(error) or self.index.url is not None:
                    raise
                self.index.in_memory()
                return question()
            except DatabaseError:
                self._rebuild()
                return question()
        except (SQLAlchemyError, OSError) as error:
            what = str(getattr(error, "orig", None) or error).splitlines()[0]
            advice = (
                "check that the database runs and may be reached"
                if self.index.url
                else "another process holds it: try again, or stop that process"
            )
            raise StoreError(
                f"{self._store.folder}: the index does not answer ({what}); {advice}. No trace is lost: "
                "the journals are whole, and the index follows them"
            ) from error

    def follow(self, trace_ids: Iterable[str]) -> None:
        """Bring rows up to date. A failure is no loss: the next list catches up."""
        with suppress(SQLAlchemyError, OSError):
            self.index.put(self._rows(trace_ids))

    def catch_up(self) -> None:
        """Take in what failed writes left out: missing rows, and unfinished traces that grew."""
        ids = self._store.ids()
        count, unfinished = self.index.state()
        late = [key for key, size in unfinished.items() if _size(self._journals / f"{key}.jsonl") not in (size, None)]
        gone: set[str] = set()
        if count != len(ids) or any(_size(self._journals / f"{key}.jsonl") is None for key in unfinished):
            known = self.index.ids()
            gone = known - set(ids)
            late += [key for key in ids if key not in known]
        if late or gone:
            self.index.put(self._rows(late), gone)

    def _rows(self, trace_ids: Iterable[str]) -> list[Row]:
        rows = [self._row(trace_id) for trace_id in trace_ids]
        return [row for row in rows if row is not None]

    def _row(self, trace_id: str) -> Row | None:
        size = _size(self._store.journal(trace_id))
        if size is None:
            return None
        verdict = None
        with suppress(StoreError):
            judged = self._store.verdicts(trace_id)
            verdict = judged[-1].value if judged else None
        try:
            trace, status = self._store.bare(trace_id), ""
        except StoreError as error:
            trace, status = (
                Trace(id=trace_id, task=str(error), started=datetime.fromtimestamp(0, UTC)),
                "unreadable",
            )
        row: Row = {
            "id": trace_id,
            "task": trace.task,
            "app": trace.app,
            "place": trace.place,
            "batch": trace.batch,
            "phone": trace.phone,
            "agent": trace.agent,
            "started": trace.started.isoformat(),
            "seconds": trace.seconds,
            "status": status or trace.status,
            "steps": trace.acts,
            "replayed": sum(s.decision.source == "replay" for s in trace.steps),
            "calls": trace.cost.calls,
            "verdict": verdict,
            "words": f"{trace.task} {trace.app or ''}".casefold(),
            "said": trace.meta.get("said", "") if trace.private else normal(trace.task),
            "doing": trace.meta.get("doing") if trace.private and trace.doing is not None else trace.doing,
            "unsettled": trace.unsettled is not None,
            "open": trace.ended is None,
            "size": size,
        }
        return {name: storable(value) for name, value in row.items()}


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
