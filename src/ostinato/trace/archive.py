"""Traces in one zip file: journals, blobs and verdicts, with the hash of each file in `manifest.json`."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from ostinato.errors import FormatError, UsageError
from ostinato.trace import journal
from ostinato.trace.blobs import SHA, disk_errors, write_file
from ostinato.trace.record import SCHEMA, Verdict
from ostinato.trace.store import Store

FORMAT = "ostinato-traces"
_ID = r"\d{8}-\d{6}-[0-9a-f]{6}"
_NAME = re.compile(rf"traces/({_ID})\.jsonl|blobs/([0-9a-f]{{64}})|verdicts/({_ID})/([0-9a-f]{{16}})\.json")
_ALWAYS = 100 << 20  # unpacked bytes that are never a bomb
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)  # what the standard library raises on damaged zips
_RATIO = 100  # how far a larger archive may unpack: pictures hardly shrink, trees by about 20


def export(store: Store, ids: Iterable[str], path: Path) -> None:
    """Write traces with all they need to `path`. A blob missing or damaged in the store is left out."""
    whole = [store.resolve(trace_id) for trace_id in ids]
    if not whole:
        raise UsageError("no trace to export: name at least one id, or `last`")
    files: dict[str, Path] = {}
    for trace_id in dict.fromkeys(whole):
        files[f"traces/{trace_id}.jsonl"] = store.journal(trace_id)
        for verdict in store.verdict_files(trace_id):
            files[f"verdicts/{trace_id}/{verdict.name}"] = verdict
    hashes: dict[str, str] = {}
    with disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
                wanted: set[str] = set()
                for inside, file in files.items():
                    data = file.read_bytes()
                    wanted.update(SHA.findall(data.decode("utf-8", "replace")))
                    hashes[inside] = hashlib.sha256(data).hexdigest()
                    archive.writestr(inside, data)
                for sha in sorted(wanted):
                    if store.blobs.has(sha):
                        data = store.blobs.path(sha).read_bytes()
                        if hashlib.sha256(data).hexdigest() == sha:
                            hashes[f"blobs/{sha}"] = sha
                            archive.writestr(f"blobs/{sha}", data)
                manifest = {"format": FORMAT, "schema": SCHEMA, "files": hashes}
                archive.writestr("manifest.json", json.dumps(manifest, indent=1))
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise


def import_(store: Store, path: Path) -> list[str]:
    """Take in an archive and return the ids of its traces: all of it or, on any fault (FormatError),
    nothing. What is there already stays as it is; a trace that differs under the same id is a fault."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    try:
        with zipfile.ZipFile(path) as archive:
            files = _checked(archive, path)
    except _UNREADABLE as error:
        raise FormatError(path, "zip", f"not a zip file that can be read: {error}") from error
    with zipfile.ZipFile(path) as archive:
        return _take_in(store, archive, path, files)


def _checked(archive: zipfile.ZipFile, path: Path) -> list[str]:
    """The names in the archive, once every file is known to be ours, whole, and of a sane size."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        raise FormatError(path, "zip", "a name stands in it twice")
    if "manifest.json" not in names:
        raise FormatError(path, "manifest.json", "missing: not an archive of Ostinato traces")
    unpacked = sum(info.file_size for info in infos)
    if unpacked > max(_ALWAYS, _RATIO * path.stat().st_size):
        raise FormatError(path, "zip", f"would unpack to {unpacked >> 20} MiB: refused as a zip bomb")
    hashes = _manifest(_read(archive, path, "manifest.json"), path)
    files = [name for name in names if name != "manifest.json"]
    for name in files:
        if not _NAME.fullmatch(name):
            raise FormatError(path, name, "not a file that belongs in an archive of traces")
    if different := sorted(set(files) ^ set(hashes)):
        raise FormatError(path, different[0], "stands in the manifest or in the zip, but not in both")
    for name in files:
        data = _read(archive, path, name)
        digest = hashlib.sha256(data).hexdigest()
        if digest != hashes[name] or (name.startswith("blobs/") and digest != name[6:]):
            raise FormatError(path, name, "damaged: the content does not fit its hash")
        _content(path, name, data)
    return files


def _manifest(data: bytes, path: Path) -> dict[str, str]:
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(path, "manifest.json", f"not JSON: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise FormatError(path, "manifest.json: format", f"expected {FORMAT!r}")
    schema = manifest.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise FormatError(path, "manifest.json: schema", f"{schema!r}: this Ostinato reads up to {SCHEMA}: upgrade")
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
        raise FormatError(path, "manifest.json: files", "expected a hash for each name")
    return files


def _read(archive: zipfile.ZipFile, path: Path, name: str) -> bytes:
    info = archive.getinfo(name)
    if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FormatError(path, name, "is encrypted, or packed in a way that Ostinato does not use")
    with archive.open(info) as file:
        return file.read(info.file_size + 1)


def _content(path: Path, name: str, data: bytes) -> None:
    """A journal must begin and a verdict must be one. (A journal may be damaged: it was exported so.)"""
    place = _NAME.fullmatch(name)
    assert place is not None
    trace_id, _, judged, _ = place.groups()
    if trace_id:
        try:
            trace = journal.read(trace_id, name, data)
        except FormatError as error:
            raise FormatError(path, f"{error.file}: {error.field}", error.problem) from error
        if not journal.decode(data)[0]:
            raise FormatError(path, name, f"not a journal: {'; '.join(trace.problems)}")
    elif judged:
        try:
            verdict = Verdict.model_validate_json(data)
        except ValidationError as error:
            what = error.errors(include_url=False)[0]
            raise FormatError(path, f"{name}: {'.'.join(map(str, what['loc']))}", what["msg"]) from error
        if verdict.trace != judged:
            raise FormatError(path, f"{name}: trace", f"expected {judged}, found {verdict.trace}")


def _take_in(store: Store, archive: zipfile.ZipFile, path: Path, files: list[str]) -> list[str]:
    """Blobs first, journals last: a trace never stands there without what it needs. Undone on failure."""
    journals = sorted(name for name in files if name.startswith("traces/"))
    ids = [name[7:-6] for name in journals]
    for name, trace_id in zip(journals, ids, strict=True):
        there = store.journal(trace_id)
        if there.exists() and there.read_bytes() != _read(archive, path, name):
            raise FormatError(path, name, f"{store.folder} holds another trace with this id; delete that one first")
    written: list[Path] = []
    added: list[str] = []
    try:
        for name in files:
            if name.startswith("blobs/"):
                store.blobs.put(_read(archive, path, name))
        with disk_errors(store.folder):
            for name in files:
                target = store.folder / name
                if name.startswith("verdicts/") and not target.exists():
                    write_file(target, _read(archive, path, name))
                    written.append(target)
        for name, trace_id in zip(journals, ids, strict=True):
            if store.add_journal(trace_id, _read(archive, path, name)):
                added.append(trace_id)
    except BaseException:
        store.delete(added)
        for target in written:
            target.unlink(missing_ok=True)
        raise
    return ids
