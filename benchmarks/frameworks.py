"""One app in dozens of frameworks: what is learnt in one is played in the others, which draw the same list otherwise.

TodoMVC's entries, learnt from two recordings in one framework, are added, ticked, renamed, deleted and cleared in all
others whose own storage can be read. What became of it is told by that storage; a task of which nothing was learnt is
one that is not done."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

from benchmarks.parts import progress
from benchmarks.replay_runs import Run, Stage
from ostinato.agent.script import Do, ScriptDecider, on
from ostinato.errors import OstinatoError
from ostinato.house import Finished
from ostinato.phone.apps.app import App
from ostinato.phone.apps.todomvc import FRAMEWORKS, TodoMVC
from ostinato.phone.phone import Phone
from ostinato.replay.experience import Experience
from ostinato.replay.match import match
from ostinato.suites.task import Task, Values, each, only
from ostinato.suites.truth import Difference
from ostinato.trace.locator import Container, Locator

APP = "todomvc"
SOURCES = ("vanillajs", "react")
_FIELD = Locator(role="textbox", placeholder="What needs to be done?")
_THINGS = ("Buy milk", "Call Ann", "Water the plants", "Book a room", "Fix the bike", "Post the parcel", "Read page 12")
# What is on the list when a task begins.
_BEFORE: dict[str, int] = {"tick": 3, "clear": 3, "filter": 3, "rename": 3, "delete": 2}
_TICKED = ("clear", "filter")
_UNLEARNT, _PREPARING = "nothing was learnt", "prepare the list"
# Why a run ended, by what it says; the first that fits counts.
_WHYS = {
    "not learnt": f"^{_UNLEARNT}",
    "not prepared": f"^refused: {_PREPARING}",
    "refused by words": "^refused: ",
    "check false": r"\bfalse: ",
    "check unknown": r"\bunknown: ",
    "no such target": r"is not on the screen|is not there|nothing (here )?is like|no element",
    "more than one target": r"several|more than one|not the only|as well",
    "not touched": r"covered|not act|nothing happened|lies over it",
}
# Where an entry is written anew; nothing but its place tells it.
_EDITED = Locator(role="textbox", container=Container(role="listitem"))


def add(title: str) -> Do:
    return Do("enter", _FIELD, title)


def tick(title: str) -> Do:
    return on("tap", "checkbox", row=title, row_role="listitem")


def write_over(title: str, text: str) -> list[Do]:
    """An entry opens for writing when it is tapped twice; one without a title goes."""
    return [Do("double_tap", Locator(role="text", name=title)), Do("enter", _EDITED, text)]


def _thing(rng: random.Random) -> str:
    return f"{rng.choice(_THINGS)} {rng.choice('ABCDEFGHK')}{rng.randrange(10, 99)}"


def _things(rng: random.Random) -> Values:
    return dict(zip("abcd", (_thing(rng) for _ in range(4)), strict=True))


def _gone(found: list[Difference], values: Values) -> list[str]:
    return only(found, "todo", "removed", title=values["a"])


def _renamed(found: list[Difference], values: Values) -> list[str]:
    """The title is the key: the old row is gone, and there is a new one."""
    new = [d for d in found if d.operation == "added"]
    old = [d for d in found if d.operation != "added"]
    return [
        *only(old, "todo", "removed", title=values["a"]),
        *only(new, "todo", "added", title=values["d"], completed=False),
    ]


TASKS = (
    Task(
        "add", APP, "Put {a} on the list", _things, lambda v: [add(v["a"])],
        lambda found, v: only(found, "todo", "added", title=v["a"], completed=False),
    ),
    Task(
        "tick", APP, "Mark {a} as done", _things, lambda v: [tick(v["a"])],
        lambda found, v: only(found, "todo", "changed", title=v["a"], completed=True),
    ),
    Task(
        "several", APP, "Put {a}, {b} and {c} on the list", _things, lambda v: [add(v[key]) for key in "abc"],
        lambda found, v: each(found, "todo", "added", [{"title": v[key], "completed": False} for key in "abc"]),
    ),
    Task("rename", APP, "Rename {a} to {d}", _things, lambda v: write_over(v["a"], v["d"]), _renamed),
    Task("delete", APP, "Delete {a}", _things, lambda v: write_over(v["a"], ""), _gone),
    Task("clear", APP, "Clear what is done", _things, lambda v: [on("tap", "button", id="clear-completed")], _gone),
    Task(
        "filter", APP, "Show what is done and clear it", _things,
        lambda v: [on("tap", "link", "Completed"), on("tap", "button", id="clear-completed")], _gone,
    ),
)  # fmt: skip


class Lists:
    """TodoMVC on the stage, with what is learnt of each task in each framework."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._learnt: dict[tuple[str, str], Experience | str] = {}

    def met(self, source: str, target: str, most: int = len(TASKS)) -> dict[str, dict[str, Any]]:
        """Each task (or the first `most`) once in `target`, by what was learnt in `source`: its run, by its name."""
        told: dict[str, dict[str, Any]] = {}
        for task in TASKS[:most]:
            values = task.generate(random.Random(f"{target}-{task.name}"))
            words, learnt = task.words(values), self._of(task, source)
            if isinstance(learnt, str):
                run = Run(task.name, words, refused=True, said=f"{_UNLEARNT}: {learnt}")
            else:
                self._show(target)
                run = self.stage.run(task, values, words, APP, _Playing(self, task, values, learnt))
            told[task.name] = run.as_json()
        progress(f"{source} → {target}: {sum(run['good'] for run in told.values())} of {len(told)}")
        return told

    def _show(self, framework: str) -> App:
        app, _ = self.stage.at(APP)
        assert isinstance(app, TodoMVC)
        app.choose(framework)
        return app

    def _of(self, task: Task, framework: str) -> Experience | str:
        """What is learnt of a task in a framework, or why nothing is."""
        key = (framework, task.name)
        if key not in self._learnt:
            self._show(framework)
            ids = []
            try:
                for number in range(2):
                    values = task.generate(random.Random(f"teach-{task.name}-{number}"))
                    app, phone = self.stage.begin(APP)
                    self.prepare(task, values, app, phone)
                    ids.append(self.perform(task.words(values), task.script(values), app, phone).trace.id)
                found = self.stage.house.learn(ids)
                self._learnt[key] = found.model_copy(update={"status": "verified"})
                self.stage.house.repository.delete(found)  # what other frameworks teach must not be found instead
            except OstinatoError as error:
                self._learnt[key] = str(error)[:300]
        return self._learnt[key]

    def prepare(self, task: Task, values: Values, app: App, phone: Phone) -> None:
        """Put on the list what has to be there, and tick what is to be cleared."""
        titles = [values[key] for key in "abc"[: _BEFORE.get(task.name, 0)]]
        steps = [*map(add, titles), *([tick(values["a"])] if task.name in _TICKED else [])]
        if steps:
            self.perform(_PREPARING, steps, app, phone)

    def perform(self, words: str, steps: Sequence[Do], app: App, phone: Phone) -> Finished:
        done = self.stage.house.perform(
            words, phone=phone, deciders=[ScriptDecider(steps)], app=app, app_name=APP,
            approve=lambda action, screen: True,
        )  # fmt: skip
        if done.trace.status != "done":
            raise OstinatoError(f"{words}: {done.trace.outcome}")
        return done


class _Playing:
    """A replay on a list that was prepared."""

    def __init__(self, lists: Lists, task: Task, values: Values, learnt: Experience) -> None:
        self.lists, self.task, self.values, self.learnt = lists, task, values, learnt

    def __call__(self, app: App, phone: Phone) -> Finished:
        self.lists.prepare(self.task, self.values, app, phone)
        words = self.task.words(self.values)
        chosen = match(words, [self.learnt], APP)
        return self.lists.stage.house.replay(
            words, phone=phone, app=app, app_name=APP, approve=lambda action, screen: True, again=True,
            chosen=chosen, counted=False,
        )  # fmt: skip


def pairs(sources: Sequence[str] = SOURCES, most: int | None = None) -> list[tuple[str, str]]:
    """Which framework teaches which; with `most` only so many others."""
    found = [(source, target) for source in sources for target in FRAMEWORKS if target != source]
    return found if most is None else found[:most]


def why(run: dict[str, Any]) -> str:
    """In a few words why a run ended before it was done; the text of the run says which step and what."""
    said = run["said"]
    return next((kind for kind, pattern in _WHYS.items() if re.search(pattern, said)), "other")
