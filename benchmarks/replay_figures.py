"""Figures of the replay benchmark, from what became of its runs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from statistics import median
from typing import Any

from benchmarks.drift import FAULTS
from benchmarks.figures import Figures, upper_of_none
from benchmarks.frameworks import why
from benchmarks.replay_baselines import METHODS
from benchmarks.replay_columns import COLUMNS
from ostinato.suites.miniwob_pages import ALL_TASKS

Run = dict[str, Any]
_WHAT = {
    "exact": "the words of a recording again",
    "new": "new values",
    "near": "words that are near and mean something else; right is to refuse, or to stop before anything is changed",
    "unseen": "the task was not learnt, all others of the app were; right is to refuse",
}


def of_columns(figures: Figures, found: dict[str, dict[str, Any]]) -> None:
    """`found` is what `columns` gave, by `APP TASK`."""
    runs = {name: [run for part in found.values() for run in part[name]] for name in COLUMNS}
    commits = {name: [run for part in found.values() if part["commits"] for run in part[name]] for name in COLUMNS}
    new = runs["new"]
    figures.share("new_value_success", _sum(new, "good"), len(new), "done, and right by the app's data; all tasks")
    learnt = [run for part in found.values() if part["learnt"] for run in part["new"]]
    figures.share("new_value_success_learnt", _sum(learnt, "good"), len(learnt), "of tasks that could be learnt")
    for app in dict.fromkeys(name.split(" ")[0] for name in found):
        of_app = [run for name, part in found.items() if name.startswith(f"{app} ") for run in part["new"]]
        figures.share(f"new_value_success_{app}", _sum(of_app, "good"), len(of_app), "all tasks of the app")
    figures.share("learnt", sum(part["learnt"] for part in found.values()), len(found), _unlearnt(found))
    every = [run for name in COLUMNS for run in runs[name]]
    _none(
        figures, "silent_wrong", every, "silent", "done is said, a step was replayed, and the app's data say otherwise"
    )
    _none(
        figures,
        "wrong_commits",
        every,
        "wrong_commit",
        "a replayed step that cannot be taken back did what it should not",
    )
    begun = [run for run in every if not run["refused"]]
    figures.add(
        "runs", len(begun), "runs", n=len(every), note=f"{len(every) - len(begun)} more were refused by their words"
    )
    of_commit = [run for name in COLUMNS for run in commits[name]]
    figures.share("commit_new_value_success", _sum(commits["new"], "good"), len(commits["new"]), "tasks with commits")
    _none(figures, "commit_silent_wrong", of_commit, "silent", "the same of tasks with steps that cannot be taken back")
    figures.add("unfinished_commits", _sum(every, "unfinished"), "runs", n=len(every), note="sent a part, then stopped")
    for name in COLUMNS:
        figures.share(f"{name}_success", _sum(runs[name], "good"), len(runs[name]), _WHAT[name])
        figures.add(f"{name}_silent_wrong", _sum(runs[name], "silent"), "runs", n=len(runs[name]), note="")
    near = runs["near"]
    figures.share("near_miss_refused", _sum(near, "good"), len(near), "refused by its words, or stopped by a check")
    figures.share("near_miss_refused_by_words", _sum(near, "refused"), len(near), "before anything was touched")
    for key, begin in (("hidden", "hidden"), ("seen", "seen"), ("matcher", "matcher")):
        of_kind = [run for run in near if run["task"].startswith(begin)]
        note = (
            "made with the matcher, the half that was not looked at" if key == "matcher" else "made for this benchmark"
        )
        figures.share(f"near_miss_refused_{key}", _sum(of_kind, "good"), len(of_kind), note)
    figures.share("unseen_refused", _sum(runs["unseen"], "good"), len(runs["unseen"]), _WHAT["unseen"])
    again = [*runs["exact"], *new]
    steps = sum(run["steps"] for run in again)
    figures.share("step_replay_rate", sum(run["replayed"] for run in again), steps, "replayed steps of all steps")
    whole = sum(run["claimed"] and run["steps"] == run["replayed"] > 0 for run in again)
    figures.share("full_replay_rate", whole, len(again), "from the first step to the last")
    figures.share(
        "false_handovers", _sum(again, "false_handover"), len(again), "stopped; without checks it would be right"
    )
    unsure = sum(run["good"] and run["verdict"] != "yes" for run in again)
    figures.share("right_but_not_judged_so", unsure, _sum(again, "good"), "the verdict was no or uncertain")
    good = [run for run in again if run["good"]]
    figures.middle("task_seconds", [run["seconds"] for run in good], "s", "first look to done, all apps")
    for share in ("observe", "act", "settle"):
        times = [run["parts"].get(share, 0.0) for run in good if run["parts"]]
        figures.middle(f"{share}_ms", times, "ms", "of a task; settle: waiting until the next step can be taken")
    for name, part in found.items():
        app, task = name.split(" ")
        figures.share(f"new_{app.partition('/')[0]}_{task}", _sum(part["new"], "good"), len(part["new"]), _why(part))


def of_baselines(figures: Figures, found: dict[str, dict[str, Any]]) -> None:
    """`found` is what `beside` gave, by `APP TASK`."""
    if not found:
        return
    for method, about in METHODS.items():
        runs = {c: [run for part in found.values() for run in part.get(f"{method} {c}", ())] for c in COLUMNS}
        every = [run for column in runs.values() for run in column]
        if not every:
            continue
        key = f"baseline_{method}"
        figures.share(f"{key}_success", _sum(every, "good"), len(every), f"{about}; the agent goes on where it stops")
        for column in COLUMNS:
            figures.share(f"{key}_{column}_success", _sum(runs[column], "good"), len(runs[column]), _WHAT[column])
        _none(
            figures, f"{key}_silent_wrong", every, "silent", "done is said, a step was replayed, the data say otherwise"
        )
        figures.add(f"{key}_wrong_commits", _sum(every, "wrong_commit"), "runs", n=len(every))
        steps = sum(run["steps"] for run in every)
        figures.share(f"{key}_step_replay_rate", sum(run["replayed"] for run in every), steps, "")
        figures.add(f"{key}_calls", sum(run["calls"] for run in every) / len(every), "calls per task", n=len(every))
        figures.middle(f"{key}_seconds", [run["seconds"] for run in every if run["good"] and run["steps"]], "s", "")
        _by_power_law(figures, key, runs["exact"], runs["new"])
    _saved(figures, found)


@cache
def repeats(tasks: int = 200, seeds: int = 200) -> float:
    """The share of tasks that were drawn before, word for word, when as many are drawn as MobiAgent's simulator draws
    them: without putting back, of 20 % of the tasks sixteen times each and of the others once."""
    hot = tasks // 5
    every = [n for n in range(tasks) for _ in range(16 if n < hot else 1)]
    drawn = [len(set(random.Random(seed).sample(every, tasks))) for seed in range(seeds)]
    return 1 - sum(drawn) / (seeds * tasks)


def _by_power_law(figures: Figures, key: str, exact: Sequence[Run], new: Sequence[Run]) -> None:
    """What the measured columns come to where a few tasks are asked for again and again; an extra, for that alone makes
    a cache of exact words look well."""
    if not exact or not new:
        return
    share = repeats()
    note = f"calculated: {share:.1%} exact repeats, the others with new values, as drawn by a power law"
    for what, name, unit in (("success", "good", "share"), ("calls", "calls", "calls per task")):
        again, first = (sum(run[name] for run in runs) / len(runs) for runs in (exact, new))
        value = share * again + (1 - share) * first
        figures.add(f"{key}_power_law_{what}", value, unit, n=len(exact) + len(new), kind="simulated", note=note)


def _saved(figures: Figures, found: dict[str, dict[str, Any]]) -> None:
    """Calls saved as a share of those that an agent alone spends on tasks that were recorded, and how many runs it
    takes until the two recordings have paid."""
    for method in METHODS:
        ideal = saved = calls = runs = 0
        for part in found.values():
            for column in ("exact", "new"):
                alone, with_it = part.get(f"always_agent {column}", ()), part.get(f"{method} {column}", ())
                for one, other in zip(alone, with_it, strict=False):
                    ideal += one["calls"]
                    saved += (one["calls"] - other["calls"]) if other["good"] else 0
                    calls, runs = calls + one["calls"], runs + 1
        if not ideal or method == "always_agent":
            continue
        note = "of the calls of the agent alone on tasks that were recorded; what ended wrong saves none"
        key = "calls_saved_share_of_ideal" if method == "ours" else f"baseline_{method}_calls_saved_share_of_ideal"
        figures.share(key, max(saved, 0), ideal, note)
        if method == "ours" and saved > 0:
            each, alone_each = saved / runs, calls / runs
            note = "runs after which two recordings by the agent have paid, in calls"
            figures.add("break_even_runs", 2 * alone_each / each, "runs", n=runs, note=note)


def of_drift(figures: Figures, found: dict[str, list[Run]]) -> None:
    """`found` are runs by `FAULT STRENGTH TASK`."""
    if not found:
        return
    could = {name: runs for name, runs in found.items() if FAULTS[name.split(" ")[0]].recoverable}
    others = {name: runs for name, runs in found.items() if name not in could}
    every = [run for runs in found.values() for run in runs]
    met = [run for runs in could.values() for run in runs if run["met"]]
    figures.share(
        "drift_recovered", _sum(met, "good"), len(met), "done and right where the page was changed recoverably"
    )
    rest = [run for runs in others.values() for run in runs if run["met"]]
    figures.share("drift_refused_right", _sum(rest, "good"), len(rest), "refused or handed over, and nothing changed")
    figures.share("drift_met", _sum(every, "met"), len(every), "runs on which the change was there to be seen")
    _none(figures, "drift_silent_wrong", every, "silent", "under drift")
    _none(figures, "drift_wrong_commits", every, "wrong_commit", "under drift")
    hidden = [run for run in met if run.get("hidden")]
    if hidden:
        figures.share("drift_recovered_hidden_words", _sum(hidden, "good"), len(hidden), "synonyms not looked at")
    cells: dict[tuple[str, str], list[Run]] = {}
    for name, runs in found.items():
        fault, strength, *_ = name.split(" ")
        cells.setdefault((fault, strength), []).extend(run for run in runs if run["met"])
    for (fault, strength), runs in cells.items():
        about = FAULTS[fault].about + ("" if FAULTS[fault].recoverable else " (to be refused)")
        figures.share(f"drift_{fault}_{strength}", _sum(runs, "good"), len(runs), about)


def of_frameworks(figures: Figures, found: dict[str, dict[str, Run]]) -> None:
    """`found` is the run of each task in another framework, by `SOURCE TARGET`."""
    if not found:
        return
    every = [run for runs in found.values() for run in runs.values()]
    note = "learnt in one framework, played in another; right by the other's own storage; all tasks"
    figures.share("todomvc_success", _sum(every, "good"), len(every), note)
    figures.share("todomvc_healed", sum(r["good"] and r["repaired"] for r in every), len(every), "right, and repaired")
    stopped = [run for run in every if not run["claimed"]]
    figures.share("todomvc_handed_over", len(stopped), len(every), "refused or stopped, with the reason")
    kinds = Counter(map(why, stopped))
    for kind, count in kinds.most_common():
        first = next(run["said"] for run in stopped if why(run) == kind)
        figures.add(f"todomvc_stopped_{kind.replace(' ', '_')}", count, "runs", n=len(every), note=first[:200])
    _none(figures, "todomvc_silent_wrong", every, "silent", "done is said, and the storage says otherwise")
    for which, of in (("from", 0), ("to", 1)):
        for name in sorted({pair.split(" ")[of] for pair in found}):
            runs = {
                f"{pair} {task}": r for pair, x in found.items() if pair.split(" ")[of] == name for task, r in x.items()
            }
            figures.share(f"todomvc_{which}_{name}", _sum(runs.values(), "good"), len(runs), _not_done(runs))
    for task in dict.fromkeys(task for runs in found.values() for task in runs):
        runs = {pair: of_pair[task] for pair, of_pair in found.items() if task in of_pair}
        figures.share(f"todomvc_task_{task}", _sum(runs.values(), "good"), len(runs), _not_done(runs))


def _not_done(runs: dict[str, Run]) -> str:
    """Which runs were not right, as far as there is room."""
    failed = [name for name, run in runs.items() if not run["good"]]
    return f"not right: {', '.join(failed)}"[:200] if failed else ""


def of_demonstrations(figures: Figures, found: dict[str, dict[str, Any]]) -> None:
    """`found` is what became of each page's demonstrations."""
    if not found:
        return
    runs = [run for part in found.values() for run in part["runs"]]
    tasks = sum(part["learnt"] for part in found.values())
    told = {task.name for task in ALL_TASKS}  # pages that the suite's own solvers do: the tree tells what is asked for
    of_told = [run for name, part in found.items() if name in told for run in part["runs"]]
    note = f"raw reward 1 on live pages, new seeds; {len(told & found.keys())} pages whose tree tells what is asked for"
    figures.share("demo_success", _sum(of_told, "good"), len(of_told), note)
    figures.share("demo_success_all", _sum(runs, "good"), len(runs), "of all pages with demonstrations, shapes too")
    learnt = [run for part in found.values() if part["learnt"] for run in part["runs"]]
    figures.share("demo_success_learnt", _sum(learnt, "good"), len(learnt), "of tasks of which something was learnt")
    figures.add("demo_tasks", len(found), "tasks", note=f"{tasks} of them learnt")
    converted, demos = (sum(part[key] for part in found.values()) for key in ("converted", "demos"))
    figures.share("demo_converted", converted, demos, "demonstrations that became a recording of the live page")
    _none(figures, "demo_silent_wrong", runs, "silent", "done is said, and the page's reward says otherwise")
    kinds: dict[str, int] = {}
    for part in found.values():
        for kind in [part["why"]] if part["why"] else []:
            kinds[kind] = kinds.get(kind, 0) + 1
    for kind, count in sorted(kinds.items(), key=lambda pair: -pair[1]):
        which = ", ".join(name for name, part in found.items() if part["why"] == kind)
        figures.add(f"demo_not_{kind.replace(' ', '_')}", count, "tasks", n=len(found), note=which)
    for name, part in found.items():
        figures.share(f"demo_{name}", _sum(part["runs"], "good"), len(part["runs"]), part["note"][:200])


