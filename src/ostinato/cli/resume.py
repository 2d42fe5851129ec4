"""Going on with a run that was cut off: where it was, and with what, is read from its trace."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ostinato.agent.wording import Wording
from ostinato.cli.work import house, perform_tasks
from ostinato.errors import MatchError, UsageError
from ostinato.house import House
from ostinato.phone.choice import CHROMIUM, read_choice
from ostinato.replay.match import Match, match
from ostinato.trace.marks import MARK
from ostinato.trace.record import TEMPORARY, Trace


def resume_run(trace_id: str, *, again: bool, safety: Mapping[str, Any], task: str | None = None, **more: Any) -> int:
    """Go on with a run in the place where it worked; 0 when its task is done and judged right. `task` says the words of
    a run again that was kept without its values, and of no other."""
    rooms = house(safety)
    trace = rooms.store.load(trace_id)
    if trace.status == "done":
        raise UsageError(f"run {trace.id} ended as done: there is nothing to go on with")
    if trace.place is None or trace.place == TEMPORARY:
        raise UsageError(
            f"the data of run {trace.id} were in a temporary folder and went with it: do the task anew "
            "(with --folder they are kept, and a run that is cut off can go on)"
        )
    said = _said_again(rooms, trace, task)
    chosen = None
    if trace.private:
        chosen = _read_again(rooms, trace, said)
    elif any(step.experience is not None for step in trace.steps):
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
        [said],
        app_name=app_name,
        url=url,
        folder=folder,
        again=again,
        chosen=chosen,
        on=on,
        safety=safety,
        resume=resumed,
        wording=Wording.of_run(said, {} if trace.private else trace.meta),
        **more,
    )


def _said_again(rooms: House, trace: Trace, task: str | None) -> str:
    """The words of a run's task: those that were kept, or else those that were said again, which must be the same."""
    if not trace.private:
        if task is not None:
            raise UsageError("TASK does not go with --resume: the run that was cut off says it")
        return trace.task
    if MARK.search(f"{trace.app} {trace.place}"):
        raise UsageError(
            f"run {trace.id} was kept without its values, and the address where it worked is among them: look at the "
            "app, and do the task anew with --again"
        )
    marks = rooms.store.marks()
    if task is None:
        raise UsageError(
            f"run {trace.id} was kept without its values: say its task again, in the same words: "
            f"ostinato run TASK --resume {trace.id}"
        )
    if marks is None or marks.of(task) != trace.meta.get("to the letter"):
        raise UsageError(f"this is not the task of run {trace.id}, which was “{trace.task}”: say it in the same words")
    return task


def _read_again(rooms: House, trace: Trace, task: str) -> Match | None:
    """What a run played that was kept without its values, with those that its task says; None where it played
    nothing."""
    step = next((s.experience for s in trace.steps if s.experience is not None), None)
    if step is None:
        return None
    found = rooms.repository.version(step.id, step.version)
    if found is None:
        raise UsageError(f"what run {trace.id} played is not there any more: experience {step.id} v{step.version}")
    try:
        return match(task, [found.model_copy(update={"status": "learnt"})], found.app)
    except MatchError:
        return rooms.find(task, trace.app)
