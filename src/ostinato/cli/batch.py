"""A file of tasks: which of its rows were done, so that the same command goes on after an interruption."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ostinato.trace.record import TEMPORARY
from ostinato.trace.store import Store, TraceSummary


@dataclass
class Batch:
    """One round through a file of tasks at one place. Each run that is done stands for one row of its words."""

    id: str
    store: Store

    def run_of(self, task: str, nth: int) -> TraceSummary | None:
        """The run that did the `nth` row (from 0) with these words in this round, by now: another command may be at
        the same file."""
        found = self.store.list(limit=1_000_000, status="done", batch=self.id, task=task)
        runs = [*reversed(found)]
        return runs[nth] if nth < len(runs) else None


def batch_of(store: Store, file: Path, place: str | None, tasks: list[str], again: bool) -> Batch | None:
    """The round to go on with: the newest one of this file and place while rows of it are left, else (with `again`) a
    new one. None where data go with the command: whatever was done before is gone."""
    if place == TEMPORARY:
        return None
    key = hashlib.sha256(f"{file.resolve()} {place}".encode(errors="replace")).hexdigest()[:16]
    newest = store.list(limit=1, batch=f"{key}/")
    number = int((newest[0].batch or "/1").rpartition("/")[2]) if newest else 1
    batch = Batch(f"{key}/{number:06d}", store)
    finished = all(batch.run_of(task, tasks[:row].count(task)) for row, task in enumerate(tasks))
    return Batch(f"{key}/{number + 1:06d}", store) if finished and again else batch
