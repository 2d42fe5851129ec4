"""Things in the order in which a screen shows them: line by line, at a side, the items of one list."""

from __future__ import annotations

from collections.abc import Sequence

from ostinato.agent.labels import same_line
from ostinato.agent.likeness import same_word, tokens
from ostinato.trace.screen import Element, Screen

_WAYS = {"navigation", "menu", "menubar", "tablist", "banner", "contentinfo", "toolbar"}


def of_one_list(noun: str, items: Sequence[Element], screen: Screen) -> list[Element]:
    """The items of the list that is meant: the one under words that name them, else the longest. What leads through an
    app is no list of its things."""
    ways = [e.path for e in screen.elements if e.role in _WAYS]
    groups: dict[tuple[str, str], list[Element]] = {}
    for item in items:
        if not any(item.is_inside(path) for path in ways):
            groups.setdefault((item.path.rpartition("/")[0], item.role), []).append(item)
    if not groups:
        return []
    return max(groups.values(), key=lambda group: (speaks_of(noun, group[0], screen), len(group)))


def speaks_of(noun: str, item: Element, screen: Screen) -> bool:
    """Whether the list of an item, or the last heading before it, is called by a noun."""
    place = screen.elements.index(item)
    heading = next((e.name for e in reversed(screen.elements[:place]) if e.role in ("heading", "caption")), "")
    names = [heading, *(e.name for e in screen.ancestors(item))]
    return any(same_word(noun, word) >= 0.9 for name in names for word in tokens(name))


def at_side(side: str, elements: list[Element]) -> list[Element]:
    if len(elements) < 2 or side in ("middle", "center", "centre"):
        return elements[len(elements) // 2 : len(elements) // 2 + 1] if elements else []
    across, last = side in ("left", "right"), side in ("right", "bottom")
    places = [(e.box.center.x if across else e.box.center.y) for e in elements]
    edge = max(places) if last else min(places)
    return [e for e, place in zip(elements, places, strict=True) if abs(place - edge) < 8]


def in_reading_order(elements: Sequence[Element]) -> list[Element]:
    """Line by line from the top, each from the left."""
    lines: list[list[Element]] = []
    for element in sorted(elements, key=lambda e: (e.box.center.y, e.box.left)):
        if lines and same_line(lines[-1][0].box, element.box):
            lines[-1].append(element)
        else:
            lines.append([element])
    return [element for line in lines for element in sorted(line, key=lambda e: e.box.left)]
