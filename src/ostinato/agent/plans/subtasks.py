"""A task over several apps as a small graph of sub-tasks: each in one app, what it gives, what it needs of others.

    task: Look up what Internet cost and write the amount into a note called "Paint 12"
    subtasks:
    - id: look_up
      app: ihatemoney
      task: Look up what Internet cost
      gives:
        cost: {type: money, about: what Internet cost}
    - id: note
      app: tiddlywiki
      task: Write a note called "Paint 12" with the text {cost}

A sub-task waits for those whose artefacts stand in its words, and for those that it names with `after`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from ostinato.errors import FormatError, UsageError
from ostinato.judge.substate import read_yaml, write_yaml
from ostinato.phone.choice import read_choice
from ostinato.trace.screen import Record
from ostinato.trace.values import address, fill, slots_in

ArtefactType = Literal["text", "number", "money", "date", "list"]
MOST_SUBTASKS = 50
_NAME = re.compile(r"[^\W\d]\w*")


class Wanted(Record):
    """What a sub-task gives: a value of a type that its screens show, or that it answers.

    `about` says in words what it is. Where it stands can be said instead: in the `row` of some words, in the `column`
    of a table by its head, beside a `label`."""

    type: ArtefactType
    about: str = ""
    row: str = ""
    column: str = ""
    label: str = ""


class Subtask(Record):
    """One part, in one app; on the `phone` that is named (`android:SERIAL`, `linux:APP`, see docs/phone.md) where it is
    not the usual one. `task`, `values` and what `gives` says of places may hold `{artefact}`.

    `steps` are the way in words. `experience` is what is to be played, with `values` for its slots; without, what fits
    the words is looked for when it is its turn. `trace` is a run of the very same words, whose actions are played again
    instead. `preferences` are the memories that gave a value."""

    id: str
    app: str
    phone: str = ""
    task: str
    steps: tuple[str, ...] = ()
    experience: str | None = None
    trace: str | None = None
    values: dict[str, str] = {}
    gives: dict[str, Wanted] = {}
    after: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()

    @property
    def hands(self) -> str:
        """What only one sub-task can hold at a time: a phone with apps of its own, otherwise the app."""
        return self.phone if self.phone not in ("", "chromium") else address(self.app)

    @property
    def uses(self) -> tuple[str, ...]:
        """The names in braces, in the words and the values."""
        places = (text for wanted in self.gives.values() for text in (wanted.row, wanted.column, wanted.label))
        told = (self.task, *self.values.values(), *places, *(wanted.about for wanted in self.gives.values()))
        return tuple(dict.fromkeys(name for text in told for name in slots_in(text)))

    def bound(self, artefacts: Mapping[str, str]) -> Subtask:
        """The sub-task with the artefacts in their places."""
        known = dict(artefacts)
        gives = {
            name: Wanted(type=w.type, **{f: fill(getattr(w, f), known) for f in ("about", "row", "column", "label")})
            for name, w in self.gives.items()
        }
        values = {name: fill(value, known) for name, value in self.values.items()}
        return self.model_copy(update={"task": fill(self.task, known), "values": values, "gives": gives})


class Plan(Record):
    """The whole task and its parts. `reason` is why, in the planner's words."""

    task: str
    reason: str = ""
    subtasks: tuple[Subtask, ...]

    def givers(self) -> dict[str, str]:
        """By artefact, the sub-task that gives it."""
        return {name: part.id for part in self.subtasks for name in part.gives}

    def needs(self, part: Subtask) -> frozenset[str]:
        """The sub-tasks that must be done before it."""
        givers = self.givers()
        return frozenset(part.after) | {givers[name] for name in part.uses if name in givers}

    def in_order(self) -> tuple[Subtask, ...]:
        """Every sub-task after those that it needs, else as they are written. Raises UsageError for a cycle."""
        place = {part.id: number for number, part in enumerate(self.subtasks)}
        graph = TopologicalSorter({part.id: self.needs(part) for part in self.subtasks})
        try:
            graph.prepare()
        except CycleError as error:
            circle = " needs ".join(reversed(error.args[1]))
            raise UsageError(f"the sub-tasks wait for each other in a circle: {circle}") from None
        found: list[Subtask] = []
        waiting: list[str] = []
        while graph.is_active():
            waiting = sorted([*waiting, *graph.get_ready()], key=lambda name: place[name])
            name = waiting.pop(0)
            found.append(self.subtasks[place[name]])
            graph.done(name)
        return tuple(found)

    def ready(self, done: Collection[str], busy: Collection[str]) -> tuple[Subtask, ...]:
        """What can begin now: all that it needs is done, and nothing else is under way in its app or on its phone.
        `busy` are the sub-tasks under way."""
        taken = {part.hands for part in self.subtasks if part.id in busy}
        found: list[Subtask] = []
        for part in self.in_order():
            if part.id in done or part.id in busy or not self.needs(part) <= set(done) or part.hands in taken:
                continue
            taken.add(part.hands)
            found.append(part)
        return tuple(found)


