"""What differs between two versions is all said, once, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from bills import Recorder, adding
from hypothesis import given
from hypothesis import strategies as st

from ostinato.judge.change import Expectation
from ostinato.judge.check import TextHas
from ostinato.replay.difference import differences
from ostinato.replay.experience import Experience, Node, Slot
from ostinato.replay.learn import learn
from ostinato.trace.locator import Locator


@pytest.fixture(scope="module")
def known() -> Experience:
    recorder = Recorder()
    every = [{"what": w, "amount": a, "payer": p} for w, a, p in (("Tea", "3", "Bob"), ("Jam", "4", "Alice"))]
    traces = [recorder("Add a bill: {what}, {amount}, paid by {payer}".format(**v), adding(v)) for v in every]
    return learn(traces, recorder.data)


def node(known: Experience, number: int, **more: Any) -> Experience:
    nodes = list(known.nodes)
    nodes[number] = nodes[number].model_copy(update=more)
    return known.model_copy(update={"nodes": tuple(nodes)})


def said(one: Experience, other: Experience) -> list[tuple[str, str, str | None, str | None]]:
    return [(d.part, d.where, d.before, d.after) for d in differences(one, other)]


def test_nothing_differs_between_one_and_itself_learnt_another_day(known: Experience) -> None:
    later = {"version": 7, "learnt": datetime(2027, 1, 1, tzinfo=UTC), "status": "candidate", "recordings": ("x",)}
    assert differences(known, known.model_copy(update=later)) == []


def test_each_part_is_named_with_what_was_and_what_is(known: Experience) -> None:
    target = known.nodes[4].target
    assert target is not None
    moved = node(known, 4, target=target.model_copy(update={"name": "Keep", "path": "main/aside"}), optional=True)
    step = f"step 5, {known.nodes[4].primitive}"
    assert said(known, moved) == [
        ("if there", step, "no", "yes"),
        ("target name", step, "Save", "Keep"),
        ("target path", step, target.path, "main/aside"),
    ]
    check = TextHas(text="Well done")
    assert said(known, node(known, 4, post=(*known.nodes[4].post, check))) == [
        ("checked after", step, None, "“Well done” is shown")
    ]
    assert said(known, known.model_copy(update={"success": (*known.success, check)})) == [
        ("at the end", "", None, "“Well done” is shown")
    ]
    assert said(known, known.model_copy(update={"templates": ("Buy {what}",)})) == [
        ("task", "", known.templates[0], None), ("task", "", None, "Buy {what}")
    ]  # fmt: skip
    row = Expectation(table="log", operation="added")
    assert known.data is not None
    assert said(known, known.model_copy(update={"data": (*known.data, row)})) == [("data", "", None, row.words())]
    assert ("data", "", None, "not known") in said(known, known.model_copy(update={"data": None}))
    assert said(known, known.model_copy(update={"origins": ("https://pay.example",), "app": "x"})) == [
        ("app", "", "bills", "x"), ("site", "", None, "https://pay.example")
    ]  # fmt: skip


def test_slots_that_come_go_or_change(known: Experience) -> None:
    first, *rest = known.slots
    new = Slot(name="note", kind="text", examples=("x",))
    found = said(known, known.model_copy(update={"slots": (*rest, new)}))
    assert found == [("slot", f"{{{first.name}}}", first.kind, None), ("slot", "{note}", None, "text")]
    other = first.model_copy(update={"examples": ("Rice", "Oil")})
    assert said(known, known.model_copy(update={"slots": (other, *rest)})) == [
        ("seen", f"{{{first.name}}}", ", ".join(first.examples), "Rice, Oil")
    ]


def test_a_step_that_was_put_in_is_one_difference_and_moves_no_other(known: Experience) -> None:
    cookies = Node(index=1, kind="tap", target=Locator(role="button", name="Accept"), primitive="accept", optional=True)
    nodes = [known.nodes[0], cookies, *known.nodes[1:]]
    more = known.model_copy(update={"nodes": tuple(n.model_copy(update={"index": k}) for k, n in enumerate(nodes))})
    assert said(known, more) == [("step", "step 2", None, "accept (read, if there)")]
    assert said(more, known) == [("step", "step 2", "accept (read, if there)", None)]


@given(st.data())
def test_whatever_changes_in_a_step_is_said(known: Experience, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(known.nodes) - 1))
    part, value = data.draw(
        st.sampled_from(
            [("text", "other"), ("risk", "commit"), ("secret", "pin"), ("enter", True), ("optional", True), ("pre", ()),
             ("commit", ()), ("post", ()), ("primitive", "other"), ("target", None)]
        )
    )  # fmt: skip
    changed = node(known, number, **{part: value})
    assert bool(differences(known, changed)) == (changed != known)
