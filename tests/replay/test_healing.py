"""An app that has changed since it was recorded: what a replay still finds, what it refuses, what it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from bills import Bills
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from screens import element, screen

from ostinato.agent.decider import Decider, Handover
from ostinato.agent.guards.popup import Popups
from ostinato.agent.loop import Ended, Limits, Loop
from ostinato.agent.script import ScriptDecider, on
from ostinato.judge.check import Check, Exists, TextHas, TextLacks
from ostinato.judge.evidence import Evidence, evaluate
from ostinato.replay.experience import Experience
from ostinato.replay.healing import locators_in, new_version, retold, with_locators
from ostinato.replay.relocation import relocate
from ostinato.replay.replayer import Replayer
from ostinato.replay.surroundings import shape, surroundings
from ostinato.trace.action import Action, target_of
from ostinato.trace.locator import Container, Locator, find
from ostinato.trace.record import Result, Risk, Trace
from ostinato.trace.risk import Deed
from ostinato.trace.screen import Box, Screen
from ostinato.trace.store import Store

MUSEUM = {"what": "Museum", "how_much": "18", "payer": "Carol"}
GERMAN = {
    "Add a bill": "Neue Rechnung", "Bills": "Rechnungen", "New bill": "Rechnung anlegen", "What?": "Wofür?",
    "How much?": "Betrag", "Payer": "Wer zahlt", "Shared": "Geteilt", "Save": "Speichern",
    "The bill was added": "Gespeichert",
}  # fmt: skip


@dataclass
class Renamed(Bills):
    """The app with other words on it; `after` is a further change of what is shown."""

    words: dict[str, str] = field(default_factory=dict)
    after: Callable[[Screen], Screen] = lambda seen: seen

    def observe(self, screenshot: bool = True) -> Screen:
        seen = super().observe(screenshot)
        shown = tuple(e.model_copy(update={"name": self.words.get(e.name, e.name)}) for e in seen.elements)
        return self.after(seen.model_copy(update={"elements": shown}))

    def act(self, action: Action) -> Result:
        back = {new: old for old, new in self.words.items()}
        target = target_of(action)
        if target is not None:
            old = target.model_copy(update={"name": back.get(target.name, target.name)})
            action = action.model_copy(update={"element": old})
        return super().act(action)


class Near:
    """An embedder to which some labels mean the same and all others nothing alike."""

    name = "near"

    def __init__(self, *same: set[str]) -> None:
        self.same = same

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), len(texts) + len(self.same)), np.float32)
        for n, text in enumerate(texts):
            group = next((g for g, names in enumerate(self.same) if text in names), None)
            rows[n, len(texts) + group if group is not None else n] = 1.0
        return rows


@dataclass
class Player:
    store: Store
    experience: Experience

    def __call__(
        self, app: Bills, near: Sequence[set[str]] = (), heals: bool = True, others: Sequence[Decider] = ()
    ) -> tuple[Ended, Trace]:
        replayer = Replayer(self.experience, MUSEUM, lambda: Near(*near), heals)
        with self.store.begin(task="play", app="bills") as writer:
            limits = Limits(max_steps=14, max_seconds=60, step_timeout=1.5)
            ended = Loop(app, [replayer, *others], writer, lambda action, seen: True, limits).run("play")
            return ended, writer.end(outcome=ended.outcome, final=ended.final, cost=ended.cost, data_after=app.data())


@pytest.fixture
def play(store: Store, experience: Experience) -> Player:
    return Player(store, experience)


ADDED = [(2, "Museum", "18", "Carol", True)]


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ({"Save": "Keep"}, []),  # the only one that sends its form
        ({"How much?": "Amount"}, [{"How much?", "Amount"}]),
        ({"Add a bill": "Add bill"}, []),  # nearly the same words
        (GERMAN, []),
    ],
)
def test_what_is_called_otherwise_is_found_again(play: Player, words: dict[str, str], near: list[set[str]]) -> None:
    app = Renamed(words=words)
    ended, trace = play(app, near)
    assert (ended.outcome.claimed, app.rows[1:]) == ("done", ADDED), ended.outcome.reason
    mended = new_version(play.experience, trace, MUSEUM, lambda: Near(*near))
    assert mended is not None and (mended.status, mended.id) == ("candidate", play.experience.id)
    again = Renamed(words=words)
    ended, trace = Player(play.store, mended)(again, heals=False)
    assert (ended.outcome.claimed, again.rows[1:]) == ("done", ADDED), ended.outcome.reason
    assert new_version(mended, trace, MUSEUM, lambda: None) is None


def test_without_healing_all_that_is_not_as_it_was_is_handed_over(play: Player) -> None:
    app = Renamed(words={"Save": "Keep"})
    ended, _ = play(app, heals=False)
    assert ended.outcome.claimed == "stopped" and app.rows[1:] == [] and app.form is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"Save": "Delete"}, "“Save”"),  # another deed
        ({"How much?": "Tax number"}, "“How much?”"),  # means nothing alike
        ({"Shared": "Not shared"}, "“Shared”"),  # a box that the recordings left as it was says the opposite now
    ],
)
def test_what_may_be_something_else_is_not_touched(play: Player, words: dict[str, str], said: str) -> None:
    app = Renamed(words=words)
    ended, _ = play(app)
    assert ended.outcome.claimed == "stopped" and said in ended.outcome.reason and app.rows[1:] == []
    assert all((t := target_of(s.action)) is None or t.name not in words.values() for s in ended.steps)


def test_a_field_that_takes_the_place_of_another_is_not_taken_for_it(play: Player) -> None:
    """The amount is gone, and where it stood the recordings' own `What?` stands a second time."""
    app = Renamed(words={"How much?": "Shared"})
    ended, _ = play(app, [{"How much?", "Shared"}])
    assert ended.outcome.claimed == "stopped" and app.rows[1:] == []


