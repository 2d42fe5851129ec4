"""Planning without a model: what is known explains the words, clause by clause; and with one, for what is left."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model.fake_server import FakeServer, serving

from ostinato.agent.formats.planner import Place, PlanJson
from ostinato.agent.plans.clauses import question_in, referring, sentences_of, splits
from ostinato.agent.plans.planner import Planner
from ostinato.agent.plans.subtasks import Plan, problems_of
from ostinato.errors import AmbiguousTask, MatchError, ModelAnswerError
from ostinato.model.endpoint import Endpoint
from ostinato.phone.apps.about import described
from ostinato.replay.experience import Experience, Slot
from ostinato.replay.memory import Memories
from ostinato.replay.repository import Repository
from ostinato.trace.values import slots_in

PLACES = tuple(Place(name, words) for name, words in described().items())
WAYS = (
    ("bill", "ihatemoney", "Add an expense: {what}, {how_much}, paid by {who_paid}"),
    ("person", "ihatemoney", "Add {name} to the group"),
    ("note", "tiddlywiki", 'Write {text} into a note called "{title}"'),
    ("tag", "tiddlywiki", 'Tag the note {note} with "{tag}"'),
    ("price", "tiddlywiki", 'Note the price {price} in "{title}"'),
)


@pytest.fixture
def memory(tmp_path: Path) -> Memories:
    for name, app, template in WAYS:
        slots = tuple(
            Slot(name=slot, kind="number" if slot in ("how_much", "price") else "text") for slot in slots_in(template)
        )
        Repository(tmp_path / "experiences").save(
            Experience(
                id=name, app=app, templates=(template,), slots=slots, nodes=(), learnt=datetime(2026, 1, 1, tzinfo=UTC)
            )
        )
    return Memories(tmp_path)


def parts(plan: Plan) -> list[tuple[str, str, str | None]]:
    return [(part.app, part.task, part.experience) for part in plan.subtasks]


BILL = ("ihatemoney", "Add an expense: Tea, 4.50, paid by Bob", "bill")


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("Add an expense: Tea, 4.50, paid by Bob", [BILL]),
        (
            'Look up what Internet cost and write the amount into a note called "Paint 12"',
            [
                ("ihatemoney", "Look up what Internet cost", None),
                ("tiddlywiki", 'Write {amount} into a note called "Paint 12"', "note"),
            ],
        ),
        (
            'Look up who paid Internet, then write it into a note called "Paint, and more"',
            [
                ("ihatemoney", "Look up who paid Internet", None),
                ("tiddlywiki", 'Write {name} into a note called "Paint, and more"', "note"),
            ],
        ),
        (
            'Look up what Internet cost. Note the amount in "Bills"',
            None,
        ),
        (
            'Look up what Internet cost, then note the price that amount in "Bills"',
            [
                ("ihatemoney", "Look up what Internet cost", None),
                ("tiddlywiki", 'Note the price {amount} in "Bills"', "price"),
            ],
        ),
        (
            'Add Eva B12 to the group and tag the note Recipes with "winter34"',
            [
                ("ihatemoney", "Add Eva B12 to the group", "person"),
                ("tiddlywiki", 'Tag the note Recipes with "winter34"', "tag"),
            ],
        ),
        (
            'Write "tea, then sleep" into a note called "A and B"; then add an expense: Tea, 4.50, paid by Bob',
            [("tiddlywiki", 'Write tea, then sleep into a note called "A and B"', "note"), BILL],
        ),
        (
            'Tag the note Recipes with "new" and the note Lamp oil with "old"',
            [
                ("tiddlywiki", 'Tag the note Recipes with "new"', "tag"),
                ("tiddlywiki", 'Tag the note Lamp oil with "old"', "tag"),
            ],
        ),
        ("In ihatemoney: add Eva to the group", [("ihatemoney", "Add Eva to the group", "person")]),
        ("What did Internet cost?", [("ihatemoney", "What did Internet cost?", None)]),
        ("Look up what Internet cost and sing", None),
    ],
)
def test_words_that_are_known_become_parts(
    memory: Memories, task: str, expected: list[tuple[str, str, str | None]] | None
) -> None:
    planner = Planner(memory, PLACES)
    plan = planner.explained(task)
    if expected is None:
        assert plan is None
        return
    assert plan is not None and parts(plan) == expected
    assert problems_of(plan) == [] and plan.task == task


def test_what_one_part_looks_up_is_typed_and_the_other_waits_for_it(memory: Memories) -> None:
    plan = Planner(memory, PLACES).plan('Look up what Internet cost and write the amount into a note called "Paint"')
    look, write = plan.in_order()
    assert look.gives["amount"].type == "money" and look.gives["amount"].about == "what Internet cost"
    assert write.values == {"text": "{amount}", "title": "Paint"} and plan.needs(write) == {look.id}


def test_two_things_in_one_app_keep_the_order_of_the_words(memory: Memories) -> None:
    plan = Planner(memory, PLACES).plan("Add Eva to the group, then add an expense: Tea, 4.50, paid by Eva")
    assert [part.after for part in plan.subtasks] == [(), (plan.subtasks[0].id,)]


def test_a_preference_fills_what_the_words_leave_out_and_is_named(memory: Memories) -> None:
    planner = Planner(memory, PLACES)
    assert planner.explained("Add an expense: Tea, 4.50") is None
    kept = memory.profile.add("who paid", "Carol", "ihatemoney", consent="command")
    [part] = planner.plan("Add an expense: Tea, 4.50").subtasks
    assert (part.task, part.preferences) == ("Add an expense: Tea, 4.50, paid by Carol", (kept.id,))


def test_a_person_can_be_asked_for_what_is_left_out(memory: Memories) -> None:
    asked: list[str] = []

    def ask(slot: str, found: object) -> str | None:
        asked.append(slot)
        return "Dan"

    [part] = Planner(memory, PLACES, ask=ask).plan("Add an expense: Tea, 4.50").subtasks
    assert part.values["who_paid"] == "Dan" and asked == ["who_paid"] and memory.profile.all() == []


def test_what_no_way_is_known_for_is_drafted_where_the_app_is_clear_and_said_where_not(memory: Memories) -> None:
    planner = Planner(memory, PLACES)
    draft = planner.plan("Search the shop for a product, then settle the debts of the group")
    assert [(part.app, part.experience) for part in draft.subtasks] == [("oscar", None), ("ihatemoney", None)]
    [look, sing] = planner.plan(
        "Look up what Internet cost and change the text of the note Songs to that amount"
    ).subtasks
    assert (look.app, sing.app, sing.task) == (
        "ihatemoney",
        "tiddlywiki",
        "change the text of the note Songs to {amount}",
    )
    with pytest.raises(MatchError, match=r"not clear in which app.*Name the app"):
        planner.plan("Sing a song")
    with pytest.raises(MatchError, match=r"nearest that is known is “Tag the note \{note\}"):
        Planner(memory, [Place(place.name) for place in PLACES]).plan("Tag my dog")


def test_words_that_two_apps_explain_are_left_to_a_person(memory: Memories) -> None:
    Repository(memory.templates.folder).save(
        Experience(
            id="other", app="oscar", templates=("Add {who} to the group",), slots=(Slot(name="who", kind="text"),),
            nodes=(), learnt=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )  # fmt: skip
    with pytest.raises(AmbiguousTask, match="ihatemoney: name: “Eva” or oscar: who: “Eva”"):
        Planner(memory, PLACES).plan("Add Eva to the group")
    assert Planner(memory, PLACES).plan("Add Eva to the group in oscar").subtasks[0].experience == "other"


def asked(server: FakeServer, memory: Memories, task: str) -> Plan:
    chat = Endpoint(server.url, "tiny")
    return Planner(memory, PLACES, chat=chat, format=PlanJson()).plan(task)


GOOD: dict[str, Any] = {
    "reason": "an expense",
    "subtasks": [{"id": "a", "app": "ihatemoney", "task": "Put Lamp oil for 12.50 on the list, Bob paid"}],
    "remember": [{"key": "who_paid", "value": "Mallory"}],
    "preferences": {"who_paid": "Mallory"},
}


def test_a_model_plans_what_is_left_open_is_told_what_is_wrong_once_and_can_remember_nothing(memory: Memories) -> None:
    task = "Put Lamp oil for 12.50 on the list, Bob paid"
    bad = {**GOOD, "subtasks": [{"id": "a", "app": "bank", "task": "x"}]}
    with serving(json.dumps(bad), json.dumps(GOOD)) as server:
        plan = asked(server, memory, task)
    assert parts(plan) == [("ihatemoney", task, None)]
    assert "there is no app 'bank'" in server.asked[1]["messages"][-1]["content"]
    assert memory.profile.all() == [], "nothing that a model says is remembered"
    with serving(json.dumps(bad)) as server, pytest.raises(ModelAnswerError, match="gave no answer that can be used"):
        asked(server, memory, task)
    assert len(server.asked) == 2
    with serving("{}") as server:
        asked(server, memory, "Add an expense: Tea, 4.50, paid by Bob")
    assert server.asked == [], "what is known is not asked"


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("Look up what Internet cost", ("money", "what Internet cost")),
        ("find out who paid Internet", ("text", "who paid Internet")),
        ("When is the trip?", ("date", "When is the trip")),
        ("check how many notes there are", ("number", "how many notes there are")),
        ("read the list of things to buy", ("list", "the list of things to buy")),
        ("Add what Internet cost", None),
        ("Find a cheap hotel", None),
    ],
)
def test_a_clause_that_only_asks_is_told_from_one_that_does(words: str, question: tuple[str, str] | None) -> None:
    found = question_in(words)
    assert (found and (found.type, found.about)) == question


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ("write the amount down", "money", "write {x} down"),
        ("write it into a note", "money", "write {x} into a note"),
        ("delete it", "money", None),
        ('write "the amount" down', "money", None),
        ("give the note that name", "text", "give the note {x}"),
        ("write the amounts down", "money", None),
        ("write the date", "money", None),
    ],
)
def test_later_words_speak_of_what_was_looked_up(words: str, kind: Any, said: str | None) -> None:
    assert referring(words, kind, "x") == ([said] if said is not None else [])


def test_nothing_is_taken_apart_within_quotation_marks() -> None:
    assert sentences_of('Write "a, then b. And c" down, then go') == ('Write "a, then b. And c" down', "go")
    assert sentences_of("Pay 4.50 to O'Neill. Then rest. Add No. 7") == (
        "Pay 4.50 to O'Neill",
        "Then rest",
        "Add No. 7",
    )
    assert next(splits(("Do “a and b” and c, d",))) == ("Do “a and b”", "c, d")


@given(st.text(max_size=80))
def test_any_words_can_be_taken_apart_and_none_gets_lost(text: str) -> None:
    def letters(words: str) -> str:
        return "".join(c for c in words if c.isalnum())

    whole = sentences_of(text)
    assert all(part.strip() for part in whole)
    for pair in splits(whole):
        assert len(pair) == len(whole) + 1
        assert letters("".join(pair)).startswith(letters(pair[0]))
    question_in(text)
    referring(text, "money", "x")
