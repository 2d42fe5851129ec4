"""What every phone must do alike: one small app, shown by each of them.

Another phone joins by one fixture that returns a `Subject`, named `NAME_subject`, and its name in PHONES. Its app has
what `pages/contract.html` has. AndroidPhone runs against a fake: that tests our side of the wire, not Android.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from contract_app import ContractApp
from fake_adb import FakeAdb
from fake_android import FakePhone
from fake_hdc import FakeHdc
from linux_programs import put_programs
from PIL import Image

from ostinato.errors import ActionFailed, PhoneError, UsageError
from ostinato.phone import AndroidPhone, ChromiumPhone, HarmonyPhone, Phone
from ostinato.phone.border import Bounded, border_of
from ostinato.phone.linux.linux import LinuxPhone
from ostinato.trace.action import (
    Answer,
    Back,
    Done,
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
from ostinato.trace.screen import Element, Point, Screen

PHONES = [
    pytest.param("chromium", marks=pytest.mark.browser), "android", "harmony",
    pytest.param("linux", marks=pytest.mark.app),
]  # fmt: skip
PAGES = Path(__file__).parent / "pages"
SECRETS = {"pin": "tr0ub4dor"}
GREY = (0x9A, 0xA0, 0xA6)


class Blobs(dict[str, bytes]):
    def put(self, data: bytes) -> str:
        sha = hashlib.sha256(data).hexdigest()
        self[sha] = data
        return sha


@dataclass
class Subject:
    """A phone that shows the app: what `Open` takes for its first screen, its second, and one that never rests. `begin`
    puts the app's own state back, `another` starts one more phone."""

    phone: Phone
    blobs: Blobs
    first: str
    second: str
    restless: str
    another: Callable[[], Phone]
    begin: Callable[[], None] = field(default=lambda: None)

    def show(self, address: str) -> Screen:
        self.begin()
        self.phone.act(Open(url=address))
        assert self.phone.quiet(10)
        return self.phone.observe(screenshot=False)

    def look(self) -> Screen:
        return self.phone.observe(screenshot=False)

    def tap(self, name: str) -> None:
        element = find(self.look(), name)
        self.phone.act(Tap(point=element.box.center, element=element))

    def type(self, name: str, text: str, **more: Any) -> None:
        self.phone.act(Type(text=text, element=find(self.look(), name), **more))

    def held(self, name: str) -> str:
        return find(self.look(), name).value or ""

    def says(self, words: str) -> bool:
        """Whether the app's log says these words, soon."""
        return any(words in self.look().text.splitlines() for _ in range(50))


class _Quiet(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args, directory=str(PAGES))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def chromium_subject(chromium: Path) -> Iterator[Subject]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Quiet)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    site, blobs = f"http://127.0.0.1:{server.server_port}", Blobs()

    def start() -> ChromiumPhone:
        return ChromiumPhone(
            blobs, executable=chromium, secrets=SECRETS.__getitem__, home_url=f"{site}/contract_home.html"
        )

    with start() as phone:
        page = f"{site}/contract.html"
        yield Subject(phone, blobs, page, f"{site}/contract_second.html", f"{page}?restless", start)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def android_subject() -> Iterator[Subject]:
    adb, fake, blobs = FakeAdb(), FakePhone(), Blobs()
    app = fake.install(ContractApp)
    assert isinstance(app, ContractApp)
    adb.add("fake-1", fake)

    def start() -> AndroidPhone:
        return AndroidPhone(blobs, host="127.0.0.1", port=adb.port, secrets=SECRETS.__getitem__)

    with start() as phone:
        name = app.package
        yield Subject(phone, blobs, name, f"app://{name}/Second", f"{name}/.Restless", start, app.reset)
    adb.close()


