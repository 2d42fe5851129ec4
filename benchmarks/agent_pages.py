"""Agents on pages of MiniWoB++, with what each part of a step took."""

from __future__ import annotations

import contextlib
import hashlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from benchmarks.parts import progress
from benchmarks.runs import begin, oracle, teach
from ostinato.agent.decider import Choice, Decider, Handover
from ostinato.agent.loop import Limits
from ostinato.errors import OstinatoError
from ostinato.house import Finished, House
from ostinato.phone.apps.miniwob import MiniWoB
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.replay.replayer import Replayer
from ostinato.suites.miniwob import PageTask
from ostinato.suites.task import Task
from ostinato.trace.action import Action, Done, Tap, Wait, describe
from ostinato.trace.record import Decision, Result, Step
from ostinato.trace.screen import Screen

LIMITS = Limits(max_steps=30, max_seconds=20.0, step_timeout=3.0)
MODEL_LIMITS = Limits(max_steps=5, max_seconds=300.0, step_timeout=3.0)
# Where a decider without a model looks for things: the time spent there counts as grounding.
_GROUNDING = ("rate", "same_things", "listed")
_GROUNDED_IN = ("reach", "lexical", "filling", "choosing", "fields", "quote", "listing")


@dataclass
class Watch:
    """Seconds by part of a step. What lies in another part (grounding while deciding) counts once, there."""

    seconds: dict[str, float] = field(default_factory=dict)
    _open: list[float] = field(default_factory=list)

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        self._open.append(0.0)
        try:
            yield
        finally:
            took = time.perf_counter() - started
            inner = self._open.pop()
            self.seconds[name] = self.seconds.get(name, 0.0) + took - inner
            if self._open:
                self._open[-1] += took

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            with self.part(name):
                return function(*given, **named)

        return call

    def taken(self) -> dict[str, float]:
        """What was measured until now, in ms; begins anew."""
        found = {name: round(1000 * seconds, 1) for name, seconds in self.seconds.items()}
        self.seconds.clear()
        return found


