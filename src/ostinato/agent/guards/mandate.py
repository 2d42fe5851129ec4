"""What a task gives leave to: an irreversible action must come from the user's task, and not from what a screen says.

A model that obeys whatever it reads fills in what a page tells it and presses what a page names. So before it sends
anything four things are asked, with the task's own words (`errand`) as the only witness:

* the deed: what the control does (pay, delete, send, …) is a kind of thing that the task asks for;
* the values: what was typed and chosen since the last commit stands in the task. Where the task says to look something
  up, a value may also be the whole of something shown beside what the task names; where it leaves words or sums open,
  it may be the model's own;
* the row: the row that the control stands in, and the last one that was touched on the way, is the one that the task's
  words fit, and no other row fits them better;
* the subject: something in it comes from the task: a value, the row, the heading of the page, or the deed itself.

Nothing here reads a text for what it may intend, so there is nothing to talk it out of. A task that leaves open what it
means ("all of them", "the cheapest") leaves as much open here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ostinato.agent.guards.errand import Errand
from ostinato.agent.likeness import SMALL, tokens
from ostinato.trace.action import Action, Back, DoubleTap, Home, LongPress, Open, Select, Tap, Type, describe, target_of
from ostinato.trace.locator import CONTAINERS, REPEATED, container_of
from ostinato.trace.record import Step
from ostinato.trace.risk import Deed, deed_in
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import holds_value, normal, same_value

HELD = "held back: "
_MOST_WORDS = 12  # what is longer is no name
_FEW_WORDS = 4
_INDEX = re.compile(r"\[\d+\]")
_TOUCHES = (Tap, DoubleTap, LongPress)
_STATES = frozenset({"checkbox", "radio", "switch", "slider", "textbox", "combobox", "spinbutton", "searchbox"})
_CHOSEN = frozenset({"checkbox", "radio", "switch", "option", "menuitemcheckbox", "menuitemradio", "tab", "treeitem"})
_HEADINGS = frozenset({"heading", "dialog", "alertdialog"})
_SEARCH = re.compile(r"\b(?:search|query|find|filter|q|suche|rechercher|buscar|cerca)\b", re.IGNORECASE)
_GRAVE: frozenset[Deed] = frozenset({"pay", "delete", "send", "grant", "install", "account"})
_DOING: dict[Deed | None, str] = {
    "pay": "pay or order",
    "delete": "delete something",
    "send": "send or share something",
    "grant": "grant a permission",
    "install": "install something",
    "account": "change an account",
}
_CURRENCY = re.compile(r"[€$£¥]|\b(?:EUR|USD|GBP|CHF)\b")


@dataclass(frozen=True)
class Mandate:
    """The leave that a task in the user's words gives. `read` are values in it that a screen showed (see `Errand`)."""

    task: str
    read: tuple[str, ...] = ()

    @cached_property
    def _errand(self) -> Errand:
        return Errand(self.task, self.read)

    def objection(self, action: Action, screen: Screen, history: Sequence[Step]) -> str | None:
        """Why an irreversible action does not come from the task, in words; None when it does. `history` is what was
        done before in this run."""
        if _searches(action):
            return None
        since = _since_commit(history)
        filled = _filled(action, since, screen)
        element = target_of(action) or _pressed(action, screen)
        deed = _deed(action, element, screen)
        what = describe(action)
        if self._errand.asks_only:
            return f"{what} changes something, and the task only asks to look at something"
        if deed in _GRAVE and deed not in self._errand.deeds:
            return f"{what} is to {_DOING[deed]}, and the task asks for nothing of the kind"
        for value in filled:
            said = self._value(value, history)
            if said is not None:
                return said
        rows = [(element, screen)] if element is not None else []
        rows += [last] if (last := _last_row(since)) is not None else []
        made = _typed(history)
        fitting = [self._fits(one, where, made) for one, where in rows]
        for (one, where), fits in zip(rows, fitting, strict=True):
            if fits is False and not (one is element and self._filled_here(one, where, filled)):
                return f"{what} concerns {_row_words(one, where)}, which the task does not name"
        if self._errand.only_adds and _last_row(since) is not None and (over := _written_over(filled)) is not None:
            return f"“{over[:60]}” was written over, and the task only asks for something new"
        if (
            True in fitting
            or any(normal(value.text) for value in filled)  # all of them come from it
            or (element is not None and element.name and holds_value(self.task, element.name))
            or self._ticked(since)
            or self._subject(element, screen)
            or (deed in _GRAVE and deed != "delete" and self._shows(screen))
            or (screen.dialog is not None and deed in _GRAVE and history and history[-1].risk == "commit")
        ):
            return None
        return f"nothing that {what} sends comes from the task"

    # ---- values ---------------------------------------------------------------------------------------

    def _value(self, one: _Filled, history: Sequence[Step]) -> str | None:
        """What is wrong with a value that was filled in; None when it comes from the task."""
        errand = self._errand
        if one.choice:
            telling = _telling(one.text, one.others)
            if errand.says(one.text) or any(errand.knows(word) for word in telling):
                return None
        elif errand.says(one.text):
            return None
        else:
            kept = set(tokens(one.before))
            rest = tuple(word for word in tokens(one.text) if word not in kept)
            if not rest or errand.says_words(rest) or errand.says(" ".join(rest)):
                return None
        shown = [step.before for step in history[: one.index + 1]]
        if errand.looks_up and any(self._beside(one.text, screen) for screen in shown):
            return None
        if errand.quotes and not one.choice and len(tokens(one.text)) <= _FEW_WORDS:
            return None
        number = bool(re.fullmatch(r"[\d.,\s%+-]+", _CURRENCY.sub("", one.text).strip()))
        if number and errand.leaves_sums_open and not any(_tells(screen, one, _FEW_WORDS) for screen in shown):
            return None
        if not any(_tells(screen, one) for screen in shown):
            if not number and not one.choice and errand.leaves_words_open:
                return None
            return f"“{one.text[:60]}” was filled in, which the task does not say"
        return f"“{one.text[:60]}” was filled in, which the task does not say and a screen does"

    def _beside(self, value: str, screen: Screen) -> bool:
        """Whether a value is the whole of something shown in a row, or on a page, that the task names."""
        for element in screen.elements:
            name = element.value if element.value and not element.password else element.name
            if not name or not _is_whole(name, value):
                continue
            row = container_of(element, screen, REPEATED)
            if row is not None and len(_peers(row, screen)) > 1:
                if self._fits(element, screen, frozenset()):
                    return True
            elif self._subject(element, screen):
                return True
        return False

    def _ticked(self, since: Sequence[tuple[int, Step]]) -> bool:
        """Whether something that the task names was ticked or chosen by a touch."""
        touched = [target_of(step.action) for _, step in since if isinstance(step.action, _TOUCHES)]
        return any(e is not None and e.role in _CHOSEN and e.name and self._errand.says(e.name) for e in touched)

    # ---- rows -----------------------------------------------------------------------------------------

    def _fits(self, element: Element, screen: Screen, made: frozenset[str]) -> bool | None:
        """Whether the row of an element is what the task names; None where there are no rows to tell apart."""
        row = container_of(element, screen, REPEATED)
        if row is None or row.path == element.path:
            return None
        peers = _peers(row, screen)
        if not set(tokens(screen.text_of(row))) - set(tokens(element.name)):  # a menu: its entries are their own names
            return None
        if made and _names(row, screen) & made:  # what the run made itself
            return True
        mine = self._covered(row, screen)
        others = [self._covered(peer, screen) for peer in peers if peer.path != row.path]
        if mine:
            return not any(mine < other for other in others)
        return not any(others) and self._errand.describes

    def _covered(self, row: Element, screen: Screen) -> frozenset[str]:
        """The telling words of the names in a row that the task says as a whole. Where a row has a heading, that names
        it, and what stands below may say anything."""
        found: set[str] = set()
        headed = frozenset(normal(e.name) for e in screen.inside(row) if e.role == "heading" and e.name.strip())
        for name in headed or _names(row, screen):
            words = tokens(name)
            if 0 < len(words) <= _MOST_WORDS and self._errand.says(name):
                found |= {word for word in words if word not in SMALL}
        return frozenset(found)

    def _filled_here(self, element: Element, screen: Screen, filled: Sequence[_Filled]) -> bool:
        """Whether what was filled in stands in the row itself, so that it is made just now."""
        row = container_of(element, screen, REPEATED)
        return row is not None and any(one.path.startswith(row.path + "/") and not one.before for one in filled)

    def _shows(self, screen: Screen) -> bool:
        """Whether the task names something that the page shows, by its whole name."""
        return any(self._errand.says(e.name) for e in screen.elements if 0 < len(tokens(e.name)) <= _MOST_WORDS)

    def _subject(self, element: Element | None, screen: Screen) -> bool:
        """Whether the page, the form or the question is headed by something that the task names."""
        around = container_of(element, screen, CONTAINERS) if element is not None else None
        titles = [screen.title, screen.dialog or ""]
        titles += [e.name for e in screen.elements if e.role in _HEADINGS]
        if around is not None:
            titles += [e.value for e in screen.inside(around) if e.value and not e.password]
        if any(self._errand.has_read(title) for title in titles):
            return True
        telling = [set(tokens(title)) - SMALL for title in titles if len(tokens(title)) <= _MOST_WORDS]
        known = [{word for word in words if self._errand.knows(word)} for words in telling]
        return any(len(mine) * 2 >= len(words) and mine for mine, words in zip(known, telling, strict=True))


