"""Slots that one recording proposes: what was typed or chosen, or marks the row that was touched, and is said in the
task's words as a whole value. No second recording confirms that these may differ."""

from __future__ import annotations

from collections.abc import Sequence

from ostinato.trace.action import Open, Select, Type, target_of
from ostinato.trace.locator import REPEATED, container_of
from ostinato.trace.record import Step
from ostinato.trace.recordings import Row, column_of, entered, label_of
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, in_task, slot_name
from ostinato.trace.values import same_value

_CHOICES = frozenset({"radio", "checkbox", "switch", "option", "menuitemradio", "menuitemcheckbox"})
_WORDS = frozenset({"text", "cell", "gridcell", "heading", "rowheader", "img"})


def proposed_slots(rows: Sequence[Row], task: str) -> list[Found]:
    """The values of one recording that its task says, in the order of its steps, each once."""
    slots: list[Found] = []

    def add(label: str, value: str) -> None:
        said = in_task(task, value)
        if said is not None and not any(same_value(said, slot.values[0]) for slot in slots):
            slots.append(Found(slot_name(label, [slot.name for slot in slots]), (said,)))

    for step in (row.steps[0] for row in rows):
        if step is None:
            continue
        text = entered(step)
        if text is not None and isinstance(step.action, Type | Select | Open):
            add(label_of(target_of(step.action)), text)
        if (choice := chosen_among(step)) is not None:
            add(choice.role, choice.name)
        for cell in telling_cells(step):
            add(column_of(cell), cell.name)
    return slots


def chosen_among(step: Step) -> Element | None:
    """The choice that a step touched, if it is one of several that are called otherwise."""
    element = target_of(step.action)
    if element is None or element.role not in _CHOICES or not element.name:
        return None
    near = [e for e in step.before.elements if e.role == element.role and e.path != element.path]
    return element if any(e.name and not same_value(e.name, element.name) for e in near) else None


def telling_cells(step: Step) -> list[Element]:
    """What names the row (or list item, …) that a step's target stands in: of each place in it, what not all rows of
    the list have there. Where there is but one row, its words and not its controls."""
    element = target_of(step.action)
    if element is None:
        return []
    row = element if element.role in REPEATED else container_of(element, step.before, REPEATED)
    if row is None:
        return []
    others = [e for e in step.before.elements if e.role == row.role and e.path != row.path and _beside(e, row)]
    cells = [e for e in (row, *step.before.inside(row)) if e.name]
    if not others:
        return [cell for cell in cells if cell.role in _WORDS]
    return [cell for cell in cells if not _everywhere(cell, row, others, step.before)]


def _beside(one: Element, other: Element) -> bool:
    """Whether two rows stand in the same list."""
    return one.path.rpartition("/")[0] == other.path.rpartition("/")[0]


def _everywhere(cell: Element, row: Element, others: Sequence[Element], screen: Screen) -> bool:
    place = cell.path[len(row.path) :]
    there = [screen.at_path(other.path + place) for other in others]
    return all(e is None or same_value(e.name, cell.name) for e in there) and any(there)
