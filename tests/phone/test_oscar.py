"""The shop: filled without a network, served to this machine alone, read and put back while it runs."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ostinato.agent.script import ScriptDecider
from ostinato.errors import AppError, SetupError
from ostinato.house import House
from ostinato.judge.change import changes
from ostinato.phone.apps import oscar as module
from ostinato.phone.apps.app import get_app
from ostinato.phone.apps.oscar import DATABASE, PINS, SESSION, SHOP, TABLES, Oscar, shop_digest
from ostinato.phone.apps.oscar_content import ADDRESSES, BASKET, COUNTRIES, EMAIL, PRODUCTS, WISH_LISTS
from ostinato.phone.apps.server import request
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.settings import load_settings
from ostinato.suites import oscar, oscar_more
from ostinato.suites.oscar import ORDER, PUT_IN_BASKET
from ostinato.suites.task import Task

needs_app = pytest.mark.app
TASKS = (*oscar.TASKS, *oscar_more.MORE_TASKS)


# ---- without an install --------------------------------------------------------------------------------------


def test_every_requirement_is_pinned_and_each_once() -> None:
    lines = PINS.read_text().splitlines()
    pins = [re.fullmatch(r"([A-Za-z0-9._-]+)==[0-9][0-9a-z.]*", line) for line in lines]
    assert all(pins), lines
    names = [pin[1].lower() for pin in pins if pin]
    assert len(set(names)) == len(names) and {"django-oscar", "waitress", "pillow"} <= set(names)
    assert f"django-oscar=={module.VERSION}" in lines


def test_another_content_or_program_is_another_first_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = shop_digest()
    assert shop_digest() == first
    monkeypatch.setattr("ostinato.phone.apps.oscar_content.EMAIL", "other@example.com")
    assert shop_digest() != first
    monkeypatch.undo()
    for file in SHOP.rglob("*.py"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(module, "SHOP", tmp_path)
    before = shop_digest()
    (tmp_path / "fill.py").write_text("# nothing is for sale")
    assert shop_digest() != before


def test_the_session_is_the_one_that_the_shop_keeps() -> None:
    assert f'SESSION = "{SESSION}"' in (SHOP / "shop.py").read_text()


def test_pages_ask_no_other_machine() -> None:
    pages = [path.read_text() for path in SHOP.rglob("*.html")]
    assert len(pages) >= 3 and not any("http://" in page or "https://" in page for page in pages)
    assert "cdn_scripts" in (SHOP / "templates" / "oscar" / "base.html").read_text()


def test_what_is_not_installed_is_not_started(tmp_path: Path) -> None:
    app = get_app("oscar", tmp_path / "cache")
    for work in (app.start, lambda: app.restore(tmp_path)):
        with pytest.raises(SetupError, match="ostinato app install oscar"):
            work()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_says_all_its_values_and_has_mutants(task: Task) -> None:
    rng = random.Random(3)
    for _ in range(40):
        values = task.generate(rng)
        assert all(value in task.words(values) for value in values.values())
        assert task.script(values) and task.oracle([], values), "doing nothing is no way to do it"
        for kind, mutation in task.mutants.items():
            assert (mutation(values, rng) == task.script(values)) == (kind == "no_done")


# ---- installed -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app() -> Iterator[Oscar]:
    found = get_app("oscar")
    assert isinstance(found, Oscar)
    found.install()
    found.start()
    yield found
    found.stop()


@needs_app
def test_it_opens_with_its_goods_and_its_customer(app: Oscar) -> None:
    app.reset()
    rows = {name: table.rows for name, table in app.data().tables.items()}
    assert set(rows) == set(TABLES)
    assert [row[1:] for row in rows["basket_line"]] == [(*line, "Open") for line in BASKET]
    assert [row[3] for row in rows["address"]] == [line1 for line1, *_ in ADDRESSES]
    assert [row[1] for row in rows["wish_list"]] == [name for name, _ in WISH_LISTS]
    assert [row[3:] for row in rows["user"]] == [(EMAIL, True)]
    assert rows["order"] == rows["review"] == rows["stock_alert"] == ()
    page = " ".join(re.sub(r"<[^>]+>", " ", request(app.url)[0].decode()).split())
    assert f"{len(PRODUCTS)} results." in page and all(title in page for title, *_ in PRODUCTS)


@needs_app
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=BLUE+rim", ["Enamel mug"]),
        ("q=kettle+lamp", []),
        ("q=%22" + "x" * 300, []),
        ("sort_by=price-asc&q=the", None),
    ],
)
def test_a_search_is_answered_from_the_database(app: Oscar, asked: str, found: list[str] | None) -> None:
    page = request(f"{app.origins[0]}/search/?{asked}")[0].decode()
    titles = re.findall(r'<a href="[^"]*" title="([^"]*)"', page)
    if found is not None:
        assert titles == found
    else:
        prices = {title: float(price) for title, _, price, _, _ in PRODUCTS}
        assert len(titles) >= 3 and titles == sorted(titles, key=lambda title: prices[title])


@needs_app
def test_an_address_that_is_not_there_is_told_and_the_shop_goes_on(app: Oscar) -> None:
    for path in ("/catalogue/nothing_999/", "/media/../shop.db", "/media/%2e%2e/%2e%2e/etc/passwd", "/dashboard/x"):
        with pytest.raises(AppError, match=r"answered with 40[04]"):
            request(app.origins[0] + path)
    assert request(app.url)[0]


@needs_app
def test_a_login_that_ended_is_there_again_at_the_next_start(tmp_path: Path) -> None:
    app = get_app("oscar")
    app.install()
    cookie = {"Cookie": f"sessionid={SESSION}"}
    app.start(tmp_path)
    try:
        account = f"{app.origins[0]}/accounts/profile/"
        assert EMAIL.encode() in request(account, headers=cookie)[0]
        request(f"{app.origins[0]}/accounts/logout/", headers=cookie)
        assert EMAIL.encode() not in request(account, headers=cookie)[0]
        app.stop()
        app.start(tmp_path)
        assert EMAIL.encode() in request(f"{app.origins[0]}/accounts/profile/", headers=cookie)[0]
    finally:
        app.stop()


@needs_app
@pytest.mark.browser
def test_a_script_fills_the_basket_and_orders_and_reset_takes_it_back(app: Oscar) -> None:
    house = House(load_settings())
    app.reset()
    first = app.data()
    with house.phone(app) as phone:
        outside: list[str] = []
        for task, values in ((PUT_IN_BASKET, {"product": "Wall clock"}), (ORDER, {"street": "8 Rue des Lilas"})):
            app.reset()
            phone.new_episode(login=app.login, start_url=app.url, init_script=None)
            assert _wrong(house, app, phone, task, values) == []
            outside += json.loads(
                phone.ask("JSON.stringify(performance.getEntriesByType('resource').map(entry => entry.name))")
            )
        assert outside and all(address.startswith(f"{app.origins[0]}/") for address in outside)
    assert len(changes(first, app.data())) >= 7
    assert b"Your basket is empty" in _seen(app, "/basket/")
    app.reset()
    assert app.data() == first
    assert all(title.encode() in _seen(app, "/basket/") for title, _ in BASKET)


def _seen(app: Oscar, path: str) -> bytes:
    """What the customer sees there."""
    return request(app.origins[0] + path, headers={"Cookie": f"sessionid={SESSION}"})[0]


def _wrong(house: House, app: Oscar, phone: ChromiumPhone, task: Task, values: dict[str, str]) -> list[str]:
    before = app.data()
    done = house.perform(
        task.words(values),
        phone=phone,
        deciders=[ScriptDecider(task.script(values))],
        app=app,
        app_name=app.name,
        approve=lambda action, screen: True,
    )
    assert done.trace.status == "done", done.trace.outcome
    return task.wrong(before, app.data(), values)


@needs_app
def test_a_look_at_the_pages_writes_nothing_that_a_judge_sees(app: Oscar) -> None:
    app.reset()
    before = app.data()
    for path in ("/basket/", "/catalogue/enamel-mug_1/", "/accounts/wishlists/", "/checkout/shipping-address/"):
        assert _seen(app, path)
    assert app.data() == before
    with closing(sqlite3.connect(f"{app.database.as_uri()}?mode=ro", uri=True)) as live:
        assert [name for (name,) in live.execute("SELECT name FROM address_country ORDER BY display_order DESC")] == [
            name for _, name in COUNTRIES
        ]


@needs_app
def test_a_folder_without_its_database_is_not_put_back(app: Oscar, tmp_path: Path) -> None:
    with pytest.raises(AppError, match=f"holds no data of oscar .no {DATABASE}"):
        app.restore(tmp_path)
    assert list(tmp_path.iterdir()) == []
