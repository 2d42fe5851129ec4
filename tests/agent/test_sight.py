"""Screens that are one picture: what is read in it is touched at its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from screens import element, screen
from test_model_decider import Told, decider

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.guards.repetition import same_screen
from ostinato.agent.sight import UNREADABLE, Sight, is_bare, untied
from ostinato.agent.words.lexical import LexicalDecider
from ostinato.house import House
from ostinato.model.ocr import Line
from ostinato.settings import Settings
from ostinato.trace.action import Done, Drag, Tap, Type
from ostinato.trace.screen import Box, Element, Point, Screen

CANVAS = Element(role="img", path="img", box=Box(left=0, top=0, width=390, height=700))
BOARD = screen(CANVAS).model_copy(update={"screenshot": "0" * 64})
LINES = (Line("Start a round", (90, 110, 200, 40), 0.9), Line("Delete all scores", (100, 230, 190, 38), 0.9))
PAGE = """<!doctype html><meta name=viewport content="width=device-width"><title>Board</title>
<body style="margin:0"><canvas id=board width=390 height=700></canvas><script>
const board = document.getElementById("board"), pen = board.getContext("2d"); let rounds = 0;
function draw() {
  pen.fillStyle = "white"; pen.fillRect(0, 0, 390, 700); pen.fillStyle = "#246";
  pen.fillRect(40, 100, 310, 60); pen.fillRect(40, 220, 310, 60); pen.font = "28px sans-serif"; pen.fillStyle = "white";
  pen.fillText("Start a round", 100, 140); pen.fillText("Show scores", 110, 260);
  pen.fillStyle = "black"; pen.fillText("Rounds: " + rounds, 60, 400);
}
draw();
board.onclick = e => {
  if (e.offsetY > 100 && e.offsetY < 160) { rounds += 1; document.title = "r" + rounds; draw(); }
};
</script>"""


def sight(lines: Sequence[Line] | None = LINES) -> Sight:
    return Sight(lambda sha: b"", (lambda picture: lines) if lines is not None else None)


@pytest.mark.parametrize(
    ("shown", "bare"),
    [
        (BOARD, True),
        (screen(), True),
        (screen(CANVAS, element("heading", "Board")), True),
        (screen(CANVAS, element("button", "Menu")), False),
        (screen(CANVAS, element("textbox", editable=True)), False),
        (screen(CANVAS, *(element("text", f"line {n}", f"text[{n}]") for n in range(3))), False),
        (screen(element("heading", "Nothing here")), False),
        (screen(CANVAS).model_copy(update={"dialog": "Sure?"}), False),
        (screen(url="about:blank"), False),
    ],
)
def test_a_screen_is_bare_where_a_picture_is_all_there_is(shown: Screen, bare: bool) -> None:
    assert is_bare(shown) is bare


def test_what_is_read_is_touched_at_its_place_at_the_risk_of_its_words() -> None:
    for goal, at, risk in (("Tap Start a round", (190, 130), "read"), ("Tap Delete all scores", (195, 249), "commit")):
        said = LexicalDecider(sight=sight()).decide(BOARD, goal, ())
        assert isinstance(said, Choice) and isinstance(said.action, Tap)
        assert (said.action.point.x, said.action.point.y) == at and said.action.element is None
        assert said.risk == risk, goal


def test_a_model_is_shown_what_is_read() -> None:
    chat = Told([json.dumps({"reason": "r", "action": "tap", "element": 1})])
    shown = decider(chat, sight=sight())
    said = shown.decide(BOARD, "Delete the scores", ())
    assert "Start a round" in chat.last() and "Delete all scores" in chat.last()
    assert isinstance(said, Choice) and isinstance(said.action, Tap) and said.action.element is None
    assert said.risk == "commit"


def test_without_the_extra_it_is_said_what_to_install() -> None:
    nothing = LexicalDecider(sight=sight(None)).decide(BOARD, "Type Ann into Name", ())
    assert isinstance(nothing, Choice) and isinstance(nothing.action, Done) and not nothing.action.success
    assert UNREADABLE in nothing.action.message and "ostinato-agents[ocr]" in UNREADABLE
    heard: list[str] = []
    chat = Told([json.dumps({"reason": "r", "action": "tap", "element": 7})])
    handed = decider(chat, sight=sight(None), say=heard.append).decide(BOARD, "Tap Start", ())
    assert isinstance(handed, Handover) and UNREADABLE in handed.reason and heard[0] == UNREADABLE


def test_a_picture_that_changed_is_another_screen() -> None:
    other = BOARD.model_copy(update={"screenshot": "1" * 64})
    assert same_screen(BOARD, BOARD) and not same_screen(BOARD, other)
    told = screen(element("button", "Save"))
    assert same_screen(told, told.model_copy(update={"screenshot": "1" * 64}))


def test_only_what_was_read_is_untied() -> None:
    read = Element(role="text", name="x", path="read[1]", box=CANVAS.box)
    assert untied(Tap(point=Point(x=1, y=1), element=CANVAS)).element is not None  # type: ignore[union-attr]
    drag = untied(Drag(start=Point(x=1, y=1), end=Point(x=2, y=2), element=CANVAS, target=read))
    assert isinstance(drag, Drag) and drag.element == CANVAS and drag.target is None
    assert untied(Type(text="x", element=read)) == Type(text="x")


@pytest.fixture
def house(tmp_path: Path, chromium: Path) -> Iterator[House]:
    opened = House(Settings(home=tmp_path, chromium=chromium, step_timeout=4.0))
    yield opened
    opened.store.close()


@pytest.mark.browser
def test_a_canvas_is_worked_by_its_words(house: House, tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    (tmp_path / "board.html").write_text(PAGE, encoding="utf-8")
    address = (tmp_path / "board.html").as_uri()
    goal, more = "Tap Start a round", dict[str, Any](app=None, app_name=address, approve=lambda action, shown: True)
    with house.phone(url=address) as phone:
        words = LexicalDecider(sight=Sight(house.store.blobs.get))
        done = house.replay(goal, phone=phone, agent=words, **more)
    assert done.trace.status == "done", done.trace.outcome
    assert done.trace.final is not None and done.trace.final.title == "r1"
    assert [step.action.kind for step in done.trace.steps] == ["tap", "done"]
