"""HarmonyPhone against a fake of the program hdc and of uitest's agent.

It tests our side of the wire (what is sent, once; what becomes of errors), not HarmonyOS. `pytest -m device` is for a
real phone that hdc lists.
"""

from __future__ import annotations

import io
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_android import FakePhone
from fake_hdc import AGENT, PERMISSION, FakeHdc
from PIL import Image
from test_android import MoreApp
from test_contract import SECRETS, Blobs, find, shows

from ostinato.errors import ActionFailed, Covered, PageGone, PageHung, PhoneError, SetupError, UsageError
from ostinato.phone import HarmonyPhone
from ostinato.phone.harmony.hdc import HARMONY
from ostinato.phone.harmony.keys import key_codes
from ostinato.trace.action import Action, Back, DoubleTap, Drag, Home, Key, Open, Scroll, Select, Swipe, Tap, Type, Wait
from ostinato.trace.record import Result
from ostinato.trace.screen import Point, Screen

READ = "captureLayout"


class Bench:
    """A fake with one phone, and a HarmonyPhone on it."""

    def __init__(self, folder: Path) -> None:
        self.hdc, self.fake, self.blobs = FakeHdc(folder), FakePhone(), Blobs()
        app = self.fake.install(MoreApp)
        assert isinstance(app, MoreApp)
        self.app = app
        self.device = self.hdc.add("fake-1", self.fake)

    def start(self) -> None:
        self.phone = HarmonyPhone(self.blobs, secrets=SECRETS.__getitem__)

    def show(self, ability: str = "Main") -> Screen:
        self.app.reset()
        self.fake.rotation = 0
        self.fake.front = [f"{self.app.package}/.{ability}"]
        screen = self.phone.observe(screenshot=False)
        self.device.faults.clear()
        self.device.said.clear()
        return screen

    def tap(self, name: str) -> Result:
        element = find(self.phone.observe(screenshot=False), name)
        self.device.said.clear()
        return self.phone.act(Tap(point=element.box.center, element=element))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("hdc"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.hdc.environment.items():
            patch.setenv(name, value)
        made.start()
        yield made
        made.phone.close()
    made.hdc.close()


@pytest.fixture
def hdc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHdc]:
    made = FakeHdc(tmp_path / "hdc")
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.close()


# ---- which phone --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("devices", "serial", "words"),
    [
        ([], None, "no HarmonyOS device is connected"),
        ([], "x1", "no HarmonyOS device “x1” is connected.*none"),
        ([("a", "Connected"), ("b", "Connected")], None, "2 HarmonyOS devices are connected; name one of them: a, b"),
        ([("a", "Connected")], "b", "no HarmonyOS device “b”.*connected: a"),
        ([("a", "Unauthorized")], None, "a does not trust this computer yet"),
        ([("a", "Offline")], "a", "a is offline"),
        ([("a", "Strange")], None, "state “Strange”"),
    ],
)
def test_a_phone_that_cannot_be_had_is_said_with_what_to_do(
    devices: list[tuple[str, str]], serial: str | None, words: str
) -> None:
    with pytest.raises(SetupError, match=words):
        HARMONY.choose(devices, serial)


def test_the_serial_can_come_from_the_environment(hdc: FakeHdc, monkeypatch: pytest.MonkeyPatch) -> None:
    hdc.add("one", FakePhone())
    hdc.add("two", FakePhone(), state="Unauthorized")
    with pytest.raises(SetupError, match="two does not trust"):
        HarmonyPhone(Blobs(), serial="two")
    monkeypatch.setenv("HDC_SERIAL", "one")
    with HarmonyPhone(Blobs()) as phone:
        assert phone.name == "harmony FAKE-60 1080x1920"


def test_without_the_extra_or_the_program_it_is_said_what_to_do(hdc: FakeHdc, monkeypatch: pytest.MonkeyPatch) -> None:
    hdc.add("one", FakePhone())
    monkeypatch.setitem(sys.modules, "hmdriver2", None)
    with pytest.raises(SetupError, match=r"ostinato-agents\[harmony\]"):
        HarmonyPhone(Blobs())
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SetupError, match="the program `hdc` is not here"):
        HarmonyPhone(Blobs())


