"""Tasks on TiddlyWiki: write, rewrite, rename, copy, tag and delete notes."""

from __future__ import annotations

import random
from collections.abc import Callable

from ostinato.agent.script import Do, on
from ostinato.phone.apps.tiddlywiki import NOTES as CONTENT
from ostinato.suites.mutant import Mutations, another, misspelt
from ostinato.suites.task import Task, Values, changed_only, each, only
from ostinato.suites.truth import Difference
from ostinato.trace.locator import Locator

TEXTS = {title: text for title, _, text in CONTENT}
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


def _set_text(text: str) -> Do:
    return on("type", "textbox", _TEXT, text=text)


def _add_tag(tag: str) -> Do:
    return on("enter", "textbox", "tag name", text=tag)


def a_tag(rng: random.Random) -> str:
    return f"{rng.choice(_WORDS)}{rng.randrange(10, 99)}"


def a_note(rng: random.Random) -> str:
    return rng.choice(list(NOTES))


def _two_notes(rng: random.Random) -> Values:
    return dict(zip(("note", "note2"), rng.sample(list(NOTES), 2), strict=True))


def a_title(rng: random.Random) -> str:
    return _words(rng, 1, 3).capitalize()


_CONFIRM = on("tap", "button", "Confirm changes to this tiddler")
_TEXT = "Type the text for this tiddler"


def new(title: str, text: str, tag: str | None = None) -> list[Do]:
    tagged = [_add_tag(tag)] if tag is not None else []
    return [on("tap", "button", "new tiddler"), Do("type", _title(), title), _set_text(text), *tagged, _CONFIRM]


def _change(note: str, *steps: Do) -> list[Do]:
    return [_edit(note), *steps, _CONFIRM]


def delete(note: str) -> list[Do]:
    return [_edit(note), on("tap", "button", "Delete this tiddler"), on("tap", "button", "OK")]


def tag(note: str, tag: str) -> list[Do]:
    return _change(note, _add_tag(tag))


def _of_writing(script: Callable[[Values], list[Do]]) -> Mutations:
    """What can go wrong, or go another way, where a note is written."""
    return {
        "unsaved": lambda v, r: script(v)[:-1],
        "wrong_value": lambda v, r: script({**v, "text": misspelt(v["text"], r)}),
        "extra_edit": lambda v, r: [*script(v), *tag(a_note(r), a_tag(r))],
        "undone": lambda v, r: [*script(v), *delete(v["title"])],
        "no_done": lambda v, r: script(v),
        "other_path": lambda v, r: [
            *script({**v, "text": misspelt(v["text"], r)}),
            *_change(v["title"], _set_text(v["text"])),
        ],
    }


def _of_changing(script: Callable[[Values], list[Do]], more: Mutations) -> Mutations:
    """What can go wrong where a note is changed."""
    return {
        "unsaved": lambda v, r: script(v)[:-1],
        "wrong_choice": lambda v, r: script({**v, "note": another(v["note"], list(NOTES), r)}),
        "extra_edit": lambda v, r: [*script(v), *tag(another(v["note"], list(NOTES), r), a_tag(r))],
        "no_done": lambda v, r: script(v),
        **more,
    }


def _new_note(v: Values) -> list[Do]:
    return new(v["title"], v["text"], v.get("tag"))


def _rewrite(v: Values) -> list[Do]:
    return _change(v["note"], _set_text(v["text"]))


def _tag_note(v: Values) -> list[Do]:
    return tag(v["note"], v["tag"])


