"""Versions and bundles at the command line: what is given away, what comes in, what is used."""

from __future__ import annotations

import json
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_command import Command, Said

TASK = "Add an expense: Museum, 18, paid by Carol"


@pytest.fixture
def other(taught: Command) -> Command:
    """The same person's folder, with the home of somebody else, who has learnt nothing."""
    return replace(taught, home=taught.folder / "other")


def changed(file: Path, change: Any) -> None:
    body = json.loads(file.read_text())
    change(body)
    file.write_text(json.dumps(body))


def flat(text: str) -> str:
    return " ".join(text.split())


def all_of(command: Command, *calls: list[str], code: int = 0) -> list[Said]:
    """What each of some commands says, one after the other."""
    return command.each([(["experience", *call], {}) for call in calls], code=code)


def test_a_bundle_goes_to_another_home_and_is_a_candidate_there(taught: Command, other: Command) -> None:
    wrote, shown, keys = all_of(taught, ["export", "", "bundle.json"], ["show", "", "--json"], ["keys"])
    assert "signed with your key" in wrote.out and "it holds 6 values that your recordings showed" in wrote.out
    key, own = taught.home / "keys" / "signing.pem", keys.out.split()[0]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    take = ["import", "bundle.json", "--yes"]
    asked, unseen = all_of(other, take[:-1], ["trust", own[:8], "Office"], code=2)
    assert "--yes says it beforehand" in asked.err and not (other.home / "experiences").exists()
    assert "no key that was seen" in unseen.err
    none, took, listed, named, again, keys = all_of(
        other, ["keys"], take, ["list", "--json"], ["trust", own[:8], "Office"], take, ["keys"]
    )
    assert "first export makes it" in none.out
    for said in ("seen for the first time", "cannot be taken back: tap button “Submit”", "learnt there", "a candidate"):
        assert said in flat(took.out)
    [one] = listed.json
    assert (one["status"], one["recordings"], one["played"]["last"]) == ("candidate", [], None)
    assert all(one[part] == shown.json[part] for part in ("templates", "slots", "nodes", "success", "data"))
    assert f"{own} is Office" in named.out and f"{own}  Office, first seen" in keys.out
    for said in ("which is Office", "nothing differs", "the same is here already"):
        assert said in flat(again.out)
    said = other("run", TASK, "--app", "ihatemoney", code=2).err
    assert f"ostinato experience verify {one['id']}.v1" in flat(said)


def test_what_was_changed_on_the_way_does_not_come_in(taught: Command, other: Command) -> None:
    all_of(taught, ["export", "", "bundle.json"])
    whole, bare, script = (taught.folder / f"{name}.json" for name in ("bundle", "bare", "script"))
    changed(whole, lambda body: body["experience"]["nodes"][3].update(text="9999"))
    shutil.copy(whole, bare)
    changed(bare, lambda body: body.update(signature=None))
    shutil.copy(bare, script)
    changed(script, lambda body: body["experience"]["nodes"][0].update(kind="open", text="javascript:alert(1)"))
    spoilt, opens = all_of(other, *(["import", str(file), "--yes"] for file in (whole, script)), code=1)
    assert "changed after it was signed" in flat(spoilt.err) and "no address (http, https)" in flat(opens.err)
    [took] = all_of(other, ["import", "bare.json", "--yes"])
    assert "not signed: anybody may have made or changed it" in flat(took.out) and "type “9999” into" in flat(took.out)


@pytest.mark.nightly
def test_a_version_from_outside_stands_beside_the_one_that_is_used(taught: Command) -> None:
    taught("experience", "export", "", "bundle.json", "--no-sign")
    file = taught.folder / "bundle.json"

    def spoil(body: dict[str, Any]) -> None:
        node = body["experience"]["nodes"][4]
        node["target"]["name"] = "\u202eevil"
        node["primitive"] = "look at the list"
        body["experience"]["goals"] = []

    changed(file, spoil)
    took = flat(taught("experience", "import", file, "--yes").out)
    assert "which it does not replace" in took and ".v2, a candidate" in took
    assert "tap button “ evil” (called: look at the list)" in took and "\u202e" not in took
    calls = [["experience", *more] for more in (["list"], ["diff", ""], ["diff", "", "1", "2", "--json"], ["show", ""])]
    listed, diff, as_json, shown = taught.each([(call, {}) for call in calls], code=0)
    assert [line.split()[1:3] for line in listed.out.splitlines()] == [["v1", "learnt"], ["v2", "candidate"]]
    assert "+ look at the list" in flat(diff.out)
    names = {(d["part"], d["after"]) for d in as_json.json["differences"]}
    assert ("in words", "look at the list") in names and ("target name", "\u202eevil") in names
    assert "v1 for ihatemoney" in shown.out and "imported from bundle.json, not signed" in flat(shown.out)


