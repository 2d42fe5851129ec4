"""How much an action can do: `read` changes nothing, `edit` can be undone, `commit` cannot be taken back."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from ostinato.trace.action import Action, DoubleTap, Drag, Key, LongPress, Open, Select, Tap, Type
from ostinato.trace.question import accepted
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
# The same in an address that acts as soon as it is opened: a part of its path, or what it asks to do.
_IN_PATHS: dict[str, Deed] = {
    **dict.fromkeys(("pay", "buy", "purchase", "transfer", "withdraw", "donate"), "pay"),
    **dict.fromkeys(
        ("delete", "remove", "destroy", "erase", "purge", "wipe", "uninstall", "discard", "cancel"), "delete"
    ),
    **dict.fromkeys(("send", "publish", "unpublish"), "send"),
    **dict.fromkeys(("approve", "grant", "accept", "revoke"), "grant"),
    **dict.fromkeys(
        ("logout", "logoff", "signout", "unsubscribe", "deactivate", "unregister", "closeaccount"), "account"
    ),
    **dict.fromkeys(("confirm", "submit"), "save"),
}
_ASKS_FOR = frozenset({"action", "do", "cmd", "command", "op", "act", "method", "_method", "task"})
_MOST_IN_PATH = 3  # words: a longer part of a path is the title of something
_PRESSABLE = frozenset({"button", "link", "menuitem", "option", "tab", "cell", "img", "image", "generic"})
_HOLDING = frozenset({"button", "link", "menuitem", "option"})  # what lies in it is pressed with it
_STATES = frozenset({"checkbox", "radio", "switch", "slider", "textbox", "combobox", "spinbutton", "searchbox"})
_LABEL = frozenset({"text", "listitem"})  # pressed only where an app makes them so: all that they say must be a deed
_MOST_WORDS = 6  # what says more is no label of a deed
_FEW_WORDS = 3
_SEARCH = re.compile(r"\W*(?:search|find|filter|suchen?|rechercher?|buscar|cerca)\b|搜索|搜尋|検索|검색", re.IGNORECASE)
_MESSAGE = re.compile(
    r"\b(?:messages?|reply|comments?|chat|compose|composer|sms|say something|write (?:a|your|to)|nachrichten?|"
    r"antworten?|kommentar|kommentieren|répondre|réponse|commentaire|mensaje|responder|comentario|messaggio|rispondi|"
    r"commento)\b|消息|信息|回复|评论|メッセージ|返信|コメント|메시지|댓글",
    re.IGNORECASE,
)


def risk_of(action: Action, screen: Screen) -> Risk:
    """The class of an action on a screen, from what it touches. Errs to the higher class."""
    match action:
        case Tap() | DoubleTap() | LongPress():
            element = action.element or screen.at_point(action.point)
            return "read" if element is None else _pressed(element, screen)
        case Type():
            return "commit" if action.enter and _enters(action.element or focused(screen), screen) else "edit"
        case Key():
            return _keyed(action.key, screen)
        case Select() | Drag():
            return "edit"
        case Open():
            return "read" if deed_of_address(action.url) is None else "commit"
        case _:
            return "read"


def deed_in(words: str) -> Deed | None:
    """The gravest thing that words on a control say is done with it; None when they name none."""
    return next((deed for deed, pattern in DEEDS.items() if pattern.search(words)), None)


def deed_of_address(url: str) -> Deed | None:
    """What opening an address does, as far as its path or its query say so; None for one that only shows something."""
    try:
        place = urlsplit(url.strip())
    except ValueError:
        return None
    parts = [part for part in place.path.split("/") if part]
    asked = [word for key, value in parse_qsl(place.query, keep_blank_values=True) for word in (key, value)
             if key.lower() in _ASKS_FOR or word is key]  # fmt: skip
    for part in (*(parts if place.scheme and place.netloc else ()), *asked):
        words = re.sub(r"\.(?:php|html?|aspx?|jsp|do|cgi)$", "", part.lower())
        found = [word for word in re.split(r"[^a-z]+", words) if word]
        if 0 < len(found) <= _MOST_IN_PATH:
            for word in (found[0], found[-1], "".join(found)):
                if word in _IN_PATHS:
                    return _IN_PATHS[word]
    return None


def deed_of(element: Element, screen: Screen) -> Deed | None:
    """What pressing an element does, as its own words say, or those of what it lies in; None when they name nothing."""
    if element.role in _PRESSABLE and (deed := deed_in(_words(element, screen))) is not None:
        return deed
    if element.role in _LABEL and (deed := _whole(element.name)) is not None:
        return deed
    if element.role in _LABEL | {"img", "image", "generic", "heading"}:
        holder = next((e for e in screen.ancestors(element) if e.role in _HOLDING), None)
        if holder is not None and holder.path != element.path:
            return deed_in(_words(holder, screen))
    return None


def focused(screen: Screen) -> Element | None:
    """What takes the keys, as far as it is known: the innermost thing that has the focus."""
    found = [e for e in screen.elements if e.focused]
    return max(found, key=lambda e: (e.editable, e.path.count("/")), default=None)


def pressed_by(key: str, screen: Screen) -> Element | None:
    """What Enter or the space bar presses as a touch would: the thing with the focus that is no field, and of a
    browser's question its OK. None for other keys and elsewhere."""
    name = _key(key)
    if name not in ("Enter", " "):
        return None
    if screen.dialog is not None:
        answers = [e for e in screen.elements if e.role == "button" and e.name == "OK"]
        return answers[0] if answers and name == "Enter" else None
    focus = focused(screen)
    told = focus is not None and (focus.role != "generic" or focus.name.strip())
    if focus is not None and told and not focus.editable and focus.role in _PRESSABLE | _LABEL:
        return focus
    if name == "Enter" and (focus is None or not focus.editable):  # the button that a box has for it
        return next((e for e in screen.elements if _accepts(e, screen)), None)
    return None


