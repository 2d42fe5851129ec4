"""Talking to a language model: messages in, words out. An answer that must have a shape is checked, repaired once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from ostinato.errors import ModelAnswerError
from ostinato.model.json_answer import json_in

_Shape = TypeVar("_Shape", bound=BaseModel)
_Value = TypeVar("_Value")
_MOST_SHOWN = 400


@dataclass(frozen=True)
class Message:
    """One message. `images` are PNG or JPEG files as bytes, for models that see."""

    role: Literal["system", "user", "assistant"]
    text: str
    images: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What a model said. Tokens are None where the engine does not count them; `cut` says that it was stopped by
    `most_tokens`."""

    text: str
    model: str
    seconds: float
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    cut: bool = False


class Chat(Protocol):
    """A language model that answers one conversation at a time."""

    @property
    def name(self) -> str:
        """Which model it is, for records."""
        ...

    @property
    def sees(self) -> bool:
        """Whether messages may have images."""
        ...

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: dict[str, Any] | None = None,
        most_tokens: int = 1024,
        temperature: float = 0.0,
    ) -> Reply:
        """One answer. With a JSON `schema` the engine is asked to hold to it, where it can; the caller still checks.

        Raises ModelError: not reachable, refused, too slow, or an image for a model that sees none."""
        ...


def usable(
    chat: Chat,
    messages: Sequence[Message],
    read: Callable[[str], _Value],
    schema: dict[str, Any] | None = None,
    *,
    most_tokens: int = 1024,
    repairs: int = 1,
    before: Callable[[], None] = lambda: None,
    heard: Callable[[Sequence[Message], Reply], None] = lambda asked, reply: None,
    say: Callable[[str], None] = lambda text: None,
) -> _Value:
    """What `read` makes of an answer; it raises ModelAnswerError for one that cannot be used, which is sent back with
    what is wrong, so often as `repairs` says. `before` is called before each question, and may raise; `heard` is told
    what was asked and answered, `say` what could not be used.

    Raises ModelAnswerError when no answer can be used, ModelError as the model does."""
    asked = list(messages)
    left = repairs
    while True:
        before()
        reply = chat.reply(asked, schema=schema, most_tokens=most_tokens)
        heard(asked, reply)
        try:
            return read(reply.text)
        except ModelAnswerError as error:
            wrong = f"{error}{' (the answer was cut off)' if reply.cut else ''}"
            if not left:
                raise ModelAnswerError(
                    f"{chat.name} gave no answer that can be used, also when it was told what was wrong: "
                    f"{wrong}; it said {reply.text[:_MOST_SHOWN]!r}"
                ) from None
        left -= 1
        say(f"the answer cannot be used ({wrong}); asked again")
        asked += [
            Message("assistant", reply.text or "(nothing)"),
            Message("user", f"That cannot be used: {wrong}. Give the whole answer again, in the same form."),
        ]


def structured(chat: Chat, messages: Sequence[Message], shape: type[_Shape], *, most_tokens: int = 2048) -> _Shape:
    """An answer in a shape, as JSON; see `usable`."""

    def read(text: str) -> _Shape:
        try:
            return shape.model_validate_json(json.dumps(json_in(text)))
        except ValidationError as error:
            raise ModelAnswerError(_said(error)) from None

    return usable(chat, messages, read, shape.model_json_schema(), most_tokens=most_tokens)


def _said(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]
