"""Substates: what must become true for a task to be done, as a tree of pages and units with data and side effects.

AutoEval's structured substate representation (arXiv 2503.02403) has pages and the units on them; `data` (what the app
stored) and `absent` (what must not happen) are ours, and so is the order by OR of ANDs, which MobiFlow's milestones
have too. A file of rules is read and checked whole before anything is judged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from ostinato.errors import FormatError, StoreError, UsageError
from ostinato.judge.check import OF_DATA, AllOf, AnyOf, Check
from ostinato.trace.reading import readings
from ostinato.trace.screen import Record
from ostinato.trace.values import fill, kind_of, slots_in

# The same as yaml.SafeLoader, in C where it was built with it: ten times as fast.
_DEEPEST = 100  # the loader in C ends the process where a file is nested without end
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Kind = Literal["page", "unit", "data", "absent"]
When = Literal["ever", "final", "never"]
_WHEN: dict[str, When] = {"page": "ever", "unit": "ever", "data": "final", "absent": "never"}


class Substate(Record):
    """One thing that must become true. All `checks` hold on one screen (or of the data).

    A `page` comes after its parent page was seen; a `unit` stands on its parent page. `requires` is an OR of ANDs:
    of one of these lists, all must have been reached before or by then; with `later`, on an earlier screen. Without
    checks a substate is reached as soon as that is. `when` is `ever` (on some screen), `final` (on the last one, or of
    the data) or `never`."""

    id: str = Field(min_length=1)
    kind: Kind = "unit"
    text: str = ""
    parent: str | None = None
    requires: tuple[tuple[str, ...], ...] = ()
    later: bool = False
    required: bool = True
    weight: float = Field(default=1.0, ge=0)
    when: When = "ever"
    checks: tuple[Check, ...] = ()
    source: Literal["human", "recordings", "model", "mobiflow"] = "human"

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, given: Any) -> Any:
        if isinstance(given, dict) and "when" not in given and given.get("kind", "unit") in _WHEN:
            return {**given, "when": _WHEN[given.get("kind", "unit")]}
        return given

    @property
    def of_data(self) -> bool:
        """Whether it is about the app's data and not about screens."""
        return bool(self.checks) and all(_of_data(check) for check in self.checks)


