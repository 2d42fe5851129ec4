"""Eyes for stored screenshots: each looked at once, passwords never read, and verdicts that follow what is seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from screens import NOW, element, screen

from ostinato.errors import ModelError, SetupError, StoreError, UsageError
from ostinato.judge import eyes as module
from ostinato.judge.check import AnyOf, Asked, Check, Exists, Icon, OcrHas, TextHas, Was
from ostinato.judge.evidence import Evidence, evaluate
from ostinato.judge.eyes import StoredEyes, asks_pictures, asks_words, has_pictures_only, icons_of
from ostinato.judge.judge import judge
from ostinato.judge.many import Order, judge_many
from ostinato.judge.substate import Rules, Substate
from ostinato.model.ocr import INSTALL, Line, can_read
from ostinato.trace.data import AppData
from ostinato.trace.locator import Locator
from ostinato.trace.record import Trace
from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.store import Store, new_id

needs_extra = pytest.mark.skipif(not can_read(), reason="needs the extra `ocr`: make test installs it")
NOTHING = b"a picture"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def images(tmp_path: Path, drawn: dict[str, bytes]) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "star.png").write_bytes(drawn["star"])
    return folder


class Reader:
    """Stands for the engine: reads these words in every picture, and counts."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.times = 0
        self.version = "one"

    def read_lines(self, picture: bytes) -> tuple[Line, ...]:
        self.times += 1
        return tuple(Line(word, (10, 40.0 * n, 80, 20), 1.0) for n, word in enumerate(self.words))

    def engine_version(self) -> str:
        return self.version


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    found = Reader("Museum", "18.00")
    monkeypatch.setattr(module, "read_lines", found.read_lines)
    monkeypatch.setattr(module, "engine_version", found.engine_version)
    return found


def picture(store: Store, data: bytes = NOTHING, *elements: Element) -> Screen:
    return screen(*elements, url=None, screenshot=store.blobs.put(data))


def eyes_of(store: Store, images: Path | None = None, icons: Sequence[str] = ()) -> StoredEyes:
    return StoredEyes(store.blobs, store.read, images, icons)


def rules_of(*checks: Check, text: str = "") -> Rules:
    return Rules(substates=(Substate(id="a", text=text, checks=checks),))


def keep_run(store: Store, final: Screen) -> str:
    """A run that came from elsewhere and ended on this screen."""
    now = datetime.now(UTC)
    return store.add(Trace(id=new_id(), task="a task", started=now, ended=now, final=final), {})


def no_data(sha: str) -> AppData:
    raise StoreError("no data was kept")


# ---------------------------------------------------------------------------------------------- reading once
def test_a_picture_is_read_once_for_all_times(store: Store, reader: Reader) -> None:
    shown, watched = picture(store), []
    first = StoredEyes(store.blobs, store.read, watch=lambda: watched.append(1))
    assert first.read(shown) == first.read(shown) == ("Museum", "18.00")
    assert eyes_of(store).read(shown) == ("Museum", "18.00")
    assert (reader.times, len(watched)) == (1, 1)
    reader.version = "two"
    eyes_of(store).read(shown)
    assert reader.times == 2


@pytest.mark.parametrize("damage", ["{", "[[1]]", "7", '[["x", [1, 2], 1]]'])
def test_what_was_kept_and_is_damaged_is_read_again(store: Store, reader: Reader, damage: str) -> None:
    shown = picture(store)
    eyes_of(store).read(shown)
    [kept] = (store.read).rglob("*.json")
    kept.write_text(damage)
    assert eyes_of(store).read(shown) == ("Museum", "18.00") and reader.times == 2


def test_a_lost_picture_is_an_error_although_it_was_read(store: Store, reader: Reader) -> None:
    shown = picture(store)
    eyes_of(store).read(shown)
    store.blobs.delete(str(shown.screenshot))
    with pytest.raises(StoreError, match="the blob is missing"):
        eyes_of(store).read(shown)
    with pytest.raises(StoreError, match="was not kept"):
        eyes_of(store).read(screen())


