"""Tasks on GNOME's phone applications: Clocks, Contacts, Calendar, Endeavour, Calculator."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ostinato.agent.decider import Choice, Decider, Handover
from ostinato.agent.script import Do, ScriptDecider, on
from ostinato.phone.apps.gnome import ALARMS, CONTACTS, TASKS
from ostinato.suites.mutant import Mutations, another, misspelt
from ostinato.suites.task import Task, Values, changed_only, only
from ostinato.suites.truth import Difference
from ostinato.trace import locator as locating
from ostinato.trace.action import Answer
from ostinato.trace.locator import Locator
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Screen

__all__ = ["ALL_TASKS", "GnomeTask"]


@dataclass(frozen=True)
class GnomeTask(Task):
    """`app` names the application that is shown first: `gnome/clocks`. Where something is asked, `shown` is the field
    in which the script finds it, and `answer` what it should be."""

    shown: Locator | None = None
    answer: Callable[[Values], str] | None = None

    def decider(self, values: Values) -> Decider:
        """What does the task as it should be done."""
        done = ScriptDecider(self.script(values))
        return done if self.shown is None else _Telling(done, self.shown)

    def wrong_answer(self, said: str | None, values: Values) -> list[str]:
        """What is wrong with an answer; an empty list where it is right, or none is asked for."""
        if self.answer is None or said == self.answer(values):
            return []
        return [f"the answer is {said!r}, expected {self.answer(values)!r}"]


@dataclass(frozen=True)
class _Telling:
    """Plays a script, then answers with what stands in a field."""

    script: ScriptDecider
    shown: Locator
    name: str = "script"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        if len(history) != len(self.script.steps):
            return self.script.decide(screen, goal, history)
        field = locating.find(self.shown, screen, {})
        if field is None:
            return Handover("operation", goal, locating.why_not(self.shown, screen, {}))
        return Choice(action=Answer(text=field.value or ""), decision=Decision(source="script", text="answer"))


def _nothing_changed(found: list[Difference], values: Values) -> list[str]:
    return [f"unexpected: {difference.words()}" for difference in found]


_NAMES = (
    "Gym", "Bus to school", "Medicine", "Night train", "Bake bread", "Café shift", "Call Zoë", "Feed the cat",
    "Market day", "Swim – lane 3", "Choir", "Rounds & keys", "Früh aufstehen", "O'Hara's flight",
)  # fmt: skip
_THINGS = (
    "Dentist", "Parents' evening", "Eye test", "Film night", "Boiler check", "Book club", "Concert – hall B",
    "Vaccination", "Moving day", "Chess & tea", "Überraschung", "Job interview",
)  # fmt: skip
_PLACES = ("Main Street 5", "Town hall", "Room 2.07", "Harbour café", "Clinic, 3rd floor", "Old mill")
_CHORES = (
    "Buy stamps", "Fix the bike", "Send the invoice", "Wash the curtains", "Order firewood", "Sort photos",
    "Back up the laptop", "Return the drill", "Book a table for 4", "Clean gutters",
)  # fmt: skip
_GIVEN = ("Ada", "Emmy", "Hedy", "Katherine", "Mary", "Sofia", "Lise", "Rosalind", "Chien-Shiung", "Zoë")
_FAMILY = ("Lovelace", "Noether", "Lamarr", "Johnson", "Somerville", "Kovalevskaya", "Meitner", "Franklin", "Wu")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ALARM = {name: (hour, minute) for name, hour, minute, _ in ALARMS}
_CONTACT = {f"{given} {family}": phone for given, family, phone, _ in CONTACTS}


def _pick(rng: random.Random, words: Sequence[str]) -> str:
    """A word of the list with a number, so that few are the same."""
    return f"{rng.choice(words)} {rng.randrange(10, 99)}"


def _clock(rng: random.Random) -> str:
    return f"{rng.randrange(0, 24):02d}:{rng.randrange(0, 60):02d}"


def _phone(rng: random.Random) -> str:
    return f"+{rng.randrange(1, 99)} 555 {rng.randrange(1000, 9999)}"


def _person(rng: random.Random) -> str:
    return f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"


def _day(rng: random.Random) -> str:
    """A day of this month whose number stands only once on the calendar's page, without an event of the first state."""
    number = rng.choice([n for n in range(8, 21) if n not in (9, 12, 17)])
    return datetime.date.today().replace(day=number).isoformat()


# ---- clocks -----------------------------------------------------------------------------------------------

_ALARMS_TAB = on("tap", "tab", "Alarms")
_HOUR = Locator(role="spinbutton", path="dialog/spinbutton")
_MINUTE = Locator(role="spinbutton", path="dialog/spinbutton[2]")


