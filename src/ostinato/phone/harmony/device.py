"""What can be done to a HarmonyOS phone: each a call of uitest's API, or a command."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from ostinato.errors import ActionFailed, PhoneError
from ostinato.phone.address import APP
from ostinato.phone.android.device import ADDRESS, REFUSED_SCHEMES
from ostinato.phone.harmony.keys import key_codes
from ostinato.phone.harmony.uitest import HarmonyLine
from ostinato.trace.hierarchy import Node

_SLOWEST, _FASTEST = 200, 40_000  # pixels a second, as uitest takes them
_DRAG_SPEED = 600
_HOLD_SECONDS = 1.5  # of uitest's long click, and of a drag before it moves
_OF_LINES = frozenset({"TextArea", "RichEditor"})
_VIEW = ["aa", "start", "-A", "ohos.want.action.viewData"]


class HarmonyDevice:
    """A `Device` over a line. A long press takes uitest's own 1.5 seconds, whatever was asked for."""

    def __init__(self, line: HarmonyLine) -> None:
        self._line = line

    @property
    def touched(self) -> bool:
        return self._line.touched

    @touched.setter
    def touched(self, value: bool) -> None:
        self._line.touched = value

    def tap(self, x: int, y: int) -> None:
        self._line.call("Driver.click", x, y, touches=True)

    def double_tap(self, x: int, y: int) -> None:
        self._line.call("Driver.doubleClick", x, y, touches=True)

    def hold(self, x: int, y: int, seconds: float) -> None:
        self._line.call("Driver.longClick", x, y, touches=True, more=_HOLD_SECONDS)

    def swipe(self, start: tuple[int, int], end: tuple[int, int], seconds: float) -> None:
        length = math.dist(start, end)
        speed = round(min(max(length / max(seconds, 0.001), _SLOWEST), _FASTEST))
        self._line.call("Driver.swipe", *start, *end, speed, touches=True, more=length / speed)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        more = _HOLD_SECONDS + math.dist(start, end) / _DRAG_SPEED
        self._line.call("Driver.drag", *start, *end, _DRAG_SPEED, touches=True, more=more)

    def press(self, key: str) -> None:
        codes = key_codes(key)
        if len(codes) == 1:
            self._line.call("Driver.triggerKey", codes[0], touches=True)
        else:
            self._line.call("Driver.triggerCombineKeys", *codes, touches=True)

    def back(self) -> None:
        self._line.call("Driver.pressBack", touches=True)

    def home(self) -> None:
        self._line.call("Driver.pressHome", touches=True)

    def takes_lines(self, field: Node) -> bool:
        return field.kind in _OF_LINES

    def write(self, field: Node, text: str) -> bool:
        words = self._line.call("On.type", field.kind, this="On#seed")
        words = self._line.call("On.focused", True, this=words)
        if field.element.id is not None:
            words = self._line.call("On.id", field.element.id, this=words)
        found = self._line.call("Driver.findComponents", words) or []
        if len(found) != 1:
            raise ActionFailed(f"the phone found {len(found) or 'nothing'} to write into that has the focus")
        if text:
            self._line.call("Component.inputText", text, this=found[0], touches=True, more=len(text) / 100)
        else:
            self._line.call("Component.clearText", this=found[0], touches=True)
        return True

    def open(self, url: str) -> None:
        if APP.fullmatch(url):
            bundle, _, ability = url.partition("/")
            command = ["aa", "start", "-b", bundle, "-a", ability or self._ability(bundle)]
        elif ADDRESS.fullmatch(url) and url.partition(":")[0].lower() not in REFUSED_SCHEMES:
            browsed = ["-e", "entity.system.browsable"] if url.lower().startswith(("http:", "https:")) else []
            # hdc passes a word within '…' as it is; a ' of the address itself would end it
            command = [*_VIEW, *browsed, "-U", url.replace("'", "%27")]
        else:
            raise ActionFailed(f"“{url}” is neither a bundle such as com.huawei.hmos.settings nor an address")
        before = self._line.touched
        said = self._line.shell(command, touches=True)
        if said.lower().startswith("error"):
            self._line.touched = before  # the phone says that it started nothing
            raise ActionFailed(f"{url} does not open: {' '.join(said.split())[:200]}")

    def end(self, url: str) -> None:
        if APP.fullmatch(url):
            self._line.shell(["aa", "force-stop", url.partition("/")[0]], touches=True)

    def _ability(self, bundle: str) -> str:
        """What the home screen starts of an app."""
        said = self._line.shell(["bm", "dump", "-n", bundle])
        try:
            about = json.loads(said[said.index("{") : said.rindex("}") + 1])
            found = list(_abilities(about))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if said.lower().startswith("error") or "{" not in said:
                raise ActionFailed(f"the app {bundle} is not installed, or has nothing to start") from error
            raise PhoneError(f"the phone says of {bundle} what cannot be read: {said[:200]}") from error
        if not found:
            raise ActionFailed(f"the app {bundle} is not installed, or has nothing to start")
        return max(found)[1]


def _abilities(about: dict[str, object]) -> Iterator[tuple[tuple[bool, bool, bool], str]]:
    """The abilities of an app, each with how much speaks for it: on the home screen, main one, of the main module."""
    modules = about.get("hapModuleInfos")
    for module in modules if isinstance(modules, list) else []:
        main = module.get("mainAbility") or module.get("mainElementName")
        for ability in module.get("abilityInfos") or ():
            actions = [action for skill in ability.get("skills") or () for action in skill.get("actions") or ()]
            home = "action.system.home" in actions or "ohos.want.action.home" in actions
            yield (home, ability["name"] == main, module.get("moduleName") == about.get("mainEntry")), ability["name"]
