"""What an agent may remember, and how it is asked for: preferences of a person, experiences, what was done before.

`replay` implements it. A preference comes from a person alone: from a command, or from a question that they answered.
Nothing that a screen or a model says can become one: there is no way to it here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from ostinato.trace.screen import Record
from ostinato.trace.values import Kind, normal

Consent = Literal["command", "asked"]


class Preference(Record):
    """One thing that a person prefers: `key` says what it is about (the name of a slot, such as `who_paid`, or words),
    `app` where it holds (None: everywhere), `consent` how they agreed that it is kept."""

    id: str
    key: str
    value: str
    app: str | None = None
    added: datetime
    consent: Consent

    def is_about(self, name: str) -> bool:
        """Whether this is the value of a slot of that name: `who paid` of `who_paid`."""
        return _words(self.key) == _words(name)


class Recalled(Record):
    """An experience that may fit a task. `values` are those of its slots, where all words of the task were explained
    (else None); `missing` the slots that they leave out; `preferences` the ids of memories that filled some. `likeness`
    is how near its template is to the words, 0..1."""

    experience: str
    version: int
    app: str | None
    template: str
    kinds: dict[str, Kind] = {}
    values: dict[str, str] | None = None
    missing: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()
    likeness: float = 0.0


class Repeated(Record):
    """A run that did exactly what some words ask for: its trace, and where."""

    trace: str
    app: str


class Memory(Protocol):
    def fitting(self, task: str, apps: Sequence[str] | None = None) -> list[Recalled]:
        """The experiences with a template that explains every word of a task, each with its values; in these apps."""
        ...

    def nearly(self, task: str, apps: Sequence[str] | None = None) -> list[Recalled]:
        """Those that explain every word when a slot and the words before it are left out: `missing` names such slots,
        and those whose value a preference knows are filled."""
        ...

    def like(self, task: str, apps: Sequence[str] | None = None, most: int = 5) -> list[Recalled]:
        """The experiences whose templates are nearest to the words, the nearest first."""
        ...

    def done(self, task: str, apps: Sequence[str] | None = None) -> list[Repeated]:
        """The runs of the very same words that ended well, the newest first; in these apps."""
        ...

    def preferences(self, words: str, app: str | None = None, most: int = 5) -> list[Preference]:
        """The preferences that words speak of, the nearest first; those of an app and those that hold everywhere."""
        ...

    def preference(self, key: str, app: str | None = None) -> Preference | None:
        """The preference about a slot of that name: of the app, otherwise the one that holds everywhere."""
        ...


def _words(text: str) -> str:
    return normal(text.replace("_", " ").strip(" ?:"))
