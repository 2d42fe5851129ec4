"""Tasks that list several things: learnt from turns, read, played turn by turn, and shown."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path

import pytest
from bills import PEOPLE, Bills, Books, Recorder, adding
from hypothesis import given, settings
from hypothesis import strategies as st
from screens import element, screen

from ostinato.agent.loop import Ended, Limits, Loop
from ostinato.agent.script import Do, on
from ostinato.errors import LearnError, MatchError, UsageError
from ostinato.house import House
from ostinato.judge.change import compare
from ostinato.judge.check import CheckedIs, TextHas, Together
from ostinato.judge.evidence import Evidence, evaluate_all
from ostinato.replay.admission import objections
from ostinato.replay.difference import differences
from ostinato.replay.experience import Every, Experience
from ostinato.replay.folding import _unspoken
from ostinato.replay.learn import learn
from ostinato.replay.loops import _of_turns, rows_called
from ostinato.replay.match import Match, match
from ostinato.replay.page import write_page
from ostinato.replay.playwright_script import to_playwright
from ostinato.replay.replayer import Replayer
from ostinato.replay.standing import Played
from ostinato.settings import Settings
from ostinato.trace.action import Type, target_of
from ostinato.trace.listing import items_of, joined
from ostinato.trace.locator import Locator
from ostinato.trace.record import Trace
from ostinato.trace.recordings import Recording
from ostinato.trace.repeats import listed
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store

Bill = tuple[str, str]
NAMES = ("Bread", "Tea", "Taxi", "Wine", "Soap", "Milk")


def filled() -> Bills:
    return Bills(rows=[(n, name, "3.00", "Bob", True) for n, name in enumerate(NAMES, start=1)])


def added(recorder: Recorder, payer: str, *bills: Bill) -> Trace:
    script: list[Do] = []
    for what, amount in bills:
        script += adding({"what": what, "amount": amount, "payer": payer})
    return recorder(f"Add the bills {joined([f'{w} for {a}' for w, a in bills])}, paid by {payer}", script)


def deleted(recorder: Recorder, *names: str) -> Trace:
    taps = [on("tap", "button", "Delete", row=name) for name in names]
    return recorder(f"Delete the bills {joined(names)}", taps, filled())


@pytest.fixture(scope="module")
def adds() -> Experience:
    recorder = Recorder()
    first = added(recorder, "Bob", ("Bread", "3.20"), ("Tea", "4.50"))
    second = added(recorder, "Carol", ("Taxi", "42"), ("Museum", "12"), ("Wine", "9.90"))
    return learn([first, second], recorder.data)


@pytest.fixture(scope="module")
def deletes() -> Experience:
    recorder = Recorder()
    return learn([deleted(recorder, "Tea", "Soap", "Milk"), deleted(recorder, "Taxi", "Wine")], recorder.data)


def play(store: Store, found: Match, app: Bills) -> Ended:
    full = found.in_full()
    with store.begin(task="play", app="bills") as writer:
        limits = Limits(max_steps=80, max_seconds=60, step_timeout=0.02)
        replayer = Replayer(full.experience, full.values)
        return Loop(app, [replayer], writer, lambda action, seen: True, limits).run("play")


# ---------------------------------------------------------------------------------------------- lists in words


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Bread", ["Bread"]),
        ("Bread and Tea", ["Bread", "Tea"]),
        ("Bread, Tea, and Milk", ["Bread", "Tea", "Milk"]),
        ("Bread; Tea; Milk", ["Bread", "Tea", "Milk"]),
        ("Brot, Tee und Milch", ["Brot", "Tee", "Milch"]),
        ("3,50 and 1,234.00", ["3,50", "1,234.00"]),
        ("“Bread and butter” and Tea", ["“Bread and butter”", "Tea"]),
        ('"Bread, white", "Tea and jam" and Milk', ['"Bread, white"', '"Tea and jam"', "Milk"]),
        ("bread and butter and tea", None),  # two things, or three
        ("bread and butter, tea", None),
        ("and Tea", None),  # something is missing
        ("Tea and", None),
        ("Tea,", None),
        ("Bread, bread", None),
        ("Bread,  and ", None),
        (", Bread", None),
        ("", None),
        (", ".join(map(str, range(60))), None),
    ],
)
def test_a_list_is_read_or_refused(text: str, items: list[str] | None) -> None:
    found = items_of(text)
    assert (list(found) if found is not None else None) == items


@given(st.lists(st.text(string.ascii_letters + " ,&-and", min_size=1).map(str.strip), min_size=1, max_size=6))
def test_what_is_joined_is_read_again(items: list[str]) -> None:
    if any(not item for item in items) or len({" ".join(item.casefold().split()) for item in items}) < len(items):
        return
    said = items_of(joined(items))
    assert said is not None and [item.strip("“”") for item in said] == items


# -------------------------------------------------------------------------------------------------- learning


def test_what_is_listed_becomes_a_loop(adds: Experience, deletes: Experience) -> None:
    assert adds.templates == ("Add the bills {items}, paid by {payer}", "Add the bill {items}, paid by {payer}")
    assert [(slot.name, slot.kind) for slot in adds.slots] == [("payer", "person"), ("items", "list")]
    (loop,) = adds.loops
    assert (loop.first, loop.last, loop.tail, loop.phrase) == (0, 4, 0, "{what} for {how_much}")
    assert [(slot.name, slot.kind) for slot in loop.slots] == [("what", "text"), ("how_much", "money")]
    assert adds.slot("items").examples[0] == "Bread for 3.20 and Tea for 4.50"
    assert adds.slot("payer").examples == ("Bob", "Carol")
    assert deletes.templates == ("Delete the bills {items}", "Delete the bill {items}") and len(deletes.nodes) == 1
    assert all(not one.reason for one in (*adds.held_out, *deletes.held_out))


def test_one_recording_that_lists_several_is_a_candidate_with_a_loop() -> None:
    recorder = Recorder()
    made = learn([added(recorder, "Carol", ("Taxi", "42"), ("Museum", "12"))], recorder.data)
    assert made.status == "candidate" and made.templates[0] == "Add the bills {items}, paid by {payer}"
    assert [node.text for node in made.nodes if node.kind == "select"] == ["{payer}"]


def test_recordings_of_one_thing_and_of_several_fit_together() -> None:
    recorder = Recorder()
    made = learn([deleted(recorder, "Tea"), deleted(recorder, "Taxi", "Wine")], recorder.data)
    assert made.loops and made.slot("items").examples == ("Tea", "Taxi and Wine")


def test_what_leads_from_turn_to_turn_is_no_part_of_the_last() -> None:
    recorder = Recorder()

    def edits(*bills: Bill) -> Trace:
        script: list[Do] = []
        for what, amount in bills:
            script += [*adding({"what": what, "amount": amount, "payer": "Bob"}), on("tap", "heading", "Bills")]
        app = Bills()
        plain = app._list

        def counted() -> object:  # the heading tells how often it was touched, so that touching it does something
            return plain().model_copy(update={"url": f"http://here:5000/bills?{len(app.acts)}"})

        app._list = counted  # type: ignore[method-assign, assignment]
        return recorder(f"Add the bills {joined([f'{w} for {a}' for w, a in bills])}", script[:-1], app)

    made = learn(
        [edits(("Bread", "3"), ("Tea", "4")), edits(("Taxi", "42"), ("Wine", "9"), ("Soap", "2"))], recorder.data
    )
    (loop,) = made.loops
    assert (loop.first, loop.last, loop.tail) == (0, 5, 1)
    full = match("Add the bills A for 1, B for 2 and C for 3", [made], "bills").in_full()
    assert [node.kind for node in full.experience.nodes].count("tap") == 3 * 3 - 1
    assert not any(node.optional for node in full.experience.nodes)


def test_a_list_of_which_only_some_was_done_is_no_loop() -> None:
    recorder = Recorder()
    part = deleted(recorder, "Tea", "Soap").model_copy(update={"task": "Delete the bills Tea, Soap and Wine"})
    assert listed(Recording.whole(part).steps, part.task) is None
    other = part.model_copy(update={"task": "Delete the bills Tea, Soap or Wine"})
    assert listed(Recording.whole(other).steps, other.task) is None


def test_two_values_in_two_fields_are_no_list() -> None:
    recorder = Recorder()
    values = [{"what": "Bread", "amount": "3", "payer": "Bob"}, {"what": "Tea", "amount": "4", "payer": "Carol"}]
    made = learn(
        [recorder("Add {what} and {payer} with {amount}".format(**v), adding(v)) for v in values], recorder.data
    )
    assert not made.loops and {slot.name for slot in made.slots} == {"what", "payer", "how_much"}


def test_two_texts_that_were_sent_from_one_field_are_both_kept() -> None:
    recorder = Recorder()
    trace = deleted(recorder, "Tea")
    field = adding({"what": "x", "amount": "1", "payer": "Bob"})[1]
    app = Bills(form=dict.fromkeys(("What?", "How much?", "Payer"), ""))
    typed = recorder("type", [field, field], app).steps[:2]
    sent = tuple(s.model_copy(update={"action": Type(text=t, element=target_of(s.action), enter=True)})
                 for s, t in zip(typed, ("A", "B"), strict=True))  # fmt: skip
    both = trace.model_copy(update={"steps": (*sent, trace.steps[-1])})
    assert [s.action.text for s, _ in Recording.whole(both).steps if isinstance(s.action, Type)] == ["A", "B"]


# --------------------------------------------------------------------------------------------------- reading


def test_a_task_lists_as_many_as_it_likes(deletes: Experience) -> None:
    for names in (["Bread"], ["Bread", "Milk"], ["Bread", "Milk", "Wine", "Soap", "Tea"]):
        full = match(f"Delete the bills {joined(names)}", [deletes], "bills").in_full()
        assert [full.values[f"item__{n}"] for n in range(1, len(names) + 1)] == names
        assert len(full.experience.nodes) == len(full.experience.data or ()) == len(names)
        assert full.in_full() is full and not full.experience.loops


@pytest.mark.parametrize(
    "said",
    [
        "Bread and butter and tea", "all", "Bread and everything else", "Bread, Tea and add Milk", "Bread and Bread",
        "Bread, then Tea", "Bread and Tea unless they are paid", "the first and the last", "Bread and all others",
    ],
)  # fmt: skip
def test_what_is_no_plain_list_is_refused(said: str, deletes: Experience) -> None:
    with pytest.raises(MatchError):
        match(f"Delete the bills {said}", [deletes], "bills")


def test_each_item_is_written_as_in_the_recordings(adds: Experience) -> None:
    with pytest.raises(MatchError):
        match("Add the bills Bread for 3.20 and Tea, paid by Bob", [adds], "bills")
    with pytest.raises(MatchError):
        match("Add the bills Bread for much and Tea for 2, paid by Bob", [adds], "bills")
    full = match("Add the bills “Bread and butter” for 3.20 and Tea for 2, paid by Bob", [adds], "bills").in_full()
    assert full.values["what__1"] == "Bread and butter" and full.values["how_much__2"] == "2"


# --------------------------------------------------------------------------------------------------- playing


@settings(max_examples=15, deadline=None)
@given(names=st.permutations(NAMES), count=st.integers(1, 6))
def test_every_item_is_done_once_and_nothing_else(
    names: Sequence[str], count: int, deletes: Experience, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = filled()
    before = app.data()
    found = match(f"Delete the bills {joined(names[:count])}", [deletes], "bills")
    ended = play(Store(tmp_path_factory.mktemp("store")), found, app)
    assert ended.outcome.claimed == "done", ended.outcome.reason
    assert {row[1] for row in app.rows} == {*names[count:]} and len(app.commits) == count
    full = found.in_full()
    assert compare(before, app.data(), full.experience.data or (), full.values)[0] == "true"
    nodes = [step.experience.node for step in ended.steps if step.experience is not None]
    assert nodes == list(range(count + 1))  # each turn has nodes of its own: what was sent is never sent again


def test_several_values_of_a_turn_go_together(adds: Experience, store: Store) -> None:
    app = Bills()
    before = app.data()
    found = match("Add the bills Soap for 2.50, Milk for 1.10 and Oil for 7, paid by Alice", [adds], "bills")
    ended = play(store, found, app)
    assert ended.outcome.claimed == "done", ended.outcome.reason
    assert [row[1:4] for row in app.rows[1:]] == [("Soap", "2.50", "Alice"), ("Milk", "1.10", "Alice"),
                                                  ("Oil", "7", "Alice")]  # fmt: skip
    full = found.in_full()
    assert compare(before, app.data(), full.experience.data or (), full.values)[0] == "true"
    swapped = {**full.values, "how_much__1": "1.10", "how_much__2": "2.50"}
    assert compare(before, app.data(), full.experience.data or (), swapped)[0] == "false"


def test_an_item_that_is_missing_stops_before_anything_else_is_touched(deletes: Experience, store: Store) -> None:
    app = filled()
    ended = play(store, match("Delete the bills Bread, Jam and Tea", [deletes], "bills"), app)
    assert ended.outcome.claimed != "done" and "Jam" in ended.outcome.reason
    assert [name for name in NAMES if name not in {row[1] for row in app.rows}] == ["Bread"]


# --------------------------------------------------------------------------------------------------- showing


def test_a_loop_is_kept_shown_compared_and_shared(adds: Experience, deletes: Experience, tmp_path: Path) -> None:
    assert Experience.model_validate_json(adds.model_dump_json()) == adds
    assert not objections(adds.model_copy(update={"app": "bills"}))
    page = write_page(adds, [adds], {("", 1): Played()}, [], tmp_path / "page.html").read_text()
    assert "for each of {items}" in page and "{how_much}" in page
    without = adds.model_copy(update={"loops": ()})
    assert any(one.part == "loop" for one in differences(without, adds))


@pytest.mark.parametrize(
    "changed",
    [{"first": -1}, {"last": 9}, {"tail": 5}, {"tail": 1}, {"phrase": "{what}"}, {"slot": "payer"}, {"slots": ()}],
)
def test_a_loop_that_does_not_fit_is_not_taken_from_others(changed: dict[str, object], adds: Experience) -> None:
    (loop,) = adds.loops
    assert objections(adds.model_copy(update={"loops": (loop.model_copy(update=changed),)}))
    assert objections(adds.model_copy(update={"loops": (loop, loop)}))
    odd = adds.slots[0].model_copy(update={"name": "what__1"})  # it would take the place of the first turn's value
    assert any("what__1" in said for said in objections(adds.model_copy(update={"slots": (odd, *adds.slots[1:])})))


def test_a_loop_is_a_loop_in_a_script(adds: Experience, deletes: Experience) -> None:
    source = to_playwright(adds, None, "http://here:5000/")
    assert "for turn in items:" in source and "items: list[dict[str, str]]" in source
    assert "{'what': 'Bread', 'how_much': '3.20'}" in source
    compile(source, "script.py", "exec")
    compile(to_playwright(deletes, {"items": "A and B"}, "http://here:5000/"), "script.py", "exec")


def test_an_error_names_what_does_not_fit() -> None:
    recorder = Recorder()
    odd = added(recorder, PEOPLE[0], ("Bread", "3"), ("Tea", "4")).model_copy(
        update={"task": "Add the bills Bread for 3 and Tea costing 4, paid by Alice"}
    )
    three = added(recorder, "Bob", ("Milk", "1"), ("Soap", "2"), ("Oil", "3"))
    with pytest.raises(LearnError, match="word"):
        learn([odd, three], recorder.data)


# ---------------------------------------------------------------------------------------------- every row


def all_of(recorder: Recorder, *names: str, task: str = "Delete all bills", done: Sequence[str] = ()) -> Trace:
    app = Bills(rows=[(n, name, "3.00", "Bob", True) for n, name in enumerate(names, start=1)])
    return recorder(task, [on("tap", "button", "Delete", row=name) for name in done or names], app)


@pytest.fixture(scope="module")
def empties() -> Experience:
    recorder = Recorder()
    return learn([all_of(recorder, "Tea", "Soap"), all_of(recorder, "Taxi", "Wine", "Milk")], recorder.data)


def test_what_was_done_to_every_row_is_a_loop_over_what_the_screen_shows(empties: Experience) -> None:
    (loop,) = empties.loops
    assert empties.templates == ("Delete all bills",) and not empties.slots and loop.every is not None
    assert (loop.every.row, loop.every.role, loop.every.words()) == ("row", "button", "every row")
    assert [one.reason for one in empties.held_out] == ["", ""]
    assert not objections(empties) and Experience.model_validate_json(empties.model_dump_json()) == empties


@pytest.mark.parametrize("count", [1, 2, 6])
def test_every_row_that_is_there_is_done_once(count: int, empties: Experience, store: Store) -> None:
    app = Bills(rows=filled().rows[:count])
    before = app.data()
    found = match("Delete all bills", [empties], "bills")
    ended = play(store, found, app)
    assert ended.outcome.claimed == "done" and not app.rows and len(app.commits) == count
    full = found.in_full(ended.steps)
    assert [full.values[f"row_item__{n}"] for n in range(1, count + 1)] == list(NAMES[:count])
    assert compare(before, app.data(), full.experience.data or (), full.values)[0] == "true"


@pytest.mark.parametrize(("names", "said"), [((), "no row"), (("Tea", "Wine", "tea"), "a name of its own")])
def test_no_rows_and_rows_of_one_name_are_handed_over(
    names: tuple[str, ...], said: str, empties: Experience, store: Store
) -> None:
    app = Bills(rows=[(n, name, "3.00", "Bob", True) for n, name in enumerate(names, start=1)])
    ended = play(store, match("Delete all bills", [empties], "bills"), app)
    assert ended.outcome.claimed == "stopped" and said in ended.outcome.reason and not app.commits


def test_a_run_that_was_cut_off_goes_on_with_the_rows_that_it_began_with(empties: Experience, store: Store) -> None:
    app = filled()
    found = match("Delete all bills", [empties], "bills")
    steps = play(store, found, app).steps
    begun = next(n for n, step in enumerate(steps) if step.experience is not None)
    later = Replayer(empties, {})
    choice = later.decide(steps[begun + 2].before, "Delete all bills", steps[: begun + 2])
    assert choice is not None and choice.experience is not None and choice.experience.node == 2  # type: ignore[union-attr]
    assert later.values["row_item__1"] == NAMES[0] and len(later.experience.nodes) == len(NAMES)


def test_what_was_done_to_some_rows_or_without_an_all_is_not_done_to_every_row() -> None:
    recorder = Recorder()
    some = [
        all_of(recorder, "Tea", "Soap", "Jam", done=("Tea", "Jam")),
        all_of(recorder, "A", "B", "C", done=("A", "C")),
    ]
    with pytest.raises(LearnError):
        learn(some, recorder.data)
    silent = [all_of(recorder, "Tea", "Soap", task="Clear up"), all_of(recorder, "A", "B", "C", task="Clear up")]
    with pytest.raises(LearnError):
        learn(silent, recorder.data)


def test_boxes_that_are_ticked_are_not_touched_again() -> None:
    every = Every(row="listitem", role="checkbox", target="/checkbox", name="/text", checked=False)

    def shown(*ticked: bool) -> Screen:
        rows = [
            element(role, name, f"main/list/listitem[{n}]{part}", checked=state)
            for n, state in enumerate(ticked, start=1)
            for role, name, part, state in (
                ("listitem", "", "", None), ("checkbox", "", "/checkbox", state), ("text", f"Item {n}", "/text", None),
            )
        ]  # fmt: skip
        return screen(*rows)

    assert rows_called(every, shown(False, True, False)) == ["Item 1", "Item 3"]
    assert "no listitem that is not checked" in rows_called(every, shown(True, True))
    more = shown(False).model_copy(update={"elements": (*shown(False).elements, element("link", "Next", "main/link"))})
    assert "goes on" in rows_called(every, more)


def test_a_list_that_could_not_be_read_again_is_no_loop() -> None:
    recorder = Recorder()

    def both(payer: str, *bills: Bill) -> Trace:
        (a, b), (c, d) = bills
        return added(recorder, payer, *bills).model_copy(
            update={"task": f"Add the bills {a}, {b}, and {c}, {d}, both paid by {payer}"}
        )

    made = learn([both("Bob", ("A", "3.20"), ("B", "4.50")), both("Carol", ("C", "42"), ("D", "12"))], recorder.data)
    assert not made.loops and len(made.slots) == 5  # commas stand in the items: there are two of them, as recorded


def test_of_boxes_side_by_side_each_may_be_the_one_that_is_chosen() -> None:
    boxes = Locator(role="checkbox", name="Bob")
    watch = CheckedIs(target=boxes, checked=True, unless=("{item__1}", "{item__2}"))
    shown = screen(element("checkbox", "Bob", "main/checkbox", checked=False))
    for values, value in (({"item__1": "Ann", "item__2": "Bob"}, "true"), ({"item__1": "A", "item__2": "B"}, "false")):
        assert evaluate_all((watch,), Evidence(after=shown, values=values))[0].value == value
    one = watch.model_copy(update={"unless": ("{item}",)})
    assert _of_turns((one,), ["item"], range(1, 3)) == (watch,)


@pytest.mark.parametrize("said", ["It would be wrong to do this: A and B", "Please note; A and B", "Never A and B"])
def test_a_task_that_begins_with_a_list_has_no_words_before_it(said: str) -> None:
    recorder = Recorder()
    pair = [
        deleted(recorder, *names).model_copy(update={"task": f"{joined(names)} are to be deleted"})
        for names in (("Tea", "Soap"), ("Taxi", "Wine"))
    ]
    made = learn(pair, recorder.data)
    assert made.templates[0] == "{items} are to be deleted"
    match("Bread, Milk and Tea are to be deleted", [made], "bills")
    with pytest.raises(MatchError):
        match(f"{said} are to be deleted", [made], "bills")


def test_a_loop_over_rows_that_cannot_begin_is_not_repaired_with_some_row(empties: Experience, store: Store) -> None:
    """One row is shown and the list goes on: the only “Delete” there is must not be taken for what moved."""

    def paged(seen: Screen) -> Screen:
        return seen.model_copy(update={"elements": (*seen.elements, element("link", "Next", "main/link[2]"))})

    app = Bills(rows=filled().rows[:1], spoil=paged)
    ended = play(store, match("Delete all bills", [empties], "bills"), app)
    assert ended.outcome.claimed == "stopped" and "goes on" in ended.outcome.reason and not app.commits
    assert "{" not in ended.outcome.reason


def test_more_steps_than_a_run_may_take_are_said_before_anything_is_done(
    adds: Experience, empties: Experience, tmp_path: Path
) -> None:
    house = House(Settings(home=tmp_path, max_steps=12, step_timeout=0.02))
    app = Books()
    long = match("Add the bills A for 1, B for 2 and C for 3, paid by Bob", [adds], "bills")
    kinds = {"phone": app, "app": app, "app_name": "bills", "approve": lambda *_: True}
    with pytest.raises(UsageError, match=r"15 steps.*max_steps is 12"):
        house.replay("x", chosen=long, **kinds)  # type: ignore[arg-type]
    assert not app.acts and not house.store.list()
    many = Books(rows=[(n, f"Bill {chr(96 + n)}", "1", "Bob", True) for n in range(1, 15)])
    kinds |= {"phone": many, "app": many}
    done = house.replay("Delete all bills", chosen=match("Delete all bills", [empties], "bills"), **kinds)  # type: ignore[arg-type]
    assert done.trace.status == "stopped" and done.trace.outcome is not None
    assert "max_steps is 12" in done.trace.outcome.reason and len(many.rows) == 14
    house.store.close()


def test_signs_of_one_turn_are_none_of_the_end() -> None:
    said = Together(role="row", texts=("Bread", "{payer}"))
    assert _unspoken((said, TextHas(text="Tea was added"), TextHas(text="Saved")), {"Bread", "Tea"}) == (
        TextHas(text="Saved"),
    )


def test_to_dos_are_not_all_rows() -> None:
    recorder = Recorder()
    pair = [all_of(recorder, *names, task="Delete the todos") for names in (("Tea", "Soap"), ("A", "B", "C"))]
    with pytest.raises(LearnError):
        learn(pair, recorder.data)


def test_the_rows_of_a_run_that_was_cut_off_are_those_that_it_began_with(empties: Experience, tmp_path: Path) -> None:
    def stop(point: str, step: int) -> None:
        if (point, step) == ("observed", 3):
            raise KeyboardInterrupt

    house = House(Settings(home=tmp_path, step_timeout=0.02), at=stop)
    house.repository.save(empties)
    app = Books(rows=filled().rows)
    kinds = {"phone": app, "app": app, "app_name": "bills", "approve": lambda *_: True}
    task = "Delete all bills"
    cut = house.replay(task, **kinds)  # type: ignore[arg-type]
    assert cut.trace.status == "interrupted" and len(app.rows) == 4
    house.at = None
    rest = house.replay(task, resume=cut.trace, **kinds)  # type: ignore[arg-type]
    assert rest.trace.status == "done" and not app.rows and len(app.commits) == 6
    assert rest.verdict is not None and rest.verdict.value == "yes", rest.verdict
    again = house.judge(rest.trace, house.played(rest.trace))
    assert again is not None and again.value == "yes", again
    house.store.close()
