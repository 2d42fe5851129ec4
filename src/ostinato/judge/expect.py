"""The change of an app's data that recordings of one task share."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ostinato.errors import LearnError
from ostinato.judge.change import Change, Expectation, changes, differ_by, is_copied
from ostinato.trace.data import AppData
from ostinato.trace.record import Trace
from ostinato.trace.slots import Found, generalise
from ostinato.trace.values import holds_value, same_value, slots_in

UNTOLD = "the_row_that_was_picked"  # a slot that never has a value: what it asks for is not known
_SLOT_ALONE = re.compile(r"\{\w+\}")


def expected_change(
    traces: Sequence[Trace],
    slots: list[Found],
    data: Callable[[str], AppData],
    told: Sequence[Found] | None = None,
    turns: bool = False,
) -> tuple[Expectation, ...] | None:
    """The change of the app's data that all recordings made, with slots; None when it was not kept or differs. `told`
    is what the screens showed of rows that no value of the tasks names (None where there are none): it tells which row
    of the data goes or changes. Where it does not, the answer will be unknown. In `turns`, traces that stand here
    several times did something with several values; to each of them belongs what is about its own.

    Raises LearnError for a new or changed row of which nothing is known: such an expectation would take any row."""
    seen: list[list[Change]] = []
    for trace in traces:
        if trace.data.before is None or trace.data.after is None:
            return None
        made = changes(data(trace.data.before), data(trace.data.after))
        seen.append(sorted(made, key=lambda c: (c.table, c.operation, repr(sorted(c.row.items(), key=str)))))
    if not turns and len({tuple((c.table, c.operation) for c in made) for made in seen}) != 1:
        return None
    if turns:
        seen = _in_turns(traces, seen, slots)
        if len({tuple((c.table, c.operation) for c in made) for made in seen}) != 1:
            return None
    befores = [data(trace.data.before or "") for trace in traces]
    before = befores[0]
    days = [t.started.astimezone().date().isoformat() for t in traces]
    found: list[Expectation] = []
    for group in _paired(seen, slots):
        table = before.tables.get(group[0].table)
        expected = _expectation(group, table.key if table else (), slots, days, told)
        expected = expected.model_copy(update={"copies": _copies(group, expected, slots, befores)})
        if (
            group[0].operation != "removed"
            and group[0].row
            and not (expected.cells or expected.holds or expected.gains or expected.loses)
        ):
            raise LearnError(
                f"the recordings {group[0].operation} a row of {group[0].table} in which nothing is alike and nothing "
                "is said by the tasks; say in the task what goes into it"
            )
        found.append(expected)
    return tuple(found)


def _in_turns(traces: Sequence[Trace], seen: list[list[Change]], slots: list[Found]) -> list[list[Change]]:
    """Of each turn the changes that are about its own values, or about none that differs from turn to turn. Where one
    row holds the values of several turns, each sees it with its own alone."""
    found: list[list[Change]] = []
    for j, made in enumerate(seen):
        turns = [k for k, trace in enumerate(traces) if trace.id == traces[j].id]
        varying = [s for s in slots if len({s.values[k] for k in turns}) > 1]
        mine: list[Change] = []
        for change in made:
            said = {k: sum(_speaks_of(change, s.values[k]) for s in varying) for k in turns}
            best = max(said.values())
            if best == 0:
                mine.append(change)
            elif said[j] == best:
                others = [s.values[k] for s in varying for k in turns if k != j and said[k] == best]
                mine.append(_alone(change, [s.values[j] for s in varying], others))
        found.append(mine)
    return found


def _speaks_of(change: Change, value: str) -> bool:
    """Whether a row that changed holds a value, or held it before."""
    cells = [*change.row.values(), *(change.before or {}).values()]
    return any(holds_value(_written(cell), value) for cell in cells)


def _alone(change: Change, own: Sequence[str], others: Sequence[str]) -> Change:
    """A change as one of several turns made it: without the words that other turns added, with those they took away."""
    if change.operation == "removed" or not others:
        return change
    after = dict(change.after or {})
    for column, now in after.items():
        was = (change.before or {}).get(column)
        if not isinstance(now, str) or now == was:
            continue
        if isinstance(was, str) and any(holds_value(was, v) and not holds_value(now, v) for v in own):
            after[column] = _without(was, [v for v in own if not holds_value(now, v)])
        else:
            after[column] = _without(now, [v for v in others if not holds_value(_written(was), v)])
    return Change(change.table, change.operation, change.before, after)


def _without(text: str, values: Sequence[str]) -> str:
    for value in values:
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "", text, flags=re.IGNORECASE)
    return text


def _paired(seen: list[list[Change]], slots: list[Found]) -> list[list[Change]]:
    """Which change of each recording is which change of the first: those whose cells the slots explain best."""
    groups = [[change] for change in seen[0]]
    for j, made in enumerate(seen[1:], start=1):
        two = [Found(s.name, (s.values[0], s.values[j])) for s in slots]
        pairs = [(i, k) for i in range(len(groups)) for k in range(len(made)) if _kind(groups[i][0]) == _kind(made[k])]
        taken: set[int] = set()
        for i, k in sorted(pairs, key=lambda pair: -_explained(groups[pair[0]][0], made[pair[1]], two)):
            if len(groups[i]) == j and k not in taken:
                groups[i].append(made[k])
                taken.add(k)
    return groups


def _kind(change: Change) -> tuple[str, str]:
    return change.table, change.operation


def _explained(one: Change, other: Change, slots: list[Found]) -> int:
    """How well two rows fit: cells that differ as a slot does count double, those that do not though a slot says so
    count against it, those that are the same count once."""
    pairs = [(_written(one.row.get(column)), _written(other.row.get(column))) for column in one.row]
    return sum(_fitness(pair, slots) for pair in pairs)


def _fitness(pair: tuple[str, str], slots: list[Found]) -> int:
    named = [slot for slot in slots if same_value(pair[0], slot.values[0]) or same_value(pair[1], slot.values[1])]
    if any(same_value(pair[0], slot.values[0]) and same_value(pair[1], slot.values[1]) for slot in named):
        return 2
    if named and same_value(*pair):
        return -2
    return 1 if generalise(pair, slots) is not None else 0


def _expectation(
    group: Sequence[Change],
    key: tuple[str, ...],
    slots: list[Found],
    days: list[str],
    told: Sequence[Found] | None,
) -> Expectation:
    cells: dict[str, str] = {}
    was: dict[str, str] = {}
    holds: dict[str, str] = {}
    gains: dict[str, str] = {}
    loses: dict[str, str] = {}
    free: list[str] = []
    operation = group[0].operation
    moved = {c for change in group for c in change.columns_changed} if operation == "changed" else set()
    fixed: dict[str, str] = {}
    for column in group[0].row:
        raw = [change.row.get(column) for change in group]
        if column in key and all(isinstance(v, int) for v in raw):
            continue
        texts = [_written(v) for v in raw]
        kept = operation != "added" and column not in moved  # what a row was before does not depend on the day
        pattern = _cell(texts, slots, [] if kept else days)
        changed = operation == "changed"
        unsure = pattern is None or (len(group) == 1 and not _SLOT_ALONE.fullmatch(pattern))
        moves = _moves(group, column, slots) if unsure and column in moved else None
        if moves is not None:
            (gains if moves[0] == "gains" else loses)[column] = moves[1]
        elif pattern is None:
            said = _contained(group, column, slots)
            holds.update({column: said} if said else {})
            free += [column] if column in moved else []
        elif operation == "added" or (changed and column in moved) or "{" in pattern:
            cells[column] = pattern
        else:
            fixed[column] = pattern
        if changed and column in moved:
            old = _cell([_written((change.before or {}).get(column)) for change in group], slots, [])
            if old is not None and "{" in old:
                was[column] = old
    if len(group) == 1 and operation == "changed":
        cells = _named_once(cells, moved, (*gains.values(), *loses.values()))
    named = [pattern for column, pattern in cells.items() if column not in moved and "{" in pattern]
    if operation != "added" and told is not None and not named:
        cells |= _shown(group, moved, told) or {next(iter(group[0].row)): "{" + UNTOLD + "}"}
    elif operation != "added" and not named and not was and len({tuple(c.row.get(k) for k in key) for c in group}) == 1:
        cells |= fixed  # the tasks do not say which row it is: it is always this one
    return Expectation(
        table=group[0].table,
        operation=operation,
        cells=cells,
        was=was,
        holds=holds,
        gains=gains,
        loses=loses,
        free=tuple(free),
    )


def _cell(texts: Sequence[str], slots: list[Found], days: list[str]) -> str | None:
    """The pattern of a cell: a slot, the day of the recording, or what all have. Of what one recording alone has, only
    the part that a slot explains is known to come again."""
    pattern = generalise(texts, slots)
    if texts == days and not (pattern and _SLOT_ALONE.fullmatch(pattern)):
        return "{today}"
    if len(set(texts)) == 1 and pattern and slots_in(pattern) and not _SLOT_ALONE.fullmatch(pattern):
        return None
    return pattern


def _shown(group: Sequence[Change], moved: set[str], told: Sequence[Found]) -> dict[str, str]:
    """The cells that a row of the data shares with the row that was picked on the screen, in every recording."""
    found: dict[str, str] = {}
    for column in group[0].row:
        cells = [_written(change.row.get(column)) for change in group]
        fitting = [one for one in told if all(same_value(c, v) and v for c, v in zip(cells, one.values, strict=True))]
        if column not in moved and fitting:
            found[column] = "{" + fitting[0].name + "}"
    return found


def _named_once(cells: dict[str, str], moved: set[str], told: Sequence[str]) -> dict[str, str]:
    """The cells of one changed row, without those that hold by chance what the change itself is about: who is left out
    of a bill may have paid it."""
    about = {slot for pattern in (*told, *(cells[c] for c in moved if c in cells)) for slot in slots_in(pattern)}
    named = [column for column, pattern in cells.items() if column not in moved and slots_in(pattern)]
    twice = [column for column in named if set(slots_in(cells[column])) <= about]
    return {c: pattern for c, pattern in cells.items() if c not in twice or len(twice) == len(named)}


def _copies(
    group: Sequence[Change], expected: Expectation, slots: list[Found], befores: Sequence[AppData]
) -> dict[str, str]:
    """Cells of an added row that nothing explains but a row which a slot names: that of a copy."""
    if group[0].operation != "added":
        return {}
    found: dict[str, str] = {}
    for column in group[0].row:
        if column in {*expected.cells, *expected.holds} or len({str(c.row.get(column)) for c in group}) < 2:
            continue
        for slot in slots:
            trios = zip(group, slot.values, befores, strict=True)
            if all(is_copied(c.row.get(column), c.table, column, value, before) for c, value, before in trios):
                found[column] = "{" + slot.name + "}"
                break
    return found


def _moves(group: Sequence[Change], column: str, slots: list[Found]) -> tuple[str, str] | None:
    """The slot whose words every recording's cell gained, or lost, and nothing else."""
    cells = [((change.before or {}).get(column), change.row.get(column)) for change in group]
    for slot in slots:
        pairs = list(zip(cells, slot.values, strict=True))
        if all(differ_by(after, before, value) for (before, after), value in pairs):
            return "gains", "{" + slot.name + "}"
        if all(differ_by(before, after, value) for (before, after), value in pairs):
            return "loses", "{" + slot.name + "}"
    return None


def _contained(group: Sequence[Change], column: str, slots: list[Found]) -> str | None:
    """A slot whose value every recording's cell holds now and did not hold before."""
    for slot in slots:
        if all(
            holds_value(_written(change.row.get(column)), value)
            and not (change.before and holds_value(_written(change.before.get(column)), value))
            for change, value in zip(group, slot.values, strict=True)
        ):
            return "{" + slot.name + "}"
    return None


def _written(cell: object) -> str:
    return "" if cell is None else ("true" if cell else "false") if isinstance(cell, bool) else str(cell)
