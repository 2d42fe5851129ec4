"""Verdicts on disk: one file per trace and rules, `verdicts/TRACE/RULES.json`."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from ostinato.errors import FormatError
from ostinato.trace import journal
from ostinato.trace.blobs import disk_errors, write_file
from ostinato.trace.record import Verdict


class Verdicts:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, trace_id: str) -> list[Path]:
        """The files that hold the verdicts on a trace."""
        return sorted((self.folder / trace_id).glob("[!.]*.json"))

    def path(self, trace_id: str, rules: str) -> Path:
        """Where the verdict under the rules of this digest lies or would lie."""
        return self.folder / trace_id / f"{hashlib.sha256(rules.encode()).hexdigest()[:16]}.json"

    def add(self, verdicts: Iterable[Verdict], durable: bool = True) -> None:
        """Keep verdicts; one of the same trace and rules is replaced. Many at once need not be `durable`: what a
        power failure takes can be judged again."""
        with disk_errors(self.folder.parent):
            for verdict in verdicts:
                content = journal.to_json(verdict.model_dump(mode="json"))
                write_file(self.path(verdict.trace, verdict.rules), content, durable)

    def delete(self, trace_id: str) -> None:
        """Remove all verdicts on a trace."""
        if (self.folder / trace_id).exists():
            shutil.rmtree(self.folder / trace_id)

    def one(self, trace_id: str, rules: str) -> Verdict | None:
        """The verdict under these rules; None where there is none, or none that can be read."""
        try:
            return _read(self.path(trace_id, rules))
        except (OSError, FormatError):
            return None

    def of(self, trace_id: str) -> list[Verdict]:
        """All verdicts on a trace, oldest first. FormatError names a file that cannot be read."""
        return sorted((_read(path) for path in self.files(trace_id)), key=lambda verdict: verdict.judged)


def _read(path: Path) -> Verdict:
    try:
        return Verdict.model_validate(json.loads(path.read_bytes()))
    except ValidationError as error:
        what = error.errors(include_url=False)[0]
        raise FormatError(path, ".".join(map(str, what["loc"])), what["msg"]) from error
    except ValueError as error:
        raise FormatError(path, "verdict", str(error)) from error
