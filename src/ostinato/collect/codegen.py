"""Import of the Python scripts that `playwright codegen` writes: read, never executed.

Sync, async and pytest flavours, and what `ostinato experience export` writes. A line that is not understood is an
error that names it, and nothing of the script is taken.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ostinato.collect.codegen_reader import Reader
from ostinato.collect.codegen_steps import Line
from ostinato.errors import FormatError, UsageError


@dataclass(frozen=True)
class Script:
    """The steps of a script, and what of it was passed over, in words."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def start(self) -> str | None:
        """The address the script begins at."""
        return self.lines[0].text if self.lines[0].kind in ("start", "open") else None

    def placed(self, url: str) -> tuple[Line, ...]:
        """The steps on a phone that shows `url`: addresses of the site the script was made on become addresses of
        this one, and the first is left out where it is `url` itself."""
        here, there = urlsplit(url), urlsplit(self.start or url)
        lines = self.lines
        if lines[0].kind == "start" or (lines[0].kind == "open" and there[2:4] == here[2:4]):
            lines = lines[1:]
        return tuple(
            replace(line, text=urlunsplit((*here[:2], *urlsplit(line.text)[2:])))
            if line.kind == "open" and urlsplit(line.text)[:2] == there[:2]
            else line
            for line in lines
        )


def read_codegen(path: Path) -> Script:
    """The script in a file. Raises UsageError when it cannot be read, FormatError with the line that is not
    understood."""
    try:
        source = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FormatError(path, "file", "is not a Python script in UTF-8") from error
    return parse(source, str(path))


def parse(source: str, file: str = "script") -> Script:
    """The steps of a script. Raises FormatError with the line that is not understood."""
    reader = Reader(file)
    try:
        reader.module(ast.parse(source))
    except SyntaxError as error:
        raise FormatError(file, f"line {error.lineno or 1}", f"is not Python: {error.msg}") from error
    except (RecursionError, MemoryError) as error:
        raise FormatError(file, "file", "is nested too deeply to be a script of codegen") from error
    except ValueError as error:
        raise FormatError(file, "file", f"is not a Python script: {error}") from error
    steps = reader.steps
    lines = tuple(_without_tabs(steps.lines, steps.notes))
    if all(line.kind in ("start", "open") for line in lines):
        raise FormatError(file, "file", "does nothing on a page; expected what `playwright codegen` writes")
    return Script(lines, tuple(steps.notes))


def _without_tabs(lines: list[Line], notes: list[str]) -> list[Line]:
    """Tab only moves the focus, and a step with a target of its own needs none."""
    kept: list[Line] = []
    for line, following in zip_longest(lines, lines[1:]):
        tab = line.kind == "key" and line.text in ("Tab", "Shift+Tab")
        if tab and (following is None or (following.target and following.kind != "key")):
            notes.append(f"line {line.number}: {line.text} only moves the focus; the next step finds its place itself")
        else:
            kept.append(line)
    return kept
