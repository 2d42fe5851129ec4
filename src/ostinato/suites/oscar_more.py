"""More tasks in the shop: vouchers, alerts, new lists and corrected addresses, and orders of several parts."""

from __future__ import annotations

from ostinato.agent.script import Do
from ostinato.suites.mutant import another, misspelt
from ostinato.suites.oscar import mutants, order_basket, ordered
from ostinato.suites.oscar_steps import (
    CITY_OF,
    CODES,
    IN_BASKET,
    LISTS,
    OPEN_BASKET,
    SOLD_OUT,
    STREETS,
    TO_BUY,
    TO_WISH,
    VIEW_BASKET,
    alert,
    move_address,
    new_list,
    occasion,
    order,
    put_in,
    street,
    use_voucher,
    wish,
)
from ostinato.suites.task import Task, Values, changed_only, only


def _use_voucher(v: Values) -> list[Do]:
    return [OPEN_BASKET, *use_voucher(v["code"])]


USE_VOUCHER = Task(
    "use_voucher",
    "oscar",
    "Use the voucher {code} for what is in the basket",
    lambda rng: {"code": rng.choice(CODES)},
    _use_voucher,
    lambda found, v: only(found, "basket_voucher", "added", code=v["code"]),
    mutants(
        _use_voucher,
        {
            "wrong_choice": lambda v, r: _use_voucher({"code": another(v["code"], CODES, r)}),
            "wrong_value": lambda v, r: _use_voucher({"code": misspelt(v["code"], r)}),
        },
    ),
)


def _wish(v: Values) -> list[Do]:
    return wish(v["product"], v["list"])


WISH_ON = Task(  # the list is named only within the longer name of a link, which replay does not learn
    "wish_on",
    "oscar",
    "Put {product} on the wish list {list}",
    lambda rng: {"product": rng.choice(TO_WISH), "list": rng.choice(LISTS)},
    _wish,
    lambda found, v: only(found, "wish_list_line", "added", product=v["product"], list=v["list"], quantity=1),
    mutants(
        _wish,
        {"wrong_choice": lambda v, r: _wish({**v, "list": another(v["list"], LISTS, r)})},
    ),
)
ASK_FOR_ALERT = Task(
    "ask_for_alert",
    "oscar",
    "Ask the shop to say when it has {product} again",
    lambda rng: {"product": rng.choice(SOLD_OUT)},
    lambda v: alert(v["product"]),
    lambda found, v: only(found, "stock_alert", "added", product=v["product"], status="Active"),
    mutants(
        lambda v: alert(v["product"]),
        {"wrong_choice": lambda v, r: alert(another(v["product"], SOLD_OUT, r))},
    ),
)
NEW_LIST = Task(
    "new_list",
    "oscar",
    'Make a wish list called "{name}"',
    lambda rng: {"name": occasion(rng)},
    lambda v: new_list(v["name"]),
    lambda found, v: only(found, "wish_list", "added", name=v["name"], visibility="Private"),
    mutants(
        lambda v: new_list(v["name"]),
        {"wrong_value": lambda v, r: new_list(misspelt(v["name"], r))},
    ),
)
MOVE_ADDRESS = Task(
    "move_address",
    "oscar",
    "In the address book, correct the address {street} to {new}",
    lambda rng: {"street": rng.choice(STREETS), "new": street(rng)},
    move_address,
    lambda found, v: [
        *only(found, "address", "changed", line1=v["new"], city=CITY_OF[v["street"]]),
        *changed_only(found, "line1"),
    ],
    mutants(
        move_address,
        {
            "wrong_value": lambda v, r: move_address({**v, "new": misspelt(v["new"], r)}),
            "wrong_choice": lambda v, r: move_address({**v, "street": another(v["street"], STREETS, r)}),
        },
    ),
)


def _order_with_voucher(v: Values) -> list[Do]:
    return [OPEN_BASKET, *use_voucher(v["code"]), *order(v["street"])]


ORDER_WITH_VOUCHER = Task(
    "order_with_voucher",
    "oscar",
    "Order what is in the basket with the voucher {code}, to be sent to {street}",
    lambda rng: {"code": rng.choice(CODES), "street": rng.choice(STREETS)},
    _order_with_voucher,
    lambda found, v: ordered(found, v["street"], IN_BASKET, v["code"]),
    mutants(
        _order_with_voucher,
        {
            "wrong_choice": lambda v, r: _order_with_voucher({**v, "code": another(v["code"], CODES, r)}),
            "wrong_value": lambda v, r: [OPEN_BASKET, *order(v["street"])],
            "unsaved": lambda v, r: _order_with_voucher(v)[:-1],
        },
    ),
)


def _buy(v: Values) -> list[Do]:
    return [*put_in(v["product"]), VIEW_BASKET, *order(v["street"])]


ORDER_WITH_MORE = Task(
    "order_with_more",
    "oscar",
    "Put {product} into the basket too, and have all of it sent to {street}",
    lambda rng: {"product": rng.choice(TO_BUY), "street": rng.choice(STREETS)},
    _buy,
    lambda found, v: ordered(found, v["street"], {**IN_BASKET, v["product"]: 1}),
    mutants(
        _buy,
        {
            "wrong_choice": lambda v, r: _buy({**v, "product": another(v["product"], TO_BUY, r)}),
            "wrong_value": lambda v, r: order_basket(v),
            "unsaved": lambda v, r: _buy(v)[:-1],
        },
    ),
)


MORE_TASKS = (USE_VOUCHER, WISH_ON, ASK_FOR_ALERT, NEW_LIST, MOVE_ADDRESS, ORDER_WITH_VOUCHER, ORDER_WITH_MORE)
