"""`docs/results.md` from the files in `results/`: python -m benchmarks.page"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "results.md"
# What each benchmark aims at: key, how it is compared, the aim.
AIMS = {
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
    }
}


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


if __name__ == "__main__":
    main()
