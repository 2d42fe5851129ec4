"""A server process of an app: guarded, logged, on 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from ostinato.errors import AppError

HOST = "127.0.0.1"
_GUARD = Path(__file__).with_name("guard.py")  # as a file, so that it loads nothing of the house
START_SECONDS = 60.0
TAIL_LINES = 15
PORT_TRIES = 5


def start_server(
    name: str,
    command: Callable[[int], list[str]],
    *,
    folder: Path,
    port: int = 0,
    environment: dict[str, str] | None = None,
) -> Server:
    """The server started by `command(port)`, once it answers on its port.

    Port 0 means a free one; when another process is quicker to take it, another is tried. Raises AppError
    with the tail of the log when the server does not come up.
    """
    for attempt in range(PORT_TRIES):
        chosen = port or _free_port()
        server = Server(name, command(chosen), folder=folder, port=chosen, environment=environment or {})
        try:
            server.wait_until_it_answers()
        except BaseException as problem:
            taken = server.port_is_taken()
            server.stop()
            if isinstance(problem, AppError) and taken and not port and attempt + 1 < PORT_TRIES:
                continue
            raise
        return server
    raise AssertionError("unreachable")


class Server:
    """One running server process and its log, `server.log` in the working folder."""

    def __init__(self, name: str, command: list[str], *, folder: Path, port: int, environment: dict[str, str]) -> None:
        self.name = name
        self.port = port
        self.origin = f"http://{HOST}:{port}"
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", str(_GUARD), *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=os.environ | environment,
                start_new_session=True,  # Ctrl-C reaches us alone; the guard ends when we close its pipe
            )

    def wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_SECONDS
        while self._guard.poll() is None:
            if self._listens():
                try:
                    request(self.origin + "/", timeout=5)
                    return
                except AppError:
                    pass
            if time.monotonic() > end:
                raise AppError(f"{self.name} did not answer within {START_SECONDS:.0f} s.{self.tail()}")
            time.sleep(0.03)
        raise AppError(f"{self.name} ended while starting (status {self._guard.returncode}).{self.tail()}")

    def _listens(self) -> bool:
        """Whether our own process, not somebody else's, holds the port."""
        for process in self._processes():
            try:
                connections = process.net_connections()
            except psutil.Error:
                continue
            if any(c.status == psutil.CONN_LISTEN and c.laddr.port == self.port for c in connections):
                return True
        return False

    def port_is_taken(self) -> bool:
        """Whether the server ended because another process holds its port."""
        return "address already in use" in self.tail().lower() or "EADDRINUSE" in self.tail()

    def tail(self) -> str:
        """The end of the log, for an error message."""
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:] if self.log.exists() else []
        return "".join(f"\n  {line}" for line in lines)

    def _processes(self) -> list[psutil.Process]:
        try:
            guard = psutil.Process(self._guard.pid)
            return [guard, *guard.children(recursive=True)]
        except psutil.Error:
            return []

    def pids(self) -> list[int]:
        return [process.pid for process in self._processes()]

    def alive(self) -> bool:
        return self._guard.poll() is None

    def stop(self) -> None:
        """End the server and its guard. May be called twice."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        try:
            self._guard.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._guard.kill()  # the kernel then kills the server
            self._guard.wait()


class Instance:
    """One running app: its server, and its working folder, removed with it when nobody named one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._server: Server | None = None
        self._folder: Path | None = None
        self._temporary = False

    def start(self, folder: Path | None, serve: Callable[[Path], Server]) -> None:
        """`serve` fills the folder where it is empty and starts the server there."""
        if self._server is not None:
            raise AppError(f"{self.name} is already running at {self._server.origin}; stop it first.")
        self._temporary = folder is None
        self._folder = (folder or Path(tempfile.mkdtemp(prefix=f"ostinato-{self.name}-"))).absolute()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._server = serve(self._folder)
        except BaseException:
            self.stop()
            raise

    def start_again(self, serve: Callable[[Path, int], Server]) -> None:
        """Another server in the same folder, on the same port."""
        folder, port = self.folder, self.server.port
        self.server.stop()
        self._server = serve(folder, port)

    def stop(self) -> None:
        """End the server. May be called twice."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._temporary and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    @property
    def server(self) -> Server:
        if self._server is None:
            raise AppError(f"{self.name} is not running; start it first.")
        return self._server

    @property
    def folder(self) -> Path:
        if self._folder is None:
            raise AppError(f"{self.name} is not running; start it first.")
        return self._folder

    def pids(self) -> list[int]:
        return self._server.pids() if self._server is not None else []


def request(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = 10,
) -> tuple[bytes, list[tuple[str, str]]]:
    """Body and headers of an answer; redirects are not followed. AppError for none or a status from 400."""
    asked = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with _OPENER.open(asked, timeout=timeout) as answer:
            return answer.read(), answer.headers.items()
    except urllib.error.HTTPError as answer:
        with answer:
            content = answer.read()
            if answer.code < 400:
                return content, list(answer.headers.items())
            text = content[:300].decode(errors="replace")
        raise AppError(f"{method} {url} was answered with {answer.code}: {text}") from None
    except OSError as problem:
        raise AppError(f"{method} {url} was not answered: {problem}") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: object, **named: object) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
