"""Screenshots alone, as MobiAgent's folders have them, judged from the command line by rules of MobiFlow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ostinato.cli import judge as commands
from ostinato.cli import main
from ostinato.errors import SetupError
from ostinato.judge import eyes
from ostinato.model.chat import Message, Reply
from ostinato.model.ocr import INSTALL, can_read
from ostinato.settings import Settings

pytestmark = pytest.mark.skipif(not can_read(), reason="needs the extra `ocr`: make test installs it")
TASK = "Show the bills, then the notes"
MOBIFLOW = f"""\
task_id: notes
app_id: notes
description: {TASK}
nodes:
- id: bills
  condition: {{type: ocr_match, params: {{all: [WORDS], any: ["2026-11-22"]}}}}
  next: [notes]
- id: notes
  condition: {{type: juxtaposition, params: {{icons: {{all: [star]}}, ocr: {{all: ["Notes and"]}}}}}}
success: {{any_of: [notes]}}
"""


def command(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, without the ends of the terminal's lines."""
    return " ".join(capsys.readouterr().out.split())


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all of these tests keep what was read: reading takes seconds."""
    return tmp_path_factory.mktemp("read")


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: dict[str, bytes], ostinato_home: Path, read: Path
) -> Path:
    """A folder to work in, with a run of MobiAgent's that was imported, and an icon."""
    run = tmp_path / "run"
    run.mkdir()
    actions = [{"type": "click", "position_x": 9, "position_y": 9}, {"type": "done", "status": "success"}]
    head = {"app_name": "notes", "task_type": "x", "task_description": TASK, "action_count": 2, "actions": actions}
    (run / "actions.json").write_text(json.dumps(head))
    (run / "1.jpg").write_bytes(drawn["bills"])
    (run / "2.jpg").write_bytes(drawn["star 32"])
    (tmp_path / "star.png").write_bytes(drawn["star"])
    (ostinato_home / "store").mkdir(parents=True)
    (ostinato_home / "store" / "read").symlink_to(read)
    monkeypatch.chdir(tmp_path)
    assert command("trace", "import", "run") == 0
    return tmp_path


def rules_for(*words: str) -> str:
    """Rules of MobiFlow, imported; their file."""
    Path("theirs.yaml").write_text(MOBIFLOW.replace("WORDS", ", ".join(f'"{w}"' for w in words)))
    Path("rules.yaml").unlink(missing_ok=True)
    assert command("judge", "import", "theirs.yaml", "-o", "rules.yaml") == 0
    return "rules.yaml"


def test_a_run_of_pictures_is_judged_by_imported_rules(
    folder: Path, drawn: dict[str, bytes], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = ("judge", "run", "last", "--rules", rules_for("Museum", "18.00"))
    assert command(*judged, "--page", "verdict.html") == 0
    page = (folder / "verdict.html").read_text()
    assert "data:image/jpeg" in page and "the icon star is seen" in page
    assert command(*judged) == 0 and "yes (known)" in said(capsys)

    def again(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(eyes, "read_lines", again)
    assert command("judge", "run", "last", "--rules", rules_for("Museum", "18.50")) == 1
    assert "notes: on 1 of 2 screens, but not in its order" in said(capsys)
    (folder / "star.png").write_bytes(drawn["bills"])  # another icon: judged anew, and not seen
    assert command(*judged[:-1], rules_for("Museum", "18.00")) == 1


def test_without_the_extra_it_is_uncertain_and_said_how_to_install_it(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object) -> str:
        raise SetupError(INSTALL)

    rules = rules_for("Museum", "18.00")
    monkeypatch.setattr(eyes, "engine_version", lacking)
    monkeypatch.setattr(eyes, "seeker_version", lacking)
    assert command("judge", "run", "last", "--rules", rules) == 3
    assert "pip install 'ostinato-agents[ocr]'" in said(capsys)


def test_a_missing_icon_and_a_lost_screenshot_are_uncertain(
    folder: Path, ostinato_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = rules_for("Museum", "18.00")
    (folder / "star.png").rename(folder / "moon.png")
    assert command("judge", "run", "last", "--rules", rules) == 3
    assert "there is no such icon" in said(capsys)
    (folder / "moon.png").rename(folder / "star.png")
    for blob in (ostinato_home / "store" / "blobs").rglob("*"):
        if blob.is_file() and blob.read_bytes().startswith(b"\xff\xd8"):
            blob.unlink()
    assert command("judge", "run", "last", "--rules", rules, "--again") == 3
    assert "the blob is missing" in said(capsys)


def test_a_model_is_given_the_words_that_were_read(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    class Model:
        name = "a model"
        sees = False

        def reply(self, messages: Sequence[Message], **_: Any) -> Reply:
            shown.extend(message.text for message in messages)
            return Reply(json.dumps({"reason": "", "quote": "", "verdict": "uncertain"}), self.name, 0.0)

    def opened(settings: Settings) -> Model:
        return Model()

    monkeypatch.setattr(commands, "open_chat", opened)
    Path("asked.yaml").write_text(
        "substates:\n- {id: a, kind: page, checks: [{kind: asked, question: The museum costs 18.00}]}\n"
    )
    assert command("judge", "run", "last", "--rules", "asked.yaml", "--model") == 3
    assert any('read in the picture "Museum"' in text for text in shown)
