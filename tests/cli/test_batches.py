"""Rounds through a file of tasks: where one goes on after an interruption, and when a new one begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from ostinato.cli.batch import batch_of
from ostinato.trace.record import TEMPORARY, Cost, Outcome, Verdict
from ostinato.trace.store import Store

TASKS = ["pay Ann", "pay Bob", "pay Ann"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


class Person:
    """Runs the file of tasks as the command does, up to a row."""

    def __init__(self, store: Store, file: Path) -> None:
        self.store = store
        self.file = file

    def __call__(self, upto: int = len(TASKS), again: bool = False, place: str = "/data") -> list[int]:
        """The rows that were done this time."""
        batch = batch_of(self.store, self.file, place, TASKS, again)
        assert batch is not None
        done = []
        for row, task in enumerate(TASKS[:upto]):
            if batch.run_of(task, TASKS[:row].count(task)) is None:
                writer = self.store.begin(task=task, app="a", place=place, batch=batch.id)
                writer.end(outcome=Outcome(claimed="done"), final=None, cost=Cost(), data_after=None)
                done.append(row)
        return done


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Person:
    return Person(store, tmp_path / "tasks.csv")


def test_what_was_cut_short_goes_on_and_what_is_done_stays_done(run: Person) -> None:
    assert run(upto=2) == [0, 1]
    assert run() == [2]
    assert run() == []


def test_a_new_round_is_begun_on_demand_and_goes_on_like_the_first(run: Person) -> None:
    run()
    assert run(upto=1, again=True) == [0]
    assert run() == [1, 2]
    assert run() == []
    assert run(again=True) == [0, 1, 2]


def test_a_round_that_is_not_over_is_gone_on_with_also_when_again_is_said(run: Person) -> None:
    assert run(upto=1) == [0]
    assert run(again=True) == [1, 2]


def test_what_another_command_did_meanwhile_is_seen(run: Person, store: Store) -> None:
    early = batch_of(store, run.file, "/data", TASKS, again=False)
    run()
    assert early is not None and all(early.run_of(task, TASKS[:row].count(task)) for row, task in enumerate(TASKS))


def test_other_data_and_another_file_know_nothing_of_it(run: Person, store: Store, tmp_path: Path) -> None:
    run()
    assert run(place="/other") == [0, 1, 2]
    assert Person(store, tmp_path / "more.csv")() == [0, 1, 2]


def test_runs_outside_the_file_do_not_count(run: Person, store: Store) -> None:
    writer = store.begin(task=TASKS[0], app="a", place="/data")
    writer.end(outcome=Outcome(claimed="done"), final=None, cost=Cost(), data_after=None)
    assert run() == [0, 1, 2]


def test_where_data_go_with_the_command_nothing_was_done_before(store: Store, tmp_path: Path) -> None:
    assert batch_of(store, tmp_path / "tasks.csv", TEMPORARY, TASKS, again=False) is None


def test_the_verdict_of_a_row_that_was_done_is_known(run: Person, store: Store) -> None:
    run(upto=1)
    trace = store.list()[0]
    store.add_verdict(Verdict(trace=trace.id, rules="r", value="no", judged=trace.started))
    batch = batch_of(store, run.file, "/data", TASKS, again=False)
    assert batch is not None and (was := batch.run_of(TASKS[0], 0)) is not None and was.verdict == "no"
