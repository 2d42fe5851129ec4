"""Adding and changing things in a small app of expenses, without a model."""

from __future__ import annotations

from typing import Any

import pytest
from test_lexical import App, by_replay, did, field_of, run, thing

from ostinato.agent.decider import Handover
from ostinato.agent.words.editing import Part, part_of
from ostinato.trace.action import Action, Done, Select, Tap, Type
from ostinato.trace.screen import Element

PEOPLE = ("", "Ann", "Bo", "Cy")


def books(app: App) -> list[Element]:
    """A field for people beside its button, a list of expenses, and a dialog for one of them."""
    if app.state.get("form") is not None:
        values: dict[str, Any] = app.state["values"]

        def at(name: str, top: float, **more: Any) -> Element:
            value = values.get(name, "")
            return field_of(name, value, top, path=f"dialog/form/{name}", **more)

        return [
            thing("dialog", path="dialog"),
            thing("form", path="dialog/form"),
            at("When?", 50, hint="date"),
            at("What?", 100),
            thing(
                "combobox", "Who paid?", 150, options=PEOPLE, value=values.get("Who paid?", ""), path="dialog/form/who"
            ),
            at("How much?", 200),
            at("Notes", 250, hint="textarea"),
            thing("button", "Cancel", 300, path="dialog/form/cancel"),
            thing("button", "Save", 300, 150, path="dialog/form/save"),
        ]
    rows = []
    for number, one in enumerate(app.state["expenses"]):
        path, top = f"table/row[{number}]", 200.0 + 50 * number
        rows += [
            thing("row", "", top, 0, 390, path=path),
            thing("cell", one["What?"], top, path=f"{path}/cell"),
            thing("link", "edit", top, 200, path=f"{path}/edit"),
            thing("button", app.state.get(path, "delete"), top, 300, path=f"{path}/delete"),
        ]
    people = [thing("form", path="form"), field_of("Add a person", app.state.get("name", ""), 10, path="form/name"),
              thing("button", "Add", 10, 200, path="form/add")]  # fmt: skip
    return [*people, thing("link", "Add a new expense", 100), *rows]


def keep(app: App, action: Action) -> None:
    match action:
        case Type(element=Element() as e) if e.path.startswith("dialog"):
            app.state["values"][e.name] = action.text
        case Type():
            app.state["name"] = action.text
        case Select():
            app.state["values"][action.element.name] = action.option
        case Tap(element=Element() as e):
            if e.name == "Add a new expense":
                app.state |= {"form": "new", "values": {}}
            elif e.name == "edit":
                number = int(e.path.split("[")[1].split("]")[0])
                app.state |= {"form": number, "values": dict(app.state["expenses"][number])}
            elif e.name == "delete":
                app.state[e.path.rpartition("/")[0]] = "Are you sure?"
            elif e.name == "Are you sure?":
                app.state["expenses"].pop(int(e.path.split("[")[1].split("]")[0]))
                app.state.pop(e.path.rpartition("/")[0])
            elif e.name == "Add":
                app.state.setdefault("people", []).append(app.state.pop("name"))
            elif e.name == "Save":
                if app.state["form"] == "new":
                    app.state["expenses"].append(app.state["values"])
                else:
                    app.state["expenses"][app.state["form"]] = app.state["values"]
                app.state["form"] = None


def begin() -> App:
    taxi = {"What?": "Taxi", "Who paid?": "Bo", "How much?": "12", "When?": "2026-01-02"}
    hotel = {"What?": "Hotel", "Who paid?": "Ann", "How much?": "90", "When?": "2026-01-03"}
    return App(books, keep, {"expenses": [taxi, hotel]})


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("Add an expense: Lunch, 18.50, paid by Cy",
         {"What?": "Lunch", "How much?": "18.50", "Who paid?": "Cy"}),
        ("Please add a new expense: Lunch at noon, paid by Ann, for 7, on 2026-03-04.",
         {"What?": "Lunch at noon", "How much?": "7", "Who paid?": "Ann", "When?": "2026-03-04"}),
        ('Create an expense called "Lunch, 2" with the notes "none"', {"What?": "Lunch, 2", "Notes": "none"}),
    ],
)  # fmt: skip
def test_a_new_expense_has_each_value_in_its_field(goal: str, wanted: dict[str, str]) -> None:
    app = begin()
    end = run(goal, app)
    assert isinstance(end, Done) and end.success, end
    assert app.state["expenses"][2:] == [wanted]


