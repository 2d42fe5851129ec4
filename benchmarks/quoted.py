"""What others published, with how they measured it: nothing here was measured again, and none of it on these tasks."""

from __future__ import annotations

from benchmarks.figures import Figures

_APPS = "mean of 7 live Chinese apps, milestone scores of MobiFlow (not success rates), MobiAgent's repository fd5aa72"
_SIMULATED = "mean of 8 categories, MobiAgent's simulator without a screen or an app, over its correct tasks only"
# key, value, unit, note with the set-up
_QUOTED = (
    ("quoted_mobimind", 0.901, "score", f"MobiMind (7B decider, 3B grounder), {_APPS}"),
    ("quoted_ui_tars_1_5_7b", 0.733, "score", f"UI-TARS-1.5-7B, {_APPS}"),
    ("quoted_gemini_2_5_pro", 0.777, "score", f"Gemini 2.5 Pro, {_APPS}"),
    ("quoted_gpt_5", 0.687, "score", f"GPT-5, {_APPS}"),
    ("quoted_replay_uniform", 0.431, "share", f"AgentRR, steps replayed when no task is drawn twice; {_SIMULATED}"),
    ("quoted_replay_power_law", 0.683, "share",
     f"AgentRR, when about 60 % of the tasks drawn are exact repeats; {_SIMULATED}"),
)  # fmt: skip


def quote(figures: Figures) -> None:
    for key, value, unit, note in _QUOTED:
        figures.add(key, value, unit, kind="quoted", note=note)
