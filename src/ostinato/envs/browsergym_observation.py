"""Observations with BrowserGym's keys, made from our screens: the trees are rebuilt from the list of elements.

`axtree_object` is in the form of the DevTools protocol's accessibility tree and `dom_object` in that of its DOM
snapshot, so that BrowserGym's own functions that write them as text read them. A phone that has no DOM (Android) gives
both, too. They hold what our screens hold, and no more: no scripts, no hidden parts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ostinato.envs.bids import Bids
from ostinato.trace.screen import Element, Screen

_ROLES = {"text": "StaticText", "document": "Iframe", "img": "image"}
_TAGS = {
    "text": "span",
    "button": "button",
    "link": "a",
    "textbox": "input",
    "searchbox": "input",
    "spinbutton": "input",
    "slider": "input",
    "checkbox": "input",
    "radio": "input",
    "combobox": "select",
    "listbox": "select",
    "heading": "h2",
    "img": "img",
    "image": "img",
    "table": "table",
    "row": "tr",
    "cell": "td",
    "columnheader": "th",
    "rowheader": "th",
    "list": "ul",
    "listitem": "li",
    "form": "form",
    "navigation": "nav",
    "main": "main",
    "article": "article",
    "dialog": "dialog",
    "document": "section",
}
_INPUTS = {"searchbox": "search", "spinbutton": "number", "slider": "range", "checkbox": "checkbox", "radio": "radio"}
_CLICKABLE = frozenset(
    {
        "button",
        "link",
        "textbox",
        "searchbox",
        "spinbutton",
        "slider",
        "checkbox",
        "radio",
        "switch",
        "combobox",
        "listbox",
        "option",
        "menuitem",
        "menuitemcheckbox",
        "menuitemradio",
        "tab",
        "treeitem",
    }
)


def observation(
    screen: Screen,
    picture: np.ndarray[Any, Any],
    bids: Bids,
    *,
    goal: str,
    messages: list[dict[str, Any]],
    last_action: str,
    last_action_error: str,
    elapsed: float,
) -> dict[str, Any]:
    """A screen as BrowserGym would show it. `picture` is uint8, height x width x 3; `elapsed` in seconds."""
    bids.see(screen)
    url = screen.url or screen.package or ""
    focused = next((bids.of(e) for e in screen.elements if e.focused), None)
    return {
        "chat_messages": tuple(dict(message) for message in messages),
        "goal": goal,
        "goal_object": ({"type": "text", "text": goal},),
        "open_pages_urls": (url,),
        "open_pages_titles": (screen.title,),
        "active_page_index": np.asarray([0]),
        "url": url,
        "screenshot": picture,
        "dom_object": dom(screen, bids),
        "axtree_object": axtree(screen, bids),
        "extra_element_properties": properties(screen, bids),
        "focused_element_bid": focused or "",
        "last_action": last_action,
        "last_action_error": last_action_error,
        "elapsed_time": np.asarray([elapsed]),
    }


def axtree(screen: Screen, bids: Bids) -> dict[str, Any]:
    """The elements as an accessibility tree: `nodes` with `nodeId`, `role`, `name`, `properties`, `childIds`, and
    `browsergym_id`."""
    ids = {element.path: str(number) for number, element in enumerate(screen.elements, start=2)}
    root = _node("1", "RootWebArea", screen.title)
    root["properties"] = [_property("focusable", "booleanOrUndefined", True)]
    nodes = [root]
    children: dict[str, list[str]] = {"1": root["childIds"]}
    extra = len(screen.elements) + 2
    for element in screen.elements:
        key = ids[element.path]
        node = _node(key, _ROLES.get(element.role, element.role), element.name or element.placeholder or "")
        node["properties"] = _properties(element)
        if element.value and not element.password:
            node["value"] = {"type": "string", "value": element.value}
        bid = bids.of(element)
        if bid is not None:
            node["browsergym_id"] = bid
        parent = _parent(element, screen)
        node["parentId"] = ids[parent.path] if parent is not None else "1"
        children.setdefault(node["parentId"], []).append(key)
        children[key] = node["childIds"]
        nodes.append(node)
        for option in element.options:
            choice = _node(str(extra), "option", option)
            choice["properties"] = [_property("selected", "booleanOrUndefined", option == element.value)]
            choice["parentId"] = key
            node["childIds"].append(str(extra))
            nodes.append(choice)
            extra += 1
    if screen.dialog is not None:
        nodes.append(_node(str(extra), "alertdialog", screen.dialog) | {"parentId": "1"})
        root["childIds"].append(str(extra))
    return {"nodes": nodes}


def _node(key: str, role: str, name: str) -> dict[str, Any]:
    return {
        "nodeId": key,
        "ignored": False,
        "role": {"type": "role", "value": role},
        "name": {"type": "computedString", "value": name},
        "properties": [],
        "childIds": [],
    }


def _properties(element: Element) -> list[dict[str, Any]]:
    found = []
    if element.editable:
        found.append(_property("editable", "token", "plaintext"))
    if element.focused:
        found.append(_property("focused", "booleanOrUndefined", True))
    if not element.enabled:
        found.append(_property("disabled", "boolean", True))
    if element.checked is not None:
        found.append(_property("checked", "tristate", "true" if element.checked else "false"))
    return found


def _property(name: str, kind: str, value: object) -> dict[str, Any]:
    return {"name": name, "value": {"type": kind, "value": value}}


def _parent(element: Element, screen: Screen) -> Element | None:
    return next(iter(screen.ancestors(element)), None)


def dom(screen: Screen, bids: Bids) -> dict[str, Any]:
    """The elements as one document of a DOM snapshot: flat arrays that name their parents, texts by number."""
    strings: dict[str, int] = {}

    def text(words: str) -> int:
        return strings.setdefault(words, len(strings))

    nodes: dict[str, Any] = {
        key: [] for key in ("parentIndex", "nodeType", "nodeName", "nodeValue", "backendNodeId", "attributes")
    }

    def add(parent: int, kind: int, name: str, value: str = "", attributes: dict[str, str] | None = None) -> int:
        nodes["parentIndex"].append(parent)
        nodes["nodeType"].append(kind)
        nodes["nodeName"].append(text(name))
        nodes["nodeValue"].append(text(value) if value else -1)
        nodes["backendNodeId"].append(len(nodes["nodeType"]))
        nodes["attributes"].append([text(word) for pair in (attributes or {}).items() for word in pair])
        return len(nodes["nodeType"]) - 1

    html = add(add(-1, 9, "#document"), 1, "HTML")
    title = add(add(html, 1, "HEAD"), 1, "TITLE")
    add(title, 3, "#text", screen.title)
    body = add(html, 1, "BODY")
    at: dict[str, int] = {}
    for element in screen.elements:
        parent = _parent(element, screen)
        above = at[parent.path] if parent is not None else body
        tag = _TAGS.get(element.role, "div")
        here = at[element.path] = add(above, 1, tag.upper(), attributes=_attributes(element, tag, bids))
        for option in element.options:
            chosen = {"selected": ""} if option == element.value else {}
            add(add(here, 1, "OPTION", attributes=chosen), 3, "#text", option)
        if element.name and tag not in ("input", "select", "img") and not screen.inside(element):
            add(here, 3, "#text", element.name)
    nodes["contentDocumentIndex"] = {"index": [], "value": []}
    url = screen.url or screen.package or ""
    document = {"documentURL": text(url), "title": text(screen.title), "nodes": nodes}
    return {"documents": [document], "strings": list(strings)}


def _attributes(element: Element, tag: str, bids: Bids) -> dict[str, str]:
    found = {"bid": bids.of(element) or ""}
    if tag == "div" and element.role != "generic":
        found["role"] = element.role
    if element.id:
        found["id"] = element.id
    if tag == "input":
        found["type"] = "password" if element.password else _INPUTS.get(element.role, "text")
        if element.value and not element.password:
            found["value"] = element.value
    if tag in ("input", "select", "img") and element.name:
        found["aria-label"] = element.name
    if element.placeholder:
        found["placeholder"] = element.placeholder
    if element.checked:
        found["checked"] = ""
    if not element.enabled:
        found["disabled"] = ""
    return found


def properties(screen: Screen, bids: Bids) -> dict[str, dict[str, Any]]:
    """By bid: `visibility` (1 when a touch would reach it now), `bbox` in pixels of the screenshot, `clickable`, and
    whether it is one of the `set_of_marks`."""
    found: dict[str, dict[str, Any]] = {}
    for element in screen.elements:
        bid = bids.of(element)
        if bid is None:
            continue
        box = element.box
        clickable = element.role in _CLICKABLE or element.editable or element.checked is not None
        found[bid] = {
            "visibility": 1.0 if element.reachable else 0.0,
            "bbox": [box.left, box.top, box.width, box.height],
            "clickable": clickable,
            "set_of_marks": clickable and element.reachable,
        }
    return found
