"""What the apps are for, in words by which a task finds its app."""

from __future__ import annotations

from ostinato.phone.apps.app import app_names

_ABOUT = {
    "ihatemoney": "shared expenses of a group of people: bills, what things cost, amounts of money, who paid, who owes "
    "whom, balances, participants, settling debts",
    "tiddlywiki": "notes: write, edit, rename, copy, tag and delete notes (tiddlers), their titles, texts, tags, lists",
    "oscar": "a shop: search products, prices, basket, cart, checkout, buy, orders, delivery addresses, wish lists",
    "todomvc": "a list of things to do, written in many frameworks: add, tick, rename and clear entries",
    "gnome": "on a Linux phone: alarms and clocks, contacts, a calendar, lists of tasks, a calculator",
    "miniwob": "small test pages with one exercise each",
}


def about(name: str) -> str:
    """What an app is for; empty for one that nobody described."""
    return _ABOUT.get(name.partition("/")[0], "")


def described() -> dict[str, str]:
    """Every named app that a task in a browser can be planned for, with what it is for."""
    return {name: about(name) for name in app_names() if name not in ("miniwob", "todomvc", "gnome")}
