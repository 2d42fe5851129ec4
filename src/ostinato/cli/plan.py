"""Plans at the command line: made from a task's words, written for a person to edit, done."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from ostinato.agent.formats.planner import Place
from ostinato.agent.memory import Recalled
from ostinato.agent.plans.planning import open_planner
from ostinato.agent.plans.subtasks import Plan, load_plan, write_plan
from ostinato.cli.work import error_out, house, out
from ostinato.errors import UsageError
from ostinato.house import House, approver
from ostinato.model.embed import embedder_at_hand
from ostinato.phone.apps.about import described
from ostinato.phone.apps.app import get_app
from ostinato.replay.memory import Memories
from ostinato.tasks.runner import Ended, Ways, run_plan
from ostinato.trace.blobs import write_file


def plan(
    task: Annotated[str, typer.Argument(help="The task, in words; it may need several apps.")],
    file: Annotated[Path | None, typer.Option("--out", "-o", help="Write the plan to this file.")] = None,
    apps: Annotated[
        list[str] | None,
        typer.Option("--app", help="An app that may be used (again for more). Usually: all installed."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Make a plan for a task over one or more apps: print it, or write it for you to edit."""
    rooms = house()
    if file is not None and file.exists() and not force:
        raise UsageError(f"{file} is there already; --force writes over it")
    found = make_plan(rooms, task, apps or [])
    text = found.model_dump_json(indent=1) + "\n" if json_output else write_plan(found)
    if file is None:
        print(text, end="")
    else:
        write_file(file, text.encode())
        out.print(f"wrote {file}; do it: ostinato run --plan {file} --folder data", markup=False, highlight=False)
    for line in notes(found):
        error_out.print(f"[yellow]note:[/] {escape(line)}", highlight=False, soft_wrap=True)


def make_plan(rooms: House, task: str, apps: list[str]) -> Plan:
    """The plan for a task, by what is remembered and the planner of the settings. At a terminal a value that the words
    leave out is asked for, and kept only when that is agreed to."""
    embedder = embedder_at_hand(rooms.settings.cache)
    memories = Memories(rooms.settings.home, embedder, rooms.store)
    interactive = sys.stdin is not None and sys.stdin.isatty()

    def ask(slot: str, found: Recalled) -> str | None:
        if not interactive:
            error_out.print(
                f"[yellow]note:[/] “{escape(found.template)}” needs {escape(slot)}; say it in the task, or: "
                f"ostinato memory add {escape(slot)} VALUE",
                highlight=False,
            )
            return None
        said = str(typer.prompt(f"{found.template}\n{slot}")).strip()
        if said and typer.confirm(f"Remember {slot} = {said} for {found.app}?", default=False):
            try:
                memories.profile.add(slot, said, found.app, consent="asked")
            except UsageError as error:
                error_out.print(f"[yellow]not remembered:[/] {escape(str(error))}", highlight=False)
        return said or None

    def say(text: str) -> None:
        error_out.print(f"[dim]{escape(text)}[/]", highlight=False)

    known = places(rooms, apps)
    planner = open_planner(rooms.settings, memories, known, embedder=embedder, ask=ask, say=say)
    try:
        return planner.plan(task)
    finally:
        used = planner.budget.cost
        if used.calls:
            say(f"planning took {used.calls} calls of a model, {used.tokens.prompt + used.tokens.output} tokens")


def places(rooms: House, apps: list[str]) -> list[Place]:
    """The apps that may be used: those that are named, otherwise what is installed, and sites with experiences."""
    known = described()
    if apps:
        for name in apps:
            if "://" not in name:
                get_app(name, rooms.settings.cache)  # UsageError names those there are
        return [Place(name, known.get(name, "")) for name in dict.fromkeys(apps)]
    names = [name for name in known if get_app(name, rooms.settings.cache).is_installed()]
    sites = sorted({e.app for e in rooms.repository.newest() if e.app and "://" in e.app})
    return [Place(name, known.get(name, "")) for name in [*names, *sites]]


def notes(plan: Plan) -> list[str]:
    """What a person should know of a plan before it is done."""
    said = []
    for part in plan.subtasks:
        if part.experience is None and part.trace is None and not part.gives:
            said.append(f"{part.id}: no experience is known for “{part.task}”; a model does it, or record it twice")
        if part.trace is not None:
            said.append(f"{part.id}: done before in the same words; run {part.trace} is played again")
        if part.preferences:
            said.append(f"{part.id}: filled from memory ({', '.join(part.preferences)})")
    return said


