"""Tasks in the shop: the basket, wish lists, reviews, the customer's own data, and an order."""

from __future__ import annotations

import random
from collections.abc import Callable

from ostinato.agent.script import Do
from ostinato.phone.apps.oscar_content import FIRST_NAME, LAST_NAME
from ostinato.suites.mutant import Mutations, another, misspelt
from ostinato.suites.oscar_steps import (
    CATALOGUE,
    CITY_OF,
    IN_BASKET,
    LISTS,
    OPEN_BASKET,
    PERCENT,
    PRICES,
    REMOVE_WISH,
    STREETS,
    TO_BUY,
    TO_WISH,
    VIEW_BASKET,
    add_address,
    first_name,
    headline,
    last_name,
    of_line,
    opinion,
    order,
    place,
    put_in,
    quantity,
    rename,
    review,
    set_aside,
    set_quantity,
    street,
    take_out,
    wish,
)
from ostinato.suites.task import Task, Values, changed_only, each, only
from ostinato.suites.truth import Difference

Script = Callable[[Values], list[Do]]


def mutants(script: Script, wrong: Mutations, extra: Script = lambda v: put_in(TO_BUY[0])) -> Mutations:
    """What can go wrong in any task, and in this one: `wrong` are scripts of its own, `extra` is done besides."""
    return {
        "unfinished": lambda v, r: script(v)[:-1],
        "extra_edit": lambda v, r: [*script(v), CATALOGUE, *extra(v)],
        "no_done": lambda v, r: script(v),
        **wrong,
    }


def _put(v: Values) -> list[Do]:
    return put_in(v["product"])


def _other_to_buy(v: Values) -> list[Do]:
    return put_in(next(title for title in TO_BUY if title != v["product"]))


PUT_IN_BASKET = Task(
    "put_in_basket",
    "oscar",
    "Put {product} into the basket",
    lambda rng: {"product": rng.choice(TO_BUY)},
    _put,
    lambda found, v: only(found, "basket_line", "added", product=v["product"], quantity=1, basket="Open"),
    mutants(
        _put,
        {
            "wrong_choice": lambda v, r: put_in(another(v["product"], TO_BUY, r)),
            "twice": lambda v, r: [*_put(v), *_put(v)],
            "undone": lambda v, r: [*_put(v), VIEW_BASKET, take_out(v["product"])],
        },
        _other_to_buy,
    ),
)


def _set_quantity(v: Values) -> list[Do]:
    return [OPEN_BASKET, *set_quantity(v["product"], v["quantity"])]


def _in_basket(rng: random.Random) -> str:
    return rng.choice(list(IN_BASKET))


CHANGE_QUANTITY = Task(
    "change_quantity",
    "oscar",
    "Set the quantity of {product} in the basket to {quantity}",
    lambda rng: {"product": _in_basket(rng), "quantity": quantity(rng)},
    _set_quantity,
    lambda found, v: [
        *only(found, "basket_line", "changed", product=v["product"], quantity=int(v["quantity"])),
        *changed_only(found, "quantity"),
    ],
    mutants(
        _set_quantity,
        {
            "wrong_value": lambda v, r: _set_quantity({**v, "quantity": str(int(v["quantity"]) + r.choice((-1, 1)))}),
            "wrong_choice": lambda v, r: _set_quantity({**v, "product": another(v["product"], list(IN_BASKET), r)}),
            "undone": lambda v, r: [
                *_set_quantity(v),
                *set_quantity(v["product"], str(IN_BASKET[v["product"]])),
            ],
            "other_path": lambda v, r: [
                OPEN_BASKET,
                of_line("enter", "spinbutton", "Quantity", v["product"], v["quantity"]),
            ],
        },
    ),
)


def _take_out(v: Values) -> list[Do]:
    return [OPEN_BASKET, take_out(v["product"])]


TAKE_OUT = Task(
    "take_out_of_basket",
    "oscar",
    "Take {product} out of the basket",
    lambda rng: {"product": _in_basket(rng)},
    _take_out,
    lambda found, v: only(found, "basket_line", "removed", product=v["product"]),
    mutants(
        _take_out,
        {
            "wrong_choice": lambda v, r: _take_out({"product": another(v["product"], list(IN_BASKET), r)}),
            "undone": lambda v, r: [*_take_out(v), CATALOGUE, *put_in(v["product"])],
            "other_path": lambda v, r: [OPEN_BASKET, *set_quantity(v["product"], "0")],
        },
    ),
)


def _set_aside(v: Values) -> list[Do]:
    return [OPEN_BASKET, set_aside(v["product"])]


SET_ASIDE = Task(
    "set_aside",
    "oscar",
    "Save {product}, which is in the basket, for later",
    lambda rng: {"product": _in_basket(rng)},
    _set_aside,
    lambda found, v: [
        *only(found, "basket_line", "changed", product=v["product"], basket="Saved"),
        *changed_only(found, "basket"),
    ],
    mutants(
        _set_aside,
        {"wrong_choice": lambda v, r: _set_aside({"product": another(v["product"], list(IN_BASKET), r)})},
    ),
)


