"""`ostinato demo`: one experience learnt from two recordings, played with values never seen, judged by the data."""

from __future__ import annotations

import shlex
import time
from importlib.resources import as_file, files
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from ostinato.cli.work import out, print_experience, watch_step
from ostinato.house import Finished, House
from ostinato.phone.apps.app import get_app
from ostinato.settings import load_settings
from ostinato.trace.archive import import_
from ostinato.trace.record import Trace
from ostinato.trace.report import write_report

APP = "ihatemoney"
TASK = "Add an expense: Night train to Vienna, 127.80, paid by Dan"


def run_demo(folder: Path, report: Path) -> int:
    """Run the demo; 0 when the app's data say that exactly the new expense was added."""
    started = time.monotonic()
    settings = load_settings().model_copy(update={"home": folder.resolve()})
    rooms = House(settings)
    app = get_app(APP, settings.cache)
    if not app.is_installed():
        out.print(f"installing {APP} (once; into {settings.cache})", markup=False, highlight=False)
        app.install(lambda line: out.print(f"  {line}", markup=False, highlight=False))
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        recordings = [rooms.store.load(i) for i in import_(rooms.store, archive)]
    out.rule("[bold]1  Two recordings")
    for trace in recordings:
        out.print(
            f"  “{escape(trace.task)}”  {trace.acts} steps, {trace.seconds:.1f} s, "
            f"played by {trace.meta.get('played_by', 'a person')}",
            highlight=False,
        )
    out.rule("[bold]2  One experience")
    experience = rooms.learn([t.id for t in recordings])
    print_experience(experience)
    out.rule("[bold]3  The task with values never seen, without any model")
    out.print(f"  “{escape(TASK)}”", highlight=False)
    app.start(None)
    try:
        app.reset()
        with rooms.phone(app) as phone:
            finished = rooms.replay(
                TASK,
                phone=phone,
                app=app,
                app_name=APP,
                approve=lambda action, screen: True,
                again=True,
                meta={"recorded_by": "demo"},
                watch=watch_step,
            )
    finally:
        app.stop()
    out.rule("[bold]4  The verdict")
    _verdict(finished)
    _table(recordings, finished)
    write_report(
        rooms.store,
        [finished.trace.id, *[t.id for t in recordings]],
        report,
        title="Ostinato demo: add an expense",
        intro="One experience learnt from two recordings, played with values never seen; the verdict is read from "
        "the app's database.",
    )
    out.print(f"report: {report}   total {time.monotonic() - started:.1f} s", markup=False, highlight=False)
    for line in what_next(folder):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    return 0 if finished.verdict is not None and finished.verdict.value == "yes" else 1


def what_next(folder: Path) -> list[str]:
    """Where the demo's traces are, how to look at them, and how to begin with one's own."""
    home = f"OSTINATO_HOME={shlex.quote(str(folder))}"
    return [
        f"The traces and the experience are in {folder}, a store of the demo's own. To look at them:",
        f"  {home} ostinato trace list",
        f"  {home} ostinato experience list",
        "Next, show the phone a task of yours, twice with other values (a page opens that mirrors the phone):",
        f'  ostinato record --app {APP} "Add an expense: Taxi, 42.50, paid by Alice"',
    ]


def _verdict(finished: Finished) -> None:
    verdict = finished.verdict
    if verdict is None:
        out.print("no verdict: nothing is known of the data")
        return
    if finished.trace.outcome is not None and finished.trace.outcome.claimed != "done":
        out.print(f"  the run stopped: {escape(finished.trace.outcome.reason)}", highlight=False)
    out.print(f"  [bold]{verdict.value}[/] — what changed in the app's database:", highlight=False)
    for change in verdict.changes:
        out.print(f"    {escape(change)}", highlight=False)
    if verdict.value != "yes":
        for reason in verdict.reasons:
            out.print(f"    {escape(reason)}", highlight=False)


def _table(recordings: list[Trace], finished: Finished) -> None:
    table = Table(title="Recordings and replay", title_justify="left")
    for column in ("run", "task", "steps", "replayed", "checks", "seconds"):
        table.add_column(column, justify="left" if column in ("run", "task") else "right")
    for number, trace in enumerate(recordings, start=1):
        table.add_row(f"recording {number}", escape(trace.task), str(trace.acts), "–", "–", f"{trace.seconds:.1f}")
    trace = finished.trace
    checks = [c for step in trace.steps for c in step.checks]
    held = sum(c.value == "true" for c in checks)
    table.add_row(
        "[bold]replay",
        escape(trace.task),
        str(trace.acts),
        str(finished.replayed),
        f"{held}/{len(checks)}",
        f"{trace.seconds:.1f}",
    )
    out.print(table)
