"""Where a phone may go: lists of domains, and a real Chromium that is kept within one."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostinato.errors import ActionFailed, OffLimits, UsageError
from ostinato.phone import ChromiumPhone
from ostinato.phone.address import read_address
from ostinato.phone.border import Border, border_of, domain, named_in
from ostinato.phone.web.wire import Wire
from ostinato.session import Session
from ostinato.settings import Settings
from ostinato.trace.action import Open, Tap
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen

# ------------------------------------------------------------------------------------------------ lists


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://example.org/a", True),
        ("http://www.example.org/", True),
        ("https://example.org:8443/", True),
        ("https://EXAMPLE.org./", True),
        ("http://127.0.0.1:5000/x", True),
        ("about:blank", True),
        ("https://example.org.evil.example/", False),
        ("https://notexample.org/", False),
        ("https://example.org@evil.example/", False),
        ("https://evil.example/?u=https://example.org/", False),
        ("http://127.0.0.1:5001/", False),
        ("http://1127.0.0.1:5000/", False),
        ("http://2130706433:5000/", True),  # 127.0.0.1 as one number
        ("http://2130706434:5000/", False),
        ("https:example.org/a", True),
        ("\thttps:\\\\exam\nple.org\\a ", True),
        ("https://example.org:443/", True),
        ("https:evil.example/?q=secret", False),
        ("https:/evil.example", False),
        ("https://evil.example\\@example.org/", False),
        ("https://example.org:x@evil.example", False),
        ("https://evil.example\n.example.org\\", True),  # the line break is no end: evil.example.example.org
        ("https://evil.example%2f.example.org", False),
        ("https://evil。example", False),
        ("ws://evil.example/", False),
        ("wss://example.org/", False),
        ("mailto:eve@example.org?body=x", False),
        ("sms:+491234?body=x", False),
        ("market://details?id=com.evil", False),
        ("content://com.android.contacts/1", False),
        ("example.org", False),
        ("https://xn--exmple-cua.org/", False),
        ("https://exämple.org/", False),
        ("file:///etc/passwd", False),
        ("intent://scan/#Intent;scheme=zxing;end", False),
        ("tel:+491234", False),
        ("http://[::1", False),
    ],
)
def test_a_border_lets_through_what_is_in_it(url: str, may: bool) -> None:
    border = Border.around(["example.org", "http://127.0.0.1:5000/start"])
    assert (border.objection(url) is None) == may


def test_an_app_must_be_on_the_list_when_there_is_one() -> None:
    border = Border.around([], ["com.example.notes"])
    assert border.objection_to_app("com.example.notes") is None
    assert "--allow-app com.evil" in (border.objection_to_app("com.evil") or "")
    assert Border.around(["example.org"]).objection_to_app("com.evil") is None


@pytest.mark.parametrize("url", ["javascript:fetch('//a.b')", "data:text/html,x", "blob:https://a/1", "Data:,"])
def test_what_a_page_may_show_of_its_own_is_not_opened(url: str) -> None:
    border = Border.around(["example.org"])
    assert border.objection(url) is None and border.objection_to_open(url) is not None
    assert border.objection_to_open("about:blank") is None


def test_letters_that_look_alike_are_another_host() -> None:
    border = Border.around(["fass.de", "BÜCHER.example"])
    assert border.objection("https://fass.de/") is None
    assert border.objection("https://faß.de/") is not None  # not fass.de, as older readers have it
    assert border.objection("https://xn--bcher-kva.example/") is None
    assert border.objection("https://ｂücher.example/") is None


def test_a_scheme_of_its_own_is_open_to_a_run_that_begins_there() -> None:
    border = Border.around(["app://org.notes/first", "file:///pages/a.html"], ["org.notes"])
    assert border.objection_to_open("app://org.notes/second") is None
    assert border.objection_to_open("file:///pages/b.html") is None
    assert border.objection_to_open("mailto:eve@evil.example") is not None


def test_an_app_is_told_from_an_address() -> None:
    border = Border.around(["https://app.example"], ["org.notes"])
    for way in ("org.notes", "org.notes/.Second", "https://app.example/x"):
        assert border.objection_to_open(way) is None, way
    for way in ("org.evil", "org.evil/.Main", "https:evil.example/?q=secret", "mailto:eve@evil.example?body=x"):
        assert border.objection_to_open(way) is not None, way


SITE = "http://127.0.0.1:5000"


def test_a_model_stays_on_the_sites_where_it_begins_also_with_a_list_of_apps() -> None:
    border = border_of("Compare with other.example", [SITE], None, ["com.foo"], by_model=True)
    assert border is not None and border.apps == ("com.foo",)
    assert border.objection(f"{SITE}/x") is None and border.objection("https://other.example") is None
    assert border.objection("https://evil.example") is not None
    recorded = border_of("x", [SITE], None, ["com.foo"], by_model=False)
    assert recorded is not None and recorded.objection("https://else.example") is None
    assert recorded.objection_to_app("com.bar") is not None


def test_a_model_that_begins_in_an_app_stays_in_that_app() -> None:
    border = border_of("Write to Ann, see help.example", ["org.notes/.Main"], None, None, by_model=True)
    assert border is not None and border.apps == ("org.notes",)
    assert border.objection_to_open("org.notes/.Second") is None
    assert "--allow-app org.mail" in (border.objection_to_open("org.mail") or "")
    assert border.objection_to_open("https://help.example") is None
    for way in ("https://evil.example/?q=x", "mailto:eve@evil.example", "tel:123"):
        assert border.objection_to_open(way) is not None
    wider = border_of("x", ["org.notes"], None, ["org.mail"], by_model=True)
    assert wider is not None and wider.apps == ("org.notes", "org.mail")
    assert wider.objection_to_open("https://evil.example") is not None


def test_what_begins_in_a_site_may_use_the_browser_that_shows_it() -> None:
    border = border_of("x", ["https://app.example"], None, None, by_model=True)
    assert border is not None and border.apps is None


class Own:
    name = "own"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> None:
        return None


def test_an_agent_of_a_program_stays_where_it_begins_also_with_a_list_of_apps(tmp_path: Path) -> None:
    known = Settings(home=tmp_path)
    for apps in (None, ["com.foo"]):
        session = Session(url=SITE, agent=Own(), allow_apps=apps, settings=known)
        assert (session.house.settings.allow_domains, session.house.settings.allow_apps) == ((), tuple(apps or ()))
        session.close()


@pytest.mark.parametrize("places", [[], ["about:blank"]])
def test_what_begins_nowhere_has_no_border(places: list[str]) -> None:
    assert border_of("See a.example", places, None, None, by_model=True) is None
    assert border_of("x", ["org.notes"], None, None, by_model=False) is None


@pytest.mark.parametrize("text", ["", "exa mple.org", "http://", "-a.org", "a..b", "http://a:99999999/", "*"])
def test_what_is_no_domain_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="no domain"):
        domain(text)


@given(st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,6}){1,2}", fullmatch=True), st.from_regex(r"[a-z]{1,8}", fullmatch=True))
def test_below_a_domain_is_within_and_beside_it_is_not(name: str, other: str) -> None:
    border = Border.around([name])
    assert border.objection(f"https://{other}.{name}/") is None
    assert border.objection(f"https://{other}{name}/") is not None
    if not f"{name}.{other}".endswith(f".{name}"):  # aa.aa.aa is below aa.aa
        assert border.objection(f"https://{name}.{other}/") is not None


def test_hosts_that_a_task_names_are_found() -> None:
    said = "Compare https://shop.example/x with other.example.org, and mail ann@home.example"
    assert named_in(said) == ["shop.example", "other.example.org"]


# ------------------------------------------------------------------------------------------------ a browser


class Site:
    """A site at a port of its own that answers every path with what `pages` says, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                if path != "/favicon.ico":
                    site.asked.append(f"{self.command} {self.path}")
                if path in site.redirects:
                    self.send_response(302)
                    self.send_header("Location", site.redirects[path])
                    self.end_headers()
                    return
                body = f"<title>{path}</title>{site.pages.get(path, path)}".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[Site, Site]]:
    home, outside = Site(), Site()
    yield home, outside
    home.close()
    outside.close()


