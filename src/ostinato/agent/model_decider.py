"""A language model as a decider: shown the screen, asked for the next action, believed only as far as it can be tied
to what is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ostinato.agent import finding
from ostinato.agent.aim import aimed
from ostinato.agent.asking import Asking
from ostinato.agent.budget import Budget
from ostinato.agent.decider import Choice, Handover
from ostinato.agent.formats.format import Format
from ostinato.agent.grounder import unsure
from ostinato.agent.grounding import Grounder, Grounding
from ostinato.agent.guards import repetition
from ostinato.agent.intention import Intention, called
from ostinato.agent.picture import shrunk
from ostinato.agent.sight import UNREADABLE, Sight, touching, untied
from ostinato.agent.wording import Wording
from ostinato.errors import ModelAnswerError, SetupError
from ostinato.judge.untrusted import harmless
from ostinato.model.chat import Chat, Message
from ostinato.trace.action import Action, Done, describe
from ostinato.trace.record import Decision, Step, Tokens
from ostinato.trace.screen import Screen

_ELSEWHERE = 0.5  # what fits words worse than that is not what they name: that may be out of view


class _NotShown(Exception):
    """What is named is not on the screen: it is looked for, beginning with this."""

    def __init__(self, first: Choice) -> None:
        super().__init__()
        self.first = first


@dataclass
class ModelDecider:
    """Decides by a model in a format. An answer that cannot be used is sent back once with what is wrong with it;
    then the decider hands over, saying so: it never does again what it did before, nor anything that was not said.

    `grounder` finds words on the screen; where it is unsure `eyes`, a model that sees, are asked. `sight` reads what a
    screen without a tree shows. `picture` gives the screenshot of a sha256, shown at `factor` of its size to formats
    that need one. `task` is the whole task, of which a goal may be one step; `wording` says which of its words are the
    user's own; `remembered` is what it is told of memories. `say` is told what a person may want to know meanwhile.

    Raises SetupError where the format needs a model that sees, and this one does not."""

    chat: Chat
    format: Format
    grounder: Grounder | None = None
    sight: Sight | None = None
    budget: Budget = field(default_factory=Budget)
    eyes: Grounder | None = None
    picture: Callable[[str], bytes] | None = None
    factor: float = 0.5
    task: str | None = None
    wording: Wording | None = None
    remembered: str = ""
    most_tokens: int = 1024
    say: Callable[[str], None] = lambda text: None

    def __post_init__(self) -> None:
        if self.format.needs_picture and not (self.chat.sees and self.picture is not None):
            raise SetupError(
                f"the format {self.format.name} shows pictures, and {self.chat.name} sees none: name a model that sees "
                "(OSTINATO_MODEL_SEES=true), or use OSTINATO_AGENT_FORMAT=element_index"
            )
        self._asking = Asking(self.chat, self.budget, self.most_tokens, say=self.say)

    @property
    def name(self) -> str:
        return f"{self.chat.name} ({self.format.name})"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        """The model's next action; a handover when it gives none that can be done, or goes round in circles.

        Raises BudgetSpent, and ModelError when the model cannot be reached."""
        unread = self.sight is not None and self.sight.lacks(screen)
        if unread:
            self.say(UNREADABLE)
        looking = finding.go_on(screen, history, lambda words: self._is_there(words, self._seen(screen)))
        if looking is not None:
            return looking
        self.budget.allow(sum(step.decision.source == "model" for step in history))
        self._asking.heard.clear()
        if self.task is not None and goal != self.task:
            self.say(f"handed over: {goal}")
        seconds, tokens = self.budget.seconds, self.budget.tokens
        try:
            meant, action, how = self._ask(screen, goal, history)
            if isinstance(action, Done) and action.success and self.task is not None and goal != self.task:
                self.say("the model takes this step for done; it is asked for the whole task")
                meant, action, how = self._ask(screen, self.task, history)
        except _NotShown as search:
            return search.first
        except ModelAnswerError as error:
            return Handover("primitive", goal, f"{error}; {UNREADABLE}" if unread else str(error))
        if any(repetition.alike(untied(action), old) for old in repetition.circling(screen, history)):
            return Handover(
                "primitive",
                goal,
                f"{self.chat.name} goes round in circles: it wants to {describe(action)} again, which it did "
                f"{repetition.MOST_ALIKE} times on this very screen",
            )
        used = Tokens(
            prompt=self.budget.tokens.prompt - tokens.prompt, output=self.budget.tokens.output - tokens.output
        )
        decision = Decision(
            source="model",
            level="primitive" if how else "operation",
            text=meant.reason or describe(action),
            raw="\n\n".join([*self._asking.heard, *([how] if how else [])]),
            seconds=self.budget.seconds - seconds,
            tokens=used if self.budget.counted else None,
        )
        return touching(Choice(action, decision), self._seen(screen))

    def _ask(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> tuple[Intention, Action, str]:
        """What the model means, the action that it is, and how its words were found on the screen, if they were."""
        shown = self._shown(screen)
        whole = goal if self.task in (None, goal) else f"{goal}\n(This is one step of a larger task: {self.task})"
        if self.wording is not None:
            whole = self.wording.shown(whole)
        seen = self._seen(screen)
        messages = self.format.messages(whole, seen, history, shown, self.factor)
        messages = _noted(messages, [*([self.remembered] if self.remembered else []), *_notes(screen, history)])
        found: list[str] = []

        def find(words: str) -> Grounding:
            place = self._ground(words, seen, history)
            found.append(place.how)
            return place

        own = self.wording.own if self.wording is not None and self.wording.read else self.task or goal

        def read(text: str) -> tuple[Intention, Action]:
            found.clear()
            meant = self.format.parse(text, seen, self.factor)
            return meant, aimed(meant, seen, find, own)

        meant, action = self._asking.ask(messages, read, self.format.schema(seen))
        return meant, action, "; ".join(found)

    def _seen(self, screen: Screen) -> Screen:
        return self.sight.seen(screen) if self.sight is not None else screen

    def _shown(self, screen: Screen) -> bytes | None:
        if not self.format.needs_picture or self.picture is None:
            return None
        if screen.screenshot is None:
            raise ModelAnswerError(f"there is no screenshot to show to {self.chat.name}")
        return shrunk(self.picture(screen.screenshot), self.factor)

    def _is_there(self, words: str, screen: Screen) -> bool:
        found = self.grounder.ground(words, screen) if self.grounder is not None else None
        return found is not None and not unsure(found)

    def _ground(self, words: str, screen: Screen, history: Sequence[Step]) -> Grounding:
        """Where the words are: by the grounder when it is sure, else by the eyes. Raises ModelAnswerError."""
        found = self.grounder.ground(words, screen) if self.grounder is not None else None
        if found is not None and not unsure(found):
            return found
        seen = self.eyes.ground(words, screen) if self.eyes is not None else None
        if seen is not None:
            return seen
        first = finding.begin(" ".join(words.split())[:80], screen, history)
        if first is not None and self.grounder is not None and (found is None or found.score < _ELSEWHERE):
            raise _NotShown(first)
        if found is None:
            raise ModelAnswerError(f"nothing on the screen is called {words[:80]!r}")
        nearest = f"; nearest is {called(found.element)}" if found.element is not None else ""
        raise ModelAnswerError(f"no one thing on the screen is clearly {words[:80]!r}{nearest}")


def _notes(screen: Screen, history: Sequence[Step]) -> list[str]:
    """What a model is told beside its prompt: that the last action failed, that it repeats itself."""
    said = []
    last = history[-1] if history else None
    if last is not None and last.result is not None and not last.result.ok:
        why = harmless(last.result.error or "")
        said.append(f"The last action ({harmless(describe(last.action))}) did not work: {why}. Do something else.")
    said += repetition.notes(screen, history)
    return said


def _noted(messages: list[Message], notes: Sequence[str]) -> list[Message]:
    """The messages with the notes at the end of the last one."""
    if not notes:
        return messages
    last = messages[-1]
    return [*messages[:-1], replace(last, text="\n\n".join([last.text, *notes]))]
