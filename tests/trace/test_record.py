from __future__ import annotations

import trace_strategies as some
from hypothesis import given

from ostinato.trace.action import Action, action_adapter, describe
from ostinato.trace.record import Trace


@given(some.action)
def test_an_action_survives_json(action: Action) -> None:
    assert action_adapter.validate_json(action_adapter.dump_json(action)) == action
    assert describe(action)


@given(some.trace())
def test_a_trace_survives_json(trace: Trace) -> None:
    assert Trace.model_validate_json(trace.model_dump_json()) == trace
