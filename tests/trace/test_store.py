from __future__ import annotations

import multiprocessing
import os
import sqlite3
import time
from pathlib import Path

import pytest
import trace_strategies as some
from hypothesis import HealthCheck, given, settings

from ostinato.errors import FormatError, StoreError, UsageError
from ostinato.trace import index, sweep
from ostinato.trace.data import AppData, Table
from ostinato.trace.record import SCHEMA, Cost, Outcome, Result, Trace, Verdict
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store, new_id

DATA = AppData(
    app="shop",
    tables={"items": Table(columns=("id", "n"), key=("id",), rows=((1, None), (2, 1.5), (3, True)))},
)


def verdict(trace_id: str, rules: str = "r1", value: str = "yes") -> Verdict:
    return Verdict(trace=trace_id, rules=rules, value=value, judged=some.NOW)


def age(path: Path, seconds: float = 7200) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def age_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        age(path)


# ---------------------------------------------------------------------------------------------- one trace
def test_a_trace_is_loaded_as_it_was_written(tmp_path: Path) -> None:
    store = Store(tmp_path)
    writer = store.begin(task="buy", app="shop", seed=3, data_before=DATA, slots={"item": "milk"}, meta={"by": "Ann"})
    writer.intent(some.tap())
    writer.result(0, Result(ok=True), some.NOW, ())
    writer.note(by="Bob", room="2")
    ended = writer.end(outcome=Outcome(claimed="done"), final=some.SCREEN, cost=Cost(calls=2), data_after=DATA)
    trace = Store(tmp_path).load(writer.id)
    assert trace == ended
    assert trace.steps[0].before.elements == (some.BUTTON,) == trace.final.elements  # type: ignore[union-attr]
    assert (trace.status, trace.seed, trace.slots) == ("done", 3, {"item": "milk"})
    assert trace.meta == {"by": "Bob", "room": "2"}
    assert trace.data.before == trace.data.after and store.data(str(trace.data.after)) == DATA


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(some.trace())
def test_any_trace_that_is_added_is_loaded_as_it_was(tmp_path_factory: pytest.TempPathFactory, trace: Trace) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    assert store.add(trace, {}) == trace.id == store.add(trace, {})
    loaded = store.load("last")

    def kept(screen: Screen) -> Screen:
        return screen if screen.screenshot and not screen.elements else store.put_screen(screen)

    steps = tuple(s.model_copy(update={"before": kept(s.before)}) for s in trace.steps)
    final = kept(trace.final) if trace.final else None
    assert loaded == trace.model_copy(update={"steps": steps, "final": final})
    assert store.list()[0].id == trace.id


def test_another_trace_under_the_same_id_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    trace = store.load(some.record(store))
    with pytest.raises(StoreError, match="another trace has this id"):
        store.add(trace.model_copy(update={"task": "other"}), {})


def test_a_blob_that_does_not_fit_its_name_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(FormatError, match="does not fit its name"):
        store.add(Trace(id=new_id(), task="t", started=some.NOW), {"0" * 64: b"x"})
    assert store.ids() == []


def test_a_lost_tree_is_a_problem_and_hides_nothing_else(tmp_path: Path) -> None:
    store = Store(tmp_path)
    trace = store.load(some.record(store))
    store.blobs.delete(str(trace.steps[0].before.tree))
    damaged = store.load(trace.id)
    assert damaged.status == "damaged" and "the blob is missing" in damaged.problems[0]
    assert damaged.steps[0].action == trace.steps[0].action


def test_steps_are_written_in_order_and_once(tmp_path: Path) -> None:
    writer = Store(tmp_path).begin(task="buy")
    with pytest.raises(UsageError):
        writer.result(0, Result(ok=True), some.NOW, ())
    writer.intent(some.tap())
    with pytest.raises(UsageError):
        writer.intent(some.tap())
    with writer:
        pass
    with pytest.raises(UsageError, match="closed"):
        writer.note(a="b")


