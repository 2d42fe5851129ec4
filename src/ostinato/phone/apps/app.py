"""Real apps that a phone can use: install, start, reset, and read their own data."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ostinato.errors import UsageError
from ostinato.install import Report, default_cache
from ostinato.phone.apps.gnome import Gnome
from ostinato.phone.apps.ihatemoney import IHateMoney
from ostinato.phone.apps.miniwob import Asking, MiniWoB
from ostinato.phone.apps.oscar import Oscar
from ostinato.phone.apps.several import Several
from ostinato.phone.apps.tiddlywiki import TiddlyWiki
from ostinato.phone.apps.todomvc import TodoMVC, known
from ostinato.trace.data import AppData


class App(Protocol):
    """One app. Several instances of one app may run at once, each in its own working folder."""

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str:
        """Where the phone starts. AppError while the app is not running."""
        ...

    @property
    def login(self) -> dict[str, Any] | None:
        """Playwright `storage_state` of somebody logged in, for a fresh browser context."""
        ...

    @property
    def sign_in(self) -> str | None:
        """How a person gets in, in words; None for an app without a login."""
        ...

    @property
    def init_script(self) -> str | None:
        """JavaScript to run at the start of every document."""
        ...

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that belong to the app."""
        ...

    def is_installed(self) -> bool: ...

    def install(self, report: Report = print) -> None:
        """Install pinned versions into the cache; does nothing when done, resumes when interrupted."""
        ...

    def remove(self) -> None:
        """Remove the install."""
        ...

    def start(self, folder: Path | None = None, port: int = 0) -> None:
        """Start and wait until it answers.

        A new or empty `folder` gets the app's snapshot; None means a temporary one, removed by `stop`.
        """
        ...

    def stop(self) -> None:
        """End every process of this instance. May be called twice."""
        ...

    def reset(self) -> None:
        """Bring the running app back to its snapshot."""
        ...

    def restore(self, folder: Path) -> None:
        """Bring a working folder back to the snapshot, also while another process runs the app there. SetupError where
        the app is not installed, AppError for a folder without its data; what fails changes nothing."""
        ...

    def data(self) -> AppData:
        """The app's own data now, read-only, for judges."""
        ...

    def pids(self) -> list[int]: ...


@runtime_checkable
class InPage(Protocol):
    """An app whose data are in its page, so that it must know the phone which shows it."""

    def shown_on(self, phone: Asking) -> None: ...


def app_names() -> tuple[str, ...]:
    return ("ihatemoney", "tiddlywiki", "miniwob", "oscar", "todomvc", "gnome")


def get_app(name: str, cache: Path | None = None) -> App:
    """The app of that name, not started. UsageError names the known ones.

    `miniwob/PAGE` and `miniwob/PAGE/SEED` name one page of MiniWoB++, `gnome/clocks` the application of a Linux phone
    that is shown first, `todomvc/FRAMEWORK` the list in one framework, `ONE+OTHER` several apps on one phone."""
    folder = (cache or default_cache()).absolute()
    if "+" in name:
        return Several([get_app(part, folder) for part in name.split("+")])
    if name == "ihatemoney":
        return IHateMoney(folder)
    if name == "tiddlywiki":
        return TiddlyWiki(folder)
    if name == "oscar":
        return Oscar(folder)
    first, _, rest = name.partition("/")
    if first == "miniwob":
        page, _, seed = rest.partition("/")
        if seed and not seed.isdecimal():
            raise UsageError(f"{seed!r} is no seed: it must be a whole number, as in miniwob/click-button/7.")
        pages = MiniWoB(folder, page or None, int(seed or 0))
        if page and pages.is_installed():
            pages.choose(page, int(seed or 0))
        return pages
    if first == "todomvc":
        if rest:
            known(rest)
        return TodoMVC(folder, rest or None)
    if first == "gnome":
        return Gnome(folder, rest or None)
    near = difflib.get_close_matches(name, app_names(), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"No app is called {name!r}.{hint} Known: {', '.join(app_names())}.")
