"""What is done on the pages of the shop, step by step, and the values that tasks there are made of."""

from __future__ import annotations

import random

from ostinato.agent.script import Do, on
from ostinato.phone.apps.oscar_content import ADDRESSES, BASKET, PRODUCTS, VOUCHERS, WISH_LISTS
from ostinato.suites.task import Values

PRICES = {title: float(price) for title, _, price, _, _ in PRODUCTS}
IN_BASKET = dict(BASKET)
SOLD_OUT = tuple(title for title, _, _, stock, _ in PRODUCTS if not stock)
TO_BUY = tuple(title for title, _, _, stock, _ in PRODUCTS if stock and title not in IN_BASKET)
WISHED = {title for _, titles in WISH_LISTS for title in titles}
TO_WISH = tuple(title for title in TO_BUY if title not in WISHED)
LISTS = tuple(name for name, _ in WISH_LISTS)
CODES = tuple(code for code, _ in VOUCHERS)
PERCENT = dict(VOUCHERS)
CITY_OF = {street: city for street, city, _, _ in ADDRESSES}
STREETS = tuple(CITY_OF)
TOTAL = sum(PRICES[title] * quantity for title, quantity in BASKET)
_CITIES = {
    "Germany": ("Leipzig", "Lübeck", "Köln"),
    "France": ("Nîmes", "Lille", "Saint-Denis"),
    "United Kingdom": ("York", "Stoke-on-Trent", "Leeds"),
    "Portugal": ("Évora", "Porto", "Faro"),
}
_ROADS = (
    "Kiln Road",
    "Rua da Rosa",
    "Gänsemarkt",
    "Rue de l'Église",
    "Station Yard",
    "Long Row",
    "Am Ring",
    "St. Ann's Hill",
)
_FIRST = ("Eva", "Farid", "Grace", "Hugo", "Inês", "Jonas", "Kofi", "Lena", "Mei", "Nils", "Olga", "Zoë")
_LAST = ("Adeyemi", "O'Hara", "García", "Lindqvist", "Novák", "Tanaka", "van Dijk", "Weiß", "Kowalski", "Moreau")
_PRAISE = ("Lasts for years", "Better than the picture", "Good value", "As described", "Not for me", "A fine gift")
_SAID = (
    "It came in two days & well packed.",
    "I use it every morning.",
    "The handle is a bit short.",
    "My neighbour wants one too!",
    "Heavier than I thought, but sturdy.",
    "Très pratique, merci.",
)
_OCCASIONS = ("Christmas", "Housewarming", "For Grandma", "Summer house", "Camping", "Office", "Wedding & party")


def first_name(rng: random.Random) -> str:
    return rng.choice(_FIRST)


def last_name(rng: random.Random) -> str:
    return rng.choice(_LAST)


def street(rng: random.Random) -> str:
    return f"{rng.randrange(2, 99)} {rng.choice(_ROADS)}"


def place(rng: random.Random) -> Values:
    """A city, a postcode that its country has, and the country."""
    country = rng.choice(list(_CITIES))
    return {"city": rng.choice(_CITIES[country]), "postcode": postcode(country, rng), "country": country}


def postcode(country: str, rng: random.Random) -> str:
    digits = f"{rng.randrange(10000, 99999)}"
    if country == "Portugal":
        return f"{digits[:4]}-{rng.randrange(100, 999)}"
    if country == "United Kingdom":
        return f"{rng.choice(('YO', 'ST', 'LS'))}{digits[0]} {digits[1]}{rng.choice('ABDEFGH')}{rng.choice('JLNPQRS')}"
    return digits


def quantity(rng: random.Random) -> str:
    """A number that no line of the basket has at first."""
    return str(rng.randrange(4, 30))


def headline(rng: random.Random) -> str:
    return f"{rng.choice(_PRAISE)}, no. {rng.randrange(10, 99)}"


def opinion(rng: random.Random) -> str:
    return " ".join(rng.sample(_SAID, 2))


