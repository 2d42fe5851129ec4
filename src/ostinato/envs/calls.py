"""Calls in the words of an agent: `click('a51')` is read, never run.

A call is a name and literals in brackets, as Python writes them; anything else in the text is skipped (prose, fences),
and so is what stands behind a # outside of a call. What a call holds is parsed as syntax and taken only when all of it
is literals, so nothing that an agent (or the page that it read) writes is ever evaluated.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from ostinato.errors import UsageError

MOST_CHARACTERS = 100_000
MOST_CALLS = 50
_MOST_DEEP = 20
_START = re.compile(r"#[^\n]*|([^\W\d]\w*)[ \t\r\n]*\(")
_PIECE = re.compile(
    r"""(?:'''(?:[^\\]|\\.)*?'''|\"{3}(?:[^\\]|\\.)*?\"{3}|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\#[^\n]*|[^'"()\[\]{}\#]+)""",
    re.DOTALL,
)
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True)
class Call:
    """A name with its literals, and the text it was read from."""

    name: str
    arguments: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
    text: str = ""


def calls(text: str, known: Collection[str]) -> list[Call]:
    """All calls in a text, in their order. A bracket behind a word that is not in `known` is skipped as prose unless
    what it holds can be read.

    Raises UsageError for a known name whose bracket cannot be read, an unknown one whose bracket can, and for no call
    at all."""
    if len(text) > MOST_CHARACTERS:
        raise UsageError(f"an action of {len(text)} characters is too long; at most {MOST_CHARACTERS}")
    found: list[Call] = []
    at = 0
    while (start := _START.search(text, at)) is not None:
        at = start.end()
        name = start.group(1)
        if name is None:  # a comment
            continue
        end = _closing(text, start.end() - 1)
        call = _read(name, text[start.start() : end]) if end is not None else None
        if call is None:
            if name in known:
                raise UsageError(
                    f"{_short(text[start.start() :])} cannot be read: only literals may stand in {name}(…)"
                )
            continue
        if name not in known:
            raise UsageError(f"there is no action {name!r}; there are {', '.join(sorted(known))}")
        assert end is not None
        at = end
        found.append(call)
        if len(found) > MOST_CALLS:
            raise UsageError(f"more than {MOST_CALLS} actions at once")
    if not found:
        raise UsageError(f"there is no action in {_short(text)!r}; an action is a call such as click('12')")
    return found


def _closing(text: str, at: int) -> int | None:
    """The place behind the bracket that closes the one at `at`; None when there is none."""
    expected: list[str] = []
    while at < len(text):
        letter = text[at]
        if letter in _OPEN:
            expected.append(_CLOSE[_OPEN.index(letter)])
            if len(expected) > _MOST_DEEP:
                return None
            at += 1
        elif letter in _CLOSE:
            if expected.pop() != letter:
                return None
            at += 1
            if not expected:
                return at
        else:
            piece = _PIECE.match(text, at)
            if piece is None:  # a quotation mark that nothing closes
                return None
            at = piece.end()
    return None


def _read(name: str, source: str) -> Call | None:
    """The call that a text is; None when it holds anything but literals."""
    try:
        with warnings.catch_warnings():  # of odd escapes, which an agent may write as it likes
            warnings.simplefilter("ignore")
            node = ast.parse(source, mode="eval").body
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != name:
            return None
        arguments = tuple(_literal(one) for one in node.args)
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg in named:
                return None
            named[keyword.arg] = _literal(keyword.value)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return None
    return Call(name, arguments, named, source)


def _literal(node: ast.expr) -> Any:
    """The value of a literal: text, number, True, False, None, and lists, tuples and dicts of these. ValueError."""
    match node:
        case ast.Constant(value=str() | int() | float() | None):
            return node.value
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float() as number)) if not (
            isinstance(number, bool)
        ):
            return -number if isinstance(node.op, ast.USub) else number
        case ast.List():
            return [_literal(one) for one in node.elts]
        case ast.Tuple():
            return tuple(_literal(one) for one in node.elts)
        case ast.Dict():
            return {
                _literal(k) if k is not None else _no(): _literal(v)
                for k, v in zip(node.keys, node.values, strict=True)
            }
    raise ValueError("is no literal")


def _no() -> Any:
    raise ValueError("is no literal")


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 80 else plain[:79] + "…"