def _set_time(clock: str) -> list[Do]:
    hour, _, minute = clock.partition(":")
    return [Do("type", _HOUR, hour), Do("type", _MINUTE, minute)]


def _add_alarm(v: Values) -> list[Do]:
    days = [on("tap", "button", v["day"])] if "day" in v else []
    name = on("type", "textbox", "Name", text=v["name"])
    return [
        _ALARMS_TAB,
        on("tap", "button", "New Alarm"),
        *_set_time(v["time"]),
        *days,
        name,
        on("tap", "button", "Add"),
    ]


def _alarm_added(found: list[Difference], v: Values) -> list[str]:
    hour, _, minute = v["time"].partition(":")
    days = v["day"][:3] if "day" in v else ""
    return only(found, "alarm", "added", name=v["name"], hour=int(hour), minute=int(minute), days=days)


def _open_alarm(name: str) -> list[Do]:
    return [_ALARMS_TAB, on("tap", "text", name)]


def _move_alarm(v: Values) -> list[Do]:
    return [*_open_alarm(v["alarm"]), *_set_time(v["time"]), on("tap", "button", "Done")]


def _alarm_moved(found: list[Difference], v: Values) -> list[str]:
    hour, _, minute = v["time"].partition(":")
    # saved from the dialog, an alarm is on
    return only(found, "alarm", "changed", name=v["alarm"], hour=int(hour), minute=int(minute)) + changed_only(
        found, "hour", "minute", "active"
    )


def _delete_alarm(v: Values) -> list[Do]:
    return [*_open_alarm(v["alarm"]), on("tap", "button", "Remove Alarm")]


def _switch_alarm(v: Values) -> list[Do]:
    return [_ALARMS_TAB, on("tap", "checkbox", "Active", row=v["alarm"], row_role="listitem")]


def _some_alarm(rng: random.Random) -> str:
    return rng.choice(list(_ALARM))


CLOCKS = (
    GnomeTask(
        "add_alarm", "gnome/clocks", "Set an alarm for {time} called {name}",
        lambda rng: {"time": _clock(rng), "name": _pick(rng, _NAMES)}, _add_alarm, _alarm_added,
        {
            "unsaved": lambda v, r: _add_alarm(v)[:-1],
            "wrong_value": lambda v, r: _add_alarm({**v, "name": misspelt(v["name"], r)}),
        },
    ),
    GnomeTask(
        "add_repeating_alarm", "gnome/clocks", "Wake me every {day} at {time}; call the alarm {name}",
        lambda rng: {"day": rng.choice(_WEEKDAYS), "time": _clock(rng), "name": _pick(rng, _NAMES)},
        _add_alarm, _alarm_added,
        {
            "unsaved": lambda v, r: _add_alarm(v)[:-1],
            "wrong_choice": lambda v, r: _add_alarm({**v, "day": another(v["day"], _WEEKDAYS, r)}),
        },
    ),
    GnomeTask(
        "move_alarm", "gnome/clocks", "Move the alarm {alarm} to {time}",
        lambda rng: {"alarm": _some_alarm(rng), "time": _clock(rng)}, _move_alarm, _alarm_moved,
        {
            "unsaved": lambda v, r: _move_alarm(v)[:-1],
            "wrong_choice": lambda v, r: _move_alarm({**v, "alarm": another(v["alarm"], list(_ALARM), r)}),
        },
    ),
    GnomeTask(
        "delete_alarm", "gnome/clocks", "Delete the alarm {alarm}", lambda rng: {"alarm": _some_alarm(rng)},
        _delete_alarm, lambda found, v: only(found, "alarm", "removed", name=v["alarm"]),
        {
            "unfinished": lambda v, r: _delete_alarm(v)[:-1],
            "wrong_choice": lambda v, r: _delete_alarm({"alarm": another(v["alarm"], list(_ALARM), r)}),
        },
    ),
    GnomeTask(
        "switch_on_alarm", "gnome/clocks", "Switch on the alarm {alarm}", lambda rng: {"alarm": _some_alarm(rng)},
        _switch_alarm,
        lambda found, v: only(found, "alarm", "changed", name=v["alarm"], active=True) + changed_only(found, "active"),
        {"wrong_choice": lambda v, r: _switch_alarm({"alarm": another(v["alarm"], list(_ALARM), r)})},
    ),
)  # fmt: skip


# ---- contacts ---------------------------------------------------------------------------------------------


_UNDO_SECONDS = "7"


def _add_contact(v: Values) -> list[Do]:
    mail = [on("type", "textbox", "Add email", text=v["email"])] if "email" in v else []
    return [
        on("tap", "button", "Create new contact"),
        Do("type", Locator(role="textbox", placeholder="Add name"), v["name"]),
        *mail,
        on("type", "textbox", "Add phone number", text=v["phone"]),
        on("tap", "button", "Add"),
    ]


