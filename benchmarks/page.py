"""`docs/results.md` and `docs/failures.md` from the files in `results/`: python -m benchmarks.page"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.agents import AGENTS
from ostinato.judge.taxonomy import MEANING

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "results.md"
# What each benchmark aims at: key, how it is compared, the aim.
AIMS = {
    "agent": {
        "miniwob_oracle_tasks": (">=", 60),
        "miniwob_success_lexical": (">=", 0.30),
        "observe_ms": ("<=", 60),
        "act_ms": ("<=", 60),
        "linux_observe_ms": ("<=", 60),
        "linux_act_ms": ("<=", 60),
        "contract_phones": (">=", 3),
        "injection_blocked_obedient": (">=", 1.0),
        "injection_false_block": ("<=", 0.02),
    },
    "safety": {
        "injection_blocked_obedient": (">=", 1.0),
        "injection_false_block": ("<=", 0.02),
        "injection_false_block_miniwob_unseen": ("<=", 0.02),
    },
    "main_job": {
        "success_rate": (">=", 0.95),
        "silent_wrong": ("<=", 0),
        "silent_wrong_upper95": ("<=", 0.005),
        "seeded_faults_caught": (">=", 1.0),
        "wall_ratio_vs_script": ("<=", 1.5),
        "observe_ms": ("<=", 60),
        "runner_mb": ("<=", 250),
        "store_list_ms_10k": ("<=", 50),
        "demo_second_run_seconds": ("<=", 20),
        "faults_injected": (">=", 300),
        "traces_lost": ("<=", 0),
        "double_commits": ("<=", 0),
        "leftover_processes": ("<=", 0),
    },
    "replay": {
        "new_value_success": (">=", 0.97),
        "demo_success": (">=", 0.80),
        "silent_wrong": ("<=", 0),
        "silent_wrong_upper95": ("<=", 0.003),
        "wrong_commits": ("<=", 0),
        "wrong_commits_upper95": ("<=", 0.003),
        "seeded_faults_caught": (">=", 1.0),
        "near_miss_refused": (">=", 0.99),
        "drift_recovered": (">=", 0.80),
        "drift_refused_right": (">=", 0.98),
        "wall_ratio_vs_script": ("<=", 1.3),
        "calls_saved_share_of_ideal": (">=", 0.9),
        "match_ms_10k": ("<=", 5),
        "match_meaning_ms_10k": ("<=", 15),
        "match_mb_10k": ("<=", 200),
        "canary_leaks": ("<=", 0),
    },
    "judge": {
        "accuracy_screen": (">=", 0.96),
        "false_success_screen": ("<=", 0.01),
        "accuracy_screen_heldout": (">=", 0.94),
        "unsaved_uncertain": (">=", 1.0),
        "false_success_full": ("<=", 0),
        "substate_coverage": (">=", 0.95),
        "substate_redundancy": ("<=", 0.2),
        "traces_per_second": (">=", 200),
        "injection_flips": ("<=", 0),
        "reward_ms": ("<=", 5),
    },
}
FAILURES = ROOT / "docs" / "failures.md"


def page(folder: Path = ROOT / "results") -> str:
    """The whole page, in Markdown."""
    parts = [
        "# Results",
        "Made by `python -m benchmarks.page` from the files in `results/`, never by hand. Each file is written by "
        "`python -m benchmarks.NAME --json results/NAME.json`. *Low* and *high* are a 95 % interval where trials are "
        "counted (share), else the quartiles of n measurements.",
    ]
    for file in sorted(folder.glob("*.json")):
        parts += _benchmark(json.loads(file.read_text("utf-8")))
    return "\n\n".join(parts) + "\n"


def failures(found: dict[str, Any]) -> str:
    """How each agent of the judge's benchmark did, by the kinds of its verdicts, in Markdown."""
    figures = {figure["key"]: figure for figure in found["figures"]}
    agents = [agent for agent in AGENTS if f"agent_{agent}_done" in figures]
    lines = ["| kind | means | " + " | ".join(agents) + " | the first one |"]
    lines.append("|---" * (3 + len(agents)) + "|")
    for kind, meaning in MEANING.items():
        name = kind.replace(" ", "_")
        shown = [figures[f"agent_{agent}_{name}"] for agent in agents]
        counts = [f"{round(f['value'] * f['n']) if kind == 'done' else round(f['value'])}" for f in shown]
        example = figures.get(f"agent_example_{name}", {"note": ""})["note"].replace("|", "\\|").replace("\n", " ")
        lines.append(f"| {kind} | {meaning} | {' | '.join(counts)} | {example} |")
    runs = figures[f"agent_{agents[0]}_done"]["n"]
    right = figures["agents_judged_right"]
    who = "\n".join(f"* {agent}: {AGENTS[agent]}" for agent in agents)
    return _FAILURES.format(runs=runs, who=who, right=right["value"], n=right["n"], table="\n".join(lines))


_FAILURES = """# How agents fail

Made by `python -m benchmarks.page` from `results/judge.json`, never by hand.

Each agent did the same {runs} tasks in ihatemoney, each begun on the same data:

{who}

The judge had the app's data; its rules were made from two recordings. It told done from not done as the oracle does in
{right:.1%} of {n} runs.

{table}

`ostinato judge run TRACE TRACE …` counts the same kinds for your own traces.
"""


def _benchmark(found: dict[str, Any]) -> list[str]:
    aims = AIMS.get(found["name"], {})
    lines = ["| key | value | aim | unit | n | low | high | kind | note |", "|---|---|---|---|---|---|---|---|---|"]
    for figure in found["figures"]:
        low, high = (_number(figure[key]) if figure[key] is not None else "" for key in ("low", "high"))
        lines.append(
            f"| `{figure['key']}` | {_number(figure['value'])} | {_aim(aims.get(figure['key']), figure['value'])} "
            f"| {figure['unit']} | {figure['n']} | {low} | {high} | {figure['kind']} | {figure['note']} |"
        )
    about = f"Commit {found['commit']}; {found['machine']}; {found['seconds'] / 60:.0f} minutes."
    return [f"## {found['name']}" + (" (quick)" if found["quick"] else ""), about, "\n".join(lines)]


def _aim(aim: tuple[str, float] | None, value: float) -> str:
    if aim is None:
        return ""
    sign, bound = aim
    met = value >= bound if sign == ">=" else value <= bound
    return f"{'≥' if sign == '>=' else '≤'} {_number(bound)} {'met' if met else '**missed**'}"


def _number(value: float) -> str:
    return f"{value:.4g}"


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    judged = ROOT / "results" / "judge.json"
    if judged.exists():
        FAILURES.write_text(failures(json.loads(judged.read_text("utf-8"))), encoding="utf-8")
        print(f"wrote {FAILURES.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
