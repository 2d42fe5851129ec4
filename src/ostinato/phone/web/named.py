"""Which element of the screen a chain of Playwright's own locator calls names.

Playwright itself looks for it, so that a script that Playwright wrote means here what it means there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from ostinato.phone.web.tabs import Tabs, first_line
from ostinato.phone.web.tree import Tree
from ostinato.trace.screen import Point


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
        said = [_said(a) for a in self.arguments] + [f"{key}={_said(value)}" for key, value in self.options]
        return f"{self.name}({', '.join(said)})"


Chain = tuple[Call, ...]


def _said(value: Any) -> str:
    return "page." + ".".join(call.words() for call in value) if isinstance(value, tuple) else repr(value)


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
_HOLDERS = frozenset({
    "button", "link", "option", "tab", "menuitem", "checkbox", "radio", "switch", "treeitem", "cell", "generic",
})  # fmt: skip


async def named(chain: Chain, tabs: Tabs, tree: Tree | None, zoom: float) -> Named:
    """What a chain names on the page in front; `tree` is the last look at it, which may be of a page now gone."""
    page, _ = tabs.front()
    try:
        place = _locator(page, chain)
        key = "ostinato" + secrets.token_hex(8)
        seen = await tabs.guard(place.evaluate_all(_KEEP, key))
        if seen["count"] != 1:
            return Named(problem="is not on the page" if not seen["count"] else f"names {seen['count']} things at once")
        taken = await tabs.send("Runtime.evaluate", {"expression": f"{_TAKE}({key!r})"})
        object_id = taken["result"].get("objectId")
        middle = Point(x=seen["x"] * zoom, y=seen["y"] * zoom) if seen["own"] else None
        path = await _path(object_id, middle, tabs, tree) if object_id and tree else None
    except PlaywrightError as error:
        return Named(problem=f"cannot be looked for: {first_line(error)}")
    if path is None:
        return Named(problem="is on the page, but is nothing that the phone's screen tells apart")
    return Named(path=path, labels=seen["labels"])


def _locator(page: Page, chain: Chain) -> Any:
    """Playwright's own locator. An argument that is a chain itself is a locator too (`and_`, `or_`, `filter`)."""
    place: Any = page
    for call in chain:
        place = getattr(place, call.name)
        if call.arguments is not None:
            given = [_locator(page, a) if isinstance(a, tuple) else a for a in call.arguments]
            options = {key: _locator(page, v) if isinstance(v, tuple) else v for key, v in call.options}
            place = place(*given, **options)
    return place


async def _path(object_id: str, middle: Point | None, tabs: Tabs, tree: Tree) -> str | None:
    """The path of a node on the screen; where the screen does not have it: of the control around it, or of what is
    within it (of several, of what lies in its middle)."""
    of_node = {backend: path for path, backend in tree.nodes.items()}
    about = await tabs.send("DOM.describeNode", {"objectId": object_id, "depth": -1})
    if about["node"]["backendNodeId"] in of_node:
        return of_node[about["node"]["backendNodeId"]]
    element = {e.path: e for e in tree.elements}
    for _ in range(_MOST_UP):
        up = await tabs.send("Runtime.callFunctionOn", {"objectId": object_id, "functionDeclaration": _UP})
        object_id = up["result"].get("objectId")
        if not object_id:
            break
        node = (await tabs.send("DOM.describeNode", {"objectId": object_id}))["node"]["backendNodeId"]
        if node in of_node:
            if element[of_node[node]].role in _HOLDERS:
                return of_node[node]
            break
    within = [element[of_node[node]] for node in _inside(about["node"]) if node in of_node]
    if len(within) > 1:
        within = [e for e in within if middle is not None and e.reachable and e.box.contains(middle)]
    return min(within, key=lambda e: e.box.area).path if within else None


def _inside(node: dict[str, Any]) -> list[int]:
    found = []
    for child in node.get("children", ()):
        found += [int(child["backendNodeId"]), *_inside(child)]
    return found
