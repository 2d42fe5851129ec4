"""The State Decomposer: from a task in words to the substates that make it done, by a model.

AutoEval (arXiv 2503.02403): a tree of pages and of units on them, from the task's description alone. What a model
guesses of an app it has not seen would, as an exact check, fail a run that did well. So its words become questions to a
model; exact checks are made of values that the task names, and of fields that an example screen shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ostinato.errors import ModelAnswerError
from ostinato.judge.capture import Capturer, Line, outline
from ostinato.judge.check import Asked, Check, TextHas, ValueEquals
from ostinato.judge.evidence import Evidence
from ostinato.judge.subject import subject_of
from ostinato.judge.substate import Rules, Substate, check_rules
from ostinato.judge.untrusted import fenced, instructions_in
from ostinato.model.chat import Chat, Message, structured
from ostinato.trace.locator import Locator
from ostinato.trace.screen import Screen
from ostinato.trace.slots import in_task, mask, slot_name
from ostinato.trace.values import as_number, holds_value, same_value

MOST_SUBSTATES = 16
_MOST_OF_SCREENS = 3000
_FIELDS = ("textbox", "searchbox", "combobox", "spinbutton")
_RULES = """You plan how to check, from screens alone, that a task on a phone was done. You get the task. Say which
pages must have been seen on the way, and what must be seen on them, as a tree.

Answer as JSON with two lists.
`values`: what somebody could change in the task and it would be the same kind of task, such as names, amounts, dates.
Each has `name` (one English word) and `value` (copied exactly from the task).
`substates`: what must be true at some moment. Each has
- `id`: a short word of its own;
- `kind`: "page" for a page that is open, "unit" for one thing that is seen on a page;
- `parent`: the id of the page that a unit is on, or of the page that comes before a page; null for the first page;
- `text`: one statement that a look at one screen can settle, naming the thing and the value that is to be seen, such as
  "The alarm list shows an alarm at 6:45";
- `field`: the label of the field that holds the value, if it is one, else null;
- `value`: the value from the task that the field must hold or the page must show, else null;
- `at_end`: true when it must still be seen when all is over.

Take few substates, only what every way to do the task must pass. The last ones show that the task was really done, not
only typed in. Do not speak of tapping, of the user, nor of the task being done."""


class SaidValue(BaseModel):
    """A value that a model found in the task."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    name: str = Field(min_length=1)
    value: str = Field(min_length=1)


class SaidSubstate(BaseModel):
    """One substate as a model says it."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = Field(min_length=1)
    kind: Literal["page", "unit"]
    parent: str | None = None
    text: str = Field(min_length=1)
    field: str | None = None
    value: str | None = None
    at_end: bool = False


class SaidTree(BaseModel):
    """The whole answer."""

    values: list[SaidValue] = []
    substates: list[SaidSubstate] = Field(min_length=1)


class StateDecomposer:
    """Makes rules from tasks by asking a model, at temperature 0."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def decompose(self, task: str, app: str | None = None, examples: Sequence[Screen] = ()) -> Rules:
        """Rules for a task; what the task's words name becomes `{slots}` with `values`. `app` says which app it is,
        `examples` are screens of it, which may show other values.

        An answer that cannot be judged by is sent back once with what is wrong. Raises ModelAnswerError when it is
        still wrong, ModelError when the model does not answer."""
        lines = _believable(examples)
        asked = [Message("system", _RULES), Message("user", _question(task, app, lines))]
        said = structured(self._chat, asked, SaidTree)
        faults = list(_faults(task, said))
        if faults:
            asked += [
                Message("assistant", said.model_dump_json()),
                Message("user", f"That is not right: {'; '.join(faults)}. Give the whole answer again, put right."),
            ]
            said = structured(self._chat, asked, SaidTree)
            faults = list(_faults(task, said))
        if faults:
            raise ModelAnswerError(f"{self._chat.name} made no usable substates of “{task}”: {'; '.join(faults)}")
        return _rules(task, app, said, lines)


