"""Passing something on, as messengers and mail do: reply with words, forward or send to somebody, share."""

from __future__ import annotations

from ostinato.agent.words.demand import Demand
from ostinato.agent.words.fields import fields_of, submit_of
from ostinato.agent.words.filling import fields_for
from ostinato.agent.words.reach import MOMENT, POOR, Lost, Reach, Work, tap
from ostinato.trace.action import Type, Wait
from ostinato.trace.screen import Element, Screen

_VERBS = {"send": ("forward", "send", "share"), "give": ("forward", "share"), "share": ("share", "send")}


def send(run: Reach, demand: Demand, screen: Screen) -> Work:
    """Open what is passed on, touch the control for it, fill in who gets it and with which words, send it off."""
    if demand.target:
        run.place_of(demand.target)
    before = _editable(run, screen)
    screen = yield from _begin(run, demand.verb, screen)
    if demand.whom or demand.value:
        fields = _editable(run, screen)
        if len(fields) <= len(before):
            screen = yield Wait(seconds=MOMENT)
    if demand.whom:
        screen = yield from _type(run, "to recipient", demand.whom, screen)
    if demand.value:
        screen = yield from _type(run, "message text", demand.value, screen)
    if demand.whom or demand.value:
        button = run.control("send", screen) or submit_of(run.seen(screen))
        if button is None:
            likely = run.best("send", screen)
            button = likely[0] if likely is not None and likely[1] >= POOR and not likely[0].editable else None
        if button is None:
            raise Lost("there is no button to send it off")
        screen = yield tap(button)
    return screen


def _begin(run: Reach, verb: str, screen: Screen) -> Work:
    """The control for what is done, on the screen, or on that of the thing itself."""
    verbs = _VERBS.get(verb, (verb,))
    if run.place:
        named = run.best(run.place, screen)
        inside = next((c for word in verbs if (c := run.control(word, screen, run.place)) is not None), None)
        if inside is None:
            if named is None or named[1] < POOR:
                item, screen = yield from run.reach(run.place, screen)
            else:
                item = named[0]
            screen = yield tap(item)
        else:
            return (yield tap(inside))
    for waited in (False, True):
        for word in verbs:
            control = run.control(word, screen)
            if control is not None:
                return (yield tap(control))
        if not waited:
            screen = yield Wait(seconds=MOMENT)
    raise Lost(f"there is nothing to {verb} with")


def _type(run: Reach, words: str, value: str, screen: Screen) -> Work:
    fields = [e for e in _editable(run, screen) if not e.value]
    chosen = fields_for(run, words, run.seen(screen), fields) if fields else []
    if not chosen:
        raise Lost(f"there is no field for “{value}”")
    return (yield Type(text=value, element=chosen[0]))


def _editable(run: Reach, screen: Screen) -> list[Element]:
    return [e for e in fields_of(run.seen(screen)) if e.editable]
