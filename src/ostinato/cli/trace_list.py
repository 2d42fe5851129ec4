"""A list of traces: what is asked for, and how it is shown to people and to other programs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from ostinato.errors import UsageError
from ostinato.phone.apps.app import app_names
from ostinato.trace.store import Store, TraceSummary

_GAP = 2
_GIVING_WAY = {"s": 24, "steps": 24, "app": 12}  # each goes when the task would get fewer cells than that
_ID_BEGUN = re.compile(r"\d{8}-\d{6}-[0-9a-f]{0,6}")
_FAR = 10_000  # traces in which an app is looked for before it counts as unknown

_COLUMNS: dict[str, Callable[[TraceSummary], str]] = {
    "trace": lambda one: one.id,
    "task": lambda one: _one_line(one.task),
    "app": lambda one: _one_line(one.app or ""),
    "status": lambda one: one.status,
    "steps": lambda one: str(one.steps),
    "s": lambda one: f"{one.seconds:.1f}",
    "verdict": lambda one: one.verdict or "",
}


def moment(store: Store, before: str) -> str:
    """The trace id, or a text that sorts as one, which `--before` means. UsageError names the forms it takes."""
    if _ID_BEGUN.fullmatch(before):
        return store.resolve(before)
    try:
        asked = datetime.fromisoformat(before)
    except ValueError:
        raise UsageError(
            f"--before {before!r}: expected a trace id such as 20260131-120000-0a1b2c, or a date in UTC such as "
            "2026-01-31 or 2026-01-31T12:00"
        ) from None
    in_utc = asked if asked.tzinfo is None else asked.astimezone(UTC)
    return f"{in_utc:%Y%m%d-%H%M%S}"


def place(store: Store, asked: str) -> str:
    """The app that `--app` means: a known one, an address, or what the list calls that of a stored trace.

    UsageError with the nearest names when it is none of these, or stands for several addresses."""
    if asked.partition("/")[0] in app_names() or "://" in asked or store.list(limit=1, app=asked):
        return asked
    stored = {one.app for one in store.list(limit=_FAR) if one.app}
    meant = sorted(app for app in stored if short(app) == asked)
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise UsageError(f"--app {asked!r} stands for several addresses; give one of them: {', '.join(meant[:5])}")
    known = sorted({*app_names(), *map(short, stored)})
    near = difflib.get_close_matches(asked, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"--app {asked!r}: no app and no trace has this name.{hint} Known: {', '.join(known[:12])}")


def short(app: str) -> str:
    """An address without all but its host and port; the name of an app as it is."""
    return (urlsplit(app).netloc or app).rpartition("@")[2] if "://" in app else app


def lines(found: Sequence[TraceSummary]) -> list[str]:
    """For other programs: a header and a line per trace, columns separated by tabs, nothing cut."""
    return ["\t".join(_COLUMNS), *("\t".join(cell(one) for cell in _COLUMNS.values()) for one in found)]


def table(found: Sequence[TraceSummary], width: int, colours: dict[str, str]) -> tuple[Table, list[str]]:
    """For people: one line per trace in `width` cells, where only a task may be cut, and the columns that had no
    room. Columns in which nothing stands are dropped."""
    cells = {name: [cell(one) for one in found] for name, cell in _COLUMNS.items()}
    cells["app"] = [short(app) for app in cells["app"]]
    cells = {name: column for name, column in cells.items() if any(column) or name == "task"}
    widths = {name: max(map(cell_len, (name, *column))) for name, column in cells.items()}

    def left() -> int:
        return width - sum(widths[name] + _GAP for name in cells if name != "task")

    gone: list[str] = []
    for name, least in _GIVING_WAY.items():
        if name in cells and left() < min(widths["task"], least):
            del cells[name]
            gone.append(name)
    shown = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for name in cells:
        cut = max(min(left(), widths["task"]), 1) if name == "task" else widths[name]
        shown.add_column(
            name, width=cut, no_wrap=True, overflow="ellipsis", justify="right" if name in ("steps", "s") else "left"
        )
    for number in range(len(found)):
        row = {name: column[number] for name, column in cells.items()}
        shown.add_row(
            *(Text(text, colours.get(text, "yellow") if name == "status" else "") for name, text in row.items())
        )
    return shown, gone


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