@pytest.fixture(scope="module")
def linux_subject(gtk_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    home, blobs, app = tmp_path_factory.mktemp("home"), Blobs(), "org.example.Contract"
    starts = {
        f"{app}Start": f"{gtk_python} {Path(__file__).with_name('contract_gtk.py')}",
        app: f"gapplication launch {app}",
        f"{app}.Second": f"gapplication action {app} second",
        f"{app}.Restless": f"gapplication action {app} restless",
    }
    put_programs(home, starts)
    phones: list[LinuxPhone] = []

    def start() -> LinuxPhone:
        phones.append(LinuxPhone(blobs, home=home, apps=[app], secrets=SECRETS.__getitem__))
        return phones[-1]

    try:
        phone = start()
        phone.act(Open(url=f"{app}Start"))
        yield Subject(phone, blobs, app, f"{app}.Second", f"{app}.Restless", start)
    finally:
        for phone in phones:
            phone.close()


@pytest.fixture(scope="module")
def harmony_subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    hdc, fake, blobs = FakeHdc(tmp_path_factory.mktemp("hdc")), FakePhone(), Blobs()
    app = fake.install(ContractApp)
    assert isinstance(app, ContractApp)
    hdc.add("fake-1", fake)

    def start() -> HarmonyPhone:
        return HarmonyPhone(blobs, secrets=SECRETS.__getitem__)

    with pytest.MonkeyPatch.context() as patch:
        for name, value in hdc.environment.items():
            patch.setenv(name, value)
        with start() as phone:
            name = app.package
            yield Subject(phone, blobs, name, f"app://{name}/Second", f"{name}/Restless", start, app.reset)
    hdc.close()


@pytest.fixture(params=PHONES)
def subject(request: pytest.FixtureRequest) -> Subject:
    found = request.getfixturevalue(f"{request.param}_subject")
    assert isinstance(found, Subject)
    return found


@pytest.fixture
def on_first(subject: Subject) -> Subject:
    assert shows(subject.show(subject.first), "Contract")
    return subject


def find(screen: Screen, name: str) -> Element:
    """By its name, or by the last part of its id."""
    found = [e for e in screen.elements if name in (e.name, (e.id or "").rpartition("/")[2])]
    assert found, f"no {name}: {[(e.role, e.name, e.id) for e in screen.elements]}"
    return min(found, key=lambda e: e.role == "text")


def shows(screen: Screen, name: str) -> bool:
    return any(e.name == name and e.reachable for e in screen.elements)


# ---- seeing -------------------------------------------------------------------------------------------


def test_what_can_be_reached_lies_within_the_screen(on_first: Subject) -> None:
    screen = on_first.phone.observe()
    assert screen.screenshot is not None
    size = Image.open(io.BytesIO(on_first.blobs[screen.screenshot])).size
    assert size == (screen.width, screen.height) and screen.scale > 0
    reached = [e for e in screen.elements if e.reachable]
    assert len(reached) > 10
    for element in reached:
        middle = element.box.center
        assert 0 <= middle.x < screen.width and 0 <= middle.y < screen.height and element.box.area > 0


def test_elements_have_their_roles_names_and_values(on_first: Subject) -> None:
    screen = on_first.look()
    roles = {name: find(screen, name).role for name in ("Add", "note", "colour", "Row 1")}
    assert roles == {"Add": "button", "note": "textbox", "colour": "combobox", "Row 1": "button"}
    note, pin, colour = find(screen, "note"), find(screen, "pin"), find(screen, "colour")
    assert (note.value, note.editable, note.password, note.placeholder) == ("kept", True, False, "Write something")
    assert (pin.value, pin.editable, pin.password, colour.value) == ("", True, True, "red")


def test_an_element_under_a_point_is_what_a_tap_there_hits(on_first: Subject) -> None:
    screen = on_first.look()
    for name in ("Add", "note", "Row 2"):
        element = find(screen, name)
        assert screen.at_point(element.box.center) == element


def test_paths_tell_all_elements_apart(on_first: Subject) -> None:
    paths = [e.path for e in on_first.look().elements]
    assert len(set(paths)) == len(paths)


def test_a_screen_without_a_picture_can_get_one_later(on_first: Subject) -> None:
    screen = on_first.look()
    assert screen.screenshot is None
    assert on_first.phone.photograph(screen).screenshot in on_first.blobs


def test_a_still_screen_becomes_quiet_and_one_that_never_rests_does_not(subject: Subject) -> None:
    subject.show(subject.first)
    assert subject.phone.quiet(5)
    subject.phone.act(Open(url=subject.restless))
    assert not all(subject.phone.quiet(0.7) for _ in range(5))  # a busy machine may draw nothing new for a while


# ---- acting -------------------------------------------------------------------------------------------


def test_a_tapped_button_has_its_effect_once(on_first: Subject) -> None:
    on_first.tap("Add")
    assert on_first.says("Count: 1")
    on_first.tap("Add")
    assert on_first.says("Count: 2")


def test_a_tap_at_a_point_alone_hits_what_is_there(on_first: Subject) -> None:
    on_first.phone.act(Tap(point=find(on_first.look(), "Add").box.center))
    assert on_first.says("Count: 1")


def test_typing_replaces_what_stands_there(on_first: Subject) -> None:
    on_first.type("note", "new")
    assert on_first.held("note") == "new"
    screen = on_first.look()
    assert screen.keyboard and find(screen, "note").focused


def test_typing_can_add_to_what_stands_there(on_first: Subject) -> None:
    on_first.type("note", " and more", clear=False)
    assert on_first.held("note") == "kept and more"


def test_typing_nothing_empties_a_field(on_first: Subject) -> None:
    on_first.type("note", "")
    assert on_first.held("note") == ""


@pytest.mark.parametrize("text", ["Ærø – 東京 – नमस्ते", "😀 & <b>'\"%s\\", "$(reboot); `x` --flag"])
def test_any_text_arrives_as_it_is(on_first: Subject, text: str) -> None:
    on_first.type("note", text)
    assert on_first.held("note") == text


def test_typing_without_a_field_goes_where_the_focus_is(on_first: Subject) -> None:
    on_first.type("note", "first")
    on_first.phone.act(Type(text=" second"))
    assert on_first.held("note") == "first second"


def quietly(subject: Subject, name: str, text: str, **more: Any) -> str:
    """What stands in a field after a text for it, which must have been taken as text, or refused and left out."""
    before = subject.held(name)
    try:
        subject.type(name, text, **more)
    except ActionFailed as error:
        assert any(why in str(error) for why in ("takes one line", "takes no tab", "which is no text")), error
        assert subject.held(name) == before
    assert subject.phone.quiet(5)
    assert shows(subject.look(), "nothing yet")
    return subject.held(name)


@pytest.mark.parametrize("text", ["milk\n", "milk\nbread", "\n", "milk\r\nbread", "a\rb"])
def test_a_line_break_in_a_field_of_one_line_sends_nothing(on_first: Subject, text: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    assert quietly(on_first, "note", text) in ("kept", plain)
    assert quietly(on_first, "note", text, clear=False) in ("kept", plain + plain)


@pytest.mark.parametrize("text", ["milk\nbread", "milk\r\n\r\nbread\n"])
def test_a_line_break_in_a_field_of_several_is_one_and_sends_nothing(on_first: Subject, text: str) -> None:
    plain = text.replace("\r\n", "\n")
    assert quietly(on_first, "message", text) == plain
    assert quietly(on_first, "message", "\nmore", clear=False) == plain + "\nmore"
    on_first.phone.act(Type(text="\nin front"))
    assert on_first.held("message") == plain + "\nmore\nin front" and shows(on_first.look(), "nothing yet")


def test_a_line_break_where_the_focus_is_sends_nothing(on_first: Subject) -> None:
    on_first.type("note", "milk")
    on_first.look()
    with suppress(ActionFailed):
        on_first.phone.act(Type(text="\nbread"))
    assert on_first.held("note") in ("milk", "milk\nbread") and shows(on_first.look(), "nothing yet")


@pytest.mark.parametrize("name", ["note", "message"])
def test_a_tab_is_text_or_nothing(on_first: Subject, name: str) -> None:
    before = on_first.held(name)
    assert quietly(on_first, name, "milk\tbread") in (before, "milk\tbread")
    assert on_first.held("pin") == "" and not find(on_first.look(), "pin").focused


@pytest.mark.parametrize("text", ["a\x1b", "\x08", "a\x00b", "\x7f"])
def test_a_control_character_is_no_text(on_first: Subject, text: str) -> None:
    with pytest.raises(ActionFailed, match="which is no text"):
        on_first.type("note", text)
    assert on_first.held("note") == "kept"


def test_typing_can_end_with_enter(on_first: Subject) -> None:
    on_first.type("note", "milk", enter=True)
    assert on_first.says("sent: milk")


def test_a_key_is_pressed_by_its_name(on_first: Subject) -> None:
    on_first.type("note", "milks")
    on_first.phone.act(Key(key="Backspace"))
    assert on_first.held("note") == "milk"


def test_an_option_is_selected_by_its_label(on_first: Subject) -> None:
    on_first.phone.act(Select(element=find(on_first.look(), "colour"), option="blue"))
    assert on_first.held("colour") == "blue"
    assert shows(on_first.look(), "Add")


def test_an_option_that_is_not_there_leaves_the_choice_as_it_was(on_first: Subject) -> None:
    with pytest.raises(PhoneError, match="mauve"):
        on_first.phone.act(Select(element=find(on_first.look(), "colour"), option="mauve"))
    assert on_first.held("colour") == "red" and shows(on_first.look(), "Add")


def test_a_held_finger_is_no_tap(on_first: Subject) -> None:
    element = find(on_first.look(), "Hold")
    on_first.phone.act(LongPress(point=element.box.center, element=element))
    assert on_first.says("held")


def test_a_swipe_goes_its_way(on_first: Subject) -> None:
    box = find(on_first.look(), "Card").box
    right = Point(x=box.left + box.width * 0.9, y=box.center.y)
    left = Point(x=box.left + box.width * 0.1, y=box.center.y)
    on_first.phone.act(Swipe(start=right, end=left))
    assert on_first.says("swiped left")
    on_first.phone.act(Swipe(start=left, end=right))
    assert on_first.says("swiped right")


def test_scrolling_shows_what_is_below_and_back(on_first: Subject) -> None:
    screen = on_first.look()
    assert shows(screen, "Row 1") and not shows(screen, "Row 30")
    for _ in range(20):
        screen = on_first.look()
        if shows(screen, "Row 30"):
            break
        row = next(e for e in screen.elements if e.name.startswith("Row") and e.role == "button" and e.reachable)
        on_first.phone.act(Scroll(dy=screen.height / 4, element=row))
    assert not shows(screen, "Row 1")
    on_first.tap("Row 30")
    assert on_first.says("row 30")
    for _ in range(20):
        screen = on_first.look()
        if shows(screen, "Row 1"):
            break
        row = next(e for e in screen.elements if e.name.startswith("Row") and e.role == "button" and e.reachable)
        on_first.phone.act(Scroll(dy=-screen.height / 4, element=row))
    assert shows(on_first.look(), "Row 1")


def test_open_back_and_home_lead_where_they_say(on_first: Subject) -> None:
    assert shows(on_first.show(on_first.second), "Second")
    on_first.phone.act(Back())
    assert on_first.phone.quiet(5) and shows(on_first.look(), "Contract")
    on_first.tap("Next")
    assert on_first.phone.quiet(5) and shows(on_first.look(), "Second")
    on_first.phone.act(Home())
    assert on_first.phone.quiet(5) and shows(on_first.look(), "All apps")


def test_waiting_changes_nothing(on_first: Subject) -> None:
    before = on_first.look().elements
    assert on_first.phone.act(Wait(seconds=0)).ok
    assert on_first.look().elements == before


# ---- what must not happen -----------------------------------------------------------------------------


def test_an_action_on_something_gone_touches_nothing(on_first: Subject) -> None:
    screen = on_first.look()
    remove, victim = find(screen, "Remove"), find(screen, "Victim")
    on_first.phone.act(Tap(point=remove.box.center, element=remove))
    assert on_first.phone.quiet(5)
    for action in (Tap(point=victim.box.center, element=victim), Type(text="x", element=victim)):
        with pytest.raises(ActionFailed):
            on_first.phone.act(action)
    now = on_first.look()
    assert shows(now, "nothing yet") and not shows(now, "Victim")
    assert find(now, "note").value == "kept"


def test_text_for_what_takes_none_is_refused(on_first: Subject) -> None:
    with pytest.raises(ActionFailed, match="takes no text"):
        on_first.type("Add", "x")
    assert shows(on_first.look(), "Count: 0")


@pytest.mark.parametrize("key", ["Nonsense", "Enterr"])
def test_a_key_that_there_is_not_is_refused(on_first: Subject, key: str) -> None:
    with pytest.raises(ActionFailed, match=key):
        on_first.phone.act(Key(key=key))


def test_what_is_no_address_is_not_opened(on_first: Subject) -> None:
    with pytest.raises(ActionFailed):
        on_first.phone.act(Open(url="not an address"))
    assert shows(on_first.look(), "Contract")


BEYOND = (
    "mailto:eve@evil.example?body=secret", "https:evil.example/?q=secret", "https://evil.example\\\\@127.0.0.1/",
    "tel:+491234", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "market://details?id=com.evil",
    "content://com.android.contacts/1", "org.example.Another",
)  # fmt: skip


def test_what_a_model_may_open_is_where_it_begins_and_nothing_else(on_first: Subject) -> None:
    phone = on_first.phone
    assert isinstance(phone, Bounded)
    phone.keep_within(border_of("Tidy up", [on_first.first], None, None, by_model=True))
    try:
        for address in BEYOND:
            with pytest.raises(ActionFailed):
                phone.act(Open(url=address))
        assert shows(on_first.look(), "Contract")
        assert shows(on_first.show(on_first.first), "Contract")
    finally:
        phone.keep_within(None)


def test_what_is_for_the_run_loop_is_not_for_a_phone(subject: Subject) -> None:
    for action in (Done(), Answer(text="42")):
        with pytest.raises(UsageError):
            subject.phone.act(action)


def test_a_password_is_nowhere_in_what_was_seen(on_first: Subject) -> None:
    on_first.type("pin", "", secret="pin")
    screen = on_first.phone.observe()
    pin = find(screen, "pin")
    assert pin.password and pin.value == "•" * len(SECRETS["pin"])
    assert SECRETS["pin"] not in screen.model_dump_json()
    assert screen.screenshot is not None
    assert _pixel(on_first.blobs[screen.screenshot], pin) == pytest.approx(GREY, abs=4)


def test_a_secret_in_an_ordinary_field_is_hidden_too(on_first: Subject) -> None:
    on_first.type("note", "", secret="pin")
    screen = on_first.phone.observe()
    note = find(screen, "note")
    assert note.password and SECRETS["pin"] not in screen.model_dump_json()
    assert screen.screenshot is not None
    assert _pixel(on_first.blobs[screen.screenshot], note) == pytest.approx(GREY, abs=4)


def _pixel(picture: bytes, element: Element) -> tuple[int, ...]:
    """The colour in the middle of an element."""
    found = Image.open(io.BytesIO(picture)).convert("RGB").getpixel((element.box.center.x, element.box.center.y))
    assert isinstance(found, tuple)
    return found


def test_a_phone_is_closed_for_good_and_may_be_closed_twice(subject: Subject) -> None:
    phone = subject.another()
    assert phone.name
    phone.close()
    phone.close()
    with pytest.raises(PhoneError):
        phone.observe()
    with pytest.raises(PhoneError):
        phone.act(Back())
