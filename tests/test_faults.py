"""A few faults of the harness, one of each kind, on the real app; the benchmark strikes hundreds."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files

import pytest

from benchmarks.faults import KINDS, Fault, all_faults, can_break_disks, strike
from ostinato.house import House
from ostinato.phone.apps.ihatemoney import IHateMoney
from ostinato.replay.experience import Experience
from ostinato.settings import load_settings
from ostinato.trace.archive import import_

pytestmark = [pytest.mark.browser, pytest.mark.app]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IHateMoney]:
    found = IHateMoney(load_settings().cache)
    found.install()
    found.start(tmp_path_factory.mktemp("app"))
    yield found
    found.stop()


@pytest.fixture(scope="module")
def experience(tmp_path_factory: pytest.TempPathFactory) -> Experience:
    house = House(load_settings().model_copy(update={"home": tmp_path_factory.mktemp("home")}))
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        return house.learn(import_(house.store, archive))


@pytest.mark.parametrize(
    ("fault", "rows"),
    [
        (Fault("kill_runner", "intent", 4, seed=2), 0),  # the last moment before it is sent
        pytest.param(Fault("kill_browser", "decided", 2, seed=4), 1, marks=pytest.mark.nightly),
        pytest.param(Fault("kill_app", "settled", 4, seed=6), 1, marks=pytest.mark.nightly),  # the first moment after
        pytest.param(Fault("fill_disk", "acted", 4, seed=8), 1, marks=pytest.mark.nightly),
        (Fault("read_only_disk", "intent", 1, seed=10), 1),
        (Fault("break_journal_line", "settled", 4, seed=12), 1),  # what is broken says that it was sent
    ],
    ids=lambda value: f"{value.kind}-{value.point}" if isinstance(value, Fault) else "",
)
def test_after_a_fault_no_trace_is_lost_no_row_is_doubled_and_no_process_is_left(
    app: IHateMoney, experience: Experience, fault: Fault, rows: int
) -> None:
    if "disk" in fault.kind and not can_break_disks():
        pytest.skip("a disk of its own takes root and loop devices")
    app.reset()
    after = strike(fault, experience, app)
    assert after.struck, after
    assert (after.traces_lost, after.commits, after.leftovers) == (0, rows, 0), after


def test_the_harness_knows_every_kind_at_every_point_once() -> None:
    faults = all_faults()
    assert len(set(faults)) == len(faults) == 210
    assert {f.kind for f in faults} == set(KINDS)
