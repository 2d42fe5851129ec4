"""`ostinato trace`: look at stored traces, take them elsewhere, clean up."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ostinato.cli.trace_list import lines, moment, place, table
from ostinato.errors import UsageError
from ostinato.settings import load_settings
from ostinato.trace.action import describe
from ostinato.trace.archive import export, import_
from ostinato.trace.mobiagent import export_mobiagent, import_mobiagent
from ostinato.trace.record import Step, Trace
from ostinato.trace.store import Store
from ostinato.trace.sweep import GRACE

app = typer.Typer(help="Look at stored traces, take them elsewhere, clean up.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Ids = Annotated[list[str], typer.Argument(help="Trace ids, beginnings of them, or `last`.")]
Status = Literal["done", "failed", "stopped", "interrupted", "damaged", "unreadable"]
_STATUS = {"done": "green", "failed": "red", "damaged": "red", "unreadable": "red"}


def store() -> Store:
    """The store of the settings."""
    settings = load_settings()
    return Store(settings.home / "store", settings.store_url)


@app.command("list", epilog="Example: ostinato trace list --app ihatemoney --before 2026-01-31")
def list_(
    limit: Annotated[int, typer.Option(help="How many.", min=1)] = 50,
    before: Annotated[str | None, typer.Option(help="Older than this trace id, or than this date (UTC).")] = None,
    app_name: Annotated[str | None, typer.Option("--app", help="Of this app, or at this address, only.")] = None,
    text: Annotated[str | None, typer.Option(help="With these words in the task.")] = None,
    status: Annotated[Status | None, typer.Option(help="With this end only.")] = None,
    json_output: Json = False,
) -> None:
    """List traces, newest first.

    At a terminal a task that has no room is cut (…). Elsewhere: a header and a line per trace, separated by tabs."""
    kept = store()
    before = moment(kept, before) if before is not None else None
    app_name = place(kept, app_name) if app_name is not None else None
    found = kept.list(limit=limit, before=before, app=app_name, text=text, status=status)
    if json_output:
        print(json.dumps([summary.model_dump(mode="json") for summary in found], ensure_ascii=False, indent=1))
        return
    if not found:
        out.print("no traces")
        return
    if sys.stdout.isatty():
        shown, left_out = table(found, out.width, _STATUS)
        out.print(shown)
        if left_out:
            out.print(f"no room for: {', '.join(left_out)}", style="dim", highlight=False)
    else:
        print("\n".join(lines(found)))
    if len(found) == limit:
        err.print(f"more: ostinato trace list --before {found[-1].id}", highlight=False, soft_wrap=True)


@app.command(epilog="Example: ostinato trace show last --html page.html")
def show(
    trace_id: Annotated[str, typer.Argument(metavar="TRACE", help="A trace id, its beginning, or `last`.")] = "last",
    html: Annotated[Path | None, typer.Option("--html", help="Write a page that shows every step.")] = None,
    json_output: Json = False,
) -> None:
    """Show one trace step by step."""
    kept = store()
    trace = kept.load(trace_id)
    if html is not None:
        from ostinato.trace.report import write_report

        write_report(kept, [trace.id], html)
        out.print(f"wrote {html}", markup=False, highlight=False)
    elif json_output:
        verdicts = [verdict.model_dump(mode="json") for verdict in kept.verdicts(trace.id)]
        print(
            json.dumps(
                {**trace.model_dump(mode="json"), "status": trace.status, "verdicts": verdicts},
                ensure_ascii=False,
                indent=1,
            )
        )
    else:
        _print(kept, trace)


def _print(kept: Store, trace: Trace) -> None:
    out.print(f"[bold]{escape(trace.task)}[/]  {_coloured(trace.status)}")
    facts = [trace.id, trace.app, trace.phone, trace.agent, f"{trace.seconds:.1f} s"]
    out.print("  ".join(escape(fact) for fact in facts if fact), highlight=False)
    steps = Table("#", "action", "by", "risk", "result", "s", "checks", box=SIMPLE_HEAD, show_edge=False)
    for step in trace.steps:
        steps.add_row(
            "" if step.action.kind == "done" else str(step.index + 1),
            escape(describe(step.action)),
            step.decision.source,
            f"[yellow]{step.risk}[/]" if step.risk == "commit" else step.risk,
            _result(step),
            f"{(step.ended - step.started).total_seconds():.1f}" if step.ended else "",
            _checks(step),
        )
    out.print(steps)
    for line in where_it_stopped(trace):
        out.print(line, style="yellow", markup=False, highlight=False)
    if trace.outcome and (trace.outcome.reason or trace.outcome.answer):
        out.print(f"{trace.outcome.claimed}: {trace.outcome.answer or trace.outcome.reason}", markup=False)
    for verdict in kept.verdicts(trace.id):
        out.print(f"verdict of {verdict.rules}: {verdict.value} {'; '.join(verdict.reasons)}", markup=False)
    for problem in trace.problems:
        out.print(f"damaged: {problem}", style="red", markup=False, highlight=False)


def where_it_stopped(trace: Trace) -> list[str]:
    """Where an interrupted trace was cut off and what that leaves open, in words."""
    if trace.outcome is not None and trace.outcome.claimed != "interrupted":
        return []
    last = next((step for step in reversed(trace.steps) if step.action.kind != "done"), None)
    if last is None:
        lines = ["Interrupted before the first step."]
    elif last.result is None:
        lines = [f"Interrupted in step {last.index + 1} ({describe(last.action)}): it may or may not have happened."]
    else:
        lines = [f"Interrupted after step {last.index + 1} ({describe(last.action)})."]
    if (step := trace.open_commit) is not None:
        lines.append(f"Step {step.index + 1} cannot be taken back: look in the app before you run the task again.")
    elif trace.unsettled:
        lines.append(f"It {trace.unsettled}: look in the app before you run the task again.")
    return lines


def _result(step: Step) -> str:
    if step.result is None:
        return "[yellow]unknown[/]"
    return "[green]ok[/]" if step.result.ok else f"[red]{escape(step.result.error or 'failed')}[/]"


def _checks(step: Step) -> str:
    passed = sum(check.value == "true" for check in step.checks)
    missed = [f"{check.label} ({check.value})" for check in step.checks if check.value != "true"]
    words = [f"{passed} passed"] if passed else []
    return "; ".join(words + [f"[red]{escape(text)}[/]" for text in missed])


def _coloured(status: str) -> str:
    return f"[{_STATUS.get(status, 'yellow')}]{status}[/]"


@app.command("export", epilog="Example: ostinato trace export last --to traces.zip")
def export_(
    ids: Ids,
    to: Annotated[Path, typer.Option("--to", "-o", help="A zip file, or for mobiagent a folder.")],
    kind: Annotated[
        Literal["ostinato", "mobiagent"],
        typer.Option("--format", help="A zip file of our own, or MobiAgent's folders."),
    ] = "ostinato",
    json_output: Json = False,
) -> None:
    """Write traces to a zip file, or to MobiAgent's folders."""
    written = [to]
    if kind == "ostinato":
        export(store(), ids, to)
    else:
        written = export_mobiagent(store(), ids, to)
    if json_output:
        print(json.dumps([str(path) for path in written]))
        return
    for path in written:
        out.print(f"wrote {path}", markup=False, highlight=False)


