"""The command `ostinato` as a person runs it: a process of its own, with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Does many commands after each other, each in a process of its own, and loads the program once for all.
_EACH = """
import json, os, sys, traceback
import ostinato.cli.app, ostinato.cli.experience, ostinato.cli.judge, ostinato.cli.record, ostinato.cli.trace
from ostinato.cli import main
for number, (arguments, settings) in enumerate(json.load(sys.stdin)):
    if child := os.fork():
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps([code, open(f"{number}.out").read(), open(f"{number}.err").read()]), flush=True)
        continue
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{number}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    os.environ.update(settings)
    code = 0
    try:
        main(arguments)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)
"""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Command:
    """Runs `ostinato` in `folder` with `home` as its home; further settings as keywords."""

    folder: Path
    home: Path

    def environment(self, **settings: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OSTINATO_") or k[9:] in ("CACHE", "CHROMIUM")}
        own = {"OSTINATO_HOME": str(self.home), "XDG_CONFIG_HOME": str(self.folder / "xdg")}
        return {**kept, **own, "COLUMNS": "200", "NO_COLOR": "1", **settings}

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
        with self.begin(*arguments, **settings) as process:
            out, err = process.communicate(timeout=120)
        return _checked(Said(process.returncode, out, err), code)

    def each(self, calls: Sequence[tuple[Sequence[str], dict[str, str]]], code: int) -> list[Said]:
        """What each of many commands says that begin without a browser, all of them ending with `code`."""
        done = subprocess.run(
            [sys.executable, "-c", _EACH],
            cwd=self.folder,
            env=self.environment(),
            input=json.dumps(calls),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return [_checked(Said(*json.loads(line)), code) for line in done.stdout.splitlines()]


def _checked(said: Said, code: int) -> Said:
    assert "Traceback" not in said.out + said.err, said.out + said.err
    assert said.code == code, f"exit code {said.code}\n{said.out}\n{said.err}"
    return said
