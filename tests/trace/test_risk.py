from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from ostinato.trace.record import Risk
from ostinato.trace.risk import ORDER, higher, risk_of
from ostinato.trace.screen import Box, Element, Point, Screen

BOX = Box(left=0, top=0, width=100, height=40)


def element(role: str, name: str = "", submits: bool = False, path: str = "main/it", **more: Any) -> Element:
    return Element(role=role, name=name, path=path, box=BOX, submits=submits, **more)


def screen(*elements: Element, **more: Any) -> Screen:
    return Screen(width=390, height=844, elements=elements, taken=datetime.now(UTC), **more)


def native(*elements: Element) -> Screen:
    """What a phone that is no browser shows: it does not tell of forms."""
    return screen(*elements, package="org.app")


def box(words: str, *buttons: str, role: str = "dialog", more: tuple[Element, ...] = ()) -> Screen:
    """A box with words and buttons, over a page."""
    asked = element("text", words, path=f"{role}/text")
    answers = (element("button", name, path=f"{role}/button[{n}]") for n, name in enumerate(buttons, start=1))
    return screen(element("heading", "Notes", path="heading"), element(role, path=role), asked, *answers, *more)


def press(name: str, shown: Screen) -> Risk:
    return risk_of(Tap(point=BOX.center, element=next(e for e in shown.elements if e.name == name)), shown)


def tapped(found: Element) -> str:
    return risk_of(Tap(point=BOX.center, element=found), screen(found))


@pytest.mark.parametrize(
    ("found", "risk"),
    [
        (element("button", "Delete"), "commit"),
        (element("link", "Save and add another"), "commit"),
        (element("button", "OK", submits=True), "commit"),
        (element("link", "Savings"), "read"),
        (element("heading", "Delete"), "read"),
        (element("checkbox", "Delete old ones"), "edit"),
        (element("button", "Next"), "read"),
    ],
    ids=lambda value: f"{value.role} {value.name}" if isinstance(value, Element) else "",
)
def test_a_tap_is_as_grave_as_what_it_presses(found: Element, risk: str) -> None:
    assert tapped(found) == risk


def test_a_tap_on_a_bare_point_counts_as_one_on_what_lies_there() -> None:
    shown = screen(element("button", "Pay"))
    assert risk_of(Tap(point=Point(x=10, y=10)), shown) == "commit"
    assert risk_of(Tap(point=Point(x=300, y=700)), shown) == "read"


def test_enter_sends_where_a_form_can_be_sent() -> None:
    form, plain = screen(element("button", "OK", submits=True)), screen(element("button", "OK"))
    field = element("textbox", "Name")
    for action in (Key(key="Enter"), Type(text="x", element=field, enter=True)):
        assert (risk_of(action, form), risk_of(action, plain)) == ("commit", "edit")
    assert risk_of(Type(text="x", element=field), form) == "edit"


@pytest.mark.parametrize("key", ["Enter", " ", "Control+Enter", "NumpadEnter", "Space"])
@pytest.mark.parametrize(
    ("found", "risk"),
    [
        (element("button", "Delete account", focused=True), "commit"),
        (element("button", "Go", submits=True, focused=True), "commit"),
        (element("button", "Next", focused=True), "read"),
        (element("link", "Settings", focused=True), "read"),
        (element("listitem", "Delete", focused=True), "commit"),
    ],
    ids=lambda value: value.name if isinstance(value, Element) else "",
)
def test_a_key_presses_what_has_the_focus_as_a_tap_would(key: str, found: Element, risk: str) -> None:
    assert risk_of(Key(key=key), screen(found)) == risk


def test_letters_and_the_keys_of_fields_only_edit() -> None:
    field, button = element("textbox", "Name", editable=True, focused=True), element("button", "Pay")
    assert {risk_of(Key(key=key), screen(field, button)) for key in ("a", " ", "Delete", "Tab", "+")} == {"edit"}
    assert risk_of(Key(key="d"), screen(element("button", "Delete", focused=True))) == "edit"
    ticked = element("checkbox", "Delete old ones", focused=True)
    assert risk_of(Key(key=" "), screen(ticked)) == "edit"


@pytest.mark.parametrize(("buttons", "risk"), [(("Cancel", "OK"), "commit"), (("OK",), "read")])
def test_enter_accepts_the_question_of_a_browser(buttons: tuple[str, ...], risk: str) -> None:
    asked = screen(*(element("button", name) for name in buttons), dialog="Really?")
    assert risk_of(Key(key="Enter"), asked) == risk
    field = element("textbox", editable=True, focused=True)
    prompt = screen(field, *asked.elements, dialog="Its name?")
    assert risk_of(Type(text="x", element=field), prompt) == "edit"
    if risk == "commit":
        assert risk_of(Type(text="x", element=field, enter=True), prompt) == "commit"
        assert risk_of(Key(key="Enter"), prompt) == "commit"


