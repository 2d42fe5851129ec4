"""A model that is shown no more of a run than is kept of it, and whose answers are done on the phone as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.model_decider import ModelDecider
from ostinato.agent.wording import Wording
from ostinato.trace.action import target_of
from ostinato.trace.marks import MARK
from ostinato.trace.privacy import Privacy, restored_action
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen


@dataclass
class ShownWhatIsKept:
    """Asks a model about what `kept` leaves of a screen, with marks for the values of the task; a mark that it says
    is the text that it stands for. `past` are steps of an earlier run, which are as they are stored."""

    model: ModelDecider
    privacy: Privacy
    kept: Callable[[Screen], Screen]
    past: int = 0
    _steps: dict[int, Step] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._task = self.model.task
        if self._task is not None:
            self.model.task = self.privacy.task(self._task)
        wording = self.model.wording
        if wording is not None:
            words, read = self.privacy.words(wording.own), tuple(map(self.privacy.mark, wording.read))
            own = self.model.task if self.model.task is not None and wording.own == self._task else words
            self.model.wording = Wording(own, read)
        self.model.remembered = ""

    @property
    def name(self) -> str:
        return self.model.name

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        """As `ModelDecider.decide`; what it wants to do with a text that nobody knows is handed over."""
        shown = self.kept(screen)
        told = self.privacy.task(goal) if goal == self._task else self.privacy.words(goal)
        said = self.model.decide(shown, told, self._told(history))
        if isinstance(said, Handover):
            return replace(said, goal=goal if said.goal == told else self.privacy.marks.restored(said.goal))
        if said is None:
            return None
        action = restored_action(said.action, shown, screen, self.privacy.marks)
        aimed = target_of(said.action) is not None and target_of(action) is None
        unknown = MARK.search(getattr(action, "text", "") or getattr(action, "option", "") or "")
        if aimed or unknown:
            return Handover("primitive", goal, f"{self.name} means something that stands nowhere in this run")
        return replace(said, action=action)

    def _told(self, history: tuple[Step, ...]) -> tuple[Step, ...]:
        """The steps as they are kept; each is worked out once it has its result."""
        for place, step in enumerate(history[self.past :], start=self.past):
            if place not in self._steps:
                self._steps[place] = self.privacy.step(step, self.privacy.screen(step.before))
        return (*history[: self.past], *(self._steps[n] for n in range(self.past, len(history))))
