"""`ostinato app`: the real apps a phone can show."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ostinato.phone.apps.app import App, app_names, get_app
from ostinato.settings import load_settings

app = typer.Typer(help="Real apps: install, start, reset, remove.", no_args_is_help=True)
out = Console()
Names = Annotated[list[str], typer.Argument(help="Names of apps; see `ostinato app list`.")]


def _app(name: str) -> App:
    return get_app(name, load_settings().cache)


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False)


@app.command("list")
def list_(json_output: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """The apps, and which are installed."""
    found = {name: _app(name).is_installed() for name in app_names()}
    if json_output:
        print(json.dumps([{"name": name, "installed": there} for name, there in found.items()]))
        return
    for name, there in found.items():
        _say(f"{name:<14} {'installed' if there else 'not installed'}")


@app.command()
def install(names: Names) -> None:
    """Install apps into the cache; nothing is done twice."""
    for name in names:
        _app(name).install(_say)


@app.command()
def start(
    name: str,
    port: Annotated[int, typer.Option("--port", help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where the app keeps its data; without it they end with it.")
    ] = None,
) -> None:
    """Start an app and keep it until Ctrl-C."""
    found = _app(name)
    found.start(folder, port)
    try:
        _say(f"{name} is at {found.url}  (Ctrl-C ends it)")
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        _say("stopped")
    finally:
        found.stop()


@app.command()
def reset(
    name: str, folder: Annotated[Path, typer.Option("--folder", help="The folder the app was started in.")]
) -> None:
    """Put the data of an app that keeps a folder back to the first state."""
    _app(name).restore(folder)
    _say(f"{name}: first state restored in {folder}")


@app.command()
def clean(names: Names) -> None:
    """Remove installed apps from the cache."""
    for name in names:
        _app(name).remove()
        _say(f"{name}: removed")
