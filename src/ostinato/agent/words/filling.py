"""Entering what a goal says into the fields that it names, on sheets of days too, and searching."""

from __future__ import annotations

from ostinato.agent.grounder import rate
from ostinato.agent.labels import Labels
from ostinato.agent.words.calendar import day_of, next_touch
from ostinato.agent.words.demand import Demand
from ostinato.agent.words.fields import as_typed, fields_of, labelled, submit_of
from ostinato.agent.words.quote import resolve
from ostinato.agent.words.reach import GOOD, MOMENT, POOR, Lost, Reach, Work, tap
from ostinato.trace.action import Key, Type, Wait
from ostinato.trace.screen import Element, Screen

_MOST_TURNS = 60


def enter(run: Reach, demand: Demand, screen: Screen) -> Work:
    """A value into the field that words name."""
    value = demand.value or ""
    if not demand.quoted:
        said = resolve(value, run.seen(screen), run.held)
        if said is None:
            raise Lost(f"“{value}” is nothing that can be entered")
        value = said
    value = {"upper": value.upper(), "lower": value.lower()}.get(demand.case, value)
    seen = run.seen(screen)
    fields = fields_of(seen)
    if not fields:
        opened = run.best(demand.target or "text field", screen)
        if opened is None or opened[1] < GOOD:
            raise Lost(f"there is no field for “{demand.target or value}”")
        screen = yield tap(opened[0])
        seen = run.seen(screen)
        fields = fields_of(seen)
    if run.begun and not demand.target and any(e.value == value for e in fields):
        return screen
    if demand.every:
        chosen = [e for e in fields if e.editable]
    else:
        chosen = fields_for(run, demand.target, seen, fields)
    if not chosen:
        raise Lost(f"there is no field for “{demand.target or value}”")
    for target in chosen:
        now = screen.at_path(target.path) or target
        screen = yield from put(run, now, value, screen)
    if demand.ending:
        screen = yield from complete(run, value, demand.ending, chosen[0], screen)
    return screen


def complete(run: Reach, start: str, ending: str, target: Element, screen: Screen) -> Work:
    """The suggestion that begins and ends so, once it is shown."""
    screen = yield Wait(seconds=MOMENT)
    end = "" if ending == "*" else ending.casefold()
    for element in run.seen(screen).elements:
        name = element.name.casefold()
        if element.path != target.path and name.startswith(start.casefold()) and name.endswith(end):
            return (yield tap(element))
    raise Lost(f"nothing that begins with “{start}” is suggested")


def fields_for(run: Reach, words: str, seen: Screen, fields: list[Element]) -> list[Element]:
    """The field that words name; the only one that is there, or the first that is empty, where they name none."""
    only = seen.model_copy(update={"elements": tuple(fields)})
    labels = Labels(seen)
    rated = [pair for pair in rate(words, only, run.embedder, labels) if pair[1] >= POOR] if words else []
    if rated:
        equal = [e for e, score in rated if score >= rated[0][1] - 0.05]
        return [next((e for e in equal if not e.value), equal[0])]
    if words and "search" not in words.lower():  # a field to search with takes nothing else
        fields = [e for e in fields if e.role != "searchbox"]
    empty = [e for e in fields if not e.value and e.editable]
    return fields[:1] if len(fields) == 1 else empty[:1]


def put(run: Reach, target: Element, value: str, screen: Screen) -> Work:
    """A value into a field, typed, or by a day on the sheet that it opens."""
    if target.editable or day_of(value) is None:
        if not target.editable:
            raise Lost(f"nothing can be entered into {target.role} “{target.name or target.id}”")
        typed = as_typed(value, target, screen)
        return screen if target.value == typed else (yield Type(text=typed, element=target))
    return (yield from _turn(run, target, value, screen))


def _turn(run: Reach, target: Element, value: str, screen: Screen) -> Work:
    """A day on the sheet that a field opens."""
    day = day_of(value)
    assert day is not None
    screen = yield tap(target)
    for _ in range(_MOST_TURNS):
        touch = next_touch(screen, day, run.seen(screen).elements)
        if touch is None:
            raise Lost(f"{value} is not on a sheet of days")
        screen = yield tap(touch[0])
        if touch[1]:
            return screen
    raise Lost(f"{value} is too far away")


def seek(run: Reach, demand: Demand, screen: Screen) -> Work:
    """What to look for goes into the fields whose labels stand in the words; all of it into a field alone."""
    seen = run.seen(screen)
    fields = [e for e in fields_of(seen) if e.editable]
    if not fields:
        raise Lost("there is no field to search with")
    pairs = labelled(demand.target, fields, Labels(seen)) if len(fields) > 1 else []
    if not pairs:
        chosen = fields_for(run, "search field", seen, fields) or fields
        pairs = [(chosen[0], demand.value or "")]
    for target, value in pairs:
        now = screen.at_path(target.path) or target
        screen = yield Type(text=value, element=now)
    button = run.best("search button", screen)
    if button is not None and button[1] >= GOOD:
        return (yield tap(button[0]))
    submit = submit_of(run.seen(screen))
    return (yield tap(submit) if submit is not None else Key(key="Enter"))
