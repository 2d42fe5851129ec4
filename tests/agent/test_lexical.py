"""The decider without a model, on small apps held in memory: what it does, and when it says that it does not know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ostinato.agent.decider import Choice, Handover, beside
from ostinato.agent.words.lexical import LexicalDecider
from ostinato.agent.words.picking import extreme
from ostinato.model.embed import Embedder
from ostinato.trace.action import Action, Done, Drag, Key, Select, Tap, Type, Wait
from ostinato.trace.record import Decision, ExperienceRef, Result, Risk, Step
from ostinato.trace.screen import Box, Element, Screen

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def thing(role: str, name: str = "", top: float = 0, left: float = 10, width: float = 100, **more: Any) -> Element:
    path = more.pop("path", f"{role}-{name or more.get('id') or top:}-{left:g}")
    box = Box(left=left, top=top, width=width, height=more.pop("height", 30.0))
    return Element(role=role, name=name, path=path, box=box, **more)


def field_of(name: str, value: str = "", top: float = 0, **more: Any) -> Element:
    return thing("textbox", name, top, value=value, editable=True, **more)


@dataclass
class App:
    """An app as a function of what was done to it: `show` gives its elements, `touch` takes an action."""

    show: Callable[[App], Sequence[Element]]
    touch: Callable[[App, Action], None] = lambda app, action: None
    state: dict[str, Any] = field(default_factory=dict)
    done: list[Action] = field(default_factory=list)

    def screen(self) -> Screen:
        return Screen(width=390, height=844, elements=tuple(self.show(self)), taken=NOW)


class Undiscerning:
    """An embedder to which all words are this much alike."""

    name = "undiscerning"

    def __init__(self, near: float) -> None:
        self.near = near

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.full((len(texts), 1), self.near**0.5, np.float32)


def run(
    goal: str,
    app: App,
    most: int = 30,
    *,
    first: Sequence[Step] = (),
    task: str | None = None,
    embedder: Embedder | None = None,
) -> Done | Handover:
    """Let the decider work on the app until it says that it is done, or cannot be. `first` is what others did before,
    `task` the whole, of which the goal is the step that comes first."""
    decider, history = LexicalDecider(embedder, task=task), list(first)
    for index in range(most):
        goal = task if task is not None and len(history) > len(first) else goal
        screen = app.screen()
        choice = decider.decide(screen, goal, tuple(history))
        if isinstance(choice, Handover):
            return choice
        assert isinstance(choice, Choice)
        if isinstance(choice.action, Done):
            return choice.action
        if not isinstance(choice.action, Wait):
            app.done.append(choice.action)
        app.touch(app, choice.action)
        history.append(
            Step(index=index, before=screen, decision=choice.decision, action=choice.action, risk="edit", started=NOW)
        )
    raise AssertionError(f"still at it after {most} steps")


def by_replay(app: App, *actions: Action, risk: Risk = "edit") -> list[Step]:
    """Steps that an experience played on an app."""
    steps = []
    for index, action in enumerate(actions):
        of = ExperienceRef(id="e", version=1, node=index)
        steps.append(
            Step(
                index=index, before=app.screen(), decision=Decision(source="replay"), action=action, risk=risk,
                started=NOW, result=Result(ok=True), experience=of,
            )
        )  # fmt: skip
        app.touch(app, action)
    return steps


def did(app: App) -> list[str]:
    """What was done, in short."""
    found = []
    for action in app.done:
        match action:
            case Tap(element=Element() as e):
                found.append(f"tap {e.name or e.hint or e.id}")
            case Type(element=Element() as e):
                found.append(f"type {action.text} into {e.name or e.id}")
            case Select():
                found.append(f"select {action.option}")
            case Key():
                found.append(f"key {action.key}")
            case _:
                found.append(action.kind)
    return found


def form(app: App) -> list[Element]:
    return [
        field_of("Name", app.state.get("Name", ""), 50),
        field_of("City", app.state.get("City", ""), 100),
        thing("checkbox", "Private", 150, checked=app.state.get("Private", False)),
        thing("combobox", "Currency", 200, options=("EUR", "USD")),
        thing("button", "Save", 300),
        thing("button", "Delete all", 350),
    ]


def fill(app: App, action: Action) -> None:
    if isinstance(action, Type) and action.element is not None:
        app.state[action.element.name] = action.text
    if isinstance(action, Tap) and action.element is not None and action.element.role == "checkbox":
        app.state[action.element.name] = not app.state.get(action.element.name, False)


def two_forms(app: App) -> list[Element]:
    """A basket as shops have it: the form of a row, one for a voucher, and what searches above both."""
    return [
        field_of("Search", "", 20, path="form[1]/textbox"),
        thing("button", "Search", 20, 200, path="form[1]/button", submits=True),
        field_of("Quantity", app.state.get("Quantity", "1"), 100, path="form[2]/textbox"),
        *(thing("button", name, 100, 200, path=f"form[2]/button[{name}]", submits=True) for name in app.state["row"]),
        field_of("Code", app.state.get("Code", ""), 200, path="form[3]/textbox"),
        thing("button", "Redeem", 200, 200, path="form[3]/button", submits=True),
        thing("text", "15", 300),
    ]


@pytest.mark.parametrize(
    ("row", "touched"),
    [(["Update"], "Update"), (["Update", "Save"], "Save")],
)
def test_what_was_entered_is_sent_off_by_its_own_form(row: list[str], touched: str) -> None:
    app = App(two_forms, fill, {"row": row})
    end = run('Type "3" into Quantity', app)
    assert isinstance(end, Done) and end.success and did(app) == ["type 3 into Quantity", f"tap {touched}"]


def test_where_nothing_tells_which_button_sends_off_it_is_not_called_done() -> None:
    app = App(two_forms, fill, {"row": ["Update", "Put aside"]})
    end = run('Type "3" into Quantity', app)
    assert isinstance(end, Done) and not end.success and "“Put aside”" in end.message
    assert did(app) == ["type 3 into Quantity"]


def test_another_number_is_not_touched_in_place_of_one_that_is_not_there() -> None:
    app = App(lambda app: [thing("text", "15", 50), thing("link", "Quantity of nails", 90)], lambda app, action: None)
    end = run("Set the quantity of nails to 13", app, embedder=Undiscerning(0.98))
    assert isinstance(end, Done) and not end.success and "tap 15" not in did(app)


def test_what_would_send_something_off_is_not_touched_on_a_guess() -> None:
    sends = thing("button", "Put into basket", 50, path="form/button", submits=True)
    app = App(lambda app: [sends, thing("link", "Home", 90)])
    end = run("Use the voucher SPRING10 for what is in the basket", app, embedder=Undiscerning(0.52))
    assert isinstance(end, Done) and not end.success and did(app) == []


FORM_GOAL = 'Type "Ann" into Name, then type "Oslo" into City and press Save'


def test_what_a_replay_typed_before_it_stopped_is_not_typed_again() -> None:
    app = App(form, fill)
    first = by_replay(app, Type(text="Ann", element=form(app)[0]))
    end = run(FORM_GOAL, app, first=first)
    assert isinstance(end, Done) and end.success and did(app) == ["type Oslo into City", "tap Save"]


def test_a_step_that_a_replay_asks_for_is_not_taken_for_the_whole() -> None:
    app = App(form, fill)
    first = by_replay(app, Type(text="Ann", element=form(app)[0]))
    end = run("type “Oslo” into textbox “City”", app, first=first, task=FORM_GOAL)
    assert isinstance(end, Done) and end.success and did(app) == ["type Oslo into City", "tap Save"]
    other = App(form, fill)
    end = run("sing a song", other, first=by_replay(other, Type(text="Ann", element=form(other)[0])), task=FORM_GOAL)
    assert isinstance(end, Done) and end.success and did(other) == ["type Oslo into City", "tap Save"]


def test_what_was_sent_by_another_is_not_begun_anew() -> None:
    app = App(form, fill)
    save = next(e for e in form(app) if e.name == "Save")
    end = run(FORM_GOAL, app, first=by_replay(app, Tap(point=save.box.center, element=save), risk="commit"))
    assert isinstance(end, Handover) and "was sent already" in end.reason and app.done == []


@pytest.mark.parametrize("at", [0, 1, 2])
def test_what_is_done_beside_the_task_is_none_of_its_steps(at: int) -> None:
    app, decider, history = App(form, fill), LexicalDecider(), list[Step]()
    for index in range(10):
        shown = app.screen()
        if index == at:
            choice: Choice | Handover | None = beside(Wait(seconds=1), "wait")
        else:
            choice = decider.decide(shown, FORM_GOAL, tuple(history))
        assert isinstance(choice, Choice)
        if isinstance(choice.action, Done):
            break
        app.touch(app, choice.action)
        if not choice.decision.aside:
            app.done.append(choice.action)
        history.append(
            Step(index=index, before=shown, decision=choice.decision, action=choice.action, risk="edit", started=NOW)
        )
    assert did(app) == ["type Ann into Name", "type Oslo into City", "tap Save"]


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ('Enter "Ann" into the name field, "Oslo" into the city field and tap Save', None),
        ('Type "Oslo" into City and press Save', ["type Oslo into City", "tap Save"]),
        ("Set the city to Oslo, then tap Save", ["type Oslo into City", "tap Save"]),
        ("Tick Private and save", ["tap Private", "tap Save"]),
        ("Select USD from the currency list and press Save", ["select USD", "tap Save"]),
        ("Please tap the Save button.", ["tap Save"]),
    ],
)
def test_a_form_is_filled_as_the_words_say(goal: str, wanted: list[str] | None) -> None:
    app = App(form, fill)
    end = run(goal, app)
    assert isinstance(end, Done) and end.success
    assert wanted is None or did(app) == wanted
    assert "tap Delete all" not in did(app)


def test_a_box_that_is_ticked_is_left_ticked() -> None:
    app = App(form, fill, {"Private": True})
    assert isinstance(run("Tick Private", app), Done) and "tap Private" not in did(app)
    assert isinstance(run("Untick Private", app), Done) and "tap Private" in did(app)


@pytest.mark.parametrize(
    "goal",
    [
        "Tap Archive",
        "Click the purple elephant",
        'Open "Settings"',
        "Forward the mail from Ann to Bo",
        "Tap Sav3d things",
    ],
)
def test_what_is_not_there_ends_with_a_reason_and_without_a_touch(goal: str) -> None:
    app = App(form, fill)
    end = run(goal, app)
    assert isinstance(end, Done) and not end.success and end.message
    assert app.done == []


def test_what_is_looked_for_is_looked_for_behind_menus_and_not_behind_deeds() -> None:
    def shown(app: App) -> list[Element]:
        hidden = [thing("menuitem", "Export", 300)] if app.state.get("open") else []
        deeds = [
            thing("button", name, 50.0 * n) for n, name in enumerate(("Buy more", "Delete menu", "Send next", "All"))
        ]
        return [*deeds, thing("button", "More options", 250), *hidden]

    def opening(app: App, action: Action) -> None:
        if isinstance(action, Tap) and action.element is not None and action.element.name == "More options":
            app.state["open"] = True

    app = App(shown, opening)
    end = run("Tap Export", app)
    assert isinstance(end, Done) and end.success
    assert did(app) == ["tap More options", "tap Export"]


@pytest.mark.parametrize("goal", ["Juggle the names, then press Delete all", "How many fields are there?", ""])
def test_what_is_not_understood_is_handed_over_before_anything_is_done(goal: str) -> None:
    app = App(form, fill)
    end = run(goal, app)
    assert isinstance(end, Handover) and end.goal == goal and end.reason
    assert app.done == []


def mails(app: App) -> list[Element]:
    """An inbox of three; a mail when it is opened; a form for passing it on."""
    names = ("Ann", "Bo", "Cy")
    match app.state.get("at", "inbox"):
        case "inbox":
            return [
                element
                for number, name in enumerate(names)
                for top in [100.0 + 60 * number]
                for element in (
                    thing("text", name, top),
                    thing("text", "Hello there", top + 30),
                    thing("img", "", top, 300, 20, hint="trash", path=f"trash{number}"),
                    thing("img", "", top, 330, 20, hint="star", path=f"star{number}"),
                )
            ]
        case "open":
            return [
                thing("heading", app.state["mail"]),
                thing("button", "Reply", 200),
                thing("button", "Forward", 200, 150),
            ]
    return [
        field_of("To", app.state.get("To", ""), 50) if app.state["at"] == "Forward" else thing("text", "Reply", 50),
        field_of("Message", app.state.get("Message", ""), 100, hint="textarea"),
        thing("img", "", 20, 300, 20, hint="send", path="send"),
        thing("button", "Cancel", 300),
    ]


def mailing(app: App, action: Action) -> None:
    fill(app, action)
    if isinstance(action, Tap) and action.element is not None:
        at, name = app.state.get("at", "inbox"), action.element.name
        if at == "inbox" and action.element.role == "text":
            app.state |= {"at": "open", "mail": name}
        elif at == "open":
            app.state["at"] = name


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("Find the mail by Bo and tap the trash icon to delete it.", ["trash1"]),
        ("Tap the star icon in the row of Cy", ["star2"]),
        ("Star the message from Bo", ["star1"]),
        ("Delete the mail from Cy", ["trash2"]),
        ("Find Ann's mail and star it", ["star0"]),
        ("Find the mail by Bo, then open it", ["text-Bo-10"]),
    ],
)
def test_an_icon_is_touched_in_the_row_that_was_spoken_of(goal: str, wanted: list[str]) -> None:
    app = App(mails, mailing)
    end = run(goal, app)
    assert isinstance(end, Done) and end.success
    assert [a.element.path for a in app.done if isinstance(a, Tap) and a.element is not None] == wanted


@pytest.mark.parametrize(
    "goal",
    [
        "Find the mail by Bo and forward it to Dee.",
        "Forward Bo's mail to Dee",
        "Forward Dee the mail from Bo",
        "Send to Dee the mail you got from Bo",
    ],
)
def test_a_mail_is_passed_on(goal: str) -> None:
    app = App(mails, mailing)
    end = run(goal, app)
    assert isinstance(end, Done) and end.success, end
    assert did(app) == ["tap Bo", "tap Forward", "type Dee into To", "tap send"]


def test_a_mail_is_answered_with_the_words_that_are_given() -> None:
    app = App(mails, mailing)
    end = run('Reply to Cy with "Not before ten."', app)
    assert isinstance(end, Done) and end.success
    assert did(app) == ["tap Cy", "tap Reply", "type Not before ten. into Message", "tap send"]


OFFERS = (("3h 43m", 1117), ("17h 37m", 459), ("45 min", 280), ("4h 46m", 145))


def offers(app: App) -> list[Element]:
    return [
        element
        for number, (long, price) in enumerate(OFFERS)
        for top in [100.0 + 100 * number]
        for element in (
            thing("text", "Duration:", top, path=f"label{number}"),
            thing("text", long, top + 30, path=f"long{number}"),
            thing("button", f"Book for ${price}", top + 60),
        )
    ]


@pytest.mark.parametrize(
    ("goal", "price"),
    [
        ("Buy the ticket with the shortest duration.", 280),
        ("Book the longest trip", 459),
        ("Buy the cheapest ticket", 145),
        ("Order the most expensive ticket", 1117),
        ("Book the trip with the lowest price", 145),
    ],
)
def test_the_offer_that_is_meant_is_taken(goal: str, price: int) -> None:
    app = App(offers)
    end = run(goal, app)
    assert isinstance(end, Done) and end.success, end
    assert did(app) == [f"tap Book for ${price}"]


def test_offers_that_cannot_be_compared_are_not_guessed_at() -> None:
    app = App(offers)
    end = run("Buy the ticket with the highest rating", app)
    assert isinstance(end, Done) and not end.success and app.done == []
    assert extreme("the ticket to Rome") is None


def shelf(app: App) -> list[Element]:
    rows = [thing("list", path="list", top=90, height=500.0)]
    for number, name in enumerate(app.state["order"]):
        path = f"list/listitem[{number + 1}]"
        rows += [thing("listitem", "", 100 + 50 * number, path=path, height=40.0),
                 thing("text", name, 105 + 50 * number, path=f"{path}/text")]  # fmt: skip
    return [*rows, thing("button", "Submit", 700)]


def dragging(app: App, action: Action) -> None:
    """A list as drag and drop reorders it: an item takes the place over whose middle it is dropped."""
    if isinstance(action, Drag):
        order = app.state["order"]
        start, end = (round((point.y - 120) / 50) for point in (action.start, action.end))
        order.insert(max(0, min(end, len(order) - 1)), order.pop(start))


@given(st.permutations(["12", "-3", "7.5", "100", "0"]), st.sampled_from(["ascending", "decreasing"]))
def test_a_list_is_sorted_whatever_its_order(order: list[str], way: str) -> None:
    app = App(shelf, dragging, {"order": list(order)})
    end = run(f"Sort the numbers in {way} order", app)
    assert isinstance(end, Done) and end.success
    assert app.state["order"] == sorted(order, key=float, reverse=way == "decreasing")
    assert len([a for a in app.done if isinstance(a, Drag)]) < len(order)
    assert did(app)[-1] == "tap Submit"


@given(st.permutations(["Milk", "Tea", "Rice", "Salt"]), st.data())
def test_an_item_is_moved_to_the_place_that_is_said(order: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(order))
    wanted, words = (
        [one for one in order if one != name],
        data.draw(st.sampled_from(["top", "3rd position", "up", "bottom"])),
    )
    start = order.index(name)
    place = {"top": 0, "3rd position": 2, "up": start - 1, "bottom": 3}[words]
    app = App(shelf, dragging, {"order": list(order)})
    end = run(f"Move {name} up by one position" if words == "up" else f"Drag {name} to the {words}", app)
    assert isinstance(end, Done)
    if place < 0:
        assert not end.success and app.done == []
        return
    wanted.insert(place, name)
    assert end.success and app.state["order"] == wanted


def track(app: App) -> list[Element]:
    low, high = app.state["range"]
    tall = app.state["tall"]
    box = {"width": 20.0, "height": 200.0} if tall else {"width": 200.0, "height": 20.0}
    return [
        thing("generic", "", 100, id="volume-slider", path="slider", **box),
        thing("text", f"{app.state['value']}", 310 if tall else 130, path="number"),
        thing("button", "OK", 500),
        thing("text", f"from {low} to {high}", 600),
    ]


def sliding(app: App, action: Action) -> None:
    low, high = app.state["range"]
    if isinstance(action, Tap) and action.element is not None and action.element.path == "slider":
        box, point = action.element.box, action.point
        part = (box.top + box.height - point.y) / box.height if app.state["tall"] else (point.x - box.left) / box.width
        app.state["value"] = round(low + part * (high - low))
    if isinstance(action, Key):
        step = {"ArrowRight": 1, "ArrowLeft": -1}[action.key]
        app.state["value"] = min(high, max(low, app.state["value"] + step))


@settings(max_examples=40)
@given(st.integers(-50, 50), st.integers(1, 100), st.data(), st.booleans())
def test_a_slider_that_is_only_drawn_comes_to_its_number(low: int, size: int, data: st.DataObject, tall: bool) -> None:
    wanted, now = (data.draw(st.integers(low, low + size)) for _ in range(2))
    app = App(track, sliding, {"range": (low, low + size), "value": now, "tall": tall})
    end = run(f"Select {wanted} with the slider and press OK", app)
    assert isinstance(end, Done) and end.success, end
    assert app.state["value"] == wanted


def test_a_slider_is_not_moved_beyond_its_ends() -> None:
    app = App(track, sliding, {"range": (0, 10), "value": 4, "tall": False})
    end = run("Select 40 with the slider and press OK", app)
    assert isinstance(end, Done) and not end.success and "0 to 10" in end.message
    assert "tap OK" not in did(app)


def pages(app: App) -> list[Element]:
    at = app.state.get("page", 0)
    names = [f"Result {'ABCDEFGHI'[3 * at + n]}" for n in range(3)]
    links = [thing("link", name, 100 + 50 * n) for n, name in enumerate(names)]
    return [*links, thing("link", "1", 400), thing("link", "2", 400, 60), thing("link", ">", 400, 110)]


def turning(app: App, action: Action) -> None:
    if isinstance(action, Tap) and action.element is not None and action.element.name == ">":
        app.state["page"] = min(2, app.state.get("page", 0) + 1)


@pytest.mark.parametrize(("nth", "name"), [("2nd", "B"), ("4th", "D"), ("9th", "I")])
def test_results_are_counted_over_their_pages(nth: str, name: str) -> None:
    app = App(pages, turning)
    end = run(f"Tap the {nth} search result", app)
    assert isinstance(end, Done) and end.success
    assert did(app)[-1] == f"tap Result {name}"


def test_results_end() -> None:
    app = App(pages, turning)
    end = run("Tap the 12th search result", app)
    assert isinstance(end, Done) and not end.success
    assert set(did(app)) == {"tap >"}


def test_the_number_behind_a_label_of_somebody_on_a_further_page() -> None:
    def book(app: App) -> list[Element]:
        name = ("Ann", "Bo", "Cy")[app.state.get("page", 0)]
        number, mail = thing("link", f"555-{name}", 100, 120), thing("link", f"{name}@x.org", 150, 120)
        labels = [thing("text", "Phone:", 100), thing("text", "Email:", 150)]
        return [thing("heading", name), *labels, number, mail, thing("link", ">", 400)]

    app = App(book, turning)
    end = run("Find Bo in the contact book and tap on their phone number", app)
    assert isinstance(end, Done) and end.success
    assert did(app) == ["tap >", "tap 555-Bo"]


def test_what_is_partly_covered_is_touched_where_it_is_not() -> None:
    def two(app: App) -> list[Element]:
        return [thing("button", "One", 100, 10, 100, reachable=False, height=40.0),
                thing("button", "Two", 110, 50, 100, height=40.0)]  # fmt: skip

    app = App(two)
    assert isinstance(run("Tap One", app), Done)
    [touch] = app.done
    assert isinstance(touch, Tap) and touch.element is not None and touch.element.name == "One"
    hit = app.screen().at_point(touch.point)
    assert touch.element.box.contains(touch.point) and (hit is None or hit.name == "One")


@given(st.text(max_size=60) | st.text("tap enter the save into \"' and select name. buy sort 2nd", max_size=60))
def test_any_words_end_in_a_choice_or_a_handover(goal: str) -> None:
    said = LexicalDecider().decide(App(form).screen(), goal, ())
    assert isinstance(said, Choice | Handover)
