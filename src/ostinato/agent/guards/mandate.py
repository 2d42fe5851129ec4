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

from ostinato.agent.guards.entry import Entry, entries
from ostinato.agent.guards.errand import Errand
from ostinato.agent.guards.rows import is_control, last_row, names, peers, row_words
from ostinato.agent.likeness import SMALL, tokens
from ostinato.trace.action import Action, DoubleTap, Key, LongPress, Open, Tap, Type, describe, target_of
from ostinato.trace.locator import CONTAINERS, REPEATED, container_of
from ostinato.trace.question import accepted
from ostinato.trace.record import Step
from ostinato.trace.risk import Deed, deed_in, deed_of, deed_of_address, focused, is_search, pressed_by, takes_message
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import as_date, as_number, holds_value, normal, same_value

HELD = "held back: "
_MOST_WORDS = 12  # what is longer is no name
_FEW_WORDS = 4
_TOUCHES = (Tap, DoubleTap, LongPress)
_STATES = frozenset({"checkbox", "radio", "switch", "slider", "textbox", "combobox", "spinbutton", "searchbox"})
_CHOSEN = frozenset({"checkbox", "radio", "switch", "option", "menuitemcheckbox", "menuitemradio", "tab", "treeitem"})
_HEADINGS = frozenset({"heading", "dialog", "alertdialog"})
_YES = frozenset({"yes", "no", "on", "off", "ja", "nein", "oui", "non", "sí", "si", "sì", "是", "否", "はい", "いいえ"})
_GRAVE: frozenset[Deed] = frozenset({"pay", "delete", "send", "grant", "install", "account"})
_DOING: dict[Deed | None, str] = {
    "pay": "pay or order",
    "delete": "delete something",
    "send": "send or share something",
    "grant": "grant a permission",
    "install": "install something",
    "account": "change an account",
}
_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]+)[\"“”»]")  # what a question is about: Delete “Recipes”?
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
        if _searches(action, screen):
            return None
        since = _since_commit(history)
        filled = entries(action, [step for _, step in since], screen, first=len(history) - len(since))
        element = target_of(action) or _pressed(action, screen)
        asked = screen.dialog or (accepted(element, screen) if element is not None else None)
        deed = self._deed(action, element, screen, asked)
        what = describe(action)
        if self._errand.asks_only:
            return f"{what} changes something, and the task only asks to look at something"
        named = element is not None and self._errand.names_control(element.name)
        if deed in _GRAVE and deed not in self._errand.deeds and not named:
            return f"{what} is to {_DOING[deed]}, and the task asks for nothing of the kind"
        if isinstance(action, Open) and not self._names_address(action.url):
            return f"{what} does something as soon as it is opened, and the task does not name that address"
        quoted = _QUOTED.findall(asked) if asked is not None and deed in _GRAVE else []
        if quoted and not any(map(self._errand.says, quoted)) and not self._errand.describes:
            return f"{what} concerns “{quoted[0][:60]}”, which the task does not name"
        shown = [*(step.before for step in history), screen]
        for value in filled:
            said = self._value(value, shown[: value.index + 1])
            if said is not None:
                return said
        rows = [(element, screen)] if element is not None else []
        rows += [last] if (last := last_row(since)) is not None else []
        made = _sent(history)
        typed = frozenset(value.path for value in filled) if deed == "delete" else frozenset()
        fitting = [self._fits(one, where, made, typed) for one, where in rows]
        for (one, where), fits in zip(rows, fitting, strict=True):
            made_here = one is element and deed != "delete" and self._filled_here(one, where, filled)
            if fits is False and not made_here:
                return f"{what} concerns {row_words(one, where)}, which the task does not name"
        if self._errand.only_adds and last_row(since) is not None and (over := _written_over(filled)) is not None:
            return f"“{over[:60]}” was written over, and the task only asks for something new"
        if not self._errand.replaces and (name := self._renamed(filled)) is not None:
            return f"“{name[:60]}” was written over, by which the task calls what it is about"
        if (
            True in fitting
            or any(normal(value.text) for value in filled)  # all of them come from it
            or (element is not None and element.name and holds_value(self.task, element.name))
            or self._ticked(since)
            or self._subject(element, screen, asked)
            or isinstance(action, Open)
            or (deed in _GRAVE and deed != "delete" and self._shows(screen))
            or (asked is not None and _was_sent(history))  # what was let through asks once more
        ):
            return None
        return f"nothing that {what} sends comes from the task"

    # ---- values ---------------------------------------------------------------------------------------

    def _value(self, one: Entry, shown: Sequence[Screen]) -> str | None:
        """What is wrong with a value that was filled in; None when it comes from the task. `shown` are the screens that
        were seen until then."""
        errand = self._errand
        if one.choice:
            telling = _telling(one.text, one.others)
            known = sum(map(errand.knows, telling))
            if errand.says(one.text) or (known > 0 if one.others else 2 * known > len(telling)):
                return None
            if one.begun and errand.says(one.begun) and _completes(one):
                return None
            if one.of_many and (errand.describes or errand.leaves_choice_open):
                return None
            if normal(one.text) in _YES and any(errand.knows(word) for word in tokens(one.about) if word not in SMALL):
                return None
        elif errand.says(one.text):
            return None
        else:
            kept = set(tokens(one.before))
            rest = tuple(word for word in tokens(one.text) if word not in kept)
            if not rest or errand.says_words(rest) or errand.says(" ".join(rest)):
                return None
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
            if row is not None and len(peers(row, screen)) > 1:
                if self._fits(element, screen, ()):
                    return True
            elif self._subject(element, screen):
                return True
        return False

    def _names_address(self, url: str) -> bool:
        """Whether the task says an address, or the deed that it ends with and that needs no more to be known."""
        if holds_value(self.task, url):
            return True
        last = url.rstrip("/").rpartition("/")[2].lower()
        if not re.fullmatch(r"[a-z_-]+(?:\.[a-z]+)?", last):
            return False
        words = re.findall(r"[a-z]+", last.partition(".")[0])
        together = "".join(words) in "".join(tokens(self.task))
        return deed_of_address(url) in self._errand.deeds and (together or all(map(self._errand.knows, words)))

    def _deed(self, action: Action, element: Element | None, screen: Screen, asked: str | None) -> Deed | None:
        """What is done: as the control says, the question that it answers, or the form that Enter sends."""
        if screen.dialog is not None:
            return deed_in(screen.dialog)
        if isinstance(action, Open):
            return deed_of_address(action.url)
        if element is None:
            return None
        if isinstance(action, _TOUCHES) or (isinstance(action, Key) and pressed_by(action.key, screen) is not None):
            return deed_of(element, screen) or (deed_in(asked) if asked is not None else None)
        form = next((e for e in screen.ancestors(element) if e.role == "form"), None)
        sending = [e for e in screen.inside(form) if e.submits] if form is not None else []
        if len(sending) == 1:
            return deed_in(sending[0].name)
        return "send" if takes_message(element) and not self._errand.speaks_of_messages else None

    def _ticked(self, since: Sequence[tuple[int, Step]]) -> bool:
        """Whether something that the task names was ticked or chosen by a touch."""
        touched = [target_of(step.action) for _, step in since if isinstance(step.action, _TOUCHES)]
        return any(e is not None and e.role in _CHOSEN and e.name and self._errand.says(e.name) for e in touched)

    # ---- rows -----------------------------------------------------------------------------------------

    def _fits(
        self, element: Element, screen: Screen, made: Sequence[_Sent], typed: frozenset[str] = frozenset()
    ) -> bool | None:
        """Whether the row of an element is what the task names; None where there are no rows to tell apart. What the
        run itself `typed` into fields (paths), and did not send, tells of no row that is to be deleted."""
        row = container_of(element, screen, REPEATED)
        if row is None or row.path == element.path:
            return None
        beside = peers(row, screen)
        if not set(tokens(screen.text_of(row))) - set(tokens(element.name)):  # a menu: its entries are their own names
            return None
        if any(_made(row, beside, screen, one) for one in made):  # by the run itself
            return True
        mine = self._covered(row, screen, typed)
        others = [self._covered(peer, screen, typed) for peer in beside if peer.path != row.path]
        if mine:
            return not any(mine < other for other in others)
        return not any(others) and self._errand.describes

    def _covered(self, row: Element, screen: Screen, typed: frozenset[str]) -> frozenset[str]:
        """The telling words of the names in a row that the task says as a whole. Where a row has a heading, that names
        it, and what stands below may say anything. What all rows offer to do names none."""
        found: set[str] = set()
        inside = (row, *screen.inside(row))
        headed = frozenset(normal(e.name) for e in inside[1:] if e.role == "heading" and e.name.strip())
        controls = {normal(e.name) for e in inside if is_control(e)}
        for name in headed or names(row, screen, typed) - controls:
            words = tokens(name)
            if 0 < len(words) <= _MOST_WORDS and self._errand.says(name):
                found |= {word for word in words if word not in SMALL}
        return frozenset(found)

    def _renamed(self, filled: Sequence[Entry]) -> str | None:
        """What stood in a field and does no more, though the task calls something by it."""
        for one in filled:
            gone = not one.choice and one.before.strip() and not set(tokens(one.before)) <= set(tokens(one.text))
            if gone and as_number(one.before) is None and as_date(one.before) is None and self._errand.says(one.before):
                return one.before
        return None

    def _filled_here(self, element: Element, screen: Screen, filled: Sequence[Entry]) -> bool:
        """Whether what was filled in stands in the row itself, so that it is made just now."""
        row = container_of(element, screen, REPEATED)
        return row is not None and any(one.path.startswith(row.path + "/") and not one.before for one in filled)

    def _shows(self, screen: Screen) -> bool:
        """Whether the task names something that the page shows, by its whole name."""
        return any(self._errand.says(e.name) for e in screen.elements if 0 < len(tokens(e.name)) <= _MOST_WORDS)

    def _subject(self, element: Element | None, screen: Screen, asked: str | None = None) -> bool:
        """Whether the page, the form or the question is headed by something that the task names."""
        around = container_of(element, screen, CONTAINERS) if element is not None else None
        titles = [screen.title, screen.dialog or "", asked or ""]
        titles += [e.name for e in screen.elements if e.role in _HEADINGS]
        if around is not None:
            titles += [e.value for e in screen.inside(around) if e.value and not e.password]
        if any(self._errand.has_read(title) for title in titles):
            return True
        telling = [set(tokens(title)) - SMALL for title in titles if len(tokens(title)) <= _MOST_WORDS]
        known = [{word for word in words if self._errand.knows(word)} for words in telling]
        return any(len(mine) * 2 >= len(words) and mine for mine, words in zip(known, telling, strict=True))


