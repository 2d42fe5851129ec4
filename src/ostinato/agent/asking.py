"""Asking a model for an answer that can be used, within a budget; one that cannot is sent back with what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ostinato.agent.budget import Budget
from ostinato.errors import ModelAnswerError
from ostinato.model.chat import Chat, Message

_Value = TypeVar("_Value")
_MOST_SHOWN = 300


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
        asked = list(messages)
        left = self.repairs
        while True:
            self.budget.allow()
            reply = self.chat.reply(asked, schema=schema, most_tokens=self.most_tokens)
            self.budget.add(asked, reply)
            self.heard.append(reply.text)
            try:
                return read(reply.text)
            except ModelAnswerError as error:
                wrong = f"{error}{' (the answer was cut off)' if reply.cut else ''}"
                if not left:
                    raise ModelAnswerError(
                        f"{self.chat.name} gave no answer that can be used, also when it was told what was wrong: "
                        f"{wrong}; it said {reply.text[:_MOST_SHOWN]!r}"
                    ) from None
            left -= 1
            self.say(f"the answer cannot be used ({wrong}); asked again")
            asked += [
                Message("assistant", reply.text or "(nothing)"),
                Message("user", f"That cannot be used: {wrong}. Give the whole answer again, in the same form."),
            ]
