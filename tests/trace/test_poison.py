"""Pages on which texts imitate what a replay looks for: it finds what was meant, or nothing."""

from __future__ import annotations

import time

import pytest
from bills import PEOPLE, Bills, Recorder, adding
from hypothesis import assume, given
from hypothesis import strategies as st
from screens import element, row, screen

from ostinato.agent.decider import Choice, Handover
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.replay.replayer import Replayer
from ostinato.trace.action import target_of
from ostinato.trace.locator import Container, Locator, find, is_meant
from ostinato.trace.record import Result, Step
from ostinato.trace.screen import Box, Element, Screen

VALUE = "Brown bread"
BIDI = "\u202e\u2066\u200e\u200f\u200b\ufeff"
FORM = screen(
    element("heading", "New bill", "main/heading"),
    element("form", "", "main/form"),
    element("textbox", "What?", "main/form/textbox", value=VALUE, editable=True, id="what"),
    element("button", "Save", "main/form/button", id="save", submits=True),
)
SAVE = FORM.elements[3]
WANTED = Locator(role="button", name="Save", id="save", path=SAVE.path, box=SAVE.box)

boxes = st.builds(
    Box,
    left=st.sampled_from([10.0, -5000.0, 0.0]) | st.floats(-100, 500),
    top=st.sampled_from([SAVE.box.top, -9000.0]) | st.floats(-100, 900),
    width=st.sampled_from([0.0, 1.0, 200.0]),
    height=st.sampled_from([0.0, 1.0, 30.0]),
)


def imitations(text: str) -> st.SearchStrategy[str]:
    """Texts that look or read like one."""
    made = [text, text.upper(), f"{text}…", f" {text} ", f"{BIDI[0]}{text}{BIDI[1]}", text[:2] + BIDI[4] + text[2:],
            f"{text} (old)", f"not {text}", text[::-1], f"{text}\n{text}", "", text.replace("e", "е")]  # fmt: skip
    return st.sampled_from(made)


@st.composite
def planted(draw: st.DrawFn, text: str, role: str, place: str) -> tuple[Element, ...]:
    """A row (or the like) of what somebody wrote, which has something in it that looks like a control of the page."""
    kind = draw(st.sampled_from(["row", "listitem", "article"]))
    path = f"{draw(st.sampled_from(['main', 'main/form', 'main/table', 'document/main/form']))}/{kind}[{place}]"
    inside = [
        Element(
            role=draw(st.sampled_from([role, "link", "button", "text", "menuitem", "cell"])),
            name=draw(imitations(text)), id=draw(st.sampled_from([None, "save", "what"])), box=draw(boxes),
            value=draw(st.sampled_from([None, text, VALUE])),
            reachable=draw(st.booleans()), submits=draw(st.booleans()),
            path=f"{path}/{draw(st.sampled_from(['form/', 'cell/', '']))}{role}[{n}]",
        )
        for n in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    return (element(kind, draw(imitations(text)), path), *inside)


def among(shown: Screen, poison: list[tuple[Element, ...]], places: list[int]) -> Screen:
    elements = list(shown.elements)
    for group, place in zip(poison, places, strict=True):
        elements[place % (len(elements) + 1) : place % (len(elements) + 1)] = group
    return shown.model_copy(update={"elements": tuple(elements)})


poison = st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True).flatmap(
    lambda places: st.tuples(
        st.tuples(*(planted("Save", "button", str(n)) for n in places)).map(list),
        st.lists(st.integers(0, 20), min_size=len(places), max_size=len(places)),
    )
)


@given(poison)
def test_no_row_passes_for_a_control_of_the_page(given: tuple[list[tuple[Element, ...]], list[int]]) -> None:
    assert find(WANTED, among(FORM, *given), {}) == SAVE, "neither taken for it, nor able to hide it"


@given(poison)
def test_nor_where_the_control_is_gone(given: tuple[list[tuple[Element, ...]], list[int]]) -> None:
    gone = FORM.model_copy(update={"elements": FORM.elements[:3]})
    assert find(WANTED, among(gone, *given), {}) is None


@given(st.lists(st.tuples(imitations("Save"), boxes, st.booleans()), min_size=1, max_size=5))
def test_a_second_save_anywhere_is_not_taken_for_the_first(seconds: list[tuple[str, Box, bool]]) -> None:
    more = [
        element("button", name, f"main/aside/button[{n}]", id="save").model_copy(
            update={"box": box, "reachable": there}
        )
        for n, (name, box, there) in enumerate(seconds)
    ]
    shown = FORM.model_copy(update={"elements": (*more, *FORM.elements)})
    assert find(WANTED, shown, {}) in (SAVE, None)


ROW = Locator(role="button", name="edit", container=Container(role="row", texts=("{what}",), whole=("{what}",)))


