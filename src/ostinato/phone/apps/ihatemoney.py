"""I Hate Money 7.2.1, a shared-budget app: Flask with a SQLite database, in its own virtual environment."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import sys
import tempfile
import time
import urllib.parse
from contextlib import closing
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from ostinato.errors import AppError, SetupError
from ostinato.install import Install, Report, put_in_place, run_step
from ostinato.phone.apps.server import HOST, Instance, Server, request, start_server
from ostinato.trace.data import AppData, Table

VERSION = "7.2.1"
PINS = Path(__file__).with_name("ihatemoney.txt")
SNAPSHOT = 1  # raised when the rows below change
DATABASE = "ihatemoney.db"
PROJECT, PASSWORD = "flat", "flat-share"
MEMBERS = ("Alice", "Bob", "Carol", "Dan")
BILLS = (
    ("Electricity", "90", "Alice", "2024-01-08"),
    ("Internet", "30.5", "Bob", "2024-01-15"),
    ("Cleaning supplies", "12.4", "Carol", "2024-01-22"),
)
CONFIG = """\
SQLALCHEMY_DATABASE_URI = {database!r}
SECRET_KEY = "ostinato-test-bed"  # constant, so that a login outlives a restart; only {host} is served
ACTIVATE_DEMO_PROJECT = False
ALLOW_PUBLIC_PROJECT_CREATION = {creation}
SESSION_COOKIE_SECURE = False
MAIL_DEFAULT_SENDER = "Budget manager <budget@localhost>"
RATELIMIT_ENABLED = False
"""
# The app asks a web service for exchange rates at its start; a dead proxy makes every start alike, offline.
DEAD_PROXY = "http://127.0.0.1:9"
OFFLINE = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), DEAD_PROXY)
QUERIES = {
    "bill": """
        SELECT bill.id, bill.what, bill.amount, bill.date, payer.name,
          coalesce((SELECT group_concat(name, ', ') FROM (
            SELECT ower.name FROM billowers JOIN person AS ower ON ower.id = billowers.person_id
            WHERE billowers.bill_id = bill.id ORDER BY ower.name)), ''),
          CASE bill.bill_type WHEN 'EXPENSE' THEN 'Expense' WHEN 'REIMBURSEMENT' THEN 'Reimbursement'
            ELSE bill.bill_type END,
          coalesce(bill.external_link, ''), bill.original_currency
        FROM bill LEFT JOIN person AS payer ON payer.id = bill.payer_id ORDER BY bill.id""",
    "person": "SELECT id, name, activated, weight FROM person ORDER BY id",
    "project": "SELECT id, name, contact_email, default_currency FROM project ORDER BY id",
}
COLUMNS = {
    "bill": ("id", "what", "amount", "date", "payer", "owers", "type", "external_link", "currency"),
    "person": ("id", "name", "active", "weight"),
    "project": ("id", "name", "contact_email", "currency"),
}
RESTORE_SECONDS = 10.0


class IHateMoney:
    name = "ihatemoney"
    sign_in: str | None = f"project {PROJECT}, private code {PASSWORD}"
    init_script: str | None = None

    def __init__(self, cache: Path) -> None:
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        self._install = Install(
            cache / f"ihatemoney-{VERSION}-py{python}",
            {"pins": PINS.read_text(), "python": python, "snapshot": str(SNAPSHOT)},
        )
        self._snapshot = self._install.folder / "snapshot.db"
        self._instance = Instance(self.name)
        self.login: dict[str, Any] | None = None

    def is_installed(self) -> bool:
        return self._install.complete()

    def install(self, report: Report = print) -> None:
        with self._install.doing() as needed:
            if not needed:
                report(f"{self.name} {VERSION} is installed in {self._install.folder}")
                return
            environment = self._install.folder / "venv"
            report(f"{self.name}: making a virtual environment")
            run_step("Making the virtual environment", [sys.executable, "-m", "venv", str(environment)])
            report(f"{self.name}: installing {VERSION} and what it needs")
            pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
            run_step("Installing ihatemoney with pip", [*pip, "--no-deps", "-r", str(PINS)])
            report(f"{self.name}: making the snapshot")
            self._make_snapshot()
        report(f"{self.name}: ready")

    def remove(self) -> None:
        self._install.remove()

    def _make_snapshot(self) -> None:
        """A database with the project of this module, made through the app's own REST API."""
        self._snapshot.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix="ostinato-") as name:
            folder = Path(name)
            server = self._serve(folder, creation=True)
            try:
                people = _fill(server.origin)
            finally:
                server.stop()
            if len(people) != len(MEMBERS):
                raise AppError(f"The snapshot has {len(people)} members, expected {len(MEMBERS)}.")
            partial = self._snapshot.with_suffix(".part")
            shutil.copyfile(folder / DATABASE, partial)
            partial.replace(self._snapshot)

    def _serve(self, folder: Path, port: int = 0, creation: bool = False) -> Server:
        config = folder / "ihatemoney.cfg"
        database = f"sqlite:///{folder / DATABASE}"
        config.write_text(CONFIG.format(database=database, host=HOST, creation=creation))
        programs = self._install.folder / "venv" / "bin"
        return start_server(
            self.name,
            lambda chosen: [
                str(programs / "python"), "-I", str(programs / "ihatemoney"),
                "run", "--host", HOST, "--port", str(chosen), "--with-threads",
            ],
            folder=folder,
            port=port,
            environment={"IHATEMONEY_SETTINGS_FILE_PATH": str(config)} | OFFLINE,
        )  # fmt: skip

    def start(self, folder: Path | None = None, port: int = 0) -> None:
        self._must_be_installed()
        self._instance.start(folder, lambda chosen: self._begin(chosen, port))

    def _must_be_installed(self) -> None:
        if not self.is_installed():
            raise SetupError(f"{self.name} is not installed. Run: ostinato app install {self.name}")

    def _begin(self, folder: Path, port: int) -> Server:
        database = folder / DATABASE
        if not database.exists():
            put_in_place(self._snapshot, database)
        server = self._serve(folder, port)
        try:
            self.login = _log_in(server.origin)
        except BaseException:
            server.stop()
            raise
        return server

    def stop(self) -> None:
        self._instance.stop()
        self.login = None

    @property
    def database(self) -> Path:
        """The live SQLite file."""
        return self._instance.folder / DATABASE

    @property
    def origins(self) -> tuple[str, ...]:
        return (self._instance.server.origin,)

    @property
    def url(self) -> str:
        return f"{self._instance.server.origin}/{PROJECT}/"

    def pids(self) -> list[int]:
        return self._instance.pids()

    def reset(self) -> None:
        self.restore(self._instance.folder)

    def restore(self, folder: Path) -> None:
        """Copy the snapshot's pages into the live file, under SQLite's own locks: all of them or none."""
        self._must_be_installed()
        if not (folder / DATABASE).is_file():
            raise AppError(
                f"{folder} holds no data of {self.name} (no {DATABASE}), so nothing was changed; "
                f"name the folder that {self.name} was started in."
            )
        end = time.monotonic() + RESTORE_SECONDS

        def give_up(status: int, remaining: int, total: int) -> None:
            if time.monotonic() > end:
                raise AppError(f"{folder / DATABASE} stays locked; it was not reset.")

        try:
            with (
                closing(sqlite3.connect(f"{self._snapshot.as_uri()}?mode=ro", uri=True)) as snapshot,
                closing(sqlite3.connect(folder / DATABASE, timeout=RESTORE_SECONDS)) as live,
            ):
                snapshot.backup(live, progress=give_up, sleep=0.01)
        except sqlite3.Error as problem:
            raise AppError(f"{self.name} was not reset in {folder}: {problem}") from None

    def data(self) -> AppData:
        try:
            address = f"{self.database.as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
                connection.execute("BEGIN")  # one moment for all tables
                rows = {name: connection.execute(query).fetchall() for name, query in QUERIES.items()}
        except sqlite3.Error as problem:
            raise AppError(f"The database of {self.name} cannot be read: {problem}") from None
        rows["person"] = [(key, name, bool(active), weight) for key, name, active, weight in rows["person"]]
        tables = {name: Table(columns=COLUMNS[name], key=("id",), rows=tuple(rows[name])) for name in QUERIES}
        return AppData(app=self.name, tables=tables)


