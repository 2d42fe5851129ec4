"""What of a run that was cut off still counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from screens import NOW, element, screen

from ostinato.agent.decider import Choice
from ostinato.agent.resumption import Return, counting, in_doubt, moved, place_after, renumbered, settled
from ostinato.house import House
from ostinato.house.doubt import Doubt
from ostinato.settings import Settings
from ostinato.trace.action import Action, Done, Open, Tap, Type
from ostinato.trace.record import Decision, ExperienceRef, Result, Risk, Step, Trace

HERE, THERE = screen(element("link", "go"), url="http://a:1/list"), screen(url="http://a:1/form")
LINK = HERE.elements[0]
TAP, TYPE = Tap(point=LINK.box.center, element=LINK), Type(text="x", element=LINK)
FINE, NOTHING, LOST = Result(ok=True), Result(ok=False, touched=False), None


def step(index: int, action: Action, risk: Risk, result: Result | None, where: str = "list") -> Step:
    shown = HERE if where == "list" else THERE
    return Step(
        index=index, before=shown, decision=Decision(source="replay"), action=action, risk=risk, started=NOW,
        result=result,
    )  # fmt: skip


RUN = (
    step(0, TAP, "read", FINE),
    step(1, TYPE, "edit", FINE, "form"),
    step(2, TAP, "commit", FINE, "form"),
    step(3, TAP, "read", FINE),
    step(4, TYPE, "edit", LOST, "form"),
)


def indices(steps: tuple[Step, ...]) -> list[int]:
    return [one.index for one in steps]


def test_what_was_filled_in_after_the_last_commit_is_lost_with_the_browser() -> None:
    assert indices(counting(RUN, None, keeps_its_place=False)) == [0, 1, 2]
    assert indices(counting(RUN, None, keeps_its_place=True)) == [0, 1, 2, 3]
    assert counting(RUN[:2], None, keeps_its_place=False) == ()


@pytest.mark.parametrize("result", [LOST, Result(ok=False, error="the page went away")])
def test_a_commit_in_doubt_counts_unless_the_data_show_that_it_did_not_happen(result: Result | None) -> None:
    cut = (*RUN[:2], step(2, TAP, "commit", result, "form"))
    assert in_doubt(cut) and not in_doubt(RUN)
    happened, nothing, unknown = (counting(cut, known, keeps_its_place=False) for known in (True, False, None))
    assert indices(happened) == indices(unknown) == [0, 1, 2] and nothing == ()
    assert happened[-1].result is not None and happened[-1].result.ok
    assert unknown[-1].result is not None and "may have happened" in (unknown[-1].result.error or "")


SENT_OTHER = step(3, Type(text="y", element=LINK, enter=True), "commit", FINE, "form")
HELD_BACK = step(3, Type(text="y", element=LINK, enter=True), "commit", NOTHING, "form")


@pytest.mark.parametrize("later", [SENT_OTHER, HELD_BACK])
@pytest.mark.parametrize("result", [LOST, Result(ok=False, error="the page went away")])
def test_a_commit_in_doubt_is_not_forgotten_after_another(later: Step, result: Result | None) -> None:
    chain = settled(renumbered([(*RUN[:2], step(2, TAP, "commit", result, "form")), (later,)]))
    assert in_doubt(chain)
    kept = counting(chain, None, keeps_its_place=True)
    assert indices(kept) == [0, 1, 2, 3]
    assert kept[2].result is not None and "may have happened" in (kept[2].result.error or "")
    assert indices(counting(chain, False, keeps_its_place=True)) == [0, 1, 3]


def played(index: int, node: int, risk: Risk, result: Result | None) -> Step:
    of = ExperienceRef(id="e", version=1, node=node)
    return step(index, TAP, risk, result).model_copy(update={"experience": of})


def test_a_replay_that_went_on_tells_what_became_of_what_was_in_doubt() -> None:
    first = (played(0, 0, "edit", FINE), played(1, 1, "commit", LOST))
    again = settled(renumbered([first, (played(0, 0, "edit", FINE), played(1, 1, "commit", LOST))]))
    assert indices(again) == [0, 2, 3] and in_doubt(again), "it was done anew, since it had not happened"
    past = settled(renumbered([first, (played(0, 2, "edit", LOST),)]))
    assert not in_doubt(past) and past[1].result is not None and past[1].result.ok
    before = settled(renumbered([first, (played(0, 0, "edit", FINE),)]))
    assert in_doubt(before), "it was cut off again before it came to that"
    other = renumbered([first, (step(0, TAP, "edit", FINE),)])
    assert settled(other) == other


def test_what_was_never_done_does_not_count() -> None:
    cut = (RUN[0], step(1, TAP, "commit", NOTHING), step(2, Done(success=False), "read", FINE))
    assert not in_doubt(cut) and indices(counting(cut, None, keeps_its_place=True)) == [0, 1]
    assert counting(cut, None, keeps_its_place=False) == ()


def test_it_goes_back_to_the_page_where_it_stopped() -> None:
    kept = counting(RUN, None, keeps_its_place=False)
    assert place_after(RUN, kept) == "http://a:1/list" and place_after(RUN, ()) is None
    assert place_after(RUN[:3], kept) is None  # nobody saw what came then
    back = Return("http://a:1/list", len(kept))
    said = back.decide(THERE, "x", kept)
    assert isinstance(said, Choice) and isinstance(said.action, Open) and said.decision.aside
    assert back.decide(HERE, "x", kept) is None and back.decide(THERE, "x", (*kept, RUN[3])) is None


def test_an_app_that_was_started_again_has_another_port() -> None:
    assert [one.before.url for one in moved(RUN[:2], "http://a:2")] == ["http://a:2/list", "http://a:2/form"]


def test_runs_that_went_on_with_each_other_read_as_one() -> None:
    assert indices(renumbered([RUN[:3], RUN[3:]])) == [0, 1, 2, 3, 4]


def test_the_second_who_goes_on_still_knows_what_the_first_could_not_tell(tmp_path: Path) -> None:
    house = House(Settings(home=tmp_path))

    def cut_off(steps: Sequence[Step], meta: dict[str, str]) -> Trace:
        writer = house.store.begin(task="pay, then tell Ann", app="http://a:1", place="http://a:1", meta=meta)
        for one in steps:
            shown = house.store.put_screen(one.before)
            writer.intent(one.model_copy(update={"before": shown, "result": None}))
            if one.result is not None:
                writer.result(one.index, one.result, NOW, ())
        writer.close()
        return house.store.load(writer.id)

    first = cut_off([RUN[0].model_copy(update={"index": 0}), step(1, TAP, "commit", LOST, "form")], {})
    sent = step(0, Type(text="y", element=LINK, enter=True), "commit", FINE, "form")
    second = cut_off([sent, step(1, TYPE, "edit", LOST)], {"resumes": first.id})
    found = Doubt(house.store).resumed(second, None, None, True)
    assert found.runs == (first.id, second.id) and indices(found.steps) == [0, 1, 2]
    doubtful = found.steps[1].result
    assert doubtful is not None and not doubtful.ok and "never send it again" in (doubtful.error or "")
    house.store.close()
