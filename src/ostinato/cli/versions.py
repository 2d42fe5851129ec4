"""Versions of experiences: how they stand, how two differ, trying one, and taking one out of use."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from ostinato.cli.root import AppName, Commits, Headed, Json, Login, PhoneName, Url
from ostinato.cli.work import house, one_place, out, phone_of, plain, watch_step
from ostinato.errors import UsageError
from ostinato.house import approver
from ostinato.replay.difference import Difference, differences
from ostinato.replay.experience import Experience
from ostinato.replay.repository import Repository
from ostinato.replay.standing import Played
from ostinato.trace.record import TEMPORARY

COLOURS = {"learnt": "green", "verified": "green", "candidate": "yellow", "quarantined": "red"}


def told(experience: Experience, played: Played) -> dict[str, Any]:
    """An experience and its record, for other programs."""
    record = {name: value for name, value in asdict(played).items() if name != "last"}
    last = played.last.isoformat() if played.last is not None else None
    return {**experience.model_dump(mode="json"), "played": {**record, "last": last}}


def records(repository: Repository) -> dict[tuple[str, int], Played]:
    """The record of every version that was played."""
    return repository.standing.played() if repository.standing is not None else {}


def diff(
    which: Annotated[
        list[str],
        typer.Argument(metavar="ID [V1 V2 | ID]", help="One experience and two of its versions, or two experiences."),
    ],
    json_output: Json = False,
) -> None:
    """What differs between two versions of an experience (the last two, unless you say which), or two experiences."""
    repository = house().repository
    one, other = _pair(repository, which)
    found = differences(one, other)
    if json_output:
        names = [{"id": e.id, "version": e.version, "status": e.status} for e in (one, other)]
        print(json.dumps({"before": names[0], "after": names[1], "differences": [d.told() for d in found]},
                         ensure_ascii=False, indent=1))  # fmt: skip
        return
    out.print(
        f"[red]- {one.id} v{one.version}[/], {one.status}, learnt {one.learnt:%Y-%m-%d}\n"
        f"[green]+ {other.id} v{other.version}[/], {other.status}, learnt {other.learnt:%Y-%m-%d}",
        highlight=False,
    )
    print_differences(found)


def print_differences(found: Sequence[Difference]) -> None:
    """Differences for people, those of one step together."""
    if not found:
        out.print("  nothing differs in what they do", markup=False, highlight=False)
    for where, group in groupby(found, key=lambda d: d.where):
        if where:
            out.print(f"[bold]{escape(plain(where))}[/]", highlight=False)
        table = Table.grid(padding=(0, 1))
        table.add_column(min_width=2)
        table.add_column(min_width=10, max_width=24, overflow="fold", style="dim")
        table.add_column(width=1)
        table.add_column(overflow="fold")
        for one in group:
            for mark, said, colour in (("-", one.before, "red"), ("+", one.after, "green")):
                if said is not None:
                    shown = escape(plain(said)) or "[dim](empty)[/]"
                    table.add_row("", escape(one.part), f"[{colour}]{mark}[/]", f"[{colour}]{shown}[/]")
        out.print(table, highlight=False)


def verify(
    experience: Annotated[str, typer.Argument(metavar="ID", help="An experience; its candidate, where one waits.")],
    app_name: AppName = None,
    url: Url = None,
    phone: PhoneName = None,
    times: Annotated[int, typer.Option("--times", min=1, max=20, help="How many runs must be clean.")] = 2,
    commits: Commits = None,
    login: Login = None,
    headed: Headed = False,
    report: Annotated[Path | None, typer.Option("--report", help="Write a report page of the runs.")] = None,
    json_output: Json = False,
) -> None:
    """Play an experience on an app in its first state: is it right each time?

    The values are those of its recordings, and mixed ones.
    When all runs were right it is verified, and a candidate is used from then on.
    A named app begins anew for each run, and its own data tell what was done;
    there what cannot be taken back is done unless --commits says otherwise.
    A site of --url is used as it is."""
    from ostinato.house.verification import verify as run
    from ostinato.phone.apps.app import get_app
    from ostinato.session import place_of, read_login
    from ostinato.trace.report import write_report

    rooms = house()
    found = _to_verify(rooms.repository, experience)
    on = phone_of(phone)
    if app_name is None and url is None and found.app is not None and on.kind != "linux":
        app_name, url = (None, found.app) if "://" in found.app else (found.app, None)
    one_place(app_name, url, None, on, login=login, headed=headed)
    app_name, url = on.places(app_name, url)
    interactive = sys.stdin is not None and sys.stdin.isatty()
    policy = commits or ("allow" if app_name is not None else rooms.settings.commits)
    approve = approver(policy, interactive, _ask)
    on = on.settled()
    stored = read_login(login) if login is not None else None
    quiet = json_output

    def begin(task: str) -> None:
        if not quiet:
            out.print(f"[dim]try:[/] {escape(plain(task))}", highlight=False)

    def work(app: Any) -> Any:
        with rooms.phone(app, url, stored, not headed, on=on) as shown:
            return run(
                rooms, found, phone=shown, app=app,
                app_name=get_app(app_name, rooms.settings.cache).name if app_name else url,
                url=url, login=stored, place=TEMPORARY if app is not None else place_of(None, url, None, on),
                approve=approve, times=times, begin=begin, watch=(lambda step: None) if quiet else watch_step,
            )  # fmt: skip

    if app_name is not None:
        with rooms.app(app_name) as app:
            result = work(app)
    else:
        result = work(None)
    runs = [trial.run for trial in result.trials if trial.run is not None]
    if report is not None and runs:
        write_report(rooms.store, runs, report)
    status = rooms.repository.get(f"{found.id}.v{found.version}").status
    if json_output:
        trials = [{**asdict(trial), "clean": trial.clean} for trial in result.trials]
        about = {"id": found.id, "version": found.version, "clean": result.verified, "status": status}
        print(json.dumps({**about, "trials": trials}, ensure_ascii=False, indent=1))
        raise typer.Exit(0 if result.verified else 1)
    for trial in result.trials:
        mark = "[green]clean[/]" if trial.clean else "[red]not clean[/]"
        out.print(f"{mark} [dim]{trial.run or 'no run'}[/] {escape(plain(trial.task))}", highlight=False)
        for problem in trial.problems:
            out.print(f"    {escape(plain(problem))}", highlight=False)
    if report is not None and runs:
        out.print(f"report: {report}", markup=False, highlight=False)
    said = "all runs were clean" if result.verified else "it was not right every time"
    out.print(f"{found.id} v{found.version}: {said}; status [{COLOURS[status]}]{status}[/]", highlight=False)
    raise typer.Exit(0 if result.verified else 1)


def quarantine(
    experience: Annotated[str, typer.Argument(metavar="ID", help="An experience; ID.v2 is its second version.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, to be kept with it.")] = "by hand",
    lift: Annotated[bool, typer.Option("--lift", help="Use it again: it is what it was before.")] = False,
) -> None:
    """Take a version out of use; the one before it that may be used is used again. Nothing is deleted."""
    repository = house().repository
    found = repository.get(experience)
    if lift and found.status != "quarantined":
        there = [one for one in repository.versions(found.id) if one.status == "quarantined"]
        if "." in experience or len(there) != 1:
            known = ", ".join(f"{one.id}.v{one.version}" for one in there) or "no version is"
            raise UsageError(f"{found.id} v{found.version} is not in quarantine; {known}")
        found = there[0]
    if repository.standing is not None:
        if lift:
            repository.standing.lift(found.id, found.version, plain(reason))
        else:
            repository.standing.put(found.id, found.version, "quarantined", plain(reason))
    now = repository.get(f"{found.id}.v{found.version}")
    used = next((one for one in reversed(repository.versions(found.id)) if one.usable), None)
    use = f"version {used.version} is used" if used is not None else "no version of it is used"
    out.print(f"{now.id} v{now.version} is [{COLOURS[now.status]}]{now.status}[/]; {use}", highlight=False)


def _ask(question: str) -> bool:
    try:
        return typer.confirm(question)
    except typer.Abort:  # Ctrl-C at the question
        raise KeyboardInterrupt from None


def _to_verify(repository: Repository, name: str) -> Experience:
    found = repository.get(name)
    if "." not in name:
        found = next((one for one in repository.waiting() if one.id == found.id), found)
    if found.status == "quarantined":
        raise UsageError(
            f"{found.id} v{found.version} is in quarantine; "
            f"ostinato experience quarantine {found.id}.v{found.version} --lift ends that"
        )
    return found


def _pair(repository: Repository, which: Sequence[str]) -> tuple[Experience, Experience]:
    if len(which) == 2:
        return repository.get(which[0]), repository.get(which[1])
    if len(which) == 3:
        known = repository.get(which[0]).id
        one, other = (number.removeprefix("v") for number in which[1:])
        return repository.get(f"{known}.v{one}"), repository.get(f"{known}.v{other}")
    if len(which) != 1:
        raise UsageError("say which: ID, ID V1 V2, or ID ID")
    versions = repository.versions(repository.get(which[0]).id)
    if len(versions) < 2:
        raise UsageError(
            f"experience {versions[-1].id} has one version only; name another experience to compare it with"
        )
    return versions[-2], versions[-1]
