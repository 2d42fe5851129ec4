from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import trace_strategies as some
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import FormatError, StoreError
from ostinato.trace import journal, migrate
from ostinato.trace.record import SCHEMA, Cost, Outcome, Result, Trace
from ostinato.trace.store import Store

ID = "20260131-120000-0a1b2c"
SAMPLE = Trace(
    id=ID,
    task="buy 2 × milk",
    started=some.NOW,
    ended=some.NOW,
    outcome=Outcome(claimed="done"),
    meta={"crc": '{"crc":"'},
    steps=tuple(
        some.tap(index).model_copy(update={"result": Result(ok=True), "ended": some.NOW}) for index in range(2)
    ),
)
WHOLE = journal.whole_journal(SAMPLE)
LINES, _ = journal.decode(WHOLE)


def bare(trace: Trace) -> Trace:
    """Without elements, which live in the tree blobs."""
    steps = tuple(s.model_copy(update={"before": s.before.model_copy(update={"elements": ()})}) for s in trace.steps)
    return trace.model_copy(update={"steps": steps})


def bodies(lines: list[journal.Line]) -> list[tuple[str, migrate.Body]]:
    return [(line.kind, line.body) for line in lines]


@given(some.trace())
def test_what_is_written_is_read(trace: Trace) -> None:
    assert journal.read(ID, "t", journal.whole_journal(trace)) == trace


def test_a_whole_journal_has_no_problems() -> None:
    assert journal.read(ID, "t", WHOLE) == bare(SAMPLE)


def test_cut_at_every_byte_it_keeps_every_whole_line_and_names_the_rest() -> None:
    for cut in range(len(WHOLE)):
        data = WHOLE[:cut]
        lines, problems = journal.decode(data)
        ends = data.count(b"\n")
        torn = not data.endswith(b"\n") and cut > 0
        only_newline_lost = torn and WHOLE[cut : cut + 1] == b"\n"
        kept = ends + only_newline_lost
        assert bodies(lines) == bodies(LINES)[:kept]
        assert problems == ([f"line {ends + 1}: cut off"] if torn and not only_newline_lost else [])
        trace = journal.read(ID, "t.jsonl", data)
        assert all(problem.startswith("t.jsonl: ") for problem in trace.problems)
        assert len(trace.steps) == sum(line.kind == "intent" for line in lines)


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_any_flipped_byte_is_named_and_costs_its_own_line_only(flip: int) -> None:
    whole = bodies(LINES)
    for place in range(len(WHOLE)):
        data = WHOLE[:place] + bytes([WHOLE[place] ^ flip]) + WHOLE[place + 1 :]
        lines, problems = journal.decode(data)
        number = WHOLE[:place].count(b"\n")
        assert problems and problems[0].startswith(f"line {number + 1}: ")
        lost = 0 if WHOLE[place : place + 1] == b"\n" else 1
        assert bodies(lines) == whole[:number] + whole[number + lost :]


@given(some.trace(), st.data())
def test_a_flipped_byte_of_any_trace_keeps_all_that_is_before_it(trace: Trace, draw: st.DataObject) -> None:
    whole = journal.whole_journal(trace)
    place, flip = draw.draw(st.integers(0, len(whole) - 1)), draw.draw(st.integers(1, 255))
    data = whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :]
    before = bodies(journal.decode(whole)[0])[: whole[:place].count(b"\n")]
    assert bodies(journal.decode(data)[0])[: len(before)] == before
    assert journal.read(ID, "t", data).status == "damaged"


@given(st.binary(max_size=200))
def test_any_bytes_can_be_read(data: bytes) -> None:
    trace = journal.read(ID, "t", data)
    assert trace.problems and not trace.steps


def test_a_line_with_a_foreign_content_is_named_by_its_field() -> None:
    foreign = journal.encode("intent", {"step": {"index": "x"}}) + journal.encode("dance", {})
    trace = journal.read(ID, "t", WHOLE + foreign)
    last = WHOLE.count(b"\n")
    assert trace.problems[0].startswith(f"t: line {last + 1}: index: ")
    assert f"line {last + 2}: dance: " in trace.problems[1]
    assert len(trace.steps) == 2


def test_a_lost_intent_leaves_a_named_result() -> None:
    rows = WHOLE.splitlines(keepends=True)
    trace = journal.read(ID, "t", rows[0] + b"".join(rows[2:]))
    assert [step.index for step in trace.steps] == [1]
    assert trace.problems == ("t: line 2: result: result of step 0, whose intent is lost",)


def test_a_journal_of_schema_0_opens() -> None:
    begin = {"schema": 0, "id": ID, "task": "old", "started": some.NOW.isoformat(), "recorder": "Ann"}
    trace = journal.read(ID, "t", journal.encode("begin", begin))
    assert (trace.task, trace.slots, trace.meta, trace.problems) == ("old", {}, {"recorder": "Ann"}, ())


def test_every_old_schema_has_a_migration() -> None:
    assert sorted(migrate.CHAIN) == list(range(SCHEMA))


