"""Files named by their content (sha256 in hex), in two levels of folders, each written once."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ostinato.errors import StoreError

SHA = re.compile(r"[0-9a-f]{64}")
_ELSEWHERE = "choose another folder (for the store: OSTINATO_HOME, or `home` in the settings)"
_ADVICE = {
    errno.ENOSPC: f"free some space, or {_ELSEWHERE}",
    errno.EDQUOT: f"free some space, or {_ELSEWHERE}",
    errno.EROFS: f"make it writable, or {_ELSEWHERE}",
    errno.EACCES: f"make it writable for you, or {_ELSEWHERE}",
    errno.EPERM: f"make it writable for you, or {_ELSEWHERE}",
    errno.ENOENT: f"it is not there and cannot be made: {_ELSEWHERE}",
    errno.ENOTDIR: f"a file stands where a folder is needed: move it away, or {_ELSEWHERE}",
    errno.EEXIST: f"a file stands where a folder is needed: move it away, or {_ELSEWHERE}",
}


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Say what the disk refused, where, and what to do about it."""
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "check the disk and the folder's permissions")
        raise StoreError(f"{folder}: {error.strerror or error}; {advice}") from error


def write_file(path: Path, data: bytes, durable: bool = True, over: bool = True) -> None:
    """Write a file whole or not at all: a temporary file beside it, on disk (if `durable`) before it takes the name.
    Raises FileExistsError where one of that name is there, unless it may be written `over`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        if over:
            Path(name).replace(path)
        else:
            os.link(name, path)
            Path(name).unlink()
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


class Blobs:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha: str) -> Path:
        """Where a blob lies or would lie; StoreError when `sha` is no sha256."""
        if not SHA.fullmatch(sha):
            raise StoreError(f"{self.folder}: {sha!r} is not a blob's name (64 hex digits)")
        return self.folder / sha[:2] / sha[2:4] / sha

    def put(self, data: bytes) -> str:
        """Store and return the sha256. An existing blob is left as it is, but counts as fresh again, so that
        a clean-up beside a running phone does not take it away."""
        sha = hashlib.sha256(data).hexdigest()
        path = self.path(sha)
        with disk_errors(self.folder):
            try:
                if path.stat().st_size == len(data):  # a shorter one was cut off by a power failure
                    with suppress(PermissionError):
                        os.utime(path)
                    return sha
            except FileNotFoundError:
                pass
            write_file(path, data)
        return sha

    def get(self, sha: str) -> bytes:
        """The content; StoreError when it is missing or no longer what its name says."""
        path = self.path(sha)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise StoreError(f"{path}: the blob is missing; restore it from a backup or an export") from None
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != sha:
            raise StoreError(f"{path}: the blob is damaged (its content does not fit its name); restore it")
        return data

    def has(self, sha: str) -> bool:
        return self.path(sha).is_file()

    def delete(self, sha: str) -> None:
        with disk_errors(self.folder):
            self.path(sha).unlink(missing_ok=True)

    def all(self) -> Iterator[str]:
        """Every stored name, in order."""
        for path in sorted(self.folder.glob("??/??/*")):
            if SHA.fullmatch(path.name):
                yield path.name

    def held(self) -> Held:
        """The same blobs, to which what is put is not written."""
        return Held(self)

    def leftovers(self) -> Iterator[Path]:
        """Temporary files of writers that died."""
        yield from self.folder.glob("??/??/.new-*")


class Held(Blobs):
    """What is put here stays in memory, and what is on disk can be read: for pictures that a run needs and nobody may
    keep."""

    def __init__(self, disk: Blobs) -> None:
        super().__init__(disk.folder)
        self._held: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        """The sha256, under which it can be had until it is forgotten."""
        sha = hashlib.sha256(data).hexdigest()
        self._held[sha] = data
        return sha

    def get(self, sha: str) -> bytes:
        """The content; StoreError as of `Blobs.get`."""
        return self._held[sha] if sha in self._held else super().get(sha)

    def has(self, sha: str) -> bool:
        return sha in self._held or super().has(sha)

    def forget(self) -> None:
        """Let go of what is in memory."""
        self._held.clear()
