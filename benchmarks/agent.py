"""The agent on MiniWoB++ (a page that does not load counts as failed), and what each part of a step costs.

    python -m benchmarks.agent [--quick] [--model] [--json FILE]

All 130 pages, three seeds each, by the decider without a model; the pages of the suite by their oracles, as the
ceiling; a small local model and chance on 20 pages; what replay adds; the phones that keep the contract, and, where
they are installed, the apps of a Linux phone and planted instructions. The truth is the page's raw reward of 1. Fifteen
pages chosen by the hash of their names were not looked at while the decider without a model was written, and are
reported apart (the oracles of twelve of them were written before, for the judge's suite). Every page is a part of its
own: Ctrl-C ends at once, and the next call goes on (`--keep` also over a new commit).
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from benchmarks.agent_pages import LIMITS, MODEL_LIMITS, Bench, RandomDecider, digest, on_apps, unseen
from benchmarks.figures import Figures
from benchmarks.parts import Parts, progress
from benchmarks.quoted import quote
from ostinato.agent.budget import Budget
from ostinato.agent.decider import Decider
from ostinato.agent.formats.element_index import ElementIndex
from ostinato.agent.model_decider import ModelDecider
from ostinato.agent.roles import open_agent
from ostinato.agent.words.lexical import LexicalDecider
from ostinato.errors import OstinatoError, SetupError
from ostinato.house import House
from ostinato.model.catalogue import path_of
from ostinato.model.embed import Embedder, MiniLM
from ostinato.model.gguf import Gguf
from ostinato.phone.apps.app import get_app
from ostinato.settings import load_settings
from ostinato.suites import ihatemoney, ihatemoney_more, oscar, oscar_more, tiddlywiki
from ostinato.suites.miniwob import TASKS
from ostinato.suites.miniwob_pages import ALL_TASKS

STATE = Path("build/agent/parts.jsonl")
SEEDS = (11, 12, 13)
LOCAL = "smollm2-135m"
# Parts of this benchmark in files of their own, each with `measure(figures, parts)` and `open_parts(quick)`.
OTHERS = ("safety", "linux_phone")
REAL_TASKS = (
    (*ihatemoney.TASKS, *ihatemoney_more.MORE_TASKS),
    (*tiddlywiki.TASKS, *tiddlywiki.MORE_TASKS),
    (*oscar.TASKS, *oscar_more.MORE_TASKS),
)
_SOLVED = 0.98
_PARTS = ("observe", "decide", "ground", "act", "settle")
_LONGEST_ANSWER = 96  # tokens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="end within 50 s: a few pages, one seed")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--model", action="store_true", help="also the model that is set (OSTINATO_MODEL_URL, …)")
    parser.add_argument(
        "--pages", nargs="*", help="only these pages (none named: all but the unseen); say why they fail"
    )
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2], help="the seeds of --pages")
    parser.add_argument("--only", nargs="*", help="only parts whose names begin so: lexical, timing, oracle, …")
    parser.add_argument("--keep", action="store_true", help="go on with parts that another commit measured")
    options = parser.parse_args()
    try:
        _run(options)
    except KeyboardInterrupt:
        progress("stopped; what was measured is kept, the same command goes on")
        sys.exit(130)


def _run(options: argparse.Namespace) -> None:
    figures = Figures("agent", options.quick)
    parts = Parts(None if options.quick or options.pages is not None else STATE, options.keep)
    try:
        embedder: Embedder | None = MiniLM()
    except SetupError as error:
        progress(f"without embeddings: {error}")
        embedder = None
    lexical = LexicalDecider(embedder)
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        bench = Bench(House(load_settings().in_folder(Path(home))), stack)
        pages = bench.app.pages()
        hidden = unseen(pages)
        open_pages = [page for page in pages if page not in hidden]
        if options.pages is not None:
            _show(bench, [p for p in options.pages or open_pages if p not in hidden], options.seeds, lexical)
            return

        def wanted(part: str) -> bool:
            return not options.only or any(part.startswith(start) for start in options.only)

        chosen = sorted(open_pages, key=lambda p: digest(f"quick-{p}"))[:5] if options.quick else pages
        seeds = SEEDS[:1] if options.quick else SEEDS
        if wanted("lexical"):
            found = _pages(parts, "lexical", chosen, lambda p: bench.page(p, seeds, lambda seed: lexical))
            lexical_figures(figures, found, hidden)
        if wanted("apps") and not options.quick:
            told = {
                tasks[0].app: parts.measure(f"apps {tasks[0].app}", partial(on_apps, bench.house, tasks, lexical))
                for tasks in REAL_TASKS
                if get_app(tasks[0].app, bench.house.settings.cache).is_installed()
            }
            apps_figures(figures, told)
        if wanted("timing"):
            timed = sorted(open_pages, key=lambda p: digest(f"timing-{p}"))[: 2 if options.quick else 20]
            timing_figures(figures, parts.measure("timing", partial(_timing, bench, timed, lexical)))
        if wanted("oracle"):
            tasks = ALL_TASKS[:: len(ALL_TASKS) // 3] if options.quick else ALL_TASKS
            solved = {
                task.name: parts.measure(f"oracle {task.name}", partial(bench.oracle, task, 1 if options.quick else 5))
                for task in tasks
            }
            oracle_figures(figures, solved)
        few = sorted(open_pages, key=lambda p: digest(f"local-{p}"))[: 3 if options.quick else 20]
        if wanted("local"):
            _local(figures, parts, bench, few)
        if wanted("chance"):
            found = _pages(
                parts,
                "chance",
                few,
                lambda p: bench.page(p, seeds, lambda seed: RandomDecider(f"{p} {seed}"), MODEL_LIMITS),
            )
            model_figures(figures, "chance", found, "touches anything, at most 4 times")
        if options.model and wanted("model"):
            settings = bench.house.settings
            found = _pages(
                parts,
                f"model {settings.model or settings.model_url}",
                few if options.quick else pages,
                lambda p: bench.page(p, seeds, lambda seed: open_agent(settings, bench.house.store.blobs.get), LIMITS),
            )
            model_figures(figures, "model", found, f"{settings.model or 'the model'} in {settings.agent_format}")
        if wanted("replay"):
            few_tasks = TASKS[:1] if options.quick else TASKS
            replayed = {
                task.name: parts.measure(
                    f"replay {task.name}", partial(bench.replay, task, lexical, 1 if options.quick else 3)
                )
                for task in few_tasks
            }
            replay_figures(figures, replayed)
    _others(figures, parts, options.quick, options.keep, wanted)
    quote(figures)
    figures.commits |= parts.commits
    figures.seconds += parts.seconds
    figures.show()
    if options.json:
        figures.write(options.json)


def _pages(parts: Parts, name: str, pages: Sequence[str], measure: Callable[[str], Any]) -> dict[str, dict[str, Any]]:
    return {page: parts.measure(f"{name} {page}", partial(measure, page)) for page in pages}


def _show(bench: Bench, pages: Sequence[str], seeds: Sequence[int], decider: Decider) -> None:
    """Pages by the decider without a model, each with why it fails."""
    solved = runs = 0
    for page in pages:
        found = bench.page(page, seeds, lambda seed: decider)
        right = sum(run["solved"] for run in found["runs"])
        print(f"{page} {right} of {len(seeds)}", *found["why"], sep="\n     ", flush=True)
        solved, runs = solved + right, runs + len(seeds)
    print(solved, "of", runs)


def _local(figures: Figures, parts: Parts, bench: Bench, pages: Sequence[str]) -> None:
    """A model small enough to come in a package; it is untrained for this, and no better than chance is expected."""
    file = path_of(LOCAL)
    if file is None:
        progress(f"{LOCAL} is not installed: ostinato model install {LOCAL}")
        return
    opened: list[Gguf] = []

    def agent(seed: int) -> Decider:
        if not opened:
            opened.append(Gguf(file))
        few, longest = (500, _LONGEST_ANSWER // 2) if figures.quick else (1200, _LONGEST_ANSWER)
        return ModelDecider(opened[0], ElementIndex(most=few), budget=Budget(), most_tokens=longest)

    limits = replace(MODEL_LIMITS, max_steps=1 if figures.quick else MODEL_LIMITS.max_steps)
    try:
        found = _pages(parts, "local", pages, lambda p: bench.page(p, SEEDS[:1], agent, limits))
    except SetupError as error:
        progress(f"no local model: {error}")
        return
    note = f"{LOCAL} by llama.cpp, at most {limits.max_steps} steps; untrained for this, chance is expected"
    model_figures(figures, "local", found, note)


def lexical_figures(figures: Figures, found: dict[str, dict[str, Any]], hidden: frozenset[str]) -> None:
    """The figures of all pages, and of those apart that were not looked at before."""
    groups = {
        "": (list(found), "of all pages"),
        "_unseen": ([p for p in found if p in hidden], "not looked at while it was written"),
        "_seen": ([p for p in found if p not in hidden], "developed on these"),
    }
    for group, (pages, note) in groups.items():
        runs = [run for page in pages for run in found[page]["runs"]]
        if runs:
            key = f"miniwob_success_lexical{group}"
            figures.share(key, sum(run["solved"] for run in runs), len(runs), f"{len(pages)} pages, {note}")
    runs = [run for one in found.values() for run in one["runs"]]
    whole = sum(all(run["solved"] for run in one["runs"]) for one in found.values())
    figures.share("miniwob_pages_lexical", whole, len(found), "pages solved with every seed")
    claimed = [run for run in runs if run["claimed"] == "done"]
    figures.share("lexical_done_is_right", sum(run["solved"] for run in claimed), len(claimed), "of runs that say done")
    gave_up = len(runs) - len(claimed)
    figures.share("lexical_gives_up", gave_up, len(runs), "says why it cannot, or was stopped")
    _step_figures(figures, "lexical", runs)


def apps_figures(figures: Figures, told: dict[str, list[dict[str, Any]]]) -> None:
    """Tasks of real apps by the decider without a model, each once; the truth is in the app's own data."""
    for app, runs in told.items():
        solved = sum(run["solved"] for run in runs)
        figures.share(f"{app}_success_lexical", solved, len(runs), "the suite's tasks, once each")
    runs = [run for runs in told.values() for run in runs]
    claimed = [run for run in runs if run["claimed"] == "done"]
    figures.share("apps_done_is_right", sum(run["solved"] for run in claimed), len(claimed), "of runs that say done")


