"""Looking something up where the app shows it at once: no step is taken that changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.plans.artefact import read_screen
from ostinato.agent.plans.subtasks import Wanted
from ostinato.trace.action import Done
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Screen


@dataclass(frozen=True)
class Onlooker:
    """Says Done when the screen shows all that is wanted, and else leaves it to those after it."""

    wanted: Mapping[str, Wanted]
    name: str = field(default="onlooker")

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        missing = [name for name, wanted in self.wanted.items() if not read_screen(wanted, screen)]
        if missing:
            return Handover("plan", goal, f"the screen does not show {', '.join(f'{{{name}}}' for name in missing)}")
        seen = ", ".join(wanted.about or name for name, wanted in self.wanted.items())
        return Choice(Done(message=f"shown: {seen}"), Decision(source="script", level="plan", text=f"read {seen}"))
