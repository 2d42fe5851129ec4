"""Words that are near those of a task and ask for something else: what was learnt of it must not be played.

They are made from the task's own words by rules that know nothing of how a replay is matched, written down before any
was run. Half of the kinds of one task, by the hash of both, are not looked at."""

from __future__ import annotations

import hashlib
import random
import re

from ostinato.suites.task import Task, Values
from ostinato.trace.values import fill, slots_in

# Another deed for the first word of a task; the rest of the words stays.
_OTHER_DEED = {
    "Add": ("Remove", "Hide", "Draft"), "Change": ("Check", "Estimate"), "Rename": ("Underline", "Archive"),
    "Delete": ("Restore", "Print", "Duplicate"), "Put": ("Look for", "Weigh"), "Set": ("Look up", "Halve"),
    "Take": ("Carry", "Leave"), "Write": ("Burn", "Translate"), "Replace": ("Compare", "Translate"),
    "Tag": ("Untag", "Hide"), "Make": ("Destroy", "Suggest"), "Order": ("Cancel", "Describe"),
    "Use": ("Sell", "Explain"), "Ask": ("Pay", "Thank"), "Save": ("Throw away", "Return"),
    "Note": ("Deny", "Doubt"), "Let": ("Keep", "Make sure that"), "Move": ("Remember", "Copy"),
    "Tick": ("Rub", "Cross"), "Switch": ("Take", "Break"),
}  # fmt: skip
# Another thing for one that a task speaks of.
_OTHER_THING = {
    "expense": "invoice", "expenses": "invoices", "group": "mailing list", "amount": "currency", "bill": "letter",
    "note": "song", "notes": "songs", "list": "queue", "text": "colour", "basket": "freezer", "wish list": "guest list",
    "review": "poem", "address": "telephone number", "voucher": "passport", "quantity": "weight", "date": "place",
    "account": "gallery", "alarm": "siren", "contact": "enemy", "calendar": "newspaper", "task": "riddle",
    "inbox": "kitchen", "tasks": "riddles", "first name": "shoe size", "receipt": "photograph", "tag": "price",
    "square": "cube", "phone number": "shoe size", "share": "doubt", "copy": "drawing",
}  # fmt: skip
_MORE_VERBS = frozenset({"Wake", "Correct", "Register"})
KINDS = ("negated", "asked", "conditional", "more", "repeated", "other_deed", "other_thing", "value_missing", "past")


def misses(task: Task, values: Values, rng: random.Random) -> list[tuple[str, str]]:
    """Kinds and words that ask for something else than the task with these values does."""
    words = task.words(values)
    lower = words[0].lower() + words[1:]
    bare = words.rstrip(".")
    first, _, rest = words.partition(" ")
    verb = first in _OTHER_DEED or first in _MORE_VERBS  # else it is no order: “{payer} paid …; correct that”
    open_end = task.template.endswith("}")  # what follows could be read as more of the last value

    told = lower if verb else f"arrange this: {words}"

    def around(before: str, after: str) -> str:
        return f"{before}{told}" if open_end else bare + after

    found = {
        "negated": f"{rng.choice(('Do not', 'Never', 'It would be wrong to'))} {told}",
        "asked": rng.choice((f"How would one {told}?", f"Tell me whether somebody could {told}")),
        "conditional": rng.choice(
            (
                around("Unless it is raining, ", " unless it is raining"),
                around("Ask me first, then ", ", but ask me first"),
            )
        ),
        "more": rng.choice(
            (
                around("Delete all the others and ", " and delete all the others"),
                around("Close the account, then ", " and close the account"),
            )
        ),
        "repeated": rng.choice((around("Three times ", ", three times"), around("Once a month, ", " once a month"))),
        "past": rng.choice((f"Yesterday you were asked to {told}; undo that", f"Find out who tried to {told}")),
    }
    if first in _OTHER_DEED:
        found["other_deed"] = f"{rng.choice(_OTHER_DEED[first])} {rest}"
    things = [thing for thing in _OTHER_THING if re.search(rf"\b{thing}\b", _own(task.template))]
    if things:
        thing = rng.choice(sorted(things))
        other = re.sub(rf"(?<!{{)\b{thing}\b(?!}})", _OTHER_THING[thing], task.template, count=1)
        found["other_thing"] = fill(other, values)
    slots = [slot for slot in slots_in(task.template) if slot in values]
    if slots:
        left_out = rng.choice(slots)
        found["value_missing"] = " ".join(task.words({**values, left_out: ""}).replace("“”", "").split())
    if words.endswith("?"):  # to be asked, or asked more than once, changes nothing about a question
        found = {kind: text for kind, text in found.items() if kind in ("other_thing", "value_missing", "past")}
    return [(kind, found[kind]) for kind in KINDS if kind in found]


def hidden(task: Task, kind: str) -> bool:
    """Whether this kind of this task is not looked at."""
    return hashlib.sha256(f"{task.app} {task.name} {kind}".encode()).digest()[0] % 2 == 0


def _own(template: str) -> str:
    """The words of a template without its slots."""
    return re.sub(r"\{\w+\}", " ", template)
