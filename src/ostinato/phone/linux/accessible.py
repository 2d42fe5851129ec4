"""What an application tells of one thing in its window, as AT-SPI has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["HOLDERS", "WHOLE", "Accessible"]

Corners = tuple[int, int, int, int]
HOLDERS = frozenset({20, 39, 49, 67, 85})  # roles of what only holds other things: widget, panel, scroll pane, …
WHOLE = frozenset({27, 29, 116})  # roles of what has no parts that could be hit in its stead: pictures, words


@dataclass
class Accessible:
    """One thing of an application's tree. `box` is left, top, width and height within its window, None for what has no
    place. `count` is how many children it says that it has. `drawn` and `hit` are what picking says: is it drawn, and
    does a touch in its middle hit it (or what is in it)? None where picking cannot tell, and for what only holds other
    things."""

    path: str
    role: int
    name: str
    description: str
    states: int
    interfaces: frozenset[str]
    count: int = 0
    children: list[Accessible] = field(default_factory=list)
    box: Corners | None = None
    drawn: bool | None = None
    hit: bool | None = None
    placeholder: str = ""
    text: str | None = None
    value: float | None = None

    @property
    def is_popup(self) -> bool:
        """Whether it is a menu or list with a surface of its own over the window."""
        return any(child.name == "GtkPopoverContent" for child in self.children)

    @property
    def disabled(self) -> bool:
        return not self.states >> 24 & 1

    def walk(self) -> Iterable[Accessible]:
        yield self
        for child in self.children:
            yield from child.walk()
