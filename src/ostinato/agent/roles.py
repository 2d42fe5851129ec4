"""Which model plays which role, by the settings: one decides, and one that sees may find what words name."""

from __future__ import annotations

from collections.abc import Callable

from ostinato.agent.asking import Asking
from ostinato.agent.budget import budget_of
from ostinato.agent.formats import format_named
from ostinato.agent.formats.element_index import ElementIndex
from ostinato.agent.grounder import LexicalGrounder
from ostinato.agent.model_decider import ModelDecider
from ostinato.agent.model_grounder import ModelGrounder
from ostinato.agent.sight import Sight
from ostinato.agent.wording import Wording
from ostinato.agent.words.lexical import LexicalDecider
from ostinato.errors import SetupError
from ostinato.model import open_chat
from ostinato.model.chat import Chat
from ostinato.model.embed import embedder_at_hand
from ostinato.model.endpoint import Endpoint
from ostinato.model.gguf import Gguf
from ostinato.settings import Settings

# What a model in a file is shown of a screen, in characters: it, the rules and the history fit its 4096 tokens.
_FEW_CHARACTERS = 3000


def open_agent(
    settings: Settings,
    picture: Callable[[str], bytes],
    *,
    task: str | None = None,
    wording: Wording | None = None,
    remembered: str = "",
    chat: Chat | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> ModelDecider:
    """The agent of one task. `chat` is the model of the settings when it is open already; `picture` gives the
    screenshot of a sha256; `wording` says which words of the task are the user's own, `remembered` what is known of
    such tasks. Raises SetupError where no model is set, or it cannot see what its format shows, also where no pictures
    may be shown to it."""
    chat = chat or open_chat(settings)
    format = format_named(settings.agent_format)
    bare = settings.privacy == "structure"
    if bare and format.needs_picture:
        raise SetupError(
            f"the format {format.name} shows pictures, and with privacy structure there are none: use "
            "OSTINATO_AGENT_FORMAT=element_index, or --privacy redacted"
        )
    if isinstance(chat, Gguf) and isinstance(format, ElementIndex):
        format = ElementIndex(most=_FEW_CHARACTERS)
    budget = budget_of(settings)
    factor = settings.agent_scale or (0.5 if settings.scale >= 2 else 1.0)
    seeing = chat if chat.sees and not bare else None
    if settings.grounder_url is not None and not bare:
        seeing = Endpoint(
            settings.grounder_url, settings.grounder_model or "default", key=settings.grounder_key, sees=True
        )
    return ModelDecider(
        chat,
        format,
        grounder=LexicalGrounder(embedder_at_hand(settings.cache)),
        sight=None if format.needs_picture else Sight(picture),
        budget=budget,
        eyes=ModelGrounder(Asking(seeing, budget), picture, factor=factor) if seeing is not None else None,
        picture=picture,
        factor=factor,
        task=task,
        wording=wording,
        remembered=remembered if settings.privacy == "full" else "",
        say=say,
    )


def open_words(
    settings: Settings, task: str | None = None, picture: Callable[[str], bytes] | None = None
) -> LexicalDecider:
    """The agent without a model, which does what the words of a task say; with the embedder where it is installed.
    `picture` gives the screenshot of a sha256: what a screen without a tree shows is read in it."""
    return LexicalDecider(embedder_at_hand(settings.cache), task, Sight(picture) if picture is not None else None)
