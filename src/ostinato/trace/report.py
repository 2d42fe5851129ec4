"""A report: one or more traces as one HTML file that needs nothing else, to look at rather than read."""

from __future__ import annotations

import base64
import itertools
import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined

from ostinato.errors import OstinatoError, StoreError, UsageError
from ostinato.trace.action import Action, describe, target_of
from ostinato.trace.record import Step, Trace, Verdict
from ostinato.trace.screen import Box, Point, Screen


class Blobs(Protocol):
    def get(self, sha: str) -> bytes: ...


class Traces(Protocol):
    """What a report needs of a store (`ostinato.trace.store.Store` is one)."""

    @property
    def blobs(self) -> Blobs: ...

    def load(self, trace_id: str) -> Trace: ...

    def verdicts(self, trace_id: str) -> list[Verdict]: ...


@dataclass(frozen=True)
class Picture:
    """A screenshot with what was touched. `source` is a data URL, or None when it is `missing` for that reason.
    Lengths are pixels of the screenshot; `mark` is the stroke of the overlay."""

    width: int
    height: int
    source: str | None
    missing: str
    place: str
    box: Box | None = None
    point: Point | None = None
    line: tuple[Point, Point] | None = None
    tip: str = ""
    mark: float = 3.0


@dataclass(frozen=True)
class StepView:
    step: Step
    words: str
    picture: Picture
    state: str
    seconds: float | None
    problem: str


@dataclass(frozen=True)
class Shot:
    """One of the screens that a judge looked at: where on the page it is, and what to call it."""

    picture: Picture
    anchor: str
    image: str
    name: str


@dataclass(frozen=True)
class TraceView:
    trace: Trace
    anchor: str
    name: str
    steps: list[StepView]
    final: Picture | None
    verdicts: list[Verdict]
    verdict_problem: str
    counts: Counter[str]
    replayed: int
    acts: int
    stopped: str

    @property
    def shots(self) -> list[Shot]:
        """The screens in the order of `SubstateResult.at`: before each step, and at the end."""
        shots = [
            Shot(item.picture, f"{self.anchor}-{n}", f"{self.anchor}-shot-{n}", f"before step {n}")
            for n, item in enumerate(self.steps, start=1)
        ]
        last = [Shot(self.final, f"{self.anchor}-end", f"{self.anchor}-shot-end", "at the end")] if self.final else []
        return shots + last


