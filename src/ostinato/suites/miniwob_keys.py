"""A page that is worked with keys: a terminal, which hears each of them and no text that is put in at once."""

from __future__ import annotations

import re
from collections.abc import Generator

from ostinato.suites.miniwob_screen import one, tap
from ostinato.suites.miniwob_solver import Move, Steps, solved_task
from ostinato.suites.task import Values
from ostinato.trace.action import Key
from ostinato.trace.screen import Screen

_PROMPT = "user$"


def listed(terminal: str) -> list[str]:
    """The files that the last `ls` of a terminal listed. LookupError when there was none."""
    answers = re.findall(rf"{re.escape(_PROMPT)} ls (.*?) ?{re.escape(_PROMPT)}", terminal)
    if not answers:
        raise LookupError("the terminal has not listed its files")
    return str(answers[-1]).split()


def with_extension(files: list[str], extension: str) -> list[str]:
    """The files that end with this (`.gz`), or have no extension at all."""
    return [name for name in files if (name.endswith(extension) if extension else "." not in name)]


def _keys(text: str) -> Generator[Move, Screen, Screen]:
    screen: Screen | None = None
    for letter in text:
        screen = yield Move(Key(key=letter))
    assert screen is not None
    return screen


def _terminal(screen: Screen, values: Values) -> Steps:
    screen = yield tap(one(screen, "generic", id="terminal"))
    if not one(screen, "textbox", id="terminal-target").focused:
        raise LookupError("the terminal does not listen yet")
    screen = yield from _keys("ls")
    screen = yield Move(Key(key="Enter"))
    files = listed(one(screen, "generic", id="terminal").name)
    found = with_extension(files, values["extension"])
    if not found:
        raise LookupError(f"no file fits among {files}")
    screen = yield from _keys(f"rm {found[0]}")
    yield Move(Key(key="Enter"))


KEY_TASKS = (
    solved_task(
        "terminal",
        r"Use the terminal below to delete a file (?:that has no file extension\.|"
        r"ending with the extension (?P<extension>[\w.]+))",
        _terminal,
    ),
)
