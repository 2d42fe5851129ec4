"""The hardware of a Linux phone: a display, a touch screen, a keyboard, and the buses that its applications need.

An X server without a graphics card (Xorg, driver `dummy`) whose touch screen and keyboard are sockets (driver
`inputtest`), a D-Bus session, AT-SPI, and a window manager that gives every window the whole screen. All of it lives in
one folder and ends with it, also when the program that started it is killed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from ostinato.errors import PhoneError, SetupError

__all__ = ["PROGRAMS", "Session", "listens", "missing_programs"]

LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
PROGRAMS = ("Xorg", "xkbcomp", "dbus-daemon", "matchbox-window-manager", "gsettings")
DRIVERS = ("drivers/dummy_drv.so", "input/inputtest_drv.so")
_MODULES = ("/usr/lib/xorg/modules", "/usr/lib64/xorg/modules")
_GUARD = Path(__file__).parents[1] / "apps" / "guard.py"  # as a file, so that it loads nothing of the house
_START_SECONDS = 20.0
_STOP_SECONDS = 5.0
_MARK = "OSTINATO_LINUX_PHONE"
_KEPT = ("PATH", "TZ", "LD_LIBRARY_PATH")  # of our own environment, which may hold keys

_XORG = """\
Section "ServerFlags"
  Option "DontVTSwitch" "true"
  Option "AutoAddDevices" "false"
  Option "AutoEnableDevices" "false"
  Option "AllowMouseOpenFail" "true"
  Option "AutoAddGPU" "false"
  Option "BlankTime" "0"
EndSection
Section "InputDevice"
  Identifier "finger"
  Driver "inputtest"
  Option "DeviceType" "Touch"
  Option "SocketPath" "{folder}/finger"
EndSection
Section "InputDevice"
  Identifier "keys"
  Driver "inputtest"
  Option "DeviceType" "Keyboard"
  Option "SocketPath" "{folder}/keys"
EndSection
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 16384
EndSection
Section "Monitor"
  Identifier "glass"
  HorizSync 1.0-2000.0
  VertRefresh 1.0-200.0
  Modeline "phone" {clock} {width} {width1} {width2} {width3} {height} {height1} {height2} {height3}
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "glass"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "phone"
    Virtual {width} {height}
  EndSubSection
EndSection
Section "ServerLayout"
  Identifier "phone"
  Screen "screen"
  InputDevice "finger" "SendCoreEvents"
  InputDevice "keys" "CoreKeyboard"
EndSection
"""
# With animations: without them the bar of tabs at the bottom of an application stays away in most starts (GTK 4.8).
_GTK = """\
[Settings]
gtk-decoration-layout=:
gtk-font-name=Cantarell 11
gtk-enable-animations=1
gtk-cursor-blink=0
"""
# Without the border of a window that could be resized, which moves all within it by some pixels, and without shadows,
# which are black where nothing composes windows.
_CSS = """\
window.solid-csd { padding: 0; margin: 0; }
popover { margin: 0; padding: 0; }
popover > contents { box-shadow: none; border-radius: 0; margin: 0; }
popover > arrow { min-width: 0; min-height: 0; }
tooltip { box-shadow: none; border-radius: 0; }
"""
_SETTINGS = (
    ("org.gnome.desktop.interface", "toolkit-accessibility", "true"),
    ("org.gnome.desktop.interface", "clock-format", "'24h'"),
)


def missing_programs() -> list[str]:
    """What of the session's own programs is not on this machine; empty when all are there."""
    missing = [name for name in PROGRAMS if _program(name) is None]
    missing += [name for name in DRIVERS if not any((Path(folder) / name).exists() for folder in _MODULES)]
    if not any(Path(path).exists() for path in LAUNCHERS):
        missing.append("at-spi-bus-launcher")
    return missing


def _program(name: str) -> str | None:
    # the real server, not a wrapper that asks who sits at the console
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/lib/xorg:/usr/sbin:/usr/bin")


