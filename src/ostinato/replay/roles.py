"""Which value is whose, told by how each belongs to the rest of its sentence: who pays, what is paid to whom, what
follows which word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from ostinato.replay.pieces import Bit, Held, SlotShape, sort_of
from ostinato.replay.senses import FILLERS, RELATIONS, senses
from ostinato.trace.values import same_value


def roles_differ(
    bits: Sequence[Bit], held: Sequence[Held], theirs: Sequence[Bit], shapes: Mapping[str, SlotShape]
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
        names = [name for name in order if sort_of(shapes[name].kind) == sort]
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
