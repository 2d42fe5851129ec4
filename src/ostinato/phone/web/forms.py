"""What a page's forms say of themselves: which form a control belongs to, what a button of it sends, what may be
chosen, what must be filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ostinato.phone.web.document import Document, one_line

_SEARCHES = re.compile(r"\W*(?:search|find|filter|suchen|rechercher|buscar|cerca|搜索|検索|검색)\b", re.IGNORECASE)
_CHECKED_BY_BROWSER = {"checkbox", "radio", "file"}  # what counts as empty is not told by a value


def form_of(doc: Document, node: int) -> int:
    """The form that a control belongs to, by its `form` attribute or by where it stands; -1 for none."""
    named = doc.word(node, "form")
    if named is None:
        return doc.ancestor(node, "FORM")
    for n, tag in enumerate(doc.names):
        if tag == "FORM" and doc.word(n, "id") == named:
            return n
    return -1


def sends(doc: Document, button: int, name: str) -> bool:
    """Whether a button of a form sends something that changes something: by POST, or to the page's own script,
    which may do anything. What is got from an address is looked for, and so is what the page calls a search."""
    form = form_of(doc, button)
    if form < 0:
        return False
    method = doc.word(button, "formmethod") or doc.word(form, "method")
    if method is not None:
        return method.strip().lower() == "post"
    address = (doc.word(button, "formaction") or doc.word(form, "action") or "").strip().lower()
    scripted = address.startswith(("#", "javascript:")) or doc.word(form, "onsubmit") is not None
    told = doc.word(button, "formaction") is not None or doc.word(form, "action") is not None
    return (scripted or not told) and not (_SEARCHES.match(name) or _is_search(doc, form))


def _is_search(doc: Document, form: int) -> bool:
    landmark = doc.ancestor(form, "SEARCH") >= 0 or any(
        doc.word(n, "role") == "search" for n in (form, doc.parent[form]) if n >= 0
    )
    return landmark or any(
        doc.word(n, "role") == "searchbox" or (doc.names[n] == "INPUT" and doc.word(n, "type") == "search")
        for n in range(form, doc.end[form])
    )


def choices(doc: Document, select: int) -> tuple[tuple[str, ...], str]:
    """The labels of a choice list, and what it shows as chosen."""
    nodes = doc.data["nodes"]
    chosen = set(nodes["optionSelected"]["index"]) if "optionSelected" in nodes else set()
    labels, shown = [], []
    for n in range(select + 1, doc.end[select]):
        if doc.names[n] != "OPTION":
            continue
        label = doc.word(n, "label") or one_line(
            " ".join(doc.strings[nodes["nodeValue"][k]] for k in range(n, doc.end[n]) if doc.names[k] == "#text")
        )
        labels.append(label)
        if n in chosen:
            shown.append(label)
    return tuple(labels), ", ".join(shown)


def is_missing(doc: Document, node: int, element: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether a form waits for this control: it must be filled in, ticked or chosen, and is not. `said` are its
    accessible properties. A list whose chosen entry stands for none, and buttons of which one must be chosen, are known
    by the browser's own judgement."""
    if not element.get("enabled", True) or said.get("readonly") or doc.word(node, "readonly") is not None:
        return False
    tag, kind = doc.names[node], (doc.word(node, "type") or "text").lower()
    native = tag in ("INPUT", "SELECT", "TEXTAREA")
    aria = said.get("required") is True or (doc.word(node, "aria-required") or "").lower() == "true"
    must = aria or (native and doc.word(node, "required") is not None)
    own = doc.word(node, "aria-invalid") is None  # else the page says so itself, of whatever
    if native and own and (tag == "SELECT" or (tag == "INPUT" and kind in _CHECKED_BY_BROWSER)):
        refused = said.get("invalid") == "true"
        if refused and (must or kind == "radio"):
            return True
        if not aria:
            return False
    if not must:
        return False
    if element["role"] in ("checkbox", "switch"):
        return element.get("checked") is False
    return element.get("value") == ""
