"""What ChromiumPhone does on real pages in a real Chromium."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image, ImageChops
from playwright.async_api import Error as PlaywrightError

from ostinato.agent.decider import Choice
from ostinato.agent.loop import Limits, Loop
from ostinato.errors import ActionFailed, PageGone, PageHung, PhoneError, SetupError, UsageError
from ostinato.phone import ChromiumPhone, find_chromium
from ostinato.phone.web.dialog import draw_dialog
from ostinato.phone.web.hand import Hand
from ostinato.phone.web.tabs import DialogOpened, _reserved
from ostinato.trace.action import (
    Action,
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
from ostinato.trace.record import Decision, Result, Step
from ostinato.trace.screen import Element, Point, Screen
from ostinato.trace.store import Store

pytestmark = pytest.mark.browser
PAGES = Path(__file__).parent / "pages"


class Blobs(dict[str, bytes]):
    def put(self, data: bytes) -> str:
        sha = hashlib.sha256(data).hexdigest()
        self[sha] = data
        return sha


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args, directory=str(PAGES))

    def do_GET(self) -> None:
        if self.path != "/report.txt":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Disposition", "attachment; filename=report.txt")
        self.end_headers()
        self.wfile.write(b"twelve bytes")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def blobs() -> Blobs:
    return Blobs()


@pytest.fixture(scope="module")
def one_phone(chromium: Path, blobs: Blobs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromiumPhone]:
    downloads = tmp_path_factory.mktemp("downloads")
    with ChromiumPhone(
        blobs, executable=chromium, secrets={"pin": "tr0ub4dor"}.__getitem__, downloads=downloads, page_timeout=4.0
    ) as phone:
        yield phone


@pytest.fixture
def fresh(one_phone: ChromiumPhone) -> ChromiumPhone:
    """A phone that remembers nothing; where a newly opened page is new enough, `one_phone` will do."""
    one_phone.new_episode()
    return one_phone


def show(phone: ChromiumPhone, address: str) -> Screen:
    phone.act(Open(url=address))
    assert phone.quiet(10)
    return phone.observe(False)


def find(screen: Screen, name: str, role: str | None = None) -> Element:
    found = [e for e in screen.elements if name in (e.name, e.id) and role in (None, e.role)]
    assert found, f"no {name}: {[(e.role, e.name, e.id) for e in screen.elements]}"
    return min(found, key=lambda e: e.role == "text")


def tap(phone: ChromiumPhone, name: str, role: str | None = None) -> Result:
    element = find(phone.observe(False), name, role)
    return phone.act(Tap(point=element.box.center, element=element))


def type_into(phone: ChromiumPhone, name: str, text: str, **more: Any) -> Result:
    return phone.act(Type(text=text, element=find(phone.observe(False), name), **more))


def log(phone: ChromiumPhone) -> str:
    screen = phone.observe(False)
    found = [e for e in screen.elements if e.id == "log"]
    return screen.text_of(found[0]) if found else ""


def hears(phone: ChromiumPhone, words: str) -> bool:
    """Whether the page's log says these words, soon."""
    return any(words in log(phone) for _ in range(50))


def event(phone: ChromiumPhone, words: str, *known: str) -> str:
    """The event with these words, now or soon."""
    events = list(known)
    for _ in range(50):
        for said in events:
            if words in said:
                return said
        events += phone.act(Wait(seconds=0.05)).events
    raise AssertionError(f"no “{words}” in {events}")