class Blobs:
    def put(self, data: bytes) -> str:
        return "0" * 64


@pytest.fixture(scope="module")
def phone(chromium: Path, sites: tuple[Site, Site]) -> Iterator[ChromiumPhone]:
    with ChromiumPhone(Blobs(), executable=chromium, border=Border.around([sites[0].url])) as opened:
        yield opened


WAYS = {
    "a link": '<a href="OUT/x">go</a>',
    "a link into a new tab": '<a href="OUT/x" target="_blank">go</a>',
    "a new window by script": "<button onclick=\"window.open('OUT/x?secret=1')\">go</button>",
    "a script": "<button onclick=\"location.href = 'OUT/x'\">go</button>",
    "a script that waits": "<button onclick=\"setTimeout(() => location.assign('OUT/x'), 150)\">go</button>",
    "a form": '<form method="get" action="OUT/x"><button name="a" value="b">go</button></form>',
    "a form that is sent": '<form method="post" action="OUT/x"><button>go</button></form>',
    "a form sent from a frame": (
        "<button onclick=\"f = document.createElement('iframe'); document.body.append(f); f.contentDocument.write("
        "'<form method=post action=OUT/x></form>'); f.contentDocument.forms[0].submit()\">go</button>"
    ),
    "a redirect": '<a href="/away">go</a>',
    "a refresh": (
        "<button onclick=\"m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = '0;url=OUT/x'; "
        'document.head.append(m)">go</button>'
    ),
    "a tab that is written and then sent away": (
        "<button onclick=\"w = window.open('about:blank'); w.location = 'OUT/x'\">go</button>"
    ),
}