def _contact_added(found: list[Difference], v: Values) -> list[str]:
    return only(found, "contact", "added", name=v["name"], phones=v["phone"], emails=v.get("email", ""))


def _change_phone(v: Values) -> list[Do]:
    number = Locator(role="textbox", name="Add phone number", value=_CONTACT[v["contact"]])
    return [
        on("tap", "text", v["contact"]),
        on("tap", "button", "Edit Contact"),
        Do("type", number, v["phone"]),
        on("tap", "button", "Done"),
    ]


def _delete_contact(v: Values) -> list[Do]:
    # the contact is gone when the offer to undo it is
    return [on("tap", "text", v["contact"]), on("tap", "button", "Delete Contact"), Do("wait", text=_UNDO_SECONDS)]


def _some_contact(rng: random.Random) -> str:
    return rng.choice(list(_CONTACT))


def _new_contact(rng: random.Random) -> Values:
    return {"name": _person(rng), "phone": _phone(rng)}


def _contact_with_mail(rng: random.Random) -> Values:
    return {**_new_contact(rng), "email": f"mail{rng.randrange(100, 999)}@example.org"}


CONTACT_TASKS = (
    GnomeTask(
        "add_contact", "gnome/contacts", "Save {name} with the number {phone}", _new_contact, _add_contact,
        _contact_added,
        {
            "unsaved": lambda v, r: _add_contact(v)[:-1],
            "wrong_value": lambda v, r: _add_contact({**v, "name": misspelt(v["name"], r)}),
        },
    ),
    GnomeTask(
        "add_contact_with_email", "gnome/contacts", "Add a contact: {name}, {phone}, {email}", _contact_with_mail,
        _add_contact, _contact_added,
        {"unsaved": lambda v, r: _add_contact(v)[:-1]},
    ),
    GnomeTask(
        "change_phone", "gnome/contacts", "{contact} has a new number: {phone}",
        lambda rng: {"contact": _some_contact(rng), "phone": _phone(rng)}, _change_phone,
        lambda found, v: (
            only(found, "contact", "changed", name=v["contact"], phones=v["phone"]) + changed_only(found, "phones")
        ),
        {
            "unsaved": lambda v, r: _change_phone(v)[:-1],
            "wrong_choice": lambda v, r: _change_phone({**v, "contact": another(v["contact"], list(_CONTACT), r)}),
        },
    ),
    GnomeTask(
        "delete_contact", "gnome/contacts", "Delete the contact {contact}",
        lambda rng: {"contact": _some_contact(rng)}, _delete_contact,
        lambda found, v: only(found, "contact", "removed", name=v["contact"]),
        {
            "unfinished": lambda v, r: _delete_contact(v)[:-2],
            "wrong_choice": lambda v, r: _delete_contact({"contact": another(v["contact"], list(_CONTACT), r)}),
        },
    ),
)  # fmt: skip


# ---- calendar ---------------------------------------------------------------------------------------------


def _add_event(v: Values) -> list[Do]:
    notes = [on("type", "textbox", "Notes", text=v["notes"])] if "notes" in v else []
    place = [on("type", "textbox", "Location", text=v["place"])] if "place" in v else []
    return [
        on("tap", "button", str(int(v["day"][-2:]))),
        on("tap", "button", "Add a new event"),
        on("type", "textbox", "Title", text=v["what"]),
        *place,
        *notes,
        on("tap", "button", "Done"),
    ]


def _event_added(found: list[Difference], v: Values) -> list[str]:
    return only(
        found, "event", "added", summary=v["what"], location=v.get("place", ""), start=v["day"], all_day=True,
        description=v.get("notes", ""),
    )  # fmt: skip


def _other_day(v: Values, rng: random.Random) -> Values:
    return {**v, "day": another(v["day"], [_day(rng) for _ in range(8)], rng)}


_CALENDAR: Mutations = {
    "unsaved": lambda v, r: _add_event(v)[:-1],
    "wrong_value": lambda v, r: _add_event({**v, "what": misspelt(v["what"], r)}),
    "wrong_choice": lambda v, r: _add_event(_other_day(v, r)),
}
CALENDAR = (
    GnomeTask(
        "add_event", "gnome/calendar", "Put {what} at {place} into the calendar, all day on {day}",
        lambda rng: {"what": _pick(rng, _THINGS), "place": rng.choice(_PLACES), "day": _day(rng)},
        _add_event, _event_added, _CALENDAR,
    ),
    GnomeTask(
        "add_event_with_notes", "gnome/calendar", "Add {what} on {day} (all day) with the note: {notes}",
        lambda rng: {"what": _pick(rng, _THINGS), "day": _day(rng), "notes": f"bring {rng.randrange(2, 9)} copies"},
        _add_event, _event_added, _CALENDAR,
    ),
)  # fmt: skip


