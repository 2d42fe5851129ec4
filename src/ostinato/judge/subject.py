"""What a question about a screen is about: its content words, and the values that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.trace.values import as_date, as_number, holds_value, normal, numbers_in

# Words that every question may hold, and words of success: whoever repeats them says nothing of the screen.
_COMMON_WORDS = """
a an the this that these those there here it its is are was were be been being has have had do does did not no of on in
at to for from by with as and or if then than so only just now already still currently any some all each every which
what who whose when where how whether one can could may must should will would user phone app application screen page
view window display displays displayed show shows shown showing visible see seen open opens opened contain contains
containing hold holds holding field button text value element item list says reads done success successful successfully
complete completed correct correctly task test verdict judge true false yes state substate claim pass passed reached
fulfilled finished goal evidence answer
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_QUOTED = re.compile(r"[“\"„«‘]([^“”\"„«»‘’]{1,200})[”\"“»’]|(?<!\w)'([^']{1,200})'(?!\w)")
TASK = "task_description"  # the slot for all words of a task, which rules of MobiFlow have
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+")
_STEM = 4


@dataclass(frozen=True)
class Subject:
    """`words` are folded; `values` are those of slots, numbers and words in quotation marks, as they are written. A
    date is no value here: apps write it in their own ways."""

    words: frozenset[str]
    values: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.values)

    def missing_in(self, texts: Sequence[str]) -> str | None:
        """The first value that none of the texts holds; None when each stands somewhere."""
        return next((value for value in self.values if not any(_stands_in(text, value) for text in texts)), None)

    def is_named_in(self, text: str) -> bool:
        """Whether a text holds one of the words, in some form (`bill` in `bills`), or one of the values."""
        if any(holds_value(text, value) for value in self.values):
            return True
        body, theirs = normal(text), _tokens(text)
        return any(
            word in body if _WITHOUT_SPACES.search(word) else any(_alike(word, other) for other in theirs)
            for word in self.words
        )


def subject_of(question: str, values: dict[str, str]) -> Subject:
    """What a question is about; false when it names nothing that could be found on a screen. The words of the whole
    task are no value: no screen shows that sentence. What they quote, and their numbers, are."""
    quoted = [a or b for a, b in _QUOTED.findall(question)]
    slots = [v for name, v in values.items() if name != TASK and v.strip() and holds_value(question, v)]
    named = [value for value in (*slots, *quoted, *numbers_in(question)) if as_date(value) is None]
    return Subject(frozenset(_tokens(question) - _COMMON), tuple(dict.fromkeys(named)))


def _tokens(text: str) -> set[str]:
    """The words of a text, folded; of a script without spaces each pair of letters."""
    folded = normal(text)
    pairs = {run[k : k + 2] for run in _WITHOUT_SPACES.findall(folded) for k in range(len(run) - 1)}
    return pairs | set(re.findall(r"[^\W_]+", _WITHOUT_SPACES.sub(" ", folded)))


def _stands_in(text: str, value: str) -> bool:
    """Whether a value stands in a text; of one with figures in it, spaces aside (`6:45AM` in `6:45 AM`)."""
    if holds_value(text, value):
        return True
    if as_number(value) is not None or not any(map(str.isdigit, value)):
        return False
    apart = r"\s*".join(re.escape(c) for c in normal(value) if not c.isspace())
    return re.search(rf"(?<![^\W_]){apart}(?![^\W_])", normal(text)) is not None


def _alike(one: str, other: str) -> bool:
    """Whether two words are one in two forms: they begin alike, and end apart by a few letters."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _STEM and long.startswith(short) and len(long) - len(short) < _STEM)
