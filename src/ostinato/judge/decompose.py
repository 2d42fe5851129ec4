"""The State Decomposer: from a task in words to the substates that make it done, by a model.

AutoEval (arXiv 2503.02403): a tree of pages and of units on them, from the task's description alone. What a model
guesses of an app it has not seen would, as an exact check, fail a run that did well. So its words become questions to a
model; exact checks are made of values that the task names, and of fields that an example screen shows.

A small model cannot fill in such a tree: it repeats itself, and names parents that are not there. It is asked in a
brief form, the pages in their order and what each shows, of which the tree is made here. What it invents, it cannot put
into the rules: a statement with a value or a number that the task does not say is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Literal, TypeVar

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
from ostinato.trace.values import as_number, holds_value, normal, numbers_in, same_value

_Shape = TypeVar("_Shape", bound=BaseModel)

MOST_SUBSTATES = 16
_MOST_TOKENS = 2048
_MOST_BRIEF_TOKENS = 400  # four pages with three statements each of the usual length
_MOST_LETTERS = 100  # of a statement in the brief form; what is as long as that was cut off
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


_BRIEF = """You say what the screens of a phone show when a task is done. You get the task. Answer as JSON.
`values`: the names, amounts and dates in the task, copied exactly.
`pages`: the pages that must be seen, in their order; the last one shows that the task was done. Each has `page`, a
statement that it is open, and `shows`, short statements of what is seen on it, with the values."""
_EXAMPLE_TASK = "The task: Set an alarm for 6:45 called Gym"
_EXAMPLE = (
    '{"values": ["6:45", "Gym"], "pages": [{"page": "The form for a new alarm is open", "shows": '
    '["The time of the alarm is 6:45", "The name of the alarm is Gym"]}, {"page": "The list of alarms is open", '
    '"shows": ["An alarm Gym at 6:45 is in the list"]}]}'
)


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

    # The bounds are told to the engine alone, which holds a model to them that would not stop; for others they are a
    # fault that is told in words.
    values: list[SaidValue] = Field(default=[], json_schema_extra={"maxItems": MOST_SUBSTATES})
    substates: list[SaidSubstate] = Field(min_length=1, json_schema_extra={"maxItems": MOST_SUBSTATES})


_Statement = Annotated[str, Field(min_length=1, json_schema_extra={"maxLength": _MOST_LETTERS})]


class SaidPage(BaseModel):
    """A page in the brief form."""

    page: _Statement
    shows: list[_Statement] = Field(json_schema_extra={"maxItems": 3})


class SaidPages(BaseModel):
    """The whole answer in the brief form."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    values: list[_Statement] = Field(json_schema_extra={"maxItems": 4})
    pages: list[SaidPage] = Field(min_length=1, json_schema_extra={"maxItems": 4})