def test_words_that_are_missing_in_an_app_that_did_not_change_are_missing(play: Player) -> None:
    app = Bills(says=None)
    ended, _ = play(app)
    assert ended.outcome.claimed == "stopped" and "The bill was added" in ended.outcome.reason


def test_words_that_are_missing_at_the_end_are_missed_whoever_says_that_it_is_done(play: Player) -> None:
    """In an app that did not change, nothing of what is judged by is dropped because a model is content."""
    ended, trace = play(Bills(says=None), others=[ScriptDecider([])])
    assert ended.outcome.claimed == "done" and ended.steps[-1].experience is None
    assert new_version(play.experience, trace, MUSEUM, lambda: None) is None


def test_what_lies_over_the_first_step_is_told_at_once(experience: Experience) -> None:
    over = (
        element("dialog", "News", "dialog").model_copy(update={"box": Box(left=0, top=0, width=390, height=844)}),
        element("text", "We use cookies", "dialog/text"),
        element("button", "Reject all", "dialog/button"),
    )
    seen = Bills().observe()
    hidden = tuple(e.model_copy(update={"reachable": False}) for e in seen.elements)
    covered = seen.model_copy(update={"elements": (*hidden, *over)})
    said = Replayer(experience, MUSEUM, first_waits=(9.0,)).decide(covered, "the goal", ())
    assert isinstance(said, Handover) and "lies over it" in said.reason


def test_what_another_decider_touched_in_its_place_is_learnt(play: Player) -> None:
    app = Renamed(words={"Add a bill": "Something else"})
    helper = ScriptDecider([on("tap", "link", "Something else")])
    ended, trace = play(app, others=[helper])
    assert (ended.outcome.claimed, app.rows[1:]) == ("done", ADDED), ended.outcome.reason
    mended = new_version(play.experience, trace, MUSEUM, lambda: None)
    assert mended is not None and mended.nodes[0].target is not None
    assert mended.nodes[0].target.name == "Something else" and mended.nodes[1:] == play.experience.nodes[1:]


def test_a_run_that_met_nothing_new_makes_no_version(play: Player) -> None:
    ended, trace = play(Bills())
    assert ended.outcome.claimed == "done" and new_version(play.experience, trace, MUSEUM, lambda: None) is None


def test_every_locator_of_checks_too_is_replaced(experience: Experience) -> None:
    every = locators_in(experience)
    patches = {old: old.model_copy(update={"name": f"{old.name} 2"}) for old in every}
    after = locators_in(with_locators(experience, patches))
    assert len(every) > 4 and set(after) == set(patches.values())
    assert with_locators(experience, {}) is experience


