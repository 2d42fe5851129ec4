"""Going on with a run that was cut off: what of it still counts, and the way back to where it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.agent.decider import Choice, Handover, beside
from ostinato.trace.action import Answer, Done, Open
from ostinato.trace.record import Decision, Result, Step
from ostinato.trace.screen import Screen

_HAPPENED = "the run was cut off while this was sent; what the app keeps shows that it happened"
_UNKNOWN = "the run was cut off while this was sent; it may have happened: look, and never send it again"


def in_doubt(steps: Sequence[Step]) -> bool:
    """Whether an irreversible step was begun, and nothing tells what became of it."""
    return any(step.risk == "commit" and _doubtful(step) for step in steps)


def settled(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of runs that went on with each other, without the doubts that going on ended: a replay does a step
    again only where the data showed that it had not happened, and goes past it only where they showed that it had."""
    kept: list[Step] = []
    for n, step in enumerate(steps):
        of = step.experience
        if step.risk == "commit" and _doubtful(step) and of is not None:
            later = [s.experience.node for s in steps[n + 1 :] if s.experience is not None and s.experience.id == of.id]
            if of.node in later:
                continue
            if any(node > of.node for node in later):
                step = _known(step, happened=True)
        kept.append(step)
    return tuple(kept)


def counting(steps: Sequence[Step], happened: bool | None, keeps_its_place: bool) -> tuple[Step, ...]:
    """The steps of runs that were cut off which still count, in order.

    `happened` says what became of the irreversible ones that are in doubt (None: nobody knows). A phone that was
    killed with the run does not `keep its place`: what was filled in after the last irreversible step is lost."""
    done = [step for step in steps if not isinstance(step.action, Done | Answer)]
    kept: list[Step] = []
    last = max((n for n, step in enumerate(done) if step.risk == "commit"), default=-1)
    for n, step in enumerate(done):
        if step.result is not None and not step.result.touched and n != last:
            continue
        if step.risk == "commit" and _doubtful(step):
            if happened is False:
                continue
            step = _known(step, happened)
        elif step.result is None:  # an edit that may have been made: to make it again does no harm
            continue
        kept.append(step)
    if keeps_its_place:
        return tuple(kept)
    end = max((n for n, step in enumerate(kept) if step.risk == "commit" and _sent(step)), default=-1)
    return tuple(kept[: end + 1])


def place_after(steps: Sequence[Step], kept: Sequence[Step]) -> str | None:
    """The address of the screen on which the first step was taken that does not count any more; None where the run
    begins anew, or nobody knows."""
    if not kept:
        return None
    following = next((step for step in steps if step.index > kept[-1].index), None)
    return following.before.url if following is not None else None


def moved(steps: Sequence[Step], origin: str) -> tuple[Step, ...]:
    """The steps as if they had been taken at another origin: an app that was started again has another port."""

    def there(screen: Screen) -> Screen:
        if screen.url is None or not screen.url.startswith(screen.origin) or "://" not in screen.origin:
            return screen
        return screen.model_copy(update={"url": origin + screen.url[len(screen.origin) :]})

    return tuple(step.model_copy(update={"before": there(step.before)}) for step in steps)


def renumbered(runs: Sequence[Sequence[Step]]) -> tuple[Step, ...]:
    """The steps of runs that went on with each other, as those of one."""
    steps = [step for run in runs for step in run]
    return tuple(step.model_copy(update={"index": index}) for index, step in enumerate(steps))


@dataclass(frozen=True)
class Return:
    """Goes back to the page on which a run was cut off, before anybody else decides. `past` is how many steps of
    earlier runs stand in the history."""

    url: str
    past: int
    name: str = "return"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        if len(history) > self.past or screen.url == self.url:
            return None
        return beside(Open(url=self.url), "go back to where the run was cut off")


@dataclass(frozen=True)
class AllDone:
    """Says that the task is done, where a run was cut off after its last step."""

    name: str = "all done"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        text = "all was done when the run was cut off; the app's data show it"
        return Choice(Done(message=text), Decision(source="script", text=text))


def _known(step: Step, happened: bool | None) -> Step:
    """A step that was in doubt, with what is known of it."""
    told = Result(ok=True, events=(_HAPPENED,)) if happened else Result(ok=False, error=_UNKNOWN)
    return step.model_copy(update={"result": told, "ended": step.ended or step.started})


def _doubtful(step: Step) -> bool:
    return step.result is None or (not step.result.ok and step.result.touched)


def _sent(step: Step) -> bool:
    return step.result is not None and (step.result.ok or step.result.touched)
