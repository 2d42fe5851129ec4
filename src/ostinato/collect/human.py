"""A person as a decider: waits for what the person does on the recording page."""

from __future__ import annotations

import queue
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ostinato.agent.decider import Choice, Handover
from ostinato.errors import SetupError, UsageError
from ostinato.trace.action import Action, Back, Done, Drag, Home, Key, LongPress, Scroll, Select, Tap, Type, describe
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Point, Record, Screen


class Touched(Record):
    """A touch at a point of the picture: short or long."""

    kind: Literal["tap", "long_press"]
    x: float
    y: float


class Dragged(Record):
    """A finger moved over the picture; `drag` picks something up, `scroll` moves the content."""

    kind: Literal["drag", "scroll"]
    x: float
    y: float
    to_x: float
    to_y: float


class Typed(Record):
    """The whole text of one field, by the field's path on the screen."""

    kind: Literal["type"]
    path: str
    text: str
    enter: bool = False


class Chosen(Record):
    """An option of a list, by the list's path on the screen."""

    kind: Literal["select"]
    path: str
    option: str


class Pressed(Record):
    """A button of the page itself."""

    kind: Literal["back", "home", "enter", "done", "give_up"]


Event = Annotated[Touched | Dragged | Typed | Chosen | Pressed, Field(discriminator="kind")]
event_adapter: TypeAdapter[Event] = TypeAdapter(Event)


class HumanDecider:
    """Hands each screen to `show` and waits for one event. The text of a password field is kept in memory alone."""

    name = "human"

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self._secrets: dict[str, str] = {}
        self._listeners: list[queue.Queue[tuple[Screen, tuple[Step, ...]]]] = []

    def listen(self) -> queue.Queue[tuple[Screen, tuple[Step, ...]]]:
        """A queue that gets every screen the person has to decide on, with the steps so far."""
        listener: queue.Queue[tuple[Screen, tuple[Step, ...]]] = queue.Queue()
        self._listeners.append(listener)
        return listener

    def secret(self, name: str) -> str:
        """The password typed under this name. Raises SetupError when none was."""
        if name not in self._secrets:
            raise SetupError(f"no password was typed under the name {name!r}")
        return self._secrets[name]

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        for listener in self._listeners:
            listener.put((screen, history))
        while True:
            try:
                action = self._action(self.events.get(timeout=0.5), screen)
            except queue.Empty:
                continue  # wakes up so that Ctrl-C is heard
            except UsageError:
                continue  # an event for a screen that is gone
            return Choice(action=action, decision=Decision(source="human", text=describe(action)))

    def _action(self, event: Event, screen: Screen) -> Action:
        match event:
            case Touched():
                point = Point(x=event.x, y=event.y)
                element = screen.at_point(point)
                if event.kind == "long_press":
                    return LongPress(point=point, element=element)
                return Tap(point=point, element=element)
            case Dragged(kind="scroll"):
                return Scroll(dx=event.x - event.to_x, dy=event.y - event.to_y)
            case Dragged():
                start, end = Point(x=event.x, y=event.y), Point(x=event.to_x, y=event.to_y)
                return Drag(start=start, end=end, element=screen.at_point(start), target=screen.at_point(end))
            case Typed():
                element = screen.at_path(event.path)
                if element is None:
                    raise UsageError(f"no field {event.path} on this screen")
                if element.password:
                    name = f"PASSWORD_{len(self._secrets) + 1}"
                    self._secrets[name] = event.text
                    return Type(text="", element=element, secret=name, enter=event.enter)
                return Type(text=event.text, element=element, enter=event.enter)
            case Chosen():
                element = screen.at_path(event.path)
                if element is None:
                    raise UsageError(f"no list {event.path} on this screen")
                return Select(element=element, option=event.option)
            case Pressed(kind="back"):
                return Back()
            case Pressed(kind="home"):
                return Home()
            case Pressed(kind="enter"):
                return Key(key="Enter")
            case Pressed():
                return Done(success=event.kind == "done", message="the person says so")