# ------------------------------------------------------------------------------------------------ a pop-up
@dataclass
class Overlaid(Bills):
    """Over the form lies something with a heading of the form's own name, from the first touch until it is closed."""

    role: str = "dialog"
    closed: bool = False

    def observe(self, screenshot: bool = True) -> Screen:
        seen = super().observe()
        if self.form is None or self.closed:
            return seen
        over = (
            element(self.role, "", self.role),
            element("heading", "New bill", f"{self.role}/heading", top=600),
            element("text", "Get our newsletter", f"{self.role}/text", top=640),
            element("button", "No thanks", f"{self.role}/button", top=680),
        )
        save = {"reachable": False, "box": Box(left=10, top=660, width=200, height=30)}
        covered = [e.model_copy(update=save) if e.name == "Save" else e for e in seen.elements]
        return seen.model_copy(update={"elements": (*covered, *over)})

    def act(self, action: Action) -> Result:
        target = target_of(action)
        if target is not None and target.name == "No thanks":
            self.closed = True
            return Result(ok=True)
        return super().act(action)


@pytest.mark.parametrize("role", ["dialog", "group"])  # a group is not known to lie over the page before it is closed
def test_a_sign_that_a_pop_up_shows_too_is_believed_of_the_page(play: Player, role: str) -> None:
    app = Overlaid(role=role)
    ended, _ = play(app, others=[Popups()])
    assert (ended.outcome.claimed, app.rows[1:]) == ("done", ADDED), ended.outcome.reason
    assert app.closed and [s.decision.aside for s in ended.steps].count(True) == 1


def test_of_several_that_are_called_alike_the_one_outside_a_dialog_is_meant_or_none() -> None:
    page = element("heading", "Bills", "main/heading")
    over = element("dialog", "News", "dialog"), element("heading", "Bills", "dialog/heading")
    check = Exists(target=Locator(role="heading", name="Bills"))
    assert evaluate(check, Evidence(after=screen(page, *over))).value == "true"
    second = element("heading", "Bills", "main/heading[2]")
    assert evaluate(check, Evidence(after=screen(page, second, *over))).value == "false"
    more = element("dialog", "More", "dialog[2]"), element("heading", "Bills", "dialog[2]/heading")
    assert evaluate(check, Evidence(after=screen(*over, *more))).value == "false"
    asked = Exists(target=Locator(role="heading", name="Bills", container=Container(role="dialog")))
    assert evaluate(asked, Evidence(after=screen(page, *over))).value == "true"
    assert evaluate(asked, Evidence(after=screen(page, *over, *more))).value == "false"


# ------------------------------------------------------------------------------------------------ a new field
def with_field(**more: Any) -> Callable[[Screen], Screen]:
    """A form that has one more field."""

    def added(seen: Screen) -> Screen:
        if seen.at_path("main/form") is None:
            return seen
        one = element("textbox", path="main/form/new", top=500, **more)
        return seen.model_copy(update={"elements": (*seen.elements, one)})

    return added


@pytest.mark.parametrize(
    "more",
    [
        {"name": "Cost centre *", "missing": True, "value": "", "editable": True},
        {"name": "Cost centre", "missing": True, "value": "", "editable": True},
        {"name": "* Cost centre", "value": "", "editable": True},  # only its label says it
        {"name": "", "placeholder": "Cost centre *", "value": "", "editable": True},
    ],
)
def test_a_new_field_that_must_be_filled_is_named_before_anything_is_sent(play: Player, more: dict[str, Any]) -> None:
    app = Bills(spoil=with_field(**more))
    ended, _ = play(app)
    assert ended.outcome.claimed == "stopped" and app.commits == [] and app.rows[1:] == []
    assert "“Cost centre” must be filled in" in ended.outcome.reason


@pytest.mark.parametrize(
    "more",
    [
        {"name": "Remark", "value": "", "editable": True},
        {"name": "Cost centre *", "value": "Head office", "editable": True},
        {"name": "Cost centre *", "value": "", "editable": True, "enabled": False},
    ],
)
def test_a_new_field_that_need_not_be_filled_keeps_nothing_up(play: Player, more: dict[str, Any]) -> None:
    app = Bills(spoil=with_field(**more))
    ended, _ = play(app)
    assert (ended.outcome.claimed, app.rows[1:]) == ("done", ADDED), ended.outcome.reason


