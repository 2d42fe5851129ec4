"""Where a phone may go: lists of domains, and a real Chromium that is kept within one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import ActionFailed, OffLimits, UsageError
from ostinato.phone import ChromiumPhone
from ostinato.phone.border import Border, domain, named_in
from ostinato.trace.action import Open, Tap
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
        ("http://2130706433:5000/", False),  # 127.0.0.1 as one number: a browser writes it out before it asks
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
