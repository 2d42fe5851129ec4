"""One thing that a goal asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "tap", "enter", "choose", "find", "copy", "drag", "wait", "key", "seek", "scroll", "send", "buy", "sort", "mark",
    "solve", "add", "change", "unknown",
]  # fmt: skip


@dataclass(frozen=True)
class Demand:
    """One thing to do. `target` names the thing or field in words, `value` what goes in or is chosen; `every` says that
    all things of that description are meant, `verb` is the word that was used, `case` how the value is written. A value
    with `ending` is the beginning of what is meant, and that is how it ends (or `*`, any way). `way` is where to a
    thing is moved (`up 1`, `right`, `#2`, `#-1`) or the order that things are taken in (`ascending`); `count` how many
    of several are meant; `whom` for whom something is; `parts` the values of a thing that is added. What is not
    understood is `unknown`, with its words."""

    kind: Kind
    target: str = ""
    value: str | None = None
    quoted: bool = False
    every: bool = False
    verb: str = ""
    case: str = ""
    ending: str = ""
    way: str = ""
    count: int | None = None
    whom: str = ""
    parts: tuple[str, ...] = ()
