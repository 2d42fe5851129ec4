"""MobiFlow's original semantics (IPADS-SAI/MobiAgent, its judge), as a baseline over the same substates.

Written from the published description and its confirmed faults, not from its code: a milestone is the words of a
substate, looked for in the text of each frame, which is what the screen shows and what the agent says of it; the
frames of a milestone begin after the last hit of those before it; what is no text is dropped; reaching every milestone
that nothing follows is a success.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ostinato.judge.check import (
    AllOf,
    AnyOf,
    Check,
    Count,
    Did,
    Enabled,
    Exists,
    TextHas,
    Together,
    ValueEquals,
    Was,
)
from ostinato.judge.substate import Rules, Substate, in_order
from ostinato.trace.action import describe
from ostinato.trace.record import Trace
from ostinato.trace.values import fill, holds_value


def says_success(trace: Trace, rules: Rules) -> bool:
    """What MobiFlow would say of a trace, with the milestones of these rules."""
    values = {"today": trace.started.astimezone().date().isoformat(), **rules.values}
    milestones = {s.id: words for s in in_order(rules) if (words := list(_words(s, values)))}
    frames = list(_frames(trace))
    after = {name: _before(rules, name, milestones) for name in milestones}
    hits: dict[str, list[int]] = {}
    for substate in in_order(rules):
        if substate.id not in milestones:
            continue
        parents = after[substate.id]
        if any(not hits.get(parent) for parent in parents):
            hits[substate.id] = []
            continue
        first = max((hits[parent][-1] + 1 for parent in parents), default=0)  # the last hit, not the earliest
        wanted = milestones[substate.id]
        hits[substate.id] = [
            n for n, text in enumerate(frames) if n >= first and all(holds_value(text, word) for word in wanted)
        ]
    followed = {parent for parents in after.values() for parent in parents}
    sinks = [name for name in milestones if name not in followed]
    return bool(sinks) and all(hits[name] for name in sinks)


def _frames(trace: Trace) -> Iterator[str]:
    yield ""  # a leading empty frame
    for step in trace.steps:
        yield "\n".join([step.before.text, step.decision.text, describe(step.action)])
    if trace.final is not None:
        said = trace.outcome.reason if trace.outcome is not None else ""
        yield "\n".join([trace.final.text, said])


def _before(rules: Rules, name: str, milestones: dict[str, list[str]]) -> list[str]:
    """The milestones that come right before one: its page, and what it requires."""
    substate = next(s for s in rules.substates if s.id == name)
    above = [substate.parent] if substate.parent is not None else []
    return [n for n in (*above, *(n for group in substate.requires for n in group)) if n in milestones]


def _words(substate: Substate, values: dict[str, str]) -> Iterator[str]:
    if substate.when == "never" or substate.of_data:
        return
    for check in substate.checks:
        for text in _texts(check):
            yield fill(text, values)


def _texts(check: Check) -> Sequence[str]:
    match check:
        case Exists() | Enabled():
            return [check.target.name] if check.target.name else []
        case ValueEquals():
            return [check.value] if check.value else []
        case TextHas():
            return [check.text]
        case Together(number=number) if number != 0:
            return check.texts
        case Count():
            return [check.name] if check.name else []
        case Did():
            return [text for text in (check.target.name if check.target else None, check.text) if text]
        case AnyOf():
            return _texts(check.checks[0])
        case AllOf() | Was():
            return [text for inner in check.checks for text in _texts(inner)]
        case _:
            return []
