"""What was done of a plan so far: one line a sub-task, on disk before the next begins.

The traces are the truth: a sub-task whose trace ended well counts also when its line was lost in a crash."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ostinato.agent.plans.subtasks import Subtask
from ostinato.errors import MatchError
from ostinato.house import House
from ostinato.tasks.job import SUBTASK, Done, done_of
from ostinato.trace.blobs import disk_errors
from ostinato.trace.record import Answer, Trace
from ostinato.trace.values import normal


@dataclass(frozen=True)
class Ledger:
    """The sub-tasks of one round of a plan. `run` is the batch of their traces."""

    run: str
    file: Path
    rooms: House

    def write(self, done: Done) -> None:
        """Add a line, on disk when this returns."""
        line = json.dumps(done.model_dump(mode="json"), ensure_ascii=False) + "\n"
        with disk_errors(self.file.parent):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())

    def lines(self) -> dict[str, Done]:
        """The newest line of each trace; what a crash cut off is left out."""
        found: dict[str, Done] = {}
        try:
            text = self.file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return found
        for line in text.splitlines():
            try:
                done = Done.model_validate_json(line)
            except ValidationError:
                continue
            found[done.trace] = done
        return found

    def traces(self) -> list[Trace]:
        """The runs of this round, oldest first."""
        listed = self.rooms.store.list(limit=1_000_000, batch=self.run)
        return [self.rooms.store.load(line.id) for line in reversed(listed) if line.batch == self.run]

    def finished(self, part: Subtask, traces: list[Trace], lines: Mapping[str, Done]) -> Done | None:
        """What became of a bound sub-task that was done before in this round: in its app, with its words. None where
        it was not."""
        for trace in reversed(traces):
            if (trace.meta.get(SUBTASK), trace.app) != (part.id, part.app) or normal(trace.task) != normal(part.task):
                continue
            if trace.status != "done":
                continue
            known = lines.get(trace.id)
            if known is not None and not known.problem and set(known.artefacts) == set(part.gives):
                return known
            return done_of(part, trace, self._verdict(trace))
        return None

    def _verdict(self, trace: Trace) -> Answer | None:
        """What the judge said of a run; it is asked now when a crash came before it was."""
        known = self.rooms.store.verdicts(trace.id)
        if not known and any(step.experience is not None for step in trace.steps):
            try:
                verdict = self.rooms.judge(trace, self.rooms.played(trace))
            except MatchError:  # what it played is not there any more
                return None
            return verdict.value if verdict is not None else None
        return known[-1].value if known else None


def ledger_of(rooms: House, key: str, *, new: bool) -> Ledger:
    """The newest round of a plan by its key (the file it is in and where its data live), or a `new` one."""
    name = hashlib.sha256(key.encode(errors="replace")).hexdigest()[:16]
    newest = rooms.store.list(limit=1, batch=f"plan-{name}/")
    number = int((newest[0].batch or "/0").rpartition("/")[2]) if newest else 0
    number = number + 1 if new or not number else number
    return Ledger(f"plan-{name}/{number:06d}", rooms.settings.home / "plans" / f"{name}-{number:06d}.jsonl", rooms)