def test_ids_are_unique_and_sort_by_time(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made = [some.record(store, claimed=None) for _ in range(20)]
    assert len(set(made)) == 20
    assert sorted(made, key=lambda i: i[:-1]) == made


def test_ctrl_c_at_the_very_beginning_leaves_no_journal_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    store = Store(tmp_path)
    monkeypatch.setattr("ostinato.trace.journal.Journal.write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.begin(task="Add tea")
    assert store.ids() == [], "an empty journal would be a damaged trace that may hide a commit"


def test_an_id_that_is_taken_is_not_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    taken = some.record(store)
    free = new_id()
    answers = iter([taken, taken, free])
    monkeypatch.setattr("ostinato.trace.store.new_id", lambda: next(answers))
    assert store.begin(task="other").id == free
    assert store.load(taken).task == "buy milk"


# ---------------------------------------------------------------------------------------------- names
@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "20260131-120000-0a1b2c/../x", "", "a\0b", "2026*", "x" * 99])
def test_a_name_that_is_no_trace_id_is_refused(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path)
    for use in (store.load, store.verdicts, store.journal, lambda n: store.delete([n])):
        with pytest.raises(UsageError):
            use(name)


def test_a_prefix_and_last_name_a_trace(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(UsageError, match="no trace 'last'"):
        store.load("last")
    first, second = some.record(store), some.record(store)
    assert store.resolve(first[:-1] if first[:-1] != second[:-1] else first) == first
    assert store.resolve("last") == second
    with pytest.raises(UsageError, match="begins 2 trace ids"):
        store.load("20")
    with pytest.raises(UsageError, match="no trace"):
        store.load("19990101-000000-000000")


# ---------------------------------------------------------------------------------------------- lists
def test_a_list_is_newest_first_by_pages_and_by_what_is_asked(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made = [some.record(store, task=f"buy {n} 100%", app="shop" if n % 2 else "MAIL") for n in range(5)]
    made.append(some.record(store, task="Überweisung", claimed=None))
    newest = made[::-1]
    assert [s.id for s in store.list()] == newest
    first = store.list(limit=4)
    assert [s.id for s in [*first, *store.list(limit=4, before=first[-1].id)]] == newest
    assert [s.id for s in store.list(app="MAIL")] == made[4::-2]
    assert [s.id for s in store.list(text="überw")] == made[5:]
    assert [s.id for s in store.list(text="3 100%")] == [made[3]]
    assert store.list(text="%%") == [] == store.list(text="_")
    assert [s.id for s in store.list(status="interrupted")] == made[5:]
    assert (first[1].steps, first[1].calls, first[1].status) == (1, 2, "done")


def test_a_list_knows_what_another_process_wrote_and_deleted(tmp_path: Path) -> None:
    store, other = Store(tmp_path), Store(tmp_path)
    assert store.list() == []
    writer = other.begin(task="buy")
    assert [s.steps for s in store.list()] == [0]
    writer.intent(some.tap())
    assert [(s.steps, s.status) for s in store.list()] == [(1, "interrupted")]
    other.delete([writer.id])
    assert store.list() == []


def _write_some(folder: Path, task: str) -> None:
    store = Store(folder)
    for _ in range(10):
        some.record(store, task=task)


def test_two_processes_write_one_store(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_some, args=(tmp_path, name)) for name in ("one", "two")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    found = Store(tmp_path).list(status="done")
    assert sorted(s.task for s in found) == ["one"] * 10 + ["two"] * 10


# ---------------------------------------------------------------------------------------------- the index
def test_a_missing_index_is_made_anew(tmp_path: Path) -> None:
    store = Store(tmp_path)
    trace_id = some.record(store)
    store.close()
    for path in tmp_path.glob("index.sqlite*"):
        path.unlink()
    assert [s.id for s in Store(tmp_path).list()] == [trace_id]


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"\x07" * 5000, b""])
def test_a_corrupt_index_is_made_anew(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    first = some.record(store)
    store.close()
    for path in tmp_path.glob("index.sqlite-*"):
        path.unlink()
    (tmp_path / "index.sqlite").write_bytes(content)
    store = Store(tmp_path)
    second = some.record(store)
    assert [s.id for s in store.list()] == [second, first]
    store.close()
    assert sqlite3.connect(tmp_path / "index.sqlite").execute("select count(*) from ostinato_traces_3").fetchone() == (
        2,
    )


def test_a_locked_index_loses_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BUSY_MS", 1)
    store = Store(tmp_path)
    assert store.list() == []
    lock = sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    trace_id = some.record(store)
    assert store.load(trace_id).status == "done"
    with pytest.raises(StoreError, match=r"locked.*No trace is lost"):
        store.list()
    lock.execute("ROLLBACK")
    assert [s.status for s in store.list()] == ["done"]


def test_an_index_that_cannot_be_opened_is_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").mkdir()
    store = Store(tmp_path)
    trace_id = some.record(store)
    assert [s.id for s in store.list()] == [trace_id]
    assert store.rebuild() == 1


def test_a_rebuild_counts_and_keeps_verdicts(tmp_path: Path) -> None:
    store = Store(tmp_path)
    trace_id = some.record(store)
    store.add_verdict(verdict(trace_id))
    assert Store(tmp_path).rebuild() == 1
    assert store.list()[0].verdict == "yes"


def test_a_trace_of_a_newer_ostinato_is_listed_and_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    trace_id = some.record(store)
    path = store.journal(trace_id)
    from ostinato.trace.journal import encode

    path.write_bytes(encode("begin", {"schema": SCHEMA + 1}))
    assert store.rebuild() == 1
    assert store.list()[0].status == "unreadable"
    with pytest.raises(FormatError, match=f"{trace_id}.jsonl: schema: .*upgrade"):
        store.load(trace_id)


# ---------------------------------------------------------------------------------------------- verdicts
def test_a_verdict_is_keyed_by_trace_and_rules(tmp_path: Path) -> None:
    store = Store(tmp_path)
    trace_id = some.record(store)
    for rules, value in (("r1", "no"), ("r2", "uncertain"), ("r1", "yes")):
        store.add_verdict(verdict(trace_id, rules, value))
    assert {v.rules: v.value for v in store.verdicts(trace_id)} == {"r1": "yes", "r2": "uncertain"}
    with pytest.raises(UsageError, match="no trace"):
        store.add_verdict(verdict("19990101-000000-000000"))


def test_a_damaged_verdict_is_named_by_file_and_field(tmp_path: Path) -> None:
    store = Store(tmp_path)
    trace_id = some.record(store)
    store.add_verdict(verdict(trace_id))
    [path] = store.verdict_files(trace_id)
    path.write_text(path.read_text().replace('"yes"', '"perhaps"'))
    with pytest.raises(FormatError, match=f"{path}: value: "):
        store.verdicts(trace_id)
    assert store.rebuild() == 1


# ---------------------------------------------------------------------------------------------- open commits
@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"claimed": None, "risk": "commit"}, True),
        ({"claimed": None, "risk": "edit"}, False),
        ({"claimed": "done", "risk": "commit"}, False),
        ({"claimed": "stopped", "risk": "commit"}, True),
        ({"claimed": "stopped", "risk": "edit"}, False),
    ],
)
def test_an_open_commit_is_one_that_a_second_run_could_do_twice(
    tmp_path: Path, how: dict[str, str], found: bool
) -> None:
    store = Store(tmp_path)
    trace_id = some.record(store, **how)
    assert [t.id for t in store.open_commits("buy milk", "shop")] == ([trace_id] if found else [])
    assert store.open_commits("buy bread", "shop") == [] == store.open_commits("buy milk", None)


