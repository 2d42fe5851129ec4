"""Substates from recordings, without a model: what became true in all of them, tied to what their tasks say.

Pages are told apart by what can be used on them. Units are the values that were entered, and what pages showed at the
end: rows with the tasks' values, values that are gone, and that everything else is as it was. What no page shows at
the end must at least have been sent. With the app's data, these decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ostinato.errors import LearnError, StoreError
from ostinato.judge.check import (
    Check,
    CheckedIs,
    DataChange,
    Did,
    Exists,
    Sent,
    TextHas,
    Together,
    ValueEquals,
    Was,
    words,
)
from ostinato.judge.ending import Ending
from ostinato.judge.expect import expected_change
from ostinato.judge.judge import judge
from ostinato.judge.pages import Page, Shot, holds, pages_of, signs_of
from ostinato.judge.signs import appeared, earlier
from ostinato.judge.substate import Kind, Rules, Substate, When, check_rules
from ostinato.trace.action import Select, Type, target_of
from ostinato.trace.data import AppData
from ostinato.trace.locator import Locator, container_of, find
from ostinato.trace.record import Trace
from ostinato.trace.recordings import Recording, Row, align_recordings, check_recordings, entered, find_slots
from ostinato.trace.screen import Element, Screen
from ostinato.trace.slots import Found, generalise, in_task, templates, values_of
from ostinato.trace.targets import locate


def derive_rules(traces: Sequence[Trace], data: Callable[[str], AppData] | None) -> Rules:
    """Rules from two or more recordings of one kind of task, with the values of the first. `data` reads a data blob by
    its hash; None makes rules for a judge who sees screens and actions only.

    Raises LearnError, naming the step, when the recordings do not fit together."""
    check_recordings(traces)
    rows = align_recordings([Recording.whole(trace) for trace in traces])
    if not rows:
        raise LearnError("the recordings hold no step that changed anything")
    tasks = [trace.task for trace in traces]
    slots = find_slots(rows, tasks, whole=False)
    said = [s for s in slots if all(in_task(t, v) is not None for t, v in zip(tasks, s.values, strict=True))]
    found = _Derived(traces, rows, slots)
    substates = found.substates()
    expected = expected_change(traces, slots, data) if data is not None else None
    if expected is not None:
        stored = Substate(
            id="stored",
            kind="data",
            weight=2,
            source="recordings",
            text="The app stored exactly that",
            checks=(DataChange(expected=expected),),
        )
        substates.append(stored)
    rules = Rules(
        task=templates(tasks, said)[0],
        app=traces[0].app,
        values=values_of(slots, 0),
        open=tuple(slot.name for slot in slots if slot not in said),
        substates=tuple(substates),
        success=(("stored",),) if expected is not None else (),
        steps=sum(row.everywhere for row in rows),
    )
    for field, fault in check_rules(rules):
        raise LearnError(f"the recordings do not say what makes the task done ({field}: {fault})")
    return _with_autosave(rules, traces, slots)


class _Derived:
    """What is known while rules are made. `days` is the slot `today` as each recording had it."""

    def __init__(self, traces: Sequence[Trace], rows: list[Row], slots: list[Found]) -> None:
        self.traces, self.rows, self.slots = traces, rows, slots
        days = tuple(trace.started.astimezone().date().isoformat() for trace in traces)
        self.known = [*slots, Found("today", days)]
        self.pages = pages_of(traces)
        self.ids: dict[int, str] = {}
        self.made: list[Substate] = []
        self.proven: set[str] = set()  # slots whose values the end shows, as it did not show them before

    def substates(self) -> list[Substate]:
        for number, page in enumerate(self.pages):
            self._page(number, page)
        for number in range(len(self.rows)):
            self._entered(number)
        for number, page in enumerate(self.pages):
            if self._is_settled(page):
                self._at_the_end(number, page)
        self._what_was_sent()
        return self.made

    def add(
        self,
        id: str,
        checks: Sequence[Check],
        *,
        kind: Kind = "unit",
        when: When = "ever",
        parent: str | None = None,
        required: bool = False,
        text: str = "",
    ) -> str:
        names = {substate.id for substate in self.made}
        name = next(n for n in (id, *(f"{id}_{k}" for k in range(2, 1000))) if n not in names)
        text = text or "; ".join(words(check) for check in checks)
        self.made.append(
            Substate(
                id=name,
                kind=kind,
                text=text,
                parent=parent,
                required=required,
                when=when,
                checks=tuple(checks),
                source="recordings",
            )
        )
        return name

    def holds(self, check: Check, shots: Sequence[Shot], before: Sequence[Shot] | None = None) -> bool:
        return holds(check, shots, self.known, before)

    # ------------------------------------------------------------------------------------------ pages
    def _page(self, number: int, page: Page) -> None:
        checks = signs_of(page, [p for p in self.pages if p is not page], self.slots)
        if not checks:
            return
        first = page.shots[0]
        came_from = next(
            (
                n
                for n, other in enumerate(self.pages)
                if n in self.ids and any((s.run, s.place) == (first.run, first.place - 1) for s in other.shots)
            ),
            None,
        )
        parent = self.ids[came_from] if came_from is not None else None
        self.ids[number] = self.add(f"page_{number + 1}", checks, kind="page", parent=parent)

    def _page_of(self, screens: Sequence[Screen]) -> str | None:
        """The page that all these screens show."""
        for number, page in enumerate(self.pages):
            shown = {id(shot.screen) for shot in page.shots}
            if number in self.ids and all(id(screen) in shown for screen in screens):
                return self.ids[number]
        return None

    # ------------------------------------------------------------------------------------------ on the way
    def _entered(self, number: int) -> None:
        """The value that a step left in its field; what came with a tap that stayed on its page."""
        row = self.rows[number]
        steps = [s for s in row.steps if s is not None]
        afters = [a for a in row.after if a is not None]
        if not row.everywhere or len(afters) < len(steps):
            return
        parent = self._page_of(afters)
        if parent is None:
            return
        checks = self._left(row)
        if checks:
            chosen = isinstance(checks[0], CheckedIs)  # no page may show at the end what was ticked
            self.add(_named(steps[0].action.kind, target_of(steps[0].action)), checks, parent=parent, required=chosen)
        elif self._page_of([s.before for s in steps]) == parent and not self._ends(number):
            signs = self._beside(row) or appeared(earlier(self.rows[: number + 1]), afters, self.slots)
            if signs:
                self.add("came", signs[:1], parent=parent)

    def _ends(self, number: int) -> bool:
        """Whether nothing is done to the same row after this step: what comes then is seen at the end."""
        return self.rows[number].risk == "commit" and not any(
            row.everywhere and _same_place(self.rows[number], row) for row in self.rows[number + 1 :]
        )

    def _beside(self, row: Row) -> list[Check]:
        """What a touch brought into the row of a list that its target stands in: a question, say."""
        steps = [s for s in row.steps if s is not None]
        target = self._target(row)
        if target is None or target.container is None or not target.container.texts:
            return []
        shots = [Shot(j, 0, after) for j, after in enumerate(row.after) if after is not None]
        befores = [Shot(j, 0, s.before) for j, s in enumerate(steps)]
        element = target_of(steps[0].action)
        holder = container_of(element, steps[0].before) if element is not None else None
        for e in shots[0].screen.inside(holder) if holder is not None else ():
            if e.role in ("button", "link", "text") and e.name and not any(c.isdigit() for c in e.name):
                check = Exists(target=Locator(role=e.role, name=e.name, container=target.container))
                if self.holds(check, shots) and not self.holds(check, befores[:1]):
                    return [check]
        return []

    def _left(self, row: Row) -> list[Check]:
        """That the field of a step holds what was entered, if its screen afterwards says so."""
        steps = [s for s in row.steps if s is not None]
        target = self._target(row)
        if target is None:
            return []
        shots = [Shot(j, 0, after) for j, after in enumerate(row.after) if after is not None]
        check: Check
        if isinstance(steps[0].action, Type | Select):
            text = self._text(row)
            if text is None:
                parts: list[Check] = [TextHas(text="{" + slot.name + "}", target=target) for slot in self.slots]
                return [part for part in parts if self.holds(part, shots)][:1]
            check = ValueEquals(target=target, value=text)
            if self.holds(check, shots):
                return [check]
            came = TextHas(text=text)  # a tag that leaves its field for a list of tags
            befores = [Shot(j, 0, s.before) for j, s in enumerate(steps)]
            fresh = not self.holds(came, befores)
            return [came] if "{" in text and fresh and self.holds(came, shots) else []
        found = [find(target, shot.screen, values_of(self.slots, shot.run)) for shot in shots]
        states = {element.checked for element in found if element is not None}
        if len(states) == 1 and None not in found and (state := states.pop()) is not None:
            return [CheckedIs(target=target, checked=state)]
        return []

    def _target(self, row: Row) -> Locator | None:
        steps = [s for s in row.steps if s is not None]
        elements = [e for s in steps if (e := target_of(s.action)) is not None]
        if len(elements) < len(steps):
            return None
        try:
            return _plain(locate(elements, [s.before for s in steps], self.slots, ""))
        except LearnError:
            return None

    def _text(self, row: Row) -> str | None:
        texts = [entered(s) for s in row.steps if s is not None]
        return generalise([t or "" for t in texts], self.slots) if all(t is not None for t in texts) else None

    # ------------------------------------------------------------------------------------------ at the end
    def _is_settled(self, page: Page) -> bool:
        """Whether no recording changed anything on the page's site after it was last seen."""
        for shot in page.lasts():
            steps = self.traces[shot.run].steps[shot.place :]
            if any(s.risk != "read" and s.before.origin == shot.screen.origin for s in steps):
                return False
        return True

    def _at_the_end(self, number: int, page: Page) -> None:
        if number not in self.ids:
            return
        ending = Ending(self.traces, page.firsts(), page.lasts(), self.slots, self.known)
        units = ending.rows_shown() + ending.gone()
        if not any("{" in check.model_dump_json() for _, checks in units for check in checks):
            units += ending.appeared()
        told = "".join(check.model_dump_json() for _, checks in units for check in checks)
        self.proven |= {slot.name for slot in self.slots if "{" + slot.name + "}" in told}
        units += ending.words_gone()
        if not units and not ending.all_sent():
            return
        kept = ending.kept()
        for counted in ending.counted([check for _, checks in kept for check in checks]):
            about = [c for _, c in units if isinstance(c[0], Together) and counted.showing[0] in c[0].texts]
            if about:
                about[0].append(counted)
            else:
                units.append(("counted", [counted]))
        units += kept
        if not units:
            return
        for name, checks in units:
            text = words(checks[0])
            self.add(name, checks, when="final", parent=self.ids[number], required=True, text=text)
        for check in ending.still(self.proven):
            self.add("still", [check], when="final", parent=self.ids[number])
        place = next(n for n, s in enumerate(self.made) if s.id == self.ids[number])
        self.made[place] = self.made[place].model_copy(update={"required": True})

    # ------------------------------------------------------------------------------------------ what was sent
    def _what_was_sent(self) -> None:
        """Nothing else was sent; and what no page shows at the end was in what was sent."""
        rows = [row for row in self.rows if row.everywhere]
        sending = [row for row in rows if row.risk == "commit"]
        targets = [target for row in sending if (target := self._target(row)) is not None]
        unseen = [slot for slot in self.slots if slot.name not in self.proven]
        last = (sending or rows)[-1:]
        if last and (unseen or not any(s.required for s in self.made)):
            often = {sum(step.risk == "commit" for step in trace.steps) for trace in self.traces}
            self._sent_with(last[0], rows, unseen, often.pop() if len(often) == 1 else None)
        if len(targets) == len(sending):
            distinct = list({target.model_dump_json(): target for target in targets}.values())
            besides = " but " + ", ".join(target.words() for target in distinct) if distinct else ""
            said = f"Nothing{besides} was used that sends something"
            checks = [Sent(besides=tuple(distinct))]
            self.add("nothing_else", checks, kind="absent", when="never", required=True, text=said)

    def _sent_with(self, last: Row, rows: list[Row], unseen: list[Found], sends: int | None) -> None:
        """The last step that sends, with all that its screen held of the values that are not seen later."""
        held: list[Check] = []
        for row in rows:
            if row is last:
                break
            check = self._on_before(row, last)
            names = [
                slot.name for slot in unseen if check is not None and "{" + slot.name + "}" in check.model_dump_json()
            ]
            if check is not None and (names or isinstance(check, CheckedIs)):
                held.append(check)
                continue
            did = self._did(row)
            if did is not None and any("{" + slot.name + "}" in did.model_dump_json() for slot in unseen):
                self.add("did", [did], required=True)
        did = self._did(last)
        if did is not None:
            if not self.proven:  # only what was sent can tell how it ended
                did = did.model_copy(update={"last": True, "sends": sends})
            self.add("sent", [did, Was(checks=tuple(held))] if held else [did], required=True)

    def _on_before(self, row: Row, last: Row) -> Check | None:
        """What a step left in its field, if it still stands there when it is sent."""
        left = self._left(row)
        shots = [Shot(j, 0, s.before) for j, s in enumerate(last.steps) if s is not None]
        return left[0] if left and self.holds(left[0], shots) else None

    def _did(self, row: Row) -> Did | None:
        steps = [s for s in row.steps if s is not None]
        target = self._target(row)
        text = self._text(row) if isinstance(steps[0].action, Type | Select) else None
        if target is None:
            return None
        return Did(action=steps[0].action.kind, target=target, text=text)


