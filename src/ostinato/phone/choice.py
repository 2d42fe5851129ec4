"""Which phone a person asks for: `chromium`, `android:SERIAL`, `harmony:SERIAL`, `linux:APP`, and how it is opened."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ostinato.errors import UsageError
from ostinato.phone.phone import AppPhone

KINDS = ("chromium", "android", "harmony", "linux")
FORMS = "chromium, android[:SERIAL], harmony[:SERIAL] or linux:APP"


class Blobs(Protocol):
    def put(self, data: bytes) -> str: ...


@dataclass(frozen=True)
class Choice:
    """A kind of phone, and which of them: a serial, or the app of a Linux phone."""

    kind: str
    which: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.which}" if self.which else self.kind

    @property
    def is_chromium(self) -> bool:
        return self.kind == "chromium"

    def places(self, app: str | None, url: str | None) -> tuple[str | None, str | None]:
        """What `--app` and `--url` name on this phone: a named app (whose data are read), or what else it begins
        with: a page, a package, an application."""
        if self.is_chromium:
            return app, url
        if self.kind != "linux":
            return None, app or url
        from ostinato.phone.apps.gnome import APPS

        known = next((name for name, id in APPS.items() if self.which in (name, id)), None)
        return (None, self.which) if known is None else (f"gnome/{known}", None)

    def settled(self) -> Choice:
        """The same phone with its serial, so that one phone has one name. SetupError when there is no such phone, or
        without the extra that it needs."""
        if self.kind == "android":
            from ostinato.phone.android.adb import ready

            return replace(self, which=ready(self.which))
        if self.kind == "harmony":
            from ostinato.phone.harmony.hdc import ready

            return replace(self, which=ready(self.which))
        return self


CHROMIUM = Choice("chromium")


def read_choice(text: str) -> Choice:
    """What `--phone` and the setting `phone` say. Raises UsageError with the forms that there are."""
    kind, colon, which = text.strip().partition(":")
    if kind not in KINDS:
        near = difflib.get_close_matches(kind.lower(), KINDS, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"there is no phone {text!r}.{hint} A phone is {FORMS}")
    if (colon and not which) or (kind == "chromium" and which):
        raise UsageError(f"{text!r} is no phone; a phone is {FORMS}")
    if kind == "linux" and not which:
        raise UsageError("a Linux phone is named with its app: linux:APP")
    return Choice(kind, which or None)


def open_phone(
    choice: Choice,
    blobs: Blobs,
    *,
    home: Path | None = None,
    size: tuple[int, int] = (390, 844),
    secrets: Callable[[str], str] | None = None,
    answer_seconds: float = 10.0,
) -> AppPhone:
    """A phone with apps of its own, as chosen; end it with `close`. Each kind is loaded only when it is asked for.
    `home` and `size` are the home directory of a Linux phone, and its screen in pixels.

    SetupError when it is not there, or without the extra that it needs; UsageError for Chromium, which is opened with
    the page that it shows."""
    match choice.kind:
        case "android":
            from ostinato.phone.android.android import AndroidPhone

            return AndroidPhone(blobs, serial=choice.which, secrets=secrets, answer_seconds=answer_seconds)
        case "harmony":
            from ostinato.phone.harmony.harmony import HarmonyPhone

            return HarmonyPhone(blobs, serial=choice.which, secrets=secrets, answer_seconds=answer_seconds)
        case "linux" if home is not None and choice.which is not None:
            from ostinato.phone.linux.linux import LinuxPhone

            apps, (width, height) = [choice.which], size
            return LinuxPhone(
                blobs, home=home, apps=apps, width=width, height=height, secrets=secrets, answer_seconds=answer_seconds
            )
        case "linux":
            raise UsageError("a Linux phone needs an app and a home directory")
        case _:
            raise UsageError(f"{choice} is no phone with apps of its own; it is opened with the page that it shows")
