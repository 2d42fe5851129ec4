"""Rows of what templates mean are kept once, come back from the file, and stand several writers at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ostinato.errors import StoreError
from ostinato.replay.meanings import Meanings


class Counted:
    """Rows made of the letters of a text; how many were made."""

    name = "counted"

    def __init__(self) -> None:
        self.made = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.made += len(texts)
        rows = np.array([[1 + text.count(letter) for letter in "abcdefghijklmnop"] for text in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_a_row_is_made_once_and_kept_for_the_next_process(tmp_path: Path) -> None:
    first, second = Counted(), Counted()
    assert Meanings(tmp_path / "m.sqlite", first).prepare(["add", "delete", "add"]) == 2
    again = Meanings(tmp_path / "m.sqlite", second)
    assert again.prepare(["add", "delete"]) == 0 and second.made == 0
    near = again.likeness("delete", ("add", "delete"))
    assert near[1] == pytest.approx(1.0, abs=0.02) and near[0] < near[1]


def test_what_is_not_made_yet_is_as_far_as_can_be(tmp_path: Path) -> None:
    meanings = Meanings(tmp_path / "m.sqlite", Counted())
    texts = ("add", "bid", "cap")
    assert list(meanings.likeness("add", texts, most_new=1) > -1) == [True, False, False]
    assert list(meanings.likeness("add", texts, most_new=1) > -1) == [True, True, False]
    assert all(meanings.likeness("add", texts) > -1)


def test_several_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "m.sqlite"

    def work(number: int) -> None:
        meanings = Meanings(file, Counted())
        for n in range(20):
            meanings.prepare([f"text {n}", f"text {n} of {number}"])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with sqlite3.connect(file) as base:
        assert base.execute("select count(*), count(distinct text) from meaning").fetchone() == (100, 100)


def test_a_file_that_is_none_is_made_anew_and_a_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "m.sqlite"
    file.write_bytes(b"no index at all, but long enough to be looked at" * 30)
    assert Meanings(file, Counted()).prepare(["add"]) == 1
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="cannot be used"):
        Meanings(tmp_path / "folder", Counted()).prepare(["add"])
