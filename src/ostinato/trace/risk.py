"""How much an action can do: `read` changes nothing, `edit` can be undone, `commit` cannot be taken back."""

from __future__ import annotations

import re

from ostinato.trace.action import Action, DoubleTap, Drag, Key, LongPress, Select, Tap, Type
from ostinato.trace.record import Risk
from ostinato.trace.screen import Element, Screen

ORDER: dict[Risk, int] = {"read": 0, "edit": 1, "commit": 2}

# Words on a control that make its tap irreversible: whole words, where a language has spaces between them. A list
# cannot be complete; a form that is sent, a question that is accepted, and what recordings show (`replay.learn`) say
# the rest.
COMMIT_WORDS = re.compile(
    r"\b(submit|save|send|pay|buy|order|checkout|place order|purchase|delete|remove|discard|confirm|publish|post|"
    r"transfer|withdraw|book|reserve|register|subscribe|unsubscribe|sign up|apply|create|settle|archive|empty|erase|"
    r"reset|cancel (?:subscription|order|booking|membership)|"
    r"absenden|senden|speichern|kaufen|bestellen|bezahlen|zahlen|löschen|entfernen|bestätigen|buchen|überweisen|"
    r"envoyer|enregistrer|acheter|commander|supprimer|confirmer|réserver|publier|"
    r"enviar|guardar|comprar|pedir|pagar|eliminar|borrar|confirmar|reservar|publicar|"
    r"invia|salva|acquista|ordina|paga|elimina|conferma|prenota)\b"
    r"|提交|支付|付款|购买|下单|确认|删除|发送|发布|保存|转账|预订|送信|購入|注文|削除|確認|保存|支払|予約",
    re.IGNORECASE,
)
_PRESSABLE = frozenset({"button", "link", "menuitem", "option", "tab", "cell", "img", "image", "generic"})
_STATES = frozenset({"checkbox", "radio", "switch", "slider", "textbox", "combobox", "spinbutton", "searchbox"})


def risk_of(action: Action, screen: Screen) -> Risk:
    """The class of an action on a screen, from what it touches. Errs to the higher class."""
    match action:
        case Tap() | DoubleTap() | LongPress():
            element = action.element or screen.at_point(action.point)
            if element is not None and screen.dialog is not None:
                return "commit" if _accepts(element, screen) else "read"
            return "read" if element is None else _pressed(element)
        case Type():
            return "commit" if action.enter and _sends(screen) else "edit"
        case Key():
            return "commit" if action.key == "Enter" and _sends(screen) else "edit"
        case Select() | Drag():
            return "edit"
        case _:
            return "read"


def higher(one: Risk, other: Risk | None) -> Risk:
    return one if other is None or ORDER[one] >= ORDER[other] else other


def _accepts(element: Element, screen: Screen) -> bool:
    """Whether this is the OK of a question that could also be answered with Cancel: something asked before it acts."""
    names = {e.name for e in screen.elements if e.role == "button"}
    return element.name == "OK" and "Cancel" in names


def _pressed(element: Element) -> Risk:
    if element.submits:
        return "commit"
    if element.role in _STATES:
        return "edit"
    if element.role in _PRESSABLE and COMMIT_WORDS.search(element.name):
        return "commit"
    return "read"


def _sends(screen: Screen) -> bool:
    """Whether Enter could send a form: some control of this screen submits one."""
    return any(e.submits for e in screen.elements)
