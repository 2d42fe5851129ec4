"""Tasks on TiddlyWiki: write, rewrite, tag and delete notes."""

from __future__ import annotations

import random

from ostinato.agent.script import Do, on
from ostinato.judge.change import Change
from ostinato.suites.task import Task, changed_only, only
from ostinato.trace.locator import Locator

NOTES = {
    "Shopping list": "home",
    "Books to read": "leisure",
    "Trip to Lisbon": "leisure, travel",
    "Recipes": "home, kitchen",
}
_WORDS = (
    "lamp",
    "garden",
    "piano",
    "letter",
    "harbour",
    "ticket",
    "bicycle",
    "lentils",
    "soup",
    "winter",
    "paint",
    "café",
    "notebook",
    "window",
    "river",
    "stamps",
    "orchestra",
    "bread",
    "olives",
    "museum",
    "keys",
    "Zürich",
    "tea",
    "rope",
)


def _words(rng: random.Random, least: int, most: int) -> str:
    picked = " ".join(rng.sample(_WORDS, rng.randint(least, most)))
    return f"{picked} {rng.randrange(10, 99)}"


def _title() -> Locator:
    return Locator(role="textbox", path="main/region/textbox")


def _edit(note: str) -> Do:
    return on("tap", "button", "Edit this tiddler", row=note, row_role="article")


_CONFIRM = on("tap", "button", "Confirm changes to this tiddler")
_TEXT = "Type the text for this tiddler"

NEW_NOTE = Task(
    "new_note",
    "tiddlywiki",
    'Write a note called "{title}" that says "{text}"',
    lambda rng: {"title": _words(rng, 1, 3).capitalize(), "text": _words(rng, 3, 6)},
    lambda v: [
        on("tap", "button", "new tiddler"),
        Do("type", _title(), v["title"]),
        on("type", "textbox", _TEXT, text=v["text"]),
        _CONFIRM,
    ],
    lambda found, v: only(found, "note", "added", title=v["title"], text=v["text"], tags=""),
)
REWRITE_NOTE = Task(
    "rewrite_note",
    "tiddlywiki",
    'Replace the text of the note {note} by "{text}"',
    lambda rng: {"note": rng.choice(list(NOTES)), "text": _words(rng, 3, 6)},
    lambda v: [_edit(v["note"]), on("type", "textbox", _TEXT, text=v["text"]), _CONFIRM],
    lambda found, v: [
        *only(found, "note", "changed", title=v["note"], text=v["text"], tags=NOTES[v["note"]]),
        *changed_only(found, "text"),
    ],
)
TAG_NOTE = Task(
    "tag_note",
    "tiddlywiki",
    'Tag the note {note} with "{tag}"',
    lambda rng: {"note": rng.choice(list(NOTES)), "tag": f"{rng.choice(_WORDS)}{rng.randrange(10, 99)}"},
    lambda v: [_edit(v["note"]), on("enter", "textbox", "tag name", text=v["tag"]), _CONFIRM],
    lambda found, v: _tagged(found, v["note"], v["tag"]),
)
DELETE_NOTE = Task(
    "delete_note",
    "tiddlywiki",
    "Delete the note {note}",
    lambda rng: {"note": rng.choice(list(NOTES))},
    lambda v: [_edit(v["note"]), on("tap", "button", "Delete this tiddler"), on("tap", "button", "OK")],
    lambda found, v: only(found, "note", "removed", title=v["note"]),
)
TASKS = (NEW_NOTE, REWRITE_NOTE, TAG_NOTE, DELETE_NOTE)


def _tagged(found: list[Change], note: str, tag: str) -> list[str]:
    tags = ", ".join(sorted([*NOTES[note].split(", "), tag]))
    return [*only(found, "note", "changed", title=note, tags=tags), *changed_only(found, "tags")]
