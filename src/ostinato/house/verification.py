"""Whether an experience does what it says: played on an app in its first state, and judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ostinato.errors import OstinatoError, UsageError
from ostinato.house.finished import Finished
from ostinato.house.house import House
from ostinato.judge.change import changes
from ostinato.phone.apps.app import App
from ostinato.phone.phone import Phone
from ostinato.replay.experience import Experience
from ostinato.replay.match import Match
from ostinato.replay.trials import trials, words
from ostinato.trace.action import Action
from ostinato.trace.record import TEMPORARY, Step
from ostinato.trace.screen import Screen


@dataclass(frozen=True)
class Trial:
    """One run with some values; `problems` say why it was not clean, in words."""

    task: str
    values: dict[str, str]
    run: str | None
    problems: tuple[str, ...]

    @property
    def clean(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class Verification:
    """What the runs of an experience showed; `verified` that all were clean, and it is used from now on."""

    experience: Experience
    trials: tuple[Trial, ...]

    @property
    def verified(self) -> bool:
        return bool(self.trials) and all(trial.clean for trial in self.trials)


def verify(
    house: House,
    experience: Experience,
    *,
    phone: Phone,
    app: App | None,
    app_name: str | None,
    url: str | None = None,
    login: dict[str, Any] | None = None,
    place: str | None = TEMPORARY,
    approve: Callable[[Action, Screen], bool],
    times: int = 2,
    begin: Callable[[str], None] = lambda task: None,
    watch: Callable[[Step], None] = lambda step: None,
) -> Verification:
    """Play an experience `times` times, each time on a reset app, by nobody else's help; when all runs were clean, it
    is verified. The first run that is not clean ends it.

    The runs are kept, and counted for nothing. Raises UsageError for what cannot be tried or judged."""
    if experience.data is None and not experience.success:
        raise UsageError(
            f"experience {experience.id} v{experience.version} knows no sign of the end and no change of data: nothing "
            "tells whether a run of it was right; learn it from recordings that show it"
        )
    sets = trials(experience, times)
    if not sets:
        raise UsageError(
            f"experience {experience.id} v{experience.version} has no example of its values to be tried with"
        )
    done: list[Trial] = []
    for number, values in enumerate(sets):
        if number:
            if app is not None:
                app.reset()
            house.begin_again(phone, app, url, login)
        task = words(experience, values)
        begin(task)
        try:
            finished = house.replay(
                task,
                phone=phone,
                app=app,
                app_name=app_name,
                approve=approve,
                place=place,
                chosen=Match(experience, values),
                again=True,
                meta={"verifies": f"{experience.id} v{experience.version}"},
                watch=watch,
                counted=False,
            )
        except OstinatoError as error:
            done.append(Trial(task, values, None, (str(error),)))
            break
        if finished.trace.status == "interrupted":
            raise KeyboardInterrupt
        done.append(Trial(task, values, finished.trace.id, tuple(_problems(house, experience, finished))))
        if done[-1].problems:
            break
    found = Verification(experience, tuple(done))
    standing = house.repository.standing
    if found.verified and standing is not None and experience.status in ("candidate", "learnt"):
        where = app_name if app is not None else url
        standing.put(experience.id, experience.version, "verified", f"{len(done)} clean runs on {where}")
    return found


def _problems(house: House, experience: Experience, finished: Finished) -> list[str]:
    """Why a run is no proof; empty for a clean one."""
    trace, verdict = finished.trace, finished.verdict
    if trace.status != "done":
        return [
            trace.outcome.reason if trace.outcome is not None and trace.outcome.reason else f"it ended {trace.status}"
        ]
    said = []
    if finished.repaired is not None:
        it = finished.repaired
        said.append(f"the app is not as it was learnt; repaired as {it.id}.v{it.version}, which can be verified")
    if verdict is None or verdict.value != "yes":
        reasons = "; ".join(verdict.reasons) if verdict is not None else "nothing tells whether it was right"
        said.append(f"judged {verdict.value if verdict is not None else 'not at all'}: {reasons}")
    if experience.data is None and trace.data.before is not None and trace.data.after is not None:
        made = changes(house.store.data(trace.data.before), house.store.data(trace.data.after))
        said += [f"it changes the app's data and does not say so: {change.words()}" for change in made[:3]]
    return said