def occasion(rng: random.Random) -> str:
    return f"{rng.choice(_OCCASIONS)} {rng.randrange(2027, 2060)}"


CATALOGUE = on("tap", "link", "Corner shop")
VIEW_BASKET = on("tap", "link", "View basket")  # of the note that something was put into the basket
OPEN_BASKET = on("tap", "link", f"Basket Total: £{TOTAL:.2f}")  # while the basket is as it was at first
REMOVE_WISH = on("tap", "button", "Remove")  # on a product's own page
SAVE = on("tap", "button", "Save")


def put_in(product: str) -> list[Do]:
    return [on("tap", "button", "Add to basket", row=product, row_role="article")]


def of_line(kind: str, role: str, name: str, product: str, text: str = "") -> Do:
    """A step on one line of the basket."""
    return on(kind, role, name, text=text, row=product, row_role="article")


def set_quantity(product: str, number: str) -> list[Do]:
    return [
        of_line("type", "spinbutton", "Quantity", product, number),
        of_line("tap", "button", "Update", product),
    ]


def take_out(product: str) -> Do:
    return of_line("tap", "link", "Remove", product)


def set_aside(product: str) -> Do:
    return of_line("tap", "link", "Save for later", product)


def wish(product: str, name: str) -> list[Do]:
    """From a page that shows the product, to its own page, with it on the list."""
    return [
        on("tap", "link", product),
        on("tap", "link", "Add to wish list"),
        on("tap", "link", f"Add to '{name}' wish list"),
    ]


def review(v: Values) -> list[Do]:
    return [
        on("tap", "link", v["product"]),
        on("tap", "link", "Write a review"),
        on("type", "textbox", "Title *", text=v["title"]),
        on("select", "combobox", "Score", text=v["score"]),
        on("type", "textbox", "Body *", text=v["body"]),
        on("tap", "button", "Save review"),
    ]


def alert(product: str) -> list[Do]:
    return [on("tap", "link", product), on("tap", "button", "Notify me")]


def account(*steps: Do) -> list[Do]:
    return [on("tap", "button", "Account menu"), on("tap", "link", "Account"), *steps]


def rename(v: Values) -> list[Do]:
    return account(
        on("tap", "link", "Edit profile"),
        on("type", "textbox", "First name", text=v["first"]),
        on("type", "textbox", "Last name", text=v["last"]),
        SAVE,
    )


def add_address(v: Values) -> list[Do]:
    return account(
        on("tap", "link", "Address Book"),
        on("tap", "link", "Add a new address"),
        on("type", "textbox", "First name *", text=v["first"]),
        on("type", "textbox", "Last name *", text=v["last"]),
        on("type", "textbox", "First line of address *", text=v["street"]),
        on("type", "textbox", "City *", text=v["city"]),
        on("type", "textbox", "Post/Zip-code *", text=v["postcode"]),
        on("select", "combobox", "Country *", text=v["country"]),
        SAVE,
    )


def move_address(v: Values) -> list[Do]:
    """Write another street into an address."""
    return account(
        on("tap", "link", "Address Book"),
        on("tap", "link", "Edit", row=v["street"]),
        on("type", "textbox", "First line of address *", text=v["new"]),
        SAVE,
    )


def new_list(name: str) -> list[Do]:
    return account(
        on("tap", "link", "Wish Lists"),
        on("tap", "link", "Create a new wish list"),
        on("type", "textbox", "Name *", text=name),
        SAVE,
    )


def use_voucher(code: str) -> list[Do]:
    """On the page of the basket."""
    return [
        on("tap", "link", "I have a voucher code..."),
        on("type", "textbox", "Code *", text=code),
        on("tap", "button", "Add voucher"),
    ]


def order(street: str) -> list[Do]:
    """From the page of the basket to the order's confirmation."""
    return [
        on("tap", "link", "Proceed to checkout"),
        on("tap", "button", "Ship to this address", row=street, row_role="article"),
        on("tap", "link", "Continue"),
        on("tap", "button", "Place order"),
    ]
