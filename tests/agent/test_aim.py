"""What a model means, tied to a screen: elements by number, place and words, and what cannot be done."""

from __future__ import annotations

import pytest
from screens import element, screen

from ostinato.agent.aim import aimed
from ostinato.agent.grounding import Grounding
from ostinato.agent.intention import Intention
from ostinato.errors import ModelAnswerError
from ostinato.trace.action import (
    Action,
    Answer,
    Back,
    Done,
    DoubleTap,
    Drag,
    Home,
    Key,
    LongPress,
    Open,
    Scroll,
    Select,
    Swipe,
    Tap,
    Type,
    Wait,
)
from ostinato.trace.screen import Box, Point, Screen

LINK = element("link", "Back", "main/link")
FIELD = element("textbox", "Name", "main/form/textbox", editable=True)
CLEAR = element("button", "clear", "main/form/textbox/button", top=40)
LIST = element("combobox", "Payer", "main/form/combobox", options=("Alice", "Bob", "Bob B."))
SECRET = element("textbox", "Password", "main/form/textbox[2]", editable=True, password=True)
SCREEN = screen(LINK, FIELD, LIST, SECRET, url="http://here:5000/bills?page=2")
LINK, FIELD, LIST, SECRET = SCREEN.elements
NUMBER = {"link": 0, "field": 1, "list": 2, "secret": 3}
GOAL = "Log in as Ann with hunter2, then look at http://wiki.example/start or shop.example"


def act(meant: Intention, shown: Screen = SCREEN, goal: str = GOAL) -> Action:
    def find(words: str) -> Grounding:
        return Grounding(next(e for e in shown.elements if e.name == words))

    return aimed(meant, shown, find, goal)


def wrong(meant: Intention, shown: Screen = SCREEN, goal: str = GOAL) -> str:
    with pytest.raises(ModelAnswerError) as error:
        act(meant, shown, goal)
    return str(error.value)


@pytest.mark.parametrize(("kind", "made"), [("tap", Tap), ("double_tap", DoubleTap), ("long_press", LongPress)])
def test_a_touch_goes_to_the_element_of_a_number_a_place_or_words(kind: str, made: type) -> None:
    middle = LINK.box.center
    for where in ({"index": 0}, {"target": "Back"}, {"box": LINK.box}, {"point": middle}):
        assert act(Intention(kind, **where)) == made(point=middle, element=LINK), where  # type: ignore[arg-type]
    edge = Point(x=12, y=LINK.box.top + 1)
    assert act(Intention(kind, point=edge)) == made(point=edge, element=LINK)  # type: ignore[arg-type]
    bare = Point(x=300, y=800)
    assert act(Intention(kind, point=bare)) == made(point=bare)  # type: ignore[arg-type]
    assert "not said what to touch" in wrong(Intention(kind))  # type: ignore[arg-type]
    assert "no element 17" in wrong(Intention(kind, index=17))  # type: ignore[arg-type]


def test_the_smallest_reachable_element_under_the_middle_of_a_box_is_meant() -> None:
    big = LINK.model_copy(update={"box": Box(left=0, top=0, width=390, height=400), "path": "main/card"})
    hidden = LINK.model_copy(update={"box": Box(left=18, top=18, width=4, height=4), "reachable": False, "path": "x"})
    small = LINK.model_copy(update={"box": Box(left=10, top=10, width=20, height=20), "path": "main/card/link"})
    shown = SCREEN.model_copy(update={"elements": (big, small, hidden)})
    done = act(Intention("tap", box=Box(left=0, top=0, width=40, height=40)), shown)
    assert done == Tap(point=Point(x=20, y=20), element=small)


def test_text_goes_into_the_field_that_is_meant_or_has_the_focus() -> None:
    assert act(Intention("type", index=1, text="Tea", enter=True)) == Type(text="Tea", element=FIELD, enter=True)
    clear = CLEAR.model_copy(update={"box": FIELD.box.model_copy(update={"width": 20})})
    shown = SCREEN.model_copy(update={"elements": (*SCREEN.elements, clear)})
    at = Point(x=15, y=FIELD.box.center.y)
    assert act(Intention("type", point=at, text="Tea"), shown) == Type(text="Tea", element=FIELD)
    focused = FIELD.model_copy(update={"focused": True})
    shown = SCREEN.model_copy(update={"elements": (LINK, focused)})
    assert act(Intention("type", text="Tea"), shown) == Type(text="Tea", element=focused)
    unknown = SCREEN.model_copy(update={"elements": (), "keyboard": True})
    assert act(Intention("type", text="Tea"), unknown) == Type(text="Tea")
    assert "no field has the focus" in wrong(Intention("type", text="Tea"))
    assert "link 'Back' is no field" in wrong(Intention("type", index=0, text="Tea"))
    assert "no field at that place" in wrong(Intention("type", point=Point(x=300, y=800), text="Tea"))


