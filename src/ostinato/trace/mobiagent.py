"""MobiAgent's folders: `1.jpg … N.jpg`, `N.xml` (optional), `actions.json`, `react.json` (optional).

Their actions are poorer than ours, so an exported action carries ours whole under `ostinato`. On import that
is believed only where it still says the same as MobiAgent's own fields: an edited file wins.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeGuard

from PIL import Image
from pydantic import ValidationError

from ostinato.errors import FormatError, StoreError, UsageError
from ostinato.trace.action import (
    Action,
    Answer,
    Back,
    Done,
    DoubleTap,
    Drag,
    Home,
    Key,
    LongPress,
    Open,
    Scroll,
    Select,
    Swipe,
    Tap,
    Type,
    Wait,
    action_adapter,
    target_of,
)
from ostinato.trace.blobs import disk_errors
from ostinato.trace.hierarchy import read_hierarchy, write_hierarchy
from ostinato.trace.record import Decision, Outcome, Result, Risk, Step, Trace
from ostinato.trace.screen import Box, Element, Point, Screen
from ostinato.trace.store import Store, new_id

Fields = dict[str, Any]
_NAMES = ("app_name", "task_type")
_HALF = re.compile("[\ud800-\udfff]")  # JSON can write these, and no file or terminal can show them
_LARGEST = 32 << 20  # bytes of one JSON file
_POINTED: dict[str, type[Tap] | type[DoubleTap] | type[LongPress]] = {
    "click": Tap,
    "double_click": DoubleTap,
    "long_press": LongPress,
}


# ------------------------------------------------------------------------------------------------ export
def export_mobiagent(store: Store, ids: Iterable[str], folder: Path) -> list[Path]:
    """Write each trace to `folder/ID/`; the folders. One that is there already is a UsageError."""
    traces = [store.load(trace_id) for trace_id in ids]
    if not traces:
        raise UsageError("no trace to export: name at least one id, or `last`")
    done: list[Path] = []
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for trace in traces:
            target = folder / trace.id
            if target.exists():
                raise UsageError(f"{target}: is there already; remove it or choose another folder")
            draft = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
            try:
                _write(store, trace, draft)
                draft.chmod(0o755)
                draft.replace(target)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            done.append(target)
    return done


def _write(store: Store, trace: Trace, folder: Path) -> None:
    actions, thoughts = [], []
    for number, step in enumerate(trace.steps, start=1):
        plain = to_fields(step.action, step.before)
        whole = action_adapter.dump_python(step.action, mode="json")
        actions.append({**plain, "action_index": number, "ostinato": whole})
        thoughts.append({"reasoning": step.decision.text, "function": _function(plain, step.action)})
        (folder / f"{number}.jpg").write_bytes(_jpeg(store, step.before))
        if step.before.elements:
            (folder / f"{number}.xml").write_bytes(write_hierarchy(step.before))
    head = {
        "app_name": trace.app,
        "task_type": trace.meta.get("task_type", ""),
        "task_description": trace.task,
        "action_count": len(actions),
        "actions": actions,
    }
    for name, content in (("actions.json", head), ("react.json", thoughts)):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=2), "utf-8", "surrogatepass")


def to_fields(action: Action, screen: Screen) -> Fields:
    """An action in MobiAgent's words, as near as they come."""
    target = target_of(action)
    bounds: Fields = {}
    if target is not None:
        box = target.box
        bounds = {"bounds": [box.left, box.top, box.left + box.width, box.top + box.height]}
    middle = Point(x=screen.width / 2, y=screen.height / 2)
    match action:
        case Tap() | DoubleTap() | LongPress():
            kind = next(name for name, pointed in _POINTED.items() if isinstance(action, pointed))
            return {"type": kind, "position_x": action.point.x, "position_y": action.point.y, **bounds}
        case Select():
            centre = action.element.box.center
            return {"type": "click", "position_x": centre.x, "position_y": centre.y, **bounds}
        case Type():
            return {"type": "input", "text": action.text}
        case Swipe() | Drag():
            return _swipe(action.start, action.end)
        case Scroll():
            start = target.box.center if target else middle
            return _swipe(start, Point(x=start.x - action.dx, y=start.y - action.dy))
        case Done():
            return {"type": "done", "status": "success" if action.success else "failed"}
        case Wait():
            return {"type": "wait", "seconds": action.seconds}
        case Key():
            return {"type": "key", "key": action.key}
        case Open():
            return {"type": "open", "url": action.url}
        case Answer():
            return {"type": "answer", "text": action.text}
        case _:
            return {"type": action.kind}


