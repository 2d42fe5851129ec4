"""A language model in a GGUF file, run in this process by llama.cpp (the package xllamacpp, extra `gguf`)."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ostinato.errors import ModelError, SetupError
from ostinato.model.chat import Message, Reply


class Gguf:
    """Loads the file at once. `context` is how many tokens a conversation and its answer may have, `threads` of the
    processor (all of them without it). The engine holds answers to a JSON schema by a grammar.

    Raises SetupError where the extra is not installed, ModelError for a file that is no model."""

    sees = False

    def __init__(self, path: Path, *, context: int = 4096, threads: int | None = None) -> None:
        try:
            import xllamacpp
        except ImportError:
            raise SetupError("models in files need an extra: pip install 'ostinato-agents[gguf]'") from None
        if not path.is_file():
            raise ModelError(f"{path} is no file; see: ostinato model list")
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ModelError(f"{path} is no GGUF file")
        self.name = path.stem
        self.context = context
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx = context
        parameters.n_parallel = 1
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads or os.cpu_count() or 1
        parameters.verbosity = -1
        try:
            self._engine = xllamacpp.Server(parameters)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{path} cannot be loaded: {error}") from None

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: dict[str, Any] | None = None,
        most_tokens: int = 1024,
        temperature: float = 0.0,
    ) -> Reply:
        """One answer. Raises ModelError."""
        if any(message.images for message in messages):
            raise ModelError(f"{self.name} takes no images; name a model that sees")
        body: dict[str, Any] = {
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "max_tokens": most_tokens,
            "temperature": temperature,
        }
        if schema is not None:
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
        started = time.perf_counter()
        try:
            found: dict[str, Any] = self._engine.handle_chat_completions(body)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{self.name} gave no answer: {str(error)[:300]}") from None
        if "choices" not in found:
            raise ModelError(f"{self.name} gave no answer: {str(found.get('error', found))[:300]}")
        choice, used = found["choices"][0], found.get("usage", {})
        return Reply(
            text=choice["message"]["content"] or "",
            model=self.name,
            seconds=time.perf_counter() - started,
            prompt_tokens=used.get("prompt_tokens"),
            output_tokens=used.get("completion_tokens"),
            cut=choice.get("finish_reason") == "length",
        )
