"""Preferences: kept with consent, replaced, found, and gone when they are forgotten."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import StoreError, UsageError
from ostinato.replay.profile import Profile


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "home" / "memory.sqlite")


def test_a_profile_that_was_never_used_is_no_file(profile: Profile) -> None:
    assert (profile.all(), profile.find("payer"), profile.about("payer")) == ([], [], None)
    profile.forget(["abc"])
    assert not profile.file.parent.exists()


def test_a_preference_of_an_app_comes_before_one_that_holds_everywhere(profile: Profile) -> None:
    profile.add("who_paid", "Alice", consent="command")
    profile.add("Who paid?", "Bob", "ihatemoney", consent="asked")
    found = [profile.about("who paid", app) for app in ("ihatemoney", "tiddlywiki", None)]
    assert [one and one.value for one in found] == ["Bob", "Alice", "Alice"]
    assert profile.about("paid") is None and profile.about("who") is None


def test_one_about_the_same_replaces_the_old_one(profile: Profile) -> None:
    profile.add("seat", "aisle", consent="command")
    profile.add("Seat", "window", consent="command")
    assert [one.value for one in profile.all()] == ["window"]
    assert profile.find("aisle") == []


def test_words_find_what_they_speak_of(profile: Profile) -> None:
    profile.add("seat", "window", consent="command")
    profile.add("seat", "aisle", "rail", consent="command")
    profile.add("coffee", "with café crème", consent="command")
    assert {one.value for one in profile.find("book a seat", "flights")} == {"window"}
    assert {one.value for one in profile.find("book a seat")} == {"window", "aisle"}
    assert [one.key for one in profile.find("a creme cafe, please")] == ["coffee"]
    assert profile.find('" OR 1) --') == [] and profile.find("") == []


def test_the_file_is_for_its_owner_alone(profile: Profile) -> None:
    profile.add("seat", "window", consent="command")
    assert stat.S_IMODE(profile.file.stat().st_mode) == 0o600


def test_what_is_forgotten_is_nowhere_in_the_files(profile: Profile) -> None:
    for number in range(40):
        profile.add(f"thing {number}", f"Zanzibar{number} quay", consent="command")
    kept, *gone = profile.all()
    assert any(b"anzibar7" in file.read_bytes().lower() for file in profile.file.parent.iterdir())
    profile.forget([one.id for one in gone])
    left = b"".join(file.read_bytes().lower() for file in profile.file.parent.iterdir())
    assert b"anzibar7" not in left and b"anzibar39" not in left and b"anzibar0" in left
    assert profile.all() == [kept] and [one.id for one in profile.find("zanzibar0")] == [kept.id]


@pytest.mark.parametrize(("key", "value"), [("card pin", "1234"), ("note", "sk-proj-abcdefghijklmnop1234")])
def test_secrets_are_refused_and_not_said_again(profile: Profile, key: str, value: str) -> None:
    with pytest.raises(UsageError, match="secrets are not kept in memory") as caught:
        profile.add(key, value, consent="command")
    assert value not in str(caught.value) and not profile.file.exists()


@pytest.mark.parametrize(("key", "value"), [("", "x"), ("x", "  "), ("x", "y" * 301)])
def test_what_is_empty_or_endless_is_refused(profile: Profile, key: str, value: str) -> None:
    with pytest.raises(UsageError, match="of a preference"):
        profile.add(key, value, consent="command")


def test_a_damaged_file_is_said(profile: Profile) -> None:
    profile.file.parent.mkdir()
    profile.file.write_bytes(b"no database at all, but long enough to be read as one " * 40)
    with pytest.raises(StoreError, match="move the file away"):
        profile.all()


def test_nothing_is_remembered_under_a_name_that_is_unknown(profile: Profile) -> None:
    one = profile.add("seat", "window", consent="command")
    assert profile.get(one.id[:4]) == profile.get("seat") == [one]
    with pytest.raises(UsageError, match="ostinato memory list"):
        profile.get("zz")


@given(st.text(max_size=40))
def test_any_words_may_be_looked_for(words: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        profile = Profile(Path(folder) / "memory.sqlite")
        profile.add("seat", "window", consent="command")
        profile.find(words)
        profile.about(words)


def test_only_commands_that_a_person_gives_write_to_it() -> None:
    """No code that sees screens or models has a way to keep a preference."""
    import ostinato

    source = Path(ostinato.__file__).parent
    writers = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if re.search(r"profile\.add\(|\bProfile\(", path.read_text("utf-8"))
    }
    assert writers == {"cli/memory.py", "cli/plan.py", "replay/memory.py"}
    assert "profile.add(" not in (source / "replay" / "memory.py").read_text("utf-8")
