"""The records of the house: Trace, Step, Decision, Verdict. Frozen values with a JSON round trip."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from ostinato.trace.action import Action
from ostinato.trace.screen import Record, Screen
from ostinato.trace.values import canonical

SCHEMA = 1
TEMPORARY = "temporary"

Truth = Literal["true", "false", "unknown"]
Answer = Literal["yes", "no", "uncertain"]
Risk = Literal["read", "edit", "commit"]
Source = Literal["model", "replay", "human", "script"]
Level = Literal["plan", "primitive", "operation"]
Claim = Literal["done", "failed", "stopped", "interrupted"]


class CheckResult(Record):
    """One answered check: what was asked, the answer, and the evidence in words."""

    label: str
    value: Truth
    evidence: str = ""
    severity: Literal["must", "warn"] = "must"
    phase: Literal["entry", "pre", "post", "commit", "success", "data"] = "post"


class Tokens(Record):
    prompt: int = 0
    image: int = 0
    output: int = 0


class Decision(Record):
    """Who decided, at which level, in which words. `sample` is a blob of token ids, log-probabilities and the
    policy version; `raw` is what a model said, unparsed. `aside` says that it was done beside the task, so that it can
    go on: a pop-up was closed, a page was waited for."""

    source: Source
    level: Level = "operation"
    text: str = ""
    raw: str | None = None
    seconds: float = 0.0
    tokens: Tokens | None = None
    sample: str | None = None
    aside: bool = False


class ExperienceRef(Record):
    """Which node of which experience an action came from."""

    id: str
    version: int
    node: int


class Result(Record):
    """What became of an action. `ok` is False when it was not performed or its effect is not known (`error` says
    which; `touched` is False when certainly nothing was touched). `events` are things that happened beside it: a
    dialog, a new tab, a download, a permission asked."""

    ok: bool
    error: str | None = None
    touched: bool = True
    events: tuple[str, ...] = ()


class Step(Record):
    """One step. `result` is None when the run was cut off after the intent: the action may have happened."""

    index: int
    before: Screen
    decision: Decision
    action: Action
    risk: Risk
    started: datetime
    ended: datetime | None = None
    result: Result | None = None
    experience: ExperienceRef | None = None
    checks: tuple[CheckResult, ...] = ()


class Data(Record):
    """Blobs of the app's own data (`AppData`) before and after the run."""

    before: str | None = None
    after: str | None = None


class Outcome(Record):
    """What the run says of itself: evidence of nothing, but kept."""

    claimed: Claim
    reason: str = ""
    answer: str | None = None


class Cost(Record):
    calls: int = 0
    tokens: Tokens = Tokens()
    seconds: float = 0.0
    money: float = 0.0

    @classmethod
    def of_all(cls, costs: Sequence[Cost]) -> Cost:
        """The sum of costs."""
        tokens = Tokens(**{name: sum(getattr(c.tokens, name) for c in costs) for name in Tokens.model_fields})
        seconds, money = sum(c.seconds for c in costs), sum(c.money for c in costs)
        return cls(calls=sum(c.calls for c in costs), tokens=tokens, seconds=seconds, money=money)

    def less(self, before: Cost) -> Cost:
        """What came to a cost since it was `before`."""
        tokens = {name: getattr(self.tokens, name) - getattr(before.tokens, name) for name in Tokens.model_fields}
        return Cost(
            calls=self.calls - before.calls,
            tokens=Tokens(**tokens),
            seconds=self.seconds - before.seconds,
            money=self.money - before.money,
        )


def doing_of(experience: str, values: Mapping[str, str]) -> str:
    """What a replay does, in one writing: the experience and the values, however the task was worded."""
    return json.dumps([experience, sorted((name, canonical(value)) for name, value in values.items())])