def test_a_field_that_every_recording_left_empty_is_left_empty_again() -> None:
    form = element("form", "", "form"), element("button", "Save", "form/button", submits=True)
    tax = element("textbox", "Tax number *", "form/textbox", value="", missing=True)
    elsewhere = element("textbox", "Mail *", "main/textbox", value="", missing=True)
    seen = screen(*form, tax, elsewhere)
    assert surroundings([form[1]], [seen]).unfilled(form[1], seen) == []
    assert surroundings([form[1]], [screen(*form, elsewhere)]).unfilled(form[1], seen) == ["Tax number"]
    known = tax.model_copy(update={"missing": False})  # it was there, was left empty, and must be filled in now
    assert surroundings([form[1]], [screen(*form, known)]).unfilled(form[1], screen(*form, known)) == []
    optional = tax.model_copy(update={"missing": False, "name": "Tax number"})
    newly = surroundings([form[1]], [screen(*form, optional)])
    assert newly.unfilled(form[1], screen(*form, optional.model_copy(update={"missing": True}))) == ["Tax number"]


# ------------------------------------------------------------------------------------------------ one locator
NAMES = st.sampled_from(
    ["Save", "Delete", "Cancel", "Name", "Amount", "Betrag", "Keep", "Remove", "Mute", "Unmute", ""]
)
ROLES = st.sampled_from(["button", "textbox", "link", "checkbox"])


@settings(max_examples=200)
@given(st.lists(st.tuples(ROLES, NAMES), min_size=1, max_size=8), st.lists(NAMES, min_size=8, max_size=8), st.data())
def test_what_is_found_again_is_free_and_never_what_was_there_under_its_own_name(
    controls: list[tuple[str, str]], renamed: list[str], data: st.DataObject
) -> None:
    before = screen(*(element(role, name, f"main/{role}[{n}]") for n, (role, name) in enumerate(controls)))
    after = screen(
        *(element(role, renamed[n], f"main/{role}[{n}]") for n, (role, _) in enumerate(controls)), url=before.url
    )
    wanted = data.draw(st.sampled_from(before.elements))
    locator = Locator(role=wanted.role, name=wanted.name or None, path=wanted.path, box=wanted.box)
    around = surroundings([wanted], [before])
    claimed = data.draw(st.sets(st.sampled_from([e.path for e in after.elements])))
    found = relocate(locator, after, {}, around, claimed, "edit")
    if found is None:
        return
    assert find(locator, after, {}) is None and found.element.path not in claimed
    assert find(found.locator, after, {}) == found.element
    assert found.by == "name" or not found.element.name or not around.knew(found.element.name)
    assert {wanted.name, found.element.name} not in ({"Mute", "Unmute"}, {"Save", "Delete"}, {"Save", "Cancel"})


def test_what_stands_in_a_row_is_looked_for_in_that_row_alone() -> None:
    rows = [
        part
        for n, name in enumerate(("Bread", "Tea"), start=1)
        for part in (
            element("row", "", f"table/row[{n}]"),
            element("cell", name, f"table/row[{n}]/cell"),
            element("button", "Take away", f"table/row[{n}]/button"),
        )
    ]
    locator = Locator(role="button", name="Remove", container=Container(role="row", texts=("{item}",)))
    near = [{"Remove", "Take away"}]
    found = relocate(locator, screen(*rows), {"item": "Tea"}, None, risk="commit", embedder=lambda: Near(*near))
    assert found is not None and found.element.path == "table/row[2]/button"
    assert relocate(locator, screen(*rows), {"item": "Jam"}, None, risk="commit", embedder=lambda: Near(*near)) is None
    named = Locator(role="link", name="{item}")
    assert relocate(named, screen(element("link", "Jam", "main/link")), {"item": "Tea"}, None) is None


