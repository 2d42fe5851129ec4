"""Settings: which source wins, and what a wrong one says."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from ostinato.errors import SetupError, UsageError
from ostinato.settings import Settings, load_settings, secret


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OSTINATO_{name.upper()}", raising=False)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_without_any_source_the_defaults_hold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    settings = load_settings()
    assert settings.home == tmp_path / "data" / "ostinato"
    assert (settings.width, settings.height, settings.scale) == (390, 844, 1.0)
    assert settings.commits is None and settings.chromium is None


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(Path("ostinato.toml"), 'width = 412\nheight = 915\ncommits = "refuse"\n')
    monkeypatch.setenv("OSTINATO_HEIGHT", "800")
    settings = load_settings()
    assert (settings.width, settings.height, settings.commits) == (412, 800, "refuse")


def test_the_file_in_the_working_folder_comes_before_the_users(tmp_path: Path) -> None:
    write(tmp_path / "config" / "ostinato" / "config.toml", "max_steps = 7\n")
    assert load_settings().max_steps == 7
    write(Path("ostinato.toml"), "max_steps = 8\n")
    assert load_settings().max_steps == 8


def test_a_file_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(Path("ostinato.toml"), "max_steps = 8\n")
    monkeypatch.setenv("OSTINATO_CONFIG", str(write(tmp_path / "named.toml", "max_steps = 9\n")))
    assert load_settings().max_steps == 9
    assert load_settings(write(tmp_path / "given.toml", "max_steps = 10\n")).max_steps == 10


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("widht = 400\n", "unknown key 'widht'. Did you mean width?"),
        ('width = "wide"\n', "width: 'wide' is not a whole number"),
        ("width = 0\n", "width: 0 is not a whole number of pixels from 100"),
        ('commits = "always"\n', "commits: 'always' is not ask, refuse or allow"),
        ("[home]\nfolder = 1\n", "home: {'folder': 1} is not a folder"),
        ("width = = 3\n", "is not TOML"),
    ],
)
def test_a_wrong_file_says_file_key_and_what_is_expected(text: str, says: str) -> None:
    write(Path("ostinato.toml"), text)
    with pytest.raises(UsageError) as raised:
        load_settings()
    assert "ostinato.toml: " in str(raised.value) and says in str(raised.value)


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings(tmp_path / "none.toml")


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_SCALE", "huge")
    with pytest.raises(UsageError, match=r"^OSTINATO_SCALE: 'huge' is not a number"):
        load_settings()


@pytest.mark.parametrize("name", ["OSTINATO_HOME", "OSTINATO_CACHE", "OSTINATO_CHROMIUM"])
def test_the_home_of_nobody_is_no_folder(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "~nobody-of-this-name/x")
    with pytest.raises(UsageError, match=f"^{name}: '~nobody-of-this-name/x' is not .*a user of that name"):
        load_settings()


def test_the_address_of_a_database_that_is_advised_names_the_driver_of_our_extra() -> None:
    write(Path("ostinato.toml"), "store_url = 5\n")
    with pytest.raises(UsageError, match=r"postgresql\+psycopg://"):
        load_settings()


def test_an_unknown_variable_is_named_with_a_near_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_COMMIT", "ask")
    with pytest.raises(UsageError, match=r"^OSTINATO_COMMIT: unknown setting. Did you mean OSTINATO_COMMITS?"):
        load_settings()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_CHROMIUM", "")
    assert load_settings().chromium is None


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings().width = 1  # type: ignore[misc]


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_SECRET_BANK_PIN", "1234")
    assert secret("bank-pin") == "1234"
    assert load_settings().width == 390  # a secret is no unknown setting


def test_a_missing_secret_says_how_to_set_it() -> None:
    with pytest.raises(SetupError, match="export OSTINATO_SECRET_NO_SUCH="):
        secret("no such")