def test_a_list_is_chosen_from_and_only_what_it_has() -> None:
    for kind, more in (("select", {"option": "Bob"}), ("type", {"text": "Bob"}), ("select", {"option": " bob "})):
        assert act(Intention(kind, index=2, **more)) == Select(element=LIST, option="Bob")  # type: ignore[arg-type]
    assert "'Zoe' is no choice of combobox 'Payer'; it has Alice, Bob" in wrong(
        Intention("select", index=2, option="Zoe")
    )
    assert "use select with one of Alice" in wrong(Intention("tap", index=2))
    assert "textbox 'Name' is no list" in wrong(Intention("select", index=1, option="Bob"))
    assert "that place is no list" in wrong(Intention("select", point=Point(x=300, y=800), option="Bob"))


def test_a_password_is_typed_only_when_the_task_says_it() -> None:
    assert act(Intention("type", index=3, text="hunter2")) == Type(text="hunter2", element=SECRET)
    for other in ("letmein", "", "h", "hunter", "2", "HUNTER2"):
        assert "the task says none" in wrong(Intention("type", index=3, text=other)), other
    odd = "Log in with ?a-b! now"
    assert act(Intention("type", index=3, text="?a-b!"), goal=odd) == Type(text="?a-b!", element=SECRET)


@pytest.mark.parametrize(
    "address",
    ["http://here:5000/bills/new", "http://wiki.example/start", "https://shop.example/cart?x=1"],
)
def test_an_address_of_the_app_or_of_the_task_is_opened(address: str) -> None:
    assert act(Intention("open", text=address)) == Open(url=address)


@pytest.mark.parametrize(
    "address",
    ["http://evil.example/?stolen=1", "http://here:5001/", "https://here:5000/", "javascript:alert(1)", "Settings",
     "file:///etc/passwd", "http://here:5000@evil.example/", "http://[", "http://shop.example.evil.example/",
     "http://p.example/", "e", "", "hop.example", "http://wiki.example", "http://wiki.example/star"],
)  # fmt: skip
def test_no_other_address_is_opened(address: str) -> None:
    assert "the task does not name it" in (said := wrong(Intention("open", text=address))) or "is no address" in said


def test_an_address_that_goes_on_in_the_task_is_not_the_one_that_it_begins_like() -> None:
    goal = "Look at shop.example.org, https://wiki.example.org/start, and write to eve@mail.example."
    for address in ("https://shop.example/", "https://wiki.example", "https://wiki.example.org/star", "mail.example"):
        assert "the task does not name it" in wrong(Intention("open", text=address), goal=goal), address
    for address in ("https://shop.example.org/cart", "https://wiki.example.org/start"):
        assert act(Intention("open", text=address), goal=goal) == Open(url=address)


def test_swipes_and_scrolls_without_numbers_go_over_the_middle_of_the_screen() -> None:
    up = act(Intention("swipe", direction="up"))
    assert isinstance(up, Swipe) and up.start.x == up.end.x == 195 and up.start.y > 422 > up.end.y
    right = act(Intention("swipe", direction="right"))
    assert isinstance(right, Swipe) and right.start.x < 195 < right.end.x and right.start.y == right.end.y == 422
    one, other = Point(x=1, y=2), Point(x=3, y=4)
    assert act(Intention("swipe", direction="up", point=one, end=other)) == Swipe(start=one, end=other)
    down = act(Intention("scroll", direction="down"))
    assert isinstance(down, Scroll) and down.dy > 0 and down.dx == 0 and down.element is None
    left = act(Intention("scroll", direction="left", index=0))
    assert isinstance(left, Scroll) and left.dx < 0 and left.dy == 0 and left.element == LINK


def test_a_drag_goes_from_one_thing_to_another() -> None:
    end = FIELD.box.center
    made = Drag(start=LINK.box.center, end=end, element=LINK, target=FIELD)
    assert act(Intention("drag", index=0, end=end)) == made
    assert "needs a place where it ends" in wrong(Intention("drag", index=0))


def test_what_needs_no_place_is_itself() -> None:
    assert act(Intention("key", text="Enter")) == Key(key="Enter")
    assert act(Intention("answer", text="42")) == Answer(text="42")
    assert act(Intention("done", "all is there")) == Done()
    assert act(Intention("done", "no such bill", success=False)) == Done(success=False, message="no such bill")
    assert [act(Intention(kind)) for kind in ("back", "home", "wait")] == [Back(), Home(), Wait()]
