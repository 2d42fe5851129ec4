"""Evidence, and what it says to a check: true, false or unknown, in words. Unknown is never taken for true."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal, Protocol

from ostinato.errors import OstinatoError, UsageError
from ostinato.judge.change import changes, compare, row_is
from ostinato.judge.check import (
    OF_DATA,
    UNSURE,
    Absent,
    AllOf,
    AnyOf,
    Asked,
    Changed,
    Check,
    CheckedIs,
    Count,
    DataChange,
    Delta,
    Did,
    Enabled,
    Exists,
    FileHas,
    Icon,
    Kept,
    OcrHas,
    Rows,
    Sent,
    Sql,
    TextHas,
    TextLacks,
    TextLike,
    Together,
    UrlLike,
    ValueEquals,
    Was,
    words,
)
from ostinato.judge.sql import first_cell
from ostinato.trace.action import Open, Select, Type, describe, target_of
from ostinato.trace.data import AppData
from ostinato.trace.locator import THRESHOLD, Locator, find_in_page, is_meant, locate, why_not
from ostinato.trace.locator import find as find_element
from ostinato.trace.record import CheckResult, Step, Truth
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import as_number, fill, holds_value, same_value

Phase = Literal["entry", "pre", "post", "commit", "success", "data"]
Answer = tuple[Truth, str]
_OPPOSITE: dict[Truth, Truth] = {"true": "false", "false": "true", "unknown": "unknown"}


class Eyes(Protocol):
    """Reads pictures where the tree does not say it. Each raises OstinatoError when it cannot."""

    @property
    def name(self) -> str:
        """Who reads, for records: other eyes, or other icons to look for, have another name."""
        ...

    def read(self, screen: Screen) -> Sequence[str]:
        """The lines of text in the screenshot."""
        ...

    def find_icon(self, screen: Screen, image: str) -> float:
        """How well the picture is seen in the screenshot at its best place, 0..1."""
        ...


class Asking(Protocol):
    """Answers a question about one piece of evidence, with a quote from it."""

    @property
    def name(self) -> str:
        """Who answers, for records."""
        ...

    def ask(self, question: str, evidence: Evidence) -> Answer: ...


@dataclass(frozen=True)
class Evidence:
    """What a check may look at. A part that was not kept is None, and checks about it are unknown.

    `step` is what led to the screen `after`; `first` says that nothing did, because it is the first one. `never` says
    that what is asked must not be, so that `no` is the answer that lets a run pass."""

    after: Screen | None = None
    before: Screen | None = None
    data_before: AppData | None = None
    data_after: AppData | None = None
    values: dict[str, str] = field(default_factory=dict)
    step: Step | None = None
    first: bool = False
    sent_later: bool | None = None
    sent: int | None = None
    brief: bool = False
    never: bool = False
    eyes: Eyes | None = None
    model: Asking | None = None


def evaluate(check: Check, evidence: Evidence, phase: Phase = "post") -> CheckResult:
    """Answer one check."""
    if "today" not in evidence.values:
        evidence = replace(evidence, values={"today": date.today().isoformat(), **evidence.values})
    value, said = answer(check, evidence)
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


def answer(check: Check, evidence: Evidence) -> Answer:
    """The truth of a check, and why. Every slot it speaks of must have a value in the evidence."""
    unbound = [slot for slot in check.slots if slot not in evidence.values]
    if unbound:
        return "unknown", f"no value for {', '.join(unbound)}"
    match check:
        case AnyOf():
            return _any_of([answer(c, evidence) for c in check.checks])
        case AllOf():
            return _all_of([answer(c, evidence) for c in check.checks])
        case Asked():
            return _asked(check, evidence)
        case Did():
            return _did(check, evidence)
        case Sent():
            return _sent(check, evidence)
        case Was():
            if evidence.first:
                return "false", "nothing had been done yet"
            earlier = replace(evidence, after=evidence.before, before=None, step=None)
            return _all_of([answer(c, earlier) for c in check.checks])
    if isinstance(check, OF_DATA):
        return _of_data(check, evidence)
    if evidence.after is None:
        return "unknown", "the screen was not kept"
    return _of_screen(check, evidence.after, evidence)


def _any_of(answers: Sequence[Answer]) -> Answer:
    for wanted in ("true", "unknown"):
        for value, said in answers:
            if value == wanted:
                return value, said
    return "false", "; ".join(said for _, said in answers if said)


def _all_of(answers: Sequence[Answer]) -> Answer:
    for wanted in ("false", "unknown"):
        for value, said in answers:
            if value == wanted:
                return value, said
    return "true", "; ".join(said for _, said in answers if said)


def _asked(check: Asked, evidence: Evidence) -> Answer:
    if evidence.model is None:
        return "unknown", "no model was asked"
    question = fill(check.question, evidence.values)
    if check.expected:
        return evidence.model.ask(question, evidence)
    value, said = evidence.model.ask(question, replace(evidence, never=not evidence.never))
    return _OPPOSITE[value], said


def _did(check: Did, evidence: Evidence) -> Answer:
    if evidence.first:
        return "false", "nothing had been done yet"
    step = evidence.step
    if step is None:
        return "unknown", "what was done is not known"
    if step.action.kind != check.action:
        return "false", f"it was {step.action.kind}"
    if check.target is not None:
        element = target_of(step.action)
        if element is None or not is_meant(check.target, element, step.before, evidence.values):
            return "false", f"it touched {element.role} “{element.name}”" if element else "it touched no element"
    if check.text is not None:
        match step.action:
            case Type(secret=None):
                said = step.action.text
            case Select():
                said = step.action.option
            case Open():
                said = step.action.url
            case _:
                return "unknown", "its text was not kept"
        if not same_value(said, fill(check.text, evidence.values)):
            return "false", f"it was “{said}”"
    if check.last and evidence.sent_later is not False:
        return ("false", "more was sent later") if evidence.sent_later else ("unknown", "what came later is not known")
    if check.sends is not None and evidence.sent != check.sends:
        known = evidence.sent is not None
        return (
            ("false", f"it sent {evidence.sent} × in all") if known else ("unknown", "how often it sent is not known")
        )
    if step.result is None or (not step.result.ok and step.result.touched):
        return "unknown", "whether it happened is not known"
    return ("true", "") if step.result.ok else ("false", step.result.error or "it was not performed")


def _sent(check: Sent, evidence: Evidence) -> Answer:
    if evidence.first:
        return "false", "nothing had been done yet"
    step = evidence.step
    if step is None:
        return "unknown", "what was done is not known"
    if step.risk != "commit" or (step.result is not None and not step.result.touched):
        return "false", ""
    element = target_of(step.action)
    if element is not None and any(is_meant(target, element, step.before, evidence.values) for target in check.besides):
        return "false", ""
    return "true", describe(step.action)


def _of_data(check: Check, evidence: Evidence) -> Answer:
    before, after, values = evidence.data_before, evidence.data_after, evidence.values
    if after is None or (before is None and isinstance(check, DataChange | Delta)):
        return "unknown", "the app's data was not kept"
    match check:
        case DataChange() if before is not None:
            return compare(before, after, check.expected, values)
        case Delta() if before is not None:
            if check.table not in {*before.tables, *after.tables}:
                return "unknown", f"there is no table {check.table}"
            made = [change.operation for change in changes(before, after) if change.table == check.table]
            seen = {what: made.count(what) for what in ("added", "removed", "changed")}
            wanted = {"added": check.added, "removed": check.removed, "changed": check.changed}
            holds = all(n is None or n == seen[what] for what, n in wanted.items())
            return _truth(holds, ", ".join(f"{n} {what}" for what, n in seen.items()))
        case Rows():
            table = after.tables.get(check.table)
            if table is None:
                return "unknown", f"there is no table {check.table}"
            unknown = [column for column in check.cells if column not in table.columns]
            if unknown:
                return "unknown", f"{check.table} has no column {unknown[0]}"
            hits = [row for row in table.by_key().values() if row_is(row, check.cells, values)]
            return _truth(bool(hits) if check.number is None else len(hits) == check.number, f"{len(hits)} rows")
        case Sql():
            try:
                found = first_cell(check.query, before, after, values)
            except OstinatoError as error:
                return "unknown", str(error)
            return _truth(same_value(found, fill(check.equals, values)), f"it gives “{found}”")
        case FileHas():
            if after.files is None:
                return "unknown", f"{after.app} keeps no files that a judge may read"
            path = fill(check.path, values)
            files = {name: text for name, text in after.files.items() if fnmatchcase(name, path)}
            if check.text is not None:
                wanted_text = fill(check.text, values)
                files = {name: text for name, text in files.items() if holds_value(text, wanted_text)}
            return _truth(bool(files) is check.there, ", ".join(files))
    raise AssertionError(check.kind)


def _of_screen(check: Check, screen: Screen, evidence: Evidence) -> Answer:
    values = evidence.values
    match check:
        case TextHas(target=None):
            return _says(fill(check.text, values), screen, evidence)
        case TextLacks():
            value, said = _says(fill(check.text, values), screen, evidence)
            return _OPPOSITE[value], said
        case TextLike():
            try:
                pattern = re.compile(fill(check.pattern, {slot: re.escape(value) for slot, value in values.items()}))
            except re.error as error:
                return "unknown", f"/{check.pattern}/ is no regular expression with these values: {error}"
            return _read(screen, evidence, lambda lines: pattern.search("\n".join(lines)) is not None)
        case OcrHas():
            return _ocr(check, screen, evidence)
        case Icon():
            if evidence.eyes is None:
                return "unknown", "pictures are not looked at here"
            try:
                seen = evidence.eyes.find_icon(screen, check.image)
            except OstinatoError as error:
                return "unknown", str(error)
            if check.threshold - UNSURE <= seen < check.threshold:
                return "unknown", f"something like it is seen at {seen:.2f} of {check.threshold:g}"
            return _truth(seen >= check.threshold, f"seen at {seen:.2f} of {check.threshold:g}")
        case UrlLike():
            if screen.url is None:
                return "unknown", "this screen has no address"
            return _truth(_url_matches(check.pattern, screen.url, values), path_of(screen.url))
        case Changed():
            if evidence.before is None:
                return "unknown", "the screen before was not kept"
            return _truth(_shape(evidence.before) != _shape(screen), "")
        case Kept():
            return _kept(check, screen, evidence)
    if not has_tree(screen):
        return "unknown", "this screen is a picture only"
    if isinstance(check, Count):
        return _count(check, screen, evidence)
    return _of_elements(check, screen, values, evidence.brief)


def _of_elements(check: Check, screen: Screen, values: dict[str, str], brief: bool) -> Answer:
    why = (lambda *_: "") if brief else why_not
    match check:
        case Exists():
            element = find_in_page(check.target, screen, values)
            return _truth(element is not None, "" if element else why(check.target, screen, values))
        case Absent():
            found = locate(check.target, screen, values)
            there = found is not None and found.same and found.score >= THRESHOLD
            return _truth(not there, f"{found.element.role} “{found.element.name}”" if found and there else "")
        case Enabled():
            element = find_in_page(check.target, screen, values)
            if element is None:
                return "false", why(check.target, screen, values)
            return _truth(element.enabled, "enabled" if element.enabled else "disabled")
        case ValueEquals():
            element = find_in_page(check.target, screen, values)
            if element is None:
                return "false", why(check.target, screen, values)
            if element.password:
                return "unknown", "a password is not read"
            held = element.value or ""
            return _truth(same_value(held, fill(check.value, values)), f"it holds “{held}”")
        case CheckedIs():
            name = fill(check.target.name or "", values)
            if any(same_value(fill(chosen, values), name) for chosen in check.unless):
                return "true", "it is the one that was chosen"
            element = find_in_page(check.target, screen, values)
            if element is None or element.checked is None:
                return "unknown", why(check.target, screen, values) if element is None else "it has no on or off"
            return _truth(element.checked is check.checked, "on" if element.checked else "off")
        case TextHas(target=Locator() as target):
            element = find_in_page(target, screen, values)
            if element is None:
                return "false", why(target, screen, values)
            said = screen.text_of(element)
            return _truth(holds_value(said, fill(check.text, values)), " ".join(said.split()))
        case Together():
            wanted = [fill(text, values) for text in check.texts]
            rows = [e for e in screen.elements if e.role == check.role]
            hits = [e for e in rows if all(holds_value(screen.text_of(e), text) for text in wanted)]
            if check.in_order:
                hits = [e for e in hits if _in_order(wanted, [inner.name for inner in screen.inside(e)])]
            holds = bool(hits) if check.number is None else len(hits) == check.number
            return _truth(holds, f"{len(hits)} of {len(rows)}")
    raise AssertionError(check.kind)


def _in_order(wanted: Sequence[str], shown: Sequence[str]) -> bool:
    """Whether the words can be found one after another, each in the same one as the last or a later one."""
    place = 0
    for text in wanted:
        found = next((n for n in range(place, len(shown)) if holds_value(shown[n], text)), None)
        if found is None:
            return False
        place = found
    return True


def _count(check: Count, screen: Screen, evidence: Evidence) -> Answer:
    if check.more and (evidence.before is None or not has_tree(evidence.before)):
        return "unknown", "the screen before was not kept"
    values = evidence.values
    name = fill(check.name, values) if check.name is not None else None
    shown = [fill(word, values) for word in check.showing]
    numbers = []
    for seen in (screen, evidence.before) if check.more else (screen,):
        found = _elements(check.role, check.within, seen, values) if seen is not None else None
        if seen is None or found is None:
            return "unknown", f"{check.within.words() if check.within else check.role} is not there"
        numbers.append(
            sum(
                (name is None or same_value(e.name, name))
                and (not shown or any(holds_value(seen.text_of(e), word) for word in shown))
                for e in found
            )
        )
    number = numbers[0] - sum(numbers[1:])
    return _truth(number == check.number, f"{number} {'more ' if check.more else ''}seen")


def _kept(check: Kept, screen: Screen, evidence: Evidence) -> Answer:
    if evidence.before is None:
        return "unknown", "the screen before was not kept"
    if not has_tree(screen) or not has_tree(evidence.before):
        return "unknown", "this screen is a picture only"
    before, after = (_shown(check, s, evidence.values) for s in (evidence.before, screen))
    if before is None or after is None:
        return "unknown", f"{check.within.words() if check.within else check.role} is not there"
    gone, new = before - after, after - before
    said = [f"not there any more: {text}" for text in gone] + [f"not there before: {text}" for text in new]
    return _truth(not said, "; ".join(" ".join(text.split()) for text in said))


def _shown(check: Kept, screen: Screen, values: dict[str, str]) -> Counter[str] | None:
    """What each of the elements shows, how often; None when what they should be in is not there."""
    elements = _elements(check.role, check.within, screen, values)
    if elements is None:
        return None
    texts = [screen.text_of(element) for element in elements]
    besides = [fill(word, values) for word in check.besides]
    kept = [text for text in texts if not any(holds_value(text, word) for word in besides)]
    return Counter(kept if check.numbers else [re.sub(r"[-+−]?\d[\d.,]*", "#", text) for text in kept])


def _elements(role: str, within: Locator | None, screen: Screen, values: dict[str, str]) -> list[Element] | None:
    """The elements of a role, in another one if it is named; None when that is not there."""
    around = find_element(within, screen, values) if within is not None else None
    if within is not None and around is None:
        return None
    return [e for e in screen.elements if e.role == role and (around is None or e.is_inside(around.path))]


def has_tree(screen: Screen) -> bool:
    """Whether the screen's elements are known; else there is its picture only."""
    return bool(screen.elements) or screen.tree is not None or screen.screenshot is None