def timing_figures(figures: Figures, found: dict[str, Any]) -> None:
    """What one look and one act cost, and how busy the machine was meanwhile."""
    busy = f"{os.cpu_count()} cores with {found['busy']:.1f} processes that would run"
    figures.middle("observe_ms", found["observed"], "ms", f"one look with its picture; {busy}")
    figures.middle("act_ms", found["acted"], "ms", f"one act, until the page has it, waiting is none; {busy}")


def _timing(bench: Bench, pages: Sequence[str], decider: Decider) -> dict[str, Any]:
    found: dict[str, Any] = {"observed": [], "acted": [], "busy": 0.0}
    for page in pages:
        for run in bench.page(page, SEEDS[:1], lambda seed: decider)["runs"]:
            found["observed"] += run.get("observed", [])
            found["acted"] += run.get("acted", [])
        found["busy"] += os.getloadavg()[0] / len(pages)
    return found


def _step_figures(figures: Figures, name: str, runs: Sequence[dict[str, Any]]) -> None:
    """Steps, and the seconds of one step by what they were spent on."""
    begun = [run for run in runs if "steps" in run]
    steps = sum(run["steps"] for run in begun)
    if not steps:
        return
    figures.add(f"steps_{name}", steps / len(begun), "steps", n=len(begun), note="mean of a run, with Done")
    figures.middle(f"seconds_{name}", [run["seconds"] for run in begun], "s", "one run")
    for part in _PARTS:
        spent = sum(run["parts"].get(part, 0.0) for run in begun) / 1000
        figures.add(f"step_{part}_s_{name}", spent / steps, "s", n=steps, note="mean of a step")


