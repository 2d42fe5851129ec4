"""The project itself: style, types, floors, and what its files may not say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from benchmarks.page import PAGE, _aim, page

ROOT = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent


def _run(program: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_BIN / program, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [("check", "."), ("format", "--check", ".")], ids=["check", "format"])
def test_ruff_finds_nothing(arguments: tuple[str, ...]) -> None:
    done = _run("ruff", *arguments, "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_are_right() -> None:
    done = _run("mypy")
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_room_imports_from_its_own_floor_or_upwards() -> None:
    done = _run("lint-imports", "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_upwards_is_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "ostinato", tmp_path / "ostinato", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    below = tmp_path / "ostinato" / "trace" / "values.py"
    below.write_text(below.read_text("utf-8") + "\nfrom ostinato.judge import check\n", encoding="utf-8")
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [_BIN / "lint-imports", "--no-cache"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "ostinato.trace.values -> ostinato.judge" in done.stdout, done.stdout + done.stderr


def _files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_place_of_one_machine() -> None:
    """Absolute paths of somebody's machine help nobody else."""
    place = re.compile(rb"/(?:home|Users|work|root)/[\w.-]+")
    said = {
        f"{path.relative_to(ROOT)}: {found.group().decode()}"
        for path in _files()
        if path.suffix not in (".png", ".jpg", ".zip") and path != Path(__file__)
        for found in place.finditer(path.read_bytes())
    }
    assert not said


def test_every_dependency_is_pinned_also_of_the_extras() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line
    }
    extras = project["optional-dependencies"]
    wanted = {
        re.split(r"[\[<>=!~; ]", d)[0].lower().replace("_", "-")
        for d in [*project["dependencies"], *(d for extra in extras.values() for d in extra)]
    }
    assert wanted <= pinned
    assert "torch" not in wanted


def test_the_page_of_results_is_made_from_the_files_of_results() -> None:
    assert PAGE.read_text("utf-8") == page()
    assert "missed" in _aim(("<=", 1.5), 1.6) and "missed" not in _aim(("<=", 1.5), 1.5)
