"""`ostinato model`, and which model the settings open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_server import serving

from ostinato.cli import main
from ostinato.errors import ModelError, SetupError, UsageError
from ostinato.model import open_chat
from ostinato.model.catalogue import CATALOGUE, entry, install, path_of
from ostinato.model.chat import Message
from ostinato.model.gguf import Gguf
from ostinato.settings import Settings, load_settings


def command(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main([*arguments])
    return int(end.value.code or 0)


def test_without_a_model_both_ways_are_said() -> None:
    with pytest.raises(SetupError, match=r"OSTINATO_MODEL_URL.*ostinato model install smollm2-135m"):
        open_chat(load_settings())


def test_an_endpoint_is_asked_by_the_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("hello [back]") as server:
        monkeypatch.setenv("OSTINATO_MODEL_URL", server.url)
        monkeypatch.setenv("OSTINATO_MODEL", "tiny")
        assert command("model", "ask", "Say hello.") == 0
    assert "hello [back]" in capsys.readouterr().out
    assert server.asked[0]["messages"] == [{"role": "user", "content": "Say hello."}]


def test_the_list_names_every_model_and_the_one_that_is_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("model", "list") == 0
    shown = capsys.readouterr().out
    assert all(known.name in shown for known in CATALOGUE) and "set: none" in shown
    monkeypatch.setenv("OSTINATO_MODEL", "smollm2-135m")
    command("model", "list")
    assert "set: smollm2-135m" in capsys.readouterr().out


def test_an_unknown_model_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match=r"Did you mean smollm2-135m\?"):
        entry("smollm2")
    assert command("model", "install", "nothing") == 2


def test_a_model_that_is_not_installed_says_how(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="ostinato model install smollm2-135m"):
        open_chat(Settings(cache=tmp_path, model="smollm2-135m"))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `gguf`")
    (tmp_path / "x.gguf").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="is no GGUF file"):
        Gguf(tmp_path / "x.gguf")
    with pytest.raises(ModelError, match="is no file"):
        Gguf(tmp_path / "y.gguf")


def test_a_small_model_runs_here_and_holds_to_a_shape(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("xllamacpp", reason="needs the extra `gguf`: make test installs it")
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # several threads wait for each other, long where others work too
    settings = load_settings()
    path = install("smollm2-135m", settings.cache, lambda text: None)
    assert path_of("smollm2-135m", settings.cache) == path
    chat = open_chat(settings.model_copy(update={"model": "smollm2-135m"}))
    schema = {"type": "object", "properties": {"answer": {"enum": ["yes", "no"]}}, "required": ["answer"]}
    reply = chat.reply([Message("user", "Is the sky blue?")], schema=schema, most_tokens=40)
    assert json.loads(reply.text)["answer"] in ("yes", "no") and reply.output_tokens and not reply.cut
    assert chat.reply([Message("user", "Tell a long story.")], most_tokens=3).cut
    with pytest.raises(ModelError, match="takes no images"):
        chat.reply([Message("user", "x", images=(b"x",))])
    install("smollm2-135m", settings.cache)
    assert "is installed" in capsys.readouterr().out
