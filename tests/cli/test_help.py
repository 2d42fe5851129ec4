"""Every command says what it does; what was asked wrongly is answered without a traceback."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from cli_command import Command

from ostinato import __version__
from ostinato.cli import root
from ostinato.cli.rooms import ROOMS, load

COMMANDS: dict[str, Any] = {}


def _collect(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _collect(inner, (*words, name))


_ROOT = _collect(typer.main.get_command(root.app), ())
_ROOMS = (found for name in ROOMS for found in _collect(load(name), (name,)))
for _words, _command in (*_ROOT, *_ROOMS):
    COMMANDS[" ".join(_words)] = _command


def test_the_commands_are_those_of_the_manual() -> None:
    assert set(COMMANDS) == {
        "", "run", "replay", "learn", "record", "demo", "doctor", "mcp",
        "trace", "trace list", "trace show", "trace export", "trace import", "trace delete", "trace gc",
        "app", "app list", "app install", "app start", "app reset", "app clean",
        "experience", "experience list", "experience show", "experience diff", "experience verify",
        "experience quarantine", "experience export", "experience import", "experience keys", "experience trust",
        "experience delete",
        "plan", "memory", "memory add", "memory list", "memory show", "memory forget", "memory export",
        "judge", "judge import", "judge make", "judge run", "judge schema",
        "model", "model list", "model install", "model remove", "model ask",
    }  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_words(name: str) -> None:
    command = COMMANDS[name]
    assert len(command.help or "") > 15, f"{name} says nothing"
    silent = [p.name for p in command.params if not getattr(p, "help", None)]
    assert not silent


@pytest.mark.parametrize(
    "name", [name for name in COMMANDS if name.startswith(("trace ", "app ", "judge ", "experience "))]
)
def test_every_command_has_an_example_that_is_a_call_of_it(name: str) -> None:
    example = str(COMMANDS[name].epilog).removeprefix(f"Example: ostinato {name}")
    assert not example.startswith("Example"), COMMANDS[name].epilog
    COMMANDS[name].make_context(name, shlex.split(example.partition(">")[0]))


def test_help_says_what_each_command_does(ostinato: Command) -> None:
    answers = ostinato.each([([*name.split(), "--help"], {}) for name in COMMANDS], code=0)
    for (name, command), said in zip(COMMANDS.items(), answers, strict=True):
        shown = " ".join(said.out.split())
        assert " ".join((command.help or "").split())[:40] in shown, f"{name} --help does not say what it does"
        options = [p for p in command.params if p.param_type_name == "option"]
        assert all(any(spelling in shown for spelling in option.opts) for option in options), shown
    assert not ostinato.home.exists(), "asking for help has written something"


@pytest.mark.parametrize("name", ROOMS)
def test_the_list_of_all_says_of_a_room_what_the_room_says(name: str) -> None:
    assert ROOMS[name].help == " ".join(COMMANDS[name].help.split())


def test_the_list_of_all_waits_for_no_room(ostinato: Command) -> None:
    """A room brings its libraries: 1.5 s of imports that `--version` and `--help` can do without."""
    code = (
        "import sys; from ostinato.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    listed, _, modules = said.rpartition("╯")
    assert all(name in listed for name in ROOMS)
    assert {"pydantic", "sqlalchemy", "numpy"}.isdisjoint(modules.split())


def test_the_version_is_told(ostinato: Command) -> None:
    assert ostinato("--version").out == f"ostinato {__version__}\n"


WRONG = {
    ("trace", "lst"): "Did you mean 'list'",
    ("run", "x"): "--app APP or --url URL",
    ("run", "x", "--app", "ihatemoney", "--url", "http://a/"): "one of them",
    ("run", "--app", "ihatemoney"): "say what: a TASK in words, or --csv FILE",
    ("run", "x", "--app", "ihatemony"): "Did you mean ihatemoney?",
    ("run", "x", "--app", "ihatemoney", "--commits", "maybe"): "'ask', 'refuse', 'allow'",
    ("record", "x"): "--app APP or --url URL",
    ("record", "x", "--app", "tiddlywikki"): "Did you mean tiddlywiki?",
    ("record", "x", "--from-codegen", "none.py"): "cannot read none.py",
    ("app", "install", "nothing"): "Known: ihatemoney, tiddlywiki",
    ("experience", "show", "abc"): "no experience begins with 'abc'",
    ("replay", "abc"): "no experience begins with 'abc'",
    ("trace", "show", "last"): "no trace 'last'",
    ("learn", "a", "b"): "no trace 'a'",
}


def test_a_wrong_call_is_answered_with_what_to_do(ostinato: Command) -> None:
    for (asked, said), answer in zip(WRONG.items(), ostinato.each([(c, {}) for c in WRONG], code=2), strict=True):
        assert said in " ".join(answer.err.split()), (asked, answer.err)
        assert answer.out == ""


def test_output_that_nobody_reads_any_more_is_no_traceback(ostinato: Command) -> None:
    with ostinato.begin("--help") as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        process.wait(timeout=60)
    assert "Traceback" not in err
