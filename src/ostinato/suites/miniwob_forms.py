"""Forms: fields found by their place, dates and times in another form than the words give, buttons in an order."""

from __future__ import annotations

import re

from ostinato.suites.miniwob_screen import enter, every, first, one, ordinal, press, scroll, shows, tap
from ostinato.suites.miniwob_solver import Move, Steps, solved_task
from ostinato.suites.task import Values
from ostinato.trace.action import Tap
from ostinato.trace.screen import Box, Element, Point, Screen


def iso_date(date: str) -> str:
    """2012-09-10 for `09/10/2012`, as a native date field takes it."""
    month, day, year = date.split("/")
    return f"{year}-{month}-{day}"


def day_time(time: str) -> str:
    """20:22 for `8:22 PM`, as a native time field takes it."""
    found = re.fullmatch(r"(\d+):(\d\d)\s(AM|PM)", time)
    if found is None:
        raise LookupError(f"“{time}” is no time of day")
    hour = int(found.group(1)) % 12 + (12 if found.group(3) == "PM" else 0)
    return f"{hour:02}:{found.group(2)}"


def _enter_date(screen: Screen, values: Values) -> Steps:
    date = iso_date(values["date"])
    year, month, day = date.split("-")
    others = (f"{int(year) + 1}-{month}-28", f"{year}-{month}-{int(day) % 28 + 1:02}")
    screen = yield enter(one(screen, "textbox", id="tt"), date, others)
    yield press(screen, "Submit")


def _enter_time(screen: Screen, values: Values) -> Steps:
    time = day_time(values["time"])
    hour, minute = time.split(":")
    others = (f"{(int(hour) + 12) % 24:02}:{minute}", f"{hour}:{(int(minute) + 1) % 60:02}")
    screen = yield enter(one(screen, "textbox", id="tt"), time, others)
    yield press(screen, "Submit")


def _login_user_popup(screen: Screen, values: Values) -> Steps:
    """Now and then a question comes up when a field is touched; it is answered with Cancel, and the field filled."""
    for field, text in (("username", values["user"]), ("password", values["password"])):
        if not shows(screen, "Exit to home page?"):
            screen = yield tap(one(screen, "textbox", id=field))
        if shows(screen, "Exit to home page?"):
            screen = yield press(screen, "Cancel")
            if shows(screen, "Exit to home page?"):
                raise LookupError("the question is still asked")
        screen = yield enter(one(screen, "textbox", id=field), text)
    yield tap(one(screen, "button", id="subbtn"))


def _form_sequence_2(screen: Screen, values: Values) -> Steps:
    """The page itself takes any radio button for the right one, so no mutant takes another."""
    screen = yield tap(one(screen, "radio", nth=ordinal(values["radio"])))
    screen = yield enter(one(screen, "textbox", nth=ordinal(values["field"])), values["number"])
    yield press(screen, "Submit")


def _checkboxes(screen: Screen, values: Values) -> Steps:
    wanted = values["names"].split(", ")
    others = [e for e in every(screen, "checkbox") if e.name not in wanted]
    for name in wanted:
        screen = yield tap(one(screen, "checkbox", name), among=others)
    yield press(screen, "Submit")


def _sign_agreement(screen: Screen, values: Values) -> Steps:
    screen = yield scroll(one(screen, "textbox", id="text-area"), 9000)
    if not one(screen, "textbox", id="name").enabled:
        raise LookupError("one cannot sign yet")
    screen = yield enter(one(screen, "textbox", id="name"), values["name"])
    yield tap(one(screen, "button", values["button"]), among=every(screen, "button"))


_FIELD_HEIGHT = 23  # in the page's own pixels; a field is 21 high, an area 26
_WIDGETS = {"radio": "radio", "checkbox": "checkbox", "text": "textbox", "textarea": "textbox", "button": "button"}


def _click_widget(screen: Screen, values: Values) -> Steps:
    """A text area and a text field have the same role; the area is higher, as people see it."""
    role, kind = _WIDGETS[values["widget"]], values["widget"]
    found = [e for e in every(screen, role) if role != "textbox" or _is_area(e, screen) == (kind == "textarea")]
    others = [e for e in every(screen, *_WIDGETS.values()) if e.role != role]
    yield tap(first(found, lambda e: True, kind), among=others)


