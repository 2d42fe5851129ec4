"""What a replay is measured beside: other ways to do a task again, each asked before the same agent.

All learn from the same recordings and play on the same loop, which waits, asks for risk and keeps the trace alike.
`always_agent` is the oracle's script as the agent, each of whose decisions counts as a call. What the others cannot do
they hand to it. They are given what their makers ask of a user, and more where we could not tell: the developer's part
(which template a task is of, and its values) is taken from the suite itself."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import queue
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from benchmarks.replay_runs import Recorded, Stage
from ostinato.agent.decider import Choice, Decider, Handover, beside
from ostinato.agent.script import Do, action_of
from ostinato.errors import OstinatoError
from ostinato.house import Finished
from ostinato.model.embed import Embedder, embedder_at_hand
from ostinato.phone.apps.app import App
from ostinato.phone.phone import Phone
from ostinato.replay.acttree import ActTree, ActTreeReplayer
from ostinato.replay.experience import Experience
from ostinato.replay.replayer import Replayer
from ostinato.settings import load_settings
from ostinato.suites.task import Task, Values
from ostinato.trace import locator as locating
from ostinato.trace.action import Action, Done, Drag, Type, Wait, describe, target_of
from ostinato.trace.locator import Container, Locator
from ostinato.trace.record import Decision, Step
from ostinato.trace.recordings import Recording, align_recordings, entered
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import fill, slots_in

METHODS = {
    "ours": "experiences with all checks",
    "unchecked": "the same experiences without checks: targets are found by their locators, nothing else is asked",
    "always_agent": "the oracle as the agent, a call for each decision",
    "exact": "a cache by the exact words: the recorded steps, each as soon as its target is there",
    "muscle_mem": "muscle-mem 0.1.0, tagged by the task's template, with its values as parameters and a pre-check",
    "muscle_mem_app": "muscle-mem 0.1.0, tagged by the app alone, with the same pre-check",
    "acttree": "MobiAgent's tree of actions over the same recordings, with MiniLM as its memory model (0.80, 0.75)",
    "jaccard": "our experiences, with mobilerun's screen match (0.85 · Jaccard + 0.15 app ≥ 0.85, polled 5 s) as check",
}
_POLLED = 5.0  # seconds
_PAUSE = 0.5
_LEAST_ALIKE = 0.85

Play = Callable[[App, Phone], Finished]


def available() -> list[str]:
    """The methods that can be measured here: one is another package's."""
    found = list(METHODS)
    if importlib.util.find_spec("muscle_mem") is None:
        found = [name for name in found if not name.startswith("muscle_mem")]
    if _embedder() is None:
        found.remove("acttree")
    return found


@cache
def _embedder() -> Embedder | None:
    return embedder_at_hand(load_settings().cache)


def play_by(
    method: str,
    stage: Stage,
    library: Sequence[Recorded],
    words: str,
    app_name: str,
    said: tuple[Task, Values] | None,
    agent: Decider,
) -> Play:
    """A run by a method that knows the recordings of `library`. `said` is what a developer's own code would read in
    the words: the task they are of, and its values."""
    match method:
        case "ours":
            return stage.replay(words, app_name, agent)
        case "always_agent":
            return stage.performed(words, app_name, [agent])
        case "unchecked" | "jaccard":
            return _by_experience(method, stage, library, words, app_name, agent)
        case "exact":
            trace = next((t for one in library for t in one.traces if t.task == words), None)
            first: list[Decider] = (
                [Verbatim([s for s in trace.steps if s.action.kind != "done"])] if trace is not None else []
            )
            return stage.performed(words, app_name, [*first, agent])
        case "acttree":
            embedder = _embedder()
            assert embedder is not None
            tree = ActTree(embedder)
            for trace in (trace for one in library for trace in one.traces):
                tree.learn(trace)
            return stage.performed(words, app_name, [ActTreeReplayer(tree, words), agent])
        case "muscle_mem" if said is None:  # its developer's code knows no such task
            return stage.performed(words, app_name, [agent])
        case "muscle_mem" | "muscle_mem_app":
            return _by_muscle(stage, library, words, app_name, said if method == "muscle_mem" else None, agent)
    raise ValueError(method)


# ---- our experiences, checked otherwise -------------------------------------------------------------------


