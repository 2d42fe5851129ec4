"""`ostinato record`: a person (or a script that plays one) does a task, and it is kept."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ostinato.agent.loop import Limits
from ostinato.errors import UsageError
from ostinato.phone.apps.app import App
from ostinato.trace.record import Trace


def record(
    task: Annotated[str, typer.Argument(help="The task, in words, with the values you are going to use.")],
    app_name: Annotated[str | None, typer.Option("--app", help="A named app.")] = None,
    url: Annotated[str | None, typer.Option("--url", help="Any web site by its address.")] = None,
    login: Annotated[Path | None, typer.Option("--login", help="A stored login for --url.", exists=True)] = None,
    save_login: Annotated[
        Path | None, typer.Option("--save-login", help="Store the login you make, for later runs.")
    ] = None,
    port: Annotated[int, typer.Option("--port", help="The port of the recording page; 0 takes a free one.")] = 0,
    reset: Annotated[bool, typer.Option("--reset/--no-reset", help="Begin with the app in its first state.")] = True,
    played_by: Annotated[
        str, typer.Option("--played-by", help="Who does it, for the record: a person, or a script that plays one.")
    ] = "a person",
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Record a task: in a page on 127.0.0.1 that mirrors the phone (with a display, in a window)."""
    import json
    import os

    from ostinato.cli.work import _login, house, out
    from ostinato.collect.human import HumanDecider
    from ostinato.collect.page import RecordingPage
    from ostinato.phone.chromium import find_chromium

    if (app_name is None) == (url is None):
        raise UsageError("say where: --app APP or --url URL (one of them)")
    rooms = house()
    stored = _login(login)
    human = HumanDecider()

    def work(app: App | None) -> Trace:
        with rooms.phone(app, url, stored, secrets=human.secret) as phone:
            page = RecordingPage(human, task, rooms.store.blobs.get, port=port)
            try:
                print(f"Do the task in this page, then press Done: {page.url}", file=sys.stderr, flush=True)
                if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
                    page.open_window(find_chromium(rooms.settings.chromium))
                trace = rooms.perform(
                    task,
                    phone=phone,
                    deciders=[human],
                    app=app,
                    app_name=app_name or url,
                    approve=lambda action, screen: True,
                    meta={"recorded_by": "recording page", "played_by": played_by},
                    limits=Limits(max_steps=500, max_seconds=24 * 3600, step_timeout=rooms.settings.step_timeout),
                ).trace
            finally:
                page.close()
            if save_login is not None:
                save_login.write_text(json.dumps(phone.storage_state()), encoding="utf-8")
                save_login.chmod(0o600)
            return trace

    if app_name is not None:
        with rooms.app(app_name) as app:
            if reset:
                app.reset()
            trace = work(app)
    else:
        trace = work(None)
    if json_output:
        print(json.dumps({"trace": trace.id, "status": trace.status, "steps": len(trace.steps)}))
    else:
        out.print(f"recorded {trace.id}: {trace.status}, {len(trace.steps)} steps", markup=False, highlight=False)
