"""Locators that find, in every recording, the element which its step touched."""

from __future__ import annotations

from collections.abc import Sequence

from ostinato.errors import LearnError
from ostinato.trace.locator import REPEATED, Container, Locator, container_of, find, says
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, generalise, values_of
from ostinato.trace.superlatives import described
from ostinato.trace.values import holds_value, normal


def locate(
    elements: Sequence[Element], screens: Sequence[Screen], slots: list[Found], where: str, tasks: Sequence[str] = ()
) -> Locator:
    """What the elements share, with just enough more that it finds each of them, clearly, on its own screen. Where no
    value of the tasks names its row, it may be the one that they describe.

    Raises LearnError, beginning with `where`, when nothing tells one of them apart."""
    name = _shared([e.name for e in elements], slots)
    identity = _shared([e.id for e in elements], slots)
    placeholder = _shared([e.placeholder for e in elements], slots)
    plain = Locator(
        role=elements[0].role,
        name=name,
        id=identity if identity and "{" not in identity else None,
        placeholder=placeholder,
        path=elements[0].path if len({e.path for e in elements}) == 1 else None,
        box=elements[0].box if len({e.path for e in elements}) == 1 else None,
    )
    loose = plain.model_copy(update={"path": None, "box": None})
    value = _shared([e.value for e in elements], slots)
    holder = _container(elements, screens, slots)
    tries = [loose.model_copy(update={"container": holder})] if holder and holder.texts else []
    if holder and not (name or plain.id or placeholder) and (labels := _labels(elements, screens)):
        labelled = holder.model_copy(update={"texts": (*holder.texts, *labels)})
        tries.append(loose.model_copy(update={"container": labelled}))
    if tasks and holder and not holder.texts and (said := _said(elements, screens, tasks)):
        tries.append(loose.model_copy(update={"container": holder.model_copy(update={"texts": said})}))
    if tasks and not loose.slots and not (holder and holder.texts):
        tries += _described(elements, screens, tasks, loose)
    tries += [plain] if not plain.slots else [loose]
    if holder:
        tries.append(loose.model_copy(update={"container": holder}))
    if value:
        tries.append(loose.model_copy(update={"value": value}))
    for locator in tries:
        if all(_finds(locator, e, screens[j], slots, j) for j, e in enumerate(elements)):
            return locator
    raise LearnError(f"{where}: {elements[0].role} “{elements[0].name}” cannot be told apart from others on its screen")


def _described(
    elements: Sequence[Element], screens: Sequence[Screen], tasks: Sequence[str], loose: Locator
) -> list[Locator]:
    """A locator that picks the row which the tasks describe."""
    found = [_row(e, s) for e, s in zip(elements, screens, strict=True)]
    rows = [row for row in found if row is not None]
    pick = described(elements, rows, screens, tasks) if len(rows) == len(elements) else None
    return [loose.model_copy(update={"id": None, "pick": pick})] if pick is not None else []


def _row(element: Element, screen: Screen) -> Element | None:
    return element if element.role in REPEATED else container_of(element, screen, REPEATED)


def _finds(locator: Locator, element: Element, screen: Screen, slots: list[Found], j: int) -> bool:
    found = find(locator, screen, values_of(slots, j))
    return found is not None and found.path == element.path


def _shared(texts: Sequence[str | None], slots: list[Found]) -> str | None:
    known = [t for t in texts if t]
    return generalise(known, slots) if known and len(known) == len(texts) else None


def _container(elements: Sequence[Element], screens: Sequence[Screen], slots: list[Found]) -> Container | None:
    """The rows (or list items, …) the elements stand in, with the slots whose values mark them."""
    holders = [container_of(e, s, REPEATED) or container_of(e, s) for e, s in zip(elements, screens, strict=True)]
    if any(h is None for h in holders) or len({h.role for h in holders if h}) != 1:
        return None
    if holders[0] is not None and holders[0].role not in REPEATED:
        return Container(role=holders[0].role)
    words = [s.text_of(h) for h, s in zip(holders, screens, strict=True) if h is not None]
    role = next(h.role for h in holders if h is not None)
    texts = tuple(
        "{" + slot.name + "}"
        for slot in slots
        if all(holds_value(w, v) for w, v in zip(words, slot.values, strict=True))
    )
    rows = [(h, s) for h, s in zip(holders, screens, strict=True) if h is not None]
    whole = tuple(
        "{" + slot.name + "}"
        for slot in slots
        if all(says(holder, value, screen) for (holder, screen), value in zip(rows, slot.values, strict=True))
    )
    return Container(role=role, texts=texts, whole=whole)


def _labels(elements: Sequence[Element], screens: Sequence[Screen]) -> tuple[str, ...]:
    """The words beside the elements in their rows (or list items, …) that all recordings share: for elements without
    a name, a better sign than their position."""
    found: list[str] = []
    for cells in beside(elements, screens):
        name = cells[0].name
        if all(normal(c.name) == normal(name) for c in cells) and cells[0].path != elements[0].path:
            found.append(name)
    return tuple(dict.fromkeys(found))


def _said(elements: Sequence[Element], screens: Sequence[Screen], tasks: Sequence[str]) -> tuple[str, ...]:
    """The words in the rows that all recordings share and all tasks say: they name a row that is always the same."""
    found: list[str] = []
    for cells in beside(elements, screens):
        name = cells[0].name
        shared = all(normal(c.name) == normal(name) for c in cells) and cells[0].path != elements[0].path
        if shared and all(holds_value(task, name) for task in tasks):
            found.append(name)
    return tuple(dict.fromkeys(found))


def beside(elements: Sequence[Element], screens: Sequence[Screen]) -> list[list[Element]]:
    """For each place in the rows that the elements stand in, what all recordings have there."""
    columns: list[dict[str, Element]] = []
    for element, screen in zip(elements, screens, strict=True):
        row = container_of(element, screen, REPEATED)
        if row is None:
            return []
        columns.append({e.path[len(row.path) :]: e for e in screen.inside(row) if e.name})
    shared = [place for place in columns[0] if all(place in column for column in columns)]
    return [[column[place] for column in columns] for place in shared]
