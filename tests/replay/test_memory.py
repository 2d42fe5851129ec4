"""Experiences by their words: none that explains a task is missed, and the index follows the folder."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ostinato.replay.experience import Experience, Slot
from ostinato.replay.memory import Memories
from ostinato.replay.repository import Repository
from ostinato.replay.templates import Templates
from ostinato.trace.reading import readings
from ostinato.trace.values import Kind, fill, slots_in

EXPENSE = "Add an expense: {what}, {how_much}, paid by {who_paid}"
KINDS: dict[str, Kind] = {"what": "text", "how_much": "number", "who_paid": "text"}


def experience(name: str, template: str, app: str = "ihatemoney", kinds: dict[str, Kind] | None = None) -> Experience:
    known = kinds or dict(KINDS)
    slots = tuple(Slot(name=slot, kind=known.get(slot, "text")) for slot in slots_in(template))
    return Experience(
        id=name, app=app, templates=(template,), slots=slots, nodes=(), learnt=datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    repository = Repository(tmp_path / "experiences")
    repository.save(experience("bill", EXPENSE))
    repository.save(experience("person", "Add {name} to the group"))
    repository.save(experience("note", 'Write {text} into a note called "{title}"', "tiddlywiki"))
    repository.save(experience("all", "{what}!", "shouting"))
    return tmp_path


def test_a_task_is_read_by_the_experience_that_explains_every_word(home: Path) -> None:
    memory = Memories(home)
    [found] = memory.fitting("add an expense: Tea, 4.50, paid by Bob")
    assert (found.experience, found.values) == ("bill", {"what": "Tea", "how_much": "4.50", "who_paid": "Bob"})
    [note] = memory.fitting('Write 30.50 into a note called "Paint 12"')
    assert note.values == {"text": "30.50", "title": "Paint 12"} and note.app == "tiddlywiki"
    assert memory.fitting("Add an expense: Tea, much, paid by Bob") == [], "much is no number"
    assert [one.experience for one in memory.fitting("Hello!")] == ["all"], "a template without a word of its own"
    assert memory.fitting("Hello!", ["ihatemoney"]) == []


def test_the_nearest_come_first_and_nothing_is_near_to_other_words(home: Path) -> None:
    memory = Memories(home)
    assert memory.like("add the expense Tea")[0].experience == "bill"
    assert memory.like("add Eva to the group please")[0].experience == "person"
    assert memory.like("qwertz") == []
    assert all(0.3 <= one.likeness <= 1 for one in memory.like("add something to a note"))


class Meanings:
    """An embedder for which jotting is writing."""

    name = "meanings"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1, 0] if "Jot" in text or "Write" in text else [0, 1] for text in texts], np.float32)


def test_meanings_help_where_words_are_others(home: Path) -> None:
    assert Memories(home, Meanings()).like("Jot that into a note or group")[0].experience == "note"


def test_a_slot_that_is_left_out_is_filled_by_a_preference_or_named(home: Path) -> None:
    memory = Memories(home)
    [open_] = memory.nearly("Add an expense: Tea, 4.50")
    assert (open_.missing, open_.values) == (("who_paid",), {"what": "Tea", "how_much": "4.50"})
    kept = memory.profile.add("who paid", "Carol", "ihatemoney", consent="command")
    [filled] = memory.nearly("Add an expense: Tea, 4.50")
    assert filled.values == {"what": "Tea", "how_much": "4.50", "who_paid": "Carol"}
    assert (filled.missing, filled.preferences) == ((), (kept.id,))
    memory.profile.add("how_much", "plenty", consent="command")
    assert memory.nearly("Add an expense: Tea, paid by Bob")[0].missing == ("how_much",), "plenty is no number"


def test_the_index_follows_the_folder(home: Path) -> None:
    memory, repository = Memories(home), Repository(home / "experiences")
    assert memory.templates.count() == 4
    old = time.time() - 60
    os.utime(repository.folder, (old, old))
    assert memory.templates.count() == 4
    changed = experience("bill", "Note an expense: {what}, {how_much}, paid by {who_paid}")
    repository.save(changed)
    assert memory.fitting("Add an expense: Tea, 4.50, paid by Bob") == [], "the newest version counts"
    assert memory.fitting("Note an expense: Tea, 4.50, paid by Bob")[0].version == 2
    repository.delete(changed)
    assert memory.fitting("Note an expense: Tea, 4.50, paid by Bob") == [] and memory.templates.count() == 3
    (home / "experiences" / "odd.v1.json").write_text('{"id": 3')
    assert memory.templates.count() == 3


def test_a_damaged_index_is_made_anew(home: Path) -> None:
    memory = Memories(home)
    assert memory.templates.count() == 4
    memory.templates.file.write_bytes(b"\x00garbage" * 3000)
    assert memory.templates.count() == 4
    assert Templates(home / "nowhere", home / "other.sqlite").holding("x") == []


WORDS = st.sampled_from(["add", "Note", "to", "über", "the", "LIST", "a.b", "42", "—", "it's", "x"])
VALUES = st.one_of(WORDS, st.text(min_size=1, max_size=6))


@st.composite
def told(draw: st.DrawFn) -> tuple[str, str]:
    """A template, and a task that it may explain."""
    parts = draw(st.lists(st.one_of(WORDS, st.sampled_from(["{p}", "{q}", "{r}"])), min_size=1, max_size=6))
    template = "".join(part + draw(st.sampled_from([" ", " ", "", ", "])) for part in parts).strip()
    return template, fill(template, {name: draw(VALUES) for name in "pqr"})


@settings(max_examples=25)
@given(st.lists(told(), min_size=1, max_size=4))
def test_no_experience_that_explains_a_task_is_missed(pairs: list[tuple[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for number, (template, _) in enumerate(pairs):
            Repository(home / "experiences").save(experience(f"e{number}", template))
        memory = Memories(home)
        for number, (template, task) in enumerate(pairs):
            explained = readings(task, [template], dict.fromkeys(slots_in(template), "text"))
            found = {one.experience for one in memory.fitting(task)}
            assert (f"e{number}" in found) == bool(explained)
