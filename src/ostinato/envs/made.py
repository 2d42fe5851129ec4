"""The environments that Gymnasium makes by their ids."""

from __future__ import annotations

from typing import Any, Literal

from ostinato.envs.assignment import Assignment, PageOfMiniWoB, TaskOfSuite, task_named
from ostinato.envs.browsergym import BrowserGym
from ostinato.envs.indices import Indices
from ostinato.envs.phone_env import PhoneEnv
from ostinato.errors import UsageError

MOST_ELEMENTS = 256


def miniwob(
    page: str = "click-button",
    reward: Literal["page", "judge"] = "page",
    most_elements: int = MOST_ELEMENTS,
    **more: Any,
) -> PhoneEnv:
    """A page of MiniWoB++. `more` goes to `PhoneEnv`."""
    return _plain(_page(page, reward), most_elements, more)


def suite(
    task: str = "ihatemoney/add_expense",
    reward: Literal["judge", "oracle"] = "judge",
    most_elements: int = MOST_ELEMENTS,
    **more: Any,
) -> PhoneEnv:
    """A task of a suite on a real app. `more` goes to `PhoneEnv`."""
    return _plain(_task(task, reward), most_elements, more)


def browsergym(
    page: str | None = None,
    task: str | None = None,
    reward: Literal["page", "judge", "oracle"] | None = None,
    ends_on_message: bool = False,
    **more: Any,
) -> PhoneEnv:
    """A page of MiniWoB++ or a task of a suite, in the language of BrowserGym. `more` goes to `PhoneEnv`."""
    if (page is None) == (task is None):
        raise UsageError("name a page of MiniWoB++ (page='click-button') or a task of a suite (task=…), one of them")
    assignment = _page(page, reward or "page") if page is not None else _task(task or "", reward or "judge")
    return PhoneEnv(assignment, lambda width, height: BrowserGym(width, height, ends_on_message), **more)


def _plain(assignment: Assignment, most_elements: int, more: dict[str, Any]) -> PhoneEnv:
    if most_elements < 1:
        raise UsageError(f"most_elements must be at least 1, not {most_elements}")
    return PhoneEnv(assignment, lambda width, height: Indices(width, height, most_elements), **more)


def _page(page: str, reward: str) -> PageOfMiniWoB:
    if reward not in ("page", "judge"):
        raise UsageError(f"a page of MiniWoB++ has the reward 'page' or 'judge', not {reward!r}")
    return PageOfMiniWoB(page, "judge" if reward == "judge" else "page")


def _task(task: str, reward: str) -> TaskOfSuite:
    if reward not in ("judge", "oracle"):
        raise UsageError(f"a task of a suite has the reward 'judge' or 'oracle', not {reward!r}")
    return TaskOfSuite(task_named(task), "oracle" if reward == "oracle" else "judge")
