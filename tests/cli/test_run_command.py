"""`ostinato run` on the real app: with and without an experience, over a table, cut short."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil
import pytest
from cli_command import Command

from ostinato.phone.apps.app import get_app
from ostinato.trace.store import Store

TABLE = "Add an expense: {what}, {amount}, paid by {payer}"


def test_without_an_experience_both_ways_out_are_named(ostinato: Command) -> None:
    said = ostinato("run", "Add it's bread", "--app", "ihatemoney", code=2).err
    assert "no experience fits “Add it's bread”" in said
    assert """ostinato record --app ihatemoney 'Add it'"'"'s bread'""" in said and "a model" in said
    assert Store(ostinato.home / "store").ids() == []
    there = ostinato("run", "Buy", "--url", "http://a.example/", code=2).err
    assert "ostinato record --url http://a.example/ Buy" in there


def test_an_app_that_is_not_installed_is_told_with_the_command(taught: Command) -> None:
    task = "Add an expense: Rope, 3, paid by Bob"
    said = taught("run", task, "--app", "ihatemoney", code=1, OSTINATO_CACHE=str(taught.folder / "none")).err
    assert "ostinato app install ihatemoney" in said


TABLES = {
    "what,amount\nRope,3\n": "0.csv: line 2: has no value for {payer}",
    "what,amount,payer\nRope,3,Bob\nRope,,Bob\n": "1.csv: line 3: has no value for {amount}",
    "": "2.csv: file: has no row",
    "what\n寿司": "3.csv: file: is not CSV in UTF-8",
}


def test_a_table_that_does_not_fit_names_its_line(taught: Command) -> None:
    for k, content in enumerate(TABLES):
        (taught.folder / f"{k}.csv").write_text(content, "utf-16" if k == 3 else "utf-8")
    place = ["--app", "ihatemoney", "--csv"]
    calls = [["run", TABLE, *place, f"{k}.csv"] for k in range(len(TABLES))] + [["run", *place, "0.csv"]]
    wanted = [*TABLES.values(), "0.csv: line 2: has no `task` column"]
    for said, answer in zip(wanted, taught.each([(call, {}) for call in calls], code=1), strict=True):
        assert said in answer.err


def test_a_table_with_one_row_that_nothing_fits_begins_nothing(taught: Command) -> None:
    (taught.folder / "rows.csv").write_text('task\n"Add an expense: Rope, 3, paid by Bob"\n"Sing a song"\n')
    said = taught("run", "--csv", "rows.csv", "--app", "ihatemoney", "--commits", "allow", code=2).err
    assert "no experience fits “Sing a song”" in said
    assert len(Store(taught.home / "store").ids()) == 2, "only the recordings"


@pytest.mark.browser
@pytest.mark.app
def test_a_table_is_done_row_by_row_and_not_twice_on_the_same_data(taught: Command) -> None:
    get_app("ihatemoney").install()
    (taught.folder / "rows.csv").write_text("what,amount,payer\nRope,3,Bob\nSoup & bread,4.50,Dan\n", "utf-8-sig")
    run = ["run", TABLE, "--csv", "rows.csv", "--app", "ihatemoney", "--commits", "allow", "--json"]
    run += ["--folder", "data"]
    done = taught(*run, "--report", "new/report.html").json
    assert [(one["status"], one["verdict"]) for one in done] == [("done", "yes")] * 2
    assert [sorted(one["slots"].values()) for one in done] == [["3", "Bob", "Rope"], ["4.50", "Dan", "Soup & bread"]]
    assert "Soup &amp; bread" in (taught.folder / "new" / "report.html").read_text()
    again = taught(*[word for word in run if word != "--json"]).out
    assert again.count("skipped") == 2 and "judged yes" in again and "--again begins a new round" in again
    calls = (["trace", "list", "--limit", "2", "--json"], ["judge", "run", "last", "--json"])
    listed, verdict = (said.json for said in taught.each([(call, {}) for call in calls], code=0))
    assert [one["id"] for one in listed] == [one["trace"] for one in reversed(done)]
    assert verdict["value"] == "yes"


@pytest.mark.nightly
@pytest.mark.browser
@pytest.mark.app
def test_a_table_is_done_again_on_other_data_and_counts_there_alone(taught: Command) -> None:
    get_app("ihatemoney").install()
    (taught.folder / "rows.csv").write_text("what,amount,payer\nRope,3,Bob\nSoup & bread,4.50,Dan\n", "utf-8-sig")
    run = ["run", TABLE, "--csv", "rows.csv", "--app", "ihatemoney", "--commits", "allow", "--json", "--folder"]
    assert [one["status"] for one in taught(*run, "data").json] == ["done", "done"]
    elsewhere = taught(*run, "other data").json
    assert [one["status"] for one in elsewhere] == ["done", "done"]
    assert [one["status"] for one in taught(*run, "data").json] == ["skipped", "skipped"]
    taught("trace", "delete", *(one["trace"] for one in elsewhere), "--yes")


@pytest.mark.nightly
@pytest.mark.browser
@pytest.mark.app
def test_without_leave_the_run_stops_before_it_sends(taught: Command) -> None:
    get_app("ihatemoney").install()
    [one] = taught("run", "Add an expense: Rope, 3, paid by Bob", "--app", "ihatemoney", "--json", code=1).json
    assert one["status"] == "stopped" and "--commits allow" in one["reason"] and one["changes"] == []


@pytest.mark.browser
@pytest.mark.app
def test_ctrl_c_leaves_a_readable_trace_and_no_process(taught: Command) -> None:
    get_app("ihatemoney").install()
    task = "Add an expense: Rope, 3, paid by Bob"
    with taught.begin("run", task, "--app", "ihatemoney", "--commits", "allow") as process:
        assert process.stdout is not None and process.stderr is not None
        first = process.stdout.readline()
        children = psutil.Process(process.pid).children(recursive=True)
        server = next(c for c in children if "ihatemoney" in c.cmdline()[0])
        server.suspend()  # so that the run cannot end first
        process.send_signal(signal.SIGINT)
        server.resume()
        out, err = process.communicate(timeout=60)
    assert "Add a new bill" in first
    assert process.returncode == 130 and "Traceback" not in out + err, out + err
    assert "interrupted" in out
    assert len(children) >= 4 and not psutil.wait_procs(children, timeout=15)[1]
    trace = Store(taught.home / "store").load("last")
    assert trace.status == "interrupted" and not trace.problems and trace.task == task
    assert trace.steps and trace.outcome is not None and trace.outcome.reason == "stopped by Ctrl-C"


@pytest.mark.nightly
@pytest.mark.browser
@pytest.mark.app
def test_a_codegen_script_is_recorded(ostinato: Command) -> None:
    get_app("ihatemoney").install()
    script = Path(__file__).parent.parent / "collect" / "codegen" / "sync.txt"
    task = "Add an expense: Taxi to airport, 42.50, paid by Carol"
    said = ostinato("record", task, "--app", "ihatemoney", "--from-codegen", script, "--json")
    assert said.json["status"] == "done" and "line 13: Tab only moves the focus" in said.err
    shown = ostinato("trace", "show", said.json["trace"], "--json").json
    assert shown["meta"] == {"recorded_by": "codegen", "played_by": "a script"}
    wrong = ostinato.folder / "wrong.py"
    wrong.write_text(script.read_text().replace('.select_option("3")', '.wish("3")'))
    assert (
        "wrong.py: line 14: wish() is not understood"
        in ostinato("record", task, "--app", "ihatemoney", "--from-codegen", wrong, code=1).err
    )
    wrong.write_text(script.read_text().replace("How much?", "How many?"))
    failed = ostinato("record", task, "--app", "ihatemoney", "--from-codegen", wrong, code=1, OSTINATO_STEP_TIMEOUT="1")
    assert "stopped" in failed.out and "line 15 of the script" in failed.out
    assert len(Store(ostinato.home / "store").ids()) == 2
