"""Sums and equations with one unknown, as screens ask them: `2 x 4 =`, `x + 2 = 43`, `5 - ? = 3`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-", ":": "/"})
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[-+*/()]|[a-z?]")
_SUM = re.compile(r"[\d\s.+\-*/()]+")
_MOST_LETTERS = 60
Linear = tuple[Fraction, Fraction]  # how much of the unknown, and how much beside it


def answer(texts: Iterable[str]) -> str | None:
    """The answer to the first text that is a sum or an equation; None where none is."""
    for text in texts:
        found = solved(text)
        if found is not None:
            return str(found.numerator) if found.denominator == 1 else f"{float(found):g}"
    return None


def solved(text: str) -> Fraction | None:
    """The value of a sum that ends in `=` (or `= ?`), or of the one unknown of an equation; None for any other text."""
    plain = text.strip().lower().translate(_SIGNS)
    if len(plain) > _MOST_LETTERS or plain.count("=") != 1 or not re.search(r"\d", plain):
        return None
    left, right = (part.strip() for part in plain.split("="))
    if right in ("", "?"):
        left = re.sub(r"(?<=[\d)])\s*x\s*(?=[\d(-])", "*", left)
        return _value(left) if _SUM.fullmatch(left) and re.search(r"\d\s*[-+*/]", left) else None
    if re.fullmatch(r"[a-z?]", left) and not re.search(r"\d", right):
        return None
    one, other = _linear(left), _linear(right)
    if one is None or other is None or one[0] == other[0]:
        return None
    return (other[1] - one[1]) / (one[0] - other[0])


def _value(text: str) -> Fraction | None:
    found = _linear(text)
    return found[1] if found is not None and found[0] == 0 else None


def _linear(text: str) -> Linear | None:
    """A text as so much of one unknown and so much beside it; None where it is not that."""
    parts = _TOKEN.findall(text)
    if "".join(parts) != re.sub(r"\s", "", text) or len({part for part in parts if part.isalpha() or part == "?"}) > 1:
        return None
    reader = _Reader(parts)
    try:
        found = reader.sum()
    except (ArithmeticError, IndexError, ValueError):
        return None
    return found if reader.at == len(parts) else None


class _Reader:
    """Reads a sum by the rules of precedence. ValueError where it is none, or the unknown is not linear in it."""

    def __init__(self, parts: list[str]) -> None:
        self.parts, self.at = parts, 0

    def sum(self) -> Linear:
        a, b = self.product()
        while self.at < len(self.parts) and self.parts[self.at] in "+-":
            sign = 1 if self._next() == "+" else -1
            c, d = self.product()
            a, b = a + sign * c, b + sign * d
        return a, b

    def product(self) -> Linear:
        a, b = self.factor()
        while self.at < len(self.parts) and self.parts[self.at] not in "+-)":
            sign = self._next() if self.parts[self.at] in "*/" else "*"  # 2x
            c, d = self.factor()
            if (a and c) or (sign == "/" and c):
                raise ValueError("not linear")
            a, b = (a * d + b * c, b * d) if sign == "*" else (a / d, b / d)
        return a, b

    def factor(self) -> Linear:
        part = self._next()
        if part in "+-":
            a, b = self.factor()
            return (a, b) if part == "+" else (-a, -b)
        if part == "(":
            found = self.sum()
            if self._next() != ")":
                raise ValueError("a bracket is open")
            return found
        if part.isalpha() or part == "?":
            return Fraction(1), Fraction(0)
        return Fraction(0), Fraction(part)

    def _next(self) -> str:
        self.at += 1
        return self.parts[self.at - 1]
