"""What guards a run: those who clear its way, the border it stays within, what a model may send, what is approved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ostinato.agent.decider import Decider
from ostinato.agent.guards.interruption import Interruptions
from ostinato.agent.guards.mandate import Mandate
from ostinato.agent.guards.permission import May, Permissions, order
from ostinato.agent.guards.popup import Popups
from ostinato.agent.guards.repetition import Repetition
from ostinato.agent.guards.waiting import Waiting
from ostinato.agent.model_decider import ModelDecider
from ostinato.agent.plans.onlooker import Onlooker
from ostinato.agent.wording import Wording
from ostinato.agent.words.lexical import LexicalDecider
from ostinato.errors import UsageError
from ostinato.phone.apps.app import App
from ostinato.phone.border import Border, border_of
from ostinato.replay.replayer import Replayer
from ostinato.settings import Settings
from ostinato.trace.action import Action, describe
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen


@dataclass(frozen=True)
class Guards:
    """The guards as the settings want them; `ask` puts a question to the user, where there is one."""

    settings: Settings
    ask: Callable[[str], bool] | None = None

    def may(self) -> May:
        """What becomes of a wish for a permission. Raises UsageError where nobody can be asked."""
        return order(self.settings.permissions, self.ask is not None, self.ask or (lambda question: False))

    def guarded(self, deciders: Sequence[Decider], border: Border | None, agents: bool) -> list[Decider]:
        """The deciders, with those who clear the way: after a replay, which is asked first where it can go on, and
        before whoever decides then. With `agents` that is anybody, else a model or the words of the task: who records,
        an environment and the script of a benchmark see the screen as it is, and are helped where they give up."""
        clear: list[Decider] = [Permissions(self.may()), Popups(), Interruptions(border)]
        known = (ModelDecider, LexicalDecider)
        for place, one in enumerate(deciders):
            if isinstance(one, known):
                return [*deciders[:place], *clear, Repetition(), Waiting(), *deciders[place:]]
            if agents and not isinstance(one, Replayer | Onlooker):
                return [*deciders[:place], *clear, Waiting(), *deciders[place:]]
        return [*deciders, *clear]

    def border(self, task: str, app: App | None, name: str | None, deciders: Sequence[Decider]) -> Border | None:
        """Where a run of these deciders may go."""
        places = [app.url, *app.origins] if app is not None else [name] if name is not None else []
        by_model = any(isinstance(decider, ModelDecider) for decider in deciders)
        return border_of(task, places, self.settings.allow_domains, self.settings.allow_apps, by_model)

    def objection(
        self, wording: Wording, preferred: Sequence[str] = ()
    ) -> Callable[[Action, Screen, Sequence[Step]], str | None]:
        """What a model may not send, by the task's own words and the preferences that were used or told for it; the
        user is asked where there is one."""
        mandate, ask = Mandate(wording.own, (*wording.read, *preferred)), self.ask

        def objection(action: Action, screen: Screen, history: Sequence[Step]) -> str | None:
            why = mandate.objection(action, screen, history)
            return None if why is None or (ask is not None and ask(f"{why}. Do it all the same?")) else why

        return objection


def approver(policy: str | None, interactive: bool, ask: Callable[[str], bool]) -> Callable[[Action, Screen], bool]:
    """What `--commits` means; without a terminal the default is to refuse."""
    chosen = policy or ("ask" if interactive else "refuse")
    if chosen == "ask" and not interactive:
        raise UsageError("--commits ask needs a terminal; use --commits allow or --commits refuse")
    if chosen == "allow":
        return lambda action, screen: True
    if chosen == "ask":
        return lambda action, screen: ask(f"This cannot be taken back: {describe(action)}. Do it?")
    return lambda action, screen: False