@pytest.mark.parametrize(
    ("field", "beside", "risk"),
    [
        ({"placeholder": "Message"}, None, "commit"),
        ({"name": "Kommentar"}, None, "commit"),
        ({"id": "org.app:id/replyText"}, None, "commit"),
        ({"name": "To"}, element("button", "Send", path="b"), "commit"),
        ({"name": "To"}, element("button", path="b", id="org.app:id/btn_send"), "commit"),
        ({"name": "Name"}, element("button", "Next", path="b"), "edit"),
        ({"name": "Name"}, element("text", "Delete", path="b"), "edit"),
        ({"placeholder": "Search messages"}, element("button", "Send", path="b"), "edit"),
        ({"name": "To", "role": "searchbox"}, element("button", "Send", path="b"), "edit"),
    ],
)
def test_enter_sends_on_a_phone_that_knows_no_forms(field: dict[str, str], beside: Element | None, risk: str) -> None:
    typed = element(**{"role": "textbox", **field}, editable=True, focused=True)  # type: ignore[arg-type]
    shown = native(typed, *((beside,) if beside is not None else ()))
    for action in (Type(text="x", element=typed, enter=True), Type(text="x", enter=True), Key(key="Enter")):
        assert risk_of(action, shown) == risk
    assert risk_of(Type(text="x\n", element=typed), shown) == "edit", "a line break never sends"


def test_enter_sends_a_message_from_a_page_without_forms() -> None:
    field = element("textbox", "Message to Ann", editable=True, focused=True)
    action = Type(text="x", element=field, enter=True)
    assert risk_of(action, screen(field, element("button", "Send", path="b"), url="http://x/")) == "commit"
    assert risk_of(action, screen(field, element("button", "Next", path="b"), url="http://x/")) == "edit"


@pytest.mark.parametrize(
    ("shown", "pressed", "risk"),
    [
        (box("Delete this chat?", "Cancel", "OK"), "OK", "commit"),
        (box("Delete this chat?", "Cancel", "OK", role="generic"), "OK", "commit"),
        (box("Leave without a word?", "No", "Yes"), "Yes", "commit"),
        (box("Chat löschen", "Abbrechen", "Weiter"), "Weiter", "commit"),
        (box("删除此聊天", "取消", "确定"), "确定", "commit"),
        (box("Delete this chat?", "Cancel", "OK"), "Cancel", "read"),
        (box("This chat is empty now?", "OK"), "OK", "read"),
        (box("Choose a sound", "Cancel", "OK"), "OK", "read"),
        (box("When to send?", "Cancel", "OK", more=tuple(
            element("button", str(n), path=f"dialog/button[{n + 2}]") for n in range(1, 29))), "OK", "read"),
        (box("When to send?", "Cancel", "OK", more=(element("spinbutton", path="dialog/spinbutton"),)), "OK", "read"),
    ],
    ids=lambda value: value.elements[2].name if isinstance(value, Screen) else "",
)  # fmt: skip
def test_saying_yes_to_a_question_that_could_be_refused_is_grave(shown: Screen, pressed: str, risk: str) -> None:
    for asked in (shown, shown.model_copy(update={"package": "org.app"})):
        assert press(pressed, asked) == risk
    if pressed != "Cancel":
        assert risk_of(Key(key="Enter"), shown) == ("commit" if risk == "commit" else "edit")


def test_words_far_from_a_button_are_not_what_it_answers() -> None:
    far = Box(left=0, top=700, width=100, height=40)
    fillers = tuple(element("text", f"word {n}", path=f"main/text[{n}]") for n in range(60))
    question = element("text", "Delete it all?", path="main/text[99]")
    buttons = [element("button", name, path=f"main/button[{n}]").model_copy(update={"box": far})
               for n, name in enumerate(("Cancel", "OK"), start=1)]  # fmt: skip
    assert press("OK", screen(question, *fillers, *buttons)) == "read"


@pytest.mark.parametrize(
    ("role", "name", "risk"),
    [("text", "Delete", "commit"), ("listitem", "Löschen", "commit"), ("text", "🗑 Delete", "commit"),
     ("text", "Delete the old ones by hand", "read"), ("listitem", "Ann: send it", "read"), ("text", "Share", "commit"),
     ("heading", "Delete", "read")],
)  # fmt: skip
def test_words_that_are_a_deed_and_nothing_else_are_pressed_like_a_button(role: str, name: str, risk: str) -> None:
    assert tapped(element(role, name)) == risk


def test_what_has_no_words_of_its_own_says_what_stands_in_it() -> None:
    def entry(*words: str, **more: Any) -> Screen:
        inside = (element("text", word, path=f"list/button/text[{n}]") for n, word in enumerate(words))
        return native(element("button", path="list/button", **more), *inside)

    for shown, risk in (
        (entry("Delete chat"), "commit"),
        (entry("Delete account", "All of it"), "commit"),
        (entry("Ann", "Send me the list, please"), "read"),
        (entry(id="org.app:id/buttonSend"), "commit"),
        (entry(id="org.app:id/button_next"), "read"),
    ):
        assert {risk_of(Tap(point=BOX.center, element=e), shown) for e in shown.elements[:2]} == {risk}, shown.elements