def test_what_was_read_of_pictures_that_are_gone_goes_with_a_clean_up(store: Store, reader: Reader) -> None:
    gone, left = picture(store), picture(store, b"another")
    for shown in (gone, left):
        eyes_of(store).read(shown)
    store.blobs.delete(str(gone.screenshot))
    store.gc(dry_run=True)
    assert len(list(store.read.rglob("*.json"))) == 2
    store.gc()
    [kept] = store.read.rglob("*.json")
    assert kept.name == f"{left.screenshot}.words.json"


def test_a_folder_that_cannot_be_written_keeps_nothing_and_all_is_read(store: Store, reader: Reader) -> None:
    (store.read).write_text("a file where the folder should be")
    assert eyes_of(store).read(picture(store)) == ("Museum", "18.00")


def test_a_picture_that_is_none_is_an_error(store: Store) -> None:
    if can_read():
        with pytest.raises(ModelError, match="the picture cannot be read"):
            eyes_of(store).read(picture(store))


# ---------------------------------------------------------------------------------------------- passwords
def test_a_password_field_is_not_read_whether_its_value_is_known_or_not(store: Store, reader: Reader) -> None:
    for value in ("hunter2", None):
        field = element("textbox", "PIN", password=True, value=value, top=1.0)
        shown = picture(store, str(value).encode(), field)
        assert eyes_of(store).read(shown) == ("18.00",)
    assert "Museum" not in "".join(file.read_text() for file in (store.read).rglob("*.json"))


@needs_extra
def test_the_words_in_a_drawn_password_field_are_masked(store: Store, drawn: dict[str, bytes]) -> None:
    box = Box(left=8, top=45, width=214, height=35)
    field = element("textbox", "Password", password=True, value="Swordfish").model_copy(update={"box": box})
    shown = Screen(width=240, height=200, elements=(field,), screenshot=store.blobs.put(drawn["login"]), taken=NOW)
    texts = " ".join(eyes_of(store).read(shown))
    assert "Alice" in texts and "Sign in" in texts and "Sword" not in texts
    assert all("Sword" not in file.read_text() for file in (store.read).rglob("*.json"))


