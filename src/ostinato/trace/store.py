"""The store: a folder of journals and blobs, and an index that can be thrown away.

traces/ID.jsonl   blobs/ab/cd/SHA   verdicts/ID/RULES.json   read/VERSION/ab/SHA.*.json   index.sqlite
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from ostinato.errors import FormatError, StoreError, UsageError
from ostinato.trace import journal
from ostinato.trace.blobs import SHA, Blobs, disk_errors, write_file
from ostinato.trace.data import AppData
from ostinato.trace.index import Index, Row, storable
from ostinato.trace.journal import Journal
from ostinato.trace.marks import MARK, Marks, marks_in
from ostinato.trace.privacy import Privacy
from ostinato.trace.record import CheckResult, Cost, Data, Outcome, Result, Step, Trace, Verdict
from ostinato.trace.screen import Element, Record, Screen
from ostinato.trace.values import normal
from ostinato.trace.verdicts import Verdicts

T = TypeVar("T")
_PAUSE = 86400.0  # how long a run may last without its blobs being taken for forgotten
GRACE = 3600.0  # seconds in which a blob or a journal counts as in use by a running phone
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


class GcReport(Record):
    """What was (or, in a dry run, would be) removed."""

    traces: tuple[str, ...]
    blobs: int
    bytes: int
    dry_run: bool


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
        self._index = Index(self.folder / "index.sqlite", index_url)

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
        before = self._put_data(data_before)
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
        self._follow([trace.id])
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
        self._follow([trace_id])
        return True

    def put_screen(self, screen: Screen) -> Screen:
        """Store the elements as the tree blob (unless they are) and return the screen with `tree` set."""
        if screen.tree is not None:
            return screen
        tree = self.blobs.put(journal.to_json(_ELEMENTS.dump_python(screen.elements, mode="json")))
        return screen.model_copy(update={"tree": tree})

    def _put_data(self, data: AppData | None) -> str | None:
        return None if data is None else self.blobs.put(journal.to_json(data.model_dump(mode="json")))

    def add_verdict(self, verdict: Verdict) -> None:
        """Keep a verdict; one of the same trace and rules is replaced."""
        self._known(verdict.trace)
        self._verdicts.add([verdict])
        self._follow([verdict.trace])

    def add_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Keep many at once, quickly (see `Verdicts.add`)."""
        for verdict in verdicts:
            self._known(verdict.trace)
        self._verdicts.add(verdicts, durable=False)
        with suppress(SQLAlchemyError, OSError):
            self._index.judged({verdict.trace: verdict.value for verdict in verdicts})

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
            self._catch_up()
            return self._index.unsettled_of(said, done, apps, places)

        return [self.load(trace_id) for trace_id in self._asked(unsettled)]

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
            self._index.put([], gone)

    def gc(self, *, keep_days: float | None = None, keep_last: int | None = None, dry_run: bool = False) -> GcReport:
        """Remove blobs that no journal or verdict names and, when asked, old traces: those that neither rule
        keeps. What was written within the last hour stays, and since the begin of a trace that is still written (a
        person who records may pause); so does a trace with an open commit."""
        fresh = min([time.time() - GRACE, *self._begins()])
        with disk_errors(self.folder):
            old = [key for key in self._outdated(keep_days, keep_last) if self._may_go(key, fresh)]
            candidates = [sha for sha in self.blobs.all() if self.blobs.path(sha).stat().st_mtime < fresh]
            used = self._blobs_named_by(set(self.ids()) - set(old))
            if not dry_run:
                self.delete(old)
            freed = removed = 0
            for sha in (sha for sha in candidates if sha not in used):
                state = self.blobs.path(sha).stat()
                if state.st_mtime >= fresh:  # put again meanwhile
                    continue
                removed, freed = removed + 1, freed + state.st_size
                if not dry_run:
                    self.blobs.delete(sha)
            for path in self.blobs.leftovers():
                if not dry_run and path.stat().st_mtime < fresh:
                    path.unlink(missing_ok=True)
            for path in () if dry_run else self.read.glob("*/??/*.json"):
                sha = path.name.partition(".")[0]
                if not (SHA.fullmatch(sha) and self.blobs.has(sha)):
                    path.unlink(missing_ok=True)
        return GcReport(traces=tuple(old), blobs=removed, bytes=freed, dry_run=dry_run)

    def _begins(self) -> list[float]:
        """When the traces of the last day that have not ended began."""

        def unfinished() -> list[str]:
            self._catch_up()
            return list(self._index.state()[1])

        begun = [datetime.strptime(key[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC) for key in self._asked(unfinished)]
        return [moment.timestamp() for moment in begun if moment.timestamp() > time.time() - _PAUSE]

    def _outdated(self, keep_days: float | None, keep_last: int | None) -> list[str]:
        if keep_days is None and keep_last is None:
            return []
        ids = self.ids()
        kept = set(ids[max(len(ids) - keep_last, 0) :]) if keep_last is not None else set()
        if keep_days is not None:
            since = f"{datetime.now(UTC) - timedelta(days=keep_days):%Y%m%d-%H%M%S}"
            kept |= {key for key in ids if key >= since}
        return [key for key in ids if key not in kept]

    def _may_go(self, trace_id: str, fresh: float) -> bool:
        if self.journal(trace_id).stat().st_mtime >= fresh:
            return False
        try:
            trace = self._read(trace_id)
        except FormatError:
            return False
        return trace.unsettled is None

    def _blobs_named_by(self, trace_ids: set[str]) -> set[str]:
        """Every hash in the journals and verdicts, damaged lines included."""
        used: set[str] = set()
        for trace_id in trace_ids:
            for path in (self.journal(trace_id), *self.verdict_files(trace_id)):
                with suppress(FileNotFoundError):
                    used.update(SHA.findall(path.read_text("utf-8", "replace")))
        return used

    # -------------------------------------------------------------------------------------------- the index
    def rebuild(self) -> int:
        """Make the index anew from the files; how many traces it holds."""
        return self._asked(self._rebuild)

    def _rebuild(self) -> int:
        self._index.recreate()
        rows = self._rows(self.ids())
        self._index.replace_all(rows)
        return len(rows)

    def _asked(self, question: Callable[[], T]) -> T:
        """An answer from the index: rebuilt when it is corrupt, kept in memory when it is read-only."""
        try:
            try:
                return question()
            except OperationalError as error:
                if "locked" in str(error) or self._index.url is not None:
                    raise
                self._index.in_memory()
                return question()
            except DatabaseError:
                self._rebuild()
                return question()
        except (SQLAlchemyError, OSError) as error:
            what = str(getattr(error, "orig", None) or error).splitlines()[0]
            advice = (
                "check that the database runs and may be reached"
                if self._index.url
                else "another process holds it: try again, or stop that process"
            )
            raise StoreError(
                f"{self.folder}: the index does not answer ({what}); {advice}. No trace is lost: "
                "the journals are whole, and the index follows them"
            ) from error

    def _follow(self, trace_ids: list[str]) -> None:
        """Bring rows up to date. A failure is no loss: the next list catches up."""
        with suppress(SQLAlchemyError, OSError):
            self._index.put(self._rows(trace_ids))

    def _catch_up(self) -> None:
        """Take in what failed writes left out: missing rows, and unfinished traces that grew."""
        ids = self.ids()
        count, unfinished = self._index.state()
        late = [key for key, size in unfinished.items() if _size(self._traces / f"{key}.jsonl") not in (size, None)]
        gone: set[str] = set()
        if count != len(ids) or any(_size(self._traces / f"{key}.jsonl") is None for key in unfinished):
            known = self._index.ids()
            gone = known - set(ids)
            late += [key for key in ids if key not in known]
        if late or gone:
            self._index.put(self._rows(late), gone)

    def _rows(self, trace_ids: Iterable[str]) -> list[Row]:
        rows = [self._row(trace_id) for trace_id in trace_ids]
        return [row for row in rows if row is not None]

    def _row(self, trace_id: str) -> Row | None:
        size = _size(self.journal(trace_id))
        if size is None:
            return None
        verdict = None
        with suppress(StoreError):
            judged = self.verdicts(trace_id)
            verdict = judged[-1].value if judged else None
        try:
            trace, status = self._read(trace_id), ""
        except StoreError as error:
            trace, status = (
                Trace(id=trace_id, task=str(error), started=datetime.fromtimestamp(0, UTC)),
                "unreadable",
            )
        row: Row = {
            "id": trace_id,
            "task": trace.task,
            "app": trace.app,
            "place": trace.place,
            "batch": trace.batch,
            "phone": trace.phone,
            "agent": trace.agent,
            "started": trace.started.isoformat(),
            "seconds": trace.seconds,
            "status": status or trace.status,
            "steps": trace.acts,
            "replayed": sum(s.decision.source == "replay" for s in trace.steps),
            "calls": trace.cost.calls,
            "verdict": verdict,
            "words": f"{trace.task} {trace.app or ''}".casefold(),
            "said": trace.meta.get("said", "") if trace.private else normal(trace.task),
            "doing": trace.meta.get("doing") if trace.private and trace.doing is not None else trace.doing,
            "unsettled": trace.unsettled is not None,
            "open": trace.ended is None,
            "size": size,
        }
        return {name: storable(value) for name, value in row.items()}

    def close(self) -> None:
        self._index.close()

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
            self._catch_up()
            return self._index.page(
                limit=max(limit, 0), before=before, app=app, text=text, status=status, batch=batch, said=said
            )

        found = [TraceSummary.model_validate(row) for row in self._asked(page)]
        return [line for line in found if task is None or self._letters(line) in letters]

    def _letters(self, line: TraceSummary) -> str:
        """The words of a task, or the mark of them."""
        return self.bare(line.id).meta.get("to the letter", line.task) if MARK.search(line.task) else line.task


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


class TraceWriter:
    """Writes one trace. Leaving it without `end` leaves an interrupted trace."""

    def __init__(self, store: Store, trace_id: str, file: Journal) -> None:
        self.id = trace_id
        self._store = store
        self._journal = file
        self._intents: set[int] = set()
        self._results: set[int] = set()
        self._ended = False

    def put_screen(self, screen: Screen) -> Screen:
        """Store the elements as the tree blob and return the screen with `tree` set."""
        return self._store.put_screen(screen)

    def intent(self, step: Step) -> None:
        """Say what will be done; it is on disk when this returns, so that a crash cannot hide it."""
        if step.index in self._intents:
            raise UsageError(f"{self.id}: step {step.index} was already begun")
        stored = step.model_copy(update={"before": self.put_screen(step.before)})
        self._write("intent", journal.intent_body(stored), durable=True)
        self._intents.add(step.index)

    def result(self, index: int, result: Result, ended: datetime, checks: tuple[CheckResult, ...]) -> None:
        """Say what became of it."""
        if index not in self._intents or index in self._results:
            raise UsageError(f"{self.id}: step {index} was not begun, or has its result")
        self._write("result", journal.result_body(index, result, ended, checks))
        self._results.add(index)

    def note(self, **meta: str) -> None:
        """Add to the trace's `meta`."""
        self._write("note", {"meta": meta})

    def end(self, *, outcome: Outcome, final: Screen | None, cost: Cost, data_after: AppData | None) -> Trace:
        """Close the trace and return it as it reads from disk."""
        after = self._store._put_data(data_after)
        last = self.put_screen(final) if final else None
        self._write("end", journal.end_body(datetime.now(UTC), outcome, last, cost, after), durable=True)
        self._ended = True
        self._journal.close()
        self._store._follow([self.id])
        return self._store.load(self.id)

    def data(self, sha: str) -> AppData:
        """The app's data in a blob of this trace."""
        return self._store.data(sha)

    def close(self) -> None:
        """Stop writing; without `end` the trace reads as interrupted."""
        if not self._ended:
            self._ended = True
            self._journal.close()
            self._store._follow([self.id])

    def _write(self, kind: str, body: dict[str, Any], *, durable: bool = False) -> None:
        if self._ended:
            raise UsageError(f"{self.id}: the trace is closed")
        with disk_errors(self._store.folder):
            self._journal.write(kind, body, durable=durable)

    def __enter__(self) -> TraceWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def kept_screen(store: Store, screen: Screen, privacy: Privacy, picture: Callable[[str], bytes]) -> Screen:
    """Store what a run's privacy leaves of a screen, and return that: with its elements, and with the picture that is
    stored of it. `picture` gives the screenshot of a sha256."""
    kept = privacy.screen(screen)
    if screen.screenshot is not None and privacy.mode == "redacted":
        image = privacy.picture(picture(screen.screenshot), screen, kept)
        kept = kept.model_copy(update={"screenshot": store.blobs.put(image)})
    return store.put_screen(kept)


class PrivateWriter(TraceWriter):
    """Writes a trace as its privacy leaves it, and holds it whole until it ends."""

    def __init__(
        self,
        store: Store,
        trace: Trace,
        file: Journal,
        privacy: Privacy,
        picture: Callable[[str], bytes],
        data_before: AppData | None,
    ) -> None:
        super().__init__(store, trace.id, file)
        self.privacy = privacy
        self._picture = picture
        self._steps: dict[int, Step] = {}
        self._shown: tuple[Screen, Screen] | None = None
        self._begun, self._data = trace, {trace.data.before: data_before}

    def put_screen(self, screen: Screen) -> Screen:
        """Store what is kept of a screen, and return the screen itself."""
        self.kept(screen)
        return screen

    def kept(self, screen: Screen) -> Screen:
        """What is kept of a screen: with its elements, and with the picture that is stored of it."""
        if screen.tree is not None:  # it is what is kept
            return screen
        if self._shown is None or self._shown[0] is not screen:
            self._shown = screen, kept_screen(self._store, screen, self.privacy, self._picture)
        return self._shown[1]

    def intent(self, step: Step) -> None:
        """Say what will be done; it is on disk when this returns, so that a crash cannot hide it."""
        super().intent(self.privacy.step(step, self.kept(step.before)))
        self._steps[step.index] = step.model_copy(update={"before": self._seen(step.before)})

    def _seen(self, screen: Screen) -> Screen:
        """The whole screen, with that picture of it which can be had later, too."""
        kept = self.kept(screen)
        return screen.model_copy(update={"screenshot": kept.screenshot, "tree": kept.tree})

    def result(self, index: int, result: Result, ended: datetime, checks: tuple[CheckResult, ...]) -> None:
        """Say what became of it."""
        super().result(index, self.privacy.result(result), ended, self.privacy.checks(checks))
        known = {"result": result, "ended": ended, "checks": checks}
        self._steps[index] = self._steps[index].model_copy(update=known)

    def note(self, **meta: str) -> None:
        """Add to the trace's `meta`."""
        super().note(**self.privacy.meta(meta))

    def end(self, *, outcome: Outcome, final: Screen | None, cost: Cost, data_after: AppData | None) -> Trace:
        """Close the trace and return it whole, as nobody can read it from disk."""
        seen = self._seen(final) if final is not None else None
        kept = super().end(
            outcome=self.privacy.outcome(outcome),
            final=self.kept(final) if final is not None else None,
            cost=cost,
            data_after=self.privacy.data(data_after) if data_after is not None else None,
        )
        self._data[kept.data.after] = data_after
        steps = tuple(self._steps[index] for index in sorted(self._steps))
        known = {name: getattr(self._begun, name) for name in ("task", "app", "place", "slots", "meta")}
        return kept.model_copy(update={**known, "steps": steps, "outcome": outcome, "final": seen})

    def data(self, sha: str) -> AppData:
        """The app's data in a blob of this trace, whole."""
        return self._data.get(sha) or super().data(sha)
