"""Pages on which what is typed has to be read first: a word of a paragraph, a cell of a table, crooked letters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostinato.suites.miniwob_screen import below, enter, every, one, ordinal, press, scroll, tap
from ostinato.suites.miniwob_solver import Steps, solved_task
from ostinato.suites.task import Values
from ostinato.trace.screen import Screen


def word_at(text: str, place: int) -> str:
    """The word at this place (from 1), without what stands beside its letters. LookupError when there are fewer."""
    words = text.split()
    if not 1 <= place <= len(words):
        raise LookupError(f"there is no word number {place} in “{text}”")
    return bare(words[place - 1])


def bare(word: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]", "", word)


def _others(text: str, word: str) -> tuple[str, ...]:
    """Other words of a text."""
    return tuple(other for other in map(bare, text.split()) if other and other != word)


def _find_word(screen: Screen, values: Values) -> Steps:
    text = " ".join(e.name for e in below(screen) if e.role == "text")
    word = word_at(text, ordinal(values["place"]))
    screen = yield enter(one(screen, "textbox"), word, _others(text, word))
    yield press(screen, "Submit")


def _scroll_text(screen: Screen, values: Values) -> Steps:
    text = one(screen, "textbox", id="text-area").value or ""
    word = word_at(text, len(text.split()))
    screen = yield scroll(one(screen, "textbox", id="text-area"), 3000)
    screen = yield enter(one(screen, "textbox", id="answer-input"), word, _others(text, word))
    yield press(screen, "Submit")


def _scroll_text_2(screen: Screen, values: Values) -> Steps:
    far = {"bottom": 5000, "top": -5000}[values["end"]]
    screen = yield scroll(one(screen, "textbox", id="text-area"), far)
    yield press(screen, "Submit")


def cells(screen: Screen) -> dict[str, str]:
    """What a table of two columns says of each label."""
    found = [e.name for e in every(screen, "cell")]
    return dict(zip(found[::2], found[1::2], strict=True))


def _cell(screen: Screen, label: str) -> tuple[str, Sequence[str]]:
    table = cells(screen)
    if label not in table:
        raise LookupError(f"the table says nothing of “{label}”")
    return table[label], tuple(table.values())


def _read_table(screen: Screen, values: Values) -> Steps:
    value, others = _cell(screen, values["label"])
    screen = yield enter(one(screen, "textbox"), value, others)
    yield press(screen, "Submit")


def _read_table_2(screen: Screen, values: Values) -> Steps:
    labels = [e.name.rstrip(":") for e in below(screen) if e.role == "text" and e.name.endswith(":")]
    if len(labels) != 2:
        raise LookupError("there are not two labels beside the fields")
    for number, label in enumerate(labels, 1):
        value, others = _cell(screen, label)
        screen = yield enter(one(screen, "textbox", nth=number), value, others)
    yield press(screen, "Submit")


def _copy_paste(screen: Screen, values: Values) -> Steps:
    text = one(screen, "textbox", id="to-copy").value or ""
    screen = yield enter(one(screen, "textbox", id="answer-input"), text)
    yield press(screen, "Submit")


def _copy_paste_2(screen: Screen, values: Values) -> Steps:
    texts = [field.value or "" for field in every(screen, "textbox")[:3]]
    text = texts[ordinal(values["place"]) - 1]
    screen = yield enter(one(screen, "textbox", id="answer-input"), text, texts)
    yield press(screen, "Submit")


def _text_transform(screen: Screen, values: Values) -> Steps:
    letters = [e.name for e in below(screen) if e.role == "text"]
    screen = yield enter(one(screen, "textbox"), "".join(letters))
    yield press(screen, "Submit")


def _enter_text_2(screen: Screen, values: Values) -> Steps:
    text = values["text"]
    wanted = text.upper() if values["case"] == "upper" else text.lower()
    screen = yield enter(one(screen, "textbox"), wanted, (text.upper(), text.lower(), text.title()))
    yield press(screen, "Submit")


_LABELS = {"genre": "genre", "director": "director", "year": "year", "date": "year"}


def _multi_layouts(screen: Screen, values: Values) -> Steps:
    """Labels stand above, beside or below their fields, in any order; what is pressed in the end differs as well."""
    said = [key for e in below(screen) for word, key in _LABELS.items() if word in e.name.lower()]
    if sorted(said) != ["director", "genre", "year"]:
        raise LookupError("there are not three labels")
    for number, key in enumerate(said, 1):
        screen = yield enter(one(screen, "textbox", nth=number), values[key])
    pressed = [e for e in screen.elements if e.name in ("Submit", "Search", "Go!") and e.role in ("button", "generic")]
    if not pressed:
        raise LookupError("there is nothing to press")
    yield tap(pressed[-1])


READING_TASKS = (
    solved_task(
        "find-word",
        r'Find the (?P<place>\d+)(st|nd|rd|th) word in the paragraph, type that into the textbox and press "Submit"\.',
        _find_word,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "scroll-text",
        r"Find the last word in the text area, enter it into the text field and hit Submit\.",
        _scroll_text,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "scroll-text-2",
        r"Scroll the textarea to the (?P<end>bottom|top) of the text hit submit\.",
        _scroll_text_2,
        ("unsaved",),
    ),
    solved_task(
        "read-table",
        r"Enter the value of (?P<label>[\w ]+) into the text field and press Submit\.",
        _read_table,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "read-table-2",
        r"Enter the value that corresponds with each label into the form and submit when done\.",
        _read_table_2,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "copy-paste",
        r"Copy the text in the textarea below, paste it into the textbox and press Submit\.",
        _copy_paste,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "copy-paste-2",
        r"Copy the text from the (?P<place>\d\w\w) text area below and paste it into the text input, "
        r"then press Submit\.",
        _copy_paste_2,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "text-transform",
        r"Type the text below into the text field and press Submit\.",
        _text_transform,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "enter-text-2",
        r'Type "(?P<text>\w+)" in all (?P<case>upper|lower) case letters in the text input and press Submit\.',
        _enter_text_2,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "multi-layouts",
        r"Search for (?P<genre>\w+) movies directed by (?P<director>\w+) from year (?P<year>\d+)\.",
        _multi_layouts,
        ("wrong_value", "unsaved"),
    ),
)
