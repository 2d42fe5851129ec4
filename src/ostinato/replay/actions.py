"""Runs that did the very same before: what they did can be played again as it was."""

from __future__ import annotations

from collections.abc import Sequence

from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn_once
from ostinato.trace.record import Trace
from ostinato.trace.store import Store, TraceSummary
from ostinato.trace.values import address, normal

_LOOKED_AT = 50


def done_before(store: Store, task: str, apps: Sequence[str] | None = None) -> list[TraceSummary]:
    """Runs of exactly these words that ended well, the newest first: one that was judged counts when it was judged
    right, another when no model took a step in it, so that somebody stands for it."""
    places = {address(app) for app in apps} if apps is not None else None
    return [
        line
        for line in store.list(limit=_LOOKED_AT, status="done", text=" ".join(task.split()))
        if normal(line.task) == normal(task)
        and line.app is not None
        and (places is None or address(line.app) in places)
        and line.steps > 0
        and (line.verdict == "yes" or (line.verdict is None and line.calls == 0))
    ]


def played_again(store: Store, trace: Trace) -> Experience:
    """What a run did, as an experience for its very words. Raises LearnError."""
    return learn_once(trace, store.data)
