"""More tasks on ihatemoney: two at once, shares, corrections, settling up."""

from __future__ import annotations

import random

from ostinato.agent.script import Do, on
from ostinato.suites.ihatemoney import correct_amount
from ostinato.suites.ihatemoney_steps import (
    BILLS,
    CLOSE,
    DATED,
    OWES,
    PAID_BY,
    PEOPLE,
    SUBMIT,
    add,
    add_person,
    added,
    amount,
    change,
    date,
    delete,
    of_adding,
    of_changing,
    row_of,
    set_amount,
    set_date,
    set_ower,
    set_payer,
    somebody,
    thing,
    today,
    two_people,
)
from ostinato.suites.mutant import another, misspelt, near_amount
from ostinato.suites.task import Task, Values, changed_only, each, only


def _add_for_one(v: Values) -> list[Do]:
    return [*add(v)[:-1], on("tap", "link", "No one"), set_ower(v["ower"]), SUBMIT]


ADD_FOR_ONE = Task(
    "add_for_one",
    "ihatemoney",
    "Add {what} for {amount}, which {payer} paid for {ower} alone",
    lambda rng: {"what": thing(rng), "amount": amount(rng), **two_people(rng)},
    _add_for_one,
    added,
    {
        **of_adding(_add_for_one),
        "wrong_choice": lambda v, r: _add_for_one({**v, "ower": another(v["ower"], PEOPLE, r)}),
        "wrong_value": lambda v, r: add(v),
    },
)


def _other_payer(bill: str, rng: random.Random) -> Values:
    return {"bill": bill, "payer": another(PAID_BY[bill], PEOPLE, rng)}


def correct_payer(v: Values) -> list[Do]:
    return change(v["bill"], set_payer(v["payer"]))


CHANGE_PAYER = Task(
    "change_payer",
    "ihatemoney",
    "It was {payer} who paid {bill}; correct that",
    lambda rng: _other_payer(rng.choice(list(BILLS)), rng),
    correct_payer,
    lambda found, v: only(found, "bill", "changed", what=v["bill"], payer=v["payer"]) + changed_only(found, "payer"),
    {
        **of_changing(correct_payer, {}, lambda v: correct_payer({**v, "payer": PAID_BY[v["bill"]]})),
        "wrong_choice": lambda v, r: correct_payer(
            {**v, "payer": r.choice([p for p in PEOPLE if p not in (v["payer"], PAID_BY[v["bill"]])])}
        ),
    },
)


def _set_date(v: Values) -> list[Do]:
    return change(v["bill"], set_date(v["date"]))


CHANGE_DATE = Task(
    "change_date",
    "ihatemoney",
    "The expense {bill} was on {date}; correct its date",
    lambda rng: {"bill": rng.choice(list(BILLS)), "date": date(rng)},
    _set_date,
    lambda found, v: only(found, "bill", "changed", what=v["bill"], date=v["date"]) + changed_only(found, "date"),
    of_changing(
        _set_date,
        {"wrong_value": lambda v, r: _set_date({**v, "date": another(v["date"], [date(r), "2024-12-31"], r)})},
        lambda v: _set_date({**v, "date": DATED[v["bill"]]}),
    ),
)


def _add_two(v: Values) -> list[Do]:
    first = add({"what": v["what"], "amount": v["amount"], "payer": v["payer"]})
    return [*first, CLOSE, *add({"what": v["what2"], "amount": v["amount2"], "payer": v["payer"]})]


ADD_TWO = Task(
    "add_two_expenses",
    "ihatemoney",
    "Add the expenses {what}, {amount}, and {what2}, {amount2}, both paid by {payer}",
    lambda rng: {
        "what": thing(rng),
        "amount": amount(rng),
        "what2": thing(rng),
        "amount2": amount(rng),
        "payer": rng.choice(PEOPLE),
    },
    _add_two,
    lambda found, v: each(
        found, "bill", "added", [row_of(v), row_of({**v, "what": v["what2"], "amount": v["amount2"]})]
    ),
    {
        "unfinished": lambda v, r: _add_two(v)[:5],
        "wrong_value": lambda v, r: _add_two({**v, "amount2": near_amount(v["amount2"], r)}),
        "wrong_choice": lambda v, r: [*_add_two(v)[:5], *_add_two({**v, "payer": another(v["payer"], PEOPLE, r)})[5:]],
        "twice": lambda v, r: [*_add_two(v), *_add_two(v)[5:]],
        "extra_edit": lambda v, r: [*_add_two(v), CLOSE, *add_person(somebody(r))],
        "undone": lambda v, r: [*_add_two(v), CLOSE, *delete(v["what"])],
        "no_done": lambda v, r: _add_two(v),
        "other_path": lambda v, r: [*_add_two(v)[6:], CLOSE, *_add_two(v)[:5]],
    },
)