class Timed(ChromiumPhone):
    """A phone that keeps how long looking, acting and settling took: all of a run by part, single looks and acts in
    ms. Waiting is what it was told to do, and is no act."""

    def __init__(self, watch: Watch, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.watch = watch
        self.observed: list[float] = []
        self.acted: list[float] = []

    def observe(self, screenshot: bool = True) -> Screen:
        started = time.perf_counter()
        with self.watch.part("observe"):
            found = super().observe(screenshot)
        self.observed.append(round(1000 * (time.perf_counter() - started), 1))
        return found

    def act(self, action: Action) -> Result:
        started = time.perf_counter()
        with self.watch.part("settle" if isinstance(action, Wait) else "act"):
            done = super().act(action)
        if not isinstance(action, Wait):
            self.acted.append(round(1000 * (time.perf_counter() - started), 1))
        return done

    def quiet(self, timeout: float) -> bool:
        with self.watch.part("settle"):
            return super().quiet(timeout)


@dataclass
class TimedDecider:
    """A decider, timed."""

    inner: Decider
    watch: Watch

    @property
    def name(self) -> str:
        return self.inner.name

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        with self.watch.part("decide"):
            return self.inner.decide(screen, goal, history)


@dataclass
class RandomDecider:
    """Touches anything that can be touched: what chance does on the same pages. Ends after five steps."""

    seed: str
    name: str = "chance"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        able = [e for e in screen.elements if e.reachable and e.enabled and e.role not in ("text", "heading")]
        if not able or len(history) >= MODEL_LIMITS.max_steps - 1:
            return Choice(Done(), Decision(source="script", text="done"))
        chosen = random.Random(f"{self.seed} {len(history)}").choice(able)
        action = Tap(point=chosen.box.center, element=chosen)
        return Choice(action, Decision(source="script", text=describe(action)))


def unseen(pages: Sequence[str]) -> frozenset[str]:
    """Fifteen pages by the hash of their names, not looked at while the decider was written."""
    return frozenset(sorted(pages, key=lambda page: digest(f"unseen-{page}"))[:15])


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Bench:
    """The app and a phone, opened when they are first needed."""

    def __init__(self, house: House, stack: ExitStack) -> None:
        self.house = house
        self.watch = Watch()
        self._stack = stack
        self._phone: Timed | None = None
        app = stack.enter_context(house.app("miniwob"))
        assert isinstance(app, MiniWoB)
        self.app = app
        for module in _GROUNDED_IN:
            for name in _GROUNDING:
                with contextlib.suppress(AttributeError, ModuleNotFoundError):
                    place = f"ostinato.agent.words.{module}.{name}"
                    target = getattr(__import__(f"ostinato.agent.words.{module}", fromlist=[name]), name)
                    stack.enter_context(mock.patch(place, self.watch.timed("ground", target)))

    @property
    def phone(self) -> Timed:
        if self._phone is None:
            settings = self.house.settings
            phone = Timed(
                self.watch,
                self.house.store.blobs,
                width=settings.width,
                height=settings.height,
                scale=settings.scale,
                executable=settings.chromium,
            )
            self._phone = self._stack.enter_context(phone)
            self.app.shown_on(self._phone)
        return self._phone

    def page(
        self, page: str, seeds: Sequence[int], decider: Callable[[int], Decider], limits: Limits = LIMITS
    ) -> dict[str, Any]:
        """What became of one page: solved seeds, what was claimed, steps, calls, tokens, seconds, and why not."""
        found: dict[str, Any] = {"runs": [], "why": []}
        for seed in seeds:
            run: dict[str, Any] = {"seed": seed, "solved": False, "claimed": "not begun"}
            found["runs"].append(run)
            try:
                self.app.choose(page, seed)
                self.phone.new_episode(start_url=self.app.url, init_script=self.app.init_script)
                words = self.app.words()
                self._times()
                done = self.perform(words, [decider(seed)], page, limits)
            except OstinatoError as error:
                found["why"].append(f"{seed}: {error}"[:200])
                continue
            run |= self._told(done)
            if not run["solved"]:
                outcome = done.trace.outcome
                said = f"{outcome.claimed} {outcome.reason}" if outcome else "no outcome"
                found["why"].append(f"{seed}: {words[:120]} | {said}"[:300])
        return found

    def oracle(self, task: PageTask, times: int) -> dict[str, int]:
        """How often the suite's own solver does the task of a page."""
        rng = random.Random(f"agent-{task.name}")
        solved = runs = 0
        for _ in range(times):
            runs += 1
            try:
                values = begin(self.app, self.phone, task, rng)
                done = self.perform(task.words(values), [task.decider(values)], task.name, LIMITS)
            except OstinatoError as error:
                progress(f"oracle of {task.name}: {error}")
                continue
            solved += reward_of(self.house, done) == 1.0
        self._times()
        return {"solved": solved, "runs": runs}

    def replay(self, task: PageTask, decider: Decider, seeds: int) -> dict[str, Any]:
        """The same episodes by a decider alone, and with an experience from two recordings asked before it."""
        teach(self.house, self.app, self.phone, task)
        found: dict[str, Any] = {}
        for way in ("off", "on"):
            rng = random.Random(f"replay-{task.name}")
            runs = []
            for _ in range(seeds):
                run: dict[str, Any] = {"solved": False}
                runs.append(run)
                try:
                    values = begin(self.app, self.phone, task, rng)
                    words = task.words(values)
                    deciders: list[Decider] = [decider]
                    if way == "on":
                        match = self.house.find(words, task.app)
                        deciders.insert(0, Replayer(match.experience, match.values))
                    self._times()
                    run |= self._told(self.perform(words, deciders, task.name, LIMITS))
                except OstinatoError as error:
                    progress(f"{task.name}, replay {way}: {error}")
            found[way] = runs
        return found

    def perform(self, words: str, deciders: Sequence[Decider], page: str, limits: Limits) -> Finished:
        return self.house.perform(
            words,
            phone=self.phone,
            deciders=[TimedDecider(decider, self.watch) for decider in deciders],
            app=self.app,
            app_name=f"miniwob/{page}",
            approve=lambda action, screen: True,
            limits=limits,
        )

    def _told(self, done: Finished) -> dict[str, Any]:
        """One run, as a JSON value."""
        trace = done.trace
        observed, acted, parts = self._times()
        return {
            "solved": reward_of(self.house, done) == 1.0,
            "claimed": trace.outcome.claimed if trace.outcome else "nothing",
            "steps": len(trace.steps),
            "replayed": done.replayed,
            "calls": trace.cost.calls,
            "tokens": trace.cost.tokens.prompt + trace.cost.tokens.output,
            "seconds": round(trace.cost.seconds, 2),
            "observed": observed,
            "acted": acted,
            "parts": parts,
        }

    def _times(self) -> tuple[list[float], list[float], dict[str, float]]:
        found = (list(self.phone.observed), list(self.phone.acted), self.watch.taken())
        self.phone.observed.clear()
        self.phone.acted.clear()
        return found


def on_apps(house: House, tasks: Sequence[Task], decider: Decider) -> list[dict[str, Any]]:
    """What became of tasks of one real app, each once: done by the app's own data, what was claimed, steps, seconds."""
    told: list[dict[str, Any]] = []
    with house.app(tasks[0].app) as app, house.chromium(app) as phone:
        for task in tasks:
            values = begin(app, phone, task, random.Random(f"agent-{task.name}"))
            done = house.perform(
                task.words(values),
                phone=phone,
                deciders=[decider],
                app=app,
                app_name=task.app,
                approve=lambda action, screen: True,
                limits=LIMITS,
            )
            claimed = done.trace.outcome.claimed if done.trace.outcome else "nothing"
            solved = not oracle(house, done, task, values)
            told.append({"task": task.name, "solved": solved, "claimed": claimed, "steps": len(done.trace.steps)})
    return told


def reward_of(house: House, done: Finished) -> object:
    """The raw reward of the page's episode; None where it is not known."""
    if done.trace.data.after is None:
        return None
    [row] = house.store.data(done.trace.data.after).tables["episode"].by_key().values()
    return row["raw_reward"] if row["done"] else None
