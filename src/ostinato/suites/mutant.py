"""Labelled mutants: a task done in another way than it should be, or in the right way by another path.

A mutation gives the script that is run instead of the task's own. Whether the task is done after it is not taken from
its kind: the data say so (`Task.wrong`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from ostinato.agent.script import Do

Values = dict[str, str]
Kind = Literal[
    "unsaved",  # the right words on the right screen, and not saved
    "unfinished",  # ended before the last steps, on a screen that shows it
    "wrong_value",  # another amount, another text
    "wrong_choice",  # another person, another note
    "twice",  # sent twice
    "extra_edit",  # all is done, and something else as well
    "undone",  # done, and taken back at the end
    "no_done",  # all is done, and nobody says so
    "other_path",  # done by another path
]
Mutation = Callable[[Values, random.Random], Sequence[Do]]
Mutations = Mapping[Kind, Mutation]


def near_amount(amount: str, rng: random.Random) -> str:
    """Another amount that looks like this one: a digit more, the point elsewhere, cents off."""
    number = float(amount)
    others = [f"{number * 10:.2f}", f"{number + 0.01:.2f}", f"{number + 1:.2f}", f"{int(number)}.{rng.randrange(10)}5"]
    return rng.choice([other for other in others if float(other) != number])


def misspelt(text: str, rng: random.Random) -> str:
    """Another text that looks like this one: its last letter gone, or a word more."""
    return rng.choice([text[:-1].rstrip(), f"{text} x", f"{text}{rng.randrange(10)}"])


def another(choice: str, choices: Sequence[str], rng: random.Random) -> str:
    """One of the choices that this is not."""
    return rng.choice([other for other in choices if other != choice])