def test_a_picture_that_cannot_be_taken_at_once_is_taken_a_moment_later(
    one_phone: ChromiumPhone, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = show(one_phone, f"{site}/gestures.html")
    shot, refused = one_phone._shot, iter((True, True))

    async def hesitating() -> bytes:
        if next(refused, False):
            raise PlaywrightError("Unable to capture screenshot")
        return await shot()

    monkeypatch.setattr(one_phone, "_shot", hesitating)
    assert one_phone.photograph(screen).screenshot
    refused = iter([True] * 9)
    with pytest.raises(PageGone, match="Unable to capture"):
        one_phone.photograph(screen)


# ---- typing while the page moves the focus ------------------------------------------------------------


def held(phone: ChromiumPhone, name: str) -> str | None:
    return find(phone.observe(False), name).value


def test_text_goes_into_its_field_also_when_the_page_takes_the_focus_away(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/thief.html")
    assert type_into(one_phone, "second", "new").ok
    assert (held(one_phone, "first"), held(one_phone, "second")) == ("kept", "new")


def test_a_field_that_never_keeps_the_focus_is_a_clear_error(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/thief.html")
    with pytest.raises(PhoneError, match="loses the focus"):
        type_into(one_phone, "never", "lost")
    assert (held(one_phone, "never") or "", held(one_phone, "first")) == ("", "kept")


def test_a_field_that_gives_the_focus_on_when_it_was_filled_is_filled_once(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/thief.html")
    assert type_into(one_phone, "one", "1").ok
    assert (held(one_phone, "one"), held(one_phone, "two") or "") == ("1", "")


# ---- seeing -------------------------------------------------------------------------------------------


def test_a_screen_has_the_size_of_its_screenshot(one_phone: ChromiumPhone, blobs: Blobs, site: str) -> None:
    show(one_phone, f"{site}/gestures.html")
    screen = one_phone.observe()
    assert screen.screenshot and Image.open(io.BytesIO(blobs[screen.screenshot])).size == (390, 844)
    assert (screen.width, screen.height, screen.scale, screen.title) == (390, 844, 1.0, "Gestures")
    assert screen.url == f"{site}/gestures.html"


def test_hidden_things_are_left_out_and_far_ones_are_not_reachable(one_phone: ChromiumPhone, site: str) -> None:
    screen = show(one_phone, f"{site}/gestures.html")
    names = {e.name for e in screen.elements}
    assert not {"Gone", "Hidden"} & names
    assert not find(screen, "Far").reachable
    assert not find(screen, "Deep").reachable
    assert find(screen, "Plain", "button").reachable
    assert not find(screen, "Off").enabled
    assert find(screen, "Under").id == "under"


def test_a_bare_span_that_answers_a_touch_is_an_element(one_phone: ChromiumPhone, site: str) -> None:
    assert find(show(one_phone, f"{site}/gestures.html"), "Bare words").role == "generic"
    tap(one_phone, "Bare words")
    assert hears(one_phone, "bare")


def test_fields_tell_what_they_are(one_phone: ChromiumPhone, site: str) -> None:
    screen = show(one_phone, f"{site}/fields.html")
    who = find(screen, "who")
    assert (who.name, who.value, who.placeholder, who.editable) == ("Name", "old", "Your name", True)
    assert not find(screen, "fixed").editable and not find(screen, "off").enabled
    assert find(screen, "pass").password
    fruit = find(screen, "fruit")
    assert (fruit.value, fruit.options) == ("Apple", ("Apple", "Big pear"))
    assert find(screen, "Send").submits and not find(screen, "Find").submits
    assert find(screen, "inner").box.left > 20


def test_paths_lead_to_elements_and_are_unique(one_phone: ChromiumPhone, site: str) -> None:
    screen = show(one_phone, f"{site}/fields.html")
    assert len({e.path for e in screen.elements}) == len(screen.elements)
    assert find(screen, "inner").is_inside(next(e.path for e in screen.elements if e.role == "document"))


# ---- touching -----------------------------------------------------------------------------------------


def test_a_covered_element_is_not_touched(one_phone: ChromiumPhone, site: str) -> None:
    screen = show(one_phone, f"{site}/gestures.html")
    assert not find(screen, "under").reachable
    with pytest.raises(ActionFailed, match="covered by div “Overlay”"):
        tap(one_phone, "under")
    assert "under" not in log(one_phone)
    with pytest.raises(ActionFailed, match="covered"):
        one_phone.act(Select(element=find(one_phone.observe(False), "Choice"), option="Two"))
    assert find(one_phone.observe(False), "Choice").value == "One"


@pytest.mark.parametrize("covered", [False, True])
def test_what_a_style_draws_on_an_element_is_the_element(one_phone: ChromiumPhone, site: str, covered: bool) -> None:
    show(one_phone, f"{site}/gestures.html")
    page = (
        "<style>input { appearance: none; width: 40px; height: 40px } "
        "input::after { content: 'tick'; display: block; width: 40px; height: 40px } "
        "div::after { content: 'over'; position: absolute; left: 0; top: 0; width: 300px; height: 300px }</style>"
        "<label><input type=checkbox> Milk</label>" + ("<div></div>" if covered else "")
    )
    one_phone.ask(f"document.body.innerHTML = {json.dumps(page)}")
    box = next(e for e in one_phone.observe(False).elements if e.role == "checkbox")
    if covered:
        with pytest.raises(ActionFailed, match="covered"):
            one_phone.act(Tap(point=box.box.center, element=box))
    else:
        one_phone.act(Tap(point=box.box.center, element=box))
    assert one_phone.ask("document.querySelector('input').checked") is not covered


def test_what_lies_under_a_bar_at_the_edge_is_brought_to_the_middle(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/bars.html")
    for name in ("Near the start", "Near the end"):
        tap(one_phone, name)
        assert hears(one_phone, name)
    with pytest.raises(ActionFailed, match="covered"):
        tap(one_phone, "Always under")


def test_a_far_element_is_scrolled_to_and_tapped(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/gestures.html")
    tap(one_phone, "Far")
    assert hears(one_phone, "far")
    tap(one_phone, "Deep")
    assert hears(one_phone, "deep")


def test_a_vanished_element_fails(one_phone: ChromiumPhone, site: str) -> None:
    old = find(show(one_phone, f"{site}/gestures.html"), "Plain", "button")
    one_phone.act(Open(url=f"{site}/drags.html"))
    one_phone.quiet(10)
    with pytest.raises(ActionFailed, match="not on the page any more"):
        one_phone.act(Tap(point=old.box.center, element=old))
    one_phone.observe(False)
    with pytest.raises(ActionFailed):
        one_phone.act(Tap(point=old.box.center, element=old.model_copy(update={"path": "main/nothing"})))


def test_a_double_tap_is_a_double_click(one_phone: ChromiumPhone, site: str) -> None:
    button = find(show(one_phone, f"{site}/gestures.html"), "Plain", "button")
    one_phone.act(DoubleTap(point=button.box.center, element=button))
    assert hears(one_phone, "plain plain double")


def test_a_long_press_opens_the_menu_and_does_not_click(one_phone: ChromiumPhone, site: str) -> None:
    button = find(show(one_phone, f"{site}/gestures.html"), "Long")
    one_phone.act(LongPress(point=button.box.center, element=button, seconds=0.6))
    assert hears(one_phone, "menu")
    assert "click" not in log(one_phone)


def test_a_checkbox_under_its_label_is_tapped(one_phone: ChromiumPhone, site: str) -> None:
    box = find(show(one_phone, f"{site}/gestures.html"), "Agree", "checkbox")
    assert box.checked is False and box.reachable
    tap(one_phone, "Agree", "checkbox")
    assert hears(one_phone, "checked true")
    assert find(one_phone.observe(False), "Agree", "checkbox").checked is True


def test_a_link_of_two_lines_is_tapped(one_phone: ChromiumPhone, site: str) -> None:
    screen = show(one_phone, f"{site}/gestures.html")
    link = next(e for e in screen.elements if e.role == "link")
    assert link.reachable
    one_phone.act(Tap(point=link.box.center, element=link))
    assert any((one_phone.observe(False).url or "").endswith("#two") for _ in range(20))


def test_a_tap_on_a_point_needs_no_element(one_phone: ChromiumPhone, site: str) -> None:
    place = find(show(one_phone, f"{site}/gestures.html"), "Plain", "button").box.center
    one_phone.act(Tap(point=place))
    assert hears(one_phone, "plain")


def test_a_native_list_is_selected_not_tapped(one_phone: ChromiumPhone, site: str) -> None:
    fruit = find(show(one_phone, f"{site}/fields.html"), "fruit")
    for where in (fruit, None):
        with pytest.raises(ActionFailed, match="Select"):
            one_phone.act(Tap(point=fruit.box.center, element=where))
    with pytest.raises(ActionFailed, match="Apple"):
        one_phone.act(Select(element=fruit, option="Cherry"))
    one_phone.act(Select(element=fruit, option="Big pear"))
    assert hears(one_phone, "chose b")
    assert find(one_phone.observe(False), "fruit").value == "Big pear"


def test_in_a_list_of_several_choices_each_is_turned_over(one_phone: ChromiumPhone, site: str) -> None:
    toppings = find(show(one_phone, f"{site}/choices.html"), "Toppings")
    assert (toppings.role, toppings.value) == ("listbox", "Olives")
    for option, chosen in (("Cheese", "Olives, Cheese"), ("Olives", "Cheese"), ("Cheese", ""), ("Ham", "Ham")):
        one_phone.act(Select(element=toppings, option=option))
        assert find(one_phone.observe(False), "Toppings").value == chosen
    assert one_phone.observe(False).title == "chose h", "and the page hears of it"


def test_scroll_and_swipe_move_the_page(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/gestures.html")
    one_phone.act(Scroll(dy=300))
    assert any(one_phone.observe(False).title == "scrolled 300" for _ in range(20))
    one_phone.act(Swipe(start=Point(x=200, y=700), end=Point(x=200, y=300)))
    assert one_phone.quiet(10)
    assert int(one_phone.observe(False).title.split()[-1]) > 500


def test_scroll_moves_the_box_an_element_is_in(one_phone: ChromiumPhone, site: str) -> None:
    words = find(show(one_phone, f"{site}/gestures.html"), "top of the box")
    one_phone.act(Scroll(dy=500, element=words))
    assert any(find(one_phone.observe(False), "Deep").reachable for _ in range(20))


def test_a_page_wider_than_the_phone_is_scaled(one_phone: ChromiumPhone, site: str) -> None:
    screen = show(one_phone, f"{site}/wide.html")
    wide = find(screen, "Wide")
    assert screen.scale == pytest.approx(390 / 980, abs=0.01)
    assert wide.box.left == pytest.approx(700 * 390 / 980, abs=2) and wide.reachable
    one_phone.act(Tap(point=wide.box.center))
    assert hears(one_phone, "wide")
    tap(one_phone, "Wide")
    assert hears(one_phone, "wide wide")
    one_phone.act(DoubleTap(point=wide.box.center, element=wide))
    assert hears(one_phone, "twice")
    tap(one_phone, "Low")
    assert hears(one_phone, "low")


# ---- dragging -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mouse", "pointer"])
def test_a_drag_moves_what_listens_to_the_pointer(one_phone: ChromiumPhone, site: str, kind: str) -> None:
    box = find(show(one_phone, f"{site}/drags.html"), kind)
    end = Point(x=box.box.center.x + 60, y=box.box.center.y + 150)
    one_phone.act(Drag(start=box.box.center, end=end, element=box))
    assert hears(one_phone, f"{kind} {int(box.box.left) + 60},{int(box.box.top) + 150}")


def test_a_drag_drops_what_is_draggable(one_phone: ChromiumPhone, site: str) -> None:
    screen = show(one_phone, f"{site}/drags.html")
    box, target = find(screen, "native"), find(screen, "target")
    one_phone.act(Drag(start=box.box.center, end=target.box.center, element=box, target=target))
    assert hears(one_phone, "dropped cargo")


# ---- typing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("who", "Grace Hopper"),
        ("who", "😀 naïve 👩‍🚀"),
        ("who", "שלום עולם"),
        ("note", "two\nlines"),
        ("day", "2026-03-09"),
        ("hour", "14:30"),
        ("tint", "#336699"),
        ("count", "42"),
        ("inner", "in a frame"),
        ("rich", "second"),
    ],
)
def test_text_is_typed_and_seen(one_phone: ChromiumPhone, site: str, name: str, text: str) -> None:
    show(one_phone, f"{site}/fields.html")
    type_into(one_phone, name, text)
    assert find(one_phone.observe(False), name).value == text


def test_a_frame_hears_what_is_typed(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/fields.html")
    type_into(one_phone, "inner", "x")
    assert hears(one_phone, "inner x")


def test_a_frame_of_another_site_is_seen_and_typed_into(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/framed.html")
    type_into(one_phone, "who", "across")
    screen = one_phone.observe(False)
    assert find(screen, "who").value == "across" and find(screen, "who").reachable
    assert not find(screen, "note").reachable  # under the banner of the outer page
    with pytest.raises(ActionFailed, match="covered"):
        tap(one_phone, "note")


def test_ten_thousand_characters_are_typed(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/fields.html")
    text = "0123456789" * 1000
    type_into(one_phone, "note", text)
    assert find(one_phone.observe(False), "note").value == text


def test_typing_clears_or_adds_and_empty_text_empties(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/fields.html")
    type_into(one_phone, "who", "er", clear=False)
    assert find(one_phone.observe(False), "who").value == "older"
    one_phone.act(Type(text=" still", clear=False))
    assert find(one_phone.observe(False), "who").value == "older still"
    type_into(one_phone, "who", "")
    assert find(one_phone.observe(False), "who").value == ""


def test_enter_sends_the_form_and_leaving_a_field_is_a_change(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/fields.html")
    type_into(one_phone, "who", "Ada", enter=True)
    assert hears(one_phone, "who=Ada sent")


def test_keys_move_the_focus(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/fields.html")
    tap(one_phone, "who")
    one_phone.act(Key(key="Tab"))
    screen = one_phone.observe(False)
    assert find(screen, "note").focused and screen.keyboard
    with pytest.raises(ActionFailed, match="no key"):
        one_phone.act(Key(key="Nonsense"))


@pytest.mark.parametrize(
    ("name", "words"),
    [("fixed", "read-only"), ("off", "disabled"), ("Send", "takes no text"), ("day", "does not take")],
)
def test_what_cannot_be_typed_into_fails(one_phone: ChromiumPhone, site: str, name: str, words: str) -> None:
    show(one_phone, f"{site}/fields.html")
    with pytest.raises(ActionFailed, match=words):
        type_into(one_phone, name, "nonsense")


def test_a_password_is_never_seen(one_phone: ChromiumPhone, blobs: Blobs, site: str) -> None:
    show(one_phone, f"{site}/fields.html")
    type_into(one_phone, "pass", "", secret="pin")
    screen = one_phone.observe()
    field = find(screen, "pass")
    assert field.value == "•" * 9 and "tr0ub4dor" not in screen.model_dump_json()
    assert screen.screenshot
    picture = Image.open(io.BytesIO(blobs[screen.screenshot])).convert("RGB")
    box = field.box
    inside = picture.crop(
        (int(box.left) + 4, int(box.top) + 4, int(box.left + box.width) - 4, int(box.top + box.height) - 4)
    )
    assert all(high - low < 30 for low, high in inside.getextrema())  # one colour: painted over


def test_a_secret_in_a_plain_field_is_hidden_too(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/fields.html")
    type_into(one_phone, "who", "", secret="pin")
    assert "tr0ub4dor" not in one_phone.observe(False).model_dump_json()


# ---- beside -------------------------------------------------------------------------------------------


def test_an_alert_is_a_screen_of_its_own(fresh: ChromiumPhone, blobs: Blobs, site: str) -> None:
    show(fresh, f"{site}/beside.html")
    fresh.observe()
    result = tap(fresh, "Alert")
    event(fresh, "alert: Mind the step", *result.events)
    screen = fresh.observe()
    assert screen.dialog == "Mind the step" and [e.name for e in screen.elements if e.role == "button"] == ["OK"]
    assert screen.screenshot and Image.open(io.BytesIO(blobs[screen.screenshot])).size == (390, 844)
    assert fresh.photograph(screen).screenshot
    assert fresh.quiet(5)
    with pytest.raises(ActionFailed, match="a dialog is open"):
        fresh.act(Open(url=f"{site}/fields.html"))
    tap(fresh, "OK")
    assert hears(fresh, "alerted")
    assert fresh.observe(False).dialog is None


@pytest.mark.parametrize(("button", "said"), [("OK", "sure true"), ("Cancel", "sure false")])
def test_a_question_is_answered(fresh: ChromiumPhone, site: str, button: str, said: str) -> None:
    show(fresh, f"{site}/beside.html")
    event(fresh, "confirm: Sure?", *tap(fresh, "Confirm").events)
    box = find(fresh.observe(False), button).box
    fresh.act(Tap(point=box.center))
    assert hears(fresh, said)


def test_a_prompt_takes_text(fresh: ChromiumPhone, site: str) -> None:
    show(fresh, f"{site}/beside.html")
    event(fresh, "prompt: Who?", *tap(fresh, "Prompt").events)
    field = next(e for e in fresh.observe(False).elements if e.role == "textbox")
    assert field.value == "me"
    fresh.act(Type(text="you", element=field))
    tap(fresh, "OK")
    assert hears(fresh, "said you")


def test_a_prompt_takes_one_line(fresh: ChromiumPhone, site: str) -> None:
    show(fresh, f"{site}/beside.html")
    event(fresh, "prompt: Who?", *tap(fresh, "Prompt").events)
    with pytest.raises(ActionFailed, match="takes one line"):
        fresh.act(Type(text="you\n"))
    field = next(e for e in fresh.observe(False).elements if e.role == "textbox")
    assert field.value == "me"
    tap(fresh, "Cancel")


SECRET = "tr0ub4dor"
LEAKS = """<!doctype html><meta charset=utf-8><title>Log in</title><form><input name=q aria-label=Word type=password>
    <button>Go</button></form><button onclick="said.placeholder = prompt('Word?')">Ask</button><input id=said>
    <button onclick="alert('It is ' + new URLSearchParams(location.search).get('q'))">Tell</button>
    <input id=day aria-label=Day type=date>
    <script>document.title += ' ' + location.search</script>"""


def test_a_secret_is_in_no_word_that_a_phone_says(fresh: ChromiumPhone, blobs: Blobs, tmp_path: Path) -> None:
    page = tmp_path / "leaks.html"
    page.write_text(LEAKS)
    told: list[str] = []

    def look() -> Screen:
        screen = fresh.observe()
        told.append(screen.model_dump_json())
        return screen

    show(fresh, page.as_uri())
    ask = find(look(), "Ask")
    told.append(fresh.act(Tap(point=ask.box.center, element=ask)).model_dump_json())
    field = next(e for e in look().elements if e.role == "textbox")
    fresh.act(Type(text="", secret="pin", element=field))
    shown = look()
    field = next(e for e in shown.elements if e.role == "textbox")
    assert (field.value, field.password) == ("•" * len(SECRET), True)
    assert shown.screenshot is not None
    bullets = draw_dialog(None, shown.elements, width=shown.width, height=shown.height)
    seen, expected = (_inside(picture, field) for picture in (blobs[shown.screenshot], bullets))
    low, high = ImageChops.difference(seen, expected).getextrema()
    assert high - low < 60 and expected.getextrema()[0] < 100  # bullets, and nothing else
    told.append(fresh.act(Key(key="Enter")).model_dump_json())
    look()
    with pytest.raises(PhoneError) as error:
        fresh.act(Type(text="", secret="pin", element=find(look(), "Day")))
    told.append(str(error.value))
    fresh.act(Type(text="", secret="pin", element=find(look(), "Word"), enter=True))
    assert fresh.quiet(10)
    after = look()
    assert after.url is not None and after.url.endswith("?q=" + "•" * len(SECRET)) and "•••" in after.title
    told.append(fresh.act(Tap(point=find(after, "Tell").box.center)).model_dump_json())
    assert "It is •••" in (look().dialog or "")
    told.append(tap(fresh, "OK").model_dump_json())
    assert all(SECRET not in said for said in told)


def _inside(picture: bytes, element: Element) -> Image.Image:
    box = element.box
    inner = (round(box.left) + 4, round(box.top) + 4, round(box.left + box.width) - 4, round(box.top + box.height) - 4)
    return Image.open(io.BytesIO(picture)).convert("L").crop(inner)


def test_a_secret_is_in_no_file_of_a_trace(fresh: ChromiumPhone, tmp_path: Path) -> None:
    page = tmp_path / "leaks.html"
    page.write_text(LEAKS)
    store = Store(tmp_path / "store")
    fresh._blobs, kept = store.blobs, fresh._blobs
    show(fresh, page.as_uri())

    class Script:
        name = "script"
        ways = iter(("Ask", "", "OK", "Word", "Tell", "OK", "Day"))

        def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice:
            name = next(self.ways, None)
            decision = Decision(source="script")
            if name is None:
                return Choice(Done(), decision)
            if name in ("", "Day", "Word"):
                field = find(screen, name, "textbox") if name == "" else find(screen, name)
                return Choice(Type(text="", secret="pin", element=field, enter=name == "Word"), decision)
            element = find(screen, name, "button")
            return Choice(Tap(point=element.box.center, element=element), decision)

    try:
        writer = store.begin(task="Log in")
        ended = Loop(fresh, [Script()], writer, lambda action, screen: True, Limits(9, 60, 5)).run("Log in")
        writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=None)
        writer.close()
    finally:
        fresh._blobs = kept
        store.close()
    assert len(ended.steps) > 5
    files = [file for file in (tmp_path / "store").rglob("*") if file.is_file()]
    assert len(files) > 10
    assert [file for file in files if SECRET.encode() in file.read_bytes()] == []


CHAT = """<!doctype html><meta charset=utf-8><div id=RICH aria-label=RICH contenteditable MORE
    onkeydown="if (event.key === 'Enter') { event.preventDefault(); log.textContent = 'sent' }"></div>
    <output id=log></output>"""


def test_a_line_break_in_rich_text_is_one_and_sends_nothing(fresh: ChromiumPhone, tmp_path: Path) -> None:
    page = tmp_path / "chat.html"
    page.write_text(CHAT.replace("RICH", "chat").replace("MORE", "role=textbox aria-multiline=true"))
    show(fresh, page.as_uri())
    type_into(fresh, "chat", "milk\nbread")
    assert fresh.ask("chat.innerText.trim()").split("\n")[0] == "milk" and log(fresh) == ""
    page.write_text(CHAT.replace("RICH", "line").replace("MORE", "role=textbox aria-multiline=false"))
    show(fresh, page.as_uri())
    with pytest.raises(ActionFailed, match="takes one line"):
        type_into(fresh, "line", "milk\nbread")
    assert fresh.ask("line.innerText") == "" and log(fresh) == ""


def test_a_new_tab_comes_to_the_front_and_back_closes_it(fresh: ChromiumPhone, site: str) -> None:
    show(fresh, f"{site}/beside.html")
    event(fresh, "new tab", *tap(fresh, "New tab").events)
    fresh.quiet(10)
    assert fresh.observe().title == "Gestures"
    event(fresh, "tab closed", *fresh.act(Back()).events)
    assert fresh.observe().title == "Beside"


def test_a_popup_that_closes_itself_gives_way_to_its_opener(fresh: ChromiumPhone, site: str) -> None:
    show(fresh, f"{site}/beside.html")
    event(fresh, "new tab", *tap(fresh, "Popup").events)
    fresh.quiet(10)
    event(fresh, "tab closed", *tap(fresh, "Choose").events)
    assert fresh.observe().title == "Beside" and hears(fresh, "chosen")


@pytest.mark.parametrize(
    ("what", "heard"), [("tap", "confirmed"), ("enter", "entered"), ("double tap", "doubled"), ("drag", "dragged")]
)
def test_what_was_sent_to_a_page_that_closes_itself_is_never_said_to_have_touched_nothing(
    fresh: ChromiumPhone, site: str, what: str, heard: str
) -> None:
    show(fresh, f"{site}/beside.html")
    event(fresh, "new tab", *tap(fresh, "Closing").events)
    fresh.quiet(10)
    screen = fresh.observe(False)
    element = find(screen, {"tap": "Pay", "enter": "Code", "double tap": "Twice", "drag": "Slide"}[what])
    middle = element.box.center
    action: Action = Tap(point=middle, element=element)
    if what == "enter":
        action = Type(text="1234", element=element, enter=True)
    elif what == "double tap":
        action = DoubleTap(point=middle, element=element)
    elif what == "drag":
        action = Drag(start=middle, end=Point(x=middle.x, y=middle.y + 200), element=element)
    try:
        fresh.act(action)  # the page may be quick enough to answer before it closes
    except PhoneError as error:
        assert not isinstance(error, ActionFailed) and "may have had its effect" in str(error)
    assert fresh.observe(False).title == "Beside" and log(fresh) == heard


def test_a_picker_that_changes_what_it_got_was_touched(one_phone: ChromiumPhone, site: str) -> None:
    show(one_phone, f"{site}/closing.html")
    with pytest.raises(PhoneError, match=r"begun.*does not take") as caught:
        type_into(one_phone, "Day", "2024-02-29")
    assert not isinstance(caught.value, ActionFailed)


def test_an_action_that_a_dialog_was_quicker_than_touched_nothing(
    fresh: ChromiumPhone, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(fresh, f"{site}/beside.html")

    async def meets_a_dialog(*_: object) -> None:
        raise DialogOpened

    monkeypatch.setattr(Hand, "_aim", meets_a_dialog)  # no page can time it so well
    with pytest.raises(ActionFailed, match="dialog opened before tap"):
        tap(fresh, "Alert")


def test_a_download_is_kept_and_its_place_is_told(fresh: ChromiumPhone, site: str) -> None:
    show(fresh, f"{site}/beside.html")
    said = event(fresh, "12 bytes", *tap(fresh, "Download").events)
    again = event(fresh, "12 bytes", *tap(fresh, "Download").events)
    places = [Path(words.rsplit(" as ", 1)[1]) for words in (said, again)]
    assert [place.read_bytes() for place in places] == [b"twelve bytes"] * 2 and places[0] != places[1]
    assert {place.parent.name for place in places} == {"downloads0"}


def test_of_two_downloads_at_once_none_takes_the_others_place(tmp_path: Path) -> None:
    names = [_reserved(tmp_path, "report.txt").name for _ in range(3)]
    assert names == ["report.txt", "report (1).txt", "report (2).txt"]


def test_downloads_without_a_folder_last_until_the_phone_is_closed(chromium: Path, site: str) -> None:
    with ChromiumPhone(Blobs(), executable=chromium) as phone:
        show(phone, f"{site}/beside.html")
        place = Path(event(phone, "12 bytes", *tap(phone, "Download").events).rsplit(" as ", 1)[1])
        phone.new_episode()
        assert place.read_bytes() == b"twelve bytes"
    assert not place.parent.exists()


@pytest.mark.parametrize(("button", "what"), [("Where", "geolocation"), ("Notify", "notifications")])
def test_a_permission_is_denied(fresh: ChromiumPhone, site: str, button: str, what: str) -> None:
    show(fresh, f"{site}/beside.html")
    assert "denied" in event(fresh, what, *tap(fresh, button).events)
    assert hears(fresh, "refused 1" if button == "Where" else "denied")


def test_a_file_chooser_is_told(fresh: ChromiumPhone, site: str) -> None:
    show(fresh, f"{site}/beside.html")
    event(fresh, "file", *tap(fresh, "Attach").events)


# ---- going places -------------------------------------------------------------------------------------


def test_back_goes_back_and_fails_at_the_first_page(fresh: ChromiumPhone, site: str) -> None:
    show(fresh, f"{site}/beside.html")
    with pytest.raises(ActionFailed, match="no page to go back to"):
        fresh.act(Back())
    tap(fresh, "Fields")
    fresh.quiet(10)
    assert any(fresh.observe(False).title == "Fields" for _ in range(50))
    fresh.act(Back())
    fresh.quiet(10)
    assert any(fresh.observe(False).title == "Beside" for _ in range(50))


def test_home_is_where_the_episode_began(one_phone: ChromiumPhone, site: str) -> None:
    one_phone.new_episode(start_url=f"{site}/beside.html")
    show(one_phone, f"{site}/fields.html")
    one_phone.act(Home())
    one_phone.quiet(10)
    assert one_phone.observe(False).title == "Beside"


def test_an_address_that_does_not_answer_is_named(one_phone: ChromiumPhone) -> None:
    with pytest.raises(PhoneError, match=r"http://127\.0\.0\.1:9/ does not open: .*REFUSED|UNSAFE"):
        one_phone.act(Open(url="http://127.0.0.1:9/"))
    with pytest.raises(ActionFailed, match="no address"):
        one_phone.act(Open(url="javascript:alert(1)"))


def test_cookies_last_from_login_to_the_next_episode_only(one_phone: ChromiumPhone, site: str) -> None:
    script = "localStorage.setItem('who', 'me')"
    one_phone.new_episode(start_url=f"{site}/fields.html", init_script=script)
    state = one_phone.storage_state()
    assert state["origins"][0]["localStorage"] == [{"name": "who", "value": "me"}]
    one_phone.new_episode(start_url=f"{site}/fields.html")
    assert one_phone.storage_state()["origins"] == []
    one_phone.new_episode(login=state, start_url=f"{site}/fields.html")
    assert one_phone.storage_state()["origins"] == state["origins"]


@pytest.mark.parametrize("action", [Done()])
def test_done_is_not_the_phones(one_phone: ChromiumPhone, action: Action) -> None:
    with pytest.raises(UsageError):
        one_phone.act(action)


# ---- trouble ------------------------------------------------------------------------------------------


def test_a_hung_page_is_told_and_the_next_episode_works(one_phone: ChromiumPhone, site: str) -> None:
    one_phone.new_episode()
    show(one_phone, f"{site}/beside.html")
    with pytest.raises(PageHung):
        tap(one_phone, "Hang")
        one_phone.observe()
    one_phone.new_episode()
    assert show(one_phone, f"{site}/fields.html").title == "Fields"


def test_a_crashed_page_is_gone_and_the_next_episode_works(one_phone: ChromiumPhone, site: str) -> None:
    one_phone.new_episode()
    renderers = [p for p in one_phone.processes() if "--type=renderer" in psutil.Process(p).cmdline()]
    for pid in renderers:
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(PageGone):
        for _ in range(50):
            one_phone.observe()
    one_phone.new_episode()
    assert show(one_phone, f"{site}/fields.html").title == "Fields"


@pytest.mark.parametrize("victim", ["driver", "browser"])
def test_a_killed_process_is_told_and_the_next_episode_works(one_phone: ChromiumPhone, site: str, victim: str) -> None:
    one_phone.new_episode()
    driver = one_phone.processes()[0]
    browser = next(p for p in one_phone.processes()[1:] if "--type=" not in " ".join(psutil.Process(p).cmdline()))
    os.kill(driver if victim == "driver" else browser, signal.SIGKILL)
    with pytest.raises(PageGone):
        for _ in range(50):
            one_phone.observe()
    one_phone.new_episode()
    assert show(one_phone, f"{site}/fields.html").title == "Fields"


def test_close_ends_all_processes_even_dead_ones_and_twice(chromium: Path) -> None:
    phone = ChromiumPhone(Blobs(), executable=chromium)
    pids = phone.processes()
    os.kill(pids[0], signal.SIGKILL)
    phone.close()
    phone.close()
    assert not [p for p in pids if psutil.pid_exists(p) and psutil.Process(p).status() != "zombie"]
    with pytest.raises(PageGone):
        phone.observe()


def test_a_missing_browser_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="not a program"):
        find_chromium(tmp_path / "nothing")
    monkeypatch.delenv("OSTINATO_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(SetupError, match="apt-get install chromium"):
        find_chromium()


def test_an_episode_can_begin_while_a_dialog_is_open(one_phone: ChromiumPhone, site: str) -> None:
    one_phone.new_episode(start_url=f"{site}/beside.html")
    one_phone.quiet(10)
    event(one_phone, "alert", *tap(one_phone, "Alert").events)
    one_phone.new_episode(start_url=f"{site}/fields.html")
    one_phone.quiet(10)
    assert one_phone.observe().title == "Fields"


def test_an_interrupted_phone_closes_in_silence(chromium: Path, tmp_path: Path) -> None:
    script = f"""
import os, signal, threading
from pathlib import Path
from ostinato.phone import ChromiumPhone
from ostinato.trace.action import Wait
class Blobs:
    def put(self, data): return ""
with ChromiumPhone(Blobs(), executable=Path({str(chromium)!r})) as phone:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        phone.act(Wait(seconds=60))
    except KeyboardInterrupt:
        print(*phone.processes())
"""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", script], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stdout.split(), done
    told = [line for line in done.stderr.splitlines() if not line.startswith("Executing <")]  # a busy machine
    assert not [line for line in told if "ostinato" in line or "asyncio" in line], done.stderr
    assert not [pid for pid in map(int, done.stdout.split()) if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
