"""A goal in plain words as demands in order: what to tap, what to enter where, what to choose.

Nothing here knows an app or a task: it knows verbs, quotation marks, and the small words between a value and the field
that it is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ostinato.agent.phrase import ITEM_WORDS, ORDINALS
from ostinato.agent.words.composing import adding, changing, sending
from ostinato.agent.words.demand import Demand, Kind

Words = Callable[[str], str]

VERBS: dict[str, Kind] = {
    "click": "tap", "tap": "tap", "press": "tap", "push": "tap", "hit": "tap", "open": "tap", "close": "tap",
    "expand": "tap", "collapse": "tap", "focus": "tap", "follow": "tap", "go to": "tap", "switch to": "tap",
    "submit": "tap", "toggle": "tap", "touch": "tap", "visit": "tap", "like": "tap", "delete": "tap", "remove": "tap",
    "dismiss": "tap", "start": "tap", "select": "choose", "choose": "choose", "pick": "choose", "check": "choose",
    "tick": "choose", "uncheck": "choose", "untick": "choose", "mark": "choose", "set": "choose", "enter": "enter",
    "type": "enter", "input": "enter", "write": "enter", "fill in": "enter", "fill out": "enter", "fill": "enter",
    "put": "enter", "insert": "enter", "paste": "enter", "search for": "seek", "look up": "seek", "find": "find",
    "locate": "find", "look for": "find", "scroll to": "find", "navigate": "find", "scroll": "find",
    "switch between": "find", "copy": "copy", "drag": "drag", "move": "drag", "wait": "wait", "use": "find",
    "retrieve": "find", "star": "tap", "unstar": "tap", "archive": "tap", "bookmark": "tap", "retweet": "tap",
    "unfollow": "tap", "mute": "tap", "forward": "send", "reply to": "send", "reply": "send", "send": "send",
    "share": "send", "give": "send", "book": "buy", "buy": "buy", "purchase": "buy", "reserve": "buy", "order": "buy",
    "sort": "sort", "arrange": "sort", "rearrange": "sort", "highlight": "mark", "solve": "solve", "answer": "solve",
    "add": "add", "create": "add", "change": "change", "rename": "change",
}  # fmt: skip
KEYS = {
    "enter": "Enter", "return": "Enter", "tab": "Tab", "escape": "Escape", "esc": "Escape", "space": " ",
    "backspace": "Backspace",
}  # fmt: skip
_OPENING = {"click", "tap", "press", "push", "hit", "open", "touch", "go to", "visit", "follow"}
_VERB = "|".join(sorted((re.escape(verb) for verb in VERBS), key=len, reverse=True))
_POLITE = (
    r"(?:please |kindly |(?:can|could|would|will) you |(?:you|i) (?:should|must|need to|want to|have to) "
    r"|i'd like to |to )"
)
_PASSIVE = re.compile(
    r"^(?P<what>.+?) (?:should|must|needs? to|ha(?:s|ve) to|(?:is|are) to|can) be (?P<done>\w+)(?: (?P<rest>.+))?$",
    re.IGNORECASE,
)
_IRREGULAR = {"sent": "send", "put": "put", "set": "set", "bought": "buy", "chosen": "choose", "written": "write"}
_POLITELY = re.compile(rf"^{_POLITE}+", re.IGNORECASE)
_HERE = rf"{_POLITE}?(?:{_VERB})\b(?![-\w])"
_BETWEEN = re.compile(
    rf"(?:\s*[,;]\s*|\s+)(?:and\s+then|then|and|after that,?|to|before you)\s+(?={_HERE})|\s*[,;]\s*(?={_HERE})",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[^\d\W])[.!?]\s+(?=[A-Z])|(?<=[\x01\d)])[.!?]\s+(?=[A-Z])|\n+")
_QUOTED = re.compile(r"[\"“”]([^\"“”]*)[\"“”]|(?<!\w)'([^']+)'(?!\w)|‘([^’]+)’")
_MARK = re.compile(r"\x01(\d+)\x01")
_GERUND = re.compile(
    r"^(?P<what>.+?) by (?P<verb>clicking|tapping|pressing|selecting|choosing|dragging)\b(?P<how>.*)$", re.I
)
_USE = re.compile(rf"^(?:use|using) (?P<tool>.+?)(?: to |, ?)(?P<rest>(?:{_VERB})\b.*)$", re.I)
_VALUE_THEN_FIELD = re.compile(
    r"^(?P<value>.+?) (?:in|into|to|on|as|inside|within|for) (?P<field>(?:the|your|a|an|each|both|all|every|its)\b.*)$",
    re.I,
)
_FIELD_THEN_VALUE = re.compile(
    r"^(?P<field>.+?)(?: (?:with|to be|to|as|is)(?: the)?(?: (?:text|value|word|number))? |\s*[:=]\s*)(?P<value>.+)$",
    re.I,
)
_FROM = re.compile(r"^(?P<value>.+?) (?:from|in|on|with|using|as|for|of) (?P<field>(?:the|a|an|your)\b.*)$", re.I)
_CASE = re.compile(
    r",? (?:in|using|with)(?: all)? (?P<case>upper|lower|capital|small)[ -]?(?:case)?(?: letters?| characters?)?",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"(?:starts?|begins?|starting|beginning) with \x01(?P<start>\d+)\x01"
    r"(?: and (?:ends?|ending) (?:with|in) \x01(?P<end>\d+)\x01)?",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"[, ]+(?:when(?:ever)?|once|after|as soon as|if) (?:you(?:'re| are)? )?(?:done|finished|ready|all|it|that).*$",
    re.I,
)
_ORDER = re.compile(
    r",? (?:in|into|by)(?: the)? (?P<order>(?:reverse )?(?:ascending|descending|increasing|decreasing|rising|falling"
    r"|alphabetical|numerical))(?: order)?\b.*$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"^(?P<what>.+?) (?:on|of|for|in) (?P<many>all|both|every|each|\d+) (?:of )?(?:the )?(?P<where>.+)$", re.I
)
_STEPS = re.compile(
    r"^(?P<what>.+?) (?:to the )?(?P<way>up|down|left|right|upwards?|downwards?)"
    r"(?: by (?P<many>\w+) (?:positions?|places?|rows?|spots?|steps?))?$",
    re.IGNORECASE,
)
_TO_PLACE = re.compile(
    r"^(?P<what>.+?) to (?:the )?"
    rf"(?:(?P<nth>\d+)(?:st|nd|rd|th)|(?P<word>{'|'.join(ORDINALS)}|top|bottom|end|beginning))"
    r"(?: (?:position|place|spot|row))?(?: of .+)?$",
    re.IGNORECASE,
)
_NEW_THING = re.compile(rf"^(?:an?|a new|another) (?P<what>{'|'.join(map(re.escape, ITEM_WORDS))})\b", re.IGNORECASE)
_SEVERAL = re.compile(
    rf"^(?:the )?(?P<what>{'|'.join(map(re.escape, ITEM_WORDS))})s (?P<names>(?:.+?, )*.+? and .+)$", re.IGNORECASE
)
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_PURPOSE = re.compile(rf"(?:{_VERB})\b (?:it|them|that|this)\b(?: |$)", re.I)
_IT = re.compile(r"(?:on )?(?:it|them|that|this|that one|this one)", re.I)
_STEPS_OF_WAY = re.compile(r"\s*(?:>|→|»|›)\s*")
_KINDS_OF_VALUE = r"(?:the )?(?:(?:following )?(?:text|word|words|value|number|string|phrase|message|name of))"


@lru_cache(maxsize=256)
def demands(goal: str) -> tuple[Demand, ...]:
    """What a goal asks for, in order. Words that ask for nothing that is known are left out."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(next((part for part in found.groups() if part is not None), ""))
        return f"\x01{len(kept) - 1}\x01"

    lines = (" ".join(line.split()) for line in goal.replace("\x01", " ").splitlines())
    text = _QUOTED.sub(keep, "\n".join(line for line in lines if line)).strip()
    found: list[Demand] = []
    for sentence in _SENTENCE.split(text):
        for clause in _clauses(sentence.strip().rstrip(".!?")):
            found += _read(_WHEN.sub("", clause), kept)
    return tuple(found)


