"""What an environment's agent is given to do: where it begins, in which words, when it is over, what it is worth."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from numpy.random import Generator

from ostinato.errors import UsageError
from ostinato.house import Finished, House
from ostinato.judge.check import Rows as RowsCheck
from ostinato.judge.judge import judge
from ostinato.judge.reward import Weights, reward_of
from ostinato.judge.substate import Rules, Substate
from ostinato.phone.apps.app import App
from ostinato.phone.apps.miniwob import MiniWoB
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.suites import cross, ihatemoney, ihatemoney_more, oscar, oscar_more, tiddlywiki
from ostinato.suites.handwritten import handwritten
from ostinato.suites.task import Task, Values
from ostinato.trace.record import Verdict

MINIWOB_SEEDS = 1_000_000
_SOLVED = Substate(
    id="solved",
    kind="data",
    text="The page gives its full reward",
    checks=(RowsCheck(table="episode", cells={"done": "true", "raw_reward": "1"}),),
)


@dataclass(frozen=True)
class Desk:
    """An app on a phone, and the house they belong to."""

    house: House
    app: App
    phone: ChromiumPhone


@dataclass(frozen=True)
class Worth:
    """What a run that ended is worth, and from what that is known."""

    reward: float
    verdict: Verdict | None = None
    wrong: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """For an environment's `info`."""
        said: dict[str, Any] = {}
        if self.verdict is not None:
            said["verdict"] = self.verdict.value
            said["reasons"] = self.verdict.reasons
        if self.wrong:
            said["wrong"] = self.wrong
        return said


class Assignment(Protocol):
    @property
    def app(self) -> str:
        """The name of the app."""
        ...

    def begin(self, desk: Desk, rng: Generator) -> str:
        """Show the start of a new task on the phone; gives its words. The same numbers make the same task."""
        ...

    def over(self, desk: Desk) -> bool:
        """Whether the task has ended by itself."""
        ...

    def worth(self, desk: Desk, finished: Finished) -> Worth:
        """What the run was worth."""
        ...


@dataclass
class PageOfMiniWoB:
    """A page of MiniWoB++ at a drawn seed. It is over when the page says so. Its reward is the page's own raw reward
    (-1 to 1; 0 while it has not ended), or with `by="judge"` that of a verdict on the page's data."""

    page: str
    by: Literal["page", "judge"] = "page"
    weights: Weights = field(default_factory=Weights)

    @property
    def app(self) -> str:
        return f"miniwob/{self.page}"

    def begin(self, desk: Desk, rng: Generator) -> str:
        app = self._app(desk)
        app.choose(self.page, int(rng.integers(MINIWOB_SEEDS)))
        desk.phone.new_episode(login=app.login, start_url=app.url, init_script=app.init_script)
        return app.words()

    def over(self, desk: Desk) -> bool:
        return bool(self._row(desk)["done"])

    def worth(self, desk: Desk, finished: Finished) -> Worth:
        if self.by == "judge":
            rules = Rules(task=finished.trace.task, app=self.app, substates=(_SOLVED,))
            return _judged(desk, finished, rules, self.weights)
        row = self._row(desk)
        return Worth(float(row["raw_reward"]) if row["done"] and row["raw_reward"] is not None else 0.0)

    def _app(self, desk: Desk) -> MiniWoB:
        assert isinstance(desk.app, MiniWoB)
        return desk.app

    def _row(self, desk: Desk) -> dict[str, Any]:
        [row] = self._app(desk).data().tables["episode"].by_key().values()
        return dict(row)


@dataclass
class TaskOfSuite:
    """A task of a suite with drawn values, on an app as it was installed. Its reward is that of the verdict by the
    rules written for it (`by="judge"`), or 1 and 0 by the suite's own oracle (`by="oracle"`)."""

    task: Task
    by: Literal["judge", "oracle"] = "judge"
    weights: Weights = field(default_factory=Weights)
    values: Values = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.by == "judge" and handwritten(self.task) is None:
            raise UsageError(f"no rules are written for {name_of(self.task)}; take reward='oracle'")

    @property
    def app(self) -> str:
        return self.task.app

    def begin(self, desk: Desk, rng: Generator) -> str:
        self.values = self.task.generate(random.Random(int(rng.integers(2**62))))
        desk.app.reset()
        desk.phone.new_episode(login=desk.app.login, start_url=desk.app.url, init_script=desk.app.init_script)
        return self.task.words(self.values)

    def over(self, desk: Desk) -> bool:
        return False

    def worth(self, desk: Desk, finished: Finished) -> Worth:
        if self.by == "judge":
            rules = handwritten(self.task, self.values)
            assert rules is not None
            return _judged(desk, finished, rules, self.weights)
        before, after = finished.trace.data.before, finished.trace.data.after
        if before is None or after is None:
            return Worth(0.0, wrong=("the app's data could not be read",))
        data = desk.house.store.data
        wrong = tuple(self.task.wrong(data(before), data(after), self.values))
        return Worth(0.0 if wrong else 1.0, wrong=wrong)


def _judged(desk: Desk, finished: Finished, rules: Rules, weights: Weights) -> Worth:
    store = desk.house.store
    verdict = judge(finished.trace, rules, store.data)
    store.add_verdict(verdict)
    return Worth(reward_of(verdict, weights).value, verdict)


def task_named(name: str) -> Task:
    """A task of a suite by `APP/NAME`. UsageError names those that are there."""
    known = {name_of(task): task for task in _tasks()}
    if name not in known:
        raise UsageError(f"no suite has a task {name!r}; known: {', '.join(sorted(known))}")
    return known[name]


def task_names() -> tuple[str, ...]:
    """All tasks of the suites on real apps, as `task_named` takes them."""
    return tuple(name_of(task) for task in _tasks())


def name_of(task: Task) -> str:
    return f"{task.app}/{task.name}"


def _tasks() -> Iterable[Task]:
    yield from (*ihatemoney.TASKS, *ihatemoney_more.MORE_TASKS)
    yield from (*tiddlywiki.TASKS, *tiddlywiki.MORE_TASKS)
    yield from (*oscar.TASKS, *oscar_more.MORE_TASKS, *cross.TASKS)
