"""The thread of the phones: one job after the other, left when nobody waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from ostinato.errors import OstinatoError, UsageError
from ostinato.studio.phone_thread import PhoneThread


def test_jobs_are_done_one_after_the_other_in_one_thread() -> None:
    thread = PhoneThread()
    done: list[tuple[int, str]] = []

    def job(number: int) -> Callable[[Callable[[], bool]], int]:
        def work(left: Callable[[], bool]) -> int:
            done.append((number, threading.current_thread().name))
            return number * number

        return work

    async def main() -> list[int]:
        return list(await asyncio.gather(*(thread.do(job(n)) for n in range(5))))

    assert asyncio.run(main()) == [0, 1, 4, 9, 16]
    assert done == [(n, "ostinato-phones") for n in range(5)] and thread.close(5)


def test_an_error_of_a_job_is_raised_where_it_is_waited_for() -> None:
    thread = PhoneThread()

    def wrong(left: Callable[[], bool]) -> None:
        raise UsageError("no such app")

    async def main() -> str:
        with pytest.raises(UsageError, match="no such app"):
            await thread.do(wrong)
        return await thread.do(lambda left: "goes on")

    assert asyncio.run(main()) == "goes on" and thread.close(5)


def test_a_job_hears_that_nobody_waits_and_one_not_begun_is_not_begun() -> None:
    thread = PhoneThread()
    begun, heard = threading.Event(), threading.Event()
    late: list[str] = []

    def long(left: Callable[[], bool]) -> None:
        begun.set()
        for _ in range(1000):
            if left():
                heard.set()
                return
            heard.wait(0.01)

    async def main() -> str:
        first = asyncio.create_task(thread.do(long))
        await asyncio.to_thread(begun.wait, 5)
        second = asyncio.create_task(thread.do(lambda left: late.append("begun")))
        await asyncio.sleep(0)
        second.cancel()
        first.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        return await thread.do(lambda left: f"left: {left()}")

    assert asyncio.run(main()) == "left: False" and heard.is_set() and late == []
    assert thread.close(5)


def test_closing_it_makes_jobs_leave() -> None:
    thread = PhoneThread()
    begun = threading.Event()

    def long(left: Callable[[], bool]) -> str:
        begun.set()
        for _ in range(1000):
            if left():
                return "left"
            threading.Event().wait(0.01)
        return "stayed"

    async def main() -> tuple[str, object]:
        first, second = asyncio.create_task(thread.do(long)), asyncio.create_task(thread.do(long))
        await asyncio.to_thread(begun.wait, 5)
        assert await asyncio.to_thread(thread.close, 5)
        return await first, (await asyncio.gather(second, return_exceptions=True))[0]

    first, second = asyncio.run(main())
    assert first == "left" and isinstance(second, OstinatoError) and thread.closing


def test_a_job_that_was_cancelled_before_the_end_does_not_break_the_thread() -> None:
    thread = PhoneThread()
    begun, goes = threading.Event(), threading.Event()

    def long(left: Callable[[], bool]) -> None:
        begun.set()
        goes.wait(5)

    async def main() -> list[object]:
        first = asyncio.create_task(thread.do(long))
        await asyncio.to_thread(begun.wait, 5)
        second, third = (asyncio.create_task(thread.do(lambda left: None)) for _ in range(2))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(thread.close, 5))
        while not thread.closing:
            await asyncio.sleep(0)
        goes.set()
        assert await closing
        later = asyncio.create_task(thread.do(lambda left: None))
        waited = asyncio.gather(first, second, third, later, return_exceptions=True)
        return list(await asyncio.wait_for(waited, 5))

    first, second, third, later = asyncio.run(main())
    assert first is None and isinstance(second, asyncio.CancelledError)
    assert isinstance(third, OstinatoError) and isinstance(later, OstinatoError)
