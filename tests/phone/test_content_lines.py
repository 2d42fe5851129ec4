"""Lines of vCards and iCalendar files: folded, escaped, nested, damaged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ostinato.phone.apps.content_lines import parts, read_components, unescaped

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=120)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str, width: int) -> str:
    return "\r\n ".join(line[k : k + width] for k in range(0, len(line), width))


@given(TEXTS, st.integers(5, 75))
def test_a_text_survives_escapes_and_folding(text: str, width: int) -> None:
    lines = ["BEGIN:VCARD", folded(f"NOTE;LANGUAGE=en:{escaped(text)}", width), "END:VCARD"]
    [card] = read_components("\r\n".join(lines))
    assert card.text("NOTE") == text


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_the_parts_of_a_name_are_told_apart(names: list[str]) -> None:
    assert parts(";".join(escaped(name) for name in names)) == names


def test_components_lie_in_each_other() -> None:
    text = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nSUMMARY:Lunch\\, late\n"
        'DTSTART;TZID="Europe/Rome";VALUE=DATE:20260301\nBEGIN:VALARM\nSUMMARY:ring\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR'
    )
    [calendar] = read_components(text)
    [event] = calendar.parts
    start = event.first("DTSTART")
    assert (event.kind, event.text("SUMMARY"), [p.kind for p in event.parts]) == ("VEVENT", "Lunch, late", ["VALARM"])
    assert start is not None and start.parameters == {"TZID": "Europe/Rome", "VALUE": "DATE"}


def test_groups_and_small_letters_are_the_same_property() -> None:
    [card] = read_components("begin:vcard\nitem1.tel;type=cell:+1\nend:vcard")
    assert [(line.name, line.parameters, line.text) for line in card.all("TEL")] == [("TEL", {"TYPE": "cell"}, "+1")]


def test_an_end_that_is_missing_is_at_the_end() -> None:
    [card] = read_components("nonsense\nBEGIN:VCARD\nFN:Ada\n: empty\nEND:OTHER")
    assert card.text("FN") == "Ada"


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    read_components(text)
    unescaped(text)
