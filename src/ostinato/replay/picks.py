"""Rows that a task describes and does not name: what the screen showed of them tells which row of the app's data goes
or changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.judge.change import Expectation
from ostinato.replay.experience import Experience, Node
from ostinato.trace.action import target_of
from ostinato.trace.columns import heading_of
from ostinato.trace.record import Step
from ostinato.trace.recordings import Row
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, slot_name
from ostinato.trace.values import slots_in


@dataclass(frozen=True)
class Shown:
    """A cell of the row that a node picks: its place inside the row, and what the recordings showed there."""

    node: int
    place: str
    found: Found


def shown_cells(nodes: Sequence[Node], rows: Sequence[Row], slots: Sequence[Found]) -> list[Shown] | None:
    """The cells of every row that was picked; None where none was."""
    picking = [node for node in nodes if node.target is not None and node.target.pick is not None]
    cells: list[Shown] = []
    for node in picking:
        steps = [step for step in rows[node.index].steps if step is not None]
        picked = [_row(node, step) for step in steps]
        if not rows[node.index].everywhere or any(row is None for row in picked):
            continue
        every = [_names(row, step.before) for row, step in zip(picked, steps, strict=True) if row is not None]
        for place in every[0]:
            if all(place in names for names in every):
                label = _label(picked[0], place, steps[0].before)
                name = slot_name(f"picked {label}", [s.name for s in (*slots, *(cell.found for cell in cells))])
                cells.append(Shown(node.index, place, Found(name, tuple(names[place] for names in every))))
    return cells if picking else None


def giving(nodes: Sequence[Node], cells: Sequence[Shown], expected: Sequence[Expectation]) -> tuple[Node, ...]:
    """The nodes with what is to be read of the rows that they pick: the cells that the expected change speaks of."""
    asked = {slot for one in expected for pattern in one.cells.values() for slot in slots_in(pattern)}
    found: list[Node] = []
    for node in nodes:
        gives = tuple((c.found.name, c.place) for c in cells if c.node == node.index and c.found.name in asked)
        if gives and node.target is not None and node.target.pick is not None:
            pick = node.target.pick.model_copy(update={"gives": gives})
            node = _with_target(node, node.target.model_copy(update={"pick": pick}))
        found.append(node)
    return tuple(found)


def picked_values(experience: Experience, steps: Sequence[Step]) -> dict[str, str]:
    """What the screens of a run showed of the rows that it picked, by the names that the expected change has for it."""
    found: dict[str, str] = {}
    for step in steps:
        if step.experience is None or step.experience.id != experience.id:
            continue
        if step.experience.node >= len(experience.nodes):
            continue
        node = experience.nodes[step.experience.node]
        if node.target is None or node.target.pick is None or not node.target.pick.gives:
            continue
        row = _row(node, step)
        if row is not None:
            found |= node.target.pick.cells(row, step.before)
    return found


def _with_target(node: Node, target: object) -> Node:
    """The node with another locator of its target, in its checks as well."""
    old = node.target
    checks = {
        phase: tuple(
            check.model_copy(update={"target": target}) if getattr(check, "target", None) == old else check
            for check in getattr(node, phase)
        )
        for phase in ("pre", "commit", "post")
    }
    return node.model_copy(update={"target": target, **checks})


def _row(node: Node, step: Step) -> Element | None:
    """The row of a step's target, as its pick sees it."""
    pick, element = node.target.pick if node.target is not None else None, target_of(step.action)
    if pick is None or element is None or not element.path.endswith(pick.target):
        return None
    return step.before.at_path(element.path[: len(element.path) - len(pick.target)])


def _names(row: Element, screen: Screen) -> dict[str, str]:
    found = {e.path[len(row.path) :]: e.name for e in screen.inside(row) if e.name}
    return {"": row.name, **found} if row.name else found


def _label(row: Element | None, place: str, screen: Screen) -> str:
    cell = screen.at_path(row.path + place) if row is not None else None
    return (heading_of(cell, screen) if cell is not None else None) or "row"
