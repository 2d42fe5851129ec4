"""A Linux phone (extra `linux`): real applications made for phones, in a display of their own.

The applications are those of a desktop file in the system's or the home's folders, such as GNOME's Clocks. They are
seen through AT-SPI and the pixels of the display, and touched through a touch screen.
"""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import psutil

from ostinato.errors import ActionFailed, PageHung, PhoneError, SetupError, UsageError
from ostinato.phone.border import Border
from ostinato.phone.linux.accessible import Accessible
from ostinato.phone.linux.look import LinuxLook, read_windows
from ostinato.phone.linux.session import Session
from ostinato.phone.linux.wall import Wall
from ostinato.phone.veil import hidden, hush, jpeg, masked
from ostinato.trace.action import Action, Answer, Back, Done, Home, Open, Tap, Wait
from ostinato.trace.record import Result
from ostinato.trace.screen import Screen

if TYPE_CHECKING:
    from ostinato.phone.linux.atspi import Window
    from ostinato.phone.linux.display import Shown

__all__ = ["LinuxPhone", "Program", "find_program"]

_QUIET_SECONDS = 0.09
_START_SECONDS = 20.0
_AWAY_SECONDS = 3.0
_KEPT_SECONDS = 1.0  # that a look holds while the picture stays the same
_MOST_LOOKS = 3  # of a screen that moves while it is looked at
_APP_ID = re.compile(r"[A-Za-z][\w-]*(\.[\w-]+)+", re.ASCII)
_FIELDS = re.compile(r"\s%[a-zA-Z]")  # of a desktop file's command: files and addresses to open


class Blobs(Protocol):
    def put(self, data: bytes) -> str: ...


@dataclass(frozen=True)
class Program:
    """An application: its id (the name of its desktop file), what it is called, and how it is started."""

    id: str
    name: str
    command: tuple[str, ...]


def find_program(app: str, home: Path | None = None) -> Program | None:
    """The application of an id such as `org.gnome.clocks`, or None when it is not installed."""
    folders = [Path("/usr/share/applications"), Path("/usr/local/share/applications")]
    if home is not None:
        folders.insert(0, home / ".local" / "share" / "applications")
    for folder in folders:
        file = folder / f"{app}.desktop"
        if not file.is_file():
            continue
        about = configparser.RawConfigParser(strict=False)
        about.optionxform = str  # type: ignore[method-assign, assignment]
        try:
            about.read_string(file.read_text(encoding="utf-8"))
            entry = about["Desktop Entry"]
            command = shlex.split(_FIELDS.sub("", entry["Exec"]))
        except (OSError, ValueError, KeyError, configparser.Error):
            continue
        return Program(app, entry.get("Name", app), tuple(command))
    return None


