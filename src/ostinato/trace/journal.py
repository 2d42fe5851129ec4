"""The journal of one trace: JSON lines that are only ever appended. It is the truth; all else can be rebuilt.

    {"crc":"1c291ca3","line":"begin","schema":1,"id":…,"task":…}
    {"crc":"…","line":"intent","risk":"edit","step":{…}}          on disk before the action runs
    {"crc":"…","line":"result","index":0,"result":{…},"ended":…,"checks":[…]}
    {"crc":"…","line":"note","meta":{…}}
    {"crc":"…","line":"end","ended":…,"outcome":{…},"final":{…},"cost":{…},"data_after":…}

`crc` is the CRC-32 of the text after it. Reading keeps every line that is whole and names those that are not.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ostinato.trace.migrate import Body, migrate
from ostinato.trace.record import SCHEMA, CheckResult, Cost, Data, Outcome, Result, Step, Trace
from ostinato.trace.screen import Screen

_MARK = b'{"crc":"'
_JOINT = re.compile(rb'(?<=\}).(?=\{"crc":"[0-9a-f]{8}","line":")', re.DOTALL)  # a newline that was lost
_HARMLESS = re.compile(rb'\A\{"crc":"[0-9a-f]{8}","line":"(?:begin"|result"|note"|end"|intent","risk":"(?:read|edit)")')
_HEAD = len(_MARK) + 8 + len(b'",')
_CHECKS: TypeAdapter[tuple[CheckResult, ...]] = TypeAdapter(tuple[CheckResult, ...])


# ------------------------------------------------------------------------------------------------ lines
@dataclass(frozen=True)
class Line:
    number: int
    kind: str
    body: Body


def to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def encode(kind: str, body: Body) -> bytes:
    """One line, with its newline."""
    rest = to_json({"line": kind, **body})[1:]
    return _MARK + f"{zlib.crc32(rest):08x}".encode() + b'",' + rest + b"\n"


def decode(data: bytes) -> tuple[list[Line], list[str]]:
    """All whole lines, and what is wrong with the others (`line 3: …`)."""
    lines: list[Line] = []
    problems: list[str] = []
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if not raw:
            continue
        parts = _JOINT.split(raw)
        whole = [line for part in parts if (line := _whole(number, part) or _whole(number, part[:-1]))]
        lines += whole
        if len(whole) != 1 or _whole(number, raw) is None:
            cut = number == data.count(b"\n") + 1
            problems.append(f"line {number}: {'cut off' if cut else 'damaged (its checksum does not fit)'}")
    return lines, problems


def may_hide_commit(data: bytes) -> bool:
    """Whether a damaged line may have been the intent of an irreversible step: all that do not clearly begin as
    something else."""
    parts = (part for raw in data.split(b"\n") if raw and _whole(0, raw) is None for part in _JOINT.split(raw))
    return any(not _HARMLESS.match(p) for p in parts if not (_whole(0, p) or _whole(0, p[:-1])))


def _whole(number: int, raw: bytes) -> Line | None:
    rest = raw[_HEAD:]
    if not rest or raw[:_HEAD] != _MARK + f"{zlib.crc32(rest):08x}".encode() + b'",':
        return None
    try:
        body = json.loads((b"{" + rest).decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None
    kind = body.pop("line", None) if isinstance(body, dict) else None
    return Line(number, kind, body) if isinstance(kind, str) else None


# ------------------------------------------------------------------------------------------------ writing
class Journal:
    """A file that must not exist yet (FileExistsError). Failures are OSErrors and leave whole lines only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o644)
        self._size = 0
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def write(self, kind: str, body: Body, *, durable: bool) -> None:
        """Append a line; when `durable`, it is on disk when this returns."""
        data = encode(kind, body)
        try:
            done = 0
            while done < len(data):
                done += os.write(self._file, data[done:])
            if durable:
                os.fsync(self._file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise
        self._size += len(data)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def begin_body(trace: Trace) -> Body:
    known = trace.model_dump(
        mode="json",
        include={"id", "task", "app", "place", "batch", "phone", "agent", "seed", "started", "slots", "meta"},
    )
    body = {"schema": SCHEMA, **known, "data_before": trace.data.before}
    if trace.hides_commit:
        body["hides_commit"] = True
    return {**body, "problems": list(trace.problems)} if trace.problems else body


def intent_body(step: Step) -> Body:
    return {
        "risk": step.risk,  # again here, near the start: half a line still tells whether it could be taken back
        "step": step.model_dump(
            mode="json", exclude={"before": {"elements"}, "result": True, "ended": True, "checks": True}
        ),
    }


def result_body(index: int, result: Result, ended: datetime | None, checks: tuple[CheckResult, ...]) -> Body:
    return {
        "index": index,
        "result": result.model_dump(mode="json"),
        "ended": ended.isoformat() if ended else None,
        "checks": _CHECKS.dump_python(checks, mode="json"),
    }


def end_body(
    ended: datetime | None, outcome: Outcome | None, final: Screen | None, cost: Cost, data_after: str | None
) -> Body:
    return {
        "ended": ended.isoformat() if ended else None,
        "outcome": outcome.model_dump(mode="json") if outcome else None,
        "final": final.model_dump(mode="json", exclude={"elements"}) if final else None,
        "cost": cost.model_dump(mode="json"),
        "data_after": data_after,
    }


def whole_journal(trace: Trace) -> bytes:
    """The journal that reads as this trace (elements left out: they are in the tree blobs)."""
    lines = [encode("begin", begin_body(trace))]
    for step in trace.steps:
        lines.append(encode("intent", intent_body(step)))
        if step.result is not None:
            lines.append(encode("result", result_body(step.index, step.result, step.ended, step.checks)))
    if trace.ended or trace.outcome or trace.final or trace.data.after or trace.cost != Cost():
        lines.append(encode("end", end_body(trace.ended, trace.outcome, trace.final, trace.cost, trace.data.after)))
    return b"".join(lines)


# ------------------------------------------------------------------------------------------------ reading
def read(trace_id: str, file: str, data: bytes) -> Trace:
    """The trace in a journal, without the screens' elements. What is damaged becomes `problems`, each with
    the file's name, the line and what is wrong; FormatError only when a newer Ostinato wrote the journal."""
    lines, damage = decode(data)
    problems = [f"{file}: {text}" for text in damage]
    first = next((line for line in lines if line.kind == "begin"), None)
    schema = first.body.get("schema", SCHEMA) if first else SCHEMA
    if first is None:
        problems.append(f"{file}: the begin line is missing")
    known: Body = {"task": "", "started": _time_in(trace_id)}
    steps: dict[int, Step] = {}
    for line in lines:
        try:
            _take(line.kind, migrate(file, schema, line.kind, line.body), known, steps)
        except ValidationError as error:
            what = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in what["loc"]) or line.kind
            problems.append(f"{file}: line {line.number}: {place}: {what['msg']}")
        except (KeyError, TypeError, ValueError) as error:
            problems.append(f"{file}: line {line.number}: {line.kind}: {error}")
    problems += known.pop("problems", [])
    hides_commit = known.pop("hides_commit", False) or (bool(damage) and may_hide_commit(data))
    if first is None:
        known.update(_salvaged(data))
    data_of_app = Data(before=known.pop("data_before", None), after=known.pop("data_after", None))
    ordered = tuple(steps[index] for index in sorted(steps))
    return Trace(
        **{**known, "id": trace_id},
        data=data_of_app,
        steps=ordered,
        problems=tuple(problems),
        hides_commit=hides_commit,
    )