@dataclass(frozen=True)
class _Filled:
    """Something that was typed or chosen: where, what, what stood there before, and at which step."""

    path: str
    text: str
    before: str
    index: int
    choice: bool = False
    others: tuple[str, ...] = ()


def _filled(action: Action, since: Sequence[tuple[int, Step]], screen: Screen) -> list[_Filled]:
    """What stands filled in, by the fields: of a field that was filled twice the last. Where a page was left by its
    address, or back, what was filled in there counts only as far as it still stands somewhere."""
    found: dict[str, _Filled] = {}
    steps = [(index, step.action) for index, step in since if step.result is None or step.result.touched]
    standing = {normal(e.value) for e in screen.elements if e.editable and e.value}
    for index, one in [*steps, (len(since) and since[-1][0] + 1, action)]:
        if isinstance(one, Open | Home | Back):
            found = {path: value for path, value in found.items() if normal(value.text) in standing}
        elif isinstance(one, Type) and one.secret is None:
            path = one.element.path if one.element is not None else f"focus {index}"
            first = found.get(path)
            before = first.before if first is not None else (one.element.value or "" if one.element else "")
            if one.element is None or not _is_search(one.element):
                found[path] = _Filled(path, one.text, before, index)
        elif isinstance(one, Select):
            others = tuple(option for option in one.element.options if option != one.option)
            found[one.element.path] = _Filled(one.element.path, one.option, "", index, True, others)
    return list(found.values())


