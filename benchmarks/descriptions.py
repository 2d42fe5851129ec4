"""Substates from task descriptions alone, made by a model, beside those that people wrote.

    python -m benchmarks.descriptions [--data DIR] [--model NAME|FILE] [--quick] [--json FILE]

Two sets of tasks: MobiFlow's published rule files (mostly Chinese; a third party's), and the tasks of our own suites
that have rules written by hand (English). A file that a model makes nothing usable of stays in the denominator.

What was made is matched with what people wrote one to one, by words: a made statement fits a milestone when enough of
what it says, rare words counting more, stands in what the milestone asks. How much is enough is learned from half of
MobiFlow's files: so much that of the milestones of other apps no more than one in ten fits (some do mean the same). On
the other half the matcher is tried: whether it knows a milestone, which people worded twice there, by its name alone,
and whether it takes another for it. For our own tasks it is tried on milestones that were worded anew by hand. What is
made in one language and asked in another never fits. What statements for other tasks cover by chance is shown beside.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.figures import Figures
from benchmarks.mobiflow import rule_files
from benchmarks.parts import Parts, progress
from benchmarks.substates import assigned
from ostinato.errors import FormatError, ModelAnswerError, SetupError
from ostinato.judge.check import words
from ostinato.judge.decompose import StateDecomposer
from ostinato.judge.mobiflow import TASK, import_rules
from ostinato.judge.subject import subject_of
from ostinato.judge.substate import Rules, load_rules
from ostinato.model.catalogue import CATALOGUE, path_of
from ostinato.model.gguf import Gguf
from ostinato.suites.handwritten import FOLDER
from ostinato.trace.values import fill

Own = tuple[Sequence[tuple[str, str]], str]  # pairs of a made statement and what it means; where they are from
STATE = Path("build/descriptions/parts.jsonl")
MODEL = "smollm2-135m"
_STEM = 5  # letters of a Latin word that tell it from others: `search` and `searching` are one
_MOST_FALSE = 0.1  # of the milestones of other apps may fit
_GRID = [n / 100 for n in range(1, 101)]
# Milestones of our own tasks in other words.
ANEW = {
    "ihatemoney-add_expense": {
        "The list of bills is shown": "The list of expenses is open",
        "The form for a new bill is open": "The form for a new expense is open",
        "What it was for is filled in": "The name of the expense is Museum",
        "The amount is filled in": "The price is 18",
        "The payer is chosen": "Carol is the one who paid",
        "One row of the list shows the bill": "An expense Museum of 18 by Carol is in the list",
    },
    "ihatemoney-add_person": {
        "The name is filled in": "The new member is called Eva B12",
        "The person is in the group": "Eva B12 is among the members",
    },
    "ihatemoney-delete_bill": {
        "The app asks whether it shall be deleted": "A question whether to really delete Internet is open",
        "The bill is not in the list any more": "Internet is missing from the list",
    },
    "tiddlywiki-new_note": {
        "The notes are shown, and none is being written": "The start page with all notes is open",
        "A note is being written": "The editor for a new note is open",
        "The title is filled in": "The heading says Paint 12",
        "The text is filled in": "The body of the note says tea and rope 34",
        "The note is shown as it should be": "The note Paint 12 with the words tea and rope 34 is visible",
    },
    "tiddlywiki-tag_note": {"The tag is given": "The label winter34 was added"},
    "miniwob-login-user": {
        "The form is there": "The login page is open",
        "The name is filled in": "The user's name is ann",
        "The password was typed": "The password is x1",
    },
    "miniwob-choose-list": {"The item is chosen": "Ann is selected in the list"},
}


@dataclass(frozen=True)
class Milestone:
    """What people wrote: its `name`, and what it `asks`, in other words."""

    name: str
    asks: str

    @property
    def whole(self) -> str:
        return f"{self.name}\n{self.asks}"


@dataclass(frozen=True)
class Described:
    """A task in words, with the milestones of its rules. `apps` are those that it is about."""

    name: str
    apps: frozenset[str]
    task: str
    human: tuple[Milestone, ...]

    @property
    def held_out(self) -> bool:
        """Whether the matcher may not learn from it."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 1