def _active(sentence: str) -> str:
    """`The note should be deleted` as `delete The note`."""
    found = _PASSIVE.match(sentence)
    if not found:
        return sentence
    done = found["done"].lower()
    verbs = (
        done.removesuffix("ed"),
        done.removesuffix("d"),
        re.sub(r"(.)\1ed$", r"\1", done),
        _IRREGULAR.get(done, ""),
    )
    verb = next((verb for verb in verbs if verb in VERBS), None)
    return f"{verb} {found['what']} {found['rest'] or ''}".strip() if verb else sentence


def _clauses(sentence: str) -> list[str]:
    sentence = _active(_POLITELY.sub("", sentence))
    tool = _USE.match(sentence)
    if tool:
        first, *others = _BETWEEN.split(tool["rest"])
        return [f"{first} in {tool['tool']}" if not _VALUE_THEN_FIELD.match(first) else first, *others]
    found, start, purpose = [], 0, False
    for between in [*_BETWEEN.finditer(sentence), None]:
        clause = sentence[start : between.start() if between else None].strip(" ,;")
        if clause and not (purpose and _PURPOSE.match(clause)):  # the icon to delete it: says what for
            found.append(clause)
        if between:
            start, purpose = between.end(), between[0].strip(" ,;").lower() == "to"
    return found


