"""GNOME's applications that fit a phone (Debian 12): Clocks, Contacts, Calendar, Endeavour, Calculator.

They run on a Linux phone (`ostinato.phone.linux`), not in a browser. Their programs are Debian's; their data are in a
home directory, which is put back to its first state by a reset.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ostinato.errors import AppError, SetupError, UsageError
from ostinato.install import Install, Report, put_in_place, run_step
from ostinato.phone.apps.gnome_stores import read_stores
from ostinato.phone.linux.session import Session, missing_programs
from ostinato.trace.data import AppData

if TYPE_CHECKING:
    from ostinato.phone.linux.linux import LinuxPhone

__all__ = ["APPS", "PACKAGES", "Gnome", "open_linux_phone"]

APPS = {
    "clocks": "org.gnome.clocks",
    "contacts": "org.gnome.Contacts",
    "calendar": "org.gnome.Calendar",
    "endeavour": "org.gnome.Todo",
    "calculator": "org.gnome.Calculator",
}
# What the phone itself needs, then the applications and what keeps their data.
PHONE_PACKAGES = (
    "xserver-xorg-core", "xserver-xorg-video-dummy", "x11-xkb-utils", "xkb-data", "dbus", "at-spi2-core",
    "matchbox-window-manager", "libglib2.0-bin", "dconf-gsettings-backend", "dconf-cli", "gsettings-desktop-schemas",
    "fonts-cantarell", "adwaita-icon-theme",
)  # fmt: skip
PACKAGES = (
    *PHONE_PACKAGES, "gnome-clocks", "gnome-contacts", "gnome-calendar", "endeavour", "gnome-calculator",
    "evolution-data-server",
)  # fmt: skip
SNAPSHOT = 1  # raised when the first state below changes
_SETTLED_SECONDS = 0.15  # that the stores stay as they are before they count as written
_MOST_SECONDS = 2.0

ALARMS = (
    ("Early shift", 5, 45, (1, 2, 3)),
    ("Yoga", 18, 15, (4,)),
    ("Weekend market", 9, 30, (6,)),
)
CONTACTS = (
    ("Grace", "Hopper", "+1 555 0100", "grace@example.org"),
    ("Alan", "Turing", "+44 20 5550 123", "alan@example.org"),
    ("Ida", "Rhodes", "+1 555 0177", ""),
    ("Omar", "Khayyam", "+98 21 555 019", "omar@example.org"),
)
EVENTS = (
    ("Team lunch", "Canteen", 9, 12),
    ("Piano lesson", "Music school", 12, 17),
    ("Car service", "Garage", 17, 8),
)
TASKS = ("Water the plants", "Return library books", "Renew passport")
_SETTINGS = (
    ("org.gnome.clocks", "geolocation", "false"),
    ("org.gnome.clocks.state.window", "size", "(390, 844)"),
    ("org.gnome.clocks.state.window", "maximized", "true"),
    ("org.gnome.Contacts", "did-initial-setup", "true"),
    ("org.gnome.Contacts", "window-maximized", "true"),
    ("org.gnome.Contacts", "window-width", "390"),
    ("org.gnome.Contacts", "window-height", "844"),
    ("org.gnome.calendar", "window-maximized", "true"),
    ("org.gnome.calculator", "refresh-interval", "0"),
)


class Blobs(Protocol):
    def put(self, data: bytes) -> str: ...


class Gnome:
    """All five applications on one phone; `first` is the one that is shown at the start.

    `runs_on` tells it its phone, which a reset switches off and on again."""

    login: dict[str, Any] | None = None
    sign_in: str | None = None
    init_script: str | None = None
    origins: tuple[str, ...] = ()

    def __init__(self, cache: Path, first: str | None = None) -> None:
        if first is not None and first not in APPS:
            raise UsageError(f"gnome has no application {first!r}; it has {', '.join(APPS)}")
        self.first = first
        self.name = "gnome" if first is None else f"gnome/{first}"
        self._install = Install(cache / f"gnome-{SNAPSHOT}", {"snapshot": str(SNAPSHOT), "recipe": _recipe()})
        self._snapshot = self._install.folder / "snapshot"
        self._folder: Path | None = None
        self._temporary = False
        self._phone: LinuxPhone | None = None

    # ---- install --------------------------------------------------------------------------------------

    def is_installed(self) -> bool:
        return self._install.complete() and not self.missing()

    def missing(self) -> list[str]:
        """What is not on this machine: programs of the phone, and applications."""
        from ostinato.phone.linux.linux import find_program

        wanted = [self.first] if self.first is not None else list(APPS)
        return missing_programs() + [APPS[name] for name in wanted if find_program(APPS[name]) is None]

    def install(self, report: Report = print) -> None:
        with self._install.doing() as needed:
            if needed or self.missing():
                _need_extra()
            if self.missing():
                _install_packages(report)
                if missing := self.missing():
                    raise AppError(f"gnome: {', '.join(missing)} are still not here after the install")
            elif not needed:
                report(f"gnome is installed; its first state is in {self._install.folder}")
            if needed:
                report("gnome: writing the first state")
                shutil.rmtree(self._snapshot, ignore_errors=True)
                _write_first_state(self._snapshot)
        report("gnome: ready")

    def remove(self) -> None:
        """Remove the first state; Debian's packages stay."""
        self._install.remove()

    # ---- running --------------------------------------------------------------------------------------

    @property
    def home(self) -> Path:
        """The home directory of the phone."""
        if self._folder is None:
            raise AppError("gnome is not running; start it first.")
        return self._folder / "home"

    @property
    def url(self) -> str:
        """The id of the application that is shown first."""
        return APPS[self.first or "clocks"]

    def start(self, folder: Path | None = None, port: int = 0) -> None:
        if not self.is_installed():
            missing = self.missing()
            said = f" ({', '.join(missing)} missing)" if missing else ""
            raise SetupError(f"gnome is not installed{said}. Run as root: ostinato app install gnome")
        if self._folder is not None:
            raise AppError(f"gnome is already running in {self._folder}; stop it first.")
        self._temporary = folder is None
        self._folder = (folder or Path(tempfile.mkdtemp(prefix="ostinato-gnome-"))).absolute()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not self.home.exists():
                self._put_first_state(self.home)
        except BaseException:
            self.stop()
            raise

    def runs_on(self, phone: LinuxPhone) -> None:
        """The phone that has this home directory."""
        self._phone = phone

    def stop(self) -> None:
        if self._phone is not None:
            self._phone.switch_off()
            self._phone = None
        if self._temporary and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None

    def reset(self) -> None:
        """Switch the phone off, put its home back, switch it on, and show the first application."""
        if self._phone is None:
            self._put_first_state(self.home)
            return
        self._phone.switch_off()
        try:
            self._put_first_state(self.home)
        finally:
            self._phone.switch_on()
        self._phone.begin(self.url)

    def restore(self, folder: Path) -> None:
        if not self.is_installed():
            raise SetupError("gnome is not installed. Run as root: ostinato app install gnome")
        if not (folder / "home" / ".config" / "dconf" / "user").is_file():
            raise AppError(
                f"{folder} holds no data of gnome (no home/.config/dconf/user), so nothing was changed; "
                "name the folder that gnome was started in."
            )
        self._put_first_state(folder / "home")

    def _put_first_state(self, home: Path) -> None:
        try:
            put_in_place(self._snapshot, home)
            _write_events(home, datetime.date.today())
        except (OSError, shutil.Error) as problem:
            raise AppError(f"gnome could not put its first state into {home}: {problem}") from None

    def data(self) -> AppData:
        """The tables of all five, once they have stayed the same for a moment: they are written after the screen."""
        give_up = time.monotonic() + _MOST_SECONDS
        tables = read_stores(self.home)
        while True:
            time.sleep(_SETTLED_SECONDS)
            now = read_stores(self.home)
            if now == tables or time.monotonic() > give_up:
                return AppData(app=self.name.partition("/")[0], tables=now)
            tables = now

    def pids(self) -> list[int]:
        return self._phone.pids() if self._phone is not None else []


