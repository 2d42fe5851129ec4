"""Oscar 4.2.1, a shop: Django with a SQLite database, in its own virtual environment, with one customer logged in.

What its wheel lacks is in the folder `oscar_shop`: settings, addresses, a search without an index, the first rows. An
order is paid on invoice, so that a checkout comes to its end without any other service.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from ostinato.errors import SetupError
from ostinato.install import Install, Report, put_in_place, run_step
from ostinato.phone.apps.database import put_back, read
from ostinato.phone.apps.oscar_content import EMAIL, PASSWORD, content
from ostinato.phone.apps.server import HOST, Instance, Server, start_server
from ostinato.trace.data import AppData, Table

VERSION = "4.2.1"
PINS = Path(__file__).with_name("oscar.txt")
SHOP = Path(__file__).with_name("oscar_shop")
DATABASE = "shop.db"
SESSION = "ostinato0customer0is0logged0in00"  # as in oscar_shop/shop.py
ADDRESS = (
    "{0}.first_name, {0}.last_name, {0}.line1, {0}.line2, {0}.line3, {0}.line4, {0}.state, {0}.postcode,"
    " country.printable_name, {0}.phone_number, {0}.notes"
)
ADDRESS_COLUMNS = (
    "first_name", "last_name", "line1", "line2", "line3", "city", "state", "postcode", "country", "phone", "notes",
)  # fmt: skip
# Of each table its columns, the first of which is the key, and where the rows come from.
TABLES = {
    "basket_line": (
        ("id", "product", "quantity", "basket"),
        """SELECT line.id, product.title, line.quantity, basket.status FROM basket_line AS line
          JOIN basket_basket AS basket ON basket.id = line.basket_id
          JOIN catalogue_product AS product ON product.id = line.product_id
        WHERE basket.status IN ('Open', 'Frozen', 'Saved') ORDER BY line.id""",
    ),
    "basket_voucher": (
        ("id", "code"),
        """SELECT used.id, voucher.code FROM basket_basket_vouchers AS used
          JOIN basket_basket AS basket ON basket.id = used.basket_id
          JOIN voucher_voucher AS voucher ON voucher.id = used.voucher_id
        WHERE basket.status IN ('Open', 'Frozen') ORDER BY used.id""",
    ),
    "order": (
        ("number", "status", "total", "currency", "shipping", "vouchers", *ADDRESS_COLUMNS),
        f"""SELECT "order".number, status, round(total_incl_tax, 2), currency, shipping_method,
          coalesce((SELECT group_concat(voucher_code, ', ') FROM (SELECT DISTINCT voucher_code
            FROM order_orderdiscount WHERE order_id = "order".id AND voucher_code <> '' ORDER BY voucher_code)), ''),
          {ADDRESS.format("place")}
        FROM order_order AS "order" LEFT JOIN order_shippingaddress AS place ON place.id = "order".shipping_address_id
          LEFT JOIN address_country AS country ON country.iso_3166_1_a2 = place.country_id ORDER BY "order".id""",
    ),
    "order_line": (
        ("id", "order", "product", "quantity", "total"),
        """SELECT line.id, "order".number, line.title, line.quantity, round(line.line_price_incl_tax, 2)
        FROM order_line AS line JOIN order_order AS "order" ON "order".id = line.order_id ORDER BY line.id""",
    ),
    "wish_list": (
        ("id", "name", "visibility"),
        "SELECT id, name, visibility FROM wishlists_wishlist ORDER BY id",
    ),
    "wish_list_line": (
        ("id", "list", "product", "quantity"),
        """SELECT line.id, wished.name, line.title, line.quantity FROM wishlists_line AS line
          JOIN wishlists_wishlist AS wished ON wished.id = line.wishlist_id ORDER BY line.id""",
    ),
    "review": (
        ("id", "product", "score", "title", "body", "status"),
        """SELECT review.id, product.title, score, review.title, body,
          CASE status WHEN 0 THEN 'waiting' WHEN 1 THEN 'approved' WHEN 2 THEN 'rejected' ELSE status END
        FROM reviews_productreview AS review
          LEFT JOIN catalogue_product AS product ON product.id = review.product_id ORDER BY review.id""",
    ),
    "stock_alert": (
        ("id", "product", "status"),
        """SELECT alert.id, product.title, alert.status FROM customer_productalert AS alert
          JOIN catalogue_product AS product ON product.id = alert.product_id ORDER BY alert.id""",
    ),
    "address": (
        ("id", *ADDRESS_COLUMNS, "shipping_default", "billing_default"),
        f"""SELECT place.id, {ADDRESS.format("place")}, is_default_for_shipping, is_default_for_billing
        FROM address_useraddress AS place
          JOIN address_country AS country ON country.iso_3166_1_a2 = place.country_id ORDER BY place.id""",
    ),
    "user": (
        ("id", "first_name", "last_name", "email", "active"),
        "SELECT id, first_name, last_name, email, is_active FROM auth_user ORDER BY id",
    ),
}
TRUTHS = ("shipping_default", "billing_default", "active")  # columns that SQLite keeps as numbers


class Oscar:
    name = "oscar"
    sign_in: str | None = f"e-mail address {EMAIL}, password {PASSWORD}"
    init_script: str | None = None

    def __init__(self, cache: Path) -> None:
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        self._install = Install(
            cache / f"oscar-{VERSION}-py{python}",
            {"pins": PINS.read_text(), "python": python, "shop": shop_digest()},
        )
        self._snapshot = self._install.folder / "snapshot"
        self._instance = Instance(self.name)
        self.login: dict[str, Any] | None = None

    def is_installed(self) -> bool:
        return self._install.complete()

    def install(self, report: Report = print) -> None:
        with self._install.doing() as needed:
            if not needed:
                report(f"{self.name} {VERSION} is installed in {self._install.folder}")
                return
            environment = self._install.folder / "venv"
            report(f"{self.name}: making a virtual environment")
            run_step("Making the virtual environment", [sys.executable, "-m", "venv", str(environment)])
            report(f"{self.name}: installing {VERSION} and what it needs")
            pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
            run_step("Installing django-oscar with pip", [*pip, "--no-deps", "-r", str(PINS)])
            report(f"{self.name}: making the snapshot")
            self._make_snapshot()
        report(f"{self.name}: ready")

    def remove(self) -> None:
        self._install.remove()

    def _make_snapshot(self) -> None:
        shutil.rmtree(self._snapshot, ignore_errors=True)
        self._media.mkdir(parents=True)
        goods = self._snapshot / "content.json"
        goods.write_text(json.dumps(content(), indent=1), encoding="utf-8")
        variables = [f"{name}={value}" for name, value in self._variables(self._snapshot).items()]
        run_step("Filling the shop", ["env", *variables, *self._program("fill", str(goods))])

    @property
    def _media(self) -> Path:
        return self._snapshot / "media"

    def _program(self, *arguments: str) -> list[str]:
        python = self._install.folder / "venv" / "bin" / "python"
        return [str(python), "-E", "-s", "-B", str(SHOP / "shop.py"), *arguments]

    def _variables(self, folder: Path) -> dict[str, str]:
        return {"SHOP_DATABASE": str(folder / DATABASE), "SHOP_MEDIA": str(self._media)}

    def start(self, folder: Path | None = None, port: int = 0) -> None:
        self._must_be_installed()
        self._instance.start(folder, lambda chosen: self._begin(chosen, port))

    def _must_be_installed(self) -> None:
        if not self.is_installed():
            raise SetupError(f"{self.name} is not installed. Run: ostinato app install {self.name}")

    def _begin(self, folder: Path, port: int) -> Server:
        database = folder / DATABASE
        if not database.exists():
            put_in_place(self._snapshot / DATABASE, database)
        server = start_server(
            self.name,
            lambda chosen: self._program("serve", HOST, str(chosen)),
            folder=folder,
            port=port,
            environment=self._variables(folder),
        )
        self.login = _logged_in()
        return server

    def stop(self) -> None:
        self._instance.stop()
        self.login = None

    @property
    def database(self) -> Path:
        """The live SQLite file."""
        return self._instance.folder / DATABASE

    @property
    def origins(self) -> tuple[str, ...]:
        return (self._instance.server.origin,)

    @property
    def url(self) -> str:
        return f"{self._instance.server.origin}/catalogue/"

    def pids(self) -> list[int]:
        return self._instance.pids()

    def reset(self) -> None:
        self.restore(self._instance.folder)

    def restore(self, folder: Path) -> None:
        """Copy the snapshot's pages into the live file, under SQLite's own locks: all of them or none."""
        self._must_be_installed()
        put_back(self.name, self._snapshot / DATABASE, folder / DATABASE)

    def data(self) -> AppData:
        found = read(self.name, self.database, {name: query for name, (_, query) in TABLES.items()})
        tables = {}
        for name, (columns, _) in TABLES.items():
            truths = [column in TRUTHS for column in columns]
            rows = tuple(
                tuple(bool(cell) if truth else cell for cell, truth in zip(row, truths, strict=True))
                for row in found[name]
            )
            tables[name] = Table(columns=columns, key=columns[:1], rows=rows)
        return AppData(app=self.name, tables=tables)


def shop_digest() -> str:
    """What tells one first state from another: the program that fills and serves the shop, and what is in it."""
    digest = hashlib.sha256(json.dumps(content()).encode())
    for file in sorted(path for path in SHOP.rglob("*") if path.suffix in (".py", ".html")):
        digest.update(f"{file.relative_to(SHOP)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _logged_in() -> dict[str, Any]:
    """The browser state of the customer, whose session the shop keeps."""
    cookie = {"name": "sessionid", "value": SESSION, "domain": HOST, "path": "/", "expires": -1,
              "httpOnly": True, "secure": False, "sameSite": "Lax"}  # fmt: skip
    return {"cookies": [cookie], "origins": []}
