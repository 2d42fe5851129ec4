"""What solvers reckon and read, and how they go on from screen to screen; no browser is needed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.labelled import kinds_of, make_decider
from ostinato.agent.decider import Choice, Handover
from ostinato.suites import miniwob_dates as dates
from ostinato.suites import miniwob_dragging as dragging
from ostinato.suites import miniwob_forms as forms
from ostinato.suites import miniwob_reading as reading
from ostinato.suites import miniwob_sums as sums
from ostinato.suites.astray import Silent
from ostinato.suites.miniwob_keys import listed, with_extension
from ostinato.suites.miniwob_lists import dishes, posts
from ostinato.suites.miniwob_mail import MAIL_TASKS, mails
from ostinato.suites.miniwob_mistakes import Mistaken, Unfinished
from ostinato.suites.miniwob_pages import SOLVED_TASKS
from ostinato.suites.miniwob_screen import enter, every, near, one, ordinal, press, tap
from ostinato.suites.miniwob_solver import Solver, Steps
from ostinato.suites.task import Values
from ostinato.trace.action import Action, Done, Tap, Type
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Box, Element, Screen

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def element(role: str, name: str = "", place: int = 0, **more: object) -> Element:
    box = Box(left=0, top=200 + 20 * place, width=100, height=20)
    return Element.model_validate({"role": role, "name": name, "box": box, "path": f"{role}[{place}]", **more})


def screen(*elements: tuple[str, str]) -> Screen:
    found = tuple(element(role, name, place) for place, (role, name) in enumerate(elements))
    return Screen(width=390, height=844, scale=2.0, elements=found, taken=NOW)


def step(before: Screen, index: int, action: Action) -> Step:
    return Step(index=index, before=before, decision=Decision(source="script"), action=action, risk="read", started=NOW)


FIRST = screen(("textbox", "Sum"), ("button", "Cat"), ("button", "Dog"))
SECOND = screen(("textbox", "Sum"), ("button", "Cat"), ("button", "Dog"), ("button", "Submit"))


def pet(screen: Screen, values: Values) -> Steps:
    screen = yield tap(one(screen, "button", values["pet"]), among=every(screen, "button"))
    screen = yield enter(one(screen, "textbox"), values["text"])
    yield press(screen, "Submit")


VALUES = {"pet": "Dog", "text": "Rex"}
SOLVER = Solver(pet, VALUES)


def acted(decider: Solver | Mistaken | Unfinished, screens: Sequence[Screen]) -> list[str]:
    """What a decider does on these screens, one after the other: the name it touches, or what it types."""
    history: tuple[Step, ...] = ()
    said = []
    for shown in screens:
        choice = decider.decide(shown, "goal", history)
        assert isinstance(choice, Choice), choice
        action = choice.action
        said.append(
            action.text if isinstance(action, Type) else getattr(getattr(action, "element", None), "name", "done")
        )
        history = (*history, step(shown, len(history), action))
    return said


def test_a_solver_goes_on_from_screen_to_screen_and_says_done() -> None:
    assert acted(SOLVER, [FIRST, FIRST, SECOND, SECOND]) == ["Dog", "Rex", "Submit", "done"]


def test_what_is_not_there_is_handed_over_with_the_reason() -> None:
    said = SOLVER.decide(screen(("button", "Cat")), "goal", ())
    assert isinstance(said, Handover) and "button “Dog”" in said.reason


def test_a_screen_that_cannot_be_read_is_handed_over() -> None:
    def count(screen: Screen, values: Values) -> Steps:
        yield tap(every(screen, "button")[int(one(screen, "text").name)])

    said = Solver(count, {}).decide(screen(("text", "many"), ("button", "OK")), "goal", ())
    assert isinstance(said, Handover) and "cannot be read" in said.reason and "many" in said.reason


def test_the_next_step_is_ready_when_its_target_is_there_and_the_page_holds_still() -> None:
    history = (step(FIRST, 0, Tap(point=FIRST.elements[2].box.center)),)
    choice = SOLVER.decide(FIRST, "goal", history)
    assert isinstance(choice, Choice) and choice.ready is not None
    assert not any(choice.ready(FIRST) for _ in range(9))
    assert [choice.ready(SECOND) for _ in range(5)] == [False, False, False, True, True]
    assert [choice.ready(later) for later in (FIRST, SECOND)] == [False, False]


def test_a_mistaken_one_takes_another_of_what_can_be_taken_and_goes_on() -> None:
    assert acted(Mistaken(SOLVER, "wrong_choice", 1), [FIRST, FIRST, SECOND, SECOND]) == [
        "Cat",
        "Rex",
        "Submit",
        "done",
    ]


def test_a_mistaken_one_types_something_else() -> None:
    pet_, typed, sent, _ = acted(Mistaken(SOLVER, "wrong_value", 1), [FIRST, FIRST, SECOND, SECOND])
    assert (pet_, sent) == ("Dog", "Submit") and typed != "Rex"


def test_a_mistaken_one_that_is_lost_says_done() -> None:
    empty = screen(("text", "nothing"))
    assert acted(Mistaken(SOLVER, "wrong_choice", 1), [FIRST, empty]) == ["Cat", "done"]
    lost_before = Mistaken(SOLVER, "wrong_value", 1).decide(empty, "goal", (step(FIRST, 0, Done()),))
    assert isinstance(lost_before, Handover)


def test_an_unfinished_one_ends_before_the_last_step() -> None:
    assert acted(Unfinished(SOLVER), [FIRST, FIRST, SECOND]) == ["Dog", "Rex", "done"]
    assert acted(Unfinished(SOLVER, cut=1), [FIRST, FIRST]) == ["Dog", "done"]


@given(st.integers(0, 9), st.sampled_from("+-x"), st.integers(0, 9))
def test_a_sum_comes_to_what_python_says(left: int, sign: str, right: int) -> None:
    assert sums.result(f"{left} {sign} {right} =") == eval(f"{left} {sign.replace('x', '*')} {right}")


@given(st.integers(-99, 99), st.sampled_from("+-"), st.integers(0, 9), st.booleans())
def test_an_equation_is_solved(x: int, sign: str, digit: int, x_first: bool) -> None:
    left, right = (x, digit) if x_first else (digit, x)
    total = left + right if sign == "+" else left - right
    shown = f"x {sign} {digit} = {total}" if x_first else f"{digit} {sign} x = {total}"
    assert sums.unknown(shown) == x


def test_what_is_no_sum_is_not_there() -> None:
    with pytest.raises(LookupError, match="no sum"):
        sums.result("Solve the problem")


@given(st.integers(0, 9))
def test_every_number_is_guessed_in_four(wanted: int) -> None:
    low, high, guesses = 0, 9, 0
    while True:
        guess, guesses = (low + high) // 2, guesses + 1
        if guess == wanted:
            break
        said = "The number is lower than" if wanted < guess else "The number is higher than"
        low, high = sums.halve(low, high, guess, said)
        assert low <= wanted <= high
    assert guesses <= 4


@pytest.mark.parametrize(
    ("words", "fitting"),
    [
        ("a number less than 3", [0, 1, 2]),
        ("a number greater than 8", [9, 10]),
        ("an odd number", [1, 3, 5, 7, 9]),
        ("an even number", [0, 2, 4, 6, 8, 10]),
    ],
)
def test_the_words_say_which_numbers_fit(words: str, fitting: list[int]) -> None:
    assert [number for number in range(11) if sums.fits(number, words)] == fitting


@pytest.mark.parametrize(
    ("shown", "typed"),
    [("8:22 AM", "08:22"), ("12:05 AM", "00:05"), ("12:05 PM", "12:05"), ("11:59 PM", "23:59"), ("1:00 PM", "13:00")],
)
def test_a_time_of_day_is_written_as_a_field_takes_it(shown: str, typed: str) -> None:
    assert forms.day_time(shown) == typed


def test_a_date_is_written_as_a_field_takes_it() -> None:
    assert forms.iso_date("09/10/2012") == "2012-09-10"


def test_a_box_is_touched_where_nothing_lies_over_it() -> None:
    box = Box(left=0, top=0, width=100, height=100)
    assert forms.first_free(box, Box(left=60, top=60, width=100, height=100)) == box.center
    over = Box(left=-40, top=-40, width=100, height=100)
    touched = forms.first_free(box, over)
    assert box.contains(touched) and not over.contains(touched)
    with pytest.raises(LookupError, match="all of the other"):
        forms.first_free(box, box)


def test_the_month_of_a_calendar_is_read() -> None:
    assert dates.month_shown(screen(("text", "Select 04/08/2016"), ("text", "April"), ("text", "2016"))) == (2016, 4)
    with pytest.raises(LookupError, match="no calendar"):
        dates.month_shown(screen(("text", "2016")))


OFFERS = screen(
    ("text", "3h 43m"),
    ("button", "Book for $1117"),
    ("text", "0h 7m"),
    ("button", "$280"),
    ("text", "17h 2m"),
    ("button", "$90"),
)


@pytest.mark.parametrize(
    ("kind", "bought"),
    [
        ("shortest", "$280"),
        ("shortest duration", "$280"),
        ("longest duration", "$90"),
        ("cheapest", "$90"),
        ("cheapest cost", "$90"),
        ("most expensive cost", "Book for $1117"),
    ],
)
def test_the_offer_is_taken_that_the_words_ask_for(kind: str, bought: str) -> None:
    assert dates.best(dates.tickets(OFFERS), kind).name == bought


def test_a_word_is_found_by_its_place_without_its_comma() -> None:
    assert reading.word_at("Neque, turpis  gravida. Magna", 3) == "gravida"
    with pytest.raises(LookupError, match="no word number 5"):
        reading.word_at("Neque, turpis gravida. Magna", 5)


def test_a_table_says_the_value_of_a_label() -> None:
    assert reading.cells(screen(("cell", "Color"), ("cell", "aqua"), ("cell", "Age"), ("cell", "7"))) == {
        "Color": "aqua",
        "Age": "7",
    }


@pytest.mark.parametrize(
    ("start", "words", "end"),
    [
        (3, "to the top", 0),
        (1, "to the bottom", 4),
        (2, "up by one position", 1),
        (2, "down by one position", 3),
        (0, "to the 4th position", 3),
    ],
)
def test_the_place_in_a_list_is_read(start: int, words: str, end: int) -> None:
    assert dragging.place_in_list(start, words, 5) == end


def test_a_slider_is_lowest_at_the_left_and_at_the_bottom() -> None:
    lying = Box(left=10, top=0, width=100, height=20)
    standing = Box(left=0, top=10, width=20, height=100)
    assert dragging.along(lying, 0.0).x < dragging.along(lying, 1.0).x
    assert dragging.along(standing, 0.0).y > dragging.along(standing, 1.0).y
    assert all(lying.contains(dragging.along(lying, part)) for part in (0.0, 0.5, 1.0))


def test_a_mail_has_its_sender_before_its_icons() -> None:
    inbox = screen(
        ("heading", "Primary"),
        ("img", ""),
        ("text", "Ann"),
        ("text", "Hello"),
        ("text", "Dear"),
        ("img", "bin"),
        ("img", "star"),
    )
    search = inbox.elements[1].model_copy(update={"id": "open-search"})
    shown = inbox.model_copy(update={"elements": (inbox.elements[0], search, *inbox.elements[2:])})
    assert [tuple(part.name for part in mail) for mail in mails(shown)] == [("Ann", "bin", "star")]


def test_a_post_has_four_icons() -> None:
    shown = screen(*[(r, n) for user in ("@ann", "@bob") for r, n in [("text", user), *[("img", "")] * 4]])
    assert [(user, len(icons)) for user, icons in posts(shown)] == [("@ann", 4), ("@bob", 4)]


def test_a_dish_has_its_kinds_and_its_plus() -> None:
    shown = screen(("text", "Salad"), ("img", "vegan"), ("generic", "-"), ("text", "2"), ("generic", "+"))
    assert {name: kinds for name, (kinds, _) in dishes(shown).items()} == {"Salad": ["vegan"]}


TERMINAL = "terminal Welcome! user$ ls a.gz b user$ rm b user$ ls a.gz nano window.tar.gz user$ █"


def test_the_files_are_those_of_the_last_list() -> None:
    assert listed(TERMINAL) == ["a.gz", "nano", "window.tar.gz"]
    with pytest.raises(LookupError, match="not listed"):
        listed("terminal Welcome! user$ ls")


def test_a_file_is_chosen_by_its_extension_or_for_having_none() -> None:
    files = ["a.gz", "nano", "window.tar.gz", "tar"]
    assert with_extension(files, ".tar.gz") == ["window.tar.gz"]
    assert with_extension(files, "") == ["nano", "tar"]


def test_runs_of_a_solved_task_can_be_planned_and_made() -> None:
    task = next(task for task in SOLVED_TASKS if task.name == "guess-number")
    assert kinds_of(task) == ["oracle", "unsaved", "no_done"]
    made = {kind: make_decider(task, kind, {}, random.Random(1)) for kind in kinds_of(task)}
    assert isinstance(made["oracle"], Solver) and made["unsaved"] == Unfinished(made["oracle"], 2)
    assert made["no_done"] == Silent(made["oracle"])
    assert isinstance(make_decider(task, "wrong_value", {}, random.Random(1)), Mistaken)


PLAIN = {task.name: task.pattern for task in MAIL_TASKS}


@pytest.mark.parametrize(
    ("page", "words", "values"),
    [
        ("email-inbox-forward-nl", "Go to the email by Bonny. Send it to Frankie.", ("Bonny", "Frankie")),
        ("email-inbox-forward-nl", "Go to the email by Ann-Lee and send it to Jo-Ann.", ("Ann-Lee", "Jo-Ann")),
        ("email-inbox-forward-nl-turk", "Forward Ann-Lee's email to Jo-Ann", ("Ann-Lee", "Jo-Ann")),
        ("email-inbox-forward-nl", "Send to Neille the email you got from Helena.", ("Helena", "Neille")),
        ("email-inbox-forward-nl-turk", "Open the folder, forward Kevyn's message to Bonny.", ("Kevyn", "Bonny")),
    ],
)
def test_plain_language_says_whose_mail_goes_to_whom(page: str, words: str, values: tuple[str, str]) -> None:
    found = re.fullmatch(PLAIN[page], words)
    assert found is not None and (found["sender"], found["to"]) == values


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("email-inbox-forward-nl-turk", "Forward Ann's email from yesterday to Bob."),
        ("email-inbox-forward-nl-turk", "Please forward Dee Dee's email to Bob."),
        ("email-inbox-forward-nl-turk", "Please forward Bob's email to Dee Dee."),
        ("email-inbox-forward-nl", "Go to the email by Dee Dee. Send it to Bob."),
        ("email-inbox-forward-nl", "Go to the email by Bob. Send it to Dee Dee."),
        ("email-inbox-nl-turk", "Please delete Dee Dee's email."),
    ],
)
def test_words_that_turn_the_names_about_or_hide_where_they_end_are_left_out(page: str, words: str) -> None:
    assert re.fullmatch(PLAIN[page], words) is None


def test_an_ordinal_is_a_number_and_near_numbers_are_others() -> None:
    assert ordinal("3rd") == 3
    assert 7 not in near(7) and 0 not in near(0)
