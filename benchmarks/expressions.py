"""Words that point at elements of real screens, made by templates, for the benchmark of grounding.

The synonyms here are the benchmark's own: the grounder has a table of role words, and does not see these.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ostinato.trace.locator import container_of
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import normal

ROLES = {
    "button": ("button", "push button", "control"),
    "link": ("link", "hyperlink"),
    "textbox": ("field", "text box", "input", "blank"),
    "searchbox": ("search field", "search box"),
    "checkbox": ("checkbox", "tick box"),
    "combobox": ("drop-down", "selector", "choice list"),
    "radio": ("radio button", "choice"),
    "tab": ("tab",),
    "heading": ("heading", "caption"),
    "img": ("picture", "image"),
    "spinbutton": ("number field", "field"),
    "menuitem": ("menu item",),
}
SYNONYMS = {
    "save": "store", "submit": "send", "delete": "remove", "remove": "take away", "add": "create", "edit": "change",
    "search": "look for", "settings": "preferences", "cancel": "abort", "close": "dismiss", "log in": "sign in",
    "login": "sign in", "log out": "sign out", "logout": "sign out", "basket": "shopping cart", "home": "start page",
    "next": "following page", "previous": "page before", "amount": "sum", "date": "day", "password": "secret word",
    "email": "mail address", "bill": "expense", "register": "make an account", "checkout": "pay", "agree": "accept",
    "account": "profile", "history": "past changes", "download": "get a copy", "tags": "labels", "open": "show",
    "new": "fresh", "payer": "who paid", "invite": "ask others to join", "statistics": "figures", "help": "support",
}  # fmt: skip
NUMBERS = ("first", "second", "third", "fourth", "fifth", "sixth")
_MOST = 6
_MOST_WORDS = 6


@dataclass(frozen=True)
class Expression:
    """Words for one element of a screen, known by its path; an empty path says that nothing there is meant."""

    kind: str
    words: str
    path: str


def expressions(screen: Screen) -> list[Expression]:
    """Words of every kind, up to six of a kind, chosen by hash."""
    found: dict[str, list[Expression]] = {}
    for expression in _all(screen):
        found.setdefault(expression.kind, []).append(expression)
    return [one for kind in found.values() for one in sorted(kind, key=lambda e: digest(e.words + e.path))[:_MOST]]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hits(screen: Screen, path: str, found: Element) -> bool:
    """Whether a touch on what was found touches what was meant."""
    meant = screen.at_path(path)
    if meant is None:
        return False
    if found.path == path or found.is_inside(path):
        return True
    return meant.is_inside(found.path) and meant.box.contains(found.box.center)


def _all(screen: Screen) -> Iterator[Expression]:
    shown = [e for e in screen.elements if e.role in ROLES and e.reachable and e.box.area > 0]
    for element in shown:
        yield from _by_name(element, screen)
        yield from _by_row(element, screen)
    for role in ROLES:
        yield from _by_number(role, [e for e in shown if e.role == role], screen)


def _pick(choices: Sequence[str], key: str) -> str:
    return choices[int(digest(key), 16) % len(choices)]


def _by_name(element: Element, screen: Screen) -> Iterator[Expression]:
    role = _pick(ROLES[element.role], element.path)
    if element.placeholder and _alone(element.placeholder, element, screen):
        yield Expression("placeholder", f"the {role} that says {element.placeholder}", element.path)
    name = element.name
    if not _sayable(name) or not _alone(name, element, screen):
        return
    shape = _pick(("the {name} {role}", "{role} called {name}", 'the {role} labelled "{name}"', "{name}"), name)
    yield Expression("name", shape.format(name=name, role=role), element.path)
    other = name
    for word, synonym in SYNONYMS.items():
        other = re.sub(rf"\b{word}\b", synonym, other, count=1, flags=re.IGNORECASE)
        if other != name:
            break
    if other != name and _alone(other, element, screen):
        yield Expression("synonym", f"the {role} to {other.lower()}", element.path)
    words = name.split()
    if len(words) >= 3:
        part = " ".join(words[:2])
        if not any(part.lower() in e.name.lower() for e in _others(element, screen)):
            yield Expression("part", f"the {part} {role}", element.path)


def _by_row(element: Element, screen: Screen) -> Iterator[Expression]:
    row = container_of(element, screen, frozenset({"row", "listitem", "article"}))
    if row is None:
        return
    inside = [e for e in screen.inside(row) if e.role == element.role and normal(e.name) == normal(element.name)]
    again = [e for e in screen.elements if e.role == element.role and normal(e.name) == normal(element.name)]
    if len(inside) != 1 or len(again) < 2:
        return
    for part in screen.inside(row):
        title = part.name
        held = [e for e in screen.elements if title and title.lower() in e.name.lower() and not e.is_inside(row.path)]
        if part.role in ("text", "link", "cell", "heading") and _sayable(title) and not held and part is not element:
            role = _pick(ROLES[element.role], element.path)
            what = f"{element.name} {role}" if _sayable(element.name) else role
            shape = _pick(("the {what} in the row of {title}", "the {what} for {title}"), title)
            yield Expression("row", shape.format(what=what, title=title), element.path)
            return


def _by_number(role: str, elements: list[Element], screen: Screen) -> Iterator[Expression]:
    """First, second, … from the top, where all of a kind are in view one below another; the last; beside others."""
    every = [e for e in screen.elements if e.role == role]
    lines = sorted(elements, key=lambda e: e.box.top)
    apart = all(a.box.top + a.box.height <= b.box.top + 2 for a, b in pairwise(lines))
    if len(lines) < 2 or not apart:
        return
    word = ROLES[role][0]
    if len(every) == len(lines):
        for number, element in enumerate(lines[: len(NUMBERS)]):
            yield Expression("number", f"the {NUMBERS[number]} {word}", element.path)
        yield Expression("number", f"the last {word}", lines[-1].path)
        yield Expression("side", f"the {word} at the top", lines[0].path)
        yield Expression("side", f"the {word} at the bottom of the screen", lines[-1].path)
    for upper, lower in pairwise(lines):
        if _sayable(upper.name) and _alone(upper.name, upper, screen):
            yield Expression("beside", f"the {word} below {upper.name}", lower.path)


def _sayable(name: str) -> bool:
    return 0 < len(name.split()) <= _MOST_WORDS and re.search(r"[^\W_]", name) is not None and len(name) <= 40


def _others(element: Element, screen: Screen) -> list[Element]:
    """All that is not the element, nor within it, nor around it."""
    return [e for e in screen.elements if not e.is_inside(element.path) and not element.is_inside(e.path)]


def _alone(name: str, element: Element, screen: Screen) -> bool:
    labels = [label for e in _others(element, screen) for label in (e.name, e.placeholder, e.id) if label]
    return not any(normal(label) == normal(name) for label in labels)
