"""The pages that recordings went through, and what tells one page from the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ostinato.judge.check import Absent, Check, Exists, UrlLike
from ostinato.judge.evidence import Evidence, evaluate, path_of
from ostinato.trace.locator import REPEATED, Locator, container_of
from ostinato.trace.record import Trace
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, mask, values_of
from ostinato.trace.values import normal

_ALIKE = 0.6  # share of the controls (Jaccard) from which two screens are one page
_MOST_SIGNS = 3
_DIALOGS = frozenset({"dialog", "alertdialog"})
# What names a page, the best sign first.
_SIGNS = (
    *("dialog", "alertdialog", "heading", "group", "textbox", "searchbox", "combobox", "spinbutton"),
    *("radio", "checkbox", "button", "link", "tab", "columnheader"),
)


@dataclass(frozen=True)
class Shot:
    """One screen of a recording: `run` says of which, `place` which one (the last is that of the end)."""

    run: int
    place: int
    screen: Screen


@dataclass(frozen=True)
class Page:
    """Screens that show the same page, in every recording; of each recording in their order."""

    shots: tuple[Shot, ...]

    def of(self, run: int) -> list[Shot]:
        return [shot for shot in self.shots if shot.run == run]

    def firsts(self) -> list[Shot]:
        return [self.of(run)[0] for run in sorted({shot.run for shot in self.shots})]

    def lasts(self) -> list[Shot]:
        return [self.of(run)[-1] for run in sorted({shot.run for shot in self.shots})]


def screens_of(trace: Trace) -> list[Screen]:
    """All screens of a recording, that of the end last."""
    return [*(step.before for step in trace.steps), *([trace.final] if trace.final is not None else [])]


def pages_of(traces: Sequence[Trace]) -> list[Page]:
    """The pages that every recording showed, in the order of the first recording."""
    groups: list[list[Shot]] = []
    for run, trace in enumerate(traces):
        for place, screen in enumerate(screens_of(trace)):
            likeness = [_likeness(group[0].screen, screen) for group in groups]
            best = max(range(len(groups)), key=lambda n: likeness[n], default=None)
            if best is None or likeness[best] < _ALIKE:
                groups.append([])
                best = len(groups) - 1
            groups[best].append(Shot(run, place, screen))
    return [Page(tuple(group)) for group in groups if {shot.run for shot in group} == set(range(len(traces)))]


def _likeness(one: Screen, other: Screen) -> float:
    if _address(one) != _address(other) or one.dialog is not None or other.dialog is not None:
        return 1.0 if _address(one) == _address(other) and one.dialog == other.dialog else 0.0
    first, second = _controls(one), _controls(other)
    return len(first & second) / len(first | second) if first | second else 1.0


def _address(screen: Screen) -> str | None:
    if screen.url is None:
        return screen.package
    return "/".join("*" if part.isdigit() else part for part in path_of(screen.url).split("/"))


def _controls(screen: Screen) -> frozenset[tuple[str, str]]:
    """What can be used on a screen, but for rows of lists; what lies under a dialog cannot."""
    return frozenset((e.role, e.id or normal(e.name)) for e in _signs(screen) if e.name or e.id)


def _signs(screen: Screen) -> list[Element]:
    dialog = next((e for e in screen.elements if e.role in _DIALOGS), None)
    return [
        e
        for e in screen.elements
        if e.role in _SIGNS
        and container_of(e, screen, REPEATED) is None
        and (dialog is None or e.is_inside(dialog.path))
    ]


def signs_of(page: Page, others: Sequence[Page], slots: Sequence[Found]) -> tuple[Check, ...]:
    """Checks that hold on every screen of a page and, as far as there are such, on no screen of the others."""
    left = [shot for other in others for shot in other.shots]
    found: list[Check] = []
    candidates = [check for check in _present(page, slots) if all(_holds(check, s, slots) for s in page.shots)]
    while len(found) < _MOST_SIGNS and candidates and (left or not found):
        excluded = [sum(not _holds(check, shot, slots) for shot in left) for check in candidates]
        best = max(range(len(candidates)), key=lambda n: (excluded[n], -n))
        if found and not excluded[best]:
            break
        check = candidates.pop(best)
        found.append(check)
        left = [shot for shot in left if _holds(check, shot, slots)]
    while left and len(found) < 2 * _MOST_SIGNS:
        other = next(page for page in others if left[0] in page.shots)
        lacking = next((c for c in _lacking(other, slots) if all(_holds(c, s, slots) for s in page.shots)), None)
        if lacking is None:
            break
        found.append(lacking)
        left = [shot for shot in left if _holds(lacking, shot, slots)]
    return tuple(found)


def _present(page: Page, slots: Sequence[Found]) -> Iterator[Check]:
    shot = page.shots[0]
    if shot.screen.url is not None and not shot.screen.url.startswith("file:"):
        address = _address(shot.screen) or "/"
        yield UrlLike(pattern=address)
    for target in _targets(shot, slots):
        yield Exists(target=target)


def _lacking(other: Page, slots: Sequence[Found]) -> Iterator[Check]:
    """Signs of another page, to be absent."""
    for target in _targets(other.shots[0], slots):
        if all(_holds(Exists(target=target), shot, slots) for shot in other.shots):
            yield Absent(target=target)


def _targets(shot: Shot, slots: Sequence[Found]) -> Iterator[Locator]:
    values = values_of(slots, shot.run)
    for element in sorted(_signs(shot.screen), key=lambda e: _SIGNS.index(e.role)):
        name = mask(element.name, values)
        if name and not re.search(r"\d", name) and len(name) <= 80:
            yield Locator(role=element.role, name=name)
        elif element.id and not re.search(r"\d", element.id):
            yield Locator(role=element.role, id=element.id)


def holds(check: Check, shots: Sequence[Shot], known: Sequence[Found], before: Sequence[Shot] | None = None) -> bool:
    """Whether a check is true of all these screens, each with the values of its recording, and compared with the
    screen at its place in `before`."""
    for place, shot in enumerate(shots):
        earlier = before[place].screen if before is not None else None
        evidence = Evidence(after=shot.screen, before=earlier, values=values_of(known, shot.run))
        if evaluate(check, evidence).value != "true":
            return False
    return True


def _holds(check: Check, shot: Shot, slots: Sequence[Found]) -> bool:
    return evaluate(check, Evidence(after=shot.screen, values=values_of(slots, shot.run))).value == "true"
