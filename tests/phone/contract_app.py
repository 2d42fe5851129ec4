"""The app of the contract tests, as a fake Android app; `pages/contract.html` is the same app as a page."""

from __future__ import annotations

from collections.abc import Callable

from fake_android import App, FakePhone, View

COLOURS = ("red", "green", "blue")
LIST = (0, 1040, 1080, 1880)
ROW = 100


class ContractApp(App):
    package = "org.example.contract"

    def __init__(self, phone: FakePhone) -> None:
        super().__init__(phone)
        self.reset()

    def reset(self) -> None:
        self.count, self.log, self.colour, self.victim, self.colours = 0, "nothing yet", "red", True, COLOURS
        self.phone.fields = {self.id("note"): "kept"}
        self.phone.focused, self.phone.offset, self.phone.popup, self.phone.restless = "", 0, None, False

    def id(self, name: str) -> str:
        return f"{self.package}:id/{name}"

    def views(self, activity: str) -> list[View]:
        if activity == ".Second":
            return [View("TextView", (40, 100, 1040, 200), text="Second")]
        self.phone.restless = activity == ".Restless"
        victim = View("Button", (340, 640, 640, 740), text="Victim", does=lambda: self.say("victim"))
        return [
            View("TextView", (40, 70, 1040, 150), text="Contract"),
            View("Button", (40, 160, 300, 260), text="Add", does=self.add),
            View("TextView", (340, 160, 1000, 260), text=f"Count: {self.count}", id=self.id("count")),
            View("EditText", (40, 280, 1040, 380), id=self.id("note"), hint="Write something"),
            View("EditText", (40, 400, 1040, 500), id=self.id("pin"), hint="PIN", password=True),
            View("Spinner", (40, 520, 540, 620), id=self.id("colour"), does=self.open_colours, children=[
                View("TextView", (50, 530, 500, 610), text=self.colour),
            ]),
            View("EditText", (560, 520, 1040, 620), id=self.id("message"), hint="Message", lines=True),
            View("Button", (40, 640, 300, 740), text="Remove", does=self.remove),
            *([victim] if self.victim else []),
            View("Button", (680, 640, 1000, 740), text="Hold", does=lambda: None, held=lambda: self.say("held")),
            View("FrameLayout", (40, 760, 1040, 900), says="Card", id=self.id("card")),
            View("Button", (40, 920, 300, 1020), text="Next", does=self.next),
            View("TextView", (340, 920, 1040, 1020), text=self.log, id=self.id("log")),
            View("RecyclerView", LIST, scrolls=True, children=self.rows()),
        ]  # fmt: skip

    def rows(self) -> list[View]:
        self.phone.offset = min(self.phone.offset, 40 * ROW - (LIST[3] - LIST[1]))
        found = []
        for k in range(40):
            top = LIST[1] + k * ROW - self.phone.offset
            bounds = (0, max(top, LIST[1]), 1080, min(top + ROW, LIST[3]))
            if bounds[1] < bounds[3]:
                name = View("TextView", (20, bounds[1], 600, bounds[3]), text=f"Row {k + 1}")
                found.append(View("LinearLayout", bounds, does=self.saying(f"row {k + 1}"), children=[name]))
        return found

    def saying(self, words: str) -> Callable[[], None]:
        return lambda: self.say(words)

    def say(self, words: str) -> None:
        self.log = words

    def add(self) -> None:
        self.count += 1

    def remove(self) -> None:
        self.victim = False

    def next(self) -> None:
        self.phone.front.append(f"{self.package}/.Second")

    def open_colours(self) -> None:
        self.phone.offset = 0
        self.phone.popup = self.list_of_colours

    def list_of_colours(self) -> View:
        shown = []
        first = min(self.phone.offset // 80, max(0, len(self.colours) - 4))
        for k, colour in enumerate(self.colours[first : first + 4]):
            bounds = (40, 520 + k * 80, 540, 600 + k * 80)
            option = View("CheckedTextView", bounds, text=colour, checked=colour == self.colour)
            option.does = self.choosing(colour)
            shown.append(option)
        return View("ListView", (40, 520, 540, 840), scrolls=len(self.colours) > 4, children=shown)

    def choosing(self, colour: str) -> Callable[[], None]:
        def choose() -> None:
            self.colour, self.phone.popup = colour, None

        return choose

    def swiped(self, right: int, down: int) -> None:
        if abs(right) > abs(down):
            self.say("swiped left" if right < 0 else "swiped right")

    def entered(self, id: str) -> None:
        self.say(f"sent: {self.phone.fields.get(id, '')}")
