"""`--phone android` and `--phone harmony` from the command line, each command a process, against the fakes of
adb and uiautomator2, hdc and uitest.

It tests our side of the wire, not Android or HarmonyOS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.cli_command import Command
from contract_app import ContractApp
from fake_adb import FakeAdb
from fake_android import FakePhone, View
from fake_hdc import FakeHdc
from model.fake_server import serving

from ostinato.collect.scripted_person import play
from ostinato.errors import UsageError
from ostinato.phone.apps.app import get_app
from ostinato.phone.apps.gnome import Gnome
from ostinato.phone.choice import Choice, open_phone, read_choice
from ostinato.trace.record import Trace
from ostinato.trace.store import Store

PACKAGE = ContractApp.package
TASK = "Write “{note}” in {colour}"


class NoteApp(ContractApp):
    """The contract's app, with a button that saves what was entered and shows it."""

    def views(self, activity: str) -> list[View]:
        if activity == ".Saved":
            return [View("TextView", (40, 100, 1040, 200), text=self.log)]
        return [*super().views(activity), View("Button", (680, 160, 1000, 260), text="Save", does=self.save)]

    def save(self) -> None:
        self.say(f"Saved: {self.phone.fields[self.id('note')]} in {self.colour}")
        self.phone.front.append(f"{self.package}/.Saved")


class Desk:
    """A home, and one fake phone with the contract's app."""

    def __init__(self, folder: Path, kind: str = "android") -> None:
        self.kind, self.fake = kind, FakePhone()
        app = self.fake.install(NoteApp)
        assert isinstance(app, NoteApp)
        self.app = app
        self.command = Command(folder, folder / "home")
        self.server: FakeAdb | FakeHdc
        if kind == "harmony":
            self.server = FakeHdc(folder / "bin")
            self.told = dict(self.server.environment)
        else:
            self.server = FakeAdb()
            self.told = {"ANDROID_ADB_SERVER_PORT": str(self.server.port)}
        self.device = self.server.add("fake-1", self.fake)

    def __call__(self, *arguments: str, code: int = 0, **settings: str) -> Any:
        return self.command(*arguments, code=code, **self.told, **settings)

    def traces(self) -> list[Trace]:
        store = Store(self.command.home / "store")
        return [store.load(one) for one in store.ids()]

    def record(self, chromium: Path, note: str, colour: str) -> str:
        """A recording made at the recording page, by one who uses it as a person does."""
        self.app.reset()
        task = TASK.format(note=note, colour=colour)
        begun = ["record", task, "--phone", "android", "--app", PACKAGE, "--json"]
        with self.command.begin(*begun, **self.told, DISPLAY="") as process:
            try:
                assert process.stderr is not None
                url = re.search(r"http://127\S+", process.stderr.readline())
                assert url is not None
                play(url.group(), chromium, [
                    ("type", self.app.id("note"), note), ("tap", self.app.id("colour"), ""), ("tap", colour, ""),
                    ("tap", "Save", ""),
                ])  # fmt: skip
                out, err = process.communicate(timeout=60)
            finally:
                process.kill()
        assert process.returncode == 0, out + err
        return str(json.loads(out)["trace"])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.server.close()


@pytest.fixture(params=["android", pytest.param("harmony", marks=pytest.mark.nightly)])
def any_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, request.param)
    yield made
    made.server.close()


def reader(*steps: tuple[str, dict[str, Any]]) -> Callable[[dict[str, Any]], str]:
    """A model that finds in the list of elements what it wants next."""
    left = list(steps)

    def says(asked: dict[str, Any]) -> str:
        if not left:
            return json.dumps({"reason": "all is done", "action": "done", "success": True, "text": ""})
        wanted, answer = left.pop(0)
        shown = asked["messages"][-1]["content"].rpartition("The screen now:")[2]
        found = re.search(rf"^\[(\d+)\] {wanted}", shown, re.MULTILINE)
        assert found is not None, shown
        return json.dumps({"reason": f"{wanted} is next", "element": int(found.group(1)), **answer})

    return says


