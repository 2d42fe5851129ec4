"""Setting a number on a slider: touch about the place, then step with the arrow keys."""

from __future__ import annotations

import re

from ostinato.agent.likeness import tokens
from ostinato.agent.words.reach import Lost, Work
from ostinato.trace.action import Key, Tap
from ostinato.trace.screen import Box, Element, Point, Screen

_WORDS = {"slider", "range", "slide", "seekbar"}
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_EDGE = 3.0  # pixels of the screen from the end of a slider
_MOST_STEPS = 25
_FAR = 120.0  # pixels at which a number does not speak of a slider any more


def sliders(words: str, screen: Screen) -> list[Element]:
    """The sliders of a screen, where words speak of sliders: those that say so, and those that are only drawn as one
    and have a number beside them."""
    if not any(word.removesuffix("s") in _WORDS for word in tokens(words)):
        return []
    found = [e for e in screen.elements if e.role == "slider" and e.enabled]
    if found:
        return found
    drawn = [e for e in screen.elements if e.role == "generic" and _is_drawn(e)]
    return [e for e in drawn if value_of(e, screen) is not None]


def _is_drawn(element: Element) -> bool:
    said = {*tokens(element.id or ""), *tokens(element.hint or "")}
    return bool(_WORDS & said) and max(element.box.width, element.box.height) > 3 * min(
        element.box.width, element.box.height
    )


def value_of(slider: Element, screen: Screen) -> float | None:
    """What a slider stands at: its own value, or the number that stands nearest to it."""
    if slider.value and _NUMBER.fullmatch(slider.value):
        return float(slider.value)
    numbers = [e for e in screen.elements if e.role in ("text", "status", "generic") and _NUMBER.fullmatch(e.name)]
    near = [(_apart(slider.box, e.box), number, e) for number, e in enumerate(numbers)]
    near = [one for one in near if one[0] <= _FAR]
    return float(min(near)[2].name) if near else None


def _apart(one: Box, other: Box) -> float:
    across = max(0.0, other.left - one.left - one.width, one.left - other.left - other.width)
    above = max(0.0, one.top - other.top)  # words for a slider stand behind or under it
    down = max(0.0, other.top - one.top - one.height)
    return across + down + 3 * above


def along(box: Box, part: float) -> Point:
    """A point on a slider, `part` of the way from its lowest value: from the left, or from the bottom."""
    if box.width >= box.height:
        return Point(x=box.left + _EDGE + (box.width - 2 * _EDGE) * part, y=box.center.y)
    return Point(x=box.center.x, y=box.top + box.height - _EDGE - (box.height - 2 * _EDGE) * part)


def slide(slider: Element, wanted: float, screen: Screen) -> Work:
    """Touch both ends to learn how far it goes, then about the place, then the arrow keys. Raises Lost."""
    ends: list[float] = []
    for part in (0.0, 1.0):
        screen = yield Tap(point=along(slider.box, part), element=screen.at_path(slider.path) or slider)
        ends.append(_shown(slider, screen))
    low, high = ends
    spare = 0.05 * abs(high - low) + 1  # the very ends may lie beyond what a finger touches
    if low == high or not min(ends) - spare <= wanted <= max(ends) + spare:
        raise Lost(f"the slider goes from {low:g} to {high:g}, not to {wanted:g}")
    if wanted != high:
        part = min(1.0, max(0.0, (wanted - low) / (high - low)))
        screen = yield Tap(point=along(slider.box, part), element=screen.at_path(slider.path) or slider)
    for _ in range(_MOST_STEPS):
        before = _shown(slider, screen)
        if before == wanted:
            return screen
        screen = yield Key(key="ArrowRight" if (wanted > before) is (high > low) else "ArrowLeft")
        if _shown(slider, screen) == before:
            break
    raise Lost(f"the slider does not come to {wanted:g}")


def _shown(slider: Element, screen: Screen) -> float:
    value = value_of(screen.at_path(slider.path) or slider, screen)
    if value is None:
        raise Lost("the slider shows no number")
    return value
