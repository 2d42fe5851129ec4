"""The commands that have files of their own, each imported only when it is called.

A command line is typed often: `--version`, `--help` and a wrong option wait for no room, `trace list` for no phone."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class Room:
    """Where a command stands (a function, or a Typer app with commands), and what is said of it in the list of all."""

    module: str
    attribute: str
    help: str
    epilog: str | None = None


ROOMS = {
    "record": Room(
        "ostinato.cli.record",
        "record",
        "Record a task: in a page on 127.0.0.1 that mirrors the phone (with a display, in a window).",
    ),
    "mcp": Room("ostinato.cli.mcp", "mcp", "Serve tasks on a phone to other programs (Model Context Protocol)."),
    "plan": Room(
        "ostinato.cli.plan",
        "plan",
        "Make a plan for a task over one or more apps: print it, or write it for you to edit.",
        'Example: ostinato plan "Look up what Internet cost and note the amount" -o plan.yaml',
    ),
    "trace": Room("ostinato.cli.trace", "app", "Look at stored traces, take them elsewhere, clean up."),
    "app": Room("ostinato.cli.app", "app", "Real apps: install, start, reset, remove."),
    "experience": Room("ostinato.cli.experience", "app", "What was learnt: look at it, try it, share it, forget it."),
    "memory": Room(
        "ostinato.cli.memory",
        "app",
        "What is remembered: preferences, which only you add and which are gone when you say so; what was learnt.",
    ),
    "judge": Room("ostinato.cli.judge", "app", "Judge stored traces, from their data and screens."),
    "model": Room(
        "ostinato.cli.model", "app", "Language models: what can be installed, and asking the one that is set."
    ),
}


def load(name: str) -> Any:
    """The command of a room, ready to be called: its file is imported here."""
    room = ROOMS[name]
    found = getattr(importlib.import_module(room.module), room.attribute)
    host = typer.Typer(add_completion=False, rich_markup_mode="rich")
    host.callback()(lambda: None)  # a Typer app of one command would be that command
    if isinstance(found, typer.Typer):
        host.add_typer(found, name=name)
    else:
        host.command(name, epilog=room.epilog)(found)
    return typer.main.get_group(host).commands[name]


class Rooms(TyperGroup):
    """The root of the command line: its own commands, and after them the rooms."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, room in ROOMS.items():
            self.add_command(TyperCommand(name, help=room.help))  # its words alone, for the list

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name in ROOMS else command, rest
