"""The columns of a table on a screen: which heading a cell stands under, and what a row has under a heading."""

from __future__ import annotations

import re

from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import normal

_HEADERS = frozenset({"columnheader"})
_CELLS = frozenset({"cell", "gridcell", "rowheader", "columnheader"})


def heading_of(element: Element, screen: Screen) -> str | None:
    """The heading of the column that an element of a row stands in; None where the table has none."""
    headings = headings_of(element, screen)
    place = _place(element, screen)
    return headings.get(place) if place is not None else None


def cell_under(heading: str, row: Element, screen: Screen) -> Element | None:
    """What a row has under a heading; None where there is no such heading, or nothing under it."""
    for place, name in headings_of(row, screen).items():
        if normal(name) == normal(heading):
            cells = _cells(row, screen)
            return cells[place] if place < len(cells) else None
    return None


def headings_of(element: Element, screen: Screen) -> dict[int, str]:
    """The headings of the table that an element stands in, by the place of their column."""
    table = next((a for a in screen.ancestors(element) if a.role in ("table", "grid", "treegrid")), None)
    if table is None:
        return {}
    heads = [e for e in screen.inside(table) if e.role in _HEADERS]
    if not heads:
        return {}
    first = heads[0].path.rpartition("/")[0]
    cells = [e for e in screen.inside(table) if e.path.rpartition("/")[0] == first and e.role in _CELLS]
    return {n: cell.name for n, cell in enumerate(sorted(cells, key=_number)) if cell.name}


def _place(element: Element, screen: Screen) -> int | None:
    row = element if element.role == "row" else next((a for a in screen.ancestors(element) if a.role == "row"), None)
    if row is None:
        return None
    return next((n for n, cell in enumerate(_cells(row, screen)) if element.is_inside(cell.path)), None)


def _cells(row: Element, screen: Screen) -> list[Element]:
    depth = row.path.count("/") + 1
    cells = [e for e in screen.inside(row) if e.role in _CELLS and e.path.count("/") == depth]
    return sorted(cells, key=lambda e: e.box.left) if len({e.role for e in cells}) > 1 else cells


def _number(element: Element) -> int:
    found = re.search(r"\[(\d+)\]$", element.path)
    return int(found.group(1)) if found else 1
