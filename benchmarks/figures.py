"""Figures of a benchmark: a table for people, a JSON file for `docs/results.md`."""

from __future__ import annotations

import json
import math
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One figure: `kind` is measured, simulated or quoted; `low` and `high` are the 95 % interval where `n` counts
    trials, else the quartiles of n measurements."""

    key: str
    value: float
    unit: str
    kind: str = "measured"
    n: int = 1
    low: float | None = None
    high: float | None = None
    note: str = ""


@dataclass
class Figures:
    name: str
    quick: bool
    found: list[Figure] = field(default_factory=list)
    seconds: float = 0.0
    commits: set[str] = field(default_factory=set)

    def add(
        self,
        key: str,
        value: float,
        unit: str,
        *,
        n: int = 1,
        low: float | None = None,
        high: float | None = None,
        kind: str = "measured",
        note: str = "",
    ) -> None:
        self.found.append(Figure(key, value, unit, kind, n, low, high, note))

    def share(self, key: str, hits: int, n: int, note: str = "") -> None:
        """A share of trials with its Wilson 95 % interval."""
        low, high = wilson(hits, n)
        self.add(key, hits / n if n else math.nan, "share", n=n, low=low, high=high, note=note)

    def middle(self, key: str, values: list[float], unit: str, note: str = "") -> None:
        """The median of measurements with their quartiles."""
        if not values:
            return
        quarters = quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
        self.add(key, median(values), unit, n=len(values), low=quarters[0], high=quarters[2], note=note)

    @staticmethod
    def upper(hits: int, n: int) -> float:
        """The upper 95 % bound of a share that was seen."""
        return wilson(hits, n)[1]

    def show(self) -> None:
        table = Table(title=self.name + (" (quick)" if self.quick else ""), title_justify="left")
        for column in ("key", "value", "unit", "n", "low", "high", "kind"):
            table.add_column(column, no_wrap=True)
        table.add_column("note", overflow="fold")
        for f in self.found:
            table.add_row(f.key, f"{f.value:.4g}", f.unit, str(f.n), _short(f.low), _short(f.high), f.kind, f.note)
        console = Console()
        Console(width=max(console.width, 150)).print(table)

    def write(self, path: Path) -> None:
        content = {
            "name": self.name,
            "commit": ", ".join(sorted(self.commits)),
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
            "quick": self.quick,
            "seconds": round(self.seconds, 1),
            "figures": [asdict(f) for f in self.found],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def upper_of_none(n: int) -> float:
    """The upper 95 % bound of a share of which none was seen in n trials: 1 - 0.05^(1/n)."""
    return 1.0 if n == 0 else 1.0 - 0.05 ** (1.0 / n)


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
