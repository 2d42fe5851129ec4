from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ostinato.errors import StoreError
from ostinato.trace.blobs import Blobs


def test_what_is_put_is_got_and_put_again_is_the_same(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha = blobs.put(b"hello")
    before = blobs.path(sha).stat().st_ino
    assert blobs.put(b"hello") == sha
    assert (blobs.get(sha), blobs.has(sha), list(blobs.all())) == (b"hello", True, [sha])
    assert blobs.path(sha).stat().st_ino == before
    blobs.delete(sha)
    assert not blobs.has(sha)


def test_a_missing_blob_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="missing"):
        Blobs(tmp_path).get("0" * 64)


def test_a_damaged_blob_is_told_and_one_cut_short_is_written_again(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    sha = blobs.put(b"hello")
    blobs.path(sha).write_bytes(b"hel")
    with pytest.raises(StoreError, match="damaged"):
        blobs.get(sha)
    blobs.put(b"hello")
    assert blobs.get(sha) == b"hello"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n"])
def test_a_name_that_is_no_hash_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="not a blob's name"):
        Blobs(tmp_path).get(name)


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"free some space, or .* OSTINATO_HOME"):
        Blobs(tmp_path).put(b"hello")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("")
    with pytest.raises(StoreError, match="a file stands where a folder is needed"):
        Blobs(tmp_path / "blobs").put(b"hello")