def is_search(field: Element, screen: Screen) -> bool:
    """Whether a field is made for searching: what is entered there changes nothing. A mere name does not make it one,
    nor does anything in a form that sends."""
    around = list(screen.ancestors(field))
    form = next((e for e in around if e.role in ("form", "search")), None)
    if form is not None and any(e.submits for e in screen.inside(form)):
        return False
    return field.role == "searchbox" or any(e.role == "search" for e in around)


def takes_message(field: Element) -> bool:
    """Whether a field is for a message to somebody, by what it is called."""
    return any(_MESSAGE.search(words) for words in (field.name, field.placeholder or "", _id_words(field)))


def higher(one: Risk, other: Risk | None) -> Risk:
    return one if other is None or ORDER[one] >= ORDER[other] else other


def _pressed(element: Element, screen: Screen) -> Risk:
    if screen.dialog is not None:
        return "commit" if accepted(element, screen) is not None else "read"
    if element.submits:
        return "commit"
    if element.role in _STATES:
        return "edit"
    return "commit" if deed_of(element, screen) is not None or _accepts(element, screen) else "read"


def _accepts(element: Element, screen: Screen) -> bool:
    """Whether this is the OK of a question that could also be refused: something asked before it acts."""
    asked = accepted(element, screen)
    return asked is not None and (re.search(r"[?？؟]", asked) is not None or deed_in(asked) is not None)


def _keyed(key: str, screen: Screen) -> Risk:
    pressed = pressed_by(key, screen)
    if pressed is not None:
        return _pressed(pressed, screen)
    sends = _key(key) == "Enter" and screen.dialog is None and _enters(focused(screen), screen)
    return "commit" if sends else "edit"


def _key(key: str) -> str:
    """The key itself, without those that are held with it."""
    name = key.rpartition("+")[2] or key
    return {"NumpadEnter": "Enter", "Return": "Enter", "Space": " "}.get(name, name)


def _enters(field: Element | None, screen: Screen) -> bool:
    """Whether Enter could send what was entered: a control of this screen sends a form, or the field is for a message,
    or, on a phone that does not tell of forms, a control does what cannot be taken back."""
    if screen.dialog is not None:
        return any(accepted(e, screen) is not None for e in screen.elements)
    if any(e.submits for e in screen.elements):
        return True
    native = screen.package is not None and screen.url is None
    if field is None and native:
        fields = [e for e in screen.elements if e.editable]
        field = fields[0] if len(fields) == 1 else None
    if field is not None and (is_search(field, screen) or (native and _called_search(field))):
        return False
    deeds = {
        deed_in(words)
        for e in screen.elements
        if e.role in _PRESSABLE and e.enabled and len((words := _words(e, screen)).split()) <= _MOST_WORDS
    } - {None}
    if field is not None and takes_message(field):
        return native or "send" in deeds
    return native and bool(deeds)


def _called_search(field: Element) -> bool:
    return any(_SEARCH.match(words) for words in (field.name, field.placeholder or "", _id_words(field)))


def _words(element: Element, screen: Screen) -> str:
    """What a control says. One without words of its own says what stands in it, where that is a label and no content;
    on a phone that is no browser, else what its code calls it."""
    if element.name.strip() or screen.url is not None:
        return element.name
    inner = [e.name for e in screen.inside(element) if e.name.strip()]
    if inner:
        short = len(inner) <= 2 and len(inner[0].split()) <= _FEW_WORDS
        return inner[0] if short or _whole(inner[0]) is not None else ""
    return _id_words(element)


def _id_words(element: Element) -> str:
    """What an app's code calls an element, in words: `com.app:id/btnSend` is `btn Send`."""
    own = (element.id or "").rpartition("/")[2]
    return " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", own))


def _whole(name: str) -> Deed | None:
    """The deed that a name is, with nothing beside it."""
    bare = re.sub(r"^\W+|\W+$", "", name)
    return next((deed for deed, pattern in DEEDS.items() if pattern.fullmatch(bare)), None)
