"""Ostinato: a stack for phone agents that remember.

For programs: `run` does one task, `Session` some on one phone, `open_store` opens what was recorded; errors are those
of `ostinato.errors`. Each is loaded when it is first used, so that `import ostinato` takes no time.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.agent.budget import Bounds
    from ostinato.run import Finished
    from ostinato.session import Session, open_store, run

__version__ = "0.1.0"
__all__ = ["Bounds", "Finished", "Session", "__version__", "open_store", "run"]

_HOMES = {
    "Bounds": "ostinato.agent.budget",
    "Finished": "ostinato.run",
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


class _Package(ModuleType):
    """`ostinato.run` is the function, also when the room of that name (`from ostinato.run import House`) was loaded:
    Python would put the room in its place."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name == "run" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
