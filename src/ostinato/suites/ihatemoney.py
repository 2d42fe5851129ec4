"""Tasks on ihatemoney: add, edit and delete expenses, people, the project."""

from __future__ import annotations

import datetime
import random

from ostinato.agent.script import Do, on
from ostinato.judge.change import Change
from ostinato.suites.task import Task, Values, changed_only, only

PEOPLE = ("Alice", "Bob", "Carol", "Dan")
BILLS = {"Electricity": 90.0, "Internet": 30.5, "Cleaning supplies": 12.4}
_THINGS = (
    "Taxi to airport",
    "Groceries",
    "Museum tickets",
    "Pizza & salad",
    "Café au lait",
    "Bread (2 loaves)",
    "Train 7:45",
    "Light bulbs",
    "Olive oil, 1 l",
    "O'Neill's pub",
    "Paint – white",
    "Book “Faust”",
    "Gas bottle",
    "Boat trip",
    "Запчасти",
    "寿司",
    "Fish + chips",
    "Ferry",
    "Petrol",
    "Parking 3 h",
    "Cinema",
    "Rent of a van",
    "Flowers",
    "Milk",
)
_FIRST = ("Eva", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kofi", "Lena", "Mei", "Nils", "Olga", "Pia", "Quinn")


def _thing(rng: random.Random) -> str:
    return f"{rng.choice(_THINGS)} {rng.choice('ABCDEFGHKLMNPRSTUVWXYZ')}{rng.randrange(10, 99)}"


def _amount(rng: random.Random) -> str:
    return f"{rng.randrange(1, 400)}.{rng.randrange(0, 100):02d}"


def _everyone() -> str:
    return ", ".join(PEOPLE)


def _today() -> str:
    return datetime.date.today().isoformat()


def _add_script(v: Values) -> list[Do]:
    return [
        on("tap", "link", "Add a new bill"),
        on("type", "textbox", id="what", text=v["what"]),
        on("select", "combobox", "Who paid?", text=v["payer"]),
        on("type", "textbox", "How much?", text=v["amount"]),
        on("tap", "button", "Submit"),
    ]


def _added(found: list[Change], v: Values) -> list[str]:
    return only(
        found,
        "bill",
        "added",
        what=v["what"],
        amount=float(v["amount"]),
        payer=v["payer"],
        owers=v.get("owers", _everyone()),
        date=v.get("date", _today()),
    )


ADD_EXPENSE = Task(
    "add_expense",
    "ihatemoney",
    "Add an expense: {what}, {amount}, paid by {payer}",
    lambda rng: {"what": _thing(rng), "amount": _amount(rng), "payer": rng.choice(PEOPLE)},
    _add_script,
    _added,
)
ADD_DATED = Task(
    "add_dated_expense",
    "ihatemoney",
    'Note that {payer} paid {amount} for "{what}" on {date}',
    lambda rng: {
        "what": _thing(rng),
        "amount": _amount(rng),
        "payer": rng.choice(PEOPLE),
        "date": f"2026-{rng.randrange(1, 11):02d}-{rng.randrange(1, 29):02d}",
    },
    lambda v: [
        _add_script(v)[0],
        on("type", "textbox", id="what", text=v["what"]),
        on("type", "textbox", "When?", text=v["date"]),
        *_add_script(v)[2:],
    ],
    _added,
)
ADD_PERSON = Task(
    "add_person",
    "ihatemoney",
    "Add {name} to the group",
    lambda rng: {"name": f"{rng.choice(_FIRST)} {rng.choice('ABCDEFGH')}{rng.randrange(10, 99)}"},
    lambda v: [on("type", "textbox", id="name", text=v["name"]), on("tap", "button", "Add")],
    lambda found, v: only(found, "person", "added", name=v["name"], active=1, weight=1.0),
)
CHANGE_AMOUNT = Task(
    "change_amount",
    "ihatemoney",
    "Change the amount of {bill} to {amount}",
    lambda rng: {"bill": rng.choice(list(BILLS)), "amount": _amount(rng)},
    lambda v: [
        on("tap", "link", "edit", row=v["bill"]),
        on("type", "textbox", "How much?", text=v["amount"]),
        on("tap", "button", "Submit"),
    ],
    lambda found, v: (
        only(found, "bill", "changed", what=v["bill"], amount=float(v["amount"])) + changed_only(found, "amount")
    ),
)
RENAME_BILL = Task(
    "rename_bill",
    "ihatemoney",
    "Rename the expense {bill} to {what}",
    lambda rng: {"bill": rng.choice(list(BILLS)), "what": _thing(rng)},
    lambda v: [
        on("tap", "link", "edit", row=v["bill"]),
        on("type", "textbox", id="what", text=v["what"]),
        on("tap", "button", "Submit"),
    ],
    lambda found, v: (
        only(found, "bill", "changed", what=v["what"], amount=BILLS[v["bill"]]) + changed_only(found, "what")
    ),
)
DELETE_BILL = Task(
    "delete_bill",
    "ihatemoney",
    "Delete the expense {bill}",
    lambda rng: {"bill": rng.choice(list(BILLS))},
    lambda v: [on("tap", "button", "delete", row=v["bill"]), on("tap", "button", "Are you sure?", row=v["bill"])],
    lambda found, v: only(found, "bill", "removed", what=v["bill"]),
)
TASKS = (ADD_EXPENSE, ADD_DATED, ADD_PERSON, CHANGE_AMOUNT, RENAME_BILL, DELETE_BILL)
