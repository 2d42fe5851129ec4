"""Which element of the screen a chain of Playwright's own locator calls names.

Playwright itself looks for it, so that a script that Playwright wrote means here what it means there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Error as PlaywrightError

from ostinato.phone.tabs import Tabs, first_line
from ostinato.phone.tree import Tree
from ostinato.trace.screen import Element, Point


@dataclass(frozen=True)
class Call:
    """One link of a chain: `get_by_role("row", name="Bread")`, or without arguments a property such as `first`."""

    name: str
    arguments: tuple[Any, ...] | None = None
    options: tuple[tuple[str, Any], ...] = ()

    def words(self) -> str:
        """As a script writes it."""
        if self.arguments is None:
            return self.name
        said = [repr(a) for a in self.arguments] + [f"{key}={value!r}" for key, value in self.options]
        return f"{self.name}({', '.join(said)})"


Chain = tuple[Call, ...]


@dataclass(frozen=True)
class Named:
    """The path of the element on the last screen, or why there is none. `labels` are the labels of a native list's
    options by their values."""

    path: str | None = None
    problem: str = ""
    labels: dict[str, str] = field(default_factory=dict)


# Leaves the one element in a variable, where our own session can take it; says how many there are, and where it is.
_KEEP = """(all, key) => {
  if (all.length !== 1) return {count: all.length};
  const e = all[0], r = e.getBoundingClientRect(), name = o => (o.label || o.text).replace(/\\s+/g, ' ').trim();
  window.top[key] = e;
  const options = e.nodeName === 'SELECT' ? [...e.options].reverse() : [];
  const labels = Object.fromEntries(options.map(o => [o.value, name(o)]));
  return {count: 1, labels, own: window === window.top, x: r.left + r.width / 2, y: r.top + r.height / 2};
}"""
_TAKE = "(key => { const e = window[key]; delete window[key]; return e })"
_UP = "function() { return this.parentElement }"
_MOST_UP = 8
_HOLDERS = frozenset({"button", "link", "option", "tab", "menuitem", "checkbox", "radio", "switch", "treeitem", "cell"})


async def named(chain: Chain, tabs: Tabs, tree: Tree | None, zoom: float) -> Named:
    """What a chain names on the page in front, which `tree` is a look at."""
    page, _ = tabs.front()
    place: Any = page
    try:
        for call in chain:
            place = getattr(place, call.name)
            if call.arguments is not None:
                place = place(*call.arguments, **dict(call.options))
        key = "ostinato" + secrets.token_hex(8)
        seen = await tabs.guard(place.evaluate_all(_KEEP, key))
        if seen["count"] != 1:
            return Named(problem="is not on the page" if not seen["count"] else f"names {seen['count']} things at once")
        taken = await tabs.send("Runtime.evaluate", {"expression": f"{_TAKE}({key!r})"})
        object_id = taken["result"].get("objectId")
        path = await _path(object_id, tabs, tree) if object_id and tree else None
    except PlaywrightError as error:
        return Named(problem=f"cannot be looked for: {first_line(error)}")
    if path is None and seen["own"] and tree is not None:
        path = _under(Point(x=seen["x"] * zoom, y=seen["y"] * zoom), tree.elements)
    if path is None:
        return Named(problem="is on the page, but is nothing that the phone's screen tells apart")
    return Named(path=path, labels=seen["labels"])


async def _path(object_id: str, tabs: Tabs, tree: Tree) -> str | None:
    """The path of a node on the screen; where the screen does not have it: of the control around it, or of the only
    element within it."""
    of_node = {backend: path for path, backend in tree.nodes.items()}
    about = await tabs.send("DOM.describeNode", {"objectId": object_id, "depth": -1})
    if about["node"]["backendNodeId"] in of_node:
        return of_node[about["node"]["backendNodeId"]]
    within = [of_node[node] for node in _inside(about["node"]) if node in of_node]
    roles = {e.path: e.role for e in tree.elements}
    for _ in range(_MOST_UP):
        up = await tabs.send("Runtime.callFunctionOn", {"objectId": object_id, "functionDeclaration": _UP})
        object_id = up["result"].get("objectId")
        if not object_id:
            break
        node = (await tabs.send("DOM.describeNode", {"objectId": object_id}))["node"]["backendNodeId"]
        if node in of_node:
            if roles[of_node[node]] in _HOLDERS:
                return of_node[node]
            break
    return within[0] if len(within) == 1 else None


def _inside(node: dict[str, Any]) -> list[int]:
    found = []
    for child in node.get("children", ()):
        found += [int(child["backendNodeId"]), *_inside(child)]
    return found


def _under(point: Point, elements: tuple[Element, ...]) -> str | None:
    """The smallest touchable element at a point."""
    hits = [e for e in elements if e.reachable and e.box.contains(point)]
    return min(hits, key=lambda e: (e.box.area, -len(e.path))).path if hits else None
