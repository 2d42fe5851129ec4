"""Finding what words name among the elements of a screen, without a model that sees.

Every reading of the words (`phrase`) rates every element by its role, by the likeness of its labels to the name, and
by what it stands in or beside; a number or a side then says which of the equals. Where an embedder is given it is
asked when no label is alike by its letters (`basket` for `Cart`).

What is found has a score and a margin to the next best; `unsure` tells when one had better ask somebody who sees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ostinato.agent.grounding import Grounding
from ostinato.agent.labels import Labels, same_line
from ostinato.agent.likeness import covered, likeness, tokens
from ostinato.agent.order import at_side, in_reading_order, of_one_list, speaks_of
from ostinato.agent.phrase import ITEM_WORDS, ROLE_WORDS, Phrase, known_by, readings
from ostinato.model.embed import Embedder
from ostinato.trace.locator import REPEATED, container_of
from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.values import holds_value, normal

SURE_SCORE = 0.62
SURE_MARGIN = 0.06
_LEAST = 0.3
_PLAIN_ENOUGH = 0.9  # a label as like as that needs no embedding
_EQUAL = 0.04
_TRUE_ROLE = 0.75  # what is known by its role alone is really of it
CONTROLS = {
    "button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "switch", "tab", "menuitem",
    "menuitemcheckbox", "menuitemradio", "option", "treeitem", "slider", "spinbutton",
}  # fmt: skip
_PAGER = re.compile(r"\d{1,4}|[<>«»‹›←→…]+|(?:next|previous|prev|first|last)(?: page)?", re.IGNORECASE)
_HOLDERS = {
    "table", "list", "tablist", "menu", "menubar", "form", "region", "group", "tabpanel", "document", "main",
    "navigation", "grid",
}  # fmt: skip


def unsure(found: Grounding | None) -> bool:
    """Whether a grounding is too poor, or too close to another, to act upon."""
    return found is None or found.score < SURE_SCORE or found.margin < SURE_MARGIN


@dataclass(frozen=True)
class LexicalGrounder:
    """Finds by words."""

    embedder: Embedder | None = None
    name: str = "lexical"

    def ground(self, words: str, screen: Screen) -> Grounding | None:
        """The best element with its score and its margin, or None."""
        rated = rate(words, screen, self.embedder)
        if not rated or rated[0][1] < _LEAST:
            return None
        (element, score), runner_up = rated[0], rated[1][1] if len(rated) > 1 else 0.0
        margin = min(score, max(0.0, score - runner_up))
        return Grounding(element=element, score=score, margin=margin, how="words")


def rate(
    words: str, screen: Screen, embedder: Embedder | None = None, labels: Labels | None = None
) -> list[tuple[Element, float]]:
    """The elements that the words may mean with their scores, the best first. What can only be touched together (a
    tab and the link that fills it) counts once. `labels` are those of a larger screen, of which this is a part."""
    labels = labels or Labels(screen)
    best: dict[str, float] = {}
    for phrase in readings(words):
        for element, score in _rated(phrase, screen, labels, embedder):
            best[element.path] = max(best.get(element.path, 0.0), score - phrase.doubt)
    found = [(screen.at_path(path), score) for path, score in best.items()]
    ordered = sorted(((e, score) for e, score in found if e is not None), key=lambda pair: -pair[1])
    return _merged([(element, min(1.0, score)) for element, score in ordered if score > 0])


def same_things(words: str, screen: Screen, embedder: Embedder | None = None) -> list[Element]:
    """All elements that the words fit about equally well, from the top: `all posts`."""
    rated = rate(words, screen, embedder)
    best = rated[0][1] if rated else 0.0
    return in_reading_order([e for e, score in rated if best >= SURE_SCORE and score >= best - _EQUAL])


def listed(words: str, screen: Screen, embedder: Embedder | None = None) -> tuple[int | None, list[Element]]:
    """The number in words that count from the first (`the 9th result`), and all things on this screen that are counted
    so; None where the words count nothing, or from the end."""
    for phrase in readings(words):
        if phrase.ordinal is not None and phrase.ordinal > 0 and not phrase.anchor and not phrase.sides:
            labels = Labels(screen)
            rated = _rated(replace(phrase, ordinal=None), screen, labels, embedder)
            best = max((score for _, score in rated), default=0.0)
            if best >= SURE_SCORE:
                return phrase.ordinal, _in_order(phrase, rated, screen)
    return None, []


def _merged(ordered: list[tuple[Element, float]]) -> list[tuple[Element, float]]:
    kept: list[tuple[Element, float]] = []
    for element, score in ordered:
        if not any(_one_touch(element, other) for other, _ in kept[:5]):
            kept.append((element, score))
    return kept


def _one_touch(one: Element, other: Element) -> bool:
    """Whether one of two lies in the other, and both are called the same, or the outer has no name of its own."""
    if not (one.is_inside(other.path) or other.is_inside(one.path)):
        return False
    inner, outer = (one, other) if len(one.path) > len(other.path) else (other, one)
    return outer.box.contains(inner.box.center) and (
        normal(inner.name) == normal(outer.name) or (inner.role == "text" and outer.role in CONTROLS)
    )


def _rated(phrase: Phrase, screen: Screen, labels: Labels, embedder: Embedder | None) -> list[tuple[Element, float]]:
    """One reading's scores."""
    rated = [(e, score) for e in screen.elements if (score := _score(phrase, e, labels)) > 0]
    plain = phrase.exact or phrase.whole or max((score for _, score in rated), default=0.0) >= _PLAIN_ENOUGH
    if embedder is not None and phrase.name and not plain:
        rated = _with_meaning(phrase, screen, labels, rated, embedder)
    if not rated:
        return []
    if phrase.holder:
        rated = _held(phrase, rated, screen)
    if phrase.anchor:
        rated = _anchored(phrase, rated, screen, labels, embedder)
    if rated and (phrase.ordinal is not None or phrase.sides):
        rated = _picked(phrase, rated, screen)
    return rated


