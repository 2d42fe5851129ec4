"""Where an experience goes on after another decider took steps: as soon as a later node can be played, and nothing that
lies before it was left out.

A node that is passed over must be accounted for. What it enters stands in its field, or was entered by the other; what
it sends was sent by the other, by the control that the node means. What merely leads somewhere needs only that a later
node is there. Where the other sent anything else, nothing of the experience is played any more: it may be what a later
node sends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ostinato.judge.check import ValueEquals
from ostinato.judge.evidence import Evidence, evaluate_all, passed
from ostinato.replay.experience import Branch, Experience, Node, beginnings
from ostinato.replay.goals import goals_of
from ostinato.trace.action import target_of
from ostinato.trace.locator import is_meant
from ostinato.trace.record import Step
from ostinato.trace.recordings import entered
from ostinato.trace.screen import Screen
from ostinato.trace.values import fill, same_value


def rejoin(
    experience: Experience,
    values: dict[str, str],
    after: int,
    foreign: Sequence[Step],
    screen: Screen,
    can_play: Callable[[Node, Screen], bool],
) -> int | None:
    """The index of the node to go on with; that behind the last when each is accounted for and only the end is left to
    look at; None where the experience cannot go on yet. `after` is the node that was played last (-1: none), `foreign`
    what the other did since, `can_play` whether a node's checks hold and its target is there."""
    done = [step for step in foreign if step.result is None or step.result.touched]
    sent = [step for step in done if step.risk == "commit"]
    left_out = False
    entered_ways = _gone(experience, values, after, sent)
    for node in experience.nodes[after + 1 :]:
        if node.branch is not None and node.branch.group not in entered_ways:
            ways = [way for way in beginnings(experience, node.branch.group) if can_play(way, screen)]
            if len(ways) == 1 and node.index == beginnings(experience, node.branch.group)[0].index:
                return ways[0].index if not sent else None
        if node.branch is not None and entered_ways.get(node.branch.group, node.branch) != node.branch:
            continue
        there = node.optional or _accounted(node, values, done, screen)
        if node.risk == "commit":
            mine = [step for step in sent if _means(node, step, values)]
            sent = [step for step in sent if step not in mine]
            there = bool(mine)
        if there:
            continue
        if can_play(node, screen):
            return node.index if not sent else None
        if not _leads(node):
            return None
        left_out = True
    return len(experience.nodes) if not sent and not left_out else None


def _gone(experience: Experience, values: dict[str, str], after: int, sent: Sequence[Step]) -> dict[int, Branch]:
    """Of several ways the one that was gone: by the node that was played last, or by what the other sent."""
    found: dict[int, Branch] = {}
    for node in experience.nodes:
        if node.branch is None:
            continue
        by_other = node.index > after and node.risk == "commit" and any(_means(node, step, values) for step in sent)
        if by_other or node.index == after:
            found[node.branch.group] = node.branch
    return found


def left_to_do(
    experience: Experience, values: dict[str, str], after: int, foreign: Sequence[Step], screen: Screen
) -> str:
    """The sub-goal that is not reached, in words: its own where nothing of it is done, else what is left of it."""
    done = [step for step in foreign if step.result is None or step.result.touched]
    goals = experience.goals or goals_of(experience.nodes)
    for goal in goals:
        nodes = experience.nodes[max(goal.first, after + 1) : goal.last + 1]
        left = [node for node in nodes if not node.optional and not _accounted(node, values, done, screen)]
        if left:
            whole = len(left) == sum(not node.optional for node in experience.nodes[goal.first : goal.last + 1])
            return fill(goal.words if whole else ", then ".join(node.primitive for node in left), values)
    return ""


def _accounted(node: Node, values: dict[str, str], done: Sequence[Step], screen: Screen) -> bool:
    """Whether what a node enters is entered; of one that enters nothing, that the other touched what it means."""
    if node.kind not in ("type", "select"):
        return any(_means(node, step, values) for step in done)
    text = fill(node.text or "", values)
    if node.secret is None and node.target is not None:
        stands = evaluate_all((ValueEquals(target=node.target, value=text),), Evidence(after=screen, values=values))
        if passed(stands):
            return True
    if node.secret is not None:  # what was typed is not known; the field is
        return any(_means(node, step, values) for step in done)
    return any(same_value(value, text) for step in done if (value := entered(step)) is not None)


def _means(node: Node, step: Step, values: dict[str, str]) -> bool:
    """Whether a step touched what a node means, in the same way."""
    element = target_of(step.action)
    if node.kind != step.action.kind or element is None or node.target is None:
        return False
    return is_meant(node.target, element, step.before, values)


def _leads(node: Node) -> bool:
    """Whether a node only leads to another screen, so that it may be left out where that screen is there."""
    return node.risk == "read" and node.kind in ("tap", "back", "home", "open", "double_tap", "long_press")
