"""How models are asked for the next action and how their answers are read: one file for each form that is about."""

from __future__ import annotations

from ostinato.agent.formats.element_index import ElementIndex
from ostinato.agent.formats.format import Format
from ostinato.agent.formats.mobimind_decider import MobimindDecider
from ostinato.agent.formats.mobimind_e2e import MobimindE2e
from ostinato.agent.formats.qwen_tool import QwenTool
from ostinato.agent.formats.ui_tars import UiTars
from ostinato.errors import UsageError

__all__ = ["FORMATS", "Format", "format_named"]

# By the names that a user gives; `_1000` counts places in thousandths of the picture's sides.
FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        ElementIndex(),
        MobimindDecider(),
        MobimindE2e(),
        MobimindE2e("thousand", name="mobimind_e2e_1000"),
        UiTars(),
        UiTars("thousand", name="ui_tars_1000"),
        QwenTool(),
        QwenTool("thousand", name="qwen_tool_1000"),
    )
}


def format_named(name: str) -> Format:
    """The format of a name. Raises UsageError that lists all."""
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}; known: {', '.join(FORMATS)}")
    return FORMATS[name]
