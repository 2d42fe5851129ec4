"""Where apps and models are installed, and how an install happens once and whole."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from ostinato.errors import AppError

Report = Callable[[str], None]
MARK = "installed.json"


def default_cache() -> Path:
    """The folder of all installed apps: $OSTINATO_CACHE, or the user's cache folder."""
    return Path(os.environ.get("OSTINATO_CACHE") or platformdirs.user_cache_dir("ostinato")).absolute()


class Install:
    """One install folder. It counts as installed when its mark, written last, equals `recipe`."""

    def __init__(self, folder: Path, recipe: dict[str, str]) -> None:
        self.folder = folder
        self.recipe = recipe

    def complete(self) -> bool:
        try:
            found: object = json.loads((self.folder / MARK).read_text())
        except (OSError, ValueError):
            return False
        return found == self.recipe

    @contextmanager
    def doing(self) -> Iterator[bool]:
        """Hold the install alone; yields whether there is work to do, and marks it complete at the end."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self.folder.with_name(self.folder.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.complete():
                yield False
                return
            self.folder.mkdir(exist_ok=True)
            mark = self.folder / MARK
            mark.unlink(missing_ok=True)
            yield True
            partial = mark.with_suffix(".part")
            partial.write_text(json.dumps(self.recipe, indent=1))
            partial.replace(mark)

    def remove(self) -> None:
        """Remove the install; the mark goes first."""
        (self.folder / MARK).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_name(self.folder.name + ".lock").unlink(missing_ok=True)


def put_in_place(source: Path, target: Path) -> None:
    """Copy a file or a folder; what stood at `target` makes way only when the whole copy lies beside it. An OSError or
    shutil.Error leaves it as it was."""
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    fresh, old = aside / "new", aside / "old"
    try:
        if source.is_dir():
            shutil.copytree(source, fresh)
        else:
            shutil.copyfile(source, fresh)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(aside, ignore_errors=True)


def run_step(what: str, command: list[str], *, cwd: Path | None = None, seconds: float = 1200) -> None:
    """Run one step of an install; AppError with the end of its output when it fails."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise AppError(f"{what} did not end within {seconds:.0f} s: {' '.join(command)}") from None
    except OSError as problem:
        raise AppError(f"{what} failed: {command[0]} does not start: {problem.strerror}") from None
    if done.returncode:
        tail = "".join(f"\n  {line}" for line in done.stdout.splitlines()[-12:])
        raise AppError(f"{what} failed (status {done.returncode}). Install again to resume.{tail}")
