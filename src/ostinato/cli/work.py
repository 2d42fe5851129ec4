"""Doing tasks from the command line: one phone, one or many tasks, a line for each."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ostinato.agent.model_decider import ModelDecider
from ostinato.agent.roles import open_agent, open_words
from ostinato.agent.wording import Wording
from ostinato.agent.words.lexical import LexicalDecider
from ostinato.cli.batch import batch_of
from ostinato.errors import AmbiguousTask, CommitRefused, MatchError, UsageError
from ostinato.house import Finished, House, approver
from ostinato.judge.check import words
from ostinato.model import open_chat
from ostinato.phone.apps.app import App, get_app
from ostinato.phone.choice import CHROMIUM, Choice, read_choice
from ostinato.phone.phone import Phone
from ostinato.replay.experience import Experience
from ostinato.replay.match import Match
from ostinato.session import place_of, read_login
from ostinato.settings import load_settings
from ostinato.trace.action import describe
from ostinato.trace.record import Step, Trace

out = Console()
error_out = Console(stderr=True)


def house(changes: Mapping[str, Any] | None = None) -> House:
    """The house of the settings, some of which may be changed for one command."""
    return House(load_settings().model_copy(update=changes))


def progress(shown: bool) -> Progress:
    """A bar for long work, on the error stream, so that what programs read stays as it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=error_out, transient=True, disable=not (shown and error_out.is_terminal))


@dataclass
class _Rows:
    """What became of the tasks so far."""

    finished: list[Finished] = field(default_factory=list)
    skipped: list[tuple[str, str, bool]] = field(default_factory=list)  # task, why, whether all is well with it

    def code(self, tasks: int) -> int:
        well = all(
            f.trace.status == "done" and f.verdict is not None and f.verdict.value == "yes" for f in self.finished
        )
        return 0 if well and all(good for *_, good in self.skipped) and self.count == tasks else 1

    @property
    def count(self) -> int:
        return len(self.finished) + len(self.skipped)


class _Leave(Exception):
    """This row is left: it was done in this round."""


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
    file: Path | None = None,
    chosen: Match | None = None,
    use_model: bool = False,
    by_words: bool = False,
    on: Choice = CHROMIUM,
    safety: Mapping[str, Any] | None = None,
    resume: Trace | None = None,
    wording: Wording | None = None,
) -> int:
    """Do tasks one after the other on one phone; 0 when all were done and judged right.

    Every task is matched before anything is started, so that a task nobody knows stops nothing half-way. `file` is
    where the tasks were read: a row that was done before in the same round, or may have been, is not done again. A
    model does what no experience fits, where one is set; with `use_model` also what an experience cannot end. With
    `by_words` the rules that read a task's words stand in the model's place. `safety` are settings for this command
    (`ostinato.cli.safety`). `resume` is a run of the only task, to go on with; `wording` says which words of
    the only task are the user's own (otherwise all are)."""
    rooms = house(safety)
    if use_model and by_words:
        raise UsageError("--model and --words exclude each other: who is to go on?")
    app_name, url = on.places(app_name, url)
    if app_name is not None:
        get_app(app_name, rooms.settings.cache)
    if report is not None and report.is_dir():
        raise UsageError(f"--report {report} is a folder; name a file")
    interactive = sys.stdin is not None and sys.stdin.isatty()
    approve = approver(commits or rooms.settings.commits, interactive, _ask)
    rooms.ask = _ask if interactive and (commits or rooms.settings.commits) != "refuse" else None
    rooms.may()  # what cannot be asked is said before all
    name = get_app(app_name, rooms.settings.cache).name if app_name else url
    has_agent = use_model or by_words or rooms.settings.model is not None or rooms.settings.model_url is not None
    matches = [chosen or _match(rooms, task, name, has_agent, on) for task in tasks]
    for found in matches:
        if found is not None:
            rooms.need_secrets(found)
    chat = open_chat(rooms.settings) if not by_words and (use_model or None in matches) else None
    if chat is not None:
        open_agent(rooms.settings, rooms.store.blobs.get, chat=chat)  # a format it cannot use is said before all
    on = on.settled()
    place = place_of(app_name, url, folder, on)
    batch = batch_of(rooms.store, file, place, tasks, again) if file is not None else None
    stored = read_login(login) if login is not None else None
    rows = _Rows()

    quiet = json_output or file is not None

    def note(text: str) -> None:
        _line(quiet, f"      [dim]{escape(text)}[/]")

    def one(number: int, task: str, found: Match | None, app: App | None, phone: Phone) -> None:
        agent: ModelDecider | LexicalDecider | None = None
        known: dict[str, str] = {}
        if by_words:
            agent = open_words(rooms.settings, task, rooms.blobs.get)
        elif chat is not None and (use_model or found is None):
            told = rooms.recollect(wording.own if wording is not None else task, name)
            agent = open_agent(
                rooms.settings,
                rooms.store.blobs.get,
                task=task,
                wording=wording,
                remembered=told.shown(),
                chat=chat,
                say=note,
            )
            known = {"model": chat.name, "format": agent.format.name, **told.meta()}
        if agent is not None:
            how = f"the experience {found.experience.id}, then " if found is not None else ""
            called = agent.name if isinstance(agent, ModelDecider) else "the words of the task"
            _line(quiet, f"[dim]by {escape(how + called)}[/]")

        def ready() -> None:
            if batch is not None and (was := batch.run_of(task, tasks[:number].count(task))) is not None:
                verdict = f", judged {was.verdict}" if was.verdict else ", not judged"
                rows.skipped.append((task, f"done by run {was.id}{verdict}", was.verdict == "yes"))
                raise _Leave

        if rows.finished:
            rooms.begin_again(phone, app, url, stored)
        result = rooms.replay(
            task,
            phone=phone,
            app=app,
            app_name=name,
            approve=approve,
            place=place,
            batch=batch.id if batch else None,
            chosen=found,
            agent=agent,
            again=again,
            ready=ready,
            meta=known,
            watch=(lambda step: None) if quiet else watch_step,
            resume=resume,
            say=note,
            wording=wording,
        )
        rows.finished.append(result)
        _say(result, json_output)
        if result.trace.status == "interrupted":
            raise KeyboardInterrupt

    def work(app: App | None) -> None:
        with rooms.phone(app, url, stored, headless, on=on, folder=folder) as phone:
            for number, (task, found) in enumerate(zip(tasks, matches, strict=True)):
                try:
                    one(number, task, found, app, phone)
                except _Leave:
                    pass
                except CommitRefused as error:
                    if file is None:
                        raise
                    rows.skipped.append((task, str(error), False))
                else:
                    continue
                _line(json_output, f"[yellow]skipped[/] {escape(task)}: {escape(rows.skipped[-1][1])}")

    try:
        if app_name is not None:
            with rooms.app(app_name, folder) as app:
                work(app)
        else:
            work(None)
    except KeyboardInterrupt:
        if batch is not None:
            _line(json_output, f"{rows.count} of {len(tasks)} rows; the same command goes on")
        raise
    finally:
        if report is not None and rows.finished:
            from ostinato.trace.report import write_report

            write_report(rooms.store, [f.trace.id for f in rows.finished], report)
            _line(json_output, f"report: {report}")
        if json_output and rows.count:
            shown = [f.told() for f in rows.finished]
            shown += [{"task": task, "status": "skipped", "reason": why} for task, why, _ in rows.skipped]
            print(json.dumps(shown, indent=1, ensure_ascii=False))
    if batch is not None and rows.skipped and not rows.finished:
        _line(json_output, "nothing was left to do; --again begins a new round")
    return rows.code(len(tasks))


