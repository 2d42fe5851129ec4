"""TiddlyWiki 5.4.1, a notebook: a Node server that keeps one .tid file per note."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

from ostinato.errors import AppError, SetupError
from ostinato.install import Install, Report, put_in_place, run_step
from ostinato.phone.apps.server import HOST, Instance, Server, start_server
from ostinato.trace.data import AppData, Table

VERSION = "5.4.1"
INTEGRITY = "sha512-5Pnk7j8cUMoQHD0CarOWd4ixITURsN4DJxLfg8AGYSMiQoOHH6bp8JDCAgSdvZHRCQmvXtbm5FRxBFBT6WG24A=="
NODE_MAJOR = 20
# The program in a file of its own instead of 3 MB within the page, which every look at the page would carry along.
CORE_APART = "root-tiddler=$:/core/save/all-external-js"
WRITE_SECONDS = 2.0  # how long a file may be half written
SNAPSHOT = 1  # raised when the files below change
MANIFEST = {"name": "ostinato-tiddlywiki", "version": "1.0.0", "dependencies": {"tiddlywiki": VERSION}}
LOCK = {
    **{key: MANIFEST[key] for key in ("name", "version")},
    "lockfileVersion": 3,
    "packages": {"": MANIFEST, "node_modules/tiddlywiki": {"version": VERSION, "integrity": INTEGRITY}},
}
WIKI = {
    "plugins": ["tiddlywiki/tiddlyweb", "tiddlywiki/filesystem"],
    "themes": ["tiddlywiki/vanilla", "tiddlywiki/snowwhite"],
}
NOTES = (
    ("Shopping list", "home", "* bread\n* coffee\n* apples"),
    ("Books to read", "leisure", "* The Dispossessed\n* Invisible Cities"),
    ("Trip to Lisbon", "leisure travel", "Train on Friday evening.\n\n* book a room\n* ask Ana about the tram"),
    ("Recipes", "home kitchen", "''Lentil soup'': lentils, carrots, cumin, one hour."),
)
# What makes it usable at 390 px: no animation, a plain text area as editor, one column, bigger things to tap.
SETTINGS = {
    "$:/SiteTitle": "Notes",
    "$:/SiteSubtitle": "",
    "$:/DefaultTiddlers": "[!is[system]sort[title]]",
    "$:/config/AnimationDuration": "0",
    "$:/config/SyncThrottleInterval": "1",  # milliseconds; a saved note reaches its file at once
    "$:/config/TextEditor/EnableToolbar": "no",
    "$:/config/BitmapEditor/EnableToolbar": "no",
    "$:/state/sidebar": "no",
    "$:/config/TextEditor/EditorHeight/Mode": "fixed",
    "$:/config/TextEditor/EditorHeight/Height": "220px",
}

# A bar that stays at the top of the screen; the class makes the wiki scroll notes to below it.
BAR = """\
title: $:/ostinato/bar
tags: $:/tags/PageTemplate

