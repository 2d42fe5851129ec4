"""`ostinato memory`: what is added is listed, what is forgotten is gone, secrets are refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from cli_command import Command


def test_a_preference_is_added_shown_exported_and_forgotten(ostinato: Command, tmp_path: Path) -> None:
    said = ostinato("memory", "add", "who_paid", "Carol", "--app", "ihatemoney").out
    assert "who_paid = Carol in ihatemoney" in said
    file = tmp_path / "preferences.json"
    calls: list[list[str]] = [
        ["memory", "add", "seat", "window"],
        ["memory", "list"],
        ["memory", "list", "a seat on the train", "--json"],
        ["memory", "show", "who paid"],
        ["memory", "export", str(file)],
        ["memory", "forget", "who_paid"],
        ["memory", "list", "--json"],
        ["memory", "forget", "--all", "--yes"],
        ["memory", "list"],
    ]
    _, listed, found, shown, exported, gone, left, all_gone, empty = ostinato.each([(c, {}) for c in calls], code=0)
    assert "Carol" in listed.out and "everywhere" in listed.out and "0 experiences" in listed.out
    assert [one["value"] for one in found.json] == ["window"]
    assert "you added it" in shown.out and "Carol" in shown.out
    assert exported.out.startswith("wrote 2 preferences")
    assert [one["key"] for one in json.loads(file.read_text())] == ["who_paid", "seat"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert gone.out.strip() == "forgotten: who_paid"
    assert [one["key"] for one in left.json] == ["seat"]
    assert all_gone.out.strip() == "forgotten: seat" and "no preferences; add one" in empty.out


def test_what_cannot_be_is_said(ostinato: Command, tmp_path: Path) -> None:
    (tmp_path / "there.json").write_text("[]")
    calls: list[list[str]] = [
        ["memory", "add", "wifi password", "sunshine"],
        ["memory", "add", "seat", " "],
        ["memory", "show", "seat"],
        ["memory", "forget", "seat"],
        ["memory", "forget"],
        ["memory", "forget", "seat", "--all"],
        ["memory", "export", str(tmp_path / "there.json")],
    ]
    said = [one.err for one in ostinato.each([(c, {}) for c in calls], code=2)]
    assert "secrets are not kept in memory" in said[0] and "sunshine" not in said[0]
    assert "the value of a preference is empty" in said[1]
    assert all("see: ostinato memory list" in one for one in said[2:4])
    assert all("say which" in one for one in said[4:6]) and "--force writes over it" in said[6]
    assert not (ostinato.home / "memory.sqlite").exists()
