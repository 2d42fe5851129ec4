"""What a long benchmark keeps of its parts when the project goes on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.parts import Parts


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two files with one commit."""
    monkeypatch.chdir(tmp_path)
    _git("init", "-q")
    (tmp_path / "guard.py").write_text("strict = True\n")
    (tmp_path / "other.py").write_text("x = 1\n")
    _commit()
    return tmp_path


def _git(*words: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x.example", *words], check=True)


def _commit() -> None:
    _git("add", "guard.py", "other.py")
    _git("commit", "-qm", "x")


def test_a_part_holds_while_what_it_stands_on_is_as_it_was(project: Path) -> None:
    file = project / "parts.jsonl"
    assert Parts(file, stand_on=["guard.py"]).measure("one", lambda: 1) == 1
    (project / "other.py").write_text("x = 2\n")
    _commit()
    assert Parts(file, stand_on=["guard.py"]).measure("one", lambda: 2) == 1
    assert "one" not in Parts(file) and "one" in Parts(file, keep=True)
    (project / "guard.py").write_text("strict = False\n")
    _commit()
    assert "one" not in Parts(file, stand_on=["guard.py"])
