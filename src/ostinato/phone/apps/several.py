"""Some apps on one phone: the home screen has a link to each, and their data are read together."""

from __future__ import annotations

import contextlib
import html
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato.errors import AppError, UsageError
from ostinato.install import Report
from ostinato.trace.data import AppData, Table

if TYPE_CHECKING:
    from ostinato.phone.apps.app import App

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Home</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 18px sans-serif; margin: 0; padding: 48px 24px; background: #20304a; color: white }}
nav {{ display: grid; grid-template-columns: 1fr 1fr; gap: 24px }}
a {{ padding: 40px 8px; border-radius: 16px; background: white; color: #20304a; text-align: center;
  text-decoration: none }}
</style></head><body><h1>Apps</h1><nav>{links}</nav></body></html>
"""


class Several:
    """Named `ONE+OTHER`. Tables and files are called `APP_NAME` in the data. The working folder holds one for each."""

    init_script: str | None = None

    def __init__(self, apps: Sequence[App]) -> None:
        names = [app.name for app in apps]
        if len(set(names)) < len(names):
            raise UsageError(f"{'+'.join(names)}: each app can be there once.")
        for app in apps:
            if app.init_script is not None or hasattr(app, "shown_on") or hasattr(app, "runs_on"):
                raise UsageError(f"{app.name} needs a phone of its own; it cannot stand beside others.")
        self.apps = tuple(apps)
        self.name = "+".join(names)
        self._home: Path | None = None

    @property
    def url(self) -> str:
        if self._home is None:
            raise AppError(f"{self.name} is not running; start it first.")
        return (self._home / "home.html").as_uri()

    @property
    def login(self) -> dict[str, Any] | None:
        known = [app.login for app in self.apps if app.login is not None]
        if not known:
            return None
        return {key: [entry for login in known for entry in login.get(key, [])] for key in ("cookies", "origins")}

    @property
    def sign_in(self) -> str | None:
        return "; ".join(f"{app.name}: {app.sign_in}" for app in self.apps if app.sign_in) or None

    @property
    def origins(self) -> tuple[str, ...]:
        return ("file://", *(origin for app in self.apps for origin in app.origins))

    def is_installed(self) -> bool:
        return all(app.is_installed() for app in self.apps)

    def install(self, report: Report = print) -> None:
        for app in self.apps:
            app.install(report)

    def remove(self) -> None:
        raise UsageError(f"remove them one by one: {', '.join(app.name for app in self.apps)}")

    def start(self, folder: Path | None = None, port: int = 0) -> None:
        if self._home is not None:
            raise AppError(f"{self.name} is already running; stop it first.")
        if port:
            raise UsageError(f"{self.name} cannot be served at one port.")
        with contextlib.ExitStack() as undo:
            for app in self.apps:
                app.start(folder / app.name if folder is not None else None)
                undo.callback(app.stop)
            self._home = Path(tempfile.mkdtemp(prefix="ostinato-home-"))
            undo.callback(self.stop)
            links = "".join(f'<a href="{html.escape(app.url)}">{html.escape(app.name)}</a>' for app in self.apps)
            (self._home / "home.html").write_text(_PAGE.format(links=links), encoding="utf-8")
            undo.pop_all()

    def stop(self) -> None:
        for app in self.apps:
            app.stop()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None

    def reset(self) -> None:
        for app in self.apps:
            app.reset()

    def restore(self, folder: Path) -> None:
        for app in self.apps:
            app.restore(folder / app.name)

    def data(self) -> AppData:
        return together({app.name: app.data() for app in self.apps})

    def pids(self) -> list[int]:
        return [pid for app in self.apps for pid in app.pids()]


def together(data: Mapping[str, AppData]) -> AppData:
    """The data of several apps, by their names, as those of one phone."""
    tables: dict[str, Table] = {}
    files: dict[str, str] = {}
    for name, found in data.items():
        tables |= {f"{name}_{table}": rows for table, rows in found.tables.items()}
        files |= {f"{name}/{path}": text for path, text in (found.files or {}).items()}
    return AppData(app="+".join(data), tables=tables, files=files or None)
