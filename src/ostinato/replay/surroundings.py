"""What stood around a step's target in the recordings: it tells what a renamed control cannot be, and which fields of a
form are new."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from ostinato.agent.labels import FIELDS, Labels
from ostinato.trace.locator import REPEATED, container_of
from ostinato.trace.screen import Element, Record, Screen
from ostinato.trace.values import normal

CONTROLS = frozenset(
    {
        "button", "link", "textbox", "searchbox", "combobox", "spinbutton", "checkbox", "radio", "switch", "slider",
        "tab", "menuitem", "listbox",
    }
)  # fmt: skip
_HEADINGS = frozenset({"heading", "columnheader"})
_PARTS = frozenset(
    {
        "form", "dialog", "alertdialog", "region", "group", "main", "navigation", "banner", "complementary",
        "contentinfo", "search", "tabpanel",
    }
)  # fmt: skip
_FORMS = frozenset({"form", "dialog", "alertdialog"})
_TICKED = frozenset({"checkbox", "switch"})
_MOST_NAMES = 80
_STARRED = re.compile(r"^\s*[*＊]\s*|\s*[*＊]\s*:?\s*$")
_MOST_STILL_THERE = 0.4  # of the names of a page that speaks another language


class Surroundings(Record):
    """`shape` is the same for two forms (or other parts of a page) that have the same kinds of controls in the same
    order, whatever they are called (None where the recordings differ); `names` tell whether a control or a heading of
    the recordings was called so, and not how: a page may show what is nobody else's business. What stands in rows, list
    items, … is left out of both: their number differs from day to day. `empty` are the fields of the target's form that
    must be filled in by what they say, and that a recording left empty all the same."""

    shape: str | None = None
    names: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()

    def knew(self, name: str) -> bool:
        """Whether a control or a heading of this name was there."""
        return _mark(name) in self.names

    def unfilled(self, element: Element | None, screen: Screen) -> list[str]:
        """The fields that the form of an element (None: of whatever stands in no form) waits for and that no recording
        left empty, by what they are called. One that only its label marks as such (`*`) counts if it is new."""
        return [
            name
            for field, name in _waited_for(element, screen)
            if _mark(name) not in self.empty and (field.missing or not (field.name and self.knew(field.name)))
        ]

    def speaks_otherwise(self, screen: Screen) -> bool:
        """Whether most of what a page is known by is called otherwise: it is in another language, say. Of one name
        alone that cannot be told."""
        now = {_mark(e.name) for e in _named(screen)}
        still = sum(name in now for name in self.names)
        return len(self.names) > 1 and still <= _MOST_STILL_THERE * len(self.names)


def surroundings(elements: Sequence[Element], screens: Sequence[Screen]) -> Surroundings:
    """Those of one step's targets, from the screen before it in every recording."""
    shapes = {shape(element.path, screen) for element, screen in zip(elements, screens, strict=True)}
    named = [e.name for screen in screens for e in _named(screen)]
    marks = tuple(dict.fromkeys(map(_mark, named)))[:_MOST_NAMES]
    empty = {
        _mark(name)
        for element, screen in zip(elements, screens, strict=True)
        for _, name in _waited_for(element, screen)
    }
    return Surroundings(shape=shapes.pop() if len(shapes) == 1 else None, names=marks, empty=tuple(sorted(empty)))


def _waited_for(element: Element | None, screen: Screen) -> list[tuple[Element, str]]:
    """The fields of the form that an element stands in (what stands in no form, for one that stands in none) that must
    be filled in and are not, with what they are called."""
    form = container_of(element, screen, _FORMS) if element is not None else None
    inside = screen.inside(form) if form is not None else screen.elements
    labels = Labels(screen)
    found = []
    for field in inside:
        if not field.enabled or container_of(field, screen, _FORMS) != form:
            continue
        marked = field.role in FIELDS and not (field.value or "").strip() and (field.editable or field.options)
        marked = marked or (field.role in _TICKED and field.checked is False)
        if not field.missing and not marked:
            continue
        said = [name for name, _ in labels.of(field)]
        if field.missing or (said and _STARRED.search(said[0])):
            found.append((field, _STARRED.sub("", said[0]).strip() if said else field.role))
    return found


def _mark(name: str) -> str:
    return hashlib.sha256(normal(name).encode()).hexdigest()[:8]


def shape(path: str, screen: Screen) -> str:
    """A short name for the kinds of the controls, in their order, of the part of a page that a path leads into."""
    kinds = " ".join(f"{e.role}{'!' if e.submits else ''}" for e in beside(path, screen))
    return hashlib.sha256(kinds.encode()).hexdigest()[:12]


def beside(path: str, screen: Screen) -> list[Element]:
    """The controls of the part of a page (a form, a dialog, …) that a path leads into, but those in rows."""
    steps = path.split("/")
    parts = [n for n, step in enumerate(steps[:-1]) if step.split("[")[0] in _PARTS]
    part = "/".join(steps[: parts[-1] + 1]) if parts else ""
    return [e for e in controls(screen) if not part or e.is_inside(part)]


def _named(screen: Screen) -> list[Element]:
    known = [*controls(screen), *(e for e in screen.of_roles(_HEADINGS) if container_of(e, screen, REPEATED) is None)]
    return [e for e in known if e.name.strip()]


def controls(screen: Screen) -> list[Element]:
    """The controls of a screen that stand in no row, list item, …"""
    return [e for e in screen.of_roles(CONTROLS) if container_of(e, screen, REPEATED) is None]
