"""Asking a model for an answer that can be used, within a budget; one that cannot is sent back with what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ostinato.agent.budget import Budget
from ostinato.model.chat import Chat, Message, Reply, usable

_Value = TypeVar("_Value")


@dataclass
class Asking:
    """`repairs` is how often an answer may be sent back. `heard` is what the model said since it was last emptied;
    `say` is told of every answer that could not be used."""

    chat: Chat
    budget: Budget = field(default_factory=Budget)
    most_tokens: int = 1024
    repairs: int = 1
    say: Callable[[str], None] = lambda text: None
    heard: list[str] = field(default_factory=list)

    def ask(
        self, messages: Sequence[Message], read: Callable[[str], _Value], schema: dict[str, Any] | None = None
    ) -> _Value:
        """What `read` makes of the answer; it raises ModelAnswerError for one that cannot be used.

        Raises that when no answer can be used, BudgetSpent before a call too many, ModelError as the model does."""

        def heard(asked: Sequence[Message], reply: Reply) -> None:
            self.budget.add(asked, reply)
            self.heard.append(reply.text)

        return usable(
            self.chat,
            messages,
            read,
            schema,
            most_tokens=self.most_tokens,
            repairs=self.repairs,
            before=self.budget.allow,
            heard=heard,
            say=self.say,
        )
