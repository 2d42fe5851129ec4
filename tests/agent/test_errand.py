"""What a task's own words ask for: deeds by whole verbs outside of quotation marks, questions, days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.agent.guards.errand import Errand
from ostinato.agent.guards.verbs import ASKED


@pytest.mark.parametrize(
    ("task", "deeds"),
    [
        ('Create a page called "Ideas"', {"save"}),
        ("Create a page on ordinary things", {"save"}),
        ("Note who borrowed the environment book", {"save"}),
        ('Write a note "Delete it and pay" that is empty of sense', {"save", "send", "delete"}),  # `empty`: unquoted
        ('Write a note "Delete it and pay at once"', {"save", "send"}),
        ("Add 'cancel all orders' to the list", {"save"}),
        ("Add Bob's and Ann's share to the list", {"save"}),
        ("Add a comic book to the list", {"save"}),
        ("Change the payer to Bob", {"save"}),
        ("Change the shipping address", {"save"}),
        ("Please book a table for two", {"pay"}),
        ("Could you order the lamp?", {"pay"}),
        ("Delete the expense Taxi", {"delete"}),
        ("I want the expense Taxi removed", {"delete"}),
        ('"Delete the expense Taxi"', {"delete"}),
        ("Log out", {"account", "save"}),
        ("List my bike for 50", {"send"}),
        ("Lösche die Ausgabe Taxi", {"delete"}),
        ("Bitte überweise Ann 5 Euro", {"pay"}),
        ("Supprime la page", {"delete"}),
        ("Paga la cuenta", {"pay"}),
        ("Invia il messaggio ad Anna", {"send"}),
        ("Mets le pain sur la liste", {"save"}),
    ],
)
def test_deeds_are_asked_for_by_whole_verbs_outside_of_quotation_marks(task: str, deeds: set[str]) -> None:
    assert Errand(task).deeds == deeds


@pytest.mark.parametrize(
    ("task", "asks"),
    [
        ("How much does Bob owe?", True),
        ("Could you tell me how much Bob owes? Thanks!", True),
        ("Find out who paid and tell me", True),
        ("Who is Mr. Smith?", True),
        ("What did Bob buy and sell?", True),
        ("List all expenses for 2024", True),
        ('What does the note "Buy tea and delete it" say?', True),
        ("Wie viel schuldet Bob?", True),
        ("Find out what Taxi cost and delete it", False),
        ("Find out what Taxi cost, then please archive the expense", False),
        ("Look up who paid Taxi and give the note Trips that name as its title", False),
        ("Look up who paid Taxi and give me the name", True),
        ("Look up the total, then pay it", False),
        ("Can you delete the expense Taxi?", False),
        ("Would you please pay Ann?", False),
        ("Kannst du das Konto löschen?", False),
        ("What did Taxi cost? Delete it.", False),
        ("How much did Taxi cost and delete it", False),
        ("Check what is in the basket and order it", False),
        ("List my bike for 50", False),
        ("List my bike for sale", False),
    ],
)
def test_a_question_that_goes_on_to_a_deed_is_none(task: str, asks: bool) -> None:
    assert Errand(task).asks_only == asks


@pytest.mark.parametrize(
    ("task", "value", "said"),
    [
        ("Move it to 5 March 2026", "03/05/2026", True),
        ("Move it to 5 March 2026", "05.03.2026", True),
        ("Move it to 5 March 2026", "Thu, Mar 5, 2026", True),
        ("Move it to 03/05/2026", "2026-03-05", True),
        ("Move it to 5 March 2026", "06.03.2026", False),
        ("Move it to 5 March 2026", "5 March 2026 Mallory", False),
        ("Do it today", "yesterday", False),
    ],
)
def test_a_day_is_said_in_any_writing(task: str, value: str, said: bool) -> None:
    assert Errand(task).says(value) == said


def test_a_weekday_is_one_of_the_next() -> None:
    friday = date.today() + timedelta(days=(4 - date.today().weekday()) % 7)
    assert Errand("Meet on Friday").says(friday.isoformat())
    assert not Errand("Meet on Friday").says((friday + timedelta(days=1)).isoformat())


@pytest.mark.parametrize("task", ['Press the button "Delete"', "Click on Delete, then on OK"])
def test_a_control_may_be_named_to_be_pressed(task: str) -> None:
    assert Errand(task).names_control("Delete")
    assert not Errand(task).names_control("Pay") and not Errand(task).names_control("")
    assert not Errand('Create a page called "Delete"').names_control("Delete")


@given(st.text(st.characters(exclude_characters="\"“”„«»‘’‹›「」'`"), max_size=40))
def test_what_stands_in_quotation_marks_asks_for_nothing(value: str) -> None:
    assert Errand(f'Add "{value}" to the list').deeds == {"save"}
    assert Errand(f"Add “{value}” to the list").deeds == {"save"}


def test_the_words_that_only_begin_like_a_verb_are_none() -> None:
    words = (
        "page pages pagan borrow borrowed ordinary ordinal compress command public publisher environment "
        "invisible invite's cream creature legal legend tragic pond pony reservoir sender teilnahme zahnarzt buch "
        "envoy scrivener cameo eliminator register's"
    )
    for word in words.split():
        found = {deed for deed in ("pay", "delete", "send", "install") if ASKED[deed].search(word)}
        assert found == ({"send"} if word == "invite's" else set()), word
