"""`ostinato model`: language models, installed here or behind an address."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from ostinato.cli.work import out
from ostinato.model import open_chat
from ostinato.model.catalogue import CATALOGUE, install, path_of, remove
from ostinato.model.chat import Message
from ostinato.settings import load_settings

app = typer.Typer(help="Language models: what can be installed, and asking the one that is set.", no_args_is_help=True)


@app.command("list", epilog="Example: ostinato model list")
def list_models() -> None:
    """Show the models that can be installed, and which one is set."""
    settings = load_settings()
    table = Table(box=None, pad_edge=False)
    for column in ("name", "MB", "licence", "installed", "what it is"):
        table.add_column(column, overflow="fold")
    for known in CATALOGUE:
        there = "yes" if path_of(known.name, settings.cache) is not None else "no"
        table.add_row(known.name, f"{known.megabytes:.0f}", known.licence, there, known.note)
    out.print(table)
    named = (settings.model_url and f"{settings.model or 'default'} at {settings.model_url}") or settings.model
    out.print(f"set: {named or 'none (docs/model.md)'}", markup=False, highlight=False)


@app.command("install", epilog="Example: ostinato model install smollm2-135m")
def install_model(name: Annotated[str, typer.Argument(help="A name from `ostinato model list`.")]) -> None:
    """Fetch a model into the cache, by its hash; does nothing when it is there."""
    install(name, load_settings().cache, lambda text: out.print(text, markup=False, highlight=False))


@app.command("remove", epilog="Example: ostinato model remove smollm2-135m")
def remove_model(name: Annotated[str, typer.Argument(help="A name from `ostinato model list`.")]) -> None:
    """Remove an installed model."""
    remove(name, load_settings().cache)
    out.print(f"{name} is removed", markup=False, highlight=False)


@app.command(epilog="Example: OSTINATO_MODEL=smollm2-135m ostinato model ask 'Say hello.'")
def ask(
    question: Annotated[str, typer.Argument(help="What to ask.")],
    most_tokens: Annotated[int, typer.Option("--most-tokens", min=1, help="How long the answer may be.")] = 256,
) -> None:
    """Ask the model of the settings, to see that it answers."""
    reply = open_chat(load_settings()).reply([Message("user", question)], most_tokens=most_tokens)
    out.print(reply.text, markup=False, highlight=False)
    counted = f", {reply.output_tokens} tokens" if reply.output_tokens is not None else ""
    out.print(f"({reply.model}, {reply.seconds:.1f} s{counted}{', cut off' if reply.cut else ''})", style="dim")
