"""What an experience expects of a run: rules for the judge, and the app's data, which are waited for."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ostinato.judge.change import changes, compare
from ostinato.judge.check import DataChange
from ostinato.judge.substate import Rules, Substate
from ostinato.phone.apps.app import App
from ostinato.replay.match import Match
from ostinato.replay.picks import picked_values
from ostinato.trace.action import Select
from ostinato.trace.data import AppData
from ostinato.trace.record import Step
from ostinato.trace.values import normal

# How long an app may take to write what was done, in seconds (TiddlyWiki saves up to two seconds later).
DATA_TIMEOUT = 5.0
# The same for a recording, which does not say what to wait for.
RECORDED_TIMEOUT = 2.0
# How long the data must stay as expected to be taken for the end: a second save may follow the first.
STEADY = 0.4


def rules_of(chosen: Match, steps: Sequence[Step], *, screens: bool = True) -> Rules | None:
    """What an experience says must be true after a run of these steps, as rules for the judge; of the data alone
    without `screens`."""
    found = chosen.experience
    substates = [
        Substate(id=f"end_{number}", when="final", checks=(check,), source="recordings")
        for number, check in enumerate(found.success if screens else (), start=1)
    ]
    if found.data is not None:
        stored = Substate(id="stored", kind="data", checks=(DataChange(expected=found.data),), source="recordings")
        substates.insert(0, stored)
    if not substates:
        return None
    return Rules(
        task=found.templates[0],
        app=found.app,
        values=as_chosen(chosen, steps),
        substates=tuple(substates),
        steps=found.steps,
    )


def as_chosen(chosen: Match, steps: Sequence[Step]) -> dict[str, str]:
    """The values of a task, those that were chosen from a list as the list writes them: `bob` chose Bob. And what the
    screens showed of the rows that the task describes and does not name."""
    values = {**chosen.values, **picked_values(chosen.experience, steps)}
    for step in steps:
        if isinstance(step.action, Select) and step.experience is not None:
            text = chosen.experience.nodes[step.experience.node].text or ""
            for slot, value in chosen.values.items():
                if text == "{" + slot + "}" and normal(value) == normal(step.action.option):
                    values[slot] = step.action.option
    return values


def data_of(app: App | None) -> AppData | None:
    """The app's data as they are now; None for what keeps none that can be read."""
    return app.data() if app is not None else None


def data_after(
    app: App | None, before: AppData | None, chosen: Match | None, steps: tuple[Step, ...]
) -> AppData | None:
    """The app's data once they show what is expected (without an experience: anything new), or when the time for
    that is over. A run that sent nothing is not waited for."""
    sent = any(s.risk != "read" and (s.result is None or s.result.touched) for s in steps)
    expected = chosen.experience.data if chosen is not None else None
    give_up = time.monotonic() + (DATA_TIMEOUT if expected else RECORDED_TIMEOUT)
    while True:
        after = data_of(app)
        if before is None or after is None or not sent or (chosen is not None and not expected):
            return after
        if expected and chosen is not None:
            settled = compare(before, after, expected, as_chosen(chosen, steps))[0] == "true"
        else:
            settled = bool(changes(before, after)) or not any(s.risk == "commit" for s in steps)
        if settled:
            time.sleep(STEADY)
            if data_of(app) == after:
                return after
        if time.monotonic() > give_up:
            return data_of(app)
        time.sleep(0.05)
