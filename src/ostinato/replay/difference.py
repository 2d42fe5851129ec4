"""What differs between two experiences, or two versions of one, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ostinato.judge.check import words
from ostinato.replay.experience import Experience, Loop, Node, Slot, all_slots
from ostinato.trace.align import align
from ostinato.trace.locator import Locator
from ostinato.trace.values import normal

_LONGEST = 200  # letters of a value that is no text of its own
_CHECKED = {"pre": "checked before", "commit": "checked before it is sent", "post": "checked after"}


@dataclass(frozen=True)
class Difference:
    """One thing that was (None: was not there) and that is (None: is gone). `where` is a step in words, or empty."""

    part: str
    where: str
    before: str | None
    after: str | None

    def told(self) -> dict[str, str | None]:
        """For other programs."""
        return asdict(self)


def differences(one: Experience, other: Experience) -> list[Difference]:
    """Everything that differs in what they do; not their ids, versions, or when they were learnt."""
    return list(_differences(one, other))


def _differences(one: Experience, other: Experience) -> Iterator[Difference]:
    if one.app != other.app:
        yield Difference("app", "", one.app, other.app)
    yield from _sets("task", "", one.templates, other.templates)
    yield from _slots(all_slots(one), all_slots(other))
    yield from _sets("loop", "", map(_loop, one.loops), map(_loop, other.loops))
    for i, j in align(one.nodes, other.nodes, _likeness):
        old, new = one.nodes[i] if i is not None else None, other.nodes[j] if j is not None else None
        if old is not None and new is not None:
            yield from _nodes(old, new)
        elif (node := old or new) is not None:
            said = f"{node.primitive} ({node.risk}{', if there' if node.optional else ''})"
            yield Difference(
                "step", f"step {node.index + 1}", said if node is old else None, said if node is new else None
            )
    yield from _sets("sub-goal", "", (g.words for g in one.goals), (g.words for g in other.goals))
    yield from _sets("never", "", map(words, one.forbidden), map(words, other.forbidden))
    yield from _sets("at the end", "", map(words, one.success), map(words, other.success))
    if (one.data is None) != (other.data is None):
        yield Difference(
            "data", "", "not known" if one.data is None else None, "not known" if other.data is None else None
        )
    yield from _sets("data", "", (e.words() for e in one.data or ()), (e.words() for e in other.data or ()))
    yield from _sets("site", "", one.origins, other.origins)


def _loop(loop: Loop) -> str:
    lacks = f", the last turn without the last {loop.tail}" if loop.tail else ""
    return f"steps {loop.first + 1} to {loop.last + 1} for {loop.words()}: {loop.phrase}{lacks}"


def _slots(before: Sequence[Slot], after: Sequence[Slot]) -> Iterator[Difference]:
    old, new = ({slot.name: slot for slot in slots} for slots in (before, after))
    for name in dict.fromkeys([*old, *new]):
        was, now = (f"{known[name].kind}" if name in known else None for known in (old, new))
        if was != now:
            yield Difference("slot", f"{{{name}}}", was, now)
            continue
        for part, field in (("seen", "examples"), ("choices", "options")):
            one, other = (getattr(known[name], field) if name in known else () for known in (old, new))
            if one != other and was is not None and now is not None:
                yield Difference(part, f"{{{name}}}", ", ".join(one), ", ".join(other))


def _nodes(old: Node, new: Node) -> Iterator[Difference]:
    where = f"step {old.index + 1}" + (f" → {new.index + 1}" if old.index != new.index else "") + f", {new.primitive}"
    for part in ("primitive", "kind", "text", "secret", "risk", "enter", "optional"):
        was, now = getattr(old, part), getattr(new, part)
        if was != now:
            name = "in words" if part == "primitive" else "if there" if part == "optional" else part
            yield Difference(name, where, _said(was), _said(now))
    yield from _targets("target", where, old.target, new.target)
    yield from _targets("destination", where, old.destination, new.destination)
    for part, name in _CHECKED.items():
        yield from _sets(name, where, map(words, getattr(old, part)), map(words, getattr(new, part)))
    known = {
        "index",
        "primitive",
        "kind",
        "text",
        "secret",
        "risk",
        "enter",
        "optional",
        "target",
        "destination",
        *_CHECKED,
    }
    for part in type(old).model_fields.keys() - known:
        was, now = getattr(old, part), getattr(new, part)
        if was != now:
            yield Difference(part, where, _said(was), _said(now))


def _targets(part: str, where: str, old: Locator | None, new: Locator | None) -> Iterator[Difference]:
    if old is None or new is None:
        if old is not new:
            yield Difference(part, where, old.words() if old else None, new.words() if new else None)
        return
    for name in type(old).model_fields:
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Difference(f"{part} {name}", where, _said(was), _said(now))


def _sets(part: str, where: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Difference]:
    old, new = list(before), list(after)
    yield from (Difference(part, where, said, None) for said in old if said not in new)
    yield from (Difference(part, where, None, said) for said in new if said not in old)


def _said(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "model_dump"):
        value = {key: one for key, one in value.model_dump(mode="json").items() if one is not None}
    elif isinstance(value, tuple):
        value = [one.model_dump(mode="json") if hasattr(one, "model_dump") else one for one in value]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _likeness(one: Node, other: Node) -> float:
    """How alike two steps are: the same kind on the same kind of thing, by what it is called."""
    if one.kind != other.kind:
        return -1.0
    if one.target is None or other.target is None:
        return 0.5 if one.target is other.target and one.text == other.text else -0.5
    if one.target.role != other.target.role:
        return -1.0 if normal(one.target.name or "") != normal(other.target.name or "") else 0.2
    same = [
        getattr(one.target, name) == getattr(other.target, name)
        for name in ("name", "id", "placeholder", "path")
        if getattr(one.target, name) is not None or getattr(other.target, name) is not None
    ]
    return 0.1 + 0.4 * (sum(same) / len(same) if same else 1) + 0.4 * (one.text == other.text)