def bare(experience: Experience, *, but: Sequence[str] = ()) -> Experience:
    """An experience without its checks, except those of the phases in `but` (pre, commit, post, success)."""
    nodes = tuple(
        node.model_copy(update={phase: () for phase in ("pre", "commit", "post") if phase not in but})
        for node in experience.nodes
    )
    update: dict[str, Any] = {"nodes": nodes}
    if "success" not in but:
        update["success"] = ()
    return experience.model_copy(update=update)


def _by_experience(
    method: str, stage: Stage, library: Sequence[Recorded], words: str, app_name: str, agent: Decider
) -> Play:
    try:
        found = stage.house.find(words, app_name)
    except OstinatoError:
        return stage.performed(words, app_name, [agent])
    player: Decider = Replayer(bare(found.experience), found.values, heals=False)
    if method == "jaccard":
        known = next(one for one in library if one.experience is not None and one.experience.id == found.experience.id)
        player = Alike(player, _screens(known))
    return stage.performed(words, app_name, [player, agent])


def _screens(known: Recorded) -> list[list[Screen]]:
    """For each node the screens before it."""
    return [
        [step.before for step in row.steps if step is not None]
        for row in align_recordings([*map(Recording.whole, known.traces)])
    ]


@dataclass
class Alike:
    """A replay whose only check is that the screen is like the recorded one before the step; once it is not, the rest
    is dropped."""

    inner: Decider
    recorded: Sequence[Sequence[Screen]]
    name: str = "screen match"
    _dropped: bool = field(default=False, init=False)
    _waited: float = field(default=0.0, init=False)

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        if self._dropped:
            return None
        said = self.inner.decide(screen, goal, history)
        if isinstance(said, Choice) and isinstance(said.action, Done):
            return said
        node = said.experience.node if isinstance(said, Choice) and said.experience is not None else None
        if node is not None and max((alike(old, screen) for old in self.recorded[node]), default=0) >= _LEAST_ALIKE:
            self._waited = 0.0
            return said
        if self._waited < _POLLED:
            self._waited += _PAUSE
            return beside(Wait(seconds=_PAUSE), "wait for a screen that is like the recorded one")
        self._dropped = True
        return Handover("plan", goal, "the screen is not like the recorded one")


def alike(one: Screen, other: Screen) -> float:
    """How like two screens are, 0..1: the Jaccard index of their nodes, and whether they are of one app."""
    mine, theirs = ({(e.role, e.name or e.id or e.placeholder or "") for e in s.elements} for s in (one, other))
    together = len(mine | theirs)
    jaccard = len(mine & theirs) / together if together else 1.0
    return 0.85 * jaccard + 0.15 * (one.origin == other.origin or one.origin.startswith("http://127.0.0.1"))


# ---- the very same words ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verbatim:
    """Plays a recording's steps as they were: each target at its place, or the only one that looks so."""

    steps: Sequence[Step]
    name: str = "verbatim"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        own = sum(step.decision.source == "replay" for step in history)
        if len(history) > own:  # another has gone on
            return None
        if own >= len(self.steps):
            return Choice(Done(), Decision(source="replay", text="all recorded steps are played"))
        recorded = self.steps[own].action
        now, end = (_there(element, screen) for element in _ends(recorded))
        if (now is None) != (target_of(recorded) is None):
            return Handover("operation", goal, f"{describe(recorded)}: it is not there")
        kind = "enter" if isinstance(recorded, Type) and recorded.enter else recorded.kind
        action = action_of(Do(kind, None, entered(self.steps[own]) or ""), now, end)
        later = target_of(self.steps[own + 1].action) if own + 1 < len(self.steps) else None
        ready = (lambda screen: _there(later, screen) is not None) if later is not None else None
        return Choice(action, Decision(source="replay", text=describe(action)), ready=ready)


def _ends(action: Action) -> tuple[Element | None, Element | None]:
    return target_of(action), action.target if isinstance(action, Drag) else None


def _there(element: Element | None, screen: Screen) -> Element | None:
    """The same thing on another screen."""
    if element is None:
        return None
    same = [e for e in screen.elements if (e.role, e.name, e.id) == (element.role, element.name, element.id)]
    return next((e for e in same if e.path == element.path), same[0] if len(same) == 1 else None)