def write_report(
    store: Traces,
    trace_ids: Sequence[str],
    path: Path,
    *,
    title: str | None = None,
    intro: str | None = None,
    rows: Sequence[Mapping[str, str]] | None = None,
) -> Path:
    """Write a page about these traces, the first one open, and return its path.

    `rows` is a table to stand above them; its columns are the keys of the first row. A screenshot that is gone is
    said in its place. Raises UsageError without traces, StoreError when the file cannot be written."""
    if not trace_ids:
        raise UsageError("a report needs at least one trace; see `ostinato trace list`")
    views = [_view(store, trace_id, number) for number, trace_id in enumerate(trace_ids, start=1)]
    environment = Environment(
        loader=PackageLoader("ostinato.trace"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(seconds=_seconds, clock=lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}")
    page = environment.get_template("report.html").render(
        title=title or (views[0].trace.task if len(views) == 1 else f"{len(views)} runs"),
        intro=intro, rows=list(rows or ()), views=views, pairs=_pairs(views), many=len(views) > 1,
    )  # fmt: skip
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(page, "utf-8", errors="replace")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StoreError(f"{path}: the report cannot be written: {error.strerror}; name another file") from error
    return path


def _view(store: Traces, trace_id: str, number: int) -> TraceView:
    trace = store.load(trace_id)
    verdicts: list[Verdict] = []
    problem = ""
    try:
        verdicts = store.verdicts(trace.id)
    except StoreError as error:
        problem = str(error)
    checks = [check for step in trace.steps for check in step.checks]
    return TraceView(
        trace=trace,
        anchor=f"run{number}",
        name=_name(trace),
        steps=[_step(store, trace, step) for step in trace.steps],
        final=_picture(store, trace.final, None) if trace.final else None,
        verdicts=verdicts[::-1],
        verdict_problem=problem,
        counts=Counter(check.value for check in checks),
        replayed=sum(step.decision.source == "replay" for step in trace.steps if step.action.kind != "done"),
        acts=sum(step.action.kind != "done" for step in trace.steps),
        stopped=_stopped(trace),
    )


def _name(trace: Trace) -> str:
    sources = {step.decision.source for step in trace.steps}
    if "replay" in sources:
        return "replay"
    return {"human": "recording", "script": "script", "model": "model run"}.get(min(sources, default=""), "run")


def _stopped(trace: Trace) -> str:
    """Where and why a run ended before its task was done; empty when it was done."""
    if trace.status == "done":
        return ""
    reason = trace.outcome.reason if trace.outcome else ""
    last = next((step for step in reversed(trace.steps) if step.action.kind != "done"), None)
    if last is None:
        return reason or "The run ended before its first step."
    where = f"step {last.index + 1} ({describe(last.action)})"
    if last.result is None:
        known = f"The run was cut off in {where}: whether it happened is not known."
    elif not last.result.ok:
        known = f"The run ended at {where}, which failed."
    else:
        known = f"The last step known is {where}."
    return f"{reason.rstrip('.')}. {known}" if reason else known


def _step(store: Traces, trace: Trace, step: Step) -> StepView:
    if step.result is None:
        state, problem = "unknown", "No result is known: the run was cut off here, and the action may have happened."
    elif not step.result.ok:
        touched = "" if step.result.touched else " Nothing was touched."
        state, problem = "bad", (step.result.error or "The action failed.") + touched
    elif any(check.value != "true" and check.severity == "must" for check in step.checks):
        state, problem = "bad", ""
    else:
        state, problem = "good", ""
    return StepView(
        step=step,
        words=describe(step.action),
        picture=_picture(store, step.before, step.action),
        state=state,
        seconds=(step.ended - step.started).total_seconds() if step.ended else None,
        problem=problem,
    )


def _picture(store: Traces, screen: Screen, action: Action | None) -> Picture:
    source, missing = None, ""
    if screen.screenshot is None:
        missing = "no screenshot was taken"
    else:
        try:
            image = store.blobs.get(screen.screenshot)
            kind = "png" if image.startswith(b"\x89PNG") else "webp" if image[8:12] == b"WEBP" else "jpeg"
            source = f"data:image/{kind};base64,{base64.b64encode(image).decode('ascii')}"
        except (OstinatoError, OSError, KeyError) as error:
            missing = f"the screenshot is missing or damaged: {error}"
    target = target_of(action) if action is not None else None
    line = _line(screen, action)
    mark = max(screen.width / 130, 1.5)
    return Picture(
        width=max(screen.width, 1),
        height=max(screen.height, 1),
        source=source,
        missing=missing,
        place=screen.title or screen.url or screen.package or "",
        box=target.box if target is not None else None,
        point=getattr(action, "point", None),
        line=line,
        tip=_tip(*line, size=mark * 4) if line else "",
        mark=mark,
    )


def _line(screen: Screen, action: Action | None) -> tuple[Point, Point] | None:
    """The way of a finger over the screen: a scroll to what is below moves the finger up."""
    if action is None:
        return None
    if action.kind in ("swipe", "drag"):
        return action.start, action.end
    if action.kind != "scroll" or not (action.dx or action.dy):
        return None
    middle = action.element.box.center if action.element else Point(x=screen.width / 2, y=screen.height / 2)
    room = min(screen.width, screen.height) * 0.35
    shrink = min(1.0, room / math.hypot(action.dx, action.dy)) / 2
    dx, dy = action.dx * shrink, action.dy * shrink
    return Point(x=middle.x + dx, y=middle.y + dy), Point(x=middle.x - dx, y=middle.y - dy)


def _tip(start: Point, end: Point, size: float) -> str:
    """The points of an arrow head at `end`, for an SVG polygon."""
    angle = math.atan2(end.y - start.y, end.x - start.x)
    corners = [(end.x, end.y)]
    corners += [(end.x - size * math.cos(angle + turn), end.y - size * math.sin(angle + turn)) for turn in (-0.5, 0.5)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _pairs(views: list[TraceView]) -> list[list[StepView | None]]:
    """The steps of several runs side by side, by position, without what the runs say at their end; empty for one."""
    if len(views) < 2:
        return []
    acts = [[item for item in view.steps if item.step.action.kind != "done"] for view in views]
    return [list(pair) for pair in itertools.zip_longest(*acts)]


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 60 else f"{value // 60:.0f} min {value % 60:02.0f} s"