@pytest.mark.nightly
@pytest.mark.browser
def test_what_was_recorded_on_a_phone_is_learnt_and_done_again_and_judged(desk: Desk, chromium: Path) -> None:
    ids = [desk.record(chromium, "milk", "green"), desk.record(chromium, "rye bread", "blue")]
    desk("learn", *ids)
    rows = desk.command.folder / "rows.csv"
    rows.write_text("note,colour\nsalt,red\nplum jam,green\n")
    run = ["run", TASK, "--csv", str(rows), "--phone", "android:fake-1", "--app", PACKAGE, "--commits", "allow"]
    done = desk(*run, "--json").json
    assert [(one["status"], one["verdict"], one["replayed"]) for one in done] == [("done", "yes", 4)] * 2
    assert (desk.fake.fields[desk.app.id("note")], desk.app.colour) == ("plum jam", "green")
    first, second = desk.traces()[2:]
    assert first.app == PACKAGE and first.place == "android:fake-1" and first.phone.startswith("android fake")
    assert first.batch is not None and first.batch == second.batch
    assert [said for said in desk.device.said if said.startswith("am force-stop")] == [f"am force-stop {PACKAGE}"] * 4
    again = [one.removesuffix(":fake-1") for one in run]
    assert "nothing was left to do" in desk(*again).out, "each row is done once, whichever way the phone is named"


def test_a_model_does_a_task_on_a_phone_and_the_trace_is_judged(any_desk: Desk) -> None:
    steps = [('textbox = "kept"', {"action": "type", "text": "Ærø"}), ('button "Save"', {"action": "tap"})]
    with serving(says=reader(*steps)) as server:
        told = {"OSTINATO_MODEL_URL": server.url, "OSTINATO_MODEL": "tiny", "OSTINATO_PHONE": any_desk.kind}
        said = any_desk("run", "Write Ærø", "--app", PACKAGE, "--commits", "allow", code=1, **told).out
    assert "not judged: no experience says how the end looks" in said
    assert any_desk.app.log == "Saved: Ærø in red"
    [trace] = any_desk.traces()
    assert (trace.status, trace.app, trace.place) == ("done", PACKAGE, f"{any_desk.kind}:fake-1")
    assert trace.steps[0].before.package == PACKAGE and trace.steps[0].before.screenshot
    rules = any_desk.command.folder / "rules.yaml"
    for words, verdict, code in (("Saved: Ærø", "yes", 0), ("Saved: milk", "no", 1)):
        final = {"id": "saved", "when": "final", "checks": [{"kind": "text_has", "text": words}]}
        rules.write_text(json.dumps({"task": "Write Ærø", "substates": [final]}))
        assert any_desk("judge", "run", "last", "--rules", str(rules), "--json", code=code).json["value"] == verdict


@pytest.mark.app
def test_a_model_does_a_task_on_a_linux_phone_and_its_data_are_kept(tmp_path: Path, linux_hardware: None) -> None:
    gnome = get_app("gnome/calculator")
    assert isinstance(gnome, Gnome)
    if gnome.missing():
        pytest.skip("needs GNOME's applications: ostinato app install gnome")
    gnome.install()
    ostinato = Command(tmp_path, tmp_path / "home")
    press = {"action": "tap"}
    steps = [
        ('button "7"', press),
        ('button "(Multiply|×)', press),
        ('button "6"', press),
        ('button "(Calculate|=|Solve)', press),
    ]
    with serving(says=reader(*steps)) as server:
        told = {"OSTINATO_MODEL_URL": server.url, "OSTINATO_MODEL": "tiny"}
        run = ["run", "What is 7 times 6?", "--phone", "linux:calculator", "--commits", "allow"]
        said = ostinato(*run, code=1, **told).out
    store = Store(tmp_path / "home" / "store")
    [trace] = [store.load(one) for one in store.ids()]
    assert (trace.status, trace.app, trace.phone) == ("done", "gnome/calculator", "linux 390x844"), said
    assert trace.data.before is not None and trace.final is not None and "42" in trace.final.text


