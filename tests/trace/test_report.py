"""A report page: what it shows, what it survives, that it needs nothing else."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from ostinato.errors import StoreError, UsageError
from ostinato.trace.action import Action, Done, Scroll, Swipe, Tap, Type
from ostinato.trace.record import (
    CheckResult,
    Cost,
    Decision,
    ExperienceRef,
    Outcome,
    Result,
    Step,
    Trace,
    Verdict,
)
from ostinato.trace.report import write_report
from ostinato.trace.screen import Box, Element, Point, Screen

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>'


class FakeStore:
    """A store in memory; it is its own blobs."""

    def __init__(self) -> None:
        self.traces: dict[str, Trace] = {}
        self.judged: dict[str, list[Verdict]] = {}
        self.kept: dict[str, bytes] = {}

    @property
    def blobs(self) -> FakeStore:
        return self

    def get(self, sha: str) -> bytes:
        if sha not in self.kept:
            raise StoreError(f"blob {sha} is not there")
        return self.kept[sha]

    def put(self, data: bytes) -> str:
        sha = sha256(data).hexdigest()
        self.kept[sha] = data
        return sha

    def load(self, trace_id: str) -> Trace:
        return self.traces[trace_id]

    def verdicts(self, trace_id: str) -> list[Verdict]:
        return self.judged.get(trace_id, [])


def field(name: str, top: float) -> Element:
    return Element(role="textbox", name=name, box=Box(left=20, top=top, width=350, height=44), path=f"form/{name}")


def picture(store: FakeStore, filled: int) -> str:
    image = Image.new("RGB", (390, 844), "#fbfbfd")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 390, 64), fill="#35589a")
    draw.text((20, 24), "Add an expense", fill="white", font_size=20)
    for row, name in enumerate(["What", "How much", "Payer"]):
        top = 120 + 100 * row
        draw.text((20, top - 24), name, fill="#555", font_size=15)
        draw.rectangle((20, top, 370, top + 44), outline="#bbb", fill="white")
        if row < filled:
            draw.text((32, top + 12), ["Night train", "127.80", "Dan"][row], fill="#111", font_size=17)
    draw.rectangle((20, 440, 370, 490), fill="#2e8b57")
    draw.text((165, 455), "Submit", fill="white", font_size=17)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=70)
    return store.put(file.getvalue())


def make_screen(store: FakeStore, filled: int) -> Screen:
    return Screen(
        url="http://127.0.0.1/add", title="Add an expense", width=390, height=844,
        screenshot=picture(store, filled), taken=NOW,
    )  # fmt: skip


def make_trace(
    store: FakeStore,
    trace_id: str = "20260504-120000-abc",
    task: str = "Add an expense: Night train, 127.80, paid by Dan",
) -> Trace:
    what, much = field("What", 120), field("How much", 220)
    submit = Element(role="button", name="Submit", box=Box(left=20, top=440, width=350, height=50), path="form/submit")
    actions: list[tuple[Action, str]] = [
        (Type(text="Night train", element=what), "edit"),
        (Type(text="127.80", element=much), "edit"),
        (Scroll(dy=300), "read"),
        (Swipe(start=Point(x=320, y=600), end=Point(x=60, y=600)), "read"),
        (Tap(point=submit.box.center, element=submit), "commit"),
        (Done(message="added"), "read"),
    ]
    steps = tuple(
        Step(
            index=i, before=make_screen(store, min(i, 3)), action=action, risk=risk,  # type: ignore[arg-type]
            decision=Decision(source="replay", text=f"node {i} of the experience fits", seconds=0.004),
            started=NOW + timedelta(seconds=i), ended=NOW + timedelta(seconds=i + 0.42), result=Result(ok=True),
            experience=ExperienceRef(id="9f8e7d6c5b4a3210", version=2, node=i),
            checks=(CheckResult(label="the element is clearly the one", value="true", evidence="score 0.97, next best 0.31", phase="pre"),
                    CheckResult(label="the field shows what was typed", value="true", evidence="“Night train”")),
        )
        for i, (action, risk) in enumerate(actions)
    )  # fmt: skip
    trace = Trace(
        id=trace_id, task=task, app="ihatemoney", phone="chromium 390×844", agent="replay", started=NOW,
        ended=NOW + timedelta(seconds=7.3), steps=steps, final=make_screen(store, 3),
        outcome=Outcome(claimed="done"), cost=Cost(calls=0), slots={"what": "Night train", "amount": "127.80"},
    )  # fmt: skip
    store.traces[trace_id] = trace
    store.judged[trace_id] = [
        Verdict(
            trace=trace_id, rules="a1b2c3d4e5f60718", judge="data", value="yes", judged=NOW,
            reasons=("exactly the expected row was added, and nothing else changed",),
            changes=('+ bill: what="Night train", amount=127.8, payer="Dan"',),
            checks=(CheckResult(label="one row was added to bill", value="true", phase="data"),),
        )
    ]  # fmt: skip
    return trace


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def test_a_report_shows_task_verdict_steps_and_checks(tmp_path: Path) -> None:
    store = FakeStore()
    trace = make_trace(store)
    page = text_of(write_report(store, [trace.id], tmp_path / "deep" / "report.html"))
    for words in (trace.task, "exactly the expected row was added", "+ bill: what=", "type “Night train” into",
                  "the element is clearly the one", "score 0.97, next best 0.31", "experience <code>9f8e7d6c5b4a"):  # fmt: skip
        assert words in page
    assert page.count("<article") == len(trace.steps) + 1
    assert '<b class="good">12</b><span>checks passed' in page
    assert page.count('class="touch"') == 3 and page.count("<polygon") == 2


def test_a_report_needs_nothing_from_outside(tmp_path: Path) -> None:
    store = FakeStore()
    page = text_of(write_report(store, [make_trace(store).id], tmp_path / "report.html"))
    addresses = re.findall(r"""(?:\b(?:href|src)\s*=\s*|url\()["']?([^"'\s)>]+)""", page)
    assert addresses and all(a.startswith(("data:image/", "#")) for a in addresses)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    store = FakeStore()
    step = make_trace(store).steps[0]
    screen = step.before.model_copy(update={"title": HOSTILE, "screenshot": HOSTILE})
    hostile = step.model_copy(
        update={
            "before": screen,
            "action": Type(text=HOSTILE, element=field(HOSTILE, 10)),
            "decision": Decision(source="model", text=HOSTILE, raw=HOSTILE),
            "result": Result(ok=False, error=HOSTILE, events=(HOSTILE,)),
            "checks": (CheckResult(label=HOSTILE, value="false", evidence=HOSTILE),),
        }
    )
    trace = make_trace(store, task=HOSTILE).model_copy(
        update={
            "steps": (hostile,),
            "final": screen,
            "app": HOSTILE,
            "slots": {HOSTILE: HOSTILE},
            "problems": (HOSTILE,),
        }
    )
    store.traces[trace.id] = trace
    store.judged[trace.id] = [
        Verdict(
            trace=trace.id, rules=HOSTILE, judge=HOSTILE, value="no", reasons=(HOSTILE,), changes=(HOSTILE,), judged=NOW
        )
    ]
    page = text_of(
        write_report(
            store, [trace.id, trace.id], tmp_path / "r.html", title=HOSTILE, intro=HOSTILE, rows=[{HOSTILE: HOSTILE}]
        )
    )
    tags: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)

    Tags().feed(page)
    assert "script" not in tags and "svg" in tags
    assert page.count("&lt;script&gt;") > 20


def test_a_missing_screenshot_is_said_and_the_rest_is_shown(tmp_path: Path) -> None:
    store = FakeStore()
    trace = make_trace(store)
    del store.kept[trace.steps[0].before.screenshot or ""]
    page = text_of(write_report(store, [trace.id], tmp_path / "report.html"))
    assert "the screenshot is missing or damaged" in page and "data:image/jpeg" in page


def test_steps_are_counted_from_one_and_the_closing_word_is_none(tmp_path: Path) -> None:
    store = FakeStore()
    trace = make_trace(store)
    page = text_of(write_report(store, [trace.id], tmp_path / "report.html"))
    assert re.findall(r'"number">(Step \d+|What the run says|End)<', page) == [
        *(f"Step {number}" for number in range(1, 6)), "What the run says", "End",
    ]  # fmt: skip
    assert "<b>5</b><span>steps" in page
    assert "v2, step 1 of it" in page and "step 0" not in page and ", node 0" not in page


def test_a_run_that_gave_up_names_its_last_step(tmp_path: Path) -> None:
    store = FakeStore()
    trace = make_trace(store)
    store.traces[trace.id] = trace.model_copy(update={"outcome": Outcome(claimed="failed", reason="no such payer")})
    page = text_of(write_report(store, [trace.id], tmp_path / "report.html"))
    assert "no such payer. The last step known is step 5 (tap button “Submit”)." in page


def test_an_interrupted_trace_says_where_it_stopped(tmp_path: Path) -> None:
    store = FakeStore()
    trace = make_trace(store)
    cut = trace.steps[4].model_copy(update={"result": None, "ended": None, "checks": ()})
    store.traces[trace.id] = trace.model_copy(
        update={"steps": (*trace.steps[:4], cut), "outcome": None, "final": None, "ended": None}
    )
    page = text_of(write_report(store, [trace.id], tmp_path / "report.html"))
    assert "cut off in step 5 (tap button “Submit”): whether it happened is not known" in page
    assert "There is no final screen" in page


def test_a_damaged_trace_lists_its_problems(tmp_path: Path) -> None:
    store = FakeStore()
    trace = make_trace(store)
    store.traces[trace.id] = trace.model_copy(update={"problems": ("line 7: not JSON",), "steps": ()})
    page = text_of(write_report(store, [trace.id], tmp_path / "report.html"))
    assert "The trace is damaged" in page and "line 7: not JSON" in page


def test_several_traces_stand_side_by_side(tmp_path: Path) -> None:
    store = FakeStore()
    first, second = make_trace(store, "one"), make_trace(store, "two", "Add an expense: Bread, 3.20, paid by Bob")
    store.traces["two"] = second.model_copy(update={"steps": second.steps[:3]})
    rows = [{"run": "replay", "seconds": "7.3"}, {"run": "recording"}]
    page = text_of(write_report(store, [first.id, second.id], tmp_path / "report.html", rows=rows))
    assert 'href="#run2"' in page and 'id="run2"' in page and "ended before" in page
    assert "<td>recording</td>" in page
    assert re.findall(r"<h4[^>]*>Step (\d+)</h4>", page) == ["1", "2", "3", "4", "5"]


def test_a_report_without_traces_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_report(FakeStore(), [], tmp_path / "report.html")


def test_a_report_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    store = FakeStore()
    (tmp_path / "report.html").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_report(store, [make_trace(store).id], tmp_path / "report.html")
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == []
