"""A Linux phone as a whole: two at once, what ends with it, its home screen, errors for people."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from linux_programs import put_programs

from ostinato.errors import ActionFailed, PhoneError, SetupError
from ostinato.phone.linux import session as linux_session
from ostinato.phone.linux.linux import LinuxPhone, find_program
from ostinato.phone.linux.session import Session
from ostinato.trace.action import Back, Home, LongPress, Open, Tap, Type
from ostinato.trace.screen import Element, Point

APP = "org.example.ContractStart"
pytestmark = pytest.mark.app


class Blobs(dict[str, bytes]):
    def put(self, data: bytes) -> str:
        sha = hashlib.sha256(data).hexdigest()
        self[sha] = data
        return sha


def make_home(folder: Path, python: str) -> Path:
    put_programs(
        folder, {APP: f"{python} {Path(__file__).with_name('contract_gtk.py')}", "org.example.Broken": "false"}
    )
    return folder


@pytest.fixture
def home(gtk_python: str, tmp_path: Path) -> Path:
    return make_home(tmp_path / "home", gtk_python)


@pytest.fixture(scope="module")
def phone(gtk_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LinuxPhone]:
    home = make_home(tmp_path_factory.mktemp("phone"), gtk_python)
    with LinuxPhone(Blobs(), home=home, apps=[APP, "org.example.Broken", "org.example.NotThere"]) as phone:
        yield phone


def find(phone: LinuxPhone, name: str) -> Element:
    return next(e for e in phone.observe(screenshot=False).elements if e.name == name)


def tap(phone: LinuxPhone, name: str) -> None:
    element = find(phone, name)
    phone.act(Tap(point=element.box.center, element=element))
    assert phone.quiet(10)


def runs(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)  # ended, and nobody asked how
    except psutil.Error:
        return False


def test_two_phones_at_once_know_nothing_of_each_other(gtk_python: str, tmp_path: Path) -> None:
    first_home, second_home = (make_home(tmp_path / name, gtk_python) for name in ("one", "two"))
    with LinuxPhone(Blobs(), home=first_home) as one, LinuxPhone(Blobs(), home=second_home) as two:
        for phone in (one, two):
            phone.act(Open(url=APP))
            assert phone.quiet(10)
        one.act(Type(text="from one", element=find(one, "note")))
        two.act(Type(text="from two", element=find(two, "note")))
        tap(one, "Add")
        assert (find(one, "note").value, find(two, "note").value) == ("from one", "from two")
        names = {e.name for e in two.observe(screenshot=False).elements}
        assert "Count: 0" in names and not set(one.pids()) & set(two.pids())
        one.close()
        assert find(two, "note").value == "from two"


def test_everything_ends_with_a_program_that_is_killed(home: Path, tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from ostinato.phone.linux.linux import LinuxPhone; "
        "from ostinato.trace.action import Open\n"
        f"class B:\n def put(self, data): return ''\np = LinuxPhone(B(), home=Path({str(home)!r}))\n"
        f"p.act(Open(url={APP!r})); print(*p.pids(), flush=True); time.sleep(60)"
    )
    program = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    pids = [int(pid) for pid in program.stdout.readline().split()]
    assert len(pids) > 5
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    give_up = time.monotonic() + 15
    while (left := [pid for pid in pids if runs(pid)]) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not left


def test_a_home_directory_outlives_its_phone(home: Path) -> None:
    with LinuxPhone(Blobs(), home=home) as phone:
        (home / "kept").write_text("kept")
        pids = phone.pids()
        phone.switch_off()
        assert not [pid for pid in pids if runs(pid)]
        with pytest.raises(PhoneError, match="switched off"):
            phone.observe()
        phone.switch_on()
        assert phone.observe(screenshot=False).title == "All apps" and (home / "kept").read_text() == "kept"


def test_the_home_screen_starts_what_is_tapped(phone: LinuxPhone) -> None:
    phone.act(Home())
    screen = phone.observe(screenshot=False)
    assert [e.name for e in screen.elements] == ["All apps", "ContractStart", "Broken"]
    tap(phone, "ContractStart")
    screen = phone.observe(screenshot=False)
    assert screen.package == APP and "Contract" in {e.name for e in screen.elements}
    phone.act(Back())
    assert phone.observe(screenshot=False).title == "All apps", "back from the first page leaves the application"


def test_only_what_is_on_the_home_screen_can_be_touched_there(phone: LinuxPhone) -> None:
    phone.act(Open(url=APP))
    element = find(phone, "Add")
    phone.act(Home())
    with pytest.raises(ActionFailed):
        phone.act(LongPress(point=element.box.center, element=element))
    with pytest.raises(ActionFailed, match="no field has the focus"):
        phone.act(Type(text="x"))
    phone.act(Tap(point=Point(x=5, y=840)))
    assert phone.observe(screenshot=False).title == "All apps"


def test_an_application_that_ends_at_once_says_so(phone: LinuxPhone) -> None:
    with pytest.raises(PhoneError, match="Broken ended while it started"):
        phone.act(Open(url="org.example.Broken"))


@pytest.mark.parametrize(("url", "words"), [("org.example.NotThere", "is not installed"), ("clocks", "no application")])
def test_what_is_not_there_is_not_opened(phone: LinuxPhone, url: str, words: str) -> None:
    with pytest.raises(ActionFailed, match=words):
        phone.act(Open(url=url))


def test_an_application_that_is_begun_anew_has_forgotten(phone: LinuxPhone) -> None:
    phone.begin(APP)
    tap(phone, "Add")
    phone.begin(APP)
    assert "Count: 0" in {e.name for e in phone.observe(screenshot=False).elements}


def test_what_lies_far_below_is_scrolled_into_view_before_it_is_touched(phone: LinuxPhone) -> None:
    phone.begin(APP)
    assert not find(phone, "Row 40").reachable
    tap(phone, "Row 40")
    assert "row 40" in {e.name for e in phone.observe(screenshot=False).elements}


def test_the_display_is_closed_to_who_has_not_its_key(phone: LinuxPhone, monkeypatch: pytest.MonkeyPatch) -> None:
    from Xlib.display import Display
    from Xlib.error import DisplayError

    monkeypatch.setenv("XAUTHORITY", "/dev/null")
    assert phone._session is not None
    with pytest.raises(DisplayError):
        Display(phone._session.display)


def test_a_display_that_ends_is_an_error(home: Path) -> None:
    with LinuxPhone(Blobs(), home=home) as phone:
        [display] = [pid for pid in phone.pids() if psutil.pid_exists(pid) and "Xorg" in psutil.Process(pid).name()]
        os.kill(display, signal.SIGKILL)
        give_up = time.monotonic() + 10
        with pytest.raises(PhoneError):
            while time.monotonic() < give_up:
                phone.observe()


def test_programs_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(linux_session, "_program", lambda name: None if name == "Xorg" else f"/bin/{name}")
    with pytest.raises(SetupError, match=r"Xorg.*ostinato app install gnome"):
        Session(tmp_path)


def test_a_desktop_file_says_how_an_application_is_started(tmp_path: Path) -> None:
    folder = tmp_path / ".local" / "share" / "applications"
    folder.mkdir(parents=True)
    (folder / "a.b.desktop").write_text("[Desktop Entry]\nName=A b\nExec=run 'one two' %U --x\n[Other]\nExec=no\n")
    (folder / "a.c.desktop").write_text("not a desktop file")
    found = find_program("a.b", tmp_path)
    assert found is not None and (found.name, found.command) == ("A b", ("run", "one two", "--x"))
    assert find_program("a.c", tmp_path) is None and find_program("a.d", tmp_path) is None


def test_an_app_that_does_not_end_by_itself_is_ended_before_it_is_shown_anew(
    gtk_python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ostinato.phone.linux.linux._AWAY_SECONDS", 0.5)
    put_programs(tmp_path / "home", {APP: f"{gtk_python} {Path(__file__).with_name('contract_gtk.py')} --stubborn"})
    with LinuxPhone(Blobs(), home=tmp_path / "home", apps=[APP]) as phone:

        def own() -> set[int]:
            told = {pid: psutil.Process(pid).cmdline() for pid in phone.pids()}
            return {pid for pid, words in told.items() if "--stubborn" in words and "guard" not in " ".join(words)}

        phone.act(Open(url=APP))
        assert phone.quiet(10)
        before = own()
        phone.begin(APP)
        assert len(before) == 1 and phone.quiet(10) and not own() & before and find(phone, "note").value == "kept"