# ------------------------------------------------------------------------------------------------ what people wrote
def mobiflow_tasks(data: Path) -> list[Described]:
    """The accepted files of MobiFlow. Their own descriptions are the best that is published: the lists of tasks beside
    them name no more than numbers and kinds."""
    return [
        Described(file.stem, frozenset({file.parent.name}), rules.values[TASK], _milestones(rules))
        for file, rules in _accepted(data)
    ]


def _accepted(data: Path) -> Iterator[tuple[Path, Rules]]:
    for file in rule_files(data):
        try:
            yield file, import_rules(file)
        except FormatError:
            continue  # counted and named in benchmarks/mobiflow.py


def handwritten_tasks(folder: Path = FOLDER) -> list[Described]:
    """The tasks of our suites that have rules written by hand, with the values of the file."""
    tasks = []
    for file in sorted(folder.glob("*.yaml")):
        rules = load_rules(file)
        apps = frozenset(file.stem.partition("-")[0].split("+"))
        tasks.append(Described(file.stem, apps, fill(rules.task, rules.values), _milestones(rules)))
    return tasks


def _milestones(rules: Rules) -> tuple[Milestone, ...]:
    """Those that a screen shows. What the app stored and what must not be, no decomposer makes of a description. The
    words of the task, which a prompt may repeat, are no part of a milestone."""
    values = {name: value for name, value in rules.values.items() if name != TASK}
    return tuple(
        Milestone(fill(s.text, values), "\n".join(fill(words(check), values) for check in s.checks))
        for s in rules.substates
        if s.kind in ("page", "unit") and not s.of_data
    )


# ------------------------------------------------------------------------------------------------ the matcher
def features(text: str) -> frozenset[str]:
    """What a text is about: the beginnings of its words; of a script without spaces each pair of letters."""
    return frozenset(word[:_STEM] if word.isascii() else word for word in subject_of(text, {}).words)


class Matcher:
    """Knows how rare words are in some tasks. `least` is how much of a statement must fit; without it, it is learned
    from those of the tasks that are not held out."""

    def __init__(self, tasks: Sequence[Described], least: float | None = None) -> None:
        texts = [features(milestone.whole) for task in tasks for milestone in task.human]
        self._seen = Counter(feature for text in texts for feature in text)
        self._texts = len(texts)
        self.least = least if least is not None else self._learned([task for task in tasks if not task.held_out])

    def _learned(self, tasks: Sequence[Described]) -> float:
        """The least likeness that few milestones of other apps have."""
        others = [self.likeness(name, whole) for name, whole in strangers(tasks)]
        return next((least for least in _GRID if _share(x >= least for x in others) <= _MOST_FALSE), 1.0)

    def likeness(self, made: str, asked: str) -> float:
        """The share of what a made statement says that a milestone asks, weighed by how rare it is (0..1)."""
        said = features(made)
        whole = sum(map(self._rarity, said))
        return sum(map(self._rarity, said & features(asked))) / whole if whole else 0.0

    def _rarity(self, feature: str) -> float:
        return math.log((self._texts + 1) / (self._seen[feature] + 1))

    def fits(self, made: str, asked: str) -> bool:
        return self.likeness(made, asked) >= self.least

    def matched(self, made: Sequence[str], human: Sequence[str]) -> int:
        """How many of the milestones have a made statement of their own that fits."""
        return len(assigned([[k for k, text in enumerate(made) if self.fits(text, asked)] for asked in human]))


def strangers(tasks: Sequence[Described]) -> Iterator[tuple[str, str]]:
    """The name of each milestone with each milestone of tasks of other apps, but for those that are written alike."""
    for task in tasks:
        for other in tasks:
            if not task.apps & other.apps:
                yield from ((m.name, o.whole) for m in task.human for o in other.human if not _alike(m, o))


