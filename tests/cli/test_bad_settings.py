"""A wrong setting is named with its file (or variable), its field and what is expected."""

from __future__ import annotations

from pathlib import Path

from cli_command import Command

CONFIGURATIONS = {
    'width = "wide"': ": width: 'wide' is not a whole number of pixels from 100 to 10000",
    "step_timeout = -1": ": step_timeout: -1 is not a number of seconds above 0",
    'commits = "perhaps"': ": commits: 'perhaps' is not ask, refuse or allow",
    "widht = 400": ": unknown key 'widht'. Did you mean width?",
    "width =": ": is not TOML",
}


def test_a_wrong_configuration_names_file_and_field(ostinato: Command) -> None:
    files = [ostinato.folder / f"{k}.toml" for k in range(len(CONFIGURATIONS))]
    for file, content in zip(files, CONFIGURATIONS, strict=True):
        file.write_text(content)
    answers = ostinato.each([(["trace", "list"], {"OSTINATO_CONFIG": str(file)}) for file in files], code=2)
    for file, said, answer in zip(files, CONFIGURATIONS.values(), answers, strict=True):
        assert f"{file}{said}" in answer.err
    assert not ostinato.home.exists()


def test_the_usual_file_in_the_working_folder_counts(ostinato: Command) -> None:
    (ostinato.folder / "ostinato.toml").write_text("scale = 99")
    assert "ostinato.toml: scale: 99 is not a number above 0, at most 8" in ostinato("trace", "list", code=2).err


def test_a_wrong_variable_is_named(ostinato: Command) -> None:
    wrong, unknown, missing = ostinato.each(
        [
            (["doctor"], {"OSTINATO_WIDTH": "x"}),
            (["doctor"], {"OSTINATO_HOM": "/tmp"}),
            (["trace", "list"], {"OSTINATO_CONFIG": "none.toml"}),
        ],
        code=2,
    )
    assert "OSTINATO_WIDTH: 'x' is not a whole number" in wrong.err
    assert "OSTINATO_HOM: unknown setting. Did you mean OSTINATO_HOME?" in unknown.err
    assert "none.toml: the configuration cannot be read: No such file" in missing.err


def test_a_home_that_cannot_be_a_folder_is_named(ostinato: Command) -> None:
    ostinato.home.write_text("a file stands here")
    calls = (["trace", "list"], ["experience", "list"], ["judge", "run", "last"])
    for answer in ostinato.each([(call, {}) for call in calls], code=1):
        assert str(ostinato.home) in answer.err and "Not a directory" in answer.err


def test_a_file_that_cannot_be_written_is_named(taught: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    target = str(tmp_path / "file" / "out.json")
    calls = (["trace", "export", "last", "--to"], ["trace", "show", "last", "--html"], ["experience", "export", ""])
    for answer in taught.each([([*call, target], {}) for call in calls], code=1):
        assert str(tmp_path / "file") in answer.err