def run_plan_file(
    file: Path,
    *,
    folder: Path | None,
    phone: str | None,
    jobs: int,
    commits: str | None,
    again: bool,
    headless: bool,
    use_model: bool,
    report: Path | None,
    json_output: bool,
    safety: Mapping[str, Any] | None = None,
) -> int:
    """Do the plan in a file; 0 when every part was done and is known to be right. `safety` are settings for this
    command (`ostinato.cli.safety`)."""
    rooms = house(safety)
    if report is not None and report.is_dir():
        raise UsageError(f"--report {report} is a folder; name a file")
    plan = load_plan(file)
    interactive = sys.stdin is not None and sys.stdin.isatty()
    policy = commits or rooms.settings.commits or ("ask" if interactive else "refuse")
    approver(policy, interactive, _ask)  # raises for `ask` without a terminal
    rooms.ask = _ask if interactive and policy != "refuse" else None
    ways = Ways(
        policy=policy,
        ask=_ask,
        say=(lambda name, line: None) if json_output else _say,
        jobs=jobs,
        phone=phone or "",
        again=again,
        headless=headless,
        use_model=use_model,
    )
    key = f"{file.resolve()} {folder.resolve() if folder is not None else ''}"
    try:
        ended = run_plan(rooms, plan, ways, key=key, folder=folder)
    except KeyboardInterrupt:
        if folder is not None and not json_output:
            out.print("stopped; the same command goes on, and what is done is not done again", highlight=False)
        raise
    traces = [done.trace for done in ended.done.values()] + ([ended.whole.id] if ended.whole is not None else [])
    if report is not None and traces:
        from ostinato.trace.report import write_report

        write_report(rooms.store, traces, report)
    if json_output:
        print(json.dumps(_as_json(ended), indent=1, ensure_ascii=False))
    else:
        _conclude(ended, folder)
        if report is not None and traces:
            out.print(f"report: {report}", markup=False, highlight=False)
    return 0 if ended.is_certain else 1


def _ask(question: str) -> bool:
    try:
        return typer.confirm(question)
    except typer.Abort:  # Ctrl-C at the question
        raise KeyboardInterrupt from None


def _say(name: str, line: str) -> None:
    out.print(f"[bold]{escape(name)}[/]  {escape(line)}", highlight=False)


def _conclude(ended: Ended, folder: Path | None) -> None:
    for name in sorted(ended.earlier):
        out.print(f"[bold]{escape(name)}[/]  was done before, by {ended.done[name].trace}", highlight=False)
    if ended.whole is not None:
        out.print(f"[green]done[/] {escape(ended.plan.task)}  [dim]{ended.whole.id}[/]", highlight=False)
        doubts = [part.id for part in ended.plan.subtasks if not ended.done[part.id].is_certain]
        if doubts:
            out.print(f"    [yellow]not judged[/]: {', '.join(doubts)} (no experience says how the end looks)")
        if len(ended.earlier) == len(ended.plan.subtasks):
            out.print("    nothing was left to do; --again begins a new round", highlight=False)
        return
    for name, why in ended.stopped.items():
        out.print(f"[red]stopped[/] {escape(name)}: {escape(why)}", highlight=False)
    left = [part.id for part in ended.plan.subtasks if part.id not in ended.done and part.id not in ended.stopped]
    if left:
        out.print(f"    not begun: {', '.join(left)}", markup=False, highlight=False)
    if folder is not None:
        out.print("    the same command goes on; what is done is not done again", highlight=False)


def _as_json(ended: Ended) -> dict[str, Any]:
    rows = []
    for part in ended.plan.subtasks:
        done = ended.done.get(part.id)
        rows.append(
            {
                "id": part.id,
                "app": part.app,
                "task": part.task,
                "status": done.status if done is not None else "stopped" if part.id in ended.stopped else "not begun",
                "reason": ended.stopped.get(part.id, ""),
                "trace": done.trace if done is not None else None,
                "verdict": done.verdict if done is not None else None,
                "earlier": part.id in ended.earlier,
                "artefacts": {
                    name: {"value": a.value, "type": a.type, "source": a.source, "trace": a.trace, "step": a.step}
                    for name, a in (done.artefacts if done is not None else {}).items()
                },
            }
        )
    whole = ended.whole.id if ended.whole is not None else None
    return {"task": ended.plan.task, "run": ended.run, "certain": ended.is_certain, "trace": whole, "subtasks": rows}
