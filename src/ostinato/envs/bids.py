"""BrowserGym's ids of elements on our screens: numbers, the same for the same place as long as an episode lasts."""

from __future__ import annotations

from ostinato.errors import UsageError
from ostinato.trace.screen import Element, Screen


class Bids:
    """Numbers the places (paths) of elements as they are first seen. Plain text has a number, too: on a phone it may
    be what is touched."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        self._seen: dict[str, tuple[str, str, str | None]] = {}

    def see(self, screen: Screen) -> None:
        """Give a number to everything on a screen that has none yet. It is the screen that an agent is shown: what it
        says next is meant for what is there."""
        for element in screen.elements:
            if element.path not in self._of:
                bid = str(len(self._of) + 1)
                self._of[element.path] = bid
                self._paths[bid] = element.path
        self._seen = {element.path: _what(element) for element in screen.elements}

    def of(self, element: Element) -> str | None:
        return self._of.get(element.path)

    def find(self, bid: object, screen: Screen) -> Element:
        """The element of an id on a screen. UsageError when there is none, or something else has taken the place of
        what was shown there."""
        if not isinstance(bid, str):
            raise UsageError(f"an element is named by a string, such as '12'; got {bid!r}")
        path = self._paths.get(bid)
        element = screen.at_path(path) if path is not None else None
        if path is None or element is None or path not in self._seen:
            raise UsageError(f"there is no element with the bid {bid!r} on the screen")
        if _what(element) != self._seen[path]:
            raise UsageError(f"what had the bid {bid!r} is not there any more")
        return element


def _what(element: Element) -> tuple[str, str, str | None]:
    return element.role, element.name, element.id
