"""Pages of MiniWoB++ learnt from people's demonstrations, and played on the live pages with new seeds.

A demonstration is what a person did with mouse and keys, and what the page was like at each event. Each moment is put
into the live page again, so that it is seen by the phone as any page is; what was touched is found by where it stands.
What comes out is a recording like any other, of a person; the store that holds it is thrown away. Nothing of a
demonstration is printed or kept but counts: they have no licence."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.agent_pages import reward_of
from benchmarks.parts import progress
from benchmarks.replay_runs import Parted, Run, Stage
from ostinato.errors import FormatError, LearnError, MatchError, OstinatoError, SetupError
from ostinato.phone.apps.miniwob import MiniWoB
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.replay.match import match
from ostinato.trace.action import Action, Drag, Select, Tap, Type
from ostinato.trace.record import Cost, Decision, Outcome, Result, Step, Trace
from ostinato.trace.risk import risk_of
from ostinato.trace.screen import Element, Point, Screen

SHOW = Path(__file__).with_name("demonstrations.js")
_MOST_PAIRS = 30  # combinations of recordings that are tried for one form of a page's words
_LEARN_FROM = 3
_TAB, _ENTER, _SHIFT = 9, 13, (16, 17, 18, 20)
_FIELDS = ("INPUT_text", "INPUT_password", "INPUT_number", "INPUT_date", "INPUT_time", "TEXTAREA")
_DRAGGED = 12.0  # pixels of a page that is 160 wide
_LARGE, _MANY = 6000.0, 12  # pixels and nodes of what is scrolled, not touched

Node = dict[str, Any]


@dataclass(frozen=True)
class Deed:
    """What a person did at a moment: to which node, with which text; `moment` is the number of the state before it."""

    kind: str
    moment: int
    ref: int
    text: str = ""
    enter: bool = False
    end: int | None = None


class Unread(Exception):
    """A demonstration that cannot become a recording; says why, in a few words that are the same for all such."""


def folder_in(data: Path) -> Path:
    """The demonstrations in a folder of data sets. Raises SetupError that says where they come from."""
    found = data / "miniwob_demos"
    if not found.is_dir():
        raise SetupError(
            f"{data} has no folder miniwob_demos: put the demonstrations of stanfordnlp/miniwob-plusplus-demos there "
            "(TASK/NAME.json.gz), or name the folder that holds them with --data"
        )
    return found


def pages(data: Path) -> list[str]:
    return sorted(path.name for path in folder_in(data).iterdir() if path.is_dir())


def read(file: Path) -> dict[str, Any]:
    """A demonstration: utterance, states (time, dom, action), rewards. Raises FormatError."""
    try:
        found: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
        states = found["states"]
        if not isinstance(found["utterance"], str | dict) or not states or not all("dom" in state for state in states):
            raise ValueError("it has no utterance or no states")
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise FormatError(str(file), "demonstration", f"not one of MiniWoB++: {error}") from None
    return found


# ---- what was done -----------------------------------------------------------------------------------------


def deeds(states: Sequence[dict[str, Any]]) -> list[Deed]:
    """What a person did, in order. Raises Unread."""
    found: list[Deed] = []
    last = len(states) - 1
    for number, state in enumerate(states):
        action = state["action"]
        if action is None or action.get("timing") != 1:
            continue
        if action["type"] == "mousedown":
            found += _pressed(states, number)
        elif action["type"] == "keydown" and action.get("keyCode") not in _SHIFT:
            typed = _typed(states, number, last)
            if typed is None:
                continue
            before = found[-1] if found else None
            if before is not None and before.kind == "type" and before.ref == typed.ref:
                typed = Deed("type", before.moment, typed.ref, typed.text, typed.enter or before.enter)
                found.pop()
            found.append(typed)
    if not found:
        raise Unread("nothing was done")
    return found


def _pressed(states: Sequence[dict[str, Any]], number: int) -> Iterator[Deed]:
    node = touched(states[number]["dom"])
    if node is None:
        return  # beside everything: it did nothing
    if node["tag"] == "LABEL":  # which is touched for what it names
        node = next((part for part in nodes(node) if part["tag"].startswith("INPUT")), node)
    if node["tag"] == "OPTION":
        holder = next(n for n in nodes(states[number]["dom"]) if node in n.get("children", ()))
        holder = (
            holder
            if holder["tag"] == "SELECT"
            else next(
                n for n in nodes(states[number]["dom"]) if n["tag"] == "SELECT" and holder in n.get("children", ())
            )
        )
        yield Deed("select", number, holder["ref"], str(node.get("text") or ""))
        return
    if node["tag"] == "SELECT":  # it opened
        return
    after = states[number + 1 :]
    until = next((n for n, s in enumerate(after) if _is(s, "mousedown") and s["action"]["timing"] == 1), len(after))
    up = next((state for state in after[:until] if _is(state, "mouseup") and state["action"]["timing"] == 1), None)
    if up is not None:
        apart = max(abs(up["action"][axis] - states[number]["action"][axis]) for axis in ("x", "y"))
        other = touched(up["dom"])
        if apart > _DRAGGED and other is not None and other["ref"] != node["ref"]:
            yield Deed("drag", number, node["ref"], end=other["ref"])
            return
        if apart > _DRAGGED:  # a scroll bar, or a text that was marked
            return
    if node["width"] * node["height"] > _LARGE and len(list(nodes(node))) > _MANY:
        return  # a box with a scroll bar
    yield Deed("tap", number, node["ref"])


def touched(dom: Node) -> Node | None:
    """What an event went to; None where that is the page itself."""
    found = next((node for node in reversed(list(nodes(dom))) if node.get("recordingTarget")), None)
    if found is None or found["tag"] in ("BODY", "FORM", "HTML") or found.get("id") in ("wrap", "area", "query"):
        return None
    return found


def _typed(states: Sequence[dict[str, Any]], number: int, last: int) -> Deed | None:
    """What stands in the field that has the focus when the typing is over; None for keys that type nothing."""
    field = _focused(states[number]["dom"])
    if field is None or not field["tag"].startswith(_FIELDS):
        field = _written(states, number)
    if field is None:
        if states[number]["action"].get("keyCode") in (_TAB, _ENTER):
            return None
        raise Unread("keys beside every field")
    enter = False
    end = number
    for later in range(number, len(states)):
        action = states[later]["action"]
        if action is None:
            continue
        if action["type"] == "mousedown" and action["timing"] == 1:
            break
        if action["type"] == "keydown" and action["timing"] == 1:
            if action.get("keyCode") == _ENTER:
                enter = True
                break
            now = _focused(states[later]["dom"])
            other = now is not None and now["tag"].startswith(_FIELDS) and now["ref"] != field["ref"]
            if action.get("keyCode") == _TAB or other:
                break
        end = later
    value = _value(states[min(end, last)]["dom"], field["ref"])
    before = _value(states[number]["dom"], field["ref"])
    if value is None or (value == before and not enter):
        return None
    return Deed("type", number, field["ref"], str(value), enter)


def _written(states: Sequence[dict[str, Any]], number: int) -> Node | None:
    """The field that holds something else after a key, where none is said to have the focus."""
    after = next((s["dom"] for s in states[number + 1 : number + 12] if _is(s, "keyup")), None)
    fields = [node for node in nodes(states[number]["dom"]) if node["tag"].startswith(_FIELDS)]
    if after is None:
        return None
    return next((node for node in fields if _value(after, node["ref"]) != node.get("value")), None)


def _is(state: dict[str, Any], kind: str) -> bool:
    return state["action"] is not None and state["action"]["type"] == kind


def nodes(dom: Node) -> Iterator[Node]:
    yield dom
    for child in dom.get("children", ()):
        yield from nodes(child)


def _focused(dom: Node) -> Node | None:
    """The deepest node that has the focus."""
    return next((node for node in reversed(list(nodes(dom))) if node.get("focused")), None)


def _value(dom: Node, ref: int) -> Any:
    return next((node.get("value") for node in nodes(dom) if node.get("ref") == ref), None)


# ---- a recording of it -------------------------------------------------------------------------------------


def recorded(stage: Stage, app: MiniWoB, phone: Parted, page: str, demo: dict[str, Any], name: str) -> Trace:
    """A demonstration as a recording in the stage's store. Raises Unread."""
    states = demo["states"]
    words = _words(demo["utterance"])
    done = deeds(states)
    writer = stage.house.store.begin(
        task=words, app=f"miniwob/{page}", phone="a person's browser", agent="a person",
        meta={"recorded_by": "person", "demonstration": name},
    )  # fmt: skip
    try:
        for index, deed in enumerate(done):
            shown, element = _moment(phone, states[deed.moment]["dom"], words, deed.ref)
            before = writer.put_screen(shown)
            action = _action(phone, deed, element, states[deed.moment]["dom"], words)
            at = datetime.now(UTC)
            step = Step(
                index=index, before=before, decision=Decision(source="human", text=deed.kind), action=action,
                risk=risk_of(action, before), started=at,
            )  # fmt: skip
            writer.intent(step)
            writer.result(index, Result(ok=True), datetime.now(UTC), ())
        last, _ = _moment(phone, states[-1]["dom"], words, None, over=True)
        final = writer.put_screen(last)
        return writer.end(outcome=Outcome(claimed="done"), final=final, cost=Cost(), data_after=None)
    finally:
        writer.close()


