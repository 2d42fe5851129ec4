"""Write one trace into a store as it happens: whole, or as a run's privacy leaves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ostinato.errors import UsageError
from ostinato.trace import journal
from ostinato.trace.blobs import disk_errors
from ostinato.trace.data import AppData
from ostinato.trace.journal import Journal
from ostinato.trace.privacy import Privacy
from ostinato.trace.record import CheckResult, Cost, Outcome, Result, Step, Trace
from ostinato.trace.screen import Screen

if TYPE_CHECKING:
    from ostinato.trace.store import Store


class TraceWriter:
    """Writes one trace. Leaving it without `end` leaves an interrupted trace."""

    def __init__(self, store: Store, trace_id: str, file: Journal) -> None:
        self.id = trace_id
        self._store = store
        self._journal = file
        self._intents: set[int] = set()
        self._results: set[int] = set()
        self._ended = False

    def put_screen(self, screen: Screen) -> Screen:
        """Store the elements as the tree blob and return the screen with `tree` set."""
        return self._store.put_screen(screen)

    def intent(self, step: Step) -> None:
        """Say what will be done; it is on disk when this returns, so that a crash cannot hide it."""
        if step.index in self._intents:
            raise UsageError(f"{self.id}: step {step.index} was already begun")
        stored = step.model_copy(update={"before": self.put_screen(step.before)})
        self._write("intent", journal.intent_body(stored), durable=True)
        self._intents.add(step.index)

    def result(self, index: int, result: Result, ended: datetime, checks: tuple[CheckResult, ...]) -> None:
        """Say what became of it."""
        if index not in self._intents or index in self._results:
            raise UsageError(f"{self.id}: step {index} was not begun, or has its result")
        self._write("result", journal.result_body(index, result, ended, checks))
        self._results.add(index)

    def note(self, **meta: str) -> None:
        """Add to the trace's `meta`."""
        self._write("note", {"meta": meta})

    def end(self, *, outcome: Outcome, final: Screen | None, cost: Cost, data_after: AppData | None) -> Trace:
        """Close the trace and return it as it reads from disk."""
        after = self._store.put_data(data_after)
        last = self.put_screen(final) if final else None
        self._write("end", journal.end_body(datetime.now(UTC), outcome, last, cost, after), durable=True)
        self._ended = True
        self._journal.close()
        self._store.follow([self.id])
        return self._store.load(self.id)

    def data(self, sha: str) -> AppData:
        """The app's data in a blob of this trace."""
        return self._store.data(sha)

    def close(self) -> None:
        """Stop writing; without `end` the trace reads as interrupted."""
        if not self._ended:
            self._ended = True
            self._journal.close()
            self._store.follow([self.id])

    def _write(self, kind: str, body: dict[str, Any], *, durable: bool = False) -> None:
        if self._ended:
            raise UsageError(f"{self.id}: the trace is closed")
        with disk_errors(self._store.folder):
            self._journal.write(kind, body, durable=durable)

    def __enter__(self) -> TraceWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def kept_screen(store: Store, screen: Screen, privacy: Privacy, picture: Callable[[str], bytes]) -> Screen:
    """Store what a run's privacy leaves of a screen, and return that: with its elements, and with the picture that is
    stored of it. `picture` gives the screenshot of a sha256."""
    kept = privacy.screen(screen)
    if screen.screenshot is not None and privacy.mode == "redacted":
        image = privacy.picture(picture(screen.screenshot), screen, kept)
        kept = kept.model_copy(update={"screenshot": store.blobs.put(image)})
    return store.put_screen(kept)


class PrivateWriter(TraceWriter):
    """Writes a trace as its privacy leaves it, and holds it whole until it ends."""

    def __init__(
        self,
        store: Store,
        trace: Trace,
        file: Journal,
        privacy: Privacy,
        picture: Callable[[str], bytes],
        data_before: AppData | None,
    ) -> None:
        super().__init__(store, trace.id, file)
        self.privacy = privacy
        self._picture = picture
        self._steps: dict[int, Step] = {}
        self._shown: tuple[Screen, Screen] | None = None
        self._begun, self._data = trace, {trace.data.before: data_before}

    def put_screen(self, screen: Screen) -> Screen:
        """Store what is kept of a screen, and return the screen itself."""
        self.kept(screen)
        return screen

    def kept(self, screen: Screen) -> Screen:
        """What is kept of a screen: with its elements, and with the picture that is stored of it."""
        if screen.tree is not None:  # it is what is kept
            return screen
        if self._shown is None or self._shown[0] is not screen:
            self._shown = screen, kept_screen(self._store, screen, self.privacy, self._picture)
        return self._shown[1]

    def intent(self, step: Step) -> None:
        """Say what will be done; it is on disk when this returns, so that a crash cannot hide it."""
        super().intent(self.privacy.step(step, self.kept(step.before)))
        self._steps[step.index] = step.model_copy(update={"before": self._seen(step.before)})

    def _seen(self, screen: Screen) -> Screen:
        """The whole screen, with that picture of it which can be had later, too."""
        kept = self.kept(screen)
        return screen.model_copy(update={"screenshot": kept.screenshot, "tree": kept.tree})

    def result(self, index: int, result: Result, ended: datetime, checks: tuple[CheckResult, ...]) -> None:
        """Say what became of it."""
        super().result(index, self.privacy.result(result), ended, self.privacy.checks(checks))
        known = {"result": result, "ended": ended, "checks": checks}
        self._steps[index] = self._steps[index].model_copy(update=known)

    def note(self, **meta: str) -> None:
        """Add to the trace's `meta`."""
        super().note(**self.privacy.meta(meta))

    def end(self, *, outcome: Outcome, final: Screen | None, cost: Cost, data_after: AppData | None) -> Trace:
        """Close the trace and return it whole, as nobody can read it from disk."""
        seen = self._seen(final) if final is not None else None
        kept = super().end(
            outcome=self.privacy.outcome(outcome),
            final=self.kept(final) if final is not None else None,
            cost=cost,
            data_after=self.privacy.data(data_after) if data_after is not None else None,
        )
        self._data[kept.data.after] = data_after
        steps = tuple(self._steps[index] for index in sorted(self._steps))
        known = {name: getattr(self._begun, name) for name in ("task", "app", "place", "slots", "meta")}
        return kept.model_copy(update={**known, "steps": steps, "outcome": outcome, "final": seen})

    def data(self, sha: str) -> AppData:
        """The app's data in a blob of this trace, whole."""
        return self._data.get(sha) or super().data(sha)
