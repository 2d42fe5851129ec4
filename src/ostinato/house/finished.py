"""A run that ended: its trace, what it played, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ostinato.replay.experience import Experience
from ostinato.replay.match import Match
from ostinato.trace.record import Trace, Verdict


@dataclass(frozen=True)
class Finished:
    """A run that ended: its trace as stored, the match it played, and the verdict if there was evidence for one.
    `repaired` is the candidate that was made of an experience which met the app changed."""

    trace: Trace
    match: Match | None
    verdict: Verdict | None
    repaired: Experience | None = None

    def __repr__(self) -> str:
        """In a line: a whole trace would fill a notebook."""
        said = f", {self.trace.outcome.reason}" if self.trace.outcome is not None and self.trace.outcome.reason else ""
        judged = self.verdict.value if self.verdict is not None else "not judged"
        return f"<Finished {self.trace.id}: {self.trace.status}, verdict {judged}{said}>"

    def told(self) -> dict[str, Any]:
        """What became of it, for other programs: plain values that are JSON."""
        trace, verdict = self.trace, self.verdict
        return {
            "trace": trace.id,
            "task": trace.task,
            "status": trace.status,
            "reason": trace.outcome.reason if trace.outcome else "",
            "answer": trace.outcome.answer if trace.outcome else None,
            "steps": trace.acts,
            "replayed": self.replayed,
            "repaired": f"{self.repaired.id}.v{self.repaired.version}" if self.repaired is not None else None,
            "seconds": trace.seconds,
            "model_calls": trace.cost.calls,
            "slots": trace.slots,
            "preferences": trace.meta.get("preferences", "").split(),
            "verdict": verdict.value if verdict else None,
            "changes": list(verdict.changes) if verdict else [],
            "reasons": list(verdict.reasons) if verdict else [],
        }

    @property
    def succeeded(self) -> bool:
        """Whether the run says that it is done, and the verdict is yes."""
        return self.trace.status == "done" and self.verdict is not None and self.verdict.value == "yes"

    @property
    def replayed(self) -> int:
        return sum(1 for s in self.trace.steps if s.decision.source == "replay" and s.action.kind != "done")
