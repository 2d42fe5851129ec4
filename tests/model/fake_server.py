"""An OpenAI-compatible server in a thread of the test: it gives the answers it was told, in order, or a function's."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """One answer: a text of the model, or a `status` with a `body`."""

    text: str = ""
    status: int = 200
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    finish: str = "stop"


@dataclass
class FakeServer:
    url: str
    answers: list[Answer]
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def serving(*answers: Answer | str, says: Callable[[dict[str, Any]], str] | None = None) -> Iterator[FakeServer]:
    """A server that gives these answers, the last one again and again; or what `says` makes of each question."""
    told = [Answer(text) if isinstance(text, str) else text for text in answers]
    state = FakeServer("", told)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append({"path": self.path, **json.loads(content)})
            state.keys.append(self.headers.get("Authorization"))
            answer = Answer(says(state.asked[-1])) if says is not None else told[min(len(state.asked), len(told)) - 1]
            body = answer.body
            if body is None:
                choice = {"message": {"role": "assistant", "content": answer.text}, "finish_reason": answer.finish}
                body = json.dumps({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
