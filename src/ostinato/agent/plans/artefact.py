"""What a finished sub-task gives to others: a typed value, with the trace and the step that it was read from.

It is read from the answer that the agent gave or from the screens it saw, the last one first. Words that the agent
answers count only where a screen shows them, and an answer to several questions only for the one that it is clearly an
answer to. A value that is not there, that two places give differently, or that is not of its type is an error: nothing
is guessed. What a page shows is data: text that reads like an instruction is not passed on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

from ostinato.agent.labels import same_line
from ostinato.agent.likeness import likeness, tokens
from ostinato.agent.plans.subtasks import ArtefactType, Wanted
from ostinato.agent.words.calendar import MONTHS
from ostinato.errors import CheckFailed
from ostinato.judge.untrusted import harmless, instructions_in
from ostinato.trace.locator import REPEATED
from ostinato.trace.record import Trace
from ostinato.trace.screen import Element, Record, Screen
from ostinato.trace.values import as_date, as_number, holds_value, normal, numbers_in, same_value

MOST_TEXT = 300
MOST_ITEMS = 100
_KINDS = {
    "list": f"a list of 1 to {MOST_ITEMS} items that its screens show",
    "money": "an amount",
    "text": f"1 to {MOST_TEXT} letters that its screens show",
}
_GOOD = 0.6  # how well a column's head must fit the words that ask for it
_CELLS = frozenset({"cell", "gridcell", "rowheader"})
_HEADS = frozenset({"columnheader"})
_TABLES = ("table", "grid", "treegrid")
_SIGN = re.compile(r"[€$£¥₹₽₩]|\b(?:EUR|USD|GBP|CHF|JPY|CNY|INR|RUB|SEK|NOK|DKK|PLN|CZK|AUD|CAD)\b", re.IGNORECASE)
_CENTS = re.compile(r"\d[.,]\d{2}(?!\d)")
_LEAD = re.compile(r"\s*[(\[].*$", re.DOTALL)  # `12.40 (3.10 each)` says 12.40, and more about it
_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_MONTH = "|".join((*MONTHS, "sept", *(name[:3] for name in MONTHS)))
_WRITTEN = (
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)? (?:of )?(?P<month>{_MONTH})\.?,? (?P<year>\d{{4}})\b", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})\b", re.IGNORECASE),
)
# An answer that says that there is none.
_NONE = re.compile(
    r"\b(?:not|unable|unknown|nothing|nobody|no one|none|cannot|neither|no such|nicht|kein\w*|introuvable|aucun\w*|"
    r"ningun\w*|nessun\w*)\b|n't\b|n’t\b|^\s*no\b|\bthere (?:is|are|was|were) no\b",
    re.IGNORECASE,
)


class Artefact(Record):
    """`value` as it is entered elsewhere: money as an amount without its sign, a date as ISO, a list with commas. It
    was read from `quote`, which stands in the `answer` of a trace or on the screen at its `step` (the number of steps
    for the last screen)."""

    name: str
    type: ArtefactType
    value: str
    items: tuple[str, ...] = ()
    quote: str
    source: Literal["answer", "screen"]
    trace: str
    step: int


def artefact_of(name: str, wanted: Wanted, trace: Trace, gives: Mapping[str, Wanted] | None = None) -> Artefact:
    """What a finished run gives. `gives` are all that the run gives, by their names. Raises CheckFailed, saying what
    was looked for and what there was."""
    answer = trace.outcome.answer if trace.outcome is not None else None
    others = [one for other, one in (gives or {}).items() if other != name]
    said = _own(name, wanted, others, answer, trace) if answer else None
    if said is not None:
        return valid(name, wanted, [said], "answer", trace.id, len(trace.steps))
    shown = shown_in(trace)
    for step, screen in reversed(shown):
        found = _unlike(read_screen(wanted, screen), wanted.type)
        if len(found) > 1:
            several = " or ".join(f"“{harmless(' '.join(one))[:60]}”" for one in found[:4])
            raise CheckFailed(
                f"{{{name}}} ({_called(wanted)}) could be {several} on the screen after {step} steps; say in the plan "
                "where it stands: `row`, `column` or `label`"
            )
        if found:
            return valid(name, wanted, found[0], "screen", trace.id, step)
    gave = f"its answer “{harmless(answer)[:80]}” may be something else" if answer else "it gave no answer"
    raise CheckFailed(
        f"{{{name}}} ({_called(wanted)}) stands on none of the {len(shown)} screens of this sub-task, and {gave}; say "
        "in the plan where it stands (`row`, `column`, `label`), or what else it is (`about`)"
    )


def _own(name: str, wanted: Wanted, others: Sequence[Wanted], answer: str, trace: Trace) -> str | None:
    """What of an answer is this artefact: all of it, where nothing else is asked for; of several, a line that says so,
    or all of it when it can be nothing else. None where the screens have to tell. Raises CheckFailed for an answer that
    is none."""
    whole = _value_in(answer, wanted, trace)
    if instructions_in(answer.splitlines()):
        return answer  # `valid` says what is wrong with it
    if not others:
        if whole is None:
            raise CheckFailed(
                f"{{{name}}} ({_called(wanted)}) must be {_KINDS.get(wanted.type, f'a {wanted.type}')}, and "
                f"“{harmless(answer)[:80]}” (its answer) is none"
            )
        return whole
    called = {normal(one) for one in (name, name.replace("_", " "), wanted.label, wanted.about) if one}
    for line in answer.splitlines():
        head, _, rest = line.partition(":")
        if normal(head) in called and (found := _value_in(rest, wanted, trace)) is not None:
            return found
    return whole if whole is not None and not any(_may_be(whole, wanted, other, trace) for other in others) else None


def _may_be(text: str, wanted: Wanted, other: Wanted, trace: Trace) -> bool:
    """Whether what is one thing may as well be another that is asked for."""
    if other.type in ("text", "list") and wanted.type not in ("text", "list"):
        return False  # a number that is asked for is hardly meant as words
    return _value_in(text, other, trace) is not None


def _value_in(text: str, wanted: Wanted, trace: Trace) -> str | None:
    """The value that a part of an answer is, without the marks around it; None where it is none. Words are one where a
    screen shows them together: a sentence about them is none."""
    for bare in dict.fromkeys((text.strip(), text.strip(" \n\"'“”„«»."))):
        if wanted.type in ("text", "list"):
            parts = [bare] if wanted.type == "text" else _items([bare])
            if bare and parts and all(_stands(part, trace) for part in parts):
                return bare
        elif typed(bare, wanted.type) is not None and not _NONE.search(bare):
            return bare
    return None


def _stands(words: str, trace: Trace) -> bool:
    """Whether some screen of a run shows these words together."""
    wanted = normal(harmless(words))
    return any(
        holds_value(normal(harmless(said)), wanted)
        for _, screen in shown_in(trace)
        for element in screen.elements
        if not element.password
        for said in (element.name, element.value)
        if said
    )


def shown_in(trace: Trace) -> list[tuple[int, Screen]]:
    """The screens of a run, each with the number of steps before it."""
    last = [(len(trace.steps), trace.final)] if trace.final is not None else []
    return [*enumerate(step.before for step in trace.steps), *last]


def valid(
    name: str, wanted: Wanted, quotes: Sequence[str], source: Literal["answer", "screen"], trace: str, step: int
) -> Artefact:
    """An artefact of its type out of what was read: one text, or for a list its items. Raises CheckFailed."""
    lines = [line for quote in quotes for line in quote.splitlines()]
    if instructions_in(lines):
        raise CheckFailed(
            f"{{{name}}}: what stands there reads like an instruction ({harmless(' '.join(lines))[:80]!r}) and is not "
            "passed on; put the value into the plan yourself"
        )
    items: tuple[str, ...] = ()
    if wanted.type == "list":
        items = tuple(_items(quotes))
        value = ", ".join(items)
    else:
        value = typed(" ".join(quotes), wanted.type) or ""
    if not value or len(items) > MOST_ITEMS:
        raise CheckFailed(
            f"{{{name}}} must be {_KINDS.get(wanted.type, f'a {wanted.type}')}, and "
            f"{harmless(' '.join(quotes))[:80]!r} (its {source}) is none"
        )
    quote = harmless(" ".join(quotes))[:MOST_TEXT]
    return Artefact(
        name=name, type=wanted.type, value=value, items=items, quote=quote, source=source, trace=trace, step=step
    )


def typed(text: str, kind: ArtefactType) -> str | None:
    """The one value of a type in a text, as it is entered elsewhere; None when there is none, or more than one."""
    match kind:
        case "text":
            plain = harmless(text)
            return plain if 0 < len(plain) <= MOST_TEXT else None
        case "date":
            days = {day.isoformat() for day in _days(text)}
            return days.pop() if len(days) == 1 else None
        case "number" | "money":
            lead = _LEAD.sub("", text) if as_number(_bare(_LEAD.sub("", text))) is not None else text
            if kind == "money" and as_number(_bare(lead)) is None:
                found = [n for n in numbers_in(_SIGN.sub(" ", lead)) if _CENTS.search(n)] or _signed(lead)
            else:
                found = numbers_in(_SIGN.sub(" ", lead))
            return found[0] if found and all(same_value(found[0], other) for other in found) else None
        case "list":
            items = _items([text])
            return ", ".join(items) or None


def read_screen(wanted: Wanted, screen: Screen) -> list[tuple[str, ...]]:
    """The texts on a screen that may be what is wanted, those of its type; for a list, each is its items."""
    if wanted.label:
        return _fitting(_beside(wanted.label, screen), wanted.type)
    if wanted.type == "list":
        return [items for items in _lists(wanted, screen) if items]
    if wanted.row or wanted.column:
        return _fitting(_in_rows(wanted.row, wanted.column, screen, strict=True), wanted.type)
    if not wanted.about:
        return []
    found = _fitting(_in_rows(wanted.about, wanted.about, screen, strict=False), wanted.type)
    return found or _fitting(_beside(wanted.about, screen), wanted.type)


def _fitting(texts: Iterable[str], kind: ArtefactType) -> list[tuple[str, ...]]:
    found = [text for text in texts if typed(text, kind) is not None]
    if kind == "money" and len(found) > 1:  # an amount with its sign or cents before a bare number
        found = [text for text in found if _SIGN.search(text) or _CENTS.search(text)] or found
    return [(text,) for text in found]


def _in_rows(row: str, column: str, screen: Screen, strict: bool) -> list[str]:
    """The cells of the rows that the words name, in the column that they name. Unless `strict`, the words say both in
    one, and where no column fits them all other cells count."""
    found: list[str] = []
    for line, cells in _rows(screen):
        named = [cell for cell in cells if _names(row, cell, strict)] if row else []
        if row and not named and not (strict and holds_value(screen.text_of(line), row)):
            continue
        rest = _without(column, named) if not strict else column
        heads = _heads(line, screen)
        fitting = _best_column(rest, heads, len(cells)) if rest else None
        if fitting is None and strict and column:
            continue
        kept = [cell for n, cell in enumerate(cells) if (fitting is None or n == fitting) and cell not in named]
        found += [cell.name for cell in kept if cell.name.strip()]
    return found


def _rows(screen: Screen) -> list[tuple[Element, list[Element]]]:
    """The rows of tables with their cells, and other repeated things with what they show."""
    found = []
    for line in screen.of_roles(frozenset(REPEATED)):
        inside = screen.inside(line)
        cells = [e for e in inside if e.role in _CELLS and e.path.count("/") == line.path.count("/") + 1]
        cells = cells or [e for e in inside if e.name.strip() and e.role in ("text", "heading", "link")]
        if cells:
            found.append((line, cells))
    return found


def _names(words: str, cell: Element, strict: bool) -> bool:
    """Whether words name a thing by this cell. A figure or a date names nothing unless it is all that was said."""
    name = cell.name.strip()
    if not name:
        return False
    if normal(name) == normal(words):
        return True
    if strict or as_number(name) is not None or as_date(name) is not None:
        return False
    return len(name) > 1 and holds_value(words, name)


def _without(words: str, named: Sequence[Element]) -> str:
    """What is left of words after the names of cells."""
    for cell in named:
        words = re.sub(re.escape(cell.name.strip()), " ", words, flags=re.IGNORECASE)
    return " ".join(words.split())


def _heads(line: Element, screen: Screen) -> list[str]:
    """The heads of the columns of a row's table, in order."""
    table = next((a for a in screen.ancestors(line) if a.role in _TABLES), None)
    return [e.name for e in screen.inside(table) if e.role in _HEADS] if table is not None else []


