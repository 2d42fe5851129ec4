"""Repair an experience whose app has changed: what was renamed or moved is found again, what was learnt stays.

A run repairs what it needs for itself (`healed`), step by step, and leaves the experience as it is. When the run has
ended well, what it met is made into a new version (`new_version`): a candidate, until clean runs on a reset app have
shown that it is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ostinato.judge.check import Check, CheckedIs, Enabled, Exists, TextHas, ValueEquals
from ostinato.judge.evidence import Evidence, evaluate
from ostinato.replay.experience import Experience, Node
from ostinato.replay.relocation import Embeds, Moved, moved_to, relocate
from ostinato.trace.action import target_of
from ostinato.trace.locator import Locator, find, is_meant
from ostinato.trace.record import Step, Trace
from ostinato.trace.recordings import entered
from ostinato.trace.risk import deed_in
from ostinato.trace.screen import Record, Screen
from ostinato.trace.values import fill, same_value

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Healed:
    """A node that can be played on a changed screen, and what moved there, by its old locator."""

    node: Node
    moved: Mapping[Locator, Moved]

    @property
    def words(self) -> str:
        """For people: `button “Save” is button “Keep” now (by its place)`."""
        return "; ".join(
            f"{old.words()} is {new.element.role} “{new.element.name or new.element.path}” now (by its {new.by})"
            for old, new in self.moved.items()
        )


def healed(
    experience: Experience, node: Node, screen: Screen, values: dict[str, str], embedder: Embeds
) -> Healed | None:
    """The node with locators that find on this screen what they meant in the recordings; None where its own target
    cannot be found for certain, or where nothing moved."""
    wanted = locators_in((node.target, node.destination, *_looked_for(node)))
    lost = [one for one in wanted if find(one, screen, values) is None]
    if any(one.pick is not None for one in lost):  # the row that a task describes is that one or none
        return None
    claimed = {e.path for one in locators_in(experience) if (e := find(one, screen, values)) is not None}
    sent = [n.target.name for n in experience.nodes if n.risk == "commit" and n.target is not None]
    deeds = {deed for name in sent if name and (deed := deed_in(name)) is not None}
    moved: dict[Locator, Moved] = {}
    for one in lost:
        own = one in (node.target, node.destination)
        risk = node.risk if one == node.target and node.kind in ("tap", "double_tap", "long_press") else None
        found = relocate(one, screen, values, node.around, claimed, risk, embedder, deeds)
        if found is not None:
            moved[one] = found
            claimed.add(found.element.path)
        elif own:
            return None
    if not moved:
        return None
    return Healed(with_locators(node, {old: new.locator for old, new in moved.items()}), moved)


def _looked_for(node: Node) -> list[Locator]:
    """What the checks before a step want to be on the screen."""
    checks = [c for c in (*node.pre, *node.commit) if isinstance(c, Exists | Enabled | ValueEquals | CheckedIs)]
    return [check.target for check in checks]


def drifted(experience: Experience, steps: Sequence[Step], values: dict[str, str]) -> bool:
    """Whether an app was met changed in these steps of a replay: something was repaired, or a page spoke another
    language. Where all was as ever, words that are missing are missing for a reason."""
    for step in steps:
        node = _played(experience, step)
        if node is None or not step.before.elements:  # a run that was kept without its values does not tell
            continue
        if node.around is not None and node.around.speaks_otherwise(step.before):
            return True
        element = target_of(step.action)
        if node.target is not None and element is not None and not is_meant(node.target, element, step.before, values):
            return True
    return False


def retold(check: Check) -> tuple[Check, ...]:
    """What is left of a check on a page in another language: of “{name} was added” that the name is shown, of “Saved”
    nothing. Itself where it asks for no words of the app's own."""
    if not isinstance(check, Exists | TextHas):
        return (check,)
    said = check.text if isinstance(check, TextHas) else check.target.name or ""
    if not check.slots:
        return ()
    own = fill(said, dict.fromkeys(check.slots, ""))
    if not any(letter.isalnum() for letter in own):
        return (check,)
    return tuple(TextHas(text="{" + slot + "}", severity=check.severity) for slot in check.slots)


