"""Whether a value read out of a task holds more than a value: another order, a condition, a second thing.

The last slot of a template takes whatever follows: “delete the note Ideas and then the tag home” is no note. A value in
quotation marks is a value, whatever it says; so is one that the slot had before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ostinato.agent.guards import verbs
from ostinato.replay.experience import Experience, Loop, Slot
from ostinato.replay.loops import turns
from ostinato.replay.senses import VERBS
from ostinato.trace.listing import bare, items_of
from ostinato.trace.reading import quoted_in
from ostinato.trace.values import normal, same_value, slots_in

_VERB = "|".join(sorted(VERBS, key=len, reverse=True))
# What no text may go on with, unless it is quoted: another order, a condition, an exception, how often.
_THEN = rf"\s+(?:(?:then|also|please|afterwards|finally|do|don't|not|to) )*(?:{_VERB})\b"
_ORDER = re.compile(rf"(?:\band\b|\bthen\b|\bbut\b|\bor\b){_THEN}")
_NEXT = re.compile(rf"[,;.:–-]{_THEN}")  # where a task may go on after the value, or what is there is called so
_CLAUSE = re.compile(
    r"\bunless\b|\bexcept\b|\binstead(?: of)?\b|\brather than\b|\bbut (?:not|only|leave|keep)\b|\b(?:only )?if\b|"
    r"\b(?:every|each) (?:other )?(?:day|week|month|year|morning|evening|time|\w+day)\b|"
    r"\b(?:daily|weekly|monthly|yearly)$|\bas (?:soon|long) as\b|\bonce (?:it|he|she|they|the)\b|"
    r"\b(?:once|twice|again)$|\b(?:once|twice|\w+ times) (?:an? |per |every )?(?:day|week|month|year)\b|"
    r"\b(?:and|or|,) (?:every(?:thing|one|body)|all(?: the)? others?|all of|any|the (?:other|next|rest|last)s?)\b|"
    r"\b(?:for|to|from) (?:everyone|everybody|all)\b|^(?:not|no|never|all|every|each|any|both)\b|"
    r"\b(?:alone|only)$|\bwithout \w+ing\b|\bas well\b|\btoo$|\bfor now$|\b(?:today|tomorrow|tonight|now|later)$"
)
# What may join several values. The name of something that is there holds none of these; a text that is typed within a
# sentence may hold some.
_SEVERAL = re.compile(r"\band\b|\bor\b|, ")
_JOINT = re.compile(
    r"\band\b|\bor\b|[,;]|\"[^\"]+\"|“[^”]+”|\bwithout\b|\bfrom \d|\bof (?:last|this|next)\b|\bback$|(?<=\w{3})\. "
)
# What describes something instead of naming it.
_NOBODY = re.compile(r"(?:every|any|some|no)(?:thing|one|body)\b|none\b")
_DESCRIBED = re.compile(
    r"(?:(?:the|my|our) )?(?:first|last|next|previous|other|same|rest|second|third|most|least|"
    r"cheapest|dearest|newest|latest|oldest|largest|biggest|smallest|highest|lowest|longest|shortest|best|worst)\b"
)
# What belongs to the sentence before a name, and not to it: “the person Hugo”, “after Recipes”.
_LED_IN = re.compile(r"(?:the|a|an|my|our|this|that) [a-zà-ÿ]+ (?=[A-ZÀ-Ý\d])")
_LED = re.compile(
    r"(?:the|a|an|my|our|this|that|one|what|which|of|after|before|next|like|from|for|with|by|to|in|on|at|near|under|"
    r"about)\b"
)
# With these an item of a list does not begin: the task goes on.
_LINKS = frozenset(
    {"then", "also", "but", "or", "nor", "not", "only", "finally", "afterwards", "later", "next", "plus", "maybe"}
    | {"perhaps", "except", "both"}
)
# A task that begins with a list begins with no words before it.
_SENTENCE = re.compile(
    r"(?:it|this|that|there|i|we|you|he|she|they|please|do|don't|never|would|could|should|can|may|let)\b|[^“\"]*[:;]\s",
    re.I,
)
_MEASURED = frozenset({"number", "money", "date", "time"})  # nothing else can be a part of such a value
_COUNT = re.compile(r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|a dozen) ?[x×]? +[^\W\d]")


def overreach(task: str, template: str, values: Mapping[str, str], experience: Experience) -> str:
    """What makes a value doubtful, in words; empty where none is."""
    quoted = {normal(said) for said in quoted_in(task)}
    typed = typed_slots(experience)
    for loop in experience.loops:
        if loop.every is None and (said := _of_items(values.get(loop.slot, ""), loop, experience)):
            return said
    for slot in experience.slots:
        value = values.get(slot.name, "")
        if slot.kind == "list":
            continue
        known_before = (*slot.examples, *(slot.options if slot.kind in ("choice", "person") else ()))
        if slot.kind in _MEASURED or any(same_value(value, known) for known in known_before):
            continue
        marked = f'"{{{slot.name}}}"' in template or f"“{{{slot.name}}}”" in template
        if (marked or normal(value) in quoted) and not (marked and re.search('["“”]', value)):
            continue
        said = normal(value)
        place = "{" + slot.name + "}"
        open_ended = template.rstrip(' .!"”').endswith(place) or template.startswith(place)
        more = open_ended or slot.name not in typed
        if _ORDER.search(said) or _CLAUSE.search(said) or (more and (_NEXT.search(said) or verbs.THEN.search(said))):
            return _said(slot.name, value, "reads like more than a value")
        joint = _JOINT if more else _SEVERAL
        if joint.search(said):
            return _said(slot.name, value, "may be several")
        if _LED_IN.match(value) or (slot.name not in typed and _LED.match(value)):
            return _said(slot.name, value, "begins with words that may not belong to it")
        if template.startswith(place) and said.split()[0] in VERBS and not _begin_with_verbs(slot):
            return _said(slot.name, value, "reads like more than a value")
        if _NOBODY.match(said) or (slot.name not in typed and _DESCRIBED.match(said)):
            return _said(slot.name, value, "names nothing")
        counted = any(known[:1].isdigit() for known in slot.examples)
        if slot.name not in typed and not counted and _COUNT.match(said):
            return _said(slot.name, value, "begins with a number")
    return _swapped(values, experience)


def _of_items(text: str, loop: Loop, experience: Experience) -> str:
    """What makes an item of a list doubtful: each is read as a task of its own, and begins with no order."""
    alone = experience.model_copy(update={"slots": loop.slots, "loops": ()})
    closed = not any(template.rstrip(' .!"”').endswith("{" + loop.slot + "}") for template in experience.templates)
    verbs_too = closed and any(map(_begin_with_verbs, loop.slots))  # what ends elsewhere takes no second order
    begins = any(template.startswith("{" + loop.slot + "}") for template in experience.templates)
    if begins and text == bare(text) and _SENTENCE.match(text):
        return _said(loop.slot, text, "reads like more than a list")
    for item, turn in zip(items_of(text) or (), turns(loop, text) or (), strict=True):
        if said := overreach(item, loop.phrase, turn, alone):
            return said
        first = normal(item).split()[0]
        an_order = (first in VERBS and not verbs_too) or first in _LINKS
        if loop.phrase.startswith("{") and item == bare(item) and an_order:
            return _said(loop.slot, item, "reads like an order")
    return ""


def _begin_with_verbs(slot: Slot) -> bool:
    """Whether the values of the recordings begin with a verb too, as things to do are called."""
    return any(normal(known).split()[0] in VERBS for known in slot.examples if known.strip())


def _swapped(values: Mapping[str, str], experience: Experience) -> str:
    """Two values that have changed their places: each was what the other is now. Where the lists that they are chosen
    from have both, that is nothing to wonder at."""
    listed = {s.name for s in experience.slots if any(same_value(values.get(s.name, ""), o) for o in s.options)}
    had = {slot.name: [normal(known) for known in slot.examples] for slot in experience.slots}
    said = {name: normal(value) for name, value in values.items()}
    for one in said:
        for other in said:
            crossed = said[one] in had[other] and said[other] in had[one]
            if (
                one < other
                and crossed
                and not {one, other} <= listed
                and not (said[one] in had[one] or said[other] in had[other])
            ):
                return f"“{values[one]}” was {{{other}}} before, and “{values[other]}” was {{{one}}}"
    return ""


def _said(name: str, value: str, why: str) -> str:
    return f"{{{name}}} would be “{value}”, which {why}; put quotation marks around it if it is the value"


def typed_slots(experience: Experience) -> frozenset[str]:
    """The slots whose values are typed; the others name something that is there already. Of an experience whose steps
    are not known all count as typed."""
    if not experience.nodes:
        return frozenset(slot.name for slot in experience.slots)
    texts: Sequence[str] = [node.text or "" for node in experience.nodes if node.kind == "type"]
    return frozenset(name for text in texts for name in slots_in(text))