# ---------------------------------------------------------------------------------------------- icons
@needs_extra
def test_an_icon_beside_the_rules_is_seen_once_and_by_its_name_without_an_ending(
    store: Store, images: Path, drawn: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, other = picture(store, drawn["star 32"]), picture(store, drawn["none"])
    eyes = eyes_of(store, images)
    assert eyes.find_icon(shown, "star.png") >= 0.95 > 0.8 > eyes.find_icon(other, "star.png")

    def again(icon: bytes, picture: bytes) -> float:
        raise AssertionError("looked at again")

    monkeypatch.setattr(module, "likeness", again)
    assert eyes.find_icon(shown, "star") == eyes_of(store, images).find_icon(shown, "star.png") > 0.9


@needs_extra
def test_an_icon_that_cannot_be_had_is_refused(store: Store, images: Path, drawn: dict[str, bytes]) -> None:
    shown = picture(store, drawn["none"])
    (images.parent / "secret.png").write_bytes(drawn["star"])
    (images / "link.png").symlink_to(images.parent / "secret.png")
    for name in ("../secret.png", str(images.parent / "secret.png"), "link.png"):
        with pytest.raises(UsageError, match="an icon must lie in the folder of its rules"):
            eyes_of(store, images).find_icon(shown, name)
    with pytest.raises(UsageError, match="there is no such icon"):
        eyes_of(store, images).find_icon(shown, "moon.png")
    with pytest.raises(UsageError, match="these rules have none"):
        eyes_of(store).find_icon(shown, "star.png")
    (images / "large.png").write_bytes(bytes(module.MOST_BYTES + 1))
    with pytest.raises(UsageError, match="an icon has at most"):
        eyes_of(store, images).find_icon(shown, "large.png")


@needs_extra
def test_a_changed_icon_is_judged_anew_and_what_is_known_is_not(
    store: Store, images: Path, drawn: dict[str, bytes]
) -> None:
    trace = keep_run(store, picture(store, drawn["star 32"]))
    rules = rules_of(Icon(image="star.png"))

    def judged() -> list[tuple[str | None, bool]]:
        found = judge_many(store, [Order(trace, rules)], eyes=lambda o: eyes_of(store, images, icons_of(o.rules)))
        return [(one.verdict.value if one.verdict else None, one.again) for one in found]

    assert judged() == [("yes", True)]
    assert judged() == [("yes", False)]
    (images / "star.png").write_bytes(drawn["bills"])
    assert judged() == [("no", True)]
    (images / "star.png").unlink()
    assert judged() == [("uncertain", True)]


def test_the_name_of_eyes_follows_the_engine_and_the_icons(store: Store, reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"1")
    names = [eyes_of(store).name, eyes_of(store, tmp_path, ["a.png"]).name]
    (tmp_path / "a.png").write_bytes(b"2")
    names.append(eyes_of(store, tmp_path, ["a.png"]).name)
    reader.version = "two"
    names.append(eyes_of(store).name)
    assert len(set(names)) == 4 and eyes_of(store).name == names[-1]


# ---------------------------------------------------------------------------------------------- verdicts
def test_a_check_that_cannot_be_made_is_uncertain_and_says_why(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object) -> str:
        raise SetupError(INSTALL)

    for name in ("engine_version", "seeker_version"):
        monkeypatch.setattr(module, name, lacking)
    (tmp_path / "star.png").write_bytes(b"x")
    trace = store.load(keep_run(store, picture(store)))
    for check in (OcrHas(all=("Museum",)), Icon(image="star.png"), TextHas(text="Museum")):
        verdict = judge(trace, rules_of(check), no_data, eyes_of(store, tmp_path, ["star.png"]))
        assert verdict.value == "uncertain" and "pip install 'ostinato-agents[ocr]'" in " ".join(verdict.reasons)


def test_a_picture_answers_checks_of_words_where_there_is_no_tree(store: Store, reader: Reader) -> None:
    shown = Evidence(after=picture(store), eyes=eyes_of(store))
    asked = {
        OcrHas(all=("museum", "18.00")): "true",
        OcrHas(any=("Jam", "Museum")): "true",
        OcrHas(all=("Museum", "Jam")): "false",
        OcrHas(pattern=r"\d+\.\d\d"): "true",
        TextHas(text="18"): "true",
        TextHas(text="Jam"): "false",
    }
    assert {check: evaluate(check, shown).value for check in asked} == asked


def test_it_is_told_what_rules_need_and_which_traces_have_pictures_only(store: Store) -> None:
    nested = rules_of(Was(checks=(AnyOf(checks=(Exists(target=Locator(role="link")), Icon(image="b.png"))),)))
    assert asks_pictures(nested) and icons_of(nested) == ("b.png",)
    words = rules_of(TextHas(text="x"))
    assert not asks_pictures(words) and asks_words(words, model=False)
    in_words = rules_of(Exists(target=Locator(role="link")), text="The link is there")
    assert not asks_words(in_words, model=False) and asks_words(in_words, model=True)
    assert not asks_words(rules_of(Asked(question="x?")), model=False)

    def trace(final: Screen) -> Trace:
        return Trace(id="20260131-000000-000001", task="t", started=datetime.now(UTC), final=final)

    assert has_pictures_only(trace(picture(store)))
    assert not has_pictures_only(trace(screen(element("text", "x"), screenshot="0" * 64)))
    assert not has_pictures_only(trace(screen(screenshot="0" * 64, tree="1" * 64)))