class StateDecomposer:
    """Makes rules from tasks by asking a model, at temperature 0. `brief` asks in the brief form alone, for a small
    model; others are asked in it when their tree could not be used."""

    def __init__(self, chat: Chat, *, brief: bool = False) -> None:
        self._chat = chat
        self._brief = brief

    def decompose(self, task: str, app: str | None = None, examples: Sequence[Screen] = ()) -> Rules:
        """Rules for a task; what the task's words name becomes `{slots}` with `values`. `app` says which app it is,
        `examples` are screens of it, which may show other values.

        An answer that cannot be judged by is sent back once with what is wrong. Raises ModelAnswerError when it is
        still wrong in both forms, ModelError when the model does not answer."""
        lines = _believable(examples)
        asked = Message("user", _question(task, app, lines))
        if not self._brief:
            try:
                return _rules(task, app, self._tree(task, asked), lines)
            except ModelAnswerError:
                pass  # the brief form is left
        return _rules(task, app, self._pages(task, asked), lines)

    def _tree(self, task: str, question: Message) -> SaidTree:
        """The tree as the model says it."""
        return self._usable(
            task, [Message("system", _RULES), question], SaidTree, lambda said: said, most_tokens=_MOST_TOKENS
        )

    def _pages(self, task: str, question: Message) -> SaidTree:
        """The tree of the pages that the model says."""
        example = [Message("user", _EXAMPLE_TASK), Message("assistant", _EXAMPLE)]
        return self._usable(
            task,
            [Message("system", _BRIEF), *example, question],
            SaidPages,
            lambda said: _tree_of(task, said),
            most_tokens=_MOST_BRIEF_TOKENS,
        )

    def _usable(
        self,
        task: str,
        asked: list[Message],
        shape: type[_Shape],
        tree_of: Callable[[_Shape], SaidTree],
        *,
        most_tokens: int,
    ) -> SaidTree:
        """An answer that can be judged by, if need be at the second try."""
        said = structured(self._chat, asked, shape, most_tokens=most_tokens)
        faults = list(_faults(task, tree_of(said)))
        if faults:
            asked = [
                *asked,
                Message("assistant", said.model_dump_json()),
                Message("user", f"That is not right: {'; '.join(faults)}. Give the whole answer again, put right."),
            ]
            said = structured(self._chat, asked, shape, most_tokens=most_tokens)
            faults = list(_faults(task, tree_of(said)))
        if faults:
            raise ModelAnswerError(f"{self._chat.name} made no usable substates of “{task}”: {'; '.join(faults)}")
        return tree_of(said)


def _tree_of(task: str, said: SaidPages) -> SaidTree:
    """The tree of pages and of what they show, without what was invented, cut off or said twice."""
    values = [value for value in said.values if in_task(task, value) is not None]
    invented = [value for value in said.values if value not in values]
    kept: dict[str, SaidSubstate] = {}

    def usable(text: str) -> bool:
        whole = len(text) < _MOST_LETTERS and _names_something(text)
        guessed = any(holds_value(text, value) for value in invented)
        return whole and not guessed and all(in_task(task, number) is not None for number in numbers_in(text))

    page: str | None = None
    for found in (found for found in said.pages if usable(found.page)):
        known = kept.get(normal(found.page))
        if known is None or known.kind == "page":
            known = kept.setdefault(
                normal(found.page), SaidSubstate(id=f"s{len(kept) + 1}", kind="page", parent=page, text=found.page)
            )
            page = known.id
        for text in filter(usable, found.shows):
            value = next((value for value in values if holds_value(text, value)), None)
            unit = SaidSubstate(id=f"s{len(kept) + 1}", kind="unit", parent=page, text=text, value=value)
            kept.setdefault(normal(text), unit)
    named = [SaidValue(name="value", value=value) for value in values]
    return SaidTree.model_construct(values=named, substates=list(kept.values()))


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
    if not said.substates:
        yield "no statement is left without those that name what does not stand in the task, or that were cut off"
        return
    if len(said.substates) > MOST_SUBSTATES:
        yield f"there are {len(said.substates)} substates; at most {MOST_SUBSTATES} are needed"
    for found in said.values:
        if in_task(task, found.value) is None:
            yield f"the value {found.value!r} does not stand in the task"
    for substate in said.substates:
        if substate.kind == "unit" and not substate.parent:
            yield f"the unit {substate.id!r} has no page as its parent"
        if not _names_something(substate.text):
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
    slot = next((f"{{{name}}}" for name, value in values.items() if same_value(value, said.value)), None)
    value = slot or mask(said.value, values)
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


def _names_something(text: str) -> bool:
    """Whether a text could be looked for on a screen: not only `1.1.2`, which models say that know nothing."""
    return bool(subject_of(text, {})) and any(map(str.isalpha, text))


def _known(task: str, value: str) -> bool:
    return in_task(task, value) is not None


def _names_a_value(task: str, said: SaidTree, substate: SaidSubstate) -> bool:
    told = f"{substate.text}\n{substate.value or ''}"
    return any(holds_value(told, found.value) for found in said.values)
