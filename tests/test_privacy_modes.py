"""Runs that keep no values: what may be read in every byte of a home, what a model is shown, and what still works."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from bills import Bills, Recorder, adding
from PIL import Image, ImageDraw, ImageFont
from screens import element

from ostinato.agent.roles import open_agent
from ostinato.agent.script import ScriptDecider
from ostinato.errors import CommitRefused, LearnError, MatchError, PhoneError, SetupError
from ostinato.house import Finished, House
from ostinato.model.chat import Message, Reply
from ostinato.model.ocr import can_read, read_lines
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.settings import Settings
from ostinato.trace.action import Action, Type
from ostinato.trace.archive import export
from ostinato.trace.blobs import Blobs
from ostinato.trace.privacy import Mode
from ostinato.trace.record import Result
from ostinato.trace.report import write_report
from ostinato.trace.screen import Screen

MODES: tuple[Mode, ...] = ("redacted", "structure")
SECRET = "zqsecret-77-9f"


def canary(number: int) -> str:
    return f"zq{'abcdefghij'[number % 10]}k{number:04d}vex"


PLANTED = [canary(n) for n in range(200)]
TASK = f"Add a bill: {canary(0)} {canary(1)}, 7301.25, paid by Carol"


@dataclass
class Camera(Bills):
    """The bills, as a phone with a camera: what its screens say is drawn, and canaries stand wherever data do."""

    blobs: Blobs = field(kw_only=True)
    breaks: bool = False
    url: str = "http://here:5000/bills"
    origins: tuple[str, ...] = ()

    def observe(self, screenshot: bool = True) -> Screen:
        shown = self._planted(super().observe())
        return self.photograph(shown) if screenshot else shown

    def photograph(self, screen: Screen) -> Screen:
        image = Image.new("RGB", (screen.width, screen.height), "white")
        draw, font = ImageDraw.Draw(image), ImageFont.load_default(18)
        for one in screen.elements:
            draw.text((one.box.left, one.box.top), " ".join(filter(None, (one.name, one.value))), "black", font)
        draw.text((10, 800), canary(199), "black", font)  # drawn, and in no tree
        out = io.BytesIO()
        image.save(out, "JPEG", quality=95)
        return screen.model_copy(update={"screenshot": self.blobs.put(out.getvalue())})

    def act(self, action: Action) -> Result:
        if self.breaks and len(self.acts) == 3:
            raise PhoneError(f"the page went away: {canary(198)}")
        done = super().act(action)
        return done.model_copy(update={"events": (f"a dialog said: {canary(197)}",)})

    def _planted(self, screen: Screen) -> Screen:
        """Canaries in the title, the address, a list, an article and a choice."""
        more = [element("list", "", "main/list")]
        for n in range(100, 110):
            more += [element("listitem", canary(n), f"main/list/listitem[{n}]")]
        more += [
            element("article", "", "main/article"),
            element("text", canary(110), "main/article/text"),
            element("searchbox", "Search", "main/searchbox", value=canary(111), editable=True),
            element("option", canary(112), "main/option", hint=canary(113), id=canary(114)),
        ]
        placed = [
            e.model_copy(update={"box": e.box.model_copy(update={"top": 300 + 24.0 * n})}) for n, e in enumerate(more)
        ]
        url = f"{screen.url}?place={canary(115)}&who={canary(116)}#{canary(117)}"
        title = f"Bills of {canary(118)} {canary(119)}"
        return screen.model_copy(update={"elements": (*screen.elements, *placed), "url": url, "title": title})


@pytest.fixture(scope="module")
def learnt() -> Experience:
    """How a bill is added, from two recordings on an app of other people."""
    recorder = Recorder()
    rows = [{"what": "Bread", "amount": "3.40", "payer": "Bob"}, {"what": "Wine", "amount": "12.00", "payer": "Alice"}]
    tasks = [f"Add a bill: {r['what']}, {r['amount']}, paid by {r['payer']}" for r in rows]
    return learn([recorder(t, adding(r)) for t, r in zip(tasks, rows, strict=True)], recorder.data)


@pytest.fixture
def rooms(tmp_path: Path, learnt: Experience, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Mode], House]]:
    monkeypatch.setenv("OSTINATO_SECRET_BANK", SECRET)
    monkeypatch.setattr("ostinato.house.expectation.DATA_TIMEOUT", 0.2)
    monkeypatch.setattr("ostinato.house.expectation.RECORDED_TIMEOUT", 0.2)
    monkeypatch.setattr("ostinato.house.expectation.STEADY", 0.0)
    made: list[House] = []

    def house(mode: Mode) -> House:
        made.append(House(Settings(home=tmp_path / "home", privacy=mode, step_timeout=0.2)))
        if not list(made[-1].repository.all_versions()):
            made[-1].repository.save(learnt)
        return made[-1]

    yield house
    for one in made:
        one.store.close()


def app_of(house: House, **more: Any) -> Camera:
    rows = [(n, canary(20 + n), f"{n}0.25", canary(50 + n), True) for n in range(1, 4)]
    return Camera(rows=rows, blobs=house.blobs, **more)  # type: ignore[arg-type]


def play(house: House, app: Camera, task: str = TASK, **more: Any) -> Finished:
    app.blobs = house.blobs
    return house.replay(
        task, phone=app, app=app, app_name="bills", approve=lambda action, screen: True,  # type: ignore[arg-type]
        **{"place": "/flat", **more},
    )  # fmt: skip


def leaks(home: Path, planted: Sequence[str] = (*PLANTED, SECRET, "7301.25"), pictures: int = 0) -> list[str]:
    """Where what was planted stands in a home: in the bytes of its files, in what they pack, in its databases and,
    in so many of its pictures."""
    found: list[str] = []
    for path in (p for p in home.rglob("*") if p.is_file()):
        data = path.read_bytes()
        texts = [data.decode("utf-8", "replace"), str(path)]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                texts += [packed.read(name).decode("utf-8", "replace") for name in packed.namelist()]
        if data.startswith(b"SQLite format 3"):
            with sqlite3.connect(path) as base:
                texts.append("\n".join(base.iterdump()))
        if pictures and data.startswith(b"\xff\xd8"):
            pictures -= 1
            read = " ".join(line.text for line in read_lines(data, threads=1))
            if "zq" in read.casefold() or "vex" in read.casefold():
                found.append(f"{path}: {read}")
        for text in texts:
            found += [f"{path}: {one}" for one in planted if one.casefold() in text.casefold()]
    return found


@pytest.mark.parametrize("mode", MODES)
def test_a_replay_works_as_ever_and_leaves_no_canary(
    mode: Mode, rooms: Callable[[Mode], House], tmp_path: Path
) -> None:
    house = rooms(mode)
    app = app_of(house)
    done = play(house, app)
    assert done.succeeded and len(app.rows) == 4 and app.rows[-1][1] == f"{canary(0)} {canary(1)}"
    assert done.trace.task == TASK and "7301.25" in done.trace.slots.values(), "in memory all is whole"
    assert any(canary(0) in change for change in done.told()["changes"])
    stored = house.store.load(done.trace.id)
    assert stored.private and stored.outcome == done.trace.outcome and len(stored.steps) == len(done.trace.steps)
    assert stored.task.startswith("Add a bill: ⟦")
    assert set(stored.slots.values()) <= set(re.findall("⟦.*?⟧", stored.task))
    assert [s.action.kind for s in stored.steps] == [s.action.kind for s in done.trace.steps]
    typed = next(s.action for s in stored.steps if isinstance(s.action, Type))
    assert typed.text in stored.slots.values(), "that it was the value of the task can still be told"
    assert (stored.steps[0].before.screenshot is not None) == (mode == "redacted")
    assert "Add a bill" in [e.name for e in stored.steps[0].before.elements]
    verdicts = house.store.verdicts(stored.id)
    assert [v.value for v in verdicts] == ["yes"]
    write_report(house.store, [stored.id], tmp_path / "home" / "report.html")
    export(house.store, [stored.id], tmp_path / "home" / "out.zip")
    house.store.list(text="bill")
    assert leaks(tmp_path / "home", pictures=2 * can_read()) == []


def test_the_search_for_canaries_finds_them_where_all_is_kept(rooms: Callable[[Mode], House], tmp_path: Path) -> None:
    house = rooms("full")
    done = play(house, app_of(house))
    found = leaks(tmp_path / "home", pictures=1 * can_read())
    assert done.succeeded and len(found) > 100
    assert any("jsonl" in one for one in found) and any("sqlite" in one for one in found)
    assert not can_read() or any(": " in one and "zq" in one and one.count("zq") > 3 for one in found)


@pytest.mark.parametrize("mode", MODES)
def test_a_recording_leaves_no_canary_and_nothing_is_learnt_from_it(
    mode: Mode, rooms: Callable[[Mode], House], tmp_path: Path
) -> None:
    house = rooms(mode)
    app = app_of(house)
    task = f"Buy {canary(3)} for {canary(4)}, 7301.25, secretly"
    script = ScriptDecider(adding({"what": canary(3), "amount": "7301.25", "payer": "Carol"}))
    trace = house.perform(
        task, phone=app, deciders=[script], app=app, app_name="bills",  # type: ignore[arg-type]
        approve=lambda action, screen: True, meta={"recorded_by": "script", "played_by": canary(5)},
    ).trace  # fmt: skip
    assert trace.status == "done" and trace.task == task
    assert house.store.task(trace.id).startswith("Buy ⟦")
    assert leaks(tmp_path / "home") == []
    with pytest.raises(LearnError, match="--privacy full"):
        house.learn([trace.id])
    with pytest.raises(MatchError, match="without its values"):
        house.played(house.store.load(trace.id))


@pytest.mark.parametrize("mode", MODES)
def test_a_failure_leaves_no_canary(mode: Mode, rooms: Callable[[Mode], House], tmp_path: Path) -> None:
    house = rooms(mode)
    done = play(house, app_of(house, breaks=True))
    assert done.trace.status != "done" and canary(198) in (done.trace.outcome.reason if done.trace.outcome else "")
    assert leaks(tmp_path / "home") == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("point", ["observed", "decided", "intent", "acted", "settled", "result"])
def test_a_crash_leaves_no_canary_and_no_second_bill(
    mode: Mode, point: str, rooms: Callable[[Mode], House], tmp_path: Path
) -> None:
    house = rooms(mode)
    app = app_of(house)

    def crash(at: str, step: int) -> None:
        if (at, step) == (point, 4):
            raise SystemExit

    house.at = crash
    with pytest.raises(SystemExit):
        play(house, app)
    assert leaks(tmp_path / "home") == []
    assert house.store.load("last").status == "interrupted"
    for again in ("full", mode):  # the next command may keep all, or not
        if len(app.rows) == 4 or point == "intent":
            with pytest.raises(CommitRefused, match=r"may have happened|since then bill added"):
                play(rooms(again), app)  # type: ignore[arg-type]
    assert len(app.rows) <= 4 and app.commits.count("Save") <= 1


@pytest.mark.parametrize("first", ["full", *MODES])
@pytest.mark.parametrize("second", ["full", *MODES])
def test_a_doubtful_run_is_known_again_whatever_either_keeps(
    first: Mode, second: Mode, rooms: Callable[[Mode], House]
) -> None:
    house = rooms(first)
    app = app_of(house)

    def crash(at: str, step: int) -> None:
        if (at, step) == ("acted", 4):
            raise SystemExit

    house.at = crash
    with pytest.raises(SystemExit):
        play(house, app)
    with pytest.raises(CommitRefused, match="since then bill added"):
        play(rooms(second), app)
    with pytest.raises(CommitRefused):
        play(rooms(second), app, TASK.upper().replace("CAROL", "Carol").replace("ADD A BILL", "add a bill"))
    assert len(app.rows) == 4
    other = TASK.replace("7301.25", "7301.26")
    assert play(rooms(second), app, other).trace.status == "done"


@pytest.mark.parametrize("mode", ["full", *MODES])
@pytest.mark.parametrize("dies", [True, False])
def test_of_two_replays_that_race_on_one_app_one_sends(mode: Mode, dies: bool, rooms: Callable[[Mode], House]) -> None:
    one, two = rooms(mode), rooms(mode)
    app = app_of(one)
    app.blobs = one.store.blobs.held()
    sending, said = threading.Event(), dict[int, str]()

    def crash(at: str, step: int) -> None:
        if (at, step) == ("acted", 4):
            sending.set()
            time.sleep(0.2)
            if dies:
                raise SystemExit

    def race(number: int, house: House) -> None:
        house.blobs = app.blobs
        try:
            said[number] = repr(play(house, app, place="/flat"))
        except CommitRefused as refused:
            said[number] = f"refused: {refused}"
        except SystemExit:
            pass

    one.at = crash
    first = threading.Thread(target=race, args=(1, one))
    first.start()
    assert sending.wait(20)
    second = threading.Thread(target=race, args=(2, two))
    second.start()
    for thread in (first, second):
        thread.join(20)
    if dies:
        assert said.keys() == {2} and "refused" in said[2] and app.commits == ["Save"], said
    else:  # each did its own, one after the other
        assert all(": done, verdict yes" in text for text in said.values()) and app.commits == ["Save"] * 2, said


class Told:
    """A model that fills in the form with what stands behind the words of the task that it is shown."""

    name, sees = "told", False

    def __init__(self, *wanted: str) -> None:
        self.wanted, self.shown = list(wanted), list[str]()

    def reply(self, messages: Sequence[Message], **_: Any) -> Reply:
        text = messages[-1].text
        self.shown += [message.text for message in messages]
        assert not any(message.images for message in messages)
        what, amount = re.findall(r"The task: Put (.*?) for (.*?) on the list", text)[0]
        if not self.wanted:
            return Reply(
                json.dumps({"reason": "all is done", "action": "done", "success": True}, ensure_ascii=False),
                "told",
                0.0,
            )
        name = self.wanted.pop(0)
        number = int(re.findall(rf"\[(\d+)\][^\n]*{re.escape(name)}", text)[0])
        said: dict[str, Any] = {"reason": f"the field of {what}", "action": "tap", "element": number}
        if name in ("What?", "How much?"):
            said |= {"action": "type", "text": what if name == "What?" else amount}
        return Reply(json.dumps(said, ensure_ascii=False), "told", 0.0)


@pytest.mark.parametrize("mode", MODES)
def test_a_model_is_shown_what_is_kept_and_fills_in_what_the_marks_stand_for(
    mode: Mode, rooms: Callable[[Mode], House], tmp_path: Path
) -> None:
    house = rooms(mode)
    app = app_of(house)
    model = Told("Add a bill", "What?", "How much?", "Save")
    task = f"Put {canary(2)} for 7301.25 on the list"
    settings = house.settings.model_copy(update={"beyond_task": True})
    agent = open_agent(settings, house.store.blobs.get, task=task, remembered=canary(3), chat=model)
    house.settings = settings
    done = house.replay(
        task, phone=app, app=app, app_name="bills", approve=lambda action, screen: True, place="/flat", agent=agent,  # type: ignore[arg-type]
    )  # fmt: skip
    assert done.trace.status == "done", done
    assert app.rows[-1][1:3] == (canary(2), "7301.25")
    said = "\n".join(model.shown)
    assert "Save" in said and not [one for one in (*PLANTED, SECRET, "7301.25") if one in said]
    assert leaks(tmp_path / "home") == []


def test_a_mark_that_stands_for_nothing_is_not_typed(rooms: Callable[[Mode], House]) -> None:
    house = rooms("structure")
    app = app_of(house)

    class Inventive(Told):
        def reply(self, messages: Sequence[Message], **more: Any) -> Reply:
            reply = super().reply(messages, **more)
            return Reply(re.sub(r"⟦\w+⟧", "⟦0123456789abcdef⟧", reply.text), "told", 0.0)

    task = f"Put {canary(2)} for 7301.25 on the list"
    agent = open_agent(house.settings, house.blobs.get, task=task, chat=Inventive("Add a bill", "What?"))
    done = house.replay(
        task, phone=app, app=app, app_name="bills", approve=lambda action, screen: True, agent=agent,  # type: ignore[arg-type]
    )  # fmt: skip
    assert done.trace.status == "stopped" and app.form is not None and app.form["What?"] == ""


def test_a_model_is_refused_before_anything_is_begun_where_it_needs_pictures(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, privacy="structure", agent_format="mobimind_decider")
    seeing = Told()
    seeing.sees = True
    with pytest.raises(SetupError, match="--privacy redacted"):
        open_agent(settings, lambda sha: b"", chat=seeing)
