"""Tasks that need two apps on one phone: look something up in one, do something in the other, or do both."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from ostinato.agent.script import Do, on
from ostinato.suites import ihatemoney_steps as money
from ostinato.suites import tiddlywiki as notes
from ostinato.suites.ihatemoney_steps import BILLS, PAID_BY, PEOPLE
from ostinato.suites.mutant import Mutations, another, misspelt, near_amount
from ostinato.suites.task import Task, Values, changed_only, only
from ostinato.suites.truth import Difference

APP = "ihatemoney+tiddlywiki"
Part = Callable[[Values], Sequence[Do]]


def _go(app: str) -> list[Do]:
    return [Do("home"), on("tap", "link", app)]


def _both(first: Part, second: Part) -> Callable[[Values], list[Do]]:
    """The steps in ihatemoney, then those in TiddlyWiki; the phone shows its home screen at the start."""
    return lambda v: [*_go("ihatemoney")[1:], *first(v), *_go("tiddlywiki"), *second(v)]


def _of_both(first: Part, second: Part, wrong: Mutations) -> Mutations:
    """What can go wrong, or go another way, where something is done in both apps."""
    whole = _both(first, second)
    return {
        "unfinished": lambda v, r: [*_go("ihatemoney")[1:], *first(v)],
        "unsaved": lambda v, r: whole(v)[:-1],
        "extra_edit": lambda v, r: [*whole(v), *_go("ihatemoney"), *money.add_person(money.somebody(r))],
        "no_done": lambda v, r: whole(v),
        "other_path": lambda v, r: [*_go("tiddlywiki")[1:], *second(v), *_go("ihatemoney"), *first(v)],
        **wrong,
    }


def _in(app: str, found: list[Difference]) -> list[Difference]:
    return [d for d in found if d.table.startswith(app)]


def _none(found: list[Difference], app: str) -> list[str]:
    return [f"unexpected: {d.words()}" for d in _in(app, found)]


def _renamed(found: list[Difference], old: str, new: str) -> list[str]:
    gone, come = ([d for d in found if (d.operation == "added") is added] for added in (False, True))
    return [
        *only(gone, "tiddlywiki_note", "removed", title=old),
        *only(come, "tiddlywiki_note", "added", title=new, text=notes.TEXTS[old]),
    ]


def _nothing(v: Values) -> list[Do]:
    return []


def _cost(rng: random.Random) -> Values:
    bill = rng.choice(list(BILLS))
    return {"bill": bill, "title": notes.a_title(rng), "cost": f"{BILLS[bill]:.2f}"}


def _note_cost(v: Values) -> list[Do]:
    return notes.new(v["title"], v["cost"])


_look_up = _both(_nothing, _note_cost)
COST_TO_NOTE = Task(
    "cost_to_note",
    APP,
    'Look up what {bill} cost and write the amount into a note called "{title}"',
    _cost,
    _look_up,
    lambda found, v: [
        *_none(found, "ihatemoney"),
        *only(_in("tiddlywiki", found), "tiddlywiki_note", "added", title=v["title"], text=v["cost"]),
    ],
    {
        "unsaved": lambda v, r: _look_up(v)[:-1],
        "wrong_value": lambda v, r: _look_up({**v, "cost": near_amount(v["cost"], r)}),
        "wrong_choice": lambda v, r: _look_up({**v, "cost": f"{BILLS[another(v['bill'], list(BILLS), r)]:.2f}"}),
        "extra_edit": lambda v, r: [*_look_up(v), *_go("ihatemoney"), *money.add_person(money.somebody(r))],
        "no_done": lambda v, r: _look_up(v),
        "undone": lambda v, r: [*_look_up(v), *notes.delete(v["title"])],
    },
)


def _note_it(v: Values) -> list[Do]:
    return notes.new(v["title"], f"{v['what']} {v['amount']}")


EXPENSE_AND_NOTE = Task(
    "expense_and_note",
    APP,
    'Add the expense {what}, {amount}, paid by {payer}, and write it into a note called "{title}"',
    lambda rng: {
        "what": money.thing(rng),
        "amount": money.amount(rng),
        "payer": rng.choice(PEOPLE),
        "title": notes.a_title(rng),
    },
    _both(money.add, _note_it),
    lambda found, v: [
        *only(_in("ihatemoney", found), "ihatemoney_bill", "added", **money.row_of(v)),
        *only(
            _in("tiddlywiki", found), "tiddlywiki_note", "added", title=v["title"], text=f"{v['what']} {v['amount']}"
        ),
    ],
    _of_both(
        money.add,
        _note_it,
        {
            "wrong_value": lambda v, r: [
                *_both(money.add, _nothing)(v),
                *_note_it({**v, "amount": near_amount(v["amount"], r)}),
            ],
            "wrong_choice": lambda v, r: _both(money.add, _note_it)({**v, "payer": another(v["payer"], PEOPLE, r)}),
            "twice": lambda v, r: [*_both(money.add, _note_it)(v), *_go("ihatemoney"), *money.add(v)],
            "undone": lambda v, r: [*_both(money.add, _note_it)(v), *notes.delete(v["title"])],
        },
    ),
)


def _join(v: Values) -> list[Do]:
    return money.add_person(v["name"])


def _tag(v: Values) -> list[Do]:
    return notes.tag(v["note"], v["tag"])


PERSON_AND_TAG = Task(
    "person_and_tag",
    APP,
    'Add {name} to the group and tag the note {note} with "{tag}"',
    lambda rng: {"name": money.somebody(rng), "note": notes.a_note(rng), "tag": notes.a_tag(rng)},
    _both(_join, _tag),
    lambda found, v: [
        *only(_in("ihatemoney", found), "ihatemoney_person", "added", name=v["name"]),
        *only(
            _in("tiddlywiki", found), "tiddlywiki_note", "changed",
            title=v["note"], tags=notes.with_tag(v["note"], v["tag"]),
        ),
        *changed_only(_in("tiddlywiki", found), "tags"),
    ],
    _of_both(
        _join,
        _tag,
        {
            "wrong_value": lambda v, r: _both(_join, _tag)({**v, "name": misspelt(v["name"], r)}),
            "wrong_choice": lambda v, r: _both(_join, _tag)({**v, "note": another(v["note"], list(notes.NOTES), r)}),
            "extra_edit": lambda v, r: [*_both(_join, _tag)(v), *_go("ihatemoney"), *money.other_bill(r)],
        },
    ),
)  # fmt: skip


def _drop_bill(v: Values) -> list[Do]:
    return money.delete(v["bill"])


def _drop_note(v: Values) -> list[Do]:
    return notes.delete(v["note"])


DELETE_BOTH = Task(
    "delete_both",
    APP,
    "Delete the expense {bill} and the note {note}",
    lambda rng: {"bill": rng.choice(list(BILLS)), "note": notes.a_note(rng)},
    _both(_drop_bill, _drop_note),
    lambda found, v: [
        *only(_in("ihatemoney", found), "ihatemoney_bill", "removed", what=v["bill"]),
        *only(_in("tiddlywiki", found), "tiddlywiki_note", "removed", title=v["note"]),
    ],
    {
        **{k: m for k, m in _of_both(_drop_bill, _drop_note, {}).items() if k != "unsaved"},
        "wrong_choice": lambda v, r: _both(_drop_bill, _drop_note)({**v, "bill": another(v["bill"], list(BILLS), r)}),
    },
)


def _paid(rng: random.Random) -> Values:
    bill = rng.choice(list(BILLS))
    return {"bill": bill, "note": notes.a_note(rng), "payer": PAID_BY[bill]}


def _rename_to_payer(v: Values) -> list[Do]:
    return notes.rename({"note": v["note"], "title": v["payer"]})


_name_payer = _both(_nothing, _rename_to_payer)
PAYER_TO_TITLE = Task(
    "payer_to_title",
    APP,
    "Look up who paid {bill} and give the note {note} that name as its title",
    _paid,
    _name_payer,
    lambda found, v: [
        *_none(found, "ihatemoney"),
        *_renamed(_in("tiddlywiki", found), v["note"], v["payer"]),
    ],
    {
        "unsaved": lambda v, r: _name_payer(v)[:-1],
        "wrong_choice": lambda v, r: _name_payer({**v, "payer": another(v["payer"], PEOPLE, r)}),
        "extra_edit": lambda v, r: [*_name_payer(v), *_go("ihatemoney"), *money.add_person(money.somebody(r))],
        "no_done": lambda v, r: _name_payer(v),
    },
)  # fmt: skip


def _correct(v: Values) -> list[Do]:
    return money.change(v["bill"], money.set_what(v["what"]))


def _retitle(v: Values) -> list[Do]:
    return notes.rename(v)


RENAME_BOTH = Task(
    "rename_both",
    APP,
    'Rename the expense {bill} to {what} and the note {note} to "{title}"',
    lambda rng: {
        "bill": rng.choice(list(BILLS)),
        "what": money.thing(rng),
        "note": notes.a_note(rng),
        "title": notes.a_title(rng),
    },
    _both(_correct, _retitle),
    lambda found, v: [
        *only(_in("ihatemoney", found), "ihatemoney_bill", "changed", what=v["what"], amount=BILLS[v["bill"]]),
        *changed_only(_in("ihatemoney", found), "what"),
        *only(
            [d for d in _in("tiddlywiki", found) if d.operation == "added"],
            "tiddlywiki_note",
            "added",
            title=v["title"],
        ),
        *only(
            [d for d in _in("tiddlywiki", found) if d.operation != "added"],
            "tiddlywiki_note",
            "removed",
            title=v["note"],
        ),
    ],
    _of_both(
        _correct,
        _retitle,
        {
            "wrong_value": lambda v, r: _both(_correct, _retitle)({**v, "what": misspelt(v["what"], r)}),
            "undone": lambda v, r: [
                *_both(_correct, _retitle)(v),
                *_go("ihatemoney"),
                *money.change(v["what"], money.set_what(v["bill"])),
            ],
        },
    ),
)
TASKS = (COST_TO_NOTE, EXPENSE_AND_NOTE, PERSON_AND_TAG, DELETE_BOTH, PAYER_TO_TITLE, RENAME_BOTH)