def _swipe(start: Point, end: Point) -> Fields:
    dx, dy = end.x - start.x, end.y - start.y
    direction = ("right" if dx > 0 else "left") if abs(dx) > abs(dy) else ("down" if dy > 0 else "up")
    return {
        "type": "swipe",
        "press_position_x": start.x,
        "press_position_y": start.y,
        "release_position_x": end.x,
        "release_position_y": end.y,
        "direction": direction,
    }


def _function(plain: Fields, action: Action) -> Fields:
    target = target_of(action)
    named = {"target_element": target.name or target.id or target.role} if target else {}
    kept = {key: plain[key] for key in ("text", "direction", "status", "key", "url", "seconds") if key in plain}
    return {"name": plain["type"], "parameters": {**named, **kept}}


def _jpeg(store: Store, screen: Screen) -> bytes:
    """The screenshot as JPEG; a white one of its size where none was kept."""
    picture = Image.new("RGB", (screen.width, screen.height), "white")
    if screen.screenshot is not None:
        with suppress(StoreError):
            data = store.blobs.get(screen.screenshot)
            if data.startswith(b"\xff\xd8\xff"):
                return data
            picture = Image.open(io.BytesIO(data)).convert("RGB")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


# ------------------------------------------------------------------------------------------------ import
def import_mobiagent(store: Store, folder: Path) -> list[str]:
    """Store every trace at or under a folder; their new ids. All are read before one is stored, and a
    FormatError names the file and field of the first fault."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    heads = [folder / "actions.json"] if (folder / "actions.json").is_file() else sorted(folder.rglob("actions.json"))
    if not heads:
        raise FormatError(folder, "actions.json", "neither in it nor below it: not a folder of MobiAgent traces")
    ids: set[str] = set()
    read = [_trace(head.parent, ids) for head in heads]
    added: list[str] = []
    try:
        for trace, blobs in read:
            added.append(store.add(trace, blobs))
    except BaseException:
        store.delete(added)
        raise
    return added


def _trace(folder: Path, taken: set[str]) -> tuple[Trace, dict[str, bytes]]:
    path = folder / "actions.json"
    head = _json(path)
    entries = _expect(path, head, "actions", list)
    count = head.get("action_count", len(entries))
    if count != len(entries):
        raise FormatError(path, "action_count", f"is {count!r}, but there are {len(entries)} actions")
    described = head.get("task_description")
    tasks = described if isinstance(described, list) else [described]
    if not tasks or not all(isinstance(task, str) for task in tasks):
        raise FormatError(path, "task_description", f"expected a text or a list of texts, found {described!r}")
    for name, text in [*(("task_description", task) for task in tasks), *((n, head.get(n)) for n in _NAMES)]:
        if isinstance(text, str) and _HALF.search(text):
            raise FormatError(path, name, f"{text!a} holds half of a character (a lone surrogate)")
    thoughts = _thoughts(folder / "react.json", len(entries))
    now = datetime.now(UTC)
    blobs: dict[str, bytes] = {}
    steps: list[Step] = []
    screen: Screen | None = None
    for number, entry in enumerate(entries, start=1):
        place = f"actions[{number - 1}]"
        if not isinstance(entry, dict):
            raise FormatError(path, place, f"expected an object, found {entry!r}")
        picture = folder / f"{number}.jpg"
        if picture.is_file() or screen is None or entry.get("type") != "done":
            width, height, data = _picture(picture)
            sha = hashlib.sha256(data).hexdigest()
            blobs[sha] = data
            xml = folder / f"{number}.xml"
            elements = read_hierarchy(xml) if xml.is_file() else ()
            screen = Screen(width=width, height=height, elements=elements, screenshot=sha, taken=now)
        action = from_fields(path, place, entry, screen)
        risk: Risk = "edit" if isinstance(action, Tap | DoubleTap | LongPress | Type | Select | Drag | Key) else "read"
        steps.append(
            Step(
                index=number - 1,
                before=screen,
                action=action,
                risk=risk,
                started=now,
                ended=now,
                decision=Decision(
                    source="model" if thoughts else "human", text=thoughts[number - 1] if thoughts else ""
                ),
                result=Result(ok=True),
            )
        )
    last = steps[-1].action if steps else None
    outcome = Outcome(claimed="stopped", reason="the folder has no done action")
    if isinstance(last, Done):
        outcome = Outcome(claimed="done" if last.success else "failed", reason=last.message)
    trace_id = new_id()
    while trace_id in taken:
        trace_id = new_id()
    taken.add(trace_id)
    meta = {"imported": "mobiagent", "task_type": str(head.get("task_type") or "")}
    if len(tasks) > 1:
        meta["other_wordings"] = json.dumps(tasks[1:], ensure_ascii=False)
    app = head.get("app_name")
    return Trace(
        id=trace_id,
        task=tasks[0],
        app=str(app) if app else None,
        agent="mobiagent",
        started=now,
        ended=now,
        steps=tuple(steps),
        outcome=outcome,
        meta=meta,
    ), blobs


def from_fields(path: Path, place: str, entry: Fields, screen: Screen) -> Action:
    """An action from MobiAgent's words."""
    if "ostinato" in entry:
        try:
            ours = action_adapter.validate_python(entry["ostinato"])
        except ValidationError as error:
            what = error.errors(include_url=False)[0]
            inside = ".".join(str(part) for part in ("ostinato", *what["loc"]))
            raise FormatError(path, f"{place}.{inside}", what["msg"]) from error
        plain = to_fields(ours, screen)
        if plain == {key: value for key, value in entry.items() if key in plain}:
            return ours

    def number(name: str) -> float:
        value = entry.get(name)
        if not _is_pixels(value):
            raise FormatError(path, f"{place}.{name}", f"expected pixels, found {_short(value)}")
        return float(value)

    def text(name: str) -> str:
        value = entry.get(name)
        if not isinstance(value, str):
            raise FormatError(path, f"{place}.{name}", f"expected a text, found {value!r}")
        return value

    match entry.get("type"):
        case "click" | "double_click" | "long_press" as kind:
            point = Point(x=number("position_x"), y=number("position_y"))
            return _POINTED[kind](point=point, element=_meant(path, place, entry, point, screen))
        case "swipe":
            start = Point(x=number("press_position_x"), y=number("press_position_y"))
            return Swipe(start=start, end=Point(x=number("release_position_x"), y=number("release_position_y")))
        case "input":
            return Type(
                text=text("text"),
                element=next((e for e in screen.elements if e.focused and e.editable), None),
            )
        case "done":
            status = str(entry.get("status", "success")).lower()
            return Done(success=not status.startswith(("fail", "err", "infeasible")))
        case "wait":
            return Wait(seconds=number("seconds")) if "seconds" in entry else Wait()
        case "back":
            return Back()
        case "home":
            return Home()
        case "key":
            return Key(key=text("key"))
        case "open":
            return Open(url=text("url"))
        case "answer":
            return Answer(text=text("text"))
        case other:
            raise FormatError(
                path,
                f"{place}.type",
                f"{other!r}; known are click, long_press, double_click, swipe, input, wait, done, back, "
                "home, key, open, answer",
            )


