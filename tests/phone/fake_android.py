"""A small phone state behind the fake of adb: apps whose screens change by taps, typing and swipes.

Screens are views with bounds, told as uiautomator tells them; what the fake does not know, Android may do differently.
"""

from __future__ import annotations

import base64
import io
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import quoteattr

from PIL import Image, ImageDraw

Bounds = tuple[int, int, int, int]
KEYBOARD = "com.example.keys"
LAUNCHER = "com.example.launcher/.Home"


class NothingThere(Exception):
    """The service finds nothing that its words describe."""


@dataclass
class View:
    """One view: `does` is what a tap on it does, `held` what a long press does; `text` is what stands in a field, which
    takes several `lines`. What `hosts` a field, as a web view does, has the focus with it."""

    kind: str
    bounds: Bounds
    text: str = ""
    says: str = ""
    id: str = ""
    hint: str = ""
    package: str = ""
    checked: bool | None = None
    enabled: bool = True
    password: bool = False
    scrolls: bool = False
    lines: bool = False
    hosts: bool = False
    drawn: int = 0
    does: Callable[[], None] | None = None
    held: Callable[[], None] | None = None
    children: list[View] = field(default_factory=list)

    def holds(self, x: int, y: int) -> bool:
        left, top, right, bottom = self.bounds
        return left <= x < right and top <= y < bottom

    def all(self) -> list[View]:
        return [self, *(deeper for child in self.children for deeper in child.all())]


class App:
    """One app. `views` are the screen of an activity; a swipe that scrolls nothing comes to `swiped`."""

    package = ""
    first = ".Main"

    def __init__(self, phone: FakePhone) -> None:
        self.phone = phone

    def views(self, activity: str) -> list[View]:
        raise NotImplementedError

    def swiped(self, right: int, down: int) -> None: ...

    def typed(self, id: str, text: str) -> None: ...

    def entered(self, id: str) -> None: ...