@pytest.mark.nightly
def test_a_quarantine_takes_a_version_out_of_use_until_it_is_lifted(taught: Command) -> None:
    said, shown = all_of(taught, ["quarantine", "", "--reason", "wrong currency"], ["show", ""])
    assert "v1 is quarantined; no version of it is used" in said.out and "wrong currency" in shown.out
    calls = (["run", TASK, "--app", "ihatemoney"], ["replay", ""], ["experience", "verify", ""])
    no_match, no_replay, no_trial = taught.each([(call, {}) for call in calls], code=2)
    assert "no experience fits" in no_match.err
    assert "is in quarantine" in flat(no_replay.err) and "is in quarantine" in flat(no_trial.err)
    [lifted] = all_of(taught, ["quarantine", "", "--lift"])
    [not_there] = all_of(taught, ["quarantine", "", "--lift"], code=2)
    assert "v1 is learnt; version 1 is used" in lifted.out and "is not in quarantine" in not_there.err


@pytest.mark.nightly
def test_the_form_of_an_export_follows_the_name_of_its_file(taught: Command) -> None:
    calls = (
        ["experience", "export", "", "a.py"],
        ["experience", "export", "", "b.txt", "--form", "script"],
        ["experience", "export", "", "c.txt", "--form", "bundle", "--no-sign"],
    )
    taught.each([(call, {}) for call in calls], code=0)
    folder = taught.folder
    assert (folder / "a.py").read_text() == (folder / "b.txt").read_text() and json.loads(
        (folder / "c.txt").read_text()
    )
    wrong = (
        (["a"], "ends neither with .json"),
        (["a.py"], "--force writes over it"),
        (["d.py", "--no-sign"], "goes with a bundle"),
        (["d.json", "--url", "http://x/"], "goes with a script"),
    )
    answers = taught.each([(["experience", "export", "", *more], {}) for more, _ in wrong], code=2)
    for (_, said), answer in zip(wrong, answers, strict=True):
        assert said in flat(answer.err)
    assert not (taught.home / "keys").exists(), "nothing was signed"


@pytest.mark.nightly
def test_a_page_and_two_experiences_side_by_side(taught: Command) -> None:
    assert "wrote new/page.html" in taught("experience", "show", "", "--html", "new/page.html").out
    page = (taught.folder / "new" / "page.html").read_text()
    assert "<svg" in page and "cannot be taken back" in page
    wrong = (["diff", ""], ["diff", "", "1"], ["diff", "", "1", "7"], ["diff", "", "1", "2", "3"])
    alone, no_such, no_version, too_many = taught.each([(["experience", *call], {}) for call in wrong], code=2)
    assert "one version only" in alone.err and "no experience begins with '1'" in no_such.err
    assert "no version 7" in no_version.err and "ID V1 V2" in flat(too_many.err)


@pytest.mark.app
@pytest.mark.browser
def test_a_candidate_is_used_once_it_was_right_on_a_reset_app(taught: Command, other: Command) -> None:
    all_of(taught, ["export", "", "bundle.json"])
    all_of(other, ["import", "bundle.json", "--yes"])
    ended = flat(other("experience", "verify", "").out)
    assert "v1: all runs were clean; status verified" in ended and "clean" in ended
    [listed] = other("experience", "list", "--json").json
    assert (listed["version"], listed["status"]) == (1, "verified")


@pytest.mark.nightly
@pytest.mark.browser
@pytest.mark.app
def test_of_two_versions_the_one_that_was_right_is_used(taught: Command, other: Command) -> None:
    all_of(taught, ["export", "", "bundle.json"])
    shutil.copy(other.folder / "bundle.json", other.folder / "bad.json")

    def spoil(body: dict[str, Any]) -> None:
        body["signature"] = None
        body["experience"]["data"][0]["cells"]["amount"] = "1"

    changed(other.folder / "bad.json", spoil)
    all_of(other, ["import", "bundle.json", "--yes"], ["import", "bad.json", "--yes"])
    failed = other("experience", "verify", "", "--json", code=1).json
    assert (failed["version"], failed["clean"], failed["status"]) == (2, False, "candidate")
    assert "judged no" in failed["trials"][0]["problems"][0]
    ended = flat(other("experience", "verify", failed["id"] + ".v1").out)
    assert "v1: all runs were clean; status verified" in ended and "clean" in ended
    done = other("run", TASK, "--app", "ihatemoney", "--commits", "allow", "--json").json
    assert done[0]["verdict"] == "yes"
    listed = [(e["version"], e["status"], e["played"]["right"]) for e in other("experience", "list", "--json").json]
    assert listed == [(1, "verified", 1), (2, "candidate", 0)]
