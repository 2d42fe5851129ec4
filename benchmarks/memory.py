"""Memory of a running command, seen from outside."""

from __future__ import annotations

import contextlib

import psutil


class Peak:
    """The most that a Python process and its Playwright driver held together so far, in bytes of PSS (shared pages
    are counted by share). Browsers and apps are not counted."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._driver: psutil.Process | None = None
        self.bytes = 0

    def look(self) -> None:
        with contextlib.suppress(psutil.Error):
            if self._driver is None:
                children = self._process.children()
                self._driver = next((c for c in children if "playwright" in " ".join(c.cmdline())), None)
            now = self._process.memory_full_info().pss
            if self._driver is not None:
                now += self._driver.memory_full_info().pss
            self.bytes = max(self.bytes, now)
