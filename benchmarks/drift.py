"""Changes of real apps between the recording and the replay: made in the page before it is seen, or by the app itself.

Each fault comes at up to three strengths. What a repair may find (a new label, another place, a pop-up, a slow page,
another language) must be done all the same; what takes new knowledge (a field that must be filled, an item that is not
there, a login) must be refused or handed over before anything is changed.

The words that labels are renamed to were written down before any was tried. Of each label one synonym may be looked
at, by the hash of both; the others are not."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.parts import progress
from benchmarks.replay_runs import Parted, Recorded, Stage
from ostinato.agent.decider import Decider
from ostinato.errors import OstinatoError
from ostinato.house import Finished
from ostinato.phone.apps.app import App
from ostinato.phone.phone import Phone
from ostinato.replay.match import Match
from ostinato.suites.task import Task, Values
from ostinato.trace.action import Open, target_of

SCRIPT = Path(__file__).with_name("drift.js")
SYNONYMS: dict[str, tuple[str, str, str]] = {
    "Add a new bill": ("New expense", "Enter a bill", "Record an expense"),
    "What?": ("Description", "What for?", "Title"),
    "Who paid?": ("Payer", "Paid by", "Who covered it?"),
    "How much?": ("Amount", "Total", "Sum"),
    "When?": ("Date", "Day", "On which day?"),
    "Submit": ("Save", "Send", "Apply"),
    "Add": ("Insert", "Add person", "Include"),
    "edit": ("modify", "change", "amend"),
    "delete": ("remove", "erase", "discard"),
    "Are you sure?": ("Really delete?", "Confirm", "Yes, delete"),
    "No one": ("Nobody", "None", "Clear all"),
    "More options": ("Details", "Advanced", "Further options"),
    "Toggle navigation": ("Menu", "Open menu", "Main menu"),
    "new tiddler": ("create a note", "new note", "write a tiddler"),
    "Type the text for this tiddler": ("Text of the note", "Write here", "Content"),
    "Confirm changes to this tiddler": ("Save this note", "Keep changes", "Done editing"),
    "Edit this tiddler": ("Change this note", "Modify this tiddler", "Revise"),
    "tag name": ("label", "name of the tag", "new tag"),
    "Delete this tiddler": ("Remove this note", "Erase this tiddler", "Throw away"),
    "more": ("further actions", "other actions", "options"),
    "Clone this tiddler": ("Copy this note", "Duplicate this tiddler", "Make a copy"),
    "Add to basket": ("Add to cart", "Put into basket", "Buy"),
    "Quantity": ("Number", "How many", "Pieces"),
    "Update": ("Refresh", "Change", "Apply"),
    "Remove": ("Delete", "Take out", "Drop"),
    "Account menu": ("My menu", "Menu of the account", "Customer menu"),
    "Account": ("My account", "Profile", "Customer area"),
    "Address Book": ("My addresses", "Addresses", "Saved addresses"),
    "Add a new address": ("New address", "Enter an address", "Create an address"),
    "First name": ("Given name", "Forename", "First names"),
    "Last name": ("Surname", "Family name", "Second name"),
    "First line of address": ("Street", "Street and number", "Address line 1"),
    "City": ("Town", "Place", "Municipality"),
    "Post/Zip-code": ("Postcode", "Postal code", "ZIP"),
    "Country": ("State", "Land", "Nation"),
    "Save": ("Store", "Keep", "Submit"),
    "Proceed to checkout": ("Check out", "Go to payment", "Pay now"),
    "Ship to this address": ("Deliver here", "Send it here", "Use this address"),
    "Continue": ("Next", "Go on", "Proceed"),
    "Place order": ("Order now", "Buy now", "Confirm order"),
}
# The tasks that are played on changed apps: what is added, changed, removed and ordered.
TASKS: dict[str, tuple[str, ...]] = {
    "ihatemoney": ("add_expense", "add_dated_expense", "add_person", "change_amount", "delete_bill"),
    "tiddlywiki": ("new_note", "tag_note", "delete_note"),
    "oscar": ("put_in_basket", "change_quantity", "add_address", "order"),
}
_ITEMS = ("bill", "note", "product", "street")  # slots that name a thing which must be there
_MISSING = "Zeppelin 1931"
_SERVED = frozenset({"ihatemoney", "oscar"})  # forms that the browser sends, rows of tables, and a login
_EVERY = frozenset(TASKS)


@dataclass(frozen=True)
class Fault:
    """A change: its strengths, the apps on which it makes sense, and whether it can be repaired."""

    about: str
    strengths: tuple[str, ...]
    recoverable: bool = True
    apps: frozenset[str] = _EVERY


FAULTS: dict[str, Fault] = {
    "renamed": Fault("labels are called otherwise", ("one", "half", "all")),
    "moved": Fault("controls are wrapped, in another order, at another place", ("wrapped", "reordered", "elsewhere")),
    "list_reordered": Fault("rows in another order", ("swapped", "reversed", "rotated"), apps=_SERVED),
    "popup": Fault("something that can be closed lies over the page", ("banner", "half", "modal")),
    "slow": Fault("each page shows its content late", ("1s", "3s", "8s")),
    "language": Fault("the app's own switch of languages", ("de", "fr", "es"), apps=frozenset({"ihatemoney"})),
    "new_field": Fault("a new field that must be filled", ("text", "choice", "tick"), False, _SERVED),
    "item_missing": Fault("what the task names is not there", ("gone",), False),
    "logged_out": Fault("the app asks for a login", ("before",), False, _SERVED),
}


def cells(tasks: Sequence[Task]) -> list[tuple[Task, str, str]]:
    """Every task, fault and strength that go together."""
    found = []
    for task in tasks:
        for name, fault in FAULTS.items():
            if task.app not in fault.apps or (name == "item_missing" and not _slot(task)):
                continue
            found += [(task, name, strength) for strength in fault.strengths]
    return found


def drifted(
    stage: Stage,
    task: Task,
    fault: str,
    strength: str,
    runs: int = 1,
    player: Callable[[Match], Decider] | None = None,
    halves: Sequence[str] = ("seen", "hidden"),
) -> list[dict[str, Any]]:
    """Replays of a task on the changed app, or runs of what `player` makes of the experience that fits. Labels that are
    renamed have both their seen and their hidden names."""
    known = stage.recorded(task)
    told = []
    for number in range(runs):
        for half in halves if fault == "renamed" else ("seen",):
            values = task.generate(random.Random(f"drift-{task.name}-{number}"))
            run = _run(stage, known, values, fault, strength, f"{number}-{half}", half == "hidden", player)
            told.append(run)
            if run["met"] and not run["good"] and player is None:
                progress(f"drift {fault} {strength} {task.name}: {run['said'][:300]}")
    return told


def _run(
    stage: Stage,
    known: Recorded,
    values: Values,
    fault: str,
    strength: str,
    seed: str,
    hidden: bool,
    player: Callable[[Match], Decider] | None,
) -> dict[str, Any]:
    task, recoverable = known.task, FAULTS[fault].recoverable
    if fault == "item_missing":
        values = {**values, _slot(task): _MISSING}
    words = task.words(values)
    asked: dict[str, Any] = {"fault": fault, "strength": strength, "labels": {}, "seed": seed}
    if fault == "renamed":
        asked["labels"] = renamed(_labels(known), strength, seed, hidden)
    in_page = fault not in ("item_missing", "logged_out", "language")
    script = SCRIPT.read_text("utf-8").replace("@ASKED@", json.dumps(asked)) if in_page else None
    found: dict[str, Any] = {"met": not in_page}

    def play(app: App, phone: Phone) -> Finished:
        assert isinstance(phone, Parted)
        if fault == "logged_out":
            phone.new_episode(login=None, start_url=app.url)
        if fault == "language":
            phone.act(Open(url=f"{app.origins[0]}/lang/{strength}"))
            phone.act(Open(url=app.url))
        try:
            if player is None:
                return stage.replay(words, task.app)(app, phone)
            return stage.performed(words, task.app, [player(stage.house.find(words, task.app))])(app, phone)
        finally:
            if in_page:
                try:
                    found["met"] = bool(phone.ask("Number(sessionStorage.getItem('drift') || 0)"))
                except OstinatoError:
                    found["met"] = True

    run = stage.run(
        task if recoverable else None, values, words, task.app, play, label=task.name, script=script,
        refuse=not recoverable,
    )  # fmt: skip
    if run.refused:  # nothing was played: the words do not fit
        found["met"] = False
    return {**run.as_json(), **found, "hidden": hidden, "labels": asked["labels"]}


def renamed(labels: Sequence[str], strength: str, seed: str, hidden: bool) -> dict[str, str]:
    """New names for one of a task's labels, half of all that are known (one of the task's at least), or all."""
    rng = random.Random(f"renamed-{strength}-{seed}")
    own = [label for label in labels if label in SYNONYMS]
    if not own:
        return {}
    one = rng.choice(own)
    if strength == "one":
        chosen = [one]
    elif strength == "half":
        others = sorted(label for label in SYNONYMS if label != one)
        chosen = [one, *rng.sample(others, len(SYNONYMS) // 2)]
    else:
        chosen = sorted(SYNONYMS)
    return {label: rng.choice(synonyms(label, hidden)) for label in chosen}


def synonyms(label: str, hidden: bool) -> list[str]:
    """The one that may be looked at, or the others."""
    order = sorted(SYNONYMS[label], key=lambda word: hashlib.sha256(f"{label} {word}".encode()).hexdigest())
    return order[1:] if hidden else order[:1]


def _labels(known: Recorded) -> list[str]:
    """What the recorded steps touched, by the app's words."""
    targets = [target_of(step.action) for trace in known.traces for step in trace.steps]
    names = [element.name for element in targets if element is not None]
    return list(dict.fromkeys(name.rstrip("* ").strip() for name in names))


def _slot(task: Task) -> str:
    """The slot that names a thing which must be there; empty where there is none."""
    return next((slot for slot in _ITEMS if "{" + slot + "}" in task.template), "")
