"""Real apps: installed once and whole, started on this machine alone, reset exactly, and nothing left behind."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from ostinato.errors import AppError, SetupError, UsageError
from ostinato.install import MARK, Install, default_cache
from ostinato.judge.change import changes
from ostinato.phone.apps.app import App, app_names, get_app
from ostinato.phone.apps.ihatemoney import PROJECT, IHateMoney, _call
from ostinato.phone.apps.server import request
from ostinato.phone.apps.tiddlywiki import TiddlyWiki, parse_tiddler, split_tags
from ostinato.trace.data import AppData

needs_app = pytest.mark.app
SERVERS = ("ihatemoney", "tiddlywiki")
SERVED = ("ihatemoney", "tiddlywiki")  # the apps with a server of their own
each_app = pytest.mark.parametrize("name", SERVED)
each_server = pytest.mark.parametrize("name", SERVERS)


def python(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A Python process of its own that runs `code`."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    said, errors = process.communicate(timeout=120)
    return process.returncode, said + errors


def ended(pids: list[int]) -> bool:
    """Whether all of these processes end."""
    alive = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return not psutil.wait_procs(alive, timeout=15)[1]


# ---- names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "near"), [("ihatemony", "ihatemoney"), ("tiddlewiki", "tiddlywiki"), ("tiddlywik", "tiddlywiki")]
)
def test_an_unknown_name_is_answered_with_the_near_one(asked: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"{asked!r}.* Did you mean {near}"):
        get_app(asked)


def test_a_name_like_no_other_is_answered_with_all() -> None:
    with pytest.raises(UsageError, match=", ".join(app_names())) as caught:
        get_app("zzz")
    assert "mean" not in str(caught.value)


# ---- installing ----------------------------------------------------------------------------------------------


def test_an_install_counts_only_when_it_came_to_its_end(tmp_path: Path) -> None:
    install = Install(tmp_path / "app", {"version": "1"})
    with pytest.raises(AppError), install.doing():
        raise AppError("no network")
    assert not install.complete()
    with install.doing() as needed:
        assert needed
        assert not install.complete()
    assert install.complete()
    with install.doing() as needed:
        assert not needed


def test_another_recipe_or_a_broken_mark_is_work_to_do(tmp_path: Path) -> None:
    with Install(tmp_path / "app", {"version": "1"}).doing():
        pass
    newer = Install(tmp_path / "app", {"version": "2"})
    assert not newer.complete()
    with newer.doing() as needed:
        assert needed
    (tmp_path / "app" / MARK).write_text("{")
    assert not newer.complete()
    newer.remove()
    assert list(tmp_path.iterdir()) == []


def test_an_install_that_is_killed_is_taken_up_by_the_next(tmp_path: Path) -> None:
    killed = python(
        """
        import os, pathlib, sys
        from ostinato.install import Install
        with Install(pathlib.Path(sys.argv[1]), {"version": "1"}).doing():
            (pathlib.Path(sys.argv[1]) / "half").write_text("done")
            os.kill(os.getpid(), 9)
        """,
        tmp_path / "app",
    )
    assert end_of(killed)[0] == -signal.SIGKILL
    install = Install(tmp_path / "app", {"version": "1"})
    assert not install.complete()
    with install.doing() as needed:
        assert needed and (tmp_path / "app" / "half").exists()
    assert install.complete()


def test_of_several_at_once_one_installs(tmp_path: Path) -> None:
    code = """
        import hashlib, pathlib, sys
        from ostinato.install import Install
        folder, ready = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
        (ready / sys.argv[3]).touch()
        with Install(folder, {"version": "1"}).doing() as needed:
            if needed:
                while len(list(ready.iterdir())) < 4:
                    pass
                hashlib.pbkdf2_hmac("sha256", b"some", b"work", 1_000_000)
        print("worked" if needed else "waited")
    """
    (tmp_path / "ready").mkdir()
    said = [end_of(p) for p in [python(code, tmp_path / "app", tmp_path / "ready", str(k)) for k in range(4)]]
    assert sorted(said) == [(0, "waited\n")] * 3 + [(0, "worked\n")]


@each_app
@needs_app
def test_installing_what_is_installed_touches_nothing(name: str) -> None:
    app = get_app(name)
    app.install()
    mark = next(default_cache().glob(f"{name}*/{MARK}"))
    before = mark.stat()
    said: list[str] = []
    app.install(said.append)
    after = mark.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert len(said) == 1 and "is installed in" in said[0]


@pytest.mark.nightly
@needs_app
def test_an_app_whose_install_was_killed_is_not_started_and_is_installed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_app("ihatemoney").install()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    cache = tmp_path / "cache"
    folder = next(default_cache().glob(f"ihatemoney*/{MARK}")).parent
    shutil.copytree(folder, cache / folder.name, symlinks=True)
    (cache / folder.name / MARK).unlink()
    (cache / folder.name / "snapshot.db").write_bytes(b"half of a")
    code = """
        import os, pathlib, sys
        from ostinato.phone.apps.ihatemoney import IHateMoney
        IHateMoney._make_snapshot = lambda self: os.kill(os.getpid(), 9)
        IHateMoney(pathlib.Path(sys.argv[1])).install(lambda line: None)
    """
    assert end_of(python(code, cache))[0] == -signal.SIGKILL
    app = get_app("ihatemoney", cache)
    assert not app.is_installed()
    with pytest.raises(SetupError, match="ostinato app install ihatemoney"):
        app.start()
    app.install(lambda line: None)
    assert app.is_installed()
    app.start()
    try:
        assert [row[1] for row in app.data().tables["bill"].rows] == ["Electricity", "Internet", "Cleaning supplies"]
    finally:
        app.stop()
    app.remove()
    assert not app.is_installed() and list(cache.iterdir()) == []


# ---- a folder put back to the first state ---------------------------------------------------------------------


def installed(name: str, cache: Path) -> IHateMoney | TiddlyWiki:
    """An app whose install is there by its mark alone."""
    app = get_app(name, cache)
    assert isinstance(app, IHateMoney | TiddlyWiki)
    with app._install.doing():
        pass
    return app


@each_app
def test_only_a_folder_with_the_apps_own_data_is_put_back(name: str, tmp_path: Path) -> None:
    app = installed(name, tmp_path / "cache")
    mine = tmp_path / "mine"
    (mine / "wiki").mkdir(parents=True)
    (mine / "wiki" / "years of notes.md").write_text("mine")
    for folder in (mine, tmp_path / "nothing here"):
        with pytest.raises(AppError, match=f"{folder} holds no data of {name}"):
            app.restore(folder)
    assert list(prints(mine)) == ["wiki/years of notes.md"] and not (tmp_path / "nothing here").exists()


@each_app
def test_an_app_that_is_not_installed_puts_nothing_back(name: str, tmp_path: Path) -> None:
    (tmp_path / "wiki").mkdir()
    for file in ("wiki/tiddlywiki.info", "wiki/note.tid", "ihatemoney.db"):
        (tmp_path / file).write_text("mine")
    before = prints(tmp_path)
    with pytest.raises(SetupError, match=f"ostinato app install {name}"):
        get_app(name, tmp_path / "cache").restore(tmp_path)
    assert prints(tmp_path) == before


def test_a_wiki_whose_first_state_cannot_be_copied_is_left_as_it_is(tmp_path: Path) -> None:
    app = installed("tiddlywiki", tmp_path / "cache")
    assert isinstance(app, TiddlyWiki)
    app._snapshot.mkdir()
    (app._snapshot / "tiddlywiki.info").write_text("{}")
    (app._snapshot / "note.tid").symlink_to("nowhere")
    mine = tmp_path / "mine"
    (mine / "wiki").mkdir(parents=True)
    for file in ("tiddlywiki.info", "note.tid"):
        (mine / "wiki" / file).write_text("mine")
    before = prints(mine)
    with pytest.raises(AppError, match="first state"):
        app.restore(mine)
    assert prints(mine) == before and [path.name for path in mine.iterdir()] == ["wiki"]
    (app._snapshot / "note.tid").unlink()
    app.restore(mine)
    assert list(prints(mine)) == ["wiki/tiddlywiki.info"] and [path.name for path in mine.iterdir()] == ["wiki"]


# ---- running -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=SERVERS)
def app(request: pytest.FixtureRequest) -> Iterator[App]:
    found = get_app(request.param)
    found.install()
    found.start()
    yield found
    found.stop()


def change(app: App) -> None:
    """Add, change and remove something, as the app's own users do."""
    if isinstance(app, IHateMoney):
        home = f"/api/projects/{PROJECT}"
        person = app.data().tables["person"].rows[0][0]
        bill = {"what": "Kite", "amount": "7", "date": "2024-02-02", "payer": person, "payed_for": [person],
                "bill_type": "Expense", "original_currency": "XXX"}  # fmt: skip
        _call(app.origins[0], f"{home}/bills", bill)
        _call(app.origins[0], f"{home}/members", {"name": "Zoe", "weight": "2"})
        with closing(sqlite3.connect(app.database)) as live, live:
            live.execute("DELETE FROM bill WHERE what = 'Internet'")
            live.execute("CREATE TABLE leftover (x)")
        return
    assert isinstance(app, TiddlyWiki)
    headers = {"X-Requested-With": "TiddlyWiki", "Content-Type": "application/json"}
    for title in ("Kite", "Recipes"):
        body = json.dumps({"title": title, "text": "new", "tags": "a [[b c]]"}).encode()
        address = f"{app.url}recipes/default/tiddlers/{urllib.parse.quote(title)}"
        request(address, method="PUT", body=body, headers=headers)
    request(f"{app.url}bags/default/tiddlers/Shopping%20list", method="DELETE", headers=headers)
    end = time.monotonic() + 20
    while {("Kite", "new"), ("Recipes", "new")} - notes(app) or "Shopping list" in dict(notes(app)):
        assert time.monotonic() < end, "the files do not follow the server's answers"