def _words(utterance: str | dict[str, Any]) -> str:
    return utterance if isinstance(utterance, str) else str(utterance["utterance"])


def _moment(phone: Parted, dom: Node, words: str, ref: int | None, over: bool = False) -> tuple[Screen, Element | None]:
    """The live page with what it showed then, as the phone sees it, and what the node is there."""
    told = json.dumps({"dom": dom, "words": words, "ref": ref, "over": over})
    said = phone.ask(SHOW.read_text("utf-8").replace("@TOLD@", told))
    if isinstance(said, str):
        raise Unread(said)
    screen = phone.observe(screenshot=False)
    if ref is None:
        return screen, None
    left, top, width, height, page_width = said
    scale = screen.width / page_width
    middle = Point(x=(left + width / 2) * scale, y=(top + height / 2) * scale)
    element = screen.at_point(middle)
    if element is None:
        raise Unread("what was touched cannot be reached")
    return screen, element


def _action(phone: Parted, deed: Deed, element: Element | None, dom: Node, words: str) -> Action:
    if element is None:
        raise Unread("what was touched cannot be reached")
    match deed.kind:
        case "type":
            if not element.editable:
                raise Unread("typing into what is no field")
            return Type(text=deed.text, element=element, enter=deed.enter)
        case "select":
            return Select(element=element, option=deed.text)
        case "drag":
            _, end = _moment(phone, dom, words, deed.end)
            if end is None:
                raise Unread("a drag that ends on nothing")
            return Drag(start=element.box.center, end=end.box.center, element=element, target=end)
    return Tap(point=element.box.center, element=element)


