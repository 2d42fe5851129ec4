"""Claims between real processes: one at a time, and free again when a holder dies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ostinato.errors import StoreError
from ostinato.trace.claim import claim

HOLD = """
import sys
from pathlib import Path
from ostinato.trace.claim import claim
with claim(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


class Busy(Exception):
    pass


def busy() -> None:
    raise Busy


def holder(folder: Path, key: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), key], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("end", ["done", "killed"])
def test_what_another_process_holds_is_ours_once_it_ends(tmp_path: Path, end: str) -> None:
    with holder(tmp_path, "pay") as process:
        with pytest.raises(Busy), claim(tmp_path, "pay", busy):
            pass
        with claim(tmp_path, "another", busy):
            pass

        def free() -> None:
            process.kill() if end == "killed" else process.stdin and process.stdin.close()

        with claim(tmp_path, "pay", free):  # waits until the other has gone
            pass
        process.kill()
    with claim(tmp_path, "pay", busy):
        pass


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"), claim(tmp_path / "file" / "in", "pay"):
        pass
