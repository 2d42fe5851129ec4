"""Find the experience that does a task, among thousands: by a template that explains its words; where none does, by one
that means the same in other words.

The second way looks at the templates that are nearest in meaning and reads the task as a paraphrase of each. What comes
out must do the same kind of deeds, be alike as a whole, and be alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ostinato.agent.guards.errand import Errand
from ostinato.errors import AmbiguousTask, FormatError, MatchError
from ostinato.model.embed import Embedder
from ostinato.replay.experience import Experience
from ostinato.replay.match import Match, match
from ostinato.replay.meanings import Meanings
from ostinato.replay.memory import Memories
from ostinato.replay.overreach import overreach
from ostinato.replay.paraphrase import read_paraphrase
from ostinato.replay.pieces import SlotShape
from ostinato.replay.repository import Repository, read
from ostinato.replay.templates import Template
from ostinato.trace.reading import readings
from ostinato.trace.values import fill, normal, slots_in

# Chosen on the paraphrases and near-misses of `benchmarks.near_misses` that one may look at.
LEAST_ALIKE = 0.45  # of a template with the task whose values are replaced by the names of the slots
LEAST_MARGIN = 0.05  # between two experiences that can both be read out of a task
MOST_BEHIND = 0.25  # how much nearer another template may be that cannot be read out of it
_MOST_READ = 8  # templates that are read
_FEW = 200  # experiences whose files are all read to say why none fits
_MOST_NEW = 40  # rows that are made for one question (about 4 ms each)
_REGISTER = re.compile(r"\bregister(?:s|ed|ing)?\b", re.IGNORECASE)  # an expense, say: no account
_SLOT = re.compile(r"\{[^\W\d]\w*\}")
_KEEPS_DEEDS = frozenset({"delete", "pay", "grant", "install", "account", "send"})


@dataclass(frozen=True)
class Understood:
    """A template that a task can be read as, with the values, and how alike they are."""

    template: Template
    values: dict[str, str]
    likeness: float


@dataclass
class Finder:
    """Finds experiences in a repository by the index of its templates. `embedder` gives what compares meanings, when it
    is needed; where it gives none only the words of a template are understood."""

    memories: Memories
    repository: Repository
    embedder: Callable[[], Embedder | None] = lambda: None
    _compared: tuple[dict[int, str], list[int], tuple[str, ...]] | None = None  # what was compared last

    def find(self, task: str, app: str | None) -> Match:
        """The one experience that fits a task. Raises MatchError that names the nearest and what keeps it from
        fitting; AmbiguousTask when it can be read in two ways."""
        try:
            return match(task, self._holding(task, app), app)
        except AmbiguousTask:
            raise
        except MatchError:
            pass
        try:
            return self.by_meaning(task, app)
        except MatchError as error:
            why = str(error)
        try:  # what the nearest say when nothing fits
            return match(task, self._near_in_words(task, app), app)
        except AmbiguousTask:
            raise
        except MatchError as error:
            raise MatchError(f"{error}{why and '; '}{why}") from None

    def by_meaning(self, task: str, app: str | None) -> Match:
        """The experience that a task asks for in other words. Raises MatchError that names the nearest, and why it is
        not taken; empty where nothing compares meanings."""
        if self._meanings is None:
            raise MatchError("")
        near = self.nearest(task, app)
        found: list[tuple[Understood, Experience]] = []
        refused: list[tuple[float, str, str]] = []
        for template, rough in near:
            experience = self._experience(template)
            if experience is None or (experience.app is None) != (app is None):
                continue
            one = understood(task, template, experience, self._meanings)
            if isinstance(one, str):
                refused.append((rough, template.text, one))
            else:
                found.append((one, experience))
        if not found:
            _, text, why = refused[0] if refused else (0.0, "", "")
            raise MatchError(f"the nearest in meaning is “{text}”, but {why}" if refused else "")
        found.sort(key=lambda pair: (-pair[0].likeness, -pair[1].learnt.timestamp()))
        best, experience = found[0]
        text = best.template.text
        if best.likeness < LEAST_ALIKE:
            raise MatchError(f"the nearest in meaning is “{text}”, but it is too far from the task to be sure")
        other = next((one for one, _ in found[1:] if _differs(one, best)), None)
        if other is not None and best.likeness - other.likeness < LEAST_MARGIN:
            raise MatchError(f"it could mean “{text}” or “{other.template.text}”; say it in the words of one of them")
        own = next(rough for template, rough in near if template == best.template)
        if refused and refused[0][0] - own > MOST_BEHIND:
            raise MatchError(f"it can be read as “{text}”, but “{refused[0][1]}” is nearer, and {refused[0][2]}")
        likeness = round(best.likeness, 3)
        return Match(experience, best.values, by="meaning", likeness=likeness, template=text)

    def _holding(self, task: str, app: str | None) -> list[Experience]:
        """The experiences with a template that may explain the words."""
        said = normal(task)
        templates = [
            template
            for template in self.memories.templates.holding(task, [app] if app is not None else None)
            if all(part in said for part in _literals(template.text))
            and readings(task, [template.text], template.kinds)
        ]
        return self._experiences(list({(t.experience, t.version): t for t in templates}.values()))

    def _near_in_words(self, task: str, app: str | None) -> list[Experience]:
        """All experiences where they are few; else those that share words with a task: to read thousands of files for
        one message takes seconds."""
        if self.memories.templates.count() <= _FEW:
            return self.repository.newest()
        apps = [app] if app is not None else None
        return self._experiences(self.memories.templates.like(task, apps, most=_MOST_READ))

    def prepare(self) -> int:
        """Make what is compared of every template now, not when it is first needed; how many that were."""
        if self._meanings is None:
            return 0
        texts = self.memories.templates.texts()
        return self._meanings.prepare([as_words(text) for text in texts.values()])

    def nearest(self, task: str, app: str | None) -> list[tuple[Template, float]]:
        """The templates that are nearest to a task, in meaning and in words, with how near, the nearest first."""
        assert self._meanings is not None
        apps = [app] if app is not None else None
        texts = self.memories.templates.texts(apps)
        if not texts:
            return []
        if self._compared is None or self._compared[0] is not texts:
            self._compared = (texts, list(texts), tuple(as_words(text) for text in texts.values()))
        _, numbers, said = self._compared
        by_words = self.memories.templates.like(task, apps, most=_MOST_READ)
        self._meanings.prepare([as_words(template.text) for template in by_words])
        rough = self._meanings.likeness(task, said, _MOST_NEW)
        best = np.argsort(-rough)[:_MOST_READ]
        nearest = self.memories.templates.numbered([numbers[n] for n in best])
        chosen = [*nearest, *(template for template in by_words if template not in nearest)]
        rated = [(template, self._meanings.near(task, as_words(template.text))) for template in chosen]
        return sorted(rated, key=lambda pair: -pair[1])

    @cached_property
    def _meanings(self) -> Meanings | None:
        embedder = self.embedder()
        index = self.memories.templates.file
        return Meanings(index.with_name("meanings.sqlite"), embedder) if embedder is not None else None

    def _experiences(self, templates: Sequence[Template]) -> list[Experience]:
        return [found for template in templates if (found := self._experience(template)) is not None]

    def _experience(self, template: Template) -> Experience | None:
        """The version that the index names, as its file says now; None where that is gone."""
        path = self.repository.folder / f"{template.experience}.v{template.version}.json"
        try:
            found = read(path)
        except FormatError:
            return self.repository.version(template.experience, template.version)
        if (found.id, found.version) != (template.experience, template.version):  # a file that somebody renamed
            return self.repository.version(template.experience, template.version)
        return found if found.usable else found.model_copy(update={"status": "verified"})  # as the index rated it


def understood(task: str, template: Template, experience: Experience, meanings: Meanings) -> Understood | str:
    """A task read as a paraphrase of a template; what keeps it from being one."""
    if experience.loops:  # how many things it is about hangs on single words
        return "it is about several things, and is said in other words"
    shapes = [SlotShape(slot.name, slot.kind, slot.examples) for slot in experience.slots]
    if set(slots_in(template.text)) != {shape.name for shape in shapes}:
        return "it leaves a slot out"
    reading = read_paraphrase(task, template.text, shapes)
    if reading.values is None:
        return reading.why
    if doubt := overreach(task, reading.masked, reading.values, experience):
        return doubt
    marked = {name: f"“{name}”" for name in reading.values}
    mine, theirs = (Errand(_REGISTER.sub("record", fill(text, marked))) for text in (reading.masked, template.text))
    if mine.asks_only != theirs.asks_only:
        return "one asks for something to be done, the other for an answer"
    grave, known = mine.deeds & _KEEPS_DEEDS, theirs.deeds & _KEEPS_DEEDS
    if grave - known or (known - grave) - {"send"}:
        return "it asks for another kind of deed"
    alike = meanings.near(as_words(reading.masked), as_words(template.text))
    return Understood(template, reading.values, alike)


def _literals(template: str) -> list[str]:
    """What a template has between its slots, folded."""
    return [normal(part) for part in _SLOT.split(template)]


def as_words(text: str) -> str:
    """A template as it is compared: the slots by their names."""
    return _SLOT.sub(lambda found: found.group()[1:-1].replace("_", " "), text)


def _differs(one: Understood, best: Understood) -> bool:
    """Whether another reading belongs to another experience that would do something else."""
    if one.template.experience == best.template.experience:
        return one.values != best.values
    return True
