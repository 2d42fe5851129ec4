"""`ostinato mcp`: tasks on a phone for programs that speak the Model Context Protocol."""

from __future__ import annotations

import signal
from typing import Annotated, Literal

import typer

from ostinato.errors import SetupError
from ostinato.phone.apps.app import get_app
from ostinato.settings import load_settings


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
        Literal["refuse", "allow"],
        typer.Option("--commits", help="Before what cannot be undone: refuse or allow. A client cannot change it."),
    ] = "refuse",
    words: Annotated[
        bool,
        typer.Option("--words", help="Where no experience fits, do what the task's words say, without a model."),
    ] = False,
) -> None:
    """Serve tasks on a phone to other programs (Model Context Protocol)."""
    settings = load_settings()
    for name in apps or ():
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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a client ends its server so: phones are ended, too
    if port is None:
        server.run("stdio")
    else:
        server.run("streamable-http", host="127.0.0.1", port=port)
