"""The judge's benchmark: what is planned is even, what is counted is right, and the baseline has its known faults."""

from __future__ import annotations

from collections import Counter

import pytest
from screens import NOW, element, screen

from benchmarks.judge import FULL, HELD_OUT_APP, Judged, _kappa
from benchmarks.labelled import HELD_OUT_KINDS, Labelled, Plan, plans
from benchmarks.mobiflow_original import says_success
from benchmarks.page import failures
from benchmarks.substates import assigned
from ostinato.judge.check import TextHas
from ostinato.judge.judge import judge
from ostinato.judge.substate import Rules, Substate
from ostinato.judge.taxonomy import MEANING
from ostinato.trace.action import Back
from ostinato.trace.record import Decision, Outcome, Result, Step, Trace


def test_as_many_oracle_runs_are_planned_as_runs_of_each_mutant() -> None:
    total = 0
    for suite in FULL:
        made = plans(suite.tasks, suite.per_kind)
        assert len(set(made)) == len(made)
        assert set(Counter(plan.kind for plan in made).values()) == {suite.per_kind}, suite.app
        assert all(plan.app == task.app for plan in made for task in suite.tasks if task.name == plan.task)
        total += len(made)
    assert total >= 500 and len(FULL) >= 4


def judged(app: str, kind: str) -> Judged:
    run = Labelled(Plan("t", app, kind, 0), "trace", {}, False, (), 1.0)
    return Judged(run, app, "no", "no", None, False)


def test_a_whole_app_and_two_kinds_are_held_out() -> None:
    assert judged(HELD_OUT_APP, "oracle").held_out
    assert all(judged("ihatemoney", kind).held_out for kind in HELD_OUT_KINDS) and len(HELD_OUT_KINDS) == 2
    assert not judged("ihatemoney", "twice").held_out


def test_kappa_is_cohens() -> None:
    """The example of 50 judged twice: observed 0.7, expected 0.5, kappa 0.4."""
    table = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    table |= {("yes", "uncertain"): 0, ("no", "uncertain"): 0}
    assert _kappa(table, 50) == pytest.approx(0.4)


def test_substates_are_paired_one_to_one_and_as_many_as_can_be() -> None:
    assert len(assigned([[0, 1], [0], [1, 2]])) == 3
    assert len(assigned([[0], [0], [0]])) == 1
    assert assigned([[], []]) == {}


# ---------------------------------------------------------------------------------------------- the baseline
HOME, BASKET = (Substate(id=name, kind="page", checks=(TextHas(text=name),)) for name in ("home", "basket"))
SHOP = Rules(substates=(HOME, BASKET.model_copy(update={"parent": "home"})))


def run(*shown: str, said: str = "") -> Trace:
    screens = [screen(element("text", text, "main/text")) for text in shown]
    steps = tuple(
        Step(
            index=n, before=before, decision=Decision(source="model", text=said), action=Back(), risk="read",
            started=NOW, result=Result(ok=True),
        )
        for n, before in enumerate(screens[:-1])
    )  # fmt: skip
    return Trace(
        id="20260131-120000-000001", task="t", started=NOW, steps=steps, final=screens[-1],
        outcome=Outcome(claimed="done"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("trace", "original", "ours"),
    [
        (run("home", "basket"), True, "yes"),
        (run("home", "other"), False, "no"),
        (run("home", "basket", "home"), False, "yes"),  # the last hit of a parent counts, not the earliest
        (run("home", "other", "other", said="I open the basket"), True, "no"),  # what is said counts as seen
    ],
)
def test_the_baseline_has_the_faults_that_were_published_and_the_judge_has_not(
    trace: Trace, original: bool, ours: str
) -> None:
    assert says_success(trace, SHOP) is original
    assert judge(trace, SHOP, lambda sha: pytest.fail("no data")).value == ours


def test_the_page_of_failures_counts_every_kind_for_every_agent() -> None:
    figures = [
        {"key": f"agent_{agent}_{kind.replace(' ', '_')}", "value": 0.5 if kind == "done" else n, "n": 8, "note": ""}
        for agent in ("oracle", "replay", "flawed")
        for n, kind in enumerate(MEANING)
    ]
    figures += [
        {"key": "agents_judged_right", "value": 0.875, "n": 24, "note": ""},
        {"key": "agent_example_not_saved", "value": 1, "n": 1, "note": "Add Tea (flawed): a | b"},
    ]
    page = failures({"commit": "abc", "figures": figures})
    assert all(f"| {kind} | {meaning} |" in page for kind, meaning in MEANING.items())
    assert "| done | everything that is required was reached, and nothing else happened | 4 | 4 | 4 |" in page
    assert r"Add Tea (flawed): a \| b" in page and "87.5% of 24 runs" in page
