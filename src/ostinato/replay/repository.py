"""Experiences on disk: one JSON file per version; the newest version of each is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ostinato.errors import FormatError, UsageError
from ostinato.replay.experience import Experience
from ostinato.trace.blobs import disk_errors, write_file
from ostinato.trace.values import address


@dataclass(frozen=True)
class Repository:
    """A folder of experiences. A damaged file hides no other; `damaged` names it."""

    folder: Path

    def save(self, experience: Experience) -> Experience:
        """Write it as the next version of its id; the same content again keeps its version."""
        older = [e for e in self.all_versions() if e.id == experience.id]
        newest = max(older, key=lambda e: e.version, default=None)
        if newest is not None and _content(newest) == _content(experience):
            return newest
        version = newest.version + 1 if newest else 1
        while (path := self.folder / f"{experience.id}.v{version}.json").exists():  # a damaged one stays as it is
            version += 1
        saved = experience.model_copy(update={"version": version})
        with disk_errors(self.folder):
            write_file(path, saved.model_dump_json(indent=1).encode())
        return saved

    def newest(self, app: str | None = None) -> list[Experience]:
        best: dict[str, Experience] = {}
        for experience in self.all_versions():
            if app is not None and address(experience.app or "") != address(app):
                continue
            if experience.id not in best or best[experience.id].version < experience.version:
                best[experience.id] = experience
        return sorted(best.values(), key=lambda e: e.templates)

    def delete(self, experience: Experience) -> int:
        """Remove every version of an experience; how many files went."""
        gone = list(self.folder.glob(f"{experience.id}.v*.json"))
        with disk_errors(self.folder):
            for path in gone:
                path.unlink(missing_ok=True)
        return len(gone)

    def version(self, experience_id: str, version: int) -> Experience | None:
        """One version of one experience, if it is still there."""
        found = (e for e in self.all_versions() if (e.id, e.version) == (experience_id, version))
        return next(found, None)

    def all_versions(self) -> list[Experience]:
        """Every version that can be read."""
        return [found for found in self._read_all() if isinstance(found, Experience)]

    def damaged(self) -> list[FormatError]:
        """What is wrong with the files that cannot be read."""
        return [found for found in self._read_all() if isinstance(found, FormatError)]

    def _read_all(self) -> list[Experience | FormatError]:
        found: list[Experience | FormatError] = []
        for path in sorted(self.folder.glob("[!.]*.json")):
            try:
                found.append(read(path))
            except FormatError as error:
                found.append(error)
        return found

    def get(self, experience_id: str) -> Experience:
        found = [e for e in self.newest() if e.id.startswith(experience_id)]
        if len(found) != 1:
            raise UsageError(f"{'no' if not found else 'more than one'} experience begins with {experience_id!r}")
        return found[0]


def read(path: Path) -> Experience:
    """One experience file. Raises FormatError with file and field."""
    try:
        return Experience.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        raise FormatError(path, ".".join(map(str, first["loc"])) or "file", first["msg"]) from error
    except OSError as error:
        raise FormatError(path, "file", f"cannot be read ({error.strerror})") from error


def _content(experience: Experience) -> str:
    return experience.model_dump_json(exclude={"version", "learnt", "recordings", "status"})