def _match(rooms: House, task: str, app: str | None, has_agent: bool, on: Choice) -> Match | None:
    """The experience that fits; None where none does and another can try. A task of two readings is an error."""
    try:
        return rooms.find(task, app, on)
    except AmbiguousTask:
        raise
    except MatchError:
        if not has_agent:
            raise
        return None


def _ask(question: str) -> bool:
    try:
        return typer.confirm(question)
    except typer.Abort:  # Ctrl-C at the question
        raise KeyboardInterrupt from None


def phone_of(given: str | None) -> Choice:
    """The phone that a command is to use: `--phone`, otherwise that of the settings."""
    return read_choice(given or load_settings().phone)


def one_place(
    app_name: str | None, url: str | None, folder: Path | None, on: Choice = CHROMIUM, **more: object
) -> None:
    """Raise UsageError unless one place to work at is given. `more` are options that only Chromium has, by their
    names."""
    if not on.is_chromium:
        for option, given in {**({} if on.kind == "linux" else {"folder": folder}), **more}.items():
            if given:
                raise UsageError(f"--{option.replace('_', '-')} is for Chromium; it does not go with --phone {on.kind}")
        if on.kind == "linux":
            if app_name is not None or url is not None:
                raise UsageError("a Linux phone is named with its app: --phone linux:APP, without --app and --url")
            return
        if (app_name is None) == (url is None):
            raise UsageError("say where on the phone: --app PACKAGE or --url ADDRESS (one of them)")
        return
    if (app_name is None) == (url is None):
        raise UsageError("say where: --app APP or --url URL (one of them)")
    if folder is not None and app_name is None:
        raise UsageError("--folder keeps the data of a named app; it goes with --app")


def _line(quiet: bool, text: str) -> None:
    if not quiet:
        out.print(text, highlight=False)


