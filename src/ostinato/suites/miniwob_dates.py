"""Pages with a calendar: go to the month, tap the day; and the flights, where that is one of four steps."""

from __future__ import annotations

import calendar
import re
from collections.abc import Generator

from ostinato.suites.miniwob_screen import enter, every, first, one, press, tap
from ostinato.suites.miniwob_solver import Move, Steps, solved_task
from ostinato.suites.task import Values
from ostinato.trace.screen import Element, Screen

_MONTHS = list(calendar.month_name)


def month_shown(screen: Screen) -> tuple[int, int]:
    """Year and month of the open calendar. LookupError when none is open."""
    month = first(every(screen, "text"), lambda e: e.name in _MONTHS[1:], "calendar")
    texts = every(screen, "text")
    year = first(texts[texts.index(month) :], lambda e: re.fullmatch(r"\d{4}", e.name) is not None, "year")
    return int(year.name), _MONTHS.index(month.name)


def _pick_day(screen: Screen, date: str) -> Generator[Move, Screen, Screen]:
    """From an open calendar to the day tapped."""
    month, day, year = (int(part) for part in date.split("/"))
    while True:
        shown = month_shown(screen)
        if shown == (year, month):
            break
        screen = yield tap(one(screen, "link", "Prev" if shown > (year, month) else "Next"))
        if month_shown(screen) == shown:
            raise LookupError("the calendar still shows the same month")
    days = [e for e in every(screen, "link") if e.name.isdigit()]
    wanted = first(days, lambda e: e.name == str(day), f"day {day}")
    screen = yield tap(wanted, among=days)
    return screen


def _closed(screen: Screen) -> None:
    if any(e.name in _MONTHS[1:] for e in every(screen, "text")):
        raise LookupError("the calendar is still open")


def _choose_date(screen: Screen, values: Values) -> Steps:
    screen = yield tap(one(screen, "textbox", id="datepicker"))
    screen = yield from _pick_day(screen, values["date"])
    _closed(screen)
    yield press(screen, "Submit")


def minutes(duration: str) -> int:
    """303 for `5h 3m`. LookupError when it is no duration."""
    found = re.fullmatch(r"(\d+)h (\d+)m", duration)
    if found is None:
        raise LookupError(f"“{duration}” is no duration")
    return int(found.group(1)) * 60 + int(found.group(2))


def _is_duration(element: Element) -> bool:
    return re.fullmatch(r"\d+h \d+m", element.name) is not None


def _price(element: Element) -> int:
    return int(element.name.rpartition("$")[2])


def tickets(screen: Screen) -> list[tuple[int, int, Element]]:
    """Minutes, dollars and what is pressed to buy, of each offer from the top."""
    found: list[tuple[int, int, Element]] = []
    duration: int | None = None
    for element in screen.elements:
        if _is_duration(element):
            duration = minutes(element.name)
        elif re.search(r"\$\d+$", element.name) and duration is not None:
            found.append((duration, _price(element), element))
            duration = None
    if not found:
        raise LookupError("there are no offers on the screen")
    return found


def best(offers: list[tuple[int, int, Element]], kind: str) -> Element:
    """The offer of a kind: `shortest`, `longest duration`, `cheapest`, `most expensive cost`."""
    by_time = "duration" in kind or kind == "shortest"
    ranked = sorted(offers, key=lambda offer: offer[0] if by_time else offer[1])
    return ranked[0 if kind.startswith(("shortest", "cheapest")) else -1][2]


def _buy_ticket(screen: Screen, values: Values) -> Steps:
    offers = tickets(screen)
    yield tap(best(offers, values["kind"]), among=[offer[2] for offer in offers])


def _book_flight(screen: Screen, values: Values) -> Steps:
    for field, text in (("flight-from", values["start"]), ("flight-to", values["end"])):
        screen = yield enter(one(screen, "textbox", id=field), text)
        option = first(
            screen.elements,
            lambda e, text=text: e.name.startswith(f"{text} (") or e.name.endswith(f"({text})"),  # type: ignore[misc]
            f"suggestion for {text}",
        )
        screen = yield tap(option)
        if one(screen, "textbox", id=field).value != option.name:
            raise LookupError("the suggestion has not been taken")
    screen = yield tap(one(screen, "textbox", id="datepicker"))
    screen = yield from _pick_day(screen, values["date"])
    _closed(screen)
    screen = yield press(screen, "Search")
    offers = tickets(screen)
    yield tap(best(offers, values["kind"]), among=[offer[2] for offer in offers])


_DATE = r"Select (?P<date>\d\d/\d\d/\d{4}) as the date and hit submit\."
_TICKET = r"Buy the ticket with the (?P<kind>[\w ]+)\."
_FLIGHT = (
    r"Book the (?P<kind>shortest|cheapest) one-way flight from: (?P<start>.+) to: (?P<end>.+) on "
    r"(?P<date>\d\d/\d\d/\d{4})\."
)

DATE_TASKS = (
    solved_task("choose-date", _DATE, _choose_date, ("wrong_choice", "unsaved")),
    solved_task("choose-date-medium", _DATE, _choose_date, ("wrong_choice", "unsaved")),
    solved_task("choose-date-nodelay", _DATE, _choose_date, ("wrong_choice", "unsaved")),
    solved_task(
        "buy-ticket", r"Buy the ticket with the (?P<kind>[\w ]+)\.", _buy_ticket, ("wrong_choice", "unfinished")
    ),
    solved_task("book-flight", _FLIGHT, _book_flight, ("wrong_choice", "unfinished")),
    solved_task("book-flight-nodelay", _FLIGHT, _book_flight, ("wrong_choice", "unfinished")),
)
