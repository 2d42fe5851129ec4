"""The phone as the rest of the house sees it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ostinato.trace.action import Action
from ostinato.trace.record import Result
from ostinato.trace.screen import Screen


class Phone(Protocol):
    """One phone, one thread. `observe` never waits for the app; waiting is the run loop's work.

    Errors of `act`: `ActionFailed` when an action was not performed at all (nothing was touched; `Covered`: what lies
    over the target may go away), and so with SetupError and UsageError, as when a secret is not set. Another
    PhoneError says that what was sent may have happened; `PageHung` and `PageGone`: the page or the browser no longer
    answers.
    """

    @property
    def name(self) -> str:
        """What kind of phone this is, for the trace: `chromium 390x844`."""
        ...

    def observe(self, screenshot: bool = True) -> Screen:
        """What is on the screen now. Without `screenshot` only the tree is read: cheap enough to poll."""
        ...

    def photograph(self, screen: Screen) -> Screen:
        """The same screen with its screenshot taken now and stored."""
        ...

    def act(self, action: Action) -> Result:
        """Perform one action (not `Done` or `Answer`) and return at once; scrolls a target into view first."""
        ...

    def quiet(self, timeout: float) -> bool:
        """Wait until nothing loads and nothing moves, at most `timeout` seconds; False when it did not settle."""
        ...

    def close(self) -> None:
        """End every process that belongs to this phone. May be called twice."""
        ...


@runtime_checkable
class AppPhone(Phone, Protocol):
    """A phone whose apps are its own (Chromium shows pages instead)."""

    def begin(self, start: str) -> None:
        """Show the first screen of an app, which is ended before when it runs; an address is only opened. Errors are
        those of `act`."""
        ...
