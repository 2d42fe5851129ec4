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

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.grounder import CONTROLS, rate, same_things
from ostinato.agent.guards.repetition import alike, same_screen
from ostinato.agent.likeness import tokens
from ostinato.agent.phrase import known_by
from ostinato.agent.sight import UNREADABLE, Sight, touching, untied
from ostinato.agent.words import choosing, editing, filling, listing, picking, sending
from ostinato.agent.words.demand import Demand
from ostinato.agent.words.fields import is_submit, senders_of, submit_of
from ostinato.agent.words.goal import demands
from ostinato.agent.words.quote import resolve, right_of
from ostinato.agent.words.reach import EXACT, GOOD, MOST_OPENED, POOR, Lost, Reach, Work, tap
from ostinato.agent.words.sums import answer
from ostinato.model.embed import Embedder
from ostinato.trace.action import Action, Done, Drag, Key, Scroll, Select, Type, Wait, describe
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Element, Point, Screen

_FAR = 100_000.0  # pixels: to the very end
_OVER = "the page ended before all was done"
# Words for deeds that controls are called by.
_CONTROL_VERBS = {
    "close", "expand", "collapse", "submit", "delete", "remove", "like", "dismiss", "star", "unstar", "archive",
    "bookmark", "retweet", "unfollow", "mute",
}  # fmt: skip
# Deeds that are not done by touching the thing itself.
_DEEDS = {"delete", "remove", "archive", "star", "unstar", "like", "bookmark", "retweet", "unfollow", "mute"}
_SURE = {"sure", "confirm", "yes", "really"}
_FILLING = {"enter", "choose", "sort"}  # what is left in a form has to be sent off
_FOLDING = re.compile(
    r"\b(?:menus?|sections?|drop-?downs?|lists?|folders?|details|panels?|sidebar|drawer|options|accordion)\b",
    re.IGNORECASE,
)
_THEIR = re.compile(r"^(?:(?:on|in) )?(?:their|its|his|her)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class LexicalDecider:
    """Does what the words say. `embedder` helps where a label has another word for the same. `task` is the whole task,
    of which a goal may be one step; `sight` reads what a screen without a tree shows."""

    embedder: Embedder | None = None
    task: str | None = None
    sight: Sight | None = None
    name: str = field(default="lexical")

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        """The next action; Done when all is done, or when it cannot be; a Handover, before anything is done, when there
        are words that are not understood, or somebody else sent what cannot be taken back.

        Where another decider went before, the words are begun anew on what it left: what stands in a field already is
        not entered again."""
        steps = [step for step in history if not step.decision.aside]
        others = [step for step in steps if not _is_own(step)]
        sent = next((s for s in others if s.risk == "commit" and (s.result is None or s.result.touched)), None)
        if sent is not None:
            reason = f"{describe(sent.action)} was sent already, and the words do not tell what is left to be done"
            return Handover("plan", goal, reason)
        own = steps[max((n for n, step in enumerate(steps) if not _is_own(step)), default=-1) + 1 :]
        said = self._said(screen, goal, own, bool(others))
        if self.task not in (None, goal) and isinstance(said, Handover | Done):  # one step ends here, not the task
            said = self._said(screen, self.task or goal, own, bool(others))
        if isinstance(said, Handover):
            return said
        if not isinstance(said, Done) and _repeats(untied(said), screen, history):
            said = Done(success=False, message=f"{describe(said)} changes nothing")
        if isinstance(said, Done) and not said.success and self.sight is not None and self.sight.lacks(screen):
            said = Done(success=False, message=f"{said.message}; {UNREADABLE}")
        return touching(Choice(said, Decision(source="script", text=describe(said))), self._seen(screen))

    def _seen(self, screen: Screen) -> Screen:
        return self.sight.seen(screen) if self.sight is not None else screen

    def _said(self, screen: Screen, goal: str, own: Sequence[Step], begun: bool) -> Action | Handover:
        asked = demands(goal)
        unknown = [one.target for one in asked if one.kind == "unknown"]
        if unknown or not asked:
            said = "; ".join(f"“{words}”" for words in unknown) or "nothing that can be tapped, chosen or entered"
            return Handover("plan", goal, f"the words ask for what is not understood: {said}")
        return self._next(screen, goal, asked, own, begun)

    def _next(self, screen: Screen, goal: str, asked: Sequence[Demand], own: Sequence[Step], begun: bool) -> Action:
        """The action that follows those that were taken; they are worked out again, and where another one was taken
        (a step of its own was asked for) the words are begun anew behind it."""
        over = bool(own) and _is_over(screen)
        while True:
            screens = [self._seen(shown) for shown in (*(step.before for step in own), screen)]
            work = _work(Reach(goal, self.embedder, begun=begun), screens[0], asked)
            taken = 0
            try:
                action = next(work)
                while taken < len(own) and alike(untied(action), own[taken].action):
                    taken += 1
                    action = work.send(screens[taken])
            except StopIteration:
                return Done()
            except Lost as lost:
                if taken == len(own):
                    return Done(success=False, message=str(lost) if not over else _OVER)
            else:
                if taken == len(own):
                    return action if not over else Done(success=False, message=_OVER)
            own, begun = own[taken + 1 :], True


def _is_own(step: Step) -> bool:
    return step.decision.source == "script" and step.experience is None


def _repeats(action: Action, screen: Screen, history: tuple[Step, ...]) -> bool:
    """Whether the same was done twice on the same screen."""
    same = [s for s in history if same_screen(s.before, screen) and describe(s.action) == describe(action)]
    return len(same) >= 2


def _is_over(screen: Screen) -> bool:
    """Whether nothing is left on a screen but one text over all of it."""
    left = [e for e in screen.elements if e.reachable]
    return len(left) == 1 and left[0].role in ("text", "generic", "heading") and len(screen.elements) > 1


def _work(run: Reach, screen: Screen, asked: Sequence[Demand]) -> Work:
    """Does demands on the screens that it is sent, in order."""
    filled = False
    entered: list[Element] = []
    for number, demand in enumerate(asked):
        screen = yield from _noting(_do(run, demand, screen, last=number == len(asked) - 1), entered)
        filled = demand.kind in _FILLING or (filled and demand.kind in ("find", "copy"))
    if filled and not (len(asked) == 1 and asked[0].kind == "choose"):
        seen = run.seen(screen)
        senders = senders_of(entered[-1], seen) if entered else []
        button = senders[0] if len(senders) == 1 else None if senders else submit_of(seen)
        if button is not None:
            screen = yield tap(button)
        elif senders:
            names = " and ".join(f"“{e.name}”" for e in senders)
            raise Lost(f"the words do not tell which of {names} sends off what was entered")
    return screen


def _noting(work: Work, entered: list[Element]) -> Work:
    """The same work; the fields that something goes into on the way are noted."""
    try:
        action = next(work)
        while True:
            if isinstance(action, Type | Select) and action.element is not None:
                entered.append(action.element)
            action = work.send((yield action))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def _do(run: Reach, demand: Demand, screen: Screen, last: bool) -> Work:
    match demand.kind:
        case "wait":
            return (yield Wait(seconds=min(30.0, float(demand.value or 1))))
        case "key":
            return (yield Key(key=demand.value or "Enter"))
        case "scroll":
            inside = run.best(demand.target, screen) if demand.target else None
            far = -_FAR if demand.value in ("top", "up") else _FAR
            return (yield Scroll(dy=far, element=inside[0] if inside else None))
        case "copy":
            run.held = resolve(demand.target, run.seen(screen), run.held) or ""
            return screen
        case "solve":
            run.held = answer(e.name for e in run.seen(screen).elements) or ""
            if not run.held:
                raise Lost(f"no sum that could be worked out is on the screen ({demand.target})")
            return screen
        case "find":
            return (yield from _find(run, demand, screen, last))
        case "tap":
            return (yield from _touch(run, demand, screen))
        case "enter":
            return (yield from filling.enter(run, demand, screen))
        case "seek":
            return (yield from filling.seek(run, demand, screen))
        case "choose":
            return (yield from choosing.choose(run, demand, screen))
        case "send":
            return (yield from sending.send(run, demand, screen))
        case "buy":
            return (yield from picking.buy(run, demand, screen))
        case "add":
            return (yield from editing.add(run, demand, screen))
        case "change":
            return (yield from editing.change(run, demand, screen))
        case "sort":
            return (yield from listing.sort(run, demand, screen))
        case "mark":
            return (yield from _mark(run, demand, screen))
        case "drag":
            if demand.way:
                return (yield from listing.move(run, demand, screen))
            what, screen = yield from run.reach(demand.target, screen)
            where, screen = yield from run.reach(demand.value or "", screen)
            return (yield Drag(start=what.box.center, end=where.box.center, element=what, target=where))
        case "unknown":
            raise Lost(f"“{demand.target}” is not understood")
    return screen


def _find(run: Reach, demand: Demand, screen: Screen, last: bool) -> Work:
    """Something said in words is remembered; at the end of a goal it is touched."""
    words = resolve(demand.target, run.seen(screen), run.held)
    if words and words != demand.target:
        run.held = words
        return screen
    if last:
        element, screen = yield from run.reach(demand.target, screen)
        return (yield tap(element))
    run.place_of(demand.target)
    if demand.verb != "use" and run.place != demand.target:  # a name, not a description of where to look
        screen = yield from run.turn_to(run.place, screen)
    return screen


def _touch(run: Reach, demand: Demand, screen: Screen) -> Work:
    if demand.way:
        return (yield from listing.touch_in_order(run, demand, screen))
    if demand.every:
        return (yield from _touch_all(run, demand, screen))
    words = demand.target
    if _THEIR.match(words) and run.place:
        words = _THEIR.sub("", words)
        beside = _beside(run, words, screen)
        if beside is not None:
            return (yield tap(beside))
    compared = picking.extreme(words)
    if compared is not None and run.sure(words, screen) < GOOD:
        return (yield tap(picking.pick(run, compared, "tap", screen)))
    named = run.best(words, screen)
    is_deed = demand.verb in _DEEDS and not (named is not None and named[0].role in CONTROLS)
    if demand.verb in _CONTROL_VERBS and (is_deed or named is None or named[1] < EXACT):
        control, screen = yield from _control(
            run, demand.verb, known_by(words) if words != demand.verb else run.place, screen
        )
        if control is not None:
            return (yield from _confirmed(control, screen))
    if words == "it":
        if not run.place:
            raise Lost("the words do not say what is meant by “it”")
        words = run.place
    if demand.verb in ("expand", "open", "collapse") and _FOLDING.search(words) and run.sure(words, screen) < GOOD:
        opener = run.opener(screen)
        if opener is not None:
            return (yield tap(opener))
    submit = run.submit(words, screen) if is_submit(words) else None
    if submit is not None:
        return (yield tap(submit))
    element, screen = yield from run.reach(words, screen)
    run.passed.add(element.path)
    return (yield tap(element, screen))


def _control(
    run: Reach, verb: str, place: str, screen: Screen
) -> Generator[Action, Screen, tuple[Element | None, Screen]]:
    """The control for a deed, or one behind the menu of the thing it is done to. Raises Lost where a deed that changes
    something has none: the thing itself is not touched in its place."""
    control = run.control(verb, screen, place)
    if control is not None or verb not in _DEEDS:
        return control, screen
    menu = run.control("more", screen, place) or run.control("menu", screen, place)
    if menu is not None:
        screen = yield tap(menu)
        control = run.control(verb, screen) or run.control(verb, screen, place)
    if control is None:
        raise Lost(f"there is nothing to {verb} {place} with")
    return control, screen


def _confirmed(control: Element, screen: Screen) -> Work:
    """Touch a control, and what asks whether that is meant: the words of the goal said so."""
    known = {(e.path, e.name) for e in screen.elements}
    screen = yield tap(control)
    asked = [e for e in screen.elements if e.role == "button" and e.reachable and (e.path, e.name) not in known]
    sure = [e for e in asked if set(tokens(e.name)) & _SURE or (screen.dialog is not None and e.name == "OK")]
    return (yield tap(sure[0])) if len(sure) == 1 else screen


def _touch_all(run: Reach, demand: Demand, screen: Screen) -> Work:
    """Everything that words fit about equally well, or the first so many."""
    kinds = same_things(demand.target, run.seen(screen), run.embedder)
    if not kinds:
        element, screen = yield from run.reach(demand.target, screen)
        return (yield tap(element))
    if demand.count is not None and len(kinds) < demand.count:
        raise Lost(f"there are only {len(kinds)} of {demand.count} ({demand.target})")
    for element in kinds[: demand.count or MOST_OPENED]:
        now = screen.at_path(element.path)
        if now is not None:
            screen = yield tap(now)
    return screen


def _beside(run: Reach, words: str, screen: Screen) -> Element | None:
    """What stands behind a label: the number behind `Phone:` for `phone number`."""
    seen = run.seen(screen)
    labels = [e for e, score in rate(words, seen, run.embedder) if score >= POOR and e.role == "text"]
    return next((found for e in labels[:1] if (found := right_of(e, seen)) is not None), None)


def _mark(run: Reach, demand: Demand, screen: Screen) -> Work:
    """A finger drawn over a text from its first letter to behind the last."""
    words = re.sub(r"^(?:all )?(?:of )?(?:the )?(?:text|words|sentence) (?:in|of|from) ", "", demand.target, flags=re.I)
    words = re.sub(r" (?:below|above)$", "", words)
    element, screen = yield from run.reach(words, screen)
    box = element.box
    line = min(8.0, box.height / 2)
    start = Point(x=box.left + 1, y=box.top + line)
    return (yield Drag(start=start, end=Point(x=box.left + box.width + 6, y=box.top + box.height - line)))
