"""The recording page: a real mouse and real keys on it, in a browser of its own, become a recording."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from PIL import Image
from recording_desk import Desk, browser, desk, finish, site, spot, turn

from ostinato.collect.human import HumanDecider
from ostinato.collect.page import RecordingPage
from ostinato.collect.scripted_person import play
from ostinato.errors import SetupError, UsageError
from ostinato.trace.record import Trace
from ostinato.trace.store import Store

pytestmark = pytest.mark.browser
PASSWORD = "tr0ub4dor"
__all__ = ["desk", "site"]  # fixtures


def said(trace: Trace) -> str:
    assert trace.final is not None
    return " ".join(e.name for e in trace.final.elements if e.path.startswith("status"))


def test_what_a_person_does_at_the_page_is_the_recording(desk: Desk, chromium: Path) -> None:
    steps = [("type", "person", "Ann “A”"), ("select", "size", "Large"), ("tap", "gift", ""), ("tap", "Empty", "")]
    trace = desk.record("shop.html", lambda url: play(url, chromium, [*steps, ("tap", "Cancel", "")]))
    assert trace.status == "done" and {s.decision.source for s in trace.steps} == {"human"}
    did = [(s.action.kind, getattr(s.action, "text", None) or getattr(s.action, "option", "")) for s in trace.steps]
    assert did == [("type", "Ann “A”"), ("select", "Large"), ("tap", ""), ("tap", ""), ("tap", ""), ("done", "")]
    names = [e.id or e.name for s in trace.steps if (e := getattr(s.action, "element", None))]
    assert names == ["person", "size", "gift", "Empty", "Cancel"]
    assert trace.steps[4].before.dialog == "Empty the basket?" and said(trace).strip() == "kept"
    assert trace.final is not None
    assert {e.id: e.value or e.checked for e in trace.final.elements if e.id in ("person", "size", "gift")} == {
        "person": "Ann “A”", "size": "Large", "gift": False,
    }  # fmt: skip
    assert all(s.before.screenshot and desk.house.store.blobs.get(s.before.screenshot) for s in trace.steps)


def test_two_taps_in_quick_order_are_both_kept(desk: Desk, chromium: Path) -> None:
    def person(url: str) -> None:
        with browser(url, chromium) as page:
            turn(page, 1)
            x, y = spot(page, "Take")
            page.mouse.click(x, y)
            page.mouse.click(x, y)
            finish(page, 3)

    trace = desk.record("shop.html", person)
    assert [s.action.kind for s in trace.steps] == ["tap", "tap", "done"]
    assert said(trace).split() == ["apple", "apple"]


HOLD_ONE_STATE = """() => {
  const real = window.fetch;
  window.held = new Promise(hold => { window.release = null;
    window.fetch = async (address, ...rest) => {
      const answer = await real(address, ...rest);
      if (address === 'state' && !window.release) {
        await new Promise(release => { window.release = release; hold(); });
        setTimeout(() => window.delivered = true, 50);
      }
      return answer;
    } });
}"""


def test_a_state_asked_for_before_a_tap_does_not_lose_the_next_tap(desk: Desk, chromium: Path) -> None:
    def person(url: str) -> None:
        with browser(url, chromium) as page:
            turn(page, 1)
            x, y = spot(page, "Take")
            page.evaluate(HOLD_ONE_STATE)
            page.evaluate("held")
            with page.expect_response("**/event/1"):
                page.mouse.click(x, y)
            page.evaluate("release()")
            page.wait_for_function("window.delivered")
            page.mouse.click(x, y)
            finish(page, 3)

    trace = desk.record("shop.html", person)
    assert [s.action.kind for s in trace.steps] == ["tap", "tap", "done"]


def test_a_quick_tap_on_what_is_no_longer_there_is_left_out_and_said(desk: Desk, chromium: Path) -> None:
    def person(url: str) -> None:
        with browser(url, chromium) as page:
            turn(page, 1)
            x, y = spot(page, "Next")
            page.mouse.click(x, y)
            page.mouse.click(x, y)
            page.get_by_text("The screen changed before your tap").wait_for()
            finish(page, 2)

    trace = desk.record("quick.html", person)
    assert [s.action.kind for s in trace.steps] == ["tap", "done"]
    assert trace.final is not None and trace.final.title == "Quick"


def test_a_password_is_never_stored_nor_shown(desk: Desk, chromium: Path) -> None:
    shown: list[str] = []

    def person(url: str) -> None:
        with browser(url, chromium) as page:
            turn(page, 1)
            page.mouse.click(*spot(page, "code"))
            field = page.get_by_label("Password")
            assert field.get_attribute("type") == "password"
            field.fill(PASSWORD)
            field.press("Enter")
            turn(page, 2)
            shown.append(page.content() + json.dumps(page.evaluate("state")))
            finish(page, 2)

    trace = desk.record("shop.html", person)
    typed = trace.steps[0].action
    assert typed.kind == "type" and typed.text == "" and typed.secret
    assert desk.human.secret(typed.secret) == PASSWORD
    assert PASSWORD not in shown[0] and "password" in shown[0]
    assert trace.final is not None and trace.final.screenshot
    [field] = [e for e in trace.final.elements if e.password]
    assert field.value == "•" * len(PASSWORD)
    picture = Image.open(io.BytesIO(desk.house.store.blobs.get(trace.final.screenshot))).convert("RGB")
    box = field.box
    inner = picture.crop(
        tuple(map(int, (box.left + 4, box.top + 4, box.left + box.width - 4, box.top + box.height - 4)))
    )
    assert all(high - low < 24 for low, high in inner.getextrema()), "the field is not one grey area"
    for path in desk.house.settings.home.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path


def test_a_person_who_looks_for_what_is_not_there_is_told_so(desk: Desk, chromium: Path) -> None:
    with pytest.raises(UsageError, match="'Order' is not on the mirrored screen"):
        desk.record("shop.html", lambda url: play(url, chromium, [("tap", "Order", "")]))


@pytest.fixture
def page(tmp_path: Path) -> Iterator[RecordingPage]:
    """A recording page without a phone behind it."""
    served = RecordingPage(HumanDecider(), "a task", lambda sha: b"")
    yield served
    served.close()


def test_the_page_answers_nobody_without_its_token(page: RecordingPage) -> None:
    origin, token = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/([\w-]{20,})/", page.url).groups()  # type: ignore[union-attr]
    tap = json.dumps({"kind": "tap", "x": 1, "y": 1})
    with httpx.Client() as client:
        assert client.get(page.url).status_code == 200
        assert client.get(f"{page.url}state").json()["task"] == "a task"
        for wrong in ("", "wrong", token[:-1], token + "x", token.swapcase()):
            for path in ("", "state", "frame/1"):
                assert client.get(f"{origin}/{wrong}/{path}").status_code == 404, (wrong, path)
            assert client.post(f"{origin}/{wrong}/event/0", content=tap).status_code == 404
        assert (
            client.post(f"{page.url}event/0", content=tap, headers={"Origin": "http://evil.example"}).status_code == 404
        )
        assert client.get(f"{page.url}state", headers={"Origin": origin}).status_code == 200
    other = RecordingPage(HumanDecider(), "another", lambda sha: b"")
    other.close()
    assert other.url.split("/")[3] != token


def test_the_page_listens_on_this_machine_alone(page: RecordingPage) -> None:
    port = int(page.url.split(":")[2].split("/")[0])
    hosts = {c.laddr.ip for c in psutil.Process().net_connections() if c.status == "LISTEN" and c.laddr.port == port}
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize("body", ["", "[]", "{", '{"kind": "tap"}', '{"kind": "fly", "x": 1, "y": 1}', "null"])
def test_an_event_that_makes_no_sense_is_refused(page: RecordingPage, body: str) -> None:
    with httpx.Client() as client:
        assert client.post(f"{page.url}event/0", content=body).status_code == 422


def test_a_port_that_is_taken_is_told(page: RecordingPage) -> None:
    port = int(page.url.split(":")[2].split("/")[0])
    with pytest.raises(SetupError, match=f"port {port} .* --port"):
        RecordingPage(HumanDecider(), "a task", lambda sha: b"", port=port)


@pytest.mark.parametrize("how", [pytest.param(signal.SIGINT, marks=pytest.mark.nightly), signal.SIGKILL])
def test_a_recording_cut_short_with_its_page_closed_can_be_read(
    site: str, chromium: Path, ostinato_home: Path, how: signal.Signals
) -> None:
    command = [sys.executable, "-m", "ostinato", "record", "--url", f"{site}/shop.html", "Shop for Ann"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            url = next(line for line in process.stderr if "http://" in line).split()[-1]
            with browser(url, chromium) as page:
                turn(page, 1)
                page.mouse.click(*spot(page, "Take"))
                turn(page, 2)
            children = psutil.Process(process.pid).children(recursive=True)
            os.kill(process.pid, how)
            process.communicate(timeout=30)
        finally:
            process.kill()
    _, left = psutil.wait_procs(children, timeout=10)
    assert children and not left, left
    store = Store(ostinato_home / "store")
    trace = store.load("last")
    assert trace.status == "interrupted" and not trace.problems
    assert [s.action.kind for s in trace.steps] == ["tap"] and trace.steps[0].result is not None
