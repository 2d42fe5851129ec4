"""Judge a stored trace: a verdict from the app's data, its screens and what was done. Never from what was said."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ostinato.errors import StoreError
from ostinato.judge.change import changes, unexpected
from ostinato.judge.check import (
    AllOf,
    AnyOf,
    Asked,
    Changed,
    Check,
    Count,
    DataChange,
    Did,
    Enabled,
    Kept,
    Sent,
    Was,
    asks_model,
)
from ostinato.judge.evidence import Asking, Evidence, Eyes, Phase, answer, evaluate, path_of
from ostinato.judge.milestone import Reached, follow
from ostinato.judge.substate import Rules, Substate, When, in_order
from ostinato.trace.action import DoubleTap, LongPress, Tap, target_of
from ostinato.trace.data import AppData
from ostinato.trace.record import Answer, CheckResult, Step, SubstateResult, Trace, Truth, Verdict
from ostinato.trace.screen import Screen
from ostinato.trace.values import fill

_PRESSED = frozenset({"button", "menuitem", "switch"})
JUDGE = 3  # raised when the same rules and evidence may give another verdict than before


@dataclass(frozen=True)
class _Run:
    """All the evidence of a trace: one piece per screen, the last one that of the end; and the data."""

    screens: tuple[Evidence, ...]
    data: Evidence
    has_final: bool
    damaged: bool
    autosave: bool

    @property
    def origin(self) -> str | None:
        """The site on which the run began."""
        start = self.screens[0].after if self.screens else None
        return start.origin if start is not None else None

    def at(self, number: int, when: When, first: int = 0) -> Evidence:
        """The evidence of one screen. What is asked of the end only is compared with the first screen that may show
        it."""
        if not 0 <= number < len(self.screens) or (when == "final" and not self.has_final):
            return replace(self.data, data_before=None, data_after=None)
        found = self.screens[number]
        if when != "final":
            return found
        start = self.screens[first].after
        sent = (e.step for e in self.screens[1 : first + 1] if e.step is not None and _may_change(e.step, start))
        spoilt = any(_sends(step) and not _is_link(step) for step in sent)  # before the page was seen first
        return replace(found, before=None if spoilt else start)

    def pending(self, place: int) -> bool:
        """Whether the last thing that was done on the site of a screen before it was an entry that nobody sent, in an
        app that keeps only what is sent."""
        if self.autosave:
            return False
        page = self.screens[place].after
        steps = [e.step for e in self.screens[1 : place + 1] if e.step is not None and _may_change(e.step, page)]
        done = [step for step in steps if step.risk != "read"]
        return bool(done) and done[-1].risk == "edit"

    def settled(self, page: Sequence[Truth]) -> tuple[int, int, bool]:
        """Where a page was seen first and last (at most), and whether that shows what is stored: nothing that may have
        changed it was done since, and nothing that was entered waits to be sent. The last screen of all where it was
        never seen."""
        shown = [t for t, truth in enumerate(page) if truth == "true"]
        last = len(self.screens) - 1
        if not shown:
            return 0, last, False
        end = self.screens[shown[-1]].after
        later = [evidence.step for evidence in self.screens[shown[-1] + 1 :]]
        unsure = "unknown" in page[shown[-1] + 1 :]
        settled = all(step is not None and not _may_change(step, end) for step in later)
        return shown[0], shown[-1], settled and not unsure and not self.pending(shown[-1])

    def pressed(self, place: int) -> bool:
        """Whether buttons were pressed after this screen, and not only such as bring up a question."""
        page = self.screens[place].after
        return any(
            e.step is not None and _presses(e.step, page) and not _only_asks(e.step, e.after)
            for e in self.screens[place + 1 :]
        )


def judge_name(eyes: Eyes | None, model: Asking | None) -> str:
    """Who judges, for the record: the version of this judge, and what helps it."""
    return " and ".join([f"checks {JUDGE}", *(helper.name for helper in (eyes, model) if helper is not None)])


def _sends(step: Step) -> bool:
    return step.risk == "commit" and (step.result is None or step.result.touched)


def _may_change(step: Step, page: Screen | None) -> bool:
    """Whether a step may have changed what a page shows: it edits or sends something on the same site."""
    return step.risk != "read" and (page is None or step.before.origin == page.origin)


def _presses(step: Step, page: Screen | None) -> bool:
    """Whether a step pressed a button on the same site of which nobody knows what it does: it may have undone all."""
    touched = target_of(step.action) if isinstance(step.action, Tap | DoubleTap | LongPress) else None
    return touched is not None and touched.role in _PRESSED and (page is None or step.before.origin == page.origin)


def _only_asks(step: Step, after: Screen | None) -> bool:
    """Whether a step brought up a question (a dialog with more than an OK): nothing is done before it is answered."""
    if step.risk != "read" or after is None or after.dialog is None:
        return False
    return sum(element.role == "button" for element in after.elements) > 1


def _is_link(step: Step) -> bool:
    touched = target_of(step.action)
    return touched is not None and touched.role == "link"


def judge(
    trace: Trace,
    rules: Rules,
    data: Callable[[str], AppData],
    eyes: Eyes | None = None,
    model: Asking | None = None,
) -> Verdict:
    """The verdict on a trace under some rules. `data` reads a data blob by its hash.

    `yes` when every required substate was reached in its order and nothing happened that must never be; `no` when one
    certainly was not, or that did; else `uncertain`: something that was asked could not be answered, or the trace is
    damaged, or nothing was asked."""
    started = time.perf_counter()
    before, lost_before = _read(trace.data.before, data)
    after, lost_after = _read(trace.data.after, data)
    run = _evidence(trace, before, after, rules, eyes, model)
    truths = _truths(rules, run)
    reached = follow(rules, truths)
    results = [
        _never(s, truths, run) if s.when == "never" else _reached(s, reached[s.id], truths, run)
        for s in rules.substates
    ]
    results = _acquitted(rules, results, run)
    value, reasons = _decide(rules, results)
    reasons += [lost for lost in (lost_before, lost_after) if lost]
    reasons += [f"the trace is damaged: {problem}" for problem in trace.problems]
    if value == "yes" and trace.problems:
        value = "uncertain"
    must = [s for s in rules.substates if s.required and s.when != "never"]
    kept = {r.id: r for r in results}
    made = changes(before, after) if before is not None and after is not None else None
    return Verdict(
        trace=trace.id,
        rules=rules.digest,
        judge=judge_name(eyes, model),
        value=value,
        reasons=tuple(reasons),
        substates=tuple(results),
        checks=tuple(check for r in results for check in r.checks),
        changes=tuple(c.words() for c in made) if made is not None else (),
        score=_share([s for s in rules.substates if s.when != "never"], kept),
        progress=_share(must, kept),
        side_effects=_side_effects(rules, before, after, run.data.values),
        said_done=None if trace.outcome is None else trace.outcome.claimed == "done",
        steps=trace.acts,
        oracle_steps=rules.steps,
        seconds=time.perf_counter() - started,
        judged=datetime.now(UTC),
    )


def _evidence(
    trace: Trace,
    before: AppData | None,
    after: AppData | None,
    rules: Rules,
    eyes: Eyes | None,
    model: Asking | None,
) -> _Run:
    values = {"today": trace.started.astimezone().date().isoformat(), **rules.values}
    base = Evidence(values=values, eyes=eyes, model=model)
    shown = [*(step.before for step in trace.steps), *([trace.final] if trace.final is not None else [])]
    screens: list[Evidence] = []
    for number, screen in enumerate(shown):
        step = trace.steps[number - 1] if 0 < number <= len(trace.steps) else None
        earlier = _kept(trace, shown[number - 1]) if number else None
        evidence = replace(base, after=_kept(trace, screen), before=earlier, step=step, first=number == 0)
        later = sum(map(_sends, trace.steps[number:]))
        screens.append(replace(evidence, sent_later=later > 0, sent=sum(map(_sends, trace.steps))))
    return _Run(
        screens=tuple(screens),
        data=replace(base, data_before=before, data_after=after),
        has_final=trace.final is not None,
        damaged=bool(trace.problems),
        autosave=rules.autosave,
    )


def _truths(rules: Rules, run: _Run) -> dict[str, Sequence[Truth]]:
    """For every substate the answer on each screen, without the order. What is asked of the end is false before it."""
    last = max(len(run.screens) - 1, 0)
    truths: dict[str, Sequence[Truth]] = {}
    for substate in in_order(rules):
        if substate.of_data:
            truths[substate.id] = _only_at(last, _holds(substate, run.data), last)
        elif substate.when != "final":
            page = truths[substate.parent] if substate.parent is not None else ()
            truths[substate.id] = _on_each(substate, page, run) or ["unknown"]
        elif substate.parent is None:
            held = _holds(substate, run.at(last, "final"))
            waiting = held == "true" and bool(run.screens) and run.pending(last)
            truths[substate.id] = _only_at(last, "unknown" if waiting else held, last)
        else:
            first, at, settled = run.settled(truths[substate.parent])
            value: Truth = _holds(substate, run.at(at, "final", first)) if settled else "unknown"
            truths[substate.id] = _only_at(at, "unknown" if value == "true" and run.pressed(at) else value, last)
    return truths


def _on_each(substate: Substate, page: Sequence[Truth], run: _Run) -> list[Truth]:
    """The answer on every screen. No model is asked of a unit where its page certainly is not shown."""
    elsewhere = {t for t, truth in enumerate(page) if truth == "false" and substate.kind == "unit"}
    asked = (replace(evidence, model=None) if t in elsewhere else evidence for t, evidence in enumerate(run.screens))
    return [_holds(substate, evidence) for evidence in asked]


def _only_at(place: int, value: Truth, last: int) -> list[Truth]:
    return [value if t == place else "false" for t in range(last + 1)]


def _holds(substate: Substate, evidence: Evidence) -> Truth:
    """All that must hold, on one screen."""
    quick = replace(evidence, brief=True, model=None, never=substate.when == "never")
    open_ = False
    for check in substate.checks:
        if check.severity == "must":
            value = "unknown" if asks_model(check) else answer(check, quick)[0]
            if value == "false":
                return "false"
            open_ = open_ or value == "unknown"
    return _answered(substate, evidence)[0] if open_ else "true"


def _answered(substate: Substate, evidence: Evidence, phase: Phase = "success") -> tuple[Truth, list[CheckResult]]:
    """Whether all that must hold does, and each answer. The cheap questions come first; a model is asked only where
    they leave it open, and overrules none of them."""
    evidence = replace(evidence, never=substate.when == "never")
    told = {n: evaluate(c, evidence, phase) for n, c in enumerate(substate.checks) if not asks_model(c)}
    if any(result.severity == "must" and result.value == "false" for result in told.values()):
        evidence = replace(evidence, model=None)
    told |= {n: evaluate(c, evidence, phase) for n, c in enumerate(substate.checks) if asks_model(c)}
    results = [told[n] for n in range(len(substate.checks))]
    must = [result.value for result in results if result.severity == "must"]
    if "false" in must or "unknown" not in must:
        return ("false" if "false" in must else "true"), results
    left = [c for c, result in zip(substate.checks, results, strict=True) if result.value == "unknown"]
    if not _can_be_seen(substate, left) or evidence.model is None or evidence.after is None:
        return "unknown", results
    in_words = evaluate(Asked(question=substate.text), evidence, phase)
    return in_words.value, [*results, in_words]


def _can_be_seen(substate: Substate, left: Sequence[Check]) -> bool:
    """Whether a look at the screen can settle what checks left open: not what was done, what was there before or how
    often, nor what asks a model itself (and of the app's data there is no screen). The text of what must never be may
    say either that it is there or that it is not."""
    if not substate.text or substate.when == "never" or any(map(asks_model, _must(substate))):
        return False
    return not any(isinstance(check, Did | Sent | Was | AnyOf | AllOf | Kept | Changed | Count) for check in left)


def _must(substate: Substate) -> list[Check]:
    return [check for check in substate.checks if check.severity == "must"]


def _reached(substate: Substate, reached: Reached, truths: dict[str, Sequence[Truth]], run: _Run) -> SubstateResult:
    value = reached.value
    if value == "no" and run.damaged and substate.when == "ever":
        value = "uncertain"  # what was lost may have shown it
    if value == "no" and substate.when == "ever" and _is_waiting(substate, run):
        value = "uncertain"
    at = (reached.sure or reached.possible or (None,))[0]
    return _result(substate, value, at, reached.sure or reached.possible, truths, run)


def _is_waiting(substate: Substate, run: _Run) -> bool:
    """Whether the run ended on what should have been sent, with the control that sends it unused: the app may keep
    what was entered all the same, and no screen tells."""
    sends = [c for c in _must(substate) if isinstance(c, Did)]
    held = [c for c in _must(substate) if isinstance(c, Was)]
    last = len(run.screens) - 1
    if len(sends) != 1 or len(sends) + len(held) < len(_must(substate)) or not run.has_final or not run.pending(last):
        return False
    target, end = sends[0].target, replace(run.screens[last], brief=True)
    if target is None or answer(Enabled(target=target), end)[0] != "true":
        return False
    return all(answer(check, end)[0] == "true" for was in held for check in was.checks)


def _never(substate: Substate, truths: dict[str, Sequence[Truth]], run: _Run) -> SubstateResult:
    """`yes` when it never was: a result says whether all is well with the substate."""
    answers = truths[substate.id]
    hits = tuple(t for t, truth in enumerate(answers) if truth == "true")
    may = tuple(t for t, truth in enumerate(answers) if truth == "unknown")
    value: Answer = "no" if hits else "uncertain" if may else "yes"
    return _result(substate, value, (hits or may or (None,))[0], hits or may, truths, run)


def _result(
    substate: Substate,
    value: Answer,
    at: int | None,
    screens: tuple[int, ...],
    truths: dict[str, Sequence[Truth]],
    run: _Run,
) -> SubstateResult:
    """The result with its checks as they were answered on the deciding screen, or on the last where there is none."""
    phase: Phase = "success"
    where = ""
    if substate.of_data:
        evidence, phase = run.data, "data"
    elif substate.when == "final" and substate.parent is not None:
        first, last, settled = run.settled(truths[substate.parent])
        evidence = run.at(last, "final", first)
        where = "" if settled and not run.pressed(last) else "its page was not seen after the last change"
    else:
        evidence = run.at(at if at is not None else len(run.screens) - 1, substate.when)
        if at is not None and substate.when != "final":
            where = f"on screen {at + 1}"
    checks = _answered(substate, evidence, phase)[1]
    told = [c.evidence or c.value for c in checks if c.severity == "must" and c.value != "true"]
    told = told if value != "yes" and told else [c.evidence for c in checks if c.evidence]
    said = ". ".join(part for part in (where, told[0] if told else "") if part)
    if not run.screens and not substate.of_data:
        said = "no screen was kept"
    elif at is None and substate.when == "ever" and value != "yes":
        held = sum(truth == "true" for truth in truths[substate.id])
        said = f"on {held or 'none'} of {len(truths[substate.id])} screens" + (", but not in its order" if held else "")
    return SubstateResult(
        id=substate.id,
        text=fill(substate.text, run.data.values),
        value=value,
        required=substate.required and bool(_must(substate) or substate.requires),
        weight=substate.weight,
        at=at,
        screens=screens,
        evidence=said,
        checks=tuple(_never_shown(c) for c in checks) if substate.when == "never" else tuple(checks),
    )


def _never_shown(check: CheckResult) -> CheckResult:
    """The answer to the opposite question."""
    value: Truth = "false" if check.value == "true" else "true" if check.value == "false" else "unknown"
    return check.model_copy(update={"label": f"never: {check.label}", "value": value})


def _acquitted(rules: Rules, results: Sequence[SubstateResult], run: _Run) -> list[SubstateResult]:
    """What was sent by another way than expected is no fault where the data changed exactly as they should, and it was
    sent in an app whose data these are: on the site where the run began, or where something was sent as expected.
    Nor is it one where all that is required was seen, and it was sent on a page that shows at its end that all else
    on it is as it was."""
    asked = {s.id: s for s in rules.substates}
    ways = {s.id for s in rules.substates if s.when == "never" and all(isinstance(c, Sent) for c in s.checks)}
    exact = {s.id for s in rules.substates if s.when != "never" and any(isinstance(c, DataChange) for c in s.checks)}
    by_data = any(r.value == "yes" for r in results if r.id in exact)
    watched = set() if exact else _watched(asked, results, run)
    sent = [(t, e.step) for t, e in enumerate(run.screens) if e.step is not None and _sends(e.step)]
    found = []
    for result in results:
        if result.id in ways and result.value == "no":
            hits = {t for t, evidence in enumerate(run.screens) if _holds(asked[result.id], evidence) == "true"}
            known = {step.before.origin for t, step in sent if t not in hits} | {run.origin}
            steps = [step for t, step in sent if t in hits]
            if by_data and all(step.before.origin in known for step in steps):
                result = _forgiven(result, "it came to nothing else in the data")
            elif watched and all(_place(step.before) in watched for step in steps):
                result = _forgiven(result, "its page shows at the end that all else is as it was")
        found.append(result)
    return found


def _forgiven(result: SubstateResult, why: str) -> SubstateResult:
    return result.model_copy(update={"value": "yes", "evidence": f"{result.evidence}; {why}"})


def _watched(asked: dict[str, Substate], results: Sequence[SubstateResult], run: _Run) -> set[str]:
    """The pages that show at their end that all else is as it was; none where something required was not reached."""
    must = [r for r in results if r.required and asked[r.id].when != "never"]
    if any(r.value != "yes" for r in must):
        return set()
    return {
        place
        for r in must
        if r.at is not None
        and asked[r.id].when == "final"
        and any(isinstance(check, Kept) for check in asked[r.id].checks)
        and (place := _place(run.screens[r.at].after)) is not None
    }


def _place(screen: Screen | None) -> str | None:
    return None if screen is None or screen.url is None else f"{screen.origin} {path_of(screen.url)}"


def _decide(rules: Rules, results: Sequence[SubstateResult]) -> tuple[Answer, list[str]]:
    """The verdict and its reasons: by `success` where there is one, else by all that is required."""
    found = {r.id: r for r in results}
    never = [found[s.id] for s in rules.substates if s.when == "never"]
    must = [r for r in results if r.required]
    if rules.success:
        best = max(([found[name] for name in group] for group in rules.success), key=_standing)
        must = [*best, *(r for r in never if r.required)]
    broken = [r for r in must if r.value == "no"]
    if broken:
        return "no", [_words(r) for r in must if r.value != "yes"]
    if not must:
        return "uncertain", ["no rule was asked"]
    if any(r.value == "uncertain" for r in must):
        return "uncertain", [_words(r) for r in must if r.value != "yes"]
    return "yes", [_words(r) for r in must]


def _standing(group: Sequence[SubstateResult]) -> tuple[bool, bool, int]:
    """How near a group of substates is to success."""
    values = [r.value for r in group]
    return "no" not in values, "uncertain" not in values, values.count("yes")


def _words(result: SubstateResult) -> str:
    text = result.text or "; ".join(check.label for check in result.checks) or result.id
    return text if result.value == "yes" else f"{text}: {result.evidence or result.value}"


def _share(asked: Sequence[Substate], results: dict[str, SubstateResult]) -> float | None:
    """The weight of those that were reached, as a share; None when nothing has a weight."""
    whole = sum(s.weight for s in asked)
    return sum(s.weight for s in asked if results[s.id].value == "yes") / whole if whole else None


def _side_effects(
    rules: Rules, before: AppData | None, after: AppData | None, values: dict[str, str]
) -> tuple[str, ...] | None:
    """Changes of the data that no rule expects; None when the rules do not say what is expected."""
    expected = [c for s in rules.substates if s.when != "never" for c in s.checks if isinstance(c, DataChange)]
    if before is None or after is None or not expected:
        return None
    rows = tuple(row for check in expected for row in check.expected)
    return tuple(change.words() for change in unexpected(before, after, rows, values))


def _read(sha: str | None, data: Callable[[str], AppData]) -> tuple[AppData | None, str]:
    if sha is None:
        return None, ""
    try:
        return data(sha), ""
    except StoreError as error:
        return None, str(error)


def _kept(trace: Trace, screen: Screen | None) -> Screen | None:
    """A screen to be asked about: not one whose elements were lost on disk, which would seem to lack everything."""
    return None if screen is None or (trace.problems and screen.tree and not screen.elements) else screen
