"""Judge a stored trace: a verdict from the app's data and from checks on stored screens. Never from what was said."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import yaml
from pydantic import ValidationError

from ostinato.errors import FormatError, StoreError
from ostinato.judge.change import changes
from ostinato.judge.check import Check, DataChange, Evidence, evaluate, patterns_slots
from ostinato.trace.data import AppData
from ostinato.trace.record import CheckResult, Trace, Verdict
from ostinato.trace.screen import Record, Screen


class Rule(Record):
    """A check and when it is asked: of the `final` screen (and the data), of `ever` one screen, of `never` one."""

    check: Check
    when: Literal["final", "ever", "never"] = "final"


class Rules(Record):
    """What makes a task done. `values` are the slots of the checks. An empty list of rules judges nothing."""

    task: str = ""
    values: dict[str, str] = {}
    rules: tuple[Rule, ...] = ()

    @property
    def digest(self) -> str:
        """The key of a verdict: a hash of everything that was asked."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def load_rules(path: Path) -> Rules:
    """Rules from a YAML or JSON file. Raises FormatError with file and field."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FormatError(path, "file", f"is not YAML: {str(error).splitlines()[0]}") from error
    try:
        rules = Rules.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        raise FormatError(path, ".".join(map(str, first["loc"])) or "file", first["msg"]) from error
    if not rules.rules:
        raise FormatError(path, "rules", "is empty; a judge without rules would say yes to everything")
    for number, rule in enumerate(rules.rules):
        unbound = [slot for slot in patterns_slots(rule.check) if slot not in {*rules.values, "today"}]
        if unbound:
            raise FormatError(path, f"rules.{number}", f"speaks of {{{unbound[0]}}}, and `values` does not name it")
    return rules


def judge(trace: Trace, rules: Rules, data: Callable[[str], AppData]) -> Verdict:
    """The verdict on a trace under some rules. `data` reads a data blob by its hash.

    `yes` when every rule holds; `no` when one that must hold does not; else `uncertain`: something that was asked
    could not be answered, or the trace is damaged, or nothing was asked."""
    started = time.perf_counter()
    before, lost_before = _read(trace.data.before, data)
    after, lost_after = _read(trace.data.after, data)
    results = [_answer(rule, trace, before, after, rules.values) for rule in rules.rules]
    must = [r for r in results if r.severity == "must"]
    reasons = [f"{r.label}: {r.evidence or r.value}" for r in must if r.value != "true"]
    reasons += [lost for lost in (lost_before, lost_after) if lost]
    reasons += [f"the trace is damaged: {problem}" for problem in trace.problems]
    if any(r.value == "false" for r in must):
        value: Literal["yes", "no", "uncertain"] = "no"
    elif not must or trace.problems or any(r.value != "true" for r in must):
        value = "uncertain"
        reasons = reasons or ["no rule was asked"]
    else:
        value = "yes"
        reasons = [f"{r.label}" for r in must]
    seen = tuple(c.words() for c in changes(before, after)) if before is not None and after is not None else ()
    return Verdict(
        trace=trace.id,
        rules=rules.digest,
        judge="checks",
        value=value,
        reasons=tuple(reasons),
        checks=tuple(results),
        changes=seen,
        seconds=time.perf_counter() - started,
        judged=datetime.now(UTC),
    )


def _read(sha: str | None, data: Callable[[str], AppData]) -> tuple[AppData | None, str]:
    if sha is None:
        return None, ""
    try:
        return data(sha), ""
    except StoreError as error:
        return None, str(error)


def _answer(
    rule: Rule, trace: Trace, before: AppData | None, after: AppData | None, values: dict[str, str]
) -> CheckResult:
    values = {"today": trace.started.astimezone().date().isoformat(), **values}
    if isinstance(rule.check, DataChange):
        return evaluate(rule.check, Evidence(values=values, data_before=before, data_after=after), "data")
    if rule.when == "final":
        final, first = _kept(trace, trace.final), _kept(trace, _first(trace))
        return evaluate(rule.check, Evidence(after=final, before=first, values=values), "success")
    screens = [_kept(trace, screen) for screen in [*(step.before for step in trace.steps), trace.final] if screen]
    results = [evaluate(rule.check, Evidence(after=screen, values=values), "success") for screen in screens]
    if rule.when == "ever":
        for wanted in ("true", "unknown"):
            for number, result in enumerate(results):
                if result.value == wanted:
                    return result.model_copy(update={"evidence": f"at step {number + 1}. {result.evidence}"})
        return _none(rule, values, "false" if results else "unknown", f"on none of {len(results)} screens")
    for wanted, said in (("true", "false"), ("unknown", "unknown")):
        for number, result in enumerate(results):
            if result.value == wanted:
                return _none(rule, values, said, f"at step {number + 1}. {result.evidence}")
    return _none(rule, values, "true" if results else "unknown", f"on none of {len(results)} screens")


def _none(rule: Rule, values: dict[str, str], value: str, said: str) -> CheckResult:
    asked = evaluate(rule.check, Evidence(values=values), "success")
    label = f"never: {asked.label}" if rule.when == "never" else asked.label
    return CheckResult.model_validate({**asked.model_dump(), "label": label, "value": value, "evidence": said})


def _first(trace: Trace) -> Screen | None:
    return trace.steps[0].before if trace.steps else None


def _kept(trace: Trace, screen: Screen | None) -> Screen | None:
    """A screen to be asked about: not one whose elements were lost on disk, which would seem to lack everything."""
    return None if screen is None or (trace.problems and screen.tree and not screen.elements) else screen
