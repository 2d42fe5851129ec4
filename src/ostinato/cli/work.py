"""Doing tasks from the command line: one phone, one or many tasks, a line for each."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ostinato.errors import CommitRefused, FormatError, UsageError
from ostinato.phone.apps.app import App, get_app
from ostinato.replay.experience import Experience
from ostinato.replay.match import Match
from ostinato.run import Finished, House, approver
from ostinato.settings import load_settings
from ostinato.trace.action import describe
from ostinato.trace.record import Step

out = Console()


def house() -> House:
    return House(load_settings())


def perform_tasks(
    tasks: list[str],
    *,
    app_name: str | None,
    url: str | None,
    folder: Path | None,
    commits: str | None,
    again: bool,
    login: Path | None,
    headless: bool,
    report: Path | None,
    json_output: bool,
    batch: bool,
    chosen: Match | None = None,
) -> int:
    """Do tasks one after the other on one phone; 0 when all were done and none was judged wrong.

    Every task is matched before anything is started, so that a task nobody knows stops nothing half-way. In a batch
    a row that was done before, or may have been, is not done again."""
    rooms = house()
    if app_name is not None:
        get_app(app_name, rooms.settings.cache)
    approve = approver(commits or rooms.settings.commits, sys.stdin.isatty(), typer.confirm)
    place = get_app(app_name, rooms.settings.cache).name if app_name else url
    matches = [chosen or rooms.find(task, place) for task in tasks]
    finished: list[Finished] = []
    skipped: list[tuple[str, str]] = []
    stored = _login(login)

    def work(app: App | None) -> None:
        with rooms.phone(app, url, stored, headless) as phone:
            for number, (task, found) in enumerate(zip(tasks, matches, strict=True)):
                if batch and not again and (why := _done_before(rooms, task, place, 1 + tasks[:number].count(task))):
                    skipped.append((task, why))
                    _line(json_output, f"[yellow]skipped[/] {escape(task)}: {why}")
                    continue
                if number:
                    phone.new_episode(
                        login=app.login if app else stored,
                        start_url=app.url if app else url,
                        init_script=app.init_script if app else None,
                    )
                result = rooms.replay(
                    task,
                    phone=phone,
                    app=app,
                    app_name=place,
                    approve=approve,
                    chosen=found,
                    again=again,
                    watch=(lambda step: None) if json_output or batch else _watch,
                )
                finished.append(result)
                _say(result, json_output)
                if result.trace.status == "interrupted":
                    raise KeyboardInterrupt

    try:
        if app_name is not None:
            with rooms.app(app_name, folder) as app:
                work(app)
        else:
            work(None)
    except CommitRefused as error:
        if not batch:
            raise
        out.print(f"[red]stopped[/] {escape(str(error))}")
    if report is not None and finished:
        from ostinato.trace.report import write_report

        write_report(rooms.store, [f.trace.id for f in finished], report)
        _line(json_output, f"report: {report}")
    if json_output:
        print(json.dumps([_as_json(f) for f in finished], indent=1, ensure_ascii=False))
    good = all(f.trace.status == "done" and (f.verdict is None or f.verdict.value == "yes") for f in finished)
    return 0 if good and len(finished) + len(skipped) == len(tasks) else 1


def one_place(app_name: str | None, url: str | None, folder: Path | None) -> None:
    """Raise UsageError unless one place to work at is given."""
    if (app_name is None) == (url is None):
        raise UsageError("say where: --app APP or --url URL (one of them)")
    if folder is not None and app_name is None:
        raise UsageError("--folder keeps the data of a named app; it goes with --app")


def _done_before(rooms: House, task: str, place: str | None, wanted: int) -> str | None:
    """Why the `wanted`-th row of these words is not done: runs did it so often before, or one was cut off after it
    had sent something."""
    try:
        rooms.refuse_twice(task, place)
    except CommitRefused as error:
        return str(error)
    done = [s.id for s in rooms.store.list(limit=1000, app=place, text=task, status="done") if s.task == task]
    return f"done by run {done[-wanted]} (use --again to repeat it)" if len(done) >= wanted else None


def _login(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FormatError(path, "file", f"is not a stored login: {error}") from error
    if not isinstance(found, dict) or "cookies" not in found:
        raise FormatError(path, "cookies", "is missing; a stored login is a Playwright storage state")
    return found


def _line(quiet: bool, text: str) -> None:
    if not quiet:
        out.print(text, highlight=False)


def _watch(step: Step) -> None:
    marks = {"true": "[green]✓[/]", "false": "[red]✗[/]", "unknown": "[yellow]?[/]"}
    checks = "".join(marks[c.value] for c in step.checks)
    out.print(f"  {step.index + 1:>2}  {escape(describe(step.action))}  [dim]{step.risk}[/] {checks}", highlight=False)


def _say(finished: Finished, json_output: bool) -> None:
    if json_output:
        return
    trace, verdict = finished.trace, finished.verdict
    colour = {"done": "green", "interrupted": "yellow"}.get(trace.status, "red")
    out.print(
        f"[{colour}]{trace.status}[/] {escape(trace.task)}  [dim]{trace.id}, {trace.seconds:.1f} s[/]", highlight=False
    )
    if trace.outcome is not None and trace.outcome.claimed != "done":
        out.print(f"    {escape(trace.outcome.reason)}", highlight=False)
    if verdict is not None:
        colour = {"yes": "green", "no": "red", "uncertain": "yellow"}[verdict.value]
        out.print(f"    verdict [{colour}]{verdict.value}[/] from the app's data and the last screen", highlight=False)
        for change in verdict.changes:
            out.print(f"      {escape(change)}", highlight=False)
        if verdict.value != "yes":
            for reason in verdict.reasons:
                out.print(f"      {escape(reason)}", highlight=False)


def _as_json(finished: Finished) -> dict[str, Any]:
    trace, verdict = finished.trace, finished.verdict
    return {
        "trace": trace.id,
        "task": trace.task,
        "status": trace.status,
        "reason": trace.outcome.reason if trace.outcome else "",
        "steps": len(trace.steps),
        "replayed": finished.replayed,
        "seconds": trace.seconds,
        "slots": trace.slots,
        "verdict": verdict.value if verdict else None,
        "changes": list(verdict.changes) if verdict else [],
        "reasons": list(verdict.reasons) if verdict else [],
    }


def print_experience(experience: Experience) -> None:
    """An experience for people: templates, slots, steps with their checks, the expected change."""
    out.print(
        f"[bold]experience {experience.id}[/] v{experience.version} for {experience.app}, "
        f"from {len(experience.recordings)} recordings",
        highlight=False,
    )
    for template in experience.templates:
        out.print(f"  task   {escape(template)}", highlight=False)
    for slot in experience.slots:
        out.print(f"  slot   {{{slot.name}}} {slot.kind}, seen: {escape(', '.join(slot.examples))}", highlight=False)
    table = Table(show_edge=False)
    for column in ("", "step", "risk", "checked before", "checked after"):
        table.add_column(column)
    for node in experience.nodes:
        before = len(node.pre) + (len(node.commit) if node.risk == "commit" else 0)
        table.add_row(
            str(node.index + 1),
            escape(node.primitive) + (" (if there)" if node.optional else ""),
            node.risk,
            str(before),
            str(len(node.post)),
        )
    out.print(table)
    if experience.data is not None:
        for expectation in experience.data:
            out.print(f"  data   {escape(expectation.words())}", highlight=False)
