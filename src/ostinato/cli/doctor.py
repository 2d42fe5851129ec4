"""`ostinato doctor`: what is missing on this machine, and what to do about it."""

from __future__ import annotations

import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from ostinato.errors import OstinatoError
from ostinato.phone.android.adb import reachable as reachable_android
from ostinato.phone.apps.app import app_names, get_app
from ostinato.phone.choice import Choice, read_choice
from ostinato.phone.harmony.uitest import reachable as reachable_harmony
from ostinato.phone.web.chromium import ChromiumPhone, find_chromium
from ostinato.settings import Settings, load_settings
from ostinato.trace.blobs import Blobs
from ostinato.trace.store import Store

_CORRECT = "unset OSTINATO_CHROMIUM (or `chromium` in the settings), or name a Chromium that can be run"


@dataclass(frozen=True)
class Finding:
    what: str
    state: Literal["ok", "warn", "fail", "none"]  # none: something that nobody asked for is not there
    said: str
    todo: str = ""


def doctor_command(json_output: bool) -> int:
    """Look at everything; print a table or JSON. 1 when something that is needed fails, else 0."""
    settings = load_settings()
    needed: list[Callable[[Settings], Finding]] = [_python, _chromium, _launch, _node, _store, _apps]
    found = [check(settings) for check in (*needed, _android, _harmony)]
    if json_output:
        print(json.dumps([asdict(f) for f in found], indent=1))
    else:
        table = Table(show_edge=False)
        for column in ("", "what", "found", "what to do"):
            table.add_column(column, overflow="fold")
        marks = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]", "none": "[dim]–[/]"}
        for f in found:
            table.add_row(marks[f.state], f.what, f.said, f.todo)
        Console().print(table)
    return 1 if any(f.state == "fail" for f in found) else 0


def _python(settings: Settings) -> Finding:
    good = sys.version_info >= (3, 11)
    said = f"{platform.python_version()}, playwright {version('playwright')}"
    return Finding("Python", "ok" if good else "fail", said, "" if good else "use Python 3.11 or newer")


def _chromium(settings: Settings) -> Finding:
    try:
        return Finding("Chromium", "ok", str(find_chromium(settings.chromium)))
    except OstinatoError as error:
        if settings.chromium is None:
            return Finding("Chromium", "fail", "not found", str(error))
        return Finding("Chromium", "fail", f"{settings.chromium} is not a program that can be run", _CORRECT)


def _launch(settings: Settings) -> Finding:
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            ChromiumPhone(Blobs(Path(folder)), executable=settings.chromium, start_url="about:blank") as phone,
        ):
            phone.observe()
        return Finding("a phone", "ok", "starts, shows a page and ends")
    except OstinatoError as error:
        return Finding("a phone", "fail", str(error), "try: make setup" if settings.chromium is None else _CORRECT)


def _node(settings: Settings) -> Finding:
    found = shutil.which("node")
    return Finding(
        "node",
        "ok" if found else "warn",
        found or "not found",
        "" if found else "needed by TiddlyWiki and to install TodoMVC: apt-get install nodejs npm",
    )


def _store(settings: Settings) -> Finding:
    try:
        number = len(Store(settings.home / "store", settings.store_url).ids())
    except OstinatoError as error:
        return Finding("store", "fail", str(error), "set OSTINATO_HOME (or `home`) to a folder you may write")
    free = shutil.disk_usage(settings.home).free / 1e9
    state: Literal["ok", "warn"] = "ok" if free > 1 else "warn"
    return Finding("store", state, f"{settings.home}: {number} traces, {free:.0f} GB free")


def _apps(settings: Settings) -> Finding:
    there = [name for name in app_names() if get_app(name, settings.cache).is_installed()]
    return Finding(
        "apps",
        "ok" if there else "warn",
        ", ".join(there) or "none installed",
        "" if there else "ostinato app install ihatemoney",
    )


def _android(settings: Settings) -> Finding:
    return _phones(settings, Choice("android"), "Android phones", reachable_android)


def _harmony(settings: Settings) -> Finding:
    return _phones(settings, Choice("harmony"), "HarmonyOS phones", reachable_harmony)


def _phones(settings: Settings, kind: Choice, what: str, reachable: Callable[[], list[str]]) -> Finding:
    """The phones of a kind that can be used now. It fails only where the settings ask for one that is not there."""
    wanted = read_choice(settings.phone)
    asked = wanted.kind == kind.kind
    try:
        there = reachable()
        if asked:
            wanted.settled()
    except OstinatoError as error:
        return Finding(what, "fail" if asked else "none", "none can be reached", str(error))
    return Finding(what, "ok" if there else "none", ", ".join(there) or "none is connected")
