"""The command `ostinato` as a person runs it: a process of its own, with a home of its own."""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 120.0  # s: a command that takes longer hangs
READ_AT_LOADING = {"COLUMNS", "NO_COLOR", "TERM"}

# Loads the program once. Each command is a process of its own, which begins as one that has just loaded it.
_LOADED = """
import gc, json, os, sys
import ostinato.cli.batch, ostinato.cli.demo, ostinato.cli.plan, ostinato.cli.resume, ostinato.cli.share
import ostinato.cli.versions, ostinato.cli.work, ostinato.phone.web.chromium
from ostinato.cli import main, rooms
for name in set(rooms.ROOMS) - {"mcp"}:
    rooms.load(name)
gc.freeze()
for line in sys.stdin:
    asked = json.loads(line)
    if not (child := os.fork()):
        break
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
os.chdir(asked["folder"])
os.environ.clear()
os.environ.update(asked["environment"])
for stream, name in enumerate([os.devnull, *asked["files"]]):
    os.dup2(os.open(name, os.O_WRONLY if stream else os.O_RDONLY), stream)
main(asked["arguments"])
"""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class _Loaded:
    """The program in memory, from which commands begin in a fraction of the second or two that loading it takes."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LOADED],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # what was written can be waited for
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.asks, self.tells = self.process.stdin, self.process.stdout
        atexit.register(self._close)

    def run(self, arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> Said:
        with tempfile.TemporaryDirectory() as place:
            files = [Path(place) / name for name in ("out", "err")]
            for file in files:
                file.touch()
            asked = {"arguments": arguments, "folder": str(folder), "environment": environment}
            self.asks.write(json.dumps({**asked, "files": [str(file) for file in files]}).encode() + b"\n")
            command = int(self.tells.readline())
            late = not select.select([self.tells], [], [], PATIENCE)[0]
            if late:
                os.kill(command, signal.SIGKILL)
            code = int(self.tells.readline())
            said = Said(code, *(file.read_text(encoding="utf-8") for file in files))
        assert not late, f"took more than {PATIENCE} s: {arguments}\n{said.out}\n{said.err}"
        return said

    def _close(self) -> None:
        self.asks.close()
        self.process.wait()


@dataclass(frozen=True)
class Command:
    """Runs `ostinato` in `folder` with `home` as its home; further settings as keywords."""

    folder: Path
    home: Path

    def environment(self, **settings: str) -> dict[str, str]:
        own = {"OSTINATO_HOME": str(self.home), "XDG_CONFIG_HOME": str(self.folder / "xdg")}
        return {**_kept(), **own, **settings}

    def begin(self, *arguments: str | Path, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ostinato", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str | Path, code: int = 0, **settings: str) -> Said:
        """What it says; whatever happens, no traceback."""
        if settings.keys() & READ_AT_LOADING:
            with self.begin(*arguments, **settings) as process:
                out, err = process.communicate(timeout=PATIENCE)
            said = Said(process.returncode, out, err)
        else:
            said = _loaded().run([str(word) for word in arguments], self.folder, self.environment(**settings))
        assert "Traceback" not in said.out + said.err, said.out + said.err
        assert said.code == code, f"exit code {said.code}\n{said.out}\n{said.err}"
        return said

    def each(self, calls: Sequence[tuple[Sequence[str], dict[str, str]]], code: int) -> list[Said]:
        """What each of some commands says, one after the other, all of them ending with `code`."""
        return [self(*words, code=code, **settings) for words, settings in calls]


def _kept() -> dict[str, str]:
    """What every command finds in its environment."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OSTINATO_") or k[9:] in ("CACHE", "CHROMIUM")}
    return {**kept, "COLUMNS": "200", "NO_COLOR": "1"}


@functools.cache
def _loaded() -> _Loaded:
    return _Loaded(_kept())