def _score(phrase: Phrase, element: Element, labels: Labels) -> float:
    """How well an element's role and labels fit, 0..1."""
    fit = phrase.roles.get(element.role, 0.0) if phrase.roles else _by_itself(element)
    if phrase.role_word in ("textarea", "text area") and element.hint != "textarea":
        fit *= 0.9  # a field of many lines is meant, and most are of one
    if not phrase.name:
        fit = fit if fit >= _TRUE_ROLE else 0.5 * fit
        return 0.9 * fit * (1.0 if element.enabled else 0.9)
    alike = max((likeness(phrase.name, label) * worth for label, worth in labels.of(element)), default=0.0)
    if alike < 0.9:
        inner = labels.inner(element) if phrase.roles else ""
        if inner and fit:
            alike = max(
                alike, 0.93 if holds_value(inner, phrase.name) else 0.8 * covered(tokens(phrase.name), tokens(inner))
            )
    if phrase.exact and alike < 0.9:
        alike *= 0.8
    if element.name == phrase.name:
        alike += 0.01  # Save and SAVE beside each other
    score = alike * (0.6 + 0.4 * fit)
    return score + (0.01 if element.reachable else 0.0)


def _by_itself(element: Element) -> float:
    """How likely a thing of this role is meant where no role is said."""
    if element.role in CONTROLS:
        return 1.0
    if element.role in _HOLDERS:
        return 0.6
    return 0.9 if element.role in ("generic", "img") else 0.8


def _with_meaning(
    phrase: Phrase, screen: Screen, labels: Labels, rated: list[tuple[Element, float]], embedder: Embedder
) -> list[tuple[Element, float]]:
    """The scores with likeness in meaning, where that is the greater."""
    named = [(e, label) for e in screen.elements if (label := labels.label(e)) and len(label) <= 80]
    if not named:
        return rated
    rows = embedder.embed([phrase.name, *(label for _, label in named)])
    near = rows[1:] @ rows[0]
    best = {e.path: (e, score) for e, score in rated}
    for (element, _), cosine in zip(named, near, strict=True):
        fit = phrase.roles.get(element.role, 0.0) if phrase.roles else _by_itself(element)
        score = 0.9 * max(0.0, min(1.0, (float(cosine) - 0.1) / 0.75)) * (0.6 + 0.4 * fit)
        if score > best.get(element.path, (element, 0.0))[1]:
            best[element.path] = (element, score)
    return list(best.values())


