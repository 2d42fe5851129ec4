"""Which phone a person asks for: `chromium`, `android:SERIAL`, `harmony:SERIAL`, `linux:APP`, and how it is opened."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
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

    def settled(self) -> Choice:
        """The same phone with its serial, so that one phone has one name. SetupError when there is no such phone, or
        without the extra that it needs."""
        if self.kind == "android":
            from ostinato.phone.adb import ready

            return replace(self, which=ready(self.which))
        if self.kind == "harmony":
            from ostinato.phone.hdc import ready

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
    choice: Choice, blobs: Blobs, *, secrets: Callable[[str], str] | None = None, answer_seconds: float = 10.0
) -> AppPhone:
    """A phone with apps of its own, as chosen; end it with `close`. Each kind is loaded only when it is asked for.

    SetupError when it is not there, or without the extra that it needs; UsageError for Chromium, which is opened with
    the page that it shows."""
    match choice.kind:
        case "android":
            from ostinato.phone.android import AndroidPhone

            return AndroidPhone(blobs, serial=choice.which, secrets=secrets, answer_seconds=answer_seconds)
        case "harmony":
            from ostinato.phone.harmony import HarmonyPhone

            return HarmonyPhone(blobs, serial=choice.which, secrets=secrets, answer_seconds=answer_seconds)
        case _:
            raise UsageError(f"{choice} cannot be opened as a phone with apps of its own yet")
