"""How much an action can do: `read` changes nothing, `edit` can be undone, `commit` cannot be taken back."""

from __future__ import annotations

import re

from ostinato.trace.action import Action, DoubleTap, Drag, Key, LongPress, Select, Tap, Type
from ostinato.trace.record import Risk
from ostinato.trace.screen import Element, Screen

ORDER: dict[Risk, int] = {"read": 0, "edit": 1, "commit": 2}

# Words on a control that make its tap irreversible, whole words, in the languages the shipped apps speak.
COMMIT_WORDS = re.compile(
    r"\b(submit|save|send|pay|buy|order|checkout|place order|purchase|delete|remove|discard|confirm|publish|post|"
    r"transfer|book|reserve|register|subscribe|unsubscribe|sign up|apply|create|settle|archive|empty|erase|reset)\b",
    re.IGNORECASE,
)
_PRESSABLE = frozenset({"button", "link", "menuitem", "option", "tab", "cell", "img", "image", "generic"})
_STATES = frozenset({"checkbox", "radio", "switch", "slider", "textbox", "combobox", "spinbutton", "searchbox"})


def risk_of(action: Action, screen: Screen) -> Risk:
    """The class of an action on a screen, from what it touches. Errs to the higher class."""
    match action:
        case Tap() | DoubleTap() | LongPress():
            element = action.element or screen.at_point(action.point)
            return "read" if element is None else _pressed(element)
        case Type():
            return "commit" if action.enter and _sends(screen) else "edit"
        case Key():
            return "commit" if action.key == "Enter" and _sends(screen) else "edit"
        case Select() | Drag():
            return "edit"
        case _:
            return "read"


def higher(one: Risk, other: Risk | None) -> Risk:
    return one if other is None or ORDER[one] >= ORDER[other] else other


def _pressed(element: Element) -> Risk:
    if element.submits:
        return "commit"
    if element.role in _STATES:
        return "edit"
    if element.role in _PRESSABLE and COMMIT_WORDS.search(element.name):
        return "commit"
    return "read"


def _sends(screen: Screen) -> bool:
    """Whether Enter could send a form: some control of this screen submits one."""
    return any(e.submits for e in screen.elements)
