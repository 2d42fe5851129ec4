"""Find a step's target again when it is not called as in the recordings any more: what else is known of it must agree.

A wrong touch is worse than none, so a new name alone never decides. What is looked for is not on the screen under its
old name; what is taken has the same role, is nothing that the recordings knew under another name, is not what another
step or check means, does no graver deed, and

* is the only one that has the name in another place, or the app's own id, or the placeholder; or
* stands in the same place of a page with the same kinds of controls, and either means about the same, or is the only
  control that sends its form, or stands in a page of which most names are others (another language), or is the only
  control there that the recordings did not know by its name, is only pressed, and says no deed that it did not say; or
* is the only one of its role left over in its form, and means about the same, or in its row, and says the deed that the
  task does, or stands in a page in another language.

What stands in a row is looked for in that row alone, what stood in a question in none but a question. What is called by
a value of the task is not looked for at all: it is not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ostinato.agent.labels import Labels
from ostinato.agent.likeness import likeness, tokens
from ostinato.model.embed import Embedder
from ostinato.replay.surroundings import Surroundings, beside, shape
from ostinato.trace.action import Tap
from ostinato.trace.locator import REPEATED, Locator, compatible, container_of, find, within
from ostinato.trace.record import Risk
from ostinato.trace.risk import ORDER, Deed, deed_in, risk_of
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import fill, same_value, slots_in

_MEANS_THE_SAME = 0.4  # of MiniLM; opposites are as near as that, so the place must agree too
_ALIKE = 0.5  # of the words
_OPPOSITES = (
    {"add", "remove"}, {"open", "close"}, {"start", "stop"}, {"on", "off"}, {"show", "hide"}, {"next", "previous"},
    {"next", "back"}, {"accept", "decline"}, {"accept", "reject"}, {"yes", "no"}, {"allow", "deny"},
    {"increase", "decrease"}, {"up", "down"}, {"in", "out"}, {"in", "up"}, {"first", "last"}, {"more", "less"},
    {"left", "right"}, {"from", "to"}, {"save", "cancel"}, {"send", "cancel"}, {"ok", "cancel"}, {"confirm", "cancel"},
    {"payer", "payee"}, {"buy", "sell"}, {"income", "expense"}, {"new", "old"}, {"all", "none"}, {"import", "export"},
    {"upload", "download"}, {"lock", "unlock"}, {"start", "end"}, {"submit", "reset"}, {"minimum", "maximum"},
)  # fmt: skip
_PRESSED = frozenset({"button", "link", "tab", "menuitem"})
_ENOUGH = 2  # controls around one that are called as they were; one will do for the only one of its role
_QUESTIONS = frozenset({"dialog", "alertdialog"})
_NEGATING = re.compile(r"^(?:un|de|dis|in|non)")


Embeds = Callable[[], Embedder | None]  # asked only where it is needed: it takes a moment to begin


def no_embedder() -> None:
    return None


@dataclass(frozen=True)
class Moved:
    """Where an element is now, how it is to be looked for from now on, and by what it was known."""

    element: Element
    locator: Locator
    by: str


def relocate(
    locator: Locator,
    screen: Screen,
    values: dict[str, str],
    around: Surroundings | None,
    claimed: Collection[str] = (),
    risk: Risk | None = None,
    embedder: Embeds = no_embedder,
    deeds: Collection[Deed] = (),
) -> Moved | None:
    """The element that a locator meant in the recordings and does not find any more; None where that is not certain.

    `around` is what stood around it then, `claimed` are the paths of what other locators mean on this screen, `risk`
    that of the step that presses it (None: it is only looked at, or filled in), `embedder` gives what compares
    meanings, where there is one, `deeds` are what the whole experience does."""
    if find(locator, screen, values) is not None or _by_value(locator):
        return None
    could = [
        e for e in _candidates(locator, screen, values) if e.path not in claimed and _does_no_more(e, screen, risk)
    ]
    known = fill(locator.name or "", values)
    called = [e for e in could if known and same_value(known, e.name)]
    if len(called) > 1:  # it is there, and another beside it
        return None
    for by, fitting in (
        ("name", called),
        ("id", [e for e in could if _own_id(locator.id) and e.id == locator.id]),
        ("placeholder", [e for e in could if locator.placeholder and e.placeholder == locator.placeholder]),
    ):
        if len(fitting) == 1 and (by == "name" or _may_be(fitting[0], known, around)):
            return moved_to(fitting[0], locator, screen, values, by)
    could = [e for e in could if _may_be(e, known, around)]
    labels = Labels(screen)
    if around is not None and locator.path is not None and around.shape == shape(locator.path, screen):
        there = next((e for e in could if e.path == locator.path), None)
        if there is not None:
            if _sends_alone(there, screen) or around.speaks_otherwise(screen):
                return moved_to(there, locator, screen, values, "place")
            if _means_the_same(known, there, labels, embedder):
                return moved_to(there, locator, screen, values, "place and meaning")
            if (
                risk is not None
                and there.role == locator.role
                and _all_else_is_known(there, known, screen, around, risk)
            ):
                return moved_to(there, locator, screen, values, "place and all that stands around it")
    left = [e for e in could if container_of(e, screen) is not None] if locator.container is not None else could
    if len(left) == 1 and _means_the_same(known, left[0], labels, embedder):
        return moved_to(left[0], locator, screen, values, "meaning")
    if locator.container is not None and locator.container.texts and around is not None:
        alike = [e for e in left if e.role == locator.role]
        if len(alike) == 1 and _means_the_same(known, alike[0], labels, embedder):
            return moved_to(alike[0], locator, screen, values, "row and meaning")
        if len(alike) == 1 and risk is not None and deed_in(known) is None and deed_in(alike[0].name) in deeds:
            return moved_to(alike[0], locator, screen, values, "row and deed")
        if len(alike) == 1 and around.speaks_otherwise(screen):
            return moved_to(alike[0], locator, screen, values, "row")
    return None


def _by_value(locator: Locator) -> bool:
    """Whether a target is called by a value of the task."""
    return any(
        pattern and slots_in(pattern) for pattern in (locator.name, locator.id, locator.placeholder, locator.value)
    )


def _candidates(locator: Locator, screen: Screen, values: dict[str, str]) -> list[Element]:
    """What has the role and may be used: in a question what stood in one, of a row that values mark what stands in
    it."""
    asked = _in_question(locator.path or "") or (locator.container is not None and locator.container.role in _QUESTIONS)
    near = [e for e in screen.of_roles(compatible(locator.role)) if e.enabled]
    near = [e for e in near if _in_question(e.path) == asked or not (asked or locator.path or locator.container)]
    if locator.container is not None and locator.container.texts:
        return [e for e in near if within(locator.container, e, screen, values)]
    return [e for e in near if container_of(e, screen, REPEATED) is None]


def _in_question(path: str) -> bool:
    return any(step.split("[")[0] in _QUESTIONS for step in path.split("/"))


def _own_id(identity: str | None) -> bool:
    """Whether an id is the app's own name for something, and no number of a list."""
    return identity is not None and not re.search(r"\d", identity) and "{" not in identity


