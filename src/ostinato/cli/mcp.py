"""`ostinato mcp`: tasks on a phone for programs that speak the Model Context Protocol."""

from __future__ import annotations

import signal
import socket
import sys
from typing import Annotated, Literal

import typer
import uvicorn

from ostinato.errors import SetupError, UsageError
from ostinato.phone.apps.app import get_app
from ostinato.phone.apps.gnome import APPS as GNOME_APPS
from ostinato.phone.choice import read_choice
from ostinato.settings import load_settings

HOST = "127.0.0.1"
GRACE = 2  # seconds


def mcp(
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=1,
            max=65535,
            help="Serve streamable HTTP at http://127.0.0.1:PORT/mcp. Without it: stdin and stdout.",
        ),
    ] = None,
    apps: Annotated[
        list[str] | None,
        typer.Option("--app", help="Serve only this named app (may be given more than once), and no web site."),
    ] = None,
    commits: Annotated[
        Literal["refuse", "ask", "allow"],
        typer.Option(
            "--commits",
            help="Before what cannot be undone: refuse, ask the person at the client, or allow. A client cannot "
            "change it.",
        ),
    ] = "refuse",
    words: Annotated[
        bool,
        typer.Option("--words", help="Where no experience fits, do what the task's words say, without a model."),
    ] = False,
) -> None:
    """Serve tasks on a phone to other programs (Model Context Protocol)."""
    settings = load_settings()
    on = read_choice(settings.phone)
    for name in apps or ():
        if on.is_chromium or (on.kind == "linux" and name not in (*GNOME_APPS, on.which)):
            get_app(name, settings.cache)
    try:
        from ostinato.studio.mcp_server import Allowed, make_server
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "mcp":
            raise
        raise SetupError(
            "the MCP server needs an extra part; install it with: pip install 'ostinato-agents[mcp]'"
        ) from error
    server = make_server(settings, Allowed(commits=commits, words=words, apps=tuple(apps) if apps else None))
    if port is not None:
        _must_be_free(port)
        print(f"http://{HOST}:{port}/mcp for programs of this machine; Ctrl-C ends it", file=sys.stderr, flush=True)
        uvicorn.run(
            server.streamable_http_app(host=HOST),
            host=HOST,
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=GRACE,  # a task that is under way is left then
        )
        return
    if sys.stdin.isatty():
        print("speaking MCP on stdin and stdout, for a client that starts this; --port serves HTTP", file=sys.stderr)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a client ends its server so: phones are ended, too
    server.run("stdio")


def _must_be_free(port: int) -> None:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"port {port} cannot be served: {error.strerror}; take another --port") from error