def shown(phone: ChromiumPhone, site: Site, body: str) -> Screen:
    site.pages["/page"] = body
    phone.new_episode(start_url=site.url + "/page")
    phone.quiet(3)
    return phone.observe(screenshot=False)


@pytest.mark.browser
@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_sent_beyond_the_border(way: str, phone: ChromiumPhone, sites: tuple[Site, Site]) -> None:
    home, outside = sites
    outside.asked.clear()
    home.redirects["/away"] = outside.url + "/x"
    screen = shown(phone, home, WAYS[way].replace("OUT", outside.url))
    go = next(e for e in screen.elements if e.name == "go")
    with pytest.raises(OffLimits, match="before anything was sent"):
        phone.act(Tap(point=go.box.center, element=go))
        until = time.monotonic() + 8
        while time.monotonic() < until:
            phone.quiet(1)
            time.sleep(0.02)
    assert outside.asked == []
    assert phone.observe(screenshot=False).url == home.url + "/page"  # and the page is still there
    assert phone.quiet(2)


@pytest.mark.browser
@pytest.mark.parametrize("way", [way for way in WAYS if " tab" in way or "window" in way])
@pytest.mark.parametrize("slow", ["Target.closeTarget", "Fetch."])
def test_nothing_is_sent_and_no_tab_stays_however_late_the_watchman_is(
    way: str, slow: str, phone: ChromiumPhone, sites: tuple[Site, Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    call = Wire.call

    async def slowly(wire: Wire, method: str, *given: Any) -> Any:
        if method.startswith(slow):
            await asyncio.sleep(1)
        return await call(wire, method, *given)

    monkeypatch.setattr(Wire, "call", slowly)
    test_nothing_is_sent_beyond_the_border(way, phone, sites)


@pytest.mark.browser
def test_within_the_border_all_is_as_ever(phone: ChromiumPhone, sites: tuple[Site, Site]) -> None:
    home, outside = sites
    outside.asked.clear()
    picture = f'<a href="/next" target="_blank">go</a><img src="{outside.url}/picture"><iframe src="{outside.url}/f">'
    screen = shown(phone, home, picture)
    go = next(e for e in screen.elements if e.name == "go")
    phone.act(Tap(point=go.box.center, element=go))
    until = time.monotonic() + 8  # a new tab may come late on a busy machine
    while phone.observe(screenshot=False).url != home.url + "/next":
        assert time.monotonic() < until
        phone.quiet(1)
    assert sorted(outside.asked) == ["GET /f", "GET /picture"]  # what a page loads into itself is left alone


@pytest.mark.browser
def test_an_address_beyond_the_border_is_not_opened(phone: ChromiumPhone, sites: tuple[Site, Site]) -> None:
    home, outside = sites
    outside.asked.clear()
    shown(phone, home, "here")
    with pytest.raises(ActionFailed, match="--allow-domain 127"):
        phone.act(Open(url=outside.url))
    assert outside.asked == []


@pytest.mark.browser
def test_the_border_may_be_drawn_anew(phone: ChromiumPhone, sites: tuple[Site, Site]) -> None:
    home, outside = sites
    screen = shown(phone, home, f'<a href="{outside.url}/x">go</a>')
    go = next(e for e in screen.elements if e.name == "go")
    phone.keep_within(None)
    try:
        phone.act(Tap(point=go.box.center, element=go))
        until = time.monotonic() + 8
        while phone.observe(screenshot=False).url != outside.url + "/x":
            assert time.monotonic() < until
            phone.quiet(1)
    finally:
        phone.keep_within(Border.around([home.url]))


HOSTS = st.one_of(
    st.sampled_from(
        ["example.org", "EXAMPLE.org.", "127.1", "0x7f.0.0.1", "017700000001", "256.1", "1.2.3.4.5", "[::1]", "[::f:1]"]
    ),
    st.text("abßé.。-_%2eE0x7[]:@ \\t\u00ad\u200dｅ😀", max_size=12),
)
ADDRESSES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", " ", "\t", "\x00"]),
        st.sampled_from(["http:", "HTTPS:", "ht\ntps:", "ws:", "mailto:", "x:"]),
        st.text("/\\\\\t", max_size=4),
        st.sampled_from(["", "u@", "u:p@", "a@b@", "evil.example\\\\@", "evil.example#@", "evil.example?@"]),
        HOSTS,
        st.sampled_from(["", ":", ":80", ":0443", ":65536", ":x", ":8080"]),
        st.text("/\\\\?#@:.a %ü\n", max_size=6),
    ),
)
READ = "(text => { try { const u = new URL(text); return [u.protocol, u.hostname, u.port] } catch { return null } })"