class Rules(Record):
    """What makes a task done. `values` are the slots of the checks. `success` is an OR of ANDs over substates;
    without it every required one must be reached. No substate that is never to be may be reached in any case.
    `steps` is how many steps the task needs; `open` are the slots that its words do not say, such as what must be
    looked up for it. `autosave` says that the app keeps what is entered without its being sent: a page that shows it
    right after shows what is stored."""

    task: str = ""
    app: str | None = None
    values: dict[str, str] = {}
    open: tuple[str, ...] = ()
    substates: tuple[Substate, ...] = ()
    success: tuple[tuple[str, ...], ...] = ()
    steps: int | None = None
    autosave: bool = False

    @property
    def digest(self) -> str:
        """The key of a verdict: a hash of everything that was asked."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def bound(self, values: dict[str, str]) -> Rules:
        """The same with these values for the slots."""
        return self.model_copy(update={"values": {**self.values, **values}})


def bound_to(rules: Rules, task: str, values: Mapping[str, str] | None = None) -> Rules:
    """The rules with the values that the words of a task give their slots, and with these. Rules whose own task has no
    slots, or no words, keep theirs. UsageError when these words are another task, can be read in more than one way, or
    leave a slot open."""
    given = dict(values or {})
    unknown = [name for name in given if name not in rules.values]
    if unknown:
        raise UsageError(f"the rules have no value {unknown[0]!r}; they have {', '.join(rules.values) or 'none'}")
    left = [name for name in rules.open if name not in given]
    if left and task != fill(rules.task, rules.values):
        raise UsageError(f"the words of “{task}” do not say {left[0]}; give it: --value {left[0]}=…")
    rules = rules.bound(given)
    named = [name for name in slots_in(rules.task) if name not in given]
    if not named:
        return rules
    kinds = {name: kind_of(rules.values.get(name, "")) for name in slots_in(rules.task)}
    found = readings(task, [rules.task], kinds)
    if not found:
        raise UsageError(f"“{task}” is not the task that these rules are for: “{rules.task}”")
    if len(found) > 1:
        raise UsageError(f"“{task}” can be read by “{rules.task}” in more than one way: {found[0]} or {found[1]}")
    return rules.bound({**found[0], **given})


def without_data(rules: Rules) -> Rules:
    """The same rules for a judge who cannot see the app's data: what only data can prove is left out. FormatError
    when nothing is left to ask."""
    dropped = {s.id for s in rules.substates if s.of_data}

    def kept(groups: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        left = [tuple(name for name in group if name not in dropped) for group in groups]
        return () if () in left else tuple(left)

    substates = tuple(
        s.model_copy(update={"requires": kept(s.requires)}) for s in rules.substates if s.id not in dropped
    )
    left = rules.model_copy(update={"substates": substates, "success": kept(rules.success)})
    for field, fault in check_rules(left):
        raise FormatError(rules.task or "the rules", field, f"{fault} (without the app's data)")
    return left


def check_rules(rules: Rules) -> Iterator[tuple[str, str]]:
    """What is wrong with rules that can be read: the field, and the fault. Nothing when they can be judged by."""
    known = {s.id: s for s in rules.substates}
    if not rules.substates:
        yield "substates", "is empty; a judge without rules would say yes to everything"
    seen: set[str] = set()
    for number, substate in enumerate(rules.substates):
        where = f"substates.{number}"
        if substate.id in seen:
            yield f"{where}.id", f"{substate.id!r} is there twice"
        seen.add(substate.id)
        yield from ((f"{where}.{field}", said) for field, said in _faults(substate, known))
        unbound = [s for c in substate.checks for s in c.slots if s not in {*rules.values, "today"}]
        if unbound:
            yield where, f"speaks of {{{unbound[0]}}}, and `values` does not name it"
    for number, group in enumerate(rules.success):
        if not group:
            yield f"success.{number}", "is empty; that would always be a success"
        for name in group:
            if name not in known:
                yield f"success.{number}", f"there is no substate {name!r}"
            elif known[name].when == "never":
                yield f"success.{number}", f"{name!r} must never be; it is asked in any case"
            elif known[name].checks and all(check.severity == "warn" for check in known[name].checks):
                yield f"success.{number}", f"{name!r} only warns; that would always be a success"
    if rules.substates and not any(s.required or s.when == "never" for s in rules.substates) and not rules.success:
        yield "substates", "none is required; such rules would say yes to everything"
    if (circle := _circle(known)) is not None:
        yield "substates", "go in a circle: " + " → ".join(circle)


def _faults(substate: Substate, known: dict[str, Substate]) -> Iterator[tuple[str, str]]:
    parent = known.get(substate.parent) if substate.parent is not None else None
    if substate.parent is not None:
        if parent is None:
            yield "parent", f"there is no substate {substate.parent!r}"
        elif parent.kind != "page" or substate.kind not in ("page", "unit"):
            yield "parent", f"a {substate.kind} cannot stand under a {parent.kind}; only pages and units under a page"
        elif parent.when == "never":
            yield "parent", f"{parent.id!r} must never be"
    for name in (name for group in substate.requires for name in group):
        if name not in known:
            yield "requires", f"there is no substate {name!r}"
        elif known[name].when == "never":
            yield "requires", f"{name!r} must never be, so nothing can follow it"
    if any(not group for group in substate.requires):
        yield "requires", "holds an empty list, which would always be met"
    if not substate.checks and not substate.requires:
        yield "checks", "is empty, and nothing is required before; it would always be reached"
    if substate.when == "never" and (substate.requires or not substate.checks):
        yield "requires", "what must never be is asked by its checks alone"
    if substate.kind == "absent" and substate.when != "never":
        yield "when", "must be `never` for what is to be absent"
    if substate.kind == "data" and not substate.of_data and substate.checks:
        yield "checks", "a data substate asks the app's data only"
    if not substate.of_data and any(_of_data(check) for check in substate.checks):
        yield "checks", "asks screens and data at once; make two substates of it"
    if substate.of_data and substate.when == "ever":
        yield "when", "data are known at the end only: `final`, or `never`"


def _of_data(check: Check) -> bool:
    if isinstance(check, AnyOf | AllOf):
        return any(_of_data(c) for c in check.checks)
    return isinstance(check, OF_DATA)


def _circle(known: dict[str, Substate]) -> list[str] | None:
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done or name not in known:
            return None
        substate = known[name]
        for before in (*([substate.parent] if substate.parent else []), *(n for g in substate.requires for n in g)):
            if (found := walk(before, [*path, name])) is not None:
                return found
        done.add(name)
        return None

    return next((found for name in known if (found := walk(name, [])) is not None), None)


def in_order(rules: Rules) -> list[Substate]:
    """Every substate after all that it stands on or requires. The rules must be without a circle."""
    known = {s.id: s for s in rules.substates}
    ordered: dict[str, Substate] = {}

    def add(substate: Substate) -> None:
        if substate.id in ordered:
            return
        for name in (*([substate.parent] if substate.parent else []), *(n for g in substate.requires for n in g)):
            add(known[name])
        ordered[substate.id] = substate

    for substate in rules.substates:
        add(substate)
    return list(ordered.values())


def read_yaml(path: Path) -> Any:
    """What a YAML or JSON file holds. StoreError when it cannot be read, FormatError with line and column."""
    try:
        text = path.read_text(encoding="utf-8")
        for line, fault in _shape_of(text):
            raise FormatError(path, f"line {line}", fault)
        return yaml.load(text, _LOADER)
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else "file"
        said = "; ".join(part for part in (error.context, error.problem) if part)
        raise FormatError(path, where, f"is not YAML: {said}") from error
    except (yaml.YAMLError, ValueError) as error:  # also an impossible date, a number of thousands of digits
        raise FormatError(path, "file", f"is not YAML: {str(error).splitlines()[0]}") from error


def _shape_of(text: str) -> Iterator[tuple[int, str]]:
    """What would go wrong, or be lost, when these YAML events become values: line and fault."""
    keys: list[set[str] | None] = []  # for each open mapping its keys, for each list None
    key_next: list[bool] = []
    for event in yaml.parse(text, _LOADER):
        line = event.start_mark.line + 1 if event.start_mark is not None else 0
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            keys.pop()
            key_next.pop()
        elif isinstance(event, yaml.NodeEvent):
            if keys and (known := keys[-1]) is not None:
                if key_next[-1] and isinstance(event, yaml.ScalarEvent):
                    if event.value in known:
                        yield line, f"{event.value!r} is there twice in one table; the first would be lost"
                    known.add(event.value)
                key_next[-1] = not key_next[-1]
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                keys.append(set() if isinstance(event, yaml.MappingStartEvent) else None)
                key_next.append(True)
                if len(keys) > _DEEPEST:
                    yield line, f"is nested more than {_DEEPEST} deep"


def load_rules(path: Path) -> Rules:
    """Rules from a YAML or JSON file. Raises FormatError with file and field, or line and column."""
    found = read_yaml(path)
    try:
        rules = Rules.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        raise FormatError(path, ".".join(map(str, first["loc"])) or "file", first["msg"]) from error
    for field, fault in check_rules(rules):
        raise FormatError(path, field, fault)
    return rules


def write_rules(rules: Rules) -> str:
    """The rules as YAML for people: what is as usual is left out."""
    return write_yaml(_plain(rules))


class _Dumper(yaml.SafeDumper):
    """Writes ends of lines that are no line feed as escapes: left as they are, U+0085 is read as a space."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style='"' if any(end in text for end in "\x85\u2028\u2029") else None
    ),
)


def write_yaml(plain: Any) -> str:
    """Plain values as YAML for people, which `read_yaml` reads as they were."""
    return yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        kept = {
            name: _plain(getattr(value, name))
            for name, field in type(value).model_fields.items()
            if name == "kind" or getattr(value, name) != field.default
        }
        if isinstance(value, Substate):
            kept.pop("when", None)
            kept |= {"when": value.when} if value.when != _WHEN[value.kind] else {}
        return kept
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def rules_schema() -> dict[str, Any]:
    """The JSON schema of a file of rules, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Rules.model_json_schema()}
