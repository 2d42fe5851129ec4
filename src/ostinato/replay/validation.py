"""Leave one out: whether what is learnt from all recordings but one would have done that one, step by step.

Its task is read with the templates, its trace is walked with the values: every locator must find what was touched,
every text be what was entered, every check hold on its screens, and the app's data have changed as expected. Nothing is
played."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ostinato.errors import LearnError, MatchError
from ostinato.judge.change import compare
from ostinato.judge.check import Check, Phase
from ostinato.judge.evidence import Evidence, evaluate_all
from ostinato.replay.experience import Experience, HeldOut, Node
from ostinato.replay.kinds import to_enter
from ostinato.replay.loops import in_full, rows_called
from ostinato.replay.picks import picked_values
from ostinato.trace.action import Drag, describe, target_of
from ostinato.trace.data import AppData
from ostinato.trace.locator import Locator, find, why_not
from ostinato.trace.reading import readings
from ostinato.trace.record import ExperienceRef, Step, Trace
from ostinato.trace.recordings import entered, prepare
from ostinato.trace.repeats import row_repeats
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import fill, normal, same_text

_MOST = 20  # recordings that are held out; of more, the first ones


def held_out(
    traces: Sequence[Trace], learn: Callable[[Sequence[Trace]], Experience], data: Callable[[str], AppData]
) -> tuple[HeldOut, ...]:
    """For each recording, what keeps that which is learnt from the others from doing it; none with one recording."""
    if len(traces) < 2:
        return ()
    found: list[HeldOut] = []
    for number, trace in enumerate(traces[:_MOST]):
        others = [*traces[:number], *traces[number + 1 :]]
        try:
            reason = why_not_done(learn(others), trace, data)
        except LearnError as error:
            alone = "the other recording alone" if len(others) == 1 else "the other recordings"
            reason = f"{alone} cannot be learnt from: {error}"
        found.append(HeldOut(recording=trace.id, reason=reason))
    return tuple(found)


def why_not_done(experience: Experience, trace: Trace, data: Callable[[str], AppData]) -> str:
    """Why an experience would not have done what a recording did, in words; empty when it would."""
    kinds = {slot.name: slot.kind for slot in experience.slots}
    read = readings(trace.task, experience.templates, kinds)
    if len(read) != 1:
        return "its task " + ("is not read by the templates" if not read else "can be read in more than one way")
    try:
        experience, bound = in_full(experience, read[0], _begins(experience, trace))
    except MatchError as error:
        return str(error)
    values = {"today": trace.started.astimezone().date().isoformat(), **bound}
    walked: list[Step] = []
    rest = list(experience.nodes)
    for step, after in prepare(trace):
        node, reason = _meant(rest, step, values)
        if node is None:
            return f"step {step.index + 1} ({describe(step.action)}): {reason}"
        rest = rest[rest.index(node) + 1 :]
        reason = _unlike(experience, node, step, after, values)
        if reason:
            return f"step {step.index + 1} ({describe(step.action)}): {reason}"
        ref = ExperienceRef(id=experience.id, version=experience.version, node=node.index)
        walked.append(step.model_copy(update={"experience": ref}))
    left = [node for node in rest if not node.optional]
    if left:
        return f"it lacks “{fill(left[0].primitive, values)}”"
    if trace.final is not None and (false := _false(experience.success, trace.final, values, "success")):
        return f"at the end: {false}"
    return _data(experience, trace, {**values, **picked_values(experience, walked)}, data)


def _begins(experience: Experience, trace: Trace) -> Screen | None:
    """The screen on which a recording begins what an experience does for every row."""
    steps = prepare(trace)
    for loop in experience.loops:
        for repeat in row_repeats(steps):
            screen = steps[repeat.first][0].before
            called = rows_called(loop.every, screen) if loop.every is not None else ""
            if not isinstance(called, str) and len(called) == repeat.count:
                return screen
    return None


def _meant(rest: Sequence[Node], step: Step, values: dict[str, str]) -> tuple[Node | None, str]:
    """The next node that is this step; optional ones before it are passed over."""
    reason = "nothing is left to do"
    for node in rest:
        said = _other_target(node, step, values)
        if not said:
            return node, ""
        if not node.optional:
            return None, said
        reason = said
    return None, reason


def _other_target(node: Node, step: Step, values: dict[str, str]) -> str:
    if node.kind != step.action.kind:
        return f"“{fill(node.primitive, values)}” is to be done here"
    pairs: list[tuple[Locator | None, Element | None]] = [(node.target, target_of(step.action))]
    if isinstance(step.action, Drag):
        pairs.append((node.destination, step.action.target))
    for locator, element in pairs:
        if locator is None:
            continue
        found = find(locator, step.before, values)
        if found is None:
            return why_not(locator, step.before, values)
        if element is None or found.path != element.path:
            return f"{fill(locator.words(), values)} is another element"
    return ""


def _unlike(experience: Experience, node: Node, step: Step, after: Screen | None, values: dict[str, str]) -> str:
    """What of a node differs from the step that it is: its text, or a check."""
    text = entered(step)
    if text is not None and node.text is not None:
        wanted = fill(node.text, values)
        if node.kind in ("type", "select"):
            wanted = to_enter(wanted, node.text, node.written, experience.slots)
        if not same_text(wanted, text) or (node.written and normal(wanted) != normal(text)):
            return f"it would enter “{wanted}”"
    before = _false(node.pre, step.before, values, "pre")
    if node.risk == "commit":
        before = before or _false(node.commit, step.before, values, "commit")
    return before or (_false(node.post, after, values, "post") if after is not None else "")


def _false(checks: tuple[Check, ...], screen: Screen, values: dict[str, str], phase: Phase) -> str:
    asked = evaluate_all(checks, Evidence(after=screen, values=values), phase)
    failed = [c for c in asked if c.severity == "must" and c.value != "true"]
    return f"{failed[0].value}: {failed[0].label}" if failed else ""


def _data(experience: Experience, trace: Trace, values: dict[str, str], data: Callable[[str], AppData]) -> str:
    if experience.data is None or trace.data.before is None or trace.data.after is None:
        return ""
    truth, said = compare(data(trace.data.before), data(trace.data.after), experience.data, values)
    return "" if truth == "true" else f"the app's data: {said}"
