"""What may be kept of a run, and shown to a model: its course and the app's own words, and of all else only marks.

`redacted` keeps pictures in which nothing is seen but the app's own words, and a tree in which the values of fields,
what stands in rows and lists, and whatever holds a value of the task are marks. `structure` keeps no picture, and of
names those of controls and headings alone whose words are known to be the app's. In both, words that a sentence of this
program or a page consists of are kept where they say nothing of anybody (`PLAIN`) or are the app's own. What is not
known to be harmless is marked."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import unquote

from PIL import Image, ImageDraw

from ostinato.trace.action import Action, Answer, Done, Drag, Open, Select, Type, target_of
from ostinato.trace.data import AppData
from ostinato.trace.locator import REPEATED
from ostinato.trace.marks import MARK, Marks, marked
from ostinato.trace.plain_words import PLAIN
from ostinato.trace.record import CheckResult, Decision, Outcome, Result, Step, SubstateResult, Verdict
from ostinato.trace.screen import Box, Element, Screen
from ostinato.trace.values import as_number, fill, holds_value, normal, slots_in

Mode = Literal["full", "redacted", "structure"]
CONTROLS = frozenset(
    {
        "button",
        "link",
        "checkbox",
        "radio",
        "switch",
        "tab",
        "textbox",
        "searchbox",
        "combobox",
        "spinbutton",
        "slider",
        "listbox",
        "form",
        "dialog",
        "alertdialog",
    }
)
_SEEN = frozenset({"button", "link", "checkbox", "radio", "switch", "tab", "heading", "text"})
_TOLD = frozenset({"dialog", "alertdialog", "alert", "status", "log", "tooltip"})  # they speak of what was done
_WORD = re.compile(r"[^\W_]+")
_JOINT = re.compile(r"[\s_.,:/@'’+&#-]{1,3}")
_MANY_DIGITS = re.compile(r"\d(?:[\s.,-]?\d){4}|@")
_SITE = re.compile(r"(?P<scheme>[a-z+.-]+:)//(?:(?P<who>[^/?#]*)@)?(?P<host>[^/?#@]*)", re.IGNORECASE)
_NUMBERED = frozenset({"step", "steps", "v", "after", "s", "margin", "score"})  # figures that this program says
_KEPT_META = frozenset(
    {
        "privacy",
        "said",
        "to the letter",
        "doing",
        "resumes",
        "preferences",
        "told preferences",
        "model",
        "format",
        "recorded_by",
        "environment",
    }
)
_BLANK, _HIDDEN = "#eceff1", "#9aa0a6"
_BULLETS = "••••"
_LEAST = 3  # characters of a value that is looked for within other words


class Privacy:
    """What is kept of one run. `values` are the task's and any others that are known, `own` texts of the app that
    recordings have shown to be its own words; `template` and its `slots` are how the task was read."""

    def __init__(
        self,
        mode: Mode,
        marks: Marks,
        values: Iterable[str] = (),
        own: Iterable[str] = (),
        template: str | None = None,
        slots: Mapping[str, str] | None = None,
    ) -> None:
        self.mode = mode
        self.marks = marks
        self._template, self._slots = template, dict(slots or {})
        self._own = {word for text in own for word in _words(text)}
        self._values: dict[str, str] = {}
        self._data: set[str] = set()  # what stood in rows, lists and fields
        self.knows(values)

    def knows(self, values: Iterable[str]) -> None:
        """Hide these, too, wherever they stand."""
        self._values |= {normal(value): value for value in values if normal(value)}

    def mark(self, text: str) -> str:
        """The mark of a text; nothing for nothing."""
        return self.marks.of(text) if text else text

    # ------------------------------------------------------------------------------------------- words
    def task(self, task: str) -> str:
        """The words of a task as they are kept: the template that reads it with marks for the values, otherwise its
        plain words."""
        if self._template is None or not set(slots_in(self._template)) <= set(self._slots):
            return self.words(task)
        return fill(self._template, {name: self.mark(value) for name, value in self._slots.items()})

    def unplain(self, text: str) -> tuple[str, ...]:
        """The runs of words in a text that may say something of somebody."""
        return tuple(text[start:end] for start, end in self._foreign(text))

    def words(self, text: str) -> str:
        """A sentence with marks for all that is neither plain nor the app's own."""
        said, last = [], 0
        for start, end in self._foreign(text):
            said += [text[last:start], self.mark(text[start:end])]
            last = end
        return "".join([*said, text[last:]])

    def url(self, url: str | None) -> str | None:
        """An address: its site and the plain parts of its path stay."""
        if url is None:
            return None
        site = _SITE.match(url)
        if site is None:
            return url if url in ("about:blank", "") or self._is_own(url) else self.mark(url)
        path, hash_sign, fragment = url[site.end() :].partition("#")
        path, question, query = path.partition("?")
        who = f"{self.mark(site['who'])}@" if site["who"] else ""
        parts = [
            part if not part or self._is_own(unquote(part)) else self.mark(unquote(part)) for part in path.split("/")
        ]
        pairs = [self._pair(pair) for pair in query.split("&")] if query else []
        kept = f"{site['scheme']}//{who}{site['host']}" + "/".join(parts) + question + "&".join(pairs)
        return kept + hash_sign + self.mark(fragment)

    def _part(self, part: str) -> str:
        said = unquote(part)
        return part if self._is_own(said) else self.mark(said)

    def place(self, place: str | None) -> str | None:
        """Where a run works: of an address what `url` leaves, of others all."""
        return self.url(place) if place is not None and "://" in place else place

    def _pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        return (name if self._is_own(unquote(name)) else self.mark(name)) + equals + self.mark(value)

    def _is_own(self, text: str) -> bool:
        """Whether all words of a text are plain or the app's own."""
        return not self._foreign(text)

    def _foreign(self, text: str) -> list[tuple[int, int]]:
        """Where a text holds known values, and words that are neither plain nor the app's own: those that stand
        together are one place."""
        places = [*self._held(text)]
        before = ""
        for found in _WORD.finditer(text):
            word = normal(found.group())
            numbered = word.isdigit() and len(word) <= 3 and before in _NUMBERED
            if not numbered and word not in PLAIN and word not in self._own:
                places.append(found.span())
            before = word
        joined: list[tuple[int, int]] = []
        for start, end in sorted(places):
            if joined and (start <= joined[-1][1] or _JOINT.fullmatch(text[joined[-1][1] : start])):
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined

    def _held(self, text: str) -> list[tuple[int, int]]:
        """Where the known values stand in a text, to the letter or but for the case; the whole of it where one stands
        there in another writing."""
        found: list[tuple[int, int]] = []
        for value in self._values.values():
            pattern = re.escape(value)
            if len(value) < _LEAST:
                pattern = rf"(?<!\w){pattern}(?!\w)"
            places = [place.span() for place in re.finditer(pattern, text, re.IGNORECASE)]
            found += places or ([(0, len(text))] if text and holds_value(text, value) else [])
        return found

    # ------------------------------------------------------------------------------------------- screens
    def screen(self, screen: Screen) -> Screen:
        """A screen without its picture and without what is not to be kept."""
        for element in screen.elements:  # a box to tick that is called as somebody in a list or a row
            texts = (element.value, *element.options)
            here = (element.name, *texts) if self._in_data(element, screen) else texts
            self._data |= {normal(text) for text in here if text and not self._is_own(text)}
        elements = tuple(self.element(element, screen) for element in screen.elements)
        return screen.model_copy(
            update={
                "url": self.url(screen.url),
                "title": self.words(screen.title),
                "dialog": self.words(screen.dialog) if screen.dialog is not None else None,
                "elements": elements,
                "screenshot": None,
                "tree": None,
            }
        )

    def element(self, element: Element, screen: Screen) -> Element:
        """An element of a screen (or one that stood on it)."""
        keeps = not self._in_data(element, screen)
        name = element.name
        if name and not (keeps and self._keeps_name(element)):
            told = keeps and self.mode == "redacted" and self._speaks(element, screen)
            name = self.words(name) if told else self.mark(name)

        def small(text: str | None) -> str | None:
            return text if not text or (keeps and self.keeps(text)) else self.mark(text)

        value = element.value
        if value:
            value = _BULLETS if element.password else self.mark(value)
        return element.model_copy(
            update={
                "name": name,
                "value": value,
                "placeholder": small(element.placeholder),
                "id": small(element.id),
                "hint": small(element.hint),
                "options": tuple(self.mark(option) for option in element.options),
            }
        )

    def _in_data(self, element: Element, screen: Screen) -> bool:
        """Whether an element stands in a row, a list, …, or in what somebody writes."""
        around = list(screen.ancestors(element))
        return any(e.role in REPEATED for e in (element, *around)) or any(e.editable for e in around)

    def _speaks(self, element: Element, screen: Screen) -> bool:
        return any(e.role in _TOLD for e in (element, *screen.ancestors(element)))

    def _keeps_name(self, element: Element) -> bool:
        """Whether the name of something that stands in no data is the app's own."""
        if element.role not in CONTROLS | {"heading"} and self.mode == "structure":
            return False
        if element.role in _TOLD - {"dialog", "alertdialog"}:
            return self._is_own(element.name)
        return self.keeps(element.name)

    def keeps(self, text: str) -> bool:
        """Whether a name that stands in no row, list or field may be kept."""
        if self.mode == "structure":
            return self._is_own(text)
        if _MANY_DIGITS.search(text) or MARK.search(text) or normal(text) in self._data:
            return False
        return not self._held(text)

    def picture(self, image: bytes, screen: Screen, kept: Screen) -> bytes:
        """The screenshot of a screen as JPEG, in which nothing is seen but what is kept of it: on a blank ground the
        places of names that stayed as they are, less those of whatever did not. `kept` is the screen as `screen` gives
        it."""
        with Image.open(io.BytesIO(image)) as opened:
            seen = opened.convert("RGB")
        shown = Image.new("RGB", seen.size, _BLANK)
        hidden: list[Box] = []
        names = {e.path for e in screen.elements if e.role in _SEEN}
        for old, new in zip(screen.elements, kept.elements, strict=True):
            data = old.role in REPEATED or old.editable or old.role in ("img", "combobox", "listbox")
            if data or (old.name, old.options) != (new.name, new.options) or bool(old.value):
                if old.reachable or any(a.path in names for a in screen.ancestors(old)):  # else something covers it
                    hidden.append(old.box)
            elif old.name and old.role in _SEEN and old.reachable:
                place = _within(old.box, seen.size)
                if place is not None:
                    shown.paste(seen.crop(place), place[:2])
        draw = ImageDraw.Draw(shown)
        for box in hidden:
            place = _within(box, seen.size)
            if place is not None and box.area < 0.9 * seen.width * seen.height:
                draw.rectangle((place[0], place[1], place[2] - 1, place[3] - 1), fill=_HIDDEN)
            elif place is not None:  # all of the page is one row
                draw.rectangle((0, 0, *seen.size), fill=_BLANK)
        out = io.BytesIO()
        shown.save(out, "JPEG", quality=80)
        return out.getvalue()

    # ------------------------------------------------------------------------------------------- steps
    def step(self, step: Step, before: Screen) -> Step:
        """A step; `before` is its screen as it is kept."""
        return step.model_copy(
            update={
                "before": before,
                "decision": self._decision(step.decision),
                "action": self.action(step.action, step.before),
                "result": self.result(step.result) if step.result is not None else None,
                "checks": self.checks(step.checks),
            }
        )

    def _decision(self, decision: Decision) -> Decision:
        return decision.model_copy(update={"text": self.words(decision.text), "raw": None, "sample": None})

    def action(self, action: Action, screen: Screen) -> Action:
        """An action on a screen: what was typed and chosen are marks."""
        update: dict[str, object] = {}
        if (element := target_of(action)) is not None:
            update["element"] = self.element(element, screen)
        match action:
            case Type():
                update["text"] = self.mark(action.text)
            case Select():
                update["option"] = self.mark(action.option)
            case Open():
                update["url"] = self.url(action.url) or ""
            case Answer():
                update["text"] = self.mark(action.text)
            case Done():
                update["message"] = self.words(action.message)
            case Drag() if action.target is not None:
                update["target"] = self.element(action.target, screen)
        return action.model_copy(update=update)

    def result(self, result: Result) -> Result:
        """What became of an action."""
        error = self.words(result.error) if result.error is not None else None
        return result.model_copy(update={"error": error, "events": tuple(map(self.words, result.events))})

    def checks(self, checks: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
        """Answered checks."""
        return tuple(
            c.model_copy(update={"label": self.words(c.label), "evidence": self.words(c.evidence)}) for c in checks
        )

    def outcome(self, outcome: Outcome) -> Outcome:
        """What a run says of itself."""
        answer = self.mark(outcome.answer) if outcome.answer is not None else None
        return outcome.model_copy(update={"reason": self.words(outcome.reason), "answer": answer})

    def meta(self, meta: Mapping[str, str]) -> dict[str, str]:
        """What else is said of a run."""
        return {key: value if key in _KEPT_META else self.words(value) for key, value in meta.items()}

    # ------------------------------------------------------------------------------------------- evidence
    def verdict(self, verdict: Verdict) -> Verdict:
        """A verdict: its answers stay, what they were seen in does not."""

        def substate(one: SubstateResult) -> SubstateResult:
            more = {"text": self.words(one.text), "evidence": self.words(one.evidence)}
            return one.model_copy(update={**more, "checks": self.checks(one.checks)})

        return verdict.model_copy(
            update={
                "rules": self.mark(verdict.rules).strip("⟦⟧"),  # a digest of rules that hold the values
                "reasons": tuple(map(self.words, verdict.reasons)),
                "substates": tuple(map(substate, verdict.substates)),
                "checks": self.checks(verdict.checks),
                "changes": tuple(map(self.words, verdict.changes)),
                "side_effects": (
                    tuple(map(self.words, verdict.side_effects)) if verdict.side_effects is not None else None
                ),
            }
        )

    def data(self, data: AppData) -> AppData:
        """An app's data with a mark for every cell, so that rows can still be compared."""
        return marked(data, self.marks)


def sizes_up(values: Iterable[str]) -> tuple[str, ...]:
    """The values that are looked for in words, each once; a single letter or figure would hide half of them."""
    return tuple(dict.fromkeys(v for v in values if len(normal(v)) > 1 or as_number(v) is not None))


def restored_action(action: Action, shown: Screen, whole: Screen, marks: Marks) -> Action:
    """An action that was chosen on a screen as it is kept, for the screen as it is: with its elements, and with the
    texts that marks stand for."""

    def real(element: Element | None) -> Element | None:
        if element is None or shown.at_path(element.path) is None:  # read in the picture
            return element
        return whole.at_path(element.path)

    update: dict[str, object] = {}
    for name in ("element", "target"):
        if getattr(action, name, None) is not None:
            update[name] = real(getattr(action, name))
    for name in ("text", "option", "url", "message"):
        said = getattr(action, name, None)
        if isinstance(said, str):
            update[name] = marks.restored(said)
    return action.model_copy(update=update)


def _words(text: str) -> list[str]:
    return [normal(word) for word in _WORD.findall(text)]


def _within(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The part of a box that lies on a picture, in whole pixels; None where there is none."""
    left, top = max(int(box.left), 0), max(int(box.top), 0)
    right, bottom = min(round(box.left + box.width + 0.5), size[0]), min(round(box.top + box.height + 0.5), size[1])
    return (left, top, right, bottom) if right > left and bottom > top else None
