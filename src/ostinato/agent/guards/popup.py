"""What comes up over a page and was not asked for: cookie banners, newsletters, ratings, tours, closed by saying no.

Known by its words, in several languages, and by what it does: it lies over something that could else be touched. What
lies over nothing is left alone, and so is what the goal speaks of. Nothing is agreed to: where a banner knows no other
button than one that agrees, it is left to who decides next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ostinato.agent.decider import Choice, Handover, beside
from ostinato.agent.likeness import tokens
from ostinato.trace.action import Tap, target_of
from ostinato.trace.record import Step
from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.values import normal

KINDS: dict[str, re.Pattern[str]] = {
    kind: re.compile(words, re.IGNORECASE)
    for kind, words in {
        "cookies": r"\bcookies?\b|\bgdpr\b|value your privacy|your privacy choices|datenschutzeinstellungen|"
        r"respect(?:ons|e) (?:de )?votre vie privée|tu privacidad|隐私政策|クッキー|쿠키",
        "a rating": r"\brate (?:us|this|our|the) ?(?:app|game)?\b|enjoying (?:the|this|our|\w+)\b.*\?|"
        r"review (?:us|our app)|"
        r"do you like (?:the|this|our)|bewerte (?:uns|die app)|notez (?:nous|l'app)|valora(?:r)? (?:la )?app|"
        r"评分|给个好评|レビューを書|평가해",
        "a newsletter": r"\bnewsletter\b|mailing list|sign up for (?:our|e-?mails?|updates|offers)|"
        r"subscribe (?:to (?:our|get)|for|and (?:get|save))|\d+ ?% off|exclusive offers|邮件订阅|メールマガジン",
        "an app": r"(?:open|continue|better|view) in (?:the |our )?app\b|"
        r"(?:get|download|install|try) (?:the|our) app\b|"
        r"add to home screen|in der app öffnen|ouvrir dans l'app|abrir en la app|打开app|下载app|アプリで開く",
        "notifications": r"(?:turn on|enable|allow|receive|get|send you)(?: \w+)? notifications?|push notifications?|"
        r"benachrichtigungen (?:aktivieren|erhalten)|activer les notifications|"
        r"activar notificaciones|开启通知|通知を許可",
        "a tour": r"what'?s new\b|take (?:a|the) tour|welcome tour|tip of the day|did you know|getting started tour|"
        r"新功能|新機能",
        "a hung app": r"isn'?t responding|keeps stopping|reagiert nicht|ne répond pas|no responde",
    }.items()
}
# In the order in which they are pressed.
_ANSWERS = tuple(
    re.compile(rf"(?:{words})\W*", re.IGNORECASE)
    for words in (
        r"(?:no,? ?)?(?:reject|decline|refuse|deny)(?: all| cookies| everything| optional(?: cookies)?)?|disagree|"
        r"(?:use |accept )?(?:only )?(?:strictly )?(?:necessary|essential|required)(?: cookies)?(?: only)?|"
        r"no,? thanks?|no,? thank you|not now|not interested|maybe later|(?:ask|remind) me later|later|skip(?: tour|"
        r" all)?|"
        r"continue without (?:accepting|agreeing)|don'?t (?:allow|enable)|never|wait|stay (?:here|in browser)|"
        r"continue in browser|(?:alle )?ablehnen|nur (?:notwendige|erforderliche)(?: cookies)?|nein,? danke|später|"
        r"nicht jetzt|überspringen|warten|(?:tout )?refuser|continuer sans accepter|non,? merci|plus tard|ignorer|"
        r"rechazar(?: todo| todas)?|no,? gracias|ahora no|más tarde|omitir|esperar|rifiuta(?: tutto)?|no,? grazie|"
        r"non ora|salta|全部拒绝|拒绝|以后再说|暂不|跳过|下次再说|拒否|後で|スキップ|いいえ|거부|나중에|건너뛰기",
        r"(?:close|dismiss|hide)(?: (?:this|dialog|banner|popup|pop-up|message|modal|ad))?|x|×|✕|✖|schließen|fermer|"
        r"cerrar|chiudi|关闭|閉じる|닫기",
    )
)
_ACKNOWLEDGED = re.compile(
    r"(?:ok|okay|got it|i understand|understood|alright|fine|verstanden|j'ai compris|compris|entendido|capito|知道了|"
    r"我知道了|了解)\W*",
    re.IGNORECASE,
)
_PRESSED = frozenset({"button", "link", "menuitem", "generic", "image", "img"})
_DIALOGS = frozenset({"dialog", "alertdialog"})
_FAR = 260.0  # CSS pixels from the words to the button
_MOST_TRIES = 3


@dataclass(frozen=True)
class Popup:
    """What came up: its kind, the area of its words and buttons, and how to say no, if there is a way."""

    kind: str
    area: Box
    dismiss: Element | None


@dataclass(frozen=True)
class Popups:
    """Closes what comes up and was not asked for."""

    name: str = "pop-ups"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        found = popup_on(screen, goal, history)
        if found is None or found.dismiss is None or _tried(found.dismiss, history) >= _MOST_TRIES:
            return None
        button = found.dismiss
        return beside(Tap(point=button.box.center, element=button), f"close {found.kind}: “{button.name}”")


def popup_on(screen: Screen, goal: str, history: Sequence[Step] = ()) -> Popup | None:
    """What lies over the page, was not asked for, and is of a known kind, or is a dialog that came by itself."""
    if screen.dialog is not None:  # a question of the browser is for who decides
        return None
    for kind, pattern in KINDS.items():
        if pattern.search(goal):
            continue
        for words in screen.elements:
            if pattern.search(words.name) and _shown(words, screen):
                found = _around(kind, words, screen)
                if found is not None:
                    return found
    return _by_itself(screen, goal, history)


def _around(kind: str, words: Element, screen: Screen) -> Popup | None:
    """The pop-up that these words belong to, where it lies over something."""
    near = [e for e in _buttons(screen) if _distance(e.box, words.box) <= _FAR * screen.scale]
    dialog = next((a for a in screen.ancestors(words) if a.role in _DIALOGS), None)
    if dialog is not None:
        near = [e for e in _buttons(screen) if e.is_inside(dialog.path)] or near
    dismiss = _dismissing(near, acknowledge=kind != "cookies")
    if not near:
        return None
    area = _union(
        [words.box, *([dialog.box] if dialog else []), *([dismiss.box] if dismiss else [e.box for e in near])]
    )
    return Popup(kind, area, dismiss) if _covers(area, words, dialog, screen) else None


def _by_itself(screen: Screen, goal: str, history: Sequence[Step]) -> Popup | None:
    """A dialog of the page that came up while nothing was touched, and that the goal does not speak of."""
    dialogs = [e for e in screen.elements if e.role in _DIALOGS and _shown(e, screen)]
    steps = [step for step in history if not step.decision.aside]
    if not dialogs or not steps:
        return None
    last, dialog = steps[-1], dialogs[-1]
    there_before = any(e.role in _DIALOGS and e.path == dialog.path for e in last.before.elements)
    if last.action.kind not in ("wait", "scroll", "swipe", "type") or there_before:
        return None
    said = set(tokens(goal))
    heading = {word for word in tokens(dialog.name) if len(word) > 3}
    dismiss = _dismissing([e for e in _buttons(screen) if e.is_inside(dialog.path)], acknowledge=False)
    if dismiss is None or heading & said or not _covers(dialog.box, dialog, dialog, screen):
        return None
    return Popup("a dialog that was not asked for", dialog.box, dismiss)


def _dismissing(buttons: Iterable[Element], acknowledge: bool) -> Element | None:
    """The button that says no, or closes; one that only says that it was read where that is all."""
    patterns = [*_ANSWERS, *([_ACKNOWLEDGED] if acknowledge else [])]
    for pattern in patterns:
        for button in buttons:
            if pattern.fullmatch(normal(button.name or button.placeholder or "")):
                return button
    return None


def _buttons(screen: Screen) -> list[Element]:
    return [e for e in screen.elements if e.role in _PRESSED and e.reachable and e.enabled and not e.submits]


def _covers(area: Box, words: Element, dialog: Element | None, screen: Screen) -> bool:
    """Whether something that is no part of it lies under it, in view and out of reach."""
    for e in screen.elements:
        if e.reachable or not e.box.area or not _in_view(e.box, screen) or e.role in ("text", "generic"):
            continue
        inside = dialog is not None and (e.is_inside(dialog.path) or dialog.is_inside(e.path))
        if not inside and not e.is_inside(words.path) and (dialog is not None or _overlap(e.box, area)):
            return True
    return False


def _tried(button: Element, history: Sequence[Step]) -> int:
    """How often this button was pressed as such at the end of the history."""
    tries = 0
    for step in reversed(history):
        if not step.decision.aside:
            break
        target = target_of(step.action)
        tries += target is not None and (target.path, target.name) == (button.path, button.name)
    return tries


def _shown(element: Element, screen: Screen) -> bool:
    return element.box.area > 0 and _in_view(element.box, screen)


def _in_view(box: Box, screen: Screen) -> bool:
    middle = box.center
    return 0 <= middle.x <= screen.width and 0 <= middle.y <= screen.height


def _overlap(one: Box, other: Box) -> bool:
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return across > 0 and down > 0


def _distance(one: Box, other: Box) -> float:
    across = max(one.left - other.left - other.width, other.left - one.left - one.width, 0.0)
    down = max(one.top - other.top - other.height, other.top - one.top - one.height, 0.0)
    return max(across, down)


def _union(boxes: Sequence[Box]) -> Box:
    left, top = min(b.left for b in boxes), min(b.top for b in boxes)
    right, bottom = max(b.left + b.width for b in boxes), max(b.top + b.height for b in boxes)
    return Box(left=left, top=top, width=right - left, height=bottom - top)
