"""What a model may cost in one run, and what it has cost so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ostinato.errors import BudgetSpent
from ostinato.model.chat import Message, Reply
from ostinato.settings import Settings
from ostinato.trace.record import Cost, Tokens

# Where an engine counts no tokens, so many characters are taken for one.
_CHARACTERS = 4
_MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """Money per million tokens, in whatever currency the bound is."""

    prompt: float = 0.0
    output: float = 0.0


@dataclass(frozen=True)
class Bounds:
    """How much at most; None: as much as it takes. `seconds` are those that the model takes to answer."""

    steps: int | None = None
    calls: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    money: float | None = None


@dataclass
class Budget:
    """Counts what a run's calls cost, and ends the run before the first call beyond a bound. A bound is met between
    calls: the last one may go over it, since what an answer costs is known when it is there."""

    bounds: Bounds = field(default_factory=Bounds)
    price: Price = field(default_factory=Price)
    calls: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    seconds: float = 0.0
    counted: bool = True  # whether every answer said how many tokens it took

    @property
    def money(self) -> float:
        return (self.tokens.prompt * self.price.prompt + self.tokens.output * self.price.output) / _MILLION

    @property
    def cost(self) -> Cost:
        """What was used so far, for records."""
        return Cost(calls=self.calls, tokens=self.tokens, seconds=self.seconds, money=self.money)

    def allow(self, steps: int = 0) -> None:
        """Raise BudgetSpent when a bound is reached: `steps` decided so far, calls, tokens, seconds, money."""
        used = {
            "steps": (steps, self.bounds.steps),
            "calls": (self.calls, self.bounds.calls),
            "tokens": (self.tokens.prompt + self.tokens.output, self.bounds.tokens),
            "seconds": (self.seconds, self.bounds.seconds),
            "money": (self.money, self.bounds.money),
        }
        for name, (spent, most) in used.items():
            if most is not None and spent >= most:
                raise BudgetSpent(f"the budget of the model is spent: {spent:.6g} of {most:g} {name}")

    def add(self, asked: Sequence[Message], reply: Reply) -> None:
        """Count one answer."""
        self.counted = self.counted and None not in (reply.prompt_tokens, reply.output_tokens)
        used = Tokens(
            prompt=_count(reply.prompt_tokens, sum(len(message.text) for message in asked)),
            output=_count(reply.output_tokens, len(reply.text)),
        )
        self.calls += 1
        self.seconds += reply.seconds
        self.tokens = Tokens(prompt=self.tokens.prompt + used.prompt, output=self.tokens.output + used.output)


def budget_of(settings: Settings) -> Budget:
    """A fresh budget with the bounds and the prices that settings give to one task."""
    bounds = Bounds(
        calls=settings.model_max_calls,
        tokens=settings.model_max_tokens,
        seconds=settings.model_max_seconds,
        money=settings.model_max_money,
    )
    return Budget(bounds, Price(settings.model_price, settings.model_price_output))


def _count(told: int | None, characters: int) -> int:
    return told if told is not None else -(-characters // _CHARACTERS)
