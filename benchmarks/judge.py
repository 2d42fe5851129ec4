"""The judge beside the truth: runs and re-executed mutants of real apps, labelled by a data diff of their own.

    python -m benchmarks.judge [--quick] [--json FILE]

Every task is recorded twice by its script; rules are made from these recordings without a model, with the app's data
(a) and without (b: screens and recorded actions only). The runs are then judged, and compared with what the suites' own
diff of the data says. Runs are kept in `build/judge/`, and an interrupted run goes on. The shop, and two kinds of
mutants that the app itself makes, were not looked at while the judge was written. What it said of them at the first
look is kept below; the one repair that came after it (for tasks done by another control) had seen them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import injections, mobiflow
from benchmarks.agents import compare_agents
from benchmarks.descriptions import describe
from benchmarks.figures import Figures, upper_of_none
from benchmarks.labelled import HELD_OUT_KINDS, Labelled, Shelf, make_all, record_all
from benchmarks.mobiflow_original import says_success
from benchmarks.parts import Parts, progress
from benchmarks.substates import Coverage, coverage
from ostinato.errors import OstinatoError
from ostinato.house import House
from ostinato.judge.check import TextHas
from ostinato.judge.derive import derive_rules
from ostinato.judge.judge import judge
from ostinato.judge.many import Order, judge_many
from ostinato.judge.reward import reward
from ostinato.judge.substate import Rules, Substate, without_data
from ostinato.phone.apps.app import get_app
from ostinato.settings import load_settings
from ostinato.suites import cross, ihatemoney, ihatemoney_more, miniwob, miniwob_slots, oscar, oscar_more, tiddlywiki
from ostinato.suites.handwritten import handwritten
from ostinato.suites.task import Task, Values
from ostinato.trace.record import Trace
from ostinato.trace.values import normal

STATE = Path("build/judge")
HELD_OUT_APP = "oscar"
FIRST_LOOK = {"accuracy": (90, 106), "false_success": (5, 82), "unsaved": (58, 66)}  # at commit 806267a


@dataclass(frozen=True)
class Suite:
    """The tasks of an app, and how many runs of each kind are made, of every `every`-th kind."""

    app: str
    tasks: Sequence[Task]
    per_kind: int
    every: int = 1


FULL = (
    Suite("ihatemoney", (*ihatemoney.TASKS, *ihatemoney_more.MORE_TASKS), 17),
    Suite("tiddlywiki", (*tiddlywiki.TASKS, *tiddlywiki.MORE_TASKS), 11),
    Suite("two_apps", cross.TASKS, 6),
    Suite("miniwob", (*miniwob.TASKS, *miniwob_slots.MORE_SLOT_TASKS), 24),
    Suite("oscar", (*oscar.TASKS, *oscar_more.MORE_TASKS), 8),
)
QUICK = (Suite("ihatemoney", (ihatemoney.CHANGE_AMOUNT,), 1, every=2),)


@dataclass
class Judged:
    """One run with its label and what was said of it: with all evidence, from screens, by rules of hand (where there
    are some; with and without data), and by MobiFlow's semantics."""

    run: Labelled
    app: str
    full: str
    screens: str
    by_hand: tuple[str, str] | None
    mobiflow: bool

    @property
    def truth(self) -> str:
        return "yes" if self.run.done else "no"

    @property
    def held_out(self) -> bool:
        return self.app == HELD_OUT_APP or self.run.plan.kind in HELD_OUT_KINDS


@dataclass
class Measured:
    judged: list[Judged] = field(default_factory=list)
    covered: list[Coverage] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reward_ms: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="end within 50 s")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of public data")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--only", nargs="+", default=[], metavar="APP", help="make and judge the runs of these only")
    parser.add_argument("--keep", action="store_true", help="keep parts that were measured at other commits")
    wanted = parser.parse_args()
    started = time.monotonic()
    figures = Figures("judge", wanted.quick)
    if wanted.quick:
        with tempfile.TemporaryDirectory(prefix="ostinato-bench-") as folder:
            _run(figures, Path(folder), QUICK, Parts(None), wanted.data)
    else:
        suites = [suite for suite in FULL if not wanted.only or suite.app in wanted.only]
        _run(figures, STATE, suites, Parts(STATE / "parts.jsonl", wanted.keep), wanted.data)
    figures.seconds = time.monotonic() - started
    figures.show()
    if wanted.json:
        figures.write(wanted.json)


