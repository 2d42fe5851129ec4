"""What the shop sells and who its customer is, at first."""

from __future__ import annotations

from typing import Any

Product = tuple[str, str, str, int, str]  # title, category, price, how many are in stock, description
PRODUCTS: tuple[Product, ...] = (
    ("Enamel mug", "Kitchen", "9.50", 200, "White with a blue rim, holds a third of a litre."),
    ("Bread knife", "Kitchen", "24.00", 200, "A long serrated blade with a handle of beech."),
    ("Tea towel", "Kitchen", "6.80", 200, "Washed linen with a loop to hang it up."),
    ("Cast iron pan", "Kitchen", "48.90", 200, "For the stove and the oven; heavy, and for a lifetime."),
    ("Garden trowel", "Garden", "14.20", 200, "Forged steel that goes into hard ground."),
    ("Watering can", "Garden", "32.00", 200, "Zinc, nine litres, with a brass rose."),
    ("Seed box", "Garden", "18.75", 200, "Keeps packets dry and in the order of the months."),
    ("Wool blanket", "Living", "75.00", 200, "Woven from undyed wool, large enough for two."),
    ("Reading lamp", "Living", "59.00", 200, "An arm with two joints and a warm light."),
    ("Wall clock", "Living", "41.30", 200, "It makes no sound at all."),
    ("Notebook", "Paper", "4.60", 200, "Two hundred dotted pages, sewn."),
    ("Fountain pen", "Paper", "28.00", 200, "A steel nib, fine, and a converter for ink."),
    ("Letter opener", "Paper", "12.40", 0, "Brass; it is being cast again."),
    ("Copper kettle", "Kitchen", "66.00", 0, "It whistles; the next ones come in the autumn."),
    ("Deck chair", "Garden", "54.50", 0, "Ash and canvas, folds flat."),
)
COUNTRIES = (("GB", "United Kingdom"), ("IE", "Ireland"), ("FR", "France"), ("DE", "Germany"), ("PT", "Portugal"))
VOUCHERS = (("SPRING10", 10), ("FRIENDS15", 15), ("LUCKY5", 5))
EMAIL, PASSWORD = "anna@example.com", "corner-shop-7"
FIRST_NAME, LAST_NAME = "Anna", "Berg"
ADDRESSES = (
    ("12 Mill Lane", "Bristol", "BS1 4DJ", "United Kingdom"),
    ("5 Harbour Street", "Dublin", "D02 X285", "Ireland"),
    ("8 Rue des Lilas", "Lyon", "69003", "France"),
)
BASKET = (("Tea towel", 2), ("Watering can", 1), ("Notebook", 3))
WISH_LISTS: tuple[tuple[str, tuple[str, ...]], ...] = (("Birthday", ("Wall clock",)), ("New flat", ()))


def content() -> dict[str, Any]:
    """All of it, for the program that fills the shop."""
    return {
        "products": PRODUCTS,
        "countries": COUNTRIES,
        "vouchers": VOUCHERS,
        "customer": {
            "email": EMAIL,
            "password": PASSWORD,
            "first_name": FIRST_NAME,
            "last_name": LAST_NAME,
            "addresses": ADDRESSES,
            "basket": BASKET,
            "wish_lists": WISH_LISTS,
        },
    }
