"""The fault harness: real runs that are killed, starved of disk or robbed of their browser or app at named points.

Each fault is one child process with its own store and phone that performs one task with a fresh value; the fault
strikes at a point of a step. Afterwards: is the trace readable with all that was fsynced, does doing the task again
(as a user would) ever lead to two rows, is any process left?
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from ostinato.agent.loop import POINTS, Limits, Loop
from ostinato.errors import CommitRefused, OstinatoError
from ostinato.phone.apps.app import App
from ostinato.phone.chromium import ChromiumPhone
from ostinato.replay.experience import Experience
from ostinato.replay.match import match
from ostinato.replay.replayer import Replayer
from ostinato.suites.ihatemoney import ADD_EXPENSE
from ostinato.trace.record import Trace
from ostinato.trace.store import Store

KINDS = ("kill_runner", "kill_browser", "kill_app", "fill_disk", "read_only_disk", "break_journal_line")
STEPS = 6
_MARK = "OSTINATO_FAULT_RUN"


@dataclass(frozen=True)
class Fault:
    kind: str
    point: str
    step: int


@dataclass(frozen=True)
class Aftermath:
    """What was found after one fault."""

    fault: Fault
    struck: bool
    traces_lost: int
    commits: int
    leftovers: int
    said: str


def all_faults() -> list[Fault]:
    """Every kind at every named point of every step of the task (`done` comes once, after the last)."""
    found = [Fault(kind, point, step) for kind in KINDS for point in POINTS if point != "done" for step in range(STEPS)]
    return found + [Fault(kind, "done", STEPS) for kind in KINDS]


def strike(fault: Fault, experience: Experience, app: App, seed: int) -> Aftermath:
    """Perform one faulty run in a child process, then look at what is left and do the task again."""
    values = {**ADD_EXPENSE.generate(random.Random(seed))}
    values["what"] = f"{values['what']} {seed}"
    task = ADD_EXPENSE.words(values)
    mark = f"{os.getpid()}-{seed}"
    with _disk(fault) as home:
        child = os.fork()
        if child == 0:
            _child(fault, experience, app, task, home, mark)
        os.waitpid(child, 0)
        struck = (home.parent / f"{home.name}.struck").exists()
        (home.parent / f"{home.name}.struck").unlink(missing_ok=True)
        leftovers = _leftovers(mark)
        if fault.kind == "kill_app":
            with contextlib.suppress(OstinatoError):
                app.stop()
            app.start(None)
        if fault.kind in ("fill_disk", "read_only_disk"):
            _mend(home)
        lost, said = _lost(home)
        said += "; " + _again(experience, app, task, home)
        commits = sum(1 for row in app.data().tables["bill"].rows if values["what"] in row)
    return Aftermath(fault, struck, lost, commits, leftovers, said)


def _child(fault: Fault, experience: Experience, app: App, task: str, home: Path, mark: str) -> None:
    """Never returns."""
    try:
        os.environ[_MARK] = mark
        store = Store(home)
        with ChromiumPhone(store.blobs, login=app.login, start_url=app.url) as phone:
            found = match(task, [experience], app.name)

            def at(point: str, step: int) -> None:
                if (point, step) == (fault.point, fault.step):
                    (home.parent / f"{home.name}.struck").touch()
                    _break(fault, phone, app, home)

            writer = store.begin(task=task, app=app.name, phone=phone.name, agent="replay", data_before=app.data())
            loop = Loop(
                phone,
                [Replayer(experience, found.values)],
                writer,
                lambda a, s: True,
                Limits(step_timeout=4.0, max_seconds=30.0),
                at=at,
            )
            ended = loop.run(task)
            with contextlib.suppress(OstinatoError):
                writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=app.data())
    except OstinatoError:
        os._exit(1)
    except BaseException as error:  # a defect: seen as a lost trace
        (home.parent / f"{home.name}.defect").write_text(f"{type(error).__name__}: {error}")
        os._exit(2)
    os._exit(0)


def _break(fault: Fault, phone: ChromiumPhone, app: App, home: Path) -> None:
    match fault.kind:
        case "kill_runner":
            os.kill(os.getpid(), signal.SIGKILL)
        case "kill_browser":
            for pid in phone.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        case "kill_app":
            for pid in app.pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        case "fill_disk":
            with contextlib.suppress(OSError), (home / "filler").open("wb") as file:
                while True:
                    file.write(b"\0" * 4096)
                    file.flush()
        case "read_only_disk":
            subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
        case "break_journal_line":
            journal = next((home / "traces").glob("*.jsonl"))
            lines = journal.read_bytes().splitlines(keepends=True)
            journal.write_bytes(b"".join(lines[:-1]) + lines[-1][: len(lines[-1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def _disk(fault: Fault) -> Iterator[Path]:
    """A store's folder; for disk faults a small file system of its own."""
    folder = Path(tempfile.mkdtemp(prefix="ostinato-fault-"))
    home = folder / "store"
    home.mkdir()
    mounted = fault.kind in ("fill_disk", "read_only_disk")
    if mounted:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(home)], check=True)
    try:
        yield home
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(home)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _mend(home: Path) -> None:
    subprocess.run(["mount", "-o", "remount,rw,size=64m", str(home)], check=True)
    (home / "filler").unlink(missing_ok=True)


def _lost(home: Path) -> tuple[int, str]:
    """How many traces that were begun cannot be read now, or read without saying where they stopped."""
    defect = home.parent / f"{home.name}.defect"
    if defect.exists():
        return 1, defect.read_text()
    store = Store(home)
    lost, said = 0, []
    for path in sorted((home / "traces").glob("*.jsonl")):
        if not path.stat().st_size:
            continue
        try:
            trace: Trace = store.load(path.stem)
        except OstinatoError as error:
            lost += 1
            said.append(str(error))
            continue
        said.append(f"{trace.status} at step {len(trace.steps)}")
        listed = [summary.id for summary in store.list(limit=10)]
        if trace.id not in listed:
            lost += 1
            said.append("not listed")
    return lost, ", ".join(said) or "nothing was begun"


def _again(experience: Experience, app: App, task: str, home: Path) -> str:
    """Do the task again as a user would: refused where it may have happened, done otherwise."""
    store = Store(home)
    try:
        for trace in store.open_commits(task, app.name):
            if trace.open_commit is not None:
                raise CommitRefused("it may have happened")
        if any(s.status == "done" for s in store.list(limit=10, app=app.name)):
            return "already done"
        before = app.data()
        found = match(task, [experience], app.name)
        with ChromiumPhone(store.blobs, login=app.login, start_url=app.url) as phone:
            writer = store.begin(task=task, app=app.name, phone=phone.name, agent="replay", data_before=before)
            ended = Loop(
                phone, [Replayer(experience, found.values)], writer, lambda a, s: True, Limits(step_timeout=6.0)
            ).run(task)
            writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=app.data())
        return f"again: {ended.outcome.claimed}"
    except CommitRefused:
        return "again: refused, it may have happened"


def _leftovers(mark: str) -> int:
    """Processes of the run that are still there two seconds after it ended; they are ended now."""
    give_up = time.monotonic() + 2.0
    while True:
        left = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(_MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(process)
        if not left or time.monotonic() > give_up:
            break
        time.sleep(0.1)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return len(left)