NEW_NOTE = Task(
    "new_note",
    "tiddlywiki",
    'Write a note called "{title}" that says "{text}"',
    lambda rng: {"title": a_title(rng), "text": _words(rng, 3, 6)},
    _new_note,
    lambda found, v: only(found, "note", "added", title=v["title"], text=v["text"], tags=""),
    _of_writing(_new_note),
)
REWRITE_NOTE = Task(
    "rewrite_note",
    "tiddlywiki",
    'Replace the text of the note {note} by "{text}"',
    lambda rng: {"note": a_note(rng), "text": _words(rng, 3, 6)},
    _rewrite,
    lambda found, v: [
        *only(found, "note", "changed", title=v["note"], text=v["text"], tags=NOTES[v["note"]]),
        *changed_only(found, "text"),
    ],
    _of_changing(
        _rewrite,
        {
            "wrong_value": lambda v, r: _rewrite({**v, "text": misspelt(v["text"], r)}),
            "undone": lambda v, r: [*_rewrite(v), *_rewrite({**v, "text": TEXTS[v["note"]]})],
            "other_path": lambda v, r: [*_rewrite({**v, "text": misspelt(v["text"], r)}), *_rewrite(v)],
        },
    ),
)
TAG_NOTE = Task(
    "tag_note",
    "tiddlywiki",
    'Tag the note {note} with "{tag}"',
    lambda rng: {"note": a_note(rng), "tag": a_tag(rng)},
    _tag_note,
    lambda found, v: _tagged(found, v["note"], v["tag"]),
    _of_changing(_tag_note, {"wrong_value": lambda v, r: _tag_note({**v, "tag": misspelt(v["tag"], r)})}),
)
DELETE_NOTE = Task(
    "delete_note",
    "tiddlywiki",
    "Delete the note {note}",
    lambda rng: {"note": a_note(rng)},
    lambda v: delete(v["note"]),
    lambda found, v: only(found, "note", "removed", title=v["note"]),
    {
        "unfinished": lambda v, r: delete(v["note"])[:1],
        "wrong_choice": lambda v, r: delete(another(v["note"], list(NOTES), r)),
        "extra_edit": lambda v, r: [*delete(v["note"]), *delete(another(v["note"], list(NOTES), r))],
        "no_done": lambda v, r: delete(v["note"]),
    },
)
NEW_TAGGED_NOTE = Task(
    "new_tagged_note",
    "tiddlywiki",
    'Write a note "{title}" with the tag {tag} that says "{text}"',
    lambda rng: {"title": a_title(rng), "tag": a_tag(rng), "text": _words(rng, 3, 6)},
    _new_note,
    lambda found, v: only(found, "note", "added", title=v["title"], text=v["text"], tags=v["tag"]),
    {
        **_of_writing(_new_note),
        "wrong_value": lambda v, r: _new_note({**v, "tag": misspelt(v["tag"], r)}),
    },
)


def rename(v: Values) -> list[Do]:
    return _change(v["note"], Do("type", _title(), v["title"]))


RENAME_NOTE = Task(
    "rename_note",
    "tiddlywiki",
    'Rename the note {note} to "{title}"',
    lambda rng: {"note": a_note(rng), "title": a_title(rng)},
    rename,
    lambda found, v: [
        *only([d for d in found if d.operation != "added"], "note", "removed", title=v["note"]),
        *only(
            [d for d in found if d.operation != "removed"], "note", "added",
            title=v["title"], text=TEXTS[v["note"]], tags=NOTES[v["note"]],
        ),
    ],
    _of_changing(
        rename,
        {
            "wrong_value": lambda v, r: rename({**v, "title": misspelt(v["title"], r)}),
            "undone": lambda v, r: [*rename(v), *rename({"note": v["title"], "title": v["note"]})],
        },
    ),
)  # fmt: skip


def _copy(v: Values) -> list[Do]:
    more = on("tap", "button", "more", row=v["note"], row_role="article")
    return [more, on("tap", "button", "Clone this tiddler"), Do("type", _title(), v["title"]), _CONFIRM]


COPY_NOTE = Task(
    "copy_note",
    "tiddlywiki",
    'Make a copy of the note {note} and call it "{title}"',
    lambda rng: {"note": a_note(rng), "title": a_title(rng)},
    _copy,
    lambda found, v: only(found, "note", "added", title=v["title"], text=TEXTS[v["note"]], tags=NOTES[v["note"]]),
    _of_changing(_copy, {"undone": lambda v, r: [*_copy(v), *delete(v["title"])]}),
)


def _append(v: Values) -> list[Do]:
    return _change(v["note"], _set_text(f"{TEXTS[v['note']]}\n* {v['item']}"))


APPEND_LINE = Task(
    "append_line",
    "tiddlywiki",
    "Put {item} at the end of the list in {note}",
    lambda rng: {"note": rng.choice(["Shopping list", "Books to read", "Trip to Lisbon"]), "item": _words(rng, 1, 2)},
    _append,
    lambda found, v: [
        *only(found, "note", "changed", title=v["note"], text=f"{TEXTS[v['note']]}\n* {v['item']}"),
        *changed_only(found, "text"),
    ],
    _of_changing(_append, {"wrong_value": lambda v, r: _append({**v, "item": misspelt(v["item"], r)})}),
)