def next_of(steps: Sequence[Do], at: int, screen: Screen, goal: str, source: str) -> Choice | Handover:
    """A step of a script as a choice; the loop then waits for the target of the one after it."""
    step = steps[at]
    element = locating.find(step.target, screen, {}) if step.target is not None else None
    end = locating.find(step.destination, screen, {}) if step.destination is not None else None
    if (step.target is not None and element is None) or (step.destination is not None and end is None):
        return Handover("operation", goal, f"{step.target.words() if step.target else '?'} is not there")
    action = action_of(step, element, end)
    target = steps[at + 1].target if at + 1 < len(steps) else None
    ready = (lambda later: locating.find(target, later, {}) is not None) if target is not None else None
    decision = Decision.model_validate({"source": source, "text": describe(action)})
    return Choice(action, decision, ready=ready)


# ---- the agent that knows every task -----------------------------------------------------------------------


@dataclass(frozen=True)
class Knowing:
    """The oracle's script as an agent that goes on wherever another stopped: it sees which of its steps are done."""

    steps: Sequence[Do]
    name: str = "agent"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        done = 0
        for step in history:
            counts = not step.decision.aside and (step.result is None or step.result.ok)
            if counts and done < len(self.steps) and _is(self.steps[done], step):
                done += 1
        if done >= len(self.steps):
            return Choice(Done(), Decision(source="script", text="done"))
        return next_of(self.steps, done, screen, goal, "script")


def _is(wanted: Do, step: Step) -> bool:
    kind = "type" if wanted.kind == "enter" else wanted.kind
    if kind != step.action.kind or (wanted.text and wanted.text != (entered(step) or "")):
        return False
    element = target_of(step.action)
    if wanted.target is None or element is None:
        return wanted.target is None
    found = locating.find(wanted.target, step.before, {})
    return found is not None and found.path == element.path


# ---- muscle-mem --------------------------------------------------------------------------------------------


def _by_muscle(
    stage: Stage,
    library: Sequence[Recorded],
    words: str,
    app_name: str,
    said: tuple[Task, Values] | None,
    agent: Decider,
) -> Play:
    def play(app: App, phone: Phone) -> Finished:
        muscle = Muscle(agent)
        with contextlib.redirect_stdout(io.StringIO()):  # it paints the terminal
            for one in library:
                for values in one.values:
                    told = _tags(app_name, (one.task, values) if said is not None else None)
                    muscle.learn(*told, one.task.script(values))
            muscle.ask(*_tags(app_name, said), words)
            try:
                return stage.performed(words, app_name, [muscle])(app, phone)
            finally:
                muscle.stop()

    return play


def _tags(app_name: str, said: tuple[Task, Values] | None) -> tuple[list[str], Values]:
    """By the template with the values of its slots; without those all that is known is the app."""
    if said is None:
        return [app_name], {}
    task, values = said
    return [app_name, task.name], {slot: values[slot] for slot in slots_in(task.template)}


class Stopped(Exception):
    """The run is over: whoever still waits for a screen ends."""