def _read(clause: str, kept: list[str]) -> list[Demand]:
    """The demands of one clause, which begins with its verb."""
    by = _GERUND.match(clause)
    if by:
        verb = {"clicking": "click", "tapping": "tap", "pressing": "press"}.get(
            by["verb"].lower(), by["verb"].lower()[:-3]
        )
        clause = f"{verb}{by['how']}"
    begins = re.match(rf"(?:{_POLITE}|then |and )*(?P<verb>{_VERB})\b(?![-\w])", clause, re.I)
    if not begins:
        return [Demand("unknown", _MARK.sub(lambda mark: f'"{kept[int(mark[1])]}"', clause))] if clause else []
    verb = begins["verb"].lower()
    kind, rest = VERBS[verb], clause[begins.end() :].strip(" ,:")
    if verb in ("write", "fill in", "insert") and _NEW_THING.match(rest):
        kind = "add"
    every = bool(re.match(r"(?:on |into |in )?(?:all|both|every|each)\b", rest, re.I))

    def said(part: str) -> str:
        return _MARK.sub(lambda mark: f'"{kept[int(mark[1])]}"', part).strip(" ,.;:")

    def bare(part: str) -> str:
        return _MARK.sub(lambda mark: kept[int(mark[1])], part).strip(" ,;:")

    if kind in ("tap", "choose") and not rest and verb != "submit":
        return []
    if kind == "wait":
        seconds = re.search(r"(\d+(?:\.\d+)?)", rest)
        return [Demand("wait", value=seconds[1] if seconds else "1", verb=verb)]
    if kind == "tap":
        key = re.fullmatch(r"(?:the )?(\w+)(?: key)?(?: on (?:the|your) keyboard)?", rest, re.I)
        if key and key[1].lower() in KEYS and verb in ("press", "hit") and ("key" in rest or key[1].lower() != "enter"):
            return [Demand("key", value=KEYS[key[1].lower()], verb=verb)]
        if _IT.fullmatch(rest):  # open it, star it: what was spoken of last
            return [Demand("tap", "it" if verb in _OPENING else verb, verb=verb)]
        steps_of_way = [said(part) for part in _STEPS_OF_WAY.split(rest) if said(part)]
        if len(steps_of_way) > 1:
            return [Demand("tap", part, verb=verb) for part in steps_of_way]
        target = re.sub(r"^(?:on|onto|into|in|at)\s+", "", rest, flags=re.I)
        several = _SEVERAL.match(target)
        if several and not every:
            names = re.split(r",\s+(?:and )?|\s+and\s+", several["names"])
            return [Demand("tap", f"the {several['what']} {said(name)}", verb=verb) for name in names]
        order = _ORDER.search(target)
        if order:
            return [Demand("tap", said(target[: order.start()]), every=True, verb=verb, way=order["order"].lower())]
        counted = _COUNTED.match(target)
        if counted:
            many = counted["many"]
            place = f"{said(counted['what'])} in the row of {said(counted['where'])}"
            return [Demand("tap", place, every=True, verb=verb, count=int(many) if many.isdigit() else None)]
        return [Demand("tap", said(target) if target else verb, every=every, verb=verb)]
    if kind == "drag":
        steps, goal = _STEPS.match(rest), _TO_PLACE.match(rest)
        if goal:
            which = goal["word"].lower() if goal["word"] else ""
            nth = int(goal["nth"]) if goal["nth"] else {"top": 1, "beginning": 1, "bottom": -1, "end": -1}.get(which)
            return [Demand("drag", said(goal["what"]), verb=verb, way=f"#{nth or ORDINALS[which]}")]
        if steps:
            many = (steps["many"] or "").lower()
            number = f" {many if many.isdigit() else _NUMBERS.get(many, 1)}" if many else ""
            way = steps["way"].lower().removesuffix("s").removesuffix("ward")
            return [Demand("drag", said(steps["what"]), verb=verb, way=way + number)]
        way = re.match(r"(?P<what>.+?) (?:to|into|onto|on|in|over) (?P<where>.+)$", rest, re.I)
        return [Demand("drag", said(way["what"]), said(way["where"]), verb=verb)] if way else []
    if verb in ("scroll", "scroll to"):
        way = re.search(r"\b(?P<way>top|bottom|down|up|end)\b(?: of (?P<what>.+))?", rest, re.I)
        if way:
            return [Demand("scroll", said(way["what"] or ""), way["way"].lower(), verb=verb)]
    if kind == "sort":
        by = _ORDER.search(rest)
        what = said(rest[: by.start()] if by else rest)
        return [Demand("sort", what, every=True, verb=verb, way=by["order"].lower() if by else "ascending")]
    if kind in ("mark", "buy", "solve"):
        return [Demand(kind, said(rest) or verb, verb=verb)]
    if kind == "add":
        return adding(rest, verb, said)
    if kind == "change":
        return changing(rest, verb, said, bare)
    if kind == "send":
        return sending(rest, verb, kept, said)
    if kind in ("find", "copy"):
        return [Demand(kind, said(rest), every=every, verb=verb)] if rest else []
    if kind == "enter":
        return _entering(rest, verb, kept, said, bare)
    if kind == "seek":
        mark = _MARK.search(rest)
        value = kept[int(mark[1])] if mark else bare(rest)
        return [Demand("seek", said(rest), value, quoted=mark is not None, verb=verb)]
    return _choosing(rest, verb, kept, said, bare, every)


