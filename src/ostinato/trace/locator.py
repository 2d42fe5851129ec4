"""Find an element again on a later screen, by several attributes, with a margin to the runner-up.

Score = Σ w·match / Σ w over the attributes a locator has: id 3, name 3, role 2, placeholder 2, value 2, container 3,
path 1, box 0.5. An attribute that holds a slot is compared with the bound value and must match; so must the
container. The first of name, id, placeholder and value that a locator has must be the same: `Activate` and
`Deactivate` are alike and opposites, so likeness explains and never decides. A locator never settles for the best of
a bad lot: `find` wants a score and a margin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache

from ostinato.trace.pick import Pick, picked
from ostinato.trace.screen import Box, Element, Record, Screen
from ostinato.trace.values import fill, holds_value, normal, same_value, slots_in

REPEATED = frozenset({"row", "listitem", "article", "option", "treeitem", "menuitem", "figure"})
THRESHOLD = 0.70
MARGIN = 0.08
CONTAINERS = frozenset(
    {
        "row",
        "listitem",
        "article",
        "dialog",
        "alertdialog",
        "form",
        "group",
        "region",
        "option",
        "treeitem",
        "tabpanel",
        "menuitem",
        "figure",
    }
)
_DIALOGS = frozenset({"dialog", "alertdialog"})
_DATA = re.compile(r"(?:^|/)(?:row|listitem|article)(?:\[\d+\])?(?=/)")
_INTERCHANGEABLE = [frozenset({"textbox", "searchbox", "combobox", "spinbutton"}), frozenset({"button", "link"})]


class Container(Record):
    """The row, list item, dialog, … that a target stands in, known by words it shows (may hold slots). Those of `whole`
    are all that some part of it says: the row of `Bread` is not that of `Brown bread`."""

    role: str
    texts: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


class Locator(Record):
    """What is known of an element; an attribute that is None is not known and not compared."""

    role: str
    name: str | None = None
    id: str | None = None
    placeholder: str | None = None
    value: str | None = None
    path: str | None = None
    box: Box | None = None
    container: Container | None = None
    pick: Pick | None = None

    @cached_property
    def slots(self) -> tuple[str, ...]:
        patterns = [self.name, self.id, self.placeholder, self.value]
        patterns += list(self.container.texts) if self.container else []
        return tuple(dict.fromkeys(slot for p in patterns if p for slot in slots_in(p)))

    def words(self) -> str:
        """For people: `button “Submit”`."""
        label = self.name or self.placeholder or self.id or self.value or self.path or ("" if self.pick else "?")
        where = (
            f" in the {self.container.role} with {' and '.join(map(repr, self.container.texts))}"
            if (self.container and self.container.texts)
            else ""
        )
        where += f" in {self.pick.words()}" if self.pick else ""
        return f"{self.role} “{label}”{where}"


@dataclass(frozen=True)
class Located:
    """The best element, its score in 0..1, how far ahead of the second it is, and whether it is called the same."""

    element: Element
    score: float
    margin: float
    runner_up: Element | None
    same: bool


def locate(locator: Locator, screen: Screen, values: dict[str, str]) -> Located | None:
    """The best match, or None when nothing has the right role or a slot or the container does not fit."""
    if locator.pick is not None:
        row = _picked(locator, screen, values)
        element = screen.at_path(row.path + locator.pick.target) if isinstance(row, Element) else None
        return Located(element, 1.0, 1.0, None, True) if element is not None else None
    near = screen.of_roles(compatible(locator.role))
    same = _rated(locator, [e for e in near if _called_the_same(locator, e, values)], screen, values)
    rated = same or _rated(locator, near, screen, values)
    if not rated:
        return None
    best, element = rated[0]
    second, runner_up = rated[1] if len(rated) > 1 else (0.0, None)
    return Located(element, best, best - second, runner_up, bool(same))


def _picked(locator: Locator, screen: Screen, values: dict[str, str]) -> Element | str:
    """The row that a locator picks among those that have such an element, or why it picks none."""
    pick = locator.pick
    assert pick is not None
    rows = []
    for row in screen.of_roles(frozenset({pick.row})):
        there = screen.at_path(row.path + pick.target)
        if there is not None and there.role in compatible(locator.role) and _called_the_same(locator, there, values):
            rows.append(row)
    return picked(pick, rows, screen)


def _rated(
    locator: Locator, elements: Sequence[Element], screen: Screen, values: dict[str, str]
) -> list[tuple[float, Element]]:
    """The elements that may be meant with their scores, the best first."""
    pairs = [(rating, e) for e in elements if (rating := score(locator, e, screen, values)) is not None]
    if locator.slots and len(pairs) > 1:  # Save and SAVE beside each other: the one that is written as the value is
        pairs = [pair for pair in pairs if _as_written(locator, pair[1], values)] or pairs
    return sorted(pairs, key=lambda pair: -pair[0])


def find(locator: Locator, screen: Screen, values: dict[str, str]) -> Element | None:
    """The element, if the match is good and clear enough to act upon."""
    found = locate(locator, screen, values)
    if found is None or not found.same or found.score < THRESHOLD or found.margin < MARGIN:
        return None
    return found.element if _says_whole(locator, found.element, screen, values) else None


def find_in_page(locator: Locator, screen: Screen, values: dict[str, str]) -> Element | None:
    """The same, also where what lies over the page has one that is called alike: of several that fit, the one that
    stands in no dialog counts, unless what is looked for stands in one."""
    found = find(locator, screen, values)
    if found is not None or _in_dialog(locator):
        return found
    over = [e.path for e in screen.of_roles(_DIALOGS)]
    if not over:
        return None
    page = tuple(e for e in screen.elements if not any(e.is_inside(path) for path in over))
    return find(locator, screen.model_copy(update={"elements": page}), values)


def _in_dialog(locator: Locator) -> bool:
    steps = (locator.path or "").split("/")
    return any(step.split("[")[0] in _DIALOGS for step in (*steps, locator.container.role if locator.container else ""))


def is_meant(locator: Locator, element: Element, screen: Screen, values: dict[str, str]) -> bool:
    """Whether this element is what a locator speaks of: called the same, and like it enough; or the one it picks."""
    if locator.pick is not None:
        found = locate(locator, screen, values)
        return found is not None and found.element.path == element.path
    rating = score(locator, element, screen, values)
    fits = rating is not None and rating >= THRESHOLD and _called_the_same(locator, element, values)
    return fits and _says_whole(locator, element, screen, values)


def why_not(locator: Locator, screen: Screen, values: dict[str, str]) -> str:
    """Why `find` gave nothing, in words."""
    found = locate(locator, screen, values)
    what = fill(locator.words(), values)
    if locator.pick is not None and found is None:
        row = _picked(locator, screen, values)
        return f"{what} cannot be told: {row}" if isinstance(row, str) else f"{what} is not on the screen"
    if found is None:
        return f"{what} is not on the screen"
    if found.margin >= MARGIN and not _says_whole(locator, found.element, screen, values):
        assert locator.container is not None
        return f"{what} is not on the screen; the nearest {locator.container.role} says it among other words"
    if not found.same or found.score < THRESHOLD:
        return f"{what} is not on the screen; the nearest is {found.element.role} “{found.element.name}”"
    return f"{what} fits more than one element (margin {found.margin:.2f} of {MARGIN})"


def score(locator: Locator, element: Element, screen: Screen, values: dict[str, str]) -> float | None:
    """How well an element fits, 0..1; None when it cannot be meant."""
    role = _role(locator.role, element.role)
    if role == 0.0 or _among_data(locator, element):
        return None
    points, weights = 2.0 * role, 2.0
    for weight, wanted, seen in (
        (3.0, locator.name, element.name),
        (3.0, locator.id, element.id),
        (2.0, locator.placeholder, element.placeholder),
        (2.0, locator.value, element.value),
    ):
        if wanted is None:
            continue
        match = _similar(fill(wanted, values), seen or "")
        if slots_in(wanted) and match < 1.0:
            return None
        points += weight * match
        weights += weight
    if locator.container is not None:
        if not within(locator.container, element, screen, values):
            return None
        points, weights = points + 3.0, weights + 3.0
    if locator.path is not None:
        points += SequenceMatcher(None, locator.path.split("/"), element.path.split("/"), autojunk=False).ratio()
        weights += 1.0
    if locator.box is not None:
        points += 0.5 * _near(locator.box, element.box, screen)
        weights += 0.5
    return points / weights


def container_of(element: Element, screen: Screen, roles: frozenset[str] = CONTAINERS) -> Element | None:
    """The nearest enclosing row, list item, dialog, …"""
    return next((a for a in screen.ancestors(element) if a.role in roles), None)


def within(container: Container, element: Element, screen: Screen, values: dict[str, str]) -> bool:
    """Whether an element stands in such a container."""
    for ancestor in screen.ancestors(element):
        if ancestor.role == container.role:
            words = screen.text_of(ancestor)
            return all(holds_value(words, fill(text, values)) for text in container.texts)
    return False


def _says_whole(locator: Locator, element: Element, screen: Screen, values: dict[str, str]) -> bool:
    """Whether the row (or list item, …) of an element says wholly what it must, and not among other words."""
    if locator.container is None or not locator.container.whole:
        return True
    holder = next((a for a in screen.ancestors(element) if a.role == locator.container.role), None)
    return holder is not None and all(says(holder, fill(t, values), screen) for t in locator.container.whole)


def says(container: Element, text: str, screen: Screen) -> bool:
    """Whether a part of a row, a list item, … says this and nothing else."""
    parts = (container, *screen.inside(container))
    return any(
        same_value(text, said) for part in parts if not part.password for said in (part.name, part.value) if said
    )


def _among_data(locator: Locator, element: Element) -> bool:
    """Whether an element stands in a row, a list item or an article, and what is looked for never did: what stands
    there may be called anything."""
    if locator.container is not None or locator.path is None or _DATA.search(locator.path):
        return False
    return _DATA.search(element.path) is not None


def _as_written(locator: Locator, element: Element, values: dict[str, str]) -> bool:
    """Whether the attributes that hold slots are the bound values letter for letter."""
    pairs = ((locator.name, element.name), (locator.id, element.id), (locator.placeholder, element.placeholder))
    wanted = [(fill(pattern, values), seen or "") for pattern, seen in pairs if pattern and slots_in(pattern)]
    return bool(wanted) and all(pattern.split() == seen.split() for pattern, seen in wanted)


def _called_the_same(locator: Locator, element: Element, values: dict[str, str]) -> bool:
    """Whether what names the element best is the same, but for case and punctuation."""
    for wanted, seen in (
        (locator.name, element.name),
        (locator.id, element.id),
        (locator.placeholder, element.placeholder),
        (locator.value, element.value),
    ):
        if wanted is not None:
            one, other = fill(wanted, values), seen or ""
            bare = _bare(one)
            return same_value(one, other) or (bare != "" and bare == _bare(other))
    return True


@lru_cache(maxsize=1 << 15)
def _bare(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", normal(text)).split())


@lru_cache(maxsize=256)
def compatible(role: str) -> frozenset[str]:
    """The roles that an element of this one may have on another day: a link that looks like a button is either."""
    return frozenset({role}).union(*(group for group in _INTERCHANGEABLE if role in group))


def _role(wanted: str, seen: str) -> float:
    if wanted == seen:
        return 1.0
    return 0.5 if any(wanted in group and seen in group for group in _INTERCHANGEABLE) else 0.0


def _similar(wanted: str, seen: str) -> float:
    if same_value(wanted, seen):
        return 1.0
    one, other = normal(wanted), normal(seen)
    if not one or not other:
        return 0.0
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio * 0.8 if ratio >= 0.6 else 0.0


def _near(one: Box, other: Box, screen: Screen) -> float:
    a, b = one.center, other.center
    apart = abs(a.x - b.x) / max(screen.width, 1) + abs(a.y - b.y) / max(screen.height, 1)
    return max(0.0, 1.0 - apart)