def form(*names: str, submits: bool = False) -> Screen:
    """A form with a field and these buttons; those that send are all of them or none."""
    buttons = [element("button", name, f"form/button[{n}]", submits=submits) for n, name in enumerate(names, 1)]
    return screen(element("form", "", "form"), element("textbox", "Name", "form/textbox"), *buttons)


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (("Keep it", "Delete", "Help"), "Keep it"),
        (("Delete", "Delete", "Help"), None),  # another that deletes, in its place
        (("Discard", "Delete", "Help"), None),  # says another deed
        (("Cancel", "Delete", "Help"), None),  # means the opposite
        (("Keep it", "Delete", "Support"), None),  # two that were not there
        (("Help", "Delete", "Keep it"), None),  # at the place stands what was elsewhere
        (("Keep it", "Delete"), None),  # one less
        (("", "Delete", "Help"), None),  # called nothing
        (("Support", "Delete", "Keep it"), None),  # what stood last may be what stands first
    ],
)
@pytest.mark.parametrize("risk", ["edit", "commit"])
def test_another_word_in_the_same_place_is_taken_where_all_else_is_as_it_was(
    now: tuple[str, ...], found: str | None, risk: Risk
) -> None:
    before, after = form("Save", "Delete", "Help", submits=risk == "commit"), form(*now, submits=risk == "commit")
    saving = before.elements[2]
    locator = Locator(role="button", name="Save", path=saving.path)
    moved = relocate(
        locator, after, {}, surroundings([saving], [before]), risk="commit" if risk == "commit" else "read"
    )
    assert (moved.element.name if moved is not None else None) == found
    filled = relocate(locator, after, {}, surroundings([saving], [before]), risk=None)
    assert filled is None  # what is looked at only, or filled in, is not taken by its place


def test_one_other_control_tells_the_place_of_the_only_one_of_its_role_and_none_tells_no_place() -> None:
    filters, more = element("button", "Filters", "main/button"), element("link", "Home", "main/link[2]")
    link = element("link", "Add a bill", "main/link")
    now = element("link", "Something else", "main/link")
    locator = Locator(role="link", name="Add a bill", path="main/link")
    for others, found in (((), False), ((filters,), True), ((more,), False), ((filters, more), True)):
        around = surroundings([link], [screen(link, *others)])
        assert (relocate(locator, screen(now, *others), {}, around, risk="read") is not None) is found, others


def test_a_word_that_said_no_deed_is_not_taken_for_one_that_does_by_its_place() -> None:
    before = form("Go on", "Back", "Help", submits=True)
    locator = Locator(role="button", name="Go on", path="form/button[1]")
    around = surroundings([before.elements[2]], [before])
    for name, found in (("Further", True), ("Pay now", False), ("Publish", False)):
        after = form(name, "Back", "Help", submits=True)
        assert (relocate(locator, after, {}, around, risk="commit") is not None) is found


def test_what_cannot_be_taken_back_and_sends_no_form_is_not_taken_by_its_place() -> None:
    before, after = form("Save", "Delete", "Help"), form("Keep it", "Delete", "Help")
    locator = Locator(role="button", name="Save", path="form/button[1]")
    around = surroundings([before.elements[2]], [before])
    assert relocate(locator, after, {}, around, risk="commit") is None
    assert relocate(locator, after, {}, around, risk="edit") is not None


def test_in_a_row_the_only_one_that_says_what_the_task_does_is_taken_for_its_question() -> None:
    def asking(name: str) -> Screen:
        return screen(
            element("row", "", "row"), element("cell", "Tea", "row/cell"), element("link", "edit", "row/link"),
            element("button", name, "row/button"),
        )  # fmt: skip

    locator = Locator(role="button", name="Are you sure?", container=Container(role="row", texts=("{item}",)))
    around = surroundings([asking("Are you sure?").elements[-1]], [asking("Are you sure?")])

    def found(name: str, *deeds: Deed, **more: Any) -> bool:
        return relocate(locator, asking(name), {"item": "Tea"}, around, risk="commit", deeds=deeds, **more) is not None

    assert found("Really delete?", "delete") and not found("Really delete?")
    assert not found("Pay now", "delete") and not found("Further", "delete")
    assert not found("Really delete?", "delete", claimed={"row/button"})