def _delete_two(v: Values) -> list[Do]:
    return [*delete(v["bill"]), CLOSE, *delete(v["bill2"])]


DELETE_TWO = Task(
    "delete_two_bills",
    "ihatemoney",
    "Delete the expenses {bill} and {bill2}",
    lambda rng: dict(zip(("bill", "bill2"), rng.sample(list(BILLS), 2), strict=True)),
    _delete_two,
    lambda found, v: each(found, "bill", "removed", [{"what": v["bill"]}, {"what": v["bill2"]}]),
    {
        "unfinished": lambda v, r: delete(v["bill"]),
        "extra_edit": lambda v, r: [*_delete_two(v), CLOSE, *add_person(somebody(r))],
        "no_done": lambda v, r: _delete_two(v),
        "other_path": lambda v, r: [*delete(v["bill2"]), CLOSE, *delete(v["bill"])],
    },
)


def _two_people_added(v: Values) -> list[Do]:
    return [*add_person(v["name"]), CLOSE, *add_person(v["name2"])]


ADD_TWO_PEOPLE = Task(
    "add_two_people",
    "ihatemoney",
    "{name} and {name2} join the group; add them",
    lambda rng: {"name": somebody(rng), "name2": somebody(rng)},
    _two_people_added,
    lambda found, v: each(found, "person", "added", [{"name": v["name"]}, {"name": v["name2"]}]),
    {
        "unfinished": lambda v, r: add_person(v["name"]),
        "wrong_value": lambda v, r: _two_people_added({**v, "name2": misspelt(v["name2"], r)}),
        "extra_edit": lambda v, r: [*_two_people_added(v), CLOSE, *add_person(somebody(r))],
        "no_done": lambda v, r: _two_people_added(v),
        "other_path": lambda v, r: _two_people_added({"name": v["name2"], "name2": v["name"]}),
    },
)


def _add_linked(v: Values) -> list[Do]:
    more = [on("tap", "button", "More options"), on("type", "textbox", id="external_link", text=v["link"])]
    return [*add(v)[:-1], *more, SUBMIT]


ADD_LINKED = Task(
    "add_linked_expense",
    "ihatemoney",
    "Add {what}, {amount}, paid by {payer}, with the receipt {link}",
    lambda rng: {
        "what": thing(rng),
        "amount": amount(rng),
        "payer": rng.choice(PEOPLE),
        "link": f"https://receipts.example/{rng.randrange(1000, 9999)}",
    },
    _add_linked,
    lambda found, v: only(found, "bill", "added", **row_of(v), external_link=v["link"]),
    {**of_adding(_add_linked), "wrong_value": lambda v, r: _add_linked({**v, "what": misspelt(v["what"], r)})},
)


def _set_two(v: Values) -> list[Do]:
    return change(v["bill"], set_payer(v["payer"]), set_amount(v["amount"]))


CHANGE_TWO = Task(
    "change_payer_and_amount",
    "ihatemoney",
    "{bill} was paid by {payer} and cost {amount}; correct it",
    lambda rng: {**CHANGE_PAYER.generate(rng), "amount": amount(rng)},
    _set_two,
    lambda found, v: (
        only(found, "bill", "changed", what=v["bill"], payer=v["payer"], amount=float(v["amount"]))
        + changed_only(found, "payer", "amount")
    ),
    of_changing(
        _set_two,
        {
            "wrong_value": lambda v, r: _set_two({**v, "amount": near_amount(v["amount"], r)}),
            "other_path": lambda v, r: [*correct_payer(v), CLOSE, *correct_amount(v)],
        },
        lambda v: _set_two({**v, "payer": PAID_BY[v["bill"]], "amount": str(BILLS[v["bill"]])}),
    ),
)


