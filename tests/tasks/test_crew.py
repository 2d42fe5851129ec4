"""Processes of a crew that do not end, or whose pipe breaks, are told and left."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import struct
import time
from multiprocessing.connection import Connection

import pytest

from ostinato.errors import PhoneError
from ostinato.settings import Settings
from ostinato.tasks import crew as crews
from ostinato.tasks.crew import Crew
from ostinato.tasks.job import Done


def crew() -> Crew:
    return Crew(Settings(), policy="refuse", ask=lambda question: False, say=lambda name, line: None)


def hangs(channel: Connection, done: Done | None) -> None:
    """Says what it did, and does not end, whatever it is told."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel.send(("done", done) if done is not None else ("say", "here"))
    time.sleep(600)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "_PATIENCE", 0.1)


def begun(running: Crew, done: Done | None) -> int:
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe()
    process = context.Process(target=hangs, args=(theirs, done))
    process.start()
    theirs.close()
    running._running["part"] = (process, mine)
    assert process.pid is not None
    return process.pid


def test_a_process_that_hangs_after_its_work_is_killed_and_its_work_counts() -> None:
    running, done = crew(), Done(subtask="part", trace="x", status="done")
    begun(running, done)
    assert running.next_done() == done and not running.busy


def test_one_that_does_not_stop_is_killed() -> None:
    running = crew()
    begun(running, None)
    running.stop()
    assert not running.busy


def test_a_connection_that_is_reset_is_a_process_that_ended() -> None:
    running = crew()
    begun(running, None)
    process, pipe = running._running["part"]
    assert pipe.recv() == ("say", "here")
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        mine, _ = server.accept()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    running._running["part"] = (process, Connection(mine.detach()))
    said = running.next_done()
    assert isinstance(said, tuple) and said[0] == "part"
    assert isinstance(said[1], PhoneError) and "ended by itself" in str(said[1])
    pipe.close()
