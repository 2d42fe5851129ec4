"""MobiFlow's published rule files: which are accepted, and that each of them can pass and can fail.

    python -m benchmarks.mobiflow [--data DIR]

For each accepted file a run is made up from the rules themselves: for every milestone on the way to an end, a screen
that satisfies it; icons and questions are answered from what the run was made of. Cut off before its end, the run must
fail. Nothing of the files is kept.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.parts import progress
from ostinato.errors import FormatError, StoreError
from ostinato.judge.check import AllOf, AnyOf, Asked, Check, Did, Icon, OcrHas
from ostinato.judge.evidence import Answer, Evidence
from ostinato.judge.judge import judge
from ostinato.judge.mobiflow import import_rules
from ostinato.judge.substate import Rules, Substate, in_order
from ostinato.trace.action import Back
from ostinato.trace.data import AppData
from ostinato.trace.record import Decision, Outcome, Result, Step, Trace
from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.values import fill

NOW = datetime(2026, 1, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Tried:
    """What became of one file: why it was refused, or what the judge says of the run that satisfies it and of the one
    that lacks its last milestone."""

    file: str
    refused: str
    passing: str = ""
    failing: str = ""


def try_all(data: Path) -> list[Tried]:
    """Every rule file in the folder of public data. SystemExit says where it is from when it is not there."""
    folder = data / "mobiflow_rules" / "task_rules"
    files = sorted(folder.rglob("*.yaml"))
    if not files:
        raise SystemExit(f"{folder} holds no rules; they are in the repository IPADS-SAI/MobiAgent (MobiFlow)")
    return [_try(file) for file in files]


def _try(file: Path) -> Tried:
    try:
        rules = import_rules(file)
    except FormatError as error:
        return Tried(file.name, f"{error.field}: {error.problem}")
    path = _path(rules)
    ends = {group[0] for group in rules.success if len(group) == 1}
    cut = next((n for n, node in enumerate(path) if node.id in ends), len(path) - 1)
    whole, short = (_value(rules, _run(rules, nodes)) for nodes in (path, path[:cut]))
    return Tried(file.name, "", whole, short)


def _path(rules: Rules) -> list[Substate]:
    """The milestones that lead to the first end, each by the first way."""
    known = {s.id: s for s in rules.substates}
    needed: set[str] = set()
    left = list(rules.success[0])
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            left += known[name].requires[0] if known[name].requires else []
    return [s for s in in_order(rules) if s.id in needed]


def _run(rules: Rules, nodes: Sequence[Substate]) -> Trace:
    """A run with one screen for each milestone, after an empty one."""
    screens = [_screen("", [])]
    for node in nodes:
        shown = [text for check in node.checks for text in _shown(check, rules.values)]
        screens.append(_screen(node.id, shown))
    steps = tuple(
        Step(
            index=n, before=screen, decision=Decision(source="script"), action=Back(), risk="read", started=NOW,
            result=Result(ok=True),
        )
        for n, screen in enumerate(screens[:-1])
    )  # fmt: skip
    return Trace(
        id="20260131-000000-000001", task="synthetic", started=NOW, steps=steps, final=screens[-1],
        outcome=Outcome(claimed="done"),
    )  # fmt: skip


def _screen(name: str, texts: Sequence[str]) -> Screen:
    box = Box(left=0, top=0, width=100, height=20)
    elements = tuple(Element(role="text", name=text, box=box, path=f"main/text[{n}]") for n, text in enumerate(texts))
    return Screen(title=name, width=390, height=844, elements=elements, taken=NOW)


def _shown(check: Check, values: dict[str, str]) -> Iterator[str]:
    """Words that satisfy a check; the names of icons stand for them."""
    match check:
        case OcrHas():
            yield from (fill(text, values) for text in (*check.all, *check.any[:1]))
            if check.pattern is not None:
                yield _matching(check.pattern)
        case Icon():
            yield check.image
        case AllOf():
            for inner in check.checks:
                yield from _shown(inner, values)
        case AnyOf():
            yield from _shown(check.checks[0], values)
        case Asked() | Did():
            return


def _matching(pattern: str) -> str:
    """A text that a simple pattern matches: the first of its alternatives."""
    for text in re.split(r"[|()]", pattern):
        if text and re.search(pattern, text):
            return text
    raise SystemExit(f"no text is known that {pattern!r} matches")


class _Known:
    """Eyes and a model that know what the run was made of."""

    name = "known"

    def __init__(self, rules: Rules) -> None:
        self.asked = {
            fill(check.question, rules.values): node.id
            for node in rules.substates
            for outer in node.checks
            for check in _questions(outer)
        }

    def read(self, screen: Screen) -> Sequence[str]:
        return [element.name for element in screen.elements]

    def find_icon(self, screen: Screen, image: str) -> float:
        return float(any(element.name == image for element in screen.elements))

    def ask(self, question: str, evidence: Evidence) -> Answer:
        shown = evidence.after.title if evidence.after is not None else ""
        return ("true" if self.asked.get(question) == shown else "false"), shown


def _questions(check: Check) -> Iterator[Asked]:
    if isinstance(check, Asked):
        yield check
    if isinstance(check, AllOf | AnyOf):
        for inner in check.checks:
            yield from _questions(inner)


def _value(rules: Rules, trace: Trace) -> str:
    known = _Known(rules)
    return judge(trace, rules, _no_data, known, known).value


def _no_data(sha: str) -> AppData:
    raise StoreError("no data was kept")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of public data")
    tried = try_all(parser.parse_args().data)
    for found in tried:
        print(f"{found.file}: {'refused: ' + found.refused if found.refused else f'{found.passing} / {found.failing}'}")
    accepted = [found for found in tried if not found.refused]
    right = sum((found.passing, found.failing) == ("yes", "no") for found in accepted)
    progress(f"{len(accepted)} of {len(tried)} accepted; {right} of them pass their run and fail the shorter one")


if __name__ == "__main__":
    main()
