"""Play an experience with new values, checking each step; hand over with a named reason when a check fails."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from ostinato.agent.decider import Choice, Handover, beside
from ostinato.agent.guards.popup import popup_on
from ostinato.errors import MatchError
from ostinato.judge.check import Check
from ostinato.judge.evidence import Evidence, evaluate_all, passed
from ostinato.replay.experience import Experience, Node, beginnings
from ostinato.replay.healing import Healed, drifted, ended_well, healed, only_words_are_gone, without_words
from ostinato.replay.kinds import to_enter
from ostinato.replay.loops import begun, in_full, rows_called
from ostinato.replay.rejoining import left_to_do, rejoin
from ostinato.replay.relocation import Embeds, no_embedder
from ostinato.trace import locator as locating
from ostinato.trace.action import (
    Action,
    Back,
    Done,
    DoubleTap,
    Drag,
    Home,
    Key,
    LongPress,
    Open,
    Select,
    Tap,
    Type,
    Wait,
)
from ostinato.trace.record import CheckResult, Decision, ExperienceRef, Step
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import fill, same_value

FIRST_WAITS = (1.0, 2.0, 4.0)  # seconds for a page that a task begins on to show what it has
_STILL = 1.0  # seconds without a change after which a page is taken for whole
_MOST_FOR_A_GOAL = 6  # steps of another decider after which it is given the whole task


@dataclass
class Replayer:
    """A decider that plays one experience. Its place is told by the history, not kept beside it. What was renamed or
    moved is found again (`healing`), with the `embedder` where there is one; not so unless it `heals`. Before the first
    step it waits so long (`first_waits`, seconds) for what it needs; before the others the loop does. What is done for
    every row is not begun where it would take more than `most_steps`."""

    experience: Experience
    values: dict[str, str]
    embedder: Embeds = no_embedder
    heals: bool = True
    first_waits: tuple[float, ...] = ()
    most_steps: int | None = None
    _home: str | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        return f"replay of {self.experience.id} v{self.experience.version}"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        own = [s for s in history if not s.decision.aside and not (s.result is not None and not s.result.touched)]
        mine = [s for s in own if s.experience is not None and s.experience.id == self.experience.id]
        foreign = own[own.index(mine[-1]) + 1 :] if mine else own
        if self._home is None:
            self._home = screen.origin
        self._unfold(begun(self.experience, mine))
        if screen.origin not in (self._home, *self.experience.origins):
            return Handover("plan", goal, f"the app was left for {screen.url}")
        if screen.dialog is not None and (not mine or mine[-1].before.dialog is None) and not self._dialog_next(mine):
            return Handover("operation", goal, f"a dialog asks: “{screen.dialog}”")
        met = [c for c in self._asked(self.experience.forbidden, screen) if c.value != "true"]
        if met:
            return Handover("plan", goal, "the screen is as in runs that failed: " + _listed(met))
        if foreign:
            return self._rejoin(mine, foreign, screen, goal, history)
        if mine:
            failed = [c for c in mine[-1].checks if c.severity == "must" and c.value != "true"]
            if failed and not self._holds_now(mine[-1], screen, history) and not self._excused(mine, screen):
                return Handover("operation", self._primitive(mine[-1]), self._said(mine[-1].index, failed))
        node = self._next(mine, screen)
        if node is None:
            return self._finish(mine, screen, goal)
        if unclear := self._unclear(node, mine, screen):
            return unclear
        node, kept = self._begun(node, screen, goal, history)
        covered = kept or self._hidden(node, screen, goal, history)
        if covered is not None:
            return covered
        said = self._play(node, screen)
        return said if isinstance(said, Choice) else self._repaired(node, said, screen, history)

    def _unfold(self, screen: Screen | None) -> None:
        """Make a loop over every row into steps of their own, for the rows of the screen on which it begins."""
        self.experience, self.values = in_full(self.experience, self.values, screen)

    def _begun(
        self, node: Node, screen: Screen, goal: str, history: tuple[Step, ...]
    ) -> tuple[Node, Choice | Handover | None]:
        """The node, of a loop over every row that of the first turn; what keeps the loop from being begun now. Nothing
        else is taken for a row that is not there: which rows are meant is all that the screen says."""
        if not any(loop.every is not None and node.index == loop.first for loop in self.experience.loops):
            return node, None
        waited = _waits(history)
        if not waited:  # rows may still be on their way
            return node, beside(Wait(seconds=_STILL), "wait for the whole list")
        try:
            whole, values = in_full(self.experience, self.values, screen)
        except MatchError as error:
            if waited <= len(self.first_waits) and not any(step.experience is not None for step in history):
                return node, beside(Wait(seconds=self.first_waits[waited - 1]), "wait for the list")
            return node, Handover("plan", goal, f"step {node.index + 1}: {error}")
        if self.most_steps is not None and whole.steps > self.most_steps:
            why = f"step {node.index + 1}: that takes {whole.steps} steps in all, and max_steps is {self.most_steps}"
            return node, Handover("plan", goal, why)
        self.experience, self.values = whole, values
        return self.experience.nodes[node.index], None

    def _asked(self, checks: tuple[Check, ...], screen: Screen) -> tuple[CheckResult, ...]:
        return evaluate_all(checks, Evidence(after=screen, values=self.values), "pre")

    def _rejoin(
        self, mine: list[Step], foreign: list[Step], screen: Screen, goal: str, history: tuple[Step, ...]
    ) -> Choice | Handover:
        """Go on as soon as a later node can be played; until then what is left is handed over, in ever wider words: one
        step was handed over before, now the sub-goal, and after some more steps the task."""
        after, why = self._played(mine), "nothing later of the experience is here yet"
        place = rejoin(self.experience, self.values, after, foreign, screen, self._can_play)
        if place == len(self.experience.nodes):
            return self._finish(mine, screen, goal)
        if place is not None:
            node, kept = self._begun(self.experience.nodes[place], screen, goal, history)
            said = kept or self._hidden(node, screen, goal, history) or self._play(node, screen)
            if isinstance(said, Choice):
                return said
            why = said.reason
        left = left_to_do(self.experience, self.values, after, foreign, screen)
        if left and len(foreign) < _MOST_FOR_A_GOAL:
            return Handover("primitive", left, why)
        return Handover("plan", goal, why)

    def _played(self, mine: list[Step]) -> int:
        """The last node that was played and did what it should (what was sent is sent, whatever followed); else -1."""
        if not mine or mine[-1].experience is None:
            return -1
        node = mine[-1].experience.node
        failed = any(check.severity == "must" and check.value != "true" for check in mine[-1].checks)
        return node - 1 if failed and self.experience.nodes[node].risk != "commit" else node

    def _hidden(self, node: Node, screen: Screen, goal: str, history: tuple[Step, ...]) -> Handover | None:
        """A handover to whoever closes a pop-up, where one lies over the target."""
        element = locating.find(node.target, screen, self.values) if node.target is not None else None
        if element is None or element.reachable:
            return None
        popup = popup_on(screen, goal, history)
        if popup is None or popup.dismiss is None:
            return None
        reason = f"step {node.index + 1}: {popup.kind} lies over it"
        return Handover("operation", fill(node.primitive, self.values), reason)

    def _repaired(self, node: Node, said: Handover, screen: Screen, history: tuple[Step, ...]) -> Choice | Handover:
        """The same node where its target is called otherwise now or stands elsewhere. Before that is believed, what may
        still be on its way is waited for."""
        waited = _waits(history)
        first = not any(step.experience is not None for step in history)  # after a step of its own the loop has waited
        found = self._healed(node, screen)
        if first and waited < (len(self.first_waits) if found is None else min(1, len(self.first_waits))):
            return beside(Wait(seconds=self.first_waits[waited]), "wait for what may still be on its way")
        if found is None:
            return said
        if not waited and history and history[-1].experience is None:
            return beside(Wait(seconds=_STILL), "wait for what may still be on its way")
        played = self._play(found.node, screen)
        if isinstance(played, Handover):
            return said
        text = f"{played.decision.text} ({found.words})"
        return replace(played, decision=played.decision.model_copy(update={"text": text}))

    def _drifted(self, mine: list[Step]) -> bool:
        return self.heals and drifted(self.experience, mine, self.values)

    def _healed(self, node: Node, screen: Screen) -> Healed | None:
        return healed(self.experience, node, screen, self.values, self.embedder) if self.heals else None

    def _holds_now(self, step: Step, screen: Screen, history: tuple[Step, ...]) -> bool:
        """Whether what a step should have brought is there now, after something that lay over the page was closed."""
        closed = any(one.decision.aside and one.action.kind != "wait" for one in history[history.index(step) + 1 :])
        if not closed or step.experience is None or step.experience.node >= len(self.experience.nodes):
            return False
        node = self.experience.nodes[step.experience.node]
        found = self._healed(node, step.before)
        post = self._brings(found.node if found is not None else node, step.before)
        return passed(evaluate_all(post, Evidence(after=screen, before=step.before, values=self.values)))

    def _excused(self, mine: list[Step], screen: Screen) -> bool:
        """Whether what is missing after the last step are words that the app, which was met changed, says otherwise
        now: the next step can be taken, or all is sent and the data will tell."""
        step = mine[-1]
        if step.experience is None or step.experience.node >= len(self.experience.nodes) or not self._drifted(mine):
            return False
        node = self.experience.nodes[step.experience.node]
        if not only_words_are_gone(node, self.experience, screen, self.values):
            return False
        following = self._after(node)
        return not following or any(self._can_play(n, screen) or self._healed(n, screen) for n in following)

    def _play(self, node: Node, screen: Screen) -> Choice | Handover:
        evidence = Evidence(after=screen, values=self.values)
        asked = evaluate_all(node.pre, evidence, "pre")
        if node.risk == "commit":
            asked += evaluate_all(node.commit, evidence, "commit")
        failed = [c for c in asked if c.severity == "must" and c.value != "true"]
        if failed:
            return Handover("operation", fill(node.primitive, self.values), self._said(node.index, failed), asked)
        element = destination = None
        if node.target is not None:
            element = locating.find(node.target, screen, self.values)
            if element is None:
                reason = f"step {node.index + 1}: {locating.why_not(node.target, screen, self.values)}"
                return Handover("operation", fill(node.primitive, self.values), reason, asked)
        if node.destination is not None:
            destination = locating.find(node.destination, screen, self.values)
            if destination is None:
                reason = f"step {node.index + 1}: {locating.why_not(node.destination, screen, self.values)}"
                return Handover("operation", fill(node.primitive, self.values), reason, asked)
        if node.risk == "commit" and node.around is not None and (new := node.around.unfilled(element, screen)):
            what = " and ".join(f"“{name}”" for name in new)
            reason = f"step {node.index + 1}: {what} must be filled in, and no recording tells with what"
            goal = f"{fill(node.primitive, self.values)}, once {what} is filled in"
            return Handover("operation", goal, reason, asked)
        action = self._action(node, element, destination)
        if isinstance(action, Handover):
            return action
        following = self._after(node)
        return Choice(
            action=action,
            decision=Decision(source="replay", level="operation", text=fill(node.primitive, self.values)),
            post=self._brings(node, screen),
            checked=asked,
            ready=_Ready(self, following) if following else None,
            risk=node.risk,
            experience=ExperienceRef(id=self.experience.id, version=self.experience.version, node=node.index),
            values=self.values,
        )

    def _brings(self, node: Node, screen: Screen) -> tuple[Check, ...]:
        """What must hold after a step that is taken on this screen."""
        post = node.post + (self.experience.success if not self._after(node) else ())
        if self.heals and node.around is not None and node.around.speaks_otherwise(screen):
            return without_words(post)
        return post

    def _action(self, node: Node, element: Element | None, destination: Element | None) -> Action | Handover:
        text = fill(node.text or "", self.values)
        if node.kind in ("type", "select"):
            text = to_enter(text, node.text or "", node.written, self.experience.slots)
        match node.kind:
            case "type":
                return Type(text="" if node.secret else text, element=element, secret=node.secret, enter=node.enter)
            case "key":
                return Key(key=text)
            case "open":
                return Open(url=text)
            case "back":
                return Back()
            case "home":
                return Home()
        assert element is not None, f"node {node.index} of {self.experience.id} has no target"
        match node.kind:
            case "select":
                if not element.options:  # a list of Android, which tells its choices only when it is open
                    return Select(element=element, option=text)
                fitting = [option for option in element.options if same_value(option, text)]
                if text not in fitting and len(fitting) != 1:
                    known = ", ".join(element.options)
                    return Handover(
                        "operation",
                        fill(node.primitive, self.values),
                        f"step {node.index + 1}: “{text}” is not among the choices ({known})",
                    )
                return Select(element=element, option=text if text in fitting else fitting[0])
            case "drag":
                assert destination is not None
                return Drag(start=element.box.center, end=destination.box.center, element=element, target=destination)
            case "double_tap":
                return DoubleTap(point=element.box.center, element=element)
            case "long_press":
                return LongPress(point=element.box.center, element=element)
            case _:
                return Tap(point=element.box.center, element=element)

    def _finish(self, mine: list[Step], screen: Screen, goal: str) -> Choice | Handover:
        seen = evaluate_all(self.experience.success, Evidence(after=screen, values=self.values), "success")
        if not passed(seen) and not (self._drifted(mine) and ended_well(self.experience, screen, self.values)):
            failed = [c for c in seen if c.severity == "must" and c.value != "true"]
            return Handover(
                "plan", goal, "all steps were played but the end does not look right: " + _listed(failed), seen
            )
        last = len(self.experience.nodes)
        return Choice(
            action=Done(message="all steps played, all checks passed"),
            decision=Decision(source="replay", level="plan", text="the end looks as in every recording"),
            checked=seen,
            experience=ExperienceRef(id=self.experience.id, version=self.experience.version, node=last),
            values=self.values,
        )

    def _next(self, mine: list[Step], screen: Screen) -> Node | None:
        """The node after the last one played; optional nodes whose target is not there are passed over, and of several
        ways those that were not begun. Of ways of which the screen shows none, or more than one, the first is given: it
        cannot be played."""
        last = self._last(mine)
        for node in self.experience.nodes[last.index + 1 if last is not None else 0 :]:
            if node.branch is not None:
                if last is None or last.branch is None or last.branch.group != node.branch.group:
                    ways = beginnings(self.experience, node.branch.group)
                    open_now = [way for way in ways if self._can_play(way, screen)]
                    return open_now[0] if len(open_now) == 1 else ways[0]
                if last.branch == node.branch:
                    return node
                continue
            if not node.optional or self._can_play(node, screen):
                return node
        return None

    def _last(self, mine: list[Step]) -> Node | None:
        """The node that was played last."""
        ref = mine[-1].experience if mine else None
        return self.experience.nodes[min(ref.node, len(self.experience.nodes) - 1)] if ref is not None else None

    def _unclear(self, node: Node, mine: list[Step], screen: Screen) -> Handover | None:
        """A handover where the screen shows the beginnings of several ways that exclude each other."""
        last = self._last(mine)
        gone = last.branch if last is not None else None
        if node.branch is None or (gone is not None and gone.group == node.branch.group):
            return None
        ways = beginnings(self.experience, node.branch.group)
        shown = [fill(way.primitive, self.values) for way in ways if self._can_play(way, screen)]
        if len(shown) < 2:
            return None
        said = f"step {node.index + 1}: the screen shows more than one way to go on: {' and '.join(shown)}"
        return Handover("operation", shown[0], said)

    def _after(self, node: Node) -> list[Node]:
        """The nodes that may come next: the optional ones and the beginnings of ways, up to the first that must."""
        found: list[Node] = []
        for later in self.experience.nodes[node.index + 1 :]:
            if later.branch is not None:
                if node.branch is not None and later.branch.group == node.branch.group:
                    if later.branch == node.branch:
                        return [*found, later]
                    continue
                return [*found, *beginnings(self.experience, later.branch.group)]
            found.append(later)
            if not later.optional:
                return found
        return found if not found or not all(n.optional for n in found) else []

    def _can_play(self, node: Node, screen: Screen) -> bool:
        for loop in self.experience.loops:
            if loop.every is not None and node.index >= loop.first:
                return node.index == loop.first and not isinstance(rows_called(loop.every, screen), str)
        if not passed(evaluate_all(node.pre, Evidence(after=screen, values=self.values), "pre")):
            return False
        if node.target is not None and locating.find(node.target, screen, self.values) is None:
            return False
        return node.destination is None or locating.find(node.destination, screen, self.values) is not None

    def _dialog_next(self, mine: list[Step]) -> bool:
        played = mine[-1].experience.node if mine and mine[-1].experience else -1
        rest = self.experience.nodes[played + 1 :]
        return (
            bool(rest)
            and rest[0].target is not None
            and rest[0].target.path is not None
            and ("alertdialog" in rest[0].target.path)
        )

    def _primitive(self, step: Step) -> str:
        node = self.experience.nodes[step.experience.node] if step.experience else None
        return fill(node.primitive, self.values) if node else ""

    def _said(self, index: int, failed: list[CheckResult]) -> str:
        return f"step {index + 1}: {_listed(failed)}"


@dataclass
class _Ready:
    """Whether one of some nodes can be played: at once where all is as it was, and where something is called otherwise
    when the page has been still for a while, so that no page is judged by its first half."""

    replayer: Replayer
    nodes: list[Node]
    _seen: tuple[object, ...] = ()
    _since: float = 0.0

    def __call__(self, screen: Screen) -> bool:
        if any(self.replayer._can_play(node, screen) for node in self.nodes):
            return True
        now, seen = time.monotonic(), (screen.url, screen.elements)
        if seen != self._seen:
            self._seen, self._since = seen, now
        if now - self._since < _STILL:
            return False
        self._since = now  # so that a page that stands still is looked through once in a while, not always
        return any(self.replayer._healed(node, screen) is not None for node in self.nodes)


def _waits(history: tuple[Step, ...]) -> int:
    """How many waits are the last steps."""
    waited = 0
    while waited < len(history) and history[-1 - waited].action.kind == "wait":
        waited += 1
    return waited


def _listed(failed: list[CheckResult]) -> str:
    return "; ".join(f"{c.value}: {c.label}" + (f" ({c.evidence})" if c.evidence else "") for c in failed[:3])
