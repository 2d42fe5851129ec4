from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import trace_strategies as some

from ostinato.errors import FormatError, StoreError, UsageError
from ostinato.trace import archive
from ostinato.trace.archive import export, import_
from ostinato.trace.data import AppData
from ostinato.trace.record import Cost, Outcome, Verdict
from ostinato.trace.store import Store

Files = dict[str, bytes]


@pytest.fixture
def full(tmp_path: Path) -> Store:
    store = Store(tmp_path / "one")
    writer = store.begin(task="buy", data_before=AppData(app="shop"))
    screen = some.SCREEN.model_copy(update={"screenshot": store.blobs.put(b"picture")})
    writer.intent(some.tap(before=screen))
    writer.end(outcome=Outcome(claimed="done"), final=screen, cost=Cost(), data_after=None)
    some.record(store, claimed=None)
    store.add_verdict(Verdict(trace=writer.id, rules="r", value="no", judged=some.NOW))
    return store


def unpacked(path: Path) -> Files:
    with zipfile.ZipFile(path) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def packed(path: Path, files: Files, manifest: bool = True) -> Path:
    """A zip with a manifest that fits whatever is in it."""
    if manifest:
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "manifest.json"}
        files = {
            **files,
            "manifest.json": json.dumps({"format": archive.FORMAT, "schema": 1, "files": hashes}).encode(),
        }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(name, data)
    return path


def everything(folder: Path) -> Files:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and "index" not in p.name
    }


def test_exported_traces_are_imported_whole_and_again_changes_nothing(full: Store, tmp_path: Path) -> None:
    ids = full.ids()
    export(full, ids, tmp_path / "all.zip")
    other = Store(tmp_path / "two")
    assert import_(other, tmp_path / "all.zip") == ids
    assert [other.load(i) for i in ids] == [full.load(i) for i in ids]
    assert other.verdicts(ids[0]) == full.verdicts(ids[0])
    assert everything(other.folder) == everything(full.folder)
    assert [(s.id, s.verdict) for s in other.list()] == [(ids[1], None), (ids[0], "no")]
    before = everything(other.folder)
    assert import_(other, tmp_path / "all.zip") == ids
    assert everything(other.folder) == before


def test_one_trace_takes_only_its_own_files(full: Store, tmp_path: Path) -> None:
    export(full, ["last"], tmp_path / "one.zip")
    names = sorted(unpacked(tmp_path / "one.zip"))
    assert [n for n in names if n.startswith("traces/")] == [f"traces/{full.ids()[1]}.jsonl"]
    assert len(names) == 3  # a journal, a tree, the manifest


def test_a_damaged_trace_travels_as_it_is(full: Store, tmp_path: Path) -> None:
    path = full.journal(full.resolve("last"))
    path.write_bytes(path.read_bytes()[:-30])
    export(full, ["last"], tmp_path / "d.zip")
    other = Store(tmp_path / "two")
    [trace_id] = import_(other, tmp_path / "d.zip")
    assert other.load(trace_id) == full.load(trace_id)
    assert other.load(trace_id).status == "damaged"


def test_nothing_or_an_unknown_trace_cannot_be_exported(full: Store, tmp_path: Path) -> None:
    for ids in ([], ["19990101-000000-000000"]):
        with pytest.raises(UsageError):
            export(full, ids, tmp_path / "x.zip")
    assert list(tmp_path.glob("*.zip")) == []


def _flip_blob(files: Files) -> None:
    name = next(n for n in files if n.startswith("blobs/"))
    files[name] += b"x"


def _newer(files: Files) -> None:
    from ostinato.trace.journal import encode

    name = next(n for n in files if n.startswith("traces/"))
    files[name] = encode("begin", {"schema": 99})


def _bad_verdict(files: Files) -> None:
    name = next(n for n in files if n.startswith("verdicts/"))
    files[name] = files[name].replace(b'"no"', b'"perhaps"')


FAULTS: list[tuple[Callable[[Files], object], str]] = [
    (lambda f: f.update({"../../evil.txt": b"x"}), r"\.\./\.\./evil\.txt: not a file that belongs"),
    (lambda f: f.update({"/etc/evil": b"x"}), "/etc/evil: not a file that belongs"),
    (lambda f: f.update({"traces/../x.jsonl": b"x"}), "not a file that belongs"),
    (lambda f: f.update({"notes.txt": b"x"}), "notes.txt: not a file that belongs"),
    (lambda f: f.update({"traces/20260131-120000-0a1b2c.jsonl": b"hello"}), "0a1b2c.jsonl: not a journal"),
    (_flip_blob, "blobs/.*damaged"),
    (_newer, "traces/.*: schema: .*upgrade"),
    (_bad_verdict, "verdicts/.*: value: "),
]