def _held(phrase: Phrase, rated: list[tuple[Element, float]], screen: Screen) -> list[tuple[Element, float]]:
    """Those within a dialog, a list, …; all of them where the screen has no such thing."""
    roles = ROLE_WORDS.get(phrase.holder, {})
    holders = [e.path for e in screen.elements if e.role in (phrase.holder, *roles)]
    inside = [(e, score) for e, score in rated if any(e.path != path and e.is_inside(path) for path in holders)]
    return inside if holders else rated


def _anchored(
    phrase: Phrase, rated: list[tuple[Element, float]], screen: Screen, labels: Labels, embedder: Embedder | None
) -> list[tuple[Element, float]]:
    """The scores by how an element stands to the anchor; 0 where it does not."""
    if phrase.beside:
        anchors = rate(phrase.anchor, screen, embedder)[:1]
    else:
        anchors = _anchors(phrase.anchor, screen, labels) or _anchors(known_by(phrase.anchor), screen, labels)
        if not anchors and any(one.ordinal is not None for one in readings(phrase.anchor)):
            anchors = [pair for pair in rate(phrase.anchor, screen)[:1] if pair[1] >= SURE_SCORE]
    if not anchors:
        return []
    if not phrase.beside and not any(container_of(e, screen, REPEATED) for e, _ in anchors):
        return _nearest_to(anchors, rated)
    found = []
    for element, score in rated:
        held = max(
            (
                0.97 * sure * stands(element, anchor, phrase.beside, screen)
                for anchor, sure in anchors
                if anchor is not element
            ),
            default=0.0,
        )
        own = 0.95 if not phrase.beside and labels.inner(element) and _holds(labels, element, phrase.anchor) else 0.0
        if max(held, own) > 0:
            found.append((element, score * (0.3 + 0.7 * max(held, own))))
    return found


def _anchors(words: str, screen: Screen, labels: Labels) -> list[tuple[Element, float]]:
    return [(e, alike) for e in screen.elements if (alike := _says(words, e, labels)) >= 0.75]


def _nearest_to(
    anchors: list[tuple[Element, float]], rated: list[tuple[Element, float]]
) -> list[tuple[Element, float]]:
    """The scores where no row or card holds things together: to each anchor belongs the first of the best that stands
    on its line or under it; to the others the more, the nearer they are."""
    best = max(score for _, score in rated)
    equals = [e for e, score in rated if score >= best - _EQUAL]
    own: dict[str, float] = {}
    for anchor, sure in anchors:
        nearest = at_or_below(anchor, [e for e in equals if e is not anchor])
        if nearest is not None:
            own[nearest.path] = max(own.get(nearest.path, 0.0), 0.95 * 0.97 * sure)
    near = {anchor.path for anchor, _ in anchors}
    return [
        (e, score * (0.3 + 0.7 * own.get(e.path, 0.3)))
        for e, score in rated
        if e.path in own or (len(equals) == 1 and e.path not in near)
    ]


def at_or_below(anchor: Element, elements: Sequence[Element]) -> Element | None:
    """The first of some elements on the line of an anchor, or under it."""
    below = [(max(0.0, e.box.top - anchor.box.top), n, e) for n, e in enumerate(elements) if _begins_at(anchor, e)]
    return min(below)[2] if below else None


def _begins_at(anchor: Element, element: Element) -> bool:
    return same_line(anchor.box, element.box) or element.box.center.y >= anchor.box.top


def _says(words: str, element: Element, labels: Labels) -> float:
    return max(
        (max(likeness(words, label), 0.9 * holds_value(label, words)) * worth for label, worth in labels.of(element)),
        default=0.0,
    )


