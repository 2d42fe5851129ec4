"""Plays an imported Playwright script once, so that a recording with real screens comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ostinato.agent.decider import Choice, Handover
from ostinato.agent.script import Do, action_of
from ostinato.collect.codegen_steps import Line
from ostinato.errors import PhoneError
from ostinato.phone.web.named import Chain, Named
from ostinato.settings import secret
from ostinato.trace.action import Action, Done, Home, Type, Wait, describe
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Element, Screen

_NOTHING = Wait(seconds=0.0)
_NO_LINE = Line(0, "")


class Passwords:
    """Passwords that a script typed, in memory alone; any other secret is asked of the environment."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def keep(self, text: str) -> str:
        """The name under which it is kept."""
        name = f"PASSWORD_{len(self._kept) + 1}"
        self._kept[name] = text
        return name

    def secret(self, name: str) -> str:
        """Raises SetupError when there is none of that name."""
        return self._kept[name] if name in self._kept else secret(name)


class CodegenDecider:
    """Does the lines of a script in order, each as soon as what it names is there, then says Done. Every line is one
    action, so that the history tells the place; a line with nothing to do waits for no time. Between two lines stand
    only answers to dialogs, for a script that answers them all.

    `named` looks for an element of the last screen."""

    name = "codegen"

    def __init__(self, lines: Sequence[Line], named: Callable[[Chain], Named], passwords: Passwords) -> None:
        self._lines, self._named, self._passwords = lines, named, passwords

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        place = self._place(history)
        line = self._lines[min(place, len(self._lines) - 1)] if self._lines else _NO_LINE
        found: Action | str
        if screen.dialog is not None and line.answer and (place >= len(self._lines) or line.kind != "dialog"):
            found, following = _answer(line.answer, screen), [line] * (place < len(self._lines))
        elif place >= len(self._lines):
            return Choice(action=Done(), decision=Decision(source="script", text="done"))
        else:
            found, following = self._action(line, screen), self._following(place)
        if isinstance(found, str):
            return Handover("operation", goal, f"line {line.number} of the script: {found}")
        ready = (lambda later: any(self._can_do(n, later) for n in following)) if following else None
        return Choice(action=found, decision=Decision(source="script", text=describe(found)), ready=ready)

    def _place(self, history: tuple[Step, ...]) -> int:
        """The number of lines that were done: all steps but the answers between them."""
        place = 0
        for step in history:
            between = place >= len(self._lines) or self._lines[place].kind != "dialog"
            place += not (between and step.before.dialog is not None)
        return place

    def _following(self, index: int) -> list[Line]:
        """The lines that may be next, if all of them wait for something: up to the first that must be done."""
        found: list[Line] = []
        for line in self._lines[index + 1 :]:
            found.append(line)
            if not line.optional and line.kind != "dialog":
                return found if line.target else []
        return []

    def _can_do(self, line: Line, screen: Screen) -> bool:
        if line.kind == "dialog" or screen.dialog is not None:
            return (line.kind == "dialog" or line.answer != "") and screen.dialog is not None
        try:
            return not line.target or self._named(line.target).path is not None
        except PhoneError:  # a dialog opened meanwhile, or the page moved on
            return False

    def _action(self, line: Line, screen: Screen) -> Action | str:
        """What a line does on this screen, or why it cannot."""
        if line.kind == "dialog":
            return _answer(line.text, screen)
        if screen.dialog is not None:
            return f"a dialog is open that the script does not answer: “{screen.dialog}”"
        if not line.target:
            return Home() if line.kind == "home" else action_of(Do(line.kind, text=line.text), None, None)
        element, labels, problem = self._find(line.target, screen)
        if element is None:
            return _NOTHING if line.optional else problem
        end = None
        if line.destination:
            end, _, problem = self._find(line.destination, screen)
            if end is None:
                return problem
        return self._on(line, element, end, labels)

    def _find(self, chain: Chain, screen: Screen) -> tuple[Element | None, dict[str, str], str]:
        named = self._named(chain)
        element = screen.at_path(named.path) if named.path is not None else None
        return element, named.labels, f"{'.'.join(call.words() for call in chain)} {named.problem or 'is gone'}"

    def _on(self, line: Line, element: Element, end: Element | None, labels: dict[str, str]) -> Action | str:
        match line.kind:
            case "check" | "uncheck":
                if element.checked is None:
                    return f"{element.role} “{element.name}” has no on or off"
                return _NOTHING if element.checked is (line.kind == "check") else action_of(Do("tap"), element, None)
            case "select_value":
                option = labels.get(line.text, line.text)
                if option not in element.options:
                    return f"{element.role} “{element.name}” has no option {line.text!r}"
                return action_of(Do("select", text=option), element, None)
            case "secret":
                return Type(text="", element=element, secret=line.text)
            case "append" | "type" | "enter" if element.password and line.text:
                return Type(
                    text="", element=element, secret=self._passwords.keep(line.text), enter=line.kind == "enter"
                )
            case "append":
                return Type(text=line.text, element=element, clear=not element.value)
        return action_of(Do(line.kind, text=line.text), element, end)


def _answer(said: str, screen: Screen) -> Action:
    """The button of an open dialog that is meant by `accept` or `dismiss`; nothing where no dialog is open."""
    names = ("OK",) if said == "accept" else ("Cancel", "OK")
    buttons = {e.name: e for e in screen.elements if e.role == "button"} if screen.dialog is not None else {}
    button = next((buttons[name] for name in names if name in buttons), None)
    return action_of(Do("tap"), button, None) if button is not None else _NOTHING