def _run(figures: Figures, folder: Path, suites: Sequence[Suite], parts: Parts, data: Path) -> None:
    house = House(load_settings().in_folder(folder))
    measured = Measured()
    rules: dict[Task, tuple[Rules | None, Labelled]] = {}
    recordings: dict[Task, list[str]] = {}
    for suite in suites:
        get_app(suite.tasks[0].app, house.settings.cache).install(progress)
        shelf = Shelf(folder / f"{suite.app}.jsonl")
        recorded = record_all(house, shelf, suite.tasks)
        made = make_all(house, shelf, suite.tasks, suite.per_kind, suite.every)
        figures.commits |= {run.commit for run in (*made, *(r for runs in recorded.values() for r in runs))}
        progress(f"{suite.app}: judging {len(made)} runs")
        for task in suite.tasks:
            runs = [run for run in made if run.plan.task == task.name]
            rules[task] = _judge_task(house, suite, task, recorded[task.name], runs, measured), recorded[task.name][0]
            recordings[task] = [run.trace for run in recorded[task.name]]
    figures.commits |= {parts.commit, *parts.commits}
    _accuracy(figures, measured.judged)
    _substates(figures, measured)
    figures.add("traces_per_second", _speed(house, measured), "traces/s", n=len(measured.judged), note=_SPEED)
    figures.middle("reward_ms", measured.reward_ms, "ms", "one stored trace, all checks, its data read from disk")
    flipped, tried = injections.flips()
    note = "pages that speak to their judge, with models that are led by what they read"
    figures.add("injection_flips", flipped, "verdicts", n=tried, note=note)
    mobiflow.measure(figures, data)
    describe(figures, parts, data, figures.quick)
    compared = [task for task in rules if task.app == "ihatemoney"]
    compare_agents(figures, house, compared, recordings.__getitem__, lambda t, v: _bound(*rules[t], v), parts)


_SPEED = "rules of text alone, verdict cache empty, one process per core; loading and storing included"


def _judge_task(
    house: House, suite: Suite, task: Task, recorded: Sequence[Labelled], runs: Sequence[Labelled], measured: Measured
) -> Rules | None:
    """Make the rules of a task and judge its runs. The rules with the data; None where none could be made."""
    recordings = [house.store.load(run.trace) for run in recorded]
    full = _made(recordings, house, True)
    screens = _made(recordings, house, False)
    if full is None or screens is None:
        measured.refused.append(task.name)
    traces = [house.store.load(run.trace) for run in runs]
    by_hand = [handwritten(task, run.values) for run in runs]
    for run, trace, hand in zip(runs, traces, by_hand, strict=True):
        hands = None
        if hand is not None:
            hands = _said(house, trace, hand), _said(house, trace, without_data(hand))
        mine = _bound(screens, recorded[0], run.values)
        measured.judged.append(
            Judged(
                run=run,
                app=suite.app,
                full=_said(house, trace, _bound(full, recorded[0], run.values)),
                screens=_said(house, trace, mine),
                by_hand=hands,
                mobiflow=mine is not None and says_success(trace, mine),
            )
        )
        if full is not None:
            started = time.perf_counter()
            reward(trace, _bound(full, recorded[0], run.values) or full, house.store.data)
            measured.reward_ms.append(1000 * (time.perf_counter() - started))
    written = [hand for hand in by_hand if hand is not None]
    if written and len(written) == len(runs):
        if full is None:
            names = tuple(s.id for s in written[0].substates)
            measured.covered.append(Coverage(len(names), 0, 0, names))
        else:
            rules = [_bound(full, recorded[0], run.values) or full for run in runs]
            measured.covered.append(coverage(written, rules, traces, house.store.data))
    return full


def _made(recordings: Sequence[Trace], house: House, with_data: bool) -> Rules | None:
    try:
        return derive_rules(recordings, house.store.data if with_data else None)
    except OstinatoError as error:
        progress(f"no rules: {error}")
        return None


def _bound(rules: Rules | None, recorded: Labelled, values: Values) -> Rules | None:
    """The rules with the values of a run: which slot is which value of the task is known from the recording."""
    if rules is None:
        return None
    names = {
        slot: next(name for name, own in recorded.values.items() if normal(own) == normal(value))
        for slot, value in rules.values.items()
    }
    return rules.bound({slot: values[name] for slot, name in names.items()})


def _said(house: House, trace: Trace, rules: Rules | None) -> str:
    return "uncertain" if rules is None else judge(trace, rules, house.store.data).value


