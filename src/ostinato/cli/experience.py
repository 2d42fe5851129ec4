"""`ostinato experience`: what was learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ostinato.cli.work import house, out, print_experience

app = typer.Typer(help="What was learnt: list, show, export.", no_args_is_help=True)
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
def show(experience: str, json_output: Json = False) -> None:
    """One experience: templates, slots, steps, checks."""
    found = house().repository.get(experience)
    if json_output:
        print(found.model_dump_json(indent=1))
    else:
        print_experience(found)


@app.command()
def export(
    experience: str,
    file: Annotated[Path, typer.Argument(help="The Python file to write.")],
    url: Annotated[str, typer.Option("--url", help="Where the script starts.")] = "http://127.0.0.1:5000/",
) -> None:
    """Write an experience as a Playwright script."""
    from ostinato.replay.playwright_script import to_playwright

    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(to_playwright(house().repository.get(experience), None, url), encoding="utf-8")
    out.print(f"wrote {file}", markup=False, highlight=False)
