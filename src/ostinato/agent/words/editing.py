"""Adding a thing and changing one: `Add an expense: Taxi, 12, paid by Ann`, `Change the amount of Taxi to 14`.

The form that is opened for it is filled part by part: a name of a list into the list that has it, a day where days go,
a number where numbers go, what a label is named with under that label, and the rest into the first field that is empty.
A part that belongs nowhere ends it before anything is sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.agent.labels import Labels
from ostinato.agent.likeness import SMALL, covered, likeness, same_word, tokens
from ostinato.agent.phrase import known_by
from ostinato.agent.words.calendar import day_of
from ostinato.agent.words.demand import Demand
from ostinato.agent.words.fields import as_typed, fields_of
from ostinato.agent.words.reach import MOMENT, Lost, Reach, Work, tap
from ostinato.trace.action import Select, Type, Wait
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import as_number, normal

_ADDING = {"add", "new", "create", "compose", "write", "+"}
_SENDING = ("save", "submit", "confirm", "done", "ok", "create", "add", "apply", "finish", "edit")
_NUMBERS = {"amount", "price", "cost", "much", "total", "sum", "value", "quantity", "number", "many"}
_NAMES = {"name", "title", "what", "subject", "called", "summary", "label", "heading"}
_TEXTS = {"text", "says", "saying", "body", "content", "message", "description", "note"}
_WORDS_FOR = (
    {"paid", "payer", "pay"},
    _NUMBERS,
    _NAMES,
    _TEXTS,
    {"tag", "tags", "label", "category"},
    {"date", "day", "when"},
)
_NEAR = 0.35  # how alike in meaning what is added and what a control adds must be, where their words are not


@dataclass(frozen=True)
class Part:
    """One of the values that a goal gives: `what` are the words around it, which may say where it belongs."""

    value: str
    what: tuple[str, ...] = ()


def add(run: Reach, demand: Demand, screen: Screen) -> Work:
    """Open the form for a new thing, fill it, send it off."""
    parts = [part_of(text) for text in demand.parts]
    before = _form_fields(run, screen)
    if run.begun and (open_form := _begun(parts, before)) is not None:
        screen = yield from _fill(run, parts, [e for e in before if _form(e) == open_form], screen)
        return (yield from _send(open_form, screen, run))
    control = _adder(run, demand.target, screen)
    if control is None:
        raise Lost(f"there is nothing to add {demand.target} with")
    beside = [e for e in before if _form(e) and _form(e) == _form(control)]
    if beside:  # the field stands beside its button
        screen = yield from _fill(run, parts, beside, screen)
        return (yield tap(screen.at_path(control.path) or control))
    known = {e.path for e in before}
    screen = yield tap(control)
    for waited in (False, True):
        fields = [e for e in _form_fields(run, screen) if e.path not in known or e.reachable]
        if fields:
            break
        if not waited:
            screen = yield Wait(seconds=MOMENT)
    if not fields:
        raise Lost(f"“{control.name}” opens no form")
    form = _form(fields[-1] if fields[0].path in known else fields[0])
    screen = yield from _fill(run, parts, [e for e in fields if _form(e) == form], screen)
    return (yield from _send(form, screen, run))


def change(run: Reach, demand: Demand, screen: Screen) -> Work:
    """Open the form of a thing, put another value into one of its fields, send it off."""
    place = known_by(demand.target)
    control = run.control("edit", screen, place)
    if control is None:
        item, screen = yield from run.reach(place, screen)
        screen = yield tap(item)
        control = run.control("edit", screen)
    before = {e.path for e in _form_fields(run, screen)}
    if control is not None:
        screen = yield tap(control)
    for waited in (False, True):
        fields = [e for e in _form_fields(run, screen) if e.path not in before]
        if fields:
            break
        if not waited:
            screen = yield Wait(seconds=MOMENT)
    named = [e for e in fields if normal(e.value or "") == normal(place)]
    if demand.way in _NAMES and named:
        screen = yield from _put(named[0], demand.value or "", screen)
    elif fields:
        screen = yield from _fill(run, [Part(demand.value or "", tokens(demand.way))], fields, screen)
    if not fields:
        raise Lost(f"there is no form in which {demand.target} could be changed")
    return (yield from _send(_form(fields[0]), screen, run))


def part_of(text: str) -> Part:
    """A value and the words around it: `paid by Ann`, `for 12.50`, `with the tag home`, `Taxi to the airport`."""
    quoted = re.search(r"[\"“”]([^\"“”]+)[\"“”]", text)
    if quoted:
        return Part(quoted[1], tokens(text.replace(quoted[0], " ")))
    number = re.fullmatch(r"(?:(?:and )?(?:for|cost(?:ing|s)?|of|at|worth) )?(\S*\d\S*)", text.strip())
    if number and as_number(number[1]) is not None:
        return Part(number[1], ("amount",))
    said = re.match(
        r"(?P<what>(?:\w+ )?by|on|with the \w+|with|in the \w+|under|from|(?:which|who) (?:\w+ ){1,2}(?:for )?)\s+"
        r"(?P<value>.+)$",
        text.strip(),
        re.IGNORECASE,
    )
    if said:
        what = tokens(said["what"])
        return Part(said["value"].strip(), ("date",) if what == ("on",) and day_of(said["value"]) else what)
    return Part(text.strip())


def _begun(parts: Sequence[Part], fields: Sequence[Element]) -> str | None:
    """The form in which most of the values stand already; None where none of them does."""
    forms = {_form(e): 0 for e in fields if _form(e)}
    for e in fields:
        if _form(e) and any(_stands(part, e) for part in parts):
            forms[_form(e)] += 1
    best = max(forms, key=lambda form: forms[form], default=None)
    return best if best is not None and forms[best] else None


def _stands(part: Part, field: Element) -> bool:
    return bool(field.value) and normal(field.value or "") == normal(part.value)


def _adder(run: Reach, noun: str, screen: Screen) -> Element | None:
    """The control that adds such a thing; the only one that adds anything, where none is called so."""
    seen = run.seen(screen)
    found = [
        e
        for e in seen.elements
        if e.enabled and e.role in ("button", "link", "menuitem", "img", "generic") and _adds(e)
    ]
    wanted = " ".join(word for word in tokens(noun) if word not in SMALL)
    rated = [(_alike(run, wanted, _added(e, seen)), -n, e) for n, e in enumerate(found)]
    best = max(rated, default=None)
    if best is None or (best[0] < _NEAR and len(found) > 1):
        return None
    return best[2]


def _adds(element: Element) -> bool:
    words = tokens(element.name or element.hint or "")
    return element.name.strip() == "+" or bool(words and words[0] in _ADDING)


def _added(control: Element, screen: Screen) -> str:
    """What a control adds: its words, or those of the field beside it where it only says `Add`."""
    own = [word for word in tokens(control.name) if word not in _ADDING | SMALL]
    if own or not _form(control):
        return " ".join(own)
    beside = [e for e in fields_of(screen) if _form(e) == _form(control)]
    labels = Labels(screen)
    return " ".join(word for e in beside[:1] for word in tokens(labels.label(e)) if word not in _ADDING | SMALL)


def _alike(run: Reach, one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    by_words = covered(tokens(one), tokens(other))
    if by_words >= 0.5 or run.embedder is None:
        return by_words
    rows = run.embedder.embed([one, other])
    return max(by_words, float(rows[0] @ rows[1]))


def _form_fields(run: Reach, screen: Screen) -> list[Element]:
    return [e for e in fields_of(run.seen(screen)) if e.editable or e.options]


def _form(element: Element) -> str:
    """The path of the form, dialog or region that an element is in; nothing where it is in none."""
    steps = element.path.split("/")
    inner = [n for n, step in enumerate(steps) if step.split("[")[0] in ("form", "dialog", "region")]
    return "/".join(steps[: inner[-1] + 1]) if inner else ""


def _fill(run: Reach, parts: Sequence[Part], fields: Sequence[Element], screen: Screen) -> Work:
    """Each part into its field. Raises Lost before anything is entered where one belongs nowhere."""
    labels = Labels(screen)
    left = list(fields)
    found: list[tuple[Element, str]] = []
    plain: list[Part] = []
    for part in parts:
        chosen = _field_of(part, left, labels)
        if chosen is None:
            plain.append(part)
            continue
        left.remove(chosen)
        found.append((chosen, part.value))
    for part in plain:
        free = [e for e in left if e.editable and e.hint != "date" and not _is_for(_NUMBERS, e, labels)]
        named = [e for e in free if run.begun and _stands(part, e)] or [e for e in free if _is_name(e, labels)]
        if part.what or not free:
            raise Lost(f"there is no field for “{' '.join([*part.what, part.value])}”")
        chosen = (named or free)[0]
        left.remove(chosen)
        found.append((chosen, part.value))
    found.sort(key=lambda pair: fields.index(pair[0]))  # from the top, as people do
    for target, value in found:
        screen = yield from _put(target, value, screen)
    return screen


def _field_of(part: Part, fields: Sequence[Element], labels: Labels) -> Element | None:
    having = [e for e in fields if any(normal(part.value) == normal(option) for option in e.options)]
    if having:
        return max(having, key=lambda e: _speaks(part, e, labels))
    if day_of(part.value) is not None:
        return next((e for e in fields if e.hint == "date" or _is_for({"date", "day", "when"}, e, labels)), None)
    editable = [e for e in fields if e.editable]
    speaking = [(s, -n, e) for n, e in enumerate(editable) if (s := _speaks(part, e, labels)) > 0]
    if speaking:
        return max(speaking)[2]
    if "amount" in part.what or (as_number(part.value) is not None and not part.what):
        return next((e for e in editable if e.hint == "number" or _is_for(_NUMBERS, e, labels)), None)
    return None


def _speaks(part: Part, element: Element, labels: Labels) -> float:
    """How well the words around a value fit the label of a field."""
    words = [word for word in part.what if word not in SMALL]
    if not words:
        return 0.0
    own = {word for label, _ in labels.of(element) for word in tokens(label)} - SMALL
    if any(same_word(word, other) >= 0.9 for word in words for other in own):
        return 1.0
    if element.hint == "textarea" and _TEXTS & set(words):
        return 0.9
    return 0.8 if any(kind & set(words) and kind & own for kind in _WORDS_FOR) else 0.0


def _is_for(kind: set[str], element: Element, labels: Labels) -> bool:
    return any(
        kind & set(tokens(label)) for label, worth in labels.of(element) if worth >= 0.75 and label != element.value
    )


def _is_name(element: Element, labels: Labels) -> bool:
    """Whether a label of a field asks for a name and nothing else: `Title`, not `Tag name`."""
    asked = [set(tokens(label)) for label, _ in labels.of(element) if label != element.value]
    return any(words and words <= _NAMES | SMALL for words in asked)


def _put(target: Element, value: str, screen: Screen) -> Work:
    now = screen.at_path(target.path) or target
    if now.options:
        option = max(now.options, key=lambda option: likeness(value, option))
        return screen if now.value == option else (yield Select(element=now, option=option))
    typed = as_typed(value, now, screen)
    return screen if now.value == typed else (yield Type(text=typed, element=now))


def _send(form: str, screen: Screen, run: Reach) -> Work:
    """Touch what sends this form off. Raises Lost where nothing does."""
    able = [e for e in run.seen(screen).elements if e.role in ("button", "link", "img") and e.enabled and e.name]
    inside = [e for e in able if not form or e.is_inside(form)]
    for word in _SENDING:
        named = [e for e in inside if tokens(e.name)[:1] == (word,)]
        if named:
            return (yield tap(min(named, key=lambda e: len(e.name))))
    raise Lost("there is no button that sends the form off")
