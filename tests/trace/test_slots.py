from __future__ import annotations

import contextlib
import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ostinato.errors import LearnError
from ostinato.trace.slots import Found, generalise, ground, in_task, mask, slot_kind, slot_name, templates
from ostinato.trace.values import fill, slots_in

word = st.text(string.ascii_letters + "äß寿🍣עבé", min_size=1, max_size=8)
label = st.text(max_size=40)


# ---------------------------------------------------------------------------------------------- in the task's words
@pytest.mark.parametrize(
    ("task", "typed", "said"),
    [
        ("Add taxi, 42.50", "42.5", "42.50"),
        ("Add taxi, 1,200.00 €", "1200", "1,200.00"),
        ("Add 3, 3.00", "3.00", "3.00"),
        ("Add a bill: A", "A", "A"),
        ("Add TAXI, 3", "taxi", "TAXI"),
        ("On 2026-01-31 pay 31", "31", "31"),
        ("Pay bob-smith now", "Bob-Smith", "bob-smith"),
        ("שלם לבוב 3", "לבוב", "לבוב"),
        ("Send 🍣 to Bob", "🍣", "🍣"),
        ("Meet on 3 May 2026", "2026-05-03", "3 May 2026"),
        ("Meet on May 3, 2026 at 2:30 pm", "14:30", "2:30 pm"),
    ],
)
def test_a_typed_value_is_taken_as_the_task_writes_it(task: str, typed: str, said: str) -> None:
    assert in_task(task, typed) == said


@pytest.mark.parametrize(
    ("task", "typed"),
    [
        ("Pay Bobby", "Bob"),
        ("Pay 120", "12"),
        ("Pay on 2026-01-12", "12"),
        ("Pay on 03/05/2026", "2026-05-03"),
        ("Pay on 3 May 2026", "2026-05-04"),
        ("Pay 12", "12.01"),
        ("Pay Bob", ""),
        ("Pay Bob", " "),
        ("", "Bob"),
    ],
)
def test_a_value_the_task_does_not_say_is_none(task: str, typed: str) -> None:
    assert in_task(task, typed) is None


def test_a_value_is_a_slot_only_when_it_differs_and_every_task_says_it() -> None:
    assert ground(["add tea", "add jam"], ["tea", "jam"]) == ("tea", "jam")
    assert ground(["add tea, 3", "add tea, 3.0"], ["3", "3.00"]) is None
    assert ground(["add tea", "add jam"], ["tea", "ham"]) is None


# ---------------------------------------------------------------------------------------------- patterns
@given(word, word, word, word)
def test_a_masked_text_filled_again_is_the_text(before: str, value: str, between: str, other: str) -> None:
    text = f"{before} {value} {between} {other}"
    values = {"one": value, "two": other}
    masked = mask(text, values)
    assume(value.casefold() != other.casefold() and value.lower() != other.lower())
    back = fill(masked, values)
    assert back.casefold() == text.casefold()
    assert "one" in slots_in(masked)


def test_a_word_inside_another_and_what_longer_values_cover_are_not_masked() -> None:
    assert mask("Bob and Bobby", {"payer": "Bobby"}) == "Bob and {payer}"
    assert mask("Bob Smith and Bob", {"who": "Bob", "payer": "Bob Smith"}) == "{payer} and {who}"
    assert mask("nothing here", {"who": "Bob", "none": ""}) == "nothing here"


def test_a_number_is_not_masked_inside_another_number_or_a_date() -> None:
    assert mask("On 2026-03-12 add 12", {"amount": "12"}) == "On 2026-03-12 add {amount}"
    assert mask("3.50 for 3", {"count": "3"}) == "3.50 for {count}"
    assert mask("1,200 or 200", {"amount": "200"}) == "1,200 or {amount}"
    assert mask("On 2026-03-12 add 12", {"day": "2026-03-12"}) == "On {day} add 12"


def test_texts_that_differ_in_slot_values_only_have_one_pattern() -> None:
    slots = [Found("who", ("Bob", "Carol")), Found("amount", ("3.00", "4.50"))]
    assert generalise(["Pay", "pay"], slots) == "Pay"
    assert generalise(["3", "4.5"], slots) == "{amount}"
    assert generalise(["Pay Bob now", "Pay Carol now"], slots) == "Pay {who} now"
    assert generalise(["Pay Bob", "Pay Dan"], slots) is None
    assert generalise(["Pay Bob 3 times", "Pay Carol 5 times"], slots) is None