def oracle_figures(figures: Figures, solved: dict[str, dict[str, int]]) -> None:
    whole = sum(one["solved"] >= _SOLVED * one["runs"] for one in solved.values())
    runs = sum(one["runs"] for one in solved.values())
    note = f"of {len(solved)}, solved at least 98 % of the time, {runs // max(1, len(solved))} runs each"
    figures.add("miniwob_oracle_tasks", whole, "tasks", n=len(solved), note=note)
    figures.share("miniwob_oracle_success", sum(one["solved"] for one in solved.values()), runs, "of all oracle runs")


def model_figures(figures: Figures, name: str, found: dict[str, dict[str, Any]], note: str) -> None:
    runs = [run for one in found.values() for run in one["runs"]]
    hits = sum(run["solved"] for run in runs)
    figures.share(f"miniwob_success_{name}", hits, len(runs), f"{len(found)} pages; {note}")
    _step_figures(figures, name, runs)
    begun = [run for run in runs if run.get("calls")]
    if begun:
        calls = sum(run["calls"] for run in begun)
        figures.add(f"calls_{name}", calls / len(begun), "calls", n=len(begun), note="mean of a run")
        figures.add(
            f"tokens_{name}", sum(run["tokens"] for run in begun) / calls, "tokens", n=calls, note="mean of a call"
        )