class Trace(Record):
    """One run of one task. `problems` lists what was damaged on disk, if anything; `meta` says who recorded it
    and how; `slots` are the values that a replay bound. `place` is where the data lived that it worked on: a folder,
    a site, TEMPORARY when they went with the run, None when it is not known. `batch` is the file of tasks it belongs
    to, and its round. `hides_commit` says that one of the damaged lines may have been the intent of an irreversible
    step."""

    schema_version: int = SCHEMA
    id: str
    task: str
    app: str | None = None
    place: str | None = None
    batch: str | None = None
    phone: str = ""
    agent: str = ""
    seed: int | None = None
    started: datetime
    ended: datetime | None = None
    steps: tuple[Step, ...] = ()
    final: Screen | None = None
    data: Data = Data()
    outcome: Outcome | None = None
    cost: Cost = Cost()
    slots: dict[str, str] = {}
    meta: dict[str, str] = {}
    problems: tuple[str, ...] = ()
    hides_commit: bool = False

    @property
    def status(self) -> str:
        """`damaged`, `interrupted`, or what the run claimed."""
        if self.problems:
            return "damaged"
        return self.outcome.claimed if self.outcome else "interrupted"

    @property
    def private(self) -> bool:
        """Whether marks stand in it for the values of the task and of the app (`ostinato.trace.privacy`)."""
        return self.meta.get("privacy", "full") != "full"

    @property
    def seconds(self) -> float:
        """From the first observation to the end, or to the last thing known."""
        last = self.ended or (self.steps[-1].ended or self.steps[-1].started if self.steps else self.started)
        return (last - self.started).total_seconds()

    @property
    def acts(self) -> int:
        """How many steps a person would count: the closing word that the task is done is none."""
        return sum(step.action.kind != "done" for step in self.steps)

    @property
    def doing(self) -> str | None:
        """What this replay did, in one writing (see `doing_of`); None for other runs."""
        played = next((step.experience for step in self.steps if step.experience is not None), None)
        return None if played is None else doing_of(played.id, self.slots)

    @property
    def open_commit(self) -> Step | None:
        """The last irreversible step that was (or may have been) sent in a run that did not end as done: doing the
        task again could do it twice."""
        if self.outcome is not None and self.outcome.claimed == "done":
            return None
        sent = [s for s in self.steps if s.risk == "commit" and (s.result is None or s.result.touched)]
        return sent[-1] if sent else None

    @property
    def unsettled(self) -> str | None:
        """Why doing the task again could do it twice, in words; None when it could not."""
        if self.outcome is not None and self.outcome.claimed == "done":
            return None
        if (step := self.open_commit) is not None:
            return f"stopped at step {self.acts}, after “{step.decision.text}” (step {step.index + 1}) was sent"
        if self.hides_commit:
            return "is damaged on disk, and what was lost may be a step that cannot be taken back"
        return None


class SubstateResult(Record):
    """What a judge found out about one substate. `screens` are those on which it may have been reached (0 is the
    first, before any step; the last is after the last one), `at` the one that decided."""

    id: str
    text: str = ""
    value: Answer
    required: bool = True
    weight: float = 1.0
    at: int | None = None
    screens: tuple[int, ...] = ()
    evidence: str = ""
    checks: tuple[CheckResult, ...] = ()


class Verdict(Record):
    """What a judge says of a trace under one set of rules. Keyed by (trace, rules).

    `score` is the weight of all substates that were reached as a share of all, `progress` that of the required ones.
    `side_effects` are changes of the data that nobody asked for, None when it is not known. `said_done` is what the
    run claimed, which decides nothing; `steps` how many it took, `oracle_steps` how many the task needs. `evidence`
    is a hash of what was recorded (`Store.fingerprint`), where it is known."""

    trace: str
    rules: str
    judge: str = ""
    value: Answer
    reasons: tuple[str, ...] = ()
    substates: tuple[SubstateResult, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    changes: tuple[str, ...] = ()
    score: float | None = None
    progress: float | None = None
    side_effects: tuple[str, ...] | None = None
    said_done: bool | None = None
    steps: int | None = None
    oracle_steps: int | None = None
    evidence: str | None = None
    seconds: float = 0.0
    judged: datetime

    @property
    def false_done(self) -> bool:
        """The run said that it was done, and it was not."""
        return self.said_done is True and self.value == "no"
