"""What is drawn, told by picking: an application of our own on a real bus says that all of it is visible."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_atspi import EDITABLE, SENSITIVE, VISIBLE, FakeApplication, Widget
from PIL import Image

from ostinato.errors import PageHung, PhoneError
from ostinato.phone.linux.accessible import Accessible
from ostinato.phone.linux.atspi import AtSpi
from ostinato.phone.linux.look import LinuxLook, read_windows
from ostinato.trace.screen import Box, Element

WINDOW, PANEL, BUTTON, LABEL, ENTRY, PICTURE, LIST, ROW, SCROLLER = 23, 39, 43, 29, 61, 27, 31, 32, 49
Shows = Callable[..., tuple[FakeApplication, AtSpi]]


@pytest.fixture
def shows(tmp_path: Path) -> Iterator[Shows]:
    """Starts an application with these windows, and a line to it."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("needs dbus-daemon (Debian: dbus)")
    opened: list[FakeApplication | AtSpi] = []

    def start(*windows: Widget, answer_seconds: float = 10.0) -> tuple[FakeApplication, AtSpi]:
        app = FakeApplication(tmp_path, list(windows))
        opened.append(app)
        line = AtSpi(app.address, answer_seconds)
        opened.append(line)
        return app, line

    yield start
    for one in reversed(opened):
        one.close()


def tree(app: FakeApplication, line: AtSpi, number: int = 0) -> Accessible:
    return line.tree(line.windows(app.name)[number])


def look(
    app: FakeApplication, line: AtSpi, picture: Image.Image | None = None, popups: list[Box] | None = None
) -> LinuxLook:
    whole = Box(left=0, top=0, width=390, height=844)
    return read_windows(
        tree(app, line), whole, size=(390, 844), popups=popups or (), picture=(lambda: picture) if picture else None
    )


def named(found: LinuxLook) -> dict[str, Element]:
    return {e.name: e for e in found.elements if e.name}


def button(name: str, box: tuple[int, int, int, int], **more: object) -> Widget:
    label = Widget(LABEL, name, box)
    made = Widget(BUTTON, name, box, [label], margin=5)
    for key, value in more.items():
        setattr(made, key, value)
        if key in ("mapped", "states"):
            setattr(label, key, value)
    return made


def hidden(widget: Widget) -> Widget:
    for inner in widget.walk():
        inner.mapped = False
    return widget


def test_what_is_not_drawn_is_not_listed(shows: Shows) -> None:
    front = Widget(PANEL, box=(0, 47, 390, 750), children=[button("New Alarm", (20, 100, 90, 30))])
    back = hidden(Widget(PANEL, box=(0, 47, 390, 750), children=[button("Add World Clock", (138, 492, 114, 24))]))
    app, line = shows(Widget(WINDOW, "Clocks", children=[Widget(PANEL, children=[back, front])]))
    found = named(look(app, line))
    assert set(found) == {"New Alarm"} and found["New Alarm"].reachable


def test_the_pages_of_a_stack_that_lie_behind_are_not_asked_about(shows: Shows) -> None:
    rows = [button(f"Row {k}", (20, 60 + 20 * k, 300, 18)) for k in range(30)]
    back = hidden(Widget(PANEL, box=(0, 47, 390, 750), children=rows))
    front = Widget(PANEL, box=(0, 47, 390, 750), children=[Widget(LABEL, "In front", (0, 47, 390, 700))])
    app, line = shows(Widget(WINDOW, children=[Widget(PANEL, children=[front, back])]))
    found = tree(app, line)
    assert [n.name for n in found.walk() if n.role == LABEL] == ["In front"]
    assert app.calls.count("GetExtents") < 12


def test_a_button_that_is_a_picture_is_listed_by_its_hint(shows: Shows) -> None:
    picture = Widget(PICTURE, "", (11, 11, 24, 24), told=False)
    plus = Widget(BUTTON, "GtkImage", (11, 11, 24, 24), [picture], description="New Alarm [Ctrl+N]", margin=5)
    app, line = shows(Widget(WINDOW, children=[Widget(PANEL, children=[plus])]))
    found = named(look(app, line))
    assert found["New Alarm"].reachable and found["New Alarm"].role == "button"


def unsure(drawn: bool) -> tuple[Widget, Image.Image]:
    """A button without a margin, filled by a part that is not told of, on a ground that is not told of either."""
    part = Widget(PICTURE, "", (100, 100, 60, 40), told=False, mapped=drawn)
    clear = Widget(BUTTON, "GtkImage", (100, 100, 60, 40), [part], description="Clear", mapped=drawn)
    ground = Widget(PANEL, "", (0, 0, 390, 844), told=False)
    picture = Image.new("RGB", (390, 844), "#f0f0f0")
    if drawn:
        picture.paste((20, 20, 20), (120, 110, 140, 130))
    return Widget(WINDOW, children=[ground, clear]), picture


