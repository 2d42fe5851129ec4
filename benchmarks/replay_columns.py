"""The columns of a task: the words of a recording again, new values, near-misses, and as if it had not been learnt."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from benchmarks import near_misses
from benchmarks.misses import hidden, misses
from benchmarks.parts import progress
from benchmarks.replay_baselines import Knowing, available, bare, play_by, read_by_developer
from benchmarks.replay_runs import Declining, Recorded, Run, Stage
from ostinato.errors import MatchError, OstinatoError
from ostinato.replay.replayer import Replayer
from ostinato.suites.gnome import GnomeTask
from ostinato.suites.task import Task, Values

COLUMNS = ("exact", "new", "near", "unseen")


def columns(
    stage: Stage, suite: Sequence[Task], task: Task, exact: int, new: int, near: int, unseen: int
) -> dict[str, Any]:
    """So many runs of each column, with all tasks of the suite learnt (but the task itself for `unseen`); near-misses
    that nothing fits are refused without a run."""
    for one in suite:
        stage.recorded(one)
    known = stage.recorded(task)
    found: dict[str, list[Run]] = {name: [] for name in COLUMNS}
    for number in range(exact):
        found["exact"].append(_again(stage, known, known.values[number % len(known.values)]))
    for number in range(new):
        found["new"].append(_again(stage, known, task.generate(random.Random(f"replay-{task.name}-{number}"))))
    for kind, words in _near(task, near):
        found["near"].append(replace(_refused(stage, task, words), task=kind))
    with stage.without(known):
        for number in range(unseen):
            values = task.generate(random.Random(f"unseen-{task.name}-{number}"))
            words = task.words(values)
            found["unseen"].append(stage.run(task, values, words, task.app, stage.replay(words, task.app), refuse=True))
    good = {name: f"{sum(run.good for run in runs)} of {len(runs)}" for name, runs in found.items()}
    progress(f"{task.app} {task.name}: {good}")
    return {
        "commits": known.commits,
        "learnt": known.experience is not None,
        "why": known.why,
        "seconds": [round(trace.cost.seconds, 2) for trace in known.traces],
        **{name: [run.as_json() for run in runs] for name, runs in found.items()},
    }


def _again(stage: Stage, known: Recorded, values: Values) -> Run:
    """A replay that should be possible; where it hands over, whether it would have been right to go on."""
    task = known.task
    words = task.words(values)
    run = stage.run(task, values, words, task.app, stage.replay(words, task.app))
    if not run.claimed and known.experience is not None and run.commits == 0:
        forced = Replayer(bare(known.experience), _bound(known, values), heals=False)
        again = stage.run(task, values, words, task.app, stage.performed(words, task.app, [forced]))
        run.false_handover = again.good
    if not run.good:
        progress(f"{task.name} {words!r}: {run.said}")
    return run


def _bound(known: Recorded, values: Values) -> Values:
    """The values under the names of the learnt slots."""
    found: Values = {}
    assert known.experience is not None
    for slot in known.experience.slots:
        for name in values:
            if tuple(recorded.get(name) for recorded in known.values) == tuple(slot.examples):
                found[slot.name] = values[name]
    return found


def _near(task: Task, count: int) -> Iterator[tuple[str, str]]:
    """Words that are near the task's, of the list that was made with the matcher and of the one that was not."""
    for number in range(max(1, count // 9) if count else 0):
        values = task.generate(random.Random(f"near-{task.name}-{number}"))
        rng = random.Random(f"near-{task.name}-{number}")
        for kind, words in misses(task, values, rng)[:count]:
            yield f"{'hidden' if hidden(task, kind) else 'seen'} {kind}", words
        if task.name in near_misses.TASKS and not isinstance(task, GnomeTask):
            every = [one for one in _of_matcher() if one.task == task.name]
            for one in rng.sample(every, min(len(every), max(count - 9, 0))):
                yield f"matcher {one.kind}", one.words


_made: list[near_misses.Asked] = []


def _of_matcher() -> list[near_misses.Asked]:
    if not _made:
        _made.extend(one for one in near_misses.near_misses(1) if one.values is None and not one.seen)
    return _made


def _refused(stage: Stage, task: Task, words: str) -> Run:
    """A near-miss: refused by its words, else played, so that the checks have their say."""
    try:
        stage.house.find(words, task.app)
    except MatchError as error:
        return Run(task.name, words, refused=True, good=True, said=f"refused: {error}"[:200])
    run = stage.run(None, {}, words, task.app, stage.replay(words, task.app), label=task.name, refuse=True)
    progress(f"near-miss taken: {words!r}: {'stopped' if run.good else 'NOT STOPPED'} {run.said[:200]}")
    return run


def beside(
    stage: Stage, suite: Sequence[Task], task: Task, rounds: int, methods: Sequence[str] = (), draws: int = 5
) -> dict[str, Any]:
    """The same tasks by every method before the same agent, one after the other: the words of a recording, two new
    values, as if the task had never been recorded, and one near-miss, which the agent declines; the first `draws`."""
    library = [stage.recorded(one) for one in suite]
    known = stage.recorded(task)
    told: dict[str, Any] = {"commits": known.commits, "learnt": known.experience is not None}
    for number in range(rounds):
        rng = random.Random(f"beside-{task.name}-{number}")
        near = rng.choice(misses(task, task.generate(rng), rng))[1]
        drawn: list[tuple[str, Values | None]] = [
            ("exact", known.values[number % 2]), ("new", task.generate(rng)), ("new", task.generate(rng)),
            ("unseen", task.generate(rng)), ("near", None),
        ]  # fmt: skip
        for column, values in drawn[:draws]:
            for method in methods or available():
                words = task.words(values) if values is not None else near
                run = _by(stage, library, known, method, column, words, values)
                told.setdefault(f"{method} {column}", []).append(run.as_json())
    return told


def _by(
    stage: Stage,
    library: Sequence[Recorded],
    known: Recorded,
    method: str,
    column: str,
    words: str,
    values: Values | None,
) -> Run:
    task = known.task
    agent = Knowing(task.script(values)) if values is not None else Declining()
    with stage.without(known if column == "unseen" else None):
        learnt = [one for one in library if column != "unseen" or one is not known]
        read = next(((t, v) for one in learnt if (v := read_by_developer(t := one.task, words)) is not None), None)
        said = (task, values) if values is not None and column != "unseen" else read if values is None else None
        try:
            play = play_by(method, stage, learnt, words, task.app, said, agent)
        except OstinatoError as error:
            return Run(task.name, words, said=f"{method}: {error}"[:300])
        return stage.run(
            task if values is not None else None, values or {}, words, task.app, play, label=task.name,
            refuse=values is None,
        )  # fmt: skip
