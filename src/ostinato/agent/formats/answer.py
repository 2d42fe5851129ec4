"""Reading what a model answered: the fields of its JSON by type, its coordinates in the picture.

Whatever is wrong is a ModelAnswerError in words that can be sent back to the model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ostinato.agent.intention import DIRECTIONS, Direction
from ostinato.errors import ModelAnswerError
from ostinato.model.json_answer import Written, json_in
from ostinato.trace.screen import Box, Point, Screen

Space = Literal["pixels", "thousand"]
_SLACK = 1.0  # pixels of the picture: a box may end on its edge, after rounding
_SHOWN = 60
# How models call keys, and how the DOM does. Others are taken as they are when the DOM knows them.
_KEYS = {
    "enter": "Enter", "return": "Enter", "esc": "Escape", "escape": "Escape", "tab": "Tab", "space": " ", " ": " ",
    "backspace": "Backspace", "delete": "Delete", "del": "Delete", "home": "Home", "end": "End",
    "pageup": "PageUp", "page_up": "PageUp", "pagedown": "PageDown", "page_down": "PageDown",
    "up": "ArrowUp", "down": "ArrowDown", "left": "ArrowLeft", "right": "ArrowRight",
    "arrowup": "ArrowUp", "arrowdown": "ArrowDown", "arrowleft": "ArrowLeft", "arrowright": "ArrowRight",
}  # fmt: skip


def object_in(text: str) -> Fields:
    """The one JSON object in an answer; a list of just one counts as it."""
    value = json_in(text)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise ModelAnswerError(f"one JSON object is expected, not {_shown(value)}")
    return Fields(value)


@dataclass(frozen=True)
class Fields:
    """An object of an answer, read field by field. A field that is null counts as not given."""

    values: dict[str, Any]

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, *names: str, default: str | None = None) -> str:
        """A text by the first of these names that is given."""
        for name in names:
            if self.has(name):
                value = self.values[name]
                if not isinstance(value, str):
                    raise ModelAnswerError(f"`{name}` must be a text, not {_shown(value)}")
                return _unpaired(value)
        if default is None:
            raise ModelAnswerError(f"`{names[0]}` is missing")
        return default

    def typed(self, *names: str) -> str:
        """A text to type; a number is taken as it is written."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, Written):
                return value.text
            if isinstance(value, int) and not isinstance(value, bool):
                return str(value)
        return self.text(*names)

    def choice(self, name: str, known: Sequence[str], default: str | None = None) -> str:
        """One of some words, whatever their case."""
        said = self.text(name, default=default).strip().lower()
        if said not in known:
            raise ModelAnswerError(f"`{name}` must be one of {', '.join(known)}, not {_shown(said)}")
        return said

    def direction(self, name: str = "direction") -> Direction:
        return direction(self.text(name))

    def flag(self, name: str, default: bool = False) -> bool:
        if not self.has(name):
            return default
        value = self.values[name]
        if not isinstance(value, bool):
            raise ModelAnswerError(f"`{name}` must be true or false, not {_shown(value)}")
        return value

    def whole(self, name: str) -> int:
        if not self.has(name):
            raise ModelAnswerError(f"`{name}` is missing")
        value = self.values[name]
        if isinstance(value, bool) or not isinstance(value, int):
            raise ModelAnswerError(f"`{name}` must be a whole number, not {_shown(value)}")
        return value

    def numbers(self, name: str, count: int) -> tuple[float, ...]:
        """So many numbers in a list; a pair may also be {"x": …, "y": …}."""
        value = self.values.get(name)
        if count == 2 and isinstance(value, dict) and value.keys() == {"x", "y"}:
            value = [value["x"], value["y"]]
        if not isinstance(value, list) or len(value) != count:
            raise ModelAnswerError(f"`{name}` must be a list of {count} numbers, not {_shown(value)}")
        for one in value:
            if isinstance(one, bool) or not isinstance(one, int | float):
                raise ModelAnswerError(f"`{name}` must hold numbers, not {_shown(one)}")
        return tuple(value)

    def inner(self, name: str) -> Fields:
        """An object within; one that is written as a text of JSON is read, too. Nothing counts as an empty one."""
        value = self.values.get(name)
        if isinstance(value, str):
            return object_in(value)
        if value is None:
            return Fields({})
        if not isinstance(value, dict):
            raise ModelAnswerError(f"`{name}` must be an object, not {_shown(value)}")
        return Fields(value)


@dataclass(frozen=True)
class View:
    """The picture as a model gives coordinates in it: `width` and `height` are the greatest it may name, `screen`
    what they are of. In `pixels` of the picture that was shown (`scale` of the screenshot), or in thousandths."""

    screen: Screen
    scale: float = 1.0
    space: Space = "pixels"

    @property
    def width(self) -> float:
        return 1000.0 if self.space == "thousand" else self.screen.width * self.scale

    @property
    def height(self) -> float:
        return 1000.0 if self.space == "thousand" else self.screen.height * self.scale

    def point(self, numbers: Sequence[float], where: str) -> Point:
        """A point of the screenshot."""
        x, y = (
            self._inside(number, most, where) for number, most in zip(numbers, (self.width, self.height), strict=True)
        )
        return Point(x=x / self.width * self.screen.width, y=y / self.height * self.screen.height)

    def box(self, numbers: Sequence[float], where: str) -> Box:
        """A box of the screenshot from left, top, right, bottom."""
        first, last = self.point(numbers[:2], where), self.point(numbers[2:], where)
        if last.x < first.x or last.y < first.y:
            raise ModelAnswerError(f"`{where}` ends before it begins: left, top, right, bottom are expected")
        return Box(left=first.x, top=first.y, width=last.x - first.x, height=last.y - first.y)

    def shown(self, point: Point) -> list[int]:
        """A point of the screenshot as the model would write it."""
        return [
            min(max(0, round(point.x * self.width / self.screen.width)), int(self.width)),
            min(max(0, round(point.y * self.height / self.screen.height)), int(self.height)),
        ]

    def _inside(self, number: float, most: float, where: str) -> float:
        # A whole number can be too large for a float: compare first.
        if not -_SLACK <= number <= most + _SLACK:  # also no NaN
            raise ModelAnswerError(
                f"`{where}` lies outside of the picture: {_shown(number)} is not between 0 and {most:g}"
            )
        return min(max(0.0, float(number)), most)


def direction(said: str) -> Direction:
    """One of the four, whatever its case."""
    plain = said.strip().lower()
    for known in DIRECTIONS:
        if plain == known:
            return known
    raise ModelAnswerError(f"the direction must be one of {', '.join(DIRECTIONS)}, not {_shown(said)}")


def key_name(said: str) -> str:
    """A key by the name that the DOM has for it."""
    plain = said.strip()
    if plain.lower() in _KEYS:
        return _KEYS[plain.lower()]
    if said == " ":
        return " "
    if len(plain) == 1 and plain.isprintable():
        return plain
    if re.fullmatch(r"F([1-9]|1[0-2])", plain):
        return plain
    raise ModelAnswerError(f"there is no key {_shown(said)} here; one key at a time can be pressed: Enter, Tab, …")


def _unpaired(text: str) -> str:
    """The text without halves of characters, which JSON can write and no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _shown(value: object) -> str:
    try:
        said = repr(value)
    except (ValueError, RecursionError):  # more figures, or deeper, than Python prints
        return "that"
    return said if len(said) <= _SHOWN else said[: _SHOWN - 1] + "…"