@pytest.mark.parametrize(
    ("url", "risk"),
    [
        ("http://site/demo/delete/5", "commit"), ("https://site/account/delete-account", "commit"),
        ("https://site/logout", "commit"), ("https://site/user/log-out.php", "commit"),
        ("https://site/pay?to=eve", "commit"), ("https://site/item?action=delete&id=4", "commit"),
        ("https://site/?delete=4", "commit"), ("https://site/unsubscribe/abc", "commit"),
        ("https://site/", "read"), ("https://site/payments", "read"), ("https://site/post/12", "read"),
        ("https://site/order/12", "read"), ("https://site/how-to-delete-a-file", "read"),
        ("https://site/?q=delete", "read"), ("org.app", "read"), ("https://site/#delete", "read"), ("http://[", "read"),
    ],
)  # fmt: skip
def test_an_address_that_names_a_deed_does_it(url: str, risk: str) -> None:
    assert risk_of(Open(url=url), screen()) == risk


def test_looking_around_is_harmless() -> None:
    shown = screen(element("button", "Pay"))
    assert {risk_of(action, shown) for action in (Back(), Scroll(dx=0, dy=100))} == {"read"}
    assert risk_of(Select(element=element("combobox"), option="x"), shown) == "edit"


def test_the_graver_of_two_counts() -> None:
    assert [higher("edit", other) for other in ("read", "edit", "commit", None)] == ["edit", "edit", "commit", "edit"]


@pytest.mark.parametrize("word", ["save", "Send", "PAY", "Place order", "Sign up", "unsubscribe", "erase", "confirm"])
@pytest.mark.parametrize("role", ["button", "link", "menuitem", "option", "tab", "img", "generic"])
def test_a_word_that_cannot_be_taken_back_counts_on_everything_that_can_be_pressed(word: str, role: str) -> None:
    for name in (word, f"{word}!", f"✓ {word} all", f"({word.lower()})"):
        assert tapped(element(role, name)) == "commit", name


@pytest.mark.parametrize("name", ["Undeleted", "Postcode", "Saved", "Orders", "Bookmarks", "Payer", "Resettle", ""])
def test_a_word_that_only_begins_like_one_does_not_count(name: str) -> None:
    assert tapped(element("button", name)) == "read"


@pytest.mark.parametrize("name", ["Jetzt kaufen", "支付", "提交订单", "Supprimer", "Cancel subscription", "Withdraw"])
def test_the_words_of_other_languages_count(name: str) -> None:
    assert tapped(element("button", name)) == "commit"


@pytest.mark.parametrize(
    ("buttons", "pressed", "risk"),
    [(("Cancel", "OK"), "OK", "commit"), (("Cancel", "OK"), "Cancel", "read"), (("OK",), "OK", "read")],
)
def test_the_ok_of_a_question_is_grave_and_that_of_a_notice_is_not(
    buttons: tuple[str, ...], pressed: str, risk: str
) -> None:
    asked = screen(*(element("button", name) for name in buttons)).model_copy(update={"dialog": "Really?"})
    [button] = [e for e in asked.elements if e.name == pressed]
    assert risk_of(Tap(point=button.box.center, element=button), asked) == risk


def test_a_long_or_double_press_is_as_grave_as_a_tap() -> None:
    found = element("button", "Delete")
    for press in (Tap, DoubleTap, LongPress):
        assert risk_of(press(point=BOX.center, element=found), screen(found)) == "commit"
        assert risk_of(press(point=BOX.center), screen(found)) == "commit"


def test_of_what_lies_over_each_other_the_smallest_is_pressed() -> None:
    small = element("button", "Pay").model_copy(update={"box": Box(left=40, top=10, width=20, height=20)})
    shown = screen(element("generic", "Basket"), small)
    assert risk_of(Tap(point=BOX.center), shown) == "commit"
    hidden = small.model_copy(update={"reachable": False})
    assert risk_of(Tap(point=BOX.center), screen(element("generic", "Basket"), hidden)) == "read"


def test_a_field_that_sends_when_it_is_chosen_is_grave_whatever_it_is() -> None:
    assert [tapped(element(role, "x", submits=True)) for role in ("checkbox", "textbox", "heading")] == ["commit"] * 3


def test_every_action_has_a_class_and_only_touching_changes_anything() -> None:
    shown, point, found = screen(element("button", "OK", submits=True)), Point(x=300, y=700), element("listitem", "x")
    looking: list[Action] = [Back(), Home(), Open(url="http://here/"), Wait(), Answer(text="x"), Done(),
                             Swipe(start=point, end=point), Scroll(), Tap(point=point)]  # fmt: skip
    changing: list[Action] = [Drag(start=point, end=point, element=found, target=found), Key(key="a"),
                              Key(key="Backspace"), Select(element=found, option="x"), Type(text="x")]  # fmt: skip
    assert {risk_of(action, shown) for action in looking} == {"read"}
    assert {risk_of(action, shown) for action in changing} == {"edit"}


@given(st.lists(st.sampled_from(["read", "edit", "commit"]), min_size=1, max_size=4))
def test_the_order_of_opinions_does_not_matter(risks: list[Risk]) -> None:
    found = reduce(higher, risks)
    assert found == reduce(higher, risks[::-1]) == max(risks, key=lambda risk: ORDER[risk])
