"""One replay and what became of it, by the app's own data: the stage that runs are played on, and their record."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.agent_pages import Timed, Watch
from benchmarks.parts import progress
from benchmarks.runs import record_twice
from ostinato.agent.decider import Choice, Decider, Handover
from ostinato.agent.script import ScriptDecider
from ostinato.errors import OstinatoError, SetupError
from ostinato.house import Finished, House
from ostinato.phone.apps.app import App, InPage
from ostinato.phone.apps.gnome import Gnome
from ostinato.phone.phone import Phone
from ostinato.replay.experience import Experience
from ostinato.suites import gnome, ihatemoney, ihatemoney_more, oscar, oscar_more, tiddlywiki
from ostinato.suites.gnome import GnomeTask
from ostinato.suites.task import Task, Values
from ostinato.suites.truth import differences
from ostinato.trace.action import Done
from ostinato.trace.record import Decision, Step, Trace
from ostinato.trace.screen import Screen

SUITES: dict[str, tuple[Task, ...]] = {
    "ihatemoney": (*ihatemoney.TASKS, *ihatemoney_more.MORE_TASKS),
    "tiddlywiki": (*tiddlywiki.TASKS, *tiddlywiki.MORE_TASKS),
    "oscar": (*oscar.TASKS, *oscar_more.MORE_TASKS),
    "gnome": gnome.ALL_TASKS,
}
_FEWER = re.compile(r"(\d+) rows of .*, expected (\d+)")


@dataclass
class Run:
    """What became of one run. `good`: the app's data are as they should be, and the run says done (where the right
    outcome is a refusal: nothing changed, and it does not say done). `silent`: it says done, something was replayed,
    and the data say otherwise. `wrong_commit`: a replayed step that cannot be taken back changed what it should not;
    one that is a part of the task, in a run that stopped afterwards, is `unfinished` instead. `calls` are the
    decisions of an agent; `parts` the seconds of looking, acting and waiting."""

    task: str
    words: str
    claimed: bool = False
    refused: bool = False
    good: bool = False
    silent: bool = False
    wrong_commit: bool = False
    unfinished: bool = False
    commits: int = 0
    steps: int = 0
    replayed: int = 0
    calls: int = 0
    repaired: bool = False
    false_handover: bool = False
    verdict: str | None = None
    seconds: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)
    said: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Recorded:
    """A task with its two recordings and their values, and what was learnt, or why not."""

    task: Task
    traces: tuple[Trace, ...]
    values: tuple[Values, ...]
    experience: Experience | None
    why: str = ""

    @property
    def commits(self) -> bool:
        """Whether the task has steps that cannot be taken back."""
        return any(step.risk == "commit" for trace in self.traces for step in trace.steps)


class Parted(Timed):
    """A phone that tells looking for the next decision from waiting: trees seen while a step settles are waiting."""

    def observe(self, screenshot: bool = True) -> Screen:
        with self.watch.part("observe" if screenshot else "settle"):
            return super(Timed, self).observe(screenshot)

    def photograph(self, screen: Screen) -> Screen:
        with self.watch.part("observe"):
            return super().photograph(screen)


class Stage:
    """The store and the experiences, and one app with its phone at a time, opened when it is first needed."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.watch = Watch()
        self._stack = ExitStack()
        self._open: tuple[str, App, Phone] | None = None
        self._recorded: dict[str, Recorded] = {}

    def at(self, name: str) -> tuple[App, Phone]:
        """The app, running, and a phone that can show it."""
        root = name.partition("/")[0]
        if self._open is None or self._open[0] != root:
            self.close()
            app = self._stack.enter_context(self.house.app(root))
            phone: Phone
            if isinstance(app, Gnome):
                phone = self._stack.enter_context(self.house.phone(app))
            else:
                settings = self.house.settings
                size = {"width": settings.width, "height": settings.height, "scale": settings.scale}
                blobs, program = self.house.store.blobs, settings.chromium
                phone = self._stack.enter_context(Parted(self.watch, blobs, **size, executable=program))
                if isinstance(app, InPage):
                    app.shown_on(phone)
            self._open = root, app, phone
        return self._open[1], self._open[2]

    def close(self) -> None:
        self._open = None
        self._stack.close()

    def begin(self, task_app: str, script: str | None = None) -> tuple[App, Phone]:
        """The app as it was installed, on a phone that has just been taken out of the pocket. `script` runs in every
        page before its own."""
        app, phone = self.at(task_app)
        if isinstance(app, Gnome):
            app.first = task_app.partition("/")[2]
            app.reset()
            phone.quiet(8.0)
        else:
            assert isinstance(phone, Parted)
            app.reset()
            scripts = "\n".join(part for part in (app.init_script, script) if part)
            phone.new_episode(login=app.login, start_url=app.url, init_script=scripts or None)
        return app, phone

    def recorded(self, task: Task) -> Recorded:
        """The recordings of a task and what is learnt from them, made the first time."""
        key = f"{task.app} {task.name}"
        if key not in self._recorded:
            progress(f"recording {key}")
            app, phone = self.at(task.app)
            made = self._by_gnome(task) if isinstance(task, GnomeTask) else record_twice(self.house, app, phone, task)  # type: ignore[arg-type]
            traces = tuple(self.house.store.load(id) for id, _ in made)
            experience, why = None, ""
            try:
                experience = self.house.learn([id for id, _ in made])
            except OstinatoError as error:
                why = str(error)
                progress(f"{key} is not learnt: {why}")
            self._recorded[key] = Recorded(task, traces, tuple(values for _, values in made), experience, why)
        return self._recorded[key]

    def _by_gnome(self, task: GnomeTask) -> list[tuple[str, Values]]:
        rng = random.Random(f"teach-{task.name}")
        made: list[tuple[str, Values]] = []
        tries = 0
        while len(made) < 2:
            values = task.generate(rng)
            tries += 1
            if made and any(values[key] == made[-1][1].get(key) for key in values) and tries < 20:
                continue
            app, phone = self.begin(task.app)
            done = self.house.perform(
                task.words(values), phone=phone, deciders=[task.decider(values)], app=app, app_name=task.app,
                approve=lambda action, screen: True, meta={"recorded_by": "script"},
            )  # fmt: skip
            wrong = self.wrong(done, task, values)
            if done.trace.status != "done" or wrong:
                raise SystemExit(f"the oracle's own script failed on {task.name}: {done.trace.outcome} {wrong}")
            made.append((done.trace.id, values))
        return made

    def wrong(self, done: Finished, task: Task | None, values: Values) -> list[str]:
        """What is wrong with the app's data after a run, by the hand-written oracle; without a task nothing may have
        changed."""
        before, after = done.trace.data.before, done.trace.data.after
        if before is None or after is None:
            return ["the app's data was not read"]
        old, new = self.house.store.data(before), self.house.store.data(after)
        if task is None:
            return [f"unexpected: {found.words()}" for found in differences(old, new)]
        said = task.wrong(old, new, values)
        if isinstance(task, GnomeTask) and done.trace.outcome is not None and done.trace.status == "done":
            said += task.wrong_answer(done.trace.outcome.answer, values)
        return said

    @contextmanager
    def without(self, recorded: Recorded | None) -> Iterator[None]:
        """As if a task had never been learnt."""
        standing, experience = self.house.repository.standing, recorded.experience if recorded is not None else None
        if experience is None or standing is None:
            yield
            return
        standing.put(experience.id, experience.version, "quarantined", "left out")
        try:
            yield
        finally:
            standing.lift(experience.id, experience.version, "put back")

    def run(
        self,
        task: Task | None,
        values: Values,
        words: str,
        app_name: str,
        play: Callable[[App, Phone], Finished],
        *,
        label: str = "",
        script: str | None = None,
        refuse: bool = False,
    ) -> Run:
        """One run by `play` on a fresh app. `refuse`: the right outcome is that nothing is done; without a task the
        data must stay as they are in any case."""
        run = Run(label or (task.name if task is not None else "?"), words)
        app, phone = self.begin(app_name, script)
        self.watch.taken()
        try:
            done = play(app, phone)
        except SetupError:
            raise
        except OstinatoError as error:
            run.refused, run.good, run.said = True, refuse, f"refused: {error}"[:400]
            return run
        return self.told(run, done, task, values, refuse)

    def told(self, run: Run, done: Finished, task: Task | None, values: Values, refuse: bool) -> Run:
        """A run with what became of it."""
        trace = done.trace
        wrong = self.wrong(done, None if refuse else task, values)
        done_all_the_same = refuse and task is not None and not self.wrong(done, task, values)
        own = [s for s in trace.steps if s.decision.source == "replay" and s.action.kind != "done"]
        sent = [s for s in own if s.risk == "commit" and (s.result is None or s.result.touched)]
        changed = trace.data.before != trace.data.after
        run.claimed = trace.status == "done"
        if run.claimed and done_all_the_same:  # another experience did just what was asked for
            refuse, wrong = False, []
        run.good = (not run.claimed if refuse else run.claimed) and not wrong
        run.silent = run.claimed and bool(own) and not run.good
        run.unfinished = bool(sent) and changed and not run.claimed and bool(wrong) and all(map(_is_part, wrong))
        run.wrong_commit = bool(sent) and changed and bool(wrong) and not run.unfinished
        run.commits, run.replayed = len(sent), len(own)
        run.steps = sum(s.action.kind != "done" and not s.decision.aside for s in trace.steps)
        run.calls = sum(s.decision.source in ("script", "model") and not s.decision.aside for s in trace.steps)
        run.repaired = done.repaired is not None
        run.verdict = done.verdict.value if done.verdict is not None else None
        run.seconds = round(trace.cost.seconds, 3)
        run.parts = self.watch.taken()
        reason = trace.outcome.reason if trace.outcome is not None else ""
        run.said = "" if run.good and run.claimed else f"{trace.status}: {reason} | {wrong[:2]}"[:500]
        return run

    def replay(self, words: str, app_name: str, agent: Decider | None = None) -> Callable[[App, Phone], Finished]:
        """A replay of whatever experience fits the words; where none does, or it stops, an agent, if there is one."""

        def play(app: App, phone: Phone) -> Finished:
            chosen = None
            if agent is not None:
                try:
                    chosen = self.house.find(words, app_name)
                except OstinatoError:
                    return self.performed(words, app_name, [agent])(app, phone)
            return self.house.replay(
                words, phone=phone, app=app, app_name=app_name, approve=lambda action, screen: True, again=True,
                chosen=chosen, agent=agent, counted=False,
            )  # fmt: skip

        return play

    def performed(self, words: str, app_name: str, deciders: Sequence[Decider]) -> Callable[[App, Phone], Finished]:
        """A run by these deciders."""

        def play(app: App, phone: Phone) -> Finished:
            return self.house.perform(
                words, phone=phone, deciders=list(deciders), app=app, app_name=app_name,
                approve=lambda action, screen: True,
            )  # fmt: skip

        return play


@dataclass(frozen=True)
class Declining:
    """An agent that sees that there is nothing it may do, and says so: one call."""

    name: str = "declining"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        return Choice(Done(success=False, message="declined"), Decision(source="script", text="declined"))


def agent_for(task: Task, values: Values) -> Decider:
    """The oracle as the agent: it knows every task of the suites."""
    return task.decider(values) if isinstance(task, GnomeTask) else ScriptDecider(task.script(values))


def _is_part(wrong: str) -> bool:
    """Whether something is wrong only because too little was done."""
    found = _FEWER.fullmatch(wrong)
    return found is not None and int(found[1]) < int(found[2])
