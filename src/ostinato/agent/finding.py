"""Looking for something that words name and the screen does not show: by scrolling, down and then up, then in the
parts of a screen that scroll by themselves.

Nothing is kept between two decisions: how far a search has come stands in the history, in the words of its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from ostinato.agent.decider import Choice, beside
from ostinato.trace.action import Scroll, target_of
from ostinato.trace.locator import REPEATED
from ostinato.trace.record import Step
from ostinato.trace.screen import Element, Screen

MOST_SCROLLS = 24
_MOST_EACH = 8  # in one direction
_FAR = 0.7  # of what is seen: something stays in view, so that nothing is jumped over
_LEAST_HEIGHT = 120.0  # pixels of a part that scrolls
_PARTS = frozenset({"list", "listbox", "feed", "grid", "table", "tree", "region", "dialog", "menu", "log", "tabpanel"})
Way = Literal["down", "up"]


def begin(words: str, screen: Screen, history: Sequence[Step]) -> Choice | None:
    """The first scroll of a search; None where the same was just looked for in vain."""
    found = _search(words, history)
    return None if found else _scroll(words, "down", None, screen)


def sought(history: Sequence[Step]) -> str | None:
    """What is being looked for: the last step was a scroll of a search."""
    if not history or not history[-1].decision.aside or not isinstance(history[-1].action, Scroll):
        return None
    return _words(history[-1])


def go_on(screen: Screen, history: Sequence[Step], is_there: Callable[[str], bool]) -> Choice | None:
    """The next scroll of a search that is under way; None when there is none, it has found, or it is over."""
    words = sought(history)
    if words is None or is_there(words):
        return None
    steps = _search(words, history)
    if len(steps) >= MOST_SCROLLS:
        return None
    last = steps[-1]
    way: Way = "down" if _dy(last) > 0 else "up"
    part = target_of(last.action)
    same_part = [s for s in steps if _path(s) == (part.path if part else None)]
    in_this_way = [s for s in same_part if (_dy(s) > 0) == (way == "down")]
    moved = last.before.elements != screen.elements
    if moved and len(in_this_way) < _MOST_EACH:
        return _scroll(words, way, part, screen)
    if way == "down":
        return _scroll(words, "up", part, screen)
    tried = {_path(s) for s in steps}
    inner = next((e for e in _parts(screen) if e.path not in tried), None)
    return _scroll(words, "down", inner, screen) if inner is not None else None


def _scroll(words: str, way: Way, part: Element | None, screen: Screen) -> Choice:
    height = part.box.height if part is not None else screen.height
    far = _FAR * min(height, screen.height)
    where = f" in {part.role} “{part.name}”" if part is not None else ""
    text = f"look for “{words}”: scroll {way}{where}"
    return beside(Scroll(dy=far if way == "down" else -far, element=part), text)


def _search(words: str, history: Sequence[Step]) -> list[Step]:
    """The scrolls of a search at the end of a history; what was done else ends it."""
    found: list[Step] = []
    for step in reversed(history):
        if step.decision.aside and isinstance(step.action, Scroll) and _words(step) == words:
            found.append(step)
        else:
            break
    return found[::-1]


def _words(step: Step) -> str | None:
    text = step.decision.text
    if not text.startswith("look for “") or "”: scroll" not in text:
        return None
    return text.removeprefix("look for “").partition("”: scroll")[0]


def _dy(step: Step) -> float:
    return step.action.dy if isinstance(step.action, Scroll) else 0.0


def _path(step: Step) -> str | None:
    part = target_of(step.action)
    return part.path if part is not None else None


def _parts(screen: Screen) -> list[Element]:
    """What may scroll by itself: parts with more in them than they show, the largest first."""
    shown = [e for e in screen.elements if e.role in _PARTS and _in_view(e, screen) and e.box.height >= _LEAST_HEIGHT]
    full = [e for e in shown if any(not _within(inner, e) for inner in screen.inside(e)) or _is_long(e, screen)]
    return sorted(full, key=lambda e: -e.box.area)[:3]


def _is_long(element: Element, screen: Screen) -> bool:
    return sum(e.role in REPEATED for e in screen.inside(element)) >= 4


def _within(inner: Element, outer: Element) -> bool:
    return outer.box.top - 1 <= inner.box.top and (
        inner.box.top + inner.box.height <= outer.box.top + outer.box.height + 1
    )


def _in_view(element: Element, screen: Screen) -> bool:
    return 0 <= element.box.center.x <= screen.width and -1 <= element.box.top < screen.height