# ---- endeavour --------------------------------------------------------------------------------------------

_TO_LISTS = Do("tap", Locator(role="button", path="button"))  # “Back”, which has no name


def _add_task(v: Values) -> list[Do]:
    return [
        _TO_LISTS, on("tap", "text", "Inbox"),
        Do("enter", Locator(role="textbox", placeholder="New task…"), v["what"]),
    ]  # fmt: skip


def _finish_task(v: Values) -> list[Do]:
    # a task's words are drawn, and not told; the list has the order of the first state
    number = TASKS.index(v["task"]) + 1
    row = "listitem" if number == 1 else f"listitem[{number}]"
    return [
        _TO_LISTS, on("tap", "text", "Inbox"), Do("tap", Locator(role="checkbox", path=f"group/list/{row}/checkbox")),
    ]  # fmt: skip


def _add_list(v: Values) -> list[Do]:
    return [
        _TO_LISTS, on("tap", "button", "New List"), on("type", "textbox", "List Name", text=v["list"]),
        on("tap", "button", "Create List"),
    ]  # fmt: skip


ENDEAVOUR = (
    GnomeTask(
        "add_task", "gnome/endeavour", "Add a task to the inbox: {what}", lambda rng: {"what": _pick(rng, _CHORES)},
        _add_task, lambda found, v: only(found, "task", "added", summary=v["what"], done=False),
        {
            "unsaved": lambda v, r: _add_task(v)[:-1],
            "wrong_value": lambda v, r: _add_task({"what": misspelt(v["what"], r)}),
        },
    ),
    GnomeTask(
        "finish_task", "gnome/endeavour", "Tick off {task}", lambda rng: {"task": rng.choice(TASKS)}, _finish_task,
        lambda found, v: only(found, "task", "changed", summary=v["task"], done=True) + changed_only(found, "done"),
        {
            "unfinished": lambda v, r: _finish_task(v)[:-1],
            "wrong_choice": lambda v, r: _finish_task({"task": another(v["task"], TASKS, r)}),
        },
    ),
    GnomeTask(
        "add_list", "gnome/endeavour", "Make a list of tasks called {list}",
        lambda rng: {"list": _pick(rng, ("Garden", "Move", "Party", "Workshop", "Exams"))}, _add_list,
        lambda found, v: only(found, "task_list", "added", name=v["list"]),
        {"unsaved": lambda v, r: _add_list(v)[:-1]},
    ),
)  # fmt: skip


# ---- calculator -------------------------------------------------------------------------------------------

_SIGNS = {"plus": "+", "minus": "−", "times": "×"}
_DISPLAY = Locator(role="textbox", path="group[2]/textbox")  # below the list of what was calculated before


def _calculate(v: Values) -> list[Do]:
    return [on("tap", "button", sign) for sign in (*v["first"], _SIGNS[v["sign"]], *v["second"], "=")]


def _result(v: Values) -> str:
    first, second = int(v["first"]), int(v["second"])
    return str({"plus": first + second, "minus": first - second, "times": first * second}[v["sign"]])


def _sum(rng: random.Random) -> Values:
    first, second = rng.randrange(100, 999), rng.randrange(11, 99)
    return {"first": str(first), "sign": rng.choice(list(_SIGNS)), "second": str(second)}


def _power(v: Values) -> list[Do]:
    return [*(on("tap", "button", sign) for sign in v["number"]), on("tap", "button", "x2"), on("tap", "button", "=")]


CALCULATOR = (
    GnomeTask(
        "calculate", "gnome/calculator", "What is {first} {sign} {second}?", _sum, _calculate, _nothing_changed,
        {"wrong_value": lambda v, r: _calculate({**v, "second": v["second"][::-1] + "1"})},
        shown=_DISPLAY, answer=_result,
    ),
    GnomeTask(
        "square", "gnome/calculator", "What is the square of {number}?",
        lambda rng: {"number": str(rng.randrange(12, 99))}, _power, _nothing_changed,
        {"wrong_value": lambda v, r: _power({"number": v["number"] + "1"})},
        shown=_DISPLAY, answer=lambda v: str(int(v["number"]) ** 2),
    ),
)  # fmt: skip

ALL_TASKS: tuple[GnomeTask, ...] = (*CLOCKS, *CONTACT_TASKS, *CALENDAR, *ENDEAVOUR, *CALCULATOR)