class FakePhone:
    """`front` are the activities, the one in front last; `fields` is the text of every field by its id, `offset` how
    far what scrolls was scrolled. `popup`, `permission` lie over the app. `ticks` counts looks: the clock moves."""

    width, height = 1080, 1920

    def __init__(self) -> None:
        self.apps: dict[str, App] = {}
        self.front: list[str] = [LAUNCHER]
        self.fields: dict[str, str] = {}
        self.focused = ""
        self.offset = 0
        self.popup: Callable[[], View] | None = None
        self.permission = ""
        self.awake = True
        self.rotation = 0
        self.restless = False
        self.pictures = True
        self.ticks = 0
        self.taps: list[tuple[int, int]] = []

    def install(self, app: type[App]) -> App:
        self.apps[app.package] = app(self)
        return self.apps[app.package]

    # ---- what is shown --------------------------------------------------------------------------------

    def app(self) -> App | None:
        return self.apps.get(self.front[-1].partition("/")[0])

    def size(self) -> tuple[int, int]:
        return (self.height, self.width) if self.rotation % 2 else (self.width, self.height)

    def windows(self) -> list[View]:
        width, height = self.size()
        clock = View("TextView", (20, 0, 200, 60), text=f"9:{self.ticks % 60:02}")
        bar = View("FrameLayout", (0, 0, width, 63), package="com.android.systemui", children=[clock])
        if self.permission:
            return [bar, self._permission()]
        package, _, activity = self.front[-1].partition("/")
        app = self.app()
        if app is None:
            views = [View("TextView", (40, 300, 1000, 400), text="All apps")]
        else:
            views = app.views(activity)
        if self.restless:
            views.append(View("TextView", (0, 1800, 300, 1900), text=f"{self.ticks} seen"))
        shown = [bar, View("FrameLayout", (0, 0, width, height), package=package, children=views)]
        if self.popup is not None:
            shown = [bar, replace(self.popup(), package=package)]
        if self.focused and not self.rotation:
            keys = [View("TextView", (k * 100, 1400, k * 100 + 90, 1500), text=c) for k, c in enumerate("qwerty")]
            shown.append(View("FrameLayout", (0, 1300, width, height), package=KEYBOARD, children=keys))
        return shown

    def _permission(self) -> View:
        def close() -> None:
            self.permission = ""

        package = "com.android.permissioncontroller"
        return View("FrameLayout", (100, 700, 980, 1200), package=package, children=[
            View("TextView", (140, 740, 940, 860), text=self.permission, id=f"{package}:id/permission_message"),
            View("Button", (140, 900, 940, 1000), text="While using the app", does=close),
            View("Button", (140, 1040, 940, 1140), text="Don’t allow", does=close),
        ])  # fmt: skip

    def _words(self, view: View) -> str:
        if view.kind != "EditText":
            return view.text
        held = self.fields.get(view.id, "")
        return ("•" * len(held) if view.password else held) or view.hint

    def _told(self, view: View, package: str) -> str:
        package = view.package or package
        edits = view.kind == "EditText"
        flags = {
            "checkable": view.checked is not None, "checked": bool(view.checked),
            "clickable": view.does is not None or view.held is not None or edits, "enabled": view.enabled,
            "focused": self._focuses(view), "scrollable": view.scrolls, "password": view.password,
            "visible-to-user": True,
        }  # fmt: skip
        words = {
            "text": self._words(view), "resource-id": view.id, "class": f"android.widget.{view.kind}",
            "package": package, "content-desc": view.says, "hint": view.hint, "drawing-order": str(view.drawn),
            "bounds": "[{},{}][{},{}]".format(*view.bounds),
        }  # fmt: skip
        attributes = {**words, **{name: str(value).lower() for name, value in flags.items()}}
        inner = "".join(self._told(child, package) for child in view.children)
        return f"<node {' '.join(f'{name}={quoteattr(value)}' for name, value in attributes.items())}>{inner}</node>"

    def _focuses(self, view: View) -> bool:
        if view.hosts:
            return any(inner.kind == "EditText" and inner.id == self.focused for inner in view.all())
        return view.kind == "EditText" and view.id == self.focused

    def _described(self, selector: dict[str, object]) -> list[View]:
        """The views that a selector means, in the order of the hierarchy."""

        def fits(view: View) -> bool:
            about = {"focused": self._focuses(view), "className": f"android.widget.{view.kind}", "resourceId": view.id}
            return all(about[name] == value for name, value in selector.items() if name in about)

        return [view for window in self.windows() for view in window.all() if fits(view)]

    def do_count(self, selector: dict[str, object]) -> int:
        return len(self._described(selector))

    def picture(self, kind: str) -> bytes:
        image = Image.new("RGB", self.size(), "white")
        draw = ImageDraw.Draw(image)
        for view in [v for window in self.windows() for v in window.all()]:
            left, top, right, bottom = view.bounds
            if view.kind == "EditText" and self.fields.get(view.id):
                draw.rectangle((left, top, right - 1, bottom - 1), fill="red")  # what must not be seen of a password
        out = io.BytesIO()
        image.save(out, kind)
        return out.getvalue()

    # ---- what the service does ------------------------------------------------------------------------

    def do_device_info(self) -> dict[str, object]:
        width, height = self.size()
        return {
            "displayWidth": width, "displayHeight": height, "displayRotation": self.rotation, "screenOn": self.awake,
            "displaySizeDpX": width * 160 // 480, "displaySizeDpY": height * 160 // 480, "productName": "fake",
            "currentPackageName": self.front[-1].partition("/")[0], "sdkInt": 34, "naturalOrientation": True,
        }  # fmt: skip

    def do_wake_up(self) -> None:
        self.awake = True

    def do_dump_window_hierarchy(self, compressed: bool, depth: int) -> str:
        self.ticks += 1
        nodes = "".join(self._told(window, "") for window in self.windows())
        return f'<?xml version="1.0" encoding="UTF-8"?><hierarchy rotation="{self.rotation}">{nodes}</hierarchy>'

    def do_take_screenshot(self, scale: float, quality: int) -> str | None:
        return base64.b64encode(self.picture("JPEG")).decode() if self.pictures else None

    def _at(self, x: int, y: int, fits: Callable[[View], bool]) -> View | None:
        """The topmost view there that fits: the window on top first, then what is drawn last."""
        for window in reversed(self.windows()):
            if window.holds(x, y):
                found = [v for v in window.all() if v.holds(x, y) and fits(v)]
                return sorted(found, key=lambda v: v.drawn)[-1] if found else None
        return None

    def do_click(self, x: int, y: int, milliseconds: int = 0) -> bool:
        self.taps.append((x, y))
        if self.popup is not None and not self.popup().holds(x, y):
            self.popup = None
            return True
        held = milliseconds >= 500
        view = self._at(x, y, lambda v: v.kind == "EditText" or (v.held if held else v.does) is not None)
        if view is None or not view.enabled:
            return True
        if view.kind == "EditText":
            self.focused = view.id
        elif held and view.held is not None:
            view.held()
        elif view.does is not None:
            view.does()
        return True

    def do_swipe(self, x: int, y: int, to_x: int, to_y: int, steps: int) -> bool:
        scroller = self._at(x, y, lambda v: v.scrolls)
        if scroller is not None and abs(to_y - y) > abs(to_x - x):
            self.offset = max(0, self.offset + y - to_y)
        elif (app := self.app()) is not None:
            app.swiped(to_x - x, to_y - y)
        return True

    def do_drag(self, x: int, y: int, to_x: int, to_y: int, steps: int) -> bool:
        self.taps += [(x, y), (to_x, to_y)]
        return True

    def do_press_key_code(self, code: int, held: int = 0) -> bool:
        app = self.app()
        if code == 3:
            self.front, self.focused, self.popup = [*self.front, LAUNCHER], "", None
        elif code == 4:
            self._back()
        elif code == 66 and self.focused and app is not None:
            app.entered(self.focused)
        elif code == 67 and self.focused:
            self.fields[self.focused] = self.fields.get(self.focused, "")[:-1]
        return True

    def _back(self) -> None:
        if self.permission or self.popup is not None:
            self.permission, self.popup = "", None
        elif self.focused:
            self.focused = ""
        elif len(self.front) > 1:
            self.front.pop()

    def do_set_text(self, selector: dict[str, object], text: str) -> bool:
        found = self._described(selector)
        if not found:
            raise NothingThere(str(selector))
        view = found[0]  # the first, whatever it is
        if view.kind != "EditText":
            return False
        self.fields[view.id] = text
        app = self.app()
        if app is not None:
            app.typed(view.id, text)
        return True

    def do_clear_text_field(self, selector: dict[str, object]) -> None:
        self.do_set_text(selector, "")

    def do_set_orientation(self, way: str) -> None:
        self.rotation = {"natural": 0, "left": 1, "upsidedown": 2, "right": 3}[way]

    # ---- what the shell does --------------------------------------------------------------------------

    def shell(self, command: str) -> str:
        if command.startswith("dumpsys window"):
            front = "com.android.permissioncontroller/.Ask" if self.permission else self.front[-1]
            package, _, activity = front.partition("/")
            full = package + activity if activity.startswith(".") else activity
            return f"  mCurrentFocus=Window{{3a7b u0 {package}/{full}}}\n"
        words = shlex.split(command)
        if words[:3] == ["settings", "get", "secure"]:
            return f"{KEYBOARD}/.Keys\n"
        if words[:3] == ["cmd", "package", "resolve-activity"]:
            app = self.apps.get(words[-1])
            return f"priority=0\n{app.package}/{app.first}\n" if app else "No activity found\n"
        if words[:2] == ["am", "start"]:
            return self._start(words)
        if words[:2] == ["am", "force-stop"]:
            self.front = [one for one in self.front if one.partition("/")[0] != words[2]]
            self.focused, self.popup = "", None
            return ""
        return f"{words[0]}: not found\n"

    def _start(self, words: list[str]) -> str:
        target = words[-1]
        if "-d" in words:
            found = re.fullmatch(r"app://([\w.]+)/(\w+)", target)
            target = f"{found[1]}/.{found[2]}" if found else ""
        if target.partition("/")[0] not in self.apps:
            return f"Starting: Intent\nError: Activity not started, unable to resolve Intent {words[-1]}\n"
        self.front, self.focused, self.popup = [*self.front, target], "", None
        return f"Starting: Intent {{ {target} }}\n"
