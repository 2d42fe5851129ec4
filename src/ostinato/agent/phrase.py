"""Words that point at something on a screen: `the second Save button in the row of Taxi`.

Words can be read in more than one way (`the Search button` may be a button called Search, or a thing called “Search
button”), so a text has several readings; the screen says which of them was meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ostinato.trace.values import normal

Roles = dict[str, float]  # by ARIA role, how well a thing of that role is called so

_ROWS: Roles = {"row": 1, "listitem": 1, "article": 1, "option": 0.8, "treeitem": 0.9, "figure": 0.8}
_FIELD: Roles = {"textbox": 1, "searchbox": 1, "spinbutton": 0.95, "combobox": 0.8}
_LIST: Roles = {"combobox": 1, "listbox": 1, "list": 0.8}
_SHAPE: Roles = {"graphics-symbol": 1, "img": 0.8, "graphics-document": 0.6}
_BUTTON: Roles = {"button": 1, "link": 0.8, "generic": 0.8, "img": 0.7, "menuitem": 0.7, "tab": 0.7, "switch": 0.7}
ROLE_WORDS: dict[str, Roles] = {
    "button": _BUTTON,
    "link": {"link": 1, "generic": 0.85, "button": 0.8, "menuitem": 0.7},
    "hyperlink": {"link": 1, "generic": 0.85},
    "field": _FIELD,
    "text field": _FIELD,
    "input field": _FIELD,
    "input": _FIELD,
    "text input": _FIELD,
    "input box": _FIELD,
    "box": {**_FIELD, "checkbox": 0.9},
    "text box": _FIELD,
    "textbox": _FIELD,
    "input textbox": _FIELD,
    "entry field": _FIELD,
    "textarea": {"textbox": 1},
    "text area": {"textbox": 1},
    "search field": {"searchbox": 1, "textbox": 0.9, "combobox": 0.7},
    "search box": {"searchbox": 1, "textbox": 0.9, "combobox": 0.7},
    "search bar": {"searchbox": 1, "textbox": 0.9, "combobox": 0.7},
    "checkbox": {"checkbox": 1, "switch": 0.9, "menuitemcheckbox": 0.9},
    "check box": {"checkbox": 1, "switch": 0.9, "menuitemcheckbox": 0.9},
    "tick box": {"checkbox": 1, "switch": 0.9},
    "radio": {"radio": 1},
    "radio button": {"radio": 1, "menuitemradio": 0.9},
    "option": {"option": 1, "radio": 0.95, "menuitem": 0.9, "menuitemradio": 0.9, "text": 0.7, "generic": 0.7},
    "tab": {"tab": 1, "link": 0.8, "button": 0.8},
    "menu": {"menu": 1, "menubar": 0.9, "button": 0.9, "combobox": 0.6},
    "menu item": {"menuitem": 1, "option": 0.8, "link": 0.8, "generic": 0.7},
    "dropdown": {**_LIST, "generic": 0.6, "button": 0.6},
    "drop-down": {**_LIST, "generic": 0.6, "button": 0.6},
    "dropdown list": _LIST,
    "drop-down list": _LIST,
    "list": _LIST,
    "scroll list": _LIST,
    "select": _LIST,
    "choice list": _LIST,
    "combo box": _LIST,
    "icon": {"img": 1, "button": 0.9, "link": 0.9, "generic": 0.8},
    "image": {"img": 1, "figure": 0.8},
    "picture": {"img": 1, "figure": 0.8},
    "heading": {"heading": 1},
    "title": {"heading": 1, "text": 0.7},
    "headline": {"heading": 1},
    "row": _ROWS,
    "line": _ROWS,
    "entry": _ROWS,
    "item": {
        **_ROWS,
        "menuitem": 0.9,
        "link": 0.8,
        "generic": 0.8,
        "graphics-symbol": 0.75,
        "text": 0.7,
        "button": 0.6,
    },
    "post": _ROWS,
    "card": _ROWS,
    "result": {"link": 1, "listitem": 0.9, "generic": 0.8, "row": 0.8},
    "cell": {"cell": 1, "gridcell": 1},
    "dialog": {"dialog": 1, "alertdialog": 1},
    "dialog box": {"dialog": 1, "alertdialog": 1},
    "popup": {"dialog": 1, "alertdialog": 1},
    "slider": {"slider": 1},
    "spinner": {"spinbutton": 1, "textbox": 0.8},
    "switch": {"switch": 1, "checkbox": 0.9},
    "toggle": {"switch": 1, "checkbox": 0.9, "button": 0.8},
    "text": {"text": 1, "heading": 0.8, "generic": 0.8},
    "section": {"tab": 0.9, "region": 1, "group": 0.9, "button": 0.8, "heading": 0.8},
    "folder": {"treeitem": 1, "generic": 0.9, "text": 0.8, "link": 0.8},
    "file": {"treeitem": 1, "generic": 0.9, "text": 0.8, "link": 0.8},
    "paragraph": {"text": 1, "generic": 0.9, "article": 0.8},
    "shape": _SHAPE,
    "circle": _SHAPE,
    "square": _SHAPE,
    "rectangle": _SHAPE,
    "widget": {},
}
# What apps keep lists of: `the second expense` is a row, `the mail by Ann` what has her name on it.
ITEM_WORDS = (
    "account", "alarm", "appointment", "article", "bill", "bookmark", "chat", "comment", "contact", "conversation",
    "document", "e-mail", "email", "event", "expense", "flight", "item", "mail", "meeting", "member", "message", "note",
    "notification", "order", "payment", "person", "photo", "post", "product", "project", "reminder", "result", "review",
    "song", "task", "ticket", "todo", "transaction", "tweet", "user", "video",
)  # fmt: skip
CONTAINER_WORDS = (
    "row", "line", "entry", "item", "card", "post", "dialog box", "dialog", "popup", "form", "section", "list", "group",
    "table", "menu", "panel", "tab",
)  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "last": -1, "final": -1,
}  # fmt: skip
_NAMED = r"(?:labell?ed|named|called|titled|entitled|with the (?:name|label|text)|that (?:says|reads)|saying|reading)"
_WORDS_FOR_ROLES = "|".join(re.escape(word) for word in sorted(ROLE_WORDS, key=len, reverse=True))
_CONTAINERS = "|".join(sorted(map(re.escape, CONTAINER_WORDS), key=len, reverse=True))
_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]|(?<!\w)'([^']+)'(?!\w)|‘([^’]+)’")
_ORDINAL = re.compile(
    rf"\b(?:(?:the )?(?:(?P<before>(?:second|third|next) (?:to|from) (?:the )?last|last but one)"
    rf"|(?P<word>{'|'.join(ORDINALS)})|(?P<digits>\d+)(?:st|nd|rd|th))) (?=\S)",
    re.IGNORECASE,
)
_LINKS = re.compile(r"\b(?:in|of|for|on|the|from|by|with|at|to)\b", re.IGNORECASE)
_FROM_END = re.compile(
    r",? (?:counting |counted )?(?:from|to) the (?:bottom|end|last)(?: one)?\b(?: up)?", re.IGNORECASE
)
_NUMBER = re.compile(r"\s*(?:\bnumber |\bno\. ?|#)(\d+)\b", re.IGNORECASE)
_PLACE = re.compile(
    r"(?:,? ?\b(?:at|in|on|near|from) the (?:very )?)(top|bottom|upper|lower|left|right|middle|cent(?:er|re))"
    r"(?:[ -](left|right))?(?: (?:corner|part|side|edge|half|hand side))?(?: of the (?:screen|page|window|app))?(?!\w)",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(r"^(top|bottom|upper|lower|left|right|leftmost|rightmost|topmost)(?:-most)? (?=\S)", re.I)
_BESIDE = re.compile(
    r",? ?\b(?:to the )?(left of|right of|above|below|under|underneath|over|next to|beside|after|before|near) (.+)$",
    re.I,
)
_INSIDE = re.compile(
    rf",? ?\b(?:in|of|for|from|on|inside|within) (?:the |all |its |their )?(?:(?:same )?(?P<what>{_CONTAINERS})s?)"
    rf"(?: (?P<link>of|for|with|by|about|from|{_NAMED}|showing|containing|that (?:shows|has|contains)))? (?P<who>.+)$",
    re.IGNORECASE,
)
_HELD = re.compile(
    rf",? ?\b(?:in|of|from|on|inside|within) the (?:same )?(?P<what>{_CONTAINERS})(?: below| above)?$", re.IGNORECASE
)
_CONTAINER_LAST = re.compile(
    rf",? ?\b(?:in|of|for|from|on|inside|within) (?:the )?(?P<who>.+) (?P<what>{_CONTAINERS})$", re.IGNORECASE
)
_OF = re.compile(r" (?:of|for|by|in|from|on|with|at) (?:the )?", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:(?:on|in|into|the|a|an|one|any|this|that|its|their|your|my)\s+)+", re.IGNORECASE)
_SIDES = {"upper": "top", "lower": "bottom", "topmost": "top", "leftmost": "left", "rightmost": "right"}


@dataclass(frozen=True)
class Phrase:
    """One reading. `name` is what it is called (`exact` when that was quoted), `roles` what it may be, `ordinal` which
    of several (-1 the last), `sides` where on the screen, `beside` on which side of `anchor` it is; without `beside`
    an anchor is what shares a row, a card or a form with it. `holder` is a word for what it lies in. `whole`
    says that nothing was taken out of the words. `noun` is what an item of a list is called that is only counted.
    `doubt` is how far-fetched the reading is, 0..1."""

    name: str = ""
    exact: bool = False
    roles: Roles = field(default_factory=dict, hash=False)
    role_word: str = ""
    ordinal: int | None = None
    sides: tuple[str, ...] = ()
    beside: str = ""
    anchor: str = ""
    holder: str = ""
    whole: bool = False
    noun: str = ""
    doubt: float = 0.0


_WHOSE = re.compile(r"^(?:the |that |this |any |an? |all of )*(?P<who>[^\s'’]+)['’]s? ", re.IGNORECASE)
_ITEM = "|".join(map(re.escape, ITEM_WORDS))
_BY = re.compile(
    rf"\b(?:{_ITEM})s?,? (?:(?:that |which )?(?:you|i|we) (?:got|received|have|had|were sent) )?"
    rf"(?:by|from|of|about|for|with|{_NAMED}) (?:the (?:name|title|subject) )?(?P<who>.+)$",
    re.IGNORECASE,
)
_ITSELF = re.compile(rf"^(?:the |my |an? )?(?:{_ITEM}) (?P<who>[A-Z\"“\d].*)$")
_WHERE = re.compile(r"^(?P<who>.+?) (?:in|on|from|inside) (?:the|my|your) [\w -]+$", re.IGNORECASE)


def known_by(words: str) -> str:
    """The name by which an item of a list can be found: `Ann` for `the mail by Ann`, `Ann's latest mail` or `Ann in the
    contact book`; the words themselves where they say nothing of the kind."""
    text = " ".join(words.split()).strip(" .,;:!?")
    for pattern in (_BY, _WHOSE, _ITSELF, _WHERE):
        found = pattern.search(text)
        if found:
            return _QUOTED.sub(lambda mark: next(part for part in mark.groups() if part), found["who"]).strip(" .,;:!?")
    return text


@lru_cache(maxsize=4096)
def readings(words: str) -> tuple[Phrase, ...]:
    """All readings of some words, the plainest first; none for an empty text."""
    text = " ".join(words.replace("\x01", " ").split()).strip(" .,;:!?")
    if not text:
        return ()
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(next(part for part in found.groups() if part is not None))
        return f"\x01{len(kept) - 1}\x01"

    found: list[Phrase] = []
    for start in _placed(_QUOTED.sub(keep, text)):
        found += _named(start, kept)
    if not kept:
        found.append(Phrase(name=text, whole=True, doubt=0.02))
    return tuple(dict.fromkeys(found))


def _placed(text: str) -> list[Phrase]:
    """Readings with place and anchor taken out of the words; what is left of them stands in `name`."""
    bare = Phrase(name=text)
    inside = _INSIDE.search(text)
    if inside and text[: inside.start()].strip():
        found = [replace(one, anchor=inside["who"]) for one in _placed(text[: inside.start()])]
        if inside["link"] and re.fullmatch(_NAMED, inside["link"], re.I):  # the button in the dialog labeled “OK”
            named = f"{text[: inside.start()]} {inside['link']} {inside['who']}"
            found += [replace(one, holder=normal(inside["what"]), doubt=0.02) for one in _placed(named)]
        return found
    held = _HELD.search(text)
    if held and text[: held.start()].strip():
        return [replace(one, holder=normal(held["what"])) for one in _placed(text[: held.start()])]
    beside = _BESIDE.search(text)
    if beside and text[: beside.start()].strip():
        side = normal(beside[1])
        return [replace(one, beside=side, anchor=beside[2]) for one in _placed(text[: beside.start()])]
    end = _FROM_END.search(text)
    if end and _ORDINAL.search(text[: end.start()] + " "):  # the second from the bottom is no side
        return [replace(one, name=one.name + end[0]) for one in _placed(text[: end.start()] + text[end.end() :])]
    place = _PLACE.search(text)
    if place and (text[: place.start()] + text[place.end() :]).strip():
        sides = tuple(_SIDES.get(normal(side), normal(side)) for side in place.groups() if side)
        bare = Phrase(name=(text[: place.start()] + text[place.end() :]).strip(), sides=sides)
    found = [bare]
    behind = _CONTAINER_LAST.search(bare.name)
    if behind and bare.name[: behind.start()].strip():
        found.append(replace(bare, name=bare.name[: behind.start()], anchor=behind["who"], doubt=0.02))
    for split in list(_OF.finditer(bare.name))[-2:]:
        head, tail = bare.name[: split.start()], bare.name[split.end() :]
        if head.strip() and tail.strip():
            found.append(replace(bare, name=head, anchor=tail, doubt=0.06))
    return found


def _named(start: Phrase, kept: list[str]) -> list[Phrase]:
    """Readings of a phrase whose `name` still holds its role and number."""

    def whole(text: str) -> str:
        return re.sub(r"\x01(\d+)\x01", lambda found: kept[int(found[1])], text).strip(" ,.;:")

    text = _ARTICLE.sub("", start.name.strip())
    start = replace(start, anchor=whole(_ARTICLE.sub("", start.anchor)))
    found: list[Phrase] = []
    for one, left in _counted(start, text):
        left = _ARTICLE.sub("", left.strip())
        quoted = re.search(r"\x01(\d+)\x01", left)
        around = re.sub(rf"\b{_NAMED}\b", " ", re.sub(r"\x01\d+\x01", " ", left), flags=re.I) if quoted else left
        around, called = " ".join(around.split()), None
        if not quoted:
            called = re.match(rf"(?P<what>.*?)\s*\b{_NAMED} (?P<name>.+)$", around, re.IGNORECASE)
            around = called["what"] if called else around
        for role_word, rest in _roles(around):
            roles = ROLE_WORDS.get(role_word, {})
            name = kept[int(quoted[1])] if quoted else called["name"] if called else rest
            doubt = one.doubt + (0.0 if role_word or not _roles(around)[0][0] else 0.02)
            if quoted and normal(name) in ROLE_WORDS and not role_word:  # a "textarea" widget
                found.append(replace(one, name="", roles=ROLE_WORDS[normal(name)], role_word=normal(name), doubt=doubt))
            if one.ordinal is not None and not (quoted or called):
                found += _items(one, role_word, rest)
            if quoted and rest and not role_word:
                doubt += 0.02
            found.append(
                replace(one, name=whole(name), exact=bool(quoted), roles=roles, role_word=role_word, doubt=doubt)
            )
    return found


def _items(one: Phrase, role_word: str, rest: str) -> list[Phrase]:
    """Readings of what is counted in a list and not called so in it: `the 2nd search result`, `the last expense`."""
    if role_word in ITEM_WORDS and rest:  # what it is a result of need not be written on it
        return [replace(one, name="", roles=ROLE_WORDS[role_word], role_word=role_word, doubt=one.doubt + 0.08)]
    word = re.search(r"(?:^|\s)(?P<item>[^\W\d_]+)$", rest)
    if role_word or word is None:
        return []
    noun, before = word["item"].lower(), rest[: word.start()].strip()
    if _LINKS.search(before):  # Delete in the second expense: no expense is meant
        return []
    item = next((known for known in ITEM_WORDS if noun in (known, f"{known}s")), "")
    found = [replace(one, name="", roles=_ROWS, role_word=item or "item", noun=noun, doubt=one.doubt + 0.04)]
    if before:
        found.append(replace(found[0], name=before, doubt=one.doubt + 0.02))
        found[0] = replace(found[0], doubt=one.doubt + 0.12)
    return found


def _counted(start: Phrase, text: str) -> list[tuple[Phrase, str]]:
    """With and without the number that may stand before (the 2nd) or behind (#2, number 2); counted from the end where
    the words say so."""
    end = _FROM_END.search(text)
    if end and _ORDINAL.search(text[: end.start()] + " "):
        return [
            (replace(one, ordinal=-one.ordinal) if one.ordinal is not None else one, left)
            for one, left in _counted(start, text[: end.start()] + text[end.end() :])
        ]
    found = [(start, text)]
    ordinal, number, side = _ORDINAL.search(text + " "), _NUMBER.search(text), _ADJECTIVE.search(text)
    if ordinal and (text[: ordinal.start()] + text[ordinal.end() :]).strip():
        if ordinal["before"]:
            which = -3 if ordinal["before"].lower().startswith("third") else -2
        else:
            which = int(ordinal["digits"]) if ordinal["digits"] else ORDINALS[ordinal["word"].lower()]
        left = text[: ordinal.start()] + text[ordinal.end() :]
        if which:
            found = [(replace(start, ordinal=which), left), (replace(start, doubt=start.doubt + 0.05), text)]
    elif number and text[: number.start()].strip():
        found.append((replace(start, ordinal=int(number[1]), doubt=start.doubt + 0.03), text[: number.start()]))
    elif side and not start.sides:
        word = normal(side[1])
        found.append((replace(start, sides=(_SIDES.get(word, word),), doubt=start.doubt + 0.03), text[side.end() :]))
    return found


def _roles(text: str) -> list[tuple[str, str]]:
    """The words for a role with what is left, the longest first, and the text as it is."""
    found = []
    last = re.search(rf"(?:^|(?<=[\s-]))(?P<role>{_WORDS_FOR_ROLES})(?:e?s)?$", text, re.I)
    first = re.match(rf"(?P<role>{_WORDS_FOR_ROLES})s?(?= |$)(?: (?:to|for|of))?", text, re.I)
    if last:
        found.append((normal(last["role"]), text[: last.start()].strip()))
    if first and not (last and last.start() == 0):
        found.append((normal(first["role"]), text[first.end() :].strip()))
    return [*found, ("", text)]