def _written_over(filled: Sequence[_Filled]) -> str | None:
    """What stood in a field before and does no more."""
    for one in filled:
        if one.before.strip() and not set(tokens(one.before)) <= set(tokens(one.text)):
            return one.before
    return None


def _since_commit(history: Sequence[Step]) -> list[tuple[int, Step]]:
    """The steps after the last irreversible one, with their places in the history."""
    found: list[tuple[int, Step]] = []
    for index, step in enumerate(history):
        sent = step.risk == "commit" and step.result is not None and step.result.ok
        found = [] if sent else [*found, (index, step)]
    return found


def _typed(history: Sequence[Step]) -> frozenset[str]:
    """The values that were typed and sent in this run, folded."""
    return frozenset(normal(s.action.text) for s in history if isinstance(s.action, Type) and len(s.action.text) > 1)


def _last_row(since: Sequence[tuple[int, Step]]) -> tuple[Element, Screen] | None:
    """The last touch of something in a row on the way here, if it was not a mere state."""
    for _, step in reversed(since):
        if isinstance(step.action, Open | Home):
            return None
        element = target_of(step.action)
        if isinstance(step.action, _TOUCHES) and element is not None and element.role not in _STATES:
            row = container_of(element, step.before, REPEATED)
            if row is not None and (step.result is None or step.result.touched):
                return element, step.before
    return None


def _pressed(action: Action, screen: Screen) -> Element | None:
    if isinstance(action, _TOUCHES):
        return screen.at_point(action.point)
    return next((e for e in screen.elements if e.focused and e.editable), None)


def _deed(action: Action, element: Element | None, screen: Screen) -> Deed | None:
    """What is done: as the control says, or the question that it answers."""
    if screen.dialog is not None:
        return deed_in(screen.dialog)
    if not isinstance(action, _TOUCHES):
        return None
    return deed_in(element.name) if element is not None else None


def _peers(row: Element, screen: Screen) -> list[Element]:
    shape = _INDEX.sub("", row.path)
    return [e for e in screen.of_roles(frozenset({row.role})) if _INDEX.sub("", e.path) == shape]


def _names(row: Element, screen: Screen) -> frozenset[str]:
    words = [word for e in (row, *screen.inside(row)) for word in (e.name, e.value) if word and not e.password]
    return frozenset(map(normal, words))


def _row_words(element: Element, screen: Screen) -> str:
    row = container_of(element, screen, REPEATED)
    words = " ".join(screen.text_of(row).split()) if row is not None else ""
    return f"“{words[:60]}”"


def _telling(option: str, others: Sequence[str]) -> list[str]:
    """The words of a choice that not all other choices have, too."""
    common = set(tokens(others[0])).intersection(*(tokens(other) for other in others)) if others else set()
    return [word for word in tokens(option) if word not in common and word not in SMALL]


def _is_whole(name: str, value: str) -> bool:
    """Whether a value is all that a name says, but for a currency or a label before a colon."""
    bare = _CURRENCY.sub("", name).strip()
    parts = [name, bare, bare.rpartition(":")[2], re.sub(r"\(.*?\)", "", bare)]
    return any(part.strip() and same_value(part.strip(), _CURRENCY.sub("", value).strip()) for part in parts)


def _tells(screen: Screen, one: _Filled, longer: int = 0) -> bool:
    """Whether a screen says what was filled in, or most of it in one breath, elsewhere than in its own field; only what
    has more words than `longer` counts."""
    wanted = [word for word in tokens(one.text) if word not in SMALL]
    for element in screen.elements:
        if element.path == one.path or len(tokens(element.name)) + len(tokens(element.value or "")) <= longer:
            continue
        words = set(tokens(element.name)) | set(tokens(element.value or ""))
        if wanted and 2 * sum(word in words for word in wanted) >= len(wanted):
            return True
    return False


def _is_search(element: Element) -> bool:
    return element.role == "searchbox" or bool(
        _SEARCH.search(" ".join((element.name, element.placeholder or "", (element.id or "").replace("_", " "))))
    )


def _searches(action: Action) -> bool:
    """Whether something is looked for: it is sent, and changes nothing."""
    return isinstance(action, Type) and action.element is not None and _is_search(action.element)
