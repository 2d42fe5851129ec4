"""What `make test` sets up: a Linux phone that failed to install is tried again, and one that is not here is said."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ostinato.agent.formats import FORMATS

ROOT = Path(__file__).parents[1]
# Says that no Linux phone is here until `there` exists; everything else works.
PYTHON = '#!/bin/sh\n[ "$1" != - ] || [ -e there ]\n'


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose .venv is ready, with a Python that only says what is asked here."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "scripts/setup.sh", "scripts/linux_phone.sh"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    program(tmp_path / ".venv/bin/python", PYTHON)
    (tmp_path / ".venv/.ready").touch()
    (tmp_path / "fake").mkdir()
    return tmp_path


def run(checkout: Path, *command: str, root: bool = True, apt: str | None = None) -> str:
    """What a command says, as a user or root, with an apt-get that does `apt` or without any."""
    program(checkout / "fake/id", f"#!/bin/sh\necho {0 if root else 1000}\n")
    for name in ("sh", "dirname", "mkdir", "touch", "make", "cat"):
        (checkout / "fake" / name).unlink(missing_ok=True)
        (checkout / "fake" / name).symlink_to(shutil.which(name) or "/bin/false")
    (checkout / "fake/apt-get").unlink(missing_ok=True)
    if apt is not None:
        program(checkout / "fake/apt-get", f"#!/bin/sh\n{apt}\n")
    environment = {"PATH": str(checkout / "fake"), "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(command, check=False, cwd=checkout, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done
    return done.stdout + done.stderr


STAMP = ".venv/.extras"


def test_an_install_that_failed_is_tried_again_with_the_next_make_test(checkout: Path) -> None:
    said = run(checkout, "make", STAMP, apt="exit 100")
    assert "that failed" in said and "tried again" in said and not (checkout / STAMP).exists()
    assert "NOT TESTED: the Linux phone" in run(checkout, "sh", "scripts/linux_phone.sh", "--check", apt="exit 100")
    run(checkout, "make", STAMP, apt="echo > there")
    assert (checkout / STAMP).exists()
    assert run(checkout, "sh", "scripts/linux_phone.sh", "--check", apt="exit 100") == ""


def test_an_install_that_claims_to_work_and_leaves_nothing_is_no_install(checkout: Path) -> None:
    assert "that failed" in run(checkout, "make", STAMP, apt="exit 0")
    assert not (checkout / STAMP).exists()


@pytest.mark.parametrize(
    ("root", "apt", "why"), [(False, "exit 0", "installed by root"), (True, None, "with apt-get, which is not here")]
)
def test_where_it_cannot_be_had_that_is_said_with_every_make_test(
    checkout: Path, root: bool, apt: str | None, why: str
) -> None:
    assert why in run(checkout, "make", STAMP, root=root, apt=apt)
    assert (checkout / STAMP).exists()
    said = run(checkout, "make", "test", root=root, apt=apt)
    assert "NOT TESTED: the Linux phone" in said and why in said


def test_the_readme_counts_the_forms_of_asking() -> None:
    forms = {type(form) for form in FORMATS.values()}
    words = {5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}
    found = re.search(r"\((\w+) forms of asking, (\w+) names\)", (ROOT / "README.md").read_text())
    assert found is not None and found.groups() == (words[len(forms)], words[len(FORMATS)])


def test_the_readme_says_what_the_mcp_server_needs_beside_the_base() -> None:
    [line] = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("ostinato mcp")]
    assert "[mcp]" in line