@pytest.mark.parametrize("schema", [SCHEMA + 1, -1, "1", None, True])
def test_a_schema_that_is_not_known_is_refused(schema: object) -> None:
    with pytest.raises(FormatError, match="schema"):
        journal.read(ID, "t", journal.encode("begin", {"schema": schema, "task": "new"}))


def test_an_intent_is_on_disk_before_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Store(tmp_path).begin(task="buy")
    path = tmp_path / "traces" / f"{writer.id}.jsonl"
    seen: list[int] = []

    def fsync(file: int) -> None:
        if os.fstat(file).st_ino == path.stat().st_ino:
            seen.append(path.read_bytes().count(b'"line":"intent"'))

    monkeypatch.setattr(os, "fsync", fsync)
    writer.intent(some.tap())
    assert seen == [1]
    writer.result(0, Result(ok=True), some.NOW, ())
    assert seen == [1]
    writer.end(outcome=Outcome(claimed="done"), final=None, cost=Cost(), data_after=None)
    assert seen == [1, 1]


def test_a_full_disk_is_told_and_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    writer = store.begin(task="buy")
    step = some.tap(before=writer.put_screen(some.SCREEN))
    real = os.write

    def half(file: int, data: bytes) -> int:
        if len(data) < 100:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file, data[: len(data) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(StoreError, match=f"{tmp_path}.*free some space"):
            writer.intent(step)
    assert store.load(writer.id).problems == ()
    writer.intent(step)
    assert len(store.load(writer.id).steps) == 1


def test_killed_between_intent_and_result_it_says_what_may_have_happened(tmp_path: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        import trace_strategies as some
        from ostinato.trace.record import Result
        from ostinato.trace.store import Store
        writer = Store(Path(sys.argv[1])).begin(task="pay", app="shop")
        writer.intent(some.tap(0))
        writer.result(0, Result(ok=True), some.NOW, ())
        writer.intent(some.tap(1, risk="commit"))
        print(writer.id, flush=True)
        sys.stdin.read()
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parent,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        trace_id = process.stdout.readline().strip()
        process.send_signal(signal.SIGKILL)
        process.wait()
    store = Store(tmp_path)
    trace = store.load(trace_id)
    assert (trace.status, trace.problems, len(trace.steps)) == ("interrupted", (), 2)
    assert trace.steps[0].before.elements == (some.BUTTON,)
    assert trace.open_commit is not None and trace.open_commit.index == 1
    assert [t.id for t in store.open_commits("pay", "shop")] == [trace_id]
    assert store.list()[0].steps == 2


# ---------------------------------------------------------------------------------------------- damage and commits
@pytest.fixture(scope="module")
def paid() -> bytes:
    """A run that was cut off right after its irreversible step was sent."""
    steps = (
        some.tap(0).model_copy(update={"result": Result(ok=True), "ended": some.NOW}),
        some.tap(1, risk="commit"),
    )
    return journal.whole_journal(Trace(id=ID, task='pay "Ana" 5 €', app="shop", started=some.NOW, steps=steps))


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_a_flipped_byte_never_hides_that_an_irreversible_step_was_sent(paid: bytes, flip: int) -> None:
    for place in range(len(paid)):
        data = paid[:place] + bytes([paid[place] ^ flip]) + paid[place + 1 :]
        assert journal.read(ID, "t", data).unsettled is not None, place


def test_half_a_line_of_an_irreversible_step_counts_as_sent_and_half_of_a_harmless_one_does_not(paid: bytes) -> None:
    first, second, third, fourth = paid.splitlines(keepends=True)
    for cut in range(1, len(fourth) - 1):
        assert journal.read(ID, "t", first + second + third + fourth[:cut]).unsettled is not None
    told = second.index(b'"risk":"edit"') + len(b'"risk":"edit"') if b'"risk":"edit"' in second else None
    told = told or second.index(b'"risk":"read"') + len(b'"risk":"read"')
    for cut in range(told, len(second) - 1):
        assert journal.read(ID, "t", first + second[:cut]).unsettled is None
    for cut in range(len(third) // 2, len(third) - 1):
        assert journal.read(ID, "t", first + second + third[:cut]).unsettled is None


def test_the_task_of_a_damaged_first_line_is_still_read(paid: bytes) -> None:
    place = paid.index(b'"started"')
    trace = journal.read(ID, "t", paid[:place] + b"#" + paid[place + 1 :])
    assert (trace.status, trace.task, trace.app) == ("damaged", 'pay "Ana" 5 €', "shop")


def test_a_run_whose_task_is_lost_stands_in_the_way_of_every_task_until_one_was_done_again(
    tmp_path: Path, paid: bytes
) -> None:
    store = Store(tmp_path)
    place = paid.index(b'"task"')
    store.journal(ID).parent.mkdir(exist_ok=True)
    store.journal(ID).write_bytes(paid[:place] + b"\xff" + paid[place + 1 :])
    assert [t.id for t in store.open_commits("anything", None)] == [ID]
    some.record(store, claimed="done", risk="commit")
    assert [t.id for t in store.open_commits("buy milk", "shop")] == []
    assert [t.id for t in store.open_commits("anything", None)] == [ID]