def problems_of(plan: Plan) -> list[tuple[str, str]]:
    """What is wrong with a plan, each with the field it is in; empty for one that can be begun."""
    if not plan.subtasks:
        return [("subtasks", "there is none; write at least one")]
    if len(plan.subtasks) > MOST_SUBTASKS:
        return [("subtasks", f"there are {len(plan.subtasks)}; at most {MOST_SUBTASKS} can be in one plan")]
    ids = [part.id for part in plan.subtasks]
    given = [name for part in plan.subtasks for name in part.gives]
    found: list[tuple[str, str]] = []
    for number, part in enumerate(plan.subtasks):
        where = f"subtasks.{number}"
        if not _NAME.fullmatch(part.id):
            found.append((f"{where}.id", f"{part.id!r} is no name: letters, digits and _ are"))
        if ids.count(part.id) > 1:
            found.append((f"{where}.id", f"{part.id!r} is there twice"))
        if not part.task.strip():
            found.append((f"{where}.task", "is empty: say what is to be done"))
        try:
            read_choice(part.phone or "chromium")
        except UsageError as error:
            found.append((f"{where}.phone", str(error)))
        if not part.app.strip():
            found.append((f"{where}.app", "is empty: name an app, or the address of a site"))
        for name in part.gives:
            if not _NAME.fullmatch(name) or name == "today":
                found.append((f"{where}.gives.{name}", "is no name for an artefact: letters, digits and _ are"))
            if given.count(name) > 1:
                found.append((f"{where}.gives.{name}", "is given twice; give each artefact a name of its own"))
        for name in part.after:
            if name not in ids:
                found.append((f"{where}.after", f"there is no sub-task {name!r}; known: {', '.join(ids)}"))
        for name in part.uses:
            if name not in given:
                known = ", ".join(given) or "none"
                found.append((f"{where}.task", f"nothing gives {{{name}}}; artefacts of this plan: {known}"))
    if not found:
        try:
            plan.in_order()
        except UsageError as error:
            found.append(("subtasks", str(error)))
    return found


def checked(plan: Plan) -> Plan:
    """The plan itself. Raises UsageError with what is wrong first."""
    for field, problem in problems_of(plan):
        raise UsageError(f"this plan cannot be begun: {field}: {problem}")
    return plan


def load_plan(path: Path) -> Plan:
    """A plan from a YAML or JSON file. Raises FormatError with file and field."""
    try:
        plan = Plan.model_validate(read_yaml(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise FormatError(path, ".".join(map(str, first["loc"])) or "file", first["msg"]) from error
    for field, problem in problems_of(plan):
        raise FormatError(path, field, problem)
    return plan


def write_plan(plan: Plan) -> str:
    """The plan as YAML for people to edit; what is empty is left out."""
    return write_yaml(_plain(plan))


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        kept = {name: getattr(value, name) for name in type(value).model_fields}
        return {name: _plain(one) for name, one in kept.items() if one not in ("", None, (), {})}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, dict) else value
