"""Pages on which one has to reckon: sums, comparisons, odd and even, a number to be guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostinato.suites.miniwob_screen import below, ended, enter, every, first, near, one, press, tap
from ostinato.suites.miniwob_solver import Move, Steps, solved_task
from ostinato.suites.task import Values
from ostinato.trace.action import Tap
from ostinato.trace.screen import Element, Screen

_NUMBER = re.compile(r"-?\d+")
_TERM = re.compile(r"(\w+) ([-+x]) (\w+) = ?(-?\d+)?")


def result(problem: str) -> int:
    """What a problem such as `3 x 4 =` comes to. LookupError when it is none."""
    left, sign, right, _ = _parts(problem)
    one_side, other = int(left), int(right)
    return {"+": one_side + other, "-": one_side - other, "x": one_side * other}[sign]


def unknown(equation: str) -> int:
    """What x is in an equation such as `x + 2 = 43` or `5 - x = 9`. LookupError when it is none."""
    left, sign, right, total = _parts(equation)
    if left == "x":
        return int(total) - int(right) if sign == "+" else int(total) + int(right)
    return int(total) - int(left) if sign == "+" else int(left) - int(total)


def _parts(problem: str) -> tuple[str, str, str, str]:
    found = _TERM.fullmatch(problem.strip())
    if found is None:
        raise LookupError(f"“{problem}” is no sum")
    left, sign, right, total = found.groups()
    return left, sign, right, total or ""


def _problem(screen: Screen) -> str:
    return first(below(screen), lambda e: _TERM.fullmatch(e.name.strip()) is not None, "problem").name


def _simple_arithmetic(screen: Screen, values: Values) -> Steps:
    answer = result(_problem(screen))
    screen = yield enter(one(screen, "textbox"), str(answer), near(answer))
    yield press(screen, "Submit")


def _simple_algebra(screen: Screen, values: Values) -> Steps:
    answer = unknown(_problem(screen))
    screen = yield enter(one(screen, "textbox"), str(answer), near(answer))
    yield press(screen, "Submit")


def _numbers(elements: Sequence[Element]) -> list[Element]:
    return [element for element in elements if _NUMBER.fullmatch(element.name)]


def _find_greatest(screen: Screen, values: Values) -> Steps:
    cards = _numbers(every(screen, "generic"))
    screen = yield tap(max(cards, key=lambda card: int(card.name)), among=cards)
    yield press(screen, "Submit")


def _odd_or_even(screen: Screen, values: Values) -> Steps:
    odd = [button for button in every(screen, "button") if button.name == "Odd"]
    even = [button for button in every(screen, "button") if button.name == "Even"]
    numbers = _numbers(below(screen))
    for number, pair in zip(numbers, zip(odd, even, strict=True), strict=True):
        screen = yield tap(pair[int(number.name) % 2 == 0], among=pair)
    yield press(screen, "Submit")


def _ascending_numbers(screen: Screen, values: Values) -> Steps:
    """After the first tap the numbers are hidden; one has to remember where they were."""
    numbers = sorted(_numbers(below(screen)), key=lambda e: int(e.name))
    if len(numbers) != 5:
        raise LookupError("there are not five numbers on the screen")
    yield tap(numbers[0])
    points = [number.box.center for number in numbers]
    for place in range(1, len(points)):
        later = points[place + 1 :]
        yield Move(Tap(point=points[place]), tuple(Tap(point=point) for point in later))


def halve(low: int, high: int, guess: int, said: str) -> tuple[int, int]:
    """What is left of a range of numbers after a guess and `The number is lower than` or `higher than`."""
    return (low, guess - 1) if "lower" in said else (guess + 1, high)


def _guess_number(screen: Screen, values: Values) -> Steps:
    low, high, said = 0, 9, ""
    while low <= high:
        guess = (low + high) // 2
        screen = yield enter(one(screen, "spinbutton"), str(guess))
        screen = yield press(screen, "Submit")
        if ended(screen):
            return
        hint = " ".join(e.name for e in below(screen) if e.role == "text")
        if hint == said or ("lower" not in hint and "higher" not in hint):
            raise LookupError("the page has not answered the guess")
        said = hint
        low, high = halve(low, high, guess, said)


def fits(number: int, words: str) -> bool:
    """Whether a number is as the words of the page say: `less than 7`, `an odd number`."""
    bound = _NUMBER.search(words)
    if bound is not None:
        limit = int(bound.group())
        return number < limit if "less" in words else number > limit
    return number % 2 == (1 if "odd" in words else 0)


def _generate_number(screen: Screen, values: Values) -> Steps:
    while True:
        screen = yield press(screen, "Generate")
        shown = _numbers(below(screen))
        if shown and fits(int(shown[0].name), values["kind"]):
            break
    yield press(screen, "Submit")


SUM_TASKS = (
    solved_task(
        "simple-arithmetic",
        r"Solve the math problem and type your answer into the textbox\. Press submit when done\.",
        _simple_arithmetic,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "simple-algebra",
        r"Solve for x and type your answer into the textbox\. Press Submit when done\.",
        _simple_algebra,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "find-greatest",
        r"Find and pick the card with the greatest number, then press submit\.",
        _find_greatest,
        ("wrong_choice", "unsaved"),
    ),
    solved_task(
        "odd-or-even",
        r"Mark the numbers below as odd or even and press submit when done\.",
        _odd_or_even,
        ("wrong_choice", "unsaved"),
    ),
    solved_task(
        "ascending-numbers",
        r"Click on the numbers in ascending order\.",
        _ascending_numbers,
        ("wrong_choice", "unfinished"),
    ),
    solved_task(
        "guess-number",
        r"Guess the number between 0-9 and press Submit\. Use the feedback below to find the right number\.",
        _guess_number,
        ("unsaved",),
        cut=2,
    ),
    solved_task(
        "generate-number",
        r"Generate (?P<kind>.+), then press submit\.",
        _generate_number,
        ("unsaved",),
    ),
)
