"""The fault harness: real runs that are killed, starved of disk or robbed of their browser or app at named points.

Each fault is one child process with its own store and phone that performs one task with a fresh value; the fault
strikes at a point of a step. Afterwards: does the store open, are all steps there that were begun before the fault,
does the trace say where it stopped; does doing the task again (as a user would) ever lead to two rows; is any process
left?
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

from ostinato.agent.loop import POINTS
from ostinato.errors import CommitRefused, OstinatoError
from ostinato.house import House
from ostinato.phone.apps.ihatemoney import IHateMoney
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.replay.experience import Experience
from ostinato.settings import Settings, load_settings
from ostinato.suites.ihatemoney import ADD_EXPENSE
from ostinato.trace.store import Store

KINDS = ("kill_runner", "kill_browser", "kill_app", "fill_disk", "read_only_disk", "break_journal_line")
STEPS = 6  # five actions and the last word of `add_expense`
_MARK = "FAULT_RUN"
_WITHOUT_ACTION = ("acted", "settled")  # points that the last word does not come by
_DISK_BYTES = 12_000_000


@dataclass(frozen=True)
class Fault:
    """A kind of fault at a point of a step; `seed` chooses the task's values and, where a line of the journal is
    broken, which and how."""

    kind: str
    point: str
    step: int
    seed: int = 0

    @property
    def begun(self) -> int:
        """How many steps were on disk when the fault struck, less what the fault itself may have destroyed."""
        steps = self.step + (self.point in ("intent", "acted", "settled", "result"))
        return max(steps - (self.kind == "break_journal_line"), 0)


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
    found = []
    for kind in KINDS:
        for step in range(STEPS):
            points = [p for p in POINTS if p != "done" and not (step == STEPS - 1 and p in _WITHOUT_ACTION)]
            found += [Fault(kind, point, step) for point in points]
        found.append(Fault(kind, "done", STEPS))
    return found


def strike(fault: Fault, experience: Experience, app: IHateMoney) -> Aftermath:
    """Perform one faulty run in a child process, then look at what is left and do the task again."""
    values = {**ADD_EXPENSE.generate(random.Random(fault.seed))}
    values["what"] = f"{values['what']} {fault.seed}"
    task = ADD_EXPENSE.words(values)
    mark = f"{os.getpid()}-{fault.seed}-{time.monotonic_ns()}"
    with _disk(fault) as disk:
        child = os.fork()
        if child == 0:
            _child(fault, experience, app, task, disk, mark)
        os.waitpid(child, 0)
        leftovers = _leftovers(mark)
        if fault.kind == "kill_app":
            _start_again(app)
        disk.mend()
        struck = disk.struck.exists()
        lost, said = _lost(fault, disk) if struck else (0, "the fault did not strike")
        said += "; " + _again(experience, app, task, disk.home)
        commits = sum(1 for row in app.data().tables["bill"].rows if values["what"] in row)
    return Aftermath(fault, struck, lost, commits, leftovers, said)


def _settings(home: Path) -> Settings:
    return load_settings().in_folder(home).model_copy(update={"step_timeout": 4.0, "max_seconds": 30.0})


def _child(fault: Fault, experience: Experience, app: IHateMoney, task: str, disk: Disk, mark: str) -> None:
    """Never returns."""
    try:
        os.environ[_MARK] = mark
        house = House(_settings(disk.home))
        house.repository.save(experience)
        with house.phone(app) as phone:

            def at(point: str, step: int) -> None:
                if (point, step) == (fault.point, fault.step):
                    disk.struck.touch()
                    _break(fault, phone, app, disk)

            house.at = at
            house.replay(task, phone=phone, app=app, app_name=app.name, approve=lambda action, screen: True)
    except OstinatoError:
        os._exit(1)
    except BaseException as error:  # a defect: seen as a lost trace
        disk.defect.write_text(f"{type(error).__name__}: {error}")
        os._exit(2)
    os._exit(0)


def _start_again(app: IHateMoney) -> None:
    """The app that was killed, with the data that it had."""
    folder = app.database.parent
    with contextlib.suppress(OstinatoError):
        app.stop()
    app.start(folder)


def _break(fault: Fault, phone: ChromiumPhone, app: IHateMoney, disk: Disk) -> None:
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
            with contextlib.suppress(OSError), (disk.home / "filler").open("wb") as file:
                while True:
                    file.write(b"\0" * 4096)
                    file.flush()
        case "read_only_disk":
            disk.fail()
        case "break_journal_line":
            journal = next((disk.home / "store" / "traces").glob("*.jsonl"))
            journal.write_bytes(_broken(journal.read_bytes(), fault.seed))
            os.kill(os.getpid(), signal.SIGKILL)


def _broken(data: bytes, seed: int) -> bytes:
    """With an even seed the last line is cut in the middle, with an odd one any byte of the file is another."""
    if seed % 2 == 0:
        lines = data.splitlines(keepends=True)
        return b"".join(lines[:-1]) + lines[-1][: len(lines[-1]) // 2]
    rng = random.Random(seed)
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ rng.randrange(1, 256)]) + data[place + 1 :]


class Disk:
    """A store's folder; for disk faults a small ext4 file system of its own on a loop device, which can be filled,
    and which its own driver turns read-only after an error, with files open."""

    def __init__(self, folder: Path, own: bool) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.struck = folder / "struck"
        self.defect = folder / "defect"
        self.image = folder / "image" if own else None
        if self.image is not None:
            with self.image.open("wb") as file:
                file.truncate(_DISK_BYTES)
            _call("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-m", "0", str(self.image))
            self._mount()

    def _mount(self) -> None:
        _call("mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.home))

    def _device(self) -> str:
        return Path(_call("findmnt", "-no", "SOURCE", str(self.home)).strip()).name

    def fail(self) -> None:
        """An error that the file system's driver takes for its own."""
        Path("/sys/fs/ext4", self._device(), "trigger_fs_error").write_text("injected")

    def mend(self) -> None:
        """What a person does about it: make room, check the file system, mount it again."""
        if self.image is not None:
            (self.home / "filler").unlink(missing_ok=True) if os.access(self.home, os.W_OK) else None
            _call("umount", str(self.home))
            _call("e2fsck", "-fy", str(self.image), accept=(0, 1))
            self._mount()

    def close(self) -> None:
        if self.image is not None:
            subprocess.run(["umount", "-l", str(self.home)], check=False)


