"""`ostinato app`: the real apps a phone can show."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ostinato.errors import StoreError, UsageError
from ostinato.phone.apps.app import App, app_names, get_app
from ostinato.phone.apps.gnome import Gnome
from ostinato.settings import load_settings
from ostinato.trace.blobs import write_file

app = typer.Typer(help="Real apps: install, start, reset, remove.", no_args_is_help=True)
out = Console()
Name = Annotated[str, typer.Argument(help="The name of an app; see `ostinato app list`.")]
Names = Annotated[list[str], typer.Argument(help="Names of apps; see `ostinato app list`.")]


def _app(name: str) -> App:
    return get_app(name, load_settings().cache)


def _say(line: str) -> None:
    out.print(line, markup=False, highlight=False)


@app.command("list", epilog="Example: ostinato app list")
def list_(json_output: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """The apps, and which are installed."""
    found = {name: _app(name).is_installed() for name in app_names()}
    if json_output:
        print(json.dumps([{"name": name, "installed": there} for name, there in found.items()]))
        return
    for name, there in found.items():
        _say(f"{name:<14} {'installed' if there else 'not installed'}")


@app.command(epilog="Example: ostinato app install ihatemoney tiddlywiki")
def install(names: Names) -> None:
    """Install apps into the cache; nothing is done twice."""
    for name in names:
        _app(name).install(_say)


@app.command(epilog="Example: ostinato app start ihatemoney --folder data --save-login login.json")
def start(
    name: Name,
    port: Annotated[int, typer.Option("--port", help="The port on 127.0.0.1; 0 takes a free one.")] = 0,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where the app keeps its data; without it they end with it.")
    ] = None,
    save_login: Annotated[
        Path | None,
        typer.Option(
            "--save-login",
            help="Write a login here (Playwright storage state): for --login, STORAGE_STATE and codegen.",
        ),
    ] = None,
) -> None:
    """Start an app and keep it until Ctrl-C."""
    found = _app(name)
    if isinstance(found, Gnome):
        raise UsageError(
            f"{name} has no address for a browser: it runs on a Linux phone, as in "
            f"ostinato run --phone linux:{found.first or 'clocks'}"
        )
    if save_login is not None and found.sign_in is None:
        raise UsageError(f"{name} has no login to save: everybody gets in")
    found.start(folder, port)
    try:
        _say(f"{name} is at {found.url}  (Ctrl-C ends it)")
        if found.sign_in is not None:
            _say(f"to get in: {found.sign_in}")
        if save_login is not None:
            _write_login(save_login, found)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        _say("stopped")
    finally:
        found.stop()


def _write_login(path: Path, started: App) -> None:
    """Write the login of a running app, readable for its owner alone."""
    try:
        write_file(path, json.dumps(started.login, indent=1).encode())
    except OSError as error:
        raise StoreError(f"{path}: the login cannot be written: {error.strerror}; name another file") from error
    _say(f"a login is in {path}: run --login {path}, or playwright codegen --load-storage {path}")


@app.command(epilog="Example: ostinato app reset ihatemoney --folder data")
def reset(
    name: Name, folder: Annotated[Path, typer.Option("--folder", help="The folder the app was started in.")]
) -> None:
    """Put the data of an app that keeps a folder back to the first state."""
    _app(name).restore(folder)
    _say(f"{name}: first state restored in {folder}")


@app.command(epilog="Example: ostinato app clean tiddlywiki")
def clean(names: Names) -> None:
    """Remove installed apps from the cache."""
    for name in names:
        _app(name).remove()
        _say(f"{name}: removed")
