"""AndroidPhone over the real clients adbutils and uiautomator2 against a fake of what they speak to.

It tests our side of the wire (what is sent, once; what becomes of errors), not Android. `pytest -m device` is for a
real phone that adb lists.
"""

from __future__ import annotations

import io
import os
import shlex
import socket
import sys
from collections.abc import Callable, Iterator

import pytest
from contract_app import ContractApp
from fake_adb import JAR, FakeAdb
from fake_android import FakePhone, View
from PIL import Image
from test_contract import SECRETS, Blobs, find, shows

from ostinato.errors import ActionFailed, Covered, PageGone, PageHung, PhoneError, SetupError, UsageError
from ostinato.phone import AndroidPhone
from ostinato.phone.android.adb import ANDROID
from ostinato.phone.android.keycode import key_code
from ostinato.phone.border import Border
from ostinato.trace.action import Action, Back, DoubleTap, Drag, Home, Key, Open, Scroll, Select, Swipe, Tap, Type, Wait
from ostinato.trace.record import Result
from ostinato.trace.screen import Point, Screen

READ = "dumpWindowHierarchy"


class MoreApp(ContractApp):
    """The app of the contract, with one more screen of what only Android has."""

    def reset(self) -> None:
        super().reset()
        self.goods = ["Milk", "Bread", "Salt"]
        self.phone.permission = ""

    def views(self, activity: str) -> list[View]:
        if activity == ".Web":
            inner = View("EditText", (40, 200, 1040, 300), id="inner", hint="In a page")
            return [View("WebView", (0, 100, 1080, 1200), hosts=True, children=[inner])]
        if activity != ".More":
            return super().views(activity)
        rows = [
            View("LinearLayout", (0, 400 + k * 100, 1080, 500 + k * 100), children=[
                View("TextView", (0, 400 + k * 100, 500, 500 + k * 100), text=name),
                View("Button", (600, 400 + k * 100, 1000, 500 + k * 100), text="Delete", does=self.deleting(name)),
            ])
            for k, name in enumerate(self.goods)
        ]  # fmt: skip
        return [
            View("Button", (40, 100, 500, 200), text="Camera", does=self.ask),
            View("Button", (540, 100, 1000, 200), text="Under", does=lambda: self.say("under")),
            View("FrameLayout", (540, 100, 1000, 200), says="Over", drawn=9, does=lambda: self.say("over")),
            View("CheckBox", (40, 220, 300, 300), text="Fresh", checked=True, does=lambda: None),
            View("EditText", (340, 220, 1000, 300), id="fixed", enabled=False),
            *rows,
            View("TextView", (0, 900, 1080, 1000), text=self.log, id="log"),
            View("Button", (0, 1500, 1080, 1600), text="Low", does=lambda: self.say("low")),
            View("EditText", (0, 1100, 1080, 1200), id="free"),
        ]

    def deleting(self, name: str) -> Callable[[], None]:
        def delete() -> None:
            self.goods.remove(name)
            self.say(f"deleted {name}")

        return delete

    def ask(self) -> None:
        self.phone.permission = "Allow Contract to take pictures and record video?"


class Bench:
    """A fake with one phone, and an AndroidPhone on it."""

    def __init__(self) -> None:
        self.adb, self.fake, self.blobs = FakeAdb(), FakePhone(), Blobs()
        app = self.fake.install(MoreApp)
        assert isinstance(app, MoreApp)
        self.app = app
        self.device = self.adb.add("fake-1", self.fake)
        self.phone = self.start()

    def start(self, serial: str | None = None) -> AndroidPhone:
        return AndroidPhone(
            self.blobs, serial=serial, host="127.0.0.1", port=self.adb.port, secrets=SECRETS.__getitem__
        )

    def show(self, activity: str = "") -> Screen:
        self.app.reset()
        self.fake.rotation = 0
        self.fake.front = [f"{self.app.package}/{activity or self.app.first}"]
        screen = self.phone.observe(screenshot=False)
        self.device.faults.clear()
        self.device.said.clear()
        return screen

    def tap(self, name: str) -> Result:
        element = find(self.phone.observe(screenshot=False), name)
        self.device.said.clear()
        return self.phone.act(Tap(point=element.box.center, element=element))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.phone.close()
    made.adb.close()


@pytest.fixture
def adb() -> Iterator[FakeAdb]:
    made = FakeAdb()
    yield made
    made.close()


