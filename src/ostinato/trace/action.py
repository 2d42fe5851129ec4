"""What can be done on a phone: a discriminated union of actions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ostinato.trace.screen import Element, Point, Record


class Tap(Record):
    kind: Literal["tap"] = "tap"
    point: Point
    element: Element | None = None


class DoubleTap(Record):
    kind: Literal["double_tap"] = "double_tap"
    point: Point
    element: Element | None = None


class LongPress(Record):
    kind: Literal["long_press"] = "long_press"
    point: Point
    element: Element | None = None
    seconds: float = 0.8


class Type(Record):
    """Type into `element` (or whatever has the focus). `clear` replaces what stands there. A password is not
    stored: `secret` names it, `text` is empty, and the phone asks the user's secrets for it."""

    kind: Literal["type"] = "type"
    text: str
    element: Element | None = None
    secret: str | None = None
    clear: bool = True
    enter: bool = False


class Select(Record):
    """Choose an option of a native list by its label. In a list of several choices an option that is chosen already is
    chosen no longer, as by a touch."""

    kind: Literal["select"] = "select"
    element: Element
    option: str


class Swipe(Record):
    """Move a finger from start to end."""

    kind: Literal["swipe"] = "swipe"
    start: Point
    end: Point
    seconds: float = 0.2


class Scroll(Record):
    """Scroll the content by so many pixels (`dy` > 0 shows what is below)."""

    kind: Literal["scroll"] = "scroll"
    dx: float = 0.0
    dy: float = 0.0
    element: Element | None = None


class Drag(Record):
    """Pick something up at start and let it go at end."""

    kind: Literal["drag"] = "drag"
    start: Point
    end: Point
    element: Element | None = None
    target: Element | None = None


class Key(Record):
    """Press one key by its DOM name: Enter, Tab, Escape, ArrowDown, …"""

    kind: Literal["key"] = "key"
    key: str


class Back(Record):
    kind: Literal["back"] = "back"


class Home(Record):
    kind: Literal["home"] = "home"


class Open(Record):
    """Open an address (or, on a phone with packages, an app)."""

    kind: Literal["open"] = "open"
    url: str


class Wait(Record):
    kind: Literal["wait"] = "wait"
    seconds: float = 1.0


class Answer(Record):
    """Tell the user something that was asked for."""

    kind: Literal["answer"] = "answer"
    text: str


class Done(Record):
    """Claim that the task is done, or that it cannot be."""

    kind: Literal["done"] = "done"
    success: bool = True
    message: str = ""


Action = Annotated[
    Tap
    | DoubleTap
    | LongPress
    | Type
    | Select
    | Swipe
    | Scroll
    | Drag
    | Key
    | Back
    | Home
    | Open
    | Wait
    | Answer
    | Done,
    Field(discriminator="kind"),
]
action_adapter: TypeAdapter[Action] = TypeAdapter(Action)


def target_of(action: Action) -> Element | None:
    """The element an action is aimed at, if it has one."""
    return getattr(action, "element", None)


def describe(action: Action) -> str:
    """An action in a few words, for people."""
    target = target_of(action)
    where = f" {target.role} “{target.name or target.placeholder or target.id or target.path}”" if target else ""
    match action:
        case Tap() | DoubleTap() | LongPress():
            verb = {"tap": "tap", "double_tap": "double-tap", "long_press": "long-press"}[action.kind]
            return verb + (where or f" at ({action.point.x:.0f}, {action.point.y:.0f})")
        case Type(secret=str(secret)):
            return f"type the secret “{secret}” into{where}"
        case Type():
            shown = action.text if len(action.text) <= 60 else action.text[:57] + "…"
            return f"type “{shown}”" + (f" into{where}" if where else "") + (" and press Enter" if action.enter else "")
        case Select():
            return f"select “{action.option}” in{where}"
        case Swipe() | Drag():
            a, b = action.start, action.end
            return f"{action.kind}{where} from ({a.x:.0f}, {a.y:.0f}) to ({b.x:.0f}, {b.y:.0f})"
        case Scroll():
            return f"scroll by ({action.dx:.0f}, {action.dy:.0f})"
        case Key():
            return f"press {action.key}"
        case Open():
            return f"open {action.url}"
        case Wait():
            return f"wait {action.seconds:g} s"
        case Answer():
            return f"answer “{action.text}”"
        case Done():
            return ("done" if action.success else "give up") + (f": {action.message}" if action.message else "")
        case _:
            return action.kind
