"""The store: a folder of journals and blobs, and an index that can be thrown away.

traces/ID.jsonl   blobs/ab/cd/SHA   verdicts/ID/RULES.json   read/VERSION/ab/SHA.*.json   index.sqlite
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError

from ostinato.errors import FormatError, StoreError, UsageError
from ostinato.trace import journal
from ostinato.trace.blobs import Blobs, disk_errors, write_file
from ostinato.trace.catalogue import Catalogue
from ostinato.trace.data import AppData
from ostinato.trace.index import Index, Row, storable
from ostinato.trace.journal import Journal
from ostinato.trace.marks import MARK, Marks, marks_in
from ostinato.trace.privacy import Privacy
from ostinato.trace.record import Data, Trace, Verdict
from ostinato.trace.screen import Element, Record, Screen
from ostinato.trace.sweep import GcReport, sweep
from ostinato.trace.values import normal
from ostinato.trace.verdicts import Verdicts
from ostinato.trace.writer import PrivateWriter, TraceWriter

TRACE_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
_PREFIX = re.compile(r"[0-9a-f-]{1,22}")
_ELEMENTS: TypeAdapter[tuple[Element, ...]] = TypeAdapter(tuple[Element, ...])


class TraceSummary(Record):
    """A line of a list. `replayed` counts the steps that came from an experience; `verdict` is the newest."""

    id: str
    task: str
    app: str | None
    place: str | None
    batch: str | None
    phone: str
    agent: str
    started: datetime
    seconds: float
    status: str
    steps: int
    replayed: int
    calls: int
    verdict: str | None


def new_id() -> str:
    """The time in UTC to the microsecond (its last part in hex) and one random digit: ids sort by time."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond:05x}{secrets.randbelow(16):x}"


