"""Read a new task with the templates that experiences carry: every slot bound, nothing left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ostinato.agent.memory import Memory, Preference
from ostinato.errors import AmbiguousTask, MatchError
from ostinato.replay.experience import Experience, Loop, Slot
from ostinato.replay.kinds import chosen_from, takes
from ostinato.replay.loops import begun, in_full, turns
from ostinato.replay.overreach import overreach, typed_slots
from ostinato.trace.reading import may_be, readings
from ostinato.trace.record import Step
from ostinato.trace.values import Kind, address, same_value


@dataclass(frozen=True)
class Match:
    """An experience and the values a task gives its slots. `preferences` are those that filled what the words leave
    out, by slot. `by` says whether the words of a template explain the task or others that mean the same; then
    `likeness` is how near they are, 0..1, and `template` the one that they mean. `in_turns`: see `in_full`."""

    experience: Experience
    values: dict[str, str]
    preferences: Mapping[str, Preference] = field(default_factory=dict)
    by: Literal["words", "meaning"] = "words"
    likeness: float = 1.0
    template: str = ""
    in_turns: bool = False

    def in_full(self, steps: Sequence[Step] = ()) -> Match:
        """With each turn of a loop as steps of its own, which can be played; of a loop over every row as soon as one of
        the `steps` of a run has begun it. Raises MatchError for a list that cannot be read."""
        if not self.experience.loops:
            return self
        experience, values = in_full(self.experience, self.values, begun(self.experience, steps))
        return self if experience.loops else replace(self, experience=experience, values=values, in_turns=True)

    @property
    def filled(self) -> str:
        """What preferences filled, in words; empty where the task says all."""
        return ", ".join(f"{slot}: “{kept.value}” ({kept.id})" for slot, kept in self.preferences.items())

    @property
    def understood(self) -> str:
        """As what a task in other words was understood."""
        return f"{self.template} with {_said(self.values)}" if self.values else self.template


def match(task: str, experiences: Sequence[Experience], app: str | None) -> Match:
    """The one experience and the one reading that explain every word of the task.

    Of two experiences that read it alike, the one learnt last is taken. Raises MatchError when there is none,
    AmbiguousTask when two readings differ in what would be done."""
    here = [e for e in experiences if e.usable and (e.app and address(e.app)) == (app and address(app))]
    found = [Match(experience, values) for experience in here for values in _readings(task, experience)]
    if not found:
        raise MatchError(f"no experience fits “{task}”; " + (_nearest(task, here) or _known(here, experiences)))
    newest = max(found, key=lambda m: m.experience.learnt)
    if any(not _alike(m, newest) for m in found):
        one = len({m.experience.id for m in found}) == 1
        shown = " or ".join(sorted({_said(m.values) + ("" if one else f" ({m.experience.id})") for m in found}))
        way = "put quotation marks around the values"
        raise AmbiguousTask(
            f"“{task}” can be read in more than one way: {shown}; "
            + (way if one else f"{way}, or remove one of these experiences: ostinato experience delete ID")
        )
    doubts = [_doubt(task, m) for m in found]
    if all(doubts):
        raise MatchError(f"“{task}” may be more than “{_template(task, newest)}”: {doubts[found.index(newest)]}")
    return newest if not doubts[found.index(newest)] else found[doubts.index("")]


def _template(task: str, found: Match) -> str:
    """The template that was read."""
    kinds = {slot.name: slot.kind for slot in found.experience.slots}
    read = (text for text in found.experience.templates if found.values in readings(task, [text], kinds))
    return next(read, found.experience.templates[0])


def _doubt(task: str, found: Match) -> str:
    """Why a reading may take more for a value than is one; empty where it does not."""
    return overreach(task, _template(task, found), found.values, found.experience)


def completed(task: str, app: str | None, memory: Memory, experiences: Sequence[Experience]) -> Match | None:
    """The one experience of an app that explains a task but for slots that it leaves out and preferences fill; None
    where there is none, or several."""
    if app is None:
        return None
    found: list[Match] = []
    for near in memory.nearly(task, [app]):
        known = next((e for e in experiences if (e.id, e.version) == (near.experience, near.version)), None)
        values, used = near.values or {}, {}
        if near.missing or known is None or set(values) != {slot.name for slot in known.slots}:
            continue
        if overreach(task, near.template, values, known):
            continue
        for slot in known.slots:
            kept = memory.preference(slot.name, near.app)
            if kept is not None and kept.id in near.preferences:
                used[slot.name] = kept
        found.append(Match(known, values, used))
    return found[0] if found and all(one == found[0] for one in found) else None


def _alike(one: Match, other: Match) -> bool:
    """Whether two readings bind the same: by name in one experience, in the order of the words between two."""
    if one.experience.id == other.experience.id:
        return one.values == other.values
    return list(one.values.values()) == list(other.values.values())


def _said(values: dict[str, str]) -> str:
    return ", ".join(f"{name}: “{value}”" for name, value in values.items()) or "as it stands"


def _known(here: Sequence[Experience], every: Sequence[Experience]) -> str:
    templates = sorted({t for e in here for t in e.templates})
    if templates:
        return "known here: " + " | ".join(templates)
    places = sorted({e.app for e in every if e.app})
    return "none is known here" + (f" (there are some for {', '.join(places)})" if places else "")


def _nearest(task: str, here: Sequence[Experience]) -> str:
    """What keeps a task from being read by a template whose words it has; empty when it has none of them."""
    wanted = {
        "number": "a number",
        "money": "an amount",
        "date": "a date like 2026-01-31 or 31 January 2026",
        "time": "a time like 14:30 or 2:30 pm",
        "list": "a list of different things (put quotation marks around what holds an “and” or a comma)",
    }
    for experience in here:
        loose: dict[str, Kind] = {slot.name: "text" for slot in experience.slots}
        for values in readings(task, experience.templates, loose):
            for slot in experience.slots:
                if not may_be(values[slot.name], slot.kind):
                    is_none = f"{{{slot.name}}} is {wanted[slot.kind]}, and “{values[slot.name]}” is none"
                    return f"the nearest is “{experience.templates[0]}”, but {is_none}"
    return ""


def _readings(task: str, experience: Experience) -> list[dict[str, str]]:
    found = readings(task, experience.templates, {slot.name: slot.kind for slot in experience.slots})
    found = [values for values in found if all(takes(slot, values[slot.name]) for slot in experience.slots)]
    for loop in experience.loops:
        found = [values for values in found if loop.every is not None or _can_be_done(values[loop.slot], loop)]
    # Of two readings, that which chooses what the list has; else that which names what was there.
    found = [values for values in found if chosen_from(values, experience.slots)] or found
    naming = [slot for slot in experience.slots if slot.name not in typed_slots(experience) and slot.kind != "list"]
    seen = [values for values in found if all(_was_seen(values[slot.name], slot) for slot in naming)]
    return seen if naming and len(seen) == 1 else found


def _was_seen(value: str, slot: Slot) -> bool:
    return any(same_value(value, known) for known in (*slot.examples, *slot.options))


def _can_be_done(text: str, loop: Loop) -> bool:
    """Whether a list is one of such items as a loop is done for."""
    each = turns(loop, text)
    return each is not None and all(takes(slot, turn[slot.name]) for turn in each for slot in loop.slots)
