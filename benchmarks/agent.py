"""The agent on MiniWoB++ (a page that does not load counts as failed), and what looking and acting cost.

    python -m benchmarks.agent [--quick] [--json FILE]

All 130 pages, three seeds each, by the decider without a model, and the pages of the suite by their oracles. The truth
is the page's raw reward of 1. Fifteen pages chosen by the hash of their names were never opened while the decider was
written; of the others the screens of about half were looked at, of the rest only the words of one seed. Every page is a
part of its own, and an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.figures import Figures
from benchmarks.parts import Parts, progress
from benchmarks.runs import begin
from ostinato.agent.decider import Decider
from ostinato.agent.lexical import LexicalDecider
from ostinato.agent.loop import Limits
from ostinato.errors import OstinatoError, SetupError
from ostinato.model.embed import Embedder, MiniLM
from ostinato.phone.apps.miniwob import MiniWoB
from ostinato.phone.chromium import ChromiumPhone
from ostinato.run import Finished, House
from ostinato.settings import load_settings
from ostinato.suites.miniwob import PageTask
from ostinato.suites.miniwob_pages import ALL_TASKS

STATE = Path("build/agent/parts.jsonl")
SEEDS = (11, 12, 13)
LIMITS = Limits(max_steps=30, max_seconds=20.0, step_timeout=3.0)
_ORACLE_TIMES = 1
_SOLVED = 0.98


class Timed(ChromiumPhone):
    """A phone that keeps how long looking and acting took, in ms."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.observed: list[float] = []
        self.acted: list[float] = []

    def observe(self, screenshot: bool = True) -> Any:
        started = time.perf_counter()
        found = super().observe(screenshot)
        self.observed.append(1000 * (time.perf_counter() - started))
        return found

    def act(self, action: Any) -> Any:
        started = time.perf_counter()
        done = super().act(action)
        self.acted.append(1000 * (time.perf_counter() - started))
        return done


def unseen(pages: Sequence[str]) -> frozenset[str]:
    """Fifteen pages by the hash of their names, never opened while the decider was written."""
    return frozenset(sorted(pages, key=lambda page: _digest(f"unseen-{page}"))[:15])


def looked_at(page: str) -> bool:
    """Whether a page that is not unseen is one whose screens were looked at."""
    return int(_digest(f"looked-{page}"), 16) % 2 == 1


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Bench:
    """The app and a phone, opened when they are first needed."""

    def __init__(self, house: House, stack: ExitStack) -> None:
        self.house = house
        self._stack = stack
        self._phone: Timed | None = None
        app = stack.enter_context(house.app("miniwob"))
        assert isinstance(app, MiniWoB)
        self.app = app

    @property
    def phone(self) -> Timed:
        if self._phone is None:
            settings = self.house.settings
            phone = Timed(
                self.house.store.blobs,
                width=settings.width,
                height=settings.height,
                scale=settings.scale,
                executable=settings.chromium,
            )
            self._phone = self._stack.enter_context(phone)
            self.app.shown_on(self._phone)
        return self._phone

    def lexical(self, page: str, seeds: Sequence[int], embedder: Embedder | None) -> dict[str, Any]:
        """What became of one page: solved seeds, steps, seconds, and why not."""
        found: dict[str, Any] = {"solved": 0, "runs": 0, "steps": 0, "seconds": [], "why": []}
        for seed in seeds:
            found["runs"] += 1
            try:
                self.app.choose(page, seed)
                self.phone.new_episode(start_url=self.app.url, init_script=self.app.init_script)
                words = self.app.words()
                done = self._perform(words, LexicalDecider(embedder), page)
            except OstinatoError as error:
                found["why"].append(f"{seed}: {error}"[:200])
                continue
            solved = reward_of(self.house, done) == 1.0
            found["solved"] += solved
            found["steps"] += len(done.trace.steps)
            found["seconds"].append(round(done.trace.cost.seconds, 2))
            if not solved:
                outcome = done.trace.outcome
                said = f"{outcome.claimed} {outcome.reason}" if outcome else "no outcome"
                found["why"].append(f"{seed}: {words[:120]} | {said}"[:300])
        found["observed"], found["acted"] = self._times()
        return found

    def oracle(self, task: PageTask) -> dict[str, Any]:
        """How often the suite's own solver does the task of a page."""
        import random

        rng = random.Random(f"agent-{task.name}")
        solved = runs = 0
        for _ in range(_ORACLE_TIMES):
            runs += 1
            try:
                values = begin(self.app, self.phone, task, rng)
                done = self._perform(task.words(values), task.decider(values), task.name)
            except OstinatoError as error:
                progress(f"oracle of {task.name}: {error}")
                continue
            solved += reward_of(self.house, done) == 1.0
        self._times()
        return {"solved": solved, "runs": runs}

    def _perform(self, words: str, decider: Decider, page: str) -> Finished:
        return self.house.perform(
            words,
            phone=self.phone,
            deciders=[decider],
            app=self.app,
            app_name=f"miniwob/{page}",
            approve=lambda action, screen: True,
            limits=LIMITS,
        )

    def _times(self) -> tuple[list[float], list[float]]:
        found = ([round(t, 1) for t in self.phone.observed], [round(t, 1) for t in self.phone.acted])
        self.phone.observed.clear()
        self.phone.acted.clear()
        return found


