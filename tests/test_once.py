"""What cannot be taken back is sent once: a replay that is killed anywhere in it, done again, raced by another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from till import TASK, Server, Till

from ostinato.agent.loop import POINTS
from ostinato.agent.script import Do, ScriptDecider, on
from ostinato.errors import CommitRefused
from ostinato.house import House
from ostinato.replay.experience import Experience
from ostinato.settings import Settings
from ostinato.trace.record import Trace
from ostinato.trace.values import fill

pytestmark = pytest.mark.browser
COMMIT = 3  # the step that sends, from 0
TILL = Path(__file__).with_name("till.py")
VALUES = {"what": "Rope", "amount": "3.50"}


def adding(what: str, amount: str) -> list[Do]:
    return [
        on("tap", "link", "Add an entry"),
        on("type", "textbox", "What?", text=what),
        on("type", "textbox", "Amount", text=amount),
        on("tap", "button", "Save"),
    ]


def shown(house: House, phone: Any, app: Till, task: str, steps: list[Do]) -> Trace:
    """A recording of a script on the till, from its first page."""
    for _ in range(5):  # a machine that is busy may tell an address late
        house.begin_again(phone, app, None, None)  # type: ignore[arg-type]
        trace = house.perform(
            task, phone=phone, deciders=[ScriptDecider(steps)], app=app, app_name="till",  # type: ignore[arg-type]
            approve=lambda action, screen: True,
        ).trace  # fmt: skip
        at_form = [str(step.before.url).endswith("/new") for step in trace.steps]
        if at_form == [*[False, True, True, True] * (len(steps) // 4), False]:
            break
    assert trace.status == "done", trace.outcome
    return trace


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Experience:
    house = House(Settings(home=tmp_path_factory.mktemp("learnt")))
    ids = []
    with Server() as server:
        app = Till(server.url)
        with house.phone(app) as phone:  # type: ignore[arg-type]
            for values in ({"what": "Bread", "amount": "2.10"}, {"what": "Wine", "amount": "12.00"}):
                ids.append(shown(house, phone, app, fill(TASK, values), adding(**values)).id)
    found = house.learn(ids)
    house.store.close()
    assert [node.risk for node in found.nodes] == ["read", "edit", "edit", "commit"]
    return found


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, learnt: Experience) -> Path:
    house = House(Settings(home=tmp_path))
    house.repository.save(learnt)
    house.store.close()
    return tmp_path


def begin(
    home: Path, server: Server, point: str | None, tells: bool, privacy: str = "full", task: str = fill(TASK, VALUES)
) -> subprocess.Popen[str]:
    fault = {"OSTINATO_FAULT": f"kill:{point}"} if point else {}
    return subprocess.Popen(
        [sys.executable, TILL, home, server.url, task, "tells" if tells else "-", privacy],
        env={**os.environ, **fault}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def end(process: subprocess.Popen[str], code: int) -> str:
    said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    return said


def again(
    home: Path,
    server: Server,
    tells: bool,
    privacy: str = "full",
    resume: bool = False,
    task: str = fill(TASK, VALUES),
) -> str:
    """What doing the task once more says, or what comes of going on."""
    house = House(Settings(home=home, privacy=privacy, step_timeout=5.0))  # type: ignore[arg-type]
    app = Till(server.url, tells)
    try:
        with house.phone(app) as phone:  # type: ignore[arg-type]
            done = house.replay(
                task, phone=phone, app=app, app_name="till", place="/till", chosen=house.find(task, "till"),  # type: ignore[arg-type]
                approve=lambda action, screen: True, resume=house.store.load("last") if resume else None,
            )  # fmt: skip
        return repr(done)
    except CommitRefused as refused:
        return f"refused: {refused}"
    finally:
        house.store.close()


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Experience:
    """Entries that a task lists, learnt from two lists of two."""
    house = House(Settings(home=tmp_path_factory.mktemp("listed")))
    ids = []
    with Server() as server:
        app = Till(server.url)
        with house.phone(app) as phone:  # type: ignore[arg-type]
            for one, two in ((("Bread", "2.10"), ("Wine", "12.00")), (("Soap", "3.00"), ("Tea", "4.50"))):
                task = f"Add the entries {' for '.join(one)} and {' for '.join(two)}"
                ids.append(shown(house, phone, app, task, [*adding(*one), *adding(*two)]).id)
    found = house.learn(ids)
    house.store.close()
    assert found.loops and len(found.nodes) == 4
    return found


EVERY = [(point, COMMIT) for point in POINTS if point != "done"] + [("done", COMMIT + 2)]
SENT = {"settled", "result", "done"}  # at these the server has it; at `acted` it may be on its way


def strike(home: Path, server: Server, point: tuple[str, int], tells: bool, privacy: str) -> None:
    end(begin(home, server, ":".join(map(str, point)), tells, privacy), -signal.SIGKILL)
    assert point[0] == "acted" or server.posts == (point[0] in SENT), "the fault struck elsewhere"
    said = again(home, server, tells, privacy)
    assert server.posts <= 1, said
    assert said.startswith("refused: ") == (point[0] in SENT | {"intent", "acted"}), said
    if said.startswith("refused"):
        assert "step 4" in said and ("may have happened" in said or "since then entry added" in said), said
        assert "--again" in said
    else:
        assert server.posts == 1 and ": done, verdict yes" in said, said


@pytest.mark.parametrize(("tells", "privacy"), [(True, "redacted")])
def test_a_replay_that_was_killed_while_it_sent_is_not_done_twice(
    home: Path, server: Server, tells: bool, privacy: str
) -> None:
    strike(home, server, ("acted", COMMIT), tells, privacy)


@pytest.mark.nightly
@pytest.mark.parametrize("privacy", ["full", "redacted", "structure"])
@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("point", EVERY, ids=str)
def test_at_no_point_of_a_commit_a_death_leads_to_a_second_one(
    home: Path, server: Server, point: tuple[str, int], tells: bool, privacy: str
) -> None:
    strike(home, server, point, tells, privacy)


@pytest.mark.parametrize(
    ("point", "privacy"),
    [
        ("acted", "structure"),
        *[
            pytest.param(point, privacy, marks=pytest.mark.nightly)
            for point in ("decided", "intent", "acted", "settled", "result")
            for privacy in ("full", "redacted", "structure")
        ],
    ],
)
def test_going_on_with_it_ends_with_one(
    home: Path, server: Server, point: str, privacy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    end(begin(home, server, f"{point}:{COMMIT}", True, privacy), -signal.SIGKILL)
    monkeypatch.setattr("ostinato.house.doubt.SETTLED", 0.0)  # else it waits a minute for what is under way
    said = again(home, server, True, privacy, resume=True)
    assert server.posts == 1 and "done, verdict yes" in said, said


@pytest.mark.parametrize(
    ("point", "turn"),
    [
        ("acted", 2),
        *[
            pytest.param(point, turn, marks=pytest.mark.nightly)
            for point in ("decided", "intent", "acted", "settled", "result")
            for turn in (1, 2, 3)
            if (point, turn) != ("acted", 2)
        ],
    ],
)
def test_of_what_is_listed_each_is_sent_once_wherever_it_was_cut_off(
    tmp_path: Path, server: Server, listed: Experience, point: str, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(Settings(home=tmp_path))
    house.repository.save(listed)
    house.store.close()
    task = "Add the entries Rope for 3.50, Nails for 1 and Glue for 2.75"
    step = 4 * turn - 1
    end(begin(tmp_path, server, f"{point}:{step}", True, task=task), -signal.SIGKILL)
    monkeypatch.setattr("ostinato.house.doubt.SETTLED", 0.0)
    said = again(tmp_path, server, True, resume=True, task=task)
    assert "done, verdict yes" in said, said
    assert [row[1:] for row in server.rows] == [("Rope", "3.50"), ("Nails", "1"), ("Glue", "2.75")]


@pytest.mark.nightly
def test_of_two_replays_that_race_one_sends_and_the_other_knows_it(home: Path, server: Server) -> None:
    """Whichever comes first; that which is killed while it sends leaves the other in doubt."""
    server.delay = 1.0
    killed, other = begin(home, server, f"acted:{COMMIT}", False), begin(home, server, None, False)
    (_, of_killed), (said, of_other) = ((one.communicate(timeout=90)[0], one.returncode) for one in (killed, other))
    assert of_killed == -signal.SIGKILL
    if of_other == 3:
        assert server.posts <= 1 and "CommitRefused" in said, said
    else:  # it was first, and had ended well before the task was begun once more
        assert server.posts == 2 and ": done" in said, said
