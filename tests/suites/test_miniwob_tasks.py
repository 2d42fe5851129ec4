"""Tasks on MiniWoB++ pages: learnt from two seeds, played on seeds never seen, judged by the page's own reward."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostinato.agent.decider import Decider
from ostinato.agent.script import Do, on
from ostinato.errors import AppError, LearnError, UsageError
from ostinato.house import Finished, House
from ostinato.phone.apps.app import get_app
from ostinato.phone.apps.miniwob import MiniWoB
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.settings import load_settings
from ostinato.suites.miniwob import TASKS, PageTask
from ostinato.suites.miniwob_mistakes import Mistaken, Unfinished
from ostinato.suites.miniwob_pages import ALL_TASKS, SOLVED_TASKS
from ostinato.suites.miniwob_slots import MORE_SLOT_TASKS
from ostinato.suites.miniwob_solver import SolvedTask, Solver
from ostinato.suites.mutant import Kind
from ostinato.suites.task import Values
from ostinato.trace.data import AppData, Cell, Table

BY_NAME = {task.name: task for task in (*TASKS, *MORE_SLOT_TASKS)}
QUICK = ("click-option", "multi-orderings")
EACH = [pytest.param(name, marks=() if name in QUICK else pytest.mark.nightly) for name in BY_NAME]
SOLVED = {task.name: task for task in SOLVED_TASKS}
QUICK_SOLVED = ("simple-algebra", "click-tab-2", "drag-sort-numbers")
EACH_SOLVED = [pytest.param(name, marks=() if name in QUICK_SOLVED else pytest.mark.nightly) for name in SOLVED]
MUTANTS = [
    pytest.param(
        task.name, kind, marks=() if (task.name, kind) == ("click-tab-2", "wrong_choice") else pytest.mark.nightly
    )
    for task in SOLVED_TASKS
    for kind in task.kinds
]


@pytest.fixture(scope="module")
def app() -> Iterator[MiniWoB]:
    found = get_app("miniwob/enter-text")
    assert isinstance(found, MiniWoB)
    found.install()
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    home = tmp_path_factory.mktemp("home")
    return House(load_settings().model_copy(update={"home": home, "step_timeout": 5.0}))


@pytest.fixture(scope="module")
def phone(chromium: Path, house: House, app: MiniWoB) -> Iterator[ChromiumPhone]:
    with house.phone(app) as found:
        yield found


def record(house: House, app: MiniWoB, phone: ChromiumPhone, task: PageTask, seed: int) -> tuple[Finished, Values]:
    values = task.begin(app, phone, seed)
    return perform(house, app, phone, task, values, task.decider(values)), values


def perform(
    house: House, app: MiniWoB, phone: ChromiumPhone, task: PageTask, values: Values, decider: Decider
) -> Finished:
    return house.perform(
        task.words(values),
        phone=phone,
        deciders=[decider],
        app=app,
        app_name=app.name,
        approve=lambda action, screen: True,
    )


def differs(values: Values, first: Values) -> bool:
    return all(values[key] != first[key] for key in first)


def play(house: House, app: MiniWoB, phone: ChromiumPhone, words: str) -> Finished:
    return house.replay(words, phone=phone, app=app, app_name=app.name, approve=lambda action, screen: True)


def wrong(house: House, done: Finished, task: PageTask, values: Values) -> list[str]:
    before, after = done.trace.data.before, done.trace.data.after
    assert before and after
    return task.wrong(house.store.data(before), house.store.data(after), values)


def row(done: bool, reward: Cell) -> AppData:
    columns = ("page", "seed", "utterance", "done", "raw_reward")
    only = ("enter-text", 1, "words", done, reward)
    return AppData(
        app="miniwob/enter-text", tables={"episode": Table(columns=columns, key=("page", "seed"), rows=(only,))}
    )


def test_there_are_tasks_on_a_dozen_pages() -> None:
    assert len({task.app for task in TASKS}) == len(TASKS) >= 12


def test_there_are_tasks_on_sixty_pages_and_no_two_alike() -> None:
    assert len({task.app for task in ALL_TASKS}) == len({task.name for task in ALL_TASKS}) == len(ALL_TASKS) >= 60


def test_every_solved_task_has_a_mutant_that_does_it_wrong() -> None:
    assert all({"wrong_value", "wrong_choice", "unfinished", "unsaved"} & set(task.kinds) for task in SOLVED_TASKS)


def test_a_task_that_is_solved_by_looking_has_no_fixed_script() -> None:
    with pytest.raises(UsageError, match="no fixed script"):
        SOLVED["click-test"].script({})


@pytest.mark.parametrize(("done", "reward", "right"), [(True, 1.0, True), (True, 0.1, False), (False, None, False)])
def test_only_a_whole_point_counts(done: bool, reward: Cell, right: bool) -> None:
    said = BY_NAME["enter-text"].wrong(row(False, 0.0), row(done, reward), {"words": "words"})
    assert (said == []) is right


def test_a_click_that_ended_nothing_is_wrong() -> None:
    assert BY_NAME["enter-text"].wrong(row(False, 0.0), row(False, 0.0), {"words": "words"})


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.parametrize("name", EACH)
def test_a_task_learnt_from_two_seeds_is_done_on_others(
    house: House, app: MiniWoB, phone: ChromiumPhone, name: str
) -> None:
    task = BY_NAME[name]
    first = task.begin(app, phone, 11)
    other = next(seed for seed in range(222, 9999, 111) if differs(task.begin(app, phone, seed), first))
    recordings = [record(house, app, phone, task, seed) for seed in (11, other)]
    for done, values in recordings:
        assert wrong(house, done, task, values) == []
    house.learn([done.trace.id for done, _ in recordings])
    for seed in (3001, 3002):
        values = task.begin(app, phone, seed)
        played = play(house, app, phone, values["words"])
        assert played.trace.status == "done", played.trace.outcome
        assert wrong(house, played, task, values) == []
        assert played.verdict is not None and played.verdict.value == "yes", played.verdict.reasons


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.parametrize("name", EACH_SOLVED)
def test_a_solver_does_its_task_by_the_screen_alone(
    house: House, app: MiniWoB, phone: ChromiumPhone, name: str
) -> None:
    solved = 0
    for seed in (11, 222, 333):
        if solved == 2:
            break
        done, values = record(house, app, phone, SOLVED[name], seed)
        if "do not tell them apart" in (done.trace.outcome.reason if done.trace.outcome else ""):
            continue  # two mails from one sender
        assert done.trace.status == "done", done.trace.outcome
        assert wrong(house, done, SOLVED[name], values) == []
        solved += 1
    assert solved == 2


def mutant(task: SolvedTask, kind: Kind, values: Values, seed: int) -> Decider:
    whole = Solver(task.solve, values)
    return Unfinished(whole, task.cut) if kind in ("unfinished", "unsaved") else Mistaken(whole, kind, seed)


@pytest.mark.browser
@pytest.mark.app
@pytest.mark.parametrize(("name", "kind"), MUTANTS)
def test_the_reward_says_that_a_mutant_is_wrong(
    house: House, app: MiniWoB, phone: ChromiumPhone, name: str, kind: Kind
) -> None:
    """A page may have nothing else to take, so one of several seeds has to show it."""
    task = SOLVED[name]
    labels = []
    for seed in (11, 222, 333):
        values = task.begin(app, phone, seed)
        done = perform(house, app, phone, task, values, mutant(task, kind, values, seed))
        labels.append((done.trace.status, wrong(house, done, task, values) != []))
        if labels[-1] == ("done", True):
            return
    pytest.fail(f"no run of three was wrong and said done: {labels}")


@pytest.mark.browser
@pytest.mark.app
def test_words_that_are_not_the_pages_are_judged_wrong(house: House, app: MiniWoB, phone: ChromiumPhone) -> None:
    task = BY_NAME["enter-text"]
    house.learn([record(house, app, phone, task, seed)[0].trace.id for seed in (11, 222)])
    values = task.begin(app, phone, 3001)
    played = play(house, app, phone, 'Enter "Nobody" into the text field and press Submit.')
    assert wrong(house, played, task, values)
    assert played.verdict is not None and played.verdict.value == "no"


@pytest.mark.browser
@pytest.mark.app
def test_a_text_typed_in_other_letters_than_the_task_says_is_not_learnt(
    house: House, app: MiniWoB, phone: ChromiumPhone
) -> None:
    def script(values: Values) -> list[Do]:
        return [on("type", "textbox", id="tt", text=values["text"].upper()), on("tap", "button", "Submit")]

    upper = PageTask(
        name="enter-text-2",
        app="miniwob/enter-text-2",
        template="{words}",
        generate=BY_NAME["enter-text"].generate,
        script=script,
        oracle=BY_NAME["enter-text"].oracle,
        pattern=r'Type "(?P<text>[a-z]+)" in all upper case letters in the text input and press Submit\.',
    )
    recordings = [record(house, app, phone, upper, seed) for seed in (11, 222)]
    assert [wrong(house, done, upper, values) for done, values in recordings] == [[], []]
    with pytest.raises(LearnError, match="was typed where the task says"):
        house.learn([done.trace.id for done, _ in recordings])


@pytest.mark.browser
@pytest.mark.app
def test_a_form_of_words_that_no_seed_has_is_an_error(
    app: MiniWoB, phone: ChromiumPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ostinato.suites.miniwob._MOST_SEEDS", 2)
    task = BY_NAME["enter-text"]
    never = PageTask(**{**vars(task), "pattern": "never"})
    with pytest.raises(AppError, match="'never' from seed 5"):
        never.begin(app, phone, 5)
