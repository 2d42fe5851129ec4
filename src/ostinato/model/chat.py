"""Talking to a language model: messages in, words out. An answer that must have a shape is checked, repaired once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from ostinato.errors import ModelAnswerError

_Shape = TypeVar("_Shape", bound=BaseModel)
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


def structured(chat: Chat, messages: Sequence[Message], shape: type[_Shape], *, most_tokens: int = 2048) -> _Shape:
    """An answer in a shape. One that does not fit is sent back once with what is wrong; then ModelAnswerError."""
    schema = shape.model_json_schema()
    reply = chat.reply(messages, schema=schema, most_tokens=most_tokens)
    try:
        return shape.model_validate_json(json_in(reply.text))
    except ValidationError as error:
        wrong = _said(error)
    asked = [
        *messages,
        Message("assistant", reply.text),
        Message("user", f"That answer does not fit: {wrong}. Give the whole answer again, as JSON alone."),
    ]
    reply = chat.reply(asked, schema=schema, most_tokens=most_tokens)
    try:
        return shape.model_validate_json(json_in(reply.text))
    except ValidationError as error:
        cut = " (it was cut off)" if reply.cut else ""
        raise ModelAnswerError(
            f"{chat.name} gave no usable answer{cut}: {_said(error)}; it said: {reply.text[:_MOST_SHOWN]!r}"
        ) from None


def json_in(text: str) -> str:
    """The JSON object in an answer: without the words and fences around it; the answer itself where there is none."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def _said(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]
