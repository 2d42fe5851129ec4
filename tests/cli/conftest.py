"""Homes for the tests of the command line: empty, or with something learnt."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from cli_command import Command


@pytest.fixture
def ostinato(tmp_path: Path, ostinato_home: Path) -> Command:
    """On an empty home."""
    return Command(tmp_path, ostinato_home)


@pytest.fixture(scope="session")
def taught_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the two shipped recordings and the experience learnt from them."""
    folder = tmp_path_factory.mktemp("taught")
    command = Command(folder, folder / "home")
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        ids = command("trace", "import", archive, "--json").json
    command("learn", *ids)
    return command.home


@pytest.fixture
def taught(ostinato: Command, taught_home: Path) -> Command:
    """On a home of its own that has learnt to add an expense."""
    shutil.copytree(taught_home, ostinato.home)
    return ostinato
