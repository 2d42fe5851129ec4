"""Ostinato: a stack for phone agents that remember.

For programs: `run` does one task, `Session` some on one phone, `open_store` opens what was recorded; errors are those
of `ostinato.errors`. Each is loaded when it is first used, so that `import ostinato` takes no time.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.agent.budget import Bounds
    from ostinato.house import Finished
    from ostinato.session import Session, open_store, run

__version__ = "0.1.0"
__all__ = ["Bounds", "Finished", "Session", "__version__", "open_store", "run"]

_HOMES = {
    "Bounds": "ostinato.agent.budget",
    "Finished": "ostinato.house",
    "Session": "ostinato.session",
    "open_store": "ostinato.session",
    "run": "ostinato.session",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
