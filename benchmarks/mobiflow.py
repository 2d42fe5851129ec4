"""MobiFlow's published rule files: which are accepted, and that each of them can pass and can fail.

    python -m benchmarks.mobiflow [--quick] [--data DIR] [--json FILE]

For each accepted file a run is made up from the rules themselves: for every milestone on the way to an end, a screen
that satisfies it; icons and questions are answered from what the run was made of. The run is written as a folder of
MobiAgent's format, imported and judged. Cut off before its end it must fail, though the agent says at each step that it
sees all; so must it when of a milestone that asks several things together one is missing. Nothing of the files is kept.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from PIL import Image

from benchmarks.figures import Figures
from benchmarks.parts import Parts
from ostinato.errors import FormatError, StoreError
from ostinato.judge.check import AllOf, AnyOf, Asked, Check, Did, Icon, OcrHas
from ostinato.judge.evidence import Answer, Evidence
from ostinato.judge.judge import judge
from ostinato.judge.mobiflow import import_rules
from ostinato.judge.substate import Rules, Substate, in_order, read_yaml
from ostinato.trace.data import AppData
from ostinato.trace.mobiagent import import_mobiagent
from ostinato.trace.record import Trace
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store
from ostinato.trace.values import fill

_EVERY = 8  # of the files have runs made in the quick form
SIZE = (390, 844)  # pixels of a screen
_TASK = "task_description"


@dataclass(frozen=True)
class Tried:
    """What became of one file: why it was refused (the field, the problem), or what the judge says of the run that
    satisfies it, of the one that lacks its last milestone, and of those that lack one of the things that a milestone
    asks together. `asked` counts the words and prompts of its conditions, `lost` are those that the rules lack."""

    file: str
    refused: tuple[str, str] | None = None
    passing: str = ""
    failing: str = ""
    partial: tuple[str, ...] = ()
    asked: int = 0
    lost: tuple[str, ...] = field(default=())

    @property
    def right(self) -> bool:
        return (self.passing, self.failing) == ("yes", "no")


def measure(figures: Figures, data: Path) -> None:
    """Try every file, and add what was found. The quick form reads all and makes runs for some of them."""
    tried = try_all(data, _EVERY if figures.quick else 1)
    accepted = [found for found in tried if found.refused is None]
    refused = [found for found in tried if found.refused is not None]
    whose = "MobiFlow's published rule files"
    figures.add("mobiflow_rules_accepted", len(accepted), "files", n=len(tried), note=f"of {len(tried)}, {whose}")
    figures.add("mobiflow_rules_refused", len(refused), "files", n=len(tried), note=reasons(refused))
    note = "a made-up run in MobiAgent's format passes, and fails without its last milestone, whatever the agent says"
    run = [found for found in accepted if found.passing]
    figures.share("mobiflow_pass_and_fail", sum(found.right for found in run), len(run), note)
    partial = [value for found in accepted for value in found.partial]
    note = "runs that lack one of the things that a milestone asks together, and do not pass"
    figures.share("mobiflow_parts_needed", sum(value != "yes" for value in partial), len(partial), note)
    lost = [f"{found.file}: {what}" for found in accepted for what in found.lost]
    asked = sum(found.asked for found in accepted)
    note = "words and prompts of accepted files that no check asks"
    figures.add("mobiflow_conditions_dropped", len(lost), "conditions", n=asked, note="; ".join([note, *lost[:3]]))


def reasons(refused: Sequence[Tried]) -> str:
    """Why files were refused, those of one reason together."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for found in refused:
        where, problem = found.refused or ("", "")
        by_reason[re.split(r"[:;]| '", problem)[0]].append(f"{found.file} ({where})")
    return "; ".join(f"{reason}: {', '.join(files)}" for reason, files in by_reason.items())


def rule_files(data: Path) -> list[Path]:
    """The files in the folder of public data. SystemExit says where they are from when they are not there."""
    folder = data / "mobiflow_rules" / "task_rules"
    files = sorted(folder.rglob("*.yaml"))
    if not files:
        raise SystemExit(f"{folder} holds no rules; they are in the repository IPADS-SAI/MobiAgent (MobiFlow)")
    return files