def start(adb: FakeAdb, serial: str | None = None) -> AndroidPhone:
    return AndroidPhone(Blobs(), serial=serial, host="127.0.0.1", port=adb.port)


# ---- which phone --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("devices", "serial", "words"),
    [
        ([], None, "no Android device is connected"),
        ([], "x1", "no Android device “x1” is connected.*none"),
        ([("a", "device"), ("b", "device")], None, "2 Android devices are connected; name one of them: a, b"),
        ([("a", "device")], "b", "no Android device “b”.*connected: a"),
        ([("a", "unauthorized")], None, "a does not trust this computer yet"),
        ([("a", "offline")], "a", "a is offline"),
        ([("a", "no")], None, "udev"),
        ([("a", "sideload")], None, "state “sideload”"),
        ([("a", "device"), ("b", "offline")], "b", "b is offline"),
    ],
)
def test_a_phone_that_cannot_be_had_is_said_with_what_to_do(
    devices: list[tuple[str, str]], serial: str | None, words: str
) -> None:
    with pytest.raises(SetupError, match=words):
        ANDROID.choose(devices, serial)


def test_the_only_phone_that_is_ready_is_taken() -> None:
    assert ANDROID.choose([("a", "unauthorized"), ("b", "device")], None) == "b"
    assert ANDROID.choose([("a", "device"), ("b", "device")], "a") == "a"


def test_the_state_of_a_phone_is_asked_of_the_server(adb: FakeAdb) -> None:
    adb.add("shy", FakePhone(), state="unauthorized")
    with pytest.raises(SetupError, match="shy does not trust"):
        start(adb)


def test_the_serial_and_the_server_can_come_from_the_environment(adb: FakeAdb, monkeypatch: pytest.MonkeyPatch) -> None:
    adb.add("one", FakePhone())
    adb.add("two", FakePhone(), state="offline")
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb.port))
    monkeypatch.setenv("ANDROID_SERIAL", "two")
    with pytest.raises(SetupError, match="two is offline"):
        AndroidPhone(Blobs())
    monkeypatch.setenv("ANDROID_SERIAL", "one")
    with AndroidPhone(Blobs()) as phone:
        assert phone.name == "android fake 1080x1920"


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uiautomator2", None)
    with pytest.raises(SetupError, match=r"ostinato-agents\[android\]"):
        AndroidPhone(Blobs())


def test_without_a_server_it_is_said_where_one_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADBUTILS_ADB_PATH", "/bin/false")  # the client would start a server
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(SetupError, match=f"no adb server answers at 127.0.0.1:{port}"):
            AndroidPhone(Blobs(), host="127.0.0.1", port=port)


def test_a_service_that_does_not_start_is_said(adb: FakeAdb) -> None:
    adb.add("old", FakePhone()).starts = False
    with pytest.raises(SetupError, match="uiautomator2 does not start on old"):
        start(adb)


def test_the_program_is_pushed_to_a_phone_without_it(adb: FakeAdb) -> None:
    device = adb.add("new", FakePhone(), with_jar=False)
    with start(adb) as phone:
        assert len(device.stored[JAR]) > 1_000_000
        assert phone.observe(screenshot=False).package == "com.example.launcher"


def test_what_was_started_is_ended_and_what_ran_already_is_left(adb: FakeAdb) -> None:
    device = adb.add("one", FakePhone())
    first = start(adb)
    second = start(adb)
    second.close()
    assert device.service and first.observe(screenshot=False).elements
    first.close()
    assert device.ended.wait(10)
    with pytest.raises(PageGone, match="closed"):
        first.observe()


def test_a_phone_that_sleeps_is_woken(adb: FakeAdb) -> None:
    fake = FakePhone()
    fake.awake = False
    adb.add("one", fake)
    start(adb).close()
    assert fake.awake


# ---- a broken line ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["deaf", "half", "500", "drop", "UiAutomation not connected", "INJECT_EVENTS"])
def test_a_tap_whose_answer_is_lost_is_never_made_twice(bench: Bench, how: str) -> None:
    add = find(bench.show(), "Add")
    bench.device.faults = [("click", how)]
    with pytest.raises(PhoneError, match="may have had its effect") as caught:
        bench.phone.act(Tap(point=add.box.center, element=add))
    assert not isinstance(caught.value, ActionFailed)
    assert bench.device.said.count("click") == 1
    assert bench.app.count == (how in ("deaf", "half"))