@given(st.lists(st.tuples(word, word), min_size=2, max_size=4))
def test_a_pattern_is_true_of_every_text_it_was_made_of(pairs: list[tuple[str, str]]) -> None:
    slots = [Found("a", tuple(a for a, _ in pairs)), Found("b", tuple(b for _, b in pairs))]
    texts = [f"{a} is not {b}" for a, b in pairs]
    pattern = generalise(texts, slots)
    if pattern is not None:
        for (a, b), text in zip(pairs, texts, strict=True):
            assert fill(pattern, {"a": a, "b": b}).casefold() == text.casefold()


# ---------------------------------------------------------------------------------------------- templates
def test_wordings_that_differ_are_templates_of_their_own() -> None:
    slots = [Found("what", ("tea", "jam", "rice")), Found("amount", ("3.00", "4", "5"))]
    tasks = ["Add tea,  3.00", "Please add jam for 4", "Add rice, 5"]
    assert templates(tasks, slots) == ("Add {what}, {amount}", "Please add {what} for {amount}")


@pytest.mark.parametrize(
    ("tasks", "values", "template"),
    [
        (("from the bread shop: bread", "from the bread shop: milk"), ("bread", "milk"), "from the bread shop: {what}"),
        (("milk from the bread shop", "bread from the bread shop"), ("milk", "bread"), "{what} from the bread shop"),
        (("copy bread to bread", "copy milk to milk"), ("bread", "milk"), "copy {what} to {what}"),
        (("on 2026-03-12 add 12", "on 2026-03-12 add 7"), ("12", "7"), "on 2026-03-12 add {what}"),
        (("add 3 x 3.00", "add 4 x 3.00"), ("3", "4"), "add {what} x 3.00"),
        (("add 4 to 3", "add 3 to 3", "add 5 to 3"), ("4", "3", "5"), "add {what} to 3"),
    ],
)
def test_of_two_places_the_one_is_meant_where_the_tasks_agree(
    tasks: tuple[str, ...], values: tuple[str, ...], template: str
) -> None:
    assert templates(tasks, [Found("what", values)]) == (template,)


def test_a_value_at_two_places_that_no_other_task_settles_is_an_error() -> None:
    with pytest.raises(LearnError, match="stands more than once"):
        templates(["from the bread shop add bread", "add milk"], [Found("what", ("bread", "milk"))])


def test_a_value_that_stands_in_no_place_of_its_own_is_an_error() -> None:
    slots = [Found("what", ("Bob", "Tea")), Found("payer", ("Bob", "Ana"))]
    with pytest.raises(LearnError, match="could not be told apart"):
        templates(["Bob", "Tea by Ana"], slots)


@given(st.lists(st.tuples(word, word), min_size=2, max_size=3), word)
def test_every_task_is_its_template_with_its_values(pairs: list[tuple[str, str]], fixed: str) -> None:
    slots = [Found("a", tuple(a for a, _ in pairs)), Found("b", tuple(b for _, b in pairs))]
    tasks = [f"{a} {fixed} {b}" for a, b in pairs]
    with contextlib.suppress(LearnError):
        made = templates(tasks, slots)
        for task, (a, b) in zip(tasks, pairs, strict=True):
            assert task.casefold() in [fill(template, {"a": a, "b": b}).casefold() for template in made]


# ---------------------------------------------------------------------------------------------- names and kinds
@given(st.lists(label, max_size=5))
def test_every_slot_gets_a_name_of_its_own_that_a_pattern_can_hold(labels: list[str]) -> None:
    names: list[str] = []
    for text in labels:
        names.append(slot_name(text, names))
    assert len(set(names)) == len(labels) and "today" not in names
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) and slots_in("{" + name + "}") == (name,) for name in names)


def test_a_slot_is_named_after_its_field() -> None:
    assert slot_name("How much?", []) == "how_much"
    assert slot_name("Name", ["name"]) == "name_2" and slot_name("Name", ["name", "name_2"]) == "name_3"
    assert slot_name("Today", []) == "today_2"
    assert slot_name("שם", []) == "value" and slot_name("2nd name", []) == "value_2nd_name"


def test_a_slot_is_a_number_only_when_every_example_is_one() -> None:
    assert slot_kind(["3", "4,50", "€ 1,000"]) == "number"
    assert slot_kind(["2026-01-31", "2026-02-01"]) == "date"
    assert slot_kind(["3", "three"]) == "text" == slot_kind(["2026-01-31", "02/03/2026"])
    assert slot_kind(["2026-01-31", "31.1.2026"]) == "date" and slot_kind(["14:30", "2:30 pm"]) == "time"