@app.command("import", epilog="Example: ostinato trace import traces.zip")
def import_command(
    path: Annotated[Path, typer.Argument(help="A zip file of traces, or a folder of MobiAgent's.")],
    json_output: Json = False,
) -> None:
    """Take in traces: all of them, or none when something is wrong."""
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder")
    kept = store()
    before = set(kept.ids())
    ids = import_mobiagent(kept, path) if path.is_dir() else import_(kept, path)
    if json_output:
        print(json.dumps(ids))
        return
    for trace_id in ids:
        out.print(f"{'already there' if trace_id in before else 'imported'}: {trace_id}", highlight=False)


@app.command(epilog="Example: ostinato trace delete 20260131-120000-0a1b2c")
def delete(
    ids: Ids,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json_output: Json = False,
) -> None:
    """Delete traces and their verdicts for good."""
    kept = store()
    whole = [kept.resolve(trace_id) for trace_id in ids]
    if not yes:
        typer.confirm(f"Delete {len(whole)} trace(s): {', '.join(whole)}?", abort=True, err=True)
    kept.delete(whole)
    if json_output:
        print(json.dumps(whole))
    else:
        out.print(
            f"deleted {_number(len(whole), 'trace')}; `ostinato trace gc` frees their space once it is an hour old",
            highlight=False,
        )


@app.command(epilog="Example: ostinato trace gc --keep-days 30 --keep-last 10 --dry-run")
def gc(
    keep_days: Annotated[float | None, typer.Option(help="Keep traces of so many days.", min=0)] = None,
    keep_last: Annotated[int | None, typer.Option(help="Keep so many newest traces.", min=0)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    json_output: Json = False,
) -> None:
    """Remove what no trace needs and, with a --keep option, the traces that none of them keeps.

    What was written within the last hour stays, and so do runs that may have done what cannot be taken back.

    Without a --keep option `keep_days` of the settings counts."""
    if keep_days is None and keep_last is None:
        keep_days = load_settings().keep_days
    kept = store()
    before = kept.ids()
    report = kept.gc(keep_days=keep_days, keep_last=keep_last, dry_run=dry_run)
    if json_output:
        print(report.model_dump_json(indent=1))
        return
    out.print(
        f"{'would remove' if dry_run else 'removed'} {_number(len(report.traces), 'trace')}, "
        f"{_number(report.blobs, 'blob')}, {report.bytes / 1e6:.1f} MB",
        highlight=False,
    )
    for line in _kept(kept, sorted(set(before) - set(report.traces)), keep_days is None and keep_last is None):
        out.print(line, highlight=False, soft_wrap=True)


def _kept(kept: Store, ids: list[str], all_of_them: bool) -> list[str]:
    """What a clean-up left, and why."""
    hour_ago = time.time() - GRACE
    said = []
    if ids and all_of_them:
        said.append(f"kept {_number(len(ids), 'trace')}: only --keep-days and --keep-last remove traces")
    elif ids:
        young = sum(_written(kept.journal(trace_id)) >= hour_ago for trace_id in ids)
        others = "by a --keep option, or because their run may have done what cannot be taken back"
        if young < len(ids):
            said.append(f"kept {_number(len(ids) - young, 'trace')} {others}")
        if young:
            said.append(f"kept {_number(young, 'trace')} younger than an hour")
    blobs = sum(_written(kept.blobs.path(sha)) >= hour_ago for sha in kept.blobs.all())
    if blobs:
        said.append(f"kept {_number(blobs, 'blob')} younger than an hour, whether a trace needs them or not")
    return said


def _written(path: Path) -> float:
    """When a file was last written, in seconds; 0 when it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
