"""The room `model`: language models behind one protocol, OCR, and what can be installed."""

from __future__ import annotations

from pathlib import Path

from ostinato.errors import SetupError
from ostinato.model.catalogue import entry, path_of
from ostinato.model.chat import Chat
from ostinato.model.endpoint import Endpoint
from ostinato.model.gguf import Gguf
from ostinato.settings import Settings

__all__ = ["open_chat"]


def open_chat(settings: Settings) -> Chat:
    """The model that the settings name: an endpoint (`model_url`), or a file or a name of the catalogue (`model`).
    SetupError says both ways where there is none."""
    if settings.model_url is not None:
        return Endpoint(
            settings.model_url, settings.model or "default", key=settings.model_key, sees=settings.model_sees
        )
    if settings.model is None:
        raise SetupError(
            "no model is set. Two ways: an OpenAI-compatible endpoint (OSTINATO_MODEL_URL=http://…/v1 and "
            "OSTINATO_MODEL=its name), or a file on this machine (ostinato model install smollm2-135m, then "
            "OSTINATO_MODEL=smollm2-135m)"
        )
    if settings.model.endswith(".gguf"):
        return Gguf(Path(settings.model).expanduser())
    found = path_of(entry(settings.model).name, settings.cache)
    if found is None:
        raise SetupError(f"{settings.model} is not installed; install it with: ostinato model install {settings.model}")
    return Gguf(found)
