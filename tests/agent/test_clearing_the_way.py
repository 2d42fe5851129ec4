"""Pop-ups, permissions, busy screens, other apps, circles, and what must be scrolled to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from screens import NOW, element, screen

from ostinato.agent import finding
from ostinato.agent.decider import Choice, Decider, Handover, beside
from ostinato.agent.guards import repetition
from ostinato.agent.guards.interruption import Interruptions
from ostinato.agent.guards.permission import Permissions, order
from ostinato.agent.guards.popup import Popups, popup_on
from ostinato.agent.guards.repetition import Repetition
from ostinato.agent.guards.waiting import Waiting
from ostinato.agent.plans.onlooker import Onlooker
from ostinato.agent.plans.subtasks import Wanted
from ostinato.agent.words.lexical import LexicalDecider
from ostinato.errors import UsageError
from ostinato.house import Finished, House
from ostinato.phone.border import Border
from ostinato.settings import Settings
from ostinato.trace.action import Action, Back, Done, Open, Scroll, Tap, Type, Wait
from ostinato.trace.record import Decision, Result, Step
from ostinato.trace.screen import Box, Element, Screen

PAGE = (element("heading", "Bills"), element("link", "Add a bill", "main/link"))


def under(*elements: Element) -> tuple[Element, ...]:
    """The page, with something over its foot."""
    foot = element("link", "Imprint", "main/link[2]", top=780.0, reachable=False)
    return (*PAGE, foot, *(e if e.box.top else moved(e, 760 + 10 * n) for n, e in enumerate(elements)))


def moved(e: Element, top: float) -> Element:
    return e.model_copy(update={"box": Box(left=e.box.left, top=top, width=e.box.width, height=e.box.height)})


def banner(words: str, *buttons: str) -> Screen:
    made = [element("button", name, f"main/button[{n}]") for n, name in enumerate(buttons)]
    return screen(*under(element("text", words, "main/text"), *made))


def tap(e: Element) -> Tap:
    return Tap(point=e.box.center, element=e)


def step(action: Action, before: Screen, index: int = 0, aside: bool = False, ok: bool = True) -> Step:
    said = Decision(source="model", aside=aside)
    return Step(
        index=index, before=before, decision=said, action=action, risk="read", started=NOW, result=Result(ok=ok)
    )


def played(choice: Choice, before: Screen) -> Step:
    """The step that a choice becomes."""
    made = step(choice.action, before)
    return made.model_copy(update={"decision": choice.decision})


def pressed(shown: Screen, goal: str = "Add a bill", history: Sequence[Step] = ()) -> str | None:
    said = Popups().decide(shown, goal, tuple(history))
    assert said is None or (isinstance(said, Choice) and isinstance(said.action, Tap) and said.decision.aside)
    return said.action.element.name if said and said.action.element else None  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------------------ pop-ups
@pytest.mark.parametrize(
    ("words", "buttons", "button"),
    [
        ("We use cookies to make this site better.", ["Accept all", "Reject all", "Settings"], "Reject all"),
        ("Wir verwenden Cookies", ["Alle akzeptieren", "Nur notwendige Cookies"], "Nur notwendige Cookies"),
        ("Nous utilisons des cookies", ["Tout accepter", "Continuer sans accepter"], "Continuer sans accepter"),
        ("本网站使用 cookies", ["接受", "拒绝"], "拒绝"),
        ("This site uses cookies", ["Accept all", "×"], "×"),
        ("This site uses cookies", ["Accept all"], None),  # nothing is agreed to
        ("Enjoying Bills? Rate us in the store!", ["Rate now", "Not now"], "Not now"),
        ("Sign up for our newsletter and get 10 % off", ["Subscribe", "No, thanks"], "No, thanks"),
        ("Bills is better in the app", ["Open app", "Continue in browser"], "Continue in browser"),
        ("Turn on notifications to never miss a bill", ["Allow", "Maybe later"], "Maybe later"),
        ("What's new in version 7", ["Take the tour", "Got it"], "Got it"),
        ("Bills isn't responding", ["Close app", "Wait"], "Wait"),
        ("Your bill was saved", ["Close"], None),  # that is what was asked for
    ],
)
def test_what_was_not_asked_for_is_closed_by_saying_no(words: str, buttons: list[str], button: str | None) -> None:
    assert pressed(banner(words, *buttons)) == button


def test_what_lies_over_nothing_is_left_alone() -> None:
    shown = banner("We use cookies", "Reject all")
    free = [e.model_copy(update={"reachable": True}) for e in shown.elements]
    assert pressed(shown.model_copy(update={"elements": tuple(free)})) is None


def test_what_the_goal_speaks_of_is_left_alone() -> None:
    assert pressed(banner("Sign up for our newsletter", "No, thanks"), "Subscribe me to the newsletter") is None


def test_a_banner_that_stays_is_not_closed_for_ever() -> None:
    shown, history = banner("We use cookies", "Reject all"), []
    for _ in range(3):
        said = Popups().decide(shown, "x", tuple(history))
        assert isinstance(said, Choice)
        history.append(played(said, shown))
    assert Popups().decide(shown, "x", tuple(history)) is None


def test_a_dialog_that_came_by_itself_is_closed_and_one_that_was_opened_is_not() -> None:
    window = element("dialog", "Meet our team", "dialog")
    close = element("button", "Close", "dialog/button")
    back = [e.model_copy(update={"reachable": False}) for e in PAGE]
    shown, before = screen(*back, window, close), screen(*PAGE)
    assert pressed(shown, history=[step(Wait(seconds=1), before)]) == "Close"
    assert pressed(shown, history=[step(tap(PAGE[1]), before)]) is None
    assert pressed(shown, "Write to our team", history=[step(Wait(seconds=1), before)]) is None


def test_a_form_that_would_be_sent_is_no_way_out() -> None:
    shown = banner("Sign up for our newsletter", "Close")
    sending = [e.model_copy(update={"submits": True}) if e.name == "Close" else e for e in shown.elements]
    assert popup_on(shown.model_copy(update={"elements": tuple(sending)}), "x") is None


# ------------------------------------------------------------------------------------------------ permissions
ASKED = "com.android.permissioncontroller"


def question(*buttons: tuple[str, str]) -> Screen:
    made = [element("button", name, f"button[{n}]", id=f"{ASKED}:id/{own}") for n, (own, name) in enumerate(buttons)]
    return screen(element("text", "Allow Bills to use the camera?"), *made, url=None, package=ASKED)


ANDROID = question(
    ("permission_allow_foreground_only_button", "Während der Nutzung"),
    ("permission_allow_one_time_button", "Nur dieses Mal"),
    ("permission_deny_button", "Nicht zulassen"),
)
WORDS = question(("a", "Allow"), ("b", "Don’t allow"))
BEFORE = screen(*PAGE, url=None, package="org.bills")


@pytest.mark.parametrize(
    ("policy", "shown", "button"),
    [
        ("refuse", ANDROID, "Nicht zulassen"),
        ("allow", ANDROID, "Während der Nutzung"),
        ("refuse", WORDS, "Don’t allow"),
        ("allow", WORDS, "Allow"),
    ],
)
def test_a_permission_is_answered_as_the_user_ordered(policy: str, shown: Screen, button: str) -> None:
    said = Permissions(order(policy, False, lambda text: False)).decide(shown, "x", (step(tap(PAGE[1]), BEFORE),))
    assert isinstance(said, Choice) and isinstance(said.action, Tap) and said.action.element is not None
    assert said.action.element.name == button and said.allowed and said.decision.aside


def test_who_is_asked_hears_what_and_for_whom() -> None:
    heard: list[str] = []
    may = order("ask", True, lambda text: bool(heard.append(text)))
    Permissions(may).decide(ANDROID, "x", (step(tap(PAGE[1]), BEFORE),))
    assert heard == ["org.bills asks for Allow Bills to use the camera?. Allow it?"]
    with pytest.raises(UsageError, match="needs a terminal"):
        order("ask", False, lambda text: True)


def test_without_a_button_to_refuse_it_is_said() -> None:
    only = question(("permission_allow_button", "Allow"))
    said = Permissions(lambda what, who: False).decide(only, "x", ())
    assert isinstance(said, Handover) and "no button" in said.reason


# ------------------------------------------------------------------------------------------------ waiting
def test_a_busy_screen_is_waited_for_within_a_bound() -> None:
    shown = screen(element("text", "Loading…"))
    history: list[Step] = []
    while isinstance(said := Waiting(longest=3.0).decide(shown, "x", tuple(history)), Choice):
        assert isinstance(said.action, Wait) and said.decision.aside
        history.append(played(said, shown))
    assert len(history) == 6


@pytest.mark.parametrize(
    ("shown", "busy"),
    [
        (screen(element("text", "Please wait")), True),
        (screen(element("progressbar", value="40")), True),
        (screen(element("progressbar", value="100"), *PAGE), False),
        (screen(element("progressbar", value="40"), *PAGE), False),  # the page can be used
        (screen(element("text", "Loading bay 4"), *PAGE), False),
        (screen(*PAGE), False),
    ],
)
def test_a_screen_is_busy_when_it_says_so_and_nothing_can_be_done(shown: Screen, busy: bool) -> None:
    assert (Waiting().decide(shown, "x", ()) is not None) == busy


# ------------------------------------------------------------------------------------------------ interruptions
HERE = screen(*PAGE)
OTHER = screen(element("text", "You won!"), url="http://ads.example/")


def test_what_comes_to_the_front_by_itself_is_left() -> None:
    history = [step(Type(text="x", element=PAGE[1]), HERE)]
    kinds = []
    while isinstance(said := Interruptions().decide(OTHER, "x", tuple(history)), Choice):
        kinds.append(said.action.kind)
        history.append(played(said, OTHER))
    assert kinds == ["back", "back", "open"] and isinstance(said, Handover) and "no way back" in said.reason


def test_where_a_touch_led_is_left_only_beyond_the_border() -> None:
    history = (step(tap(PAGE[1]), HERE),)
    assert Interruptions().decide(OTHER, "x", history) is None
    within = Interruptions(Border.around(["http://here:5000/", "ads.example"]))
    beyond = Interruptions(Border.around(["http://here:5000/"]))
    assert within.decide(OTHER, "x", history) is None
    said = beyond.decide(OTHER, "x", history)
    assert isinstance(said, Choice) and isinstance(said.action, Back)


def test_an_app_that_is_not_on_the_list_is_left() -> None:
    call = screen(element("button", "Answer"), url=None, package="com.android.incallui")
    history = (step(tap(PAGE[1]), BEFORE),)
    said = Interruptions(Border(apps=("org.bills",))).decide(call, "x", history)
    assert isinstance(said, Choice) and isinstance(said.action, Back) and "may be used" in said.decision.text
    assert Interruptions().decide(call, "x", history) is None


LOGIN = screen(
    element("heading", "Log in"),
    element("textbox", "Password", password=True, editable=True),
    url="http://here:5000/in",
)


def test_a_run_that_was_logged_out_ends_and_says_so() -> None:
    said = Interruptions().decide(LOGIN, "Add a bill", (step(tap(PAGE[1]), HERE),))
    assert isinstance(said, Choice) and isinstance(said.action, Done) and not said.action.success
    assert "logged out" in said.action.message
    assert Interruptions().decide(LOGIN, "Log in and add a bill", (step(tap(PAGE[1]), HERE),)) is None
    assert Interruptions().decide(LOGIN, "Add a bill", (step(tap(PAGE[1]), LOGIN),)) is None  # it began there


# ------------------------------------------------------------------------------------------------ circles
def other(n: int) -> Screen:
    return screen(*PAGE, element("text", f"page {n}", "main/text"))


def test_two_things_by_turns_are_told_and_then_end_the_run() -> None:
    steps = [step(tap(PAGE[n % 2]), other(n % 2), n) for n in range(10)]
    assert repetition.notes(other(0), steps[:4]) == []
    assert "3 times" in repetition.notes(other(0), steps[:6])[0]
    assert Repetition().decide(other(0), "x", tuple(steps[:8])) is None
    said = Repetition().decide(other(0), "x", tuple(steps))
    assert isinstance(said, Choice) and isinstance(said.action, Done) and "circles" in said.action.message


def test_the_same_on_the_same_screen_is_told_and_then_ends_the_run() -> None:
    steps = [step(tap(PAGE[1]), HERE, n) for n in range(5)]
    assert "3 times" in repetition.notes(HERE, steps[:3])[0]
    assert Repetition().decide(HERE, "x", tuple(steps[:4])) is None
    assert isinstance(Repetition().decide(HERE, "x", tuple(steps)), Choice)


def test_much_that_changes_nothing_is_told_and_then_ends_the_run() -> None:
    places = [replace_name(n) for n in range(9)]
    steps = [step(tap(e), HERE, n) for n, e in enumerate(places)]
    assert repetition.notes(HERE, steps[:5]) == []
    assert "changed nothing" in repetition.notes(HERE, steps[:6])[0]
    assert isinstance(Repetition().decide(HERE, "x", tuple(steps[:8])), Choice)


def replace_name(n: int) -> Element:
    return element("button", f"b{n}", f"main/button[{n}]")


def test_counting_up_is_no_circle() -> None:
    steps = [step(tap(PAGE[1]), other(n), n) for n in range(12)]
    assert repetition.notes(other(12), steps) == [] and Repetition().decide(other(12), "x", tuple(steps)) is None


def test_what_is_done_beside_the_task_is_no_circle() -> None:
    steps = [step(Wait(seconds=0.5), HERE, n, aside=True) for n in range(12)]
    assert Repetition().decide(HERE, "x", tuple(steps)) is None


# ------------------------------------------------------------------------------------------------ finding
class LongPage:
    """Rows of which a screen shows five; `inner` are those of a list that scrolls by itself."""

    def __init__(self, rows: int, inner: int = 0, at: int = 0) -> None:
        self.rows, self.inner, self.at, self.inner_at = rows, inner, at, 0

    def screen(self) -> Screen:
        made = [self._row(n, f"row {n}", "main", n - self.at) for n in range(self.at, min(self.at + 5, self.rows))]
        if self.inner:
            shown = range(self.inner_at, min(self.inner_at + 5, self.inner))
            box = Box(left=0, top=300, width=390, height=200)
            made.append(Element(role="list", path="list", box=box))
            made += [self._row(n, f"entry {n}", "list", 8 + n - self.inner_at) for n in shown]
        return screen(*made)

    def _row(self, n: int, name: str, where: str, line: int) -> Element:
        return element("listitem", name, f"{where}/listitem[{n}]", top=1 + 40.0 * line)

    def do(self, action: Scroll) -> None:
        by = 3 if action.dy > 0 else -3
        if action.element is None:
            self.at = max(0, min(self.at + by, self.rows - 5))
        else:
            self.inner_at = max(0, min(self.inner_at + by, self.inner - 5))

    def look_for(self, words: str) -> tuple[bool, int]:
        """Whether it comes into view, and after how many scrolls."""
        history: list[Step] = []

        def there(wanted: str) -> bool:
            return any(e.name == wanted for e in self.screen().elements)

        said: Choice | None = finding.begin(words, self.screen(), history)
        while said is not None:
            before = self.screen()
            history.append(played(said, before))
            assert isinstance(said.action, Scroll) and said.decision.aside
            self.do(said.action)
            said = finding.go_on(self.screen(), history, there)
        assert finding.begin(words, self.screen(), history) is None  # not again at once
        return there(words), len(history)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (LongPage(20), "row 17"),
        (LongPage(20, at=15), "row 1"),
        (LongPage(5, inner=15), "entry 13"),
        (LongPage(20, inner=15), "entry 13"),
    ],
)
def test_what_is_out_of_view_is_found_by_scrolling(page: LongPage, words: str) -> None:
    assert page.look_for(words)[0]


def test_a_search_in_vain_comes_to_an_end() -> None:
    found, scrolls = LongPage(60, inner=40).look_for("row 999")
    assert not found and 4 < scrolls <= finding.MOST_SCROLLS


def test_something_else_done_ends_a_search() -> None:
    said = finding.begin("row 9", HERE, [])
    assert said is not None
    history = [played(said, HERE), step(Open(url="http://here:5000/"), HERE)]
    assert finding.go_on(HERE, history, lambda words: False) is None
    assert finding.begin("row 9", HERE, history) is not None


def test_what_is_done_beside_the_task_says_so() -> None:
    said = beside(Back(), "go back")
    assert said.decision.aside and replace(said, allowed=True).allowed and not said.allowed


# ------------------------------------------------------------------------------------------------ who is asked when
@dataclass
class Bannered:
    """A page under a banner that can be closed."""

    closed: bool = False
    added: int = 0
    name = "memory"

    def observe(self, screenshot: bool = True) -> Screen:
        if not self.closed:
            return banner("We use cookies to make this site better.", "Reject all")
        return screen(*PAGE, element("text", f"{self.added} bills", "main/text"))

    def photograph(self, shown: Screen) -> Screen:
        return shown

    def act(self, action: Action) -> Result:
        assert isinstance(action, Tap) and action.element is not None
        self.closed = self.closed or action.element.name == "Reject all"
        self.added += action.element.name == "Add a bill"
        return Result(ok=True)

    def quiet(self, timeout: float) -> bool:
        return True

    def close(self) -> None:
        pass


@dataclass
class Own:
    """An agent of one's own: adds a bill, whatever lies over it. It keeps what it saw."""

    saw: list[Screen] = field(default_factory=list)
    name: str = "own"

    def decide(self, shown: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        self.saw.append(shown)
        said = Decision(source="model", text=goal)
        link = next(e for e in shown.elements if e.name == "Add a bill")
        acted = any(not s.decision.aside for s in history)
        return Choice(Done(), said) if acted else Choice(tap(link), said)


def replayed(home: Path, **more: Any) -> tuple[Bannered, Finished]:
    house, phone = House(Settings(home=home)), Bannered()
    done = house.replay(
        "Tap Add a bill", phone=phone, app=None, app_name="http://here:5000", approve=lambda action, shown: True, **more
    )
    house.store.close()
    return phone, done


@pytest.mark.parametrize("agent", [Own, LexicalDecider], ids=["own", "words"])
def test_the_way_is_cleared_before_whoever_decides(agent: Callable[[], Decider], tmp_path: Path) -> None:
    phone, done = replayed(tmp_path, agent=agent())
    assert done.trace.status == "done" and phone.closed and phone.added == 1
    assert [step.decision.aside for step in done.trace.steps] == [True, False, False]


def test_who_only_looks_is_asked_before_the_way_is_cleared(tmp_path: Path) -> None:
    looking = Onlooker({"heading": Wanted(type="text", label="never there")})
    _, done = replayed(tmp_path, first=[looking], agent=Own())
    assert done.trace.agent == "onlooker, own" and done.trace.steps[0].decision.aside


def test_who_records_sees_the_screen_as_it_is(tmp_path: Path) -> None:
    house, own = House(Settings(home=tmp_path)), Own()
    done = house.perform(
        "Add a bill", phone=Bannered(), deciders=[own], app=None, app_name="x", approve=lambda action, shown: True
    )
    house.store.close()
    assert not any(step.decision.aside for step in done.trace.steps)
    assert any(e.name == "Reject all" for e in own.saw[0].elements)
