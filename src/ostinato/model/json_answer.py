"""The JSON in what a model said, with whatever stands around it. What is wrong is a ModelAnswerError, in words that can
be sent back to the model."""

from __future__ import annotations

import json
import re
from typing import Any

from ostinato.errors import ModelAnswerError

_START = re.compile(r'\{(?=\s*["}])|\[(?=\s*\{)')


class Written(float):
    """A number that remembers how it was written: 42.50 as a text to type is not 42.5."""

    text: str

    def __new__(cls, text: str) -> Written:
        number = super().__new__(cls, text)
        number.text = text
        return number


def without_thoughts(text: str) -> str:
    """The answer of a model that thinks aloud, after its thoughts. What it only thinks of doing is no answer."""
    answer = text.rpartition("</think>")[2]
    if "<think>" in answer:
        raise ModelAnswerError("the answer ends within its thoughts; think less")
    return answer


def json_in(text: str) -> Any:
    """The one JSON value (an object, or a list of objects) in an answer, with whatever stands around it."""
    text = without_thoughts(text)
    found: list[Any] = []
    at = 0
    while (start := _START.search(text, at)) is not None:
        try:
            value, at = _DECODER.raw_decode(text, start.start())
            found += [] if value in found else [value]
        except ValueError as error:
            raise ModelAnswerError(f"the JSON is cut off or broken: {error}") from None
        except RecursionError:
            raise ModelAnswerError("the JSON is nested too deep") from None
    if not found:
        raise ModelAnswerError("there is no JSON object in the answer")
    if len(found) > 1:
        raise ModelAnswerError(f"there are {len(found)} different JSON values in the answer; give one")
    return found[0]


def _no_constant(name: str) -> Any:
    raise ModelAnswerError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found and found[name] != value:
            raise ModelAnswerError(f"`{name}` is given twice")
        found[name] = value
    return found


_DECODER = json.JSONDecoder(parse_float=Written, parse_constant=_no_constant, object_pairs_hook=_once)