@pytest.mark.parametrize("how", ["deaf", "half", "500", "drop", "UiAutomation not connected"])
def test_a_look_whose_answer_is_lost_is_taken_again_once(bench: Bench, how: str) -> None:
    bench.show()
    bench.device.faults = [(READ, how)]
    assert shows(bench.phone.observe(screenshot=False), "Add")
    bench.device.faults = [(READ, how), (READ, how)]
    with pytest.raises(PhoneError):
        bench.phone.observe(screenshot=False)


@pytest.mark.parametrize(
    "faults",
    [
        [("connect", "drop")],
        [("connect", "pass"), ("connect", "drop")],
        [("connect", "drop"), ("connect", "pass"), ("connect", "pass"), ("connect", "pass"), ("connect", "drop")],
    ],
)
def test_a_line_lost_before_anything_was_sent_is_connected_anew(bench: Bench, faults: list[tuple[str, str]]) -> None:
    add = find(bench.show(), "Add")
    bench.device.faults = list(faults)
    assert bench.phone.act(Tap(point=add.box.center, element=add)).ok
    assert (bench.app.count, bench.device.said.count("click"), bench.device.faults) == (1, 1, [])


def test_a_service_that_runs_but_is_dead_is_ended_and_started_again(bench: Bench) -> None:
    bench.show()
    bench.device.ended.clear()
    bench.device.faults = [(READ, "java.lang.IllegalStateException: UiAutomation not connected!")]
    assert shows(bench.phone.observe(screenshot=False), "Add")
    assert bench.device.ended.is_set() and bench.device.service


def test_a_service_that_ended_is_started_again(bench: Bench) -> None:
    bench.show()
    bench.device.service = False
    assert bench.tap("Add").ok
    assert bench.device.service and bench.app.count == 1


@pytest.mark.parametrize("faults", [[("connect", "offline")], [("connect", "pass"), ("connect", "offline")]])
def test_a_phone_that_goes_offline_was_not_touched_and_can_come_back(
    bench: Bench, faults: list[tuple[str, str]]
) -> None:
    add = find(bench.show(), "Add")
    bench.device.faults = list(faults)
    with pytest.raises(ActionFailed, match="cannot be reached: device offline"):
        bench.phone.act(Tap(point=add.box.center, element=add))
    with pytest.raises(PageGone, match="cannot be reached: device offline"):
        bench.phone.observe()
    bench.device.state = "device"
    assert bench.app.count == 0 and bench.tap("Add").ok


def test_a_phone_on_the_network_is_connected_again(adb: FakeAdb) -> None:
    device = adb.add("127.0.0.1:5555", FakePhone())
    with start(adb) as phone:
        device.state = "offline"
        assert phone.observe(screenshot=False).elements


def test_a_phone_that_does_not_answer_in_time_is_said_to_hang(adb: FakeAdb) -> None:
    device = adb.add("slow", FakePhone())
    with AndroidPhone(Blobs(), host="127.0.0.1", port=adb.port, answer_seconds=1.0) as phone:
        device.faults = [("pressKeyCode", "slow")]
        with pytest.raises(PageHung, match="may have had its effect"):
            phone.act(Home())
        assert device.said.count("pressKeyCode") == 1
        device.faults = [("shell", "slow")]
        with pytest.raises(PageHung, match="within 1 s"):
            phone.observe()
        device.faults = [("connect", "slow")]
        with pytest.raises(ActionFailed, match="no connection"):
            phone.act(Home())
        assert device.said.count("pressKeyCode") == 1


@pytest.mark.parametrize("how", ["drop", "half", "deaf"])
def test_an_app_is_started_at_most_once(bench: Bench, how: str) -> None:
    bench.show()
    bench.device.faults = [("shell", "pass"), ("shell", how)]
    with pytest.raises(PhoneError, match="may have had its effect"):
        bench.phone.act(Open(url=bench.app.package))
    assert sum("am start" in said for said in bench.device.said) == 1


@pytest.mark.parametrize("how", ["drop", "half", "deaf"])
def test_a_command_that_only_asks_is_sent_again(bench: Bench, how: str) -> None:
    bench.show()
    bench.device.faults = [("shell", how)]
    assert bench.phone.observe(screenshot=False).title == ".Main"


def test_what_is_no_hierarchy_and_what_is_no_picture_are_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = bench.show()
    monkeypatch.setattr(bench.fake, "do_dump_window_hierarchy", lambda *_: "<hierarchy><node bounds='?'/></hierarchy>")
    with pytest.raises(PhoneError, match="hierarchy that cannot be read"):
        bench.phone.observe()
    monkeypatch.setattr(bench.fake, "do_take_screenshot", lambda *_: "bm8gcGljdHVyZQ==")
    with pytest.raises(PhoneError, match="no picture"):
        bench.phone.photograph(screen)


