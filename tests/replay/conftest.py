"""What the tests of learning and of replaying begin with."""

from __future__ import annotations

import pytest
from bills import BREAD, TEA, Recorder, recordings

from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.trace.store import Store


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def experience() -> Experience:
    """Adding a bill, learnt from two recordings; its slots are what, how_much and payer."""
    recorder = Recorder()
    return learn(recordings(recorder, BREAD, TEA), recorder.data)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))
