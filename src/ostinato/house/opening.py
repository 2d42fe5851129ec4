"""Starting an app, opening the phone that shows it, and bringing that back to where it began."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ostinato.agent.guards.permission import May
from ostinato.errors import AppError, UsageError
from ostinato.phone.apps.app import App, InPage, get_app
from ostinato.phone.apps.gnome import Gnome, open_linux_phone
from ostinato.phone.choice import Choice, open_phone
from ostinato.phone.phone import AppPhone, Phone
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.settings import Settings
from ostinato.trace.blobs import Blobs
from ostinato.trace.claim import claim


@contextlib.contextmanager
def started(name: str, cache: Path, folder: Path | None) -> Iterator[App]:
    """An installed app of `cache`, started and ended here; a folder is worked in by one command at a time. Raises
    AppError when it is not installed, or another command works there."""
    app = get_app(name, cache)
    if not app.is_installed():
        raise AppError(f"{name} is not installed; install it with: ostinato app install {name}")

    def busy() -> None:
        raise AppError(f"another command works in {folder}; wait for it, or take another folder")

    with contextlib.ExitStack() as stack:
        if folder is not None:
            stack.enter_context(claim(folder, "app", busy))
        app.start(folder)
        stack.callback(app.stop)
        yield app


@contextlib.contextmanager
def own_phone(
    settings: Settings, blobs: Blobs, *, app: App | None, on: Choice, secrets: Callable[[str], str], folder: Path | None
) -> Iterator[AppPhone]:
    """A phone with apps of its own: the one that `app` brings, or `on`; a Linux phone keeps its home in `folder`, or
    where it is gone afterwards. Errors are those of `open_phone`."""
    size, seconds = (settings.width, settings.height), settings.step_timeout
    with contextlib.ExitStack() as stack:
        phone: AppPhone
        if isinstance(app, Gnome):
            width, height = size
            phone = open_linux_phone(app, blobs, width=width, height=height, secrets=secrets, answer_seconds=seconds)
        else:
            home = folder
            if on.kind == "linux" and home is None:
                home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ostinato-linux-")))
            phone = open_phone(on, blobs, home=home, size=size, secrets=secrets, answer_seconds=seconds)
        stack.callback(phone.close)
        yield phone


@contextlib.contextmanager
def browser(
    settings: Settings,
    blobs: Blobs,
    *,
    app: App | None,
    url: str | None,
    login: dict[str, Any] | None,
    headless: bool,
    secrets: Callable[[str], str],
    may: Callable[[], May],
) -> Iterator[ChromiumPhone]:
    """A Chromium phone that shows an app or an address. `may` says what becomes of a wish for a permission, unless the
    settings refuse all. Raises UsageError for an app that runs in no browser."""
    if isinstance(app, Gnome):
        raise UsageError(f"{app.name} runs on a Linux phone, not in a browser: --phone linux:{app.first or 'clocks'}")
    phone = ChromiumPhone(
        blobs,
        width=settings.width,
        height=settings.height,
        scale=settings.scale,
        executable=settings.chromium,
        headless=headless,
        login=app.login if app else login,
        start_url=app.url if app else url,
        init_script=app.init_script if app else None,
        secrets=secrets,
        downloads=settings.home / "downloads" if settings.privacy == "full" else None,  # these end with the phone
        may=may() if settings.permissions != "refuse" else None,
    )
    if isinstance(app, InPage):
        app.shown_on(phone)
    try:
        yield phone
    finally:
        phone.close()


def begin_again(phone: Phone, app: App | None, url: str | None, login: dict[str, Any] | None) -> None:
    """Bring an open phone back to the app or the address with which it began."""
    if isinstance(phone, ChromiumPhone):
        phone.new_episode(
            login=app.login if app else login,
            start_url=app.url if app else url,
            init_script=app.init_script if app else None,
        )
    elif isinstance(phone, AppPhone) and (app is not None or url is not None):
        phone.begin(app.url if app is not None else url or "")