def _left_out(ower: str, bill: str) -> Values:
    """`left` is no slot of the task's words: a judge's rules name it."""
    return {"bill": bill, "ower": ower, "left": ", ".join(person for person in PEOPLE if person != ower)}


def _leave_out(v: Values) -> list[Do]:
    return change(v["bill"], set_ower(v["ower"]))


LEAVE_OUT = Task(
    "leave_out",
    "ihatemoney",
    "{ower} has no share in {bill}; leave {ower} out",
    lambda rng: _left_out(rng.choice(PEOPLE), rng.choice(list(BILLS))),
    _leave_out,
    lambda found, v: [
        *only(found, "bill", "changed", what=v["bill"], owers=v["left"]),
        *changed_only(found, "owers"),
    ],
    {
        **of_changing(_leave_out, {}, _leave_out),
        "wrong_value": lambda v, r: _leave_out({**v, "ower": another(v["ower"], PEOPLE, r)}),
    },
)


def _new_and_paid(v: Values) -> list[Do]:
    return [*add_person(v["name"]), CLOSE, *add({**v, "payer": v["name"]})]


PERSON_AND_EXPENSE = Task(
    "person_and_expense",
    "ihatemoney",
    "Add {name} to the group, who paid {amount} for {what}",
    lambda rng: {"name": somebody(rng), "what": thing(rng), "amount": amount(rng)},
    _new_and_paid,
    lambda found, v: [
        *only([d for d in found if d.table != "bill"], "person", "added", name=v["name"]),
        *only(
            [d for d in found if d.table != "person"], "bill", "added",
            what=v["what"], amount=float(v["amount"]), payer=v["name"],
            owers=", ".join(sorted([*PEOPLE, v["name"]])), date=today(),
        ),
    ],
    {
        "unsaved": lambda v, r: _new_and_paid(v)[:-1],
        "unfinished": lambda v, r: add_person(v["name"]),
        "wrong_value": lambda v, r: _new_and_paid({**v, "amount": near_amount(v["amount"], r)}),
        "wrong_choice": lambda v, r: [*add_person(v["name"]), CLOSE, *add({**v, "payer": r.choice(PEOPLE)})],
        "twice": lambda v, r: [*_new_and_paid(v), CLOSE, *add({**v, "payer": v["name"]})],
        "undone": lambda v, r: [*_new_and_paid(v), CLOSE, *delete(v["what"])],
        "no_done": lambda v, r: _new_and_paid(v),
    },
)  # fmt: skip


def _debt(debtor: str) -> Values:
    return {"debtor": debtor, "debt": f"{OWES[debtor]:.2f}"}


def _settle(v: Values) -> list[Do]:
    menu = [on("tap", "button", "Toggle navigation"), on("tap", "link", "Settle")]
    return [*menu, on("tap", "button", "Register settlement", row=v["debtor"])]


SETTLE = Task(
    "settle",
    "ihatemoney",
    "{debtor} has paid all debts; register that settlement",
    lambda rng: _debt(rng.choice(list(OWES))),
    _settle,
    lambda found, v: only(
        found, "bill", "added", payer=v["debtor"], owers="Alice", amount=OWES[v["debtor"]], type="Reimbursement"
    ),
    {
        "unfinished": lambda v, r: _settle(v)[:-1],
        "wrong_choice": lambda v, r: _settle({"debtor": another(v["debtor"], list(OWES), r)}),
        "extra_edit": lambda v, r: [*_settle(v), *_settle({"debtor": another(v["debtor"], list(OWES), r)})[-1:]],
        "no_done": lambda v, r: _settle(v),
    },
)
MORE_TASKS = (
    ADD_FOR_ONE,
    CHANGE_PAYER,
    CHANGE_DATE,
    ADD_TWO,
    DELETE_TWO,
    ADD_TWO_PEOPLE,
    ADD_LINKED,
    CHANGE_TWO,
    LEAVE_OUT,
    PERSON_AND_EXPENSE,
    SETTLE,
)
