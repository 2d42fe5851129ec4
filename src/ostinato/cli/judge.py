"""`ostinato judge`: verdicts on stored traces."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ostinato import model as model_room
from ostinato.cli.work import house, out
from ostinato.errors import SetupError, UsageError
from ostinato.judge.capture import Capturer
from ostinato.judge.decompose import StateDecomposer
from ostinato.judge.judge import judge
from ostinato.judge.reasoner import Reasoner
from ostinato.judge.substate import load_rules, rules_schema, write_rules
from ostinato.model.chat import Chat
from ostinato.run import House, rules_of
from ostinato.settings import Settings
from ostinato.trace.blobs import disk_errors, write_file

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
    model: Annotated[
        bool, typer.Option("--model", help="Ask the model of the settings what checks leave open.")
    ] = False,
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
    verdict = judge(found, asked, rooms.store.data, model=_reasoner(rooms) if model else None)
    rooms.store.add_verdict(verdict)
    if json_output:
        print(verdict.model_dump_json(indent=1))
    else:
        out.print(f"{found.id}: {verdict.value}", markup=False, highlight=False)
        for reason in (*verdict.reasons, *verdict.changes):
            out.print(f"  {reason}", markup=False, highlight=False)
    raise typer.Exit({"yes": 0, "no": 1, "uncertain": 3}[verdict.value])


@app.command(epilog="Example: ostinato judge make 'Add an expense: Taxi, 42.50, paid by Alice' -o rules.yaml")
def make(
    task: Annotated[str, typer.Argument(help="The task in words, with its values.")],
    app_name: Annotated[str | None, typer.Option("--app", help="Which app it is done in.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; without it they are printed.")
    ] = None,
) -> None:
    """Make rules for a task, with the model of the settings. Read them before you rely on them."""
    if not task.strip():
        raise UsageError("the task is empty; say what is to be done")
    if output is not None and (output.exists() or not output.parent.is_dir()):
        raise UsageError(f"{output} is there already, or its folder is not; name a new file in a folder that is")
    text = write_rules(StateDecomposer(_chat(house().settings)).decompose(task, app_name))
    if output is None:
        print(text, end="")
        return
    with disk_errors(output.parent):
        write_file(output, text.encode())
    out.print(
        f"{output}: read it before you rely on it; then: ostinato judge run TRACE --rules {output} --model",
        markup=False,
        highlight=False,
    )


def _chat(settings: Settings) -> Chat:
    """The model that the settings name."""
    opened: Callable[[Settings], Chat] | None = getattr(model_room, "open_chat", None)
    if opened is None:
        raise SetupError("this version of Ostinato talks to no model yet; write the rules by hand (docs/judge.md)")
    return opened(settings)


def _reasoner(rooms: House) -> Reasoner:
    chat = _chat(rooms.settings)
    return Reasoner(chat, Capturer(chat, rooms.store.blobs.get))
