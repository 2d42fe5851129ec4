"""What two recordings of the bills app teach, and what they must not."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from bills import BREAD, MUSEUM, TASK, Bills, Recorder, adding, recordings
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from screens import NOW, element, row, screen

from ostinato.agent.script import Do, on
from ostinato.errors import LearnError
from ostinato.judge.change import compare
from ostinato.judge.check import CheckedIs, TextHas, Together, UrlLike, ValueEquals
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.trace.action import Action, Tap, Type, Wait, target_of
from ostinato.trace.data import AppData, Table
from ostinato.trace.locator import Locator
from ostinato.trace.record import Outcome, Result, Trace
from ostinato.trace.recordings import prepare
from ostinato.trace.screen import Point, Screen


def learnt(recorder: Recorder, *every: dict[str, str]) -> Experience:
    return learn(recordings(recorder, *every), recorder.data)


def with_steps(trace: Trace, *steps: object, at: int = 0) -> Trace:
    """The recording with more actions, each done on the screen that stood there and without any effect."""
    before = trace.steps[at].before
    more = [trace.steps[at].model_copy(update={"action": action, "before": before, "risk": "read"}) for action in steps]
    return trace.model_copy(update={"steps": (*trace.steps[:at], *more, *trace.steps[at:])})


# ---------------------------------------------------------------------------------------------- values
def test_what_differs_becomes_slots_and_what_is_equal_stays(recorder: Recorder) -> None:
    made = learnt(recorder, BREAD, MUSEUM | {"payer": "Bob"})
    assert made.templates == ("Add a bill: {what}, {how_much}, paid by Bob",)
    assert [(s.name, s.kind) for s in made.slots] == [("what", "text"), ("how_much", "money")]
    assert [n.text for n in made.nodes] == [None, "{what}", "{how_much}", "Bob", None]
    assert [n.primitive for n in made.nodes][1] == "type “{what}” into textbox “What?”"


name = st.text(string.ascii_letters + "äßé寿עב🍣 '\"", min_size=1, max_size=12).map(lambda t: " ".join(t.split()))
bill = st.fixed_dictionaries(
    {
        "what": name.filter(bool),
        "amount": st.decimals(1, 999, places=2).map(str),
        "payer": st.sampled_from(["Bob", "Alice"]),
    }
)


@settings(max_examples=40)
@given(bill, bill)
def test_any_two_recordings_teach_the_same_thing_in_any_order(one: dict[str, str], other: dict[str, str]) -> None:
    assume(all(one[key].casefold() != other[key].casefold() for key in one))
    recorder = Recorder()
    try:
        made = learn(pair := recordings(recorder, one, other), recorder.data)
    except LearnError as error:  # a value that stands in the task's own words: said, never guessed
        assert "stands more than once" in str(error) or "could not be told apart" in str(error)
        return
    back = learn(pair[::-1], recorder.data)
    assert made.templates == back.templates == ("Add a bill: {what}, {how_much}, paid by {payer}",)
    assert (made.id, made.data, made.success) == (back.id, back.data, back.success)
    assert [(n.kind, n.text, n.risk) for n in made.nodes] == [(n.kind, n.text, n.risk) for n in back.nodes]


@pytest.mark.parametrize("what", ["x" * 10_000, '"5" <b>&amp;', "שלום", "👨\u200d👩 🍣", "{what}", "2026-01-31"])
def test_values_that_look_odd_are_learnt_like_others(recorder: Recorder, what: str) -> None:
    made = learnt(recorder, BREAD, MUSEUM | {"what": what})
    assert made.templates == ("Add a bill: {what}, {how_much}, paid by {payer}",)
    assert made.slots[0].examples == ("Bread", what)


def test_a_number_is_named_as_the_task_writes_it_however_it_was_typed(recorder: Recorder) -> None:
    other = recorder(TASK.format(**MUSEUM | {"amount": "1,200.00"}), adding(MUSEUM | {"amount": "1200"}))
    made = learn([*recordings(recorder, BREAD), other], recorder.data)
    assert made.slots[1].examples == ("3.20", "1,200.00") and made.slots[1].kind == "money"


def test_a_value_that_differs_and_that_no_task_says_is_an_error(recorder: Recorder) -> None:
    silent = recorder("Add a bill: Museum, paid by Carol", adding(MUSEUM | {"what": "Museum"}))
    with pytest.raises(LearnError, match=r"“How much\?” differs \('3.20', '12.50'\) and the tasks do not say it"):
        learn([*recordings(recorder, BREAD), silent], recorder.data)


def test_a_value_typed_in_other_letters_than_the_task_is_an_error(recorder: Recorder) -> None:
    loud = recorder(TASK.format(**MUSEUM | {"what": "museum"}), adding(MUSEUM | {"what": "MUSEUM"}))
    with pytest.raises(LearnError, match="write it in the task as it is to be typed"):
        learn([*recordings(recorder, BREAD), loud], recorder.data)


def test_a_password_is_named_and_never_learnt_as_a_text(recorder: Recorder) -> None:
    def with_secret(trace: Trace) -> Trace:
        steps = list(trace.steps)
        typed = steps[1].action.model_copy(update={"text": "", "secret": "pin"})
        steps[1] = steps[1].model_copy(update={"action": typed})
        said = re.sub(r": .*?, ", ": ", trace.task, count=1)  # the task does not say it
        return trace.model_copy(update={"steps": tuple(steps), "task": said})

    made = learn([with_secret(t) for t in recordings(recorder, BREAD, MUSEUM)], recorder.data)
    assert (made.nodes[1].secret, made.nodes[1].text) == ("pin", None)


# ---------------------------------------------------------------------------------------------- not to be learnt
def failed(trace: Trace) -> Trace:
    return trace.model_copy(update={"outcome": Outcome(claimed="failed")})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda pair: [], "record the task first"),
        (lambda pair: [pair[0], pair[0]], "the same recording is given twice"),
        (lambda pair: [pair[0], pair[1].model_copy(update={"app": "wiki"})], "different apps: bills, wiki"),
        (lambda pair: [pair[0], failed(pair[1])], r"did not end well \(failed\)"),
        (lambda pair: [pair[0], pair[1].model_copy(update={"outcome": None})], r"\(interrupted\)"),
        (lambda pair: [pair[0], pair[1].model_copy(update={"problems": ("x",)})], r"\(damaged\)"),
        (lambda pair: [t.model_copy(update={"steps": t.steps[-1:]}) for t in pair], "no step that changed anything"),
    ],
    ids=["none", "one twice", "two apps", "failed", "cut off", "damaged", "empty"],
)
def test_recordings_that_cannot_teach_are_refused(
    recorder: Recorder, change: Callable[[list[Trace]], list[Trace]], said: str
) -> None:
    with pytest.raises(LearnError, match=said):
        learn(change(recordings(recorder, BREAD, MUSEUM)), recorder.data)


def test_another_order_or_a_step_that_one_lacks_is_an_error_that_names_it(recorder: Recorder) -> None:
    full, short = adding(BREAD), adding(MUSEUM)
    for script in ([short[0], short[2], short[1], *short[3:]], [*short[:3], short[4]]):
        pair = [recorder(TASK.format(**BREAD), full), recorder(TASK.format(**MUSEUM), script)]
        with pytest.raises(LearnError, match="must do the same thing with different values"):
            learn(pair, recorder.data)


@pytest.mark.parametrize(("one", "other"), [("back", "key"), ("tap", "double_tap")])
def test_steps_of_two_kinds_at_the_same_place_are_an_error(recorder: Recorder, one: str, other: str) -> None:
    def script(kind: str, values: dict[str, str]) -> list[Do]:
        target = Locator(role="checkbox", name="Shared") if kind.endswith("tap") else None
        return [*adding(values)[:4], Do(kind, target, text="Escape"), adding(values)[4]]

    pair = [recorder(TASK.format(**v), script(kind, v)) for kind, v in ((one, BREAD), (other, MUSEUM))]
    with pytest.raises(LearnError, match="is in some recordings and not in"):
        learn(pair, recorder.data)


def test_a_tap_where_there_is_no_element_cannot_be_learnt(recorder: Recorder) -> None:
    def blind(trace: Trace) -> Trace:
        first = trace.steps[0].model_copy(update={"action": Tap(point=Point(x=200, y=800))})
        return trace.model_copy(update={"steps": (first, *trace.steps[1:])})

    with pytest.raises(LearnError, match="no element under it"):
        learn([blind(t) for t in recordings(recorder, BREAD, MUSEUM)], recorder.data)


# ---------------------------------------------------------------------------------------------- steps
def test_what_had_no_effect_is_left_out(recorder: Recorder) -> None:
    trace = recordings(recorder, BREAD)[0]
    field = trace.steps[1].action
    assert isinstance(field, Type) and field.element is not None
    focus, wrong = Tap(point=Point(x=1, y=1), element=field.element), field.model_copy(update={"text": "Brot"})
    longer = with_steps(trace, Wait(), focus, wrong, at=1)
    assert [s.action for s, _ in prepare(longer)] == [s.action for s, _ in prepare(trace)]
    lost = trace.steps[4].model_copy(update={"result": Result(ok=False, error="covered", touched=False)})
    without = trace.model_copy(update={"steps": (*trace.steps[:2], lost, *trace.steps[2:])})
    assert [s.action for s, _ in prepare(without)] == [s.action for s, _ in prepare(trace)]
    assert prepare(trace)[-1][1] == trace.final


def test_a_tap_that_may_have_sent_something_is_kept_where_no_screen_shows_it(recorder: Recorder) -> None:
    trace = recordings(recorder, BREAD)[0]
    save = trace.steps[-1].before.elements[-1].model_copy(update={"submits": True})
    silent = with_steps(trace, Tap(point=Point(x=1, y=1), element=save), at=len(trace.steps) - 1)
    assert len(prepare(silent)) == len(prepare(trace)) + 1
    words = save.model_copy(update={"submits": False, "name": "x", "role": "text"})
    harmless = with_steps(trace, Tap(point=Point(x=1, y=1), element=words), at=len(trace.steps) - 1)
    assert len(prepare(harmless)) == len(prepare(trace))


def test_typing_that_adds_to_what_stands_there_is_kept(recorder: Recorder) -> None:
    trace = recordings(recorder, BREAD)[0]
    more = trace.steps[1].action.model_copy(update={"text": "!", "clear": False})
    assert len(prepare(with_steps(trace, more, at=2))) == len(prepare(trace)) + 1


def test_a_harmless_tap_that_only_one_recording_has_is_optional(recorder: Recorder) -> None:
    hint = element("button", "Got it", "main/dialog/button")
    closed, plain = recordings(recorder, BREAD, MUSEUM)
    shown = closed.steps[0].before.model_copy(update={"elements": (*closed.steps[0].before.elements, hint)})
    extra = closed.steps[0].model_copy(
        update={"action": Tap(point=hint.box.center, element=hint), "before": shown, "risk": "read"}
    )
    made = learn([closed.model_copy(update={"steps": (extra, *closed.steps)}), plain], recorder.data)
    assert [n.optional for n in made.nodes] == [True, False, False, False, False, False]
    assert made.nodes[0].target is not None and made.nodes[0].target.name == "Got it"
    danger = element("button", "Delete all", "main/dialog/button")
    grave = extra.model_copy(update={"action": Tap(point=danger.box.center, element=danger)})
    with pytest.raises(LearnError, match="“tap button “Delete all”” is in some recordings"):
        learn([closed.model_copy(update={"steps": (grave, *closed.steps)}), plain], recorder.data)


def test_the_risk_of_a_step_is_the_highest_that_any_recording_saw(recorder: Recorder) -> None:
    one, other = recordings(recorder, BREAD, MUSEUM)
    lower = tuple(s.model_copy(update={"risk": "read"}) for s in one.steps)
    made = learn([one.model_copy(update={"steps": lower}), other], recorder.data)
    assert [n.risk for n in made.nodes] == ["read", "edit", "edit", "edit", "commit"]


# ---------------------------------------------------------------------------------------------- locators
def shaped(recorder: Recorder, values: dict[str, str], change: Callable[[Screen], Screen]) -> Trace:
    return recorder(TASK.format(**values), adding(values), Bills(spoil=change))


def changed(name: str, **update: str) -> Callable[[Screen], Screen]:
    """Screens on which one element has other attributes."""
    return lambda seen: seen.model_copy(
        update={"elements": tuple(e.model_copy(update=update) if e.name == name else e for e in seen.elements)}
    )


def test_a_locator_keeps_what_all_recordings_share_and_nothing_else(recorder: Recorder) -> None:
    one = shaped(recorder, BREAD, changed("What?", id="name-81", path="main/form/div/textbox", placeholder="Tea"))
    other = shaped(recorder, MUSEUM, changed("What?", id="name-82", placeholder="Tea"))
    target = learn([one, other], recorder.data).nodes[1].target
    assert target is not None
    assert (target.name, target.placeholder, target.id, target.path, target.box) == ("What?", "Tea", None, None, None)
    same = learnt(recorder, BREAD, MUSEUM).nodes[1].target
    assert same is not None and same.path == "main/form/textbox"


def removing(recorder: Recorder, what: str) -> Trace:
    app = Bills([(1, "Rent", "900.00", "Alice", True), (2, "Tea", "3.20", "Bob", True), (3, "Rice", "3", "Bob", True)])
    return recorder(f"Delete the bill {what}", [on("tap", "button", "Delete", row=what)], app)


def test_one_of_many_rows_is_known_by_the_value_that_stands_in_it(recorder: Recorder) -> None:
    made = learn([removing(recorder, "Tea"), removing(recorder, "Rent")], recorder.data)
    [node] = made.nodes
    assert node.target is not None and node.target.container is not None
    assert (node.target.container.role, node.target.container.texts) == ("row", ("{item}",))
    assert made.templates == ("Delete the bill {item}",) and node.risk == "commit"
    assert made.data is not None and made.data[0].cells == {"what": "{item}"}


def test_equal_buttons_that_only_their_place_tells_apart_are_an_error(recorder: Recorder) -> None:
    def play(task: str) -> Trace:
        twins = [element("button", "Go", f"main/a/b/c/d/button{n}") for n in ("", "[2]")]
        shown = screen(element("text", task, "main/text"), *twins)
        trace = removing(recorder, "Tea")
        step = trace.steps[0].model_copy(
            update={"before": shown, "action": Tap(point=Point(x=1, y=1), element=shown.elements[1])}
        )
        return trace.model_copy(update={"task": task, "steps": (step, trace.steps[1])})

    with pytest.raises(LearnError, match=r"step 1: button “Go” cannot be told apart"):
        learn([play("go now"), play("go then")], recorder.data)


# ---------------------------------------------------------------------------------------------- checks
def test_a_step_that_cannot_be_taken_back_waits_for_every_value_and_for_what_nobody_touched(recorder: Recorder) -> None:
    made = learnt(recorder, BREAD, MUSEUM)
    held = {c.target.name: c.value for c in made.nodes[-1].commit if isinstance(c, ValueEquals)}
    assert held == {"What?": "{what}", "How much?": "{how_much}", "Payer": "{payer}"}
    [shared] = [c for c in made.nodes[-1].commit if isinstance(c, CheckedIs)]
    assert (shared.target.name, shared.checked) == ("Shared", True)
    assert all(not n.commit for n in made.nodes[:-1])


@dataclass
class Shares(Bills):
    """Each bill has those who share it, as boxes in the form that its row opens, or that a new one opens."""

    shared_by: dict[str, set[str]] = field(
        default_factory=lambda: {"Rent": {"Ann", "Bob", "Cem"}, "Tea": {"Bob", "Cem"}}
    )
    open: str | None = None
    draft: set[str] = field(default_factory=set)

    def observe(self, screenshot: bool = True) -> Screen:
        if self.open is None:
            shown = [e for n, bill in enumerate(self.shared_by, 1) for e in row(n, bill, control="edit")]
            return screen(element("table", "", "main/table"), *shown, element("button", "New", "main/button"))
        boxes = [
            element("checkbox", name, f"form/checkbox[{n}]", checked=name in self.draft)
            for n, name in enumerate(("Ann", "Bob", "Cem", "Dan"), 1)
        ]
        save = element("button", "Save", "form/button", submits=True)
        return screen(element("form", "", "form"), *boxes, save, url="http://here:5000/shares")

    def act(self, action: Action) -> Result:
        target = target_of(action)
        assert target is not None
        if target.name == "Save":
            assert self.open is not None
            self.shared_by[self.open], self.open = self.draft, None
        elif target.role == "checkbox":
            self.draft ^= {target.name}
        else:
            names = ["New"] if target.name == "New" else list(self.shared_by)
            self.open = names[int(target.path.split("row[")[1][0]) - 1] if "row[" in target.path else "New"
            self.draft = set(self.shared_by.get(self.open, {"Bob", "Cem"}))
        return Result(ok=True)

    def data(self) -> AppData:
        rows = tuple((bill, ", ".join(sorted(who))) for bill, who in self.shared_by.items())
        return AppData(app="bills", tables={"bill": Table(columns=("id", "shared"), key=("id",), rows=rows)})


@pytest.mark.parametrize("picked", [True, False])
def test_who_else_shares_a_thing_that_the_task_picked_is_its_own(recorder: Recorder, picked: bool) -> None:
    def left_out(who: str, bill: str) -> Trace:
        begin = on("tap", "button", "edit", row=bill) if picked else on("tap", "button", "New")
        script = [begin, on("tap", "checkbox", who), on("tap", "button", "Save")]
        return recorder(f"Leave {who} out of {bill if picked else 'a new one'}", script, Shares())

    made = learn([left_out("Ann", "Rent"), left_out("Dan", "Tea")], recorder.data)
    held = {c.target.name: c.unless for c in made.nodes[-1].commit if isinstance(c, CheckedIs)}
    assert set(held) == (set() if picked else {"Bob", "Cem"}) and all(held.values())


def test_a_box_that_the_recordings_have_in_two_states_is_not_held(recorder: Recorder) -> None:
    one = recorder(TASK.format(**BREAD), adding(BREAD), Bills(shared=False))
    made = learn([one, *recordings(recorder, MUSEUM)], recorder.data)
    assert not [c for c in made.nodes[-1].commit if isinstance(c, CheckedIs)]
    assert made.data is not None and "shared" not in made.data[0].cells


def test_what_follows_a_step_is_what_came_with_it_in_every_recording(recorder: Recorder) -> None:
    made = learnt(recorder, BREAD, MUSEUM)
    assert made.nodes[1].post == (ValueEquals(target=made.nodes[1].target, value="{what}"),)
    assert UrlLike(pattern="/bills/new") in made.nodes[0].post
    assert made.nodes[-1].post == (UrlLike(pattern="/bills"), TextHas(text="The bill was added"))
    assert made.success == (
        Together(role="row", texts=("{what}", "{how_much}", "{payer}")),
        TextHas(text="The bill was added"),
    )


def test_a_message_that_only_one_recording_saw_or_that_holds_a_figure_is_no_sign(recorder: Recorder) -> None:
    one = recorder(TASK.format(**BREAD), adding(BREAD), Bills(says="Saved"))
    other = recorder(TASK.format(**MUSEUM), adding(MUSEUM), Bills(says="Done"))
    made = learn([one, other], recorder.data)
    assert not [c for c in (*made.success, *made.nodes[-1].post) if isinstance(c, TextHas)]
    counted = [recorder(TASK.format(**v), adding(v), Bills(says="2 bills")) for v in (BREAD, MUSEUM)]
    assert "2 bills" not in learn(counted, recorder.data).model_dump_json()


def test_sites_that_every_recording_went_to_belong_to_the_task(recorder: Recorder) -> None:
    def away(trace: Trace, *sites: str) -> Trace:
        steps = list(trace.steps)
        for place, site in enumerate(sites, start=1):
            shown = steps[place].before.model_copy(update={"url": f"{site}/pay?x=1"})
            steps[place] = steps[place].model_copy(update={"before": shown})
        return trace.model_copy(update={"steps": tuple(steps)})

    one, other = recordings(recorder, BREAD, MUSEUM)
    bank, ads = "https://bank.example", "https://ads.example"
    assert learn([away(one, bank, ads), away(other, bank)], recorder.data).origins == (bank,)
    assert learn([one, other], recorder.data).origins == ()


def test_a_part_of_the_address_that_differs_or_counts_may_be_anything(recorder: Recorder) -> None:
    def at(place: str) -> Callable[[Screen], Screen]:
        return lambda seen: seen.model_copy(update={"url": (seen.url or "").replace("/bills", f"/{place}/bills/7")})

    made = learn([shaped(recorder, BREAD, at("anna")), shaped(recorder, MUSEUM, at("ben"))], recorder.data)
    assert made.nodes[0].pre[0] == UrlLike(pattern="/*/bills/*")


# ---------------------------------------------------------------------------------------------- the app's data
def test_the_expected_change_is_the_row_that_all_recordings_made(recorder: Recorder) -> None:
    [added] = learnt(recorder, BREAD, MUSEUM).data or ()
    assert (added.table, added.operation) == ("bill", "added")
    assert added.cells == {"what": "{what}", "amount": "{how_much}", "payer": "{payer}", "shared": "true"}


BILL = Table(columns=("id", "what", "amount", "note"), key=("id",))
Rows = tuple[tuple[int | str | float, ...], ...]


def with_data(recorder: Recorder, trace: Trace, before: Rows, after: Rows) -> Trace:
    """The same recording of an app whose data were these."""
    for sha, rows in ((trace.data.before, before), (trace.data.after, after)):
        table = BILL.model_copy(update={"rows": rows})
        recorder.blobs[str(sha)] = AppData(app="bills", tables={"bill": table})
    return trace


def test_rows_are_paired_by_what_the_tasks_say_of_them_not_by_their_order(recorder: Recorder) -> None:
    one, other = recordings(recorder, BREAD, MUSEUM)
    made = learn(
        [
            with_data(recorder, one, (), ((1, BREAD["what"], 3.2, "a"), (2, "fee", 9.0, "a"))),
            with_data(recorder, other, (), ((1, "fee", 9.0, "a"), (2, MUSEUM["what"], 18.0, "a"))),
        ],
        recorder.data,
    )
    assert sorted(e.cells.get("what", "") for e in made.data or ()) == ["fee", "{what}"]


def test_a_row_of_which_nothing_is_known_is_no_expectation(recorder: Recorder) -> None:
    one, other = recordings(recorder, BREAD, MUSEUM)
    with pytest.raises(LearnError, match="added a row of bill in which nothing is alike"):
        learn(
            [
                with_data(recorder, one, (), ((1, "qua", 1.0, "x"),)),
                with_data(recorder, other, (), ((1, "zrb", 2.0, "y"),)),
            ],
            recorder.data,
        )


@pytest.mark.parametrize("after", [(), ((1, "Rent", 7.0, "flat"),)], ids=["removed", "changed"])
def test_a_row_that_no_task_names_is_always_the_same_one(recorder: Recorder, after: Rows) -> None:
    rent, food = (1, "Rent", 5.0, "flat"), (2, "Food", 5.0, "flat")
    taught = [with_data(recorder, t, (rent, food), (*after, food)) for t in recordings(recorder, BREAD, MUSEUM)]
    expected = learn(taught, recorder.data).data or ()

    def data(*rows: tuple[int | str | float, ...]) -> AppData:
        return AppData(app="bills", tables={"bill": BILL.model_copy(update={"rows": rows})})

    values = {"what": "Tea", "how_much": "2", "payer": "Bob"}
    other = tuple((2, "Food", *row[2:]) for row in after)
    assert compare(data(rent, food), data(*after, food), expected, values)[0] == "true"
    assert compare(data(rent, food), data(rent, *other), expected, values)[0] == "false"


def test_data_that_were_not_kept_or_changed_otherwise_are_no_expectation(recorder: Recorder) -> None:
    one, other = recordings(recorder, BREAD, MUSEUM)
    bare = other.model_copy(update={"data": other.data.model_copy(update={"before": None})})
    assert learn([one, bare], recorder.data).data is None
    twice = learn([one, other.model_copy(update={"data": other.data.model_copy(update={"after": other.data.before})})],
                  recorder.data)  # fmt: skip
    assert twice.data is None


def test_a_cell_that_held_the_day_of_each_recording_holds_the_day_of_the_run(recorder: Recorder) -> None:
    def dated(trace: Trace, days: int) -> Trace:
        started = NOW + timedelta(days=days)
        day = started.astimezone().date().isoformat()
        for sha, rows in ((trace.data.before, ()), (trace.data.after, ((1, day, "x"),))):
            table = Table(columns=("id", "day", "note"), key=("id",), rows=rows)
            recorder.blobs[str(sha)] = AppData(app="bills", tables={"bill": table})
        return trace.model_copy(update={"started": started})

    one, other = recordings(recorder, BREAD, MUSEUM)
    [added] = learn([dated(one, 0), dated(other, 3)], recorder.data).data or ()
    assert added.cells == {"day": "{today}", "note": "x"}


def test_of_a_changed_row_what_became_the_value_is_expected_and_what_moved_alike_is_held(recorder: Recorder) -> None:
    def renamed(what: str, old: str) -> Trace:
        trace = recorder(f"Delete the bill {what}", [on("tap", "button", "Delete", row="Rent")])
        for sha, cell in ((trace.data.before, old), (trace.data.after, what)):
            table = Table(columns=("id", "what", "kind"), key=("id",), rows=((1, cell, "home"),))
            recorder.blobs[str(sha)] = AppData(app="bills", tables={"bill": table})
        shown = screen(*row(1, what, control="Delete"))
        first = trace.steps[0].model_copy(
            update={"before": shown, "action": Tap(point=Point(x=1, y=1), element=shown.elements[-1])}
        )
        return trace.model_copy(update={"steps": (first, *trace.steps[1:])})

    [made] = learn([renamed("Tea", "Rice"), renamed("Jam", "Oats")], recorder.data).data or ()
    assert (made.operation, made.cells, made.was, made.free) == ("changed", {"what": "{item}", "kind": "home"}, {}, ())


def test_a_key_and_an_address_are_learnt_as_they_are(recorder: Recorder) -> None:
    def script(values: dict[str, str]) -> list[Do]:
        steps = adding(values)
        return [Do("open", text="http://here:5000/bills"), *steps[:4], Do("key", text="Tab"), steps[4]]

    made = learn([recorder(TASK.format(**v), script(v)) for v in (BREAD, MUSEUM)], recorder.data)
    assert [(n.kind, n.text) for n in made.nodes if n.kind in ("open", "key")] == [
        ("open", "http://here:5000/bills"),
        ("key", "Tab"),
    ]


def test_tasks_that_say_what_no_step_does_are_refused(recorder: Recorder) -> None:
    every = [recorder(f"Add a bill: {v['what']}, {v['amount']}, paid by {v['payer']} in {place}", adding(v))
             for v, place in ((BREAD, "Oslo"), (MUSEUM, "Bern"))]  # fmt: skip
    with pytest.raises(LearnError, match="differ in “Oslo” and “Bern”"):
        learn(every, recorder.data)
    worded = [recorder(f"{verb}: {v['what']}, {v['amount']}, paid by {v['payer']}", adding(v))
              for v, verb in ((BREAD, "Add a bill"), (MUSEUM, "Put in a bill"))]  # fmt: skip
    assert len(learn(worded, recorder.data).templates) == 2


def test_a_button_that_shows_nothing_is_pressed_all_the_same_and_once(recorder: Recorder) -> None:
    trace = recordings(recorder, BREAD)[0]
    dead = element("button", "Count", "main/button[7]")
    shown = trace.steps[0].before
    before = shown.model_copy(update={"elements": (*shown.elements, dead)})
    more = [
        trace.steps[0].model_copy(update={"action": Tap(point=dead.box.center, element=dead), "before": before})
        for _ in range(2)
    ]
    first = trace.steps[0].model_copy(update={"before": before})
    pressed = trace.model_copy(update={"steps": (*more, first, *trace.steps[1:])})
    names = [target.name for step, _ in prepare(pressed) if (target := target_of(step.action)) is not None]
    assert names.count("Count") == 1 and names[:2] == ["Count", "Add a bill"]