def lines_of(screen: Screen) -> list[str]:
    """What each element shows, as its name or its value (a password never counts), and the words of a dialog."""
    lines = [shown for e in screen.elements for shown in (e.name, e.value) if shown and not e.password]
    return [*lines, screen.dialog] if screen.dialog is not None else lines


def shows(screen: Screen, text: str) -> bool:
    """Whether any one element shows the words."""
    return any(holds_value(line, text) for line in lines_of(screen))


def path_of(url: str) -> str:
    """An address without scheme, host, port and query."""
    bare = re.sub(r"^[a-z+.-]+://[^/?#]*", "", url, flags=re.IGNORECASE)
    return re.split(r"[?#]", bare, maxsplit=1)[0] or "/"


def _read(screen: Screen, evidence: Evidence, holds: Callable[[Sequence[str]], bool]) -> Answer:
    """Ask the words of the tree; of the picture where there is no tree."""
    if has_tree(screen):
        return _truth(holds(lines_of(screen)), "")
    if evidence.eyes is None:
        return "unknown", "this screen is a picture only, and pictures are not looked at here"
    try:
        lines = evidence.eyes.read(screen)
    except OstinatoError as error:
        return "unknown", str(error)
    return _truth(holds(lines), "read in the picture")


def _says(text: str, screen: Screen, evidence: Evidence) -> Answer:
    """Whether the words stand in one line. OCR breaks lines and words in wrong places: what stands in the picture but
    for that is not certain."""
    value, said = _read(screen, evidence, lambda lines: any(holds_value(line, text) for line in lines))
    if value == "false" and not has_tree(screen) and evidence.eyes is not None:
        broken = _is_broken_in(text, evidence.eyes.read(screen))
        return ("unknown", "read in the picture, but not as words of their own") if broken else (value, said)
    return value, said


