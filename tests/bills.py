"""A small app held in memory, shown on a phone without a browser: bills in a table, a form to add one.

What the tests of learning and of replaying share: recordings made by a script, and the app with faults to play in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from screens import NOW, element, row, screen

from ostinato.agent.decider import Choice
from ostinato.agent.script import Do, ScriptDecider, on
from ostinato.errors import ActionFailed
from ostinato.trace.action import Action, Back, Done, DoubleTap, Key, Open, Select, Tap, Type, Wait, target_of
from ostinato.trace.data import AppData, Table
from ostinato.trace.record import Data, Decision, Outcome, Result, Step, Trace
from ostinato.trace.risk import risk_of
from ostinato.trace.screen import Element, Screen

HOST = "http://here:5000"
FIELDS = {"What?": "textbox", "How much?": "spinbutton", "Payer": "combobox"}
PEOPLE = ("Alice", "Bob", "Carol", "דנה")
COLUMNS = ("id", "what", "amount", "payer", "shared")
Values = Mapping[str, str]

_ids = count(1)


@dataclass
class Bills:
    """The app and its phone. `spoil` changes a screen before it is seen, `enter` what is typed before it arrives."""

    rows: list[tuple[int, str, str, str, bool]] = field(default_factory=lambda: [(1, "Rent", "900.00", "Alice", True)])
    spoil: Callable[[Screen], Screen] = lambda screen: screen
    enter: Callable[[str], str] = lambda text: text
    saves: bool = True
    says: str | None = "The bill was added"
    acts: list[Action] = field(default_factory=list)
    name: str = "memory"
    form: dict[str, str] | None = None
    shared: bool = True
    told: str | None = None

    def observe(self, screenshot: bool = True) -> Screen:
        return self.spoil(self._list() if self.form is None else self._form())

    def photograph(self, screen: Screen) -> Screen:
        return screen

    def quiet(self, timeout: float) -> bool:
        return True

    def close(self) -> None:
        pass

    def act(self, action: Action) -> Result:
        self.acts.append(action)
        target = target_of(action)
        label = target.name if target is not None else ""
        match action:
            case Type() if self.form is not None and label in FIELDS:
                self.form[label] = self.enter(action.text)
            case Select() if self.form is not None:
                self.form[label] = action.option
            case Tap() if label == "Add a bill":
                self.form, self.told = dict.fromkeys(FIELDS, "") | {"Payer": "Alice"}, None
            case Tap() | DoubleTap() if label == "Shared":
                self.shared = not self.shared
            case Tap() if label == "Save" and self.form is not None:
                self._save(self.form)
            case Tap() if label == "Delete" and target is not None:
                self.rows.pop(int(target.path.split("row[")[1].split("]")[0]) - 1)
            case Tap(element=Element(role="spinbutton" | "textbox" | "heading")) | Key() | Back() | Open():
                pass
            case Wait():
                pass
            case _:
                raise ActionFailed(f"nothing here to {action.kind}: {label}")
        return Result(ok=True)

    def data(self) -> AppData:
        return AppData(app="bills", tables={"bill": Table(columns=COLUMNS, key=("id",), rows=tuple(self.rows))})

    @property
    def commits(self) -> list[str]:
        """The names of the buttons touched that cannot be taken back."""
        return [t.name for a in self.acts if (t := target_of(a)) is not None and t.name in ("Save", "Delete")]

    def _save(self, form: dict[str, str]) -> None:
        if self.saves:
            key = max((r[0] for r in self.rows), default=0) + 1
            self.rows.append((key, form["What?"], form["How much?"], form["Payer"], self.shared))
        self.form, self.told = None, self.says

    def _list(self) -> Screen:
        shown = [e for n, r in enumerate(self.rows, start=1) for e in row(n, *r[1:4], control="Delete")]
        told = [element("status", self.told, "main/status")] if self.told else []
        head = element("heading", "Bills", "main/heading"), element("link", "Add a bill", "main/link")
        return screen(*head, *told, element("table", "", "main/table"), *shown, url=f"{HOST}/bills")

    def _form(self) -> Screen:
        form = self.form or {}
        fields = [
            element(role, label, f"main/form/{role}", value=form[label], editable=role != "combobox",
                    options=PEOPLE if role == "combobox" else ())
            for label, role in FIELDS.items()
        ]  # fmt: skip
        return screen(
            element("heading", "New bill", "main/heading"), element("form", "", "main/form"), *fields,
            element("checkbox", "Shared", "main/form/checkbox", checked=self.shared),
            element("button", "Save", "main/form/button", submits=True), url=f"{HOST}/bills/new",
        )  # fmt: skip


class Books(Bills):
    """The app and its phone at once, for the house: the judge sees its data, and it can be reset."""

    url = f"{HOST}/bills"
    origins: tuple[str, ...] = ()
    resets = 0

    def reset(self) -> None:
        self.rows, self.form, self.told, self.resets = self.rows[:1], None, None, self.resets + 1


TASK = "Add a bill: {what}, {amount}, paid by {payer}"
BREAD = {"what": "Bread", "amount": "3.20", "payer": "Bob"}
TEA = {"what": "Tea & jam", "amount": "12.50", "payer": "Alice"}
MUSEUM = {"what": "Museum & tea", "amount": "12.50", "payer": "Carol"}
TAXI = {"what": "Taxi", "amount": "42", "payer": "דנה"}


def adding(values: Values) -> list[Do]:
    """The script that adds a bill."""
    return [
        on("tap", "link", "Add a bill"),
        on("type", "textbox", "What?", text=values["what"]),
        on("type", "spinbutton", "How much?", text=values["amount"]),
        on("select", "combobox", "Payer", text=values["payer"]),
        on("tap", "button", "Save"),
    ]


class Recorder:
    """Makes recordings, and keeps the app's data of each as the store would."""

    def __init__(self) -> None:
        self.blobs: dict[str, AppData] = {}

    def data(self, sha: str) -> AppData:
        return self.blobs[sha]

    def __call__(self, task: str, script: list[Do], app: Bills | None = None, **more: Any) -> Trace:
        """The trace of a script on the app, as the run loop would have written it."""
        app = app or Bills()
        key = f"20260131-120000-{next(_ids):06x}"
        before = self._keep(app)
        decider, steps = ScriptDecider(script), []
        while True:
            shown = app.observe()
            choice = decider.decide(shown, task, tuple(steps))
            assert isinstance(choice, Choice), choice
            steps.append(
                Step(
                    index=len(steps),
                    before=shown,
                    decision=Decision(source="human"),
                    action=choice.action,
                    risk=risk_of(choice.action, shown),
                    started=NOW + timedelta(seconds=len(steps)),
                    result=Result(ok=True),
                )
            )
            if isinstance(choice.action, Done):
                break
            app.act(choice.action)
        known = {
            "id": key, "task": task, "app": "bills", "steps": tuple(steps), "final": app.observe(), "started": NOW,
            "outcome": Outcome(claimed="done"), "data": Data(before=before, after=self._keep(app)),
        }  # fmt: skip
        return Trace.model_validate({**known, **more})

    def _keep(self, app: Bills) -> str:
        key = f"{len(self.blobs):064x}"
        self.blobs[key] = app.data()
        return key


def recordings(recorder: Recorder, *every: Values) -> list[Trace]:
    """One recording of adding a bill for each of these values."""
    return [recorder(TASK.format(**values), adding(values)) for values in every]


def as_if(stored: str, shown: str) -> Callable[[Screen], Screen]:
    """An app that shows what was typed, and stores something else."""
    return lambda seen: seen.model_copy(
        update={
            "elements": tuple(
                e.model_copy(
                    update={"name": e.name.replace(stored, shown), "value": e.value and e.value.replace(stored, shown)}
                )
                for e in seen.elements
            )
        }
    )
