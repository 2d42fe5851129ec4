"""`ostinato record`: a person (or a script that plays one) does a task, and it is kept."""

from __future__ import annotations

import difflib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from ostinato.agent.decider import Decider
from ostinato.agent.loop import Limits
from ostinato.cli.safety import Privacy, changes
from ostinato.collect.codegen import Script, read_codegen
from ostinato.errors import UsageError
from ostinato.house import House
from ostinato.phone.apps.app import App
from ostinato.phone.choice import Choice
from ostinato.phone.phone import Phone
from ostinato.phone.web.chromium import ChromiumPhone, find_chromium
from ostinato.session import place_of, read_login
from ostinato.settings import secret_variable
from ostinato.trace.action import Type
from ostinato.trace.blobs import write_file
from ostinato.trace.record import Trace
from ostinato.trace.recordings import prepare
from ostinato.trace.values import address

# Who makes recordings, by the names of the deciders; and how many of the newest traces may hold another recording.
_RECORDERS = ("human", "codegen")
_LOOKED_AT = 200


def record(
    task: Annotated[str, typer.Argument(help="The task, in words, with the values you are going to use.")],
    app_name: Annotated[str | None, typer.Option("--app", help="A named app.")] = None,
    url: Annotated[str | None, typer.Option("--url", help="Any web site by its address.")] = None,
    phone: Annotated[
        str | None,
        typer.Option(
            "--phone",
            metavar="PHONE",
            help="chromium (the default), android[:SERIAL], harmony[:SERIAL] or linux:APP; on a real phone --app "
            "names a package (see docs/phone.md).",
        ),
    ] = None,
    from_codegen: Annotated[
        Path | None,
        typer.Option(
            "--from-codegen",
            help="Instead of opening a page, play this Python script of `playwright codegen` once, for real. "
            "Without --app and --url: where the script begins.",
        ),
    ] = None,
    login: Annotated[Path | None, typer.Option("--login", help="A stored login for --url.", exists=True)] = None,
    save_login: Annotated[
        Path | None, typer.Option("--save-login", help="Store the login you make, for later runs.")
    ] = None,
    port: Annotated[int, typer.Option("--port", help="The port of the recording page; 0 takes a free one.")] = 0,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Keep the app's data here. Without it the app begins in its first state."),
    ] = None,
    played_by: Annotated[
        str | None,
        typer.Option("--played-by", help="Who does it, for the record: a person, or a script that plays one."),
    ] = None,
    privacy: Privacy = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Record a task: in a page on 127.0.0.1 that mirrors the phone (with a display, in a window)."""
    from ostinato.cli.work import house, one_place, out, phone_of

    if not task.strip():
        raise UsageError("the task is empty; say it in words, with the values that you are going to use")
    script = read_codegen(from_codegen) if from_codegen is not None else None
    if script is not None and app_name is None and url is None:
        url = script.start
    url = url and address(url)
    on = phone_of(phone)
    one_place(app_name, url, folder, on, login=login, save_login=save_login, from_codegen=from_codegen)
    app_name, url = on.places(app_name, url)
    for note in script.notes if script is not None else ():
        print(note, file=sys.stderr)
    on = on.settled()
    place = place_of(app_name, url, folder, on)
    stored = read_login(login) if login is not None else None
    rooms = house(changes(None, None, None, False, privacy))
    asked = _Asked(rooms, task, url, place, stored, save_login, port, script, played_by, on, folder)
    if app_name is not None:
        with asked.rooms.app(app_name, folder) as app:
            trace = asked.record(app)
    else:
        trace = asked.record(None)
    reason = trace.outcome.reason if trace.outcome is not None and trace.status != "done" else ""
    steps = trace.acts
    if json_output:
        print(json.dumps({"trace": trace.id, "status": trace.status, "steps": steps, "reason": reason}))
    else:
        said = f"recorded {trace.id}: {trace.status}, {steps} steps" + (f"; {reason}" if reason else "")
        for line in (said, *(_what_next(asked.rooms, trace) if trace.status == "done" else ())):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
    if trace.status != "done":
        raise typer.Exit(130 if trace.status == "interrupted" else 1)


def _what_next(rooms: House, trace: Trace) -> list[str]:
    """What to do with a recording, in lines for people: what to learn it with, and what a replay will need."""
    typed = [step.action for step, _ in prepare(trace)]
    names = dict.fromkeys(action.secret for action in typed if isinstance(action, Type) and action.secret)
    lines = [
        f"a replay will need the password that was typed: export {secret_variable(name)}=… (it is not stored)"
        for name in names
    ]
    if trace.private:
        said = f"kept without its values (privacy: {trace.meta['privacy']})"
        return [f"{said}: nothing can be learnt from it; what is to be learnt from is recorded with --privacy full"]
    other = _partner(rooms, trace)
    if other is None:
        more = f"next: record it once more with other values, then: ostinato learn {trace.id} ID2"
        return [*lines, f"{more} (ostinato learn {trace.id} alone makes a candidate)"]
    return [*lines, f"next: ostinato learn {other} {trace.id}"]


def _partner(rooms: House, trace: Trace) -> str | None:
    """The other recording at the same place that nothing was learnt from, and whose task reads most alike."""
    learnt_from = {one for experience in rooms.repository.all_versions() for one in experience.recordings}
    found = [
        other
        for other in rooms.store.list(app=trace.app, status="done", limit=_LOOKED_AT)
        if other.app == trace.app and other.agent in _RECORDERS and other.id not in learnt_from | {trace.id}
    ]
    if not found:
        return None
    return max(found, key=lambda other: difflib.SequenceMatcher(None, other.task, trace.task).ratio()).id


@dataclass(frozen=True)
class _Asked:
    """One recording, as asked for."""

    rooms: House
    task: str
    url: str | None
    place: str | None
    login: dict[str, Any] | None
    save_login: Path | None
    port: int
    script: Script | None
    played_by: str | None
    on: Choice
    folder: Path | None

    def record(self, app: App | None) -> Trace:
        return self._by_hand(app) if self.script is None else self._by_script(app, self.script)

    def _by_hand(self, app: App | None) -> Trace:
        """On the page that mirrors the phone."""
        from ostinato.collect.human import HumanDecider
        from ostinato.collect.page import RecordingPage

        human = HumanDecider()
        with self.rooms.phone(app, self.url, self.login, secrets=human.secret, on=self.on, folder=self.folder) as phone:
            page = RecordingPage(human, self.task, self.rooms.blobs.get, port=self.port)
            try:
                print(f"Do the task in this page, then press Done: {page.url}", file=sys.stderr, flush=True)
                if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
                    page.open_window(find_chromium(self.rooms.settings.chromium))
                who = {"recorded_by": "recording page", "played_by": self.played_by or "a person"}
                return self._perform(phone, human, app, who, 24 * 3600)
            finally:
                page.close()

    def _by_script(self, app: App | None, script: Script) -> Trace:
        """By playing an imported script."""
        from ostinato.collect.codegen_player import CodegenDecider, Passwords

        passwords = Passwords()
        with self.rooms.chromium(app, self.url, self.login, secrets=passwords.secret) as phone:
            player = CodegenDecider(script.placed(app.url if app else self.url or ""), phone.named, passwords)
            who = {"recorded_by": "codegen", "played_by": self.played_by or "a script"}
            return self._perform(phone, player, app, who, self.rooms.settings.max_seconds)

    def _perform(self, phone: Phone, decider: Decider, app: App | None, who: dict[str, str], seconds: float) -> Trace:
        trace = self.rooms.perform(
            self.task,
            phone=phone,
            deciders=[decider],
            app=app,
            app_name=app.name if app else self.url,
            place=self.place,
            approve=lambda action, screen: True,
            meta=who,
            limits=Limits(max_steps=500, max_seconds=seconds, step_timeout=self.rooms.settings.step_timeout),
        ).trace
        if self.save_login is not None and isinstance(phone, ChromiumPhone):
            write_file(self.save_login, json.dumps(phone.storage_state()).encode())  # readable by its owner alone
        return trace
