"""A slot that swallows more than a value is refused; what is quoted, or known from before, is a value."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ostinato.errors import MatchError
from ostinato.replay.experience import Experience, Node, Slot
from ostinato.replay.match import match
from ostinato.replay.overreach import overreach

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def known(template: str, *, typed: bool, **slots: tuple[str, ...]) -> Experience:
    text = " ".join("{" + name + "}" for name in slots)
    return Experience(
        id="known",
        app="shop",
        templates=(template,),
        nodes=(Node(index=0, kind="type", text=text) if typed else Node(index=0, kind="tap"),),
        learnt=NOW,
        slots=tuple(Slot(name=name, kind="text", examples=examples) for name, examples in slots.items()),
    )


DELETE = known("Delete the note {note}", typed=False, note=("Ideas", "Bread and butter"))
ADD = known("Add {who} to the group", typed=True, who=("Ana",))
CALL = known('Write a note called "{title}" that says "{text}"', typed=True, title=(), text=())


@pytest.mark.parametrize(
    "task",
    [
        "Delete the note Ideas and then tag it",
        "Delete the note Ideas, and add another",
        "Delete the note Ideas unless it is tagged",
        "Delete the note Ideas if it is empty",
        "Delete the note Ideas instead of Recipes",
        "Delete the note Ideas every month",
        "Delete the note Ideas and Recipes",
        "Delete the note Ideas, Recipes",
        "Delete the note Ideas and everything else",
        "Delete the note Ideas tomorrow",
        "Delete the note everything",
        "Delete the note the newest one",
        'Delete the note called "Ideas" that says "x"',
        "Add nobody but Nils to the group",
        "Add Hugo or Nils to the group",
        "Add Hugo, Nils to the group",
        "Delete the note not Ideas",
        "Delete the note 2 Ideas",
        "Add Hugo and Nils to the group",
        'Write a note called "A" that says "B", and delete the note "C"',
    ],
)
def test_a_value_that_holds_more_is_refused(task: str) -> None:
    with pytest.raises(MatchError, match="quotation marks"):
        match(task, [DELETE, ADD, CALL], "shop")


@pytest.mark.parametrize(
    ("task", "values"),
    [
        ('Delete the note "Ideas and then tag it"', {"note": "Ideas and then tag it"}),
        ("Delete the note Bread and butter", {"note": "Bread and butter"}),
        ("Add “Hugo and Nils” to the group", {"who": "Hugo and Nils"}),
        ("Add “Paris, France” to the group", {"who": "Paris, France"}),
        ('Write a note called "If not now" that says "Buy milk and call Bob"',
         {"title": "If not now", "text": "Buy milk and call Bob"}),
    ],
)  # fmt: skip
def test_a_quoted_or_known_value_is_a_value(task: str, values: dict[str, str]) -> None:
    assert match(task, [DELETE, ADD, CALL], "shop").values == values


@pytest.mark.parametrize("kind", ["text", "person", "choice"])
@pytest.mark.parametrize("more", ["once a month", "three times a week", "and Nils", "unless she is away", "every day"])
def test_what_is_chosen_holds_no_more_than_a_choice(kind: str, more: str) -> None:
    paid = known("Add what was paid by {payer}", typed=False, payer=("Ana", "Bo"))
    slot = Slot.model_validate(
        {"name": "payer", "kind": kind, "examples": ("Ana", "Bo"), "options": ("Ana", "Bo", "Cem")}
    )
    paid = paid.model_copy(update={"slots": (slot,)})
    assert match("Add what was paid by Cem", [paid], "shop").values == {"payer": "Cem"}
    with pytest.raises(MatchError):
        match(f"Add what was paid by Cem {more}", [paid], "shop")


def test_values_of_one_list_may_change_their_places() -> None:
    people = ("Alice", "Bob", "Carol")
    slots = (
        Slot(name="payer", kind="person", examples=("Alice", "Carol"), options=people),
        Slot(name="ower", kind="choice", examples=("Bob", "Alice"), options=people),
    )
    template, values = "{payer} pays for {ower}", {"payer": "Bob", "ower": "Carol"}
    listed = Experience(id="aa", app="a", templates=(template,), slots=slots, nodes=(), learnt=NOW)
    assert overreach("Bob pays for Carol", template, values, listed) == ""
    bare = listed.model_copy(update={"slots": tuple(slot.model_copy(update={"options": ()}) for slot in slots)})
    assert "was {" in overreach("Bob pays for Carol", template, values, bare)