def _entering(rest: str, verb: str, kept: list[str], said: Words, bare: Words) -> list[Demand]:
    case = _CASE.search(rest)
    written = ""
    if case:
        written = "upper" if case["case"].lower() in ("upper", "capital") else "lower"
        rest = rest[: case.start()] + rest[case.end() :]
    begins = _BEGINS.search(rest)
    if begins:
        ending = kept[int(begins["end"])] if begins["end"] else "*"
        return [
            Demand("enter", _field(rest[begins.end() :]), kept[int(begins["start"])], True, verb=verb, ending=ending)
        ]
    marks = list(_MARK.finditer(rest))
    if len(marks) > 1:  # the username "x" and the password "y"
        found, start = [], 0
        for mark in marks:
            label = re.sub(r"^(?:\s|,|and\b|in\b|as\b|the\b)+", "", rest[start : mark.start()], flags=re.I)
            found.append(Demand("enter", said(label), kept[int(mark[1])], True, verb=verb, case=written))
            start = mark.end()
        tail = _field(rest[start:])
        return (
            found
            if all(one.target for one in found)
            else [Demand(**{**vars(one), "target": one.target or tail}) for one in found]
        )
    if marks:
        [mark] = marks
        before = re.sub(rf"^(?:in\s+)?{_KINDS_OF_VALUE}\s*$", "", rest[: mark.start()].strip(), flags=re.I)
        before = re.sub(r"\s*\b(?:with|to|as|is|:)\s*(?:the (?:text|value|word|number))?\s*$", "", before, flags=re.I)
        after = rest[mark.end() :]
        every = bool(re.search(r"\b(?:both|all|each|every)\b", after, re.I))
        label = re.sub(r"^(?:in |into )?(?:the |your |a )?", "", before.strip(), flags=re.I)
        target = said(label) or _field(after)
        return [Demand("enter", target, kept[int(mark[1])], True, every, verb, written)]
    way = _VALUE_THEN_FIELD.match(rest)
    if way:
        every = bool(re.match(r"(?:both|all|each|every)\b", way["field"], re.I))
        return [Demand("enter", said(way["field"]), bare(_plain(way["value"])), False, every, verb, written)]
    back = _FIELD_THEN_VALUE.match(rest)
    if back:
        return [Demand("enter", said(back["field"]), bare(back["value"]), verb=verb, case=written)]
    return [Demand("enter", "", bare(_plain(rest)), verb=verb, case=written)] if rest else []


def _choosing(rest: str, verb: str, kept: list[str], said: Words, bare: Words, every: bool) -> list[Demand]:
    if _IT.fullmatch(rest):
        return [Demand("tap", "it", verb=verb)]
    if _IT.match(rest.split(" as ")[0]) and " as " in rest:  # mark it as important
        return [Demand("unknown", f"{verb} {said(rest)}")]
    steps = [said(part) for part in _STEPS_OF_WAY.split(rest) if said(part)]
    if len(steps) > 1 and verb != "set":
        return [Demand("tap", part, verb=verb) for part in steps]
    marks = list(_MARK.finditer(rest))
    if verb == "set":
        way = _FIELD_THEN_VALUE.match(rest)
        return [Demand("choose", said(way["field"]), bare(way["value"]), bool(marks), verb=verb)] if way else []
    if len(marks) == 1 and rest.strip().startswith("\x01"):
        return [Demand("choose", _field(rest[marks[0].end() :]), kept[int(marks[0][1])], True, every, verb)]
    way = _FROM.match(rest)
    if way:
        return [Demand("choose", said(way["field"]), bare(way["value"]), bool(marks), every, verb)]
    if marks:
        return [Demand("choose", said(rest), None, True, every, verb)]
    return [Demand("choose", "", bare(rest), False, every, verb)] if rest else []


def _field(words: str) -> str:
    """The field that words behind a value name."""
    return re.sub(r"^[\s,]*(?:in|into|to|on|as|for|from|inside|with)?\s+", "", f" {words}", flags=re.I).strip(" ,.;:")


def _plain(value: str) -> str:
    return re.sub(rf"^{_KINDS_OF_VALUE} (?!of\b|in\b|from\b|that\b|below\b|above\b)", "", value, flags=re.I)
