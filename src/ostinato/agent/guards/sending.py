"""What was sent in a run, which is never sent again: known by the control and the values, not by its place."""

from __future__ import annotations

from collections.abc import Sequence

from ostinato.agent.decider import Choice
from ostinato.agent.guards.repetition import alike, same_deed
from ostinato.trace.action import Action, Key, target_of
from ostinato.trace.locator import REPEATED, container_of
from ostinato.trace.record import Step
from ostinato.trace.risk import pressed_by
from ostinato.trace.screen import Element, Screen


def already_sent(choice: Choice, screen: Screen, history: Sequence[Step]) -> bool:
    """Whether this irreversible action was taken before in this run: the same node of an experience, or the same
    control on the same screen (and in the same row) with the same values."""
    for step in history:
        if step.risk != "commit" or (step.result is not None and not step.result.touched):
            continue
        if choice.experience is not None and step.experience == choice.experience:
            return True
        if choice.experience is None and _same(step, choice.action, screen):
            return True
    return False


def _same(step: Step, action: Action, screen: Screen) -> bool:
    """Whether an action does what a step did: its place on the screen tells nothing, since a form may have moved."""
    if not same_deed(step.action, action) or _fields(step.before) != _fields(screen):
        return False
    old, new = _touched(step.action, step.before), _touched(action, screen)
    if old is None or new is None:
        return alike(step.action, action)
    if old.name != new.name:  # `delete` that asks “Are you sure?” in its own place
        return False
    if old.path != new.path and not (_only(old, step.before) and _only(new, screen) and _called(old) == _called(new)):
        return False
    return not _another_row(old, step.before, new, screen)


def _touched(action: Action, screen: Screen) -> Element | None:
    """What an action touches: Enter and the space bar touch what has the focus."""
    return pressed_by(action.key, screen) if isinstance(action, Key) else target_of(action)


def _only(element: Element, screen: Screen) -> bool:
    """Whether nothing else on a screen is called as an element is."""
    return bool(element.name) and sum(_called(e) == _called(element) for e in screen.elements) == 1


def _called(element: Element) -> tuple[str, str, str | None]:
    return element.role, element.name, element.id


def _another_row(touched: Element, before: Screen, again: Element, now: Screen) -> bool:
    """Whether another row of a list moved into the place of the one that was touched: nothing is left there of the
    words that told that one from the others. Figures tell nothing: what was done may have changed them."""
    old, new = container_of(touched, before, REPEATED), container_of(again, now, REPEATED)
    if old is None or new is None:
        return False
    others = {touched.name, *(e.name for e in before.elements if not e.is_inside(old.path))}
    own = {e.name for e in before.inside(old) if e.name and not any(map(str.isdigit, e.name))} - others
    return bool(own) and own.isdisjoint(e.name for e in now.inside(new))


def _fields(screen: Screen) -> object:
    """What is filled in; another question of a dialog is another screen, though its buttons are alike."""
    filled = [
        (*_called(e), e.value, e.checked) for e in screen.elements if e.value is not None or e.checked is not None
    ]
    return screen.dialog, filled