def test_a_form_that_a_replay_left_half_filled_is_filled_and_sent() -> None:
    app = App(books, keep, {"expenses": []})
    opened = Tap(point=books(app)[3].box.center, element=books(app)[3])
    assert books(app)[3].name == "Add a new expense"
    first = by_replay(app, opened)
    what = next(e for e in books(app) if e.name == "What?")
    much = next(e for e in books(app) if e.name == "How much?")
    for element, text in ((what, "Rope"), (much, "3.50")):
        first += by_replay(app, Type(text=text, element=element))
    end = run("Add an expense: Rope, 3.50, paid by Bo", app, first=first)
    assert isinstance(end, Done) and end.success, end
    assert app.state["expenses"] == [{"What?": "Rope", "How much?": "3.50", "Who paid?": "Bo"}]
    assert did(app) == ["select Bo", "tap Save"]


def test_a_person_is_added_where_people_are_added() -> None:
    app = begin()
    end = run("Add the person Dee", app)
    assert isinstance(end, Done) and end.success, end
    assert did(app) == ["type Dee into Add a person", "tap Add"]


@pytest.mark.parametrize(
    ("goal", "number", "field", "value"),
    [
        ("Change the amount of Hotel to 95", 1, "How much?", "95"),
        ("Change Taxi's date to 2026-05-06", 0, "When?", "2026-05-06"),
        ("Change the payer of the expense Hotel to Cy", 1, "Who paid?", "Cy"),
        ("Rename the expense Taxi to Bus", 0, "What?", "Bus"),
    ],
)
def test_one_field_of_one_thing_is_changed(goal: str, number: int, field: str, value: str) -> None:
    app = begin()
    wanted = [dict(one) for one in app.state["expenses"]]
    wanted[number][field] = value
    end = run(goal, app)
    assert isinstance(end, Done) and end.success, end
    assert app.state["expenses"] == wanted


def test_what_is_deleted_is_confirmed_once_and_nothing_else_is() -> None:
    app = begin()
    end = run("Delete the expense Hotel", app)
    assert isinstance(end, Done) and end.success, end
    assert [one["What?"] for one in app.state["expenses"]] == ["Taxi"]
    assert did(app) == ["tap delete", "tap Are you sure?"]


@pytest.mark.parametrize(
    "goal",
    ["Delete the expense Museum", "Change the colour of Hotel to red", "Archive the expense Taxi",
     "Rename Museum to Bus", "Add an expense: Lunch, paid by Zed"],
)  # fmt: skip
def test_what_cannot_be_done_is_not_half_done(goal: str) -> None:
    app = begin()
    wanted = [dict(one) for one in app.state["expenses"]]
    end = run(goal, app)
    assert isinstance(end, Handover) or not end.success
    assert app.state["expenses"] == wanted
    assert not any(one in did(app) for one in ("tap Save", "tap delete"))


def test_the_only_thing_of_a_list_is_not_taken_for_another() -> None:
    app = begin()
    app.state["expenses"].pop()
    end = run("Delete the expense Museum", app)
    assert isinstance(end, Done) and not end.success
    assert app.done == []


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Taxi", Part("Taxi")),
        ("12.50", Part("12.50", ("amount",))),
        ("for 12.50", Part("12.50", ("amount",))),
        ("paid by Ann Lee", Part("Ann Lee", ("paid", "by"))),
        ("on 2026-03-04", Part("2026-03-04", ("date",))),
        ("with the tag home", Part("home", ("with", "the", "tag"))),
        ('that says "a, b"', Part("a, b", ("that", "says"))),
    ],
)
def test_a_part_is_a_value_and_what_is_said_around_it(text: str, part: Part) -> None:
    assert part_of(text) == part
