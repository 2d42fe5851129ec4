"""The run loop: observe → decide → check risk → record intent → act → settle → record result."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ostinato.agent.decider import Choice, Decider, Handover
from ostinato.agent.guards.mandate import HELD
from ostinato.agent.guards.sending import already_sent
from ostinato.errors import (
    ActionFailed,
    BudgetSpent,
    CheckFailed,
    CommitRefused,
    Covered,
    OstinatoError,
    PhoneError,
    RunStopped,
    SetupError,
    StoreError,
    UsageError,
)
from ostinato.judge.evidence import Evidence, evaluate_all, passed
from ostinato.phone.phone import Phone
from ostinato.trace.action import Action, Answer, Done, describe
from ostinato.trace.record import CheckResult, Cost, Outcome, Result, Step, Tokens
from ostinato.trace.risk import higher, risk_of
from ostinato.trace.screen import Screen
from ostinato.trace.writer import TraceWriter

POINTS = ("observed", "decided", "intent", "acted", "settled", "result", "done")


@dataclass(frozen=True)
class Limits:
    """Bounds of one run. `step_timeout` is how long an action's effect may take, in seconds."""

    max_steps: int = 40
    max_seconds: float = 300.0
    step_timeout: float = 10.0


@dataclass
class Ended:
    """How a run ended: the outcome it claims, the last screen, what it cost."""

    outcome: Outcome
    final: Screen | None
    cost: Cost
    steps: tuple[Step, ...] = ()


