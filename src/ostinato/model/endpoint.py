"""A language model behind an OpenAI-compatible endpoint: vLLM, SGLang, llama.cpp's server, a cloud."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from ostinato.errors import ModelError
from ostinato.model.chat import Message, Reply
from ostinato.settings import secret

_TRIES = 4
_LONGEST_WAIT = 20.0  # seconds
_SHOWN = 200
# How an answer in a shape is asked for, the strictest first; what a server refuses is not asked of it again.
_FORMATS = ("json_schema", "json_object", "")


class Endpoint:
    """`url` is the address before `/chat/completions`, such as http://127.0.0.1:8000/v1. `key` names the secret that
    holds the key (`ostinato.settings.secret`); it is read at every call and never kept or shown. `sees` says that the
    model takes images. `sleep` waits between tries."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str | None = None,
        sees: bool = False,
        timeout: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url, self.name, self.sees = url.rstrip("/"), model, sees
        self._key, self._sleep = key, sleep
        self._format = 0
        self._client = httpx.Client(timeout=timeout, follow_redirects=False)

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r}, {self.name!r})"

    def close(self) -> None:
        self._client.close()

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: dict[str, Any] | None = None,
        most_tokens: int = 1024,
        temperature: float = 0.0,
    ) -> Reply:
        """One answer. Raises ModelError: what happened, and what to do."""
        if not self.sees and any(message.images for message in messages):
            raise ModelError(f"{self.name} takes no images; name a model that sees")
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [_written(message) for message in messages],
            "max_tokens": most_tokens,
            "temperature": temperature,
        }
        started = time.perf_counter()
        while True:
            asked = {**body, **_shape(_FORMATS[self._format], schema)}
            answer = self._send(asked)
            if answer.status_code == 400 and "response_format" in asked and self._format + 1 < len(_FORMATS):
                self._format += 1  # this server does not know that way to ask for a shape
                continue
            return self._read(answer, time.perf_counter() - started)

    def _send(self, body: dict[str, Any]) -> httpx.Response:
        """One answer of the server; what may pass (no connection, too many requests, its own fault) is tried again."""
        headers = {"Authorization": f"Bearer {secret(self._key)}"} if self._key is not None else {}
        problem, pause = "", 0.0
        for tried in range(_TRIES):
            if tried:
                self._sleep(pause)
            pause = min(_LONGEST_WAIT, 0.5 * 2**tried * (1 + random.random()))
            try:
                answer = self._client.post(f"{self.url}/chat/completions", json=body, headers=headers)
            except httpx.TimeoutException:
                problem = f"gave no answer within {self._client.timeout.read:g} s"
                continue
            except httpx.TransportError as error:
                problem = f"cannot be reached ({type(error).__name__})"
                continue
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise ModelError(f"{self.url} is no address of a model: {error}") from None
            if answer.status_code != 429 and answer.status_code < 500:
                return answer
            problem = f"answered {answer.status_code}: {_words(answer)}"
            wait = answer.headers.get("Retry-After", "")
            if wait.isdigit():
                pause = min(_LONGEST_WAIT, float(wait))
        raise ModelError(f"the model at {self.url} {problem}, also after {_TRIES} tries; is its server running?")

    def _read(self, answer: httpx.Response, seconds: float) -> Reply:
        if answer.status_code in (401, 403):
            raise ModelError(f"{self.url} refuses the key ({answer.status_code}); set another for {self._key or 'it'}")
        if answer.status_code != 200:
            raise ModelError(f"{self.url} answered {answer.status_code}: {_words(answer)}")
        try:
            found = answer.json()
            choice = found["choices"][0]
            text = choice["message"]["content"] or ""
            if not isinstance(text, str):
                raise TypeError("content")
        except (ValueError, KeyError, IndexError, TypeError):
            raise ModelError(f"{self.url} answered what is no chat completion: {answer.text[:_SHOWN]!r}") from None
        used = found.get("usage") or {}
        return Reply(
            text=text,
            model=self.name,
            seconds=seconds,
            prompt_tokens=used.get("prompt_tokens"),
            output_tokens=used.get("completion_tokens"),
            cut=choice.get("finish_reason") == "length",
        )


def _written(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = [{"type": "text", "text": message.text}]
    for image in message.images:
        kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
        address = f"data:image/{kind};base64,{base64.b64encode(image).decode('ascii')}"
        parts.append({"type": "image_url", "image_url": {"url": address}})
    return {"role": message.role, "content": parts}


def _shape(way: str, schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None or not way:
        return {}
    if way == "json_object":
        return {"response_format": {"type": "json_object"}}
    named = {"name": "answer", "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def _words(answer: httpx.Response) -> str:
    """What a server says of its refusal, without what was sent to it."""
    try:
        said = answer.json()["error"]
        said = said["message"] if isinstance(said, dict) else said
    except (ValueError, KeyError, TypeError):
        said = answer.text
    return " ".join(str(said).split())[:_SHOWN] or "nothing"
