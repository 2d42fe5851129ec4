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
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from ostinato.agent.guards import verbs
from ostinato.replay.senses import (
    FILLERS,
    IMPLIED,
    INTRODUCING,
    PHRASES,
    POLITE,
    RELATIONS,
    TURNING,
    VERBS,
    alike,
    senses,
)
from ostinato.trace.reading import may_be
from ostinato.trace.values import Kind, as_date, normal, same_value, slots_in

Piece = Literal["word", "mark", "quoted", "number", "date", "time", "slot"]

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in _MONTHS)
_CUT = re.compile(
    r"(?P<quoted>" + verbs.QUOTED.pattern + r")"
    r"|(?P<slot>\{[^\W\d]\w*\})"
    r"|(?P<date>\b\d{4}-\d\d-\d\d\b"
    rf"|\b(?:{_MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\.? (?:of )?(?:{_MONTH})\.?,? \d{{4}}\b)"
    r"|(?P<time>(?<![\w.,:])\d{1,2}:\d\d(?: ?[ap]\.?m\b\.?)?(?![\w:])|(?<![\w.,:])\d{1,2} ?[ap]m\b)"
    r"|(?P<number>(?<![\w.,])[€$£¥]? ?[+-]?\d+(?:[.,]\d+)*"
    r"(?: ?(?:€|\$|£|¥|euros?\b|dollars?\b|pounds?\b))?(?![\w]|[.,]\d))"
    r"|(?P<mark>(?<=\w)['’]s\b|[^\w\s])"
    r"|(?P<word>\w(?:(?:(?!['’]s\b)[\w'’&/.:@-])*\w)?)",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"[€$£¥]|\b(?:euros?|dollars?|pounds?)\b", re.IGNORECASE)
_LONGEST_VALUE = 8  # pieces
_LONGEST_TASK = 60
_MOST_STEPS = 4000
_INSIDE = frozenset({"of", "de", "la", "&", "'", "’", "-", "/", ".", "#", "+", "'s", "’s"})
_HURRIED = re.compile(r"[a-zà-ÿ]{3,}ly")


@dataclass(frozen=True)
class Bit:
    """One piece of a text: `said` as it stands, `bare` folded; `value` of what is quoted, a number or a date."""

    kind: Piece
    said: str
    bare: str
    start: int
    end: int
    value: str = ""


