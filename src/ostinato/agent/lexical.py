"""A decider without a model: it does what the words of a goal say, one demand after the other.

The demands of a goal (`goal`) are done in order, each on the thing that its words name on the screen (`grounder`). What
is not to be seen is looked for behind tabs, menus and folders, each opened once. It knows no app and no task; what the
words do not say it does not do, and then it gives up. Nothing is kept between two decisions: what was done before is
worked out again from the screens of the run.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from ostinato.agent.calendar import day_of, next_touch
from ostinato.agent.decider import Choice, Handover
from ostinato.agent.echo import without_echo
from ostinato.agent.fields import as_typed, fields_of, labelled, settable, submit_of
from ostinato.agent.goal import Demand, demands
from ostinato.agent.grounder import in_reading_order, rate, same_things
from ostinato.agent.labels import Labels
from ostinato.agent.likeness import likeness, tokens
from ostinato.agent.quote import resolve
from ostinato.model.embed import Embedder
from ostinato.trace.action import Action, Done, Drag, Key, Scroll, Select, Tap, Type, Wait, describe
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Element, Screen

_GOOD = 0.6
_EXACT = 0.8  # what is quoted must be there as it is written, before something like it is taken
_POOR = 0.45
_MOST_OPENED = 25
_FAR = 100_000.0  # pixels: to the very end
_MOMENT = 0.6  # seconds that a page may take to show what an action brings up
_MOST_TURNS = 60
_OPENERS = {"menu", "more", "show", "expand", "open", "next", "dropdown", "add", "details", "all", "section"}
_TICKED = {"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio", "option", "tab"}
_OVER = "the page ended before all was done"
Work = Generator[Action, Screen, Screen]


class Lost(Exception):
    """What is asked for is not there."""


@dataclass(frozen=True)
class LexicalDecider:
    """Does what the words say. `embedder` helps where a label has another word for the same."""

    embedder: Embedder | None = None
    name: str = field(default="lexical")

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        asked = demands(goal)
        if not asked:
            return Handover("plan", goal, "the words ask for nothing that can be tapped, chosen or entered")
        screens = [*(step.before for step in history), screen]
        action = self._next(screens, goal, asked)
        if not isinstance(action, Done) and _repeats(action, screen, history):
            action = Done(success=False, message=f"{describe(action)} changes nothing")
        return Choice(action, Decision(source="script", text=describe(action)))

    def _next(self, screens: Sequence[Screen], goal: str, asked: Sequence[Demand]) -> Action:
        over = len(screens) > 1 and _is_over(screens[-1])
        work = _Worker(goal, self.embedder).work(screens[0], asked)
        try:
            action = next(work)
            for screen in screens[1:]:
                action = work.send(screen)
        except StopIteration:
            return Done()
        except Lost as lost:
            return Done(success=False, message=str(lost) if not over else _OVER)
        return action if not over else Done(success=False, message=_OVER)


def _repeats(action: Action, screen: Screen, history: tuple[Step, ...]) -> bool:
    """Whether the same was done twice on the same screen."""
    same = [s for s in history if s.before.elements == screen.elements and describe(s.action) == describe(action)]
    return len(same) >= 2


def _is_over(screen: Screen) -> bool:
    """Whether nothing is left on a screen but one text over all of it."""
    left = [e for e in screen.elements if e.reachable]
    return len(left) == 1 and left[0].role in ("text", "generic", "heading") and len(screen.elements) > 1


@dataclass
class _Worker:
    """Does demands on screens that it is sent. `held` is what was copied or found last."""

    goal: str
    embedder: Embedder | None
    held: str = ""
    place: str = ""

    def work(self, screen: Screen, asked: Sequence[Demand]) -> Work:
        filled = False
        for number, demand in enumerate(asked):
            screen = yield from self._do(demand, screen, last=number == len(asked) - 1)
            filled = (filled or demand.kind in ("enter", "choose")) and demand.kind not in ("tap", "key", "seek")
        if filled:
            button = submit_of(self._seen(screen))
            if button is not None and not any(d.kind == "choose" for d in asked[-1:] if len(asked) == 1):
                screen = yield _tap(button)
        return screen

    def _seen(self, screen: Screen) -> Screen:
        """The screen without the words of the task itself."""
        return screen.model_copy(update={"elements": without_echo(screen, self.goal)})

    def _do(self, demand: Demand, screen: Screen, last: bool) -> Work:
        match demand.kind:
            case "wait":
                return (yield Wait(seconds=min(30.0, float(demand.value or 1))))
            case "key":
                return (yield Key(key=demand.value or "Enter"))
            case "scroll":
                inside = self._best(demand.target, screen) if demand.target else None
                far = -_FAR if demand.value in ("top", "up") else _FAR
                return (yield Scroll(dy=far, element=inside[0] if inside else None))
            case "copy":
                self.held = resolve(demand.target, self._seen(screen), self.held) or ""
                return screen
            case "find":
                return (yield from self._find(demand, screen, last))
            case "tap":
                return (yield from self._touch(demand, screen))
            case "enter":
                return (yield from self._enter(demand, screen))
            case "seek":
                return (yield from self._seek(demand, screen))
            case "choose":
                return (yield from self._choose(demand, screen))
            case "drag":
                what, screen = yield from self._reach(demand.target, screen)
                where, screen = yield from self._reach(demand.value or "", screen)
                return (yield Drag(start=what.box.center, end=where.box.center, element=what, target=where))
        return screen

    def _find(self, demand: Demand, screen: Screen, last: bool) -> Work:
        """Something said in words is remembered; at the end of a goal it is touched."""
        words = resolve(demand.target, self._seen(screen), self.held)
        if words:
            self.held = words
            return screen
        if last:
            element, screen = yield from self._reach(demand.target, screen)
            return (yield _tap(element))
        self.place = demand.target
        return screen

    def _touch(self, demand: Demand, screen: Screen) -> Work:
        if demand.every:
            kinds = same_things(demand.target, self._seen(screen), self.embedder)
            for element in kinds[:_MOST_OPENED]:
                now = screen.at_path(element.path)
                if now is not None:
                    screen = yield _tap(now)
            if kinds:
                return screen
        words = demand.target
        if demand.verb in ("close", "expand", "collapse", "submit", "delete", "remove", "like", "dismiss"):
            control = self._best(f"{demand.verb} button", screen)
            if control is not None and control[1] >= _EXACT and self._sure(words, screen) < _EXACT:
                return (yield _tap(control[0]))
        if demand.verb in ("expand", "open", "collapse") and self._sure(words, screen) < _GOOD:
            opener = self._opener(screen, set())
            if opener is not None:
                return (yield _tap(opener))
        element, screen = yield from self._reach(words, screen)
        return (yield _tap(element))

    def _enter(self, demand: Demand, screen: Screen) -> Work:
        value = demand.value or ""
        if not demand.quoted:
            said = resolve(value, self._seen(screen), self.held)
            if said is None:
                raise Lost(f"“{value}” is nothing that can be entered")
            value = said
        value = {"upper": value.upper(), "lower": value.lower()}.get(demand.case, value)
        seen = self._seen(screen)
        fields = fields_of(seen)
        if not fields:
            opened, screen = yield from self._reach(demand.target or "text field", screen)
            screen = yield _tap(opened)
            seen = self._seen(screen)
            fields = fields_of(seen)
        if demand.every:
            chosen = [e for e in fields if e.editable]
        else:
            chosen = self._fields_for(demand.target, seen, fields)
        if not chosen:
            raise Lost(f"there is no field for “{demand.target or value}”")
        for target in chosen:
            now = screen.at_path(target.path) or target
            screen = yield from self._put(now, value, screen)
        if demand.ending:
            screen = yield from self._complete(value, demand.ending, chosen[0], screen)
        return screen

    def _complete(self, start: str, ending: str, target: Element, screen: Screen) -> Work:
        """The suggestion that begins and ends so, once it is shown."""
        screen = yield Wait(seconds=_MOMENT)
        end = "" if ending == "*" else ending.casefold()
        for element in self._seen(screen).elements:
            name = element.name.casefold()
            if element.path != target.path and name.startswith(start.casefold()) and name.endswith(end):
                return (yield _tap(element))
        raise Lost(f"nothing that begins with “{start}” is suggested")

    def _fields_for(self, words: str, seen: Screen, fields: list[Element]) -> list[Element]:
        """The field that words name; the only one that is there, or the first that is empty, where they name none."""
        only = seen.model_copy(update={"elements": tuple(fields)})
        labels = Labels(seen)
        rated = [pair for pair in rate(words, only, self.embedder, labels) if pair[1] >= _POOR] if words else []
        if rated:
            equal = [e for e, score in rated if score >= rated[0][1] - 0.05]
            return [next((e for e in equal if not e.value), equal[0])]
        empty = [e for e in fields if not e.value and e.editable]
        return fields[:1] if len(fields) == 1 else empty[:1]

    def _put(self, target: Element, value: str, screen: Screen) -> Work:
        day = day_of(value)
        if target.editable or day is None:
            if not target.editable:
                raise Lost(f"nothing can be entered into {target.role} “{target.name or target.id}”")
            if target.value == value:
                return screen
            return (yield Type(text=as_typed(value, target, screen), element=target))
        return (yield from self._turn(target, value, screen))

    def _turn(self, target: Element, value: str, screen: Screen) -> Work:
        """A day on the sheet that a field opens."""
        day = day_of(value)
        assert day is not None
        screen = yield _tap(target)
        for _ in range(_MOST_TURNS):
            touch = next_touch(screen, day, self._seen(screen).elements)
            if touch is None:
                raise Lost(f"{value} is not on a sheet of days")
            screen = yield _tap(touch[0])
            if touch[1]:
                return screen
        raise Lost(f"{value} is too far away")

    def _seek(self, demand: Demand, screen: Screen) -> Work:
        """What to look for goes into the fields whose labels stand in the words; all of it into a field alone."""
        seen = self._seen(screen)
        fields = [e for e in fields_of(seen) if e.editable]
        if not fields:
            raise Lost("there is no field to search with")
        pairs = labelled(demand.target, fields, Labels(seen)) if len(fields) > 1 else []
        if not pairs:
            chosen = self._fields_for("search field", seen, fields) or fields
            pairs = [(chosen[0], demand.value or "")]
        for target, value in pairs:
            now = screen.at_path(target.path) or target
            screen = yield Type(text=value, element=now)
        button = self._best("search button", screen)
        if button is not None and button[1] >= _GOOD:
            return (yield _tap(button[0]))
        submit = submit_of(self._seen(screen))
        return (yield _tap(submit) if submit is not None else Key(key="Enter"))

    def _choose(self, demand: Demand, screen: Screen) -> Work:
        if demand.value is None or demand.value.lower() in ("nothing", "none", "no options"):
            if demand.value is None and demand.target:
                element, screen = yield from self._reach(demand.target, screen)
                return (yield _tap(element))
            return screen
        wanted = demand.verb not in ("uncheck", "untick")
        for value in self._values(demand, screen):
            screen = yield from self._choose_one(value, demand, wanted, screen)
        return screen

    def _values(self, demand: Demand, screen: Screen) -> list[str]:
        """The things to choose: a list of them where no thing is called as the whole."""
        whole = demand.value or ""
        parts = [part.strip() for part in re.split(r",\s*(?:and )?|\s+and\s+", whole) if part.strip()]
        if demand.quoted or len(parts) < 2 or self._named(whole, screen) is not None:
            return [whole]
        return parts if all(self._named(part, screen) is not None for part in parts) else [whole]

    def _named(self, value: str, screen: Screen) -> Element | None:
        """The control, or the list with an option, of exactly this name."""
        for element in self._seen(screen).elements:
            if value in element.options or (element.role != "text" and likeness(value, element.name) >= 0.95):
                return element
        return None

    def _choose_one(self, value: str, demand: Demand, wanted: bool, screen: Screen) -> Work:
        seen = self._seen(screen)
        having = [e for e in seen.elements if any(likeness(value, option) >= 0.95 for option in e.options)]
        lists = [e for e in having if e.reachable or not _in_view(e, seen)]  # one that is drawn over is not meant
        if lists:
            only = seen.model_copy(update={"elements": tuple(lists)})
            rated = rate(demand.target, only, self.embedder, Labels(seen)) if demand.target else []
            chosen = rated[0][0] if rated else lists[0]
            option = max(chosen.options, key=lambda option: likeness(value, option))
            return (yield Select(element=chosen, option=option))
        named = [e for e in seen.elements if e.role in _TICKED and likeness(value, e.name) >= 0.9]
        if named:
            best = max(named, key=lambda e: (likeness(value, e.name), e.reachable))
            if best.checked is not None and best.checked is wanted and best.role != "tab":
                return screen
            return (yield _tap(best))
        if day_of(value) is not None:
            target = self._fields_for(demand.target, seen, fields_of(seen))
            if target:
                return (yield from self._put(target[0], value, screen))
        if re.fullmatch(r"[+-]?\d+(?:\.\d+)?", value) and demand.target:
            number = settable(demand.target, seen, self.embedder)
            if number is not None:
                return (yield from self._move(number, float(value), screen))
        if self._sure(value, screen) < _EXACT and demand.target:
            opener = self._best(demand.target, screen)
            if opener is not None and opener[1] >= _POOR:
                if opener[0].editable and opener[0].role != "combobox":
                    return (yield Type(text=value, element=opener[0]))
                screen = yield _tap(opener[0])
        element, screen = yield from self._reach(value, screen)
        return (yield _tap(element))

    def _move(self, target: Element, value: float, screen: Screen) -> Work:
        """A number on a slider or in a spinner, by typing or by the keys."""
        if target.editable:
            return (yield Type(text=f"{value:g}", element=target))
        screen = yield _tap(target)
        for _ in range(_MOST_TURNS):
            now = screen.at_path(target.path)
            shown = float(now.value) if now and now.value and re.fullmatch(r"[+-]?\d+(?:\.\d+)?", now.value) else None
            if shown is None or shown == value:
                return screen
            screen = yield Key(key="ArrowRight" if value > shown else "ArrowLeft")
        raise Lost(f"{value:g} is too far away")

    def _best(self, words: str, screen: Screen) -> tuple[Element, float] | None:
        rated = rate(words, self._seen(screen), self.embedder)
        return rated[0] if rated else None

    def _sure(self, words: str, screen: Screen) -> float:
        best = self._best(words, screen)
        return best[1] if best else 0.0

    def _reach(self, words: str, screen: Screen) -> Generator[Action, Screen, tuple[Element, Screen]]:
        """The thing that words name, after what hides it was opened. Raises Lost."""
        need = _EXACT if re.search(r"[\"“”'‘]", words) else _GOOD
        opened = {(e.path, e.name + _around(screen)) for e in screen.elements if e.role == "tab" and e.checked}
        waited = False
        while True:
            best = self._best(words, screen)
            if best is None or best[1] < need or not _can_touch(best[0]):
                narrower = self._best(f"{words} in the row of {self.place}", screen) if self.place else None
                best = narrower if narrower is not None and narrower[1] >= need else best
            if best is not None and best[1] >= need:
                return best[0], screen
            if not waited:  # it may be on its way
                waited = True
                screen = yield Wait(seconds=_MOMENT)
                continue
            opener = self._opener(screen, opened)
            if opener is None or len(opened) >= _MOST_OPENED:
                break
            opened.add((opener.path, opener.name + _around(screen)))
            screen = yield _tap(opener)
            waited = not _OPENERS & set(tokens(opener.name))
        if best is not None and best[1] >= _POOR:
            return best[0], screen
        raise Lost(f"{words} is not on the screen")

    def _opener(self, screen: Screen, opened: set[tuple[str, str]]) -> Element | None:
        """Something that was not opened yet and may hide what is looked for: tabs first, then what says so, then
        folders."""
        elements = [e for e in self._seen(screen).elements if e.enabled and e.reachable]
        fresh = [e for e in elements if (e.path, e.name + _around(screen)) not in opened]
        taps = {name for _, name in opened}
        tabs = [e for e in fresh if e.role == "tab" and not e.checked and e.name + _around(screen) not in taps]
        says = [
            e
            for e in fresh
            if e.role in ("button", "link", "menuitem", "combobox", "generic") and _OPENERS & set(tokens(e.name))
        ]
        folders = [e for e in fresh if e.role in ("treeitem", "generic", "menuitem")]
        found = [*in_reading_order(tabs), *says, *in_reading_order(folders)]
        return found[0] if found else None


def _around(screen: Screen) -> str:
    """What tells a page from the next of the same list."""
    return f"|{screen.url or ''}"


def _in_view(element: Element, screen: Screen) -> bool:
    return 0 <= element.box.center.x <= screen.width and 0 <= element.box.center.y <= screen.height


def _can_touch(element: Element) -> bool:
    return element.enabled


def _tap(element: Element) -> Tap:
    return Tap(point=element.box.center, element=element)
