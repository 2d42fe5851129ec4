"""Waiting for a screen that says it is busy, so that nobody decides on half of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ostinato.agent.decider import Choice, Handover, beside
from ostinato.trace.action import Wait
from ostinato.trace.record import Step
from ostinato.trace.screen import Screen
from ostinato.trace.values import normal

_BUSY = re.compile(
    r"(?:loading|please wait|one moment|just a (?:moment|second)|working|processing|connecting|syncing|searching|"
    r"updating|wird geladen|lädt|bitte warten|einen moment|chargement(?: en cours)?|veuillez patienter|cargando|"
    r"espere(?: por favor)?|caricamento|attendere|加载中|请稍候|读取中|読み込み中|"
    r"お待ちください|로딩 ?중|잠시만 기다려)"
    r"[\s.…!]*",
    re.IGNORECASE,
)
_CONTROLS = frozenset({"button", "link", "textbox", "combobox", "checkbox", "radio", "option", "tab", "searchbox"})


@dataclass(frozen=True)
class Waiting:
    """Waits while the screen is busy, at most `longest` seconds on end."""

    longest: float = 10.0
    pause: float = 0.5
    name: str = "waiting"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        if not busy(screen):
            return None
        waited = 0.0
        for step in reversed(history):
            if not (step.decision.aside and isinstance(step.action, Wait)):
                break
            waited += step.action.seconds
        if waited + self.pause > self.longest:
            return None  # it may show such words for ever; who decides next sees them, too
        return beside(Wait(seconds=self.pause), "wait: the screen is busy")


def busy(screen: Screen) -> bool:
    """Whether a screen says that it is not there yet: in its own words, or by a bar that runs where else nothing can be
    touched."""
    if screen.dialog is not None:
        return False
    shown = [e for e in screen.elements if e.box.area > 0 and e.box.top < screen.height]
    usable = [e for e in shown if e.role in _CONTROLS and e.reachable and e.enabled]
    if any(e.role == "progressbar" and not _full(e.value) for e in shown):
        return not usable
    words = [e for e in shown if e.role in ("text", "status", "alert", "heading", "dialog", "img", "generic")]
    return any(_BUSY.fullmatch(normal(e.name)) for e in words) and len(usable) <= 3


def _full(value: str | None) -> bool:
    return bool(re.fullmatch(r"(?:1|100)(?:[.,]0+)?\s*%?", (value or "").strip()))
