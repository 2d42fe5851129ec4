"""A question that could also be refused: what pressing its OK says yes to.

A browser's own dialog is one, and so is every box that has a button to go on and another to leave it, on whatever
phone: known by the words of the two, in several languages, and by their standing together.
"""

from __future__ import annotations

import re

from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.values import as_number, normal

DIALOGS = frozenset({"dialog", "alertdialog"})
_ACCEPTS = re.compile(
    r"ok|okay|continue|proceed|done|confirm|go ahead|sure|i'?m sure|agreed?|i agree|(?:yes|ja|oui|sí|sì)\b.*|weiter|"
    r"fortfahren|fertig|bestätigen|einverstanden|continuer|terminé|confirmer|d'accord|aceptar|continuar|si|listo|hecho|"
    r"confirmar|de acuerdo|accetta|continua|fatto|conferma|va bene|"
    r"确定|确认|是|是的|继续|完成|好|好的|同意|はい|続ける|続行|完了|確認|예|네|계속|완료|확인",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"cancel|no|nope|never ?mind|not now|no,? .*|don'?t .*|keep .*|go back|abbrechen|nein\b.*|zurück|behalten|annuler|"
    r"non\b.*|retour|cancelar|volver|annulla|indietro|取消|否|不|不是|いいえ|キャンセル|戻る|취소|아니요|아니오",
    re.IGNORECASE,
)
_PRESSED = frozenset({"button", "link", "menuitem", "generic", "text", "listitem", "img", "image"})
_SAYS = frozenset({"text", "heading", "generic", "dialog", "alertdialog", "group", "region", "listitem", "document"})
_PICKING = frozenset({"grid", "gridcell", "spinbutton", "slider"})
_MANY_NUMBERS = 10  # so many numbers to press are a calendar, a clock or a keyboard, and no question
_BOX_OF = 40  # elements: what holds more than these is a page, and only what is near belongs to the question
_NEAR = 260.0  # CSS pixels


def accepted(element: Element, screen: Screen) -> str | None:
    """The words of the question that pressing this says yes to; None where it says yes to none that could also be
    refused. Choosing a date or a time is none."""
    if screen.dialog is not None:
        names = {e.name for e in screen.elements if e.role == "button"}
        return screen.dialog if element.name == "OK" and "Cancel" in names else None
    if element.role not in _PRESSED or not _ACCEPTS.fullmatch(_bare(element.name)):
        return None
    around = _around(element, screen)
    if any(e.role in _PICKING for e in around):
        return None
    if sum(as_number(e.name) is not None for e in around if e.role in _PRESSED) >= _MANY_NUMBERS:
        return None
    said = [e.name for e in around if e.role in _SAYS and e.name and not _is_answer(e.name)]
    return "\n".join(dict.fromkeys(said)) or None


def _around(element: Element, screen: Screen) -> list[Element]:
    """What belongs to the question that a button answers: its dialog, else the smallest part of the screen that has a
    way to refuse as well, and words. Nothing where there is no way to refuse."""
    dialog = next((e for e in screen.ancestors(element) if e.role in DIALOGS), None)
    if dialog is not None:
        inside = [dialog, *screen.inside(dialog)]
        return inside if any(_refuses(e) for e in inside) else []
    path = element.path
    while path:
        path = path.rpartition("/")[0]
        inside = [e for e in screen.elements if not path or e.is_inside(path)]
        if len(inside) > _BOX_OF:
            inside = [e for e in inside if _distance(e.box, element.box) <= _NEAR * screen.scale]
        says = any(e.role in _SAYS and e.name and not _is_answer(e.name) for e in inside)
        if says and any(_refuses(e) for e in inside):
            return inside
    return []


def _refuses(element: Element) -> bool:
    return element.role in _PRESSED and _REFUSES.fullmatch(_bare(element.name)) is not None


def _is_answer(name: str) -> bool:
    bare = _bare(name)
    return bool(_ACCEPTS.fullmatch(bare) or _REFUSES.fullmatch(bare))


def _bare(name: str) -> str:
    return re.sub(r"^\W+|\W+$", "", normal(name)).replace("’", "'")


def _distance(one: Box, other: Box) -> float:
    across = max(one.left - other.left - other.width, other.left - one.left - one.width, 0.0)
    down = max(one.top - other.top - other.height, other.top - one.top - one.height, 0.0)
    return max(across, down)
