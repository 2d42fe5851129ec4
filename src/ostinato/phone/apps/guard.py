"""Keep a child from outliving its parent: `python guard.py CMD...`.

The parent holds the pipe that is the guard's stdin. However the parent ends (SIGKILL too), the kernel
closes that pipe, and the guard ends the child's whole process group: TERM, and KILL after a grace. On Linux
the kernel also kills the child when the guard itself is killed. The guard's exit status is the child's
(128 + N for a signal N).
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable

GRACE = 3.0  # seconds from TERM to KILL
WATCH = 1.0  # seconds between two looks at the parent, for the case that a sibling holds the pipe open
PR_SET_PDEATHSIG = 1


def main(command: list[str]) -> int:
    """Run `command` until it ends, or until stdin closes; returns the exit status."""
    if not command:
        print("usage: python guard.py CMD...", file=sys.stderr)
        return 2
    parent = os.getppid()
    wake_reader, wake_writer = os.pipe()
    os.set_blocking(wake_writer, False)
    signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
    stopped = False

    def stop(number: int, frame: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509  the guard has one thread
        )
    except OSError as problem:
        print(f"{command[0]} does not start: {problem.strerror}", file=sys.stderr)
        return 127
    while child.poll() is None and not stopped and os.getppid() == parent:
        ready, _, _ = select.select([0, wake_reader], [], [], WATCH)
        if wake_reader in ready:
            os.read(wake_reader, 4096)
        if 0 in ready and not os.read(0, 4096):
            break
    _end(child)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _die_with(guard: int) -> Callable[[], None] | None:
    """What the child does before it becomes the command: ask the kernel to be killed when the guard ends."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != guard:  # the guard ended before the request took effect
            os._exit(1)

    return ask


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the child and every process of its group."""
    if child.poll() is None and _signal(child.pid, signal.SIGTERM):
        end = time.monotonic() + GRACE
        while child.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
    _signal(child.pid, signal.SIGKILL)  # the child if it did not listen, and what it left behind
    child.wait()


def _signal(group: int, number: signal.Signals) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
