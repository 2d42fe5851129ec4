"""The screen that the tests of formats speak of, and how near an intention comes to another."""

from __future__ import annotations

from typing import Any

from screens import element, screen

from ostinato.agent.intention import Intention
from ostinato.trace.screen import Box, Point

PEOPLE = ("Alice", "Bob")
# [0] a link, [1] a field, [2] a list, [3] a box to tick, [4] a button; the heading has no words to touch twice.
FORM = screen(
    element("link", "Back", "main/link"),
    element("textbox", "What?", "main/form/textbox", value="", editable=True),
    element("combobox", "Payer", "main/form/combobox", value="Alice", options=PEOPLE),
    element("checkbox", "Shared", "main/form/checkbox", checked=False),
    element("button", "Save", "main/form/button", submits=True),
).model_copy(update={"width": 400, "height": 800})


def plain(intention: Intention) -> dict[str, Any]:
    """What an intention says, without what it leaves open."""
    empty = Intention(intention.kind)
    said = {name: value for name, value in vars(intention).items() if value != getattr(empty, name)}
    return {"kind": intention.kind} | {name: _plain(value) for name, value in said.items()}


def _plain(value: object) -> object:
    if isinstance(value, Point):
        return [round(value.x, 1), round(value.y, 1)]
    if isinstance(value, Box):
        return [round(n, 1) for n in (value.left, value.top, value.left + value.width, value.top + value.height)]
    return value