def _best_column(words: str, heads: Sequence[str], width: int) -> int | None:
    """Which column words name, when one clearly fits them best."""
    if len(heads) != width:
        return None
    rated = sorted(
        ((max(likeness(words, head), _shared(words, head)), n) for n, head in enumerate(heads)), reverse=True
    )
    best, place = rated[0]
    return place if best >= _GOOD and (len(rated) < 2 or best - rated[1][0] > 0.1) else None


def _shared(words: str, head: str) -> float:
    """How much of a head is in the words: `When?` in “when was it paid”."""
    mine, theirs = tokens(words), tokens(head)
    return 0.9 * sum(word in mine for word in theirs) / len(theirs) if theirs else 0.0


def _beside(label: str, screen: Screen) -> list[str]:
    """What stands right of a label on its line, behind it and a colon, or is in the field of that name."""
    found: list[str] = []
    for element in screen.elements:
        head, colon, rest = element.name.partition(":")
        if colon and rest.strip() and likeness(label, head) >= 0.95:
            found.append(rest.strip())
            continue
        fit = likeness(label, element.name.rstrip(": "))
        if fit < 0.95 and not holds_value(label, element.name.rstrip(": ?")):
            continue
        if element.value and not element.password:
            found.append(element.value)
            continue
        if fit < 0.95:
            continue
        right = [
            e
            for e in screen.elements
            if e is not element
            and same_line(e.box, element.box)
            and e.box.left >= element.box.left + element.box.width - 2
            and (e.name.strip() or e.value)
            and not e.password
        ]
        if right:
            nearest = min(right, key=lambda e: (e.box.left, e.role != "text"))
            found.append(nearest.value or nearest.name)
    return found