# ---- seeing -------------------------------------------------------------------------------------------


def test_a_screen_says_its_app_and_its_activity(bench: Bench) -> None:
    screen = bench.show()
    assert (screen.package, screen.title, screen.url) == ("org.example.contract", ".Main", None)
    assert (screen.width, screen.height, screen.scale, screen.origin) == (1080, 1920, 3.0, "org.example.contract")


def test_the_bar_with_the_clock_and_the_keys_of_the_keyboard_are_no_elements(bench: Bench) -> None:
    bench.show(".More")
    bench.tap("free")
    screen = bench.phone.observe(screenshot=False)
    assert screen.keyboard and find(screen, "free").focused
    assert not [e.name for e in screen.elements if e.name.startswith("9:") or e.name in tuple("qwerty")]


def test_what_can_be_touched_is_called_by_what_is_in_it(bench: Bench) -> None:
    row = find(bench.show(), "Row 3")
    assert (row.role, row.name) == ("button", "Row 3")
    fresh = find(bench.show(".More"), "Fresh")
    assert (fresh.role, fresh.checked) == ("checkbox", True)


def test_a_turned_screen_is_seen_as_it_is_turned(bench: Bench) -> None:
    bench.show()
    bench.phone.turn("left")
    screen = bench.phone.observe()
    assert (screen.width, screen.height) == (1920, 1080)
    assert screen.screenshot and Image.open(io.BytesIO(bench.blobs[screen.screenshot])).size == (1920, 1080)
    assert all(e.box.top + e.box.height <= 1080 for e in screen.elements)
    bench.phone.turn("natural")
    assert bench.phone.observe(screenshot=False).width == 1080
    with pytest.raises(UsageError):
        bench.phone.turn("sideways")


def test_a_phone_that_is_turned_when_it_is_connected_is_measured_upright(adb: FakeAdb) -> None:
    fake = FakePhone()
    fake.rotation = 1
    adb.add("one", fake)
    with start(adb) as phone:
        assert phone.name.endswith("1080x1920") and phone.observe(screenshot=False).width == 1920


