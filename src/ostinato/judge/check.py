"""Checks: typed, serialisable questions about a screen, a pair of screens or an app's data.

The answer is true, false or unknown, with its evidence in words. Patterns may hold `{slot}`; an unbound slot makes
the answer unknown, and unknown is never taken for true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ostinato.judge.change import Expectation, compare
from ostinato.trace.data import AppData
from ostinato.trace.locator import Locator, locate, why_not
from ostinato.trace.locator import find as find_element
from ostinato.trace.record import CheckResult, Truth
from ostinato.trace.screen import Record, Screen
from ostinato.trace.values import fill, holds_value, same_value, slots_in

Severity = Literal["must", "warn"]
Phase = Literal["entry", "pre", "post", "commit", "success", "data"]


class Exists(Record):
    """The element is on the screen, clearly."""

    kind: Literal["exists"] = "exists"
    target: Locator
    severity: Severity = "must"


class Absent(Record):
    """No such element is on the screen."""

    kind: Literal["absent"] = "absent"
    target: Locator
    severity: Severity = "must"


class Enabled(Record):
    """The element is there and may be used."""

    kind: Literal["enabled"] = "enabled"
    target: Locator
    severity: Severity = "must"


class ValueEquals(Record):
    """A field holds this value (numbers in any spelling)."""

    kind: Literal["value_equals"] = "value_equals"
    target: Locator
    value: str
    severity: Severity = "must"


class CheckedIs(Record):
    """A box, switch or radio button is on or off."""

    kind: Literal["checked_is"] = "checked_is"
    target: Locator
    checked: bool
    severity: Severity = "must"


class TextHas(Record):
    """The words stand somewhere on the screen, or in one element of it."""

    kind: Literal["text_has"] = "text_has"
    text: str
    target: Locator | None = None
    severity: Severity = "must"


class TextLacks(Record):
    """The words stand nowhere on the screen."""

    kind: Literal["text_lacks"] = "text_lacks"
    text: str
    severity: Severity = "must"


class UrlLike(Record):
    """The address, without host and port, matches a pattern: `*` stands for one path part."""

    kind: Literal["url_like"] = "url_like"
    pattern: str
    severity: Severity = "must"


class Together(Record):
    """One row, list item, … shows all these words."""

    kind: Literal["together"] = "together"
    role: str
    texts: tuple[str, ...]
    severity: Severity = "must"


class Count(Record):
    """So many elements of a role (and name) are on the screen."""

    kind: Literal["count"] = "count"
    role: str
    name: str | None = None
    number: int
    severity: Severity = "must"


class Changed(Record):
    """Something on the screen differs from before."""

    kind: Literal["changed"] = "changed"
    severity: Severity = "must"


class DataChange(Record):
    """The app's data changed by exactly these rows and nothing else."""

    kind: Literal["data_change"] = "data_change"
    expected: tuple[Expectation, ...]
    severity: Severity = "must"


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
    | Changed
    | DataChange,
    Field(discriminator="kind"),
]
check_adapter: TypeAdapter[Check] = TypeAdapter(Check)


@dataclass(frozen=True)
class Evidence:
    """What a check may look at. A part that was not kept is None, and checks about it are unknown."""

    after: Screen | None = None
    before: Screen | None = None
    data_before: AppData | None = None
    data_after: AppData | None = None
    values: dict[str, str] = field(default_factory=dict)


def evaluate(check: Check, evidence: Evidence, phase: Phase = "post") -> CheckResult:
    """Answer one check."""
    evidence = replace(evidence, values={"today": date.today().isoformat(), **evidence.values})
    unbound = [slot for slot in patterns_slots(check) if slot not in evidence.values]
    if unbound:
        value: Truth = "unknown"
        said = f"no value for {', '.join(unbound)}"
    else:
        value, said = _answer(check, evidence)
    return CheckResult(
        label=fill(words(check), evidence.values),
        value=value,
        evidence=said[:500],
        severity=check.severity,
        phase=phase,
    )


def evaluate_all(checks: tuple[Check, ...], evidence: Evidence, phase: Phase = "post") -> tuple[CheckResult, ...]:
    return tuple(evaluate(check, evidence, phase) for check in checks)


def passed(results: tuple[CheckResult, ...]) -> bool:
    """All that must hold is true: neither false nor unknown."""
    return all(result.value == "true" for result in results if result.severity == "must")


