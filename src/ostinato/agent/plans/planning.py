"""Which model plans, by the settings: one of its own, otherwise the one that decides; without any, words alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ostinato.agent.budget import budget_of
from ostinato.agent.formats.mobimind_planner import MobimindPlanner
from ostinato.agent.formats.planner import Place, PlanFormat, PlanJson
from ostinato.agent.memory import Memory, Recalled
from ostinato.agent.plans.planner import Planner
from ostinato.errors import UsageError
from ostinato.model import open_chat
from ostinato.model.chat import Chat
from ostinato.model.embed import Embedder
from ostinato.model.endpoint import Endpoint
from ostinato.settings import Settings

PLAN_FORMATS: dict[str, PlanFormat] = {"plan": PlanJson(), "mobimind_planner": MobimindPlanner()}


def plan_format(name: str) -> PlanFormat:
    """The form of a name. Raises UsageError that lists all."""
    if name not in PLAN_FORMATS:
        raise UsageError(f"there is no form {name!r} for planners; known: {', '.join(PLAN_FORMATS)}")
    return PLAN_FORMATS[name]


def planner_chat(settings: Settings) -> Chat | None:
    """The model that plans; None where no model is set. Raises SetupError for one that is not there."""
    if settings.planner_url is not None:
        return Endpoint(settings.planner_url, settings.planner_model or "default", key=settings.planner_key)
    if settings.planner_model is not None:
        return open_chat(settings.model_copy(update={"model": settings.planner_model, "model_url": None}))
    return open_chat(settings) if settings.model is not None or settings.model_url is not None else None


def open_planner(
    settings: Settings,
    memory: Memory,
    places: Sequence[Place],
    *,
    embedder: Embedder | None = None,
    ask: Callable[[str, Recalled], str | None] = lambda slot, found: None,
    say: Callable[[str], None] = lambda text: None,
) -> Planner:
    """The planner of the settings, with the bounds that they set for one task."""
    return Planner(
        memory,
        places,
        embedder=embedder,
        chat=planner_chat(settings),
        format=plan_format(settings.planner_format),
        budget=budget_of(settings),
        ask=ask,
        say=say,
    )
