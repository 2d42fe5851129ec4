"""`ostinato judge`: verdicts on stored traces."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ostinato.cli.work import error_out, house, out, progress
from ostinato.errors import OstinatoError, UsageError
from ostinato.house import House, rules_of
from ostinato.judge.capture import Capturer
from ostinato.judge.decompose import StateDecomposer
from ostinato.judge.derive import derive_rules
from ostinato.judge.eyes import StoredEyes, asks_pictures, asks_words, has_pictures_only, icons_of
from ostinato.judge.many import Judged, Order, judge_many
from ostinato.judge.mobiflow import import_rules
from ostinato.judge.reasoner import Reasoner
from ostinato.judge.substate import Rules, bound_to, load_rules, rules_schema, without_data, write_rules
from ostinato.judge.taxonomy import counts
from ostinato.model import open_chat
from ostinato.trace.blobs import disk_errors, write_file
from ostinato.trace.report import write_report

app = typer.Typer(help="Judge stored traces, from their data and screens.", no_args_is_help=True)


@app.command(epilog="Example: ostinato judge schema > rules.schema.json")
def schema() -> None:
    """Print the JSON schema of files of rules, for editors."""
    print(json.dumps(rules_schema(), indent=1))


@app.command(epilog="Example: ostinato judge run last --rules rules.yaml --page verdict.html")
def run(
    traces: Annotated[list[str], typer.Argument(help="Trace ids, the beginnings of some, or `last`.")],
    rules: Annotated[
        Path | None, typer.Option("--rules", help="A YAML file of rules. Without it: what its experience expects.")
    ] = None,
    value: Annotated[
        list[str] | None, typer.Option("--value", help="NAME=VALUE, for what the words of the task do not say.")
    ] = None,
    screens_only: Annotated[
        bool, typer.Option("--screens-only", help="Leave out what only the app's data can prove.")
    ] = False,
    model: Annotated[
        bool, typer.Option("--model", help="Ask the model of the settings what checks leave open.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Judge also traces whose verdict under these rules is known.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="How many processes. Without it: one per processor.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write a page that shows each substate with its screenshot.")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs: a verdict, or one per line of many.")
    ] = False,
) -> None:
    """Judge traces; the verdicts are stored beside them. Exit code 0 if all are yes, 1 for a no, 3 for uncertain."""
    rooms = house()
    given = load_rules(rules) if rules is not None else None
    values = dict(_pair(text) for text in value or ())
    found: list[Judged] = []
    ids: list[str] = []
    for named in dict.fromkeys(traces):
        try:
            ids.append(rooms.store.resolve(named))
        except OstinatoError as error:
            if len(traces) == 1:
                raise
            ids.append(named)
            found.append(Judged(named, None, error=str(error)))
    ids = list(dict.fromkeys(ids))
    orders: list[Order] = []
    for trace in ids:
        if any(judged.trace == trace for judged in found):
            continue
        try:
            asked = bound_to(given, rooms.store.task(trace), values) if given is not None else _expected(rooms, trace)
            orders.append(Order(trace, without_data(asked) if screens_only else asked))
        except OstinatoError as error:
            if len(ids) == 1:
                raise
            found.append(Judged(trace, None, error=str(error)))
    reasoner = _reasoner(rooms) if model else None
    with progress(not json_output) as bar:
        job = bar.add_task("judging", total=len(orders), visible=len(orders) > 1)
        looks = itertools.count(1)

        def watch() -> None:
            bar.update(job, description=f"judging, looking at pictures ({next(looks)})", visible=True)

        eyes = _eyes(rooms, rules.parent if rules is not None else None, model, watch)
        for judged in judge_many(rooms.store, orders, jobs=jobs, again=again, eyes=eyes, model=reasoner):
            found.append(judged)
            bar.advance(job)
            if json_output and judged.verdict is not None:
                print(judged.verdict.model_dump_json(indent=1 if len(ids) == 1 else None), flush=True)
    found.sort(key=lambda judged: ids.index(judged.trace))
    if not json_output:
        _show(found)
    if page is not None:
        write_report(rooms.store, [judged.trace for judged in found if judged.verdict is not None], page)
        error_out.print(f"wrote {page}", markup=False, highlight=False)
    for judged in found:
        if judged.error:
            error_out.print(f"{judged.trace}: {judged.error}", markup=False, highlight=False)
    raise typer.Exit(_code(found))


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UsageError(f"--value {text!r} is not NAME=VALUE")
    return name, value


def _expected(rooms: House, trace: str) -> Rules:
    """What the experience that a trace played, or that fits its task, expects."""
    found = rooms.store.load(trace)
    expected = rules_of(rooms.played(found), found.steps)
    if expected is None:
        raise UsageError("the experience of this task expects nothing that can be judged; give --rules FILE")
    return expected


def _show(found: list[Judged]) -> None:
    for judged in found:
        if judged.verdict is None:
            continue
        known = "" if judged.again else " (known)"
        out.print(f"{judged.trace}: {judged.verdict.value}{known}", markup=False, highlight=False)
        if len(found) == 1 or judged.verdict.value != "yes":
            for reason in (*judged.verdict.reasons, *judged.verdict.changes):
                out.print(f"  {reason}", markup=False, highlight=False)
    verdicts = [judged.verdict for judged in found if judged.verdict is not None]
    if len(found) > 1:
        told = ", ".join(f"{number} {kind}" for kind, number in counts(verdicts).items() if number)
        out.print(f"{len(verdicts)} of {len(found)} judged: {told or 'none'}", markup=False, highlight=False)


def _code(found: list[Judged]) -> int:
    values = {judged.verdict.value if judged.verdict is not None else "no" for judged in found}
    return 1 if "no" in values else 3 if "uncertain" in values else 0


@app.command(epilog="Example: ostinato judge make --from 20261123-101500 --from last -o rules.yaml")
def make(
    task: Annotated[str | None, typer.Argument(help="The task in words, with its values.")] = None,
    recordings: Annotated[
        list[str] | None,
        typer.Option("--from", help="A successful recording; give two or more, and no model is asked."),
    ] = None,
    app_name: Annotated[str | None, typer.Option("--app", help="Which app it is done in.")] = None,
    screens_only: Annotated[
        bool, typer.Option("--screens-only", help="Make rules for a judge who cannot see the app's data.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; without it they are printed.")
    ] = None,
) -> None:
    """Make rules for a task: from recordings, or from its words with a model. Read them before you rely on them."""
    if output is not None and (output.exists() or not output.parent.is_dir()):
        raise UsageError(f"{output} is there already, or its folder is not; name a new file in a folder that is")
    rooms = house()
    if recordings:
        if task is not None:
            raise UsageError("give the task in words or recordings of it, not both: recordings say their task")
        if app_name is not None:
            raise UsageError("recordings say which app they are of; leave --app out")
        traces = [rooms.store.load(trace) for trace in recordings]
        made = derive_rules(traces, None if screens_only else rooms.store.data)
    else:
        if not (task or "").strip():
            raise UsageError("say what is to be done, or give two recordings with --from")
        made = StateDecomposer(open_chat(rooms.settings)).decompose(task or "", app_name)
    _write(made, output, "" if recordings else " --model")


@app.command("import", epilog="Example: ostinato judge import bilibili-type1.yaml -o rules.yaml")
def import_mobiflow(
    file: Annotated[Path, typer.Argument(help="A rule file of MobiFlow.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; without it the rules are printed.")
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="The words of the task, for rules that depend on them.")
    ] = None,
) -> None:
    """Read rules of MobiFlow. What is wrong with a file is named, and it is refused."""
    _write(import_rules(file, task), output, " --model")


def _write(rules: Rules, output: Path | None, how: str) -> None:
    """Print rules, or write them to a new file."""
    if output is None:
        print(write_rules(rules), end="")
        return
    if output.exists() or not output.parent.is_dir():
        raise UsageError(f"{output} is there already, or its folder is not; name a new file in a folder that is")
    with disk_errors(output.parent):
        write_file(output, write_rules(rules).encode())
    out.print(
        f"{output}: read it before you rely on it; then: ostinato judge run TRACE --rules {output}{how}",
        markup=False,
        highlight=False,
    )


def _eyes(
    rooms: House, images: Path | None, model: bool, watch: Callable[[], None]
) -> Callable[[Order], StoredEyes | None]:
    """Eyes for the orders that need them: their rules ask for pictures, or for words that only a picture shows."""
    made: dict[str, StoredEyes] = {}
    needed: dict[tuple[str, str], bool] = {}

    def needs(order: Order) -> bool:
        if asks_pictures(order.rules):
            return True
        return asks_words(order.rules, model) and has_pictures_only(rooms.store.bare(order.trace))

    def eyes(order: Order) -> StoredEyes | None:
        key = order.rules.digest
        if (order.trace, key) not in needed:
            needed[order.trace, key] = needs(order)
        if not needed[order.trace, key]:
            return None
        if key not in made:
            made[key] = StoredEyes(rooms.store.blobs, rooms.store.read, images, icons_of(order.rules), watch)
        return made[key]

    return eyes


def _reasoner(rooms: House) -> Reasoner:
    chat = open_chat(rooms.settings)
    return Reasoner(chat, Capturer(chat, rooms.store.blobs.get))
