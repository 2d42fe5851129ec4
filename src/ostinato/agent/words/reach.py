"""What a decider without a model knows while it does the demands of a goal, and how it gets at a thing that words name:
on the screen, or behind tabs, menus, folders and further pages, each opened once."""

from __future__ import annotations

import re
from collections.abc import Generator, Set
from dataclasses import dataclass, field

from ostinato.agent.grounder import CONTROLS, listed, rate
from ostinato.agent.labels import Labels, same_line
from ostinato.agent.likeness import likeness, tokens
from ostinato.agent.order import in_reading_order
from ostinato.agent.phrase import known_by
from ostinato.agent.words.echo import without_echo
from ostinato.agent.words.fields import submit_of
from ostinato.model.embed import Embedder
from ostinato.trace.action import Action, Tap, Wait
from ostinato.trace.risk import deed_in
from ostinato.trace.screen import Element, Point, Screen
from ostinato.trace.values import as_number, holds_value, numbers_in, same_value

GOOD = 0.6
EXACT = 0.8  # what is quoted must be there as it is written, before something like it is taken
POOR = 0.45
MOMENT = 0.6  # seconds that a page may take to show what an action brings up
_NEAR_ENOUGH = 0.7
_CLEARLY = 0.04
MOST_OPENED = 25
_OPENERS = {"menu", "more", "show", "expand", "open", "next", "dropdown", "details", "section"}
_FEW_WORDS = 3
_TURNING = re.compile(r"next(?: page)?|>|›|»|(?:show|load|see) more|more results", re.IGNORECASE)  # may be opened again
_FOLDED = {
    "accordion", "arrow", "caret", "chevron", "closed", "collapsed", "collapsible", "dropdown", "expand", "expander",
    "folder", "hitarea", "popup", "submenu", "toggle", "tree",
}  # fmt: skip
_ICONS = {"img", "generic", "graphics-symbol"}
# Other words that controls have for what is asked for.
_ALSO_CALLED = {
    "delete": ("trash", "remove", "bin"), "remove": ("delete", "trash", "bin"), "star": ("favorite", "important"),
    "like": ("heart", "upvote"), "reply": ("answer", "respond"), "send": ("submit",), "buy": ("book", "order"),
    "book": ("buy", "reserve"), "purchase": ("buy", "order"), "order": ("buy", "add"), "reserve": ("book",),
}  # fmt: skip
Work = Generator[Action, Screen, Screen]


class Lost(Exception):
    """What is asked for is not there."""


