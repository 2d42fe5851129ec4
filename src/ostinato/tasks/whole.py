"""The traces of a plan's sub-tasks as one trace of the whole task, so that rules for the whole can judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ostinato.agent.plans.subtasks import Plan
from ostinato.house import House
from ostinato.phone.apps.several import together
from ostinato.trace import journal
from ostinato.trace.data import AppData
from ostinato.trace.record import Cost, Data, Outcome, Trace
from ostinato.trace.store import new_id

WHOLE = "subtasks"  # the key of a whole trace's meta that lists those it is made of


def whole_trace(
    rooms: House,
    plan: Plan,
    traces: Sequence[Trace],
    artefacts: Mapping[str, str],
    run: str,
    reading: Sequence[Cost] = (),
) -> Trace:
    """One trace of a finished plan, stored: the steps one sub-task after the other, the data of all apps before and
    after. `traces` are in the plan's order; `artefacts` say in words where each came from, `reading` what models took
    to read them."""
    steps = [step for trace in traces for step in trace.steps]
    last = max(traces, key=lambda trace: trace.ended or trace.started)
    apps = tuple(dict.fromkeys(trace.app or "" for trace in traces))
    whole = Trace(
        id=new_id(),
        task=plan.task,
        app="+".join(apps),
        place=None,
        batch=run,
        phone=", ".join(dict.fromkeys(trace.phone for trace in traces)),
        agent="plan",
        started=min(trace.started for trace in traces),
        ended=last.ended or datetime.now(UTC),
        steps=tuple(step.model_copy(update={"index": number}) for number, step in enumerate(steps)),
        final=last.final,
        data=Data(before=_data(rooms, traces, apps, first=True), after=_data(rooms, traces, apps, first=False)),
        outcome=Outcome(claimed="done", answer=_answer(traces)),
        cost=Cost.of_all([*(trace.cost for trace in traces), *reading]),
        meta={
            WHOLE: " ".join(trace.id for trace in traces),
            **{f"artefact {n}": said for n, said in artefacts.items()},
        },
    )
    rooms.store.add(whole, {})
    return rooms.store.load(whole.id)


def _answer(traces: Sequence[Trace]) -> str | None:
    """The last answer that was given; a sub-task after it need not give one."""
    given = [trace.outcome.answer for trace in traces if trace.outcome is not None]
    return next((answer for answer in reversed(given) if answer is not None), None)


def _data(rooms: House, traces: Sequence[Trace], apps: Sequence[str], *, first: bool) -> str | None:
    """The blob of all apps' data before the first or after the last sub-task in each; None where one keeps none."""
    found: dict[str, AppData] = {}
    for app in apps:
        mine = sorted((t for t in traces if t.app == app), key=lambda trace: trace.started)
        blob = mine[0].data.before if first else mine[-1].data.after
        if blob is None:
            return None
        found[app] = rooms.store.data(blob)
    [*rest] = found.values()
    data = rest[0] if len(rest) == 1 else together(found)
    return rooms.store.blobs.put(journal.to_json(data.model_dump(mode="json")))