def open_linux_phone(
    app: Gnome,
    blobs: Blobs,
    *,
    width: int = 390,
    height: int = 844,
    secrets: Callable[[str], str] | None = None,
    answer_seconds: float = 10.0,
) -> LinuxPhone:
    """A phone that shows a started `app`; close it with `close`, or end it with the app's `stop`. Errors are those of
    LinuxPhone."""
    from ostinato.phone.linux.linux import LinuxPhone

    phone = LinuxPhone(
        blobs, home=app.home, apps=tuple(APPS.values()), width=width, height=height, secrets=secrets,
        answer_seconds=answer_seconds,
    )  # fmt: skip
    try:
        app.runs_on(phone)
        phone.begin(app.url)
    except BaseException:
        phone.close()
        raise
    return phone


# ---- install ----------------------------------------------------------------------------------------------


def _recipe() -> str:
    said = repr((ALARMS, CONTACTS, TASKS, _SETTINGS))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _need_extra() -> None:
    """Raise SetupError without what writes the first state: it is no use to install half a gigabyte before that."""
    if importlib.util.find_spec("dbus_fast") is None:
        raise SetupError(
            "gnome needs an extra part that speaks to its data server; install it first: "
            "pip install 'ostinato-agents[linux]' (in a checkout: make test installs it)"
        )


