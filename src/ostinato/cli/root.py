"""The root of the command line: what a person types first."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from ostinato import __version__
from ostinato.cli.rooms import Rooms
from ostinato.cli.safety import AllowApp, AllowDomain, BeyondTask, Permission, Privacy, changes
from ostinato.errors import CommitRefused, FormatError, MatchError, OstinatoError, StoreError, UsageError

app = typer.Typer(
    cls=Rooms,
    help="Phone agents that remember: record a task, play it again checked, judge it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
out = Console()
err = Console(stderr=True)


def _address(given: str | None) -> str | None:
    from ostinato.trace.values import address

    return given and address(given)


AppName = Annotated[str | None, typer.Option("--app", help="A named app: see `ostinato app list`.")]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder", help="Keep the app's data here. Without it each command begins with the app's first state."
    ),
]
Url = Annotated[
    str | None,
    typer.Option("--url", help="Any web site by its address.", callback=_address),
]
PhoneName = Annotated[
    str | None,
    typer.Option(
        "--phone",
        metavar="PHONE",
        help="chromium (the default), android[:SERIAL], harmony[:SERIAL] or linux:APP; on a real phone --app names a "
        "package (see docs/phone.md).",
    ),
]
Commits = Annotated[
    Literal["ask", "refuse", "allow"] | None,
    typer.Option("--commits", help="Before what cannot be undone: ask, refuse or allow. Without a terminal: refuse."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Headed = Annotated[bool, typer.Option("--headed", help="Show the phone in a window (needs a display).")]
Login = Annotated[
    Path | None, typer.Option("--login", help="A stored login (Playwright storage state) for --url.", exists=True)
]
UseModel = Annotated[
    bool,
    typer.Option("--model", help="Let the model of the settings go on where no experience can (see docs/agent.md)."),
]
Words = Annotated[
    bool,
    typer.Option("--words", help="Without a model: where no experience can, do what the words of the task say."),
]
Again = Annotated[bool, typer.Option("--again", help="Do it even if an earlier run may already have done it.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"ostinato {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def run(
    task: Annotated[str | None, typer.Argument(help="The task, in words.")] = None,
    app_name: AppName = None,
    url: Url = None,
    phone: PhoneName = None,
    folder: Folder = None,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", help="One row, one task: a column `task`, or columns that fill the {slots} of TASK."),
    ] = None,
    plan: Annotated[
        Path | None, typer.Option("--plan", help="A plan over several apps (see `ostinato plan`), instead of TASK.")
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="TRACE", help="Go on with a run that was cut off, instead of TASK."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, help="With --plan: how many sub-tasks may be under way at once.")
    ] = 2,
    use_model: UseModel = False,
    by_words: Words = False,
    commits: Commits = None,
    again: Again = False,
    allow_domain: AllowDomain = None,
    allow_app: AllowApp = None,
    permissions: Permission = None,
    beyond_task: BeyondTask = False,
    privacy: Privacy = None,
    login: Login = None,
    headed: Headed = False,
    report: Annotated[Path | None, typer.Option("--report", help="Write a report page of the run.")] = None,
    json_output: Json = False,
) -> None:
    """Do a task: by an experience that fits, each step checked; else by a model, or by its words alone."""
    from ostinato.cli.work import one_place, perform_tasks, phone_of

    if plan is not None:
        from ostinato.cli.plan import run_plan_file

        more = {"TASK": task, "--app": app_name, "--url": url, "--csv": csv_file, "--login": login}
        for name, given in {**more, "--words": by_words or None}.items():
            if given is not None:
                raise UsageError(f"{name} does not go with --plan: the plan says what is done where")
        code = run_plan_file(
            plan,
            folder=folder,
            phone=phone,
            jobs=jobs,
            commits=commits,
            again=again,
            headless=not headed,
            use_model=use_model,
            report=report,
            json_output=json_output,
            safety=changes(allow_domain, allow_app, permissions, beyond_task, privacy),
        )
        raise typer.Exit(code)
    if resume is not None:
        from ostinato.cli.resume import resume_run

        more = {"--app": app_name, "--url": url, "--csv": csv_file, "--phone": phone, "--folder": folder}
        for name, given in more.items():
            if given is not None:
                raise UsageError(f"{name} does not go with --resume: the run that was cut off says it")
        code = resume_run(
            resume,
            task=task,
            commits=commits,
            again=again,
            login=login,
            headless=not headed,
            report=report,
            json_output=json_output,
            use_model=use_model,
            by_words=by_words,
            safety=changes(allow_domain, allow_app, permissions, beyond_task, privacy),
        )
        raise typer.Exit(code)
    on = phone_of(phone)
    one_place(app_name, url, folder, on, login=login, headed=headed)
    tasks = [task] if task else []
    if csv_file is not None:
        tasks = _rows(csv_file, task)
    if not tasks:
        raise UsageError("say what: a TASK in words, or --csv FILE")
    code = perform_tasks(
        tasks,
        app_name=app_name,
        url=url,
        folder=folder,
        commits=commits,
        again=again,
        login=login,
        headless=not headed,
        report=report,
        json_output=json_output,
        file=csv_file,
        use_model=use_model,
        by_words=by_words,
        on=on,
        safety=changes(allow_domain, allow_app, permissions, beyond_task, privacy),
    )
    raise typer.Exit(code)


@app.command()
def replay(
    experience: Annotated[str, typer.Argument(help="An experience by the beginning of its id.")],
    values: Annotated[list[str] | None, typer.Argument(help="SLOT=VALUE for each slot.")] = None,
    app_name: AppName = None,
    url: Url = None,
    phone: PhoneName = None,
    folder: Folder = None,
    commits: Commits = None,
    again: Again = False,
    allow_domain: AllowDomain = None,
    allow_app: AllowApp = None,
    permissions: Permission = None,
    privacy: Privacy = None,
    login: Login = None,
    headed: Headed = False,
    report: Annotated[Path | None, typer.Option("--report", help="Write a report page of the run.")] = None,
    json_output: Json = False,
) -> None:
    """Play one experience with given values."""
    from ostinato.cli.work import house, one_place, perform_tasks, phone_of
    from ostinato.replay.match import Match
    from ostinato.trace.values import fill

    found = house().repository.get(experience)
    if found.status == "quarantined":
        name = f"{found.id}.v{found.version}"
        raise UsageError(f"{name} is in quarantine; ostinato experience quarantine {name} --lift ends that")
    given = dict(_pair(text) for text in values or [])
    names = {slot.name for slot in found.slots}
    if set(given) != names:
        wanted, got = ", ".join(sorted(names)) or "(none)", ", ".join(sorted(given)) or "none"
        raise UsageError(f"this experience has the slots {wanted}; got {got}")
    task = fill(found.templates[0], given)
    on = phone_of(phone)
    if app_name is None and url is None and found.app is not None and on.kind != "linux":
        app_name, url = (None, found.app) if "://" in found.app else (found.app, None)
    one_place(app_name, url, folder, on, login=login, headed=headed)
    code = perform_tasks(
        [task],
        app_name=app_name,
        url=url,
        folder=folder,
        commits=commits,
        again=again,
        login=login,
        headless=not headed,
        report=report,
        json_output=json_output,
        chosen=Match(found, given),
        on=on,
        safety=changes(allow_domain, allow_app, permissions, False, privacy),
    )
    raise typer.Exit(code)


@app.command()
def learn(
    recordings: Annotated[
        list[str], typer.Argument(help="Recordings of one kind of task (trace ids); better two than one.")
    ],
    failed: Annotated[
        list[str] | None,
        typer.Option("--failed", help="A run that went wrong: what only it showed stops a replay. May be given again."),
    ] = None,
    json_output: Json = False,
) -> None:
    """Learn an experience from recordings of one kind of task; from one alone, a candidate."""
    from ostinato.cli.work import house, print_experience, print_learnt_from_one

    experience = house().learn(recordings, failed or ())
    if json_output:
        print(experience.model_dump_json(indent=1))
        return
    print_experience(experience)
    if len(experience.recordings) == 1:
        print_learnt_from_one(experience)


@app.command()
def doctor(json_output: Json = False) -> None:
    """Say what is missing on this machine, and what to do."""
    from ostinato.cli.doctor import doctor_command

    raise typer.Exit(doctor_command(json_output))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="Where the demo keeps its store.")] = Path("demo-out"),
    report: Annotated[Path, typer.Option("--report", help="The report page.")] = Path("report.html"),
) -> None:
    """Learn one experience from two recordings, then do the task with values never seen."""
    from ostinato.cli.demo import run_demo

    raise typer.Exit(run_demo(folder, report))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} is not SLOT=VALUE")
    return name, value


def _rows(path: Path, template: str | None) -> list[str]:
    """The tasks of a CSV file. Raises FormatError with the row."""
    from ostinato.trace.values import fill, slots_in

    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(path, "file", f"is not CSV in UTF-8: {error}") from error
    if not rows:
        raise FormatError(path, "file", "has no row below its first line")
    tasks: list[str] = []
    for number, row in enumerate(rows, start=2):
        if template is None:
            if not (row.get("task") or "").strip():
                raise FormatError(path, f"line {number}", "has no `task` column, and no TASK with {slots} was given")
            tasks.append(row["task"].strip())
            continue
        missing = [s for s in slots_in(template) if not (row.get(s) or "").strip()]
        if missing:
            raise FormatError(path, f"line {number}", f"has no value for {{{missing[0]}}}")
        tasks.append(fill(template, {k: (v or "").strip() for k, v in row.items() if k}))
    return tasks


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors made for people are printed without a traceback, with exit code 2 (wrong use)
    or 1."""
    try:
        app(arguments)
    except (UsageError, MatchError, CommitRefused) as error:
        _fail(error, 2)
    except OstinatoError as error:
        _fail(error, 1)
    except OSError as error:  # a file that the user named
        if error.filename is None:
            raise
        _fail(StoreError(f"{error.filename}: {error.strerror}"), 1)
    except KeyboardInterrupt:
        err.print("stopped")
        sys.exit(130)


def _fail(error: OstinatoError, code: int) -> None:
    err.print(f"[bold red]ostinato:[/] {_escape(str(error))}", highlight=False, soft_wrap=True)
    sys.exit(code)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
