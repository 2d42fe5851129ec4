"""Signs that screens of several recordings share: what appeared, what an address is like, what holds on all."""

from __future__ import annotations

from collections.abc import Sequence

from ostinato.judge.check import Check, Exists, TextHas
from ostinato.judge.evidence import Evidence, evaluate, path_of
from ostinato.trace.locator import REPEATED, Locator, container_of
from ostinato.trace.recordings import Row
from ostinato.trace.screen import Screen
from ostinato.trace.slots import Found, mask, values_of

_SIGNS = frozenset(
    {"heading", "dialog", "alertdialog", "alert", "status", "textbox", "button", "link", "combobox", "text"}
)
_MOST_SIGNS = 3


def appeared(earlier: Sequence[Sequence[Screen]], afters: Sequence[Screen], slots: Sequence[Found]) -> list[Check]:
    """Signs that came with this step in every recording: elements known by role and name that no earlier screen of
    the recording had. What shows figures or dates that no slot explains, or is one of many rows, is no sign."""
    signs: list[Check] = []
    for element in sorted(afters[0].elements, key=lambda e: (e.role == "text", e.role in ("link", "button"))):
        if element.role not in _SIGNS or not element.name or len(element.name) > 120:
            continue
        name = mask(element.name, values_of(slots, 0))
        if any(c.isdigit() for c in name):
            continue
        if "{" not in name and container_of(element, afters[0], REPEATED) is not None:
            continue
        check: Check
        if element.role in ("text", "alert", "status"):
            check = TextHas(text=name)
        else:
            check = Exists(target=Locator(role=element.role, name=name))
        if check in signs or not holds(check, afters, slots):
            continue
        if any(
            evaluate(check, Evidence(after=screen, values=values_of(slots, j))).value == "true"
            for j, screens in enumerate(earlier)
            for screen in screens
        ):
            continue
        signs.append(check)
        if len(signs) == _MOST_SIGNS:
            break
    return signs


def earlier(rows: Sequence[Row]) -> list[list[Screen]]:
    """For each recording, the screens before each of these steps."""
    return [[s.before for row in rows if (s := row.steps[j]) is not None] for j in range(len(rows[0].steps))]


def url_pattern(screens: Sequence[Screen]) -> str | None:
    paths = [path_of(s.url).split("/") for s in screens if s.url is not None]
    if len(paths) != len(screens) or len({len(p) for p in paths}) != 1 or screens[0].url is None:
        return None
    if screens[0].url.startswith("file:"):
        return None
    parts = ["*" if len(set(column)) > 1 or column[0].isdigit() else column[0] for column in zip(*paths, strict=True)]
    return "/".join(parts)


def holds(check: Check, screens: Sequence[Screen], slots: Sequence[Found]) -> bool:
    return all(
        evaluate(check, Evidence(after=s, values=values_of(slots, j))).value == "true" for j, s in enumerate(screens)
    )