@dataclass(frozen=True)
class _Sent:
    """What a commit of this run sent: the values that were typed for it, and the screens that were seen before."""

    values: tuple[str, ...]
    seen: tuple[Screen, ...]


def _written_over(filled: Sequence[Entry]) -> str | None:
    """What stood in a field before and does no more."""
    for one in filled:
        if one.before.strip() and not set(tokens(one.before)) <= set(tokens(one.text)):
            return one.before
    return None


def _since_commit(history: Sequence[Step]) -> list[tuple[int, Step]]:
    """The steps after the last irreversible one, with their places in the history."""
    found: list[tuple[int, Step]] = []
    for index, step in enumerate(history):
        found = [] if _sends(step) else [*found, (index, step)]
    return found


def _sends(step: Step) -> bool:
    """Whether a step sent what was filled in until then. A search sends itself alone."""
    sent = step.risk == "commit" and step.result is not None and step.result.ok
    return sent and not _searches(step.action, step.before)


def _was_sent(history: Sequence[Step]) -> bool:
    """Whether the last thing that was done was irreversible, waiting aside."""
    last = next((step for step in reversed(history) if step.action.kind != "wait"), None)
    return last is not None and _sends(last)


def _sent(history: Sequence[Step]) -> list[_Sent]:
    """What each commit of this run sent. What was only typed, or looked for, is not among it."""
    found: list[_Sent] = []
    begun = 0
    for index, step in enumerate(history):
        if _sends(step):
            filled = entries(step.action, history[begun:index], step.before, first=begun)
            values = tuple(one.text for one in filled if not one.choice and len(one.text) > 1)
            if values:
                found.append(_Sent(values, tuple(s.before for s in history[: index + 1])))
            begun = index + 1
    return found