def notes(app: App) -> set[tuple[str, str]]:
    return {(str(row[0]), str(row[1])) for row in app.data().tables["note"].rows}


def whole(app: App) -> object:
    """All that the app keeps, more than `data` tells."""
    if isinstance(app, IHateMoney):
        with closing(sqlite3.connect(f"{app.database.as_uri()}?mode=ro", uri=True)) as live:
            return list(live.iterdump())
    assert isinstance(app, TiddlyWiki)
    return prints(app.wiki)


def prints(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """The content and the time of the last change of every file but the log."""
    return {
        name: (seen, (folder / name).stat().st_mtime_ns)
        for name, seen in prints(folder).items()
        if name != "server.log"
    }


def folder_of(app: App) -> Path:
    assert isinstance(app, IHateMoney | TiddlyWiki)
    return app.database.parent if isinstance(app, IHateMoney) else app.wiki.parent


@needs_app
def test_only_this_machine_can_reach_it(app: App) -> None:
    listening = {
        connection.laddr
        for pid in app.pids()
        for connection in psutil.Process(pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    [(host, port)] = listening
    assert host == "127.0.0.1" and app.url.startswith(f"http://127.0.0.1:{port}/")
    with socket.socket() as other, pytest.raises(OSError):
        other.connect(("127.0.0.2", port))


@needs_app
def test_reset_is_the_snapshot_exactly(app: App) -> None:
    app.reset()
    data, everything = app.data(), whole(app)
    change(app)
    assert len(changes(data, app.data())) >= 3
    assert whole(app) != everything
    app.reset()
    assert app.data() == data
    assert whole(app) == everything
    if isinstance(app, TiddlyWiki):  # what its server has in memory too
        assert b"Lentil soup" in request(f"{app.url}recipes/default/tiddlers/Recipes")[0]


@needs_app
def test_reading_the_data_changes_nothing(app: App) -> None:
    app.reset()
    change(app)
    before = state(folder_of(app))
    first = app.data()
    assert app.data() == first
    assert state(folder_of(app)) == before
    assert AppData.model_validate_json(first.model_dump_json()) == first


@needs_app
def test_a_note_that_is_being_written_is_waited_for(app: App) -> None:
    if not isinstance(app, TiddlyWiki):
        pytest.skip("a database is never half written")
    app.reset()
    note = app.wiki / "tiddlers" / "Recipes.tid"
    content, before = note.read_text(), app.data()
    note.write_text("")
    writing = threading.Timer(0.2, note.write_text, [content])
    writing.start()
    assert app.data() == before
    writing.join()
    note.write_text("")
    with pytest.raises(AppError, match="empty note file"):
        app.data()


@needs_app
def test_data_that_cannot_be_read_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    app = get_app("ihatemoney")
    app.install()
    app.start(tmp_path)
    try:
        (tmp_path / "ihatemoney.db").unlink()
        with pytest.raises(AppError, match="cannot be read"):
            app.data()
        assert not (tmp_path / "ihatemoney.db").exists()
    finally:
        app.stop()


@each_server
@needs_app
def test_stop_leaves_no_process_and_no_file(name: str) -> None:
    app = get_app(name)
    app.install()
    app.stop()
    app.start()
    pids, folder, port = app.pids(), folder_of(app), int(app.url.split(":")[2].split("/")[0])
    with pytest.raises(AppError, match="already running"):
        app.start()
    app.stop()
    app.stop()
    assert len(pids) >= 2 and not any(map(psutil.pid_exists, pids))
    assert app.pids() == [] and not folder.exists() and app.login is None
    for ask in (app.data, app.reset, lambda: app.url, lambda: app.origins):
        with pytest.raises(AppError, match="is not running"):
            ask()
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))


@each_server
@needs_app
def test_a_folder_of_ones_own_keeps_the_data_from_start_to_start(name: str, tmp_path: Path) -> None:
    app = get_app(name)
    app.install()
    app.start(tmp_path / "mine")
    try:
        first = app.data()
        change(app)
        changed = app.data()
        app.stop()
        assert (tmp_path / "mine").is_dir()
        app.start(tmp_path / "mine")
        assert app.data() == changed
        app.stop()
        get_app(name).restore(tmp_path / "mine")
        app.start(tmp_path / "mine")
        assert app.data() == first
    finally:
        app.stop()


@needs_app
def test_two_of_one_app_run_side_by_side(app: App) -> None:
    app.reset()
    before = app.data()
    other = get_app(app.name)
    other.start()
    try:
        change(other)
        assert other.url != app.url and app.data() == before != other.data()
    finally:
        other.stop()
    assert all(map(psutil.pid_exists, app.pids()))


@each_server
@needs_app
def test_a_parent_that_is_killed_leaves_no_process(name: str, tmp_path: Path) -> None:
    get_app(name).install()
    code = """
        import os, pathlib, sys
        from ostinato.phone.apps.app import get_app
        app = get_app(sys.argv[1])
        app.start(pathlib.Path(sys.argv[2]))
        print(*app.pids(), flush=True)
        os.kill(os.getpid(), 9)
    """
    status, said = end_of(python(code, name, tmp_path))
    pids = [int(word) for word in said.split()]
    assert status == -signal.SIGKILL and len(pids) >= 2
    assert ended(pids)


@needs_app
def test_a_port_that_is_taken_is_told_with_the_log() -> None:
    app = get_app("ihatemoney")
    app.install()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AppError, match=r"ended while starting(.|\n)*[Aa]ddress already in use"):
            app.start(port=taken.getsockname()[1])
    assert app.pids() == []