@dataclass
class Reach:
    """`held` is what was copied, found or worked out last, `place` the thing that was spoken of last. `begun` says that
    somebody else did a part of it: what is asked for may stand on the screen."""

    goal: str
    embedder: Embedder | None
    held: str = ""
    place: str = ""
    begun: bool = False
    passed: set[str] = field(default_factory=set)  # by path, what was touched on the way

    def seen(self, screen: Screen) -> Screen:
        """The screen without the words of the task itself."""
        return screen.model_copy(update={"elements": without_echo(screen, self.goal)})

    def best(self, words: str, screen: Screen) -> tuple[Element, float] | None:
        rated = rate(words, self.seen(screen), self.embedder)
        if as_number(words) is not None:  # another number is nothing like it, however near its figures are
            rated = [pair for pair in rated if any(same_value(words, one) for one in numbers_in(pair[0].name))]
        return rated[0] if rated else None

    def sure(self, words: str, screen: Screen) -> float:
        best = self.best(words, screen)
        return best[1] if best else 0.0

    def control(self, verb: str, screen: Screen, place: str = "") -> Element | None:
        """The control that is called like a verb (of what is known by `place`, where that is said): a button, an icon.
        None where there is none, where several are equal, or where the screen does not show the place."""
        seen = self.seen(screen)
        if place and not self.shows(place, seen):
            return None
        some = [e for e in seen.elements if e.role in CONTROLS | _ICONS and not e.editable and e.enabled]
        labels = Labels(seen)
        for word in (verb, *_ALSO_CALLED.get(verb, ())):
            alike = [
                (e, max((likeness(word, name) * worth for name, worth in labels.of(e)), default=0.0)) for e in some
            ]
            named = sorted((pair for pair in alike if pair[1] >= _NEAR_ENOUGH), key=lambda pair: -pair[1])
            if place and len(named) > 1:
                rows = rate(f"{word} in the row of {place}", seen, None)
                named = [pair for pair in rows if any(pair[0].path == e.path for e, _ in named)]
            if named and (len(named) == 1 or named[0][1] > named[1][1] + _CLEARLY):
                return named[0][0]
        return None

    @staticmethod
    def shows(name: str, screen: Screen) -> bool:
        """Whether a screen has a thing of this name, or that holds it."""
        texts = (text for e in screen.elements for text in (e.name, e.value) if text)
        return any(likeness(name, text) >= 0.9 or holds_value(text, name) for text in texts)

    def submit(self, words: str, screen: Screen) -> Element | None:
        """What sends a form off where words ask for that (`login`, `submit`) and nothing is called so: the one control
        that is called in another of these ways, or the only button that there is."""
        seen = self.seen(screen)
        named = [e for e in seen.elements if e.role in CONTROLS | _ICONS and not e.editable]
        if any(likeness(words, e.name) >= GOOD for e in named):
            return None
        buttons = [e for e in seen.elements if e.role == "button" and e.enabled and e.reachable]
        return submit_of(seen) or (buttons[0] if len(buttons) == 1 else None)

    def reach(self, words: str, screen: Screen) -> Generator[Action, Screen, tuple[Element, Screen]]:
        """The thing that words name, after what hides it was opened. Raises Lost."""
        need = EXACT if re.search(r"[\"“”'‘]", words) else GOOD
        opened = {(e.path, e.name + _around(screen)) for e in screen.elements if e.role == "tab" and e.checked}
        waited, before = False, 0
        while True:
            best = self.best(words, screen)
            which, several = listed(words, self.seen(screen), self.embedder)
            if which is not None and several:
                if 0 < which - before <= len(several):
                    return several[which - before - 1], screen
            elif self.place and (best is None or best[1] < need or not best[0].enabled or self._many(words, screen)):
                narrower = self.best(f"{words} in the row of {self.place}", screen)
                best = narrower if narrower is not None and narrower[1] >= need else best
            if best is not None and best[1] >= need and (which is None or not several):
                return best[0], screen
            if not waited:  # it may be on its way
                waited = True
                screen = yield Wait(seconds=MOMENT)
                continue
            opener = self.opener(screen, opened)
            if opener is None or len(opened) >= MOST_OPENED:
                break
            opened.add(_key(opener, screen))
            turned = yield tap(opener)
            if which is not None and _turns(opener) and turned.elements != screen.elements:
                before += len(several)
            screen = turned
            waited = not (_opens(opener) or opener.role == "menuitem")
        if best is not None and best[1] >= POOR and (which is None or not several) and not _does_more(best[0], words):
            return best[0], screen
        raise Lost(f"{words} is not on the screen")

    def _many(self, words: str, screen: Screen) -> bool:
        """Whether words fit several things equally well."""
        rated = rate(words, self.seen(screen), self.embedder)
        return len(rated) > 1 and rated[1][1] >= rated[0][1] - 0.02

    def turn_to(self, name: str, screen: Screen) -> Work:
        """Further pages of a list, until one shows a name; the screen as it was where none does."""
        for _ in range(MOST_OPENED):
            if any(likeness(name, e.name) >= 0.9 for e in self.seen(screen).elements):
                return screen
            turns = [e for e in self.seen(screen).elements if e.enabled and e.reachable and _turns(e)]
            if not turns:
                return screen
            turned = yield tap(turns[0])
            if turned.elements == screen.elements:
                return turned
            screen = turned
        return screen

    def opener(self, screen: Screen, opened: Set[tuple[str, str]] = frozenset()) -> Element | None:
        """Something that was not opened yet and may hide what is looked for: tabs first, then what says so, then
        folders."""
        elements = [e for e in self.seen(screen).elements if e.enabled and e.reachable and e.path not in self.passed]
        fresh = [e for e in elements if _key(e, screen) not in opened]
        taps = {name for _, name in opened}
        tabs = [e for e in fresh if e.role == "tab" and not e.checked and e.name + _around(screen) not in taps]
        says = [e for e in fresh if e.role in ("button", "link", "menuitem", "combobox", "generic") and _opens(e)]
        folders = [e for e in fresh if e.role == "treeitem" or _is_folded(e, screen)]
        found = [*in_reading_order(tabs), *says, *in_reading_order(folders)]
        return found[0] if found else None

    def place_of(self, words: str) -> None:
        """Keep what is spoken of, by its name."""
        self.place = known_by(words)


def _does_more(element: Element, words: str) -> bool:
    """Whether a touch would be more than a guess may be: it sends something off, or its number is another one."""
    if element.submits or deed_in(element.name) is not None:
        return True
    numbers = numbers_in(words)
    return bool(numbers) and not set(numbers) & set(numbers_in(element.name))


def _opens(element: Element) -> bool:
    """Whether a control says that it shows more, and nothing else; `+` alone does."""
    words = tokens(element.name)
    if deed_in(element.name) is not None or len(words) > _FEW_WORDS:
        return False
    return element.name.strip() == "+" or bool(_OPENERS & {*words[:1], *words[-1:]})


def _is_folded(element: Element, screen: Screen) -> bool:
    """Whether an element, or what it lies in or beside, says that something is folded up in it."""
    if element.role not in ("generic", "menuitem", "img", "button", "heading"):
        return False
    parent = element.path.rpartition("/")[0]
    beside = [
        e for e in screen.elements if parent and e.path.rpartition("/")[0] == parent and same_line(e.box, element.box)
    ]
    return any(_FOLDED & set(tokens(e.hint or "")) for e in (element, *beside))


def _turns(element: Element) -> bool:
    return element.role in ("button", "link") and _TURNING.fullmatch(element.name.strip()) is not None


def _key(element: Element, screen: Screen) -> tuple[str, str]:
    """What tells an opener from another; one that turns pages is another on each of them."""
    page = str(hash(tuple(e.name for e in screen.elements))) if _turns(element) else ""
    return element.path, element.name + _around(screen) + page


def _around(screen: Screen) -> str:
    """What tells a page from the next of the same list."""
    return f"|{screen.url or ''}"


def tap(element: Element, screen: Screen | None = None) -> Tap:
    """A touch on an element: its middle, or, where that is covered on the screen, a part of it that is not."""
    box, spots = element.box, (0.5, 0.15, 0.85)
    points = [Point(x=box.left + x * box.width, y=box.top + y * box.height) for y in spots for x in spots]
    if screen is None or element.reachable:
        return Tap(point=points[0], element=element)
    seen = [point for point in points if 0 <= point.x < screen.width and 0 <= point.y < screen.height]
    hits = [(point, screen.at_point(point)) for point in seen]
    free = [point for point, hit in hits if hit is None or hit.is_inside(element.path)]
    return Tap(point=(free or points)[0] if len(seen) == len(points) else points[0], element=element)
