from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Iterator

import psutil
import pytest
from playwright.async_api import Error as PlaywrightError

from ostinato.phone.border import Border
from ostinato.phone.web.browser import Engine, EventLoop, find_chromium
from ostinato.phone.web.watchman import Watchman
from ostinato.phone.web.wire import Session

pytestmark = pytest.mark.browser


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    found = EventLoop()
    yield found
    found.close()


@pytest.fixture
def engine(loop: EventLoop) -> Iterator[Engine]:
    found = Engine(find_chromium(), headless=True)
    loop.run(found.browser())
    yield found
    loop.run(found.end())


async def _page(engine: Engine) -> Session:
    page = await (await engine.browser()).new_page()
    own = await page.context.new_cdp_session(page)
    about = await own.send("Target.getTargetInfo")
    return await engine.wire.attach(about["targetInfo"]["targetId"])


async def _value(session: Session, expression: str) -> object:
    return (await session.send("Runtime.evaluate", {"expression": expression, "returnByValue": True}))["result"][
        "value"
    ]


def test_answers_come_to_those_who_asked_whatever_their_order(loop: EventLoop, engine: Engine) -> None:
    async def ask() -> list[object]:
        pages = [await _page(engine) for _ in range(3)]
        asked = [_value(pages[k % 3], f"{k} + 0.5") for k in range(60)]
        return list(await asyncio.gather(*asked))

    assert loop.run(ask()) == [k + 0.5 for k in range(60)]


def test_what_the_browser_refuses_is_a_playwright_error_that_names_the_call(loop: EventLoop, engine: Engine) -> None:
    async def ask() -> object:
        return await (await _page(engine)).send("DOM.resolveNode", {"backendNodeId": 10**8})

    with pytest.raises(PlaywrightError, match=r"DOM\.resolveNode: ."):
        loop.run(ask())


def test_a_call_that_waits_ends_when_its_page_is_closed_or_the_browser_dies(loop: EventLoop, engine: Engine) -> None:
    async def wait_for(how: str) -> None:
        session = await _page(engine)
        await session.send("Runtime.enable")
        waiting = asyncio.ensure_future(
            session.send("Runtime.evaluate", {"expression": "new Promise(() => {})", "awaitPromise": True})
        )
        await _value(session, "1")
        if how == "closed":
            await session.send("Page.close")
        else:
            os.kill(engine.processes()[1], signal.SIGKILL)
        await waiting

    for how in ("closed", "killed"):
        with pytest.raises(PlaywrightError, match="closed"):
            loop.run(wait_for(how))
    with pytest.raises(PlaywrightError, match="closed"):
        loop.run(engine.wire.call("Browser.getVersion"))


def test_the_browser_listens_on_this_machine_only(engine: Engine) -> None:
    own = [psutil.Process(pid) for pid in engine.processes()]
    ports = [c.laddr.ip for p in own for c in p.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert ports and set(ports) <= {"127.0.0.1", "::1"}


def test_a_page_that_goes_while_it_asks_is_nothing_to_a_watchman(loop: EventLoop, engine: Engine) -> None:
    async def go() -> list[str]:
        watchman, said = Watchman(engine.wire, Border.around(["a.example"]), lambda target: True), []
        asyncio.get_running_loop().set_exception_handler(lambda _, about: said.append(str(about.get("exception"))))
        about = {"requestId": "1", "frameId": "T", "request": {"url": "https://b.example", "method": "GET"}}
        watchman._heard({"method": "Target.targetCreated", "params": {"targetInfo": {"targetId": "T"}}})
        watchman._heard({"method": "Fetch.requestPaused", "params": about})
        watchman._heard({"method": "Target.targetDestroyed", "params": {"targetId": "T"}})
        while watchman._tasks:
            await asyncio.sleep(0.01)
        gc.collect()  # where nobody asks what became of a task, its going away tells
        await asyncio.sleep(0)
        return said

    assert loop.run(go()) == []
