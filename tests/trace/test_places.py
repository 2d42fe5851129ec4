"""Where a run's data lived, what still runs, and text that is no text: what a store must tell apart."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trace_strategies as some

from ostinato.trace.record import Cost, Outcome
from ostinato.trace.store import Store
from ostinato.trace.sweep import GRACE


def test_gc_leaves_what_a_trace_that_still_runs_has_seen(tmp_path: Path) -> None:
    store = Store(tmp_path)
    writer = store.begin(task="a person thinks")
    seen = writer.put_screen(some.SCREEN)
    past = time.time() - 2 * GRACE
    for sha in store.blobs.all():
        os.utime(store.blobs.path(sha), (past, past))
    begun = datetime.now(UTC) - timedelta(seconds=3 * GRACE)
    running = store.journal(writer.id)
    running.rename(running.with_name(f"{begun:%Y%m%d-%H%M%S}-000001.jsonl"))
    again = Store(tmp_path)
    again.rebuild()
    assert again.gc().blobs == 0 and again.blobs.path(str(seen.tree)).exists()


@pytest.mark.parametrize("task", ["Caf\udce9", "half a face \ud83d"])
def test_half_a_character_stops_no_list(tmp_path: Path, task: str) -> None:
    store = Store(tmp_path)
    writer = store.begin(task=task)
    writer.end(outcome=Outcome(claimed="done"), final=None, cost=Cost(), data_after=None)
    assert store.load(writer.id).task == task
    assert [line.status for line in store.list()] == ["done"]
    assert store.open_commits(task, None) == []


def test_a_doubtful_run_counts_where_its_data_are(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def doubtful(place: str | None) -> str:
        writer = store.begin(task="pay", app="a", place=place)
        writer.intent(some.tap(risk="commit"))
        return writer.id

    here, there, anywhere = doubtful("/here"), doubtful("/there"), doubtful(None)
    assert [t.id for t in store.open_commits("pay", "a", "/here")] == [here, anywhere]
    assert [t.id for t in store.open_commits("pay", "a")] == [here, there, anywhere]
    store.begin(task="pay", app="a", place="/there").end(
        outcome=Outcome(claimed="done"), final=None, cost=Cost(), data_after=None
    )
    assert [t.id for t in store.open_commits("pay", "a", "/there")] == []
    assert [t.id for t in store.open_commits("pay", "a", "/here")] == [here, anywhere]
