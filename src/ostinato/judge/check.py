"""Checks: typed, serialisable questions about a screen, a pair of screens, an action or an app's data.

`evidence.py` answers them. Patterns may hold `{slot}`.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, field_validator

from ostinato.judge.change import Expectation
from ostinato.trace.locator import Locator
from ostinato.trace.screen import Record
from ostinato.trace.values import slots_in

Severity = Literal["must", "warn"]
Phase = Literal["entry", "pre", "post", "commit", "success", "data"]


class Question(Record):
    """What all checks have. `warn` keeps a check from deciding."""

    severity: Severity = "must"

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """Every slot it speaks of."""
        return slots_in(self.model_dump_json())


class Exists(Question):
    """The element is on the screen, clearly."""

    kind: Literal["exists"] = "exists"
    target: Locator


class Absent(Question):
    """No such element is on the screen."""

    kind: Literal["absent"] = "absent"
    target: Locator


class Enabled(Question):
    """The element is there and may be used."""

    kind: Literal["enabled"] = "enabled"
    target: Locator


class ValueEquals(Question):
    """A field holds this value (numbers in any spelling)."""

    kind: Literal["value_equals"] = "value_equals"
    target: Locator
    value: str


class CheckedIs(Question):
    """A box, switch or radio button is on or off; not asked of one that is called as a value of `unless` says: that
    one was chosen."""

    kind: Literal["checked_is"] = "checked_is"
    target: Locator
    checked: bool
    unless: tuple[str, ...] = ()


class TextHas(Question):
    """The words stand somewhere on the screen, or in one element of it."""

    kind: Literal["text_has"] = "text_has"
    text: str
    target: Locator | None = None


class TextLacks(Question):
    """The words stand nowhere on the screen."""

    kind: Literal["text_lacks"] = "text_lacks"
    text: str


class UrlLike(Question):
    """The address, without host and port, matches a pattern: `*` stands for one path part."""

    kind: Literal["url_like"] = "url_like"
    pattern: str


class Together(Question):
    """One row, list item, … shows all these words; with `number` exactly so many do, `in_order` they stand in this
    order: what is in which column."""

    kind: Literal["together"] = "together"
    role: str
    texts: tuple[str, ...]
    number: int | None = None
    in_order: bool = False


class Count(Question):
    """So many elements of a role (and name) are on the screen, or in the element `within`; with `showing`, of those
    that show one of these words; with `more`, so many more than before."""

    kind: Literal["count"] = "count"
    role: str
    name: str | None = None
    number: int
    within: Locator | None = None
    showing: tuple[str, ...] = ()
    more: bool = False


class Kept(Question):
    """Every row, list item, … (of the element `within`) shows what it showed before, but for those with one of the
    words in `besides`. `numbers` false: figures aside."""

    kind: Literal["kept"] = "kept"
    role: str
    within: Locator | None = None
    besides: tuple[str, ...] = ()
    numbers: bool = True


class Changed(Question):
    """Something on the screen differs from before."""

    kind: Literal["changed"] = "changed"


class TextLike(Question):
    """The words on the screen match a regular expression somewhere (Python's `re`; `{slot}` stands for its value as
    plain text). The words of each element are a line of their own."""

    kind: Literal["text_like"] = "text_like"
    pattern: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        return _expression(pattern)


class OcrHas(Question):
    """Parts of words that are shown, in the tree or in the screenshot itself, with spaces and lines aside: all of
    `all`, one of `any`, and `pattern` somewhere."""

    kind: Literal["ocr_has"] = "ocr_has"
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    pattern: str | None = None

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        return None if pattern is None else _expression(pattern)


UNSURE = 0.05  # how far below its threshold an icon is still not certainly absent (benchmarks/pictures.py)


class Icon(Question):
    """A picture is seen in the screenshot, at some scale, on a light or dark ground: `image` is a file beside the
    rules, `threshold` the correlation (0..1) from which it is taken for seen. Just below it, it is neither seen nor
    certainly not there."""

    kind: Literal["icon"] = "icon"
    image: str
    threshold: float = Field(default=0.95, gt=0, le=1)


class Did(Question):
    """The action that led to this screen: its kind, what it touched, what it typed or chose. What was done is
    recorded by the phone; what an agent says of it is not asked. With `last`, nothing was sent after it;
    with `sends`, the run sent something so often in all."""

    kind: Literal["did"] = "did"
    action: str
    target: Locator | None = None
    text: str | None = None
    last: bool = False
    sends: int | None = None


class Was(Question):
    """All of these held on the screen before the action that led to this one: what a form held when it was sent."""

    kind: Literal["was"] = "was"
    checks: tuple[Check, ...] = Field(min_length=1)


class Sent(Question):
    """The action that led to this screen sent something that cannot be taken back, and what it touched is none of
    `besides`."""

    kind: Literal["sent"] = "sent"
    besides: tuple[Locator, ...] = ()


class Delta(Question):
    """So many rows of a table were added, removed and changed; what is not named is not asked."""

    kind: Literal["delta"] = "delta"
    table: str
    added: int | None = None
    removed: int | None = None
    changed: int | None = None


class Rows(Question):
    """So many rows of a table hold these cells afterwards; without a number, at least one."""

    kind: Literal["rows"] = "rows"
    table: str
    cells: dict[str, str] = {}
    number: int | None = None


class Sql(Question):
    """The first cell that a SELECT gives on the app's tables afterwards (`before.TABLE` are those before)."""

    kind: Literal["sql"] = "sql"
    query: str = Field(min_length=1)
    equals: str

    @field_validator("query")
    @classmethod
    def _asks(cls, query: str) -> str:
        if not query.strip():
            raise ValueError("the query is empty")
        if (quoted := re.search(r"'[^']*\{\w+\}[^']*'", query)) is not None:
            raise ValueError(f"a slot stands without quotation marks in a query: {quoted.group()}")
        return query