def replay_figures(figures: Figures, found: dict[str, dict[str, Any]]) -> None:
    """The same episodes without and with an experience."""
    for way in ("off", "on"):
        runs = [run for one in found.values() for run in one[way]]
        note = f"{len(found)} tasks with an experience from two recordings; replay {way}, the same decider"
        figures.share(f"replay_{way}_success", sum(run["solved"] for run in runs), len(runs), note)
        begun = [run for run in runs if "steps" in run]
        figures.middle(f"replay_{way}_seconds", [run["seconds"] for run in begun], "s", "one run")
        decide = [(run["parts"].get("decide", 0) + run["parts"].get("ground", 0)) / run["steps"] for run in begun]
        figures.middle(f"replay_{way}_decide_ms", decide, "ms", "deciding and grounding, of one step")
    steps = [(run["replayed"], run["steps"]) for one in found.values() for run in one["on"] if "steps" in run]
    figures.share("replayed_steps", sum(r for r, _ in steps), sum(s - 1 for _, s in steps), "of those with replay on")


def _others(figures: Figures, parts: Parts, quick: bool, keep: bool, wanted: Callable[[str], bool]) -> None:
    """The phones that keep the contract, and the parts in files of their own, where they are there."""
    if wanted("contract") and not quick:
        kept = parts.measure("contract", contract)
        names = ", ".join(f"{phone} {one['passed']} of {one['tests']}" for phone, one in kept.items())
        whole = sum(one["passed"] == one["tests"] > 0 for one in kept.values())
        figures.add("contract_phones", whole, "phones", n=len(kept), note=f"tests kept: {names}")
    for name in OTHERS:
        if not wanted(name) or (quick and wanted("lexical")):  # each has a quick form of its own, as long as this one
            continue
        try:
            part = importlib.import_module(f"benchmarks.{name}")
        except ModuleNotFoundError as missing:
            if missing.name != f"benchmarks.{name}":
                progress(f"{name}: {missing}")
            continue
        try:
            others = part.open_parts(quick, keep)
            part.measure(figures, others)
            parts.commits |= others.commits
            parts.seconds += others.seconds
        except OstinatoError as problem:
            progress(f"{name} is left out: {problem}")


def contract() -> dict[str, dict[str, int]]:
    """The tests that every phone keeps, by phone: how many there are and how many it passes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "contract.xml"
        command = [sys.executable, "-m", "pytest", "-q", "tests/phone/test_contract.py", f"--junitxml={report}"]
        subprocess.run(command, capture_output=True, check=False)
        if not report.exists():
            return {}
        found: dict[str, dict[str, int]] = {}
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            phone = re.search(r"\[(\w+)", case.get("name", ""))
            if phone is None or case.find("skipped") is not None:
                continue
            one = found.setdefault(phone[1], {"tests": 0, "passed": 0})
            one["tests"] += 1
            one["passed"] += case.find("failure") is None and case.find("error") is None
        return found


if __name__ == "__main__":
    main()
