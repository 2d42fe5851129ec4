"""Spaces of what has no fixed form: texts in any writing (Gymnasium's own must know every letter), and anything."""

from __future__ import annotations

from typing import Any

from gymnasium import spaces

_MOST_DRAWN = 16  # letters of a drawn text: what is typed at random need not be long


class Unicode(spaces.Text):
    """Any text of at most `max_length` characters. Drawn ones are short, of letters and digits."""

    def __init__(self, max_length: int, seed: Any = None) -> None:
        super().__init__(max_length, min_length=0, seed=seed)

    def contains(self, x: Any) -> bool:
        return isinstance(x, str) and len(x) <= self.max_length

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        length = int(self.np_random.integers(min(_MOST_DRAWN, self.max_length) + 1))
        letters = self.character_list
        return "".join(letters[int(self.np_random.integers(len(letters)))] for _ in range(length))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unicode) and other.max_length == self.max_length

    def __hash__(self) -> int:
        return hash((Unicode, self.max_length))

    def __repr__(self) -> str:
        return f"Unicode({self.max_length})"


class Anything(spaces.Space[Any]):
    """Any value of a Python type: what has no fixed form. A drawn one is empty."""

    def __init__(self, kind: type) -> None:
        super().__init__(None, None)
        self.kind = kind

    @property
    def is_np_flattenable(self) -> bool:
        return False

    def contains(self, x: Any) -> bool:
        return isinstance(x, self.kind)

    def sample(self, mask: Any = None, probability: Any = None) -> Any:
        return self.kind()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Anything) and other.kind is self.kind

    def __hash__(self) -> int:
        return hash((Anything, self.kind))

    def __repr__(self) -> str:
        return f"Anything({self.kind.__name__})"