@pytest.mark.browser
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ADDRESSES)
def test_an_address_is_read_as_the_browser_reads_it(text: str, phone: ChromiumPhone) -> None:
    known, found = phone.ask(f"{READ}({json.dumps(text)})"), read_address(text)
    if found is None or not found.host:
        assert known is None or known[0] not in ("http:", "https:") or found is None
        return
    if known is not None:
        port = known[2] or None
        assert (f"{found.scheme}:", found.host) == (known[0], known[1].removesuffix("."))
        assert port is None or str(found.gone_to) == port
    again = read_address(found.text)
    assert again is not None and (again.scheme, again.host, again.gone_to) == (found.scheme, found.host, found.gone_to)
    written = phone.ask(f"{READ}({json.dumps(found.text)})")
    assert written is None or written[:2] == [f"{found.scheme}:", found.host]


ASKS = """<button onclick="Notification.requestPermission().then(say)">news</button><button onclick="
navigator.mediaDevices.getUserMedia({video: true}).then(() => say('seen'), e => say(e.name))">camera</button>
<p id=said></p><script>const say = text => { said.textContent = text }</script>"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("good", "heard"), [(True, ("granted", "NotFoundError")), (False, ("denied", "NotAllowedError"))]
)
def test_a_page_gets_the_permissions_that_the_user_allows(
    good: bool, heard: tuple[str, str], chromium: Path, sites: tuple[Site, Site]
) -> None:
    asked: list[tuple[str, str]] = []

    def may(what: str, origin: str) -> bool:
        asked.append((what, origin))
        return good

    site = sites[0]
    with ChromiumPhone(Blobs(), executable=chromium, may=may) as phone:
        for name, expected in zip(("news", "camera"), heard, strict=True):
            screen = shown(phone, site, ASKS)
            button = next(e for e in screen.elements if e.name.strip() == name)
            phone.act(Tap(point=button.box.center, element=button))
            until = time.monotonic() + 8  # what it is told comes later than its answer
            while expected not in (names := [e.name for e in phone.observe(screenshot=False).elements]):
                assert time.monotonic() < until, names
                time.sleep(0.02)
    assert asked == [("notifications", site.url), ("camera", site.url)]
