"""The demo ends with where to go from there."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cli_command import Command

from ostinato.phone.apps.app import get_app

pytestmark = [pytest.mark.browser, pytest.mark.app]


def test_the_demo_names_its_store_and_the_commands_that_show_it(ostinato: Command, chromium: Path) -> None:
    get_app("ihatemoney").install()
    said = ostinato("demo", "--out", "my demo").out
    advised = [line.strip() for line in said.splitlines() if "ostinato trace list" in line]
    assert len(advised) == 1 and "ostinato record --app ihatemoney" in said
    shell = advised[0].replace(" ostinato ", f" {shlex.quote(sys.executable)} -m ostinato ")
    listed = subprocess.run(
        ["sh", "-c", shell], cwd=ostinato.folder, env=ostinato.environment(), capture_output=True, text=True, check=True
    )
    assert len(listed.stdout.splitlines()) == 1 + 3, "a header, two recordings and the run"
    assert "Night train to Vienna" in listed.stdout