def _holds(labels: Labels, element: Element, words: str) -> bool:
    inner = labels.inner(element)
    return holds_value(inner, words) or covered(tokens(words), tokens(inner)) >= 0.9


def stands(element: Element, anchor: Element, side: str, screen: Screen) -> float:
    """How well an element stands in the same row or card as another, or on that side of it: 0..1, the nearer the
    better."""
    one, other = element.box, anchor.box
    if not side:
        mine, theirs = container_of(element, screen), container_of(anchor, screen)
        if anchor.role in ("row", "listitem", "article", "dialog", "form") and element.is_inside(anchor.path):
            return 1.0
        if mine is not None and theirs is not None and mine.path == theirs.path and mine.role != "form":
            return 1.0
        if mine is not None and mine.role in REPEATED and anchor.is_inside(mine.path):
            return 0.98
        if mine is not None and (theirs is None or theirs.path != mine.path) and mine.role in ("row", "listitem"):
            return 0.0
        return 0.95 if same_line(one, other) else max(0.0, 0.85 - _below(one, other) / max(screen.height, 1))
    away = {
        "left of": (other.left - one.center.x) if same_line(one, other) else -1.0,
        "right of": (one.center.x - other.left - other.width) if same_line(one, other) else -1.0,
        "above": other.top - one.center.y,
        "over": other.top - one.center.y,
        "below": one.center.y - other.top - other.height,
        "under": one.center.y - other.top - other.height,
        "underneath": one.center.y - other.top - other.height,
        "after": one.center.y - other.center.y + (one.center.x - other.center.x) / 100,
        "before": other.center.y - one.center.y + (other.center.x - one.center.x) / 100,
    }.get(side)
    sideways = abs(one.center.x - other.center.x) if side not in ("left of", "right of") else 0.0
    if away is None:  # next to, beside, near
        away = abs(one.center.y - other.center.y) * 3 + _gap(one, other)
        sideways = 0.0
    if away < 0:
        return 0.0
    return max(0.1, 1.0 - (away + 0.3 * sideways) / max(screen.height, screen.width, 1))


def _gap(one: Box, other: Box) -> float:
    return max(0.0, one.left - other.left - other.width, other.left - one.left - one.width)


def _below(one: Box, other: Box) -> float:
    """How far a box begins below another, in pixels; far away for those that stand above it."""
    return one.top - other.top if one.center.y >= other.top else 1e6


def _picked(phrase: Phrase, rated: list[tuple[Element, float]], screen: Screen) -> list[tuple[Element, float]]:
    """Which of those that fit about equally well; the others fall behind."""
    chosen = _in_order(phrase, rated, screen)
    if phrase.noun and phrase.role_word == "item" and not (chosen and speaks_of(phrase.noun, chosen[0], screen)):
        return []  # `the second banana` is no item of a list that speaks of none
    for side in phrase.sides:
        chosen = at_side(side, chosen)
    if phrase.ordinal is not None:
        place = phrase.ordinal - 1 if phrase.ordinal > 0 else len(chosen) + phrase.ordinal
        if not 0 <= place < len(chosen):
            return []
        chosen = [chosen[place]]
    paths = {e.path for e in chosen}
    return [(e, score if e.path in paths else score - 0.25) for e, score in rated]


def _in_order(phrase: Phrase, rated: list[tuple[Element, float]], screen: Screen) -> list[Element]:
    """Those that fit about equally well, from the top; items of a list without its head and without what turns its
    pages."""
    best = max(score for _, score in rated)
    equals = [e for e, score in _merged(sorted(rated, key=lambda pair: -pair[1])) if score >= best - _EQUAL]
    order = in_reading_order(equals)
    if phrase.noun:
        order = in_reading_order(of_one_list(phrase.noun, equals, screen))
    if phrase.ordinal is not None and phrase.role_word in (*ITEM_WORDS, "row", "line", "entry", "card"):
        order = [e for e in order if not any(c.role == "columnheader" for c in screen.inside(e))] or order
        order = [e for e in order if not _PAGER.fullmatch(e.name or screen.text_of(e).strip())] or order
    return order