def test_where_the_service_has_no_screenshot_androids_own_is_taken(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.show()
    monkeypatch.setattr(bench.fake, "pictures", False)
    screen = bench.phone.observe()
    assert screen.screenshot and Image.open(io.BytesIO(bench.blobs[screen.screenshot])).format == "JPEG"
    assert "screencap -p" in bench.device.said


# ---- acting -------------------------------------------------------------------------------------------


def test_a_permission_that_is_asked_is_told_once_and_shown(bench: Bench) -> None:
    camera = find(bench.show(".More"), "Camera")
    said = bench.tap("Camera").events
    assert said == ("a permission is asked: Allow Contract to take pictures and record video?",)
    screen = bench.phone.observe(screenshot=False)
    assert screen.package == "com.android.permissioncontroller"
    with pytest.raises(ActionFailed, match="a permission is asked"):
        bench.phone.act(Tap(point=camera.box.center, element=camera))
    assert bench.phone.act(Wait(seconds=0)).events == ()
    assert bench.tap("Don’t allow").events == ()
    assert shows(bench.phone.observe(screenshot=False), "Camera")


def test_a_button_that_moved_is_touched_where_it_is_now(bench: Bench) -> None:
    screen = bench.show(".More")
    of_salt = [e for e in screen.elements if e.name == "Delete"][2]
    bench.app.goods.remove("Milk")
    bench.phone.act(Tap(point=of_salt.box.center, element=of_salt))
    assert bench.app.goods == ["Bread"]


def test_of_many_alike_the_one_that_is_gone_is_not_taken_for_another(bench: Bench) -> None:
    screen = bench.show(".More")
    of_bread = [e for e in screen.elements if e.name == "Delete"][1]
    bench.app.goods.remove("Bread")
    with pytest.raises(ActionFailed, match="not on the screen any more"):
        bench.phone.act(Tap(point=of_bread.box.center, element=of_bread))
    assert bench.app.goods == ["Milk", "Salt"] and "click" not in bench.device.said


def test_what_lies_over_the_target_is_named_and_not_touched(bench: Bench) -> None:
    under = find(bench.show(".More"), "Under")
    assert not under.reachable
    with pytest.raises(Covered, match="Over"):
        bench.phone.act(Tap(point=under.box.center, element=under))
    bench.tap("free")
    with pytest.raises(Covered, match="the keyboard"):
        bench.tap("Low")
    assert bench.app.log == "nothing yet"


def test_a_disabled_field_takes_no_text(bench: Bench) -> None:
    fixed = find(bench.show(".More"), "fixed")
    with pytest.raises(ActionFailed, match="disabled"):
        bench.phone.act(Type(text="x", element=fixed))


def test_text_without_a_field_needs_a_focus(bench: Bench) -> None:
    bench.show()
    with pytest.raises(ActionFailed, match="no field has the focus"):
        bench.phone.act(Type(text="x"))


def test_nothing_is_added_to_a_password_that_cannot_be_read(bench: Bench) -> None:
    bench.show()
    bench.fake.fields[bench.app.id("pin")] = "1234"
    pin = find(bench.phone.observe(screenshot=False), "pin")
    bench.device.said.clear()
    with pytest.raises(ActionFailed, match="clear it"):
        bench.phone.act(Type(text="5", element=pin, clear=False))
    assert "click" not in bench.device.said


def test_a_field_that_loses_the_focus_before_the_text_comes_has_none_of_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = find(bench.show(), "note")
    bench.phone.act(Tap(point=note.box.center, element=note))
    fields = dict(bench.fake.fields)
    dump = bench.fake.do_dump_window_hierarchy

    def last_look(*parameters: object) -> str:
        told = dump(False, 1)
        bench.fake.focused = ""
        return told

    monkeypatch.setattr(bench.fake, "do_dump_window_hierarchy", last_look)
    with pytest.raises(ActionFailed, match="found nothing"):
        bench.phone.act(Type(text="lost", element=note))
    assert bench.fake.fields == fields


def test_what_fails_after_a_touch_is_never_said_to_have_touched_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = find(bench.show(), "note")
    dump = bench.fake.do_dump_window_hierarchy

    def look(*parameters: object) -> str:
        told = dump(False, 1)
        bench.fake.focused = ""  # the field had it, and loses it again
        return told

    monkeypatch.setattr(bench.fake, "do_dump_window_hierarchy", look)
    with pytest.raises(PhoneError, match=r"found nothing.*may have had its effect") as caught:
        bench.phone.act(Type(text="lost", element=note))
    assert not isinstance(caught.value, ActionFailed) and bench.device.said.count("click") == 1


def test_a_password_never_goes_through_a_shell_or_into_an_error(bench: Bench) -> None:
    pin = find(bench.show(), "pin")
    bench.device.faults = [("setText", "drop")]
    with pytest.raises(PhoneError) as caught:
        bench.phone.act(Type(text="", secret="pin", element=pin))
    assert SECRETS["pin"] not in f"{caught.value!r} {caught.value.__cause__!r} {bench.device.said}"


def test_an_option_further_down_a_long_list_is_scrolled_to(bench: Bench) -> None:
    bench.show()
    bench.app.colours = tuple(f"colour {k}" for k in range(12))
    colour = find(bench.phone.observe(screenshot=False), "colour")
    bench.phone.act(Select(element=colour, option="colour 11"))
    assert bench.app.colour == "colour 11"


def test_two_taps_a_drag_and_a_swipe_are_sent_as_such(bench: Bench) -> None:
    add = find(bench.show(), "Add")
    bench.phone.act(DoubleTap(point=add.box.center, element=add))
    assert bench.app.count == 2
    bench.fake.taps.clear()
    bench.phone.act(Drag(start=Point(x=10, y=20), end=Point(x=30, y=40)))
    assert bench.fake.taps == [(10, 20), (30, 40)]
    with pytest.raises(ActionFailed, match="not on the screen"):
        bench.phone.act(Swipe(start=Point(x=10, y=20), end=Point(x=5000, y=20)))


def test_where_nothing_scrolls_no_finger_moves(bench: Bench) -> None:
    bench.show(".Second")
    with pytest.raises(ActionFailed, match="nothing to scroll"):
        bench.phone.act(Scroll(dy=300))
    assert "swipe" not in bench.device.said


@pytest.mark.parametrize(
    "address", ["org.example.missing", "app://nobody/here", "intent:#Intent;end", "javascript:alert(1)", "-n evil"]
)
def test_what_nothing_opens_is_an_action_that_failed(bench: Bench, address: str) -> None:
    bench.show()
    with pytest.raises(ActionFailed):
        bench.phone.act(Open(url=address))
    assert bench.fake.front == [f"{bench.app.package}/.Main"]


@pytest.mark.parametrize("address", ["intent:#Intent;component=a/b;end", "JavaScript:alert(1)", "android-app://a"])
def test_an_address_that_starts_more_than_a_view_is_not_even_sent(bench: Bench, address: str) -> None:
    bench.show()
    with pytest.raises(ActionFailed, match="neither a package"):
        bench.phone.act(Open(url=address))
    assert not [said for said in bench.device.said if "start" in said]


def test_text_goes_into_the_field_and_not_into_what_holds_it(bench: Bench) -> None:
    bench.show(".Web")
    bench.phone.act(Type(text="into the page", element=find(bench.phone.observe(False), "inner")))
    assert bench.fake.fields["inner"] == "into the page"
    bench.phone.act(Type(text="", element=find(bench.phone.observe(False), "inner")))
    assert bench.fake.fields["inner"] == ""


def test_an_address_is_one_word_for_the_shell(bench: Bench) -> None:
    bench.show()
    address = "app://x/$(reboot);`id`'\"&x"
    with pytest.raises(ActionFailed, match="does not open"):
        bench.phone.act(Open(url=address))
    assert shlex.split(bench.device.said[-1]) == ["am", "start", "-a", "android.intent.action.VIEW", "-d", address]


def test_what_is_opened_under_a_border_is_what_was_checked(bench: Bench) -> None:
    bench.show()
    bench.phone.keep_within(Border.around(["app.example"]))
    try:
        with pytest.raises(ActionFailed, match="does not open"):
            bench.phone.act(Open(url="https:\\\\APP.example.\\a b"))
    finally:
        bench.phone.keep_within(None)
    assert shlex.split(bench.device.said[-1])[-1] == "https://app.example/a%20b"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("Enter", (66, 0)), ("a", (29, 0)), ("Z", (54, 0x41)), ("7", (14, 0)), ("F5", (135, 0)), ("+", (81, 0)),
        ("Control+a", (29, 0x3000)), ("Control+Shift+Tab", (61, 0x3041)), ("Control++", (81, 0x3000)),
    ],
)  # fmt: skip
def test_keys_have_the_codes_of_android(key: str, code: tuple[int, int]) -> None:
    assert key_code(key) == code