def try_all(data: Path, every: int = 1) -> list[Tried]:
    """Every rule file in the folder of public data; runs are made for each so many of them."""
    tried = []
    for number, file in enumerate(rule_files(data)):
        with tempfile.TemporaryDirectory(prefix="ostinato-bench-") as folder:
            tried.append(try_file(file, Path(folder), runs=number % every == 0))
    return tried


def try_file(file: Path, folder: Path, runs: bool = True) -> Tried:
    """Try one file, with an empty folder to work in; without `runs` it is read alone."""
    try:
        rules = import_rules(file)
    except FormatError as error:
        return Tried(file.name, (error.field, error.problem))
    written = read_yaml(file)
    asked = sum(len(_asked_in(node)) for node in written["nodes"])
    lost = tuple(lost_in(written, rules))
    if not runs:
        return Tried(file.name, asked=asked, lost=lost)
    path = _path(rules)
    ends = {group[0] for group in rules.success if len(group) == 1}
    cut = next((n for n, node in enumerate(path) if node.id in ends), len(path) - 1)
    store = Store(folder / "store")
    words = " ".join(text for node in path for check in node.checks for text in _shown(check, rules.values, ()))

    def value(nodes: Sequence[Substate], lacking: Sequence[Check] = ()) -> str:
        place = folder / "runs" / f"{len(list(folder.glob('runs/*'))) + 1}"
        write_run(place, rules, nodes, lacking, words)
        return _value(rules, store.load(import_mobiagent(store, place)[0]), lacking)

    together = [part for node in path for check in node.checks if isinstance(check, AllOf) for part in check.checks]
    return Tried(
        file.name,
        passing=value(path),
        failing=value(path[:cut]),
        partial=tuple(value(path, [part]) for part in together),
        asked=asked,
        lost=lost,
    )


def lost_in(written: dict[str, Any], rules: Rules) -> Iterator[str]:
    """What a file asks of a milestone and its rules do not."""
    known = {substate.id: substate for substate in rules.substates}
    for node in written["nodes"]:
        said = {_bare(text) for text in _strings([check.model_dump() for check in known[node["id"]].checks])}
        yield from (f"{node['id']}: {what[:20]}" for what in _asked_in(node) if _bare(what) not in said)
        condition = node.get("condition") or {}
        if condition.get("type") == "juxtaposition" and len(condition["params"]) > 1:
            (check,) = known[node["id"]].checks
            if not isinstance(check, AllOf) or len(check.checks) != len(condition["params"]):
                yield f"{node['id']}: asks less than {', '.join(condition['params'])} together"


def _asked_in(node: dict[str, Any]) -> list[str]:
    """The words and prompts of a milestone's condition."""
    return list(_strings((node.get("condition") or {}).get("params", {})))