def patterns_slots(check: Check) -> tuple[str, ...]:
    """Every slot a check speaks of."""
    return slots_in(check.model_dump_json())


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
            return f"{check.target.words()} is {'on' if check.checked else 'off'}"
        case TextHas():
            return f"“{check.text}” is shown" + (f" in {check.target.words()}" if check.target else "")
        case TextLacks():
            return f"“{check.text}” is not shown"
        case UrlLike():
            return f"the address is like {check.pattern}"
        case Together():
            return f"one {check.role} shows " + ", ".join(f"“{t}”" for t in check.texts)
        case Count():
            return f"there are {check.number} × {check.role}" + (f" “{check.name}”" if check.name else "")
        case Changed():
            return "the screen changed"
        case DataChange():
            return "data: " + ("; ".join(e.words() for e in check.expected) or "nothing changed") + "; nothing else"


def _answer(check: Check, evidence: Evidence) -> tuple[Truth, str]:
    if isinstance(check, DataChange):
        if evidence.data_before is None or evidence.data_after is None:
            return "unknown", "the app's data was not kept"
        return compare(evidence.data_before, evidence.data_after, check.expected, evidence.values)
    screen, values = evidence.after, evidence.values
    if screen is None:
        return "unknown", "the screen was not kept"
    match check:
        case Exists():
            element = find_element(check.target, screen, values)
            return _truth(element is not None, "" if element else why_not(check.target, screen, values))
        case Absent():
            found = locate(check.target, screen, values)
            there = found is not None and found.score >= 0.9
            return _truth(not there, f"{found.element.role} “{found.element.name}”" if found and there else "")
        case Enabled():
            element = find_element(check.target, screen, values)
            if element is None:
                return "false", why_not(check.target, screen, values)
            return _truth(element.enabled, "enabled" if element.enabled else "disabled")
        case ValueEquals():
            element = find_element(check.target, screen, values)
            if element is None:
                return "false", why_not(check.target, screen, values)
            if element.password:
                return "unknown", "a password is not read"
            return _truth(
                same_value(element.value or "", fill(check.value, values)), f"it holds “{element.value or ''}”"
            )
        case CheckedIs():
            element = find_element(check.target, screen, values)
            if element is None or element.checked is None:
                return "unknown", why_not(check.target, screen, values) if element is None else "it has no on or off"
            return _truth(element.checked is check.checked, "on" if element.checked else "off")
        case TextHas():
            wanted = fill(check.text, values)
            if check.target is None:
                return _truth(shows(screen, wanted), "")
            element = find_element(check.target, screen, values)
            if element is None:
                return "false", why_not(check.target, screen, values)
            said = screen.text_of(element)
            return _truth(holds_value(said, wanted), " ".join(said.split()))
        case TextLacks():
            return _truth(not shows(screen, fill(check.text, values)), "")
        case UrlLike():
            if screen.url is None:
                return "unknown", "this screen has no address"
            return _truth(_url_matches(check.pattern, screen.url, values), path_of(screen.url))
        case Together():
            wanted_texts = [fill(text, values) for text in check.texts]
            rows = [e for e in screen.elements if e.role == check.role]
            hits = [e for e in rows if all(holds_value(screen.text_of(e), text) for text in wanted_texts)]
            return _truth(bool(hits), f"{len(hits)} of {len(rows)}")
        case Count():
            name = fill(check.name, values) if check.name is not None else None
            found_number = sum(
                1 for e in screen.elements if e.role == check.role and (name is None or same_value(e.name, name))
            )
            return _truth(found_number == check.number, f"{found_number} seen")
        case Changed():
            if evidence.before is None:
                return "unknown", "the screen before was not kept"
            return _truth(_shape(evidence.before) != _shape(screen), "")


def shows(screen: Screen, text: str) -> bool:
    """Whether any one element shows the words, as its name or its value (a password never counts)."""
    return any(
        holds_value(shown, text) for e in screen.elements for shown in (e.name, e.value) if shown and not e.password
    ) or (screen.dialog is not None and holds_value(screen.dialog, text))


def path_of(url: str) -> str:
    """An address without scheme, host, port and query."""
    bare = re.sub(r"^[a-z+.-]+://[^/?#]*", "", url, flags=re.IGNORECASE)
    return re.split(r"[?#]", bare, maxsplit=1)[0] or "/"


def _url_matches(pattern: str, url: str, values: dict[str, str]) -> bool:
    parts = "".join("[^/]+" if part == "*" else re.escape(fill(part, values)) for part in re.split(r"(\*)", pattern))
    return re.fullmatch(parts, path_of(url)) is not None


def _shape(screen: Screen) -> object:
    return screen.url, screen.dialog, tuple((e.path, e.name, e.value, e.checked, e.box) for e in screen.elements)


def _truth(answer: bool, said: str) -> tuple[Truth, str]:
    return ("true" if answer else "false"), said