@dataclass(frozen=True)
class SlotShape:
    """What is known of a slot: its kind, the values it had, and whether it is typed (else it names what is there)."""

    name: str
    kind: Kind
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The values that a paraphrase gives the slots, and the task with the slots in their places. `why` says, where
    `values` is None, what keeps it from being read."""

    values: dict[str, str] | None
    masked: str = ""
    why: str = ""


@dataclass(frozen=True)
class _Held:
    """A value and the pieces first..last (inclusive) that it is."""

    slot: str
    value: str
    first: int
    last: int


@dataclass
class _Search:
    bits: Sequence[Bit]
    shapes: Mapping[str, SlotShape]
    template: Sequence[Bit]
    found: list[tuple[_Held, ...]] = field(default_factory=list)
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
    good: list[tuple[_Held, ...]] = []
    for held in complete:
        why = _words_differ(bits, held, wanted, theirs) or _roles_differ(bits, held, theirs, by_name)
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


def _masked(text: str, bits: Sequence[Bit], held: Sequence[_Held]) -> str:
    for one in sorted(held, key=lambda one: -one.first):
        text = text[: bits[one.first].start] + "{" + one.slot + "}" + text[bits[one.last].end :]
    return text


@lru_cache(maxsize=1 << 12)
def simplified(text: str) -> str:
    """A text with the phrases that are said for one word replaced by it; what is quoted stays."""
    parts: list[str] = []
    end = 0
    text = " ".join(text.split())
    for pattern in POLITE:
        text = pattern.sub("", text, count=1)
    for quoted in verbs.QUOTED.finditer(text):
        parts += [_phrased(text[end : quoted.start()]), quoted.group()]
        end = quoted.end()
    return "".join([*parts, _phrased(text[end:])])


def _phrased(text: str) -> str:
    for pattern, said in PHRASES:
        text = pattern.sub(said, text)
    return text


@lru_cache(maxsize=1 << 12)
def cut(text: str) -> tuple[Bit, ...]:
    """The pieces of a text. A slot of a template within quotation marks is a slot."""
    found: list[Bit] = []
    for piece in _CUT.finditer(text):
        kind: Piece = piece.lastgroup  # type: ignore[assignment]
        said = piece.group()
        start, end = piece.span()
        if kind == "quoted" and slots_in(said):
            name = slots_in(said)[0]
            found.append(Bit("slot", said, name, start, end))
            continue
        if kind == "slot":
            found.append(Bit("slot", said, said[1:-1], start, end))
            continue
        value = ""
        if kind == "quoted":
            value = said[1:-1]
        elif kind == "number":
            value = _CURRENCY.sub("", said).strip()
        elif kind == "time":
            value = said
        elif kind == "date":
            day = _day(said)
            kind, value = ("date", day.isoformat()) if day is not None else ("word", "")
        found.append(Bit(kind, said, normal(said).replace("’", "'"), start, end, value))
    return tuple(found)


def _day(said: str) -> date | None:
    """A day with its year, in ISO or with the month in words."""
    if as_date(said) is not None:
        return as_date(said)
    month = next((n for n, name in enumerate(_MONTHS, 1) if name[:3] in normal(said)), None)
    numbers = [int(one) for one in re.findall(r"\d+", said)]
    if month is None or len(numbers) != 2:
        return None
    try:
        return date(numbers[1], month, numbers[0])
    except ValueError:
        return None


def telling(bits: Sequence[Bit]) -> tuple[str, ...]:
    """The words of a template that a paraphrase must mean."""
    return tuple(
        bit.bare
        for bit in bits
        if bit.kind == "word" and bit.bare not in FILLERS | INTRODUCING and bit.bare not in RELATIONS
    )


def _implied(word: str, others: Sequence[str]) -> bool:
    """Whether other words let one expect this one."""
    wanted = {name for name, by in IMPLIED.items() if name in senses(word) for name in by}
    return any(f"do {name}" in senses(other) for name in wanted for other in others if other != word)


def _walk(search: _Search, place: int, held: tuple[_Held, ...]) -> None:
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
            _walk(search, last + 1, (*held, _Held(name, value, place, last)))


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
    bit, sort = bits[first], _sort(shape.kind)
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


def _sort(kind: Kind) -> str:
    """The pieces that values of a kind are: numbers, dates, times; text for all others."""
    written = {"number": "number", "money": "number", "date": "date", "time": "time"}
    return written.get(kind, "text")


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


def _words_differ(bits: Sequence[Bit], held: Sequence[_Held], wanted: Sequence[str], theirs: Sequence[Bit]) -> str:
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


def _roles_differ(
    bits: Sequence[Bit], held: Sequence[_Held], theirs: Sequence[Bit], shapes: Mapping[str, SlotShape]
) -> str:
    """Why the values might belong to other slots than those they were given; empty where their places tell."""
    inside = {n: one.slot for one in held for n in range(one.first, one.last + 1)}
    mine = {one.slot: _role(bits, one.first, one.last, set(inside)) for one in held}
    slots = {n: bit.bare for n, bit in enumerate(theirs) if bit.kind == "slot"}
    wanted = {name: _role(theirs, n, n, set(slots)) for n, name in reversed(slots.items())}
    order = [one.slot for one in sorted(held, key=lambda one: one.first)]
    joined = _joined(theirs, {n: n for n in slots}, slots)
    for pair in _joined(bits, {one.first: one.last for one in held}, {one.first: one.slot for one in held}):
        if pair not in joined:
            return f"{{{pair[0]}}} and {{{pair[1]}}} stand side by side"
    in_order = order == list(dict.fromkeys(slots.values()))
    values = {one.slot: one.value for one in held}
    for sort in ("number", "date", "time", "text"):
        names = [name for name in order if _sort(shapes[name].kind) == sort]
        if len(names) < 2:
            if names and _against(mine[names[0]], wanted[names[0]]):
                return f"“{values[names[0]]}” stands in another place than {{{names[0]}}}"
            continue
        unsure = []
        for name in names:
            others = [other for other in names if other != name]
            if _against(mine[name], wanted[name]):
                return f"“{values[name]}” stands in another place than {{{name}}}"
            for other in others:
                if _same_role(mine[name], wanted[other]) and not _same_role(mine[name], wanted[name]):
                    return f"“{values[name]}” could be {{{other}}} as well"
            known = _known_as(values[name], names, shapes)
            if known and name not in known:
                return f"“{values[name]}” was {{{known[0]}}} before, and not {{{name}}}"
            if not _same_role(mine[name], wanted[name]) and known != [name]:
                unsure.append(name)
        shared = len({wanted[name] for name in names}) < len(names) or len({mine[name] for name in names}) < len(names)
        if len(unsure) > 1 or (shared and not in_order and not _told_by_examples(names, values, shapes)):
            return f"it is not clear which of its values is {{{unsure[0] if unsure else names[0]}}}"
    return ""


def _told_by_examples(names: Sequence[str], values: Mapping[str, str], shapes: Mapping[str, SlotShape]) -> bool:
    for name in names:
        known = _known_as(values[name], names, shapes)
        if known != [name]:
            return False
    return True


def _joined(bits: Sequence[Bit], ends: Mapping[int, int], names: Mapping[int, str]) -> set[tuple[str, str]]:
    """The slots whose values are joined by nothing but “and”."""
    found: set[tuple[str, str]] = set()
    starts = sorted(ends)
    for one, other in pairwise(starts):
        between = [bit.bare for bit in bits[ends[one] + 1 : other] if bit.kind != "mark"]
        if between == ["and"]:
            found.add((names[one], names[other]))
    return found


def _known_as(value: str, names: Sequence[str], shapes: Mapping[str, SlotShape]) -> list[str]:
    """The slots that had a value before; `note` and `note2` are of one sort."""
    sorts = {_stem_of(n) for n in names if any(same_value(value, known) for known in shapes[n].examples)}
    return [n for n in names if _stem_of(n) in sorts]


def _stem_of(name: str) -> str:
    return re.sub(r"_?\d+$", "", name)


Role = tuple[str, str]


def _role(bits: Sequence[Bit], first: int, last: int, inside: set[int]) -> Role:
    """How a value belongs to the rest: who does it (`paid by X`, `X paid`), to or from what, or after which word."""
    before: list[str] = []
    for n in range(first - 1, -1, -1):
        if n in inside:
            break
        if bits[n].kind == "mark" and bits[n].said in ",;.":
            before.append(",")
            continue
        if bits[n].kind == "word":
            before.append(bits[n].bare)
    relation = ""
    for n, word in enumerate(before):
        if word == ",":
            if n or not relation:
                break
            continue
        if word in RELATIONS:
            relation = RELATIONS[word]
            if relation == "by" and n + 1 < len(before) and _verb(before[n + 1]):
                return ("does", _verb(before[n + 1]))
            if relation in ("by", "to", "from", "for", "with", "under", "about"):
                return (relation, "")
            continue
        if word in FILLERS:
            continue
        break
    for n in range(last + 1, len(bits)):
        if n in inside or bits[n].kind in ("mark", "slot"):
            break
        word = bits[n].bare
        if bits[n].kind == "word" and _verb(word):
            passive = n + 1 < len(bits) and bits[n + 1].bare == "by"
            helped = not word.endswith("ing") and any(
                bits[m].bare in ("was", "is", "were", "be", "been") for m in range(last + 1, n)
            )
            return ("", "") if passive or helped else ("does", _verb(word))
        if bits[n].kind != "word" or word not in FILLERS:
            break
    for word in before:
        if word == ",":
            continue
        if word not in FILLERS and word not in RELATIONS:
            return ("after", min(senses(word)))
    return ("", "")


def _verb(word: str) -> str:
    """The sense of a word that somebody does, such as paying; empty for another."""
    deeds = sorted(name for name in senses(word) if name in ("do pay", "do join", "do send", "do give", "do order"))
    return deeds[0] if deeds else ""


def _same_role(one: Role, other: Role) -> bool:
    return one == other and one[0] != ""


_DIRECTED = ("does", "by", "from", "about", "under", "with")


def _against(mine: Role, wanted: Role) -> bool:
    """Whether a value stands where its slot cannot."""
    if mine == wanted:
        return False
    if mine[0] in _DIRECTED and wanted[0] not in ("", mine[0]):
        return True
    if mine[0] in ("from", "about", "under") or (mine[0] == "does" and wanted[0] != "does"):
        return True
    return wanted[0] in ("does", "from") and mine[0] in ("to", "for", "with")


def _unexplained(bits: Sequence[Bit], theirs: Sequence[Bit], shapes: Mapping[str, SlotShape]) -> str:
    """What keeps a task from being read, in words."""
    for sort, name in (("number", "a number"), ("date", "a date with its year"), ("time", "a time")):
        wanted = [shape.name for shape in shapes.values() if _sort(shape.kind) == sort]
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