def _strings(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for inner in found.values():
            yield from _strings(inner)
    elif isinstance(found, list | tuple):
        for inner in found:
            yield from _strings(inner)


def _bare(text: str) -> str:
    """A prompt without what the importer may write otherwise: how it names the task."""
    return re.sub(rf"\{{*{_TASK}\}}*", "", text.removesuffix(f" (task: {{{_TASK}}})"))


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


def write_run(
    folder: Path, rules: Rules, nodes: Sequence[Substate], lacking: Sequence[Check] = (), said: str = ""
) -> None:
    """A run in MobiAgent's format with one screen for each milestone, after an empty one. A screen says in the id of
    its element for which milestone it is; it does not show what `lacking` asks. The agent says `said` at each step."""
    folder.mkdir(parents=True)
    screens: list[tuple[str, list[str]]] = [("", [])]
    for node in nodes:
        screens.append((node.id, [x for check in node.checks for x in _shown(check, rules.values, lacking)]))
    for number, (name, texts) in enumerate(screens, start=1):
        Image.new("RGB", SIZE, "white").save(folder / f"{number}.jpg")
        (folder / f"{number}.xml").write_text(_hierarchy(name, texts), encoding="utf-8")
    click = {"type": "click", "position_x": 10, "position_y": 10, "bounds": [0, 0, 100, 20]}
    actions: list[dict[str, Any]] = [{**click, "action_index": n} for n in range(1, len(screens))]
    actions.append({"type": "done", "status": "success", "action_index": len(screens)})
    function = {"name": "click", "parameters": {"target_element": said}}
    head = {
        "app_name": rules.app, "task_type": "made up", "task_description": fill(rules.task, rules.values),
        "action_count": len(actions), "actions": actions,
    }  # fmt: skip
    for file, content in (
        ("actions.json", head),
        ("react.json", [{"reasoning": said, "function": function}] * len(actions)),
    ):
        (folder / file).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _hierarchy(name: str, texts: Sequence[str]) -> str:
    """One node with the milestone's id, and one for each text."""
    nodes = [(name, ""), *(("", text) for text in texts)]
    written = "".join(
        f'<node class="android.widget.TextView" resource-id={quoteattr(name)} text={quoteattr(text)} '
        f'bounds="[0,{20 * n}][100,{20 * n + 20}]"/>'
        for n, (name, text) in enumerate(nodes)
    )
    return f"<hierarchy>{written}</hierarchy>"


def _shown(check: Check, values: dict[str, str], lacking: Sequence[Check]) -> Iterator[str]:
    """Words that satisfy a check, but for what is lacking; the names of icons stand for them."""
    if any(check is other for other in lacking):
        return
    match check:
        case OcrHas():
            yield from (fill(text, values) for text in (*check.all, *check.any[:1]))
            if check.pattern is not None:
                yield _matching(check.pattern)
        case Icon():
            yield check.image
        case AllOf():
            for inner in check.checks:
                yield from _shown(inner, values, lacking)
        case AnyOf():
            yield from _shown(check.checks[0], values, lacking)
        case Asked() | Did():
            return


def _matching(pattern: str) -> str:
    """A text that a simple pattern matches: the first of its alternatives."""
    for text in re.split(r"[|()]", pattern):
        if text and re.search(pattern, text):
            return text
    raise SystemExit(f"no text is known that {pattern!r} matches")


class _Known:
    """Eyes and a model that know what the run was made of, and what it lacks."""

    name = "known"

    def __init__(self, rules: Rules, lacking: Sequence[Check]) -> None:
        self.asked = {
            fill(check.question, rules.values): node.id
            for node in rules.substates
            for outer in node.checks
            for check in _questions(outer)
            if not any(check is other for other in lacking)
        }

    def read(self, screen: Screen) -> Sequence[str]:
        return [element.name for element in screen.elements]

    def find_icon(self, screen: Screen, image: str) -> float:
        return float(any(element.name == image for element in screen.elements))

    def ask(self, question: str, evidence: Evidence) -> Answer:
        shown = next((e.id for e in evidence.after.elements if e.id), None) if evidence.after is not None else None
        return ("true" if shown is not None and self.asked.get(question) == shown else "false"), shown or ""


def _questions(check: Check) -> Iterator[Asked]:
    if isinstance(check, Asked):
        yield check
    if isinstance(check, AllOf | AnyOf):
        for inner in check.checks:
            yield from _questions(inner)


def _value(rules: Rules, trace: Trace, lacking: Sequence[Check]) -> str:
    known = _Known(rules, lacking)
    return judge(trace, rules, _no_data, known, known).value


def _no_data(sha: str) -> AppData:
    raise StoreError("no data was kept")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"make runs for each {_EVERY}th file alone")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of public data")
    parser.add_argument("--json", type=Path, help="write the figures here")
    wanted = parser.parse_args()
    started = time.monotonic()
    figures = Figures("mobiflow", wanted.quick)
    measure(figures, wanted.data)
    figures.commits.add(Parts(None).commit)
    figures.seconds = time.monotonic() - started
    figures.show()
    if wanted.json:
        figures.write(wanted.json)


if __name__ == "__main__":
    main()