class Session:
    """A phone that is switched on, in its home directory `home`. `display` is its X display, `environment` what its
    programs are started with.

    Raises SetupError when a program is missing, PhoneError with the end of the log when one does not start."""

    def __init__(self, home: Path, width: int = 390, height: int = 844) -> None:
        missing = missing_programs()
        if missing:
            raise SetupError(
                f"a Linux phone needs programs that are not here: {', '.join(missing)}. "
                "Run as root: ostinato app install gnome (on Debian or Ubuntu)"
            )
        self.home, self.width, self.height = home.absolute(), width, height
        self._mark = secrets.token_hex(8)
        # short, since the path of a socket may have 107 characters
        self.folder = Path(tempfile.mkdtemp(prefix="ostinato-phone-"))
        self._kept: list[subprocess.Popen[bytes]] = []
        self.environment: dict[str, str] = {}
        self.display = ""
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    @property
    def authority(self) -> Path:
        """The key to the display, in the form of X."""
        return self.folder / "authority"

    @property
    def bus(self) -> str:
        """The address of the D-Bus session."""
        return f"unix:path={self.folder}/bus"

    def launch(self, command: list[str], log: str = "apps.log") -> subprocess.Popen[bytes]:
        """Start a program on the phone; it ends with the phone."""
        with (self.folder / log).open("ab") as out:
            kept = subprocess.Popen(
                [sys.executable, "-I", str(_GUARD), *command],
                stdin=subprocess.PIPE, stdout=out, stderr=out, cwd=self.home, env=self.environment,
                start_new_session=True,
            )  # fmt: skip
        self._kept = [k for k in self._kept if k.poll() is None]
        self._kept.append(kept)
        return kept

    def run(self, command: list[str], seconds: float = 20.0) -> str:
        """What a short program on the phone prints. PhoneError when it fails."""
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", cwd=self.home,
                env=self.environment, timeout=seconds, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PhoneError(f"{command[0]} does not run on the phone: {error}") from error
        if done.returncode:
            raise PhoneError(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")
        return done.stdout

    def tail(self, log: str = "apps.log") -> str:
        """The end of a log, for an error message."""
        try:
            lines = (self.folder / log).read_text(errors="replace").splitlines()[-8:]
        except OSError:
            return ""
        return "".join(f"\n  {line}" for line in lines)

    def alive(self) -> bool:
        """Whether the display and the bus are still there."""
        return bool(self._own) and all(kept.poll() is None for kept in self._own)

    def pids(self) -> list[int]:
        """Every process of this phone, found by the mark in its environment."""
        found = []
        for process in psutil.process_iter(["pid"]):
            try:
                if process.environ().get(_MARK) == self._mark:
                    found.append(process.pid)
            except (psutil.Error, OSError):
                continue
        return found

    def close(self) -> None:
        """End every process of this phone. May be called twice."""
        for kept in reversed(self._kept):
            if kept.stdin is not None:
                kept.stdin.close()  # the guard ends its program
        give_up = time.monotonic() + _STOP_SECONDS
        for kept in self._kept:
            try:
                kept.wait(timeout=max(0.1, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                kept.kill()
                kept.wait()
        self._kept = []
        left = []
        for pid in self.pids():  # what the bus started goes when the bus is gone; what does not is ended
            try:
                process = psutil.Process(pid)
                process.terminate()
                left.append(process)
            except psutil.Error:
                continue
        _, stubborn = psutil.wait_procs(left, timeout=1.0)
        for process in stubborn:
            process.kill()
        psutil.wait_procs(stubborn, timeout=1.0)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- switching on ---------------------------------------------------------------------------------

    def _begin(self) -> None:
        run = self.folder / "run"
        for folder in (self.home, run, self.home / ".config", self.home / ".cache", self.home / ".local" / "share"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for version in ("gtk-3.0", "gtk-4.0"):
            (self.home / ".config" / version).mkdir(exist_ok=True)
            (self.home / ".config" / version / "settings.ini").write_text(_GTK)
        (self.home / ".config" / "gtk-4.0" / "gtk.css").write_text(_CSS)
        self.environment = {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            _MARK: self._mark,
            "HOME": str(self.home), "USER": "phone", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(run), "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_CACHE_HOME": str(self.home / ".cache"), "XDG_DATA_HOME": str(self.home / ".local" / "share"),
            "XDG_CURRENT_DESKTOP": "GNOME", "XAUTHORITY": str(self.authority),
            "DBUS_SESSION_BUS_ADDRESS": self.bus, "GTK_A11Y": "atspi", "GDK_BACKEND": "x11",
            "GSK_RENDERER": "cairo", "LIBGL_ALWAYS_SOFTWARE": "1", "GIO_USE_VFS": "local", "GTK_USE_PORTAL": "0",
        }  # fmt: skip
        bus = self.launch(
            [self._need("dbus-daemon"), "--session", "--nofork", "--nopidfile", f"--address={self.bus}"], "bus.log"
        )
        server = self._start_display()
        self._own = [bus, server]
        self._until(lambda: listens(self.folder / "bus"), bus, "dbus-daemon", "bus.log")
        manager = self.launch(
            [self._need("matchbox-window-manager"), "-use_titlebar", "no", "-use_desktop_mode", "plain"], "manager.log"
        )
        self._own.append(manager)
        for schema, key, value in _SETTINGS:
            self.run(["gsettings", "set", schema, key, value])

    def _start_display(self) -> subprocess.Popen[bytes]:
        self._write_key("")
        w, h = self.width, self.height
        numbers = {
            "width": w, "width1": w + 10, "width2": w + 50, "width3": w + 110,
            "height": h, "height1": h + 6, "height2": h + 16, "height3": h + 56,
        }  # fmt: skip
        clock = round((w + 110) * (h + 56) * 60 / 1e6, 1)
        config = self.folder / "xorg.conf"
        config.write_text(_XORG.format(folder=self.folder, clock=clock, **numbers))
        command = [
            self._need("Xorg"), "-displayfd", "1", "-config", str(config), "-logfile", str(self.folder / "xorg.log"),
            "-auth", str(self.authority), "-noreset", "-nolisten", "tcp", "-novtswitch", "-sharevts", "-nocursor",
        ]  # fmt: skip
        number = self.folder / "display.log"
        server = self.launch(command, number.name)
        self._until(lambda: any(line.isdecimal() for line in _lines(number)), server, "Xorg", "xorg.log")
        self.display = next(f":{line}" for line in _lines(number) if line.isdecimal())
        self._write_key(self.display[1:])
        self.environment["DISPLAY"] = self.display
        return server

    def _write_key(self, number: str) -> None:
        """The file of X's keys, with one: whoever cannot read it cannot see the phone."""
        if not hasattr(self, "_cookie"):
            self._cookie = secrets.token_bytes(16)
        parts = [socket.gethostname().encode(), number.encode(), b"MIT-MAGIC-COOKIE-1", self._cookie]
        data = struct.pack(">H", 256) + b"".join(struct.pack(">H", len(part)) + part for part in parts)
        self.authority.touch(mode=0o600)
        self.authority.write_bytes(data)

    def _until(self, holds: Callable[[], bool], process: subprocess.Popen[bytes], name: str, log: str) -> None:
        give_up = time.monotonic() + _START_SECONDS
        while not holds():
            if process.poll() is not None:
                raise PhoneError(f"{name} ended while the phone was switched on.{self.tail(log)}")
            if time.monotonic() > give_up:
                raise PhoneError(f"{name} is not ready after {_START_SECONDS:.0f} s.{self.tail(log)}")
            time.sleep(0.005)

    def _need(self, name: str) -> str:
        found = _program(name)
        if found is None:
            raise SetupError(f"a Linux phone needs {name}. Run as root: ostinato app install gnome")
        return found


def listens(path: Path) -> bool:
    """Whether a server answers at a socket; its file is there a moment earlier."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        try:
            line.connect(str(path))
        except OSError:
            return False
    return True


def _lines(file: Path) -> list[str]:
    return file.read_text(errors="replace").splitlines() if file.exists() else []
