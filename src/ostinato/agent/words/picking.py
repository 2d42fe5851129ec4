"""The cheapest, the shortest, the highest: which of several offers words mean; and buying, booking, ordering one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.agent.grounder import CONTROLS, at_or_below
from ostinato.agent.labels import Labels, same_line
from ostinato.agent.likeness import likeness, tokens
from ostinato.agent.phrase import known_by
from ostinato.agent.words.demand import Demand
from ostinato.agent.words.fields import fields_of, submit_of
from ostinato.agent.words.filling import put
from ostinato.agent.words.reach import GOOD, MOMENT, Lost, Reach, Work, tap
from ostinato.trace.action import Wait
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import as_number, normal

# What a word compares where nothing else is said, and whether the least of it is meant.
_EXTREMES = {
    "cheapest": ("price", True), "least expensive": ("price", True), "most expensive": ("price", False),
    "shortest": ("duration", True), "fastest": ("duration", True), "quickest": ("duration", True),
    "longest": ("duration", False), "slowest": ("duration", False), "earliest": ("time", True),
    "latest": ("time", False), "lowest": ("", True), "smallest": ("", True), "least": ("", True),
    "highest": ("", False), "largest": ("", False), "biggest": ("", False), "greatest": ("", False),
    "most": ("", False),
}  # fmt: skip
_WORDS = "|".join(sorted(map(re.escape, _EXTREMES), key=len, reverse=True))
_WITH = re.compile(rf"^(?:the |an? )?(?P<what>.*?),? ?(?:with|having) the (?P<how>{_WORDS}) (?P<of>.+)$", re.IGNORECASE)
_PLAIN = re.compile(rf"^(?:the )?(?P<how>{_WORDS}) (?P<what>.+)$", re.IGNORECASE)
_KINDS = {"cost": "price", "price": "price", "fare": "price", "length": "duration", "duration": "duration",
          "time": "duration", "travel time": "duration"}  # fmt: skip
_PRICE = re.compile(
    r"(?:[$€£¥]|\b(?:USD|EUR|GBP|CHF) ?)\s?(\d[\d.,]*\d|\d)|(\d[\d.,]*\d|\d)\s?(?:€|USD\b|EUR\b|GBP\b|CHF\b)"
)
_DURATION = re.compile(
    r"(?<!\w)(?:(?P<d>\d+) ?d(?:ays?)?)?,? ?(?:(?P<h>\d+) ?h(?:(?:ou)?rs?)?)?,? ?"
    r"(?:(?P<m>\d+) ?m(?:in(?:ute)?s?)?)?(?!\w)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d\d)(?: ?([AP])\.?M)?", re.IGNORECASE)
_DAY = re.compile(r",? ?\b(?:on |for )?(?P<day>\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d\d-\d\d)\b")
_DAY_WORDS = {"date", "day", "when", "departure", "departing"}


@dataclass(frozen=True)
class Extreme:
    """`kind` is price, duration, time or the name of what is compared; `least` says which end is meant."""

    what: str
    kind: str
    least: bool


def extreme(words: str) -> Extreme | None:
    """What words compare: `the ticket with the lowest price`, `the shortest flight`; None where they do not."""
    found = _WITH.match(words.strip()) or _PLAIN.match(words.strip())
    if not found:
        return None
    kind, least = _EXTREMES[found["how"].lower()]
    named = found.groupdict().get("of") or ""
    own = normal(re.sub(r"^(?:the|its|their) ", "", named))
    return Extreme(found["what"], _KINDS.get(own, own or kind), least)


def measures(kind: str, screen: Screen) -> list[tuple[float, Element]]:
    """What is compared, as numbers with the elements that say them."""
    read = {"price": _price, "duration": _duration, "time": _clock}.get(kind)
    leaves = [e for e in screen.elements if e.name and e.role not in ("heading", "row", "listitem") and not e.editable]
    if read is not None:
        found = [(value, e) for e in leaves if (value := read(e.name)) is not None]
        return [one for one in found if not any(o[1] is not one[1] and o[1].is_inside(one[1].path) for o in found)]
    labels = [e for e in leaves if likeness(kind, e.name.rstrip(": ")) >= 0.9]
    beside = []
    for label in labels:
        numbers = [(_gap(label, e), n, e) for n, e in enumerate(leaves) if as_number(e.name) is not None]
        near = min((one for one in numbers if one[0] < 1e6), default=None)
        if near is not None:
            beside.append((float(as_number(near[2].name) or 0), near[2]))
    return beside


def _gap(label: Element, other: Element) -> float:
    """How far behind or under a label something begins, in pixels."""
    one, two = label.box, other.box
    if same_line(one, two):
        return max(0.0, two.left - one.left - one.width) if two.left >= one.left else 1e9
    return 10 + two.top - one.top if two.top >= one.top and abs(two.left - one.left) < one.width else 1e9


def _price(text: str) -> float | None:
    found = _PRICE.search(text)
    number = as_number(found[1] or found[2]) if found else None
    return None if number is None else float(number)


def _duration(text: str) -> float | None:
    """Minutes."""
    for found in _DURATION.finditer(text):
        if found["d"] or found["h"] or found["m"]:
            return 1440 * int(found["d"] or 0) + 60 * int(found["h"] or 0) + int(found["m"] or 0)
    return None


def _clock(text: str) -> float | None:
    """Minutes since midnight."""
    found = _CLOCK.search(text)
    if not found:
        return None
    hour = int(found[1]) % 12 + (12 if (found[3] or "").upper() == "P" else 0) if found[3] else int(found[1])
    return 60 * hour + int(found[2])


def pick(run: Reach, wanted: Extreme, verb: str, screen: Screen) -> Element:
    """The control of the offer that is meant: what says the value itself, or the control for it. Raises Lost."""
    seen = run.seen(screen)
    found = measures(wanted.kind, seen)
    if len(found) < 2:
        raise Lost(f"there is nothing to compare by {wanted.kind or 'number'}")
    _, best = (min if wanted.least else max)(found, key=lambda pair: pair[0])
    if best.role in CONTROLS and best.enabled:
        return best
    words = {verb, *({"book", "buy", "order", "reserve", "purchase"} if verb != "tap" else set())}
    able = [e for e in seen.elements if e.enabled and e.role in CONTROLS | {"generic", "img"} and not e.editable]
    named = [e for e in able if words & set(tokens(e.name))]
    below = at_or_below(best, named or (able if verb == "tap" else []))
    if below is None and verb != "tap":
        raise Lost(f"there is nothing to {verb} it with")
    return below or best


def buy(run: Reach, demand: Demand, screen: Screen) -> Work:
    """Fill in what an offer is searched with, where the screen asks for it; then take the one that is meant."""
    wanted = extreme(_DAY.sub("", re.split(r"\b(?:from|to|on|in|at):? ", demand.target)[0].strip()))
    wanted = extreme(demand.target) if wanted is None else wanted
    fields = fields_of(run.seen(screen))
    pairs = spoken_fields(demand.target, fields, Labels(run.seen(screen)))
    for target, value in pairs:
        now = screen.at_path(target.path) or target
        before = screen
        screen = yield from put(run, now, value, screen)
        if now.editable:
            screen = yield from _suggested(value, before, screen)
    if pairs:
        button = run.control("search", screen) or submit_of(run.seen(screen))
        if button is None:
            raise Lost("there is no button to search with")
        screen = yield tap(button)
    if wanted is not None:
        for _ in range(3):
            if len(measures(wanted.kind, run.seen(screen))) >= 2:
                break
            screen = yield Wait(seconds=MOMENT)
        return (yield tap(pick(run, wanted, demand.verb, screen)))
    if pairs:
        raise Lost("the words do not say which of the offers is meant")
    place = known_by(demand.target)
    control = run.control(demand.verb, screen, place) if run.sure(place, screen) >= GOOD else None
    if control is None:
        raise Lost(f"there is nothing to {demand.verb} {demand.target} with")
    return (yield tap(control))


def _suggested(value: str, before: Screen, screen: Screen) -> Work:
    """What a field suggests for a value, where it does."""
    for waited in (False, True):
        known = {(e.path, e.name) for e in before.elements}
        fresh = [e for e in screen.elements if (e.path, e.name) not in known and e.reachable and not e.editable]
        alike = [e for e in fresh if e.role in CONTROLS | {"listitem", "text", "generic"} and _names(e.name, value)]
        if alike:
            return (yield tap(max(alike, key=lambda e: (likeness(value, e.name), e.role != "text"))))
        if not waited:
            screen = yield Wait(seconds=MOMENT)
    return screen


def _names(label: str, value: str) -> bool:
    return likeness(value, label) >= GOOD or set(tokens(value)) <= set(tokens(label))


def spoken_fields(words: str, fields: Sequence[Element], labels: Labels) -> list[tuple[Element, str]]:
    """The fields whose labels stand in a text, each with the words behind it: `from: Oslo to: Rome on 12/24/2026`. A
    day goes into the field for days."""
    found: list[tuple[Element, str]] = []
    day = _DAY.search(words)
    for_days = [e for e in fields if e.hint == "date" or _DAY_WORDS & {t for n, _ in labels.of(e) for t in tokens(n)}]
    if day and for_days:
        words = words[: day.start()] + words[day.end() :]
    places: list[tuple[int, int, Element]] = []
    for element in fields:
        if element in for_days:
            continue
        for name, worth in labels.of(element):
            said = (
                re.search(rf"(?<!\w){re.escape(name.strip(': '))}(?::| is|)\s+", words, re.I) if worth >= 0.9 else None
            )
            if said:
                places.append((said.start(), said.end(), element))
                break
    places.sort(key=lambda place: place[:2])
    for number, (_, start, element) in enumerate(places):
        end = places[number + 1][0] if number + 1 < len(places) else len(words)
        value = words[start:end].strip(" ,.;:")
        if value:
            found.append((element, value))
    return [*found, (for_days[0], day["day"])] if day and for_days else found
