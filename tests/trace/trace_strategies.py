"""Records of every shape for the property tests of this room, and a small trace for the others."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from ostinato.trace import action as act
from ostinato.trace.record import (
    CheckResult,
    Cost,
    Data,
    Decision,
    ExperienceRef,
    Outcome,
    Result,
    Step,
    Tokens,
    Trace,
)
from ostinato.trace.screen import Box, Element, Point, Screen
from ostinato.trace.store import Store

NOW = datetime(2026, 1, 31, 12, 0, 0, 123456, UTC)
BUTTON = Element(role="button", name="Büy 买", box=Box(left=10, top=20, width=100, height=40), path="main/button")
SCREEN = Screen(width=390, height=844, elements=(BUTTON,), taken=NOW)

text = st.text(max_size=8)
number = st.floats(-1e4, 1e4)
when = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
maybe_text = st.none() | text
point = st.builds(Point, x=number, y=number)
box = st.builds(Box, left=number, top=number, width=number, height=number)
element = st.builds(
    Element, role=text, name=text, value=maybe_text, placeholder=maybe_text, id=maybe_text, box=box,
    enabled=st.booleans(), checked=st.none() | st.booleans(), options=st.tuples(text, text), path=text,
)  # fmt: skip
maybe_element = st.none() | element
action = st.one_of(
    *(st.builds(kind, point=point, element=maybe_element) for kind in (act.Tap, act.DoubleTap, act.LongPress)),
    st.builds(act.Type, text=text, element=maybe_element, secret=maybe_text, clear=st.booleans()),
    st.builds(act.Select, element=element, option=text),
    st.builds(act.Swipe, start=point, end=point, seconds=number),
    st.builds(act.Scroll, dx=number, dy=number, element=maybe_element),
    st.builds(act.Drag, start=point, end=point, element=maybe_element, target=maybe_element),
    st.builds(act.Key, key=text),
    st.just(act.Back()),
    st.just(act.Home()),
    st.builds(act.Open, url=text),
    st.builds(act.Wait, seconds=number),
    st.builds(act.Answer, text=text),
    st.builds(act.Done, success=st.booleans(), message=text),
)
screen = st.builds(
    Screen, url=maybe_text, title=text, width=st.integers(1, 40), height=st.integers(1, 40), taken=when,
    keyboard=st.booleans(), dialog=maybe_text,
)  # fmt: skip
tokens = st.builds(Tokens, prompt=st.integers(0, 9), output=st.integers(0, 9))
decision = st.builds(Decision, source=st.sampled_from(["model", "replay", "human", "script"]), text=text,
                     raw=maybe_text, seconds=number, tokens=st.none() | tokens)  # fmt: skip
check = st.builds(CheckResult, label=text, value=st.sampled_from(["true", "false", "unknown"]), evidence=text)
result = st.builds(Result, ok=st.booleans(), error=maybe_text, events=st.tuples(text))
experience = st.builds(ExperienceRef, id=text, version=st.just(1), node=st.just(2))
values = st.dictionaries(text, text, max_size=2)


@st.composite
def step(draw: st.DrawFn, index: int) -> Step:
    known = {
        "index": index, "before": draw(screen), "decision": draw(decision), "action": draw(action),
        "risk": draw(st.sampled_from(["read", "edit", "commit"])), "started": draw(when),
        "experience": draw(st.none() | experience),
    }  # fmt: skip
    if draw(st.booleans()):
        known |= {
            "ended": draw(when),
            "result": draw(result),
            "checks": tuple(draw(st.lists(check, max_size=2))),
        }
    return Step(**known)


@st.composite
def trace(draw: st.DrawFn) -> Trace:
    count = draw(st.integers(0, 3))
    known = {
        "id": "20260131-120000-0a1b2c", "task": draw(text), "app": draw(maybe_text),
        "seed": draw(st.none() | st.just(7)), "slots": draw(values), "meta": draw(values),
        "started": draw(when), "steps": tuple(draw(step(index)) for index in range(count)),
    }  # fmt: skip
    if draw(st.booleans()):
        claimed = draw(st.sampled_from(["done", "failed", "stopped", "interrupted"]))
        known |= {
            "ended": draw(when), "final": draw(st.none() | screen), "data": Data(after=draw(maybe_text)),
            "outcome": Outcome(claimed=claimed, reason=draw(text), answer=draw(maybe_text)),
            "cost": Cost(calls=draw(st.integers(0, 9)), tokens=draw(tokens), seconds=draw(number)),
        }  # fmt: skip
    return Trace(**known)


def tap(index: int = 0, risk: str = "edit", before: Screen = SCREEN) -> Step:
    return Step(
        index=index, before=before, decision=Decision(source="script"), risk=risk, started=NOW,
        action=act.Tap(point=Point(x=60, y=40), element=BUTTON),
    )  # fmt: skip


def record(
    store: Store, task: str = "buy milk", app: str | None = "shop", claimed: str | None = "done", **how: str
) -> str:
    """A trace of one step; `claimed` None leaves it interrupted before the result."""
    writer = store.begin(task=task, app=app)
    writer.intent(tap(**how))
    if claimed is None:
        writer.close()
    else:
        writer.result(0, Result(ok=True), NOW, ())
        writer.end(outcome=Outcome(claimed=claimed), final=SCREEN, cost=Cost(calls=2), data_after=None)
    return writer.id
