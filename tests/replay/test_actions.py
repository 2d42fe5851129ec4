"""Runs that did the very same are found and can be played again, and no others."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ostinato.errors import LearnError
from ostinato.replay.actions import done_before, played_again
from ostinato.replay.memory import Memories
from ostinato.trace.archive import import_
from ostinato.trace.record import Outcome
from ostinato.trace.store import Store

TASK = "Add an expense: Groceries, 18.20, paid by Bob"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store(tmp_path / "store")
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        import_(found, archive)
    return found


def test_a_run_of_the_very_same_words_is_found(store: Store, tmp_path: Path) -> None:
    [line] = done_before(store, TASK.replace(" ", "  "), ["ihatemoney"])
    assert line.task == TASK
    assert done_before(store, TASK, ["tiddlywiki"]) == []
    assert done_before(store, "Add an expense: Groceries, 18.2, paid by Bob") == []
    assert [one.trace for one in Memories(tmp_path, store=store).done(TASK)] == [line.id]
    assert Memories(tmp_path).done(TASK) == []


def test_what_it_did_has_no_slot_and_expects_what_was_there(store: Store) -> None:
    [line] = done_before(store, TASK)
    found = played_again(store, store.load(line.id))
    assert found.templates == (TASK,) and found.slots == () and len(found.nodes) == 5
    assert found.data is not None and found.data[0].cells["what"] == "Groceries"
    assert found.nodes[-1].risk == "commit" and found.nodes[-1].commit


def test_a_run_that_a_judge_or_nobody_stands_for_is_none(store: Store) -> None:
    [line] = done_before(store, TASK)
    trace = store.load(line.id)
    whole = trace.model_copy(update={"id": "20260101-000000-000000"})
    store.add(whole.model_copy(update={"cost": whole.cost.model_copy(update={"calls": 3})}), {})
    assert [one.id for one in done_before(store, TASK)] == [line.id], "a model did it, and nobody judged"
    failed = trace.model_copy(update={"outcome": Outcome(claimed="stopped", reason="x")})
    with pytest.raises(LearnError, match="did not end well"):
        played_again(store, failed)
    with pytest.raises(LearnError, match="braces"):
        played_again(store, trace.model_copy(update={"task": "Add {it}"}))