def test_what_goes_with_chromium_alone_is_said(desk: Desk) -> None:
    login = desk.command.folder / "login.json"
    login.write_text('{"cookies": []}')
    run = ["run", "x", "--phone", "android"]
    calls = {
        "--folder is for Chromium": [*run, "--app", PACKAGE, "--folder", "data"],
        "--login is for Chromium": [*run, "--app", PACKAGE, "--login", str(login)],
        "--headed is for Chromium": [*run, "--app", PACKAGE, "--headed"],
        "--save-login is for Chromium": ["record", *run[1:], "--app", PACKAGE, "--save-login", str(login)],
        "--app PACKAGE or --url ADDRESS": run,
        "Did you mean android?": ["run", "x", "--phone", "andriod", "--app", PACKAGE],
        "named with its app: linux:APP": ["run", "x", "--phone", "linux", "--app", PACKAGE],
        "without --app and --url": ["run", "x", "--phone", "linux:clocks", "--app", "clocks"],
        f"record --phone android --app {PACKAGE} x": [*run, "--app", PACKAGE],
    }
    for words, said in zip(
        calls, desk.command.each([(call, desk.told) for call in calls.values()], code=2), strict=True
    ):
        assert words in said.err, said.err


def test_a_phone_that_is_not_there_and_an_app_that_is_not_on_it_are_said_before_anything_is_begun(desk: Desk) -> None:
    with serving(says=reader()) as server:
        told = {**desk.told, "OSTINATO_MODEL_URL": server.url}
        calls = {
            "no Android device “gone” is connected (connected: fake-1)": ["--phone", "android:gone", "--app", PACKAGE],
            "the app org.example.missing is not installed": ["--phone", "android", "--app", "org.example.missing"],
            "neither a package such as com.android.settings": ["--phone", "android", "--app", "ihatemoney"],
        }
        answers = desk.command.each([(["run", "x", *call], told) for call in calls.values()], code=1)
    for words, said in zip(calls, answers, strict=True):
        assert words in said.err, said.err
    assert desk.traces() == []


def doctor(desk: Desk, what: str, *settings: dict[str, str]) -> list[Any]:
    """What the doctor says of some phones, with each of these settings; it fails, for there is no browser."""
    nowhere = {**desk.told, "OSTINATO_CHROMIUM": "/no/chromium"}
    answers = desk.command.each([(["doctor", "--json"], {**nowhere, **one}) for one in settings], code=1)
    return [next(found for found in said.json if found["what"] == what) for said in answers]


def test_the_doctor_lists_the_phones_and_fails_where_the_settings_ask_for_one_that_is_not_there(desk: Desk) -> None:
    desk.server.add("shy", FakePhone(), state="unauthorized")
    plain, named, shy, gone = doctor(
        desk, "Android phones", {}, {"OSTINATO_PHONE": "android:fake-1"}, {"OSTINATO_PHONE": "android:shy"},
        {"ANDROID_ADB_SERVER_PORT": "1"},
    )  # fmt: skip
    assert [one["state"] for one in (plain, named, shy, gone)] == ["ok", "ok", "fail", "none"]
    assert plain["said"].startswith("fake-1, shy does not trust this computer yet")
    assert "no adb server runs at 127.0.0.1:1" in gone["todo"]


def test_the_doctor_lists_harmonyos_phones(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "harmony")
    desk.server.add("shy", FakePhone(), state="Unauthorized")
    plain, shy, without = doctor(
        desk, "HarmonyOS phones", {}, {"OSTINATO_PHONE": "harmony:shy"},
        {"PATH": desk.told["PATH"].partition(":")[2]},
    )  # fmt: skip
    desk.server.close()
    assert [one["state"] for one in (plain, shy, without)] == ["ok", "fail", "none"]
    assert shy["todo"].startswith("the HarmonyOS device shy does not trust this computer yet")
    assert "the program `hdc` is not here" in without["todo"]


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("chromium", Choice("chromium")),
        (" android ", Choice("android")),
        ("android:127.0.0.1:5555", Choice("android", "127.0.0.1:5555")),
        ("harmony:FMR0", Choice("harmony", "FMR0")),
        ("linux:org.gnome.clocks", Choice("linux", "org.gnome.clocks")),
    ],
)
def test_a_phone_is_named_by_its_kind_and_its_serial(text: str, choice: Choice) -> None:
    assert read_choice(text) == choice and read_choice(str(choice)) == choice


@pytest.mark.parametrize("text", ["", "phone", "Android", "android:", "chromium:1", "linux", "linux:"])
def test_what_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"android\[:SERIAL\]|linux:APP"):
        read_choice(text)


def test_chromium_is_opened_with_its_page(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        open_phone(Choice("chromium"), {})  # type: ignore[arg-type]
