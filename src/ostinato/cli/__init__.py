"""The command `ostinato`: one Typer app, a sub-app per room."""

from ostinato.cli.root import main

__all__ = ["main"]
