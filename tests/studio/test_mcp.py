"""The MCP server as a process of its own, asked by the protocol's own client, with a real app."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import anyio
import httpx
import psutil
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import ElicitResult

from ostinato.cli import main as ostinato_command
from ostinato.house import House
from ostinato.phone.apps.app import get_app
from ostinato.settings import load_settings
from ostinato.trace.archive import import_
from ostinato.trace.store import Store

OSTINATO = str(Path(sys.executable).parent / "ostinato")
TASK = "Add an expense: {}, paid by Bob"


@pytest.fixture
def taught(chromium: Path, ostinato_home: Path) -> Store:
    """A home with the experience of the demo."""
    for name in ("ihatemoney", "miniwob"):
        get_app(name).install()
    house = House(load_settings())
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        house.learn(import_(house.store, archive))
    return house.store


@pytest.fixture
def nothing_left() -> Iterator[None]:
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    yield
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert not psutil.wait_procs(left, timeout=20)[1]


def over_stdio(*arguments: str) -> Client:
    return Client(StdioServerParameters(command=OSTINATO, args=["mcp", *arguments], env=dict(os.environ)))


def text(result: Any) -> str:
    return str(result.content[0].text)


@pytest.mark.browser
@pytest.mark.app
def test_a_task_is_done_told_step_by_step_and_judged(taught: Store, nothing_left: None) -> None:
    told: list[tuple[float, str]] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append((done, message or ""))

    async def main() -> None:
        async with over_stdio("--commits", "allow", "--app", "ihatemoney") as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"phone_task", "phone_observe", "list_apps", "list_experiences"}
            assert tools["phone_task"].output_schema is not None
            [known] = (await client.call_tool("list_experiences", {})).structured_content["result"]
            assert known["app"] == "ihatemoney" and "{" in known["templates"][0]
            asked = {"task": TASK.format("Rope, 3"), "app": "ihatemoney"}
            done = await client.call_tool("phone_task", asked, progress_callback=progress)
            said = done.structured_content
            assert not done.is_error and said["succeeded"] and said["verdict"] == "yes", done
            assert "Rope" in said["changes"][0] and "verdict: yes" in text(done)
            trace = taught.load(said["trace"])
            assert trace.meta["asked_by"] == "mcp" and len(told) == len(trace.steps) == said["steps"] + 1
            assert told[0] == (1.0, "tap link “Add a new bill”") and told[-1][1].startswith("done")
            [picture] = (await client.read_resource(said["screenshot"])).contents
            assert picture.mime_type == "image/jpeg" and len(picture.blob) > 5000
            for arguments, problem in (
                ({"task": "Sing", "app": "ihatemoney"}, "no experience fits"),
                ({"task": "Sing", "app": "ihatemoney", "model": True}, "no model is set"),
                ({"task": "Sing", "app": "oscar"}, "this server has no app 'oscar', only ihatemoney"),
                ({"task": "Sing", "url": "http://127.0.0.1/"}, "this server opens no address"),
                ({"task": "Sing"}, "say where"),
                ({"task": "", "app": "ihatemoney"}, "at least 1 character"),
                ({"task": "Sing", "app": "ihatemoney", "commits": "allow"}, "no experience fits"),
            ):
                failed = await client.call_tool("phone_task", arguments)
                assert failed.is_error and problem in text(failed), (arguments, failed)
            with pytest.raises(Exception, match="no trace"):
                await client.read_resource("ostinato://trace/20200101-000000-000000/screenshot")

    asyncio.run(main())


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.nightly
def test_what_is_cancelled_stops_before_it_sends_anything(taught: Store, nothing_left: None) -> None:
    async def main() -> Any:
        async with over_stdio("--commits", "allow", "--app", "ihatemoney", "--app", "miniwob", "--words") as client:
            with anyio.CancelScope() as scope:

                async def leave(done: float, total: float | None, message: str | None) -> None:
                    scope.cancel()

                asked = {"task": TASK.format("Rope, 3"), "app": "ihatemoney"}
                await client.call_tool("phone_task", asked, progress_callback=leave)
            assert scope.cancelled_caught
            return await client.call_tool("phone_task", {"task": "Click the button.", "app": "miniwob/click-test/1"})

    assert asyncio.run(main()).structured_content["status"] == "done", "the phone is free again"
    left = taught.load(taught.ids()[-2])
    assert left.outcome is not None and left.outcome.reason == "stopped by the program that began it"
    assert left.task == TASK.format("Rope, 3") and all(step.risk != "commit" for step in left.steps)


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.nightly
@pytest.mark.parametrize("answer", [True, False, None], ids=["yes", "no", "cannot ask"])
def test_the_person_at_the_client_is_asked(taught: Store, nothing_left: None, answer: bool | None) -> None:
    questions: list[str] = []

    async def person(context: Any, asked: Any) -> ElicitResult:
        questions.append(asked.message)
        return ElicitResult(action="accept", content={"do_it": answer})

    async def main() -> Any:
        server = StdioServerParameters(command=OSTINATO, args=["mcp", "--commits", "ask"], env=dict(os.environ))
        mode = "legacy" if answer is not None else "auto"
        async with Client(server, mode=mode, elicitation_callback=person if answer is not None else None) as client:
            return await client.call_tool("phone_task", {"task": TASK.format("Rope, 3"), "app": "ihatemoney"})

    said = asyncio.run(main()).structured_content
    assert said["succeeded"] is (answer is True), said
    if answer is not None:
        assert questions == ["This cannot be taken back: tap button “Submit”. Do it?"]
    else:
        assert "was not allowed" in said["reason"]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.browser
@pytest.mark.app
def test_it_serves_http_on_this_machine_alone_and_ends_when_told(taught: Store, port: int, nothing_left: None) -> None:
    server = subprocess.Popen([OSTINATO, "mcp", "--port", str(port), "--words"], stderr=subprocess.PIPE, text=True)
    address = f"http://127.0.0.1:{port}/mcp"

    async def main() -> Any:
        async with Client(address) as client:
            look = await client.call_tool("phone_observe", {"app": "miniwob/login-user/1"})
            done = await client.call_tool("phone_task", {"task": "Click the button.", "app": "miniwob/click-test/1"})
            return look, done

    try:
        _wait_for(port, server)
        foreign = httpx.post(address, headers={"Host": "evil.example"}, json={})
        assert foreign.status_code in (403, 421), foreign
        look, done = asyncio.run(main())
        assert "title: Login User Task" in text(look) and 'button "Login"' in text(look)
        assert look.content[1].mime_type == "image/jpeg"
        assert done.structured_content["status"] == "done" and done.structured_content["verdict"] is None
        assert "not judged" in text(done)
        listening = [c.laddr.ip for c in psutil.Process(server.pid).net_connections() if c.status == "LISTEN"]
        assert set(listening) == {"127.0.0.1"}
    finally:
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=30)
    assert "Traceback" not in said, said


def _wait_for(port: int, server: subprocess.Popen[str]) -> None:
    while True:
        assert server.poll() is None, server.communicate()
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        anyio.run(anyio.sleep, 0.05)


def test_wrong_options_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, problem in (
        (["--app", "ihatemony"], "Did you mean ihatemoney"),
        (["--commits", "yes"], "'yes' is not one of 'refuse'"),
        (["--port", "0"], "greater than or equal to 1"),
    ):
        with pytest.raises(SystemExit) as ended:
            ostinato_command(["mcp", *arguments])
        assert ended.value.code == 2 and problem in capsys.readouterr().err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SystemExit):
            ostinato_command(["mcp", "--port", str(taken.getsockname()[1])])
    assert "cannot be served" in capsys.readouterr().err


def test_the_extra_part_is_named_where_it_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "ostinato.studio.mcp_server", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    with pytest.raises(SystemExit) as ended:
        ostinato_command(["mcp"])
    assert ended.value.code == 1 and "pip install 'ostinato-agents[mcp]'" in " ".join(capsys.readouterr().err.split())
