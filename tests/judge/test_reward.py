"""Rewards and kinds of failure, from verdicts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from bills import Bills, Recorder, adding
from hypothesis import given
from hypothesis import strategies as st

from ostinato.agent.script import on
from ostinato.judge.derive import derive_rules
from ostinato.judge.judge import judge
from ostinato.judge.reward import Weights, reward, reward_of
from ostinato.judge.substate import bound_to
from ostinato.judge.taxonomy import MEANING, counts, failure
from ostinato.trace.record import Outcome, Verdict

TEA = {"what": "Tea", "amount": "3.50", "payer": "Bob"}
JAM = {"what": "Jam jar", "amount": "12.00", "payer": "Carol"}
TASK = "Add {what} for {amount}, paid by {payer}"


def verdict(value: str, **more: Any) -> Verdict:
    return Verdict.model_validate({"trace": "t", "rules": "r", "value": value, "judged": datetime.now(UTC), **more})


def test_a_reward_goes_the_way_of_the_verdict() -> None:
    recorder = Recorder()
    rules = derive_rules([recorder(TASK.format(**v), adding(v)) for v in (TEA, JAM)], recorder.data)
    good = recorder(TASK.format(**TEA), adding(TEA))
    half = recorder(TASK.format(**TEA), adding(TEA)[:-1], outcome=Outcome(claimed="stopped"))
    liar = recorder(TASK.format(**TEA), adding(TEA)[:-1])
    spoilt = recorder(TASK.format(**TEA), [*adding(TEA), on("tap", "button", "Delete", row="Rent")], Bills())
    values = [reward(trace, bound_to(rules, trace.task), recorder.data).value for trace in (good, half, liar, spoilt)]
    assert values[0] == 1.0 and values == sorted(values, reverse=True) and len(set(values)) == 4
    assert reward(good, bound_to(rules, good.task), recorder.data) == reward_of(
        judge(good, bound_to(rules, good.task), recorder.data)
    )


def test_components_stand_apart_and_are_weighed() -> None:
    found = reward_of(verdict("no", progress=0.5, side_effects=("x",), said_done=True), Weights(side_effects=0.1))
    assert (found.success, found.progress, found.side_effects, found.false_done) == (0, 0.5, 1, 1)
    assert found.value == pytest.approx(0.3 * 0.5 - 0.1 - 0.2)
    assert reward_of(verdict("yes", steps=10, oracle_steps=5)).value == pytest.approx(1 - 0.1 * 0.5)
    assert reward_of(verdict("yes", steps=3, oracle_steps=5)).value == 1.0


def test_an_uncertain_verdict_is_not_known() -> None:
    assert not reward_of(verdict("uncertain", progress=1.0)).known
    assert reward_of(verdict("no")).known and reward_of(verdict("yes")).known


@given(
    st.sampled_from(["yes", "no", "uncertain"]),
    st.one_of(st.none(), st.floats(0, 1)),
    st.one_of(st.none(), st.just(()), st.just(("x",))),
    st.one_of(st.none(), st.booleans()),
    st.integers(0, 50),
    st.one_of(st.none(), st.integers(0, 50)),
)
def test_a_reward_is_never_beyond_its_bounds(
    value: str, progress: float | None, effects: Any, said: Any, steps: int, needed: Any
) -> None:
    made = verdict(value, progress=progress, side_effects=effects, said_done=said, steps=steps, oracle_steps=needed)
    assert -1 <= reward_of(made).value <= 1
    assert failure(made) in MEANING


# ---------------------------------------------------------------------------------------------- kinds of failure
@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (verdict("yes"), "done"),
        (verdict("uncertain"), "cannot be told"),
        (verdict("no", progress=1.0, side_effects=("x",), said_done=True), "something else as well"),
        (verdict("no", progress=0.0, said_done=False), "not begun"),
        (verdict("no", progress=0.4, said_done=False), "stopped on the way"),
        (verdict("no", progress=0.4, said_done=True, changes=(), side_effects=()), "not saved"),
        (verdict("no", progress=0.4, said_done=True, changes=("x",), side_effects=("x",)), "wrong result"),
        (verdict("no", progress=0.4, said_done=True), "wrong result"),
        (
            verdict(
                "no",
                progress=1.0,
                said_done=True,
                substates=({"id": "a", "value": "no", "checks": ({"label": "never: x", "value": "false"},)},),
            ),
            "something else as well",
        ),
    ],
)
def test_a_failure_has_a_kind(made: Verdict, kind: str) -> None:
    assert failure(made) == kind
    assert counts([made])[failure(made)] == 1 and sum(counts([made]).values()) == 1
