"""Parts of a long benchmark, each kept on disk as soon as it is measured, so that an interrupted run goes on."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


class Parts:
    """Measured parts by name, in a file of JSON lines. Those of another commit are left out unless `keep`, or unless
    nothing of what they `stand_on` (paths of the project) has changed since; `commits` are all that parts were measured
    at. `seconds` is the time that all of them took."""

    def __init__(self, file: Path | None, keep: bool = False, stand_on: Sequence[str] = ()) -> None:
        self.file = file
        self.commit = _commit()
        self.commits: set[str] = set()
        self._known: dict[str, Any] = {}
        self.seconds = 0.0
        if file is not None and file.exists():
            lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
            counts = {c: keep or c == self.commit or _alike(c, stand_on) for c in {line["commit"] for line in lines}}
            for found in lines:
                if counts[found["commit"]]:
                    self.commits.add(found["commit"])
                    self._known[found["part"]] = found["data"]
                    self.seconds += found["seconds"]

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def measure(self, name: str, how: Callable[[], Any]) -> Any:
        """What was measured before under this name, or what `how` (a JSON value) measures now."""
        if name not in self._known:
            progress(name)
            self.commits.add(self.commit)
            started = time.monotonic()
            self._known[name] = how()
            seconds = round(time.monotonic() - started, 1)
            self.seconds += seconds
            if self.file is not None:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                with self.file.open("a", encoding="utf-8") as file:
                    line = {"commit": self.commit, "part": name, "seconds": seconds, "data": self._known[name]}
                    file.write(json.dumps(line) + "\n")
        return self._known[name]


def progress(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def _alike(commit: str, paths: Sequence[str]) -> bool:
    """Whether these paths are as they were at a commit."""
    if not paths:
        return False
    command = ["git", "diff", "--quiet", commit, "--", *paths]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip()