def _salvaged(data: bytes) -> Body:
    """The task and the app from a damaged first line, as far as they can still be read."""
    found: Body = {}
    for key in ("task", "app"):
        said = re.search(rb'"%s":("(?:[^"\\]|\\.)*")' % key.encode(), data.split(b"\n", 1)[0])
        with suppress(ValueError):
            if said:
                found[key] = json.loads(said[1].decode("utf-8", "surrogatepass"))
    return found


def _take(kind: str, body: Body, known: Body, steps: dict[int, Step]) -> None:
    """Take one line into what is known; raises when the line does not fit, and then takes nothing of it."""
    match kind:
        case "begin":
            whole = {key: value for key, value in body.items() if key != "schema"}
            plain = {key: value for key, value in whole.items() if key not in ("data_before", "problems")}
            Trace(**plain)
            Data(before=whole.get("data_before"))
            known.update(whole)
        case "intent":
            step = Step.model_validate(body["step"])
            if step.index in steps:
                raise ValueError(f"step {step.index} stands there twice")
            steps[step.index] = step
        case "result":
            step = steps.get(body["index"])  # type: ignore[assignment]
            if step is None:
                raise ValueError(f"result of step {body['index']}, whose intent is lost")
            parts = {key: body[key] for key in ("result", "ended", "checks")}
            steps[step.index] = Step.model_validate({**dict(step), **parts})
        case "note":
            meta = Trace(id="", task="", started=datetime.now(UTC), meta=body["meta"]).meta
            known["meta"] = {**known.get("meta", {}), **meta}
        case "end":
            after = Data(after=body.pop("data_after", None)).after
            checked = Trace(id="", task="", started=datetime.now(UTC), **body)
            known.update(
                ended=checked.ended,
                outcome=checked.outcome,
                final=checked.final,
                cost=checked.cost,
                data_after=after,
            )
        case _:
            raise ValueError("a kind of line that this Ostinato does not know")


def _time_in(trace_id: str) -> datetime:
    try:
        return datetime.strptime(trace_id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