class FileHas(Question):
    """A file of the app, its path as a pattern with `*`, is there afterwards (or is not), and holds the words."""

    kind: Literal["file"] = "file"
    path: str
    there: bool = True
    text: str | None = None


class Asked(Question):
    """A question to a model about the screen, in words; without a model the answer is unknown."""

    kind: Literal["asked"] = "asked"
    question: str
    expected: bool = True


class AnyOf(Question):
    """One of these holds. Unknown when none does and one cannot be answered."""

    kind: Literal["any_of"] = "any_of"
    checks: tuple[Check, ...] = Field(min_length=1)


class AllOf(Question):
    """All of these hold."""

    kind: Literal["all_of"] = "all_of"
    checks: tuple[Check, ...] = Field(min_length=1)


class DataChange(Question):
    """The app's data changed by exactly these rows and nothing else."""

    kind: Literal["data_change"] = "data_change"
    expected: tuple[Expectation, ...]


Check = Annotated[
    Exists
    | Absent
    | Enabled
    | ValueEquals
    | CheckedIs
    | TextHas
    | TextLacks
    | UrlLike
    | Together
    | Count
    | Kept
    | Changed
    | TextLike
    | OcrHas
    | Icon
    | Did
    | Was
    | Sent
    | Delta
    | Rows
    | Sql
    | FileHas
    | Asked
    | AnyOf
    | AllOf
    | DataChange,
    Field(discriminator="kind"),
]
AnyOf.model_rebuild()
AllOf.model_rebuild()
Was.model_rebuild()
check_adapter: TypeAdapter[Check] = TypeAdapter(Check)
OF_DATA = (DataChange, Delta, Rows, Sql, FileHas)


def asks_model(check: Check) -> bool:
    """Whether a model is asked, in the check itself or in one of those it is made of."""
    return any(map(asks_model, check.checks)) if isinstance(check, AnyOf | AllOf | Was) else isinstance(check, Asked)


def words(check: Check) -> str:
    """A check as a sentence, slots still open."""
    match check:
        case Exists():
            return f"{check.target.words()} is there"
        case Absent():
            return f"{check.target.words()} is not there"
        case Enabled():
            return f"{check.target.words()} can be used"
        case ValueEquals():
            return f"{check.target.words()} holds “{check.value}”"
        case CheckedIs():
            but = f", unless it is {' or '.join(check.unless)}" if check.unless else ""
            return f"{check.target.words()} is {'on' if check.checked else 'off'}{but}"
        case TextHas():
            return f"“{check.text}” is shown" + (f" in {check.target.words()}" if check.target else "")
        case TextLacks():
            return f"“{check.text}” is not shown"
        case UrlLike():
            return f"the address is like {check.pattern}"
        case Together():
            number = "one" if check.number is None else f"exactly {check.number} ×"
            order = " in this order" if check.in_order else ""
            return f"{number} {check.role} shows{order} " + ", ".join(f"“{t}”" for t in check.texts)
        case Kept():
            besides = " but those with " + ", ".join(f"“{t}”" for t in check.besides) if check.besides else ""
            return f"every {check.role}{besides} shows what it showed before"
        case Count():
            return (
                f"there are {check.number} {'more ' if check.more else ''}× {check.role}"
                + (f" “{check.name}”" if check.name else "")
                + (" with " + " or ".join(f"“{word}”" for word in check.showing) if check.showing else "")
                + (f" in {check.within.words()}" if check.within else "")
            )
        case Changed():
            return "the screen changed"
        case TextLike():
            return f"the words are like /{check.pattern}/"
        case OcrHas():
            wanted = [f"“{t}”" for t in check.all]
            wanted += [" or ".join(f"“{t}”" for t in check.any)] if check.any else []
            wanted += [f"/{check.pattern}/"] if check.pattern else []
            return "the picture says " + " and ".join(wanted)
        case Icon():
            return f"the icon {check.image} is seen"
        case Did():
            return (
                check.action
                + (f" {check.target.words()}" if check.target else "")
                + (f" “{check.text}”" if check.text is not None else "")
                + (", and sent nothing after it" if check.last else "")
                + (f", and sent {check.sends} × in all" if check.sends is not None else "")
            )
        case Was():
            return "just before: " + " and ".join(words(c) for c in check.checks)
        case Sent():
            besides = " but " + ", ".join(t.words() for t in check.besides) if check.besides else ""
            return f"something{besides} was used that sends"
        case Delta():
            counts = {"added": check.added, "removed": check.removed, "changed": check.changed}
            return f"{check.table}: " + ", ".join(f"{n} rows {what}" for what, n in counts.items() if n is not None)
        case Rows():
            cells = ", ".join(f"{c}={v}" for c, v in check.cells.items())
            return f"{check.table} holds {'a row' if check.number is None else f'{check.number} rows'} ({cells})"
        case Sql():
            return f"{' '.join(check.query.split())} gives “{check.equals}”"
        case FileHas():
            return f"the file {check.path} is {'' if check.there else 'not '}there" + (
                f" with “{check.text}”" if check.text is not None else ""
            )
        case Asked():
            return f"{check.question} {'yes' if check.expected else 'no'}"
        case AnyOf():
            return " or ".join(words(c) for c in check.checks)
        case AllOf():
            return " and ".join(words(c) for c in check.checks)
        case DataChange():
            return "data: " + ("; ".join(e.words() for e in check.expected) or "nothing changed") + "; nothing else"


def _expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
    return pattern
