"""Which model plays which role, by the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from screens import element, screen

from ostinato.agent.formats.element_index import ElementIndex
from ostinato.agent.formats.ui_tars import UiTars
from ostinato.agent.model_decider import ModelDecider
from ostinato.agent.model_grounder import ModelGrounder
from ostinato.agent.roles import open_agent
from ostinato.errors import SetupError, UsageError
from ostinato.model.endpoint import Endpoint
from ostinato.model.gguf import Gguf
from ostinato.settings import Settings

URL = "http://127.0.0.1:9/v1"


def opened(**told: Any) -> ModelDecider:
    return open_agent(Settings.model_validate({"model_url": URL, "model": "tiny", **told}), lambda sha: b"", task="t")


def test_by_default_a_model_reads_and_words_are_found_without_another() -> None:
    agent = opened()
    assert isinstance(agent.chat, Endpoint) and agent.chat.url == URL and agent.name == "tiny (element_index)"
    assert agent.grounder is not None and agent.eyes is None and agent.task == "t"
    shown = screen(element("button", "Save", "main/button"))
    found = agent.grounder.ground("the Save button", shown)
    assert found is not None and found.element == shown.elements[0]
    with pytest.raises(SetupError, match="no model is set"):
        open_agent(Settings(), lambda sha: b"")


def test_a_model_that_sees_is_shown_half_of_a_fine_screenshot_and_all_of_a_coarse_one() -> None:
    agent = opened(model_sees=True, agent_format="ui_tars_1000")
    assert agent.format == UiTars("thousand", name="ui_tars_1000") and agent.factor == 1
    assert isinstance(agent.eyes, ModelGrounder) and agent.eyes.asking.chat is agent.chat and agent.eyes.factor == 1
    assert opened(model_sees=True, scale=2).factor == 0.5
    assert opened(model_sees=True, scale=2, agent_scale=0.25).factor == 0.25


def test_another_model_may_find_places_on_the_same_budget() -> None:
    agent = opened(grounder_url="http://127.0.0.1:8/v1", grounder_model="finder", grounder_key="k")
    assert isinstance(agent.eyes, ModelGrounder) and agent.eyes.asking.budget is agent.budget
    eyes = agent.eyes.asking.chat
    assert isinstance(eyes, Endpoint) and (eyes.name, eyes.url, eyes.sees) == ("finder", "http://127.0.0.1:8/v1", True)


def test_bounds_and_prices_are_those_of_the_settings() -> None:
    told = {"model_max_calls": 1, "model_max_tokens": 2, "model_max_seconds": 3.5, "model_max_money": 0.5}
    budget = opened(**told, model_price=2.0, model_price_output=8.0).budget
    assert {f"model_max_{k}": v for k, v in vars(budget.bounds).items() if v is not None} == told
    assert (budget.price.prompt, budget.price.output) == (2.0, 8.0)


def test_a_model_in_a_file_is_shown_less_of_a_screen() -> None:
    small = Gguf.__new__(Gguf)
    small.name = "small"
    agent = open_agent(Settings(), lambda sha: b"", chat=small)
    assert isinstance(agent.format, ElementIndex) and agent.format.most < ElementIndex().most


def test_a_format_that_is_not_known_or_cannot_be_used_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="known: element_index"):
        opened(agent_format="morse")
    with pytest.raises(SetupError, match="name a model that sees"):
        opened(agent_format="qwen_tool")