def test_a_server_that_does_not_answer_is_said(hdc: FakeHdc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OHOS_HDC_SERVER_PORT", "1")
    with pytest.raises(SetupError, match=r"hdc does not answer.*Connect server failed"):
        HarmonyPhone(Blobs())


def test_an_agent_that_does_not_start_is_said(hdc: FakeHdc, monkeypatch: pytest.MonkeyPatch) -> None:
    hdc.add("old", FakePhone()).starts = False
    monkeypatch.setattr("ostinato.phone.harmony.uitest._START_SECONDS", 0.3)
    with pytest.raises(SetupError, match="agent does not start on old"):
        HarmonyPhone(Blobs())
    assert hdc.forwards == {}


def test_the_agent_is_put_on_a_phone_once_and_ends_with_the_phone_that_started_it(hdc: FakeHdc) -> None:
    device = hdc.add("one", FakePhone())
    first = HarmonyPhone(Blobs())
    assert len(device.stored[AGENT]) > 100_000
    number = device.service
    with HarmonyPhone(Blobs()) as second:
        assert second.observe(screenshot=False).package == "com.ohos.sceneboard"
        second.observe()
        assert len(device.stored) == 2
    assert device.service == number and first.observe(screenshot=False).elements
    first.close()
    assert device.service == 0 and list(device.stored) == [AGENT] and hdc.forwards == {}
    with pytest.raises(PageGone, match="closed"):
        first.observe()


def test_an_old_agent_is_replaced(hdc: FakeHdc) -> None:
    device = hdc.add("one", FakePhone())
    device.stored[AGENT] = b"old"
    HarmonyPhone(Blobs()).close()
    assert len(device.stored[AGENT]) > 100_000


def test_a_phone_that_sleeps_is_woken(hdc: FakeHdc) -> None:
    fake = FakePhone()
    fake.awake = False
    hdc.add("one", fake)
    HarmonyPhone(Blobs()).close()
    assert fake.awake


# ---- a broken line ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["deaf", "half", "drop", "something else"])
def test_a_tap_whose_answer_is_lost_is_never_made_twice(bench: Bench, how: str) -> None:
    add = find(bench.show(), "Add")
    bench.device.faults = [("Driver.click", how)]
    with pytest.raises(PhoneError, match="may have had its effect") as caught:
        bench.phone.act(Tap(point=add.box.center, element=add))
    assert not isinstance(caught.value, ActionFailed)
    assert bench.device.said.count("Driver.click") == 1
    assert bench.app.count == (how in ("deaf", "half"))


@pytest.mark.parametrize("how", ["deaf", "half", "drop"])
def test_a_look_whose_answer_is_lost_is_taken_again_once(bench: Bench, how: str) -> None:
    bench.show()
    bench.device.faults = [(READ, how)]
    assert shows(bench.phone.observe(screenshot=False), "Add")
    bench.device.faults = [(READ, how), (READ, how)]
    with pytest.raises(PageGone, match="broke during captureLayout"):
        bench.phone.observe(screenshot=False)


def test_an_answer_may_come_in_many_parts(bench: Bench) -> None:
    bench.show()
    bench.device.faults = [(READ, "parts")]
    assert shows(bench.phone.observe(screenshot=False), "Row 1")


def test_a_line_that_was_lost_is_found_out_before_a_touch_is_sent(bench: Bench) -> None:
    bench.show("Second")
    bench.device.cut()
    assert bench.phone.act(Home()).ok
    assert bench.device.said.count("Driver.pressHome") == 1 and bench.fake.front[-1].startswith("com.example.launcher")


@pytest.mark.parametrize("faults", [1, 2])
def test_a_line_that_does_not_come_up_at_once_is_tried_again(bench: Bench, faults: int) -> None:
    bench.show()
    bench.device.end()
    bench.device.faults = [("connect", "drop")] * faults
    assert bench.tap("Add").ok and bench.app.count == 1


def test_an_agent_that_ended_is_started_again(bench: Bench) -> None:
    bench.show()
    bench.device.end()
    assert bench.tap("Add").ok
    assert bench.device.service and bench.app.count == 1


def test_a_phone_that_goes_offline_was_not_touched_and_can_come_back(bench: Bench) -> None:
    add = find(bench.show(), "Add")
    bench.device.state = "Offline"
    bench.device.cut()
    with pytest.raises(ActionFailed, match=r"cannot be reached: .*not founded or connected"):
        bench.phone.act(Tap(point=add.box.center, element=add))
    with pytest.raises(PageGone, match="cannot be reached"):
        bench.phone.observe()
    bench.device.state = "Connected"
    assert bench.app.count == 0 and bench.tap("Add").ok


def test_a_phone_on_the_network_is_connected_again(hdc: FakeHdc) -> None:
    device = hdc.add("127.0.0.1:5555", FakePhone())
    with HarmonyPhone(Blobs()) as phone:
        device.state = "Offline"
        device.end()
        assert phone.observe(screenshot=False).elements


def test_a_phone_that_does_not_answer_in_time_is_said_to_hang(hdc: FakeHdc) -> None:
    device = hdc.add("slow", FakePhone())
    with HarmonyPhone(Blobs(), answer_seconds=1.0) as phone:
        device.faults = [("Driver.pressHome", "slow")]
        with pytest.raises(PageHung, match="may have had its effect"):
            phone.act(Home())
        assert device.said.count("Driver.pressHome") == 1
        device.faults = [("shell", "slow")]
        with pytest.raises(ActionFailed, match=r"was not begun: .*within 1 s"):
            phone.act(Open(url="org.example.missing"))
        assert phone.observe(screenshot=False).elements, "what comes late is not taken for another answer"


@pytest.mark.parametrize("how", ["drop", "half", "deaf"])
def test_an_app_is_started_at_most_once(bench: Bench, how: str) -> None:
    bench.show()
    bench.device.faults = [("shell", "pass"), ("shell", how)]
    with pytest.raises(PhoneError, match="may have had its effect"):
        bench.phone.act(Open(url=bench.app.package))
    assert sum("aa start" in said for said in bench.device.said) == 1


def test_a_command_that_hdc_did_not_send_is_sent_again(bench: Bench) -> None:
    bench.show("Second")
    bench.device.faults = [("shell", "pass"), ("shell", "fail")]
    assert bench.phone.act(Open(url=bench.app.package)).ok
    assert bench.fake.front[-1].endswith(".Main")
    bench.device.faults = [("shell", "pass"), ("shell", "fail"), ("shell", "fail")]
    with pytest.raises(ActionFailed, match=r"was not begun.*channel is being established"):
        bench.phone.act(Open(url=bench.app.package))


def test_what_is_no_layout_and_what_is_no_picture_are_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = bench.show()
    bench.device.faults = [("recv", "fail")]
    with pytest.raises(PageGone, match="no screenshot"):
        bench.phone.photograph(screen)
    monkeypatch.setattr(bench.fake, "picture", lambda kind: b"no picture")
    with pytest.raises(PhoneError, match="no picture"):
        bench.phone.photograph(screen)
    monkeypatch.setattr(bench.fake, "pictures", False)
    with pytest.raises(PhoneError, match="takes no screenshot: error"):
        bench.phone.photograph(screen)
    monkeypatch.setattr("fake_hdc.layout", lambda phone: {"attributes": {"bounds": "?"}})
    with pytest.raises(PhoneError, match="layout that cannot be read"):
        bench.phone.observe()


def test_where_the_agent_tells_no_layout_uitest_itself_is_asked(hdc: FakeHdc) -> None:
    device = hdc.add("one", FakePhone())
    device.knows_layout = False
    with HarmonyPhone(Blobs()) as phone:
        assert shows(phone.observe(screenshot=False), "All apps")
        assert shows(phone.observe(screenshot=False), "All apps")
    assert device.said.count(READ) == 1


# ---- seeing -------------------------------------------------------------------------------------------


def test_a_screen_says_its_app_and_its_ability(bench: Bench) -> None:
    screen = bench.show()
    assert (screen.package, screen.title, screen.url) == ("org.example.contract", "Main", None)
    assert (screen.width, screen.height, screen.scale, screen.origin) == (1080, 1920, 3.0, "org.example.contract")


def test_the_bar_with_the_clock_and_the_keys_of_the_keyboard_are_no_elements(bench: Bench) -> None:
    bench.show("More")
    bench.tap("free")
    screen = bench.phone.observe(screenshot=False)
    assert screen.keyboard and find(screen, "free").focused
    assert not [e.name for e in screen.elements if e.name.startswith("9:") or e.name in tuple("qwerty")]


def test_a_turned_screen_is_seen_as_it_is_turned(bench: Bench) -> None:
    bench.show()
    bench.phone.turn("left")
    screen = bench.phone.observe()
    assert (screen.width, screen.height) == (1920, 1080)
    assert screen.screenshot and Image.open(io.BytesIO(bench.blobs[screen.screenshot])).size == (1920, 1080)
    bench.phone.turn("natural")
    assert bench.phone.observe(screenshot=False).width == 1080
    with pytest.raises(UsageError):
        bench.phone.turn("sideways")


def test_a_phone_that_is_turned_when_it_is_connected_is_measured_upright(hdc: FakeHdc) -> None:
    fake = FakePhone()
    fake.rotation = 1
    hdc.add("one", fake)
    with HarmonyPhone(Blobs()) as phone:
        assert phone.name.endswith("1080x1920") and phone.observe(screenshot=False).width == 1920


# ---- acting -------------------------------------------------------------------------------------------


def test_a_permission_that_is_asked_is_told_once_and_shown(bench: Bench) -> None:
    camera = find(bench.show("More"), "Camera")
    said = bench.tap("Camera").events
    assert said == ("a permission is asked: Allow Contract to take pictures and record video?",)
    screen = bench.phone.observe(screenshot=False)
    assert (screen.package, screen.title) == (PERMISSION, "GrantAbility")
    with pytest.raises(ActionFailed, match="a permission is asked"):
        bench.phone.act(Tap(point=camera.box.center, element=camera))
    assert bench.phone.act(Wait(seconds=0)).events == ()
    assert bench.tap("Don’t allow").events == ()
    assert shows(bench.phone.observe(screenshot=False), "Camera")


def test_what_lies_over_the_target_is_named_and_not_touched(bench: Bench) -> None:
    under = find(bench.show("More"), "Under")
    with pytest.raises(Covered, match="Over"):
        bench.phone.act(Tap(point=under.box.center, element=under))
    bench.tap("free")
    with pytest.raises(Covered, match="the keyboard"):
        bench.tap("Low")
    assert bench.app.log == "nothing yet"


def test_a_field_that_loses_the_focus_before_the_text_comes_has_none_of_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = find(bench.show(), "note")
    bench.phone.act(Tap(point=note.box.center, element=note))
    fields = dict(bench.fake.fields)

    def lose(selector: object, text: str) -> bool:
        raise AssertionError("text was written without a focus")

    monkeypatch.setattr(bench.fake, "do_set_text", lose)
    for fault in (["Driver.findComponents"], ["Component.inputText"]):
        bench.show()
        bench.phone.act(Tap(point=note.box.center, element=note))
        bench.device.faults = [(fault[0], '{"code":17000004,"message":"Component dose not exist on current UI!"}')]
        with pytest.raises(ActionFailed, match="found nothing"):
            bench.phone.act(Type(text="lost", element=note))
    assert bench.fake.fields == fields


def test_a_password_never_goes_through_a_shell_or_into_an_error(bench: Bench) -> None:
    pin = find(bench.show(), "pin")
    bench.device.faults = [("Component.inputText", "drop")]
    with pytest.raises(PhoneError) as caught:
        bench.phone.act(Type(text="", secret="pin", element=pin))
    assert SECRETS["pin"] not in f"{caught.value!r} {caught.value.__cause__!r} {bench.device.said}"


def test_nothing_is_added_to_a_password_that_cannot_be_read(bench: Bench) -> None:
    bench.show()
    bench.fake.fields[bench.app.id("pin")] = "1234"
    pin = find(bench.phone.observe(screenshot=False), "pin")
    bench.device.said.clear()
    with pytest.raises(ActionFailed, match="clear it"):
        bench.phone.act(Type(text="5", element=pin, clear=False))
    assert "Driver.click" not in bench.device.said


def test_an_option_further_down_a_long_list_is_scrolled_to(bench: Bench) -> None:
    bench.show()
    bench.app.colours = tuple(f"colour {k}" for k in range(12))
    colour = find(bench.phone.observe(screenshot=False), "colour")
    bench.phone.act(Select(element=colour, option="colour 11"))
    assert bench.app.colour == "colour 11"


def test_two_taps_a_drag_and_a_swipe_are_sent_as_such(bench: Bench) -> None:
    add = find(bench.show(), "Add")
    bench.phone.act(DoubleTap(point=add.box.center, element=add))
    assert bench.app.count == 2 and bench.device.said.count("Driver.doubleClick") == 1
    bench.fake.taps.clear()
    bench.phone.act(Drag(start=Point(x=10, y=20), end=Point(x=30, y=40)))
    assert bench.fake.taps == [(10, 20), (30, 40)]
    with pytest.raises(ActionFailed, match="not on the screen"):
        bench.phone.act(Swipe(start=Point(x=10, y=20), end=Point(x=5000, y=20)))


def test_where_nothing_scrolls_no_finger_moves(bench: Bench) -> None:
    bench.show("Second")
    with pytest.raises(ActionFailed, match="nothing to scroll"):
        bench.phone.act(Scroll(dy=300))
    assert "Driver.swipe" not in bench.device.said


@pytest.mark.parametrize("url", ["org.example.missing", "app://nobody/here", "javascript:alert(1)", "-n evil"])
def test_what_nothing_opens_is_an_action_that_failed(bench: Bench, url: str) -> None:
    bench.show()
    with pytest.raises(ActionFailed):
        bench.phone.act(Open(url=url))
    assert bench.fake.front == [f"{bench.app.package}/.Main"]


def test_an_address_is_one_word_for_the_shell(bench: Bench) -> None:
    bench.show()
    address = "app://x/$(reboot);`id`'\"&x"
    with pytest.raises(ActionFailed, match="does not open"):
        bench.phone.act(Open(url=address))
    [said] = [one for one in bench.device.said if one.startswith("aa")]
    assert shlex.split(said) == ["aa", "start", "-A", "ohos.want.action.viewData", "-U", address.replace("'", "%27")]


def test_an_app_begins_anew_after_it_was_ended(bench: Bench) -> None:
    bench.show("Second")
    bench.phone.begin(bench.app.package)
    assert bench.fake.front == [f"{bench.app.package}/.Main"]
    assert [one for one in bench.device.said if "stop" in one] == ["aa force-stop org.example.contract"]


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        ("Enter", (2054,)), ("a", (2017,)), ("Z", (2047, 2042)), ("7", (2007,)), ("F5", (2094,)), ("+", (2066,)),
        ("Control+a", (2072, 2017)), ("Control+Shift+Tab", (2072, 2047, 2049)), ("Control++", (2072, 2066)),
    ],
)  # fmt: skip
def test_keys_have_the_codes_of_harmonyos(bench: Bench, key: str, codes: tuple[int, ...]) -> None:
    assert key_codes(key) == codes
    bench.show()
    bench.phone.act(Key(key=key))
    assert ("Driver.triggerKey" if len(codes) == 1 else f"keys {codes}") in bench.device.said