<div class="ostinato-bar tc-adjust-top-of-scroll">
{{$:/core/ui/Buttons/new-tiddler}} {{$:/core/ui/Buttons/home}} {{$:/core/ui/TopBar/menu}}
</div>
"""


class TiddlyWiki:
    name = "tiddlywiki"
    sign_in: str | None = None
    init_script: str | None = None
    login: dict[str, Any] | None = None

    def __init__(self, cache: Path) -> None:
        self._install = Install(
            cache / f"tiddlywiki-{VERSION}", {"version": VERSION, "integrity": INTEGRITY, "snapshot": str(SNAPSHOT)}
        )
        self._snapshot = self._install.folder / "snapshot"
        self._instance = Instance(self.name)

    def is_installed(self) -> bool:
        return self._install.complete()

    def install(self, report: Report = print) -> None:
        with self._install.doing() as needed:
            if not needed:
                report(f"{self.name} {VERSION} is installed in {self._install.folder}")
                return
            _program("node")
            folder = self._install.folder
            (folder / "package.json").write_text(json.dumps(MANIFEST))
            (folder / "package-lock.json").write_text(json.dumps(LOCK))
            report(f"{self.name}: installing {VERSION} with npm")
            npm = [_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            run_step("Installing tiddlywiki with npm", npm, cwd=folder)
            shutil.rmtree(self._snapshot, ignore_errors=True)
            _write_wiki(self._snapshot)
        report(f"{self.name}: ready")

    def remove(self) -> None:
        self._install.remove()

    def start(self, folder: Path | None = None, port: int = 0) -> None:
        self._must_be_installed()
        self._instance.start(folder, lambda chosen: self._begin(chosen, port))

    def _must_be_installed(self) -> None:
        if not self.is_installed():
            raise SetupError(f"{self.name} is not installed. Run: ostinato app install {self.name}")

    def _begin(self, folder: Path, port: int) -> Server:
        if not (folder / "wiki").exists():
            self._put_snapshot(folder)
        return self._serve(folder, port)

    def _serve(self, folder: Path, port: int) -> Server:
        program = self._install.folder / "node_modules" / "tiddlywiki" / "tiddlywiki.js"
        return start_server(
            self.name,
            lambda chosen: [
                _program("node"), str(program), str(folder / "wiki"),
                "--listen", f"host={HOST}", f"port={chosen}", CORE_APART,
            ],
            folder=folder,
            port=port,
        )  # fmt: skip

    def stop(self) -> None:
        self._instance.stop()

    @property
    def wiki(self) -> Path:
        """The live wiki folder."""
        return self._instance.folder / "wiki"

    @property
    def origins(self) -> tuple[str, ...]:
        return (self._instance.server.origin,)

    @property
    def url(self) -> str:
        return f"{self._instance.server.origin}/"

    def pids(self) -> list[int]:
        return self._instance.pids()

    def reset(self) -> None:
        """Start the server again on the snapshot's files: its memory is the truth, its files follow."""
        self._instance.start_again(self._begin_anew)

    def _begin_anew(self, folder: Path, port: int) -> Server:
        self.restore(folder)
        return self._serve(folder, port)

    def restore(self, folder: Path) -> None:
        """Put the snapshot's files back; a server running there shows them after its next start."""
        self._must_be_installed()
        if not (folder / "wiki" / "tiddlywiki.info").is_file():
            raise AppError(
                f"{folder} holds no data of {self.name} (no wiki/tiddlywiki.info), so nothing was changed; "
                f"name the folder that {self.name} was started in."
            )
        self._put_snapshot(folder)

    def _put_snapshot(self, folder: Path) -> None:
        try:
            put_in_place(self._snapshot, folder / "wiki")
        except (OSError, shutil.Error) as problem:
            raise AppError(f"{self.name} could not put its first state into {folder}: {problem}") from None

    def data(self) -> AppData:
        give_up = time.monotonic() + WRITE_SECONDS
        while (rows := self._rows()) is None and time.monotonic() < give_up:
            time.sleep(0.005)
        if rows is None:
            raise AppError(f"{self.name}: an empty note file stays in {self.wiki / 'tiddlers'}.")
        note = Table(columns=("title", "text", "tags"), key=("title",), rows=tuple(sorted(rows)))
        return AppData(app=self.name, tables={"note": note})

    def _rows(self) -> list[tuple[str, str, str]] | None:
        """The notes; None while the server is writing one (its file is empty for a moment)."""
        rows = []
        for file in (self.wiki / "tiddlers").rglob("*.tid"):
            try:
                content = file.read_text(encoding="utf-8")
            except FileNotFoundError:  # renamed or deleted since it was listed
                continue
            if not content:
                return None
            fields = parse_tiddler(content)
            title = fields.get("title", "")
            if title and not title.startswith("$:/") and "draft.of" not in fields:
                rows.append((title, fields["text"], ", ".join(sorted(split_tags(fields.get("tags", ""))))))
        return rows


def parse_tiddler(content: str) -> dict[str, str]:
    """The fields of a .tid file: `name: value` lines, an empty line, and the field `text`."""
    head, _, text = content.replace("\r\n", "\n").partition("\n\n")
    fields = {}
    for line in head.split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields[name.strip()] = value.strip()
    return {**fields, "text": text}


def split_tags(tags: str) -> list[str]:
    """The titles in a TiddlyWiki list: separated by spaces, those with spaces in [[double brackets]]."""
    titles = []
    rest = tags.strip()
    while rest:
        bracketed = rest.startswith("[[") and "]]" in rest
        title, _, rest = rest[2:].partition("]]") if bracketed else rest.partition(" ")
        titles.append(title)
        rest = rest.strip()
    return titles


def _write_wiki(folder: Path) -> None:
    tiddlers = folder / "tiddlers"
    tiddlers.mkdir(parents=True)
    (folder / "tiddlywiki.info").write_text(json.dumps(WIKI, indent=1))
    for title, tags, text in NOTES:
        head = f"created: 20240110090000000\nmodified: 20240110090000000\ntags: {tags}\ntitle: {title}\n"
        (tiddlers / f"{title}.tid").write_text(f"{head}type: text/vnd.tiddlywiki\n\n{text}", encoding="utf-8")
    for title, text in SETTINGS.items():
        file = title.replace("$:/", "$__").replace("/", "_")
        (tiddlers / f"{file}.tid").write_text(f"title: {title}\n\n{text}", encoding="utf-8")
    (tiddlers / "$__ostinato_bar.tid").write_text(BAR, encoding="utf-8")
    style = Path(__file__).with_name("tiddlywiki.css").read_text()
    head = "title: $:/ostinato/phone.css\ntags: $:/tags/Stylesheet\ntype: text/css\n"
    (tiddlers / "$__ostinato_phone.css.tid").write_text(f"{head}\n{style}", encoding="utf-8")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SetupError(
            f"tiddlywiki needs {name}, which is not on the PATH. Install Node.js {NODE_MAJOR} or newer "
            "(https://nodejs.org, or your system's packages nodejs and npm), then install again."
        )
    return found
