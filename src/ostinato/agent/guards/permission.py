"""Permissions that an app asks for: refused, allowed or asked about, as the user's standing order says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ostinato.agent.decider import Choice, Handover, beside
from ostinato.errors import UsageError
from ostinato.phone.look import ASKING
from ostinato.trace.action import Tap, target_of
from ostinato.trace.record import Step
from ostinato.trace.screen import Element, Screen
from ostinato.trace.values import normal

May = Callable[[str, str], bool]  # what is asked for, and who asks
_MOST_TRIES = 2
# Android's own names of the buttons come first: they are the same in every language.
_REFUSE_IDS = re.compile(r"permission_(?:deny|no_upgrade)\w*|(?:deny|cancel)_button|button2")
_ALLOW_IDS = re.compile(r"permission_allow\w*|(?:allow|ok)_button|button1")
_REFUSE = re.compile(
    r"(?:don'?t|do not|never) allow(?: and don'?t ask again)?|deny|refuse|no,? thanks|cancel|keep .*|"
    r"nicht zulassen|ablehnen|abbrechen|ne pas autoriser|refuser|no permitir|denegar|non consentire|nega|"
    r"拒绝|不允许|禁止|許可しない|허용 안함|거부"
)
_ALLOW = re.compile(
    r"while using the app|only this time|allow(?: only while using the app| all| all the time)?|ok|"
    r"bei nutzung der app|nur dieses mal|zulassen|lorsque vous utilisez l'application|uniquement cette fois-ci|"
    r"autoriser|mientras la app está en uso|solo esta vez|permitir|durante l'uso dell'app|consenti|"
    r"仅在使用中允许|仅限这一次|允许|アプリの使用時のみ|今回のみ|許可|앱 사용 중에만 허용|허용"
)
_LEAST = re.compile(r"foreground|one_time|while using|only|nur|uniquement|solo|仅|のみ|만")


@dataclass(frozen=True)
class Permissions:
    """Answers the system's question whether an app may have something. `may` is told what is asked, and by whom."""

    may: May
    name: str = "permissions"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        if screen.package not in ASKING:
            return None
        buttons = [e for e in screen.elements if e.role in ("button", "link", "generic", "option") and e.enabled]
        refuse = [e for e in buttons if _is(e, _REFUSE_IDS, _REFUSE)]
        allow = [e for e in buttons if e not in refuse and _is(e, _ALLOW_IDS, _ALLOW)]
        asked = " ".join(e.name for e in screen.elements if e.role in ("text", "heading") and e.name)
        if not (refuse or allow):
            return None
        who = next((step.before.package for step in reversed(history) if step.before.package not in ASKING), None)
        granted = bool(allow) and self.may(asked or "a permission", who or "an app")
        chosen = _least(allow) if granted else refuse[0] if refuse else None
        if chosen is None or _tried(chosen, history) >= _MOST_TRIES:
            return Handover("operation", goal, f"a permission is asked, and there is no button to refuse it: “{asked}”")
        said = "allow" if granted else "refuse"
        return beside(Tap(point=chosen.box.center, element=chosen), f"{said} the permission: “{asked}”", allowed=True)


def order(policy: str, interactive: bool, ask: Callable[[str], bool]) -> May:
    """What `--permissions` means. Raises UsageError where nobody can be asked."""
    if policy == "ask":
        if not interactive:
            raise UsageError("--permissions ask needs a terminal; use --permissions refuse or --permissions allow")
        return lambda what, who: ask(f"{who} asks for {what}. Allow it?")
    return lambda what, who: policy == "allow"


def _is(element: Element, ids: re.Pattern[str], words: re.Pattern[str]) -> bool:
    own = (element.id or "").rpartition("/")[2]
    name = normal(element.name).replace("’", "'")
    return bool(ids.fullmatch(own)) or bool(words.fullmatch(name))


def _least(allow: list[Element]) -> Element:
    """The button that gives the least: while the app is used, or this time."""
    return next((e for e in allow if _LEAST.search(f"{e.id or ''} {normal(e.name)}")), allow[0])


def _tried(button: Element, history: tuple[Step, ...]) -> int:
    last = [step for step in history[-_MOST_TRIES:] if step.decision.aside]
    return sum((target := target_of(step.action)) is not None and target.path == button.path for step in last)