# ---- the guard -----------------------------------------------------------------------------------------------

GUARD = "import sys; from ostinato.phone.apps import guard; guard.GRACE = 0.2; sys.exit(guard.main(sys.argv[1:]))"


def guarded(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", GUARD, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["true"], 0),
        (["sh", "-c", "exit 7"], 7),
        (["sh", "-c", "kill -KILL $$"], 128 + 9),
        (["/no/such/program"], 127),
        ([], 2),
    ],
)
def test_the_guard_ends_as_its_child_does(command: list[str], status: int) -> None:
    assert guarded(*command).wait(timeout=30) == status


STUBBORN = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(15, signal.SIG_IGN); signal.pause()"])
print(os.getpid(), child.pid, flush=True)
signal.pause()
"""


@pytest.mark.parametrize("how", ["pipe closed", "guard terminated", "guard killed"])
def test_a_stubborn_child_and_its_own_child_end_with_the_guard(how: str) -> None:
    with guarded(sys.executable, "-c", STUBBORN) as guard:
        assert guard.stdout is not None and guard.stdin is not None
        child, grandchild = map(int, guard.stdout.readline().split())
        try:
            if how == "pipe closed":
                guard.stdin.close()
            elif how == "guard terminated":
                guard.terminate()
            else:
                guard.kill()
            assert ended([child])
            assert how == "guard killed" or ended([grandchild])
        finally:
            for pid in (child, grandchild):
                if psutil.pid_exists(pid):
                    os.kill(pid, signal.SIGKILL)


# ---- TiddlyWiki's files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "titles"),
    [
        ("", []),
        ("a b", ["a", "b"]),
        ("[[b c]] a", ["b c", "a"]),
        ("  a   [[b c]]  ", ["a", "b c"]),
        ("[[open", ["[[open"]),
        ("[[a]][[b c]]", ["a", "b c"]),
    ],
)
def test_a_list_of_titles_is_read(tags: str, titles: list[str]) -> None:
    assert split_tags(tags) == titles


def test_a_note_is_read_field_by_field() -> None:
    read = parse_tiddler("title: A: b\r\ntags: x\r\n\r\nfirst\n\nsecond: no field")
    assert read == {"title": "A: b", "tags": "x", "text": "first\n\nsecond: no field"}
    assert parse_tiddler("title: empty\n") == {"title": "empty", "text": ""}