def _meant(path: Path, place: str, entry: Fields, point: Point, screen: Screen) -> Element | None:
    """The element with the clicked bounds, or else the one under the finger."""
    bounds = entry.get("bounds")
    if bounds is None:
        return screen.at_point(point)
    if not isinstance(bounds, list) or len(bounds) != 4 or not all(map(_is_pixels, bounds)):
        raise FormatError(path, f"{place}.bounds", f"expected [left, top, right, bottom], found {_short(bounds)}")
    left, top, right, bottom = map(float, bounds)
    box = Box(left=left, top=top, width=right - left, height=bottom - top)
    # of nested elements with the same bounds the innermost: it is the last in tree order
    same = [element for element in screen.elements if element.box == box]
    return same[-1] if same else screen.at_point(point)


def _is_pixels(value: Any) -> TypeGuard[float]:
    """A number that a screen can have; also none of those too large for a float, and no NaN."""
    return not isinstance(value, bool) and isinstance(value, int | float) and -1e6 <= value <= 1e6


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > _LARGEST:
            raise FormatError(path, "size", f"larger than {_LARGEST >> 20} MiB")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise FormatError(path, "file", str(error.strerror)) from error
    except (ValueError, RecursionError) as error:
        raise FormatError(path, "JSON", str(error)) from error


def _expect(path: Path, head: Any, name: str, kind: type[list[Any]]) -> list[Any]:
    if not isinstance(head, dict):
        raise FormatError(path, "JSON", f"expected an object, found {type(head).__name__}")
    value = head.get(name)
    if not isinstance(value, kind):
        raise FormatError(path, name, f"expected a {kind.__name__}, found {value!r}")
    return value


def _thoughts(path: Path, count: int) -> list[str]:
    """The reasoning for each action; nothing when there is no react.json."""
    if not path.is_file():
        return []
    entries = _json(path)
    if not isinstance(entries, list) or len(entries) != count:
        found = len(entries) if isinstance(entries, list) else type(entries).__name__
        raise FormatError(path, "list", f"expected {count} entries, as many as actions, found {found}")
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict) or not isinstance(entry.get("reasoning", ""), str):
            raise FormatError(path, f"[{number}].reasoning", "expected a text")
    return [entry.get("reasoning", "") for entry in entries]


def _picture(path: Path) -> tuple[int, int, bytes]:
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as picture:
            size = picture.size
            picture.load()
    except FileNotFoundError:
        raise FormatError(path, "file", "the screenshot is missing") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FormatError(path, "picture", f"cannot be read: {error}") from error
    return *size, data
