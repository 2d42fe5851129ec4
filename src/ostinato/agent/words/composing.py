"""What is added, changed or passed on, read from the words behind the verb. Quotes stand in them as marks with the
number of what was quoted."""

from __future__ import annotations

import re
from collections.abc import Callable

from ostinato.agent.phrase import known_by
from ostinato.agent.words.demand import Demand

Words = Callable[[str], str]
_MARK = re.compile(r"\x01(\d+)\x01")
_NEW_WITH = re.compile(r"^(?:(?:an?|the|one|another|new) )*(?P<what>[^:,\x01]+?)\s*: (?P<parts>.+)$", re.IGNORECASE)
_NEW_CALLED = re.compile(
    r"^(?:(?:an?|the|one|another|new) )*(?P<what>[^:,\x01]+?),? "
    r"(?:(?:called|named|titled|with the (?:name|title)) |(?=\x01))(?P<parts>.+)$",
    re.IGNORECASE,
)
_NEW_INTO = re.compile(r"^(?P<what>.+?) to (?:the|my|our) (?P<where>[^,]+)$", re.I)
_PARTS = re.compile(r",\s+(?:and )?|\s+(?=that says\b|with the \w+ \S)|\s+and (?=paid by\b)", re.I)
_CHANGED_TO = re.compile(r"^(?P<what>.+?) (?:to|into) (?P<value>.+)$", re.I)
_TO_WHOM = re.compile(r"^(?:(?P<what>.*?) )??(?:on )?to (?P<who>[^ ].*?)$", re.I)
_WHOM_WHAT = re.compile(r"^(?P<who>[A-Z\x01][^ ]*) (?P<what>(?:the|an?|all|any|my|[A-Z][^ ]*['’]s) .+)$")
_WITH_WORDS = re.compile(
    r"^(?P<whom>.*?) ?\b(?:with|saying|that says)\b(?: the| a)?(?: \w+)? ?\x01(?P<words>\d+)\x01(?P<more>.*)$", re.I
)


def adding(rest: str, verb: str, said: Words) -> list[Demand]:
    """A new thing and its values: `an expense: Taxi, 12.50, paid by Ann`, `Ann to the group`, `a note called “x”`."""
    for pattern in (_NEW_WITH, _NEW_CALLED):
        new = pattern.match(rest)
        if new:
            parts = tuple(said(part) for part in _PARTS.split(new["parts"]) if said(part))
            return [Demand("add", said(new["what"]), verb=verb, parts=parts)]
    itself = known_by(said(rest))
    if itself != said(rest) and rest.lower().endswith(itself.lower()):  # the person Ann
        return [Demand("add", said(rest)[: -len(itself)].strip(), verb=verb, parts=(itself,))]
    into = _NEW_INTO.match(rest)
    if into:
        return [Demand("add", said(into["where"]), verb=verb, parts=(said(into["what"]),))]
    return [Demand("add", said(rest), verb=verb)] if rest else []


def changing(rest: str, verb: str, said: Words, bare: Words) -> list[Demand]:
    """What is changed (`way` says which of its fields) and what it becomes."""
    way = re.match(r"^(?P<what>.+) to (?P<value>\x01\d+\x01)$", rest) or _CHANGED_TO.match(rest)
    if not way:
        return [Demand("unknown", f"{verb} {said(rest)}")]
    if verb == "rename":
        return [Demand("change", said(way["what"]), bare(way["value"]), verb=verb, way="name")]
    whose = re.match(
        r"^(?:the )?(?P<field>[\w ]+?) of (?P<what>.+)$|^(?P<who>.+?)['’]s (?P<own>[\w ]+)$", way["what"], re.I
    )
    if not whose:
        return [Demand("choose", said(way["what"]), bare(way["value"]), "\x01" in way["value"], verb="set")]
    field, what = whose["field"] or whose["own"], whose["what"] or whose["who"]
    return [Demand("change", said(what), bare(way["value"]), verb=verb, way=field.lower())]


def sending(rest: str, verb: str, kept: list[str], said: Words) -> list[Demand]:
    """What is passed on, to whom, with which words: `reply to Ann with "yes"`, `forward Bo the mail from Ann`."""

    def thing(words: str | None) -> str:
        return (
            ""
            if not words or re.fullmatch(r"(?:it|this|that|them|him|her)(?: \w+)?", words.strip(), re.I)
            else said(words)
        )

    words = _WITH_WORDS.match(rest)
    value = kept[int(words["words"])] if words else None
    if words:
        rest = f"{words['whom']}{words['more']}".strip()
    answer = re.match(r"^\x01(?P<words>\d+)\x01(?: to (?P<whom>.*))?$", rest) if verb == "reply" and not words else None
    if answer:
        return [Demand("send", thing(answer["whom"]), kept[int(answer["words"])], True, verb=verb)]
    if verb in ("reply", "reply to"):
        target = thing(re.sub(r"^to ", "", rest, flags=re.I))
        return [Demand("send", target, value, value is not None, verb="reply")]
    first = re.match(r"^to (?P<who>[A-Z\x01][^ ]*) (?P<what>.+)$", rest)
    way = first or _WHOM_WHAT.match(rest) or _TO_WHOM.match(rest)
    if way is None and verb == "give":  # to give it a name: nothing is passed on
        return [Demand("unknown", f"{verb} {said(rest)}")]
    if way is None:
        return [Demand("send", thing(rest), value, value is not None, verb=verb)]
    whom = _MARK.sub(lambda mark: kept[int(mark[1])], re.sub(r", please$", "", way["who"])).strip(" ,.;:?!")
    verb = "forward" if verb == "give" else verb
    return [Demand("send", thing(way["what"]), value, value is not None, verb=verb, whom=whom)]
