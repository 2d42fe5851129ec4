"""What kind of value a slot takes: told by its values, by the field that they go into, by the list they are from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ostinato.replay.experience import Slot
from ostinato.trace.action import Select, target_of
from ostinato.trace.columns import heading_of
from ostinato.trace.moments import rewritten, writing_of
from ostinato.trace.record import Step
from ostinato.trace.recordings import Row, entered
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, slot_kind
from ostinato.trace.values import Kind, as_money, as_number, bare_amount, normal, same_value

_AMOUNT = re.compile(
    r"\b(amounts?|prices?|costs?|how much|totals?|fees?|sums?|budgets?|salary|balance|paid|expenses?|betrag|preise?|"
    r"kosten|summe|montants?|prix|co[uû]ts?|importe|precios?|importo|prezzo)\b|金额|价格|金額|価格"
)
_PERSON = re.compile(
    r"\b(who|whom|payers?|paid by|persons?|people|assignees?|assigned|owners?|recipients?|participants?|members?|"
    r"customers?|authors?|contacts?|guests?|employees?|colleagues?|friends?|first name|last name|full name|surname|"
    r"wer|wem|empf[aä]nger(in)?|teilnehmer(in)?|mitglied(er)?|kund(e|in)|vorname|nachname|qui|personne|destinataire|"
    r"quien|quién|destinatario|participante|persona)\b|联系人|收件人|付款人|誰"
)
_CHOICES = frozenset({"radio", "checkbox", "switch", "option", "menuitemradio", "menuitemcheckbox"})


def slot_of(found: Found, rows: Sequence[Row]) -> Slot:
    """The slot that a value becomes, with its kind and, for one of a list, what the list has."""
    kind: Kind = slot_kind(found.values)
    words, options = "", None
    for row in rows:
        for label, seen in _places(found, row):
            words += f" {label}"
            options = seen if options is None else tuple(dict.fromkeys((*options, *seen)))
    told = normal(re.sub(r"[_-]", " ", words))
    if kind == "number" and (_AMOUNT.search(told) or all(_currency(value) for value in found.values)):
        kind = "money"
    elif kind == "text" and _PERSON.search(told):
        kind = "person"
    elif kind == "text" and options:
        kind = "choice"
    if kind == "money":
        options = tuple(dict.fromkeys(c for value in found.values if (c := _currency(value)) is not None))
    return Slot(name=found.name, kind=kind, examples=found.values, options=options or ())


def written(texts: Sequence[str], pattern: str | None, slots: Sequence[Slot]) -> str | None:
    """How the recordings wrote what a step enters, where that is the value of one slot: the name of a writing of dates
    or times; `bare` for amounts without their currency. None: as the task says it."""
    slot = next((slot for slot in slots if pattern == "{" + slot.name + "}"), None)
    if slot is None:
        return None
    if slot.kind in ("date", "time"):
        return writing_of(texts)
    if slot.kind == "money" and slot.options and all(as_number(text) is not None for text in texts):
        return "bare" if all(bare_amount(text) == text for text in texts) else None
    return None


def to_enter(text: str, pattern: str, writing: str | None, slots: Sequence[Slot]) -> str:
    """A step's text in the writing of the recordings; for what was learnt before writings were kept, that of the
    slot's examples."""
    if writing == "bare":
        return bare_amount(text)
    if writing is None:
        named = [slot for slot in slots if pattern == "{" + slot.name + "}" and slot.kind in ("date", "time")]
        writing = writing_of(named[0].examples) if named else None
    return rewritten(text, writing) if writing is not None else text


def takes(slot: Slot, value: str) -> bool:
    """Whether a slot of amounts knows the currency of a value."""
    currency = _currency(value) if slot.kind == "money" else None
    return currency is None or currency in slot.options


def chosen_from(values: dict[str, str], slots: Sequence[Slot]) -> bool:
    """Whether every value that is one of a list is among those that the list had."""
    listed = [slot for slot in slots if slot.kind in ("choice", "person") and slot.options]
    return all(any(same_value(values[slot.name], option) for option in slot.options) for slot in listed)


def _currency(value: str) -> str | None:
    money = as_money(value)
    return money[1] if money is not None else None


def _places(found: Found, row: Row) -> list[tuple[str, tuple[str, ...]]]:
    """Where a value stands in a step that all recordings have: the label of the field or column, and the options."""
    steps = [step for step in row.steps if step is not None]
    if not row.everywhere:
        return []
    places: list[tuple[str, tuple[str, ...]]] = []
    texts = [entered(step) for step in steps]
    targets = [target_of(step.action) for step in steps]
    target = targets[0]
    if target is not None and all(t is not None and same_value(t, v) for t, v in zip(texts, found.values, strict=True)):
        places.append((_told(target), _options(steps)))
    named = [e is not None and same_value(e.name, v) for e, v in zip(targets, found.values, strict=True)]
    if target is not None and target.role in _CHOICES and all(named):
        places.append((_group(target, steps[0].before), _beside(target, steps[0].before)))
    for cell in _cells(found, steps):
        places.append((heading_of(cell, steps[0].before) or "", ()))
    return places


def _told(target: Element) -> str:
    """The words of a field; of a field that has an `id` only, that."""
    return " ".join(filter(None, (target.name, target.placeholder, None if target.name else target.id, target.hint)))


def _options(steps: Sequence[Step]) -> tuple[str, ...]:
    every = [step.action.element.options for step in steps if isinstance(step.action, Select)]
    return tuple(dict.fromkeys(option for options in every for option in options if option))


def _beside(target: Element, screen: Screen) -> tuple[str, ...]:
    names = [e.name for e in screen.of_roles(frozenset({target.role})) if e.name]
    return tuple(dict.fromkeys(names)) if len(set(names)) > 1 else ()


def _group(target: Element, screen: Screen) -> str:
    """What a choice belongs to: the name of the group, list or fieldset around it."""
    return next((a.name for a in screen.ancestors(target) if a.name and a.role not in _CHOICES), "")


def _cells(found: Found, steps: Sequence[Step]) -> list[Element]:
    target = target_of(steps[0].action)
    if target is None:
        return []
    row = next((a for a in steps[0].before.ancestors(target) if a.role == "row"), None)
    return [e for e in steps[0].before.inside(row) if same_value(e.name, found.values[0])] if row is not None else []
