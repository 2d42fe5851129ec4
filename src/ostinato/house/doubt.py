"""What an earlier run may have done: whether a task may be begun, and what counts of a run that was cut off."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ostinato.agent.resumption import counting, in_doubt, moved, place_after, renumbered, settled
from ostinato.errors import CommitRefused, StoreError, UsageError
from ostinato.house.expectation import as_chosen, data_of
from ostinato.judge.change import Expectation, changes, compare, fits
from ostinato.phone.apps.app import App
from ostinato.replay.loops import of_turn
from ostinato.replay.match import Match
from ostinato.trace.data import AppData
from ostinato.trace.marks import MARK, holds_marks, restored
from ostinato.trace.record import TEMPORARY, Step, Trace, doing_of
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store

# After so many seconds nothing that a run sent is still under way, and the app's data tell what became of it.
SETTLED = 60.0


@dataclass(frozen=True)
class Resumed:
    """What counts of a run that was cut off: it and those that it went on with, oldest first; their steps; the address
    on which it stopped; the app's data before the first of them, by their blob. `done` says that all was done, and the
    app's data show it: what the screens said at its end is gone, and asked for no more."""

    runs: tuple[str, ...]
    steps: tuple[Step, ...]
    url: str | None
    data: str | None
    done: bool = False


@dataclass(frozen=True)
class Doubt:
    """Runs of a store that were cut off after they may have sent something that cannot be taken back."""

    store: Store

    def refuse_twice(
        self,
        task: str,
        app: str | None,
        place: str | None,
        chosen: Match | None,
        now: AppData | None,
        but: Sequence[str] = (),
    ) -> None:
        """Raise CommitRefused when an earlier run that did this there was cut off after it sent something, unless the
        data now show that nothing came of it. `but` are runs that are looked at elsewhere."""
        if place == TEMPORARY:
            return
        doing = doing_of(chosen.experience.id, chosen.values) if chosen is not None else None
        for trace in self.store.open_commits(task, app, place, doing):
            done = chosen.in_full(trace.steps) if chosen is not None else None
            made = self._made_since(trace, done, now) if place is not None else None
            if made == () or trace.id in but:
                continue
            became = f"and since then {'; '.join(made)}" if made else "it may have happened; look at the app"
            raise CommitRefused(
                f"run {trace.id} of this task {trace.unsettled}: {became}. Use --again to do it all the same."
            )

    def resumed(
        self,
        trace: Trace,
        chosen: Match | None,
        app: App | None,
        keeps_its_place: bool,
        say: Callable[[str], None] = lambda text: None,
    ) -> Resumed:
        """What of a run that was cut off counts for one that goes on with it. Where it is in doubt whether something
        that cannot be taken back was done, the app's data decide, as soon as they can; `say` is told of the wait.

        Raises UsageError for a run that is done, CommitRefused where nobody can know."""
        if trace.status == "done":
            raise UsageError(f"run {trace.id} ended as done: there is nothing to go on with")
        runs = runs_of(self.store, trace)
        steps = settled(renumbered([run.steps for run in runs]))
        chosen = chosen.in_full(steps) if chosen is not None else None
        doubt = next((run.unsettled for run in reversed(runs) if run.unsettled is not None), "was cut off")
        happened = None
        if in_doubt(steps):
            happened = self._happened(runs[0], trace, steps, chosen, app, say)
            if happened is None and chosen is not None:
                raise CommitRefused(
                    f"run {trace.id} {doubt}, and the app's data do not tell whether it happened. Look at "
                    "the app; with --again the task is begun anew, as if it had not"
                )
        if any(run.hides_commit for run in runs):
            raise CommitRefused(f"run {trace.id} {doubt}; look at the app")
        kept = counting(steps, happened, keeps_its_place)
        if any(run.private for run in runs):
            if chosen is None and any(step.risk == "commit" for step in kept):
                raise CommitRefused(
                    f"run {trace.id} {doubt}, and was kept without its values: nobody can tell whether what is sent "
                    "next was sent before. Look at the app; with --again the task is begun anew"
                )
            kept = tuple(map(_bare, kept))
        url = place_after(steps, kept)
        url = None if url is not None and MARK.search(url) else url  # it is not known: the run goes on where it begins
        if app is not None:
            here = Screen(url=app.url, width=1, height=1, taken=trace.started).origin
            old = next((step.before.origin for step in steps if step.before.url), here)
            kept = moved(kept, here)
            url = url.replace(old, here, 1) if url is not None else None
        done = chosen is not None and self._all_done(runs[0], kept, chosen, data_of(app))
        return Resumed(tuple(run.id for run in runs), kept, url, runs[0].data.before, done)

    def _made_since(
        self,
        trace: Trace,
        chosen: Match | None,
        now: AppData | None,
        rows: Sequence[Expectation] | None = None,
    ) -> tuple[str, ...] | None:
        """The changes since a doubtful run began that are what its task makes, or one of some `rows` of it; None when
        it cannot be known."""
        expected = rows if rows is not None else chosen.experience.data if chosen is not None else None
        if chosen is None or not expected or now is None or trace.data.before is None:
            return None
        days = {moment.astimezone().date().isoformat() for moment in (trace.started, datetime.now(UTC))}
        values = as_chosen(chosen, trace.steps)
        if any(slot not in {"today", *values} for row in expected for slot in row.slots):
            return None  # it was cut off before it was known which row it is about, or nothing told
        bound = [{"today": day, **values} for day in days]
        try:
            before = self.data_before(trace, now, chosen)
            made = changes(before, now)
        except StoreError:  # what was before is lost
            return None
        fitting = tuple(
            c.words() for c in made if any(fits(e, c, values, before) for e in expected for values in bound)
        )
        if not fitting and any(holds_marks((c.before or {}).values()) for c in made):
            return None  # what a row held that is gone or was changed is not known
        settled = (datetime.now(UTC) - trace.started).total_seconds() - trace.seconds >= SETTLED
        return fitting if fitting or settled else None

    def _all_done(self, first: Trace, kept: Sequence[Step], chosen: Match, now: AppData | None) -> bool:
        """Whether every node was played and the app's data are as the experience expects."""
        expected = chosen.experience.data
        played = kept[-1].experience.node if kept and kept[-1].experience is not None else -1
        if any(not node.optional for node in chosen.experience.nodes[played + 1 :]):
            return False
        if not expected or now is None or first.data.before is None:
            return False
        before = self.data_before(first, now, chosen)
        return compare(before, now, expected, as_chosen(chosen, kept))[0] == "true"

    def data_before(self, trace: Trace, now: AppData | None, chosen: Match | None) -> AppData:
        """The app's data when a run began, with what stands in it now and in the task where only marks were kept.
        Raises StoreError where they are lost."""
        before, marks = self.store.data(trace.data.before or ""), self.store.marks()
        if not trace.private or marks is None:
            return before
        return restored(before, now, chosen.values.values() if chosen is not None else (), marks)

    def _happened(
        self,
        first: Trace,
        last: Trace,
        steps: Sequence[Step],
        chosen: Match | None,
        app: App | None,
        say: Callable[[str], None],
    ) -> bool | None:
        """Whether what is in doubt was done, by the app's data; None where they do not tell."""
        turn = _turn_in_doubt(steps, chosen)
        made = self._made_since(first, chosen, data_of(app), turn)
        since = (datetime.now(UTC) - last.started).total_seconds() - last.seconds
        if made is None and chosen is not None and app is not None and since < SETTLED:
            say(f"wait {SETTLED - since:.0f} s until nothing of the run that was cut off can be under way any more")
            time.sleep(SETTLED - since)
            made = self._made_since(first, chosen, data_of(app), turn)
        if made is None or made == ():
            return None if made is None else False
        if turn is not None:
            return True
        expected = chosen.experience.data if chosen is not None else None
        sent = [s for s in steps if s.risk == "commit" and (s.result is None or s.result.touched)]
        return True if len(sent) == 1 or len(made) >= len(expected or ()) else None


def runs_of(store: Store, trace: Trace) -> list[Trace]:
    """A run and those that it went on with, oldest first."""
    runs = [trace]
    while (before := runs[0].meta.get("resumes")) is not None:
        runs.insert(0, store.load(before))
    return runs


def _turn_in_doubt(steps: Sequence[Step], chosen: Match | None) -> tuple[Expectation, ...] | None:
    """What is expected of the turn of a list in which an irreversible step is in doubt, the last of that turn; None
    where the doubt is about anything else."""
    last = next((step for step in reversed(steps) if step.risk == "commit"), None)
    if last is None or last.experience is None or chosen is None or not chosen.experience.data:
        return None
    nodes = chosen.experience.nodes
    node = nodes[last.experience.node] if last.experience.node < len(nodes) else None
    if node is None or not node.turn:
        return None
    later = [one for one in nodes[node.index + 1 :] if one.turn == node.turn and one.risk == "commit"]
    return of_turn(chosen.experience.data, node.turn) or None if not later else None


def _bare(step: Step) -> Step:
    """A step that was kept without its values, without the marks of a screen: they are not what stood there."""
    return step.model_copy(update={"before": step.before.model_copy(update={"elements": ()})})
