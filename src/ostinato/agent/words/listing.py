"""Things in an order: touched one after the other, sorted by dragging, moved up or down a list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostinato.agent.grounder import same_things
from ostinato.agent.order import in_reading_order
from ostinato.agent.words.demand import Demand
from ostinato.agent.words.reach import Lost, Reach, Work, tap
from ostinato.trace.action import Drag
from ostinato.trace.screen import Element, Point, Screen
from ostinato.trace.values import as_number, normal

_ITEMS = ("listitem", "row", "option", "treeitem", "article")
_MOST_MOVES = 40
_BEYOND = 0.2  # of its size: so far over the middle of another an item goes, to change places with it
_FREE = 60.0  # pixels that a thing is moved where nothing says how far
_STEP = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


def sort_key(name: str) -> tuple[int, float, str]:
    """Numbers by their value, before words by their letters."""
    number = as_number(name)
    return (1, 0.0, normal(name)) if number is None else (0, float(number), "")


def descends(way: str) -> bool:
    return way.startswith(("desc", "decr", "fall", "reverse"))


def in_order(run: Reach, demand: Demand, screen: Screen) -> list[Element]:
    """The things that words name, in the order that they are to be touched in."""
    seen = run.seen(screen)
    if re.search(r"\bnumbers?\b", demand.target, re.I):
        found = [e for e in seen.elements if e.reachable and as_number(e.name) is not None]
        found = [e for e in found if not any(o is not e and e.is_inside(o.path) for o in found)]
    else:
        found = same_things(demand.target, seen, run.embedder)
    return sorted(found, key=lambda e: sort_key(e.name), reverse=descends(demand.way))


def touch_in_order(run: Reach, demand: Demand, screen: Screen) -> Work:
    wanted = in_order(run, demand, screen)
    if not wanted:
        raise Lost(f"{demand.target} is not on the screen")
    for element in wanted:
        named = (e for e in screen.elements if e.name == element.name and e.role == element.role)
        now = next(named, None) or screen.at_point(element.box.center)  # its words may go, as in a game of memory
        if now is None:
            raise Lost(f"{element.name} is gone")
        screen = yield tap(now)
    return screen


def items_of(screen: Screen) -> list[Element]:
    """The items of the longest list on a screen, in reading order."""
    groups: dict[tuple[str, str], list[Element]] = {}
    for element in screen.elements:
        if element.role in _ITEMS:
            groups.setdefault((element.path.rpartition("/")[0], element.role), []).append(element)
    return in_reading_order(max(groups.values(), key=len)) if groups else []


def sort(run: Reach, demand: Demand, screen: Screen) -> Work:
    """Drag the items of a list until they stand in order."""
    for _ in range(_MOST_MOVES):
        items = items_of(run.seen(screen))
        names = [screen.text_of(item) for item in items]
        wanted = sorted(names, key=sort_key, reverse=descends(demand.way))
        if len(names) < 2:
            raise Lost("there is no list to sort")
        if names == wanted:
            return screen
        end = next(place for place, name in enumerate(wanted) if names[place] != name)
        screen = yield _moved(items, names.index(wanted[end], end), end)
        if [screen.text_of(item) for item in items_of(run.seen(screen))] == names:
            break
    raise Lost("the items do not change their places")


def move(run: Reach, demand: Demand, screen: Screen) -> Work:
    """Drag a thing to another place in its list, or a little way where it is in none."""
    element, screen = yield from run.reach(demand.target, screen)
    items = items_of(run.seen(screen))
    start = next((place for place, item in enumerate(items) if element.is_inside(item.path)), None)
    way, _, many = demand.way.partition(" ")
    if start is not None:
        end = int(way[1:]) if way.startswith("#") else None
        if end is not None:
            end = end - 1 if end > 0 else len(items) + end
        else:
            end = _beside(items, start, way, int(many or 1))
        if end is None or not 0 <= end < len(items):
            raise Lost(f"there is no such place in a list of {len(items)}")
        return screen if end == start else (yield _moved(items, start, end))
    if way not in _STEP:
        raise Lost(f"{demand.target} is in no list")
    dx, dy = _STEP[way]
    middle = element.box.center
    goal = Point(
        x=min(max(middle.x + dx * _FREE, 1.0), screen.width - 1.0),
        y=min(max(middle.y + dy * _FREE, 1.0), screen.height - 1.0),
    )
    return (yield Drag(start=middle, end=goal, element=element))


def _beside(items: Sequence[Element], start: int, way: str, many: int) -> int | None:
    """The place of the item that many items up, down, left or right of another, also where a list is a grid."""
    dx, dy = _STEP[way]
    own = items[start].box.center
    ahead: list[tuple[float, int]] = []
    for place, item in enumerate(items):
        x, y = item.box.center.x - own.x, item.box.center.y - own.y
        aside, far = (abs(y), x * dx) if dx else (abs(x), y * dy)
        if far > 1 and aside < 0.5 * (item.box.height if dx else item.box.width):
            ahead.append((far, place))
    return sorted(ahead)[many - 1][1] if len(ahead) >= many else None


def _moved(items: Sequence[Element], start: int, end: int) -> Drag:
    """Drag the item at one place to another, beyond its middle, or the two do not change places."""
    own, box = items[start].box, items[end].box
    dx, dy = box.center.x - own.center.x, box.center.y - own.center.y
    x = box.center.x + _sign(dx) * box.width * _BEYOND
    y = box.center.y + _sign(dy) * box.height * _BEYOND
    return Drag(start=own.center, end=Point(x=x, y=y), element=items[start])


def _sign(number: float) -> int:
    return 0 if abs(number) < 1 else 1 if number > 0 else -1
