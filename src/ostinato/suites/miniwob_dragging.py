"""Pages with sliders, and with things that are dragged: to a place in a list, into a box, in a direction."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

from ostinato.suites.miniwob_screen import drag, every, first, one, ordinal, press, tap
from ostinato.suites.miniwob_solver import Move, Steps, solved_task
from ostinato.suites.task import Values
from ostinato.trace.action import Drag, Key, Tap
from ostinato.trace.screen import Box, Element, Point, Screen

_EDGE = 3.0  # pixels of the screen from the end of a slider


def _sliders(screen: Screen) -> list[Element]:
    return [e for e in every(screen, "generic") if (e.id or "").startswith("slider")]


def _value(screen: Screen, nth: int) -> int:
    """The number beside a slider: the first after it."""
    slider = _sliders(screen)[nth]
    place = screen.elements.index(slider)
    return int(first(screen.elements[place + 1 :], lambda e: re.fullmatch(r"-?\d+", e.name) is not None, "value").name)


def along(box: Box, part: float) -> Point:
    """A point on a slider, `part` of the way from its lowest value: from the left, or from the bottom."""
    if box.width >= box.height:
        return Point(x=box.left + _EDGE + (box.width - 2 * _EDGE) * part, y=box.center.y)
    return Point(x=box.center.x, y=box.top + box.height - _EDGE - (box.height - 2 * _EDGE) * part)


def _slide(screen: Screen, nth: int, wanted: int) -> Generator[Move, Screen, Screen]:
    """Touch both ends to learn how far it goes, then about the place, then the arrow keys."""

    def touch(part: float) -> Move:
        slider = _sliders(screen)[nth]
        return Move(Tap(point=along(slider.box, part), element=slider))

    screen = yield touch(0.0)
    low = _value(screen, nth)
    screen = yield touch(1.0)
    high = _value(screen, nth)
    if not low <= wanted <= high or low == high:
        raise LookupError(f"the slider goes from {low} to {high}, not to {wanted}")
    if wanted != high:
        screen = yield touch((wanted - low) / (high - low))
    while _value(screen, nth) != wanted:
        before = _value(screen, nth)
        screen = yield Move(Key(key="ArrowRight" if before < wanted else "ArrowLeft"))
        if _value(screen, nth) == before:
            raise LookupError("the slider has not moved")
    return screen


def _use_slider(screen: Screen, values: Values) -> Steps:
    screen = yield from _slide(screen, 0, int(values["number"]))
    yield press(screen, "Submit")


def _use_slider_2(screen: Screen, values: Values) -> Steps:
    for number, key in enumerate(("first", "second", "third")):
        screen = yield from _slide(screen, number, int(values[key]))
    yield press(screen, "Submit")


def _form_sequence(screen: Screen, values: Values) -> Steps:
    screen = yield from _slide(screen, 0, int(values["number"]))
    boxes = every(screen, "checkbox")
    screen = yield tap(boxes[ordinal(values["place"]) - 1], among=boxes)
    yield press(screen, "Submit")


def _items(screen: Screen) -> list[Element]:
    return every(screen, "listitem")


def _names(screen: Screen) -> list[str]:
    return [screen.text_of(item) for item in _items(screen)]


def _to_place(screen: Screen, start: int, end: int, others: Sequence[int] = ()) -> Move:
    """Drag the item at one place to another. Beyond its middle, or the two do not change places."""
    items = _items(screen)

    def at(place: int) -> Point:
        box, own = items[place].box, items[start].box
        dx, dy = box.center.x - own.center.x, box.center.y - own.center.y
        return Point(x=box.center.x + _sign(dx) * box.width * 0.2, y=box.center.y + _sign(dy) * box.height * 0.2)

    return drag(items[start], at(end), [at(other) for other in others if other not in (start, end)])


def _sign(number: float) -> int:
    return 0 if abs(number) < 1 else 1 if number > 0 else -1


def place_in_list(start: int, words: str, count: int) -> int:
    """Where an item of a list ends, from 0: `to the top`, `up by one position`, `to the 3rd position`."""
    steps = {"up by one position": start - 1, "down by one position": start + 1}
    ends = {"to the top": 0, "to the bottom": count - 1}
    return {**steps, **ends}[words] if words in {**steps, **ends} else ordinal(words.removeprefix("to the ")) - 1


# In a grid an item that is drawn slantwise pushes others about on its way, so only straight ways are taken.
_IN_GRID = {"up": -3, "down": 3, "left": -1, "right": 1}


def _drag_items(screen: Screen, values: Values) -> Steps:
    names = _names(screen)
    start = _index(names, values["item"])
    yield _to_place(screen, start, place_in_list(start, values["place"], len(names)), range(len(names)))


def _drag_items_grid(screen: Screen, values: Values) -> Steps:
    names = _names(screen)
    start = _index(names, values["item"])
    yield _to_place(screen, start, start + _IN_GRID[values["way"]], range(len(names)))


def _index(names: Sequence[str], name: str) -> int:
    if name not in names:
        raise LookupError(f"{name} is not in the list")
    return names.index(name)


def _sort_numbers(screen: Screen, values: Values) -> Steps:
    while True:
        numbers = [int(name) for name in _names(screen)]
        wanted = sorted(numbers)
        if numbers == wanted:
            break
        end = next(place for place, number in enumerate(wanted) if numbers[place] != number)
        screen = yield _to_place(screen, numbers.index(wanted[end], end), end)
        if [int(name) for name in _names(screen)] == numbers:
            raise LookupError("nothing has changed its place")
    yield press(screen, "Submit")


def _drag_box(screen: Screen, values: Values) -> Steps:
    """Where the large box lies over the small one, it is the large one that can be moved."""
    small, large = one(screen, "generic", id="draggableSmall"), one(screen, "generic", id="draggableLarge")
    moved, still = (small, large) if small.reachable else (large, small)
    area = screen.height
    away = Point(x=still.box.center.x, y=min(still.box.center.y + 2 * large.box.height, area - 5.0))
    screen = yield drag(moved, still.box.center, [away])
    yield press(screen, "Submit")


_FAR = 60.0
_DIRECTIONS = {"left": (-_FAR, 0.0), "right": (_FAR, 0.0), "up": (0.0, -_FAR), "down": (0.0, _FAR)}


def _drag_shape(screen: Screen, values: Values) -> Steps:
    shape = one(screen, "graphics-symbol")
    middle = shape.box.center
    points = {word: Point(x=middle.x + dx, y=middle.y + dy) for word, (dx, dy) in _DIRECTIONS.items()}
    others = {"left": "right", "right": "left", "up": "down", "down": "up"}
    way = values["way"]
    screen = yield drag(shape, points[way], [points[others[way]]])
    yield press(screen, "Submit")


def _mark_text(paragraph: Element) -> Move:
    """Draw over a paragraph from its first letter to behind the last."""
    box = paragraph.box
    begin = Point(x=box.left + 1, y=box.top + 8)
    return Move(Drag(start=begin, end=Point(x=box.left + box.width + 6, y=box.top + box.height - 6)))


def _highlight(screen: Screen, values: Values) -> Steps:
    paragraphs = every(screen, "text")[1:]
    nth = ordinal(values.get("place", "1st")) - 1
    move = _mark_text(paragraphs[nth])
    others = [_mark_text(e).action for e in paragraphs if e is not paragraphs[nth]]
    screen = yield Move(move.action, tuple(others))
    yield press(screen, "Submit")


def _resize(screen: Screen, values: Values) -> Steps:
    box = one(screen, "textbox", id="tt").box
    corner = Point(x=box.left + box.width - 6, y=box.top + box.height - 6)
    far = 40.0 if values["how"] == "larger" else -40.0
    across, down = (far, 0.0) if values["side"] == "width" else (0.0, far)
    ends = [Point(x=corner.x + sign * across, y=corner.y + sign * down) for sign in (1, -1)]
    screen = yield Move(Drag(start=corner, end=ends[0]), (Drag(start=corner, end=ends[1]),))
    yield press(screen, "Submit")


_NUMBER = r"(?P<number>-?\d+)"

DRAGGING_TASKS = (
    solved_task("use-slider", rf"Select {_NUMBER} with the slider and hit Submit\.", _use_slider, ("unsaved",)),
    solved_task(
        "use-slider-2",
        r"Set the sliders to the combination \[(?P<first>\d+),(?P<second>\d+),(?P<third>\d+)\] and submit\.",
        _use_slider_2,
        ("unsaved",),
    ),
    solved_task(
        "form-sequence",
        rf"Select {_NUMBER} with the slider, click the (?P<place>\d\w\w) checkbox, then hit Submit\.",
        _form_sequence,
        ("wrong_choice", "unsaved"),
    ),
    solved_task(
        "drag-items",
        r"Drag (?P<item>\w+) (?P<place>to the top|to the bottom|(?:up|down) by one position|to the \d\w\w position)\.",
        _drag_items,
        ("wrong_choice", "unfinished"),
    ),
    solved_task(
        "drag-items-grid",
        r"Drag (?P<item>\w+) (?P<way>up|down|left|right) by one\.",
        _drag_items_grid,
        ("wrong_choice", "unfinished"),
    ),
    solved_task(
        "drag-sort-numbers",
        r"Sort the numbers in increasing order, starting with the lowest number at the top of the list\.",
        _sort_numbers,
        ("unsaved",),
    ),
    solved_task(
        "drag-box",
        r"Drag the smaller box so that it is completely inside the larger box\.",
        _drag_box,
        ("wrong_choice", "unsaved"),
    ),
    solved_task(
        "drag-circle",
        r"Drag the circle (?P<way>left|right|up|down) then press Submit\.",
        _drag_shape,
        ("wrong_choice", "unsaved"),
    ),
    solved_task(
        "drag-single-shape",
        r"Drag the item (?P<way>left|right|up|down) then press Submit\.",
        _drag_shape,
        ("wrong_choice", "unsaved"),
    ),
    solved_task(
        "highlight-text",
        r"Highlight the text in the paragraph below and click submit\.",
        _highlight,
        ("unsaved",),
    ),
    solved_task(
        "highlight-text-2",
        r"Highlight the text in the (?P<place>\d\w\w) paragraph and click submit\.",
        _highlight,
        ("wrong_choice", "unsaved"),
    ),
    solved_task(
        "resize-textarea",
        r"Resize the textarea so that the (?P<side>height|width) is (?P<how>larger|smaller) than its initial size "
        r"then press Submit\.",
        _resize,
        ("wrong_choice", "unsaved"),
    ),
)