# ---- learning and playing ----------------------------------------------------------------------------------


def learnt(traces: Sequence[Trace]) -> tuple[list[Experience], Counter[str]]:
    """What can be learnt from some of these recordings: for each number and kind of steps the experience that explains
    most of the words; and why others were not learnt."""
    forms: dict[tuple[str, ...], list[Trace]] = {}
    for trace in traces:
        forms.setdefault(tuple(step.action.kind for step in trace.steps), []).append(trace)
    why: Counter[str] = Counter()
    found: list[Experience] = []
    for alike in forms.values():
        tried: list[tuple[int, int, Experience]] = []
        groups: Iterator[tuple[Trace, ...]] = itertools.chain.from_iterable(
            itertools.combinations(alike, size) for size in (_LEARN_FROM, 2) if len(alike) >= size
        )
        if len(alike) < 2:
            why["only one was done so"] += 1
        for group in itertools.islice(groups, _MOST_PAIRS):
            try:
                made = learn(list(group), _no_data)
            except LearnError as error:
                why[_kind(str(error))] += 1
                continue
            fits = sum(_fits(made, trace.task) for trace in traces)
            tried.append((fits, len(group), made))
        if tried:
            found.append(max(tried, key=lambda one: one[:2])[2])
    return found, why


def _no_data(sha: str) -> Any:
    raise LearnError(f"a demonstration has no data of the app ({sha})")


def _fits(made: Experience, words: str) -> bool:
    try:
        match(words, [made], made.app)
    except MatchError:
        return False
    return True