def _lists(wanted: Wanted, screen: Screen) -> list[tuple[str, ...]]:
    """The items of lists: of the thing that `row` names, of a table's `column`, or of the only list there is."""
    if wanted.column and not wanted.row:
        return [tuple(_in_rows("", wanted.column, screen, strict=True))]
    words = wanted.row or wanted.about
    whole = [e for e in screen.elements if e.role in ("list", "listbox")]
    holders = [
        e
        for e in screen.elements
        if e.role in (*REPEATED, "region", "main")
        and any(_names(words, part, bool(wanted.row)) for part in screen.inside(e) if part.role == "heading")
        and sum(part.role == "heading" for part in screen.inside(e)) == 1
    ]
    inner = [one for one in whole if any(one.is_inside(h.path) for h in holders)]
    named = [one for one in whole if one.name and normal(one.name) == normal(words)]
    chosen = named or inner or (whole if not wanted.row and len(whole) == 1 else [])
    return [tuple(_texts(one, screen)) for one in chosen]


def _texts(parent: Element, screen: Screen) -> list[str]:
    items = [e for e in screen.inside(parent) if e.role in ("listitem", "option")]
    return [" ".join(text.split()) for item in items if (text := item.name or screen.text_of(item)).strip()]


def _items(texts: Sequence[str]) -> list[str]:
    """The items of a list: one a text, or of one text its lines, or its parts between commas."""
    parts = list(texts)
    if len(parts) == 1:
        parts = parts[0].splitlines() if "\n" in parts[0].strip() else re.split(r"[,;]\s+", parts[0])
    plain = (harmless(re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", part)) for part in parts)
    return [part for part in plain if part]


def _unlike(found: list[tuple[str, ...]], kind: ArtefactType) -> list[tuple[str, ...]]:
    """One of each that means the same."""
    kept: dict[object, tuple[str, ...]] = {}
    for texts in found:
        kept.setdefault(normal(typed(" ".join(texts), kind) or "") if kind != "list" else texts, texts)
    return list(kept.values())


def _bare(text: str) -> str:
    return _SIGN.sub(" ", text).strip()


def _signed(text: str) -> list[str]:
    """The numbers beside a sign of money."""
    found: list[str] = []
    for sign in _SIGN.finditer(text):
        before = re.search(r"[\d.,']*\d(?=\s*$)", text[: sign.start()])
        after = re.match(r"\s*(\d[\d.,']*)", text[sign.end() :])
        for place in (before and before.group(), after and after[1]):
            found += numbers_in(place.rstrip(".,'")) if place else []
    return found


def _days(text: str) -> list[date]:
    """Every date that is written so that it can be read in one way: ISO, or with the month in words."""
    found = [day for part in _ISO.findall(text) if (day := as_date(part)) is not None]
    for pattern in _WRITTEN:
        for part in pattern.finditer(text):
            month = next(n for n, name in enumerate(MONTHS, start=1) if name.startswith(part["month"].lower()[:3]))
            try:
                found.append(date(int(part["year"]), month, int(part["day"])))
            except ValueError:
                continue
    return found


def _called(wanted: Wanted) -> str:
    said = [f"{f} “{getattr(wanted, f)}”" for f in ("row", "column", "label") if getattr(wanted, f)]
    return ", ".join(said) or wanted.about or f"a {wanted.type}"
