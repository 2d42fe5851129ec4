"""What the agent's benchmark counts, without a phone."""

from __future__ import annotations

import time
from typing import Any

import pytest

from benchmarks.agent import lexical_figures, oracle_figures, replay_figures, timing_figures
from benchmarks.agent_pages import RandomDecider, Watch, unseen
from benchmarks.figures import Figures
from ostinato.agent.decider import Choice
from ostinato.trace.action import Done


def run(solved: bool, claimed: str = "done") -> dict[str, Any]:
    parts = {"observe": 30.0, "decide": 6.0, "act": 60.0}
    return {"solved": solved, "claimed": claimed, "steps": 3, "replayed": 2, "seconds": 1.0, "parts": parts}


def value(figures: Figures, key: str) -> float:
    [found] = [figure.value for figure in figures.found if figure.key == key]
    return found


def test_a_part_within_another_counts_once() -> None:
    watch = Watch()
    with watch.part("decide"):
        time.sleep(0.02)
        watch.timed("ground", time.sleep)(0.05)
    taken = watch.taken()
    assert 15 <= taken["decide"] < 45 <= taken["ground"]
    assert watch.taken() == {}


def test_the_unseen_pages_are_always_the_same_fifteen() -> None:
    pages = [f"page-{number}" for number in range(130)]
    assert len(unseen(pages)) == 15 and unseen(pages) == unseen(pages[::-1])


def test_pages_that_were_not_seen_are_counted_apart_and_those_that_did_not_load_as_failed() -> None:
    found = {
        "a": {"runs": [run(True), run(True)]},
        "b": {"runs": [run(True), run(False)]},
        "c": {"runs": [run(False, "failed"), {"seed": 2, "solved": False, "claimed": "not begun"}]},
    }
    figures = Figures("agent", False)
    lexical_figures(figures, found, frozenset({"b"}))
    assert value(figures, "miniwob_success_lexical") == 3 / 6
    assert value(figures, "miniwob_success_lexical_unseen") == 1 / 2
    assert value(figures, "miniwob_success_lexical_seen") == 2 / 4
    assert value(figures, "miniwob_pages_lexical") == 1 / 3
    assert value(figures, "lexical_done_is_right") == 3 / 4
    assert value(figures, "lexical_gives_up") == 2 / 6
    assert value(figures, "step_observe_s_lexical") == pytest.approx(0.01)


def test_an_oracle_that_fails_once_does_not_solve_its_task() -> None:
    figures = Figures("agent", False)
    oracle_figures(figures, {"a": {"solved": 2, "runs": 2}, "b": {"solved": 1, "runs": 2}})
    assert value(figures, "miniwob_oracle_tasks") == 1
    assert value(figures, "miniwob_oracle_success") == 3 / 4


def test_the_same_episodes_are_told_without_and_with_replay() -> None:
    figures = Figures("agent", False)
    replay_figures(figures, {"a": {"off": [run(False)], "on": [run(True)]}})
    assert (value(figures, "replay_off_success"), value(figures, "replay_on_success")) == (0, 1)
    assert value(figures, "replayed_steps") == 1
    timing_figures(figures, {"observed": [1.0, 3.0], "acted": [4.0], "busy": 2.0})
    assert value(figures, "observe_ms") == 2


def test_chance_ends_by_itself() -> None:
    from tests.agent.test_grounder import BILLS

    said = RandomDecider("1").decide(BILLS, "anything", ())
    assert isinstance(said, Choice) and not isinstance(said.action, Done)
    assert said == RandomDecider("1").decide(BILLS, "anything", ())
