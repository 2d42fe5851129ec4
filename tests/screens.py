"""Screens for tests that need no browser: elements in a few words, nested by their paths."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ostinato.trace.screen import Box, Element, Screen

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def element(role: str, name: str = "", path: str = "", **more: Any) -> Element:
    """One element; its path is its role when none is given, its box a line of its own under `top`."""
    top = more.pop("top", 0.0)
    return Element(
        role=role, name=name, path=path or role, box=Box(left=10, top=top, width=200, height=30), **more
    )  # fmt: skip


def screen(*elements: Element, url: str | None = "http://here:5000/", **more: Any) -> Screen:
    """A screen of these elements, from top to bottom."""
    placed = tuple(
        e if e.box.top else e.model_copy(update={"box": e.box.model_copy(update={"top": 40.0 * number})})
        for number, e in enumerate(elements)
    )
    return Screen(width=390, height=844, elements=placed, url=url, taken=NOW, **more)


def row(number: int, *cells: str, control: str | None = None, role: str = "row") -> tuple[Element, ...]:
    """A row of cells, with a control at its end."""
    path = f"main/table/{role}[{number}]"
    shown = [element("cell", text, f"{path}/cell[{place}]") for place, text in enumerate(cells, start=1)]
    end = [element("button", control, f"{path}/button")] if control else []
    return (element(role, "", path), *shown, *end)
