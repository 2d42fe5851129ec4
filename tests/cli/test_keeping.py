"""What is taken in and what is cleaned up is said, with the reason."""

from __future__ import annotations

import os
import time
import zipfile
from importlib.resources import as_file, files

from cli_command import Command

from ostinato.trace.store import Store
from ostinato.trace.sweep import GRACE


def age(store: Store) -> None:
    """Make everything in a store older than what a running phone may still need."""
    then = time.time() - GRACE - 60
    for path in store.folder.rglob("*"):
        if path.is_file() and "index" not in path.name:
            os.utime(path, (then, then))


def test_an_import_says_what_was_taken_in_and_what_was_there(ostinato: Command) -> None:
    with as_file(files("ostinato") / "examples" / "ihatemoney_add_expense.zip") as archive:
        first, second = (ostinato("trace", "import", archive).out for _ in range(2))
        assert len(ostinato("trace", "import", archive, "--json").json) == 2
    newest, older = reversed(Store(ostinato.home / "store").ids())
    assert first == f"imported: {older}\nimported: {newest}\n"
    assert second == f"already there: {older}\nalready there: {newest}\n"


def test_what_holds_no_traces_is_unreadable_whatever_it_is(ostinato: Command) -> None:
    (ostinato.folder / "empty").mkdir()
    (ostinato.folder / "words.zip").write_text("no zip")
    with zipfile.ZipFile(ostinato.folder / "foreign.zip", "w") as foreign:
        foreign.writestr("a.txt", "a")
    calls = [(["trace", "import", name], {}) for name in ("empty", "words.zip", "foreign.zip")]
    said = [answer.err for answer in ostinato.each(calls, code=1)]
    assert "empty: actions.json: neither in it nor below it" in said[0]
    assert "not a zip file" in said[1] and "not an archive of Ostinato traces" in said[2]


def test_a_clean_up_says_what_it_kept_and_why(taught: Command) -> None:
    store = Store(taught.home / "store")
    blobs = len(list(store.blobs.all()))
    young = taught("trace", "gc").out.splitlines()
    assert young == [
        "removed 0 traces, 0 blobs, 0.0 MB",
        "kept 2 traces: only --keep-days and --keep-last remove traces",
        f"kept {blobs} blobs younger than an hour, whether a trace needs them or not",
    ]
    assert "\nkept 2 traces younger than an hour\n" in taught("trace", "gc", "--keep-last", "1").out
    age(store)
    would, *_ = taught("trace", "gc", "--keep-last", "1", "--dry-run").out.splitlines()
    removed, *kept = taught("trace", "gc", "--keep-last", "1").out.splitlines()
    assert removed.startswith("removed 1 trace, ") and would == removed.replace("removed", "would remove")
    assert len(kept) == 1 and kept[0].startswith("kept 1 trace by a --keep option, or")
    assert len(store.ids()) == 1


def test_deleting_promises_what_a_clean_up_does(taught: Command) -> None:
    store = Store(taught.home / "store")
    said = taught("trace", "delete", *store.ids(), "--yes").out
    assert said == "deleted 2 traces; `ostinato trace gc` frees their space once it is an hour old\n"
    blobs = len(list(store.blobs.all()))
    assert taught("trace", "gc").out.startswith("removed 0 traces, 0 blobs")
    age(store)
    assert taught("trace", "gc").out.startswith(f"removed 0 traces, {blobs} blobs")
    assert not list(store.blobs.all())


def test_a_clean_up_without_options_keeps_what_the_settings_say(taught: Command) -> None:
    age(Store(taught.home / "store"))
    assert taught("trace", "gc", OSTINATO_KEEP_DAYS="3650").out.startswith("removed 0 traces")
    assert taught("trace", "gc", OSTINATO_KEEP_DAYS="0").out.startswith("removed 2 traces")
