"""Plans: what is refused before anything begins, in which order parts are done, what is bound where."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.agent.plans.subtasks import Plan, Subtask, Wanted, load_plan, problems_of, write_plan
from ostinato.errors import FormatError, UsageError

MONEY = Wanted(type="money", about="what Internet cost")
LOOK_UP = Subtask(id="look_up", app="ihatemoney", task="Look up what Internet cost", gives={"cost": MONEY})
NOTE = Subtask(id="note", app="tiddlywiki", task="Write {cost} into a note", values={"text": "{cost}"})


def plan_of(*parts: Subtask) -> Plan:
    return Plan(task="All of it", subtasks=parts)


def part(name: str, *after: str, app: str = "ihatemoney") -> Subtask:
    return Subtask(id=name, app=app, task=f"Do {name}", after=after)


def test_a_part_waits_for_what_its_words_need_wherever_it_stands_in_the_file() -> None:
    plan = plan_of(NOTE, LOOK_UP)
    assert problems_of(plan) == []
    assert [one.id for one in plan.in_order()] == ["look_up", "note"]
    assert [one.id for one in plan.ready((), ())] == ["look_up"]
    assert plan.ready((), {"look_up"}) == ()
    assert [one.id for one in plan.ready({"look_up"}, ())] == ["note"]


def test_parts_of_two_apps_begin_together_and_those_of_one_app_after_each_other() -> None:
    plan = plan_of(part("one"), part("two"), part("three", app="tiddlywiki"), part("four", "one", app="oscar"))
    assert [one.id for one in plan.ready((), ())] == ["one", "three"]
    assert [one.id for one in plan.ready({"three"}, {"one"})] == []
    assert [one.id for one in plan.ready({"one", "three"}, ())] == ["two", "four"]


def test_a_phone_does_one_thing_at_a_time_and_two_phones_do_two() -> None:
    phones = ("android:one", "android:one", "android:two")
    plan = plan_of(*(part(f"p{n}", app=f"com.app{n}").model_copy(update={"phone": p}) for n, p in enumerate(phones)))
    assert [one.id for one in plan.ready((), ())] == ["p0", "p2"]
    odd = plan_of(part("a").model_copy(update={"phone": "fax"}))
    assert problems_of(odd)[0][0] == "subtasks.0.phone" and "there is no phone 'fax'" in problems_of(odd)[0][1]


def test_addresses_of_one_site_are_one_app() -> None:
    plan = plan_of(part("one", app="http://shop.example"), part("two", app="HTTP://Shop.example:80/"))
    assert len(plan.ready((), ())) == 1


def test_artefacts_are_put_into_words_values_and_places() -> None:
    found = Subtask(
        id="see", app="x", task="See {a} and {b}", values={"v": "{a}"}, gives={"c": Wanted(type="date", row="{a}")}
    ).bound({"a": "1 {b}", "b": "2"})
    assert (found.task, found.values, found.gives["c"].row) == ("See 1 {b} and 2", {"v": "1 {b}"}, "1 {b}")


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (plan_of(), "there is none"),
        (plan_of(part("a", "b"), part("b", "c"), part("c", "a")), "wait for each other in a circle: "),
        (plan_of(part("a", "a")), "in a circle: a needs a"),
        (plan_of(NOTE.model_copy(update={"gives": {"cost": MONEY}})), "in a circle: note needs note"),
        (plan_of(NOTE), "nothing gives {cost}; artefacts of this plan: none"),
        (plan_of(part("a", "z")), "there is no sub-task 'z'; known: a"),
        (plan_of(part("a"), part("a")), "'a' is there twice"),
        (plan_of(part("a b")), "'a b' is no name"),
        (plan_of(LOOK_UP, LOOK_UP.model_copy(update={"id": "again"})), "is given twice"),
        (plan_of(LOOK_UP.model_copy(update={"gives": {"today": MONEY}})), "is no name for an artefact"),
        (plan_of(LOOK_UP.model_copy(update={"task": " "})), "is empty: say what is to be done"),
        (plan_of(LOOK_UP.model_copy(update={"app": ""})), "is empty: name an app"),
        (plan_of(*(part(f"p{n}") for n in range(51))), "at most 50"),
    ],
)
def test_what_cannot_be_begun_is_said(plan: Plan, said: str) -> None:
    assert any(said in problem for _, problem in problems_of(plan)), problems_of(plan)


def test_a_plan_is_written_for_people_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    plan = plan_of(LOOK_UP, NOTE)
    file.write_text(write_plan(plan), encoding="utf-8")
    assert load_plan(file) == plan
    assert "null" not in file.read_text() and "after" not in file.read_text()


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("task: x\nsubtasks: [{id: a, app: b, task: c, gives: {d: {type: colour}}}]", "subtasks.0.gives.d.type"),
        ("task: x\nsubtasks: [{id: a, app: b, task: c, depends: [d]}]", "subtasks.0.depends"),
        ("task: x\nsubtasks: [{id: a, app: b, task: c, after: [d]}]", "subtasks.0.after"),
        ("task: x", "subtasks"),
        ("- a\n- b", "file"),
        ("task: [", "line 2, column 1"),
    ],
)
def test_a_file_that_is_no_plan_names_the_field(tmp_path: Path, text: str, field: str) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        load_plan(file)
    assert caught.value.field == field


NAMES = st.sampled_from("abcdefgh")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any small graph, also with circles."""
    names = draw(st.lists(NAMES, min_size=1, max_size=8, unique=True))
    apps = st.sampled_from(["one", "two", "three"])
    return plan_of(*(part(n, *draw(st.sets(st.sampled_from(names), max_size=3)), app=draw(apps)) for n in names))


@given(plans(), st.randoms())
def test_every_part_of_a_plan_is_done_once_after_what_it_needs_or_the_plan_is_refused(plan: Plan, luck: object) -> None:
    if problems_of(plan):
        with pytest.raises(UsageError, match="circle"):
            plan.in_order()
        return
    done: list[str] = []
    busy: list[str] = []
    for _ in range(3 * len(plan.subtasks)):
        for one in plan.ready(done, busy):
            assert plan.needs(one) <= set(done)
            assert one.app not in {p.app for p in plan.subtasks if p.id in busy}
            busy.append(one.id)
        if busy:
            done.append(busy.pop(luck.randrange(len(busy))))  # type: ignore[attr-defined]
    assert sorted(done) == sorted(one.id for one in plan.subtasks)
