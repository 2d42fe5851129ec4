"""The recording page: mirrors the phone in a browser on this machine and takes taps, drags and typing."""

from __future__ import annotations

import queue
import secrets
import subprocess
import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from ostinato.collect.human import HumanDecider, event_adapter
from ostinato.errors import SetupError
from ostinato.trace.action import describe
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen


class RecordingPage:
    """Serves the page on 127.0.0.1 under a random address until `close`. The phone's own thread does everything on
    the phone; this side only queues what the person does.

    `picture(sha)` reads a screenshot. Raises SetupError when the port is taken."""

    def __init__(self, human: HumanDecider, task: str, picture: Callable[[str], bytes], port: int = 0) -> None:
        self._human, self._task, self._picture = human, task, picture
        self._screens: queue.Queue[tuple[Screen, tuple[Step, ...]]] = human.listen()
        self._screen: Screen | None = None
        self._steps: tuple[Step, ...] = ()
        self._number = 0
        self._answered = 0
        self._lock = threading.Lock()
        self._token = secrets.token_urlsafe(16)
        config = uvicorn.Config(self._app(), host="127.0.0.1", port=port, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        try:
            socket = config.bind_socket()
            socket.listen()  # now, so that whoever hears of the address is served, and nobody else takes the port
        except (SystemExit, OSError):
            raise SetupError(f"port {port} of 127.0.0.1 is taken; give another with --port") from None
        self.url = f"http://127.0.0.1:{socket.getsockname()[1]}/{self._token}/"
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [socket]}, daemon=True)
        self._thread.start()
        self._window: subprocess.Popen[bytes] | None = None

    def open_window(self, chromium: Path) -> None:
        """Show the page in a window of its own (needs a display)."""
        self._window = subprocess.Popen(
            [str(chromium), f"--app={self.url}", "--window-size=860,980", "--no-first-run"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """End the server and the window. May be called twice."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        if self._window is not None:
            self._window.terminate()
            self._window.wait(timeout=5)
            self._window = None

    def _app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        html = (files("ostinato.collect") / "page.html").read_text(encoding="utf-8")

        def check(token: str, request: Request) -> None:
            origin = request.headers.get("origin")
            if not secrets.compare_digest(token, self._token) or (origin and not self.url.startswith(origin + "/")):
                raise HTTPException(404)

        @app.get("/{token}/", response_class=HTMLResponse)
        def page(token: str, request: Request) -> str:
            check(token, request)
            return html

        @app.get("/{token}/state")
        def state(token: str, request: Request) -> dict[str, Any]:
            check(token, request)
            return self._state()

        @app.get("/{token}/frame/{number}")
        def frame(token: str, number: int, request: Request) -> Response:
            check(token, request)
            screen = self._screen
            if screen is None or screen.screenshot is None:
                raise HTTPException(404)
            return Response(self._picture(screen.screenshot), media_type="image/jpeg")

        @app.post("/{token}/event/{number}")
        async def event(token: str, number: int, request: Request) -> dict[str, bool]:
            check(token, request)
            try:
                said = event_adapter.validate_json(await request.body())
            except ValidationError as error:
                raise HTTPException(422, error.errors()[0]["msg"]) from error
            with self._lock:
                if number != self._number or number == self._answered:
                    return {"taken": False}  # meant for a screen that is gone, or said twice
                self._answered = number
            self._human.events.put(said)
            return {"taken": True}

        return app

    def _state(self) -> dict[str, Any]:
        with self._lock:
            while not self._screens.empty():
                self._screen, self._steps = self._screens.get()
                self._number += 1
            screen = self._screen
            return {
                "task": self._task,
                "number": self._number,
                "waiting": self._number > self._answered,
                "width": screen.width if screen else 0,
                "height": screen.height if screen else 0,
                "url": screen.url if screen else "",
                "dialog": screen.dialog if screen else None,
                "steps": [_line(step) for step in self._steps],
                "failed": _failure(self._steps),
                "elements": [
                    e.model_dump(include={"path", "role", "name", "value", "id", "placeholder", "box", "options",
                                          "editable", "password", "reachable", "enabled", "focused"})
                    for e in (screen.elements if screen else ())
                ],
            }  # fmt: skip


def _line(step: Step) -> str:
    failed = step.result is not None and not step.result.ok
    return describe(step.action) + (" – not done" if failed else "")


def _failure(steps: tuple[Step, ...]) -> str | None:
    """Why the last step was not done."""
    last = steps[-1].result if steps else None
    return None if last is None or last.ok else last.error
