"""One sub-task done on a phone of its own, and what it gives."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ostinato.agent.asking import Asking
from ostinato.agent.budget import budget_of
from ostinato.agent.model_decider import ModelDecider
from ostinato.agent.plans.artefact import Artefact, artefact_of
from ostinato.agent.plans.clauses import question_in
from ostinato.agent.plans.onlooker import Onlooker
from ostinato.agent.plans.reading import read_by_model
from ostinato.agent.plans.subtasks import Subtask, Wanted
from ostinato.agent.recollection import Recollection
from ostinato.agent.roles import open_agent
from ostinato.agent.wording import Wording
from ostinato.errors import AmbiguousTask, BudgetSpent, CheckFailed, MatchError, ModelError, UsageError
from ostinato.house import House
from ostinato.model import open_chat
from ostinato.phone.apps.app import get_app
from ostinato.phone.choice import CHROMIUM, read_choice
from ostinato.replay.actions import played_again
from ostinato.replay.match import Match
from ostinato.trace.action import Action
from ostinato.trace.reading import may_be, readings
from ostinato.trace.record import TEMPORARY, Answer, Cost, Step, Trace
from ostinato.trace.screen import Record, Screen
from ostinato.trace.values import Kind, address, fill, normal

Approve = Callable[[Action, Screen], bool]
SUBTASK = "subtask"  # the key of a trace's meta that names the sub-task it did

_CALLED: dict[Kind, str] = {
    "number": "a number", "date": "a date", "text": "a text", "money": "an amount", "time": "a time",
    "choice": "a choice", "person": "a person",
}  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A sub-task with its artefacts in their places (`bound`), and where it is done. `run` is the round of the plan it
    belongs to; named apps keep their data in `folder`, which is `lasting` when it outlives the command. `used` says of
    each artefact in its words where it came from, `wording` which words they are."""

    part: Subtask
    run: str
    folder: Path
    lasting: bool
    wording: Wording
    used: dict[str, str] = field(default_factory=dict)
    again: bool = False
    headless: bool = True
    use_model: bool = False

    @property
    def is_named(self) -> bool:
        """Whether its app is one of those that are started here, in a folder."""
        return is_named(self.part)

    @property
    def place(self) -> str:
        """Where the data live that it works on (see `Trace.place`)."""
        if not self.is_named:
            return self.part.app if "://" in self.part.app else self.part.phone
        return str((self.folder / self.part.app).resolve()) if self.lasting else TEMPORARY


class Done(Record):
    """What became of a sub-task: its trace, what that claims, what the judge says of it, what it gives. `problem` says
    why others must not build on it; `reads_only` that no step changed anything; `reading` what a model took to read
    what it gives, after its trace had ended."""

    subtask: str
    trace: str
    status: str
    verdict: Answer | None = None
    reads_only: bool = False
    artefacts: dict[str, Artefact] = {}
    problem: str = ""
    reading: Cost = Cost()

    @property
    def is_certain(self) -> bool:
        """Whether it was judged right, or had nothing to judge: it only looked something up, and found it."""
        return not self.problem and (self.verdict == "yes" or (self.reads_only and bool(self.artefacts)))


def perform(
    rooms: House,
    job: Job,
    approve: Approve,
    watch: Callable[[Step], None] = lambda step: None,
    say: Callable[[str], None] = lambda text: None,
) -> Done:
    """Do a sub-task. Raises UsageError and MatchError before anything is begun; what a run met is in what it returns.
    KeyboardInterrupt after a run that Ctrl-C ended, whose trace is stored."""
    part = job.part
    chosen = match_of(rooms, part, may_miss=True)
    looks = question_in(part.task) is not None and bool(part.gives)
    settings = rooms.settings
    has_model = job.use_model or settings.model is not None or settings.model_url is not None
    agent, told = None, Recollection()
    if has_model and (chosen is None or job.use_model):
        told = rooms.recollect(job.wording.own, part.app, part.steps)
        agent = open_agent(
            settings, rooms.store.blobs.get, task=part.task, wording=job.wording, remembered=told.shown(), say=say
        )
    onlooker = Onlooker(part.gives) if looks and chosen is None else None
    if chosen is None and agent is None and onlooker is None:
        match_of(rooms, part, may_miss=False)  # says what fits nearly, and the ways out
    if chosen is not None:
        rooms.need_secrets(chosen)
    meta = {SUBTASK: part.id, **{f"artefact {name}": said for name, said in job.used.items()}}
    meta |= {"preferences": " ".join(part.preferences)} if part.preferences else {}
    meta |= {"model": agent.chat.name, "format": agent.format.name, **told.meta()} if agent is not None else {}
    on = read_choice(part.phone or CHROMIUM.kind)
    with contextlib.ExitStack() as stack:
        app = stack.enter_context(rooms.app(part.app, job.folder / part.app)) if job.is_named else None
        shown = None if job.is_named else part.app
        phone = stack.enter_context(rooms.phone(app, shown, None, job.headless, on=on))
        finished = rooms.replay(
            part.task,
            phone=phone,
            app=app,
            app_name=part.app,
            approve=approve,
            place=job.place,
            batch=job.run,
            chosen=chosen,
            first=[onlooker] if onlooker is not None else [],
            agent=agent,
            again=job.again,
            meta=meta,
            watch=watch,
            wording=job.wording,
        )
    if finished.trace.status == "interrupted":
        raise KeyboardInterrupt
    verdict = finished.verdict.value if finished.verdict is not None else None
    return done_of(part, finished.trace, verdict, _reader(rooms, agent, has_model, say))