def _kind(error: str) -> str:
    """Why something was not learnt, in the same words for all such."""
    for part, kind in (
        ("cannot be told apart", "targets look alike"),
        ("common pattern", "texts do not come from the words"),
        ("no element under", "no element was touched"),
        ("is in some recordings", "other steps"),
        ("changed anything", "no step changed anything"),
        ("no task says", "a value that no words say"),
        ("does not say", "a value that no words say"),
    ):
        if part in error:
            return kind
    return "other: " + error.split(";")[0][:60]


def demonstrated(stage: Stage, data: Path, page: str, runs: int, most: int | None = None) -> dict[str, Any]:
    """Learn a page from its demonstrations (at most so many) and play it with new seeds."""
    told: dict[str, Any] = {"demos": 0, "converted": 0, "learnt": 0, "why": "", "note": "", "runs": []}
    app, phone = stage.at("miniwob")
    assert isinstance(app, MiniWoB) and isinstance(phone, Parted)
    if page not in app.pages():
        return {**told, "why": "the page is not there"}
    unread: Counter[str] = Counter()
    traces: list[Trace] = []
    for file in sorted((folder_in(data) / page).glob("*.json.gz"))[:most]:
        told["demos"] += 1
        app.choose(page, 0)
        phone.new_episode(start_url=app.url, init_script=app.init_script)
        try:
            app.words()
            traces.append(recorded(stage, app, phone, page, read(file), file.name))
        except Unread as error:
            unread[str(error)] += 1
        except OstinatoError as error:
            unread[f"other: {str(error)[:60]}"] += 1
    told["converted"] = len(traces)
    found, why = learnt(traces)
    for one in found:
        stage.house.repository.save(one)
    told["learnt"] = len(found)
    if not found:
        often = (unread if len(traces) < 2 else why).most_common(1)
        told["why"] = often[0][0].split(":")[0] if often else "nothing"
    told["note"] = f"{len(traces)} of {told['demos']} read; not: {dict(unread)}; not learnt: {dict(why.most_common(3))}"
    rng = random.Random(f"demonstrated-{page}")
    for _ in range(runs):
        told["runs"].append(_play(stage, app, phone, page, rng.randrange(1_000_000), bool(found)))
    good = sum(run["good"] for run in told["runs"])
    failed = Counter(run["kind"] for run in told["runs"] if not run["good"])
    told["note"] += f"; runs that failed: {dict(failed)}"
    progress(f"demonstrations of {page}: {good} of {runs}; {told['note'][:250]}")
    return told


def _play(stage: Stage, app: MiniWoB, phone: Parted, page: str, seed: int, known: bool) -> dict[str, Any]:
    run = Run(page, str(seed))
    kind = "not learnt"
    if known:
        app.choose(page, seed)
        phone.new_episode(start_url=app.url, init_script=app.init_script)
        stage.watch.taken()
        try:
            words = app.words()
            done = stage.replay(words, f"miniwob/{page}")(app, phone)
        except MatchError:
            run.refused, kind = True, "no words fit"
        except OstinatoError as error:
            run.said, kind = str(error)[:200], "error"
        else:
            run.claimed = done.trace.status == "done"
            right = reward_of(stage.house, done) == 1.0
            own = [s for s in done.trace.steps if s.decision.source == "replay" and s.action.kind != "done"]
            run.good, run.replayed, run.steps = right and run.claimed, len(own), done.trace.acts
            run.silent = run.claimed and not right
            run.seconds = round(done.trace.cost.seconds, 2)
            reason = done.trace.outcome.reason if done.trace.outcome is not None else ""
            kind = "wrong" if run.silent else "right, but not said" if right else f"stopped {_stopped(reason)}"
            run.said = kind  # the words of a page are its demonstrations' too: nothing else is kept
    return {**run.as_json(), "words": str(seed), "kind": kind}


def _stopped(reason: str) -> str:
    for part, kind in (
        ("fits more than one", "targets look alike"), ("is not on the screen", "target not there"),
        ("not among the choices", "not among the choices"), ("can be used", "target not there"),
        ("does not look right", "end not right"), ("is shown", "text not there"), ("is there", "thing not there"),
        ("changed", "nothing changed"), ("holds", "value not there"), ("beside", "one of it"),
    ):  # fmt: skip
        if part in reason:
            return kind
    return "otherwise"
