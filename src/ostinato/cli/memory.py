"""`ostinato memory`: what is remembered of a person, and of what was done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ostinato.agent.memory import Preference
from ostinato.cli.work import house, out
from ostinato.errors import StoreError, UsageError
from ostinato.replay.memory import Memories
from ostinato.trace.blobs import write_file

app = typer.Typer(
    help="What is remembered: preferences, which only you add and which are gone when you say so; what was learnt.",
    no_args_is_help=True,
)
Which = Annotated[str, typer.Argument(metavar="ID", help="A preference by its id, or by what it is about.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
_CONSENT = {"command": "you added it", "asked": "you agreed when asked"}


def _memories() -> Memories:
    return Memories(house().settings.home)


@app.command(epilog="Example: ostinato memory add who_paid Carol --app ihatemoney")
def add(
    key: Annotated[str, typer.Argument(help="What it is about: the name of a slot, such as who_paid, or words.")],
    value: Annotated[str, typer.Argument(help="What you prefer.")],
    app_name: Annotated[str | None, typer.Option("--app", help="Only in this app (or site). Usually: in all.")] = None,
) -> None:
    """Remember a preference. It fills what a task leaves out, and is told to a model that plans."""
    kept = _memories().profile.add(key, value, app_name, consent="command")
    out.print(f"remembered as {kept.id}: {_said(kept)}", markup=False, highlight=False)


@app.command("list", epilog="Example: ostinato memory list")
def list_(
    words: Annotated[str | None, typer.Argument(help="Only preferences that these words speak of.")] = None,
    json_output: Json = False,
) -> None:
    """What is remembered."""
    memories = _memories()
    found = memories.profile.all() if words is None else memories.profile.find(words, most=100)
    if json_output:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=1, ensure_ascii=False))
        return
    if found:
        table = Table(box=None, pad_edge=False)
        for column in ("id", "about", "preference", "where", "since"):
            table.add_column(column, overflow="fold")
        for one in found:
            table.add_row(one.id, one.key, one.value, one.app or "everywhere", f"{one.added:%Y-%m-%d}")
        out.print(table, markup=False, highlight=False)
    elif words is None:
        out.print("no preferences; add one: ostinato memory add KEY VALUE", markup=False, highlight=False)
    else:
        out.print(f"no preference speaks of {words!r}", markup=False, highlight=False)
    if words is None:
        count = memories.templates.count()
        out.print(f"{count} experiences; see: ostinato experience list", markup=False, highlight=False)


@app.command(epilog="Example: ostinato memory show who_paid")
def show(which: Which, json_output: Json = False) -> None:
    """A preference: what, where, since when, and how you agreed to it."""
    found = _memories().profile.get(which)
    if json_output:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=1, ensure_ascii=False))
        return
    for one in found:
        out.print(
            f"{one.id}  {_said(one)}\n  since {one.added:%Y-%m-%d %H:%M} UTC; {_CONSENT[one.consent]}",
            markup=False,
            highlight=False,
        )


@app.command(epilog="Example: ostinato memory forget who_paid")
def forget(
    which: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Preferences by id, or by subject.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every preference.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget preferences: they are overwritten on disk, not only hidden. Traces of runs that used them stay."""
    profile = _memories().profile
    if everything == bool(which):
        raise UsageError("say which: an ID (see: ostinato memory list), or --all")
    found = profile.all() if everything else [one for text in which or [] for one in profile.get(text)]
    gone = list({one.id: one for one in found}.values())
    if not yes and (everything or len(gone) > len(which or [])):
        for one in gone:
            out.print(f"  {_said(one)}", markup=False, highlight=False)
        typer.confirm(f"Forget these {len(gone)}?", abort=True)
    profile.forget([one.id for one in gone])
    out.print(f"forgotten: {', '.join(one.key for one in gone) or 'nothing was there'}", markup=False, highlight=False)


@app.command(epilog="Example: ostinato memory export preferences.json")
def export(
    file: Annotated[Path, typer.Argument(help="The JSON file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write all preferences to a file that only you can read."""
    if file.exists() and not force:
        raise UsageError(f"{file} is there already; --force writes over it")
    found = _memories().profile.all()
    content = json.dumps([one.model_dump(mode="json") for one in found], indent=1, ensure_ascii=False) + "\n"
    try:
        write_file(file, content.encode())
    except OSError as error:
        raise StoreError(f"{file}: cannot be written: {error.strerror}; name another file") from error
    out.print(f"wrote {len(found)} preferences to {file}", markup=False, highlight=False)


def _said(one: Preference) -> str:
    where = f" in {one.app}" if one.app else ""
    return f"{one.key} = {one.value}{where}"