def _install_packages(report: Report) -> None:
    command = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    if shutil.which("apt-get") is None:
        raise SetupError(
            "gnome comes as Debian's packages, and apt-get is not here. On another system install Xorg with its "
            "drivers dummy and inputtest, AT-SPI, matchbox-window-manager, dconf and the applications "
            f"({', '.join(APPS.values())}) by hand."
        )
    if os.geteuid() != 0:
        raise SetupError(f"gnome's packages are installed by root. Run: sudo {' '.join(command)}")
    report(f"gnome: installing {len(PACKAGES)} Debian packages and what they need (about 520 MB)")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
    run_step("Updating the lists of packages", [*environment, "apt-get", "update", "-qq"])
    run_step("Installing Debian's packages", [*environment, *command], seconds=3600)


# ---- the first state --------------------------------------------------------------------------------------


def _write_first_state(home: Path) -> None:
    session = Session(home)
    try:
        for schema, key, value in _SETTINGS:
            session.run(["gsettings", "set", schema, key, value])
        alarms = ", ".join(_alarm(k, *told) for k, told in enumerate(ALARMS, 1))
        session.run(["gsettings", "set", "org.gnome.clocks", "alarms", f"[{alarms}]"])
        asyncio.run(_write_contacts(session.bus))
        _write_tasks(home)
    finally:
        session.close()
    shutil.rmtree(home / ".cache", ignore_errors=True)


def _alarm(number: int, name: str, hour: int, minute: int, days: tuple[int, ...]) -> str:
    told = {
        "name": f"'{name}'", "id": f"'first-{number}'", "hour": str(hour), "minute": str(minute),
        "days": str(list(days)), "snooze_minutes": "10", "ring_minutes": "5", "active": "false",
    }  # fmt: skip
    return "{" + ", ".join(f"'{key}': <{value}>" for key, value in told.items()) + "}"


async def _write_contacts(bus_address: str) -> None:
    """Through the data server itself: the file has its own indexes."""
    from dbus_fast import Message, MessageType
    from dbus_fast.aio import MessageBus

    server = "org.gnome.evolution.dataserver.AddressBook10"
    book = "org.gnome.evolution.dataserver.AddressBook"
    bus = await MessageBus(bus_address=bus_address).connect()

    async def call(where: str, path: str, interface: str, member: str, signature: str = "", *body: Any) -> list[Any]:
        message = Message(
            destination=where, path=path, interface=interface, member=member, signature=signature, body=list(body)
        )
        answer = await asyncio.wait_for(bus.call(message), 30)
        if answer is None or answer.message_type == MessageType.ERROR:
            raise AppError(f"gnome: the address book did not take the first contacts: {answer and answer.body}")
        return list(answer.body)

    try:
        factory = "/org/gnome/evolution/dataserver/AddressBookFactory"
        path, name = await call(server, factory, f"{book}Factory", "OpenAddressBook", "s", "system-address-book")
        await call(name, path, book, "Open")
        await call(name, path, book, "CreateContacts", "asu", [_card(k, *c) for k, c in enumerate(CONTACTS, 1)], 0)
    finally:
        bus.disconnect()


def _card(number: int, given: str, family: str, phone: str, mail: str) -> str:
    lines = [
        "BEGIN:VCARD", "VERSION:3.0", f"UID:first-{number}", f"FN:{given} {family}", f"N:{family};{given};;;",
        f"TEL;TYPE=CELL:{phone}", *([f"EMAIL;TYPE=HOME:{mail}"] if mail else []), "END:VCARD",
    ]  # fmt: skip
    return "\r\n".join(lines)


def _write_ics(file: Path, components: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    head = ["BEGIN:VCALENDAR", "CALSCALE:GREGORIAN", "PRODID:-//Ostinato//first state//EN", "VERSION:2.0"]
    file.write_text("\r\n".join([*head, *components, "END:VCALENDAR"]) + "\r\n", encoding="utf-8", newline="")


def _write_tasks(home: Path) -> None:
    made = [
        f"BEGIN:VTODO\r\nUID:first-task-{k}\r\nDTSTAMP:20250101T080000Z\r\nCREATED:20250101T08000{k}Z\r\n"
        f"SUMMARY:{summary}\r\nSEQUENCE:1\r\nEND:VTODO"
        for k, summary in enumerate(TASKS, 1)
    ]
    _write_ics(home / ".local/share/evolution/tasks/system/tasks.ics", made)


def _write_events(home: Path, today: datetime.date) -> None:
    """In the month in which the phone is switched on: that is what a calendar shows first."""
    made = []
    for k, (summary, location, number, hour) in enumerate(EVENTS, 1):
        day = today.replace(day=number).strftime("%Y%m%d")
        made.append(
            f"BEGIN:VEVENT\r\nUID:first-event-{k}\r\nDTSTAMP:20250101T080000Z\r\nDTSTART:{day}T{hour:02d}0000\r\n"
            f"DTEND:{day}T{hour + 1:02d}0000\r\nSUMMARY:{summary}\r\nLOCATION:{location}\r\nSEQUENCE:1\r\nEND:VEVENT"
        )
    _write_ics(home / ".local/share/evolution/calendar/system/calendar.ics", made)
