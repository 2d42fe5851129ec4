"""How much an action can do: `read` changes nothing, `edit` can be undone, `commit` cannot be taken back."""

from __future__ import annotations

import re
from typing import Literal

from ostinato.trace.action import Action, DoubleTap, Drag, Key, LongPress, Select, Tap, Type
from ostinato.trace.record import Risk
from ostinato.trace.screen import Element, Screen

ORDER: dict[Risk, int] = {"read": 0, "edit": 1, "commit": 2}

Deed = Literal["pay", "delete", "send", "grant", "install", "account", "save"]

# Words on a control that make its tap irreversible, by what is done with it; the gravest first. Whole words, where a
# language has spaces between them. A list cannot be complete; a form that is sent, a question that is accepted, and
# what recordings show (`replay.learn`) say the rest.
_WORDS: tuple[tuple[Deed, str, str], ...] = (
    (
        "pay",
        r"pay|buy|(?<!\w )order|checkout|check out|(?:place|submit|confirm|complete) (?:the |my |your )?order|"
        r"purchase|"
        r"transfer|withdraw|donate|place bid|top up|(?<!\w )book|reserve|settle|kaufen|bestellen|bezahlen|zahlen|"
        r"buchen|überweisen|spenden|acheter|commander|"
        r"réserver|comprar|pedir|pagar|reservar|acquista|ordina|paga|prenota",
        "支付|付款|购买|下单|转账|预订|购入|購入|注文|支払|予約|送金|결제|구매|주문",
    ),
    (
        "delete",
        r"delete|remove|discard|empty|erase|reset|uninstall|archive|clear all|clear history|leave group|"
        r"cancel (?:subscription|order|booking|membership)|löschen|entfernen|deinstallieren|supprimer|effacer|"
        r"désinstaller|eliminar|borrar|desinstalar|elimina|rimuovi|disinstalla",
        "删除|清空|卸载|削除|消去|삭제",
    ),
    (
        "send",
        r"send|publish|(?<!\w )post|tweet|(?<!\w )share|forward|reply|invite|submit review|absenden|senden|"
        r"teilen|weiterleiten|"
        r"antworten|einladen|veröffentlichen|envoyer|partager|transférer|répondre|inviter|publier|enviar|compartir|"
        r"reenviar|responder|invitar|publicar|invia|condividi|inoltra|rispondi|invita|pubblica",
        "发送|发布|分享|转发|回复|送信|投稿|共有|転送|返信|보내기|공유",
    ),
    (
        "grant",
        r"allow|always allow|grant|authori[sz]e|permit|while using the app|only this time|give access|"
        r"erlauben|zulassen|autoriser|permitir|autorizar|consenti|autorizza",
        "允许|授权|許可|허용",
    ),
    ("install", r"install|install now|installieren|installer|instalar|installa", "安装|インストール|설치"),
    (
        "account",
        r"sign up|register|subscribe|unsubscribe|create account|close account|deactivate|change password|"
        r"change e-?mail|link account|registrieren|abonnieren|s'inscrire|s'abonner|registrarse|suscribirse|"
        r"iscriviti|abbonati",
        "注册|订阅|登録|가입",
    ),
    (
        "save",
        r"submit|save|confirm|apply|create|speichern|bestätigen|enregistrer|confirmer|guardar|confirmar|salva|"
        r"conferma",
        "提交|确认|保存|確認|저장|확인",
    ),
)
DEEDS: dict[Deed, re.Pattern[str]] = {
    deed: re.compile(rf"\b(?:{words})\b|{unspaced}", re.IGNORECASE) for deed, words, unspaced in _WORDS
}
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


def deed_in(words: str) -> Deed | None:
    """The gravest thing that words on a control say is done with it; None when they name none."""
    return next((deed for deed, pattern in DEEDS.items() if pattern.search(words)), None)


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
    if element.role in _PRESSABLE and deed_in(element.name) is not None:
        return "commit"
    return "read"


def _sends(screen: Screen) -> bool:
    """Whether Enter could send a form: some control of this screen submits one."""
    return any(e.submits for e in screen.elements)