def _wish(v: Values) -> list[Do]:
    return wish(v["product"], LISTS[0])


WISH = Task(
    "wish",
    "oscar",
    f"Put {{product}} on the wish list {LISTS[0]}",
    lambda rng: {"product": rng.choice(TO_WISH)},
    _wish,
    lambda found, v: only(found, "wish_list_line", "added", product=v["product"], list=LISTS[0], quantity=1),
    mutants(
        _wish,
        {
            "wrong_choice": lambda v, r: wish(v["product"], LISTS[1]),
            "wrong_value": lambda v, r: _wish({"product": another(v["product"], TO_WISH, r)}),
            "undone": lambda v, r: [*_wish(v), REMOVE_WISH],
        },
    ),
)
REVIEW = Task(
    "review",
    "oscar",
    'Write a review of {product} with {score} stars, called "{title}", that says "{body}"',
    lambda rng: {
        "product": rng.choice(TO_BUY),
        "score": str(rng.randrange(1, 6)),
        "title": headline(rng),
        "body": opinion(rng),
    },
    review,
    lambda found, v: only(
        found, "review", "added", product=v["product"], score=int(v["score"]), title=v["title"], body=v["body"]
    ),
    mutants(
        review,
        {
            "wrong_value": lambda v, r: review({**v, "title": misspelt(v["title"], r)}),
            "wrong_choice": lambda v, r: review({**v, "score": another(v["score"], "12345", r)}),
        },
    ),
)
RENAME = Task(
    "change_name",
    "oscar",
    "Change the first name in the account to {first} and the last name to {last}",
    lambda rng: {"first": first_name(rng), "last": last_name(rng)},
    rename,
    lambda found, v: [
        *only(found, "user", "changed", first_name=v["first"], last_name=v["last"]),
        *changed_only(found, "first_name", "last_name"),
    ],
    mutants(
        rename,
        {
            "wrong_value": lambda v, r: rename({**v, "last": misspelt(v["last"], r)}),
            "wrong_choice": lambda v, r: rename({"first": v["last"], "last": v["first"]}),
            "undone": lambda v, r: [*rename(v), *rename({"first": FIRST_NAME, "last": LAST_NAME})[2:]],
        },
    ),
)
ADD_ADDRESS = Task(
    "add_address",
    "oscar",
    "Add an address of {first} {last}: {street}, {postcode} {city}, {country}",
    lambda rng: {"first": first_name(rng), "last": last_name(rng), "street": street(rng), **place(rng)},
    add_address,
    lambda found, v: only(
        found, "address", "added", first_name=v["first"], last_name=v["last"], line1=v["street"], line2="", line3="",
        city=v["city"], postcode=v["postcode"], country=v["country"],
    ),
    mutants(
        add_address,
        {
            "wrong_value": lambda v, r: add_address({**v, "street": misspelt(v["street"], r)}),
        },
    ),
)  # fmt: skip


def order_basket(v: Values) -> list[Do]:
    return [OPEN_BASKET, *order(v["street"])]


def ordered(found: list[Difference], street: str, things: dict[str, int], code: str = "") -> list[str]:
    """What is wrong when the basket should have become one order of these things, sent to that street."""
    of = {table: [d for d in found if d.table == table] for table in ("basket_line", "order", "order_line")}
    gone = [{"product": product, "quantity": IN_BASKET[product], "basket": "Open"} for product in IN_BASKET]
    lines = [{"product": product, "quantity": quantity} for product, quantity in things.items()]
    total = sum(PRICES[product] * quantity for product, quantity in things.items())
    cells = {
        "line1": street, "city": CITY_OF[street], "first_name": FIRST_NAME, "last_name": LAST_NAME, "notes": "",
        "status": "Pending", "currency": "GBP", "vouchers": code,
        "total": round(total - total * PERCENT.get(code, 0) / 100, 2),
    }  # fmt: skip
    return [
        *(f"unexpected: {d.words()}" for d in found if d.table not in of),
        *each(of["basket_line"], "basket_line", "removed", gone),
        *each(of["order_line"], "order_line", "added", lines),
        *only(of["order"], "order", "added", **cells),
    ]


ORDER = Task(
    "order",
    "oscar",
    "Order what is in the basket, to be sent to {street}",
    lambda rng: {"street": rng.choice(STREETS)},
    order_basket,
    lambda found, v: ordered(found, v["street"], IN_BASKET),
    mutants(
        order_basket,
        {
            "wrong_choice": lambda v, r: order_basket({"street": another(v["street"], STREETS, r)}),
            "wrong_value": lambda v, r: [OPEN_BASKET, *set_quantity("Notebook", "4"), *order(v["street"])],
            "unsaved": lambda v, r: order_basket(v)[:-1],
        },
    ),
)


TASKS = (
    PUT_IN_BASKET,
    CHANGE_QUANTITY,
    TAKE_OUT,
    SET_ASIDE,
    WISH,
    REVIEW,
    RENAME,
    ADD_ADDRESS,
    ORDER,
)
