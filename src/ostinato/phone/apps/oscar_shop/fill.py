"""The first state of the shop: what it sells, and one customer with addresses, a basket and wish lists."""

# mypy: ignore-errors

import datetime
from decimal import Decimal
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils.text import slugify
from oscar.apps.address.models import Country, UserAddress
from oscar.apps.basket.models import Basket
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.apps.catalogue.models import Product, ProductClass, ProductImage
from oscar.apps.offer.models import Benefit, Condition, ConditionalOffer, Range
from oscar.apps.partner.models import Partner, StockRecord
from oscar.apps.partner.strategy import Selector
from oscar.apps.voucher.models import Voucher
from oscar.apps.wishlists.models import WishList
from PIL import Image, ImageDraw, ImageFont

COLOURS = ("#b5523b", "#3b6fb5", "#4f8a4b", "#8a6d3b", "#6b4f8a", "#3b8a86")
LONG_AGO = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
FAR_AWAY = datetime.datetime(2124, 1, 1, tzinfo=datetime.UTC)


def fill(content: dict) -> None:
    settings.MIGRATION_MODULES = {
        app.label: None for app in apps.get_app_configs()
    }  # tables as they are, not as they grew
    call_command("migrate", run_syncdb=True, verbosity=0)
    for order, (code, name) in enumerate(reversed(content["countries"])):
        Country.objects.create(
            iso_3166_1_a2=code, name=name, printable_name=name, is_shipping_country=True, display_order=order
        )
    products = _products(content["products"])
    everything = Range.objects.create(name="Everything", includes_all_products=True)
    for code, percent in content["vouchers"]:
        _voucher(code, percent, everything)
    _customer(content["customer"], products)


def _products(rows: list) -> dict:
    kind = ProductClass.objects.create(name="Thing", requires_shipping=True, track_stock=True)
    partner = Partner.objects.create(name="Warehouse", code="warehouse")
    made = {}
    for number, (title, category, price, stock, description) in enumerate(rows, start=1):
        product = Product.objects.create(
            title=title, description=description, product_class=kind, upc=f"{4000 + number}", structure="standalone"
        )
        product.categories.add(create_from_breadcrumbs(category))
        StockRecord.objects.create(
            product=product, partner=partner, partner_sku=product.upc, price=Decimal(price), num_in_stock=stock
        )
        ProductImage.objects.create(product=product, original=_picture(title, number))
        made[title] = product
    return made


def _picture(title: str, number: int) -> str:
    """A coloured card with the product's first letters."""
    image = Image.new("RGB", (320, 240), COLOURS[number % len(COLOURS)])
    font = ImageFont.load_default(96)
    ImageDraw.Draw(image).text((160, 120), title[:2], fill="white", font=font, anchor="mm")
    name = f"{slugify(title)}.png"
    image.save(Path(settings.MEDIA_ROOT) / name)
    return name


def _voucher(code: str, percent: int, everything: Range) -> None:
    offer = ConditionalOffer.objects.create(
        name=f"{percent} % off", offer_type=ConditionalOffer.VOUCHER,
        condition=Condition.objects.create(range=everything, type=Condition.COUNT, value=1),
        benefit=Benefit.objects.create(range=everything, type=Benefit.PERCENTAGE, value=percent),
    )  # fmt: skip
    voucher = Voucher.objects.create(
        name=f"{percent} % off with {code}", code=code, usage=Voucher.MULTI_USE,
        start_datetime=LONG_AGO, end_datetime=FAR_AWAY,
    )  # fmt: skip
    voucher.offers.add(offer)


def _customer(about: dict, products: dict) -> None:
    customer = get_user_model().objects.create_user(
        "customer", about["email"], about["password"], first_name=about["first_name"], last_name=about["last_name"]
    )
    for line1, city, postcode, country in about["addresses"]:
        UserAddress.objects.create(
            user=customer, first_name=about["first_name"], last_name=about["last_name"], line1=line1, line4=city,
            postcode=postcode, country=Country.objects.get(printable_name=country),
        )  # fmt: skip
    basket = Basket.objects.create(owner=customer)
    basket.strategy = Selector().strategy(user=customer)
    for title, quantity in about["basket"]:
        basket.add_product(products[title], quantity)
    for name, titles in about["wish_lists"]:
        wish_list = WishList.objects.create(owner=customer, name=name, key=slugify(name))
        for title in titles:
            wish_list.add(products[title])
