"""Artefacts that rules do not find: a model reads the last screens, and is believed where its words stand on them."""

from __future__ import annotations

from ostinato.agent.asking import Asking
from ostinato.agent.formats import artefact as form
from ostinato.agent.plans.artefact import Artefact, shown_in, valid
from ostinato.agent.plans.subtasks import Wanted
from ostinato.errors import CheckFailed
from ostinato.trace.record import Trace
from ostinato.trace.screen import Screen

_MOST_SCREENS = 3


def read_by_model(name: str, wanted: Wanted, trace: Trace, asking: Asking) -> Artefact:
    """What one of the last screens of a run shows, the last one first. Raises CheckFailed where none shows it, or it is
    not of its type; ModelError, ModelAnswerError and BudgetSpent as the model gives cause."""
    for step, screen in list(reversed(shown_in(trace)))[:_MOST_SCREENS]:

        def read(text: str, shown: Screen = screen) -> tuple[str, ...]:
            return form.parse(text, wanted, shown)

        found = asking.ask(form.messages(wanted, screen), read, form.SCHEMA)
        if found:
            return valid(name, wanted, found, "screen", trace.id, step)
    raise CheckFailed(
        f"{{{name}}} ({wanted.about or wanted.type}): {asking.chat.name} finds it on none of the last screens"
    )