def _is_broken_in(text: str, lines: Sequence[str]) -> bool:
    """Whether the words stand there with other spaces and ends of lines. A number is no part of a longer one, and what
    is read with a space before more digits may be one; words and dates end at a space."""
    letters = _squeezed(text)
    if as_number(text) is None:
        between, before, after = r"\s*", r"(?<!\d)(?<!\d[.,])", r"(?![.,]?\d)"
    else:  # the ends of two lines are no number
        between, before, after = r"[^\S\n]*", r"(?<!\d)(?<!\d[.,])(?<!\d )", r"(?![^\S\n]?[.,]?\d)"
    pattern = between.join(map(re.escape, letters))
    pattern = (before if letters[:1].isdigit() else "") + pattern + (after if letters[-1:].isdigit() else "")
    read = "\n".join(" ".join(line.split()) for line in lines).casefold()
    return bool(letters) and re.search(pattern, read) is not None


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _ocr(check: OcrHas, screen: Screen, evidence: Evidence) -> Answer:
    """The words of the tree, where there is one, and of the picture: what is drawn there may be no element."""
    try:
        lacks = _unread(check, lines_of(screen), evidence.values) if has_tree(screen) else [""]
        if not lacks:
            return "true", ""
        if evidence.eyes is None:
            return "unknown", "pictures are not looked at here"
        lacks = _unread(check, evidence.eyes.read(screen), evidence.values)
    except OstinatoError as error:
        return "unknown", str(error)
    return _truth(not lacks, f"not read: {', '.join(lacks)}" if lacks else "read in the picture")


