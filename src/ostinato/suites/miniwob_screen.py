"""What solvers look for on the screens of MiniWoB++ pages, and the moves that follow.

Whatever is not there is a LookupError: the page may still be on its way to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from ostinato.suites.miniwob_solver import Move
from ostinato.trace.action import Drag, Scroll, Tap, Type
from ostinato.trace.screen import Element, Point, Screen

_HEAD = 50  # the page's words stand in the first 50 of its own pixels


def every(screen: Screen, *roles: str) -> list[Element]:
    """The elements of these roles, in tree order."""
    return [element for element in screen.elements if element.role in roles]


def one(screen: Screen, role: str, name: str | None = None, id: str | None = None, nth: int = 1) -> Element:
    """The nth element of a role with this name and id."""
    found = [e for e in every(screen, role) if name in (None, e.name) and id in (None, e.id)]
    if len(found) < nth:
        raise LookupError(f"there is no {role} “{name or id or nth}” on the screen")
    return found[nth - 1]


def shows(screen: Screen, text: str) -> bool:
    return any(e.name == text for e in screen.elements)


def ended(screen: Screen) -> bool:
    """Whether the cover lies over the page that ends an episode."""
    return shows(screen, "END")


def below(screen: Screen) -> list[Element]:
    """What lies below the page's words, on a page that was not scrolled."""
    return [element for element in screen.elements if element.box.top >= _HEAD * screen.scale]


def first(elements: Iterable[Element], wanted: Callable[[Element], bool], what: str) -> Element:
    found = next((element for element in elements if wanted(element)), None)
    if found is None:
        raise LookupError(f"there is no {what} on the screen")
    return found


def tap(element: Element, among: Sequence[Element] = ()) -> Move:
    """A tap on an element; `among` are those that could be taken for it."""
    return Move(_tap(element), tuple(_tap(other) for other in among if other.path != element.path))


def _tap(element: Element) -> Tap:
    return Tap(point=element.box.center, element=element)


def press(screen: Screen, name: str) -> Move:
    """A tap on the button of this name."""
    return tap(one(screen, "button", name))


def enter(element: Element, text: str, others: Sequence[str] = ()) -> Move:
    """Typing into a field; `others` are texts that could be typed by mistake."""
    move = Type(text=text, element=element)
    return Move(move, tuple(move.model_copy(update={"text": other}) for other in others if other != text))


def near(number: int) -> tuple[str, ...]:
    """Numbers that are easily taken for this one."""
    return tuple(str(other) for other in (number + 1, number - 1, number * 10, -number) if other != number)


def drag(element: Element, end: Point, others: Sequence[Point] = ()) -> Move:
    """Pick an element up at its middle and let it go at a point."""

    def to(point: Point) -> Drag:
        return Drag(start=element.box.center, end=point, element=element)

    return Move(to(end), tuple(to(other) for other in others))


def scroll(element: Element, pixels: float) -> Move:
    return Move(Scroll(dy=pixels, element=element))


def ordinal(words: str) -> int:
    """3 for `3rd`."""
    found = re.match(r"\d+", words)
    if found is None:
        raise LookupError(f"“{words}” is no ordinal number")
    return int(found.group())