def _does_no_more(element: Element, screen: Screen, risk: Risk | None) -> bool:
    """Whether a touch of an element is of no graver class than that of the step was."""
    return risk is None or ORDER[risk_of(Tap(point=element.box.center, element=element), screen)] <= ORDER[risk]


def _may_be(element: Element, known: str, around: Surroundings | None) -> bool:
    """Whether a control of another name may be what was meant."""
    if around is not None and element.name and around.knew(element.name):
        return False
    if _opposed(known, element.name):
        return False
    old, new = deed_in(known), deed_in(element.name)
    return old == new or old is None or new is None


def _opposed(one: str, other: str) -> bool:
    """Whether two labels differ by words that are opposites: Mute and Unmute, First name and Last name."""
    mine, theirs = set(tokens(one)), set(tokens(other))
    for word in mine - theirs:
        for against in theirs - mine:
            if {word, against} in _OPPOSITES:
                return True
            longer, shorter = sorted((word, against), key=len, reverse=True)
            if _NEGATING.match(longer) and _NEGATING.sub("", longer) == shorter:
                return True
    return ("not" in mine) != ("not" in theirs) or ("no" in mine) != ("no" in theirs)


def _means_the_same(known: str, element: Element, labels: Labels, embedder: Embeds) -> bool:
    said = [name for name, _ in labels.of(element)]
    if not known or not said:
        return False
    if max(likeness(known, name) for name in said) >= _ALIKE:
        return True
    if (deed := deed_in(known)) is not None and deed == deed_in(element.name):
        return True
    meaning = embedder()
    if meaning is None:
        return False
    rows = meaning.embed([known, *said])
    return bool((rows[1:] @ rows[0]).max() >= _MEANS_THE_SAME)


def _all_else_is_known(element: Element, known: str, screen: Screen, around: Surroundings, risk: Risk) -> bool:
    """Whether a control is the only one of its part of a page that the recordings did not know by its name, among
    others that they did, and says no deed that the old name did not say. What cannot be taken back must send the form
    as it did then."""
    if element.role not in _PRESSED or not element.name.strip() or (risk == "commit" and not element.submits):
        return False
    if deed_in(element.name) not in (None, deed_in(known)):
        return False
    others = [e for e in beside(element.path, screen) if e.path != element.path]
    alone = all(e.role != element.role for e in others)
    return len(others) >= (1 if alone else _ENOUGH) and all(e.name.strip() and around.knew(e.name) for e in others)


def _sends_alone(element: Element, screen: Screen) -> bool:
    """Whether an element is the only one that sends its form."""
    form = container_of(element, screen, frozenset({"form", "dialog", "region"}))
    sending = [e for e in (screen.inside(form) if form is not None else screen.elements) if e.submits]
    return element.submits and len(sending) == 1


def moved_to(element: Element, locator: Locator, screen: Screen, values: dict[str, str], by: str) -> Moved | None:
    """An element with a locator that finds it from now on, made of what the old one knew; None where it is not to be
    told from others."""
    update: dict[str, object] = {
        "role": element.role,
        "name": element.name or None if locator.name is not None else None,
        "id": element.id if locator.id is not None else None,
        "placeholder": element.placeholder if locator.placeholder is not None else None,
        "path": element.path if locator.path is not None else None,
        "box": element.box if locator.box is not None else None,
    }
    holder = locator.container
    if holder is not None and not within(holder, element, screen, values):
        update["container"] = None
    fresh = locator.model_copy(update=update)
    placed = fresh.model_copy(update={"path": element.path, "box": element.box})
    for one in (fresh, placed):
        again = find(one, screen, values)
        if again is not None and again.path == element.path:
            return Moved(element, one, by)
    return None