def _reader(rooms: House, agent: ModelDecider | None, has_model: bool, say: Callable[[str], None]) -> Asking | None:
    """The model that reads what rules do not find on a screen: the agent's, within the same budget."""
    if agent is not None:
        return Asking(agent.chat, agent.budget, say=say)
    return Asking(open_chat(rooms.settings), budget_of(rooms.settings), say=say) if has_model else None


def done_of(part: Subtask, trace: Trace, verdict: Answer | None, reader: Asking | None = None) -> Done:
    """What became of a sub-task, told from what is stored alone: a run that ended before a crash could write it down
    is not lost. `reader` is asked for artefacts that the rules do not find."""
    problem, found = "", {}
    before = reader.budget.cost if reader is not None else Cost()
    if trace.status != "done":
        problem = trace.outcome.reason if trace.outcome is not None and trace.outcome.reason else trace.status
    elif verdict in ("no", "uncertain"):
        problem = f"judged {verdict} (ostinato judge run {trace.id})"
    else:
        try:
            found = {name: _artefact(name, part.gives, trace, reader) for name in part.gives}
        except (CheckFailed, ModelError, BudgetSpent) as error:
            problem = str(error)
    return Done(
        subtask=part.id,
        trace=trace.id,
        status=trace.status,
        verdict=verdict,
        reads_only=all(step.risk == "read" for step in trace.steps),
        artefacts=found,
        problem=problem,
        reading=reader.budget.cost.less(before) if reader is not None else Cost(),
    )


def _artefact(name: str, gives: Mapping[str, Wanted], trace: Trace, reader: Asking | None) -> Artefact:
    try:
        return artefact_of(name, gives[name], trace, gives)
    except CheckFailed:
        if reader is None:
            raise
        return read_by_model(name, gives[name], trace, reader)


def match_of(rooms: House, part: Subtask, *, may_miss: bool) -> Match | None:
    """The experience that a bound sub-task names or that fits its words; None where none does and that `may_miss`.
    Raises UsageError where its values are not those of its words, AmbiguousTask, and MatchError."""
    if part.trace is not None:
        return _again(rooms, part)
    if part.experience is None:
        try:
            return rooms.find(part.task, part.app, read_choice(part.phone or CHROMIUM.kind))
        except AmbiguousTask:
            raise
        except MatchError:
            if may_miss:
                return None
            raise
    found = rooms.repository.get(part.experience)
    where = f"sub-task {part.id}"
    if not found.usable:
        raise UsageError(
            f"{where}: experience {found.id} v{found.version} is {found.status} and cannot be planned with"
        )
    if set(part.values) != {slot.name for slot in found.slots}:
        wanted = ", ".join(slot.name for slot in found.slots) or "none"
        raise UsageError(
            f"{where}: experience {found.id} has the slots {wanted}; `values` has {', '.join(part.values)}"
        )
    for slot in found.slots:
        if not may_be(part.values[slot.name], slot.kind):
            raise UsageError(f"{where}: {slot.name} is {_CALLED[slot.kind]}, and {part.values[slot.name]!r} is none")
    said = {normal(fill(template, part.values)) for template in found.templates}
    kinds = {slot.name: slot.kind for slot in found.slots}
    if normal(part.task) not in said and part.values not in readings(part.task, found.templates, kinds):
        raise UsageError(
            f"{where}: its words say “{part.task}”, its values “{fill(found.templates[0], part.values)}”; "
            "change both, or leave out `experience` and `values`"
        )
    return Match(found, dict(part.values))


def _again(rooms: House, part: Subtask) -> Match:
    """The actions of the run that a sub-task names. Raises UsageError where that did something else."""
    trace = rooms.store.load(part.trace or "")
    if normal(trace.task) != normal(part.task) or trace.app is None or address(trace.app) != address(part.app):
        raise UsageError(
            f"sub-task {part.id}: run {trace.id} did “{trace.task}” in {trace.app}; its actions are played again only "
            "for the same words in the same app. Leave out `trace`"
        )
    return Match(played_again(rooms.store, trace), {})


def is_named(part: Subtask) -> bool:
    """Whether a sub-task is in an app that is started here: no site, and no app of a phone's own."""
    return "://" not in part.app and part.phone in ("", CHROMIUM.kind)


def app_problem(rooms: House, part: Subtask) -> str | None:
    """Why nothing can be done in a sub-task's app; None where something can, or only its phone knows."""
    if not is_named(part):
        return None
    app = get_app(part.app, rooms.settings.cache)  # UsageError names those there are
    return None if app.is_installed() else f"{app.name} is not installed; install it: ostinato app install {app.name}"
