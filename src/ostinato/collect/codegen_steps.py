"""What a Playwright script does on its pages, call by call, as steps for a phone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ostinato.phone.web.named import Call, Chain

_KINDS = {
    "click": "tap", "tap": "tap", "dblclick": "double_tap", "fill": "type", "type": "append",
    "press_sequentially": "append", "clear": "type", "press": "key", "check": "check", "uncheck": "uncheck",
    "select_option": "select_value", "drag_to": "drag",
}  # fmt: skip
_WITHOUT_EFFECT = frozenset({
    "hover", "focus", "blur", "highlight", "wait_for", "scroll_into_view_if_needed", "wait_for_load_state",
    "wait_for_timeout", "wait_for_url", "wait_for_selector", "set_viewport_size", "set_default_timeout",
    "set_default_navigation_timeout", "bring_to_front", "pause", "screenshot", "route_from_har",
})  # fmt: skip
_IGNORED_OPTIONS = frozenset({"timeout", "force", "no_wait_after", "wait_until", "referer"})
_PRESSED = frozenset({"button", "link", "checkbox", "radio", "switch", "tab", "menuitem", "option"})
_BODY = (Call("locator", ("body",)),)
_SECRET = "OSTINATO_SECRET_"
_START = "START_URL"
_LONG = 500  # milliseconds from which a click is a long press


class NotUnderstood(Exception):
    """A call that cannot be imported; its text says why."""


@dataclass(frozen=True)
class Line:
    """One step, and the line it stands on. `kind` is that of an action, or `append` (typing that clears nothing),
    `check`, `uncheck`, `select_value` (by an option's value or label), `enter` (type, then Enter), `secret` (type
    the secret that `text` names), `start` (the first address), `dialog` (answer one, if there is one). An `optional`
    step is passed over when its target is not there; `answer` is what the script says to every dialog that is in its
    way (in the way of the end, for the last line)."""

    number: int
    kind: str
    text: str = ""
    target: Chain = ()
    destination: Chain = ()
    optional: bool = False
    answer: str = ""


@dataclass(frozen=True)
class Page:
    number: int


@dataclass(frozen=True)
class Place:
    """A locator: its page and its chain of calls."""

    page: Page
    chain: Chain


@dataclass(frozen=True)
class Keyboard:
    page: Page


@dataclass(frozen=True)
class Environment:
    """A value that the script reads from the environment."""

    name: str
    default: str | None


@dataclass
class Steps:
    """Collects lines. `pages` are the tabs, the last in front; `optional` while within `if ….is_visible()`; `answer`
    is what the script said to do with the next dialog, `answers` with all dialogs of a page."""

    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    opened: int = 0
    optional: bool = False
    answer: str | None = None
    answers: dict[Page, str] = field(default_factory=dict)

    def note(self, number: int, said: str) -> None:
        self.notes.append(f"line {number}: {said}")

    def open(self) -> Page:
        self.opened += 1
        page = Page(self.opened)
        self.pages.append(page)
        return page

    def do(
        self, number: int, name: str, owner: Page | Place | Keyboard, given: list[Any], options: dict[str, Any]
    ) -> None:
        """One call on a page, a locator or the keyboard. Raises NotUnderstood."""
        options = {key: value for key, value in options.items() if key not in _IGNORED_OPTIONS}
        trial = options.pop("trial", False)
        match owner:
            case Page() | Place() if name in _WITHOUT_EFFECT:
                self.note(number, f"{name}() is not imported: a phone has no such thing, or waits by itself")
                return
            case Place() if trial:
                raise NotUnderstood(f"{name}() with trial= only tries and touches nothing; nothing was imported")
            case Keyboard() if name == "press":
                self._add(number, owner.page, "key", _text(name, given))
            case Page():
                self._on_page(number, name, owner, given)
            case Place() if name in _KINDS:
                self._on_place(number, name, owner, given, options)
            case _:
                raise NotUnderstood(f"{name}() is not understood; nothing was imported")
        if options:
            raise NotUnderstood(f"{name}() with {next(iter(options))}= is not understood; nothing was imported")

    def _on_page(self, number: int, name: str, page: Page, given: list[Any]) -> None:
        match name, given:
            case "goto", [Environment(name=variable, default=default)] if variable == _START:
                self._add(number, page, "home" if self.lines else "start", default or "")
            case "goto", [str(address)]:
                self._add(number, page, "open", address)
            case "go_back", []:
                self._add(number, page, "back")
            case "close", []:
                self._close(number, page)
            case _:
                raise NotUnderstood(f"page.{name}() is not understood; nothing was imported")

    def _close(self, number: int, page: Page) -> None:
        """A tab that lies over another is left by going back; the last one is left open."""
        if page in self.pages[1:] and page == self.pages[-1]:
            self._add(number, page, "back")
        if page in self.pages:
            self.pages.remove(page)

    def _on_place(self, number: int, name: str, place: Place, given: list[Any], options: dict[str, Any]) -> None:
        kind, text = _KINDS[name], ""
        destination: Chain = ()
        match name:
            case "click" | "tap" if not given:
                kind = _pressing(options)
            case "select_option":
                kind, text = _option(given, options)
            case "drag_to":
                if not given or not isinstance(given[0], Place):
                    raise NotUnderstood("drag_to() without a place to drag to; nothing was imported")
                destination = given[0].chain
            case "fill" | "type" | "press_sequentially" if given and isinstance(given[0], Environment):
                kind, text = "secret", given[0].name.removeprefix(_SECRET)
                if text == given[0].name:
                    raise NotUnderstood(f"the variable {given[0].name} is not known; nothing was imported")
            case "fill" | "type" | "press_sequentially" | "press":
                text = _text(name, given)
                options.pop("delay", None)
            case _ if given:
                raise NotUnderstood(f"{name}() with {given[0]!r} is not understood; nothing was imported")
        if kind == "key":
            self._press(number, place, text)
        else:
            self._add(number, place.page, kind, text, place.chain, destination)

    def _press(self, number: int, place: Place, key: str) -> None:
        """A key on an element: Enter in a field just filled belongs to the typing; else the element gets the focus."""
        last = self.lines[-1] if self.lines else Line(0, "")
        there = last.target == place.chain
        link = place.chain[-1]
        role = link.arguments[0] if link.name == "get_by_role" and link.arguments else None
        if place.chain == _BODY:
            self._add(number, place.page, "key", key)
        elif role in _PRESSED and key in ("Enter", "Space", " "):
            self._add(number, place.page, "tap", target=place.chain)
        elif there and last.kind == "type" and key == "Enter" and last.optional == self.optional:
            self.lines[-1] = replace(last, kind="enter")
        else:
            if not there:
                self._add(number, place.page, "tap", target=place.chain)
            self._add(number, place.page, "key", key, place.chain)

    def _add(
        self, number: int, page: Page, kind: str, text: str = "", target: Chain = (), destination: Chain = ()
    ) -> None:
        if page not in self.pages or page != self.pages[-1]:
            raise NotUnderstood("goes on in a tab that another covers; a phone shows the one that opened last")
        always = self.answers.get(page, "")
        self.lines.append(Line(number, kind, text, target, destination, self.optional, always))
        if self.answer is not None:
            self.lines.append(Line(number, "dialog", self.answer, answer=always))
            self.answer = None


def _text(name: str, given: list[Any]) -> str:
    match given:
        case [str(text)]:
            return text
    raise NotUnderstood(f"{name}() without a text; nothing was imported")


def _pressing(options: dict[str, Any]) -> str:
    if options.pop("button", "left") != "left":
        raise NotUnderstood("a finger has no right button; nothing was imported")
    times, delay = options.pop("click_count", 1), options.pop("delay", 0)
    if isinstance(delay, int | float) and delay >= _LONG:
        return "long_press"
    return "double_tap" if times == 2 else "tap"


def _option(given: list[Any], options: dict[str, Any]) -> tuple[str, str]:
    """How an option is named, by its value (or label) or by its label alone; and which."""
    if "label" in options:
        kind, chosen = "select", options.pop("label")
    else:
        kind, chosen = "select_value", options.pop("value", given[0] if given else None)
    match chosen:
        case str(one) | [str(one)]:
            return kind, one
    raise NotUnderstood("select_option() without one value or label; nothing was imported")
