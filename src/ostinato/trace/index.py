"""The table that makes lists quick: SQLite beside the journals, or PostgreSQL by URL (a database per store).

It holds nothing that is not in the journals, so losing it costs a rebuild and no trace.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from ostinato.errors import StoreError

BUSY_MS = 2000
Row = dict[str, Any]

_meta = sa.MetaData()
_traces = sa.Table(
    "ostinato_traces_3",  # a change of columns takes a new name, and the index is built anew
    _meta,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("app", sa.Text),
    sa.Column("place", sa.Text),
    sa.Column("batch", sa.Text),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("started", sa.Text, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("steps", sa.Integer, nullable=False),
    sa.Column("replayed", sa.Integer, nullable=False),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("verdict", sa.Text),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("doing", sa.Text),
    sa.Column("unsettled", sa.Boolean, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
)
_SHOWN = [column for column in _traces.c if column.name not in ("words", "said", "doing", "unsettled", "open", "size")]


class Index:
    """Every method raises SQLAlchemyError when the database fails; the store decides what that means."""

    def __init__(self, file: Path, url: str | None = None) -> None:
        self.url = url
        self._file = file
        self._engine = self._open(url or f"sqlite:///{file}")
        self._ready = False

    def _open(self, url: str) -> sa.Engine:
        try:
            memory = url == "sqlite://"
            engine = sa.create_engine(url, poolclass=StaticPool) if memory else sa.create_engine(url)
        except (SQLAlchemyError, ImportError) as error:
            raise StoreError(
                f"index {url.split('@')[-1]}: {error}; expected postgresql+psycopg://user@host/name "
                "and the extra `ostinato-agents[postgres]`"
            ) from error
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _tune)
        return engine

    def _begin(self) -> sa.Engine:
        if not self._ready:
            _meta.create_all(self._engine)
            self._ready = True
        return self._engine

    def recreate(self) -> None:
        """Throw the index away and start an empty one."""
        self._ready = False
        if self.url is None:
            self._engine.dispose()
            for suffix in ("", "-wal", "-shm", "-journal"):
                with suppress(FileNotFoundError):
                    self._file.with_name(self._file.name + suffix).unlink()
        else:
            _meta.drop_all(self._engine)
        self._begin()

    def in_memory(self) -> None:
        """Go on without a file (a store that can only be read)."""
        self._engine.dispose()
        self.url, self._ready = "sqlite://", False
        self._engine = self._open("sqlite://")

    def put(self, rows: Sequence[Row], gone: Collection[str] = ()) -> None:
        """Insert or replace rows and drop others, in one transaction."""
        old = [{"old": key} for key in {*gone, *(row["id"] for row in rows)}]
        with self._begin().begin() as connection:
            if old:
                connection.execute(_traces.delete().where(_traces.c.id == sa.bindparam("old")), old)
            if rows:
                connection.execute(_traces.insert(), list(rows))

    def judged(self, values: Mapping[str, str]) -> None:
        """The newest verdicts, by trace."""
        rows = [{"judged": key, "value": value} for key, value in values.items()]
        query = _traces.update().where(_traces.c.id == sa.bindparam("judged")).values(verdict=sa.bindparam("value"))
        with self._begin().begin() as connection:
            if rows:
                connection.execute(query, rows)

    def replace_all(self, rows: Sequence[Row]) -> None:
        with self._begin().begin() as connection:
            connection.execute(_traces.delete())
            if rows:
                connection.execute(_traces.insert(), list(rows))

    def state(self) -> tuple[int, dict[str, int]]:
        """How many rows, and the journal sizes of those whose trace had not ended when they were written."""
        with self._begin().connect() as connection:
            count = connection.execute(sa.select(sa.func.count()).select_from(_traces)).scalar_one()
            unfinished = connection.execute(sa.select(_traces.c.id, _traces.c.size).where(_traces.c.open))
            return count, {row.id: row.size for row in unfinished}

    def ids(self) -> set[str]:
        with self._begin().connect() as connection:
            return set(connection.execute(sa.select(_traces.c.id)).scalars())

    def page(
        self,
        *,
        limit: int,
        before: str | None = None,
        app: str | None = None,
        text: str | None = None,
        status: str | None = None,
        batch: str | None = None,
        said: Collection[str] = (),
    ) -> list[Row]:
        """Newest first; `batch` is the beginning of one, `said` a task in all its writings."""
        query = sa.select(*_SHOWN).order_by(_traces.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(_traces.c.id < before)
        if app is not None:
            query = query.where(_traces.c.app == app)
        if status is not None:
            query = query.where(_traces.c.status == status)
        if batch is not None:
            query = query.where(_traces.c.batch.startswith(batch, autoescape=True))
        if said:
            query = query.where(_traces.c.said.in_(said))
        if text:
            query = query.where(_traces.c.words.contains(text.casefold(), autoescape=True))
        with self._begin().connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def unsettled_of(
        self, said: Collection[str], doing: Collection[str], apps: Collection[str], places: Collection[str]
    ) -> list[str]:
        """Traces that may have done these words or this (see `Trace.unsettled`), or whose task is lost, since it was
        last done there (who does a task again after a doubtful run has looked). Each is given in all its writings;
        without `apps` it is none, without `places` any."""
        alike = sa.or_(_traces.c.said.in_(said), _traces.c.doing.in_(doing))
        same = sa.and_(alike, _traces.c.app.in_(apps) if apps else _traces.c.app.is_(None))
        here = _traces.c.place.in_(places) if places else sa.true()
        done = sa.select(sa.func.max(_traces.c.id)).where(same, here, _traces.c.status == "done").scalar_subquery()
        query = sa.select(_traces.c.id).where(
            sa.or_(same, sa.and_(_traces.c.task == "", _traces.c.status == "damaged")),
            sa.or_(here, _traces.c.place.is_(None)),
            _traces.c.unsettled,
            sa.or_(done.is_(None), _traces.c.id > done),
        )
        with self._begin().connect() as connection:
            return list(connection.execute(query.order_by(_traces.c.id)).scalars())

    def close(self) -> None:
        self._engine.dispose()


def storable(value: Any) -> Any:
    """Text that a database takes: a lone surrogate (half of a character) becomes a question mark."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def _tune(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
