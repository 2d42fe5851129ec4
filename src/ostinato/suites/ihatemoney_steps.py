"""What is done on the screens of ihatemoney, step by step, and the values that tasks there are made of."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable

from ostinato.agent.script import Do, on
from ostinato.suites.mutant import Mutations, another, near_amount
from ostinato.suites.task import Values, only
from ostinato.suites.truth import Difference

PEOPLE = ("Alice", "Bob", "Carol", "Dan")
BILLS = {"Electricity": 90.0, "Internet": 30.5, "Cleaning supplies": 12.4}
PAID_BY = {"Electricity": "Alice", "Internet": "Bob", "Cleaning supplies": "Carol"}
DATED = {"Electricity": "2024-01-08", "Internet": "2024-01-15", "Cleaning supplies": "2024-01-22"}
OWES = {"Bob": 2.73, "Carol": 20.83, "Dan": 33.22}
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


def thing(rng: random.Random) -> str:
    return f"{rng.choice(_THINGS)} {rng.choice('ABCDEFGHKLMNPRSTUVWXYZ')}{rng.randrange(10, 99)}"


def amount(rng: random.Random) -> str:
    return f"{rng.randrange(1, 400)}.{rng.randrange(0, 100):02d}"


def date(rng: random.Random) -> str:
    """A day of the first ten months of a past year."""
    return f"2025-{rng.randrange(1, 11):02d}-{rng.randrange(1, 29):02d}"


def two_people(rng: random.Random) -> Values:
    return dict(zip(("payer", "ower"), rng.sample(PEOPLE, 2), strict=True))


def everyone() -> str:
    return ", ".join(PEOPLE)


def today() -> str:
    return datetime.date.today().isoformat()


def open_form() -> Do:
    return on("tap", "link", "Add a new bill")


def set_what(text: str) -> Do:
    return on("type", "textbox", id="what", text=text)


def set_payer(name: str) -> Do:
    return on("select", "combobox", "Who paid?", text=name)


def set_amount(amount: str) -> Do:
    return on("type", "textbox", "How much?", text=amount)


def set_date(date: str) -> Do:
    return on("type", "textbox", "When?", text=date)


def set_ower(name: str) -> Do:
    return on("tap", "checkbox", name)


def edit(bill: str) -> Do:
    return on("tap", "link", "edit", row=bill)


SUBMIT = on("tap", "button", "Submit")
CLOSE = on("tap", "button", "Close")  # of the note that what was sent was saved, which lies over the page


def add(v: Values) -> list[Do]:
    return [open_form(), set_what(v["what"]), set_payer(v["payer"]), set_amount(v["amount"]), SUBMIT]


def delete(bill: str) -> list[Do]:
    return [on("tap", "button", "delete", row=bill), on("tap", "button", "Are you sure?", row=bill)]


def change(bill: str, *steps: Do) -> list[Do]:
    return [edit(bill), *steps, SUBMIT]


def add_person(name: str) -> list[Do]:
    return [on("type", "textbox", id="name", text=name), on("tap", "button", "Add")]


def somebody(rng: random.Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice('ABCDEFGH')}{rng.randrange(10, 99)}"


def other_bill(rng: random.Random) -> list[Do]:
    return add({"what": thing(rng), "payer": rng.choice(PEOPLE), "amount": amount(rng)})


def added(found: list[Difference], v: Values) -> list[str]:
    return only(found, "bill", "added", **row_of(v))


def row_of(v: Values) -> dict[str, object]:
    """The row of an added bill."""
    owers, day = v.get("ower", everyone()), v.get("date", today())
    return {"what": v["what"], "amount": float(v["amount"]), "payer": v["payer"], "owers": owers, "date": day}


def of_adding(script: Callable[[Values], list[Do]]) -> Mutations:
    """What can go wrong, or go another way, where a bill is added."""
    return {
        "unsaved": lambda v, r: script(v)[:-1],
        "wrong_value": lambda v, r: script({**v, "amount": near_amount(v["amount"], r)}),
        "wrong_choice": lambda v, r: script({**v, "payer": another(v["payer"], PEOPLE, r)}),
        "twice": lambda v, r: [*script(v), CLOSE, *script(v)],
        "extra_edit": lambda v, r: [*script(v), CLOSE, *add_person(somebody(r))],
        "undone": lambda v, r: [*script(v), CLOSE, *delete(v["what"])],
        "no_done": lambda v, r: script(v),
        "other_path": lambda v, r: [
            *script({**v, "amount": near_amount(v["amount"], r)}),
            CLOSE,
            *change(v["what"], set_amount(v["amount"])),
        ],
    }


def of_changing(
    script: Callable[[Values], list[Do]], wrong: Mutations, back: Callable[[Values], list[Do]]
) -> Mutations:
    """What can go wrong where a bill is changed: `wrong` are the scripts with other values, `back` undoes it."""
    return {
        "unsaved": lambda v, r: script(v)[:-1],
        "wrong_choice": lambda v, r: script({**v, "bill": another(v["bill"], list(BILLS), r)}),
        "extra_edit": lambda v, r: [*script(v), CLOSE, *add_person(somebody(r))],
        "undone": lambda v, r: [*script(v), CLOSE, *back(v)],
        "no_done": lambda v, r: script(v),
        **wrong,
    }
