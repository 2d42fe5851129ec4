"""The list of traces: whole where it is to be copied, and no mistake in what is asked taken for “no traces”."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest
from cli_command import Command

from ostinato.trace.record import Cost, Outcome, Verdict
from ostinato.trace.store import Store

ADDRESS = "http://127.0.0.1:45678/shop/basket?of=me"
TASK = "Put three pounds of organic apples into the basket and go on to the checkout"


def keep(store: Store, task: str, app: str | None, claimed: str = "done", verdict: str | None = None) -> str:
    with store.begin(task=task, app=app, phone="chromium", agent="script") as writer:
        outcome = Outcome.model_validate({"claimed": claimed})
        trace = writer.end(outcome=outcome, final=None, cost=Cost(), data_after=None)
    if verdict is not None:
        store.add_verdict(Verdict.model_validate({
            "trace": trace.id, "rules": "r", "value": verdict, "judged": trace.started
        }))  # fmt: skip
    return trace.id


@pytest.fixture
def stored(ostinato: Command) -> list[str]:
    store = Store(ostinato.home / "store")
    return [
        keep(store, TASK, ADDRESS, "stopped", "uncertain"),
        keep(store, "Add an expense:\n\tTaxi", "ihatemoney", "done", "yes"),
    ]


def at_a_terminal(command: Command, *arguments: str, columns: int) -> list[str]:
    """The lines that a person sees at a terminal so many columns wide."""
    ours, theirs = pty.openpty()
    environment = command.environment(COLUMNS=str(columns), TERM="xterm")
    with subprocess.Popen(
        [sys.executable, "-m", "ostinato", *arguments], cwd=command.folder, env=environment,
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the terminal is closed: Linux says so in this way
                break
            if not part:
                break
            said += part
    os.close(ours)
    assert process.returncode == 0, said
    return [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", said.decode()).splitlines()]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_a_line_for_each_trace_with_id_and_verdict_whole(
    ostinato: Command, stored: list[str], columns: int
) -> None:
    shown = at_a_terminal(ostinato, "trace", "list", columns=columns)
    assert all(len(line) <= columns for line in shown)
    expense = next(line for line in shown if stored[1] in line)
    apples = next(line for line in shown if stored[0] in line)
    assert expense.endswith("  yes") and "  Add an expense: T" in expense
    assert apples.endswith("  uncertain") and "  stopped" in apples and "  127.0.0.1:45678  " in apples
    assert len(apples) == columns, "the task does not get all the width that is left"
    assert TASK[:16] in apples and "…" in apples


def test_what_stands_nowhere_takes_no_room(ostinato: Command) -> None:
    trace_id = keep(Store(ostinato.home / "store"), TASK, None)
    [header, line] = at_a_terminal(ostinato, "trace", "list", columns=140)
    assert header.split() == ["trace", "task", "status", "steps", "s"]
    assert line.startswith(f"{trace_id}  {TASK}  done")


def test_another_program_gets_tabs_and_nothing_cut(ostinato: Command, stored: list[str]) -> None:
    header, *rows = ostinato("trace", "list", COLUMNS="20").out.splitlines()
    assert header.split("\t") == ["trace", "task", "app", "status", "steps", "s", "verdict"]
    assert [row.split("\t")[:4] for row in rows] == [
        [stored[1], "Add an expense: Taxi", "ihatemoney", "done"],
        [stored[0], TASK, ADDRESS, "stopped"],
    ]
    assert [row.split("\t")[6] for row in rows] == ["yes", "uncertain"]


MISTAKES = {
    ("--status", "bogus"): "'done', 'failed', 'stopped', 'interrupted', 'damaged', 'unreadable'",
    ("--before", "nope"): "expected a trace id such as 20260131-120000-0a1b2c, or a date in UTC such as 2026-01-31",
    ("--before", "2026-13-01"): "expected a trace id",
    ("--app", "ihatemoneyy"): "Did you mean ihatemoney?",
    ("--app", "127.0.0.1:45679"): "Did you mean 127.0.0.1:45678?",
}


def test_a_mistake_in_a_filter_is_told(ostinato: Command, stored: list[str]) -> None:
    answers = ostinato.each([(["trace", "list", *asked], {}) for asked in MISTAKES], code=2)
    for said, answer in zip(MISTAKES.values(), answers, strict=True):
        words = answer.err.replace("│", " ").split()  # the frame of the parser's own messages
        assert said in " ".join(words) and answer.out == ""


def test_traces_are_found_by_date_and_by_what_the_list_calls_their_app(ostinato: Command, stored: list[str]) -> None:
    asked = (
        (["--before", stored[1]], stored[:1]),
        (["--before", "2020-01-31"], []),
        (["--before", "2999-01-31T12:00"], stored[::-1]),
        (["--app", "127.0.0.1:45678"], stored[:1]),
        (["--app", ADDRESS], stored[:1]),
        (["--app", "tiddlywiki"], []),
        (["--app", "miniwob/click-button"], []),
    )
    answers = ostinato.each([(["trace", "list", "--json", *words], {}) for words, _ in asked], code=0)
    for (words, found), answer in zip(asked, answers, strict=True):
        assert [one["id"] for one in answer.json] == found, words


def test_where_a_list_goes_on_is_no_line_of_it(ostinato: Command, stored: list[str]) -> None:
    said = ostinato("trace", "list", "--limit", "1")
    assert len(said.out.splitlines()) == 2
    assert said.err == f"more: ostinato trace list --before {stored[1]}\n"


def test_a_list_asks_the_database_of_the_settings(ostinato: Command, stored: list[str]) -> None:
    said = ostinato("trace", "list", code=1, OSTINATO_STORE_URL="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert "index" in said.err and said.out == ""
