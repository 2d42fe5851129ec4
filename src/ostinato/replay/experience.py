"""An experience: what was learnt from recordings of one kind of task, ready to be played with new values."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import model_validator

from ostinato.judge.change import Expectation
from ostinato.judge.check import Check
from ostinato.replay.goals import Goal
from ostinato.replay.surroundings import Surroundings
from ostinato.trace.locator import Locator
from ostinato.trace.record import Risk
from ostinato.trace.screen import Record
from ostinato.trace.values import Kind

NodeKind = Literal["tap", "double_tap", "long_press", "type", "select", "drag", "key", "back", "home", "open", "done"]
Status = Literal["candidate", "learnt", "verified", "quarantined"]
USABLE: frozenset[Status] = frozenset({"learnt", "verified"})
SCHEMA = 3


class Slot(Record):
    """A value that differs from task to task. `kind` bounds what may be bound to it; `options` are what a list had that
    it was chosen from, and of an amount the currencies that were said."""

    name: str
    kind: Kind
    examples: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


class Branch(Record):
    """One of several ways, which exclude each other: the way `number` of the `group`."""

    group: int
    number: int


class Node(Record):
    """One step: the operation (`kind`, `target`, `text`, …) and the primitive, the same in words. Strings may hold
    `{slot}`; `written` is how the recordings wrote a date, a time or an amount that the text is. `pre` must hold before
    it; `commit` only where it cannot be taken back; `post` after it. An `optional` node is skipped when its target is
    not there; of those of a `branch` all of one way are played, as the screen tells which. `around` is what stood
    around the target. Once a loop has become steps of their own, `turn` is the turn that one belongs to, from 1."""

    index: int
    kind: NodeKind
    target: Locator | None = None
    destination: Locator | None = None
    text: str | None = None
    written: str | None = None
    enter: bool = False
    secret: str | None = None
    risk: Risk = "read"
    primitive: str = ""
    pre: tuple[Check, ...] = ()
    commit: tuple[Check, ...] = ()
    post: tuple[Check, ...] = ()
    optional: bool = False
    branch: Branch | None = None
    turn: int = 0
    around: Surroundings | None = None

    @property
    def condition(self) -> str:
        """When it is played, for people; empty for always."""
        if self.branch is not None:
            return f"way {self.branch.number + 1}"
        return "if there" if self.optional else ""


class Every(Record):
    """Every row of a list on a screen: those of the role `row` that hold a `role` at the path `target`, and only those
    where it is `checked` so, unless that is None. `name` is the path of what a row is called by ("" its own name)."""

    row: str
    role: str
    target: str
    name: str
    checked: bool | None = None

    def words(self) -> str:
        """For people: `every listitem that is not checked`."""
        state = "" if self.checked is None else f" that is {'' if self.checked else 'not '}checked"
        return f"every {self.row}{state}"


class Loop(Record):
    """The nodes `first` to `last` are done once for each item of the list `slot`; the last turn lacks the last `tail`
    of them, which lead from one turn to the next. An item is written as `phrase`, which holds the `slots` of a turn.
    Where the task says no list, `slot` is empty, and the items are `every` row that the screen shows before the first
    turn."""

    first: int
    last: int
    tail: int = 0
    slot: str = ""
    every: Every | None = None
    phrase: str
    slots: tuple[Slot, ...]

    def words(self) -> str:
        """For people: `each of {items}`."""
        return f"each of {{{self.slot}}}" if self.every is None else self.every.words()


class HeldOut(Record):
    """A recording, and why what the other recordings teach would not have done it; an empty reason: it would."""

    recording: str
    reason: str = ""


class Experience(Record):
    """A task's templates, slots and nodes; what must hold at the start and at the end; the expected change of the
    app's data (None when the recordings kept no data or did not agree). `origins` are the sites that every recording
    went to besides the one where it began (a login, a payment). `goals` are its plan, `forbidden` must hold all the
    while: what only runs that failed have shown is not there. Of `loops` there is one at most.

    `status`: `learnt` from several recordings that agree; a `candidate` (one recording, from somebody else, repaired)
    is not matched before it is `verified` by clean runs; what is `quarantined` is not matched at all. In the file of a
    version it is the one that it began with; `Standing` keeps what became of it."""

    schema_version: int = SCHEMA
    id: str
    version: int = 1
    app: str | None
    templates: tuple[str, ...]
    slots: tuple[Slot, ...]
    nodes: tuple[Node, ...]
    loops: tuple[Loop, ...] = ()
    goals: tuple[Goal, ...] = ()
    forbidden: tuple[Check, ...] = ()
    success: tuple[Check, ...] = ()
    data: tuple[Expectation, ...] | None = None
    origins: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    held_out: tuple[HeldOut, ...] = ()
    status: Status = "learnt"
    learnt: datetime

    @model_validator(mode="before")
    @classmethod
    def _of_today(cls, body: Any) -> Any:
        return migrated(body) if isinstance(body, dict) else body

    @property
    def usable(self) -> bool:
        """Whether a task may be matched with it."""
        return self.status in USABLE

    @property
    def steps(self) -> int:
        """How many steps it takes at least."""
        return sum(not node.optional for node in self.nodes)

    def slot(self, name: str) -> Slot:
        return next(slot for slot in self.slots if slot.name == name)


def beginnings(experience: Experience, group: int) -> list[Node]:
    """The first node of each of several ways."""
    found: dict[int, Node] = {}
    for node in experience.nodes:
        if node.branch is not None and node.branch.group == group:
            found.setdefault(node.branch.number, node)
    return list(found.values())


def all_slots(experience: Experience) -> tuple[Slot, ...]:
    """The slots of an experience, and those that one turn of its loop has."""
    return (*experience.slots, *(slot for loop in experience.loops for slot in loop.slots))


def migrated(body: dict[str, Any]) -> dict[str, Any]:
    """What a file says, in today's schema. In schema 1 all were candidates, also what several recordings agree on;
    schema 2 had no loops.

    Raises ValueError for a newer schema."""
    schema = body.get("schema_version", SCHEMA)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise ValueError(f"schema_version: expected a whole number, found {schema!r}")
    if schema > SCHEMA:
        raise ValueError(f"written by a newer Ostinato (schema {schema}, this one reads up to {SCHEMA}): upgrade")
    if schema == 1:
        several = len(body.get("recordings") or ()) >= 2
        status = "learnt" if several and body.get("status", "candidate") == "candidate" else body.get("status")
        body = {**body, "status": status or "candidate"}
    return {**body, "schema_version": SCHEMA}