@dataclass
class Loop:
    """One run of one task on one phone.

    `approve(action, screen)` is asked before an irreversible action. `objection(action, screen, history)` says why one
    that a model chose is not what the task asks for (`mandate`): the model is told once, then the run ends.
    `at(point, step)` is called at every named point of a run (`POINTS`), so that a test can end the process there.
    `past` are the steps of an earlier run that this one goes on with: deciders see them before its own."""

    phone: Phone
    deciders: Sequence[Decider]
    writer: TraceWriter
    approve: Callable[[Action, Screen], bool]
    limits: Limits = field(default_factory=Limits)
    at: Callable[[str, int], None] = lambda point, step: None
    watch: Callable[[Step], None] = lambda step: None
    objection: Callable[[Action, Screen, Sequence[Step]], str | None] = lambda action, screen, history: None
    past: tuple[Step, ...] = ()

    def run(self, task: str) -> Ended:
        """Work until a decider says Done, nobody can go on, or a bound is reached. Never raises for what the phone
        or a check did: the outcome says it. Ctrl-C ends the run with the outcome `interrupted`."""
        started = time.monotonic()
        history: list[Step] = []
        final: Screen | None = None
        answer: str | None = None
        try:
            self.phone.quiet(self.limits.step_timeout)
            started = time.monotonic()
            screen = self.writer.put_screen(self.phone.observe())
            goal = task
            while True:
                final = screen
                self.at("observed", len(history))
                self._within_budget(sum(not s.decision.aside for s in history), time.monotonic() - started)
                choice = self._ask(screen, goal, (*self.past, *history))
                self.at("decided", len(history))
                if isinstance(choice.action, Answer):
                    answer = choice.action.text
                step, screen = self._perform(choice, screen, len(history), [*self.past, *history])
                history.append(step)
                self.watch(step)
                if isinstance(choice.action, Done):
                    claimed = "done" if choice.action.success else "failed"
                    outcome = Outcome.model_validate(
                        {"claimed": claimed, "reason": choice.action.message, "answer": answer}
                    )
                    break
        except StoreError:
            raise
        except RunStopped as stop:
            outcome = Outcome(claimed="stopped", reason=str(stop), answer=answer)
        except OstinatoError as error:
            outcome = Outcome(claimed="failed", reason=str(error), answer=answer)
        except KeyboardInterrupt:
            outcome = Outcome(claimed="interrupted", reason="stopped by Ctrl-C", answer=answer)
        self.at("done", len(history))
        tokens = [s.decision.tokens or Tokens() for s in history]
        cost = Cost(
            calls=sum(1 for s in history if s.decision.source == "model"),
            tokens=Tokens(
                prompt=sum(t.prompt for t in tokens),
                image=sum(t.image for t in tokens),
                output=sum(t.output for t in tokens),
            ),
            seconds=time.monotonic() - started,
        )
        return Ended(outcome, final, cost, tuple(history))

    def _within_budget(self, steps: int, seconds: float) -> None:
        if steps >= self.limits.max_steps:
            raise BudgetSpent(f"stopped after {steps} steps, the bound of this run")
        if seconds >= self.limits.max_seconds:
            raise BudgetSpent(f"stopped after {seconds:.0f} s, the bound of this run")

    def _ask(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice:
        """The first decider that answers; a handover narrows the goal for those after it."""
        reasons: list[str] = []
        for decider in self.deciders:
            said = decider.decide(screen, goal, history)
            if isinstance(said, Choice):
                return said
            if isinstance(said, Handover):
                goal = said.goal
                reasons.append(f"{decider.name}: {said.reason}")
        raise CheckFailed("; ".join(reasons) or "no decider knows what to do on this screen")

    def _perform(self, choice: Choice, screen: Screen, index: int, history: list[Step]) -> tuple[Step, Screen]:
        action = choice.action
        risk = higher(risk_of(action, screen), choice.risk)
        step = Step(
            index=index,
            before=screen,
            decision=choice.decision,
            action=action,
            risk=risk,
            started=_now(),
            experience=choice.experience,
            checks=choice.checked,
        )
        held = None
        if risk == "commit":
            if choice.decision.source != "human" and already_sent(choice, screen, history):
                raise CommitRefused(f"{describe(action)} was already done in this run; it is never repeated")
            held = self._held(choice, screen, history)
            if held is None and not choice.allowed and not self.approve(action, screen):
                raise CommitRefused(
                    f"{describe(action)} cannot be taken back and was not allowed "
                    "(--commits allow lets it through, --commits ask asks)"
                )
        self.writer.intent(step)
        self.at("intent", index)
        post: tuple[CheckResult, ...] = ()
        result, after = Result(ok=True), screen
        if held is not None:
            result = Result(ok=False, error=held, touched=False)
        elif not isinstance(action, Done | Answer):
            result, after, post = self._act(choice, screen, index, sends=risk == "commit")
        ended = _now()
        checks = (*choice.checked, *post)
        self.writer.result(index, result, ended, checks)
        self.at("result", index)
        done = step.model_copy(update={"result": result, "ended": ended, "checks": checks})
        if not result.ok and not isinstance(action, Done | Answer):
            if choice.decision.source in ("human", "model"):  # who sees what became of it, and goes on
                return done, self.writer.put_screen(self.phone.observe())
            raise CheckFailed(f"step {index + 1}: {describe(action)}: {result.error}")
        return done, after

    def _held(self, choice: Choice, screen: Screen, history: Sequence[Step]) -> str | None:
        """Why an irreversible action of a model is not begun; the second of a run ends it."""
        if choice.decision.source != "model" or choice.experience is not None:
            return None
        why = self.objection(choice.action, screen, history)
        if why is None:
            return None
        before = [s for s in history if s.result is not None and (s.result.error or "").startswith(HELD)]
        if before:
            raise CommitRefused(f"{HELD}{why}; --beyond-task lets it through")
        return HELD + why

    def _act(
        self, choice: Choice, screen: Screen, index: int, sends: bool
    ) -> tuple[Result, Screen, tuple[CheckResult, ...]]:
        try:
            result = self._touch(choice.action)
        except (ActionFailed, SetupError, UsageError) as error:  # a secret that is not set, say: nothing was begun
            return Result(ok=False, error=str(error), touched=False), screen, ()
        except PhoneError as error:
            return Result(ok=False, error=str(error)), screen, ()
        self.at("acted", index)
        try:
            if sends and not choice.post:  # the page that goes away may still show what the next step needs
                self.phone.quiet(self.limits.step_timeout)
            after, checks = self._settle(choice, screen)
        except PhoneError as error:
            return Result(ok=False, error=f"after the action: {error}", events=result.events), screen, ()
        self.at("settled", index)
        return result, after, checks

    def _touch(self, action: Action) -> Result:
        """Act; while something covers the target (an animation, a spinner) nothing is touched and it is tried again."""
        give_up = time.monotonic() + min(3.0, self.limits.step_timeout)
        while True:
            try:
                return self.phone.act(action)
            except Covered:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.05)

    def _settle(self, choice: Choice, before: Screen) -> tuple[Screen, tuple[CheckResult, ...]]:
        """Wait until what must follow holds and the next step can be taken, or the time is up; then look once with
        a screenshot. The trees seen meanwhile are not kept."""
        if not choice.post and choice.ready is None:
            self.phone.quiet(self.limits.step_timeout)
            return self.writer.put_screen(self.phone.observe()), ()
        give_up = time.monotonic() + self.limits.step_timeout
        while True:
            screen = self.phone.observe(screenshot=False)
            seen = evaluate_all(choice.post, Evidence(after=screen, before=before, values=choice.values))
            if passed(seen) and (choice.ready is None or choice.ready(screen)):
                break
            if time.monotonic() > give_up:
                break
            time.sleep(0.005)
        return self.writer.put_screen(self.phone.photograph(screen)), seen


def _now() -> datetime:
    return datetime.now(UTC)
