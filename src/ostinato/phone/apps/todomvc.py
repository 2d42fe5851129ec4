"""TodoMVC 0.1.1: one list of things to do, written in dozens of frameworks. What is learnt on one can be met on others.

A framework is an app of its own, `todomvc/react`. Its pages are served as files; the list is in the page's own storage
(localStorage), each framework keeping it in its own form, and is read there by the harness. A fresh browser begins with
an empty list.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import shutil
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

from ostinato.errors import AppError, PhoneError, SetupError, UsageError
from ostinato.install import Install, Report, run_step
from ostinato.phone.apps.miniwob import Asking
from ostinato.phone.apps.server import HOST, Instance, Server, start_server
from ostinato.trace.data import AppData, Table

VERSION = "0.1.1"
INTEGRITY = "gd6+DoObD0yzXEpbvHvkSoOd9/krxd/wvUTbzvKe7uTjAM2v9wG6zy4Icl6aUcMpDof53Cz2l5O/9mdN3Jk+ag=="
START_SECONDS = 10.0
# Those whose page works as it is served and whose storage tells title and state of every entry.
FRAMEWORKS = (
    "agilityjs", "ampersand", "angularjs", "angularjs-perf", "angularjs_require", "ariatemplates", "atmajs", "backbone",
    "backbone_marionette", "backbone_marionette_require", "backbone_require", "canjs", "canjs_require",
    "chaplin-brunch", "closure", "componentjs", "cujo", "dijon", "emberjs", "enyo_backbone", "epitome", "exoskeleton",
    "extjs_deftjs", "flight", "kendo", "knockoutjs", "knockoutjs_require", "lavaca_require", "maria", "mithril",
    "olives", "plastronjs", "puremvc", "ractive", "rappidjs", "react", "react-backbone", "sammyjs", "serenadejs",
    "somajs", "somajs_require", "spine", "thorax", "thorax_lumbar", "troopjs_require", "typescript-angular",
    "typescript-backbone", "vanillajs", "vue",
)  # fmt: skip
_BUILD, _NETWORK = "its page must be built first", "it takes its scripts from the network"
_NOT_KEPT, _SERVER = "its storage does not tell whether an entry is done", "it needs a server of its own"
# The other examples of the package, and why none of them is an app here.
LEFT_OUT = {
    "angular-dart": _BUILD,
    "batman": "it asks for entries in other words than the rest",
    "derby": _SERVER,
    "dojo": "it keeps nothing in its storage",
    "duel": _BUILD,
    "durandal": "its page is still empty when it has loaded",
    "emberjs_require": "the package has only its notes",
    "firebase-angular": _NETWORK,
    "gwt": "its entries are no items of a list",
    "jquery": "files that it needs are not in the package",
    "knockback": _NOT_KEPT,
    "meteor": _SERVER,
    "montage": "its scripts fail in a browser of today",
    "mozart": _NETWORK,
    "polymer": _NOT_KEPT,
    "sapui5": _NETWORK,
    "socketstream": _SERVER,
    "stapes": "its scripts fail with a second entry",
    "stapes_require": "its scripts fail with a second entry",
    "vanilladart": _BUILD,
    "yui": _NETWORK,
}
# Every object in the storage that has a title is an entry; one without a state is open.
READ = """(() => {
  if (document.readyState !== 'complete') return null;
  const found = [], seen = new Set();
  const walk = (value) => {
    if (value === null || typeof value !== 'object' || seen.has(value)) return;
    seen.add(value);
    if (Array.isArray(value)) return value.forEach(walk);
    const titles = ['title', 'text', 'name', 'content', 'description'].map((k) => value[k]);
    const title = titles.find((v) => typeof v === 'string');
    if (title === undefined) return Object.values(value).forEach(walk);
    const done = ['completed', 'done', 'isCompleted', 'isDone', 'complete'].some((k) => value[k] == true);
    found.push([title, done]);
  };
  for (const key of Object.keys(localStorage).sort()) {
    try {
      const value = JSON.parse(localStorage.getItem(key));
      walk(typeof value === 'string' ? JSON.parse(value) : value);
    } catch (error) { continue; }
  }
  return found;
})()"""


def known(framework: str) -> None:
    """UsageError for a framework that is not there, or is left out: why, or which is called nearly so."""
    if framework in LEFT_OUT:
        raise UsageError(f"todomvc/{framework} is left out: {LEFT_OUT[framework]}.")
    if framework not in FRAMEWORKS:
        near = difflib.get_close_matches(framework, FRAMEWORKS, n=1)
        hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(FRAMEWORKS)}."
        raise UsageError(f"todomvc has no framework {framework!r}.{hint}")


class TodoMVC:
    sign_in: str | None = None
    login: dict[str, Any] | None = None
    init_script: str | None = None

    def __init__(self, cache: Path, framework: str | None = None) -> None:
        self._install = Install(cache / f"todomvc-{VERSION}", {"version": VERSION, "integrity": INTEGRITY})
        self.examples = self._install.folder / "package" / "examples"
        self._framework = framework or "vanillajs"
        self._named = framework is not None
        self._instance = Instance("todomvc")
        self._phone: Asking | None = None

    @property
    def name(self) -> str:
        return f"todomvc/{self._framework}" if self._named else "todomvc"

    def is_installed(self) -> bool:
        return self._install.complete()

    def install(self, report: Report = print) -> None:
        with self._install.doing() as needed:
            if not needed:
                report(f"todomvc {VERSION} is installed in {self._install.folder}")
                return
            folder = self._install.folder
            report(f"todomvc: fetching {VERSION} with npm")
            npm = shutil.which("npm")
            if npm is None:
                raise SetupError("todomvc needs npm, which was not found. Install Node with npm.")
            run_step("Fetching todomvc with npm", [npm, "pack", f"todomvc@{VERSION}"], cwd=folder)
            packed = folder / f"todomvc-{VERSION}.tgz"
            _unpack(packed, folder)
            packed.unlink()
        report("todomvc: ready")

    def remove(self) -> None:
        self._install.remove()

    def choose(self, framework: str) -> None:
        """The framework that is shown from now on. UsageError for one that is not there."""
        known(framework)
        changed, self._framework = framework != self._framework, framework
        if changed and self._instance.pids():
            self._instance.start_again(self._serve)

    def start(self, folder: Path | None = None, port: int = 0) -> None:
        """Serve the pages. Nothing is kept in `folder` but the server's log."""
        if not self.is_installed():
            raise SetupError("todomvc is not installed. Run: ostinato app install todomvc")
        self.choose(self._framework)
        self._instance.start(folder, lambda chosen: self._serve(chosen, port))

    def _serve(self, folder: Path, port: int) -> Server:
        pages = next(p for p in (self.examples / self._framework, self.examples / self._framework / "public")
                     if (p / "index.html").exists())  # fmt: skip
        server = [sys.executable, "-m", "http.server", "--bind", HOST, "--directory", str(pages)]
        return start_server("todomvc", lambda chosen: [*server, str(chosen)], folder=folder, port=port)

    def stop(self) -> None:
        self._instance.stop()
        self._phone = None

    def pids(self) -> list[int]:
        return self._instance.pids()

    def reset(self) -> None:
        """The next episode that a phone begins has an empty list."""

    def restore(self, folder: Path) -> None:
        """Nothing: the list goes with the browser's storage."""

    @property
    def url(self) -> str:
        return f"{self._instance.server.origin}/index.html"

    @property
    def origins(self) -> tuple[str, ...]:
        return (self._instance.server.origin,)

    def shown_on(self, phone: Asking) -> None:
        """The phone on which the page is from now on."""
        self._phone = phone

    def data(self) -> AppData:
        """The entries by their titles; those of one title are numbered. AppError where no phone shows the page."""
        rows: list[tuple[str, int, bool]] = []
        for title, done in sorted(self._read()):
            rows.append((title, sum(row[0] == title for row in rows) + 1, done))
        table = Table(columns=("title", "number", "completed"), key=("title", "number"), rows=tuple(rows))
        return AppData(app="todomvc", tables={"todo": table})

    def _read(self) -> list[tuple[str, bool]]:
        if self._phone is None:
            raise AppError("todomvc is not on a phone yet; its data are in its page.")
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            try:
                found: list[list[Any]] | None = self._phone.ask(READ)
            except PhoneError as problem:
                raise AppError(f"todomvc does not say what is on its list: {problem}") from problem
            if found is not None:
                return [(str(title), bool(done)) for title, done in found]
            time.sleep(0.01)
        raise AppError("todomvc does not say what is on its list; is its page open on the phone?")


def _unpack(packed: Path, folder: Path) -> None:
    """The pages of a package into `folder/package`, once its checksum was right."""
    try:
        told = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
        if told != INTEGRITY:
            raise AppError(f"todomvc {VERSION} is not what it should be (sha512 {told[:12]}…). Install again.")
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as problem:
        raise AppError(f"todomvc was not unpacked: {problem}. Install again.") from None
