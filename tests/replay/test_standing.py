"""What became of experiences: what may not be matched is not, two wrong runs end a version, and nothing is lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bills import Books, Recorder, adding, as_if

from ostinato.errors import FormatError, MatchError, StoreError, UsageError
from ostinato.house import Finished, House
from ostinato.judge.check import TextHas
from ostinato.replay.experience import SCHEMA, Experience, Slot, Status
from ostinato.replay.learn import learn
from ostinato.replay.memory import Memories
from ostinato.replay.repository import Repository, read
from ostinato.replay.standing import Played, Standing, end_of
from ostinato.settings import Settings
from ostinato.trace.action import Tap
from ostinato.trace.record import Decision, ExperienceRef, Outcome, Result, Step, Trace, Verdict
from ostinato.trace.screen import Point, Screen

NOW = datetime(2026, 1, 31, tzinfo=UTC)
TASK = "Add a bill: Museum, 18, paid by Carol"


def version(number: int = 1, status: Status = "learnt", key: str = "aa11") -> Experience:
    slot = Slot(name="what", kind="text", examples=("Bread",))
    success = (TextHas(text=f"Added {number}"),)
    return Experience(
        id=key,
        app="bills",
        templates=("Add {what}",),
        slots=(slot,),
        nodes=(),
        success=success,
        status=status,
        learnt=NOW,
    )


@pytest.fixture
def home(tmp_path: Path) -> Repository:
    return Repository.at(tmp_path)


def newest(home: Repository) -> list[tuple[int, str]]:
    """What is used, by each of those who choose."""
    found = [(e.version, e.status) for e in home.newest()]
    memory = Memories(home.folder.parent)
    for known in (memory.templates.holding("Add Tea"), memory.templates.like("Add Tea")):
        assert [one.version for one in known] == [number for number, _ in found]
    return found


# ------------------------------------------------------------------------------------------------ statuses
@pytest.mark.parametrize("status", ["candidate", "quarantined"])
def test_what_nobody_vouches_for_is_not_used_and_the_version_before_it_is(home: Repository, status: Status) -> None:
    home.save(version(1))
    home.save(version(2, status))
    assert newest(home) == [(1, "learnt")]
    assert [e.version for e in home.waiting()] == ([2] if status == "candidate" else [])


def test_a_version_is_used_from_the_moment_that_it_is_verified(home: Repository) -> None:
    assert home.standing is not None
    saved = home.save(version(1, "candidate"))
    assert newest(home) == [] and home.latest() == [saved]
    home.standing.put("aa11", 1, "verified", "2 clean runs")
    assert newest(home) == [(1, "verified")]
    assert read(home.folder / "aa11.v1.json").status == "candidate", "the file of a version never changes"
    assert [c.reason for c in home.standing.changes("aa11")] == ["2 clean runs"]


def test_a_quarantine_that_is_lifted_gives_back_what_was_before(home: Repository) -> None:
    assert home.standing is not None
    for number, before in ((1, "learnt"), (2, "candidate"), (3, "verified")):
        home.save(version(number, "learnt" if number == 1 else "candidate"))
        if before == "verified":
            home.standing.put("aa11", number, "verified", "x")
        home.standing.put("aa11", number, "quarantined", "looked odd")
        home.standing.put("aa11", number, "quarantined", "still does")
        assert home.get(f"aa11.v{number}").status == "quarantined"
        home.standing.lift("aa11", number, "was fine")
        assert home.get(f"aa11.v{number}").status == before
    assert newest(home) == [(3, "verified")]


def test_the_index_of_templates_follows_a_status_also_long_after(home: Repository) -> None:
    assert home.standing is not None
    home.save(version(1))
    home.save(version(2))
    home.standing.put("aa11", 2, "verified", "x")
    for path in (home.folder, home.standing.file):
        os.utime(path, (time.time() - 60,) * 2)
    assert newest(home) == newest(home) == [(2, "verified")]
    home.standing.put("aa11", 2, "quarantined", "x")
    assert newest(home) == newest(home) == [(1, "learnt")]


def test_what_is_forgotten_leaves_no_status_to_what_is_learnt_anew(home: Repository) -> None:
    assert home.standing is not None
    home.standing.put("aa11", 1, "quarantined", "x")
    home.standing.note("aa11", 1, "t1", "wrong")
    assert home.delete(home.save(version(1))) == 1
    home.save(version(1))
    assert newest(home) == [(1, "learnt")] and home.standing.played() == {}


def test_the_same_content_is_one_version_but_a_candidate_keeps_nobody_from_learning(home: Repository) -> None:
    first = home.save(version(1, "candidate"))
    assert home.save(version(1, "candidate")) == first
    learnt = home.save(version(1))
    assert (learnt.version, learnt.status) == (2, "learnt")
    assert home.save(version(1)) == learnt and home.save(version(1, "candidate")) == learnt
    home.save(version(3, "candidate"))
    assert home.save(version(1)) == learnt, "it is in use, whatever waits"
    assert home.standing is not None
    home.standing.put("aa11", 2, "quarantined", "wrong")
    assert home.save(version(1)).status == "quarantined", "learnt again, it is as wrong as before"


def test_old_files_of_several_recordings_were_learnt_and_newer_ones_are_refused(tmp_path: Path) -> None:
    def told(**more: Any) -> Path:
        body = {**json.loads(version().model_dump_json()), "schema_version": 1, "status": "candidate", **more}
        path = tmp_path / "experiences" / "aa11.v1.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(body))
        return path

    assert read(told(recordings=["a", "b"])).status == "learnt"
    assert [t.version for t in Memories(tmp_path).templates.holding("Add Tea")] == [1]
    assert read(told(recordings=["a"])).status == "candidate"
    assert read(told(recordings=["a", "b"], status="verified")).status == "verified"
    with pytest.raises(FormatError, match="newer Ostinato"):
        read(told(schema_version=SCHEMA + 1))


def test_a_version_is_named_by_its_number(home: Repository) -> None:
    home.save(version(1))
    home.save(version(2))
    assert (home.get("aa").version, home.get("aa.v1").version) == (2, 1)
    with pytest.raises(UsageError, match="no version 3; there are v1, v2"):
        home.get("aa11.v3")


# ---------------------------------------------------------------------------------------------- counting
def test_two_wrong_runs_are_too_many_each_counted_once(tmp_path: Path) -> None:
    standing = Standing(tmp_path / "standing.sqlite")
    assert not standing.note("a", 1, "t1", "wrong")
    assert not standing.note("a", 1, "t1", "wrong"), "the same run"
    assert not standing.note("a", 2, "t2", "wrong"), "another version"
    assert not standing.note("a", 1, "t3", "right")
    assert standing.statuses() == {}
    assert standing.note("a", 1, "t4", "wrong")
    assert standing.statuses() == {("a", 1): "quarantined"} and "t1, t4" in standing.changes("a")[-1].reason
    assert not standing.note("a", 1, "t5", "wrong"), "it is in quarantine already"
    found = standing.played()[("a", 1)]
    assert (found.right, found.wrong, found.uses) == (1, 3, 4) and found.words() == "1 right, 3 wrong"
    standing.lift("a", 1, "the app was broken")
    assert not standing.note("a", 1, "t6", "wrong") and standing.note("a", 1, "t7", "wrong")


def test_to_look_makes_no_file_and_a_damaged_one_is_said(tmp_path: Path) -> None:
    standing = Standing(tmp_path / "none" / "standing.sqlite")
    assert standing.statuses() == {} and standing.played() == {} and standing.changes("a") == []
    standing.forget("a")
    assert not standing.file.parent.exists() and Played().words() == "not played yet"
    broken = Standing(tmp_path / "broken.sqlite")
    broken.file.write_bytes(b"no database at all" * 100)
    for use in (broken.statuses, lambda: broken.note("a", 1, "t", "right")):
        with pytest.raises(StoreError, match="move it away"):
            use()


def _note_many(file: Path, who: int) -> None:
    for number in range(20):
        Standing(file).note("a", 1, f"t{who}-{number}", "right" if number else "wrong")


def test_processes_that_count_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "standing.sqlite"
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_note_many, args=(file, who)) for who in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    found = Standing(file).played()[("a", 1)]
    assert (found.right, found.wrong) == (57, 3)
    assert [c.status for c in Standing(file).changes("a")] == ["quarantined"], "by one of them, once"


def test_how_a_run_ended_is_told_by_who_acted_and_what_was_judged() -> None:
    known = version()

    def run(
        source: str = "replay", claimed: str = "done", judged: str | None = "yes", reason: str = "", **more: Any
    ) -> Any:
        ref = ExperienceRef(id="aa11", version=1, node=0)
        shown = Screen(url="http://here/", width=1, height=1, taken=NOW)
        made = [("replay", ref)] + ([(source, None)] if source != "replay" else [])
        steps = tuple(
            Step(
                index=n, before=shown, decision=Decision(source=who, aside=more.get("aside", False) and not its),  # type: ignore[arg-type]
                action=Tap(point=Point(x=0, y=0)), risk=more.get("risk", "read"), started=NOW, experience=its,
                result=Result(ok=True),
            )
            for n, (who, its) in enumerate(made)
        )  # fmt: skip
        outcome = Outcome(claimed=claimed, reason=reason) if claimed else None  # type: ignore[arg-type]
        trace = Trace(id="t", task="x", started=NOW, steps=steps, outcome=outcome)
        changes = more.get("changes", ())
        verdict = Verdict(trace="t", rules="r", value=judged, judged=NOW, changes=changes) if judged else None  # type: ignore[arg-type]
        return end_of(trace, verdict, known)

    assert [run(judged=j) for j in ("yes", "no", "uncertain", None)] == ["right", "wrong", "unjudged", "unjudged"]
    assert [run("model", judged=j) for j in ("yes", "no")] == ["handed_over"] * 2
    assert run("script", aside=True) == "right", "a pop-up was closed for it"
    stopped = "replay of aa11 v1: step 2: no such button"
    assert run(claimed="stopped", judged="no", reason=stopped) == "handed_over"
    assert run(claimed="stopped", judged="no", reason=stopped, risk="commit", changes=("x added",)) == "wrong"
    assert run(claimed="stopped", judged="no", reason="the user said no") is None
    assert run(claimed="interrupted") is None and run(claimed="") is None


# ------------------------------------------------------------------------------------------------ in a run
def taught(home: Path) -> House:
    recorder = Recorder()
    every = [{"what": w, "amount": a, "payer": p} for w, a, p in (("Tea", "3", "Bob"), ("Jam", "4", "Alice"))]
    house = House(Settings(home=home, step_timeout=0.02))
    traces = [recorder("Add a bill: {what}, {amount}, paid by {payer}".format(**v), adding(v)) for v in every]
    house.repository.save(learn(traces, recorder.data))
    return house


def played(house: House, said: list[str] | None = None, **app: Any) -> Finished:
    books = Books(**app)
    return house.replay(
        TASK, phone=books, app=books, app_name="bills", approve=lambda *_: True, again=True,  # type: ignore[arg-type]
        say=said.append if said is not None else lambda text: None,
    )  # fmt: skip


def test_a_run_is_counted_for_the_version_that_it_played(tmp_path: Path) -> None:
    house = taught(tmp_path)
    [known] = house.repository.newest()
    assert house.repository.standing is not None
    assert played(house).succeeded
    found = house.repository.standing.played()[(known.id, 1)]
    assert (found.right, found.uses) == (1, 1) and found.last is not None
    broken = played(house, spoil=lambda seen: seen.model_copy(update={"elements": seen.elements[:1]}))
    assert broken.trace.status == "stopped"
    assert house.repository.standing.played()[(known.id, 1)].handed_over == 1
    house.store.close()


def test_after_two_wrong_runs_it_is_not_used_any_more_and_that_is_said(tmp_path: Path) -> None:
    house, said = taught(tmp_path), []
    [known] = house.repository.newest()
    for number in range(2):
        done = played(house, said, enter=lambda text: text.replace("18", "81"), spoil=as_if("81", "18"))
        assert done.verdict is not None and done.verdict.value == "no", number
        assert house.count(done) is False, "it was counted"
    assert len(said) == 1 and f"{known.id} v1 was wrong too often" in said[0]
    with pytest.raises(MatchError, match="no experience fits"):
        house.find(TASK, "bills")
    house.store.close()


def test_a_candidate_that_would_fit_is_named_with_what_to_do(tmp_path: Path) -> None:
    house = taught(tmp_path)
    [known] = house.repository.newest()
    house.repository.delete(known)
    house.repository.save(known.model_copy(update={"status": "candidate"}))
    with pytest.raises(MatchError, match=rf"ostinato experience verify {known.id}\.v1"):
        house.find(TASK, "bills")
    with pytest.raises(MatchError) as other:
        house.find("Sing", "bills")
    assert "candidate" not in str(other.value)
    house.store.close()