# ------------------------------------------------------------------------------------------------ figures
def _accuracy(figures: Figures, judged: Sequence[Judged]) -> None:
    decidable = [j for j in judged if j.run.plan.kind != "unsaved"]
    unsaved = [j for j in judged if j.run.plan.kind == "unsaved"]
    note = "rules made from two recordings; screens and actions only; uncertain counts as wrong"
    _group(figures, "screen", decidable, lambda j: j.screens, note)
    heldout = [j for j in decidable if j.held_out]
    _group(figures, "screen_heldout", heldout, lambda j: j.screens, "an app and kinds held out, after one repair")
    note = "at commit 806267a, before anybody had seen what became of these runs"
    for name, (hits, n) in FIRST_LOOK.items() if heldout else ():
        key = "unsaved_uncertain_first_look" if name == "unsaved" else f"{name}_screen_heldout_first_look"
        figures.share(key, hits, n, note)
    note = "the right words on a screen that was never seen saved"
    figures.share("unsaved_uncertain", sum(j.screens == "uncertain" for j in unsaved), len(unsaved), note)
    _group(figures, "full", judged, lambda j: j.full, "with the app's data")
    _group(figures, "full_heldout", [j for j in judged if j.held_out], lambda j: j.full, "apps and kinds not seen")
    by_hand = [j for j in judged if j.by_hand is not None]
    if by_hand:
        seen = [j for j in by_hand if j.run.plan.kind != "unsaved"]
        note = "rules written by hand, without the data"
        _group(figures, "screen_handwritten", seen, lambda j: j.by_hand[1] if j.by_hand else "", note)
        _group(figures, "full_handwritten", by_hand, lambda j: j.by_hand[0] if j.by_hand else "", "written by hand")
    note = "MobiFlow's original semantics over the same substates of screens, and what the run says of itself"
    _group(figures, "mobiflow", decidable, lambda j: "yes" if j.mobiflow else "no", note)
    for app in dict.fromkeys(j.app for j in judged):
        here = [j for j in decidable if j.app == app]
        figures.share(f"accuracy_screen_{app}", sum(j.screens == j.truth for j in here), len(here))
        everything = [j for j in judged if j.app == app]
        figures.share(f"accuracy_full_{app}", sum(j.full == j.truth for j in everything), len(everything))
    for kind in dict.fromkeys(j.run.plan.kind for j in decidable):
        here = [j for j in decidable if j.run.plan.kind == kind]
        figures.share(f"accuracy_screen_kind_{kind}", sum(j.screens == j.truth for j in here), len(here))
    quoted = "other tasks, models and definitions (arXiv 2503.02403, abstract)"
    figures.add("autoeval_accuracy", 0.94, "share", kind="quoted", note=quoted)
    figures.add("autoeval_coverage", 0.93, "share", kind="quoted", note=quoted)


def _group(figures: Figures, name: str, judged: Sequence[Judged], said: Callable[[Judged], str], note: str) -> None:
    """Accuracy, false success, precision, recall, kappa and the confusion matrix of one way to judge."""
    if not judged:
        return
    right = sum(said(j) == j.truth for j in judged)
    figures.share(f"accuracy_{name}", right, len(judged), note)
    wrong = [j for j in judged if j.truth == "no"]
    false = sum(said(j) == "yes" for j in wrong)
    figures.share(f"false_success_{name}", false, len(wrong), "yes, of runs that are not done")
    if not false:
        figures.add(f"false_success_{name}_upper95", upper_of_none(len(wrong)), "share", n=len(wrong))
    table = {(t, v): sum(j.truth == t and said(j) == v for j in judged) for t in ("yes", "no") for v in _VALUES}
    shown = "; ".join(f"{t}→{v} {n}" for (t, v), n in table.items())
    yes = sum(table[t, "yes"] for t in ("yes", "no"))
    figures.share(f"precision_{name}", table["yes", "yes"], yes, f"truth→verdict: {shown}")
    figures.share(f"recall_{name}", table["yes", "yes"], sum(table["yes", v] for v in _VALUES))
    figures.add(f"kappa_{name}", _kappa(table, len(judged)), "", n=len(judged), note="uncertain is a third answer")


_VALUES = ("yes", "no", "uncertain")


def _kappa(table: dict[tuple[str, str], int], n: int) -> float:
    """Cohen's kappa of truth and verdict."""
    agreed = sum(table[t, t] for t in ("yes", "no")) / n
    chance = sum(
        sum(table[t, v] for v in _VALUES) * sum(table[other, t] for other in ("yes", "no")) for t in ("yes", "no")
    ) / (n * n)
    return (agreed - chance) / (1 - chance) if chance < 1 else 1.0


def _substates(figures: Figures, measured: Measured) -> None:
    human = sum(c.human for c in measured.covered)
    made = sum(c.made for c in measured.covered)
    matched = sum(c.matched for c in measured.covered)
    note = f"made from two recordings, against {human} written by hand for {len(measured.covered)} tasks"
    figures.share("substate_coverage", matched, human, note)
    figures.share("substate_redundancy", made - matched, made, "of those made, those that match none")
    figures.add("tasks_without_rules", len(measured.refused), "tasks", note=", ".join(measured.refused))


def _speed(house: House, measured: Measured) -> float:
    """Traces judged per second with rules of text alone, by the command's own code; the median of three."""
    ids = list(dict.fromkeys(j.run.trace for j in measured.judged))
    speeds = []
    for number in range(3):
        texts = ("Submit", "Taxi", f"nothing {number}")
        substates = tuple(Substate(id=f"s{n}", checks=(TextHas(text=text),)) for n, text in enumerate(texts))
        orders = [Order(trace, Rules(substates=substates)) for trace in ids]
        started = time.perf_counter()
        done = sum(judged.verdict is not None for judged in judge_many(house.store, orders, again=True))
        speeds.append(done / (time.perf_counter() - started))
    return median(speeds)


if __name__ == "__main__":
    main()