@pytest.mark.parametrize("key", ["", "ä", "F13", "Hyper+a", "Control+"])
def test_a_key_that_android_does_not_have_is_refused(key: str) -> None:
    with pytest.raises(ActionFailed, match="there is no key"):
        key_code(key)


# ---- a real phone -------------------------------------------------------------------------------------


@pytest.fixture
def real_phone(request: pytest.FixtureRequest) -> Iterator[AndroidPhone]:
    """The phone that adb lists, only when it is asked for: these tests open and turn it."""
    if "device" not in str(request.config.getoption("markexpr")).replace("not device", ""):
        pytest.skip("a real phone is used only with -m device")
    with socket.socket() as server:
        if server.connect_ex(("127.0.0.1", int(os.environ.get("ANDROID_ADB_SERVER_PORT", "5037")))) != 0:
            pytest.skip("no adb server runs")
    try:
        phone = AndroidPhone(Blobs())
    except SetupError as error:
        pytest.skip(str(error))
    yield phone
    phone.close()


@pytest.mark.device
def test_a_real_phone_shows_its_settings(real_phone: AndroidPhone) -> None:
    real_phone.act(Open(url="com.android.settings"))
    assert real_phone.quiet(10)
    screen = real_phone.observe()
    assert screen.package == "com.android.settings" and screen.screenshot
    steps: list[Action] = [Scroll(dy=screen.height / 2), Scroll(dy=-screen.height / 2), Key(key="Tab"), Back(), Home()]
    for action in steps:
        assert real_phone.act(action).ok
        assert real_phone.quiet(10)
    assert real_phone.observe(screenshot=False).package != "com.android.settings"


@pytest.mark.device
def test_a_real_phone_is_turned(real_phone: AndroidPhone) -> None:
    upright = real_phone.observe(screenshot=False)
    real_phone.turn("left")
    assert real_phone.quiet(10)
    turned = real_phone.observe()
    real_phone.turn("natural")
    assert sorted((upright.width, upright.height)) == sorted((turned.width, turned.height))
