"""Days and times in the writings of people and apps: read, compared, written again."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.trace.moments import as_clock, as_day, clocks_in, days_in, rewritten, writing_of
from ostinato.trace.values import canonical, holds_value, same_text, same_value

DAY_WRITINGS = ["2026-05-03", "2026/05/03", "3 May 2026", "3 Feb 2026", "May 3, 2026", "Feb 3, 2026", "03.05.2026"]
CLOCK_WRITINGS = ["14:30", "4:30", "2:30 pm", "2:30 PM", "02:30 PM", "2:30pm", "2:30PM"]

days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
clocks = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(days, st.sampled_from(DAY_WRITINGS))
def test_a_day_in_any_writing_is_that_day(day: date, writing: str) -> None:
    text = rewritten(day.isoformat(), writing)
    assert as_day(text) == day and same_value(text, day.isoformat()) and same_text(text, day.isoformat())
    assert canonical(text) == day.isoformat()
    assert rewritten(text, "2026-05-03") == day.isoformat()
    assert [found for _, found in days_in(f"From {text}, or so (not 1.2.3)")] == [day]
    assert holds_value(f"due {text}.", day.isoformat())
    named = writing_of([text])
    assert named is not None and rewritten(day.isoformat(), named) == text


@given(clocks, st.sampled_from(CLOCK_WRITINGS))
def test_a_time_in_any_writing_is_that_time(clock: time, writing: str) -> None:
    text = rewritten(f"{clock:%H:%M}", writing)
    assert as_clock(text) == clock and same_value(text, f"{clock:%H:%M}")
    assert [found for _, found in clocks_in(f"at {text}, sharp")] == [clock]
    assert writing_of([text]) is not None


@given(days, days)
def test_two_days_are_never_the_same_value(one: date, other: date) -> None:
    assert same_value(rewritten(one.isoformat(), "3 May 2026"), other.isoformat()) == (one == other)


@pytest.mark.parametrize(
    "text",
    ["03/05/2026", "30 Feb 2026", "2026-02-30", "May 2026", "3 May", "1.2.3", "13.13.2026", "2026", "", "x" * 99],
)
def test_what_is_no_day_or_could_be_two_is_none(text: str) -> None:
    assert as_day(text) is None


@pytest.mark.parametrize(("text", "day"), [("25/12/2026", 25), ("12/25/2026", 25), ("3rd of May 2026", None)])
def test_with_slashes_only_what_can_be_one_day_only(text: str, day: int | None) -> None:
    found = as_day(text)
    assert (found.day if found else None) == day


@pytest.mark.parametrize("text", ["25:00", "13:00 pm", "0:30 pm", "7:4", "1:2:3", "14.30", "pm"])
def test_what_is_no_time_of_day_is_none(text: str) -> None:
    assert as_clock(text) is None


def test_a_writing_is_one_that_all_are_in() -> None:
    assert writing_of(["3.5.2026", "13.10.2026"]) == "3.5.2026"
    assert writing_of(["03.05.2026", "13.10.2026"]) == "03.05.2026"
    assert writing_of(["3 May 2026", "3 June 2026"]) == "3 May 2026"
    assert writing_of(["3 May 2026", "2026-05-03"]) is None
    assert writing_of(["25/12/2026"]) == "dd/mm/yyyy" and writing_of(["12/25/2026"]) == "mm/dd/yyyy"
    assert writing_of(["05/05/2026"]) is None, "either order"
    assert writing_of(["tea"]) is None and writing_of([]) is None


def test_seconds_are_never_lost() -> None:
    assert rewritten("14:30:15", "14:30") == "14:30:15"
    assert rewritten("tea", "2026-05-03") == "tea" and rewritten("14:30", "2026-05-03") == "14:30"