def neighbours(tasks: Sequence[Described]) -> Iterator[tuple[str, str]]:
    """The name of each milestone with the others of the same task, but for those that are written alike."""
    for task in tasks:
        yield from ((m.name, o.whole) for m in task.human for o in task.human if not _alike(m, o))


def _alike(one: Milestone, other: Milestone) -> bool:
    return one.name == other.name or one.asks == other.asks


def anew(tasks: Sequence[Described]) -> Iterator[tuple[str, str]]:
    """Each milestone that was worded anew: the new words, and what it asks."""
    known = {task.name: {m.name: m for m in task.human} for task in tasks}
    for name, milestones in ANEW.items():
        yield from ((text, known[name][milestone].whole) for milestone, text in milestones.items())


def stranger_to(task: Described, tasks: Sequence[Described]) -> Described | None:
    """The next task of other apps."""
    at = tasks.index(task)
    return next((other for other in (*tasks[at:], *tasks[:at]) if not other.apps & task.apps), None)


def _share(found: Iterator[bool]) -> float:
    hits = list(found)
    return sum(hits) / len(hits) if hits else 0.0


def try_matcher(figures: Figures, tasks: Sequence[Described], matcher: Matcher, own: Own, end: str) -> None:
    """How well the matcher does what is known of tasks that it did not learn from. `own` are other words for
    milestones, and where they are from. `end` ends the keys."""
    pairs, source = own
    same = [(m.whole, m.whole) for task in tasks for m in task.human]
    for key, tried, note in (
        ("same", same, "a milestone and itself"),
        ("self", pairs, f"{source}; a likeness of {matcher.least:g} is enough"),
        ("shuffled", list(strangers(tasks)), "the name of a milestone with one of a task of another app"),
        ("neighbours", list(neighbours(tasks)), "the name of a milestone with another one of the same task"),
    ):
        hits = sum(matcher.fits(made, asked) for made, asked in tried)
        figures.share(f"description_matcher_{key}{end}", hits, len(tried), note)


# ------------------------------------------------------------------------------------------------ what a model makes
@dataclass(frozen=True)
class Made:
    """What a model made of a task: the statements, or why none; in how many seconds."""

    statements: tuple[str, ...]
    abstained: str
    seconds: float


def make(decomposer: StateDecomposer, task: Described) -> dict[str, Any]:
    """The substates that a model makes of the words of a task, as a JSON value for `Parts`."""
    started = time.monotonic()
    statements: list[str] = []
    abstained = ""
    try:
        rules = decomposer.decompose(task.task)
        statements = [fill(substate.text, rules.values) for substate in rules.substates]
    except ModelAnswerError as error:
        abstained = str(error)
    return {"statements": statements, "abstained": abstained, "seconds": time.monotonic() - started}


def compare(
    figures: Figures, tasks: Sequence[Described], made: Sequence[Made], matcher: Matcher, name: str, end: str
) -> None:
    """How much of what people wrote was made, and how much was made besides. `end` ends the keys."""
    by_task = dict(zip((task.name for task in tasks), made, strict=True))
    human = sum(len(task.human) for task in tasks)
    abstained = sum(bool(found.abstained) for found in made)
    total = sum(len(found.statements) for found in made)
    matched = sum(_matched(matcher, found, task) for task, found in zip(tasks, made, strict=True))
    pairs = [(task, by_task[other.name]) for task in tasks if (other := stranger_to(task, tasks)) is not None]
    chance = sum(_matched(matcher, found, task) for task, found in pairs)
    scripts = [_script(" ".join(m.name for m in task.human)) for task in tasks]  # checks are worded in English here
    foreign = sum(
        _script(statement) != script
        for script, found in zip(scripts, made, strict=True)
        for statement in found.statements
    )
    note = f"{name}, from {len(tasks)} descriptions alone; {abstained} abstentions, whose milestones count; by words"
    figures.share(f"coverage_description_only{end}", matched, human, note)
    note = f"the same with what {name} made of tasks of other apps"
    figures.share(f"coverage_description_only_chance{end}", chance, sum(len(task.human) for task, _ in pairs), note)
    figures.share(f"description_redundancy{end}", total - matched, total, "of those made, those that match none")
    figures.share(f"description_abstained{end}", abstained, len(tasks), "descriptions of which nothing usable was made")
    note = "made statements in another script than the milestones, which cannot match"
    figures.share(f"description_other_script{end}", foreign, total, note)
    figures.middle(
        f"description_seconds{end}", [found.seconds for found in made], "s", f"a description, {name} on one thread"
    )


