"""Choosing what a goal names: in lists and boxes, on sheets of days, and numbers on sliders."""

from __future__ import annotations

import re

from ostinato.agent.grounder import rate
from ostinato.agent.labels import Labels
from ostinato.agent.likeness import likeness
from ostinato.agent.words.calendar import day_of
from ostinato.agent.words.demand import Demand
from ostinato.agent.words.fields import fields_of, settable
from ostinato.agent.words.filling import fields_for, put
from ostinato.agent.words.reach import EXACT, POOR, Reach, Work, tap
from ostinato.agent.words.slider import slide, sliders
from ostinato.trace.action import Select, Type
from ostinato.trace.screen import Element, Screen

_TICKED = {"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio", "option", "tab"}
_NUMBER = re.compile(r"(?<![\d.])[+-]?\d+(?:\.\d+)?")


def choose(run: Reach, demand: Demand, screen: Screen) -> Work:
    if demand.value is None or demand.value.lower() in ("nothing", "none", "no options"):
        if demand.value is None and demand.target:
            element, screen = yield from run.reach(demand.target, screen)
            return (yield tap(element))
        return screen
    numbers = _NUMBER.findall(demand.value)
    found = sliders(demand.target, run.seen(screen)) if numbers else []
    if found and (len(numbers) == len(found) > 1 or (len(found) == 1 and _NUMBER.fullmatch(demand.value))):
        for place, number in enumerate(numbers):
            screen = yield from slide(found[place], float(number), screen)
        return screen
    wanted = demand.verb not in ("uncheck", "untick")
    for value in _values(run, demand, screen):
        screen = yield from _choose_one(run, value, demand, wanted, screen)
    return screen


def _values(run: Reach, demand: Demand, screen: Screen) -> list[str]:
    """The things to choose: a list of them where no thing is called as the whole; the steps of a way (`A > B`)."""
    whole = demand.value or ""
    parts = [part.strip() for part in re.split(r",\s*(?:and )?|\s+and\s+", whole) if part.strip()]
    if demand.quoted or len(parts) < 2 or _named(run, whole, screen) is not None:
        return [whole]
    return parts if all(_named(run, part, screen) is not None for part in parts) else [whole]


def _named(run: Reach, value: str, screen: Screen) -> Element | None:
    """The control, or the list with an option, of exactly this name."""
    for element in run.seen(screen).elements:
        if value in element.options or (element.role != "text" and likeness(value, element.name) >= 0.95):
            return element
    return None


def _choose_one(run: Reach, value: str, demand: Demand, wanted: bool, screen: Screen) -> Work:
    seen = run.seen(screen)
    having = [e for e in seen.elements if any(likeness(value, option) >= 0.95 for option in e.options)]
    lists = [e for e in having if e.reachable or not _in_view(e, seen)]  # one that is drawn over is not meant
    if lists:
        only = seen.model_copy(update={"elements": tuple(lists)})
        rated = rate(demand.target, only, run.embedder, Labels(seen)) if demand.target else []
        chosen = rated[0][0] if rated else lists[0]
        option = max(chosen.options, key=lambda option: likeness(value, option))
        return (yield Select(element=chosen, option=option))
    named = [e for e in seen.elements if e.role in _TICKED and likeness(value, e.name) >= 0.9]
    if named:
        best = max(named, key=lambda e: (likeness(value, e.name), e.reachable))
        if best.checked is not None and best.checked is wanted and best.role != "tab":
            return screen
        return (yield tap(best))
    if day_of(value) is not None:
        target = fields_for(run, demand.target, seen, fields_of(seen))
        if target:
            return (yield from put(run, target[0], value, screen))
    if _NUMBER.fullmatch(value) and demand.target:
        number = settable(demand.target, seen, run.embedder)
        if number is not None and number.editable:
            return (yield Type(text=value, element=number))
        if number is not None:
            return (yield from slide(number, float(value), screen))
    if run.sure(value, screen) < EXACT and demand.target:
        opener = run.best(demand.target, screen)
        if opener is not None and opener[1] >= POOR:
            if opener[0].editable and opener[0].role != "combobox":
                return (yield Type(text=value, element=opener[0]))
            screen = yield tap(opener[0])
    element, screen = yield from run.reach(value, screen)
    return (yield tap(element))


def _in_view(element: Element, screen: Screen) -> bool:
    return 0 <= element.box.center.x <= screen.width and 0 <= element.box.center.y <= screen.height