def reward_of(house: House, done: Finished) -> object:
    """The raw reward of the page's episode; None where it is not known."""
    if done.trace.data.after is None:
        return None
    [row] = house.store.data(done.trace.data.after).tables["episode"].by_key().values()
    return row["raw_reward"] if row["done"] else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="end within 50 s: 16 pages, one seed, 5 oracles")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--pages", nargs="*", help="only these pages, and say why they fail")
    options = parser.parse_args()
    figures = Figures("agent", options.quick)
    parts = Parts(None if options.quick or options.pages is not None else STATE)
    try:
        embedder: Embedder | None = MiniLM()
    except SetupError as error:
        progress(f"without embeddings: {error}")
        embedder = None
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        bench = Bench(House(load_settings().model_copy(update={"home": Path(home)})), stack)
        pages = bench.app.pages()
        hidden = unseen(pages)
        chosen = list(pages)
        if options.quick:
            chosen = sorted((p for p in pages if p not in hidden), key=lambda p: _digest(f"quick-{p}"))[:16]
        if options.pages is not None:
            chosen = options.pages or [p for p in pages if p not in hidden and looked_at(p)]
        seeds = SEEDS[:1] if options.quick else (1, 2) if options.pages is not None else SEEDS
        found = {
            page: parts.measure(f"lexical {page}", lambda page=page: bench.lexical(page, seeds, embedder))  # type: ignore[misc]
            for page in chosen
        }
        if options.pages is not None:
            for page, one in found.items():
                print(f"{page} {one['solved']} of {one['runs']}", *one["why"], sep="\n     ")
            print(sum(one["solved"] for one in found.values()), "of", sum(one["runs"] for one in found.values()))
            return
        tasks = ALL_TASKS[:: len(ALL_TASKS) // 5] if options.quick else ALL_TASKS
        solved = {
            task.name: parts.measure(f"oracle {task.name}", lambda task=task: bench.oracle(task))  # type: ignore[misc]
            for task in tasks
        }
    report(figures, found, hidden, solved)
    figures.commits, figures.seconds = parts.commits, parts.seconds
    figures.show()
    if options.json:
        figures.write(options.json)


def report(figures: Figures, found: dict[str, Any], hidden: frozenset[str], solved: dict[str, dict[str, int]]) -> None:
    """The figures of all pages, and of those apart that were and were not looked at."""
    groups = {
        "": (list(found), "of all pages"),
        "_unseen": ([p for p in found if p in hidden], "never opened while it was written"),
        "_words_seen": ([p for p in found if p not in hidden and not looked_at(p)], "only the words were looked at"),
        "_looked_at": ([p for p in found if p not in hidden and looked_at(p)], "developed on these"),
    }
    for group, (pages, note) in groups.items():
        hits, n = (sum(found[p][key] for p in pages) for key in ("solved", "runs"))
        if n:
            figures.share(f"miniwob_success_lexical{group}", hits, n, f"{len(pages)} pages, {note}")
    figures.share(
        "miniwob_pages_lexical", sum(one["solved"] == one["runs"] for one in found.values()), len(found), "all seeds"
    )
    whole = sum(one["solved"] >= _SOLVED * one["runs"] for one in solved.values())
    figures.add("miniwob_oracle_tasks", whole, "tasks", n=len(solved), note="solved at least 98 % of the time")
    runs = sum(one["runs"] for one in solved.values())
    figures.share("miniwob_oracle_success", sum(one["solved"] for one in solved.values()), runs, "of all oracle runs")
    steps = sum(one["steps"] for one in found.values()) / max(1, sum(len(one["seconds"]) for one in found.values()))
    figures.add("steps_lexical", steps, "steps", n=sum(one["runs"] for one in found.values()), note="mean, with Done")
    figures.middle("seconds_lexical", [s for one in found.values() for s in one["seconds"]], "s", "one run")
    figures.middle(
        "observe_ms",
        [t for one in found.values() for t in one["observed"]],
        "ms",
        "one look with its picture, or without",
    )
    figures.middle("act_ms", [t for one in found.values() for t in one["acted"]], "ms", "one action, without waiting")


if __name__ == "__main__":
    main()
