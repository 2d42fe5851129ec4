"""Doing a plan: what is ready begins, independent parts side by side; what was done is not done again."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ostinato.agent.plans.artefact import Artefact
from ostinato.agent.plans.subtasks import Plan, Subtask, checked
from ostinato.agent.wording import Wording
from ostinato.errors import OstinatoError, UsageError
from ostinato.house import House
from ostinato.phone.choice import read_choice
from ostinato.tasks.crew import Crew, Interrupted
from ostinato.tasks.job import Done, Job, app_problem, is_named, match_of, perform
from ostinato.tasks.ledger import Ledger, ledger_of
from ostinato.tasks.whole import WHOLE, whole_trace
from ostinato.trace.action import Action, describe
from ostinato.trace.claim import claim
from ostinato.trace.record import Step, Trace
from ostinato.trace.screen import Screen


@dataclass(frozen=True)
class Ways:
    """How a plan is done. `policy` is ask, refuse or allow, before what cannot be taken back; `jobs` how many
    sub-tasks may be under way at once, `phone` the one for those that name none. `say(sub-task, line)` is told what
    happens."""

    policy: str = "refuse"
    ask: Callable[[str], bool] = lambda question: False
    say: Callable[[str, str], None] = lambda name, line: None
    jobs: int = 2
    phone: str = ""
    again: bool = False
    headless: bool = True
    use_model: bool = False


@dataclass
class Ended:
    """What became of a plan: each sub-task that was done or tried, which were done before this command, what kept the
    others, and the trace of the whole when all are done."""

    plan: Plan
    run: str
    done: dict[str, Done] = field(default_factory=dict)
    earlier: set[str] = field(default_factory=set)
    stopped: dict[str, str] = field(default_factory=dict)
    whole: Trace | None = None

    @property
    def artefacts(self) -> dict[str, Artefact]:
        return {name: found for done in self.done.values() for name, found in done.artefacts.items()}

    @property
    def finished(self) -> set[str]:
        """The sub-tasks that others may build on."""
        return {name for name, done in self.done.items() if not done.problem}

    @property
    def is_certain(self) -> bool:
        """Whether every sub-task was done and is known to be right."""
        return all(part.id in self.done and self.done[part.id].is_certain for part in self.plan.subtasks)


def run_plan(rooms: House, plan: Plan, ways: Ways, *, key: str, folder: Path | None = None) -> Ended:
    """Do a plan, or go on with it: `key` says which plan it is and where its data live, and sub-tasks that were done in
    its newest round are not done again, unless their words were changed. Without `folder` the data of named apps end
    with the command, and so does the round.

    Raises UsageError, AppError and MatchError before anything is begun, KeyboardInterrupt when Ctrl-C ended it."""
    if rooms.settings.privacy != "full":
        raise UsageError(
            "a plan keeps what one app showed for the next, in words: it goes with --privacy full alone "
            f"(it is set to {rooms.settings.privacy}); do its tasks one by one with ostinato run"
        )
    plan = _on_phones(checked(plan), ways.phone or rooms.settings.phone)
    _check_apps(rooms, plan)
    with contextlib.ExitStack() as stack:
        stack.enter_context(claim(rooms.settings.home / "claims", f"plan {key}"))
        lasting = folder is not None or not any(is_named(part) for part in plan.subtasks)
        data = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ostinato-plan-")))
        ledger = ledger_of(rooms, key, new=not lasting)
        ended = _done_before(rooms, plan, ledger)
        if len(ended.finished) == len(plan.subtasks) and ways.again:
            ledger = ledger_of(rooms, key, new=True)
            ended = Ended(plan, ledger.run)
        _check_matches(rooms, plan, ended, ways)
        _work(rooms, ended, ledger, ways, data, lasting)
        if len(ended.finished) == len(plan.subtasks):
            ended.whole = _whole(rooms, ended)
        return ended


def _on_phones(plan: Plan, usual: str) -> Plan:
    """The plan with a phone for each sub-task, each by its one name. SetupError for a phone that is not there."""
    names = {part.phone or usual for part in plan.subtasks}
    known = {name: str(read_choice(name).settled()) for name in names}
    parts = (part.model_copy(update={"phone": known[part.phone or usual]}) for part in plan.subtasks)
    return plan.model_copy(update={"subtasks": tuple(parts)})


def _check_apps(rooms: House, plan: Plan) -> None:
    for part in plan.subtasks:
        problem = app_problem(rooms, part)
        if problem is not None:
            raise UsageError(f"sub-task {part.id}: {problem}")


def _check_matches(rooms: House, plan: Plan, ended: Ended, ways: Ways) -> None:
    """Raise before anything is begun for a sub-task that needs no artefact and that nobody knows how to do."""
    has_model = ways.use_model or rooms.settings.model is not None or rooms.settings.model_url is not None
    for part in plan.subtasks:
        if part.id not in ended.finished and not part.uses:
            match_of(rooms, part, may_miss=has_model or bool(part.gives))


def _done_before(rooms: House, plan: Plan, ledger: Ledger) -> Ended:
    """What this round holds already."""
    ended = Ended(plan, ledger.run)
    traces = [trace for trace in ledger.traces() if WHOLE not in trace.meta]
    lines = ledger.lines() if traces else {}
    for part in plan.in_order():
        if not plan.needs(part) <= ended.finished:
            continue
        found = ledger.finished(part.bound(_values(ended)), traces, lines)
        if found is not None:
            ended.done[part.id] = found
            ended.earlier.add(part.id)
    return ended


def _work(rooms: House, ended: Ended, ledger: Ledger, ways: Ways, folder: Path, lasting: bool) -> None:
    """Begin what is ready until all is done or something failed; then wait for what is under way."""
    for name, done in ended.done.items():
        if done.problem and not done.reads_only and not ways.again:  # to do it again could do it twice
            ended.stopped[name] = f"{done.problem}; run {done.trace} did it. --again does it all the same"
    ended.done = {name: done for name, done in ended.done.items() if not done.problem}
    ended.earlier &= set(ended.done)
    if ended.stopped:
        return
    with _crew(rooms, ways) as crew:
        while True:
            ready = ended.plan.ready(ended.finished, crew.busy) if not ended.stopped else ()
            waiting = [_job(part, ended, ways, folder, lasting) for part in ready]
            if not waiting and not crew.busy:
                return
            if len(waiting) == 1 and not crew.busy:
                _settle(ended, ledger, waiting[0].part.id, _alone(rooms, waiting[0], ways), ways)
                continue
            for job in waiting[: max(1, ways.jobs) - len(crew.busy)]:
                ways.say(job.part.id, f"begins in {job.part.app}, beside others: {job.part.task}")
                crew.begin(job)
            said = crew.next_done()
            name, outcome = (said.subtask, said) if isinstance(said, Done) else said
            if isinstance(outcome, Interrupted):
                raise KeyboardInterrupt
            _settle(ended, ledger, name, outcome, ways)


@contextmanager
def _crew(rooms: House, ways: Ways) -> Iterator[Crew]:
    crew = Crew(rooms.settings, policy=ways.policy, ask=ways.ask, say=ways.say, asks=rooms.ask is not None)
    try:
        yield crew
    finally:
        crew.stop()


def _alone(rooms: House, job: Job, ways: Ways) -> Done | OstinatoError:
    """A sub-task in this process."""
    name = job.part.id
    ways.say(name, f"begins in {job.part.app}: {job.part.task}")

    def approve(action: Action, screen: Screen) -> bool:
        if ways.policy == "ask":
            return ways.ask(f"{name}: This cannot be taken back: {describe(action)}. Do it?")
        return ways.policy == "allow"

    def watch(step: Step) -> None:
        ways.say(name, f"{step.index + 1:>2}  {describe(step.action)}")

    try:
        return perform(rooms, job, approve, watch, lambda text: ways.say(name, text))
    except OstinatoError as error:
        return error


def _settle(ended: Ended, ledger: Ledger, name: str, outcome: Done | OstinatoError, ways: Ways) -> None:
    """Write down what became of a sub-task."""
    if isinstance(outcome, OstinatoError):
        ended.stopped[name] = str(outcome)
        ways.say(name, f"stopped: {outcome}")
        return
    ended.done[name] = outcome
    ledger.write(outcome)
    for artefact in outcome.artefacts.values():
        ways.say(name, f"gives {artefact.name} = {artefact.value}  ({origin_of(artefact)})")
    if outcome.problem:
        ended.stopped[name] = outcome.problem
        ways.say(name, f"stopped: {outcome.problem}")
    else:
        read = outcome.reads_only and bool(outcome.artefacts)
        judged = f"judged {outcome.verdict}" if outcome.verdict else "nothing was changed" if read else "not judged"
        ways.say(name, f"done, {judged}: {outcome.trace}")


def _job(part: Subtask, ended: Ended, ways: Ways, folder: Path, lasting: bool) -> Job:
    found = ended.artefacts
    used = {name: f"{found[name].value} from {origin_of(found[name])}" for name in part.uses if name in found}
    read = {name: (found[name].value, *found[name].items) for name in used}
    return Job(
        part.bound(_values(ended)),
        ended.run,
        folder,
        lasting,
        Wording.filled(part.task, read),
        used,
        again=ways.again,
        headless=ways.headless,
        use_model=ways.use_model,
    )


def _values(ended: Ended) -> dict[str, str]:
    return {name: found.value for name, found in ended.artefacts.items()}


def origin_of(artefact: Artefact) -> str:
    """Where an artefact was read, for people and records."""
    where = "its answer" if artefact.source == "answer" else f"the screen after step {artefact.step}"
    return f"{where} of {artefact.trace}: “{artefact.quote}”"


def _whole(rooms: House, ended: Ended) -> Trace:
    """The trace of the whole task; the one that is there when this round was finished before."""
    parts = [ended.done[part.id].trace for part in ended.plan.in_order()]
    for line in rooms.store.list(limit=1_000_000, batch=ended.run):
        known = rooms.store.load(line.id)
        if known.meta.get(WHOLE) == " ".join(parts):
            return known
    artefacts = {name: f"{found.value} from {origin_of(found)}" for name, found in ended.artefacts.items()}
    traces = [rooms.store.load(trace) for trace in parts]
    reading = [done.reading for done in ended.done.values()]
    return whole_trace(rooms, ended.plan, traces, artefacts, ended.run, reading)
