"""Tying what a model means to the screen: the element that a number, a place or words stand for, and the action."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from ostinato.agent.formats.listing import numbered
from ostinato.agent.grounding import Grounding
from ostinato.agent.intention import Direction, Intention, called
from ostinato.errors import ModelAnswerError
from ostinato.trace.action import (
    Action,
    Answer,
    Back,
    Done,
    DoubleTap,
    Drag,
    Home,
    Key,
    LongPress,
    Open,
    Scroll,
    Select,
    Swipe,
    Tap,
    Type,
    Wait,
)
from ostinato.trace.screen import Element, Point, Screen
from ostinato.trace.values import same_value

# How far a swipe or a scroll without numbers goes, as a share of the screen.
_FAR = 0.6
_MOST_CHOICES = 30
_UNIT: dict[Direction, tuple[float, float]] = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
Spot = tuple[Point, Element | None]


def aimed(intention: Intention, screen: Screen, find: Callable[[str], Grounding], goal: str) -> Action:
    """The action that is meant. `find` grounds words; `goal` is what the user asked for, in their own words.

    Raises ModelAnswerError, in words for the model, when it means nothing that is there or that can be done."""
    match intention.kind:
        case "tap" | "double_tap" | "long_press":
            point, element = _spot(intention, screen, find)
            if element is not None and element.options:
                raise ModelAnswerError(f"{called(element)} is a list: use select with one of {_choices(element)}")
            if intention.kind == "tap":
                return Tap(point=point, element=element)
            if intention.kind == "double_tap":
                return DoubleTap(point=point, element=element)
            return LongPress(point=point, element=element)
        case "type":
            return _typed(intention, screen, find, goal)
        case "select":
            _, element = _spot(intention, screen, find)
            if element is None or not element.options:
                what = called(element) if element is not None else "that place"
                raise ModelAnswerError(f"{what} is no list of choices")
            return _selected(element, intention.option)
        case "swipe":
            return _swiped(intention, screen)
        case "scroll":
            element = _spot(intention, screen, find)[1] if _names_a_place(intention) else None
            across, down = _UNIT[intention.direction or "down"]
            return Scroll(dx=across * _FAR * screen.width, dy=down * _FAR * screen.height, element=element)
        case "drag":
            start, element = _spot(intention, screen, find)
            if intention.end is None:
                raise ModelAnswerError("a drag needs a place where it ends")
            return Drag(start=start, end=intention.end, element=element, target=screen.at_point(intention.end))
        case "key":
            return Key(key=intention.text)
        case "open":
            return Open(url=_address(intention.text, screen, goal))
        case "answer":
            return Answer(text=intention.text)
        case "done":
            return Done(
                success=intention.success, message=intention.text or ("" if intention.success else intention.reason)
            )
        case "back":
            return Back()
        case "home":
            return Home()
        case "wait":
            return Wait()


def _names_a_place(intention: Intention) -> bool:
    return intention.index is not None or intention.place is not None or bool(intention.target.strip())


def _spot(intention: Intention, screen: Screen, find: Callable[[str], Grounding], editable: bool = False) -> Spot:
    """Where to touch, and the element there: by number, by place, by words, in this order."""
    if intention.index is not None:
        element = numbered(screen, intention.index)
        if element is None:
            raise ModelAnswerError(f"there is no element {intention.index}")
        return element.box.center, element
    if intention.place is not None:
        return intention.place, _under(intention.place, screen, editable)
    if not intention.target.strip():
        raise ModelAnswerError("it is not said what to touch")
    found = find(intention.target)
    return found.point, found.element


def _under(point: Point, screen: Screen, editable: bool) -> Element | None:
    """The smallest element under a point that a touch reaches, a field before others when one types."""
    if editable:
        fields = [e for e in screen.elements if e.reachable and (e.editable or e.options) and e.box.contains(point)]
        if fields:
            return min(fields, key=lambda e: e.box.area)
    return screen.at_point(point)


def _typed(intention: Intention, screen: Screen, find: Callable[[str], Grounding], goal: str) -> Action:
    element: Element | None
    if _names_a_place(intention):
        _, element = _spot(intention, screen, find, editable=True)
        if element is None:
            raise ModelAnswerError("there is no field at that place")
    else:
        element = next((e for e in screen.elements if e.focused and (e.editable or e.options)), None)
        if element is None and not screen.keyboard:
            raise ModelAnswerError("no field has the focus: tap one first")
    if element is not None and element.options:
        return _selected(element, intention.text)
    if element is not None and not element.editable:
        raise ModelAnswerError(f"{called(element)} is no field to type into")
    if element is not None and element.password and not _says(goal, intention.text):
        raise ModelAnswerError(f"{called(element)} takes a password, and the task says none of that kind")
    return Type(text=intention.text, element=element, enter=intention.enter)


def _selected(element: Element, option: str) -> Select:
    fitting = [known for known in element.options if same_value(known, option)]
    if option in element.options or len(fitting) == 1:
        return Select(element=element, option=option if option in element.options else fitting[0])
    raise ModelAnswerError(f"{option[:80]!r} is no choice of {called(element)}; it has {_choices(element)}")


def _choices(element: Element) -> str:
    shown = ", ".join(element.options[:_MOST_CHOICES])
    return shown + (", …" if len(element.options) > _MOST_CHOICES else "")


def _swiped(intention: Intention, screen: Screen) -> Swipe:
    if intention.point is not None and intention.end is not None:
        return Swipe(start=intention.point, end=intention.end)
    across, down = _UNIT[intention.direction or "up"]
    middle, far = (screen.width / 2, screen.height / 2), _FAR / 2
    return Swipe(
        start=Point(x=middle[0] - across * far * screen.width, y=middle[1] - down * far * screen.height),
        end=Point(x=middle[0] + across * far * screen.width, y=middle[1] + down * far * screen.height),
    )


def _address(said: str, screen: Screen, goal: str) -> str:
    """An address that may be opened: of the app that is shown, or one that the user's own words name. A page could
    otherwise send a model, and what it knows, anywhere."""
    wanted = said.strip()
    try:
        place = urlsplit(wanted)
        host = place.hostname or ""
    except ValueError:
        raise ModelAnswerError(f"{wanted[:80]!r} is no address") from None
    if _says_address(goal, wanted):
        return wanted
    same = screen.url is not None and place.scheme in ("http", "https") and _site(wanted) == _site(screen.origin)
    if same or (place.scheme in ("http", "https") and _says_address(goal, host)):
        return wanted
    raise ModelAnswerError(
        f"{wanted[:80]!r} is outside of {screen.origin or 'this app'}, and the task does not name it"
    )


def _site(address: str) -> tuple[str, str]:
    place = urlsplit(address)
    return place.scheme.lower(), place.netloc.lower()


def _says(goal: str, text: str) -> bool:
    """Whether a text stands in the goal letter by letter, and is no part of a word there."""
    if not text:
        return False
    before = r"(?<![^\W_])" if text[0].isalnum() else ""
    after = r"(?![^\W_])" if text[-1].isalnum() else ""
    return re.search(before + re.escape(text) + after, goal) is not None


def _says_address(goal: str, wanted: str) -> bool:
    """Whether an address stands in the goal as a whole: `https://shop.example` is no part of
    `https://shop.example.org/`."""
    ends = r"(?=$|[\s\"'”’»)>]|[.,;:!?]+(?:$|[\s\"'”’»)]))"
    return bool(wanted) and re.search(rf"(?<![^\s\"'“‘«(<]){re.escape(wanted)}{ends}", goal, re.IGNORECASE) is not None
