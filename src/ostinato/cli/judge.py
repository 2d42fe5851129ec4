"""`ostinato judge`: verdicts on stored traces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ostinato.cli.work import house, out
from ostinato.errors import UsageError
from ostinato.judge.judge import judge
from ostinato.judge.substate import load_rules, rules_schema
from ostinato.run import rules_of

app = typer.Typer(help="Judge stored traces, from their data and screens.", no_args_is_help=True)


@app.command(epilog="Example: ostinato judge schema > rules.schema.json")
def schema() -> None:
    """Print the JSON schema of files of rules, for editors."""
    print(json.dumps(rules_schema(), indent=1))


@app.command(epilog="Example: ostinato judge run last --rules rules.yaml")
def run(
    trace: Annotated[str, typer.Argument(help="A trace id, the beginning of one, or `last`.")],
    rules: Annotated[
        Path | None, typer.Option("--rules", help="A YAML file of rules. Without it: what its experience expects.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Judge one trace; the verdict is stored beside it. Exit code 0 for yes, 1 for no, 3 for uncertain."""
    rooms = house()
    found = rooms.store.load(trace)
    if rules is not None:
        asked = load_rules(rules)
    else:
        from_experience = rules_of(rooms.played(found), found.steps)
        if from_experience is None:
            raise UsageError("the experience of this task expects nothing that can be judged; give --rules FILE")
        asked = from_experience
    verdict = judge(found, asked, rooms.store.data)
    rooms.store.add_verdict(verdict)
    if json_output:
        print(verdict.model_dump_json(indent=1))
    else:
        out.print(f"{found.id}: {verdict.value}", markup=False, highlight=False)
        for reason in (*verdict.reasons, *verdict.changes):
            out.print(f"  {reason}", markup=False, highlight=False)
    raise typer.Exit({"yes": 0, "no": 1, "uncertain": 3}[verdict.value])
