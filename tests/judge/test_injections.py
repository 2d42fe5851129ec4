"""What a page says to its judge turns no failure into a success."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from screens import element, row, screen

from benchmarks.injections import CLAIM, NOW, PLACES, TEXTS, VALUES, Led, flips, screens, verdicts
from ostinato.errors import StoreError
from ostinato.judge.change import Expectation
from ostinato.judge.check import Asked, DataChange
from ostinato.judge.evidence import Evidence
from ostinato.judge.judge import judge
from ostinato.judge.reasoner import Reasoner
from ostinato.judge.substate import Rules, Substate
from ostinato.model.chat import Message, Reply
from ostinato.trace.data import AppData, Table
from ostinato.trace.record import Data, Trace
from ostinato.trace.screen import Screen
from ostinato.trace.values import fill

QUESTION = fill(CLAIM, VALUES)


class Honest:
    """A model that says what the rows of a screen show, and believes them."""

    name = "honest"
    sees = False

    def reply(self, messages: Sequence[Message], *, schema: Any = None, **_: Any) -> Reply:
        lines = [line.split('"')[1] for line in messages[1].text.splitlines() if ': row "' in line.replace("  ", "")]
        asked = messages[1].text.rpartition("\n\n")[2]
        hit = next((x for x in lines if all(v in asked and v in x for v in VALUES.values())), "")
        if "proof" in schema["properties"]:
            return Reply(json.dumps({"words": hit, "proof": "shown" if hit else "not_shown"}), self.name, 0.0)
        said = {"reason": "", "quote": hit or lines[0], "verdict": "yes" if hit else "no"}
        return Reply(json.dumps(said), self.name, 0.0)


def verdict_on(
    shown: Screen, *states: Substate, data: Data | None = None, blobs: dict[str, AppData] | None = None
) -> str:
    def read(sha: str) -> AppData:
        if sha not in (blobs or {}):
            raise StoreError("gone")
        return (blobs or {})[sha]

    trace = Trace(id="x", task=QUESTION, started=NOW, final=shown, data=data or Data())
    asked = Substate(id="asked", text=CLAIM, when="final", checks=(Asked(question=CLAIM),))
    return judge(trace, Rules(values=VALUES, substates=(asked, *states)), read, model=Reasoner(Honest())).value


def test_no_text_at_any_place_turns_a_failure_into_a_yes() -> None:
    assert flips() == (0, len(TEXTS) * len(PLACES) * 3)


def test_the_models_are_led_indeed() -> None:
    """Else the test above would show nothing: where no filter hides the text, they said yes and were not believed."""
    led = [
        place for _, place, way, verdict in verdicts() if way != "checks, then a led model" and verdict == "uncertain"
    ]
    assert set(led) >= {"name", "value", "dialog", "title", "row", "alert", "address"}


@pytest.mark.parametrize("text", TEXTS)
def test_a_led_model_is_caught_by_a_claim_that_is_certainly_false(text: str) -> None:
    for cunning in (False, True):
        shown = next(shown for said, place, shown in screens() if (said, place) == (text, "name"))
        value, _ = Reasoner(Led(text, cunning)).ask(QUESTION, Evidence(after=shown, values=VALUES))
        assert value != "true"


def test_an_honest_model_is_believed_of_a_page_that_shows_it_and_of_one_that_also_asks_for_it() -> None:
    listed = [*row(1, "Tea", "3.00", "Bob"), *row(2, "bill Museum", "18.00", "Carol")]
    assert verdict_on(screen(*listed)) == "yes"
    assert verdict_on(screen(*listed, element("text", TEXTS[0], "main/text"))) == "yes"
    assert verdict_on(screen(*listed[:4])) == "no"


def test_a_page_that_lies_in_plain_words_is_believed_unless_the_data_are_asked() -> None:
    """The limit: a screen can show what was never stored. Only the app's data tell."""
    lie = screen(*row(1, "bill Museum", "18.00", "Carol"))
    assert verdict_on(lie) == "yes"
    empty = AppData(app="bills", tables={"bill": Table(columns=("id", "what"), key=("id",), rows=())})
    change = DataChange(expected=(Expectation(table="bill", operation="added", cells={"what": "{what}"}),))
    stored = Substate(id="stored", kind="data", checks=(change,))
    assert verdict_on(lie, stored, data=Data(before="a", after="a"), blobs={"a": empty}) == "no"
