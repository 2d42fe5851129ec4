"""MiniWoB++: pages that say their task, alike for the same seed, and tell right from wrong to the harness alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ostinato.errors import AppError, SetupError, UsageError
from ostinato.phone.apps.app import get_app
from ostinato.phone.apps.miniwob import MiniWoB
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.trace.action import Open, Tap, Type
from ostinato.trace.blobs import Blobs
from ostinato.trace.data import Cell
from ostinato.trace.screen import Element, Screen

SAMPLE = ("click-button", "email-inbox", "book-flight", "click-color", "use-slider", "tic-tac-toe")
Begin = Callable[[str, int], str]


def test_a_name_may_hold_a_page_and_a_seed() -> None:
    assert get_app("miniwob").name == "miniwob"
    assert get_app("miniwob/click-button").name == "miniwob/click-button"
    app = get_app("miniwob/click-button/7")
    assert app.name == "miniwob/click-button" and app.init_script and 'seedrandom("7")' in app.init_script
    with pytest.raises(UsageError, match="'x' is no seed"):
        get_app("miniwob/click-button/x")


def test_nothing_is_there_before_it_is_installed(tmp_path: Path) -> None:
    app = get_app("miniwob/click-button", tmp_path)
    assert not app.is_installed()
    with pytest.raises(SetupError, match="ostinato app install miniwob"):
        app.start()


@pytest.fixture(scope="module")
def app() -> Iterator[MiniWoB]:
    found = get_app("miniwob")
    assert isinstance(found, MiniWoB)
    found.install()
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def phone(chromium: Path, app: MiniWoB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromiumPhone]:
    with ChromiumPhone(Blobs(tmp_path_factory.mktemp("blobs")), executable=chromium) as found:
        app.shown_on(found)
        yield found


@pytest.fixture
def begin(app: MiniWoB, phone: ChromiumPhone) -> Begin:
    """Opens a page with a seed; gives its words."""

    def open_page(page: str, seed: int) -> str:
        app.choose(page, seed)
        phone.new_episode(start_url=app.url, init_script=app.init_script)
        return app.words()

    return open_page


def one(screen: Screen, role: str, name: str) -> Element:
    [found] = [e for e in screen.elements if (e.role, e.name) == (role, name)]
    return found


def episode(app: MiniWoB) -> dict[str, Cell]:
    [row] = app.data().tables["episode"].by_key().values()
    return row


def enter(phone: ChromiumPhone, text: str) -> None:
    screen = phone.observe(screenshot=False)
    phone.act(Type(text=text, element=next(e for e in screen.elements if e.role == "textbox")))
    button = one(screen, "button", "Submit")
    phone.act(Tap(point=button.box.center, element=button))


@pytest.mark.app
def test_a_page_that_is_not_there_is_answered_with_the_near_one(app: MiniWoB) -> None:
    with pytest.raises(UsageError, match=r"'click-buton'.* Did you mean click-button"):
        app.choose("click-buton", 1)
    with pytest.raises(UsageError, match="Did you mean click-button"):
        get_app("miniwob/click-buton")


@pytest.mark.app
def test_without_a_page_the_address_asks_for_one() -> None:
    plain = get_app("miniwob")
    with pytest.raises(AppError, match="is not running"):
        _ = plain.url
    plain.start()
    with pytest.raises(UsageError, match="miniwob/click-button/7"):
        _ = plain.url
    with pytest.raises(AppError, match="not on a phone"):
        plain.data()
    plain.stop()


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.parametrize("page", SAMPLE)
def test_the_same_seed_gives_the_same_task_and_another_seed_another(
    begin: Begin, phone: ChromiumPhone, page: str
) -> None:
    def seen(seed: int) -> tuple[str, tuple[tuple[str, str], ...]]:
        words = begin(page, seed)
        phone.quiet(5.0)
        return words, tuple((e.role, e.name) for e in phone.observe(screenshot=False).elements)

    first = seen(1)
    assert first[0] and seen(1) == first
    assert any(seen(other) != first for other in (2, 3, 4))


@pytest.mark.browser
@pytest.mark.app
def test_a_right_answer_is_one_point_and_a_wrong_one_is_not(begin: Begin, app: MiniWoB, phone: ChromiumPhone) -> None:
    words = begin("enter-text", 3)
    fresh = episode(app)
    assert (fresh["page"], fresh["seed"], fresh["utterance"]) == ("enter-text", 3, words)
    assert (fresh["done"], fresh["raw_reward"]) == (False, 0.0)
    enter(phone, words.split('"')[1])
    right = episode(app)
    assert (right["done"], right["raw_reward"], right["utterance"]) == (True, 1.0, words)
    begin("enter-text", 3)
    enter(phone, "something else")
    wrong = episode(app)
    assert (wrong["done"], wrong["raw_reward"]) == (True, -1.0)


@pytest.mark.browser
@pytest.mark.app
def test_the_screen_does_not_tell_right_from_wrong(begin: Begin, app: MiniWoB, phone: ChromiumPhone) -> None:
    def end(right: bool) -> tuple[tuple[str, str, bool], ...]:
        words = begin("enter-text", 3)
        enter(phone, words.split('"')[1] if right else "else")
        assert (episode(app)["raw_reward"] == 1.0) is right
        elements = phone.observe(screenshot=False).elements
        return tuple((e.role, e.name, e.reachable) for e in elements)

    assert end(True) == end(False)


@pytest.mark.browser
@pytest.mark.app
def test_an_episode_that_has_ended_stays_ended(begin: Begin, app: MiniWoB, phone: ChromiumPhone) -> None:
    words = begin("enter-text", 3)
    enter(phone, "wrong")
    ended = episode(app)
    cover = next(e for e in phone.observe(screenshot=False).elements if e.name == "END")
    phone.act(Tap(point=cover.box.center, element=cover))
    assert episode(app) == ended and ended["utterance"] == words


@pytest.mark.browser
@pytest.mark.app
def test_a_page_is_as_wide_as_the_phone(begin: Begin, phone: ChromiumPhone) -> None:
    begin("login-user", 1)
    assert phone.ask("innerWidth") == 160
    assert phone.observe(screenshot=False).scale == pytest.approx(390 / 160, abs=0.01)


@pytest.mark.browser
@pytest.mark.app
def test_a_phone_that_went_elsewhere_has_no_reward(begin: Begin, app: MiniWoB, phone: ChromiumPhone) -> None:
    words = begin("enter-text", 3)
    phone.act(Open(url="about:blank"))
    gone = episode(app)
    assert (gone["utterance"], gone["done"], gone["raw_reward"]) == (words, False, None)


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.nightly
def test_every_page_opens_and_says_its_task(begin: Begin, app: MiniWoB) -> None:
    assert len(app.pages()) >= 125
    assert [page for page in app.pages() if not begin(page, 1)] == []
