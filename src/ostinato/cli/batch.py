"""A file of tasks: which of its rows were done, so that the same command goes on after an interruption."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from ostinato.trace.record import TEMPORARY
from ostinato.trace.store import Store, TraceSummary


@dataclass
class Batch:
    """One round through a file of tasks at one place. `done` are the runs of this round by their task, oldest first;
    each stands for one row of these words."""

    id: str
    done: dict[str, list[TraceSummary]] = field(default_factory=lambda: defaultdict(list))

    def run_of(self, task: str, nth: int) -> TraceSummary | None:
        """The run that did the `nth` row (from 0) with these words in this round."""
        runs = self.done.get(task, [])
        return runs[nth] if nth < len(runs) else None


def batch_of(store: Store, file: Path, place: str | None, tasks: list[str], again: bool) -> Batch | None:
    """The round to go on with: the newest one of this file and place while rows of it are left, else (with `again`) a
    new one. None where data go with the command: whatever was done before is gone."""
    if place == TEMPORARY:
        return None
    key = hashlib.sha256(f"{file.resolve()} {place}".encode(errors="replace")).hexdigest()[:16]
    newest = store.list(limit=1, batch=f"{key}/")
    number = int((newest[0].batch or "/1").rpartition("/")[2]) if newest else 1
    batch = _read(store, f"{key}/{number:06d}")
    finished = all(batch.run_of(task, tasks[:row].count(task)) for row, task in enumerate(tasks))
    return Batch(f"{key}/{number + 1:06d}") if finished and again else batch


def _read(store: Store, batch_id: str) -> Batch:
    batch = Batch(batch_id)
    for line in reversed(store.list(limit=1_000_000, status="done", batch=batch_id)):
        batch.done[line.task].append(line)
    return batch
