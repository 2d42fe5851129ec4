from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trace_strategies as some

from ostinato.errors import StoreError
from ostinato.trace.store import Store


def _server_folder() -> Path | None:
    if found := shutil.which("pg_ctl"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return versions[-1].parent if versions else None


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The address of a real server of our own, on a socket in a folder of our own."""
    programs = _server_folder()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine")
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed (the extra `postgres`)")
    as_user: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("running as root, and there is no user `postgres` to start the server")
        if shutil.which("setpriv") is None:
            pytest.skip("running as root without setpriv")
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        os.chown(folder, user.pw_uid, user.pw_gid)

    def call(program: str, *arguments: str) -> None:
        subprocess.run([*as_user, str(programs / program), *arguments], check=True, cwd=folder,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # fmt: skip

    data = str(folder / "data")
    try:
        call("initdb", "-D", data, "-U", "tester", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        call("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -h '' -F", "start")
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={folder}"
        finally:
            call("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_the_index_may_be_in_postgresql(tmp_path: Path, postgres: str) -> None:
    store = Store(tmp_path, postgres)
    made = [some.record(store, task=f"Überweisung {n}", claimed=None if n == 2 else "done") for n in range(3)]
    assert [s.id for s in store.list()] == made[::-1]
    assert [s.id for s in store.list(text="überweisung 1", status="done", before=made[2])] == [made[1]]
    other = Store(tmp_path, postgres)
    other.delete([made[0]])
    assert [s.id for s in store.list()] == [made[2], made[1]]
    assert store.rebuild() == 2
    assert not (tmp_path / "index.sqlite").exists()
    store.close()
    other.close()


def test_a_server_that_is_away_loses_no_trace(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    store = Store(tmp_path, f"postgresql+psycopg://tester@/postgres?host={tmp_path}")
    trace_id = some.record(store)
    assert store.load("last").id == trace_id
    with pytest.raises(StoreError, match=r"check that the database runs.*No trace is lost"):
        store.list()
