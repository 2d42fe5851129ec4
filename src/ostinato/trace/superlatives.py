"""Learn which row a task describes (the first, the cheapest, the newest …): what is true of the touched row in every
recording, tells it from all others, and is said in every task."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from decimal import Decimal

from ostinato.errors import LearnError
from ostinato.trace.columns import cell_under, headings_of
from ostinato.trace.pick import How, Measure, Pick, extreme, goes_on, measure
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import normal

_NUMBER, _DAY = "number", "day"

# A word, what it says of a row, and of which kind of column.
_WORDS: tuple[tuple[str, How, str], ...] = (
    (r"first|top|topmost|uppermost|erste[rsn]?|premi[eè]re?|primer[oa]?|prim[oa]", "first", "place"),
    (r"last|bottom|bottommost|final|letzte[rsn]?|derni[eè]re?|[uú]ltim[oa]", "last", "place"),
    (r"cheapest|least expensive|billigste[rsn]?|g[uü]nstigste[rsn]?|moins ch[eè]re?|barat[oa]", "lowest", _NUMBER),
    (r"lowest|smallest|least|fewest|minimum|kleinste[rsn]?|niedrigste[rsn]?|plus petite?", "lowest", _NUMBER),
    (r"dearest|most expensive|priciest|costliest|teuerste[rsn]?|plus ch[eè]re?", "highest", _NUMBER),
    (r"highest|largest|biggest|greatest|most|maximum|gr[oö](ß|ss)te[rsn]?|h[oö]chste[rsn]?", "highest", _NUMBER),
    (r"oldest|earliest|[aä]lteste[rsn]?|fr[uü]heste[rsn]?|plus ancien(ne)?", "lowest", _DAY),
    (r"newest|latest|most recent|youngest|neueste[rsn]?|neuste[rsn]?|plus r[eé]cente?", "highest", _DAY),
)
_LONGER = re.compile(r"\b(most recent|most expensive|least expensive|at least|at most)\b")


def described(
    elements: Sequence[Element], rows: Sequence[Element], screens: Sequence[Screen], tasks: Sequence[str]
) -> Pick | None:
    """How the tasks describe the rows that these elements stand in, one a recording; None where they do not.

    Raises LearnError where more than one column would do."""
    target = {e.path[len(row.path) :] for e, row in zip(elements, rows, strict=True)}
    if len(target) != 1 or len({row.role for row in rows}) != 1:
        return None
    place = target.pop()
    lists = [_list(row, place, e, screen) for e, row, screen in zip(elements, rows, screens, strict=True)]
    if any(len(alike) < 2 for alike in lists):
        return None
    for how, kind in _said(tasks):
        if how in ("first", "last"):
            end = 0 if how == "first" else -1
            shown = how == "first" or not any(goes_on(screen) for screen in screens)
            if shown and all(alike[end].path == row.path for alike, row in zip(lists, rows, strict=True)):
                return Pick(how=how, row=rows[0].role, target=place)
            continue
        if any(goes_on(screen) for screen in screens):
            continue
        columns = [c for c in _columns(lists, screens) if _is_extreme(c, how, kind, lists, rows, screens)]
        named = [c for c in columns if c[0] and any(normal(c[0]).strip("?:.") in normal(task) for task in tasks)]
        fitting = named or columns
        if len(fitting) > 1:
            raise LearnError(
                f"the row that was touched has the {how} value in more than one column "
                f"({', '.join(c[0] or c[1] for c in fitting)}); say in the task which is meant"
            )
        if fitting:
            heading, cell = fitting[0]
            return Pick(
                how=how, row=rows[0].role, column=heading or None, place=None if heading else cell, target=place
            )
    return None


def _said(tasks: Sequence[str]) -> list[tuple[How, str]]:
    """What every task says of a row."""
    found: list[tuple[How, str]] = []
    for pattern, how, kind in _WORDS:
        if all(_has(pattern, normal(task)) for task in tasks) and (how, kind) not in found:
            found.append((how, kind))
    return found


def _has(pattern: str, task: str) -> bool:
    """Whether a word stands in a task, and not inside a longer expression that says something else."""
    for found in re.finditer(rf"\b(?:{pattern})\b", task):
        longer = [m for m in _LONGER.finditer(task) if m.start() <= found.start() and found.end() <= m.end()]
        if not longer or any(m.span() == found.span() for m in longer):
            return True
    return False


def _list(row: Element, place: str, element: Element, screen: Screen) -> list[Element]:
    """The rows beside a row, itself among them, that have such an element at the same place, from top to bottom."""
    above = row.path.rpartition("/")[0]
    return [
        e
        for e in screen.of_roles(frozenset({row.role}))
        if e.path.rpartition("/")[0] == above
        and (there := screen.at_path(e.path + place)) is not None
        and there.role == element.role
    ]


def _columns(lists: Sequence[Sequence[Element]], screens: Sequence[Screen]) -> Iterator[tuple[str, str]]:
    """The columns that all rows of all recordings have: a heading, or else a place inside the row."""
    headings = [headings_of(alike[0], screen) for alike, screen in zip(lists, screens, strict=True)]
    if all(headings):
        for name in dict.fromkeys(headings[0].values()):
            if all(name in found.values() for found in headings):
                yield name, ""
        return
    places = [
        {e.path[len(row.path) :] for e in screen.inside(row) if e.name}
        for alike, screen in zip(lists, screens, strict=True)
        for row in alike
    ]
    shared = set.intersection(*places) if places else set()
    for place in sorted(shared):
        if not any(other != place and place.startswith(other + "/") for other in shared):
            yield "", place


def _is_extreme(
    column: tuple[str, str],
    how: How,
    kind: str,
    lists: Sequence[Sequence[Element]],
    rows: Sequence[Element],
    screens: Sequence[Screen],
) -> bool:
    heading, place = column
    for alike, row, screen in zip(lists, rows, screens, strict=True):
        cells = [cell_under(heading, e, screen) if heading else screen.at_path(e.path + place) for e in alike]
        values = [measure(cell) for cell in cells]
        known: list[Measure] = [v for v in values if v is not None]
        wanted: tuple[type, ...] = (Decimal,) if kind == _NUMBER else (date, time)
        if len(known) < len(values) or not all(isinstance(v, wanted) for v in known):
            return False
        if len({type(v) for v in known}) > 1:
            return False
        best = extreme(known, how)
        if best is None or alike[best].path != row.path:
            return False
    return True
