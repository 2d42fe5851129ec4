"""Something else comes to the front, or the user is logged out: the way back, or a clear end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ostinato.agent.decider import Choice, Handover, beside
from ostinato.phone.border import Border
from ostinato.phone.look import ASKING
from ostinato.trace.action import Back, Done, Home, Open
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Screen

_MOST_BACK = 2
_SYSTEM = frozenset({"", "android", "com.android.systemui"}) | ASKING
_LOGIN = re.compile(
    r"\b(?:log ?in|sign ?in|log ?on|session (?:has )?(?:expired|timed out)|anmelden|einloggen|connexion|se connecter|"
    r"iniciar sesión|accedi|accesso)\b|登录|ログイン|로그인",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Interruptions:
    """Goes back where an app or a site came to the front that nothing was done to reach, or that lies beyond the
    border; ends the run where the user was logged out."""

    border: Border | None = None
    name: str = "interruptions"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        steps = [step for step in history if not step.decision.aside]
        if not steps or screen.dialog is not None:
            return None
        first = steps[0].before
        if _asks_to_log_in(screen) and not _LOGIN.search(goal) and not any(_asks_to_log_in(s.before) for s in steps):
            text = f"logged out: {screen.origin} asks to log in again; do that (a web site: --login), then run it again"
            return Choice(Done(success=False, message=text), Decision(source="script", text=text))
        strange = self._is_strange(screen, steps)
        if strange is None:
            return None
        tried = _tried(history)
        if tried < _MOST_BACK:
            return beside(Back(), f"go back: {strange}")
        if tried == _MOST_BACK:
            return beside(_home(first), f"go back to where it began: {strange}")
        return Handover("plan", goal, f"{strange}, and there is no way back")

    def _is_strange(self, screen: Screen, steps: Sequence[Step]) -> str | None:
        """Why what is in front does not belong to the run, in words; None when it does."""
        here = screen.origin
        known = {step.before.origin for step in steps}
        if screen.url is not None:
            beyond = self.border.objection(screen.url) if self.border is not None else None
            if beyond is not None:
                return f"{here} came to the front, which {beyond.partition(' is ')[2] or 'lies beyond the border'}"
        elif screen.package in _SYSTEM:
            return None
        elif self.border is not None and self.border.objection_to_app(here) is not None:
            return f"{here} came to the front, which is not among the apps that may be used"
        if here in known or not here or here.startswith(("about", "chrome-error")):
            return None
        touching = steps[-1].action.kind in ("tap", "double_tap", "long_press", "open", "home", "back", "key", "drag")
        return None if touching else f"{here} came to the front by itself"


def _home(first: Screen) -> Open | Home:
    place = first.url or first.package
    return Open(url=place) if place is not None and not place.startswith("about") else Home()


def _tried(history: Sequence[Step]) -> int:
    """How many ways back were tried just now."""
    tried = 0
    for step in reversed(history):
        if not (step.decision.aside and isinstance(step.action, Back | Open | Home)):
            break
        tried += 1
    return tried


def _asks_to_log_in(screen: Screen) -> bool:
    """Whether a password is asked for, on a screen that speaks of logging in."""
    if not any(e.password and e.editable for e in screen.elements):
        return False
    return bool(_LOGIN.search(screen.title)) or any(
        e.role in ("heading", "button", "link", "text") and _LOGIN.search(e.name) for e in screen.elements
    )
