"""Read a task that says in other words what a template says: every value bound to its slot, every word accounted for.

The task is cut into words, quoted texts, numbers and dates. Each word must be a part of a value, hold the sentence
together, or mean a word of the template (`ostinato.replay.senses`); each telling word of the template must be meant by
one of the task. Every way to do that is tried. Whose value is whose is told by how it belongs to the rest: who pays,
what is paid to whom, what follows which word; never by a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ostinato.replay.pieces import Bit, Held, SlotShape, cut, simplified, sort_of, telling
from ostinato.replay.roles import roles_differ
from ostinato.replay.senses import FILLERS, IMPLIED, INTRODUCING, RELATIONS, TURNING, VERBS, alike, senses
from ostinato.trace.reading import may_be
from ostinato.trace.values import same_value, slots_in

_LONGEST_VALUE = 8  # pieces
_LONGEST_TASK = 60
_MOST_STEPS = 4000
_INSIDE = frozenset({"of", "de", "la", "&", "'", "’", "-", "/", ".", "#", "+", "'s", "’s"})
_HURRIED = re.compile(r"[a-zà-ÿ]{3,}ly")


@dataclass(frozen=True)
class Reading:
    """The values that a paraphrase gives the slots, and the task with the slots in their places. `why` says, where
    `values` is None, what keeps it from being read."""

    values: dict[str, str] | None
    masked: str = ""
    why: str = ""


@dataclass
class _Search:
    bits: Sequence[Bit]
    shapes: Mapping[str, SlotShape]
    template: Sequence[Bit]
    found: list[tuple[Held, ...]] = field(default_factory=list)
    steps: int = 0
    anchors: dict[str, str] = field(default_factory=dict)  # by slot, the word that it stands after


def read_paraphrase(task: str, template: str, shapes: Sequence[SlotShape]) -> Reading:
    """The one way to read a task as a paraphrase of a template, or why there is none."""
    bits, theirs = cut(simplified(task)), cut(simplified(template))
    by_name = {shape.name: shape for shape in shapes}
    text = simplified(task)
    if len(bits) > _LONGEST_TASK:
        return Reading(None, why="it is too long to be understood in other words")
    wanted = telling(theirs)
    words = [bit.bare for bit in bits if bit.kind == "word"]
    missing = [word for word in wanted if not any(alike(word, said) for said in words)]
    missing = [word for word in missing if not _implied(word, wanted)]
    if missing:
        return Reading(None, why=f"it says nothing that means “{missing[0]}”")
    count = len(slots_in(template))
    if count != len(by_name):
        return Reading(None, why="the template leaves a slot out")
    search = _Search(bits, by_name, theirs, anchors=_anchors(theirs))
    _walk(search, 0, ())
    if search.steps > _MOST_STEPS:
        return Reading(None, why="it is too long to be understood; put quotation marks around the values")
    complete = [held for held in search.found if len(held) == count]
    if not complete:
        return Reading(None, why=_unexplained(bits, theirs, by_name))
    reasons: list[str] = []
    good: list[tuple[Held, ...]] = []
    for held in complete:
        why = _words_differ(bits, held, wanted, theirs) or roles_differ(bits, held, theirs, by_name)
        if why:
            reasons.append(why)
        else:
            good.append(held)
    bound = [{one.slot: one.value for one in held} for held in good]
    if not good:
        return Reading(None, why=reasons[0])
    if any(values != bound[0] for values in bound):
        return Reading(None, why="its values can be told apart in more than one way; put quotation marks around them")
    return Reading(bound[0], masked=_masked(text, bits, good[0]))


def _masked(text: str, bits: Sequence[Bit], held: Sequence[Held]) -> str:
    for one in sorted(held, key=lambda one: -one.first):
        text = text[: bits[one.first].start] + "{" + one.slot + "}" + text[bits[one.last].end :]
    return text


def _implied(word: str, others: Sequence[str]) -> bool:
    """Whether other words let one expect this one."""
    wanted = {name for name, by in IMPLIED.items() if name in senses(word) for name in by}
    return any(f"do {name}" in senses(other) for name in wanted for other in others if other != word)


def _walk(search: _Search, place: int, held: tuple[Held, ...]) -> None:
    """Every way to account for the pieces from `place` on."""
    search.steps += 1
    if search.steps > _MOST_STEPS:
        return
    bits = search.bits
    if place == len(bits):
        search.found.append(held)
        return
    bit = bits[place]
    if bit.kind == "mark" or (bit.kind == "word" and _passed(bit, place, search.template)):
        _walk(search, place + 1, held)
    taken = {one.slot for one in held}
    joined = bool(held) and held[-1].last == place - 1
    for name, shape in search.shapes.items():
        if name in taken:
            continue
        anchor = search.anchors.get(name)
        if bit.kind == "word" and anchor is not None and alike(bit.bare, anchor):  # “the memo Ideas” is no name
            continue
        for last, value in _values(bits, place, shape, search.template):
            begins = place == 0 and bit.kind == "word" and search.template[0].kind != "slot"
            if begins and not any(same_value(value, known) for known in shape.examples):
                continue  # “Pretend to …”
            if joined and not _apart(bits[place - 1], bits[place]):
                continue
            _walk(search, last + 1, (*held, Held(name, value, place, last)))


def _anchors(theirs: Sequence[Bit]) -> dict[str, str]:
    """The words right before the slots of a template: `note` of “the note {title}”."""
    found: dict[str, str] = {}
    for n, bit in enumerate(theirs):
        before = [one for one in theirs[:n] if one.kind != "mark"]
        if bit.kind == "slot" and before and before[-1].kind == "word" and before[-1].bare in telling(theirs):
            found[bit.bare] = before[-1].bare
    return found


def _apart(one: Bit, other: Bit) -> bool:
    """Whether two values that stand side by side are surely two."""
    return bool({one.kind, other.kind} & {"quoted", "date", "time", "number"})


def _passed(bit: Bit, place: int, template: Sequence[Bit]) -> bool:
    """Whether a word need not be a part of a value. `Who` within a sentence is a name, not a small word."""
    if place and bit.said[0].isupper() and bit.bare in FILLERS:
        return False
    return _accounted(bit.bare, template)


def _accounted(word: str, template: Sequence[Bit]) -> bool:
    if word in FILLERS | INTRODUCING or word in RELATIONS:
        return True
    theirs = telling(template)
    if any(word == other or alike(word, other) for other in theirs):
        return True
    return _implied(word, theirs)


def _values(bits: Sequence[Bit], first: int, shape: SlotShape, template: Sequence[Bit]) -> list[tuple[int, str]]:
    """What may be the value of a slot, from a place on: the last piece, and the value."""
    bit, sort = bits[first], sort_of(shape.kind)
    if bit.kind == "quoted":
        return [(first, bit.value)] if bit.value.strip() and may_be(bit.value, shape.kind) else []
    if sort != "text":
        return [(first, bit.value)] if bit.kind == sort and may_be(bit.value, shape.kind) else []
    found: list[tuple[int, str]] = []
    for last in range(first, min(first + _LONGEST_VALUE, len(bits))):
        if bits[last].kind in ("quoted", "slot"):
            break
        said = _said(bits, first, last)
        known = any(same_value(said, one) for one in shape.examples)
        if known or (_plain(bits[first : last + 1], shape, template) and not _goes_on(bits, last, template)):
            found.append((last, said))
    return found


def _said(bits: Sequence[Bit], first: int, last: int) -> str:
    """The text from a piece to a piece, with the gaps as they are."""
    text = bits[first].said
    for n in range(first + 1, last + 1):
        text += " " * (bits[n].start - bits[n - 1].end) + bits[n].said
    return text


def _goes_on(bits: Sequence[Bit], last: int, template: Sequence[Bit]) -> bool:
    """Whether the word after a value might belong to it: is “the Water bill” the bill Water, or the Water bill?"""
    if last + 1 >= len(bits) or bits[last + 1].kind != "word":
        return False
    word = bits[last + 1].bare
    small = word in FILLERS | INTRODUCING or word in RELATIONS
    return not small and not any(name.startswith("do ") for name in senses(word)) and _accounted(word, template)


def _plain(bits: Sequence[Bit], shape: SlotShape, template: Sequence[Bit]) -> bool:
    """Whether pieces are surely a name and nothing more: it begins with a capital letter, as the slot's values do, and
    no word could turn the task or belong to its sentence."""
    first, last = bits[0], bits[-1]
    if first.kind != "word" and not (first.kind == "number" and _counted(shape)):
        return False
    if first.kind == "word" and first.said[0].islower() and not any(known[:1].islower() for known in shape.examples):
        return False
    if last.kind == "mark":
        return False
    for n, bit in enumerate(bits):
        inner = 0 < n < len(bits) - 1
        if bit.kind == "mark":
            if bit.said not in _INSIDE or not inner:
                return False
        elif bit.kind in ("date", "time"):
            return False
        elif bit.kind == "word":
            if bit.bare in TURNING and not (inner and bit.bare in _INSIDE):
                return False
            if any(alike(bit.bare, word) for word in telling(template)):
                return False
            if bit.bare in VERBS or (bit.said.islower() and _HURRIED.fullmatch(bit.bare)):
                return False
            if (bit.bare in FILLERS or bit.bare in RELATIONS) and not (inner and bit.bare in _INSIDE):
                return False
    return True


def _counted(shape: SlotShape) -> bool:
    """Whether the values of a slot begin with a figure, as house numbers do."""
    return bool(shape.examples) and any(known[0].isdigit() for known in shape.examples if known)


def _words_differ(bits: Sequence[Bit], held: Sequence[Held], wanted: Sequence[str], theirs: Sequence[Bit]) -> str:
    """What of the words, besides the values, is not the same; empty where all is."""
    inside = {n for one in held for n in range(one.first, one.last + 1)}
    words = [
        bit.bare
        for n, bit in enumerate(bits)
        if n not in inside
        and bit.kind == "word"
        and bit.bare not in FILLERS | INTRODUCING
        and bit.bare not in RELATIONS
    ]
    for n, bit in enumerate(bits):
        ends = n + 1 == len(bits) or bits[n + 1].kind == "mark"
        if n not in inside and ends and (bit.said in ("'s", "’s") or (bit.kind == "word" and bit.bare in RELATIONS)):
            return f"nothing follows “{bit.said}”"
    pairs = _paired(list(wanted), words)
    for n, word in enumerate(wanted):
        if n not in pairs and not _implied(word, [w for w in wanted if w != word]):
            return f"it says nothing that means “{word}”"
    used = set(pairs.values())
    for n, word in enumerate(words):
        if n not in used and (word in VERBS or not (_implied(word, wanted) or any(alike(word, w) for w in wanted))):
            return f"“{word}” says more than the template does"
        if n not in used and words.count(word) > 1 and not _implied(word, wanted):
            return f"“{word}” is said twice"
    for thing, way in _ways(bits, inside).items():
        other = _ways(theirs, {n for n, bit in enumerate(theirs) if bit.kind == "slot"})
        for known, theirs_way in other.items():
            if alike(thing, known) and {"from", "to"} & {way, theirs_way} and way != theirs_way:
                return f"it goes the other way with “{thing}”"
    return ""


def _paired(wanted: list[str], words: list[str]) -> dict[int, int]:
    """Each wanted word with one word that means it, as many as can be; the same word first."""
    owner: dict[int, int] = {}

    def place(n: int, tried: set[int]) -> bool:
        ranked = sorted(range(len(words)), key=lambda m: words[m] != wanted[n])
        for m in ranked:
            if m not in tried and alike(wanted[n], words[m]):
                tried.add(m)
                if m not in owner or place(owner[m], tried):
                    owner[m] = n
                    return True
        return False

    for n in sorted(range(len(wanted)), key=lambda n: wanted[n] not in words):
        place(n, set())
    return {n: m for m, n in owner.items()}


def _ways(bits: Sequence[Bit], inside: set[int]) -> dict[str, str]:
    """By which relation each thing is reached: `basket` by `from` in “out of the basket”."""
    found: dict[str, str] = {}
    way = ""
    for n, bit in enumerate(bits):
        if n in inside or bit.kind == "mark":
            way = ""
        elif bit.kind != "word":
            continue
        elif bit.bare in RELATIONS:
            way = "from" if way == "from" and bit.bare == "of" else RELATIONS[bit.bare]
        elif bit.bare not in FILLERS:
            found[bit.bare] = way
            way = ""
    return found


def _unexplained(bits: Sequence[Bit], theirs: Sequence[Bit], shapes: Mapping[str, SlotShape]) -> str:
    """What keeps a task from being read, in words."""
    for sort, name in (("number", "a number"), ("date", "a date with its year"), ("time", "a time")):
        wanted = [shape.name for shape in shapes.values() if sort_of(shape.kind) == sort]
        if sum(bit.kind == sort for bit in bits) < len(wanted):
            slot = wanted[0]
            return f"{{{slot}}} is {name}, and it says none"
    odd = [
        bit.said for bit in bits
        if bit.kind == "word" and (bit.bare in TURNING or bit.bare in VERBS) and not _accounted(bit.bare, theirs)
    ]  # fmt: skip
    if odd:
        return f"“{odd[0]}” means something that the template does not say"
    return "its words do not tell a value for each slot, or say more than the template does"