def test_a_commit_that_certainly_touched_nothing_is_not_open(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for touched in (True, False):
        writer = store.begin(task="pay")
        writer.intent(some.tap(risk="commit"))
        writer.result(0, Result(ok=False, error="the page hung", touched=touched), some.NOW, ())
        writer.end(outcome=Outcome(claimed="stopped"), final=None, cost=Cost(), data_after=None)
    [open_one] = store.open_commits("pay", None)
    assert open_one.steps[0].result is not None and open_one.steps[0].result.touched


# ---------------------------------------------------------------------------------------------- removing
def test_a_deleted_trace_is_gone_with_its_verdicts_and_an_unknown_one_stops_all(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, second = some.record(store), some.record(store)
    store.add_verdict(verdict(first))
    with pytest.raises(UsageError):
        store.delete([second, "19990101-000000-000000"])
    store.delete([first])
    assert [s.id for s in store.list()] == [second] == store.ids()
    assert list((tmp_path / "verdicts").iterdir()) == []


def test_gc_removes_blobs_that_nothing_names_but_no_fresh_ones(tmp_path: Path) -> None:
    store = Store(tmp_path)
    trace_id = some.record(store)
    old = store.blobs.put(b"old")
    age_all(tmp_path)
    fresh = store.blobs.put(b"fresh")
    assert store.gc(dry_run=True).blobs == 1 and store.blobs.has(old)
    report = store.gc()
    assert (report.blobs, report.bytes, report.traces) == (1, 3, ())
    assert not store.blobs.has(old) and store.blobs.has(fresh)
    assert store.load(trace_id).problems == ()


def test_gc_leaves_an_old_blob_that_was_just_put_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    sha = store.blobs.put(b"a screen that a running phone sees again")
    age_all(tmp_path)
    store.blobs.put(b"a screen that a running phone sees again")
    assert store.gc().blobs == 0 and store.blobs.has(sha)


def test_gc_leaves_a_blob_that_is_put_again_while_it_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    sha = store.blobs.put(b"screen")
    age_all(tmp_path)
    real = sweep._blobs_named_by
    monkeypatch.setattr(sweep, "_blobs_named_by", lambda *asked: (store.blobs.put(b"screen"), real(*asked))[1])
    assert store.gc().blobs == 0 and store.blobs.has(sha)


def test_gc_keeps_blobs_named_on_damaged_lines(tmp_path: Path) -> None:
    store = Store(tmp_path)
    trace = store.load(some.record(store))
    path = store.journal(trace.id)
    path.write_bytes(path.read_bytes().replace(b'"line":"intent"', b'"line":"intenT"'))
    age_all(tmp_path)
    store.gc()
    assert store.blobs.has(str(trace.steps[0].before.tree))


def test_gc_keeps_a_trace_that_any_rule_keeps(tmp_path: Path) -> None:
    store = Store(tmp_path)
    base = store.load(some.record(store))
    store.delete([base.id])
    old = [store.add(base.model_copy(update={"id": f"2020010{n}-120000-000000"}), {}) for n in (1, 2, 3)]
    open_one = base.steps[0].model_copy(update={"risk": "commit", "result": None})
    waiting = base.model_copy(
        update={"id": "20200104-120000-000000", "steps": (open_one,), "outcome": None, "ended": None}
    )
    store.add(waiting, {})
    today = some.record(store)
    assert store.gc(keep_days=30).traces == ()  # written within the hour
    age_all(tmp_path)
    assert store.gc(keep_days=30, keep_last=3, dry_run=True).traces == tuple(old[:2])
    assert store.gc(keep_days=30, keep_last=3).traces == tuple(old[:2])
    assert store.gc(keep_last=0).traces == (old[2], today)
    assert store.ids() == [waiting.id]
    assert [s.id for s in store.list()] == [waiting.id]


def test_gc_sweeps_what_dead_writers_left(tmp_path: Path) -> None:
    store = Store(tmp_path)
    left = store.blobs.path(store.blobs.put(b"x")).with_name(".new-abc")
    left.write_bytes(b"half")
    store.gc()
    assert left.exists()
    age(left)
    store.gc()
    assert not left.exists()


# ---------------------------------------------------------------------------------------------- the disk
def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError, match=r"store: .*a file stands where a folder is needed"):
        Store(tmp_path / "store")


def test_a_folder_that_is_not_writable_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refused)
    with pytest.raises(StoreError, match=f"{tmp_path}: Permission denied; make it writable"):
        store.begin(task="buy")
    assert store.ids() == []