def without_words(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Checks that still tell something on a page in another language; the others are asked, and decide nothing."""
    found: list[Check] = []
    for check in checks:
        left = retold(check)
        found += left if check in left else (check.model_copy(update={"severity": "warn"}), *left)
    return tuple(found)


def _said_otherwise(checks: Sequence[Check], screen: Screen, values: dict[str, str]) -> tuple[list[Check], list[Check]]:
    """The checks that hold, and those of which all but the app's own words does."""
    evidence = Evidence(after=screen, values=values)

    def holds(check: Check) -> bool:
        return evaluate(check, evidence).value == "true"

    told = [check for check in checks if holds(check)]
    gone = [
        check
        for check in checks
        if check not in told and check not in (left := retold(check)) and all(map(holds, left))
    ]
    return told, gone


def only_words_are_gone(node: Node, experience: Experience, screen: Screen, values: dict[str, str]) -> bool:
    """Whether all that a step should have brought is there but for what the app says in words of its own. Something
    else must tell that it was done: an address, a value; without that, the words were all there was to see."""
    last = node.index == len(experience.nodes) - 1
    checks = [*node.post, *(experience.success if last else ())]
    told, gone = _said_otherwise(checks, screen, values)
    return len(told) + len(gone) == len(checks) and bool(told or any(map(retold, gone)))


def ended_well(experience: Experience, screen: Screen, values: dict[str, str]) -> bool:
    """Whether the end looks as in the recordings but for what the app says in words of its own, where values of the
    task are shown as then, or the app's data will tell."""
    told, gone = _said_otherwise(experience.success, screen, values)
    if len(told) + len(gone) < len(experience.success):
        return False
    return experience.data is not None or any(check.slots for check in (*told, *gone))


def new_version(experience: Experience, trace: Trace, values: dict[str, str], embedder: Embeds) -> Experience | None:
    """The experience as a run that ended well met the app: with the locators of what was touched in place of those
    that found nothing, and, where the app itself was met changed, without words that it says otherwise now: whoever
    else went on, what a run is judged by stays. None where nothing changed."""
    patches = _by_others(experience, trace.steps, values)
    changed = drifted(experience, trace.steps, values)
    afters = [step.before for step in trace.steps[1:]] + [trace.final]
    gone: dict[int, list[Check]] = {}
    for step, after in zip(trace.steps, afters, strict=True):
        node = _played(experience, step)
        if node is None:
            continue
        again = healed(experience, node, step.before, values, embedder)
        patches |= {old: new.locator for old, new in again.moved.items()} if again is not None else {}
        if after is not None and changed:
            last = node.index == len(experience.nodes) - 1
            checks = (*node.post, *(experience.success if last else ()))
            gone[node.index] = _said_otherwise(checks, after, values)[1]
    if not patches and not any(gone.values()):
        return None
    lost = [check for checks in gone.values() for check in checks]
    nodes = tuple(
        node.model_copy(update={"post": _retold(node.post, gone.get(node.index, []))}) for node in experience.nodes
    )
    mended = experience.model_copy(
        update={"nodes": nodes, "success": _retold(experience.success, lost), "status": "candidate"}
    )
    return with_locators(mended, patches)


def _retold(checks: Sequence[Check], gone: Sequence[Check]) -> tuple[Check, ...]:
    return tuple(dict.fromkeys(left for check in checks for left in (retold(check) if check in gone else (check,))))


def _played(experience: Experience, step: Step) -> Node | None:
    """The node that a step played; None for those of others, and where the place tells no node."""
    ref = step.experience
    if ref is None or (ref.id, ref.version) != (experience.id, experience.version):
        return None
    return experience.nodes[ref.node] if ref.node < len(experience.nodes) else None


def _by_others(experience: Experience, steps: Sequence[Step], values: dict[str, str]) -> dict[Locator, Locator]:
    """What another decider touched where a node found nothing: the node that was left out between two that were played,
    of the same kind, with the same value."""
    patches: dict[Locator, Locator] = {}
    played = -1
    for number, step in enumerate(steps):
        node = _played(experience, step)
        if node is not None:
            played = node.index
            continue
        element = target_of(step.action)
        if step.decision.aside or step.experience is not None or element is None or not _counts(step):
            continue
        following = (_played(experience, later) for later in steps[number + 1 :])
        until = next((later.index for later in following if later is not None), len(experience.nodes))
        for left_out in experience.nodes[played + 1 : until]:
            if left_out.target is None or left_out.kind != step.action.kind or left_out.optional:
                continue
            if left_out.text is not None and not same_value(fill(left_out.text, values), entered(step) or ""):
                continue
            if find(left_out.target, step.before, values) is None:
                new = moved_to(element, left_out.target, step.before, values, "who went on")
                patches |= {left_out.target: new.locator} if new is not None else {}
            played = left_out.index
            break
    return patches


def _counts(step: Step) -> bool:
    return step.result is None or (step.result.ok and step.result.touched)


def with_locators(record: R, patches: Mapping[Locator, Locator]) -> R:
    """A record in which every locator that has moved is the new one, in checks too."""
    return _replaced(record, patches)  # type: ignore[no-any-return]


def _replaced(value: Any, patches: Mapping[Locator, Locator]) -> Any:
    if isinstance(value, Locator):
        return patches.get(value, value)
    if isinstance(value, tuple):
        return tuple(_replaced(part, patches) for part in value)
    if isinstance(value, Record):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        update = {name: new for name, old in fields.items() if (new := _replaced(old, patches)) is not old}
        changed = {name: new for name, new in update.items() if new != fields[name]}
        return value.model_copy(update=changed) if changed else value
    return value


def locators_in(value: Any) -> list[Locator]:
    """Every locator that a node, a check or a whole experience holds, each once."""
    found: dict[Locator, None] = {}

    def walk(part: Any) -> None:
        if isinstance(part, Locator):
            found[part] = None
        elif isinstance(part, tuple | list):
            for one in part:
                walk(one)
        elif isinstance(part, Record):
            for name in type(part).model_fields:
                walk(getattr(part, name))

    walk(value)
    return list(found)
