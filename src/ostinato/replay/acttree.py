"""ActTree, another strategy of replay: what was done before is done again as it was, while the task sounds like it.

MobiAgent (arXiv 2509.00531) keeps a tree of actions: a task is a path from the root, equal actions at one place are one
edge, and an edge keeps the tasks that went over it. At each depth a task is compared with those of each edge by an
embedding made for that depth, then by a second score; where the target of the edge's action looks as it did, the action
is played, else another decides. Here for comparison only: nothing uses it unless it is told to.

The memory model that the paper trains is not there. MiniLM takes its place with the paper's wording for each level, and
instead of the trained second model a score that needs none: likeness of the whole and words in common, which count for
more the deeper it gets. A value of a task is no slot here: what was typed before is typed again. That is the strategy's
weakness, and is left as it is. What is not: an edge has no index that a removal could leave behind, shortcuts are read
from the tree as it is and change nothing in it, boxes are compared in shares of the screen on both sides."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.likeness import covered, tokens
from ostinato.errors import FormatError
from ostinato.model.embed import Embedder
from ostinato.trace.action import Action, Done, Scroll, Swipe, Tap, action_adapter, target_of
from ostinato.trace.blobs import disk_errors, write_file
from ostinato.trace.record import Decision, Step, Trace
from ostinato.trace.screen import Element, Point, Screen
from ostinato.trace.values import normal

LEAST_EMBEDDED = (0.80,)  # by depth, the last for all that are deeper; the repository's values
LEAST_RANKED = (0.75,)
_SCHEMA = 1
_NEAR = 0.02  # of the screen's width: touches of nothing that are one
_SHORTCUT_STEPS = (2, 3)


@dataclass(frozen=True)
class Recorded:
    """An action and the size of the screen it was done on, in pixels."""

    action: Action
    width: int
    height: int

    def equals(self, other: Recorded) -> bool:
        """The same action: kind and text, and the centre of each one's target lies in the other's box."""
        if self.action.kind != other.action.kind or _said(self.action) != _said(other.action):
            return False
        mine, theirs = target_of(self.action), target_of(other.action)
        if mine is not None and theirs is not None:
            return mine.role == theirs.role and self._covers(mine, other, theirs) and other._covers(theirs, self, mine)
        if mine is not None or theirs is not None:
            return False
        here, there = self._place(), other._place()
        if here is None or there is None:
            return here is there
        return abs(here.x - there.x) <= _NEAR and abs(here.y - there.y) <= _NEAR

    def _covers(self, mine: Element, other: Recorded, theirs: Element) -> bool:
        """Whether the centre of a thing lies in the box of another, each in shares of its own screen."""
        center = theirs.box.center
        scaled = Point(x=center.x / other.width * self.width, y=center.y / other.height * self.height)
        return mine.box.contains(scaled)

    def _place(self) -> Point | None:
        point = getattr(self.action, "point", None) or getattr(self.action, "start", None)
        return Point(x=point.x / self.width, y=point.y / self.height) if point is not None else None


@dataclass
class Edge:
    """An action that was done after those above it, and the tasks in which it was."""

    recorded: Recorded
    tasks: list[str] = field(default_factory=list)
    below: list[Edge] = field(default_factory=list)


@dataclass(frozen=True)
class Shortcut:
    """After these kinds of actions from one place on, whatever they entered, the last one was the same."""

    kinds: tuple[str, ...]
    last: Edge


@dataclass
class ActTree:
    """The tree of the tasks that were done in one app."""

    embedder: Embedder
    edges: list[Edge] = field(default_factory=list)

    def learn(self, trace: Trace) -> None:
        """Take in what a run did that ended well; another changes nothing."""
        if trace.status != "done":
            return
        done = [
            Recorded(step.action, step.before.width, step.before.height)
            for step in trace.steps
            if not step.decision.aside and (step.result is None or step.result.touched)
        ]
        if done and done[-1].action.kind != "done":
            done.append(Recorded(Done(), done[-1].width, done[-1].height))
        self.insert(trace.task, done)

    def insert(self, task: str, actions: Sequence[Recorded]) -> None:
        """Add a task's actions; those that are there already are not added twice. What the task did before is
        forgotten."""
        self.remove(task)
        edges = self.edges
        for recorded in actions:
            edge = next((edge for edge in edges if edge.recorded.equals(recorded)), None)
            if edge is None:
                edges.append(edge := Edge(recorded))
            edge.tasks.append(task)
            edges = edge.below

    def remove(self, task: str) -> bool:
        """Forget a task, and what only it did. Whether it was known."""
        known = task in self.tasks()
        _forget(self.edges, task)
        return known

    def tasks(self) -> set[str]:
        return {task for edge in self.edges for task in edge.tasks}

    def path(self, task: str) -> list[Recorded]:
        """What was done for a task, in order."""
        found: list[Recorded] = []
        edges = self.edges
        while (edge := next((edge for edge in edges if task in edge.tasks), None)) is not None:
            found.append(edge.recorded)
            edges = edge.below
        return found

    def below(self, done: Sequence[Recorded]) -> list[Edge] | None:
        """What was done after these actions; None where they were not done together before."""
        edges = self.edges
        for recorded in done:
            edge = next((edge for edge in edges if edge.recorded.equals(recorded)), None)
            if edge is None:
                return None
            edges = edge.below
        return edges

    def shortcuts(self, done: Sequence[Recorded]) -> list[Shortcut]:
        """The shortcuts from the place after these actions: two or more ways of the same kinds of actions, two or
        three long, that end in the same action. None begins at the root."""
        edges = self.below(done) if done else None
        found: list[Shortcut] = []
        for count in _SHORTCUT_STEPS if edges else ():
            ends: dict[tuple[str, ...], list[list[Edge]]] = {}
            for way in _ways(edges or [], count):
                ends.setdefault(tuple(edge.recorded.action.kind for edge in way), []).append(way)
            for kinds, ways in ends.items():
                for n, way in enumerate(ways):
                    same = [w for w in ways if w[-1].recorded.equals(way[-1].recorded) and w[-2] is not way[-2]]
                    if same and not any(w[-1].recorded.equals(way[-1].recorded) for w in ways[:n]):
                        found.append(Shortcut(kinds, way[-1]))
        return found

    def candidates(self, task: str, done: Sequence[Recorded]) -> list[Edge]:
        """The edges whose tasks are like this one at this depth, the likest first; then what a shortcut ends in."""
        depth = len(done)
        rated: list[tuple[float, Edge]] = []
        for edge in self.below(done) or []:
            known, near = self._nearest(task, edge.tasks, depth)
            if near < _at(LEAST_EMBEDDED, depth):
                continue
            second = self.ranked(task, known, depth)
            if second >= _at(LEAST_RANKED, depth):
                rated.append((second, edge))
        found = [edge for _, edge in sorted(rated, key=lambda pair: -pair[0])]
        for start in range(1, depth):
            kinds = tuple(recorded.action.kind for recorded in done[start:])
            found += [cut.last for cut in self.shortcuts(done[:start]) if cut.kinds[:-1] == kinds]
        return found

    def _nearest(self, task: str, known: Sequence[str], depth: int) -> tuple[str, float]:
        """The nearest of some tasks by the embeddings of a level, and how near it is."""
        rows = self.embedder.embed([_for_level(one, depth + 1) for one in (task, *known)])
        near = rows[1:] @ rows[0]
        best = int(near.argmax())
        return known[best], float(near[best])

    def ranked(self, task: str, known: str, depth: int) -> float:
        """How sure two tasks share at least so many steps, 0..1: instead of a trained model. The deeper, the more it
        counts that the words are the same."""
        rows = self.embedder.embed([task, known])
        whole = max(0.0, float(rows[0] @ rows[1]))
        mine, theirs = tokens(task), tokens(known)
        words = min(covered(mine, theirs), covered(theirs, mine))
        weight = depth / (depth + 4)
        return (1 - weight) * whole + weight * words

    def save(self, path: Path) -> None:
        """Write the tree as JSON; what is there stays until the new file is whole."""
        body = {"schema": _SCHEMA, "edges": [_dumped(edge) for edge in self.edges]}
        with disk_errors(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, json.dumps(body, ensure_ascii=False, indent=1).encode())

    @classmethod
    def load(cls, path: Path, embedder: Embedder) -> ActTree:
        """The tree in a file. Raises FormatError."""
        try:
            body = json.loads(path.read_bytes())
            if body["schema"] != _SCHEMA:
                raise FormatError(path, "schema", f"expected {_SCHEMA}, found {body['schema']!r}")
            return cls(embedder, [_loaded(edge) for edge in body["edges"]])
        except OSError as error:
            raise FormatError(path, "file", f"cannot be read ({error.strerror})") from error
        except (ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
            raise FormatError(path, "edges", f"no tree of actions ({str(error)[:100]})") from error


@dataclass
class ActTreeReplayer:
    """A decider that plays a tree. Its place is told by the history; after steps that the tree does not know it hands
    over."""

    tree: ActTree
    task: str

    @property
    def name(self) -> str:
        return "replay of a tree of actions"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        done = [
            Recorded(step.action, step.before.width, step.before.height)
            for step in history
            if not step.decision.aside and (step.result is None or step.result.touched)
        ]
        if self.tree.below(done) is None and not any(True for _ in self.tree.candidates(self.task, done)):
            return Handover("plan", goal, "what was done was not done before in this order")
        found = self.tree.candidates(self.task, done)
        if not found:
            return Handover("plan", goal, f"no task that is known goes on like this one after {len(done)} steps")
        for edge in found:
            action = placed(edge.recorded, screen)
            if action is not None:
                text = f"as for “{edge.tasks[0]}”"
                return Choice(action, Decision(source="replay", level="operation", text=text))
        return Handover("operation", goal, "what was touched before does not look the same here")


def placed(recorded: Recorded, screen: Screen) -> Action | None:
    """A recorded action for a screen, where its target is at its place and looks as it did: the check of the target's
    patch, by what it says instead of by its pixels. None otherwise."""
    target = target_of(recorded.action)
    if target is None:
        point = getattr(recorded.action, "point", None)
        if point is None:
            return recorded.action
        x, y = point.x / recorded.width * screen.width, point.y / recorded.height * screen.height
        return recorded.action.model_copy(update={"point": Point(x=x, y=y)})
    for element in screen.elements:
        here = Recorded(Tap(point=element.box.center, element=element), screen.width, screen.height)
        there = Recorded(Tap(point=target.box.center, element=target), recorded.width, recorded.height)
        if normal(element.name) != normal(target.name) or not here.equals(there):
            continue
        update: dict[str, object] = {"element": element}
        if hasattr(recorded.action, "point"):
            update["point"] = element.box.center
        if recorded.action.kind == "drag":
            update["start"] = element.box.center
        return recorded.action.model_copy(update=update)
    return None


def _said(action: Action) -> tuple[object, ...]:
    """What an action enters or means, besides where."""
    if isinstance(action, Swipe):
        across, down = action.end.x - action.start.x, action.end.y - action.start.y
        return ("across", across > 0) if abs(across) > abs(down) else ("down", down > 0)
    if isinstance(action, Scroll):
        return (action.dx > 0, action.dy > 0)
    names = ("text", "secret", "enter", "clear", "option", "key", "url", "success")
    return tuple(getattr(action, name, None) for name in names)


def _forget(edges: list[Edge], task: str) -> None:
    for edge in edges:
        edge.tasks = [known for known in edge.tasks if known != task]
        _forget(edge.below, task)
    edges[:] = [edge for edge in edges if edge.tasks]


def _ways(edges: Sequence[Edge], count: int) -> Iterator[list[Edge]]:
    for edge in edges:
        if count == 1:
            yield [edge]
        for rest in _ways(edge.below, count - 1) if count > 1 else ():
            yield [edge, *rest]


def _at(thresholds: Sequence[float], depth: int) -> float:
    return thresholds[min(depth, len(thresholds) - 1)]


def _for_level(task: str, level: int) -> str:
    return f"Instruct: Represent this phone-use task for level **{level}**\nQuery:{task}"


def _dumped(edge: Edge) -> dict[str, object]:
    return {
        "action": action_adapter.dump_python(edge.recorded.action, mode="json"),
        "width": edge.recorded.width,
        "height": edge.recorded.height,
        "tasks": edge.tasks,
        "below": [_dumped(one) for one in edge.below],
    }


def _loaded(body: dict[str, object]) -> Edge:
    tasks, below = body["tasks"], body["below"]
    if not isinstance(tasks, list) or not isinstance(below, list) or not all(isinstance(t, str) for t in tasks):
        raise ValueError("tasks and what lies below are lists")
    width, height = body["width"], body["height"]
    if not isinstance(width, int) or not isinstance(height, int) or width <= 0 or height <= 0:
        raise ValueError("the size of a screen is in whole pixels")
    recorded = Recorded(action_adapter.validate_python(body["action"]), width, height)
    return Edge(recorded, list(tasks), [_loaded(one) for one in below])
