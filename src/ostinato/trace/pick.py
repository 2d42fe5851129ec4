"""Which of several rows is meant when a task says no name: the first, the last, the one with the lowest or the highest
value in a column. Ties, values that cannot be read and lists that go on elsewhere pick none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import Literal

from ostinato.trace.columns import cell_under
from ostinato.trace.moments import as_clock, as_day, days_in
from ostinato.trace.screen import Element, Record, Screen
from ostinato.trace.values import as_number, numbers_in

How = Literal["first", "last", "lowest", "highest"]
Measure = Decimal | date | time

_ONWARDS = re.compile(
    r"(next( page)?|(load|show|see|view)( \d+)? more|more|older( posts)?|›|»|→|>|>>|weiter|nächste|mehr( anzeigen)?|"
    r"suivant|siguiente)",
    re.IGNORECASE,
)


class Pick(Record):
    """`row` is the role of the rows; `column` the heading, or `place` the path inside its row, of the cell that is
    compared (neither for the first and the last); `target` the path of what is touched, inside its row. `gives` are
    cells that tell which row it was: names for values, each with the path inside the row."""

    how: How
    row: str
    column: str | None = None
    place: str | None = None
    target: str
    gives: tuple[tuple[str, str], ...] = ()

    def words(self) -> str:
        """For people: `the row with the lowest “How much?”`."""
        if self.how in ("first", "last"):
            return f"the {self.how} {self.row}"
        return f"the {self.row} with the {self.how} {f'“{self.column}”' if self.column else 'value'}"

    def cells(self, row: Element, screen: Screen) -> dict[str, str]:
        """What a row shows in the cells that tell which it is; one that is not there is left out."""
        found = ((name, screen.at_path(row.path + place)) for name, place in self.gives)
        return {name: cell.name for name, cell in found if cell is not None and cell.name}


def picked(pick: Pick, rows: Sequence[Element], screen: Screen) -> Element | str:
    """The row that is meant among these, which stand in one list; else why there is none, in words."""
    if not rows:
        return "no such row is on the screen"
    if len({row.path.rpartition("/")[0] for row in rows}) > 1:
        return "there is more than one list of such rows"
    if pick.how == "first":
        return rows[0]
    if goes_on(screen):
        return "the list goes on where the screen does not show it"
    if pick.how == "last":
        return rows[-1]
    measured = [measure(cell_of(pick, row, screen)) for row in rows]
    known = [m for m in measured if m is not None]
    if len(known) < len(rows) or len({type(m) for m in known}) > 1:
        return "not every row has a number or a date to compare"
    best = extreme(known, pick.how)
    return rows[best] if best is not None else f"more than one row has the {pick.how} value"


def extreme(values: Sequence[Measure], how: How) -> int | None:
    """The place of the lowest, or of the highest; None when two share it."""
    ordered = sorted(range(len(values)), key=lambda n: values[n], reverse=how == "highest")
    if len(ordered) > 1 and values[ordered[0]] == values[ordered[1]]:
        return None
    return ordered[0] if ordered else None


def cell_of(pick: Pick, row: Element, screen: Screen) -> Element | None:
    """The cell of a row that is compared."""
    if pick.column is not None:
        return cell_under(pick.column, row, screen)
    return screen.at_path(row.path + pick.place) if pick.place is not None else None


def measure(cell: Element | None) -> Measure | None:
    """What a cell says that can be compared: one day, one time, or the number that it begins with."""
    if cell is None:
        return None
    text = cell.name or cell.value or ""
    moment = as_day(text) or as_clock(text)
    if moment is not None:
        return moment
    days = [day for _, day in days_in(text)]
    if days:
        return days[0] if len(days) == 1 else None
    number = as_number(text)
    if number is not None:
        return number
    written = numbers_in(text)
    return as_number(written[0]) if written and text[: text.index(written[0])].strip(" €$£¥(") == "" else None


def goes_on(screen: Screen) -> bool:
    """Whether a control leads on to more of a list."""
    return any(
        e.enabled and e.role in ("link", "button") and _ONWARDS.fullmatch(e.name.strip()) for e in screen.elements
    )