class Store:
    """Journals and verdict files are the truth; the index follows. Several processes may share a store."""

    def __init__(self, folder: Path, index_url: str | None = None) -> None:
        self.folder = Path(folder)
        self.blobs = Blobs(self.folder / "blobs")
        self.read = self.folder / "read"  # what a judge read of screenshots; can be thrown away
        self._traces = self.folder / "traces"
        self._verdicts = Verdicts(self.folder / "verdicts")
        with disk_errors(self.folder):
            for part in (self._traces, self.blobs.folder, self._verdicts.folder):
                part.mkdir(parents=True, exist_ok=True)
        self.catalogue = Catalogue(self, Index(self.folder / "index.sqlite", index_url), self._traces)

    # -------------------------------------------------------------------------------------------- writing
    def begin(
        self,
        *,
        task: str,
        app: str | None = None,
        place: str | None = None,
        batch: str | None = None,
        phone: str = "",
        agent: str = "",
        seed: int | None = None,
        data_before: AppData | None = None,
        slots: Mapping[str, str] | None = None,
        meta: Mapping[str, str] | None = None,
        privacy: Privacy | None = None,
        picture: Callable[[str], bytes] | None = None,
    ) -> TraceWriter:
        """Start a trace; its journal is on disk when this returns. With `privacy` only what that leaves is written,
        while the trace that the writer ends with is whole; `picture` gives its screenshots by their sha256."""
        said: dict[str, Any] = {"task": task, "app": app, "place": place, "slots": dict(slots or {})}
        whole_data = data_before
        if privacy is not None:
            slots = {name: privacy.mark(value) for name, value in (slots or {}).items()}
            task, app, place = privacy.task(task), privacy.place(app), privacy.place(place)
            said["meta"], meta = dict(meta or {}), privacy.meta(meta or {})
            data_before = privacy.data(data_before) if data_before is not None else None
        before = self.put_data(data_before)
        with disk_errors(self.folder):
            while True:
                trace = Trace(
                    id=new_id(),
                    task=task,
                    app=app,
                    place=place,
                    batch=batch,
                    phone=phone,
                    agent=agent,
                    seed=seed,
                    started=datetime.now(UTC),
                    data=Data(before=before),
                    slots=dict(slots or {}),
                    meta=dict(meta or {}),
                )
                with suppress(FileExistsError):
                    file = Journal(self.journal(trace.id))
                    break
            try:
                file.write("begin", journal.begin_body(trace), durable=True)
            except BaseException:  # also Ctrl-C: nothing was begun, and an empty journal would be a damaged one
                file.close()
                self.journal(trace.id).unlink(missing_ok=True)
                raise
        self.follow([trace.id])
        if privacy is None:
            return TraceWriter(self, trace.id, file)
        return PrivateWriter(self, trace.model_copy(update=said), file, privacy, picture or self.blobs.get, whole_data)

    def add(self, trace: Trace, blobs: Mapping[str, bytes]) -> str:
        """Store a whole trace from elsewhere under its own id; the same trace again changes nothing."""
        path = self.journal(trace.id)
        for sha, content in blobs.items():
            if self.blobs.put(content) != sha:
                raise FormatError(trace.id, f"blobs.{sha}", "the content does not fit its name")

        def put(screen: Screen) -> Screen:
            """A picture alone gets no tree: nobody knows what is on it."""
            alone = screen.screenshot is not None and not screen.elements
            return screen if alone else self.put_screen(screen)

        steps = tuple(step.model_copy(update={"before": put(step.before)}) for step in trace.steps)
        final = put(trace.final) if trace.final else None
        data = journal.whole_journal(trace.model_copy(update={"steps": steps, "final": final}))
        self.add_journal(path.stem, data)
        return trace.id

    def add_journal(self, trace_id: str, data: bytes) -> bool:
        """Store a journal as it is; False when it is already there, StoreError when another one is."""
        path = self.journal(trace_id)
        with disk_errors(self.folder):
            if path.exists():
                if path.read_bytes() == data:
                    return False
                raise StoreError(f"{path}: another trace has this id; delete or export that one first")
            write_file(path, data)
        self.follow([trace_id])
        return True

    def put_screen(self, screen: Screen) -> Screen:
        """Store the elements as the tree blob (unless they are) and return the screen with `tree` set."""
        if screen.tree is not None:
            return screen
        tree = self.blobs.put(journal.to_json(_ELEMENTS.dump_python(screen.elements, mode="json")))
        return screen.model_copy(update={"tree": tree})

    def put_data(self, data: AppData | None) -> str | None:
        """Store an app's data; its hash, None for none."""
        return None if data is None else self.blobs.put(journal.to_json(data.model_dump(mode="json")))

    def add_verdict(self, verdict: Verdict) -> None:
        """Keep a verdict; one of the same trace and rules is replaced."""
        self._known(verdict.trace)
        self._verdicts.add([verdict])
        self.follow([verdict.trace])

    def add_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Keep many at once, quickly (see `Verdicts.add`)."""
        for verdict in verdicts:
            self._known(verdict.trace)
        self._verdicts.add(verdicts, durable=False)
        with suppress(SQLAlchemyError, OSError):
            self.catalogue.index.judged({verdict.trace: verdict.value for verdict in verdicts})

    # -------------------------------------------------------------------------------------------- reading
    def journal(self, trace_id: str) -> Path:
        """Where the journal of a trace lies; UsageError when `trace_id` is no whole id."""
        if not TRACE_ID.fullmatch(trace_id):
            raise UsageError(
                f"{trace_id!r} is not a trace id (such as 20260131-120000-0a1b2c); see `ostinato trace list`"
            )
        return self._traces / f"{trace_id}.jsonl"

    def ids(self) -> list[str]:
        """Every trace, oldest first."""
        with disk_errors(self.folder):
            names = [name[:-6] for name in os.listdir(self._traces) if name.endswith(".jsonl")]  # noqa: PTH208
        return sorted(name for name in names if TRACE_ID.fullmatch(name))

    def resolve(self, trace_id: str) -> str:
        """The whole id for an id, a unique prefix of one, or `last`."""
        if TRACE_ID.fullmatch(trace_id) and self.journal(trace_id).exists():
            return trace_id
        if trace_id == "last":
            found = self.ids()[-1:]
        elif _PREFIX.fullmatch(trace_id):
            found = [known for known in self.ids() if known.startswith(trace_id)]
        else:
            raise UsageError(f"{trace_id!r} is not a trace id; see `ostinato trace list`")
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"{trace_id!r} begins {len(found)} trace ids; write more of it: {', '.join(found[:5])}")
        raise UsageError(f"{self.folder}: no trace {trace_id!r}; see `ostinato trace list`")

    def load(self, trace_id: str) -> Trace:
        """The trace with its screens' elements. Damage never hides the rest: it is named in `problems`."""
        trace = self._read(self.resolve(trace_id))
        problems = list(trace.problems)
        trees: dict[str, tuple[Element, ...]] = {}

        def hydrate(screen: Screen) -> Screen:
            if screen.tree is None:
                return screen
            if screen.tree not in trees:
                try:
                    trees[screen.tree] = _ELEMENTS.validate_json(self.blobs.get(screen.tree))
                except (StoreError, ValueError) as error:
                    trees[screen.tree] = ()
                    problems.append(
                        str(error)
                        if isinstance(error, StoreError)
                        else f"{self.blobs.path(screen.tree)}: not a list of elements"
                    )
            return screen.model_copy(update={"elements": trees[screen.tree]})

        steps = tuple(step.model_copy(update={"before": hydrate(step.before)}) for step in trace.steps)
        final = hydrate(trace.final) if trace.final else None
        return trace.model_copy(update={"steps": steps, "final": final, "problems": tuple(problems)})

    def bare(self, trace_id: str) -> Trace:
        """The trace without the elements of its screens: one file is read, and no blob."""
        return self._read(self.resolve(trace_id))

    def task(self, trace_id: str) -> str:
        """The words of a trace's task."""
        return self.bare(trace_id).task

    def _read(self, trace_id: str) -> Trace:
        path = self._known(trace_id)
        with disk_errors(self.folder):
            data = path.read_bytes()
        return journal.read(trace_id, path.name, data)

    def _known(self, trace_id: str) -> Path:
        path = self.journal(trace_id)
        if not path.exists():
            raise UsageError(f"{self.folder}: no trace {trace_id!r}; see `ostinato trace list`")
        return path

    def data(self, sha: str) -> AppData:
        """The app's data in a blob."""
        try:
            return AppData.model_validate(json.loads(self.blobs.get(sha)))
        except ValueError as error:
            raise FormatError(self.blobs.path(sha), "app data", str(error).splitlines()[0]) from error

    def verdicts(self, trace_id: str) -> list[Verdict]:
        """All verdicts on a trace, oldest first."""
        return self._verdicts.of(self.resolve(trace_id))

    def verdict(self, trace_id: str, rules: str) -> Verdict | None:
        """The verdict on a trace under the rules of this digest."""
        return self._verdicts.one(self.resolve(trace_id), rules)

    def verdict_files(self, trace_id: str) -> list[Path]:
        """The files that hold the verdicts on a trace."""
        return self._verdicts.files(trace_id)

    def fingerprint(self, trace_id: str) -> str:
        """A hash of all that was recorded in a trace: screens and data are in it by their own hashes."""
        path = self._known(self.resolve(trace_id))
        with disk_errors(self.folder):
            return hashlib.sha256(path.read_bytes()).hexdigest()[:16]

    def open_commits(
        self, task: str, app: str | None, place: str | None = None, doing: str | None = None
    ) -> list[Trace]:
        """Traces of this task (in any spelling of its words, or of `doing`) at this place (None: any) that did not
        end as done and sent, or may have sent, what cannot be taken back (see `Trace.unsettled`), and that were not
        followed by one that did; oldest first. A damaged trace whose task is lost counts for every task, one whose
        place is not known for every place."""

        marks = self.marks()
        said, done = [normal(storable(task))], [doing] if doing is not None else []
        apps, places = ([storable(one)] if one is not None else [] for one in (app, place))
        if marks is not None:  # so were those written that kept no values
            said, done = [*said, marks.of(said[0])], [*done, *map(marks.of, done)]
            kept = Privacy("redacted", marks)
            apps, places = ([*one, *(kept.place(there) or there for there in one)] for one in (apps, places))

        def unsettled() -> list[str]:
            self.catalogue.catch_up()
            return self.catalogue.index.unsettled_of(said, done, apps, places)

        return [self.load(trace_id) for trace_id in self.catalogue.asked(unsettled)]

    def marks(self, *, make: bool = False) -> Marks | None:
        """The marks of this store's traces that keep no values; None where it never had one, unless `make`."""
        return marks_in(self.folder, make=make)

    # -------------------------------------------------------------------------------------------- removing
    def delete(self, trace_ids: Iterable[str]) -> None:
        """Remove traces and their verdicts (all are looked up first); `gc` then frees their blobs."""
        gone = [self.resolve(trace_id) for trace_id in trace_ids]
        with disk_errors(self.folder):
            for trace_id in gone:
                self.journal(trace_id).unlink(missing_ok=True)
                self._verdicts.delete(trace_id)
        with suppress(SQLAlchemyError):
            self.catalogue.index.put([], gone)

    def gc(self, *, keep_days: float | None = None, keep_last: int | None = None, dry_run: bool = False) -> GcReport:
        """Remove what nothing needs any more (see `sweep`)."""
        return sweep(self, keep_days=keep_days, keep_last=keep_last, dry_run=dry_run)

    # -------------------------------------------------------------------------------------------- the index
    def rebuild(self) -> int:
        """Make the index anew from the files; how many traces it holds."""
        return self.catalogue.rebuild()

    def follow(self, trace_ids: Sequence[str]) -> None:
        """Bring the index up to date for these traces."""
        self.catalogue.follow(trace_ids)

    def close(self) -> None:
        self.catalogue.index.close()

    # last, because its name hides the built-in type from the annotations after it
    def list(
        self,
        *,
        limit: int = 50,
        before: str | None = None,
        app: str | None = None,
        text: str | None = None,
        status: str | None = None,
        batch: str | None = None,
        task: str | None = None,
    ) -> list[TraceSummary]:
        """A page, newest first; `before` is the last id of the page before it, `batch` the beginning of one, `task` the
        words of a task to the letter, also where they were not kept."""
        marks = self.marks() if task is not None else None
        said = [normal(storable(one)) for one in (task,) if one is not None]
        letters = [task] if task is not None else []
        if marks is not None:
            said, letters = [*said, *map(marks.of, said)], [*letters, *map(marks.of, letters)]

        def page() -> list[Row]:
            self.catalogue.catch_up()
            return self.catalogue.index.page(
                limit=max(limit, 0), before=before, app=app, text=text, status=status, batch=batch, said=said
            )

        found = [TraceSummary.model_validate(row) for row in self.catalogue.asked(page)]
        return [line for line in found if task is None or self._letters(line) in letters]

    def _letters(self, line: TraceSummary) -> str:
        """The words of a task, or the mark of them."""
        return self.bare(line.id).meta.get("to the letter", line.task) if MARK.search(line.task) else line.task