def _question(task: str, app: str | None, lines: Sequence[Line]) -> str:
    """What is asked. The screens are only shown: they are the app's words."""
    parts = [f"The task: {task}"]
    parts += [f"The app: {app}"] if app else []
    if lines:
        shown = fenced(outline(lines, _MOST_OF_SCREENS)[0])
        parts.append(f"Screens of the app as examples, only to learn how its pages and fields are called:\n{shown}")
    return "\n".join(parts)


def _believable(examples: Sequence[Screen]) -> list[Line]:
    lines = [line for screen in examples for line in Capturer().capture(Evidence(after=screen)).lines]
    told = instructions_in([line.words for line in lines]) | instructions_in([line.text for line in lines])
    return [line for n, line in enumerate(lines) if n not in told]


def _faults(task: str, said: SaidTree) -> Iterator[str]:
    """What is wrong with an answer, in words for the model."""
    if len(said.substates) > MOST_SUBSTATES:
        yield f"there are {len(said.substates)} substates; at most {MOST_SUBSTATES} are needed"
    for found in said.values:
        if in_task(task, found.value) is None:
            yield f"the value {found.value!r} does not stand in the task"
    for substate in said.substates:
        if substate.kind == "unit" and not substate.parent:
            yield f"the unit {substate.id!r} has no page as its parent"
        if not subject_of(substate.text, {}):
            yield f"the text of {substate.id!r} names nothing that can be seen on a screen"
        if substate.value and not _known(task, substate.value):
            yield f"the value {substate.value!r} of {substate.id!r} does not stand in the task"
    if not any(_names_a_value(task, said, substate) for substate in said.substates) and said.values:
        yield "no substate names a value of the task"
    for field, fault in check_rules(_rules(task, None, said, ())):
        yield f"{field} {fault}"


def _rules(task: str, app: str | None, said: SaidTree, examples: Sequence[Line]) -> Rules:
    """The answer as rules, with slots for the values."""
    values: dict[str, str] = {}
    for found in said.values:
        value = in_task(task, found.value)
        if value is not None and not any(same_value(value, known) for known in values.values()):
            values[slot_name(found.name, tuple(values))] = value
    substates = tuple(
        Substate(
            id=substate.id,
            kind=substate.kind,
            text=mask(substate.text, values),
            parent=substate.parent or None,
            when="final" if substate.at_end else "ever",
            checks=_checks(substate, values, examples),
            source="model",
        )
        for substate in said.substates
    )
    return Rules(task=mask(task, values), app=app, values=values, substates=substates)


def _checks(said: SaidSubstate, values: dict[str, str], examples: Sequence[Line]) -> tuple[Check, ...]:
    """A field's value where an example shows that there is such a field; else the question, after the cheap look
    whether the value is shown at all. Dates, times and measures are asked only: apps write them in their own ways."""
    asked = Asked(question=mask(said.text, values))
    if not said.value or (as_number(said.value) is None and any(map(str.isdigit, said.value))):
        return (asked,)
    value = mask(said.value, values)
    if said.field and (role := _field_role(said.field, examples)) is not None:
        return (ValueEquals(target=Locator(role=role, name=said.field), value=value),)
    return (TextHas(text=value), asked)


def _field_role(label: str, examples: Sequence[Line]) -> str | None:
    """The role of the field of this name on an example screen."""
    for line in examples:
        role = line.text.partition(" ")[0]
        if role in _FIELDS and line.text.startswith(f'{role} "{label}"'):
            return role
    return None


def _known(task: str, value: str) -> bool:
    return in_task(task, value) is not None


def _names_a_value(task: str, said: SaidTree, substate: SaidSubstate) -> bool:
    told = f"{substate.text}\n{substate.value or ''}"
    return any(holds_value(told, found.value) for found in said.values)
