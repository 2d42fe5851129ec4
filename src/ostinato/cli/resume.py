"""Going on with a run that was cut off: where it was, and with what, is read from its trace."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ostinato.agent.wording import Wording
from ostinato.cli.work import house, perform_tasks
from ostinato.errors import MatchError, UsageError
from ostinato.phone.choice import CHROMIUM, read_choice
from ostinato.trace.record import TEMPORARY


def resume_run(trace_id: str, *, again: bool, safety: Mapping[str, Any], **more: Any) -> int:
    """Go on with a run in the place where it worked; 0 when its task is done and judged right."""
    rooms = house(safety)
    trace = rooms.store.load(trace_id)
    if trace.status == "done":
        raise UsageError(f"run {trace.id} ended as done: there is nothing to go on with")
    if trace.place is None or trace.place == TEMPORARY:
        raise UsageError(
            f"the data of run {trace.id} were in a temporary folder and went with it: do the task anew "
            "(with --folder they are kept, and a run that is cut off can go on)"
        )
    chosen = None
    if any(step.experience is not None for step in trace.steps):
        try:
            chosen = rooms.played(trace)
        except MatchError as error:
            raise UsageError(f"what run {trace.id} played is not there any more: {error}") from error
    on, app_name, url, folder = CHROMIUM, trace.app, None, None
    if trace.app is not None and "://" in trace.app:
        app_name, url = None, trace.app
    elif Path(trace.place).is_absolute():
        folder = Path(trace.place)
    else:
        on = read_choice(trace.place)
    resumed = None if again else trace
    return perform_tasks(
        [trace.task],
        app_name=app_name,
        url=url,
        folder=folder,
        again=again,
        chosen=chosen,
        on=on,
        safety=safety,
        resume=resumed,
        wording=Wording.of_run(trace.task, trace.meta),
        **more,
    )
