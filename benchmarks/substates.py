"""How well substates that were made cover those written by hand: matched one to one by what they say of runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ostinato.judge.judge import judge
from ostinato.judge.substate import Rules
from ostinato.trace.data import AppData
from ostinato.trace.record import SubstateResult, Trace

_AGREE = 0.95  # of the runs, for two substates to be the same


@dataclass(frozen=True)
class Coverage:
    """`matched` of `human` substates have one of the `made`, each for one."""

    human: int
    made: int
    matched: int
    missing: tuple[str, ...]


def coverage(
    human: Sequence[Rules], made: Sequence[Rules], traces: Sequence[Trace], data: Callable[[str], AppData]
) -> Coverage:
    """Match the substates of two sets of rules for one task. `human[i]` and `made[i]` are bound to `traces[i]`.

    Two substates are the same when both ask the data or both ask what must never be or both ask screens, and they
    give the same answer on 95 % of the runs, and where both say yes of a screen, on the same one."""
    wanted = [_said(rules, trace, data) for rules, trace in zip(human, traces, strict=True)]
    found = [_said(rules, trace, data) for rules, trace in zip(made, traces, strict=True)]
    names, others = list(wanted[0]), list(found[0])
    kinds = {s.id: _kind(s.kind, s.of_data) for s in (*human[0].substates,)}
    other_kinds = {s.id: _kind(s.kind, s.of_data) for s in (*made[0].substates,)}
    fitting = [
        [
            k
            for k, other in enumerate(others)
            if kinds[name] == other_kinds[other] and _agree([w[name] for w in wanted], [f[other] for f in found])
        ]
        for name in names
    ]
    taken = assigned(fitting)
    missing = tuple(name for n, name in enumerate(names) if n not in taken.values())
    return Coverage(len(names), len(others), len(taken), missing)


def _said(rules: Rules, trace: Trace, data: Callable[[str], AppData]) -> dict[str, SubstateResult]:
    return {result.id: result for result in judge(trace, rules, data).substates}


def _kind(kind: str, of_data: bool) -> str:
    return "data" if of_data else "absent" if kind == "absent" else "screen"


def _agree(one: Sequence[SubstateResult], other: Sequence[SubstateResult]) -> bool:
    same = sum(a.value == b.value and (a.value != "yes" or a.at == b.at) for a, b in zip(one, other, strict=True))
    return same >= _AGREE * len(one)


def assigned(fitting: Sequence[Sequence[int]]) -> dict[int, int]:
    """As many pairs as can be (augmenting paths): which of the first each of the second was taken for."""
    taken: dict[int, int] = {}

    def take(wanted: int, tried: set[int]) -> bool:
        for found in fitting[wanted]:
            if found not in tried:
                tried.add(found)
                if found not in taken or take(taken[found], tried):
                    taken[found] = wanted
                    return True
        return False

    for wanted in range(len(fitting)):
        take(wanted, set())
    return taken