@given(
    st.lists(st.tuples(imitations(VALUE), imitations(VALUE), st.booleans()), max_size=5),
    st.integers(0, 5),
    st.booleans(),
)
def test_no_other_row_passes_for_the_one_that_says_the_value(
    others: list[tuple[str, str, bool]], at: int, there: bool
) -> None:
    rows = [row(n + 2, one, two, control="edit") for n, (one, two, _) in enumerate(others)]
    hidden = [
        tuple(
            e.model_copy(update={"reachable": False, "box": Box(left=-9000, top=-9000, width=1, height=1)}) for e in r
        )
        if off
        else r
        for r, (_, _, off) in zip(rows, others, strict=True)
    ]
    meant = row(1, VALUE, "3.40", control="edit")
    rows = [*hidden[:at], *([meant] if there else []), *hidden[at:]]
    found = find(ROW, screen(*(e for one in rows for e in one)), {"what": VALUE})
    alike = {
        " ".join(text.translate(dict.fromkeys(map(ord, BIDI))).casefold().split()) for o in others for text in o[:2]
    }
    if there:
        assert found in (meant[-1].model_copy(update={"box": found.box}) if found else None, None)
    elif VALUE.casefold() not in alike:
        assert found is None, "a row that says the value among other words is another row"


def test_a_row_that_says_more_than_the_value_is_another_row_also_when_it_stands_alone() -> None:
    shown = screen(*row(1, f"{VALUE} for Ann", "3.40", control="edit"))
    assert find(ROW, shown, {"what": VALUE}) is None
    assert not is_meant(ROW, shown.elements[-1], shown, {"what": VALUE})
    own = screen(*row(1, VALUE, "3.40", control="edit"))
    assert is_meant(ROW, own.elements[-1], own, {"what": VALUE})
    loose = ROW.model_copy(update={"container": Container(role="row", texts=("{what}",))})
    assert find(loose, shown, {"what": VALUE}) is not None, "so it was before rows were known by whole texts"


def test_a_huge_page_is_looked_through_in_no_time() -> None:
    many = [e for n in range(1, 8_000) for e in row(n, f"Save {n}", "Save" + BIDI, control="Save")]
    deep = [element("group", "Save", "/".join(["main", *["group"] * n])) for n in range(1, 400)]
    shown = FORM.model_copy(update={"elements": (*many, *deep, *FORM.elements)})
    started = time.process_time()
    assert find(WANTED, shown, {}) == SAVE
    assert time.process_time() - started < 20, "no page can hold a replay up for ever"


@pytest.fixture(scope="module")
def learnt() -> Experience:
    recorder = Recorder()
    rows = [{"what": "Bread", "amount": "3.40", "payer": "Bob"}, {"what": "Wine", "amount": "12.00", "payer": "Alice"}]
    tasks = [f"Add a bill: {r['what']}, {r['amount']}, paid by {r['payer']}" for r in rows]
    return learn([recorder(t, adding(r)) for t, r in zip(tasks, rows, strict=True)], recorder.data)


controls = st.sampled_from([("Add a bill", "link"), ("Save", "button"), ("What?", "textbox"), ("Payer", "combobox")])


@given(st.data())
def test_a_replay_on_a_poisoned_page_touches_what_it_means_or_stops(learnt: Experience, data: st.DataObject) -> None:
    values = {slot.name: value for slot, value in zip(learnt.slots, (VALUE, "7.25", "Carol"), strict=True)}
    assume(set(PEOPLE) >= {"Carol"})
    bad = data.draw(
        st.lists(controls, min_size=1, max_size=3).flatmap(
            lambda found: st.tuples(*(planted(*one, str(90 + n)) for n, one in enumerate(found))).map(list)
        )
    )
    places = data.draw(st.lists(st.integers(0, 30), min_size=len(bad), max_size=len(bad)))
    app = Bills(spoil=lambda shown: among(shown, bad, places))
    false = {e.path for group in bad for e in group}
    player, history = Replayer(learnt, values), list[Step]()
    for _ in range(12):
        shown = app.observe()
        said = player.decide(shown, "x", tuple(history))
        if not isinstance(said, Choice) or said.action.kind == "done":
            break
        target = target_of(said.action)
        assert target is None or target.path not in false, said.decision.text
        if said.action.kind != "wait":
            app.act(said.action)
        step = Step(
            index=len(history), before=shown, decision=said.decision, action=said.action, risk=said.risk or "read",
            started=shown.taken, result=Result(ok=True), experience=said.experience, checks=said.checked,
        )  # fmt: skip
        history.append(step)
    assert app.commits.count("Save") <= 1
    assert len(app.rows) == 1 or app.rows[-1][1:4] == (VALUE, "7.25", "Carol")
    assert isinstance(said, Choice | Handover)
