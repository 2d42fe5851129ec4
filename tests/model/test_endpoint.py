"""A model behind an address: what is asked, what is read, and what is done when it fails."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

import pytest
from fake_server import Answer, FakeServer, serving
from pydantic import BaseModel

from ostinato.errors import ModelAnswerError, ModelError, SetupError
from ostinato.model.chat import Message, structured
from ostinato.model.endpoint import Endpoint
from ostinato.model.json_answer import json_in

HELLO = [Message("system", "be short"), Message("user", "hello")]
PNG = b"\x89PNG\r\n\x1a\n0"
REFUSED = Answer(status=400, body='{"error": {"message": "response_format json_schema is not supported"}}')


class Shape(BaseModel):
    answer: str
    number: int


def endpoint(server: FakeServer, waits: list[float] | None = None, **more: Any) -> Endpoint:
    return Endpoint(server.url, "tiny", sleep=(waits if waits is not None else []).append, **more)


def test_a_conversation_is_sent_and_the_answer_read() -> None:
    with serving("hi there") as server:
        reply = endpoint(server).reply(HELLO, most_tokens=9, temperature=0.5)
    assert (reply.text, reply.model, reply.prompt_tokens, reply.output_tokens, reply.cut) == (
        "hi there",
        "tiny",
        7,
        3,
        False,
    )
    asked = server.asked[0]
    assert asked["path"] == "/v1/chat/completions" and asked["model"] == "tiny"
    assert asked["messages"] == [{"role": "system", "content": "be short"}, {"role": "user", "content": "hello"}]
    assert (asked["max_tokens"], asked["temperature"], "response_format" in asked) == (9, 0.5, False)
    assert server.keys == [None]


def test_an_answer_that_was_cut_off_says_so() -> None:
    with serving(Answer("hi th", finish="length")) as server:
        assert endpoint(server).reply(HELLO).cut


def test_images_go_to_models_that_see_alone() -> None:
    shown = [Message("user", "what is this?", images=(PNG,))]
    with serving("a cat") as server:
        with pytest.raises(ModelError, match="takes no images"):
            endpoint(server).reply(shown)
        endpoint(server, sees=True).reply(shown)
    parts = server.asked[0]["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["text", "image_url"]
    assert parts[1]["image_url"]["url"].startswith("data:image/png;base64,iVBORw0KGgow")


# ---------------------------------------------------------------------------------------------- keys
def test_the_key_is_read_at_the_call_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Answer(status=401, body='{"error": "sk-123 is wrong"}')) as server:
        chat = endpoint(server, key="cloud")
        with pytest.raises(SetupError, match="OSTINATO_SECRET_CLOUD"):
            chat.reply(HELLO)
        monkeypatch.setenv("OSTINATO_SECRET_CLOUD", "sk-123")
        with pytest.raises(ModelError, match="refuses the key") as caught:
            chat.reply(HELLO)
    assert server.keys == ["Bearer sk-123"]
    assert "sk-123" not in str(caught.value) + repr(chat) + repr(vars(chat))


# ---------------------------------------------------------------------------------------------- shapes
def test_a_shape_is_asked_for_and_checked() -> None:
    with serving('Sure:\n```json\n{"answer": "x", "number": 3}\n```') as server:
        assert structured(endpoint(server), HELLO, Shape) == Shape(answer="x", number=3)
    asked = server.asked[0]["response_format"]
    assert asked["type"] == "json_schema" and asked["json_schema"]["schema"]["required"] == ["answer", "number"]


def test_an_answer_that_does_not_fit_is_sent_back_once() -> None:
    with serving('{"answer": "x"}', '{"answer": "x", "number": 4}') as server:
        assert structured(endpoint(server), HELLO, Shape).number == 4
    sent = server.asked[1]["messages"]
    assert sent[2] == {"role": "assistant", "content": '{"answer": "x"}'} and "number" in sent[3]["content"]
    with serving('{"answer": "x"}') as server, pytest.raises(ModelAnswerError, match="number"):
        structured(endpoint(server), HELLO, Shape)
    assert len(server.asked) == 2


def test_a_server_that_does_not_know_shapes_is_asked_in_words_from_then_on() -> None:
    with serving(REFUSED, REFUSED, '{"answer": "x", "number": 1}') as server:
        chat = endpoint(server)
        structured(chat, HELLO, Shape)
        structured(chat, HELLO, Shape)
    kinds = [asked.get("response_format", {}).get("type") for asked in server.asked]
    assert kinds == ["json_schema", "json_object", None, None]


VAGUE = Answer(status=400, body='{"error": {"message": "keyword $defs is invalid in this place"}}')
LONG = Answer(status=400, body='{"error": {"message": "This model\'s maximum context length is 4096 tokens"}}')


def kinds_asked(*answers: Answer | str, times: int = 2) -> list[str | None]:
    """How answers were asked for, over some calls; one that fails is left."""
    with serving(*answers) as server:
        chat = endpoint(server)
        for _ in range(times):
            with contextlib.suppress(ModelError):
                structured(chat, HELLO, Shape)
    return [asked.get("response_format", {}).get("type") for asked in server.asked]


def test_what_is_refused_for_another_reason_takes_no_shape_from_later_answers() -> None:
    good = '{"answer": "x", "number": 1}'
    assert kinds_asked(LONG, good) == ["json_schema", "json_schema"], "it is too long in any shape"
    assert kinds_asked(VAGUE, good, good) == ["json_schema", "json_object", "json_schema"]
    assert kinds_asked(VAGUE, VAGUE, VAGUE, good) == ["json_schema", "json_object", None, "json_schema"]
    assert kinds_asked(REFUSED, good, good) == ["json_schema", "json_object", "json_object"]


@pytest.mark.parametrize(
    ("text", "found"),
    [('a {"b": {"c": 1}} d', {"b": {"c": 1}}), ("none", None), ("} {", None), ("", None), ('{"a": 1} {"a": 2}', None)],
)
def test_json_is_found_among_words(text: str, found: dict[str, Any] | None) -> None:
    if found is None:
        with pytest.raises(ModelAnswerError):
            json_in(text)
    else:
        assert json_in(text) == found


# ---------------------------------------------------------------------------------------------- failures
def test_what_may_pass_is_tried_again_with_growing_pauses() -> None:
    waits: list[float] = []
    busy = Answer(status=503, body="busy")
    with serving(busy, busy, "hi") as server:
        assert endpoint(server, waits).reply(HELLO).text == "hi"
    assert len(waits) == 2 and 0.5 <= waits[0] <= 1.0 <= waits[1] <= 2.0


def test_a_server_says_how_long_to_wait_and_is_not_waited_for_for_ever() -> None:
    waits: list[float] = []
    limited = [Answer(status=429, body="{}", headers={"Retry-After": wait}) for wait in ("3", "9999")]
    with serving(*limited, "hi") as server:
        endpoint(server, waits).reply(HELLO)
    assert waits == [3.0, 20.0]


@pytest.mark.parametrize("wait", ["²", "-3", "nan", "1e9", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_wait_that_is_no_number_is_left_aside(wait: str) -> None:
    waits: list[float] = []
    with serving(Answer(status=429, body="{}", headers={"Retry-After": wait}), "hi") as server:
        assert endpoint(server, waits).reply(HELLO).text == "hi"
    assert len(waits) == 1 and 0.5 <= waits[0] <= 1.0


def test_an_answer_that_cannot_be_unpacked_is_said() -> None:
    broken = Answer(body="no gzip", headers={"Content-Encoding": "gzip"})
    with serving(broken) as server, pytest.raises(ModelError, match="cannot be unpacked"):
        endpoint(server).reply(HELLO)


@pytest.mark.parametrize(
    "usage", ['"none"', "[1]", "7", "null", '{"prompt_tokens": "7", "completion_tokens": -1}', '{"prompt_tokens": 1.5}']
)
def test_tokens_that_are_not_counted_are_none(usage: str) -> None:
    said = Answer(body=f'{{"choices": [{{"message": {{"content": "hi"}}}}], "usage": {usage}}}')
    with serving(said) as server:
        reply = endpoint(server).reply(HELLO)
    assert (reply.text, reply.prompt_tokens, reply.output_tokens) == ("hi", None, None)


@pytest.mark.parametrize("url", ["nowhere", "localhost:8000/v1", "ftp://here/v1", "http://:x/v1"])
def test_an_address_that_is_none_is_said_at_once(url: str) -> None:
    waits: list[float] = []
    with pytest.raises(ModelError, match=r"is no address of a model; write it as http://HOST:PORT/v1"):
        Endpoint(url, "tiny", sleep=waits.append).reply(HELLO)
    assert waits == []


def test_a_key_that_cannot_be_sent_is_an_error_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_SECRET_CLOUD", "sk-ключ")
    with serving("hi") as server, pytest.raises(ModelError, match="has letters that no key has") as caught:
        endpoint(server, key="cloud").reply(HELLO)
    assert "ключ" not in str(caught.value)


def test_who_lets_go_of_a_model_has_closed_its_connections() -> None:
    with serving("hi") as server:
        chat = endpoint(server)
        chat.reply(HELLO)
        client = chat._client
        assert not client.is_closed
        del chat
        assert client.is_closed


def test_a_server_that_goes_on_failing_is_given_up() -> None:
    failing = Answer(status=500, body='{"error": {"message": "out of memory"}}')
    with serving(failing) as server, pytest.raises(ModelError, match="answered 500: out of memory, also after 4 tries"):
        endpoint(server).reply(HELLO)
    assert len(server.asked) == 4


def test_nobody_there_is_said_and_where() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ModelError, match="cannot be reached"):
        Endpoint(url, "tiny", sleep=lambda seconds: None).reply(HELLO)


def test_a_server_that_does_not_answer_is_too_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(ModelError, match=r"gave no answer within 0\.05 s"):
            Endpoint(url, "tiny", timeout=0.05, sleep=lambda seconds: None).reply(HELLO)


@pytest.mark.parametrize(
    "body", ["<html>", "{}", '{"choices": []}', '{"choices": [{"message": {"content": 5}}]}', "[]", '"x"', ""]
)
def test_what_is_no_answer_is_an_error_for_people(body: str) -> None:
    with serving(Answer(body=body)) as server, pytest.raises(ModelError, match="no chat completion"):
        endpoint(server).reply(HELLO)


def test_a_refusal_is_not_tried_again() -> None:
    missing = Answer(status=404, body='{"error": "no model tiny"}')
    with serving(missing) as server, pytest.raises(ModelError, match="answered 404: no model tiny"):
        endpoint(server).reply(HELLO)
    assert len(server.asked) == 1
