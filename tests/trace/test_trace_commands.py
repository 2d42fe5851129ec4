from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import trace_strategies as some
from typer.testing import CliRunner

from ostinato.cli import trace as commands
from ostinato.errors import UsageError
from ostinato.trace.action import Back
from ostinato.trace.record import CheckResult, Result
from ostinato.trace.store import Store

runner = CliRunner()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    kept = Store(tmp_path / "store")
    monkeypatch.setattr(commands, "store", lambda: kept)
    monkeypatch.setattr(commands.out, "_width", 200)
    return kept


def call(*arguments: str, code: int = 0, answer: str | None = None) -> str:
    outcome = runner.invoke(commands.app, list(arguments), input=answer)
    if outcome.exception and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    assert outcome.exit_code == code, outcome.output
    return outcome.stdout


def told(*arguments: str) -> Any:
    return json.loads(call(*arguments, "--json"))


def test_list_shows_traces_for_people_and_programs(store: Store) -> None:
    assert "no traces" in call("list") and told("list") == []
    first = some.record(store, task="buy [milk]")
    second = some.record(store, claimed=None)
    assert [one["id"] for one in told("list")] == [second, first]
    assert "buy [milk]" in call("list", "--status", "done")
    assert len(call("list", "--limit", "1").splitlines()) == 2  # with its header
    assert [one["id"] for one in told("list", "--before", second)] == [first]


def test_show_tells_each_step(store: Store) -> None:
    writer = store.begin(task="go back", app="shop")
    writer.intent(some.tap().model_copy(update={"action": Back()}))
    checks = (CheckResult(label="home", value="true"), CheckResult(label="total [3]", value="unknown"))
    writer.result(0, Result(ok=False, error="covered [x]"), some.NOW, checks)
    writer.close()
    shown = call("show")
    for words in (
        "go back",
        "back",
        "script",
        "covered [x]",
        "1 passed",
        "total [3] (unknown)",
        "Interrupted after step 1",
    ):
        assert words in shown
    assert told("show", writer.id)["steps"][0]["action"] == {"kind": "back"}


def test_show_warns_of_a_commit_that_may_have_happened(store: Store) -> None:
    some.record(store, claimed=None, risk="commit")
    shown = call("show", "last")
    assert (
        "Interrupted in step 1" in shown
        and "Step 1 cannot be taken back" in shown
        and "may or may not have happened" in shown
    )


def test_show_names_what_is_damaged(store: Store) -> None:
    path = store.journal(some.record(store))
    path.write_bytes(path.read_bytes()[:-9])
    assert f"{path.name}: line 4: cut off" in call("show")


@pytest.mark.parametrize("kind", ["ostinato", "mobiagent"])
def test_what_is_exported_can_be_imported(store: Store, tmp_path: Path, kind: str) -> None:
    trace_id = some.record(store)
    target = str(tmp_path / "out.zip")
    written = told("export", "last", "--to", target, "--format", kind)
    assert all(Path(path).exists() for path in written)
    [imported] = told("import", target)
    assert (imported == trace_id) == (kind == "ostinato")
    assert store.load(imported).steps[0].action == store.load(trace_id).steps[0].action


def test_import_of_nothing_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        call("import", str(tmp_path / "none"))


def test_delete_asks_first(store: Store) -> None:
    trace_id = some.record(store)
    call("delete", "last", answer="n\n", code=1)
    assert store.ids() == [trace_id]
    assert told("delete", "last", "--yes") == [trace_id]
    assert store.ids() == []


def test_gc_reports_what_it_would_remove(store: Store) -> None:
    some.record(store)
    assert told("gc", "--dry-run") == {"traces": [], "blobs": 0, "bytes": 0, "dry_run": True}
    assert "removed 0 traces" in call("gc", "--keep-days", "30", "--keep-last", "5")
