"""Tasks on ihatemoney: add, change and delete an expense, add a person."""

from __future__ import annotations

from ostinato.agent.script import Do
from ostinato.suites.ihatemoney_steps import (
    BILLS,
    CLOSE,
    PEOPLE,
    add,
    add_person,
    added,
    amount,
    change,
    date,
    delete,
    of_adding,
    of_changing,
    open_form,
    other_bill,
    set_amount,
    set_date,
    set_what,
    somebody,
    thing,
)
from ostinato.suites.mutant import another, misspelt, near_amount
from ostinato.suites.task import Task, Values, changed_only, only

ADD_EXPENSE = Task(
    "add_expense",
    "ihatemoney",
    "Add an expense: {what}, {amount}, paid by {payer}",
    lambda rng: {"what": thing(rng), "amount": amount(rng), "payer": rng.choice(PEOPLE)},
    add,
    added,
    of_adding(add),
)


def _add_dated(v: Values) -> list[Do]:
    return [open_form(), set_what(v["what"]), set_date(v["date"]), *add(v)[2:]]


ADD_DATED = Task(
    "add_dated_expense",
    "ihatemoney",
    'Note that {payer} paid {amount} for "{what}" on {date}',
    lambda rng: {
        "what": thing(rng),
        "amount": amount(rng),
        "payer": rng.choice(PEOPLE),
        "date": date(rng),
    },
    _add_dated,
    added,
    {
        **of_adding(_add_dated),
        "wrong_value": lambda v, r: _add_dated({**v, "date": another(v["date"], [date(r), "2024-12-31"], r)}),
    },
)
ADD_PERSON = Task(
    "add_person",
    "ihatemoney",
    "Add {name} to the group",
    lambda rng: {"name": somebody(rng)},
    lambda v: add_person(v["name"]),
    lambda found, v: only(found, "person", "added", name=v["name"], active=1, weight=1.0),
    {
        "unsaved": lambda v, r: add_person(v["name"])[:-1],
        "wrong_value": lambda v, r: add_person(misspelt(v["name"], r)),
        "extra_edit": lambda v, r: [*add_person(v["name"]), CLOSE, *other_bill(r)],
        "no_done": lambda v, r: add_person(v["name"]),
    },
)


def correct_amount(v: Values) -> list[Do]:
    return change(v["bill"], set_amount(v["amount"]))


CHANGE_AMOUNT = Task(
    "change_amount",
    "ihatemoney",
    "Change the amount of {bill} to {amount}",
    lambda rng: {"bill": rng.choice(list(BILLS)), "amount": amount(rng)},
    correct_amount,
    lambda found, v: (
        only(found, "bill", "changed", what=v["bill"], amount=float(v["amount"])) + changed_only(found, "amount")
    ),
    of_changing(
        correct_amount,
        {
            "wrong_value": lambda v, r: correct_amount({**v, "amount": near_amount(v["amount"], r)}),
            "other_path": lambda v, r: [
                *correct_amount({**v, "amount": near_amount(v["amount"], r)}),
                CLOSE,
                *correct_amount(v),
            ],
        },
        lambda v: correct_amount({**v, "amount": str(BILLS[v["bill"]])}),
    ),
)


def _rename(v: Values) -> list[Do]:
    return change(v["bill"], set_what(v["what"]))


RENAME_BILL = Task(
    "rename_bill",
    "ihatemoney",
    "Rename the expense {bill} to {what}",
    lambda rng: {"bill": rng.choice(list(BILLS)), "what": thing(rng)},
    _rename,
    lambda found, v: (
        only(found, "bill", "changed", what=v["what"], amount=BILLS[v["bill"]]) + changed_only(found, "what")
    ),
    of_changing(
        _rename,
        {"wrong_value": lambda v, r: _rename({**v, "what": misspelt(v["what"], r)})},
        lambda v: change(v["what"], set_what(v["bill"])),
    ),
)
DELETE_BILL = Task(
    "delete_bill",
    "ihatemoney",
    "Delete the expense {bill}",
    lambda rng: {"bill": rng.choice(list(BILLS))},
    lambda v: delete(v["bill"]),
    lambda found, v: only(found, "bill", "removed", what=v["bill"]),
    {
        "unfinished": lambda v, r: delete(v["bill"])[:-1],
        "wrong_choice": lambda v, r: delete(another(v["bill"], list(BILLS), r)),
        "extra_edit": lambda v, r: [*delete(v["bill"]), CLOSE, *delete(another(v["bill"], list(BILLS), r))],
        "no_done": lambda v, r: delete(v["bill"]),
    },
)


TASKS = (ADD_EXPENSE, ADD_DATED, ADD_PERSON, CHANGE_AMOUNT, RENAME_BILL, DELETE_BILL)
