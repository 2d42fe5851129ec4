"""Whatever a model says is read as an intention or is a clear error: never another exception, never a place outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from form import FORM
from hypothesis import given
from hypothesis import strategies as st

from ostinato.agent.formats import FORMATS
from ostinato.agent.formats.mobimind_grounder import MobimindGrounder
from ostinato.agent.intention import KINDS
from ostinato.errors import ModelAnswerError

GOLDEN = [told for path in (Path(__file__).parent / "golden").glob("*.json") for told in json.loads(path.read_text())]
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers(), max_size=5),
    st.lists(st.floats(), min_size=2, max_size=4), st.dictionaries(st.sampled_from("xyz"), st.integers(), max_size=2),
)  # fmt: skip
FIELDS = [
    "reason", "reasoning", "action", "element", "to", "text", "option", "direction", "enter", "success", "target",
    "parameters", "arguments", "name", "bbox", "bbox_2d", "coordinates", "point_2d", "coordinate", "coordinate2", "end",
    "start_coords", "end_coords", "target_element", "status", "button", "keys", "pixels", "key", "message", "app_name",
]  # fmt: skip
ACTIONS = st.sampled_from(
    [*KINDS, "click", "input", "terminate", "system_button", "left_click_drag", "hscroll", "open_app", "mouse_move"]
)


@st.composite
def objects(draw: st.DrawFn) -> str:
    """JSON with the fields that formats know, holding anything."""
    inner = draw(st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=5))
    found = {"action": draw(ACTIONS), "name": "mobile_use", **inner}
    place = draw(st.sampled_from(["parameters", "arguments", ""]))
    return json.dumps({**found, place: {**inner, "action": draw(ACTIONS)}} if place else found)


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """A golden answer with a part cut out, doubled, or replaced."""
    text = str(draw(st.sampled_from(GOLDEN))["answer"])
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 30)))
    between = draw(st.one_of(st.just(""), st.just(text[start:end] * 2), st.text(max_size=12), st.just("9" * 400)))
    return text[:start] + between + text[end:]


@st.composite
def calls(draw: st.DrawFn) -> str:
    """Calls as UI-TARS writes them, with any arguments."""
    names = ["click", "type", "scroll", "drag", "hotkey", "finished", "open_app", "swipe", "select", "fly"]
    keys = st.sampled_from(["start_box", "end_box", "content", "direction", "key", "point", "app_name"])
    places = st.sampled_from(["(1,2)", "(1,2,3,4)", "up", "(1e9,2)", "<point>1 2</point>", "(9999999999,3)"])
    given = draw(st.lists(st.tuples(keys, st.one_of(st.text(max_size=10), places)), max_size=3))
    inside = ", ".join(f"{key}='{value}'" for key, value in given)
    return f"Thought: {draw(st.text(max_size=9))}\nAction: {draw(st.sampled_from(names))}({inside})"


ANSWERS = st.one_of(st.text(max_size=200), objects(), mangled(), calls())
SCALES = st.sampled_from([1.0, 0.5, 0.33])


@given(ANSWERS, SCALES)
@pytest.mark.parametrize("name", FORMATS)
def test_whatever_a_model_says_is_an_intention_or_a_clear_error(name: str, answer: str, scale: float) -> None:
    try:
        meant = FORMATS[name].parse(answer, FORM, scale)
    except ModelAnswerError as error:
        assert 5 < len(str(error)) < 400
        return
    assert meant.kind in KINDS
    for point in (meant.place, meant.end):
        assert point is None or (0 <= point.x <= FORM.width and 0 <= point.y <= FORM.height)
    assert meant.index is None or 0 <= meant.index < len(FORM.elements)
    "".join((meant.text, meant.option, meant.target, meant.reason)).encode()  # whole characters only


@given(ANSWERS, SCALES)
def test_whatever_a_grounder_says_is_a_box_in_the_picture_or_a_clear_error(answer: str, scale: float) -> None:
    try:
        box = MobimindGrounder().parse(answer, FORM, scale)
    except ModelAnswerError:
        return
    assert box.left >= 0 and box.top >= 0 and box.width >= 0 and box.height >= 0
    assert box.left + box.width <= FORM.width + 0.001 and box.top + box.height <= FORM.height + 0.001


ENDLESS = [
    "{" * 50_000, '{"a":' * 50_000, '[{"a":' * 50_000, "9" * 100_000, '{"element": ' + "9" * 5000 + "}",
    "\\'" * 50_000, "Action: type(content='" + "\\" * 50_000, "Thought:" * 20_000, '{"action": "\\ud800"}',
]  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("answer", ENDLESS, ids=range(len(ENDLESS)))
def test_an_answer_without_end_is_an_error_like_any_other(name: str, answer: str) -> None:
    with pytest.raises(ModelAnswerError):
        FORMATS[name].parse(answer, FORM)
