"""One at a time: a claim that other processes on this machine see, and that ends with its process."""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ostinato.trace.blobs import disk_errors

_LOOK = 0.1  # seconds between two looks at a claim that somebody else holds


@contextmanager
def claim(folder: Path, key: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold `key` alone among all processes that share the folder; `waiting` is called once when somebody else holds
    it, and may raise. A claim is not re-entrant. Raises StoreError when the folder cannot be written."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f".{hashlib.sha256(key.encode(errors='replace')).hexdigest()[:24]}.lock").open("w")
    with lock:
        told = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    waiting()
                    told = True
                time.sleep(_LOOK)
        yield