def _new_two(v: Values) -> list[Do]:
    return [*new(v["title"], v["text"]), *new(v["title2"], v["text2"])]


NEW_TWO_NOTES = Task(
    "new_two_notes",
    "tiddlywiki",
    'Write two notes: "{title}" that says "{text}", and "{title2}" that says "{text2}"',
    lambda rng: {
        "title": a_title(rng),
        "text": _words(rng, 3, 6),
        "title2": a_title(rng),
        "text2": _words(rng, 3, 6),
    },
    _new_two,
    lambda found, v: each(
        found,
        "note",
        "added",
        [{"title": v["title"], "text": v["text"]}, {"title": v["title2"], "text": v["text2"]}],
    ),
    {
        "unsaved": lambda v, r: _new_two(v)[:-1],
        "unfinished": lambda v, r: new(v["title"], v["text"]),
        "wrong_value": lambda v, r: _new_two({**v, "text2": misspelt(v["text2"], r)}),
        "extra_edit": lambda v, r: [*_new_two(v), *delete(a_note(r))],
        "undone": lambda v, r: [*_new_two(v), *delete(v["title"])],
        "no_done": lambda v, r: _new_two(v),
        "other_path": lambda v, r: [*new(v["title2"], v["text2"]), *new(v["title"], v["text"])],
    },
)


def _tag_two(v: Values) -> list[Do]:
    return [*tag(v["note"], v["tag"]), *tag(v["note2"], v["tag"])]


TAG_TWO_NOTES = Task(
    "tag_two_notes",
    "tiddlywiki",
    'Tag the notes {note} and {note2} with "{tag}"',
    lambda rng: {**_two_notes(rng), "tag": a_tag(rng)},
    _tag_two,
    lambda found, v: [
        *each(found, "note", "changed", [{"title": n, "tags": with_tag(n, v["tag"])} for n in (v["note"], v["note2"])]),
        *changed_only(found, "tags"),
    ],
    {
        "unsaved": lambda v, r: _tag_two(v)[:-1],
        "unfinished": lambda v, r: tag(v["note"], v["tag"]),
        "wrong_value": lambda v, r: [*tag(v["note"], v["tag"]), *tag(v["note2"], misspelt(v["tag"], r))],
        "no_done": lambda v, r: _tag_two(v),
        "other_path": lambda v, r: [*tag(v["note2"], v["tag"]), *tag(v["note"], v["tag"])],
    },
)


def _rewrite_and_tag(v: Values) -> list[Do]:
    return _change(v["note"], _set_text(v["text"]), _add_tag(v["tag"]))


REWRITE_AND_TAG = Task(
    "rewrite_and_tag",
    "tiddlywiki",
    'Let the note {note} say "{text}" and give it the tag {tag}',
    lambda rng: {"note": a_note(rng), "text": _words(rng, 3, 6), "tag": a_tag(rng)},
    _rewrite_and_tag,
    lambda found, v: [
        *only(found, "note", "changed", title=v["note"], text=v["text"], tags=with_tag(v["note"], v["tag"])),
        *changed_only(found, "text", "tags"),
    ],
    _of_changing(
        _rewrite_and_tag,
        {
            "wrong_value": lambda v, r: _rewrite_and_tag({**v, "text": misspelt(v["text"], r)}),
            "other_path": lambda v, r: [*_tag_note(v), *_rewrite(v)],
        },
    ),
)
TASKS = (NEW_NOTE, REWRITE_NOTE, TAG_NOTE, DELETE_NOTE)
MORE_TASKS = (
    NEW_TAGGED_NOTE,
    RENAME_NOTE,
    COPY_NOTE,
    APPEND_LINE,
    NEW_TWO_NOTES,
    TAG_TWO_NOTES,
    REWRITE_AND_TAG,
)


def _tagged(found: list[Difference], note: str, tag: str) -> list[str]:
    return [*only(found, "note", "changed", title=note, tags=with_tag(note, tag)), *changed_only(found, "tags")]


def with_tag(note: str, tag: str) -> str:
    return ", ".join(sorted([*NOTES[note].split(", "), tag]))
