"""What pages show at the end of recordings as they did not show it at first, and what they still show.

Rows with the tasks' values, values and words that are gone, and that everything else is as it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from ostinato.judge.check import Check, Count, Exists, Kept, TextHas, TextLacks, Together
from ostinato.judge.pages import Shot, holds
from ostinato.judge.signs import appeared
from ostinato.trace.locator import REPEATED, Container, Locator, find
from ostinato.trace.record import Trace
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, generalise, values_of
from ostinato.trace.values import fill, holds_value, normal

Units = list[tuple[str, list[Check]]]  # checks that belong together, under a name
_ROWS = ("row", "listitem", "article")
_MOST_LEFT_OUT = 4  # words of cells that are not kept: a check that leaves out more says little
_AROUND = frozenset({"table", "grid", "list", "complementary", "region", "main", "form", "group"})


@dataclass(frozen=True)
class Ending:
    """The first and the last time that each recording showed a page. `known` are the slots and what else each
    recording knew, such as its day."""

    traces: Sequence[Trace]
    firsts: Sequence[Shot]
    lasts: Sequence[Shot]
    slots: Sequence[Found]
    known: Sequence[Found]

    def holds(self, check: Check, shots: Sequence[Shot], before: Sequence[Shot] | None = None) -> bool:
        return holds(check, shots, self.known, before)

    def rows_shown(self) -> Units:
        """Rows (list items, articles) that show values of the task as none did at first."""
        units: Units = []
        for role in _ROWS:
            shown = set.intersection(*(self._sets(shot, role) for shot in self.lasts))
            known = set.intersection(*(self._sets(shot, role) for shot in self.firsts))
            fresh = [found for found in shown if found and found not in known]
            for found in sorted(fresh, key=lambda f: (-len(f), sorted(f))):
                if not any(found < other for other in fresh):
                    units.append(("shown", self._row_checks(role, found)))
        return [unit for unit in units if unit[1]]

    def _sets(self, shot: Shot, role: str) -> set[frozenset[str]]:
        """For each row of a screen, the slots whose values it shows."""
        values = values_of(self.known, shot.run)
        rows = [shot.screen.text_of(e) for e in shot.screen.elements if e.role == role]
        return {frozenset(name for name, value in values.items() if holds_value(row, value)) for row in rows}

    def _row_checks(self, role: str, found: frozenset[str]) -> list[Check]:
        names = ["{" + slot.name + "}" for slot in self.known if slot.name in found]
        rows = [self._row_of(shot, role, found) for shot in self.lasts]
        constants = _constants([shot.screen for shot in self.lasts], rows)
        together = Together(role=role, texts=(*names, *constants))
        if not self.holds(together, self.lasts):
            together = Together(role=role, texts=tuple(names))
        numbers = {self._number(together, shot) for shot in self.lasts}
        if len(numbers) == 1:
            together = together.model_copy(update={"number": numbers.pop()})
        ordered = together.model_copy(update={"texts": self._in_order(together.texts, rows), "in_order": True})
        together = ordered if self.holds(ordered, self.lasts) else together
        checks: list[Check] = [together] if self.holds(together, self.lasts) else []
        for element, pattern in self._written(rows, self.lasts):
            others = tuple(name for name in names if name not in pattern)
            check = Exists(
                target=Locator(role=element.role, name=pattern, container=Container(role=role, texts=others))
            )
            checks += [check] if check not in checks and self.holds(check, self.lasts) else []
        return checks

    def _in_order(self, texts: Sequence[str], rows: Sequence[Element]) -> tuple[str, ...]:
        """Words as they stand in the row of the first recording: two values of one kind may be told by their columns
        alone."""
        shot = self.lasts[0]
        values = values_of(self.known, shot.run)
        shown = [element.name for element in shot.screen.inside(rows[0])]

        def place(text: str) -> int:
            return next((n for n, name in enumerate(shown) if holds_value(name, fill(text, values))), len(shown))

        return tuple(sorted(texts, key=place))

    def _written(self, rows: Sequence[Element], shots: Sequence[Shot]) -> list[tuple[Element, str]]:
        """The parts of a row whose words are wholly values of the task, in every recording, as patterns."""
        inside = [shot.screen.inside(row) for shot, row in zip(shots, rows, strict=True)]
        slots = [Found(s.name, tuple(s.values[shot.run] for shot in shots)) for s in self.slots]
        found = []
        for element in inside[0]:
            place = element.path[len(rows[0].path) :]
            there = [
                next((e for e in part if e.path[len(row.path) :] == place), None)
                for part, row in zip(inside, rows, strict=True)
            ]
            names = [e.name for e in there if e is not None]
            pattern = generalise(names, slots) if len(names) == len(there) and all(names) else None
            if pattern is not None and "{" in pattern:
                found.append((element, pattern))
        return found

    def _row_of(self, shot: Shot, role: str, found: frozenset[str]) -> Element:
        values = values_of(self.known, shot.run)
        return next(
            e
            for e in shot.screen.elements
            if e.role == role and all(holds_value(shot.screen.text_of(e), values[name]) for name in found)
        )

    def _number(self, check: Together, shot: Shot) -> int:
        values = values_of(self.known, shot.run)
        texts = [next((values[s.name] for s in self.known if t == "{" + s.name + "}"), t) for t in check.texts]
        rows = [shot.screen.text_of(e) for e in shot.screen.elements if e.role == check.role]
        return sum(all(holds_value(row, text) for text in texts) for row in rows)

    def all_sent(self) -> bool:
        """Whether every recording sent something between the two."""
        return all(
            any(step.risk == "commit" for step in self.traces[first.run].steps[first.place : last.place])
            for first, last in zip(self.firsts, self.lasts, strict=True)
        )

    def words_gone(self) -> Units:
        """Rows of a value of the task that do not show words any more which they showed."""
        units: Units = []
        for role in _ROWS:
            known = set.intersection(*(self._sets(shot, role) for shot in (*self.firsts, *self.lasts)))
            for found in sorted((f for f in known if f & {slot.name for slot in self.slots}), key=sorted):
                names = tuple("{" + slot.name + "}" for slot in self.slots if slot.name in found)
                lost = self._words_lost(role, found)
                gone: list[Check] = [Together(role=role, texts=(*names, word), number=0) for word in lost]
                if gone and all(self.holds(check, self.lasts) for check in gone):
                    units.append(("changed", gone))
        return units

    def _words_lost(self, role: str, found: frozenset[str]) -> list[str]:
        old, new = ([self._row_of(shot, role, found) for shot in shots] for shots in (self.firsts, self.lasts))
        words = _constants([shot.screen for shot in self.firsts], old)
        shown = [shot.screen.text_of(row) for shot, row in zip(self.lasts, new, strict=True)]
        return [word for word in words if not any(holds_value(text, word) for text in shown)]

    def still(self, proven: set[str]) -> list[Check]:
        """Values of the task that the page showed at first and still shows: no proof of anything, but told."""
        checks: list[Check] = [TextHas(text="{" + slot.name + "}") for slot in self.slots if slot.name not in proven]
        return [check for check in checks if self.holds(check, [*self.firsts, *self.lasts])]

    def gone(self) -> Units:
        """Values that the page showed at first and does not show any more."""
        gone: Units = []
        for slot in self.slots:
            text = "{" + slot.name + "}"
            if self.holds(TextHas(text=text), self.firsts) and self.holds(TextLacks(text=text), self.lasts):
                gone.append((f"{slot.name}_gone", [TextLacks(text=text)]))
        return gone

    def appeared(self) -> Units:
        """What the page shows that no earlier screen did: with values of the task if there is such, else anything."""
        before = [
            [s.before for s in self.traces[shot.run].steps[: shot.place] if s.before is not shot.screen]
            for shot in self.lasts
        ]
        signs = appeared(before, [shot.screen for shot in self.lasts], self.slots)
        named = [check for check in signs if "{" in check.model_dump_json()]
        return [("appeared", [check]) for check in (named or signs[:1])]

    def kept(self) -> Units:
        """That all other rows are as they were, for each table or list with rows: but for those of the fewest values,
        and figures aside for all of them."""
        units: Units = []
        for role in _ROWS:
            for around in _holders(self.lasts[0].screen, role):
                least = self._least(role, around, True) or self._least(role, around, False)
                bare = Kept(role=role, within=around, numbers=False)
                least = least or self._cells_kept(role, around)
                found = [check for check in (least,) if check is not None]
                if least is not None and least.besides and self.holds(bare, self.lasts, self.firsts):
                    found.append(bare)
                units += [("kept", [check]) for check in found]
        return units

    def _least(self, role: str, around: Locator | None, numbers: bool) -> Kept | None:
        """The check that leaves out the fewest rows."""
        names = ["{" + slot.name + "}" for slot in self.slots]
        screens = [*self.firsts, *self.lasts]

        def left_out(names: tuple[str, ...]) -> int:
            return sum(self._number(Together(role=role, texts=(name,)), shot) for name in names for shot in screens)

        choices = [besides for size in range(min(3, len(names)) + 1) for besides in combinations(names, size)]
        for besides in sorted(choices, key=lambda chosen: (left_out(chosen), len(chosen))):
            check = Kept(role=role, within=around, besides=besides, numbers=numbers)
            if self.holds(check, self.lasts, self.firsts):
                return check
        return None

    def _cells_kept(self, role: str, around: Locator | None) -> Kept | None:
        """That the cells of a table are as they were, but for those that show what changed in every recording alike:
        who shares a bill, when the people became more."""
        if role != "row" or around is None:
            return None
        changed: list[set[str]] = []
        for first, last in zip(self.firsts, self.lasts, strict=True):
            old, new = (Counter(_cells(shot.screen, around)) for shot in (first, last))
            changed.append({normal(text) for text in [*(old - new), *(new - old)]})
        alike = sorted(text for text in set.intersection(*changed) if text and not any(map(str.isdigit, text)))
        names = ["{" + slot.name + "}" for slot in self.slots]
        for size in range(min(2, len(names)) + 1):
            for besides in combinations(names, size):
                check = Kept(role="cell", within=around, besides=(*besides, *alike))
                if len(check.besides) <= _MOST_LEFT_OUT and self.holds(check, self.lasts, self.firsts):
                    return check
        return None

    def counted(self, kept: Sequence[Check]) -> list[Count]:
        """How many rows there are at the end with each word that `kept` leaves out, if there was none at first: one
        more of them, with other values, is none too many for `kept`."""
        counted: list[Count] = []
        for check in (check for check in kept if isinstance(check, Kept)):
            for word in check.besides:
                rows = Count(role=check.role, within=check.within, showing=(word,), number=0)
                if self.holds(rows, self.firsts):
                    fits = (rows.model_copy(update={"number": n, "more": True}) for n in range(2 * len(self.slots) + 1))
                    counted += [found for found in fits if self.holds(found, self.lasts, self.firsts)][:1]
        return counted


def _cells(screen: Screen, around: Locator) -> list[str]:
    holder = find(around, screen, {})
    return [e.name for e in screen.elements if e.role == "cell" and holder is not None and e.is_inside(holder.path)]


def _constants(screens: Sequence[Screen], rows: Sequence[Element]) -> list[str]:
    """Words without figures at the same place in the row of every recording, if the other rows have them there too:
    what is always so, and not what two recordings happened to share."""
    inside = [_places(screen, row) for screen, row in zip(screens, rows, strict=True)]
    others = [
        _places(screen, other)
        for screen, row in zip(screens, rows, strict=True)
        for other in screen.elements
        if other.role == row.role and other.path != row.path
    ]
    found = []
    for place, name in inside[0].items():
        same = all(normal(other.get(place, "")) == normal(name) for other in inside[1:])
        usual = [normal(other[place]) == normal(name) for other in others if place in other]
        if same and sum(usual) * 2 > len(usual) and not any(c.isdigit() for c in name) and len(name) <= 60:
            found.append(name)
    return list(dict.fromkeys(found))


def _places(screen: Screen, row: Element) -> dict[str, str]:
    """What stands where in a row."""
    told = [e for e in screen.inside(row) if e.role in ("cell", "gridcell", "text") and e.name]
    return {e.path[len(row.path) :]: e.name for e in told}


def _holders(screen: Screen, role: str) -> list[Locator | None]:
    """What the rows of a screen stand in: tables, lists and regions that can be told apart; None for the whole page."""
    found: list[Locator | None] = []
    for row in (e for e in screen.elements if e.role == role):
        around = next(
            (e for e in screen.ancestors(row) if e.role in _AROUND and e.role not in REPEATED and (e.id or e.name)),
            None,
        )
        target = Locator(role=around.role, id=around.id, name=around.name or None) if around is not None else None
        if target not in found:
            found.append(target)
    return found
