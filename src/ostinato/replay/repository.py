"""Experiences on disk: one JSON file per version; of each the newest version that may be matched is used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from ostinato.errors import FormatError, UsageError
from ostinato.replay.experience import Experience
from ostinato.replay.standing import Standing
from ostinato.trace.blobs import disk_errors, write_file
from ostinato.trace.values import address


@dataclass(frozen=True)
class Repository:
    """A folder of experiences. A damaged file hides no other; `damaged` names it. `standing` says what became of each
    version; without it they have the status of their files."""

    folder: Path
    standing: Standing | None = None

    @classmethod
    def at(cls, home: Path) -> Self:
        """The experiences of a home."""
        return cls(home / "experiences", Standing(home / "standing.sqlite"))

    def save(self, experience: Experience) -> Experience:
        """Write it as the next version of its id, unless the same content is there: in use, in quarantine, or as the
        newest version waiting to be verified; then that version is returned."""
        older = self.versions(experience.id)
        for known in reversed(older):
            if _content(known) != _content(experience):
                continue
            waits = known.status == "candidate" and experience.status == "candidate" and known == older[-1]
            if known.status == "quarantined" or waits or known == _used(older):
                return known
        version = older[-1].version + 1 if older else 1
        while True:
            path = self.folder / f"{experience.id}.v{version}.json"
            saved = experience.model_copy(update={"version": version})
            with disk_errors(self.folder):
                try:
                    write_file(path, saved.model_dump_json(indent=1).encode(), over=False)
                    return saved
                except FileExistsError:  # damaged, so that it was not counted, or saved by another just now
                    if not path.exists():  # it is the folder that cannot be
                        raise
                    version += 1

    def newest(self, app: str | None = None) -> list[Experience]:
        """Of each experience the newest version that may be matched."""
        return [used for versions in self._by_id(app) if (used := _used(versions)) is not None]

    def latest(self, app: str | None = None) -> list[Experience]:
        """Of each experience the version that is used; where none may be, the newest."""
        return [_used(versions) or versions[-1] for versions in self._by_id(app)]

    def waiting(self, app: str | None = None) -> list[Experience]:
        """Candidates that are newer than what is used."""
        return [versions[-1] for versions in self._by_id(app) if versions[-1].status == "candidate"]

    def delete(self, experience: Experience) -> int:
        """Remove every version of an experience, and what became of them; how many files went."""
        gone = list(self.folder.glob(f"{experience.id}.v*.json"))
        with disk_errors(self.folder):
            for path in gone:
                path.unlink(missing_ok=True)
        if self.standing is not None:
            self.standing.forget(experience.id)
        return len(gone)

    def version(self, experience_id: str, version: int) -> Experience | None:
        """One version of one experience, if it is still there."""
        return next((e for e in self.versions(experience_id) if e.version == version), None)

    def holds(self, experience: Experience) -> bool:
        """Whether this very version was saved here."""
        return (self.folder / f"{experience.id}.v{experience.version}.json").exists()

    def versions(self, experience_id: str) -> list[Experience]:
        """Every version of one experience that can be read, oldest first."""
        return sorted((e for e in self.all_versions() if e.id == experience_id), key=lambda e: e.version)

    def all_versions(self) -> list[Experience]:
        """Every version that can be read."""
        return [found for found in self._read(self._files()) if isinstance(found, Experience)]

    def damaged(self) -> list[FormatError]:
        """What is wrong with the files that cannot be read."""
        return [found for found in self._read(self._files()) if isinstance(found, FormatError)]

    def get(self, name: str) -> Experience:
        """The experience whose id begins so, as `latest` gives it; `ID.v2` is its second version. Raises UsageError."""
        begin, wanted = _named(name)
        found = [e for e in self.latest() if e.id.startswith(begin)]
        if len(found) != 1:
            raise UsageError(f"{'no' if not found else 'more than one'} experience begins with {begin!r}")
        if wanted is None:
            return found[0]
        versions = self.versions(found[0].id)
        if (chosen := next((e for e in versions if e.version == wanted), None)) is None:
            there = ", ".join(f"v{e.version}" for e in versions)
            raise UsageError(f"experience {found[0].id} has no version {wanted}; there are {there}")
        return chosen

    def _by_id(self, app: str | None) -> list[list[Experience]]:
        """The versions of each experience, oldest first; experiences in the order of their templates."""
        every: dict[str, list[Experience]] = {}
        for experience in sorted(self.all_versions(), key=lambda e: e.version):
            if app is None or address(experience.app or "") == address(app):
                every.setdefault(experience.id, []).append(experience)
        return sorted(every.values(), key=lambda versions: (_used(versions) or versions[-1]).templates)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("[!.]*.json"))

    def _read(self, paths: Iterable[Path]) -> list[Experience | FormatError]:
        became = self.standing.statuses() if self.standing is not None else {}
        found: list[Experience | FormatError] = []
        for path in paths:
            try:
                one = read(path)
            except FormatError as error:
                found.append(error)
                continue
            status = became.get((one.id, one.version), one.status)
            found.append(one if status == one.status else one.model_copy(update={"status": status}))
        return found


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
    return experience.model_dump_json(
        exclude={"version", "learnt", "recordings", "held_out", "status", "schema_version"}
    )


def _used(versions: list[Experience]) -> Experience | None:
    """The newest that may be matched, of versions from old to new."""
    return next((e for e in reversed(versions) if e.usable), None)


def _named(name: str) -> tuple[str, int | None]:
    """The beginning of an id, and the version that `ID.v2` asks for."""
    found = re.fullmatch(r"(.+)\.v([1-9]\d{0,8})", name)
    return (found.group(1), int(found.group(2))) if found else (name, None)
