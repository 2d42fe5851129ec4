"""GVariant's text form, in which GNOME's settings are printed: `[{'hour': <7>, 'days': <[1, 5]>}]`."""

from __future__ import annotations

import re
from typing import Any

from ostinato.errors import AppError

__all__ = ["read_variant"]

_NUMBER = re.compile(r"[-+]?(?:0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf|nan)")
_KEYWORD = re.compile(
    r"(boolean|byte|int16|uint16|int32|uint32|handle|int64|uint64|double|string|objectpath|signature)\s+"
)
_TYPE = re.compile(r"@[a-z(){}*?&]+\s*")
_WORD = re.compile(r"[a-z]+")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_CLOSED = {"[": "]", "(": ")", "{": "}", "<": ">"}
_DEEPEST = 60


def read_variant(text: str) -> Any:
    """The value: arrays as lists, tuples as tuples, dictionaries as dicts, a variant as what is in it, `nothing` as
    None. Raises AppError where the text is none, with the place."""
    reader = _Reader(text)
    value = reader.value(0)
    reader.space()
    if reader.at != len(text):
        raise reader.wrong("the end")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def wrong(self, expected: str) -> AppError:
        found = self.text[self.at : self.at + 20] or "the end"
        return AppError(f"a setting of GNOME cannot be read: expected {expected} at {self.at}, found {found!r}")

    def space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def peek(self) -> str:
        self.space()
        return self.text[self.at : self.at + 1]

    def take(self, sign: str) -> bool:
        if self.peek() != sign:
            return False
        self.at += 1
        return True

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise self.wrong(repr(sign))

    def skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found is not None

    def value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise self.wrong("something less deep")
        self.space()
        while self.skip(_TYPE) or self.skip(_KEYWORD):
            self.space()
        sign = self.peek()
        if sign == "[":
            return self.items(depth)
        if sign == "(":
            return tuple(self.items(depth))
        if sign == "{":
            return self.pairs(depth)
        if sign == "<":
            self.at += 1
            inner = self.value(depth + 1)
            self.need(">")
            return inner
        if sign in ("'", '"'):
            return self.string()
        if sign == "b" and self.text[self.at + 1 : self.at + 2] in ("'", '"'):
            self.at += 1
            return self.string()
        return self.plain()

    def items(self, depth: int) -> list[Any]:
        end = _CLOSED[self.peek()]
        self.at += 1
        found: list[Any] = []
        while not self.take(end):
            found.append(self.value(depth + 1))
            if not self.take(","):
                self.need(end)
                break
        return found

    def pairs(self, depth: int) -> dict[Any, Any]:
        self.at += 1
        found: dict[Any, Any] = {}
        while not self.take("}"):
            key = self.value(depth + 1)
            if not self.take(":") and not self.take(","):
                raise self.wrong("':'")
            if isinstance(key, list | dict):
                raise self.wrong("a simple key")
            found[key] = self.value(depth + 1)
            if not self.take(","):
                self.need("}")
                break
        return found

    def string(self) -> str:
        quote = self.text[self.at]
        self.at += 1
        said: list[str] = []
        while self.at < len(self.text):
            letter = self.text[self.at]
            self.at += 1
            if letter == quote:
                return "".join(said)
            if letter == "\\":
                letter = self.escape()
            said.append(letter)
        raise self.wrong(f"a closing {quote}")

    def escape(self) -> str:
        letter = self.text[self.at : self.at + 1]
        self.at += 1
        if letter in ("u", "U"):
            size = 4 if letter == "u" else 8
            digits = self.text[self.at : self.at + size]
            self.at += size
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError):
                raise self.wrong("the number of a letter") from None
        return _ESCAPES.get(letter, letter)

    def plain(self) -> Any:
        found = _NUMBER.match(self.text, self.at)
        if found:
            self.at = found.end()
            said = found.group()
            try:
                return int(said, 0) if said.lstrip("+-").startswith("0x") else int(said)
            except ValueError:
                return float(said)
        word = _WORD.match(self.text, self.at)
        known = {"true": True, "false": False, "nothing": None}
        if word and word.group() in known:
            self.at = word.end()
            return known[word.group()]
        if word and word.group() == "just":
            self.at = word.end()
            return self.value(1)
        raise self.wrong("a value")