def test_in_another_language_the_only_one_of_its_kind_in_the_row_is_meant() -> None:
    def page(words: dict[str, str]) -> Screen:
        return screen(
            element("heading", words["Bills"], "heading"), element("link", words["Home"], "link"),
            element("row", "", "row"), element("cell", "Tea", "row/cell"), element("link", words["edit"], "row/link"),
            element("button", words["delete"], "row/button"),
        )  # fmt: skip

    english = {word: word for word in ("Bills", "Home", "edit", "delete")}
    french = {"Bills": "Factures", "Home": "Accueil", "edit": "éditer", "delete": "supprimer"}
    before = page(english)
    locator = Locator(role="button", name="delete", container=Container(role="row", texts=("{item}",)))
    around = surroundings([before.elements[-1]], [before])
    found = relocate(locator, page(french), {"item": "Tea"}, around, risk="commit")
    assert found is not None and found.element.name == "supprimer"
    half = page({**english, "delete": "archiver"})  # the page did not change its language
    assert relocate(locator, half, {"item": "Tea"}, around, risk="commit") is None


@pytest.mark.parametrize(
    ("check", "left"),
    [
        (TextHas(text="Saved"), ()),
        (Exists(target=Locator(role="heading", name="New bill")), ()),
        (TextHas(text="{name} was added by {who}"), (TextHas(text="{name}"), TextHas(text="{who}"))),
        (TextHas(text="“{name}”"), (TextHas(text="“{name}”"),)),
        (TextLacks(text="Error"), (TextLacks(text="Error"),)),
    ],
)
def test_what_is_left_of_a_check_in_another_language(check: Check, left: tuple[Check, ...]) -> None:
    assert retold(check) == left


def test_a_graver_deed_is_never_taken() -> None:
    one = screen(element("link", "More", "main/link", id="more"))
    other = screen(element("link", "Delete all", "main/link", id="more"))
    locator = Locator(role="link", name="More", id="more", path="main/link")
    assert relocate(locator, other, {}, surroundings(one.elements, [one]), risk="read") is None
    assert relocate(locator, screen(element("link", "Further", "main/link", id="more")), {}, None, risk="read")


def test_what_stood_in_a_question_is_looked_for_in_none_but_a_question() -> None:
    plain = element("button", "Delete", "main/button")
    for locator in (
        Locator(role="button", name="Delete", container=Container(role="alertdialog")),
        Locator(role="button", name="Delete", path="alertdialog/button[2]", id="sure"),
    ):
        assert relocate(locator, screen(plain), {}, None, risk="commit") is None
    asked = screen(
        element("alertdialog", "Sure?", "alertdialog[3]"), element("button", "Delete", "alertdialog[3]/button")
    )
    locator = Locator(role="button", name="Delete", path="alertdialog/button[2]", id="sure")
    assert relocate(locator, asked, {}, None, risk="commit")


def test_a_control_of_the_same_name_that_does_more_now_is_not_taken() -> None:
    locator = Locator(role="button", name="Next", path="main/button", id="next", placeholder="x")
    harmless, sends = (element("button", "Next", "form/button", submits=submits) for submits in (False, True))
    form = element("form", "", "form")
    assert relocate(locator, screen(form, harmless), {}, None, risk="read") is not None
    assert relocate(locator, screen(form, sends), {}, None, risk="read") is None


def test_the_shape_of_a_part_is_that_of_its_controls_without_rows_and_words() -> None:
    form = [element("textbox", "Name", "form/textbox"), element("button", "Save", "form/button")]
    rows = [element("row", "", "form/row"), element("link", "edit", "form/row/link"), element("link", "Help", "link")]
    other = [element("textbox", "Nom", "form/textbox"), element("button", "Garder", "form/button")]
    path = "form/button"
    assert shape(path, screen(*form)) == shape(path, screen(*form, *rows)) == shape(path, screen(*other))
    assert shape(path, screen(*form)) != shape(path, screen(*reversed(form)))
    assert surroundings(form[1:] * 2, [screen(*form), screen(form[1])]).shape is None
    known = surroundings(form[1:], [screen(*form)])
    assert known.knew("NAME") and not known.knew("Nom")
    assert known.speaks_otherwise(screen(*other)) and not known.speaks_otherwise(screen(form[0]))
    assert not surroundings(form[1:], [screen(form[1])]).speaks_otherwise(screen(*other))


def test_signs_that_are_no_words_are_never_left_out(experience: Experience) -> None:
    end = [check for check in experience.success if not isinstance(check, Exists) and check.slots]
    assert end  # the row that shows the new values
