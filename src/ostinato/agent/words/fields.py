"""Fields of a form: which there are, which words of a goal are for which, and what sends them off."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

from ostinato.agent.grounder import rate
from ostinato.agent.labels import FIELDS, Labels
from ostinato.agent.likeness import same_word, tokens
from ostinato.agent.words.calendar import day_of
from ostinato.model.embed import Embedder
from ostinato.trace.screen import Element, Screen

_SUBMITS = (
    "submit", "ok", "save", "send", "done", "apply", "confirm", "search", "log in", "login", "sign in", "go",
    "continue", "create", "add", "finish",
)  # fmt: skip
_SKIPPED = {"by", "from", "is", "of", "the", "a", "an", "to", "in", "on", "at", "for", "and", "with", "as"}
_SAME_BEGINNING = 5
_CLOCK = ("%I:%M %p", "%I:%M%p", "%H:%M")


def fields_of(screen: Screen) -> list[Element]:
    """What takes text, or opens a sheet to choose from, in tree order; parts of a field are not fields."""
    found = [e for e in screen.of_roles(FIELDS - {"slider", "listbox"}) if e.enabled]
    return [e for e in found if not any(e is not other and e.is_inside(other.path) for other in found)]


def is_submit(words: str) -> bool:
    """Whether words name a control that sends a form off."""
    said = " ".join(word for word in tokens(words) if word not in ("the", "button"))
    return said in _SUBMITS


def as_typed(value: str, target: Element, screen: Screen) -> str:
    """A value as a field takes it: the browser's own fields for days and times take ISO only."""
    parts = {e.name.split(" ")[0].lower() for e in screen.inside(target) if e.role == "spinbutton"}
    day = day_of(value)
    if day is not None and (target.hint == "date" or {"month", "day", "year"} <= parts):
        return day.isoformat()
    if target.hint == "time" or {"hours", "minutes"} <= parts:
        for form in _CLOCK:
            try:
                return datetime.strptime(value.strip().upper(), form).strftime("%H:%M")
            except ValueError:
                continue
    return value


def settable(words: str, screen: Screen, embedder: Embedder | None) -> Element | None:
    """The slider or spinner that words name, or the only field that takes a number."""
    found = [e for e in screen.elements if e.role in ("slider", "spinbutton") or (e.role == "textbox" and e.editable)]
    only = screen.model_copy(update={"elements": tuple(found)})
    rated = [pair for pair in rate(words, only, embedder, Labels(screen)) if pair[1] >= 0.45]
    return rated[0][0] if rated else None


def submit_of(screen: Screen) -> Element | None:
    """The one control that sends a form off; None where there is none, or more than one."""
    found = [
        e
        for e in screen.elements
        if e.role in ("button", "link", "generic") and e.enabled and " ".join(tokens(e.name)) in _SUBMITS
    ]
    return found[0] if len(found) == 1 else None


def senders_of(field: Element, screen: Screen) -> list[Element]:
    """The controls that send off the form which a field is in: one alone where its name says so and no other's does."""
    steps = field.path.split("/")
    forms = [n for n, step in enumerate(steps[:-1]) if step.split("[")[0] == "form"]
    if not forms:
        return []
    form = "/".join(steps[: forms[-1] + 1])
    found = [e for e in screen.elements if e.submits and e.enabled and e.is_inside(form)]
    named = [e for e in found if tokens(e.name)[:1] and tokens(e.name)[0] in _SUBMITS]
    return named if len(named) == 1 else found


def labelled(words: str, fields: list[Element], labels: Labels) -> list[tuple[Element, str]]:
    """Each field with the words that stand behind its label in a text: `directed by Holloway` for `Director`. A
    first word, a name or a number that is no field's goes into the one field that is left."""
    text = re.findall(r"[^\s,;:]+", words)
    taken: dict[int, Element] = {}
    names = {e.path: {word for label, _ in labels.of(e) for word in tokens(label)} for e in fields}
    often = Counter(word for own in names.values() for word in own)
    for target in fields:
        own = [word for word in names[target.path] if often[word] == 1]  # `Movie` tells no field from another
        places = [n for n, word in enumerate(text) if n not in taken and any(_same(word, name) for name in own)]
        if places:
            taken[places[0]] = target
    found: list[tuple[Element, str]] = []
    used: set[int] = set(taken)
    for place, target in sorted(taken.items()):
        start = place + 1
        while start < len(text) and text[start].lower() in _SKIPPED:
            start += 1
        if start in taken and place and place - 1 not in taken:  # drama movies directed by …
            found.append((target, text[place - 1]))
            used.add(place - 1)
            continue
        end = start + 1
        while end < len(text) and end not in taken and (text[end][:1].isupper() or text[end][:1].isdigit()):
            end += 1
        if start < len(text):
            found.append((target, " ".join(text[start:end])))
            used |= set(range(start, end))
    left = [e for e in fields if e not in [target for target, _ in found]]
    over = [
        word for n, word in enumerate(text) if n not in used and (n == 0 or word[:1].isupper() or word[:1].isdigit())
    ]
    if found and len(left) == 1 and over:
        found.append((left[0], over[0]))
    return found


def _same(word: str, name: str) -> bool:
    one, other = word.lower().strip("'\""), name
    if same_word(one, other) >= 0.75:
        return True
    return min(len(one), len(other)) > _SAME_BEGINNING and one[:_SAME_BEGINNING] == other[:_SAME_BEGINNING]
