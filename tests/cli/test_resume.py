"""`ostinato run --resume` on the real app: a process that was killed, and one that goes on where it was."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from cli_command import Command

from ostinato.cli.resume import resume_run
from ostinato.phone.apps.app import get_app
from ostinato.trace.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.app]
OPTIONS = {
    "commits": None, "login": None, "headless": True, "report": None, "json_output": True, "use_model": False,
}  # fmt: skip


def bills(folder: Path) -> list[str]:
    app = get_app("ihatemoney")
    app.start(folder)
    try:
        return [str(row["what"]) for row in app.data().tables["bill"].by_key().values()]
    finally:
        app.stop()


@pytest.mark.parametrize(
    ("point", "kept"),
    [
        ("settled:2", 0),  # in the middle of the form: that is lost, and filled in again
        ("intent:4", 0),  # sending was meant, and not begun: the data show it
        ("settled:4", 5),  # it was sent, and nobody wrote down what became of it: the data show that, too
        ("result:4", 5),
    ],
)
def test_a_run_that_was_killed_goes_on_and_sends_nothing_twice(
    taught: Command, tmp_path: Path, point: str, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = "Add an expense: Rope, 3.50, paid by Bob"
    folder = tmp_path / "flat"
    more = {"OSTINATO_COMMITS": "allow"}
    with taught.begin(
        "run", task, "--app", "ihatemoney", "--folder", folder, OSTINATO_FAULT=f"kill:{point}", **more
    ) as process:
        process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    monkeypatch.setenv("OSTINATO_HOME", str(taught.home))
    monkeypatch.setenv("OSTINATO_COMMITS", "allow")
    monkeypatch.setattr("ostinato.house.doubt.SETTLED", 0.0)  # else it waits a minute for what is under way
    assert resume_run("last", again=False, safety={}, **OPTIONS) == 0
    assert bills(folder).count("Rope") == 1
    store = Store(taught.home / "store")
    trace = store.load("last")
    assert trace.meta["resumes"] == store.ids()[-2]
    assert any(step.risk == "commit" for step in trace.steps) != bool(kept)
    assert "nothing to go on with" in taught("run", "--resume", "last", code=2).err


def test_what_went_with_a_temporary_folder_cannot_be_gone_on_with(taught: Command) -> None:
    task = "Add an expense: Rope, 3.50, paid by Bob"
    with taught.begin("run", task, "--app", "ihatemoney", OSTINATO_FAULT="kill:intent:1") as process:
        process.communicate(timeout=120)
    said = taught("run", "--resume", "last", code=2).err
    assert "--folder" in said, said