def _is_area(field: Element, screen: Screen) -> bool:
    return field.box.height > _FIELD_HEIGHT * screen.scale


def _click_dialog(screen: Screen, values: Values) -> Steps:
    yield press(screen, "Close")


def _click_test(screen: Screen, values: Values) -> Steps:
    yield tap(one(screen, "button"))


def _click_one(screen: Screen, values: Values) -> Steps:
    yield _tap_one(screen)


def _tap_one(screen: Screen) -> Move:
    """The two buttons lie anywhere, also over each other."""
    button, over = one(screen, "button", "ONE"), one(screen, "button", "TWO")
    point = first_free(button.box, over.box)
    return Move(Tap(point=point, element=button), (Tap(point=over.box.center, element=over),))


def first_free(box: Box, over: Box) -> Point:
    """The middle of a box, or a point near a corner of it where another box does not lie over it."""
    parts = ((0.5, 0.5), (0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9))
    points = [Point(x=box.left + box.width * across, y=box.top + box.height * down) for across, down in parts]
    free = [point for point in points if not over.contains(point)]
    if not free:
        raise LookupError("one box lies over all of the other")
    return free[0]


def _button_sequence(screen: Screen, values: Values) -> Steps:
    screen = yield _tap_one(screen)
    yield press(screen, "TWO")


def _focus(screen: Screen, values: Values) -> Steps:
    fields = every(screen, "textbox")
    yield tap(one(screen, "textbox", nth=ordinal(values.get("place", "1st"))), among=fields)


def _grid_coordinate(screen: Screen, values: Values) -> Steps:
    points = every(screen, "graphics-symbol")
    yield tap(one(screen, "graphics-symbol", id=values["point"]), among=points)


FORM_TASKS = (
    solved_task(
        "enter-date",
        r"Enter (?P<date>\d\d/\d\d/\d{4}) as the date and hit submit\.",
        _enter_date,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "enter-time",
        r"Enter (?P<time>\d+:\d\d\s[AP]M) as the time and press submit\.",
        _enter_time,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "login-user-popup",
        r'Enter the username "(?P<user>\w+)" and the password "(?P<password>\w+)" '
        r"into the text fields and press login\.",
        _login_user_popup,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "form-sequence-2",
        r'Check the (?P<radio>\d\w\w) radio button and enter the number "(?P<number>\d+)" into the '
        r"(?P<field>\d\w\w) textbox\.",
        _form_sequence_2,
        ("wrong_value", "unsaved"),
    ),
    solved_task(
        "click-checkboxes-large",
        r"Select (?P<names>.+) and click Submit\.",
        _checkboxes,
        ("wrong_choice", "unsaved"),
    ),
    solved_task(
        "sign-agreement",
        r'Scroll to the bottom of the textarea, enter the name "(?P<name>\w+)" then press "(?P<button>Cancel|Agree)"',
        _sign_agreement,
        ("wrong_value", "wrong_choice", "unsaved"),
    ),
    solved_task(
        "click-widget",
        r'Click on a "(?P<widget>radio|checkbox|text|textarea|button)" widget\.',
        _click_widget,
        ("wrong_choice", "unfinished"),
    ),
    solved_task("click-dialog", r'Close the dialog box by clicking the "x"\.', _click_dialog),
    solved_task("click-test", r"Click the button\.", _click_test),
    solved_task("click-test-2", r"Click button ONE\.", _click_one, ("wrong_choice", "unfinished")),
    solved_task("click-test-transfer", r"Click button ONE\.", _click_one, ("wrong_choice", "unfinished")),
    solved_task(
        "click-button-sequence",
        r"Click button ONE, then click button TWO\.",
        _button_sequence,
        ("wrong_choice", "unfinished"),
    ),
    solved_task("focus-text", r"Focus into the textbox\.", _focus),
    solved_task(
        "focus-text-2",
        r"Focus into the (?P<place>\d\w\w) input textbox\.",
        _focus,
        ("wrong_choice", "unfinished"),
    ),
    solved_task(
        "grid-coordinate",
        r"Click on the grid coordinate (?P<point>\(-?\d,-?\d\))\.",
        _grid_coordinate,
        ("wrong_choice", "unfinished"),
    ),
)
