"""Environments as Gymnasium makes them: on real pages and a real app, by its own checker, in processes."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import psutil
import pytest
from gymnasium.utils.env_checker import check_env

import ostinato.envs
from ostinato.envs.assignment import TaskOfSuite
from ostinato.envs.indices import KINDS
from ostinato.envs.phone_env import PhoneEnv
from ostinato.errors import AppError, UsageError
from ostinato.phone.apps.app import get_app
from ostinato.settings import load_settings
from ostinato.suites.ihatemoney import ADD_PERSON
from ostinato.trace.store import Store

Seen = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def installed(chromium: Path) -> None:
    for name in ("miniwob", "ihatemoney"):
        get_app(name).install()


@pytest.fixture
def made() -> Iterator[Any]:
    """Makes environments, and closes them: nothing of theirs is left."""
    envs: list[gymnasium.Env[Any, Any]] = []
    before = {p.pid for p in psutil.Process().children(recursive=True)}

    def make(name: str, **given: Any) -> gymnasium.Env[Any, Any]:
        envs.append(gymnasium.make(f"ostinato/{name}-v0", **given))
        return envs[-1]

    yield make
    for env in envs:
        env.close()
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert not psutil.wait_procs(left, timeout=10)[1]


def act(kind: str, element: int = -1, text: str = "") -> dict[str, Any]:
    place = np.zeros(2, np.float32)
    return {"kind": KINDS.index(kind), "element": element, "text": text, "point": place, "end": place}


def number(seen: Seen, role: str, name: str) -> int:
    return next(n for n, e in enumerate(seen["elements"]) if e["role"] == role and name in e["name"])


def inner(env: gymnasium.Env[Any, Any]) -> PhoneEnv:
    found = env.unwrapped
    assert isinstance(found, PhoneEnv)
    return found


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("MiniWoB", {"page": "click-button"}),
        pytest.param("Suite", {"task": "ihatemoney/add_person"}, marks=pytest.mark.nightly),
        pytest.param("BrowserGym", {"page": "login-user"}, marks=pytest.mark.nightly),
    ],
)
def test_gymnasiums_own_checker_finds_nothing(made: Any, name: str, given: dict[str, str]) -> None:
    env = made(name, render_mode="rgb_array", **given)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        check_env(env.unwrapped)
    assert [str(w.message) for w in said if "infinity" not in str(w.message)] == []


@pytest.mark.browser
@pytest.mark.app
def test_a_page_gives_its_own_reward_and_the_same_seed_the_same_page(made: Any) -> None:
    env = made("MiniWoB", page="click-button", render_mode="rgb_array", max_steps=3)
    seen, info = env.reset(seed=3)
    again, _ = env.reset(seed=3)
    other, _ = env.reset(seed=4)
    assert np.array_equal(seen["screenshot"], again["screenshot"]) and seen["goal"] == again["goal"] == info["goal"]
    assert other["goal"] != seen["goal"] or not np.array_equal(seen["screenshot"], other["screenshot"])
    seen, _ = env.reset(seed=3)
    assert np.array_equal(env.render(), seen["screenshot"])
    wanted = seen["goal"].split('"')[1]
    after, reward, terminated, truncated, info = env.step(act("tap", number(seen, "button", wanted)))
    assert (reward, terminated, truncated, info) == (1.0, True, False, {})
    assert after in env.observation_space
    with pytest.raises(UsageError, match="call reset first"):
        env.step(act("back"))
    seen, _ = env.reset(seed=8)  # another button is wrong
    wanted = seen["goal"].split('"')[1]
    wrong = next(n for n, e in enumerate(seen["elements"]) if e["role"] == "button" and e["name"] != wanted)
    assert env.step(act("tap", wrong))[1:4] == (-1.0, True, False)
    env.reset(seed=3)
    ends = [env.step(action)[1:] for action in (act("tap", 200), act("type", 0, "x"), act("wait"))]
    assert "there is no element 200" in ends[0][3]["problem"] and "takes no text" in ends[1][3]["problem"]
    assert ends[2] == (0.0, False, True, {"stopped": "stopped after 3 steps, the bound of this environment"})
    env.reset()
    assert env.step(act("give_up"))[1:4] == (0.0, True, False)


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.nightly
def test_a_browser_that_dies_ends_the_episode_and_the_next_one_has_a_new_one(made: Any) -> None:
    env = made("MiniWoB", page="click-button")
    seen, _ = env.reset(seed=3)
    desk = inner(env).desk
    assert desk is not None
    for pid in desk.phone.processes():
        with contextlib.suppress(psutil.Error):
            psutil.Process(pid).kill()
    after, reward, terminated, truncated, info = env.step(act("tap", 0))
    assert (reward, terminated, truncated) == (0.0, False, True) and "begin a new episode" in info["stopped"]
    assert np.array_equal(after["screenshot"], seen["screenshot"]), "what was seen last"
    again, _ = env.reset(seed=3)
    assert again["goal"] == seen["goal"]
    wanted = seen["goal"].split('"')[1]
    assert env.step(act("tap", number(again, "button", wanted)))[1:3] == (1.0, True)


@pytest.mark.browser
@pytest.mark.app
def test_a_task_of_a_suite_is_judged_as_a_verdict_is(made: Any, ostinato_home: Path) -> None:
    env = made("Suite", task="ihatemoney/add_person", keep=True)
    seen, info = env.reset(seed=5)
    name = info["goal"].removeprefix("Add ").removesuffix(" to the group")
    assert ADD_PERSON.words({"name": name}) == info["goal"]
    seen, *_ = env.step(act("type", number(seen, "textbox", ""), name))
    seen, *end = env.step(act("tap", number(seen, "button", "Add")))
    assert end[:3] == [0.0, False, False]
    _, reward, terminated, _, info = env.step(act("done"))
    assert terminated and info["verdict"] == "yes" and reward > 0.9
    finished = inner(env).finished
    assert finished is not None
    store = Store(ostinato_home / "store")
    [verdict] = store.verdicts(finished.trace.id)
    assert verdict.value == "yes" and store.load(finished.trace.id).status == "done"
    env.reset(seed=5)  # the app is as it was, and nothing was done
    _, reward, terminated, _, info = env.step(act("done"))
    assert terminated and info["verdict"] == "no" and reward < 0
    inner(env).assignment = TaskOfSuite(ADD_PERSON, by="oracle")
    env.reset(seed=5)
    _, reward, *_, info = env.step(act("done"))
    assert reward == 0.0 and info["wrong"] == ("0 rows of person added, expected 1",)


@pytest.mark.browser
@pytest.mark.app
def test_an_agent_of_browsergym_finds_its_keys_and_words(made: Any) -> None:
    env = made("BrowserGym", page="login-user", reward="judge")
    seen, _ = env.reset(seed=3)
    found = re.search(r'username "(\w+)" and the password "(\w+)"', seen["goal"])
    assert found is not None
    bids = _named(seen)
    seen, *end = env.step(f"So:\nfill('{bids['textbox']}', {found[1]!r})\nfill('{bids['textbox 2']}', {found[2]!r})")
    assert end == [0.0, False, False, {}] and seen["focused_element_bid"] == bids["textbox 2"]
    seen, *_, info = env.step(f"hover('{bids['button']}')")
    assert seen["last_action_error"] == info["problem"] == "a finger does not hover; use click"
    seen, reward, terminated, _, info = env.step(f"click('{bids['button']}')")
    assert (reward, terminated, info["verdict"]) == (1.0, True, "yes")
    assert seen["last_action"] == f"click('{bids['button']}')" and seen["last_action_error"] == ""


def _named(seen: Seen) -> dict[str, str]:
    """The ids by their roles, those after the first with a number."""
    found: dict[str, str] = {}
    for node in seen["axtree_object"]["nodes"]:
        role = node["role"]["value"]
        same = sum(key.split(" ")[0] == role for key in found)
        if "browsergym_id" in node:
            found[role if not same else f"{role} {same + 1}"] = node["browsergym_id"]
    return found


@pytest.mark.browser
@pytest.mark.app
def test_many_run_side_by_side_in_processes_and_begin_again_by_themselves() -> None:
    envs = gymnasium.make_vec(
        "ostinato/MiniWoB-v0",
        num_envs=2,
        vectorization_mode="async",
        vector_kwargs={"shared_memory": False},
        page="click-test",
        max_steps=2,
    )
    try:
        seen, _ = envs.reset(seed=[1, 2])
        assert seen["screenshot"].shape == (2, 844, 390, 3) and seen["goal"] == ("Click the button.",) * 2
        envs.action_space.seed(1)
        both = {
            key: np.stack([np.asarray(a[key]) for a in (act("wait"),) * 2])
            for key in ("kind", "element", "point", "end")
        }
        wait = both | {"text": ("", "")}
        ends = [envs.step(wait)[2:4] for _ in range(3)]
        assert [truncated.tolist() for _, truncated in ends] == [[False] * 2, [True] * 2, [False] * 2]
        every = psutil.Process().children(recursive=True)
        # Python's own tracker of shared memory ends with the process of the tests.
        children = [child for child in every if "multiprocessing.resource_tracker" not in " ".join(child.cmdline())]
        assert len(children) > 4
    finally:
        envs.close()
    left = psutil.wait_procs(children, timeout=30)[1]
    assert not left, [process.cmdline() for process in left if process.is_running()]


def test_wrong_use_is_said_before_anything_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def make(name: str, **given: Any) -> gymnasium.Env[Any, Any]:
        return gymnasium.make(f"ostinato/{name}-v0", disable_env_checker=True, **given)

    for name, given, problem in (
        ("Suite", {"task": "ihatemoney/fly"}, "no suite has a task 'ihatemoney/fly'; known: .*ihatemoney/add_expense"),
        ("Suite", {"reward": "page"}, "reward 'judge' or 'oracle', not 'page'"),
        ("Suite", {"task": "oscar/order"}, "no rules are written for oscar/order; take reward='oracle'"),
        ("MiniWoB", {"reward": "oracle"}, "reward 'page' or 'judge', not 'oracle'"),
        ("MiniWoB", {"max_steps": 0}, "max_steps must be at least 1"),
        ("MiniWoB", {"most_elements": 0}, "most_elements must be at least 1"),
        ("MiniWoB", {"width": 3}, "width"),
        ("BrowserGym", {}, "name a page of MiniWoB"),
        ("BrowserGym", {"page": "x", "task": "y"}, "one of them"),
    ):
        with pytest.raises(UsageError, match=problem):
            make(name, **given)
    with pytest.raises(UsageError, match=r"MiniWoB\+\+ has no page 'click-buton'. Did you mean click-button"):
        make("MiniWoB", page="click-buton").reset()
    env = make("MiniWoB")
    with pytest.raises(UsageError, match="call reset first"):
        env.unwrapped.step(act("wait"))
    env.close()
    monkeypatch.setenv("OSTINATO_CACHE", str(tmp_path))
    with pytest.raises(AppError, match="ostinato app install miniwob"):
        make("MiniWoB").reset()
    ostinato.envs.register()  # a second time does nothing


def test_an_environment_keeps_its_own_index_beside_a_shared_one(made: Any, tmp_path: Path) -> None:
    shared = load_settings().model_copy(
        update={"home": tmp_path / "home", "store_url": "postgresql+psycopg://nobody@127.0.0.1:9/none"}
    )
    env = made("MiniWoB", page="click-button", settings=shared)
    env.reset(seed=1)
    assert env.unwrapped.desk.house.settings.store_url is None
    assert not (tmp_path / "home").exists()
