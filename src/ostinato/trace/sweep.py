"""Free what a store does not need any more: blobs that nothing names, and old traces."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ostinato.errors import FormatError
from ostinato.trace.blobs import SHA, disk_errors
from ostinato.trace.screen import Record

if TYPE_CHECKING:
    from ostinato.trace.store import Store

_PAUSE = 86400.0  # how long a run may last without its blobs being taken for forgotten
GRACE = 3600.0  # seconds in which a blob or a journal counts as in use by a running phone


class GcReport(Record):
    """What was (or, in a dry run, would be) removed."""

    traces: tuple[str, ...]
    blobs: int
    bytes: int
    dry_run: bool


def sweep(
    store: Store, *, keep_days: float | None = None, keep_last: int | None = None, dry_run: bool = False
) -> GcReport:
    """Remove blobs that no journal or verdict names and, when asked, old traces: those that neither rule
    keeps. What was written within the last hour stays, and since the begin of a trace that is still written (a
    person who records may pause); so does a trace with an open commit."""
    fresh = min([time.time() - GRACE, *_begins(store)])
    with disk_errors(store.folder):
        old = [key for key in _outdated(store, keep_days, keep_last) if _may_go(store, key, fresh)]
        candidates = [sha for sha in store.blobs.all() if store.blobs.path(sha).stat().st_mtime < fresh]
        used = _blobs_named_by(store, set(store.ids()) - set(old))
        if not dry_run:
            store.delete(old)
        freed = removed = 0
        for sha in (sha for sha in candidates if sha not in used):
            state = store.blobs.path(sha).stat()
            if state.st_mtime >= fresh:  # put again meanwhile
                continue
            removed, freed = removed + 1, freed + state.st_size
            if not dry_run:
                store.blobs.delete(sha)
        for path in store.blobs.leftovers():
            if not dry_run and path.stat().st_mtime < fresh:
                path.unlink(missing_ok=True)
        for path in () if dry_run else store.read.glob("*/??/*.json"):
            sha = path.name.partition(".")[0]
            if not (SHA.fullmatch(sha) and store.blobs.has(sha)):
                path.unlink(missing_ok=True)
    return GcReport(traces=tuple(old), blobs=removed, bytes=freed, dry_run=dry_run)


def _begins(store: Store) -> list[float]:
    """When the traces of the last day that have not ended began."""

    def unfinished() -> list[str]:
        store.catalogue.catch_up()
        return list(store.catalogue.index.state()[1])

    begun = [
        datetime.strptime(key[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC) for key in store.catalogue.asked(unfinished)
    ]
    return [moment.timestamp() for moment in begun if moment.timestamp() > time.time() - _PAUSE]


def _outdated(store: Store, keep_days: float | None, keep_last: int | None) -> list[str]:
    if keep_days is None and keep_last is None:
        return []
    ids = store.ids()
    kept = set(ids[max(len(ids) - keep_last, 0) :]) if keep_last is not None else set()
    if keep_days is not None:
        since = f"{datetime.now(UTC) - timedelta(days=keep_days):%Y%m%d-%H%M%S}"
        kept |= {key for key in ids if key >= since}
    return [key for key in ids if key not in kept]


def _may_go(store: Store, trace_id: str, fresh: float) -> bool:
    if store.journal(trace_id).stat().st_mtime >= fresh:
        return False
    try:
        trace = store.bare(trace_id)
    except FormatError:
        return False
    return trace.unsettled is None


def _blobs_named_by(store: Store, trace_ids: set[str]) -> set[str]:
    """Every hash in the journals and verdicts, damaged lines included."""
    used: set[str] = set()
    for trace_id in trace_ids:
        for path in (store.journal(trace_id), *store.verdict_files(trace_id)):
            with suppress(FileNotFoundError):
                used.update(SHA.findall(path.read_text("utf-8", "replace")))
    return used