def _with_autosave(rules: Rules, traces: Sequence[Trace], slots: Sequence[Found]) -> Rules:
    """The same rules, for an app that keeps what is entered if only so every recording is judged to be done: they were
    done well, ended with something entered, and sent nothing."""
    if any(step.risk == "commit" for trace in traces for step in trace.steps):
        return rules
    kept = rules.model_copy(update={"autosave": True})

    def accepted(asked: Rules) -> bool:
        screens = asked.model_copy(
            update={"substates": tuple(s for s in asked.substates if not s.of_data), "success": ()}
        )
        return all(
            judge(trace, screens.bound(values_of(slots, run)), _no_data).value == "yes"
            for run, trace in enumerate(traces)
        )

    return kept if not accepted(rules) and accepted(kept) else rules


def _no_data(sha: str) -> AppData:
    raise StoreError("screens only")


def _same_place(one: Row, other: Row) -> bool:
    """Whether two steps touch the same row of a list."""
    pairs = [(target_of(a.action), target_of(b.action)) for a, b in zip(one.steps, other.steps, strict=True) if a and b]
    return bool(pairs) and all(a and b and a.path.rsplit("/", 1)[0] == b.path.rsplit("/", 1)[0] for a, b in pairs)


def _plain(target: Locator) -> Locator:
    """The target by its words alone, where it has some: a place says little on another run's screen, and a row that is
    known by the words of the target itself says nothing."""
    if target.name and target.container is not None and set(target.container.texts) == {target.name}:
        target = target.model_copy(update={"container": None})
    named = (
        target.name or target.id or target.placeholder or target.value or (target.container and target.container.texts)
    )
    return target.model_copy(update={"path": None, "box": None}) if named else target


def _named(kind: str, element: Element | None) -> str:
    said = (element.name or element.placeholder or element.id or element.role) if element is not None else kind
    return "_".join("".join(c if c.isalnum() else " " for c in said.casefold()).split())[:30] or kind
