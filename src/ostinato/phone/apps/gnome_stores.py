"""What GNOME's phone applications keep: alarms and settings in dconf, contacts in SQLite, events and tasks in ics."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from ostinato.errors import AppError, SetupError
from ostinato.phone.apps.content_lines import Component, parts, read_components
from ostinato.phone.apps.gvariant import read_variant
from ostinato.trace.data import Cell, Table

__all__ = ["read_stores"]

_CONTACTS = Path(".local/share/evolution/addressbook/system/contacts.db")
_EVENTS = Path(".local/share/evolution/calendar/system/calendar.ics")
_TASKS = Path(".local/share/evolution/tasks")
_SOURCES = Path(".config/evolution/sources")
_OWN_LIST = "system-task-list"  # is written down when it is first used
_READ_SECONDS = 2.0  # how long a file may be half written
_DAYS = ("", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Row = tuple[Cell, ...]


def read_stores(home: Path) -> dict[str, Table]:
    """The tables of all applications of a home directory. The calculator has none: it keeps its settings to itself
    until it ends. AppError where a store cannot be read."""
    clocks = _dconf(home, "/org/gnome/clocks/")
    return {
        "alarm": Table(
            columns=("id", "name", "hour", "minute", "days", "active", "ring_minutes", "snooze_minutes"),
            key=("id",), rows=tuple(_alarm(a) for a in clocks.get("alarms") or ()),
        ),
        "world_clock": Table(
            columns=("city",), key=("city",), rows=tuple((_city(c),) for c in clocks.get("world-clocks") or ())
        ),
        "timer": Table(
            columns=("name", "seconds"), key=("name", "seconds"),
            rows=tuple((str(t.get("name") or ""), int(t.get("duration", 0))) for t in clocks.get("timers") or ()),
        ),
        "contact": Table(
            columns=("id", "name", "phones", "emails", "nickname", "note", "birthday"), key=("id",),
            rows=tuple(_contacts(home / _CONTACTS)),
        ),
        "event": Table(
            columns=("id", "summary", "location", "start", "end", "all_day", "description", "repeat"), key=("id",),
            rows=tuple(sorted(_event(e) for e in _components(home / _EVENTS, "VEVENT"))),
        ),
        "task": Table(
            columns=("id", "list", "summary", "done", "due", "description", "priority"), key=("id",),
            rows=tuple(sorted(_tasks(home))),
        ),
        "task_list": Table(columns=("id", "name"), key=("id",), rows=tuple(sorted(_lists(home).items()))),
    }  # fmt: skip


# ---- dconf ------------------------------------------------------------------------------------------------


def _dconf(home: Path, folder: str) -> dict[str, Any]:
    """The settings below a folder that differ from their defaults."""
    program = shutil.which("dconf")
    if program is None:
        raise SetupError("dconf is not here (Debian: dconf-cli). Run as root: ostinato app install gnome")
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LC_ALL": "C.UTF-8",
                   "XDG_CONFIG_HOME": str(home / ".config"), "XDG_RUNTIME_DIR": str(home),
                   "DBUS_SESSION_BUS_ADDRESS": "disabled:"}  # fmt: skip
    try:
        done = subprocess.run(
            [program, "dump", folder], env=environment, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise AppError(f"the settings in {home} cannot be read: {problem}") from None
    if done.returncode:
        raise AppError(f"the settings in {home} cannot be read: {done.stderr.strip()[-200:]}")
    found: dict[str, Any] = {}
    section = ""
    for line in done.stdout.splitlines():
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif "=" in line and section == "/":
            name, _, value = line.partition("=")
            found[name] = read_variant(value)
    return found


def _alarm(told: dict[str, Any]) -> Row:
    return (
        str(told.get("id", "")), str(told.get("name", "")), int(told.get("hour", 0)), int(told.get("minute", 0)),
        ", ".join(_DAYS[d] for d in sorted(told.get("days") or ()) if 0 < d < len(_DAYS)),
        bool(told.get("active", False)) or bool(told.get("ring_time")), int(told.get("ring_minutes", 0)),
        int(told.get("snooze_minutes", 0)),
    )  # fmt: skip


def _city(told: dict[str, Any]) -> str:
    """`('Paris', 'LFPB', …)` deep within what libgweather serialises."""
    found = told.get("location")
    while isinstance(found, tuple):
        texts = [part for part in found if isinstance(part, str) and part]
        if texts:
            return texts[0]
        deeper = [part for part in found if isinstance(part, tuple)]
        found = deeper[0] if deeper else None
    return str(told)


# ---- Evolution's files ------------------------------------------------------------------------------------


def _contacts(file: Path) -> list[Row]:
    if not file.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            cards = connection.execute("SELECT uid, vcard FROM folder_id ORDER BY uid").fetchall()
    except sqlite3.OperationalError as problem:
        if "no such table" in str(problem):  # the book was never opened
            return []
        raise AppError(f"the contacts in {file} cannot be read: {problem}") from None
    except sqlite3.Error as problem:
        raise AppError(f"the contacts in {file} cannot be read: {problem}") from None
    found: list[Row] = []
    for uid, text in cards:
        for card in read_components(text or "")[:1]:
            phones = ", ".join(line.text for line in card.all("TEL"))
            mails = ", ".join(line.text for line in card.all("EMAIL"))
            found.append((
                uid, card.text("FN") or " ".join(p for p in parts(card.text("N")) if p), phones, mails,
                card.text("NICKNAME"), card.text("NOTE"), card.text("BDAY"),
            ))  # fmt: skip
    return found


def _components(file: Path, kind: str) -> list[Component]:
    """The components of one kind in an ics file. A file that is being written is read again a moment later."""
    give_up = time.monotonic() + _READ_SECONDS
    while True:
        try:
            text = file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as problem:
            raise AppError(f"{file} cannot be read: {problem}") from None
        if "END:VCALENDAR" in text or not text.strip():
            return [c for top in read_components(text) for c in top.walk() if c.kind == kind]
        if time.monotonic() > give_up:
            raise AppError(f"{file} stays half written")
        time.sleep(0.01)


def _when(component: Component, name: str) -> tuple[str, bool]:
    """A date as `2026-03-01` or a moment as `2026-03-01 14:30`; whether it is a date alone."""
    line = component.first(name)
    if line is None:
        return "", False
    digits = line.value.strip().rstrip("Z")
    date = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    if "T" not in digits:
        return date, True
    return f"{date} {digits[9:11]}:{digits[11:13]}", False


def _event(told: Component) -> Row:
    start, all_day = _when(told, "DTSTART")
    end, _ = _when(told, "DTEND")
    repeat = told.first("RRULE")
    return (
        told.text("UID") + told.text("RECURRENCE-ID"), told.text("SUMMARY"), told.text("LOCATION"), start, end, all_day,
        told.text("DESCRIPTION"), repeat.value if repeat is not None else "",
    )  # fmt: skip


def _lists(home: Path) -> dict[str, str]:
    """The names of the lists of tasks that somebody made, by the ids of their sources."""
    found = {}
    for file in sorted((home / _SOURCES).glob("*.source")):
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if "[Task List]" in text and file.stem != _OWN_LIST:
            names = [line.partition("=")[2] for line in text.splitlines() if line.startswith("DisplayName=")]
            found[file.stem] = names[0] if names else ""
    return found


def _tasks(home: Path) -> list[Row]:
    names = {"system": "Inbox", **_lists(home)}
    found: list[Row] = []
    for file in sorted((home / _TASKS).glob("*/*.ics")):
        of = names.get(file.parent.name, file.parent.name)
        for told in _components(file, "VTODO"):
            done = told.text("STATUS") == "COMPLETED" or told.first("COMPLETED") is not None
            due, _ = _when(told, "DUE")
            found.append((
                told.text("UID"), of, told.text("SUMMARY"), done, due, told.text("DESCRIPTION"), told.text("PRIORITY")
            ))  # fmt: skip
    return found
