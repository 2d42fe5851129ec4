"""GNOME's applications as an app: what its stores say, its first state, reset, errors; the tasks of its suite."""

from __future__ import annotations

import datetime
import random
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ostinato.agent.script import Do, ScriptDecider
from ostinato.errors import AppError, SetupError, UsageError
from ostinato.house import House
from ostinato.install import default_cache
from ostinato.phone.apps import gnome as module
from ostinato.phone.apps import gnome_stores
from ostinato.phone.apps.app import get_app
from ostinato.phone.apps.gnome import CONTACTS, EVENTS, TASKS, Gnome, open_linux_phone
from ostinato.phone.apps.gnome_stores import read_stores
from ostinato.phone.linux.linux import LinuxPhone
from ostinato.settings import load_settings
from ostinato.suites.gnome import ALL_TASKS, GnomeTask
from ostinato.suites.task import Values
from ostinato.suites.truth import differences
from ostinato.trace.action import Home

SETTINGS: dict[str, dict[str, Any]] = {
    "/org/gnome/clocks/": {
        "alarms": [
            {"id": "a", "name": "Gym", "hour": 7, "minute": 30, "days": [1, 5], "active": True, "ring_minutes": 5,
             "snooze_minutes": 10},
        ],
        "world-clocks": [{"location": (2, ("Paris", "LFPB", True))}],
        "timers": [{"name": "Tea", "duration": 180}],
    },
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory with a contact, an event and two tasks, one of them in a list of its own."""
    monkeypatch.setattr(gnome_stores, "_dconf", lambda home, folder: SETTINGS[folder])
    book = tmp_path / ".local/share/evolution/addressbook/system/contacts.db"
    book.parent.mkdir(parents=True)
    with closing(sqlite3.connect(book)) as connection:
        connection.execute("CREATE TABLE folder_id (uid TEXT, vcard TEXT)")
        card = "BEGIN:VCARD\r\nFN:Ada Lovelace\r\nTEL:+1\r\nTEL:+2\r\nEMAIL:ada@example.org\r\nNOTE:a\\, b\r\nEND:VCARD"
        connection.execute("INSERT INTO folder_id VALUES ('c1', ?)", (card,))
        connection.commit()
    module._write_events(tmp_path, datetime.date(2026, 3, 1))
    module._write_tasks(tmp_path)
    sources = tmp_path / ".config/evolution/sources"
    sources.mkdir(parents=True)
    (sources / "l1.source").write_text("[Data Source]\nDisplayName=Garden\n[Task List]\nBackendName=local\n")
    (sources / "system-task-list.source").write_text("[Data Source]\nDisplayName=Personal\n[Task List]\n")
    todo = ["BEGIN:VTODO\r\nUID:t9\r\nSUMMARY:Rake\r\nSTATUS:COMPLETED\r\nDUE:20260305T100000Z\r\nEND:VTODO"]
    module._write_ics(tmp_path / ".local/share/evolution/tasks/l1/tasks.ics", todo)
    return tmp_path


def test_the_stores_are_read_as_tables(home: Path) -> None:
    tables = read_stores(home)
    rows = {name: list(table.by_key().values()) for name, table in tables.items()}
    assert rows["alarm"] == [
        {"id": "a", "name": "Gym", "hour": 7, "minute": 30, "days": "Mon, Fri", "active": True, "ring_minutes": 5,
         "snooze_minutes": 10}
    ]  # fmt: skip
    assert rows["world_clock"] == [{"city": "Paris"}] and rows["timer"] == [{"name": "Tea", "seconds": 180}]
    [contact] = rows["contact"]
    assert (contact["name"], contact["phones"], contact["emails"], contact["note"]) == (
        "Ada Lovelace", "+1, +2", "ada@example.org", "a, b"
    )  # fmt: skip
    assert [(e["summary"], e["start"], e["all_day"]) for e in rows["event"]] == [
        (summary, f"2026-03-{day:02d} {hour:02d}:00", False) for summary, _, day, hour in EVENTS
    ]
    done = {t["summary"]: (t["list"], t["done"], t["due"]) for t in rows["task"]}
    assert done == {"Rake": ("Garden", True, "2026-03-05 10:00"), **dict.fromkeys(TASKS, ("Inbox", False, ""))}
    assert rows["task_list"] == [{"id": "l1", "name": "Garden"}]


def test_stores_that_are_not_there_yet_are_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gnome_stores, "_dconf", lambda home, folder: {})
    assert not any(table.rows for table in read_stores(tmp_path).values())


def test_a_damaged_book_of_contacts_is_an_error(home: Path) -> None:
    (home / ".local/share/evolution/addressbook/system/contacts.db").write_bytes(b"no database, " * 100)
    with pytest.raises(AppError, match="contacts"):
        read_stores(home)


def test_a_file_that_stays_half_written_is_an_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gnome_stores, "_READ_SECONDS", 0.05)
    (home / ".local/share/evolution/calendar/system/calendar.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEV")
    with pytest.raises(AppError, match="half written"):
        read_stores(home)


def test_an_application_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="clocks, contacts"):
        get_app("gnome/maps", tmp_path)


def test_without_its_packages_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gnome, "missing", lambda self: ["org.gnome.clocks"])
    with pytest.raises(SetupError, match=r"org.gnome.clocks missing.*ostinato app install gnome"):
        Gnome(tmp_path).start()
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(SetupError, match=r"sudo apt-get install -y --no-install-recommends .*gnome-clocks"):
        Gnome(tmp_path).install(lambda line: None)
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(SetupError, match="apt-get is not here"):
        Gnome(tmp_path).install(lambda line: None)


@pytest.mark.parametrize("task", ALL_TASKS, ids=lambda task: str(task.name))
def test_a_task_has_other_values_every_time_and_is_wrong_where_nothing_was_done(task: GnomeTask) -> None:
    seen = {task.words(task.generate(random.Random(seed))) for seed in range(12)}
    values = task.generate(random.Random(1))
    assert len(seen) > 1 and "{" not in task.words(values)
    assert task.oracle([], values) or task.wrong_answer(None, values)
    for mutation in task.mutants.values():
        assert list(mutation(values, random.Random(2))) != list(task.script(values))


# ---- on a phone -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[Gnome, LinuxPhone, House]]:
    """All five applications on a phone; skipped where they are not installed."""
    app = Gnome(default_cache())
    if missing := app.missing():
        pytest.skip(f"{', '.join(missing)} not installed; run as root: ostinato app install gnome")
    app.install(lambda line: None)
    house = House(load_settings())
    app.start()
    try:
        yield app, open_linux_phone(app, house.store.blobs), house
    finally:
        app.stop()


def run(opened: tuple[Gnome, LinuxPhone, House], task: GnomeTask, script: Sequence[Do] | None, v: Values) -> list[str]:
    """What is wrong after a script, or after the task's own, by the stores and the answer."""
    app, phone, house = opened
    app.first = task.app.partition("/")[2]
    app.reset()
    assert phone.quiet(15)
    decider = task.decider(v) if script is None else ScriptDecider(script)
    done = house.perform(
        task.words(v), phone=phone, deciders=[decider], app=app, app_name=task.app, approve=lambda action, screen: True
    )
    outcome, data = done.trace.outcome, done.trace.data
    assert outcome is not None and data.before is not None and data.after is not None
    before, after = house.store.data(data.before), house.store.data(data.after)
    assert script is not None or outcome.claimed == "done", outcome.reason
    return task.oracle(differences(before, after), v) + task.wrong_answer(outcome.answer, v)


def by_name(name: str) -> GnomeTask:
    return next(task for task in ALL_TASKS if task.name == name)


@pytest.mark.app
def test_the_first_state_is_there_and_a_reset_brings_it_back(opened: tuple[Gnome, LinuxPhone, House]) -> None:
    app, phone, _ = opened
    first = app.data()
    assert [row["name"] for row in first.tables["contact"].by_key().values()] == [f"{c[0]} {c[1]}" for c in CONTACTS]
    assert not run(opened, by_name("add_task"), None, {"what": "Buy stamps 7"})
    changed = app.data()
    assert changed.tables["task"] != first.tables["task"]
    pids = phone.pids()
    app.reset()
    assert app.data().tables == first.tables and phone.observe(screenshot=False).package == app.url
    assert not set(pids) & set(phone.pids())
    phone.act(Home())
    assert {"Clocks", "Contacts", "Calendar", "Endeavour", "Calculator"} <= {e.name for e in phone.observe().elements}


@pytest.mark.app
@pytest.mark.nightly
@pytest.mark.parametrize("task", ALL_TASKS, ids=lambda task: str(task.name))
def test_every_task_is_done_by_its_oracle_and_no_mutant_is(
    opened: tuple[Gnome, LinuxPhone, House], task: GnomeTask
) -> None:
    values = task.generate(random.Random(f"nightly-{task.name}"))
    assert run(opened, task, None, values) == []
    for kind, mutation in task.mutants.items():
        wrong = run(opened, task, mutation(values, random.Random(kind)), values)
        assert wrong != [], kind


def test_nothing_is_installed_without_the_extra_that_writes_the_first_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def must_not(report: object) -> None:
        raise AssertionError("half a gigabyte was installed for nothing")

    monkeypatch.setitem(sys.modules, "dbus_fast", None)
    monkeypatch.setattr(module, "_install_packages", must_not)
    monkeypatch.setattr(Gnome, "missing", lambda self: ["Xorg"])
    with pytest.raises(SetupError, match=r"pip install 'ostinato-agents\[linux\]'"):
        Gnome(tmp_path).install(lambda line: None)
