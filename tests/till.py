"""A small shop on a real server: entries in a table, a form that posts one. It counts what is posted, and may be slow.

Run as a program it plays a task there in a process of its own, which OSTINATO_FAULT may end at any point."""

from __future__ import annotations

import html
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from ostinato.trace.data import AppData, Table

TASK = "Add an entry: {what} for {amount}"
_PAGE = "<!doctype html><html lang=en><title>Till{title}</title><body><h1>{title}</h1>{body}</body></html>"
_FORM = (
    "<form method=post action=/add><p><label>What? <input name=what></label>"
    "<p><label>Amount <input name=amount></label><p><button>Save</button></form>"
)


@dataclass
class Server:
    """The server. `delay` is how long it takes over an answer to what is posted, in seconds."""

    delay: float = 0.0
    posts: int = 0
    rows: list[tuple[int, str, str]] = field(default_factory=list)

    def __enter__(self) -> Server:
        till = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                till._get(self)

            def do_POST(self) -> None:
                till._post(self)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._lock = threading.Lock()
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def _get(self, call: BaseHTTPRequestHandler) -> None:
        path = urlsplit(call.path).path
        if path == "/data":
            return _say(call, "\n".join("\t".join(map(str, row)) for row in self.rows))
        if path == "/new":
            return _say(call, _PAGE.format(title=" - new entry", body=_FORM))
        shown = "".join(
            f"<tr><td>{html.escape(what)}</td><td>{html.escape(amount)}</td></tr>" for _, what, amount in self.rows
        )
        told = "<p role=status>The entry was added</p>" if urlsplit(call.path).query == "added" else ""
        body = f"{told}<p><a href=/new>Add an entry</a></p><table>{shown}</table>"
        return _say(call, _PAGE.format(title=" - entries", body=body))

    def _post(self, call: BaseHTTPRequestHandler) -> None:
        body = parse_qs(call.rfile.read(int(call.headers["Content-Length"])).decode())
        with self._lock:
            self.posts += 1
            self.rows.append((len(self.rows) + 1, body["what"][0], body.get("amount", [""])[0]))
        time.sleep(self.delay)
        call.send_response(303)
        call.send_header("Location", "/?added")
        call.end_headers()


def _say(call: BaseHTTPRequestHandler, text: str) -> None:
    data = text.encode()
    call.send_response(200)
    call.send_header("Content-Type", "text/html; charset=utf-8")
    call.send_header("Content-Length", str(len(data)))
    call.end_headers()
    call.wfile.write(data)


@dataclass
class Till:
    """The app as a run sees it, in any process. With `tells` its data can be read."""

    url: str
    tells: bool = True
    name: str = "till"
    login: dict[str, Any] | None = None
    init_script: str | None = None
    origins: tuple[str, ...] = ()

    def data(self) -> AppData | None:
        if not self.tells:
            return None
        with urlopen(f"{self.url}/data") as answer:
            lines = answer.read().decode().splitlines()
        rows = tuple((int(line.split("\t")[0]), *line.split("\t")[1:]) for line in lines)
        return AppData(app="till", tables={"entry": Table(columns=("id", "what", "amount"), key=("id",), rows=rows)})


def play(home: Path, url: str, task: str, tells: bool, privacy: str) -> None:
    """Do a task by what was learnt, in this process."""
    from ostinato.house import House
    from ostinato.settings import Settings

    settings = Settings(home=home, privacy=privacy, step_timeout=5.0)  # type: ignore[arg-type]
    house, app = House(settings), Till(url, tells)
    chosen = house.find(task, "till")
    with house.phone(app) as phone:  # type: ignore[arg-type]
        done = house.replay(
            task, phone=phone, app=app, app_name="till", place="/till", chosen=chosen,  # type: ignore[arg-type]
            approve=lambda action, screen: True,
        )  # fmt: skip
    print(done)


if __name__ == "__main__":
    try:
        play(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4] == "tells", sys.argv[5])
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        sys.stdout.flush()
        os._exit(3)
