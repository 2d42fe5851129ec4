"""`ostinato judge` with a model: rules made from a task's words, and what checks leave open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ostinato.cli import judge as commands
from ostinato.cli import main
from ostinato.errors import ModelError
from ostinato.judge.substate import load_rules
from ostinato.model.chat import Message, Reply
from ostinato.settings import Settings, load_settings
from ostinato.trace.record import Cost, Outcome
from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.store import Store

TASK = "Add a note: Milk"
TREE = {"values": [{"name": "note", "value": "Milk"}],
        "substates": [{"id": "list", "kind": "page", "text": "The list has a note Milk", "value": "Milk"}]}  # fmt: skip


class Notes:
    """A model that knows how notes are added, and sees them when their words are shown."""

    name = "notes"
    sees = False

    def reply(self, messages: Sequence[Message], *, schema: dict[str, Any] | None = None, **_: Any) -> Reply:
        keys = set((schema or {})["properties"])
        shown, _, claim = messages[1].text.rpartition("\n\n")
        yes = "Milk" in shown and "Milk" in claim
        if "substates" in keys:
            said: object = TREE
        elif "proof" in keys:
            said = {"words": "Milk", "proof": "shown" if yes else "not_shown"}
        else:
            said = {"reason": "", "quote": "Milk" if yes else "Notes", "verdict": "yes" if yes else "no"}
        return Reply(json.dumps(said), self.name, 0.0)


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder to work in, where that model is the one of the settings."""

    def opened(settings: Settings) -> Notes:
        return Notes()

    monkeypatch.setattr(commands, "open_chat", opened)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def keep_run(*shown: str) -> None:
    """A stored run that ended on a screen with these words."""
    elements = tuple(
        Element(role="text", name=words, path=f"main/text[{n}]", box=Box(left=0, top=0, width=9, height=9))
        for n, words in enumerate(("Notes", *shown))
    )
    final = Screen(width=390, height=844, elements=elements, taken=datetime.now(UTC))
    writer = Store(load_settings().home / "store").begin(task=TASK, app="notes")
    writer.end(outcome=Outcome(claimed="done"), final=final, cost=Cost(), data_after=None)


def test_rules_made_from_words_are_a_file_that_a_run_is_judged_by(notes: Path, capsys: Any) -> None:
    assert command("judge", "make", TASK, "--app", "notes", "-o", "rules.yaml") == 0
    rules = load_rules(notes / "rules.yaml")
    assert (rules.task, rules.values, rules.app) == ("Add a note: {note}", {"note": "Milk"}, "notes")
    keep_run("Milk")
    assert command("judge", "run", "last", "--rules", "rules.yaml") == 3
    assert command("judge", "run", "last", "--rules", "rules.yaml", "--model") == 0
    keep_run("Bread")
    assert command("judge", "run", "last", "--rules", "rules.yaml", "--model") == 1


def test_rules_are_printed_where_no_file_is_named(notes: Path, capsys: Any) -> None:
    assert command("judge", "make", TASK) == 0
    assert "The list has a note {note}" in capsys.readouterr().out


def test_no_file_is_written_over(notes: Path, capsys: Any) -> None:
    (notes / "rules.yaml").write_text("mine")
    assert command("judge", "make", TASK, "-o", "rules.yaml") != 0
    assert command("judge", "make", TASK, "-o", "nowhere/rules.yaml") != 0
    assert command("judge", "make", " ") != 0
    assert (notes / "rules.yaml").read_text() == "mine" and "Traceback" not in capsys.readouterr().err


def test_a_model_that_is_not_there_is_said_and_nothing_is_written(
    notes: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def gone(*_: Any, **__: Any) -> Reply:
        raise ModelError("nobody answers")

    monkeypatch.setattr(Notes, "reply", gone)
    assert command("judge", "make", TASK, "-o", "rules.yaml") != 0
    assert "nobody answers" in capsys.readouterr().err and not list(notes.glob("*.yaml"))


def test_rules_of_mobiflow_are_imported_for_the_task_that_is_given(notes: Path, capsys: Any) -> None:
    tea = "{trigger_keywords: [tea], verify_keywords: [green]}"
    asked = f"{{type: dynamic_match, params: {{extract_from: task_description, condition_patterns: {{x: {tea}}}}}}}"
    Path("theirs.yaml").write_text(f"description: make jam\nnodes:\n- {{id: a, condition: {asked}}}\n")
    assert command("judge", "import", "theirs.yaml", "--task", "make tea") == 0
    assert "green" in capsys.readouterr().out
    assert command("judge", "import", "theirs.yaml") != 0  # of jam these rules ask nothing


def test_one_trace_that_is_not_there_does_not_keep_the_others_from_being_judged(notes: Path, capsys: Any) -> None:
    (notes / "rules.yaml").write_text(
        "substates: [{id: a, when: final, checks: [{kind: text_has, text: Milk}]}]", encoding="utf-8"
    )
    keep_run("Milk")
    assert command("judge", "run", "last", "nobody", "--rules", "rules.yaml") == 1
    told = capsys.readouterr()
    assert "1 of 2 judged: 1 done" in told.out and "nobody" in told.err
    assert command("judge", "run", "nobody", "--rules", "rules.yaml") == 2


def test_recordings_say_which_app_they_are_of(notes: Path, capsys: Any) -> None:
    assert command("judge", "make", "--from", "last", "--from", "last", "--app", "notes") == 2
    assert "leave --app out" in capsys.readouterr().err