def watch_step(step: Step) -> None:
    """A line for a step, as it is done."""
    marks = {"true": "[green]✓[/]", "false": "[red]✗[/]", "unknown": "[yellow]?[/]"}
    checks = "".join(marks[c.value] for c in step.checks)
    out.print(f"  {step.index + 1:>2}  {escape(describe(step.action))}  [dim]{step.risk}[/] {checks}", highlight=False)
    if step.decision.source == "model":
        out.print(f"      [dim]{escape(step.decision.text)} ({step.decision.seconds:.1f} s)[/]", highlight=False)
    if step.result is not None and not step.result.ok:
        out.print(f"      [yellow]did not work:[/] {escape(step.result.error or '')}", highlight=False)


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
    if trace.cost.calls:
        used, price = trace.cost.tokens, f", {trace.cost.money:.4f} money" if trace.cost.money else ""
        out.print(
            f"    [dim]{trace.cost.calls} calls of the model, {used.prompt} + {used.output} tokens{price}[/]",
            highlight=False,
        )
    if finished.repaired is not None:
        new = finished.repaired
        out.print(
            f"    the app has changed: what was found again makes {new.id}.v{new.version}, a candidate; play it on a "
            f"reset app: ostinato experience verify {new.id}.v{new.version}",
            highlight=False,
        )
    if verdict is None:
        if trace.status == "done":
            why = (
                "its experience knows no sign of the end" if finished.match else "no experience says how the end looks"
            )
            out.print(f"    [yellow]not judged[/]: {why}", highlight=False)
        return
    colour = {"yes": "green", "no": "red", "uncertain": "yellow"}[verdict.value]
    sources = ["the app's data"] if any(c.phase == "data" and c.value != "unknown" for c in verdict.checks) else []
    sources += ["the last screen"] if any(c.phase == "success" for c in verdict.checks) else []
    known = " and ".join(sources) or "nothing that was kept"
    out.print(f"    verdict [{colour}]{verdict.value}[/] from {known}", highlight=False)
    for change in verdict.changes:
        out.print(f"      {escape(change)}", highlight=False)
    if verdict.value != "yes" and trace.status == "done":  # else why it stopped says more
        for reason in verdict.reasons:
            out.print(f"      {escape(reason)}", highlight=False)


def plain(text: str) -> str:
    """A text of others in one line, without what turns writing round or moves a cursor."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def print_experience(experience: Experience) -> None:
    """An experience for people: templates, slots, steps with their checks, the expected change."""
    out.print(
        f"[bold]experience {experience.id}[/] v{experience.version} for {experience.app}, "
        f"from {len(experience.recordings)} recordings",
        highlight=False,
    )
    for template in experience.templates:
        out.print(f"  task   {escape(plain(template))}", highlight=False)
    for slot in experience.slots:
        seen = escape(plain((" | " if slot.kind == "list" else ", ").join(slot.examples)))
        out.print(f"  slot   {{{slot.name}}} {slot.kind}, seen: {seen}", highlight=False)
    for loop in experience.loops:
        steps = f"steps {loop.first + 1} to {loop.last + 1}" if loop.last > loop.first else f"step {loop.first + 1}"
        items = ", ".join(f"{{{slot.name}}} {slot.kind}" for slot in loop.slots)
        out.print(f"  loop   {steps} for {loop.words()}: {escape(plain(loop.phrase))} ({items})", highlight=False)
    table = Table(show_edge=False)
    for column in ("", "step", "risk", "checked before", "checked after"):
        table.add_column(column)
    for node in experience.nodes:
        before = len(node.pre) + (len(node.commit) if node.risk == "commit" else 0)
        table.add_row(
            str(node.index + 1),
            escape(plain(node.primitive)) + (f" ({node.condition})" if node.condition else ""),
            node.risk,
            str(before),
            str(len(node.post)),
        )
    out.print(table)
    for check in experience.forbidden:
        out.print(f"  never  {escape(words(check))}: what only failed runs have shown", highlight=False)
    if experience.data is None:
        out.print(
            "  data   none: the app keeps none that can be read, or the recordings did not change it alike; "
            + ("the last screen decides" if experience.success else "[yellow]and no sign of the end was found[/]"),
            highlight=False,
        )
    else:
        for expectation in experience.data:
            out.print(f"  data   {escape(plain(expectation.words()))}", highlight=False)
    print_held_out(experience)


def print_held_out(experience: Experience) -> None:
    """How many recordings the others would have done, and what keeps them from the rest."""
    if not experience.held_out:
        return
    good = sum(not one.reason for one in experience.held_out)
    said = f"  tried  {good} of {len(experience.held_out)} held-out recordings would be done by what the others teach"
    lines = [said, *(f"         {one.recording}: {plain(one.reason)}" for one in experience.held_out if one.reason)]
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def print_learnt_from_one(experience: Experience) -> None:
    """What one recording leaves open, and what to do next."""
    slots = ", ".join("{" + slot.name + "}" for slot in experience.slots)
    if slots:
        said = f"{slots}: taken for what may differ, because the task says it; one recording cannot show that"
    else:
        said = "the task says nothing that was entered or chosen: it fits these very words only"
    lines = [
        said,
        f"a candidate: ostinato run takes it once ostinato experience verify {experience.id} has played it, or once "
        f"another recording agrees: ostinato learn {experience.recordings[0]} ID2",
    ]
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
