"""Experiences on disk: one JSON file per version; the newest version of each is used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ostinato.errors import FormatError, StoreError, UsageError
from ostinato.replay.experience import Experience


@dataclass(frozen=True)
class Repository:
    """A folder of experiences. A damaged file is an error that names it, and hides no other."""

    folder: Path

    def save(self, experience: Experience) -> Experience:
        """Write it as the next version of its id; the same content again keeps its version."""
        older = [e for e in self.all_versions() if e.id == experience.id]
        newest = max(older, key=lambda e: e.version, default=None)
        if newest is not None and _content(newest) == _content(experience):
            return newest
        saved = experience.model_copy(update={"version": newest.version + 1 if newest else 1})
        path = self.folder / f"{saved.id}.v{saved.version}.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_text(saved.model_dump_json(indent=1), encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise StoreError(f"cannot write the experience to {self.folder}: {error.strerror}") from error
        return saved

    def newest(self, app: str | None = None) -> list[Experience]:
        best: dict[str, Experience] = {}
        for experience in self.all_versions():
            if app is not None and experience.app != app:
                continue
            if experience.id not in best or best[experience.id].version < experience.version:
                best[experience.id] = experience
        return sorted(best.values(), key=lambda e: e.templates)

    def all_versions(self) -> list[Experience]:
        return [read(path) for path in sorted(self.folder.glob("*.json"))]

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
        raise StoreError(f"cannot read {path}: {error.strerror}") from error


def _content(experience: Experience) -> str:
    return experience.model_dump_json(exclude={"version", "learnt", "recordings", "status"})
