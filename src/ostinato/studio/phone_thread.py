"""The thread that phones live in: a server is asynchronous, a phone is not, and only this stands between them."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from ostinato.errors import OstinatoError

T = TypeVar("T")
_ENDS = "the server ends"


@dataclass
class _Job:
    work: Callable[[], Any]
    done: Future[Any]


class PhoneThread:
    """Does jobs one after the other, in the order in which they came."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="ostinato-phones", daemon=True)
        self._closing = threading.Event()
        self._order = threading.Lock()  # no job comes behind the word that ends the thread
        self._thread.start()

    @property
    def closing(self) -> bool:
        """Whether the thread is to end: a job should leave when it can."""
        return self._closing.is_set()

    async def do(self, work: Callable[[Callable[[], bool]], T]) -> T:
        """The result of `work(left)` in this thread. `left()` says that nobody waits for it any more: when the caller
        is cancelled, or the thread is closed. A job that was not begun by then is not begun at all, and
        OstinatoError is raised for it."""
        gone = threading.Event()
        done: Future[T] = Future()
        with self._order:
            if self.closing:
                raise OstinatoError(_ENDS)
            self._jobs.put(_Job(lambda: work(lambda: gone.is_set() or self.closing), done))
        try:
            return await asyncio.wrap_future(done)
        except asyncio.CancelledError:
            gone.set()
            raise

    def close(self, seconds: float) -> bool:
        """Tell the job to leave, and wait for it; False when it did not leave in time."""
        with self._order:
            self._closing.set()
            self._jobs.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not job.done.set_running_or_notify_cancel():
                continue
            if self.closing:
                job.done.set_exception(OstinatoError(_ENDS))
            else:
                try:
                    result = job.work()
                except BaseException as error:
                    job.done.set_exception(error)
                else:
                    job.done.set_result(result)