def _none(figures: Figures, key: str, runs: Sequence[Run], of: str, note: str) -> None:
    """A count that should be 0, with the upper bound of its share."""
    count = _sum(runs, of)
    figures.add(key, count, "runs", n=len(runs), note=note)
    upper = upper_of_none(len(runs)) if count == 0 else figures.upper(count, len(runs))
    figures.add(f"{key}_upper95", upper, "share", n=len(runs))


def _sum(runs: Iterable[Run], key: str) -> int:
    return sum(bool(run[key]) for run in runs)


def _why(part: dict[str, Any]) -> str:
    failed = [run["said"] for run in part["new"] if not run["good"]]
    return (part["why"] or (failed[0] if failed else ""))[:200]


def _unlearnt(found: dict[str, dict[str, Any]]) -> str:
    return "not learnt: " + (", ".join(name for name, part in found.items() if not part["learnt"]) or "none")


def wall(figures: Figures, found: dict[str, dict[str, list[float]]]) -> None:
    """Beside scripts of Playwright, which wait by themselves."""
    ratios = {k: [o / s for o, s in zip(p["ours"], p["script"], strict=True)] for k, p in found.items()}
    figures.middle("wall_ratio_vs_script", [r for each in ratios.values() for r in each], "x", "all tasks; no reset")
    for name, each in ratios.items():
        if each:
            figures.middle(f"wall_ratio_{name}", each, "x", f"median script {median(found[name]['script']):.2f} s")
