"""`ostinato experience`: what was learnt."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from ostinato.cli.work import house, out, print_experience
from ostinato.errors import SetupError, UsageError

app = typer.Typer(help="What was learnt: list, show, export, delete.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="An experience by the beginning of its id.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command("list")
def list_(json_output: Json = False) -> None:
    """The experiences, newest version of each."""
    repository = house().repository
    found = repository.newest()
    for problem in repository.damaged():
        typer.echo(f"damaged: {problem}", err=True)
    if json_output:
        print("[" + ",\n".join(e.model_dump_json() for e in found) + "]")
        return
    for experience in found:
        out.print(
            f"{experience.id} v{experience.version}  {experience.app}  {experience.templates[0]}",
            markup=False,
            highlight=False,
        )
    if not found and not repository.damaged():
        out.print("nothing learnt yet; record a task twice, then: ostinato learn ID ID")


@app.command()
def show(experience: Id, json_output: Json = False) -> None:
    """One experience: templates, slots, steps, checks."""
    found = house().repository.get(experience)
    if json_output:
        print(found.model_dump_json(indent=1))
    else:
        print_experience(found)


@app.command()
def export(
    experience: Id,
    file: Annotated[Path, typer.Argument(help="The Python file to write.")],
    url: Annotated[
        str | None, typer.Option("--url", help="Where the script starts. Usually: the site it was learnt on.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write an experience as a Playwright script.

    The script runs with Playwright alone; it reads START_URL, CHROMIUM and STORAGE_STATE from the environment."""
    from ostinato.phone.web.chromium import find_chromium
    from ostinato.replay.playwright_script import to_playwright

    if file.exists() and not force:
        raise UsageError(f"{file} is there already; --force writes over it")
    found = house().repository.get(experience)
    start = url or (found.app if found.app and "://" in found.app else "http://127.0.0.1:5000/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(to_playwright(found, None, start), encoding="utf-8")
    with contextlib.suppress(SetupError):
        program = find_chromium(house().settings.chromium)
        out.print(f"wrote {file}; run it: CHROMIUM={program} python {file}", markup=False, highlight=False)
        return
    out.print(f"wrote {file}", markup=False, highlight=False)


@app.command()
def delete(
    experience: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget an experience, all its versions. The recordings stay: it can be learnt again."""
    repository = house().repository
    found = repository.get(experience)
    if not yes:
        typer.confirm(f"Forget “{found.templates[0]}” ({found.id})?", abort=True)
    repository.delete(found)
    out.print(f"forgotten: {found.id}", markup=False, highlight=False)