class LinuxPhone:
    """A `Phone` of Linux applications. An open address is an application's id; `Screen.package` is that of the
    application in front, `Screen.title` its window's title.

    `home` is its home directory, kept when it is closed. `apps` are the ids on its home screen. `secrets` gives the
    text of a named secret; `answer_seconds` is how long an application may take for one question. Raises SetupError
    when a program or the extra `linux` is missing."""

    def __init__(
        self,
        blobs: Blobs,
        *,
        home: Path,
        apps: Sequence[str] = (),
        width: int = 390,
        height: int = 844,
        secrets: Callable[[str], str] | None = None,
        answer_seconds: float = 10.0,
    ) -> None:
        try:
            import dbus_fast  # noqa: F401
            import Xlib  # noqa: F401
        except ImportError as error:
            raise SetupError(
                f"a Linux phone needs the extra `linux`, of which {error.name} is not here. "
                "Run: pip install 'ostinato-agents[linux]'"
            ) from error
        self._blobs, self._home, self._apps, self._size = blobs, home, tuple(apps), (width, height)
        self._secrets, self._seconds = secrets, answer_seconds
        self._border: Border | None = None
        self._ids: dict[int, str] = {}
        self._kept: tuple[tuple[bytes, int, str | None], LinuxLook, float] | None = None
        self._session: Session | None = None
        self.switch_on()

    def switch_on(self) -> None:
        """Start it again after `switch_off`."""
        from ostinato.phone.linux.atspi import AtSpi
        from ostinato.phone.linux.display import Display
        from ostinato.phone.linux.hand import LinuxHand
        from ostinato.phone.linux.touch import Finger, Keys

        if self._session is not None:
            return
        self._session = Session(self._home, *self._size)
        self._closing: list[Callable[[], None]] = [self._session.close]
        try:
            self._display = Display(self._session)
            self._closing.append(self._display.close)
            finger = Finger(self._session.folder / "finger", *self._size)
            self._closing.append(finger.close)
            keys = Keys(self._session.folder / "keys")
            self._closing.append(keys.close)
            self._atspi = AtSpi(self._session.bus, self._seconds)
            self._closing.append(self._atspi.close)
            programs = [find_program(app, self._home) for app in self._apps]
            self._wall = Wall([(p.id, p.name) for p in programs if p is not None], *self._size)
            self._display.paint_wall(self._wall.picture)
            self._hand = LinuxHand(self._display, finger, keys, self._look, self._secrets)
        except BaseException:
            self.switch_off()
            raise

    def switch_off(self) -> None:
        """End every process; the home directory stays as it is. May be called twice."""
        closing, self._closing = getattr(self, "_closing", []), []
        self._session = self._kept = None
        self._ids.clear()
        for close in reversed(closing):
            close()

    # ---- the face -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return f"linux {self._size[0]}x{self._size[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.switch_off()

    def pids(self) -> list[int]:
        return self._session.pids() if self._session is not None else []

    def observe(self, screenshot: bool = True) -> Screen:
        look, pixels = self._coherent()
        self._hand.seen = look
        screen = Screen(
            package=look.package, title=hidden(look.title, self._hand.spoken), width=look.width, height=look.height,
            elements=look.elements,
            keyboard=any(e.focused and e.editable for e in look.elements), taken=datetime.now(UTC),
        )  # fmt: skip
        return self._with_picture(screen, pixels) if screenshot else screen

    def photograph(self, screen: Screen) -> Screen:
        self._on()
        return self._with_picture(screen, self._display.pixels())

    def _with_picture(self, screen: Screen, pixels: bytes) -> Screen:
        picture = jpeg(self._display.image(pixels))
        stored = masked(picture, (screen.width, screen.height), screen.elements)
        return screen.model_copy(update={"screenshot": self._blobs.put(stored)})

    def act(self, action: Action) -> Result:
        if isinstance(action, Done | Answer):
            raise UsageError(f"“{action.kind}” is for the run loop, not for a phone")
        self._on()
        before = self._hand.touched
        try:
            self._perform(action)
        except PhoneError as error:
            hush(error, self._hand.spoken)
            if self._hand.touched == before:
                if isinstance(error, ActionFailed):
                    raise
                raise ActionFailed(f"{action.kind} was not begun: {error}") from error
            kind = type(error) if isinstance(error, PageHung) else PhoneError
            raise kind(f"{action.kind} was begun, then: {error}; it may have had its effect") from error
        return Result(ok=True)

    def begin(self, start: str) -> None:
        """Show the first screen of an app, which is ended before when it runs."""
        self._on()
        pid = self._running(start)
        if pid is not None:
            self._end(pid, start)
        self.act(Open(url=start))

    def _end(self, pid: int, app: str) -> None:
        """End an application for certain: one that still runs would be shown as it was left."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            for end in (process.terminate, process.kill):
                end()
                with suppress(psutil.TimeoutExpired):
                    process.wait(timeout=_AWAY_SECONDS)
                    break
            else:
                raise PhoneError(f"{app} does not end, and cannot be shown from its beginning")
        give_up = time.monotonic() + _AWAY_SECONDS
        while any(window.pid == pid for window in self._display.windows()):
            if time.monotonic() > give_up:
                raise PhoneError(f"the windows of {app} stay after it ended")
            time.sleep(0.02)

    def keep_within(self, border: Border | None) -> None:
        """From now on open no application beyond this border. Where a touch leads cannot be stopped here: the run loop
        sees what comes to the front, and goes back."""
        self._border = border

    def told(self) -> Accessible | None:
        """Everything that the application in front calls visible, as it tells it, for comparison with what is seen;
        None on the home screen."""
        self._on()
        windows = self._display.windows()
        found = self._front(windows[-1]) if windows else None
        return self._atspi.tree(found, sift=False) if found is not None else None

    def quiet(self, timeout: float) -> bool:
        """Two pictures, a moment apart, were the same, and the application had nothing else to do."""
        give_up = time.monotonic() + timeout
        self._answered()
        seen = self._display.pixels()
        while True:
            time.sleep(_QUIET_SECONDS)
            self._answered()
            now = self._display.pixels()
            if now == seen:
                return True
            if time.monotonic() > give_up:
                return False
            seen = now

    # ---- seeing ---------------------------------------------------------------------------------------

    def _on(self) -> Session:
        if self._session is None:
            raise PhoneError("the phone is switched off")
        if not self._session.alive():
            raise PhoneError("the phone's display or its bus has ended; start the phone again")
        return self._session

    def _answered(self) -> None:
        """Wait until the application in front has answered a question: by then it has done what came before."""
        self._on()
        front = self._display.windows()[-1:]
        name = self._atspi.applications().get(front[0].pid) if front else None
        if name is not None:
            self._atspi.windows(name)

    def _look(self) -> LinuxLook:
        return self._coherent()[0]

    def _coherent(self) -> tuple[LinuxLook, bytes]:
        """A look during which the picture stayed the same, and that picture; of a screen that never rests the last
        of some looks. Until something is
        touched, a look of a moment ago holds as long as its picture does."""
        self._on()
        before = self._display.pixels()
        hand = self._hand
        known = (before, hand.touched, hand.entered)
        if self._kept is not None and self._kept[0] == known and time.monotonic() < self._kept[2]:
            return self._kept[1], before
        self._kept = None
        for _ in range(_MOST_LOOKS):
            look = self._look_once(before)
            after = self._display.pixels()
            if after == before:
                self._kept = ((after, *known[1:]), look, time.monotonic() + _KEPT_SECONDS)
                break
            before = after
        return look, after

    def _look_once(self, pixels: bytes) -> LinuxLook:
        for _ in range(3):
            windows = self._display.windows()
            if not windows:
                return self._wall.look
            front = windows[-1]
            window = self._front(front)
            if window is None:
                return LinuxLook(*self._size, (), title=front.title, package=self._package(front.pid, front.kind))
            try:
                tree = self._atspi.tree(window)
            except PhoneError as error:
                if isinstance(error, PageHung):
                    raise
                continue  # the window closed meanwhile
            popups = [p.box for p in self._display.popups() if p.pid == front.pid]
            return read_windows(
                tree, front.box, size=self._size, popups=popups, title=front.title, spoken=self._hand.spoken,
                package=self._package(front.pid, front.kind), entered=self._hand.entered,
                picture=lambda: self._display.image(pixels),
            )  # fmt: skip
        raise PhoneError("the windows of the phone come and go; look again in a moment")

    def _front(self, front: Shown) -> Window | None:
        """The window that is in front, as its application tells of it; None when it tells of none."""
        name = self._atspi.applications().get(front.pid)
        told = self._atspi.windows(name) if name is not None else []
        size = (round(front.box.width), round(front.box.height))
        return max(told, key=lambda w: (w.title == front.title, w.size == size, w.active), default=None)

    def _package(self, pid: int, kind: str) -> str:
        """The id of the application of a process: as it was opened, or what its windows call themselves."""
        return self._ids.get(pid, kind)

    # ---- acting ---------------------------------------------------------------------------------------

    def _perform(self, action: Action) -> None:
        match action:
            case Open():
                self._open(action.url)
            case Home():
                self._go_home()
            case Back():
                self._back()
            case _:
                if not isinstance(action, Wait) and not self._display.windows():
                    self._on_wall(action)
                else:
                    self._hand.perform(action)

    def _on_wall(self, action: Action) -> None:
        """The home screen is ours: a tap on a picture starts its application."""
        if isinstance(action, Tap):
            point = action.point
            if action.element is not None:
                point = self._wall.look.find(action.element).box.center
            app = self._wall.app_at(point)
            if app is not None:
                self._open(app)
            return
        self._hand.perform(action)

    def _open(self, app: str) -> None:
        session = self._on()
        if not _APP_ID.fullmatch(app):
            raise ActionFailed(f"“{app}” is no application such as org.gnome.clocks")
        why = self._border.objection_to_app(app) if self._border is not None else None
        if why is not None:
            raise ActionFailed(why)
        program = find_program(app, self._home)
        if program is None:
            raise ActionFailed(f"the application {app} is not installed")
        self._hand.touched += 1
        running = self._running(app) is not None
        started = session.launch(list(program.command))
        give_up = time.monotonic() + _START_SECONDS
        while True:
            pid = self._running(app) or _child(started)
            windows = self._display.windows()
            own = [w for w in windows if w.pid == pid]
            # what is started again tells the one that runs, and ends
            told = not running or started.poll() is not None
            if pid is not None and own and told:
                self._ids[pid] = app
                if windows[-1].pid == pid and self._atspi.applications().get(pid) is not None:
                    return
                self._display.bring(own[-1].window)
            if started.poll() not in (None, 0):
                raise PhoneError(f"{program.name} ended while it started.{session.tail()}")
            if time.monotonic() > give_up:
                raise PhoneError(f"{program.name} showed no window within {_START_SECONDS:.0f} s.{session.tail()}")
            time.sleep(0.02)

    def _running(self, app: str) -> int | None:
        """The process of an application: who has its name on the bus, otherwise who showed its windows before."""
        owner = self._atspi.owner(app)
        if owner is not None:
            return owner
        self._ids = {pid: known for pid, known in self._ids.items() if psutil.pid_exists(pid)}
        return next((pid for pid, known in self._ids.items() if known == app), None)

    def _go_home(self) -> None:
        self._hand.touched += 1
        give_up = time.monotonic() + _AWAY_SECONDS
        while windows := self._display.windows():
            for window in windows:
                self._display.put_away(window.window)
            if time.monotonic() > give_up:
                raise PhoneError("the applications do not go into the background")
            time.sleep(0.02)

    def _back(self) -> None:
        """As a person does: close the menu or dialog in front, or tap the application's own “Back”; where there is
        neither, leave the application."""
        look = self._look()
        back = [e for e in look.elements if e.role == "button" and e.name == "Back" and e.reachable]
        if look.popup or look.dialog:
            self._hand.press("Escape")
        elif back:
            self._hand.tap(back[0])
        else:
            self._go_home()


def _child(started: subprocess.Popen[bytes]) -> int | None:
    """The program that a guard runs."""
    with suppress(psutil.Error):
        children = psutil.Process(started.pid).children()
        return children[0].pid if children else None
    return None