def _unread(check: OcrHas, lines: Sequence[str], values: dict[str, str]) -> list[str]:
    """What of a check these lines do not say."""
    body = "\n".join(lines)

    def seen(text: str) -> bool:
        return _is_broken_in(fill(text, values), lines)  # what is read may be broken into lines and words anywhere

    lacks = [text for text in check.all if not seen(text)]
    if check.any and not any(map(seen, check.any)):
        lacks.append(" or ".join(check.any))
    escaped = {slot: re.escape(value) for slot, value in values.items()}
    try:
        if check.pattern is not None and re.search(fill(check.pattern, escaped), body) is None:
            lacks.append(f"/{check.pattern}/")
    except re.error as error:
        raise UsageError(f"/{check.pattern}/ is no regular expression with these values: {error}") from None
    return lacks


def _url_matches(pattern: str, url: str, values: dict[str, str]) -> bool:
    parts = "".join("[^/]+" if part == "*" else re.escape(fill(part, values)) for part in re.split(r"(\*)", pattern))
    return re.fullmatch(parts, path_of(url)) is not None


def _shape(screen: Screen) -> object:
    return screen.url, screen.dialog, tuple((e.path, e.name, e.value, e.checked, e.box) for e in screen.elements)


def _truth(holds: bool, said: str) -> Answer:
    return ("true" if holds else "false"), said
