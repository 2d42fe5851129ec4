"""A language model behind an OpenAI-compatible endpoint: vLLM, SGLang, llama.cpp's server, a cloud."""

from __future__ import annotations

import base64
import random
import re
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from ostinato.errors import ModelError
from ostinato.model.chat import Message, Reply
from ostinato.settings import secret

_TRIES = 4
_LONGEST_WAIT = 20.0  # seconds
_SHOWN = 200
# How an answer in a shape is asked for, the strictest first. A way that a server does not know is not asked of it
# again; one that it refuses for another reason (this schema, this conversation) is, the next time.
_FORMATS = ("json_schema", "json_object", "")
_UNKNOWN = re.compile(
    r"response_format|json_(?:schema|object)|grammar|guided|structured|unsupported|not support|unrecogni[sz]ed|"
    r"extra (?:input|field)|unknown (?:\w+ )?(?:field|argument|parameter)",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(r"\bcontext\b|too (?:long|large|many)|max(?:imum)?[_ ](?:\w+ )?(?:tokens|length)", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)


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
        weakref.finalize(self, self._client.close)  # whoever lets go of it has closed it

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
        way, refusals = self._format, list[str]()
        while True:
            asked = {**body, **_shape(_FORMATS[way], schema)}
            answer = self._send(asked)
            said = _words(answer) if answer.status_code == 400 else ""
            if said and "response_format" in asked and way + 1 < len(_FORMATS) and not _TOO_LONG.search(said):
                way, refusals = way + 1, [*refusals, said]
                continue
            if answer.status_code == 200 and refusals and all(map(_UNKNOWN.search, refusals)):
                self._format = way  # this server does not know the ways before: they are not tried again
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
            except (httpx.InvalidURL, httpx.UnsupportedProtocol):
                raise ModelError(
                    f"{self.url} is no address of a model; write it as http://HOST:PORT/v1 or https://HOST/v1"
                ) from None
            except UnicodeEncodeError:
                raise ModelError(f"the key {self._key!r} has letters that no key has; set it again") from None
            except httpx.TimeoutException:
                problem = f"gave no answer within {self._client.timeout.read:g} s"
                continue
            except httpx.DecodingError:
                problem = "sent an answer that cannot be unpacked (its compression is damaged)"
                continue
            except httpx.RequestError as error:
                problem = f"cannot be reached ({type(error).__name__})"
                continue
            if answer.status_code != 429 and answer.status_code < 500:
                return answer
            problem = f"answered {answer.status_code}: {_words(answer)}"
            wait = answer.headers.get("Retry-After", "")
            if _SECONDS.fullmatch(wait):
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
            cut = choice.get("finish_reason") == "length"
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            raise ModelError(f"{self.url} answered what is no chat completion: {answer.text[:_SHOWN]!r}") from None
        used = found.get("usage")
        return Reply(
            text=text,
            model=self.name,
            seconds=seconds,
            prompt_tokens=_count(used, "prompt_tokens"),
            output_tokens=_count(used, "completion_tokens"),
            cut=cut,
        )


def _count(used: object, name: str) -> int | None:
    """How many tokens a server counted; None where it says nothing of the kind."""
    count = used.get(name) if isinstance(used, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


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
    except (ValueError, KeyError, TypeError, RecursionError):
        said = answer.text
    return " ".join(str(said).split())[:_SHOWN] or "nothing"