def _call(*command: str, accept: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in accept:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def can_break_disks() -> bool:
    """Whether this machine lets us mount a file system on a loop device (it takes root)."""
    try:
        with _disk(Fault("fill_disk", "done", 0)):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def _disk(fault: Fault) -> Iterator[Disk]:
    folder = Path(tempfile.mkdtemp(prefix="ostinato-fault-"))
    try:
        disk = Disk(folder, fault.kind in ("fill_disk", "read_only_disk"))
        try:
            yield disk
        finally:
            disk.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lost(fault: Fault, disk: Disk) -> tuple[int, str]:
    """Whether the trace that was begun is lost: it cannot be read or found, misses a step that was on disk, or does
    not say where it stopped."""
    if disk.defect.exists():
        return 1, disk.defect.read_text()
    store = Store(disk.home / "store")
    try:
        traces = [store.load(summary.id) for summary in store.list(limit=10)]
    except OstinatoError as error:
        return 1, str(error)
    finally:
        store.close()
    if len(traces) != 1:
        return 1, f"{len(traces)} traces are listed"
    trace = traces[0]
    if len(trace.steps) < fault.begun:
        return 1, f"{len(trace.steps)} steps of {fault.begun}"
    return 0, f"{trace.status} at step {len(trace.steps)}"


def _again(experience: Experience, app: IHateMoney, task: str, home: Path) -> str:
    """Do the task again as a user would: refused where it may have happened, done otherwise."""
    house = House(_settings(home))
    house.repository.save(experience)
    try:
        if any(s.status == "done" for s in house.store.list(limit=10, app=app.name)):
            return "already done"
        with house.phone(app) as phone:
            done = house.replay(task, phone=phone, app=app, app_name=app.name, approve=lambda action, screen: True)
        return f"again: {done.trace.status}"
    except CommitRefused:
        return "again: refused, it may have happened"
    finally:
        house.store.close()


def _leftovers(mark: str) -> int:
    """Processes of the run that are still there ten seconds after it ended (a browser whose runner was
    killed takes a moment to see it); they are ended now."""
    give_up = time.monotonic() + 10.0
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
