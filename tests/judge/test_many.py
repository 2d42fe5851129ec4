"""Many traces judged: all of them, side by side, and none again that is known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from screens import element, screen

from ostinato.errors import UsageError
from ostinato.judge import many
from ostinato.judge.check import Asked, TextHas
from ostinato.judge.evidence import Answer, Evidence
from ostinato.judge.many import Order, judge_many
from ostinato.judge.substate import Rules, Substate, bound_to
from ostinato.trace.action import Done
from ostinato.trace.record import Cost, Decision, Outcome, Result, Step, Truth
from ostinato.trace.store import Store

TEA = Rules(substates=(Substate(id="tea", when="final", checks=(TextHas(text="Tea"),)),))
JAM = Rules(substates=(Substate(id="jam", when="final", checks=(TextHas(text="Jam"),)),))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def add(store: Store, *words: str) -> list[str]:
    """A trace for each word, which its last screen shows."""
    ids = []
    for word in words:
        writer = store.begin(task=f"make {word}")
        seen = screen(element("text", word, "main/text"))
        writer.intent(Step(index=0, before=writer.put_screen(seen), decision=Decision(source="model"), action=Done(),
                           risk="read", started=datetime.now(UTC)))  # fmt: skip
        writer.result(0, Result(ok=True), datetime.now(UTC), ())
        writer.end(outcome=Outcome(claimed="done"), final=writer.put_screen(seen), cost=Cost(), data_after=None)
        ids.append(writer.id)
    return ids


def orders(ids: list[str], rules: Rules = TEA) -> list[Order]:
    return [Order(trace, rules) for trace in ids]


def test_every_trace_gets_its_verdict_and_it_is_stored(store: Store) -> None:
    ids = add(store, "Tea", "Jam", "Tea")
    found = {judged.trace: judged for judged in judge_many(store, orders(ids))}
    assert [found[trace].verdict.value for trace in ids if (found[trace].verdict is not None)] == ["yes", "no", "yes"]  # type: ignore[union-attr]
    assert [store.verdicts(trace)[0].value for trace in ids] == ["yes", "no", "yes"]
    assert {row.id: row.verdict for row in store.list()} == dict(zip(ids, ["yes", "no", "yes"], strict=True))


def test_what_is_known_is_not_judged_again_until_something_differs(store: Store) -> None:
    ids = add(store, "Tea", "Jam")

    def judged_again(rules: Rules = TEA, again: bool = False) -> list[bool]:
        return [judged.again for judged in judge_many(store, orders(ids, rules), again=again)]

    assert judged_again() == [True, True]
    assert judged_again() == [False, False]
    assert judged_again(JAM) == [True, True]  # other rules
    assert judged_again(again=True) == [True, True]
    with store.journal(ids[0]).open("ab") as journal:  # other evidence: what was recorded is not as it was
        journal.write(b"x")
    assert sorted(judged_again()) == [False, True]


def test_another_judge_judges_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = add(store, "Tea")
    list(judge_many(store, orders(ids)))
    monkeypatch.setattr(many, "judge_name", lambda eyes, model: "another")
    assert [judged.again for judged in judge_many(store, orders(ids))] == [True]


def test_one_that_cannot_be_judged_is_told_and_the_others_go_on(store: Store) -> None:
    ids = add(store, "Tea")
    lost = "20200101-000000-000000"
    found = {judged.trace: judged for judged in judge_many(store, orders([lost, *ids]))}
    assert found[lost].verdict is None and "no trace" in found[lost].error
    assert found[ids[0]].verdict is not None


def test_processes_side_by_side_say_the_same_as_one(store: Store) -> None:
    ids = add(store, *(["Tea", "Jam"] * 10))
    alone = {judged.trace: judged.verdict.value for judged in judge_many(store, orders(ids), jobs=1) if judged.verdict}
    both = {
        judged.trace: judged.verdict.value
        for judged in judge_many(store, orders(ids), jobs=2, again=True)
        if judged.verdict
    }
    assert alone == both and len(both) == 20
    assert all(len(store.verdicts(trace)) == 1 for trace in ids)


def test_a_damaged_verdict_is_made_again(store: Store) -> None:
    ids = add(store, "Tea")
    list(judge_many(store, orders(ids)))
    store.verdict_files(ids[0])[0].write_text("{", encoding="utf-8")
    assert [judged.again for judged in judge_many(store, orders(ids))] == [True]


# ---------------------------------------------------------------------------------------------- values of a task
def test_rules_take_the_values_that_a_task_says() -> None:
    rules = TEA.model_copy(update={"task": "Add {what}, {amount}", "values": {"what": "Tea", "amount": "3", "x": "y"}})
    assert bound_to(rules, "add Jam, 12.50").values == {"what": "Jam", "amount": "12.50", "x": "y"}
    assert bound_to(TEA, "anything") == TEA
    with pytest.raises(UsageError, match="is not the task that these rules are for"):
        bound_to(rules, "Delete Jam")
    with pytest.raises(UsageError, match="is not the task that these rules are for"):
        bound_to(rules, "Add Jam, much")
    with pytest.raises(UsageError, match="more than one way"):
        bound_to(rules.model_copy(update={"task": "Add {what}, {x}"}), "Add a, b, c")


class Helper:
    """A model that is out of reach at first."""

    name = "helper"
    says: Truth = "unknown"

    def ask(self, question: str, evidence: Evidence) -> Answer:
        return self.says, "no connection" if self.says == "unknown" else "seen"


def test_what_a_helper_left_open_is_asked_again(store: Store) -> None:
    [trace] = add(store, "Tea")
    asked = Rules(substates=(Substate(id="tea", when="final", checks=(Asked(question="Is there tea?"),)),))
    helper = Helper()

    def judged() -> tuple[str, bool]:
        [found] = judge_many(store, [Order(trace, asked)], model=helper)
        assert found.verdict is not None
        return found.verdict.value, found.again

    assert judged() == ("uncertain", True)
    helper.says = "true"
    assert [judged(), judged()] == [("yes", True), ("yes", False)]
