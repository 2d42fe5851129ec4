"""The commands that only look: what is stored, what was learnt, what is missing."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

import pytest
from cli_command import Command

from ostinato.phone.apps.app import app_names
from ostinato.trace.store import Store


def test_an_empty_home_has_no_traces_and_no_experiences(ostinato: Command) -> None:
    calls = (["trace", "list"], ["trace", "list", "--json"], ["experience", "list"], ["experience", "list", "--json"])
    traces, no_traces, experiences, no_experiences = ostinato.each([(call, {}) for call in calls], code=0)
    assert traces.out == "no traces\n" and no_traces.json == no_experiences.json == []
    assert "record a task twice, then: ostinato learn ID ID" in experiences.out


def test_traces_are_listed_and_shown(taught: Command) -> None:
    calls = (["trace", "list", "--json"], ["trace", "show", "last", "--json"])
    listed, shown = (said.json for said in taught.each([(call, {}) for call in calls], code=0))
    assert [one["task"] for one in listed] == [
        "Add an expense: Groceries, 18.20, paid by Bob",
        "Add an expense: Taxi to airport, 42.50, paid by Alice",
    ]
    assert (shown["id"], shown["status"]) == (listed[0]["id"], "done")
    assert len(shown["steps"]) == listed[0]["steps"] + 1, "the closing word is no step to count"
    assert shown["steps"][0]["index"] == 0, "programs get what is stored"
    beginning = taught("trace", "show", "2026", code=2).err
    assert all(one["id"] in beginning for one in listed)


def test_people_count_the_steps_from_one_without_the_closing_word(taught: Command) -> None:
    trace = Store(taught.home / "store").load("last")
    assert trace.steps[-1].action.kind == "done"
    calls = (["trace", "list"], ["trace", "show", "last"])
    listed, shown = taught.each([(call, {}) for call in calls], code=0)
    header, newest, _ = (line.split("\t") for line in listed.out.splitlines())
    assert newest[header.index("steps")] == str(len(trace.steps) - 1)
    numbers = re.findall(r"(?m)^ *(\d+) ", shown.out)
    assert numbers == [*map(str, range(1, len(trace.steps)))]


def test_an_experience_is_listed_shown_and_exported(taught: Command) -> None:
    show = ["experience", "show", ""]  # the beginning of every id
    export = ["experience", "export", "", "new/script.py", "--url", "http://here:1/"]
    calls = (["experience", "list", "--json"], [*show, "--json"], show, export, ["experience", "list"])
    listed, as_json, shown, wrote, for_people = taught.each([(call, {}) for call in calls], code=0)
    [experience] = listed.json
    names = [slot["name"] for slot in experience["slots"]]
    assert len(names) == 3 and all("{" + name + "}" in experience["templates"][0] for name in names)
    assert as_json.json == experience
    assert experience["templates"][0] in shown.out and "bill added" in shown.out
    assert experience["id"] in for_people.out
    assert "wrote new/script.py" in wrote.out
    source = (taught.folder / "new" / "script.py").read_text()
    ast.parse(source)
    assert "http://here:1/" in source


def test_learning_prints_the_experience_for_programs(taught: Command, taught_home: Path) -> None:
    ids = sorted(Store(taught_home / "store").ids())
    assert taught("learn", *ids, "--json").json["recordings"] == ids
    assert taught("learn", ids[0], "--json").json["status"] == "candidate"


def test_a_stored_trace_is_judged_and_the_verdict_kept(taught: Command) -> None:
    calls = (["judge", "run", "last", "--json"], ["trace", "list", "--json"], ["judge", "run", "last"])
    verdict, listed, again = taught.each([(call, {}) for call in calls], code=0)
    assert verdict.json["value"] == "yes" and any("Groceries" in change for change in verdict.json["changes"])
    assert listed.json[0]["verdict"] == "yes"
    assert f"{verdict.json['trace']}: yes" in again.out


def test_rules_of_ones_own_judge_otherwise(taught: Command) -> None:
    rules = taught.folder / "rules.yaml"
    never = [{"id": "airship", "checks": [{"kind": "text_has", "text": "Zeppelin"}]}]
    rules.write_text(json.dumps({"task": "x", "substates": never}))
    said = taught("judge", "run", "last", "--rules", rules, code=1).out
    assert ": no\n" in said and "“Zeppelin” is shown" in said


SENSELESS = {
    "just words": "0.yaml: file: ",
    "task: x\nsubstates:\n  - id: a\n   checks: []": "1.yaml: line 4, column 4: is not YAML: while parsing a block",
    '{"substates": [{"id": "a", "checks": [{"kind": "wish"}]}]}': "2.yaml: substates.0.checks.0",
    '{"substates": [{"id": "a", "checks": [{"kind": "text_has"}]}]}': "3.yaml: substates.0.checks.0.text_has.text",
    '{"substates": [{"id": "a", "parent": "b", "checks": []}]}': "4.yaml: substates.0.parent: there is no substate",
}


def test_rules_that_make_no_sense_name_file_and_field(taught: Command) -> None:
    for k, content in enumerate(SENSELESS):
        (taught.folder / f"{k}.yaml").write_text(content)
    calls = [["judge", "run", "last", "--rules", f"{k}.yaml"] for k in range(len(SENSELESS))]
    for said, answer in zip(SENSELESS.values(), taught.each([(call, {}) for call in calls], code=1), strict=True):
        assert said in answer.err


def test_without_an_experience_judging_says_so(taught: Command) -> None:
    shutil.rmtree(taught.home / "experiences")
    assert "no experience fits" in taught("judge", "run", "last", code=2).err


def test_apps_are_listed(ostinato: Command) -> None:
    nowhere = {"OSTINATO_CACHE": str(ostinato.folder)}
    listed, shown = ostinato.each([(["app", "list", "--json"], nowhere), (["app", "list"], nowhere)], code=0)
    assert listed.json == [{"name": name, "installed": False} for name in app_names()]
    assert shown.out.count("not installed") == len(app_names())


@pytest.mark.browser
def test_the_doctor_finds_what_is_needed(ostinato: Command, chromium: Path) -> None:
    found = {one["what"]: one for one in ostinato("doctor", "--json").json}
    assert {"Python", "Chromium", "a phone", "store", "apps"} <= set(found)
    assert all(one["state"] != "fail" for one in found.values())
    assert found["Chromium"]["said"] == str(chromium)


def test_the_doctor_says_what_to_do_without_a_browser(ostinato: Command) -> None:
    found = ostinato("doctor", "--json", code=1, OSTINATO_CHROMIUM="/no/chromium", OSTINATO_CACHE=str(ostinato.folder))
    by_name = {one["what"]: one for one in found.json}
    for what in ("Chromium", "a phone"):
        assert by_name[what]["state"] == "fail" and "/no/chromium is not a program" in by_name[what]["said"]
        assert by_name[what]["todo"].startswith("unset OSTINATO_CHROMIUM"), "setup does not change what was set"
    assert (by_name["apps"]["state"], by_name["apps"]["todo"]) == ("warn", "ostinato app install ihatemoney")


def test_a_home_that_cannot_be_made_is_named_with_its_setting(ostinato: Command) -> None:
    (ostinato.folder / "file").write_text("")
    homes = ("/proc/nothing/home", str(ostinato.folder / "file"))
    answers = ostinato.each([(["trace", "list"], {"OSTINATO_HOME": home}) for home in homes], code=1)
    for home, said in zip(homes, answers, strict=True):
        assert said.err.startswith(f"ostinato: {home}") and "OSTINATO_HOME, or `home` in the settings" in said.err
    assert "cannot be made" in answers[0].err