def _made(row: Element, beside: Sequence[Element], screen: Screen, sent: _Sent) -> bool:
    """Whether a row is what was sent: it shows more of the values than any row that is otherwise, and did not stand
    there before."""
    mine = names(row, screen)
    shows = _matching(sent.values, mine)
    if not shows:
        return False
    others = [said for peer in beside if (said := names(peer, screen)) != mine]
    if any(_matching(sent.values, said) >= shows for said in others):
        return False
    return not any(names(old, seen) == mine for seen in sent.seen for old in seen.of_roles(frozenset({row.role})))


def _matching(values: Sequence[str], names: frozenset[str]) -> int:
    return sum(any(same_value(value, name) for name in names) for value in values)


def _pressed(action: Action, screen: Screen) -> Element | None:
    """What an action without an element is aimed at: what lies at its point, or has the keys."""
    if isinstance(action, _TOUCHES):
        return screen.at_point(action.point)
    if isinstance(action, Key) and (pressed := pressed_by(action.key, screen)) is not None:
        return pressed
    if isinstance(action, Key | Type):
        focus = focused(screen)
        return focus if focus is not None and focus.editable else None
    return None


def _completes(one: Entry) -> bool:
    """Whether a choice is what was begun by typing, to its end or with more words."""
    return normal(one.text).startswith(normal(one.begun)) or holds_value(one.text, one.begun)


def _telling(option: str, others: Sequence[str]) -> list[str]:
    """The words of a choice that not all other choices have, too."""
    common = set(tokens(others[0])).intersection(*(tokens(other) for other in others)) if others else set()
    return [word for word in tokens(option) if word not in common and word not in SMALL]


def _is_whole(name: str, value: str) -> bool:
    """Whether a value is all that a name says, but for a currency or a label before a colon."""
    bare = _CURRENCY.sub("", name).strip()
    parts = [name, bare, bare.rpartition(":")[2], re.sub(r"\(.*?\)", "", bare)]
    return any(part.strip() and same_value(part.strip(), _CURRENCY.sub("", value).strip()) for part in parts)


def _tells(screen: Screen, one: Entry, longer: int = 0) -> bool:
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


def _searches(action: Action, screen: Screen) -> bool:
    """Whether something is looked for: it is sent, and changes nothing."""
    if not (isinstance(action, Type) or (isinstance(action, Key) and pressed_by(action.key, screen) is None)):
        return False
    field = target_of(action) or _pressed(action, screen)
    return field is not None and is_search(field, screen)