def _matched(matcher: Matcher, found: Made, task: Described) -> int:
    return matcher.matched(found.statements, [m.whole for m in task.human])


def _script(text: str) -> str:
    """Whether a text is mostly in Latin letters or in others."""
    letters = [c for c in text if c.isalpha()]
    return "latin" if sum(c.isascii() for c in letters) * 2 >= len(letters) else "other"


# ------------------------------------------------------------------------------------------------ the benchmark
def describe(figures: Figures, parts: Parts, data: Path, quick: bool, model: str = MODEL) -> None:
    """Add the figures. With `quick` the matcher alone is tried; without a model at hand too, which is said."""
    theirs, ours = mobiflow_tasks(data), handwritten_tasks()
    held = [task for task in theirs if task.held_out]
    matcher = Matcher(theirs)
    names = [(m.name, m.asks) for task in held for m in task.human]
    source = f"the name of a milestone with its prompt and words; {len(held)} of {len(theirs)} files, not learned from"
    try_matcher(figures, held, matcher, (names, source), "")
    our_matcher = Matcher(ours, matcher.least)
    try_matcher(figures, ours, our_matcher, (list(anew(ours)), "milestones worded anew by hand"), "_english")
    if quick:
        return
    try:
        name, decomposer = open_model(model)
    except SetupError as error:
        progress(f"nothing is made of descriptions: {error}")
        return
    for end, tasks, own in (("", theirs, matcher), ("_english", ours, our_matcher)):
        made = []
        for task in tasks:
            what = f"{name}: substates of the description {task.name}"
            made.append(Made(**parts.measure(what, _making(decomposer, task))))
        compare(figures, tasks, made, own, name, end)


def _making(decomposer: Callable[[], StateDecomposer], task: Described) -> Callable[[], Any]:
    return lambda: make(decomposer(), task)


def open_model(model: str) -> tuple[str, Callable[[], StateDecomposer]]:
    """The name of a model in the catalogue or in a file, and what loads it when it is first needed. Those of the
    catalogue are small: they are asked in the brief form. SetupError says how to get it."""
    known = any(entry.name == model for entry in CATALOGUE)
    file = path_of(model) if known else Path(model)
    if file is None:
        raise SetupError(f"{model} is not installed: ostinato model install {model}")
    if not file.is_file():
        raise SetupError(f"{model} is neither a file nor one of {', '.join(entry.name for entry in CATALOGUE)}")
    if find_spec("xllamacpp") is None:
        raise SetupError("models in files need an extra: pip install 'ostinato-agents[gguf]'")
    loaded: list[StateDecomposer] = []

    def decomposer() -> StateDecomposer:
        if not loaded:
            loaded.append(StateDecomposer(Gguf(file, context=4096 if known else 8192, threads=1), brief=known))
        return loaded[0]

    return file.stem, decomposer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="try the matcher alone, without a model")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of public data")
    parser.add_argument("--model", default=MODEL, help="a model of `ostinato model list`, or a GGUF file")
    parser.add_argument("--json", type=Path, help="write the figures here")
    wanted = parser.parse_args()
    started = time.monotonic()
    figures = Figures("descriptions", wanted.quick)
    parts = Parts(None if wanted.quick else STATE)
    describe(figures, parts, wanted.data, wanted.quick, wanted.model)
    figures.commits |= parts.commits or {parts.commit}
    figures.seconds = max(time.monotonic() - started, parts.seconds)
    figures.show()
    if wanted.json:
        figures.write(wanted.json)


if __name__ == "__main__":
    main()