@pytest.mark.parametrize(("spoil", "told"), FAULTS)
def test_a_faulty_archive_is_refused_whole_by_file_and_field(
    full: Store, tmp_path: Path, spoil: Callable[[Files], object], told: str
) -> None:
    export(full, full.ids(), tmp_path / "all.zip")
    files = unpacked(tmp_path / "all.zip")
    spoil(files)
    other = Store(tmp_path / "two")
    with pytest.raises(FormatError, match=told) as caught:
        import_(other, packed(tmp_path / "bad.zip", files))
    assert caught.value.file == str(tmp_path / "bad.zip")
    assert everything(other.folder) == {}
    assert not (tmp_path / "evil.txt").exists()


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (b"{", "manifest.json: not JSON"),
        (b"[]", "manifest.json: format"),
        (b'{"format":"zoo"}', "manifest.json: format"),
        (b'{"format":"ostinato-traces","schema":99,"files":{}}', "manifest.json: schema.*upgrade"),
        (b'{"format":"ostinato-traces","schema":1,"files":[]}', "manifest.json: files"),
        (b'{"format":"ostinato-traces","schema":1,"files":{}}', "not in both"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(full: Store, tmp_path: Path, manifest: bytes, told: str) -> None:
    export(full, full.ids(), tmp_path / "all.zip")
    files = {**unpacked(tmp_path / "all.zip"), "manifest.json": manifest}
    with pytest.raises(FormatError, match=told):
        import_(full, packed(tmp_path / "bad.zip", files, manifest=False))


def test_a_foreign_zip_a_torn_one_and_no_zip_are_refused(full: Store, tmp_path: Path) -> None:
    export(full, full.ids(), tmp_path / "all.zip")
    whole = (tmp_path / "all.zip").read_bytes()
    foreign = packed(tmp_path / "foreign.zip", {"a.txt": b"a"}, manifest=False)
    torn, text = tmp_path / "torn.zip", tmp_path / "text.zip"
    torn.write_bytes(whole[: len(whole) // 2])
    text.write_text("hello")
    for path in (foreign, torn, text):
        with pytest.raises(FormatError):
            import_(full, path)
    with pytest.raises(UsageError, match="no such file"):
        import_(full, tmp_path / "none.zip")


def test_any_flipped_byte_of_an_archive_is_refused_or_harmless(full: Store, tmp_path: Path) -> None:
    export(full, full.ids(), tmp_path / "all.zip")
    whole = (tmp_path / "all.zip").read_bytes()
    before = everything(full.folder)
    bad = tmp_path / "bad.zip"
    for place in range(0, len(whole), 7):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            import_(full, bad)
        except FormatError as error:
            assert error.file == str(bad)
        assert everything(full.folder) == before


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    full: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_ALWAYS", 1000)
    bomb = packed(tmp_path / "bomb.zip", {"traces/20260131-120000-0a1b2c.jsonl": bytes(10_000_000)})
    with pytest.raises(FormatError, match="zip bomb"):
        import_(full, bomb)


def test_another_trace_under_the_same_id_is_not_overwritten(full: Store, tmp_path: Path) -> None:
    export(full, ["last"], tmp_path / "one.zip")
    path = full.journal(full.resolve("last"))
    path.write_bytes(path.read_bytes() + b"\n")
    before = everything(full.folder)
    with pytest.raises(FormatError, match="another trace with this id"):
        import_(full, tmp_path / "one.zip")
    assert everything(full.folder) == before


def test_a_disk_that_fills_up_leaves_no_trace_behind(
    full: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(full, full.ids(), tmp_path / "all.zip")
    other = Store(tmp_path / "two")
    real, calls = other.add_journal, iter(range(9))

    def filling(trace_id: str, data: bytes) -> bool:
        if next(calls) == 1:
            raise StoreError("full")
        return real(trace_id, data)

    monkeypatch.setattr(other, "add_journal", filling)
    with pytest.raises(StoreError, match="full"):
        import_(other, tmp_path / "all.zip")
    assert other.ids() == [] and other.list() == []
    assert not [name for name in everything(other.folder) if not name.startswith("blobs/")]
