"""`ostinato experience`: what was learnt."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ostinato.cli.share import Id, export, import_, keys_, trust
from ostinato.cli.versions import COLOURS, diff, quarantine, records, told, verify
from ostinato.cli.work import house, out, plain, print_experience
from ostinato.replay.standing import Played

app = typer.Typer(help="What was learnt: look at it, try it, share it, forget it.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("list", epilog="Example: ostinato experience list")
def list_(json_output: Json = False) -> None:
    """The experiences: of each the version that is used, and a newer candidate; how their runs ended."""
    repository = house().repository
    known = repository.latest()
    newer = {(one.id, one.version): one for one in repository.waiting()}
    found = [*known, *(one for one in newer.values() if one not in known)]
    found.sort(key=lambda e: (e.templates, e.id, e.version))
    played = records(repository)
    for problem in repository.damaged():
        typer.echo(f"damaged: {problem}", err=True)
    if json_output:
        print(
            json.dumps([told(e, played.get((e.id, e.version), Played())) for e in found], ensure_ascii=False, indent=1)
        )
        return
    if found and sys.stdout.isatty():
        table = Table(box=None, pad_edge=False)
        for column in ("id", "", "status", "runs", "app", "task"):
            table.add_column(column, overflow="fold", no_wrap=column in ("id", "", "status"))
        for e in found:
            status = f"[{COLOURS[e.status]}]{e.status}[/]"
            runs = played.get((e.id, e.version), Played()).words()
            words = (escape(plain(text)) for text in (e.app or "", e.templates[0]))
            table.add_row(e.id, f"v{e.version}", status, runs, *words)
        out.print(table, highlight=False)
    else:
        for e in found:
            runs = played.get((e.id, e.version), Played()).words()
            print(f"{e.id} v{e.version}  {e.status}  {runs}  {plain(e.app or '')}  {plain(e.templates[0])}")
    if not found and not repository.damaged():
        out.print("nothing learnt yet; record a task twice, then: ostinato learn ID ID")


@app.command(epilog="Example: ostinato experience show ID --html page.html")
def show(
    experience: Id,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page: states, checks, versions.")] = None,
    json_output: Json = False,
) -> None:
    """One experience: templates, slots, steps, checks, and how its runs ended."""
    repository = house().repository
    found = repository.get(experience)
    played = records(repository)
    versions = repository.versions(found.id)
    changes = repository.standing.changes(found.id) if repository.standing is not None else []
    if html is not None:
        from ostinato.replay.page import write_page

        write_page(found, versions, played, changes, html)
        out.print(f"wrote {html}", markup=False, highlight=False)
        return
    if json_output:
        print(json.dumps(told(found, played.get((found.id, found.version), Played())), ensure_ascii=False, indent=1))
        return
    print_experience(found)
    for one in reversed(versions):
        mark = " (shown)" if one.version == found.version and len(versions) > 1 else ""
        status, record = f"[{COLOURS[one.status]}]{one.status}[/]", played.get((one.id, one.version), Played())
        last = f", last on {record.last:%Y-%m-%d}" if record.last is not None else ""
        out.print(f"  v{one.version:<5} {status}{mark}: {record.words()}{last}", highlight=False)
        for change in changes:
            if change.version == one.version:
                said = f"{change.at:%Y-%m-%d} {change.status or 'as before'}: {plain(change.reason)}"
                out.print(f"         [dim]{escape(said)}[/]", highlight=False)


app.command(epilog="Example: ostinato experience diff ID 1 2")(diff)
app.command(epilog="Example: ostinato experience verify ID --times 3")(verify)
app.command(epilog='Example: ostinato experience quarantine ID.v2 --reason "wrong currency"')(quarantine)
app.command(epilog="Example: ostinato experience export ID expense.json")(export)
app.command("import", epilog="Example: ostinato experience import expense.json")(import_)
app.command("keys", epilog="Example: ostinato experience keys")(keys_)
app.command(epilog="Example: ostinato experience trust FINGERPRINT Alice")(trust)


@app.command(epilog="Example: ostinato experience delete ID")
def delete(
    experience: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget an experience, all its versions and their record. The recordings stay: it can be learnt again."""
    repository = house().repository
    found = repository.get(experience)
    if not yes:
        typer.confirm(f"Forget “{plain(found.templates[0])}” ({found.id})?", abort=True)
    repository.delete(found)
    out.print(f"forgotten: {found.id}", markup=False, highlight=False)