@pytest.mark.parametrize("key", ["", "ä", "F13", "Hyper+a", "Control+", "Control+Shift+Alt+a"])
def test_a_key_that_harmonyos_does_not_have_is_refused(key: str) -> None:
    with pytest.raises(ActionFailed, match=r"there is no key|at once"):
        key_codes(key)


# ---- a real phone -------------------------------------------------------------------------------------


@pytest.fixture
def real_phone(request: pytest.FixtureRequest) -> Iterator[HarmonyPhone]:
    """The phone that hdc lists, only when it is asked for: these tests open and turn it."""
    if "device" not in str(request.config.getoption("markexpr")).replace("not device", ""):
        pytest.skip("a real phone is used only with -m device")
    if shutil.which("hdc") is None:
        pytest.skip("hdc is not here")
    try:
        phone = HarmonyPhone(Blobs())
    except SetupError as error:
        pytest.skip(str(error))
    yield phone
    phone.close()


@pytest.mark.device
def test_a_real_phone_shows_its_settings(real_phone: HarmonyPhone) -> None:
    real_phone.act(Open(url="com.huawei.hmos.settings"))
    assert real_phone.quiet(10)
    screen = real_phone.observe()
    assert screen.package == "com.huawei.hmos.settings" and screen.screenshot
    steps: list[Action] = [Scroll(dy=screen.height / 2), Scroll(dy=-screen.height / 2), Key(key="Tab"), Back(), Home()]
    for action in steps:
        assert real_phone.act(action).ok
        assert real_phone.quiet(10)
    assert real_phone.observe(screenshot=False).package != "com.huawei.hmos.settings"


@pytest.mark.device
def test_a_real_phone_is_turned(real_phone: HarmonyPhone) -> None:
    upright = real_phone.observe(screenshot=False)
    real_phone.turn("left")
    assert real_phone.quiet(10)
    turned = real_phone.observe()
    real_phone.turn("natural")
    assert sorted((upright.width, upright.height)) == sorted((turned.width, turned.height))


def test_a_start_that_is_broken_off_leaves_no_port(hdc: FakeHdc, monkeypatch: pytest.MonkeyPatch) -> None:
    hdc.add("fake-1", FakePhone()).service = 7  # so that it is connected to at once
    forwarded: list[int] = []

    def broken_off(*args: object, **more: object) -> None:
        forwarded.append(len(hdc.forwards))
        raise KeyboardInterrupt

    monkeypatch.setattr("ostinato.phone.harmony.uitest.socket.create_connection", broken_off)
    with pytest.raises(KeyboardInterrupt):
        HarmonyPhone(Blobs())
    assert forwarded == [1] and hdc.forwards == {}