def test_what_picking_cannot_tell_is_looked_at(shows: Shows) -> None:
    window, picture = unsure(drawn=True)
    app, line = shows(window)
    assert named(look(app, line, picture))["Clear"].reachable


def test_where_nothing_is_to_be_seen_nothing_is_listed(shows: Shows) -> None:
    window, picture = unsure(drawn=False)
    app, line = shows(window)
    assert "Clear" not in named(look(app, line, picture))


def test_what_is_covered_is_listed_and_cannot_be_touched(shows: Shows) -> None:
    below, above = button("Below", (20, 100, 90, 30)), button("Above", (0, 90, 200, 60))
    app, line = shows(Widget(WINDOW, children=[Widget(PANEL, children=[below, above])]))
    found = named(look(app, line))
    assert (found["Below"].reachable, found["Above"].reachable) == (False, True)


def test_what_is_disabled_is_listed_as_such(shows: Shows) -> None:
    today, add = button("Today", (15, 809, 66, 24), states=VISIBLE), button("Add", (355, 809, 24, 24))
    picture = Image.new("RGB", (390, 844), "white")
    picture.paste((90, 90, 90), (20, 812, 60, 830))
    app, line = shows(Widget(WINDOW, children=[Widget(PANEL, box=(0, 800, 390, 44), children=[today, add])]))
    found = named(look(app, line, picture))
    assert (found["Today"].enabled, found["Add"].enabled) == (False, True)


def test_what_is_disabled_on_a_page_behind_is_not_listed(shows: Shows) -> None:
    back = hidden(Widget(PANEL, box=(0, 47, 390, 100), children=[button("Week", (20, 60, 90, 30), states=VISIBLE)]))
    front = Widget(PANEL, box=(0, 147, 390, 100), children=[button("Month", (20, 160, 90, 30))])
    picture = Image.effect_noise((390, 844), 80).convert("RGB")
    app, line = shows(Widget(WINDOW, children=[Widget(PANEL, children=[Widget(PANEL, children=[back]), front])]))
    assert set(named(look(app, line, picture))) == {"Month"}


def test_a_field_has_its_text_and_its_hint(shows: Shows) -> None:
    states = VISIBLE | SENSITIVE | EDITABLE
    inner = Widget(LABEL, "", (20, 100, 200, 30), told=False)
    entry = Widget(ENTRY, "note", (20, 100, 200, 30), [inner], text="kept – 東京", states=states, margin=3)
    app, line = shows(Widget(WINDOW, children=[Widget(PANEL, children=[entry])]))
    note = named(look(app, line))["note"]
    assert (note.value, note.placeholder, note.editable, note.role) == ("kept – 東京", "hint", True, "textbox")


def test_a_menu_lies_where_its_surface_is(shows: Shows) -> None:
    entry = Widget(35, "Help", (20, 60, 100, 20))
    content = Widget(20, "GtkPopoverContent", (10, 50, 120, 40), [entry])
    menu = Widget(33, "GtkPopoverMenu", (10, 50, 120, 40), [content])
    app, line = shows(Widget(WINDOW, children=[Widget(PANEL, children=[button("Under", (200, 60, 90, 30)), menu])]))
    opened = look(app, line, popups=[Box(left=260, top=400, width=120, height=40)])
    found = named(opened)
    assert opened.popup and found["Help"].box == Box(left=270, top=410, width=100, height=20)
    assert (found["Help"].reachable, found["Under"].reachable) == (True, False)
    closed = look(app, line)
    assert not closed.popup and "Help" not in named(closed) and named(closed)["Under"].reachable


def test_an_application_that_does_not_answer_is_an_error(shows: Shows) -> None:
    app, line = shows(Widget(WINDOW), answer_seconds=0.3)
    window = line.windows(app.name)[0]
    app.silent = True
    with pytest.raises(PageHung, match="did not answer"):
        line.tree(window)


def test_a_window_that_is_gone_is_an_error(shows: Shows) -> None:
    app, line = shows(Widget(WINDOW, "First"), Widget(16, "Second"))
    second = line.windows(app.name)[1]
    app.windows.pop()
    with pytest.raises(PhoneError, match="“Second” is gone"):
        line.tree(second)


def test_a_closed_line_answers_no_more(shows: Shows) -> None:
    _, line = shows(Widget(WINDOW))
    line.close()
    line.close()
    with pytest.raises(PhoneError, match="switched off"):
        line.applications()


def test_the_form_of_qt_is_read_as_that_of_gtk(shows: Shows) -> None:
    app, line = shows(Widget(WINDOW, "Main", children=[button("Add", (0, 0, 100, 40))]))
    as_gtk = look(app, line)
    app.form = "qt"
    assert look(app, line).elements == as_gtk.elements and "Add" in named(as_gtk)


def test_a_form_that_nobody_knows_is_an_error_of_the_phone(shows: Shows) -> None:
    app, line = shows(Widget(WINDOW, "Main", children=[button("Add", (0, 0, 100, 40))]))
    app.form = "odd"
    with pytest.raises(PhoneError, match="2 parts"):
        tree(app, line)