def _fill(origin: str) -> dict[str, int]:
    """Make the project, its members and bills; returns the members' numbers."""
    owner = {"name": "Flat share", "id": PROJECT, "password": PASSWORD, "contact_email": "flat@example.com"}
    _call(origin, "/api/projects", {**owner, "default_currency": "XXX"})
    home = f"/api/projects/{PROJECT}"
    people = {name: int(_call(origin, f"{home}/members", {"name": name, "weight": "1"})) for name in MEMBERS}
    for what, amount, payer, date in BILLS:
        bill = {
            "what": what, "amount": amount, "date": date, "payer": people[payer],
            "payed_for": list(people.values()), "bill_type": "Expense", "original_currency": "XXX",
        }  # fmt: skip
        _call(origin, f"{home}/bills", bill)
    return people


def _call(origin: str, path: str, form: dict[str, Any] | None = None) -> Any:
    """One call of the app's REST API; a form is posted."""
    secret = base64.b64encode(f"{PROJECT}:{PASSWORD}".encode()).decode()
    content, _ = request(
        origin + path,
        method="GET" if form is None else "POST",
        body=None if form is None else urllib.parse.urlencode(form, doseq=True).encode(),
        headers={"Authorization": f"Basic {secret}"},
        timeout=30,
    )
    return json.loads(content)


def _log_in(origin: str) -> dict[str, Any]:
    """The browser state of somebody who followed the project's join link."""
    token = _call(origin, f"/api/projects/{PROJECT}/token")["token"]
    _, headers = request(f"{origin}/{PROJECT}/join/{token}")
    cookies = SimpleCookie()
    for name, value in headers:
        if name.lower() == "set-cookie":
            cookies.load(value)
    if not cookies:
        raise AppError("ihatemoney gave no session cookie for its join link.")
    return {
        "cookies": [
            {"name": name, "value": morsel.value, "domain": HOST, "path": "/", "expires": -1,
             "httpOnly": True, "secure": False, "sameSite": "Lax"}
            for name, morsel in cookies.items()
        ],
        "origins": [],
    }  # fmt: skip
