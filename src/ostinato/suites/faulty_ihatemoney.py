"""Seeded faults in the real ihatemoney: what a judge must not miss.

A fault is a trigger in the app's live database that spoils the next saved bill; the app itself runs unchanged.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ostinato.phone.apps.app import App

KINDS = (
    "amount_altered",
    "amount_rounded",
    "save_dropped",
    "save_doubled",
    "wrong_payer",
    "wrong_owers",
    "wrong_text",
    "wrong_date",
    "other_bill_changed",
    "other_bill_deleted",
)
SEEDS = 6


class _Database(Protocol):
    @property
    def database(self) -> object: ...


@dataclass(frozen=True)
class Fault:
    """One way to spoil a save; `seed` varies by how much, or which other row is hit."""

    kind: str
    seed: int


def all_faults() -> list[Fault]:
    """Every kind with every seed: 60 faults."""
    return [Fault(kind, seed) for kind in KINDS for seed in range(SEEDS)]


@contextlib.contextmanager
def seed_fault(fault: Fault, app: App) -> Iterator[None]:
    """The fault is in the app's database while the block runs. The app must be an ihatemoney that runs."""
    database: _Database = app  # type: ignore[assignment]
    path = str(database.database)
    table = "billowers" if fault.kind == "wrong_owers" else "bill"
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        connection.execute(f"CREATE TRIGGER seeded_fault AFTER INSERT ON {table} BEGIN {_spoil(fault)}; END")
    try:
        yield
    finally:
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection, connection:
            connection.execute("DROP TRIGGER IF EXISTS seeded_fault")


def _spoil(fault: Fault) -> str:
    """The statement that the trigger runs on the row just saved."""
    k = fault.seed + 1
    here = "WHERE id = NEW.id"
    columns = "payer_id, amount, date, what, archive, creation_date, external_link, converted_amount, original_currency, bill_type"  # noqa: E501
    match fault.kind:
        case "amount_altered":
            return f"UPDATE bill SET amount = amount + {k * 0.01 if k % 2 else k * 10.0} {here}"
        case "amount_rounded":
            return f"UPDATE bill SET amount = CAST(amount AS INTEGER) + {0.995 + k / 1000} {here}"
        case "save_dropped":
            return f"DELETE FROM bill {here}"
        case "save_doubled":
            return f"INSERT INTO bill ({columns}) SELECT {columns} FROM bill {here}"
        case "wrong_payer":
            return f"UPDATE bill SET payer_id = 1 + (payer_id - 1 + {1 + fault.seed % 3}) % 4 {here}"
        case "wrong_owers":
            return f"DELETE FROM billowers WHERE bill_id = NEW.bill_id AND person_id = {1 + fault.seed % 4}"
        case "wrong_text":
            return f"UPDATE bill SET what = substr(what, 1, length(what) - 1) || '{k}x' {here}"
        case "wrong_date":
            return f"UPDATE bill SET date = date(date, '-{k} day') {here}"
        case "other_bill_changed":
            return f"UPDATE bill SET amount = amount + {k} WHERE id = {1 + fault.seed % 3}"
        case _:
            return f"DELETE FROM bill WHERE id = {1 + fault.seed % 3}"
