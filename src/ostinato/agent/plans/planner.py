"""From a task to a plan: which app, which parts, what is played for each part, with which values.

Without a model a task is explained by what is known: a template that explains all of its words, alone or clause by
clause; what a clause only looks up, and which app its words are about. A model plans what that leaves open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ostinato.agent.asking import Asking
from ostinato.agent.budget import Budget
from ostinato.agent.formats.planner import Known, Place, PlanFormat
from ostinato.agent.memory import Memory, Recalled
from ostinato.agent.plans.clauses import Question, has_joint, question_in, referring, sentences_of, splits
from ostinato.agent.plans.places import named_place, place_for
from ostinato.agent.plans.subtasks import ArtefactType, Plan, Subtask, Wanted, checked
from ostinato.errors import AmbiguousTask, MatchError
from ostinato.model.chat import Chat
from ostinato.model.embed import Embedder
from ostinato.trace.values import fill, slots_in

# What stands for an artefact while words are explained: a value of its type that no task has.
_STANDS: dict[ArtefactType, str] = {
    "money": "9186520734.61", "number": "9186520735", "date": "9186-05-07", "text": "Qzxartefact",
    "list": "Qzxartefacts",
}  # fmt: skip
_MOST_TOLD = 8


@dataclass
class Planner:
    """`ask(slot, template)` asks a person for a value that the words leave out; None where nobody can be asked.
    `chat` and `format` are the model's part, where there is one. `say` is told what a person may want to know."""

    memory: Memory
    places: Sequence[Place]
    embedder: Embedder | None = None
    chat: Chat | None = None
    format: PlanFormat | None = None
    budget: Budget = field(default_factory=Budget)
    ask: Callable[[str, Recalled], str | None] = lambda slot, found: None
    say: Callable[[str], None] = lambda text: None

    def plan(self, task: str) -> Plan:
        """A plan for a task. Raises MatchError that says what is not understood and what to do, AmbiguousTask where
        the words can be read in two ways; ModelAnswerError, ModelError and BudgetSpent as the model gives cause."""
        words = " ".join(task.split())
        known = self.explained(words)
        if known is not None:
            return checked(known)
        if self.chat is not None and self.format is not None:
            return self._asked(words, self.chat, self.format)
        drafted = self._drafted(words)
        if drafted is not None:
            return checked(drafted)
        apps = ", ".join(place.name for place in self.places) or "none is installed"
        near = self.memory.like(words, self._names, most=1)
        hint = f"; the nearest that is known is “{near[0].template}” in {near[0].app}" if near else ""
        raise MatchError(
            f"no plan is found for “{words}”: it is not clear in which app ({apps}) it is to be done{hint}. "
            "Name the app (“…, in APP”), divide it with “, then …”, record it twice and learn from that, or give the "
            "planner a model (docs/memory.md)"
        )

    def explained(self, task: str) -> Plan | None:
        """A plan whose every part is played from memory or only looks something up; None where some words are left.

        Where a value would hold an “and” or a comma, and known ways explain what stands on either side of it, the task
        is taken for two; quotation marks around the value make it one. Raises AmbiguousTask."""
        each = "each clause is known, or looks something up"
        sentences = sentences_of(task)
        if len(sentences) > 1 and (parts := self._parts(sentences, asking=True)) is not None:
            return Plan(task=task, subtasks=tuple(parts), reason=each)
        whole, doubt = None, None
        try:
            whole = self._part(task, "only", {}, looking=False, asking=True)
        except AmbiguousTask as error:
            doubt = error
        for clauses in splits(sentences) if whole is None or any(map(has_joint, whole.values.values())) else ():
            parts = self._parts(clauses)
            if parts is None or ((whole or doubt) and any(part.experience is None for part in parts)):
                continue
            if whole is not None:
                each = (
                    f"each clause is known; as one it would be: {_said(whole.values)} (put values in quotation marks)"
                )
            return Plan(task=task, subtasks=tuple(parts), reason=each)
        if doubt is not None:
            raise doubt
        if whole is not None:
            return Plan(task=task, subtasks=(whole,), reason="a known way explains all words")
        if len(sentences) > 1 or any(splits(sentences)):  # “look up the price and sing” is more than a question
            return None
        only = self._part(task, "only", {}, looking=True)
        return Plan(task=task, subtasks=(only,), reason="it only looks something up") if only is not None else None

    @property
    def _names(self) -> list[str]:
        return [place.name for place in self.places]

    def _drafted(self, task: str) -> Plan | None:
        """A plan with parts that no experience is known for: each in the app that its words are about. At an “and” it
        is taken apart only where that makes parts of several apps."""
        sentences = sentences_of(task)
        for clauses in dict.fromkeys([*splits(sentences), sentences, (task,)]):
            parts = self._parts(clauses, draft=True)
            surely = clauses in (sentences, (task,))
            if parts is not None and (surely or len({part.app for part in parts}) > 1):
                return Plan(task=task, subtasks=tuple(parts), reason="the words say which app; not every way is known")
        return None

    def _parts(self, clauses: Sequence[str], *, draft: bool = False, asking: bool = False) -> list[Subtask] | None:
        """A part for each clause, in which “the amount” or “it” is what an earlier one looked up."""
        parts: list[Subtask] = []
        given: dict[str, Wanted] = {}
        for number, clause in enumerate(clauses, start=1):
            found = self._part(clause, f"part_{number}", given, looking=True, draft=draft, asking=asking)
            if found is None:
                return None
            if found.app in {part.app for part in parts} and not found.uses:  # the order of the words, in one app
                before = [part.id for part in parts if part.app == found.app]
                found = found.model_copy(update={"after": (before[-1],)})
            parts.append(found)
            given |= found.gives
        return parts

    def _part(
        self,
        clause: str,
        name: str,
        given: dict[str, Wanted],
        *,
        looking: bool,
        draft: bool = False,
        asking: bool = False,
    ) -> Subtask | None:
        place, words = named_place(clause, self.places)
        apps = [place.name] if place is not None else self._names
        for said in _spoken(words, given):
            found = self._known(said, given, apps, asking)
            if found is not None:
                return found.model_copy(update={"id": name})
        if looking and (question := question_in(words)) is not None:
            app = place or place_for(question.about, self.places, self.memory, self.embedder)
            return self._looking(words, name, question, app, given) if app is not None else None
        if draft:
            said = next(iter(_spoken(words, given)), words)
            app = place or place_for(words, self.places, self.memory, self.embedder)
            return Subtask(id=name, app=app.name, task=said) if app is not None else None
        return None

    def _looking(
        self, words: str, name: str, question: Question, app: Place, given: dict[str, Wanted]
    ) -> Subtask | None:
        artefact, number = question.name, 2
        while artefact in given:
            artefact, number = f"{question.name}_{number}", number + 1
        wanted = Wanted(type=question.type, about=question.about)
        return Subtask(id=name, app=app.name, task=words, gives={artefact: wanted})

    def _known(self, words: str, given: dict[str, Wanted], apps: Sequence[str], asking: bool) -> Subtask | None:
        """The part that an experience explains wholly; also with preferences, or values that a person adds."""
        stands = {artefact: _stand(wanted.type, n) for n, (artefact, wanted) in enumerate(given.items())}
        shown = fill(words, stands)
        found = self.memory.fitting(shown, apps)
        if not found:
            found = self._completed(shown, apps, asking)
        if not found:
            return self._repeated(words, apps) if not slots_in(words) else None
        if len({(one.experience, *sorted((one.values or {}).items())) for one in found}) > 1:
            ways = " or ".join(sorted({f"{one.app}: {_said(one.values or {}) or one.template}" for one in found}))
            raise AmbiguousTask(
                f"“{words}” can be read in more than one way: {ways}; name the app, or put quotation marks around the "
                "values"
            )
        [one] = found[:1]
        values = {slot: _back(value, stands) for slot, value in (one.values or {}).items()}
        return Subtask(
            id="only",
            app=one.app or "",
            task=fill(one.template, values),
            experience=one.experience,
            values=values,
            preferences=one.preferences,
        )

    def _repeated(self, words: str, apps: Sequence[str]) -> Subtask | None:
        """The part that was done before in the very same words, in one app."""
        done = self.memory.done(words, apps)
        if len({one.app for one in done}) != 1:
            return None
        return Subtask(id="only", app=done[0].app, task=words, trace=done[0].trace)

    def _completed(self, words: str, apps: Sequence[str], asking: bool) -> list[Recalled]:
        """What words explain but for slots that they leave out, with those filled: by preferences, or by a person."""
        near = self.memory.nearly(words, apps)
        whole = [one for one in near if not one.missing]
        if whole or not asking or len({one.experience for one in near}) != 1:
            return whole
        [one] = near[:1]
        values = dict(one.values or {})
        for slot in one.missing:
            said = self.ask(slot, one)
            if said is None:
                return []
            values[slot] = said
        return self.memory.fitting(fill(one.template, values), apps) if one.missing else []

    def _asked(self, task: str, chat: Chat, format: PlanFormat) -> Plan:
        """The model's plan."""
        known = Known(
            self.places,
            self.memory.like(task, self._names, most=_MOST_TOLD),
            self.memory.preferences(task, most=_MOST_TOLD),
        )
        asking = Asking(chat, self.budget, say=self.say)
        messages = format.messages(task, known)
        return asking.ask(messages, lambda text: format.parse(text, task, known), format.schema(known))


def _spoken(words: str, given: dict[str, Wanted]) -> list[str]:
    """The words with artefacts for what they speak of, the newest first; then the words as they stand."""
    found = [said for name, wanted in reversed(given.items()) for said in referring(words, wanted.type, name)]
    return [*found, words]


def _stand(kind: ArtefactType, number: int) -> str:
    if kind == "date":
        return f"918{number % 10}-05-07"
    return f"{_STANDS[kind][:-1]}{number % 10}" if kind in ("money", "number") else f"{_STANDS[kind]}{number}"


def _back(value: str, stands: dict[str, str]) -> str:
    """A value with the artefacts' names for what stood for them."""
    for artefact, stand in stands.items():
        value = value.replace(stand, "{" + artefact + "}")
    return value


def _said(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: “{value}”" for name, value in values.items())