class Muscle:
    """muscle-mem's engine as a decider. The engine runs in a thread of its own and asks for steps; the loop takes them
    and gives the screens after them. Its pre-check is whether the target of a step is there, and of which role; a
    target that is not there yet is waited for."""

    name = "muscle-mem"

    def __init__(self, agent: Decider) -> None:
        package = importlib.import_module("muscle_mem")  # of benchmarks/requirements.txt: not always there
        self.agent = agent
        self.engine: Any = package.Engine()
        check: Any = package.Check
        self._screens: queue.Queue[tuple[Screen, str, tuple[Step, ...]] | None] = queue.Queue()
        self._asked: queue.Queue[Choice | Handover | BaseException] = queue.Queue()
        self._seen: tuple[Screen, str, tuple[Step, ...]] | None = None
        self._thread: threading.Thread | None = None
        self._learning: Sequence[Do] | None = None
        self._source = "script"
        self._begin: Callable[[], None] = lambda: None
        muscle = self

        @self.engine.function(pre_check=check(capture=self._capture, compare=lambda now, then: now == then))  # type: ignore[untyped-decorator,unused-ignore]
        def do(kind: str, role: str, name: str, identity: str, placeholder: str, path: str, row_role: str, row: str, text: str) -> None:  # fmt: skip  # noqa: E501
            muscle.perform(_do(kind, role, name, identity, placeholder, path, row_role, row, text))

        self.tool = do
        self.engine.set_agent(self._as_agent)

    def learn(self, tags: list[str], params: Values, steps: Sequence[Do]) -> None:
        """Let the engine see an agent do this."""
        self._learning = steps
        self.engine(tags=tags, params=params)
        self._learning = None

    def ask(self, tags: list[str], params: Values, words: str) -> None:
        self._begin = lambda: self.engine(tags=tags, params=params)

    def _as_agent(self) -> None:
        if self._learning is not None:
            for step in self._learning:
                self.tool(**_told(step))
            return
        self._source = "agent"
        while True:
            assert self._seen is not None
            said = self.agent.decide(*self._seen)
            if not isinstance(said, Choice) or isinstance(said.action, Done):
                self._asked.put(said if said is not None else Handover("plan", "", "the agent is at a loss"))
                self._seen = self._next()  # what is said is the end
            else:
                self._put(said)

    def _capture(self, **told: str) -> tuple[bool, str]:
        if self._learning is not None:
            return True, told["role"]
        step = _do(**told)
        waited = 0.0
        while True:
            assert self._seen is not None
            element = locating.find(step.target, self._seen[0], {}) if step.target is not None else None
            if step.target is None or element is not None or waited >= 2.0:
                return step.target is None or element is not None, told["role"]
            waited += _PAUSE
            self._put(beside(Wait(seconds=_PAUSE), "wait for the target of a pre-check"))

    def perform(self, step: Do) -> None:
        if self._learning is not None:
            return
        assert self._seen is not None
        said = next_of([step], 0, self._seen[0], self._seen[1], "replay")
        if isinstance(said, Handover):
            raise LookupError(said.reason)
        self._put(said)

    def _put(self, choice: Choice) -> None:
        self._asked.put(choice)
        self._seen = self._next()

    def _next(self) -> tuple[Screen, str, tuple[Step, ...]]:
        found = self._screens.get()
        if found is None:
            raise Stopped
        return found

    def _work(self) -> None:
        try:
            self._seen = self._next()
            self._begin()
            self._asked.put(Choice(Done(), Decision(source="replay", text="the whole trajectory is played")))
        except Stopped:
            return
        except Exception as error:
            self._asked.put(error)

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()
        self._screens.put((screen, goal, history))
        said = self._asked.get()
        if isinstance(said, BaseException):
            return Handover("plan", goal, f"muscle-mem: {said}")
        return said

    def stop(self) -> None:
        self._screens.put(None)
        if self._thread is not None:
            self._thread.join(5.0)


def _told(step: Do) -> dict[str, str]:
    """A step of a script as a call of the tool: each part by itself, so that a value can become a parameter."""
    target = step.target
    row = target.container if target is not None else None
    return {
        "kind": step.kind,
        "role": target.role if target is not None else "",
        "name": (target.name or "") if target is not None else "",
        "identity": (target.id or "") if target is not None else "",
        "placeholder": (target.placeholder or "") if target is not None else "",
        "path": (target.path or "") if target is not None else "",
        "row_role": row.role if row is not None else "",
        "row": row.texts[0] if row is not None and row.texts else "",
        "text": step.text,
    }


def _do(
    kind: str, role: str, name: str, identity: str, placeholder: str, path: str, row_role: str, row: str, text: str
) -> Do:
    if not role:
        return Do(kind, None, text)
    holder = Container(role=row_role, texts=(row,) if row else ()) if row_role else None
    return Do(
        kind,
        Locator(
            role=role, name=name or None, id=identity or None, placeholder=placeholder or None, path=path or None,
            container=holder,
        ),
        text,
    )  # fmt: skip


def read_by_developer(task: Task, words: str) -> Values | None:
    """What a developer's own pattern for a task would read in some words; None where it does not fit."""
    parts = re.split(r"\{(\w+)\}", task.template)
    pattern = "".join(re.escape(part) if n % 2 == 0 else f"(?P<{part}_{n}>.+?)" for n, part in enumerate(parts))
    found = re.fullmatch(pattern, words)
    if found is None:
        return None
    values = {name.rpartition("_")[0]: text for name, text in found.groupdict().items()}
    return values if fill(task.template, values) == words else None
