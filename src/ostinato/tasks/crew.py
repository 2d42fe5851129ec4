"""Sub-tasks side by side, each in a process of its own: one phone, one thread; many phones, many processes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from ostinato.errors import OstinatoError, PhoneError
from ostinato.house import House
from ostinato.settings import Settings
from ostinato.tasks.job import Done, Job, perform
from ostinato.trace.action import Action, describe
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen

Say = Callable[[str, str], None]
_PATIENCE = 30.0  # seconds that a process has to end its phone and its app after Ctrl-C


class Interrupted(OstinatoError):
    """A sub-task was ended by Ctrl-C; its trace is stored."""


class Crew:
    """Processes under way. `policy` is ask, refuse or allow, before what cannot be taken back; `ask(question)` is asked
    here, one at a time, for any of them; `asks` says that it may also be asked what an app wants. `say(sub-task, line)`
    is told what they do."""

    def __init__(
        self, settings: Settings, *, policy: str, ask: Callable[[str], bool], say: Say, asks: bool = False
    ) -> None:
        self._settings, self._policy, self._ask, self._say, self._asks = settings, policy, ask, say, asks
        self._running: dict[str, tuple[BaseProcess, Connection]] = {}

    @property
    def busy(self) -> frozenset[str]:
        return frozenset(self._running)

    def begin(self, job: Job) -> None:
        """Start a sub-task in a process of its own. Ctrl-C reaches it through `stop` alone."""
        context = multiprocessing.get_context("spawn")
        mine, theirs = context.Pipe()
        process = context.Process(
            target=_work, args=(theirs, self._settings, job, self._policy, self._asks), name=job.part.id, daemon=False
        )
        with _no_interrupts(), _no_main():
            process.start()
        theirs.close()
        self._running[job.part.id] = (process, mine)

    def next_done(self) -> Done | tuple[str, OstinatoError]:
        """Wait until one has ended, and answer what is asked meanwhile: what it did, or which one could not and why."""
        while True:
            channels = {mine: name for name, (_, mine) in self._running.items()}
            for channel in wait(list(channels)):
                assert isinstance(channel, Connection)
                name = channels[channel]
                try:
                    kind, said = channel.recv()
                except (EOFError, OSError):  # it died: killed, or out of memory; its end of the pipe is gone, or reset
                    return name, self._ended(name)
                if kind == "say":
                    self._say(name, said)
                elif kind == "ask":
                    answer = self._ask(f"{name}: {said}")
                    with contextlib.suppress(OSError):
                        channel.send(answer)
                else:
                    self._leave(name)
                    return said if kind == "done" else (name, said)

    def stop(self) -> None:
        """Ctrl-C for all that are under way: they store their traces and end their phones; waits for them."""
        for process, _ in self._running.values():
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGINT)
        for _, channel in self._running.values():
            channel.close()
        for name in list(self._running):
            self._leave(name)

    def _leave(self, name: str) -> int | None:
        """Wait until a process has ended, kill it when it does not; its exit code."""
        process, channel = self._running.pop(name)
        channel.close()
        process.join(_PATIENCE)
        if process.is_alive():  # what it was to say is said: it only does not end
            process.kill()
            process.join()
        code = process.exitcode
        process.close()
        return code

    def _ended(self, name: str) -> OstinatoError:
        code = self._leave(name)
        return PhoneError(
            f"the process of sub-task {name} ended by itself (exit code {code}); its trace says how far it came"
        )


def _work(channel: Connection, settings: Settings, job: Job, policy: str, asks: bool) -> None:
    """What a process of the crew does; `asks` says that somebody is there to answer what an app wants."""
    os.setpgrp()  # a terminal's Ctrl-C goes to the first process, which passes it on once
    signal.signal(signal.SIGINT, _once)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def tell(kind: str, said: Any) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more
            channel.send((kind, said))

    def question(text: str) -> bool:
        tell("ask", text)
        try:
            return bool(channel.recv())
        except (EOFError, OSError):
            return False

    def approve(action: Action, screen: Screen) -> bool:
        if policy != "ask":
            return policy == "allow"
        return question(f"This cannot be taken back: {describe(action)}. Do it?")

    try:
        rooms = House(settings, ask=question if asks else None)
        done = perform(rooms, job, approve, lambda step: tell("say", _line(step)), lambda text: tell("say", text))
        tell("done", done)
    except KeyboardInterrupt:
        tell("failed", Interrupted(f"sub-task {job.part.id} was stopped by Ctrl-C"))
    except OstinatoError as error:
        tell("failed", _portable(error))


def _line(step: Step) -> str:
    return f"{step.index + 1:>2}  {describe(step.action)}"


def _portable(error: OstinatoError) -> OstinatoError:
    """The error for another process: of those with more than their text, the text alone."""
    return error if len(error.args) == 1 and type(error).__init__ is Exception.__init__ else OstinatoError(str(error))


def _once(number: int, frame: object) -> None:
    """The first Ctrl-C ends the run; those after it do not break its ending."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back while a process is made, which inherits that until it is ready for it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _no_main() -> Iterator[None]:
    """A new process needs nothing of the program that was started (it would run it again)."""
    main = sys.modules["__main__"]
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    main.__spec__ = None
    if file is not None:
        del main.__file__
    try:
        yield
    finally:
        main.__spec__ = spec
        if file is not None:
            main.__file__ = file
